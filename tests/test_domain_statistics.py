"""Intervals and verdicts of scores: by hand, against the same rule in SQL, and against chance itself."""

from __future__ import annotations

from datetime import date
from math import sqrt
from random import Random

import pytest
from facts import customer, insert

from lib.domain import statistics
from lib.domain.access import SYSTEM
from lib.store.ledger import Ledger
from lib.store.query import rows

DAY = date(2025, 6, 1)


def test_nps_interval_follows_the_adjusted_wald_formula() -> None:
    found = statistics.nps(5, 2, 10)
    assert found is not None
    up, down = 5.75 / 13, 2.75 / 13
    half = 196 * sqrt((up + down - (up - down) ** 2) / 13)
    assert found.value == pytest.approx(30)
    assert (found.low, found.high) == pytest.approx((300 / 13 - half, 300 / 13 + half))


def test_interval_stays_on_the_scale() -> None:
    all_promoters = statistics.nps(30, 0, 30)
    assert all_promoters is not None
    assert all_promoters.high <= 100
    nobody = statistics.share(0, 8)
    assert nobody is not None
    assert nobody.low == pytest.approx(0)


def test_everybody_answered_leaves_nothing_to_chance() -> None:
    for found in (statistics.nps(4, 1, 8, population=8), statistics.share(6, 8, population=8)):
        assert found is not None
        assert found.low == pytest.approx(found.value) == pytest.approx(found.high)


def test_a_finite_population_narrows_the_interval() -> None:
    wide, narrow = statistics.share(30, 40), statistics.share(30, 40, population=60)
    assert wide is not None
    assert narrow is not None
    assert wide.low < narrow.low < narrow.value < narrow.high < wide.high


def test_no_answers_no_score() -> None:
    assert statistics.nps(0, 0, 0) is None
    assert statistics.share(0, 0) is None
    assert statistics.nps_difference((0, 0, 0), (1, 0, 2)) is None
    assert statistics.share_difference((1, 2), (0, 0)) is None


def test_a_difference_is_noise_perhaps_or_certain() -> None:
    assert statistics.share_difference((50, 100), (52, 100)) == "noise"
    assert statistics.share_difference((60, 100), (51, 100)) == "maybe"
    assert statistics.share_difference((80, 100), (40, 100)) == "sure"
    assert statistics.nps_difference((60, 20, 100), (30, 50, 100)) == "sure"
    assert statistics.nps_difference((50, 30, 100), (49, 30, 100)) == "noise"


@pytest.mark.parametrize("population", [None, 40, 12])
@pytest.mark.parametrize(("metric", "top", "low"), [("nps", 10, 3), ("csat", 5, 1), ("ces", 7, 2)])
def test_sql_and_python_agree(ledger: Ledger, metric: str, top: int, low: int, population: int | None) -> None:
    customer(ledger, 1)
    scores = [top] * 7 + [low] * 3 + [{"nps": 8, "csat": 3, "ces": 4}[metric]] * 2
    common = {"customer_id": 1, "metric": metric, "on_date": DAY, "top_score": top}
    insert(ledger, "feedback", *({**common, "feedback_id": n, "score": score} for n, score in enumerate(scores)))
    (said,) = rows(ledger, SYSTEM, "satisfaction", as_of=DAY, population=population)
    known = statistics.nps(7, 3, 12, population) if metric == "nps" else statistics.share(7, 12, population)
    assert known is not None
    assert (said["n"], said["promoters"], said["passives"], said["detractors"]) == (12, 7, 2, 3)
    assert (said["score"], said["low"], said["high"]) == pytest.approx((known.value, known.low, known.high), abs=1e-9)


@pytest.mark.parametrize("n", [5, 10, 20])
def test_nps_interval_covers_the_truth_about_as_often_as_it_says(n: int) -> None:
    drawn, truth, hits, trials = Random(n), 100 * (0.5 - 0.2), 0, 2000  # noqa: S311 (chance, not secrets)
    for _ in range(trials):
        answers = drawn.choices("psd", (0.5, 0.3, 0.2), k=n)
        found = statistics.nps(answers.count("p"), answers.count("d"), n)
        assert found is not None
        hits += found.low <= truth <= found.high
    assert 0.92 <= hits / trials <= 0.98
