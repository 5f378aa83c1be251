"""What waits for a second pair of eyes, each with the facts needed to decide; what was proposed and decided lately."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

import pyarrow as pa
import streamlit as st

from lib import formats
from lib.commands.proposals import Decide, Withdraw
from lib.domain.access import Permission
from lib.errors import Refused
from lib.exports import VALUE
from lib.store.door import Command, execute
from lib.text import Text
from lib.ui import company, credit, downloads, families, forms, page, playbook, proposed_rules, session, tables
from lib.ui.downloads import Offer

VIEWS: Final[dict[str, Text]] = {
    "waiting": Text("待批", "Waiting"),
    "stopped": Text("停供", "Credit stops"),
    "lost": Text("坏账", "Bad debt"),
    "rates": Text("汇率", "Rates"),
}
_VIEW: Final = Text("看什么", "View")
_HEAD: Final = Text("{mine}等您决定，{others}等别人决定", "{mine} for you to decide, {others} for someone else")
_HEAD_OTHERS: Final = Text("{others}等待审批", "{others} waiting for a decision")
_COUNT: Final = Text("{count} 项", "{count}")
_NOTHING: Final = Text(
    "没有等待审批的申请。放行、调额在“停供”里提，核销在“坏账”里提。",
    "Nothing waits for a decision. Releases and limits are proposed under Credit stops, write-offs under Bad debt.",
)
_ALL: Final = Text("申请与决定", "Proposals and decisions")
_LATELY: Final = Text("最近的决定", "Decided lately")
_NO_DECISIONS: Final = Text("还没有决定过的申请。", "Nothing was decided yet.")
_BY: Final = Text("{author} 于 {day} 申请：{reason}", "{author} on {day}: {reason}")
_UNTIL: Final = Text("有效至 {day}", "until {day}")
_EVIDENCE: Final = Text("依据：{evidence}", "Evidence: {evidence}")
_OPEN: Final = Text("未收 {count}：{amount}，最老逾期 {days}", "{count} open: {amount}, oldest {days} overdue")
_GROUP: Final = Text("集团 {line}", "group {line}")
_ITEM: Final = Text("{count} 张", "{count}")
_KEPT: Final = Text("近期承诺：{kept} 兑现，{broken} 未兑现", "Promises: {kept} kept, {broken} broken")
_NO_PROMISES: Final = Text("没有还款承诺的记录", "no promises on record")
_MISSING: Final = Text("要核销 {amount}，现在只剩 {open_amount} 未收", "{amount} proposed, only {open_amount} is open now")
_NOTE: Final = Text("说明（驳回时必填）", "Note (needed to reject)")
_APPROVE: Final = Text("批准", "Approve")
_REJECT: Final = Text("驳回", "Reject")
_WITHDRAW: Final = Text("撤回", "Withdraw")
_OWN: Final = Text("您自己提的，要由另一个人决定。", "You proposed this; someone else decides.")
_NOT_YOURS: Final = Text("等经理决定。", "A manager decides.")
_DONE: Final[dict[str, Text]] = {
    "approved": Text("已批准：{what}", "Approved: {what}"),
    "rejected": Text("已驳回：{what}", "Rejected: {what}"),
    "withdrawn": Text("已撤回：{what}", "Withdrawn: {what}"),
}
_UNDO: Final = Text("撤销", "Undo")
_CUSTOMER: Final = Text("打开客户", "Open customer")
_PARTS: Final = ("invoice_no", "due_on", "days_overdue", "open_amount", "proposed_amount")
_DECIDED: Final = (
    *("name", "proposal_kind", "amount", "currency", "decision", "decided_on", "decided_by_name", "author_name"),
    "decision_note",
)
_MOST: Final = 200
_KEY: Final = "approvals.done"
_ROUND: Final = "approvals.round"
_VISIT: Final = "approvals.visit"


def choose() -> str:
    """What to look at; it stands in the URL."""
    return forms.switch("view", VIEWS, _VIEW)


def desk() -> None:
    """What waits of the house's own rules and bank details, then for me, then for others, then what was decided lately."""
    rows = page.rows("proposals", is_waiting=True, most=_MOST)
    mine = [row for row in rows if _is_mine(row)]
    others = [row for row in rows if not _is_mine(row)]
    _headline(len(mine), len(others))
    _done()
    of_the_house = company.waiting() + proposed_rules.waiting()
    for row in (*mine, *others):
        _card(row)
    if not (rows or of_the_house):
        page.empty(_NOTHING)
    _lately()


def act(command: Command, done: str, *, request_key: str | None = None) -> None:
    """Make a change from a button's callback; what came of it stands above the list, with its undo."""
    try:
        receipt = execute(session.ledger(), session.actor(), command, request_key=request_key)
    except Refused as refusal:
        st.session_state[_KEY] = (refusal, None)
        return
    st.session_state[_KEY] = (done, receipt.change_id)


def _headline(mine: int, others: int) -> None:
    said = {
        name: session.say(_COUNT, count=formats.counted(count, "proposal", "proposals"))
        for name, count in (("mine", mine), ("others", others))
    }
    may = session.actor().may(Permission.APPROVE)
    asked = page.question("proposals", is_waiting=None, most=_MOST)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(session.say(_HEAD if may else _HEAD_OTHERS, **said), anchor=False)
        downloads.export(Offer(_ALL, asked, asked.answer().num_rows))


def _done() -> None:
    told = st.session_state.get(_KEY)
    if not told:
        return
    what, change_id = told
    if isinstance(what, Refused):
        st.session_state.pop(_KEY)
        page.refused(what)
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="approvals-done"):
        st.markdown(":material/check_circle: " + page.md(what))
        st.button(session.say(_UNDO), key="approvals-undo", icon=":material/undo:", on_click=_undo, args=(change_id,))


def _undo(change_id: int) -> None:
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
    forms.undo(change_id, _KEY)


def _is_mine(row: Mapping[str, Any]) -> bool:
    return session.actor().may(Permission.APPROVE) and row["author_id"] != session.actor().user_id


def _card(row: Mapping[str, Any]) -> None:
    """One proposal: what, who, why, how the customer stands, and the two buttons."""
    body = json.loads(row["body"])
    with st.container(border=True, key=f"proposal-{row['proposal_id']}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{page.md(_title(row, body))}**")
            page.link(_CUSTOMER, "customer", customer=row["customer_id"])
        day = formats.full_date(row["on_date"], session.language())
        st.markdown(page.md(session.say(_BY, author=row["author_name"] or formats.MISSING, day=day, reason=row["reason"])))
        if body.get("evidence"):
            st.markdown(page.md(session.say(_EVIDENCE, evidence=body["evidence"])))
        _facts(row)
        if "invoices" in body:
            _parts(row, {invoice_id: Decimal(amount) for invoice_id, amount in body["invoices"]})
        _buttons(row, _title(row, body))


def _title(row: Mapping[str, Any], body: Mapping[str, Any]) -> str:
    parts = [session.say(VALUE["proposal_kind"][row["proposal_kind"]]), row["name"]]
    if row["proposal_kind"] == "special_term":
        about = {"terms_days": body.get("days"), "discount_rate": body.get("rate"), "agreed": body["what"], "term_kind": body["kind"]}
        return " · ".join([*parts, playbook.said({**about, "until_on": date.fromisoformat(body["until_on"])})])
    if row["currency"]:
        parts.append(row["currency"] if row["amount"] is None else forms.money(row["amount"], row["currency"]))
    if "until_on" in body:
        parts.append(session.say(_UNTIL, day=body["until_on"]))
    return " · ".join(parts)


def _facts(row: Mapping[str, Any]) -> None:
    """Limit and use, of its group too, what is open and how old, promises kept."""
    customer_id = row["customer_id"]
    currency = row["currency"] or (page.row("customer_card", customer_id=customer_id) or {}).get("currency")
    said = [credit.room(one) for one in page.rows("credit_standings", customer_ids=(customer_id,)) if one["currency"] == currency]
    together = families.together(families.of_customer(customer_id).to_pylist())
    said += [session.say(_GROUP, line=families.line(one, families.in_part(customer_id))) for one in together if one.currency == currency]
    items = page.rows("open_items", customer_id=customer_id, currency=currency)
    if items:
        count = session.say(_ITEM, count=formats.counted(len(items), "invoice", "invoices"))
        amount = forms.money(sum((item["open_amount"] for item in items), Decimal(0)), str(currency))
        days = formats.days(max(item["days_overdue"] for item in items), session.language())
        said.append(session.say(_OPEN, count=count, amount=amount, days=days))
    results = [promise["result"] for promise in page.rows("promises", customer_id=row["customer_id"])]
    kept, broken = results.count("kept"), results.count("broken") + results.count("partly")
    said.append(session.say(_KEPT, kept=kept, broken=broken) if kept or broken else session.say(_NO_PROMISES))
    st.caption(page.md(" · ".join(said)))


def _parts(row: Mapping[str, Any], wanted: Mapping[int, Decimal]) -> None:
    """The invoices to be written off, as they stand now."""
    table = page.read("open_items", customer_id=row["customer_id"], currency=row["currency"])
    kept = table.filter(pa.array([invoice_id in wanted for invoice_id in table["invoice_id"].to_pylist()], pa.bool_()))
    amounts = [wanted[invoice_id] for invoice_id in kept["invoice_id"].to_pylist()]
    kept = kept.append_column("proposed_amount", pa.array(amounts, pa.decimal128(18, 2)))
    if kept.num_rows:
        tables.plain(kept, _PARTS, key=f"parts-{row['proposal_id']}")
    open_amount = sum((min(one, left) for one, left in zip(amounts, kept["open_amount"].to_pylist(), strict=True)), Decimal(0))
    if open_amount < row["amount"]:
        values = {"amount": forms.money(row["amount"], row["currency"]), "open_amount": forms.money(open_amount, row["currency"])}
        st.caption(f":orange[:material/error: {page.md(session.say(_MISSING, **values))}]")


def _buttons(row: Mapping[str, Any], what: str) -> None:
    number = row["proposal_id"]
    if row["author_id"] == session.actor().user_id:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(session.say(_OWN), width="content")
            st.button(session.say(_WITHDRAW), key=f"withdraw-{number}", on_click=_withdraw, args=(number, what))
        return
    if not session.actor().may(Permission.APPROVE):
        st.caption(session.say(_NOT_YOURS))
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(session.say(_NOTE), key=f"note-{number}", live="400ms")
        for outcome, word in (("approved", _APPROVE), ("rejected", _REJECT)):
            kind = "primary" if outcome == "approved" else "secondary"
            st.button(session.say(word), key=f"{outcome}-{number}", type=kind, on_click=_decide, args=(number, outcome, what))  # type: ignore[arg-type]


def _decide(proposal_id: int, outcome: str, what: str) -> None:
    note = str(st.session_state.get(f"note-{proposal_id}") or "").strip() or None
    # A second click is the same request; after an undo it is a new one.
    visit = st.session_state.setdefault(_VISIT, secrets.token_hex(8))
    key = f"decide-{visit}-{st.session_state.get(_ROUND, 0)}-{proposal_id}-{outcome}"
    act(Decide(proposal_id, outcome, note, session.today()), session.say(_DONE[outcome], what=what), request_key=key)


def _withdraw(proposal_id: int, what: str) -> None:
    act(Withdraw(proposal_id, session.today()), session.say(_DONE["withdrawn"], what=what))


def _lately() -> None:
    table = page.read("proposals", is_waiting=False, most=_MOST)
    page.section(_LATELY)
    if table.num_rows:
        tables.show(table, _DECIDED, key="decided", opens="customer")
    else:
        st.caption(session.say(_NO_DECISIONS))
