"""Corrections: a posted document is never edited. It is voided whole, or another document sets right what it says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Final

from lib.commands import Command, closing, sight
from lib.commands.documents import DOC_NO, MEMO, document, first, in_cents, lay_over, money, owe, records, settle
from lib.commands.postings import post
from lib.commands.receivables import METHOD
from lib.domain.access import Permission
from lib.errors import NotFound, Refused
from lib.store.door import Change
from lib.text import Text, listed

_NO_INVOICE = Text("找不到这张账单，或已作废，或不在您的范围内。", "There is no such invoice, it was voided, or it is outside your scope.")
_USED = Text(
    "账单 {doc_no} 上有 {documents}。请先取消这些核销，再作废。",
    "{documents} stands on invoice {doc_no}. Take that allocation back first, then void it.",
)
_CLOSED = Text(
    "账单 {doc_no} 的日期 {day} 已关账（关到 {until}），不能作废。请改开贷项，或先重新开账。",
    "Invoice {doc_no} of {day} is in the closed books (up to {until}) and cannot be voided. Issue a credit note, or reopen the books.",
)
_ON_ACCOUNT = Text(
    "{day} 起可退的预收只有 {most}（{currency}）。请改金额或日期。",
    "On account to pay back from {day}: {most} ({currency}) at most. Change the amount or the date.",
)
_ZERO = Text("金额 {amount} 不能为 0，最多两位小数。", "The amount {amount} must not be 0, with two decimals at most.")
_NOT_OFF = Text(
    "增加应收的调整不能指定账单；只有减少应收（负数）才能冲某张账单。",
    "An adjustment that adds cannot name an invoice; only one that takes off (below zero) can.",
)
_TWICE = Text(
    "这个客户已有编号为 {doc_no} 的期初。请核对编号。", "This customer already has an opening balance numbered {doc_no}. Check the number."
)


@dataclass(frozen=True)
class VoidInvoice(Command):
    """An invoice taken back whole, as if it had never been, with the reason; its number stays used.

    What it was billed for comes up again; open promises about it are cancelled.
    Refuses: money on it (named), a day of the closed books, no reason.
    """

    permission: ClassVar[Permission] = Permission.RECEIVABLE_WRITE
    title: ClassVar[Text] = Text("作废账单", "Void an invoice")
    invoice_id: int
    reason: str
    today: date

    def validate(self) -> None:
        """Refuses: no reason."""
        sight.text(self.reason, closing.REASON, about="reason", required=True)

    def apply(self, change: Change) -> str:
        """The number of the voided invoice."""
        invoice = _invoice(change, self.invoice_id)
        about = {"invoice_id": self.invoice_id}
        used = records(change, _STANDING, about)
        if used:
            named = [f"{row['doc_no']} ({row['amount']:,})" for row in used]
            raise Refused(_USED, doc_no=invoice["doc_no"], documents=listed(named))
        until = closing.closed_until(change)
        if until and invoice["on_date"] <= until:
            raise Refused(_CLOSED, doc_no=invoice["doc_no"], day=invoice["on_date"].isoformat(), until=until.isoformat())
        for table, column in (("entry", "entry_id"), ("entry_line", "entry_id"), ("invoice_draft", "entry_id")):
            change.retire(table, f"{column} = $invoice_id", about)
        post(change, _MIRRORED, about)
        _cancel_promises(change, self.invoice_id, self.today)
        return str(invoice["doc_no"])


@dataclass(frozen=True)
class RecordRefund(Command):
    """Money on account paid back to the customer: the oldest of it first.

    Refuses: more than is on account from that day on, a day to come, a day of the closed books.
    """

    permission: ClassVar[Permission] = Permission.RECEIVABLE_WRITE
    title: ClassVar[Text] = Text("登记退款", "Record a refund")
    customer_id: int
    amount: Decimal
    on_date: date
    today: date
    currency: str = "CNY"
    method: str | None = None
    memo: str | None = None
    doc_no: str | None = None
    confirmed: bool = False

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        money(self.amount, self.currency)
        sight.not_in_future(self.on_date, self.today)
        for name, label in (("method", METHOD), ("memo", MEMO), ("doc_no", DOC_NO)):
            sight.text(getattr(self, name), label, about=name)

    def apply(self, change: Change) -> int:
        """The new entry_id."""
        sight.customer(change, self.customer_id)
        common = {name: getattr(self, name) for name in ("customer_id", "amount", "on_date", "currency")}
        sight.refuse_twice(change, "entry", {**common, "kind": "refund"}, confirmed=self.confirmed)
        change.cursor.execute(_FREE, {name: common[name] for name in ("customer_id", "on_date", "currency")})
        most = first(change, "select coalesce(greatest(least(sum(free.amount), any_value(free.net_amount)), 0), 0) from free", {})[0]
        if self.amount > most:
            raise Refused(_ON_ACCOUNT, day=self.on_date.isoformat(), most=f"{most:,}", currency=self.currency, about="amount")
        more = {"method": self.method, "memo": self.memo, "doc_no": self.doc_no}
        entry_id = document(change, {"kind": "refund", **common, "due_on": self.on_date, **more})
        post(change, _PAID_BACK, {"entry_id": entry_id, "amount": self.amount})
        return entry_id


@dataclass(frozen=True)
class RecordAdjustment(Command):
    """An amount that sets an account right, with its reason: above zero it is owed, below zero it is on account or off an invoice.

    Refuses: zero, a day to come, an invoice that is not open, no reason, a day of the closed books.
    """

    permission: ClassVar[Permission] = Permission.RECEIVABLE_WRITE
    title: ClassVar[Text] = Text("登记调整", "Record an adjustment")
    customer_id: int
    amount: Decimal
    on_date: date
    today: date
    reason: str
    currency: str = "CNY"
    due_on: date | None = None
    invoice_id: int | None = None
    doc_no: str | None = None
    confirmed: bool = False

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        _signed(self.amount, self.currency)
        sight.not_in_future(self.on_date, self.today)
        sight.text(self.reason, closing.REASON, about="reason", required=True)
        sight.text(self.doc_no, DOC_NO, about="doc_no")
        if self.invoice_id is not None and self.amount > 0:
            raise Refused(_NOT_OFF, about="amount")

    def apply(self, change: Change) -> int:
        """The new entry_id."""
        sight.customer(change, self.customer_id)
        common = {"kind": "adjustment", **_common(self)}
        sight.refuse_twice(change, "entry", {**common, "memo": self.reason.strip()}, confirmed=self.confirmed)
        return _signed_document(
            change,
            {**common, "due_on": self.due_on, "memo": self.reason.strip(), "doc_no": self.doc_no},
            () if self.invoice_id is None else (self.invoice_id,),
        )


@dataclass(frozen=True)
class RecordOpening(Command):
    """What a customer owed (below zero: had paid ahead) when the ledger began, with the due date it had.

    Refuses: zero, a day to come, a number used for another opening balance of the customer, a day of the closed books.
    """

    permission: ClassVar[Permission] = Permission.RECEIVABLE_WRITE
    title: ClassVar[Text] = Text("登记期初余额", "Record an opening balance")
    customer_id: int
    amount: Decimal
    on_date: date
    today: date
    due_on: date | None = None
    currency: str = "CNY"
    memo: str | None = None
    doc_no: str | None = None
    confirmed: bool = False

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        _signed(self.amount, self.currency)
        sight.not_in_future(self.on_date, self.today)
        sight.text(self.memo, MEMO, about="memo")
        sight.text(self.doc_no, DOC_NO, about="doc_no")

    def apply(self, change: Change) -> int:
        """The new entry_id."""
        sight.customer(change, self.customer_id)
        doc_no = (self.doc_no or "").strip()
        if doc_no and first(change, _SAME_OPENING, {"customer_id": self.customer_id, "doc_no": doc_no}):
            raise Refused(_TWICE, doc_no=doc_no, about="doc_no")
        common = {"kind": "opening", **_common(self)}
        if not doc_no:
            sight.refuse_twice(change, "entry", {**common, "due_on": self._due()}, confirmed=self.confirmed)
        return _signed_document(change, {**common, "due_on": self._due(), "memo": self.memo, "doc_no": doc_no}, ())

    def _due(self) -> date | None:
        return (self.due_on or self.on_date) if self.amount > 0 else None


def _common(command: RecordAdjustment | RecordOpening) -> dict[str, Any]:
    return {name: getattr(command, name) for name in ("customer_id", "amount", "on_date", "currency")}


def _signed(amount: Decimal, currency: str) -> None:
    """Refuses: zero, fractions of cents, amounts beyond reason, a currency that is not three letters."""
    if not (in_cents(amount) and amount):
        raise Refused(_ZERO, amount=amount, about="amount")
    money(abs(amount), currency)


def _signed_document(change: Change, row: dict[str, Any], invoice_ids: tuple[int, ...]) -> int:
    """Above zero the document is owed under its own number; below, its money is laid on the invoices named, the rest on account."""
    if row["amount"] > 0:
        entry_id = document(change, {**row, "due_on": row["due_on"] or row["on_date"]})
        owe(change, entry_id)
        return entry_id
    lay_over(change, {**row, "amount": -row["amount"]}, invoice_ids, any_open=False)
    entry_id = document(change, {**row, "due_on": None})
    settle(change, entry_id)
    return entry_id


def _invoice(change: Change, invoice_id: int) -> dict[str, Any]:
    """A live invoice in sight."""
    found = records(change, _LIVE_INVOICE, {"invoice_id": invoice_id})
    if not found:
        raise NotFound(_NO_INVOICE)
    sight.customer(change, found[0]["customer_id"], unless=_NO_INVOICE)
    return found[0]


def _cancel_promises(change: Change, invoice_id: int, today: date) -> None:
    """Nobody can keep a promise about an invoice that is gone."""
    about = {"invoice_id": invoice_id, "today": today}
    waiting = "invoice_id = $invoice_id and cancelled_on is null and due_on >= $today"
    names = ("promise_id", "customer_id", "invoice_id", "made_on", "due_on", "amount", "currency", "promised_by", "note", "plan_id")
    found = records(
        change,
        f"select {', '.join(names)} from promise where retired_at = timestamp '9999-12-31' and {waiting}",  # noqa: S608 (our own names)
        about,
    )
    change.retire("promise", waiting, about)
    change.insert("promise", [{**row, "cancelled_on": today} for row in found])


_LIVE_INVOICE: Final = """
    select entry.entry_id, entry.customer_id, entry.doc_no, entry.on_date, entry.due_on, entry.amount, entry.currency
    from entry
    where entry.entry_id = $invoice_id and entry.kind = 'invoice' and entry.retired_at = timestamp '9999-12-31'
"""
_SAME_OPENING: Final = """
    select entry.entry_id from entry
    where entry.customer_id = $customer_id and entry.doc_no = $doc_no and entry.kind = 'opening'
        and entry.retired_at = timestamp '9999-12-31'
"""
_STANDING: Final = """
    select entry.doc_no, -sum(posting.amount) as amount
    from posting
    inner join entry on posting.entry_id = entry.entry_id and entry.retired_at = timestamp '9999-12-31'
    where posting.invoice_id = $invoice_id and posting.entry_id <> $invoice_id
    group by entry.entry_id, entry.doc_no
    having sum(posting.amount) <> 0
    order by entry.doc_no
"""

# Each day is taken back on its own day; money that stood on the invoice for a while stood on account instead.
_MIRRORED: Final = """
    with netted as (
        select
            posting.entry_id, posting.customer_id, posting.invoice_id, posting.kind, posting.on_date, posting.due_on, posting.currency,
            sum(posting.amount) as amount
        from posting
        where posting.invoice_id = $invoice_id
        group by
            posting.entry_id, posting.customer_id, posting.invoice_id, posting.kind, posting.on_date, posting.due_on, posting.currency
    )

    select
        netted.entry_id, netted.customer_id, netted.invoice_id, netted.kind, netted.on_date, netted.due_on, -netted.amount as amount,
        netted.currency, 'void' as rule
    from netted
    union all
    select
        netted.entry_id, netted.customer_id, null, netted.kind, netted.on_date, null, netted.amount, netted.currency, 'void'
    from netted
    where netted.entry_id <> netted.invoice_id
"""

# What of each document stays on account from the day on, whatever came later; a refund of old may have used some of it unnamed.
_FREE: Final = """
    create or replace temp table free as
    with daily as (
        select posting.entry_id, any_value(posting.kind) as kind, posting.on_date, -sum(posting.amount) as amount
        from posting
        where posting.customer_id = $customer_id and posting.currency = $currency and posting.invoice_id is null
        group by posting.entry_id, posting.on_date
    ),

    running as (
        select
            daily.entry_id, daily.kind, daily.on_date,
            sum(daily.amount) over (partition by daily.entry_id order by daily.on_date) as amount
        from daily
    ),

    whole as (
        select totals.on_date, sum(totals.amount) over (order by totals.on_date) as amount
        from (select daily.on_date, sum(daily.amount) as amount from daily group by daily.on_date) as totals
    ),

    net as (
        select
            least(
                coalesce(arg_max(whole.amount, whole.on_date) filter (where whole.on_date <= $on_date), 0),
                min(whole.amount) filter (where whole.on_date > $on_date)
            ) as amount
        from whole
    ),

    lasting as (
        select
            running.entry_id, any_value(running.kind) as kind, min(running.on_date) as since_on,
            least(
                coalesce(arg_max(running.amount, running.on_date) filter (where running.on_date <= $on_date), 0),
                min(running.amount) filter (where running.on_date > $on_date)
            ) as amount
        from running
        group by running.entry_id
    )

    select
        lasting.entry_id, lasting.kind, lasting.amount, net.amount as net_amount,
        sum(lasting.amount) over (order by lasting.since_on, lasting.entry_id) - lasting.amount as amount_before
    from lasting
    cross join net
    where lasting.amount > 0
"""
_PAID_BACK: Final = """
    with refund as (
        select entry.* from entry where entry.entry_id = $entry_id and entry.retired_at = timestamp '9999-12-31'
    ),

    used as (
        select free.entry_id, free.kind, least(free.amount, $amount::decimal(18, 2) - free.amount_before) as amount
        from free
        where free.amount_before < $amount::decimal(18, 2)
    )

    select
        refund.entry_id, refund.customer_id, refund.entry_id as invoice_id, refund.kind, refund.on_date, refund.due_on, refund.amount,
        refund.currency, 'manual' as rule
    from refund
    union all
    select used.entry_id, refund.customer_id, null, used.kind, refund.on_date, null, used.amount, refund.currency, 'manual'
    from used
    cross join refund
    union all
    select
        used.entry_id, refund.customer_id, refund.entry_id, used.kind, refund.on_date, refund.due_on, -used.amount, refund.currency,
        'manual'
    from used
    cross join refund
"""
