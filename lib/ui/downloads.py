"""A table as a file: XLSX or CSV, built at the click, written down in the audit, for those who may take data out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import pyarrow as pa
import streamlit as st

from lib import exports, formats
from lib.commands.exports import RecordExport
from lib.domain.access import Actor, Permission
from lib.exports import Sheet
from lib.store.door import execute
from lib.store.ledger import Ledger
from lib.text import Text
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
class _Job:
    """What a click needs, taken along: the file is built outside the page's run."""

    ledger: Ledger
    actor: Actor
    sheet: Sheet
    record: RecordExport
    write: Callable[[Sheet], bytes]

    def __call__(self) -> bytes:
        execute(self.ledger, self.actor, self.record)
        return self.write(self.sheet)


def export(table: pa.Table, title: Text, query: str, scope: Scope | None = None, definition: Text | None = None) -> None:
    """A small menu with both formats; nothing for those who may not export, or without rows. `query` names the question in the audit."""
    if not (session.actor().may(Permission.EXPORT) and table.num_rows):
        return
    filters = scope.said() if scope else ""
    sheet = Sheet(session.say(title), _notes(filters, definition), exports.columns(table), table, session.language())
    with st.popover(session.say(_EXPORT), width="content", key=f"{query}_export"):
        for suffix, (write, mime) in _WRITERS.items():
            name = exports.file_name(query, session.as_of(), session.ledger().clock(), suffix)
            record = RecordExport(query, filters, table.num_rows, name)
            job = _Job(session.ledger(), session.actor(), sheet, record, write)
            st.download_button(suffix.upper(), job, name, mime, key=f"{query}_{suffix}", on_click="ignore", width="stretch")


def _notes(filters: str, definition: Text | None) -> tuple[tuple[str, str], ...]:
    known = session.known_at()
    notes = [
        (session.say(_AS_OF), formats.iso_date(session.as_of())),
        (session.say(_KNOWN_AT), page.moment(known) if known else session.say(_NOW)),
        (session.say(_FILTERS), filters or formats.MISSING),
    ]
    return (*notes, (session.say(_DEFINITION), session.say(definition))) if definition else tuple(notes)
