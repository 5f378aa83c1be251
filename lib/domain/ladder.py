"""The reminder ladder: which reminder a customer is due, and why; or what stops it.

One ladder per customer and currency, never one per invoice: the oldest debt that may be asked for drives it. A level is
due once per run of arrears (as long as the same debt is the oldest), and only the highest one reached: a missed week gives
one reminder, never a burst. `ladder_of` in `lib/sql/views/42_collect.sql` says the same for a whole company at once;
`tests/test_commands_collect.py` holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final, Literal

from lib.text import Text

Code = Literal["due", "hold", "promise", "plan", "dispute", "small", "gap", "done", "early", "none"]

TONE: Final[Mapping[str, Text]] = {
    "friendly": Text("友好提醒", "friendly note"),
    "reminder": Text("提醒", "reminder"),
    "firm": Text("催款", "firm reminder"),
    "lead": Text("主管催款", "lead's reminder"),
    "final": Text("最后通知", "final notice"),
    "review": Text("坏账评审", "bad-debt review"),
}
PREFIX: Final = "ladder"
"""How the `ref` of a reminder's activity begins."""


@dataclass(frozen=True, slots=True)
class Level:
    """One step: from how many days after the due date (below zero: before it), through which channel, in which tone."""

    level: int
    days: int
    channel: str
    tone: str


@dataclass(frozen=True, slots=True)
class Policy:
    """The ladder in force: its version, its levels in rising order of days, and its limits."""

    policy_id: int
    effective_on: date
    levels: tuple[Level, ...]
    gap_days: int
    smallest_amount: Decimal
    late_habit_earlier: int
    large_first_channel: str

    @property
    def offsets(self) -> tuple[int, ...]:
        """The days of each level."""
        return tuple(level.days for level in self.levels)


@dataclass(frozen=True, slots=True)
class Item:
    """A debt that may be asked for: an invoice without its disputed part, or an instalment.

    anchor: the invoice_id, or p and the promise_id.
    """

    anchor: str
    due_on: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Mark:
    """A level that was done: for which debt and when."""

    level: int
    anchor: str
    on_date: date


@dataclass(frozen=True, slots=True)
class Facts:
    """What the ladder looks at, of one customer in one currency."""

    items: tuple[Item, ...] = ()
    marks: tuple[Mark, ...] = ()
    disputed_amount: Decimal = Decimal(0)
    """Money in dispute without an invoice to take it from."""
    has_dispute: bool = False
    is_late_payer: bool = False
    is_large: bool = False
    promised_until: date | None = None
    plan_runs: bool = False
    held_until: date | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What the ladder says today. code 'due': do `level`; else what stops it, and until when where that is known."""

    code: Code
    until_on: date | None = None
    level: Level | None = None
    item: Item | None = None
    days: int = 0
    amount: Decimal = Decimal(0)


def parse(body: Mapping[str, Any], policy_id: int, effective_on: date) -> Policy:
    """A policy version as the ledger keeps it."""
    levels = [Level(one["level"], one["days"], one["channel"], one["tone"]) for one in body["levels"]]
    levels.sort(key=lambda level: level.days)
    if any(low.level >= high.level for low, high in pairwise(levels)):
        raise ValueError("levels rise with their days")
    return Policy(
        policy_id,
        effective_on,
        tuple(levels),
        int(body["gap_days"]),
        Decimal(str(body["smallest_amount"])),
        int(body["late_habit_earlier"]),
        str(body["large_first_channel"]),
    )


def step(facts: Facts, policy: Policy, as_of: date) -> Step:
    """What is due on a date, or what stops it; the first that holds in the order of this function."""
    if facts.held_until and facts.held_until >= as_of:
        return Step("hold", facts.held_until)
    if facts.promised_until and facts.promised_until >= as_of:
        return Step("promise", facts.promised_until)
    driver = min((item for item in facts.items if item.amount > 0), key=lambda item: (item.due_on, _order(item.anchor)), default=None)
    if driver is None:
        return Step("dispute" if facts.has_dispute else "plan" if facts.plan_runs else "none")
    days = (as_of - driver.due_on).days
    reached = _reached(policy, days)
    if not reached:
        return Step("plan" if facts.plan_runs else "early", driver.due_on + timedelta(days=policy.offsets[0]), item=driver, days=days)
    found = Step("due", None, _level(facts, policy, days, reached), driver, days, _asked(facts, policy, as_of, days))
    return _stopped(found, facts, policy, as_of) or found


def ref(customer_id: int, currency: str, level: int, anchor: str) -> str:
    """What makes a reminder of a level for the same arrears unique."""
    return f"{PREFIX}:{customer_id}:{currency}:{level}:{anchor}"


def _stopped(found: Step, facts: Facts, policy: Policy, as_of: date) -> Step | None:
    assert found.level is not None
    assert found.item is not None
    about = {"item": found.item, "days": found.days, "amount": found.amount}
    if found.amount <= 0:
        return Step("dispute", None, **about)  # type: ignore[arg-type]
    if found.amount < policy.smallest_amount:
        return Step("small", None, **about)  # type: ignore[arg-type]
    done = max((mark.level for mark in facts.marks if mark.anchor == found.item.anchor), default=None)
    if done is not None and done >= found.level.level:
        return Step("done", _next_on(policy, found.item, found.days), **about)  # type: ignore[arg-type]
    last_on = max((mark.on_date for mark in facts.marks), default=None)
    if last_on and (as_of - last_on).days < policy.gap_days:
        return Step("gap", last_on + timedelta(days=policy.gap_days), **about)  # type: ignore[arg-type]
    return None


def channel(found: Step, facts: Facts, policy: Policy) -> str:
    """Through which channel the level that is due goes out: a large customer is first called, once money is overdue."""
    assert found.level is not None
    assert found.item is not None
    is_first = all(mark.anchor != found.item.anchor for mark in facts.marks)
    return policy.large_first_channel if facts.is_large and is_first and found.days > 0 else found.level.channel


def reachable(wanted: str, ways: Iterable[str]) -> str | None:
    """The channel wanted, else the next one that reaches the customer; None when nothing does."""
    possible = set(ways)
    return next((one for one in (wanted, *FALLBACK.get(wanted, ())) if one in possible), None)


FALLBACK: Final[Mapping[str, tuple[str, ...]]] = {
    "email": ("phone", "letter"),
    "phone": ("email", "letter"),
    "letter": ("email", "phone"),
}
"""Where a reminder goes when its channel leads nowhere: no e-mail, then the phone; nobody who may be contacted, then a letter."""


def _reached(policy: Policy, days: int) -> int:
    return sum(offset <= days for offset in policy.offsets)


def _level(facts: Facts, policy: Policy, days: int, reached: int) -> Level:
    earlier = policy.late_habit_earlier if facts.is_late_payer and days > 0 else 0
    return policy.levels[min(reached + earlier, len(policy.levels)) - 1]


def _next_on(policy: Policy, item: Item, days: int) -> date | None:
    """When the next level is reached; None above the last."""
    return next((item.due_on + timedelta(days=offset) for offset in policy.offsets if offset > days), None)


def _asked(facts: Facts, policy: Policy, as_of: date, days: int) -> Decimal:
    """The overdue money, or before any is overdue what falls due as soon as the first level looks ahead; without what is disputed."""
    until_on = asked_until(policy, as_of, days)
    return sum((item.amount for item in facts.items if item.due_on <= until_on), Decimal(0)) - facts.disputed_amount


def asked_until(policy: Policy, as_of: date, days: int) -> date:
    """The last due date a reminder asks about: yesterday, or before anything is overdue as far as the first level looks ahead."""
    return as_of - timedelta(days=1) if days > 0 else as_of - timedelta(days=policy.offsets[0])


def _order(anchor: str) -> tuple[int, str]:
    return len(anchor), anchor
