"""What customers speak of: each theme in the last 91 days beside the 91 before, how it felt, and whether the change is more than chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pyarrow as pa
import streamlit as st

from lib import formats
from lib.domain import kinds, statistics
from lib.domain.statistics import VERDICT
from lib.text import Text, listed
from lib.ui import charts, downloads, page, session, tables, theme
from lib.ui.charts import Axis, Measure
from lib.ui.filters import Scope

_TITLE: Final = Text("客户在说什么", "What customers speak of")
_ABOUT: Final = Text(
    "近 91 天 {texts}，此前 91 天 {before}；一条可以有几个主题。“差评”按词表、模型或人工更正判断。",
    "{texts} in the last 91 days, {before} in the 91 before; a text may have several themes. "
    "Mood as read by the word list, the model or a person.",
)
_NOTHING: Final = Text(
    "这段时间没有客户的原话。评分时写下原话，或导入带评语的文件。",
    "No words of customers in this time. Write down what they say with a score, or import a file with comments.",
)
_FINDING: Final = Text("差评最多的主题是“{theme}”：{count}", "Most displeased about “{theme}”: {count}")
_NO_BLAME: Final = Text("近 91 天没有差评。", "No displeased text in the last 91 days.")
_MORE: Final = Text("比此前确定变多的差评：{themes}。", "Certainly more displeased than before: {themes}.")
_UNIT: Final = Text("每个主题的原话条数，截至 {day} 的 91 天，n={n}", "Texts per theme in the 91 days up to {day}, n={n}")
_UP: Final = Text("{verdict}变多 ▲", "{verdict} more ▲")
_DOWN: Final = Text("{verdict}变少 ▼", "{verdict} fewer ▼")
_TEXTS: Final = Text("{count} 条", "{count}")
_LIST: Final = ("theme_name", "named_count", "bad_count", "bad_rate", "named_before", "bad_before", "bad_before_rate", "change")
NONE: Final = Text("没说到主题", "No theme named")
NAMES: Final[dict[str, Text]] = {**kinds.THEME, "none": NONE}


def trend(scope: Scope, *, opens: str | None = None) -> None:
    """Themes as bars by mood and as a table beside the time before; a click on a row opens the quotes behind it in the view `opens`."""
    asked = page.question("inbox_themes", scope)
    table = asked.answer()
    rows = table.to_pylist()
    if not rows:
        page.section(_TITLE)
        page.empty(_NOTHING)
        return
    texts, before = (_texts(rows[0][name]) for name in ("texts", "texts_before"))
    page.section(_TITLE, _ABOUT, texts=texts, before=before)
    told = compared(table)
    if more := _grown(rows):
        st.markdown(page.md(session.say(_MORE, themes=listed(more))))
    _chart(rows, scope)
    downloads.export(downloads.Offer(_TITLE, asked, told.num_rows, prepare=compared), scope)
    if opens:
        chosen = tables.pick(told, _LIST, key="themes", into="told_of", by="theme")
        if chosen:
            for kept in ("switch-view", "quote-theme"):  # what these were put to before would win over the address
                st.session_state.pop(kept, None)
            page.open("inbox", view=opens, theme=chosen)
    else:
        tables.plain(told, _LIST, key="themes")


def compared(table: pa.Table) -> pa.Table:
    """The themes in words, with shares of the texts and whether the displeased are more or fewer by more than chance."""
    rows = [{**row, **_said(row)} for row in table.to_pylist()]
    schema = pa.schema(
        [
            *((name, pa.string()) for name in ("theme", "theme_name", "change")),
            *((name, pa.int32()) for name in ("named_count", "bad_count", "named_before", "bad_before")),
            *((name, pa.float64()) for name in ("bad_rate", "bad_before_rate")),
        ]
    )
    return pa.Table.from_pylist(rows, schema=schema)


def _said(row: Mapping[str, Any]) -> dict[str, Any]:
    now, before = _rate(row["bad_count"], row["texts"]), _rate(row["bad_before"], row["texts_before"])
    verdict = _verdict(row)
    return {
        "theme_name": session.say(NAMES[row["theme"]]),
        "bad_rate": now,
        "bad_before_rate": before,
        "change": _change(verdict, (now or 0) - (before or 0)),
    }


def _change(verdict: statistics.Verdict | None, by: float) -> str | None:
    if verdict in {None, "noise"}:
        return session.say(VERDICT["noise"]) if verdict else None
    return session.say(_UP if by > 0 else _DOWN, verdict=VERDICT[verdict])


def _verdict(row: Mapping[str, Any]) -> statistics.Verdict | None:
    return statistics.share_difference((row["bad_count"], row["texts"]), (row["bad_before"], row["texts_before"]))


def _grown(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Themes that are certainly blamed more than before."""
    more = [row for row in rows if _verdict(row) == "sure" and row["bad_count"] * row["texts_before"] > row["bad_before"] * row["texts"]]
    return [session.say(NAMES[row["theme"]]) for row in more]


def _chart(rows: Sequence[Mapping[str, Any]], scope: Scope) -> None:
    parts = [
        {"theme_name": session.say(NAMES[row["theme"]]), "mood": mood, "texts": count}
        for row in rows
        for mood, count in _moods(row).items()
        if row["named_count"]
    ]
    if not parts:
        return
    worst = max(rows, key=lambda row: (row["bad_count"], row["named_count"]))
    finding = _FINDING if worst["bad_count"] else _NO_BLAME
    values = {"theme": NAMES[worst["theme"]], "count": _texts(worst["bad_count"])}
    day = formats.full_date(scope.as_of, session.language())
    said = charts.caption("theme_moods", finding, _UNIT, **values, day=day, n=formats.number(rows[0]["texts"]))
    colours = theme.palette()
    axis = Axis("mood", words=kinds.MOOD, colours=(colours.better, colours.neutral, colours.worse))
    charts.stacked(pa.Table.from_pylist(parts), said, "theme_name", Measure("texts"), axis)


def _moods(row: Mapping[str, Any]) -> dict[str, int]:
    return {"good": row["good_count"], "neither": row["named_count"] - row["good_count"] - row["bad_count"], "bad": row["bad_count"]}


def _rate(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _texts(count: int) -> str:
    return session.say(_TEXTS, count=formats.counted(count, "text", "texts"))
