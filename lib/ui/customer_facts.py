"""What is known of a customer put right on its own page: a name typed wrong, a region that changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import streamlit as st

from lib.commands.customers import ACCOUNT_NO, KIND, NAME, ChangeCustomer
from lib.domain.access import Permission
from lib.term_values import VALUE
from lib.terms import COLUMN
from lib.text import Text
from lib.ui import forms, session
from lib.ui.forms import Form

_TOLD: Final = "customer_facts"
_CHANGE: Final = Text("改资料", "Change details")
_LINES: Final[dict[str, Text]] = {
    "name": NAME,
    "name_en": Text("英文名称", "English name"),
    "account_no": ACCOUNT_NO,
    "region": COLUMN["region"],
    "industry": Text("行业", "Industry"),
    "segment": COLUMN["segment"],
    "note": Text("备注", "Note"),
}
_CODED: Final = {"kind": COLUMN["kind"], "status": Text("状态", "Status")}
_NEEDED: Final = {name: _LINES[name] for name in ("name", "account_no")}
_SINCE: Final = Text("从何时起", "Since when")
_SINCE_WHEN: Final[dict[str, Text]] = {
    "ever": Text("更正：一直如此", "A correction: it always was so"),
    "today": Text("变更：从今天起", "A change: from today on"),
}
_SAID: Final = Text("{name}的资料", "Details of {name}")


def told() -> None:
    """What the last change came to, with its undo."""
    forms.receipt(Form(_TOLD))


def panel(card: Mapping[str, Any]) -> None:
    """The way to change what is known of a customer, for who may; today only."""
    if not session.actor().may(Permission.CUSTOMER_WRITE) or not session.at_present():
        return
    popover = st.popover(session.say(_CHANGE), icon=":material/edit:", type="tertiary", key="customer-facts", on_change="rerun")
    if popover.open:
        with popover:
            _form(card)


def _form(card: Mapping[str, Any]) -> None:
    form = Form(f"customer_facts_{card['customer_id']}", told=_TOLD)
    forms.begun(form)
    before = {name: card[name] or "" for name in _LINES}
    for name in _LINES:
        form.start(name, before[name])
    given: dict[str, Any] = {name: forms.line(form, name, label, optional=name not in _NEEDED) for name, label in _LINES.items()}
    for name, choices in (("kind", KIND), ("status", _STATUS)):
        before[name] = card[name]
        form.start(name, card[name])
        given[name] = forms.pills(form, name, _CODED[name], choices) or card[name]
    form.start("since", "ever")
    since = forms.pills(form, "since", _SINCE, _SINCE_WHEN)
    changed = tuple((name, value or None) for name, value in given.items() if value != before[name])
    today = session.today()
    from_on = today if since == "today" else None
    said = session.say(_SAID, name=card["name"])
    forms.save(form, lambda _: ChangeCustomer(card["customer_id"], changed, from_on, today), said, needed=_NEEDED)


_STATUS: Final = {name: VALUE["status"][name] for name in ("active", "inactive", "blocked")}
