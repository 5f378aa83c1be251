"""The week on paper, A4 across: for the file and for those who read on paper."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from lib import formats
from lib.colours import LIGHT
from lib.metrics.metric import GROUPS
from lib.papers.review import words
from lib.papers.review.words import Item, Said, Section
from lib.papers.typesetting import Column, typeset
from lib.review.drawing import svg
from lib.text import Text

_TEMPLATE: Final = Path(__file__).with_name("review.typ")
_COLOURS: Final = ("ink", "muted", "grid", "better", "worse_text")
_LARGE, _SMALL = (340, 116), (320, 36)
_DETAILS: Final = " · "


def pdf(said: Said) -> bytes:
    """The review as PDF with its fonts embedded. Refuses (`Unusable`): a machine without a font for Chinese."""
    language = said.language
    board = [(words_, list(items)) for words_, items in groupby(said.items, lambda item: GROUPS[item.metric.group].say(language))]
    data = {
        "language": language,
        "title": said.title,
        "subtitle": _DETAILS.join(filter(None, (said.week, said.company))),
        "company": said.company,
        "about": said.about,
        "headline": said.headline,
        "budget": said.budget,
        "notes": said.notes,
        "colours": {name: asdict(LIGHT)[name] for name in _COLOURS},
        "words": {name: text.say(language) for name, text in _WORDS.items()},
        "signals": [_signal(item, said) for item in said.signals],
        "sections": [_section(section, said) for section in said.sections if section.rows],
        "empty": words.empty(said),
        "heads": [asdict(Column(head, is_figure, share)) for head, is_figure, share in _heads(said)],
        "board": [{"title": title, "items": [_row(item) for item in items]} for title, items in board],
        "defined": [asdict(Column(head.say(language), share=share)) for head, share in _DEFINED],
        "definitions": [
            [text.say(language) for text in (one.metric.label, one.metric.definition, one.metric.formula)] for one in said.items
        ],
    }
    return typeset(_TEMPLATE, data, language, _drawings(said))


_WORDS: Final = {
    "signals": words.SIGNALS,
    "no_signals": words.NO_SIGNALS,
    "definitions": words.DEFINITIONS,
}
_HEADS: Final[tuple[tuple[Text, bool, int], ...]] = (
    (words.METRIC, False, 5),
    (words.THIS_WEEK, True, 0),
    (words.BEFORE, True, 0),
    (words.CHANGE, True, 0),
    (words.VERDICT, False, 3),
    (words.TARGET, False, 4),
    (words.COURSE, False, 9),
)
_DEFINED: Final[tuple[tuple[Text, int], ...]] = ((words.METRIC, 2), (words.DEFINITION, 6), (words.FORMULA, 4))


def _heads(said: Said) -> Iterator[tuple[str, bool, int]]:
    """Of the board; the last says which days are drawn."""
    weeks = [week for item in said.items for week, _ in item.line.weeks]
    days = (
        "–".join(formats.week_days(week, said.language).split("–")[end] for end, week in ((0, min(weeks)), (-1, max(weeks))))
        if weeks
        else ""
    )
    for head, is_figure, share in _HEADS:
        words_ = head.say(said.language)
        yield f"{words_} {days}" if head is words.COURSE else words_, is_figure, share


def _drawings(said: Said) -> dict[str, str]:
    """Each metric small, each signal large as well."""
    sizes = {"large": (said.signals, _LARGE), "small": (said.items, _SMALL)}
    return {
        f"{size} {item.line.metric}": drawn
        for size, (items, room) in sizes.items()
        for item in items
        if (drawn := svg(item.line, said.language, said.pack.currency, LIGHT, room, item.around))
    }


def _row(item: Item) -> dict[str, str]:
    shown = {name: getattr(item, name) for name in ("label", "value", "before", "change", "verdict", "target", "drawn")}
    return {**shown, "kind": item.line.verdict, "drawing": f"small {item.line.metric}"}


def _signal(item: Item, said: Said) -> dict[str, Any]:
    before, target = (text.say(said.language) for text in (words.BEFORE, words.TARGET))
    why = _DETAILS.join(filter(None, (f"{before} {item.before}", item.why, item.target and f"{target} {item.target}")))
    return {**_row(item), "done": item.done, "why": why, "drawing": f"large {item.line.metric}"}


def _section(section: Section, said: Said) -> dict[str, Any]:
    if len(section.rows) == 1:
        return {"title": section.sheet.title, "rows": words.pairs(section)}
    heads = [column.label.say(said.language) for column in section.sheet.columns]
    columns = [
        Column(head, column.shape in words.FIGURES, round(share))
        for head, column, share in zip(heads, section.sheet.columns, words.shares(heads, section.rows), strict=True)
    ]
    width = sum(column.share for column in columns)
    part = 100 if width >= words.NARROW else max(40, width)
    return {"title": section.sheet.title, "columns": [asdict(column) for column in columns], "rows": section.rows, "part": part}
