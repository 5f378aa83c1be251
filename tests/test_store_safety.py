"""Backups: made while people work, proved by restoring, sealed, rotated; restoring never overwrites."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from books import FINANCE, Card, cards, with_customer
from test_store_ledger import shell

from lib.errors import Unusable
from lib.store import safety
from lib.store.door import execute
from lib.store.ledger import Ledger

SECRET = "口令 correct horse"


@pytest.fixture
def filed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ledger]:
    """A ledger file with one card; backups go beside it."""
    monkeypatch.delenv(safety.FOLDER_VARIABLE, raising=False)
    monkeypatch.delenv(safety.PASSPHRASE_VARIABLE, raising=False)
    with Ledger(tmp_path / "books.duckdb") as ledger:
        with_customer(ledger)
        execute(ledger, FINANCE, Card(1, ("a",)))
        yield ledger


def test_a_backup_holds_everything_and_comes_back(filed: Ledger, tmp_path: Path) -> None:
    made = safety.backup(filed)
    assert (made.is_sealed, made.change_id, made.findings) == (False, 2, ())
    assert made.path.stat().st_mode & 0o077 == 0
    assert list(made.path.parent.iterdir()) == [made.path]
    moved, findings = safety.restore(made.path, tmp_path / "other" / "b.duckdb")
    assert (moved, findings) == (None, [])
    with Ledger(tmp_path / "other" / "b.duckdb") as restored:
        assert cards(restored) == {1: ("a",)}
        assert restored.version == 2


def test_a_sealed_backup_shows_nothing_and_opens_for_nobody_else(filed: Ledger, tmp_path: Path) -> None:
    """One test for all of it: deriving a key from a passphrase is slow on purpose."""
    execute(filed, FINANCE, Card(2, ("a name nobody should read",)))
    made = safety.backup(filed, passphrase=SECRET)
    assert made.is_sealed
    assert b"a name nobody" not in made.path.read_bytes()
    assert made.path.read_bytes().startswith(b"age-encryption.org/v1")
    target, secret = tmp_path / "b.duckdb", tmp_path / "secret"
    for passphrase in (None, "guess"):
        with pytest.raises(Unusable):
            safety.restore(made.path, target, passphrase)
    assert not target.exists()
    secret.write_text(SECRET + "\n", "utf-8")
    done = shell(target, "restore", str(made.path), "--passphrase-file", str(secret))
    assert (done.returncode, done.stderr) == (0, "")
    with Ledger(target) as restored:
        assert cards(restored)[2] == ("a name nobody should read",)


def test_a_backup_beside_writers_is_whole(filed: Ledger, tmp_path: Path) -> None:
    stop = threading.Event()

    def write(number: int) -> None:
        turn = 0
        while not stop.is_set():
            execute(filed, FINANCE, Card(number, (str(turn := turn + 1),)))
            filed.jot("insert or replace into draft values ($id, 'form', 'x', now()::timestamp)", {"id": number})

    threads = [threading.Thread(target=write, args=(number,)) for number in range(2, 5)]
    for thread in threads:
        thread.start()
    made = [safety.backup(filed, tmp_path / f"{turn}") for turn in range(3)]
    stop.set()
    for thread in threads:
        thread.join()
    assert [one.findings for one in made] == [()] * 3
    assert made[0].change_id < made[1].change_id < made[2].change_id <= filed.version


def test_the_file_stays_locked_after_a_backup(filed: Ledger) -> None:
    safety.backup(filed)
    code = f"import duckdb; duckdb.connect({str(filed.path)!r})"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 1


def test_a_ledger_with_broken_books_is_still_backed_up_and_said_to_be(filed: Ledger) -> None:
    filed.jot("update audit set detail = '{}' where change_id = 2", {})
    made = safety.backup(filed)
    assert [finding.check for finding in made.findings] == ["audit_chain"]
    assert made.path.exists()


def test_a_folder_that_cannot_be_written_is_refused(filed: Ledger, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, not a folder")
    with pytest.raises(Unusable):
        safety.backup(filed, tmp_path / "taken")


def test_a_ledger_in_memory_has_no_backup() -> None:
    with Ledger(":memory:") as ledger:
        with pytest.raises(Unusable):
            safety.backup(ledger)
        assert safety.daily(ledger) is None


def test_restore_refuses_an_existing_file_and_with_force_keeps_it(filed: Ledger, tmp_path: Path) -> None:
    made = safety.backup(filed)
    target = tmp_path / "b.duckdb"
    target.write_bytes(b"someone's file")
    with pytest.raises(Unusable, match="was not overwritten"):
        safety.restore(made.path, target)
    moved, _ = safety.restore(made.path, target, force=True)
    assert moved is not None
    assert moved.read_bytes() == b"someone's file"
    with Ledger(target) as restored:
        assert cards(restored) == {1: ("a",)}


def test_restore_over_a_ledger_in_use_is_refused(filed: Ledger) -> None:
    made = safety.backup(filed)
    done = shell(Path(filed.path), "restore", str(made.path), "--force")
    assert done.returncode == 1
    assert "in use" in done.stderr
    assert cards(filed) == {1: ("a",)}


@pytest.mark.parametrize("harm", [slice(0, 20000), slice(3000, None)])
def test_a_damaged_backup_is_refused_and_nothing_is_put_in_place(filed: Ledger, tmp_path: Path, harm: slice) -> None:
    made = safety.backup(filed)
    made.path.write_bytes(made.path.read_bytes()[harm])
    with pytest.raises(Unusable):
        safety.restore(made.path, tmp_path / "b.duckdb")
    assert not (tmp_path / "b.duckdb").exists()


def test_one_backup_a_day_and_old_ones_go(tmp_path: Path) -> None:
    now = [datetime(2026, 3, 1, 8)]
    with Ledger(tmp_path / "books.duckdb", clock=lambda: now[0]) as ledger:
        with_customer(ledger)
        first = safety.daily(ledger)
        assert first is not None
        assert safety.daily(ledger) is None
        now[0] += timedelta(days=60)
        second = safety.daily(ledger)
        assert second is not None
    assert [one.path for one in safety.backups(tmp_path / "backups")] == [second.path]


def test_ledgers_that_share_a_folder_keep_their_own_backups(tmp_path: Path) -> None:
    folder, now = tmp_path / "backups", datetime(2026, 3, 1, 8)
    for name in ("demo", "own"):
        with Ledger(tmp_path / f"{name}.duckdb", clock=lambda: now) as ledger:
            with_customer(ledger)
            assert safety.daily(ledger) is not None
    with Ledger(tmp_path / "demo.duckdb", clock=lambda: now + timedelta(days=60)) as ledger:
        safety.daily(ledger)
    assert [one.path.name.split("-")[0] for one in safety.backups(folder)] == ["demo", "own"]


def test_rotation_keeps_seven_days_and_five_weeks() -> None:
    """Twice a day for 60 days up to Sunday 1 March 2026: the last of each of seven days, then of each week."""
    now = datetime(2026, 3, 1, 20)
    found = [safety.Backup(Path(f"{hours}"), now - timedelta(hours=hours), 1) for hours in range(0, 60 * 24, 12)]
    gone = safety.superfluous(found, now)
    kept = [one.made_at for one in found if one not in gone]
    assert [moment.date().day for moment in kept] == [1, 28, 27, 26, 25, 24, 23, 22, 15, 8, 1]
    assert all(moment.hour == 20 for moment in kept)
    assert safety.superfluous(found[:1], now + timedelta(days=900)) == []


def test_check_from_a_shell_lists_every_rule(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    done = shell(path, "check")
    found = json.loads(done.stdout)
    assert done.returncode == 0
    assert {"check_entry_amount", "audit_chain", "file_readable"} <= {one["check"] for one in found}
    assert all(one["rows"] == 0 for one in found)
    with Ledger(path) as ledger:
        with_customer(ledger)
        ledger.jot("update posting set amount = 1", {})
        ledger.jot("update audit set detail = '{}'", {})
    done = shell(path, "check")
    assert done.returncode == 1
    assert "audit_chain" in done.stderr


def test_backup_and_restore_from_a_shell(tmp_path: Path) -> None:
    path, other = tmp_path / "a.duckdb", tmp_path / "b.duckdb"
    with Ledger(path) as ledger:
        with_customer(ledger)
    (made,) = json.loads(shell(path, "backup", "--rotate").stdout)
    assert not made["sealed"]
    assert shell(path, "restore", made["file"]).returncode == 1
    done = shell(path, "restore", made["file"], "--to", str(other))
    assert (done.returncode, done.stderr) == (0, "")
    assert shell(other, "check").returncode == 0
