"""The demo company's last weeks of collecting: plans, calls, reminders, disputes, holds, and what waits for a manager."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from lib.commands.collect import HoldReminders, LogOutcome, SendReminders
from lib.commands.disputes import OpenDispute, SettleDispute
from lib.commands.plans import RecordPlan
from lib.commands.proposals import Decide, ProposeCredit, ProposeWriteOff
from lib.demo.desk import Desk
from lib.demo.moments import END
from lib.demo.money_in import deliver
from lib.domain.instalments import split

PLANNED_ON: Final = date(2026, 5, 15)
_LEAD_TEAM: Final = "华东"
_LOST_DAYS: Final = 180
"""Who has bought nothing since is taken to be gone."""


def plans(desk: Desk) -> None:
    """Two customers pay in three instalments: one has kept every one, the other none."""
    found = desk.rows(_PLANNED, day=PLANNED_ON, today=END)
    kept = next(one for one in found if one[3] >= one[1])
    broken = next(one for one in found if one[2] == 0)
    for customer_id, overdue, *_ in (kept, broken):
        parts = tuple(split(overdue, 3, PLANNED_ON + timedelta(days=14), "two_weeks"))
        desk.do("finance", RecordPlan(customer_id, PLANNED_ON, parts, promised_by="财务经理", note="电话约定，每两周一期"))
    desk.take_these([kept[0], broken[0]])


def disputes(desk: Desk) -> None:
    """Two disputes: about a price, settled with a credit note, and about a delivery, still open."""
    settled, waiting = desk.take(2, lambda one: one.currency == "CNY" and 0 < one.days < 30 and len(one.invoices) > 1)  # noqa: PLR2004 (a month)
    opened = OpenDispute(settled.customer_id, (settled.invoices[0].invoice_id,), "price", desk.day, note="单价与合同附件不一致")
    (case_id,) = desk.do("finance", opened)
    part = (settled.invoices[0].amount / 20).quantize(Decimal("0.01"))
    desk.opens(desk.day + timedelta(days=1), 14)
    desk.do("finance", SettleDispute(case_id, "partly", "核对合同附件后差价 5%，开贷项", desk.day, part))
    late = OpenDispute(waiting.customer_id, (waiting.invoices[0].invoice_id,), "delivery", desk.day, note="少收一箱，要求补发后付款")
    desk.do("finance", late)


def holds(desk: Desk) -> None:
    """Two customers nobody is to remind for a while."""
    first, second = desk.take(2, lambda one: one.currency == "CNY" and 10 < one.days < 60)  # noqa: PLR2004 (neither fresh nor old)
    desk.do("finance", HoldReminders(first.customer_id, END + timedelta(days=10), "客户更换财务负责人，7 月 10 日后再联系", desk.day))
    desk.do("finance", HoldReminders(second.customer_id, END + timedelta(days=21), "集团统一付款，已约定 7 月下旬一并结清", desk.day))


def remind(desk: Desk, wanted: int, *, bounced: int = 0, is_sent: bool = True) -> None:
    """Reminders to customers a few days late, into the outbox; they go out at once, or wait there."""
    chosen = desk.take(wanted, lambda one: one.currency == "CNY" and 3 <= one.days < 20)  # noqa: PLR2004 (levels sent by mail)
    desk.do("finance", SendReminders(tuple((one.customer_id, one.currency) for one in chosen), desk.day, by="email"))
    if is_sent:
        queued = tuple(message_id for (message_id,) in desk.rows(_QUEUED))
        deliver(desk, "finance", queued, bounced=bounced)


def calls(desk: Desk) -> None:
    """What came of a morning's calls: a promise, nobody there, a wrong number."""
    promised, missed, wrong = desk.take(3, lambda one: one.currency == "CNY" and one.days > 20 and one.team == _LEAD_TEAM)  # noqa: PLR2004
    week = desk.day + timedelta(days=7)
    said = LogOutcome(promised.customer_id, "promised", desk.day, note="月底资金紧，下周二前付", promised_on=week)
    desk.do("lead", said)
    desk.do("lead", LogOutcome(missed.customer_id, "no_answer", desk.day, note="响铃无人接", next_on=desk.day + timedelta(days=2)))
    desk.do("lead", LogOutcome(wrong.customer_id, "wrong_number", desk.day, note="号码已换，联系销售补电话"))


def propose_release(desk: Desk) -> None:
    """A release from the credit stop, proposed by the lead and approved by the manager."""
    (released,) = desk.take(1, lambda one: one.currency == "CNY" and one.days > 30 and one.team == _LEAD_TEAM)  # noqa: PLR2004 (stopped)
    reason = "客户已付旧欠一半，月内交货不宜中断"
    desk.opens(date(2026, 6, 25), 10)
    proposal_id = desk.do("lead", ProposeCredit(released.customer_id, END + timedelta(days=15), reason, desk.day))
    desk.opens(date(2026, 6, 25), 15, 30)
    desk.do("manager", Decide(proposal_id, "approved", "同意放行到 7 月 15 日，每周报一次回款", desk.day))


def propose(desk: Desk) -> None:
    """A limit and a write-off that wait for the manager."""
    (limited,) = desk.take(1, lambda one: one.currency == "CNY" and one.days > 30 and one.team == _LEAD_TEAM)  # noqa: PLR2004
    amount = (limited.amount * 2).quantize(Decimal(1000)).quantize(Decimal(1)) + 20_000
    wanted = ProposeCredit(limited.customer_id, END + timedelta(days=92), "三季度旺季备货，申请临时额度", desk.day, amount=amount)
    desk.do("lead", wanted)
    (lost,) = desk.take(1, lambda one: one.currency == "CNY" and all((END - item.due_on).days > _LOST_DAYS for item in one.invoices))
    parts = tuple((item.invoice_id, item.amount) for item in lost.invoices)
    evidence = "催款函 3 次，上门 2 次，工商登记已注销"
    desk.do("finance", ProposeWriteOff(lost.customer_id, parts, "客户已停业，多次催收无果", evidence, desk.day))


_PLANNED: Final = """
    with owed as (
        select item.customer_id, sum(item.open_amount) as amount
        from open_invoice_at($day::date, timestamp '9999-12-30') as item
        where item.due_on < $day and item.currency = 'CNY'
        group by item.customer_id
    ),

    paid as (
        select
            posting.customer_id, -sum(posting.amount) as amount,
            -sum(posting.amount) filter (where posting.on_date <= $day::date + 14) as early_amount
        from posting
        where posting.kind = 'payment' and posting.on_date between $day and $today and posting.currency = 'CNY'
        group by posting.customer_id
    )

    select owed.customer_id, owed.amount, coalesce(paid.amount, 0), coalesce(paid.early_amount, 0)
    from owed
    left join paid on owed.customer_id = paid.customer_id
    where
        owed.amount between 10000 and 120000
        and owed.customer_id not in (
            select promise.customer_id from promise
            where promise.cancelled_on is null and promise.due_on >= $day and promise.retired_at = timestamp '9999-12-31'
        )
    order by owed.customer_id
"""
_QUEUED: Final = """
    select message.message_id from message_at(date '9999-12-30', timestamp '9999-12-30') as message
    where message.state = 'queued' and message.kind = 'reminder'
    order by message.message_id
"""
