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


@dataclass(frozen=True, slots=True)
class Spending:
    """What was learned: an amount is gamma(p, nu) and nu differs between customers as gamma(q, gamma)."""

    p: float
    q: float
    gamma: float
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
    found = minimize(_loss, np.log([3.0, 3.0, 3.0]), args=(x, z / unit), jac=True, method="L-BFGS-B", bounds=[_LOGS] * 3)
    p, q, gamma = (float(value) for value in np.exp(found.x))
    return Spending(p, q, gamma * unit, len(x))


def expected(model: Spending, purchases: Numbers, mean: Numbers) -> Numbers:
    """What each customer's purchases will be worth on average: between everyone's mean and their own, nearer to it the more bought."""
    # With a heavy tail (q up to one) everyone's mean is infinite; the customer's own then stands alone as far as it can.
    tail = max(model.q - 1, 1e-6)
    everyone = model.p * model.gamma / tail
    own = model.p * purchases / (model.p * purchases + tail)
    return np.asarray((1 - own) * everyone + own * np.where(purchases > 0, mean, 0), dtype=np.float64)


def _loss(logs: Numbers, x: Numbers, z: Numbers) -> tuple[float, Numbers]:
    """Minus the log-likelihood per customer, and its slope by the logarithms of the parameters."""
    from scipy.special import gammaln, psi  # noqa: PLC0415

    p, q, gamma = np.exp(logs)
    times, total = p * x, gamma + x * z
    likelihood = gammaln(times + q) - gammaln(times) - gammaln(q) + q * np.log(gamma) + (times - 1) * np.log(z)
    likelihood += times * np.log(x) - (times + q) * np.log(total)
    slope = np.array(
        [
            np.mean(x * (psi(times + q) - psi(times) + np.log(z) + np.log(x) - np.log(total))) * p,
            np.mean(psi(times + q) - psi(q) + np.log(gamma) - np.log(total)) * q,
            np.mean(q / gamma - (times + q) / total) * gamma,
        ]
    )
    return -float(np.mean(likelihood)), -slope
