"""A metric's drawing for files: what it shows, that it is sound XML, and that a thawed line draws the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest

from lib.colours import LIGHT
from lib.metrics.chart_words import Mark
from lib.metrics.variation import Point
from lib.review.beside import Around
from lib.review.drawing import svg
from lib.review.pack import Line

WEEKS = tuple((date(2026, 1, 5) + timedelta(weeks=place), Decimal(100 + place)) for place in range(6))
POINTS = tuple(Point(100.0 + place, 90.0, 100.0, 110.0, "worse" if place == 5 else None) for place in range(6))
LINE = Line(
    "overdue_amount",
    *(WEEKS[-1][0], Decimal(105), Decimal(104), Decimal(105), None, 3, WEEKS, "level", "full", "worse"),
    points=POINTS,
)


def read(drawn: str) -> ET.Element:
    return ET.fromstring(drawn)  # noqa: S314 (our own drawing)


def parts(drawn: str, tag: str) -> list[ET.Element]:
    return read(drawn).findall(f"{{http://www.w3.org/2000/svg}}{tag}")


def test_a_drawing_has_the_line_the_band_and_a_diamond_at_each_signal() -> None:
    drawn = svg(LINE, "zh", "CNY", LIGHT)
    band, signal = parts(drawn, "polygon")
    assert (band.get("fill"), signal.get("fill")) == (LIGHT.band, LIGHT.worse)
    assert len(parts(drawn, "polyline")[-1].get("points", "").split()) == 6
    assert [text.text for text in parts(drawn, "text")] == ["¥100", "¥105", "1/5–1/11", "2/9–2/15"]
    assert read(drawn).get("aria-label") == "逾期金额：最近 6 周，最后一周 ¥105，◆ 变差信号"


def test_weeks_without_a_number_are_passed_over_and_nothing_at_all_draws_nothing() -> None:
    gaps = tuple(Point(None) if place % 2 else point for place, point in enumerate(POINTS))
    assert len(parts(svg(replace(LINE, points=gaps), "en", "CNY", LIGHT), "circle")) == 3
    assert svg(replace(LINE, points=(Point(None),) * 6), "en", "CNY", LIGHT) == ""


def test_around_the_weeks_stand_what_was_done_where_the_range_begins_anew_and_that_a_week_is_not_over() -> None:
    marks = (Mark(date(2026, 1, 15), "action", "<b>"), Mark(date(2026, 1, 21), "decision", ""), Mark(date(2025, 1, 1), "action", ""))
    quiet = replace(LINE, points=tuple(point._replace(verdict=None) for point in POINTS))
    drawn = svg(quiet, "zh", "CNY", LIGHT, around=Around(marks, date(2026, 2, 2), is_open=True))
    anew, done, decided = parts(drawn, "line")
    assert [rule.get("stroke-dasharray") for rule in (anew, done, decided)] == [None, "2 3", "2 3"]
    assert float(done.get("x1", "")) < float(decided.get("x1", "")) < float(anew.get("x1", ""))
    assert [triangle.get("fill") for triangle in parts(drawn, "polygon")[1:]] == [LIGHT.ink, LIGHT.paper]
    assert parts(drawn, "circle")[-1].get("fill") == LIGHT.paper
    assert "<b>" not in drawn
    signal = parts(svg(LINE, "zh", "CNY", LIGHT, around=Around(is_open=True)), "polygon")[-1]
    assert (signal.get("fill"), signal.get("stroke")) == (LIGHT.paper, LIGHT.worse)


@pytest.mark.parametrize("points", [POINTS[:1], (Point(7.0),) * 6, (Point(0.0, 0.0, 0.0, 0.0),) * 6])
def test_one_week_or_a_number_that_never_moves_is_drawn_too(points: tuple[Point, ...]) -> None:
    drawn = svg(replace(LINE, points=points, weeks=WEEKS[: len(points)]), "en", "CNY", LIGHT)
    assert "nan" not in drawn
    assert "inf" not in drawn
    assert read(drawn).get("width") == "320"
