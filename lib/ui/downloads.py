"""A table as a file: XLSX or CSV, built at the click, written down in the audit, for those who may take data out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import pyarrow as pa
import streamlit as st

from lib import exports, formats
from lib.commands.exports import RecordExport
from lib.domain.access import Actor, Permission
from lib.exports import Sheet
from lib.store.door import execute
from lib.text import Language, Text
from lib.ui import page, session
from lib.ui.filters import Scope

_EXPORT: Final = Text("导出", "Export")
_AS_OF: Final = Text("截至", "As of")
_KNOWN_AT: Final = Text("按何时所知", "As known at")
_NOW: Final = Text("现在", "now")
_FILTERS: Final = Text("筛选", "Filters")
_DEFINITION: Final = Text("口径", "Definition")
_WRITERS: Final[dict[str, tuple[Callable[[Sheet], bytes], str]]] = {
    "xlsx": (exports.xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "csv": (exports.csv, "text/csv"),
}


@dataclass(frozen=True, slots=True)
class Offer:
    """What can leave: the question asked anew at the click, its words, and what turns its answer into the table wanted."""

    title: Text
    question: page.Question
    count: int
    definition: Text | None = None
    prepare: Callable[[pa.Table], pa.Table] | None = None
    about: tuple[str, str] | None = None
    """Whose figures these are: a label and a name, for the file's first line and the audit."""

    def sheet(self, notes: tuple[tuple[str, str], ...], language: Language) -> Sheet:
        """The table with its words; columns without words stay in the house."""
        answer = self.question.answer()
        table = self.prepare(answer) if self.prepare else answer
        return Sheet(self.title.say(language), notes, exports.columns(table), table, language)


@dataclass(frozen=True, slots=True)
class _Job:
    """What a click needs, taken along: the file is built outside the page's run."""

    offer: Offer
    notes: tuple[tuple[str, str], ...]
    language: Language
    record: RecordExport
    write: Callable[[Sheet], bytes]
    person: Callable[[], Actor]

    def __call__(self) -> bytes:
        # What a person may see can have changed since the page was drawn.
        asked = replace(self.offer.question, actor=self.person())
        asked.actor.need(Permission.EXPORT)
        sheet = replace(self.offer, question=asked).sheet(self.notes, self.language)
        execute(asked.ledger, asked.actor, replace(self.record, row_count=sheet.table.num_rows))
        return self.write(sheet)


def export(offer: Offer, scope: Scope | None = None) -> None:
    """A small menu with both formats; nothing for those who may not export, or without rows."""
    if not (session.actor().may(Permission.EXPORT) and offer.count):
        return
    filters, query = scope.said() if scope else "", offer.question.name
    asked = f"{offer.about[1]} {filters}".strip() if offer.about else filters
    with st.popover(session.say(_EXPORT), width="content", key=f"{query}_export"):
        for suffix, (write, mime) in _WRITERS.items():
            name = exports.file_name(query, session.as_of(), session.ledger().clock(), suffix)
            record = RecordExport(query, asked, offer.count, name)
            notes = (*([offer.about] if offer.about else []), *_notes(filters, offer.definition))
            job = _Job(offer, notes, session.language(), record, write, session.later())
            st.download_button(suffix.upper(), job, name, mime, key=f"{query}_{suffix}", on_click="ignore", width="stretch")


def _notes(filters: str, definition: Text | None) -> tuple[tuple[str, str], ...]:
    known = session.known_at()
    notes = [
        (session.say(_AS_OF), formats.iso_date(session.as_of())),
        (session.say(_KNOWN_AT), page.moment(known) if known else session.say(_NOW)),
        (session.say(_FILTERS), filters or formats.MISSING),
    ]
    return (*notes, (session.say(_DEFINITION), session.say(definition))) if definition else tuple(notes)
