"""The rules that live in SQL: rows stand in the docstring, the expected grades in the assert."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from facts import customer, insert, invoice, payment

from lib.domain.access import SYSTEM
from lib.store.ledger import Ledger
from lib.store.query import rows

AS_OF = date(2026, 6, 30)


def graded(ledger: Ledger, **more: Any) -> dict[int, dict[str, Any]]:
    return {row["customer_id"]: row for row in rows(ledger, SYSTEM, "class_of_customers", **{"as_of": AS_OF, **more})}


def sold(ledger: Ledger, customer_id: int, count: int, amount: int, currency: str = "CNY") -> None:
    """So many invoices of that amount, one a week back from the as-of date."""
    (last,) = ledger.cursor().execute("select coalesce(max(entry_id), 0) from entry").fetchone() or (0,)
    for place in range(count):
        on_date = AS_OF - timedelta(weeks=place)
        invoice(ledger, last + 1 + place, on_date, on_date, amount, customer_id=customer_id, currency=currency)


@pytest.mark.parametrize(
    ("days", "bucket_no"), [(-1, 0), (0, 0), (1, 1), (30, 1), (31, 2), (60, 2), (90, 3), (180, 4), (365, 5), (366, 6), (None, None)]
)
def test_bucket_takes_in_its_last_day_and_due_today_is_not_overdue(ledger: Ledger, days: int | None, bucket_no: int | None) -> None:
    due_on = None if days is None else AS_OF - timedelta(days=days)
    found = ledger.cursor().execute("select bucket_no($due_on::date, $as_of, [30, 60, 90, 180, 365])", {"due_on": due_on, "as_of": AS_OF})
    assert found.fetchone() == (bucket_no,)


def test_frequency_counts_invoices_of_twelve_months(ledger: Ledger) -> None:
    """12 invoices: high; 11 and 4: normal; 3 and 1: low; none in a year: dormant."""
    for customer_id, count in enumerate((12, 11, 4, 3, 1, 0), 1):
        customer(ledger, customer_id)
        sold(ledger, customer_id, count, 100)
    invoice(ledger, 900, date(2025, 6, 30), date(2025, 6, 30), 100, customer_id=6)
    invoice(ledger, 901, date(2026, 7, 1), date(2026, 7, 1), 100, customer_id=6)
    found = graded(ledger)
    assert [found[n]["frequency"] for n in range(1, 7)] == ["high", "normal", "normal", "low", "low", "dormant"]
    assert {(row["credit_grade"], row["credit_score"]) for row in found.values()} == {("unrated", None)}  # nobody has settled anything


def test_amount_shares_are_taken_in_the_customers_own_currency(ledger: Ledger) -> None:
    """CNY 600, 150, 150, 80, 20 of 1,000: 70 % reaches into the first 150, equal amounts share a grade; USD 5 of 5 is large."""
    for customer_id, amount in enumerate((600, 150, 150, 80, 20), 1):
        customer(ledger, customer_id)
        sold(ledger, customer_id, 1, amount)
    customer(ledger, 6, currency="USD")
    sold(ledger, 6, 1, 5, "USD")
    sold(ledger, 6, 1, 9_000, "CNY")
    found = graded(ledger)
    assert [found[n]["amount_grade"] for n in range(1, 7)] == ["large", "large", "large", "small", "small", "large"]
    assert (found[6]["amount_12m"], found[6]["invoices"]) == (5, 2)


def test_purchases_of_decades_ago_do_not_count_and_do_not_break(ledger: Ledger) -> None:
    customer(ledger, 1)
    invoice(ledger, 1, date(1996, 7, 4), date(1996, 7, 4), 100)
    assert graded(ledger)[1]["frequency"] == "dormant"


def test_draft_thresholds_can_be_tried(ledger: Ledger) -> None:
    """Four invoices: normal by the rule in force, high by a draft that asks for three."""
    customer(ledger, 1)
    sold(ledger, 1, 4, 100)
    (body,) = ledger.cursor().execute("select body from policy where kind = 'classification'").fetchone() or ("{}",)
    draft = json.loads(body) | {"frequency": {"high": 3, "normal": 2, "low": 1}}
    assert graded(ledger)[1]["frequency"] == "normal"
    assert graded(ledger, rules=json.dumps(draft))[1]["frequency"] == "high"


def test_thresholds_hold_from_the_day_they_take_effect(ledger: Ledger) -> None:
    customer(ledger, 1)
    sold(ledger, 1, 5, 100)
    (body,) = ledger.cursor().execute("select body from policy where kind = 'classification'").fetchone() or ("{}",)
    later = json.dumps(json.loads(body) | {"frequency": {"high": 3, "normal": 2, "low": 1}})
    insert(ledger, "policy", {"policy_id": 9, "kind": "classification", "effective_on": AS_OF, "body": later, "reason": "try"})
    assert graded(ledger)[1]["frequency"] == "high"
    assert graded(ledger, as_of=AS_OF - timedelta(days=1))[1]["frequency"] == "normal"


@pytest.mark.parametrize(
    ("late", "habit"),
    [
        ((0, 3, -5), "prompt"),
        ((0, 4, 0), "mixed"),
        ((4, 4, 0), "late"),
        ((0, 0, 60), "late"),
        ((0, 0), "unknown"),
    ],
)
def test_habit_follows_the_days_paid_after_due(ledger: Ledger, late: tuple[int, ...], habit: str) -> None:
    """Three days of grace; 90 % on time is prompt; under half on time or 15 days late on average is late; under three paid says nothing."""
    customer(ledger, 1)
    for place, days in enumerate(late):
        invoice(ledger, 10 + place, date(2026, 1, 1), date(2026, 2, 1), 100)
        payment(ledger, 20 + place, date(2026, 2, 1) + timedelta(days=days), 100, 10 + place)
    assert graded(ledger)[1]["habit"] == habit


def test_an_undone_settlement_was_not_paid(ledger: Ledger) -> None:
    """Three invoices paid on time; the last payment mirrored on its day: two paid, so nothing is known."""
    customer(ledger, 1)
    for place in range(3):
        invoice(ledger, 10 + place, date(2026, 1, 1), date(2026, 2, 1), 100)
        payment(ledger, 20 + place, date(2026, 2, 1), 100, 10 + place)
    line = {"entry_id": 22, "customer_id": 1, "invoice_id": 12, "kind": "payment", "on_date": date(2026, 2, 1), "due_on": date(2026, 2, 1)}
    insert(ledger, "posting", {**line, "amount": 100, "items": 1, "currency": "CNY", "rule": "undo"})
    assert (graded(ledger)[1]["paid_invoices"], graded(ledger)[1]["habit"]) == (2, "unknown")


def test_credit_score_adds_up_its_known_parts(ledger: Ledger) -> None:
    """Three invoices paid on time a year ago to this spring, one of two open hundreds overdue, size medium, no promises.

    35 punctual + 10 not overdue + 2.7 of 10 tenure + 5 of 10 stable + 7 able = 59.7 of 90 known points.
    """
    customer(ledger, 1, size="medium")
    for place in range(3):
        invoice(ledger, 10 + place, date(2025, 9, 1), date(2025, 10, 1), 100)
        payment(ledger, 20 + place, date(2025, 10, 1), 100, 10 + place)
    invoice(ledger, 30, date(2026, 5, 1), date(2026, 6, 1), 100)
    invoice(ledger, 31, date(2026, 5, 1), date(2026, 7, 1), 100)
    found = graded(ledger)[1]
    tenure = 10 * (AS_OF - date(2025, 9, 1)).days / (365.25 * 3)
    assert found["promises"] is None
    assert [found[part] for part in ("punctuality", "overdue", "tenure", "stability", "ability")] == pytest.approx([35, 10, tenure, 5, 7])
    assert found["credit_score"] == pytest.approx(100 * (57 + tenure) / 85)
    assert found["credit_grade"] == "mid"


def test_without_enough_paid_invoices_there_is_no_credit_grade(ledger: Ledger) -> None:
    customer(ledger, 1)
    sold(ledger, 1, 5, 100)
    assert graded(ledger)[1]["credit_grade"] == "unrated"


@pytest.mark.parametrize(
    ("paid_on", "amount", "as_of", "result"),
    [
        (date(2026, 5, 10), 100, AS_OF, "kept"),
        (date(2026, 5, 1), 100, AS_OF, "kept"),
        (date(2026, 5, 10), 40, AS_OF, "partly"),
        (date(2026, 5, 11), 100, AS_OF, "broken"),
        (date(2026, 4, 30), 100, AS_OF, "broken"),
        (date(2026, 5, 11), 100, date(2026, 5, 10), "open"),
        (date(2026, 5, 3), 100, date(2026, 5, 4), "kept"),
    ],
)
def test_promise_counts_money_from_its_day_to_its_due_day(ledger: Ledger, paid_on: date, amount: int, as_of: date, result: str) -> None:
    """100 promised on 1 May for 10 May."""
    customer(ledger, 1)
    invoice(ledger, 1, date(2026, 3, 1), date(2026, 4, 1), 200)
    payment(ledger, 2, paid_on, amount, 1)
    promise = {"promise_id": 1, "customer_id": 1, "made_on": date(2026, 5, 1), "due_on": date(2026, 5, 10)}
    insert(ledger, "promise", {**promise, "amount": 100, "currency": "CNY"})
    (found,) = rows(ledger, SYSTEM, "promises", as_of=as_of)
    assert found["result"] == result


def test_a_cancelled_promise_counts_as_neither_kept_nor_broken(ledger: Ledger) -> None:
    customer(ledger, 1)
    promise = {"promise_id": 1, "customer_id": 1, "made_on": date(2026, 5, 1), "due_on": date(2026, 5, 10)}
    insert(ledger, "promise", {**promise, "amount": 100, "currency": "CNY", "cancelled_on": date(2026, 5, 5)})
    (found,) = rows(ledger, SYSTEM, "promises", as_of=AS_OF)
    assert found["result"] == "cancelled"


def test_only_what_is_overdue_counts_as_disputed_beside_it(ledger: Ledger) -> None:
    """100 overdue and undisputed; 900 disputed and not yet due; then 40 overdue and disputed."""
    customer(ledger, 1)
    invoice(ledger, 1, date(2026, 5, 1), date(2026, 5, 31), 100)
    invoice(ledger, 2, date(2026, 6, 1), date(2026, 7, 31), 900)
    dispute = {"customer_id": 1, "kind": "dispute", "on_date": date(2026, 6, 1), "subject": "争议"}
    insert(ledger, "case_file", {**dispute, "case_id": 1, "invoice_id": 2, "amount": 900})
    assert [row["disputed_amount"] for row in rows(ledger, SYSTEM, "overdue_customers", as_of=AS_OF)] == [0]
    invoice(ledger, 3, date(2026, 5, 1), date(2026, 5, 31), 40)
    insert(ledger, "case_file", {**dispute, "case_id": 2, "invoice_id": 3, "amount": 40})
    assert [row["disputed_amount"] for row in rows(ledger, SYSTEM, "overdue_customers", as_of=AS_OF)] == [40]


def test_the_overdue_list_of_one_state_leaves_out_the_others(ledger: Ledger) -> None:
    """9,000 each, late for 2 days (within the days of grace), 40 days and 400 days."""
    for customer_id, days in enumerate((2, 40, 400), 1):
        customer(ledger, customer_id)
        invoice(ledger, customer_id, AS_OF - timedelta(days=days + 30), AS_OF - timedelta(days=days), 9_000, customer_id=customer_id)
    found = {
        state: [row["customer_id"] for row in rows(ledger, SYSTEM, "overdue_customers", as_of=AS_OF, money_state=state)]
        for state in (None, "normal", "overdue", "bad_debt")
    }
    assert found == {None: [3, 2, 1], "normal": [1], "overdue": [2], "bad_debt": [3]}


def test_complaint_is_in_the_state_of_its_last_event_of_the_business_day(ledger: Ledger) -> None:
    """New on 1 June; closed on 5 June at 23:00 in Shanghai; open again on 9 June at 01:00, which is still the 8th in UTC."""
    customer(ledger, 1)
    case = {"case_id": 1, "customer_id": 1}
    insert(ledger, "case_file", {**case, "kind": "complaint", "on_date": date(2026, 6, 1), "subject": "破损"})
    for number, (state, at) in enumerate(
        [("new", datetime(2026, 6, 1, 2)), ("closed", datetime(2026, 6, 5, 15)), ("in_progress", datetime(2026, 6, 8, 17))], 1
    ):
        insert(ledger, "case_event", {**case, "event_id": number, "state": state, "happened_at": at})
    states = {day: rows(ledger, SYSTEM, "complaints", as_of=date(2026, 6, day))[0]["state"] for day in (1, 4, 5, 8, 9)}
    assert states == {1: "new", 4: "new", 5: "closed", 8: "closed", 9: "in_progress"}


def test_low_score_carries_its_call_back_task(ledger: Ledger) -> None:
    """NPS 6 with a task not done by its day; CSAT 2 called back; NPS 7 is not low."""
    customer(ledger, 1)
    for number, (metric, score, top) in enumerate((("nps", 6, 10), ("csat", 2, 5), ("nps", 7, 10)), 1):
        answer = {"feedback_id": number, "customer_id": 1, "metric": metric, "score": score, "top_score": top}
        insert(ledger, "feedback", {**answer, "on_date": date(2026, 6, 1)})
    for number, done_on in ((1, None), (2, date(2026, 6, 2))):
        task = {"activity_id": number, "customer_id": 1, "kind": "task", "subject": "回访", "source_kind": "feedback", "source_id": number}
        insert(ledger, "activity", {**task, "on_date": date(2026, 6, 1), "due_on": date(2026, 6, 3), "done_on": done_on})
    found = rows(ledger, SYSTEM, "low_scores", as_of=AS_OF)
    assert [(row["feedback_id"], row["is_late"], row["task_done_on"]) for row in found] == [(1, True, None), (2, False, date(2026, 6, 2))]
    assert len(rows(ledger, SYSTEM, "low_scores", as_of=AS_OF, open_only=True)) == 1


def test_satisfaction_is_split_by_period_region_and_class(ledger: Ledger) -> None:
    """Two answers in May and June; the answer's own region wins over the customer's."""
    customer(ledger, 1, region="华东")
    sold(ledger, 1, 1, 100)
    for number, (day, region) in enumerate(((date(2026, 5, 31), None), (date(2026, 6, 1), "华南")), 1):
        answer = {"feedback_id": number, "customer_id": 1, "metric": "nps", "score": 9, "top_score": 10}
        insert(ledger, "feedback", {**answer, "on_date": day, "region": region})

    def split(query: str = "satisfaction", **asked: Any) -> list[tuple[str, str | None]]:
        return [(row["period"], row["label"]) for row in rows(ledger, SYSTEM, query, as_of=AS_OF, **asked)]

    assert split(period="month") == [("2026-05", None), ("2026-06", None)]
    assert split(period="quarter", by="region") == [("2026-Q2", "华东"), ("2026-Q2", "华南")]
    assert split("satisfaction_by_class", by="amount") == [("all", "large")]
    assert split(region="华南") == [("all", None)]


def test_search_finds_by_name_initials_and_number(ledger: Ledger) -> None:
    customer(ledger, 1, name="恒源机械有限公司", name_key="恒源机械有限公司", initials="hyjxyxgs", account_no="C001")
    customer(ledger, 2, name="Acme Trading", name_key="acmetrading", initials="at", account_no="HY9")
    customer(ledger, 3, name="旧恒源", name_key="旧恒源", initials="jhy", account_no="C003", status="merged")

    def found(search: str) -> list[int]:
        return [row["customer_id"] for row in rows(ledger, SYSTEM, "search_customers", search=search)]

    assert found("恒源") == [1]
    assert found("hy") == [2, 1]
    assert found("HYJX") == [1]
    assert found("c001") == [1]
    assert found("acme t") == [2]
    assert found("%") == found(" ") == found("") == []


def test_timeline_tells_what_changed_about_a_customer(ledger: Ledger) -> None:
    customer(ledger, 1, region="华东", until_on=date(2026, 3, 1))
    customer(ledger, 1, region="华南", from_on=date(2026, 3, 1))
    invoice(ledger, 1, date(2026, 2, 1), date(2026, 2, 1), 100)
    payment(ledger, 2, date(2026, 4, 1), 100, 1)
    found = [
        (row["on_date"], row["event"], row["title"], row["detail"])
        for row in rows(ledger, SYSTEM, "customer_timeline", customer_id=1, as_of=AS_OF)
    ]
    assert (date(2026, 3, 1), "attribute", "region", "华东 → 华南") in found
    assert [event for _, event, _, _ in found] == ["payment", "settled", "attribute", "invoice"]
