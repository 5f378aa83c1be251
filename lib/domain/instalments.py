"""An amount in parts: even instalments to the cent, on regular days."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Final

from lib.text import Text

EVERY: Final[dict[str, Text]] = {
    "week": Text("每周", "Weekly"),
    "two_weeks": Text("每两周", "Every two weeks"),
    "month": Text("每月", "Monthly"),
}
MOST: Final = 60
"""Instalments of one plan: five years of months."""
_DAYS: Final = {"week": 7, "two_weeks": 14}
_CENT: Final = Decimal("0.01")


def split(amount: Decimal, count: int, first_on: date, every: str) -> tuple[tuple[date, Decimal], ...]:
    """Days and amounts of even instalments: equal but for the last, which takes the cents that are left over."""
    part = (amount / count).quantize(_CENT, ROUND_DOWN)
    amounts = [part] * (count - 1) + [amount - part * (count - 1)]
    return tuple((day_of(first_on, place, every), one) for place, one in enumerate(amounts))


def day_of(first_on: date, place: int, every: str) -> date:
    """The day of an instalment (the first is 0). Monthly ones keep their day, or the month's last: 31 Jan, 28 Feb, 31 Mar."""
    if every in _DAYS:
        return first_on + timedelta(days=_DAYS[every] * place)
    years, month = divmod(first_on.month - 1 + place, 12)
    last = calendar.monthrange(first_on.year + years, month + 1)[1]
    return date(first_on.year + years, month + 1, min(first_on.day, last))
