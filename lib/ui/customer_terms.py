"""Payment terms of a customer: read, changed from today on, and what they make of a bill that says no due date itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import streamlit as st

from lib import formats
from lib.commands.customers import ChangeCustomer
from lib.domain.access import Permission
from lib.domain.payment_terms import Terms, parse_terms
from lib.text import Text
from lib.ui import page, session

_TERMS: Final = Text("账期 {terms}", "Terms: {terms}")
_NONE: Final = Text("开票当天到期", "due on the day of the bill")
_CHANGE: Final = Text("改账期", "Change terms")
_TYPE: Final = Text("账期：30、月结30天 或 2个月", "Terms: 30, EOM+30 or 2 months")
_READ: Final = Text("{terms}：今天开的账单 {day} 到期", "{terms}: a bill of today is due {day}")
_FROM_NOW: Final = Text("从今天起开的账单用新账期；已开的不变。", "Bills from today on use the new terms; what is billed stays.")
_SAVE: Final = Text("保存", "Save")
_SAVED: Final = Text("账期已改为 {terms}。", "Terms are now {terms}.")
_DUE: Final = Text("不填则按客户账期：{day} 到期", "If left empty, by the customer's terms: due {day}")


def line(card: Mapping[str, Any]) -> None:
    """The terms in words, with the way to change them for who may."""
    with st.container(horizontal=True, vertical_alignment="center", key="customer-terms"):
        st.markdown(f":material/event: {session.say(_TERMS, terms=_said(card['terms_basis'], card['terms_days']))}", width="content")
        if session.actor().may(Permission.CUSTOMER_WRITE):
            with st.popover(session.say(_CHANGE), key="change-terms"):
                _change(card)


def default(customer_id: int, on_date: date) -> None:
    """When a bill of a day is due that says nothing itself; special terms in force count."""
    found = page.row("due_by_terms", customer_id=customer_id, on_date=on_date)
    if found:
        st.caption(session.say(_DUE, day=formats.full_date(found["due_on"], session.language())))


def _change(card: Mapping[str, Any]) -> None:
    customer_id = card["customer_id"]
    typed = st.text_input(session.say(_TYPE), key=f"terms-{customer_id}", live="400ms")
    read = parse_terms(typed)
    if read.reason:
        st.caption(f":orange[{page.md(read.why(session.language()))}]")
    elif read.value:
        day = formats.full_date(read.value.due_on(session.today()), session.language())
        st.caption(page.md(session.say(_READ, terms=read.value.said(), day=day)))
    st.caption(session.say(_FROM_NOW))
    if st.button(session.say(_SAVE), key=f"terms-save-{customer_id}", type="primary", disabled=read.value is None) and read.value:
        values = (("terms_basis", read.value.basis), ("terms_days", read.value.number))
        if page.change(ChangeCustomer(customer_id, values, session.today()), _SAVED, terms=read.value.said()):
            st.rerun()


def _said(basis: str | None, days: int | None) -> Text:
    return Terms(basis or "net", days).said() if days is not None else _NONE  # type: ignore[arg-type]
