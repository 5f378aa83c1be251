"""The week as a workbook for those who calculate on: numbers as numbers, one sheet a section, charts of the cells beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
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
from lib.metrics import monday
from lib.metrics.metric import GROUPS, Metric, Unit
from lib.metrics.words import VERDICT
from lib.papers.review import words
from lib.papers.review.words import Item, Said
from lib.text import Language, Text

_SUMMARY: Final = Text("摘要", "Summary")
_CHARTS: Final = Text("信号图", "Charts of signals")
_ABOUT: Final = Text("说明", "About")
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
_FORMAT: Final[dict[Unit, str]] = {"money": "#,##0.00", "days": "#,##0.0", "count": "#,##0", "score": "0.0"}
_MOST_PLACES: Final = 6
_BAD_NAME: Final = re.compile(r"[\[\]:*?/\\']")
_LONGEST_NAME: Final = 31
_LONGEST_FOOTER: Final = 110
"""Signs of a footer that may all need to be doubled."""
_FIRST_WEEK: Final = 9
"""The column of the oldest week; those before say what the row is about."""
_FIGURES: Final = (3, 4, 5)
"""Columns whose figures stand on the right, and their heads with them."""
_CHART_ROWS: Final = 32
"""One chart's rows: its words, those of its weeks and a little air."""
_ON_A_PAGE: Final = 2
"""So many charts are printed on one page."""
_LINES: Final = 8
"""Columns of a chart's numbers beside the week: itself, its range, signals of both kinds, done, a range anew, a week not over."""
_OPEN: Final = Text("这一周还没过完", "Week not over")
_MARKS: Final[dict[int, dict[str, Any]]] = {
    4: {"type": "diamond", "size": 9, "fill": {"color": LIGHT.worse}, "border": {"color": LIGHT.worse}},
    5: {"type": "diamond", "size": 9, "fill": {"color": LIGHT.better}, "border": {"color": LIGHT.better}},
    6: {"type": "triangle", "size": 8, "fill": {"color": LIGHT.ink}, "border": {"color": LIGHT.ink}},
    7: {"type": "plus", "size": 9, "border": {"color": LIGHT.muted}},
    8: {"type": "circle", "size": 7, "fill": {"color": LIGHT.paper}, "border": {"color": LIGHT.ink}},
}
"""How a column that is no line is marked."""


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
            exports.add(file, replace(section.sheet, notes=((made.text(_ABOUT), said.about),)), made.called(section.sheet.title))
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
        **{
            look: {"num_format": look} for look in (*_FORMAT.values(), *(words.share_look(places) for places in range(1, _MOST_PLACES + 1)))
        },
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
    for place, width in enumerate((30, 16, 16, 18, 18, 26, 30, 8, 8)):
        page.set_column(place, place, width)
    _signal_rows(made, page, row + 1)
    _on_paper(made, page)


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
    page.write_string(0, 0, made.text(words.METRICS_BY_WEEK), made.paints["title"])
    page.write_string(1, 0, made.said.about, made.paints["faint"])
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
        (0, 0, 24),
        (1, 1, 32),
        (2, 2, 15),
        (3, 5, 13),
        (6, 6, 17),
        (7, 7, 28),
        (8, 8, 22),
        (_FIRST_WEEK, 8 + len(weeks), 11),
    ):
        page.set_column(first, last, width)
    page.repeat_rows(2)
    page.print_area(0, 0, len(items) + 2, _FIRST_WEEK - 1)
    _on_paper(made, page)


def _metric_row(made: _Book, page: Worksheet, row: int, item: Item) -> None:
    metric, line, paint = item.metric, item.line, made.paints[_look(item)]
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


def _look(item: Item) -> str:
    """How a spreadsheet writes its numbers."""
    return words.share_look(words.share_places(item)) if item.metric.unit == "rate" else _FORMAT[item.metric.unit]


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
    page.set_column(0, _LINES, 14)
    for place, item in enumerate(made.said.signals):
        _chart(made, page, item, place * _CHART_ROWS)
    places = range(_ON_A_PAGE * _CHART_ROWS, len(made.said.signals) * _CHART_ROWS, _ON_A_PAGE * _CHART_ROWS)
    page.set_h_pagebreaks(list(places))
    _on_paper(made, page)


def _chart(made: _Book, page: Worksheet, item: Item, top: int) -> None:
    metric, currency, language = item.metric, made.said.pack.currency, made.said.language
    page.write_string(top, 0, f"{item.label} · {item.value} · {item.verdict}", made.paints[item.line.verdict])
    made.write(page, (top + 1, 0), "  ".join(filter(None, (item.drawn, *item.done))), "faint")
    signs = tuple(VERDICT[verdict].say(language) for verdict in ("worse", "better"))
    heads = (
        *(made.text(_WEEK), _unit(metric, currency, language), made.text(words.LOW), made.text(words.HIGH)),
        *(*signs, made.text(words.DONE), made.text(words.ANEW), made.text(_OPEN)),
    )
    for place, head in enumerate(heads):
        page.write_string(top + 2, place, head, made.paints["figure_head" if place else "head"])
    scale = float(_LARGE[language][0]) if metric.unit == "money" else 1.0
    drawn = list(_drawn(item))
    for row, (week, values) in enumerate(drawn, top + 3):
        page.write_datetime(row, 0, week, made.paints["plain_day"])
        for place, value in enumerate(values, 1):
            if value is not None:
                page.write_number(row, place, value / scale, made.paints[_look(item)])
    chart = made.file.add_chart({"type": "line"})
    for place in range(1, _LINES + 1):
        if any(values[place - 1] is not None for _, values in drawn):
            chart.add_series(_series(page.get_name(), (top + 2, place), len(drawn)))
    _dressed(chart, f"{item.label} · {heads[1]}", _look(item))
    page.insert_chart(top + 2, _LINES + 2, chart)


def _drawn(item: Item) -> Iterator[tuple[date, tuple[float | None, ...]]]:
    """Each week with what the columns say of it; marks stand at the upper edge."""
    points, around = item.line.points, item.around
    edge = max((end for point in points for end in (point.value, point.high) if end is not None), default=0.0)
    done = {monday(mark.on_date) for mark in around.marks}
    for (week, _), point in zip(item.line.weeks, points, strict=True):
        signs = (point.value if point.verdict == verdict else None for verdict in ("worse", "better"))
        marks = (edge if is_marked else None for is_marked in (week in done, week == around.anew_on))
        is_open = around.is_open and week == item.line.week_on
        yield week, (point.value, point.low, point.high, *signs, *marks, point.value if is_open else None)


def _series(sheet: str, head: tuple[int, int], count: int) -> dict[str, Any]:
    """One line of a chart: the number itself in ink, the ends of its usual range faint, all else only marks."""
    top, place = head
    told = {
        "name": [sheet, top, place],
        "categories": [sheet, top + 1, 0, top + count, 0],
        "values": [sheet, top + 1, place, top + count, place],
    }
    if place in _MARKS:
        return {**told, "line": {"none": True}, "marker": _MARKS[place]}
    if place > 1:
        return {**told, "line": {"color": LIGHT.neutral, "width": 1, "dash_type": "dash"}}
    return {**told, "line": {"color": LIGHT.ink, "width": 2}}


def _dressed(chart: Chart, title: str, look: str) -> None:
    chart.set_title({"name": title, "name_font": {"size": 12, "color": LIGHT.ink}})
    chart.set_legend({"position": "bottom"})
    chart.set_x_axis({"date_axis": True, "num_format": "m/d", "label_position": "low", "major_unit": 28, "major_unit_type": "days"})
    chart.set_y_axis({"num_format": look, "major_gridlines": {"visible": True, "line": {"color": LIGHT.grid}}})
    chart.show_blanks_as("span")
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
    _on_paper(made, page)


def _on_paper(made: _Book, page: Worksheet) -> None:
    """A4 across, as wide as the page; each says which week it is of, and its number."""
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    about = made.said.about[:_LONGEST_FOOTER].replace("&", "&&")
    page.set_footer(f"&L{about}&R&P / &N")
