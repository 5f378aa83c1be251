"""What every case shows alike: what happened to it, whom it was escalated to, and attempts to reach the customer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import streamlit as st

from lib import formats
from lib.commands.cases import EscalateCase, NoteAttempt
from lib.domain import kinds, stages
from lib.domain.access import ROLE_LABEL, Role
from lib.domain.complaints import LABEL
from lib.text import Text
from lib.ui import page, session

_UNDATED: Final = Text("导入的文件没有写这个状态的日期", "The imported file did not date this state")
_HISTORY: Final = Text("经过", "What happened")
_RECORDED: Final = Text("记录", "Recorded")
_LEVEL: Final = Text("升级到第 {level} 级", "Escalated to level {level}")
_TO: Final = Text("交给 {name}", "to {name}")
_INTO: Final = Text("并入第 {case_id} 件", "into no. {case_id}")
_PAIR: Final = Text("{name}：{value}", "{name}: {value}")
_ESCALATE: Final = Text("升级", "Escalate")
_ESCALATE_TO: Final = Text("升级到第 {level} 级：记下来，并给{role}建一个任务。", "To level {level}: noted, with a task for a {role}.")
_ESCALATED: Final = Text("已升级到第 {level} 级。", "Escalated to level {level}.")
_ATTEMPT: Final = Text("联系未果", "Not reached")
_ATTEMPT_ABOUT: Final = Text("客户没联系上也记一笔：记够次数可以关闭。", "Note a call nobody answered; enough of them close a case.")
_NOTED: Final = Text("已记录联系未果。", "The attempt is noted.")
_WAY: Final = Text("渠道", "Channel")
_NOTE: Final = Text("说明（可不填）", "Note (optional)")
_CONFIRM: Final = Text("确定", "Confirm")

Row = Mapping[str, Any]


def history(case_id: int) -> None:
    """Every step of a case, the latest first, with what was said at it."""
    page.section(_HISTORY)
    for event in reversed(page.rows("case_events", case_id=case_id)):
        said = "  \n".join(page.md(line) for line in _said(event))
        who = " · ".join(filter(None, (page.moment(event["happened_at"]), event["author_name"])))
        st.markdown(f"**{_action(event)}** :gray[{page.md(who)}]" + (f"  \n{said}" if said else ""))


def _action(event: Row) -> str:
    if event["action"] == "escalate":
        return session.say(_LEVEL, level=event["level"])
    if event["action"] in stages.ACTION_LABEL:
        return session.say(stages.ACTION_LABEL[event["action"]])
    return session.say(_RECORDED if event["state"] == "new" else stages.STATE_LABEL[event["state"]])


def _said(event: Row) -> list[str]:
    """The lines of one step: its note, then what it names."""
    language = session.language()
    cost = None if event["cost"] is None else formats.money(event["cost"], event["currency"], language)
    day = formats.day(event["promised_on"], language) if event["promised_on"] else None
    named = {
        "remedy": event["remedy"],
        "cost": cost,
        "promised_on": day,
        "told_to": event["told_to"],
        "channel": session.say(kinds.CHANNEL[event["channel"]]) if event["channel"] in kinds.CHANNEL else None,
        "root_cause": event["root_cause"],
    }
    pairs = [session.say(_PAIR, name=LABEL[name], value=value) for name, value in named.items() if value]
    found = session.say(kinds.FOUND_BY[event["found_by"]]) if event["found_by"] in kinds.FOUND_BY else None
    confirmed = session.say(LABEL["is_confirmed"]) if event["is_confirmed"] else None
    to = session.say(_TO, name=event["escalated_to"]) if event["escalated_to"] else None
    into = session.say(_INTO, case_id=event["into_case_id"]) if event["into_case_id"] else None
    aside = " · ".join(filter(None, (*pairs[1:], found, confirmed, to, into)))
    note = session.say(_UNDATED) if event["note"] == kinds.UNDATED_NOTE else event["note"]
    return [line for line in (note, *pairs[:1], aside) if line]


def escalate(case: Row, levels: Sequence[Mapping[str, Any]]) -> None:
    """The next level, where the rule has one; marked when the rule says it is time."""
    following = max(case["level"], (case["level_due"] or 1) - 1) + 1
    if following > len(levels):
        return
    with st.popover(session.say(_ESCALATE), icon=":material/keyboard_double_arrow_up:", key=f"escalate-{case['case_id']}"):
        st.markdown(session.say(_ESCALATE_TO, level=following, role=_role(levels[following - 1]["to"])))
        note = st.text_input(session.say(_NOTE), key=f"escalate-note-{case['case_id']}")
        if st.button(session.say(_CONFIRM), key=f"escalate-do-{case['case_id']}", type="primary"):
            command = EscalateCase(case["case_id"], following, session.today(), note or None)
            if page.change(command, _ESCALATED, level=following):
                st.rerun()


def attempt(case: Row) -> None:
    """A call nobody answered, noted in two clicks."""
    with st.popover(session.say(_ATTEMPT), icon=":material/phone_missed:", key=f"attempt-{case['case_id']}"):
        st.caption(session.say(_ATTEMPT_ABOUT))
        key = f"attempt-way-{case['case_id']}"
        way = st.pills(
            session.say(_WAY), list(kinds.CHANNEL), default="phone", key=key, format_func=lambda name: session.say(kinds.CHANNEL[name])
        )
        note = st.text_input(session.say(_NOTE), key=f"attempt-note-{case['case_id']}")
        clicked = st.button(session.say(_CONFIRM), key=f"attempt-do-{case['case_id']}", type="primary") and way is not None
        if clicked and page.change(NoteAttempt(case["case_id"], str(way), session.today(), note or None), _NOTED):
            st.rerun()


def _role(role: str) -> str:
    said = session.say(ROLE_LABEL[Role(role)])
    return said.lower() if session.language() == "en" else said
