"""A sheet's texts become typed columns: each distinct text of a column is read once, whatever the number of rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final, Literal

import pyarrow as pa
import pyarrow.compute as pc

from lib.commands.importing.reasons import ID_POINT_ZERO, NOT_A_CURRENCY, PAST_ONLY, REQUIRED, TOO_FINE
from lib.domain import kinds, statements, values
from lib.domain.dates import ORDER_LABEL, DateOrder, date_order, parse_date
from lib.domain.headers import FieldSpec, HeaderMapping, match_headers, normalise_header
from lib.domain.import_words import CHANNELS, CHOICES
from lib.domain.imports import ImportKind
from lib.domain.notes import Note, note
from lib.domain.payment_terms import parse_code
from lib.domain.sheets import Sheet
from lib.domain.stated import Stated
from lib.domain.values import Parsed

Tell = Callable[[float], None]
_TOLD_EVERY: Final = 500
NewCustomers = Literal["offbook", "reject"]
_PLACES: Final = {"amount": 6, "price": 6, "quantity": 4, "rate": 4}
_DIGITS: Final = {"amount": 16, "price": 12, "quantity": 14, "rate": 4}
_CENTS: Final = 2
_PAST: Final = frozenset({"on_date", "settled_on", "status_on"})
"""Days that have come when a file is written; due dates may lie ahead."""
_ARROW: Final[Mapping[str, pa.DataType]] = {
    "date": pa.date32(),
    "amount": pa.decimal128(24, 6),
    "price": pa.decimal128(18, 6),
    "quantity": pa.decimal128(18, 4),
    "rate": pa.decimal128(8, 4),
    "integer": pa.int64(),
    "score": pa.int64(),
    "mark": pa.int64(),
    "flag": pa.bool_(),
}
_POINT_ZERO: Final = re.compile(r"\d+\.0")


@dataclass(frozen=True, slots=True)
class Options:
    """What a person or the command line said about a file.

    `mapping` holds header → field ("" leaves the column out), `corrections` (row number, field) → new text,
    `date_orders` field → order for one column; `date_order` answers for every column that does not prove its own.
    `account` names the account of a bank statement that does not name it.
    """

    today: date
    file_name: str = ""
    sha256: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict)
    date_order: DateOrder | None = None
    date_orders: Mapping[str, DateOrder] = field(default_factory=dict)
    currency: str = "CNY"
    currency_given: bool = False
    new_customers: NewCustomers = "offbook"
    oldest: bool = False
    metric: str | None = None
    account: str = ""
    corrections: Mapping[tuple[int, str], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Question:
    """A column whose dates can be read in several ways, with a value that shows it."""

    header: str
    field: str
    candidates: tuple[DateOrder, ...]
    example: str


_Remark = Question | Note | None


@dataclass(frozen=True, slots=True)
class Column:
    """One mapped column: its field, its texts by code, what each distinct text came to, and which codes are refused."""

    spec: FieldSpec
    header: str
    codes: pa.Array
    parsed: tuple[Parsed[Any], ...]
    refused: pa.Array

    def cell(self, row: int) -> Parsed[Any]:
        """What the cell of a row (from 0) came to."""
        code: int = self.codes[row].as_py()
        return self.parsed[code]


_NUMBERS: Final = frozenset({"customer", "invoice_no", "ref", "tax_no", "bank_account", "payer_account", "phone", "email"})
"""Fields by which a thing is known or reached."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A file read to the end: typed columns, and what is to be asked or said. Knows nothing of the ledger."""

    kind: ImportKind
    options: Options
    matched: HeaderMapping
    columns: Mapping[str, Column]
    table: pa.Table
    line_nos: tuple[int, ...]
    questions: tuple[Question, ...]
    notes: tuple[Note, ...]
    stated: tuple[Stated, ...] = ()

    @property
    def missing(self) -> tuple[FieldSpec, ...]:
        """Required fields that no column fills."""
        return tuple(spec for name in self.matched.missing if (spec := self.kind.field(name)))


def stage(kind: ImportKind, sheet: Sheet, options: Options, remembered: Mapping[str, str], tell: Tell | None = None) -> Stage:
    """Read every mapped cell of a sheet; `tell` hears how far it has come, from 0 to 1."""
    is_bank = kind.name == "bank"
    if is_bank:
        sheet = statements.without_totals(sheet)
        options = replace(options, account=options.account or statements.account(sheet) or "")
    hints = statements.hints(sheet) if is_bank else {}
    known = {**remembered, **hints, **{normalise_header(header): name for header, name in options.mapping.items()}}
    matched = match_headers(sheet.header, kind.fields, known)
    notes, questions = list(sheet.notes), []
    columns = {}
    for at, (name, position) in enumerate(matched.positions.items()):
        told = _Told(tell, at, len(matched.positions))
        spec = kind.field(name)
        assert spec is not None
        texts = _texts(sheet, position, name, options)
        distinct = texts.dictionary.to_pylist()
        if name == "customer" and _all_point_zero(distinct):
            notes.append(note(ID_POINT_ZERO, header=sheet.header[position]))
            distinct = [text.strip().removesuffix(".0") for text in distinct]
        month = statements.month(sheet) if is_bank and spec.kind == "date" else None
        bare = [values.unmarked(text) for text in distinct] if name in _NUMBERS else distinct
        dated = [statements.complete_day(text, month) for text in bare]
        reader, remark = _reader(kind, spec, sheet.header[position], dated, options)
        parsed = tuple(_as_typed(reader(day), text) for day, text in zip(told.each(dated), distinct, strict=True))
        refused = pa.array([code for code, cell in enumerate(parsed) if cell.state == "error"], pa.int32())
        columns[name] = Column(spec, sheet.header[position], texts.indices, parsed, refused)
        if isinstance(remark, Question):
            questions.append(remark)
        elif remark:
            notes.append(remark)
    table = _table(kind, columns, len(sheet.rows))
    stated = statements.totalled(statements.stated(sheet), sheet, matched.positions) if is_bank else ()
    return Stage(kind, options, matched, columns, table, tuple(sheet.line_nos), tuple(questions), tuple(notes), stated)


@dataclass(frozen=True, slots=True)
class _Told:
    """Says now and then how much of a column, the `at`-th of so many, has been read."""

    tell: Tell | None
    at: int
    columns: int

    def each(self, texts: list[str]) -> Iterator[str]:
        for done, text in enumerate(texts):
            if self.tell and done % _TOLD_EVERY == 0:
                self.tell((self.at + done / len(texts)) / self.columns)
            yield text


def _as_typed(cell: Parsed[Any], text: str) -> Parsed[Any]:
    """A cell that was completed before it was read, shown against what the file says."""
    if cell.typed == text:
        return cell
    return replace(cell, typed=text, state="changed" if cell.state == "ok" else cell.state)


def _texts(sheet: Sheet, position: int, name: str, options: Options) -> pa.DictionaryArray:
    texts = sheet.column(position)
    for (row_no, corrected), text in options.corrections.items():
        if corrected == name and 0 < row_no <= len(texts):
            texts[row_no - 1] = text
    return pa.array(texts, pa.string()).dictionary_encode()


def _all_point_zero(distinct: list[str]) -> bool:
    filled = [text.strip() for text in distinct if text.strip()]
    return bool(filled) and all(map(_POINT_ZERO.fullmatch, filled))


def _reader(
    kind: ImportKind, spec: FieldSpec, header: str, distinct: list[str], options: Options
) -> tuple[Callable[[str], Parsed[Any]], _Remark]:
    if spec.kind == "date":
        return _date_reader(spec, header, distinct, options)
    if spec.kind in ("amount", "price", "quantity"):
        style = values.amount_style(distinct).style or "point"
        places = _CENTS if kind.name in ("payments", "bank") else _PLACES[spec.kind]
        digits = _DIGITS[spec.kind]
        if spec.name in ("income", "outgo"):
            return lambda text: _fine(statements.read_amount(values.parse_amount(text, style=style)), places, digits), None
        return lambda text: _fine(values.parse_amount(text, style=style), places, digits), None
    if spec.kind in ("score", "mark"):
        low, high = (1, kinds.ASPECT_HIGH) if spec.kind == "mark" else (kinds.SCORE[spec.name].low, kinds.SCORE[spec.name].high)
        return lambda text: values.parse_score(text, low=low, high=high), None
    if spec.kind == "choice":
        choices = CHOICES[f"{kind.name}.{spec.name}"]
        return lambda text: values.parse_choice(text, choices), None
    return {
        "rate": lambda text: _fine(values.parse_rate(text), _PLACES["rate"], _DIGITS["rate"]),
        "integer": values.parse_integer,
        "terms": parse_code,
        "flag": values.parse_flag,
        "currency": _currency,
        "text": _channel if spec.name == "channel" else values.parse_text,
    }[spec.kind], None


def _date_reader(spec: FieldSpec, header: str, distinct: list[str], options: Options) -> tuple[Callable[[str], Parsed[Any]], _Remark]:
    verdict = date_order(distinct)
    order = options.date_orders.get(spec.name) or verdict.order or options.date_order
    remark: _Remark = None
    if verdict.state == "ambiguous" and order is None:
        possible = [order for order in verdict.candidates if not _in_future(distinct, order, options.today)]
        if spec.name in _PAST and len(possible) == 1:
            order = possible[0]
            remark = note(PAST_ONLY, header=header, order=ORDER_LABEL[order])
        else:
            remark = Question(header, spec.name, verdict.candidates, verdict.proof)
    return lambda text: parse_date(text, today=options.today, order=order), remark


def _in_future(distinct: list[str], order: DateOrder, today: date) -> bool:
    read = (parse_date(text, today=today, order=order).value for text in distinct)
    return any(day is not None and day > today for day in read)


def _fine(cell: Parsed[Any], places: int, digits: int) -> Parsed[Any]:
    """Refuses: more decimals than the ledger keeps (they are never cut off), more digits than it holds."""
    if cell.value is not None and abs(cell.value) >= 10**digits:
        return values.refusal(cell.typed, values.TOO_LARGE)
    if cell.value is None or -cell.value.normalize().as_tuple().exponent <= places:
        return cell
    return values.refusal(cell.typed, TOO_FINE, places=places)


def _currency(text: str) -> Parsed[str]:
    word = values.plainly(text).upper()
    code = values.CURRENCIES.get(word, word)
    if not word:
        return Parsed(None, "ok", text)
    if not (len(code) == 3 and code.isascii() and code.isalpha()):  # noqa: PLR2004 (ISO 4217)
        return values.refusal(text, NOT_A_CURRENCY)
    return Parsed(code, "ok" if code == text.strip() else "changed", text, code)


def _channel(text: str) -> Parsed[str]:
    known = values.parse_choice(text, CHANNELS)
    return values.parse_text(text) if known.state == "error" else known


def _table(kind: ImportKind, columns: Mapping[str, Column], count: int) -> pa.Table:
    """One typed row per row of the sheet; every field of the kind is there, unmapped ones empty."""
    table = {"row_no": pa.array(range(1, count + 1), pa.int64())}
    bad = pa.array([False] * count, pa.bool_())
    for spec in kind.fields:
        arrow = _ARROW.get(spec.kind, pa.string())
        if spec.name not in columns:
            table[spec.name] = pa.nulls(count, arrow)
            continue
        column = columns[spec.name]
        distinct = pa.array([cell.value for cell in column.parsed], arrow)
        table[spec.name] = distinct.take(column.codes)
        if len(column.refused):
            bad = pc.or_(bad, pc.is_in(column.codes, value_set=column.refused))
        if spec.required:
            bad = pc.or_(bad, pc.is_null(table[spec.name]))
    if "amount" in columns:
        named = [values.named_currency(cell.typed) if cell.state == "changed" else None for cell in columns["amount"].parsed]
        table["amount_currency"] = pa.array(named, pa.string()).take(columns["amount"].codes)
    else:
        table["amount_currency"] = pa.nulls(count, pa.string())
    return pa.table({**table, "is_bad": bad})


def cell_of(stage: Stage, name: str, row: int) -> Parsed[Any] | None:
    """What the cell of a field and row (from 0) came to; a required cell that is empty is refused. None: no such column."""
    column = stage.columns.get(name)
    if column is None:
        return None
    cell = column.cell(row)
    if cell.value is None and cell.state != "error" and column.spec.required:
        return values.refusal(cell.typed, REQUIRED, field=column.spec.label)
    return cell
