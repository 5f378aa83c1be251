"""`report weekly`: the review of one week as PDF, slides, workbook, page, brief or JSON; JSON and brief also to the terminal."""

from __future__ import annotations

import argparse
import re
import sys
from datetime import date, timedelta
from typing import Final

from lib import formats
from lib.cli.frame import day, known_at, write
from lib.domain.access import SYSTEM
from lib.errors import Refused
from lib.metrics import Cut
from lib.metrics.variation import View
from lib.papers.review.files import BESIDE, FILES, printed, wanted
from lib.review import pack
from lib.review.beside import NOTHING, beside
from lib.store.ledger import Ledger
from lib.store.query import rows
from lib.store.settings import today
from lib.text import Language, Text

TO_TERMINAL: Final = ("json", "brief")
"""What a terminal can show; anything else needs a file."""
_WEEK: Final = re.compile(r"(\d{4})-?[Ww](\d{2})")
_BAD_WEEK: Final = Text("“{given}”不是周，请写成 2026-W26。", "“{given}” is not a week; write it like 2026-W26.")
_TO_COME: Final = Text("{given} 还没有开始；最近的是 {last}。", "{given} has not begun yet; the latest is {last}.")
_NO_FILE: Final = Text("{format} 要写到文件：加上 --output 文件。", "{format} goes into a file: add --output FILE.")
_BAD_FORMAT: Final = Text("周报没有 {format} 格式；可用：{possible}。", "A weekly report is no {format}; possible: {possible}.")


def report(ledger: Ledger, chosen: argparse.Namespace, language: Language) -> None:
    """To the file named or the terminal. Refuses: a week that is none or has not begun, a format that needs a file."""
    form = chosen.format
    if form not in FILES:
        raise Refused(_BAD_FORMAT, format=form, possible=", ".join(FILES))
    if chosen.out is None and form not in TO_TERMINAL:
        raise Refused(_NO_FILE, format=form)
    as_of = day(chosen.as_of) if chosen.as_of else today(ledger)
    currency = chosen.currency or next((row["currency"] for row in rows(ledger, SYSTEM, "currencies", as_of=as_of)), None)
    view = View(ledger, SYSTEM, as_of, known_at(ledger, chosen.known_at), Cut(currency))
    found = pack.build(view, week(chosen.week, as_of))
    more = beside(view, found) if form in BESIDE else NOTHING
    made = printed(wanted(ledger, found, language, beside=more), form)
    if chosen.out:
        write(chosen.out, made.content)
    else:
        sys.stdout.write(made.content.decode().rstrip("\n") + "\n")


def week(given: str | None, as_of: date) -> date:
    """The Monday of a week as typed; without one that of the last week that is over."""
    if given is None:
        return pack.last_week(as_of)
    try:
        found = _WEEK.fullmatch(given.strip())
        monday = date.fromisocalendar(int(found[1]), int(found[2]), 1) if found else day(given) - timedelta(days=day(given).weekday())
    except (ValueError, Refused) as error:
        raise Refused(_BAD_WEEK, given=given) from error
    if monday > as_of:
        raise Refused(_TO_COME, given=given, last=formats.iso_week(as_of))
    return monday


def options(verb: argparse.ArgumentParser) -> None:
    """The options that only a weekly report has."""
    verb.add_argument("--week", metavar="YYYY-Www", help="weekly: which week (default: the last one that is over)")
    verb.add_argument("--language", choices=("zh", "en"), help="weekly: the language of the file (default: MINGZHANG_LANGUAGE, else en)")
