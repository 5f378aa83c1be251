"""The cells of an XLSX or XLS workbook, read in a child process that a damaged file may bring down alone.

The child touches no file and no clock: the same bytes give the same cells, as from any library call.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from lib.errors import Refused
from lib.text import Text

CHILD = Path(__file__).with_name("workbook_child.py")
LONGEST_SECONDS = 120
LARGEST_COLUMNS = 1000

DAMAGED = Text(
    "文件「{name}」打不开：可能已损坏、有密码，或后缀与内容不符，请重新导出后再试",
    "The file “{name}” cannot be opened: it may be damaged, locked by a password or misnamed; export it again",
)
TOO_WIDE = Text(
    "表格超过 {limit} 列：可能分隔符不对，或很远的格子里有内容。请只保留需要的列",
    "The table has more than {limit} columns: the separator may be wrong, or a far cell holds something. Keep only the columns needed",
)


@dataclass(frozen=True, slots=True)
class Workbook:
    """The names of all sheets, and the rows of one of them as text; no sheet when the wanted one is not there."""

    names: tuple[str, ...]
    sheet: str
    rows: list[list[str]]


def read_workbook(content: bytes, name: str, sheet: str | None) -> Workbook:
    """The wanted sheet of a workbook, or the first with data.

    Refuses: a file the reader cannot open, or that needs more columns, memory or time than any honest workbook.
    """
    command = [sys.executable, "-P", str(CHILD), sheet or "", str(LARGEST_COLUMNS)]
    try:
        done = subprocess.run(command, input=content, capture_output=True, check=True, timeout=LONGEST_SECONDS)  # noqa: S603 - our own script
        found = json.loads(done.stdout)
    except (subprocess.SubprocessError, OSError, ValueError) as error:
        raise Refused(DAMAGED, name=name) from error
    if found["is_too_wide"]:
        raise Refused(TOO_WIDE, limit=f"{LARGEST_COLUMNS:,}")
    return Workbook(tuple(found["names"]), found["sheet"], found["rows"])
