"""The quick forms about what a customer says: a touch, a score, a complaint, a suggestion."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import streamlit as st

from lib import formats
from lib.commands.complaints import RecordComplaint, answer_due
from lib.commands.service import RecordInteraction, RecordScore, RecordSuggestion
from lib.domain import kinds, moods
from lib.text import Text
from lib.ui import batch, drafts, entry_saving, forms, page, session, working_calendar
from lib.ui.entry_saving import BODY, CAUSE, CHANNEL, ON, STAGE, contact, files, save
from lib.ui.forms import Form

_DIRECTION: Final = Text("方向", "Direction")
_SUMMARY: Final = Text("一句话内容", "In one sentence")
_OUTCOME: Final = Text("结果", "Outcome")
_NEXT: Final = Text("下次跟进", "Next follow-up")
_METRIC: Final = Text("指标", "Metric")
_SCORE: Final = Text("分数", "Score")
_WHY: Final = Text("为什么", "Why")
_WHY_HINT: Final = Text("客户原话", "In the customer's words")
_RESPONDENT: Final = Text("受访人", "Respondent")
_LOW: Final = Text("低分：保存后自动建回访任务，{day}前完成。", "A low score: saving makes a call-back task, due {day}.")
_MORE: Final = Text("调查、环节、分项打分", "Survey, stage, marks for parts")
_WAVE: Final = Text("属于哪次调查", "Part of which survey")
_NO_WAVE: Final = Text("不属于调查", "Of no survey")
_MARKS: Final = Text("分项打分：1 很不满意，5 很满意", "Marks: 1 very dissatisfied, 5 very satisfied")
_COMPLAINT: Final = Text("投诉内容", "What happened")
_SEVERITY: Final = Text("严重程度", "Severity")
_PROMISED_BY_US: Final = Text("答应何时答复", "Answer promised for")
_ANSWER: Final = Text("不填则按严重程度：{day}前答复。", "If left empty, by its severity: answer due {day}.")
_FOUND_BY: Final = Text("怎么发现的", "How it was found")
_IDEA: Final = Text("客户希望我们怎么做", "What the customer would have us do")
_THEME: Final = Text("主题（按文字建议，可改）", "Theme, suggested from the text")
_ONE: Final = Text("单条", "One")
_BATCH: Final = Text("批量（一行一个）", "Several (a line each)")
_MODE: Final = Text("方式", "Mode")
_CAUSE_OF: Final = {"price": "contract", "after_sales": "service", "system": "other"}
"""Causes of themes that are not called the same."""


def interaction() -> None:
    """One touch, or a list of them by keyboard alone."""
    if _mode() == "batch":
        batch.sheet(calls=True)
    else:
        _one_touch()


def _one_touch() -> None:
    form = forms.begin("interaction")
    about = forms.customer(form)
    channel = forms.pills(form, "channel", CHANNEL, kinds.CHANNEL, remember=True)
    summary = forms.line(form, "summary", _SUMMARY)
    outcome = forms.pills(form, "outcome", _OUTCOME, kinds.OUTCOME)
    body = forms.area(form, "body", BODY)
    left, middle, right = st.columns(3)
    with left:
        direction = forms.pills(form, "direction", _DIRECTION, kinds.DIRECTION, remember=True)
    with middle:
        on_date = forms.day(form, "on_date", ON, start=session.today())
    with right:
        next_on = forms.soon(form, "next_on", _NEXT)
    then = files(form, "activity", lambda receipt: int(receipt.result))
    given = {"summary": summary, "channel": channel, "direction": direction, "outcome": outcome, "body": body, "next_on": next_on}
    save(form, RecordInteraction, about, {**given, "on_date": on_date}, then=then)


def _mode() -> str:
    return forms.switch("mode", {"one": _ONE, "batch": _BATCH}, _MODE)


def score() -> None:
    """One score, or a list of them by keyboard alone."""
    if _mode() == "batch":
        batch.sheet()
    else:
        _one_score()


def _one_score() -> None:
    form = forms.begin("score")
    about = forms.customer(form)
    who = contact(form, about)
    metric = forms.pills(form, "metric", _METRIC, {name: scale.label for name, scale in kinds.SCORE.items()}, remember=True) or "nps"
    mark = _mark(form, metric)
    comment = forms.line(form, "comment", _WHY, hint=_WHY_HINT)
    left, middle, right = st.columns(3)
    with left:
        channel = forms.pills(form, "channel", CHANNEL, kinds.CHANNEL, remember=True)
    with middle:
        respondent = forms.line(form, "respondent", _RESPONDENT, optional=True)
    with right:
        on_date = forms.day(form, "on_date", ON, start=session.today())
    given = {"metric": metric, "score": mark, "comment": comment or None, "channel": channel, "respondent": respondent or None}
    then = files(form, "feedback", lambda receipt: int(receipt.result["feedback_id"]))
    more = {"on_date": on_date, "contact_id": who, **_more(form, metric)}
    save(form, RecordScore, about, {**given, **more}, needed={f"score_{metric}": _SCORE}, then=then)


def _mark(form: Form, metric: str) -> int | None:
    """The score as pills, with what a low one leads to."""
    scale = kinds.SCORE[metric]
    st.caption(session.say(scale.question))
    marks = {mark: Text(str(mark), str(mark)) for mark in range(scale.low, scale.high + 1)}
    chosen: int | None = forms.pills(form, f"score_{metric}", _SCORE, marks)
    if chosen is not None and scale.is_low(chosen):
        due = page.row("call_back_due", as_of=session.today()) or {}
        if due.get("due_on"):
            st.caption(f":orange[{session.say(_LOW, day=formats.day(due['due_on'], session.language()))}]")
    return chosen


def _more(form: Form, metric: str) -> dict[str, Any]:
    """What few answers have: the survey they belong to, the stage, marks for parts."""
    with st.expander(session.say(_MORE), icon=":material/tune:"):
        wave_id = _wave(form, metric)
        stage = forms.pills(form, "stage", STAGE, kinds.STAGE)
        st.caption(session.say(_MARKS))
        marks = {mark: Text(str(mark), str(mark)) for mark in range(1, kinds.ASPECT_HIGH + 1)}
        left, right = st.columns(2)
        given = {}
        for place, (aspect, label) in enumerate(kinds.ASPECT.items()):
            with left if place % 2 == 0 else right:
                given[aspect] = forms.pills(form, f"aspect_{aspect}", label, marks)
    aspects = {aspect: mark for aspect, mark in given.items() if mark is not None}
    return {"wave_id": wave_id, "stage": stage, "aspects": aspects}


def _wave(form: Form, metric: str) -> int | None:
    waves = {row["wave_id"]: row["title"] for row in page.rows("waves_open", as_of=session.today(), metric=metric)}
    if not waves:
        return None
    form.start("wave_id", drafts.remembered("wave_id") or 0)
    if form.get("wave_id") not in waves:
        form.put("wave_id", 0)
    chosen = forms.field(
        form,
        "wave_id",
        st.selectbox,
        session.say(_WAVE),
        options=[0, *waves],
        format_func=lambda wave_id: waves.get(wave_id) or session.say(_NO_WAVE),
    )
    return int(chosen) if chosen else None


def complaint() -> None:
    """A complaint; by when it is answered is shown before saving."""
    form = forms.begin("complaint")
    about = forms.customer(form)
    who = contact(form, about)
    summary = forms.line(form, "summary", _COMPLAINT)
    severity = forms.pills(form, "severity", _SEVERITY, kinds.SEVERITY)
    cause = forms.pills(form, "cause", CAUSE, kinds.CAUSE)
    stage = forms.pills(form, "stage", STAGE, kinds.STAGE)
    body = forms.area(form, "body", BODY)
    found_by = forms.pills(form, "found_by", _FOUND_BY, kinds.FOUND_BY)
    left, middle, right = st.columns(3)
    with left:
        channel = forms.pills(form, "channel", CHANNEL, kinds.CHANNEL, remember=True)
    with middle:
        on_date = forms.day(form, "on_date", ON, start=session.today())
    with right:
        due_on = forms.day(form, "due_on", _PROMISED_BY_US, start=None)
        if severity and on_date:
            answer = answer_due(working_calendar.calendar(), _rule("complaint"), severity, on_date)
            st.caption(session.say(_ANSWER, day=formats.day(answer, session.language())))
    then = files(form, "case", lambda receipt: int(receipt.result))
    given = {"summary": summary, "severity": severity, "cause": cause, "body": body, "channel": channel, "due_on": due_on}
    more = {"contact_id": who, "stage": stage, "found_by": found_by, "on_date": on_date}
    save(form, RecordComplaint, about, {**given, **more}, needed={"severity": _SEVERITY}, then=then)


def _rule(kind: str) -> Mapping[str, Any]:
    found = page.row("rule_in_force", kind=kind)
    return dict(json.loads(found["body"])) if found else {}


def suggestion() -> None:
    """What a customer would have us do; its theme is read from the text until somebody chooses one."""
    form = forms.begin("suggestion")
    about = forms.customer(form)
    summary = forms.line(form, "summary", _IDEA)
    _suggest(form, summary)
    cause = forms.pills(form, "cause", _THEME, kinds.CAUSE)
    body = forms.area(form, "body", BODY)
    left, right = st.columns(2)
    with left:
        channel = forms.pills(form, "channel", CHANNEL, kinds.CHANNEL, remember=True)
    with right:
        on_date = forms.day(form, "on_date", ON, start=session.today())
    then = files(form, "case", lambda receipt: int(receipt.result))
    given = {"summary": summary, "cause": cause, "body": body, "channel": channel, "on_date": on_date}
    entry_saving.save(form, RecordSuggestion, about, given, then=then)


def _suggest(form: Form, text: str) -> None:
    """Put the theme the text speaks of where nobody has chosen another."""
    themes = moods.read(text).themes if text.strip() else ()
    found = next((_CAUSE_OF.get(theme, theme) for theme in themes), None)
    if form.get("cause") in {None, form.get("_suggested")} and form.get("cause") != found:
        form.put("cause", found)
    form.put("_suggested", found)
