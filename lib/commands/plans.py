"""Instalment plans: what is open is promised in parts. Whether a plan runs, is kept or broken is derived from the money, never entered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any, ClassVar, Final

from lib.commands import Command, sight
from lib.commands.documents import in_cents
from lib.domain import instalments
from lib.domain.access import Permission
from lib.errors import Conflict, NotFound, Refused
from lib.store.door import Change
from lib.text import Text

_NONE = Text("计划至少要有两期。只有一期请记为还款承诺。", "A plan needs two instalments or more. For one, record a promise to pay.")
_MANY = Text("计划最多 {most} 期，现在是 {count} 期。", "A plan has at most {most} instalments; this one has {count}.")
_PAST = Text(
    "第一期 {day} 早于今天 {today}。请改成今天或以后。", "The first instalment {day} is before today {today}. Choose today or later."
)
_ORDER = Text(
    "每一期要比上一期晚：{day} 不晚于 {before}。", "Each instalment must be later than the one before: {day} is not after {before}."
)
_POSITIVE = Text("每一期的金额要大于 0，最多两位小数。", "The amount of each instalment must be greater than 0, with two decimals at most.")
_TOTAL = Text(
    "各期合计 {total}，而该客户逾期 {overdue}、未收共 {open_amount}（{currency}）。合计要等于其中一个。",
    "The instalments add up to {total}; {overdue} is overdue, {open_amount} open in all ({currency}). They must equal one of the two.",
)
_NOTHING = Text(
    "这个客户没有未收的{currency}账单，无需计划。", "This customer has no open invoices in {currency}: there is nothing to plan."
)
_RUNS = Text(
    "这个客户已有一个在执行的分期计划（共 {amount}，自 {made_on}）。先取消它，再定新的。",
    "A plan of this customer is running already ({amount}, since {made_on}). Cancel it before agreeing on another.",
)
_NO_PLAN = Text("找不到这个分期计划，或它已经取消。", "There is no such plan, or it is already cancelled.")


@dataclass(frozen=True)
class RecordPlan(Command):
    """What is overdue, or all that is open, in instalments; each is a promise of the plan.

    Refuses: instalments that are fewer than two, past, out of order or do not add up to what is overdue or open; a plan that already runs.
    """

    permission: ClassVar[Permission] = Permission.COLLECT
    title: ClassVar[Text] = Text("约定分期付款", "Agree on a payment plan")
    customer_id: int
    today: date
    instalments: tuple[tuple[date, Decimal], ...]
    currency: str = "CNY"
    promised_by: str | None = field(default=None, metadata={"audit": False})
    note: str | None = None

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        sight.text(self.promised_by, Text("承诺人", "Promised by"), about="promised_by")
        sight.text(self.note, Text("备注", "Note"), about="note")
        days = [day for day, _ in self.instalments]
        if len(days) < 2:  # noqa: PLR2004 (one instalment is a promise)
            raise Refused(_NONE, about="count")
        if len(days) > instalments.MOST:
            raise Refused(_MANY, about="count", most=instalments.MOST, count=len(days))
        if days[0] < self.today:
            raise Refused(_PAST, about="first_on", day=days[0].isoformat(), today=self.today.isoformat())
        for before, day in pairwise(days):
            if day <= before:
                raise Refused(_ORDER, about="first_on", day=day.isoformat(), before=before.isoformat())
        if not all(in_cents(amount) and amount > 0 for _, amount in self.instalments):
            raise Refused(_POSITIVE, about="amount")

    def apply(self, change: Change) -> int:
        """The new plan_id."""
        sight.customer(change, self.customer_id)
        self._refuse_running(change)
        total = self._total(change)
        plan_id = change.next_id("plan", "plan_id")
        plan = {"customer_id": self.customer_id, "currency": self.currency, "made_on": self.today}
        change.insert("plan", [{**plan, "plan_id": plan_id, "amount": total, "note": self.note}])
        first_id = change.next_id("promise", "promise_id")
        rows = [
            {**plan, "promise_id": first_id + place, "plan_id": plan_id, "due_on": day, "amount": amount, "promised_by": self.promised_by}
            for place, (day, amount) in enumerate(self.instalments)
        ]
        change.insert("promise", rows)
        return plan_id

    def _refuse_running(self, change: Change) -> None:
        found = change.cursor.execute(
            """
            select plan.amount, plan.made_on from plan_of([$customer_id], $today, timestamp '9999-12-30') as plan
            where plan.state = 'running' and plan.currency = $currency
            """,
            {"customer_id": self.customer_id, "today": self.today, "currency": self.currency},
        ).fetchone()
        if found:
            raise Conflict(_RUNS, amount=f"{found[0]:,}", made_on=found[1].isoformat())

    def _total(self, change: Change) -> Decimal:
        total = sum((amount for _, amount in self.instalments), Decimal(0))
        row = change.cursor.execute(
            """
            select coalesce(sum(open_amount) filter (where due_on < $today), 0), coalesce(sum(open_amount), 0)
            from open_invoice_at($today, timestamp '9999-12-30')
            where customer_id = $customer_id and currency = $currency
            """,
            {"today": self.today, "customer_id": self.customer_id, "currency": self.currency},
        ).fetchone()
        assert row is not None
        overdue, open_amount = row
        if open_amount <= 0:
            raise Refused(_NOTHING, currency=self.currency)
        if total not in (overdue, open_amount):
            said = {"total": f"{total:,}", "overdue": f"{overdue:,}", "open_amount": f"{open_amount:,}"}
            raise Refused(_TOTAL, about="amount", currency=self.currency, **said)
        return total


@dataclass(frozen=True)
class CancelPlan(Command):
    """A plan taken back, with the reason: instalments not yet due no longer count, the reminders go on where they were.

    Refuses: a plan that is unknown, out of sight or already cancelled; an empty reason.
    """

    permission: ClassVar[Permission] = Permission.COLLECT
    title: ClassVar[Text] = Text("取消分期计划", "Cancel a payment plan")
    plan_id: int
    reason: str
    today: date

    def validate(self) -> None:
        """Refuses: an empty reason."""
        sight.text(self.reason, Text("原因", "Reason"), about="reason", required=True)

    def apply(self, change: Change) -> int:
        """The plan_id."""
        plan = next(iter(_live(change, "plan", _PLAN, "plan_id = $plan_id and cancelled_on is null", self.plan_id)), None)
        if plan is None:
            raise NotFound(_NO_PLAN)
        sight.customer(change, int(plan["customer_id"]), unless=_NO_PLAN)
        cancelled_on = max(self.today, plan["made_on"])
        parts = _live(change, "promise", _PART, "plan_id = $plan_id and cancelled_on is null", self.plan_id)
        waiting = [part for part in parts if part["due_on"] >= cancelled_on]
        change.retire("plan", "plan_id = $plan_id", {"plan_id": self.plan_id})
        change.insert("plan", [{**plan, "cancelled_on": cancelled_on, "note": self.reason}])
        change.retire("promise", "list_contains($ids::bigint[], promise_id)", {"ids": [part["promise_id"] for part in waiting]})
        change.insert("promise", [{**part, "cancelled_on": cancelled_on, "note": self.reason} for part in waiting])
        return self.plan_id


_PLAN: Final = ("plan_id", "customer_id", "made_on", "amount", "currency")
_PART: Final = ("promise_id", "plan_id", "customer_id", "made_on", "due_on", "amount", "currency", "promised_by")


def _live(change: Change, table: str, columns: tuple[str, ...], where: str, plan_id: int) -> list[Mapping[str, Any]]:
    found = change.cursor.execute(
        f"select {', '.join(columns)} from {table} where {where} and retired_at = timestamp '9999-12-31' order by {columns[0]}",  # noqa: S608
        {"plan_id": plan_id},
    ).fetchall()
    return [dict(zip(columns, row, strict=True)) for row in found]
