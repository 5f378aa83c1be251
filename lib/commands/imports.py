"""Bringing a file in: planned, shown, then applied whole in one change that can be undone like any other."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar

from lib.commands import Command, readings
from lib.commands.importing.plans import (
    Counts,
    Difference,
    Plan,
    PlannedRow,
    count,
    needs,
    plan,
    refuse_questions,
    remember,
    weigh,
    write,
)
from lib.commands.importing.staging import Options, Question
from lib.commands.undo import check
from lib.domain.access import Permission
from lib.errors import Conflict
from lib.store.door import Change
from lib.text import Text

__all__ = [
    "Counts",
    "Difference",
    "ImportCustomers",
    "ImportMoney",
    "ImportRecords",
    "Options",
    "Plan",
    "PlannedRow",
    "Question",
    "needs",
    "order",
    "plan",
    "refuse_questions",
]

_MOVED = Text(
    "账本在预览之后有了变化，请重新预览再导入。",
    "The ledger has changed since this preview. Preview the file again, then import it.",
)
_BROKEN = Text(
    "导入后账目将不平（{rule}），没有导入任何内容。请检查文件里的金额和日期。",
    "The books would not balance after this import ({rule}), so nothing was brought in. Check the amounts and dates in the file.",
)


@dataclass(frozen=True)
class ImportRecords(Command):
    """Apply a plan: weighed again inside the transaction, so that what was shown and what is written cannot differ.

    Refuses: a ledger that has moved on since the plan, unsettled date orders, books that would not balance.
    """

    permission: ClassVar[Permission] = Permission.IMPORT_RECORDS
    title: ClassVar[Text] = Text("导入数据", "Import records")
    plan: Plan = field(metadata={"audit": False})

    def validate(self) -> None:
        """Refuses: a column whose date order nobody has settled."""
        refuse_questions(self.plan)

    def apply(self, change: Change) -> dict[str, Any]:
        """The counts. The change's id is the batch to undo."""
        staged = self.plan.stage
        change.actor.need(needs(staged.kind))
        weigh(change.cursor, change.actor, staged)
        if (counts := count(change.cursor)) != self.plan.counts:
            raise Conflict(_MOVED)
        write(change, staged)
        readings.read_new(change)
        remember(change, staged)
        check(change, _BROKEN)
        change.subject = f"import {staged.kind.name}"
        options = staged.options
        change.detail = {
            "kind": staged.kind.name,
            "file": options.file_name,
            "sha256": options.sha256,
            "mapping": self.plan.mapping,
            "counts": asdict(counts),
        }
        return asdict(counts)


@dataclass(frozen=True)
class ImportMoney(ImportRecords):
    """Apply a plan of invoices or payments."""

    permission: ClassVar[Permission] = Permission.IMPORT_MONEY
    title: ClassVar[Text] = Text("导入账单和收款", "Import invoices and payments")


@dataclass(frozen=True)
class ImportCustomers(ImportRecords):
    """Apply a plan of customers."""

    permission: ClassVar[Permission] = Permission.CUSTOMER_WRITE
    title: ClassVar[Text] = Text("导入客户", "Import customers")


def order(plan: Plan) -> ImportRecords:
    """The command that applies a plan, with the permission its kind needs."""
    commands = {command.permission: command for command in (ImportRecords, ImportMoney, ImportCustomers)}
    return commands[needs(plan.stage.kind)](plan)
