"""What customers say and how we answer: the part of the catalog about scores, complaints, service and feedback."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Final

from lib.domain.dates import QUARTER_WEEKS
from lib.metrics.metric import REACH, Metric, Part
from lib.text import Text

_LOW: Final = Part("answer", only="is_low and is_judged")
_ANSWERS: Final = Part("answer", only="metric = 'nps'")

LISTENING: Final = (
    Metric(
        "nps",
        Text("净推荐值 NPS", "Net promoter score"),
        Text("近 13 周的回答：给 9–10 分的份额减去给 0–6 分的份额", "Answers of the last 13 weeks: share of 9–10 less share of 0–6"),
        Text("100 ×（推荐者 − 贬损者）÷ 回答数", "100 × (promoters − detractors) ÷ answers"),
        unit="score",
        good="up",
        numerator=Part("answer", "is_top::integer - is_low::integer", "metric = 'nps'"),
        denominator=_ANSWERS,
        scale=100,
        window=QUARTER_WEEKS,
        opens="satisfaction",
    ),
    Metric(
        "csat_rate",
        Text("满意度 CSAT", "Satisfied customers (CSAT)"),
        Text("近 13 周的回答中给 4–5 分的份额", "Share of 4–5 among the answers of the last 13 weeks"),
        Text("4–5 分的回答 ÷ 回答数", "answers of 4–5 ÷ answers"),
        unit="rate",
        good="up",
        numerator=Part("answer", only="metric = 'csat' and is_top"),
        denominator=Part("answer", only="metric = 'csat'"),
        window=QUARTER_WEEKS,
        opens="satisfaction",
    ),
    Metric(
        "ces_rate",
        Text("轻松度 CES", "Easy to deal with (CES)"),
        Text(
            "近 13 周的回答中给 5–7 分（5 分制 4–5 分）的份额",
            "Share of 5–7 (4–5 on a 5-point scale) among the answers of the last 13 weeks",
        ),
        Text("5–7 分的回答 ÷ 回答数", "answers of 5–7 ÷ answers"),
        unit="rate",
        good="up",
        numerator=Part("answer", only="metric = 'ces' and is_top"),
        denominator=Part("answer", only="metric = 'ces'"),
        window=QUARTER_WEEKS,
        opens="satisfaction",
    ),
    Metric(
        "closed_loop_rate",
        Text("低分回访率", "Low scores followed up"),
        Text(
            "近 4 周的低分中，两个工作日内已回访的份额；未到期的不算",
            "Of low scores of the last 4 weeks, the share followed up within 2 working days; those not yet due come later",
        ),
        Text("按期回访数 ÷ 低分数", "followed up in time ÷ low scores"),
        unit="rate",
        good="up",
        numerator=replace(_LOW, only="is_low and is_judged and is_followed_up"),
        denominator=_LOW,
        window=4,
        opens="satisfaction",
        target=Decimal("0.9"),
    ),
    Metric(
        "open_complaints",
        Text("未结投诉", "Open complaints"),
        Text("截至日尚未告知客户结论的投诉", "Complaints whose outcome the customer has not been told"),
        Text("已开 − 已结", "opened − closed"),
        unit="count",
        good="down",
        numerator=Part("complaint", "step", running=True, count="step"),
        opens="satisfaction",
    ),
    Metric(
        "new_complaints",
        Text("新增投诉", "New complaints"),
        Text("一周内开始的投诉", "Complaints begun in the week"),
        Text("投诉件数", "number of complaints"),
        unit="count",
        good="down",
        numerator=Part("complaint", only="is_first"),
        opens="satisfaction",
    ),
    Metric(
        "coverage_rate",
        Text("听到的客户", "Customers heard from"),
        Text(
            "活跃客户（近 365 天有账单）中，近 180 天（调查规则）至少回答过一次的份额",
            "Of active customers (invoiced in the last 365 days), the share that answered in the last 180 (survey rules)",
        ),
        Text("有回答的活跃客户 ÷ 活跃客户", "active customers who answered ÷ active customers"),
        unit="rate",
        good="up",
        numerator=Part(REACH, "heard"),
        denominator=Part(REACH, "bought"),
        opens="satisfaction",
        target=Decimal("0.8"),
    ),
    Metric(
        "revenue_coverage_rate",
        Text("听到的收入", "Revenue heard from"),
        Text(
            "近 365 天的开票额中，近 180 天（调查规则）回答过的客户占的份额",
            "Of billing in the last 365 days, the share of customers who answered in the last 180 (survey rules)",
        ),
        Text("有回答客户的开票额 ÷ 开票额", "billing of customers who answered ÷ billing"),
        unit="rate",
        good="up",
        numerator=Part("heard_sold", "amount", count="items", running=True),
        denominator=Part("sold_year", "amount", count="items", running=True),
        opens="satisfaction",
        target=Decimal("0.8"),
    ),
    Metric(
        "response_rate",
        Text("调查回复率", "Survey response"),
        Text("近 13 周送达的邀请中已回答的份额；没送到的不算", "Of invitations that reached somebody in 13 weeks, the share answered"),
        Text("已回答 ÷ 已送达", "answered ÷ delivered"),
        unit="rate",
        good="up",
        numerator=Part("invite", only="is_answered"),
        denominator=Part("invite"),
        window=QUARTER_WEEKS,
        opens="surveys",
    ),
    Metric(
        "silent_rate",
        Text("沉默客户", "Silent customers"),
        Text(
            "至少两次调查送到过的客户中，最近两次都没回答的份额；调查截止后才算",
            "Of customers two surveys reached, the share that left the last two unanswered; a survey counts once it is closed",
        ),
        Text("连续两次未答的客户 ÷ 送达过两次的客户", "unanswered twice running ÷ reached twice"),
        unit="rate",
        good="down",
        numerator=Part("silence", "silent", count="reached", running=True),
        denominator=Part("silence", "reached", count="reached", running=True),
        opens="satisfaction",
    ),
    Metric(
        "recovery_rate",
        Text("低分挽回率", "Low scores won back"),
        Text(
            "近 26 周再次评分的低分客户（间隔 180 天内，调查规则）中，不再给低分的份额",
            "Of low scorers asked again within 180 days (survey rules), in the last 26 weeks, the share whose score was low no more",
        ),
        Text("不再低分的 ÷ 再次评分的", "no longer low ÷ asked again"),
        unit="rate",
        good="up",
        numerator=Part("again", only="is_recovered"),
        denominator=Part("again"),
        window=2 * QUARTER_WEEKS,
        opens="satisfaction",
    ),
    Metric(
        "own_score_rate",
        Text("自己录自己的分", "Scores typed by the rated"),
        Text(
            "近 13 周的回答中，由被评价的客户经理自己录入的份额",
            "Of answers of the last 13 weeks, the share typed in by the account manager they rate",
        ),
        Text("自己录入的回答 ÷ 回答数", "answers typed by the rated ÷ answers"),
        unit="rate",
        good="down",
        numerator=Part("answer", only="is_own"),
        denominator=Part("answer"),
        window=QUARTER_WEEKS,
        opens="satisfaction",
    ),
)
