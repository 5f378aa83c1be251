"""Agreements: what is billed again and again, the form to write or change one, and its end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pyarrow as pa
import streamlit as st

from lib.commands.agreements import ChangeAgreement, EndAgreement, RecordAgreement
from lib.domain import bills
from lib.domain.bills import Line
from lib.text import Text
from lib.ui import downloads, drafting, forms, page, session, tables
from lib.ui.downloads import Offer
from lib.ui.forms import Form

_TITLE: Final = Text("协议", "Agreements")
_ABOUT: Final = Text(
    "点一行修改或终止。已开和已有草稿的各期不受影响。", "Click a row to change or end it. What is drafted or billed stays as it is."
)
_NONE: Final = Text(
    "还没有协议。把每月、每季要开的账单写成协议，到期会列在上面。",
    "There are no agreements yet. Write down what is billed every month or quarter and it shows above when due.",
)
_ENDING: Final = Text("终止：{name} · {title}", "End: {name} · {title}")
_CHANGE: Final = Text("修改：{name} · {title}", "Change: {name} · {title}")
_NAME: Final = Text("协议名称", "Title")
_EVERY: Final = Text("频率", "How often")
_FIRST: Final = Text("首期（以后按同一天）", "First bill (later ones on the same day)")
_UNTIL: Final = Text("最后一天（不填为长期）", "Last day (empty: open ended)")
_MEMO: Final = Text("备注", "Memo")
_SAVED: Final = Text("协议", "agreement")
_LAST: Final = Text("最后一天", "Last day")
_REASON: Final = Text("原因", "Reason")
_ENDED: Final = Text("协议终止", "end of the agreement")
_COLUMNS: Final = ("name", "agreement_title", "every_months", "amount", "currency", "next_on", "first_on", "until_on")


def listing() -> dict[str, Any] | None:
    """All agreements in sight; gives the clicked one."""
    question = page.question("agreements")
    table = _worded(question.answer())
    with st.container(horizontal=True, vertical_alignment="center"):
        page.section(_TITLE)
        downloads.export(Offer(_TITLE, question, table.num_rows, prepare=_worded))
    chosen = None
    if table.num_rows:
        st.caption(session.say(_ABOUT))
        picked = tables.pick(table, _COLUMNS, key="agreements", into="agreement", by="agreement_id")
        chosen = next((row for row in question.answer().to_pylist() if str(row["agreement_id"]) == picked), None)
    else:
        st.caption(session.say(_NONE))
    return chosen


def _worded(table: pa.Table) -> pa.Table:
    """How often in words instead of months."""
    words = [session.say(bills.EVERY[months]) for months in table["every_months"].to_pylist()]
    place = table.column_names.index("every_months")
    return table.set_column(place, "every_months", pa.array(words, pa.string()))


def agreement(row: Mapping[str, Any] | None) -> None:
    """The form for a new agreement, or for the one clicked."""
    if row:
        st.caption(session.say(_CHANGE, name=page.md(row["name"]), title=page.md(row["agreement_title"])))
    form = forms.begin(f"agreement_{row['agreement_id']}" if row else "agreement")
    about = row or forms.customer(form)
    if row:
        _fill(form, row)
    left, right = st.columns(2)
    with left:
        name = forms.line(form, "name", _NAME)
    with right:
        money = drafting.currency(form, row["currency"] if row else about["currency"] if about else "CNY")
    form.start("every_months", 1)
    every = forms.pills(form, "every_months", _EVERY, bills.EVERY)
    left, right = st.columns(2)
    with left:
        first_on = forms.day(form, "first_on", _FIRST, start=row["first_on"] if row else session.today().replace(day=1))
    with right:
        until_on = forms.day(form, "until_on", _UNTIL, start=row["until_on"] if row else None)
    drafting.lines(form, money)
    memo = forms.line(form, "memo", _MEMO, optional=True)

    def build(confirmed: bool) -> RecordAgreement | ChangeAgreement:  # noqa: FBT001 (what forms.save asks with)
        common = {"name": name, "every_months": every, "first_on": first_on, "lines": drafting.read(form), "currency": money}
        more = {"tax_rate": drafting.rate(form), "until_on": until_on, "memo": memo or None}
        if row:
            return ChangeAgreement(row["agreement_id"], **common, **more)  # type: ignore[arg-type]
        return RecordAgreement(about["customer_id"] if about else 0, confirmed=confirmed, **common, **more)  # type: ignore[arg-type]

    needed = {"name": _NAME, "every_months": _EVERY, "first_on": _FIRST}
    forms.save(form, build, f"{session.say(_SAVED)} · {about['name']}" if about else "", needed=needed)


def _fill(form: Form, row: Mapping[str, Any]) -> None:
    listed = page.rows("agreement_lines", agreement_id=row["agreement_id"])
    found = tuple(Line(line["description"] or "", line["quantity"].normalize(), line["unit_price"].normalize()) for line in listed)
    drafting.fill(form, row, found)
    form.start("name", row["agreement_title"])
    form.start("every_months", row["every_months"])


def end(row: Mapping[str, Any]) -> None:
    """The form that ends the agreement clicked."""
    st.caption(session.say(_ENDING, name=page.md(row["name"]), title=page.md(row["agreement_title"])))
    form = forms.begin(f"agreement_end_{row['agreement_id']}")
    until_on = forms.day(form, "until_on", _LAST, start=session.today())
    reason = forms.line(form, "reason", _REASON)
    needed = {"until_on": _LAST, "reason": _REASON}
    what = f"{session.say(_ENDED)} · {row['name']}"
    forms.save(form, lambda _: EndAgreement(row["agreement_id"], until_on, reason), what, needed=needed)  # type: ignore[arg-type]
