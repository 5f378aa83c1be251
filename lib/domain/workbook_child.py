"""Reads one workbook from standard input and writes its cells as JSON; runs as a child so that it may die alone.

A damaged or hostile workbook can make the reader ask for terabytes, which ends the whole process. Run by path, not
imported: see `lib.domain.workbooks`.
"""

from __future__ import annotations

import io
import json
import sys
from datetime import date, datetime, time, timedelta

import python_calamine

LARGEST_MEMORY = 4 * 1024**3
EXACT_WHOLE = 1e15  # Excel keeps fifteen digits


def main(wanted: str, most_columns: int) -> None:
    """Write the sheet names, the sheet that was read and its rows, all cells as text."""
    _limit_memory()
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
    names = list(book.sheet_names)
    chosen, rows, is_too_wide = "", [], False
    for name in [wanted] if wanted in names else [] if wanted else names:
        sheet = book.get_sheet_by_name(name)
        is_too_wide = sheet.total_width > most_columns
        chosen, rows = name, [] if is_too_wide else _rows(sheet)
        if is_too_wide or any(any(row) for row in rows):
            break
    sys.stdout.buffer.write(json.dumps({"names": names, "sheet": chosen, "rows": rows, "is_too_wide": is_too_wide}).encode())


def _limit_memory() -> None:
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (LARGEST_MEMORY, LARGEST_MEMORY))


def _rows(sheet: python_calamine.CalamineSheet) -> list[list[str]]:
    rows = [[_as_text(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]
    used = max((len(row) - next((at for at, cell in enumerate(reversed(row)) if cell), len(row)) for row in rows), default=0)
    return [row[:used] for row in rows]


def _as_text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < EXACT_WHOLE else format(value, ".15g")
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value) if isinstance(value, timedelta | int) else ""


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
