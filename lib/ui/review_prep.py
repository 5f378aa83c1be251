"""Before the meeting: what is missing in the week's records, each signal with its words, the agenda, and topics to vote for."""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from lib import formats
from lib.commands.meetings import OpenMeeting, StartMeeting
from lib.domain.access import ROLE_LABEL, Permission, Role
from lib.metrics import METRICS, words
from lib.review import agenda
from lib.text import Text
from lib.ui import actions, forms, page, review, review_actions, review_forms, review_signals, session
from lib.ui.review import Review
from lib.ui.review_forms import About

_GATE: Final = Text("数据齐不齐", "Is the data complete?")
_GATE_ABOUT: Final = Text("开会前先补上，否则会上的数字还会变", "Mend this first, or the numbers will move after the meeting")
_CALM: Final = Text("✓ 这一周该有的记录都在，没有等着处理的。", "✓ The week's records are there and nothing waits.")
_GATES: Final[dict[str, tuple[Text, Role, str, dict[str, object]]]] = {
    "no_invoices": (Text("这一周没有一张账单", "No invoices in this week"), Role.FINANCE, "imports", {}),
    "no_payments": (Text("这一周没有一笔收款", "No payments in this week"), Role.FINANCE, "imports", {}),
    "unposted": (Text("{count}银行流水没有入账，最早 {day}", "{count} not posted, the first of {day}"), Role.FINANCE, "bank", {}),
    "uncalled": (
        Text("{count}低分没有回访，最早 {day}", "{count} without a call back, the first of {day}"),
        Role.LEAD,
        "entry",
        {"form": "call_back"},
    ),
    "unowned": (Text("{count}投诉没有负责人，最早 {day}", "{count} without an owner, the first of {day}"), Role.MANAGER, "complaints", {}),
    "keeperless": (Text("{count}客户没有客户经理", "{count} without an account manager"), Role.MANAGER, "customer", {}),
}
_COUNTED: Final[dict[str, tuple[str, str, str]]] = {
    "unposted": ("笔", "bank line", "bank lines"),
    "uncalled": ("个", "low score", "low scores"),
    "unowned": ("件", "complaint", "complaints"),
    "keeperless": ("个", "customer", "customers"),
}
_UNSAID: Final = Text("{count} 个信号还没有人说明", "{count} not explained yet")
_MEND: Final = Text("去处理", "Go there")
_SIGNALS: Final = Text("信号", "Signals")
_TOPICS: Final = Text("议题：会前先提，投票排先后", "Topics: bring them up and vote before the meeting")
_AGENDA: Final = Text("议程", "Agenda")
_AGENDA_ABOUT: Final = Text("共 {minutes} 分钟；几分钟一节可在“规则”里改", "{minutes} minutes in all; what each takes is a rule")
_PART: Final = Text("{minutes} 分", "{minutes} min")
_RULES: Final = Text("改分钟数", "Change the minutes")
_PREPARE: Final = Text("准备这次周会", "Prepare this review")
_PREPARED: Final = Text("周会已建好，可以请大家说明信号了。", "The review is there; now have the signals explained.")
_START: Final = Text("开始会议", "Start the meeting")
_STARTED: Final = Text("会议开始了。", "The meeting has begun.")
_GO_ON: Final = Text("回到会议", "Back to the meeting")
_LATER: Final = Text("这次周会已结束，内容已冻结，在“存档”里看。", "This review is over and frozen; look at it in the archive.")


def show(found: Review) -> None:
    """Everything to be done before the meeting, in order."""
    _headline(found)
    forms.receipt(forms.Form(review_forms.TOLD), "prep")
    meeting(found)
    review_actions.asked(found)
    if found.state != "closed":
        _gate(found)
    _signals(found)
    left, right = page.halves()
    with left:
        _agenda(found)
    with right:
        page.section(_TOPICS)
        review_actions.topics(found)
        if found.may_write and review_forms.may("topic") and not actions.writes():
            review_forms.draw("topic", About(week_on=found.pack.week_on))
    actions.register()


def _headline(found: Review) -> None:
    spoken = [(METRICS[line.metric], line.verdict) for line in found.pack.lines]
    st.markdown(f"#### {page.md(words.headline(spoken, session.language()))}")
    st.caption(words.budget(len(spoken), session.language()))


def meeting(found: Review) -> None:
    """Preparing and starting, for who may."""
    if found.state == "closed":
        st.info(session.say(_LATER), icon=":material/lock:")
        return
    if not review.may(Permission.MEETING_RUN) or not found.may_write:
        return
    if found.meeting is None:
        st.button(session.say(_PREPARE), key="review_prepare", type="primary", on_click=_prepare, args=(found,))
    elif found.state == "live" and found.meeting["chair_id"] == session.actor().user_id:
        st.button(session.say(_GO_ON), key="review_back", type="primary", on_click=review.go, kwargs={"mode": "live"})
    else:
        st.button(session.say(_START), key="review_start", type="primary", icon=":material/play_arrow:", on_click=start, args=(found,))


def _prepare(found: Review) -> None:
    page.change(OpenMeeting(found.pack.week_on, session.today()), _PREPARED)


def start(found: Review) -> None:
    """The meeting begins, and the page turns to it (a button's callback)."""
    if found.meeting and page.change(StartMeeting(found.meeting["meeting_id"]), _STARTED):
        review.go(mode="live")


def _gate(found: Review) -> None:
    page.section(_GATE, _GATE_ABOUT)
    waiting = page.rows("review_gate", found.scope, week_on=found.pack.week_on)
    unsaid = sum(not review_signals.is_said(line, found) for line in found.pack.signals)
    if not waiting and not unsaid:
        st.markdown(f":gray[{session.say(_CALM)}]")
    for row in waiting:
        _waits(row)
    if unsaid:
        with st.container(horizontal=True, vertical_alignment="center", border=True, key="gate_unsaid"):
            counted = formats.counted(unsaid, "signal", "signals")
            said = Text(_UNSAID.zh.replace("{count}", str(unsaid)), _UNSAID.en.replace("{count}", counted.en))
            st.markdown(f":orange[:material/help:] {page.md(session.say(said))}", width="stretch")


def _waits(row: dict[str, Any]) -> None:
    said, role, name, values = _GATES[row["gate"]]
    given: dict[str, object] = {"day": formats.day(row["since_on"], session.language())} if row["since_on"] else {}
    if row["gate"] in _COUNTED:
        unit, one, more = _COUNTED[row["gate"]]
        given["count"] = Text(f"{formats.number(row['count'])} {unit}", formats.counted(row["count"], one, more).en)
    with st.container(horizontal=True, vertical_alignment="center", border=True, key=f"gate_{row['gate']}"):
        words_ = page.md(session.say(said, **given))
        st.markdown(f":orange[:material/warning:] {words_}&ensp;:gray[{session.say(ROLE_LABEL[role])}]", width="stretch")
        page.link(_MEND, name, **values)


def _signals(found: Review) -> None:
    lines = found.pack.signals
    if lines:
        page.section(_SIGNALS)
    for place in range(0, len(lines), 2):
        for line, column in zip(lines[place : place + 2], page.halves(), strict=False):
            with column:
                review_signals.card(line, found)


def _agenda(found: Review) -> None:
    page.section(_AGENDA, _AGENDA_ABOUT, minutes=sum(part.minutes for part in found.parts))
    for part in found.parts:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f":gray-badge[{session.say(_PART, minutes=part.minutes)}]", width="content")
            st.markdown(f"**{session.say(part.label)}**&ensp;:gray[{page.md(_holds(part, found))}]", width="stretch")
    if review.may(Permission.POLICY_WRITE):
        page.link(_RULES, "policies", kind="review")


def _holds(part: agenda.Part, found: Review) -> str:
    """How much the section has to look at."""
    if part.name == "board":
        return formats.counted(len(found.pack.signals), "signal", "signals").say(session.language())
    return ""
