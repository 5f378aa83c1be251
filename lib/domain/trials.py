"""How well a score foretold what came: ranking (AUC) with its interval, calibration by bins, and whether it beats a simple rule.

The interval is DeLong's, which also compares two scores given to the same cases. Nothing here knows how a score was made.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lib.domain.statistics import Z

Numbers = NDArray[np.float64]
Truth = NDArray[np.bool_]
BINS: Final = 5


@dataclass(frozen=True, slots=True)
class Ranking:
    """How often a case that came about had the higher score than one that did not (0.5: chance), with its 95 % interval."""

    value: float
    low: float
    high: float
    n: int
    hits: int


@dataclass(frozen=True, slots=True)
class Bin:
    """Cases with scores alike: what was said on average, what happened, and how many there were."""

    said: float
    happened: float
    n: int


def ranking(score: Numbers, truth: Truth) -> Ranking | None:
    """The AUC of a score; None when all cases came out alike."""
    hits = int(truth.sum())
    if hits in (0, len(truth)):
        return None
    above, below = _places(score, truth)
    value = float(above.mean())
    error = sqrt(max(_covariance(above, above) / len(above) + _covariance(below, below) / len(below), 0))
    return Ranking(value, max(0.0, value - Z * error), min(1.0, value + Z * error), len(truth), hits)


def lead(score: Numbers, rule: Numbers, truth: Truth) -> Ranking | None:
    """By how much a score ranks better than a rule on the same cases, with its interval; None when all cases came out alike."""
    hits = int(truth.sum())
    if hits in (0, len(truth)):
        return None
    above, below = (mine - theirs for mine, theirs in zip(_places(score, truth), _places(rule, truth), strict=True))
    value = float(above.mean())
    error = sqrt(max(_covariance(above, above) / len(above) + _covariance(below, below) / len(below), 0))
    return Ranking(value, value - Z * error, value + Z * error, len(truth), hits)


def brier(chance: Numbers, truth: Truth) -> float:
    """Mean squared distance of chances from what happened: 0 is perfect, 0.25 is a coin."""
    return float(np.mean((chance - truth) ** 2))


def bins(chance: Numbers, truth: Truth, count: int = BINS) -> tuple[Bin, ...]:
    """Cases in bins of about equal size by their chance, the lowest first; equal chances stay together."""
    if not len(chance):
        return ()
    edges = np.unique(np.quantile(chance, np.linspace(0, 1, count + 1)[1:-1]))
    place = np.searchsorted(edges, chance, side="right")
    found = [place == one for one in np.unique(place)]
    return tuple(Bin(float(chance[inside].mean()), float(truth[inside].mean()), int(inside.sum())) for inside in found)


def calibration_error(found: tuple[Bin, ...]) -> float:
    """How far what was said lies from what happened, bin by bin, weighed by their cases (ECE)."""
    cases = sum(one.n for one in found)
    return sum(abs(one.said - one.happened) * one.n for one in found) / cases if cases else 0.0


def lift(score: Numbers, truth: Truth, share: float = 0.1) -> float | None:
    """How many times more often it happened among the highest scores than among all; None when it never happened."""
    most = max(1, round(len(score) * share))
    base = float(truth.mean()) if len(truth) else 0.0
    return float(truth[np.argsort(-score, kind="stable")[:most]].mean()) / base if base else None


def _places(score: Numbers, truth: Truth) -> tuple[Numbers, Numbers]:
    """For each hit the share of misses below it, for each miss the share of hits above it; ties count half."""
    hits, misses = score[truth], score[~truth]
    return _below(misses, hits), 1 - _below(hits, misses)


def _below(others: Numbers, mine: Numbers) -> Numbers:
    ordered = np.sort(others)
    low, high = np.searchsorted(ordered, mine, side="left"), np.searchsorted(ordered, mine, side="right")
    return np.asarray((low + high) / (2 * len(others)), dtype=np.float64)


def _covariance(one: Numbers, other: Numbers) -> float:
    if len(one) < 2:  # noqa: PLR2004 (no spread of one)
        return 0.0
    return float(((one - one.mean()) * (other - other.mean())).sum() / (len(one) - 1))
