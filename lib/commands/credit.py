"""The credit stop at the door: whoever writes a bill asks here first.

Imports of invoices are history and are not asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final

from lib.commands.documents import first, records
from lib.commands.families import Charge, refuse_over_family
from lib.domain import credit
from lib.domain.credit import Standing, Stop
from lib.domain.families import Member
from lib.errors import Refused
from lib.store.door import Change


@dataclass(frozen=True, slots=True)
class Bill:
    """A bill about to be written."""

    customer_id: int
    currency: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class _Account:
    """How a customer stands in one currency. `is_starting`: on the limit to start with, which is one for all currencies together."""

    standing: Standing
    is_starting: bool
    rate: Decimal


def refuse_stopped(change: Change, bills: Sequence[Bill], as_of: date) -> list[bool]:
    """Refuses: a bill for a customer who is stopped, unless money on account covers it. Each bill counts for the next; one stops all.

    Who is stopped in one currency is stopped in all, unless a second person released the bill's own.
    What is neither prepaid nor released must also fit under the limit of the customer's family.
    Returns for each bill whether only that money lets it pass: then the invoice must take it with it
    (`lib/commands/receivables.py::take_prepaid`), so that it is not used twice.
    """
    accounts = _accounts(change, {bill.customer_id for bill in bills}, as_of)
    prepaid: list[bool] = []
    charges: list[Charge] = []
    for bill in bills:
        held = accounts.setdefault(bill.customer_id, {})
        account = held.get(bill.currency) or _new(change, bill.currency, as_of)
        others = [other for currency, other in held.items() if currency != bill.currency]
        why = _why(account, others, bill.amount)
        covered = why is not None and credit.is_prepaid(account.standing, bill.amount)
        if why and not covered:
            raise credit.refusal(_name(change, bill.customer_id), account.standing, bill.amount, why)
        prepaid.append(covered)
        if not covered and not account.standing.is_released:
            charges.append((_member(bill.customer_id, account), bill.currency, bill.amount))
        held[bill.currency] = replace(account, standing=account.standing.after(bill.amount, prepaid=covered))
    refuse_over_family(change, charges, as_of)
    return prepaid


def held_up(change: Change, bills: Sequence[Bill], as_of: date) -> dict[int, Refused]:
    """Which bills cannot go out, by their place, each with its refusal; all the others can go out together.

    Few are held up among many: halves are tried until the ones to blame stand alone.
    """
    kept: list[int] = []
    left: dict[int, Refused] = {}

    def weigh(places: Sequence[int]) -> None:
        try:
            refuse_stopped(change, [bills[place] for place in (*kept, *places)], as_of)
        except Refused as refusal:
            if len(places) == 1:
                left[places[0]] = refusal
                return
            half = len(places) // 2
            weigh(places[:half])
            weigh(places[half:])
            return
        kept.extend(places)

    weigh(range(len(bills)))
    return left


def _member(customer_id: int, account: _Account) -> Member:
    return Member(customer_id, account.standing.exposure_amount, account.standing.limit_amount, account.is_starting)


def _why(account: _Account, others: Sequence[_Account], amount: Decimal) -> Stop | None:
    why = credit.stop(account.standing, amount, _shared(account, others))
    if why or account.standing.is_released:
        return why
    return next((found for other in others if (found := credit.stop(other.standing))), None)


def _shared(account: _Account, others: Sequence[_Account]) -> Decimal:
    """What other currencies use of the one limit to start with, in this account's currency."""
    if not account.is_starting:
        return Decimal(0)
    used = sum((max(other.standing.exposure_amount, Decimal(0)) * other.rate for other in others if other.is_starting), Decimal(0))
    return (used / account.rate).quantize(Decimal("0.01"))


def _accounts(change: Change, customer_ids: set[int], as_of: date) -> dict[int, dict[str, _Account]]:
    """How the customers stand, by currency; bills dated ahead count as well."""
    found: dict[int, dict[str, _Account]] = {}
    for row in records(change, _STANDING, {"customer_ids": sorted(customer_ids), "as_of": as_of}):
        customer_id, is_starting, rate = row.pop("customer_id"), row.pop("is_starting"), row.pop("rate")
        found.setdefault(customer_id, {})[row["currency"]] = _Account(Standing(**row), is_starting, Decimal(rate))
    return found


def _new(change: Change, currency: str, as_of: date) -> _Account:
    """A customer without money in that currency yet."""
    limit, rate = first(change, _TO_START_WITH, {"currency": currency, "as_of": as_of})
    return _Account(Standing(currency, Decimal(0), limit), is_starting=True, rate=Decimal(rate))


def _name(change: Change, customer_id: int) -> str:
    return str(first(change, _NAME, {"customer_id": customer_id})[0])


_STANDING: Final = """
    select
        standing.customer_id, standing.currency,
        standing.exposure_amount + coalesce(ahead.amount, 0) as exposure_amount,
        standing.limit_amount, standing.on_account_amount, standing.aged_amount, standing.most_aged_amount, standing.most_days,
        standing.stop_rate, standing.released_until_on is not null as is_released,
        standing.limit_until_on is null and (standing.credit_grade = 'unrated' or standing.amount_12m = 0)
            and standing.limit_amount <= (rule.start_amount / coalesce(rate.rate, 1))::decimal(18, 2) as is_starting,
        coalesce(rate.rate, 1) as rate
    from credit_standing_of_few($customer_ids::integer[], $as_of::date, timestamp '9999-12-30') as standing
    cross join credit_rule($as_of::date, timestamp '9999-12-30') as rule
    left join rate_at($as_of::date, timestamp '9999-12-30') as rate on standing.currency = rate.currency
    left join (
        select posting.customer_id, posting.currency, sum(posting.amount) as amount
        from posting
        where posting.on_date > $as_of::date and posting.customer_id in (select unnest($customer_ids::integer[]))
        group by posting.customer_id, posting.currency
    ) as ahead on standing.customer_id = ahead.customer_id and standing.currency = ahead.currency
"""
_TO_START_WITH: Final = """
    select
        (rule.start_amount / coalesce(rate_on($currency, $as_of::date, timestamp '9999-12-30'), 1))::decimal(18, 2),
        coalesce(rate_on($currency, $as_of::date, timestamp '9999-12-30'), 1)
    from credit_rule($as_of::date, timestamp '9999-12-30') as rule
"""
_NAME: Final = """
    select name from customer_record
    where customer_id = $customer_id and until_on = date '9999-12-31' and retired_at = timestamp '9999-12-31'
"""
