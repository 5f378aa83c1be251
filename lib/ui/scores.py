"""What the parts of the satisfaction page share: what is looked at, a score in words, two of them compared, the answers behind one."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import pyarrow as pa
import streamlit as st

from lib import formats, terms
from lib.domain import scores, statistics
from lib.domain.statistics import FEWEST_FOR_SCORE, VERDICT, Votes
from lib.text import Text
from lib.ui import downloads, page, session, tables
from lib.ui.filters import Scope

YEAR: Final = timedelta(days=365)
NOBODYS: Final = Text("（无）", "(none)")
_COMPARE: Final = Text("比较任意两个", "Compare any two")
_FIRST: Final = Text("这个", "This")
_SECOND: Final = Text("和这个比", "Against")
_COMPARED: Final = Text(
    "{first} {score}（n={n}）比 {second} {other}（n={other_n}）{change}：**{verdict}**",
    "{first} {score} (n={n}) against {second} {other} (n={other_n}), {change}: **{verdict}**",
)
_VERDICTS: Final = Text(
    "误差内：差距不到 1 个标准误；可能：1 到 1.96 个；确定：更多。窗口重叠的期间共用回答，不能这样比。",
    "Within chance: under 1 standard error; perhaps: 1 to 1.96; certain: more. Periods that overlap share answers: not to be compared so.",
)
_ANSWERS: Final = Text("{what}的回答", "Answers: {what}")
_ANSWER_COLUMNS: Final = (
    *("name", "score", "on_date", "comment", "channel", "answer_language", "entered_by_name", "is_own", "owner_name", "account_no"),
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which score is looked at, by which period, split by what; of which language, with or without scores typed by the rated."""

    metric: str
    period: str
    by: str
    voice: str | None = None
    without_own: bool = False
    wave_id: int | None = None

    @property
    def word(self) -> Text:
        """The score's short name."""
        return terms.VALUE["metric"][self.metric]

    def asked(self, **more: Hashable) -> dict[str, Hashable]:
        """Parameters of a question about these answers."""
        return {"metric": self.metric, "answer_language": self.voice, "without_own": self.without_own, **more}

    def window(self, scope: Scope) -> dict[str, Hashable]:
        """The answers groups are compared by: one wave's when one is chosen, else those of a year."""
        return {"wave_id": self.wave_id} if self.wave_id else {"since": scope.as_of - YEAR + timedelta(days=1)}


def said(score: float | None, metric: str, *, signed: bool = False) -> str:
    """A score as read: NPS in points with its sign, the others in per cent."""
    if score is None:
        return formats.MISSING
    plus = "+" if (signed or metric == "nps") and round(score) > 0 else ""
    return f"{plus}{formats.number(score)}{'' if metric == 'nps' else '%'}"


def votes(row: Mapping[str, Any]) -> Votes:
    """Counted answers as the statistics take them."""
    return Votes(row["top_votes"], row["low_votes"], row["votes"])


def verdict(metric: str, now: Mapping[str, Any], then: Mapping[str, Any]) -> Text:
    """Chance, perhaps or certain."""
    return VERDICT[statistics.difference(metric, votes(now), votes(then)) or "noise"]


def label(by: str, code: str | None) -> str:
    """A group's name."""
    words = scores.BY[by].words
    return session.say(NOBODYS) if code is None else session.say(words[code]) if code in words else code


def scored(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Those with answers enough for a score."""
    return [row for row in rows if row["n"] >= FEWEST_FOR_SCORE]


def compare(rows: Sequence[Mapping[str, Any]], metric: str, key: str) -> None:
    """Any two of the scores (each with its `name`), and whether they differ by more than chance."""
    known = {row["name"]: row for row in scored(rows)}
    if len(known) <= 1:
        return
    names = list(known)
    with st.expander(session.say(_COMPARE), icon=":material/compare_arrows:"):
        left, right = st.columns(2)
        first = left.selectbox(session.say(_FIRST), names, index=len(names) - 1, key=f"{key}_first")
        second = right.selectbox(session.say(_SECOND), names, index=len(names) - 2, key=f"{key}_second")
        now, then = known[first], known[second]
        values = {
            "first": page.md(str(first)),
            "score": said(now["score"], metric),
            "n": formats.number(now["n"]),
            "second": page.md(str(second)),
            "other": said(then["score"], metric),
            "other_n": formats.number(then["n"]),
            "change": said(now["score"] - then["score"], metric, signed=True),
        }
        st.markdown(session.say(_COMPARED, verdict=verdict(metric, now, then), **values))
        st.caption(session.say(_VERDICTS))


def figures(rows: Sequence[Mapping[str, Any]], names: Sequence[str], key: str, into: str) -> Mapping[str, Any] | None:
    """The scores as a table; the row clicked, named in the URL. Scores of too few answers are left blank."""
    shown = [{**row, **({} if row["n"] >= FEWEST_FOR_SCORE else dict.fromkeys(("score", "low", "high")))} for row in rows]
    picked = tables.pick(as_text(pa.Table.from_pylist(shown), "score"), names, key=key, into=into, by="place")
    return next((row for row in rows if row["place"] == picked), None)


def as_text(table: pa.Table, name: str) -> pa.Table:
    """A figure as tables want scores: text with the digits it has."""
    texts = [None if value is None else formats.number(value, 1) for value in table[name].to_pylist()]
    return table.set_column(table.schema.get_field_index(name), name, pa.array(texts, pa.string()))


def answers(what: str, query: str, scope: Scope, **asked: Hashable) -> None:
    """The answers behind one score, the latest first; a click opens the customer."""
    question = page.question(query, scope, **asked)
    table = question.answer(limit=tables.PAGE_ROWS, offset=tables.offset("answers"))
    title = Text(_ANSWERS.zh.format(what=what), _ANSWERS.en.format(what=what))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{page.md(session.say(title))}**")
        count = table["total_count"][0].as_py() if table.num_rows else 0
        downloads.export(downloads.Offer(title, question, count), scope)
    tables.show(table, _ANSWER_COLUMNS, key="answers", opens="customer")


def first_day(until: date, period: str, count: int) -> date:
    """The day the first of some last periods begins, so that none is cut."""
    each = {"month": 1, "quarter": 3}[period]
    months = until.year * 12 + until.month - 1
    begun = months - months % each - (count - 1) * each
    return date(begun // 12, begun % 12 + 1, 1)


def last_day(begun: date, period: str) -> date:
    """The last day of the month or quarter that begins on a day."""
    months = begun.year * 12 + begun.month - 1 + {"month": 1, "quarter": 3}[period]
    return date(months // 12, months % 12 + 1, 1) - timedelta(days=1)
