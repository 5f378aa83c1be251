"""Touches, scores, suggestions and tasks: what people hear from customers and owe them next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import ClassVar, Final

from lib.commands import Command, answers, cases, readings, sight
from lib.commands.answers import CHANNEL, Answer
from lib.commands.cases import Case, Step
from lib.commands.documents import records
from lib.domain import kinds
from lib.domain.access import Permission
from lib.errors import NotFound, Refused
from lib.store.door import Change
from lib.text import Text

IN_VAIN: Final = "no_answer"
"""The outcome of a call in which nobody was reached: an attempt, no follow-up."""
PROMISE: Final = "call_back"
"""The source of tasks that hold what was promised in a call-back: done when the customer is told."""
SUMMARY: Final = Text("内容", "Summary")
_PAST_PLAN = Text(
    "下次跟进 {day} 早于今天 {today}。请改成今天或以后。", "The next follow-up {day} is before today {today}. Choose today or later."
)
_NO_TASK = Text("找不到这个任务，或它已经完成。", "There is no such task, or it is already done.")
_SAYS_NOTHING = Text(
    "低分回访要写明结果；没联系上不算完成，请在“低分回访”里记一次未接通。",
    "A call-back needs its outcome; not reached is not done: note the call under “Call-backs”.",
)
_NOT_TOLD = Text(
    "这是低分回访时答应客户的事：做完要告知客户，请在“低分回访 › 待告知”里记。",
    "This was promised in a call-back and is done once the customer is told: note it under “Call-backs › To tell”.",
)


@dataclass(frozen=True)
class RecordInteraction(Command):
    """One touch with a customer, and on request the next step as a task of one's own.

    Refuses: an empty or over-long text, a day to come, a next step in the past, the same touch twice in ten minutes.
    """

    permission: ClassVar[Permission] = Permission.SERVICE_WRITE
    title: ClassVar[Text] = Text("记录互动", "Record an interaction")
    customer_id: int
    on_date: date
    today: date
    summary: str
    channel: str = "phone"
    direction: str = "out"
    outcome: str | None = None
    body: str | None = None
    next_on: date | None = None
    confirmed: bool = False

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        sight.text(self.summary, SUMMARY, about="summary", required=True)
        sight.text(self.body, SUMMARY, about="body")
        sight.choice(self.channel, kinds.CHANNEL, CHANNEL, about="channel")
        sight.choice(self.direction, kinds.DIRECTION, Text("方向", "Direction"), about="direction")
        sight.choice(self.outcome, kinds.OUTCOME, Text("结果", "Outcome"), about="outcome")
        sight.a_past_day(self.on_date, self.today, confirmed=self.confirmed)
        if self.next_on and self.next_on < self.today:
            raise Refused(_PAST_PLAN, about="next_on", day=self.next_on.isoformat(), today=self.today.isoformat())

    def apply(self, change: Change) -> int:
        """The new activity_id."""
        sight.customer(change, self.customer_id)
        same = {"customer_id": self.customer_id, "kind": "interaction", "on_date": self.on_date, "subject": self.summary.strip()}
        sight.refuse_twice(change, "activity", same, confirmed=self.confirmed)
        activity_id = change.next_id("activity", "activity_id")
        touch = {
            **same,
            "activity_id": activity_id,
            "channel": self.channel,
            "direction": self.direction,
            "done_on": self.on_date,
            "owner_id": change.actor.user_id,
            "outcome": self.outcome,
            "body": self.body,
        }
        change.insert("activity", [touch])
        if self.next_on:
            step = {"customer_id": self.customer_id, "on_date": self.today, "due_on": self.next_on, "owner_id": change.actor.user_id}
            _plan(change, {**step, "subject": self.summary.strip(), "source_kind": "interaction", "source_id": activity_id})
        return activity_id


@dataclass(frozen=True)
class RecordScore(Command):
    """One NPS, CSAT or CES answer that somebody typed in for the customer; a low one makes a call-back task in the same transaction.

    Refuses: what `answers.check` and `answers.keep_answer` refuse.
    """

    permission: ClassVar[Permission] = Permission.SERVICE_WRITE
    title: ClassVar[Text] = Text("记录评分", "Record a score")
    customer_id: int
    metric: str
    score: int
    on_date: date
    today: date
    comment: str | None = None
    channel: str | None = None
    respondent: str | None = field(default=None, metadata={"audit": False})
    confirmed: bool = False
    contact_id: int | None = None
    wave_id: int | None = None
    invite_id: int | None = None
    case_id: int | None = None
    stage: str | None = None
    aspects: Mapping[str, int] = field(default_factory=dict)
    source: str = "entry"

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        answers.check(self._answer(None), confirmed=self.confirmed)

    def apply(self, change: Change) -> dict[str, int | None]:
        """feedback_id, and task_id when the score is low."""
        kept = answers.keep_answer(change, self._answer(change.actor.user_id), confirmed=self.confirmed)
        return {"feedback_id": kept.feedback_id, "task_id": kept.task_id}

    def _answer(self, entered_by: int | None) -> Answer:
        given = {one.name: getattr(self, one.name) for one in fields(self) if one.name != "confirmed"}
        return Answer(**given, entered_by=entered_by)


@dataclass(frozen=True)
class RecordSuggestion(Command):
    """What a customer would have us do better.

    Refuses: an empty or over-long text, a day to come, the same text twice in ten minutes.
    """

    permission: ClassVar[Permission] = Permission.SERVICE_WRITE
    title: ClassVar[Text] = Text("记录建议", "Record a suggestion")
    customer_id: int
    on_date: date
    today: date
    summary: str
    body: str | None = None
    cause: str | None = None
    channel: str | None = None
    confirmed: bool = False

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        sight.text(self.summary, SUMMARY, about="summary", required=True)
        sight.text(self.body, SUMMARY, about="body")
        sight.choice(self.cause, kinds.CAUSE, Text("主题", "Theme"), about="cause")
        sight.choice(self.channel, kinds.CHANNEL, CHANNEL, about="channel")
        sight.a_past_day(self.on_date, self.today, confirmed=self.confirmed)

    def apply(self, change: Change) -> int:
        """The new case_id."""
        subject = sight.customer(change, self.customer_id)
        same = {"customer_id": self.customer_id, "kind": "suggestion", "on_date": self.on_date, "subject": self.summary.strip()}
        sight.refuse_twice(change, "case_file", same, confirmed=self.confirmed)
        case_id = change.next_id("case_file", "case_id")
        more = {"body": self.body, "cause": self.cause, "channel": self.channel, "owner_id": subject.owner_id}
        case = {**same, **more, "case_id": case_id}
        change.insert("case_file", [case])
        begun = Case(case_id, self.customer_id, "suggestion", "new", None, case)
        cases.step(change, begun, Step("record", "new", self.on_date))
        readings.read_text(change, "case", case_id)
        return case_id


@dataclass(frozen=True)
class CompleteTask(Command):
    """A task done: the open row is retired and its successor says when and how.

    Refuses: a task that is unknown, out of sight or already done; a day to come; a call-back without its outcome; a promise made in one.
    """

    permission: ClassVar[Permission] = Permission.SERVICE_WRITE
    title: ClassVar[Text] = Text("完成任务", "Complete a task")
    activity_id: int
    on_date: date
    today: date
    outcome: str | None = None
    body: str | None = None

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        sight.choice(self.outcome, kinds.OUTCOME, Text("结果", "Outcome"), about="outcome")
        sight.text(self.body, SUMMARY, about="body")
        sight.not_in_future(self.on_date, self.today)

    def apply(self, change: Change) -> int:
        """The activity_id."""
        found = records(change, _OPEN, {"activity_id": self.activity_id})
        if not found:
            raise NotFound(_NO_TASK)
        task = found[0]
        sight.customer(change, task["customer_id"], unless=_NO_TASK)
        if task["source_kind"] == answers.SOURCE and self.outcome in {None, IN_VAIN}:
            raise Refused(_SAYS_NOTHING, about="outcome")
        if task["source_kind"] == PROMISE:
            raise Refused(_NOT_TOLD)
        done = {"done_on": self.on_date, "outcome": self.outcome, "body": self.body or task["body"]}
        change.rewrite("activity", self.activity_id, **done)
        return self.activity_id


def _plan(change: Change, task: Mapping[str, object]) -> int:
    activity_id = change.next_id("activity", "activity_id")
    change.insert("activity", [{"activity_id": activity_id, "kind": "task", **task}])
    return activity_id


_OPEN: Final = """
    select activity.* from activity
    where activity.activity_id = $activity_id and activity.kind in ('task', 'reminder') and activity.done_on is null
        and activity.retired_at = timestamp '9999-12-31'
"""
