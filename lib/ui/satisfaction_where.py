"""Where satisfaction differs: groups with what chance leaves open, people against what chance allows, and marks that go along with it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

import pyarrow as pa
import streamlit as st

from lib import formats
from lib.domain import drivers, kinds, scores, statistics
from lib.domain.statistics import FEWEST_FOR_SCORE, Votes, Z
from lib.store.query import derived
from lib.text import Text, listed
from lib.ui import charts, forms, page, session, theme, voice_charts
from lib.ui.charts import Axis, Measure
from lib.ui.filters import Scope
from lib.ui.scores import Chosen, answers, compare, figures, label, said, scored, votes

_GROUPING: Final = Text("按什么分", "Group by")
_WHEN: Final = Text("哪段时间", "When")
_TWELVE: Final = Text("近 12 个月", "Last 12 months")
_LOWEST: Final = Text("{label}最低：{score}（n={n}）", "{label} is lowest: {score} (n={n})")
_GROUP_ABOUT: Final = Text(
    "{metric}，{when}，低的在前；区间重叠的组可能并无差别",
    "{metric}, {when}, lowest first; where intervals overlap there may be no difference",
)
_GROUP_NONE: Final = Text("各组回答都少于 {least} 个", "Each group has under {least} answers")
_LANGUAGES: Final = Text(
    "中文作答的人较少给极端分，两种语言的分不能比高低；各自和自己的过去比。",
    "People answering in Chinese use the ends of a scale less: compare each language with its own past, not with the other.",
)
_CHANNELS: Final = Text(
    "各渠道的人给分习惯不同（当面、电话偏高）：渠道之间不比，只在同一渠道内比。",
    "Each channel has habits of its own (face to face and by phone people are kinder): compare within one, not one with another.",
)
_OUTSIDE: Final = Text("{names} 超出偶然的范围（3 个标准误）", "Beyond chance (3 standard errors): {names}")
_WITHIN: Final = Text("各组都在偶然的范围内", "Every group lies within what chance allows")
_NEAR: Final = Text("；{names} 在 95% 之外，每 20 组平常就有 1 组", "; outside 95%: {names}, as 1 of 20 is by chance")
_FUNNEL_ABOUT: Final = Text(
    "{metric}，{when}；横轴是回答数，虚线是全体 {score}，带子是偶然（95%、3 个标准误）；不排名次",
    "{metric}, {when}; across: answers, dashed: all together {score}, bands: chance (95%, 3 standard errors); no league table",
)
_FUNNEL_NAME: Final = Text("{label} {score}（n={n}）", "{label} {score} (n={n})")
_POINTS: Final = Text(
    "少于 {least} 个回答的不算分；点一行看它的回答", "Under {least} answers there is no score; click a row for the answers"
)
_FIGURES: Final = ("label", "score", "low", "high", "n", "promoters", "passives", "detractors", "verdict_rest")
_MOST_GROUPS: Final = 12
_DRIVERS: Final = Text("哪些方面跟着分走", "What goes along with the score")
_MORE_NEEDED: Final = Text(
    "近 12 个月有 {n} 个 {metric} 回答给各方面打了分，还差 {missing} 个：少于 {least} 个时，排序多半是偶然。"
    "新建调查时选上要打分的方面，就会有。",
    "{n} {metric} answers of 12 months mark what they are about, {missing} short: under {least} the order is mostly chance. "
    "Choose what is to be marked when planning a survey.",
)
_CLOSEST: Final = Text("和 {metric} 最同步的是“{aspect}”（{rank}）", "“{aspect}” goes along most with {metric} ({rank})")
_CLOSEST_ABOUT: Final = Text(
    "与总分的等级相关（−1 到 1）及 95% 区间，近 12 个月；同步不说明谁引起谁",
    "Rank correlation with the score (−1 to 1), 95% intervals, 12 months; going along does not say which brings about which",
)
_MARKED: Final = Text("“{aspect}”打低分的最多：{share}", "“{aspect}” gets most low marks: {share}")
_MARKED_ABOUT: Final = Text("各方面得 1–5 分的回答数，近 12 个月", "Answers by mark 1–5 for each aspect, 12 months")
_FELL: Final = Text("“{aspect}”变化最大：{old} → {new}", "“{aspect}” moved most: {old} → {new}")
_FELL_NONE: Final = Text("还没有两段可比的时间", "No two periods to compare yet")
_FELL_ABOUT: Final = Text(
    "平均分 1–5，空心为此前半年，实心为近半年；各少于 {least} 个不画；按同步程度排",
    "Mean mark 1–5, hollow: the half-year before, full: the last; under {least} not drawn; in the order of going along",
)
_WEIGHTS: Final = Text(
    "各方面合起来，{shares}。名次是 95 次重抽里的范围；范围重叠的分不出先后。",
    "Of what all aspects tell together: {shares}. Places are the range of 95 in 100 redraws; where ranges overlap there is no order.",
)
_WEIGHT: Final = Text("{aspect} 占 {share}（第 {best} 到 {worst}）", "{aspect} {share} (place {best} to {worst})")
_WEIGHT_SURE: Final = Text("{aspect} 占 {share}（第 {best}）", "{aspect} {share} (place {best})")
_HALF: Final = timedelta(days=182)
_MARK: Final = {str(mark): Text(f"{mark} 分", str(mark)) for mark in range(1, kinds.ASPECT_HIGH + 1)}


def show(chosen: Chosen, scope: Scope) -> None:
    """The groups side by side, then the marks."""
    with st.container(horizontal=True, key="satisfaction_where"):
        forms.switch("by", {name: one.label for name, one in scores.BY.items()}, _GROUPING, labelled=True)
        when = _when(chosen, scope)
    rows = _rows(chosen, scope)
    known = scored(rows)
    if not known:
        page.empty(_GROUP_NONE.filled(least=FEWEST_FOR_SCORE))
    elif chosen.by in scores.FUNNELS:
        _funnel(chosen, rows, when)
    else:
        _spread(chosen, known, when)
    if note := {"language": _LANGUAGES, "channel": _CHANNELS}.get(chosen.by):
        st.caption(session.say(note))
    if rows:
        picked = figures(rows, _FIGURES, "group_figures", "group")
        if len(known) < len(rows):
            st.caption(session.say(_POINTS, least=FEWEST_FOR_SCORE))
        if chosen.by not in ("language", "channel"):
            compare(rows, chosen.metric, "groups")
        if picked:
            group = {"by": chosen.by, "in_group": True, "label": picked["code"]}
            answers(picked["label"], scores.listed_by(chosen.by), scope, **chosen.asked(**group, **chosen.window(scope)))
    _drivers(chosen, scope)


def _when(chosen: Chosen, scope: Scope) -> str:
    """Which time is compared, in words: the last year, or one wave of a survey where there are any."""
    waves = [row for row in page.rows("satisfaction", scope, period="wave") if row["wave_id"]]
    names = {"": session.say(_TWELVE), **{str(row["wave_id"]): str(row["period"]) for row in reversed(waves)}}
    if len(names) == 1:
        return names[""]
    st.selectbox(
        session.say(_WHEN), list(names), key="wave", bind="query-params", format_func=lambda wave: names.get(wave, wave), width=260
    )
    return names.get(str(chosen.wave_id or ""), names[""])


def _rows(chosen: Chosen, scope: Scope) -> list[dict[str, Any]]:
    """One row per group, the lowest score first, each against all others together."""
    period = {"period": "wave"} if chosen.wave_id and scores.counted_by(chosen.by) == "satisfaction" else {}
    found = page.rows(scores.counted_by(chosen.by), scope, **chosen.asked(by=chosen.by, **chosen.window(scope), **period))
    whole = _whole(found)
    rows = []
    for row in found:
        rest = Votes(whole.top - row["top_votes"], whole.low - row["low_votes"], whole.n - row["votes"])
        told = statistics.difference(chosen.metric, votes(row), rest) if row["n"] >= FEWEST_FOR_SCORE and rest.n else None
        named = label(chosen.by, row["label"])
        word = session.say(statistics.VERDICT[told]) if told and chosen.by not in ("language", "channel") else None
        rows.append({**row, "code": row["label"], "label": named, "name": named, "place": str(row["label"]), "verdict_rest": word})
    return sorted(rows, key=lambda row: (row["n"] < FEWEST_FOR_SCORE, row["score"], row["label"]))


def _whole(rows: Sequence[Mapping[str, Any]]) -> Votes:
    return Votes(*(sum(row[name] for row in rows) for name in ("top_votes", "low_votes", "votes")))


def _spread(chosen: Chosen, known: Sequence[Mapping[str, Any]], when: str) -> None:
    lowest = known[0]
    values = {"label": page.md(lowest["label"]), "score": said(lowest["score"], chosen.metric), "n": formats.number(lowest["n"])}
    caption = charts.caption("satisfaction_groups", _LOWEST, _GROUP_ABOUT, metric=chosen.word, when=page.md(when), **values)
    names = ("label", "score", "low", "high", "n")
    charts.spread(pa.Table.from_pylist([{name: row[name] for name in names} for row in known[:_MOST_GROUPS]]), caption, Axis("label"))


def _funnel(chosen: Chosen, rows: Sequence[Mapping[str, Any]], when: str) -> None:
    """People and teams against what chance allows: a league table would punish the small ones."""
    whole = _whole(rows)
    overall = statistics.score(chosen.metric, whole)
    dots = [_dot(chosen, row, whole, overall) for row in scored(rows)]
    far, near = ([dot for dot in dots if dot[name]] for name in ("is_outside", "is_near"))
    finding = session.say(_OUTSIDE, names=_names(far, chosen)) if far else session.say(_WITHIN)
    finding += session.say(_NEAR, names=_names(near, chosen)) if near else ""
    about = session.say(_FUNNEL_ABOUT, metric=chosen.word, when=page.md(when), score=said(overall, chosen.metric))
    limits = [_limits(chosen.metric, whole, n, overall) for n in voice_charts.sizes([dot["n"] for dot in dots])]
    voice_charts.funnel(pa.Table.from_pylist(dots), charts.Caption("satisfaction_funnel", finding, about), pa.Table.from_pylist(limits))


def _dot(chosen: Chosen, row: Mapping[str, Any], whole: Votes, overall: float) -> dict[str, Any]:
    near, far = (statistics.score_limits(chosen.metric, whole, row["n"], errors) for errors in (Z, 3))
    score = row["score"]
    return {
        "label": row["label"],
        "n": row["n"],
        "score": score,
        "is_outside": not far.low <= score <= far.high,
        "is_near": far.low <= score <= far.high and not near.low <= score <= near.high,
        "is_named": not near.low <= score <= near.high,
        "is_better": score > overall,
    }


def _limits(metric: str, whole: Votes, n: int, overall: float) -> dict[str, float]:
    near, far = (statistics.score_limits(metric, whole, n, errors) for errors in (Z, 3))
    return {"n": n, "low": near.low, "high": near.high, "lowest": far.low, "highest": far.high, "score": overall}


def _names(dots: Sequence[Mapping[str, Any]], chosen: Chosen) -> Text:
    named = [session.say(_FUNNEL_NAME, label=page.md(dot["label"]), score=said(dot["score"], chosen.metric), n=dot["n"]) for dot in dots]
    return listed(named)


def _drivers(chosen: Chosen, scope: Scope) -> None:
    """Which marks go along with the score; below fifty answers only how many are missing."""
    window = {name: value for name, value in chosen.window(scope).items() if name in ("since", "wave_id")}
    table = page.read("aspect_answers", scope, metric=chosen.metric, answer_language=chosen.voice, **window)
    page.section(_DRIVERS)
    found = derived(_correlated, table)
    if not found.num_rows:
        missing = max(drivers.FEWEST - table.num_rows, 1)
        page.empty(_MORE_NEEDED.filled(n=table.num_rows, metric=chosen.word, missing=missing, least=drivers.FEWEST))
        return
    left, right = page.halves()
    with left:
        _closest(found, chosen)
    with right:
        _then_and_now(table, found, scope)
    _marked(table, found)
    _weights(derived(_weighed, table))


def _marks(table: pa.Table) -> tuple[list[float], dict[str, list[float | None]]]:
    given = [json.loads(text) for text in table["aspects"].to_pylist()]
    return table["mean_score"].to_pylist(), {name: [one.get(name) for one in given] for name in kinds.ASPECT}


def _correlated(table: pa.Table) -> pa.Table:
    found = drivers.correlations(*_marks(table))
    return pa.Table.from_pylist([{"aspect": one.name, "score": one.rank, "low": one.low, "high": one.high, "n": one.n} for one in found])


def _weighed(table: pa.Table) -> pa.Table:
    points, marks = _marks(table)
    enough = {name: given for name, given in marks.items() if sum(mark is not None for mark in given) >= drivers.FEWEST_FOR_WEIGHTS}
    found = drivers.relative_weights(points, enough)
    return pa.Table.from_pylist(
        [{"aspect": one.name, "share_rate": one.share, "best": one.best_place, "worst": one.worst_place} for one in found]
    )


def _closest(found: pa.Table, chosen: Chosen) -> None:
    first = found.slice(0, 1).to_pylist()[0]
    values = {"metric": chosen.word, "aspect": kinds.ASPECT[first["aspect"]], "rank": formats.number(first["score"], 2)}
    caption = charts.caption("drivers", _CLOSEST, _CLOSEST_ABOUT, **values)
    charts.spread(found, caption, Axis("aspect", words=kinds.ASPECT), places=2)


def _marked(table: pa.Table, found: pa.Table) -> None:
    """How often each mark was given, in the order of going along."""
    _, marks = _marks(table)
    names = found["aspect"].to_pylist()
    counted = [
        {"aspect": session.say(kinds.ASPECT[name]), "answer": str(mark), "count": sum(given == mark for given in marks[name])}
        for name in names
        for mark in range(1, kinds.ASPECT_HIGH + 1)
    ]
    low = {name: _low_share(marks[name]) for name in names}
    worst = max(names, key=low.__getitem__)
    values = {"aspect": kinds.ASPECT[worst], "share": formats.percent(low[worst], 0)}
    caption = charts.caption("aspect_marks", _MARKED, _MARKED_ABOUT, **values)
    part = Axis("answer", words=_MARK, colours=theme.marks(theme.palette()))
    charts.stacked(pa.Table.from_pylist(counted), caption, "aspect", Measure("count"), part)


def _low_share(given: Sequence[float | None]) -> float:
    known = [mark for mark in given if mark is not None]
    return sum(mark <= kinds.ASPECT_LOW for mark in known) / len(known) if known else 0.0


def _then_and_now(table: pa.Table, found: pa.Table, scope: Scope) -> None:
    days = table["on_date"].to_pylist()
    _, marks = _marks(table)
    rows = []
    for name in found["aspect"].to_pylist():
        old, new = ([], [])  # type: tuple[list[float], list[float]]
        for day, mark in zip(days, marks[name], strict=True):
            if mark is not None:
                (new if day > scope.as_of - _HALF else old).append(mark)
        rows.append({"aspect": name, "old_mean": _mean(old), "mean_score": _mean(new)})
    moved = [row for row in rows if row["old_mean"] is not None and row["mean_score"] is not None]
    most = max(moved, key=lambda row: abs(row["mean_score"] - row["old_mean"]), default=None)
    values = (
        {
            "aspect": kinds.ASPECT[most["aspect"]],
            "old": formats.number(most["old_mean"], 1),
            "new": formats.number(most["mean_score"], 1),
        }
        if most
        else {}
    )
    caption = charts.caption("aspect_means", _FELL if most else _FELL_NONE, _FELL_ABOUT, least=FEWEST_FOR_SCORE, **values)
    voice_charts.then_and_now(pa.Table.from_pylist(rows), caption, Axis("aspect", words=kinds.ASPECT))


def _mean(given: Sequence[float]) -> float | None:
    return sum(given) / len(given) if len(given) >= FEWEST_FOR_SCORE else None


def _weights(found: pa.Table) -> None:
    named = []
    for row in found.to_pylist():
        text = _WEIGHT_SURE if row["best"] == row["worst"] else _WEIGHT
        share = formats.percent(row["share_rate"], 0)
        named.append(session.say(text, aspect=kinds.ASPECT[row["aspect"]], share=share, best=row["best"], worst=row["worst"]))
    if named:
        st.caption(session.say(_WEIGHTS, shares=listed(named)))
