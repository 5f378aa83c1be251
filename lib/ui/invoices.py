"""Invoices that were posted: where each stands, and for the chosen one its lines, money, paper, mail and corrections."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

import pyarrow as pa
import streamlit as st

from lib import formats, terms
from lib.commands.corrections import VoidInvoice
from lib.commands.receivables import Allocate, IssueCredit, Unallocate
from lib.domain import values
from lib.domain.access import Permission
from lib.store.door import Command
from lib.text import Text
from lib.ui import downloads, forms, mailing, page, receivables, session, tables
from lib.ui.downloads import Offer
from lib.ui.filters import Scope

STATES: Final[dict[str, Text]] = {"all": Text("全部", "All"), **terms.VALUE["invoice_state"]}
_STATE: Final = Text("状态", "State")
_TITLE: Final = Text("近一年和未结清的账单", "Invoices of the last year, and older ones still open")
_NONE: Final = Text("没有这样的账单。换一个状态、币种或截至日。", "There are no such invoices. Choose another state, currency or date.")
_HEAD: Final = Text("{invoice_no} · {name} · {amount}", "{invoice_no} · {name} · {amount}")
_OPEN: Final = Text("{state}，未收 {open_amount}，{due_on} 到期", "{state}, {open_amount} open, due {due_on}")
_SENT: Final = Text("{moment} 已发送", "sent {moment}")
_LINES: Final = Text("明细", "Lines")
_VOID: Final = Text("作废", "Void")
_VOID_ABOUT: Final = Text(
    "账单从每一天消失，号码保留并列入作废清单。", "The invoice goes from every day; its number stays used and is listed as voided."
)
_VOIDED: Final = Text("账单已作废。", "The invoice is voided.")
_REASON: Final = Text("原因", "Reason")
_CREDIT: Final = Text("开贷项", "Credit note")
_CREDITED: Final = Text("贷项已开。", "The credit note is issued.")
_AMOUNT: Final = Text("金额（{currency}）", "Amount ({currency})")
_CONFIRM: Final = Text("确定", "Confirm")
_FREE: Final = Text("核销预收", "Use money on account")
_FREE_LINE: Final = Text("{doc_no} · {day} · 余 {amount}", "{doc_no} · {day} · {amount} left")
_ALLOCATE: Final = Text("核销到这张账单", "Use on this invoice")
_ALLOCATED: Final = Text("已核销。", "Allocated.")
_USED: Final = Text("这张账单上的款", "Money on this invoice")
_TAKE_BACK: Final = Text("取消核销", "Take back")
_TAKEN_BACK: Final = Text("已取消核销，款项记回预收。", "Taken back; the money is on account again.")
_UNDO: Final = Text("撤销上一步", "Undo the last step")
_COLUMNS: Final = ("invoice_no", "name", "on_date", "due_on", "amount", "open_amount", "invoice_state", "sent_at", "tax_amount")
_LINE_COLUMNS: Final = ("description", "quantity", "unit_price", "amount", "product_no")
_KEY: Final = "invoices.done"


def desk(scope: Scope) -> None:
    """The list by state, and everything about the invoice clicked."""
    state = forms.switch("invoice_state", STATES, _STATE)
    asked = {"invoice_state": None if state == "all" else state}
    question = page.question("invoices", scope, **asked, limit=tables.PAGE_ROWS, offset=tables.offset("invoices"))
    table = question.answer()
    total = table["total_count"][0].as_py() if table.num_rows else 0
    with st.container(horizontal=True, vertical_alignment="center"):
        page.section(_TITLE)
        downloads.export(Offer(_TITLE, page.question("invoices", scope, **asked), total), scope)
    if not table.num_rows:
        page.empty(_NONE)
        return
    tables.pick(table, _COLUMNS, key="invoices", into="invoice", by="invoice_id")
    asked_for = page.asked_number("invoice")  # a link may name one that stands on another page of the list
    invoice = page.row("invoices", invoice_id=asked_for) if asked_for else None
    if invoice:
        _invoice(invoice)


def _invoice(invoice: Mapping[str, Any]) -> None:
    money = {name: forms.money(invoice[name], invoice["currency"]) for name in ("amount", "open_amount")}
    st.subheader(page.md(session.say(_HEAD, invoice_no=invoice["invoice_no"], name=invoice["name"], amount=money["amount"])), anchor=False)
    state = session.say(terms.VALUE["invoice_state"][invoice["invoice_state"]])
    due_on = formats.full_date(invoice["due_on"], session.language())
    said = session.say(_OPEN, state=state, open_amount=money["open_amount"], due_on=due_on)
    sent = session.say(_SENT, moment=page.moment(invoice["sent_at"])) if invoice["sent_at"] else ""
    st.caption(page.md(" · ".join(part for part in (said, sent) if part)))
    _result()
    live = invoice["invoice_state"] != "void"
    may = session.actor().may(Permission.RECEIVABLE_WRITE)
    with st.container(horizontal=True, key="invoice-actions"):
        if live:
            mailing.pdf(invoice)
        if live and may:
            mailing.one(invoice)
            _corrections(invoice)
        page.link(terms.CUSTOMER, "customer", customer=invoice["customer_id"])
    if live and may:
        _allocations(invoice)
    lines = page.read("invoice_lines", invoice_id=invoice["invoice_id"])
    if lines.num_rows:
        page.section(_LINES)
        tables.plain(_exact(lines), _LINE_COLUMNS, key="invoice_lines")
    receivables.postings(str(invoice["invoice_id"]))


def _exact(lines: pa.Table) -> pa.Table:
    """The same lines with quantities and unit prices in all their decimals."""
    for name in ("quantity", "unit_price"):
        said = [None if value is None else f"{value.normalize():,f}" for value in lines[name].to_pylist()]
        lines = lines.set_column(lines.column_names.index(name), name, pa.array(said, pa.string()))
    return lines


def _corrections(invoice: Mapping[str, Any]) -> None:
    """Void and credit note, each with its reason or amount."""
    invoice_id, today = invoice["invoice_id"], session.today()
    if invoice["open_amount"] > 0:
        with st.popover(session.say(_CREDIT), icon=":material/remove_circle:", key="credit-popover"):
            typed = st.text_input(
                session.say(_AMOUNT, currency=invoice["currency"]), f"{invoice['open_amount']}", key=f"credit-{invoice_id}"
            )
            memo = st.text_input(session.say(_REASON), key=f"credit-why-{invoice_id}")
            read = values.parse_amount(typed)
            if read.reason:
                st.caption(f":orange[{page.md(read.why(session.language()))}]")
            amount = read.value or Decimal(0)
            credit = IssueCredit(invoice["customer_id"], amount, today, today, invoice["currency"], invoice_id, memo or None)
            _button(_CONFIRM, f"credit-save-{invoice_id}", credit, _CREDITED)
    with st.popover(session.say(_VOID), icon=":material/block:", key="void-popover"):
        st.caption(session.say(_VOID_ABOUT))
        reason = st.text_input(session.say(_REASON), key=f"void-why-{invoice_id}")
        _button(_CONFIRM, f"void-{invoice_id}", VoidInvoice(invoice_id, reason, today), _VOIDED)


def _allocations(invoice: Mapping[str, Any]) -> None:
    """Money on account that could pay it, and money that stands on it: each one click."""
    invoice_id, today = invoice["invoice_id"], session.today()
    free = page.rows("money_on_account", customer_id=invoice["customer_id"], currency=invoice["currency"])
    used: dict[int, tuple[str, Decimal]] = {}
    for row in page.rows("invoice_entries", invoice_id=invoice_id):
        if row["entry_id"] != invoice_id and row["kind"] in ("payment", "credit_note", "adjustment", "opening"):
            used[row["entry_id"]] = (row["doc_no"], used.get(row["entry_id"], ("", Decimal(0)))[1] - row["amount"])
    if free and invoice["open_amount"] > 0:
        page.section(_FREE)
        for row in free:
            words = {"doc_no": row["doc_no"], "day": formats.full_date(row["on_date"], session.language())}
            said = session.say(_FREE_LINE, **words, amount=forms.money(row["amount"], row["currency"]))
            _line(said, _ALLOCATE, f"allocate-{row['entry_id']}", Allocate(row["entry_id"], invoice_id, today, today), _ALLOCATED)
    standing = {entry_id: found for entry_id, found in used.items() if found[1] > 0}
    if standing:
        page.section(_USED)
    for entry_id, (doc_no, amount) in standing.items():
        said = f"{doc_no} · {forms.money(amount, invoice['currency'])}"
        _line(said, _TAKE_BACK, f"unallocate-{entry_id}", Unallocate(entry_id, invoice_id, today, today), _TAKEN_BACK)


def _line(said: str, label: Text, key: str, command: Command, done: Text) -> None:
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        st.markdown(page.md(said))
        _button(label, key, command, done)


def _button(label: Text, key: str, command: Command, done: Text) -> None:
    st.button(session.say(label), key=key, on_click=_do, args=(command, done, _request_key(key)))


def _request_key(key: str) -> Callable[[], str]:
    """One key per button and state of the ledger: a second click before the page is drawn again does nothing."""
    version, user_id = session.ledger().version, session.actor().user_id
    return lambda: f"{key}-{user_id}-{version}"


def _do(command: Command, done: Text, request_key: Callable[[], str]) -> None:
    receipt = page.change(command, done, request_key=request_key())
    if receipt:
        st.session_state[_KEY] = (receipt.change_id, done)


def _result() -> None:
    """The last step with its undo."""
    told = st.session_state.get(_KEY)
    if told:
        with st.container(border=True, horizontal=True, vertical_alignment="center", key="invoices-done"):
            st.markdown(f":material/check_circle: {session.say(told[1])}")
            st.button(session.say(_UNDO), key="invoices-undo", icon=":material/undo:", on_click=forms.undo, args=(told[0], _KEY))
