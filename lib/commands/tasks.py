"""Tasks that cannot be done as planned: put on another day, or given to a colleague."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final

from lib.commands import Command, answers, cases, service, sight
from lib.commands.documents import records
from lib.domain.access import GRANTS, Permission, Role
from lib.errors import NotFound, Refused
from lib.store.door import Change
from lib.text import Text

FIXED: Final = (answers.SOURCE, service.PROMISE, cases.SOURCE)
"""Sources of tasks whose day follows from a rule or was promised to the customer: it is kept or missed, not moved."""
TO: Final = Text("交给谁", "Hand to")
_NO_TASK = Text("找不到这个任务，或它已经完成。", "There is no such task, or it is already done.")
_PAST = Text("新日期 {day} 已经过了。请选今天或以后。", "The new day {day} has passed. Choose today or later.")
_FIXED_DAY = Text(
    "这个任务的日期按规则算出或已答应客户，不能改期；可以转交给同事。",
    "Its day follows from a rule or was promised to the customer and cannot be moved; a colleague can take it on.",
)
_SAME = Text("日期和负责人都没有变。", "Neither the day nor who does it is different.")
_NO_TAKER = Text("请选在用的组长或经理。", "Choose an active lead or manager.")
_TAKER_BLIND = Text(
    "{name} 看不到这个客户，接不了。请换一位看得到的人。",
    "{name} does not see this customer and cannot take it on. Choose somebody who does.",
)


@dataclass(frozen=True)
class MoveTask(Command):
    """A task on another day, or with another person: the open row is retired and its successor recorded.

    Refuses: a task that is unknown, out of sight or done; a day that has passed; moving a day that is not ours to move; a taker who
    does not see the customer or enters nothing; nothing different.
    """

    permission: ClassVar[Permission] = Permission.SERVICE_WRITE
    title: ClassVar[Text] = Text("改期或转交任务", "Move a task")
    activity_id: int
    today: date
    due_on: date | None = None
    owner_id: int | None = None

    def validate(self) -> None:
        """Refuses: a day that has passed."""
        if self.due_on and self.due_on < self.today:
            raise Refused(_PAST, day=self.due_on.isoformat(), about="due_on")

    def apply(self, change: Change) -> int:
        """The activity_id."""
        found = records(change, _TASK, {"activity_id": self.activity_id})
        if not found:
            raise NotFound(_NO_TASK)
        task = found[0]
        sight.customer(change, task["customer_id"], unless=_NO_TASK)
        due_on, owner_id = self.due_on or task["due_on"], self.owner_id or task["owner_id"]
        if (due_on, owner_id) == (task["due_on"], task["owner_id"]):
            raise Refused(_SAME)
        if due_on != task["due_on"] and task["source_kind"] in FIXED:
            raise Refused(_FIXED_DAY, about="due_on")
        if owner_id != task["owner_id"]:
            taker(change, owner_id, task["customer_id"])
        change.rewrite("activity", self.activity_id, due_on=due_on, owner_id=owner_id)
        return self.activity_id


def taker(change: Change, user_id: int, customer_id: int | None) -> None:
    """Refuses: somebody who is not there or whose role serves no customers; who does not see the customer, where there is one."""
    person = sight.colleague(change, user_id, customer_id)
    if person is None or Permission.SERVICE_WRITE not in GRANTS[Role(person.role)]:
        raise Refused(_NO_TAKER, about="owner_id")
    if not person.sees:
        raise Refused(_TAKER_BLIND, name=person.name, about="owner_id")


COLUMNS: Final = (
    "activity_id", "customer_id", "kind", "channel", "direction", "on_date", "due_on",
    "owner_id", "subject", "body", "source_kind", "source_id", "ref",
)  # fmt: skip
"""What a task says while it is open."""
_TASK: Final = f"""
    select {", ".join(f"activity.{name}" for name in COLUMNS)}
    from activity
    where activity.activity_id = $activity_id and activity.kind = 'task' and activity.done_on is null
        and activity.retired_at = timestamp '9999-12-31'
"""  # noqa: S608 (names from our own code)
