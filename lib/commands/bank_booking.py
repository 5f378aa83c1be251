"""Bank lines turned into payments: each line one document, its money on invoices or on account, one change however many lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

import pyarrow as pa

from lib.commands import sight
from lib.commands.documents import first, records
from lib.commands.importing.parties import lend
from lib.commands.postings import SETTLING, post
from lib.domain.access import Permission, Scope
from lib.errors import Conflict, Forbidden, NotFound, Refused
from lib.store.door import Change
from lib.text import Text

NOTHING: Final = Decimal(0)

_ALL_ONLY = Text(
    "流水尚未归属客户，只有能看到全部客户的人可以对账；请找财务。",
    "Statement lines belong to no customer yet, so only who sees all customers can match them: ask finance.",
)
_NO_LINE = Text("找不到这笔流水。请刷新后再选。", "There is no such statement line. Refresh and choose again.")
_MATCHED = Text(
    "{day} 的 {amount}（{payer}）已经对过账（更改 {change_id}）。要重来，请先撤销那次更改。",
    "{amount} of {day} ({payer}) is matched already (change {change_id}). To do it again, undo that change first.",
)
_OTHER_CURRENCY = Text(
    "账单 {doc_no} 的币种是 {invoice_currency}，到账是 {currency}：不同币种不能相抵。请先记为预收，或选 {currency} 的账单。",
    "Invoice {doc_no} is in {invoice_currency}, the money in {currency}. Keep it on account, or choose invoices in {currency}.",
)
_OTHER_CUSTOMER = Text("账单 {doc_no} 不属于该客户。请从该客户的账单里选。", "Invoice {doc_no} is not this customer's. Choose from theirs.")
_SETTLED = Text("账单 {doc_no} 已经结清。请刷新后重选。", "Invoice {doc_no} has been settled meanwhile. Refresh and choose again.")
_MORE_THAN_OPEN = Text(
    "账单 {doc_no} 只有 {open_amount} 未收，不能核销 {wanted}。多余的请记为预收。",
    "Only {open_amount} is open on invoice {doc_no}, not {wanted}. Keep the rest on account.",
)
_UNKNOWN_INVOICE = Text("找不到所选的账单。请刷新后重选。", "An invoice chosen is not there. Refresh and choose again.")


@dataclass(frozen=True, slots=True)
class Booking:
    """A line to be booked: the customer it is from, what it settles, and the fee or rounding that settles the last bit."""

    line_id: int
    customer_id: int
    parts: tuple[tuple[int, Decimal], ...]
    rule: str
    adjustment: Decimal = NOTHING
    reason: str | None = None


def whole_sight(change: Change) -> None:
    """Refuses: who may not read statement lines, or sees only part of the customers."""
    change.actor.need(Permission.BANK_READ)
    if change.actor.scope is not Scope.ALL:
        raise Forbidden(_ALL_ONLY)


def lines(change: Change, line_ids: Sequence[int], today: date) -> list[dict[str, Any]]:
    """Open lines by their ids, in that order. Refuses: unknown lines, lines matched already, lines of a day to come."""
    found = {row["line_id"]: row for row in records(change, _LINES, {"line_ids": list(line_ids)})}
    for line_id in line_ids:
        if line_id not in found:
            raise NotFound(_NO_LINE)
        row = found[line_id]
        if row["matched_change"] is not None:
            said = {"day": row["on_date"].isoformat(), "amount": f"{row['amount']:,}", "payer": row["payer"] or "—"}
            raise Conflict(_MATCHED, change_id=row["matched_change"], **said)
        sight.not_in_future(row["on_date"], today)
    return [found[line_id] for line_id in line_ids]


def book(change: Change, bookings: Sequence[Booking], today: date) -> list[int]:
    """Record a payment for each line, settle what it settles, and mark the lines as matched. Returns the payments' entry_ids.

    Refuses: lines that are not open, invoices of others, in another currency, settled meanwhile or open for less.
    """
    if not bookings:
        return []
    rows = lines(change, [booking.line_id for booking in bookings], today)
    start = change.next_id("entry", "entry_id")
    entries: list[dict[str, Any]] = []
    laid: list[dict[str, Any]] = []
    for booking, row in zip(bookings, rows, strict=True):
        entry_id = start + len(entries)
        entries.append(_document(entry_id, "payment", booking.customer_id, row, row["amount"]))
        payment = (entry_id, "payment", booking.customer_id, row, booking.rule)
        if booking.adjustment:
            fee_id = start + len(entries)
            entries.append({**_document(fee_id, "adjustment", booking.customer_id, row, -booking.adjustment), "memo": booking.reason})
            fee = (fee_id, "adjustment", booking.customer_id, row, booking.rule)
            laid += _split(booking, payment, fee, row["amount"])
        else:
            laid += _split(booking, payment, payment, row["amount"])
    change.insert("entry", entries)
    _settle(change, laid)
    _mark(change, bookings, rows, [entry["entry_id"] for entry in entries if entry["kind"] == "payment"])
    return [entry["entry_id"] for entry in entries if entry["kind"] == "payment"]


def mark(change: Change, row: dict[str, Any], rule: str, **more: object) -> None:
    """A line is dealt with: what it came to."""
    match_id = change.next_id("bank_match", "match_id")
    change.insert("bank_match", [{"match_id": match_id, "line_id": row["line_id"], "amount": row["amount"], "rule": rule, **more}])


def _document(entry_id: int, kind: str, customer_id: int, row: dict[str, Any], amount: Decimal) -> dict[str, Any]:
    about = {"on_date": row["on_date"], "currency": row["currency"], "method": "transfer", "payer": row["payer"], "memo": row["memo"]}
    number = f"{kind[0].upper()}{entry_id:07d}"
    return {"entry_id": entry_id, "kind": kind, "doc_no": number, "customer_id": customer_id, "amount": amount, **about}


_Source = tuple[int, str, int, dict[str, Any], str]


def _split(booking: Booking, payment: _Source, fee: _Source, money: Decimal) -> list[dict[str, Any]]:
    """The money over the parts in their order, then the fee over what it left of them, then what stays on account."""
    laid, left, fee_left = [], money, booking.adjustment
    for invoice_id, wanted in booking.parts:
        paid = min(left, wanted)
        waived = min(fee_left, wanted - paid)
        laid += [_line(source, invoice_id, amount) for source, amount in ((payment, paid), (fee, waived)) if amount]
        left, fee_left = left - paid, fee_left - waived
    return laid + [_line(source, None, amount) for source, amount in ((payment, left), (fee, fee_left)) if amount]


def _line(source: _Source, invoice_id: int | None, amount: Decimal) -> dict[str, Any]:
    entry_id, kind, customer_id, row, rule = source
    return {
        "entry_id": entry_id, "kind": kind, "customer_id": customer_id, "invoice_id": invoice_id, "amount": str(amount), "rule": rule,
        "on_date": row["on_date"], "currency": row["currency"],
    }  # fmt: skip


def _settle(change: Change, laid: Sequence[dict[str, Any]]) -> None:
    change.cursor.execute(_EMPTY)
    columns = {name: [line[name] for line in laid] for name in _COLUMNS}
    lend(
        change.cursor,
        "laid_lines",
        pa.table({"seq": range(len(laid)), **{name: pa.array(columns[name], _COLUMNS[name]) for name in columns}}),
    )
    change.cursor.execute("insert into laid by name select * from laid_lines")
    change.cursor.unregister("laid_lines")
    trouble = first(change, _TROUBLE, {})
    if trouble:
        _refuse(*trouble)
    change.cursor.execute(_PAID)
    post(change, SETTLING)


def _refuse(why: str, *said_of: Any) -> None:  # noqa: ANN401 (number, two currencies, two amounts)
    doc_no, invoice_currency, currency, open_amount, wanted = said_of
    texts = {"unknown": _UNKNOWN_INVOICE, "customer": _OTHER_CUSTOMER, "currency": _OTHER_CURRENCY, "settled": _SETTLED}
    said = {"doc_no": doc_no, "invoice_currency": invoice_currency, "currency": currency}
    kind = Conflict if why in ("settled", "open") else Refused
    raise kind(texts.get(why, _MORE_THAN_OPEN), **said, open_amount=f"{open_amount or 0:,}", wanted=f"{wanted:,}", about="parts")


def _mark(change: Change, bookings: Sequence[Booking], rows: Sequence[dict[str, Any]], entry_ids: Sequence[int]) -> None:
    start = change.next_id("bank_match", "match_id")
    change.insert(
        "bank_match",
        [
            {
                "match_id": start + place, "line_id": booking.line_id, "customer_id": booking.customer_id, "entry_id": entry_id,
                "amount": row["amount"], "rule": booking.rule, "note": booking.reason,
            }
            for place, (booking, row, entry_id) in enumerate(zip(bookings, rows, entry_ids, strict=True))
        ],
    )  # fmt: skip


_STRUCT: Final = (
    "seq integer, entry_id bigint, kind text, customer_id integer, invoice_id bigint, amount decimal(18, 2), rule text, on_date date, "
    "currency text"
)
_COLUMNS: Final = {
    "entry_id": pa.int64(), "kind": pa.string(), "customer_id": pa.int32(), "invoice_id": pa.int64(), "amount": pa.string(),
    "rule": pa.string(), "on_date": pa.date32(), "currency": pa.string(),
}  # fmt: skip
_EMPTY: Final = f"create or replace temp table laid ({_STRUCT})"
_LINES: Final = """
    select
        line.line_id, line.on_date, line.amount, line.currency, line.payer, line.payer_key, line.payer_account, line.memo, line.account,
        matched.change_id as matched_change
    from bank_line as line
    left join (
        select bank_match.line_id, max(bank_match.change_id) as change_id
        from bank_match
        where bank_match.retired_at = timestamp '9999-12-31'
        group by bank_match.line_id
    ) as matched on line.line_id = matched.line_id
    where line.retired_at = timestamp '9999-12-31' and line.line_id in (select unnest($line_ids::bigint[]))
"""
_TROUBLE: Final = """
    with wanted as (
        select laid.invoice_id, laid.customer_id, laid.currency, sum(laid.amount) as amount
        from laid
        where laid.invoice_id is not null
        group by laid.invoice_id, laid.customer_id, laid.currency
    ),

    standing as (
        select posting.invoice_id, sum(posting.amount) as open_amount
        from posting
        where posting.invoice_id in (select wanted.invoice_id from wanted)
        group by posting.invoice_id
    )

    select
        case
            when entry.entry_id is null then 'unknown'
            when entry.customer_id <> wanted.customer_id then 'customer'
            when entry.currency <> wanted.currency then 'currency'
            when standing.open_amount <= 0 then 'settled'
            else 'open'
        end as why,
        entry.doc_no, entry.currency, wanted.currency, standing.open_amount, wanted.amount
    from wanted
    left join entry on wanted.invoice_id = entry.entry_id and entry.retired_at = timestamp '9999-12-31'
    left join standing on wanted.invoice_id = standing.invoice_id
    where
        entry.entry_id is null
        or entry.customer_id <> wanted.customer_id
        or entry.currency <> wanted.currency
        or coalesce(standing.open_amount, 0) < wanted.amount
    order by wanted.invoice_id
    limit 1
"""
_PAID: Final = """
    create or replace temp table paid as
    with settling as (
        select laid.*, sum(laid.amount) over (partition by laid.invoice_id order by laid.seq) as wanted
        from laid
        where laid.invoice_id is not null
    ),

    opened as (
        select settling.seq, min(lasting.on_date) as open_from
        from settling
        inner join lasting_open((select list(distinct laid.invoice_id) from laid where laid.invoice_id is not null)) as lasting
            on settling.invoice_id = lasting.invoice_id and settling.wanted <= lasting.amount
        group by settling.seq
    )

    select
        laid.entry_id, laid.customer_id, laid.invoice_id, laid.kind, laid.on_date, opened.open_from, entry.due_on, laid.amount,
        laid.currency, laid.rule
    from laid
    left join opened on laid.seq = opened.seq
    left join entry on laid.invoice_id = entry.entry_id and entry.retired_at = timestamp '9999-12-31'
"""
