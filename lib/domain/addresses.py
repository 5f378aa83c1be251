"""Whether a mail address can be written to, and the form in which it goes out. No address is ever guessed or mended."""

from __future__ import annotations

import re
from typing import Final

from lib.text import Text

NO_ADDRESS: Final = Text("“{email}” 不是可用的邮箱地址。", "“{email}” is no address mail can be sent to.")
LONGEST: Final = 254
_HOST: Final = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]*", re.UNICODE)
_ADDRESS: Final = re.compile(rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@{_HOST.pattern}", re.UNICODE)


def is_address(value: str | None) -> bool:
    """Whether this is exactly one address: one recipient, no name, no line break. Before the @ only ASCII: few servers take more."""
    given = value or ""
    if len(given) > LONGEST or ".." in given or not _ADDRESS.fullmatch(given):
        return False
    try:
        return wire(given).isascii()
    except UnicodeError:
        return False


def is_host(value: str) -> bool:
    """Whether this is a name of a host that others can reach: with a dot, and no bare number."""
    return bool(_HOST.fullmatch(value))


def wire(address: str) -> str:
    """The address with its domain as mail servers know it: letters outside ASCII become xn--."""
    name, _, domain = address.rpartition("@")
    return f"{name}@{domain.encode('idna').decode('ascii')}"


def without_addresses(said: str) -> str:
    """A server's words with every address taken out: what it says is shown to people who may not read the address."""
    return re.sub(r"[^\s<>]+@[^\s<>]+", "…", said)
