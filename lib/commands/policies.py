"""A rule changed: a new version with the day it begins, why, and when it is looked at again. The version before stays in the ledger."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Final

from lib.commands import Command, sight
from lib.domain.access import Permission
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


@dataclass(frozen=True)
class PublishPolicy(Command):
    """A new version of a rule from a day on. `replaces`: the version the person looked at. Undo brings the one before back.

    Refuses: values the kind does not allow (`lib/domain/policies.py`), a day in the past, a review before the rule begins, no reason,
    a rule like the one in force, another version published meanwhile, who does not see the whole company.
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
        """The new policy_id."""
        sight.whole_company(change)
        body = checked_body(KINDS[self.kind], self.body)
        self._compare(change, body)
        policy_id = change.next_id("policy", "policy_id")
        dated = {"effective_on": self.effective_on, "review_on": self.review_on, "reason": self.reason.strip()}
        change.insert("policy", [{"policy_id": policy_id, "kind": self.kind, "body": json.dumps(body, ensure_ascii=False), **dated}])
        change.subject = f"policy {self.kind}"
        return policy_id

    def _compare(self, change: Change, body: Mapping[str, Any]) -> None:
        """Refuses: what is in force already, and what was changed by somebody else meanwhile."""
        latest = change.cursor.execute(_LATEST, {"kind": self.kind}).fetchone()
        if latest and self.replaces is not None and latest[0] != self.replaces:
            raise Conflict(_MOVED, policy_id=latest[0], by=latest[1])
        held = change.cursor.execute(_HELD, {"kind": self.kind, "day": self.effective_on}).fetchone()
        if held and json.loads(held[0]) == body:
            raise Refused(_SAME, day=held[1].isoformat())


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
