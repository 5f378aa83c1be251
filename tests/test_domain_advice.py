"""Why money is late and what to do next: the most important finding is told, in both languages."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from lib.domain import advice

ROW: dict[str, Any] = {
    "currency": "CNY",
    "overdue_amount": Decimal(10_000),
    "unallocated_amount": Decimal(0),
    "disputed_amount": Decimal(0),
    "promised_amount": Decimal(0),
    "promised_on": None,
    "broken_promises": 0,
    "invoices": 3,
    "max_days": 5,
    "untouched_days": 2,
}


@pytest.mark.parametrize(
    ("more", "reason", "step"),
    [
        ({}, "刚逾期 5 天", "提醒"),
        ({"max_days": 20}, "逾期 20 天，共 3 笔", "打电话"),
        ({"max_days": 40}, "催过未付", "组长"),
        ({"max_days": 40, "untouched_days": None}, "没有联系", "今天打电话"),
        ({"max_days": 91, "untouched_days": 90}, "最长逾期 91 天", "催款函"),
        ({"max_days": 366}, "坏账", "坏账评审"),
        ({"max_days": 4806}, "最长逾期 4,806 天", "坏账评审"),
        ({"max_days": 366, "broken_promises": 2}, "2 次承诺未兑现", "经理"),
        ({"promised_on": date(2026, 7, 3), "promised_amount": Decimal(8_000)}, "承诺 2026年7月3日 前付 ¥8,000", "次日"),
        ({"promised_on": date(2026, 7, 3), "promised_amount": Decimal(8_000), "broken_promises": 1}, "1 次承诺未兑现", "经理"),
        ({"disputed_amount": Decimal(5_000), "broken_promises": 1}, "5,000 有争议", "争议"),
        ({"unallocated_amount": Decimal(-10_000), "disputed_amount": Decimal(9_000)}, "1万，足以结清", "核销"),
    ],
)
def test_the_first_finding_that_holds_is_told(more: dict[str, Any], reason: str, step: str) -> None:
    row = ROW | more
    assert reason in advice.reason(row).zh
    assert step in advice.next_step(row).zh


def test_both_languages_say_the_same_figures() -> None:
    said = advice.reason(ROW | {"promised_on": date(2026, 7, 3), "promised_amount": Decimal(8_000)})
    assert said.en == "Promised ¥8K by 3 Jul 2026"


@pytest.mark.parametrize(("broken", "said"), [(1, "Broke 1 promise, oldest 40 d late"), (2, "Broke 2 promises, oldest 40 d late")])
def test_english_agrees_with_its_numbers(broken: int, said: str) -> None:
    assert advice.reason(ROW | {"broken_promises": broken, "max_days": 40}).en == said
