"""Customers who are alike, put together without rules (k-means): a second look at the thresholds, never applied by itself.

The same customers always fall into the same groups: the first centres are chosen with a fixed seed, groups are numbered by money.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]
GROUPS: Final = 5
FEWEST: Final = 100
_SEED: Final = 20260630
_ROUNDS: Final = 60
_TRIES: Final = 4
_ENOUGH: Final = 5000


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far two ways to sort customers agree: the adjusted Rand index (0: chance, 1: the same).

    `share`: of customers, those in the class most common in their group.
    """

    adjusted_rand: float
    share: float


def group(facts: Numbers, count: int = GROUPS) -> Places:
    """The group of each row, facts made comparable first; group 0 has the highest last fact on average."""
    spread = facts.std(axis=0)
    points = (facts - facts.mean(axis=0)) / np.where(spread > 0, spread, 1)
    chosen = np.random.default_rng(_SEED)
    # A part of many teaches where the centres lie as well as all of them.
    some = points[:: max(1, len(points) // _ENOUGH)]
    centres, _ = min((_settled(some, _first(some, count, chosen)) for _ in range(_TRIES)), key=lambda found: found[1])
    places = _distances(points, centres).argmin(axis=1)
    order = np.argsort([-facts[places == one, -1].mean() if (places == one).any() else np.inf for one in range(count)])
    rank = np.empty(count, dtype=np.int64)
    rank[order] = np.arange(count)
    return np.asarray(rank[places], dtype=np.int64)


def agreement(one: Places, other: Places) -> Agreement:
    """How far groups agree with classes."""
    table = np.zeros((one.max(initial=0) + 1, other.max(initial=0) + 1))
    np.add.at(table, (one, other), 1)
    both, rows, columns = _pairs(table), _pairs(table.sum(axis=1)), _pairs(table.sum(axis=0))
    chance = rows * columns / max(_pairs(table.sum()), 1.0)
    most = (rows + columns) / 2
    rand = 1.0 if most == chance else (both - chance) / (most - chance)
    return Agreement(float(rand), float(table.max(axis=1).sum() / max(table.sum(), 1)))


def _first(points: Numbers, count: int, chosen: np.random.Generator) -> Numbers:
    """First centres far from one another: each next one by its distance from those there are."""
    centres = points[chosen.integers(len(points))][None, :]
    for _ in range(count - 1):
        far = _distances(points, centres).min(axis=1)
        weight = far / far.sum() if far.sum() > 0 else None
        centres = np.vstack([centres, points[chosen.choice(len(points), p=weight)]])
    return np.asarray(centres, dtype=np.float64)


def _settled(points: Numbers, centres: Numbers) -> tuple[Numbers, float]:
    """Centres when none moves any more, and how far points lie from theirs in all."""
    for _ in range(_ROUNDS):
        places = _distances(points, centres).argmin(axis=1)
        cases = np.bincount(places, minlength=len(centres))
        sums = np.column_stack([np.bincount(places, weights=points[:, axis], minlength=len(centres)) for axis in range(points.shape[1])])
        moved = np.where(cases[:, None] > 0, sums / np.maximum(cases, 1)[:, None], centres)
        if np.allclose(moved, centres, atol=1e-6):
            break
        centres = moved
    return centres, float(_distances(points, centres).min(axis=1).sum())


def _distances(points: Numbers, centres: Numbers) -> Numbers:
    squares = (points**2).sum(axis=1)[:, None] - 2 * points @ centres.T + (centres**2).sum(axis=1)
    return np.asarray(np.maximum(squares, 0), dtype=np.float64)


def _pairs(counts: Numbers | float) -> float:
    return float(np.sum(np.asarray(counts) * (np.asarray(counts) - 1) / 2))
