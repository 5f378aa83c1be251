"""Customers handed to another account manager, with what is still to be done for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Final

from lib.commands import Command, cases, customers, sight, tasks
from lib.commands.documents import records
from lib.domain.access import Permission
from lib.errors import Forbidden, Refused
from lib.store.door import Change
from lib.text import Text

NOTE: Final = Text("交代接手人", "Word for the successor")
SOURCE: Final = "hand_over"
"""What the task that holds the word for the successor names as its source."""
_NOBODY = Text("没有选客户。", "No customers are chosen.")
_THEIRS = Text("这些客户已经归 TA 管。", "They look after these customers already.")
_OTHER_TEAM = Text(
    "只能移交给您看得到其客户的同事；移交到别的团队请能看到全部客户的经理来做。",
    "Hand over only to colleagues whose customers you see; to another team a manager who sees all customers can.",
)


@dataclass(frozen=True)
class HandOver(Command):
    """From today on somebody else looks after some customers; open tasks and cases of the one before go along.

    `note`: what the successor should know; becomes their task for today. What was before today stays the predecessor's.
    Refuses: no customers, one out of sight, a taker who serves no customers, one out of the person's own sight, nothing different.
    """

    permission: ClassVar[Permission] = Permission.SERVICE_WRITE
    title: ClassVar[Text] = Text("移交客户", "Hand over customers")
    customer_ids: tuple[int, ...]
    to_id: int
    today: date
    note: str | None = None

    def validate(self) -> None:
        """Refuses: no customers, an over-long word."""
        if not self.customer_ids:
            raise Refused(_NOBODY)
        sight.text(self.note, NOTE, about="note")

    def apply(self, change: Change) -> int:
        """How many customers were handed over."""
        owners = {customer_id: sight.customer(change, customer_id).owner_id for customer_id in dict.fromkeys(self.customer_ids)}
        moving = {customer_id: owner_id for customer_id, owner_id in owners.items() if owner_id != self.to_id}
        if not moving:
            raise Refused(_THEIRS, about="to_id")
        tasks.taker(change, self.to_id, None)
        if not change.actor.sees_all and not records(change, _SEES, {"to_id": self.to_id, "actor_id": change.actor.user_id}):
            raise Forbidden(_OTHER_TEAM, about="to_id")
        _records(change, list(moving), {"owner_id": self.to_id}, self.today)
        self._tasks(change, moving)
        for case in records(change, _CASES, _asked(moving)):
            cases.rewrite(change, cases.find(change, case["case_id"], case["kind"]), owner_id=self.to_id)
        change.detail["from_ids"] = sorted({owner_id for owner_id in moving.values() if owner_id is not None})
        if len(owners) > 1:
            change.subject, change.customer_id = None, None
        return len(moving)

    def _tasks(self, change: Change, moving: Mapping[int, int | None]) -> None:
        """Open tasks of the one before, and the word for the successor as one more."""
        found = records(change, _TASKS, _asked(moving))
        successors = [{**task, "owner_id": self.to_id} for task in found]
        change.retire("activity", "activity_id in (select unnest($ids::bigint[]))", {"ids": [task["activity_id"] for task in found]})
        if self.note and self.note.strip():
            start = change.next_id("activity", "activity_id")
            word = {"kind": "task", "on_date": self.today, "due_on": self.today, "owner_id": self.to_id, "source_kind": SOURCE}
            about = [{"activity_id": number, "customer_id": customer_id} for number, customer_id in enumerate(moving, start)]
            successors += [{**one, **word, "subject": self.note.strip()} for one in about]
        if successors:
            change.insert("activity", successors)


def _records(change: Change, customer_ids: list[int], given: dict[str, Any], from_on: date) -> None:
    """New values in the records of several customers from a day on."""
    about = {"customer_ids": customer_ids, "from_on": from_on}
    rows = records(change, _RECORDS, about)
    change.retire("customer_record", _TOUCHED, about)
    change.insert("customer_record", [part for row in rows for part in customers.split(row, given, from_on)])


def _asked(moving: Mapping[int, int | None]) -> dict[str, Any]:
    return {"customer_ids": list(moving), "owner_ids": list(moving.values())}


_TOUCHED: Final = "customer_id in (select unnest($customer_ids::integer[])) and until_on > $from_on"
_RECORDS: Final = f"""
    select {", ".join(customers.COLUMNS)} from customer_record
    where {_TOUCHED} and retired_at = timestamp '9999-12-31' order by customer_id, from_on
"""  # noqa: S608 (names from our own code)
_SEES: Final = "select 1 as found from limited_owner($actor_id) as owner where owner.user_id = $to_id"
_MOVING: Final = "(select unnest($customer_ids::integer[]) as customer_id, unnest($owner_ids::integer[]) as owner_id) as moving"
_TASKS: Final = f"""
    select {", ".join(f"activity.{name}" for name in tasks.COLUMNS)}
    from activity
    inner join {_MOVING}
        on activity.customer_id = moving.customer_id and activity.owner_id is not distinct from moving.owner_id
    where activity.kind = 'task' and activity.done_on is null and activity.retired_at = timestamp '9999-12-31'
"""  # noqa: S608 (names from our own code)
_CASES: Final = f"""
    select case_file.case_id, case_file.kind
    from case_file
    inner join {_MOVING}
        on case_file.customer_id = moving.customer_id and case_file.owner_id is not distinct from moving.owner_id
    inner join case_at(date '9999-12-30', timestamp '9999-12-30') as stand on case_file.case_id = stand.case_id
    where case_is_open(stand.state) and case_file.retired_at = timestamp '9999-12-31'
"""  # noqa: S608 (names from our own code)
