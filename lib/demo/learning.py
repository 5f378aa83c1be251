"""The manager's last act on the demo date: the models, fitted and tried on three years of the company's own history."""

from __future__ import annotations

from lib.commands import models
from lib.demo.desk import Desk
from lib.demo.moments import END
from lib.domain.access import SYSTEM
from lib.store.ledger import Ledger


def learn(ledger: Ledger) -> None:
    """What `python -m lib models` does, at half past six in the evening."""
    desk = Desk(ledger)
    desk.opens(END, 18, 30)
    desk.do("manager", models.FitModels(END, models.prepare(ledger, SYSTEM, END)))
