"""What I promised in the weekly review and have not done yet, the next due first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import streamlit as st

from lib import formats
from lib.text import Text
from lib.ui import page, session
from lib.ui.filters import Scope

_MOST: Final = 5
_TITLE: Final = Text("我的行动", "My actions")
_ABOUT: Final = Text("周会上答应的，共 {count} 项没做完", "Promised in the weekly review: {count} not done yet")
_LATE: Final = Text("过期", "Late")
_BY: Final = Text("{day}前", "by {day}")
_OPEN: Final = Text("去周会", "To the review")


def show(scope: Scope) -> None:
    """At most five; nothing for who has promised nothing."""
    found = page.rows("actions", scope, state="open", limit=_MOST)
    if not found:
        return
    page.section(_TITLE)
    st.caption(session.say(_ABOUT, count=found[0]["total_count"]))
    for row in found:
        _action(row)
    page.link(_OPEN, "review")


def _action(row: Mapping[str, Any]) -> None:
    with st.container(border=True, key=f"promised_{row['action_id']}", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{page.md(row['action_said'])}**", width="stretch")
            if row["is_late"]:
                st.badge(session.say(_LATE), color="orange")
        day = session.say(_BY, day=formats.day(row["due_on"], session.language()))
        st.caption(page.md(" · ".join(filter(None, [day, row["name"]]))))
