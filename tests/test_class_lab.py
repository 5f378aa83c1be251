"""The threshold lab: what it foretells is what publishing brings; rows stand in the docstring, what follows in the assert."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import ledgers
import pytest
from facts import customer, insert, invoice, payment
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.commands.policies import PublishPolicy
from lib.domain.access import SYSTEM, Actor, Role, Scope
from lib.domain.policies import checked_body
from lib.domain.policy_kinds import CLASSIFICATION
from lib.errors import Refused
from lib.store.door import execute
from lib.store.ledger import Ledger
from lib.store.query import rows

AS_OF = date(2026, 6, 30)
BOSS = Actor(0, "system", Role.MANAGER, Scope.ALL)
CELL = ("frequency", "amount_grade")


def body(ledger: Ledger) -> dict[str, Any]:
    """The thresholds a ledger starts with."""
    (text,) = ledger.cursor().execute("select body from policy where kind = 'classification'").fetchone() or ("{}",)
    return dict(json.loads(text))


def told(ledger: Ledger, name: str, **more: Any) -> list[dict[str, Any]]:
    return rows(ledger, SYSTEM, name, **{"as_of": AS_OF, **more})


def buyers(ledger: Ledger, *bought: tuple[int, int], currency: str = "CNY") -> None:
    """Customers from 1 on, each with so many invoices of so much, a week apart back from the as-of date."""
    number = 0
    for customer_id, (count, amount) in enumerate(bought, 1):
        customer(ledger, customer_id, currency=currency)
        for place in range(count):
            number += 1
            day = AS_OF - timedelta(weeks=place)
            invoice(ledger, number, day, day, amount, customer_id=customer_id, currency=currency)


def publish(ledger: Ledger, wanted: dict[str, Any], day: date = AS_OF) -> None:
    execute(ledger, BOSS, PublishPolicy("classification", wanted, day, day + timedelta(days=90), "季度复核", day))


def test_the_lab_foretells_exactly_what_publishing_brings(ledger: Ledger) -> None:
    """12, 5, 4, 1 invoices of 100; frequent from 5 instead of 12: the second moves, and only it."""
    buyers(ledger, (12, 100), (5, 100), (4, 100), (1, 100))
    wanted = body(ledger) | {"frequency": {"high": 5, "normal": 4, "low": 1}}
    (moved,) = told(ledger, "class_trial", rules=json.dumps(wanted))
    assert (moved["customer_id"], moved["old_frequency"], moved["frequency"]) == (2, "normal", "high")
    assert (moved["total_count"], moved["moved_count"], moved["total_amount"]) == (1, 1, 500)
    foretold = told(ledger, "class_of_customers", rules=json.dumps(wanted))
    publish(ledger, wanted)
    assert told(ledger, "class_of_customers") == foretold
    assert told(ledger, "class_trial", rules=json.dumps(wanted)) == []
    assert "high" not in {row["frequency"] for row in told(ledger, "class_of_customers", as_of=AS_OF - timedelta(days=1))}


def test_a_published_set_shows_on_the_customer_and_goes_back_by_publishing_the_old_one(ledger: Ledger) -> None:
    """Five invoices: regular by version 2, frequent by the next, regular by the one after, which says what version 2 said."""
    buyers(ledger, (5, 100))
    old = body(ledger)
    seen = []
    for wanted in (None, old | {"frequency": {"high": 5, "normal": 4, "low": 1}}, old):
        if wanted:
            publish(ledger, wanted)
        (found,) = told(ledger, "class_reason", customer_id=1)
        seen.append((found["frequency"], found["high_from"], found["policy_id"]))
    assert [one[:2] for one in seen] == [("normal", 12), ("high", 5), ("normal", 12)]
    assert len({one[2] for one in seen}) == 3


def test_a_change_of_credit_thresholds_tells_limits_and_who_must_pay_first(ledger: Ledger) -> None:
    """Three invoices of 1,200 paid on their day, size unknown: a high score. With high from 100 points it becomes medium or low."""
    customer(ledger, 1)
    for place in range(3):
        day = date(2026, 2, 1) + timedelta(days=place)
        invoice(ledger, 10 + place, day, day, 1200)
        payment(ledger, 20 + place, day, 1200, 10 + place)
    wanted = body(ledger)
    wanted["credit"] = wanted["credit"] | {"high": 100, "mid": 99.5}
    (moved,) = told(ledger, "class_trial", rules=json.dumps(wanted))
    assert moved["old_credit_grade"] != moved["credit_grade"] == "low"
    assert moved["limit_amount"] == 300
    assert moved["limit_amount"] < moved["old_limit_amount"]
    assert moved["is_prepaid"]
    assert not moved["was_prepaid"]
    assert moved["prepaid_count"] == 1


def test_fixed_amounts_grade_customers_of_the_base_currency_and_shares_the_others(ledger: Ledger) -> None:
    """CNY 999, 1,000, 100 and 99 with large from 1,000 and medium from 100; the only customer in USD stays large by its share."""
    buyers(ledger, (1, 999), (1, 1000), (1, 100), (1, 99))
    customer(ledger, 5, currency="USD")
    invoice(ledger, 90, AS_OF, AS_OF, 5, customer_id=5, currency="USD")
    wanted = body(ledger)
    wanted["amount"] = wanted["amount"] | {"fixed": [{"large": 1000, "medium": 100}]}
    assert checked_body(CLASSIFICATION, wanted) == wanted
    found = {row["customer_id"]: row["amount_grade"] for row in told(ledger, "class_of_customers", rules=json.dumps(wanted))}
    assert [found[number] for number in range(1, 6)] == ["medium", "large", "medium", "small", "large"]
    cuts = {row["currency"]: (row["large_from"], row["is_fixed"]) for row in told(ledger, "class_cuts", rules=json.dumps(wanted))}
    assert cuts == {"CNY": (1000, True), "USD": (5, False)}


def test_a_rule_whose_fixed_amounts_do_not_fall_is_refused(ledger: Ledger) -> None:
    wanted = body(ledger)
    wanted["amount"] = wanted["amount"] | {"fixed": [{"large": 100, "medium": 100}]}
    with pytest.raises(Refused):
        publish(ledger, wanted)


def test_other_months_and_days_of_grace_ask_the_facts_anew(ledger: Ledger) -> None:
    """Four invoices, one a week: regular in twelve months, and in one month of the lab all four still count; a year ago they do not."""
    buyers(ledger, (4, 100))
    wanted = body(ledger) | {"months": 1, "frequency": {"high": 5, "normal": 4, "low": 1}}
    (found,) = told(ledger, "class_of_customers", rules=json.dumps(wanted), months=1, grace_days=3)
    assert (found["invoices"], found["frequency"]) == (4, "normal")
    wanted["months"] = 1
    publish(ledger, wanted)
    assert told(ledger, "class_of_customers")[0]["invoices"] == 4


@pytest.fixture(scope="module")
def lab() -> Iterator[Ledger]:
    with ledgers.fresh() as opened:
        yield opened


@settings(max_examples=25)
@given(
    st.lists(st.integers(0, 15), min_size=1, max_size=12),
    st.tuples(st.integers(2, 8), st.integers(9, 16)),
    st.tuples(st.integers(2, 8), st.integers(9, 16)),
)
def test_moving_a_threshold_never_changes_who_lies_on_the_same_side(
    lab: Ledger, counts: list[int], old: tuple[int, int], new: tuple[int, int]
) -> None:
    """Facts as a table of their own: whoever lies on the same side of every cut before and after keeps the grade, all others lose it."""
    with_rules = [json.dumps(body(lab) | {"frequency": {"low": 1, "normal": normal, "high": high}}) for normal, high in (old, new)]
    values = ", ".join(f"({number}, 'CNY', {count}, {count * 100}::decimal(18, 2), {count})" for number, count in enumerate(counts))
    sql = f"""
        with fact as (select * from (values {values}) as one (customer_id, currency, invoices, amount_12m, band_no))
        select graded.customer_id, graded.frequency
        from purchase_grade('fact', date '2026-06-30', timestamp '9999-12-30', $rules::text) as graded
    """
    before, after = (dict(lab.cursor().execute(sql, {"rules": rules}).fetchall()) for rules in with_rules)
    for number, count in enumerate(counts):
        same_side = all((count >= low) == (count >= high) for low, high in zip(old, new, strict=True))
        assert (before[number] == after[number]) is same_side or (not same_side and count < 1)


def test_migration_tells_every_customer_once_and_names_them(ledger: Ledger) -> None:
    """One bought in spring 2025 and no more, one began in 2026, one bought as much in both years: gone, new, and the same."""
    for number, days in enumerate(((date(2025, 3, 1),), (date(2026, 3, 1),), (date(2025, 3, 1), date(2026, 3, 1))), 1):
        customer(ledger, number)
        for place, day in enumerate(days):
            invoice(ledger, number * 10 + place, day, day, 100, customer_id=number)
    since = date(2025, 6, 30)
    moved = {(row["old_frequency"], row["frequency"]): row["customers"] for row in told(ledger, "class_migration", since=since)}
    assert moved == {("low", "dormant"): 1, ("dormant", "low"): 1, ("low", "low"): 1}
    (gone,) = told(ledger, "class_moved", since=since, old_frequency="low", frequency="dormant")
    assert (gone["customer_id"], gone["old_amount_12m"], gone["amount_12m"]) == (1, 100, 0)
    (stable,) = told(ledger, "class_stability", since=since)
    assert (stable["customers"], stable["moved_count"]) == (3, 2)


def test_what_came_after_a_class_is_bought_and_paid_after_its_day(ledger: Ledger) -> None:
    """Rare in June 2025 with 100; since then 300 bought, three invoices settled, one of them ten days late by a third of the money."""
    customer(ledger, 1)
    invoice(ledger, 1, date(2025, 6, 1), date(2025, 6, 1), 100)
    for place, late in enumerate((0, 0, 10), 2):
        day = date(2025, 9, 1)
        invoice(ledger, place, day, day, 100)
        payment(ledger, place + 10, day + timedelta(days=late), 100, place)
    (found,) = told(ledger, "class_outcome", since=date(2025, 6, 30))
    assert (found["label"], found["total"], found["later_amount"], found["paid_invoices"]) == ("low-large", 100, 300, 3)
    assert (found["on_time_rate"], found["average_days_late"]) == (pytest.approx(2 / 3), pytest.approx(10 / 3))


def test_customers_count_under_the_product_they_spend_most_on(ledger: Ledger) -> None:
    """60 of 100 for pumps, 40 for hoses: pumps, at 60 %."""
    buyers(ledger, (1, 100))
    for name, amount in (("水管", 40), ("水泵", 60)):
        insert(ledger, "entry_line", {"entry_id": 1, "description": name, "amount": amount})
    (group,) = told(ledger, "class_by", by="product")
    assert (group["label"], group["customers"], group["total"]) == ("水泵", 1, 100)
    assert [(row["product"], row["share_of_total"]) for row in told(ledger, "products_of_customer", customer_id=1)] == [
        ("水泵", 0.6),
        ("水管", 0.4),
    ]


def test_a_review_is_due_on_its_day(ledger: Ledger) -> None:
    publish(ledger, body(ledger) | {"frequency": {"high": 5, "normal": 4, "low": 1}})
    due = AS_OF + timedelta(days=90)
    assert [row["kind"] for row in told(ledger, "reviews_due", as_of=due)] == ["classification"]
    assert told(ledger, "reviews_due", as_of=due - timedelta(days=1)) == []
