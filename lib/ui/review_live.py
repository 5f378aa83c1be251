"""In the meeting: one section to a screen in large type, with its minutes, and keys that lead from one exception to the next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import streamlit as st

from lib.domain.access import Permission
from lib.domain.review_kind import SECTION
from lib.metrics import METRICS, words
from lib.metrics.metric import Metric
from lib.review import agenda
from lib.review.agenda import Part, Stop
from lib.review.pack import Line
from lib.term_values import VALUE
from lib.text import Text
from lib.ui import (
    forms,
    page,
    review,
    review_actions,
    review_close,
    review_forms,
    review_prep,
    review_restated,
    review_rows,
    review_signals,
    session,
)
from lib.ui.review import Review
from lib.ui.review_forms import About

_NOT_BEGUN: Final = Text(
    "会议还没有开始。先看一遍也可以；正式开会请按“开始会议”。",
    "The meeting has not begun. You may look through it; to hold it, start it.",
)
_NOT_PREPARED: Final = Text(
    "会议还没有开始。先看一遍也可以；正式开会先按“准备这次周会”，再按“开始会议”。",
    "The meeting has not begun. You may look through it; to hold it, prepare it and then start it.",
)
_NOT_MINE: Final = Text(
    "会议还没有开始，由经理开始。可以先看一遍。", "The meeting has not begun; a manager starts it. You may look through it."
)
_OVER: Final = Text("这次周会已结束，内容已冻结。", "This review is over and frozen.")
_SECTION: Final = Text("议程", "Agenda")
_NEXT: Final = Text("下一项", "Next")
_PREVIOUS: Final = Text("上一项", "Previous")
_WRITTEN: Final[dict[str, tuple[Text, str | None]]] = {
    "action": (Text("加行动", "Add action"), "a"),
    "decision": (Text("加决定", "Add decision"), "d"),
    "topic": (Text("加议题", "Add topic"), None),
}
"""What can be written down, with its key."""
_PLACE: Final = Text("信号 {place} / {count}", "Signal {place} of {count}")
_REST: Final = Text("其余 {count} 项没有信号", "The other {count}: no signal")
_NO_SIGNALS: Final = Text("这一周没有信号，下面是各项的数。", "No signals in this week; these are its numbers.")
_JUDGED: Final = Text("会上结论：{verdict}", "Decided: {verdict}")
_TIME: Final = Text("/ {minutes} 分钟", "/ {minutes} min")
_SPENT: Final = Text("已用（分钟）", "Minutes spent")
_LATE: Final = Text("超时，该往下走了", "Over time: move on")
_KEYS: Final = Text("键盘：{keys}", "Keys: {keys}")
_WAYS: Final[tuple[tuple[Text, Permission], ...]] = (
    (Text("N 下一项", "N next"), Permission.METRIC_READ),
    (Text("P 上一项", "P previous"), Permission.METRIC_READ),
    (Text("A 加行动", "A add an action"), review_forms.NEEDS["action"]),
    (Text("D 加决定", "D add a decision"), review_forms.NEEDS["decision"]),
    (Text("X 这个信号不用做", "X nothing to do about this signal"), Permission.MEETING_RUN),
)
"""What each key does, and who may."""
_OPENED: Final = "review_opened"
"""Session state: when each section of each week was first looked at in this visit."""


def show(found: Review) -> None:
    """The section the meeting is at."""
    _begun(found)
    with st.container(key="review_live", gap="small"):
        at, way = _at(found), agenda.stops(found.parts, found.pack)
        part = next(one for one in found.parts if one.name == at.section)
        _bar(found, way, at)
        forms.receipt(forms.Form(review_forms.TOLD), f"{found.pack.week_on} {at}")
        _head(part, at, found)
        _body(part, at, found)
        _write(found, at)
    with st.container(key="review_keys"):
        st.caption(session.say(_KEYS, keys=" · ".join(session.say(way) for way, needs in _WAYS if review.may(needs))))


def _begun(found: Review) -> None:
    if found.state == "closed":
        st.info(session.say(_OVER), icon=":material/lock:")
    elif found.state != "live" and found.may_write:
        said = _NOT_PREPARED if found.meeting is None else _NOT_BEGUN
        with st.container(horizontal=True, vertical_alignment="center", border=True, key="review_not_begun"):
            st.markdown(session.say(said if review.may(Permission.MEETING_RUN) else _NOT_MINE), width="stretch")
            review_prep.meeting(found)


def _at(found: Review) -> Stop:
    """Where the address says, else the beginning; on the board the signal asked for, else the first."""
    asked = page.asked("section")
    section = asked if asked and asked in SECTION else found.parts[0].name
    signals = [line.metric for line in found.pack.signals]
    if section != "board" or not signals:
        return Stop(section)
    chosen = page.asked("signal")
    return Stop(section, chosen if chosen in signals else signals[0])


def _bar(found: Review, way: Sequence[Stop], at: Stop) -> None:
    """The sections, and the keys to go on."""
    st.session_state["switch-section"] = at.section
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="review_way"):
        before, after = agenda.beside(way, at, -1), agenda.beside(way, at, 1)
        st.button(session.say(_PREVIOUS), key="review_previous", icon=":material/arrow_back:", shortcut="p", on_click=_go, args=(before,))
        st.button(session.say(_NEXT), key="review_next", icon=":material/arrow_forward:", shortcut="n", on_click=_go, args=(after,))
        st.segmented_control(
            session.say(_SECTION),
            [part.name for part in found.parts],
            key="switch-section",
            required=True,
            format_func=lambda name: session.say(SECTION[name]),
            on_change=lambda: _go(Stop(st.session_state["switch-section"])),
            label_visibility="collapsed",
        )


def _go(to: Stop) -> None:
    review.go(section=to.section, signal=to.signal, explain=None)
    _done()


def _head(part: Part, at: Stop, found: Review) -> None:
    """What is done here, at which of its signals one is, and how much of its time is gone."""
    metrics = [line.metric for line in found.pack.signals]
    place = f"&ensp;:gray[{session.say(_PLACE, place=metrics.index(at.signal) + 1, count=len(metrics))}]" if at.signal else ""
    with st.container(horizontal=True, vertical_alignment="center", key="review_head"):
        st.markdown(f"## {session.say(part.label)}{place}", width="stretch")
        if found.state == "live":
            _timer(part, found)
    st.markdown(f":gray[{session.say(part.guidance)}]")


def _timer(part: Part, found: Review) -> None:
    """The browser itself counts from when the section was first opened: the server is not asked for the time."""
    now = session.ledger().clock()
    opened: dict[tuple[str, str], datetime] = st.session_state.setdefault(_OPENED, {})
    since = opened.setdefault((found.pack.week_on.isoformat(), part.name), now)
    spent = int((now - since) / timedelta(seconds=1))
    given = f"--spent: -{spent}s; --minutes: {part.minutes * 60}s; --late: {part.minutes * 60 - spent}s"
    said = f'<span class="review-spent" title="{session.say(_SPENT)}"></span> {session.say(_TIME, minutes=part.minutes)}'
    late = f'<span class="review-late">{session.say(_LATE)}</span>'
    st.html(f'<div style="{given}"><div class="review-timer"><i></i></div><p role="timer">{said} {late}</p></div>', width=260)


def _body(part: Part, at: Stop, found: Review) -> None:
    match part.name:
        case "actions":
            review_restated.last_review(found.view, found.pack.week_on)
            review_actions.promises(found)
        case "topics":
            review_actions.topics(found)
        case "board":
            _board(at, found)
        case "wrap":
            review_close.recap(found)
        case _:
            review_rows.tables(part, found)


def _board(at: Stop, found: Review) -> None:
    """One signal at a time, then the rest in one strip."""
    if at.signal is None:
        st.markdown(session.say(_NO_SIGNALS))
    else:
        line = found.pack.line(at.signal)
        review_signals.card(line, found, is_live=True)
        _verdicts(line, found)
    with st.expander(_rest_label(found), expanded=at.signal is None):
        _rest([line for line in found.pack.lines if not line.is_signal], found)


def _verdicts(line: Line, found: Review) -> None:
    """What the meeting makes of it; X says nothing is to be done."""
    judged = found.said.get(line.metric, {}).get("signal_verdict")
    if judged:
        st.markdown(f":material/check: **{session.say(_JUDGED, verdict=VALUE['signal_verdict'][judged])}**")
    if not (found.may_write and review.may(Permission.MEETING_RUN)):
        return
    with st.container(horizontal=True, gap="small", key="review_verdicts"):
        for verdict, label in VALUE["signal_verdict"].items():
            st.button(
                session.say(label),
                key=f"judge-{verdict}",
                type="primary" if verdict == judged else "secondary",
                shortcut="x" if verdict == "noise" else None,
                on_click=_judge,
                args=(line, found, verdict),
            )


def _judge(line: Line, found: Review, verdict: str) -> None:
    """What is to be acted on asks at once for the action."""
    review_signals.judge(line, found, verdict)
    if verdict == "act":
        review.go(add="action", about=line.metric, customer=None)


def _rest_label(found: Review) -> str:
    return session.say(_REST, count=len(found.pack.lines) - len(found.pack.signals))


def _rest(lines: Sequence[Line], found: Review) -> None:
    """The numbers nobody has to speak about, in their fixed order."""
    with st.container(horizontal=True, gap="small", key="review_rest"):
        for line in lines:
            label = _short(METRICS[line.metric], line, found)
            st.button(label, key=f"rest-{line.metric}", type="tertiary", on_click=review.go, kwargs={"metric": line.metric})


def _short(metric: Metric, line: Line, found: Review) -> str:
    value = words.said(line.value, metric, found.pack.currency, session.language())
    return f"{page.md(session.say(metric.label))} **{page.md(value)}**"


def _write(found: Review, at: Stop) -> None:
    """Writing something down from anywhere in the meeting."""
    offered = [kind for kind in _WRITTEN if found.may_write and review_forms.may(kind)]
    with st.container(horizontal=True, gap="small", key="review_write"):
        for kind in offered:
            label, shortcut = _WRITTEN[kind]
            about = {"add": kind, "about": at.signal, "customer": None}
            st.button(session.say(label), key=f"add-{kind}", icon=":material/add:", shortcut=shortcut, on_click=review.go, kwargs=about)
    if page.asked("add") in offered:
        kind = str(page.asked("add"))
        st.dialog(session.say(_WRITTEN[kind][0]), width="large", on_dismiss=_done)(session.run()(_form))(kind, found)


def _form(kind: str, found: Review) -> None:
    """The form for what is added, about the customer or the signal it was asked for."""
    customer_id, metric = page.asked_number("customer"), page.asked("about")
    card = page.row("customer_card", customer_id=customer_id) if customer_id else None
    about = About(customer_id, card["name"] if card else None, metric if metric in METRICS else None, week_on=found.pack.week_on)
    review_forms.draw(kind, about, then=lambda _: _done())


def _done() -> None:
    review.go(add=None, about=None, customer=None)
