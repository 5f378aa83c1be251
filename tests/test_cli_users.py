"""`python -m lib user`: people from a shell."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from lib.__main__ import main
from lib.commands.customers import RegisterCustomer
from lib.domain import passwords
from lib.domain.access import SYSTEM
from lib.store.door import execute
from lib.store.ledger import Ledger, ledger_path


@pytest.fixture(autouse=True)
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINGZHANG_LEDGER", str(tmp_path / "ledger.duckdb"))
    monkeypatch.setattr("sys.stdin", io.StringIO("a long enough sentence\n" * 5))
    monkeypatch.setattr(passwords.bcrypt, "gensalt", lambda _=4, gensalt=passwords.bcrypt.gensalt: gensalt(4))


def people(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    capsys.readouterr()
    assert main(["user", "list"]) == 0
    return list(json.loads(capsys.readouterr().out))


def test_people_are_added_changed_and_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["user", "add", "Boss", "--role", "admin", "--password-stdin"]) == 0
    assert main(["user", "add", "lin", "--name", "林", "--role", "lead", "--team", "north", "--sees", "south", "--password-stdin"]) == 0
    assert main(["user", "change", "lin", "--role", "manager", "--scope", "all"]) == 0
    assert main(["user", "password", "lin", "--password-stdin"]) == 0
    found = {row["username"]: row for row in people(capsys)}
    assert set(found) == {"boss", "lin"}
    lin = found["lin"]
    assert (lin["name"], lin["role"], lin["scope"], lin["team"], lin["teams"], lin["active"]) == (
        "林",
        "manager",
        "all",
        "north",
        "south",
        True,
    )


def test_who_sees_no_customer_is_told_so_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    """A manager's sight is by team: without one, or where imported customers have no account manager, every page would be empty."""
    assert main(["user", "add", "boss", "--role", "manager", "--password-stdin"]) == 0
    assert "boss sees no customer now" in capsys.readouterr().err
    assert main(["user", "change", "boss", "--sees", "north"]) == 0
    assert not capsys.readouterr().err, "there are no customers yet"
    with Ledger(ledger_path()) as ledger:
        execute(ledger, SYSTEM, RegisterCustomer("恒源机械"))
    assert main(["user", "change", "boss", "--team", "north"]) == 0
    assert "--scope all" in capsys.readouterr().err
    assert main(["user", "change", "boss", "--scope", "all"]) == 0
    assert not capsys.readouterr().err


def test_people_are_deactivated_but_never_the_last_administrator(capsys: pytest.CaptureFixture[str]) -> None:
    main(["user", "add", "boss", "--role", "admin", "--password-stdin"])
    main(["user", "add", "lin", "--role", "lead", "--password-stdin"])
    assert main(["user", "deactivate", "lin"]) == 0
    assert main(["user", "deactivate", "boss"]) == 1
    assert "last active administrator" in capsys.readouterr().err
    assert {row["username"]: row["active"] for row in people(capsys)} == {"boss": True, "lin": False}
    assert main(["user", "activate", "lin"]) == 0


@pytest.mark.parametrize("arguments", [["password", "nobody", "--password-stdin"], ["deactivate", "nobody"], ["change", "nobody"]])
def test_unknown_people_are_one_sentence_on_stderr(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["user", *arguments]) == 1
    assert capsys.readouterr().err.strip() == "There is no user nobody. Check the user name."
