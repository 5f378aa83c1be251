"""Find a customer from anywhere: by name, pinyin initials or account number."""

from __future__ import annotations

from typing import Final

import streamlit as st

from lib.domain.access import Permission
from lib.text import Text
from lib.ui import page, session

MOST: Final = 8
_FIND: Final = Text("找客户", "Find a customer")
_HINT: Final = Text("名称、拼音首字母或账号", "Name, pinyin initials or account no.")
_NONE: Final = Text("没有找到“{search}”。换个说法，或少打几个字。", "Nothing found for “{search}”. Try other or fewer letters.")


@st.fragment
@session.run()
def box(key: str = "search") -> None:
    """The search field with what it finds; only the field itself runs again while typing."""
    if not session.actor().may(Permission.CUSTOMER_READ):
        return
    search = st.text_input(
        session.say(_FIND),
        key=key,
        type="search",
        live="200ms",
        placeholder=session.say(_HINT),
        label_visibility="collapsed",
        icon=":material/search:",
    ).strip()
    if not search:
        return
    found = page.rows("search_customers", search=search, limit=MOST)
    for row in found:
        page.link(f"{row['name']} · {row['account_no']}", "customer", customer=row["customer_id"])
    if not found:
        st.caption(page.md(session.say(_NONE, search=search)))
