"""The week as slides that can be edited: native charts and tables, Chinese in a font that has it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import groupby
from typing import Final

from pptx import Presentation
from pptx.chart.chart import Chart
from pptx.chart.data import CategoryChartData
from pptx.chart.series import LineSeries
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_MARKER_STYLE, XL_TICK_LABEL_POSITION
from pptx.enum.dml import MSO_LINE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.oxml.xmlchemy import BaseOxmlElement, OxmlElement
from pptx.presentation import Presentation as Slides
from pptx.slide import Slide
from pptx.table import _Cell as Cell
from pptx.text.text import Font
from pptx.text.text import _Paragraph as Paragraph
from pptx.util import Emu, Inches, Pt

from lib.colours import LIGHT
from lib.metrics.metric import GROUPS, Unit
from lib.metrics.variation import Verdict
from lib.metrics.words import VERDICT
from lib.papers.review import words
from lib.papers.review.words import Item, Said, Section

_FONT: Final = "Microsoft YaHei"
"""What offices have on Windows and on a Mac; where it is missing the reader's own font for Chinese takes its place."""
_WIDTH, _HEIGHT = Inches(13.333), Inches(7.5)
_LEFT, _TOP = Inches(0.6), Inches(1.25)
_INNER: Final = Emu(_WIDTH - 2 * _LEFT)
_ROWS: Final = 12
"""Rows of a table on one slide."""
_AT_FULL_SIZE: Final = 7
"""More columns than these are set smaller."""
_DEFINED: Final = 9
"""Definitions on one slide: they take two lines each."""
_CHARTS: Final = 4
"""Charts on one slide."""
_DAYS_APART: Final = 28
"""Days from one label of the axis to the next."""
_NEAR_ALL: Final = 0.6
"""A share that comes so far is drawn up to the whole."""
_BLANK: Final = 6
_FORMAT: Final[dict[Unit, str]] = {"money": "#,##0", "rate": "0.0%", "days": "#,##0.0", "count": "#,##0", "score": "0.0"}
_PLAIN_TABLE: Final = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"
"""PowerPoint's own style without colours and lines."""
_MARKS: Final[tuple[tuple[Verdict, str], ...]] = (("worse", LIGHT.worse), ("better", LIGHT.better))
_VERDICT_INK: Final = {"better": LIGHT.better, "worse": LIGHT.worse_text}


@dataclass(frozen=True, slots=True)
class _Grid:
    """A table on slides: heads, cells, which columns are figures, how wide columns are to each other, and what is coloured."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    figures: frozenset[int]
    shares: Sequence[float]
    inks: dict[str, str]
    size: float = 12


@dataclass(frozen=True, slots=True)
class _Look:
    """How one line of a chart is drawn: its colour and its width in points; without a width only its marks."""

    ink: str
    width: float | None


def deck(said: Said, *, full: bool = False) -> bytes:
    """The slides: headline, signals with their charts, all metrics by group, one slide or more for each section, definitions."""
    file = Presentation()
    file.slide_width, file.slide_height = _WIDTH, _HEIGHT
    about = file.core_properties
    about.title, about.author, about.created = f"{said.title} {said.week}", said.company, said.made_at
    _front(file, said)
    _signals(file, said)
    _board(file, said)
    for section in said.sections:
        _section(file, said, section)
    if full:
        _definitions(file, said)
    _feet(file, said)
    out = BytesIO()
    file.save(out)
    return out.getvalue()


def _front(file: Slides, said: Said) -> None:
    slide = file.slides.add_slide(file.slide_layouts[_BLANK])
    _write(slide, (_LEFT, Inches(0.9), _INNER, Inches(0.9)), [said.title], size=36, bold=True)
    _write(
        slide, (_LEFT, Inches(1.8), _INNER, Inches(0.5)), [" · ".join(filter(None, (said.week, said.company)))], size=18, ink=LIGHT.muted
    )
    _write(slide, (_LEFT, Inches(2.7), _INNER, Inches(1.8)), [said.headline], size=22)
    notes = [f"{name}  {value}" for name, value in said.notes]
    _write(slide, (_LEFT, Inches(4.7), _INNER, Inches(1.9)), [*notes, said.budget], size=12, ink=LIGHT.muted)


def _signals(file: Slides, said: Said) -> None:
    """What the meeting speaks about: a table, then the charts, four to a slide."""
    title, language = words.SIGNALS.say(said.language), said.language
    if not said.signals:
        slide = _titled(file, title)
        _write(slide, (_LEFT, _TOP, _INNER, Inches(1)), [words.NO_SIGNALS.say(language)], size=18)
        return
    heads = (words.METRIC, words.THIS_WEEK, words.BEFORE, words.CHANGE, words.VERDICT, words.WHY, words.TARGET)
    rows = [(item.label, item.value, item.before, item.change, item.verdict, item.why, item.target) for item in said.signals]
    grid = _Grid([head.say(language) for head in heads], rows, frozenset({1, 2, 3}), (3, 1.4, 1.4, 1.8, 1.6, 2.4, 2.2), _inks(said))
    _tables(file, title, grid)
    pages = [said.signals[first : first + _CHARTS] for first in range(0, len(said.signals), _CHARTS)]
    for number, items in enumerate(pages, 1):
        slide = _titled(file, _numbered(title, number, len(pages)))
        for place, item in enumerate(items):
            _chart(slide, item, said, place)


def _board(file: Slides, said: Said) -> None:
    heads = [head.say(said.language) for head in (words.METRIC, words.THIS_WEEK, words.BEFORE, words.CHANGE, words.VERDICT, words.TARGET)]
    for group, found in groupby(said.items, lambda item: item.metric.group):
        rows = [(item.label, item.value, item.before, item.change, item.verdict, item.target) for item in found]
        grid = _Grid(heads, rows, frozenset({1, 2, 3}), (3.2, 1.5, 1.5, 2, 1.8, 2.4), _inks(said))
        _tables(file, GROUPS[group].say(said.language), grid)


def _section(file: Slides, said: Said, section: Section) -> None:
    columns = section.sheet.columns
    if not section.rows:
        slide = _titled(file, section.sheet.title)
        _write(slide, (_LEFT, _TOP, _INNER, Inches(1)), [words.NO_ROWS.say(said.language)], size=16, ink=LIGHT.muted)
        return
    figures = frozenset(place for place, column in enumerate(columns) if column.shape in words.FIGURES)
    heads = [column.label.say(said.language) for column in columns]
    if len(section.rows) == 1:
        grid = _Grid(("", ""), words.pairs(section), frozenset(), (1, 4), {}, 14)
    else:
        grid = _Grid(heads, section.rows, figures, words.shares(heads, section.rows), {}, 12 if len(columns) <= _AT_FULL_SIZE else 10)
    _tables(file, section.sheet.title, grid)


def _definitions(file: Slides, said: Said) -> None:
    heads = [head.say(said.language) for head in (words.METRIC, words.DEFINITION, words.FORMULA)]
    rows = [[text.say(said.language) for text in (item.metric.label, item.metric.definition, item.metric.formula)] for item in said.items]
    grid = _Grid(heads, rows, frozenset(), (2.2, 5.5, 4), {}, 10.5)
    _tables(file, words.DEFINITIONS.say(said.language), grid, _DEFINED)


def _feet(file: Slides, said: Said) -> None:
    """Every slide says which week, by what was known, for whom and by which rules."""
    pages = len(file.slides)
    for number, slide in enumerate(file.slides, 1):
        _write(slide, (_LEFT, Inches(7.02), Emu(_INNER - Inches(1)), Inches(0.3)), [said.about], size=9, ink=LIGHT.muted)
        place = (Emu(_WIDTH - _LEFT - Inches(1)), Inches(7.02), Inches(1), Inches(0.3))
        _write(slide, place, [f"{number} / {pages}"], size=9, ink=LIGHT.muted, align=PP_ALIGN.RIGHT)


# --- what stands on a slide


def _titled(file: Slides, title: str) -> Slide:
    slide = file.slides.add_slide(file.slide_layouts[_BLANK])
    _write(slide, (_LEFT, Inches(0.4), _INNER, Inches(0.7)), [title], size=24, bold=True)
    return slide


def _numbered(title: str, page: int, pages: int) -> str:
    return title if pages == 1 else f"{title} {page}/{pages}"


def _write(  # noqa: PLR0913 (a line of text has that many sides)
    slide: Slide,
    place: tuple[int, int, int, int],
    lines: Sequence[str],
    *,
    size: float,
    bold: bool = False,
    ink: str = LIGHT.ink,
    align: PP_ALIGN = PP_ALIGN.LEFT,
) -> None:
    frame = slide.shapes.add_textbox(*place).text_frame
    frame.word_wrap = True
    frame.margin_left = frame.margin_right = 0
    for number, line in enumerate(lines):
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        _run(paragraph, line, size, ink, bold=bold)
        paragraph.alignment = align


def _run(paragraph: Paragraph, text: str, size: float, ink: str, *, bold: bool = False) -> None:
    run = paragraph.add_run()
    run.text = text
    run.font.size, run.font.bold, run.font.color.rgb = Pt(size), bold, _colour(ink)
    _in_chinese(run.font)


def _in_chinese(font: Font) -> None:
    """A run names a typeface for Latin and one for East Asian letters: without the second Chinese comes in whatever there is."""
    font.name = _FONT
    properties = font._rPr  # noqa: SLF001 (the library knows no East Asian typeface)
    east_asian = OxmlElement("a:ea")
    east_asian.set("typeface", _FONT)
    properties.find(qn("a:latin")).addnext(east_asian)


def _tables(file: Slides, title: str, grid: _Grid, most: int = _ROWS) -> None:
    """A table over as many slides as it takes."""
    pages = [grid.rows[first : first + most] for first in range(0, len(grid.rows), most)]
    for number, rows in enumerate(pages, 1):
        slide = _titled(file, _numbered(title, number, len(pages)))
        _table(slide, grid, rows)


def _table(slide: Slide, grid: _Grid, rows: Sequence[Sequence[str]]) -> None:
    height = Inches(0.4)
    frame = slide.shapes.add_table(len(rows) + 1, len(grid.heads), _LEFT, _TOP, _INNER, Emu(height * (len(rows) + 1)))
    table = frame.table
    frame._element.graphic.graphicData.tbl.tblPr.find(qn("a:tableStyleId")).text = _PLAIN_TABLE  # noqa: SLF001 (no public way)
    total = sum(grid.shares)
    for place, share in enumerate(grid.shares):
        table.columns[place].width = Emu(int(_INNER * share / total))
    for row, cells in enumerate([grid.heads, *rows]):
        table.rows[row].height = height
        for place, (text, cell) in enumerate(zip(cells, table.rows[row].cells, strict=True)):
            _cell(cell, text, grid, is_head=row == 0, is_figure=place in grid.figures)


def _cell(cell: Cell, text: str, grid: _Grid, *, is_head: bool, is_figure: bool) -> None:
    cell.margin_left = cell.margin_right = Inches(0.1)
    cell.margin_top = cell.margin_bottom = Inches(0.03)
    cell.vertical_anchor = MSO_ANCHOR.MIDDLE
    cell.text_frame.word_wrap = True
    paragraph = cell.text_frame.paragraphs[0]
    ink = LIGHT.muted if is_head else grid.inks.get(text, LIGHT.ink)
    _run(paragraph, text, grid.size - 1 if is_head else grid.size, ink, bold=text in grid.inks)
    paragraph.alignment = PP_ALIGN.RIGHT if is_figure else PP_ALIGN.LEFT
    _underline(cell, LIGHT.neutral if is_head else LIGHT.grid)


def _underline(cell: Cell, ink: str) -> None:
    """A thin line below the cell; the library knows no borders. Lines stand before any fill."""
    properties = cell._tc.get_or_add_tcPr()  # noqa: SLF001 (no public way)
    line, fill, colour = OxmlElement("a:lnB"), OxmlElement("a:solidFill"), OxmlElement("a:srgbClr")
    line.set("w", "6350")
    colour.set("val", ink.removeprefix("#"))
    fill.append(colour)
    line.append(fill)
    properties.insert(0, line)


def _chart(slide: Slide, item: Item, said: Said, place: int) -> None:
    """A native line chart in one of four places: the number over the range chance alone gives it."""
    data = CategoryChartData(number_format=_FORMAT[item.metric.unit])
    data.categories = [week for week, _ in item.line.weeks]
    drawn = list(_series(item, said))
    for name, values, _ in drawn:
        data.add_series(name, values)
    width, height = Emu(int(_INNER / 2) - Inches(0.1)), Inches(2.75)
    left = Emu(_LEFT + (place % 2) * (width + Inches(0.2)))
    top = Emu(Inches(1.15) + (place // 2) * (height + Inches(0.12)))
    chart = slide.shapes.add_chart(XL_CHART_TYPE.LINE, left, top, width, height, data).chart
    chart.font.size, chart.font.color.rgb = Pt(10), _colour(LIGHT.muted)
    _in_chinese(chart.font)
    chart.has_title = True
    title = chart.chart_title.text_frame.paragraphs[0]
    _run(title, f"{item.label}  {item.value}  {item.change}  ", 12, LIGHT.ink, bold=True)
    _run(title, item.verdict, 11, _VERDICT_INK.get(item.line.verdict, LIGHT.muted), bold=True)
    _dressed(chart, item, [look for *_, look in drawn])


def _series(item: Item, said: Said) -> Iterator[tuple[str, list[float | None], _Look]]:
    """The number, the ends of its usual range, and its signals: each a line of the chart with its look."""
    points = item.line.points
    yield item.label, [point.value for point in points], _Look(LIGHT.ink, 2.25)
    if any(point.low is not None for point in points):
        yield words.LOW.say(said.language), [point.low for point in points], _Look(LIGHT.neutral, 1)
        yield words.HIGH.say(said.language), [point.high for point in points], _Look(LIGHT.neutral, 1)
    for verdict, ink in _MARKS:
        found = [point.value if point.verdict == verdict else None for point in points]
        if any(value is not None for value in found):
            yield VERDICT[verdict].say(said.language).removeprefix("◆ "), found, _Look(ink, None)


def _dressed(chart: Chart, item: Item, looks: Sequence[_Look]) -> None:
    chart.has_legend = True
    chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    values, weeks = chart.value_axis, chart.category_axis
    values.tick_labels.number_format, values.tick_labels.number_format_is_linked = _FORMAT[item.metric.unit], False
    values.major_gridlines.format.line.color.rgb = _colour(LIGHT.grid)
    values.format.line.fill.background()
    if item.metric.unit == "rate" and _NEAR_ALL < max(end or 0 for point in item.line.points for end in (point.value, point.high)) <= 1:
        values.maximum_scale = 1
    weeks.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    weeks.format.line.color.rgb = _colour(LIGHT.grid)
    weeks.tick_labels.number_format, weeks.tick_labels.number_format_is_linked = "m/d", False
    for name, value in (("c:majorUnit", str(_DAYS_APART)), ("c:majorTimeUnit", "days")):
        _added(weeks._element, name, value)  # noqa: SLF001 (no public way)
    # A week without a number is passed over, as in every other drawing of the house.
    chart._chartSpace.chart.find(qn("c:dispBlanksAs")).set("val", "span")  # noqa: SLF001 (as above)
    for series, look in zip(chart.plots[0].series, looks, strict=True):
        _drawn(series, look)


def _added(axis: BaseOxmlElement, name: str, value: str) -> None:
    """One more property of an axis, before its extensions."""
    found = OxmlElement(name)
    found.set("val", value)
    axis.append(found)


def _drawn(series: LineSeries, look: _Look) -> None:
    series.smooth = False
    if look.width is None:
        series.format.line.fill.background()
        series.marker.style, series.marker.size = XL_MARKER_STYLE.DIAMOND, 10
        for painted in (series.marker.format.fill, series.marker.format.line.fill):
            painted.solid()
            painted.fore_color.rgb = _colour(look.ink)
        return
    series.marker.style = XL_MARKER_STYLE.NONE
    series.format.line.color.rgb, series.format.line.width = _colour(look.ink), Pt(look.width)
    if look.width == 1:
        series.format.line.dash_style = MSO_LINE.DASH


def _inks(said: Said) -> dict[str, str]:
    """Verdicts are coloured wherever they stand."""
    return {item.verdict: _VERDICT_INK[item.line.verdict] for item in said.items if item.line.verdict in _VERDICT_INK}


def _colour(ink: str) -> RGBColor:
    return RGBColor.from_string(ink.removeprefix("#"))
