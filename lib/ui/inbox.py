"""The inbox of what customers said in words: every quote as it was read, suggestions on their way to being told, themes over time."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import timedelta
from typing import Final

import streamlit as st

from lib import formats
from lib.domain import kinds
from lib.domain.dates import QUARTER_WEEKS
from lib.term_values import VALUE
from lib.text import Text
from lib.ui import downloads, forms, page, quotes, session, suggestions, themes
from lib.ui.filters import Scope

VIEWS: Final[dict[str, Text]] = {
    "quotes": Text("原话", "Quotes"),
    "suggestions": Text("建议", "Suggestions"),
    "themes": Text("主题", "Themes"),
}
PER_PAGE: Final = 20
_VIEW: Final = Text("看什么", "View")
_TODAY: Final = Text(
    "近 {weeks} 周 {texts}：差评 **{bad}**、好评 {good}。建议待归类 **{new}**、待告知客户 **{untold}**{oldest}。",
    "{texts} in {weeks} weeks: **{bad}** displeased, {good} pleased. To sort: **{new}**; customers to tell: **{untold}**{oldest}.",
)
_OLDEST: Final = Text("（最久 {days} 天）", " (the longest {days})")
_TEXTS: Final = Text("{count} 条原话", "{count}")
_ALL: Final = Text("全部", "All")
_MOOD: Final = Text("情绪", "Mood")
_KIND: Final = Text("来源", "From")
_THEME: Final = Text("主题", "Theme")
_SINCE: Final = Text("时间", "Time")
_SEARCH: Final = Text("找原话里的词", "Words in the quotes")
_KINDS: Final[dict[str, Text]] = {
    "all": _ALL,
    "answer": Text("评分的原话", "Comments with a score"),
    "suggestion": VALUE["kind"]["suggestion"],
    "complaint": VALUE["kind"]["complaint"],
}
_TIMES: Final[dict[str, Text]] = {
    "quarter": Text("近 {weeks} 周", "Last {weeks} weeks"),
    "year": Text("近一年", "Last year"),
    "all": _ALL,
}
_DAYS: Final = {"quarter": 7 * QUARTER_WEEKS, "year": 365}
_NOTHING: Final = Text("没有符合条件的原话。请放宽筛选。", "No quotes match. Loosen the filters.")
_NO_WORDS: Final = Text(
    "这段时间没有客户的原话。换个时间范围；新的在录入评分、投诉或建议时写下，或导入带评语的文件。",
    "No words of customers in that time. Look further back; new ones come with scores, complaints and suggestions, or from a file.",
)
_COUNT: Final = Text(
    "共 {count} 条，新的在前。橙色是不满，蓝色是满意，灰色是主题。",
    "{count}, the latest first. Orange: displeased, blue: pleased, grey: theme.",
)
_QUOTES: Final = Text("客户原话", "What customers said")
_COMPLAINTS: Final = Text("投诉的处理在“投诉”页", "Complaints are worked on under Complaints")


def view(scope: Scope) -> str:
    """What waits, then the choice of what to look at."""
    states = {row["state"]: row for row in page.rows("suggestion_states", scope)}
    since = scope.as_of - timedelta(days=_DAYS["quarter"])
    moods = dict.fromkeys(kinds.MOOD, 0) | {row["mood"]: row["texts"] for row in page.rows("inbox_moods", scope, since=since)}
    waiting = [states[state] for state in ("live", "declined") if state in states]
    oldest = max((row["oldest_days"] for row in waiting), default=0)
    said = session.say(
        _TODAY,
        weeks=QUARTER_WEEKS,
        texts=session.say(_TEXTS, count=formats.counted(sum(moods.values()), "quote", "quotes")),
        bad=formats.number(moods["bad"]),
        good=formats.number(moods["good"]),
        new=formats.number(states["new"]["suggestions"] if "new" in states else 0),
        untold=formats.number(sum(row["suggestions"] for row in waiting)),
        oldest=session.say(_OLDEST, days=formats.counted(oldest, "day", "days")) if oldest else "",
    )
    st.markdown(said)
    return forms.switch("view", VIEWS, _VIEW)


def show(chosen: str, scope: Scope) -> None:
    """The view that was chosen."""
    if chosen == "suggestions":
        suggestions.show(scope)
    elif chosen == "themes":
        themes.trend(scope, opens="quotes")
    else:
        _quotes(scope)


def _quotes(scope: Scope) -> None:
    filters = _filters(scope)
    asked = page.question("inbox_texts", scope, **filters, limit=PER_PAGE, offset=_offset())
    found = asked.answer()
    quotes.receipt()
    if not found.num_rows:
        if any(value for name, value in filters.items() if name != "since"):
            page.empty(_NOTHING)
        else:
            page.empty(_NO_WORDS, "entry", suggestions.TO_ENTRY, form="score")
        return
    total = found["total_count"][0].as_py()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(session.say(_COUNT, count=formats.counted(total, "quote", "quotes")))
        whole = page.question("inbox_texts", scope, **filters)
        downloads.export(downloads.Offer(_QUOTES, whole, total, prepare=suggestions.worded), scope)
    for row in found.to_pylist():
        quotes.show(row)
    if total > PER_PAGE:
        st.pagination(-(-total // PER_PAGE), key="quotes_page")
    if filters["said_kind"] == "complaint":
        page.link(_COMPLAINTS, "complaints")


def _filters(scope: Scope) -> dict[str, Hashable]:
    with st.container(horizontal=True, vertical_alignment="bottom", key="quote-filters"):
        kind = _chosen("from", _KINDS, _KIND)
        mood = _chosen("mood", {"all": _ALL, **kinds.MOOD}, _MOOD)
        theme = _chosen("theme", {"all": _ALL, **themes.NAMES}, _THEME)
        weeks = {name: words.filled(weeks=QUARTER_WEEKS) for name, words in _TIMES.items()}
        time = _chosen("time", weeks, _SINCE)
        search = st.text_input(session.say(_SEARCH), key="quote-search", on_change=_first_page, width=220)
    since = scope.as_of - timedelta(days=_DAYS[time]) if time in _DAYS else None
    found = {"said_kind": kind, "mood": mood, "theme": theme}
    return {**{name: None if value == "all" else value for name, value in found.items()}, "since": since, "search": search.strip() or None}


def _chosen(name: str, words: dict[str, Text], label: Text) -> str:
    """A list to choose from that stands in the URL under its own name."""
    key = f"quote-{name}"
    asked = page.asked(name)
    if key not in st.session_state and asked in words:
        st.session_state[key] = asked
    now = st.selectbox(
        session.say(label),
        list(words),
        key=key,
        format_func=lambda code: session.say(words[code]),
        on_change=_put,
        args=(name, key),
        width=170,
    )
    return str(now)


def _put(name: str, key: str) -> None:
    st.query_params[name] = st.session_state[key]
    _first_page()


def _first_page() -> None:
    st.session_state.pop("quotes_page", None)


def _offset() -> int:
    return (int(st.session_state.get("quotes_page", 1)) - 1) * PER_PAGE
