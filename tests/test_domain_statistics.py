"""Intervals and verdicts of scores: by hand, against the same rule in SQL, and against chance itself."""

from __future__ import annotations

from datetime import date
from math import sqrt
from random import Random

import numpy as np
import pytest
from facts import customer, insert

from lib.domain import statistics
from lib.domain.access import SYSTEM
from lib.domain.statistics import Votes
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


def test_sql_and_python_agree_on_any_counts(ledger: Ledger) -> None:
    drawn = Random(5)  # noqa: S311 (chance, not secrets)
    cases = []
    for _ in range(2000):
        top, n = sorted(drawn.sample(range(2000), 2))
        cases.append((top, drawn.randint(0, n - top), n, drawn.choice([None, 2, n, n + 1, n + drawn.randint(2, 900)])))
    sql = """
        select
            satisfaction_end(metric, top, low, n, population, -1),
            satisfaction_score(metric, top, low, n),
            satisfaction_end(metric, top, low, n, population, 1)
        from (
            select
                unnest($top) as top, unnest($low) as low, unnest($n) as n, unnest($population::integer[]) as population,
                $metric as metric
        )
    """
    columns = dict(zip(("top", "low", "n", "population"), map(list, zip(*cases, strict=True)), strict=True))
    for metric in ("nps", "csat"):
        found = ledger.cursor().execute(sql, {**columns, "metric": metric}).fetchall()
        for said, (top, low, n, population) in zip(found, cases, strict=True):
            known = statistics.nps(top, low, n, population) if metric == "nps" else statistics.share(top, n, population)
            assert known is not None
            assert said == pytest.approx((known.low, known.value, known.high), abs=1e-9)


def test_a_group_like_the_whole_lies_between_the_limits_of_its_size() -> None:
    whole = Votes(500, 200, 1000)
    near, far = (statistics.score_limits("nps", whole, 40, errors) for errors in (1.96, 3))
    assert far.low < near.low < statistics.score("nps", whole) == 30 < near.high < far.high
    assert statistics.score_limits("nps", whole, 4000, 3).high - 30 == pytest.approx((far.high - 30) / 10)
    assert statistics.score_limits("csat", Votes(99, 0, 100), 5, 3).high == 100


def test_difference_is_the_same_verdict_whatever_the_score() -> None:
    assert statistics.difference("nps", Votes(60, 20, 100), Votes(30, 50, 100)) == "sure"
    assert statistics.difference("csat", Votes(50, 0, 100), Votes(52, 0, 100)) == "noise"
    assert statistics.difference("ces", Votes(50, 0, 100), Votes(0, 0, 0)) is None


def test_another_mix_of_channels_is_noticed_and_taken_out() -> None:
    """Each channel is as it was; only more was asked by telephone, where people are kinder."""
    then = {"phone": Votes(16, 2, 20), "email": Votes(40, 30, 80)}
    now = {"phone": Votes(64, 8, 80), "email": Votes(10, 7.5, 20), "visit": Votes(1, 0, 1)}
    shift = statistics.mix_shift(now, then)
    assert shift is not None
    assert (shift.group, shift.before, round(shift.now, 2)) == ("email", 0.8, 0.2)
    assert statistics.at_same_mix("nps", now, then) == pytest.approx(0)
    assert statistics.mix_shift(then, then) is None
    assert statistics.mix_shift({}, then) is None
    assert statistics.at_same_mix("nps", now, {"phone": Votes(1, 0, 4)}) is None


MIXES = [(0.5, 0.3, 0.2), (0.7, 0.2, 0.1), (0.3, 0.4, 0.3), (0.2, 0.3, 0.5), (0.85, 0.1, 0.05)]
"""Promoters, passives and detractors of five companies."""


@pytest.mark.parametrize(
    ("n", "population"),
    [(8, None), (20, None), (40, None), (160, None), (8, 12), (8, 24), (20, 30), (20, 70), (46, 70), (80, 100), (160, 200), (160, 400)],
)
def test_nps_interval_covers_the_truth_about_as_often_as_it_says(n: int, population: int | None) -> None:
    hits, trials = 0, 1000
    for number, mix in enumerate(MIXES):
        drawn, people = np.random.default_rng(100 * n + number), population or 10**9
        up, down = round(people * mix[0]), round(people * mix[2])
        truth = 100 * (up - down) / people
        whole = [up, people - up - down, down]
        counts = drawn.multivariate_hypergeometric(whole, n, trials) if population else drawn.multinomial(n, mix, trials)
        for promoters, _, detractors in counts.tolist():
            found = statistics.nps(promoters, detractors, n, population)
            assert found is not None
            hits += found.low - 1e-9 <= truth <= found.high + 1e-9
    assert 0.92 <= hits / trials / len(MIXES) <= 0.97
