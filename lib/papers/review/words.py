"""A pack in the words of one language: what every format says of it, said once.

A pack is first written as text and read back, so that a live one and one that was frozen make the same file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

import pyarrow as pa

from lib import exports, formats
from lib.domain.signals import ASSURANCE, RULE
from lib.exports import Shape, Sheet
from lib.metrics import METRICS, Metric, words
from lib.papers.review.restated import restated
from lib.papers.typesetting import seen
from lib.review.beside import NOTHING, Around, Beside
from lib.review.pack import EVERYBODY, Line, Pack, from_text, to_text
from lib.review.sections import SECTIONS
from lib.store.ledger import LATEST
from lib.text import Language, Text, listed

TITLE: Final = Text("每周经营回顾", "Weekly review")
SIGNALS: Final = Text("信号", "Signals")
BOARD: Final = Text("全部指标", "All metrics")
DEFINITIONS: Final = Text("口径", "Definitions")
_NO_ROWS: Final = Text("这一周没有内容：{names}。", "Nothing to show this week: {names}.")
_NO_NUMBER: Final = Text("还没有可以计算的数据：{names}。", "Nothing to measure yet: {names}.")
NO_SIGNALS: Final = Text("这一周没有信号。", "There are no signals this week.")
METRIC: Final = Text("指标", "Metric")
THIS_WEEK: Final = Text("本周", "This week")
BEFORE: Final = Text("前一周", "Week before")
CHANGE: Final = Text("变化", "Change")
VERDICT: Final = Text("判断", "Verdict")
TARGET: Final = Text("目标", "Target")
WHY: Final = Text("为什么是信号", "Why it is a signal")
LOW: Final = Text("平常下限", "Usual, low")
HIGH: Final = Text("平常上限", "Usual, high")
UNIT: Final = Text("单位", "Unit")
DEFINITION: Final = Text("定义", "Definition")
FORMULA: Final = Text("计算", "Formula")
METRICS_BY_WEEK: Final = Text("指标", "Metrics by week")
DONE: Final = Text("做了或定了", "Done or decided")
ANEW: Final = Text("范围重定", "Range set anew")
COURSE: Final = Text("近 26 周", "Last 26 weeks")
LINK: Final = Text("打开周会", "Open the review")
_WEEK: Final = Text("周", "Week")
_KNOWN: Final = Text("按何时所知", "As known at")
_THEN: Final = Text("当时看到的：{at}", "as seen then: {at}")
_NOW: Final = Text("现在更正后：{at}", "as corrected by now: {at}")
_CIRCLE: Final = Text("范围", "Scope")
_WHOLE: Final = Text("全公司", "the whole company")
_OWN: Final = Text("我的客户", "my customers")
_FILTERS: Final = Text("筛选", "Filters")
_CURRENCY: Final = Text("币种", "Currency")
_MAKER: Final = Text("规则版本", "Version of the rules")
_MADE: Final = Text("生成时间", "Made")
_IN_CURRENCY: Final = Text("{title}（{currency}）", "{title} ({currency})")
_OWN_WEEKS: Final = Text(
    "图中是每一周自己的数；上面的数看近 {weeks} 周。", "Drawn is each week by itself; the number above is of the last {weeks} weeks."
)


FIGURES: Final = frozenset({Shape.MONEY, Shape.NUMBER, Shape.COUNT, Shape.RATE})
"""Columns of figures: they stand on the right."""
_WIDEST: Final = 36
NARROW: Final = 70
"""A table of fewer letters across does not take the whole width: what belongs together stands together."""
_SMALL_SHARE: Final = Decimal("0.01")
"""Below it the marks of an axis read alike with one digit."""
_MOST_MARKS: Final = 3
"""So many of the latest things done about a metric are said below its drawing."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which pack, in which language; made when (UTC) and where the house's clock stands; what was filtered, where the page is.

    `beside`: what was done and restated, where the file says it.
    """

    pack: Pack
    language: Language
    made_at: datetime
    zone: ZoneInfo
    company: str = ""
    filters: str = ""
    link: str = ""
    beside: Beside = NOTHING


@dataclass(frozen=True, slots=True)
class Item:
    """One metric in words, with its numbers beside them."""

    line: Line
    metric: Metric
    label: str
    value: str
    before: str
    change: str
    verdict: str
    why: str
    target: str
    definition: str
    means: str
    """The definition without its formula."""
    drawn: str
    """What the drawing shows where that is not the number itself."""
    around: Around
    done: tuple[str, ...]
    """What was done or decided about it in the weeks drawn, the latest last."""

    @property
    def is_measured(self) -> bool:
        """Whether this week or the one before has a number."""
        return self.line.value is not None or self.line.before is not None


@dataclass(frozen=True, slots=True)
class Section:
    """Rows of one section: as a table that can leave, and each cell in words."""

    name: str
    sheet: Sheet
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Said:
    """A whole pack in words. `notes`: which week, by what was known, for whom, in what currency, by which rules."""

    language: Language
    title: str
    week: str
    company: str
    link: str
    about: str
    """The notes in one line, as it stands on every page."""
    notes: tuple[tuple[str, str], ...]
    headline: str
    budget: str
    items: tuple[Item, ...]
    sections: tuple[Section, ...]
    made_at: datetime
    pack: Pack

    @property
    def signals(self) -> tuple[Item, ...]:
        """What the meeting speaks about, the worse first."""
        by_name = {item.line.metric: item for item in self.items}
        return tuple(by_name[line.metric] for line in self.pack.signals if line.metric in by_name)


def said(wanted: Wanted) -> Said:
    """The pack in words."""
    pack, language = from_text(to_text(wanted.pack)), wanted.language
    beside = wanted.beside
    items = tuple(_item(line, beside.around(line, pack), pack.currency, language) for line in pack.lines if line.metric in METRICS)
    return Said(
        language=language,
        title=TITLE.say(language),
        week=formats.week(pack.week_on, language),
        company=seen(wanted.company),
        link=wanted.link,
        about=" · ".join(_about(wanted)),
        notes=tuple(_notes(wanted)),
        headline=words.headline([(item.metric, item.line.verdict) for item in items], language),
        budget=words.budget(len(items), language),
        items=items,
        sections=(*_sections(pack, language), *_restated(wanted)),
        made_at=wanted.made_at,
        pack=pack,
    )


def known(wanted: Wanted) -> str:
    """By what was known, in words: as it was seen then, or as it is known at the moment the file is made."""
    frozen = wanted.pack.known_at != LATEST
    at = wanted.pack.known_at if frozen else wanted.made_at
    return (_THEN if frozen else _NOW).say(wanted.language, at=_moment(at, wanted.zone))


def circle(whose: str, language: Language) -> str:
    """Whose review it is."""
    if whose == EVERYBODY:
        return _WHOLE.say(language)
    return _OWN.say(language) if whose.startswith("#") else seen(whose)


def _notes(wanted: Wanted) -> Iterator[tuple[str, str]]:
    pack, language = wanted.pack, wanted.language
    yield _WEEK.say(language), formats.week(pack.week_on, language)
    yield _KNOWN.say(language), known(wanted)
    yield _CIRCLE.say(language), circle(pack.circle, language)
    if wanted.filters:
        yield _FILTERS.say(language), seen(wanted.filters)
    yield _CURRENCY.say(language), pack.currency or formats.MISSING
    yield _MAKER.say(language), pack.maker
    yield _MADE.say(language), _moment(wanted.made_at, wanted.zone)


def _about(wanted: Wanted) -> Iterator[str]:
    pack, language = wanted.pack, wanted.language
    yield formats.week(pack.week_on, language)
    yield known(wanted)
    yield circle(pack.circle, language)
    yield from filter(None, (seen(wanted.filters), pack.currency))
    yield f"{_MAKER.say(language)} {pack.maker}"


def _moment(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.replace(tzinfo=UTC).astimezone(zone):%Y-%m-%d %H:%M}"


def _item(line: Line, around: Around, currency: str | None, language: Language) -> Item:
    metric = METRICS[line.metric]
    return Item(
        line,
        metric,
        label=metric.label.say(language),
        value=words.said(line.value, metric, currency, language),
        before=words.said(line.before, metric, currency, language),
        change=words.arrowed(words.difference(line.value, line.before, metric), metric, currency, language),
        verdict=words.VERDICT[line.verdict].say(language),
        why=RULE[line.rule].say(language) if line.rule else "",
        target=_target(line, metric, currency, language),
        definition=words.DEFINED.say(language, definition=metric.definition, formula=metric.formula),
        means=metric.definition.say(language),
        drawn=_OWN_WEEKS.say(language, weeks=metric.window) if metric.window > 1 else "",
        around=around,
        done=tuple(seen(mark.dated(language)) for mark in around.marks[-_MOST_MARKS:]),
    )


def _target(line: Line, metric: Metric, currency: str | None, language: Language) -> str:
    if line.target is None:
        return ""
    goal = words.said(line.target, metric, currency, language).removeprefix("+")
    return f"{goal} {ASSURANCE[line.assurance].say(language)}" if line.assurance else goal


def empty(said: Said) -> str:
    """The sections without rows, in one sentence; none where there are none."""
    return _named(_NO_ROWS, [section.sheet.title for section in said.sections if not section.rows], said.language)


def unmeasured(said: Said) -> str:
    """The metrics without a number, in one sentence; none where there are none."""
    return _named(_NO_NUMBER, [item.label for item in said.items if not item.is_measured], said.language)


def _named(sentence: Text, names: Sequence[str], language: Language) -> str:
    return sentence.say(language, names=listed(names)) if names else ""


def shares(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[float]:
    """How wide columns are to each other: by their longest words, a Chinese sign counting as two; sentences may break."""
    columns = zip(heads, *rows, strict=True)
    return [min(max(8, *(formats.width(cell) for cell in column)), _WIDEST) + 2 for column in columns]


def share_places(item: Item) -> int:
    """Digits that a share's numbers need, so that they say as much in cells and on an axis as in words."""
    most = max((abs(value) for value in (item.line.value, item.line.before) if value is not None), default=Decimal(1))
    return max(formats.percent_places(most), 2 if most < _SMALL_SHARE else 1)


def share_look(places: int) -> str:
    """How programs write a share with so many digits behind the point."""
    return f"0.{'0' * places}%"


# --- sections


def _sections(pack: Pack, language: Language) -> Iterator[Section]:
    for source in SECTIONS:
        if source.name not in pack.tables:
            continue
        table = _table(pack.tables[source.name], source.columns, language)
        title = source.label.say(language)
        columns = tuple(column for column in exports.columns(table) if _is_told(column.name, table))
        if pack.currency and "currency" in table.column_names and set(table["currency"].to_pylist()) <= {pack.currency}:
            title = _IN_CURRENCY.say(language, title=title, currency=pack.currency) if table.num_rows else title
            columns = tuple(column for column in columns if column.name != "currency")
        sheet = Sheet(title, (), columns, table, language)
        yield Section(source.name, sheet, tuple(_worded(sheet)))


def _restated(wanted: Wanted) -> Iterator[Section]:
    if wanted.beside.restated:
        sheet = restated(wanted.beside.restated, wanted.language)
        yield Section("restated", sheet, tuple(_worded(sheet)))


def _is_told(name: str, table: pa.Table) -> bool:
    """Whether a column says something: flags and the week asked about are for pages, and what nobody filled in leaves room for the rest."""
    filled = table[name].null_count < table.num_rows or not table.num_rows
    return filled and not name.startswith("is_") and name != "week_on"


def _table(rows: Sequence[Mapping[str, Any]], names: Sequence[str], language: Language) -> pa.Table:
    """Rows as typed columns: what a text cell was is said by the unit in the column's name."""
    kept = list(dict.fromkeys((*(name for name in names if not rows or name in rows[0]), *(rows[0] if rows else ()))))
    found = {name: [row.get(name) for row in rows] for name in kept}
    if "metric" in found:
        found["metric"] = [_metric(value, language) for value in found["metric"]]
    return pa.table({name: _typed(name, values) for name, values in found.items()})


def _metric(name: str | None, language: Language) -> str | None:
    """A number's short name where it has one, as the scores have, else that of the catalog."""
    if name is None or name in exports.VALUE.get("metric", {}) or name not in METRICS:
        return name
    return METRICS[name].label.say(language)


def _typed(name: str, values: list[Any]) -> pa.Array:
    for unit, kind, read in _WRITTEN:
        if unit in name.split("_"):
            return pa.array([None if value is None else read(value) for value in values], kind)
    kinds = {type(value) for value in values if value is not None}
    if kinds in ({bool}, {int}):
        return pa.array(values)
    if kinds and kinds <= {int, float}:
        return pa.array(values, pa.float64())
    return pa.array([None if value is None else seen(str(value)) for value in values], pa.string())


_WRITTEN: Final[tuple[tuple[str, pa.DataType, Callable[[Any], Any]], ...]] = (
    ("amount", pa.decimal128(38, 2), lambda value: Decimal(value).quantize(Decimal("0.01"))),
    ("rate", pa.float64(), float),
    ("on", pa.date32(), date.fromisoformat),
    ("at", pa.timestamp("us"), datetime.fromisoformat),
)
"""How a text cell is read, by the unit in the column's name."""


def pairs(section: Section) -> list[tuple[str, str]]:
    """A section of a single row: what is known of it, as labels with their values."""
    labels = (column.label.say(section.sheet.language) for column in section.sheet.columns)
    return [(label, cell) for label, cell in zip(labels, section.rows[0], strict=True) if cell != formats.MISSING]


def _worded(sheet: Sheet) -> Iterator[tuple[str, ...]]:
    columns = []
    for column in sheet.columns:
        values = exports.worded(column.name, sheet.table[column.name], sheet.language).to_pylist()
        columns.append([_cell(value, column.shape, sheet.language) for value in values])
    yield from zip(*columns, strict=True)


def _cell(value: Any, shape: Shape, language: Language) -> str:  # noqa: ANN401 (a cell holds what its column says)
    if value is None:
        return formats.MISSING
    if shape is Shape.RATE:
        return formats.percent(value)
    if shape is Shape.FLAG:
        return (exports.YES if value else exports.NO).say(language)
    places = {Shape.MONEY: 2, Shape.NUMBER: 1, Shape.COUNT: 0}.get(shape)
    if places is not None:
        return formats.number(value, places)
    return f"{value:%Y-%m-%d %H:%M}" if shape is Shape.MOMENT else str(value)
