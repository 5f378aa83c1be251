"""How often customers will buy again: BG/NBD on distinct histories and their counts, so a hundred thousand customers are a few cells.

While customers stay they buy at a rate of their own; after each purchase some leave for good. Source: Fader, Hardie and Lee,
"Counting your customers the easy way", 2005. scipy is imported where it is needed: it takes longer to load than to answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from lib.errors import Refused
from lib.text import Text

Numbers = NDArray[np.float64]
FEWEST_CUSTOMERS: Final = 200
FEWEST_WEEKS: Final = 26
WEEKS_A_YEAR: Final = 365.25 / 7
_LOGS: Final = (-7.0, 12.0)
"""Between what the logarithms of the parameters stay: beyond, customers differ by nothing or never leave."""
_STEADY: Final = 20.0
"""From here on of the leaving parameter customers hardly differ in their chance to leave."""
_CHANCES: Final = 32
_ONE: Final = 1e-6
"""How near to one the leaving parameter may come: the formula has a hole there that its limit fills."""

THIN = Text(
    "数据还不够：现有 {customers} 个买过的客户、{weeks} 周历史，至少要 {fewest_customers} 个、{fewest_weeks} 周；"
    "还差 {more_customers} 个客户、{more_weeks} 周。在那之前按近 12 个月金额排序。",
    "Too little to go by: {customers} customers who bought and {weeks} weeks of history; it takes {fewest_customers} and {fewest_weeks}, "
    "so {more_customers} customers and {more_weeks} weeks are missing. Until then customers are ranked by their last 12 months.",
)
STILL = Text("没有客户买过第二次，无法估计购买节奏。", "No customer has bought twice, so there is no rhythm to learn.")


@dataclass(frozen=True, slots=True)
class Histories:
    """Distinct histories: repeat purchases, weeks from the first to the last, weeks watched since the first, how many customers."""

    repeats: Numbers
    last: Numbers
    watched: Numbers
    customers: Numbers

    @classmethod
    def of(cls, repeats: Numbers, last: Numbers, watched: Numbers) -> tuple[Self, NDArray[np.int64]]:
        """Distinct histories of customers one by one, and the place of each customer's among them."""
        each = np.column_stack([repeats, last, watched])
        distinct, place, counts = np.unique(each, axis=0, return_inverse=True, return_counts=True)
        return cls(distinct[:, 0], distinct[:, 1], distinct[:, 2], counts.astype(np.float64)), place.reshape(-1)


@dataclass(frozen=True, slots=True)
class Buying:
    """What was learned: rates are gamma(r, alpha) a week, chances to leave beta(a, b)."""

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    customers: int


def fit(histories: Histories) -> Buying:
    """The likeliest parameters.

    Refuses: fewer than 200 customers, fewer than 26 weeks, nobody who bought twice.
    """
    refuse_thin(int(histories.customers.sum()), float(histories.watched.max(initial=0)))
    if not histories.repeats.any():
        raise Refused(STILL)
    from scipy.optimize import minimize  # noqa: PLC0415 (see above)

    start = np.log([1.0, max(float(np.average(histories.watched, weights=histories.customers)), 1.0), 1.0, 1.0])
    levels, level = np.unique(histories.repeats, return_inverse=True)
    found = minimize(
        _loss, start, args=(histories, levels, level), jac=True, method="L-BFGS-B", bounds=[_LOGS] * 4, options={"ftol": 1e-12}
    )
    r, alpha, a, b = (float(value) for value in np.exp(found.x))
    count = float(histories.customers.sum())
    return Buying(r, alpha, a, b, -float(found.fun) * count, int(count))


def refuse_thin(customers: int, weeks: float) -> None:
    """Refuses: too few customers or weeks, with what is missing."""
    if customers >= FEWEST_CUSTOMERS and weeks >= FEWEST_WEEKS:
        return
    raise Refused(
        THIN,
        customers=customers,
        weeks=int(weeks),
        fewest_customers=FEWEST_CUSTOMERS,
        fewest_weeks=FEWEST_WEEKS,
        more_customers=max(0, FEWEST_CUSTOMERS - customers),
        more_weeks=max(0, FEWEST_WEEKS - int(weeks)),
    )


def expected(model: Buying, histories: Histories, weeks: float) -> Numbers:
    """How many purchases each history promises in the weeks to come."""
    return alive(model, histories) * _while_alive(model, histories, weeks)


def alive(model: Buying, histories: Histories) -> Numbers:
    """How likely each is still a customer. One-time buyers all count as such: no churn score."""
    from scipy.special import expit  # noqa: PLC0415

    x = histories.repeats
    gone = np.full_like(x, -np.inf)
    again = x > 0
    silence = np.log(model.alpha + histories.watched[again]) - np.log(model.alpha + histories.last[again])
    gone[again] = np.log(model.a) - np.log(model.b + x[again] - 1) + (model.r + x[again]) * silence
    return np.asarray(expit(-gone), dtype=np.float64)


def newcomers(model: Buying, weeks: Sequence[float] | Numbers) -> Numbers:
    """Repeat purchases a customer makes on average within so many weeks after the first purchase."""
    span = np.asarray(weeks, dtype=np.float64)
    nothing = np.zeros_like(span)
    return _while_alive(model, Histories(nothing, nothing, nothing, nothing + 1), span)


def seasonal_index(same_weeks_last_year: int, last_year: int, weeks: float) -> float:
    """How far the weeks to come lie above or below an even year, by the same weeks a year ago; 1 without purchases to tell."""
    if not last_year or not same_weeks_last_year:
        return 1.0
    return same_weeks_last_year / (last_year * weeks / WEEKS_A_YEAR)


def _while_alive(model: Buying, histories: Histories, weeks: float | Numbers) -> Numbers:
    """Purchases in the weeks to come of a customer who is still one.

    Euler's form of the published expression: its hypergeometric function has small parameters however many the purchases, where the
    published one overflows beyond some hundred.
    """
    if model.a > _STEADY:
        return _by_chances(model, histories, weeks)
    from scipy.special import hyp2f1  # noqa: PLC0415

    leaving = model.a if abs(model.a - 1) > _ONE else 1 + _ONE
    total = leaving + model.b + histories.repeats - 1
    total = np.where(np.abs(total) > _ONE, total, _ONE)
    share = weeks / (model.alpha + histories.watched + weeks)
    series = hyp2f1(leaving + model.b - 1 - model.r, leaving - 1, total, share)
    return np.asarray(total / (leaving - 1) * (1 - (1 - share) ** (leaving - 1) * series), dtype=np.float64)


def _by_chances(model: Buying, histories: Histories, weeks: float | Numbers) -> Numbers:
    """The same as a mean over equally likely chances to leave: exact enough where these hardly differ, where the series overflows."""
    from scipy.special import betaincinv  # noqa: PLC0415

    levels, level = np.unique(histories.repeats, return_inverse=True)
    leaving = betaincinv(model.a, model.b + levels[:, None], (np.arange(_CHANCES) + 0.5) / _CHANCES)[level]
    span = np.asarray(weeks / (model.alpha + histories.watched))[:, None]
    bought = (1 - (1 + leaving * span) ** -(model.r + histories.repeats)[:, None]) / leaving
    return np.asarray(bought.mean(axis=1), dtype=np.float64)


def _loss(logs: Numbers, histories: Histories, levels: Numbers, level: NDArray[np.int64]) -> tuple[float, Numbers]:
    """Minus the log-likelihood per customer, and its slope by the logarithms of the parameters.

    What depends on the number of purchases alone is worked out once for each number: there are few.
    """
    from scipy.special import gammaln, psi  # noqa: PLC0415

    r, alpha, a, b = np.exp(logs)
    x, weight = histories.repeats, histories.customers / histories.customers.sum()
    again, watched, last = x > 0, np.log(alpha + histories.watched), np.log(alpha + histories.last)
    left = np.where(again, np.log(a) - np.log(np.where(again, b + x - 1, 1)) - (r + x) * last, -np.inf)
    either = np.logaddexp(-(r + x) * watched, left)
    gone = np.exp(left - either)
    here = 1 - gone
    of_level = np.bincount(level, weights=weight, minlength=len(levels))
    chances = (
        gammaln(r + levels) - gammaln(r) + r * np.log(alpha) + gammaln(a + b) + gammaln(b + levels) - gammaln(b) - gammaln(a + b + levels)
    )
    both = psi(a + b) - psi(a + b + levels)
    slope = np.array(
        [
            (of_level @ (psi(r + levels) - psi(r) + np.log(alpha)) - weight @ (here * watched + gone * last)) * r,
            r - alpha * (weight @ ((r + x) * (here / (alpha + histories.watched) + gone / (alpha + histories.last)))),
            of_level @ both * a + weight @ gone,
            (of_level @ (both + psi(b + levels) - psi(b)) - weight @ (gone / np.where(again, b + x - 1, 1))) * b,
        ]
    )
    return -float(of_level @ chances + weight @ either), -slope
