"""Why a customer's money is late and what to do next, in words. Pure: reads one row of the query `overdue_customers`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from lib import formats
from lib.text import Text

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rule:
    """One finding: when it holds, what it says and what follows from it. The first that holds is told."""

    holds: Callable[[Row], bool]
    reason: Text
    next_step: Text


RULES: Final = (
    Rule(
        lambda row: -row["unallocated_amount"] >= row["overdue_amount"],
        Text("有未核销收款 {unallocated}，足以结清", "{unallocated} on account would cover it"),
        Text("先核销收款，不要催款", "Allocate that money; do not chase"),
    ),
    Rule(
        lambda row: 2 * row["disputed_amount"] >= row["overdue_amount"],
        Text("{disputed} 有争议", "{disputed} is disputed"),
        Text("先解决争议，再催其余", "Settle the dispute, then ask the rest"),
    ),
    Rule(
        lambda row: bool(row["promised_on"]) and row["broken_promises"] == 0,
        Text("承诺 {promised_on} 前付 {promised}", "Promised {promised} by {promised_on}"),
        Text("承诺日次日核对到账", "Check the account the day after"),
    ),
    Rule(
        lambda row: row["broken_promises"] > 0,
        Text("{broken} 次承诺未兑现，最长逾期 {days} 天", "Broke {broken}, oldest {days} d late"),
        Text("由经理致电，要书面付款计划", "Manager calls for a written plan"),
    ),
    Rule(
        lambda row: row["max_days"] > _YEAR,
        Text("最长逾期 {days} 天，可能成坏账", "Oldest {days} d late, may be bad debt"),
        Text("提交坏账评审，停止赊销", "Bad-debt review; stop credit"),
    ),
    Rule(
        lambda row: row["max_days"] > _QUARTER,
        Text("最长逾期 {days} 天，共 {invoices} 笔", "Oldest {days} d late, {invoices}"),
        Text("发正式催款函，评审是否停止赊销", "Send a formal demand; review credit"),
    ),
    Rule(
        lambda row: row["untouched_days"] is None or row["untouched_days"] > _MONTH,
        Text("逾期 {days} 天，一个月没有联系", "{days} d late, no contact for a month"),
        Text("今天打电话，问清原因并记录承诺", "Call today, ask why, record a promise"),
    ),
    Rule(
        lambda row: row["max_days"] > _LEAD_CALLS,
        Text("逾期 {days} 天，催过未付", "{days} d late, still unpaid after contact"),
        Text("由组长致电，约定付款日", "Team lead calls and agrees a date"),
    ),
    Rule(
        lambda row: row["max_days"] > _REMIND_UNTIL,
        Text("逾期 {days} 天，共 {invoices} 笔", "{days} d late, {invoices}"),
        Text("打电话，记录付款承诺", "Call and record a promise to pay"),
    ),
    Rule(
        lambda _row: True,
        Text("刚逾期 {days} 天", "Just {days} d late"),
        Text("发提醒和对账单", "Send a reminder with the statement"),
    ),
)
"""In order of what would be wrong to miss: money already here, a dispute and a running promise come before any chasing.

The days are those of the usual ladder: reminders until day 10, a call by the lead from day 35, a formal demand after a quarter.
"""
_REMIND_UNTIL: Final = 10
_MONTH: Final = 30
_LEAD_CALLS: Final = 35
_QUARTER: Final = 90
_YEAR: Final = 365


def reason(row: Row) -> Text:
    """Why this money is late."""
    return _filled(_rule(row).reason, row)


def next_step(row: Row) -> Text:
    """What to do about it next."""
    return _filled(_rule(row).next_step, row)


def _rule(row: Row) -> Rule:
    return next(rule for rule in RULES if rule.holds(row))


def _filled(sentence: Text, row: Row) -> Text:
    # A list of a thousand customers is worded at each click: only what the sentence names is formatted.
    values = {name: tell(row) for name, tell in _TOLD.items() if f"{{{name}}}" in sentence.zh}
    return Text(sentence.say("zh", **values), sentence.say("en", **values)) if values else sentence


def _money(amount: Decimal, currency: str) -> Text:
    return Text(formats.money(amount, currency, "zh", compact=True), formats.money(amount, currency, "en", compact=True))


def _day(on: date | None) -> Text:
    return Text(formats.full_date(on, "zh"), formats.full_date(on, "en"))


_TOLD: Final[Mapping[str, Callable[[Row], object]]] = {
    "days": lambda row: formats.number(row["max_days"]),
    "invoices": lambda row: formats.counted(row["invoices"], "invoice", "invoices"),
    "broken": lambda row: formats.counted(row["broken_promises"], "promise", "promises"),
    "disputed": lambda row: _money(row["disputed_amount"], row["currency"]),
    "unallocated": lambda row: _money(-row["unallocated_amount"], row["currency"]),
    "promised": lambda row: _money(row["promised_amount"], row["currency"]),
    "promised_on": lambda row: _day(row["promised_on"]),
}
"""What a sentence may name."""
