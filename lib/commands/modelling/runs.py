"""What every model hands over: runs with their parameters, figures and scores; and how the house reads its facts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any, Final, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from lib.domain import trials
from lib.domain.access import SYSTEM
from lib.domain.trials import Ranking
from lib.store.ledger import Ledger
from lib.store.query import read
from lib.text import Text

Numbers = NDArray[np.float64]
Truth = NDArray[np.bool_]
Tell = Callable[[float, Text], None]
"""Says how much is done, 0 to 1, and what comes now."""

VERSION: Final = 1
HORIZON_DAYS: Final = 91
ORIGINS: Final = 4
WINS: Final = 3
FEWEST_HITS: Final = 20
"""A trial with fewer cases that came about, or that did not, says nothing."""


@dataclass(frozen=True, slots=True)
class Run:
    """One model at one day. Scores: customer_id, score, rule_score, amount, currency, reason."""

    model: str
    kind: Literal["live", "trial"]
    fitted_on: date
    until_on: date
    cases: int
    uses: Literal["model", "rule"]
    parameters: Mapping[str, Any]
    facts_hash: str
    figures: Mapping[str, Any] | None = None
    scores: pa.Table | None = None

    def row(self, run_id: int) -> dict[str, object]:
        """As its table keeps it."""
        names = ("model", "kind", "fitted_on", "until_on", "cases", "uses", "facts_hash")
        told = {name: getattr(self, name) for name in names}
        figures = plain(self.figures) if self.figures else None
        return {"run_id": run_id, "version": VERSION, **told, "parameters": plain(self.parameters), "figures": figures}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an earlier live run: its figures, and each customer's outcome."""

    run_id: int
    figures: Mapping[str, Any]
    outcomes: pa.Table


@dataclass(frozen=True, slots=True)
class Findings:
    """All that was learned on a day."""

    fitted_on: date
    runs: tuple[Run, ...]
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True)
class House:
    """The ledger as the house itself reads it: all customers, as a day saw them."""

    ledger: Ledger

    def ask(self, name: str, **parameters: Hashable) -> pa.Table:
        """A question of the house."""
        return read(self.ledger, SYSTEM, name, **parameters)


def origins(as_of: date) -> list[date]:
    """The last four days whose 91 days after are over, the earliest first."""
    return [as_of - timedelta(days=HORIZON_DAYS * step) for step in range(ORIGINS, 0, -1)]


def numbers(table: pa.Table, name: str) -> Numbers:
    """A column as floats; dates as days, nothing as NaN."""
    column = table[name]
    if pa.types.is_date(column.type):
        column = pc.cast(column, pa.int32())
    return np.asarray(pc.cast(column, pa.float64()).to_numpy(), dtype=np.float64)


def day_number(day: date) -> int:
    """A date as `numbers` gives it."""
    return (day - date(1970, 1, 1)).days


def at(customers: pa.Table, others: pa.Table, name: str) -> Numbers:
    """A column of another answer for these customers; nothing where it does not speak of them. Both in order of customer_id."""
    wanted, known = numbers(customers, "customer_id"), numbers(others, "customer_id")
    if not len(known):
        return np.zeros(len(wanted))
    place = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    return np.where(known[place] == wanted, numbers(others, name)[place], 0.0)


def usual(table: pa.Table) -> str | None:
    """The currency most customers have: amounts of several do not compare."""
    counts = table["currency"].value_counts().to_pylist()
    return max(counts, key=lambda one: one["counts"])["values"] if counts else None


def judged(score: Numbers, rule: Numbers, truth: Truth, chances: tuple[Numbers, Numbers] | None = None) -> dict[str, Any] | None:
    """How well a score ranked beside its rule; with chances of both, how far they were off. None when there is too little to judge by."""
    if min(int(truth.sum()), int((~truth).sum())) < FEWEST_HITS:
        return None
    found = {"auc": trials.ranking(score, truth), "rule_auc": trials.ranking(rule, truth), "lead": trials.lead(score, rule, truth)}
    told: dict[str, Any] = {name: _interval(one) for name, one in found.items()}
    told |= {"n": len(truth), "hits": int(truth.sum()), "lift": trials.lift(score, truth), "rule_lift": trials.lift(rule, truth)}
    if chances:
        chance, rule_chance = chances
        bins = trials.bins(chance, truth)
        told |= {"brier": trials.brier(chance, truth), "rule_brier": trials.brier(rule_chance, truth)}
        told |= {"calibration_error": trials.calibration_error(bins), "bins": [asdict(one) for one in bins]}
    return told


def better(done: Sequence[Run]) -> int:
    """At how many origins the model ranked better than its rule by more than chance: small leads come and go."""
    return sum(run.figures["lead"][1] > 0 for run in done if run.figures)


def said(text: Text, **values: object) -> dict[str, str]:
    """A sentence in both languages, as parameters keep it."""
    return {"zh": text.say("zh", **values), "en": text.say("en", **values)}


def facts_hash(*columns: Numbers) -> str:
    """What tells facts apart."""
    found = hashlib.sha256()
    for column in columns:
        found.update(np.ascontiguousarray(column).tobytes())
    return found.hexdigest()[:16]


def plain(values: Mapping[str, Any]) -> str:
    """As JSON, with six digits: more would be noise."""
    return json.dumps(_rounded(values), ensure_ascii=False)


def _rounded(value: Any) -> Any:  # noqa: ANN401 (whatever JSON holds)
    if isinstance(value, Mapping):
        return {name: _rounded(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(one) for one in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value


def _interval(one: Ranking | None) -> list[float]:
    assert one is not None
    return [one.value, one.low, one.high]
