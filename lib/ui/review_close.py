"""After the meeting: what was decided and promised read aloud, a score, the freeze, and what goes out."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

import streamlit as st

from lib import formats
from lib.commands.meetings import ATTENDED, BEST_SCORE, REASON, SCORE, ReopenMeeting, close
from lib.domain.access import Actor, Permission
from lib.errors import Refused
from lib.metrics import METRICS
from lib.review import archive
from lib.review.pack import Pack
from lib.term_values import VALUE
from lib.text import Text
from lib.ui import actions, page, review, review_exports, review_prep, session
from lib.ui.review import Review

Row = Mapping[str, Any]

_DECIDED: Final = Text("决定", "Decided")
_PROMISED: Final = Text("新的行动", "New actions")
_CARRIED: Final = Text("没做完，带到下周", "Not done, carried to next week")
_SIGNALS: Final = Text("信号", "Signals")
_NO_DECISIONS: Final = Text("没有记下决定。", "No decisions were written down.")
_NO_ACTIONS: Final = Text("没有新的行动。", "No new actions.")
_NO_CARRIED: Final = Text("上周的承诺都有了结果。", "Everything promised has come to something.")
_NO_SIGNALS: Final = Text("没有信号。", "No signals.")
_BY: Final = Text("{who}，{day} 前", "{who}, by {day}")
_REASON: Final = Text("因为{reason}", "because {reason}")
_REVISIT: Final = Text("{day} 再看", "look again on {day}")
_UNJUDGED: Final = Text("没有结论", "not decided")
_TIMES: Final = Text("已带 {count}", "carried {count}")
_FREEZE: Final = Text("结束并冻结", "Close and freeze")
_FREEZE_ABOUT: Final = Text(
    "冻结后，这一周的数字、名单和说明原样留存；之后补录或更正的，会在下一次周会列出来。没做完的行动自动带到下周。",
    "Freezing keeps the week's numbers, lists and words as they are; whatever is entered or corrected later is listed in the next review. "
    "What is not done is carried over by itself.",
)
_FROZEN: Final = Text("已冻结。可以导出，或复制简报发到群里。", "Frozen. Export it, or copy the brief to the group.")
_REOPEN: Final = Text("重新打开", "Open again")
_REOPEN_ABOUT: Final = Text(
    "要补记或改正会上的内容时用。已经冻结的那一份仍留在存档里；带到下周的行动先收回，再次结束时重新带。",
    "For what was left out or written down wrong in the meeting. What was frozen stays in the archive; actions carried to next week are "
    "taken back and carried anew when it is closed again.",
)
_REOPENED: Final = Text("已重新打开，改好后再次结束并冻结。", "Open again. Close and freeze it once more when it is right.")
_ATTENDED_HINT: Final = Text("例如：陈立群、林可欣", "For example: Chen Liqun, Lin Kexin")
_UNDECIDED: Final = Text(
    "还有 {count} 个信号没有结论。回“指标板”定下来，或者就这样冻结。",
    "{count} not decided yet. Go back to the numbers and decide, or freeze it like this.",
)
_NOT_LIVE: Final = Text("会议还没有开始。开始以后才能结束并冻结。", "The meeting has not begun. Once it runs it can be closed and frozen.")
_NOT_CHAIR: Final = Text("由主持人 {name} 结束并冻结。", "{name} chairs it and closes it.")


def show(found: Review) -> None:
    """The recap, the close, and what leaves the house: of a closed review what was frozen."""
    recap(found)
    if found.state not in {"live", "closed"}:
        review_prep.meeting(found)
    of = archive.of_week(found.view.ledger, found.view.actor, found.pack.week_on) if found.state == "closed" else None
    if of is None:
        review_exports.show(found.pack, found.scope)
        return

    def again(actor: Actor) -> Pack:
        return archive.as_seen(replace(found.view, actor=actor), of)

    review_exports.show(again(found.view.actor), found.scope, again)


def recap(found: Review) -> None:
    """What is read aloud, and for the chair the score and the freeze."""
    week_on = found.pack.week_on
    left, right = page.halves()
    with left:
        decided = page.rows("resolutions", found.scope, week_on=week_on)
        _listed(_DECIDED, [_decision(row) for row in decided if row["week_on"] == week_on], _NO_DECISIONS)
        _listed(_SIGNALS, [_signal(name, found) for name in _signals(found)], _NO_SIGNALS)
    with right:
        promised = page.rows("agenda_actions", found.scope, week_on=week_on)
        _listed(_PROMISED, [_action(row) for row in promised if row["is_new"]], _NO_ACTIONS)
        _listed(_CARRIED, [_action(row) for row in promised if row["is_open"] and not row["is_new"]], _NO_CARRIED)
    _close(found)


def _listed(title: Text, lines: Sequence[str], nothing: Text) -> None:
    page.section(title)
    if not lines:
        st.markdown(f":gray[{session.say(nothing)}]")
    for number, line in enumerate(lines, 1):
        st.markdown(f"{number}\\. {line}")


def _decision(row: Row) -> str:
    more = [session.say(_REASON, reason=row["reason"])]
    more += [session.say(_REVISIT, day=_day(row["revisit_on"]))] if row["revisit_on"] else []
    return f"**{page.md(row['decision_said'])}**&ensp;:gray[{page.md(' · '.join(more))}]"


def _action(row: Row) -> str:
    by = session.say(_BY, who=row["doer_name"] or formats.MISSING, day=_day(row["due_on"]))
    times = row["carried_count"]
    carried = f" · {session.say(_TIMES, count=Text(f'{times} 次', formats.counted(times, 'time', 'times').en))}" if times else ""
    name = f" · {row['name']}" if row["name"] else ""
    return f"**{actions.title(row)}**&ensp;:gray[{page.md(by + name + carried)}]"


def _signals(found: Review) -> list[str]:
    return [line.metric for line in found.pack.signals]


def _signal(metric: str, found: Review) -> str:
    told = found.said.get(metric, {})
    verdict = session.say(VALUE["signal_verdict"][told["signal_verdict"]]) if told.get("signal_verdict") else session.say(_UNJUDGED)
    said = f"&ensp;:gray[{page.md(told['explanation_said'])}]" if told.get("explanation_said") else ""
    return f"**{page.md(session.say(METRICS[metric].label))}**&ensp;{verdict}{said}"


def _close(found: Review) -> None:
    """The score and the freeze, where the person chairs a meeting that runs; else why not, and of one that is over the way back."""
    meeting = found.meeting
    if meeting and found.state == "closed":
        st.success(session.say(_FROZEN), icon=":material/lock:")
        if review.may(Permission.MEETING_RUN) and session.at_present():
            _reopen(meeting)
    elif meeting is None or found.state != "live" or session.known_at():
        st.caption(session.say(_NOT_LIVE))
    elif meeting["chair_id"] != session.actor().user_id:
        st.caption(page.md(session.say(_NOT_CHAIR, name=meeting["chair_name"])))
        review_prep.meeting(found)
    elif review.may(Permission.MEETING_RUN):
        _freeze(meeting, found)


def _freeze(meeting: Row, found: Review) -> None:
    with st.container(border=True, key="review_close"):
        st.segmented_control(session.say(SCORE), list(range(1, BEST_SCORE + 1)), key="review_score")
        st.text_input(session.say(ATTENDED), key="review_attended", placeholder=session.say(_ATTENDED_HINT), live="400ms")
        if undecided := sum(not found.said.get(name, {}).get("signal_verdict") for name in _signals(found)):
            count = Text(str(undecided), formats.counted(undecided, "signal", "signals").en)
            st.markdown(f":orange[:material/help: {page.md(session.say(_UNDECIDED, count=count))}]")
        st.caption(session.say(_FREEZE_ABOUT))
        label, lock = session.say(_FREEZE), ":material/lock:"
        st.button(label, key="review_freeze", type="primary", icon=lock, on_click=_frozen, args=(meeting, found.pack.currency))


def _frozen(meeting: Row, currency: str | None) -> None:
    """One click freezes once, however often it comes (a button's callback)."""
    key = st.session_state.setdefault("review_freeze_request", secrets.token_hex(16))
    more = {"score": st.session_state.get("review_score"), "attended": st.session_state.get("review_attended") or None}
    try:
        close(session.ledger(), session.actor(), meeting["meeting_id"], session.today(), request_key=key, currency=currency, **more)
    except Refused as refusal:
        page.refused(refusal)
        return
    st.session_state.pop("review_freeze_request")
    review.go(mode="close")


def _reopen(meeting: Row) -> None:
    with st.popover(session.say(_REOPEN), icon=":material/lock_open:", key="review_reopening"):
        st.caption(session.say(_REOPEN_ABOUT))
        st.text_input(session.say(REASON), key="review_reopen_reason", live="400ms")
        st.button(session.say(_REOPEN), key="review_reopen", type="primary", on_click=_reopened, args=(meeting,))


def _reopened(meeting: Row) -> None:
    if page.change(ReopenMeeting(meeting["meeting_id"], st.session_state["review_reopen_reason"]), _REOPENED):
        review.go(mode="live")


def _day(day: date | None) -> str:
    return formats.day(day, session.language())
