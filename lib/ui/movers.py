"""Who made the difference of one metric: what each customer or group added, which sums to the change; a click leads on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, Final

import altair as alt
import pyarrow as pa
import streamlit as st

from lib import exports, formats, terms
from lib.domain.access import Actor
from lib.metrics.metric import Metric
from lib.metrics.moving import GROUPINGS, Grouping, Moment, Movement, Mover, exact, moved
from lib.metrics.words import said
from lib.text import Text
from lib.ui import charts, downloads, forms, page, session, tables, theme
from lib.ui.charts import Drawing, _base, _framed, _records, _rows, _tips
from lib.ui.compare import Asked, Lines

_ROW: Final = 34
_WORDS_FIT: Final = 0.3
"""Room for the words beside the longest bar, as a share of all bars side by side."""
_WHO: Final = Text("是谁造成的：{metric} {change}", "Who made the difference: {metric} {change}")
_BY: Final = Text("按什么分", "Split by")
_LARGEST: Final = Text("最多的是 {name}：{added}", "The largest: {name}, {added}")
_NOTHING: Final = Text("这两周之间没有谁动过它", "Nobody moved it between the two weeks")
_SUMS: Final = Text(
    "✓ 各行相加是 {change}，正好等于两周之差。客户按这一周所属的客户经理和团队算。",
    "✓ The lines come to {change}, exactly the difference of the two weeks. Customers count where they belong this week.",
)
_SPLIT: Final = Text(
    "比率的变化分成两份：自身比率变了多少，占比变了多少；两份相加就是贡献。",
    "A ratio moves in two ways: a group's own rate, and its weight among all; both together are its part.",
)
_NUMERATOR: Final = Text(
    "这个数不能拆到客户：下面是其分子“{what}”的变化。",
    "This number cannot be split by customer: these lines are of what it is made of, {what}.",
)
_OPEN: Final = Text("未收账单金额", "open invoice amount")
_TOP: Final = Text("分子", "its numerator")
_FILE: Final = Text("是谁造成的", "Who made the difference")
_REST: Final = Text("其余 {count}", "{count} more")
_NONE: Final = Text("（无）", "(none)")
_WITHIN: Final = Text("{name}的客户", "Customers of {name}")
_BACK: Final = Text("回到全部", "Back to all")
_ROWS: Final = Text("{week}的明细", "Rows of {week}")
_CLICK: Final = Text("点一行，看是其中哪些客户。", "Click a row to see which of its customers.")


def show(asked: Asked, metric: Metric) -> None:
    """The movers of a metric as bars and as a table."""
    labels: dict[str, Text] = {by: exports.label(column) for by, column in GROUPINGS.items()}
    by: Grouping = forms.chosen("by", labels)  # type: ignore[assignment]
    found = moved(asked.view, metric.name, asked.span, by)
    page.section(_WHO, metric=metric.label, change=page.md(_added(found.change, found, asked)))
    with st.container(horizontal=True, vertical_alignment="center", key="movers_by"):
        forms.switch("by", labels, _BY)
        _export(found, asked)
    if not found.is_value:
        st.caption(session.say(_NUMERATOR, what=_OPEN if metric.is_countback else _TOP))
    _drawn(found, asked, "movers")
    group = _listed(found, asked) if by != "customer" else None
    if group:
        inside = moved(asked.view, metric.name, asked.span, "customer", (by, group))
        page.section(_WITHIN, name=page.md(_name(next(one for one in found.movers if one.code == group), found, asked)))
        _customers(inside, asked, "movers_within")
    elif by == "customer":
        _customers(found, asked, "movers_list")
    _to_rows(asked, metric)


def _listed(found: Movement, asked: Asked) -> str | None:
    """The groups as a table; the one clicked."""
    split = found.rest or next(iter(found.movers), None)
    columns = [GROUPINGS[found.by], "added_said", "then_said", "now_said"]
    if split is not None and split.rate is not None:
        columns[2:2] = ["rate_said", "mix_said"]
        st.caption(session.say(_SPLIT))
    table = _table(found, asked)
    st.caption(f"{_sums(found, asked)} {session.say(_CLICK)}")
    chosen = tables.pick(table, columns, key=f"movers_{found.by}", into="within", by="code")
    return chosen or None


def _customers(found: Movement, asked: Asked, key: str) -> None:
    numbers = pa.array([int(one.code) if one.code else None for one in found.movers], pa.int32())
    table = _table(found, asked).append_column("customer_id", numbers)
    st.caption(_sums(found, asked))
    tables.show(table, ("name", "added_said", "then_said", "now_said"), key=key, opens="customer")


def _sums(found: Movement, asked: Asked) -> str:
    return session.say(_SUMS, change=page.md(_added(found.change, found, asked)))


def _export(found: Movement, asked: Asked) -> None:
    """The lines as a file, in words and in plain figures; made anew at the click for who is then at the desk."""

    def again(actor: Actor) -> pa.Table:
        fresh = moved(replace(asked.view, actor=actor), found.metric.name, asked.span, found.by)
        figures = pa.array([_figure(one.added, fresh) for one in fresh.movers], pa.float64())
        return _table(fresh, asked).append_column("added_figure", figures)

    about = (session.say(found.metric.label), " / ".join(reversed(asked.words())))
    offer = Lines(asked.view.ledger, asked.view.actor, "movers", {}, again)
    downloads.export(downloads.Offer(_FILE, offer, len(found.movers), about=about), asked.scope)


def _figure(value: Fraction, found: Movement) -> float:
    """Shares in percent."""
    return float(value * 100 if found.is_value and found.metric.unit == "rate" else value)


def _to_rows(asked: Asked, metric: Metric) -> None:
    """The rows behind both numbers, which sum to them."""
    with st.container(horizontal=True, key="movers_rows"):
        for week, moment in zip(reversed(asked.words()), reversed(asked.span), strict=True):
            page.link(session.say(_ROWS, week=week), "overview", metric=metric.name, **_address(asked, moment))


def _address(asked: Asked, moment: Moment) -> dict[str, object]:
    known = {"known_at": moment.known_at.isoformat()} if moment.known_at else {}
    return {**asked.scope.address(), "as_of": moment.as_of.isoformat(), **known}


def _table(found: Movement, asked: Asked) -> pa.Table:
    """Rows: code, the name, then_said, now_said, added_said, rate_said, mix_said."""
    lines = found.movers
    columns: dict[str, Sequence[str | None]] = {
        "code": [one.code or "" for one in lines],
        GROUPINGS[found.by]: _names(found, asked),
        "then_said": [_side(one.then, one.then_below, found, asked) for one in lines],
        "now_said": [_side(one.now, one.now_below, found, asked) for one in lines],
        **{
            f"{name}_said": [None if getattr(one, name) is None else _added(getattr(one, name), found, asked) for one in lines]
            for name in ("added", "rate", "mix")
        },
    }
    return pa.table({name: pa.array(list(cells), pa.string()) for name, cells in columns.items()})


def _names(found: Movement, asked: Asked) -> list[str]:
    """What each line is called, once: marks of one name would fall together."""
    names = [_name(one, found, asked) for one in found.movers]
    return [name if names.count(name) == 1 else f"{name} #{one.code}" for name, one in zip(names, found.movers, strict=True)]


def _name(one: Mover, found: Movement, asked: Asked) -> str:
    if one is found.rest:
        return _REST.say(asked.language, count=formats.number(found.rest_count))
    if one.label is None:
        return _NONE.say(asked.language)
    return terms.class_words(*one.label.split("-")).say(asked.language) if found.by == "class" else one.label


def _side(above: Fraction, below: Fraction, found: Movement, asked: Asked) -> str:
    """A line's own number; of a ratio its own ratio."""
    metric = found.metric
    if metric.denominator is not None and found.is_value:
        own = exact(metric.scale * above / below) if below else None
        return said(own, metric, asked.scope.currency, asked.language)
    return _amount(above, found, asked)


def _added(value: Fraction, found: Movement, asked: Asked) -> str:
    """A part of the change in words, with its sign; finer than the number itself, as parts are small."""
    added = exact(value)
    if found.is_value and found.metric.unit == "rate":
        return formats.points(added, asked.language, 2)
    if found.is_value and found.metric.denominator is not None:
        rounded = formats.number(added, 2)
        return f"+{rounded}" if value > 0 else rounded
    return f"{'+' if value > 0 else ''}{_amount(value, found, asked)}"


def _amount(value: Fraction, found: Movement, asked: Asked) -> str:
    part = found.metric.numerator
    if found.metric.unit == "money" or ("amount" in part.amount and not part.grows):
        return formats.money(exact(value), str(asked.scope.currency), asked.language, compact=True)
    return formats.number(exact(value))


def _drawn(found: Movement, asked: Asked, key: str) -> None:
    lines = found.movers
    if not lines:
        page.empty(_NOTHING)
        return
    first = max((*found.up, *found.down), key=lambda one: abs(one.added), default=lines[0])
    finding = session.say(_LARGEST, name=page.md(_name(first, found, asked)), added=page.md(_added(first.added, found, asked)))
    then, now = asked.words()
    table = pa.table(
        {
            GROUPINGS[found.by]: pa.array(_names(found, asked), pa.string()),
            "added_said": pa.array([_added(one.added, found, asked) for one in lines], pa.string()),
        }
    )
    colours = theme.palette()
    good = found.metric.good == "up"
    marks = [
        {
            "value": float(one.added),
            "colour": colours.neutral if one is found.rest else colours.better if (one.added > 0) is good else colours.worse,
        }
        for one in lines
    ]
    _bars(table, charts.Caption(key, finding, f"{then} → {now}"), GROUPINGS[found.by], marks)


@_framed
def _bars(table: pa.Table, name: str, marks: Sequence[dict[str, Any]]) -> Drawing:
    """What each line added, to the right or left of nothing, with its words at the end."""
    records = [record | mark | {"end": max(mark["value"], 0.0)} for record, mark in zip(_records(table), marks, strict=True)]
    values = [mark["value"] for mark in marks]
    reach = max(*values, 0.0) - min(*values, 0.0)
    scale = alt.Scale(domainMin=min(*values, 0.0), domainMax=max(*values, 0.0) + reach * _WORDS_FIT, nice=False)
    base = _base(records).encode(y=_rows(name))
    length = alt.X("value:Q", title=None, scale=scale, axis=alt.Axis(labels=False, grid=False))
    bars = base.mark_bar().encode(x=length, color=alt.Color("colour:N", scale=None), tooltip=_tips(table, records))
    words = base.mark_text(align="left", dx=4).encode(x=alt.X("end:Q"), text=alt.Text("added_said:N"))
    return bars + words, len(records) * _ROW
