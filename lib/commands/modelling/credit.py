"""The credit score in force held against how customers paid afterwards, beside their payment habit alone. Nothing is learned here."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

import numpy as np

from lib.commands.modelling.runs import HORIZON_DAYS, House, Run, facts_hash, judged, numbers, origins

NAME: Final = "credit"
_MOST: Final = 0.5
_GRADES: Final = ("high", "mid", "low")


def runs(house: House, as_of: date) -> list[Run]:
    """One trial an origin: of customers rated on that day with invoices due in the 91 days after, whose were mostly late."""
    return [run for origin in origins(as_of) if (run := _trial(house, origin))]


def _trial(house: House, origin: date) -> Run | None:
    until = origin + timedelta(days=HORIZON_DAYS)
    table = house.ask("house_credit_later", as_of=origin, until=until)
    score, habit = numbers(table, "credit_score"), numbers(table, "on_time_rate")
    if not len(score):
        return None
    late = numbers(table, "late") / numbers(table, "invoices") >= _MOST
    figures = judged(-score, -habit, late)
    if figures is None:
        return None
    grades = np.asarray(table["credit_grade"].to_pylist())
    bands: list[dict[str, Any]] = [
        {"grade": grade, "n": int((grades == grade).sum()), "late": int(late[grades == grade].sum())} for grade in _GRADES
    ]
    facts = facts_hash(score, habit)
    return Run(NAME, "trial", origin, until, len(score), "model", {}, facts, {**figures, "grades": bands})
