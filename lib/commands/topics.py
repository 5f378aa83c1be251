"""Topics: what somebody wants to talk about, ranked by votes, settled with an outcome and perhaps with what is to be done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, ClassVar, Final

from lib.commands import Command, reviewing, sight
from lib.commands.actions import RaiseAction
from lib.commands.decisions import Resolve
from lib.commands.documents import records
from lib.domain.access import Permission
from lib.errors import Conflict, Refused
from lib.store.door import Change
from lib.term_review import VALUE
from lib.text import Text

SAID: Final = Text("想谈什么", "What to talk about")
OUTCOME: Final = Text("结论", "Outcome")
_STATE: Final = Text("结果", "Result")
_NO_TOPIC = Text("找不到这个议题，或不在您的范围内。", "There is no such topic, or it is outside your scope.")
_OVER = Text("这个议题已经有结论：{outcome}", "This topic is settled: {outcome}")
_STILL_OPEN = Text("请选“有结论”或“不谈了”。", "Choose “settled” or “dropped”.")


@dataclass(frozen=True)
class RaiseTopic(Command):
    """Something for the next review to talk about; who brings it up votes for it.

    Refuses: no words, the same again within ten minutes.
    """

    permission: ClassVar[Permission] = Permission.ACTION_WRITE
    title: ClassVar[Text] = Text("提出议题", "Bring up a topic")
    said: str
    today: date
    customer_id: int | None = None
    metric: str | None = None
    week_on: date | None = None
    confirmed: bool = False

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        sight.text(self.said, SAID, about="said", required=True, limit=reviewing.LONGEST)
        reviewing.metric(self.metric)

    def apply(self, change: Change) -> int:
        """The new topic_id."""
        if self.customer_id is not None:
            sight.customer(change, self.customer_id)
        at = reviewing.place(change, self.today, self.week_on)
        reviewing.named(change, at)
        same = {"said": self.said.strip(), "circle": at.circle, "customer_id": self.customer_id, "user_id": change.actor.user_id}
        sight.refuse_twice(change, "topic", same, confirmed=self.confirmed)
        topic_id = change.next_id("topic", "topic_id")
        change.insert("topic", [{**same, "topic_id": topic_id, "week_on": at.week_on, "metric": self.metric, "state": "open"}])
        _vote(change, topic_id)
        return topic_id


@dataclass(frozen=True)
class VoteTopic(Command):
    """One's vote for a topic, or that vote taken back; a second vote is the same one.

    Refuses: a topic out of sight, one that is settled.
    """

    permission: ClassVar[Permission] = Permission.ACTION_WRITE
    title: ClassVar[Text] = Text("给议题投票", "Vote for a topic")
    topic_id: int
    is_for: bool = True

    def apply(self, change: Change) -> None:
        """Write or retire the vote."""
        found = reviewing.one(change, "topic", self.topic_id, _NO_TOPIC)
        _refuse_settled(found["state"], found["outcome"])
        reviewing.named(change, reviewing.Place(found["circle"], found["week_on"]))
        mine = {"topic_id": self.topic_id, "user_id": change.actor.user_id}
        has_voted = bool(records(change, _MINE, mine))
        if has_voted and not self.is_for:
            change.retire("topic_vote", "topic_id = $topic_id and user_id = $user_id", mine)
        if self.is_for and not has_voted:
            _vote(change, self.topic_id)


@dataclass(frozen=True)
class SettleTopic(Command):
    """A topic settled or dropped, with its outcome; what is to be done or was decided about it is written in the same change.

    Refuses: no outcome, a topic out of sight or settled before, and what the action or the decision refuses.
    """

    permission: ClassVar[Permission] = Permission.MEETING_RUN
    title: ClassVar[Text] = Text("了结议题", "Settle a topic")
    topic_id: int
    state: str
    outcome: str
    today: date
    action: RaiseAction | None = None
    decision: Resolve | None = None
    week_on: date | None = None

    def validate(self) -> None:
        """Refuses: fields wrong in themselves, of the action and the decision too."""
        sight.choice(self.state, VALUE["topic_state"], _STATE, about="state")
        if self.state == "open":
            raise Refused(_STILL_OPEN, about="state")
        sight.text(self.outcome, OUTCOME, about="outcome", required=True, limit=reviewing.LONGEST)
        for more in (self.action, self.decision):
            if more:
                more.validate()

    def apply(self, change: Change) -> dict[str, int | None]:
        """action_id and resolution_id of what came of it."""
        found = reviewing.one(change, "topic", self.topic_id, _NO_TOPIC)
        _refuse_settled(found["state"], found["outcome"])
        at = reviewing.place(change, self.today, self.week_on, found["circle"])
        reviewing.named(change, at)
        settled_week_on = max(at.week_on, found["week_on"])
        told = {"state": self.state, "outcome": self.outcome.strip(), "settled_week_on": settled_week_on}
        came_of = [self._of_it(more, found).apply(change) if more else None for more in (self.action, self.decision)]
        change.rewrite("topic", self.topic_id, **told)
        return dict(zip(("action_id", "resolution_id"), came_of, strict=True))

    def _of_it(self, more: RaiseAction | Resolve, found: Mapping[str, Any]) -> RaiseAction | Resolve:
        """What comes of the topic is about what the topic is about, unless it says otherwise."""
        customer_id, metric = more.customer_id or found["customer_id"], more.metric or found["metric"]
        return replace(more, topic_id=self.topic_id, week_on=self.week_on, customer_id=customer_id, metric=metric)


def _refuse_settled(state: str, outcome: str | None) -> None:
    if state != "open":
        raise Conflict(_OVER, outcome=outcome or VALUE["topic_state"][state])


def _vote(change: Change, topic_id: int) -> None:
    change.insert(
        "topic_vote", [{"vote_id": change.next_id("topic_vote", "vote_id"), "topic_id": topic_id, "user_id": change.actor.user_id}]
    )


_MINE: Final = """
    select topic_vote.vote_id from topic_vote
    where topic_vote.topic_id = $topic_id and topic_vote.user_id = $user_id and topic_vote.retired_at = timestamp '9999-12-31'
"""
