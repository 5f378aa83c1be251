"""The cell parser for dates: what Excel, banks and people write, in two languages; ambiguous dates are refused.

The day order of 03/05/2025 is settled once for a column by `date_order`, from the column's own values.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal, get_args

from lib.domain.values import Parsed, plainly, refusal
from lib.formats import MISSING
from lib.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

DateOrder = Literal["dmy", "mdy", "ymd"]
ORDERS: tuple[DateOrder, ...] = get_args(DateOrder)
ORDER_LABEL: dict[DateOrder, Text] = {
    "ymd": Text("年/月/日", "year/month/day"),
    "mdy": Text("月/日/年", "month/day/year"),
    "dmy": Text("日/月/年", "day/month/year"),
}
Parts = tuple[str, str, str]

EVER = date(9999, 12, 31)
"""The last day there is: what ends then does not end."""
ANY_DAY = date(9999, 12, 30)
"""An as-of date that leaves nothing out."""
QUARTER_WEEKS = 13
"""Weeks that stand for a quarter wherever weeks are compared."""
EXCEL_START = date(1899, 12, 30)
EXCEL_DAYS = range(30_000, 60_000)  # 1982 to 2064: other five-digit numbers are more likely codes
YEARS = range(1900, 2101)
TURN_OF_CENTURY = 70  # 69 is 2069, 70 is 1970

NOT_A_DATE = Text("「{typed}」不是日期，请改成 2025-03-06 这样的写法", "“{typed}” is not a date; write it like 2025-03-06")
NO_SUCH_DAY = Text("「{typed}」这一天不存在，请检查月和日", "“{typed}” does not exist; check the month and the day")
NO_DAY = Text("「{typed}」缺少日，请写全年月日", "“{typed}” has no day; write year, month and day")
AMBIGUOUS = Text(
    "「{typed}」看不出哪个是月、哪个是日，请为整列选择日期顺序，或改成 2025-03-06 这样的写法",
    "“{typed}” does not show which part is the month; choose a date order for the column or write 2025-03-06",
)
AGAINST_ORDER = Text(
    "「{typed}」与本列的日期顺序不符，请改成 2025-03-06 这样的写法",
    "“{typed}” does not fit the date order of its column; write it like 2025-03-06",
)
FAR_YEAR = Text("「{typed}」的年份不在 1900–2100 之间，请检查", "The year of “{typed}” is not between 1900 and 2100; check it")


@dataclass(frozen=True, slots=True)
class DateOrderVerdict:
    """What a column's numeric dates say about their order.

    `settled` names the order and a value that proves it; `ambiguous` leaves the candidates to ask about, once;
    `contradictory` shows two values that cannot share an order; `unneeded` means no value depends on it.
    """

    state: Literal["settled", "ambiguous", "contradictory", "unneeded"]
    order: DateOrder | None = None
    candidates: tuple[DateOrder, ...] = ()
    proof: str = ""
    objection: str = ""


_RELATIVE = {
    "今天": 0, "今日": 0, "today": 0, "昨天": -1, "昨日": -1, "yesterday": -1,
    "前天": -2, "明天": 1, "明日": 1, "tomorrow": 1, "后天": 2,
}  # fmt: skip
_MONTHS = {
    name: month
    for month, names in enumerate(
        ("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august",
         "sep sept september", "oct october", "nov november", "dec december"),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_WEEKDAY = re.compile(r"\s*\(?(?:周|星期|礼拜)[一二三四五六日天]\)?|^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? ", re.IGNORECASE)
_TIME = re.compile(
    r"(?<=[\d日号])(?:T| |日 ?|号 ?)(?:[上下]午 ?)?\d{1,2}(?::|时|点)\d{2}(?:(?::|分)\d{2}(?:\.\d+)?秒?|分)?"
    r" ?(?:[AP]\.?M\.?)?(?:Z| ?[+-]\d{2}:?\d{2})?$",
    re.IGNORECASE,
)
_YEAR_FIRST = re.compile(r"(\d{4})(?:([-/.]) ?(\d{1,2})\2 ?(\d{1,2})| (\d{1,2}) (\d{1,2}))\.?")
_CHINESE = re.compile(r"(?:(\d{4}|\d{2}) ?年 ?)?(\d{1,2}) ?月 ?(\d{1,2}) ?[日号]?")
_NO_DAY = re.compile(r"\d{4} ?年 ?\d{1,2} ?月|\d{4}[-/.]\d{1,2}|[A-Za-z]{3,9}[- ]\d{2,4}")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")
_TRIPLE = re.compile(r"(\d{1,2})([-/.]) ?(\d{1,2})\2 ?(\d{4}|\d{1,2})")
_DAY_MONTH = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[- /.]?([A-Za-z]{3,9})\.?,?[- /.]?(\d{4}|\d{2})", re.IGNORECASE)
_MONTH_DAY = re.compile(r"([A-Za-z]{3,9})\.?[- ]?(\d{1,2})(?:st|nd|rd|th)?,?[- ](\d{4})", re.IGNORECASE)


def parse_date(text: str, *, today: date, order: DateOrder | None = None, prefer: Literal["past", "future"] = "past") -> Parsed[date]:
    """The day a cell names, whatever the style; a time of day is left out.

    `order` is what `date_order` or a person said for the whole column. A date without a year is the last one up to
    today, or with prefer="future" the next one from today.
    Refuses: days that do not exist, an unclear order of day and month, a missing day, years beyond 1900-2100.
    """
    if _ISO.fullmatch(text):
        return _iso(text)
    plain = plainly(text)
    if plain in {"", MISSING}:
        return Parsed(None, "ok", text)
    if plain.casefold() in _RELATIVE:
        return _found(text, today + timedelta(days=_RELATIVE[plain.casefold()]))
    bare = _TIME.sub("", _WEEKDAY.sub("", plain))
    outcome = _numeric(bare, order) or _worded(bare, today, prefer) or (NO_DAY if _NO_DAY.fullmatch(bare) else NOT_A_DATE)
    return refusal(text, outcome) if isinstance(outcome, Text) else _found(text, outcome)


def date_order(values: Iterable[str]) -> DateOrderVerdict:
    """What the whole column says about the order of its numeric dates such as 03/05/2025."""
    seen: list[tuple[str, frozenset[DateOrder]]] = []
    for text in dict.fromkeys(values):
        parts = _triple(_TIME.sub("", _WEEKDAY.sub("", plainly(text))))
        possible = frozenset(_readings(parts)) if parts else frozenset()
        if possible:
            seen.append((text, possible))
    common = frozenset(ORDERS).intersection(*(possible for _, possible in seen))
    if not common:
        return _contradiction(seen)
    if len(common) == 1:
        (settled,) = common
        proof = min(seen, key=lambda value: len(value[1]))[0]
        return DateOrderVerdict("settled", settled, (settled,), proof)
    return _open(seen, tuple(order for order in ORDERS if order in common))


def _contradiction(seen: list[tuple[str, frozenset[DateOrder]]]) -> DateOrderVerdict:
    proof, possible = min(seen, key=lambda value: len(value[1]))
    objection = next((text for text, other in seen if not other & possible), "")
    return DateOrderVerdict("contradictory", proof=proof, objection=objection)


def _open(seen: list[tuple[str, frozenset[DateOrder]]], candidates: tuple[DateOrder, ...]) -> DateOrderVerdict:
    for text, _ in seen:
        parts = _triple(_TIME.sub("", _WEEKDAY.sub("", plainly(text))))
        readings = _readings(parts) if parts else {}
        if len({readings[order] for order in candidates}) > 1:
            return DateOrderVerdict("ambiguous", None, candidates, text)
    return DateOrderVerdict("unneeded")


def _iso(text: str) -> Parsed[date]:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return refusal(text, NO_SUCH_DAY)
    return Parsed(found, "ok", text, text) if found.year in YEARS else refusal(text, FAR_YEAR)


def _found(text: str, on: date) -> Parsed[date]:
    if on.year not in YEARS:
        return refusal(text, FAR_YEAR)
    same = text.strip().replace("/", "-") == on.isoformat()
    return Parsed(on, "ok" if same else "changed", text, on.isoformat())


def _numeric(bare: str, order: DateOrder | None) -> date | Text | None:
    if match := _YEAR_FIRST.fullmatch(bare):
        return _day(match[1], match[3] or match[5], match[4] or match[6])
    if match := _COMPACT.fullmatch(bare):
        return _day(*match.groups()) if int(match[1]) in YEARS else NOT_A_DATE
    if match := _SERIAL.fullmatch(bare):
        count = int(match[1])
        return EXCEL_START + timedelta(days=count) if count in EXCEL_DAYS else NOT_A_DATE
    parts = _triple(bare)
    return _ordered(parts, order) if parts else None


def _worded(bare: str, today: date, prefer: str) -> date | Text | None:
    if match := _CHINESE.fullmatch(bare):
        return _day(*match.groups()) if match[1] else _without_year(int(match[2]), int(match[3]), today, prefer)
    if match := _DAY_MONTH.fullmatch(bare):
        return _named_month(match[3], match[2], match[1])
    if match := _MONTH_DAY.fullmatch(bare):
        return _named_month(match[3], match[1], match[2])
    return None


def _named_month(year: str, name: str, day: str) -> date | Text:
    month = _MONTHS.get(name.casefold())
    return _day(year, str(month), day) if month else NOT_A_DATE


def _without_year(month: int, day: int, today: date, prefer: str) -> date | Text:
    step = -1 if prefer == "past" else 1
    for year in range(today.year, today.year + 9 * step, step):
        on = _day(str(year), str(month), str(day))
        if isinstance(on, date) and (on - today).days * step >= 0:
            return on
    return NO_SUCH_DAY


def _ordered(parts: Parts, order: DateOrder | None) -> date | Text:
    readings = _readings(parts)
    if order:
        return readings.get(order, AGAINST_ORDER if readings else NO_SUCH_DAY)
    days = set(readings.values())
    if len(days) > 1:
        return AMBIGUOUS
    return days.pop() if days else NO_SUCH_DAY


def _triple(bare: str) -> Parts | None:
    match = _TRIPLE.fullmatch(bare)
    return (match[1], match[3], match[4]) if match else None


def _readings(parts: Parts) -> dict[DateOrder, date]:
    """Every order in which the parts are a real day; a year has two or four digits."""
    first, second, third = parts
    arranged: dict[DateOrder, Parts] = {
        "dmy": (third, second, first),
        "mdy": (third, first, second),
        "ymd": (first, second, third),
    }
    found = {}
    for order, (year, month, day) in arranged.items():
        on = _day(year, month, day) if len(year) > 1 and len(day) <= 2 else None  # noqa: PLR2004 - digits of a day
        if isinstance(on, date):
            found[order] = on
    return found


def _day(year: str, month: str, day: str) -> date | Text:
    full_year = int(year)
    if len(year) == 2:  # noqa: PLR2004 - digits of a short year
        full_year += 2000 if full_year < TURN_OF_CENTURY else 1900
    try:
        return date(full_year, int(month), int(day))
    except ValueError:
        return NO_SUCH_DAY
