"""The tasks page: mine first, what is late before what is not, done with two taps and taken back with one."""

from __future__ import annotations

from datetime import timedelta

import desk
import ledgers
import pytest
import signin
from streamlit.testing.v1 import AppTest

from lib.commands.service import RecordInteraction, RecordScore
from lib.commands.tasks import MoveTask
from lib.domain.access import Actor, Role, Scope
from lib.store.door import execute
from lib.store.ledger import Ledger
from lib.ui import session

LEAD = Actor(2, "Lead", Role.LEAD, Scope.TEAM, ("north",))
OPEN = "select activity_id from activity where kind = 'task' and done_on is null and retired_at = timestamp '9999-12-31' order by due_on"


@pytest.fixture
def house(opens: ledgers.Opens) -> Ledger:
    house = opens(desk.furnish)
    today = session.today()
    for number, ahead in ((1, 0), (2, 20)):
        execute(house, LEAD, RecordInteraction(number, today, today, f"谈了第 {number} 次", next_on=today + timedelta(days=ahead)))
    execute(house, LEAD, RecordScore(3, "nps", 2, today, today, "发货慢"))
    return house


def opened(who: str = "lead", **query: str) -> AppTest:
    test = signin.signed_in(who, path="pages/tasks.py")
    for name, value in query.items():
        test.query_params[name] = value
    return test.run()


def said(test: AppTest) -> str:
    return "\n".join(part.value for part in [*test.markdown, *test.caption])


def test_what_is_due_today_is_done_and_taken_back(house: Ledger) -> None:
    test = opened()
    assert not test.exception
    assert "今天 1 件" in said(test)
    assert ("谈了第 1 次" in said(test), "谈了第 2 次" in said(test)) == (True, False)
    ((number,), *_) = house.cursor().execute(OPEN).fetchall()
    test.session_state[f"task-{number}"] = True
    test.run()
    test.text_input(key=f"done-{number}").input("下月再谈")
    test.button(key=f"complete-{number}").click().run()
    assert not test.exception
    assert "今天没有到期的任务" in said(test)
    done = f"select body from activity where activity_id = {number} and done_on is not null and retired_at = timestamp '9999-12-31'"
    assert house.cursor().execute(done).fetchall() == [("下月再谈",)]
    test.button(key="tasks.undo").click().run()
    assert "今天 1 件" in said(test)


def test_another_list_begins_on_its_first_page(house: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    today = session.today()
    for ahead in (0, 20, 21):
        execute(house, LEAD, RecordInteraction(3, today, today, f"再谈 {ahead}", next_on=today + timedelta(days=ahead)))
    monkeypatch.setattr("lib.ui.tasks.PER_PAGE", 1)
    test = opened(when="today")
    test.session_state["tasks_page-mine-today"] = 2
    test.run()
    assert ("谈了第 1 次" in said(test), "再谈 0" in said(test)) == (False, True)
    test.segmented_control(key="switch-when").set_value("later").run()
    assert not test.exception
    assert ("谈了第 2 次" in said(test), "再谈 20" in said(test)) == (True, False)


@pytest.mark.usefixtures("house")
def test_as_known_at_a_moment_tasks_are_only_read() -> None:
    assert "完成" in popovers(opened())
    then = opened(known_at=session.today().isoformat())
    assert "今天 1 件" in said(then)
    assert "完成" not in popovers(then)


def popovers(test: AppTest) -> set[str]:
    assert not test.exception
    return {block.proto.popover.label for block in test.get("popover")}


def test_two_colleagues_of_one_name_are_told_apart(house: Ledger) -> None:
    with house.transaction() as cursor:
        cursor.execute("update app_user set name = '张伟', role = 'lead', scope = 'all', team = 'north' where user_id in (3, 4)")
    menus = [list(menu.proto.options) for menu in opened().get("menu_button") if menu.proto.label == "交给谁"]
    assert menus == [["张伟 · north · 3", "张伟 · north · 4"]]


def test_nobody_elses_task_is_mine_and_who_only_reads_gets_no_buttons(house: Ledger) -> None:
    ((number,), *_) = house.cursor().execute(OPEN).fetchall()
    execute(house, LEAD, MoveTask(number, session.today(), owner_id=3))
    test = opened(whose="mine")
    assert "谈了第 1 次" not in said(test)
    assert "谈了第 1 次" in said(opened(whose="all"))
    viewer = opened("viewer", whose="all")
    assert not viewer.exception
    assert not [button for button in viewer.button if str(button.key).startswith("complete")]
