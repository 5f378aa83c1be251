"""What the house keeps to itself: random bytes made on first use, in the ledger's file but in no answer, export or audit."""

from __future__ import annotations

import secrets
from functools import lru_cache
from typing import Final

from lib.store.ledger import Ledger

_BYTES: Final = 32


@lru_cache(maxsize=16)
def house_secret(ledger: Ledger, name: str) -> bytes:
    """The secret of that name, which never changes. Two who ask first at the same time get the same one."""
    if (found := _kept(ledger, name)) is None:
        made: dict[str, object] = {"name": name, "secret": secrets.token_bytes(_BYTES)}
        ledger.jot("insert into house_secret values ($name, $secret) on conflict do nothing", made)
        found = _kept(ledger, name)
    assert found is not None
    return found


def _kept(ledger: Ledger, name: str) -> bytes | None:
    row = ledger.cursor().execute("select secret from house_secret where name = $name", {"name": name}).fetchone()
    return bytes(row[0]) if row else None
