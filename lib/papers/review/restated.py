"""What of the last closed week reads otherwise by now, as one more section of a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pyarrow as pa

from lib import exports, formats
from lib.exports import Sheet
from lib.metrics import BOARD, words
from lib.review.pack import Line
from lib.review.restating import Restated, Restatements
from lib.text import Language, Text

_TITLE: Final = Text("上次周会以来改了的数：{week}", "Changed since the last review: {week}")
_COLUMNS: Final = ("metric", "seen_said", "corrected_said", "change_said")


def restated(told: Restatements, language: Language) -> Sheet:
    """Each number that reads otherwise: those that turned a signal, or none, first, then those of the board."""
    place = {name: number for number, name in enumerate(BOARD)}
    found = sorted(told.found, key=lambda one: (not one.turned, place.get(one.metric.name, len(place))))
    rows = [row for one in found for row in _row(one, told.of.currency, language)]
    table = pa.table({name: pa.array([row[name] for row in rows], pa.string()) for name in _COLUMNS})
    title = _TITLE.say(language, week=formats.week(told.of.week_on, language))
    return Sheet(title, (), exports.columns(table), table, language)


def _row(one: Restated, currency: str | None, language: Language) -> Iterator[dict[str, str]]:
    """As seen and as corrected; nothing where both read alike."""
    if _said(one, one.then, currency, language) == _said(one, one.now, currency, language):
        return
    change = words.difference(one.now.value, one.then.value, one.metric)
    yield {
        "metric": one.metric.label.say(language),
        "seen_said": _said(one, one.then, currency, language),
        "corrected_said": _said(one, one.now, currency, language),
        "change_said": words.arrowed(change, one.metric, currency, language),
    }


def _said(one: Restated, line: Line, currency: str | None, language: Language) -> str:
    """The number, with its verdict where that turned."""
    value = words.said(line.value, one.metric, currency, language)
    return f"{value} {words.VERDICT[line.verdict].say(language)}" if one.turned else value
