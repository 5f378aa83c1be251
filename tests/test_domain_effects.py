"""Whether an action moved its number: by example, how often chance is taken for an effect, and how often an effect is seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from lib.domain.effects import Span, effect
from lib.domain.signals import Nature, Week

BEFORE = [100.0, 110.0] * 13
DONE = [105.0]
SPAN = Span(27, 34)


def weeks(values: Sequence[float]) -> list[Week]:
    return [Week(float(value), 20) for value in values]


@pytest.mark.parametrize(
    ("after", "wanted", "verdict"),
    [
        ([90, 96] * 4, "down", "works"),
        ([90, 96] * 4, "up", "worse"),
        ([120, 114] * 4, "up", "works"),
        ([104, 108] * 4, "down", "unclear"),
        ([50] * 7, "down", "early"),
    ],
)
def test_the_weeks_after_are_held_against_those_before(after: list[float], wanted: str, verdict: str) -> None:
    """Before 105 on average with a mean moving range of 10: 2.5 standard errors of eight weeks are 9.0."""
    assert effect(weeks([*BEFORE, *DONE, *after]), "flow", SPAN, wanted) == verdict  # type: ignore[arg-type]


def test_the_week_in_which_it_was_done_counts_on_neither_side() -> None:
    assert effect(weeks([*BEFORE, 100_000.0, *[104, 108] * 4]), "flow", SPAN, "down") == "unclear"


def test_with_fewer_than_eight_weeks_before_there_is_nothing_to_hold_it_against() -> None:
    assert effect(weeks([100, 110] * 3 + [105] + [20] * 4), "flow", Span(7, 10), "down") == "unclear"


def test_a_stock_must_fall_and_not_just_grow_less() -> None:
    grown = list(np.cumsum([1000, *[8, 12] * 13]))
    slower, falling = ([*grown, *(grown[-1] + step * place for place in range(1, 9))] for step in (2, -2))
    assert effect(weeks(slower), "stock", Span(27, 34), "down") == "unclear"
    assert effect(weeks(falling), "stock", Span(27, 34), "down") == "works"


def test_rare_events_are_counted_on_both_sides() -> None:
    """One a week for half a year: 8 weeks of none is an effect, of five in all is not."""
    assert effect(weeks([0, 2] * 13 + [1] + [0] * 8), "flow", SPAN, "down") == "works"
    assert effect(weeks([0, 2] * 13 + [1] + [1, 0, 1, 0, 1, 0, 1, 1]), "flow", SPAN, "down") == "unclear"


Draw = Callable[[np.random.Generator], list[Week]]


def flow(random: np.random.Generator) -> list[Week]:
    return weeks(random.normal(100, 10, 35))


def amounts(random: np.random.Generator) -> list[Week]:
    return weeks(random.lognormal(10, 0.5, 35))


def counts(random: np.random.Generator) -> list[Week]:
    return weeks(random.poisson(8, 35))


def rare(random: np.random.Generator) -> list[Week]:
    return weeks(random.poisson(0.7, 35))


def stock(random: np.random.Generator) -> list[Week]:
    return weeks(1000 + np.cumsum(random.normal(0, 10, 35)))


def share(random: np.random.Generator) -> list[Week]:
    answers = np.maximum(1, random.poisson(14, 35))
    return [Week(hits / n, int(n)) for hits, n in zip(random.binomial(answers, 0.8), answers, strict=True)]


@pytest.mark.parametrize(
    ("draw", "nature"), [(flow, "flow"), (amounts, "flow"), (counts, "flow"), (rare, "flow"), (stock, "stock"), (share, "ratio")]
)
@pytest.mark.parametrize("last", [30, 34])
def test_at_most_three_actions_in_a_hundred_without_effect_get_a_verdict(draw: Draw, nature: Nature, last: int) -> None:
    random = np.random.default_rng(20260630)
    found = [effect(draw(random), nature, Span(27, last), "up") for _ in range(1000)]
    assert found.count("works") + found.count("worse") <= 30


def test_weeks_that_resemble_each_other_are_no_effect_either() -> None:
    """A week takes over 0.3 of the one before, which is too little to be tested by its change: 7 in 100 without allowing for it."""
    random = np.random.default_rng(20260630)
    found = []
    for _ in range(600):
        values = [0.0]
        for step in random.normal(0, 10, 44):
            values.append(0.3 * values[-1] + step)
        found.append(effect(weeks([100 + value for value in values[-35:]]), "flow", SPAN, "up"))
    assert found.count("works") + found.count("worse") <= 0.04 * 600


def test_an_effect_of_one_and_a_half_sigma_is_seen_in_eight_of_ten_cases() -> None:
    random = np.random.default_rng(20260630)
    found = [effect(weeks([*random.normal(0, 1, 27), *random.normal(1.5, 1, 8)]), "flow", SPAN, "up") for _ in range(400)]
    assert 0.75 <= found.count("works") / 400 <= 0.9
