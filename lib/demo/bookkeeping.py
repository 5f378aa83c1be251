"""Documents of all companies become entries and postings, numbered in the order in which they were recorded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from lib.demo.billing import Invoice
from lib.demo.paying import Document, Line
from lib.demo.people import FINANCE_ID
from lib.demo.rows import EntryRow, PostingRow, money

InvoiceIds = Mapping[tuple[int, int], int]
"""The entry_id of each invoice, by customer_id and the invoice's number within the customer."""

_PREFIX: Final = {"invoice": "INV", "payment": "REC", "credit_note": "CRN", "write_off": "WRO"}
_TAX: Final = (13, 113)
"""Value-added tax within an amount."""


def books(documents: Iterable[Document]) -> tuple[list[EntryRow], list[PostingRow], InvoiceIds]:
    """All entries and postings, and where each invoice went."""
    ordered = sorted(documents, key=lambda document: (document.recorded_at, document.company.customer_id))
    doc_nos = _doc_nos(ordered)
    ids = {_key(document.invoice): number for number, document in enumerate(ordered, 1) if document.invoice}
    entries: list[EntryRow] = []
    postings: list[PostingRow] = []
    for number, document in enumerate(ordered, 1):
        entries.extend(_entries(document, number, doc_nos[number - 1]))
        postings.extend(_posting(document, line, number, ids) for line in document.lines)
    # Stable: what one moment recorded keeps its order.
    postings.sort(key=lambda posting: posting.recorded_at)
    entries.sort(key=lambda entry: entry.recorded_at)
    return entries, postings, ids


def invoice_id(invoice: Invoice, ids: InvoiceIds) -> int:
    """The entry_id of an invoice."""
    return ids[_key(invoice)]


def _key(invoice: Invoice) -> tuple[int, int]:
    return invoice.company.customer_id, invoice.no


def _doc_nos(ordered: Sequence[Document]) -> list[str]:
    """INV2506-0042: by kind and month, in the order of the days."""
    counts: Counter[str] = Counter()
    numbers = [""] * len(ordered)
    for index in sorted(range(len(ordered)), key=lambda index: ordered[index].on):
        series = f"{_PREFIX[ordered[index].kind]}{ordered[index].on:%y%m}"
        counts[series] += 1
        numbers[index] = f"{series}-{counts[series]:04d}"
    return numbers


def _entries(document: Document, number: int, doc_no: str) -> list[EntryRow]:
    """The document's row; when its amount was mended, the wrong one too, retired."""
    row = EntryRow(
        entry_id=number,
        customer_id=document.company.customer_id,
        kind=document.kind,
        doc_no=doc_no,
        on_date=document.on,
        due_on=document.invoice.due if document.invoice else None,
        amount=money(document.cents),
        currency=document.company.currency,
        tax_amount=_tax(document, document.cents),
        method=document.method,
        payer=document.payer,
        memo=document.memo,
        recorded_at=document.recorded_at,
        recorded_by=FINANCE_ID,
    )
    if document.mended_at:
        wrong, tax = document.wrong_cents, _tax(document, document.wrong_cents)
        return [
            replace(row, retired_at=document.mended_at, amount=money(wrong), tax_amount=tax),
            replace(row, recorded_at=document.mended_at),
        ]
    return [row]


def _tax(document: Document, cents: int) -> Decimal | None:
    if document.company.currency != "CNY" or document.kind != "invoice":
        return None
    share, whole = _TAX
    return money((cents * share * 2 + whole) // (whole * 2))


def _posting(document: Document, line: Line, number: int, ids: InvoiceIds) -> PostingRow:
    return PostingRow(
        entry_id=number,
        customer_id=document.company.customer_id,
        invoice_id=invoice_id(line.invoice, ids) if line.invoice else None,
        kind=document.kind,
        on_date=line.on,
        due_on=line.invoice.due if line.invoice else None,
        amount=money(line.cents),
        items=line.items,
        currency=document.company.currency,
        rule=line.rule,
        recorded_at=line.recorded_at,
        recorded_by=FINANCE_ID,
    )
