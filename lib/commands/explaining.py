"""Signals spoken to: who is to explain one before the meeting, what was said and why it is so, and what the meeting made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Final

from lib.commands import Command, reviewing, sight
from lib.commands.documents import records
from lib.domain.access import Permission
from lib.errors import Conflict, NotFound, Refused
from lib.review.pack import circle
from lib.store.door import Change
from lib.term_review import VALUE
from lib.text import Text

SAID: Final = Text("说明", "Explanation")
CAUSE: Final = Text("主要原因", "Main cause")
VERDICT: Final = Text("会上结论", "Verdict")
MOST_WORDS: Final = 140
"""Characters of an explanation: what can be read aloud in ten seconds."""
_CLOSED = Text(
    "{week} 的周会已经结束，内容已冻结。新的说明请写到下一次周会。",
    "The review of {week} is closed and frozen. Write it down in the next one.",
)
_NO_CAUSE = Text("请选一个主要原因；不清楚就选“还不清楚”。", "Choose the main cause; if nobody knows, choose “not known yet”.")
_NO_SIGNAL = Text(
    "没有请您说明这个指标，或它不在您参加的周会里。", "You were not asked to explain this metric, or it is of a review you take no part in."
)


@dataclass(frozen=True)
class AssignSignal(Command):
    """Who is to explain a metric's signal before the review of a week.

    Refuses: an unknown metric, somebody who cannot take it, a review that is closed.
    """

    permission: ClassVar[Permission] = Permission.MEETING_RUN
    title: ClassVar[Text] = Text("请人说明信号", "Ask for an explanation")
    metric: str
    owner_id: int
    week_on: date
    today: date

    def validate(self) -> None:
        """Refuses: an unknown metric."""
        reviewing.metric(self.metric)

    def apply(self, change: Change) -> int:
        """The explanation_id."""
        reviewing.owner(change, self.owner_id, None)
        return _write(change, self, circle(change.actor), owner_id=self.owner_id)


@dataclass(frozen=True)
class ExplainSignal(Command):
    """Why a metric moved, in a few words and one tag: said by who was asked, or by anyone in the circle.

    of: whose review; None: one's own.
    Refuses: no words or too many, no cause, a review that is closed, another's signal of a review one takes no part in.
    """

    permission: ClassVar[Permission] = Permission.ACTION_WRITE
    title: ClassVar[Text] = Text("说明信号", "Explain a signal")
    metric: str
    said: str
    cause: str
    week_on: date
    today: date
    of: str | None = None

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        reviewing.metric(self.metric)
        sight.text(self.said, SAID, about="said", required=True, limit=MOST_WORDS)
        sight.choice(self.cause, VALUE["signal_cause"], CAUSE, about="cause")
        if not self.cause:
            raise Refused(_NO_CAUSE, about="cause")

    def apply(self, change: Change) -> int:
        """The explanation_id."""
        whose = self.of or circle(change.actor)
        told = {"said": self.said.strip(), "cause": self.cause}
        found = _found(change, self.metric, self.week_on, whose)
        if whose != circle(change.actor) and not (found and _may_answer(change, found)):
            raise NotFound(_NO_SIGNAL)
        asked = found["owner_id"] if found and found["owner_id"] is not None else change.actor.user_id
        return _write(change, self, whose, owner_id=asked, **told)


@dataclass(frozen=True)
class JudgeSignal(Command):
    """What the review makes of a signal: explained, to be looked into, to be acted on, or nothing to do.

    Refuses: an unknown metric or verdict, a review that is closed.
    """

    permission: ClassVar[Permission] = Permission.MEETING_RUN
    title: ClassVar[Text] = Text("给信号下结论", "Judge a signal")
    metric: str
    verdict: str
    week_on: date
    today: date

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        reviewing.metric(self.metric)
        sight.choice(self.verdict, VALUE["signal_verdict"], VERDICT, about="verdict")

    def apply(self, change: Change) -> int:
        """The explanation_id."""
        return _write(change, self, circle(change.actor), verdict=self.verdict)


def _write(change: Change, command: AssignSignal | ExplainSignal | JudgeSignal, whose: str, **told: object) -> int:
    """One row for each metric, week and circle: what is new, beside what was said before."""
    at = reviewing.place(change, command.today, command.week_on, whose)
    if at.week_on != command.week_on:
        raise Conflict(_CLOSED, week=command.week_on.isoformat())
    reviewing.named(change, at)
    found = _found(change, command.metric, at.week_on, whose)
    if found:
        change.rewrite("explanation", found["explanation_id"], **told)
        return int(found["explanation_id"])
    explanation_id = change.next_id("explanation", "explanation_id")
    about = {"explanation_id": explanation_id, "week_on": at.week_on, "circle": whose, "metric": command.metric}
    change.insert("explanation", [{**about, **told}])
    return explanation_id


def _found(change: Change, metric: str, week_on: date, whose: str) -> Mapping[str, Any] | None:
    found = records(change, _OF_SIGNAL, {"metric": metric, "week_on": week_on, "circle": whose})
    return found[0] if found else None


def _may_answer(change: Change, found: Mapping[str, Any]) -> bool:
    asked = {"circle": found["circle"], "owner_id": found["owner_id"], "actor_id": change.actor.user_id, "sees_all": change.actor.sees_all}
    sql = "select reads_review($circle::text, $owner_id::integer, null::integer, $actor_id::integer, $sees_all::boolean) as may"
    return bool(records(change, sql, asked)[0]["may"])


_OF_SIGNAL: Final = """
    select explanation.explanation_id, explanation.circle, explanation.owner_id
    from explanation
    where explanation.metric = $metric and explanation.week_on = $week_on and explanation.circle = $circle
        and explanation.retired_at = timestamp '9999-12-31'
"""
