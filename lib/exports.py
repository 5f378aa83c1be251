"""A table as a file: XLSX for people, CSV for programs. Amounts stay numbers exact to the cent, text never becomes a formula."""

from __future__ import annotations

import csv as csv_format
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from io import BytesIO, StringIO
from typing import Any, Final

import pyarrow as pa
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from lib import terms
from lib.domain import access, kinds, scores, service_kind, stages, worth
from lib.formats import width
from lib.text import Language, Text

DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""First characters that make a spreadsheet read text as a formula."""
_EXACT_BELOW: Final = Decimal(10) ** 13
"""Spreadsheets keep 15 digits: an amount this large would lose its cents and goes out as text."""
_WIDEST: Final = 48
_A4: Final = 9
_DAY_ZERO: Final = datetime(1899, 12, 30)  # noqa: DTZ001 (a spreadsheet's dates have no zone)


class Shape(StrEnum):
    """How a column reads."""

    TEXT = "text"
    MONEY = "money"
    NUMBER = "number"
    COUNT = "count"
    RATE = "rate"
    DATE = "date"
    MOMENT = "moment"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its identifier, its words and how it reads."""

    name: str
    label: Text
    shape: Shape


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table ready to leave: what it is, the lines that say how it was asked, and its columns."""

    title: str
    notes: tuple[tuple[str, str], ...]
    columns: tuple[Column, ...]
    table: pa.Table
    language: Language


XLSX_FORMAT: Final[dict[Shape, str]] = {
    Shape.MONEY: "#,##0.00",
    Shape.NUMBER: "#,##0.0",
    Shape.COUNT: "#,##0",
    Shape.RATE: "0.0%",
    Shape.DATE: "yyyy-mm-dd",
    Shape.MOMENT: "yyyy-mm-dd hh:mm",
}
VALUE: Final[Mapping[str, Mapping[str, Text]]] = {
    **terms.VALUE,
    "channel": kinds.CHANNEL,
    "direction": kinds.DIRECTION,
    "outcome": {**kinds.OUTCOME, **kinds.COLLECT_OUTCOME},
    "dispute_reason": kinds.DISPUTE_REASON,
    "cause": kinds.CAUSE,
    "stage": kinds.STAGE,
    "aspect": kinds.ASPECT,
    "answer_language": scores.LANGUAGE,
    "mood": kinds.MOOD,
    "reader": kinds.READER,
    "told_channel": kinds.CHANNEL,
    "state": stages.STATE_LABEL,
    "priority": kinds.PRIORITY_SHORT,
    "clock": service_kind.CLOCK_SHORT,
    "rfm_band": worth.RFM_BAND,
    "risk_grade": worth.RISK_GRADE,
    "model": worth.MODEL,
    "user_role": {role.value: words for role, words in access.ROLE_LABEL.items()},
    "user_scope": {scope.value: words for scope, words in access.SCOPE_LABEL.items()},
}
YES: Final = Text("是", "Yes")
NO: Final = Text("否", "No")


def columns(table: pa.Table, names: Sequence[str] | None = None) -> tuple[Column, ...]:
    """Columns by name in the order wanted; without names, all that have words in `lib.terms`."""
    wanted = names or [name for name in table.column_names if name in terms.COLUMN]
    return tuple(Column(name, label(name), shape(table.schema.field(name))) for name in wanted)


def label(name: str) -> Text:
    """The words of a column; an identifier without words says itself, which `tests/test_pages.py` refuses."""
    return terms.COLUMN.get(name) or Text(name, name)


def shape(field: pa.Field) -> Shape:
    """How a column reads, by its type and the unit in its name."""
    kind = field.type
    if field.name.endswith("_rate") and not pa.types.is_string(kind):  # an exchange rate goes as text, with all its digits
        return Shape.RATE
    if pa.types.is_decimal(kind):
        return Shape.MONEY if kind.scale == 2 else Shape.NUMBER  # noqa: PLR2004 (cents)
    tests: list[tuple[Callable[[pa.DataType], bool], Shape]] = [
        (pa.types.is_boolean, Shape.FLAG),
        (pa.types.is_integer, Shape.COUNT),
        (pa.types.is_floating, Shape.NUMBER),
        (pa.types.is_date, Shape.DATE),
        (pa.types.is_timestamp, Shape.MOMENT),
    ]
    return next((found for test, found in tests if test(kind)), Shape.TEXT)


def worded(name: str, values: pa.ChunkedArray, language: Language) -> pa.ChunkedArray:
    """A column whose codes (kinds, stages) are replaced by their words; any other column as it is."""
    words = VALUE.get(name)
    if words is None or not pa.types.is_string(values.type):
        return values
    spoken = {code: word.say(language) for code, word in words.items()}
    return pa.chunked_array([pa.array([spoken.get(value, value) for value in values.to_pylist()], pa.string())])


def file_name(stem: str, as_of: date, made_at: datetime, suffix: str) -> str:
    """A name that says the date asked for and the moment made; no two downloads share one."""
    return f"{stem}_{as_of.isoformat()}_{made_at:%Y%m%d-%H%M%S}.{suffix}"


def csv(sheet: Sheet) -> bytes:
    """UTF-8 with a mark, header first, so that Excel, WPS and our own import read it alike; amounts as plain exact digits."""
    out = StringIO()
    writer = csv_format.writer(out)
    writer.writerow([column.label.say(sheet.language) for column in sheet.columns])
    writer.writerows(zip(*(_plain(sheet, column) for column in sheet.columns), strict=True))
    return out.getvalue().encode("utf-8-sig")


def xlsx(sheet: Sheet) -> bytes:
    """A workbook of one table: notes on top, header frozen, numbers as numbers, a filter on each column."""
    out = BytesIO()
    with workbook(out) as book:
        add(book, sheet)
    return out.getvalue()


def workbook(out: BytesIO) -> xlsxwriter.Workbook:
    """A workbook in which text is never taken for a formula or a link."""
    return xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})


def add(book: xlsxwriter.Workbook, sheet: Sheet, name: str | None = None) -> Worksheet:
    """One more table in a workbook."""
    page = book.add_worksheet(name)
    bold = book.add_format({"bold": True})
    page.write_string(0, 0, sheet.title, book.add_format({"bold": True, "font_size": 14}))
    for row, (caption, value) in enumerate(sheet.notes, 1):
        page.write_string(row, 0, caption, book.add_format({"font_color": "gray"}))
        page.write_string(row, 1, value)
    top = len(sheet.notes) + 2
    for place, column in enumerate(sheet.columns):
        page.write_string(top, place, column.label.say(sheet.language), bold)
        _write_column(page, (top + 1, place), sheet, column, _formats(book, column.shape))
    page.freeze_panes(top + 1, 1)
    page.autofilter(top, 0, top + sheet.table.num_rows, max(len(sheet.columns) - 1, 0))
    _on_paper(page, top)
    return page


def _on_paper(page: Worksheet, header: int) -> None:
    """A4 across, all columns on one page, the header on every page with its number below."""
    page.set_paper(_A4)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.repeat_rows(header)
    page.set_footer("&C&P / &N")


def neutral(value: str) -> str:
    """Text that a spreadsheet cannot take for a formula."""
    return f"'{value}" if value.startswith(DANGEROUS) else value


def _plain(sheet: Sheet, column: Column) -> list[Any]:
    values = list(worded(column.name, sheet.table[column.name], sheet.language).to_pylist())
    if column.shape is Shape.TEXT:
        return [None if value is None else neutral(str(value)) for value in values]
    if column.shape is Shape.FLAG:
        return [_flag(value, sheet.language) for value in values]
    return values


def _flag(value: bool | None, language: Language) -> str | None:  # noqa: FBT001 (a cell's value)
    return None if value is None else (YES if value else NO).say(language)


def _formats(book: xlsxwriter.Workbook, of: Shape) -> tuple[Format | None, Format]:
    """The column's own format, and the one that keeps dangerous text as text wherever it is copied to."""
    own = book.add_format({"num_format": XLSX_FORMAT[of]}) if of in XLSX_FORMAT else None
    return own, book.add_format({"quote_prefix": True})


def _write_column(page: Worksheet, start: tuple[int, int], sheet: Sheet, column: Column, formats: tuple[Format | None, Format]) -> None:
    own, quoted = formats
    first, place = start
    values = worded(column.name, sheet.table[column.name], sheet.language).to_pylist()
    longest = max([2 * len(column.label.say(sheet.language)), *(width(str(value)) for value in values[:500])])
    page.set_column(place, place, min(_WIDEST, longest + 4), own)
    for row, value in enumerate(values, first):
        if value is None:
            continue
        if column.shape is Shape.FLAG:
            page.write_string(row, place, _flag(value, sheet.language) or "")
        elif column.shape in (Shape.DATE, Shape.MOMENT):
            page.write_number(row, place, _serial(value), own)
        elif column.shape is Shape.TEXT or abs(value) >= _EXACT_BELOW:
            text = str(value)
            page.write_string(row, place, text, quoted if text.startswith(DANGEROUS) else None)
        else:
            page.write_number(row, place, float(value), own)


def _serial(value: date | datetime) -> float:
    """Days since the spreadsheet's day 0; a moment adds its share of the day."""
    if isinstance(value, datetime):
        return (value - _DAY_ZERO) / timedelta(days=1)
    return value.toordinal() - _DAY_ZERO.toordinal()
