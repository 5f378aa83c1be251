"""A metric's numbers and verdicts in words: the same on the board, in the review and in every file."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from lib import formats
from lib.domain.signals import FALSE_SIGNALS, FEWEST_WEEKS
from lib.metrics.metric import Metric
from lib.metrics.variation import Verdict
from lib.text import Language, Text, listed

VERDICT: Final[dict[Verdict, Text]] = {
    "better": Text("◆ 变好信号", "◆ better"),
    "worse": Text("◆ 变差信号", "◆ worse"),
    "neutral": Text("● 日常波动", "● as usual"),
    "unknown": Text("周数太少", "too few weeks"),
}
DEFINED: Final = Text("{definition}。计算：{formula}。", "{definition}. Formula: {formula}.")
_BUDGET: Final = Text(
    "信号 = 超出这项数平常波动的变化，不是比上周高或低。{metrics} 项中平常每周会误报约 {expected} 个。",
    "A signal is a change beyond a number's usual ups and downs, not just up or down on last week. "
    "Of {metrics} about {expected} a week are false.",
)
_WORSE: Final = Text(
    "{signals}，变差的：{names}。先看这些，其余是日常波动。", "{signals}; worse: {names}. Look there first, the rest is as usual."
)
_ONLY_BETTER: Final = Text("{signals}，都是变好。其余是日常波动。", "{signals}, all for the better. The rest is as usual.")
_AS_USUAL: Final = Text("没有信号：各项都在平常的范围内波动。", "No signals: every number moves within its usual range.")
_TOO_EARLY: Final = Text("记录还不到 {weeks} 周，暂不判断好坏。", "Under {weeks} weeks on record: too early to tell better from worse.")
_SIGNALS: Final = Text("{count} 个信号", "{count}")
_PLACES: Final = {"money": 0, "days": 1, "count": 0, "score": 0}
_ARROW: Final = {1: "↑ ", 0: "", -1: "↓ "}
_OF_A_HUNDRED: Final = 2
"""So many places fewer has a rate said as a percentage."""


def said(value: Decimal | None, metric: Metric, currency: str | None, language: Language) -> str:
    """A metric's value as a person reads it."""
    if metric.unit == "money":
        return formats.money(value if currency else None, currency or "", language, compact=True)
    if metric.unit == "rate":
        return formats.percent(value)
    if metric.unit == "days":
        return formats.days(value, language, 1)
    plus = "+" if _falls_below_zero(metric) and value is not None and value > 0 else ""
    return f"{plus}{formats.number(value, _places(metric) if metric.unit == 'score' else 0)}"


def size(change: Decimal, metric: Metric, currency: str | None, language: Language) -> str:
    """The size of a change; an arrow beside it says which way."""
    if metric.unit == "rate":
        kept = -int(change.as_tuple().exponent) - _OF_A_HUNDRED
        places = max(1, min(kept, formats.percent_places(change)))
        return formats.points(abs(change), language, places).removeprefix("+")
    return said(abs(change), metric, currency, language).removeprefix("+")


def arrowed(change: Decimal | None, metric: Metric, currency: str | None, language: Language) -> str:
    """A change with an arrow that says which way."""
    if change is None:
        return formats.MISSING
    return f"{_ARROW[(change > 0) - (change < 0)]}{size(change, metric, currency, language)}"


def difference(now: Decimal | None, before: Decimal | None, metric: Metric) -> Decimal | None:
    """What a number changed by, as exact as the number itself is said; what is too small to print is no change."""
    if now is None or before is None:
        return None
    larger = max(abs(now), abs(before))
    places = formats.percent_places(larger) + _OF_A_HUNDRED if metric.unit == "rate" else _places(metric)
    return (now - before).quantize(Decimal(1).scaleb(-places))


def _places(metric: Metric) -> int:
    """Digits behind the point; a score of so many per hundred has one, one that is a difference of shares none."""
    return 1 if metric.unit == "score" and not _falls_below_zero(metric) else _PLACES[metric.unit]


def _falls_below_zero(metric: Metric) -> bool:
    """Whether it is a difference, which is always said with its sign."""
    return metric.unit == "score" and " - " in metric.numerator.amount


def headline(found: Sequence[tuple[Metric, Verdict]], language: Language) -> str:
    """What to look at first; nothing where nothing is more than chance."""
    if all(verdict == "unknown" for _, verdict in found):
        return _TOO_EARLY.say(language, weeks=FEWEST_WEEKS)
    worse = [metric.label for metric, verdict in found if verdict == "worse"]
    count = len(worse) + sum(verdict == "better" for _, verdict in found)
    signals = _SIGNALS.say(language, count=formats.counted(count, "signal", "signals"))
    if worse:
        return _WORSE.say(language, signals=signals, names=listed(worse))
    return (_ONLY_BETTER if count else _AS_USUAL).say(language, signals=signals)


def budget(count: int, language: Language) -> str:
    """How many of so many metrics are taken for a signal by chance alone."""
    return _BUDGET.say(language, metrics=count, expected=formats.number(count * FALSE_SIGNALS, 1))
