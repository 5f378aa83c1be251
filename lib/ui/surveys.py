"""Surveys: all waves with how far each has come; one wave with its next step, its progress, whom to call, and who is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pyarrow as pa
import streamlit as st

from lib import formats, terms
from lib.commands import surveys as door
from lib.domain import kinds, statistics
from lib.domain.access import Permission
from lib.domain.statistics import FEWEST_FOR_SCORE
from lib.text import Text
from lib.ui import charts, downloads, forms, page, session, survey_asking, survey_plan, survey_steps, tables
from lib.ui.charts import Axis
from lib.ui.downloads import Offer

PARTS: Final[dict[str, Text]] = {
    "progress": Text("进展", "Progress"),
    "calls": Text("电话名单", "Call sheet"),
    "list": Text("名单", "Who is asked"),
    "plan": Text("问卷与范围", "Questions and choice"),
}
_PART: Final = Text("看什么", "View")
_NEW: Final = Text("新建调查", "New survey")
_ALL: Final = Text("全部调查", "All surveys")
_EDIT: Final = Text("修改草稿：{name}", "Change the draft: {name}")
_EMPTY: Final = Text(
    "还没有调查。经理新建一次调查后，这里能看到问了谁、答了多少、该给谁打电话。",
    "There are no surveys yet. Once a manager has made one, this shows who was asked, who answered and whom to call.",
)
_HEAD: Final = Text("“{title}”发放中：{answered}，还有 {to_call} 个电话要打", "“{title}” is out: {answered}, {to_call} calls to make")
_HEAD_QUIET: Final = Text("没有发放中的调查；最近一次“{title}”：{answered}", "No survey is being sent; the last, “{title}”: {answered}")
_HEAD_NEW: Final = Text("还没有发出过调查", "No survey has been sent yet")
_ANSWERED: Final = Text("送达 {delivered} 人，{answered} 人回答（{rate}）", "{answered} of {delivered} reached have answered ({rate})")
_NONE_YET: Final = Text("问了 {asked} 人，还没有送达", "{asked} asked, none of them reached yet")
_WAVES: Final = Text("各次调查", "Surveys")
_WAVES_ABOUT: Final = Text(
    "回答率 = 回答 ÷ 送达；分数按分层加权，区间 95%，名单有限已计入；少于 {least} 个回答不算分",
    "Response = answered ÷ delivered; scores weighted by stratum, 95 % interval with the finite list; none under {least} answers",
)
_COUNTS: Final = Text(
    "问了 {customers}的 {people} · {answered} · 区间 {low}–{high}", "{people} of {customers} asked · {answered} · interval {low}–{high}"
)
_ASKED_ONLY: Final = Text("名单上有 {customers}的 {people}", "On the list: {people} of {customers}")
_SCORE: Final = Text("{metric} {score}（{low} 到 {high}，n={n}）", "{metric} {score} ({low} to {high}, n={n})")
_FEW: Final = Text("只有 {n} 个回答，少于 {least} 个不算分", "{n} answers only: under {least} there is no score")
_RESULTS: Final = Text("看结果", "See the results")
_CHANNELS: Final = Text("按渠道的回答率：{channel}最高，{rate}", "Response by channel: {channel} highest, {rate}")
_CHANNELS_ABOUT: Final = Text(
    "送达的人里回答了百分之几，灰条为 95% 区间；分数只在同一渠道内比",
    "Per cent of those reached, bars 95 %; compare scores within a channel only",
)
_STATES: Final = Text("名单上的人到了哪一步", "Where everybody on the list is")
_STATES_ABOUT: Final = Text("人数", "People")
_STATE_FINDING: Final = Text("{count}还没有回答", "{count} not answered yet")
_NONE_OPEN: Final = Text("没有还在等的人", "Nobody is still to answer")
_FINDINGS: Final = Text("结论：{said}", "Findings: {said}")
_TOLD: Final = Text("已告知客户（{channel}）：{said}", "Customers told ({channel}): {said}")
_BETWEEN: Final = Text("、", ", ")
_COLUMNS: Final = (
    *(
        "survey_title",
        "metric",
        "wave_state",
        "opens_on",
        "closes_on",
        "asked_customers",
        "asked",
        "delivered",
        "answered",
        "response_rate",
    ),
    *("score", "low", "high"),
)


def choose() -> tuple[str, Mapping[str, Any] | None]:
    """What the address names: ('plan', a draft or nothing), ('wave', one) or ('all', nothing)."""
    if (planned := page.asked("plan")) and session.actor().may(Permission.SURVEY_WRITE):
        row = _wave(page.asked_number("plan"))
        if planned == "new" or (row and row["wave_state"] == "draft"):
            return "plan", row
    row = _wave(page.asked_number("wave"))
    return ("wave", row) if row else ("all", None)


def _wave(wave_id: int | None) -> dict[str, Any] | None:
    return page.row("survey_waves", wave_id=wave_id) if wave_id else None


def show(what: str, row: Mapping[str, Any] | None) -> None:
    """What was chosen."""
    if what == "plan":
        _plan(row)
    elif row:
        one(row)
    else:
        everything()


def everything() -> None:
    """All waves; a click opens one."""
    forms.receipt(forms.Form(survey_plan.form_name(None)))
    survey_steps.receipt()
    asked = page.question("survey_waves")
    table = asked.answer()
    may = session.actor().may(Permission.SURVEY_WRITE)
    if may:
        page.link(_NEW, "surveys", plan="new")
    if not table.num_rows:
        page.empty(_EMPTY)
        return
    scored = _scored(table)
    _headline(table.to_pylist())
    with st.container(horizontal=True, vertical_alignment="center"):
        page.section(_WAVES)
        downloads.export(Offer(_WAVES, asked, table.num_rows, _WAVES_ABOUT, prepare=_scored))
    st.caption(session.say(_WAVES_ABOUT, least=FEWEST_FOR_SCORE))
    if tables.pick(scored, _COLUMNS, key="survey_waves", into="wave", by="wave_id"):
        st.rerun()


def _scored(table: pa.Table) -> pa.Table:
    """The waves with their scores as the satisfaction page counts them."""
    found = {row["wave_id"]: row for row in page.rows("satisfaction", period="wave")}
    for name in ("score", "low", "high"):
        values = [_known(found.get(wave_id), name) for wave_id in table["wave_id"].to_pylist()]
        table = table.append_column(name, pa.array(values, pa.float64()))
    return table.append_column("survey_title", table["title"])


def _known(row: Mapping[str, Any] | None, name: str) -> float | None:
    return float(row[name]) if row and row["n"] >= FEWEST_FOR_SCORE and row[name] is not None else None


def _said(value: float) -> str:
    return formats.number(value)


def _headline(rows: Sequence[Mapping[str, Any]]) -> None:
    open_one = next((row for row in rows if row["wave_state"] == "sending"), None)
    last = open_one or next((row for row in rows if row["delivered"]), None)
    if last is None:
        st.markdown(f"#### {session.say(_HEAD_NEW)}")
        return
    said = {"title": last["title"], "answered": _answered(last)}
    head = _HEAD if open_one else _HEAD_QUIET
    more = {"to_call": formats.number(last["to_call"])} if open_one else {}
    st.markdown(f"#### {page.md(session.say(head, **said, **more))}")


def _answered(row: Mapping[str, Any]) -> str:
    if not row["delivered"]:
        return session.say(_NONE_YET, asked=formats.number(row["asked"]))
    rate = formats.percent(row["response_rate"], 0)
    return session.say(_ANSWERED, delivered=formats.number(row["delivered"]), answered=formats.number(row["answered"]), rate=rate)


def _plan(row: Mapping[str, Any] | None) -> None:
    """The form; saved, it leads on to the draft, or back to all waves."""
    page.link(_ALL, "surveys")
    page.section(_EDIT, name=page.md(row["title"])) if row else page.section(_NEW)
    form = survey_plan.draft(row)
    if st.session_state.get(f"{form.name}.saved"):
        st.query_params.pop("plan")
        if row:
            survey_steps.saved_elsewhere(form)
            st.query_params["wave"] = str(row["wave_id"])
        st.rerun()


def one(row: Mapping[str, Any]) -> None:
    """One wave: where it is, the one next step, and its parts."""
    page.link(_ALL, "surveys")
    st.subheader(page.md(row["title"]), anchor=False)
    survey_steps.bar(row["wave_state"])
    survey_steps.receipt()
    _standing(row)
    survey_steps.next_step(row)
    if row["wave_state"] == "draft":
        survey_plan.summary(door.planned(row))
        return
    offered = {name: word for name, word in PARTS.items() if name != "calls" or row["wave_state"] == "sending"}
    part = forms.switch("part", offered, _PART)
    if part == "progress":
        _progress(row)
    elif part == "plan":
        survey_plan.summary(door.planned(row))
    else:
        {"calls": survey_asking.calls, "list": survey_asking.everybody}[part](row)


def _standing(row: Mapping[str, Any]) -> None:
    """How far asking has come, and the score so far."""
    if row["wave_state"] == "draft":
        return
    about = {"customers": survey_plan.customers(row["asked_customers"]), "people": survey_plan.people(row["asked"])}
    if row["delivered"]:
        found = statistics.share(row["answered"], row["delivered"])
        assert found is not None
        ends = {"low": f"{formats.number(found.low)}%", "high": f"{formats.number(found.high)}%"}
        st.markdown(page.md(session.say(_COUNTS, **about, answered=_answered(row), **ends)))
        _score(row)
    else:
        st.markdown(page.md(session.say(_ASKED_ONLY, **about)))
    if row["findings"]:
        st.markdown(page.md(session.say(_FINDINGS, said=row["findings"])))
    if row["told"]:
        channel = kinds.CHANNEL.get(row["told_channel"], Text("—", "—"))
        st.markdown(page.md(session.say(_TOLD, said=row["told"], channel=channel)))


def _score(row: Mapping[str, Any]) -> None:
    found = page.row("satisfaction", metric=row["metric"], period="wave", wave_id=row["wave_id"])
    n = found["n"] if found else 0
    if not n:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if found and n >= FEWEST_FOR_SCORE:
            ends = {name: _said(found[name]) for name in ("score", "low", "high")}
            st.markdown(f"#### {page.md(session.say(_SCORE, metric=row['metric'].upper(), n=formats.number(n), **ends))}", width="content")
        else:
            st.markdown(session.say(_FEW, n=formats.number(n), least=FEWEST_FOR_SCORE), width="content")
        page.link(_RESULTS, "satisfaction", metric=row["metric"], wave=row["wave_id"])


def _progress(row: Mapping[str, Any]) -> None:
    """Where everybody on the list is, and which way of asking is answered best."""
    asked = page.rows("survey_invites", wave_id=row["wave_id"])
    left, right = page.halves()
    with left:
        _states(asked)
    with right:
        _channels(row["wave_id"])


def _states(asked: Sequence[Mapping[str, Any]]) -> None:
    states = [invite["invite_state"] for invite in asked]
    waiting = sum(state in ("failed", "waiting", "no_answer", "delivered") for state in states)
    finding = _STATE_FINDING if waiting else _NONE_OPEN
    said = charts.caption("survey_states", finding, _STATES_ABOUT, **({"count": survey_plan.people(waiting)} if waiting else {}))
    counted = [
        {"label": session.say(word), "count": states.count(state)} for state, word in terms.VALUE["invite_state"].items() if state in states
    ]
    charts.bars(pa.Table.from_pylist(counted), said, Axis("label"), charts.Measure("count"))


def _channels(wave_id: int) -> None:
    table = page.read("survey_channels", wave_id=wave_id)
    table = table.filter(pa.compute.greater(table["delivered"], 0))
    if not table.num_rows:
        return
    rows = sorted(table.to_pylist(), key=lambda row: row["score"], reverse=True)
    best = {"channel": kinds.CHANNEL[rows[0]["channel"]], "rate": f"{formats.number(rows[0]['score'])}%"}
    said = charts.caption("survey_channels", _CHANNELS, _CHANNELS_ABOUT, **best)
    shown = [
        {
            "label": session.say(kinds.CHANNEL[row["channel"]]),
            **{name: row[name] for name in ("score", "low", "high")},
            "n": row["delivered"],
        }
        for row in rows
    ]
    charts.spread(pa.Table.from_pylist(shown), said, Axis("label"))
