"""How a sign-in made in the script reaches the browser's cookie jar: a one-time ticket, redeemed by the page itself.

The script cannot set an HttpOnly cookie and a route cannot see the script's session; the ticket joins the two for 30 seconds.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from typing import Final

import streamlit as st

from lib.store.sessions import token_hash
from lib.text import Language

START_PATH: Final = "/session/start"
END_PATH: Final = "/session/end"
_LASTS_SECONDS: Final = 30.0
_ERRAND_KEY: Final = "_errand"


class Tickets:
    """Tokens waiting to be fetched, each once and soon; safe under threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._waiting: dict[str, tuple[str, float]] = {}
        self._lock = threading.Lock()

    def issue(self, token: str) -> str:
        """A ticket for a token."""
        ticket = secrets.token_urlsafe(32)
        now = self._clock()
        with self._lock:
            self._waiting = {key: kept for key, kept in self._waiting.items() if kept[1] > now}
            self._waiting[token_hash(ticket)] = (token, now + _LASTS_SECONDS)
        return ticket

    def redeem(self, ticket: str) -> str | None:
        """The token behind a ticket; None when used before, too late or unknown."""
        with self._lock:
            token, until = self._waiting.pop(token_hash(ticket), ("", 0.0))
        return token if until > self._clock() else None


@st.cache_resource(show_spinner=False)
def tickets() -> Tickets:
    """The server's tickets."""
    return Tickets()


def fetch_cookie(token: str) -> None:
    """Have the browser fetch the cookie for a token on the next run."""
    st.session_state[_ERRAND_KEY] = {"path": START_PATH, "ticket": tickets().issue(token), "errand": secrets.token_hex(8)}


def drop_cookie() -> None:
    """Have the browser give its cookie back on the next run."""
    st.session_state[_ERRAND_KEY] = {"path": END_PATH, "errand": secrets.token_hex(8)}


def mount(language: Language) -> None:
    """Send the browser on its errand, if there is one, and tell it the page's language. Once per run."""
    _page_helper(data={"lang": {"zh": "zh-CN", "en": "en"}[language], **st.session_state.get(_ERRAND_KEY, {})}, key="page_helper", height=1)


_page_helper = st.components.v2.component(
    "mingzhang_page_helper",
    js="""
export default async function ({ data }) {
  document.documentElement.lang = data.lang
  if (!data.path || window.mingzhangErrand === data.errand) return
  window.mingzhangErrand = data.errand
  const answer = await fetch(data.path, {
    method: 'POST',
    credentials: 'same-origin',
    headers: { 'Content-Type': 'application/json', 'X-Mingzhang': '1' },
    body: JSON.stringify({ ticket: data.ticket || '' }),
  })
  await answer.text()
}
""",
)
