"""The administration page: people, audit and backups, each for those who may."""

from __future__ import annotations

from pathlib import Path

import pytest
from signin import PASSWORD, signed_in
from streamlit.testing.v1 import AppTest

from lib.commands.users import ChangeUser, SetLanguage
from lib.domain.access import CLEARANCE_LABEL, SYSTEM, Actor, Role, Scope
from lib.store import sessions
from lib.store.door import execute
from lib.store.ledger import Ledger


def page(who: str = "admin", corner: str | None = None, **query: str) -> AppTest:
    test = signed_in(who, path="pages/administration.py")
    test.query_params.update(query)
    if corner:
        test.session_state["corner"] = corner
    test.run()
    assert not test.exception
    return test


def column(test: AppTest, name: str) -> list[str]:
    return [str(value) for value in test.dataframe[0].value[name]]


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize(
    ("who", "corners"),
    [("admin", ["用户", "审计记录", "备份"]), ("compliance", ["审计记录"]), ("manager", ["审计记录"])],
)
def test_each_role_sees_its_corners(who: str, corners: list[str]) -> None:
    assert [tab.label for tab in page(who).tabs] == corners


@pytest.mark.usefixtures("house")
def test_everyone_is_listed_but_the_house_itself() -> None:
    names = column(page(), "username")
    assert len(names) == 7
    assert "system" not in names


def test_a_person_is_added_and_can_sign_in(house: Ledger) -> None:
    test = page()
    test.text_input(key="add-0-username").input("new.one")
    test.text_input(key="add-0-name").input("新人")
    test.text_input(key="add-0-password").input("一句很长的初始口令呀")
    next(button for button in test.button if button.label == "添加用户").click().run()
    assert not test.error
    assert "new.one" in column(test, "username")
    found = house.cursor().execute("select name, role, scope from app_user where username = 'new.one'").fetchall()
    assert found == [("新人", "lead", "team")]


@pytest.mark.usefixtures("house")
def test_a_weak_password_is_refused_in_words() -> None:
    test = page()
    test.text_input(key="add-0-username").input("new.one")
    test.text_input(key="add-0-name").input("新人")
    test.text_input(key="add-0-password").input("short")
    next(button for button in test.button if button.label == "添加用户").click().run()
    assert "密码至少要" in test.error[0].value
    assert (test.text_input(key="add-0-username").value, test.text_input(key="add-0-name").value) == ("new.one", "新人")
    test.text_input(key="add-0-password").input("一句很长的初始口令呀")
    next(button for button in test.button if button.label == "添加用户").click().run()
    assert test.text_input(key="add-1-username").value == ""


def test_who_gets_a_team_later_sees_its_customers(house: Ledger) -> None:
    execute(house, SYSTEM, ChangeUser("lead", teams=()))
    test = page(user="lead")
    assert test.multiselect(key="teams_lead").value == []
    next(button for button in test.button if button.label == "保存").click().run()
    assert house.cursor().execute("select team from user_team where user_id = 2").fetchall() == [(test.text_input(key="team_lead").value,)]


def test_a_team_can_be_taken_away_and_who_then_sees_nobody_is_named(house: Ledger) -> None:
    test = page(user="lead")
    assert not test.warning
    test.text_input(key="team_lead").input("")
    test.multiselect(key="teams_lead").set_value([])
    next(button for button in test.button if button.label == "保存").click().run()
    assert house.cursor().execute("select team from app_user where username = 'lead'").fetchone() == (None,)
    assert "什么客户都看不到" in page().warning[0].value


def test_a_new_team_is_typed_into_a_plain_field(house: Ledger) -> None:
    test = page()
    test.text_input(key="add-0-username").input("new.one")
    test.text_input(key="add-0-name").input("新人")
    test.text_input(key="team_add-0").input(" 西南 ")
    test.text_input(key="add-0-password").input("一句很长的初始口令呀")
    next(button for button in test.button if button.label == "添加用户").click().run()
    assert not test.exception
    sql = "select app_user.team, user_team.team from app_user join user_team using (user_id) where username = 'new.one'"
    assert house.cursor().execute(sql).fetchall() == [("西南", "西南")]


def test_a_brace_in_a_name_or_a_team_is_a_brace(house: Ledger) -> None:
    execute(house, SYSTEM, ChangeUser("lead", name="林{", team="", teams=()))
    execute(house, SYSTEM, ChangeUser("admin", team="A{B"))
    test = page(user="lead")
    assert "林{" in test.warning[0].value.replace("\\", "")
    assert "A{B" in test.text_input(key="team_lead").help.replace("\\", "")


@pytest.mark.usefixtures("house")
def test_clearance_is_said_in_words() -> None:
    """A level of -1 said nothing to who gives out roles."""
    test = page()
    assert set(column(test, "clearance")) <= {label.zh for label in CLEARANCE_LABEL.values()}


def test_a_new_role_is_saved_with_its_clearance(house: Ledger) -> None:
    test = page(user="lead")
    test.selectbox(key="role_lead").select(Role.COMPLIANCE)
    next(button for button in test.button if button.label == "保存").click().run()
    assert not test.exception
    assert house.cursor().execute("select role, clearance from app_user where username = 'lead'").fetchall() == [("compliance", 2)]


def test_a_person_is_signed_out_everywhere(house: Ledger) -> None:
    token = sessions.token_hash(sessions.start(house, 2))
    test = page(user="lead")
    test.button(key="end_lead").click().run()
    assert sessions.find(house, token) is None


def test_the_audit_names_changes_in_words(house: Ledger) -> None:
    execute(house, SYSTEM, ChangeUser("lead", name="林"))
    assert column(page(corner="审计记录"), "command") == ["更改用户"]
    house.jot("update audit set command = 'BuildDemo'", {})
    house.version += 1
    assert column(page(corner="审计记录"), "command") == ["建立演示公司"]


def test_a_manager_sees_what_the_own_team_did_and_no_more(house: Ledger) -> None:
    for user_id in (1, 2, 7):
        execute(house, Actor(user_id, "", Role.LEAD, Scope.TEAM), SetLanguage("zh"))
    assert sorted(column(page("manager"), "made_by")) == ["Lead", "Viewer"]
    assert len(column(page("compliance"), "made_by")) == 3


def test_a_broken_chain_is_found(house: Ledger) -> None:
    execute(house, SYSTEM, ChangeUser("lead", name="林"))
    test = page(corner="审计记录")
    assert "审计链完整" in test.button(key="verify").click().run().success[0].value
    house.jot("update audit set detail = '{}'", {})
    assert "更改 1 处断开" in test.button(key="verify").click().run().error[0].value


def test_a_backup_is_made_and_listed(house: Ledger, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MINGZHANG_BACKUPS", str(tmp_path / "copies"))
    test = page(corner="备份")
    test.button(key="back_up").click().run()
    assert "备份完成并已核对" in test.success[0].value
    assert len(list((tmp_path / "copies").iterdir())) == 1
    assert house.version == 0
    assert PASSWORD not in test.success[0].value
