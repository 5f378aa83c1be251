"""Satisfaction, timed: every slice of all answers, whom we hear from, what became of low scores."""

from __future__ import annotations

from datetime import date
from itertools import product
from typing import Any, Final

import peers
from questions import AS_OF
from receivables import Timed

from lib.domain import scores
from lib.domain.access import Actor
from lib.store import query
from lib.store.ledger import Ledger

_PERIODS: Final = ("all", *scores.PERIOD)
_TARGET: Final = 150
_SINCE: Final = date(2025, 7, 1)


def slices(ledger: Ledger, actor: Actor) -> list[Timed]:
    """Each way to split all answers by each period, past the cache; classes of customers are an answer everybody shares."""
    taken = {(by, period): peers.cpu_ms(_asked(ledger, actor, by, period)) for by, period in product((None, *scores.BY), _PERIODS)}
    (by, period), slowest = max(taken.items(), key=lambda one: one[1])
    others = [("whom we hear from", "coverage", {}), ("who is silent", "silent_customers", {"limit": 200})]
    others += [("what became of low scores", "follow_up", {"since": _SINCE}), ("the journey", "journey", {"since": _SINCE})]
    return [
        Timed(f"slowest slice of all answers (by {by}, {period}), CPU", slowest, _TARGET),
        Timed("all answers, unsplit, CPU", taken[None, "all"], _TARGET),
        *(Timed(f"{title}, CPU", peers.cpu_ms(_cold(ledger, actor, name, given)), None) for title, name, given in others),
    ]


def _asked(ledger: Ledger, actor: Actor, by: str | None, period: str) -> Any:
    """Since another day each time, long before the first answer, so that only what the day shares is known already."""
    name, days = scores.counted_by(by), iter(range(1, 29))

    def ask() -> None:
        query.read(ledger, actor, name, as_of=AS_OF, by=by, period=period, since=date(2000, 1, next(days)))

    return ask


def _cold(ledger: Ledger, actor: Actor, name: str, given: dict[str, Any]) -> Any:
    def ask() -> None:
        ledger.identity = object()
        query.read(ledger, actor, name, as_of=AS_OF, **given)

    return ask
