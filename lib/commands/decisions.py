"""What a review decided, why, and when it is to be looked at again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final

from lib.commands import Command, reviewing, sight
from lib.domain.access import Permission
from lib.errors import Refused
from lib.store.door import Change
from lib.text import Text

SAID: Final = Text("决定了什么", "What was decided")
REASON: Final = Text("理由", "Reason")
REVISIT: Final = Text("何时再看", "Look again on")
_NO_DECISION = Text("找不到这项决定，或不在您的范围内。", "There is no such decision, or it is outside your scope.")
_PAST = Text("再看的日子 {day} 已经过了。请选今天以后。", "{day} has passed. Choose a later day to look again.")


@dataclass(frozen=True)
class Resolve(Command):
    """A decision with its reason; on the day to look again it comes back on the agenda.

    Refuses: no words, no reason, a day to look again that has passed, the same again within ten minutes.
    """

    permission: ClassVar[Permission] = Permission.MEETING_RUN
    title: ClassVar[Text] = Text("记下决定", "Write down a decision")
    said: str
    reason: str
    today: date
    revisit_on: date | None = None
    customer_id: int | None = None
    metric: str | None = None
    topic_id: int | None = None
    week_on: date | None = None
    confirmed: bool = False

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        sight.text(self.said, SAID, about="said", required=True, limit=reviewing.LONGEST)
        _sound(self.reason, self.revisit_on, self.today)
        reviewing.metric(self.metric)

    def apply(self, change: Change) -> int:
        """The new resolution_id."""
        if self.customer_id is not None:
            sight.customer(change, self.customer_id)
        if self.topic_id is not None:
            reviewing.one(change, "topic", self.topic_id, _NO_DECISION)
        at = reviewing.place(change, self.today, self.week_on)
        reviewing.named(change, at)
        same = {"said": self.said.strip(), "circle": at.circle}
        sight.refuse_twice(change, "resolution", same, confirmed=self.confirmed)
        resolution_id = change.next_id("resolution", "resolution_id")
        about = {name: getattr(self, name) for name in ("revisit_on", "customer_id", "metric", "topic_id")}
        row = {**same, **about, "resolution_id": resolution_id, "week_on": at.week_on, "reason": self.reason.strip()}
        change.insert("resolution", [row])
        return resolution_id


@dataclass(frozen=True)
class Revisit(Command):
    """A decision looked at again: it stands as it is or in other words, for a reason, until the next day to look.

    Refuses: no reason, a day that has passed, a decision out of sight.
    """

    permission: ClassVar[Permission] = Permission.MEETING_RUN
    title: ClassVar[Text] = Text("再看决定", "Look at a decision again")
    resolution_id: int
    reason: str
    today: date
    said: str | None = None
    revisit_on: date | None = None

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        sight.text(self.said, SAID, about="said", limit=reviewing.LONGEST)
        _sound(self.reason, self.revisit_on, self.today)

    def apply(self, change: Change) -> int:
        """The resolution_id."""
        found = reviewing.one(change, "resolution", self.resolution_id, _NO_DECISION)
        reviewing.named(change, reviewing.place(change, self.today))
        told = {"reason": self.reason.strip(), "revisit_on": self.revisit_on, "said": (self.said or "").strip() or found["said"]}
        change.rewrite("resolution", self.resolution_id, **told)
        return self.resolution_id


def _sound(reason: str, revisit_on: date | None, today: date) -> None:
    sight.text(reason, REASON, about="reason", required=True, limit=reviewing.LONGEST)
    if revisit_on and revisit_on <= today:
        raise Refused(_PAST, day=revisit_on.isoformat(), about="revisit_on")
