"""Photos and papers of a case, an answer or a touch: attached, taken off again, and opened with an audit row."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import ClassVar, Final

from lib.commands import Command, sight
from lib.domain import files
from lib.domain.access import Permission
from lib.domain.files import Taken
from lib.errors import NotFound, Refused
from lib.store.door import Change
from lib.text import Text

_THING: Final[dict[str, tuple[str, str]]] = {
    "case": ("case_file", "case_id"),
    "feedback": ("feedback", "feedback_id"),
    "activity": ("activity", "activity_id"),
}
"""What a file can belong to: the table and its id."""
_NO_THING = Text("找不到这条记录，或不在您的范围内。", "There is no such record, or it is outside your scope.")
_NO_FILE = Text("找不到这个附件，或它已被移除。", "There is no such file, or it has been taken off.")
_FULL = Text("一条记录最多附 {most} 个文件。请先移除一个。", "A record can carry {most} files. Take one off first.")
_THERE = Text("“{name}”已经附过了。", "“{name}” is attached already.")


@dataclass(frozen=True)
class AttachFile(Command):
    """A photo or PDF that belongs to a case, an answer or a touch.

    Refuses: what `files.taken` refuses, a thing out of sight, more files than it can carry, the same file twice.
    """

    permission: ClassVar[Permission] = Permission.SERVICE_WRITE
    title: ClassVar[Text] = Text("附上文件", "Attach a file")
    about: str
    about_id: int
    name: str
    content: bytes = field(metadata={"audit": False})

    def validate(self) -> None:
        """Refuses: what may not be kept. Pictures are drawn anew here, before others have to wait for the door."""
        files.taken(self.name, self.content)

    def apply(self, change: Change) -> int:
        """The new attachment_id."""
        customer_id = _customer_of(change, self.about, self.about_id)
        taken = files.taken(self.name, self.content)
        digest = hashlib.sha256(taken.content).hexdigest()
        self._refuse_more(change, taken, digest)
        attachment_id = change.next_id("attachment", "attachment_id")
        row = {"attachment_id": attachment_id, "customer_id": customer_id, "about": self.about, "about_id": self.about_id}
        kept = {"name": taken.name, "media_type": taken.media_type, "content": taken.content, "preview": taken.preview}
        change.insert("attachment", [{**row, **kept, "bytes": len(taken.content), "sha256": digest}])
        change.detail = {"name": taken.name}
        return attachment_id

    def _refuse_more(self, change: Change, taken: Taken, digest: str) -> None:
        there = change.cursor.execute(
            "select sha256 from attachment where about = $about and about_id = $about_id and retired_at = timestamp '9999-12-31'",
            {"about": self.about, "about_id": self.about_id},
        ).fetchall()
        if len(there) >= files.MOST_FILES:
            raise Refused(_FULL, most=files.MOST_FILES, about="file")
        if (digest,) in there:
            raise Refused(_THERE, name=taken.name, about="file")


@dataclass(frozen=True)
class RemoveFile(Command):
    """A file taken off again; undo brings it back. Refuses: one that is not there or out of sight."""

    permission: ClassVar[Permission] = Permission.SERVICE_WRITE
    title: ClassVar[Text] = Text("移除附件", "Take a file off")
    attachment_id: int

    def apply(self, change: Change) -> None:
        """Nothing."""
        customer_id, name, _, _ = _file(change, self.attachment_id)
        sight.customer(change, customer_id, unless=_NO_FILE)
        change.retire("attachment", "attachment_id = $attachment_id", {"attachment_id": self.attachment_id})
        change.detail = {"name": name}


@dataclass(frozen=True)
class OpenFile(Command):
    """A file handed out; the audit knows to whom. Refuses: one that is not there or out of sight."""

    permission: ClassVar[Permission] = Permission.SERVICE_READ
    title: ClassVar[Text] = Text("打开附件", "Open a file")
    attachment_id: int

    def apply(self, change: Change) -> bytes:
        """Its content, which stays out of the audit."""
        customer_id, name, _, content = _file(change, self.attachment_id)
        sight.customer(change, customer_id, unless=_NO_FILE)
        change.detail = {"name": name}
        return content


def _file(change: Change, attachment_id: int) -> tuple[int, str, str, bytes]:
    row = change.cursor.execute(
        "select customer_id, name, media_type, content from attachment "
        "where attachment_id = $attachment_id and retired_at = timestamp '9999-12-31'",
        {"attachment_id": attachment_id},
    ).fetchone()
    if row is None:
        raise NotFound(_NO_FILE)
    return row


def _customer_of(change: Change, about: str, about_id: int) -> int:
    """Whose the thing is. Refuses: one that does not exist or is out of sight."""
    if about not in _THING:
        raise NotFound(_NO_THING)
    table, name = _THING[about]
    row = change.cursor.execute(
        f"select customer_id from {table} where {name} = $about_id and retired_at = timestamp '9999-12-31'",  # noqa: S608 (our names)
        {"about_id": about_id},
    ).fetchone()
    if row is None:
        raise NotFound(_NO_THING)
    return sight.customer(change, int(row[0]), unless=_NO_THING).customer_id
