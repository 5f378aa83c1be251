"""Which marks go along with the score: rank correlation with its interval, and from more answers relative weights.

What goes along with a score need not bring it about, so nothing here is called a reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FEWEST: Final = 50
"""Below this many answers with a mark nothing is said of the mark."""
FEWEST_FOR_WEIGHTS: Final = 150
"""Below this many answers with all marks weights name the wrong ones too often."""
_DRAWS: Final = 1000
_WEIGHT_DRAWS: Final = 300
_SEED: Final = 20251115
_ENDS: Final = (2.5, 97.5)


@dataclass(frozen=True, slots=True)
class Driver:
    """One mark: how closely it goes along with the score (rank correlation, -1 to 1, with its 95 % interval), in how many answers."""

    name: str
    n: int
    rank: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Weight:
    """A mark's share in what all marks together tell of the score, and between which places it stands 95 times of 100."""

    name: str
    share: float
    best_place: int
    worst_place: int


def correlations(scores: Sequence[float], marks: Mapping[str, Sequence[float | None]]) -> list[Driver]:
    """The marks given often enough, the closest first. A mark that never varies says nothing and is left out."""
    found = [one for name, given in marks.items() if (one := _correlation(name, scores, given))]
    return sorted(found, key=lambda one: -one.rank)


def relative_weights(scores: Sequence[float], marks: Mapping[str, Sequence[float | None]]) -> list[Weight]:
    """Johnson's relative weights, the heaviest first; nothing below `FEWEST_FOR_WEIGHTS` answers with all marks.

    Source: Johnson 2000; as good as averaging over all orders at a fraction of the work.
    """
    names = list(marks)
    table = np.array([scores, *(marks[name] for name in names)], dtype=np.float64).T
    table = table[~np.isnan(table).any(axis=1)]
    if len(table) < FEWEST_FOR_WEIGHTS or not names or (table.std(axis=0) == 0).any():
        return []
    drawn = np.random.default_rng(_SEED).integers(0, len(table), (_WEIGHT_DRAWS, len(table)))
    places = np.array([np.argsort(np.argsort(-_johnson(table[rows]))) for rows in drawn]) + 1
    best, worst = np.percentile(places, _ENDS, axis=0, method="nearest")
    shares = _johnson(table)
    found = [Weight(name, float(shares[at]), int(best[at]), int(worst[at])) for at, name in enumerate(names)]
    return sorted(found, key=lambda one: -one.share)


def _correlation(name: str, scores: Sequence[float], given: Sequence[float | None]) -> Driver | None:
    """Answers are few kinds of pairs, so drawing anew is drawing how often each pair comes."""
    pairs = [(score, mark) for score, mark in zip(scores, given, strict=True) if mark is not None]
    if len(pairs) < FEWEST:
        return None
    _, at_score = np.unique([score for score, _ in pairs], return_inverse=True)
    _, at_mark = np.unique([mark for _, mark in pairs], return_inverse=True)
    counts = np.zeros((at_score.max() + 1, at_mark.max() + 1))
    np.add.at(counts, (at_score, at_mark), 1)
    if min(counts.shape) < 2:  # noqa: PLR2004 (one value only: nothing varies)
        return None
    drawn = np.random.default_rng(_SEED).multinomial(len(pairs), counts.ravel() / len(pairs), _DRAWS).reshape(-1, *counts.shape)
    found = _spearman(drawn.astype(np.float64))
    low, high = (float(np.percentile(found[~np.isnan(found)], end)) for end in _ENDS)
    return Driver(name, len(pairs), float(_spearman(counts[None])[0]), low, high)


def _spearman(counts: Floats) -> Floats:
    """Rank correlation of each table of counts (score by mark), equal values sharing their middle rank."""
    down, across = (_centred(counts.sum(axis=axis)) for axis in (2, 1))
    together = np.einsum("dij,di,dj->d", counts, down, across)
    alone = np.einsum("dij,di->d", counts, down**2) * np.einsum("dij,dj->d", counts, across**2)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(together / np.sqrt(alone))


def _centred(counts: Floats) -> Floats:
    """Middle ranks less their mean."""
    ranks = np.cumsum(counts, axis=1) - (counts - 1) / 2
    return np.asarray(ranks - (counts.sum(axis=1, keepdims=True) + 1) / 2)


def _johnson(table: Floats) -> Floats:
    """Shares that add up to 1; the first column is the score."""
    with np.errstate(invalid="ignore", divide="ignore"):
        together: Floats = np.asarray(np.nan_to_num(np.corrcoef(table, rowvar=False)))
    values, vectors = np.linalg.eigh(together[1:, 1:])
    root = vectors @ np.diag(np.sqrt(np.maximum(values, 0))) @ vectors.T
    raw = (root**2) @ (np.linalg.pinv(root) @ together[1:, 0]) ** 2
    return np.asarray(raw / (raw.sum() or 1))
