"""The entry page: one quick form at a time, and below what I entered today, each with its undo."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time
from typing import Any, Final

import streamlit as st

from lib.commands import REGISTRY
from lib.commands.attachments import AttachFile, RemoveFile
from lib.commands.call_backs import LogCallBack, TellCustomer
from lib.commands.complaints import RecordComplaint
from lib.commands.contacts import KeepContact
from lib.commands.customers import RegisterCustomer
from lib.commands.hand_over import HandOver
from lib.commands.promises import RecordPromise
from lib.commands.receivables import RecordPayment
from lib.commands.requests import RecordRequest
from lib.commands.service import CompleteTask, RecordInteraction, RecordScore, RecordSuggestion
from lib.commands.tasks import MoveTask
from lib.text import Text
from lib.ui import call_backs, entry_customer, entry_money, entry_voice, forms, page, quick, service_request, session

_WHAT: Final = Text("录入什么", "What to enter")
_MINE: Final = Text("我今天录入的", "What I entered today")
_NOTHING_YET: Final = Text("今天还没有录入。", "Nothing entered today yet.")
_UNDO: Final = Text("撤销", "Undo")
_IS_UNDONE: Final = Text("（已撤销）", " (undone)")


_DRAW: Final[dict[str, Callable[[], None]]] = {
    "interaction": entry_voice.interaction,
    "score": entry_voice.score,
    "call_back": call_backs.desk,
    "complaint": entry_voice.complaint,
    "request": service_request.new,
    "suggestion": entry_voice.suggestion,
    "promise": entry_money.promise,
    "payment": entry_money.payment,
    "customer_new": entry_customer.customer_new,
}


@st.fragment
@session.run()
def desk() -> None:
    """The forms this person may use, one at a time; the URL says which (`?form=score&customer=7`). Below: what was entered today."""
    chosen = forms.switch("form", quick.offered(), _WHAT)
    with st.container(key="entry-form"):
        _DRAW[chosen]()
    mine_today()


def mine_today() -> None:
    """My own entries of today, each with its undo."""
    page.section(_MINE)
    now = session.ledger().clock().replace(tzinfo=UTC).astimezone(session.zone())
    since = datetime.combine(now.date(), time.min, session.zone()).astimezone(UTC).replace(tzinfo=None)
    entries = page.rows("my_changes", user_id=session.actor().user_id, since=since, commands=RECORDED, most=20)
    if not entries:
        st.caption(session.say(_NOTHING_YET))
    for entry in entries:
        _mine(entry)


RECORDED: Final = tuple(
    command.__name__
    for command in (
        *(RecordInteraction, RecordScore, LogCallBack, TellCustomer, RecordComplaint, RecordRequest, RecordSuggestion, RecordPromise),
        *(RecordPayment, RegisterCustomer, AttachFile, RemoveFile, CompleteTask, MoveTask, HandOver, KeepContact),
    )
)


def _mine(entry: Mapping[str, Any]) -> None:
    detail = json.loads(entry["detail"])
    said = detail.get("summary") or detail.get("comment") or detail.get("note") or detail.get("name") or ""
    mark = detail.get("score") if detail.get("score") is not None else detail.get("amount") or ""
    title = session.say(REGISTRY[entry["command"]].title)
    about = entry["customer_name"] or page.about_words(entry["subject"])
    parts = [page.moment(entry["made_at"])[-5:], title, about, str(mark), said[:40]]
    with st.container(horizontal=True, vertical_alignment="center", key=f"mine-{entry['change_id']}"):
        text = page.md(" · ".join(part for part in parts if part))
        if entry["is_undone"]:
            st.markdown(f"~~{text}~~{session.say(_IS_UNDONE)}")
        else:
            st.markdown(text)
            st.button(
                session.say(_UNDO), key=f"undo-{entry['change_id']}", type="tertiary", on_click=forms.undo, args=(entry["change_id"],)
            )
