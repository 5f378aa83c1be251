"""Lunar dates: known ones, every day after the one before, and the festivals the public holidays are called after."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from chinese_calendar.constants import holidays

from lib.domain.lunar import FESTIVAL, LunarDate, festival, to_lunar
from lib.errors import Refused

SPRING = ["2020-01-25", "2021-02-12", "2022-02-01", "2023-01-22", "2024-02-10", "2025-01-29", "2026-02-17"]
DRAGON_BOAT = ["2020-06-25", "2021-06-14", "2022-06-03", "2023-06-22", "2024-06-10", "2025-05-31", "2026-06-19"]
MID_AUTUMN = ["2020-10-01", "2021-09-21", "2022-09-10", "2023-09-29", "2024-09-17", "2025-10-06", "2026-09-25"]


@pytest.mark.parametrize(("month_day", "days"), [((1, 1), SPRING), ((5, 5), DRAGON_BOAT), ((8, 15), MID_AUTUMN)])
def test_festivals_fall_where_they_were_kept(month_day: tuple[int, int], days: list[str]) -> None:
    month, number = month_day
    found = [(to_lunar(day), festival(day)) for day in map(date.fromisoformat, days)]
    assert found == [(LunarDate(year, month, False, number), FESTIVAL[month_day]) for year in range(2020, 2027)]


def test_every_day_follows_the_one_before() -> None:
    day, last = date(1990, 1, 27), to_lunar(date(1990, 1, 27))
    assert last == LunarDate(1990, 1, False, 1)
    while day < date(2061, 1, 1):
        day += timedelta(days=1)
        lunar = to_lunar(day)
        same_month = (lunar.year, lunar.month, lunar.is_leap) == (last.year, last.month, last.is_leap)
        assert lunar.day == (last.day + 1 if same_month else 1)
        assert same_month or last.day in {29, 30}
        last = lunar


@pytest.mark.parametrize(
    ("day", "lunar", "said"),
    [
        ("2020-05-23", LunarDate(2020, 4, True, 1), "闰四月初一"),
        ("2023-03-22", LunarDate(2023, 2, True, 1), "闰二月初一"),
        ("2025-07-25", LunarDate(2025, 6, True, 1), "闰六月初一"),
        ("2025-07-24", LunarDate(2025, 6, False, 30), "六月三十"),
        ("2026-02-16", LunarDate(2025, 12, False, 29), "腊月廿九"),
        ("2024-02-09", LunarDate(2023, 12, False, 30), "腊月三十"),
        ("2000-02-05", LunarDate(2000, 1, False, 1), "正月初一"),
        ("2033-12-22", LunarDate(2033, 11, True, 1), "闰冬月初一"),
    ],
)
def test_known_days_leap_months_among_them(day: str, lunar: LunarDate, said: str) -> None:
    assert to_lunar(date.fromisoformat(day)) == lunar
    assert lunar.said.zh == said


def test_public_holidays_hold_the_festival_they_are_called_after() -> None:
    """Of 2020 to 2026: Spring Festival, Dragon Boat, Mid-autumn; 2020's Mid-autumn was National Day."""
    for year in range(2020, 2027):
        for name, month_day in (("Spring Festival", (1, 1)), ("Dragon Boat Festival", (5, 5)), ("Mid-autumn Festival", (8, 15))):
            kept = [day for day, of in holidays.items() if of == name and day.year == year]
            if kept:
                assert FESTIVAL[month_day] in {festival(day) for day in kept}


def test_a_day_outside_the_table_is_refused() -> None:
    for wrong in (date(1989, 1, 1), date(2062, 1, 1)):
        with pytest.raises(Refused):
            to_lunar(wrong)
