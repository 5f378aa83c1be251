"""Metrics over months and years: what flows adds up day by day, what stands is as on the last day, a year before is the same stretch."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import ledgers
import pytest
from facts import company

from lib.domain.access import SYSTEM, Actor, Role, Scope
from lib.domain.periods import Period, is_whole_month, months, to_date, week_year_before, year_before
from lib.metrics import METRICS, Cut, measure
from lib.metrics import compile as compiler
from lib.metrics.metric import Part
from lib.metrics.periods import measure_periods
from lib.metrics.variation import View
from lib.review.six_twelve import six_twelve
from lib.store.ledger import LATEST, Ledger

AS_OF = date(2026, 4, 5)
CNY = Cut("CNY")
PERIODS = (*months(AS_OF, 3)[:2], to_date("year", AS_OF))
EACH_KIND = list({(one.numerator.base, one.kind, one.is_countback): name for name, one in METRICS.items()}.values())
"""A metric of each base and kind."""


@pytest.fixture(scope="module")
def book() -> Iterator[Ledger]:
    """The small company of `company.sql`."""
    with ledgers.fresh() as opened:
        company(opened)
        yield opened


def sides(name: str) -> list[Part]:
    return [part for part in (METRICS[name].numerator, METRICS[name].denominator) if part]


def stands(part: Part) -> bool:
    return part.running or part.spans_window


def counted(ledger: Ledger, part: Part, period: Period, adds: str) -> Decimal:
    """A flow added up row by row."""
    since = ", date '2026-01-01'" if part.base in {"promise", "answer"} else ""
    scope = "0, true, $as_of::date, $known_at::timestamp, null, null, null, null, 'CNY'"
    lines, of = ("", f"{scope}{since}")
    if part.base in compiler.MONEY:
        lines, of = f"with line as (select * from money_line({scope})) ", "'line', $as_of::date, $known_at::timestamp"
    sql = f"""
        {lines}select sum({adds}) filter (where {part.only}) from measured_{part.base}({of}) as base
        where base.happened_on between $first_on::date and $last_on::date
    """
    values = {"as_of": AS_OF, "known_at": LATEST, "first_on": period.first_on, "last_on": period.last_on}
    return Decimal((ledger.cursor().execute(sql, values).fetchone() or (0,))[0] or 0)


def test_every_kind_of_metric_over_every_period_equals_a_count_by_hand(book: Ledger) -> None:
    found = measure_periods(book, SYSTEM, EACH_KIND, PERIODS, scope=CNY)
    standing = [name for name in EACH_KIND if any(stands(part) for part in sides(name))]
    for period in PERIODS:
        stood = {one.metric: one for one in measure(book, SYSTEM, standing, period.last_on, weeks=1, scope=CNY)}
        for name in EACH_KIND:
            amount = found[name, period]
            for part, ours, side in zip(sides(name), (amount.numerator, amount.denominator), ("numerator", "denominator"), strict=False):
                assert ours == (getattr(stood[name], side) if stands(part) else counted(book, part, period, part.amount)), (name, period)
            last = sides(name)[-1]
            assert amount.n == (stood[name].n if stands(last) else counted(book, last, period, last.count)), (name, period)
            if METRICS[name].is_countback:
                assert amount.value == stood[name].value


def test_a_month_is_its_stretches_for_a_person_of_limited_sight_too(book: Ledger) -> None:
    lead = Actor(1, "经理1", Role.LEAD, Scope.TEAM, ("T1",))
    march, first, rest = (Period(date(2026, 3, day), date(2026, 3, last)) for day, last in ((1, 31), (1, 9), (10, 31)))
    own = measure_periods(book, lead, ["billed_amount", "overdue_amount"], (march, first, rest), scope=CNY)
    whole = measure_periods(book, SYSTEM, ["billed_amount"], (march,), scope=CNY)
    assert own["billed_amount", march].value == own["billed_amount", first].numerator + own["billed_amount", rest].numerator
    assert 0 < own["billed_amount", march].numerator < whole["billed_amount", march].numerator
    assert own["overdue_amount", march] == own["overdue_amount", rest]


def test_the_layout_says_the_week_as_everywhere_and_a_month_by_its_own_days(book: Ledger) -> None:
    names = ["collected_amount", "csat_rate", "overdue_rate"]
    found = six_twelve(View(book, SYSTEM, AS_OF, None, CNY), names, date(2026, 3, 30))
    weeks = {(one.metric, one.week_on): one.value for one in measure(book, SYSTEM, names, AS_OF, weeks=6, scope=CNY)}
    assert weeks == {(name, step.first_on): step.value for name in names for step in found[name].weeks}
    periods = (Period(date(2026, 3, 1), date(2026, 3, 31)), Period(date(2026, 4, 1), AS_OF), Period(date(2025, 4, 1), date(2025, 4, 5)))
    months = measure_periods(book, SYSTEM, names, periods, scope=CNY)
    for name in names:
        march, april = found[name].months[-2:]
        assert (march.value, march.is_open) == (months[name, periods[0]].value, False)
        assert (april.value, april.before, april.is_open) == (months[name, periods[1]].value, months[name, periods[2]].value, True)
        assert list(found[name].box) == (["week"] if name == "overdue_rate" else ["week", "month", "quarter", "year"])


def test_too_many_periods_are_refused(book: Ledger) -> None:
    with pytest.raises(ValueError, match="61"):
        measure_periods(book, SYSTEM, ["nps"], months(AS_OF, 62))


def test_a_year_before_is_the_same_stretch() -> None:
    february = Period(date(2025, 2, 1), date(2025, 2, 28))
    assert year_before(february) == Period(date(2024, 2, 1), date(2024, 2, 29))
    assert year_before(Period(date(2024, 2, 1), date(2024, 2, 29))).last_on == date(2023, 2, 28)
    assert year_before(Period(date(2026, 4, 1), AS_OF)) == Period(date(2025, 4, 1), date(2025, 4, 5))
    assert week_year_before(date(2026, 6, 22)) == date(2025, 6, 23)
    assert week_year_before(date(2026, 12, 28)) == date(2025, 12, 22)  # 2026 has a week 53, 2025 has none


def test_months_end_with_the_one_in_progress() -> None:
    found = months(AS_OF, 12)
    assert (found[0], found[-1]) == (Period(date(2025, 5, 1), date(2025, 5, 31)), Period(date(2026, 4, 1), AS_OF))
    assert [is_whole_month(period) for period in found] == [*[True] * 11, False]
    assert to_date("quarter", date(2026, 6, 30)) == Period(date(2026, 4, 1), date(2026, 6, 30))
