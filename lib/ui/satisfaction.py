"""Satisfaction: the score now and whether it really moved, its history, and what became of low scores."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import timedelta
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from lib import formats, terms
from lib.domain import scores, statistics
from lib.domain.dates import QUARTER_WEEKS
from lib.domain.statistics import FEW_ANSWERS, FEWEST_FOR_SCORE
from lib.text import Text, listed, plain
from lib.ui import charts, downloads, forms, page, session, tables, voice_charts
from lib.ui.filters import Scope
from lib.ui.scores import YEAR, Chosen, answers, compare, figures, first_day, label, last_day, said, scored, verdict, votes

WINDOW: Final = timedelta(weeks=QUARTER_WEEKS)
VIEWS: Final[dict[str, Text]] = {
    "trend": Text("走势", "Trend"),
    "where": Text("差在哪", "Where"),
    "voices": Text("低分", "Low scores"),
    "coverage": Text("听到谁", "Coverage"),
    "journey": Text("历程", "Journey"),
}
_VIEW: Final = Text("看什么", "View")
_WHICH: Final = Text("指标", "Metric")
_HOW: Final = Text("期间", "Period")
_VOICE: Final = Text("回答的语言", "Answered in")
_TOGETHER: Final = Text("合在一起", "Together")
_OWN: Final = Text("被评价的人自己录的分", "Typed by the rated")
_OWN_CHOICE: Final[dict[str, Text]] = {"with": Text("算", "Count"), "without": Text("不算", "Leave out")}
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
_ACCOUNTS: Final = Text(
    "一个客户一票：{score}（n={n} 个客户，决策人按规则多算）",
    "One vote per account: {score} (n={n} accounts, who decides counts by the rule)",
)
_OTHERS: Final = Text("{spoken} {score}（n={n}）", "{spoken} {score} (n={n})")
_NOT_COMPARED: Final = Text(
    "另有{others}。中文作答的人较少给极端分，所以两种语言分开看，不比高低。",
    "Also {others}. People answering in Chinese use the ends of a scale less, so languages stand apart and are not compared.",
)
_OWN_SAID: Final = Text("{n} 个由被评价的客户经理自己录入", "{n} typed in by the account manager they rate")
_SHIFTED: Final = Text(
    "回答的渠道变了：{channel}从 {before} 变成 {now}。各渠道的人给分习惯不同，在同一渠道内比，{change}。",
    "Other channels than before: {channel} went from {before} to {now} of answers. Each has habits of its own; within channels: {change}.",
)
_SHIFTED_APART: Final = Text(
    "回答的渠道变了：{channel}从 {before} 变成 {now}，没有可比的渠道，前后的分不能比。",
    "Other channels than before: {channel} went from {before} to {now} of answers; no channel has enough in both, so do not compare.",
)
_BY_CHANNEL: Final = Text("按渠道看", "By channel")
_TREND: Final = Text("最近一期 {period}：{score}（n={n}）", "Latest, {period}: {score} (n={n})")
_TREND_NONE: Final = Text("回答太少，暂无走势", "Too few answers for a trend")
_TREND_ABOUT: Final = Text(
    "{metric}，{scale}；灰条为 95% 区间，少于 {least} 个回答不画{more}",
    "{metric}, {scale}; grey bars are 95% intervals, under {least} answers not drawn{more}",
)
_ROLLING: Final = Text(
    "；每点是到那天为止的 13 周，相邻的点共用回答", "; each point is the 13 weeks up to its day, so neighbours share answers"
)
_WAVES: Final = Text("；知道名单人数，抽样的按层加权", "; the size of the list is known, samples are weighted by stratum")
_SCALE: Final[dict[str, Text]] = {
    "nps": Text("推荐者减贬损者，−100 到 100", "promoters less detractors, −100 to 100"),
    "csat": Text("4–5 分的百分比", "per cent of 4–5"),
    "ces": Text("觉得轻松（5–7 分）的百分比", "per cent who found it easy (5–7)"),
}
_PARTS: Final[dict[str, dict[str, Text]]] = {
    "nps": {
        "detractors": Text("贬损者 0–6", "Detractors 0–6"),
        "passives": Text("中立 7–8", "Passives 7–8"),
        "promoters": Text("推荐者 9–10", "Promoters 9–10"),
    },
    "csat": {
        "detractors": Text("不满 1–2", "Dissatisfied 1–2"),
        "passives": Text("一般 3", "Neutral 3"),
        "promoters": Text("满意 4–5", "Satisfied 4–5"),
    },
    "ces": {"detractors": Text("费力 1–3", "Hard 1–3"), "passives": Text("一般 4", "Neutral 4"), "promoters": Text("轻松 5–7", "Easy 5–7")},
}
_COMPOSED: Final = Text("最近一期低分占 {share}", "Low scores are {share} of the latest")
_COMPOSED_ABOUT: Final = Text(
    "各期回答的构成，低分在左；少于 {least} 个回答不画", "Answers by period, low ones left; under {least} not drawn"
)
_MOST: Final = {"month": 12, "quarter": 8, "rolling": 26, "wave": 12}
_FIGURES: Final = ("period", "score", "low", "high", "n", "promoters", "passives", "detractors", "verdict")
_LOW: Final = Text("低分回访", "Low scores to call back")
_LOW_ABOUT: Final = Text(
    "近 90 天 {count} 个低分，{waiting} 个还没回访，{late} 个超期", "{count} low scores in 90 days, {waiting} not called back, {late} late"
)
_NO_LOW: Final = Text("近 90 天没有低分。", "No low scores in the last 90 days.")
_FOLLOWED: Final = Text("近一年 {in_time} / {judged} 个低分按时跟进", "{in_time} of {judged} low scores of a year followed up in time")
_HOURS: Final = Text("当天记下的 {timed} 个，一半在 {hours} 小时内跟进", "of {timed} noted the same day, half within {hours} hours")
_HOURS_NONE: Final = Text("当天记下的 {timed} 个，一半以上还没跟进", "of {timed} noted the same day, more than half wait")
_AGAIN: Final = Text(
    "{recovered} / {asked} 个再次评分时不再是低分（{low}% 到 {high}%）",
    "{recovered} of {asked} asked again were low no more ({low}% to {high}%)",
)
_AGAIN_NONE: Final = Text("还没有低分客户在期限内再次评分", "no low scorer has been asked again in time yet")
_LOW_SHOWN: Final = (*("name", "metric", "score", "on_date", "comment", "task_owner_name", "task_due_on", "task_done_on", "is_late"),)
_RECENT: Final = timedelta(days=90)


def shows_money() -> bool:
    """Whether what is looked at has amounts, known before the filters are drawn."""
    return forms.chosen("view", VIEWS) == "coverage"


def choose(scope: Scope) -> Chosen | None:
    """What to look at, from the URL, below the finding it comes to; None when nobody has answered anything."""
    if not page.rows("satisfaction", scope):
        page.empty(_EMPTY, "entry", _ENTRY)
        return None
    above = st.container()
    chosen = _chosen(scope)
    with above:
        headline(chosen, scope)
    return chosen


def _chosen(scope: Scope) -> Chosen:
    with st.container(horizontal=True, key="satisfaction_choice"):
        metric = forms.switch("metric", terms.VALUE["metric"], _WHICH, labelled=True)
        voice = _voice(metric, scope)
        own = _typed_by_the_rated(metric, scope)
        left_out = (own or page.asked("own") == "without") and forms.switch("own", _OWN_CHOICE, _OWN, labelled=True) == "without"
    wave_id = page.asked_number("wave")
    return Chosen(metric, forms.chosen("period", scores.PERIOD), forms.chosen("by", _groupings()), voice, bool(left_out), wave_id)


def view() -> str:
    """Which part of the page is looked at."""
    return forms.switch("view", VIEWS, _VIEW)


def _groupings() -> dict[str, Text]:
    return {name: one.label for name, one in scores.BY.items()}


def _voice(metric: str, scope: Scope) -> str | None:
    """The language answers were given in, one by one when there are several with a score; first what has a score to begin with."""
    spoken = _by(metric, scope, "language", since=scope.as_of - YEAR)
    known = sorted((row for code, row in spoken.items() if code and row["n"] >= FEWEST_FOR_SCORE), key=lambda row: -row["n"])
    if len(known) <= 1:
        return None
    apart = {row["label"]: scores.LANGUAGE.get(row["label"], plain(row["label"])) for row in known}
    together = {"all": _TOGETHER}
    options = {**apart, **together} if _leads(known[0], metric, scope) else {**together, **apart}
    chosen = forms.switch("voice", options, _VOICE, labelled=True)
    return None if chosen == "all" else chosen


def _leads(language: Mapping[str, Any], metric: str, scope: Scope) -> bool:
    """Whether a language has a score now and is not outnumbered by answers whose language nobody knows."""
    spoken = _by(metric, scope, "language", since=scope.as_of - WINDOW + timedelta(days=1))
    count = spoken.get(language["label"], {"n": 0})["n"]
    return bool(count >= max(FEWEST_FOR_SCORE, spoken.get(None, {"n": 0})["n"]))


def _typed_by_the_rated(metric: str, scope: Scope) -> int:
    found = _by(metric, scope, "entry", since=scope.as_of - YEAR)
    return int(found["own"]["n"]) if "own" in found else 0


def _by(metric: str, scope: Scope, by: str, **asked: Hashable) -> dict[str | None, dict[str, Any]]:
    return {row["label"]: row for row in page.rows("satisfaction", scope, metric=metric, by=by, **asked)}


def headline(chosen: Chosen, scope: Scope) -> None:
    """The score now, whether it differs from the quarter before by more than chance, and what to know before believing it."""
    now = _counted(chosen, scope)
    if now is None or now["n"] < FEWEST_FOR_SCORE:
        count = now["n"] if now else 0
        st.markdown(f"#### {session.say(_TOO_FEW, n=count, metric=chosen.word, least=FEWEST_FOR_SCORE)}")
        return
    ends = {end: said(now[end], chosen.metric) for end in ("score", "low", "high")}
    sentence = session.say(_NOW, metric=chosen.word, n=formats.number(now["n"]), **ends)
    before = _counted(chosen, scope, earlier=True)
    if before and before["n"] >= FEWEST_FOR_SCORE:
        change = said(now["score"] - before["score"], chosen.metric, signed=True)
        sentence += session.say(_AGAINST, change=change, verdict=verdict(chosen.metric, now, before))
    if now["n"] < FEW_ANSWERS:
        sentence += session.say(_FEW)
    st.markdown(f"#### {page.md(sentence)}")
    st.caption(page.md(" · ".join(_beside(chosen, scope))))
    _warn_of_another_mix(chosen, scope)


def _beside(chosen: Chosen, scope: Scope) -> list[str]:
    """The account score, the other languages, and how many scores the rated typed in."""
    notes = []
    since = scope.as_of - WINDOW + timedelta(days=1)
    accounts = page.row("satisfaction_of_accounts", scope, **chosen.asked(since=since))
    if accounts and accounts["n"] >= FEWEST_FOR_SCORE:
        notes.append(session.say(_ACCOUNTS, score=said(accounts["score"], chosen.metric), n=formats.number(accounts["n"])))
    own = _by(chosen.metric, scope, "entry", since=since).get("own")
    if own and not chosen.without_own:
        notes.append(session.say(_OWN_SAID, n=own["n"]))
    if chosen.voice:
        spoken = _by(chosen.metric, scope, "language", since=since)
        others = [row for code, row in spoken.items() if code and code != chosen.voice and row["n"] >= FEWEST_FOR_SCORE]
        named = [
            session.say(_OTHERS, spoken=label("language", row["label"]), score=said(row["score"], chosen.metric), n=row["n"])
            for row in others
        ]
        if named:
            notes.append(session.say(_NOT_COMPARED, others=listed(named)))
    return notes


def _warn_of_another_mix(chosen: Chosen, scope: Scope) -> None:
    """Where customers answer changes how they score: a rise that is one of channels is none."""
    now, then = ({code or "": votes(row) for code, row in _channels(chosen, scope, earlier=earlier).items()} for earlier in (False, True))
    shift = statistics.mix_shift(now, then)
    if shift is None:
        return
    change = statistics.at_same_mix(chosen.metric, now, then)
    values: dict[str, object] = {
        "channel": page.md(label("channel", shift.group or None)),
        "before": formats.percent(shift.before, 0),
        "now": formats.percent(shift.now, 0),
    }
    text = _SHIFTED_APART if change is None else _SHIFTED
    more = {} if change is None else {"change": said(change, chosen.metric, signed=True)}
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="mix_changed"):
        st.markdown(f":material/warning: {session.say(text, **values, **more)}", width="stretch")
        st.button(session.say(_BY_CHANNEL), key="mix_by_channel", type="tertiary", on_click=_look_by_channel)


def _look_by_channel() -> None:
    for name, value in (("view", "where"), ("by", "channel")):
        st.session_state[f"switch-{name}"] = value
        st.query_params[name] = value


def _channels(chosen: Chosen, scope: Scope, *, earlier: bool) -> dict[str | None, dict[str, Any]]:
    found = page.rows("satisfaction", scope, **chosen.asked(by="channel", **_quarter(scope, earlier=earlier)))
    return {row["label"]: row for row in found}


def _counted(chosen: Chosen, scope: Scope, *, earlier: bool = False) -> dict[str, Any] | None:
    return page.row("satisfaction", scope, **chosen.asked(**_quarter(scope, earlier=earlier)))


def _quarter(scope: Scope, *, earlier: bool) -> dict[str, Hashable]:
    until = scope.as_of - WINDOW if earlier else scope.as_of
    return {"as_of": until, "since": until - WINDOW + timedelta(days=1)}


def trend(chosen: Chosen, scope: Scope) -> None:
    """The score of each period with its interval and number of answers, who answered how, and the answers of a period clicked."""
    forms.switch("period", scores.PERIOD, _HOW, labelled=True)
    rows = _periods(chosen, scope)
    known = scored(rows)
    left, right = page.halves()
    with left:
        _trend_chart(chosen, rows)
    if known:
        with right:
            _composition(chosen, known)
        picked = figures(rows, _FIGURES, "satisfaction_periods", "at")
        compare(rows, chosen.metric, "periods")
        if picked:
            answers(str(picked["name"]), "answers", scope, **chosen.asked(**_bounds(picked, chosen.period)))


def _periods(chosen: Chosen, scope: Scope) -> list[dict[str, Any]]:
    """The last periods, the latest last, each against the one before; windows that overlap are not compared."""
    since = {
        "rolling": scope.as_of - timedelta(weeks=_MOST["rolling"] + QUARTER_WEEKS - 1) + timedelta(days=1),
        "wave": None,
    }.get(chosen.period) or (None if chosen.period == "wave" else first_day(scope.as_of, chosen.period, _MOST[chosen.period]))
    found = page.rows("satisfaction", scope, **chosen.asked(period=chosen.period, since=since))[-_MOST[chosen.period] :]
    rows: list[dict[str, Any]] = []
    for row in found:
        before = rows[-1] if rows and chosen.period != "rolling" else None
        told = before and min(row["n"], before["n"]) >= FEWEST_FOR_SCORE and verdict(chosen.metric, row, before)
        place = f"w{row['wave_id']}" if row["wave_id"] else str(row["counted_on"])
        rows.append({**row, "name": row["period"], "place": place, "verdict": session.say(told) if told else None})
    return rows


def _bounds(row: Mapping[str, Any], period: str) -> dict[str, Hashable]:
    """Which answers a period counts."""
    day = row["counted_on"]
    if period == "wave":
        return {"wave_id": row["wave_id"]}
    if period == "rolling":
        return {"since": day - WINDOW + timedelta(days=1), "until": day}
    return {"since": day, "until": last_day(day, period)}


def _trend_chart(chosen: Chosen, rows: list[dict[str, Any]]) -> None:
    names = ("period", "score", "low", "high", "n")
    drawn = [{name: row[name] if row["n"] >= FEWEST_FOR_SCORE or name in ("period", "n") else None for name in names} for row in rows]
    known = scored(rows)
    last = known[-1] if known else {}
    values = {
        "period": page.md(str(last.get("period"))),
        "score": said(last.get("score"), chosen.metric),
        "n": formats.number(last.get("n")),
    }
    more = {"rolling": _ROLLING, "wave": _WAVES}.get(chosen.period, "")
    about = {"metric": chosen.word, "scale": _SCALE[chosen.metric], "least": FEWEST_FOR_SCORE, "more": more}
    caption = charts.caption("satisfaction_trend", _TREND if known else _TREND_NONE, _TREND_ABOUT, **(values if known else {}), **about)
    charts.trend(pa.Table.from_pylist(drawn) if drawn else pa.table({name: [] for name in names}), caption)


def _composition(chosen: Chosen, known: list[Mapping[str, Any]]) -> None:
    table = pa.Table.from_pylist([{name: row[name] for name in ("period", "n", "detractors", "passives", "promoters")} for row in known])
    share = formats.percent(known[-1]["detractors"] / known[-1]["n"], 0)
    caption = charts.caption("composition", _COMPOSED, _COMPOSED_ABOUT, share=share, least=FEWEST_FOR_SCORE)
    voice_charts.composition(table, caption, _PARTS[chosen.metric])


def low_scores(chosen: Chosen, scope: Scope) -> None:
    """Answers that want a call back, with whose task it is, and whether calling back helps; a click opens the customer."""
    asked = page.question("low_scores", scope, since=scope.as_of - _RECENT)
    table = asked.answer()
    page.section(_LOW)
    st.caption(_what_became(chosen, scope))
    if not table.num_rows:
        page.empty(_NO_LOW)
        return
    waiting, late = table["task_done_on"].null_count, pc.sum(table["is_late"]).as_py()
    st.markdown(session.say(_LOW_ABOUT, count=table.num_rows, waiting=waiting, late=late))
    downloads.export(downloads.Offer(_LOW, asked, table.num_rows), scope)
    tables.show(table, _LOW_SHOWN, key="low_scores", opens="customer")


def _what_became(chosen: Chosen, scope: Scope) -> str:
    found = page.row("follow_up", scope, metric=chosen.metric, since=scope.as_of - YEAR)
    if not found or not found["lows"]:
        return ""
    counts = {name: formats.number(found[name]) for name in ("in_time", "judged")}
    notes = [session.say(_FOLLOWED, **counts)]
    if found["timed"]:
        hours = {"hours": formats.number(found["median_hours"])}
        notes.append(session.say(_HOURS, **found, **hours) if found["median_hours"] is not None else session.say(_HOURS_NONE, **found))
    ends = {end: formats.number(found[end]) for end in ("low", "high")}
    again = {"recovered": found["recovered"], "asked": found["asked_again"], **ends}
    notes.append(session.say(_AGAIN, **again) if found["asked_again"] else session.say(_AGAIN_NONE))
    return " · ".join(notes)
