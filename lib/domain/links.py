"""The link a customer answers a survey by: who holds it may answer one invitation, and nobody can make one up.

The token names its invitation, but only to the house: a code over both numbers, and the numbers themselves hidden by that code.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final
from urllib.parse import urlsplit

from lib.domain.addresses import is_host

PATH: Final = "/s/"
PLACE: Final = "〔问卷链接 · your link〕"
"""What stands in a letter until it is sent: nobody who reads the outbox can answer in the customer's place."""
_CODE_BYTES: Final = 16
_WAVE_BYTES: Final = 3
_INVITE_BYTES: Final = 5
_LENGTH: Final = (_CODE_BYTES + _WAVE_BYTES + _INVITE_BYTES) * 4 // 3
_TOKEN: Final = re.compile(rf"[A-Za-z0-9_-]{{{_LENGTH}}}")
_LONGEST_ADDRESS: Final = 200
_LOCAL: Final = frozenset({"localhost", "127.0.0.1"})


def token(secret: bytes, wave_id: int, invite_id: int) -> str:
    """The token of an invitation: always the same, and known to nobody without the secret."""
    named = wave_id.to_bytes(_WAVE_BYTES) + invite_id.to_bytes(_INVITE_BYTES)
    code = _code(secret, named)
    return urlsafe_b64encode(code + _hidden(secret, code, named)).decode()


def opened(secret: bytes, given: str) -> tuple[int, int] | None:
    """wave_id and invite_id of a token; None when this house never made it. Takes as long for a near miss as for nonsense."""
    if not _TOKEN.fullmatch(given):
        return None
    raw = urlsafe_b64decode(given)
    code = raw[:_CODE_BYTES]
    named = _hidden(secret, code, raw[_CODE_BYTES:])
    if not hmac.compare_digest(code, _code(secret, named)):
        return None
    return int.from_bytes(named[:_WAVE_BYTES]), int.from_bytes(named[_WAVE_BYTES:])


def masked(text: str) -> str:
    """A text without tokens: what a mail server quotes of a letter it will not take is kept."""
    return _TOKEN.sub("…", text)


def is_public(address: str) -> bool:
    """Whether customers can safely be sent to this address: https, a host, nothing behind it; http only on this very machine."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    plain = f"{parts.scheme}://{parts.netloc}{parts.path}" == address and "@" not in parts.netloc and parts.path in {"", "/"}
    if not plain or len(address) > _LONGEST_ADDRESS:
        return False
    return (parts.scheme == "https" and is_host(host)) or (parts.scheme == "http" and host in _LOCAL)


def _code(secret: bytes, named: bytes) -> bytes:
    return hmac.digest(secret, b"survey" + named, hashlib.sha256)[:_CODE_BYTES]


def _hidden(secret: bytes, code: bytes, named: bytes) -> bytes:
    """Numbers to hide, or hidden ones to read: the same both ways."""
    veil = hmac.digest(secret, b"veil" + code, hashlib.sha256)
    return bytes(one ^ other for one, other in zip(named, veil, strict=False))
