"""What texts of customers say, read when they are recorded: by the word lists, by the model once it is better, by a person for good.

Readings are added and never replaced: the latest counts, a person's before all others (`reading_at`). So undoing what a person entered is
never refused because a machine has read it again since.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, Final

import numpy as np
import pyarrow as pa

from lib.commands import Command, sight
from lib.commands.documents import records
from lib.domain import kinds, mood_words, moods, text_model
from lib.domain.access import Permission
from lib.domain.text_model import TextModel
from lib.errors import NotFound
from lib.store.door import Change
from lib.text import Text

MODEL: Final = "text"
MOODS: Final[dict[str, float]] = {"good": 1.0, "neither": 0.0, "bad": -1.0}
"""What a person says of a text, as a mood."""
MOOD: Final = Text("情绪", "Mood")
THEMES: Final = Text("主题", "Themes")
_NO_TEXT = Text("找不到这段话，或不在您的范围内。", "There is no such text, or it is outside your scope.")


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads now: the model of a run, else the word lists of a version."""

    version: int
    model: TextModel | None = None

    @property
    def name(self) -> str:
        """As a reading names it."""
        return "model" if self.model else "words"

    def read(self, texts: Sequence[str]) -> list[tuple[float | None, list[str]]]:
        """Mood and themes of each. Themes are always read by words: that is what makes them plain to see."""
        read = [moods.read(text) for text in texts]
        if self.model is None:
            return [(one.mood, list(one.themes)) for one in read]
        likely = text_model.chance(self.model, texts)
        return [(text_model.mood(float(chance)), list(one.themes)) for chance, one in zip(likely, read, strict=True)]


@dataclass(frozen=True)
class CorrectReading(Command):
    """A person's word on what a text says: it stands for good, holds for the same text later, and the model learns from it.

    Refuses: a text that is unknown or out of sight, a mood or theme in no list.
    """

    permission: ClassVar[Permission] = Permission.SERVICE_WRITE
    title: ClassVar[Text] = Text("更正解读", "Correct a reading")
    about: str
    about_id: int
    mood: str
    themes: tuple[str, ...]

    def validate(self) -> None:
        """Refuses: a mood or theme in no list."""
        sight.choice(self.mood, {name: kinds.MOOD[name] for name in MOODS}, MOOD, about="mood")
        for theme in self.themes:
            sight.choice(theme, kinds.THEME, THEMES, about="themes")

    def apply(self, change: Change) -> int:
        """The new reading_id."""
        return _by_person(change, self.about, self.about_id, MOODS[self.mood], self.themes)


def sort(change: Change, about: str, about_id: int, themes: Collection[str]) -> None:
    """A person's word on the themes of a text; what was read of its mood stays."""
    found = records(change, _MOOD, {"about": about, "about_id": about_id})
    _by_person(change, about, about_id, found[0]["mood"] if found else None, themes)


def _by_person(change: Change, about: str, about_id: int, mood: float | None, themes: Collection[str]) -> int:
    found = records(change, _ONE, {"about": about, "about_id": about_id})
    if not found:
        raise NotFound(_NO_TEXT)
    sight.customer(change, found[0]["customer_id"], unless=_NO_TEXT)
    reading_id = change.next_id("reading", "reading_id")
    named = json.dumps([theme for theme in kinds.THEME if theme in themes])
    row = {"reading_id": reading_id, **found[0], "mood": mood, "themes": named}
    change.insert("reading", [{**row, "reader": "person", "version": mood_words.VERSION}])
    return reading_id


def read_text(change: Change, about: str, about_id: int) -> None:
    """Read one text just recorded in this change: the comment of an answer ('feedback') or what a case says ('case')."""
    _read(change, reader(change), records(change, _ONE_TO_READ, {"about": about, "about_id": about_id}))


def read_new(change: Change) -> int:
    """Read every text this change recorded: the way of imports. Returns how many."""
    return _read(change, reader(change), records(change, _NEW, {"change_id": change.change_id}))


def read_again(change: Change) -> int:
    """Read all texts whose reading is not of today's reader; a person's stands. Returns how many."""
    now = reader(change)
    changed = {"reader": now.name, "version": now.version}
    outdated = records(change, _OUTDATED, changed)
    # Only what was read again before: what was read with an entry stays in its change, or nobody could undo that entry.
    change.retire("reading", f"reader <> 'person' and (reader <> $reader or version <> $version) and {_READ_AGAIN}", changed)
    return _read(change, now, outdated)


def reader(change: Change) -> Reader:
    """The model in force, else the word lists."""
    found = records(
        change, "select run_id, uses, parameters from live_run($model, date '9999-12-30', timestamp '9999-12-30')", {"model": MODEL}
    )
    if not found or found[0]["uses"] != "model":
        return Reader(mood_words.VERSION)
    return Reader(found[0]["run_id"], _model(found[0]["parameters"]))


@lru_cache(maxsize=4)
def _model(parameters: str) -> TextModel:
    """Unpacked once: it takes longer than a reading."""
    return text_model.unpacked(json.loads(parameters))


def _read(change: Change, now: Reader, texts: Sequence[Mapping[str, Any]]) -> int:
    """Record what these texts say; what a person said of the same text holds for it."""
    if not texts:
        return 0
    known = _remembered(change)
    fresh = [row for row in texts if row["said"] not in known]
    machine = zip(fresh, now.read([row["said"] for row in fresh]), strict=True)
    first = change.next_id("reading", "reading_id")
    read = [(row, mood, themes, now.name, now.version) for row, (mood, themes) in machine]
    read += [(row, *known[row["said"]], "person", mood_words.VERSION) for row in texts if row["said"] in known]
    return change.insert("reading", _table(read, first))


def _table(read: Sequence[tuple[Mapping[str, Any], float | None, list[str], str, int]], first: int) -> pa.Table:
    rows, found, themes, names, versions = zip(*read, strict=True)
    columns = {
        "reading_id": pa.array(np.arange(first, first + len(read))),
        "customer_id": pa.array([row["customer_id"] for row in rows], pa.int32()),
        "about": pa.array([row["about"] for row in rows], pa.string()),
        "about_id": pa.array([row["about_id"] for row in rows], pa.int64()),
        "mood": pa.array(found, pa.float64()),
        "themes": pa.array([json.dumps(one) for one in themes], pa.string()),
        "reader": pa.array(names, pa.string()),
        "version": pa.array(versions, pa.int32()),
    }
    return pa.table(columns)


def _remembered(change: Change) -> dict[str, tuple[float | None, list[str]]]:
    """What persons said of texts, by the text; of the same one the latest holds."""
    corrected = records(change, _CORRECTED, {})
    if not corrected:
        return {}
    ids = {about: [row["about_id"] for row in corrected if row["about"] == about] for about in ("feedback", "case")}
    texts = {(row["about"], row["about_id"]): row["said"] for row in records(change, _TEXTS, ids)}
    known = ((texts.get((row["about"], row["about_id"])), row) for row in corrected)
    return {said: (row["mood"], json.loads(row["themes"])) for said, row in known if said}


_NOW: Final = "date '9999-12-30', timestamp '9999-12-30'"
_ONE: Final = f"""
    select said.customer_id, said.about, said.about_id from said_at({_NOW}) as said
    where said.about = $about and said.about_id = $about_id
"""  # noqa: S608 (our own names, here and below)
_MOOD: Final = """
    select reading.mood from reading_at(timestamp '9999-12-30') as reading
    where reading.about = $about and reading.about_id = $about_id
"""
_ONE_TO_READ: Final = f"""
    select said.customer_id, said.about, said.about_id, said.said from said_at({_NOW}) as said
    where said.about = $about and said.about_id = $about_id
"""  # noqa: S608
_NEW: Final = f"""
    select said.customer_id, said.about, said.about_id, said.said from said_at({_NOW}) as said
    where
        (said.about = 'feedback' and said.about_id in (select feedback.feedback_id from feedback where feedback.change_id = $change_id))
        or (said.about = 'case' and said.about_id in (select case_file.case_id from case_file where case_file.change_id = $change_id))
    order by said.about, said.about_id
"""  # noqa: S608
_OUTDATED: Final = f"""
    select said.customer_id, said.about, said.about_id, said.said
    from said_at({_NOW}) as said
    left join reading_at(timestamp '9999-12-30') as reading on said.about = reading.about and said.about_id = reading.about_id
    where reading.reader is null or (reading.reader <> 'person' and (reading.reader <> $reader or reading.version <> $version))
    order by said.about, said.about_id
"""  # noqa: S608
_READ_AGAIN: Final = "change_id in (select audit.change_id from audit where audit.command = 'FitModels')"
_CORRECTED: Final = """
    select reading.about, reading.about_id, reading.mood, reading.themes
    from reading
    where reading.reader = 'person' and reading.retired_at = timestamp '9999-12-31'
    order by reading.record_id
"""
_TEXTS: Final = """
    select 'feedback' as about, feedback.feedback_id as about_id, trim(feedback.comment) as said
    from feedback
    where
        feedback.feedback_id in (select unnest($feedback::bigint[]))
        and trim(feedback.comment) <> ''
        and feedback.retired_at = timestamp '9999-12-31'
    union all
    select 'case' as about, case_file.case_id as about_id, trim(case_text(case_file.subject, case_file.body)) as said
    from case_file
    where case_file.case_id in (select unnest($case::bigint[])) and case_file.retired_at = timestamp '9999-12-31'
"""
