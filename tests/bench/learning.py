"""What models take: learning how often customers buy, then all models with their trials, recorded through the door."""

from __future__ import annotations

import time

from questions import AS_OF
from receivables import Timed

from lib.commands.modelling.purchases import learn_purchases
from lib.commands.modelling.runs import House
from lib.commands.models import FitModels, prepare
from lib.domain.access import SYSTEM
from lib.store.door import execute
from lib.store.ledger import Ledger


def learning(ledger: Ledger) -> list[Timed]:
    """The pages measured afterwards find what was foretold."""
    learn_purchases(House(ledger), AS_OF)  # scipy is loaded once
    ledger.identity = object()
    started = time.process_time()
    learn_purchases(House(ledger), AS_OF)
    learned = time.process_time()
    execute(ledger, SYSTEM, FitModels(AS_OF, prepare(ledger, SYSTEM, AS_OF)))
    fitted = time.process_time()
    return [
        Timed("purchases of all customers counted and learned (BG/NBD), CPU", (learned - started) * 1000, 5000),
        Timed("all models learned, tried at four origins and recorded, CPU", (fitted - learned) * 1000, None),
    ]
