"""Complaints: a case with its events; clocks are computed from the events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import ClassVar, Final

from lib.commands import Command, sight
from lib.commands.answers import CHANNEL
from lib.commands.service import SUMMARY
from lib.domain import kinds, stages
from lib.domain.access import Permission
from lib.domain.planning import working_days_after
from lib.errors import NotFound, Refused
from lib.store.door import Change
from lib.text import Text

_CHINA: Final = timezone(timedelta(hours=8))
_WHAT = Text("投诉内容", "What happened")
_NOTE = Text("说明", "Note")
_NO_CASE = Text("找不到这件投诉，或不在您的范围内。", "There is no such complaint, or it is outside your scope.")
_PAST_DUE = Text(
    "答复日 {due_on} 早于投诉日 {on_date}。请改其中一个。",
    "The answer date {due_on} is before the complaint date {on_date}. Change one of them.",
)


@dataclass(frozen=True)
class RecordComplaint(Command):
    """A complaint, owned by the account manager, due as promised or by its severity.

    Refuses: an empty text, an unknown severity or cause, a day to come, an answer due before it began, the same one twice in ten minutes.
    """

    permission: ClassVar[Permission] = Permission.SERVICE_WRITE
    title: ClassVar[Text] = Text("记录投诉", "Record a complaint")
    customer_id: int
    on_date: date
    today: date
    summary: str
    severity: int
    cause: str | None = None
    due_on: date | None = None
    channel: str | None = None
    body: str | None = None
    confirmed: bool = False

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        sight.text(self.summary, _WHAT, about="summary", required=True)
        sight.text(self.body, SUMMARY, about="body")
        sight.choice(self.severity, kinds.SEVERITY, Text("严重程度", "Severity"), about="severity")
        sight.choice(self.cause, kinds.CAUSE, Text("原因", "Cause"), about="cause")
        sight.choice(self.channel, kinds.CHANNEL, CHANNEL, about="channel")
        sight.not_in_future(self.on_date, self.today)
        if self.due_on and self.due_on < self.on_date:
            raise Refused(_PAST_DUE, about="due_on", due_on=self.due_on.isoformat(), on_date=self.on_date.isoformat())

    def apply(self, change: Change) -> int:
        """The new case_id."""
        subject = sight.customer(change, self.customer_id)
        same = {"customer_id": self.customer_id, "kind": "complaint", "on_date": self.on_date, "subject": self.summary.strip()}
        sight.refuse_twice(change, "case_file", same, confirmed=self.confirmed)
        case_id = change.next_id("case_file", "case_id")
        case = {
            **same,
            "case_id": case_id,
            "body": self.body,
            "severity": self.severity,
            "cause": self.cause,
            "channel": self.channel,
            "owner_id": subject.owner_id if subject.owner_id is not None else change.actor.user_id,
            "due_on": self.due_on or answer_due(self.severity, self.on_date),
        }
        change.insert("case_file", [case])
        begun = {"case_id": case_id, "customer_id": self.customer_id, "state": "new"}
        happen(change, {**begun, "happened_at": moment(change, self.on_date)})
        return case_id


def answer_due(severity: int, on_date: date) -> date:
    """The day a complaint is to be answered when nobody promised another."""
    return working_days_after(on_date, kinds.ANSWER_DAYS[severity])


@dataclass(frozen=True)
class AdvanceComplaint(Command):
    """One step of a complaint.

    Refuses: a step that does not follow from its state; resolving, telling or reopening without saying how or why.
    """

    permission: ClassVar[Permission] = Permission.SERVICE_WRITE
    title: ClassVar[Text] = Text("推进投诉", "Advance a complaint")
    case_id: int
    action: str
    today: date
    note: str | None = None

    def validate(self) -> None:
        """Refuses: a note that is missing where the step needs one, or too long."""
        sight.choice(self.action, stages.ACTION_LABEL, Text("步骤", "Step"), about="action")
        sight.text(self.note, _NOTE, about="note", required=self.action in stages.NOTE_NEEDED)

    def apply(self, change: Change) -> str:
        """The state it is in now."""
        row = change.cursor.execute(
            """
            select case_event.customer_id, case_event.state, case_event.happened_at
            from case_event
            where case_event.case_id = $case_id and case_event.retired_at = timestamp '9999-12-31'
                and case_event.case_id in (
                    select case_file.case_id from case_file
                    where case_file.kind = 'complaint' and case_file.retired_at = timestamp '9999-12-31'
                )
            order by case_event.happened_at desc, case_event.event_id desc limit 1
            """,
            {"case_id": self.case_id},
        ).fetchone()
        if row is None:
            raise NotFound(_NO_CASE)
        customer_id, state, last_at = row
        sight.customer(change, customer_id, unless=_NO_CASE)
        following = stages.advance(state, self.action)
        step = {"case_id": self.case_id, "customer_id": customer_id, "state": following, "note": self.note}
        happen(change, {**step, "happened_at": max(moment(change, self.today), last_at)})
        return following


def moment(change: Change, day: date) -> datetime:
    """A business day at this hour, in UTC: what is entered a day later, or in a demo with its fixed date, keeps its own day."""
    at_desk = change.made_at.replace(tzinfo=UTC).astimezone(_CHINA)
    return datetime.combine(day, at_desk.time(), _CHINA).astimezone(UTC).replace(tzinfo=None)


def happen(change: Change, event: Mapping[str, object]) -> None:
    """Record one step of a case."""
    change.insert("case_event", [{"event_id": change.next_id("case_event", "event_id"), **event}])
