"""Closed lists with their labels: channels, scores, severities, causes, outcomes."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from lib.text import Text

CHANNEL: Final[dict[str, Text]] = {
    "phone": Text("电话", "Phone"),
    "wechat": Text("微信", "WeChat"),
    "visit": Text("面访", "Visit"),
    "email": Text("邮件", "Email"),
    "sms": Text("短信", "SMS"),
    "meeting": Text("会议", "Meeting"),
    "web": Text("网页", "Web"),
    "letter": Text("信函", "Letter"),
}
DIRECTION: Final[dict[str, Text]] = {
    "out": Text("我方联系客户", "We contacted them"),
    "in": Text("客户联系我方", "They contacted us"),
}
OUTCOME: Final[dict[str, Text]] = {
    "reached": Text("已联系上", "Reached"),
    "no_answer": Text("未接通", "No answer"),
    "agreed": Text("已达成一致", "Agreed"),
    "disputed": Text("有异议", "Disputed"),
    "call_back": Text("需再联系", "Call again"),
}
COLLECT_OUTCOME: Final[dict[str, Text]] = {
    "reached": OUTCOME["reached"],
    "promised": Text("承诺付款", "Promises to pay"),
    "paid": Text("称已付款", "Says it is paid"),
    "disputed": OUTCOME["disputed"],
    "refuses": Text("拒绝付款", "Refuses to pay"),
    "no_answer": OUTCOME["no_answer"],
    "wrong_number": Text("号码不对", "Wrong number"),
}
"""What a collector's call comes to."""
SPOKEN: Final = frozenset({"reached", "promised", "paid", "disputed", "refuses"})
"""Outcomes after which the customer has been reminded."""
SEVERITY: Final[dict[int, Text]] = {
    1: Text("严重：安全、法律或大额", "Severe: safety, legal or large money"),
    2: Text("一般：影响客户使用", "Normal: the customer is hindered"),
    3: Text("轻微：不便或不满", "Slight: a nuisance"),
}
PRIORITY: Final[dict[int, Text]] = {
    1: Text("紧急：客户停工", "Urgent: the customer's work stands still"),
    2: Text("一般：影响客户使用", "Normal: the customer is hindered"),
    3: Text("不急：咨询、小事", "Low: a question, a small matter"),
}
"""How soon a service request is to be served."""
PRIORITY_SHORT: Final[dict[str, Text]] = {"1": Text("紧急", "Urgent"), "2": Text("一般", "Normal"), "3": Text("不急", "Low")}
CAUSE: Final[dict[str, Text]] = {
    "quality": Text("产品质量", "Product quality"),
    "delivery": Text("交付", "Delivery"),
    "billing": Text("账单与对账", "Billing"),
    "service": Text("服务态度", "Service manner"),
    "contract": Text("合同与价格", "Contract and price"),
    "other": Text("其他", "Other"),
}
MOOD: Final[dict[str, Text]] = {
    "good": Text("好评", "Pleased"),
    "neither": Text("中性", "Neither"),
    "bad": Text("差评", "Displeased"),
}
"""What a text says of how the customer feels; `mood_side` says it in SQL, `lib/domain/moods.py` from where on."""
READER: Final[dict[str, Text]] = {
    "words": Text("词表", "Word list"),
    "model": Text("模型", "Model"),
    "person": Text("人工", "A person"),
}
"""Who read a text."""
THEME: Final[dict[str, Text]] = {
    "quality": CAUSE["quality"],
    "delivery": Text("交付与物流", "Delivery"),
    "billing": Text("账单与对账", "Billing and statements"),
    "price": Text("价格与合同", "Price and contract"),
    "service": CAUSE["service"],
    "after_sales": Text("售后", "After-sales"),
    "system": Text("系统与线上", "Online system"),
    "other": CAUSE["other"],
}
"""What customers speak of, by `lib/domain/theme_words.py`; the last one is a person's choice only."""
STAGE: Final[dict[str, Text]] = {
    "enquiry": Text("咨询", "Enquiry"),
    "quote": Text("报价", "Quote"),
    "contract": Text("签约", "Contract"),
    "delivery": CAUSE["delivery"],
    "reconciliation": Text("对账", "Reconciliation"),
    "payment": Text("付款", "Payment"),
    "after_sales": Text("售后", "After-sales"),
}
"""The stages of a customer's journey, in their order."""
ASPECT: Final[dict[str, Text]] = {
    "quality": CAUSE["quality"],
    "delivery": Text("交付准时", "Delivery on time"),
    "price": Text("价格合理", "Fair price"),
    "billing": Text("账单与对账清楚", "Clear bills"),
    "response": Text("响应速度", "Quick response"),
    "manager": Text("客户经理", "Account manager"),
}
"""What a customer can give marks for beside the score."""
ASPECT_LOW: Final = 2
ASPECT_HIGH: Final = 5
"""Marks run from 1 to this; up to the lower one they count as bad."""
DISPUTE_REASON: Final[dict[str, Text]] = {
    "price": Text("价格不符", "Price is wrong"),
    "quantity": Text("数量不符", "Quantity is wrong"),
    "quality": CAUSE["quality"],
    "delivery": CAUSE["delivery"],
    "already_paid": Text("客户称已付", "Says it is paid"),
    "no_invoice": Text("未收到账单", "Invoice not received"),
    "contract": CAUSE["contract"],
    "other": CAUSE["other"],
}
DISPUTE_OUTCOME: Final[dict[str, Text]] = {
    "accepted": Text("客户有理", "Customer is right"),
    "partly": Text("部分有理", "Partly right"),
    "rejected": Text("不成立", "Not justified"),
}
FOUND_BY: Final[dict[str, Text]] = {
    "customer": Text("客户提出", "The customer said so"),
    "survey": Text("回访或调查", "A call-back or survey"),
    "staff": Text("我们自己发现", "We noticed ourselves"),
    "authority": Text("监管或媒体", "An authority or the media"),
}
"""How a complaint came to be known."""


@dataclass(frozen=True, slots=True)
class ScoreScale:
    """How one satisfaction score is read: its range, and up to where it is low enough to call back."""

    label: Text
    question: Text
    low: int
    high: int
    low_until: int

    def is_low(self, score: Decimal | int) -> bool:
        """Whether the customer is to be called back; the rate of closed loops counts these."""
        return score <= self.low_until


UNDATED_NOTE: Final = "state date unknown"
"""What an imported state without a date is noted as; pages say it in the person's language."""

SCORE: Final[dict[str, ScoreScale]] = {
    "nps": ScoreScale(
        Text("推荐意愿 NPS", "Recommendation (NPS)"),
        Text(
            "您有多大可能把我们推荐给同行或同事？0 完全不可能，10 极有可能",
            "How likely are you to recommend us to a colleague? 0 not at all, 10 extremely",
        ),
        0,
        10,
        6,
    ),
    "csat": ScoreScale(
        Text("满意度 CSAT", "Satisfaction (CSAT)"),
        Text("您对这次服务满意吗？1 很不满意，5 很满意", "How satisfied were you? 1 very dissatisfied, 5 very satisfied"),
        1,
        5,
        2,
    ),
    "ces": ScoreScale(
        Text("费力度 CES", "Effort (CES)"),
        Text("办这件事费力吗？1 很费力，7 很轻松", "How easy was it? 1 very hard, 7 very easy"),
        1,
        7,
        3,
    ),
}
