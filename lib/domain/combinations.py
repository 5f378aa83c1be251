"""Which open amounts add up to a sum, and how many ways there are: one way is a finding, two are a guess."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

MOST_ITEMS: Final = 28
"""More open items than this are not all tried: two halves of 14 make 16,384 sums each."""
COUNTED_TO: Final = 100


@dataclass(frozen=True, slots=True)
class Fit:
    """The ways found. `first`: the places of one of them, earliest items first; `is_whole`: every way was counted."""

    count: int
    first: tuple[int, ...]
    is_whole: bool

    @property
    def is_unique(self) -> bool:
        """Exactly one way, and certainly no other."""
        return self.count == 1 and self.is_whole


def combinations(cents: Sequence[int], wanted: int) -> Fit:
    """The ways to choose items whose cents add up to what is wanted, counted up to 100.

    Of more than 28 items only the first 28 that are not too large are tried, and all of them together.
    """
    places = [place for place, amount in enumerate(cents) if 0 < amount <= wanted]
    tried = places[:MOST_ITEMS]
    if wanted <= 0 or sum(cents[place] for place in places) < wanted:
        return Fit(0, (), is_whole=True)
    middle = (len(tried) + 1) // 2
    head, tail = _sums(cents, tried[:middle], wanted), _sums(cents, tried[middle:], wanted)
    count = 0
    first: tuple[int, ...] = ()
    for total, masks in sorted(head.items()):
        others = tail.get(wanted - total)
        if not others:
            continue
        if not first:
            first = (*_places(tried[:middle], masks[0]), *_places(tried[middle:], others[0]))
        count += len(masks) * len(others)
        if count >= COUNTED_TO:
            return Fit(COUNTED_TO, first, is_whole=False)
    is_whole = len(tried) == len(places)
    if not is_whole and sum(cents[place] for place in places) == wanted:
        return Fit(count + 1, tuple(places), is_whole=False)
    return Fit(count, first, is_whole)


def _sums(cents: Sequence[int], places: Sequence[int], wanted: int) -> dict[int, list[int]]:
    """Every sum that is not too large, with the choices (as bits) that make it; of each sum at most 100 choices."""
    reached = [(0, 0)]
    for bit, place in enumerate(places):
        reached += [(total + cents[place], mask | 1 << bit) for total, mask in reached if total + cents[place] <= wanted]
    found: defaultdict[int, list[int]] = defaultdict(list)
    for total, mask in reached:
        if len(found[total]) < COUNTED_TO:
            found[total].append(mask)
    return found


def _places(places: Sequence[int], mask: int) -> list[int]:
    return [place for bit, place in enumerate(places) if mask >> bit & 1]
