"""A file or a paste to one table of text: CSV in any usual dialect and encoding, XLSX, XLS, OFX, CAMT, gz, a zip of one file.

Nothing is interpreted here: cells stay text, as shown. What was left out or repaired stands in the notes.
"""

from __future__ import annotations

import gzip
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from lib.domain.camt import is_xml, read_camt
from lib.domain.delimited import NO_DELIMITER, Dialect, decode, read_records, sniff
from lib.domain.notes import EMPTY, Note
from lib.domain.ofx import is_ofx, read_ofx
from lib.domain.stated import HEADER, Feed, Stated
from lib.domain.tables import Table, to_table
from lib.domain.workbooks import DAMAGED, LARGEST_COLUMNS, TOO_WIDE, read_workbook
from lib.errors import Refused
from lib.text import Text

DAMAGES = (zipfile.BadZipFile, OSError, EOFError, zlib.error, lzma.LZMAError, RuntimeError, LookupError, ValueError, struct.error)

LARGEST_BYTES = 300 * 1024 * 1024
LARGEST_ROWS = 2_000_000
LARGEST_RATIO = 200
DEEPEST = 1  # one packing around a table or a workbook; archives that hold themselves go on for ever

TOO_BIG = Text(
    "文件（解压后）超过 {limit} MB，请拆成几个文件导入",
    "The file is larger than {limit} MB (unpacked); split it into several files",
)
TOO_MANY_ROWS = Text("文件超过 {limit} 行，请拆成几个文件导入", "The file has more than {limit} rows; split it into several files")
BOMB = Text(
    "压缩包的压缩率异常，出于安全没有打开，请解压后上传里面的表格",
    "The archive is packed unusually tightly and was not opened for safety; unpack it and upload the table inside",
)
SEVERAL_FILES = Text(
    "压缩包里有 {count} 个文件，请解压后逐个上传",
    "The archive holds {count} files; unpack it and upload them one by one",
)
NO_SUCH_SHEET = Text("工作簿里没有「{sheet}」这张表，可选：{sheets}", "The workbook has no sheet “{sheet}”; it has: {sheets}")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of text: every row has as many cells as the header.

    `line_nos` is the line (or sheet row) each row starts on. `has_header` is false when the first line is data; the
    header is then A, B, C. `delimiter` and `encoding` are empty for workbooks. `stated` is what bank formats with fields of
    their own (OFX, CAMT) say of themselves. `totals` are rows below the table that call themselves totals.
    """

    header: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    line_nos: Sequence[int]
    has_header: bool = True
    encoding: str = ""
    delimiter: str = ""
    preamble: tuple[str, ...] = ()
    sheet_names: tuple[str, ...] = ()
    sheet: str = ""
    notes: tuple[Note, ...] = ()
    stated: tuple[Stated, ...] = ()
    totals: tuple[tuple[str, ...], ...] = ()

    @property
    def first_row_no(self) -> int:
        """The line of the first data row, for messages; 0 when there is none."""
        return self.line_nos[0] if len(self.line_nos) else 0

    def column(self, position: int) -> list[str]:
        """The cells of one column, top to bottom."""
        return [row[position] for row in self.rows]


def read_sheet(content: bytes, filename: str, *, sheet: str | None = None) -> Sheet:
    """The table of a file; of a workbook the named sheet, or the first one with data.

    Refuses: what is not a table, is damaged, too large or packed suspiciously, or has rows that do not fit.
    """
    return _read(content, PurePath(filename.replace("\\", "/")).name, sheet, depth=0)


def _read(content: bytes, name: str, sheet: str | None, *, depth: int) -> Sheet:
    if len(content) > LARGEST_BYTES:
        raise Refused(TOO_BIG, limit=LARGEST_BYTES // 1024**2)
    if depth > DEEPEST:
        raise Refused(BOMB)
    if content.startswith(b"\x1f\x8b"):
        return _read(_gunzipped(content, name), name.removesuffix(".gz"), sheet, depth=depth + 1)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        return _workbook(content, name, sheet)
    if content.startswith(b"PK\x03\x04"):
        return _archive(content, name, sheet, depth=depth)
    if not content.strip():
        raise Refused(EMPTY)
    text, encoding = decode(content)
    if is_ofx(text):
        return _feed_sheet(read_ofx(text), encoding)
    if is_xml(content):
        return _feed_sheet(read_camt(content), encoding)
    return _text_sheet(text, encoding, sniff(text))


def read_pasted(text: str) -> Sheet:
    """The table of pasted text, usually tab-separated cells from a spreadsheet.

    Refuses: an empty paste and rows that do not fit.
    """
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").removeprefix("\ufeff")
    if not plain.strip():
        raise Refused(EMPTY)
    return _text_sheet(plain, "", Dialect("\t") if "\t" in plain else sniff(plain))


def _text_sheet(text: str, encoding: str, dialect: Dialect) -> Sheet:
    if text.count("\n") > LARGEST_ROWS:
        raise Refused(TOO_MANY_ROWS, limit=f"{LARGEST_ROWS:,}")
    records = read_records(text, dialect)
    if max(map(len, records.cells), default=0) > LARGEST_COLUMNS:
        raise Refused(TOO_WIDE, limit=f"{LARGEST_COLUMNS:,}")
    table = to_table(records.cells, records.line_nos, broken=records.broken, repaired=records.repaired)
    return _sheet(table, encoding=encoding, delimiter=dialect.delimiter.strip(NO_DELIMITER))


def _feed_sheet(feed: Feed, encoding: str) -> Sheet:
    if len(feed.rows) > LARGEST_ROWS:
        raise Refused(TOO_MANY_ROWS, limit=f"{LARGEST_ROWS:,}")
    return Sheet(HEADER, feed.rows, feed.line_nos, encoding=encoding, stated=feed.stated)


def _sheet(table: Table, *, encoding: str = "", delimiter: str = "", names: tuple[str, ...] = (), sheet: str = "") -> Sheet:
    return Sheet(
        table.header, table.rows, table.line_nos, table.has_header, encoding, delimiter,
        table.preamble, names, sheet, table.notes, (), table.totals,
    )  # fmt: skip


def _gunzipped(content: bytes, name: str) -> bytes:
    try:
        with gzip.open(io.BytesIO(content)) as packed:
            unpacked = packed.read(LARGEST_BYTES + 1)
    except DAMAGES as error:
        raise Refused(DAMAGED, name=name) from error
    if len(unpacked) > LARGEST_BYTES:
        raise Refused(TOO_BIG, limit=LARGEST_BYTES // 1024**2)
    return unpacked


def _archive(content: bytes, name: str, sheet: str | None, *, depth: int) -> Sheet:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            _refuse_bomb(members)
            if any(member.filename == "[Content_Types].xml" for member in members):
                return _workbook(content, name, sheet)
            tables = [member for member in members if not member.filename.startswith("__MACOSX/")]
            if len(tables) != 1:
                raise Refused(SEVERAL_FILES, count=len(tables))
            inner = archive.read(tables[0])
    except DAMAGES as error:
        raise Refused(DAMAGED, name=name) from error
    if inner.startswith((b"PK\x03\x04", b"\x1f\x8b")) and not tables[0].filename.lower().endswith(".xlsx"):
        raise Refused(BOMB)
    return _read(inner, PurePath(tables[0].filename).name, sheet, depth=depth + 1)


def _refuse_bomb(members: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if unpacked > LARGEST_BYTES:
        raise Refused(TOO_BIG, limit=LARGEST_BYTES // 1024**2)
    if unpacked > 1024**2 and unpacked > LARGEST_RATIO * max(packed, 1):
        raise Refused(BOMB)


def _workbook(content: bytes, name: str, sheet: str | None) -> Sheet:
    book = read_workbook(content, name, sheet)
    if sheet and sheet not in book.names:
        raise Refused(NO_SUCH_SHEET, sheet=sheet, sheets=" / ".join(book.names))
    if len(book.rows) > LARGEST_ROWS:
        raise Refused(TOO_MANY_ROWS, limit=f"{LARGEST_ROWS:,}")
    if not any(any(row) for row in book.rows):
        raise Refused(EMPTY)
    table = to_table(book.rows, range(1, len(book.rows) + 1))
    return _sheet(table, names=book.names, sheet=book.sheet)
