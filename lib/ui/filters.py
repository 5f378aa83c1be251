"""Filters live in the URL: a link shows the same view, and a choice a person may not see is not offered."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final, Literal

import streamlit as st

from lib import exports, formats
from lib.domain.dates import QUARTER_WEEKS
from lib.metrics import Cut, monday
from lib.review import pack
from lib.text import Text
from lib.ui import forms, page, session

BASES: Final[dict[str, Text]] = {"due": Text("按到期日", "By due date"), "invoice": Text("按开票日", "By invoice date")}

_AS_OF: Final = Text("截至日", "As of")
_CURRENCY: Final = Text("币种", "Currency")
_BASIS: Final = Text("账龄口径", "Ageing basis")
_EDGES: Final = Text("账龄分段（天）", "Ageing buckets (days)")
_EDGES_HELP: Final = Text(
    "递增的天数，用逗号分开，例如 30,60,90。30 表示 1–30 天为一段。",
    "Rising numbers of days with commas, such as 30,60,90. 30 means one bucket of 1–30 days.",
)
_EDGES_WRONG: Final = Text(
    "分段要是 1 到 8 个递增的天数，例如 30,60,90；现按默认分段显示。",
    "Buckets need 1 to 8 rising numbers such as 30,60,90; the default ones are shown.",
)
_MORE: Final = Text("筛选", "Filters")
_MORE_COUNT: Final = Text("筛选（{count}）", "Filters ({count})")
_ALL: Final = Text("全部", "All")
_CLEAR: Final = Text("清除筛选", "Clear filters")
_OLD: Final = Text("最新的记录是 {date} 的，之后没有新内容。", "The newest record is of {date}; nothing came after it.")
_OLD_WEEK: Final = Text("所以先看那一周。", "So its week is looked at first.")
_LOOK: Final = Text("看截至 {date} 的样子", "Look as of {date}")
_OLD_FROM: Final = timedelta(weeks=QUARTER_WEEKS)
"""What is measured looks back as far as that; beyond, pages show little or nothing."""
_PAIR: Final = Text("{name}：{value}", "{name}: {value}")
_MOST_EDGES: Final = 8
_FIRST_DAY: Final = date(1970, 1, 1)
"""Left to itself the field ends ten years ago, and an older date in the address would silently show today."""
_YEARS_AHEAD: Final = 10
LISTS: Final = ("owner_id", "team", "region", "segment")


@dataclass(frozen=True, slots=True)
class Scope:
    """What a view is limited to; each field is a query parameter of the same name, null means all."""

    as_of: date
    known_at: datetime | None = None
    currency: str | None = None
    owner_id: int | None = None
    team: str | None = None
    region: str | None = None
    segment: str | None = None
    edges: tuple[int, ...] | None = None
    basis: str = "due"
    words: tuple[tuple[str, str], ...] = ()
    """The filters in words, for captions and files."""

    def parameters(self) -> dict[str, Hashable]:
        """Named query parameters."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "words"}

    def cut(self) -> Cut:
        """The same filters for metrics."""
        return Cut(self.currency, self.owner_id, self.team, self.region, self.segment)

    def said(self) -> str:
        """The filters in one line; empty when nothing is filtered."""
        return " · ".join(session.say(_PAIR, name=name, value=value) for name, value in self.words)

    def address(self) -> dict[str, object]:
        """The same filters as they stand in a URL, to take along to another page."""
        shown = dict(self.words)
        chosen = {name: shown.get(_label(name)) for name in LISTS}
        return {"currency": self.currency, **chosen}


def bar(*, money: bool = True, edges: bool = False, dated: bool = True) -> Scope:
    """The filters on top of a page: date (a page of its own weeks has none), currency, then lists behind one button."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
        scope = Scope(_date() if dated else session.as_of(), session.known_at())
        wanted = currency(scope) if money else None
        basis = forms.switch("basis", BASES, _BASIS, labelled=True) if edges else "due"
        chosen, said, cut = _lists(scope, edges=edges)
    scope = replace(scope, currency=wanted, basis=basis, edges=cut, words=tuple(said), **chosen)  # type: ignore[arg-type]
    if said:
        st.caption(page.md(scope.said()))
    return scope


def look_back(scope: Scope, newest: Literal["money_on", "score_on"] = "money_on") -> None:
    """Where the newest record is, when it is too old for anything to show, and the way to its day."""
    found = page.row("newest_days", scope)
    day = found[newest] if found else None
    if day is None or scope.as_of - day <= _OLD_FROM:
        return
    said = formats.full_date(day, session.language())
    with st.container(horizontal=True, vertical_alignment="center", border=True, key="look_back"):
        st.markdown(f":material/history: {session.say(_OLD, date=said)}", width="content")
        label, arrow = session.say(_LOOK, date=said), ":material/arrow_forward:"
        st.button(label, key="look_back_go", type="tertiary", icon=arrow, icon_position="right", on_click=_look, args=(day,))


def newest_week(scope: Scope) -> date:
    """The Monday of the week to look at first: the last one that is over; where it would show nothing, the newest record's."""
    found = page.row("newest_days", scope) or {}
    day = old_day(found, scope.as_of)
    if day is None:
        return pack.last_week(scope.as_of)
    said = session.say(_OLD, date=formats.full_date(day, session.language()))
    st.caption(f":material/history: {said} {session.say(_OLD_WEEK)}")
    return monday(day)


def old_day(newest: Mapping[str, date | None], as_of: date) -> date | None:
    """The newest record's day where that is so long past that the last weeks would show nothing; else None."""
    day = max((day for day in newest.values() if day), default=None)
    return day if day and as_of - day > _OLD_FROM else None


def week(name: str, label: Text, usual: date, count: int) -> date:
    """A week that stands in the address under a name (2026-W26): of the last ones that are over, or of those up to the usual one."""
    newest, back = {pack.last_week(session.as_of()), usual}, [timedelta(weeks=back) for back in range(count)]
    mondays = sorted({last - before for last in newest for before in back}, reverse=True)
    offered = {formats.iso_week(day): day for day in mondays}
    key, wanted = f"switch-{name}", page.asked(name)
    st.session_state[key] = wanted if wanted in offered else formats.iso_week(usual)
    chosen = st.selectbox(
        session.say(label),
        list(offered),
        key=key,
        format_func=lambda one: formats.week(offered[one], session.language()),
        on_change=lambda: st.query_params.update({name: st.session_state[key]}),
        width=300,
    )
    return offered[chosen]


def _look(day: date) -> None:
    st.session_state["as_of"] = day


def parse_edges(text: str) -> tuple[int, ...] | None:
    """Bucket edges from "30,60,90" in any comma; None when they are not 1 to 8 rising whole numbers above 0."""
    parts = [part.strip() for part in text.replace("，", ",").replace("、", ",").split(",") if part.strip()]
    if not all(part.isascii() and part.isdecimal() and len(part) < 5 for part in parts):  # noqa: PLR2004 (27 years)
        return None
    numbers = tuple(int(part) for part in parts)
    rising = all(low < high for low, high in zip((0, *numbers), numbers, strict=False))
    return numbers if rising and 0 < len(numbers) <= _MOST_EDGES else None


def _date() -> date:
    first, today = _FIRST_DAY, session.today()
    last = date(today.year + _YEARS_AHEAD, 12, 31)
    chosen = st.date_input(session.say(_AS_OF), today, first, last, key="as_of", bind="query-params", format="YYYY-MM-DD", width=150)
    return chosen if isinstance(chosen, date) else session.today()


def currency(scope: Scope) -> str:
    """The one money is shown in: the most used, unless another is chosen."""
    used = [row["currency"] for row in page.rows("currencies", scope)] or [session.settings()["base_currency"]]
    if len(used) == 1:
        return str(used[0])
    chosen = st.segmented_control(session.say(_CURRENCY), used, default=used[0], required=True, key="currency", bind="query-params")
    return str(chosen or used[0])


def _lists(scope: Scope, *, edges: bool) -> tuple[dict[str, object], list[tuple[str, str]], tuple[int, ...] | None]:
    choices = page.rows("filter_choices", scope)
    active = sum(page.asked(name) is not None for name in (*LISTS, "buckets"))
    label = session.say(_MORE_COUNT, count=active) if active else session.say(_MORE)
    with st.popover(label, width="content", key="filters_more", type="primary" if active else "secondary"):
        found = {name: _list(name, [row for row in choices if row["field"] == name]) for name in LISTS}
        cut = _edges(scope) if edges else None
        if active:
            st.button(session.say(_CLEAR), key="filters_clear", on_click=_clear, width="stretch")
    said = [(_label(name), label) for name, (_, label) in found.items() if label]
    return {name: value for name, (value, _) in found.items()}, said, cut


def _list(name: str, choices: Sequence[Mapping[str, str]]) -> tuple[int | str | None, str | None]:
    """One list; its value and its words. Names that occur twice carry their number."""
    labels = [row["label"] for row in choices]
    words = {row["choice"]: row["label"] if labels.count(row["label"]) == 1 else f"{row['label']} #{row['choice']}" for row in choices}
    label = _label(name)
    chosen = st.selectbox(
        label,
        list(words),
        index=None,
        format_func=lambda choice: words.get(choice, choice),
        placeholder=session.say(_ALL),
        key=name,
        bind="query-params",
    )
    if chosen is None:
        return None, None
    return (int(chosen) if name == "owner_id" else chosen), words.get(chosen, chosen)


def _label(name: str) -> str:
    return session.say(exports.label("owner_name" if name == "owner_id" else name))


def _edges(scope: Scope) -> tuple[int, ...]:
    """The edges asked for; those in force when the text cannot be read."""
    in_force = tuple(page.rows("bucket_edges", scope)[0]["edges"])
    usual = ",".join(map(str, in_force))
    text = st.text_input(session.say(_EDGES), value=usual, help=session.say(_EDGES_HELP), key="buckets", bind="query-params")
    found = parse_edges(text or usual)
    if found is None:
        st.warning(session.say(_EDGES_WRONG))
    return found or in_force


def _clear() -> None:
    for name in LISTS:
        st.session_state[name] = None
    if "buckets" in st.session_state:
        st.session_state["buckets"] = ""  # read as the usual ones
