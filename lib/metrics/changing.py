"""What made a number of a past week another one than it was: the things that add something else by now, which sum to the difference."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from lib.domain.access import Actor, Permission
from lib.metrics import Cut, behind_values
from lib.metrics import compile as compiler
from lib.metrics.catalog import METRICS
from lib.metrics.metric import Metric, Part
from lib.store.ledger import Ledger
from lib.store.query import ask


@dataclass(frozen=True, slots=True)
class Changed:
    """The things that changed most, and of all of them how many there are and what they come to together.

    Each row: customer_id, name, account_no, thing_id, then_amount, now_amount.
    """

    rows: tuple[dict[str, Any], ...]
    count: int
    total: Decimal


def changed_behind(  # noqa: PLR0913 (a measurement has that many sides)
    ledger: Ledger,
    actor: Actor,
    name: str,
    as_of: date,
    *,
    scope: Cut,
    then_at: datetime,
    known_at: datetime | None = None,
    below: bool = False,
    limit: int = 1000,
) -> Changed:
    """The things behind a metric in its week that add something else by what is known than by what was known `then_at`.

    They add up to the difference of its numerator, with `below` of its denominator: of a number counted back, of all that was billed.
    Refuses: an actor who may not read metrics.
    """
    actor.need(Permission.METRIC_READ)
    part = lower(METRICS[name]) if below else METRICS[name].numerator
    if part is None:
        return Changed((), 0, Decimal(0))
    values = {**behind_values(name, scope, as_of, known_at), "then_at": then_at, "limit": limit}
    found = ask(ledger, actor, compiler.changed(part), values).to_pylist()
    if not found:
        return Changed((), 0, Decimal(0))
    kept = tuple({key: value for key, value in row.items() if not key.startswith("total_")} for row in found)
    return Changed(kept, found[0]["total_count"], Decimal(found[0]["total_amount"]))


def lower(metric: Metric) -> Part | None:
    """What a metric is measured against: its denominator, or what it is counted back over."""
    return replace(METRICS["billed_amount"].numerator, running=True) if metric.is_countback else metric.denominator
