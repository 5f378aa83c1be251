"""Rows that break the table: blank lines, repeated headers, remarks below, cells too many or too few."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from lib.domain.cells import TYPED, CellClass, cell_class
from lib.domain.notes import (
    MENDED,
    RAGGED,
    REPEATED_HEADER,
    REPEATED_TABLE,
    SKIPPED_BELOW,
    Note,
    listed,
    note,
)
from lib.errors import Refused

PROFILE_ROWS = 2000
REGULAR_ROWS = 3
NARROW = 2
TOTAL_WORDS = ("合计", "总计", "小计", "人民币合计", "total", "grand total", "subtotal", "sum")

Row = tuple[str, ...]
Numbered = tuple[int, Row]


@dataclass(slots=True)
class _Findings:
    """Lines met on the way, by what was done with them."""

    mended: list[int] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    titles: list[int] = field(default_factory=list)
    below: list[int] = field(default_factory=list)
    repeated: list[int] = field(default_factory=list)


def mend(rows: list[list[str]], numbers: Sequence[int], header: Row, notes: list[Note]) -> tuple[list[Row], Sequence[int]]:
    """The rows that stay, all as wide as the header, with their lines; what was done is added to the notes.

    Refuses: rows that fit the columns in no way or in more than one.
    """
    found = _Findings()
    blocks = _blocks(rows, numbers, header, found)
    kept = _without_repeats(blocks, found)
    kept = _without_remarks(kept, len(header), found)
    fitted = _fitted(kept, header, found)
    if found.refused:
        raise Refused(RAGGED, lines=listed(found.refused), width=len(header))
    for text, lines in (
        (REPEATED_HEADER, found.titles),
        (REPEATED_TABLE, found.repeated),
        (SKIPPED_BELOW, found.below),
        (MENDED, found.mended),
    ):
        if lines:
            notes.append(note(text, lines=listed(sorted(lines))))
    return [row for _, row in fitted], [line for line, _ in fitted]


def _blocks(rows: list[list[str]], numbers: Sequence[int], header: Row, found: _Findings) -> list[list[Numbered]]:
    """The rows cut where the header comes again, without blank rows, repeated headers and their titles."""
    blocks: list[list[Numbered]] = [[]]
    blanks: set[int] = set()
    is_named = any(header)
    for line, cells in zip(numbers, rows, strict=True):
        row = tuple(cells)
        if not any(map(str.strip, row)):
            blanks.add(len(blocks[-1]))
        elif is_named and row == header:
            _drop_title(blocks[-1], blanks, found)
            found.titles.append(line)
            blocks.append([])
            blanks = set()
        else:
            blocks[-1].append((line, row))
    return blocks


def _drop_title(block: list[Numbered], blanks: set[int], found: _Findings) -> None:
    """A lone cell between a blank line and the header that comes again is a title."""
    last = len(block) - 1
    if block and last in blanks and sum(1 for cell in block[-1][1] if cell.strip()) == 1:
        found.titles.append(block.pop()[0])


def _without_repeats(blocks: list[list[Numbered]], found: _Findings) -> list[Numbered]:
    kept = list(blocks[0])
    if len(blocks) == 1:
        return kept
    seen = {_words(row) for _, row in kept}
    for block in blocks[1:]:
        if len(block) > 1 and all(_words(row) in seen for _, row in block):
            found.repeated.append(block[0][0])
            continue
        kept += block
        seen.update(_words(row) for _, row in block)
    return kept


def _words(row: Row) -> str:
    """The text of a row whatever its quotes, since a copied table is often quoted differently."""
    return "".join(row).replace('"', "")


def _without_remarks(rows: list[Numbered], width: int, found: _Findings) -> list[Numbered]:
    """Without the short text lines that follow the last full row."""
    end = len(rows)
    while end and width > NARROW and _is_remark(rows[end - 1][1], width):
        end -= 1
    if end == 0:
        return rows
    found.below.extend(line for line, _ in rows[end:])
    return rows[:end]


def _is_remark(row: Row, width: int) -> bool:
    """A short line with one text in front, or a total."""
    if len(row) >= width or cell_class(row[0]) != "text":
        return False
    return not any(map(str.strip, row[1:])) or is_total(row)


def is_total(row: Row) -> bool:
    """Whether a row calls itself a total in its first cell."""
    return row[0].strip().casefold().startswith(TOTAL_WORDS)


def _fitted(rows: list[Numbered], header: Row, found: _Findings) -> list[Numbered]:
    width = len(header)
    if all(len(row) == width for _, row in rows):
        return rows
    regular = [row for _, row in rows if len(row) == width][:PROFILE_ROWS]
    columns = [{cell_class(row[column]) for row in regular} for column in range(width)]
    fitted: list[Numbered] = []
    for line, row in rows:
        fit = row if len(row) == width else _fit(row, header, columns, len(regular))
        if fit is None:
            found.refused.append(line)
            continue
        if fit[: len(row)] != row[:width] or any(header[len(row) :]):
            found.mended.append(line)
        fitted.append((line, fit))
    return fitted


def _fit(row: Row, header: Row, columns: list[set[CellClass]], regular: int) -> Row | None:
    width = len(header)
    if len(row) < width and not any(header[len(row) :]) and all(column <= {"empty"} for column in columns[len(row) :]):
        return row + ("",) * (width - len(row))
    if regular < REGULAR_ROWS:
        return None
    return _shortened(row, columns) if len(row) > width else _lengthened(row, columns)


def _shortened(row: Row, columns: list[set[CellClass]]) -> Row | None:
    """The row without its extra empty cells, when only one choice fits the columns."""
    extra = len(row) - len(columns)
    found: dict[Row, None] = {}
    for start in range(len(row) - extra + 1):
        if not any(cell.strip() for cell in row[start : start + extra]):
            candidate = row[:start] + row[start + extra :]
            if _fits(candidate, columns):
                found[candidate] = None
    return next(iter(found)) if len(found) == 1 else None


def _lengthened(row: Row, columns: list[set[CellClass]]) -> Row | None:
    """The row with empty cells at its end, when it is anchored by a typed last cell and fits nowhere else."""
    blanks = ("",) * (len(columns) - len(row))
    is_anchored = columns[len(row) - 1] <= TYPED | {"empty", "dash"} and cell_class(row[-1]) in TYPED
    if not is_anchored or not _fits(row, columns[: len(row)]):
        return None
    elsewhere = any(_fits(row[:at] + blanks + row[at:], columns) for at in range(len(row)))
    return None if elsewhere else row + blanks


def _fits(row: Row, columns: list[set[CellClass]]) -> bool:
    """Whether each cell looks like others of its column; a text column takes anything but nothing."""
    for cell, seen in zip(row, columns, strict=True):
        kind = cell_class(cell)
        if kind not in seen and (kind == "empty" or "text" not in seen):
            return False
    return True
