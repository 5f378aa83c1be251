"""What scores are counted from: waves, windows, votes of accounts, own scores; whom we hear from and what became of low scores."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from facts import customer, insert, invoice

from lib.commands.hearing import AskSilent
from lib.domain import scores, statistics
from lib.domain.access import SYSTEM
from lib.errors import Refused
from lib.store.door import execute
from lib.store.ledger import Ledger
from lib.store.query import rows

DAY = date(2025, 6, 30)


def answer(ledger: Ledger, feedback_id: int, customer_id: int, score: int, on_date: date = DAY, **more: Any) -> None:
    scored = {"metric": "nps", "score": score, "top_score": 10, "on_date": on_date}
    insert(ledger, "feedback", {**scored, "feedback_id": feedback_id, "customer_id": customer_id, **more})


def wave(ledger: Ledger, wave_id: int, closes_on: date, customers: dict[int, float], *, delivered: bool = True) -> None:
    """A wave that asks these customers, each for so many; invitation 100 × wave + customer."""
    about = {"metric": "nps", "audience": "relationship", "sampling": "sample", "seed": 1, "questions": "[]", "filter": "{}"}
    days = {"opens_on": closes_on - timedelta(days=20), "closes_on": closes_on}
    insert(ledger, "survey_wave", {**about, **days, "wave_id": wave_id, "title": f"第 {wave_id} 次"})
    for customer_id, weight in customers.items():
        asked = {"invite_id": 100 * wave_id + customer_id, "wave_id": wave_id, "customer_id": customer_id}
        insert(ledger, "survey_invite", {**asked, "channel": "email", "language": "zh", "weight": weight})
        if delivered:
            reached = {"event_id": 100 * wave_id + customer_id, "state": "delivered", "happened_at": datetime(2020, 1, 1)}
            insert(ledger, "invite_event", {**reached, **asked})


def test_the_list_of_a_wave_is_the_population_its_interval_knows(ledger: Ledger) -> None:
    for number in range(1, 9):
        customer(ledger, number, region="N" if number <= 6 else "S")
    wave(ledger, 1, DAY, dict.fromkeys(range(1, 9), 1.0))
    for number in range(1, 7):
        answer(ledger, number, number, 10 if number <= 4 else 3, wave_id=1, invite_id=100 + number)
    (found,) = rows(ledger, SYSTEM, "satisfaction", as_of=DAY, period="wave")
    known = statistics.nps(4, 2, 6, population=8)
    assert known is not None
    assert (found["period"], found["n"], found["population"]) == ("第 1 次", 6, 8)
    assert (found["low"], found["high"]) == pytest.approx((known.low, known.high), abs=1e-9)
    everybody, nobody = rows(ledger, SYSTEM, "satisfaction", as_of=DAY, period="wave", by="region"), statistics.nps(4, 2, 6)
    assert [(row["label"], row["population"], row["low"] == row["high"]) for row in everybody] == [("N", 6, True)]
    (plain,) = rows(ledger, SYSTEM, "satisfaction", as_of=DAY)
    assert nobody is not None
    assert (plain["population"], plain["low"]) == (None, pytest.approx(nobody.low))


def test_answers_of_a_sample_count_by_the_weight_of_their_stratum(ledger: Ledger) -> None:
    """Two large customers speak for one each and are content; two small ones for nine each and are not."""
    for number in range(1, 5):
        customer(ledger, number)
    wave(ledger, 1, DAY, {1: 1.0, 2: 1.0, 3: 9.0, 4: 9.0})
    for number in range(1, 5):
        answer(ledger, number, number, 10 if number <= 2 else 3, wave_id=1, invite_id=100 + number)
    (found,) = rows(ledger, SYSTEM, "satisfaction", as_of=DAY, period="wave")
    assert (found["promoters"], found["detractors"], found["population"]) == (2, 2, 20)
    assert found["score"] == pytest.approx(100 * (2 - 18) / 20)
    assert found["votes"] == pytest.approx(20**2 / (1 + 1 + 81 + 81))
    (quarter,) = rows(ledger, SYSTEM, "satisfaction", as_of=DAY, period="quarter")
    assert quarter["score"] == 0


def test_each_point_of_a_rolling_trend_counts_its_own_thirteen_weeks(ledger: Ledger) -> None:
    customer(ledger, 1)
    given = {1: (0, 10), 2: (0, 3), 3: (6, 9), 4: (90, 3), 5: (91, 10), 6: (97, 10), 7: (98, 3), 8: (400, 10)}
    for number, (days, score) in given.items():
        answer(ledger, number, 1, score, DAY - timedelta(days=days))
    found = rows(ledger, SYSTEM, "satisfaction", as_of=DAY, period="rolling", since=DAY - timedelta(days=180))
    assert [row["period"] for row in found] == [f"{DAY - timedelta(days=days)}" for days in range(84, -1, -7)]
    for row in found:
        ago = (DAY - row["counted_on"]).days
        inside = [score for days, score in given.values() if ago <= days < ago + 91]
        assert (row["n"], row["promoters"]) == (len(inside), sum(score >= 9 for score in inside))


def test_scores_typed_by_the_rated_are_marked_and_can_be_left_out(ledger: Ledger) -> None:
    """On the day of the answer 1 looked after the customer, since then 2 does."""
    customer(ledger, 1, owner_id=1, until_on=date(2025, 6, 1))
    customer(ledger, 1, owner_id=2, from_on=date(2025, 6, 1))
    for number, who in enumerate((1, 2, None), 1):
        answer(ledger, number, 1, 9, date(2025, 5, 5), entered_by=who)
    found = rows(ledger, SYSTEM, "satisfaction", as_of=DAY, by="entry")
    assert {row["label"]: row["n"] for row in found} == {"own": 1, "colleague": 1, "customer": 1}
    assert set(scores.ENTRY) >= {row["label"] for row in found}
    assert [row["feedback_id"] for row in rows(ledger, SYSTEM, "answers", as_of=DAY) if row["is_own"]] == [1]
    assert [row["n"] for row in rows(ledger, SYSTEM, "satisfaction", as_of=DAY, without_own=True)] == [2]


def test_one_account_one_vote_and_who_decides_counts_twice(ledger: Ledger) -> None:
    """Customer 1: the boss gives 10 after an earlier 0, a clerk 6: (2 × 10 + 6) / 3 = 8.67. Customer 2: three answers, one vote."""
    for number in (1, 2):
        customer(ledger, number)
    about = {"customer_id": 1, "is_primary": False, "do_not_contact": False}
    insert(ledger, "contact", {**about, "contact_id": 1, "name": "老板", "role": "decision"})
    insert(ledger, "contact", {**about, "contact_id": 2, "name": "文员", "role": "user"})
    answer(ledger, 1, 1, 0, DAY - timedelta(days=9), contact_id=1)
    answer(ledger, 2, 1, 10, contact_id=1)
    answer(ledger, 3, 1, 6, contact_id=2)
    for number in (4, 5, 6):
        answer(ledger, number, 2, 3, respondent=f"人{number}")
    (found,) = rows(ledger, SYSTEM, "satisfaction_of_accounts", as_of=DAY)
    assert (found["n"], found["promoters"], found["passives"], found["detractors"]) == (2, 0, 1, 1)
    assert found["mean_score"] == pytest.approx((26 / 3 + 3) / 2)
    (every,) = rows(ledger, SYSTEM, "satisfaction", as_of=DAY)
    assert every["n"] == 6


@pytest.mark.parametrize("by", list(scores.BY))
def test_groups_and_the_answers_behind_them_are_the_same_answers(company_on_show: Ledger, by: str) -> None:
    house = company_on_show
    asked = {"as_of": date(2026, 4, 8), "since": date(2025, 9, 1), "metric": "csat"}
    groups = rows(house, SYSTEM, scores.counted_by(by), by=by, **asked)
    assert sum(row["n"] for row in groups) == rows(house, SYSTEM, "satisfaction", **asked)[0]["n"]
    first = groups[0]
    behind = rows(house, SYSTEM, scores.listed_by(by), by=by, in_group=True, label=first["label"], **asked)
    assert (len(behind), sum(row["is_low"] for row in behind)) == (first["n"], first["detractors"])


def test_coverage_counts_accounts_and_what_they_buy(ledger: Ledger) -> None:
    for number in (1, 2, 3):
        customer(ledger, number)
    invoice(ledger, 1, date(2025, 3, 1), DAY, 300)
    invoice(ledger, 2, date(2025, 3, 1), DAY, 100, customer_id=2)
    invoice(ledger, 3, date(2024, 3, 1), DAY, 900, customer_id=3)
    answer(ledger, 1, 1, 9, DAY - timedelta(days=179))
    answer(ledger, 2, 2, 9, DAY - timedelta(days=180))
    (found,) = rows(ledger, SYSTEM, "coverage", as_of=DAY)
    assert (found["accounts"], found["heard_accounts"], found["amount_12m"], found["heard_amount"]) == (2, 1, 400, 300)
    assert [row["customer_id"] for row in rows(ledger, SYSTEM, "silent_customers", as_of=DAY)] == [2]


def test_silent_is_who_left_the_last_two_waves_unanswered(ledger: Ledger) -> None:
    """1 answered the first, 2 neither, 3 the last; 4 was never reached by the second."""
    for number in range(1, 5):
        customer(ledger, number)
        invoice(ledger, number, date(2025, 3, 1), DAY, 100 * number, customer_id=number)
    wave(ledger, 1, date(2025, 2, 1), dict.fromkeys((1, 2, 3, 4), 1.0))
    wave(ledger, 2, date(2025, 5, 1), dict.fromkeys((1, 2, 3), 1.0))
    wave(ledger, 3, date(2025, 5, 2), {4: 1.0}, delivered=False)
    answer(ledger, 1, 1, 9, date(2024, 12, 1), wave_id=1, invite_id=101)
    answer(ledger, 2, 3, 9, date(2025, 4, 20), wave_id=2, invite_id=203)
    silent = rows(ledger, SYSTEM, "silent_customers", as_of=DAY, least=2)
    assert [(row["customer_id"], row["unanswered"], row["is_planned"]) for row in silent] == [(2, 2, False)]
    (reply,) = rows(ledger, SYSTEM, "responses", as_of=DAY)
    assert (reply["channel"], reply["delivered"], reply["n"]) == ("email", 7, 2)
    assert execute(ledger, SYSTEM, AskSilent((2, 4), DAY, DAY)).result == 2
    assert {row["customer_id"]: row["is_planned"] for row in rows(ledger, SYSTEM, "silent_customers", as_of=DAY)} == {
        2: True,
        4: True,
        1: False,
    }
    with pytest.raises(Refused, match="an open task to be asked"):
        execute(ledger, SYSTEM, AskSilent((2,), DAY, DAY))


def test_low_scores_are_followed_up_in_working_days_and_won_back_by_the_next_answer(ledger: Ledger) -> None:
    """Friday's low score of customer 1 is spoken of on Tuesday: two working days. 2 is asked again and content, 3 too late to count."""
    friday = date(2025, 5, 9)
    for number in (1, 2, 3):
        customer(ledger, number)
        answer(ledger, number, number, 3, friday)
    touch = {"kind": "interaction", "subject": "回访", "on_date": date(2025, 5, 13), "done_on": date(2025, 5, 13)}
    insert(ledger, "activity", {**touch, "activity_id": 1, "customer_id": 1})
    insert(ledger, "activity", {**touch, "activity_id": 2, "customer_id": 2, "done_on": date(2025, 5, 14)})
    answer(ledger, 4, 2, 8, date(2025, 6, 20))
    answer(ledger, 5, 3, 10, friday + timedelta(days=181))
    (found,) = rows(ledger, SYSTEM, "follow_up", as_of=DAY, since=date(2025, 5, 1))
    assert (found["lows"], found["judged"], found["in_time"]) == (3, 3, 1)
    assert (found["asked_again"], found["recovered"]) == (1, 1)


def test_stages_of_the_journey_say_what_the_ledger_knows(company_on_show: Ledger) -> None:
    house = company_on_show
    found = {row["stage"]: row for row in rows(house, SYSTEM, "journey", as_of=date(2026, 4, 8), since=date(2025, 4, 8))}
    assert list(found) == ["enquiry", "quote", "contract", "delivery", "reconciliation", "payment", "after_sales"]
    assert found["delivery"]["n"] > 0
    assert found["delivery"]["low"] <= found["delivery"]["score"] <= found["delivery"]["high"]
    assert found["payment"]["bill_days"] > 0
    assert (found["enquiry"]["score"], found["enquiry"]["bill_days"], found["enquiry"]["case_days"]) == (None, None, None)
