"""Every metric. Screens, exports, the shell and `docs/METRICS.md` have no label, format or formula of their own."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Final

from lib.metrics.listening import LISTENING
from lib.metrics.metric import GROUPS, REACH, Metric, Part
from lib.metrics.paying import OPEN, OVERDUE, PAYING, PROMISED
from lib.metrics.retaining import RETAINING
from lib.text import Text

_BILLED: Final = Part("money", "amount", "kind = 'invoice'", "items")
_ACTIVE: Final = Part(REACH, "bought")

_METRICS: Final = (
    Metric(
        "overdue_amount",
        Text("逾期金额", "Overdue amount"),
        Text(
            "截至日已过到期日且未收清的金额；到期当天不算，未核销收款不冲减",
            "Open money of invoices past their due date; due today does not count, unallocated money is not netted",
        ),
        Text("Σ 未收金额，到期日 < 截至日", "Σ open amount where due date < as-of date"),
        unit="money",
        good="down",
        group="receivables",
        numerator=OVERDUE,
        opens="overdue",
    ),
    Metric(
        "overdue_rate",
        Text("逾期率", "Overdue rate"),
        Text("未收账单金额中已逾期的部分", "The part of open invoice money that is overdue"),
        Text("逾期金额 ÷ 未收账单金额", "overdue amount ÷ open invoice amount"),
        unit="rate",
        good="down",
        group="receivables",
        numerator=OVERDUE,
        denominator=OPEN,
        opens="overdue",
    ),
    Metric(
        "balance_amount",
        Text("应收余额", "Receivables"),
        Text("客户欠我们的钱，减去未核销的收款和贷项", "What customers owe us, less unallocated payments and credits"),
        Text("Σ 全部账目", "Σ all postings"),
        unit="money",
        good="down",
        group="receivables",
        numerator=replace(OPEN, only="true"),
        opens="overdue",
    ),
    Metric(
        "dso_days",
        Text("回款天数 DSO", "DSO (countback)"),
        Text(
            "倒推法：从截至日往回数，最近多少天的开票额等于未收账单金额",
            "Countback: how many of the latest days of billing make up what is open",
        ),
        Text(
            "自截至日倒推，Σ 每日开票额 = 未收账单金额 时的天数",
            "days back from the as-of date until Σ daily billing = open invoice amount",
        ),
        unit="days",
        good="down",
        group="receivables",
        numerator=OPEN,
        is_countback=True,
        opens="overdue",
    ),
    Metric(
        "collected_amount",
        Text("回款金额", "Collected"),
        Text("一周内收到的款项，按收款日", "Money received in the week, by the day it came"),
        Text("Σ 收款金额", "Σ payments"),
        unit="money",
        good="up",
        group="receivables",
        numerator=Part("money", "-amount", "kind = 'payment'"),
        opens="overdue",
    ),
    Metric(
        "billed_amount",
        Text("开票金额", "Billed"),
        Text("一周内开出的账单，按开票日", "Invoices issued in the week, by invoice date"),
        Text("Σ 账单金额", "Σ invoices"),
        unit="money",
        good="up",
        group="receivables",
        numerator=_BILLED,
        opens="overdue",
    ),
    Metric(
        "promise_kept_rate",
        Text("承诺兑现率", "Promises kept"),
        Text(
            "近 4 周到期的付款承诺中，按期足额付清的份额；今天到期的不算",
            "Of promises due in the last 4 weeks, the share paid in full by their day; those due today come later",
        ),
        Text("兑现数 ÷ 到期数", "kept ÷ due"),
        unit="rate",
        good="up",
        group="receivables",
        numerator=replace(PROMISED, only="result = 'kept'"),
        denominator=PROMISED,
        window=4,
        opens="overdue",
        target=Decimal("0.8"),
    ),
    *PAYING,
    *LISTENING,
    *RETAINING,
    Metric(
        "active_customers",
        Text("活跃客户", "Active customers"),
        Text("近 365 天内有账单的客户", "Customers invoiced in the last 365 days"),
        Text("客户数", "number of customers"),
        unit="count",
        good="up",
        group="value",
        numerator=_ACTIVE,
        opens="classification",
    ),
    Metric(
        "touch_coverage_rate",
        Text("联系覆盖率", "Touch coverage"),
        Text("活跃客户中近 90 天联系过的份额", "Share of active customers spoken with in the last 90 days"),
        Text("联系过的活跃客户 ÷ 活跃客户", "active customers touched ÷ active customers"),
        unit="rate",
        good="up",
        group="inputs",
        numerator=Part(REACH, "touched"),
        denominator=_ACTIVE,
        opens="classification",
    ),
)

METRICS: Final = {metric.name: metric for group in GROUPS for metric in _METRICS if metric.group == group}
"""By name, group after group in the order in which they are read."""
BOARD: Final = (
    "overdue_amount",
    "overdue_rate",
    "dso_days",
    "collected_amount",
    "promise_kept_rate",
    "nps",
    "open_complaints",
    "touch_coverage_rate",
)
"""The cards of the overview, in their order."""
SHARES: Final = (
    "touch_coverage_rate",
    "coverage_rate",
    "closed_loop_rate",
    "promise_kept_rate",
    "first_response_rate",
    "solved_in_time_rate",
    "told_rate",
)
"""Shares of things by which teams and people are compared, each on the overview."""
