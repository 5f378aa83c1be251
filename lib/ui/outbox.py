"""The outbox: what waits, what went out, what failed and whom to mend; sending with a bar that moves."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any, Final

import streamlit as st

from lib import formats, post, terms
from lib.commands.messages import NEEDS, CancelMessage, RetryMessage
from lib.errors import Refused
from lib.post import Round
from lib.text import Text
from lib.ui import company, downloads, page, session, tables
from lib.ui.filters import Scope

TITLE: Final = Text("发件箱", "Outbox")
_EMPTY: Final = Text(
    "还没有发给客户的邮件。账单、对账单和催款从各自的页面放进来，在这里一起发出。",
    "No mail to customers yet. Invoices, statements and reminders are put in from their pages and go out from here.",
)
_COUNTED: Final = Text("{count} 封{state}", "{count} {state}")
_SEND: Final = Text("发送待发的 {count} 封", "Send {count} now")
_SENDING: Final = Text("正在发送：{done} / {count}", "Sending: {done} of {count}")
_DONE: Final = Text("发出 {sent} 封，失败 {failed} 封，不明 {unknown} 封。", "{sent} sent, {failed} failed, {unknown} of unknown outcome.")
_STOPPED: Final = Text("发送中断，其余仍在待发。请再试一次。", "Sending stopped; the rest still waits. Try again.")
_NEEDS_PERSON: Final = Text("要处理的", "To be looked at")
_WAITING: Final = Text("待发", "Waiting")
_ALL: Final = Text("全部邮件", "All mail")
_TO: Final = Text("{kind} → {name} · {contact}", "{kind} → {name} · {contact}")
_MEND: Final = Text("去改联系人", "Mend the contact")
_RETRY: Final = Text("重发", "Send again")
_CANCEL: Final = Text("取消", "Cancel")
_SURE: Final = Text("可能已经送达：请先问客户是否收到。", "It may have arrived: ask the customer first.")
_SURE_YES: Final = Text("没收到，重发", "Not received, send again")
_RETRIED: Final = Text("已放回待发。", "Back in the outbox.")
_CANCELLED: Final = Text("已取消。", "Cancelled.")
_MOST: Final = 20
_SHOWN: Final = ("name", "kind", "letter", "delivery", "happened_at", "why", "recipient", "said", "made_by")
_PEOPLES: Final = ("unknown", "failed")


def listing(scope: Scope | None = None) -> None:
    """Everything to customers by mail: how much in which state, what needs a person, sending, and the whole list."""
    question = page.question("messages", scope)
    table = question.answer()
    _head(page.rows("message_counts", scope))
    if not table.num_rows:
        page.empty(_EMPTY)
        return
    # What is being sent this moment is of unknown outcome, which is nothing to worry about yet.
    rows = [] if _is_running() else table.to_pylist()
    _work([row for row in rows if row["delivery"] in _PEOPLES], _NEEDS_PERSON)
    _work([row for row in rows if row["delivery"] == "queued"], _WAITING)
    with st.container(horizontal=True, vertical_alignment="center"):
        page.section(_ALL)
        downloads.export(downloads.Offer(TITLE, question, table.num_rows), scope)
    tables.show(table, _SHOWN, key="outbox", opens="customer")


def _head(counts: list[dict[str, Any]]) -> None:
    words = terms.VALUE["delivery"]
    said = [
        session.say(_COUNTED, count=formats.number(row["count"]), state=Text(words[row["delivery"]].zh, words[row["delivery"]].en.lower()))
        for row in counts
    ]
    if said:
        st.markdown(f"#### {page.md(' · '.join(said))}")
    company.desk()
    _sending()


def _sending() -> None:
    """The button, or the bar while a round runs, or what the last round came to."""
    person, ledger = session.actor(), session.ledger()
    try:
        to = post.server()
    except Refused as refusal:
        page.refused(refusal)
        return
    if _is_running():
        _bar()
        return
    state = _rounds().get((ledger.identity, person.user_id))
    if state:
        _result(state)
    waiting = len(post.waiting(ledger, person))
    if to is None:
        st.info(page.md(session.say(post.NOT_SET)))
    elif waiting:
        label = session.say(_SEND, count=formats.number(waiting))
        st.button(label, key="outbox-send", type="primary", icon=":material/send:", on_click=_start)


@st.cache_resource(show_spinner=False)
def _rounds() -> dict[tuple[object, int], Round]:
    """The round each person has running, or ran last."""
    return {}


def _is_running() -> bool:
    state = _rounds().get((session.ledger().identity, session.actor().user_id))
    return bool(state and not state.is_done)


def _start() -> None:
    """Begin a round beside the page: a slow server keeps nobody waiting. A second click finds it running."""
    ledger, person, to = session.ledger(), session.actor(), post.server()
    if to is None or _is_running():
        return
    state = _rounds()[ledger.identity, person.user_id] = Round()
    threading.Thread(target=post.deliver, args=(ledger, person, to, None, state), name="mail", daemon=True).start()


@st.fragment(run_every=1.0)
@session.run()
def _bar() -> None:
    state = _rounds().get((session.ledger().identity, session.actor().user_id))
    if state is None or state.is_done:
        st.rerun()
    share = state.handled / state.waiting if state.waiting else 0.0
    done, count = formats.number(state.handled), formats.number(state.waiting)
    st.progress(min(share, 1.0), session.say(_SENDING, done=done, count=count))


def _result(state: Round) -> None:
    if state.trouble:
        page.refused(state.trouble)
    elif state.handled < state.waiting:
        st.error(session.say(_STOPPED))
    if state.handled:
        said = session.say(_DONE, sent=state.sent, failed=state.failed, unknown=state.unknown)
        (st.warning if state.failed or state.unknown else st.success)(said)


def _work(rows: list[dict[str, Any]], title: Text) -> None:
    if not rows:
        return
    page.section(title)
    for row in rows[:_MOST]:
        _message(row)


def _message(row: Mapping[str, Any]) -> None:
    kind = session.say(terms.VALUE["kind"][row["kind"]])
    contact = row["contact_name"] or row["recipient"] or formats.MISSING
    with st.container(border=True, key=f"message-{row['message_id']}"):
        st.markdown(f"**{page.md(session.say(_TO, kind=kind, name=row['name'], contact=contact))}** {page.md(row['letter'])}")
        why = [session.say(terms.VALUE["why"][row["why"]])] if row["why"] in terms.VALUE["why"] else []
        if why or row["said"]:
            st.caption(page.md(" · ".join([*why, *([row["said"]] if row["said"] else []), page.moment(row["happened_at"])])))
        with st.container(horizontal=True, vertical_alignment="center"):
            if row["delivery"] in _PEOPLES:
                page.link(_MEND, "customer", customer=row["customer_id"])
            if session.actor().may(NEEDS[row["kind"]]):
                _choices(row)


def _choices(row: Mapping[str, Any]) -> None:
    message_id = row["message_id"]
    if row["delivery"] == "unknown":
        with st.popover(session.say(_RETRY), key=f"unknown-{message_id}"):
            st.markdown(session.say(_SURE))
            st.button(session.say(_SURE_YES), key=f"again-{message_id}", on_click=_retry, args=(message_id,), kwargs={"confirmed": True})
    elif row["delivery"] == "failed":
        st.button(session.say(_RETRY), key=f"again-{message_id}", on_click=_retry, args=(message_id,))
    st.button(session.say(_CANCEL), key=f"cancel-{message_id}", type="tertiary", on_click=_cancel, args=(message_id,))


def _retry(message_id: int, *, confirmed: bool = False) -> None:
    page.change(RetryMessage(message_id, confirmed=confirmed), _RETRIED)


def _cancel(message_id: int) -> None:
    page.change(CancelMessage(message_id), _CANCELLED)
