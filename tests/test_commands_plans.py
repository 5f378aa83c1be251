"""Instalment plans: what they refuse, and what becomes of them by the money alone. Customer 1 owes 600 due 1 March 2026, 400 due 1 June.

plan made on 1 April | instalment 1 | 2     | 3
due                  | 10 Apr       | 10 May| 10 Jun
amount               | 200          | 200   | 200
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import facts
import ledgers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from lib.commands.plans import CancelPlan, RecordPlan
from lib.commands.promises import CancelPromise, RecordPromise
from lib.commands.receivables import RecordPayment
from lib.commands.undo import Undo
from lib.domain import instalments
from lib.domain.access import Actor, Role, Scope
from lib.errors import Conflict, NotFound, Refused
from lib.store.door import execute
from lib.store.ledger import Ledger
from lib.store.query import rows

FINANCE = Actor(4, "财", Role.FINANCE, Scope.ALL)
LEAD = Actor(5, "外", Role.LEAD, Scope.OWN)
MADE = date(2026, 4, 1)
PARTS = instalments.split(Decimal(600), 3, date(2026, 4, 10), "month")
PLAN = RecordPlan(1, MADE, PARTS)


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with ledgers.fresh(furnish) as opened:
        yield opened


def furnish(ledger: Ledger) -> None:
    with ledger.transaction() as cursor:
        cursor.execute(
            "insert into app_user (user_id, username, name, role, scope, language, is_active, clearance) values "
            "(4, 'cai', '财', 'finance', 'all', 'zh', true, 1), (5, 'wai', '外', 'lead', 'own', 'zh', true, 0)"
        )
    facts.customer(ledger, 1)
    facts.invoice(ledger, 10, date(2026, 2, 1), date(2026, 3, 1), 600)
    facts.invoice(ledger, 11, date(2026, 2, 1), date(2026, 6, 1), 400)


def pay(ledger: Ledger, amount: int, day: date) -> None:
    execute(ledger, FINANCE, RecordPayment(1, Decimal(amount), day, day, confirmed=True))


def state(ledger: Ledger, as_of: date) -> tuple[str, Decimal]:
    (plan,) = rows(ledger, FINANCE, "plans", as_of=as_of, customer_id=1)
    return plan["state"], plan["paid_amount"]


def results(ledger: Ledger, as_of: date) -> list[tuple[str, Any]]:
    found = [row for row in rows(ledger, FINANCE, "promises", as_of=as_of, customer_id=1) if row["plan_id"]]
    return [(row["result"], row["received_amount"]) for row in sorted(found, key=lambda row: row["due_on"])]


def code(ledger: Ledger, as_of: date) -> tuple[str, int | None, str]:
    cursor = ledger.cursor().execute("select code, level, anchor from debtor_of([1], $day, timestamp '9999-12-30')", {"day": as_of})
    (found,) = cursor.fetchall()
    return tuple(found)


def test_a_plan_runs_and_is_kept_by_the_money(ledger: Ledger) -> None:
    execute(ledger, FINANCE, PLAN)
    assert state(ledger, date(2026, 4, 9)) == ("running", Decimal(0))
    pay(ledger, 350, date(2026, 4, 8))
    assert state(ledger, date(2026, 5, 1)) == ("running", Decimal(350))
    assert results(ledger, date(2026, 5, 1)) == [("kept", 200), ("open", 150), ("open", 0)]
    pay(ledger, 250, date(2026, 5, 9))
    assert state(ledger, date(2026, 5, 9)) == ("kept", Decimal(600))
    assert results(ledger, date(2026, 6, 11)) == [("kept", 200), ("kept", 200), ("kept", 200)]


def test_it_breaks_after_the_days_of_grace_and_stays_broken(ledger: Ledger) -> None:
    execute(ledger, FINANCE, PLAN)
    pay(ledger, 150, date(2026, 4, 8))
    assert state(ledger, date(2026, 4, 13)) == ("running", Decimal(150))
    assert results(ledger, date(2026, 4, 11))[0] == ("partly", Decimal(150))
    assert state(ledger, date(2026, 4, 14)) == ("broken", Decimal(150))
    pay(ledger, 450, date(2026, 4, 20))
    assert state(ledger, date(2026, 5, 1)) == ("broken", Decimal(600))


def test_money_within_the_days_of_grace_keeps_it_running(ledger: Ledger) -> None:
    execute(ledger, FINANCE, PLAN)
    pay(ledger, 200, date(2026, 4, 13))
    assert state(ledger, date(2026, 5, 12)) == ("running", Decimal(200))


def test_the_ladder_runs_on_instalments_and_a_broken_plan_restores_the_old_one(ledger: Ledger) -> None:
    assert code(ledger, MADE) == ("due", 4, "10")
    execute(ledger, FINANCE, PLAN)
    assert code(ledger, date(2026, 4, 6)) == ("plan", None, "p1")
    assert code(ledger, date(2026, 4, 7)) == ("due", 1, "p1")
    assert code(ledger, date(2026, 4, 13)) == ("due", 2, "p1")
    assert code(ledger, date(2026, 4, 14)) == ("due", 5, "10")


def test_a_cancelled_plan_restores_the_ladder_and_its_open_instalments_stop_counting(ledger: Ledger) -> None:
    plan_id = execute(ledger, FINANCE, PLAN).result
    receipt = execute(ledger, FINANCE, CancelPlan(plan_id, "客户反悔", date(2026, 4, 20)))
    assert state(ledger, date(2026, 4, 20)) == ("cancelled", Decimal(0))
    assert [result for result, _ in results(ledger, date(2026, 7, 1))] == ["broken", "cancelled", "cancelled"]
    assert code(ledger, date(2026, 4, 20))[2] == "10"
    execute(ledger, FINANCE, Undo(receipt.change_id))
    assert state(ledger, date(2026, 4, 12))[0] == "running"
    with pytest.raises(NotFound):
        execute(ledger, LEAD, CancelPlan(plan_id, "x", MADE))


def test_a_second_plan_and_a_single_instalment_are_refused(ledger: Ledger) -> None:
    execute(ledger, FINANCE, PLAN)
    with pytest.raises(Conflict):
        execute(ledger, FINANCE, PLAN)
    with pytest.raises(Refused):
        execute(ledger, FINANCE, CancelPromise(2, "x", MADE))


def test_a_plan_may_cover_all_that_is_open(ledger: Ledger) -> None:
    execute(ledger, FINANCE, RecordPlan(1, MADE, instalments.split(Decimal(1000), 4, date(2026, 4, 10), "week")))
    assert code(ledger, MADE) == ("plan", None, "p1")


@pytest.mark.parametrize(
    ("parts", "about"),
    [
        (PARTS[:1], "count"),
        (instalments.split(Decimal(600), 61, date(2026, 4, 10), "week"), "count"),
        (instalments.split(Decimal(600), 3, date(2026, 3, 31), "week"), "first_on"),
        ((PARTS[1], PARTS[0], PARTS[2]), "first_on"),
        (((date(2026, 4, 10), Decimal(600)), (date(2026, 4, 11), Decimal(0))), "amount"),
        (instalments.split(Decimal(599), 3, date(2026, 4, 10), "week"), "amount"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_beside_its_field(ledger: Ledger, parts: tuple[tuple[date, Decimal], ...], about: str) -> None:
    with pytest.raises(Refused) as refusal:
        execute(ledger, FINANCE, RecordPlan(1, MADE, parts))
    assert refusal.value.values["about"] == about


def test_plain_promises_still_look_at_all_the_money_each(ledger: Ledger) -> None:
    execute(ledger, FINANCE, RecordPromise(1, date(2026, 4, 10), MADE, Decimal(100)))
    execute(ledger, FINANCE, RecordPromise(1, date(2026, 4, 11), MADE, Decimal(100)))
    execute(ledger, FINANCE, PLAN)
    pay(ledger, 100, date(2026, 4, 5))
    found = rows(ledger, FINANCE, "promises", as_of=date(2026, 4, 12), customer_id=1)
    plain = sorted((row["result"], row["received_amount"]) for row in found if row["plan_id"] is None)
    assert plain == [("kept", Decimal(100)), ("kept", Decimal(100))]
    assert results(ledger, date(2026, 4, 12))[0] == ("partly", Decimal(100))


@pytest.fixture(scope="module")
def agreed() -> Iterator[Ledger]:
    with ledgers.fresh(furnish) as opened:
        execute(opened, FINANCE, PLAN)
        yield opened


@settings(max_examples=25)
@given(some.lists(some.tuples(some.integers(0, 80), some.integers(1, 300)), max_size=5), some.integers(0, 100))
def test_money_is_counted_once_across_the_instalments(agreed: Ledger, payments: list[tuple[int, int]], day: int) -> None:
    with facts.passing(agreed, "entry", "posting"):
        for number, (after, amount) in enumerate(payments, 100):
            facts.payment(agreed, number, date.fromordinal(MADE.toordinal() + after), amount)
        as_of = date.fromordinal(MADE.toordinal() + day)
        came = sum(amount for after, amount in payments if after <= day)
        received = [amount for _, amount in results(agreed, as_of)]
        assert sum(received) <= min(came, 600)
        assert state(agreed, as_of)[1] == min(came, 600)
        assert all(amount <= 200 for amount in received)


def test_kept_rates_by_customer_and_by_collector(ledger: Ledger) -> None:
    execute(ledger, FINANCE, PLAN)
    pay(ledger, 250, date(2026, 4, 8))
    (customer,) = rows(ledger, FINANCE, "promise_keeping", as_of=date(2026, 5, 20), customer_id=1, by="customer")
    assert (customer["judged"], customer["kept"], customer["promised_amount"], customer["received_amount"]) == (2, 1, 400, 250)
    (collector,) = rows(ledger, FINANCE, "promise_keeping", as_of=date(2026, 5, 20), by="collector")
    assert (collector["label"], collector["judged"], collector["kept"]) == ("财", 2, 1)
