"""What all cases share (complaints, service requests, suggestions): finding one, one step of its life, escalation, attempts to reach.

A case is a row of `case_file` with rows of `case_event`; its state, its clocks and its costs are read from those events.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, ClassVar, Final

from lib.commands import Command, calendar, sight
from lib.commands.documents import records
from lib.domain import kinds, stages
from lib.domain.access import Permission, Role
from lib.errors import Conflict, NotFound, Refused
from lib.store.door import Change
from lib.text import Text

SOURCE: Final = "case"
"""What tasks that come of a case name as their source."""
CORRECTION: Final = "correction"
"""The same of a corrective action: a task that is to keep the cause from coming again."""
_CHINA: Final = timezone(timedelta(hours=8))
_NOTE = Text("说明", "Note")
_LEVEL = Text("级别", "Level")
_NO_CASE = Text("找不到这件事，或不在您的范围内。", "There is no such case, or it is outside your scope.")
_OVER = Text("已经是“{state}”，不用再升级。", "It is “{state}”: there is nothing to escalate.")
_OVER_CALLS = Text("已经是“{state}”，不用再联系。", "It is “{state}”: nobody needs to be reached any more.")
_ESCALATED = Text(
    "已经升级到第 {level} 级（{day}）。每级只升级一次。", "Level {level} was reached on {day}. Each level is escalated to once."
)
_NO_LEVEL = Text("升级只有 1 到 {most} 级。", "Levels run from 1 to {most}.")


@dataclass(frozen=True, slots=True)
class Case:
    """A case as it is now. `fields` are those of its row in `case_file`."""

    case_id: int
    customer_id: int
    kind: str
    state: str
    last_at: datetime | None
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """What happens to a case on a day: the action, the state after it, and what there is to say. What is empty in `detail` is left out."""

    action: str
    state: str
    day: date
    note: str | None = None
    detail: Mapping[str, object] = field(default_factory=dict)
    level: int | None = None
    cost: Decimal | None = None
    currency: str | None = None
    into_case_id: int | None = None
    at: datetime | None = None
    """When exactly, in UTC; else at this hour of the day."""


def find(change: Change, case_id: int, *of: str, unless: Text = _NO_CASE) -> Case:
    """A case of one of these kinds. Refuses (`NotFound`): one that does not exist or is out of sight."""
    found = records(change, _CASE, {"case_id": case_id, "kinds": list(of)})
    if not found:
        raise NotFound(unless)
    fields = found[0]
    sight.customer(change, fields["customer_id"], unless=unless)
    (event,) = records(change, _LAST, {"case_id": case_id})
    return Case(case_id, fields["customer_id"], fields["kind"], event["state"] or "new", event["last_at"], fields)


def step(change: Change, case: Case, taken: Step) -> None:
    """Record one step of a case, never before the one before it.

    It keeps the state it began at, so that an undo cannot leave a gap (`check_case_step`).
    """
    at = taken.at or moment(change, taken.day)
    told = {name: value for name, value in taken.detail.items() if value not in (None, "")}
    event = {name: getattr(taken, name) for name in ("state", "action", "note", "level", "cost", "currency", "into_case_id")}
    about = {"case_id": case.case_id, "customer_id": case.customer_id, "happened_at": max(at, case.last_at) if case.last_at else at}
    happen(change, {**about, **event, "detail": json.dumps({"from": case.state, **told}, default=str, ensure_ascii=False)})


def rewrite(change: Change, case: Case, **fields: object) -> None:
    """Change what the file of a case says; nothing when it says so already."""
    if any(case.fields[name] != value for name, value in fields.items()):
        change.rewrite("case_file", case.case_id, **fields)


def happen(change: Change, event: Mapping[str, object]) -> None:
    """Record one event of a case."""
    change.insert("case_event", [{"event_id": change.next_id("case_event", "event_id"), **event}])


def moment(change: Change, day: date) -> datetime:
    """A business day at this hour, in UTC: what is entered a day later, or in a demo with its fixed date, keeps its own day."""
    at_desk = change.made_at.replace(tzinfo=UTC).astimezone(_CHINA)
    return datetime.combine(day, at_desk.time(), _CHINA).astimezone(UTC).replace(tzinfo=None)


def rule(change: Change, kind: str, today: date) -> dict[str, Any]:
    """The rule of a kind that is in force."""
    sql = "select policy.body from policy_at($kind, $today::date, timestamp '9999-12-30') as policy"
    body: dict[str, Any] = json.loads(records(change, sql, {"kind": kind, "today": today})[0]["body"])
    return body


@dataclass(frozen=True)
class EscalateCase(Command):
    """A complaint or service request goes one level up: noted once per level, with a task for whom the rule names.

    Refuses: a case that is over, a level the rule does not have or that was reached before.
    """

    permission: ClassVar[Permission] = Permission.SERVICE_WRITE
    title: ClassVar[Text] = Text("升级", "Escalate")
    case_id: int
    level: int
    today: date
    note: str | None = None

    def validate(self) -> None:
        """Refuses: an over-long note."""
        sight.text(self.note, _NOTE, about="note")

    def apply(self, change: Change) -> int | None:
        """Whose task it is now; None when nobody of that role is there."""
        case = find(change, self.case_id, "complaint", "service")
        if case.state in stages.OVER:
            raise Refused(_OVER, state=stages.STATE_LABEL[case.state])
        levels = rule(change, "complaint", self.today)["levels"]
        if not 1 <= self.level <= len(levels):
            raise Refused(_NO_LEVEL, most=len(levels), about="level")
        reached = records(change, _REACHED, {"case_id": self.case_id, "level": self.level})
        if reached:
            raise Conflict(_ESCALATED, level=self.level, day=reached[0]["day"].isoformat(), about="level")
        to_id = _superior(change, case, levels[self.level - 1]["to"])
        step(change, case, Step("escalate", case.state, self.today, self.note, {"to": to_id}, level=self.level))
        if to_id is not None:
            plan(
                change,
                case,
                self.today,
                subject=f"L{self.level} · {case.fields['subject']}",
                owner_id=to_id,
                due_on=calendar.in_force(change).working_days_after(self.today, 1),
            )
        return to_id


@dataclass(frozen=True)
class NoteAttempt(Command):
    """An attempt to reach the customer that came to nothing; enough of them close a case as well as the customer's word.

    Refuses: an unknown channel, a case that is closed for good.
    """

    permission: ClassVar[Permission] = Permission.SERVICE_WRITE
    title: ClassVar[Text] = Text("记录联系未果", "Note an attempt to reach")
    case_id: int
    channel: str
    today: date
    note: str | None = None

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        sight.choice(self.channel, kinds.CHANNEL, Text("渠道", "Channel"), about="channel")
        sight.text(self.note, _NOTE, about="note")

    def apply(self, change: Change) -> int:
        """How many attempts there are since the last other step."""
        case = find(change, self.case_id, "complaint", "service")
        if case.state in stages.OVER - {"told_customer"}:
            raise Refused(_OVER_CALLS, state=stages.STATE_LABEL[case.state])
        step(change, case, Step("attempt", case.state, self.today, self.note, {"channel": self.channel}))
        return attempts(change, self.case_id)


def attempts(change: Change, case_id: int) -> int:
    """How often the customer could not be reached since the case came into the state it is in."""
    (row,) = records(change, _ATTEMPTS, {"case_id": case_id})
    return int(row["attempts"])


def plan(change: Change, case: Case, today: date, *, source_kind: str = SOURCE, **task: object) -> int:
    """A task that comes of a case. Gives its activity_id."""
    activity_id = change.next_id("activity", "activity_id")
    about = {"customer_id": case.customer_id, "kind": "task", "on_date": today, "source_kind": source_kind, "source_id": case.case_id}
    change.insert("activity", [{"activity_id": activity_id, **about, **task}])
    return activity_id


def _superior(change: Change, case: Case, role: str) -> int | None:
    """Who it goes to: somebody of that role who sees the customer, the owner's own team first, but not the owner; else a manager."""
    for wanted in dict.fromkeys((role, Role.MANAGER.value)):
        found = records(change, _SUPERIOR, {"owner_id": case.fields["owner_id"], "role": wanted})
        if found:
            return int(found[0]["user_id"])
    return None


_CASE: Final = """
    select * from case_file
    where case_file.case_id = $case_id and list_contains($kinds::text[], case_file.kind)
        and case_file.retired_at = timestamp '9999-12-31'
"""
_LAST: Final = """
    select
        arg_max(case_event.state, (case_event.happened_at, case_event.event_id)) as state,
        max(case_event.happened_at) as last_at
    from case_event
    where case_event.case_id = $case_id and case_event.retired_at = timestamp '9999-12-31'
"""
_REACHED: Final = """
    select business_date(case_event.happened_at) as day from case_event
    where case_event.case_id = $case_id and case_event.action = 'escalate' and case_event.level >= $level
        and case_event.retired_at = timestamp '9999-12-31'
    order by case_event.happened_at desc limit 1
"""
_ATTEMPTS: Final = """
    with happened as (
        select case_event.action, case_event.happened_at, case_event.event_id
        from case_event
        where case_event.case_id = $case_id and case_event.retired_at = timestamp '9999-12-31'
    )

    select count(*) as attempts from happened
    where happened.action = 'attempt' and (happened.happened_at, happened.event_id) > coalesce((
        select max((moved.happened_at, moved.event_id)) from happened as moved
        where coalesce(moved.action, '') not in ('attempt', 'escalate')
    ), (timestamp '0001-01-01', 0))
"""
_SUPERIOR: Final = """
    select boss.user_id
    from app_user as boss
    left join app_user as owner on owner.user_id = $owner_id
    where boss.role = $role and boss.is_active and boss.user_id is distinct from $owner_id
        and (boss.scope = 'all' or owner.team in (select user_team.team from user_team where user_team.user_id = boss.user_id))
    order by owner.team in (select user_team.team from user_team where user_team.user_id = boss.user_id) desc nulls last, boss.user_id
    limit 1
"""
