"""Facts put straight into an empty ledger, for tests of what SQL makes of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

from lib.domain.access import SYSTEM
from lib.store.door import Change
from lib.store.ledger import FOREVER, Ledger

COMPANY = Path(__file__).with_name("company.sql")
KNOWN = datetime(2020, 1, 1)
HEAD = {"recorded_at": KNOWN, "recorded_by": 0, "change_id": 0}
_PAST = 10**6
"""How far the version jumps, so that no later change brings back a number whose answers are cached."""
LIFE = {"origin_change": 0, "retired_at": FOREVER}
CUSTOMER = {
    "from_on": date(1, 1, 1),
    "until_on": date(9999, 12, 31),
    "kind": "company",
    "book": "formal",
    "origin": "corporate",
    "status": "active",
    "currency": "CNY",
    "secrecy": 0,
}


def insert(ledger: Ledger, table: str, *rows: Mapping[str, Any]) -> None:
    """Rows with their bookkeeping filled in; the first column counts up by itself."""
    with ledger.transaction() as cursor:
        columns = list(Change(cursor, SYSTEM, 0, KNOWN, known=ledger.columns).columns(table))
        (start,) = cursor.execute(f"select coalesce(max({columns[0]}), 0) from {table}").fetchone() or (0,)
        common = HEAD | (LIFE if "retired_at" in columns else {})
        for number, row in enumerate(rows, start + 1):
            filled = {columns[0]: number, **common, **row}
            marks = ", ".join(f"${name}" for name in filled)
            cursor.execute(f"insert into {table} ({', '.join(filled)}) values ({marks})", filled)
    ledger.version += _PAST


@contextmanager
def passing(ledger: Ledger, *tables: str) -> Iterator[None]:
    """What is added to these tables inside is gone at the end: random examples share one ledger, which costs a tenth of one for each."""
    ends = {table: ledger.cursor().execute(f"select coalesce(max(rowid), -1) from {table}").fetchall()[0][0] for table in tables}
    try:
        yield
    finally:
        with ledger.transaction() as cursor:
            for table, end in ends.items():
                cursor.execute(f"delete from {table} where rowid > {end}")
        ledger.version += _PAST


def customer(ledger: Ledger, customer_id: int, **more: Any) -> None:
    """One customer, current at all times."""
    names = {"account_no": f"C{customer_id:03}", "name": f"客户{customer_id}", "name_key": f"客户{customer_id}", "initials": "kh"}
    insert(ledger, "customer_record", {**CUSTOMER, **names, "customer_id": customer_id, **more})


def invoice(ledger: Ledger, entry_id: int, on_date: date, due_on: date, amount: int, **more: Any) -> None:
    """One invoice with its posting, customer 1's in CNY unless said otherwise."""
    common = {"entry_id": entry_id, "customer_id": 1, "currency": "CNY", "kind": "invoice", "on_date": on_date, "due_on": due_on, **more}
    insert(ledger, "entry", {**common, "doc_no": f"I{entry_id}", "amount": amount})
    insert(ledger, "posting", {**common, "invoice_id": entry_id, "amount": amount, "items": 1, "rule": "manual"})


def payment(ledger: Ledger, entry_id: int, on_date: date, amount: int, invoice_id: int | None = None, **more: Any) -> None:
    """Money for one invoice, or on account; it settles what it pays in full."""
    sql = "select customer_id, currency, any_value(due_on), sum(amount) from posting where invoice_id = $id group by customer_id, currency"
    found = ledger.cursor().execute(sql, {"id": invoice_id}).fetchone() or (1, "CNY", None, None)
    customer_id, currency, due_on, open_amount = found
    common = {"entry_id": entry_id, "customer_id": customer_id, "currency": currency, "kind": "payment", "on_date": on_date, **more}
    insert(ledger, "entry", {**common, "doc_no": f"P{entry_id}", "amount": amount})
    line = {"invoice_id": invoice_id, "due_on": due_on, "amount": -amount, "items": -int(amount == open_amount), "rule": "manual"}
    insert(ledger, "posting", {**common, **line})


def company(ledger: Ledger, *, people: bool = True) -> None:
    """A small company with some of everything, the same every time: 60 customers, 600 invoices in 2025 and 2026 up to 30 June.

    Without `people` the ledger's own stay: customers belong to its persons 1 to 4.
    """
    statements = [
        part for part in COMPANY.read_text("utf-8").split(";\n") if people or ("into app_user" not in part and "into user_team" not in part)
    ]
    with ledger.transaction() as cursor:
        for statement in statements:
            cursor.execute(statement)
    ledger.version += _PAST


def company_alone(ledger: Ledger) -> None:
    """The same without its people: a seed for ledgers that have their own."""
    company(ledger, people=False)
