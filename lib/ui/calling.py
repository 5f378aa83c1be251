"""Numbers to call and addresses to write to: on a phone one tap dials."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import streamlit as st

from lib.ui import page

_NUMBER: Final = re.compile(r"\+?[\d\s().-]{5,25}")
"""A number as people write it; one that is masked is none."""


def person(found: Mapping[str, Any], *, key: str) -> None:
    """Whom to call, in one line: name, title, and the number as a button that dials; without one how else they are reached."""
    phone = str(found["phone"] or "")
    parts = (found["name"], found["title"], None if phone else found["wechat"] or found["email"])
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"call-{key}"):
        st.markdown(f":material/person: {page.md(' · '.join(part for part in parts if part))}", width="content")
        number(phone, key)


def number(phone: str, key: str) -> None:
    """A number that dials when it can be dialled; a masked one stands as it is."""
    if _NUMBER.fullmatch(phone):
        digits = re.sub(r"[^\d+]", "", phone)
        st.link_button(page.md(phone), f"tel:{digits}", icon=":material/call:", key=f"dial-{key}")
    elif phone:
        st.markdown(f":material/call: {page.md(phone)}", width="content")
