"""`import KIND FILE` and `undo BATCH`: files into the ledger from a shell, and out again."""

from __future__ import annotations

import argparse
import hashlib
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from lib.cli.frame import open_ledger, say
from lib.commands.imports import Options, Plan, order, plan, refuse_questions
from lib.commands.undo import Undo
from lib.domain.access import SYSTEM
from lib.domain.dates import ORDERS
from lib.domain.imports import KINDS
from lib.domain.sheets import Sheet, read_sheet
from lib.errors import NotFound, Refused
from lib.store.door import execute
from lib.store.ledger import Ledger
from lib.store.settings import settings, today
from lib.text import Text

_NO_FILE = Text("找不到文件 {path}，或不能读取。", "The file {path} does not exist or cannot be read.")
_BAD_MAP = Text("--map 要写成 表头=字段，不能是“{given}”。", "Write --map as HEADER=FIELD, not “{given}”.")
_NO_HEADER = Text("文件没有“{header}”这一列；有：{headers}。", "The file has no column “{header}”; it has: {headers}.")
_NO_FIELD = Text("没有字段“{field}”；可用：{fields}。", "There is no field “{field}”; possible: {fields}.")
SHOWN_REJECTED: Final = 20
"""Rejected rows in the JSON summary; --rejected writes them all."""


def add(verbs: Any) -> None:  # noqa: ANN401 (argparse keeps the type of its subparsers to itself)
    """Declare the verbs."""
    verb = verbs.add_parser("import", help="bring a file in: new, changed, same, rejected, and the batch to undo")
    verb.add_argument("kind", choices=list(KINDS))
    verb.add_argument("file", help="CSV, XLSX, XLS, OFX, CAMT.053, gz or zip; - reads standard input")
    verb.add_argument(
        "--map", action="append", default=[], metavar="HEADER=FIELD", help="which column is which field; empty FIELD leaves it out"
    )
    verb.add_argument("--sheet", help="the sheet of a workbook (default the first with data)")
    verb.add_argument("--date-order", choices=ORDERS, help="for columns that do not show the order of day and month themselves")
    verb.add_argument("--currency", help="currency of amounts that name none (default the house's)")
    verb.add_argument(
        "--new-customers", choices=("offbook", "reject"), default="offbook", help="what becomes of customers the ledger does not know"
    )
    verb.add_argument(
        "--allocate",
        choices=("none", "oldest"),
        default="none",
        help="payments that name no invoice: keep on account, or lay on the oldest",
    )
    verb.add_argument("--account", default="", help="the account of a bank statement (default what it says itself, else the file's name)")
    verb.add_argument("--metric", choices=("nps", "csat", "ces"), help="what a plain score column of feedback measures")
    verb.add_argument("--rejected", metavar="PATH", help="write the rejected rows with reasons to a .csv or .xlsx file")
    verb.add_argument("--dry-run", action="store_true", help="say what would happen and write nothing")
    verb.set_defaults(run=_import)
    verb = verbs.add_parser("undo", help="take back a batch or any other change whole")
    verb.add_argument("batch", type=int)
    verb.set_defaults(run=_undo)


def _import(chosen: argparse.Namespace) -> None:
    content, name = _content(chosen.file)
    sheet = read_sheet(content, name, sheet=chosen.sheet)
    with open_ledger() as ledger:
        planned = plan(ledger, SYSTEM, chosen.kind, sheet, _options(ledger, chosen, sheet, (content, name)))
        refuse_questions(planned)
        batch = None if chosen.dry_run or not _has_news(planned) else execute(ledger, SYSTEM, order(planned)).change_id
    if chosen.rejected:
        form = "xlsx" if chosen.rejected.lower().endswith(".xlsx") else "csv"
        Path(chosen.rejected).write_bytes(planned.rejected(form, "en"))  # type: ignore[arg-type]
    say({**asdict(planned.counts), "batch": batch, **_more(planned)})


def _has_news(planned: Plan) -> bool:
    return bool(planned.counts.new or planned.counts.changed)


def _undo(chosen: argparse.Namespace) -> None:
    with open_ledger() as ledger:
        receipt = execute(ledger, SYSTEM, Undo(chosen.batch))
    say({"undone": chosen.batch, "batch": receipt.change_id, "rows": receipt.result})


def _content(file: str) -> tuple[bytes, str]:
    if file == "-":
        return sys.stdin.buffer.read(), "stdin"
    try:
        return Path(file).read_bytes(), Path(file).name
    except OSError as error:
        raise NotFound(_NO_FILE, path=file) from error


def _options(ledger: Ledger, chosen: argparse.Namespace, sheet: Sheet, source: tuple[bytes, str]) -> Options:
    return Options(
        today=today(ledger),
        file_name=source[1],
        sha256=hashlib.sha256(source[0]).hexdigest(),
        mapping=_mapping(chosen, sheet),
        date_order=chosen.date_order,
        currency=(chosen.currency or settings(ledger)["base_currency"]).upper(),
        currency_given=chosen.currency is not None,
        new_customers=chosen.new_customers,
        oldest=chosen.allocate == "oldest",
        metric=chosen.metric,
        account=chosen.account.strip(),
    )


def _mapping(chosen: argparse.Namespace, sheet: Sheet) -> dict[str, str]:
    mapping = {}
    known = [field.name for field in KINDS[chosen.kind].fields]
    for given in chosen.map:
        header, equals, name = given.rpartition("=")
        if not equals:
            raise Refused(_BAD_MAP, given=given)
        if header not in sheet.header:
            raise Refused(_NO_HEADER, header=header, headers=", ".join(sheet.header))
        if name and name not in known:
            raise Refused(_NO_FIELD, field=name, fields=", ".join(known))
        mapping[header] = name
    return mapping


def _more(planned: Plan) -> dict[str, Any]:
    return {
        "mapping": planned.mapping,
        "notes": [note.say("en") for note in planned.notes],
        "errors": [
            {"line": row.line_no, "reasons": [reason.say("en") for reason in row.reasons]}
            for row in planned.preview(0, SHOWN_REJECTED, "error")
        ],
    }
