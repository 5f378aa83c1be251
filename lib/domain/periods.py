"""Weeks, months, quarters and years as stretches of days, and where each stood a year before. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

Span = Literal["month", "quarter", "year"]
_MONTHS: Final[dict[Span, int]] = {"month": 1, "quarter": 3, "year": 12}
_DAY: Final = timedelta(days=1)
_WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Days from the first to the last, both included."""

    first_on: date
    last_on: date


def week(week_on: date) -> Period:
    """The week of a Monday."""
    return Period(week_on, week_on + _WEEK - _DAY)


def begun(span: Span, day: date) -> date:
    """The first day of the month, quarter or year a day is in."""
    months = _MONTHS[span]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def to_date(span: Span, day: date) -> Period:
    """From the beginning of the month, quarter or year up to a day."""
    return Period(begun(span, day), day)


def months(until: date, count: int) -> list[Period]:
    """The last months, the oldest first; the last one goes up to a day."""
    firsts = [_months_before(until, back) for back in range(count - 1, -1, -1)]
    return [Period(first, min(_last_of_month(first), until)) for first in firsts]


def is_whole_month(period: Period) -> bool:
    """Whether nothing of its month is still to come."""
    return period.last_on == _last_of_month(period.first_on)


def year_before(period: Period) -> Period:
    """The same stretch a year before. Of a month that is over, all of that month: February may have a day more."""
    first = _day_in(period.first_on.year - 1, period.first_on)
    whole = period.last_on == _last_of_month(period.last_on)
    last = _day_in(period.last_on.year - 1, period.last_on)
    return Period(first, _last_of_month(last) if whole else last)


def week_year_before(week_on: date) -> date:
    """The Monday of the week that had the same number a year before; week 53 goes with week 52 where there was none."""
    year, number, _ = week_on.isocalendar()
    try:
        return date.fromisocalendar(year - 1, number, 1)
    except ValueError:
        return date.fromisocalendar(year - 1, number - 1, 1)


def cuts(periods: Iterable[Period]) -> list[date]:
    """The days on which one of the periods begins or, a day late, ends, in order: between two of them all days are of the same periods."""
    return sorted({day for period in periods for day in (period.first_on, period.last_on + _DAY)})


def _months_before(day: date, count: int) -> date:
    years, month = divmod(day.year * 12 + day.month - 1 - count, 12)
    return date(years, month + 1, 1)


def _last_of_month(day: date) -> date:
    return _months_before(day, -1) - _DAY


def _day_in(year: int, day: date) -> date:
    """The same day of a year; 28 February for a 29th that is not there."""
    try:
        return day.replace(year=year)
    except ValueError:
        return day.replace(year=year, day=28)
