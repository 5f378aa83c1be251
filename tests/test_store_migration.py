"""Steps: once each, in one transaction, after a copy of what was there, and never against a file they do not know."""

from __future__ import annotations

import hashlib
import json
import shutil
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
from books import with_customer

from lib.errors import Unusable
from lib.store import migration
from lib.store.door import GENESIS, broken_link
from lib.store.ledger import Ledger

NEXT = "create table later_thing (thing_id integer primary key);\ninsert into later_thing values (1);"


@pytest.fixture
def sql(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the steps that a test may change."""
    copied = tmp_path / "sql"
    shutil.copytree(migration.SQL, copied)
    monkeypatch.setattr(migration, "SQL", copied)
    return copied


@pytest.fixture
def path(tmp_path: Path, sql: Path) -> Path:
    """A ledger with one customer, of today's version."""
    assert sql
    made = tmp_path / "books" / "a.duckdb"
    made.parent.mkdir()
    with Ledger(made) as ledger:
        with_customer(ledger)
    return made


def customers(path: Path) -> list[tuple[int]]:
    with duckdb.connect(str(path)) as plain:
        return plain.execute("select customer_id from customer_record").fetchall()


def test_a_new_step_runs_once_after_a_copy(path: Path, sql: Path) -> None:
    (sql / "schema" / "9999_later.sql").write_text(NEXT)
    for _ in range(2):
        with Ledger(path) as ledger:
            assert ledger.cursor().execute("select count(*) from later_thing").fetchone() == (1,)
            assert ledger.version == 1
    (copied,) = path.parent.glob("*.before-step-*")
    assert customers(copied) == [(1,)]
    with duckdb.connect(str(copied)) as plain:
        assert plain.execute("select count(*) from duckdb_tables() where table_name = 'later_thing'").fetchone() == (0,)


def test_the_copy_keeps_the_lock(path: Path, sql: Path) -> None:
    import subprocess  # noqa: PLC0415
    import sys  # noqa: PLC0415

    (sql / "schema" / "9999_later.sql").write_text(NEXT)
    with Ledger(path):
        code = f"import duckdb; duckdb.connect({str(path)!r})"
        assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 1


def test_a_first_start_makes_no_copy(path: Path) -> None:
    assert list(path.parent.iterdir()) == [path]


def test_a_broken_step_leaves_nothing_of_itself(path: Path, sql: Path) -> None:
    (sql / "schema" / "9999_later.sql").write_text(NEXT + "\nselect no_such_column from customer_record;")
    with pytest.raises(duckdb.Error):
        Ledger(path)
    assert customers(path) == [(1,)]
    (sql / "schema" / "9999_later.sql").write_text(NEXT)
    with Ledger(path) as ledger:
        assert ledger.cursor().execute("select count(*) from later_thing").fetchone() == (1,)


def test_a_step_changed_after_it_ran_stops_the_start(path: Path, sql: Path) -> None:
    step = sql / "schema" / "0001_people.sql"
    step.write_text(step.read_text("utf-8") + "\n-- edited\n")
    with pytest.raises(Unusable) as refusal:
        Ledger(path)
    assert "0001_people" in refusal.value.say("zh")
    assert customers(path) == [(1,)]


def test_a_broken_view_stops_the_start(path: Path, sql: Path) -> None:
    (sql / "views" / "99_broken.sql").write_text("create or replace view broken as select nothing from customer_record;")
    with pytest.raises(duckdb.Error):
        Ledger(path)


def test_views_are_declared_again_only_when_their_text_changes(path: Path, sql: Path) -> None:
    def one() -> list[tuple[int]]:
        with Ledger(path) as ledger:
            return ledger.cursor().execute("select one from extra").fetchall()

    extra = sql / "views" / "99_extra.sql"
    extra.write_text("create or replace view extra as select 1 as one;")
    assert one() == [(1,)]
    with duckdb.connect(str(path)) as plain:
        plain.execute("create or replace view extra as select 0 as one")
    assert one() == [(0,)]
    extra.write_text("create or replace view extra as select 2 as one;")
    assert one() == [(2,)]


def test_a_broken_view_leaves_the_others_as_they_were(path: Path, sql: Path) -> None:
    extra = sql / "views" / "98_extra.sql"
    extra.write_text("create or replace view extra as select 1 as one;")
    with Ledger(path):
        pass
    extra.write_text("create or replace view extra as select 2 as one;")
    broken = sql / "views" / "99_broken.sql"
    broken.write_text("create or replace view broken as select nothing from customer_record;")
    with pytest.raises(duckdb.Error):
        Ledger(path)
    broken.unlink()
    extra.write_text("create or replace view extra as select 1 as one;")
    with Ledger(path) as ledger:
        assert ledger.cursor().execute("select one from extra").fetchall() == [(1,)]


def test_a_chain_begun_before_changes_named_their_customer_stays_whole(tmp_path: Path) -> None:
    """A ledger of the first three steps with one audited change, sealed as it was then."""
    first_three = migration.steps()[:3]
    made = tmp_path / "a.duckdb"
    names = ("change_id", "made_at", "user_id", "command", "subject", "detail", "request_key", "undoes", "prev_hash")
    row = dict(zip(names, (1, datetime(2026, 1, 1), 0, "RecordInteraction", "customer C001", "{}", None, None, GENESIS), strict=True))
    row["hash"] = hashlib.sha256(json.dumps(row, default=str, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
    with duckdb.connect(str(made)) as plain:
        plain.execute("create table schema_migration (name text primary key, sha256 text not null)")
        for step in first_three:
            plain.execute(step.read_text("utf-8"))
            sha256 = hashlib.sha256(step.read_bytes()).hexdigest()
            plain.execute("insert into schema_migration values ($name, $sha256)", {"name": step.stem, "sha256": sha256})
        plain.execute(f"insert into audit ({', '.join(row)}) values ({', '.join(f'${name}' for name in row)})", row)
    with Ledger(made) as ledger:
        assert broken_link(ledger) is None
        with_customer(ledger)
        assert broken_link(ledger) is None
