"""The lunar calendar, 1990 to 2060: the lunar date of a day, leap months included, and the festivals it dates.

A table of one number a year says all there is to say, which no library in use does in less; tests compare it with known dates and with
the public holidays.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from lib.errors import Refused
from lib.text import Text

FIRST_YEAR: Final = 1990
# fmt: off
_YEARS: Final = (
    0x34BE92, 0x5A0E92, 0x440D26, 0x2C6A56, 0x500A57, 0x3D14D6, 0x62035A, 0x4A06D5, 0x36B6C9, 0x5C0749, 0x460693, 0x2E952B,
    0x54052B, 0x3E0A5B, 0x2A555A, 0x4E056A, 0x38FB55, 0x600BA4, 0x4A0B49, 0x32BA93, 0x580A95, 0x42052D, 0x2C8AAD, 0x500AB5,
    0x3D35AA, 0x6205D2, 0x4C0DA5, 0x36DD4A, 0x5C0D4A, 0x460C95, 0x30952E, 0x540556, 0x3E0AB5, 0x2A55B2, 0x5006D2, 0x38CEA5,
    0x5E0725, 0x48064B, 0x32AC97, 0x560CAB, 0x42055A, 0x2C6AD6, 0x520B69, 0x3D7752, 0x620B52, 0x4C0B25, 0x36DA4B, 0x5A0A4B,
    0x4404AB, 0x2EA55B, 0x5405AD, 0x3E0B6A, 0x2A5B52, 0x500D92, 0x3AFD25, 0x5E0D25, 0x480A55, 0x32B4AD, 0x5804B6, 0x4005B5,
    0x2C6DAA, 0x520EC9, 0x3F1E92, 0x620E92, 0x4C0D26, 0x36CA56, 0x5A0A57, 0x4404D6, 0x2E86D5, 0x540755, 0x400749,
)
# fmt: on
"""Each lunar year: days from 1 January to its first day (above bit 17), its leap month or 0 (bits 13–16), then a bit per month, the first
one lowest, set when it has 30 days instead of 29; a leap month follows its namesake."""
FESTIVAL: Final[dict[tuple[int, int], Text]] = {
    (1, 1): Text("春节", "Spring Festival"),
    (1, 15): Text("元宵节", "Lantern Festival"),
    (5, 5): Text("端午节", "Dragon Boat Festival"),
    (7, 7): Text("七夕", "Qixi"),
    (8, 15): Text("中秋节", "Mid-autumn Festival"),
    (9, 9): Text("重阳节", "Double Ninth"),
    (12, 8): Text("腊八", "Laba"),
}
"""Festivals by lunar month and day; New Year's Eve is the day before the first."""
EVE: Final = Text("除夕", "New Year's Eve")
_MONTHS: Final = "正二三四五六七八九十冬腊"
_DIGITS: Final = "一二三四五六七八九十"
_OUTSIDE = Text("农历只到 {first}–{last} 年。", "Lunar dates run from {first} to {last}.")


@dataclass(frozen=True, slots=True, order=True)
class LunarDate:
    """A day of the lunar calendar; a leap month follows the one of its number."""

    year: int
    month: int
    is_leap: bool
    day: int

    @property
    def said(self) -> Text:
        """As people say it: 正月初一, 闰六月十五."""
        leap = "闰" if self.is_leap else ""
        number = f"{self.month}{' (leap)' if self.is_leap else ''}"
        return Text(f"{leap}{_MONTHS[self.month - 1]}月{_day_words(self.day)}", f"day {self.day} of month {number}")


def to_lunar(day: date) -> LunarDate:
    """The lunar date of a day. Refuses: one outside the table."""
    place = bisect_right(_FIRST_DAYS, day) - 1
    if place < 0 or day >= _FIRST_DAYS[-1] + timedelta(days=sum(length for *_, length in _months(len(_YEARS) - 1))):
        raise Refused(_OUTSIDE, first=FIRST_YEAR, last=FIRST_YEAR + len(_YEARS) - 1)
    left = (day - _FIRST_DAYS[place]).days
    for month, is_leap, length in _months(place):
        if left < length:
            return LunarDate(FIRST_YEAR + place, month, is_leap, left + 1)
        left -= length
    raise AssertionError


def festival(day: date) -> Text | None:
    """The lunar festival on a day, if one; leap months have none."""
    lunar = to_lunar(day)
    if not lunar.is_leap and (lunar.month, lunar.day) in FESTIVAL:
        return FESTIVAL[lunar.month, lunar.day]
    return EVE if day + timedelta(days=1) in _FIRST_DAYS else None


def _months(place: int) -> list[tuple[int, bool, int]]:
    """The months of a year in order: number, whether it is the leap one, days."""
    leap, bits = _YEARS[place] >> 13 & 0xF, _YEARS[place]
    names = [(month, is_leap) for month in range(1, 13) for is_leap in ((False, True) if month == leap else (False,))]
    return [(month, is_leap, 29 + (bits >> number & 1)) for number, (month, is_leap) in enumerate(names)]


def _day_words(day: int) -> str:
    tens, rest = divmod(day - 1, 10)
    if rest == 9:  # noqa: PLR2004 (初十, 二十, 三十)
        return ("初十", "二十", "三十")[tens]
    return "初十廿"[tens] + _DIGITS[rest]


_FIRST_DAYS: Final = tuple(date(FIRST_YEAR + place, 1, 1) + timedelta(days=said >> 17) for place, said in enumerate(_YEARS))
