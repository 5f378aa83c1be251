"""Payment terms: when an invoice of a day is due, and how people write it: 30, 月结30天, EOM+30, 2 months.

`due_by_terms` in `lib/sql/views/32_billing.sql` says the same in the engine; a test holds the two together.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from lib.domain import values
from lib.domain.values import Parsed
from lib.text import Text

Basis = Literal["net", "eom", "months"]
BASIS: Final[dict[Basis, Text]] = {
    "net": Text("天后", "days"),
    "eom": Text("月结后天数", "days after the end of the month"),
    "months": Text("个月后", "months"),
}
LONGEST: Final[dict[Basis, int]] = {"net": 730, "eom": 730, "months": 24}
"""The most a number may be, by what it counts."""
_SAID: Final[dict[Basis, Text]] = {
    "net": Text("{number} 天", "{number} days"),
    "eom": Text("月结 {number} 天", "EOM + {number} days"),
    "months": Text("{number} 个月", "{number} months"),
}
NOT_TERMS: Final = Text(
    "「{typed}」看不出账期，请写成 30、月结30天 或 2个月", "“{typed}” are no payment terms; write 30, EOM+30 or 2 months"
)
TOO_LONG: Final = Text("「{typed}」太长：最多 730 天或 24 个月", "“{typed}” is too long: 730 days or 24 months at most")

_CASH: Final = frozenset({"现结", "现付", "现款", "货到付款", "款到发货", "cod", "cash", "prepaid", "due on receipt", "immediate"})
_NUMBER: Final = r"(?P<number>[0-9]{1,4})"
_DAYS: Final = r"(?: ?(?:天|日|days?|d))?"
_WAYS: Final[tuple[tuple[Basis, re.Pattern[str]], ...]] = (
    ("eom", re.compile(rf"(?:月结|月末后?|次月结) ?\+? ?(?:{_NUMBER}{_DAYS})?")),
    ("eom", re.compile(rf"(?:eom|end of month) ?\+? ?(?:{_NUMBER}{_DAYS})?")),
    ("eom", re.compile(rf"{_NUMBER}{_DAYS} ?(?:eom|after (?:the )?end of (?:the )?month|from end of month)")),
    ("months", re.compile(rf"{_NUMBER} ?(?:个月|個月|月|months?|mths?|mos?)(?:后|後|账期)?")),
    ("net", re.compile(rf"(?:net|净|票到|n/)? ?{_NUMBER}{_DAYS}(?:后|後|net|账期)?")),
)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a due date counts and how many of it."""

    basis: Basis
    number: int

    def due_on(self, on_date: date) -> date:
        """The due date of an invoice of that day."""
        return due_on(on_date, self.basis, self.number)

    def said(self) -> Text:
        """The terms in words."""
        said = _SAID[self.basis]
        return Text(said.say("zh", number=self.number), said.say("en", number=self.number))


def due_on(on_date: date, basis: str | None, number: int | None) -> date:
    """The due date of an invoice of a day; without terms it is due on its own day. A month that is too short ends on its last day."""
    if basis == "months":
        return months_after(on_date, number or 0)
    start = _month_end(on_date) if basis == "eom" else on_date
    return start + timedelta(days=number or 0)


def months_after(day: date, count: int) -> date:
    """The same day some months on, or the last of that month: 31 January and one month is 28 or 29 February."""
    months = day.year * 12 + day.month - 1 + count
    first = date(months // 12, months % 12 + 1, 1)
    return first.replace(day=min(day.day, _month_end(first).day))


def parse_terms(text: str) -> Parsed[Terms]:
    """Payment terms as people write them; a bare number is days.

    Refuses: what is no terms, and more than 730 days or 24 months.
    """
    plain = values.plainly(text).casefold()
    if not plain:
        return Parsed(None, "ok", text)
    if plain in _CASH:
        return _read(text, Terms("net", 0))
    whole = re.sub(r"^([0-9]+)\.0+$", r"\1", plain)
    for basis, way in _WAYS:
        if match := way.fullmatch(whole):
            return _read(text, Terms(basis, int(match["number"] or 0)))
    return values.refusal(text, NOT_TERMS)


def parse_code(text: str) -> Parsed[str]:
    """The same as one text the engine takes apart: eom 30."""
    read = parse_terms(text)
    if read.value is None:
        return Parsed(None, read.state, text, read.shown, read.reason, read.values)
    return Parsed(f"{read.value.basis} {read.value.number}", read.state, text, read.shown)


def _read(text: str, terms: Terms) -> Parsed[Terms]:
    if terms.number > LONGEST[terms.basis]:
        return values.refusal(text, TOO_LONG)
    is_plain = text.strip() == str(terms.number) and terms.basis == "net"
    shown = {"net": f"{terms.number}", "eom": f"EOM+{terms.number}", "months": f"{terms.number}M"}[terms.basis]
    return Parsed(terms, "ok" if is_plain else "changed", text, shown)


def _month_end(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])
