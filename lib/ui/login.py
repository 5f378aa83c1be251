"""Signing in and out. The form and the bcrypt check are streamlit-authenticator's; sign-ins live in the ledger, not in its cookie."""

from __future__ import annotations

import logging
import secrets
from typing import Any, Final

import streamlit as st
import streamlit_authenticator as stauth
from streamlit_authenticator.controllers import AuthenticationController

from lib.commands.users import SetLanguage, normal_username
from lib.domain import passwords
from lib.store import sessions
from lib.store.door import execute
from lib.store.query import catalog, run
from lib.text import LANGUAGES, Text
from lib.ui import brand, first_start, handover, session, throttle

_TITLE = Text("登录", "Sign in")
_USERNAME = Text("用户名", "User name")
_PASSWORD = Text("密码", "Password")
_WRONG = Text("用户名或密码不正确。请检查后重新输入。", "The user name or password is not right. Check both and try again.")
_EMPTY = Text("请输入用户名和密码。", "Enter your user name and password.")
_ENDED = Text(
    "您已退出登录：长时间未操作，或账号有变动。请重新登录。",
    "You have been signed out after a long pause or a change to your account. Please sign in again.",
)
LANGUAGE: Final = Text("语言", "Language")
LANGUAGE_NAME: Final = {"zh": "中文", "en": "English"}
_STATUS: Final = "authentication_status"
_ENDED_KEY: Final = "_ended"
_CHOSE_KEY: Final = "_chose_language"
_WAIT_KEY: Final = "_wait_seconds"
_LOG: Final = logging.getLogger("mingzhang.access")


def resume() -> bool:
    """Whether this tab is signed in, by its own sign-in or by the browser's cookie."""
    if session.signed_in():
        return True
    was_signed_in = session.SIGN_IN_KEY in st.session_state
    if was_signed_in:
        _forget_everything()
        st.session_state[_ENDED_KEY] = True
    token = session.cookie()
    if token is None or sessions.find(session.ledger(), sessions.token_hash(token)) is None:
        return False
    st.session_state.pop(_ENDED_KEY, None)
    _bind(token)
    return True


def page() -> None:
    """The sign-in page; in an empty house the form that makes its administrator."""
    with st.container(horizontal_alignment="center"), st.container(width=420, key="sign_in"):
        brand.header()
        if st.session_state.get(_ENDED_KEY):
            st.info(session.say(_ENDED))
        if first_start.needed():
            if user_id := first_start.form():
                _sign_in(user_id)
        else:
            _password_form()
        _language_switch()


def _language_switch() -> None:
    st.session_state.setdefault(session.LANGUAGE_KEY, "zh")
    st.segmented_control(
        session.say(LANGUAGE),
        LANGUAGES,
        key=session.LANGUAGE_KEY,
        format_func=LANGUAGE_NAME.__getitem__,
        required=True,
        on_change=_choose_language,
        label_visibility="collapsed",
    )


def _choose_language() -> None:
    st.session_state[_CHOSE_KEY] = True


def sign_out() -> None:
    """End this sign-in in every tab and give the cookie back."""
    if hashed := st.session_state.get(session.SIGN_IN_KEY):
        sessions.end(session.ledger(), hashed)
    _forget_everything()
    handover.drop_cookie()


def _password_form() -> None:
    st.session_state[_STATUS] = None
    st.session_state.pop(_WAIT_KEY, None)
    _Authenticate().login(
        fields={
            "Form name": session.say(_TITLE),
            "Username": session.say(_USERNAME),
            "Password": session.say(_PASSWORD),
            "Login": session.say(_TITLE),
        },
        key="login_form",
    )
    if wait := st.session_state.get(_WAIT_KEY):
        st.error(session.say(first_start.WAIT, seconds=wait))
    elif st.session_state[_STATUS] is False:
        st.error(session.say(_WRONG))


def wait_before(name: str) -> int:
    """Seconds until a password of this account may be tried again from here; 0: now, and the try counts."""
    account, address = _keys(name)
    wait = first_start.guesses().take({account: throttle.ACCOUNT, address: throttle.ADDRESS})
    return round(wait + 0.5) if wait else 0


def forgive(name: str) -> None:
    """After a right password the account starts anew."""
    first_start.guesses().forgive(*_keys(name))


def _keys(name: str) -> tuple[str, str]:
    return f"account {name}", throttle.address_key(st.context.ip_address)


class _Controller(AuthenticationController):  # type: ignore[misc] # the library is untyped
    """The library's check, with one account at a time, a throttle, and unknown people taking as long as known ones."""

    def login(self, username: str | None = None, password: str | None = None, *_: object, **__: object) -> bool | None:
        """Whether the password fits; None when a field is empty."""
        name = normal_username(username or "")
        if not name or not password:
            st.warning(session.say(_EMPTY))
            return None
        if wait := wait_before(name):
            st.session_state[_WAIT_KEY] = wait
            return False
        return self._check(name, password)

    def _check(self, name: str, password: str) -> bool:
        person = _person(name)
        # The library's own memory holds this one account; an unknown one gets a hash that no password fits.
        known = {"name": name, "password": person["password_hash"] if person else passwords.nobodys()}
        self.authentication_model.credentials["usernames"] = {name: known}
        fits = bool(self.authentication_model.login(name, passwords.prepared(password))) and person is not None
        if fits and person:
            forgive(name)
            _sign_in(person["user_id"])
        _LOG.warning("a sign-in failed from %s", _keys(name)[1])
        return False


class _NoCookie:
    """In place of the library's cookie, which scripts can read and nobody can revoke."""

    def get_cookie(self) -> None:
        """Nothing: a cookie is looked at in `resume`."""

    def set_cookie(self) -> None:
        """Nothing: the cookie is set through a ticket."""


class _Authenticate(stauth.Authenticate):  # type: ignore[misc] # the library is untyped
    """The library's form around our controller. Its own __init__ would mount the cookie's frame and sleep."""

    def __init__(self) -> None:
        self.api_key = self.path = None
        self.attrs: dict[str, Any] = {"login_sleep_time": 0}
        self.cookie_controller = _NoCookie()
        self.authentication_controller = _Controller({"usernames": {}}, auto_hash=False, secret_key=secrets.token_hex(32))


def _person(username: str) -> dict[str, Any] | None:
    found = run(session.ledger(), catalog()["login_person"].sql, {"username": username}).to_pylist()
    return found[0] if found else None


def _sign_in(user_id: int) -> None:
    chosen = session.language() if st.session_state.get(_CHOSE_KEY) else None
    _forget_everything()
    token = sessions.start(session.ledger(), user_id)
    _bind(token)
    handover.fetch_cookie(token)
    if chosen and chosen != session.language():
        execute(session.ledger(), session.actor(), SetLanguage(chosen))
    _LOG.info("user %d signed in", user_id)
    st.rerun()


def _bind(token: str) -> None:
    st.session_state[session.SIGN_IN_KEY] = sessions.token_hash(token)
    st.session_state[session.SOCKET_KEY] = session.socket()


def _forget_everything() -> None:
    chosen = st.session_state.get(session.LANGUAGE_KEY)
    for key in list(st.session_state):
        del st.session_state[key]
    if chosen:
        st.session_state[session.LANGUAGE_KEY] = chosen
