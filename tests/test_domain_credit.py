"""Credit stop as a pure rule: what stops a bill, what lets it pass, and that the reason is told in numbers."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from lib.domain import credit
from lib.domain.credit import Standing

STANDING = Standing("CNY", Decimal(800), Decimal(1000), most_aged_amount=Decimal(100), most_days=30)


@pytest.mark.parametrize(("amount", "is_stopped"), [(0, False), (199, False), (200, False), (201, True)])
def test_a_bill_may_fill_the_limit_but_not_exceed_it(amount: int, is_stopped: bool) -> None:
    assert (credit.stop(STANDING, Decimal(amount)) is not None) is is_stopped


def test_a_full_limit_stops_the_next_bill_however_small() -> None:
    full = STANDING.after(Decimal(200), prepaid=False)
    assert credit.stop(full) is not None
    assert credit.stop(full, Decimal("0.01")) is not None


def test_without_a_bill_the_reason_speaks_of_none() -> None:
    full = credit.stop(STANDING.after(Decimal(200), prepaid=False))
    assert full
    assert (full.words().zh, full.words().en) == (
        "停供：CNY 已占用 1,000.00，信用额度 1,000.00",
        "credit stop: 1,000.00 CNY is in use, the credit limit is 1,000.00",
    )


def test_money_on_account_makes_room() -> None:
    assert credit.stop(replace(STANDING, exposure_amount=Decimal(-50)), Decimal(1050)) is None


def test_old_debt_stops_whatever_the_limit_says() -> None:
    old = replace(STANDING, limit_amount=Decimal(10**6), aged_amount=Decimal(101))
    why = credit.stop(old)
    assert why is not None
    assert why.words().en == "credit stop: 101.00 CNY has been overdue for more than 30 days; 100.00 at most is allowed"


def test_low_grade_pays_first_once_overdue() -> None:
    why = credit.stop(replace(STANDING, most_days=0, aged_amount=Decimal(101)))
    assert why is not None
    assert why.words().zh == "停供：信用档低，CNY 已逾期 101.00，须先付款"


def test_release_lifts_every_stop() -> None:
    assert credit.stop(replace(STANDING, aged_amount=Decimal(10**6), is_released=True), Decimal(10**6)) is None


@pytest.mark.parametrize(("amount", "is_prepaid"), [(0, False), (100, True), (101, False)])
def test_prepaid_is_what_money_on_account_covers_whole(amount: int, is_prepaid: bool) -> None:
    assert credit.is_prepaid(replace(STANDING, on_account_amount=Decimal(100)), Decimal(amount)) is is_prepaid


def test_prepaid_money_is_used_once() -> None:
    standing = replace(STANDING, on_account_amount=Decimal(100)).after(Decimal(60), prepaid=True)
    assert not credit.is_prepaid(standing, Decimal(60))


def test_refusal_says_why_in_numbers_and_the_ways_out() -> None:
    why = credit.stop(STANDING, Decimal(500))
    assert why is not None
    said = credit.refusal("恒源机械", STANDING, Decimal(500), why)
    for language in ("zh", "en"):
        assert all(number in said.say(language) for number in ("恒源机械", "800.00", "500.00", "1,000.00"))
    assert "审批" in said.say("zh")
    assert "Approvals" in said.say("en")
