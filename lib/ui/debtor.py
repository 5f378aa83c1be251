"""One debtor's card: why the money is late, whom to call, what to say, and what came of it in two clicks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

import pyarrow as pa
import streamlit as st

from lib import formats
from lib.commands.collect import EndHold, HoldReminders, LogOutcome, SendReminders
from lib.commands.on_account import SettleFromAccount
from lib.domain import advice, kinds, ladder, letters, reminders
from lib.domain.access import Permission
from lib.domain.sender import sender
from lib.papers.letter import Written
from lib.text import LANGUAGES, Text
from lib.ui import casework, collect, forms, page, papers, plans, session, tables
from lib.ui.forms import Form

Row = Mapping[str, Any]

_OPEN: Final = Text("打开客户", "Open customer")
_OWES: Final = Text("逾期 {overdue}，最长 {days} 天，{invoices} 笔", "{overdue} overdue, oldest {days} d, {invoices}")
_COMING: Final = Text("{amount} 将于 {day} 到期，没有逾期", "{amount} due {day}, nothing overdue")
_ACCOUNT: Final = Text("账上有 {amount} 未核销", "{amount} on account")
_DISPUTED: Final = Text("{amount} 有争议，不催", "{amount} in dispute, left out")
_LIKELY: Final = Text("回款可能 {rate}", "{rate} likely to pay")
_LIKELY_HOW: Final = Text(
    "近一年 {fell} 笔到期未付，其中 {paid} 笔在 30 天内付清；购买频次相同的客户为 {class_rate}。",
    "Of {fell} not paid on the due day within a year, {paid} settled within 30 days; customers who buy as often: {class_rate}.",
)
_RULE: Final = Text("催收阶梯第 {policy_id} 版，自 {since} 起", "Reminder ladder, version {policy_id}, since {since}")
_WHOM: Final = Text("打给", "Call")
_NOBODY: Final = Text("没有可联系的联系人。请到客户页补充。", "There is nobody to contact. Add a contact on the customer's page.")
_DO_NOT: Final = Text("请勿联系：{names}", "Do not contact: {names}")
_WHAT: Final = Text("结果", "What came of it")
_NOTE: Final = Text("备注", "Note")
_NEXT: Final = Text("下次联系", "Next contact")
_BY: Final = Text("承诺还款日", "Promised date")
_HOW_MUCH: Final = Text("承诺金额", "Promised amount")
_ALL: Final = Text("不填则为 {amount}", "If left empty: {amount}")
_WHICH: Final = Text("有争议的账单", "Invoices in dispute")
_WHY: Final = Text("争议原因", "Reason")
_CHOOSE: Final = Text("选择账单", "Choose invoices")
_DAYS: Final = Text("几个工作日内处理", "Working days to settle")
_LETTER: Final = Text("要说的话", "What to say")
_LANGUAGE: Final = Text("语言", "Language")
_LANGUAGES: Final = {"zh": Text("中文", "Chinese"), "en": Text("英文", "English")}
_TONE: Final = Text("语气", "Tone")
_MAIL: Final = Text("用邮件提醒", "Remind by mail")
_WRITE_OFF: Final = Text("申请核销坏账", "Propose a write-off")
_HOLD: Final = Text("暂缓", "Hold")
_HOLD_UNTIL: Final = Text("暂缓到（含当天）", "Hold until (that day included)")
_REASON: Final = Text("原因", "Reason")
_CONFIRM: Final = Text("确定", "Confirm")
_HELD: Final = Text("已暂缓。", "On hold.")
_END: Final = Text("结束暂缓", "End the hold")
_ENDED: Final = Text("暂缓已结束。", "The hold has ended.")
_ON_HOLD: Final = Text("暂缓到 {until_on}：{reason}", "On hold until {until_on}: {reason}")
_INVOICES: Final = Text("未收账单", "Open invoices")
_PROMISES: Final = Text("承诺与计划", "Promises and plans")
_NO_PROMISES: Final = Text("没有承诺，也没有分期计划。", "No promises and no plans.")
_DISPUTES: Final = Text("争议", "Disputes")
_SETTLE: Final = Text("用预收核销", "Settle from account")
_SETTLED: Final = Text("预收已核销，先到期的在前。", "Settled from money on account, the oldest first.")
_ITEMS: Final = ("invoice_no", "open_amount", "days_overdue", "due_on", "disputed_amount")


def last_saved() -> None:
    """What was saved last on this page, with its undo; the row it was about has left the list."""
    saved = st.session_state.pop(f"{st.session_state.get('collect.form')}.saved", None)
    if saved:
        plans.leave(*saved)
    forms.receipt(Form("collect"))


def card(row: Row) -> None:
    """Everything about one customer of the list."""
    debts = page.rows("debts", customer_id=row["customer_id"], currency=row["currency"])
    policy = collect.policy_of()
    with st.container(border=True, key="debtor"):
        _head(row, policy)
        _people(row)
        _outcome(row, debts)
        with st.container(horizontal=True, gap="small"):
            _mail(row)
            plans.agree(row)
            _hold(row)
        _leads(row)
    _letter(row, debts, policy)
    _rooms(row, debts)


def _head(row: Row, policy: ladder.Policy) -> None:
    language = session.language()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"##### {page.md(row['name'])}", width="content")
        page.link(_OPEN, "customer", customer=row["customer_id"])
    st.markdown(f"**{page.md(_owes(row))}**")
    told = [] if row["view"] == "soon" else [session.say(advice.reason(row)), session.say(advice.next_step(row))]
    told += [session.say(_ACCOUNT, amount=_money(-row["unallocated_amount"], row))] if row["unallocated_amount"] else []
    told += [session.say(_DISPUTED, amount=_money(row["disputed_amount"], row))] if row["disputed_amount"] else []
    st.markdown(page.md(" · ".join(told)))
    since = formats.full_date(policy.effective_on, language)
    st.badge(page.md(collect.due(row, policy, language)), color="orange" if row["code"] == "due" or row["view"] == "todo" else "gray")
    rule = session.say(_RULE, policy_id=policy.policy_id, since=since)
    if row["likelihood_rate"] is None:
        st.caption(rule)
        return
    likely = session.say(_LIKELY, rate=formats.percent(row["likelihood_rate"], 0))
    how = session.say(_LIKELY_HOW, fell=row["fell"], paid=row["paid"], class_rate=formats.percent(row["class_rate"], 0))
    st.caption(f"{likely} · {rule}", help=how if row["fell"] is not None else None)


def _leads(row: Row) -> None:
    """Where the other ways out begin: the statement to send along, and a second person for money that will not come."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if row["unallocated_amount"] and session.actor().may(Permission.RECEIVABLE_WRITE):
            key = f"settle-{row['customer_id']}"
            st.button(session.say(_SETTLE), key=key, icon=":material/join_inner:", on_click=_settled, args=(row["customer_id"],))
        papers.statement(row["customer_id"], row["account_no"], row["currency"])
        if session.actor().may(Permission.PROPOSE):
            page.link(_WRITE_OFF, "approvals", view="lost", customer=row["customer_id"])


def _owes(row: Row) -> str:
    """How much is overdue since when; of who owes nothing overdue, what falls due next."""
    language = session.language()
    if row["view"] == "soon":
        return session.say(_COMING, amount=_money(row["asked_amount"], row), day=formats.full_date(row["due_on"], language))
    invoices = formats.counted(row["invoices"], "invoice", "invoices") if language == "en" else row["invoices"]
    return session.say(_OWES, overdue=_money(row["overdue_amount"], row), days=row["max_days"], invoices=invoices)


def _people(row: Row) -> None:
    """Whom to call: the one for finance first, nobody who must not be contacted."""
    people = page.rows("customer_contacts", customer_id=row["customer_id"])
    people.sort(key=lambda one: (one["role"] != "finance", not one["is_primary"]))
    willing = [one for one in people if not one["do_not_contact"]]
    for place, one in enumerate(willing[:3]):
        parts = [one["title"], one["phone"], one["wechat"], one["email"]]
        name = f"**{session.say(_WHOM)} {page.md(one['name'])}**" if place == 0 else page.md(one["name"])
        st.markdown(f"{name} {page.md(' · '.join(part for part in parts if part))}")
    if not willing:
        st.markdown(f":orange[{session.say(_NOBODY)}]")
    refused = [one["name"] for one in people if one["do_not_contact"]]
    if refused:
        st.caption(page.md(session.say(_DO_NOT, names=session.listed(refused))))


def _outcome(row: Row, debts: list[dict[str, Any]]) -> None:
    """Two clicks: what came of it, save. A promise or dispute asks for what it needs."""
    form = forms.begin(f"collect{row['customer_id']}{row['currency']}")
    outcome = forms.pills(form, "outcome", _WHAT, kinds.COLLECT_OUTCOME)
    given: dict[str, Any] = {"currency": row["currency"]}
    needed = {"outcome": _WHAT}
    if outcome == "promised":
        left, right = st.columns(2)
        with left:
            given["promised_on"] = forms.soon(form, "promised_on", _BY)
        with right:
            amount = _money(row["overdue_amount"] or row["asked_amount"], row)
            given["promised_amount"] = forms.amount(form, "promised_amount", _HOW_MUCH, currency=row["currency"], hint=_ALL, amount=amount)
        needed["promised_on"] = _BY
    if outcome == "disputed":
        given |= _dispute(form, debts)
        needed["dispute_reason"] = _WHY
    left, right = st.columns(2)
    with left:
        given["note"] = forms.line(form, "note", _NOTE, optional=True) or None
    with right:
        given["next_on"] = forms.soon(form, "next_on", _NEXT)
    st.session_state["collect.form"] = form.name
    what = f"{row['name']} · {session.say(kinds.COLLECT_OUTCOME[outcome])}" if outcome else row["name"]
    customer_id, today = row["customer_id"], session.today()
    forms.save(form, lambda confirmed: LogOutcome(customer_id, str(outcome), today, confirmed=confirmed, **given), what, needed=needed)


def _dispute(form: Form, debts: list[dict[str, Any]]) -> dict[str, Any]:
    invoices = {one["invoice_id"]: one for one in debts if one["invoice_id"] and not one["disputed_amount"]}
    form.start("disputed", list(invoices)[:1])
    st.multiselect(
        session.say(_WHICH),
        list(invoices),
        key=form.key("disputed"),
        format_func=lambda one: _invoice(invoices[one]),
        placeholder=session.say(_CHOOSE),
    )
    reason = forms.pills(form, "dispute_reason", _WHY, kinds.DISPUTE_REASON)
    form.start("dispute_days", 5)
    st.number_input(session.say(_DAYS), 1, 60, key=form.key("dispute_days"), width=180)
    return {
        "disputed": tuple(form.get("disputed") or ()),
        "dispute_reason": reason,
        "dispute_days": int(form.get("dispute_days")),
    }


def _invoice(row: Row) -> str:
    return f"{row['invoice_no']} · {formats.money(row['open_amount'], row['currency'], session.language())}"


def _settled(customer_id: int) -> None:
    receipt = page.change(SettleFromAccount(session.today(), customer_id), _SETTLED)
    if receipt:
        plans.leave(receipt.change_id, session.say(SettleFromAccount.title))


def _mail(row: Row) -> None:
    if row["code"] == "due":
        args = (row["customer_id"], row["currency"])
        st.button(session.say(_MAIL), key=f"mail-{args[0]}-{args[1]}", icon=":material/outgoing_mail:", on_click=_remind, args=args)


def _remind(customer_id: int, currency: str) -> None:
    receipt = page.change(SendReminders(((customer_id, currency),), session.today(), by="email"), collect.REMINDED)
    if receipt:
        collect.sent(receipt)
        plans.leave(receipt.change_id, session.say(SendReminders.title))


def _hold(row: Row) -> None:
    held = page.rows("holds", customer_id=row["customer_id"])
    for one in held:
        said = session.say(_ON_HOLD, until_on=formats.day(one["until_on"], session.language()), reason=one["reason"])
        st.markdown(page.md(said), width="content")
        st.button(session.say(_END), key=f"end-{one['hold_id']}", on_click=_ended, args=(one["hold_id"],))
    if held:
        return
    with st.popover(session.say(_HOLD), icon=":material/pause:", key=f"hold-{row['customer_id']}"):
        start = session.today() + timedelta(days=7)
        until_on = st.date_input(session.say(_HOLD_UNTIL), start, key=f"hold-until-{row['customer_id']}", format="YYYY-MM-DD")
        reason = st.text_input(session.say(_REASON), key=f"hold-reason-{row['customer_id']}")
        if st.button(session.say(_CONFIRM), key=f"hold-save-{row['customer_id']}", type="primary"):
            receipt = page.change(HoldReminders(row["customer_id"], until_on, reason, session.today()), _HELD)
            if receipt:
                plans.leave(receipt.change_id, session.say(HoldReminders.title))
                st.rerun()


def _ended(hold_id: int) -> None:
    page.change(EndHold(hold_id, session.today()), _ENDED)


def _letter(row: Row, debts: list[dict[str, Any]], policy: ladder.Policy) -> None:
    """The reminder as text, ready to copy into any channel."""
    tones = {level.tone: ladder.TONE[level.tone] for level in policy.levels if level.tone in ladder.TONE}
    due = next((level.tone for level in policy.levels if level.level == row["level"]), next(iter(tones)))
    with st.expander(session.say(_LETTER), icon=":material/content_copy:", expanded=True, key="letter"):
        left, right = st.columns(2)
        with left:
            language = st.segmented_control(
                session.say(_LANGUAGE),
                LANGUAGES,
                default=session.language(),
                required=True,
                key="letter-language",
                format_func=lambda one: session.say(_LANGUAGES[one]),
                label_visibility="collapsed",
            )
        with right:
            tone = st.selectbox(
                session.say(_TONE),
                list(tones),
                index=list(tones).index(due) if due in tones else 0,
                key=f"letter-tone-{row['customer_id']}",
                format_func=lambda one: session.say(tones[one]),
                label_visibility="collapsed",
            )
        plain = letters.Facts(row["name"], row["currency"], session.as_of(), Decimal(0), (), None, sender(session.settings()))
        until_on = ladder.asked_until(policy, session.as_of(), row["days"] or 0)
        subject, body = letters.reminder(tone, language, reminders.about(debts, until_on, plain, language))  # type: ignore[arg-type]  # the choices are ours
        st.code(f"{subject}\n\n{body}", language=None, wrap_lines=True)
        written = Written(row["customer_id"], subject, body, language, session.as_of())
        papers.letter(written, row["account_no"], f"{row['customer_id']}-{tone}-{language}")


def _rooms(row: Row, debts: list[dict[str, Any]]) -> None:
    opened = st.tabs([session.say(word) for word in (_INVOICES, _PROMISES, _DISPUTES)], key="debtor-tabs")
    with opened[0]:
        named = [{**one, "invoice_no": reminders.called(one, session.language())} for one in debts if not one["is_planned"]]
        if named:
            tables.plain(pa.Table.from_pylist(named), _ITEMS, key="debtor-debts")
    with opened[1]:
        if not page.rows("promises", customer_id=row["customer_id"]):
            page.empty(_NO_PROMISES)
        plans.listing(row["customer_id"])
        casework.promises(row["customer_id"])
    with opened[2]:
        plans.disputes(row["customer_id"])


def _money(amount: Decimal, row: Row) -> str:
    return formats.money(amount, row["currency"], session.language())
