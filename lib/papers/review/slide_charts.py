"""Native charts on slides, to be edited: a metric's weeks over their usual range, and how an amount moved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import floor, log10
from typing import Final

from pptx.chart.chart import Chart
from pptx.chart.data import CategoryChartData
from pptx.chart.point import Point as Mark
from pptx.chart.series import LineSeries
from pptx.enum.chart import XL_CHART_TYPE, XL_MARKER_STYLE, XL_TICK_LABEL_POSITION
from pptx.enum.dml import MSO_LINE
from pptx.oxml.ns import qn
from pptx.oxml.xmlchemy import BaseOxmlElement, OxmlElement
from pptx.slide import Slide
from pptx.util import Inches, Pt

from lib import formats
from lib.colours import LIGHT
from lib.metrics import monday
from lib.metrics.metric import Unit
from lib.metrics.variation import Verdict
from lib.metrics.words import VERDICT
from lib.papers.review import words
from lib.papers.review.slides import Box, colour, in_chinese, run
from lib.papers.review.words import Item, Said
from lib.text import Language, Text

_DAYS_APART: Final = 28
"""Days from one label of the axis to the next."""
_TITLE: Final = Inches(0.7)
_NEAR_ALL: Final = 0.6
"""A share that comes so far is drawn up to the whole."""
_FORMAT: Final[dict[Unit, str]] = {"money": "#,##0", "days": "#,##0.0", "count": "#,##0", "score": "0.0"}
_SIGNALS: Final[tuple[tuple[Verdict, str], ...]] = (("worse", LIGHT.worse), ("better", LIGHT.better))
VERDICT_INK: Final = {"better": LIGHT.better, "worse": LIGHT.worse_text}
_UP, _DOWN, _ENDS = Text("增加", "Up"), Text("减少", "Down"), Text("期初、期末", "Opening, closing")
_UNDER: Final = Text("垫底", "Below")


@dataclass(frozen=True, slots=True)
class _Look:
    """How one line of a chart is drawn: its colour, its width in points, its marks; without a width only its marks."""

    ink: str
    width: float | None = None
    marks: XL_MARKER_STYLE = XL_MARKER_STYLE.NONE


_Line = tuple[str, list[float | None], _Look]


def weeks(slide: Slide, box: Box, item: Item, said: Said) -> None:
    """The number and its verdict in words; below them a line chart over the range chance alone gives it, signals and what was done."""
    _title(slide, box, item)
    data = CategoryChartData(number_format=look_of(item))
    data.categories = [week for week, _ in item.line.weeks]
    drawn = list(_series(item, said))
    for name, values, _ in drawn:
        data.add_series(name, values)
    chart = slide.shapes.add_chart(XL_CHART_TYPE.LINE, box.left, box.top + _TITLE, box.width, box.height - _TITLE, data).chart
    chart.font.size, chart.font.color.rgb = Pt(9), colour(LIGHT.muted)
    in_chinese(chart.font)
    _dressed(chart, item, [look for *_, look in drawn])


def look_of(item: Item) -> str:
    """How its numbers are written."""
    return words.share_look(words.share_places(item)) if item.metric.unit == "rate" else _FORMAT[item.metric.unit]


def _title(slide: Slide, box: Box, item: Item) -> None:
    frame = slide.shapes.add_textbox(box.left, box.top, box.width, _TITLE).text_frame
    frame.word_wrap = True
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    first, second = frame.paragraphs[0], frame.add_paragraph()
    run(first, f"{item.label}  {item.value}", 12, LIGHT.ink, bold=True)
    run(second, f"{item.change}  ", 11, LIGHT.muted)
    run(second, item.verdict, 11, VERDICT_INK.get(item.line.verdict, LIGHT.muted), bold=True)
    if below := [*item.done[-1:], item.drawn][0]:
        run(frame.add_paragraph(), below, 8, LIGHT.muted)


def _series(item: Item, said: Said) -> Iterator[_Line]:
    """The number, the ends of its usual range, its signals, and what was done: each a line of the chart with its look."""
    points, language = item.line.points, said.language
    yield item.label, [point.value for point in points], _Look(LIGHT.ink, 2.25)
    if any(point.low is not None for point in points):
        yield words.LOW.say(language), [point.low for point in points], _Look(LIGHT.neutral, 1)
        yield words.HIGH.say(language), [point.high for point in points], _Look(LIGHT.neutral, 1)
    for verdict, ink in _SIGNALS:
        found = [point.value if point.verdict == verdict else None for point in points]
        if any(value is not None for value in found):
            yield VERDICT[verdict].say(language).removeprefix("◆ "), found, _Look(ink, marks=XL_MARKER_STYLE.DIAMOND)
    yield from _around(item, language)


def _around(item: Item, language: Language) -> Iterator[_Line]:
    """Marks above the weeks in which something was done, or from which the range is anew."""
    top = max((end for point in item.line.points for end in (point.value, point.high) if end is not None), default=0.0)
    done = {monday(mark.on_date) for mark in item.around.marks}
    for text, days, look in (
        (words.DONE, done, _Look(LIGHT.ink, marks=XL_MARKER_STYLE.TRIANGLE)),
        (words.ANEW, {item.around.anew_on}, _Look(LIGHT.muted, marks=XL_MARKER_STYLE.PLUS)),
    ):
        values = [top if week in days else None for week, _ in item.line.weeks]
        if any(value is not None for value in values):
            yield text.say(language), values, look


def _dressed(chart: Chart, item: Item, looks: Sequence[_Look]) -> None:
    chart.has_legend = chart.has_title = False
    values, across = chart.value_axis, chart.category_axis
    ends = [end for point in item.line.points for end in (point.value, point.low, point.high) if end is not None]
    values.tick_labels.number_format, values.tick_labels.number_format_is_linked = look_of(item), False
    values.major_gridlines.format.line.color.rgb = colour(LIGHT.grid)
    values.format.line.fill.background()
    if item.metric.unit == "rate" and _NEAR_ALL < max(ends, default=0) <= 1:
        values.maximum_scale = 1
    if (start := _floor(ends)) is not None:
        values.minimum_scale = start
    across.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    across.format.line.color.rgb = colour(LIGHT.grid)
    across.tick_labels.number_format, across.tick_labels.number_format_is_linked = "m/d", False
    for name, value in (("c:majorUnit", str(_DAYS_APART)), ("c:majorTimeUnit", "days")):
        _added(across._element, name, value)  # noqa: SLF001 (no public way)
    # A week without a number is passed over, as in every other drawing of the house.
    chart._chartSpace.chart.find(qn("c:dispBlanksAs")).set("val", "span")  # noqa: SLF001 (as above)
    for series, look in zip(chart.plots[0].series, looks, strict=True):
        _drawn(series, look)
    if item.around.is_open:
        _hollow(chart.plots[0].series[0].points[len(item.line.weeks) - 1])


def _floor(ends: Sequence[float]) -> float | None:
    """Where the axis begins when it would leave most of the room empty at nought: at a round number. None: at nought, or as it likes."""
    least, most = min(ends, default=0.0), max(ends, default=0.0)
    if least <= 0 or most - least > most / 2 or most == least:
        return None
    step = 10.0 ** floor(log10(most - least))
    return max(floor(least / step) - 1, 0) * step


def _added(axis: BaseOxmlElement, name: str, value: str) -> None:
    """One more property of an axis, before its extensions."""
    found = OxmlElement(name)
    found.set("val", value)
    axis.append(found)


def _drawn(series: LineSeries, look: _Look) -> None:
    series.smooth = False
    series.marker.style = look.marks
    if look.width is None:
        series.format.line.fill.background()
        series.marker.size = 9
        for painted in (series.marker.format.fill, series.marker.format.line.fill):
            painted.solid()
            painted.fore_color.rgb = colour(look.ink)
        return
    series.format.line.color.rgb, series.format.line.width = colour(look.ink), Pt(look.width)
    if look.width == 1:
        series.format.line.dash_style = MSO_LINE.DASH


def _hollow(mark: Mark) -> None:
    """The week is not over."""
    mark.marker.style, mark.marker.size = XL_MARKER_STYLE.CIRCLE, 7
    mark.marker.format.fill.solid()
    mark.marker.format.fill.fore_color.rgb = colour(LIGHT.paper)
    mark.marker.format.line.color.rgb = colour(LIGHT.ink)


def bridge(slide: Slide, box: Box, steps: Sequence[tuple[str, Decimal]], currency: str, language: Language) -> None:
    """How an amount came from its first step to its last, both of them totals: columns that hang on each other. Up is against us."""
    lines = _columns([float(amount) for _, amount in steps])
    data = CategoryChartData(number_format="#,##0.00")
    data.categories = [f"{name}\n{formats.money(amount, currency, language, compact=True)}" for name, amount in steps]
    for name, values in zip((_UNDER, _ENDS, _UP, _DOWN), lines, strict=True):
        data.add_series(name.say(language), values)
    chart = slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_STACKED, box.left, box.top, box.width, box.height, data).chart
    chart.font.size, chart.font.color.rgb = Pt(10), colour(LIGHT.muted)
    in_chinese(chart.font)
    chart.has_legend, chart.value_axis.visible, chart.value_axis.has_major_gridlines = False, False, False
    chart.value_axis.minimum_scale = 0
    chart.category_axis.format.line.color.rgb = colour(LIGHT.grid)
    plot = chart.plots[0]
    plot.gap_width, plot.overlap = 40, 100
    for series, ink in zip(plot.series, (None, LIGHT.ink, LIGHT.worse, LIGHT.better), strict=True):
        if ink is None:
            series.format.fill.background()
            continue
        series.format.fill.solid()
        series.format.fill.fore_color.rgb = colour(ink)


def _columns(amounts: Sequence[float]) -> tuple[list[float | None], ...]:
    """What lies below each column, then totals, rises and falls, as they stand on each other."""
    columns: tuple[list[float | None], ...] = tuple([None] * len(amounts) for _ in range(4))
    below, ends, up, down = columns
    at = 0.0
    for place, amount in enumerate(amounts):
        if place in (0, len(amounts) - 1):
            ends[place], at = amount, amount
            continue
        below[place] = min(at, at + amount)
        (up if amount >= 0 else down)[place] = abs(amount)
        at += amount
    return columns
