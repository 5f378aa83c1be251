"""How customers pay: the part of the catalog about days, lateness, promises and bad debt."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from lib.domain.dates import QUARTER_WEEKS
from lib.metrics.metric import Metric, Part
from lib.text import Text

PROMISED: Final = Part("promise")
OVERDUE: Final = Part("overdue", "amount", count="items", running=True)
OPEN: Final = Part("money", "amount", "due_on is not null", "items", running=True)
_SOLD: Final = Part("sold", "amount", count="items", running=True)
_SETTLEMENT: Final = Part("settlement")
"""Weeks of settled invoices a weekly figure of habit rests on."""

PAYING: Final = (
    Metric(
        "dso_standard_days",
        Text("回款天数（标准）", "DSO (standard)"),
        Text(
            "未收账单金额相当于近 91 天多少天的开票额；销售起伏大时会失真",
            "How many days of the last 91 days' billing are open; bends when sales swing",
        ),
        Text("未收账单金额 ÷ 近 91 天开票额 × 91", "open invoice amount ÷ billing of the last 91 days × 91"),
        unit="days",
        good="down",
        group="receivables",
        numerator=OPEN,
        denominator=_SOLD,
        scale=91,
        opens="receivables",
    ),
    Metric(
        "dso_best_days",
        Text("最佳回款天数", "Best possible DSO"),
        Text(
            "若没有逾期，回款天数会是多少：只算未到期的未收金额", "What DSO would be if nothing were overdue: only open money not yet due"
        ),
        Text("未到期未收金额 ÷ 近 91 天开票额 × 91", "open amount not yet due ÷ billing of the last 91 days × 91"),
        unit="days",
        good="down",
        group="receivables",
        numerator=Part("not_due", "amount", count="items", running=True),
        denominator=_SOLD,
        scale=91,
        opens="receivables",
    ),
    Metric(
        "delinquent_days",
        Text("平均拖欠天数 ADD", "Average days delinquent (ADD)"),
        Text("标准回款天数减去最佳回款天数：逾期让回款慢了多少天", "Standard DSO less best possible DSO: the days that lateness costs"),
        Text("逾期金额 ÷ 近 91 天开票额 × 91", "overdue amount ÷ billing of the last 91 days × 91"),
        unit="days",
        good="down",
        group="receivables",
        numerator=OVERDUE,
        denominator=_SOLD,
        scale=91,
        opens="receivables",
    ),
    Metric(
        "overdue_age_days",
        Text("逾期账龄（金额加权）", "Age of overdue money"),
        Text("逾期的钱平均已逾期多少天，按金额加权", "How many days overdue money is late on average, weighted by amount"),
        Text("Σ（逾期金额 × 逾期天数）÷ Σ 逾期金额", "Σ (overdue amount × days late) ÷ Σ overdue amount"),
        unit="days",
        good="down",
        group="receivables",
        numerator=replace(OVERDUE, grows=True),
        denominator=OVERDUE,
        opens="receivables",
    ),
    Metric(
        "collection_effectiveness",
        Text("催收有效指数 CEI", "Collection effectiveness (CEI)"),
        Text(
            "近 91 天可收的钱中收回（或冲减）了多少；期末没有逾期时正好是 100",
            "Of what could be collected in the last 91 days, how much was settled; exactly 100 when nothing is overdue at the end",
        ),
        Text("100 × 近 91 天结清额 ÷（结清额 + 期末逾期金额）", "100 × settled in the last 91 days ÷ (settled + overdue at the end)"),
        unit="score",
        good="up",
        group="receivables",
        numerator=Part("settled", "amount", count="items", running=True),
        denominator=Part("collectible", "amount", count="items", running=True),
        scale=100,
        opens="receivables",
    ),
    Metric(
        "bad_debt_rate",
        Text("坏账率", "Bad-debt ratio"),
        Text(
            "近 365 天核销的坏账减去收回的，占开票额的份额",
            "Written off in the last 365 days less what was recovered, as a share of billing",
        ),
        Text("近 365 天（核销 − 收回）÷ 近 365 天开票额", "(written off − recovered) ÷ billing, both of the last 365 days"),
        unit="rate",
        good="down",
        group="receivables",
        numerator=Part("written_off", "amount", count="items", running=True),
        denominator=Part("sold_year", "amount", count="items", running=True),
        opens="receivables",
    ),
    Metric(
        "at_risk_rate",
        Text("高风险份额", "At-risk share"),
        Text("未收账单金额中逾期超过 90 天的份额", "The part of open invoice money that is more than 90 days overdue"),
        Text("逾期 > 90 天的未收金额 ÷ 未收账单金额", "open amount > 90 days overdue ÷ open invoice amount"),
        unit="rate",
        good="down",
        group="receivables",
        numerator=Part("at_risk", "amount", count="items", running=True),
        denominator=OPEN,
        opens="receivables",
    ),
    Metric(
        "promise_kept_amount_rate",
        Text("承诺兑现率（按金额）", "Promises kept, by amount"),
        Text(
            "近 13 周到期的付款承诺中，按期足额付清的金额份额",
            "Of money promised for the last 13 weeks, the share of promises paid in full by their day",
        ),
        Text("兑现承诺的金额 ÷ 到期承诺的金额", "amount of promises kept ÷ amount of promises due"),
        unit="rate",
        good="up",
        group="receivables",
        numerator=replace(PROMISED, amount="amount", only="result = 'kept'"),
        denominator=replace(PROMISED, amount="amount"),
        window=QUARTER_WEEKS,
        opens="receivables",
    ),
    Metric(
        "on_time_rate",
        Text("按期结清率", "Settled on time"),
        Text(
            "近 13 周结清的账单中，到期日或之前结清的份额", "Of invoices settled in the last 13 weeks, the share settled by their due date"
        ),
        Text("按期结清数 ÷ 结清数", "settled on time ÷ settled"),
        unit="rate",
        good="up",
        group="receivables",
        numerator=replace(_SETTLEMENT, only="is_on_time"),
        denominator=_SETTLEMENT,
        window=QUARTER_WEEKS,
        opens="receivables",
    ),
    Metric(
        "cycle_days",
        Text("开票到结清", "From bill to money"),
        Text("近 13 周结清的账单，从开票到结清平均几天", "Days from the bill to its settlement, of invoices settled in the last 13 weeks"),
        Text("Σ（结清日 − 开票日）÷ 结清数", "Σ (settled − billed) ÷ settled"),
        unit="days",
        good="down",
        group="receivables",
        numerator=replace(_SETTLEMENT, amount="cycle_days"),
        denominator=_SETTLEMENT,
        window=QUARTER_WEEKS,
        opens="receivables",
    ),
    Metric(
        "sending_days",
        Text("开票到送出", "From bill to dispatch"),
        Text(
            "近 13 周结清的账单，从开票到送出平均几天；不是从这里送出的不算",
            "Days from the bill to its dispatch, of invoices settled in the last 13 weeks and sent from here",
        ),
        Text("Σ（送出日 − 开票日）÷ 送出数", "Σ (sent − billed) ÷ sent"),
        unit="days",
        good="down",
        group="inputs",
        numerator=replace(_SETTLEMENT, amount="sending_days", only="sending_days is not null"),
        denominator=replace(_SETTLEMENT, only="sending_days is not null"),
        window=QUARTER_WEEKS,
        opens="receivables",
    ),
    Metric(
        "paying_days",
        Text("送出到结清", "From dispatch to money"),
        Text(
            "近 13 周结清的账单，从送出到结清平均几天；不是从这里送出的不算",
            "Days from dispatch to settlement, of invoices settled in the last 13 weeks and sent from here",
        ),
        Text("Σ（结清日 − 送出日）÷ 送出数", "Σ (settled − sent) ÷ sent"),
        unit="days",
        good="down",
        group="receivables",
        numerator=replace(_SETTLEMENT, amount="paying_days", only="paying_days is not null"),
        denominator=replace(_SETTLEMENT, only="paying_days is not null"),
        window=QUARTER_WEEKS,
        opens="receivables",
    ),
    Metric(
        "lateness_cost_amount",
        Text("拖欠的代价", "Price of lateness"),
        Text(
            "近 91 天里逾期的钱按现行资金成本（政策，须由财务确认）算的利息",
            "Interest on overdue money over the last 91 days at the cost of money in force (a policy finance must confirm)",
        ),
        Text("Σ（逾期金额 × 近 91 天内逾期天数）× 年利率 ÷ 365", "Σ (overdue amount × days late within 91 days) × yearly rate ÷ 365"),
        unit="money",
        good="down",
        group="receivables",
        numerator=Part("lateness", "amount", running=True, grows=True),
        opens="receivables",
    ),
    Metric(
        "open_disputes",
        Text("未解决的争议", "Open disputes"),
        Text(
            "截至日还没谈妥的账单争议；谈妥以前，有争议的钱不催",
            "Disputes about invoices not settled by the date; until then their money is not asked for",
        ),
        Text("已提出 − 已解决", "opened − settled"),
        unit="count",
        good="down",
        group="receivables",
        numerator=Part("dispute", "step", count="step", running=True),
        opens="collect",
    ),
)
BEHAVIOUR: Final = (
    "dso_days",
    "dso_standard_days",
    "dso_best_days",
    "delinquent_days",
    "overdue_age_days",
    "collection_effectiveness",
    "bad_debt_rate",
    "at_risk_rate",
    "promise_kept_rate",
    "promise_kept_amount_rate",
    "on_time_rate",
    "cycle_days",
    "sending_days",
    "paying_days",
    "lateness_cost_amount",
)
"""How customers pay, on the page of receivables."""
