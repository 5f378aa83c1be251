"""A scorecard people can read: each fact falls into a band, each band has whole points, the points add up to a chance.

Bands are merged until neighbours differ by more than chance; their weight of evidence goes through a logistic regression held back a
little, so that a fact which repeats another earns little of its own. Numbers only; what cannot be known (NaN) is a band of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lib.errors import Refused
from lib.text import Text

Numbers = NDArray[np.float64]
Truth = NDArray[np.bool_]
FEWEST_BAD: Final = 50
DOUBLE: Final = 40
"""So many points more, and the odds of good to bad double."""
EVEN: Final = 500
"""Points of who is as likely bad as good."""
_FINEST: Final = 20
_SMALLEST: Final = 0.04
_FEWEST_IN_BAND: Final = 5
_DIFFERENT: Final = 6.63
"""Chi square of two bands that differ by more than chance 99 times in a hundred."""
_HELD_BACK: Final = 1.0
_FACTOR: Final = DOUBLE / log(2)
_WORTH: Final = 8
"""A fact whose best and worst band lie nearer than so many points is left out."""
_STEPS: Final = 30
_STILL: Final = 1e-8

TOO_FEW: Final = Text(
    "记分卡要从坏结果学起：现有 {bad} 例，至少 {fewest} 例，还差 {more} 例。在那之前用简单规则。",
    "A scorecard learns from bad outcomes: there are {bad}, it takes {fewest}, {more} are missing. Until then the simple rule is used.",
)


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact's bands: upper edges (the last band has none), points of each band, and the points of what is not known."""

    name: str
    edges: tuple[float, ...]
    points: tuple[int, ...]
    unknown: int

    def score(self, values: Numbers) -> Numbers:
        """Points of each value."""
        points = np.array([*self.points, self.unknown], dtype=np.float64)
        return np.asarray(points[_band(values, self.edges)], dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Scorecard:
    """Facts with their points; the base is added to all."""

    facts: tuple[Fact, ...]
    base: int
    cases: int
    bad: int

    def score(self, values: Mapping[str, Numbers]) -> Numbers:
        """Points in all: more is safer."""
        return np.asarray(self.base + sum(fact.score(values[fact.name]) for fact in self.facts), dtype=np.float64)

    def chance(self, values: Mapping[str, Numbers]) -> Numbers:
        """How likely each is bad."""
        return np.asarray(1 / (1 + np.exp((self.score(values) - EVEN) * log(2) / DOUBLE)), dtype=np.float64)


def fit(values: Mapping[str, Numbers], bad: Truth) -> Scorecard:
    """The card these cases teach. Facts that tell hardly anything, or would count the wrong way round, are left out.

    Refuses: fewer than 50 bad outcomes.
    """
    if (count := int(bad.sum())) < FEWEST_BAD:
        raise Refused(TOO_FEW, bad=count, fewest=FEWEST_BAD, more=FEWEST_BAD - count)
    edges = {name: bands(column, bad) for name, column in values.items()}
    evidence = {name: _evidence(_band(values[name], cut), len(cut) + 2, bad) for name, cut in edges.items()}
    names = [name for name, weight in evidence.items() if np.ptp(weight[:-1]) > 0]
    while True:
        table = np.column_stack([evidence[name][_band(values[name], edges[name])] for name in names])
        weights, base = logistic(table, bad)
        telling = [name for name, weight in zip(names, weights, strict=True) if -weight * np.ptp(evidence[name][:-1]) * _FACTOR >= _WORTH]
        if len(telling) == len(names):
            break
        names = telling
    return _card(names, {name: (edges[name], evidence[name]) for name in names}, weights, base, bad)


def bands(values: Numbers, bad: Truth) -> tuple[float, ...]:
    """Upper edges of bands that differ by more than chance, each with at least 4 % of the cases and 5 bad ones."""
    known = ~np.isnan(values)
    edges = list(np.unique(np.quantile(values[known], np.linspace(0, 1, _FINEST + 1)[1:-1], method="lower"))) if known.any() else []
    while edges:
        place = np.searchsorted(edges, values[known], side="left")
        cases = np.bincount(place, minlength=len(edges) + 1).astype(float)
        hits = np.asarray(np.bincount(place, weights=bad[known], minlength=len(edges) + 1), dtype=np.float64)
        weakest = _weakest(cases, hits, len(values))
        if weakest is None:
            break
        edges.pop(weakest)
    return tuple(float(edge) for edge in edges)


def _weakest(cases: Numbers, hits: Numbers, total: int) -> int | None:
    """The edge to take away: of the pair that differs least, counting pairs with a band too small as alike."""
    small = (cases < _SMALLEST * total) | (hits < _FEWEST_IN_BAND) | (cases - hits < _FEWEST_IN_BAND)
    both, together = cases[:-1] + cases[1:], hits[:-1] + hits[1:]
    rate = together / np.maximum(both, 1)
    spread = np.maximum(rate * (1 - rate), 1e-12)
    apart = (hits[:-1] - cases[:-1] * rate) ** 2 * both / np.maximum(cases[:-1] * cases[1:], 1) / spread
    apart = np.where(small[:-1] | small[1:], apart - 1e9, apart)
    least = int(np.argmin(apart))
    return least if apart[least] < _DIFFERENT else None


def _band(values: Numbers, edges: Sequence[float]) -> NDArray[np.int64]:
    """The place of each value's band; one behind the last for what is not known."""
    place = np.searchsorted(np.asarray(edges), values, side="left")
    return np.where(np.isnan(values), len(edges) + 1, place)


def _evidence(place: NDArray[np.int64], count: int, bad: Truth) -> Numbers:
    """Log odds of good to bad in each band against all; half a case more on each side keeps an empty band at nothing."""
    hits = np.bincount(place, weights=bad, minlength=count)
    misses = np.bincount(place, weights=~bad, minlength=count)
    found = np.log((misses + 0.5) / (hits + 0.5)) - log((~bad).sum() / bad.sum())
    return np.asarray(np.where(hits + misses > 0, found, 0.0), dtype=np.float64)


def logistic(table: Numbers, bad: Truth) -> tuple[Numbers, float]:
    """Weights and base of the log odds of bad, by Newton's steps; only the weights are held back."""
    whole = np.column_stack([table, np.ones(len(table))])
    held = np.diag([*[_HELD_BACK] * table.shape[1], 0.0])
    weights = np.zeros(whole.shape[1])
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-whole @ weights))
        slope = whole.T @ (chance - bad) + held @ weights
        step = np.linalg.solve((whole.T * (chance * (1 - chance))) @ whole + held, slope)
        weights -= step
        if np.abs(step).max() < _STILL:
            break
    return weights[:-1], float(weights[-1])


def _card(
    names: Sequence[str], found: Mapping[str, tuple[tuple[float, ...], Numbers]], weights: Numbers, base: float, bad: Truth
) -> Scorecard:
    facts = []
    for name, weight in zip(names, weights, strict=True):
        edges, evidence = found[name]
        *points, unknown = (round(-_FACTOR * weight * one) for one in evidence)
        facts.append(Fact(name, edges, tuple(points), unknown))
    return Scorecard(tuple(facts), round(EVEN - _FACTOR * base), len(bad), int(bad.sum()))
