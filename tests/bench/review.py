"""The weekly review, timed: its pack for the first person and for one who sees others, again, and each file that leaves the house."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

import peers
from asking import dearest, watched
from questions import AS_OF
from receivables import Timed

from lib.domain.access import SYSTEM, Actor
from lib.metrics import METRICS, Cut
from lib.metrics.variation import View
from lib.papers.review.files import FILES, printed, wanted
from lib.review.pack import Pack, build, last_week
from lib.store.ledger import LATEST, Ledger

_FILE_MS: Final = 3_000


def reviews(ledger: Ledger, everything: Actor, team: Actor) -> list[Timed]:
    """The pack of last week, in which every metric has its weeks, and what is made of it."""

    def pack(actor: Actor = everything) -> Pack:
        return build(View(ledger, actor, AS_OF, LATEST, Cut("CNY")), last_week(AS_OF))

    asked = watched()

    def cold() -> None:
        ledger.identity = object()
        asked.clear()
        pack()

    metrics = f"review of {len(METRICS)} metrics"
    found = [Timed(f"{metrics}, first sight, CPU", peers.cpu_ms(cold), 1_000, dearest(asked))]
    found.append(Timed(f"{metrics}, again, CPU", peers.cpu_ms(pack), 200))
    ledger.identity = object()
    pack(SYSTEM)
    found.append(Timed(f"{metrics}, first sight once the server is warm, CPU", _once(pack), 1_000))
    found.append(Timed(f"{metrics}, the same of who sees others, CPU", _once(lambda: pack(team)), None))
    order = wanted(ledger, pack(), "zh")
    files = [Timed(f"review as {form.upper()}, CPU", peers.cpu_ms(lambda form=form: printed(order, form)), _FILE_MS) for form in FILES]
    return [*found, *files]


def _once(ask: Callable[[], Any]) -> float:
    started = time.process_time()
    ask()
    return (time.process_time() - started) * 1000
