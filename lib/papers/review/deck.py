"""The week as slides that can be edited: what a meeting looks at, each slide one story; all tables and definitions only when asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from io import BytesIO
from itertools import groupby
from math import ceil
from typing import Final

from pptx import Presentation
from pptx.enum.text import PP_ALIGN
from pptx.presentation import Presentation as Slides
from pptx.slide import Slide
from pptx.util import Emu, Inches

from lib import formats
from lib.colours import LIGHT
from lib.metrics.metric import GROUPS, Group
from lib.papers.review import slide_charts, words
from lib.papers.review.slide_charts import VERDICT_INK
from lib.papers.review.slides import BOTTOM, HEIGHT, INNER, LEFT, TOP, WIDTH, Box, Grid, fitting, table, titled, write
from lib.papers.review.words import Item, Said, Section
from lib.text import Text

_GAP: Final = Inches(0.25)
_HEADING: Final = Inches(0.4)
_NOTE: Final = Inches(0.65)
_ACROSS, _DOWN = 3, 2
"""Charts on one slide."""
_HALF: Final = Emu((INNER - _GAP) // 2)
_AT_FULL_SIZE: Final = 7
"""More columns than these are set smaller."""
_CURRENT: Final = {
    "actions": ("action_said", "doer_name", "name", "due_on", "action_state", "carried_count", "action_note", "effect_seen"),
    "lows": ("name", "owner_name", "metric", "score", "on_date", "comment", "task_due_on"),
    "restated": ("metric", "seen_said", "corrected_said", "change_said"),
}
"""Columns a meeting looks at, where not all of them; the others stand in the appendix."""
_STORIES: Final[tuple[tuple[Text | None, tuple[str, ...]], ...]] = (
    (None, ("actions",)),
    (Text("逾期", "Overdue"), ("bridge", "overdue")),
    (Text("承诺和停供", "Promises and stops"), ("broken", "limits")),
    (Text("低分和投诉", "Low scores and complaints"), ("lows", "complaints")),
    (None, ("quiet",)),
    (Text("议题和决定", "Topics and decisions"), ("topics", "decisions")),
    (None, ("restated",)),
)
"""What stands together on a slide, in the order of the agenda; the customer's voice comes after the actions, with the scores."""
_VOICE: Final = Text("客户之声", "Voice of the customer")
_QUOTED: Final = Text("“{words}”", "“{words}”")
_LONG_QUOTE: Final = 160
"""Longer words are set smaller."""
_LONG_LINE: Final = 1500
"""Letters of a line times the size of their type."""
_EXPLAINED: Final = Text("说明", "Explanation")
_UNSAID: Final = Text("还没有说明", "Not explained yet")
_MORE: Final = Text("另有 {count} 行，见 PDF 或 Excel", "{count} more in the PDF or the workbook")
_SIGNS: Final = Text(
    "实线：每周的数；虚线：平常的范围；◆ 信号；▲ 做了或定了什么；＋ 范围重定；空心点：这一周还没有过完。",
    "Line: each week; dashes: usual range; ◆ signal; ▲ done or decided; + range set anew; hollow dot: the week is not over.",
)
_APPENDIX: Final = Text("附录", "Appendix")


@dataclass(frozen=True, slots=True)
class _Deck:
    """The slides, and what they say."""

    file: Slides
    said: Said

    def text(self, text: Text) -> str:
        """Words in the language of the deck."""
        return text.say(self.said.language)


def deck(said: Said, *, full: bool = False) -> bytes:
    """The slides of a meeting; `full`: also every table with all its columns and rows, every metric and every definition."""
    file = Presentation()
    file.slide_width, file.slide_height = WIDTH, HEIGHT
    about = file.core_properties
    about.title, about.author, about.created = f"{said.title} {said.week}", said.company, said.made_at
    made = _Deck(file, said)
    _front(made)
    _signals(made)
    _board(made)
    _meeting(made)
    if full:
        _appendix(made)
    _feet(made)
    out = BytesIO()
    file.save(out)
    return out.getvalue()


def _front(made: _Deck) -> None:
    said = made.said
    slide = titled(made.file, "")
    write(slide, Box(LEFT, Inches(0.9), INNER, Inches(0.9)), [said.title], size=36, bold=True)
    under = " · ".join(filter(None, (said.week, said.company)))
    write(slide, Box(LEFT, Inches(1.8), INNER, Inches(0.5)), [under], size=18, ink=LIGHT.muted)
    write(slide, Box(LEFT, Inches(2.7), INNER, Inches(1.8)), [said.headline], size=22)
    notes = [f"{name}  {value}" for name, value in said.notes]
    write(slide, Box(LEFT, Inches(4.7), INNER, Inches(1.9)), [*notes, said.budget], size=12, ink=LIGHT.muted)


def _signals(made: _Deck) -> None:
    """What the meeting speaks about: a table with what was said about each, then the charts."""
    said, title = made.said, made.text(words.SIGNALS)
    if not said.signals:
        write(titled(made.file, title), Box(LEFT, TOP, INNER, Inches(1)), [made.text(words.NO_SIGNALS)], size=18)
        return
    heads = (words.METRIC, words.THIS_WEEK, words.BEFORE, words.CHANGE, words.VERDICT, words.TARGET, _EXPLAINED)
    told = _explanations(made)
    rows = [(*_signal(item), told.get(item.label, "")) for item in said.signals]
    shares = (5, 1.2, 1.2, 1.5, 2.4, 1.7, 2.6)
    kept = [place for place in range(len(heads)) if any(row[place] for row in rows)]
    filled = [tuple(row[place] for place in kept) for row in rows]
    found = [made.text(heads[place]) for place in kept]
    _paged(made, title, Grid(found, filled, frozenset({1, 2, 3}), [shares[place] for place in kept], _inks(said), 10.5))
    _charts(made, title)


def _charts(made: _Deck, title: str) -> None:
    """Six on a slide; fewer are larger."""
    said, each = made.said, _ACROSS * _DOWN
    pages = [said.signals[first : first + each] for first in range(0, len(said.signals), each)]
    for number, items in enumerate(pages, 1):
        slide = titled(made.file, _numbered(title, number, len(pages)))
        for place, item in enumerate(items):
            slide_charts.weeks(slide, _place(place, len(said.signals)), item, said)
        write(slide, Box(LEFT, Inches(6.62), INNER, Inches(0.3)), [made.text(_SIGNS)], size=10, ink=LIGHT.muted)


def _signal(item: Item) -> tuple[str, ...]:
    """One signal, with its definition below its name and its rule below the verdict."""
    return (
        f"{item.label}\n{item.means}",
        *(item.value, item.before, item.change),
        "\n".join(filter(None, (item.verdict, item.why))),
        item.target,
    )


def _explanations(made: _Deck) -> dict[str, str]:
    """What was said about a metric, by its name, with who said it."""
    section = _sections(made).get("explanations")
    if section is None or not section.rows:
        return {}
    names = [column.name for column in section.sheet.columns]
    found = [dict(zip(names, row, strict=True)) for row in section.rows]
    return {row["metric"]: _explained(made, row) for row in found}


def _explained(made: _Deck, row: dict[str, str]) -> str:
    said = row.get("explanation_said", formats.MISSING)
    said = made.text(_UNSAID) if said == formats.MISSING else said
    by = (row.get(name, formats.MISSING) for name in ("doer_name", "signal_cause", "signal_verdict"))
    return "\n".join((said, " · ".join(part for part in by if part != formats.MISSING)))


def _place(number: int, count: int) -> Box:
    """Of one chart among so many: a row of up to two, two rows of two, or two rows of three."""
    across = count if count <= 2 else 2 if count <= 4 else _ACROSS  # noqa: PLR2004 (as said)
    down = 1 if count <= across else _DOWN
    width, height = (INNER - (across - 1) * _GAP) // across, (Inches(5.48) - (down - 1) * Inches(0.08)) // down
    return Box(LEFT + number % across * (width + _GAP), Inches(1.1) + number // across * (height + Inches(0.08)), width, height)


def _board(made: _Deck) -> None:
    """All numbers by group, two columns to a slide."""
    measured = [item for item in made.said.items if item.is_measured]
    grids = [_group(made, group, list(found)) for group, found in groupby(measured, lambda item: item.metric.group)]
    missing = words.unmeasured(made.said)
    height = BOTTOM - TOP - (_NOTE if missing else 0)
    columns: list[list[Grid]] = [[]]
    for grid in grids:
        for part in _parts(grid, _HALF, height):
            taken = sum(sum(one.heights(_HALF)) + _GAP for one in columns[-1])
            if taken + sum(part.heights(_HALF)) > height:
                columns.append([])
            columns[-1].append(part)
    pages = [columns[first : first + 2] for first in range(0, len(columns), 2)]
    for number, page in enumerate(pages, 1):
        slide = titled(made.file, _numbered(made.text(words.BOARD), number, len(pages)))
        for place, column in enumerate(page):
            top = int(TOP)
            for grid in column:
                top = table(slide, Box(LEFT + place * (_HALF + _GAP), top, _HALF, 0), grid) + _GAP
        if missing and number == len(pages):
            write(slide, Box(LEFT, BOTTOM - _NOTE, INNER, _NOTE), [missing], size=9, ink=LIGHT.muted)


def _group(made: _Deck, group: Group, items: Sequence[Item]) -> Grid:
    heads = (GROUPS[group], words.THIS_WEEK, words.CHANGE, words.VERDICT)
    rows = [(item.label, item.value, item.change, item.verdict) for item in items]
    return Grid([made.text(head) for head in heads], rows, frozenset({1, 2}), (3.2, 1.4, 2.2, 1.9), _inks(made.said), 10)


def _meeting(made: _Deck) -> None:
    """One slide for what belongs together; nothing where there is nothing."""
    for number, (title, names) in enumerate(_STORIES):
        if number == 1:
            _voice(made)
        found = [section for name in names if (section := _sections(made).get(name)) and section.rows]
        if found:
            slide = titled(made.file, made.text(title) if title and len(found) > 1 else found[0].sheet.title)
            _story(made, slide, found, named=len(found) > 1)


def _story(made: _Deck, slide: Slide, found: Sequence[Section], *, named: bool) -> None:
    """Sections below each other, each with as many rows as there is room for; a bridge is drawn, left of the other."""
    left, width = int(LEFT), int(INNER)
    if named and found[0].name == "bridge" and (steps := _steps(found[0])) and made.said.pack.currency:
        narrow = width // 3
        write(slide, Box(left, TOP, narrow, _HEADING), [found[0].sheet.title], size=14, ink=LIGHT.muted)
        slide_charts.bridge(slide, Box(left, TOP + _HEADING, narrow, Inches(4.6)), steps, made.said.pack.currency, made.said.language)
        left, width, found = left + narrow + _GAP, width - narrow - _GAP, found[1:]
    top, rest = int(TOP), BOTTOM - TOP
    for number, section in enumerate(found):
        room = rest // (len(found) - number)
        end = _listed(made, slide, Box(left, top, width, room), section, named=named)
        rest -= end + _GAP - top
        top = end + _GAP


def _listed(made: _Deck, slide: Slide, box: Box, section: Section, *, named: bool) -> int:
    """A section's rows in a box under its name and how many more there are; its lower edge."""
    grid = _grid(made, section, _CURRENT.get(section.name))
    top = box.top + _HEADING if named else box.top
    count = max(fitting(grid, box.width, box.top + box.height - top), 1)
    more = _MORE.say(made.said.language, count=len(grid.rows) - count) if count < len(grid.rows) else ""
    if heading := " · ".join(filter(None, (section.sheet.title if named else "", more))):
        above = box.top if named else box.top - _HEADING
        write(slide, Box(box.left, above, box.width, _HEADING), [heading], size=14 if named else 11, ink=LIGHT.muted)
    return table(slide, Box(box.left, top, box.width, 0), replace(grid, rows=grid.rows[:count]))


def _grid(made: _Deck, section: Section, wanted: Sequence[str] | None = None) -> Grid:
    """A section's rows, in those columns."""
    kept = [place for place, column in enumerate(section.sheet.columns) if wanted is None or column.name in wanted]
    columns = [section.sheet.columns[place] for place in kept]
    heads = [column.label.say(made.said.language) for column in columns]
    rows = [tuple(row[place] for place in kept) for row in section.rows]
    figures = frozenset(place for place, column in enumerate(columns) if column.shape in words.FIGURES)
    return Grid(heads, rows, figures, words.shares(heads, rows), {}, 11 if len(columns) <= _AT_FULL_SIZE else 10)


def _steps(section: Section) -> list[tuple[str, Decimal]]:
    """The steps of a bridge in one currency; none in several, as they share no columns."""
    if "currency" in [column.name for column in section.sheet.columns]:
        return []
    return [(row[0], amount) for row, amount in zip(section.rows, section.sheet.table["amount"].to_pylist(), strict=True)]


def _voice(made: _Deck) -> None:
    """A customer's own words, large, with who said them, beside the scores of the week."""
    story, scores = (_sections(made).get(name) for name in ("voice", "scores"))
    if not (story and story.rows) and not (scores and scores.rows):
        return
    slide = titled(made.file, story.sheet.title if story and story.rows else made.text(_VOICE))
    top = int(TOP)
    if story and story.rows:
        top = _told(made, slide, story, top)
    if scores and scores.rows:
        _listed(made, slide, Box(LEFT, top + _GAP, INNER, BOTTOM - top - _GAP), scores, named=True)


def _told(made: _Deck, slide: Slide, story: Section, top: int) -> int:
    """The lower edge of a story."""
    quoted = (story.sheet.table.to_pylist()[0]).get("comment")
    if quoted:
        size = 24 if formats.width(quoted) < _LONG_QUOTE else 16
        lines = ceil(formats.width(quoted) * size / _LONG_LINE)
        write(slide, Box(LEFT, top, INNER, Inches(0.5 * lines)), [_QUOTED.say(made.said.language, words=quoted)], size=size)
        top += Inches(0.3 + 0.5 * lines)
    pairs = [(name, value) for name, value in words.pairs(story) if value != quoted]
    half = (len(pairs) + 1) // 2
    ends = [
        table(slide, Box(LEFT + place * (_HALF + _GAP), top, _HALF, 0), Grid(("", ""), part, frozenset(), (1, 3), {}, 12))
        for place, part in enumerate((pairs[:half], pairs[half:]))
        if part
    ]
    return max(ends, default=top)


def _appendix(made: _Deck) -> None:
    """Everything, over as many slides as it takes."""
    language, said = made.said.language, made.said
    heads = [made.text(head) for head in (words.METRIC, words.THIS_WEEK, words.BEFORE, words.CHANGE, words.VERDICT, words.TARGET)]
    for group, found in groupby(said.items, lambda item: item.metric.group):
        rows = [(item.label, item.value, item.before, item.change, item.verdict, item.target) for item in found]
        shares = (3.2, 1.5, 1.5, 2, 1.8, 2.4)
        _paged(made, _appended(made, made.text(GROUPS[group])), Grid(heads, rows, frozenset({1, 2, 3}), shares, _inks(said)))
    for section in said.sections:
        if section.rows:
            one = Grid(("", ""), words.pairs(section), frozenset(), (1, 4), {}, 14) if len(section.rows) == 1 else None
            _paged(made, _appended(made, section.sheet.title), one or _grid(made, section))
    heads = [made.text(head) for head in (words.METRIC, words.DEFINITION, words.FORMULA)]
    rows_ = [tuple(text.say(language) for text in (one.metric.label, one.metric.definition, one.metric.formula)) for one in said.items]
    _paged(made, _appended(made, made.text(words.DEFINITIONS)), Grid(heads, rows_, frozenset(), (2.2, 5.5, 4), {}, 10.5))


def _appended(made: _Deck, title: str) -> str:
    return f"{made.text(_APPENDIX)} · {title}"


# --- what all slides share


def _feet(made: _Deck) -> None:
    """Every slide says which week, by what was known, for whom and by which rules."""
    top, height, number_width = Inches(7.02), Inches(0.3), Inches(1)
    pages = len(made.file.slides)
    for number, slide in enumerate(made.file.slides, 1):
        write(slide, Box(LEFT, top, INNER - number_width, height), [made.said.about], size=9, ink=LIGHT.muted)
        box = Box(WIDTH - LEFT - number_width, top, number_width, height)
        write(slide, box, [f"{number} / {pages}"], size=9, ink=LIGHT.muted, align=PP_ALIGN.RIGHT)


def _sections(made: _Deck) -> dict[str, Section]:
    return {section.name: section for section in made.said.sections}


def _numbered(title: str, page: int, pages: int) -> str:
    return title if pages == 1 else f"{title} {page}/{pages}"


def _paged(made: _Deck, title: str, grid: Grid) -> None:
    """A table over as many slides as it takes."""
    parts = list(_parts(grid, INNER, BOTTOM - TOP))
    for number, part in enumerate(parts, 1):
        table(titled(made.file, _numbered(title, number, len(parts))), Box(LEFT, TOP, INNER, 0), part)


def _parts(grid: Grid, width: int, height: int) -> Iterator[Grid]:
    """The grid in pieces that fit."""
    while grid.rows:
        count = max(fitting(grid, width, height), 1)
        yield replace(grid, rows=grid.rows[:count])
        grid = replace(grid, rows=grid.rows[count:])


def _inks(said: Said) -> dict[str, str]:
    """Verdicts are coloured wherever they stand."""
    return {item.verdict: VERDICT_INK[item.line.verdict] for item in said.items if item.line.verdict in VERDICT_INK}
