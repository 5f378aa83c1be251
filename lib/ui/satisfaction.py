"""Satisfaction: scores with what chance leaves open, by period and by group; low scores and open complaints with who follows up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from lib import formats, terms
from lib.domain import kinds, scores, statistics
from lib.domain.dates import QUARTER_WEEKS
from lib.domain.statistics import FEW_ANSWERS, FEWEST_FOR_SCORE, VERDICT
from lib.text import Text
from lib.ui import charts, downloads, forms, page, session, tables
from lib.ui.charts import Axis
from lib.ui.filters import Scope

WINDOW: Final = timedelta(weeks=QUARTER_WEEKS)
_PERIOD: Final[dict[str, Text]] = {"quarter": Text("按季", "By quarter"), "month": Text("按月", "By month")}
_MONTHS: Final = {"month": 1, "quarter": 3}
_PERIODS: Final = {"month": 12, "quarter": 8}
_BY: Final[dict[str, Text]] = {
    "region": Text("地区", "Region"),
    "owner": terms.COLUMN["owner_name"],
    "team": Text("团队", "Team"),
    "segment": Text("细分", "Segment"),
    "channel": Text("渠道", "Channel"),
    "frequency": Text("频次", "Frequency"),
    "amount": Text("金额档", "Amount"),
}
_WORDS: Final = {"channel": kinds.CHANNEL, "frequency": terms.VALUE["frequency"], "amount": terms.VALUE["amount_grade"]}
_WHICH: Final = Text("指标", "Metric")
_HOW: Final = Text("期间", "Period")
_GROUPING: Final = Text("按什么分", "Group by")
_NOW: Final = Text("近 13 周 {metric} {score}（{low} 到 {high}，n={n}）", "{metric} {score} over 13 weeks ({low} to {high}, n={n})")
_AGAINST: Final = Text("，比前 13 周 {change}：{verdict}", ", {change} on the 13 weeks before: {verdict}")
_FEW: Final = Text("，样本少", ", few answers")
_TOO_FEW: Final = Text(
    "近 13 周只有 {n} 个 {metric} 回答，少于 {least} 个时不算分", "Only {n} {metric} answers in 13 weeks: under {least} there is no score"
)
_EMPTY: Final = Text(
    "这里还没有评分。录入或导入评分后，就能看到走势。", "There are no scores yet. Record or import some to see how they move."
)
_ENTRY: Final = Text("去录入", "Record scores")
_TREND: Final = Text("最近一期 {period}：{score}（n={n}）", "Latest, {period}: {score} (n={n})")
_TREND_NONE: Final = Text("回答太少，暂无走势", "Too few answers for a trend")
_TREND_ABOUT: Final = Text(
    "{metric}，{scale}；灰条为 95% 区间，少于 {least} 个回答不画",
    "{metric}, {scale}; grey bars are 95% intervals, under {least} answers not drawn",
)
_SCALE: Final[dict[str, Text]] = {
    "nps": Text("推荐者减贬损者，−100 到 100", "promoters less detractors, −100 to 100"),
    "csat": Text("4–5 分的百分比", "per cent of 4–5"),
    "ces": Text("觉得轻松（5–7 分）的百分比", "per cent who found it easy (5–7)"),
}
_LOWEST: Final = Text("{label}最低：{score}（n={n}）", "{label} is lowest: {score} (n={n})")
_GROUP_ABOUT: Final = Text(
    "{metric}，近 12 个月，低的在前；区间重叠的组可能并无差别",
    "{metric}, last 12 months, lowest first; where intervals overlap there may be no difference",
)
_GROUP_NONE: Final = Text("各组回答都少于 {least} 个", "Each group has under {least} answers")
_NOBODYS: Final = Text("（无）", "(none)")
_LOW: Final = Text("低分回访", "Low scores to call back")
_LOW_ABOUT: Final = Text(
    "近 90 天 {count} 个低分，{waiting} 个还没回访，{late} 个超期", "{count} low scores in 90 days, {waiting} not called back, {late} late"
)
_NO_LOW: Final = Text("近 90 天没有低分。", "No low scores in the last 90 days.")
_COMPLAINTS: Final = Text("未结投诉", "Open complaints")
_COMPLAINTS_ABOUT: Final = Text(
    "{count} 件，{late} 件过了答复日；严重的在前", "{count}, of which {late} past their answer date; the severe first"
)
_NO_COMPLAINTS: Final = Text("没有未结的投诉。", "No complaint is open.")
_LOW_SHOWN: Final = (
    "name",
    "metric",
    "score",
    "on_date",
    "comment",
    "task_owner_name",
    "task_due_on",
    "task_done_on",
    "is_late",
)
_COMPLAINTS_SHOWN: Final = ("name", "subject", "severity", "cause", "state", "on_date", "due_on", "is_late", "owner_name")
_MOST_GROUPS: Final = 10
_TALL: Final = 420
_RECENT: Final = timedelta(days=90)
_YEAR: Final = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which score is looked at, by which period, split by what."""

    metric: str
    period: str
    by: str

    @property
    def word(self) -> Text:
        """The score's short name."""
        return terms.VALUE["metric"][self.metric]


def choose(scope: Scope) -> Chosen | None:
    """What to look at, from the URL; None when nobody has answered anything."""
    if not page.rows("satisfaction", scope):
        page.empty(_EMPTY, "entry", _ENTRY)
        return None
    with st.container(horizontal=True, key="satisfaction_choice"):
        metric = forms.switch("metric", terms.VALUE["metric"], _WHICH, labelled=True)
        period = forms.switch("period", _PERIOD, _HOW, labelled=True)
        by = forms.switch("by", _BY, _GROUPING, labelled=True)
    return Chosen(metric, period, by)


def headline(chosen: Chosen, scope: Scope) -> None:
    """The score now, and whether it differs from the quarter before by more than chance."""
    now = _counted(chosen, scope, scope.as_of)
    if now is None or now["n"] < FEWEST_FOR_SCORE:
        count = now["n"] if now else 0
        st.markdown(f"#### {session.say(_TOO_FEW, n=count, metric=chosen.word, least=FEWEST_FOR_SCORE)}")
        return
    ends = {end: _said(now[end], chosen) for end in ("score", "low", "high")}
    said = session.say(_NOW, metric=chosen.word, n=formats.number(now["n"]), **ends)
    before = _counted(chosen, scope, scope.as_of - WINDOW)
    if before and before["n"] >= FEWEST_FOR_SCORE:
        said += session.say(
            _AGAINST, change=_said(now["score"] - before["score"], chosen, signed=True), verdict=_verdict(chosen, now, before)
        )
    if now["n"] < FEW_ANSWERS:
        said += session.say(_FEW)
    st.markdown(f"#### {page.md(said)}")


def trend(chosen: Chosen, scope: Scope) -> None:
    """The score of each period with its interval and number of answers."""
    since = first_day(scope.as_of, chosen.period)
    table = page.read("satisfaction", scope, metric=chosen.metric, period=chosen.period, since=since)
    enough = pc.greater_equal(table["n"], FEWEST_FOR_SCORE)
    for name in ("score", "low", "high"):
        place = table.schema.get_field_index(name)
        table = table.set_column(place, name, pc.if_else(enough, table[name], None))
    scored = [row for row in table.to_pylist() if row["score"] is not None]
    last = scored[-1] if scored else {}
    values = {"period": last.get("period"), "score": _said(last.get("score"), chosen), "n": formats.number(last.get("n"))}
    about = {"metric": chosen.word, "scale": _SCALE[chosen.metric], "least": FEWEST_FOR_SCORE}
    said = charts.caption("satisfaction_trend", _TREND if scored else _TREND_NONE, _TREND_ABOUT, **(values if scored else {}), **about)
    charts.trend(table, said, height=_TALL)


def groups(chosen: Chosen, scope: Scope) -> None:
    """The same score split by region, person, team, segment, channel or class, the lowest first."""
    table = page.read(scores.counted_by(chosen.by), scope, metric=chosen.metric, by=chosen.by, since=scope.as_of - _YEAR)
    table = table.filter(pc.greater_equal(table["n"], FEWEST_FOR_SCORE)).sort_by("score").slice(0, _MOST_GROUPS)
    labels = [_label(chosen.by, code) for code in table["label"].to_pylist()]
    table = table.set_column(table.schema.get_field_index("label"), "label", pa.array(labels, pa.string()))
    lowest = next(iter(table.to_pylist()), None)
    values = (
        {"label": page.md(lowest["label"]), "score": _said(lowest["score"], chosen), "n": formats.number(lowest["n"])}
        if lowest
        else {"least": FEWEST_FOR_SCORE}
    )
    finding = _LOWEST if lowest else _GROUP_NONE
    charts.spread(table, charts.caption("satisfaction_groups", finding, _GROUP_ABOUT, metric=chosen.word, **values), Axis("label"))


def low_scores(scope: Scope) -> None:
    """Answers that want a call back, with whose task it is; a click opens the customer."""
    asked = page.question("low_scores", scope, since=scope.as_of - _RECENT)
    table = asked.answer()
    page.section(_LOW)
    if not table.num_rows:
        page.empty(_NO_LOW)
        return
    waiting, late = table["task_done_on"].null_count, pc.sum(table["is_late"]).as_py()
    st.caption(session.say(_LOW_ABOUT, count=table.num_rows, waiting=waiting, late=late))
    downloads.export(downloads.Offer(_LOW, asked, table.num_rows), scope)
    tables.show(table, _LOW_SHOWN, key="low_scores", opens="customer")


def complaints(scope: Scope) -> None:
    """Complaints whose outcome the customer has not been told; a click opens the customer."""
    asked = page.question("complaints", scope, queue="open")
    table = asked.answer()
    page.section(_COMPLAINTS)
    if not table.num_rows:
        page.empty(_NO_COMPLAINTS)
        return
    st.caption(session.say(_COMPLAINTS_ABOUT, count=table.num_rows, late=pc.sum(table["is_late"]).as_py()))
    downloads.export(downloads.Offer(_COMPLAINTS, asked, table.num_rows), scope)
    tables.show(table, _COMPLAINTS_SHOWN, key="open_complaints", opens="customer")


def first_day(until: date, period: str) -> date:
    """The day the first period shown begins, so that none is cut."""
    months = until.year * 12 + until.month - 1
    begun = months - months % _MONTHS[period] - (_PERIODS[period] - 1) * _MONTHS[period]
    return date(begun // 12, begun % 12 + 1, 1)


def _counted(chosen: Chosen, scope: Scope, until: date) -> dict[str, Any] | None:
    return page.row("satisfaction", scope, metric=chosen.metric, as_of=until, since=until - WINDOW + timedelta(days=1))


def _verdict(chosen: Chosen, now: Mapping[str, Any], before: Mapping[str, Any]) -> Text:
    """Chance, perhaps or certain."""
    if chosen.metric == "nps":
        names = ("promoters", "detractors", "n")
        found = statistics.nps_difference(tuple(now[name] for name in names), tuple(before[name] for name in names))
    else:
        found = statistics.share_difference((now["promoters"], now["n"]), (before["promoters"], before["n"]))
    return VERDICT[found or "noise"]


def _said(score: float | None, chosen: Chosen, *, signed: bool = False) -> str:
    """A score as read: NPS in points with its sign, the others in per cent."""
    if score is None:
        return formats.MISSING
    plus = "+" if (signed or chosen.metric == "nps") and round(score) > 0 else ""
    return f"{plus}{formats.number(score)}{'' if chosen.metric == 'nps' else '%'}"


def _label(by: str, code: str | None) -> str:
    words = _WORDS.get(by, {})
    return session.say(_NOBODYS) if code is None else session.say(words[code]) if code in words else code
