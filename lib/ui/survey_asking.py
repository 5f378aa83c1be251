"""Whom to call in a wave and who is on its list: choose somebody, note what came of it, hand on a link, or withdraw."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, Final

import pyarrow as pa
import streamlit as st

from lib import formats
from lib.commands.answers import COMMENT
from lib.commands.service import RecordScore
from lib.commands.survey_invites import NOTED, REASON, STATE, NoteInvite, WithdrawInvite
from lib.domain import surveys
from lib.domain.access import Permission
from lib.errors import Refused
from lib.store.door import Command, execute
from lib.text import Text
from lib.ui import downloads, forms, invitations, page, session, survey_plan, survey_steps, tables
from lib.ui.downloads import Offer

_CALLS: Final = Text("电话名单", "Call sheet")
_CALLS_ABOUT: Final = Text(
    "{count}要打电话或面访，重点客户在前，没打过的在前；其中 {sampled} 个是书面没回答、抽中打电话的。",
    "{count} to call or visit, key accounts first, then never tried; {sampled} of them were silent in writing and drawn.",
)
_NO_CALLS: Final = Text("没有要打的电话。", "There is nobody to call.")
_BATCH: Final = Text("用键盘逐个录入", "Enter by keyboard, one after the other")
_LIST: Final = Text("名单", "Who is asked")
_LIST_ABOUT: Final = Text("点一行记录结果、撤回或打开客户。", "Click a row to note what came of it, withdraw, or open the customer.")
_STATE: Final = Text("进展", "Progress")
_ALL_STATES: Final = Text("全部", "All")
_ONE: Final = Text("{name} · {contact}", "{name} · {contact}")
_ANSWER: Final = Text("保存回答", "Save the answer")
_SCORE: Final = Text("分数", "Score")
_CUSTOMER: Final = Text("打开客户", "Open the customer")
_NOTE: Final = Text("说明", "Note")
_WITHDRAW: Final = Text("撤回邀请", "Withdraw")
_CALL_COLUMNS: Final = (
    *("name", "contact_name", "phone", "channel", "language", "is_key", "is_sampled", "tries", "tried_on", "note"),
    *("last_score", "last_on", "owner_name", "account_no"),
)
_COLUMNS: Final = (
    *("name", "contact_name", "invite_state", "channel", "language", "stratum_name", "weight", "delivered_on", "reminders", "tries"),
    *("answered_on", "score", "note", "owner_name", "account_no"),
)
_OPEN: Final = ("failed", "waiting", "no_answer", "delivered")


def calls(row: Mapping[str, Any]) -> None:
    """The call sheet: print or export it, or call from here."""
    asked = page.question("survey_call_sheet", wave_id=row["wave_id"])
    table = asked.answer()
    if not table.num_rows:
        page.empty(_NO_CALLS)
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        page.section(_CALLS)
        downloads.export(Offer(_CALLS, asked, table.num_rows, about=(session.say(_CALLS), row["title"])))
        if session.actor().may(Permission.SERVICE_WRITE):
            page.link(_BATCH, "entry", form="score", mode="batch", wave=row["wave_id"])
    sampled = sum(table["is_sampled"].to_pylist())
    st.caption(session.say(_CALLS_ABOUT, count=survey_plan.people(table.num_rows), sampled=formats.number(sampled)))
    _picked(table, _CALL_COLUMNS, f"calls-{session.ledger().version}", row)


def everybody(row: Mapping[str, Any]) -> None:
    """Everybody on the list by what has become of asking."""
    asked = page.question("survey_invites", wave_id=row["wave_id"])
    table = _worded(asked.answer())
    with st.container(horizontal=True, vertical_alignment="center"):
        page.section(_LIST)
        downloads.export(Offer(_LIST, asked, table.num_rows, prepare=_worded, about=(session.say(_LIST), row["title"])))
    found = set(table["invite_state"].to_pylist())
    offered = {"": _ALL_STATES, **{state: word for state, word in STATE.items() if state in found}}
    state = forms.switch("state", offered, _STATE)
    if state:
        table = table.filter(pa.compute.equal(table["invite_state"], state))
    st.caption(session.say(_LIST_ABOUT))
    _picked(table, _COLUMNS, f"list-{session.ledger().version}", row)


def _worded(table: pa.Table) -> pa.Table:
    names = [survey_plan.stratum_name(stratum) for stratum in table["stratum"].to_pylist()]
    return table.append_column("stratum_name", pa.array(names, pa.string()))


def _picked(table: pa.Table, columns: tuple[str, ...], key: str, wave: Mapping[str, Any]) -> None:
    chosen = tables.pick(table, columns, key=f"survey-{key}", into="invite", by="invite_id")
    if chosen:
        place = table["invite_id"].to_pylist().index(int(chosen))
        _invitation(table.slice(place, 1).to_pylist()[0], wave)


def _invitation(invite: Mapping[str, Any], wave: Mapping[str, Any]) -> None:
    """One person on the list: what can be noted about asking them."""
    person = session.actor()
    with st.container(border=True, key="survey_invite"):
        st.markdown(f"**{page.md(session.say(_ONE, name=invite['name'], contact=invite['contact_name'] or formats.MISSING))}**")
        is_open = invite.get("invite_state", "waiting") in _OPEN
        can_note = is_open and wave["wave_state"] == "sending" and person.may(Permission.SERVICE_WRITE)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            page.link(_CUSTOMER, "customer", customer=invite["customer_id"])
            if can_note:
                invitations.hand_over(invite["invite_id"])
        if can_note:
            _answer(invite, wave)
            _note(invite)
        if is_open and wave["wave_state"] in {"frozen", "sending"} and person.may(Permission.SURVEY_WRITE):
            _withdraw(invite)


def _answer(invite: Mapping[str, Any], wave: Mapping[str, Any]) -> None:
    """What they said on the phone: a score and their words."""
    number, points = invite["invite_id"], surveys.POINTS[wave["metric"]]
    score = st.pills(session.say(_SCORE), list(points), key=f"survey-score-{number}", format_func=str, wrap=True)
    if score is not None:
        st.caption(session.say(points[score]))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        said = st.text_input(session.say(COMMENT), key=f"survey-said-{number}", width=320)
        if st.button(session.say(_ANSWER), key=f"survey-answer-{number}", type="primary", disabled=score is None) and score is not None:
            today = session.today()
            channel = invite["channel"] if invite["channel"] in {"phone", "visit"} else "phone"
            about = {"contact_id": invite["contact_id"], "wave_id": wave["wave_id"], "invite_id": number, "stage": wave["stage"]}
            command = RecordScore(invite["customer_id"], wave["metric"], score, today, today, said or None, channel, source="call", **about)
            _do(command, session.say(_ANSWER), invite)


def _note(invite: Mapping[str, Any]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        said = st.text_input(session.say(_NOTE), key=f"survey-note-{invite['invite_id']}", width=320)
        for state, word in NOTED.items():
            if st.button(session.say(word), key=f"survey-{state}-{invite['invite_id']}"):
                _do(NoteInvite(invite["invite_id"], state, said or None), session.say(word), invite)


def _withdraw(invite: Mapping[str, Any]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        reason = st.text_input(session.say(REASON), key=f"survey-reason-{invite['invite_id']}", width=320)
        if st.button(session.say(_WITHDRAW), key=f"survey-withdraw-{invite['invite_id']}", type="tertiary", icon=":material/undo:"):
            _do(WithdrawInvite(invite["invite_id"], reason), session.say(_WITHDRAW), invite)


def _do(command: Command, what: str, invite: Mapping[str, Any]) -> None:
    """Make the change; its undo stands above the list."""
    key = st.session_state.setdefault(f"survey-request-{invite['invite_id']}-{session.ledger().version}", secrets.token_hex(16))
    try:
        made = execute(session.ledger(), session.actor(), command, request_key=key)
    except Refused as refusal:
        page.refused(refusal)
        return
    survey_steps.said(made.change_id, f"{what} · {invite['name']}")
