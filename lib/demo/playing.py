"""The demo company's last two months at its desks, in the order of the days."""

from __future__ import annotations

from datetime import date

from lib.demo import money_in, money_owed, reviewing, surveying, treating
from lib.demo.desk import Desk
from lib.demo.moments import END
from lib.store.ledger import Ledger


def play(ledger: Ledger, *, reviewed: bool = False) -> None:
    """Everything that is done by hand in the new demo ledger, ending with the office hours of the demo date.

    `reviewed`: with the weekly reviews, which takes some seconds more.
    """
    desk = Desk(ledger)
    desk.opens(money_in.AGREED_ON, 9, 30)
    money_in.rates(desk, money_in.AGREED_ON)
    serviced = money_in.agreements(desk)
    desk.opens(money_in.BILLED_ON[0], 15)
    numbers = money_in.bill(desk, money_in.BILLED_ON[0])
    desk.opens(money_owed.PLANNED_ON, 10)
    money_owed.plans(desk)
    desk.opens(money_in.BILLED_ON[1], 9, 40)
    money_in.rates(desk, money_in.BILLED_ON[1])
    money_in.bill(desk, money_in.BILLED_ON[1])
    asked = _first_review(desk) if reviewed else {}
    desk.opens(date(2026, 6, 18), 16)
    desk.take_these([money_in.recover(desk)])
    surveying.make(desk)
    if reviewed:
        desk.opens(date(2026, 6, 22), 16)
        reviewing.second(desk, asked)
    desk.opens(date(2026, 6, 23), 9, 10)
    money_owed.disputes(desk)
    money_owed.propose_release(desk)
    desk.opens(date(2026, 6, 26), 9, 15)
    money_owed.holds(desk)
    money_owed.remind(desk, 5, bounced=1)
    desk.opens(date(2026, 6, 29), 10)
    money_owed.calls(desk)
    money_owed.propose(desk)
    _last_days(desk, reviewed=reviewed)
    desk.opens(END, 9, 5)
    money_in.statement(desk, serviced, numbers)
    desk.opens(END, 11)
    money_in.mail(desk, money_in.lately_billed(desk, date(2026, 6, 24), 5), bounced=2)


def _last_days(desk: Desk, *, reviewed: bool) -> None:
    desk.opens(date(2026, 6, 29), 14, 5)
    surveying.call(desk)
    surveying.next_one(desk)
    desk.opens(date(2026, 6, 29), 15, 20)
    treating.special_terms(desk)
    treating.group(desk)
    treating.wake_up(desk)
    if reviewed:
        desk.opens(date(2026, 6, 29), 16)
        reviewing.prepared(desk)
    desk.opens(date(2026, 6, 29), 18)
    money_owed.remind(desk, 4, is_sent=False)


def _first_review(desk: Desk) -> dict[str, int]:
    desk.opens(date(2026, 6, 2), 10)
    checked = reviewing.beforehand(desk)
    desk.opens(date(2026, 6, 15), 16)
    return reviewing.first(desk, checked)
