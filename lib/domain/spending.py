"""How much customers spend each time: gamma-gamma, which draws a customer with few purchases towards what others spend.

Source: Fader and Hardie, "The gamma-gamma model of monetary value", 2013.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
FEWEST_SPENDERS: Final = 30
_LOGS: Final = (-7.0, 14.0)
_HEAVY: Final = 1.25


@dataclass(frozen=True, slots=True)
class Spending:
    """What was learned: an amount is gamma(p, nu) and nu differs between customers as gamma(q, gamma)."""

    p: float
    q: float
    gamma: float
    mean: float
    customers: int


def fit(purchases: Numbers, mean: Numbers) -> Spending | None:
    """The likeliest parameters of customers with so many repeat purchases of such a mean amount; None for fewer than 30 of them."""
    used = (purchases > 0) & (mean > 0)
    x, z = purchases[used], mean[used]
    if len(x) < FEWEST_SPENDERS:
        return None
    from scipy.optimize import minimize  # noqa: PLC0415 (takes longer to load than to answer)

    # In units of the usual amount, so that the same start serves cents and millions.
    unit = float(np.median(z))
    levels, level = np.unique(x, return_inverse=True)
    found = minimize(_loss, np.log([3.0, 3.0, 3.0]), args=(x, z / unit, levels, level), jac=True, method="L-BFGS-B", bounds=[_LOGS] * 3)
    p, q, gamma = (float(value) for value in np.exp(found.x))
    return Spending(p, q, gamma * unit, float(z.mean()), len(x))


def expected(model: Spending, purchases: Numbers, mean: Numbers) -> Numbers:
    """What each customer's purchases will be worth on average: between everyone's mean and their own, nearer to it the more bought."""
    # Where a few spend without bound (q up to one) the model's mean for everyone is infinite: the mean seen stands in for it.
    heavy = model.q <= _HEAVY
    everyone = model.mean if heavy else model.p * model.gamma / (model.q - 1)
    own = model.p * purchases / (model.p * purchases + (model.q if heavy else model.q - 1))
    return np.asarray((1 - own) * everyone + own * np.where(purchases > 0, mean, 0), dtype=np.float64)


def _loss(logs: Numbers, x: Numbers, z: Numbers, levels: Numbers, level: NDArray[np.int64]) -> tuple[float, Numbers]:
    """Minus the log-likelihood per customer, and its slope by the logarithms of the parameters.

    What depends on the number of purchases alone is worked out once for each number: there are few.
    """
    from scipy.special import gammaln, psi  # noqa: PLC0415

    p, q, gamma = np.exp(logs)
    times, total = p * levels, gamma + x * z
    spread = np.log(total)
    chances = gammaln(times + q) - gammaln(times) - gammaln(q) + q * np.log(gamma) + times * np.log(levels)
    likelihood = chances[level] + (p * x - 1) * np.log(z) - (p * x + q) * spread
    both = psi(times + q)
    slope = np.array(
        [
            np.mean(x * ((both - psi(times) + np.log(levels))[level] + np.log(z) - spread)) * p,
            np.mean((both - psi(q) + np.log(gamma))[level] - spread) * q,
            np.mean(q / gamma - (p * x + q) / total) * gamma,
        ]
    )
    return -float(np.mean(likelihood)), -slope
