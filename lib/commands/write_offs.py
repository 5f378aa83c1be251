"""Bad debt: open invoices written off once a second person agreed, and money that comes in for them after all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Final

from lib.commands import Command, sight
from lib.commands.documents import DOC_NO, MEMO, document, first, positive, records
from lib.commands.postings import post
from lib.commands.receivables import METHOD, PAYER
from lib.domain.access import Permission
from lib.errors import Conflict, NotFound, Refused
from lib.store.door import Change
from lib.text import Text, listed

Part = tuple[int, Decimal]
"""An invoice and how much of it."""

_SETTLED = Text(
    "这些账单现在未收的金额已不够核销：{invoices}。请按现在的未收金额重新申请。",
    "Less is open by now than is to be written off: {invoices}. Propose it anew with what is open.",
)
_OPEN_NOW = Text("{doc_no}（要核销 {amount}，未收 {open_amount}）", "{doc_no} ({amount} wanted, {open_amount} open)")
_UNKNOWN = Text(
    "找不到账单 {invoice_id}，或不属于这个客户，或不在您的范围内。",
    "There is no invoice {invoice_id} of this customer, or it is outside your scope.",
)
_NOT_WRITTEN_OFF = Text(
    "这张账单没有核销过坏账，或不在您的范围内。收款请用“登记收款”。",
    "Nothing of this invoice is written off, or it is outside your scope. Record the money as a payment.",
)
_TOO_MUCH = Text(
    "这张账单尚未收回的核销只有 {most}（{currency}）。多出的部分请另记收款。",
    "Only {most} ({currency}) of this invoice is written off and not recovered. Record the rest as a payment.",
)
_TOO_EARLY = Text(
    "{on_date} 早于核销日 {written_off_on}。当时已收到的款，请先撤销核销，再登记收款。",
    "{on_date} is before the write-off of {written_off_on}. If the money was there by then, undo the write-off and record the payment.",
)
_NO_MONEY = Text(
    "这笔款从 {on_date} 起可用的预收只有 {most}（{currency}）。",
    "Of that document only {most} ({currency}) is on account from {on_date}.",
)
_RECOVERY = Text("坏账收回", "Recovered bad debt")


def write_off(change: Change, proposal: Mapping[str, Any], parts: Sequence[Part], today: date) -> int:
    """Take the parts off their invoices on the day of the decision. Returns the entry_id.

    Refuses: parts that are no longer open, naming them.
    """
    refuse_unless_open(change, proposal["customer_id"], parts, today)
    common = {name: proposal[name] for name in ("customer_id", "amount", "currency")}
    entry_id = document(change, {"kind": "write_off", **common, "on_date": today, "memo": proposal["reason"]})
    post(change, _WRITTEN_OFF, {"entry_id": entry_id, **_listed(parts)})
    return entry_id


def refuse_unless_open(change: Change, customer_id: int, parts: Sequence[Part], on_date: date) -> str:
    """Refuses: invoices of someone else, in several currencies, or with less open from that day on than wanted. Returns the currency."""
    about = {"customer_id": customer_id, "on_date": on_date, **_listed(parts)}
    found = {row["invoice_id"]: row for row in records(change, _OPEN, about)}
    if missing := [invoice_id for invoice_id, _ in parts if invoice_id not in found]:
        raise NotFound(_UNKNOWN, invoice_id=missing[0])
    short = [_said(found[invoice_id], amount) for invoice_id, amount in parts if amount > found[invoice_id]["open_amount"]]
    if short:
        raise Conflict(_SETTLED, invoices=listed(short))
    currencies = {row["currency"] for row in found.values()}
    if len(currencies) > 1:
        raise Refused(_MIXED, currencies=", ".join(sorted(currencies)))
    return str(currencies.pop())


_MIXED = Text(
    "这些账单有几种币种（{currencies}）。请每种币种各申请一次。",
    "These invoices are in several currencies ({currencies}). Propose each currency apart.",
)


@dataclass(frozen=True)
class RecordRecovery(Command):
    """Money for an invoice that was written off: an adjustment brings the amount back, the money settles it at once.

    The money is new, or stands on account of the document `entry_id`.
    Refuses: more than stays written off or is on account, a day before the write-off or to come.
    """

    permission: ClassVar[Permission] = Permission.RECEIVABLE_WRITE
    title: ClassVar[Text] = Text("登记坏账收回", "Record a recovery")
    invoice_id: int
    amount: Decimal
    on_date: date
    today: date
    method: str | None = None
    payer: str | None = field(default=None, metadata={"audit": False})
    memo: str | None = None
    doc_no: str | None = None
    entry_id: int | None = None
    confirmed: bool = False

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        positive(self.amount)
        sight.not_in_future(self.on_date, self.today)
        for name, label in (("method", METHOD), ("payer", PAYER), ("memo", MEMO), ("doc_no", DOC_NO)):
            sight.text(getattr(self, name), label, about=name)

    def apply(self, change: Change) -> int:
        """The entry_id of the adjustment."""
        lost = self._lost(change)
        common = {"customer_id": lost["customer_id"], "amount": self.amount, "currency": lost["currency"], "on_date": self.on_date}
        if self.entry_id is None:
            sight.refuse_twice(change, "entry", {**common, "kind": "payment", "payer": self.payer}, confirmed=self.confirmed)
        memo = f"{_RECOVERY.zh} · {_RECOVERY.en} {lost['doc_no']}"
        adjustment_id = document(change, {"kind": "adjustment", **common, "memo": memo})
        source = self._source(change, common)
        about = {"adjustment_id": adjustment_id, "invoice_id": self.invoice_id, "due_on": lost["due_on"], **common}
        post(change, _RECOVERED, {**about, "entry_id": source[0], "kind": source[1], "is_on_account": self.entry_id is not None})
        return adjustment_id

    def _lost(self, change: Change) -> dict[str, Any]:
        found = records(change, _LOST, {"invoice_id": self.invoice_id})
        if not found:
            raise NotFound(_NOT_WRITTEN_OFF)
        lost = found[0]
        sight.customer(change, lost["customer_id"], unless=_NOT_WRITTEN_OFF)
        most = lost["written_off_amount"] - lost["recovered_amount"]
        if self.amount > most:
            raise Refused(_TOO_MUCH, most=f"{most:,.2f}", currency=lost["currency"], about="amount")
        if self.on_date < lost["written_off_on"]:
            days = {"on_date": self.on_date.isoformat(), "written_off_on": lost["written_off_on"].isoformat()}
            raise Refused(_TOO_EARLY, **days, about="on_date")
        return lost

    def _source(self, change: Change, common: Mapping[str, Any]) -> tuple[int, str]:
        """The document the money comes from, and its kind."""
        if self.entry_id is None:
            more = {name: getattr(self, name) for name in ("method", "payer", "memo", "doc_no")}
            return document(change, {"kind": "payment", **common, **more}), "payment"
        about = {name: common[name] for name in ("customer_id", "currency", "on_date")}
        row = first(change, _FREE, {"entry_id": self.entry_id, **about})
        if row is None or row[1] < self.amount:
            most = f"{row[1] if row else 0:,.2f}"
            raise Refused(_NO_MONEY, on_date=self.on_date.isoformat(), most=most, currency=common["currency"], about="amount")
        return self.entry_id, str(row[0])


def _listed(parts: Sequence[Part]) -> dict[str, Any]:
    return {"invoice_ids": [invoice_id for invoice_id, _ in parts], "amounts": [str(amount) for _, amount in parts]}


def _said(row: Mapping[str, Any], amount: Decimal) -> Text:
    values = {"doc_no": row["doc_no"], "amount": f"{amount:,.2f}", "open_amount": f"{row['open_amount']:,.2f}"}
    return _OPEN_NOW.filled(**values)


# What stays open from the day on, whatever comes later.
_OPEN: Final = """
    select
        entry.entry_id as invoice_id, entry.doc_no, entry.currency,
        greatest(coalesce(arg_max(lasting.amount, lasting.on_date) filter (where lasting.on_date <= $on_date), 0), 0) as open_amount
    from (select unnest($invoice_ids::bigint[]) as invoice_id, unnest($amounts::decimal(18, 2)[]) as amount) as wanted
    inner join entry
        on wanted.invoice_id = entry.entry_id and entry.customer_id = $customer_id and entry.retired_at = timestamp '9999-12-31'
    left join lasting_open($invoice_ids::bigint[]) as lasting on entry.entry_id = lasting.invoice_id
    group by entry.entry_id, entry.doc_no, entry.currency
"""
_WRITTEN_OFF: Final = """
    select
        entry.entry_id, entry.customer_id, invoice.entry_id as invoice_id, entry.kind, entry.on_date, invoice.due_on,
        -part.amount as amount, entry.currency, 'write_off' as rule
    from (select unnest($invoice_ids::bigint[]) as invoice_id, unnest($amounts::decimal(18, 2)[]) as amount) as part
    inner join entry as invoice on part.invoice_id = invoice.entry_id and invoice.retired_at = timestamp '9999-12-31'
    inner join entry on entry.entry_id = $entry_id and entry.retired_at = timestamp '9999-12-31'
"""
_LOST: Final = """
    select lost.*, entry.doc_no, entry.due_on
    from written_off_at(date '9999-12-30', timestamp '9999-12-30') as lost
    inner join entry on lost.invoice_id = entry.entry_id and entry.retired_at = timestamp '9999-12-31'
    where lost.invoice_id = $invoice_id
"""
_FREE: Final = """
    select entry.kind, coalesce(arg_max(lasting.amount, lasting.on_date) filter (where lasting.on_date <= $on_date), 0)
    from entry
    left join lasting_on_account($entry_id::bigint) as lasting on true
    where
        entry.entry_id = $entry_id and entry.customer_id = $customer_id and entry.currency = $currency
        and entry.kind in ('payment', 'credit_note', 'adjustment', 'opening') and entry.retired_at = timestamp '9999-12-31'
    group by entry.kind
"""
_RECOVERED: Final = """
    select
        $adjustment_id as entry_id, $customer_id as customer_id, $invoice_id::bigint as invoice_id, 'adjustment' as kind,
        $on_date::date as on_date, $due_on::date as due_on, $amount::decimal(18, 2) as amount, $currency as currency, 'recovery' as rule
    union all
    select $entry_id, $customer_id, $invoice_id::bigint, $kind, $on_date::date, $due_on::date, -$amount::decimal(18, 2), $currency, 'manual'
    union all
    select
        $entry_id, $customer_id, null, $kind, $on_date::date, null, if($is_on_account, $amount::decimal(18, 2), 0), $currency, 'manual'
"""
