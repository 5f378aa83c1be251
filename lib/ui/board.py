"""The metric board: each number, whether its change is more than usual, its definition and the rows behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Final

import pyarrow as pa
import streamlit as st

from lib import formats
from lib.domain.access import SYSTEM
from lib.domain.signals import FALSE_SIGNALS, FEWEST_WEEKS, Basis, Chart
from lib.metrics import BOARD, METRICS, Cut, Measurement, Metric, customers_behind, measure, monday
from lib.metrics.variation import WEEKS, tested
from lib.store.query import read, rows
from lib.text import Text
from lib.ui import forms, page, session, tables, variation
from lib.ui.cards import Card, Direction, Verdict, show
from lib.ui.filters import Scope

HISTORY: Final = 26
"""Weeks drawn on a card."""
_LAST_WEEK: Final = Text("较上周末", "vs end of last week")
_WEEK_BEFORE: Final = Text("较前一周", "vs week before")
_COUNT: Final = Text("n={count}", "n={count}")
_DEFINED: Final = Text("{definition}。计算：{formula}。", "{definition}. Formula: {formula}.")
_WORSE: Final = Text(
    "{signals}，变差的：{names}。先看这些，其余是日常波动。", "{signals}; worse: {names}. Look there first, the rest is as usual."
)
_ONLY_BETTER: Final = Text("{signals}，都是变好。其余是日常波动。", "{signals}, all for the better. The rest is as usual.")
_AS_USUAL: Final = Text("没有信号：各项都在平常的范围内波动。", "No signals: every number moves within its usual range.")
_TOO_EARLY: Final = Text("记录还不到 {weeks} 周，暂不判断好坏。", "Under {weeks} weeks on record: too early to tell better from worse.")
_SIGNALS: Final = Text("{count} 个信号", "{count}")
_BUDGET: Final = Text(
    "信号 = 超出这项数平常波动的变化，不是比上周高或低。{metrics} 项中平常每周会误报约 {expected} 个。",
    "A signal is a change beyond a number's usual ups and downs, not just up or down on last week. "
    "Of {metrics} about {expected} a week are false.",
)
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
_TO_PAGE: Final = Text("去这个主题的页面", "To the page about this")
_PLACES: Final = {"money": 0, "rate": 3, "days": 1, "count": 0, "score": 0}
_SUNDAY: Final = 7


def overview(scope: Scope) -> None:
    """The numbers of the house under one sentence that says what to look at."""
    cards = [_card(METRICS[name], history, scope) for name, history in _measured(BOARD, scope).items()]
    if all(card.value == formats.MISSING or not any(card.history) for card in cards):
        page.nothing_yet(_NOTHING)
        return
    st.markdown(f"#### {_headline(cards)}")
    expected = formats.number(len(cards) * FALSE_SIGNALS, 1)
    st.caption(session.say(_BUDGET, metrics=len(cards), expected=expected))
    show(cards, key="board")


def _headline(cards: Sequence[Card]) -> str:
    """What to look at first; nothing where nothing is more than chance."""
    if all(card.verdict == "unknown" for card in cards):
        return session.say(_TOO_EARLY, weeks=FEWEST_WEEKS)
    worse = [card.label for card in cards if card.verdict == "worse"]
    count = len(worse) + sum(card.verdict == "better" for card in cards)
    signals = session.say(_SIGNALS, count=formats.counted(count, "signal", "signals"))
    if worse:
        return session.say(_WORSE, signals=signals, names=Text("、".join(worse), ", ".join(worse)))
    return session.say(_ONLY_BETTER, signals=signals) if count else session.say(_AS_USUAL)


def prepare() -> None:
    """Work out, before the first person comes, what everybody's overview of today adds up: the house's own answers, which all share."""
    ledger, today = session.ledger(), session.today()
    for name in ("filter_choices", "newest_days", "exceptions"):
        read(ledger, SYSTEM, name, as_of=today)
    used = rows(ledger, SYSTEM, "currencies", as_of=today)
    if used:
        currency = used[0]["currency"]
        measure(ledger, SYSTEM, BOARD, today, weeks=WEEKS, scope=Cut(currency))
        read(ledger, SYSTEM, "overdue_customers", as_of=today, currency=currency, limit=1)


def panel(names: Sequence[str], scope: Scope, key: str) -> None:
    """Cards of some metrics; those with nothing to measure are only named."""
    cards = [_card(METRICS[name], history, scope) for name, history in _measured(names, scope).items()]
    show([card for card in cards if card.value != formats.MISSING], key=key)
    missing = [card.label for card in cards if card.value == formats.MISSING]
    if missing:
        st.caption(session.say(_MISSING, names=Text("、".join(missing), ", ".join(missing))))


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
    whole = replace(scope, as_of=_shown_until(metric, scope))
    st.caption(session.say(_DEFINED, definition=metric.definition, formula=metric.formula))
    weeks = _shown(metric, _measured((metric.name,), scope)[metric.name], scope)
    found = tested(metric, weeks)
    variation.show(metric, weeks, found, partial(_tested_words, metric=metric, basis=found.basis, currency=scope.currency))
    if metric.denominator is None:
        _part_behind(metric, whole, below=False)
    else:
        part = forms.switch("part", {"top": _TOP, "below": _BELOW}, _PART)
        _part_behind(metric, whole, below=part == "below")
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


def _shown(metric: Metric, weeks: list[Measurement], scope: Scope) -> list[Measurement]:
    """The weeks a card shows: a week that has only begun would always look like a fall, so flows end with the last full one."""
    return weeks[:-1] if _shown_until(metric, scope) < scope.as_of else weeks


def _shown_until(metric: Metric, scope: Scope) -> date:
    """The last day of the week a card shows: a flow's last full week, else the day asked about."""
    full = metric.kind == "flow" and scope.as_of.isoweekday() < _SUNDAY
    return monday(scope.as_of) - timedelta(days=1) if full else scope.as_of


def _measured(names: Sequence[str], scope: Scope) -> dict[str, list[Measurement]]:
    """Per metric its weeks, oldest first."""
    found = measure(session.ledger(), session.actor(), names, scope.as_of, known_at=scope.known_at, weeks=WEEKS, scope=scope.cut())
    return {name: [one for one in found if one.metric == name] for name in names}


def _card(metric: Metric, weeks: list[Measurement], scope: Scope) -> Card:
    shown = _shown(metric, weeks, scope)
    full = len(shown) < len(weeks)
    now, before = shown[-1], shown[-2]
    found = tested(metric, shown)
    change = None if now.value is None or before.value is None else _rounded(now.value - before.value, metric)
    return Card(
        label=session.say(metric.label),
        value=said(now.value, metric, scope.currency),
        change=None if change is None else _change(change, metric, scope.currency),
        against=session.say(_WEEK_BEFORE if full else _LAST_WEEK),
        direction=_direction(change),
        verdict=_verdict(found, metric),
        note=_note(now, full=full),
        history=[float(one.value) for one in shown[-HISTORY:] if one.value is not None],
        definition=session.say(_DEFINED, definition=metric.definition, formula=metric.formula),
        opens=("metric", metric.name),
    )


def said(value: Decimal | None, metric: Metric, currency: str | None) -> str:
    """A metric's value as a person reads it."""
    language = session.language()
    if metric.unit == "money":
        return page.md(formats.money(value, str(currency), language, compact=True))
    if metric.unit == "rate":
        return formats.percent(value)
    if metric.unit == "days":
        return formats.days(value, language, 1)
    plus = "+" if metric.unit == "score" and value is not None and value > 0 else ""
    return f"{plus}{formats.number(value)}"


def _tested_words(value: float, *, metric: Metric, basis: Basis, currency: str | None) -> str:
    """A tested number in words: the metric's own, or a change of it with its sign."""
    number = Decimal(str(round(value, 6)))
    if basis != "change":
        return said(number, metric, currency)
    if metric.unit == "rate":
        return formats.points(number, session.language())
    return f"{'+' if number > 0 else ''}{said(number, metric, currency).removeprefix('+')}"


def _change(change: Decimal, metric: Metric, currency: str | None) -> str:
    """The size of a change; the arrow beside it says which way."""
    if metric.unit == "rate":
        return formats.points(abs(change), session.language()).removeprefix("+")
    return said(abs(change), metric, currency).removeprefix("+")


def _rounded(change: Decimal, metric: Metric) -> Decimal:
    """What is too small to print is no change."""
    return change.quantize(Decimal(1).scaleb(-_PLACES[metric.unit]))


def _direction(change: Decimal | None) -> Direction:
    if not change:
        return "off"
    return "up" if change > 0 else "down"


def _verdict(found: Chart, metric: Metric) -> Verdict:
    if found.standing == "none":
        return "unknown"
    signal = found.signals[-1]
    if signal is None:
        return "neutral"
    return "better" if signal.is_above == (metric.good == "up") else "worse"


def _note(now: Measurement, *, full: bool) -> str | None:
    if now.note:
        return session.say(now.note)
    if full:
        return formats.week_days(now.week_on, session.language())
    return session.say(_COUNT, count=formats.number(now.n)) if now.denominator is not None else None
