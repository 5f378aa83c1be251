"""Who is at the desk, in which language, on which date: what every page asks first. The one place that asks the clock for a date."""

from __future__ import annotations

import hmac
import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import streamlit as st

from lib import text
from lib.domain.access import Actor, Permission
from lib.errors import Forbidden
from lib.store import sessions
from lib.store import settings as house
from lib.store.ledger import LATEST, Ledger, ledger_path
from lib.text import LANGUAGES, Language, Text

COOKIE: Final = "mingzhang_session"
SIGN_IN_KEY: Final = "_signed_in"
"""Session state: the hash of the token this browser tab signed in with."""
SOCKET_KEY: Final = "_socket"
"""Session state: the websocket on which it did so."""
LANGUAGE_KEY: Final = "language"
_FIRST_KNOWN: Final = datetime(2000, 1, 1)  # noqa: DTZ001 (moments are UTC without a zone)
"""When every ledger learned the rules it starts with; before that nothing was known."""
_FIRST_DAY: Final = date(1900, 1, 1)
"""Weeks are counted back from a date: there are none before the calendar's first."""

_SIGN_IN = Text("请先登录：打开首页输入用户名和密码。", "Please sign in: open the start page and enter your user name and password.")
_LOG: Final = logging.getLogger("mingzhang.access")


_TURNS: Final = threading.BoundedSemaphore(2)
"""Many runs at once only slow each other down: one after the other, half of a crowd is served in half the time."""
_LONGEST_WAIT_SECONDS: Final = 1.0
"""A long import must not keep others out."""


@dataclass(slots=True)
class _Run:
    """What stays as it is while one run lasts, and the sign-in looked up last."""

    ledger: Ledger
    asked: tuple[object, ...] = ()
    found: sessions.SignedIn | None = None


_RUN: Final[ContextVar[_Run | None]] = ContextVar("run", default=None)


@contextmanager
def run() -> Iterator[None]:
    """One run of the app or of a fragment: its hundreds of sentences need one look at the sign-in, unless something changed.

    Outside of it, in callbacks and downloads, every question is looked up anew.
    """
    if _RUN.get():
        yield
        return
    has_turn = _TURNS.acquire(timeout=_LONGEST_WAIT_SECONDS)
    mark = _RUN.set(_Run(ledger()))
    try:
        yield
    finally:
        _RUN.reset(mark)
        if has_turn:
            _TURNS.release()


def ledger() -> Ledger:
    """The ledger at MINGZHANG_LEDGER, opened once for the whole server. Refuses (`Unusable`): a file that cannot be used."""
    held = _RUN.get()
    return held.ledger if held else _opened(str(ledger_path()))


@st.cache_resource(show_spinner=False)
def _opened(path: str) -> Ledger:
    return Ledger(path)


def actor() -> Actor:
    """The signed-in person as the ledger knows them now; stops the page with a hint when nobody is signed in."""
    found = signed_in()
    if found is None:
        for sentence in (_SIGN_IN.zh, _SIGN_IN.en):
            st.error(sentence)
        st.stop()
    return found.actor


def later() -> Callable[[], Actor]:
    """The same person, asked for after this run, as the ledger knows them then; refuses whoever has been signed out meanwhile."""
    opened, hashed = ledger(), st.session_state.get(SIGN_IN_KEY)

    def still() -> Actor:
        found = sessions.find(opened, hashed) if hashed else None
        if found is None:
            raise Forbidden(_SIGN_IN)
        return found.actor

    return still


def require(permission: Permission | None) -> Actor:
    """The signed-in person, allowed to be here. Refuses (`Forbidden`) anyone else and logs the attempt."""
    person = actor()
    if permission is not None and not person.may(permission):
        _LOG.warning("user %d was refused %s", person.user_id, permission)
        person.need(permission)
    return person


def signed_in() -> sessions.SignedIn | None:
    """The live sign-in of this tab.

    Whoever takes over a tab by its session id comes on another websocket, where the cookie must be shown again.
    """
    hashed = st.session_state.get(SIGN_IN_KEY)
    if not hashed:
        return None
    held = _RUN.get()
    if held is None:
        return _looked_up(hashed)
    asked = (hashed, held.ledger.version, held.ledger.jots)
    if held.found is None or held.asked != asked:
        held.asked, held.found = asked, _looked_up(hashed)
    return held.found


def _looked_up(hashed: str) -> sessions.SignedIn | None:
    return sessions.find(ledger(), hashed) if _same_socket() or _cookie_matches(hashed) else None


def language() -> Language:
    """The person's language, kept in the ledger; before sign-in what was chosen on the page, else Chinese."""
    found = signed_in()
    if found:
        return found.language
    chosen = st.session_state.get(LANGUAGE_KEY)
    return next((known for known in LANGUAGES if known == chosen), "zh")


def say(text: Text, **values: object) -> str:
    """A sentence in the person's language."""
    return text.say(language(), **values)


def listed(words: Iterable[str]) -> str:
    """Words side by side, with the comma of the person's language."""
    told = [word for word in words if word]
    return say(text.listed(told)) if told else ""


def today() -> date:
    """Today in the business time zone; in the demo company its fixed date."""
    return house.today(ledger())


def as_of() -> date:
    """The business date the page shows: what its date field holds, else `as_of` in the URL, else today."""
    held = st.session_state.get("as_of")
    if isinstance(held, date):  # a field changed by a button is ahead of the URL, which follows after the run
        return held
    try:
        return max(date.fromisoformat(st.query_params.get("as_of", "")), _FIRST_DAY)
    except ValueError:
        return today()


def known_at() -> datetime | None:
    """The knowledge moment in UTC: `known_at` in the URL (a bare date means the end of that business day), else None for now."""
    given = st.query_params.get("known_at", "")
    try:
        moment = house.moment(ledger(), given)
    except (ValueError, OverflowError):
        return None
    return min(max(moment, _FIRST_KNOWN), LATEST)


def at_present() -> bool:
    """Whether the person looks at today by all that is known: only then is something written down."""
    return known_at() is None and as_of() == today()


def settings() -> dict[str, Any]:
    """The house's settings in force: base_currency, time_zone, company and, in the demo company, demo_date."""
    return house.settings(ledger())


def zone() -> ZoneInfo:
    """The business time zone."""
    return house.zone(ledger())


def _same_socket() -> bool:
    return bool(SOCKET_KEY in st.session_state and st.session_state[SOCKET_KEY] == socket())


def _cookie_matches(hashed: str) -> bool:
    token = cookie()
    if token is None or not hmac.compare_digest(sessions.token_hash(token), hashed):
        return False
    st.session_state[SOCKET_KEY] = socket()
    return True


def cookie() -> str | None:
    """The token this browser showed when it opened the websocket."""
    return _text(st.context.cookies.get(COOKIE))


def socket() -> str | None:
    """What tells this websocket from every other; None outside a browser (tests)."""
    return _text(st.context.headers.get("Sec-Websocket-Key"))


def _text(value: object) -> str | None:
    # Outside a browser Streamlit's test harness answers with mocks.
    return value if isinstance(value, str) else None
