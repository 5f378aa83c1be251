"""Models on a ledger: fitted through the door, tried on its own past without leaks, kept and held against what came."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import facts
import ledgers
import pytest

from lib.commands import models
from lib.commands.modelling.runs import HORIZON_DAYS, Findings, origins
from lib.commands.undo import Undo
from lib.domain.access import SYSTEM, Actor, Role, Scope
from lib.errors import Forbidden
from lib.store.door import execute
from lib.store.ledger import Ledger
from lib.store.query import rows

TODAY = date(2026, 6, 30)
CUSTOMERS = 320
TRADING = Path(__file__).with_name("trading.sql")


@pytest.fixture(scope="module")
def trading() -> Iterator[Ledger]:
    """Two years of 320 customers (see the file)."""
    with ledgers.fresh() as ledger:
        with ledger.transaction() as cursor:
            cursor.execute(TRADING.read_text("utf-8"))
        yield ledger


@pytest.fixture(scope="module")
def found(trading: Ledger) -> Findings:
    return models.prepare(trading, SYSTEM, TODAY)


def of(found: Findings, model: str, kind: str) -> list[Any]:
    return [run for run in found.runs if (run.model, run.kind) == (model, kind)]


def test_models_are_tried_at_complete_origins_and_used_only_when_they_beat_the_rule(found: Findings) -> None:
    for model in ("purchases", "late"):
        trials, (live,) = of(found, model, "trial"), of(found, model, "live")
        assert [run.fitted_on for run in trials] == origins(TODAY)
        assert all(run.until_on <= TODAY for run in trials)
        wins = sum(run.figures["lead"][1] > 0 for run in trials)
        assert (live.uses, live.parameters["wins"]) == ("model" if wins >= 3 else "rule", wins)
        assert live.scores.num_rows == CUSTOMERS
    assert all(run.figures["covered"] > 0.75 for run in of(found, "purchases", "trial"))
    assert all(run.figures["auc"][0] > 0.75 for run in of(found, "late", "trial"))
    (groups,) = of(found, "groups", "live")
    assert 0 < groups.parameters["adjusted_rand"] < 1


def test_what_comes_after_an_origin_teaches_it_nothing(trading: Ledger, found: Findings) -> None:
    """A trial learns what a live fit on its day would have learned."""
    origin = origins(TODAY)[-1]
    then = models.prepare(trading, SYSTEM, origin)
    (live,), trial = of(then, "purchases", "live"), of(found, "purchases", "trial")[-1]
    assert [live.parameters[name] for name in trial.parameters] == pytest.approx([*trial.parameters.values()], rel=1e-6)
    # Of invoices due just before, a live fit on the day knows some more.
    (live,), trial = of(then, "late", "live"), of(found, "late", "trial")[-1]
    assert 0.95 < trial.cases / live.cases <= 1
    assert trial.parameters["everyone"] == pytest.approx(live.parameters["everyone"], abs=0.01)


def test_scores_are_kept_and_held_against_what_came(trading: Ledger) -> None:
    before = TODAY - timedelta(days=HORIZON_DAYS)
    first = execute(trading, SYSTEM, models.FitModels(TODAY, models.prepare(trading, SYSTEM, before)))
    assert [row["figures"] for row in rows(trading, SYSTEM, "model_runs", as_of=before) if row["kind"] == "live"] == [None] * 4
    now = models.prepare(trading, SYSTEM, TODAY)
    second = execute(trading, SYSTEM, models.FitModels(TODAY, now))
    live = {(row["model"], row["fitted_on"]): row for row in rows(trading, SYSTEM, "model_runs", as_of=TODAY) if row["kind"] == "live"}
    came = json.loads(live["purchases", before]["figures"])
    bought = rows(trading, SYSTEM, "value_customers", as_of=TODAY, currency="CNY")
    days = "select sum(outcome) from model_outcome where run_id = $run_id"
    assert trading.cursor().execute(days, {"run_id": live["purchases", before]["run_id"]}).fetchall() == [(came["came"],)]
    assert 0.5 < came["said"] / came["came"] < 1.5
    assert live["purchases", TODAY]["figures"] is None
    assert len(bought) == CUSTOMERS
    assert all(row["expected_purchases"] is not None and row["risk_grade"] != "unknown" for row in bought)

    again = execute(trading, SYSTEM, models.FitModels(TODAY, now))
    assert len([row for row in rows(trading, SYSTEM, "model_runs", as_of=TODAY) if row["kind"] == "live"]) == len(live)
    for change in (again, second, first):
        execute(trading, SYSTEM, Undo(change.change_id))
    assert rows(trading, SYSTEM, "model_runs", as_of=TODAY) == []


def test_too_little_is_said_and_customers_are_ranked_by_the_rule(ledger: Ledger) -> None:
    facts.company(ledger)
    found = models.prepare(ledger, SYSTEM, TODAY)
    (purchases,) = of(found, "purchases", "live")
    assert purchases.uses == "rule"
    assert "还差 140 个客户" in purchases.parameters["refused"]["zh"]
    assert purchases.scores["score"].to_pylist() == purchases.scores["rule_score"].to_pylist()
    assert of(found, "purchases", "trial") == []
    with ledgers.fresh() as empty:
        nothing = models.prepare(empty, SYSTEM, TODAY)
        execute(empty, SYSTEM, models.FitModels(TODAY, nothing))
        assert {run.uses for run in nothing.runs} == {"rule"}


def test_only_who_sees_all_customers_fits_models(ledger: Ledger, found: Findings) -> None:
    """Who sees a team would learn what the house keeps from them."""
    part = Actor(3, "经理", Role.MANAGER, Scope.TEAM, ("华东",))
    with pytest.raises(Forbidden):
        models.prepare(ledger, part, TODAY)
    with pytest.raises(Forbidden):
        execute(ledger, part, models.FitModels(TODAY, found))
    with pytest.raises(Forbidden):
        models.prepare(ledger, Actor(3, "财务", Role.FINANCE, Scope.ALL), TODAY)
