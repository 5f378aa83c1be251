"""The README's worked examples at work. Not collected by itself: `test_docs.py` runs it in a copy of the tree with the blocks applied."""

from __future__ import annotations

import getpass
import shlex
from datetime import date, timedelta
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

import books
import desk
import pytest
import readme
import signin

from lib import metrics
from lib.__main__ import main
from lib.commands.promises import RecordPromise
from lib.commands.receivables import IssueCredit
from lib.commands.undo import Undo
from lib.domain.access import Actor, Role, Scope
from lib.errors import Forbidden, NotFound
from lib.store import safety
from lib.store.door import execute
from lib.store.ledger import Ledger
from lib.ui import session
from lib.ui.shell import MENU

LEAD = Actor(2, "Lead", Role.LEAD, Scope.TEAM, ("north",))
VIEWER = Actor(1, "Viewer", Role.VIEWER, Scope.TEAM, ("north",))
SOUTH = Actor(7, "Lead", Role.LEAD, Scope.TEAM, ("south",))
DAY = date(2026, 3, 4)


@pytest.fixture
def house(house: Ledger) -> Ledger:
    desk.furnish(house)
    return house


def promised(house: Ledger, days: int, amount: int) -> None:
    today = session.today()
    execute(house, LEAD, RecordPromise(1, today + timedelta(days=days), today, Decimal(amount), confirmed=True))


@pytest.mark.parametrize(("language", "title"), [("zh", "还款承诺"), ("en", "Promises")])
def test_page_shows_a_manager_the_next_promise_first(house: Ledger, language: Any, title: str) -> None:
    promised(house, 9, 200)
    promised(house, 3, 100)
    test = signin.signed_in("manager", language, "pages/promises.py").run()
    assert not test.exception
    assert test.title[0].value == title
    assert list(test.dataframe[0].value["amount"]) == [100, 200]


@pytest.mark.parametrize("who", ["viewer", "compliance"])
def test_page_refuses_who_may_not_record_promises(house: Ledger, who: str) -> None:
    promised(house, 3, 100)
    test = signin.signed_in(who, path="pages/promises.py").run()
    assert not test.exception
    assert test.error
    assert not test.dataframe


@pytest.mark.usefixtures("house")
def test_page_of_another_team_is_empty(house: Ledger) -> None:
    promised(house, 3, 100)
    test = signin.signed_in("lead_south", path="pages/promises.py").run()
    assert not test.exception
    assert not test.dataframe


def test_page_is_in_the_menu() -> None:
    assert [page.name for page in MENU if page.path.exists()].count("promises") == 1


def test_metric_is_measured_and_its_rows_add_up_to_it(house: Ledger) -> None:
    execute(house, desk.FINANCE, IssueCredit(1, Decimal(30), DAY, DAY))
    execute(house, desk.FINANCE, IssueCredit(1, Decimal("12.50"), DAY - timedelta(days=1), DAY, invoice_id=1))
    execute(house, desk.FINANCE, IssueCredit(1, Decimal(7), DAY - timedelta(days=7), DAY))
    *_, before, now = metrics.measure(house, desk.FINANCE, ["credited_amount"], DAY)
    assert (before.value, now.value, now.week_on) == (Decimal(7), Decimal("42.50"), date(2026, 3, 2))
    behind = metrics.rows_behind(house, desk.FINANCE, "credited_amount", DAY)
    assert sum(row["amount"] for row in behind) == now.value


def test_command_marks_the_contact_and_undo_takes_the_mark_away(house: Ledger) -> None:
    stop = import_module("lib.commands.wishes").StopContact(1)
    execute(house, desk.FINANCE, books.Card(1, ("王工",)))
    receipt = execute(house, LEAD, stop)
    assert marks(house) == [("王工", True)]
    with pytest.raises(NotFound):
        execute(house, LEAD, stop)
    execute(house, LEAD, Undo(receipt.change_id))
    assert marks(house) == [("王工", False)]


def test_command_refuses_viewers_and_other_teams(house: Ledger) -> None:
    stop = import_module("lib.commands.wishes").StopContact(1)
    execute(house, desk.FINANCE, books.Card(1, ("王工",)))
    with pytest.raises(Forbidden):
        execute(house, VIEWER, stop)
    with pytest.raises(NotFound):
        execute(house, SOUTH, stop)
    assert marks(house) == [("王工", False)]


def test_button_beside_the_contact_runs_the_command(house: Ledger) -> None:
    execute(house, desk.FINANCE, books.Card(1, ("王工",)))
    test = signin.signed_in("manager", path="pages/customer.py")
    test.query_params["customer"] = "1"
    test.session_state["customer-tabs"] = "联系人"
    test.run()
    test.button(key="stop-1").click().run()
    assert not test.exception
    assert (marks(house), "stop-1" in {button.key for button in test.button}) == ([("王工", True)], False)


def marks(ledger: Ledger) -> list[tuple[str, bool]]:
    return ledger.cursor().execute("select name, do_not_contact from contact where retired_at = timestamp '9999-12-31'").fetchall()


def test_shell_lines_run_as_printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Those of the README, then those of the operations guide, on one ledger; a printed answer is the answer."""
    monkeypatch.chdir(readme.ROOT)
    monkeypatch.setattr(getpass, "getpass", lambda _: "一句别人想不到的话 42")
    for line, answer in readme.shell(readme.ENGLISH) + readme.shell(readme.OPERATIONS):
        word, *rest = shlex.split(line)
        if word == "export":
            name, _, value = rest[0].partition("=")
            monkeypatch.setenv(name, value)
        elif word == "python":
            assert rest[:2] == ["-m", "lib"], line
            capsys.readouterr()
            assert main([newest_backup() if part == "BACKUP" else part for part in rest[2:]]) == 0, f"{line}: {capsys.readouterr().err}"
            assert answer in {None, capsys.readouterr().out}, line
        else:
            assert word in {"make", "."}, line


def newest_backup() -> str:
    return str(safety.backups(Path("data/backups"))[0].path)
