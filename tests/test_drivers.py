"""What goes along with the score: against another implementation, on data whose order is known, and silent on too few answers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

from lib.domain import drivers

MARKS = {"delivery": 1.0, "price": 0.5, "billing": 0.0}
"""How much each mark has to do with what the customer feels."""


def answers(n: int) -> tuple[list[int], dict[str, list[float | None]]]:
    drawn = np.random.default_rng(7)
    feeling = drawn.normal(size=n)
    marks = {name: np.clip(np.round(3 + weight * feeling + drawn.normal(size=n)), 1, 5) for name, weight in MARKS.items()}
    scores = np.clip(np.round(7 + 2 * feeling + drawn.normal(size=n)), 0, 10)
    return [int(one) for one in scores], {name: [float(one) for one in given] for name, given in marks.items()}


def test_marks_stand_in_the_order_in_which_they_go_along_with_the_score() -> None:
    scores, marks = answers(600)
    found = drivers.correlations(scores, marks)
    assert [one.name for one in found] == list(MARKS)
    for one in found:
        assert one.rank == pytest.approx(spearmanr(scores, marks[one.name]).statistic, abs=1e-9)
        assert one.low < one.rank < one.high
    assert found[0].low > 0
    assert found[-1].low < 0 < found[-1].high
    assert drivers.correlations(scores, marks) == found


def test_a_mark_not_given_is_left_out_of_its_own_count_only() -> None:
    scores, marks = answers(100)
    marks["price"][:50] = [None] * 50
    assert {one.name: one.n for one in drivers.correlations(scores, marks)} == {"delivery": 100, "price": 50, "billing": 100}
    marks["price"][50] = None
    assert "price" not in {one.name for one in drivers.correlations(scores, marks)}


def test_below_fifty_answers_nothing_is_said_and_below_150_no_weights() -> None:
    scores, marks = answers(49)
    assert drivers.correlations(scores, marks) == []
    scores, marks = answers(149)
    assert drivers.correlations(scores, marks)
    assert drivers.relative_weights(scores, marks) == []
    assert drivers.correlations([10] * 60, {"price": [5.0] * 60}) == []


def test_weights_share_out_what_all_marks_tell_together() -> None:
    found = drivers.relative_weights(*answers(400))
    assert [one.name for one in found] == list(MARKS)
    assert sum(one.share for one in found) == pytest.approx(1)
    assert (found[0].best_place, found[0].worst_place) == (1, 1)
    same = drivers.relative_weights([1, 2, 3] * 60, {"a": [1.0, 2.0, 3.0] * 60, "b": [1.0, 2.0, 3.0] * 60})
    assert [one.share for one in same] == pytest.approx([0.5, 0.5])
