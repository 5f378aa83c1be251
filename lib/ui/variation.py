"""How a metric's weeks vary: the weeks over the range chance alone gives them, the signals, and what was done about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

import altair as alt
import pyarrow as pa
import streamlit as st

from lib import formats
from lib.domain.signals import RULE
from lib.metrics import monday
from lib.metrics.chart_words import LEGEND, Mark, about, finding, legend
from lib.metrics.variation import Point, Reading
from lib.metrics.words import said
from lib.ui import charts, page, session, theme
from lib.ui.charts import Drawing, _base, _framed, _records, _tip

_MOST_MARKS: Final = 6
_HEIGHT: Final = 260


def show(reading: Reading, currency: str | None, marks: Sequence[Mark] = ()) -> None:
    """The chart under its finding, what was done below it; a sentence where there are too few weeks."""
    language = session.language()
    if reading.chart.standing == "none":
        st.caption(finding(reading, language))
        return
    drawn = {place: point for place, point in enumerate(reading.points) if point.value is not None}
    table = _table(reading, drawn, currency, marks)
    placed = [_placed(reading, place, point, marks) for place, point in drawn.items()]
    caption = charts.Caption("variation", finding(reading, language), about(reading, language))
    _drawn(table, caption, placed, unit=reading.metric.unit)
    for mark in marks[-_MOST_MARKS:]:
        st.caption(page.md(mark.dated(language)))


def signs() -> None:
    """What the signs beside a number mean and ask for, behind a button: the only place that says it."""
    with st.popover(session.say(LEGEND), icon=":material/info:", type="tertiary", key="signs"):
        for heading, meanings in legend(session.language()):
            st.caption(heading)
            st.markdown("  \n".join(f"**{sign}** {means}" for sign, means in meanings))


def _table(reading: Reading, drawn: Mapping[int, Point], currency: str | None, marks: Sequence[Mark]) -> pa.Table:
    """Rows: period, tested, usual, signal, note; all in words."""
    language, metric = session.language(), reading.metric

    def words(value: float) -> str:
        return said(Decimal(str(round(value, 6))), metric, currency, language)

    points = list(drawn.values())
    weeks = [reading.weeks[place].week_on for place in drawn]
    found = [reading.chart.signals[place] for place in drawn]
    columns: dict[str, list[str | None]] = {
        "period": [formats.week_days(week, language) for week in weeks],
        "tested": [None if point.value is None else words(point.value) for point in points],
        "usual": [None if point.low is None or point.high is None else f"{words(point.low)} – {words(point.high)}" for point in points],
        "signal": [session.say(RULE[one.rule]) if one else None for one in found],
        "note": [" ".join(mark.words(language) for mark in _of_week(marks, week)) or None for week in weeks],
    }
    kept = {name: cells for name, cells in columns.items() if name != "note" or any(cells)}
    return pa.table({name: pa.array(cells, pa.string()) for name, cells in kept.items()})


def _placed(reading: Reading, place: int, point: Point, marks: Sequence[Mark]) -> dict[str, Any]:
    """What the marks of a week need: where it stands, begun and its verdict; kind of what was done, and whether the range is anew."""
    week_on, kinds = reading.weeks[place].week_on, [mark.kind for mark in _of_week(marks, reading.weeks[place].week_on)]
    return {
        **point._asdict(),
        "begun": formats.day(week_on, session.language()),
        "done": "action" if "action" in kinds else kinds[0] if kinds else None,
        "is_anew": week_on == reading.broken_on,
    }


def _of_week(marks: Sequence[Mark], week_on: date) -> list[Mark]:
    return [mark for mark in marks if monday(mark.on_date) == week_on]


@_framed
def _drawn(table: pa.Table, points: Sequence[Mapping[str, Any]], *, unit: str) -> Drawing:
    """The frame's rows as a line over its usual range, signals as diamonds, what was done as triangles above."""
    colours = theme.palette()
    records = [record | dict(point) for record, point in zip(_records(table), points, strict=True)]
    named = alt.Axis(labelOverlap=True, labelFontSize=11, grid=False)
    base = _base(records).encode(x=alt.X("begun:N", sort=None, title=None, axis=named))
    amounts = alt.Axis(format="%") if unit == "rate" else alt.Axis(labelExpr=theme.amounts(session.language()))
    up = alt.Y("low:Q", title=None, scale=alt.Scale(zero=False, nice=True), axis=amounts)
    band = base.mark_area(color=colours.band).encode(y=up, y2=alt.Y2("high:Q"))
    centre = base.mark_line(color=colours.neutral, strokeWidth=1).encode(y=alt.Y("centre:Q"))
    tips = [_tip(name, name) for name in table.column_names]
    line = base.mark_line(color=colours.ink, point={"color": colours.ink, "size": 22}).encode(y=alt.Y("value:Q"), tooltip=tips)
    shade = alt.Color("verdict:N", scale=alt.Scale(domain=["better", "worse"], range=[colours.better, colours.worse]), legend=None)
    diamonds = base.transform_filter("datum.verdict != null").mark_point(shape="diamond", filled=True, size=150, opacity=1)
    signals = diamonds.encode(y=alt.Y("value:Q"), color=shade, tooltip=tips)
    anew = base.transform_filter("datum.is_anew").mark_rule(color=colours.muted, strokeWidth=2)
    acts = base.transform_filter("datum.done != null")
    dashes = acts.mark_rule(color=colours.neutral, strokeDash=[2, 4])
    fill = alt.condition("datum.done == 'action'", alt.value(colours.ink), alt.value(colours.paper))
    triangles = acts.mark_point(shape="triangle-down", size=110, filled=False, stroke=colours.ink, strokeWidth=1.5, opacity=1)
    return band + centre + dashes + anew + line + signals + triangles.encode(y=alt.value(6), fill=fill, tooltip=tips), _HEIGHT
