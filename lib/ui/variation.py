"""How a metric's weeks vary: the weeks as they are tested, the range chance alone gives them, and the signals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import inf
from typing import Final

import altair as alt
import pyarrow as pa
import streamlit as st

from lib import formats
from lib.domain.signals import FEWEST_WEEKS, RULE, Chart
from lib.metrics import Measurement, Metric
from lib.metrics.variation import Reading
from lib.text import Text
from lib.ui import charts, session, theme
from lib.ui.charts import Drawing, _base, _framed, _records, _tip

_SIGNAL: Final = Text("最近一周{rule}", "The last week is a signal: {rule}")
_QUIET: Final = Text("最近一周在平常的范围内", "The last week is within its usual range")
_ABOUT: Final = Text(
    "{basis}；灰带为平常的范围，由 {weeks} 周算出{trial}", "{basis}; the grey band is the usual range by {weeks} weeks{trial}"
)
_TRIAL: Final = Text("（试用：不足半年）", " (on trial: under half a year)")
_TOO_FEW: Final = Text("记录还不到 {weeks} 周，暂不画平常的范围。", "Under {weeks} weeks on record: there is no usual range yet.")
_BASIS: Final[dict[str, Text]] = {
    "level": Text("每周的数", "the number of each week"),
    "share": Text("每周的比率；回答少的周范围更宽", "each week's share; wider where there are few answers"),
    "count": Text("每周的件数；少见的事按概率判断", "events a week; rare ones by how likely so many are"),
    "change": Text(
        "每周的变化：这个数从上周带到下周，比变化才公平", "the change on the week before: what is carried over is tested by its change"
    ),
}


_ANY: Final = (-inf, inf)
_SPAN: Final = {"rate": (0.0, 1.0), "score": (-100.0, 100.0), "money": _ANY, "count": (0.0, inf), "days": (0.0, inf)}
"""Beyond these there are no numbers of a unit."""
Words = Callable[[float], str]


def show(reading: Reading, words: Words) -> None:
    """The chart under its finding; a sentence where there are too few weeks. `words` says a tested number as a person reads it."""
    found = reading.chart
    if found.standing == "none":
        st.caption(session.say(_TOO_FEW, weeks=FEWEST_WEEKS))
        return
    last = found.signals[-1]
    said = session.say(_SIGNAL, rule=RULE[last.rule]) if last else session.say(_QUIET)
    trial = _TRIAL if found.standing == "trial" else ""
    about = session.say(_ABOUT, basis=_BASIS[found.basis], weeks=found.baseline_weeks, trial=trial)
    shown = [place for place, tested in enumerate(found.tested) if tested is not None]
    drawn = _only(found, shown)
    table = _table([reading.weeks[place] for place in shown], drawn, words)
    begun = [formats.day(reading.weeks[place].week_on, session.language()) for place in shown]
    _drawn(table, charts.Caption("variation", said, about), _points(reading.metric, drawn), begun, is_rate=reading.metric.unit == "rate")


def _only(found: Chart, shown: Sequence[int]) -> Chart:
    """The weeks that are drawn."""
    return replace(
        found,
        tested=tuple(found.tested[place] for place in shown),
        limits=tuple(found.limits[place] for place in shown),
        signals=tuple(found.signals[place] for place in shown),
    )


def _table(weeks: Sequence[Measurement], found: Chart, words: Words) -> pa.Table:
    """Rows: period, tested, usual, signal; all in words."""
    usual = [f"{words(one.low)} – {words(one.high)}" if one else None for one in found.limits]
    signals = [session.say(RULE[one.rule]) if one else None for one in found.signals]
    said = [None if one is None else words(one) for one in found.tested]
    periods = [formats.week_days(week.week_on, session.language()) for week in weeks]
    columns = {"period": periods, "tested": said, "usual": usual, "signal": signals}
    return pa.table({name: pa.array(cells, pa.string()) for name, cells in columns.items()})


def _points(metric: Metric, found: Chart) -> list[dict[str, float | str | None]]:
    """What the marks of each row need: value, low, centre, high, verdict. No range is drawn where there can be no number."""
    least, most = _SPAN.get(metric.unit, _ANY) if found.basis != "change" else _ANY
    points: list[dict[str, float | str | None]] = []
    for tested, limits, signal in zip(found.tested, found.limits, found.signals, strict=True):
        ends = {"low": max(limits.low, least), "centre": limits.centre, "high": min(limits.high, most)} if limits else {}
        verdict = None if signal is None else "better" if signal.is_above == (metric.good == "up") else "worse"
        points.append({"value": tested, "verdict": verdict, **ends})
    return points


@_framed
def _drawn(table: pa.Table, points: Sequence[Mapping[str, float | str | None]], begun: Sequence[str], *, is_rate: bool) -> Drawing:
    """The frame's rows as a line over its usual range, signals as diamonds."""
    colours = theme.palette()
    records = [record | dict(point) | {"begun": day} for record, point, day in zip(_records(table), points, begun, strict=True)]
    named = alt.Axis(labelOverlap=True, labelFontSize=11, grid=False)
    base = _base(records).encode(x=alt.X("begun:N", sort=None, title=None, axis=named))
    up = alt.Y("low:Q", title=None, scale=alt.Scale(zero=False, nice=True), axis=alt.Axis(format="%") if is_rate else alt.Axis())
    band = base.mark_area(color=colours.band).encode(y=up, y2=alt.Y2("high:Q"))
    centre = base.mark_line(color=colours.neutral, strokeWidth=1).encode(y=alt.Y("centre:Q"))
    line = base.mark_line(color=colours.ink, point={"color": colours.ink, "size": 22})
    tips = [_tip(name, name) for name in table.column_names]
    signal = alt.Color("verdict:N", scale=alt.Scale(domain=["better", "worse"], range=[colours.better, colours.worse]), legend=None)
    marks = base.transform_filter("datum.verdict != null").mark_point(shape="diamond", filled=True, size=150, opacity=1)
    return band + centre + line.encode(y=alt.Y("value:Q"), tooltip=tips) + marks.encode(y=alt.Y("value:Q"), color=signal, tooltip=tips), 260
