"""Working days: when something promised "in two working days" is due."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar


def is_working_day(day: date) -> bool:
    """Whether people work that day in China, shifted holidays included; beyond the published calendar, Monday to Friday."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5  # noqa: PLR2004 (Saturday)


def working_days_after(day: date, count: int) -> date:
    """The day on which the count-th full working day after `day` ends."""
    while count > 0:
        day += timedelta(days=1)
        count -= is_working_day(day)
    return day
