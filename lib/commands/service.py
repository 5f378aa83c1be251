"""Touches, scores, suggestions and tasks: what people hear from customers and owe them next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar, Final

from lib.commands import Command, sight
from lib.domain import kinds
from lib.domain.access import Permission
from lib.domain.planning import working_days_after
from lib.errors import NotFound, Refused
from lib.store.door import Change
from lib.text import Text

CALL_BACK_DAYS: Final = 2
"""Working days in which a low score is called back; later, an answer is no longer fresh in the customer's mind."""

SUMMARY: Final = Text("内容", "Summary")
COMMENT: Final = Text("原话", "Comment")
CHANNEL: Final = Text("渠道", "Channel")
_METRIC = Text("指标", "Metric")
_OUT_OF_RANGE = Text(
    "{metric} 是 {low}–{high}，“{score}”不在其中。要改成 {nearest} 吗？",
    "{metric} runs from {low} to {high}; “{score}” is outside. Change it to {nearest}?",
)
_PAST_PLAN = Text(
    "下次跟进 {day} 早于今天 {today}。请改成今天或以后。", "The next follow-up {day} is before today {today}. Choose today or later."
)
_NO_TASK = Text("找不到这个任务，或它已经完成。", "There is no such task, or it is already done.")


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
        sight.not_in_future(self.on_date, self.today)
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
    """One NPS, CSAT or CES answer; a low one makes a call-back task for the account manager in the same transaction.

    Refuses: a score outside the scale (never capped), a day to come, the same answer twice in ten minutes.
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

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        sight.choice(self.metric, {name: scale.label for name, scale in kinds.SCORE.items()}, _METRIC, about="metric")
        score_in_range(self.metric, self.score)
        sight.text(self.comment, COMMENT, about="comment")
        sight.text(self.respondent, Text("受访人", "Respondent"), about="respondent")
        sight.choice(self.channel, kinds.CHANNEL, CHANNEL, about="channel")
        sight.not_in_future(self.on_date, self.today)

    def apply(self, change: Change) -> dict[str, int | None]:
        """feedback_id, and task_id when the score is low."""
        subject = sight.customer(change, self.customer_id)
        answer = {"customer_id": self.customer_id, "metric": self.metric, "on_date": self.on_date, "score": self.score}
        sight.refuse_twice(change, "feedback", {**answer, "respondent": self.respondent}, confirmed=self.confirmed)
        feedback_id = change.next_id("feedback", "feedback_id")
        scale = kinds.SCORE[self.metric]
        more = {"comment": self.comment, "channel": self.channel, "respondent": self.respondent}
        change.insert("feedback", [{**answer, **more, "feedback_id": feedback_id, "top_score": scale.high}])
        if not scale.is_low(self.score):
            return {"feedback_id": feedback_id, "task_id": None}
        due_on = working_days_after(self.today, CALL_BACK_DAYS)
        owner_id = subject.owner_id if subject.owner_id is not None else change.actor.user_id
        task = {"customer_id": self.customer_id, "on_date": self.today, "due_on": due_on, "owner_id": owner_id}
        about = {"subject": f"{self.metric.upper()} {self.score}", "source_kind": "feedback", "source_id": feedback_id}
        task_id = _plan(change, {**task, **about})
        return {"feedback_id": feedback_id, "task_id": task_id}


def score_in_range(metric: str, score: int) -> None:
    """Refuses: a score outside its scale, offering the nearest; it is never changed silently."""
    scale = kinds.SCORE[metric]
    if not scale.low <= score <= scale.high:
        nearest = min(max(score, scale.low), scale.high)
        raise Refused(_OUT_OF_RANGE, metric=metric.upper(), low=scale.low, high=scale.high, score=score, nearest=nearest, about="score")


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
        sight.not_in_future(self.on_date, self.today)

    def apply(self, change: Change) -> int:
        """The new case_id."""
        subject = sight.customer(change, self.customer_id)
        same = {"customer_id": self.customer_id, "kind": "suggestion", "on_date": self.on_date, "subject": self.summary.strip()}
        sight.refuse_twice(change, "case_file", same, confirmed=self.confirmed)
        case_id = change.next_id("case_file", "case_id")
        more = {"body": self.body, "cause": self.cause, "channel": self.channel, "owner_id": subject.owner_id}
        change.insert("case_file", [{**same, **more, "case_id": case_id}])
        return case_id


@dataclass(frozen=True)
class CompleteTask(Command):
    """A task done: the open row is retired and its successor says when and how.

    Refuses: a task that is unknown, out of sight or already done; a day to come.
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
        columns = "activity_id, customer_id, kind, channel, direction, on_date, due_on, owner_id, subject, source_kind, source_id, ref"
        cursor = change.cursor.execute(
            f"select {columns}, body from activity where activity_id = $activity_id "  # noqa: S608 (names from our own code)
            "and kind in ('task', 'reminder') and done_on is null and retired_at = timestamp '9999-12-31'",
            {"activity_id": self.activity_id},
        )
        row = cursor.fetchone()
        if row is None:
            raise NotFound(_NO_TASK)
        task = dict(zip([*columns.split(", "), "body"], row, strict=True))
        sight.customer(change, task["customer_id"], unless=_NO_TASK)
        change.retire("activity", "activity_id = $activity_id", {"activity_id": self.activity_id})
        change.insert("activity", [{**task, "done_on": self.on_date, "outcome": self.outcome, "body": self.body or task["body"]}])
        return self.activity_id


def _plan(change: Change, task: Mapping[str, object]) -> int:
    activity_id = change.next_id("activity", "activity_id")
    change.insert("activity", [{"activity_id": activity_id, "kind": "task", **task}])
    return activity_id
