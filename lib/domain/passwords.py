"""Passwords: long ones in any script are welcome, common ones are refused, bcrypt keeps them."""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from functools import cache
from typing import Final

import bcrypt

from lib.errors import Refused
from lib.text import Text

COST: Final = 12
LEAST_LENGTH: Final = 10
_BCRYPT_BYTES: Final = 72
_LONGEST_SPELLED: Final = 4096
"""One spelling of a sign can be eighteen others, and strangers may type megabytes of it."""
_LEAST_DISTINCT: Final = 5

_SHORT = Text(
    "密码至少要 {least} 个字符。可以用一句话，中文也可以。",
    "A password needs at least {least} characters. A sentence is fine, in any script.",
)
_COMMON = Text(
    "这个密码太常见，容易被猜到。请换一句别人想不到的话。",
    "This password is too common and easily guessed. Choose a sentence nobody would think of.",
)

_WORDS: Final = frozenset(
    re.findall(
        r"\S+",
        """
    a aa aaa abc abcd abcdef admin administrator asdf asdfgh asdfghjkl baobei changeme china company default demo dragon football
    guest hello iloveyou killer letmein login lovelove master mingzhang monkey mima nihao pass passw passwd password princess q qaz
    qazwsx qazwsxedc qq qwe qweasd qweasdzxc qwer qwert qwertyui qwertyuiop qwerty root secret shadow summer sunshine superman
    system test tester user username wang welcome winter woaini woaiwojia woaiwozijia woshishei x zhang zhongguo zxc zxcvbn zxcvbnm
    密码 口令 我爱你 明账 管理员 我的密码 中国 公司
        """,
    )
)
"""What remains of common passwords once figures and signs are taken off, as in Password123! or woaini1314."""
_RUNS: Final = (
    "01234567890123456789",
    "98765432109876543210",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
)


def hashed(password: str, username: str = "", *, cost: int = COST) -> str:
    """What the ledger keeps of a new password. Refuses: short, common or easily guessed ones."""
    _refuse_weak(unicodedata.normalize("NFKC", password), username.casefold())
    return bcrypt.hashpw(prepared(password).encode(), bcrypt.gensalt(cost)).decode()


def matches(password: str, password_hash: str) -> bool:
    """Whether this is the password behind a hash."""
    return bcrypt.checkpw(prepared(password).encode(), password_hash.encode())


def prepared(password: str) -> str:
    """The form that goes into bcrypt: one spelling per character; what bcrypt cannot take whole goes in as its digest."""
    normal = unicodedata.normalize("NFKC", password) if len(password) <= _LONGEST_SPELLED else password
    if len(normal.encode()) <= _BCRYPT_BYTES and "\0" not in normal:
        return normal
    return base64.b64encode(hashlib.sha256(normal.encode()).digest()).decode()


@cache
def nobodys() -> str:
    """A hash that no password fits, checked for unknown people so that they take as long as known ones."""
    return bcrypt.hashpw(bcrypt.gensalt(), bcrypt.gensalt(COST)).decode()


def _refuse_weak(password: str, username: str) -> None:
    if len(password) < LEAST_LENGTH:
        raise Refused(_SHORT, least=LEAST_LENGTH)
    plain = password.casefold()
    letters = re.sub(r"[\W\d_]+", "", plain)
    # Passwords of figures and signs alone may be strong when they are long and no run of neighbouring keys.
    guessed = letters in _WORDS or (bool(username) and letters == re.sub(r"[\W\d_]+", "", username)) or any(plain in run for run in _RUNS)
    if guessed or len(set(plain)) < _LEAST_DISTINCT or (plain.isdigit() and len(plain) <= LEAST_LENGTH + 1):
        raise Refused(_COMMON)
