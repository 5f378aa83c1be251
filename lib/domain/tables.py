"""Records to a table: what stands above the header, which rows are the header, and rows that do not fit.

A row that does not fit is mended only when exactly one way fits the columns' contents; otherwise the file is refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Final

from lib.domain.cells import TYPED, CellClass, cell_class
from lib.domain.mending import NARROW, is_total, mend
from lib.domain.notes import EMPTY, JOINED, LIKE_TOTAL, NO_HEADER, RAGGED, REQUOTED, SKIPPED_ABOVE, TORN, Note, listed, note
from lib.errors import Refused

HEADER_ROWS = 5


_BELOW: Final = 20
"""Lines at the end of a file among which totals are looked for."""


@dataclass(frozen=True, slots=True)
class Table:
    """A header and its rows, every row as wide as the header, with the line each row starts on."""

    header: tuple[str, ...]
    has_header: bool
    rows: list[tuple[str, ...]]
    line_nos: Sequence[int]
    preamble: tuple[str, ...]
    notes: tuple[Note, ...]
    totals: tuple[tuple[str, ...], ...] = ()
    """Rows below the table that call themselves totals."""


@dataclass(frozen=True, slots=True)
class _Row:
    line_no: int
    cells: list[str]
    after_blank: bool

    @property
    def filled(self) -> int:
        return sum(1 for cell in self.cells if cell.strip())


def to_table(cells: list[list[str]], line_nos: Sequence[int], *, broken: Sequence[int] = (), repaired: Sequence[int] = ()) -> Table:
    """The one table the records hold.

    Refuses: nothing but blanks; rows that fit the columns in no way or in several; quotes that do not pair up.
    """
    width = _width(cells)
    head = _head(cells, line_nos, width)
    if not head:
        raise Refused(EMPTY)
    above, start = _preamble(head, width)
    header, has_header, first_line, notes = _header(head[start:], width)
    preamble = [*above, *(row for row in head[start:] if row.line_no < first_line and not has_header)]
    skipped_to = first_line if has_header else min((row.line_no for row in head[start:]), default=1)
    _refuse_broken([line for line in broken if line >= skipped_to])
    if above:
        notes.insert(0, note(SKIPPED_ABOVE, count=len(above)))
    rows, numbers = _body(cells, line_nos, skipped_to, header, notes)
    if repaired:
        notes.append(note(REQUOTED, lines=listed(repaired)))
    if rows and width > NARROW and (is_total(rows[-1]) or _is_lone_remark(rows[-1])):
        notes.append(note(LIKE_TOTAL, lines=numbers[-1]))
    texts = tuple(" ".join(cell.strip() for cell in row.cells if cell.strip()) for row in preamble)
    end = numbers[-1] if len(numbers) else 0
    below = zip(line_nos[-_BELOW:], cells[-_BELOW:], strict=True)
    totals = tuple(tuple(row) for line_no, row in below if line_no > end and row and is_total(tuple(row)))
    return Table(header, has_header, rows, numbers, texts, tuple(notes), totals)


def _width(cells: list[list[str]]) -> int:
    widths = Counter(map(len, cells))
    widths.pop(0, None)
    first = {width: -at for at, width in enumerate(dict.fromkeys(map(len, cells)))}
    return max(widths, key=lambda width: (widths[width] * (width - 1), first[width]), default=1)


def _head(cells: list[list[str]], line_nos: Sequence[int], width: int) -> list[_Row]:
    """The filled rows that can decide the header: up to the first table row and a sample behind it."""
    head: list[_Row] = []
    after_blank, full = False, 0
    for line_no, row in zip(line_nos, cells, strict=True):
        if not any(map(str.strip, row)):
            after_blank = True
            continue
        head.append(_Row(line_no, row, after_blank))
        after_blank = False
        full += len(row) == width
        if full > 200:  # noqa: PLR2004 - enough rows to know the columns
            break
    return head


def _preamble(head: list[_Row], width: int) -> tuple[list[_Row], int]:
    """The rows above the table and the place where the table starts."""
    if width == 1:
        return [], 0
    start = next((at for at, row in enumerate(head) if _is_table_row(row, width)), 0)
    while start > 0 and _is_short_header(head, start, width):
        start -= 1
    titles = list(takewhile(lambda row: _is_title(row, width), head[start:]))
    after = start + len(titles)
    if not titles or after >= len(head):
        return head[:start], start
    if len(titles) == 1 and titles[0].filled == 1 and _heads_several_rows(head, after, width):
        return head[:start], start
    return head[:after], after


def _is_table_row(row: _Row, width: int) -> bool:
    return len(row.cells) == width


def _is_short_header(head: list[_Row], start: int, width: int) -> bool:
    """Whether the row above is a header of another width rather than a remark."""
    row, below = head[start - 1], head[start]
    near = row.filled > 1 and row.filled * 2 >= width
    texts = all(cell_class(cell) in {"text", "empty"} for cell in row.cells)
    return near and texts and not below.after_blank and any(cell_class(cell) in TYPED for cell in below.cells)


def _is_title(row: _Row, width: int) -> bool:
    if row.filled == 1:
        return bool(row.cells[0].strip()) and cell_class(row.cells[0]) == "text"
    left = len(list(takewhile(str.strip, row.cells)))
    is_pair = row.filled * 3 <= width and left == row.filled
    return is_pair and (any(cell_class(cell) in TYPED for cell in row.cells) or row.cells[0].strip().endswith((":", "：")))


def _heads_several_rows(head: list[_Row], after: int, width: int) -> bool:
    """Whether a lone title belongs to the header: a header of several rows, counting the title when it stands on it."""
    start = after if head[after].after_blank else after - 1
    return len(_header_rows(head[start:], width)) > 1


def _header(rows: list[_Row], width: int) -> tuple[tuple[str, ...], bool, int, list[Note]]:
    chosen = _header_rows(rows, width)
    if not chosen:
        return _letters(width), False, 0, [note(NO_HEADER)]
    last = chosen[-1].line_no
    if len(chosen) == 1:
        return _fitted_header(chosen[0], rows[1:], width), True, last + 1, []
    joined = tuple(_joined([row.cells for row in chosen], width))
    return joined, True, last + 1, [note(JOINED, lines=listed([row.line_no for row in chosen]))]


def _header_rows(rows: list[_Row], width: int) -> list[_Row]:
    """The rows that together name the columns; none when the first row is data like the rest."""
    typed = _typed_columns(rows, width)
    data = next((at for at, row in enumerate(rows) if _is_data(row, typed)), None)
    if data == 0:
        return []
    if len(rows) > 1 and rows[0].cells == rows[1].cells and (data is None or data > 1):
        return rows[:2]
    if data is None or len(rows[0].cells) != width:
        return rows[:1]
    used = _used_columns(rows[data:], width)
    count = 1
    while count < min(data, HEADER_ROWS) and _continues(rows[:count], rows[count], typed, used):
        count += 1
    return rows[:count]


def _typed_columns(rows: list[_Row], width: int) -> dict[int, set[CellClass]]:
    """The columns whose lower cells are mostly numbers, dates and the like, with the classes that occur there."""
    sample = [row.cells for row in rows[max(1, min(len(rows) // 2, 20)) :] if len(row.cells) == width]
    sample = sample or [row.cells for row in rows if len(row.cells) == width]
    typed: dict[int, set[CellClass]] = {}
    for column in range(width):
        classes = Counter(cell_class(cells[column]) for cells in sample)
        filled = sum(count for name, count in classes.items() if name not in {"empty", "dash"})
        held = sum(classes[name] for name in TYPED)
        if filled and held * 2 >= filled:
            are_years = classes["year"] * 2 > held
            typed[column] = {name for name in TYPED if classes[name] and (name != "year" or are_years)}
    return typed


def _is_data(row: _Row, typed: dict[int, set[CellClass]]) -> bool:
    """Whether a typed column holds what it usually holds; a year over a column of amounts is a name."""
    return any(cell_class(row.cells[column]) in classes for column, classes in typed.items() if column < len(row.cells))


def _used_columns(rows: list[_Row], width: int) -> set[int]:
    return {column for row in rows for column in range(min(width, len(row.cells))) if row.cells[column].strip()}


def _continues(above: list[_Row], row: _Row, typed: Iterable[int], used: set[int]) -> bool:
    """Whether the header goes on: words stand over typed columns, and a used column lacks a name or only units follow."""
    named = {column for upper in above for column, cell in enumerate(upper.cells) if cell.strip()}
    latest = {column for column, cell in enumerate(row.cells) if cell.strip()}
    over_typed = {column for column in latest & set(typed) if cell_class(row.cells[column]) == "text"}
    return bool(over_typed) and (bool(used - named) or latest == over_typed)


def _joined(rows: list[list[str]], width: int) -> Iterable[str]:
    """Header rows as one: a group's name goes to all the columns under it."""
    spread: list[list[str]] = []
    for level, row in enumerate(rows):
        spread.append(_spread(row, rows[level + 1 :], rows[:level]))
    for column in range(width):
        pieces = [row[column] for row in spread if column < len(row) and row[column].strip()]
        yield pieces[0] if len(pieces) == 1 else " ".join(map(str.strip, pieces))


def _spread(row: list[str], below: list[list[str]], above: list[list[str]]) -> list[str]:
    if sum(1 for cell in row if cell.strip()) < 2:  # noqa: PLR2004 - one name is a title, not a group
        return row
    filled: list[str] = []
    for column, cell in enumerate(row):
        starts_group = any(upper[column].strip() for upper in above if column < len(upper))
        is_named_below = any(lower[column].strip() for lower in below if column < len(lower))
        takes_left = not cell.strip() and column > 0 and is_named_below and not starts_group
        filled.append(filled[-1] if takes_left else cell)
    return filled


def _fitted_header(row: _Row, body: list[_Row], width: int) -> tuple[str, ...]:
    cells = row.cells
    while len(cells) > width and not cells[-1].strip():
        cells = cells[:-1]
    if len(cells) == width:
        return tuple(cells)
    if len(cells) < width and not any(cell.strip() for other in body for cell in other.cells[len(cells) :]):
        return (*cells, *[""] * (width - len(cells)))
    raise Refused(RAGGED, lines=listed([row.line_no]), width=width)


def _letters(width: int) -> tuple[str, ...]:
    names = []
    for column in range(width):
        name, left = "", column + 1
        while left:
            left, digit = divmod(left - 1, 26)
            name = chr(65 + digit) + name
        names.append(name)
    return tuple(names)


def _refuse_broken(broken: list[int]) -> None:
    if broken:
        raise Refused(TORN, lines=listed(broken))


def _body(
    cells: list[list[str]], line_nos: Sequence[int], first_line: int, header: tuple[str, ...], notes: list[Note]
) -> tuple[list[tuple[str, ...]], Sequence[int]]:
    start = next((at for at, line in enumerate(line_nos) if line >= first_line), len(line_nos))
    numbers: Sequence[int] = line_nos[start:]
    rows = cells[start:]
    if len(set(map(len, rows)) - {len(header)}) or list(header) in rows or not all(_is_filled(row) for row in rows):
        return mend(rows, numbers, header, notes)
    return list(map(tuple, rows)), numbers


def _is_lone_remark(row: tuple[str, ...]) -> bool:
    return cell_class(row[0]) == "text" and not any(map(str.strip, row[1:]))


def _is_filled(row: Sequence[str]) -> bool:
    return any(map(str.strip, row))
