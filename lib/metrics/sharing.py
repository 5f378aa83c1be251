"""How the shares of teams and account managers lie beside what chance allows: no league table, as small groups jump about by themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from lib.domain.statistics import FEWEST_FOR_SCORE, Limits, Z, funnel
from lib.metrics import BOARD, METRICS, SHARES, VOICE, Measurement, Metric, measure
from lib.metrics.variation import WEEKS, View

Standing = Literal["few", "within", "near", "outside"]
OUTSIDE: Final = 3.0
"""Standard errors beyond which a group differs by more than chance; within them, beyond 95 %, one in twenty does by chance."""


@dataclass(frozen=True, slots=True)
class Placed:
    """One group's share (hits of n) beside the whole's; label None: customers of nobody."""

    metric: Metric
    label: str | None
    hits: Decimal
    n: int
    whole: float

    @property
    def share(self) -> float:
        """Its own share, 0 to 1."""
        return float(self.hits) / self.n

    def limits(self, errors: float) -> Limits:
        """Where its share lies by chance when it is like the whole."""
        return funnel(self.whole, self.n, errors)

    @property
    def standing(self) -> Standing:
        """Whether it differs by more than chance."""
        if self.n < FEWEST_FOR_SCORE:
            return "few"
        near, far = self.limits(Z), self.limits(OUTSIDE)
        if far.low <= self.share <= far.high:
            return "within" if near.low <= self.share <= near.high else "near"
        return "outside"

    @property
    def is_better(self) -> bool:
        """Whether its share lies on the good side of the whole's."""
        return (self.share > self.whole) == (self.metric.good == "up")


def placed(view: View, by: str) -> list[Placed]:
    """Every group of customers in sight with each share it has, held against all in sight together; metric after metric.

    Who sees one team alone compares its people: what others do is in no limit. Refuses: an actor who may not read metrics.
    """
    # The same weeks of the same metrics as the board: what they add up is known already.
    found = measure(view.ledger, view.actor, (*BOARD, *VOICE), view.as_of, known_at=view.known_at, weeks=WEEKS, by=by, scope=view.cut)
    last = max((one.week_on for one in found), default=None)
    return [one for name in SHARES for one in _against([week for week in found if (week.metric, week.week_on) == (name, last)])]


def beyond(groups: Iterable[Placed]) -> list[Placed]:
    """Those that differ by more than chance, the worse first, then the farthest out."""
    return sorted((one for one in groups if one.standing == "outside"), key=lambda one: (one.is_better, -_distance(one)))


def _against(groups: Sequence[Measurement]) -> list[Placed]:
    whole = sum(one.denominator or 0 for one in groups)
    if not whole:
        return []
    share = float(sum(one.numerator for one in groups) / whole)
    return [Placed(METRICS[one.metric], one.label, one.numerator, int(one.denominator), share) for one in groups if one.denominator]


def _distance(one: Placed) -> float:
    reach = one.limits(1.0)
    return abs(one.share - one.whole) / max(reach.high - one.whole, one.whole - reach.low, 1e-9)
