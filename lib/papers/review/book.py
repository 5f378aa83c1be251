"""The week as a workbook for those who calculate on: numbers as numbers, one sheet a section, charts of the cells beside them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any, Final

import xlsxwriter
from xlsxwriter.chart import Chart
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_range
from xlsxwriter.worksheet import Worksheet

from lib import exports, formats
from lib.colours import LIGHT
from lib.domain.access import ROLE_LABEL
from lib.metrics.metric import GROUPS, Metric, Unit
from lib.papers.review import words
from lib.papers.review.words import Item, Said
from lib.text import Language, Text

_SUMMARY: Final = Text("摘要", "Summary")
_CHARTS: Final = Text("信号图", "Charts of signals")
_GROUP: Final = Text("组", "Group")
_OWNER: Final = Text("由谁负责", "Who answers for it")
_WEEK: Final = Text("周（周一）", "Week (Monday)")
_LARGE: Final[dict[Language, tuple[Decimal, str]]] = {
    "zh": (Decimal(10_000), "万 {currency}"),
    "en": (Decimal(1_000), "thousand {currency}"),
}
"""Amounts stand as a value with its unit beside it: a cell's own format in 万 is not read alike by every program."""
_UNIT: Final[dict[Unit, Text]] = {
    "rate": Text("比率", "share"),
    "days": Text("天", "days"),
    "count": Text("个", "number"),
    "score": Text("分", "points"),
}
_FORMAT: Final[dict[Unit, str]] = {"money": "#,##0.00", "rate": "0.0%", "days": "#,##0.0", "count": "#,##0", "score": "0.0"}
_BAD_NAME: Final = re.compile(r"[\[\]:*?/\\']")
_LONGEST_NAME: Final = 31
_FIRST_WEEK: Final = 9
"""The column of the oldest week; those before say what the row is about."""
_FIGURES: Final = (3, 4, 5)
"""Columns whose figures stand on the right, and their heads with them."""
_CHART_ROWS: Final = 30
"""One chart's rows: those of its weeks and a little air."""


@dataclass(frozen=True, slots=True)
class _Book:
    """The workbook, what it says, and its formats by what they are for."""

    file: xlsxwriter.Workbook
    said: Said
    paints: dict[str, Format]
    names: set[str]
    weeks: tuple[date, ...]
    """The Mondays of all metrics, the oldest first."""

    def sheet(self, name: str) -> Worksheet:
        """A new sheet, called as a spreadsheet allows it."""
        page = self.file.add_worksheet(self.called(name))
        page.hide_gridlines(2)
        return page

    def called(self, name: str) -> str:
        """A name no other sheet has."""
        base = _BAD_NAME.sub(" ", name).strip()[:_LONGEST_NAME] or "-"
        free = (base, *(f"{base[: _LONGEST_NAME - 3]} {number}" for number in range(2, 100)))
        chosen = next(one for one in free if one.casefold() not in self.names)
        self.names.add(chosen.casefold())
        return chosen

    def write(self, page: Worksheet, place: tuple[int, int], text: str, paint: str | None = None) -> None:
        """Words in a cell; those a spreadsheet could take for a formula stay words wherever they are copied to."""
        look = self.paints["quoted"] if text.startswith(exports.DANGEROUS) else self.paints.get(paint or "")
        page.write_string(*place, text, look)

    def text(self, text: Text) -> str:
        """Words in the language of the book."""
        return text.say(self.said.language)


def book(said: Said) -> bytes:
    """The workbook: summary, metrics by week, charts of signals, one sheet a section, definitions."""
    out = BytesIO()
    with exports.workbook(out) as file:
        file.set_properties({"title": f"{said.title} {said.week}", "company": said.company, "created": said.made_at})
        made = _Book(file, said, _paints(file), set(), _weeks(said))
        _summary(made)
        _metrics(made)
        if said.signals:
            _charts(made)
        for section in said.sections:
            exports.add(file, section.sheet, made.called(section.sheet.title))
        _definitions(made)
    return out.getvalue()


def _paints(file: xlsxwriter.Workbook) -> dict[str, Format]:
    looks: dict[str, dict[str, Any]] = {
        "title": {"bold": True, "font_size": 16},
        "head": {"bold": True, "bottom": 1, "bottom_color": LIGHT.neutral, "valign": "top", "text_wrap": True},
        "figure_head": {"bold": True, "bottom": 1, "bottom_color": LIGHT.neutral, "valign": "top", "align": "right"},
        "faint": {"font_color": LIGHT.muted},
        "wrap": {"text_wrap": True, "valign": "top"},
        "worse": {"font_color": LIGHT.worse_text, "bold": True, "indent": 1},
        "better": {"font_color": LIGHT.better, "bold": True, "indent": 1},
        "neutral": {"indent": 1},
        "unknown": {"indent": 1},
        "day": {"num_format": "yyyy-mm-dd", "bold": True, "bottom": 1, "bottom_color": LIGHT.neutral, "align": "right"},
        **{unit: {"num_format": look} for unit, look in _FORMAT.items()},
        "quoted": {"quote_prefix": True},
        "plain_day": {"num_format": "yyyy-mm-dd", "align": "left"},
    }
    return {name: file.add_format(look) for name, look in looks.items()}


def _summary(made: _Book) -> None:
    said, paints = made.said, made.paints
    page = made.sheet(made.text(_SUMMARY))
    page.write_string(0, 0, f"{said.title} · {said.week}", paints["title"])
    notes = [*said.notes, (made.text(words.LINK), said.link)] if said.link else said.notes
    for row, (name, value) in enumerate(notes, 2):
        page.write_string(row, 0, name, paints["faint"])
        made.write(page, (row, 1), value)
    row = len(notes) + 3
    for sentence in (said.headline, said.budget):
        page.merge_range(row, 0, row, 8, "", paints["wrap"])
        page.write_string(row, 0, sentence, paints["wrap"])
        page.set_row(row, 34)
        row += 1
    page.set_column(0, 0, 28)
    page.set_column(1, 8, 16)
    _signal_rows(made, page, row + 1)
    _on_paper(page)


def _signal_rows(made: _Book, page: Worksheet, top: int) -> None:
    """What the meeting speaks about, in the words it has everywhere."""
    if not made.said.signals:
        page.write_string(top, 0, made.text(words.NO_SIGNALS))
        return
    heads = (words.METRIC, words.THIS_WEEK, words.BEFORE, words.CHANGE, words.VERDICT, words.WHY, words.TARGET)
    for place, head in enumerate(heads):
        page.write_string(top, place, made.text(head), made.paints["head"])
    for row, item in enumerate(made.said.signals, top + 1):
        cells = (item.label, item.value, item.before, item.change, item.verdict, item.why, item.target)
        for place, cell in enumerate(cells):
            made.write(page, (row, place), cell, item.line.verdict if cell == item.verdict else None)


def _metrics(made: _Book) -> None:
    """Each metric with its weeks, a small line beside them; the values are numbers in the unit that stands there."""
    page = made.sheet(made.text(words.METRICS_BY_WEEK))
    items, weeks = made.said.items, made.weeks
    page.write_string(0, 0, f"{made.text(words.METRICS_BY_WEEK)} · {made.said.about}", made.paints["title"])
    heads = (_GROUP, words.METRIC, words.UNIT, words.THIS_WEEK, words.BEFORE, words.CHANGE, words.VERDICT, words.TARGET, words.COURSE)
    for place, head in enumerate(heads):
        page.write_string(2, place, made.text(head), made.paints["figure_head" if place in _FIGURES else "head"])
    for place, week in enumerate(weeks, _FIRST_WEEK):
        page.write_datetime(2, place, week, made.paints["day"])
    for row, item in enumerate(items, 3):
        _metric_row(made, page, row, item)
    page.freeze_panes(3, 2)
    page.autofilter(2, 0, len(items) + 2, 7)
    for first, last, width in (
        (0, 0, 16),
        (1, 1, 30),
        (2, 2, 13),
        (3, 5, 12),
        (6, 6, 14),
        (7, 7, 20),
        (8, 8, 22),
        (_FIRST_WEEK, 8 + len(weeks), 11),
    ):
        page.set_column(first, last, width)
    page.print_area(0, 0, len(items) + 2, _FIRST_WEEK - 1)
    _on_paper(page)


def _metric_row(made: _Book, page: Worksheet, row: int, item: Item) -> None:
    metric, line, paint = item.metric, item.line, made.paints[item.metric.unit]
    currency, language = made.said.pack.currency, made.said.language
    verdict = made.paints.get(line.verdict)
    for place, text in ((0, made.text(GROUPS[metric.group])), (1, item.label), (2, _unit(metric, currency, language)), (7, item.target)):
        made.write(page, (row, place), text)
    page.write_string(row, 6, item.verdict, verdict)
    change = None if line.value is None or line.before is None else line.value - line.before
    values = dict(line.weeks)
    numbers = {3: line.value, 4: line.before, 5: change, **{place: values.get(week) for place, week in enumerate(made.weeks, _FIRST_WEEK)}}
    for place, value in numbers.items():
        if value is not None:
            page.write_number(row, place, _number(value, metric, language), paint)
    cells = xl_range(row, _FIRST_WEEK, row, _FIRST_WEEK + len(made.weeks) - 1)
    page.add_sparkline(row, 8, {"range": cells, "series_color": LIGHT.ink, "last_point": True, "last_color": LIGHT.worse})


def _weeks(said: Said) -> tuple[date, ...]:
    return tuple(sorted({week for item in said.items for week, _ in item.line.weeks}))


def _number(value: Decimal, metric: Metric, language: Language) -> float:
    """In the unit that stands beside it."""
    return float(value.quantize(Decimal("0.01")) / _LARGE[language][0]) if metric.unit == "money" else float(value)


def _unit(metric: Metric, currency: str | None, language: Language) -> str:
    if metric.unit == "money":
        return _LARGE[language][1].format(currency=currency or formats.MISSING)
    return _UNIT[metric.unit].say(language)


def _charts(made: _Book) -> None:
    """A native chart for each signal, made of the cells beside it."""
    page = made.sheet(made.text(_CHARTS))
    page.set_column(0, 3, 12)
    for place, item in enumerate(made.said.signals):
        _chart(made, page, item, place * _CHART_ROWS)
    page.set_paper(9)
    page.fit_to_pages(1, 0)


def _chart(made: _Book, page: Worksheet, item: Item, top: int) -> None:
    metric, currency, language = item.metric, made.said.pack.currency, made.said.language
    page.write_string(top, 0, f"{item.label} · {item.value} · {item.verdict}", made.paints[item.line.verdict])
    heads = (made.text(_WEEK), _unit(metric, currency, language), made.text(words.LOW), made.text(words.HIGH))
    for place, head in enumerate(heads):
        page.write_string(top + 1, place, head, made.paints["head"])
    scale = float(_LARGE[language][0]) if metric.unit == "money" else 1.0
    drawn = [(week, (point.value, point.low, point.high)) for (week, _), point in zip(item.line.weeks, item.line.points, strict=True)]
    for row, (week, values) in enumerate(drawn, top + 2):
        page.write_datetime(row, 0, week, made.paints["plain_day"])
        for place, value in enumerate(values, 1):
            if value is not None:
                page.write_number(row, place, value / scale, made.paints[metric.unit])
    chart = made.file.add_chart({"type": "line"})
    for place in (1, 2, 3):
        chart.add_series(_series(page.get_name(), (top + 1, place), len(drawn)))
    _dressed(chart, f"{item.label} · {heads[1]}", _FORMAT[metric.unit])
    page.insert_chart(top + 1, 5, chart)


def _series(sheet: str, head: tuple[int, int], count: int) -> dict[str, Any]:
    """One line of a chart: the number itself in ink, the ends of its usual range faint."""
    top, place = head
    look = {"color": LIGHT.ink, "width": 2} if place == 1 else {"color": LIGHT.neutral, "width": 1, "dash_type": "dash"}
    return {
        "name": [sheet, top, place],
        "categories": [sheet, top + 1, 0, top + count, 0],
        "values": [sheet, top + 1, place, top + count, place],
        "line": look,
    }


def _dressed(chart: Chart, title: str, look: str) -> None:
    chart.set_title({"name": title, "name_font": {"size": 12, "color": LIGHT.ink}})
    chart.set_legend({"position": "bottom"})
    chart.set_x_axis({"date_axis": True, "num_format": "m/d", "label_position": "low"})
    chart.set_y_axis({"num_format": look, "major_gridlines": {"visible": True, "line": {"color": LIGHT.grid}}})
    chart.set_size({"width": 760, "height": 420})


def _definitions(made: _Book) -> None:
    page = made.sheet(made.text(words.DEFINITIONS))
    heads = (words.METRIC, words.DEFINITION, words.FORMULA, _GROUP, _OWNER)
    for place, (head, width) in enumerate(zip(heads, (28, 64, 48, 18, 18), strict=True)):
        page.write_string(0, place, made.text(head), made.paints["head"])
        page.set_column(place, place, width)
    for row, item in enumerate(made.said.items, 1):
        metric = item.metric
        for place, text in enumerate((metric.label, metric.definition, metric.formula, GROUPS[metric.group], ROLE_LABEL[metric.owner])):
            page.write_string(row, place, made.text(text), made.paints["wrap"])
    page.freeze_panes(1, 1)
    _on_paper(page)


def _on_paper(page: Worksheet) -> None:
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.set_footer("&C&P / &N")
