"""Models reach what is published for them, say when they know too little, and are judged without flattery."""

from __future__ import annotations

from itertools import pairwise

import models
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import beta
from shared import shared

from lib.domain import buying, grouping, lateness, ranges, scorecard, spending, trials
from lib.domain.buying import Buying, Histories
from lib.domain.lateness import Payments
from lib.domain.spending import Spending
from lib.errors import Refused


def array(*values: float) -> models.Numbers:
    return np.array(values, dtype=np.float64)


def test_cdnow_gives_the_published_parameters_and_week_78() -> None:
    shared("cdnow_sample_1997Q1_Q3")
    model, spent, buyers = models.cdnow()
    assert [round(value, 3) for value in (model.r, model.alpha, model.a, model.b)] == [0.243, 4.414, 0.793, 2.426]
    assert round(model.log_likelihood, 1) == -9582.4
    assert (round(spent.p, 2), round(spent.q, 3), round(spent.gamma, 2)) == (6.25, 3.744, 15.44)
    repeats = buying.newcomers(model, 78 - buyers.first_week).sum()
    assert abs(repeats / models.WEEK_78_REPEATS - 1) < 0.0405
    naive = buyers.repeats / buyers.watched * 39
    assert not buyers.later.any() or np.corrcoef(buying.expected(model, buyers.each, 39), buyers.later)[0, 1] > max(
        0.6255, np.corrcoef(naive, buyers.later)[0, 1]
    )


def test_a_forecast_within_cdnow_beats_the_simple_rules() -> None:
    shared("cdnow_sample_1997Q1_Q3")
    lines = {line.what.split(",")[0].split(" (")[0]: line for line in models.purchases_within().lines}
    for name in ("buys again", "correlation with purchases"):
        assert float(lines[name].ours.split()[0]) > float(lines[name].rule.split()[0])
    assert float(lines["mean error per customer"].ours) < float(lines["mean error per customer"].rule)
    assert float(lines["calibration error / Brier"].ours.split(" / ")[0]) < 0.05


def test_late_payers_and_defaults_are_ranked_as_well_as_promised() -> None:
    shared("ar_ibm_late_payments/accounts_receivable_2012-01_2013-06.csv")
    shared("credit_default_taiwan_odd_ids")
    late = {line.what.split(" (")[0]: line for line in models.payers().lines}
    assert float(late["AUC"].ours.split()[0]) >= 0.88
    assert float(late["AUC"].ours.split()[0]) > float(late["AUC"].rule.split()[0]) >= 0.85
    part, card = models.defaults()
    assert float(part.lines[0].ours.split()[0]) >= 0.77
    assert not {"SEX", "AGE", "MARRIAGE", "EDUCATION"} & {fact.name.upper() for fact in card.facts}
    assert all(isinstance(points, int) for fact in card.facts for points in fact.points)


@pytest.mark.filterwarnings("ignore:The algorithm does not converge")
@pytest.mark.parametrize(
    "model",
    [
        (0.243, 4.414, 0.793, 2.426),
        (20, 30, 3, 9),
        (0.2, 4, 0.3, 0.7),
        (0.5, 2, 1, 0.5),
        (5, 40, 0.4, 3),
        (2, 9, 60, 900),
        (1, 5, 30000, 160000),
    ],
)
@pytest.mark.parametrize("repeats", [0, 2, 40, 400])
def test_expected_purchases_are_the_integral_over_all_customers(model: tuple[float, ...], repeats: float) -> None:
    """The published formula overflows for 400 purchases, and has a hole where a is 1 and where a + b is 1."""
    learned = Buying(*model, 0.0, 0)

    def of_chance(leaving: float) -> float:
        while_there = (1 - (1 + leaving * 39 / (learned.alpha + 150)) ** -(learned.r + repeats)) / leaving
        return float(while_there * beta.pdf(leaving, learned.a, learned.b + repeats))

    usual = learned.a / (learned.a + learned.b + repeats)
    ends = sorted({0, 1e-4, 0.01, 0.1, 1, usual / 2, usual, min(1, 1.5 * usual)})
    direct = sum(quad(of_chance, low, high, limit=200)[0] for low, high in pairwise(ends))
    one = Histories(array(repeats), array(140.0 if repeats else 0.0), array(150.0), array(1.0))
    assert buying.expected(learned, one, 39)[0] == pytest.approx(direct * buying.alive(learned, one)[0], rel=1e-3)


def test_too_few_customers_or_weeks_are_refused_with_what_is_missing() -> None:
    thin = Histories(array(0, 1), array(0, 5), array(12, 12.9), array(100, 60))
    with pytest.raises(Refused) as refusal:
        buying.fit(thin)
    assert "40" in refusal.value.say("zh")
    assert "14 周" in refusal.value.say("zh")
    with pytest.raises(Refused, match="bought twice"):
        buying.fit(Histories(array(0), array(0), array(52), array(500)))
    assert spending.fit(array(1, 2), array(10, 20)) is None
    with pytest.raises(Refused, match="20 are missing"):
        lateness.fit(Payments(*(np.ones(100),) * 4), np.arange(100) < 30)


def test_spending_lies_between_the_customer_and_everyone() -> None:
    for q in (3.74, 0.8):
        model = spending.Spending(6.25, q, 15.4, 35.0, 946)
        everyone, few, many = spending.expected(model, array(0, 1, 50), array(0, 100, 100))
        assert 30 < everyone < few < many < 100


def one_customer(chance: np.random.Generator) -> tuple[float, float, float, float]:
    """Repeat purchases in 78 weeks, the week of the last, their mean amount, and the money of the 52 weeks after."""
    rate, leaves, scale = chance.gamma(0.8, 1 / 12), chance.beta(0.9, 3), chance.gamma(4, 1 / 30)
    weeks = np.cumsum(chance.exponential(1 / rate, min(chance.geometric(leaves), 10_000)))
    before, later = weeks[weeks <= 78], int(np.sum((weeks > 78) & (weeks <= 130)))
    count = len(before)
    mean = chance.gamma(4 * count) / scale / count if count else 0.0
    return count, before[-1] if count else 0.0, mean, chance.gamma(4 * later) / scale if later else 0.0


def test_a_range_holds_what_comes_and_says_nothing_of_who_is_gone() -> None:
    """Customers made by the model itself: rates gamma(0.8, 12) a week, chances to leave beta(0.9, 3), amounts gamma-gamma; a year later."""
    learned, worth, customers = Buying(0.8, 12, 0.9, 3, 0, 0), Spending(4, 4, 30, 40, 0), 2000
    chance = np.random.default_rng(7)
    made = [one_customer(chance) for _ in range(customers)]
    repeats, last, mean, came = (array(*column) for column in zip(*made, strict=True))
    histories = Histories(repeats, last, np.full(customers, 78.0), np.ones(customers))
    low, high = ranges.spent(learned, worth, histories, mean, 52)
    assert 0.8 <= ranges.covered(low, high, came) < 0.97
    assert np.all(low <= high)
    assert np.array_equal(low, ranges.spent(learned, worth, histories, mean, 52)[0])
    gone = Histories(array(30), array(20), array(300), array(1))
    assert [end.tolist() for end in ranges.spent(learned, worth, gone, array(40), 52)] == [[0], [0]]


def test_a_season_is_last_years_same_weeks_over_an_even_year() -> None:
    assert buying.seasonal_index(50, 100, 13) == pytest.approx(2.0, abs=0.02)
    assert buying.seasonal_index(0, 100, 13) == 1


def test_ranking_counts_pairs() -> None:
    """Hits score 3 and 1, misses 2 and 1: of four pairs two are right, one is a tie."""
    truth = np.array([True, True, False, False])
    found = trials.ranking(array(3, 1, 2, 1), truth)
    assert found
    assert found.value == 0.625
    assert 0 <= found.low < found.value < found.high <= 1
    assert trials.ranking(array(1, 2), np.array([True, True])) is None
    same = trials.lead(array(3, 1, 2, 1), array(3, 1, 2, 1), truth)
    assert same
    assert (same.value, same.low, same.high) == (0, 0, 0)


def test_calibration_is_what_was_said_beside_what_happened() -> None:
    chance, truth = array(*[0.2] * 10, *[0.8] * 10), np.array([True, True] + [False] * 8 + [True] * 8 + [False, False])
    low, high = trials.bins(chance, truth)
    assert (low.said, low.happened, low.n, high.said, high.happened) == pytest.approx((0.2, 0.2, 10, 0.8, 0.8))
    assert trials.calibration_error((low, high)) == pytest.approx(0)
    assert trials.brier(chance, truth) == pytest.approx(0.16)
    assert trials.lift(truth.astype(float), truth) == 2


def test_groups_are_the_same_every_time_and_agree_with_what_they_repeat() -> None:
    chance = np.random.default_rng(1)
    facts = np.vstack([chance.normal(place, 0.1, (60, 2)) for place in ((0, 0), (5, 5), (0, 9))])
    first = grouping.group(facts, 3)
    assert (first == grouping.group(facts, 3)).all()
    truth = np.repeat([0, 1, 2], 60)
    assert grouping.agreement(first, truth) == grouping.Agreement(1.0, 1.0)
    assert abs(grouping.agreement(chance.permutation(first), truth).adjusted_rand) < 0.1
    assert set(facts[first == 0][:, 1].round() // 5) == {1.0}, "group 0 has most of the last fact"


def test_bands_hold_enough_cases_and_differ() -> None:
    chance = np.random.default_rng(2)
    fact = chance.uniform(0, 1, 4000)
    bad = chance.uniform(0, 1, 4000) < np.where(fact < 0.5, 0.1, 0.4)
    edges = scorecard.bands(fact, bad)
    assert any(abs(edge - 0.5) < 0.01 for edge in edges)
    assert len(edges) <= 3
    card = scorecard.fit({"fact": fact, "noise": chance.uniform(0, 1, 4000)}, bad)
    spread = {one.name: np.ptp(one.points) for one in card.facts}
    assert spread["fact"] > 5 * spread.get("noise", 0)
    unknown = {"fact": array(np.nan, 0.1, 0.9)}
    middle, good, worse = card.score(unknown)
    assert worse < middle < good
