"""Purchases to come and what customers will spend in a year: BG/NBD and gamma-gamma with a season, beside the last 12 months again."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lib.commands.modelling.runs import (
    HORIZON_DAYS,
    ORIGINS,
    WINS,
    House,
    Numbers,
    Outcome,
    Run,
    at,
    better,
    day_number,
    facts_hash,
    judged,
    numbers,
    origins,
    said,
    usual,
)
from lib.domain import buying, ranges, spending
from lib.domain.buying import Buying, Histories
from lib.domain.spending import Spending
from lib.errors import Refused

NAME: Final = "purchases"
_WEEKS: Final = HORIZON_DAYS / 7
_YEAR_DAYS: Final = 365
_WATCHED_RANGES: Final = 4096
"""Ranges are held against what came for so many customers of a trial: enough to tell a share to one in a hundred."""
_SEASON_FROM_DAYS: Final = _YEAR_DAYS + HORIZON_DAYS
"""A season shows when the same weeks of a year ago lie well behind the first purchase."""


@dataclass(frozen=True, slots=True)
class _Buyers:
    """Who bought by a day: one history a customer, the distinct ones with their places, and money."""

    table: pa.Table
    each: Histories
    distinct: Histories
    place: np.ndarray[Any, np.dtype[np.int64]]
    mean: Numbers

    @property
    def again(self) -> Numbers:
        """The simple rule: as many purchases as in the same span of the last twelve months."""
        return numbers(self.table, "days_12m") * HORIZON_DAYS / _YEAR_DAYS


@dataclass(frozen=True, slots=True)
class _Learned:
    """What a day taught."""

    buying: Buying
    spending: Spending | None
    season: float


def runs(house: House, as_of: date) -> list[Run]:
    """Trials at past origins, then what is foretold as of today by whichever ranked better."""
    done = [run for origin in origins(as_of) if (run := _trial(house, origin))]
    return [*done, _live(house, as_of, done)]


def learn_purchases(house: House, day: date) -> Buying:
    """How often customers buy, by what had happened up to a day. Refuses: too few customers or weeks."""
    return buying.fit(_buyers(house, day).distinct)


def outcome(house: House, foretold: pa.Table, run_id: int, days: tuple[date, date]) -> Outcome:
    """What came of an earlier live run."""
    later = at(foretold, house.ask("house_bought_later", since=days[0], until=days[1]), "days")
    score, rule = numbers(foretold, "score"), numbers(foretold, "rule_score")
    figures = judged(score, rule, later > 0, (1 - np.exp(-score), 1 - np.exp(-rule))) or {}
    totals = {"said": float(score.sum()), "rule_said": float(rule.sum()), "came": float(later.sum())}
    return Outcome(run_id, {**figures, **totals}, pa.table({"customer_id": foretold["customer_id"], "outcome": later}))


def _trial(house: House, origin: date) -> Run | None:
    until = origin + timedelta(days=HORIZON_DAYS)
    buyers = _buyers(house, origin)
    try:
        learned = _learn(house, buyers, origin)
    except Refused:
        return None
    score, rule = _expected(learned, buyers), buyers.again
    bought = house.ask("house_bought_later", since=origin, until=until)
    later = at(buyers.table, bought, "days")
    quiet = buyers.each.last - buyers.each.watched
    figures = judged(score, quiet, later > 0, (1 - np.exp(-score), 1 - np.exp(-rule)))
    if figures is None:
        return None
    totals = {
        "said": float(score.sum()),
        "rule_said": float(rule.sum()),
        "came": float(later.sum()),
        **_money(learned, buyers, score, bought),
        **_covered(learned, buyers, bought),
    }
    errors = {"error": float(np.abs(score - later).mean()), "rule_error": float(np.abs(rule - later).mean())}
    facts = facts_hash(buyers.each.repeats, buyers.each.last, buyers.each.watched)
    return Run(NAME, "trial", origin, until, len(later), "model", _parameters(learned), facts, {**figures, **totals, **errors})


def _money(learned: _Learned, buyers: _Buyers, score: Numbers, bought: pa.Table) -> dict[str, Any]:
    """What purchases were to be worth and what they were, in the currency most customers have."""
    currency = usual(buyers.table)
    inside = np.asarray(pc.equal(buyers.table["currency"], currency).to_numpy(), dtype=bool)
    said_amount = float((score * _worth(learned, buyers))[inside].sum())
    again = float(numbers(buyers.table, "amount_12m")[inside].sum()) * HORIZON_DAYS / _YEAR_DAYS
    came = float(at(buyers.table, bought, "amount")[inside].sum())
    return {"amount_said": said_amount, "rule_amount_said": again, "amount_came": came, "currency": currency}


def _covered(learned: _Learned, buyers: _Buyers, bought: pa.Table) -> dict[str, float]:
    """How often the range of what customers would spend held what they did."""
    if learned.spending is None:
        return {}
    places = np.arange(0, len(buyers.mean), max(1, len(buyers.mean) // _WATCHED_RANGES))
    each = Histories(*(column[places] for column in (buyers.each.repeats, buyers.each.last, buyers.each.watched, buyers.each.customers)))
    ends = ranges.spent(learned.buying, learned.spending, each, buyers.mean[places], _WEEKS)
    return {"covered": ranges.covered(*ends, at(buyers.table, bought, "amount")[places])}


def _live(house: House, as_of: date, done: list[Run]) -> Run:
    buyers = _buyers(house, as_of)
    tried: dict[str, Any] = {"wins": better(done), "tried": len(done), "needed": WINS, "origins": ORIGINS}
    facts = facts_hash(buyers.each.repeats, buyers.each.last, buyers.each.watched)
    until = as_of + timedelta(days=HORIZON_DAYS)
    run = Run(NAME, "live", as_of, until, buyers.table.num_rows, "rule", tried, facts)
    year = numbers(buyers.table, "amount_12m")
    try:
        learned = _learn(house, buyers, as_of)
    except Refused as refusal:
        parameters = {**tried, "refused": said(refusal.text, **refusal.values)}
        return replace(run, parameters=parameters, scores=_scores(buyers, buyers.again, year))
    run = replace(run, parameters={**tried, **_parameters(learned)})
    if tried["wins"] < WINS:
        return replace(run, scores=_scores(buyers, buyers.again, year))
    ends = None if learned.spending is None else _ends(learned.buying, learned.spending, buyers)
    return replace(run, uses="model", scores=_scores(buyers, _expected(learned, buyers), _spent(learned, buyers), ends))


def _buyers(house: House, day: date) -> _Buyers:
    table = house.ask("house_buying", as_of=day)
    first, last, bought = (numbers(table, name) for name in ("first_on", "last_on", "purchase_days"))
    each = Histories(bought - 1, (last - first) / 7, (day_number(day) - first) / 7, np.ones(len(bought)))
    distinct, place = Histories.of(each.repeats, each.last, each.watched)
    later = numbers(table, "amount") - numbers(table, "first_amount")
    return _Buyers(table, each, distinct, place, later / np.maximum(each.repeats, 1))


def _learn(house: House, buyers: _Buyers, day: date) -> _Learned:
    """Refuses: too few customers or weeks."""
    model = buying.fit(buyers.distinct)
    return _Learned(model, spending.fit(buyers.each.repeats, buyers.mean), _season(house, day))


def _season(house: House, day: date) -> float:
    """The same 91 days a year ago against an even year; 1 while there is no such year."""
    bought = house.ask("house_purchase_days", as_of=day)
    days, customers = numbers(bought, "on_date"), numbers(bought, "customers")
    year_ago = day_number(day) - _YEAR_DAYS
    if not len(days) or days[0] > day_number(day) - _SEASON_FROM_DAYS:
        return 1.0
    same = customers[(days > year_ago) & (days <= year_ago + HORIZON_DAYS)].sum()
    return buying.seasonal_index(int(same), int(customers[days > year_ago].sum()), _WEEKS)


def _expected(learned: _Learned, buyers: _Buyers) -> Numbers:
    return np.asarray(buying.expected(learned.buying, buyers.distinct, _WEEKS)[buyers.place] * learned.season)


def _spent(learned: _Learned, buyers: _Buyers) -> Numbers:
    """Money of the next twelve months: purchases times what each will be worth."""
    purchases = buying.expected(learned.buying, buyers.distinct, buying.WEEKS_A_YEAR)[buyers.place]
    return np.asarray(purchases * _worth(learned, buyers))


def _ends(model: Buying, worth: Spending, buyers: _Buyers) -> tuple[Numbers, Numbers]:
    """Between what amounts the next twelve months of each customer are likely to end."""
    return ranges.spent(model, worth, buyers.each, buyers.mean, buying.WEEKS_A_YEAR)


def _worth(learned: _Learned, buyers: _Buyers) -> Numbers:
    """What each customer's purchases will be worth; as those so far where too few bought often enough to tell."""
    if learned.spending is None:
        return np.asarray(numbers(buyers.table, "amount") / numbers(buyers.table, "purchase_days"))
    return spending.expected(learned.spending, buyers.each.repeats, buyers.mean)


def _parameters(learned: _Learned) -> dict[str, Any]:
    spent = {f"spending_{name}": value for name, value in asdict(learned.spending).items()} if learned.spending else {}
    return {**asdict(learned.buying), **spent, "season": learned.season}


def _scores(buyers: _Buyers, score: Numbers, amount: Numbers, ends: tuple[Numbers, Numbers] | None = None) -> pa.Table:
    """What is foretold of each customer with its reason; ends: between what amounts, where a model says so."""
    table = buyers.table
    last = pc.strftime(table["last_on"], format="%Y-%m-%d").to_pylist()
    days = table["purchase_days"].to_pylist()
    likely = [f', "low": {low:.2f}, "high": {high:.2f}' for low, high in zip(*ends, strict=True)] if ends else [""] * len(days)
    known = zip(days, last, buyers.mean, likely, strict=True)
    reasons = [f'{{"days": {n}, "last": "{day}", "mean": {mean:.2f}{between}}}' for n, day, mean, between in known]
    money = pc.cast(pa.array(np.round(amount, 2)), pa.decimal128(18, 2), safe=False)
    columns = {"customer_id": table["customer_id"], "score": score, "rule_score": buyers.again, "amount": money}
    return pa.table({**columns, "currency": table["currency"], "reason": reasons})
