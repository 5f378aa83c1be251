"""Collecting: what a call came to, reminders by the ladder, holds, thanks. Each is one change, so one click takes it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, ClassVar, Final

from lib.commands import Command, arrears, sight
from lib.commands.arrears import Debtor
from lib.commands.disputes import ANSWER_DAYS, OpenDispute
from lib.commands.messages import QueueMessage
from lib.commands.promises import RecordPromise
from lib.domain import kinds, ladder, letters, reminders
from lib.domain.access import Permission
from lib.errors import Conflict, NotFound, Refused
from lib.store.door import Change
from lib.text import Text, listed, plain

SOURCE: Final = "collect"
"""Where touches and tasks of a collector come from."""
LONGEST_HOLD: Final = timedelta(days=366)

_OUTCOME = Text("结果", "Outcome")
_NOTE = Text("备注", "Note")
_CHANNEL = Text("渠道", "Channel")
_REASON = Text("原因", "Reason")
_WHEN = Text("客户承诺哪一天付？请填承诺还款日。", "By which day does the customer promise to pay? Fill in the promised date.")
_WHY = Text("客户对哪张账单、为什么有异议？请选账单和原因。", "Which invoice is disputed, and why? Pick the invoices and the reason.")
_PAST = Text(
    "下次联系 {day} 不晚于今天 {today}。请改成以后的一天。", "The next contact {day} is not after today {today}. Choose a later day."
)
_NOBODY_DUE = Text("选中的客户今天都不用发提醒：{reasons}。", "None of these customers is to be sent a reminder today: {reasons}.")
_HOLD_PAST = Text("暂缓到 {day}，早于今天 {today}。请改成今天或以后。", "The hold ends {day}, before today {today}. Choose today or later.")
_HOLD_LONG = Text("暂缓最长一年，请选 {day} 以前的一天。", "A hold lasts a year at most: choose a day up to {day}.")
_HELD = Text("这个客户已暂缓催款到 {day}。先结束原来的暂缓。", "Reminders to this customer are on hold until {day}. End that hold first.")
_NO_HOLD = Text("找不到这个暂缓，或它已经结束。", "There is no such hold, or it has ended.")
_STILL_OWES = Text(
    "这个客户还有逾期 {amount}（{currency}），不发感谢。", "This customer still owes {amount} ({currency}) overdue: no thanks yet."
)
_NOTHING_PAID = Text("近两周没有收到这个客户的款，无从感谢。", "Nothing came in from this customer in the last two weeks.")
THANKS_DAYS: Final = 14
"""Thanks for money that came in longer ago read as a mistake."""
SKIPPED: Final[dict[str, Text]] = {
    "call": Text("该打电话", "to be called"),
    "nobody": Text("没有可用的联系方式", "no way to reach them"),
    "hold": Text("已暂缓", "on hold"),
    "promise": Text("承诺未到期", "promise still open"),
    "plan": Text("分期计划执行中", "plan is running"),
    "dispute": Text("全部有争议", "all disputed"),
    "small": Text("金额太小", "too small"),
    "gap": Text("刚催过", "reminded lately"),
    "done": Text("本级已催过", "level already done"),
    "early": Text("未到时候", "not yet"),
    "none": Text("无欠款", "owes nothing"),
}
"""Why a reminder was not sent, in a word."""


@dataclass(frozen=True)
class LogOutcome(Command):
    """What a call came to; a promise or dispute it brought is recorded in the same change, the next date becomes a task.

    Whoever was spoken to counts as reminded at the level that is due.
    Refuses: an unknown outcome, a promise without its day, a dispute without invoices or reason, a next date not after today.
    """

    permission: ClassVar[Permission] = Permission.COLLECT
    title: ClassVar[Text] = Text("记录催收结果", "Log a collecting outcome")
    customer_id: int
    outcome: str
    today: date
    currency: str = "CNY"
    channel: str = "phone"
    note: str | None = None
    next_on: date | None = None
    promised_on: date | None = None
    promised_amount: Decimal | None = None
    disputed: tuple[int, ...] = ()
    dispute_reason: str | None = None
    dispute_days: int = ANSWER_DAYS
    confirmed: bool = False

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        sight.choice(self.outcome, kinds.COLLECT_OUTCOME, _OUTCOME, about="outcome")
        sight.choice(self.channel, kinds.CHANNEL, _CHANNEL, about="channel")
        sight.text(self.note, _NOTE, about="note")
        if self.next_on and self.next_on <= self.today:
            raise Refused(_PAST, about="next_on", day=self.next_on.isoformat(), today=self.today.isoformat())
        if self.outcome == "promised":
            self._promise().validate()
        if self.outcome == "disputed":
            self._dispute().validate()

    def apply(self, change: Change) -> dict[str, Any]:
        """activity_id; promise_id, case_ids and task_id where they came of it; level when the customer counts as reminded."""
        subject = sight.customer(change, self.customer_id)
        same = {"customer_id": self.customer_id, "on_date": self.today, "outcome": self.outcome, "source_kind": SOURCE}
        sight.refuse_twice(change, "activity", same, confirmed=self.confirmed)
        level = self._level(change)
        _finish_tasks(change, self.customer_id, self.today)
        subject_line = kinds.COLLECT_OUTCOME[self.outcome].zh
        touch = {**same, "channel": self.channel, "direction": "out", "done_on": self.today, "subject": subject_line, "body": self.note}
        result: dict[str, Any] = {"activity_id": _touch(change, {**touch, "kind": "reminder" if level else "interaction", "ref": level})}
        if level:
            result["level"] = int(level.split(":")[3])
        if self.outcome == "promised":
            change.actor.need(RecordPromise.permission)
            result["promise_id"] = self._promised(change)
        if self.outcome == "disputed":
            result["case_ids"] = self._dispute().apply(change)
        if self.next_on:
            owner_id = change.actor.user_id
            task = {"customer_id": self.customer_id, "on_date": self.today, "due_on": self.next_on, "owner_id": owner_id}
            about = {"kind": "task", "subject": subject_line, "body": self.note, "source_kind": SOURCE}
            result["task_id"] = _touch(change, {**task, **about})
        change.subject = f"customer {subject.account_no}"
        return result

    def _level(self, change: Change) -> str | None:
        """What marks the reminder due as done; None when nobody was reached or nothing is due."""
        if self.outcome not in kinds.SPOKEN:
            return None
        found = arrears.look_up(change, [self.customer_id], self.today).get((self.customer_id, self.currency))
        step = found and ladder.step(found.facts, found.policy, self.today)
        if not step or step.code != "due":
            return None
        assert step.level
        assert step.item
        return ladder.ref(self.customer_id, self.currency, step.level.level, step.item.anchor)

    def _promised(self, change: Change) -> int:
        """The promise_id; what is refused about its amount is about the field of this form."""
        try:
            return self._promise().apply(change)
        except Refused as refusal:
            if refusal.values.get("about") == "amount":
                refusal.values["about"] = "promised_amount"
            raise

    def _promise(self) -> RecordPromise:
        if self.promised_on is None:
            raise Refused(_WHEN, about="promised_on")
        return RecordPromise(
            self.customer_id,
            self.promised_on,
            self.today,
            amount=self.promised_amount,
            currency=self.currency,
            note=self.note,
            confirmed=self.confirmed,
        )

    def _dispute(self) -> OpenDispute:
        if not self.disputed or not self.dispute_reason:
            raise Refused(_WHY, about="disputed")
        return OpenDispute(self.customer_id, self.disputed, self.dispute_reason, self.today, days=self.dispute_days, note=self.note)


@dataclass(frozen=True)
class SendReminders(Command):
    """The reminder each customer is due today, by mail into the outbox or as a letter to be printed; who is not due is left out.

    One message per customer and currency, of the highest level reached: days missed are caught up by one reminder, and the
    same level never goes out twice for the same arrears. `by` asks for a channel of one's own (a mail in place of a call).
    Refuses: a list nobody of which is due, naming why.
    """

    permission: ClassVar[Permission] = Permission.COLLECT
    title: ClassVar[Text] = Text("发送催款提醒", "Send reminders")
    customers: tuple[tuple[int, str], ...]
    today: date
    by: str | None = None

    def validate(self) -> None:
        """Refuses: an unknown channel."""
        sight.choice(self.by, {name: kinds.CHANNEL[name] for name in ladder.FALLBACK}, _CHANNEL, about="by")

    def apply(self, change: Change) -> dict[str, Any]:
        """sent: (customer_id, currency, level, channel); skipped: (customer_id, currency, why)."""
        names = {customer_id: sight.customer(change, customer_id).account_no for customer_id, _ in self.customers}
        found = arrears.look_up(change, sorted(names), self.today)
        sent: list[tuple[int, str, int, str]] = []
        skipped: list[tuple[int, str, str]] = []
        for one in dict.fromkeys(self.customers):
            debtor = found.get(one)
            why = self._send(change, debtor, sent) if debtor else "none"
            if why:
                skipped.append((*one, why))
        if not sent:
            raise Refused(_NOBODY_DUE, reasons=_reasons([why for *_, why in skipped]))
        change.subject = f"customer {names[sent[0][0]]}" if len(sent) == 1 else None
        return {"sent": tuple(sent), "skipped": tuple(skipped)}

    def _send(self, change: Change, debtor: Debtor, sent: list[tuple[int, str, int, str]]) -> str | None:
        """Send one, or why not."""
        step = ladder.step(debtor.facts, debtor.policy, self.today)
        if step.code != "due":
            return step.code
        assert step.level
        assert step.item
        channel = ladder.reachable(self.by or ladder.channel(step, debtor.facts, debtor.policy), debtor.ways)
        if channel is None:
            return "nobody"
        if channel == "phone":
            return "call"
        _remind(change, debtor, step, channel, self.today)
        sent.append((debtor.customer_id, debtor.currency, step.level.level, channel))
        return None


def _remind(change: Change, debtor: Debtor, step: ladder.Step, channel: str, today: date) -> None:
    assert step.level
    assert step.item
    level, person = step.level, debtor.mail if channel == "email" else None
    language = letters.language_of(person["language"] if person else None)
    until_on = ladder.asked_until(debtor.policy, today, step.days)
    plain = letters.Facts(debtor.name, debtor.currency, today, Decimal(0), (), person["name"] if person else None, debtor.sender)
    said = reminders.about(debtor.lines, until_on, plain, language)
    subject, body = letters.reminder(level.tone, language, said)  # type: ignore[arg-type]  # the policy's tones are ours
    if person:
        mail = QueueMessage(
            debtor.customer_id,
            "reminder",
            today,
            subject,
            body,
            contact_id=person["contact_id"],
            language=language,
            level=level.level,
            currency=debtor.currency,
            confirmed=True,
        )
        mail.validate()
        mail.apply(change)
    touch = {"customer_id": debtor.customer_id, "kind": "reminder", "channel": channel, "direction": "out", "on_date": today}
    mark = ladder.ref(debtor.customer_id, debtor.currency, level.level, step.item.anchor)
    _touch(change, {**touch, "done_on": today, "subject": subject, "body": body, "source_kind": SOURCE, "ref": mark})


def _reasons(codes: Sequence[str]) -> Text:
    return listed(SKIPPED[code] for code in dict.fromkeys(codes)) if codes else plain("—")


@dataclass(frozen=True)
class HoldReminders(Command):
    """No reminders to a customer up to and including a day, and why.

    Refuses: a day before today or over a year ahead, an empty reason, a customer on hold already.
    """

    permission: ClassVar[Permission] = Permission.COLLECT
    title: ClassVar[Text] = Text("暂缓催款", "Hold reminders")
    customer_id: int
    until_on: date
    reason: str
    today: date

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        sight.text(self.reason, _REASON, about="reason", required=True)
        if self.until_on < self.today:
            raise Refused(_HOLD_PAST, about="until_on", day=self.until_on.isoformat(), today=self.today.isoformat())
        if self.until_on > self.today + LONGEST_HOLD:
            raise Refused(_HOLD_LONG, about="until_on", day=(self.today + LONGEST_HOLD).isoformat())

    def apply(self, change: Change) -> int:
        """The new hold_id."""
        sight.customer(change, self.customer_id)
        row = change.cursor.execute(
            "select max(until_on) from hold where customer_id = $customer_id and from_on <= $today and until_on >= $today "
            "and retired_at = timestamp '9999-12-31'",
            {"customer_id": self.customer_id, "today": self.today},
        ).fetchone()
        if row and row[0]:
            raise Conflict(_HELD, day=row[0].isoformat())
        hold_id = change.next_id("hold", "hold_id")
        held = {"customer_id": self.customer_id, "from_on": self.today, "until_on": self.until_on}
        change.insert("hold", [{**held, "hold_id": hold_id, "reason": self.reason}])
        return hold_id


@dataclass(frozen=True)
class EndHold(Command):
    """A hold that ends before its day: the days it was in force stay on record.

    Refuses: a hold that is unknown, out of sight or over.
    """

    permission: ClassVar[Permission] = Permission.COLLECT
    title: ClassVar[Text] = Text("结束暂缓", "End a hold")
    hold_id: int
    today: date

    def apply(self, change: Change) -> int:
        """The hold_id."""
        row = change.cursor.execute(
            "select customer_id, from_on, reason from hold where hold_id = $hold_id and until_on >= $today "
            "and retired_at = timestamp '9999-12-31'",
            {"hold_id": self.hold_id, "today": self.today},
        ).fetchone()
        if row is None:
            raise NotFound(_NO_HOLD)
        customer_id, from_on, reason = row
        sight.customer(change, customer_id, unless=_NO_HOLD)
        change.retire("hold", "hold_id = $hold_id", {"hold_id": self.hold_id})
        if from_on < self.today:
            held = {"hold_id": self.hold_id, "customer_id": customer_id, "from_on": from_on, "reason": reason}
            change.insert("hold", [{**held, "until_on": self.today - timedelta(days=1)}])
        return self.hold_id


@dataclass(frozen=True)
class SendThanks(Command):
    """A word of thanks to a customer whose overdue money has all come in.

    Refuses: one that still owes overdue money, or from whom nothing came in lately.
    """

    permission: ClassVar[Permission] = Permission.COLLECT
    title: ClassVar[Text] = Text("感谢付款", "Thank for a payment")
    customer_id: int
    today: date
    currency: str = "CNY"

    def apply(self, change: Change) -> int:
        """The message_id."""
        sight.customer(change, self.customer_id)
        row = change.cursor.execute(
            """
            select
                coalesce(sum(amount) filter (where due_on < $today), 0),
                coalesce(-sum(amount) filter (where kind = 'payment' and on_date > $since), 0)
            from posting
            where customer_id = $customer_id and currency = $currency and on_date <= $today
            """,
            {"customer_id": self.customer_id, "currency": self.currency, "today": self.today, "since": self.today - timedelta(THANKS_DAYS)},
        ).fetchone()
        assert row is not None
        overdue, paid = row
        if overdue > 0:
            raise Refused(_STILL_OWES, amount=f"{overdue:,}", currency=self.currency)
        if paid <= 0:
            raise Refused(_NOTHING_PAID)
        debtor = arrears.person(change, self.customer_id)
        language = letters.language_of(debtor.mail["language"] if debtor.mail else None)
        contact = debtor.mail["name"] if debtor.mail else None
        said = letters.Facts(debtor.name, self.currency, self.today, paid, (), contact, debtor.sender)
        subject, body = letters.thanks(language, said)
        mail = QueueMessage(self.customer_id, "thanks", self.today, subject, body, language=language, currency=self.currency)
        mail.validate()
        return mail.apply(change)


def _touch(change: Change, row: Mapping[str, object]) -> int:
    activity_id = change.next_id("activity", "activity_id")
    change.insert("activity", [{"owner_id": change.actor.user_id, **row, "activity_id": activity_id}])
    return activity_id


def _finish_tasks(change: Change, customer_id: int, today: date) -> None:
    """The calls a collector had planned are made with this one."""
    columns = ("activity_id", "customer_id", "kind", "on_date", "due_on", "owner_id", "subject", "body", "source_kind")
    where = "customer_id = $customer_id and kind = 'task' and source_kind = 'collect' and done_on is null"
    found = change.cursor.execute(
        f"select {', '.join(columns)} from activity where {where} and retired_at = timestamp '9999-12-31'",  # noqa: S608 (our own names)
        {"customer_id": customer_id},
    ).fetchall()
    change.retire("activity", where, {"customer_id": customer_id})
    change.insert("activity", [{**dict(zip(columns, row, strict=True)), "done_on": today} for row in found])
