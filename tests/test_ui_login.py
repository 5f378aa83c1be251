"""Signing in and out as a person sees it, and what the session tells pages."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from signin import PASSWORD, ROOT, signed_in
from streamlit.testing.v1 import AppTest

from lib.commands.users import ChangeUser, EndSignIns, SetPassword
from lib.domain.access import SYSTEM, Actor, Role, Scope
from lib.store import sessions
from lib.store.door import Change, execute
from lib.store.ledger import Ledger
from lib.ui import first_start, handover, session, throttle

PAGES = sorted((ROOT / "pages").glob("*.py"))
WRONG = "用户名或密码不正确。请检查后重新输入。"


@pytest.fixture(autouse=True)
def plain_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One small page in the menu: these tests are about the frame around pages."""
    monkeypatch.setattr("lib.ui.page.FOLDER", tmp_path)
    (tmp_path / "overview.py").write_text("from lib.ui import session\nsession.require(None)\n")


def app() -> AppTest:
    return AppTest.from_file(str(ROOT / "tests" / "entry.py"), default_timeout=30)


def sign_in(test: AppTest, username: str, password: str) -> AppTest:
    test.text_input[0].input(username)
    test.text_input[1].input(password)
    return test.button[0].click().run()


def is_inside(test: AppTest) -> bool:
    assert not test.exception
    return session.SIGN_IN_KEY in test.session_state


def said(test: AppTest) -> list[str]:
    return [element.value for element in [*test.error, *test.warning, *test.info]]


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize("username", ["lead", " LEAD ", "ｌｅａｄ"])
def test_the_right_password_opens_the_house(username: str) -> None:
    test = sign_in(app().run(), username, PASSWORD)
    assert is_inside(test)
    assert not test.text_input or all(field.key != "Password" for field in test.text_input)


@pytest.mark.usefixtures("house")
def test_wrong_password_and_unknown_person_read_the_same() -> None:
    known, unknown = sign_in(app().run(), "lead", "not the password"), sign_in(app().run(), "nobody", "not the password")
    assert said(known) == said(unknown) == [WRONG]
    assert not is_inside(known)
    assert not is_inside(unknown)


def test_a_deactivated_person_reads_as_unknown(house: Ledger) -> None:
    execute(house, SYSTEM, ChangeUser("lead", is_active=False))
    assert said(sign_in(app().run(), "lead", PASSWORD)) == [WRONG]


@pytest.mark.usefixtures("house")
def test_empty_fields_are_asked_for() -> None:
    assert said(sign_in(app().run(), "", "")) == ["请输入用户名和密码。"]


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize("username", ["lead", "nobody"])
def test_guessing_makes_one_wait_known_or_not(username: str) -> None:
    first_start.guesses()._clock = lambda: 0.0  # no time passes, however slow the machine
    test = app().run()
    for _ in range(throttle.ACCOUNT.free):
        assert said(sign_in(test, username, "a wrong guess")) == [WRONG]
    assert "尝试次数过多" in said(sign_in(test, username, PASSWORD))[0]
    assert is_inside(sign_in(app().run(), "manager", PASSWORD))


def test_waits_grow_end_and_are_forgotten() -> None:
    now = 0.0
    tries = throttle.Throttle(lambda: now)
    limit = throttle.Limit(free=3, longest_seconds=8)
    waits = []
    for _ in range(10):
        while (wait := tries.take({"a": limit})) > 0:
            waits.append(wait)
            now += wait
    assert waits == [1.0, 2.0, 4.0, 8.0, 8.0, 8.0, 8.0]
    now += throttle.FORGOTTEN_AFTER_SECONDS
    assert [tries.take({"a": limit}) for _ in range(3)] == [0.0, 0.0, 0.0]


def test_a_refused_try_does_not_prolong_the_wait() -> None:
    now = 0.0
    tries = throttle.Throttle(lambda: now)
    limit = throttle.Limit(free=1, longest_seconds=60)
    tries.take({"a": limit})
    now = 0.5
    assert [tries.take({"a": limit}) for _ in range(100)] == [0.5] * 100


def test_the_right_password_frees_the_account() -> None:
    tries = throttle.Throttle(lambda: 0.0)
    for _ in range(20):
        assert tries.take({"account": throttle.ACCOUNT, "address": throttle.ADDRESS}) == 0
        tries.forgive("account", "address")


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:10.0.0.1", "::ffff:10.0.0.2", False),
        ("10.0.0.1", "10.0.0.2", False),
        (None, "", True),
    ],
)
def test_a_connection_with_many_addresses_gets_no_more_guesses(one: str | None, other: str, is_same: bool) -> None:
    assert (throttle.address_key(one) == throttle.address_key(other)) is is_same


def test_the_memory_of_tries_stays_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "_MOST_KEYS", 10)
    tries = throttle.Throttle(lambda: 0.0)
    for number in range(100):
        tries.take({str(number): throttle.ACCOUNT})
    assert len(tries._tries) <= 10


def test_a_ticket_is_good_once_and_soon() -> None:
    now = 0.0
    tickets = handover.Tickets(lambda: now)
    first, second = tickets.issue("token"), tickets.issue("token")
    assert [tickets.redeem(first), tickets.redeem(first), tickets.redeem("unknown")] == ["token", None, None]
    now = 31.0
    assert tickets.redeem(second) is None


@pytest.mark.parametrize("age", [sessions.IDLE, sessions.ABSOLUTE])
def test_sign_ins_end_by_themselves(house: Ledger, age: timedelta) -> None:
    test = signed_in("lead").run()
    assert is_inside(test)
    column = "seen_at" if age == sessions.IDLE else "created_at"
    house.jot(f"update login_session set {column} = {column} - $age", {"age": age + timedelta(minutes=1)})
    test.run()
    assert not is_inside(test)
    assert "您已退出登录" in said(test)[0]


def test_a_clock_set_back_keeps_no_sign_in_open(house: Ledger) -> None:
    token = sessions.token_hash(sessions.start(house, 1))
    house.jot("update login_session set seen_at = seen_at + $age", {"age": timedelta(minutes=29)})
    assert sessions.find(house, token)
    house.jot("update login_session set seen_at = seen_at + $age", {"age": timedelta(minutes=2)})
    assert sessions.find(house, token) is None


def test_an_active_person_stays_signed_in(house: Ledger) -> None:
    test = signed_in("lead").run()
    house.jot("update login_session set seen_at = seen_at - $age", {"age": timedelta(minutes=20)})
    test.run()
    house.jot("update login_session set seen_at = seen_at - $age", {"age": timedelta(minutes=20)})
    assert is_inside(test.run())


@pytest.mark.parametrize(
    ("command", "by"),
    [
        (ChangeUser("lead", is_active=False), SYSTEM),
        (ChangeUser("lead", role=Role.VIEWER), SYSTEM),
        (EndSignIns("lead"), SYSTEM),
        (SetPassword(PASSWORD, "something new and long"), Actor(2, "lead", Role.LEAD, Scope.TEAM)),
    ],
    ids=["deactivated", "role", "ended", "password"],
)
def test_what_changes_an_account_ends_it_in_every_tab_at_the_next_click(house: Ledger, command: object, by: Actor) -> None:
    tabs = [signed_in("lead").run() for _ in range(2)]
    execute(house, by, command)
    assert [is_inside(tab.run()) for tab in tabs] == [False, False]


def test_scope_bites_at_the_next_click_without_signing_out(house: Ledger) -> None:
    test = signed_in("manager").run()
    execute(house, SYSTEM, ChangeUser("manager", scope=Scope.OWN))
    assert is_inside(test.run())
    found = sessions.find(house, test.session_state[session.SIGN_IN_KEY])
    assert found
    assert found.actor.scope is Scope.OWN


@pytest.mark.usefixtures("house")
def test_signing_out_ends_the_sign_in_on_the_server() -> None:
    test = signed_in("lead").run()
    hashed = test.session_state[session.SIGN_IN_KEY]
    test.button(key="sign_out").click().run()
    assert not is_inside(test)
    assert sessions.find(session.ledger(), hashed) is None


@pytest.mark.usefixtures("house")
def test_language_is_switched_in_the_page_and_kept() -> None:
    test = signed_in("lead").run()
    test.segmented_control(key="my_language").set_value("en").run()
    assert test.button(key="sign_out").label == "Sign out"
    again = signed_in("lead", "en").run()
    assert again.button(key="sign_out").label == "Sign out"


@pytest.mark.usefixtures("house")
def test_language_chosen_before_signing_in_stays() -> None:
    test = app().run()
    test.segmented_control[0].set_value("en").run()
    assert test.button[0].label == "Sign in"
    sign_in(test, "lead", PASSWORD)
    assert test.button(key="sign_out").label == "Sign out"


@pytest.mark.usefixtures("house")
def test_own_password_is_changed_in_the_page() -> None:
    test = signed_in("lead").run()
    test.text_input(key="my_old_password").input(PASSWORD)
    test.text_input(key="my_new_password").input("a new and longer sentence")
    test.text_input(key="my_new_password_again").input("a new and longer sentence")
    next(button for button in test.button if button.label == "修改密码").click().run()
    assert not is_inside(test.run())
    assert is_inside(sign_in(test, "lead", "a new and longer sentence"))


@pytest.mark.usefixtures("house")
def test_the_old_password_is_not_guessed_without_end() -> None:
    """Whoever found a signed-in browser could try a thousand; the tries count together with those at the door."""
    test = signed_in("lead_south").run()
    for number in range(6):
        test.text_input(key="my_old_password").input(f"guess number {number}")
        test.text_input(key="my_new_password").input("a new and longer sentence")
        test.text_input(key="my_new_password_again").input("a new and longer sentence")
        next(button for button in test.button if button.label == "修改密码").click().run()
    assert any("尝试次数过多" in words for words in said(test))


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_every_page_file_refuses_on_its_own(path: Path) -> None:
    test = AppTest.from_file(str(path), default_timeout=30).run()
    assert said(test)[0].startswith("请先登录")
    assert not any([test.title, test.dataframe, test.metric, test.button, test.text_input])
    assert not test.exception


@pytest.fixture
def empty_house(monkeypatch: pytest.MonkeyPatch, house: Ledger) -> Ledger:
    house.jot("delete from app_user where user_id > 0", {})
    monkeypatch.setattr(first_start, "code", lambda: "ABCDEFGHJK")
    return house


def found_house(test: AppTest, code: str, again: str = PASSWORD) -> AppTest:
    for key, value in {"code": code, "username": "boss", "name": "王", "password": PASSWORD, "again": again}.items():
        test.text_input(key=f"first_{key}").input(value)
    return test.button[0].click().run()


@pytest.mark.usefixtures("empty_house")
def test_an_empty_house_takes_its_administrator_with_the_code() -> None:
    test = app().run()
    assert said(found_house(test, "WRONGCODE1")) == ["代码不对。请照终端里显示的输入。"]
    assert said(found_house(test, "ABCDEFGHJK", again="different")) == ["两次输入的密码不同。"]
    assert is_inside(found_house(test, " abcdefghjk "))
    assert not first_start.needed()


@pytest.mark.usefixtures("empty_house")
def test_the_code_cannot_be_guessed_fast() -> None:
    first_start.guesses()._clock = lambda: 0.0
    test = app().run()
    for _ in range(throttle.ACCOUNT.free):
        found_house(test, "WRONGCODE1")
    assert "尝试次数过多" in said(found_house(test, "ABCDEFGHJK"))[0]


def dates(**query: str) -> dict[str, object]:
    test = AppTest.from_string(
        "import streamlit as st\nfrom lib.ui import session\nst.json({'today': str(session.today()),"
        "'as_of': str(session.as_of()), 'known_at': str(session.known_at())})"
    )
    for name, value in query.items():
        test.query_params[name] = value
    test.run()
    assert not test.exception
    return dict(json.loads(test.json[0].value))


def settle(house: Ledger, body: str) -> None:
    with house.transaction() as cursor:
        change = Change(cursor, SYSTEM, house.version + 1, datetime(2020, 1, 1))
        change.insert("policy", [{"policy_id": 1, "kind": "settings", "effective_on": date(2020, 1, 1), "body": body, "reason": ""}])
    house.advance(house.version + 1, {"policy"})


def test_today_is_the_business_day(house: Ledger) -> None:
    house.clock = lambda: datetime(2025, 11, 15, 16, 30)
    assert dates()["today"] == "2025-11-16"
    settle(house, '{"time_zone": "Europe/London"}')
    assert dates()["today"] == "2025-11-15"


def test_the_demo_company_lives_on_its_day(house: Ledger) -> None:
    settle(house, '{"demo_date": "2025-06-30"}')
    assert dates() == {"today": "2025-06-30", "as_of": "2025-06-30", "known_at": "None"}
    assert session.today() == date(2025, 6, 30)


@pytest.mark.usefixtures("house")
def test_dates_come_from_the_address() -> None:
    found = dates(as_of="2025-02-28", known_at="2025-03-01")
    assert (found["as_of"], found["known_at"]) == ("2025-02-28", "2025-03-01 15:59:59.999999")
    assert dates(known_at="2025-03-01T08:00:00")["known_at"] == "2025-03-01 08:00:00"
    assert dates(as_of="0001-01-01")["as_of"] == "1900-01-01"


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize("nonsense", ["", "yesterday", "2025-13-40", "'; drop table posting; --"])
def test_nonsense_in_the_address_counts_as_not_given(nonsense: str) -> None:
    found = dates(as_of=nonsense, known_at=nonsense)
    assert (found["as_of"], found["known_at"]) == (found["today"], "None")


def test_the_cookie_is_fetched_even_when_the_page_refuses(house: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else whoever signs in at the address of a closed page is signed out by the next reload."""
    (tmp_path / "overview.py").write_text("import streamlit as st\nst.stop()\n")
    errands: list[str] = []
    monkeypatch.setattr(handover, "mount", errands.append)
    signed_in("lead").run()
    assert errands == ["zh"]
    assert house
