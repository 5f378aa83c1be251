"""How the demo company treats its customers: terms of their own, a group of three, and first steps to wake up who buys little."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Final

from lib.commands.customers import ChangeCustomer
from lib.commands.proposals import Decide, ProposeTerm
from lib.commands.special_terms import Term
from lib.commands.strategy import PlanSteps
from lib.demo.desk import Desk
from lib.demo.moments import END

_WOKEN: Final = 4


def special_terms(desk: Desk) -> None:
    """Longer terms for the largest customer, approved; a discount for the next one waits."""
    largest, second = _customers(desk, _LARGEST, 2)
    until_on = END + timedelta(days=184)
    longer = ProposeTerm(largest, Term("payment_terms", days=120), until_on, "年度框架协议：账期 120 天换全年保底量", desk.day)
    desk.do("manager", Decide(desk.do("lead", longer), "approved", "同意，到年底为止", desk.day))
    discount = Term("discount", rate=Decimal("0.03"), what="满 50 万的订单")
    desk.do("lead", ProposeTerm(second, discount, END + timedelta(days=92), "三季度冲量", desk.day))


def group(desk: Desk) -> None:
    """Two customers belong to a third: what they owe counts together."""
    head, *below = _customers(desk, _SOUND, 3)
    for customer_id in below:
        desk.do("manager", ChangeCustomer(customer_id, (("parent_id", head),)))


def wake_up(desk: Desk) -> None:
    """The steps of a play for some customers who buy little."""
    desk.do("lead", PlanSteps(tuple(_customers(desk, _QUIET, _WOKEN)), desk.day))


def _customers(desk: Desk, sql: str, count: int) -> list[int]:
    found = desk.ledger.cursor().execute(sql, {"day": desk.day, "team": "华东", "count": count}).fetchall()
    return [customer_id for (customer_id,) in found]


_LARGEST: Final = """
    select purchase.customer_id
    from purchase_class($day::date, timestamp '9999-12-30', null::text) as purchase
    inner join customer_at($day::date, timestamp '9999-12-30') as customer on purchase.customer_id = customer.customer_id
    where purchase.currency = 'CNY' and customer.team = $team
    order by purchase.amount_12m desc, purchase.customer_id
    limit $count
"""
_SOUND: Final = """
    select standing.customer_id
    from credit_standing_of(null::integer[], $day::date, timestamp '9999-12-30') as standing
    inner join customer_at($day::date, timestamp '9999-12-30') as customer on standing.customer_id = customer.customer_id
    where standing.currency = 'CNY' and standing.credit_state = 'ok' and standing.exposure_amount > 0 and customer.team = $team
    order by standing.limit_amount desc, standing.customer_id
    limit $count
"""
_QUIET: Final = """
    select purchase.customer_id
    from purchase_class($day::date, timestamp '9999-12-30', null::text) as purchase
    inner join customer_at($day::date, timestamp '9999-12-30') as customer on purchase.customer_id = customer.customer_id
    where purchase.frequency = 'low' and purchase.amount_grade = 'small' and customer.team = $team
    order by purchase.amount_12m desc, purchase.customer_id
    limit $count
"""
