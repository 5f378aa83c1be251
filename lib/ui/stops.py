"""Who is stopped and why, and the form that proposes a release or another limit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import streamlit as st

from lib import formats
from lib.commands.proposals import ProposeCredit
from lib.domain.access import Permission
from lib.text import Text
from lib.ui import credit, downloads, forms, page, session, tables
from lib.ui.downloads import Offer

_STOPPED: Final = Text("停供客户", "Stopped customers")
_HEAD: Final = Text("{count}停供或已放行", "{count} stopped or released")
_ABOUT: Final = Text(
    "占用达到额度，或逾期过久即停供；额度 = 月均销售 × 信用档的月数，或批准的额度。预收够付的账单仍可开。",
    "Stopped when the limit is used up or money is overdue too long. Limit: average monthly sales times the months of the credit grade, "
    "or the one approved. Bills covered by money on account may still go out.",
)
_NOBODY: Final = Text(
    "没有停供的客户：都在额度内，也没有逾期过久的。", "No customer is stopped: all are within their limits, none overdue too long."
)
_PROPOSE: Final = Text("申请放行或调额", "Propose a release or limit")
_WHAT: Final = Text("申请什么", "What")
_KIND: Final[dict[str, Text]] = {
    "release": Text("到某日为止不停供", "No stop until a day"),
    "limit": Text("到某日为止另定额度", "Another limit until a day"),
    "group": Text("到某日为止的集团额度", "A limit of its group until a day"),
}
_WITH_AMOUNT: Final = ("limit", "group")
_CURRENCY: Final = Text("币种", "Currency")
_LIMIT: Final = Text("额度", "Limit")
_UNTIL: Final = Text("有效至", "Until")
_REASON: Final = Text("原因", "Reason")
_SAID: Final = Text("{what} · {name}", "{what} · {name}")
_COLUMNS: Final = (
    *("name", "credit_state", "currency", "exposure_amount", "limit_amount", "used_rate", "owner_name", "credit_reason"),
    "released_until_on",
)


@st.fragment
@session.run()
def desk() -> None:
    """The list first; a click fills the form below."""
    asked = page.question("stopped_customers", states=credit.STOPPED)
    language = session.language()
    table = credit.explained(asked.answer(), language)
    with st.container(horizontal=True, vertical_alignment="center"):
        count = formats.customers(len(set(table["customer_id"].to_pylist())))
        st.subheader(session.say(_HEAD, count=count), anchor=False)
        downloads.export(Offer(_STOPPED, asked, table.num_rows, _ABOUT, lambda answer: credit.explained(answer, language)))
    st.caption(session.say(_ABOUT))
    if table.num_rows:
        tables.pick(table, _COLUMNS, key="stopped", into="customer", by="customer_id")
    else:
        page.empty(_NOBODY)
    if session.actor().may(Permission.PROPOSE):
        page.section(_PROPOSE)
        _propose()


def _propose() -> None:
    form = forms.begin("propose_credit")
    follow(form)
    about = forms.customer(form)
    currencies = _currencies(about)
    kind = forms.pills(form, "kind", _WHAT, _KIND)
    if len(currencies) > 1:
        form.start("currency", currencies[0])
    currency = forms.pills(form, "currency", _CURRENCY, {one: Text(one, one) for one in currencies}) if len(currencies) > 1 else None
    currency = currency or currencies[0]
    amount = forms.amount(form, "amount", _LIMIT, currency=currency) if kind in _WITH_AMOUNT else None
    until_on = forms.soon(form, "until_on", _UNTIL)
    reason = forms.line(form, "reason", _REASON)
    given = {"until_on": until_on, "reason": reason, "today": session.today(), "currency": currency, "amount": amount}
    given["for_group"] = kind == "group"
    what = session.say(_SAID, what=session.say(_PROPOSE), name=about["name"] if about else "")
    needed = {"kind": _WHAT, "until_on": _UNTIL, "reason": _REASON, **({"amount": _LIMIT} if kind in _WITH_AMOUNT else {})}
    forms.save(form, lambda _: ProposeCredit(about["customer_id"] if about else 0, **given), what, needed=needed)  # type: ignore[arg-type]


def follow(form: forms.Form) -> None:
    """The form is about the customer clicked last."""
    asked = page.asked_number("customer")
    if asked != st.session_state.get(f"{form.name}.followed"):
        st.session_state[f"{form.name}.followed"] = asked
        if asked is not None:
            form.put("customer_id", asked)


def _currencies(about: Mapping[str, Any] | None) -> list[str]:
    """The currencies the customer has money in, those that are stopped first."""
    if about is None:
        return [session.settings()["base_currency"]]
    rows = page.rows("credit_standings", customer_ids=(about["customer_id"],))
    ranked = sorted(rows, key=lambda row: row["credit_state"] not in credit.STOPPED)
    return [row["currency"] for row in ranked] or [about["currency"]]
