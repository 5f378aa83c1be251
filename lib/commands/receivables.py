"""Invoices, payments, credits and what they settle: the money commands of the desk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Final

from lib.commands import Command, sight
from lib.commands.credit import Bill, refuse_stopped
from lib.commands.documents import (
    DOC_NO,
    MEMO,
    NO_INVOICE,
    document,
    due_by_terms,
    first,
    house_numbers,
    is_house_number,
    lay_over,
    money,
    owe,
    positive,
    records,
    settle,
    tax,
)
from lib.commands.postings import post
from lib.domain.access import Permission
from lib.errors import Doubtful, NotFound, Refused
from lib.store.door import Change
from lib.text import Text

METHOD: Final = Text("付款方式", "Method")
PAYER: Final = Text("付款人", "Payer")

DUE_BEFORE: Final = Text(
    "到期日 {due_on} 早于账单日 {on_date}。请改其中一个。",
    "The due date {due_on} is before the invoice date {on_date}. Change one of them.",
)
_TAKEN = Text(
    "这个客户已有编号为 {doc_no} 的账单。请核对编号。",
    "This customer already has an invoice numbered {doc_no}. Check the number.",
)
_OURS = Text(
    "{doc_no} 属于本公司自动编号。请留空，由系统给出下一个号码。",
    "{doc_no} belongs to the house's own numbers. Leave it empty to get the next one.",
)
_OVERPAID = Text(
    "多付 {amount}（{currency}）记为预收？",
    "{amount} ({currency}) is more than is open. Keep it on account?",
)
_NO_MONEY = Text("找不到这笔收款或贷项，或不在您的范围内。", "There is no such payment or credit note, or it is outside your scope.")
_TOO_MUCH = Text(
    "最多可核销 {amount}（{currency}）：账单未收与款项余额中较小的一个。",
    "At most {amount} ({currency}) can be allocated: the smaller of what is open and what is on account.",
)
_NOT_ALLOCATED = Text("这笔款没有核销到这张账单上。", "None of this money is allocated to that invoice.")
_BEFORE_MONEY = Text("日期 {on_date} 早于核销日 {allocated_on}。", "The date {on_date} is before the day of allocation {allocated_on}.")


@dataclass(frozen=True)
class RecordInvoice(Command):
    """One invoice. Without a due date: the customer's payment terms, else due on its own day; without a number: the house's next.

    Refuses: an amount that is not positive, tax above it, a due date before the invoice, a number this customer already has or
    one of the house's own series, a day of the closed books, a customer whose credit is stopped (today, or on the invoice's day).
    """

    permission: ClassVar[Permission] = Permission.RECEIVABLE_WRITE
    title: ClassVar[Text] = Text("开账单", "Record an invoice")
    customer_id: int
    doc_no: str | None
    on_date: date
    amount: Decimal
    due_on: date | None = None
    currency: str = "CNY"
    tax_amount: Decimal | None = None
    memo: str | None = None
    today: date | None = None

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        money(self.amount, self.currency)
        tax(self.tax_amount, self.amount)
        sight.text(self.doc_no, DOC_NO, about="doc_no")
        sight.text(self.memo, MEMO, about="memo")
        if self.due_on and self.due_on < self.on_date:
            raise Refused(DUE_BEFORE, due_on=self.due_on.isoformat(), on_date=self.on_date.isoformat(), about="due_on")

    def apply(self, change: Change) -> int:
        """The new invoice_id."""
        sight.customer(change, self.customer_id)
        bill = Bill(self.customer_id, self.currency, self.amount)
        (is_prepaid,) = refuse_stopped(change, [bill], self.today or self.on_date)
        due_on = self.due_on or due_by_terms(change, self.customer_id, self.on_date)
        more = {"doc_no": self._number(change), "due_on": due_on, "tax_amount": self.tax_amount, "memo": self.memo}
        invoice_id = document(change, {"kind": "invoice", **_common(self), **more})
        owe(change, invoice_id)
        if is_prepaid:
            take_prepaid(change, invoice_id)
        return invoice_id

    def _number(self, change: Change) -> str:
        given = (self.doc_no or "").strip()
        if not given:
            return house_numbers(change, [self.on_date])[0]
        if first(change, _SAME_NUMBER, {"customer_id": self.customer_id, "doc_no": given}):
            raise Refused(_TAKEN, doc_no=given, about="doc_no")
        if is_house_number(change, given, self.on_date):
            raise Refused(_OURS, doc_no=given, about="doc_no")
        return given


@dataclass(frozen=True)
class RecordPayment(Command):
    """Money that came in: laid on the invoices named, or on the oldest open ones, or kept on account.

    Refuses: an amount that is not positive, a day to come, invoices that are not open; without confirmation more than is open.
    """

    permission: ClassVar[Permission] = Permission.RECEIVABLE_WRITE
    title: ClassVar[Text] = Text("登记收款", "Record a payment")
    customer_id: int
    amount: Decimal
    on_date: date
    today: date
    currency: str = "CNY"
    method: str | None = None
    payer: str | None = field(default=None, metadata={"audit": False})
    memo: str | None = None
    doc_no: str | None = None
    invoice_ids: tuple[int, ...] = ()
    oldest: bool = True
    confirmed: bool = False

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        money(self.amount, self.currency)
        sight.a_past_day(self.on_date, self.today, confirmed=self.confirmed)
        for value, label in ((self.method, METHOD), (self.payer, PAYER), (self.memo, MEMO), (self.doc_no, DOC_NO)):
            sight.text(value, label)

    def apply(self, change: Change) -> dict[str, Any]:
        """entry_id, and the amount kept on account."""
        sight.customer(change, self.customer_id)
        _refuse_twice(change, self)
        lay_over(change, _common(self), self.invoice_ids, any_open=self.oldest)
        used = first(change, "select coalesce(sum(matched.amount), 0) from matched", {})[0]
        left = self.amount - used
        if left > 0 and (self.invoice_ids or self.oldest) and not self.confirmed:
            raise Doubtful(_OVERPAID, amount=f"{left:,}", currency=self.currency)
        more = {"doc_no": self.doc_no, "method": self.method, "payer": self.payer, "memo": self.memo}
        entry_id = document(change, {"kind": "payment", **_common(self), **more})
        settle(change, entry_id)
        return {"entry_id": entry_id, "on_account": left}


@dataclass(frozen=True)
class IssueCredit(Command):
    """A credit note: off the invoice it is for, the rest (or all of it, without an invoice) on account.

    Refuses: an amount that is not positive, a day to come, an invoice that is not open.
    """

    permission: ClassVar[Permission] = Permission.RECEIVABLE_WRITE
    title: ClassVar[Text] = Text("开贷项", "Issue a credit note")
    customer_id: int
    amount: Decimal
    on_date: date
    today: date
    currency: str = "CNY"
    invoice_id: int | None = None
    memo: str | None = None
    doc_no: str | None = None

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        money(self.amount, self.currency)
        sight.not_in_future(self.on_date, self.today)
        sight.text(self.memo, MEMO)
        sight.text(self.doc_no, DOC_NO)

    def apply(self, change: Change) -> int:
        """The new entry_id."""
        sight.customer(change, self.customer_id)
        lay_over(change, _common(self), () if self.invoice_id is None else (self.invoice_id,), any_open=False)
        entry_id = document(change, {"kind": "credit_note", **_common(self), "doc_no": self.doc_no, "memo": self.memo})
        settle(change, entry_id)
        return entry_id


@dataclass(frozen=True)
class Allocate(Command):
    """Money on account laid on an invoice of the same customer: as much as fits, or the amount given.

    Refuses: unknown documents, a settled invoice, more than is open or on account; what was paid back is not there any more.
    """

    permission: ClassVar[Permission] = Permission.RECEIVABLE_WRITE
    title: ClassVar[Text] = Text("核销收款", "Allocate money")
    entry_id: int
    invoice_id: int
    on_date: date
    today: date
    amount: Decimal | None = None

    def validate(self) -> None:
        """Refuses: an amount that is not positive, a day to come."""
        if self.amount is not None:
            positive(self.amount)
        sight.not_in_future(self.on_date, self.today)

    def apply(self, change: Change) -> Decimal:
        """The amount allocated."""
        source = _money_document(change, self.entry_id)
        invoice = first(change, _OPEN_INVOICE, {"invoice_id": self.invoice_id, **_same(source)})
        if invoice is None:
            raise Refused(NO_INVOICE)
        open_amount, due_on = invoice
        (free,) = first(change, _LEFT, {"customer_id": source["customer_id"], "entry_id": self.entry_id})
        most = min(open_amount, free)
        amount = most if self.amount is None else self.amount
        if not 0 < amount <= most:
            raise Refused(_TOO_MUCH, amount=f"{most:,}", currency=source["currency"], about="amount")
        free_from = first(change, _BOTH_FREE, {"entry_id": self.entry_id, "invoice_id": self.invoice_id, "amount": amount})
        on_date = max(self.on_date, *free_from)
        _move(change, source, self.invoice_id, {"on_date": on_date, "due_on": due_on, "amount": amount, "rule": "manual"})
        return amount


def take_prepaid(change: Change, invoice_id: int) -> None:
    """Lay money on account on an invoice just written, the oldest first: what lets a stopped customer be billed is used by that bill."""
    (about,) = records(change, _WHOSE, {"invoice_id": invoice_id})
    for entry_id, on_date in change.cursor.execute(_UNUSED, about).fetchall():
        (left,) = first(change, "select sum(amount) from posting where invoice_id = $invoice_id", {"invoice_id": invoice_id})
        if left > 0:
            Allocate(entry_id, invoice_id, on_date, on_date).apply(change)


@dataclass(frozen=True)
class Unallocate(Command):
    """An allocation taken back on a day: the money stands on account again and the invoice is open again.

    Refuses: money that is not on that invoice, a day before the allocation.
    """

    permission: ClassVar[Permission] = Permission.RECEIVABLE_WRITE
    title: ClassVar[Text] = Text("取消核销", "Take back an allocation")
    entry_id: int
    invoice_id: int
    on_date: date
    today: date

    def validate(self) -> None:
        """Refuses: a day to come."""
        sight.not_in_future(self.on_date, self.today)

    def apply(self, change: Change) -> Decimal:
        """The amount back on account."""
        source = _money_document(change, self.entry_id)
        row = first(change, _ALLOCATED, {"entry_id": self.entry_id, "invoice_id": self.invoice_id})
        if row is None:
            raise Refused(_NOT_ALLOCATED)
        amount, due_on, allocated_on = row
        if self.on_date < allocated_on:
            raise Refused(_BEFORE_MONEY, on_date=self.on_date.isoformat(), allocated_on=allocated_on.isoformat())
        _move(change, source, self.invoice_id, {"on_date": self.on_date, "due_on": due_on, "amount": -amount, "rule": "manual"})
        return Decimal(amount)


_SAME_NUMBER: Final = """
    select entry.entry_id from entry
    where entry.customer_id = $customer_id and entry.doc_no = $doc_no and entry.kind = 'invoice'
        and entry.retired_at = timestamp '9999-12-31'
"""
_OPEN_INVOICE: Final = """
    select sum(posting.amount), any_value(entry.due_on)
    from posting
    inner join entry on posting.invoice_id = entry.entry_id and entry.retired_at = timestamp '9999-12-31'
    where posting.invoice_id = $invoice_id and entry.customer_id = $customer_id and entry.currency = $currency
    having sum(posting.amount) > 0
"""
_MONEY_DOCUMENT: Final = """
    select entry.entry_id, entry.customer_id, entry.kind, entry.currency
    from entry
    where
        entry.entry_id = $entry_id and entry.kind in ('payment', 'credit_note', 'adjustment', 'opening')
        and entry.retired_at = timestamp '9999-12-31'
"""
_LEFT: Final = """
    select coalesce(sum(free.amount), 0)
    from left_on_account($customer_id::integer, date '9999-12-30', timestamp '9999-12-30') as free
    where free.entry_id = $entry_id
"""
_WHOSE: Final = """
    select entry.customer_id, entry.currency from entry
    where entry.entry_id = $invoice_id and entry.retired_at = timestamp '9999-12-31'
"""
_UNUSED: Final = """
    select free.entry_id, free.on_date
    from left_on_account($customer_id::integer, date '9999-12-30', timestamp '9999-12-30') as free
    where free.currency = $currency
    order by free.on_date, free.entry_id
"""
_BOTH_FREE: Final = """
    select
        (select min(unused.on_date) from lasting_on_account($entry_id::bigint) as unused where unused.amount >= $amount),
        (select min(lasting.on_date) from lasting_open([$invoice_id::bigint]) as lasting where lasting.amount >= $amount)
"""
_ALLOCATED: Final = """
    select -sum(posting.amount), any_value(entry.due_on), max(posting.on_date)
    from posting
    inner join entry on posting.invoice_id = entry.entry_id and entry.retired_at = timestamp '9999-12-31'
    where posting.entry_id = $entry_id and posting.invoice_id = $invoice_id
    having sum(posting.amount) < 0
"""
_MOVED: Final = """
    select $entry_id as entry_id, $customer_id as customer_id, null::bigint as invoice_id, $kind as kind, $on_date::date as on_date,
        null::date as due_on, $amount::decimal(18, 2) as amount, $currency as currency, $rule as rule
    union all
    select $entry_id, $customer_id, $invoice_id::bigint, $kind, $on_date::date, $due_on::date, -$amount::decimal(18, 2), $currency, $rule
"""


def _common(command: RecordInvoice | RecordPayment | IssueCredit) -> dict[str, Any]:
    return {name: getattr(command, name) for name in ("customer_id", "on_date", "amount", "currency")}


def _refuse_twice(change: Change, payment: RecordPayment) -> None:
    same = {name: getattr(payment, name) for name in ("customer_id", "on_date", "amount", "currency", "payer")}
    sight.refuse_twice(change, "entry", {**same, "kind": "payment"}, confirmed=payment.confirmed)


def _money_document(change: Change, entry_id: int) -> dict[str, Any]:
    found = records(change, _MONEY_DOCUMENT, {"entry_id": entry_id})
    if not found:
        raise NotFound(_NO_MONEY)
    sight.customer(change, found[0]["customer_id"], unless=_NO_MONEY)
    return found[0]


def _same(source: Mapping[str, Any]) -> dict[str, Any]:
    return {"customer_id": source["customer_id"], "currency": source["currency"]}


def _move(change: Change, source: Mapping[str, Any], invoice_id: int, line: Mapping[str, object]) -> None:
    """Move money of a document from account to an invoice; a negative amount moves it back."""
    about = {name: source[name] for name in ("entry_id", "customer_id", "kind", "currency")}
    post(change, _MOVED, {**about, **line, "invoice_id": invoice_id})
