"""A rule changed: a new version with the day it begins, why, and when it is looked at again. The version before stays in the ledger.

A rule that decides about money takes two people: what one publishes waits (policy 'proposed_rule') until another approves it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Final

from lib.commands import Command, sight, versions
from lib.domain.access import HOUSE, Permission
from lib.domain.policies import checked_body
from lib.domain.policy_kinds import KINDS
from lib.errors import Conflict, Refused
from lib.store.door import Change
from lib.text import Text

REASON: Final = Text("为什么改", "Why it changes")
_KIND = Text("规则", "Rule")
_PAST = Text(
    "规则不能从过去开始（{day}）：那时按当时的规则。请选今天或以后。",
    "A rule cannot begin in the past ({day}): what was in force then stays. Choose today or later.",
)
_REVIEW = Text("下次复核要在生效日 {day} 之后。", "The next review must be after the day it begins, {day}.")
_SAME = Text("和 {day} 起的规则一样，没有要改的。", "This is the rule in force since {day}; nothing changes.")
_MOVED = Text(
    "{by} 刚刚发布了第 {policy_id} 版。请看过再改。", "{by} has published version {policy_id} meanwhile. Look at it before changing it."
)
_WAITS = Text("{by} 提的新版本还在等批准。请先批准或撤下。", "A version by {by} waits already. Approve or drop it first.")
_UNKNOWN = Text("没有这个等批准的规则：已批准或已撤下。请刷新。", "No such rule waits: it was approved or dropped. Look again.")
_OWN = Text("自己提的、或自己恢复的规则，要由另一个人批准。", "You proposed this rule or brought it back; someone else approves it.")
_PROPOSED: Final = "proposed_rule"


@dataclass(frozen=True)
class PublishPolicy(Command):
    """A new version of a rule from a day on. `replaces`: the version the person looked at. Undo brings the one before back.

    A rule that decides about money waits until a second person approves it (`ConfirmPolicy`), unless the house itself publishes.
    Refuses: values the kind does not allow (`lib/domain/policies.py`), a day in the past, a review before the rule begins, no reason,
    a rule like the one in force, another version published meanwhile or waiting, who does not see the whole company.
    """

    permission: ClassVar[Permission] = Permission.POLICY_WRITE
    title: ClassVar[Text] = Text("发布规则", "Publish a rule")
    kind: str
    body: Mapping[str, Any]
    effective_on: date
    review_on: date
    reason: str
    today: date
    replaces: int | None = None

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        sight.choice(self.kind, {name: kind.title for name, kind in KINDS.items()}, _KIND, about="kind")
        checked_body(KINDS[self.kind], self.body)
        sight.text(self.reason, REASON, about="reason", required=True)
        if self.effective_on < self.today:
            raise Refused(_PAST, day=self.effective_on.isoformat(), about="effective_on")
        if self.review_on <= self.effective_on:
            raise Refused(_REVIEW, day=self.effective_on.isoformat(), about="review_on")

    def apply(self, change: Change) -> int:
        """The new policy_id, of the version or of what waits for approval."""
        sight.whole_company(change)
        body = checked_body(KINDS[self.kind], self.body)
        latest_id = _compare(change, (self.kind, body), self.effective_on, self.replaces)
        change.subject = f"policy {self.kind}"
        if not KINDS[self.kind].by_two or change.actor.user_id == HOUSE:
            days = {"effective_on": self.effective_on, "review_on": self.review_on}
            return versions.write(change, self.kind, body, **days, reason=self.reason.strip())
        waiting = [one for one in versions.waiting(change, _PROPOSED) if one.body["kind"] == self.kind]
        if waiting:
            raise Conflict(_WAITS, by=waiting[0].author or "—")
        said = {"effective_on": self.effective_on.isoformat(), "review_on": self.review_on.isoformat(), "replaces": latest_id}
        proposed = {"kind": self.kind, "body": body, **said}
        return versions.write(change, _PROPOSED, proposed, effective_on=self.today, reason=self.reason.strip())


@dataclass(frozen=True)
class ConfirmPolicy(Command):
    """A rule someone else proposed, approved by a second person: it holds from its day on, or from today when that is over.

    No undo brings the one before back: that too takes two. Whoever wants it uses the old version again.
    Refuses: one's own or one brought back, none that waits, a review that is due by then, another version published meanwhile, who does
    not see the whole company.
    """

    permission: ClassVar[Permission] = Permission.POLICY_WRITE
    title: ClassVar[Text] = Text("批准规则", "Approve a rule")
    is_final: ClassVar[bool] = True
    policy_id: int
    today: date

    def apply(self, change: Change) -> int:
        """The policy_id of the version."""
        found = versions.take_others(change, _PROPOSED, self.policy_id, (_UNKNOWN, _OWN))
        said = found.body
        change.subject = f"policy {said['kind']}"
        effective_on = max(date.fromisoformat(said["effective_on"]), self.today)
        review_on = date.fromisoformat(said["review_on"])
        if review_on <= effective_on:
            raise Refused(_REVIEW, day=effective_on.isoformat())
        body = checked_body(KINDS[said["kind"]], said["body"])
        _compare(change, (said["kind"], body), effective_on, said["replaces"])
        return versions.write(change, said["kind"], body, effective_on=effective_on, review_on=review_on, reason=found.reason)


@dataclass(frozen=True)
class DropPolicy(Command):
    """A rule that waits, taken down by its author or whoever does not approve it; the one in force stays.

    Refuses: none that waits, who does not see the whole company.
    """

    permission: ClassVar[Permission] = Permission.POLICY_WRITE
    title: ClassVar[Text] = Text("撤下规则", "Drop a rule")
    policy_id: int

    def apply(self, change: Change) -> None:
        """Retire it."""
        dropped = versions.take(change, _PROPOSED, self.policy_id, _UNKNOWN)
        change.subject = f"policy {dropped.body['kind']}"


def _compare(change: Change, rule: tuple[str, Mapping[str, Any]], effective_on: date, replaces: int | None) -> int | None:
    """The version published last. Refuses: what is in force already, and what was changed by somebody else meanwhile."""
    kind, body = rule
    latest = change.cursor.execute(_LATEST, {"kind": kind}).fetchone()
    if latest and replaces is not None and latest[0] != replaces:
        raise Conflict(_MOVED, policy_id=latest[0], by=latest[1])
    held = change.cursor.execute(_HELD, {"kind": kind, "day": effective_on}).fetchone()
    if held and json.loads(held[0]) == body:
        raise Refused(_SAME, day=held[1].isoformat())
    return latest[0] if latest else None


_LATEST: Final = """
    select policy.policy_id, coalesce(app_user.name, '—')
    from policy
    left join app_user on policy.recorded_by = app_user.user_id
    where policy.kind = $kind and policy.retired_at = timestamp '9999-12-31'
    order by policy.policy_id desc
    limit 1
"""
_HELD: Final = """
    select policy.body, policy.effective_on from policy_at($kind, $day::date, timestamp '9999-12-30') as policy
"""
