"""The drawings complaints need of their own: causes with their running share, and the share still open day by day."""

from __future__ import annotations

import altair as alt
import pyarrow as pa

from lib import formats
from lib.ui import session, theme
from lib.ui.charts import Axis, Drawing, _base, _framed, _records, _rows, _tips, _word

_ROW = 34
_HEADROOM = 40


@_framed
def pareto(table: pa.Table, category: Axis) -> Drawing:
    """A bar per cause in the table's order with its count and the share all down to it add up to; what came before as a tick.

    Frame: the category, count, count_before, running_rate.
    """
    colours = theme.palette()
    records = _records(table)
    for record in records:
        record["word"] = _word(category, record[category.name])
        record["said"] = f"{formats.number(record['count'])} · {formats.percent(record['running_rate'], 0)}"
        record["running_rate"] = formats.percent(record["running_rate"])
        record["end"] = max(record["count"], record["count_before"])
        record["colour"] = colours.ink if record is records[0] else colours.neutral
    room = 1.25 * max(record["end"] for record in records)
    base = _base(records).encode(y=_rows("word"), tooltip=_tips(table, records))
    across = alt.X("count:Q", title=None, scale=alt.Scale(domain=[0, room]), axis=alt.Axis(tickCount=5, tickMinStep=1))
    marks = base.mark_bar().encode(x=across, color=alt.Color("colour:N", scale=None))
    before = base.mark_tick(color=colours.worse, thickness=2, height=20).encode(x=alt.X("count_before:Q"))
    words = base.mark_text(align="left", dx=5).encode(x=alt.X("end:Q"), text=alt.Text("said:N"))
    return marks + before + words, len(records) * _ROW + _HEADROOM


@_framed
def survival(table: pa.Table) -> Drawing:
    """Steps down from all open to none, with the half and the tenth marked.

    Frame: days, at_risk, ended, open_rate; one row per day on which one ended or was last seen.
    """
    colours = theme.palette()
    records = [{"days": 0, "open_rate": 1.0}, *_records(table)]
    for record in records:
        record["said"] = formats.percent(record["open_rate"], 0)
    unit = "datum.value + ' 天'" if session.language() == "zh" else "datum.value + ' d'"
    across = alt.X("days:Q", title=None, axis=alt.Axis(labelExpr=unit, tickCount=7, tickMinStep=1, grid=False))
    up = alt.Y("open_rate:Q", title=None, scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format=".0%", tickCount=5))
    base = _base(records).encode(x=across, y=up)
    marks = base.mark_line(interpolate="step-after", color=colours.ink)
    dots = base.mark_point(size=24, color=colours.ink, opacity=0.5).encode(tooltip=_tips(table, records[1:]))
    levels = _base([{"level": 0.5}, {"level": 0.1}]).mark_rule(strokeDash=[4, 4], color=colours.neutral).encode(y=alt.Y("level:Q"))
    return levels + marks + dots, 280
