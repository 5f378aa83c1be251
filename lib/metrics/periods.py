"""Metrics over stretches of days of any length: months, quarters, the year so far. Each day's rows are counted once, for all of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

from lib.domain.access import Actor, Permission
from lib.domain.periods import Period, cuts
from lib.metrics.catalog import METRICS
from lib.metrics.sums import EVERYTHING, Amount, Cut, amount, asked, read_sums
from lib.store.ledger import Ledger

MOST_STRETCHES: Final = 61
"""A bit each, and one to spare, in a whole number of 64."""


def measure_periods(  # noqa: PLR0913 (as `measure`)
    ledger: Ledger,
    actor: Actor,
    names: Sequence[str],
    periods: Sequence[Period],
    *,
    known_at: datetime | None = None,
    scope: Cut = EVERYTHING,
) -> dict[tuple[str, Period], Amount]:
    """Each metric over each period; periods may overlap. All are told by what is so on the last day of them all.

    What flows is summed, what stands is of the period's last day, a ratio is of two such numbers.
    Refuses: who may not read metrics.
    """
    actor.need(Permission.METRIC_READ)
    edges = cuts(periods)
    if len(edges) > MOST_STRETCHES + 1:
        raise ValueError(f"periods end on more than {MOST_STRETCHES} days")
    values = asked(scope, edges[-1] - timedelta(days=1), known_at, edges[0], len(edges) - 1)
    sums = read_sums(ledger, actor, [METRICS[name] for name in names], None, values | {"places": _places(edges)})
    return {
        (name, period): amount(METRICS[name], sums, None, _stretches(edges, period), period.last_on) for name in names for period in periods
    }


def _places(edges: Sequence[date]) -> tuple[int, ...]:
    """For each day from the first edge on, in which stretch it is."""
    days = range((edges[-1] - edges[0]).days)
    return tuple(bisect_right(edges, edges[0] + timedelta(days=day)) - 1 for day in days)


def _stretches(edges: Sequence[date], period: Period) -> range:
    return range(edges.index(period.first_on), edges.index(period.last_on + timedelta(days=1)))
