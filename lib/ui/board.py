"""The metric board: each number, whether its change is more than usual, its definition and the rows behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Final

import pyarrow as pa
import streamlit as st

from lib import formats
from lib.domain.access import ROLE_LABEL, SYSTEM
from lib.domain.signals import ASSURANCE
from lib.metrics import BOARD, METRICS, VOICE, Cut, Metric, customers_behind, words
from lib.metrics.chart_words import Mark
from lib.metrics.variation import Reading, View, read_weeks, shown_until
from lib.store.query import read, rows
from lib.text import Text, listed
from lib.ui import filters, forms, metric_rules, page, session, tables, variation
from lib.ui.cards import Card, Direction, show
from lib.ui.filters import Scope

HISTORY: Final = 26
"""Weeks drawn on a card."""
_LAST_WEEK: Final = Text("较上周末", "vs end of last week")
_WEEK_BEFORE: Final = Text("较前一周", "vs week before")
_TARGET: Final = Text("目标 {target}", "target {target}")
_COUNT: Final = Text("n={count}", "n={count}")
_NOTHING: Final = Text(
    "还没有可以计算的数据。导入账单、收款和评分后，这里会有经营指标。",
    "Nothing to measure yet. Import invoices, payments and scores to see the numbers of the house here.",
)
_MISSING: Final = Text("这段时间没有可计算的数据：{names}", "Nothing to measure in this time: {names}")
_BEHIND: Final = Text("{name}由哪些客户组成", "{name}: the customers behind it")
_PART: Final = Text("看哪一部分", "Which part")
_TOP: Final = Text("分子", "Numerator")
_BELOW: Final = Text("分母", "Denominator")
_NO_ROWS: Final = Text("这一周没有构成这个数的记录。", "No records make up this number in that week.")
_SUM: Final = Text("✓ {count} 个客户合计 **{total}**，与指标一致", "✓ {count}, **{total}** in all: the number itself")
_TO_COMPARE: Final = Text("和别的周比，看是谁造成的", "Against another week: who made the difference")
_TO_PAGE: Final = Text("去这个主题的页面", "To the page about this")
_VOICE: Final = Text("客户的声音", "The customer's voice")
_OVERVIEW: Final = (*BOARD, *VOICE)
_SIGNAL: Final = Text("{name} {value}{change}", "{name} {value}{change}")
_MOST_SIGNALS: Final = 3
_COLOUR: Final = {"worse": "orange", "better": "blue"}
_ARROW: Final = {"up": "↑", "down": "↓", "off": ""}
_OWNER: Final = Text("负责：{role}", "Answers for it: {role}")
_SUNDAY: Final = 7


def look(scope: Scope) -> dict[str, Reading]:
    """The numbers of the overview, in their order; none where nothing was ever measured."""
    readings = read_weeks(_view(scope), _OVERVIEW)
    begun = any(week.value for name in BOARD for week in readings[name].weeks)
    return {name: one for name, one in readings.items() if name in BOARD or one.weeks[-1].value is not None} if begun else {}


def headline(readings: Mapping[str, Reading], scope: Scope) -> None:
    """One sentence that says what to look at, and the signals behind it, the worse first."""
    if not readings:
        if filters.old_day(page.row("newest_days", scope) or {}, scope.as_of) is None:
            page.nothing_yet(_NOTHING)
        return
    told = [(one.metric, one.verdict) for one in readings.values()]
    st.markdown(f"#### {words.headline(told, session.language())}")
    signals = sorted((one for one in readings.values() if one.verdict in _COLOUR), key=lambda one: one.verdict == "better")
    if signals:
        with st.container(horizontal=True, key="signals"):
            for one in signals[:_MOST_SIGNALS]:
                _signal(one, scope)
    with st.container(horizontal=True, vertical_alignment="center", key="budget"):
        st.caption(words.budget(len(told), session.language()), width="stretch")
        variation.signs()


def _signal(reading: Reading, scope: Scope) -> None:
    card = _card(reading, scope)
    arrow = _ARROW[card.direction] if card.change else ""
    label = session.say(_SIGNAL, name=page.md(card.label), value=card.value, change=f" {arrow}{card.change}" if card.change else "")
    turn = partial(st.query_params.__setitem__, "metric", reading.metric.name)
    st.button(f":{_COLOUR[reading.verdict]}[◆] {label}", key=f"signal-{reading.metric.name}", on_click=turn)


def cards(readings: Mapping[str, Reading], scope: Scope) -> None:
    """The eight numbers of the house, two side by side."""
    show([_card(reading, scope) for name, reading in readings.items() if name in BOARD], key="board", across=2)


def voices(readings: Mapping[str, Reading], scope: Scope) -> None:
    """What is heard of the customers, below."""
    heard = [_card(reading, scope) for name, reading in readings.items() if name in VOICE]
    if heard:
        page.section(_VOICE)
        show(heard, key="voice", across=len(VOICE))


def prepare() -> None:
    """Work out, before the first person comes, what everybody's overview of today adds up: the house's own answers, which all share."""
    ledger, today = session.ledger(), session.today()
    for name in ("filter_choices", "newest_days", "exceptions"):
        read(ledger, SYSTEM, name, as_of=today)
    used = rows(ledger, SYSTEM, "currencies", as_of=today)
    if used:
        currency = used[0]["currency"]
        read_weeks(View(ledger, SYSTEM, today, None, Cut(currency)), _OVERVIEW)
        read(ledger, SYSTEM, "overdue_customers", as_of=today, currency=currency, limit=1)


def panel(names: Sequence[str], scope: Scope, key: str) -> None:
    """Cards of some metrics; those with nothing to measure are only named."""
    cards = [_card(reading, scope) for reading in read_weeks(_view(scope), names).values()]
    show([card for card in cards if card.value != formats.MISSING], key=key)
    missing = [card.label for card in cards if card.value == formats.MISSING]
    if missing:
        st.caption(session.say(_MISSING, names=listed(missing)))


def behind(scope: Scope) -> None:
    """The customers behind the number that was clicked; they add up to it."""
    metric = METRICS.get(page.asked("metric") or "")
    if metric:
        title = session.say(_BEHIND, name=session.say(metric.label))
        st.dialog(title, width="large", on_dismiss=_close)(session.run()(_behind))(metric, scope)


def _close() -> None:
    for name in ("metric", "part"):
        st.query_params.pop(name, None)


def _behind(metric: Metric, scope: Scope) -> None:
    whole = replace(scope, as_of=shown_until(metric, scope.as_of))
    st.caption(session.say(words.DEFINED, definition=metric.definition, formula=metric.formula))
    st.caption(session.say(_OWNER, role=ROLE_LABEL[metric.owner]))
    reading = read_weeks(_view(scope), (metric.name,))[metric.name]
    since = reading.weeks[0].week_on
    done = page.rows("metric_marks", scope, metric=metric.name, since=since)
    variation.show(reading, scope.currency, [Mark(row["on_date"], row["mark"], row["mark_said"]) for row in done])
    metric_rules.show(reading, partial(said, metric=metric, currency=scope.currency))
    if metric.denominator is None:
        _part_behind(metric, whole, below=False)
    else:
        part = forms.switch("part", {"top": _TOP, "below": _BELOW}, _PART)
        _part_behind(metric, whole, below=part == "below")
    with st.container(horizontal=True):
        week = formats.iso_week(reading.weeks[-1].week_on)
        page.link(_TO_COMPARE, "compare", metric=metric.name, week=week, **scope.address())
        page.link(_TO_PAGE, metric.opens, **scope.address())


def _part_behind(metric: Metric, scope: Scope, *, below: bool) -> None:
    key = f"behind_{metric.name}_{below}"
    found = customers_behind(
        session.ledger(),
        session.actor(),
        metric.name,
        scope.as_of,
        known_at=scope.known_at,
        scope=scope.cut(),
        below=below,
        limit=tables.PAGE_ROWS,
        offset=tables.offset(key),
    )
    if found is None or not found.num_rows:
        page.empty(_NO_ROWS)
        return
    total = found["total_amount"][0].as_py()
    part = metric.denominator if below and metric.denominator else metric.numerator
    money = "amount" in part.amount and not part.grows
    said = formats.money(total, str(scope.currency), session.language()) if money else formats.number(total)
    st.markdown(session.say(_SUM, total=page.md(said), count=formats.counted(found["total_count"][0].as_py(), "customer", "customers")))
    if not money:
        found = found.append_column("counted", found["amount"].cast(pa.int64()))
    tables.show(found, ("name", "amount" if money else "counted", "things", "owner_name", "account_no"), key=key, opens="customer")


def _view(scope: Scope) -> View:
    return View(session.ledger(), session.actor(), scope.as_of, scope.known_at, scope.cut())


def _card(reading: Reading, scope: Scope) -> Card:
    metric, shown = reading.metric, reading.weeks
    now, before = shown[-1], shown[-2]
    full = shown_until(metric, scope.as_of) < scope.as_of
    change = words.difference(now.value, before.value, metric)
    return Card(
        label=session.say(metric.label),
        value=said(now.value, metric, scope.currency),
        change=None if change is None else _safe(words.size(change, metric, scope.currency, session.language()), metric),
        against=session.say(_WEEK_BEFORE if full else _LAST_WEEK),
        direction=_direction(change),
        verdict=reading.verdict,
        note=_note(reading, scope, full=full),
        history=[float(one.value) for one in shown[-HISTORY:] if one.value is not None],
        definition=session.say(words.DEFINED, definition=metric.definition, formula=metric.formula),
        opens=("metric", metric.name),
    )


def said(value: Decimal | None, metric: Metric, currency: str | None) -> str:
    """A metric's value as a person reads it, safe in Markdown."""
    return _safe(words.said(value, metric, currency, session.language()), metric)


def _safe(said: str, metric: Metric) -> str:
    """Only a currency has signs that Markdown reads."""
    return page.md(said) if metric.unit == "money" else said


def _direction(change: Decimal | None) -> Direction:
    if not change:
        return "off"
    return "up" if change > 0 else "down"


def _note(reading: Reading, scope: Scope, *, full: bool) -> str | None:
    now = reading.weeks[-1]
    if now.note:
        return session.say(now.note)
    week = formats.week_days(now.week_on, session.language()) if full else None
    count = session.say(_COUNT, count=formats.number(now.n)) if now.denominator is not None and not full else None
    return " · ".join(filter(None, (week, count, _target(reading, scope)))) or None


def _target(reading: Reading, scope: Scope) -> str | None:
    """The target and whether it is met as a rule."""
    if reading.held.target is None:
        return None
    goal = session.say(_TARGET, target=said(reading.held.target, reading.metric, scope.currency).removeprefix("+"))
    return f"{goal} {session.say(ASSURANCE[reading.assurance])}" if reading.assurance else goal
