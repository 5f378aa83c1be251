"""How the demo company's answers came: in which language, who typed them, at which stage of the journey."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pyarrow as pa

from lib.demo.people import account_managers
from lib.demo.sources import chance, happens
from lib.domain.kinds import SCORE

_SPOKEN: Final = ("phone", "visit")
"""Answers given by word of mouth: somebody of ours types them."""
_OWN: Final = 0.4
_STAGES: Final = {"delivery": 30, "after_sales": 25, "reconciliation": 20, "payment": 13, "quote": 7, "enquiry": 5}
_HARD: Final = {"delivery": 55, "reconciliation": 20, "after_sales": 15, "payment": 10}
"""Where effort was, when there was some."""


def told_how(answers: pa.Table, languages: Mapping[int, str], seed: int) -> pa.Table:
    """The same answers, those of no survey with how they came; those of surveys say so themselves."""
    teams = {manager.user_id: manager.team for manager in account_managers()}
    rows = [row if row["source"] else {**row, **_told(row, languages, teams, seed)} for row in answers.to_pylist()]
    return pa.Table.from_pylist(rows, schema=answers.schema)


def _told(row: Mapping[str, Any], languages: Mapping[int, str], teams: Mapping[int, str], seed: int) -> dict[str, Any]:
    rng = chance(seed, "told", row["feedback_id"])
    found: dict[str, Any] = {"language": languages.get(row["customer_id"], "zh"), "source": "file"}
    if row["channel"] in _SPOKEN:
        owner_id = row["recorded_by"]
        colleagues = [user_id for user_id, team in teams.items() if team == teams.get(owner_id) and user_id != owner_id]
        found |= {"source": "entry", "entered_by": owner_id if happens(rng, _OWN) or not colleagues else rng.choice(colleagues)}
    if row["metric"] == "ces":
        weights = _HARD if SCORE["ces"].is_low(row["score"]) else _STAGES
        found["stage"] = rng.choices(list(weights), list(weights.values()))[0]
    return found
