"""What everything a review writes shares: whose it is, of which week, who answers for it, what it is about, and who may read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from lib.commands import sight
from lib.commands.documents import records
from lib.domain.access import GRANTS, Permission, Role
from lib.errors import NotFound, Refused
from lib.metrics import METRICS, monday
from lib.review.pack import circle, last_week
from lib.store.door import Change
from lib.text import Text

WEEK: Final = timedelta(days=7)
LONGEST: Final = 300
"""Characters of what is promised, decided or brought up: one sentence to be read aloud."""
OWNER: Final = Text("负责人", "Owner")
METRIC: Final = Text("指标", "Metric")
_FAR: Final = date(9999, 12, 30)
_NO_OWNER = Text(
    "负责人要选在用的、可以接行动的人：组长、经理或财务。", "Choose an active person who can take actions: a lead, a manager or finance."
)
_OWNER_BLIND = Text(
    "{name} 看不到这个客户，接不了这项行动。请换一位看得到的人。",
    "{name} does not see this customer and cannot take it on. Choose somebody who does.",
)
_NOT_A_WEEK = Text(
    "{day} 不能作周会的那一周：要选星期一，最晚 {last}。", "{day} cannot be a review's week: choose a Monday, {last} at the latest."
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is written down: in whose review, of which week."""

    circle: str
    week_on: date


def place(change: Change, today: date, week_on: date | None = None, of: str | None = None) -> Place:
    """The review at hand: that of the week asked for, else of the last one that is over; the next one where that review is closed.

    Refuses: a day that is no Monday, or a week to come.
    """
    whose, week = of or circle(change.actor), week_on or last_week(today)
    if week != monday(week) or week > monday(today):
        raise Refused(_NOT_A_WEEK, day=week.isoformat(), last=monday(today).isoformat(), about="week_on")
    return Place(whose, min(week + WEEK, monday(today)) if is_closed(change, whose, week) else week)


def is_closed(change: Change, whose: str, week_on: date) -> bool:
    """Whether what that review saw is frozen."""
    return bool(records(change, _CLOSED, {"circle": whose, "week_on": week_on}))


def named(change: Change, at: Place) -> None:
    """What the audit calls a change that is about no customer."""
    if change.customer_id is None:
        change.subject = f"review {at.week_on.isoformat()}"


def owner(change: Change, user_id: int, customer_id: int | None) -> None:
    """Refuses: somebody who is not there, whose role takes no actions, or who does not see the customer."""
    person = sight.colleague(change, user_id, customer_id)
    if person is None or Permission.ACTION_WRITE not in GRANTS[Role(person.role)]:
        raise Refused(_NO_OWNER, about="owner_id")
    if not person.sees:
        raise Refused(_OWNER_BLIND, name=person.name, about="owner_id")


def metric(name: str | None) -> None:
    """Refuses: a metric there is not. None passes."""
    sight.choice(name, {one: found.label for one, found in METRICS.items()}, METRIC, about="metric")


def one(change: Change, kind: str, thing_id: int, unless: Text) -> dict[str, Any]:
    """A topic, resolution or explanation that the person may read, as it is now. Refuses (`NotFound`): any other."""
    reader = {"topic": "user_id", "resolution": "null::integer"}.get(kind, "owner_id")
    about = "null::integer" if kind == "explanation" else "thing.customer_id"
    sql = f"""
        select thing.*
        from {kind}_at($far::date, timestamp '9999-12-30') as thing
        where thing.{kind}_id = $thing_id
            and reads_review(thing.circle, {reader}, {about}, $actor_id, $sees_all)
    """  # noqa: S608 (names from our own code)
    asked = {"far": _FAR, "thing_id": thing_id, "actor_id": change.actor.user_id, "sees_all": change.actor.sees_all}
    found = records(change, sql, asked)
    if not found:
        raise NotFound(unless)
    if found[0].get("customer_id") is not None:
        sight.customer(change, found[0]["customer_id"], unless=unless)
    return found[0]


_CLOSED: Final = """
    select meeting.meeting_id from meeting
    where meeting.circle = $circle and meeting.week_on = $week_on and meeting.state = 'closed'
        and meeting.retired_at = timestamp '9999-12-31'
"""
