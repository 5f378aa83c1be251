"""What customers say and how we answer: the part of the catalog about scores, complaints, service and feedback."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Final

from lib.domain.dates import QUARTER_WEEKS
from lib.metrics.metric import Metric, Part
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
)
