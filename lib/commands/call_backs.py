"""Closing the loop on a low score: what the call came to, what was promised, a complaint where it is one, and the customer told."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar, Final

from lib.commands import Command, answers, readings, sight
from lib.commands.answers import CHANNEL
from lib.commands.complaints import RecordComplaint
from lib.commands.documents import records
from lib.commands.service import IN_VAIN, PROMISE
from lib.domain import kinds, mood_words
from lib.domain.access import Permission
from lib.errors import NotFound, Refused
from lib.store.door import Change
from lib.text import Text

SOURCE: Final = PROMISE
"""What calls in vain and promises made in a call-back name as their source; its number is the answer's."""
ENOUGH: Final = 3
"""Calls in vain after which a call-back may be given up."""
CAUSE_OF: Final = {"price": "contract", "after_sales": "service", "system": "other"}
"""The cause of a complaint for themes that are not called the same."""

NOTE: Final = Text("客户怎么说", "What the customer said")
PROMISED: Final = Text("答应了什么", "What was promised")
_THEME = Text("问题在哪", "What is wrong")
_NO_TASK = Text("找不到这个回访，或它已经完成。", "There is no such call-back, or it is already done.")
_WHAT = Text("联系上了：请选问题在哪，或写下客户怎么说。", "Reached: choose what is wrong, or write down what the customer said.")
_WHEN = Text("答应的事要有日期。请填“最晚哪天”。", "What is promised needs a day. Fill in “by when”.")
_PAST = Text("{day} 早于今天 {today}。请改成今天或以后。", "{day} is before today {today}. Choose today or later.")
_UNSPOKEN = Text("没联系上，不能有承诺或投诉。请先联系上客户。", "Nobody was reached, so there is no promise or complaint yet.")
_TOO_EARLY = Text(
    "才打了 {count} 次。联系不上 {enough} 次以后才能放弃，最好换个渠道再试。",
    "Only {count} calls so far. After {enough} in vain it may be given up; try another channel first.",
)
TOLD_TO: Final = Text("告知了谁", "Who was told")
TOLD_WHAT: Final = Text("做了什么、怎么告知的", "What was done, as the customer was told")
_NO_PROMISE = Text("找不到这个承诺，或客户已经知道了。", "There is no such promise, or the customer knows already.")
_TOLD_EARLY = Text(
    "告知日期 {day} 早于承诺那天 {since}。请改告知日期。", "Told on {day}, before it was promised on {since}. Change the date."
)
_SAID: Final = Text("{who}：{note}", "{who}: {note}")
_AGAIN = Text("再联系：{subject}", "Call again: {subject}")


@dataclass(frozen=True)
class LogCallBack(Command):
    """What a call-back came to. Reached: the task is done, and what was promised or is to be called about again becomes the next one.

    Not reached: the call is noted and the task stays open, until enough calls allow giving up, which is no follow-up either.
    Refuses: a task that is not open or out of sight, a call that says nothing, a promise without a day, giving up too early.
    """

    permission: ClassVar[Permission] = Permission.SERVICE_WRITE
    title: ClassVar[Text] = Text("低分回访", "Call back about a low score")
    activity_id: int
    outcome: str
    today: date
    channel: str = "phone"
    themes: tuple[str, ...] = ()
    note: str | None = None
    promised: str | None = None
    promised_on: date | None = None
    severity: int | None = None
    gives_up: bool = False

    @property
    def is_reached(self) -> bool:
        """Whether somebody was spoken to."""
        return self.outcome != IN_VAIN

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        sight.choice(self.outcome, kinds.OUTCOME, Text("结果", "Outcome"), about="outcome")
        sight.choice(self.channel, kinds.CHANNEL, CHANNEL, about="channel")
        sight.choice(self.severity, kinds.SEVERITY, Text("严重程度", "Severity"), about="severity")
        for theme in self.themes:
            sight.choice(theme, kinds.THEME, _THEME, about="themes")
        sight.text(self.note, NOTE, about="note")
        sight.text(self.promised, PROMISED, about="promised")
        self._refuse_half_said()

    def _refuse_half_said(self) -> None:
        is_promise = bool((self.promised or "").strip())
        if not self.is_reached and (is_promise or self.severity is not None):
            raise Refused(_UNSPOKEN, about="outcome")
        if self.is_reached and not (self.themes or (self.note or "").strip()):
            raise Refused(_WHAT, about="themes")
        if (is_promise or self.outcome == "call_back") and self.promised_on is None:
            raise Refused(_WHEN, about="promised_on")
        if self.promised_on and self.promised_on < self.today:
            raise Refused(_PAST, day=self.promised_on.isoformat(), today=self.today.isoformat(), about="promised_on")

    def apply(self, change: Change) -> dict[str, int | None]:
        """activity_id of the task, next_id of the one that follows, case_id of the complaint, attempts in vain so far."""
        task = _open(change, self.activity_id, answers.SOURCE, _NO_TASK)
        if not self.is_reached:
            return self._in_vain(change, task)
        self._done(change, task)
        _sorted_into(change, task, self.themes)
        case_id = self._complain(change, task) if self.severity is not None else None
        return {"activity_id": self.activity_id, "next_id": self._next(change, task), "case_id": case_id, "attempts": None}

    def _done(self, change: Change, task: dict[str, Any]) -> None:
        said = (self.note or "").strip() or task["body"]
        _close(change, task, {"done_on": self.today, "outcome": self.outcome, "channel": self.channel, "body": said})

    def _in_vain(self, change: Change, task: dict[str, Any]) -> dict[str, int | None]:
        (found,) = records(change, _ATTEMPTS, {"source": SOURCE, "feedback_id": task["source_id"], "outcome": IN_VAIN})
        attempts = found["attempts"] + 1
        if self.gives_up and attempts < ENOUGH:
            raise Refused(_TOO_EARLY, count=attempts, enough=ENOUGH, about="outcome")
        call = {"kind": "interaction", "on_date": self.today, "done_on": self.today, "channel": self.channel, "direction": "out"}
        _note(change, task, {**call, "outcome": IN_VAIN, "body": self.note, "owner_id": change.actor.user_id})
        if self.gives_up:
            self._done(change, task)
        return {"activity_id": self.activity_id, "next_id": None, "case_id": None, "attempts": attempts}

    def _next(self, change: Change, task: dict[str, Any]) -> int | None:
        if self.promised_on is None:
            return None
        subject = (self.promised or "").strip() or _AGAIN.say("zh", subject=task["subject"])
        step = {"kind": "task", "on_date": self.today, "due_on": self.promised_on, "owner_id": task["owner_id"], "body": self.note}
        return _note(change, {**task, "subject": subject}, step)

    def _complain(self, change: Change, task: dict[str, Any]) -> int:
        """The complaint, with the customer's words; the answer names it from now on."""
        (answer,) = records(change, _ANSWER, {"feedback_id": task["source_id"]})
        order = self._complaint(task, answer)
        order.validate()
        case_id = order.apply(change)
        change.rewrite("feedback", task["source_id"], case_id=case_id)
        return case_id

    def _complaint(self, task: Mapping[str, Any], answer: Mapping[str, Any]) -> RecordComplaint:
        assert self.severity is not None
        note = (self.note or "").strip() or None
        return RecordComplaint(
            task["customer_id"],
            self.today,
            self.today,
            summary=answer["comment"] or note or task["subject"],
            severity=self.severity,
            cause=next((CAUSE_OF.get(theme, theme) for theme in self.themes), None),
            channel=self.channel,
            body=note,
            confirmed=True,
            contact_id=answer["contact_id"],
            stage=answer["stage"],
            found_by="survey",
        )


@dataclass(frozen=True)
class TellCustomer(Command):
    """What was promised in a call-back is done and the customer knows: who was told, when, by which channel. Closes the promise's task.

    Refuses: a promise that is unknown, out of sight or told already; nobody told, no words; a day to come or before the promise.
    """

    permission: ClassVar[Permission] = Permission.SERVICE_WRITE
    title: ClassVar[Text] = Text("告知客户", "Tell the customer")
    activity_id: int
    today: date
    told_to: str = field(metadata={"audit": False})
    note: str
    told_on: date
    channel: str = "phone"

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        sight.text(self.told_to, TOLD_TO, about="told_to", required=True)
        sight.text(self.note, TOLD_WHAT, about="note", required=True)
        sight.choice(self.channel, kinds.CHANNEL, CHANNEL, about="channel")
        sight.not_in_future(self.told_on, self.today, about="told_on")

    def apply(self, change: Change) -> int:
        """The activity_id of the promise."""
        task = _open(change, self.activity_id, SOURCE, _NO_PROMISE)
        if self.told_on < task["on_date"]:
            raise Refused(_TOLD_EARLY, day=self.told_on.isoformat(), since=task["on_date"].isoformat(), about="told_on")
        said = _SAID.say("zh", who=self.told_to.strip(), note=self.note.strip())
        _close(change, task, {"done_on": self.told_on, "outcome": "reached", "channel": self.channel, "body": said})
        return self.activity_id


def _open(change: Change, activity_id: int, source: str, unless: Text) -> dict[str, Any]:
    found = records(change, _OPEN, {"activity_id": activity_id, "source": source})
    if not found:
        raise NotFound(unless)
    sight.customer(change, found[0]["customer_id"], unless=unless)
    return found[0]


def _close(change: Change, task: dict[str, Any], done: dict[str, Any]) -> None:
    change.rewrite("activity", task["activity_id"], direction="out", **done)


def _note(change: Change, task: dict[str, Any], row: dict[str, Any]) -> int:
    activity_id = change.next_id("activity", "activity_id")
    about = {"customer_id": task["customer_id"], "subject": task["subject"], "source_kind": SOURCE, "source_id": task["source_id"]}
    change.insert("activity", [{"activity_id": activity_id, **about, **row}])
    return activity_id


def _sorted_into(change: Change, task: dict[str, Any], themes: tuple[str, ...]) -> None:
    """What the customer spoke of, by the one who spoke with them; also where the answer itself had no words."""
    if not themes:
        return
    (answer,) = records(change, _ANSWER, {"feedback_id": task["source_id"]})
    if answer["comment"]:
        readings.sort(change, answers.SOURCE, task["source_id"], themes)
        return
    named = json.dumps([theme for theme in kinds.THEME if theme in themes])
    row = {"reading_id": change.next_id("reading", "reading_id"), "customer_id": task["customer_id"], "about": answers.SOURCE}
    by = {"about_id": task["source_id"], "mood": None, "themes": named, "reader": "person", "version": mood_words.VERSION}
    change.insert("reading", [{**row, **by}])


_OPEN: Final = """
    select activity.* from activity
    where activity.activity_id = $activity_id and activity.source_kind = $source and activity.kind = 'task'
        and activity.done_on is null and activity.retired_at = timestamp '9999-12-31'
"""
_ANSWER: Final = "select * from feedback where feedback.feedback_id = $feedback_id and feedback.retired_at = timestamp '9999-12-31'"
_ATTEMPTS: Final = """
    select count(*)::integer as attempts from activity
    where activity.source_kind = $source and activity.source_id = $feedback_id and activity.outcome = $outcome
        and activity.kind = 'interaction' and activity.retired_at = timestamp '9999-12-31'
"""
