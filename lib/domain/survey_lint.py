"""What is wrong with a question before anybody is asked it: two in one, leading, too long, twice negated, missing in a language.

Warnings with what to do, never refusals: the rules read words, not sense.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from lib.text import Language, Text

LONGEST: Final[dict[Language, int]] = {"zh": 40, "en": 100}
"""Characters of a question; an English one says the same in two and a half times as many."""

_TWO: Final[dict[Language, re.Pattern[str]]] = {
    # 和我们 is "with us", not "and us".
    "zh": re.compile(r"以及|并且|[、及]|[和与](?!我们|您|你们|贵司|本公司)"),
    "en": re.compile(r"\b(?:and/or|as well as|and)\b", re.IGNORECASE),
}
_LEADING: Final[dict[Language, re.Pattern[str]]] = {
    "zh": re.compile(r"难道|是不是|是否也?认为|当然|想必|众所周知|大家都|您应该|优质|卓越|出色|优秀|一流|贴心|完美"),
    "en": re.compile(
        r"\b(?:don['’]t you|wouldn['’]t you|isn['’]t it|do you agree|surely|of course|obviously|everyone|"
        r"excellent|outstanding|great|amazing|world-class|best|wonderful)\b",
        re.IGNORECASE,
    ),
}
_NEGATION: Final[dict[Language, re.Pattern[str]]] = {
    "zh": re.compile(r"不(?!同|错|过|仅|但|断)|没有?|未|非|无(?!论)|拒绝"),
    "en": re.compile(
        r"\b(?:not|never|no|none|nobody|without|cannot|refuse)\b|n['’]t\b|\b(?:un(?:happy|satisfied|likely|able|clear|fair)|dis(?:satisfied|agree|like)|impossible)\b",
        re.IGNORECASE,
    ),
}
_EITHER: Final = re.compile(r"(.)不\1")
"""是不是, 能不能: a question, no negation."""
_CLAUSE: Final = re.compile(r"[，。；？！,.;?!]")
_TWICE: Final = 2
_HAN: Final = re.compile(r"[\u4e00-\u9fff]")

_SAY_TWO = Text(
    "“{word}”可能把两件事合成一问：回答不知道是对哪一件。拆成两问，或只留更重要的一件。",
    "“{word}” may join two questions: nobody knows which one is answered. Ask two, or keep the one that matters more.",
)
_SAY_LEADING = Text(
    "“{word}”会引导回答。改成中性的问法，例如“您觉得……怎么样”。", "“{word}” leads the answer. Ask neutrally, such as “How do you find …”."
)
_SAY_LONG = Text(
    "有 {count} 个字符，超过 {most} 个：手机上一眼看不完。删去客套和背景。",
    "{count} characters, more than {most}: too long for a glance on a phone. Cut courtesies and background.",
)
_SAY_TWICE = Text(
    "“{word}”：同一句里否定了两次，容易答反。改成肯定的问法。",
    "“{word}”: two negations in one sentence are easily misread. Ask it positively.",
)
_SAY_MISSING = Text("没有中文：用中文的客户看不懂。补上中文。", "There is no Chinese: customers who read Chinese cannot answer. Add it.")
_SAY_MISSING_EN = Text(
    "没有英文，或英文里有中文：用英文的客户看不懂。补上英文。",
    "There is no English, or Chinese in it: customers who read English cannot answer. Add it.",
)


@dataclass(frozen=True, slots=True)
class Warning:  # noqa: A001 (what it is; Python's own is not used here)
    """What is wrong with the question in one language, and what to do. kind: two, leading, long, twice or missing."""

    kind: str
    language: Language
    said: Text


def check(zh: str, en: str) -> list[Warning]:
    """Everything that looks wrong with one question, as it stands in both languages."""
    found = []
    typed: dict[Language, str] = {"zh": zh.strip(), "en": en.strip()}
    for language, text in typed.items():
        if not text or bool(_HAN.search(text)) is not (language == "zh"):
            found.append(Warning("missing", language, _SAY_MISSING if language == "zh" else _SAY_MISSING_EN))
        else:
            found += _wrong(language, text)
    return found


def _wrong(language: Language, text: str) -> list[Warning]:
    found = []
    for kind, pattern, said in (("two", _TWO, _SAY_TWO), ("leading", _LEADING, _SAY_LEADING)):
        if word := pattern[language].search(text):
            found.append(_warned(kind, language, said, word=word[0]))
    if len(text) > LONGEST[language]:
        found.append(_warned("long", language, _SAY_LONG, count=len(text), most=LONGEST[language]))
    if twice := _negated_twice(language, text):
        found.append(_warned("twice", language, _SAY_TWICE, word=twice))
    return found


def _negated_twice(language: Language, text: str) -> str | None:
    """Both negations of one clause as they stand there; None when no clause has two."""
    for clause in _CLAUSE.split(_EITHER.sub(r"\1\1", text)):
        words = [word[0] for word in _NEGATION[language].finditer(clause)]
        if len(words) >= _TWICE:
            return " … ".join(words[:_TWICE])
    return None


def _warned(kind: str, language: Language, said: Text, **values: object) -> Warning:
    return Warning(kind, language, Text(said.say("zh", **values), said.say("en", **values)))
