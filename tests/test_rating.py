"""Importance, potential and complexity as sums of points: rows stand in the docstring, what they earn in the assert.

By the rule a ledger starts with: importance 50 + 25 + 25, potential 35 + 35 + 30, complexity 30 + 15 + 20 + 20 + 15.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from facts import customer, insert, invoice, payment

from lib.commands.policies import PublishPolicy
from lib.domain.access import SYSTEM, Actor, Role, Scope
from lib.store.door import execute
from lib.store.ledger import Ledger
from lib.store.query import rows

AS_OF = date(2026, 6, 30)
BOSS = Actor(0, "system", Role.MANAGER, Scope.ALL)


def rated(ledger: Ledger, customer_id: int = 1, **more: Any) -> dict[str, Any]:
    (found,) = rows(ledger, SYSTEM, "class_rating_of_customer", customer_id=customer_id, **{"as_of": AS_OF, **more})
    return found


def earned(found: dict[str, Any], *parts: str) -> list[float | None]:
    return [found[f"{part}_points"] for part in parts]


def test_importance_is_amount_habit_and_years(ledger: Ledger) -> None:
    """900 and 300 in a year, full from 900; the first paid three invoices on their day and began 2½ years ago: 50 + 25 + 12.5.

    The second paid nothing and began half a year ago: 16.7 for the amount and 2.5 for the time, out of 75, as its habit is not known.
    """
    customer(ledger, 1)
    customer(ledger, 2)
    invoice(ledger, 1, date(2023, 12, 30), date(2023, 12, 30), 50)
    for number in (2, 3, 4):
        day = AS_OF - timedelta(days=number)
        invoice(ledger, number, day, day, 300)
        payment(ledger, number + 10, day, 300, number)
    invoice(ledger, 9, AS_OF - timedelta(days=183), AS_OF, 300, customer_id=2)
    first, second = rated(ledger, 1), rated(ledger, 2)
    assert earned(first, "amount", "habit", "tenure") == [50, 25, pytest.approx(12.5, abs=0.1)]
    assert (first["importance_score"], first["importance_level"]) == (pytest.approx(87.5, abs=0.1), 5)
    assert earned(second, "amount", "habit", "tenure") == [16.7, None, 2.5]
    assert (second["importance_score"], second["importance_level"]) == (25.6, 2)


def test_with_less_than_half_known_there_is_no_rating(ledger: Ledger) -> None:
    """No document of anyone, two enquiries in the last 90 days and one before: 20 of 30 points are too few to rate, complexity 0."""
    customer(ledger, 1)
    for days in (1, 89, 90):
        insert(ledger, "activity", {"activity_id": days, **touch(AS_OF - timedelta(days=days))})
    found = rated(ledger)
    assert (found["importance_score"], found["importance_level"]) == (None, None)
    assert earned(found, "growth", "breadth", "interest") == [None, None, 20]
    assert (found["potential_score"], found["potential_level"]) == (None, None)
    assert (found["complexity_score"], found["complexity_level"]) == (0, 1)


def touch(day: date) -> dict[str, Any]:
    return {
        "customer_id": 1,
        "kind": "interaction",
        "channel": "phone",
        "direction": "in",
        "on_date": day,
        "done_on": day,
        "subject": "询价",
    }


@pytest.mark.parametrize(
    ("before", "now", "points"),
    [(100, 125, 17.5), (100, 150, 35), (100, 400, 35), (100, 80, 0), (100, 0, 0), (0, 0, None)],
)
def test_growth_is_held_against_the_year_before(ledger: Ledger, before: int, now: int, points: float | None) -> None:
    """Half more than the year before earns all 35 points, a quarter more half of them, less or nothing none."""
    customer(ledger, 1)
    invoice(ledger, 9, date(2024, 6, 30), date(2024, 6, 30), 1)
    for number, (day, amount) in enumerate(((date(2025, 6, 30), before), (date(2025, 7, 1), now)), 1):
        if amount:
            invoice(ledger, number, day, day, amount)
    assert rated(ledger)["growth_points"] == points


def test_who_began_within_the_two_years_shows_no_growth_yet(ledger: Ledger) -> None:
    """100 two months after the year before began, 400 in the year after: the first of the two years is not whole."""
    customer(ledger, 1)
    for number, (day, amount) in enumerate(((date(2024, 8, 30), 100), (date(2025, 8, 30), 400)), 1):
        invoice(ledger, number, day, day, amount)
    assert rated(ledger)["growth_points"] is None


def test_who_comes_back_after_a_year_has_all_the_growth_there_can_be(ledger: Ledger) -> None:
    """100 two years ago, nothing last year, 100 this year."""
    customer(ledger, 1)
    for number, day in enumerate((date(2024, 6, 30), date(2026, 6, 1)), 1):
        invoice(ledger, number, day, day, 100)
    assert rated(ledger)["growth_points"] == 35


def test_what_peers_of_the_same_segment_buy_is_potential(ledger: Ledger) -> None:
    """Five of one segment buy 1, 4, 4, 4 and 8 products; the upper quarter buys 4: 26.3 points are open for the first.

    None are for those who buy 4 or 8; the only one of another segment has no peers.
    """
    for customer_id, products in enumerate((1, 4, 4, 4, 8, 3), 1):
        customer(ledger, customer_id, segment="零售" if customer_id < 6 else "批发")
        invoice(ledger, customer_id, AS_OF, AS_OF, 100, customer_id=customer_id)
        for place in range(products):
            insert(ledger, "entry_line", {"entry_id": customer_id, "description": f"产品{place}", "amount": 1})
    assert [rated(ledger, customer_id)["breadth_points"] for customer_id in (1, 2, 5, 6)] == [26.3, 0, 0, None]


def test_complexity_is_papers_currencies_troubles_and_people(ledger: Ledger) -> None:
    """Ten invoices (3 points) in two currencies (7.5), a dispute (6.7), a complaint two years ago (0) and three contacts (7.5): 24.7."""
    customer(ledger, 1)
    for number in range(10):
        invoice(ledger, number, AS_OF, AS_OF, 100, currency="USD" if number else "CNY")
    for kind, day in (("dispute", AS_OF), ("complaint", date(2024, 6, 30))):
        insert(ledger, "case_file", {"case_id": day.year, "customer_id": 1, "kind": kind, "on_date": day, "subject": "数量不符"})
    for number in range(3):
        person = {"contact_id": number, "customer_id": 1, "name": f"王{number}", "is_primary": not number, "do_not_contact": False}
        insert(ledger, "contact", person)
    found = rated(ledger)
    assert earned(found, "documents", "currencies", "disputes", "complaints", "contacts") == [3, 7.5, 6.7, 0, 7.5]
    assert (found["complexity_score"], found["complexity_level"]) == (24.7, 2)


def test_other_weights_hold_from_their_day_on(ledger: Ledger) -> None:
    """One invoice on the first day looked at: by the starting rule 50 + 5 of 75 points; from 30 June on only years count, 5 of 25."""
    customer(ledger, 1)
    invoice(ledger, 1, date(2025, 6, 30), date(2025, 6, 30), 100)
    before = rated(ledger, as_of=date(2026, 6, 29))
    (text,) = ledger.cursor().execute("select body from policy where kind = 'customer_rating'").fetchone() or ("{}",)
    body = json.loads(text)
    body["importance"] |= {"amount": 0, "habit": 0}
    execute(ledger, BOSS, PublishPolicy("customer_rating", body, AS_OF, AS_OF + timedelta(days=90), "只看年限", AS_OF))
    assert (before["importance_score"], rated(ledger)["importance_score"]) == (73.3, 20)
    assert rated(ledger, as_of=date(2026, 6, 29))["importance_score"] == 73.3
    assert rated(ledger)["policy_id"] > before["policy_id"]


def test_the_preview_of_other_weights_foretells_what_publishing_brings(ledger: Ledger) -> None:
    """Two customers bought 100 and 40 today, one nothing. Only years counting, 66.7, 26.7 and 0 points become 0, 0 and no rating."""
    for customer_id, amount in ((1, 100), (2, 40)):
        customer(ledger, customer_id)
        invoice(ledger, customer_id, AS_OF, AS_OF, amount, customer_id=customer_id)
    customer(ledger, 3)
    (text,) = ledger.cursor().execute("select body from policy where kind = 'customer_rating'").fetchone() or ("{}",)
    body = json.loads(text)
    body["importance"] |= {"amount": 0, "habit": 0}
    tried = {"as_of": AS_OF, "rating": json.dumps(body)}
    foretold = rows(ledger, SYSTEM, "class_rating_trial", **tried)
    assert [(row["customer_id"], row["old_importance_level"], row["importance_level"]) for row in foretold] == [
        (1, 4, 1),
        (2, 2, 1),
        (3, 1, None),
    ]
    tally = {name: foretold[0][f"{name}_count"] for name in ("total", "importance", "potential", "complexity")}
    assert tally == {"total": 3, "importance": 3, "potential": 0, "complexity": 0}
    execute(ledger, BOSS, PublishPolicy("customer_rating", body, AS_OF, AS_OF + timedelta(days=90), "只看年限", AS_OF))
    assert [rated(ledger, row["customer_id"])["importance_score"] for row in foretold] == [row["importance_score"] for row in foretold]
    assert rows(ledger, SYSTEM, "class_rating_trial", **tried) == []


def test_levels_add_up_to_all_customers_and_the_list_holds_only_its_level(ledger: Ledger) -> None:
    """Three bought 100, 40 and 1 for the first time today, one nothing: 66.7, 26.7, 0.7 and 0 points."""
    for customer_id, amount in enumerate((100, 40, 1, 0), 1):
        customer(ledger, customer_id)
        if amount:
            invoice(ledger, customer_id, AS_OF, AS_OF, amount, customer_id=customer_id)
    levels = rows(ledger, SYSTEM, "class_rating_levels", as_of=AS_OF, by="importance", currency="CNY")
    assert [(row["level"], row["customers"], row["total"]) for row in levels] == [(4, 1, 100), (2, 1, 40), (1, 2, 1)]
    (found,) = rows(ledger, SYSTEM, "class_rating_of_customers", as_of=AS_OF, by="importance", level=4)
    assert (found["customer_id"], found["importance_score"], found["total_count"]) == (1, 66.7, 1)
