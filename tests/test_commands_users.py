"""Who may sign in: rules of adding, changing and passwords."""

from __future__ import annotations

import json
import unicodedata

import pytest

from lib.commands.users import (
    AddUser,
    ChangeUser,
    CreateFirstAdministrator,
    EndSignIns,
    ResetPassword,
    SetLanguage,
    SetPassword,
    normal_username,
)
from lib.domain import passwords
from lib.domain.access import SYSTEM, Actor, Role, Scope
from lib.errors import Conflict, Forbidden, NotFound, Refused
from lib.store import sessions
from lib.store.door import execute
from lib.store.ledger import Ledger

GOOD = "一匹马过了河 horse river"
OTHER = "another sentence entirely"


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords.bcrypt, "gensalt", lambda _=4, gensalt=passwords.bcrypt.gensalt: gensalt(4))


def add(ledger: Ledger, username: str, role: Role = Role.LEAD, **more: object) -> int:
    return execute(ledger, SYSTEM, AddUser(username, username, role, GOOD, **more)).result


def person(ledger: Ledger, username: str) -> dict[str, object]:
    return ledger.cursor().sql("select * from app_user where username = $u", params={"u": username}).to_arrow_table().to_pylist()[0]


def test_a_new_person_gets_the_scope_and_clearance_of_the_role(ledger: Ledger) -> None:
    add(ledger, "Lin", Role.FINANCE)
    found = person(ledger, "lin")
    assert (found["scope"], found["clearance"], found["is_active"]) == ("all", 1, True)


def test_own_team_is_seen_unless_other_teams_are_given(ledger: Ledger) -> None:
    first = add(ledger, "a", team="north")
    second = add(ledger, "b", team="north", teams=("south", "east"))
    seen = ledger.cursor().execute("select user_id, team from user_team order by all").fetchall()
    assert seen == [(first, "north"), (second, "east"), (second, "south")]


@pytest.mark.parametrize("again", ["lin", " LIN ", "Ｌｉｎ"])
def test_a_user_name_is_taken_in_every_spelling(ledger: Ledger, again: str) -> None:
    add(ledger, "Lin")
    with pytest.raises(Conflict):
        add(ledger, again)


@pytest.mark.parametrize("username", ["", "two words", "a" * 65, "semi;colon", "<b>"])
def test_malformed_user_names_are_refused(ledger: Ledger, username: str) -> None:
    with pytest.raises(Refused):
        add(ledger, username)


def test_chinese_user_names_work() -> None:
    assert normal_username(" 王经理 ") == "王经理"


def test_no_password_reaches_the_audit(ledger: Ledger) -> None:
    add(ledger, "lin", Role.ADMIN)
    execute(ledger, SYSTEM, ResetPassword("lin", OTHER))
    execute(ledger, Actor(1, "lin", Role.ADMIN, Scope.ALL), SetPassword(OTHER, GOOD))
    audit = json.dumps(ledger.cursor().execute("select detail, subject from audit").fetchall())
    assert "horse" not in audit
    assert "another" not in audit
    assert "$2b$" not in audit


def test_commands_do_not_print_passwords() -> None:
    assert GOOD not in repr([AddUser("a", "a", Role.LEAD, GOOD), SetPassword(GOOD, GOOD), ResetPassword("a", GOOD)])


def test_only_administrators_add_people(ledger: Ledger) -> None:
    with pytest.raises(Forbidden):
        execute(ledger, Actor(5, "m", Role.MANAGER, Scope.ALL), AddUser("x", "x", Role.LEAD, GOOD))


def test_a_new_role_brings_its_clearance_and_ends_sign_ins(ledger: Ledger) -> None:
    user_id = add(ledger, "lin")
    token = sessions.token_hash(sessions.start(ledger, user_id))
    execute(ledger, SYSTEM, ChangeUser("lin", role=Role.COMPLIANCE))
    assert person(ledger, "lin")["clearance"] == 2
    assert sessions.find(ledger, token) is None


def test_a_new_name_keeps_the_person_signed_in(ledger: Ledger) -> None:
    add(ledger, "root", Role.ADMIN)
    user_id = add(ledger, "lin")
    token = sessions.token_hash(sessions.start(ledger, user_id))
    execute(ledger, SYSTEM, ChangeUser("lin", name="林", scope=Scope.OWN, teams=("south",)))
    found = sessions.find(ledger, token)
    assert found
    assert (found.actor.name, found.actor.scope, found.actor.teams) == ("林", Scope.OWN, ("south",))


def test_the_last_administrator_stays(ledger: Ledger) -> None:
    add(ledger, "one", Role.ADMIN)
    with pytest.raises(Conflict):
        execute(ledger, SYSTEM, ChangeUser("one", is_active=False))
    with pytest.raises(Conflict):
        execute(ledger, SYSTEM, ChangeUser("one", role=Role.LEAD))
    add(ledger, "two", Role.ADMIN)
    execute(ledger, SYSTEM, ChangeUser("one", is_active=False))
    assert person(ledger, "one")["is_active"] is False


def test_deactivation_ends_sign_ins(ledger: Ledger) -> None:
    add(ledger, "root", Role.ADMIN)
    token = sessions.token_hash(sessions.start(ledger, add(ledger, "lin")))
    execute(ledger, SYSTEM, ChangeUser("lin", is_active=False))
    assert sessions.find(ledger, token) is None


def test_own_password_needs_the_old_one(ledger: Ledger) -> None:
    user_id = add(ledger, "lin")
    lin = Actor(user_id, "lin", Role.LEAD, Scope.TEAM)
    token = sessions.token_hash(sessions.start(ledger, user_id))
    for wrong in (SetPassword("wrong", OTHER), SetPassword(GOOD, GOOD), SetPassword(GOOD, "short")):
        with pytest.raises(Refused):
            execute(ledger, lin, wrong)
    assert sessions.find(ledger, token)
    execute(ledger, lin, SetPassword(GOOD, OTHER))
    assert passwords.matches(OTHER, str(person(ledger, "lin")["password_hash"]))
    assert sessions.find(ledger, token) is None


def test_signing_a_person_out_everywhere_ends_every_sign_in(ledger: Ledger) -> None:
    user_id = add(ledger, "lin")
    tokens = [sessions.token_hash(sessions.start(ledger, user_id)) for _ in range(3)]
    execute(ledger, SYSTEM, EndSignIns("lin"))
    assert [sessions.find(ledger, token) for token in tokens] == [None, None, None]


@pytest.mark.parametrize("command", [ChangeUser("nobody", name="x"), ResetPassword("nobody", GOOD), EndSignIns("system")])
def test_unknown_people_are_refused(ledger: Ledger, command: object) -> None:
    with pytest.raises(NotFound):
        execute(ledger, SYSTEM, command)


def test_the_first_administrator_is_made_once(ledger: Ledger) -> None:
    execute(ledger, SYSTEM, CreateFirstAdministrator("boss", "王", GOOD))
    assert person(ledger, "boss")["role"] == "admin"
    with pytest.raises(Conflict):
        execute(ledger, SYSTEM, CreateFirstAdministrator("second", "李", GOOD))


def test_language_is_kept_and_checked(ledger: Ledger) -> None:
    lin = Actor(add(ledger, "lin"), "lin", Role.VIEWER, Scope.TEAM)
    execute(ledger, lin, SetLanguage("en"))
    assert person(ledger, "lin")["language"] == "en"
    with pytest.raises(Refused):
        execute(ledger, lin, SetLanguage("fr"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "weak",
    [
        "short",
        "九个字的中文密码呀",
        "Password123!",
        "1234567890",
        "qwertyuiop",
        "aaaaaaaaaaaa",
        "woaini5201314",
        "admin@2025!!",
        "lin_lin-1234",
        "20251115888",
    ],
)
def test_common_and_short_passwords_are_refused(weak: str) -> None:
    with pytest.raises(Refused):
        passwords.hashed(weak, "linlin")


@pytest.mark.parametrize(
    "good", [GOOD, "十个字的中文句子也行的呀", "x7$Kq9!mPw2z", "长" * 5 + "口令也可以很长，" * 30, "tab\0zero byte sentence"]
)
def test_long_sentences_in_any_script_fit(good: str) -> None:
    kept = passwords.hashed(good)
    assert passwords.matches(good, kept)
    assert not passwords.matches(good + "x", kept)
    assert not passwords.matches(good[:-1], kept)


def test_megabytes_of_a_sign_that_spells_eighteen_others_stay_small() -> None:
    """Who is not signed in yet may send as much as a message holds."""
    flood = "\ufdfa" * 100_000
    assert len(normal_username(flood)) < 10_000
    assert passwords.prepared(flood) != passwords.prepared(unicodedata.normalize("NFKC", flood))  # taken as it came
    assert len(passwords.prepared(flood)) < 100


def test_one_character_written_two_ways_is_one_password() -> None:
    assert passwords.matches("ＡＢＣ defgh 123", passwords.hashed("ABC defgh 123"))
