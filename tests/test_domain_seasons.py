"""What the calendar does to a number: found by example, and simulated by days: nothing found where nothing is, real falls seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
import pytest

from lib.domain.published_calendar import is_working_day
from lib.domain.seasons import NO_SEASON, CalendarWeek, Season, calendar_weeks, find_season
from lib.domain.signals import Chart, Week, chart

FIRST: Final = date(2024, 12, 2)  # a Monday; 53 weeks, then the quarter with the Spring Festival of 2026
DAYS: Final = [FIRST + timedelta(days=place) for place in range(7 * 72)]
CALENDAR: Final = calendar_weeks(FIRST, 66, {day for day in DAYS if is_working_day(day)})


def test_a_week_knows_its_working_days_and_its_part_of_the_month_s_end() -> None:
    """The last working days of December 2024 are Friday 27, Monday 30 and Tuesday 31; 1 January is closed.

    In 2025 people work one day of the week of the Spring Festival, six of the one before; in 2026 none and six.
    """
    assert CALENDAR[3:5] == [CalendarWeek(1.0, 1 / 3), CalendarWeek(0.8, 2 / 3)]
    assert [week.open_share for week in CALENDAR[7:9]] == [1.2, 0.2]
    assert [week.open_share for week in CALENDAR[62:64]] == [1.2, 0.0]


def test_what_is_divided_out_is_the_end_of_the_month_and_the_days_worked() -> None:
    exact = [Week(100 * week.open_share * (1 + week.month_end)) for week in CALENDAR]
    season = find_season(exact[:53], CALENDAR[:53])
    assert (round(season.month_end, 6), season.by_days) == (2.0, True)
    assert [round(season.times(week) or 0.0, 6) for week in CALENDAR[62:65]] == [1.2, 0.0, 2.0]
    assert season.times(CALENDAR[63]) is None
    assert find_season(exact[:51], CALENDAR[:51]) == NO_SEASON
    assert find_season([Week(100.0)] * 53, CALENDAR[:53]) == NO_SEASON


def test_a_week_in_which_nobody_works_is_not_judged_and_takes_nothing_from_the_limits_standing() -> None:
    season = Season(by_days=True)
    exact = [Week(100 * week.open_share + place % 2) for place, week in enumerate(CALENDAR)]
    found = chart(exact, "flow", range(38, 64), [season.times(week) for week in CALENDAR])
    assert (found.tested[63], found.limits[63], found.baseline_weeks, found.standing) == (None, None, 25, "full")
    assert found.signals[64:] == (None, None)


@dataclass(frozen=True)
class Made:
    """A flow made up of days: how many times an ordinary week a month's last is, how it strays, and if only working days count."""

    month_end: float
    strays: float
    by_days: bool = True

    def weeks(self, random: np.random.Generator, left: float = 1.0) -> list[Week]:
        """`left` of it from the fifth week of the quarter on."""
        season = Season(self.month_end, self.by_days)
        noise = random.lognormal(-(self.strays**2) / 2, self.strays, len(CALENDAR))
        return [
            Week(100 * (season.times(week) or 0.0) * float(one) * (left if place >= 57 else 1.0))
            for place, (week, one) in enumerate(zip(CALENDAR, noise, strict=True))
        ]


def judged(weeks: Sequence[Week], *, plain: bool = False) -> Chart:
    season = NO_SEASON if plain else find_season(weeks[:53], CALENDAR[:53])
    return chart(weeks, "flow", range(27, 53), [season.times(week) for week in CALENDAR] if season.is_any else ())


@pytest.mark.parametrize(
    "made", [Made(2, 0.15), Made(2, 0.3), Made(1, 0.2), Made(1, 0.3, by_days=False)], ids=["usual", "wild", "days", "none"]
)
def test_at_most_three_weeks_in_a_hundred_are_signals_by_chance_whatever_the_calendar_does(made: Made) -> None:
    random = np.random.default_rng(20260630)
    signals = [one for _ in range(250) for one in judged(made.weeks(random)).signals[53:]]
    assert sum(one is not None for one in signals) / len(signals) <= 0.03


def test_a_fall_by_three_tenths_is_seen_within_four_weeks_only_without_the_calendar_s_part() -> None:
    """The end of a month doubles a week: 3 of 4 such falls are seen in the weeks of 5 to 26 January; by plain limits none."""
    random = np.random.default_rng(20260630)
    fallen = [Made(2, 0.15).weeks(random, 0.7) for _ in range(300)]
    seen, plainly = (
        sum(any(one and not one.is_above for one in judged(weeks, plain=plain).signals[57:61]) for weeks in fallen)
        for plain in (False, True)
    )
    assert seen / 300 == pytest.approx(0.77, abs=0.04)
    assert plainly / 300 <= 0.02
