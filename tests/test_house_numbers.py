"""What is cut by everyone's numbers tells who sees a part of the customers nobody else's number.

Customer 1 belongs to the lead of the north, all others to the lead of the south, whose customers the first may not see.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import facts
import pytest
import signin

from lib.commands import models
from lib.domain.access import SYSTEM, Actor, Role, Scope
from lib.store.door import execute
from lib.store.ledger import Ledger
from lib.store.query import rows

AS_OF = date(2026, 6, 30)
NORTH = Actor(2, "n", Role.LEAD, Scope.TEAM, ("north",))


@pytest.fixture
def split(ledger: Ledger) -> Ledger:
    """12 months: 1,000.01 of customer 1; 87,654.32 and five times 4,321.09 of the others."""
    signin.add_people(ledger)
    for number, amount in enumerate(("1000.01", "87654.32", *["4321.09"] * 5), 1):
        facts.customer(ledger, number, owner_id=2 if number == 1 else 7)
        day = AS_OF - timedelta(days=number)
        facts.invoice(ledger, number, day, day, Decimal(amount), customer_id=number)
    return ledger


def told(ledger: Ledger, person: Actor, name: str, **more: Any) -> list[dict[str, Any]]:
    return rows(ledger, person, name, as_of=AS_OF, **more)


def test_where_amounts_are_cut_is_told_in_round_numbers_to_who_sees_a_part(split: Ledger) -> None:
    """The cut of large is the very amount of the smallest large customer: 87,654.32; medium begins at 4,321.09."""
    (cut,) = told(split, SYSTEM, "class_cuts")
    assert (cut["large_from"], cut["medium_from"]) == (Decimal("87654.32"), Decimal("4321.09"))
    (cut,) = told(split, NORTH, "class_cuts")
    assert (cut["large_from"], cut["medium_from"]) == (87000, 4300)
    (reason,) = told(split, NORTH, "class_reason", customer_id=1)
    assert (reason["amount_grade"], reason["large_from"], reason["medium_from"]) == ("small", 88000, 4400)
    for name in ("class_rating_of_customer", "class_rating_of_customers"):
        (rated,) = told(split, NORTH, name, customer_id=1)
        assert rated["full_amount"] == 87000


def test_what_peers_buy_is_a_round_number(split: Ledger) -> None:
    """The upper quarter of the segment is the amount of one of the customers, 4,321.09: 4,300 less 1,000.01 could be bought."""
    (found,) = told(split, NORTH, "value_customers")
    assert found["potential_amount"] == Decimal("3299.99")


def test_what_the_whole_company_sold_is_for_who_sees_it(ledger: Ledger) -> None:
    signin.add_people(ledger)
    with ledger.transaction() as cursor:
        cursor.execute(Path(__file__).with_name("trading.sql").read_text("utf-8"))
    execute(ledger, SYSTEM, models.FitModels(AS_OF, models.prepare(ledger, SYSTEM, AS_OF)))
    for person in (SYSTEM, NORTH):
        figures = [json.loads(row["figures"]) for row in told(ledger, person, "model_runs") if row["figures"]]
        assert any(one.get("amount_came") for one in figures) is person.sees_all
        assert all("auc" in one for one in figures if "n" in one)
