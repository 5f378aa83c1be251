"""What left the house: each export is an audited act, because a file can be passed on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from lib.commands import Command
from lib.domain.access import Permission
from lib.store.door import Change
from lib.text import Text


@dataclass(frozen=True)
class RecordExport(Command):
    """Note that a person took rows out of the house: which question, with which filters, how many rows, in which format."""

    permission: ClassVar[Permission] = Permission.EXPORT
    title: ClassVar[Text] = Text("导出数据", "Export data")
    query: str
    filters: str
    row_count: int
    file_name: str

    def apply(self, change: Change) -> None:
        """Writes the audit row and nothing else."""
        change.subject = self.query
