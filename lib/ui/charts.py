"""Charts: the title says the finding, the line below says unit, period and n, the table is one click away.

Marks carry ready-made words, so a chart and its table never disagree about a number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec

import altair as alt
import pyarrow as pa
import streamlit as st

from lib import exports, formats, terms
from lib.text import Language, Text
from lib.ui import session, tables, theme

_TABLE: Final = Text("数据", "Data")
_ROW_HEIGHT: Final = 34
_HEADROOM: Final = 40
_DARK_FROM: Final = 0.71
"""The share of the largest from which the other ink reads better; in both themes each ink has a contrast of 4.5 or more on its side."""
_WORDS_FIT: Final = 0.25
"""Room for the words at the end of the longest bar, as a share of all bars side by side, those below zero too."""

P = ParamSpec("P")
Drawing = tuple[alt.Chart | alt.LayerChart, int]
"""A chart and its height in pixels."""


@dataclass(frozen=True, slots=True)
class Caption:
    """What a chart shows, as said to this person: the finding, and unit, period and n below it. `key` names the chart on the page.

    A matrix of many `columns` keeps them readable and scrolls by itself on a phone.
    """

    key: str
    finding: str
    about: str
    columns: int = 0


@dataclass(frozen=True, slots=True)
class Axis:
    """A column that sorts marks into places: its words, and for coded values their order, words and colours."""

    name: str
    label: Text | None = None
    words: Mapping[Any, Text] | None = None
    colours: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Measure:
    """A column that gives marks their size; an amount has a currency."""

    name: str
    currency: str | None = None


def caption(key: str, finding: Text, about: Text, **values: object) -> Caption:
    """A caption in the person's language. Text from people goes in through `page.md`."""
    return Caption(key, session.say(finding, **values), session.say(about, **values))


def _framed(draw: Callable[Concatenate[pa.Table, P], Drawing]) -> Callable[Concatenate[pa.Table, Caption, P], None]:
    """A drawing between its finding and its table. The same figures are drawn once: Altair takes 30 ms for what is kept here."""

    @wraps(draw)
    def framed(table: pa.Table, said: Caption, /, *args: P.args, **more: P.kwargs) -> None:
        figures = repr((session.language(), theme.palette(), table.to_pydict(), args, more))
        spec = _specification(draw.__name__, figures, lambda: draw(table, *args, **more))
        with st.container(border=True, height="stretch", key=f"{said.key}_chart"):
            with st.container(horizontal=True, wrap=False, vertical_alignment="center"):
                st.markdown(f"**{said.finding}**", width="stretch")
                with st.popover(session.say(_TABLE), width="content", type="tertiary", key=f"{said.key}_table"):
                    tables.plain(table, key=f"{said.key}_data")
            st.caption(said.about)
            with st.container(key=f"wide_{said.columns}_{said.key}"):
                st.vega_lite_chart(spec=spec, theme=None, key=said.key, alt=f"{said.finding}. {said.about}")

    return framed


@st.cache_data(show_spinner=False, max_entries=256)
def _specification(kind: str, figures: str, _draw: Callable[[], Drawing]) -> dict[str, Any]:  # noqa: ARG001 (the key it is kept under)
    chart, height = _draw()
    drawn = chart.properties(height=height).configure(**theme.config(theme.palette()))
    # Checking the specification against the Vega schema would cost 10 ms a chart; the types above already did.
    found: dict[str, Any] = drawn.to_dict(validate=False)
    return found


@_framed
def bars(table: pa.Table, category: Axis, value: Measure) -> Drawing:
    """Horizontal bars in the table's order with the amount at each end: in the axis's colours, else the longest in ink."""
    colours = theme.palette()
    records = _records(table, value)
    largest = max((record[value.name] or 0 for record in records), default=0)
    for place, record in enumerate(records):
        plain = colours.ink if record[value.name] == largest else colours.neutral
        record["colour"] = category.colours[place] if category.colours else plain
        record |= {"word": _word(category, record[category.name]), "end": max(record[value.name] or 0, 0)}
    reach = largest - min((record[value.name] or 0 for record in records), default=0)
    room = max(largest, 0) + reach * _WORDS_FIT
    length = alt.X(f"{value.name}:Q", title=None, scale=alt.Scale(domainMax=room or 1), axis=_amounts(value))
    base = _base(records).encode(y=_rows("word"), x=length)
    marks = base.mark_bar().encode(color=alt.Color("colour:N", scale=None), tooltip=_tips(table, records))
    words = base.mark_text(align="left", dx=4).encode(x=alt.X("end:Q"), text=alt.Text(f"{value.name}_said:N"))
    return marks + words, len(records) * _ROW_HEIGHT + _HEADROOM


@_framed
def stacked(table: pa.Table, category: str, value: Measure, part: Axis) -> Drawing:
    """Horizontal stacked bars, categories in order of first appearance, parts in the order of their words."""
    records = _records(table, value)
    words = {code: session.say(word) for code, word in (part.words or {}).items()} or {
        code: str(code) for code in table[part.name].to_pylist()
    }
    place = {code: number for number, code in enumerate(words)}
    for record in records:
        record |= {"place": place[record[part.name]], "part_said": words[record[part.name]]}
        record[category] = formats.MISSING if record[category] is None else record[category]
    colours = list(part.colours) or theme.ramp(theme.palette().ageing, len(words))
    tips = [_tip(category, category), alt.Tooltip("part_said:N", title=_label(part.name)), _tip(f"{value.name}_said", value.name)]
    chart = (
        _base(records)
        .mark_bar()
        .encode(
            y=_rows(category),
            x=_length(value),
            color=alt.Color("part_said:N", scale=alt.Scale(domain=list(words.values()), range=colours), legend=alt.Legend(columns=3)),
            order=alt.Order("place:Q"),
            tooltip=tips,
        )
    )
    return chart, len({record[category] for record in records}) * _ROW_HEIGHT + 2 * _HEADROOM


@_framed
def trend(table: pa.Table, places: int = 0, height: int = 280) -> Drawing:
    """A dot with its interval bar per period, the score above and the number of answers below, so that chance shows as chance.

    Frame: one row per period in order; period, score, low, high, n. A null score draws nothing.
    """
    colours = theme.palette()
    records = _records(table)
    for record in records:
        record["said"] = "" if record["score"] is None else formats.number(record["score"], places)
        record["place"] = f"{record['period']}|n={formats.number(record['n'])}"
    scale = alt.Scale(zero=False, nice=True)
    named = alt.Axis(labelExpr="split(datum.label, '|')", labelFontSize=11, labelOverlap=True, grid=False)
    base = _base(records).encode(x=alt.X("place:N", sort=None, title=None, axis=named), tooltip=_tips(table, records))
    interval = base.mark_rule(strokeWidth=8, color=colours.neutral, opacity=0.5).encode(
        y=alt.Y("low:Q", title=None, scale=scale), y2=alt.Y2("high:Q")
    )
    dots = base.mark_point(filled=True, size=90).encode(y=alt.Y("score:Q"))
    words = base.mark_text(dy=-9, color=colours.muted).encode(y=alt.Y("high:Q"), text=alt.Text("said:N"))
    return interval + dots + words, height


@_framed
def spread(table: pa.Table, category: Axis, places: int = 0) -> Drawing:
    """A dot with its interval bar per group, one below the other in the table's order, labelled score (n).

    Frame: one row per group; the category, score, low, high, n.
    """
    colours = theme.palette()
    records = _records(table)
    for record in records:
        record["word"] = _word(category, record[category.name])
        record["said"] = f"{formats.number(record['score'], places)} (n={formats.number(record['n'])})"
    base = _base(records).encode(y=_rows("word"), tooltip=_tips(table, records))
    across = alt.X("low:Q", title=None, scale=alt.Scale(zero=False, nice=True), axis=alt.Axis(tickCount=6))
    bar = base.mark_rule(strokeWidth=8, color=colours.neutral, opacity=0.5).encode(x=across, x2=alt.X2("high:Q"))
    dots = base.mark_point(filled=True, size=90).encode(x=alt.X("score:Q"))
    words = base.mark_text(dy=-13, color=colours.muted).encode(x=alt.X("score:Q"), text=alt.Text("said:N"))
    return bar + dots + words, len(records) * (_ROW_HEIGHT + 6) + _HEADROOM


@_framed
def line(table: pa.Table, day: str, value: Measure, band: tuple[str, str] | None = None) -> Drawing:
    """A line over dates, with a grey band of ordinary variation when its two columns are named. Does not start at zero."""
    records = _records(table, value)
    for record in records:
        record[day] = record[day].isoformat()
    months = "(month(datum.value) + 1) + '月'" if session.language() == "zh" else "timeFormat(datum.value, '%b')"
    base = _base(records).encode(
        x=alt.X(f"{day}:T", title=None, axis=alt.Axis(labelExpr=months, tickCount="month", labelSeparation=8, grid=False))
    )
    height = alt.Y(f"{value.name}:Q", title=None, axis=alt.Axis(labelExpr=_numbers(value)), scale=alt.Scale(zero=False))
    chart = base.mark_line().encode(y=height) + base.mark_point(size=30).encode(y=height, tooltip=_tips(table, records))
    if band:
        low, high = band
        chart = base.mark_area(color=theme.palette().band).encode(y=alt.Y(f"{low}:Q"), y2=alt.Y2(f"{high}:Q")) + chart
    return chart, 260


def heat(table: pa.Table, said: Caption, axes: tuple[Axis, Axis], value: Measure, second: Measure | None = None) -> None:
    """A matrix (down, across): each cell its value and, below it, a second one; darker holds more."""
    down, across = axes
    # Vega would turn a Chinese axis title on its side, so the axes are named below the finding.
    columns = len(across.words or set(table[across.name].to_pylist()))
    named = replace(said, about=f"{_title(down)} ↓ {_title(across)} → · {said.about}", columns=columns)
    _cells(table, named, axes, value, second)


@_framed
def _cells(table: pa.Table, axes: tuple[Axis, Axis], value: Measure, second: Measure | None) -> Drawing:
    colours = theme.palette()
    down, across = axes
    records = _records(table, *([value, second] if second else [value]))
    largest = max((record[value.name] or 0 for record in records), default=0)
    for record in records:
        for axis in axes:
            record[f"{axis.name}_word"] = _word(axis, record[axis.name])
        record["is_dark"] = bool(largest and (record[value.name] or 0) > largest * _DARK_FROM)
    left = alt.Y(f"{down.name}_word:N", sort=_order(down), title=None, axis=alt.Axis(grid=False, labelLimit=150))
    top = alt.X(f"{across.name}_word:N", sort=_order(across), title=None, axis=alt.Axis(orient="top", grid=False, labelLimit=150))
    base = _base(records).encode(y=left, x=top)
    shade = alt.Color(f"{value.name}:Q", scale=alt.Scale(range=list(colours.heat), domainMin=0), legend=None)
    ink = alt.condition("datum.is_dark", alt.value(colours.on_dark), alt.value(colours.ink))
    chart = base.mark_rect(stroke=colours.paper, strokeWidth=3, cornerRadius=4).encode(color=shade, tooltip=_tips(table, records))
    chart += base.mark_text(fontSize=16, dy=-8 if second else 0).encode(text=alt.Text(f"{value.name}_said:N"), color=ink)
    if second:
        chart += base.mark_text(fontSize=12, dy=12).encode(text=alt.Text(f"{second.name}_said:N"), color=ink)
    return chart, 80 * len({record[down.name] for record in records}) + _HEADROOM


def _base(records: Sequence[Mapping[str, Any]]) -> alt.Chart:
    return alt.Chart(alt.InlineData(values=list(records)))


def _records(table: pa.Table, *measures: Measure) -> list[dict[str, Any]]:
    """Rows as marks need them: amounts as floats for their length, with `<name>_said` for their words."""
    records: list[dict[str, Any]] = table.to_pylist()
    language = session.language()
    for record in records:
        for measure in measures:
            record[f"{measure.name}_said"] = _words(record[measure.name], measure.currency, language)
        for name, cell in record.items():
            if isinstance(cell, Decimal):
                record[name] = float(cell)
    return records


def _words(amount: Decimal | float | None, currency: str | None, language: Language) -> str:
    if amount is None or currency is None:
        return formats.number(amount)
    return formats.money(Decimal(amount), currency, language, compact=True)


def _numbers(value: Measure) -> str:
    return theme.amounts(session.language()) if value.currency else "format(datum.value, ',~r')"


def _rows(category: str) -> alt.Y:
    return alt.Y(f"{category}:N", sort=None, title=None, axis=alt.Axis(labelLimit=150, grid=False))


def _length(value: Measure) -> alt.X:
    return alt.X(f"{value.name}:Q", title=None, stack="zero", axis=_amounts(value))


def _amounts(value: Measure) -> alt.Axis:
    return alt.Axis(labelExpr=_numbers(value), tickCount=5)


def _word(axis: Axis, code: object) -> str:
    return session.say(axis.words[code]) if axis.words else formats.MISSING if code is None else str(code)


def _order(axis: Axis) -> list[str] | None:
    return [session.say(word) for word in axis.words.values()] if axis.words else None


def _title(axis: Axis) -> str:
    return session.say(axis.label or exports.label(axis.name))


def _tips(table: pa.Table, records: Sequence[Mapping[str, Any]]) -> list[alt.Tooltip]:
    """Every column with words; amounts as said."""
    first = records[0] if records else {}
    return [_tip(f"{name}_said" if f"{name}_said" in first else name, name) for name in table.column_names if name in terms.COLUMN]


def _tip(field: str, name: str) -> alt.Tooltip:
    return alt.Tooltip(f"{field}:N", title=_label(name))


def _label(name: str) -> str:
    return session.say(exports.label(name))


@_framed
def waterfall(table: pa.Table, step: Axis, value: Measure, ends: tuple[str, ...], *, more_is_good: bool = False) -> Drawing:
    """Steps from one end to the other, top to bottom, each where the last one stopped: what adds is bad for us unless more is good."""
    colours = theme.palette()
    records = _records(table, value)
    stands = 0.0
    for record in records:
        is_end, amount = record[step.name] in ends, record[value.name]
        low, high = (0.0, amount) if is_end else (stands, stands + amount)
        stands = high
        colour = colours.ink if is_end else colours.better if (amount > 0) is more_is_good else colours.worse
        record |= {"word": _word(step, record[step.name]), "from": low, "until": high, "right": max(low, high, 0), "colour": colour}
    widest = max((record["right"] for record in records), default=0)
    room = alt.Scale(domainMax=widest * (1 + _WORDS_FIT) or 1)
    base = _base(records).encode(y=_rows("word"))
    marks = base.mark_bar().encode(
        x=alt.X("from:Q", title=None, scale=room, axis=_amounts(value)),
        x2=alt.X2("until:Q"),
        color=alt.Color("colour:N", scale=None),
        tooltip=_tips(table, records),
    )
    words = base.mark_text(align="left", dx=4).encode(x=alt.X("right:Q"), text=alt.Text(f"{value.name}_said:N"))
    return marks + words, len(records) * _ROW_HEIGHT + _HEADROOM


@_framed
def layers(table: pa.Table, day: str, value: Measure, part: Axis) -> Drawing:
    """Stacked columns over dates, parts in the order of their words, the calm end at the bottom."""
    records = _records(table, value)
    words = {code: session.say(word) for code, word in (part.words or {}).items()}
    place = {code: number for number, code in enumerate(words)}
    for record in records:
        record |= {"place": place[record[part.name]], "part_said": words[record[part.name]], "day": record[day].isoformat()}
        record["day_said"] = formats.full_date(record[day], session.language())
        record[day] = record["day"]
    months = "(month(datum.value) + 1) + '月'" if session.language() == "zh" else "timeFormat(datum.value, '%b')"
    tips = [_tip("day_said", day), alt.Tooltip("part_said:N", title=_label(part.name)), _tip(f"{value.name}_said", value.name)]
    chart = (
        _base(records)
        .mark_area()
        .encode(
            x=alt.X("day:T", title=None, axis=alt.Axis(labelExpr=months, tickCount="month", labelSeparation=8, grid=False)),
            y=alt.Y(f"{value.name}:Q", title=None, stack="zero", axis=alt.Axis(labelExpr=_numbers(value))),
            color=alt.Color(
                "part_said:N", scale=alt.Scale(domain=list(words.values()), range=list(part.colours)), legend=alt.Legend(columns=3)
            ),
            order=alt.Order("place:Q"),
            tooltip=tips,
        )
    )
    return chart, 320


@_framed
def funnel(table: pa.Table, name: str, limits: pa.Table) -> Drawing:
    """A dot per group by its size (count) and rate, between the limits of chance (limits: count, low, high, rate): outside is a finding."""
    colours = theme.palette()
    records, edges = _records(table), limits.to_pylist()
    for record in records:
        record["rate_said"] = formats.percent(record["rate"])
        record["colour"] = colours.ink if not record["is_outside"] else colours.better if record["is_better"] else colours.worse
        record["said"] = record[name] if record["is_outside"] else ""
    across = alt.X("count:Q", title=None, axis=alt.Axis(grid=False), scale=alt.Scale(nice=True))
    percent = alt.Axis(format="%")
    shade = _base(edges).mark_area(color=colours.band).encode(x=across, y=alt.Y("low:Q", title=None, axis=percent), y2=alt.Y2("high:Q"))
    middle = _base(edges).mark_line(strokeDash=[4, 4], color=colours.neutral).encode(x=across, y=alt.Y("rate:Q"))
    base = _base(records).encode(x=across, y=alt.Y("rate:Q", title=None))
    tips = [_tip(name, name), _tip("rate_said", "rate"), _tip("count", "count")]
    dots = base.mark_point(filled=True, size=110).encode(color=alt.Color("colour:N", scale=None), tooltip=tips)
    words = base.mark_text(align="left", dx=9).encode(text=alt.Text("said:N"))
    return shade + middle + dots + words, 320


@_framed
def outlook(table: pa.Table, value: Measure, naive: Measure, came: Measure) -> Drawing:
    """Weeks side by side: what was or is expected as a bar with its band, what came as a dot, the naive rule as a tick.

    Frame: one row per week in order; period, the three amounts (null where there is none), low, high.
    """
    colours = theme.palette()
    records = _records(table, value, naive, came)
    for record in records:
        record["colour"] = colours.neutral if record[came.name] is not None else colours.better
    axis = alt.Axis(labelOverlap=True, labelSeparation=8, grid=False)
    base = _base(records).encode(x=alt.X("period:N", sort=None, title=None, axis=axis), tooltip=_tips(table, records))
    height = alt.Y(f"{value.name}:Q", title=None, axis=alt.Axis(labelExpr=_numbers(value)))
    bars_ = base.mark_bar(opacity=0.75).encode(y=height, color=alt.Color("colour:N", scale=None))
    reach = base.mark_rule(strokeWidth=2, color=colours.ink).encode(y=alt.Y("low:Q", title=None), y2=alt.Y2("high:Q"))
    ticks = base.mark_tick(color=colours.worse, thickness=2, width=16).encode(y=alt.Y(f"{naive.name}:Q"))
    dots = base.mark_point(filled=True, size=70, color=colours.ink).encode(y=alt.Y(f"{came.name}:Q"))
    return bars_ + reach + ticks + dots, 320
