"""The drawing the service page needs of its own: what became of each week's requests, and how sure the share in time is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import altair as alt
import pyarrow as pa

from lib import formats, terms
from lib.ui import session, theme
from lib.ui.charts import Drawing, _base, _framed, _tip

_PARTS: Final = ("on_time", "late", "waiting", "running")
_HEIGHT: Final = 300


@_framed
def in_time(table: pa.Table) -> Drawing:
    """A column of 100 % per week, those in time at its foot with the interval of their share, the rest above.

    Frame: week_on, request_count, on_time, late, waiting, running, low_rate, high_rate.
    """
    colours = theme.palette()
    shades = dict(zip(_PARTS, (colours.better, colours.worse, colours.neutral, colours.band), strict=True))
    words = {part: session.say(terms.COLUMN[part]) for part in _PARTS}
    weeks = table.to_pylist()
    records = [part for week in weeks for part in _parts(week, words)]
    named = alt.Axis(labelExpr="split(datum.label, '|')", labelFontSize=11, labelAngle=0, labelOverlap=True, grid=False)
    across = alt.X("place:N", sort=None, title=None, axis=named)
    up = alt.Axis(format=".0%", tickCount=5)
    marks = (
        _base(records)
        .mark_bar(stroke=colours.grid, strokeWidth=1)
        .encode(
            x=across,
            y=alt.Y("from:Q", title=None, axis=up, scale=alt.Scale(domain=[0, 1])),
            y2=alt.Y2("until:Q"),
            color=alt.Color(
                "part:N",
                scale=alt.Scale(domain=list(words.values()), range=[shades[part] for part in _PARTS]),
                legend=alt.Legend(columns=4),
            ),
            tooltip=[_tip("week", "week_on"), _tip("part", "urgency"), _tip("count", "request_count"), _tip("share", "in_time_rate")],
        )
    )
    whiskers = (
        _base([week for week in map(_whisker, weeks) if week])
        .mark_rule(strokeWidth=2, color=colours.ink)
        .encode(x=across, y="low:Q", y2="high:Q")
    )
    return marks + whiskers, _HEIGHT


def _place(week: Mapping[str, Any]) -> str:
    return f"{week['week_on']:%m-%d}|n={formats.number(week['request_count'])}"


def _parts(week: Mapping[str, Any], words: Mapping[str, str]) -> list[dict[str, Any]]:
    at, found = 0.0, []
    for part, word in words.items():
        share = week[part] / week["request_count"]
        common = {"place": _place(week), "week": formats.full_date(week["week_on"], session.language()), "part": word}
        found.append({**common, "from": at, "until": at + share, "count": week[part], "share": formats.percent(share, 0)})
        at += share
    return found


def _whisker(week: Mapping[str, Any]) -> dict[str, Any] | None:
    """The interval of the share in time, as high as those decided reach in the column."""
    if week["low_rate"] is None:
        return None
    decided = (week["on_time"] + week["late"]) / week["request_count"]
    return {"place": _place(week), "low": week["low_rate"] * decided, "high": week["high_rate"] * decided}
