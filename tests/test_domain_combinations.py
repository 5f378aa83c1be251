"""How many ways open amounts add up to a sum."""

from __future__ import annotations

from itertools import combinations as subsets

from hypothesis import given
from hypothesis import strategies as st

from lib.domain.combinations import COUNTED_TO, Fit, combinations


@given(st.lists(st.integers(1, 40), max_size=9), st.integers(0, 120))
def test_every_way_is_counted_and_the_first_adds_up(cents: list[int], wanted: int) -> None:
    ways = [
        chosen
        for size in range(1, len(cents) + 1)
        for chosen in subsets(range(len(cents)), size)
        if sum(cents[at] for at in chosen) == wanted
    ]
    fit = combinations(cents, wanted)
    assert fit.count == min(len(ways), COUNTED_TO)
    assert fit.is_unique == (len(ways) == 1)
    if ways:
        assert sum(cents[at] for at in fit.first) == wanted


def test_two_ways_are_not_one() -> None:
    """100 + 50, or 150 alone."""
    assert combinations([10000, 5000, 15000], 15000).count == 2
    assert combinations([10000, 5000, 15001], 15000) == Fit(1, (0, 1), is_whole=True)


def test_counting_ends_at_a_hundred() -> None:
    fit = combinations([100] * 20, 1000)
    assert (fit.count, fit.is_whole, fit.is_unique) == (COUNTED_TO, False, False)


def test_with_too_many_items_one_way_is_never_called_the_only_one() -> None:
    many = [3 + 1000 * place for place in range(40)]
    assert not combinations(many, many[-1] + many[0]).is_unique
    assert combinations(many, sum(many)) == Fit(1, tuple(range(40)), is_whole=False)


def test_nothing_open_fits_nothing() -> None:
    assert combinations([], 100).count == 0
    assert combinations([50, 60], 100).count == 0
    assert combinations([50], 0).count == 0
