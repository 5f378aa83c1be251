"""Versions of what holds for the whole company, rows of `policy`: written, and those that wait for a second person taken down."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from lib.commands import sight
from lib.errors import Forbidden, NotFound
from lib.store.door import Change
from lib.text import Text


@dataclass(frozen=True, slots=True)
class Waiting:
    """What one person wants and a second has to confirm."""

    policy_id: int
    body: Mapping[str, Any]
    reason: str
    author_id: int
    author: str | None
    brought_by: int
    """Who put it there last: its author, or who took back that it was dropped."""


def write(change: Change, kind: str, body: Mapping[str, Any], **said: date | str) -> int:
    """The policy_id of a new version. said: effective_on, reason, and review_on where it is to be looked at again."""
    policy_id = change.next_id("policy", "policy_id")
    row = {"policy_id": policy_id, "kind": kind, "body": json.dumps(body, ensure_ascii=False)}
    change.insert("policy", [{**row, **said}])
    return policy_id


def waiting(change: Change, kind: str) -> list[Waiting]:
    """All of a kind that waits, the oldest first."""
    found = change.cursor.execute(_WAITING, {"kind": kind}).fetchall()
    return [Waiting(policy_id, json.loads(body), *who) for policy_id, body, *who in found]


def take(change: Change, kind: str, policy_id: int, unknown: Text) -> Waiting:
    """One that waits, which waits no longer. Refuses: none that does, who does not see the whole company."""
    sight.whole_company(change)
    found = next((one for one in waiting(change, kind) if one.policy_id == policy_id), None)
    if found is None:
        raise NotFound(unknown)
    change.retire("policy", "policy_id = $policy_id and kind = $kind", {"policy_id": policy_id, "kind": kind})
    return found


def take_others(change: Change, kind: str, policy_id: int, refusals: tuple[Text, Text]) -> Waiting:
    """The same for a second person. refusals: the words for none that waits, and for one's own or what one brought back."""
    unknown, own = refusals
    found = take(change, kind, policy_id, unknown)
    if change.actor.user_id in {found.author_id, found.brought_by}:
        raise Forbidden(own)
    return found


_WAITING: Final = """
    select policy.policy_id, policy.body, policy.reason, audit.user_id as author_id, app_user.name as author,
        policy.recorded_by as brought_by
    from policy
    inner join audit on policy.origin_change = audit.change_id
    left join app_user on audit.user_id = app_user.user_id
    where policy.kind = $kind and policy.retired_at = timestamp '9999-12-31'
    order by policy.policy_id
"""
