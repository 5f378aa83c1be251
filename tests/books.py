"""Small changes for tests of the store: a contact card is added, edited or removed, and money is posted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from lib.commands import Command
from lib.domain.access import Actor, Permission, Role, Scope
from lib.errors import Refused
from lib.store.door import Change, execute
from lib.store.ledger import Ledger
from lib.text import Text

FINANCE = Actor(4, "finance", Role.FINANCE, Scope.ALL)
VIEWER = Actor(1, "viewer", Role.VIEWER, Scope.ALL)


@dataclass(frozen=True)
class Card(Command):
    """Give a thing a new content, a first one, or none: `names` is one per row, so a thing may have several rows."""

    permission: ClassVar[Permission] = Permission.METRIC_READ
    title: ClassVar[Text] = Text("测试", "Test")
    contact_id: int
    names: tuple[str, ...]

    def apply(self, change: Change) -> None:
        """Replace all rows of the card that differ."""
        kept = "name in (select unnest($names::text[]))"
        change.retire("contact", f"contact_id = {self.contact_id} and not {kept}", {"names": list(self.names)})
        live = change.cursor.execute(
            "select name from contact where contact_id = $id and retired_at = timestamp '9999-12-31'", {"id": self.contact_id}
        ).fetchall()
        new = [name for name in self.names if (name,) not in live]
        change.insert("contact", [card(self.contact_id, name) for name in new])


@dataclass(frozen=True)
class Fail(Command):
    """Write a row, then refuse."""

    permission: ClassVar[Permission] = Permission.METRIC_READ
    title: ClassVar[Text] = Text("测试", "Test")

    def apply(self, change: Change) -> None:
        """Refuses: always, after writing."""
        change.insert("contact", [card(1, "written and refused")])
        raise Refused(Text("不行", "No"))


@dataclass(frozen=True)
class Post(Command):
    """Register customer 1 if needed and record documents: (kind, number, day, amount, number of the invoice it settles)."""

    permission: ClassVar[Permission] = Permission.RECEIVABLE_WRITE
    title: ClassVar[Text] = Text("测试", "Test")
    documents: tuple[tuple[str, str, date, str, str | None], ...]

    def apply(self, change: Change) -> list[int]:
        """The entry ids."""
        if not change.cursor.execute("select 1 from customer_record").fetchone():
            change.insert("customer_record", [customer()])
        return [self._document(change, document) for document in self.documents]

    def _document(self, change: Change, document: tuple[str, str, date, str, str | None]) -> int:
        kind, doc_no, day, amount, settles = document
        entry_id = change.next_id("entry", "entry_id")
        common = {"entry_id": entry_id, "customer_id": 1, "kind": kind, "on_date": day, "currency": "CNY"}
        due_on = day if kind == "invoice" else None
        change.insert("entry", [{**common, "doc_no": doc_no, "due_on": due_on, "amount": Decimal(amount)}])
        invoice_id, invoice_due, open_amount = entry_id, due_on, Decimal(0)
        if kind != "invoice":
            found = change.cursor.execute(
                "select entry.entry_id, entry.due_on, sum(posting.amount) "
                "from entry inner join posting on posting.invoice_id = entry.entry_id "
                "where entry.doc_no = $doc_no and entry.retired_at = timestamp '9999-12-31' group by all",
                {"doc_no": settles},
            ).fetchone()
            invoice_id, invoice_due, open_amount = found or (None, None, Decimal(0))
        signed = Decimal(amount) if kind == "invoice" else -Decimal(amount)
        items = 1 if kind == "invoice" else -int(invoice_id is not None and open_amount + signed == 0)
        money = {"invoice_id": invoice_id, "due_on": invoice_due, "amount": signed, "items": items, "rule": "test"}
        change.insert("posting", [{**common, **money}])
        return entry_id


def card(contact_id: int, name: str) -> dict[str, Any]:
    """A contact row of customer 1."""
    return {"contact_id": contact_id, "customer_id": 1, "name": name, "is_primary": False, "do_not_contact": False}


def customer(customer_id: int = 1, **other: object) -> dict[str, Any]:
    """A customer_record row, true for all time."""
    plain = {
        "customer_id": customer_id,
        "from_on": date.min,
        "until_on": date(9999, 12, 31),
        "account_no": f"C{customer_id}",
        "name": f"客户{customer_id}",
        "name_key": f"客户{customer_id}",
        "initials": "kh",
        "kind": "company",
        "book": "formal",
        "origin": "test",
        "status": "active",
        "currency": "CNY",
        "secrecy": 0,
    }
    return {**plain, **other}


def with_customer(ledger: Ledger) -> None:
    """Register customer 1, so that facts about it pass the checks."""
    execute(ledger, FINANCE, Post(()))


def cards(ledger: Ledger) -> dict[int, tuple[str, ...]]:
    """Live names by card."""
    rows = ledger.cursor().execute(
        "select contact_id, list(name order by name) from contact where retired_at = timestamp '9999-12-31' group by contact_id"
    )
    return {contact_id: tuple(names) for contact_id, names in rows.fetchall()}
