"""How likely a customer's next invoice is paid late, from how the earlier ones were: the share late and the days late.

The simple rule is the share alone, drawn towards everyone's while invoices are few. Source: S5 4.1; the figures are in docs/MODELS.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lib.domain import scorecard
from lib.errors import Refused

Numbers = NDArray[np.float64]
Truth = NDArray[np.bool_]
DRAWN: Final = 3.0
"""Everyone's share counts like so many invoices of the customer's own."""
FARTHEST_DAYS: Final = 60.0
"""Beyond so many days on average, more days tell no more."""


@dataclass(frozen=True, slots=True)
class Payments:
    """What was known of payers: invoices whose end is known and how many of them were late; days late of all settled, and how many."""

    known: Numbers
    late: Numbers
    days: Numbers
    settled: Numbers

    def only(self, chosen: Truth) -> Payments:
        """Some of them."""
        return Payments(self.known[chosen], self.late[chosen], self.days[chosen], self.settled[chosen])


@dataclass(frozen=True, slots=True)
class Lateness:
    """What was learned: everyone's share late, and the weights of the two facts."""

    everyone: float
    share_weight: float
    days_weight: float
    base: float
    cases: int
    bad: int


def share(payments: Payments, everyone: float) -> Numbers:
    """The simple rule: the share late, drawn towards everyone's."""
    return np.asarray((payments.late + DRAWN * everyone) / (payments.known + DRAWN), dtype=np.float64)


def fit(payments: Payments, late: Truth) -> Lateness:
    """The weights these invoices teach.

    Refuses: fewer than 50 late ones.
    """
    bad = int(late.sum())
    if bad < scorecard.FEWEST_BAD:
        raise Refused(scorecard.TOO_FEW, bad=bad, fewest=scorecard.FEWEST_BAD, more=scorecard.FEWEST_BAD - bad)
    everyone = min(max(bad / len(late), 1e-6), 1 - 1e-6)
    weights, base = scorecard.logistic(_facts(payments, everyone), late)
    return Lateness(everyone, float(weights[0]), float(weights[1]), base, len(late), bad)


def chance(model: Lateness, payments: Payments) -> Numbers:
    """How likely the next invoice of each is late."""
    said = _facts(payments, model.everyone) @ np.array([model.share_weight, model.days_weight]) + model.base
    return np.asarray(1 / (1 + np.exp(-said)), dtype=np.float64)


def _facts(payments: Payments, everyone: float) -> Numbers:
    """The log odds of the share, and the mean days late drawn towards none in tens of days."""
    rate = share(payments, everyone)
    days = np.clip(payments.days / (payments.settled + 1), -FARTHEST_DAYS, FARTHEST_DAYS) / 10
    return np.column_stack([np.log(rate / (1 - rate)), days])
