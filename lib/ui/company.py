"""Who we are on letters and papers: the form, and bank details that wait for a second person."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final

import streamlit as st

from lib import formats
from lib.commands.company import ConfirmBankDetails, DescribeCompany, DropBankDetails
from lib.domain.access import Permission
from lib.domain.sender import BANK, LABEL, Sender, sender
from lib.text import Text
from lib.ui import page, session

_COMPANY: Final = Text("公司抬头与收款账户", "Company name and bank details")
_NO_COMPANY: Final = Text(
    "信和 PDF 上还没有公司名称或收款账户；请经理或管理员在这里填写。",
    "Letters and papers have no company name or bank account yet; a manager or administrator fills them in here.",
)
_SAVE: Final = Text("保存", "Save")
_SAVED: Final = Text("已保存。", "Saved.")
_NEEDS_TWO: Final = Text("改收款账户要由另一个人确认后才生效。", "Another bank account takes effect once a second person has confirmed it.")
_WAITS: Final = Text(
    "新收款账户等第二个人确认（{author}，{day}）：{details}", "New bank details wait for a second person ({author}, {day}): {details}"
)
_CHECK: Final = Text("请打电话向银行或老板核对，不要只看邮件。", "Call the bank or the owner to compare; a mail proves nothing.")
_OWN: Final = Text("您自己填的，要由另一位经理或管理员确认。", "You entered these; another manager or administrator confirms them.")
_CONFIRM: Final = Text("确认", "Confirm")
_DROP: Final = Text("撤下", "Drop")
_CONFIRMED: Final = Text("已确认，从现在起用新账户。", "Confirmed: papers bear the new account from now on.")
_DROPPED: Final = Text("已撤下，仍用原账户。", "Dropped: the old account stays.")
_NONE_LEFT: Final = Text("不再印收款账户", "no bank account any more")


def desk() -> None:
    """A hint while something is missing, what waits for a second person, and the form for who may."""
    known = sender(session.settings())
    if not (known.name and known.bank_account):
        st.caption(f":orange[{page.md(session.say(_NO_COMPANY))}]")
    waiting()
    if not _may():
        return
    with st.popover(session.say(_COMPANY), icon=":material/business:", key="company"):
        for field in fields(Sender):
            st.text_input(session.say(LABEL[field.name]), value=getattr(known, field.name) or "", key=f"company-{field.name}")
        st.caption(session.say(_NEEDS_TWO))
        st.button(session.say(_SAVE), key="company-save", type="primary", on_click=_describe)


def way() -> None:
    """The way to the form from the page of rules, where whoever sets the house up looks for it."""
    if _may():
        page.link(_COMPANY, "billing", view="outbox")


def waiting() -> int:
    """Bank details to confirm, for those who may; how many."""
    found = page.rows("bank_details") if _may() else []
    for row in found:
        _card(row)
    return len(found)


def _may() -> bool:
    return session.actor().may(Permission.POLICY_WRITE) and session.actor().sees_all


def _card(row: Mapping[str, Any]) -> None:
    number, given = row["policy_id"], sender({"company": json.loads(row["body"])})
    details = " · ".join(f"{session.say(LABEL[name])} {value}" for name in BANK if (value := getattr(given, name)))
    said = {"author": row["author_name"] or formats.MISSING, "day": formats.full_date(row["on_date"], session.language())}
    with st.container(border=True, key=f"bank-details-{number}"):
        st.markdown(":material/account_balance: " + page.md(session.say(_WAITS, details=details or session.say(_NONE_LEFT), **said)))
        is_own = row["author_id"] == session.actor().user_id
        st.caption(session.say(_OWN if is_own else _CHECK))
        with st.container(horizontal=True):
            if not is_own:
                st.button(session.say(_CONFIRM), key=f"confirm-bank-{number}", type="primary", on_click=_confirm, args=(number,))
            st.button(session.say(_DROP), key=f"drop-bank-{number}", on_click=_drop, args=(number,))


def _confirm(policy_id: int) -> None:
    page.change(ConfirmBankDetails(policy_id, session.today()), _CONFIRMED)


def _drop(policy_id: int) -> None:
    page.change(DropBankDetails(policy_id), _DROPPED)


def _describe() -> None:
    typed = {field.name: (st.session_state.get(f"company-{field.name}") or "").strip() or None for field in fields(Sender)}
    page.change(DescribeCompany(Sender(**typed), session.today()), _SAVED)
