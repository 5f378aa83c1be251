"""How customers pay, by hand: each definition on a few invoices, its invariant, and what stands beside the ageing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import ledgers
import pytest
from facts import company, customer, insert, invoice, passing, payment
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib.domain import statistics
from lib.domain.access import SYSTEM
from lib.metrics import BEHAVIOUR, Cut, Measurement, measure, rows_behind
from lib.store.ledger import Ledger
from lib.store.query import rows

AS_OF = date(2026, 4, 8)  # a Wednesday
CNY = Cut("CNY")


@pytest.fixture(scope="module")
def small() -> Iterator[Ledger]:
    with ledgers.fresh(company) as opened:
        yield opened


def now(ledger: Ledger, name: str, as_of: date = AS_OF) -> Measurement:
    (found,) = measure(ledger, SYSTEM, [name], as_of, weeks=1, scope=CNY)
    return found


@pytest.fixture
def three() -> Iterator[Ledger]:
    with ledgers.fresh(owed) as opened:
        yield opened


@pytest.fixture(scope="module")
def still() -> Iterator[Ledger]:
    """The same for tests that only look."""
    with ledgers.fresh(owed) as opened:
        yield opened


def owed(ledger: Ledger) -> None:
    """Billing of the last 91 days is 910; 300 are overdue, 200 of them by 100 days, and 100 are not due.

    invoice | amount | billed      | due         | then
    1       | 200    | 1 December  | 29 December | open, 100 days late
    2       | 510    | 12 January  | 1 February  | paid on 11 February
    3       | 300    | 1 March     | 29 March    | 200 paid on 1 April, 100 open, 10 days late
    4       | 100    | 1 April     | 1 May       | not due
    """
    customer(ledger, 1)
    invoice(ledger, 1, date(2025, 12, 1), AS_OF - timedelta(days=100), 200)
    invoice(ledger, 2, date(2026, 1, 12), date(2026, 2, 1), 510)
    payment(ledger, 12, date(2026, 2, 11), 510, 2)
    invoice(ledger, 3, date(2026, 3, 1), date(2026, 3, 29), 300)
    payment(ledger, 13, date(2026, 4, 1), 200, 3)
    invoice(ledger, 4, date(2026, 4, 1), date(2026, 5, 1), 100)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("dso_standard_days", Decimal(40)),  # 400 open of 910
        ("dso_best_days", Decimal(10)),
        ("delinquent_days", Decimal(30)),
        ("overdue_age_days", Decimal(70)),  # (200·100 + 100·10) / 300
        ("collection_effectiveness", Decimal(100) * 710 / 1010),
        ("at_risk_rate", Decimal("0.5")),
        ("on_time_rate", Decimal(0)),
        ("cycle_days", Decimal(30)),
        ("bad_debt_rate", Decimal(0)),
    ],
)
def test_definition_by_hand(still: Ledger, name: str, value: Decimal) -> None:
    found = now(still, name).value
    assert found is not None
    assert round(found, 9) == round(value, 9)


def test_late_money_costs_its_days_within_91_at_the_rate_of_the_policy(three: Ledger) -> None:
    """Invoice 1: 200 for 91 days; 2: 510 for 10; 3: 300 for 3 and 100 for 7. At 6 % a year."""
    money_days = 200 * 91 + 510 * 10 + 300 * 3 + 100 * 7
    found = now(three, "lateness_cost_amount").value
    assert found is not None
    assert float(found) == pytest.approx(money_days * 0.06 / 365, abs=0.001)


def test_dso_is_best_possible_plus_delinquent(small: Ledger) -> None:
    for week in range(20):
        day = AS_OF - timedelta(days=9 * week)
        parts = [now(small, name, day).value or Decimal(0) for name in ("dso_best_days", "delinquent_days")]
        assert round(sum(parts), 9) == round(now(small, "dso_standard_days", day).value or Decimal(0), 9)


@pytest.fixture(scope="module")
def buyer() -> Iterator[Ledger]:
    with ledgers.fresh() as opened:
        customer(opened, 1)
        yield opened


@settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(st.integers(0, 120), st.integers(0, 60), st.integers(1, 500), st.integers(-5, 60), st.booleans()), min_size=1, max_size=8
    )
)
def test_cei_is_100_exactly_when_nothing_is_overdue(buyer: Ledger, drawn: list[tuple[int, int, int, int, bool]]) -> None:
    with passing(buyer, "entry", "posting"):
        for number, (back, terms, amount, late, is_paid) in enumerate(drawn, 1):
            billed = AS_OF - timedelta(days=back)
            invoice(buyer, number, billed, billed + timedelta(days=terms), amount)
            paid_on = max(billed, billed + timedelta(days=terms + late))
            if is_paid and paid_on <= AS_OF:
                payment(buyer, 100 + number, paid_on, amount, number)
        found = now(buyer, "collection_effectiveness")
        if found.value is not None:
            assert (found.value == 100) == (now(buyer, "overdue_amount").value == 0)


def test_write_off_less_recovery_is_the_bad_debt(three: Ledger) -> None:
    """150 of invoice 1 written off on 1 April, 60 of it back on 3 April; billing of the year is 1110."""
    line = {"customer_id": 1, "currency": "CNY", "kind": "write_off", "invoice_id": 1, "due_on": AS_OF - timedelta(days=100), "items": 0}
    insert(three, "posting", {**line, "entry_id": 21, "on_date": date(2026, 4, 1), "amount": -150, "rule": "manual"})
    insert(three, "posting", {**line, "entry_id": 21, "on_date": date(2026, 4, 3), "amount": 60, "rule": "manual"})
    assert now(three, "bad_debt_rate").value == Decimal(90) / Decimal(1110)
    assert now(three, "bad_debt_rate", date(2027, 4, 2)).numerator == -60


def test_promises_count_by_money(ledger: Ledger) -> None:
    """300 promised and paid, 100 promised and not."""
    customer(ledger, 1)
    invoice(ledger, 1, date(2026, 1, 1), date(2026, 2, 1), 1000)
    common = {"customer_id": 1, "currency": "CNY", "made_on": date(2026, 3, 1)}
    insert(ledger, "promise", {**common, "promise_id": 1, "due_on": date(2026, 3, 10), "amount": 300})
    insert(ledger, "promise", {**common, "promise_id": 2, "due_on": date(2026, 3, 31), "made_on": date(2026, 3, 15), "amount": 100})
    payment(ledger, 2, date(2026, 3, 9), 300, 1)
    assert now(ledger, "promise_kept_amount_rate").value == Decimal("0.75")


def test_sending_and_paying_days_make_the_cycle(small: Ledger) -> None:
    sent, paid = now(small, "sending_days"), now(small, "paying_days")
    assert sent.value is not None
    assert 1 <= sent.value <= 4
    assert sent.n == paid.n > 10


@pytest.mark.parametrize("name", BEHAVIOUR)
@pytest.mark.parametrize("as_of", [date(2025, 8, 3), date(2026, 3, 31)])
def test_rows_add_up_to_the_number_on_any_day(small: Ledger, name: str, as_of: date) -> None:
    found = now(small, name, as_of)
    assert found.numerator == sum(row["amount"] for row in rows_behind(small, SYSTEM, name, as_of, scope=CNY))
    below = sum(row["amount"] for row in rows_behind(small, SYSTEM, name, as_of, scope=CNY, below=True))
    assert (found.denominator or 0) == below


def test_a_week_of_the_past_is_as_it_was_on_its_sunday(small: Ledger) -> None:
    sunday = date(2026, 3, 15)
    names = [name for name in BEHAVIOUR if "promise" not in name]  # one due on that Sunday is judged later
    then = {one.metric: one.value for one in measure(small, SYSTEM, names, sunday, weeks=1, scope=CNY)}
    later = measure(small, SYSTEM, names, AS_OF, weeks=6, scope=CNY)
    assert {one.metric: one.value for one in later if one.week_on == date(2026, 3, 9)} == then


def test_nothing_was_known_before_it_was_recorded(small: Ledger) -> None:
    for found in measure(small, SYSTEM, BEHAVIOUR, AS_OF, known_at=datetime(2019, 1, 1), weeks=1, scope=CNY):
        assert not found.value


def test_classes_add_up_to_the_whole(small: Ledger) -> None:
    (whole,) = measure(small, SYSTEM, ["on_time_rate"], AS_OF, weeks=1, scope=CNY)
    groups = measure(small, SYSTEM, ["on_time_rate"], AS_OF, weeks=1, by="class", scope=CNY)
    assert len(groups) > 2
    assert (whole.numerator, whole.denominator) == (sum(g.numerator for g in groups), sum(g.denominator or 0 for g in groups))


def test_funnel_limits_narrow_with_n_and_hold_the_rate() -> None:
    few, many = statistics.funnel(0.8, 5), statistics.funnel(0.8, 500)
    assert few.low < many.low < 0.8 < many.high < few.high <= 1
    assert statistics.funnel(0.5, 100, 2.0).low == pytest.approx(0.4)


def test_provision_takes_the_rates_of_the_policy_bucket_by_bucket(three: Ledger) -> None:
    """Not due 100 at 0, 1-30 days 100 at 1 %, 91-180 days 200 at 20 %."""
    found = {row["bucket_no"]: row["provision_amount"] for row in rows(three, SYSTEM, "provision", as_of=AS_OF)}
    assert found == {0: 0, 1: 1, 4: 40}


def test_what_stands_beside_the_ageing(three: Ledger) -> None:
    common: dict[str, Any] = {"customer_id": 1, "currency": "CNY", "made_on": date(2026, 4, 2), "due_on": date(2026, 4, 20)}
    insert(three, "promise", {**common, "promise_id": 1, "amount": 80}, {**common, "promise_id": 2, "amount": 50, "plan_id": 1})
    case = {"case_id": 1, "customer_id": 1, "kind": "dispute", "on_date": date(2026, 4, 1), "subject": "数量不符"}
    insert(three, "case_file", {**case, "invoice_id": 3, "amount": 30, "currency": "CNY"})
    found = {row["part"]: row["amount"] for row in rows(three, SYSTEM, "beside_ageing", as_of=AS_OF)}
    assert found == {"not_due": 100, "disputed": 100, "promised": 80, "on_plan": 50}


def test_payers_tell_habit_and_debt(small: Ledger) -> None:
    found = rows(small, SYSTEM, "payers", as_of=AS_OF, currency="CNY")
    assert sum(row["overdue_amount"] for row in found) == now(small, "overdue_amount").value
    assert {row["habit"] for row in found} > {"late"}
