"""The steps of a play as tasks: each step once in a round, owned by the customer's account manager, due so many days from now."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar, Final

from lib.commands import Command, sight
from lib.commands.documents import first, records
from lib.domain.access import Permission
from lib.domain.strategy import SOURCE, Planned, Strategy
from lib.errors import Refused
from lib.store.door import Change
from lib.text import Language, Text

_NOBODY = Text("没有选客户。", "No customers are chosen.")
_ALL_PLANNED = Text(
    "这套打法这一轮的步骤都已建过任务；全部完成、再过一个联系周期后才能重新开始。",
    "All steps of this round are planned already; the next may begin when they are done and the days between two contacts have passed.",
)


@dataclass(frozen=True)
class PlanSteps(Command):
    """The steps of the play of each customer's class become tasks, but for those planned in this round before.

    Refuses: no customers, one out of sight, nothing left to plan for any of them.
    """

    permission: ClassVar[Permission] = Permission.SERVICE_WRITE
    title: ClassVar[Text] = Text("按打法建任务", "Plan the steps of a play")
    customer_ids: tuple[int, ...]
    today: date
    language: Language = "zh"

    def validate(self) -> None:
        """Refuses: no customers."""
        if not self.customer_ids:
            raise Refused(_NOBODY)

    def apply(self, change: Change) -> int:
        """How many tasks there are now that were not before."""
        owners = {customer_id: sight.customer(change, customer_id).owner_id for customer_id in dict.fromkeys(self.customer_ids)}
        (body,) = first(change, _RULE, {"today": self.today})
        strategy, planned = Strategy.of(json.loads(body)), _planned(change, list(owners))
        tasks: list[dict[str, Any]] = []
        for row in records(change, _CLASS, {"customer_ids": list(owners), "today": self.today}):
            customer_id = row["customer_id"]
            play = strategy.play(row["frequency"], row["amount_grade"])
            common = {"customer_id": customer_id, "owner_id": owners[customer_id] or change.actor.user_id or None}
            for step in play.missing(planned.get(customer_id, ()), self.today):
                due_on = self.today + timedelta(days=step.days)
                tasks.append({**common, "due_on": due_on, "subject": step.text.say(self.language), "ref": play.ref(step)})
        if not tasks:
            raise Refused(_ALL_PLANNED)
        _record(change, tasks, self.today)
        if len(owners) > 1:
            change.subject, change.customer_id = None, None
        return len(tasks)


def _planned(change: Change, customer_ids: list[int]) -> dict[int, list[Planned]]:
    """The steps planned before, by customer."""
    found: dict[int, list[Planned]] = {}
    for row in records(change, _PLANNED, {"customer_ids": customer_ids, "source": SOURCE}):
        found.setdefault(row.pop("customer_id"), []).append(Planned(**row))
    return found


def _record(change: Change, tasks: Sequence[dict[str, Any]], today: date) -> None:
    start = change.next_id("activity", "activity_id")
    common = {"kind": "task", "on_date": today, "source_kind": SOURCE}
    change.insert("activity", [{"activity_id": number, **common, **task} for number, task in enumerate(tasks, start)])


_RULE: Final = "select policy.body from policy_at('strategy', $today::date, timestamp '9999-12-30') as policy"
_CLASS: Final = """
    select purchase.customer_id, purchase.frequency, purchase.amount_grade
    from purchase_class($today::date, timestamp '9999-12-30', null::text) as purchase
    where purchase.customer_id in (select unnest($customer_ids::integer[]))
    order by purchase.customer_id
"""
_PLANNED: Final = """
    select activity.customer_id, activity.ref, activity.on_date as planned_on, activity.done_on
    from activity
    where activity.source_kind = $source and activity.retired_at = timestamp '9999-12-31'
        and activity.customer_id in (select unnest($customer_ids::integer[]))
"""
