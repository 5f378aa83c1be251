"""Drafts on screen: what was typed is kept as it is typed, and offered again after a reload or a restart."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import streamlit as st

from lib.store import drafts
from lib.text import Text
from lib.ui import page, session

_FOUND: Final = Text("有 {when} 没存完的草稿：“{glimpse}”。恢复吗？", "There is an unsaved draft from {when}: “{glimpse}”. Restore it?")
_CODE: Final = re.compile("[a-z0-9_]+")
"""What a choice is kept as; it would read as a foreign word."""
_RESTORE: Final = Text("恢复草稿", "Restore the draft")
_DISCARD: Final = Text("丢弃", "Discard")
_REMEMBERED: Final = "remembered"
_GLIMPSE: Final = 24


def keep(form: str, values: Mapping[str, Any]) -> None:
    """Keep what stands in the form; a form emptied again leaves no draft."""
    st.session_state[_seen(form)] = True
    if values:
        drafts.keep(session.ledger(), session.actor().user_id, form, values)
    else:
        drop(form)


def drop(form: str) -> None:
    """Forget the draft: it is saved, or not wanted."""
    drafts.drop(session.ledger(), session.actor().user_id, form)


def own(form: str) -> Mapping[str, Any] | None:
    """What was typed into the form earlier in this very visit."""
    found = drafts.find(session.ledger(), session.actor().user_id, form) if st.session_state.get(_seen(form)) else None
    return found.body if found else None


def ask_again(form: str) -> None:
    """Offer the draft as if this were another visit."""
    st.session_state.pop(_seen(form), None)


def offer(form: str, restore: Callable[[Mapping[str, Any]], None]) -> None:
    """The banner over a form that was left unsaved in another visit."""
    seen = _seen(form)
    if st.session_state.get(seen):
        return
    found = drafts.find(session.ledger(), session.actor().user_id, form)
    if found is None:
        st.session_state[seen] = True
        return
    texts = [value for value in found.body.values() if isinstance(value, str) and value and not _CODE.fullmatch(value)]
    glimpse = max(texts, key=len, default="…")[:_GLIMPSE]
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"{form}-draft"):
        st.markdown(session.say(_FOUND, when=page.moment(found.saved_at), glimpse=page.md(glimpse)))
        st.button(session.say(_RESTORE), key=f"{form}.restore", type="primary", on_click=_restored, args=(seen, restore, found.body))
        st.button(session.say(_DISCARD), key=f"{form}.discard", on_click=_discarded, args=(seen, form))


def remembered(name: str) -> Any:  # noqa: ANN401 (a channel, a metric, ...)
    """What this person chose last time under a name."""
    found = drafts.find(session.ledger(), session.actor().user_id, _REMEMBERED)
    return found.body.get(name) if found else None


def remember(values: Mapping[str, Any]) -> None:
    """Make these the next defaults."""
    user_id = session.actor().user_id
    found = drafts.find(session.ledger(), user_id, _REMEMBERED)
    drafts.keep(session.ledger(), user_id, _REMEMBERED, {**(found.body if found else {}), **values})


def _seen(form: str) -> str:
    return f"{form}.draft_seen"


def _restored(seen: str, restore: Callable[[Mapping[str, Any]], None], body: Mapping[str, Any]) -> None:
    st.session_state[seen] = True
    restore(body)


def _discarded(seen: str, form: str) -> None:
    st.session_state[seen] = True
    drop(form)
