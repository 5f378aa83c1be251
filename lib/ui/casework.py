"""Work on one customer: complaints and requests one click away, tasks done, promises taken back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import streamlit as st

from lib import formats
from lib.commands.promises import CancelPromise
from lib.domain import stages
from lib.domain.access import Permission
from lib.term_values import VALUE
from lib.text import Text
from lib.ui import invitations, page, session
from lib.ui import tasks as cards

_COMPLAINTS: Final = Text("投诉", "Complaints")
_REQUESTS: Final = Text("未解决的服务请求", "Service requests not solved")
_NEW_REQUEST: Final = Text("记服务请求", "Note a service request")
_TASKS: Final = Text("待办任务", "Open tasks")
_NOTHING: Final = Text("没有投诉，也没有待办。", "No complaints and no open tasks.")
_DUE: Final = Text("{day}前", "due {day}")
_ADVANCE: Final = Text("处理", "Work on it")
_CONFIRM: Final = Text("确定", "Confirm")
_PROMISES: Final = Text("还款承诺", "Promises to pay")
_CANCEL: Final = Text("取消承诺", "Cancel")
_CANCELLED: Final = Text("承诺已取消。", "Promise cancelled.")
_REASON: Final = Text("原因", "Reason")
_PROMISE: Final = Text("{amount}，{day}前", "{amount} by {day}")


def service(customer_id: int) -> None:
    """Surveys to be answered, complaints with their next step, and tasks to be done."""
    complaints = page.rows("complaints", customer_id=customer_id)
    tasks = page.rows("open_tasks", customer_id=customer_id, user_id=None)
    requests = page.rows("service_requests", customer_id=customer_id, user_id=None, queue="open")
    asked = invitations.of_customer(customer_id)
    if not complaints and not tasks and not asked and not requests:
        page.empty(_NOTHING)
    may = session.actor().may(Permission.SERVICE_WRITE)
    if tasks:
        page.section(_TASKS)
    for task in tasks:
        cards.card(task, names_customer=False)
    if complaints:
        page.section(_COMPLAINTS)
    for complaint in complaints:
        _complaint(complaint)
    if requests:
        page.section(_REQUESTS)
    for request in requests:
        _request(request)
    if may:
        page.link(_NEW_REQUEST, "service", show="new", customer=customer_id)


def _complaint(complaint: Mapping[str, Any]) -> None:
    """One line of a complaint; it is worked on where all of them are, and one click away."""
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        state = session.say(stages.STATE_LABEL[complaint["state"]])
        day = formats.full_date(complaint["on_date"], session.language())
        due = session.say(_DUE, day=formats.day(complaint["due_on"], session.language())) if complaint["due_on"] else ""
        until = _late(due, late=bool(complaint["is_late"])) if complaint["is_open"] else ""
        st.markdown(f":gray[{day}] **{page.md(complaint['complaint_subject'])}** :gray-badge[{state}] {until}")
        page.link(_ADVANCE, "complaints", case=complaint["case_id"])


def _request(request: Mapping[str, Any]) -> None:
    """One line of a service request that is not solved; it is worked on where all of them are."""
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        urgency = session.say(VALUE["urgency"][request["urgency"]])
        colour = "orange" if request["urgency"] in ("breached", "soon") else "gray"
        st.markdown(f":gray[{page.moment(request['began_at'])}] **{page.md(request['request_subject'])}** :{colour}-badge[{urgency}]")
        page.link(_ADVANCE, "service", request=request["case_id"], queue="open")


def promises(customer_id: int) -> None:
    """What was promised and what became of it; an open one can be taken back."""
    made = page.rows("promises", customer_id=customer_id)
    if not made:
        return
    page.section(_PROMISES)
    for promise in made[:10]:
        _promise(promise)


def _promise(promise: Mapping[str, Any]) -> None:
    amount = formats.money(promise["amount"], promise["currency"], session.language())
    said = session.say(_PROMISE, amount=amount, day=formats.full_date(promise["due_on"], session.language()))
    colour = "orange" if promise["result"] in ("broken", "partly") else "gray"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"{page.md(said)} :{colour}-badge[{session.say(VALUE['result'][promise['result']])}] {page.md(promise['promised_by'] or '')}"
        )
        if promise["result"] == "open" and session.actor().may(Permission.PROMISE_WRITE):
            with st.popover(session.say(_CANCEL), key=f"promise-{promise['promise_id']}"):
                reason = st.text_input(session.say(_REASON), key=f"cancel-reason-{promise['promise_id']}")
                if st.button(session.say(_CONFIRM), key=f"cancel-{promise['promise_id']}", type="primary"):
                    _do(CancelPromise(promise["promise_id"], reason, session.today()), _CANCELLED)


def _late(due: str, *, late: bool) -> str:
    return f":orange[{due}]" if late else f":gray[{due}]" if due else ""


def _do(command: Any, done: Text) -> None:  # noqa: ANN401 (any command)
    if page.change(command, done):
        st.rerun()
