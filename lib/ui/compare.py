"""The bar of the compare page, the sentence under it and every metric in both weeks; a click opens one metric below."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

import pyarrow as pa
import streamlit as st

from lib import formats
from lib.domain.access import Actor
from lib.metrics import METRICS
from lib.metrics.metric import GROUPS, Metric
from lib.metrics.moving import Moment, Span
from lib.metrics.variation import View
from lib.metrics.words import VERDICT, said, size
from lib.review import comparing
from lib.review.comparing import AGAINST, BASES, Against, Basis, Compared, compare
from lib.text import Language, Text, listed
from lib.ui import downloads, filters, forms, page, session, tables
from lib.ui.filters import Scope

_WEEK: Final = Text("哪一周", "Week")
_AGAINST: Final = Text("和哪一周比", "Compared with")
_OTHER: Final = Text("对比周", "Week compared")
_BASIS: Final = Text("口径", "As known")
_GROUP: Final = Text("看哪类指标", "Which metrics")
_ALL: Final = Text("全部", "All")
_BACK: Final = 52
"""Weeks that can be chosen; what they are compared with reaches as far again."""
_HEAD: Final = Text(
    "{week}比{other}：{metrics} 项指标中 {changed} 项变了，{signals}。",
    "{week} against {other}: {changed} of {metrics} changed, {signals}.",
)
_NO_SIGNAL: Final = Text("都在平常的波动里", "none beyond its usual ups and downs")
_WORSE: Final = Text("变差的信号：{names}", "worse by a signal: {names}")
_BETTER: Final = Text("变好的信号：{names}", "better by a signal: {names}")
_ABOUT: Final = Text(
    "两周之差会被平常的波动带偏，“信号”只看这一周本身是否超出平常的范围。点一行，看是谁造成的。",
    "Two weeks differ by chance too: a signal is about this week alone, beyond its usual range. Click a row to see who made it.",
)
_SEEN: Final = Text("按 {moment} 时所知", "as known on {moment}")
_UNSEEN: Final = Text(
    "那时账本里还没有记录，没有“当时看到的”。看“现在更正后”。",
    "The ledger had no records by then, so nothing was seen. Look at them as corrected now.",
)
_TITLE: Final = Text("指标对比", "Metrics compared")
_RESTATED: Final = Text(
    "更正：{metric}在{week}，当时看到 {seen}，现在 {now}。", "Restated: {metric} of {week} was seen as {seen} and is {now} by now."
)
_NOTHING: Final = Text(
    "还没有可以对比的数据。导入账单、收款和评分后，就能看出哪周和哪周不同、是谁造成的。",
    "There is nothing to compare yet. Import invoices, payments and scores to see which week differs from which, and who made it.",
)
_COLUMNS: Final = ("metric", "now_said", "change_said", "then_said", "metric_verdict")
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """What two weeks are compared, on which basis and over which customers."""

    scope: Scope
    view: View
    weeks: tuple[date, date]
    """Mondays, then and now."""
    basis: Basis
    language: Language

    @property
    def span(self) -> Span:
        """Both weeks as moments."""
        return comparing.span(self.view, self.weeks, self.basis)

    def words(self) -> tuple[str, str]:
        """Both weeks as people say them."""
        then, now = (formats.week(monday, self.language) for monday in self.weeks)
        return then, now


@dataclass(frozen=True, slots=True)
class Lines(page.Question):
    """A table made of measurements instead of a named query: it is made anew at the click, for who is then at the desk."""

    make: Callable[[Actor], pa.Table]

    def answer(self, **_: object) -> pa.Table:
        """The table as this person sees it."""
        return self.make(self.actor)


def bar() -> Asked:
    """Which week, compared with which, on which basis; all of it stands in the address."""
    usual = filters.newest_week(Scope(session.as_of(), session.known_at()))
    with st.container(horizontal=True, vertical_alignment="bottom", key="compare_bar"):
        now = filters.week("week", _WEEK, usual, _BACK)
        against: Against = forms.switch("against", AGAINST, _AGAINST, labelled=True)  # type: ignore[assignment]
        then = comparing.other_week(now, against)
        if against == "other":
            then = filters.week("other", _OTHER, then, 2 * _BACK)
        basis: Basis = forms.switch("basis", BASES, _BASIS, labelled=True)  # type: ignore[assignment]
    scope = filters.bar(dated=False)
    view = View(session.ledger(), session.actor(), scope.as_of, scope.known_at, scope.cut())
    asked = Asked(scope, view, (then, now), basis, session.language())
    if basis == "seen":
        st.caption(
            " · ".join(
                f"{formats.iso_week(monday)} {session.say(_SEEN, moment=page.moment(one.known_at))}"
                for monday, one in zip(asked.weeks, asked.span, strict=True)
            )
        )
        if not all(map(_had_records, asked.span)):
            st.caption(f":orange[:material/info: {session.say(_UNSEEN)}]")
    return asked


def _had_records(at: Moment) -> bool:
    """Whether the ledger had anything to show at a moment: history brought in later was seen by nobody."""
    return any((page.row("newest_days", Scope(at.as_of, at.known_at)) or {}).values())


def ready(asked: Asked) -> bool:
    """Whether there is anything to compare; else says what to do."""
    newest = page.row("newest_days", asked.scope)
    if newest and (newest["money_on"] or newest["score_on"]):
        return True
    page.nothing_yet(_NOTHING)
    return False


def metrics(asked: Asked) -> Compared:
    """All metrics of a group in both weeks under one sentence; the one whose row was clicked, else the first signal, else the first."""
    asked_for = METRICS.get(page.asked("metric") or "")
    groups: dict[str, Text] = {**GROUPS, "all": _ALL}  # type: ignore[dict-item]
    if page.asked("group") is None:
        st.query_params["group"] = asked_for.group if asked_for else _telling(asked)
    with st.container(horizontal=True, vertical_alignment="center", key="compare_group"):
        group = forms.switch("group", groups, _GROUP)
        names = _names(group)
        _export(asked, names)
    lines = compare(asked.view, names, asked.weeks, asked.basis)
    then, now = asked.words()
    changed = sum(bool(one.change) for one in lines)
    st.markdown(f"#### {session.say(_HEAD, week=now, other=then, metrics=len(lines), changed=changed, signals=_signals(lines))}")
    st.caption(session.say(_ABOUT))
    table = _table(lines, asked.scope.currency, asked.language)
    shown = (*_COLUMNS, *(["corrected_said"] if any(one.corrected is not None for one in lines) else []))
    chosen = tables.pick(table, shown, key="compare", into="metric", by="code")
    clicked = [one for one in lines if one.metric.name == chosen]
    return next(iter((*clicked, *(one for one in lines if one.verdict == "worse"), *lines)))


def _names(group: str) -> list[str]:
    return [name for name, metric in METRICS.items() if group in (metric.group, "all")]


def _telling(asked: Asked) -> str:
    """The first group in which anything was measured in either week: a house of invoices alone has nothing to say about its touches."""
    for group in GROUPS:
        if any(one.now or one.then for one in compare(asked.view, _names(group), asked.weeks, asked.basis)):
            return group
    return next(iter(GROUPS))


def _export(asked: Asked, names: Sequence[str]) -> None:
    """The same as a file, in words and in plain figures; the file says which weeks."""

    def again(actor: Actor) -> pa.Table:
        lines = compare(replace(asked.view, actor=actor), names, asked.weeks, asked.basis)
        return _sheet(lines, _table(lines, asked.scope.currency, asked.language))

    offer = Lines(asked.view.ledger, asked.view.actor, "compare", {}, again)
    about = (session.say(_OTHER), " / ".join(reversed(asked.words())))
    downloads.export(downloads.Offer(_TITLE, offer, len(names), about=about), asked.scope)


def restated(asked: Asked, line: Compared) -> None:
    """What either week said at its time, where it says something else by now."""
    found, metric = comparing.seen(asked.view, line, asked.weeks, asked.basis), line.metric
    seen_at = comparing.span(asked.view, asked.weeks, "seen")
    for week, at, *sides in zip(asked.words(), seen_at, found.seen, found.now, strict=True):
        seen, now = (page.md(said(side, metric, asked.scope.currency, session.language())) for side in sides)
        if seen != now and _had_records(at):
            st.markdown(":material/history: " + session.say(_RESTATED, metric=metric.label, week=week, seen=seen, now=now))


def signed(change: Decimal | None, metric: Metric, currency: str | None, language: Language) -> str:
    """A change with its sign, in the metric's unit."""
    if change is None:
        return formats.MISSING
    sign = "+" if change > 0 else formats.MINUS if change < 0 else ""
    return f"{sign}{size(change, metric, currency, language)}"


def _signals(lines: Sequence[Compared]) -> Text:
    for verdict, sentence in (("worse", _WORSE), ("better", _BETTER)):
        labels = [one.metric.label for one in lines if one.verdict == verdict]
        if labels:
            return sentence.filled(names=listed(labels))
    return _NO_SIGNAL


def _table(lines: Sequence[Compared], currency: str | None, language: Language) -> pa.Table:
    """Rows: code, metric, then_said, now_said, change_said, metric_verdict, corrected_said; in words, as each has its own unit."""
    rows = [
        {
            "code": one.metric.name,
            "metric": one.metric.label.say(language),
            "then_said": said(one.then, one.metric, currency, language),
            "now_said": said(one.now, one.metric, currency, language),
            "change_said": signed(one.change, one.metric, currency, language),
            "metric_verdict": VERDICT[one.verdict].say(language),
            "corrected_said": None if one.corrected is None else said(one.corrected, one.metric, currency, language),
        }
        for one in lines
    ]
    names = ("code", *_COLUMNS, "corrected_said")
    return pa.table({name: pa.array([row[name] for row in rows], pa.string()) for name in names})


def _sheet(lines: Sequence[Compared], table: pa.Table) -> pa.Table:
    """The same with each number as a plain figure, shares in percent."""
    figures = {
        "now_figure": [_figure(one.now, one.metric) for one in lines],
        "then_figure": [_figure(one.then, one.metric) for one in lines],
    }
    for name, cells in figures.items():
        table = table.append_column(name, pa.array(cells, pa.float64()))
    return table


def _figure(value: Decimal | None, metric: Metric) -> float | None:
    return None if value is None else float(value * 100 if metric.unit == "rate" else value)
