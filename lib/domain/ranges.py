"""What a customer may spend in the weeks to come, as a range: the middle of many futures drawn from what was learned.

Given a history, a customer who is still one buys at a rate drawn from gamma(r + x, alpha + T) and leaves after each purchase with a chance
drawn from beta(a, b + x); what purchases are worth follows from the amounts so far in the same way. The range holds what chance does to a
customer; how well the parameters themselves are known is left out, which among hundreds of customers is little beside it.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from lib.domain import buying
from lib.domain.buying import Buying, Histories
from lib.domain.spending import Spending

Numbers = NDArray[np.float64]
SHARE: Final = 0.8
"""How many of the futures lie in the range; as many below it as above."""
_FUTURES: Final = 128
_AT_ONCE: Final = 4096
_SEED: Final = 20260630


def spent(model: Buying, worth: Spending, histories: Histories, mean: Numbers, weeks: float) -> tuple[Numbers, Numbers]:
    """The low and the high end for each customer, one history each; the same every time."""
    chance = np.random.default_rng(_SEED)
    here = buying.alive(model, histories)
    ends = [
        _ends(model, worth, (histories.repeats[part], histories.watched[part], mean[part], here[part]), weeks, chance)
        for part in (slice(start, start + _AT_ONCE) for start in range(0, len(here), _AT_ONCE))
    ]
    low, high = (np.concatenate(side) for side in zip(*ends, strict=True)) if ends else (np.zeros(0), np.zeros(0))
    return low, high


def covered(low: Numbers, high: Numbers, came: Numbers) -> float:
    """The share of customers whose range held what came; cents of rounding forgiven."""
    return float(np.mean((low - 0.01 <= came) & (came <= high + 0.01)))


def _ends(
    model: Buying, worth: Spending, customers: tuple[Numbers, Numbers, Numbers, Numbers], weeks: float, chance: np.random.Generator
) -> tuple[Numbers, Numbers]:
    x, watched, mean, here = (column[:, None] for column in customers)
    size = (len(x), _FUTURES)
    rate = chance.gamma(model.r + x, 1 / (model.alpha + watched), size)
    last = chance.geometric(np.maximum(chance.beta(model.a, model.b + x, size), 1e-9))
    stays = chance.random(size) < here
    bought = np.where(stays, np.minimum(chance.poisson(rate * weeks), last), 0)
    scale = chance.gamma(worth.p * x + worth.q, 1 / (worth.gamma + x * mean), size)
    amount = np.where(bought > 0, chance.gamma(np.maximum(worth.p * bought, 1e-9)) / np.maximum(scale, 1e-300), 0)
    low, high = np.quantile(amount, ((1 - SHARE) / 2, (1 + SHARE) / 2), axis=1)
    return low, high
