"""Delimited text to records: which encoding, which separator and quote, and what to do with dirty quotes.

Regular files go through the csv module at full speed; only files with stray quotes are read line by line.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from lib.domain.cells import TYPED, cell_class
from lib.errors import Refused
from lib.text import Text

SAMPLE_LINES = 300
LONGEST_SAMPLE = 20
LONGEST_CELL_LINES = 200
NEXT_LINE = 0x85  # the one control character above ASCII that real files use
_C1 = {code: bytes([code]).decode("cp1252", errors="ignore") or None for code in range(0x80, 0xA0) if code != NEXT_LINE}
_OPENS_SINGLE = re.compile(r"(?:^|[,;\t|])'[^\n]*'(?:[,;\t|]|$)", re.MULTILINE)
_OPENS_DOUBLE = re.compile(r'(?:^|[,;\t|])"', re.MULTILINE)
_DECLARED = re.compile(r'"?sep=([,;\t|])"?\n', re.IGNORECASE)
_HAS_C1 = re.compile("[\x80-\x9f]")
NO_DELIMITER = "\x1f"  # never typed, so a table of one column stays whole
DELIMITERS = (",", ";", "\t", "|")
SIGNATURES = (b"\x89PNG", b"%PDF", b"\xff\xd8\xff", b"GIF8", b"7z\xbc\xaf", b"Rar!")
BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))

NOT_TEXT = Text(
    "文件不是文本表格（内容像二进制），请另存为 CSV 或 XLSX 后再试",
    "The file is not a text table (it looks binary); save it as CSV or XLSX and try again",
)
LONG_CELL = Text(
    "第 {line} 行附近有一格超过 {limit} 个字，可能少了一个引号，请检查后再试",
    "A cell near line {line} is longer than {limit} characters; a quote may be missing, so check it and try again",
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How cells are set apart: the delimiter (a blank means runs of blanks), the quote, whether a backslash escapes it."""

    delimiter: str
    quote: str = '"'
    escapes: bool = False


@dataclass(frozen=True, slots=True)
class Records:
    """Cells by record with the line each starts on, and the lines whose quotes were repaired or cannot be read."""

    cells: list[list[str]]
    line_nos: Sequence[int]
    repaired: tuple[int, ...] = ()
    broken: tuple[int, ...] = ()


def decode(content: bytes) -> tuple[str, str]:
    """The text with plain line ends, and the name of the encoding it was in.

    Refuses: content that is no text at all.
    """
    text, encoding = _decoded(content)
    if content.startswith(SIGNATURES) or text.count("\x00") > max(2, len(text) // 20):
        raise Refused(NOT_TEXT)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text.replace("\x00", "")
    return (text.translate(_C1) if _HAS_C1.search(text) else text), encoding


def sniff(text: str) -> Dialect:
    """The dialect whose reading of the first lines is most regular and most typed; Excel's own sep= line is believed."""
    if declared := _DECLARED.match(text):
        return Dialect(declared[1])
    lines = _sample(text)
    head = text[:400_000]
    has_single = _OPENS_SINGLE.search(head) and not _OPENS_DOUBLE.search(head)
    quotes = ('"', "'") if has_single else ('"',)
    scored = [(_score(lines, Dialect(mark, quote)), -order, mark, quote)
              for order, mark in enumerate(DELIMITERS) for quote in quotes]  # fmt: skip
    score, _, mark, quote = max(scored)
    if score <= 0:
        is_single = bool(lines) and not any(other in lines[0] for other in DELIMITERS)
        return Dialect(" ") if _splits_by_blanks(lines) else Dialect(NO_DELIMITER if is_single else ",")
    return Dialect(mark, quote, escapes=quote == '"' and _has_escapes(lines, mark))


def read_records(text: str, dialect: Dialect) -> Records:
    """Every record of the text; lines with dirty quotes are repaired only where one reading fits the table."""
    if dialect.delimiter == " ":
        lines = text.split("\n")
        return Records([line.split() for line in lines], range(1, len(lines) + 1))
    if declared := _DECLARED.match(text):
        text = text[declared.end() - 1 :]
    if dialect.quote == "'" and _doubles_every_double_quote(text):
        text = text.replace('""', '"')
    if dialect.escapes:
        text = text.replace('\\"', '""')
    regular = _regular(text, dialect)
    return regular or _careful(text, dialect)


def _decoded(content: bytes) -> tuple[str, str]:
    for bom, encoding in BOMS:
        if content.startswith(bom):
            return content[len(bom) :].decode(encoding, errors="replace"), encoding
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return _legacy(content)
    zeros = text.count("\x00", 0, 4000)
    if zeros * 4 > min(len(text), 4000):
        encoding = "utf-16-be" if content[:1] == b"\x00" else "utf-16-le"
        return content.decode(encoding, errors="replace"), encoding
    return text, "utf-8"


def _legacy(content: bytes) -> tuple[str, str]:
    try:
        text = content.decode("gb18030")
    except UnicodeDecodeError:
        text = ""
    foreign = [mark for mark in text[:200_000] if not mark.isascii()]
    common = sum(1 for mark in foreign if _is_common_chinese(mark))
    if foreign and common >= 0.8 * len(foreign):
        return text, "gb18030"
    try:
        return content.decode("cp1252"), "cp1252"
    except UnicodeDecodeError:
        return content.decode("latin-1"), "latin-1"


def _is_common_chinese(mark: str) -> bool:
    try:
        return len(mark.encode("gb2312")) > 1
    except UnicodeEncodeError:
        return False


def _sample(text: str) -> list[str]:
    """The first lines, with those joined that an open double quote holds together."""
    joined: list[str] = []
    pending: list[str] = []
    for line in text[:400_000].split("\n")[:SAMPLE_LINES]:
        pending.append(line)
        if sum(part.count('"') for part in pending) % 2 == 0:
            joined.append("\n".join(pending))
            pending = []
        elif len(pending) > LONGEST_SAMPLE:
            joined += pending
            pending = []
    return [line for line in joined + pending if line.strip()]


def _score(lines: list[str], dialect: Dialect) -> float:
    split = _splitter(dialect)
    rows = [cells for line in lines if (cells := split(line)) is not None and any(cells)]
    widths = Counter(len(cells) for cells in rows)
    width, _ = max(widths.items(), key=lambda item: (item[1] * (item[0] - 1), item[0]), default=(1, 0))
    if width == 1:
        return 0.0
    first = next(at for at, cells in enumerate(rows) if len(cells) == width)
    fitting = [cells for cells in rows if len(cells) == width]
    if len(fitting) * 2 < len(rows) - first:
        return 0.0
    cells = [cell for row in fitting for cell in row]
    typed = sum(_worth(cell, dialect) for cell in cells) / len(cells)
    quoted = 1.1 if dialect.quote == "'" and sum(f"'{dialect.delimiter}" in line for line in lines) * 3 > len(lines) else 1.0
    return (len(fitting) / max(len(lines), 1)) ** 2 * (1 - 1 / width) * typed * quoted


def _worth(cell: str, dialect: Dialect) -> float:
    if cell_class(cell) != "text":
        return 1.0
    return 0.3 if any(mark in cell for mark in DELIMITERS[1:]) or cell[:1] == dialect.quote else 0.8


def _splits_by_blanks(lines: list[str]) -> bool:
    rows = [line.split() for line in lines]
    widths = {len(row) for row in rows}
    typed = [cell for row in rows[1:] or rows for cell in row if cell_class(cell) in TYPED]
    return len(widths) == 1 and widths.pop() > 1 and 2 * len(typed) > sum(map(len, rows[1:] or rows))


def _has_escapes(lines: list[str], mark: str) -> bool:
    held = [line for line in lines if '\\"' in line]
    split = _splitter(Dialect(mark))
    width = Counter(len(cells) for line in lines if (cells := split(line)) is not None).most_common(1)[0][0]
    as_is = sum(len(split(line) or ()) == width for line in held)
    escaped = sum(len(split(line.replace('\\"', '""')) or ()) == width for line in held)
    return escaped > as_is


def _doubles_every_double_quote(text: str) -> bool:
    return all(len(run) == 2 for run in re.findall('"+', text))  # noqa: PLR2004 - a doubled quote


def _regular(text: str, dialect: Dialect) -> Records | None:
    if dialect.quote != '"' or _has_stray_quote(text, dialect.delimiter):
        return None
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=dialect.delimiter, strict=True)
    try:
        cells = list(reader)
    except csv.Error as error:
        if "field limit" in str(error):
            raise Refused(LONG_CELL, line=reader.line_num, limit=csv.field_size_limit()) from error
        return None
    line_count = text.count("\n") + (not text.endswith("\n"))
    if len(cells) == line_count or not text:
        return Records(cells, range(1, len(cells) + 1))
    if len(set(map(len, cells))) > 1:
        return None
    return Records(cells, _starts(text, dialect))


def _has_stray_quote(text: str, delimiter: str) -> bool:
    if '"' not in text:
        return False
    mark = re.escape(delimiter)
    return re.search(rf'"(?=[^{mark}\n"])(?<=[^{mark}\n"]")', text) is not None


def _starts(text: str, dialect: Dialect) -> list[int]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=dialect.delimiter)
    starts, before = [], 0
    for _ in reader:
        starts.append(before + 1)
        before = reader.line_num
    return starts


def _careful(text: str, dialect: Dialect) -> Records:
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    reader = _CarefulReader(lines, dialect)
    cells: list[list[str]] = []
    starts: list[int] = []
    position = 0
    while position < len(lines):
        record, taken = reader.record(position)
        cells.append(record)
        starts.append(position + 1)
        position += taken
    return Records(cells, starts, tuple(reader.repaired), tuple(reader.broken))


class _CarefulReader:
    """Reads one record at a time, strictly first; a broken line is repaired when only one repair fits."""

    def __init__(self, lines: list[str], dialect: Dialect) -> None:
        self.lines = lines
        self.dialect = dialect
        self.split = _splitter(dialect)
        widths = Counter(len(cells) for line in lines[:5000] if line and (cells := self.split(line)) is not None)
        self.width = max(widths, key=lambda width: (widths[width] * (width - 1), width), default=1)
        self.repaired: list[int] = []
        self.broken: list[int] = []

    def record(self, start: int) -> tuple[list[str], int]:
        strict = self._strict(start)
        if strict and (len(strict[0]) == self.width or '"' not in self.lines[start]):
            if _is_torn(self.lines[start], strict[0], self.dialect):
                self.broken.append(start + 1)
            return strict
        repairs = self._repairs(self.lines[start])
        if len(repairs) == 1:
            self.repaired.append(start + 1)
            return repairs[0], 1
        if strict:
            return strict
        self.broken.append(start + 1)
        return self.lines[start].split(self.dialect.delimiter), 1

    def _strict(self, start: int) -> tuple[list[str], int] | None:
        chunk = self.lines[start]
        quote = self.dialect.quote
        for taken in range(1, LONGEST_CELL_LINES):
            cells = self.split(chunk)
            if cells is not None:
                return cells, taken
            if start + taken >= len(self.lines) or not _is_open(chunk, quote):
                return None
            chunk = f"{chunk}\n{self.lines[start + taken]}"
        return None

    def _repairs(self, line: str) -> list[list[str]]:
        """The distinct readings of a line, with one quote taken literally, that have the width of the table."""
        quote, mark = self.dialect.quote, self.dialect.delimiter
        found: list[list[str]] = []
        openers = [at for at, sign in enumerate(line) if sign == quote and (at == 0 or line[at - 1] == mark)]
        for at in openers:
            cells = self.split(f"{line[:at]}\x01{line[at + 1 :]}")
            if cells is not None and len(cells) == self.width:
                reading = [cell.replace("\x01", quote) for cell in cells]
                if reading not in found:
                    found.append(reading)
        if not found and (cells := _lenient(line, self.dialect)) and len(cells) == self.width:
            found.append(cells)
        return found


class _Splitter:
    """Cells of one record, or nothing when its quotes are unfinished or followed by text."""

    def __init__(self, dialect: Dialect) -> None:
        mark, quote = re.escape(dialect.delimiter), re.escape(dialect.quote)
        blank = " " if dialect.delimiter == "\t" else r"[ \t]"
        body = rf"[^{quote}]*+(?:{quote}{quote}[^{quote}]*+)*+"
        if quote == "'":
            body = rf".*?(?={quote}(?:{mark}|$))"
        self.quote = dialect.quote
        self.quoted = re.compile(rf"{blank}*{quote}({body}){quote}{blank}*(?={mark}|\Z)", re.DOTALL)
        self.opens = re.compile(rf"{blank}*{quote}")
        self.bare = re.compile(rf"[^{mark}\n]*")

    def __call__(self, line: str) -> list[str] | None:
        cells, at = [], 0
        while True:
            is_quoted = self.opens.match(line, at) is not None
            match = (self.quoted if is_quoted else self.bare).match(line, at)
            if match is None:
                return None
            cells.append(match[1].replace(self.quote * 2, self.quote) if is_quoted else match[0])
            at = match.end()
            if at >= len(line):
                return cells
            if line[at] == "\n":
                return None
            at += 1


def _splitter(dialect: Dialect) -> _Splitter:
    return _Splitter(dialect)


def _is_open(chunk: str, quote: str) -> bool:
    return chunk.count(quote) % 2 == 1


def _is_torn(line: str, cells: list[str], dialect: Dialect) -> bool:
    """Whether a quote opens inside one bare cell and closes at the end of a later one, so cells may be cut."""
    mark, quote = re.escape(dialect.delimiter), re.escape(dialect.quote)
    if dialect.quote != '"' or '"' not in line or not any(dialect.quote in cell for cell in cells):
        return False
    bare = re.sub(rf"(?:(?<={mark})|^){quote}(?:[^{quote}]|{quote}{quote})*{quote}[ \t]*(?={mark}|$)", "", line)
    pieces = [piece for piece in bare.split(dialect.delimiter) if piece.count(dialect.quote) % 2]
    opened = False
    for piece in pieces:
        if opened and piece.rstrip().endswith(dialect.quote):
            return True
        opened = opened or re.search(rf".{quote}\S", piece) is not None
    return False


def _lenient(line: str, dialect: Dialect) -> list[str] | None:
    """Cells where a quote only closes before a delimiter, so quotes inside a quoted cell are text."""
    mark, quote = re.escape(dialect.delimiter), re.escape(dialect.quote)
    pattern = re.compile(rf"{quote}(.*?){quote}(?={mark}|$)|([^{mark}]*)")
    cells, at = [], 0
    while True:
        match = pattern.match(line, at)
        if match is None:
            return None
        cells.append(match[2] if match[1] is None else match[1].replace(dialect.quote * 2, dialect.quote))
        at = match.end()
        if at >= len(line):
            return cells
        at += 1
