"""Whatever is done to a ledger, on every date: the buckets and the unallocated money are the balance, and the balance is the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import ledgers
import pytest
from facts import customer
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from lib.commands.corrections import RecordAdjustment, RecordOpening, RecordRefund, VoidInvoice
from lib.commands.proposals import Decide, ProposeWriteOff
from lib.commands.receivables import Allocate, IssueCredit, RecordInvoice, RecordPayment, Unallocate
from lib.commands.undo import Undo
from lib.commands.write_offs import RecordRecovery
from lib.domain.access import SYSTEM, Actor, Role, Scope
from lib.errors import Refused
from lib.store.door import Command, execute
from lib.store.ledger import Ledger
from lib.store.query import rows

FINANCE = Actor(0, "finance", Role.FINANCE, Scope.ALL)
COLLECTOR = Actor(1, "collector", Role.FINANCE, Scope.ALL)
START, TODAY = date(2025, 1, 1), date(2025, 12, 31)
NUMBERS = count(1)

Move = tuple[str, int, int, int]
MOVES = st.lists(
    st.tuples(
        st.sampled_from(
            [
                *("invoice", "invoice", "payment", "payment", "on_account", "credit", "allocate", "unallocate", "undo"),
                *("refund", "adjustment", "opening", "void", "write_off", "recovery"),
            ]
        ),
        st.integers(0, 200),
        st.integers(1, 400),
        st.integers(0, 9),
    ),
    min_size=3,
    max_size=10,
)


@dataclass
class Played:
    """A customer's history in the making: what was done, and what was believed after each step."""

    ledger: Ledger
    customer_id: int
    changes: list[int] = field(default_factory=list)
    days: set[date] = field(default_factory=lambda: {TODAY})
    believed: list[tuple[datetime, list[dict[str, Any]]]] = field(default_factory=list)

    def play(self, move: Move) -> None:
        """Make one move; what the house refuses is no move."""
        command = self._command(*move)
        if command is None:
            return
        try:
            change_id = execute(self.ledger, FINANCE, command).change_id
        except Refused:
            return
        self.changes.append(change_id)
        moment = self.ledger.cursor().execute("select made_at from audit where change_id = $id", {"id": change_id}).fetchone()
        assert moment is not None
        self.believed.append((moment[0], self.ageing(TODAY)))

    def ageing(self, as_of: date, known_at: datetime | None = None) -> list[dict[str, Any]]:
        return rows(self.ledger, SYSTEM, "ageing", as_of=as_of, known_at=known_at, customer_id=self.customer_id)

    def _command(self, kind: str, day: int, cents: int, choice: int) -> Command | None:  # noqa: PLR0911 (one for each kind of move)
        on_date, amount = START + timedelta(days=day), Decimal(cents) / 4
        self.days |= {on_date, on_date + timedelta(days=1)}
        who = {"customer_id": self.customer_id, "on_date": on_date}
        if kind == "invoice":
            due_on = on_date + timedelta(days=choice * 15)
            self.days |= {due_on, due_on + timedelta(days=1)}
            return RecordInvoice(**who, doc_no=f"I{next(NUMBERS)}", amount=amount, due_on=due_on)
        if kind in ("payment", "on_account"):
            return RecordPayment(**who, amount=amount, today=TODAY, oldest=kind == "payment", confirmed=True)
        if kind == "undo":
            return Undo(self.changes[choice % len(self.changes)]) if self.changes else None
        if kind in ("refund", "adjustment", "opening"):
            return self._signed(kind, who, amount if choice % 2 else -amount)
        invoice_id = self._entry("invoice", choice)
        if kind in ("write_off", "recovery"):
            return self._bad_debt(kind, invoice_id, amount, on_date) if invoice_id else None
        if kind == "void":
            return VoidInvoice(invoice_id, "错", TODAY) if invoice_id else None
        if kind == "credit":
            return IssueCredit(**who, amount=amount, today=TODAY, invoice_id=invoice_id if choice % 2 else None)
        money_id = self._entry("payment", choice)
        if invoice_id is None or money_id is None:
            return None
        on = {"entry_id": money_id, "invoice_id": invoice_id, "on_date": on_date, "today": TODAY}
        return Allocate(**on) if kind == "allocate" else Unallocate(**on)

    def _bad_debt(self, kind: str, invoice_id: int, amount: Decimal, on_date: date) -> Command | None:
        if kind == "recovery":
            return RecordRecovery(invoice_id, amount, on_date, TODAY, confirmed=True)
        try:
            wanted = ProposeWriteOff(self.customer_id, ((invoice_id, amount),), "错", None, on_date)
            proposed = execute(self.ledger, COLLECTOR, wanted)
        except Refused:
            return None
        self.changes.append(proposed.change_id)
        return Decide(proposed.result, "approved", None, on_date)

    def _signed(self, kind: str, who: dict[str, Any], amount: Decimal) -> Command:
        if kind == "refund":
            return RecordRefund(**who, amount=abs(amount), today=TODAY, confirmed=True)
        if kind == "opening":
            return RecordOpening(**who, amount=amount, today=TODAY, doc_no=f"O{next(NUMBERS)}")
        return RecordAdjustment(**who, amount=amount, today=TODAY, reason="错", confirmed=True)

    def _entry(self, kind: str, choice: int) -> int | None:
        sql = "select entry_id from entry where customer_id = $id and kind = $kind and retired_at = '9999-12-31' order by entry_id"
        found = self.ledger.cursor().execute(sql, {"id": self.customer_id, "kind": kind}).fetchall()
        return found[choice % len(found)][0] if found else None


@pytest.fixture(scope="module")
def book() -> Iterator[Ledger]:
    with ledgers.fresh() as opened:
        opened.jot(
            "insert into app_user values ($id, 'collector', '催收', 'finance', 'all', 'office', 'zh', null, null, true, 1)",
            {"id": COLLECTOR.user_id},
        )
        yield opened


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@example(
    # A payment on a day when the invoice was still settled waits until the earlier allocation was taken back.
    moves=[("invoice", 0, 1, 0), ("payment", 0, 1, 0), ("unallocate", 5, 1, 0), ("payment", 2, 1, 0)],
    looked_at=[0, 1, 2, 3],
)
@example(
    # Money given back on the sixth day is not used on the third.
    moves=[("invoice", 0, 1, 0), ("invoice", 0, 1, 0), ("payment", 0, 1, 0), ("unallocate", 5, 1, 0), ("allocate", 2, 1, 0)],
    looked_at=[0, 1, 2, 3],
)
@example(
    # A voided invoice that had money on it for a while: the money was on account all along.
    moves=[
        ("invoice", 0, 400, 0),
        ("payment", 3, 40, 0),
        ("unallocate", 5, 1, 0),
        ("void", 6, 1, 0),
        ("refund", 9, 40, 0),
        ("undo", 0, 1, 3),
    ],
    looked_at=[0, 4, 9, 12],
)
@given(moves=MOVES, looked_at=st.lists(st.integers(0, 40), min_size=4, max_size=4))
def test_buckets_and_unallocated_are_the_balance_and_the_ledger(book: Ledger, moves: list[Move], looked_at: list[int]) -> None:
    customer_id = next(NUMBERS)
    customer(book, customer_id)
    played = Played(book, customer_id)
    for move in moves:
        played.play(move)
    days = sorted(played.days)
    for day in {days[place % len(days)] for place in looked_at}:
        holds_on(played, day)
    for moment, then in played.believed[:3]:
        assert played.ageing(TODAY, moment) == then


def holds_on(played: Played, day: date) -> None:
    """Refuses: a day on which two ways of counting the same money differ."""
    asked = {"as_of": day, "customer_id": played.customer_id}
    buckets = played.ageing(day)
    whole = sum((row["amount"] for row in buckets), Decimal(0))
    items = rows(played.ledger, SYSTEM, "open_items", **asked)
    due = [row for row in buckets if row["bucket_no"] is not None]
    assert sum(row["count"] for row in due) == len(items)
    assert sum(row["amount"] for row in due) == sum(item["open_amount"] for item in items)
    assert all(item["open_amount"] > 0 for item in items)
    for basis in ("due", "invoice"):
        again = rows(played.ledger, SYSTEM, "ageing_by_customer", basis=basis, **asked)
        assert sum(row["amount"] for row in again) == whole
        assert sum(row["count"] for row in again) == sum(row["count"] for row in buckets)
    balance = rows(played.ledger, SYSTEM, "customer_balance", **asked)
    assert sum(row["balance"] for row in balance) == whole
    for proof in rows(played.ledger, SYSTEM, "ledger_proof", **asked):
        assert proof["is_proven"]
        assert proof["ledger_amount"] == whole
    for check in ("check_settled_before_issue", "check_unallocated_above_zero", "check_items", "check_recovered_above_written_off"):
        assert not rows(played.ledger, SYSTEM, check)
    statement = rows(played.ledger, SYSTEM, "statement", **asked)
    assert (statement[-1]["balance"] if statement else 0) == whole
