"""The cash calendar: promises come first, then habit; nothing learned later leaks in; on real data it beats the due date."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import ledgers
import pytest
from facts import company, customer, insert, invoice, payment
from shared import shared

from lib.domain import forecast
from lib.domain.access import SYSTEM
from lib.domain.forecast import Forecast
from lib.store.ledger import Ledger
from lib.store.query import rows

AS_OF = date(2026, 4, 8)


@pytest.fixture(scope="module")
def small() -> Iterator[Ledger]:
    with ledgers.fresh() as opened:
        company(opened)
        yield opened


def asked(ledger: Ledger, as_of: date = AS_OF, past_weeks: int = 0, **more: Any) -> list[Forecast]:
    found = rows(ledger, SYSTEM, "cash_forecast", **{"as_of": as_of, "by_record": True, "past_weeks": past_weeks, **more})
    return [
        Forecast(row["origin_on"], row["week_no"], row["forecast_amount"], row["naive_amount"], row["paid_amount"])
        for row in found
        if row["week_no"]
    ]


def weeks(ledger: Ledger, as_of: date = AS_OF) -> dict[int, Decimal]:
    return {one.week_no: one.expected for one in asked(ledger, as_of) if one.expected}


def settled(ledger: Ledger, entry_id: int, late_days: int, due_on: date, customer_id: int = 1) -> None:
    """An invoice of 100 paid so many days late, recorded on the day it was paid."""
    paid_on = due_on + timedelta(days=late_days)
    booked = datetime.combine(paid_on, time(1))
    invoice(ledger, entry_id, due_on - timedelta(days=30), due_on, 100, customer_id=customer_id)
    payment(ledger, entry_id + 1000, paid_on, 100, entry_id, recorded_at=booked)


def test_money_is_expected_when_the_customer_usually_pays(ledger: Ledger) -> None:
    """Ten invoices paid 9 days late; one is due on 10 April: it is likely to come on the 19th, in the second week."""
    customer(ledger, 1)
    for number in range(10):
        settled(ledger, number + 1, 9, date(2026, 1, 1) + timedelta(days=7 * number))
    invoice(ledger, 50, date(2026, 3, 11), date(2026, 4, 10), 400)
    assert weeks(ledger) == {2: 400}
    (row,) = rows(ledger, SYSTEM, "cash_rows", as_of=AS_OF, week_no=2)
    assert (row["expected_on"], row["why"], row["amount"]) == (date(2026, 4, 19), "own", 400)
    assert [one.naive for one in asked(ledger) if one.week_no == 1] == [400]


def test_a_late_invoice_is_measured_against_those_at_least_as_late(ledger: Ledger) -> None:
    """Nine invoices were paid on their day, three 40 days late; one is 20 days late now: only the three say when."""
    customer(ledger, 1)
    for number in range(9):
        settled(ledger, number + 1, 0, date(2026, 1, 1) + timedelta(days=number))
    for number in range(3):
        settled(ledger, number + 20, 40, date(2026, 1, 1) + timedelta(days=number))
    invoice(ledger, 50, date(2026, 2, 20), AS_OF - timedelta(days=20), 90)
    assert weeks(ledger) == {3: 90}
    (row,) = rows(ledger, SYSTEM, "cash_rows", as_of=AS_OF, week_no=3)
    assert row["expected_on"] == AS_OF + timedelta(days=20)


def test_own_habit_is_shrunk_to_the_class(ledger: Ledger) -> None:
    """A newcomer paid once, 30 days late; the class pays on its day: (1·30 + 3·0) / 4 = 7.5 days late."""
    customer(ledger, 1)
    customer(ledger, 2)
    settled(ledger, 1, 30, date(2026, 1, 1), customer_id=2)
    for number in range(9):
        settled(ledger, number + 10, 0, date(2026, 1, 1) + timedelta(days=number))
    invoice(ledger, 50, date(2026, 3, 11), date(2026, 4, 10), 400, customer_id=2)
    found = rows(ledger, SYSTEM, "cash_rows", as_of=AS_OF)
    assert {row["expected_on"] for row in found} == {date(2026, 4, 18)}
    assert sum(row["amount"] for row in found) == 400


def test_promises_and_plans_come_before_habit(ledger: Ledger) -> None:
    """500 due on 10 April; 200 promised for the 20th, 100 in an instalment on 2 June; the rest by habit, on its day."""
    customer(ledger, 1)
    for number in range(10):
        settled(ledger, number + 1, 0, date(2026, 1, 1) + timedelta(days=number))
    invoice(ledger, 50, date(2026, 3, 11), date(2026, 4, 10), 500)
    common = {"customer_id": 1, "made_on": date(2026, 4, 1), "currency": "CNY"}
    insert(ledger, "promise", {**common, "promise_id": 1, "due_on": date(2026, 4, 20), "amount": 200})
    insert(ledger, "promise", {**common, "promise_id": 2, "due_on": date(2026, 6, 2), "amount": 100, "plan_id": 1})
    assert weeks(ledger) == {1: 200, 2: 200, 8: 100}
    assert {row["why"] for row in rows(ledger, SYSTEM, "cash_rows", as_of=AS_OF)} == {"promise", "plan", "own"}


def test_a_promise_that_was_broken_or_already_paid_moves_nothing(ledger: Ledger) -> None:
    customer(ledger, 1)
    for number in range(10):
        settled(ledger, number + 1, 0, date(2026, 1, 1) + timedelta(days=number))
    invoice(ledger, 50, date(2026, 3, 11), date(2026, 4, 10), 500)
    before = weeks(ledger)
    common = {"customer_id": 1, "made_on": date(2026, 3, 1), "currency": "CNY", "amount": 200}
    insert(ledger, "promise", {**common, "promise_id": 1, "due_on": date(2026, 3, 20)})
    insert(ledger, "promise", {**common, "promise_id": 2, "due_on": date(2026, 5, 20), "cancelled_on": date(2026, 4, 1)})
    assert weeks(ledger) == before


def test_rows_add_up_to_the_week_and_weeks_to_what_is_open(small: Ledger) -> None:
    for currency in ("CNY", "USD"):
        found = rows(small, SYSTEM, "cash_forecast", as_of=AS_OF, currency=currency, by_record=False)
        for week in found:
            behind = rows(small, SYSTEM, "cash_rows", as_of=AS_OF, currency=currency, week_no=week["week_no"] or 0)
            assert sum(row["amount"] for row in behind) == week["forecast_amount"]
        opened = rows(small, SYSTEM, "open_items", as_of=AS_OF, currency=currency)
        assert sum(week["forecast_amount"] for week in found) == sum(item["open_amount"] for item in opened)


def test_what_was_recorded_after_an_origin_changes_no_forecast_made_on_it(ledger: Ledger) -> None:
    """The forecast of 1 April asked again a month later, after late bookings, new payments and a promise, is the same."""
    customer(ledger, 1)
    for number in range(12):
        settled(ledger, number + 1, 5, date(2026, 1, 1) + timedelta(days=7 * number))
    origin = date(2026, 4, 1)
    invoice(ledger, 50, date(2026, 3, 11), date(2026, 4, 10), 500)
    then = {one.week_no: one.expected for one in asked(ledger, origin)}
    late = datetime(2026, 4, 3, 1)
    invoice(ledger, 51, date(2026, 3, 20), date(2026, 4, 12), 900, recorded_at=late)
    payment(ledger, 1051, date(2026, 3, 30), 100, 50, recorded_at=late)
    promised = {"promise_id": 1, "customer_id": 1, "made_on": date(2026, 3, 20), "due_on": date(2026, 6, 1), "amount": 50}
    insert(ledger, "promise", {**promised, "currency": "CNY", "recorded_at": late})
    again = [one for one in asked(ledger, origin + timedelta(weeks=4), 4) if one.origin_on == origin]
    assert {one.week_no: one.expected for one in again} == then
    assert [one.paid for one in again if one.week_no == 1] == [100]  # known late, so it comes in the first week
    dated = [one for one in asked(ledger, origin + timedelta(weeks=4), 4, by_record=False) if one.origin_on == origin]
    assert {one.week_no: one.expected for one in dated} != then


def test_accuracy_is_the_missed_share_of_what_came() -> None:
    past = [made(1, 100, 50, 80), made(2, 50, 0, 20), made(3, 10, 10, None)]
    assert forecast.accuracy(past) == forecast.Accuracy(0.5, 0.5, 2)
    assert forecast.accuracy([made(3, 10, 10, None)]) is None


def test_a_band_needs_five_past_errors_and_follows_them() -> None:
    past = [made(1, 100, 0, paid, day) for day, paid in enumerate((80, 90, 100, 110, 120))]
    assert forecast.band(past[:4], made(1, 200, 0, None)) is None
    assert forecast.band(past, made(1, 200, 0, None)) == (Decimal("168.00"), Decimal("232.00"))
    assert forecast.band(past, made(2, 200, 0, None)) is None


def made(week_no: int, expected: int, naive: int, paid: int | None, day: int = 0) -> Forecast:
    came = None if paid is None else Decimal(paid)
    return Forecast(AS_OF - timedelta(weeks=20 + day), week_no, Decimal(expected), Decimal(naive), came)


@pytest.fixture(scope="module")
def ibm() -> Iterator[Ledger]:
    """The IBM invoices with each fact recorded on its own day."""
    file = shared("ar_ibm_late_payments") / "accounts_receivable_2012-01_2013-06.csv"
    with ledgers.fresh() as opened:
        cursor = opened.cursor()
        with duckdb.connect() as outside:
            cursor.register("read", outside.execute(_IBM_READ, {"file": str(file)}).to_arrow_table())
        cursor.execute("create table sale as select * from read")
        for name in cursor.execute("select distinct place from sale order by place").fetchall():
            customer(opened, name[0], currency="USD")
        for statement in _IBM_FACTS:
            opened.cursor().execute(statement)
        opened.version += 1
        yield opened
        opened.cursor().execute("drop table sale")


_IBM_READ = """
    select
        row_number() over (order by invoiceNumber) as id, dense_rank() over (order by customerID)::integer as place,
        strptime(InvoiceDate, '%m/%d/%Y')::date as on_date, strptime(DueDate, '%m/%d/%Y')::date as due_on,
        strptime(SettledDate, '%m/%d/%Y')::date as paid_on, InvoiceAmount::decimal(18, 2) as amount
    from read_csv($file, all_varchar = true)
"""
_COMMON = "0 as recorded_by, 0 as change_id"
_IBM_FACTS = (
    f"""
    insert into entry by name
    select id as record_id, id as entry_id, place as customer_id, 'invoice' as kind, 'I' || id as doc_no, on_date, due_on, amount,
        'USD' as currency, on_date + time '01:00:00' as recorded_at, 0 as origin_change, timestamp '9999-12-31' as retired_at, {_COMMON}
    from sale
    """,
    f"""
    insert into posting by name
    select id as posting_id, id as entry_id, place as customer_id, id as invoice_id, 'invoice' as kind, on_date, due_on, amount, 1 as items,
        'USD' as currency, 'test' as rule, on_date + time '01:00:00' as recorded_at, {_COMMON}
    from sale
    union all by name
    select 10000 + id as posting_id, 10000 + id as entry_id, place as customer_id, id as invoice_id, 'payment' as kind, paid_on as on_date,
        due_on, -amount as amount, -1 as items, 'USD' as currency, 'test' as rule, paid_on + time '01:00:00' as recorded_at, {_COMMON}
    from sale
    """,
)


def test_on_real_payments_habit_beats_the_due_date(ibm: Ledger) -> None:
    """26 origins of the first half of 2013, each knowing only what was recorded by then; the weeks after each, held out."""
    found = asked(ibm, date(2013, 6, 30), 26, currency="USD")
    past = [one for one in found if one.origin_on < date(2013, 6, 30)]
    every = forecast.accuracy(past)
    assert every is not None
    assert every.weeks == sum(range(14)) + 13 * 13
    assert every.expected_rate < 0.28
    assert every.naive_rate > 0.34
    later = forecast.accuracy([one for one in past if one.week_no > 1])
    assert later is not None
    assert later.expected_rate < 0.75 * later.naive_rate
    inside, judged = forecast.coverage(past)
    assert judged > 100
    assert 0.6 < inside / judged < 0.9
