"""The credit of families at the door: a bill that its customer may have can still be too much for all above and below it together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from lib.commands.documents import first, records
from lib.domain.families import Family, Member
from lib.errors import Refused
from lib.store.door import Change
from lib.text import Text

_LEAVES: Final = Text(
    "{name}离开集团，两边都会多出额度，要两个人定：请在客户页的“信用为什么”里写明原因申请，由另一人批准。",
    "{name} leaving its group would give both more room, which takes two: propose it with a reason under “Why this credit” "
    "on the customer page, another person approves.",
)
Charge = tuple[Member, str, Decimal]
"""A bill about to be written: its customer with its own limit, currency, amount."""


def refuse_over_family(change: Change, charges: Iterable[Charge], as_of: date) -> None:
    """Refuses: a bill with which its customer's family exceeds its limit, or whose family is stopped in another currency.

    Each bill counts for the next. A limit approved for the family in the bill's own currency spares it the other ones.
    """
    wanted = list(charges)
    heads = dict(_rows(change, _HEADS, {"about": sorted({member.customer_id for member, _, _ in wanted}), "as_of": as_of}))
    if not heads:
        return
    families = _families(change, sorted(set(heads.values())), as_of)
    for member, currency, amount in wanted:
        if (head_id := heads.get(member.customer_id)) is None:
            continue
        family = families.setdefault((head_id, currency), Family(_name(change, head_id), currency, None))
        family.members.setdefault(member.customer_id, member)
        if family.is_over(amount):
            raise family.refusal(_name(change, member.customer_id), amount, is_seen=_is_seen(change, head_id, as_of))
        if family.approved is None and (stopped := _stopped(families, head_id, currency)):
            raise stopped.stop(_name(change, member.customer_id), is_seen=_is_seen(change, head_id, as_of))
        family.add(member, amount)


def refuse_leaving(change: Change, customer_id: int, as_of: date, billed_since: int = 0) -> None:
    """Refuses: leaving a group, by which one person would give it more room; two settle that (`ProposeLeaving`).

    A group nobody in it was billed in after the change `billed_since` may be left: nothing was gained by it.
    """
    head_id = dict(_rows(change, _HEADS, {"about": [customer_id], "as_of": as_of})).get(customer_id)
    if head_id is not None and first(change, _BILLED, {"head_id": head_id, "as_of": as_of, "since": billed_since})[0]:
        raise Refused(_LEAVES, name=_name(change, customer_id), about="parent_id")


def _is_seen(change: Change, head_id: int, as_of: date) -> bool:
    """Whether the person sees the whole family."""
    return not first(change, _UNSEEN, {"head_id": head_id, "as_of": as_of, "actor_id": change.actor.user_id})[0]


def _stopped(families: Mapping[tuple[int, str], Family], head_id: int, currency: str) -> Family | None:
    """The same family in another currency, where it is stopped."""
    others = (family for (head, other), family in families.items() if head == head_id and other != currency)
    return next((family for family in others if family.state == "stop"), None)


def is_head(change: Change, customer_id: int, as_of: date) -> bool:
    """Whether there are customers below this one and none above it."""
    found = _rows(change, _HEADS, {"about": [customer_id], "as_of": as_of})
    return (customer_id, customer_id) in found


def _families(change: Change, head_ids: list[int], as_of: date) -> dict[tuple[int, str], Family]:
    """The families as they stand, by head and currency."""
    found: dict[tuple[int, str], Family] = {}
    members = [customer_id for customer_id, _ in _rows(change, _ALL, {"about": head_ids, "as_of": as_of})]
    for row in records(change, _MEMBERS, {"members": members, "as_of": as_of}):
        head_id, currency = row["head_id"], row["currency"]
        if (head_id, currency) not in found:
            rates = {name: row[name] for name in ("stop_rate", "amber_rate", "red_rate")}
            found[head_id, currency] = Family(_name(change, head_id), currency, row["approved_amount"], **rates)
        member = Member(row["customer_id"], row["exposure_amount"], row["limit_amount"], row["is_starting"])
        found[head_id, currency].members[member.customer_id] = member
    return found


def _rows(change: Change, sql: str, parameters: dict[str, object]) -> list[tuple[int, int]]:
    return change.cursor.execute(sql, parameters).fetchall()


def _name(change: Change, customer_id: int) -> str:
    return str(first(change, _NAME, {"customer_id": customer_id})[0])


_HEADS: Final = """
    select family.customer_id, family.head_id
    from family_of($about::integer[], $as_of::date, timestamp '9999-12-30') as family
    where family.customer_id in (select unnest($about::integer[]))
"""
_ALL: Final = """
    select family.customer_id, family.head_id from family_of($about::integer[], $as_of::date, timestamp '9999-12-30') as family
"""
_MEMBERS: Final = """
    select member.* replace (member.exposure_amount + coalesce(ahead.amount, 0) as exposure_amount)
    from family_member_of($members::integer[], $as_of::date, timestamp '9999-12-30') as member
    left join (
        select posting.customer_id, posting.currency, sum(posting.amount) as amount
        from posting
        where posting.on_date > $as_of::date and posting.customer_id in (select unnest($members::integer[]))
        group by posting.customer_id, posting.currency
    ) as ahead on member.customer_id = ahead.customer_id and member.currency = ahead.currency
"""
_UNSEEN: Final = """
    select count(*)
    from family_of([$head_id::integer], $as_of::date, timestamp '9999-12-30') as family
    where family.customer_id not in (select visible.customer_id from visible_customer($actor_id) as visible)
"""
_BILLED: Final = """
    select count(*)
    from posting
    where
        posting.kind = 'invoice' and posting.amount > 0 and posting.change_id > $since
        and posting.customer_id in (
            select family.customer_id from family_of([$head_id::integer], $as_of::date, timestamp '9999-12-30') as family
        )
"""
_NAME: Final = """
    select coalesce(any_value(customer_record.name), '—') from customer_record
    where customer_record.customer_id = $customer_id and customer_record.until_on = date '9999-12-31'
        and customer_record.retired_at = timestamp '9999-12-31'
"""
