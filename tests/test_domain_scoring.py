"""The credit score: points per part, points that add up, what lifts a grade; and the same answer from SQL for a whole company."""

from __future__ import annotations

import json
from datetime import date

import facts
import ledgers
import pytest
from hypothesis import given
from hypothesis import strategies as some

from lib.domain import scoring
from lib.domain.scoring import Debt, Facts, Part, Weights

TODAY = date(2026, 6, 30)
WEIGHTS = Weights(
    {"punctuality": 35, "overdue": 20, "promises": 10, "tenure": 10, "stability": 10, "ability": 10},
    {"large": 1.0, "medium": 0.7, "small": 0.4},
    tenure_years=3,
    high=75,
    mid=50,
    known_from=3,
    grace_days=3,
)
KNOWN = Facts(
    paid_invoices=9,
    on_time_rate=1.0,
    open_amount=1000,
    overdue_amount=600,
    kept_promises=None,
    judged_promises=None,
    first_on=date(2025, 6, 30),
    active_quarters=2,
    size=None,
)


def test_points_of_each_part() -> None:
    """Nine invoices, all on time; 600 of 1,000 open is overdue; no promises; a third of three years; two of four quarters; size unknown.

    part        | share | of | points
    punctuality | 1     | 35 | 35
    overdue     | 0.4   | 20 | 8
    promises    | —     | 10 | —
    tenure      | 0.333 | 10 | 3.33
    stability   | 0.5   | 10 | 5
    ability     | —     | 10 | —
    Score: 51.33 of 75, that is 68.4 of 100: medium.
    """
    found = scoring.parts(KNOWN, WEIGHTS, TODAY)
    assert [part.earned and round(part.earned, 2) for part in found] == [35, 8, None, 3.33, 5, None]
    assert scoring.score(found) == pytest.approx(68.44, abs=0.01)
    assert scoring.grade(KNOWN, WEIGHTS, TODAY) == "mid"
    assert [(part.name, part.earned) for part in scoring.visible(found)] == [
        ("punctuality", 47),
        ("overdue", 11),
        ("tenure", 4),
        ("stability", 6),
    ]


def test_paying_the_oldest_invoices_lifts_the_grade() -> None:
    """The same customer owes three overdue invoices.

    paid       | on time  | overdue of open | points                              | score
    none       | 9 of 9   | 600 of 1,000    | 35 + 8 + 3.33 + 5                   | 68.4
    A-17       | 9 of 10  | 400 of 800      | 31.5 + 10 + 3.33 + 5                | 66.4: less, it counts as late
    A-17, A-19 | 9 of 11  | 100 of 500      | 28.6 + 16 + 3.33 + 5                | 70.6
    all three  | 10 of 12 | 0 of 400        | 29.2 + 20 + 3.33 + 5                | 76.7: high; A-23 is within the days of grace
    """
    debts = [Debt("A-17", 200, 90), Debt("A-19", 300, 40), Debt("A-23", 100, 2)]
    found = scoring.lift(KNOWN, debts, WEIGHTS, TODAY)
    assert found is not None
    assert (found.invoices, round(found.gain, 1), found.grade) == (("A-17", "A-19", "A-23"), 8.2, "high")
    partly = scoring.lift(KNOWN, debts[:2], WEIGHTS, TODAY)
    assert partly is not None
    assert (partly.invoices, round(partly.gain, 1), partly.grade) == (("A-17", "A-19"), 2.2, "mid")
    assert scoring.lift(KNOWN, debts[:1], WEIGHTS, TODAY) is None
    assert scoring.lift(KNOWN, [], WEIGHTS, TODAY) is None


def test_without_enough_history_there_is_no_grade_but_a_way_to_one() -> None:
    """Two invoices settled: no grade. One more settled: 3 known, and the late one leads to a grade all the same."""
    short = Facts(2, 1.0, 100, 100, None, None, TODAY, 1, None)
    assert scoring.grade(short, WEIGHTS, TODAY) == "unrated"
    assert scoring.still_needed(short, WEIGHTS) == 1
    found = scoring.lift(short, [Debt("A-1", 100, 9)], WEIGHTS, TODAY)
    assert found is not None
    assert found.grade in scoring.GRADES
    assert scoring.lift(Facts(0, None, 100, 100, None, None, None, None, None), [Debt("A-1", 100, 9)], WEIGHTS, TODAY) is None


@given(some.lists(some.tuples(some.floats(0, 1), some.floats(0.5, 50)), min_size=1, max_size=6))
def test_points_shown_add_up_to_the_score_shown(drawn: list[tuple[float, float]]) -> None:
    of = [Part(str(place), share * most, most) for place, (share, most) in enumerate(drawn)]
    reached, shown = scoring.score(of), scoring.visible(of)
    assert reached is not None
    assert sum(part.earned or 0 for part in shown) == pytest.approx(reached, abs=0.5001)
    assert all((part.earned or 0) < part.most + 1 for part in shown)


def test_sql_and_the_rule_agree_about_every_customer_of_a_company() -> None:
    with ledgers.fresh() as company:
        facts.company(company)
        cursor = company.cursor()
        (body,) = cursor.execute("select body from policy_at('classification', date '2026-06-30', timestamp '9999-12-30')").fetchone() or (
            "",
        )
        weights = Weights.of(json.loads(body))
        sql = "select * from credit_score_at(date '2026-06-30', timestamp '9999-12-30', null)"
        rows = cursor.execute(sql).to_arrow_table().to_pylist()
    names = Facts.__dataclass_fields__
    for row in rows:
        known = Facts(**{name: row[name] for name in names})
        found = scoring.parts(known, weights, TODAY)
        assert [part.earned for part in found] == pytest.approx([row[name] for name in scoring.PARTS])
        assert scoring.score(found) == pytest.approx(row["credit_score"])
        assert scoring.grade(known, weights, TODAY) == row["credit_grade"]
    assert {row["credit_grade"] for row in rows} > {"unrated", "high"}
