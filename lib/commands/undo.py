"""Taking a change back: the same for every command, because rows are retired and never edited."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from lib.commands import REGISTRY, Command
from lib.domain.access import Permission, Role, Scope
from lib.errors import Conflict, Forbidden, NotFound
from lib.store.door import Change
from lib.store.query import catalog
from lib.text import Text

_UNKNOWN = Text("没有编号为 {change_id} 的更改。请核对编号。", "There is no change numbered {change_id}. Check the number.")
_GONE = Text("更改 {change_id} 已经撤销过了。", "Change {change_id} has already been undone.")
_NOTHING = Text("更改 {change_id} 没有可撤销的内容。", "Change {change_id} wrote nothing that can be undone.")
_NOT_YOURS = Text("这项更改由他人所做；请让对方、经理或财务撤销。", "Someone else made this change; ask them, a manager or finance to undo it.")
_LATER = Text(
    "更改 {later} 在此之后改动了同一记录。请先撤销更改 {later}。",
    "Change {later} altered the same records later. Undo change {later} first.",
)
_IN_USE = Text(
    "撤销后账目将不平：后来的收款或核销仍依赖这些记录（{rule}）。请先撤销那些更改。",
    "After this the books would not balance: later payments or allocations depend on these records ({rule}). Undo those first.",
)
ANYONES: Final = frozenset({Role.MANAGER, Role.FINANCE, Role.ADMIN})


@dataclass(frozen=True)
class Undo(Command):
    """Take back one change whole: retire what it wrote, reinstate what it replaced, mirror its postings.

    Refuses: an unknown or already undone change, someone else's change without the role for it, a change that later ones build on.
    """

    permission: ClassVar[Permission] = Permission.METRIC_READ
    title: ClassVar[Text] = Text("撤销更改", "Undo a change")
    change_id: int

    def apply(self, change: Change) -> dict[str, int]:
        """Rows touched per table."""
        self._may(change)
        self._no_later(change)
        change.undoes = self.change_id
        change.subject = f"change {self.change_id}"
        touched = change.revert(self.change_id)
        if not touched:
            raise NotFound(_NOTHING, change_id=self.change_id)
        check(change)
        return touched

    def _may(self, change: Change) -> None:
        row = change.cursor.execute(
            "select user_id, command from audit where change_id = $change_id", {"change_id": self.change_id}
        ).fetchone()
        if row is None:
            raise NotFound(_UNKNOWN, change_id=self.change_id)
        if undone(change, self.change_id):
            raise Conflict(_GONE, change_id=self.change_id)
        user_id, command = row
        change.actor.need(REGISTRY[command].permission)
        whole = change.actor.role in ANYONES and change.actor.scope is Scope.ALL
        if user_id != change.actor.user_id and not whole:
            raise Forbidden(_NOT_YOURS)

    def _no_later(self, change: Change) -> None:
        for table, key in change.fact_tables().items():
            row = change.cursor.execute(
                f"select min(origin_change) from {table} "  # noqa: S608 (names from our own tables)
                f"where origin_change > $change_id and retired_at = timestamp '9999-12-31' "
                f"and {key} in (select {key} from {table} where origin_change = $change_id or change_id = $change_id)",
                {"change_id": self.change_id},
            ).fetchone()
            if row and row[0] and row[0] != self.change_id:
                raise Conflict(_LATER, later=row[0])


def undone(change: Change, change_id: int) -> bool:
    """Whether a change stands undone: some undo of it was not itself undone."""
    undos = change.cursor.execute("select change_id from audit where undoes = $change_id", {"change_id": change_id}).fetchall()
    return any(not undone(change, row[0]) for row in undos)


def check(change: Change) -> None:
    """Refuses (and so rolls back) a change after which a rule of `lib/sql/checks.sql` is broken."""
    for name, query in catalog().items():
        if name.startswith("check_") and change.cursor.execute(query.sql).fetchone():
            raise Conflict(_IN_USE, rule=name.removeprefix("check_"))

