"""The first start of an empty house: a code from the server's terminal lets its owner name the administrator."""

from __future__ import annotations

import hmac
import secrets
from typing import Final

import streamlit as st

from lib.commands.users import CreateFirstAdministrator
from lib.domain.access import SYSTEM
from lib.errors import Refused
from lib.store.door import execute
from lib.store.query import catalog, run
from lib.text import Text
from lib.ui import session, throttle

_READABLE: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without figures and letters that look alike."""
_CODE_LENGTH: Final = 10

ANNOUNCEMENT: Final = Text(
    "还没有管理员。请在浏览器中打开明账，输入一次性代码 {code} 建立。",
    "There is no administrator yet. Open Mingzhang in a browser and enter the one-time code {code} to create one.",
)
_TITLE = Text("建立管理员", "Create the administrator")
_HINT = Text("一次性代码显示在启动明账的终端里。", "The one-time code is shown in the terminal that started Mingzhang.")
_CODE = Text("一次性代码", "One-time code")
_USERNAME = Text("用户名", "User name")
_NAME = Text("姓名", "Full name")
_PASSWORD = Text("密码（至少 10 个字符）", "Password (at least 10 characters)")
_AGAIN = Text("再输入一次密码", "Password again")
_CREATE = Text("建立并登录", "Create and sign in")
_WRONG_CODE = Text("代码不对。请照终端里显示的输入。", "The code is wrong. Enter it as the terminal shows it.")
_DIFFERENT = Text("两次输入的密码不同。", "The two passwords differ.")
WAIT: Final = Text("尝试次数过多。请在 {seconds} 秒后再试。", "Too many tries. Try again in {seconds} seconds.")


def needed() -> bool:
    """Whether there is no administrator yet."""
    found = run(session.ledger(), catalog()["administrators"].sql, {}).to_pylist()
    return int(found[0]["administrators"]) == 0


@st.cache_resource(show_spinner=False)
def code() -> str:
    """This server's one-time code."""
    return "".join(secrets.choice(_READABLE) for _ in range(_CODE_LENGTH))


@st.cache_resource(show_spinner=False)
def guesses() -> throttle.Throttle:
    """The server's memory of tries, for this code and for passwords."""
    return throttle.Throttle()


def form() -> int | None:
    """Ask for the code and the administrator. Returns the new person's user_id once made."""
    with st.form("first_start"):
        st.subheader(session.say(_TITLE))
        st.caption(session.say(_HINT))
        given = st.text_input(session.say(_CODE), key="first_code", autocomplete="off")
        username = st.text_input(session.say(_USERNAME), key="first_username", autocomplete="username")
        name = st.text_input(session.say(_NAME), key="first_name", autocomplete="name")
        password = st.text_input(session.say(_PASSWORD), type="password", key="first_password", autocomplete="new-password")
        again = st.text_input(session.say(_AGAIN), type="password", key="first_again", autocomplete="new-password")
        if not st.form_submit_button(session.say(_CREATE), type="primary", width="stretch"):
            return None
    try:
        return _create(given, CreateFirstAdministrator(username, name, password, session.language()), again)
    except Refused as refusal:
        st.error(refusal.say(session.language()))
        return None


def _create(given: str, command: CreateFirstAdministrator, again: str) -> int:
    if wait := guesses().take({"first start": throttle.ACCOUNT}):
        raise Refused(WAIT, seconds=round(wait + 0.5))
    if not hmac.compare_digest(given.strip().upper().encode(), code().encode()):
        raise Refused(_WRONG_CODE)
    if command.password != again:
        raise Refused(_DIFFERENT)
    user_id: int = execute(session.ledger(), SYSTEM, command).result
    return user_id
