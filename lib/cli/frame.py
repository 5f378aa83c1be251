"""What every verb shares: opening the ledger, saying results as JSON or CSV, saying refusals in one sentence."""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from lib import exports
from lib.errors import Refused
from lib.store.ledger import Ledger, ledger_path, make_folder
from lib.store.settings import moment
from lib.text import LANGUAGES, Language, Text

_NOT_WRITTEN: Final = Text("{path} 没有写入：{why}。请换一个文件名。", "{path} was not written: {why}. Choose another file name.")
BAD_DATE: Final = Text("“{given}”不是日期，请写成 2025-03-06。", "“{given}” is not a date; write it like 2025-03-06.")


def language() -> Language:
    """English on a terminal unless MINGZHANG_LANGUAGE says zh: shells and logs often cannot show Chinese."""
    wanted = os.environ.get("MINGZHANG_LANGUAGE", "en")
    return next((one for one in LANGUAGES if one == wanted), "en")


def day(given: str) -> date:
    """A date as typed. Refuses: anything else."""
    try:
        return date.fromisoformat(given)
    except ValueError as error:
        raise Refused(BAD_DATE, given=given) from error


def known_at(ledger: Ledger, given: str | None) -> datetime | None:
    """By what was known when, as typed; None by all that is known. Refuses: what is no moment."""
    if not given:
        return None
    try:
        return moment(ledger, given)
    except ValueError as error:
        raise Refused(BAD_DATE, given=given) from error


def write(path: Path, content: bytes) -> None:
    """A new file. Refuses: one that is there already, or a place where none can be written."""
    try:
        with path.open("xb") as file:
            file.write(content)
    except OSError as error:
        raise Refused(_NOT_WRITTEN, path=path, why=error.strerror) from error


def open_ledger() -> Ledger:
    """The ledger at MINGZHANG_LEDGER. Refuses (`Unusable`): a file that cannot be used."""
    path = ledger_path()
    make_folder(path)
    return Ledger(path)


def say(value: object) -> None:
    """Print a result as JSON: amounts as exact strings, dates ISO."""
    json.dump(value, sys.stdout, default=plain, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")


def say_rows(rows: Sequence[dict[str, Any]], columns: Sequence[str], form: str) -> None:
    """Print records as a JSON list of objects or as CSV with a header; no text of it is a formula where a spreadsheet opens it."""
    if form == "json":
        say([{name: row[name] for name in columns} for row in rows])
        return
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([[_cell(row[name]) for name in columns] for row in rows])


def _cell(value: object) -> object:
    if isinstance(value, str):
        return exports.neutral(value)
    return "" if value is None else plain(value)


def plain(value: object) -> object:
    """A value as the command line says it."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    return value
