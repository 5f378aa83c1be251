"""The demo company's calendar: three years, working days, month ends, Spring Festivals, and when the office writes things down."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import cache
from random import Random
from typing import Final

from lib.demo.sources import happens
from lib.domain.published_calendar import is_working_day

START: Final = date(2023, 7, 1)
END: Final = date(2026, 6, 30)
"""The demo date: the company's today."""
CLOSE: Final = datetime(2026, 6, 30, 10)  # noqa: DTZ001 (UTC without a zone, as the ledger stores moments)
"""Office hours end on the demo date; nothing is recorded later."""
MOVED_IN: Final = datetime(2026, 4, 29, 1)  # noqa: DTZ001
"""When the demo's first change is made: what is done by hand afterwards stands in the audit at its own hour."""
OPENING: Final = datetime(2023, 6, 30, 2)  # noqa: DTZ001
"""When the customers of old were moved in."""
SPRING_FESTIVALS: Final = (date(2024, 2, 10), date(2025, 1, 29), date(2026, 2, 17))

_OFFICE_OPENS: Final = time(1)
_OFFICE_SECONDS: Final = 8 * 3600
_DAYS_TO_DESK: Final = (0, 0, 0, 0, 1, 1, 1, 2, 2, 3)
_LAST_DAYS: Final = (3, 6)
_FIRST_DAYS: Final = 5


@cache
def working_days() -> tuple[date, ...]:
    """Every working day of the three years."""
    days = ((START + timedelta(days=count)) for count in range((END - START).days + 1))
    return tuple(day for day in days if is_working_day(day))


@cache
def billing_weights() -> tuple[float, ...]:
    """How much is billed on each working day: month ends are heavy, the weeks after Spring Festival are quiet."""
    return tuple(_month_weight(day) * _festival_weight(day) for day in working_days())


@cache
def working_on_or_before(day: date) -> date:
    """The working day itself, or the last one before."""
    while not is_working_day(day):
        day -= timedelta(days=1)
    return day


@cache
def working_on_or_after(day: date) -> date:
    """The working day itself, or the next one."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def working_days_after(day: date, count: int) -> date:
    """The day on which the count-th full working day after `day` ends."""
    while count > 0:
        day += timedelta(days=1)
        count -= is_working_day(day)
    return day


def weekday_before(day: date, weekday: int) -> date:
    """The last such weekday up to a day."""
    return day - timedelta(days=(day.weekday() - weekday) % 7)


def weekday_after(day: date, weekday: int) -> date:
    """The first such weekday from a day on."""
    return day + timedelta(days=(weekday - day.weekday()) % 7)


def office_hour(rng: Random, day: date) -> datetime:
    """A moment of that day's office hours."""
    return datetime.combine(day, _OFFICE_OPENS) + timedelta(seconds=int(rng.random() * _OFFICE_SECONDS))


def written_down(rng: Random, day: date, late_share: float = 0.02) -> datetime:
    """When the office recorded what happened on a day: within three days, a few things one to three weeks afterwards."""
    later = 7 + int(rng.random() * 15) if happens(rng, late_share) else rng.choice(_DAYS_TO_DESK)
    return min(office_hour(rng, day + timedelta(days=later)), CLOSE)


def _month_weight(day: date) -> float:
    first_of_next = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    left = (first_of_next - day).days
    if left <= _LAST_DAYS[0]:
        return 4.0
    if left <= _LAST_DAYS[1]:
        return 2.0
    return 0.6 if day.day <= _FIRST_DAYS else 1.0


def _festival_weight(day: date) -> float:
    for festival in SPRING_FESTIVALS:
        if festival - timedelta(days=24) <= day < festival:
            return 1.7
        if festival <= day <= festival + timedelta(days=20):
            return 0.35
    return 1.0
