"""Models fitted and kept: what they learned, what they foretell, what came of what they foretold before."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any, ClassVar, Final

import numpy as np
import pyarrow as pa

from lib.commands import Command, readings, sight
from lib.commands.documents import records
from lib.commands.modelling import credit, groups, late, purchases, texts
from lib.commands.modelling.runs import Findings, House, Outcome, Run, Tell, plain
from lib.domain.access import Actor, Permission, Scope
from lib.errors import Forbidden
from lib.store.door import Change
from lib.store.ledger import Ledger
from lib.text import Text

_STEPS: Final = (
    (purchases, Text("购买：学习并在过去四个起点上检验", "Purchases: learning, and trying it at four past origins")),
    (late, Text("付款：学习并检验", "Payments: learning and trying")),
    (credit, Text("信用分：与后来的付款对照", "Credit score: held against later payments")),
    (groups, Text("分组", "Grouping")),
    (texts, Text("评语：从带分数的评语学习并检验", "Comments: learning from those with a score, and trying it")),
)
_LATER: Final = Text("过去的预测：核对结果", "Earlier forecasts: what came of them")
_WHOLE: Final = Text(
    "模型要从全公司的客户学起，您只看到一部分。请由能看到全部客户的经理来算。",
    "Models learn from all customers of the house, and you see some of them. Ask a manager who sees all.",
)


def prepare(ledger: Ledger, actor: Actor, as_of: date, tell: Tell = lambda _done, _what: None) -> Findings:
    """What the models learn and foretell as of a day, ready to be recorded.

    Refuses: whoever may not record it.
    """
    actor.need(FitModels.permission)
    refuse_partial(actor)
    house, runs = House(ledger), []
    for place, (model, what) in enumerate(_STEPS):
        tell(place / (len(_STEPS) + 1), what)
        runs += model.runs(house, as_of)
    tell(len(_STEPS) / (len(_STEPS) + 1), _LATER)
    return Findings(as_of, tuple(runs), tuple(_outcomes(house, as_of)))


@dataclass(frozen=True)
class FitModels(Command):
    """Models fitted as of a day: runs, scores and outcomes; a day fitted before is fitted anew, earlier trials are replaced.

    Refuses: a day to come, a person who does not see all customers.
    """

    permission: ClassVar[Permission] = Permission.POLICY_WRITE
    title: ClassVar[Text] = Text("计算模型", "Fit the models")
    today: date
    findings: Findings = field(metadata={"audit": False})

    def validate(self) -> None:
        """Refuses: a day to come."""
        sight.not_in_future(self.findings.fitted_on, self.today)

    def apply(self, change: Change) -> dict[str, int]:
        """How many runs, scores and outcomes were recorded, and how many texts were read by what was learned."""
        refuse_partial(change.actor)
        day = self.findings.fitted_on
        change.subject, change.detail["fitted_on"] = "models", day
        for table in ("model_score", "model_outcome"):
            change.retire(table, f"run_id in (select run_id from model_run where {_SAME_DAY})", {"day": day})  # noqa: S608 (our own names)
        change.retire("model_run", f"kind = 'trial' or ({_SAME_DAY})", {"day": day})
        first = change.next_id("model_run", "run_id")
        runs = list(enumerate(self.findings.runs, first))
        change.insert("model_run", [run.row(run_id) for run_id, run in runs])
        scores = sum(_record_scores(change, run_id, run) for run_id, run in runs)
        outcomes = sum(_record_outcome(change, one) for one in self.findings.outcomes)
        return {"runs": len(runs), "scores": scores, "outcomes": outcomes, "readings": readings.read_again(change)}


_RUN: Final = "select run_id from model_run where run_id = $run_id and retired_at = timestamp '9999-12-31'"
_SAME_DAY: Final = "kind = 'live' and fitted_on = $day and retired_at = timestamp '9999-12-31'"


def refuse_partial(actor: Actor) -> None:
    """Refuses: whoever sees only some of the customers."""
    if actor.scope is not Scope.ALL:
        raise Forbidden(_WHOLE)


def _outcomes(house: House, as_of: date) -> list[Outcome]:
    """Live runs whose time is over since the last fit."""
    table = house.ask("house_foretold", as_of=as_of)
    found = []
    judges: dict[str, Any] = {purchases.NAME: purchases.outcome, late.NAME: late.outcome}
    heads = zip(*(table[name].to_pylist() for name in ("run_id", "model", "fitted_on", "until_on")), strict=True)
    start = 0
    for (run_id, model, fitted_on, until_on), rows in groupby(heads):
        count = sum(1 for _ in rows)
        found.append(judges[model](house, table.slice(start, count), run_id, (fitted_on, until_on)))
        start += count
    return found


def _record_scores(change: Change, run_id: int, run: Run) -> int:
    return 0 if run.scores is None else _record(change, "model_score", "score_id", run_id, run.scores)


def _record_outcome(change: Change, one: Outcome) -> int:
    if not records(change, _RUN, {"run_id": one.run_id}):  # taken back since the findings were prepared
        return 0
    change.rewrite("model_run", one.run_id, figures=plain(one.figures))
    change.detail.setdefault("outcomes_of", []).append(one.run_id)
    return _record(change, "model_outcome", "outcome_id", one.run_id, one.outcomes)


def _record(change: Change, table: str, key: str, run_id: int, rows: pa.Table) -> int:
    first = change.next_id(table, key)
    numbered = {key: np.arange(first, first + rows.num_rows), "run_id": np.full(rows.num_rows, run_id, dtype=np.int64)}
    return change.insert(table, pa.table({**numbered, **dict(zip(rows.column_names, rows.columns, strict=True))}))
