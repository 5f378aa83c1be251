"""The 6-12 layout of one metric on screen: six weeks and twelve months on one axis, a year before dotted, the year so far in figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final, cast

import altair as alt
import pyarrow as pa
import streamlit as st

from lib import formats
from lib.metrics.metric import Metric
from lib.metrics.words import difference, said
from lib.review.six_twelve import BOX, SixTwelve, Step, six_twelve, stands
from lib.text import Text
from lib.ui import charts, page, session, theme
from lib.ui.cards import Direction
from lib.ui.charts import Drawing, _base, _framed, _records, _tips
from lib.ui.compare import Asked, signed

_TITLE: Final = Text("六周和十二个月", "Six weeks and twelve months")
_MORE: Final = Text("{week}：{now}，去年同期 {before}（{change}）", "{week}: {now}, {before} a year before ({change})")
_ALONE: Final = Text("{week}：{now}，去年同期没有数", "{week}: {now}; there is none of a year before")
_ABOUT: Final = Text(
    "左边 6 周，右边 12 个月。实线是今年，点线是去年同期；空心的月份还没过完，去年也只算到同一天。{how}",
    "Six weeks on the left, twelve months on the right. Solid is this year, dotted the year before; a hollow month is not over, and the "
    "year before counts up to the same day. {how}",
)
_STANDS: Final = Text("月份取月末的数。", "Months show the number at their end.")
_FLOWS: Final = Text("周和月各有自己的刻度。", "Weeks and months have a scale each.")
_RATIO: Final = Text("月份只用当月的记录计算。", "Months are of their own records alone.")
_WEEK_NO: Final = Text("{number}周", "W{number}")
_BEFORE: Final = Text("比去年同期", "on last year")
_NOTHING: Final = Text("这两年里没有可以画的数。", "There is nothing to draw in these two years.")
_HEIGHT: Final = 300
_COLUMNS: Final = 9
"""As wide as a matrix of so many columns: on a phone it scrolls instead of growing unreadable."""


def show(asked: Asked, metric: Metric) -> None:
    """The chart of the later week's basis, and the box."""
    page.section(_TITLE)
    now = asked.span[1]
    view = replace(asked.view, as_of=now.as_of, known_at=now.known_at)
    found = six_twelve(view, (metric.name,), asked.weeks[1])[metric.name]
    steps = (*found.weeks, *found.months)
    if all(step.value is None and step.before is None for step in steps):
        page.empty(_NOTHING)
        return
    _box(found, metric, asked)
    how = _STANDS if stands(metric) else _RATIO if metric.denominator else _FLOWS
    caption = charts.Caption("six_twelve", _finding(found, metric, asked), session.say(_ABOUT, how=how), columns=_COLUMNS)
    points = [_point(step, place, len(found.weeks)) for place, step in enumerate(steps)]
    _drawn(_table(found, metric, asked), caption, points, apart=metric.kind == "flow", is_rate=metric.unit == "rate")


def _finding(found: SixTwelve, metric: Metric, asked: Asked) -> str:
    week, last = asked.words()[1], found.weeks[-1]
    words = {"week": week, "now": _said(last.value, metric, asked)}
    if last.before is None:
        return session.say(_ALONE, **words)
    return session.say(_MORE, **words, before=_said(last.before, metric, asked), change=page.md(_changed(last, metric, asked)))


def _box(found: SixTwelve, metric: Metric, asked: Asked) -> None:
    """The week and the year so far, each against the year before; without a colour, as two figures are no signal."""
    with st.grid(4, min_column_width=158, key="six_twelve_box"):
        for name, step in found.box.items():
            change = difference(step.value, step.before, metric)
            arrow: Direction = "off" if not change else "up" if change > 0 else "down"
            with st.container(border=True, height="stretch", key=f"box_{name}"):
                st.metric(
                    session.say(BOX[name]),
                    _said(step.value, metric, asked),
                    None if change is None else page.md(_changed(step, metric, asked)),
                    delta_color="gray",
                    delta_arrow=arrow,
                    delta_description=session.say(_BEFORE) if change is not None else None,
                )


def _changed(step: Step, metric: Metric, asked: Asked) -> str:
    return signed(difference(step.value, step.before, metric), metric, asked.scope.currency, session.language())


def _said(value: Decimal | None, metric: Metric, asked: Asked) -> str:
    return page.md(said(value, metric, asked.scope.currency, session.language()))


def _table(found: SixTwelve, metric: Metric, asked: Asked) -> pa.Table:
    """Rows: period, now_said, before_said, change_said."""
    language, currency = session.language(), asked.scope.currency
    weeks = [formats.week(step.first_on, language) for step in found.weeks]
    months = [_month(step, long=True) for step in found.months]
    steps = (*found.weeks, *found.months)
    columns = {
        "period": [*weeks, *months],
        "now_said": [said(step.value, metric, currency, language) for step in steps],
        "before_said": [said(step.before, metric, currency, language) for step in steps],
        "change_said": [_changed(step, metric, asked) for step in steps],
    }
    return pa.table({name: pa.array(cells, pa.string()) for name, cells in columns.items()})


def _month(step: Step, *, long: bool = False) -> str:
    year, month = step.first_on.year, step.first_on.month
    name = formats.MONTHS_EN[month - 1]
    return session.say(Text(f"{year}年{month}月", f"{name} {year}") if long else Text(f"{month}月", name))


def _point(step: Step, place: int, weeks: int) -> dict[str, Any]:
    """What the marks of a row need: where it stands, the value and that of the year before."""
    is_week = place < weeks
    label = session.say(_WEEK_NO, number=step.first_on.isocalendar().week) if is_week else _month(step)
    value, before = (None if one is None else float(one) for one in (step.value, step.before))
    return {
        "place": f"{place + (0 if is_week else 1):02}|{label}",
        "part": "week" if is_week else "month",
        "value": value,
        "before": before,
        "is_open": step.is_open,
    }


@_framed
def _drawn(table: pa.Table, points: Sequence[Mapping[str, Any]], *, apart: bool, is_rate: bool) -> Drawing:
    """Weeks, a gap, months; with `apart` months are read off a scale of their own on the right."""
    records = [record | dict(point) for record, point in zip(_records(table), points, strict=True)]
    names = sorted({*(point["place"] for point in points), f"{sum(point['part'] == 'week' for point in points):02}| "})
    named = alt.Axis(labelExpr="split(datum.label, '|')[1]", labelFontSize=11, grid=False, labelOverlap=True)
    across = alt.X("place:N", sort=names, scale=alt.Scale(domain=names), title=None, axis=named)
    weeks = _lines([one for one in records if one["part"] == "week"], across, table, is_rate=is_rate, side="left")
    months = _lines([one for one in records if one["part"] == "month"], across, table, is_rate=is_rate, side="right" if apart else "left")
    return alt.layer(weeks, months).resolve_scale(y="independent" if apart else "shared"), _HEIGHT


def _lines(records: Sequence[dict[str, Any]], across: alt.X, table: pa.Table, *, is_rate: bool, side: str) -> alt.LayerChart:
    """This year as a line with dots, dashed and hollow where its last month is not over, and the year before dotted."""
    colours = theme.palette()
    numbers = {"format": "%"} if is_rate else {"labelExpr": theme.amounts(session.language())}
    up = alt.Axis(orient=side, tickCount=5, grid=side == "left", **numbers)  # type: ignore[arg-type]
    scale = alt.Scale(zero=False, nice=True)
    base = _base(records).encode(x=across)
    height = alt.Y("value:Q", title=None, axis=up, scale=scale)
    before = base.mark_line(color=colours.neutral, strokeDash=[2, 4]).encode(y=alt.Y("before:Q", title=None, axis=up, scale=scale))
    whole = _base([one for one in records if not one["is_open"]]).mark_line(color=colours.ink).encode(x=across, y=height)
    tail = _base(records[-2:] if records[-1]["is_open"] else []).mark_line(color=colours.ink, strokeDash=[6, 4]).encode(x=across, y=height)
    fill = alt.condition("datum.is_open", alt.value(colours.paper), alt.value(colours.ink))
    dots = base.mark_point(size=60, opacity=1, stroke=colours.ink, strokeWidth=1.5).encode(
        y=height, fill=fill, tooltip=_tips(table, records)
    )
    return cast("alt.LayerChart", alt.layer(before, whole, tail, dots))
