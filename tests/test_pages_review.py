"""The weekly review's page: what is told by rule, where the meeting stands, who may do what, and a review from first step to freeze."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import desk
import facts
import ledgers
import pytest
import signin
from streamlit.testing.v1 import AppTest

from lib.commands.policies import PublishPolicy
from lib.domain.access import Actor, Role, Scope
from lib.domain.review_kind import SECTION
from lib.review import agenda
from lib.review.agenda import Stop, beside
from lib.store.door import execute
from lib.store.ledger import Ledger
from lib.store.query import rows
from lib.text import Language

TODAY = date(2026, 6, 30)
WEEK = date(2026, 6, 22)
CHIEF = Actor(3, "Manager", Role.MANAGER, Scope.ALL)


# --- whose story is told


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    """Who said what of how much.

    | customer | a year | said        | on    |
    |----------|--------|-------------|-------|
    | 1        | 100    | CSAT 1 of 5 | 06-20 |
    | 2        | 9,000  | CSAT 2 of 5 | 06-18 |
    | 3        | 500    | CSAT 2 of 5 | 05-20, CSAT 5 on 06-10 |
    """
    with ledgers.fresh() as opened:
        signin.add_people(opened)
        for number, amount in ((1, 100), (2, 9000), (3, 500)):
            facts.customer(opened, number, owner_id=2, name=f"客户{number}")
            facts.invoice(opened, number * 10, date(2026, 5, 1), date(2026, 6, 1), amount, customer_id=number)
        for number, customer_id, score, day in ((1, 1, 1, 20), (2, 2, 2, 18), (4, 3, 5, 10)):
            answered(opened, number, customer_id, score, date(2026, 6, day))
        answered(opened, 3, 3, 2, date(2026, 5, 20))
        yield opened


def answered(ledger: Ledger, number: int, customer_id: int, score: int, day: date) -> None:
    given = {"feedback_id": number, "customer_id": customer_id, "on_date": day, "metric": "csat", "score": score, "top_score": 5}
    facts.insert(ledger, "feedback", {**given, "comment": f"原话{number}"})


def frozen(ledger: Ledger, week_on: date, *told: dict[str, Any]) -> None:
    """A pack in which a story was told."""
    body = {"pack_id": week_on.toordinal(), "meeting_id": 1, "week_on": week_on, "circle": "all", "as_of": week_on, "maker": "1"}
    text = json.dumps({"tables": {"voice": told}, "lines": []})
    facts.insert(ledger, "pack", {**body, "known_at": facts.KNOWN, "body": text, "sha256": "x"})


def story(ledger: Ledger) -> dict[str, Any]:
    found = rows(ledger, CHIEF, "review_story", as_of=date(2026, 6, 28), week_on=WEEK, circle="all")
    return found[0] if found else {}


def test_the_story_is_of_the_worst_score_that_weighs_most(ledger: Ledger) -> None:
    """0.6 of 9,000 is more than 0.8 of 100."""
    found = story(ledger)
    assert (found["story"], found["customer_id"], found["comment"], found["amount_12m"]) == ("low", 2, "原话2", 9000)


def test_after_a_low_score_a_recovery_is_told_and_nobody_twice_in_eight_weeks(ledger: Ledger) -> None:
    frozen(ledger, WEEK - timedelta(weeks=1), {"story": "low", "customer_id": 2})
    found = story(ledger)
    assert (found["story"], found["customer_id"], found["recovered_on"]) == ("recovered", 3, date(2026, 6, 10))
    frozen(ledger, WEEK - timedelta(weeks=2), {"story": "recovered", "customer_id": 3})
    assert story(ledger)["customer_id"] == 1
    frozen(ledger, WEEK - timedelta(weeks=8), {"story": "low", "customer_id": 1})
    assert story(ledger) == {}


def test_a_story_of_nine_weeks_ago_may_be_told_again(ledger: Ledger) -> None:
    frozen(ledger, WEEK - timedelta(weeks=9), {"story": "recovered", "customer_id": 2})
    assert story(ledger)["customer_id"] == 2


# --- the agenda


def test_minutes_are_a_rule(ledger: Ledger) -> None:
    parts = agenda.agenda(ledger, CHIEF, TODAY)
    assert [part.name for part in parts] == list(SECTION)
    assert sum(part.minutes for part in parts) == 45
    minutes = {part.name: part.minutes for part in parts} | {"voice": 6}
    body = {"minutes": minutes, "top": 3, "story_weeks": 8}
    execute(ledger, CHIEF, PublishPolicy("review", body, TODAY, TODAY + timedelta(days=365), "客户之声多留几分钟", TODAY))
    assert sum(part.minutes for part in agenda.agenda(ledger, CHIEF, TODAY)) == 48


def test_the_next_stop_is_the_next_signal_then_the_next_section() -> None:
    way = (Stop("voice"), Stop("board", "a"), Stop("board", "b"), Stop("overdue"))
    assert [beside(way, Stop("voice"), 1), beside(way, way[1], 1), beside(way, way[2], 1)] == list(way[1:])
    assert (beside(way, way[0], -1), beside(way, way[3], 1)) == (way[0], way[3])
    assert beside(way, Stop("board", "gone"), 1) == way[1]


# --- the page


@pytest.fixture
def office(opens: ledgers.Opens, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """Noon of TODAY in business time, with the desk's customers; the manager sees all of them."""
    house = opens(desk.furnish)
    house.jot("update app_user set scope = 'all' where username = 'manager'", {})
    monkeypatch.setattr(house, "clock", lambda: datetime(2026, 6, 30, 4))
    return house


def opened(who: str, language: Language = "zh", **query: str) -> AppTest:
    test = signin.signed_in(who, language, path="pages/review.py")
    for key, value in query.items():
        test.query_params[key] = value
    test.run()
    assert not test.exception
    return test


def said(test: AppTest) -> str:
    parts = [*test.markdown, *test.caption, *test.subheader, *test.info, *test.warning, *test.success, *test.error]
    return "\n".join(part.value for part in parts)


def keys(test: AppTest) -> set[str]:
    return {str(button.key) for button in test.button}


def state(ledger: Ledger) -> Any:
    return ledger.cursor().execute("select state, score from meeting where retired_at = timestamp '9999-12-31'").fetchone()


def test_a_review_is_prepared_held_and_frozen(office: Ledger) -> None:
    test = opened("manager", mode="live", section="wrap")
    assert "先按“准备这次周会”" in said(test)
    assert "review_prepare" in keys(opened("manager", mode="close"))
    test = opened("manager")
    assert "这一周没有一笔收款" in said(test)
    test.button(key="review_prepare").click().run()
    test.button(key="review_start").click().run()
    assert not test.exception
    assert state(office) == ("live", None)
    test.button(key="review_next").click().run()
    assert test.query_params["section"] == "voice"
    test = opened("manager", mode="live", section="wrap")
    test.button_group(key="review_score").set_value(8)
    test.button(key="review_freeze").click().run()
    assert not test.exception
    assert state(office) == ("closed", 8)
    assert "已冻结" in said(test)
    assert not keys(opened("manager", mode="live")) & {"add-action", "add-decision", "review_start"}
    assert "这一周没有一笔收款" not in said(opened("manager"))


@pytest.mark.usefixtures("office")
def test_who_may_not_run_a_review_reads_it_and_writes_what_is_theirs() -> None:
    assert "review_prepare" not in keys(opened("lead"))
    assert {"add-action", "add-topic"} <= keys(opened("lead", mode="live"))
    assert "add-decision" not in keys(opened("lead", mode="live"))
    assert not keys(opened("viewer", mode="live")) & {"add-action", "add-decision", "add-topic"}


@pytest.mark.usefixtures("office")
def test_a_past_day_is_looked_at_and_not_written_into() -> None:
    test = opened("manager", mode="live", as_of="2026-06-16")
    assert not keys(test) & {"add-action", "add-decision", "review_start"}
    assert "回到今天" in said(test)
