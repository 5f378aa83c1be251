"""Promises to pay. Whether one was kept is derived from the money, never entered."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import ClassVar, Final

from lib.commands import Command, sight
from lib.commands.documents import in_cents, records
from lib.domain.access import Permission
from lib.errors import Doubtful, NotFound, Refused
from lib.store.door import Change
from lib.text import Text

FARTHEST: Final = timedelta(days=90)

_PAST = Text(
    "承诺日 {due_on} 早于今天 {today}。请改成今天或以后。", "The promised date {due_on} is before today {today}. Choose today or later."
)
_FAR = Text(
    "承诺日 {due_on} 在 90 天以后。确认是这一天吗？",
    "The promised date {due_on} is more than 90 days away. Is it really that day?",
)
_NOT_POSITIVE = Text("承诺金额要大于 0，最多两位小数。", "The promised amount must be greater than 0, with two decimals at most.")
_MORE = Text(
    "承诺 {amount}，而未收只有 {open_amount}（{currency}）。确认多出的部分吗？",
    "{amount} is promised, but only {open_amount} is open ({currency}). Is the larger sum meant?",
)
_PROMISED_BEFORE = Text(
    "{due_on} 前已承诺 {promised}（{currency}），加上这一条超过未收的 {open_amount}。请先取消旧承诺，或确认两条都算。",
    "{promised} {currency} is promised already (next by {due_on}); with this one it is more than the {open_amount} open. "
    "Cancel the old promise first, or confirm that both count.",
)
_NOTHING_OPEN = Text(
    "这个客户没有未收的{currency}账单，无需承诺。", "This customer has no open invoices in {currency}: there is nothing to promise."
)
_NO_INVOICE = Text(
    "这张账单不属于该客户，或已结清。请从列表里选。", "That invoice is not this customer's, or is settled. Pick one from the list."
)
_OF_A_PLAN = Text(
    "这是分期计划的一期，不能单独取消。请取消整个计划。", "This is an instalment of a plan and cannot be cancelled alone. Cancel the plan."
)
_NO_PROMISE = Text("找不到这条承诺，或它已经取消。", "There is no such promise, or it is already cancelled.")


@dataclass(frozen=True)
class RecordPromise(Command):
    """A customer's word to pay by a day: for one invoice, or for what is overdue (all that is open when nothing is).

    Refuses: a past day, nothing open, an invoice that is not open; without confirmation a day over 90 days away, more than is open,
    or more than is open together with promises still to be kept.
    """

    permission: ClassVar[Permission] = Permission.PROMISE_WRITE
    title: ClassVar[Text] = Text("记录还款承诺", "Record a promise to pay")
    customer_id: int
    due_on: date
    today: date
    amount: Decimal | None = None
    currency: str = "CNY"
    invoice_id: int | None = None
    promised_by: str | None = field(default=None, metadata={"audit": False})
    note: str | None = None
    confirmed: bool = False

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        sight.text(self.promised_by, Text("承诺人", "Promised by"), about="promised_by")
        sight.text(self.note, Text("备注", "Note"), about="note")
        if self.amount is not None and not (in_cents(self.amount) and self.amount > 0):
            raise Refused(_NOT_POSITIVE, about="amount")
        if self.due_on < self.today:
            raise Refused(_PAST, about="due_on", due_on=self.due_on.isoformat(), today=self.today.isoformat())
        if self.due_on > self.today + FARTHEST and not self.confirmed:
            raise Doubtful(_FAR, due_on=self.due_on.isoformat(), about="due_on")

    def apply(self, change: Change) -> int:
        """The new promise_id."""
        sight.customer(change, self.customer_id)
        expected, open_amount = self._owed(change)
        amount = expected if self.amount is None else self.amount
        if amount > open_amount and not self.confirmed:
            raise Doubtful(_MORE, amount=f"{amount:,}", open_amount=f"{open_amount:,}", currency=self.currency, about="amount")
        promise_id = change.next_id("promise", "promise_id")
        promise = {
            "customer_id": self.customer_id,
            "invoice_id": self.invoice_id,
            "made_on": self.today,
            "due_on": self.due_on,
            "amount": amount,
            "currency": self.currency,
        }
        sight.refuse_twice(change, "promise", promise, confirmed=self.confirmed)
        if not self.confirmed:
            self._doubt_promised(change, amount, open_amount)
        change.insert("promise", [{**promise, "promise_id": promise_id, "promised_by": self.promised_by, "note": self.note}])
        return promise_id

    def _doubt_promised(self, change: Change, amount: Decimal, open_amount: Decimal) -> None:
        """Refuses (`Doubtful`): more than is open, counting what other open promises still bring (of this invoice, or of all)."""
        promised, due_on = change.cursor.execute(
            """
            select coalesce(sum(promise.amount - promise.received_amount), 0), min(promise.due_on)
            from promise_of([$customer_id::integer], $today, timestamp '9999-12-30') as promise
            where promise.currency = $currency and promise.result = 'open'
                and ($invoice_id::bigint is null or promise.invoice_id = $invoice_id::bigint)
            """,
            {"today": self.today, "customer_id": self.customer_id, "currency": self.currency, "invoice_id": self.invoice_id},
        ).fetchone() or (Decimal(0), None)
        if promised > 0 and promised + amount > open_amount:
            said = {"promised": f"{promised:,}", "open_amount": f"{open_amount:,}", "currency": self.currency}
            raise Doubtful(_PROMISED_BEFORE, due_on=due_on.isoformat(), about="amount", **said)

    def _owed(self, change: Change) -> tuple[Decimal, Decimal]:
        """What is to be promised when no amount is given (overdue, else all open), and all that is open."""
        row = change.cursor.execute(
            """
            select coalesce(sum(open_amount) filter (where due_on < $today), 0), coalesce(sum(open_amount), 0)
            from open_invoice_at($today, timestamp '9999-12-30')
            where customer_id = $customer_id and currency = $currency
                and ($invoice_id::bigint is null or invoice_id = $invoice_id::bigint)
            """,
            {"today": self.today, "customer_id": self.customer_id, "currency": self.currency, "invoice_id": self.invoice_id},
        ).fetchone()
        assert row is not None
        overdue, open_amount = row
        if open_amount <= 0:
            raise Refused(_NO_INVOICE if self.invoice_id else _NOTHING_OPEN, currency=self.currency)
        return (overdue if overdue > 0 else open_amount), open_amount


@dataclass(frozen=True)
class CancelPromise(Command):
    """A promise taken back, with the reason; it stays on record but no longer counts.

    Refuses: a promise that is unknown, out of sight, already cancelled or part of a plan; an empty reason.
    """

    permission: ClassVar[Permission] = Permission.PROMISE_WRITE
    title: ClassVar[Text] = Text("取消承诺", "Cancel a promise")
    promise_id: int
    reason: str
    today: date

    def validate(self) -> None:
        """Refuses: an empty reason."""
        sight.text(self.reason, Text("原因", "Reason"), about="reason", required=True)

    def apply(self, change: Change) -> int:
        """The promise_id."""
        found = records(change, _OPEN, {"promise_id": self.promise_id})
        if not found:
            raise NotFound(_NO_PROMISE)
        promise = found[0]
        sight.customer(change, promise["customer_id"], unless=_NO_PROMISE)
        if promise["plan_id"] is not None:
            raise Refused(_OF_A_PLAN)
        change.rewrite("promise", self.promise_id, cancelled_on=max(self.today, promise["made_on"]), note=self.reason)
        return self.promise_id


_OPEN: Final = """
    select promise.* from promise
    where promise.promise_id = $promise_id and promise.cancelled_on is null and promise.retired_at = timestamp '9999-12-31'
"""
