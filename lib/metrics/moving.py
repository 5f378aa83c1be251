"""Who made the difference: what each customer or group added to the change of a metric between two moments. All of it adds up exactly.

Customers belong where they belong at the later moment, on both days, so that nobody's move to another account manager looks like money.

A sum's change is the sum of everyone's own change. A ratio R = N ÷ D changes, for a group g with its share of the denominator w = D_g ÷ D
and its own ratio r = N_g ÷ D_g, by what its own ratio did, w̄ · Δr (rate), and by what its weight did, (r̄ − R̄) · Δw (mix), each
mean taken over both moments. Over all groups these sum to ΔR, and not only nearly: they are fractions, never floating numbers.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, Literal

import pyarrow as pa

from lib.domain.access import Permission
from lib.metrics import METRICS, behind_values
from lib.metrics import compile as compiler
from lib.metrics.metric import Metric, Part
from lib.metrics.variation import View
from lib.store.query import ask, run

Grouping = Literal["customer", "owner", "team", "class", "region", "segment"]
GROUPINGS: Final[dict[Grouping, str]] = {
    "customer": "name",
    "owner": "owner_name",
    "team": "team",
    "class": "class_name",
    "region": "region",
    "segment": "segment",
}
"""What a change can be split by, and the column that says so in tables."""
_CODE: Final[dict[Grouping, tuple[str, str]]] = {
    "customer": ("customer.customer_id::text", "customer.name"),
    "owner": ("customer.owner_id::text", "customer.owner_name"),
    "team": ("customer.team", "customer.team"),
    "class": ("class.frequency || '-' || class.amount_grade", "class.frequency || '-' || class.amount_grade"),
    "region": ("customer.region", "customer.region"),
    "segment": ("customer.segment", "customer.segment"),
}
MOST: Final = 5
"""Movers shown each way, where there are many; what all others did is one line."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A day, and by what was known when it is told."""

    as_of: date
    known_at: datetime | None = None


Span = tuple[Moment, Moment]
"""Then and now."""


@dataclass(frozen=True, slots=True)
class Mover:
    """A customer or group: its part of numerator and denominator then and now, and what it added to the metric's change.

    code: what names it, None for those that belong nowhere and for the rest. rate, mix: of a ratio by group, summing to `added`.
    """

    code: str | None
    label: str | None
    then: Fraction
    now: Fraction
    then_below: Fraction
    now_below: Fraction
    added: Fraction
    rate: Fraction | None = None
    mix: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Movement:
    """What moved a metric: the most upwards, the most downwards, each the largest first, and all others as one.

    is_value: they add up to the change of the metric itself, else (counted back, or a ratio of nothing) to that of its numerator.
    """

    metric: Metric
    by: Grouping
    is_value: bool
    change: Fraction
    up: tuple[Mover, ...]
    down: tuple[Mover, ...]
    rest: Mover | None
    rest_count: int

    @property
    def movers(self) -> tuple[Mover, ...]:
        """All lines, from the most upwards to the most downwards, the others last."""
        return (*self.up, *reversed(self.down), *([self.rest] if self.rest else []))


@dataclass(frozen=True, slots=True)
class _Whole:
    """Numerators and denominators of everybody, as fractions; scaled when the ratio is."""

    is_ratio: bool
    scale: int
    then: Fraction
    now: Fraction
    then_below: Fraction
    now_below: Fraction


def moved(view: View, name: str, span: Span, by: Grouping, within: tuple[Grouping, str | None] | None = None) -> Movement:
    """What moved a metric from the week that one day ends to that of another; `within` one group what its customers added up to.

    Refuses: who may not read metrics.
    """
    view.actor.need(Permission.METRIC_READ)
    metric, (then, now) = METRICS[name], span
    over = {
        "then_above": _by_customer(view, metric, metric.numerator, then),
        "now_above": _by_customer(view, metric, metric.numerator, now),
        "then_below": _by_customer(view, metric, metric.denominator, then),
        "now_below": _by_customer(view, metric, metric.denominator, now),
        "member": _members(view, now, by, within[0] if within else by),
    }
    asked = {"within": within is not None, "inside": within[1] if within else None, "most": MOST if by == "customer" else None}
    found = run(view.ledger, _SUMMED, asked, over).to_pylist()
    return _movement(metric, by, found)


def _by_customer(view: View, metric: Metric, part: Part | None, moment: Moment) -> pa.Table:
    """Rows: customer_id, amount; none without a part."""
    if part is None:
        return _NOBODY
    sql = compiler.behind(part)
    values = behind_values(metric.name, view.cut, moment.as_of, moment.known_at)
    return ask(
        view.ledger,
        view.actor,
        f"select thing.customer_id, sum(thing.amount) as amount from ({sql}) as thing group by thing.customer_id",  # noqa: S608
        values,
    )


def _members(view: View, now: Moment, by: Grouping, inside: Grouping) -> pa.Table:
    """Rows: customer_id, code, label, inside: where each customer in sight belongs at the later moment."""
    (code, label), (holder, _) = _CODE[by], _CODE[inside]
    join = "left join house_purchase as class on customer.customer_id = class.customer_id" if "class" in (by, inside) else ""
    values: dict[str, Hashable] = behind_values("overdue_amount", view.cut, now.as_of, now.known_at)
    return ask(
        view.ledger,
        view.actor,
        f"select customer.customer_id, {code} as code, {label} as label, {holder} as inside "  # noqa: S608 (names from our own code)
        "from chosen_customer($actor_id::integer, $as_of::date, $known_at::timestamp, null, null, null, null, null) as customer " + join,
        values,
    )


_SUMMED: Final = """
with side as (
    select then_above.customer_id, then_above.amount as then_amount, 0 as now_amount, 0 as then_base, 0 as now_base from then_above
    union all
    select now_above.customer_id, 0, now_above.amount, 0, 0 from now_above
    union all
    select then_below.customer_id, 0, 0, then_below.amount, 0 from then_below
    union all
    select now_below.customer_id, 0, 0, 0, now_below.amount from now_below
),

summed as (
    select
        member.code,
        any_value(member.label) as label,
        not $within::boolean or any_value(member.inside) is not distinct from $inside::text as is_inside,
        sum(side.then_amount) as then_amount,
        sum(side.now_amount) as now_amount,
        sum(side.then_base) as then_base,
        sum(side.now_base) as now_base
    from side
    left join member on side.customer_id = member.customer_id
    group by member.code
),

whole as (
    select
        coalesce(sum(summed.then_amount), 0) as then_whole,
        coalesce(sum(summed.now_amount), 0) as now_whole,
        coalesce(sum(summed.then_base), 0) as then_base_whole,
        coalesce(sum(summed.now_base), 0) as now_base_whole
    from summed
),

scored as (
    select
        summed.*,
        whole.*,
        case
            when whole.then_base_whole = 0 or whole.now_base_whole = 0 then (summed.now_amount - summed.then_amount)::double
            else
                summed.now_amount::double / whole.now_base_whole - summed.then_amount::double / whole.then_base_whole
                - (whole.now_whole::double / whole.now_base_whole + whole.then_whole::double / whole.then_base_whole) / 2
                * (summed.now_base::double / whole.now_base_whole - summed.then_base::double / whole.then_base_whole)
        end as score
    from whole
    left join summed on summed.is_inside
),

ranked as (
    select
        scored.*,
        scored.code is not null and $most::integer < least(
            row_number() over (order by scored.score desc, scored.code), row_number() over (order by scored.score, scored.code)
        ) or (scored.code is null and $most::integer > 0) as is_other
    from scored
)

select
    if(ranked.is_other, null, ranked.code) as code,
    if(ranked.is_other, null, ranked.label) as label,
    coalesce(ranked.is_other, false) as is_other,
    count(*) filter (where ranked.score <> 0)::integer as count,
    sum(ranked.then_amount) as then_amount,
    sum(ranked.now_amount) as now_amount,
    sum(ranked.then_base) as then_base,
    sum(ranked.now_base) as now_base,
    any_value(ranked.then_whole) as then_whole,
    any_value(ranked.now_whole) as now_whole,
    any_value(ranked.then_base_whole) as then_base_whole,
    any_value(ranked.now_base_whole) as now_base_whole
from ranked
group by all
"""
"""With `most` only so many rows from either end stand for themselves, as of customers there are too many to be told apart here."""
_NOBODY: Final = pa.table({"customer_id": pa.array([], pa.int32()), "amount": pa.array([], pa.int64())})
_SIDES: Final = ("then_amount", "now_amount", "then_base", "now_base")
_WHOLE: Final = ("then_whole", "now_whole", "then_base_whole", "now_base_whole")


def _movement(metric: Metric, by: Grouping, found: Sequence[dict[str, Any]]) -> Movement:
    """The first row speaks for all about the whole."""
    sides = [Fraction(found[0][name]) for name in _WHOLE]
    is_ratio = metric.denominator is not None and bool(sides[2] and sides[3])
    whole = _Whole(is_ratio, metric.scale if is_ratio else 1, *sides)
    movers = [(_mover(row, whole, by), row) for row in found if row["then_amount"] is not None]
    change = sum((one.added for one, _ in movers), Fraction(0))
    ranked = sorted((one for one, row in movers if not row["is_other"]), key=lambda one: (-one.added, one.label or "", one.code or ""))
    most = MOST if len(ranked) > 2 * MOST + 1 else len(ranked)
    up = tuple(one for one in ranked[:most] if one.added > 0)
    down = tuple(one for one in ranked[: -most - 1 : -1] if one.added < 0)
    others = [one for one in ranked if one not in up and one not in down and one.added]
    counted = sum(row["count"] for _, row in movers if row["is_other"])
    rest = _rest([*others, *(one for one, row in movers if row["is_other"])])
    return Movement(metric, by, whole.is_ratio or _is_sum(metric), change, up, down, rest, len(others) + counted)


def _is_sum(metric: Metric) -> bool:
    return metric.denominator is None and not metric.is_countback


def _mover(row: dict[str, Any], whole: _Whole, by: Grouping) -> Mover:
    then, now, then_base, now_base = (Fraction(row[side]) for side in _SIDES)
    if not whole.is_ratio:
        return Mover(row["code"], row["label"], then, now, then_base, now_base, now - then)
    weight, weight_now = then_base / whole.then_below, now_base / whole.now_below
    mean = (whole.then / whole.then_below + whole.now / whole.now_below) / 2
    added = whole.scale * (now / whole.now_below - then / whole.then_below - mean * (weight_now - weight))
    if by == "customer":
        return Mover(row["code"], row["label"], then, now, then_base, now_base, added)
    rate = whole.scale * (weight + weight_now) / 2 * (now / now_base - then / then_base) if then_base and now_base else Fraction(0)
    return Mover(row["code"], row["label"], then, now, then_base, now_base, added, rate, added - rate)


def _rest(others: Sequence[Mover]) -> Mover | None:
    """All others as one; None when nobody is left who moved anything."""
    if not others:
        return None
    names = ("then", "now", "then_below", "now_below", "added")
    sides = {name: sum((getattr(one, name) for one in others), Fraction(0)) for name in names}
    if others[0].rate is None:
        return Mover(None, None, **sides)
    rate = sum((one.rate or Fraction(0) for one in others), Fraction(0))
    return Mover(None, None, **sides, rate=rate, mix=sides["added"] - rate)


def exact(value: Fraction) -> Decimal:
    """A fraction as the decimal that a person reads."""
    return Decimal(value.numerator) / Decimal(value.denominator)
