"""The credit stop at the door: whoever writes a bill asks here first.

Imports of invoices are history and are not asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from lib.commands.documents import first, records
from lib.domain import credit
from lib.domain.credit import Standing
from lib.store.door import Change


@dataclass(frozen=True, slots=True)
class Bill:
    """A bill about to be written."""

    customer_id: int
    currency: str
    amount: Decimal


def refuse_stopped(change: Change, bills: Sequence[Bill], as_of: date) -> list[bool]:
    """Refuses: a bill for a customer who is stopped, unless money on account covers it. Each bill counts for the next; one stops all.

    Returns for each bill whether only that money lets it pass: then the invoice must take it with it
    (`lib/commands/receivables.py::take_prepaid`), so that it is not used twice.
    """
    standings = _standings(change, {bill.customer_id for bill in bills}, as_of)
    prepaid: list[bool] = []
    for bill in bills:
        about = (bill.customer_id, bill.currency)
        standing = standings.get(about) or _unknown(change, bill.currency, as_of)
        why = credit.stop(standing, bill.amount)
        covered = why is not None and credit.is_prepaid(standing, bill.amount)
        if why and not covered:
            raise credit.refusal(_name(change, bill.customer_id), standing, bill.amount, why)
        prepaid.append(covered)
        standings[about] = standing.after(bill.amount, prepaid=covered)
    return prepaid


def _standings(change: Change, customer_ids: set[int], as_of: date) -> dict[tuple[int, str], Standing]:
    """How the customers stand, by currency; bills dated ahead count as well."""
    found = records(change, _STANDING, {"customer_ids": sorted(customer_ids), "as_of": as_of})
    return {(row.pop("customer_id"), row["currency"]): Standing(**row) for row in found}


def _unknown(change: Change, currency: str, as_of: date) -> Standing:
    """A customer without money in that currency yet."""
    (limit,) = first(change, _TO_START_WITH, {"currency": currency, "as_of": as_of})
    return Standing(currency, Decimal(0), limit)


def _name(change: Change, customer_id: int) -> str:
    return str(first(change, _NAME, {"customer_id": customer_id})[0])


_STANDING: Final = """
    select
        standing.customer_id, standing.currency,
        standing.exposure_amount + coalesce(ahead.amount, 0) as exposure_amount,
        standing.limit_amount, standing.on_account_amount, standing.aged_amount, standing.most_aged_amount, standing.most_days,
        standing.stop_rate, standing.released_until_on is not null as is_released
    from credit_standing_of($customer_ids::integer[], $as_of::date, timestamp '9999-12-30') as standing
    left join (
        select posting.customer_id, posting.currency, sum(posting.amount) as amount
        from posting
        where posting.on_date > $as_of::date and posting.customer_id in (select unnest($customer_ids::integer[]))
        group by posting.customer_id, posting.currency
    ) as ahead on standing.customer_id = ahead.customer_id and standing.currency = ahead.currency
"""
_TO_START_WITH: Final = """
    select (rule.start_amount / coalesce(rate_on($currency, $as_of::date, timestamp '9999-12-30'), 1))::decimal(18, 2)
    from credit_rule($as_of::date, timestamp '9999-12-30') as rule
"""
_NAME: Final = """
    select name from customer_record
    where customer_id = $customer_id and until_on = date '9999-12-31' and retired_at = timestamp '9999-12-31'
"""
