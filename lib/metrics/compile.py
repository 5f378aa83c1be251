"""Metrics as SQL: one statement per base: a sum per part and week.

What is counted about customers is asked for everyone, by crowd, and another statement adds up the crowds one person sees. Money is
counted from that person's lines, put together day by day so that millions are ten thousands. More give the rows behind one number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from lib.metrics.metric import REACH, Metric, Part

_CLASS: Final = "class.frequency || '-' || class.amount_grade"
GROUPS: Final[dict[str, str]] = {
    "owner": "crowd.owner_name",
    "team": "crowd.team",
    "region": "crowd.region",
    "segment": "crowd.segment",
    "class": "counted.class",
}
"""What metrics can be split by, and the column that says so. Customers of one crowd are of different classes."""

_SCOPE: Final = (
    "$actor_id::integer, $sees_all::boolean, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, "
    "$region::text, $segment::text, $currency::text"
)
_CHOSEN: Final = (
    "chosen_customer($actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, "
    "$region::text, $segment::text, null)"
)
_HOUSE: Final = "$actor_id::integer, $sees_all::boolean, $as_of::date, $known_at::timestamp, null, null, null, null, $currency::text"
_SEEN: Final = (
    "sees_owner(crowd.keeper_id, $actor_id::integer) "
    "and (crowd.is_known or ($sees_all::boolean and coalesce($owner_id::text, $team::text, $region::text, $segment::text) is null)) "
    "and ($owner_id::integer is null or crowd.owner_id = $owner_id::integer) and ($team::text is null or crowd.team = $team::text) "
    "and ($region::text is null or crowd.region = $region::text) and ($segment::text is null or crowd.segment = $segment::text)"
)
_OWNED: Final = f"inner join {_CHOSEN} as chosen on line.customer_id = chosen.customer_id"
SINCE: Final = frozenset({"promise", "answer"})
"""Bases that look only at what happened since a day, which spares them most of the past; none of their parts is running."""
MONEY: Final = frozenset(
    {"money", "overdue", "sold", "sold_year", "settled", "written_off", "collectible", "not_due", "at_risk", "lateness"}
)
"""Bases that are made of the money lines a statement calls `line`."""
BILLING: Final = "billing"
"""Not a base: what was billed each day, for the countback, among what is counted from money lines."""
OPENED: Final = frozenset({"retained"})
"""Bases that give what happened before a day as one row per customer, which spares them the order of the past."""
# Whole weeks since first_on; all that happened before counts as week -1. An integer: by a smaller one the engine would group into an
# array of all its values by all crowds, with dozens of sums at each place, which costs more than the rows.
_WEEK: Final = "(case when base.happened_on < $first_on::date then -1 else (base.happened_on - $first_on::date) // 7 end)::integer"
# The same for stretches of any length: $places says for each day from first_on on in which one it is.
_PLACES, _NO_PLACES = "$places::tinyint[]", "null::tinyint[]"
_STRETCH: Final = (
    f"(case when base.happened_on < $first_on::date then -1 else ({_PLACES})[base.happened_on - $first_on::date + 1] end)::integer"
)


def parts(metrics: Iterable[Metric]) -> dict[str, list[Part]]:
    """The different parts of some metrics, by base."""
    found: dict[str, list[Part]] = {}
    for metric in metrics:
        for part in (metric.numerator, metric.denominator):
            if part and part not in found.setdefault(part.base, []):
                found[part.base].append(part)
    return found


def weekly(base: str, wanted: Sequence[Part], by: str | None, *, by_stretch: bool = False) -> str:
    """For the house itself, rows: week_no, crowd_no, by class also class, then the sums of each part (`columns`).

    Of money: for one person, week_no, label, then the sums; reads line. `by_stretch`: week_no numbers the stretches of days that
    $places tells apart.
    """
    if base == REACH:
        return _weekly_reach(wanted, by, _PLACES if by_stretch else _NO_PLACES)
    sums = "".join(_summed(part, names) for part, names in zip(wanted, columns(wanted), strict=True))
    # Rows that no part counts are left out before they are grouped: what is done (`work`) cost 90 ms instead of 235. Split by group
    # they stay: a group of which nothing counts has to be named all the same.
    counts = ["true"] if by else [f"({' or '.join(f'({rows})' for rows in dict.fromkeys(part.only for part in wanted))})"]
    since = [] if any(part.running for part in wanted) else ["base.happened_on >= $first_on::date"]
    only = " and ".join([*counts, *since])
    chosen, join, group = ("base.label", "", "base.label") if base in MONEY else _member(by)
    return (
        f"select {_STRETCH if by_stretch else _WEEK} as week_no, {chosen}{sums} "  # noqa: S608 (names from our own code)
        f"from {_measured(base, _HOUSE, '$first_on::date')} as base {join} where {only} group by week_no, {group}"
    )


def money_lines(by: str | None) -> str:
    """A person's money lines, those that are alike in day and kind as one: what `line` is to statements of money. By group: with label."""
    label, join = (GROUPS[by].replace("crowd.", "chosen."), _OWNED) if by else ("null::text", "")
    if by == "class":
        label, join = _CLASS, f"{_OWNED} left join house_purchase as class on line.customer_id = class.customer_id"
    alike = "line.kind, line.on_date, line.due_on, line.is_bill, line.is_charge, line.is_loss"
    return (
        f"select {label} as label, null::integer as customer_id, null::integer as thing_id, {alike}, "  # noqa: S608 (our own names)
        "sum(line.amount)::decimal(18, 2) as amount, sum(line.items)::integer as items, count(*)::integer as line_count "
        f"from money_line({_SCOPE}) as line {join} group by all"
    )


def daily_billing() -> str:
    """Rows: on_date, label, amount_0: what was billed each day, for the countback. Reads line."""
    return "select line.on_date, line.label, sum(line.amount) as amount_0 from line where line.kind = 'invoice' group by all order by all"


def columns(wanted: Sequence[Part]) -> list[tuple[str, str, str]]:
    """What the sum and the count of each part of a base are called, and what one that grows gains each day."""
    return [(f"amount_{place}", f"count_{place}", f"growth_{place}") for place in range(len(wanted))]


def _summed(part: Part, names: tuple[str, str, str]) -> str:
    """What grows is summed as it stood on first_on, and what it grows by each day."""
    amount, count, growth = names
    only, since = f"filter (where {part.only})", "($first_on::date - base.since_on)::integer"
    added = f"sum({part.amount} * {since}) {only} as {amount}, sum({part.amount}) {only} as {growth}"
    return f", {added if part.grows else f'{_sum(part.amount)} {only} as {amount}'}, {_counted(part)} {only} as {count}"


def _counted(part: Part) -> str:
    """Lines of money are put together before they are counted."""
    return "sum(base.line_count)" if part.base in MONEY and part.count == "1" else _sum(part.count)


def _sum(amount: str) -> str:
    return "count(*)" if amount == "1" else f"sum({amount})"


def seen(chosen: Mapping[str, Sequence[Part]], by: str | None) -> str:
    """Rows: week_no, base, places (`stacked`), label, and its sums over the crowds a person sees and asked for.

    Reads weekly: what each base counts, one under the other.
    """
    named = [(part, names) for wanted in chosen.values() for part, names in zip(wanted, columns(wanted), strict=True)]
    kept = dict.fromkeys(name for part, (amount, count, growth) in named for name in (amount, count, *([growth] if part.grows else [])))
    sums = "".join(f", sum(counted.{name}) as {name}" for name in kept)
    return _of_crowds(("week_no", "base", "places"), sums, "weekly", by)


def behind(part: Part) -> str:
    """The things behind a part in the last week, each with what it adds; they add up to the part."""
    if part.spans_window:
        return (
            f"select base.customer_id, base.customer_id as thing_id, ((base.{part.amount} >> ($weeks::integer - 1)) & 1) as amount "  # noqa: S608
            f"from {_measured(REACH, _SCOPE, _NO_PLACES)} as base where amount <> 0 order by base.customer_id"
        )
    since = "" if part.running else "and base.happened_on >= $since_on::date"
    lines = f"with line as (select * from money_line({_SCOPE})) " if part.base in MONEY else ""  # noqa: S608 (names from our own code)
    amount = f"{part.amount} * ($as_of::date - base.since_on)::integer" if part.grows else part.amount
    return (
        f"{lines}select base.customer_id, base.thing_id, sum({amount}) as amount "  # noqa: S608 (as above)
        f"from {_measured(part.base, _SCOPE, '$since_on::date')} as base "
        f"where {part.only} {since} group by base.customer_id, base.thing_id having sum({amount}) <> 0 "
        "order by base.customer_id, base.thing_id"
    )


def changed(part: Part) -> str:
    """Those things that add something else by what is known than by what was known at $then_at, the most first.

    customer_id, account_no, name, thing_id, then_amount, now_amount; total_count and total_amount (the difference) of all.
    """
    now = behind(part)
    then = now.replace("$known_at::", "$then_at::")
    return (
        f"with past as ({then}), present as ({now}), both_known as (select "  # noqa: S608 (names from our own code)
        "coalesce(present.customer_id, past.customer_id) as customer_id, coalesce(present.thing_id, past.thing_id) as thing_id, "
        "coalesce(past.amount, 0) as then_amount, coalesce(present.amount, 0) as now_amount from present full join past "
        "on present.customer_id = past.customer_id and present.thing_id = past.thing_id) "
        "select thing.customer_id, customer.account_no, customer.name, thing.thing_id, thing.then_amount, thing.now_amount, "
        "count(*) over (partition by true)::integer as total_count, "
        "sum(thing.now_amount - thing.then_amount) over (partition by true) as total_amount from both_known as thing "
        # Late entries may be those of a customer who was none on that date, or is none any more.
        "left join customer_record as customer on thing.customer_id = customer.customer_id and customer.until_on = date '9999-12-31' "
        "and customer.retired_at = timestamp '9999-12-31' where thing.now_amount <> thing.then_amount "
        "order by abs(thing.now_amount - thing.then_amount) desc, thing.customer_id, thing.thing_id limit $limit::integer"
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


def _weekly_reach(wanted: Sequence[Part], by: str | None, places: str) -> str:
    """Customers alike in all their weeks are counted first, so that weeks are told apart for few rows."""
    named = list(zip(wanted, columns(wanted), strict=True))
    counted = [
        f"sum(((alike.bits >> week.week_no) & 1) * alike.customers) filter (where alike.part = {place})" for place in range(len(named))
    ]
    sums = "".join(f", {said} as {amount}, {said} as {count}" for said, (_, (amount, count, _)) in zip(counted, named, strict=True))
    chosen, join, _ = _member(by)
    member = "crowd_no, class" if by == "class" else "crowd_no"
    bits = f"unnest({list(range(len(named)))}) as part, unnest([{', '.join(f'base.{part.amount}' for part, _ in named)}]) as bits"
    return (
        f"select week.week_no, {member}{sums} from (select {member}, part, bits, count(*) as customers "  # noqa: S608 (as above)
        f"from (select {chosen}, {bits} from {_measured(REACH, _HOUSE, places)} as base {join}) as one "
        f"group by {member}, part, bits) as alike "
        f"cross join (select unnest(range($weeks::integer))::integer as week_no) as week group by week.week_no, {member}"
    )


def _measured(base: str, scope: str, more: str) -> str:
    """The rows of a base; `more`: since when, or for reach the stretches it tells apart."""
    if base in MONEY:
        return f"measured_{base}('line', $as_of::date, $known_at::timestamp)"
    more = f", {more}" if base in SINCE or base in OPENED else f", $first_on::date, $weeks::integer, {more}" if base == REACH else ""
    return f"measured_{base}({scope}{more})"


def _member(by: str | None) -> tuple[str, str, str]:
    """The crowd of each row, and by class the class: columns, joins and what to group by."""
    join = "inner join house_member as member on base.customer_id = member.customer_id"
    if by != "class":
        return "member.crowd_no", join, "member.crowd_no"
    join += " left join house_purchase as class on base.customer_id = class.customer_id"
    return (
        f"member.crowd_no, {_CLASS} as class",
        join,
        "member.crowd_no, class.frequency, class.amount_grade",
    )


def _of_crowds(of: Sequence[str], sums: str, rows: str, by: str | None) -> str:
    """What is counted by crowd, for one person; by group only of those who were customers on the date."""
    label, group, known = (GROUPS[by], f", {GROUPS[by]}", " and crowd.is_known") if by else ("null", "", "")
    named = ", ".join(f"counted.{name}" for name in of)
    return (
        f"select {named}, {label} as label{sums} from {rows} as counted "  # noqa: S608 (names from our own code)
        f"inner join house_crowd as crowd on counted.crowd_no = crowd.crowd_no where {_SEEN}{known} group by {named}{group}"
    )
