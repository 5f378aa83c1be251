"""Numbers and dates as a person reads them, the same on every page and in every export.

Rounds half up, then picks the unit: 99,999,999 is 1亿, never 10,000万.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from lib.text import Text

if TYPE_CHECKING:
    from datetime import date

    from lib.text import Language

MINUS = "\u2212"
MISSING = "—"
SYMBOLS = {"CNY": "¥", "USD": "US$", "GBP": "£", "EUR": "€", "JPY": "JP¥", "HKD": "HK$"}

MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WEEKDAYS_ZH = "一二三四五六日"
_NO_SHARE = Decimal("0.0001")
"""Percentages below this are what reckoning in fractions leaves behind."""


@dataclass(frozen=True, slots=True)
class Scale:
    """One compact unit: shown while the rounded number of units stays below its limit."""

    size: int
    places: int
    suffix: str
    below: int | None


SCALES: dict[Language, tuple[Scale, ...]] = {
    "zh": (
        Scale(1, 0, "", 10_000),
        Scale(10_000, 1, "万", 100),
        Scale(10_000, 0, "万", 10_000),
        Scale(10**8, 2, "亿", None),
    ),
    "en": (
        Scale(1, 0, "", 1_000),
        Scale(1_000, 1, "K", 100),
        Scale(10**6, 2, "M", 100),
        Scale(10**6, 0, "M", 1_000),
        Scale(10**9, 2, "B", None),
    ),
}


def money(amount: Decimal | None, currency: str, language: Language, *, compact: bool = False) -> str:
    """An amount with its currency: ¥12,684,300.50 or CNY 12,684,300.50 in full, ¥1,268万 or ¥12.68M compact."""
    if amount is None:
        return MISSING
    if compact:
        return _compact_money(amount, currency, language)
    minus, digits = _signed(amount, 2)
    if language == "en":
        return f"{currency} {minus}{digits}"
    return f"{minus}{_symbol(currency)}{digits}"


def number(value: Decimal | float | None, places: int = 0) -> str:
    """A plain number with thousands separators and a fixed count of decimals."""
    return MISSING if value is None else "".join(_signed(_decimal(value), places))


def counted(count: int, one: str, more: str) -> Text:
    """A count for a sentence whose English has to agree with it; in Chinese the sentence names what is counted."""
    return Text(number(count), f"{number(count)} {one if count == 1 else more}")


def width(text: str) -> int:
    """How wide words are, in Latin letters: a Chinese sign takes two."""
    return sum(2 if sign >= "\u2e80" else 1 for sign in text)


def customers(count: int) -> Text:
    """So many customers, where the sentence does not name them in either language."""
    return Text(f"{number(count)} 个客户", counted(count, "customer", "customers").en)


def percent(rate: Decimal | float | None, places: int = 1) -> str:
    """A rate from 0 to 1 as 86.4%; one that would read 0.0% with two digits that say something: 0.034%."""
    return MISSING if rate is None else f"{number(_decimal(rate) * 100, percent_places(rate, places))}%"


def percent_places(rate: Decimal | float, places: int = 1) -> int:
    """Digits behind the point of a percentage: more where a rate that is not zero would read as zero. Beyond six places it is none."""
    share = abs(_decimal(rate) * 100)
    return places if _rounded(share, places) or share < _NO_SHARE else 1 - share.adjusted()


def points(rate_difference: Decimal | float | None, language: Language, places: int = 1) -> str:
    """A difference of two rates, always signed: +2.1 个百分点 or +2.1 pp."""
    if rate_difference is None:
        return MISSING
    unit = Text("个百分点", "pp").say(language)
    return f"{_plus(_decimal(rate_difference) * 100, places)} {unit}"


def days(count: Decimal | float | None, language: Language, places: int = 0) -> str:
    """A number of calendar days: 12 天 or 12 d."""
    if count is None:
        return MISSING
    return f"{number(count, places)} {Text('天', 'd').say(language)}"


def day(on: date | None, language: Language) -> str:
    """A date of the current year: 11月15日 周六 or 15 Nov."""
    if on is None:
        return MISSING
    if language == "zh":
        return f"{on.month}月{on.day}日 周{WEEKDAYS_ZH[on.weekday()]}"
    return f"{on.day} {MONTHS_EN[on.month - 1]}"


def full_date(on: date | None, language: Language) -> str:
    """A date with its year: 2025年11月15日 or 15 Nov 2025."""
    if on is None:
        return MISSING
    if language == "zh":
        return f"{on.year}年{on.month}月{on.day}日"
    return f"{on.day} {MONTHS_EN[on.month - 1]} {on.year}"


def iso_date(on: date | None) -> str:
    """A date for files and sorting: 2025-11-15."""
    return MISSING if on is None else on.isoformat()


def week(on: date | None, language: Language) -> str:
    """The ISO week a date falls in, with its Monday and Sunday: 2025年第46周（11/10–11/16）."""
    if on is None:
        return MISSING
    year, week_no, _ = on.isocalendar()
    said = Text("{year}年第{week_no}周（{days}）", "W{week_no} {year} ({days})")
    return said.say(language, year=year, week_no=week_no, days=week_days(on, language))


def iso_week(on: date) -> str:
    """The ISO week a date falls in, for addresses and file names: 2025-W46."""
    year, week_no, _ = on.isocalendar()
    return f"{year}-W{week_no:02}"


def week_days(on: date, language: Language) -> str:
    """Monday and Sunday of the ISO week a date falls in: 11/10–11/16 or 10–16 Nov."""
    year, week_no, _ = on.isocalendar()
    monday = on.fromisocalendar(year, week_no, 1)
    sunday = on.fromisocalendar(year, week_no, 7)
    if language == "zh":
        return f"{monday.month}/{monday.day}–{sunday.month}/{sunday.day}"
    first = f"{monday.day}" if monday.month == sunday.month else day(monday, "en")
    return f"{first}–{day(sunday, 'en')}"


def _compact_money(amount: Decimal, currency: str, language: Language) -> str:
    scale, units = _scaled(abs(amount), SCALES[language])
    minus = MINUS if amount < 0 and units else ""
    return f"{minus}{_symbol(currency)}{_trimmed(units)}{scale.suffix}"


def _scaled(amount: Decimal, scales: tuple[Scale, ...]) -> tuple[Scale, Decimal]:
    for scale in scales:
        units = _rounded(amount / scale.size, scale.places)
        if scale.below is None or units < scale.below:
            return scale, units
    raise AssertionError("the last scale has no limit")


def _trimmed(units: Decimal) -> str:
    digits = f"{units:,f}"
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def _symbol(currency: str) -> str:
    return SYMBOLS.get(currency, f"{currency} ")


def _plus(value: Decimal, places: int) -> str:
    minus, digits = _signed(value, places)
    is_zero = not digits.strip("0.,")
    return f"{minus or ('' if is_zero else '+')}{digits}"


def _signed(value: Decimal, places: int) -> tuple[str, str]:
    rounded = _rounded(value, places)
    return (MINUS if rounded < 0 else ""), f"{abs(rounded):,f}"


def _rounded(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def _decimal(value: Decimal | float) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))
