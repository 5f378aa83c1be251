"""What slides are made of: words, tables that know how high they come out, and native charts of weeks and of a bridge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Final

from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.oxml.xmlchemy import OxmlElement
from pptx.presentation import Presentation as Slides
from pptx.slide import Slide
from pptx.table import _Cell as Cell
from pptx.text.text import Font
from pptx.text.text import _Paragraph as Paragraph
from pptx.util import Emu, Inches, Pt

from lib import formats
from lib.colours import LIGHT

_FONT: Final = "Microsoft YaHei"
"""What offices have on Windows and on a Mac; where it is missing the reader's own font for Chinese takes its place."""
WIDTH, HEIGHT = Inches(13.333), Inches(7.5)
LEFT, TOP, BOTTOM = Inches(0.6), Inches(1.2), Inches(6.9)
INNER: Final = Emu(WIDTH - 2 * LEFT)
_BLANK: Final = 6
_PLAIN_TABLE: Final = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"
"""PowerPoint's own style without colours and lines."""
_SIDE: Final = 73_152
_ABOVE: Final = 27_432
"""Margins of a cell, in the unit of slides."""
_LETTER: Final = 0.56
"""How wide a Latin letter is, as a share of the size of its type; a Chinese sign counts as two."""
_LINE: Final = 1.4
"""How high a line is, as a share of the same."""
_SMALLER: Final = 0.8
"""The size of a cell's later lines, which say more about its first."""
_LEAST: Final = 8
_POINT: Final = 12_700
"""A point in the unit of slides."""


@dataclass(frozen=True, slots=True)
class Box:
    """Where something stands on a slide."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: heads, cells, which columns are figures, how wide columns are to each other, and what is coloured by its first line."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    figures: frozenset[int]
    shares: Sequence[float]
    inks: dict[str, str] = field(default_factory=dict)
    size: float = 12

    def widths(self, width: int) -> list[int]:
        """Of the columns, in a table of such a width: figures never break, words share the rest."""
        shares = [width * share / sum(self.shares) for share in self.shares]
        needed = {place: max((self._long(row[place]) for row in self.rows), default=0) + 2 * _SIDE for place in self.figures}
        figures = {place: max(shares[place], need) for place, need in needed.items()}
        words = sum(share for place, share in enumerate(shares) if place not in figures)
        rest = max(width - sum(figures.values()), words / 2)
        found = [figures.get(place, share * rest / words if words else share) for place, share in enumerate(shares)]
        return [int(one * width / sum(found)) for one in found]

    def _long(self, cell: str) -> int:
        return round(formats.width(cell) * self.size * _LETTER * _POINT)

    def heights(self, width: int) -> list[int]:
        """Of the head and each row: words that do not fit into one line take more."""
        widths = self.widths(width)
        heads = max(self._lines(head, room, self.size - 1) for head, room in zip(self.heads, widths, strict=True))
        return [round(heads * (self.size - 1) * _LINE * _POINT) + 2 * _ABOVE, *(self._height(row, widths) for row in self.rows)]

    def _height(self, row: Sequence[str], widths: Sequence[int]) -> int:
        return max(self._high(cell, room) for cell, room in zip(row, widths, strict=True)) + 2 * _ABOVE

    def _high(self, cell: str, room: int) -> int:
        """One cell: its first line, then what says more about it."""
        first, *more = cell.split("\n")
        points = self._lines(first, room, self.size) * self.size
        points += sum(self._lines(line, room, self.size * _SMALLER) for line in more) * self.size * _SMALLER
        return round(points * _LINE * _POINT)

    @staticmethod
    def _lines(text: str, room: int, size: float) -> int:
        return max(1, ceil(formats.width(text) * size * _LETTER / max((room - 2 * _SIDE) / _POINT, 1)))


def titled(file: Slides, title: str) -> Slide:
    """A new slide with its title, where it has one."""
    slide = file.slides.add_slide(file.slide_layouts[_BLANK])
    if title:
        write(slide, Box(LEFT, Inches(0.4), INNER, Inches(0.7)), [title], size=24, bold=True)
    return slide


def write(  # noqa: PLR0913 (a line of text has that many sides)
    slide: Slide,
    box: Box,
    lines: Sequence[str],
    *,
    size: float,
    bold: bool = False,
    ink: str = LIGHT.ink,
    align: PP_ALIGN = PP_ALIGN.LEFT,
) -> None:
    """Lines of text, each a paragraph."""
    frame = slide.shapes.add_textbox(box.left, box.top, box.width, box.height).text_frame
    frame.word_wrap = True
    frame.margin_left = frame.margin_right = 0
    for number, line in enumerate(lines):
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        run(paragraph, line, size, ink, bold=bold)
        paragraph.alignment = align


def run(paragraph: Paragraph, text: str, size: float, ink: str, *, bold: bool = False) -> None:
    """Words of one look."""
    added = paragraph.add_run()
    added.text = text
    added.font.size, added.font.bold, added.font.color.rgb = Pt(size), bold, colour(ink)
    in_chinese(added.font)


def in_chinese(font: Font) -> None:
    """A run names a typeface for Latin and one for East Asian letters: without the second Chinese comes in whatever there is."""
    font.name = _FONT
    properties = font._rPr  # noqa: SLF001 (the library knows no East Asian typeface)
    east_asian = OxmlElement("a:ea")
    east_asian.set("typeface", _FONT)
    properties.find(qn("a:latin")).addnext(east_asian)


def fitting(grid: Grid, width: int, height: int) -> int:
    """How many of its rows fit into a height."""
    head, *rows = grid.heights(width)
    left, count = height - head, 0
    while count < len(rows) and rows[count] <= left:
        left -= rows[count]
        count += 1
    return count


def table(slide: Slide, box: Box, grid: Grid) -> int:
    """A table; its lower edge."""
    heights = grid.heights(box.width)
    frame = slide.shapes.add_table(len(grid.rows) + 1, len(grid.heads), box.left, box.top, box.width, Emu(sum(heights)))
    made = frame.table
    frame._element.graphic.graphicData.tbl.tblPr.find(qn("a:tableStyleId")).text = _PLAIN_TABLE  # noqa: SLF001 (no public way)
    for column, width in zip(made.columns, grid.widths(box.width), strict=True):
        column.width = Emu(width)
    rows = list(made.rows)
    for number, (cells, height) in enumerate(zip([grid.heads, *grid.rows], heights, strict=True)):
        rows[number].height = Emu(height)
        for place, (text, cell) in enumerate(zip(cells, rows[number].cells, strict=True)):
            _cell(cell, text, grid, is_head=number == 0, is_figure=place in grid.figures)
    return box.top + sum(heights)


def _cell(cell: Cell, text: str, grid: Grid, *, is_head: bool, is_figure: bool) -> None:
    cell.margin_left = cell.margin_right = _SIDE
    cell.margin_top = cell.margin_bottom = _ABOVE
    cell.vertical_anchor = MSO_ANCHOR.MIDDLE
    frame = cell.text_frame
    frame.word_wrap = True
    first, *more = text.split("\n")
    ink = LIGHT.muted if is_head else grid.inks.get(first, LIGHT.ink)
    run(frame.paragraphs[0], first, max(grid.size - is_head, _LEAST), ink, bold=first in grid.inks)
    for line in more:
        run(frame.add_paragraph(), line, max(grid.size * _SMALLER, _LEAST), LIGHT.muted)
    for paragraph in frame.paragraphs:
        paragraph.alignment = PP_ALIGN.RIGHT if is_figure else PP_ALIGN.LEFT
    _underline(cell, LIGHT.neutral if is_head else LIGHT.grid)


def _underline(cell: Cell, ink: str) -> None:
    """A thin line below the cell; the library knows no borders. Lines stand before any fill."""
    properties = cell._tc.get_or_add_tcPr()  # noqa: SLF001 (no public way)
    line, fill, shade = OxmlElement("a:lnB"), OxmlElement("a:solidFill"), OxmlElement("a:srgbClr")
    line.set("w", "6350")
    shade.set("val", ink.removeprefix("#"))
    fill.append(shade)
    line.append(fill)
    properties.insert(0, line)


def colour(ink: str) -> RGBColor:
    """A colour of the house as the library has it."""
    return RGBColor.from_string(ink.removeprefix("#"))
