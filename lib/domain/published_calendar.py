"""The public calendar that came with the program: the State Council's holidays and the weekend days worked instead."""

from __future__ import annotations

from datetime import date
from typing import Final

from chinese_calendar.constants import holidays, workdays

from lib.text import Text

HOLIDAY: Final[dict[str, Text]] = {
    "New Year's Day": Text("元旦", "New Year's Day"),
    "Spring Festival": Text("春节", "Spring Festival"),
    "Tomb-sweeping Day": Text("清明节", "Tomb-sweeping Day"),
    "Labour Day": Text("劳动节", "Labour Day"),
    "Dragon Boat Festival": Text("端午节", "Dragon Boat Festival"),
    "Mid-autumn Festival": Text("中秋节", "Mid-autumn Festival"),
    "National Day": Text("国庆节", "National Day"),
    "Anti-Fascist 70th Day": Text("抗战胜利纪念日", "Victory Day"),
}
"""Holidays by the name the library has for them."""
YEARS: Final = range(min(holidays).year, max(day.year for day in holidays if (day.month, day.day) == (10, 1)) + 1)
"""Years of which it knows all holidays, the last of which is National Day."""


def days(year: int) -> list[tuple[date, bool, str]]:
    """The days of a year that differ from their weekday: when, whether people work then, and what for, in both languages."""
    closed = [(day, False, name) for day, name in holidays.items() if day.year == year]
    opened = [(day, True, name) for day, name in workdays.items() if day.year == year]
    return sorted((day, is_open, _both(name)) for day, is_open, name in closed + opened)


def is_working_day(day: date) -> bool:
    """Whether people work that day by this calendar; in years it does not know, Monday to Friday."""
    return (day.weekday() < 5 and day not in holidays) or day in workdays  # noqa: PLR2004 (Saturday)


def _both(name: str) -> str:
    word = HOLIDAY.get(name)
    return f"{word.zh} · {word.en}" if word else name
