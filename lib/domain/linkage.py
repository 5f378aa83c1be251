"""Which movement of money on one side is the same as which on the other, when fees, delays and cut texts keep them apart.

Evidence: how far the amounts are apart, how many days lie between, and how rare the beginning is that both texts share.
Weights come from the movements themselves, without labels (Fellegi-Sunter: how often a level of evidence is seen in true pairs,
learned by expectation maximisation, against how often in random ones). Since each movement has at most one partner, pairs compete.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

SURE: Final = 0.6  # above one half: of two that fit equally well none is sure
_WIDTH: Final = 24  # characters of a text that are compared
_CHUNK: Final = 2_000
_ROUNDS: Final = 25
_APART: Final = np.array([1e-9, 0.0025, 0.005, 0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.10])
_DAYS: Final = np.array([0, 1, 2, 3, 4, 5, 6, 8, 12, 21])
_BITS: Final = 24  # levels of rarity: a beginning shared by chance once in 2^level
_LEAST_BITS: Final = 2  # pairs whose texts share less are not looked at, unless the amounts are equal
_LEAST_PARTNERS: Final = 0.1
_PRIOR_PAIRS: Final = 200.0  # weight of what is believed before the first movement is read; it fades as movements come

_Floats = NDArray[np.float64]
_Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Movement:
    """Money that moved: a day, an amount above zero, and the words that came with it."""

    on_date: date
    amount: Decimal
    words: str


@dataclass(frozen=True, slots=True)
class Link:
    """Two movements, by their places, that are the same with a probability; `sure`: no other pair comes near."""

    left: int
    right: int
    probability: float
    sure: bool


@dataclass(frozen=True, slots=True)
class Reach:
    """How far apart partners may be: the right one's day less the left one's, and amounts as a share."""

    first_day: int = 0
    last_day: int = 30
    apart: float = 0.13


def link(left: Sequence[Movement], right: Sequence[Movement], reach: Reach | None = None) -> tuple[Link, ...]:
    """Partners found, most probable first; each movement at most once."""
    if not left or not right:
        return ()
    pairs, random = _candidates(_Side.of(left), _Side.of(right), reach or Reach())
    if not len(pairs.left):
        return ()
    weight = _weights(pairs, random, min(len(left), len(right)))
    return _one_to_one(pairs, _compete(pairs, weight, len(left), len(right)))


@dataclass(frozen=True, slots=True)
class _Side:
    """One side as columns."""

    days: _Ints
    logs: _Floats  # of amounts: evidence only, no money is added up here
    texts: tuple[str, ...]
    letters: NDArray[np.uint32]

    @classmethod
    def of(cls, movements: Sequence[Movement]) -> _Side:
        texts = tuple(_plain(one.words) for one in movements)
        return cls(
            np.array([one.on_date.toordinal() for one in movements], np.int64),
            np.log(np.array([float(one.amount) for one in movements])),
            texts,
            np.array([[ord(letter) for letter in text.ljust(_WIDTH, "\0")] for text in texts], np.uint32),
        )


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Pairs within reach: places on both sides, and the level of each kind of evidence."""

    left: _Ints
    right: _Ints
    levels: tuple[_Ints, _Ints, _Ints]


def _plain(words: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", words).casefold().split())[:_WIDTH]


_SHAPE: Final = (len(_APART) + 1, len(_DAYS) + 1, _BITS)


def _candidates(left: _Side, right: _Side, reach: Reach) -> tuple[_Pairs, list[_Floats]]:
    """Pairs worth a look, and how often each level was seen among all pairs within reach."""
    order = np.argsort(right.logs, kind="stable")
    ordered = right.logs[order]
    low = np.searchsorted(ordered, left.logs - reach.apart)
    count = np.searchsorted(ordered, left.logs + reach.apart, side="right") - low
    rarity = _rarity(left, right)
    seen = [np.zeros(size) for size in _SHAPE]
    found: list[tuple[Any, ...]] = []
    for start in range(0, len(left.days), _CHUNK):
        rows = np.arange(start, min(start + _CHUNK, len(left.days)))
        here = count[rows]
        one = np.repeat(rows, here)
        other = order[np.arange(here.sum()) - np.repeat(np.cumsum(here) - here, here) + np.repeat(low[rows], here)]
        days = right.days[other] - left.days[one]
        near = (days >= reach.first_day) & (days <= reach.last_day)
        one, other, days = one[near], other[near], np.abs(days[near])
        apart = np.searchsorted(_APART, np.abs(right.logs[other] - left.logs[one]))
        bits = rarity[one, _shared(left, right, one, other)]
        levels = (apart, np.searchsorted(_DAYS, days), bits)
        seen = [total + np.bincount(level, minlength=len(total)) for total, level in zip(seen, levels, strict=True)]
        kept = (bits >= _LEAST_BITS) | (apart == 0)
        found.append(tuple(column[kept] for column in (one, other, *levels)))
    columns = [np.concatenate(column) for column in zip(*found, strict=True)]
    return _Pairs(columns[0], columns[1], (columns[2], columns[3], columns[4])), seen


def _rarity(left: _Side, right: _Side) -> _Ints:
    """By text of the left side and length: how many times rarer than one in two its beginning is on the right, in powers of two."""
    known = Counter(text[:length] for text in right.texts for length in range(1, len(text) + 1))
    total = len(right.texts)
    rarity = np.zeros((len(left.texts), _WIDTH + 1))
    for row, text in enumerate(left.texts):
        for length in range(1, len(text) + 1):
            rarity[row, length] = np.log2(total / max(known.get(text[:length], 1), 1)) if total > 1 else 0.0
    # Few texts cannot show how rare a beginning is; then its length speaks, about a bit for each two letters.
    few = _PRIOR_PAIRS / (_PRIOR_PAIRS + total)
    rarity += few * np.arange(_WIDTH + 1) / 2
    return np.clip(rarity, 0, _BITS - 1).astype(np.int64)


def _shared(left: _Side, right: _Side, one: _Ints, other: _Ints) -> _Ints:
    """How many letters the texts of each pair begin with in common."""
    length = np.zeros(len(one), np.int64)
    alike = np.arange(len(one))
    for place in range(_WIDTH):
        letters = left.letters[one[alike], place]
        alike = alike[(letters != 0) & (letters == right.letters[other[alike], place])]
        if not len(alike):
            break
        length[alike] = place + 1
    return length


def _believed() -> list[_Floats]:
    """How often true partners show each level, before any are seen: near in amount and time, alike in words."""
    falling = [np.exp(-np.arange(size) / 3) for size in _SHAPE[:2]]
    rising = np.exp(np.minimum(np.arange(_BITS), 12) / 3)
    return [level / level.sum() for level in (*falling, rising)]


def _weights(pairs: _Pairs, seen: list[_Floats], partners: int) -> _Floats:
    """Odds that each pair is one, by its pattern of evidence; patterns are few, so the learning is quick."""
    code = np.ravel_multi_index(pairs.levels, _SHAPE)
    counts = np.bincount(code, minlength=int(np.prod(_SHAPE)))
    patterns = np.flatnonzero(counts)
    times, parts = counts[patterns], np.unravel_index(patterns, _SHAPE)
    believed = _believed()
    within = max(seen[0].sum(), 2.0 * partners)
    odds = np.zeros(len(patterns))
    for _ in range(_ROUNDS):
        hits = [np.bincount(level, odds / (1 + odds) * times, size) for level, size in zip(parts, _SHAPE, strict=True)]
        # Many movements may have no partner at all, yet never more have one than there are.
        prior = np.clip(hits[0].sum(), _LEAST_PARTNERS * partners, partners) / within
        odds = np.full(len(patterns), prior / (1 - prior))
        for level, found, total, first in zip(parts, hits, seen, believed, strict=True):
            by_chance = np.maximum(total - found, 0)  # pairs within reach that are not taken for true stand for random ones
            odds *= _smooth(found, first)[level] / _smooth(by_chance, 1 / len(first))[level]
    by_code = np.zeros(len(counts))
    by_code[patterns] = odds
    return np.asarray(by_code[code])


def _smooth(counted: NDArray[Any], believed: _Floats | float) -> _Floats:
    share = counted + _PRIOR_PAIRS * believed
    return np.asarray(share / share.sum())


def _compete(pairs: _Pairs, odds: _Floats, left_count: int, right_count: int) -> _Floats:
    """The probability of each pair when each movement has at most one partner (belief propagation on the pairs)."""

    def others(values: _Floats, place: _Ints, count: int) -> _Floats:
        return np.asarray(np.bincount(place, weights=values, minlength=count)[place] - values)

    to_right, to_left = odds, odds
    for _ in range(_ROUNDS):
        to_left = odds / (1 + np.maximum(others(to_right, pairs.right, right_count), 0))
        to_right = odds / (1 + np.maximum(others(to_left, pairs.left, left_count), 0))
    rivals = (1 + np.maximum(others(to_right, pairs.right, right_count), 0)) * (1 + np.maximum(others(to_left, pairs.left, left_count), 0))
    return np.asarray(odds / (rivals + odds))


def _one_to_one(pairs: _Pairs, probability: _Floats) -> tuple[Link, ...]:
    """Greedy: the most probable pair first, each movement once; below one in a thousand nothing is offered."""
    taken_left: set[int] = set()
    taken_right: set[int] = set()
    links = []
    for place in np.argsort(-probability, kind="stable"):
        chance = float(probability[place])
        if chance < 0.001:  # noqa: PLR2004 (said above)
            break
        left, right = int(pairs.left[place]), int(pairs.right[place])
        if left not in taken_left and right not in taken_right:
            taken_left.add(left)
            taken_right.add(right)
            links.append(Link(left, right, chance, chance >= SURE))
    return tuple(links)
