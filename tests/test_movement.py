"""What moved between two dates: the bridge ties to the cent, a bar is its rows, migration is both ageings, the trend is 52 of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import ledgers
import pytest
from facts import company, customer, insert, invoice, payment
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from test_receivable_identity import MOVES, NUMBERS, START, Move, Played

from lib.domain.access import SYSTEM, Actor, Role, Scope
from lib.store.ledger import LATEST, Ledger
from lib.store.query import rows

FROM, TO = date(2026, 4, 5), date(2026, 4, 12)
WHAT = ("overdue", "all")


@pytest.fixture(scope="module")
def book() -> Iterator[Ledger]:
    with ledgers.fresh() as opened:
        yield opened


@pytest.fixture(scope="module")
def small() -> Iterator[Ledger]:
    """The small company of `company.sql`."""
    with ledgers.fresh() as opened:
        company(opened)
        yield opened


def bridge(ledger: Ledger, what: str, from_on: date = FROM, as_of: date = TO, **more: Any) -> dict[str, Decimal]:
    return {row["step"]: row["amount"] for row in rows(ledger, SYSTEM, "bridge", what=what, from_on=from_on, as_of=as_of, **more)}


def overdue(ledger: Ledger, as_of: date, **more: Any) -> Decimal:
    return sum((row["amount"] for row in rows(ledger, SYSTEM, "ageing", as_of=as_of, **more) if row["bucket_no"]), Decimal(0))


def money(ledger: Ledger, entry_id: int, kind: str, amount: int) -> None:
    """A document of any kind of 6 April, laid on invoice 1, which is due on 31 March; negative takes away."""
    on_date = date(2026, 4, 6)
    common = {"entry_id": entry_id, "customer_id": 1, "currency": "CNY", "kind": kind, "on_date": on_date}
    insert(ledger, "entry", {**common, "doc_no": f"D{entry_id}", "amount": abs(amount)})
    line = {"invoice_id": 1, "due_on": date(2026, 3, 31), "amount": amount, "items": 0, "rule": "manual"}
    insert(ledger, "posting", {**common, **line})


def test_each_kind_of_money_is_its_own_step(ledger: Ledger) -> None:
    """Three invoices and what was done.

    invoice | amount | due      | then
    1       | 1000   | 31 March | 6 April: 300 paid, 50 credited, 200 written off; 7 April: 40 of the payment taken back
    2       | 70     | 8 April  | 7 April: 10 paid
    3       | 500    | 20 April | not due
    """
    customer(ledger, 1)
    invoice(ledger, 1, date(2026, 3, 1), date(2026, 3, 31), 1000)
    money(ledger, 11, "payment", -300)
    money(ledger, 12, "credit_note", -50)
    money(ledger, 13, "write_off", -200)
    back = {"entry_id": 11, "customer_id": 1, "currency": "CNY", "kind": "payment", "on_date": date(2026, 4, 7), "items": 0}
    insert(ledger, "posting", {**back, "invoice_id": 1, "due_on": date(2026, 3, 31), "amount": 40, "rule": "manual"})
    insert(ledger, "posting", {**back, "amount": -40, "rule": "manual"})
    invoice(ledger, 2, date(2026, 4, 1), date(2026, 4, 8), 70)
    payment(ledger, 14, date(2026, 4, 7), 10, 2)
    invoice(ledger, 3, date(2026, 4, 9), date(2026, 4, 20), 500)
    assert bridge(ledger, "overdue") == {
        "opening": 1000,
        "newly_overdue": 60,
        "collected": -300,
        "written_off": -200,
        "adjusted": -10,
        "closing": 550,
    }
    assert bridge(ledger, "all") == {
        "opening": 1070,
        "billed": 500,
        "collected": -310,
        "credited": -50,
        "written_off": -200,
        "closing": 1010,
    }


def test_money_moved_from_one_invoice_to_another_is_not_collected(ledger: Ledger) -> None:
    """100 paid on invoice 1 in March are laid on invoice 2 instead on 6 April."""
    customer(ledger, 1)
    invoice(ledger, 1, date(2026, 3, 1), date(2026, 3, 31), 100)
    invoice(ledger, 2, date(2026, 3, 1), date(2026, 3, 31), 100)
    payment(ledger, 11, date(2026, 4, 2), 100, 1)
    common = {"entry_id": 11, "customer_id": 1, "currency": "CNY", "kind": "payment", "on_date": date(2026, 4, 6), "rule": "manual"}
    moved = {**common, "due_on": date(2026, 3, 31)}
    insert(
        ledger, "posting", {**moved, "invoice_id": 1, "amount": 100, "items": 1}, {**moved, "invoice_id": 2, "amount": -100, "items": -1}
    )
    found = rows(ledger, SYSTEM, "bridge_rows", what="overdue", from_on=FROM, as_of=TO, step="adjusted")
    assert {row["thing_id"]: row["amount"] for row in found} == {1: 100, 2: -100}
    assert bridge(ledger, "overdue")["opening"] == bridge(ledger, "overdue")["closing"] == 100
    assert "collected" not in bridge(ledger, "overdue")


def test_a_debt_brought_in_already_late_is_newly_overdue(ledger: Ledger) -> None:
    customer(ledger, 1)
    invoice(ledger, 1, date(2026, 4, 7), date(2026, 3, 31), 80, kind="opening")
    assert bridge(ledger, "overdue") == {"newly_overdue": 80, "closing": 80}


@pytest.mark.parametrize("what", WHAT)
@pytest.mark.parametrize("more", [{}, {"team": "T1"}, {"owner_id": 2}, {"region": "R1"}, {"segment": "S0"}, {"customer_id": 5}])
@pytest.mark.parametrize("days", [1, 7, 90, 400])
def test_bridge_ties_for_every_filter_and_each_bar_is_its_rows(small: Ledger, what: str, more: dict[str, Any], days: int) -> None:
    asked = {"what": what, "from_on": TO - timedelta(days=days), "as_of": TO, **more}
    for currency in ("CNY", "USD"):
        steps = rows(small, SYSTEM, "bridge", **asked, currency=currency)
        moved = sum(row["amount"] for row in steps if row["step"] != "closing")
        assert moved == sum(row["amount"] for row in steps if row["step"] == "closing")
        for step in steps:
            behind = rows(small, SYSTEM, "bridge_rows", **asked, currency=currency, step=step["step"])
            assert sum(row["amount"] for row in behind) == step["amount"]
            if what == "overdue" or step["step"] not in ("opening", "closing"):
                assert len(behind) == step["count"]


def test_a_person_sees_the_bridge_of_their_customers(small: Ledger) -> None:
    lead = Actor(1, "经理1", Role.LEAD, Scope.TEAM, ("T1",))
    own = {row["step"]: row["amount"] for row in rows(small, lead, "bridge", what="overdue", from_on=FROM, as_of=TO, currency="CNY")}
    assert own == bridge(small, "overdue", currency="CNY", team="T1")
    assert 0 < own["closing"] < bridge(small, "overdue", currency="CNY")["closing"]


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@example(
    # A payment taken back, undone and redone within the same stretch.
    moves=[("invoice", 0, 100, 0), ("payment", 9, 40, 0), ("undo", 0, 1, 1), ("undo", 0, 1, 2), ("unallocate", 20, 1, 0)],
    span=(0, 3),
)
@given(moves=MOVES, span=st.tuples(st.integers(0, 40), st.integers(1, 40)))
def test_movement_ties_on_random_ledgers_and_as_known_at(book: Ledger, moves: list[Move], span: tuple[int, int]) -> None:
    customer_id = next(NUMBERS)
    customer(book, customer_id)
    played = Played(book, customer_id)
    for move in moves:
        played.play(move)
    days = [START - timedelta(days=1), *sorted(played.days)]
    first = span[0] % (len(days) - 1)
    stretch = days[first], days[min(len(days) - 1, first + span[1])]
    for known_at in (LATEST, *(moment for moment, _ in played.believed[:2])):
        ties(book, customer_id, stretch, known_at)


def ties(ledger: Ledger, customer_id: int, stretch: tuple[date, date], known_at: datetime) -> None:
    """Refuses: a bridge or a migration that is not the two ageings, or not its rows."""
    asked = {"customer_id": customer_id, "known_at": known_at}
    from_on, as_of = stretch
    before = rows(ledger, SYSTEM, "ageing", as_of=from_on, **asked)
    after = rows(ledger, SYSTEM, "ageing", as_of=as_of, **asked)
    for what in WHAT:
        found = bridge(ledger, what, from_on, as_of, **asked)
        for step, ageing in (("opening", before), ("closing", after)):
            wanted = [row["amount"] for row in ageing if what == "all" or row["bucket_no"]]
            assert found.get(step, 0) == sum(wanted), (what, step)
        assert sum(found.values()) == 2 * found.get("closing", 0)
        behind = rows(ledger, SYSTEM, "bridge_rows", what=what, from_on=from_on, as_of=as_of, **asked)
        for step, amount in found.items():
            assert sum(row["amount"] for row in behind if row["step"] == step) == amount
    moved = rows(ledger, SYSTEM, "migration", from_on=from_on, as_of=as_of, **asked)
    for side, ageing in (("from_no", before), ("to_no", after)):
        sums: dict[int | None, Decimal] = {}
        for row in moved:
            if row[side] is not None:
                bucket = None if row[side] == -1 else row[side]
                sums[bucket] = sums.get(bucket, Decimal(0)) + row["amount"]
        assert {bucket: amount for bucket, amount in sums.items() if amount} == {r["bucket_no"]: r["amount"] for r in ageing if r["amount"]}


@pytest.mark.parametrize("more", [{}, {"team": "T0"}, {"edges": (10, 45)}])
def test_migration_is_both_ageings_and_has_names_behind_each_cell(small: Ledger, more: dict[str, Any]) -> None:
    asked = {"from_on": date(2026, 2, 1), "as_of": TO, "currency": "CNY", **more}
    cells = rows(small, SYSTEM, "migration", **asked)
    for side, as_of in (("from_no", asked["from_on"]), ("to_no", TO)):
        for bucket in rows(small, SYSTEM, "ageing", as_of=as_of, currency="CNY", **more):
            place = -1 if bucket["bucket_no"] is None else bucket["bucket_no"]
            assert sum(cell["amount"] for cell in cells if cell[side] == place) == bucket["amount"]
    for cell in cells:
        ends = {side: -2 if cell[side] is None else cell[side] for side in ("from_no", "to_no")}
        behind = rows(small, SYSTEM, "migration_rows", **asked, **ends)
        assert (len(behind), sum(row["amount"] for row in behind)) == (cell["count"], cell["amount"])
        assert len({row["customer_id"] for row in behind}) == cell["customers"]
        assert all(row["name"] and row["doc_no"] for row in behind)


@pytest.mark.parametrize("more", [{}, {"team": "T1", "currency": "CNY"}, {"edges": (7, 20)}, {"known_at": datetime(2019, 1, 1)}])
@pytest.mark.parametrize("as_of", [date(2026, 4, 8), date(2026, 6, 28), date(2025, 3, 3)])
def test_trend_of_a_year_is_52_ageings(small: Ledger, as_of: date, more: dict[str, Any]) -> None:
    trend = rows(small, SYSTEM, "ageing_trend", as_of=as_of, weeks=52, **more)
    monday = as_of - timedelta(days=as_of.weekday())
    for week in range(52):
        end = min(monday - timedelta(weeks=week) + timedelta(days=6), as_of)
        single = [
            row if row["bucket_no"] is not None else {**row, "count": None}
            for row in rows(small, SYSTEM, "ageing", as_of=end, **more)
            if row["bucket_no"] is not None or row["amount"]
        ]
        assert [
            {name: row[name] for name in ("currency", "bucket_no", "count", "amount")} for row in trend if row["on_date"] == end
        ] == single
    assert not {row["on_date"] for row in trend} - {min(monday + timedelta(days=6 - 7 * week), as_of) for week in range(52)}


def test_nobody_moves_on_an_empty_ledger(ledger: Ledger) -> None:
    for what in WHAT:
        assert bridge(ledger, what) == {}
    assert rows(ledger, SYSTEM, "migration", from_on=FROM, as_of=TO) == []
    assert rows(ledger, SYSTEM, "ageing_trend", as_of=TO, weeks=52) == []
