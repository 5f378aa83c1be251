"""The drawings classification needs of its own: a distribution with the cuts through it, and bands from one class to the next."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import altair as alt
import pyarrow as pa

from lib.ui import theme
from lib.ui.charts import Axis, Drawing, Measure, _base, _framed, _numbers, _records, _tips, _word

_STEPS: Final = 24
"""Points along one edge of a band."""
_GAP: Final = 0.03
"""Room between two classes, as a share of all customers."""
_LINE: Final = 1.8
"""How many times that room a line of words is high."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Where a grade begins: by the rule in force, or by the one that is tried."""

    at: float
    word: str
    is_new: bool = False


@_framed
def distribution(table: pa.Table, low: Measure, cuts: Sequence[Cut], *, by_ratio: bool = False) -> Drawing:
    """Bars over what customers are graded by, a line at each cut: grey in force, orange tried. Frame: low, high, customers."""
    colours = theme.palette()
    records = _records(table, low)
    scale = alt.Scale(type="log", nice=False) if by_ratio else alt.Scale(nice=False)
    axis = alt.Axis(grid=False, labelExpr=_numbers(low), labelOverlap=True)
    bars = (
        _base(records)
        .mark_bar(color=colours.neutral)
        .encode(
            x=alt.X(f"{low.name}:Q", title=None, scale=scale, axis=axis),
            x2=alt.X2("high:Q"),
            y=alt.Y("customers:Q", title=None),
            y2=alt.datum(0),
            tooltip=_tips(table, records),
        )
    )
    marks = [{"at": cut.at, "word": cut.word, "colour": colours.worse if cut.is_new else colours.ink, "is_new": cut.is_new} for cut in cuts]
    base = _base(marks).encode(x=alt.X("at:Q", scale=scale), color=alt.Color("colour:N", scale=None))
    lines = base.mark_rule(strokeWidth=2).encode(
        strokeDash=alt.condition("datum.is_new", alt.value([1, 0]), alt.value([5, 4])), tooltip=[alt.Tooltip("word:N", title=" ")]
    )
    words = [  # the two rules' words one below the other: their cuts may lie close together
        base.transform_filter(f"datum.is_new == {str(is_new).lower()}")
        .mark_text(align="left", dx=4, baseline="top")
        .encode(y=alt.value(16 if is_new else 0), text="word:N")
        for is_new in (False, True)
    ]
    return bars + lines + words[0] + words[1], 190


@_framed
def bands(table: pa.Table, ends: tuple[Axis, Axis], value: Measure) -> Drawing:
    """From each class on the left to each on the right a band as thick as its customers: grey who stayed, blue up, orange down."""
    colours = theme.palette()
    before, after = ends
    records = [record for record in _records(table, value) if record[value.name]]
    order = list(before.words or {})
    whole = sum(record[value.name] for record in records) or 1
    tops = {end.name: _places(records, end.name, order, value.name, whole * _GAP) for end in ends}
    points, names = [], []
    for number, record in enumerate(sorted(records, key=lambda one: (order.index(one[before.name]), order.index(one[after.name])))):
        rank = order.index(record[after.name]) - order.index(record[before.name])
        colour = colours.neutral if rank == 0 else colours.better if rank < 0 else colours.worse
        told = {"flow": number, "colour": colour, **{f"{end.name}_said": _word(end, record[end.name]) for end in ends}}
        start, stop = tops[before.name][record[before.name]], tops[after.name][record[after.name]]
        points += [{**told, value.name: record[value.name], **one} for one in _band(start, stop, record[value.name])]
        tops[before.name][record[before.name]] += record[value.name]
        tops[after.name][record[after.name]] += record[value.name]
    for end, x in zip(ends, (0, 1), strict=True):
        names += _names(records, end, order, value.name, (x, whole * _GAP))
    area = (
        _base(points)
        .mark_area(opacity=0.65)
        .encode(
            x=alt.X("x:Q", title=None, axis=None, scale=alt.Scale(domain=[-0.5, 1.5])),
            y=alt.Y("top:Q", title=None, axis=None, scale=alt.Scale(reverse=True)),
            y2=alt.Y2("bottom:Q"),
            detail="flow:N",
            color=alt.Color("colour:N", scale=None),
            tooltip=[
                alt.Tooltip(f"{before.name}_said:N", title="←"),
                alt.Tooltip(f"{after.name}_said:N", title="→"),
                alt.Tooltip(f"{value.name}:Q", title="n"),
            ],
        )
    )
    base = _base(names).encode(x="x:Q", y="y:Q", text="word:N")
    left = base.transform_filter("datum.x == 0").mark_text(align="right", dx=-8, color=colours.ink)
    right = base.transform_filter("datum.x == 1").mark_text(align="left", dx=8, color=colours.ink)
    return area + left + right, 340


def _places(records: Sequence[Mapping[str, Any]], name: str, order: Sequence[str], value: str, gap: float) -> dict[str, float]:
    """Where each class begins, from the top."""
    places, stands = {}, 0.0
    for code in order:
        places[code] = stands
        stands += sum(record[value] for record in records if record[name] == code) + gap
    return places


def _names(
    records: Sequence[Mapping[str, Any]], end: Axis, order: Sequence[str], value: str, at: tuple[int, float]
) -> list[dict[str, Any]]:
    """Each class beside its bands with how many there are; those of thin bands move down until they can be read."""
    x, gap = at
    places = _places(records, end.name, order, value, gap)
    totals = {code: sum(record[value] for record in records if record[end.name] == code) for code in order}
    names, free = [], -math.inf
    for code in order:
        if totals[code]:
            middle = max(places[code] + totals[code] / 2, free)
            names.append({"x": x, "y": middle, "word": f"{_word(end, code)} {totals[code]:,}"})
            free = middle + gap * _LINE
    return names


def _band(start: float, stop: float, thick: float) -> list[dict[str, float]]:
    """A band's edges, level at both ends."""
    shares = [step / _STEPS for step in range(_STEPS + 1)]
    eased = [(1 - math.cos(math.pi * share)) / 2 for share in shares]
    return [
        {"x": share, "top": start + (stop - start) * ease, "bottom": start + (stop - start) * ease + thick}
        for share, ease in zip(shares, eased, strict=True)
    ]
