"""The rules of the weekly review people can edit: the minutes of each section, how long its lists are, when a story may be told again."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from lib.domain.policies import Field, Kind
from lib.text import Text

_MOST_MINUTES: Final = Decimal(60)
_MOST_ROWS: Final = Decimal(30)
_MOST_WEEKS: Final = Decimal(52)
_MINUTES: Final = Text("每节几分钟", "Minutes of each section")
_LISTS: Final = Text("名单和故事", "Lists and stories")
SECTION: Final[Mapping[str, Text]] = {
    "actions": Text("上周承诺", "What we promised"),
    "voice": Text("客户之声", "Voice of the customer"),
    "board": Text("指标板", "The numbers"),
    "overdue": Text("逾期名单", "Overdue"),
    "experience": Text("满意度·投诉·流失", "Satisfaction, complaints, churn"),
    "topics": Text("议题", "Topics"),
    "wrap": Text("收尾", "Wrap-up"),
}
"""The sections of a meeting, in their order."""

REVIEW: Final = Kind(
    "review",
    Text("周会规则", "Weekly review"),
    Text(
        "周会每节几分钟，逾期名单看前几名，同一位客户的故事隔几周才再讲。",
        "How long each section of the review takes, how many overdue customers it looks at, when a customer's story may be told again.",
    ),
    (
        *(Field(f"minutes.{name}", label, least=Decimal(1), most=_MOST_MINUTES, under=_MINUTES) for name, label in SECTION.items()),
        Field("top", Text("逾期名单看前几名", "Overdue customers looked at"), least=Decimal(1), most=_MOST_ROWS, under=_LISTS),
        Field(
            "story_weeks",
            Text("同一位客户几周内不再讲", "Weeks before a customer's story is told again"),
            least=Decimal(1),
            most=_MOST_WEEKS,
            under=_LISTS,
        ),
    ),
)
