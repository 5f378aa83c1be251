"""A metric's weeks as a drawing for files: plain SVG without scripts or styles, the same numbers and marks as the chart on the screen.

Amounts and days stand in words that the house itself made, so that nothing a person typed gets into the drawing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from html import escape
from typing import Final, Literal

from lib import formats
from lib.colours import FONT, Palette
from lib.metrics import METRICS, monday
from lib.metrics.chart_words import Mark
from lib.metrics.variation import Point
from lib.metrics.words import VERDICT, said
from lib.review.beside import Around
from lib.review.pack import Line
from lib.text import Language, Text

_ALT: Final = Text("{label}：最近 {weeks} 周，最后一周 {value}，{verdict}", "{label}: the last {weeks} weeks, now {value}, {verdict}")
_SIZE: Final = 11
_FOOT: Final = 18
_LOW: Final = 60
"""A drawing lower than this has no days below it: they stand above a whole column of such."""
_EDGE: Final = 8
_AIR: Final = 0.06
"""Room above the most and below the least, as a share of what lies between."""
_MARK: Final = 4.5
"""Half of how wide a triangle is that marks what was done."""
_WIDE_LETTER: Final = 0x2E80
_ALONE: Final = Around()


@dataclass(frozen=True, slots=True)
class _Room:
    """Where the marks go: the corners in pixels, and the least and the largest number between them."""

    left: float
    right: float
    top: float
    bottom: float
    least: float
    most: float
    count: int

    def x(self, place: int) -> float:
        return self.left + (self.right - self.left) * place / max(self.count - 1, 1)

    def y(self, value: float) -> float:
        return self.bottom - (self.bottom - self.top) * (value - self.least) / (self.most - self.least)


def svg(  # noqa: PLR0913, PLR0917 (a drawing has that many sides)
    line: Line,
    language: Language,
    currency: str | None,
    colours: Palette,
    size: tuple[int, int] = (320, 120),
    around: Around = _ALONE,
) -> str:
    """The weeks over their usual range, a diamond at each signal, least and most in words; "" where there is nothing to draw.

    Around them a triangle where something was done, a rule where the range begins anew, a hollow dot for a week that is not over.
    """
    values = [point.value for point in line.points if point.value is not None]
    if not values:
        return ""
    metric, (width, height) = METRICS[line.metric], size
    ends = {end: said(Decimal(str(end)), metric, currency, language) for end in (min(values), max(values))}
    room = _room(line.points, size, max(_length(words) for words in ends.values()))
    marks = [
        *_band(line.points, room, colours),
        *_around(line, room, around, colours),
        *_line(line.points, room, colours, is_open=around.is_open),
        *_signals(line.points, room, colours, is_open=around.is_open),
        *_ends(ends, room, colours),
        *(_days([day for day, _ in line.weeks], room, height, language, colours) if height >= _LOW else ()),
    ]
    now, verdict = said(line.value, metric, currency, language), VERDICT[line.verdict]
    about = _ALT.say(language, label=metric.label, weeks=len(line.points), value=now, verdict=verdict)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img"'
    return f'{head} aria-label="{escape(about)}" font-family="{FONT}" font-size="{_SIZE}">{"".join(marks)}</svg>'


def _room(points: Sequence[Point], size: tuple[int, int], words: float) -> _Room:
    known = [end for point in points for end in (point.value, point.low, point.high) if end is not None]
    least, most = min(known), max(known)
    air = (most - least) * _AIR or abs(most) * _AIR or 1.0
    width, height = size
    bottom = height - (_FOOT if height >= _LOW else _EDGE / 2)
    return _Room(_EDGE + words + 6, width - _EDGE, _EDGE + _MARK, bottom, least - air, most + air, len(points))


def _band(points: Sequence[Point], room: _Room, colours: Palette) -> Iterable[str]:
    """The usual range with its centre; weeks without one are passed over, as their answers wait for the next."""
    known = [(place, point) for place, point in enumerate(points) if point.low is not None]
    if len(known) > 1:
        lows, centres, highs = (_path([(room.x(place), room.y(_side(point, side))) for place, point in known]) for side in (1, 2, 3))
        yield f'<polygon points="{highs} {" ".join(reversed(lows.split(" ")))}" fill="{colours.band}"/>'
        yield f'<polyline points="{centres}" fill="none" stroke="{colours.neutral}" stroke-width="1"/>'


def _side(point: Point, side: Literal[1, 2, 3]) -> float:
    return point[side] or 0.0


def _around(line: Line, room: _Room, around: Around, colours: Palette) -> Iterable[str]:
    """A rule where the range begins anew, and a triangle above each week in which something was done, hollow for what was only decided."""
    places = {week: place for place, (week, _) in enumerate(line.weeks)}
    if anew := places.get(around.anew_on or date.min):
        yield _rule(room.x(anew), room, f'stroke="{colours.muted}" stroke-width="1.6"')
    for week_on, marks in _by_week(around.marks).items():
        if week_on in places:
            x, is_done = room.x(places[week_on]), any(mark.kind == "action" for mark in marks)
            corners = _path([(x - _MARK, 0.7), (x + _MARK, 0.7), (x, 2 * _MARK)])
            yield _rule(x, room, f'stroke="{colours.neutral}" stroke-width="1" stroke-dasharray="2 3"')
            yield f'<polygon points="{corners}" fill="{colours.ink if is_done else colours.paper}" stroke="{colours.ink}"/>'


def _by_week(marks: Iterable[Mark]) -> dict[date, list[Mark]]:
    found: dict[date, list[Mark]] = {}
    for mark in marks:
        found.setdefault(monday(mark.on_date), []).append(mark)
    return found


def _rule(x: float, room: _Room, look: str) -> str:
    return f'<line x1="{x:.1f}" y1="{room.top:.1f}" x2="{x:.1f}" y2="{room.bottom:.1f}" {look}/>'


def _line(points: Sequence[Point], room: _Room, colours: Palette, *, is_open: bool) -> Iterable[str]:
    """The number itself; a dot at each week where some have none, else at the last one, which is hollow where its week is not over."""
    known = [(place, room.x(place), room.y(point.value)) for place, point in enumerate(points) if point.value is not None]
    path = _path((x, y) for _, x, y in known)
    yield f'<polyline points="{path}" fill="none" stroke="{colours.ink}" stroke-width="1.6" stroke-linejoin="round"/>'
    for place, x, y in known if len(known) < len(points) else known[-1:]:
        hollow = is_open and place == len(points) - 1
        look = f'r="3" fill="{colours.paper}" stroke="{colours.ink}" stroke-width="1.4"' if hollow else f'r="2.4" fill="{colours.ink}"'
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" {look}/>'


def _ends(ends: Mapping[float, str], room: _Room, colours: Palette) -> Iterable[str]:
    """The least and the most in words, one of them where both would stand on each other or read alike."""
    places = {end: room.y(end) + _SIZE / 3 for end in ends}
    apart = len(set(ends.values())) > 1 and max(places.values()) - min(places.values()) >= _SIZE
    for end in ends if apart else list(ends)[-1:]:
        yield _words(room.left - 6, places[end], ends[end], "end", colours.muted)


def _signals(points: Sequence[Point], room: _Room, colours: Palette, *, is_open: bool) -> Iterable[str]:
    for place, point in enumerate(points):
        if point.verdict and point.value is not None:
            x, y = room.x(place), room.y(point.value)
            corners = f"{x:.1f},{y - 5.5:.1f} {x + 5.5:.1f},{y:.1f} {x:.1f},{y + 5.5:.1f} {x - 5.5:.1f},{y:.1f}"
            ink = colours.better if point.verdict == "better" else colours.worse
            hollow = is_open and place == len(points) - 1
            fill, stroke = (colours.paper, ink) if hollow else (ink, colours.paper)
            yield f'<polygon points="{corners}" fill="{fill}" stroke="{stroke}" stroke-width="{1.6 if hollow else 1}"/>'


def _days(weeks: Sequence[date], room: _Room, height: int, language: Language, colours: Palette) -> Iterable[str]:
    """The first and the last week below the ends of the line."""
    yield _words(room.left, height - 4, formats.week_days(weeks[0], language), "start", colours.muted)
    if len(weeks) > 1:
        yield _words(room.right, height - 4, formats.week_days(weeks[-1], language), "end", colours.muted)


def _path(places: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)


def _words(x: float, y: float, words: str, anchor: str, colour: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{escape(words)}</text>'


def _length(words: str) -> float:
    """About how wide words are: a Chinese sign is as wide as high, any other a little over half."""
    return sum(_SIZE * (1 if ord(letter) >= _WIDE_LETTER else 0.58) for letter in words)
