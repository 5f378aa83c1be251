"""What a survey asks: one score with every point labelled, one "why", up to five marks; ready-made in both languages, kept as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Final

from lib.domain import kinds
from lib.text import Language, Text

MOST_ASPECTS: Final = 5
"""More than one screen can hold."""
AUDIENCE: Final[dict[str, Text]] = {
    "relationship": Text("整体关系", "The relationship"),
    "transaction": Text("一次具体的事", "One event"),
}
USUAL: Final = {"nps": "relationship", "csat": "transaction", "ces": "transaction"}
"""What each score is mostly asked about."""
SAMPLING: Final[dict[str, Text]] = {
    "census": Text("全部都问", "Everybody"),
    "sample": Text("重点客户全问，其余抽样", "Key accounts all, others by sample"),
}
CHANNEL: Final[dict[str, Text]] = {name: kinds.CHANNEL[name] for name in ("email", "phone", "wechat", "visit")}
"""How somebody can be asked."""

_MARK: Final = (Text("很差", "Very poor"), Text("较差", "Poor"), Text("一般", "Fair"), Text("较好", "Good"), Text("很好", "Very good"))
MARKS: Final = dict(enumerate(_MARK, 1))
"""What each mark of an aspect says."""
_LIKELY: Final = (
    Text("完全不可能", "Not at all likely"),
    Text("几乎不可能", "Almost certainly not"),
    Text("很不可能", "Very unlikely"),
    Text("不太可能", "Unlikely"),
    Text("不大会", "Rather unlikely"),
    Text("说不准", "Cannot say"),
    Text("也许会", "Possibly"),
    Text("比较可能", "Rather likely"),
    Text("可能", "Likely"),
    Text("很可能", "Very likely"),
    Text("极有可能", "Extremely likely"),
)
_CONTENT: Final = (
    Text("很不满意", "Very dissatisfied"),
    Text("不太满意", "Dissatisfied"),
    Text("一般", "Neither"),
    Text("比较满意", "Satisfied"),
    Text("很满意", "Very satisfied"),
)
_EASY: Final = (
    Text("很费力", "Very hard"),
    Text("费力", "Hard"),
    Text("有点费力", "Rather hard"),
    Text("一般", "Neither"),
    Text("还算轻松", "Rather easy"),
    Text("轻松", "Easy"),
    Text("很轻松", "Very easy"),
)
POINTS: Final[dict[str, dict[int, Text]]] = {
    "nps": dict(enumerate(_LIKELY)),
    "csat": dict(enumerate(_CONTENT, 1)),
    "ces": dict(enumerate(_EASY, 1)),
}
"""What each point of a scale says."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as somebody typed it, in both languages. No `Text`: braces in it are nothing but braces."""

    zh: str
    en: str

    def say(self, language: Language) -> str:
        """It in one language."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Questions:
    """What is asked: for the score, for the reason, and the aspects to give marks for."""

    score: Asked
    why: Asked
    aspects: tuple[str, ...] = ()

    @classmethod
    def of(cls, kept: str) -> Questions:
        """As a wave keeps them. An aspect the house no longer knows is left out."""
        body = json.loads(kept)
        aspects = tuple(aspect for aspect in body.get("aspects", ()) if aspect in kinds.ASPECT)
        return cls(Asked(**body["score"]), Asked(**body["why"]), aspects)

    def kept(self) -> str:
        """As a wave keeps them."""
        return json.dumps(asdict(self), ensure_ascii=False)


TEMPLATE: Final[dict[str, Questions]] = {
    "nps": Questions(
        Asked("您有多大可能把我们推荐给同行或同事？", "How likely are you to recommend us to a colleague?"),
        Asked("您打这个分，最主要的原因是什么？", "What is the main reason for your score?"),
        ("quality", "delivery", "price", "response"),
    ),
    "csat": Questions(
        Asked("您对这次交付有多满意？", "How satisfied were you with this delivery?"),
        Asked("哪一点最影响您的感受？", "What mattered most for how you felt?"),
        ("delivery", "quality"),
    ),
    "ces": Questions(
        Asked("办这件事费力吗？", "How easy was it to get this done?"),
        Asked("哪一步最费力？", "Which step was the hardest?"),
        ("response", "billing"),
    ),
}
"""The questions each score starts from."""


@dataclass(frozen=True, slots=True)
class Among:
    """Which customers a wave is about; nothing named means all. bought_days: only who was billed within so many days before it opens."""

    owner_id: int | None = None
    team: str | None = None
    region: str | None = None
    segment: str | None = None
    amount_grades: tuple[str, ...] = ()
    bought_days: int | None = None

    @classmethod
    def of(cls, kept: str) -> Among:
        """As a wave keeps it."""
        body: Mapping[str, Any] = json.loads(kept)
        known: dict[str, Any] = {name: body.get(name) for name in cls.__dataclass_fields__}
        known["amount_grades"] = tuple(body.get("amount_grades") or ())
        return cls(**known)

    def kept(self) -> str:
        """As a wave keeps it: only what is named."""
        named = {name: getattr(self, name) for name in self.__dataclass_fields__ if getattr(self, name)}
        return json.dumps(named, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Wave:
    """One wave as it is planned."""

    title: str
    metric: str
    audience: str
    sampling: str
    opens_on: date
    closes_on: date
    questions: Questions
    channel: str = "email"
    stage: str | None = None
    sample_size: int | None = None
    seed: int = 1
    among: Among = field(default_factory=Among)
