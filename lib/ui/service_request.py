"""One service request: the form to note it, with its dues before it is saved; its clocks, what happened, and the next step."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import streamlit as st

from lib import formats
from lib.commands.answers import CHANNEL, COMMENT
from lib.commands.requests import HOW, NOTE, PRIORITY, WHAT, AdvanceRequest, RecordRequest
from lib.commands.service import SUMMARY
from lib.domain import kinds, stages
from lib.domain.access import Permission
from lib.domain.complaint_kind import COMPLAINT
from lib.domain.service_kind import CLOCK_SHORT, SERVICE_LEVEL
from lib.domain.working_time import BUSINESS_OFFSET
from lib.term_values import VALUE
from lib.text import Text
from lib.ui import attachments, case_panel, forms, page, session, working_calendar
from lib.ui.forms import Form

_NEW: Final = Text("新请求", "New request")
_ON: Final = Text("哪天提出", "Asked on")
_STAGE: Final = Text("环节", "Stage")
_HOW_HINT: Final = Text("当场解决了才填：怎么解决的", "Only when solved on the spot: how")
_DUES: Final = Text("{first} 前要首次响应，{solve} 前要解决（按工作时间）", "First answer due by {first}, solved by {solve} (working time)")
_PARTS: Final = ("name", "account_no", "owner_name")
_SAVED: Final = Text("服务请求", "service request")
_OPEN_CUSTOMER: Final = Text("看客户", "Open the customer")
_NEXT: Final = Text("下一步", "Next step")
_STEP: Final = Text("步骤", "Step")
_WHEN: Final = Text("何时（不填就是现在）", "When (empty: now)")
_NOTE_FOR: Final[dict[str, Text]] = {"solve": HOW, "reopen": Text("为什么重开", "Why it is open again")}
_METRIC: Final = Text("客户怎么看（可不问）", "What the customer thinks (may be left out)")
_SCORES: Final = {name: kinds.SCORE[name].label for name in ("csat", "ces")}
_SCORE: Final = Text("评分", "Score")
_LEFT: Final = Text("还剩 {time}", "{time} left")
_KEPT: Final = Text("按时", "in time")
_OVER: Final = Text("超了 {time}", "{time} over")
_USED: Final = Text("用了 {used}，时限 {target}", "{used} of {target}")
_DUE: Final = Text("{moment} 到点", "due {moment}")
_HOURS: Final = Text("{hours} 小时 {minutes} 分", "{hours} h {minutes} min")
_WHOLE: Final = Text("{hours} 小时", "{hours} h")
_MINUTES: Final = Text("{minutes} 分", "{minutes} min")
_COLOURS: Final = {"breached": "orange", "soon": "orange", "was_late": "gray", "was_on_time": "green"}


def new() -> None:
    """The form for a request, with what it is due by while it is filled in."""
    page.section(_NEW)
    form = forms.begin("service_request")
    about = forms.customer(form)
    summary = forms.line(form, "summary", WHAT)
    form.start("priority", 2)
    priority = forms.pills(form, "priority", PRIORITY, kinds.PRIORITY)
    left, middle, right = st.columns(3)
    with left:
        channel = forms.pills(form, "channel", CHANNEL, kinds.CHANNEL, remember=True)
    with middle:
        on_date = forms.day(form, "on_date", _ON, start=session.today())
    with right:
        at = _time(form)
    if priority and on_date:
        _dues(int(priority), on_date, at)
    stage = forms.pills(form, "stage", _STAGE, kinds.STAGE)
    body = forms.area(form, "body", SUMMARY)
    solved = forms.line(form, "solved", HOW, hint=_HOW_HINT)
    given = {"summary": summary, "channel": channel, "at": at, "stage": stage, "body": body, "solved": solved or None}

    def build(confirmed: bool) -> RecordRequest:  # noqa: FBT001 (what forms.save asks with)
        customer_id = about["customer_id"] if about else 0
        return RecordRequest(customer_id, on_date or session.today(), session.today(), priority=priority, **given, confirmed=confirmed)

    what = f"{session.say(_SAVED)} · {about['name']}" if about else ""
    needed = {"summary": WHAT, "priority": PRIORITY, "on_date": _ON}
    forms.save(form, build, what, needed=needed, remember={"channel": channel} if channel else None)


def _time(form: Form) -> time | None:
    """When it happened; empty is now."""
    given = forms.field(form, "at", st.time_input, session.say(_WHEN), value=None, step=300)
    return given if isinstance(given, time) else None


def _dues(priority: int, on_date: date, at: time | None) -> None:
    """By when it is to be answered and solved, by the rule and the calendar in force."""
    rule = page.row("rule_in_force", kind=SERVICE_LEVEL.name)
    if rule is None:
        return
    body, calendar = json.loads(rule["body"]), working_calendar.calendar()
    now = (session.ledger().clock() + BUSINESS_OFFSET).time()
    begun = datetime.combine(on_date, at or now)
    dues = {clock: calendar.due(begun, timedelta(minutes=body[clock][str(priority)])) for clock in ("first", "solve")}
    said = {clock: f"{due:%m-%d %H:%M}" if due else formats.MISSING for clock, due in dues.items()}
    st.caption(f":material/timer: {session.say(_DUES, **said)}")


def opened(now_at: datetime | None) -> None:
    """The request named in the URL: its clocks and its next step beside what happened."""
    request_id = page.asked_number("request")
    row = page.row("service_request", request_id=request_id, now_at=now_at) if request_id else None
    if row is None:
        return
    with st.container(border=True, key="service_request_card"):
        _head(row)
        left, right = page.halves()
        with left:
            _clocks(row, now_at)
            if session.actor().may(Permission.SERVICE_WRITE) and session.at_present():
                _step(row)
                _escalate(row)
        with right:
            case_panel.history(row["case_id"])
            attachments.panel("case", row["case_id"], row["customer_id"])


def _head(row: Mapping[str, Any]) -> None:
    badges = [f":gray-badge[{session.say(stages.STATE_LABEL[row['state']])}]"]
    if row["urgency"]:
        badges.append(f":{_COLOURS.get(row['urgency'], 'gray')}-badge[{session.say(VALUE['urgency'][row['urgency']])}]")
    st.markdown(f"##### {page.md(row['request_subject'])} {' '.join(badges)}")
    parts = [row[name] for name in _PARTS] + [session.say(kinds.PRIORITY[row["severity"]]) if row["severity"] else None]
    coded = [session.say(words[row[name]]) for name, words in (("channel", kinds.CHANNEL), ("stage", kinds.STAGE)) if row[name] in words]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(page.md(" · ".join(filter(None, [*parts, *coded, page.moment(row["began_at"])]))))
        page.link(_OPEN_CUSTOMER, "customer", customer=row["customer_id"])
    if row["body"]:
        st.markdown(page.md(row["body"]))


def _clocks(row: Mapping[str, Any], now_at: datetime | None) -> None:
    for clock in page.rows("request_clocks", request_id=row["case_id"], now_at=now_at):
        runs = clock["clock_state"] == "running"
        name, state = session.say(CLOCK_SHORT[clock["clock"]]), session.say(VALUE["clock_state"][clock["clock_state"]])
        left = clock["left_minutes"]
        mark = "orange" if clock["is_late"] or clock["is_soon"] else "green" if clock["clock_state"] == "stopped" else "gray"
        kept = clock["clock_state"] == "stopped" and not clock["is_late"]
        said = session.say(_KEPT if kept else _OVER if clock["is_late"] else _LEFT, time=spoken(abs(left)))
        due = session.say(_DUE, moment=page.moment(clock["due_at"])) if runs else state
        used = session.say(_USED, used=spoken(clock["ran_minutes"]), target=spoken(clock["target_minutes"]))
        st.markdown(f"**{name}** :{mark}-badge[{said}] :gray[{used} · {due}]")


def spoken(minutes: float) -> str:
    """Working time in hours and minutes."""
    hours, rest = divmod(int(minutes), 60)
    return session.say((_HOURS if rest else _WHOLE) if hours else _MINUTES, hours=hours, minutes=rest)


def _step(row: Mapping[str, Any]) -> None:
    """The next step as a form of its own for each state, so that a late second click finds nothing."""
    steps = {action: stages.ACTION_LABEL[action] for action in stages.actions(row["state"], stages.REQUEST)}
    form = forms.begin(f"service_step_{row['case_id']}_{row['state']}")
    page.section(_NEXT)
    form.start("action", next(iter(steps)))
    action = forms.pills(form, "action", _STEP, steps)
    note = forms.line(form, "note", _NOTE_FOR.get(str(action), NOTE), optional=action not in stages.REQUEST_NOTE_NEEDED)
    given: dict[str, Any] = {"note": note or None, "at": _time(form)}
    if action == "close":
        given |= _opinion(form)

    def build(_: bool) -> AdvanceRequest:  # noqa: FBT001 (what forms.save asks with)
        return AdvanceRequest(row["case_id"], str(action), session.today(), **given)

    what = f"{session.say(steps[action])} · {row['name']}" if action else ""
    forms.save(form, build, what, needed={"action": _STEP})


def _escalate(row: Mapping[str, Any]) -> None:
    """One level up, by the levels of the rule for complaints."""
    rule = page.row("rule_in_force", kind=COMPLAINT.name)
    if row["is_open"] and rule:
        case_panel.escalate({**row, "level_due": None}, json.loads(rule["body"])["levels"])


def _opinion(form: Form) -> dict[str, Any]:
    """What the customer gave at the end, in CSAT or CES; nothing when nobody asked."""
    form.start("metric", "csat")
    metric = forms.pills(form, "metric", _METRIC, _SCORES) or "csat"
    scale = kinds.SCORE[metric]
    st.caption(session.say(scale.question))
    marks = {mark: Text(str(mark), str(mark)) for mark in range(scale.low, scale.high + 1)}
    score = forms.pills(form, f"score_{metric}", _SCORE, marks)
    comment = forms.line(form, "comment", COMMENT, optional=True)
    return {"metric": metric, "score": score, "comment": comment or None}
