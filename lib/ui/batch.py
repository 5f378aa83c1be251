"""Calls and scores for a list of customers by keyboard alone: a line, Enter, next. The list is chosen, one's own, or a call sheet."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import streamlit as st

from lib import formats
from lib.commands.answers import score_in_range
from lib.commands.service import IN_VAIN, RecordInteraction, RecordScore
from lib.commands.survey_invites import NOTED, NoteInvite
from lib.domain import call_line, kinds, values
from lib.errors import Doubtful, Refused
from lib.store.door import execute
from lib.text import Text
from lib.ui import customer_field, drafts, keys, page, session
from lib.ui.forms import ANYWAY, Form, undo

CALL: Final = "call"
"""What is typed in is no score but what was said in a call."""
ROWS: Final = 10
_STATE: Final = "batch"
_FORM: Final = Form("batch")
_TYPED: Final = "batch-typed"
_ABOUT: Final = Text(
    "逐个输入分数并回车；分数后可写原话，如“6 发货慢”；只输入 - 跳过。回车即保存。",
    "Type a score and press Enter; words after it are kept, as in “6 slow delivery”; a lone - skips. Enter saves.",
)
_ABOUT_CALL: Final = Text(
    "逐个输入说了什么并回车；末尾空一格写 +7 为 7 天后再联系（也可 +1周），? 未接通，- 跳过。回车即保存。",
    "Type what was said and press Enter; a blank and +7 at the end: again in 7 days (or +1w), ? no answer, - skips. Enter saves.",
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
_WHO: Final = Text("加一个客户（不加就从最久没有的开始）", "Add a customer (else: those it was longest ago)")
_CHANNEL: Final = Text("渠道", "Channel")
_INPUT: Final = Text("{name}：分数 {low}–{high}", "{name}: score {low}–{high}")
_TALKED: Final = Text("{name}：说了什么", "{name}: what was said")
_SAID_HERE: Final = Text("说了什么", "What was said")
_LAST_TALK: Final = Text("上次 {day}：{said}", "last {day}: {said}")
_NEVER_TALKED: Final = Text("还没有联系过", "never in touch")
_NOTED: Final = Text("已保存：{said}", "Saved: {said}")
_NEXT_ON: Final = Text("{day}再联系", "again on {day}")
_SURE: Final = Text("在前面加 ! 也可以。", "Or put ! in front.")
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


def sheet(*, calls: bool = False) -> None:
    """Customers chosen, longest without an answer or a talk, or next on a call sheet; the field above them is for the row marked."""
    wave_id = None if calls else page.asked_number("wave")
    wave = page.row("survey_waves", wave_id=wave_id) if wave_id else None
    if wave:
        metric, channel = str(wave["metric"]), None
        page.link(_TO_WAVE, "surveys", wave=wave["wave_id"], part="calls")
    else:
        metric = CALL if calls else _choice("metric", _METRIC, {name: scale.label for name, scale in kinds.SCORE.items()})
        channel = _choice("channel", _CHANNEL, kinds.CHANNEL)
    state = _state(metric, wave["wave_id"] if wave else None)
    if not wave:
        customer_field.add(_FORM, _WHO, _add)
    if not state["customers"]:
        page.empty(_CALLED_ALL if wave else _NOBODY)
        return
    about = session.say(_ABOUT_CALL if metric == CALL else _ABOUT)
    st.caption(page.md(session.say(_ABOUT_WAVE, title=wave["title"])) if wave else about)
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
    customer = state["customers"][len(state["results"])]
    with st.container(key="batch-field"):
        st.markdown(f":material/arrow_forward: **{page.md(_asked(customer, metric))}**")
        words, width = session.say(_SAID_HERE if metric == CALL else _SCORE_HERE), 560 if metric == CALL else 320
        st.text_input(words, key=_TYPED, label_visibility="collapsed", width=width, on_change=_enter, args=(customer, metric, channel))
        if refusal := state["refusal"]:
            again = session.say(_SURE if metric == CALL else _AGAIN) if (in_doubt := isinstance(refusal, Doubtful)) else ""
            st.caption(f":orange[:material/error: {page.md(refusal.say(session.language()))} {again}]")
            if in_doubt and metric == CALL:
                st.button(session.say(ANYWAY), key="batch-anyway", on_click=_anyway, args=(customer, metric, channel))
            if (nearest := refusal.values.get("nearest")) is not None:
                with st.container(horizontal=True):
                    near = session.say(_NEAREST, value=nearest)
                    st.button(near, key="batch-nearest", on_click=_mend, args=(int(nearest), customer, metric, channel))
                    st.button(session.say(_CLEAR), key="batch-clear", on_click=_clear)


def _asked(customer: Mapping[str, Any], metric: str) -> str:
    if metric == CALL:
        return session.say(_TALKED, name=customer["name"])
    scale = kinds.SCORE[metric]
    return session.say(_INPUT, name=customer["name"], low=scale.low, high=scale.high)


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
        found = page.rows("survey_call_sheet", wave_id=wave_id)[:ROWS] if wave_id else _customers(metric)
        state = {"metric": metric, "wave_id": wave_id, "customers": found, "results": [], "refusal": None, "token": secrets.token_hex(16)}
        st.session_state[_STATE] = {**state, "is_chosen": False}
    return dict(st.session_state[_STATE])


def _customers(metric: str, customer_id: int | None = None) -> list[dict[str, Any]]:
    """One customer, or those it is longest ago."""
    asked: dict[str, Any]
    name, asked = ("customers_to_call", {}) if metric == CALL else ("customers_to_score", {"metric": metric})
    return page.rows(name, customer_ids=(customer_id,) if customer_id else None, most=ROWS, **asked)


def _add(customer_id: int) -> None:
    """One more customer; the first one chosen takes the place of those suggested and not yet dealt with."""
    state = st.session_state[_STATE]
    kept = state["customers"] if state["is_chosen"] else state["customers"][: len(state["results"])]
    state["customers"] = [*kept, *_customers(state["metric"], customer_id)]
    state["is_chosen"] = True


def _forget() -> None:
    """Begin anew with those it is longest ago."""
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
    said = _said(result)
    st.markdown(f":material/check: {said}{task}")
    st.button(session.say(_UNDO), key=f"batch-undo-{place}", type="tertiary", on_click=undo, args=(result["change_id"],))


def _said(result: Mapping[str, Any]) -> str:
    if "said" in result:
        parts = [session.say(_NOTED, said=result["said"])]
        parts += [session.say(_NEXT_ON, day=formats.day(result["next_on"], session.language()))] if result["next_on"] else []
        return page.md(" · ".join(parts))
    return session.say(NOTED[result["noted"]]) if result.get("noted") else session.say(_SAVED, score=result["score"])


def _last(customer: Mapping[str, Any]) -> None:
    if "last_said" in customer:
        talked = customer["last_on"] is not None
        day = formats.full_date(customer["last_on"], session.language())
        st.caption(page.md(session.say(_LAST_TALK, day=day, said=customer["last_said"])) if talked else session.say(_NEVER_TALKED))
    elif customer["last_score"] is None:
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


def _anyway(customer: Mapping[str, Any], metric: str, channel: str | None) -> None:
    """The line as it was typed, its doubt confirmed."""
    st.session_state[_TYPED] = f"! {st.session_state[_TYPED]}"
    _enter(customer, metric, channel)


def _clear() -> None:
    st.session_state[_STATE]["refusal"] = None
    st.session_state[_TYPED] = ""


def _skip() -> dict[str, Any]:
    return {"change_id": None, "score": None, "task_id": None}


def _called(typed: str, customer: Mapping[str, Any], metric: str, channel: str | None) -> dict[str, Any]:
    """What was said, a score, or on a call sheet the mark for why there is none."""
    if metric == CALL:
        return _talk(typed, customer, channel)
    invite_id, mark = customer.get("invite_id"), _MARKS.get(typed[:1])
    if invite_id is None or mark is None:
        return _record(typed, customer, metric, channel)
    receipt = execute(session.ledger(), session.actor(), NoteInvite(invite_id, mark, typed[1:].strip() or None), request_key=_request())
    return {"change_id": receipt.change_id, "score": None, "task_id": None, "noted": mark}


def _talk(typed: str, customer: Mapping[str, Any], channel: str | None) -> dict[str, Any]:
    """A call in one line, with the next one when it says so."""
    line, today = call_line.read(typed), session.today()
    outcome = IN_VAIN if line.is_in_vain else "reached"
    said = line.said or (session.say(kinds.OUTCOME[IN_VAIN]) if line.is_in_vain else "")
    next_on = today + timedelta(days=line.again_days) if line.again_days else None
    command = RecordInteraction(
        customer["customer_id"], today, today, said, channel or "phone", outcome=outcome, next_on=next_on, confirmed=line.is_sure
    )
    receipt = execute(session.ledger(), session.actor(), command, request_key=_request())
    return {"change_id": receipt.change_id, "task_id": None, "said": said, "next_on": next_on}


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
