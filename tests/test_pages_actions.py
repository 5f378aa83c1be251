"""Promises on the page: written where one is, answered by one click, taken back by one; put off only twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import desk
import facts
import ledgers
import pytest
import reviews
import signin
from streamlit.testing.v1 import AppTest

from lib.commands.actions import RaiseAction, StepAction
from lib.commands.explaining import AssignSignal
from lib.commands.topics import RaiseTopic
from lib.domain.access import Actor, Role, Scope
from lib.review.pack import last_week
from lib.store.door import execute
from lib.store.ledger import Ledger
from lib.store.query import rows
from lib.ui import session

MANAGER = Actor(3, "Manager", Role.MANAGER, Scope.TEAM, ("north",))
SAID = "核对对账单"


@pytest.fixture
def house(opens: ledgers.Opens) -> Ledger:
    """A desk at work: what was billed today keeps the review at the week of today."""
    house = opens(desk.furnish)
    facts.invoice(house, 900_001, session.today(), session.today(), 1, customer_id=1)
    return house


def opened(who: str, page: str, **asked: str) -> AppTest:
    test = signin.signed_in(who, path=f"pages/{page}.py")
    for name, value in asked.items():
        test.query_params[name] = value
    test.run()
    assert not test.exception
    return test


def said(test: AppTest) -> str:
    return "\n".join(part.value for part in [*test.markdown, *test.caption, *test.subheader])


def states(house: Ledger) -> list[tuple[str, str]]:
    found: list[dict[str, Any]] = rows(house, MANAGER, "actions", as_of=session.today())
    return [(row["action_said"], row["action_state"]) for row in found]


def test_a_lead_writes_a_promise_on_the_customer_s_page_and_answers_it(house: Ledger) -> None:
    test = opened("lead", "customer", customer="1")
    test.button(key="add-action-1").click().run()
    test.text_input(key="action-1-0-said").input("恒源的账").run()
    assert "换成动词开头" in said(test)
    test.text_input(key="action-1-0-said").input(SAID).run()
    assert "换成动词开头" not in said(test)
    test.button(key="action-1-0-_save").click().run()
    assert states(house) == [(SAID, "open")]
    ((action_id,),) = house.cursor().execute("select max(action_id) from action_item").fetchall()
    test.button(key=f"done-{action_id}").click().run()
    assert states(house) == [(SAID, "done")]
    test.button(key="review_written.undo").click().run()
    assert states(house) == [(SAID, "open")]
    assert f"**{SAID}**" in said(test)
    test.button(key=f"more-{action_id}").click().run()
    test.button_group(key=f"step-{action_id}-0-step").set_value("reworded").run()
    test.text_input(key=f"step-{action_id}-0-said").input("寄发票").run()
    test.button(key=f"step-{action_id}-0-_save").click().run()
    test.button(key=f"more-{action_id}").click().run()
    assert "**寄发票**" in said(test)
    assert f"原来写的是：{SAID}" in said(test)


def test_who_only_reads_sees_promises_without_buttons(house: Ledger) -> None:
    today = session.today()
    execute(house, MANAGER, RaiseAction(SAID, 2, today, today, customer_id=1))
    test = opened("compliance", "customer", customer="1", add="action", action="1")
    assert SAID in said(test)
    assert not any(str(button.key).startswith(("done-", "more-", "add-action", "action-")) for button in test.button)


def test_an_action_whose_customer_left_is_handed_on_or_given_up(house: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    reviews.few(monkeypatch)
    today = session.today()
    given = execute(house, MANAGER, RaiseAction(SAID, 2, today, today, customer_id=1, week_on=last_week(today) - timedelta(weeks=1))).result
    house.jot("update customer_record set owner_id = 7 where customer_id = 1", {})
    house.version += 1
    test = opened("manager", "review", mode="live", section="actions", action=str(given))
    assert "客户已转出这个范围的行动" in said(test)
    assert SAID not in said(test)
    assert [str(button.key) for button in test.button if str(button.key).endswith(f"-{given}")] == [f"more-{given}"]
    assert test.button_group(key=f"step-{given}-0-step").options == ["上交", "不做了"]


def test_the_review_asks_for_a_decision_on_what_was_put_off_twice_and_ranks_topics(house: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    reviews.few(monkeypatch)
    today = session.today()
    began = today - timedelta(weeks=5)
    execute(house, MANAGER, RaiseAction(SAID, 2, began, began))
    for week in (1, 2):
        execute(house, MANAGER, StepAction((1,), "carried", began + timedelta(weeks=week)))
    execute(house, MANAGER, RaiseTopic("谈账期", today))
    test = opened("manager", "review", mode="live", section="actions", action="1")
    assert "顺延过两次：今天必须定下来" in said(test)
    assert [button.key for button in test.button if str(button.key).endswith("-1")] == ["done-1", "more-1"]
    test.button_group(key="step-1-0-step").set_value("killed").run()
    test.button(key="step-1-0-_save").click().run()
    assert "请填“理由”" in said(test)
    test.text_input(key="step-1-0-note").input("客户已经付清").run()
    test.button(key="step-1-0-_save").click().run()
    assert states(house) == [(SAID, "killed")]
    assert "已保存" in said(test)
    test.query_params["section"] = "topics"
    test.run()
    assert "谈账期" in said(test)
    assert "已保存" not in said(test), "the receipt stays where the thing was written down"
    test.button(key="vote-1").click().run()
    assert "0 票" in said(test)


def test_who_was_asked_by_the_whole_company_s_review_can_explain(house: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    reviews.few(monkeypatch)
    today = session.today()
    boss = replace(MANAGER, scope=Scope.ALL, teams=())
    execute(house, boss, AssignSignal("overdue_amount", 2, last_week(today), today))
    test = opened("lead", "review", mode="prep", answer="1")
    test.text_input(key="answer-1-0-said").input("两家客户月底才付")
    test.button_group(key="answer-1-0-cause").set_value("customer").run()
    test.button(key="answer-1-0-_save").click().run()
    (told,) = rows(house, boss, "explanations", as_of=today, circle="all")
    assert (told["explanation_said"], told["signal_cause"]) == ("两家客户月底才付", "customer")
