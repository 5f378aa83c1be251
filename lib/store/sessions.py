"""Sign-ins: who stands behind a token, until when. The ledger keeps only a token's sha256, so a copy of the file opens no door."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from lib.domain.access import Actor, Role, Scope
from lib.store.ledger import Ledger
from lib.store.query import catalog, run
from lib.text import Language

IDLE: Final = timedelta(minutes=30)
ABSOLUTE: Final = timedelta(hours=12)
_SEEN_EVERY: Final = timedelta(seconds=30)
_KEPT: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A live sign-in: the person with today's role and scope, and how they want to be spoken to."""

    actor: Actor
    username: str
    language: Language


def token_hash(token: str) -> str:
    """What the ledger keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def start(ledger: Ledger, user_id: int) -> str:
    """Open a sign-in. Returns its token, which exists nowhere but in the person's browser."""
    token = secrets.token_urlsafe(32)
    ledger.jot(
        "insert into login_session values ($token_hash, $user_id, $now, $now, null)",
        {"token_hash": token_hash(token), "user_id": user_id, "now": ledger.clock()},
    )
    return token


def find(ledger: Ledger, hashed: str) -> SignedIn | None:
    """The sign-in behind a hashed token; None when unknown, ended, idle too long, too old, or its person is deactivated."""
    row = _row(ledger, ledger.version, ledger.jots, hashed)
    now = ledger.clock()
    if row is None or not _is_live(row, now):
        return None
    if now - row["seen_at"] > _SEEN_EVERY:
        ledger.jot("update login_session set seen_at = $now where token_hash = $token_hash", {"now": now, "token_hash": hashed})
    return _signed_in(row)


def end(ledger: Ledger, hashed: str) -> None:
    """End a sign-in, in every tab."""
    ledger.jot(
        "update login_session set revoked_at = $now where token_hash = $token_hash and revoked_at is null",
        {"now": ledger.clock(), "token_hash": hashed},
    )


def forget_old(ledger: Ledger) -> None:
    """Remove sign-ins that ended long ago."""
    ledger.jot("delete from login_session where created_at < $before", {"before": ledger.clock() - _KEPT})


@lru_cache(maxsize=256)
def _row(ledger: Ledger, _version: int, _jots: int, hashed: str) -> dict[str, Any] | None:
    """A page asks many times per click; only a change or a jot can alter the answer, because one process owns the file."""
    found = run(ledger, catalog()["login_session"].sql, {"token_hash": hashed}).to_pylist()
    return found[0] if found else None


def _is_live(row: dict[str, Any], now: datetime) -> bool:
    # A clock set back must not keep a sign-in open until it has caught up.
    fresh = abs(now - row["seen_at"]) <= IDLE and now - row["created_at"] <= ABSOLUTE
    return bool(fresh and row["revoked_at"] is None and row["is_active"])


def _signed_in(row: dict[str, Any]) -> SignedIn:
    actor = Actor(row["user_id"], row["name"], Role(row["role"]), Scope(row["scope"]), tuple(row["teams"] or ()), row["clearance"])
    return SignedIn(actor, row["username"], row["language"])
