"""What the calendar alone does to a weekly number: the end of a month, and weeks in which people work fewer days. Pure.

Money comes in on working days and most of it as a month ends. Held against weeks of all kinds, no fall would ever stand out, and each
Spring Festival would be one. So the calendar's part is found in a year or more of weeks and divided out before a week is tested.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt
from statistics import fmean, median
from typing import Final

from lib.domain.signals import Week

YEAR_WEEKS: Final = 52
"""Weeks it takes to know a season."""
LAST_DAYS: Final = 3
"""Working days at the end of a month that count as its end."""
_SURE: Final = 3.0
"""Standard errors beyond which the end of the month is not like other days; by chance alone one number in 370 is."""
_FEWEST_SHORT: Final = 3
_NO_DIFFERENCE: Final = 1.0


@dataclass(frozen=True, slots=True)
class CalendarWeek:
    """A week by the calendar: its working days as a share of a usual week's, and how much of a month's end lies in it, 0 to 1."""

    open_share: float
    month_end: float


@dataclass(frozen=True, slots=True)
class Season:
    """What the calendar does to a number: how many times an ordinary week a month's last is, and whether fewer working days bring less."""

    month_end: float = _NO_DIFFERENCE
    by_days: bool = False

    @property
    def is_any(self) -> bool:
        """Whether there is anything to divide out."""
        return self.by_days or self.month_end != _NO_DIFFERENCE

    def times(self, week: CalendarWeek) -> float | None:
        """How much more than an ordinary week this one is by the calendar; None where nobody works and the number needs it."""
        share = week.open_share if self.by_days else 1.0
        return share * (1 + (self.month_end - 1) * week.month_end) or None


NO_SEASON: Final = Season()


def calendar_weeks(first_on: date, count: int, open_days: Container[date]) -> list[CalendarWeek]:
    """So many weeks from a Monday on. `open_days`: the days people work, up to the end of the month after the last week."""
    weeks = [[first_on + timedelta(days=7 * week + day) for day in range(7)] for week in range(count)]
    opened = [[day for day in week if day in open_days] for week in weeks]
    usual = median(len(days) for days in opened) or 1
    return [CalendarWeek(len(days) / usual, sum(_ends_month(day, open_days) for day in days) / LAST_DAYS) for days in opened]


def find_season(weeks: Sequence[Week], calendar: Sequence[CalendarWeek]) -> Season:
    """What the calendar does to a flow, by its weeks; nothing where a year is not on record, or nothing is more than chance."""
    known = [(week.value, of) for week, of in zip(weeks, calendar, strict=True) if week.value is not None]
    if len(known) < YEAR_WEEKS:
        return NO_SEASON
    month_end = _of_month_end([(value, of.month_end) for value, of in known if of.open_share == 1])
    usual = fmean(value / (1 + (month_end - 1) * of.month_end) for value, of in known if of.open_share == 1)
    short = [(value, of) for value, of in known if of.open_share < 1]
    expected = [usual * (1 + (month_end - 1) * of.month_end) for _, of in short]
    if len(short) < _FEWEST_SHORT or sum(expected) <= 0:
        return Season(month_end)
    came = sum(value for value, _ in short) / sum(expected)
    by_days = sum(one * of.open_share for one, (_, of) in zip(expected, short, strict=True)) / sum(expected)
    return Season(month_end, by_days=came < (1 + by_days) / 2)


def _of_month_end(weeks: Sequence[tuple[float, float]]) -> float:
    """How many times an ordinary week a month's last is, by weeks of ordinary length; 1 where that could be chance.

    The larger a week the more it strays, so a second look gives large weeks less weight.
    """
    ordinary, slope, error = _line(weeks, [1.0] * len(weeks))
    if ordinary > 0 and slope > 0:
        ordinary, slope, error = _line(weeks, [(1 + slope / ordinary * end) ** -2 for _, end in weeks])
    if ordinary <= 0 or abs(slope) <= _SURE * error or not slope:
        return _NO_DIFFERENCE
    return max(1 + slope / ordinary, 0.0)


def _line(weeks: Sequence[tuple[float, float]], weights: Sequence[float]) -> tuple[float, float, float]:
    """The straight line of weeks over their part in a month's end: where it begins, its slope, and the standard error of that."""
    total = sum(weights)
    centre, middle = (sum(weight * week[side] for weight, week in zip(weights, weeks, strict=True)) / total for side in (0, 1))
    width = sum(weight * (end - middle) ** 2 for weight, (_, end) in zip(weights, weeks, strict=True))
    if not width:
        return centre, 0.0, 0.0
    slope = sum(weight * (end - middle) * (value - centre) for weight, (value, end) in zip(weights, weeks, strict=True)) / width
    begins = centre - slope * middle
    left = sum(weight * (value - begins - slope * end) ** 2 for weight, (value, end) in zip(weights, weeks, strict=True))
    return begins, slope, sqrt(left / (len(weeks) - 2) / width)


def _ends_month(day: date, open_days: Container[date]) -> bool:
    """Whether a working day is one of the last three of its month."""
    later, left = day + timedelta(days=1), LAST_DAYS - 1
    while later.month == day.month and left >= 0:
        left -= later in open_days
        later += timedelta(days=1)
    return left >= 0
