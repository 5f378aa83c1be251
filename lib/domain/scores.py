"""How satisfaction is looked at: which period, split by what, and the words of each group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from lib import terms
from lib.domain import kinds
from lib.text import Text

PERIOD: Final[dict[str, Text]] = {
    "quarter": Text("按季", "Quarter"),
    "month": Text("按月", "Month"),
    "rolling": Text("滚动 13 周", "Rolling 13 weeks"),
    "wave": Text("按调查", "Survey wave"),
}
ENTRY: Final[dict[str, Text]] = {
    "customer": Text("客户自己填", "The customer"),
    "colleague": Text("同事录入", "A colleague"),
    "own": Text("被评价的人自己录入", "The rated person"),
}
"""Who typed an answer."""
LANGUAGE: Final[dict[str, Text]] = {"zh": Text("中文", "Chinese"), "en": Text("英文", "English")}
"""The language an answer was given in."""


@dataclass(frozen=True, slots=True)
class Grouping:
    """One way to split answers: its name, the words of its groups where they are codes, and the queries that count and list them."""

    label: Text
    words: Mapping[str, Text] = field(default_factory=dict)
    counted: str = "satisfaction"
    listed: str = "answers"


BY: Final[dict[str, Grouping]] = {
    "team": Grouping(Text("团队", "Team")),
    "owner": Grouping(terms.COLUMN["owner_name"]),
    "region": Grouping(Text("地区", "Region")),
    "segment": Grouping(Text("细分", "Segment")),
    "frequency": Grouping(Text("频次", "Frequency"), terms.VALUE["frequency"], "satisfaction_by_class", "answers_by_class"),
    "amount": Grouping(Text("金额档", "Amount"), terms.VALUE["amount_grade"], "satisfaction_by_class", "answers_by_class"),
    "credit": Grouping(Text("信用", "Credit"), terms.VALUE["credit_grade"], "satisfaction_by_credit", "answers_by_credit"),
    "channel": Grouping(Text("渠道", "Channel"), kinds.CHANNEL),
    "language": Grouping(Text("语言", "Language"), LANGUAGE),
    "entry": Grouping(Text("谁录入", "Who typed it"), ENTRY),
}
FUNNELS: Final = ("team", "owner")
"""Groups of people: shown against what chance allows, never as a league table."""


def counted_by(by: str | None) -> str:
    """The query that counts answers split so."""
    return BY[by].counted if by else "satisfaction"


def listed_by(by: str | None) -> str:
    """The query that lists the answers themselves."""
    return BY[by].listed if by else "answers"
