"""The strategy as a rule people can edit: which class is treated by which play, what each play says, and what effort costs."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from lib.domain.policies import Field, Kind, Rows
from lib.domain.strategy import PLAYS
from lib.terms import VALUE, class_words
from lib.text import Text

_CELLS: Final = Text("每类客户用哪套打法", "Which play for which class")
_EFFORT: Final = Text("投入按小时估算", "Effort in hours")
_MOST_DAYS: Final = Decimal(730)
_HOURS: Final = {
    "interaction": Text("一次联系", "A touch"),
    "visit": Text("一次面访", "A visit"),
    "case": Text("一件投诉或争议", "A complaint or dispute"),
}
_WORDS: Final = {
    "serve_zh": Text("谁来服务（中文）", "Who serves (Chinese)"),
    "serve_en": Text("谁来服务（英文）", "Who serves (English)"),
    "offers_zh": Text("给什么（中文）", "Offers (Chinese)"),
    "offers_en": Text("给什么（英文）", "Offers (English)"),
}


def _cells() -> Iterator[Field]:
    for often in VALUE["frequency"]:
        for much in VALUE["amount_grade"]:
            yield Field(f"cells.{often}.{much}", class_words(often, much), "choice", choices=PLAYS, under=_CELLS)


def _plays() -> Iterator[Field | Rows]:
    for key, name in PLAYS.items():
        yield Field(
            f"plays.{key}.cadence_days",
            Text("几天联系一次", "In touch every so many days"),
            least=Decimal(1),
            most=_MOST_DAYS,
            under=name,
        )
        yield Field(f"plays.{key}.terms_days", Text("建议账期（天）", "Suggested terms, days"), most=_MOST_DAYS, under=name)
        for word, label in _WORDS.items():
            yield Field(f"plays.{key}.{word}", label, "text", under=name)
        yield Rows(f"plays.{key}.steps", Text("步骤", "Steps"), _STEP, "days", most=8, under=name)


_STEP: Final = (
    Field("days", Text("第几天", "Day"), most=_MOST_DAYS),
    Field("zh", Text("做什么（中文）", "What (Chinese)"), "text"),
    Field("en", Text("做什么（英文）", "What (English)"), "text"),
)
STRATEGY: Final = Kind(
    "strategy",
    Text("客户策略", "Customer strategy"),
    Text(
        "每类客户谁来服务、多久联系一次、给什么条件、按什么步骤做；步骤可在客户页一键建成任务。",
        "Who serves each class, how often to be in touch, on which terms, in which steps; a click on a customer's page makes them tasks.",
    ),
    (
        *_cells(),
        *_plays(),
        *(Field(f"hours.{name}", label, "number", most=Decimal(100), under=_EFFORT) for name, label in _HOURS.items()),
    ),
    by_two=True,
)
