"""Unsaved input, one per person and form: not a fact, so neither audited nor versioned, yet it survives a reload and a restart."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from lib.store.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody typed and did not save, and when (UTC)."""

    body: Mapping[str, Any]
    saved_at: datetime


def keep(ledger: Ledger, user_id: int, form: str, body: Mapping[str, Any]) -> None:
    """Remember the input in place of what was remembered before."""
    ledger.jot(
        "insert or replace into draft values ($user_id, $form, $body, $saved_at)",
        {
            "user_id": user_id,
            "form": form,
            "body": json.dumps({name: _plain(value) for name, value in body.items()}, ensure_ascii=False),
            "saved_at": ledger.clock(),
        },
    )


def find(ledger: Ledger, user_id: int, form: str) -> Draft | None:
    """What was typed last, if anything."""
    row = (
        ledger.cursor()
        .execute("select body, saved_at from draft where user_id = $user_id and form = $form", {"user_id": user_id, "form": form})
        .fetchone()
    )
    return Draft({name: _typed(value) for name, value in json.loads(row[0]).items()}, row[1]) if row else None


def drop(ledger: Ledger, user_id: int, form: str) -> None:
    """Forget it: saved, or not wanted."""
    ledger.jot("delete from draft where user_id = $user_id and form = $form", {"user_id": user_id, "form": form})


def _plain(value: object) -> object:
    return {"date": value.isoformat()} if isinstance(value, date) else value


def _typed(value: Any) -> Any:  # noqa: ANN401 (whatever the form held)
    return date.fromisoformat(value["date"]) if isinstance(value, dict) else value
