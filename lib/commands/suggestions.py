"""Suggestions: sorted by theme, put together into one improvement, decided with a reason, and told to every customer who asked."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import ClassVar, Final

from lib.commands import Command, cases, readings, sight
from lib.commands.answers import CHANNEL
from lib.commands.cases import Case, Step
from lib.commands.documents import records
from lib.domain import kinds, stages
from lib.domain.access import Permission
from lib.errors import Refused
from lib.store.door import Change
from lib.text import Text

KIND: Final = "suggestion"
TOGETHER: Final = frozenset({"adopt", "decline", "improve", "release"})
"""Steps that all suggestions of one improvement take at once; each customer is told for themselves."""
REASON_NEEDED: Final = frozenset({"decline", "reconsider"})
REASON: Final = Text("理由", "Reason")
NOTE: Final = Text("说明", "Note")
TOLD_TO: Final = Text("告知谁", "Who was told")
_NO_CASE = Text("找不到这条建议，或不在您的范围内。", "There is no such suggestion, or it is outside your scope.")
_NONE = Text("请先选至少一条建议。", "Choose at least one suggestion first.")
_NO_THEME = Text("归类要选至少一个主题。", "Sorting takes at least one theme.")
_NO_CHANNEL = Text("请写明用什么渠道告知的。", "Say by which channel the customer was told.")
_TOLD_EARLY = Text("告知日期 {day} 早于有结果的 {last}。请改告知日期。", "Told on {day}, before it was decided on {last}. Change the date.")
_ITSELF = Text("一条建议不能并入它自己。", "A suggestion cannot be put into itself.")
_NOT_SORTED = Text(
    "要并入的建议还没有归类，或已经有结果。请先归类。", "The suggestion to join is not sorted yet, or is over. Sort it first."
)
_UNDER_WAY = Text(
    "“{subject}”现在是“{state}”，只有新的或已归类的建议可以并入。",
    "“{subject}” is “{state}” now; only new or sorted ones can be put together.",
)
_JOINABLE: Final = frozenset({"new", "classified"})
_JOINED_BY: Final = frozenset({"classified", "adopted", "improving", "live"})


@dataclass(frozen=True)
class AdvanceSuggestions(Command):
    """One step of one or several suggestions; those of the same improvement go along.

    Refuses: a step that does not follow from the state of each, sorting without a theme, declining or reconsidering without a reason,
    telling without who, when and how.
    """

    permission: ClassVar[Permission] = Permission.SERVICE_WRITE
    title: ClassVar[Text] = Text("推进建议", "Advance suggestions")
    case_ids: tuple[int, ...]
    action: str
    today: date
    note: str | None = None
    themes: tuple[str, ...] = ()
    told_to: str | None = field(default=None, metadata={"audit": False})
    told_on: date | None = None
    channel: str | None = None

    def validate(self) -> None:
        """Refuses: fields wrong in themselves, and those the step needs and has not."""
        if not self.case_ids:
            raise Refused(_NONE)
        sight.choice(self.action, stages.ACTION_LABEL, Text("步骤", "Step"), about="action")
        reason = self.action in REASON_NEEDED
        sight.text(self.note, REASON if reason else NOTE, about="note", required=reason)
        sight.text(self.told_to, TOLD_TO, about="told_to", required=self.action == "tell")
        sight.choice(self.channel, kinds.CHANNEL, CHANNEL, about="channel")
        for theme in self.themes:
            sight.choice(theme, kinds.THEME, readings.THEMES, about="themes")
        if self.action == "classify" and not self.themes:
            raise Refused(_NO_THEME, about="themes")
        if self.action == "tell" and self.channel is None:
            raise Refused(_NO_CHANNEL, about="channel")
        if self.told_on:
            sight.not_in_future(self.told_on, self.today, about="told_on")

    def apply(self, change: Change) -> int:
        """How many suggestions took the step."""
        chosen = {case_id: cases.find(change, case_id, KIND, unless=_NO_CASE) for case_id in dict.fromkeys(self.case_ids)}
        if self.action in TOGETHER:
            chosen |= {case.case_id: case for lead in list(chosen.values()) for case in _along(change, lead)}
        for case in chosen.values():
            self._take(change, case)
        _name(change, chosen)
        return len(chosen)

    def _take(self, change: Change, case: Case) -> None:
        following = stages.advance(case.state, self.action, stages.SUGGESTION)
        told = self.action == "tell"
        day = self.told_on or self.today if told else self.today
        last = (case.last_at + timedelta(hours=8)).date() if case.last_at else day
        if told and day < last:
            raise Refused(_TOLD_EARLY, day=day.isoformat(), last=last.isoformat(), about="told_on")
        detail = {"told_to": self.told_to, "channel": self.channel} if told else {}
        cases.step(change, case, Step(self.action, following, day, self.note, detail))
        if self.action == "classify":
            readings.sort(change, "case", case.case_id, self.themes)


@dataclass(frozen=True)
class JoinSuggestions(Command):
    """Several suggestions become part of another one's improvement: they stand where it stands and go on with it.

    What is part of one of them already comes along.

    Refuses: one that is under way already, an improvement that is not sorted or is over.
    """

    permission: ClassVar[Permission] = Permission.SERVICE_WRITE
    title: ClassVar[Text] = Text("合并成一项改进", "Put together into one improvement")
    case_ids: tuple[int, ...]
    into_case_id: int
    today: date

    def validate(self) -> None:
        """Refuses: none chosen, one put into itself."""
        if not self.case_ids:
            raise Refused(_NONE)
        if self.into_case_id in self.case_ids:
            raise Refused(_ITSELF, about="into_case_id")

    def apply(self, change: Change) -> int:
        """How many were joined, with those that came along."""
        into = cases.find(change, self.into_case_id, KIND, unless=_NO_CASE)
        if into.state not in _JOINED_BY:
            raise Refused(_NOT_SORTED, about="into_case_id")
        chosen = {case_id: self._joinable(change, case_id) for case_id in dict.fromkeys(self.case_ids)}
        chosen |= {part.case_id: part for case in list(chosen.values()) for part in _along(change, case) if part.case_id != into.case_id}
        for case in chosen.values():
            cases.step(change, case, Step("join", into.state, self.today, into_case_id=into.case_id))
        _name(change, chosen)
        return len(chosen)

    def _joinable(self, change: Change, case_id: int) -> Case:
        case = cases.find(change, case_id, KIND, unless=_NO_CASE)
        if case.state not in _JOINABLE:
            raise Refused(_UNDER_WAY, subject=case.fields["subject"], state=stages.STATE_LABEL[case.state])
        return case


def _name(change: Change, chosen: Collection[int]) -> None:
    """A change of several suggestions is about no single customer."""
    if len(chosen) > 1:
        change.subject, change.customer_id = f"{len(chosen)} suggestions", None


def _along(change: Change, lead: Case) -> list[Case]:
    """Suggestions joined to one that stand where it stands, of customers in sight."""
    found = records(change, _JOINED, {"case_id": lead.case_id, "actor_id": change.actor.user_id})
    joined = [cases.find(change, row["case_id"], KIND) for row in found]
    return [case for case in joined if case.state == lead.state]


_JOINED: Final = """
    select case_event.case_id
    from case_event
    where case_event.action = 'join' and case_event.retired_at = timestamp '9999-12-31'
        and case_event.customer_id in (select customer_id from visible_customer($actor_id))
    group by case_event.case_id
    having arg_max(case_event.into_case_id, (case_event.happened_at, case_event.event_id)) = $case_id
    order by case_event.case_id
"""
