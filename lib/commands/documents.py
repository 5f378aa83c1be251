"""What every command that writes a money document shares: sound amounts, the row itself, its money laid on invoices, house numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from lib.commands.postings import SETTLING, oldest_first, post
from lib.domain.values import LARGEST_AMOUNT
from lib.errors import Refused
from lib.store.door import Change
from lib.text import Text

CENT: Final = Decimal("0.01")
MEMO: Final = Text("备注", "Memo")
DOC_NO: Final = Text("单据号", "Document no.")
PREFIX: Final = "INV-{year}-"
WIDTH: Final = 6
"""House numbers where the settings say nothing: INV-2026-000001."""

_NEGATIVE = Text(
    "金额 {amount} 是负数。要减少应收，请到“开票”开贷项。",
    "The amount {amount} is negative. To lower what is owed, issue a credit note under Billing.",
)
_NOT_POSITIVE = Text("金额 {amount} 要大于 0，最多两位小数。", "The amount {amount} must be greater than 0, with two decimals at most.")
_CURRENCY = Text("币种“{currency}”要写成三个大写字母，如 CNY。", "Write the currency “{currency}” as three capital letters, such as CNY.")
_TAX = Text(
    "税额 {tax} 要在 0 和金额 {amount} 之间，最多两位小数。",
    "The tax {tax} must be between 0 and the amount {amount}, with two decimals at most.",
)
NO_INVOICE: Final = Text(
    "账单不属于该客户和币种，或已结清。请从列表里选。",
    "That invoice is not this customer's in this currency, or is settled. Pick one from the list.",
)


def in_cents(amount: Decimal) -> bool:
    """Whether this is an amount of money: a number, not beyond reason, without fractions of cents."""
    return amount.is_finite() and abs(amount) < LARGEST_AMOUNT and amount == amount.quantize(CENT)


def positive(amount: Decimal) -> None:
    """Refuses: what is no positive amount in cents; less than nothing is a credit note."""
    if amount.is_finite() and amount < 0:
        raise Refused(_NEGATIVE, amount=amount, about="amount")
    if not (in_cents(amount) and amount > 0):
        raise Refused(_NOT_POSITIVE, amount=amount, about="amount")


def money(amount: Decimal, currency: str) -> None:
    """Refuses: what is no positive amount in cents, or a currency that is not three letters."""
    positive(amount)
    code(currency)


def code(currency: str) -> None:
    """Refuses: a currency that is not three letters."""
    if not (len(currency) == 3 and currency.isascii() and currency.isupper() and currency.isalpha()):  # noqa: PLR2004 (ISO 4217)
        raise Refused(_CURRENCY, currency=currency, about="currency")


def tax(tax_amount: Decimal | None, amount: Decimal) -> None:
    """Refuses: tax below zero, with fractions of cents, or larger than the amount it is part of."""
    if tax_amount is not None and not (tax_amount.is_finite() and 0 <= tax_amount <= amount and tax_amount == tax_amount.quantize(CENT)):
        raise Refused(_TAX, tax=tax_amount, amount=amount, about="tax_amount")


def first(change: Change, sql: str, parameters: Mapping[str, object]) -> Any:  # noqa: ANN401 (a row of whatever was asked)
    """The first row, or None."""
    return change.cursor.execute(sql, dict(parameters)).fetchone()


def records(change: Change, sql: str, parameters: Mapping[str, object]) -> list[dict[str, Any]]:
    """All rows, columns by name."""
    found = change.cursor.execute(sql, dict(parameters))
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def document(change: Change, row: Mapping[str, Any]) -> int:
    """Record a document; without a number it gets the first letter of its kind and its id. Returns its entry_id."""
    entry_id = change.next_id("entry", "entry_id")
    doc_no = str(row.get("doc_no") or "").strip() or f"{row['kind'][0].upper()}{entry_id:07d}"
    change.insert("entry", [{"entry_id": entry_id, **row, "doc_no": doc_no}])
    return entry_id


def due_by_terms(change: Change, customer_id: int, on_date: date) -> date:
    """The due date by the customer's payment terms as they are now."""
    row = first(change, _DUE_BY_TERMS, {"customer_id": customer_id, "on_date": on_date})
    return row[0] if row else on_date


def owe(change: Change, entry_id: int, rule: str = "manual") -> None:
    """Post the money of a document that is owed: it stands under its own number, with its own due date."""
    post(change, _ISSUED, {"entry_id": entry_id, "rule": rule})


def lay_over(change: Change, coming: Mapping[str, Any], invoice_ids: Sequence[int], *, any_open: bool) -> None:
    """Make `matched` for one piece of money (customer_id, currency, amount): over the invoices named, else all open, else none.

    Refuses: an invoice named that is not open for this customer in this currency.
    """
    change.cursor.execute(_COMING, {name: coming[name] for name in ("customer_id", "currency", "amount")})
    oldest_first(change, tuple(invoice_ids) if invoice_ids or not any_open else None)
    if invoice_ids:
        row = first(change, "select count(*) from open_item where open_item.currency = $currency", {"currency": coming["currency"]})
        if row[0] != len(set(invoice_ids)):
            raise Refused(NO_INVOICE)


def settle(change: Change, entry_id: int) -> None:
    """Post the money of a document as `matched` says, the rest on account."""
    change.cursor.execute(_PAID, {"entry_id": entry_id})
    post(change, SETTLING)


def house_numbers(change: Change, days: Sequence[date]) -> list[str]:
    """The next invoice numbers of the house, one per day, in order: the highest ever used and one, so voided numbers stay used.

    Safe because the door lets in one writer at a time.
    """
    prefix, width = numbering(change)
    last: dict[str, int] = {}
    numbers = []
    for day in days:
        series = prefix.replace("{year}", f"{day.year:04}")
        if series not in last:
            last[series] = first(change, _LAST_NUMBER, {"series": series})[0]
        last[series] += 1
        numbers.append(f"{series}{last[series]:0{width}}")
    return numbers


def is_house_number(change: Change, doc_no: str, on_date: date) -> bool:
    """Whether a number belongs to the house's own series, which gives no number twice and leaves none out."""
    series = numbering(change)[0].replace("{year}", f"{on_date.year:04}")
    return doc_no.startswith(series) and doc_no.removeprefix(series).isdecimal()


def numbering(change: Change) -> tuple[str, int]:
    """How house numbers begin ({year} stands for the invoice's year) and how many digits follow, as the settings say."""
    row = first(change, "select body from policy_at('settings', date '9999-12-30', timestamp '9999-12-30')", {})
    body = json.loads(row[0]) if row else {}
    return str(body.get("invoice_prefix") or PREFIX), int(body.get("invoice_width") or WIDTH)


_DUE_BY_TERMS: Final = """
    select due_by_own_terms($customer_id, $on_date::date, customer_record.terms_basis, customer_record.terms_days) from customer_record
    where customer_record.customer_id = $customer_id and customer_record.until_on = date '9999-12-31'
        and customer_record.retired_at = timestamp '9999-12-31'
"""
_ISSUED: Final = """
    select entry.entry_id, entry.customer_id, entry.entry_id as invoice_id, entry.kind, entry.on_date, entry.due_on, entry.amount,
        entry.currency, $rule as rule
    from entry
    where entry.entry_id = $entry_id and entry.retired_at = timestamp '9999-12-31'
"""
_COMING: Final = """
    create or replace temp table coming as
    select 1 as seq, $customer_id::integer as customer_id, $currency as currency, $amount::decimal(18, 2) as amount
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
        abs(document.amount) - (select coalesce(sum(matched.amount), 0) from matched), document.currency, 'manual'
    from document
"""
_LAST_NUMBER: Final = """
    select coalesce(max(try_cast(substr(entry.doc_no, length($series) + 1) as bigint)), 0)
    from entry
    where entry.kind = 'invoice' and starts_with(entry.doc_no, $series)
        and regexp_full_match(substr(entry.doc_no, length($series) + 1), '[0-9]{1,12}')
"""
