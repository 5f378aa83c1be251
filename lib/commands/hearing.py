"""Customers nobody has heard from: somebody is to ask them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final

from lib.commands import Command, sight
from lib.domain.access import Permission
from lib.errors import Refused
from lib.store.door import Change
from lib.text import Language, Text

SOURCE: Final = "silent"
"""What tasks to ask a silent customer name as their source; `lib/sql/queries/heard.sql` looks for it."""
_ASK: Final = Text("很久没听到客户的评价：打电话问一问", "Not heard from for long: call and ask how we do")
_NOBODY = Text("请至少选一个客户。", "Choose at least one customer.")
_PAST = Text("到期日 {day} 早于今天。请改成今天或以后。", "{day} is in the past. Choose today or later.")
_ALL_ASKED = Text("这些客户都已有未完成的询问任务。", "Each of these customers has an open task to be asked already.")


@dataclass(frozen=True)
class AskSilent(Command):
    """A task for the account manager of each customer to call and ask, but for those who have one open.

    Refuses: no customers, one out of sight, a due day in the past, nobody left to ask.
    """

    permission: ClassVar[Permission] = Permission.SERVICE_WRITE
    title: ClassVar[Text] = Text("去问沉默的客户", "Ask silent customers")
    customer_ids: tuple[int, ...]
    due_on: date
    today: date
    language: Language = "zh"

    def validate(self) -> None:
        """Refuses: no customers, a due day in the past."""
        if not self.customer_ids:
            raise Refused(_NOBODY)
        if self.due_on < self.today:
            raise Refused(_PAST, about="due_on", day=self.due_on.isoformat())

    def apply(self, change: Change) -> int:
        """How many tasks there are now that were not before."""
        owners = {customer_id: sight.customer(change, customer_id).owner_id for customer_id in dict.fromkeys(self.customer_ids)}
        asked = {row[0] for row in change.cursor.execute(_ASKED, {"customer_ids": list(owners), "source": SOURCE}).fetchall()}
        wanted = [customer_id for customer_id in owners if customer_id not in asked]
        if not wanted:
            raise Refused(_ALL_ASKED)
        start = change.next_id("activity", "activity_id")
        common = {"kind": "task", "on_date": self.today, "due_on": self.due_on, "source_kind": SOURCE, "subject": _ASK.say(self.language)}
        tasks = [
            {**common, "activity_id": number, "customer_id": customer_id, "owner_id": owners[customer_id] or change.actor.user_id or None}
            for number, customer_id in enumerate(wanted, start)
        ]
        change.insert("activity", tasks)
        if len(wanted) > 1:
            change.subject, change.customer_id = None, None
        return len(tasks)


_ASKED: Final = """
    select activity.customer_id
    from activity
    where activity.source_kind = $source and activity.done_on is null and activity.retired_at = timestamp '9999-12-31'
        and activity.customer_id in (select unnest($customer_ids::integer[]))
"""
