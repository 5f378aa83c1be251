"""The rules page as people use it: change a value, read what would change, publish, approve, use an old version again, undo.

恒源机械 owes 1300, of which 1000 has been overdue for 20 days; the rule stops after 30 days.
"""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import ledgers
import pytest
from desk import FINANCE, furnish
from signin import signed_in
from streamlit.testing.v1 import AppTest

from lib.commands.company import DescribeCompany
from lib.commands.policies import PublishPolicy
from lib.commands.receivables import RecordInvoice
from lib.domain.access import Actor, Role, Scope
from lib.domain.sender import Sender
from lib.store.door import execute
from lib.store.ledger import Ledger
from lib.store.query import rows
from lib.text import LANGUAGES, Language
from lib.ui import session


@pytest.fixture(autouse=True)
def house(opens: ledgers.Opens) -> Ledger:
    house = opens(furnish)
    house.jot("update app_user set scope = 'all' where username = 'manager'", {})
    day = session.today() - timedelta(days=20)
    execute(house, FINANCE, RecordInvoice(1, "F3", day, Decimal(2000), day))
    return house


def opened(who: str = "manager", language: Language = "zh", **query: str) -> AppTest:
    test = signed_in(who, language, "pages/policies.py")
    for name, value in query.items():
        test.query_params[name] = value
    return test.run()


def said(test: AppTest) -> str:
    return "\n".join(part.value for part in (*test.caption, *test.subheader, *test.markdown, *test.error)).replace("\\", "")


def field(test: AppTest, name: str) -> Any:
    found = [one for one in (*test.number_input, *test.text_input) if str(one.key).endswith(f"-{name}")]
    return found[0]


def button(test: AppTest, label: str) -> Any:
    return next(one for one in test.button if one.label == label)


def in_force(house: Ledger, kind: str) -> dict[str, Any]:
    sql = "select body from policy_at($kind, date '9999-01-01', timestamp '9999-12-30')"
    (found,) = house.cursor().execute(sql, {"kind": kind}).fetchone() or ("{}",)
    return dict(json.loads(found))


def test_a_rule_is_tried_published_approved_and_used_again(house: Ledger) -> None:
    test = opened()
    field(test, "overdue_days").set_value(10).run()
    assert "逾期超过几天才算：30 → 10" in said(test)
    assert "停供的客户：0 → 1" in said(test)
    assert "恒源" in test.dataframe[0].value["name"][0]
    button(test, "保存").click().run()
    assert "请填“为什么改”" in said(test)
    field(test, "reason").set_value("上季坏账多").run()
    button(test, "保存").click().run()
    assert not test.exception
    assert in_force(house, "credit_stop")["overdue_days"] == 30
    assert "新版本等第二个人批准（Manager" in said(test)
    assert not [one for one in test.button if one.label == "批准"]
    hint = "规则“停供规则”：Manager 提了新版本，等您批准"
    assert [hint in said(signed_in(who, "zh", "pages/overview.py").run()) for who in ("admin", "manager", "finance")] == [
        True,
        False,
        False,
    ]
    test = opened("admin")
    button(test, "看会改变什么").click().run()
    assert "停供的客户：0 → 1" in said(test)
    button(test, "批准").click().run()
    assert not test.exception
    assert in_force(house, "credit_stop")["overdue_days"] == 10
    assert "Manager · Admin 发布：上季坏账多" in said(test)
    start = in_force(house, "reminders")
    test = opened(kind="reminders", version="4")
    field(test, "gap_days").set_value(12).run()
    button(test, "再用第 4 版").click().run()
    assert field(test, "gap_days").value == start["gap_days"]
    field(test, "gap_days").set_value(12).run()
    field(test, "reason").set_value("太密了").run()
    button(test, "保存").click().run()
    assert in_force(house, "reminders") == start | {"gap_days": 12}
    button(test, "撤销").click().run()
    assert in_force(house, "reminders") == start


_BY_TWO = ("ConfirmPolicy", "ConfirmBankDetails", "DescribeCompany")


@pytest.mark.parametrize("language", LANGUAGES)
def test_rules_and_bank_details_that_wait_stand_on_the_page_of_approvals(house: Ledger, language: Language) -> None:
    house.jot("update app_user set scope = 'all', role = 'manager' where username = 'lead_south'", {})
    manager = Actor(3, "m", Role.MANAGER, Scope.ALL)
    today = session.today()
    rule = in_force(house, "provision") | {"rates": [0, 0, 0, 0, 0, 0, 0.9]}
    execute(house, manager, PublishPolicy("provision", rule, today, today + timedelta(days=90), "年终[复核](x)", today))
    execute(house, manager, DescribeCompany(Sender(name="明账公司", bank_account="1"), today))
    test = signed_in("lead_south", language, "pages/approvals.py").run()
    assert not test.exception
    assert "年终[复核](x)" in said(test)
    for _ in range(2):
        next(one for one in test.button if str(one.key).startswith(("approve-rule", "confirm-bank"))).click().run()
    assert in_force(house, "provision") == rule
    assert in_force(house, "settings")["company"]["bank_account"] == "1"
    assert ("没有等待审批" if language == "zh" else "Nothing waits") in "\n".join(part.value for part in test.markdown)
    made = {row["command"]: f"undo_{row['change_id']}" for row in rows(house, manager, "recent_changes", commands=_BY_TWO, most=9)}
    start = signed_in("admin", language, "pages/overview.py").run()
    finals, offered = {made["ConfirmPolicy"], made["ConfirmBankDetails"]}, {str(one.key) for one in start.button}
    assert not finals & offered, "what no undo takes back has no button"
    assert made["DescribeCompany"] in offered


def test_rows_are_added_and_taken_out_and_what_cannot_hold_is_said(house: Ledger) -> None:
    test = opened(kind="reminders")
    button(test, "加一行").click().run()
    assert "没有填" in said(test)
    field(test, "levels.7.days").set_value(5).run()
    for box in test.selectbox:
        if str(box.key).endswith(("levels.7.channel", "levels.7.tone")):
            box.set_value("letter" if str(box.key).endswith("channel") else "firm").run()
    assert "要一行比一行大" in said(test)
    field(test, "levels.7.days").set_value(120).run()
    remove = next(one for one in test.button if str(one.key).endswith("-_levels-0"))
    remove.click().run()
    field(test, "reason").set_value("不再提前提醒").run()
    button(test, "保存").click().run()
    assert [(one["level"], one["days"]) for one in in_force(house, "reminders")["levels"]][::6] == [(1, 3), (7, 120)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_may_not_change_a_rule_reads_it(language: Language) -> None:
    for who in ("finance", "lead"):
        test = opened(who, language, kind="provision")
        assert not test.exception
        assert not [one for one in test.button if one.label == ("保存" if language == "zh" else "Save")]
        assert "365 50%" in said(test)


@pytest.mark.parametrize("language", LANGUAGES)
def test_another_strategy_and_rating_say_whom_they_move_before_they_are_published(language: Language) -> None:
    bigger = ("换打法", "今天该联系的客户") if language == "zh" else ("treated by another play", "due for a contact today")
    test = opened(language=language, kind="strategy")
    for box in test.selectbox:
        if "-cells." in str(box.key):
            box.set_value("project")
    test.run()
    assert not test.exception
    assert all(words in said(test) for words in bigger)
    assert test.dataframe(key="class_play_trial").value["play"].nunique() == 1
    test = opened(language=language, kind="customer_rating")
    field(test, "complexity.documents").set_value(100)
    field(test, "complexity.full_documents").set_value(1).run()
    assert not test.exception
    assert ("换级：重要性 0" if language == "zh" else "change level: importance 0") in said(test)
    assert " → " in test.dataframe(key="class_rating_trial").value["complexity_change"][0]
