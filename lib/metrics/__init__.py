"""What is measured: each number declared once in `catalog`, compiled to one statement per base, read week by week."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import pyarrow as pa

from lib.domain.access import Actor, Permission
from lib.domain.dates import QUARTER_WEEKS
from lib.metrics import compile as compiler
from lib.metrics.catalog import BOARD, METRICS, SHARES
from lib.metrics.listening import VOICE
from lib.metrics.metric import Measurement, Metric, Part
from lib.metrics.paying import BEHAVIOUR
from lib.metrics.sums import EVERYTHING, Cut, Sums, amount, asked, read_sums, total
from lib.store.ledger import Ledger
from lib.store.query import ask

__all__ = ["BEHAVIOUR", "BOARD", "METRICS", "SHARES", "VOICE", "Cut", "Measurement", "Metric", "customers_behind", "measure", "rows_behind"]

MOST_WEEKS: Final = 53
_WEEK: Final = timedelta(days=7)


def measure(  # noqa: PLR0913 (a measurement has that many sides)
    ledger: Ledger,
    actor: Actor,
    names: Sequence[str],
    as_of: date,
    *,
    known_at: datetime | None = None,
    weeks: int = QUARTER_WEEKS,
    by: str | None = None,
    scope: Cut = EVERYTHING,
) -> list[Measurement]:
    """Each metric in each of the last weeks, the oldest first; the current week is measured up to `as_of`.

    Refuses: an actor who may not read metrics.
    """
    actor.need(Permission.METRIC_READ)
    chosen = [METRICS[name] for name in names]
    window = max(metric.window for metric in chosen)
    count = weeks + window - 1
    if not 0 < count <= MOST_WEEKS:
        raise ValueError(f"weeks must be between 1 and {MOST_WEEKS - window + 1}")
    first_on = monday(as_of) - (count - 1) * _WEEK
    sums = read_sums(ledger, actor, chosen, by, asked(scope, as_of, known_at, first_on, count))
    return [
        _measured(metric, sums, label, week_no, min(first_on + (week_no + 1) * _WEEK - timedelta(days=1), as_of))
        for metric in chosen
        for label in sorted(sums.labels, key=lambda label: label or "")
        for week_no in range(count - weeks, count)
    ]


def rows_behind(  # noqa: PLR0913 (as above)
    ledger: Ledger,
    actor: Actor,
    name: str,
    as_of: date,
    *,
    known_at: datetime | None = None,
    scope: Cut = EVERYTHING,
    below: bool = False,
) -> list[dict[str, Any]]:
    """The things behind a metric in its current week: customer_id, thing_id, amount.

    They add up to its numerator, with `below` to its denominator.
    """
    part = _part(name, below=below)
    if part is None:
        return []
    values = behind_values(name, scope, as_of, known_at)
    found: list[dict[str, Any]] = _behind(ledger, actor, compiler.behind(part), values).to_pylist()
    return found


def customers_behind(  # noqa: PLR0913 (as above)
    ledger: Ledger,
    actor: Actor,
    name: str,
    as_of: date,
    *,
    known_at: datetime | None = None,
    scope: Cut = EVERYTHING,
    below: bool = False,
    limit: int = 1000,
    offset: int = 0,
) -> pa.Table | None:
    """One page of the same by customer, the most first: account_no, name, owner_name, things, amount, total_count, total_amount."""
    part = _part(name, below=below)
    if part is None:
        return None
    values = {**behind_values(name, scope, as_of, known_at), "limit": limit, "offset": offset}
    return _behind(ledger, actor, compiler.behind_by_customer(part), values)


def _part(name: str, *, below: bool) -> Part | None:
    return METRICS[name].denominator if below else METRICS[name].numerator


def _behind(ledger: Ledger, actor: Actor, sql: str, values: dict[str, Hashable]) -> pa.Table:
    actor.need(Permission.METRIC_READ)
    return ask(ledger, actor, sql, values)


def behind_values(name: str, scope: Cut, as_of: date, known_at: datetime | None) -> dict[str, Hashable]:
    """The parameters of the statement that gives the things behind a metric in its current week."""
    first_on = monday(as_of)
    return {**asked(scope, as_of, known_at, first_on, 1), "since_on": first_on - (METRICS[name].window - 1) * _WEEK}


def monday(day: date) -> date:
    """The first day of a day's ISO week."""
    return day - timedelta(days=day.weekday())


def _measured(metric: Metric, sums: Sums, label: str | None, week_no: int, until_on: date) -> Measurement:
    found = amount(metric, sums, label, range(week_no - metric.window + 1, week_no + 1), until_on)
    looks_back = metric.window > 1 and not metric.numerator.spans_window
    own, own_n = _of_week_alone(metric, sums, label, week_no) if looks_back else (found.value, found.n)
    sides = (found.value, found.numerator, found.denominator, found.n)
    return Measurement(metric.name, monday(until_on), *sides, label, found.note, own, own_n)


def _of_week_alone(metric: Metric, sums: Sums, label: str | None, week_no: int) -> tuple[Decimal | None, int]:
    """A ratio of the week's own rows: weeks that share most of their rows say nothing about change."""
    assert metric.denominator is not None  # a window without a denominator is not declared (test_metrics)
    week = range(week_no, week_no + 1)
    numerator, _ = total(sums, metric.numerator, label, week)
    denominator, n = total(sums, metric.denominator, label, week)
    return (metric.scale * numerator / denominator if denominator else None), n
