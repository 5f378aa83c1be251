"""The words of customer value: bands of recency, frequency and money, risk grades, and the models with their simple rules."""

from __future__ import annotations

from typing import Final

from lib.text import Text

RFM_BAND: Final = {
    "core": Text("核心", "Core"),
    "strong": Text("主力", "Strong"),
    "middle": Text("一般", "Middling"),
    "weak": Text("边缘", "Weak"),
    "asleep": Text("一年没买", "Asleep"),
}
RISK_GRADE: Final = {
    "low": Text("低风险", "Low risk"),
    "mid": Text("中风险", "Some risk"),
    "high": Text("高风险", "High risk"),
    "unknown": Text("未知", "Unknown"),
}
MODEL: Final = {
    "purchases": Text("购买与价值", "Purchases and value"),
    "late": Text("晚付", "Paying late"),
    "credit": Text("信用分", "Credit score"),
    "groups": Text("自动分组", "Groups"),
    "text": Text("评语情绪", "Mood of comments"),
}
RULE: Final = {
    "purchases": Text("多久没买", "days since the last purchase"),
    "late": Text("晚付的比例", "share paid late"),
    "credit": Text("按期付款率", "share paid on time"),
    "text": Text("词表", "word list"),
}
"""The simple rule each model is held against."""
