"""Classification, timed: every grade at a date from nothing, the lab's answer to a moved threshold, moves between two dates."""

from __future__ import annotations

import json
from datetime import date
from typing import Any, Final

import peers
from questions import AS_OF
from receivables import Timed

from lib.domain.access import Actor
from lib.store import query
from lib.store.ledger import Ledger

SINCE: Final = date(2025, 6, 30)
_LAB: Final = ("class_trial", "class_cuts", "class_spread")
"""What the lab asks when a threshold moves, but for the quarters behind it."""


def classes(ledger: Ledger, actor: Actor) -> list[Timed]:
    """Past the cache; the lab past its answers only: facts were counted when it opened."""
    return [
        Timed("lab: a moved threshold, CPU", peers.cpu_ms(_moving(ledger, actor)), 300),
        Timed("migration between two dates, CPU", peers.cpu_ms(_cold(ledger, actor, "class_migration")), 700),
        Timed("what came after each class, CPU", peers.cpu_ms(_cold(ledger, actor, "class_outcome")), None),
    ]


def _cold(ledger: Ledger, actor: Actor, name: str) -> Any:
    def ask() -> None:
        ledger.identity = object()
        query.read(ledger, actor, name, as_of=AS_OF, since=SINCE)

    return ask


def _moving(ledger: Ledger, actor: Actor) -> Any:
    """Another threshold at each call, so that nothing but the facts is known already."""
    (held,) = query.rows(ledger, actor, "rule_in_force", as_of=AS_OF, kind="classification")
    body, high = json.loads(held["body"]), iter(range(13, 1000))

    def ask() -> None:
        wanted = body | {"frequency": body["frequency"] | {"high": next(high)}}
        for name in _LAB:
            taken = query.catalog()[name].parameters
            more = {"rules": json.dumps(wanted), "limit": 1000}
            query.read(ledger, actor, name, as_of=AS_OF, **{key: value for key, value in more.items() if key in taken})

    ask()
    return ask
