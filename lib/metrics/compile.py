"""Metrics as SQL: one statement per base, a sum per part and week; and the rows that stand behind one number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from lib.metrics.metric import Metric, Part

GROUPS: Final[dict[str, str]] = {
    "owner": "customer.owner_name",
    "team": "customer.team",
    "region": "customer.region",
    "segment": "customer.segment",
    "class": "class.frequency || '-' || class.amount_grade",
}
"""What metrics can be split by, and the column that says so."""

_SCOPE: Final = (
    "$actor_id::integer, $sees_all::boolean, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, "
    "$region::text, $segment::text, $currency::text"
)
_CHOSEN: Final = (
    "chosen_customer($actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, "
    "$region::text, $segment::text, null)"
)
# Whole weeks since first_on; all that happened before counts as week -1.
_WEEK: Final = "case when base.happened_on < $first_on::date then -1 else (base.happened_on - $first_on::date) // 7 end"


def parts(metrics: Iterable[Metric]) -> dict[str, list[Part]]:
    """The different parts of some metrics, by base."""
    found: dict[str, list[Part]] = {}
    for metric in metrics:
        for part in (metric.numerator, metric.denominator):
            if part and part not in found.setdefault(part.base, []):
                found[part.base].append(part)
    return found


def weekly(base: str, wanted: Sequence[Part], by: str | None) -> str:
    """Rows: week_no, label, then per part its sum and count (amount_0, count_0, ...)."""
    if base == "reach":
        return _weekly_reach(wanted, by)
    sums = "".join(_summed(part, place) for place, part in enumerate(wanted))
    since = "" if any(part.running for part in wanted) else "where base.happened_on >= $first_on::date"
    label, join, group = _group(by)
    return (
        f"select {_WEEK} as week_no, {label} as label{sums} "  # noqa: S608 (names from our own code)
        f"from measured_{base}({_SCOPE}) as base {join} {since} group by week_no{group}"
    )


def _summed(part: Part, place: int) -> str:
    """What grows is summed as it stood on first_on, and what it grows by each day (growth_0)."""
    only, since = f"filter (where {part.only})", "($first_on::date - base.since_on)::integer"
    added = f"sum({part.amount} * {since}) {only} as amount_{place}, sum({part.amount}) {only} as growth_{place}"
    return f", {added if part.grows else f'sum({part.amount}) {only} as amount_{place}'}, sum({part.count}) {only} as count_{place}"


def daily_billing(by: str | None) -> str:
    """Rows: on_date, label, amount: what was billed each day, for the countback."""
    label, join, group = _group(by)
    return (
        f"select base.happened_on as on_date, {label} as label, sum(base.amount) as amount "  # noqa: S608 (names from our own code)
        f"from measured_money({_SCOPE}) as base {join} where base.kind = 'invoice' group by base.happened_on{group} order by on_date"
    )


def behind(part: Part) -> str:
    """The things behind a part in the last week, each with what it adds; they add up to the part."""
    if part.base == "reach":
        return (
            f"select base.customer_id, base.customer_id as thing_id, ((base.{part.amount} >> ($weeks::integer - 1)) & 1) as amount "  # noqa: S608
            f"from {_reach()} as base where amount <> 0 order by base.customer_id"
        )
    since = "" if part.running else "and base.happened_on >= $since_on::date"
    amount = f"{part.amount} * ($as_of::date - base.since_on)::integer" if part.grows else part.amount
    return (
        f"select base.customer_id, base.thing_id, sum({amount}) as amount from measured_{part.base}({_SCOPE}) as base "  # noqa: S608
        f"where {part.only} {since} group by base.customer_id, base.thing_id having sum({amount}) <> 0 "
        "order by base.customer_id, base.thing_id"
    )


def behind_by_customer(part: Part) -> str:
    """The same by customer, the most first: account_no, name, how many things, what they add; total_count and total_amount of all."""
    return (
        "select customer.customer_id, customer.account_no, customer.name, customer.owner_name, "  # noqa: S608 (names from our own code)
        "count(*)::integer as things, sum(thing.amount) as amount, count(*) over (partition by true)::integer as total_count, "
        f"sum(sum(thing.amount)) over (partition by true) as total_amount from ({behind(part)}) as thing "
        f"inner join {_CHOSEN} as customer on thing.customer_id = customer.customer_id "
        "group by customer.customer_id, customer.account_no, customer.name, customer.owner_name "
        "order by abs(sum(thing.amount)) desc, customer.customer_id limit $limit::integer offset $offset::integer"
    )


def used(sql: str, values: Mapping[str, object]) -> dict[str, object]:
    """The values a statement names; the engine refuses others."""
    return {name: value for name, value in values.items() if f"${name}::" in sql}


def _weekly_reach(wanted: Sequence[Part], by: str | None) -> str:
    sums = "".join(
        f", sum((base.{part.amount} >> week.week_no) & 1) as amount_{place}, sum((base.{part.amount} >> week.week_no) & 1) as count_{place}"
        for place, part in enumerate(wanted)
    )
    label, join, group = _group(by)
    return (
        f"select week.week_no, {label} as label{sums} from {_reach()} as base {join} "  # noqa: S608 (names from our own code)
        f"cross join (select unnest(range($weeks::integer)) as week_no) as week group by week.week_no{group}"
    )


def _reach() -> str:
    return f"measured_reach({_SCOPE}, $first_on::date, $weeks::integer)"


def _group(by: str | None) -> tuple[str, str, str]:
    if by is None:
        return "null", "", ""
    join = f"inner join {_CHOSEN} as customer on base.customer_id = customer.customer_id"
    if by == "class":
        join += " left join purchase_class($as_of::date, $known_at::timestamp, null::text) as class on base.customer_id = class.customer_id"
    return GROUPS[by], join, f", {GROUPS[by]}"
