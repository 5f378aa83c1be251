"""What a chart of a metric's weeks says in words: its finding, how it was judged, and what the signs beside a number mean."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from lib import formats
from lib.domain.seasons import Season
from lib.domain.signals import ASSURANCE, FEWEST_WEEKS, RULE, Assurance, Basis
from lib.metrics.variation import Reading, Verdict
from lib.metrics.words import VERDICT
from lib.text import Language, Text

_SIGNAL: Final = Text("最近一周{rule}", "The last week is a signal: {rule}")
_QUIET: Final = Text("最近一周在平常的范围内", "The last week is within its usual range")
_TOO_FEW: Final = Text("记录还不到 {weeks} 周，暂不画平常的范围。", "Under {weeks} weeks on record: there is no usual range yet.")
_BASIS: Final[dict[Basis, Text]] = {
    "level": Text("每周的数", "the number of each week"),
    "share": Text("每周的比率；回答少的周范围更宽", "each week's share; the range is wider where there are few answers"),
    "count": Text("每周的件数；少见的事按概率判断", "events a week; rare ones by how likely so many are"),
    "change": Text(
        "这个数从上周带到下周，所以判断的是一周的变化：灰带从上周的数算起",
        "carried over from week to week, so the change is judged: the grey band starts from the week before",
    ),
}
_INERTIA: Final = Text(
    "指标有惯性（这周很像上周），所以判断的是一周的变化：灰带从上周的数算起",
    "the metric has inertia (a week resembles the one before), so the change is judged: the grey band starts from the week before",
)
_BAND: Final = Text("灰带为平常的范围，由 {weeks} 周算出", "the grey band is the usual range by {weeks} weeks")
_TRIAL: Final = Text("试用：不足半年", "on trial: under half a year")
_MONTH_END: Final = Text(
    "月末的周平常约为 {times} 倍，已经算进去", "a month's last week is usually {times} times an ordinary one, which is allowed for"
)
_DAYS: Final = Text("按开工的天数折算，春节等假期不算变差", "allowed for by days worked, so that holidays are no fall")
_BROKEN: Final = Text("竖线起按 {since} 重定的范围判断", "from the vertical line on by the range set anew on {since}")

_VERDICT_MEANS: Final[dict[Verdict, Text]] = {
    "worse": Text(
        "变化超出平常的波动，而且对我们不利。找原因，定行动。", "more than the usual ups and downs, and against us. Find out why, and act."
    ),
    "better": Text(
        "变化超出平常的波动，而且对我们有利。弄清做对了什么，保持下去。",
        "more than the usual ups and downs, and for us. Find out what went well, and keep it.",
    ),
    "neutral": Text("在平常的范围内。不必解释，别为它忙。", "within the usual range. Nothing to explain, nothing to chase."),
    "unknown": Text("记录还不到 {weeks} 周，先不下结论。", "under {weeks} weeks on record: no verdict yet."),
}
_ASSURANCE_MEANS: Final[dict[Assurance, Text]] = {
    "met": Text("怎么波动都能达标。保持现在的做法。", "whatever its ups and downs. Keep going."),
    "missed": Text(
        "怎么波动都达不了标。解释没有用，要改做法。",
        "whatever its ups and downs. No explanation helps: the way of working must change.",
    ),
    "either": Text("达不达标看运气。要么收窄波动，要么整体改善。", "by luck. Narrow the ups and downs, or improve the whole."),
    "changing": Text("刚出现信号。先弄清变化，再谈达标。", "as a signal has just come up. Understand the change first."),
}
LEGEND: Final = Text("图例", "Signs")
_MARK: Final = {"action": Text("▼ 行动：{said}", "▼ Action: {said}"), "decision": Text("▽ 决定：{said}", "▽ Decision: {said}")}
_MARKED: Final = Text("{day} {mark}", "{day} {mark}")
_TESTED: Final = Text("波动（和自己平常比）", "Variation (against its own past)")
_TARGETED: Final = Text("达标（和目标比）", "Assurance (against its target)")


@dataclass(frozen=True, slots=True)
class Mark:
    """Something done or decided about the metric; `kind` is action or decision."""

    on_date: date
    kind: str
    said: str

    def words(self, language: Language) -> str:
        """What it was, with its sign."""
        return _MARK[self.kind].say(language, said=self.said)

    def dated(self, language: Language) -> str:
        """The same with its day."""
        return _MARKED.say(language, day=formats.day(self.on_date, language), mark=self.words(language))


def finding(reading: Reading, language: Language) -> str:
    """What the last week says; that it is too early where there are too few."""
    if reading.chart.standing == "none":
        return _TOO_FEW.say(language, weeks=FEWEST_WEEKS)
    last = reading.chart.signals[-1]
    return _SIGNAL.say(language, rule=RULE[last.rule]) if last else _QUIET.say(language)


def about(reading: Reading, language: Language) -> str:
    """How the weeks were judged: what of them, by how many, and what the calendar had to do with it."""
    found = reading.chart
    said = [_INERTIA if found.has_inertia else _BASIS[found.basis], _BAND]
    if found.standing == "trial":
        said.append(_TRIAL)
    sentences = [one.say(language, weeks=found.baseline_weeks) for one in said] + _of_season(reading.season, language)
    if reading.broken_on:
        sentences.append(_BROKEN.say(language, since=formats.full_date(reading.held.since, language)))
    sentence = ("；" if language == "zh" else "; ").join(sentences)
    return sentence[:1].upper() + sentence[1:]


def _of_season(season: Season, language: Language) -> list[str]:
    said = []
    if season.month_end != 1:
        said.append(_MONTH_END.say(language, times=formats.number(season.month_end, 1)))
    if season.by_days:
        said.append(_DAYS.say(language))
    return said


def legend(language: Language) -> list[tuple[str, list[tuple[str, str]]]]:
    """Both kinds of signs, each with what it means and asks for: heading, then sign and meaning."""
    verdicts = [(VERDICT[one].say(language), means.say(language, weeks=FEWEST_WEEKS)) for one, means in _VERDICT_MEANS.items()]
    targets = [(ASSURANCE[one].say(language), means.say(language)) for one, means in _ASSURANCE_MEANS.items()]
    return [(_TESTED.say(language), verdicts), (_TARGETED.say(language), targets)]
