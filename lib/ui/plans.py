"""Instalment plans and disputes of one customer: agreed on, listed with what became of them, taken back or settled."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

import streamlit as st

from lib import formats
from lib.commands.disputes import SettleDispute
from lib.commands.plans import CancelPlan, RecordPlan
from lib.commands.receivables import IssueCredit
from lib.domain import dates, instalments, kinds, values
from lib.domain.access import Permission
from lib.store.door import Command
from lib.text import Text
from lib.ui import page, session

Row = Mapping[str, Any]

STATE: Final[dict[str, Text]] = {
    "running": Text("执行中", "running"),
    "kept": Text("已付清", "kept"),
    "broken": Text("已违约", "broken"),
    "cancelled": Text("已取消", "cancelled"),
}
_PLAN: Final = Text("分期", "Plan")
_COUNT: Final = Text("期数", "Instalments")
_EVERY: Final = Text("间隔", "Every")
_FIRST: Final = Text("第一期", "First on")
_SCOPE: Final = Text("分哪些", "What is planned")
_OVERDUE: Final = Text("逾期 {amount}", "Overdue {amount}")
_ALL: Final = Text("全部未收 {amount}", "All open {amount}")
_PARTS: Final = Text("每行一期：日期 金额，可改", "One instalment a line: date and amount; may be changed")
_BAD_LINE: Final = Text(
    "第 {place} 行看不懂：{line}。写成 2026-04-10 200.00。", "Line {place} cannot be read: {line}. Write 2026-04-10 200.00."
)
_SAVE: Final = Text("约定", "Agree")
_AGREED: Final = Text("分期计划已记录。", "Plan recorded.")
_ABOUT: Final = Text("{amount} 分 {count} 期，已付 {paid}", "{amount} in {count} instalments, {paid} paid")
_NEXT: Final = Text("下一期 {amount}，{day}", "next {amount} on {day}")
_CANCEL: Final = Text("取消计划", "Cancel plan")
_REASON: Final = Text("原因", "Reason")
_CONFIRM: Final = Text("确定", "Confirm")
_CANCELLED: Final = Text("计划已取消，催款恢复原来的阶梯。", "Plan cancelled; reminders go on where they were.")
_KEEPING: Final = Text("近一年承诺兑现 {kept}/{judged}，到账 {rate}", "Kept {kept} of {judged} promises in a year, {rate} of the money")
_NO_DISPUTES: Final = Text("没有争议。通话结果选“有异议”即可登记。", "No disputes. Choose the outcome “Disputed” to open one.")
_DISPUTE: Final = Text("{invoice_no} · {reason} · {amount}", "{invoice_no} · {reason} · {amount}")
_DUE: Final = Text("第 {days} 天，{day}前解决", "day {days}, due {day}")
_SETTLE: Final = Text("解决", "Settle")
_OUTCOME: Final = Text("结果", "Outcome")
_NOTE: Final = Text("说明", "Note")
_CREDIT: Final = Text("开贷项金额（可不填）", "Credit note amount (optional)")
_SETTLED: Final = Text("争议已解决。", "Dispute settled.")
_CLOSED: Final = Text("已解决", "settled")


def agree(row: Row) -> None:
    """A plan for a customer of the list: even instalments to begin with, each day and amount may be changed."""
    customer_id = row["customer_id"]
    with st.popover(session.say(_PLAN), icon=":material/calendar_month:", key=f"plan-{customer_id}"):
        total = _total(row)
        left, middle, right = st.columns(3)
        with left:
            count = st.number_input(session.say(_COUNT), 2, instalments.MOST, 3, key=f"plan-count-{customer_id}")
        with middle:
            every = st.selectbox(
                session.say(_EVERY),
                list(instalments.EVERY),
                index=2,
                key=f"plan-every-{customer_id}",
                format_func=lambda one: session.say(instalments.EVERY[one]),
            )
        with right:
            start = session.today() + timedelta(days=7)
            first_on = st.date_input(session.say(_FIRST), start, key=f"plan-first-{customer_id}", format="YYYY-MM-DD")
        parts = instalments.split(total, int(count), first_on, every)
        typed = "\n".join(f"{day.isoformat()} {amount}" for day, amount in parts)
        # The key names what the lines follow from: another number of instalments begins anew.
        said = st.text_area(session.say(_PARTS), typed, key=f"plan-parts-{customer_id}-{hash(typed)}", height=34 + 24 * min(len(parts), 8))
        if st.button(session.say(_SAVE), key=f"plan-save-{customer_id}", type="primary"):
            _agree(row, said)


def _total(row: Row) -> Decimal:
    overdue, everything = row["overdue_amount"], row["overdue_amount"] + row["not_due_amount"]
    if overdue == everything:
        return Decimal(overdue)
    words = {"overdue": (_OVERDUE, overdue), "all": (_ALL, everything)}
    chosen = st.segmented_control(
        session.say(_SCOPE),
        list(words),
        default="overdue",
        required=True,
        key=f"plan-scope-{row['customer_id']}",
        format_func=lambda one: session.say(words[one][0], amount=_money(words[one][1], row)),
        label_visibility="collapsed",
    )
    return Decimal(words[str(chosen)][1])


def _agree(row: Row, typed: str) -> None:
    parts: list[tuple[date, Decimal]] = []
    for place, line in enumerate((one for one in typed.splitlines() if one.strip()), 1):
        day, _, amount = line.strip().partition(" ")
        on, much = dates.parse_date(day, today=session.today(), prefer="future"), values.parse_amount(amount)
        if on.value is None or much.value is None:
            st.error(page.md(session.say(_BAD_LINE, place=place, line=line)))
            return
        parts.append((on.value, much.value))
    _do(RecordPlan(row["customer_id"], session.today(), tuple(parts), row["currency"]), _AGREED)


def listing(customer_id: int) -> None:
    """Plans with what became of them, and how well this customer keeps its word."""
    keeping = page.rows("promise_keeping", customer_id=customer_id, by="customer")
    found = page.rows("plans", customer_id=customer_id)
    for one in keeping:
        rate = formats.percent(one["received_amount"] / one["promised_amount"] if one["promised_amount"] else None, 0)
        st.caption(session.say(_KEEPING, kept=one["kept"], judged=one["judged"], rate=rate))
    for plan in found:
        _plan(plan)


def _plan(plan: Row) -> None:
    said = session.say(_ABOUT, amount=_money(plan["amount"], plan), count=plan["instalments"], paid=_money(plan["paid_amount"], plan))
    if plan["state"] == "running" and plan["next_on"]:
        next_on = formats.day(plan["next_on"], session.language())
        said += " · " + session.say(_NEXT, amount=_money(plan["next_amount"], plan), day=next_on)
    colour = "orange" if plan["state"] == "broken" else "gray"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{page.md(said)} :{colour}-badge[{session.say(STATE[plan['state']])}]")
        if plan["state"] in {"running", "broken"} and session.actor().may(Permission.COLLECT):
            with st.popover(session.say(_CANCEL), key=f"plan-cancel-{plan['plan_id']}"):
                reason = st.text_input(session.say(_REASON), key=f"plan-why-{plan['plan_id']}")
                if st.button(session.say(_CONFIRM), key=f"plan-gone-{plan['plan_id']}", type="primary"):
                    _do(CancelPlan(plan["plan_id"], reason, session.today()), _CANCELLED)


def disputes(customer_id: int) -> None:
    """Disputes with their clock, and the way to settle them."""
    found = page.rows("disputes", customer_id=customer_id)
    if not found:
        page.empty(_NO_DISPUTES)
    for dispute in found:
        _dispute(dispute)


def _dispute(dispute: Row) -> None:
    language = session.language()
    reason = kinds.DISPUTE_REASON.get(dispute["dispute_reason"] or "", kinds.DISPUTE_REASON["other"])
    amount = formats.money(dispute["disputed_amount"], dispute["currency"] or "CNY", language)
    said = page.md(session.say(_DISPUTE, invoice_no=dispute["invoice_no"] or formats.MISSING, reason=reason, amount=amount))
    due = session.say(_DUE, days=dispute["open_days"], day=formats.day(dispute["due_on"], language))
    colour = "orange" if dispute["is_late"] else "gray"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{said} :{colour}-badge[{due if dispute['is_open'] else session.say(_CLOSED)}] {page.md(dispute['owner_name'] or '')}")
        if dispute["is_open"] and session.actor().may(Permission.COLLECT):
            with st.popover(session.say(_SETTLE), key=f"dispute-{dispute['case_id']}"):
                _settle(dispute["case_id"])


def _settle(case_id: int) -> None:
    outcome = st.pills(
        session.say(_OUTCOME),
        list(kinds.DISPUTE_OUTCOME),
        default="accepted",
        key=f"dispute-outcome-{case_id}",
        format_func=lambda one: session.say(kinds.DISPUTE_OUTCOME[one]),
    )
    note = st.text_input(session.say(_NOTE), key=f"dispute-note-{case_id}")
    credit = st.text_input(session.say(_CREDIT), key=f"dispute-credit-{case_id}") if session.actor().may(IssueCredit.permission) else ""
    if st.button(session.say(_CONFIRM), key=f"dispute-save-{case_id}", type="primary") and outcome:
        read = values.parse_amount(credit)
        if read.reason:
            st.error(page.md(read.why(session.language())))
            return
        _do(SettleDispute(case_id, outcome, note, session.today(), read.value), _SETTLED)


def _do(command: Command, done: Text) -> None:
    receipt = page.change(command, done)
    if receipt:
        leave(receipt.change_id, session.say(done))
        st.rerun()


def leave(change_id: int, what: str) -> None:
    """After a save the next customer's card comes up; what was saved stands above the list with its undo."""
    st.session_state["collect.saved"] = (change_id, what)
    st.query_params.pop("customer", None)


def _money(amount: Decimal, row: Row) -> str:
    return formats.money(amount, row["currency"], session.language())
