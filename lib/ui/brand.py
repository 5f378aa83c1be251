"""The name over the door: mark and wordmark, drawn as outlines so that they need no font."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import streamlit as st

from lib.text import Text
from lib.ui import session

FAVICON: Final = Path(__file__).parent / "static" / "favicon.png"
FAVICON_PATH: Final = "/favicon.png"
_PROMISE = Text("客户、应收与满意度，一本明白账。", "Customers, receivables and satisfaction in one clear ledger.")

_SIGN_IN_STYLE: Final = """
<style>
[data-testid="stSidebar"], [data-testid="stExpandSidebarButton"] { display: none; }
.st-key-sign_in [data-testid="stFormSubmitButton"] button { width: 100%; color: #FFFFFF; background: #0072B2; border-color: #0072B2; }
.st-key-sign_in [data-testid="stFormSubmitButton"] button:is(:hover, :focus-visible) { background: #005A8C; border-color: #005A8C; }
.st-key-sign_in :is([data-testid="stFormSubmitButton"], [data-testid="stElementContainer"]:has([data-testid="stFormSubmitButton"])) {
  width: 100%;
}
</style>
"""
"""The library's form has a plain button, and a person who signs out leaves an empty menu behind."""


def logo() -> None:
    """The wordmark above the menu."""
    st.logo(_drawing("wordmark"), size="large", icon_image=_drawing("mark"))


def header() -> None:
    """The wordmark and what the house promises, above the sign-in form."""
    st.html(_SIGN_IN_STYLE)
    st.image(_drawing("wordmark"), width=260)
    st.markdown(session.say(_PROMISE))


@cache
def _drawing(name: str) -> str:
    # As text Streamlit puts it into the page itself; as a file it would come from /media, which is closed before sign-in.
    return (FAVICON.parent / f"{name}.svg").read_text("utf-8")
