"""Saving a quick form about a customer: the command, what is read back, the files that go with it, what to begin with next time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import streamlit as st

from lib.store.door import Receipt
from lib.text import Text
from lib.ui import attachments, forms, page, session
from lib.ui.forms import Form
from lib.ui.quick import FORM

REMEMBERED: Final = ("channel", "direction", "metric", "method", "wave_id")
"""Fields that start with what was chosen last time."""
CHANNEL: Final = Text("渠道", "Channel")
ON: Final = Text("日期", "Date")
NOTE: Final = Text("备注", "Note")
BODY: Final = Text("详细", "Details")
CAUSE: Final = Text("原因", "Cause")
STAGE: Final = Text("环节", "Stage")
AMOUNT: Final = Text("金额", "Amount")
_CONTACT: Final = Text("联系人", "Contact")
_NOBODY: Final = Text("不指定", "Nobody in particular")
_MORE: Final = Text("附照片或 PDF", "Attach photos or PDF")


def save(  # noqa: PLR0913 (a form has that many sides)
    form: Form,
    command: Callable[..., Any],
    about: Mapping[str, Any] | None,
    given: dict[str, Any],
    *,
    needed: Mapping[str, Text] | None = None,
    said: Sequence[str] = (),
    then: Callable[[Receipt], None] | None = None,
) -> None:
    """The save button for a command about a customer on a day; `said` is read back in the receipt beside form and customer."""
    needed = {**(needed or {}), **({"on_date": ON} if "on_date" in given else {})}
    facts = {**given, "today": session.today(), "customer_id": about["customer_id"] if about else 0}
    what = " · ".join((session.say(FORM[form.name]), about["name"], *said)) if about else ""
    last = {name: given[name] for name in REMEMBERED if given.get(name)}
    forms.save(form, lambda confirmed: command(**facts, confirmed=confirmed), what, needed=needed, remember=last, then=then)


def contact(form: Form, about: Mapping[str, Any] | None) -> int | None:
    """Whom of the customer's people it is about; nothing to choose where nobody is known."""
    people = page.rows("customer_contacts", customer_id=about["customer_id"]) if about else []
    if not people:
        return None
    names = {person["contact_id"]: " · ".join(part for part in (person["name"], person["title"]) if part) for person in people}
    form.start("contact_id", 0)  # not None, for which Streamlit has English words of its own
    if form.get("contact_id") not in names:
        form.put("contact_id", 0)
    chosen = forms.field(
        form,
        "contact_id",
        st.selectbox,
        session.say(_CONTACT),
        options=[0, *names],
        format_func=lambda number: names.get(number) or session.say(_NOBODY),
    )
    return int(chosen) if chosen else None


def files(form: Form, about: str, number: Callable[[Receipt], int]) -> Callable[[Receipt], None]:
    """The field for photos and papers; gives what keeps them once the record has its number."""
    with st.expander(session.say(_MORE), icon=":material/attach_file:"):
        chosen = attachments.choose(form.key("_files"))
    return lambda receipt: attachments.keep_all(about, number(receipt), chosen)
