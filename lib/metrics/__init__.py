"""What is measured: each number declared once in `catalog`, compiled to one statement per base, read week by week."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, cast

import pyarrow as pa

from lib.domain.access import Actor, Permission
from lib.domain.dates import QUARTER_WEEKS
from lib.metrics import compile as compiler
from lib.metrics import countback
from lib.metrics.catalog import BOARD, METRICS
from lib.metrics.listening import VOICE
from lib.metrics.metric import Measurement, Metric, Part
from lib.metrics.paying import BEHAVIOUR
from lib.store.ledger import LATEST, Ledger
from lib.store.query import ask
from lib.text import Text

__all__ = ["BEHAVIOUR", "BOARD", "METRICS", "VOICE", "Measurement", "Metric", "Scope", "customers_behind", "measure", "rows_behind"]

MOST_WEEKS: Final = 53
_WEEK: Final = timedelta(days=7)
_NOTHING: Final = Text("这段时间没有可计算的数据", "There was nothing to measure in that time")
_TOO_LITTLE: Final = Text("账本里的开票额少于未收金额，无法倒推", "All billing on record is less than what is open")


@dataclass(frozen=True, slots=True)
class Cut:
    """Which customers and which money is measured; null means all customers, and money in every currency only when there is one."""

    currency: str | None = None
    owner_id: int | None = None
    team: str | None = None
    region: str | None = None
    segment: str | None = None


@dataclass(slots=True)
class _Sums:
    """Per part and group: a sum and a count for each week number, -1 for all before."""

    weeks: dict[tuple[Part, str | None], dict[int, tuple[Decimal, int]]] = field(default_factory=lambda: defaultdict(dict))
    growth: dict[tuple[Part, str | None], dict[int, Decimal]] = field(default_factory=lambda: defaultdict(dict))
    first_on: date = date.min
    labels: set[str | None] = field(default_factory=set)
    billed: dict[str | None, list[tuple[date, Decimal]]] = field(default_factory=lambda: defaultdict(list))


def measure(  # noqa: PLR0913 (a measurement has that many sides)
    ledger: Ledger,
    actor: Actor,
    names: Sequence[str],
    as_of: date,
    *,
    known_at: datetime | None = None,
    weeks: int = QUARTER_WEEKS,
    by: str | None = None,
    scope: Cut = Cut(),
) -> list[Measurement]:
    """Each metric in each of the last weeks, the oldest first; the current week is measured up to `as_of`.

    Refuses: an actor who may not read metrics.
    """
    actor.need(Permission.METRIC_READ)
    chosen = [METRICS[name] for name in names]
    window = max(metric.window for metric in chosen)
    total = weeks + window - 1
    if not 0 < total <= MOST_WEEKS:
        raise ValueError(f"weeks must be between 1 and {MOST_WEEKS - window + 1}")
    first_on = monday(as_of) - (total - 1) * _WEEK
    values = _values(scope, as_of, known_at, first_on, total)
    sums = _sums(ledger, actor, chosen, by, values)
    return [
        _measured(metric, sums, label, week_no, min(first_on + (week_no + 1) * _WEEK - timedelta(days=1), as_of))
        for metric in chosen
        for label in sorted(sums.labels, key=lambda label: label or "")
        for week_no in range(total - weeks, total)
    ]


def rows_behind(  # noqa: PLR0913 (as above)
    ledger: Ledger,
    actor: Actor,
    name: str,
    as_of: date,
    *,
    known_at: datetime | None = None,
    scope: Cut = Cut(),
    below: bool = False,
) -> list[dict[str, Any]]:
    """The things behind a metric in its current week: customer_id, thing_id, amount.

    They add up to its numerator, with `below` to its denominator.
    """
    part = _part(name, below=below)
    if part is None:
        return []
    values = _behind_values(name, scope, as_of, known_at)
    found: list[dict[str, Any]] = _behind(ledger, actor, compiler.behind(part), values).to_pylist()
    return found


def customers_behind(  # noqa: PLR0913 (as above)
    ledger: Ledger,
    actor: Actor,
    name: str,
    as_of: date,
    *,
    known_at: datetime | None = None,
    scope: Cut = Cut(),
    below: bool = False,
    limit: int = 1000,
    offset: int = 0,
) -> pa.Table | None:
    """One page of the same by customer, the most first: account_no, name, owner_name, things, amount, total_count, total_amount."""
    part = _part(name, below=below)
    if part is None:
        return None
    values = {**_behind_values(name, scope, as_of, known_at), "limit": limit, "offset": offset}
    return _behind(ledger, actor, compiler.behind_by_customer(part), values)


def _part(name: str, *, below: bool) -> Part | None:
    return METRICS[name].denominator if below else METRICS[name].numerator


def _behind(ledger: Ledger, actor: Actor, sql: str, values: dict[str, Hashable]) -> pa.Table:
    actor.need(Permission.METRIC_READ)
    return ask(ledger, actor, sql, values)


def _behind_values(name: str, scope: Cut, as_of: date, known_at: datetime | None) -> dict[str, Hashable]:
    first_on = monday(as_of)
    return {**_values(scope, as_of, known_at, first_on, 1), "since_on": first_on - (METRICS[name].window - 1) * _WEEK}


def monday(day: date) -> date:
    """The first day of a day's ISO week."""
    return day - timedelta(days=day.weekday())


def _values(scope: Cut, as_of: date, known_at: datetime | None, first_on: date, weeks: int) -> dict[str, Hashable]:
    filters = {name: getattr(scope, name) for name in scope.__dataclass_fields__}
    return {**filters, "as_of": as_of, "known_at": known_at or LATEST, "first_on": first_on, "weeks": weeks}


def _sums(ledger: Ledger, actor: Actor, chosen: Sequence[Metric], by: str | None, values: dict[str, Hashable]) -> _Sums:
    sums = _Sums(first_on=cast("date", values["first_on"]), labels=set() if by else {None})
    parts = compiler.parts(chosen)
    house = {f"weekly_{base}": compiler.weekly(base, wanted, by) for base, wanted in parts.items()}
    for row in ask(ledger, actor, compiler.seen(parts, by), values, house).to_pylist():
        sums.labels.add(row["label"])
        for base, wanted in parts.items():
            for part, (amount, count, growth) in zip(wanted, compiler.columns(base, wanted), strict=True):
                sums.weeks[part, row["label"]][row["week_no"]] = Decimal(row[amount] or 0), int(row[count] or 0)
                if part.grows:
                    sums.growth[part, row["label"]][row["week_no"]] = Decimal(row[growth] or 0)
    if any(metric.is_countback for metric in chosen):
        house = {"daily_billing": compiler.daily_billing(by)}
        for row in ask(ledger, actor, compiler.seen_billing(by), values, house).to_pylist():
            sums.billed[row["label"]].append((row["on_date"], row["amount"]))
    return sums


def _measured(metric: Metric, sums: _Sums, label: str | None, week_no: int, until_on: date) -> Measurement:
    numerator, n = _total(sums, metric.numerator, label, week_no, metric.window)
    numerator += _grown(sums, metric.numerator, label, week_no, until_on)
    denominator = None
    if metric.denominator:
        denominator, n = _total(sums, metric.denominator, label, week_no, metric.window)
    if metric.is_countback:
        value = countback.days(numerator, sums.billed[label], until_on)
        note = _TOO_LITTLE if value is None else None
    elif denominator is None:
        value, note = numerator, None
    else:
        value = metric.scale * numerator / denominator if denominator else None
        note = _NOTHING if value is None else None
    own, own_n = _of_week_alone(metric, sums, label, week_no) if metric.window > 1 and not metric.numerator.spans_window else (value, n)
    return Measurement(metric.name, monday(until_on), value, numerator, denominator, n, label, note, own, own_n)


def _of_week_alone(metric: Metric, sums: _Sums, label: str | None, week_no: int) -> tuple[Decimal | None, int]:
    """A ratio of the week's own rows: weeks that share most of their rows say nothing about change."""
    assert metric.denominator is not None  # a window without a denominator is not declared (test_metrics)
    numerator, _ = _total(sums, metric.numerator, label, week_no, 1)
    denominator, n = _total(sums, metric.denominator, label, week_no, 1)
    return (metric.scale * numerator / denominator if denominator else None), n


def _grown(sums: _Sums, part: Part, label: str | None, week_no: int, until_on: date) -> Decimal:
    """What a growing part gained since the first week began."""
    found = sums.growth[part, label]
    return sum((amount for week, amount in found.items() if week <= week_no), Decimal(0)) * (until_on - sums.first_on).days


def _total(sums: _Sums, part: Part, label: str | None, week_no: int, window: int) -> tuple[Decimal, int]:
    if part.running:
        weeks = range(-1, week_no + 1)
    else:
        weeks = range(week_no, week_no + 1) if part.spans_window else range(week_no - window + 1, week_no + 1)
    found = sums.weeks[part, label]
    known = [found[week] for week in weeks if week in found]
    return sum((amount for amount, _ in known), Decimal(0)), sum(count for _, count in known)
