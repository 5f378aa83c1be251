"""Scores for a list of customers by keyboard alone: score, Enter, next. The list is one's own, or the call sheet of a survey."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import streamlit as st

from lib import formats
from lib.commands.answers import score_in_range
from lib.commands.service import RecordScore
from lib.commands.survey_invites import NOTED, NoteInvite
from lib.domain import kinds, values
from lib.errors import Doubtful, Refused
from lib.store.door import execute
from lib.text import Text
from lib.ui import drafts, keys, page, session
from lib.ui.forms import undo

ROWS: Final = 10
_STATE: Final = "batch"
_TYPED: Final = "batch-typed"
_ABOUT: Final = Text(
    "逐个输入分数并回车；分数后可写原话，如“6 发货慢”；只输入 - 跳过。回车即保存。",
    "Type a score and press Enter; words after it are kept, as in “6 slow delivery”; a lone - skips. Enter saves.",
)
_ABOUT_WAVE: Final = Text(
    "电话名单“{title}”：逐个输入分数并回车，分数后可写原话；? 未接通，/ 不愿回答，- 跳过。回车即保存。",
    "Call sheet “{title}”: a score and Enter, words after it are kept; ? no answer, / declined, - skips. Enter saves.",
)
_CALLED_ALL: Final = Text("电话名单上没有要打的了。", "There is nobody left on the call sheet.")
_TO_WAVE: Final = Text("回到调查", "Back to the survey")
_MARKS: Final = {"?": "no_answer", "？": "no_answer", "/": "declined", "、": "declined"}
"""What is typed instead of a score when a call brings none, in either keyboard."""
_METRIC: Final = Text("指标", "Metric")
_CHANNEL: Final = Text("渠道", "Channel")
_INPUT: Final = Text("{name}：分数 {low}–{high}", "{name}: score {low}–{high}")
_SCORE_HERE: Final = Text("分数和原话", "Score and words")
_LAST: Final = Text("上次 {score}（{day}）", "last {score} ({day})")
_NEVER: Final = Text("还没有分数", "no score yet")
_SAVED: Final = Text("已保存 {score}", "Saved {score}")
_TASK: Final = Text("已建回访任务", "call-back task made")
_SKIPPED: Final = Text("已跳过", "skipped")
_UNDO: Final = Text("撤销", "Undo")
_AGAIN: Final = Text("要保存就在分数后加 !，如 9!", "To save it, put ! after the score, as in 9!")
_DONE: Final = Text("{count} 个都处理完了。", "All {count} are done.")
_NEXT: Final = Text("再来 {count} 个", "{count} more")
_NOBODY: Final = Text("您的范围内没有可评分的客户。", "There are no customers to score in your scope.")
_NEAREST: Final = Text("改成 {value}", "Change to {value}")
_CLEAR: Final = Text("清空", "Clear")
_TYPED_SCORE: Final = re.compile(r"([^\s,，:：!！]+)([!！]?)[\s,，:：]*(.*)")
_NO_SCORE: Final = Text("请输入分数，例如 9。", "Type a score, such as 9.")


def sheet() -> None:
    """Ten customers longest without an answer, or next on a survey's call sheet; the field above them is always for the row marked."""
    wave = page.row("survey_waves", wave_id=wave_id) if (wave_id := page.asked_number("wave")) else None
    if wave:
        metric, channel = str(wave["metric"]), None
        page.link(_TO_WAVE, "surveys", wave=wave["wave_id"], part="calls")
    else:
        metric = _choice("metric", _METRIC, {name: scale.label for name, scale in kinds.SCORE.items()})
        channel = _choice("channel", _CHANNEL, kinds.CHANNEL)
    state = _state(metric, wave["wave_id"] if wave else None)
    if not state["customers"]:
        page.empty(_CALLED_ALL if wave else _NOBODY)
        return
    st.caption(page.md(session.say(_ABOUT_WAVE, title=wave["title"])) if wave else session.say(_ABOUT))
    keys.mount("batch", focus=_TYPED)
    if len(state["results"]) < len(state["customers"]):
        _field(state, metric, channel)
    else:
        count = len(state["customers"])
        st.success(session.say(_DONE, count=count))
        st.button(session.say(_NEXT, count=ROWS), key="batch-next", type="primary", on_click=_forget)
    for place, customer in enumerate(state["customers"]):
        _row(place, customer, state["results"])


def _field(state: Mapping[str, Any], metric: str, channel: str | None) -> None:
    """The one field, always in the same place: it keeps the cursor while the list moves on below."""
    customer, scale = state["customers"][len(state["results"])], kinds.SCORE[metric]
    label = session.say(_INPUT, name=customer["name"], low=scale.low, high=scale.high)
    with st.container(key="batch-field"):
        st.markdown(f":material/arrow_forward: **{page.md(label)}**")
        words = session.say(_SCORE_HERE)
        st.text_input(words, key=_TYPED, label_visibility="collapsed", width=320, on_change=_enter, args=(customer, metric, channel))
        if refusal := state["refusal"]:
            again = session.say(_AGAIN) if isinstance(refusal, Doubtful) else ""
            st.caption(f":orange[:material/error: {page.md(refusal.say(session.language()))} {again}]")
            if (nearest := refusal.values.get("nearest")) is not None:
                with st.container(horizontal=True):
                    near = session.say(_NEAREST, value=nearest)
                    st.button(near, key="batch-nearest", on_click=_mend, args=(int(nearest), customer, metric, channel))
                    st.button(session.say(_CLEAR), key="batch-clear", on_click=_clear)


def _choice(field: str, label: Text, choices: Mapping[str, Text]) -> str:
    key = f"batch-{field}"
    if key not in st.session_state:
        last = drafts.remembered(field)
        st.session_state[key] = last if last in choices else next(iter(choices))
    chosen = st.pills(
        session.say(label),
        list(choices),
        key=key,
        required=True,
        format_func=lambda value: session.say(choices[value]),
        on_change=lambda: drafts.remember({field: st.session_state[key]}),
    )
    return str(chosen)


def _state(metric: str, wave_id: int | None) -> dict[str, Any]:
    """The list as it was when it was opened: it does not reorder itself under the typing hand."""
    state = st.session_state.get(_STATE)
    if state is None or (state["metric"], state["wave_id"]) != (metric, wave_id):
        if wave_id:
            found = page.rows("survey_call_sheet", wave_id=wave_id)[:ROWS]
        else:
            found = page.rows("customers_to_score", metric=metric, user_id=session.actor().user_id, most=ROWS)
        state = {"metric": metric, "wave_id": wave_id, "customers": found, "results": [], "refusal": None, "token": secrets.token_hex(16)}
        st.session_state[_STATE] = state
    return dict(state)


def _forget() -> None:
    st.session_state.pop(_STATE, None)


def _row(place: int, customer: Mapping[str, Any], results: list[dict[str, Any]]) -> None:
    is_next = place == len(results)
    with st.container(horizontal=True, vertical_alignment="center", key=f"batch-row-{place}"):
        mark = ":material/arrow_forward:" if is_next else f"{place + 1}\\."
        reached = " · ".join(filter(None, (customer.get("contact_name"), customer.get("phone")))) or customer["account_no"]
        st.markdown(f"{mark} **{page.md(customer['name'])}** {page.md(reached)}", width=360)
        if place < len(results):
            _outcome(results[place], place)
        else:
            _last(customer)


def _outcome(result: Mapping[str, Any], place: int) -> None:
    if result["change_id"] is None:
        st.caption(session.say(_SKIPPED))
        return
    task = f" · :orange[{session.say(_TASK)}]" if result["task_id"] else ""
    said = session.say(NOTED[result["noted"]]) if result.get("noted") else session.say(_SAVED, score=result["score"])
    st.markdown(f":material/check: {said}{task}")
    st.button(session.say(_UNDO), key=f"batch-undo-{place}", type="tertiary", on_click=undo, args=(result["change_id"],))


def _last(customer: Mapping[str, Any]) -> None:
    if customer["last_score"] is None:
        st.caption(session.say(_NEVER))
    else:
        day = formats.day(customer["last_on"], session.language())
        st.caption(session.say(_LAST, score=f"{customer['last_score']:.0f}", day=day))


def _enter(customer: Mapping[str, Any], metric: str, channel: str | None) -> None:
    """What Enter does: save the typed score and move on, or say why not and stay."""
    state = st.session_state[_STATE]
    typed = st.session_state[_TYPED].strip()
    if not typed:
        return
    try:
        result = _skip() if typed in {"-", "－", "—"} else _called(typed, customer, metric, channel)
    except Refused as refusal:
        state["refusal"] = refusal
        return
    state["results"].append(result)
    state["refusal"] = None
    st.session_state[_TYPED] = ""


def _mend(nearest: int, customer: Mapping[str, Any], metric: str, channel: str) -> None:
    """The score offered in place of one outside the scale, with the words that were typed."""
    words = _TYPED_SCORE.fullmatch(st.session_state[_TYPED].strip())
    st.session_state[_TYPED] = f"{nearest} {words[3] if words else ''}"
    _enter(customer, metric, channel)


def _clear() -> None:
    st.session_state[_STATE]["refusal"] = None
    st.session_state[_TYPED] = ""


def _skip() -> dict[str, Any]:
    return {"change_id": None, "score": None, "task_id": None}


def _called(typed: str, customer: Mapping[str, Any], metric: str, channel: str | None) -> dict[str, Any]:
    """A score, or on a call sheet the mark for why there is none."""
    invite_id, mark = customer.get("invite_id"), _MARKS.get(typed[:1])
    if invite_id is None or mark is None:
        return _record(typed, customer, metric, channel)
    receipt = execute(session.ledger(), session.actor(), NoteInvite(invite_id, mark, typed[1:].strip() or None), request_key=_request())
    return {"change_id": receipt.change_id, "score": None, "task_id": None, "noted": mark}


def _record(typed: str, customer: Mapping[str, Any], metric: str, channel: str | None) -> dict[str, Any]:
    score, comment, confirmed = _read(typed, metric)
    today = session.today()
    command = RecordScore(customer["customer_id"], metric, score, today, today, comment, channel, confirmed=confirmed)
    if customer.get("invite_id"):
        way = customer["channel"] if customer["channel"] in {"phone", "visit"} else "phone"
        about = {name: customer[name] for name in ("contact_id", "wave_id", "invite_id")}
        command = replace(command, channel=way, source="call", **about)
    receipt = execute(session.ledger(), session.actor(), command, request_key=_request())
    return {"change_id": receipt.change_id, "score": score, "task_id": (receipt.result or {}).get("task_id")}


def _request() -> str:
    """One key per line typed: however often Enter is pressed, the door makes the change once."""
    state = st.session_state[_STATE]
    return f"{state['token']}-{len(state['results'])}"


def _read(typed: str, metric: str) -> tuple[int, str | None, bool]:
    """Score, words, and whether a doubt is confirmed: "6! 发货慢". Refuses: no number in front, a score outside the scale."""
    found = _TYPED_SCORE.fullmatch(typed)
    read = values.parse_integer(found[1]) if found else None
    if not found or not read or read.value is None:
        raise Refused(_NO_SCORE)
    score_in_range(metric, read.value)
    return read.value, found[3] or None, bool(found[2])
