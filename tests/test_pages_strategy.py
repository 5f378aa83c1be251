"""The strategy page and the customer's play, score and limit: what they say, what a click plans, what a second person approves."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import desk
import ledgers
import pytest
import signin
from facts import company_alone
from streamlit.testing.v1 import AppTest

from lib.commands.customers import ChangeCustomer
from lib.commands.proposals import Decide, ProposeTerm
from lib.commands.special_terms import Term
from lib.domain.access import Actor, Role, Scope
from lib.store.door import execute
from lib.store.ledger import Ledger
from lib.text import Language
from lib.ui import session, strategy

AS_OF = "2026-06-30"
FINANCE = Actor(4, "Finance", Role.FINANCE, Scope.ALL)
MANAGER = Actor(3, "Manager", Role.MANAGER, Scope.ALL)


@pytest.fixture
def full(opens: ledgers.Opens) -> Ledger:
    return opens(company_alone)


def opened(name: str, who: str = "finance", language: Language = "zh", **query: str) -> AppTest:
    test = signin.signed_in(who, language, path=f"pages/{name}.py")
    for key, value in query.items():
        test.query_params[key] = value
    test.run()
    assert not test.exception
    return test


def said(test: AppTest) -> str:
    return "\n".join(part.value for part in [*test.markdown, *test.caption, *test.subheader, *test.info])


@pytest.mark.usefixtures("on_show")
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("view", list(strategy.VIEWS))
def test_every_view_says_something(view: str, language: Language) -> None:
    test = opened("strategy", language=language, view=view, as_of=AS_OF)
    assert ("该联系了" if language == "zh" else "due for a contact") in said(test)


@pytest.mark.usefixtures("on_show")
def test_a_play_opens_its_customers_with_their_next_step() -> None:
    test = opened("strategy", view="plays", as_of=AS_OF, play="key")
    shown = test.dataframe(key="strategy-key").value
    assert set(shown["play"]) == {"重点维护"}
    assert all("上门拜访" in step for step in shown["next_step"])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_ticked_customers_get_their_steps_as_tasks(full: Ledger, language: Language) -> None:
    past = opened("strategy", "manager", language, view="activate", as_of=AS_OF)
    past.session_state[f"activate-{full.version}"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    assert past.run().button(key="activate-plan").disabled
    test = opened("strategy", "manager", language, view="activate")
    key = f"activate-{full.version}"
    names = list(test.dataframe(key=key).value["name"][:2])
    assert not [button for button in test.button if button.key == "activate-plan"], "nobody is ticked yet"
    test.session_state[key] = {"selection": {"rows": [0, 1], "columns": [], "cells": []}}
    test.run()
    plan = test.button(key="activate-plan")
    assert plan.label == ("给勾选的 2 个客户建任务" if language == "zh" else "Plan the steps of 2 ticked")
    plan.click().run()
    assert not test.exception
    sql = """
        select distinct customer.name from activity
        inner join customer_record as customer on activity.customer_id = customer.customer_id
        where activity.source_kind = 'strategy' and activity.done_on is null
    """
    assert sorted(row[0] for row in full.cursor().execute(sql).fetchall()) == sorted(names)
    shown = test.dataframe(key=f"activate-{full.version}").value
    done = "步骤都已建任务" if language == "zh" else "All steps planned"
    assert [step == done for step in shown["next_step"]][:3] == [True, True, False]


@pytest.mark.usefixtures("house")
def test_an_empty_ledger_says_what_to_do_next() -> None:
    assert "还没有客户" in said(opened("strategy"))


def test_steps_are_planned_where_the_customer_is(house: Ledger) -> None:
    desk.furnish(house)
    test = opened("customer", "lead", customer="1")
    assert "打法：" in said(test)
    test.button(key="plan-1").click().run()
    assert not test.exception
    ((planned,),) = house.cursor().execute("select count(*) from activity where source_kind = 'strategy'").fetchall()
    assert said(test).count(":material/schedule:") == planned > 1
    assert not [button for button in test.button if button.key == "plan-1"]


def test_terms_are_proposed_on_the_page_and_stand_on_the_customer_until_they_end(house: Ledger) -> None:
    desk.furnish(house)
    today = session.today()
    until_on = date(today.year + 1, 1, 31)
    proposal = execute(house, FINANCE, ProposeTerm(1, Term("discount", rate=Decimal("0.05")), until_on, "老客户", today))
    test = opened("approvals", "manager")
    assert "折扣" in said(test)
    execute(house, MANAGER, Decide(proposal.result, "approved", None, today))
    assert f"折扣 5.0% 至 {until_on.isoformat()}".replace("-", "\\-").replace(".", "\\.") in said(opened("customer", "lead", customer="1"))
    assert len(opened("strategy", view="terms").dataframe(key="special_terms").value) == 1


@pytest.mark.parametrize("language", ["zh", "en"])
def test_score_limit_and_group_answer_why(full: Ledger, language: Language) -> None:
    customer_id, parent_id = (
        row[0]
        for row in full.cursor()
        .execute(
            "select customer_id from credit_score_at(date '2026-06-30', timestamp '9999-12-30', null) where credit_grade = 'mid' limit 2"
        )
        .fetchall()
    )
    execute(full, MANAGER, ChangeCustomer(customer_id, (("parent_id", parent_id),)))
    test = opened("customer", language=language, customer=str(customer_id), as_of=AS_OF)
    test.button(key="credit-why").click().run()
    assert not test.exception
    words = ("丢分最多", "12 个月", "集团") if language == "zh" else ("most is lost here", "in 12 months", "Group")
    for word in words:
        assert word in said(test)
