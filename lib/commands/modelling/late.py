"""The chance that a customer's next invoice is paid late, beside the share of earlier ones that were."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
import pyarrow as pa

from lib.commands.modelling.runs import (
    HORIZON_DAYS,
    ORIGINS,
    WINS,
    House,
    Numbers,
    Outcome,
    Run,
    Truth,
    at,
    better,
    day_number,
    facts_hash,
    judged,
    numbers,
    origins,
    said,
)
from lib.domain import lateness
from lib.domain.lateness import Payments
from lib.errors import Refused
from lib.text import Text

NAME: Final = "late"
MOST_CASES: Final = 200_000
"""More invoices teach nothing more: of a longer history every second, third, ... is looked at."""

_NOTHING: Final = Text(
    "还没有结清过的账单，无法估计付款风险。", "No invoice has been settled yet, so there is nothing to tell how customers pay."
)


@dataclass(frozen=True, slots=True)
class _Invoices:
    """Invoices whose end is known: when due, whether late, since when known, and what was known of the payer when each was written."""

    due_on: Numbers
    late: Truth
    known_on: Numbers
    payments: Payments

    @property
    def margin(self) -> float:
        """So many days after the due date it is known of every invoice whether it was late."""
        return float((self.known_on - self.due_on)[self.late].max(initial=1))


def runs(house: House, as_of: date) -> list[Run]:
    """Trials at past origins, then each customer's chance as of today by whichever ranked better."""
    invoices = _invoices(house, as_of)
    done = [run for origin in origins(as_of) if (run := _trial(invoices, origin))]
    return [*done, _live(house, as_of, invoices, done)]


def outcome(house: House, foretold: pa.Table, run_id: int, days: tuple[date, date]) -> Outcome:
    """What came of an earlier live run: of customers with invoices due since, whether most of them were late."""
    due = house.ask("house_due_later", as_of=days[0], until=days[1])
    count = at(foretold, due, "invoices")
    rate = at(foretold, due, "late") / np.maximum(count, 1)
    seen = count > 0
    chances = (numbers(foretold, "score")[seen], numbers(foretold, "rule_score")[seen])
    figures = judged(*chances, rate[seen] >= 0.5, chances) or {}  # noqa: PLR2004 (most of them)
    table = pa.table({"customer_id": foretold["customer_id"].filter(pa.array(seen)), "outcome": rate[seen]})
    return Outcome(run_id, figures, table)


def _trial(invoices: _Invoices, origin: date) -> Run | None:
    day, until = day_number(origin), origin + timedelta(days=HORIZON_DAYS)
    train = (invoices.due_on + invoices.margin <= day) & (invoices.known_on <= day)
    test = (invoices.due_on > day) & (invoices.due_on + invoices.margin <= day + HORIZON_DAYS)
    try:
        model = lateness.fit(invoices.payments.only(train), invoices.late[train])
    except Refused:
        return None
    asked = invoices.payments.only(test)
    chances = (lateness.chance(model, asked), lateness.share(asked, model.everyone))
    figures = judged(*chances, invoices.late[test], chances)
    if figures is None:
        return None
    facts = facts_hash(invoices.due_on[train], invoices.late[train].astype(float))
    return Run(NAME, "trial", origin, until, int(train.sum()), "model", asdict(model), facts, figures)


def _live(house: House, as_of: date, invoices: _Invoices, done: list[Run]) -> Run:
    payers = house.ask("house_payers", as_of=as_of)
    payments = _payments(payers)
    tried: dict[str, Any] = {"wins": better(done), "tried": len(done), "needed": WINS, "origins": ORIGINS}
    facts, until = facts_hash(invoices.due_on, invoices.late.astype(float)), as_of + timedelta(days=HORIZON_DAYS)
    run = Run(NAME, "live", as_of, until, len(invoices.late), "rule", tried, facts)
    if not payments.settled.any():
        return replace(run, parameters={**tried, "refused": said(_NOTHING)})
    everyone = float(np.clip(invoices.late.mean(), 0.001, 0.999)) if len(invoices.late) else 0.5
    share = lateness.share(payments, everyone)
    run = replace(run, scores=_scores(payers, payments, share, share))
    try:
        model = lateness.fit(invoices.payments, invoices.late)
    except Refused as refusal:
        return replace(run, parameters={**tried, "refused": said(refusal.text, **refusal.values)})
    run = replace(run, parameters={**tried, **asdict(model)})
    if tried["wins"] < WINS:
        return run
    return replace(run, uses="model", scores=_scores(payers, payments, lateness.chance(model, payments), share))


def _invoices(house: House, as_of: date) -> _Invoices:
    count = numbers(house.ask("house_purchase_days", as_of=as_of), "customers").sum()
    table = house.ask("house_payments", as_of=as_of, every=max(1, int(count // MOST_CASES)))
    late = np.asarray(table["is_late"].to_numpy(), dtype=bool)
    return _Invoices(numbers(table, "due_on"), late, numbers(table, "known_on"), _payments(table))


def _payments(table: pa.Table) -> Payments:
    return Payments(*(numbers(table, name) for name in ("known", "late", "days", "settled")))


def _scores(payers: pa.Table, payments: Payments, score: Numbers, rule: Numbers) -> pa.Table:
    mean = payments.days / np.maximum(payments.settled, 1)
    facts = zip(payments.known, payments.late, mean, strict=True)
    reasons = [f'{{"known": {known:.0f}, "late": {late:.0f}, "mean": {days:.1f}}}' for known, late, days in facts]
    return pa.table({"customer_id": payers["customer_id"], "score": score, "rule_score": rule, "reason": reasons})
