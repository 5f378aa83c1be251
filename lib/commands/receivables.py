"""Invoices, payments, credits and what they settle: the money commands of the desk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Final

from lib.commands import Command, sight
from lib.commands.postings import SETTLING, oldest_first, post
from lib.domain.access import Permission
from lib.domain.values import LARGEST_AMOUNT
from lib.errors import Doubtful, NotFound, Refused
from lib.store.door import Change
from lib.text import Text

CENT: Final = Decimal("0.01")
MEMO: Final = Text("备注", "Memo")
DOC_NO: Final = Text("单据号", "Document no.")
METHOD: Final = Text("付款方式", "Method")
PAYER: Final = Text("付款人", "Payer")

_NOT_POSITIVE = Text("金额 {amount} 要大于 0，最多两位小数。", "The amount {amount} must be greater than 0, with two decimals at most.")
_CURRENCY = Text("币种“{currency}”要写成三个大写字母，如 CNY。", "Write the currency “{currency}” as three capital letters, such as CNY.")
_DUE_BEFORE = Text(
    "到期日 {due_on} 早于账单日 {on_date}。请改其中一个。",
    "The due date {due_on} is before the invoice date {on_date}. Change one of them.",
)
_TAKEN = Text(
    "这个客户已有编号为 {doc_no} 的账单。请核对编号。",
    "This customer already has an invoice numbered {doc_no}. Check the number.",
)
_OVERPAID = Text(
    "多付 {amount}（{currency}）记为预收？",
    "{amount} ({currency}) is more than is open. Keep it on account?",
)
_NO_INVOICE = Text(
    "账单不属于该客户和币种，或已结清。请从列表里选。",
    "That invoice is not this customer's in this currency, or is settled. Pick one from the list.",
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
    """One invoice. Without a due date: the customer's payment terms, else due on its own day.

    Refuses: an amount that is not positive, a due date before the invoice, a number this customer already has.
    """

    permission: ClassVar[Permission] = Permission.RECEIVABLE_WRITE
    title: ClassVar[Text] = Text("开账单", "Record an invoice")
    customer_id: int
    doc_no: str
    on_date: date
    amount: Decimal
    due_on: date | None = None
    currency: str = "CNY"
    tax_amount: Decimal | None = None
    memo: str | None = None

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        money(self.amount, self.currency)
        sight.text(self.doc_no, DOC_NO, required=True)
        sight.text(self.memo, MEMO)
        if self.due_on and self.due_on < self.on_date:
            raise Refused(_DUE_BEFORE, due_on=self.due_on.isoformat(), on_date=self.on_date.isoformat())

    def apply(self, change: Change) -> int:
        """The new invoice_id."""
        sight.customer(change, self.customer_id)
        number = {"customer_id": self.customer_id, "doc_no": self.doc_no.strip()}
        if _first(change, _SAME_NUMBER, number):
            raise Refused(_TAKEN, doc_no=self.doc_no.strip())
        due_on = self.due_on or _first(change, _DUE_BY_TERMS, {"customer_id": self.customer_id, "on_date": self.on_date})[0]
        document = {"kind": "invoice", "due_on": due_on, "tax_amount": self.tax_amount, "memo": self.memo}
        invoice_id = _document(change, self, {**number, **document})
        post(change, _ISSUED, {"entry_id": invoice_id, "rule": "manual"})
        return invoice_id


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
        sight.not_in_future(self.on_date, self.today)
        for value, label in ((self.method, METHOD), (self.payer, PAYER), (self.memo, MEMO), (self.doc_no, DOC_NO)):
            sight.text(value, label)

    def apply(self, change: Change) -> dict[str, Any]:
        """entry_id, and the amount kept on account."""
        sight.customer(change, self.customer_id)
        _refuse_twice(change, self)
        _lay_over(change, self, self.invoice_ids, any_open=self.oldest)
        used = _first(change, "select coalesce(sum(matched.amount), 0) from matched", {})[0]
        left = self.amount - used
        if left > 0 and (self.invoice_ids or self.oldest) and not self.confirmed:
            raise Doubtful(_OVERPAID, amount=f"{left:,}", currency=self.currency)
        document = {"kind": "payment", "doc_no": self.doc_no, "method": self.method, "payer": self.payer, "memo": self.memo}
        entry_id = _document(change, self, document)
        _settle(change, entry_id)
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
        _lay_over(change, self, () if self.invoice_id is None else (self.invoice_id,), any_open=False)
        entry_id = _document(change, self, {"kind": "credit_note", "doc_no": self.doc_no, "memo": self.memo})
        _settle(change, entry_id)
        return entry_id


@dataclass(frozen=True)
class Allocate(Command):
    """Money on account laid on an invoice of the same customer: as much as fits, or the amount given.

    Refuses: unknown documents, a settled invoice, more than is open or on account.
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
            money(self.amount, "CNY")
        sight.not_in_future(self.on_date, self.today)

    def apply(self, change: Change) -> Decimal:
        """The amount allocated."""
        source = _money_document(change, self.entry_id)
        invoice = _first(change, _OPEN_INVOICE, {"invoice_id": self.invoice_id, **_same(source)})
        if invoice is None:
            raise Refused(_NO_INVOICE)
        open_amount, due_on = invoice
        most = min(open_amount, source["on_account"])
        amount = most if self.amount is None else self.amount
        if not 0 < amount <= most:
            raise Refused(_TOO_MUCH, amount=f"{most:,}", currency=source["currency"])
        free_from = _first(change, _BOTH_FREE, {"entry_id": self.entry_id, "invoice_id": self.invoice_id, "amount": amount})
        on_date = max(self.on_date, *free_from)
        _move(change, source, self.invoice_id, {"on_date": on_date, "due_on": due_on, "amount": amount, "rule": "manual"})
        return amount


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
        row = _first(change, _ALLOCATED, {"entry_id": self.entry_id, "invoice_id": self.invoice_id})
        if row is None:
            raise Refused(_NOT_ALLOCATED)
        amount, due_on, allocated_on = row
        if self.on_date < allocated_on:
            raise Refused(_BEFORE_MONEY, on_date=self.on_date.isoformat(), allocated_on=allocated_on.isoformat())
        _move(change, source, self.invoice_id, {"on_date": self.on_date, "due_on": due_on, "amount": -amount, "rule": "manual"})
        return Decimal(amount)


def money(amount: Decimal, currency: str) -> None:
    """Refuses: an amount that is not positive, finer than a cent or too large; a currency that is no ISO code."""
    if not amount.is_finite() or not 0 < amount < LARGEST_AMOUNT or amount != amount.quantize(CENT):
        raise Refused(_NOT_POSITIVE, amount=amount)
    if not (len(currency) == 3 and currency.isascii() and currency.isupper() and currency.isalpha()):  # noqa: PLR2004 (ISO 4217)
        raise Refused(_CURRENCY, currency=currency)


_SAME_NUMBER: Final = """
    select entry.entry_id from entry
    where entry.customer_id = $customer_id and entry.doc_no = $doc_no and entry.kind = 'invoice'
        and entry.retired_at = timestamp '9999-12-31'
"""
_DUE_BY_TERMS: Final = """
    select ($on_date::date + coalesce(customer_record.terms_days, 0)::integer)::date from customer_record
    where customer_record.customer_id = $customer_id and customer_record.until_on = date '9999-12-31'
        and customer_record.retired_at = timestamp '9999-12-31'
"""
_ISSUED: Final = """
    select entry.entry_id, entry.customer_id, entry.entry_id as invoice_id, entry.kind, entry.on_date, entry.due_on, entry.amount,
        entry.currency, $rule as rule
    from entry
    where entry.entry_id = $entry_id and entry.retired_at = timestamp '9999-12-31'
"""
_OPEN_INVOICE: Final = """
    select sum(posting.amount), any_value(entry.due_on)
    from posting
    inner join entry on posting.invoice_id = entry.entry_id and entry.retired_at = timestamp '9999-12-31'
    where posting.invoice_id = $invoice_id and entry.customer_id = $customer_id and entry.currency = $currency
    having sum(posting.amount) > 0
"""
_ON_ACCOUNT: Final = """
    select entry.entry_id, entry.customer_id, entry.kind, entry.currency,
        coalesce(
            -(select sum(posting.amount) from posting where posting.entry_id = $entry_id and posting.invoice_id is null), 0
        ) as on_account
    from entry
    where entry.entry_id = $entry_id and entry.kind in ('payment', 'credit_note') and entry.retired_at = timestamp '9999-12-31'
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
_PAID: Final = """
    create or replace temp table paid as
    with document as (
        select entry.* from entry where entry.entry_id = $entry_id and entry.retired_at = timestamp '9999-12-31'
    )

    select
        document.entry_id, document.customer_id, matched.invoice_id, document.kind, document.on_date, matched.open_from, matched.due_on,
        matched.amount, document.currency, 'manual' as rule
    from document
    cross join matched
    union all
    select
        document.entry_id, document.customer_id, null, document.kind, document.on_date, null, null,
        document.amount - (select coalesce(sum(matched.amount), 0) from matched), document.currency, 'manual'
    from document
"""


def _first(change: Change, sql: str, parameters: Mapping[str, object]) -> Any:  # noqa: ANN401 (a row of whatever was asked)
    return change.cursor.execute(sql, dict(parameters)).fetchone()


def _document(change: Change, command: Any, more: Mapping[str, object]) -> int:  # noqa: ANN401 (any command with these fields)
    entry_id = change.next_id("entry", "entry_id")
    common = {name: getattr(command, name) for name in ("customer_id", "on_date", "amount", "currency")}
    doc_no = str(more.get("doc_no") or "").strip() or f"{more['kind'][0].upper()}{entry_id:07d}"  # type: ignore[index]
    change.insert("entry", [{"entry_id": entry_id, **common, **more, "doc_no": doc_no}])
    return entry_id


def _refuse_twice(change: Change, payment: RecordPayment) -> None:
    same = {name: getattr(payment, name) for name in ("customer_id", "on_date", "amount", "currency", "payer")}
    sight.refuse_twice(change, "entry", {**same, "kind": "payment"}, confirmed=payment.confirmed)


def _lay_over(change: Change, command: Any, invoice_ids: tuple[int, ...], *, any_open: bool) -> None:  # noqa: ANN401
    """Make `matched` for one piece of money: over the invoices named, else over all that are open, else over none."""
    coming = {"customer_id": command.customer_id, "currency": command.currency, "amount": command.amount}
    change.cursor.execute(
        "create or replace temp table coming as select 1 as seq, $customer_id::integer as customer_id, "
        "$currency as currency, $amount::decimal(18, 2) as amount",
        coming,
    )
    oldest_first(change, tuple(invoice_ids) if invoice_ids or not any_open else None)
    if invoice_ids:
        row = _first(change, "select count(*) from open_item where open_item.currency = $currency", {"currency": command.currency})
        if row[0] != len(set(invoice_ids)):
            raise Refused(_NO_INVOICE)


def _settle(change: Change, entry_id: int) -> None:
    change.cursor.execute(_PAID, {"entry_id": entry_id})
    post(change, SETTLING)


def _money_document(change: Change, entry_id: int) -> dict[str, Any]:
    cursor = change.cursor.execute(_ON_ACCOUNT, {"entry_id": entry_id})
    names = [column[0] for column in cursor.description or ()]
    row = cursor.fetchone()
    if row is None:
        raise NotFound(_NO_MONEY)
    document = dict(zip(names, row, strict=True))
    sight.customer(change, document["customer_id"])
    return document


def _same(source: Mapping[str, Any]) -> dict[str, Any]:
    return {"customer_id": source["customer_id"], "currency": source["currency"]}


def _move(change: Change, source: Mapping[str, Any], invoice_id: int, line: Mapping[str, object]) -> None:
    """Move money of a document from account to an invoice; a negative amount moves it back."""
    about = {name: source[name] for name in ("entry_id", "customer_id", "kind", "currency")}
    post(change, _MOVED, {**about, **line, "invoice_id": invoice_id})
