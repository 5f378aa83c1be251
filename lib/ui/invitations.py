"""Surveys a customer still has to answer, and one's link to hand on by WeChat or SMS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import streamlit as st

from lib import formats, terms
from lib.commands.invitations import HANDED, HandOverLink, link
from lib.domain.access import Permission
from lib.errors import Refused
from lib.text import Text
from lib.ui import page, session

_TITLE: Final = Text("等客户回答的调查", "Surveys to be answered")
_LINE: Final = Text("{title} · {contact} · {state} · {closes_on}截止", "{title} · {contact} · {state} · closes {closes_on}")
_TAKE: Final = Text("取链接", "Take the link")
_HOW: Final = Text(
    "链接只给客户本人，答一次即失效。取走后，这份回答会注明您拿过链接。",
    "The link is for the customer alone and works once. The answer will say that you had it.",
)
_BY: Final = Text("怎么发", "How it is sent")
_SHOW: Final = Text("显示链接", "Show the link")
_SHOWN: Final = Text("已记下：您取了这份链接。", "Noted: you took this link.")
_KEY: Final = "invitation-link"


def of_customer(customer_id: int) -> bool:
    """The open invitations of one customer. Returns whether there are any."""
    found = page.rows("customer_invitations", customer_id=customer_id)
    if found:
        page.section(_TITLE)
    for invite in found:
        with st.container(horizontal=True, vertical_alignment="center", border=True):
            st.markdown(page.md(_said(invite)))
            hand_over(invite["invite_id"])
    return bool(found)


def hand_over(invite_id: int) -> None:
    """A button for who may enter what customers say: one invitation's link, shown to be copied, which is written down."""
    if not session.actor().may(Permission.SERVICE_WRITE):
        return
    with st.popover(session.say(_TAKE), icon=":material/link:", key=f"link-{invite_id}"):
        taken = st.session_state.get(_KEY)
        if taken and taken[0] == invite_id:
            st.code(taken[1], language=None, wrap_lines=True)
        st.caption(session.say(_HOW))
        channel = st.pills(
            session.say(_BY),
            list(HANDED),
            default=next(iter(HANDED)),
            key=f"link-channel-{invite_id}",
            format_func=lambda name: session.say(HANDED[name]),
        )
        st.button(session.say(_SHOW), key=f"link-show-{invite_id}", type="primary", disabled=not channel, on_click=_take, args=(invite_id,))


def _take(invite_id: int) -> None:
    channel = st.session_state[f"link-channel-{invite_id}"]
    receipt = page.change(HandOverLink(invite_id, channel, session.today()), _SHOWN)
    if receipt is None:
        return
    try:
        st.session_state[_KEY] = (invite_id, link(session.ledger(), receipt.result, invite_id))
    except Refused as refusal:
        page.refused(refusal)


def _said(invite: Mapping[str, Any]) -> str:
    language = session.language()
    return session.say(
        _LINE,
        title=invite["title"],
        contact=invite["contact_name"] or formats.MISSING,
        state=terms.VALUE["invite_state"][invite["invite_state"]],
        closes_on=formats.full_date(invite["closes_on"], language),
    )
