"""The life of one wave on the screen: where it stands, and the one step that comes next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import streamlit as st

from lib import formats
from lib.commands import surveys as door
from lib.commands.invitations import QueueInvitations, QueueReminders
from lib.commands.surveys import FINDINGS, TOLD, CloseWave, DropWave, FreezeWave, MarkAnalysed, MarkTold, StartWave
from lib.domain import kinds, waves
from lib.domain.access import Permission
from lib.errors import Refused
from lib.store.door import Command, execute
from lib.text import Text
from lib.ui import forms, page, session, survey_plan
from lib.ui.forms import Form

_STEPS: Final = "survey_step"
_FREEZE: Final = Text("冻结名单：问 {count} 人", "Freeze the list: ask {count}")
_FREEZE_ABOUT: Final = Text(
    "名单冻结后就不再变，分数的误差按它计算；还没有发出任何东西。",
    "Frozen, the list stays as it is and scores are read against it; nothing is sent yet.",
)
_EDIT: Final = Text("修改", "Change")
_DROP: Final = Text("删除草稿", "Drop this draft")
_START: Final = Text("开始发放", "Start sending")
_START_ABOUT: Final = Text(
    "邮件放进发件箱，由催收 › 发件箱发出；电话、面访进电话名单，微信由人转发链接。",
    "Letters go into the outbox (Collections › Outbox); phone and visits onto the call sheet; WeChat links are handed on by people.",
)
_NOT_YET: Final = Text("{day}才开始；到那天再发。", "It begins on {day}; start it then.")
_CLOSE: Final = Text("截止", "Close")
_CLOSE_ABOUT: Final = Text("截止后链接和电话名单都不能再答。", "Once closed, neither links nor call sheets take answers.")
_CLOSE_DUE: Final = Text("截止日 {day} 已过，可以截止了。", "The last day {day} is over: time to close it.")
_AGAIN: Final = Text("给没送到的补发", "Send to those left out before")
_REMIND: Final = Text("提醒 {count}未回答的", "Remind {count}")
_REMIND_ABOUT: Final = Text("到了提醒日、还没有回答的邮件邀请。", "Invitations by mail that are due for a reminder.")
_NOTE_FINDINGS: Final = Text("记下结论", "Note the findings")
_NOTE_TOLD: Final = Text("记下已告知客户", "Note that customers were told")
_HOW: Final = Text("怎么告知的", "How they were told")
_FINDINGS_HINT: Final = Text(
    "例如：交付准时率拖累推荐意愿，华东最明显", "Such as: late deliveries cost recommendations, most of all in the east"
)
_TOLD_HINT: Final = Text("例如：感谢参与，七月起增加一班夜间配送", "Such as: thank you; from July there is a second delivery at night")
_OTHERS: Final = Text("由建这次调查的人，或能看到全部客户的经理推进。", "Moved on by who made it, or by a manager who sees all customers.")
_DONE: Final = Text("走完全程：客户已知道结果。", "At its end: customers know the result.")
_SAID: Final = Text("{step}：{title}", "{step}: {title}")


def bar(now: str) -> None:
    """All states in a row, the present one in colour."""
    order = list(waves.STATE)
    place = order.index(now)
    said = []
    for at, (state, word) in enumerate(waves.STATE.items()):
        name = page.md(session.say(word))
        said.append(
            f":green-badge[:material/check: {name}]" if at < place else f":blue-badge[**{name}**]" if state == now else f":gray[{name}]"
        )
    st.markdown(" → ".join(said))


def receipt() -> None:
    """What the last step came to, with its undo."""
    forms.receipt(Form(_STEPS))


def said(change_id: int, what: str) -> None:
    """Say what was done, with its undo, when the page is drawn anew, which is now."""
    st.session_state[f"{_STEPS}.saved"] = (change_id, what)
    st.rerun()


def saved_elsewhere(form: Form) -> None:
    """Take over what another form saved, to say so here."""
    st.session_state[f"{_STEPS}.saved"] = st.session_state.pop(f"{form.name}.saved")


def next_step(row: Mapping[str, Any]) -> None:
    """The one thing to do now, for who may; else who does it."""
    if row["wave_state"] == "told":
        st.caption(session.say(_DONE))
        return
    person = session.actor()
    if not person.may(Permission.SURVEY_WRITE):
        return
    if not (row["is_own"] or person.sees_all):
        st.caption(session.say(_OTHERS))
        return
    draw: dict[str, Callable[[Mapping[str, Any]], None]] = {
        "draft": _draft,
        "frozen": _frozen,
        "sending": _sending,
        "closed": _closed,
        "analysed": _analysed,
    }
    with st.container(border=True, key="survey_next"):
        draw[row["wave_state"]](row)


def _draft(row: Mapping[str, Any]) -> None:
    listed = survey_plan.preview(door.planned(row), row["wave_id"])
    st.caption(session.say(_FREEZE_ABOUT))
    with st.container(horizontal=True, vertical_alignment="center"):
        if listed.asked.num_rows:
            label = session.say(_FREEZE, count=survey_plan.people(listed.asked.num_rows))
            _button("frozen", label, row, FreezeWave(row["wave_id"], session.today()))
        page.link(_EDIT, "surveys", plan=row["wave_id"])
        if st.button(session.say(_DROP), key="survey-drop", type="tertiary", icon=":material/delete:"):
            _do(DropWave(row["wave_id"]), session.say(_SAID, step=session.say(_DROP), title=row["title"]), leave=True)


def _frozen(row: Mapping[str, Any]) -> None:
    st.caption(session.say(_START_ABOUT))
    if session.today() < row["opens_on"]:
        st.markdown(page.md(session.say(_NOT_YET, day=formats.full_date(row["opens_on"], session.language()))))
        return
    _button("sending", session.say(_START), row, StartWave(row["wave_id"], session.today()))


def _sending(row: Mapping[str, Any]) -> None:
    due = page.row("survey_reminders_due", wave_id=row["wave_id"]) or {"people": 0}
    if due["people"]:
        st.caption(session.say(_REMIND_ABOUT))
        label = session.say(_REMIND, count=survey_plan.people(due["people"]))
        if st.button(label, key="survey-remind", type="primary", icon=":material/notifications:"):
            _do(QueueReminders(row["wave_id"], session.today()), session.say(_SAID, step=label, title=row["title"]))
    if row["failed"] and st.button(session.say(_AGAIN), key="survey-again", icon=":material/forward_to_inbox:"):
        _do(QueueInvitations(row["wave_id"], session.today()), session.say(_SAID, step=session.say(_AGAIN), title=row["title"]))
    is_over = row["closes_on"] < session.today()
    day = formats.full_date(row["closes_on"], session.language())
    st.caption(session.say(_CLOSE_DUE, day=day) if is_over else session.say(_CLOSE_ABOUT))
    _button("closed", session.say(_CLOSE), row, CloseWave(row["wave_id"], session.today()), primary=is_over and not due["people"])


def _closed(row: Mapping[str, Any]) -> None:
    findings = st.text_area(
        session.say(FINDINGS), key=f"survey-findings-{row['wave_id']}", placeholder=session.say(_FINDINGS_HINT), height=90
    )
    _button("analysed", session.say(_NOTE_FINDINGS), row, MarkAnalysed(row["wave_id"], findings, session.today()))


def _analysed(row: Mapping[str, Any]) -> None:
    told = st.text_area(session.say(TOLD), key=f"survey-told-{row['wave_id']}", placeholder=session.say(_TOLD_HINT), height=90)
    words = {channel: session.say(word) for channel, word in kinds.CHANNEL.items()}
    how = st.pills(session.say(_HOW), list(words), default="email", key=f"survey-how-{row['wave_id']}", format_func=words.__getitem__)
    _button("told", session.say(_NOTE_TOLD), row, MarkTold(row["wave_id"], told, str(how or ""), session.today()))


def _button(to: str, label: str, row: Mapping[str, Any], command: Command, *, primary: bool = True) -> None:
    if st.button(label, key=f"survey-to-{to}", type="primary" if primary else "secondary"):
        _do(command, session.say(_SAID, step=session.say(waves.STEP[to]), title=row["title"]))


def _do(command: Command, what: str, *, leave: bool = False) -> None:
    """Make the change, say so with its undo, or show why not."""
    try:
        made = execute(session.ledger(), session.actor(), command)
    except Refused as refusal:
        page.refused(refusal)
        return
    if leave:
        st.query_params.clear()
    said(made.change_id, what)
