"""How far a score can be trusted: intervals and verdicts on differences. Pure; the same figures as the SQL of `50_service.sql`.

NPS by the adjusted Wald interval (Rocks 2016), shares by Wilson's, both with a finite-population factor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Final, Literal

from lib.text import Text

Verdict = Literal["noise", "maybe", "sure"]
Z: Final = 1.96
FEWEST_FOR_SCORE: Final = 5
"""Below this many answers the answers are shown, not a score."""
FEW_ANSWERS: Final = 30
"""Below this many answers the score is marked as resting on few."""
SHIFTED: Final = 0.1
"""From this change in a group's share of the answers, before and after are not the same people asked in the same way."""

VERDICT: Final[dict[Verdict, Text]] = {
    "noise": Text("误差内", "within chance"),
    "maybe": Text("可能", "perhaps"),
    "sure": Text("确定", "certain"),
}


@dataclass(frozen=True, slots=True)
class Estimate:
    """A score with its 95 % interval and the number of answers it rests on."""

    value: float
    low: float
    high: float
    n: int


def nps(promoters: float, detractors: float, n: int, population: int | None = None) -> Estimate | None:
    """Net promoter score in points, -100 to 100; None without answers."""
    if n == 0:
        return None
    value, part = 100 * (promoters - detractors) / n, sample_part(n, population)
    # The interval stands around the adjusted score; around the plain one it would miss the truth up to 18 % of the time.
    middle = value + part * (100 * (promoters - detractors) / (n + 3) - value)
    half = 100 * Z * sqrt(_nps_variance(promoters, detractors, n) * part)
    return Estimate(value, max(-100.0, middle - half), min(100.0, middle + half), n)


def share(hits: float, n: int, population: int | None = None) -> Estimate | None:
    """A share of answers in per cent, 0 to 100; None without answers."""
    if n == 0:
        return None
    part = sample_part(n, population)
    low, high = wilson(hits / n, n / part) if part else (hits / n, hits / n)
    return Estimate(100 * hits / n, 100 * low, 100 * high, n)


def wilson(rate: float, n_effective: float) -> tuple[float, float]:
    """Both ends of Wilson's 95 % interval of a share, 0 to 1."""
    middle = rate + Z * Z / (2 * n_effective)
    half = Z * sqrt(rate * (1 - rate) / n_effective + Z * Z / (4 * n_effective * n_effective))
    whole = 1 + Z * Z / n_effective
    return (middle - half) / whole, (middle + half) / whole


@dataclass(frozen=True, slots=True)
class Limits:
    """Between what a share should lie by chance alone, 0 to 1."""

    low: float
    high: float


def funnel(rate: float, n: int, errors: float = 3.0) -> Limits:
    """Where the share of a group of `n` lies when it is like the whole, whose share is `rate`."""
    half = errors * sqrt(rate * (1 - rate) / n)
    return Limits(max(0.0, rate - half), min(1.0, rate + half))


def sample_part(n: int, population: int | None) -> float:
    """How far the variance shrinks when most of a finite number of accounts has answered; 1 when that number is not known."""
    return max(population - n, 0) / (population - 1) if population and population > 1 else 1.0


def nps_difference(now: tuple[float, float, float], then: tuple[float, float, float]) -> Verdict | None:
    """Whether two scores, each (promoters, detractors, n), differ by more than chance; None when one has no answers."""
    if not now[2] or not then[2]:
        return None
    error = sqrt(_nps_variance(*now) + _nps_variance(*then))
    return verdict(((now[0] - now[1]) / now[2] - (then[0] - then[1]) / then[2]) / error)


def share_difference(now: tuple[float, float], then: tuple[float, float]) -> Verdict | None:
    """Whether two shares, each (hits, n), differ by more than chance; None when one has no answers."""
    if not now[1] or not then[1]:
        return None
    # Agresti and Caffo: one hit and one miss more on each side keep small samples honest.
    rates = [((hits + 1) / (n + 2), n + 2) for hits, n in (now, then)]
    error = sqrt(sum(rate * (1 - rate) / n for rate, n in rates))
    return verdict((rates[0][0] - rates[1][0]) / error)


@dataclass(frozen=True, slots=True)
class Votes:
    """Counted answers: those that count for us, those that are low, and all. Not whole numbers where strata weigh differently."""

    top: float
    low: float
    n: float


def score(metric: str, votes: Votes) -> float:
    """NPS in points, any other score the share of top answers in per cent."""
    return 100 * (votes.top - (votes.low if metric == "nps" else 0)) / votes.n


def difference(metric: str, now: Votes, then: Votes) -> Verdict | None:
    """Whether two scores of a metric differ by more than chance; None when one has no answers."""
    if metric == "nps":
        return nps_difference((now.top, now.low, now.n), (then.top, then.low, then.n))
    return share_difference((now.top, now.n), (then.top, then.n))


def score_limits(metric: str, whole: Votes, n: float, errors: float) -> Limits:
    """Where the score of a group of `n` lies, in its own unit, when the group is like the whole."""
    up, down = whole.top / whole.n, whole.low / whole.n
    variance = up + down - (up - down) ** 2 if metric == "nps" else up * (1 - up)
    middle, half = score(metric, whole), 100 * errors * sqrt(variance / n)
    return Limits(max(-100.0 if metric == "nps" else 0.0, middle - half), min(100.0, middle + half))


@dataclass(frozen=True, slots=True)
class Shift:
    """A group that makes up another share of the answers than before, 0 to 1."""

    group: str
    before: float
    now: float


def mix_shift(now: Mapping[str, Votes], then: Mapping[str, Votes]) -> Shift | None:
    """The group whose share of the answers changed most, if by more than chance and by a tenth of them or more."""
    total_now, total_then = sum(one.n for one in now.values()), sum(one.n for one in then.values())
    if not total_now or not total_then:
        return None
    shares = [Shift(name, _n(then, name) / total_then, _n(now, name) / total_now) for name in sorted({*now, *then})]
    most = max(shares, key=lambda one: abs(one.now - one.before))
    by_chance = share_difference((most.now * total_now, total_now), (most.before * total_then, total_then)) != "sure"
    return None if by_chance or abs(most.now - most.before) < SHIFTED else most


def at_same_mix(metric: str, now: Mapping[str, Votes], then: Mapping[str, Votes]) -> float | None:
    """How far the score moved within groups, each weighing as it does in both times together; None when no group can be compared."""
    both = [(now[name], then[name]) for name in now if min(now[name].n, _n(then, name)) >= FEWEST_FOR_SCORE]
    total = sum(one.n + other.n for one, other in both)
    return sum((one.n + other.n) * (score(metric, one) - score(metric, other)) for one, other in both) / total if total else None


def _n(votes: Mapping[str, Votes], name: str) -> float:
    return votes[name].n if name in votes else 0


def verdict(errors: float) -> Verdict:
    """What a difference of so many standard errors says."""
    if abs(errors) < 1:
        return "noise"
    return "maybe" if abs(errors) <= Z else "sure"


def _nps_variance(promoters: float, detractors: float, n: float) -> float:
    """Variance of the score as a fraction, with ¾ of an answer added to promoters and detractors and 1½ to the rest."""
    more = n + 3
    up, down = (promoters + 0.75) / more, (detractors + 0.75) / more
    return (up + down - (up - down) ** 2) / more
