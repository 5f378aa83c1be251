"""The file: what goes wrong with it is said in one sentence of either language, and nothing acknowledged is lost."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import duckdb
import pytest
from books import FINANCE, Card, with_customer

from lib.errors import Unusable
from lib.store import safety
from lib.store.door import execute
from lib.store.ledger import Ledger, file_trouble, make_folder

ROOT = Path(__file__).parents[1]


def shell(path: Path, *verb: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A verb of the command line in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "lib", *verb],
        cwd=ROOT,
        env={**os.environ, "MINGZHANG_LEDGER": str(path), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(("language", "sentence"), [("en", "is in use by another program"), ("zh", "正被另一个程序使用")])
def test_a_second_process_is_told_who_holds_the_file(tmp_path: Path, language: str, sentence: str) -> None:
    path = tmp_path / "a.duckdb"
    with Ledger(path):
        done = shell(path, "check", MINGZHANG_LANGUAGE=language)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert str(os.getpid()) in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stdout == ""


def test_a_backup_from_a_shell_beside_the_server_says_where_to_make_it(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    with Ledger(path):
        done = shell(path, "backup")
    assert done.returncode == 1
    assert "Administration" in done.stderr


@pytest.mark.parametrize("harm", ["garbage", "half", "stub", "header", "empty"])
def test_a_damaged_file_is_refused_and_kept_as_it_is(tmp_path: Path, harm: str) -> None:
    path = tmp_path / "a.duckdb"
    with Ledger(path):
        pass
    whole = path.read_bytes()
    path.write_bytes(
        {
            "garbage": b"not a ledger at all" * 900,
            "half": whole[: len(whole) // 2],
            "stub": whole[:5000],
            "header": whole[:4200] + bytes([whole[4200] ^ 255]) + whole[4201:],
            "empty": b"",
        }[harm]
    )
    before = path.read_bytes()
    with pytest.raises(Unusable) as refusal:
        Ledger(path)
    assert "restore" in refusal.value.say("en")
    assert "损坏" in refusal.value.say("zh")
    assert path.read_bytes() == before
    assert shell(path, "check").returncode == 1


def test_a_block_damaged_where_an_answer_stands_is_found_by_check(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    with Ledger(path) as ledger:
        with_customer(ledger)
        for number in range(3):
            execute(ledger, FINANCE, Card(number, tuple(f"{number}-{n}" * 9 for n in range(4000))))
        ledger.checkpoint()
    whole = bytearray(path.read_bytes())
    spot = whole.rindex(b"2-3999")
    whole[spot] ^= 1
    path.write_bytes(whole)
    done = shell(path, "check")
    assert done.returncode == 1
    assert "file_readable" in done.stderr or "damaged" in done.stderr


def test_a_ledger_of_a_newer_program_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    with Ledger(path) as ledger, ledger.transaction() as cursor:
        cursor.execute("insert into schema_migration values ('9999_future', 'x')")
    with pytest.raises(Unusable, match="newer Mingzhang"):
        Ledger(path)


def test_a_newer_file_format_is_said_to_be_newer() -> None:
    engine = "IO Error: Trying to read a database file with version number 999, but we can only read versions between 64 and 68."
    trouble = file_trouble(duckdb.IOException(f"{engine}\nThe database file was created with an newer version of DuckDB."), "a.duckdb")
    assert trouble is not None
    assert "Upgrade this program" in trouble.say("en")


@pytest.mark.parametrize("place", ["no/such/folder/a.duckdb", "."])
def test_a_place_that_cannot_hold_a_file_is_named(tmp_path: Path, place: str) -> None:
    with pytest.raises(Unusable) as refusal:
        Ledger(tmp_path / place)
    assert "folder" in refusal.value.say("en")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the administrator may write anywhere")
def test_a_read_only_folder_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(Unusable, match="can be written"):
        Ledger(tmp_path / "a.duckdb")


def test_a_full_disk_refuses_the_change_and_keeps_the_rest(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource", reason="file size limits are a Unix thing")
    assert resource
    path = tmp_path / "a.duckdb"
    done = subprocess.run([sys.executable, "-c", FILL, str(path)], cwd=ROOT, capture_output=True, text=True, check=True)
    before, refusal, after = done.stdout.strip().splitlines()
    assert "磁盘空间不足" in refusal
    with Ledger(path) as ledger:
        row = ledger.cursor().execute("select count(*), (select max(change_id) from audit) from contact").fetchone()
    assert row == (2, int(after))
    assert int(after) == int(before) + 1


FILL = """
import resource, signal, sys
sys.path[:0] = [".", "tests"]
from books import FINANCE, Card, with_customer
from lib.errors import Unusable
from lib.store.door import execute
from lib.store.ledger import Ledger
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
ledger = Ledger(sys.argv[1])
with_customer(ledger)
print(execute(ledger, FINANCE, Card(1, ("kept",))).change_id)
ledger.checkpoint()
import os
limit = os.path.getsize(sys.argv[1]) + 300_000
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    execute(ledger, FINANCE, Card(2, tuple(os.urandom(40).hex() for _ in range(60_000))))
except Unusable as refusal:
    print(refusal.say("zh"))
print(execute(ledger, FINANCE, Card(3, ("still works",))).change_id)
"""


@pytest.mark.parametrize("after", [3, 40, 120])
def test_kill_in_the_middle_of_small_writes_loses_nothing_acknowledged(tmp_path: Path, after: int) -> None:
    path = tmp_path / "a.duckdb"
    with subprocess.Popen([sys.executable, "-c", WRITE, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        said = [writer.stdout.readline() for _ in range(after)]
        writer.kill()
        said += writer.stdout.readlines()
    acknowledged = {int(line) for line in said if line.endswith("\n")}
    with Ledger(path) as ledger:
        kept = {row[0] for row in ledger.cursor().execute("select change_id from contact").fetchall()}
        audited = {row[0] for row in ledger.cursor().execute("select change_id from audit").fetchall()}
    assert acknowledged <= kept
    assert kept <= audited
    assert len(acknowledged) >= after


WRITE = """
import sys
sys.path[:0] = [".", "tests"]
from books import FINANCE, Card, with_customer
from lib.store.door import execute
from lib.store.ledger import Ledger
ledger = Ledger(sys.argv[1])
with_customer(ledger)
for number in range(1000):
    print(execute(ledger, FINANCE, Card(number, ("x",))).change_id, flush=True)
"""


def test_the_version_goes_on_where_the_file_ended(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    with Ledger(path) as ledger:
        with_customer(ledger)
        ended = ledger.version
    with Ledger(path) as ledger:
        assert ledger.version == ended == 1


def test_a_jot_does_not_wait_for_a_change_in_the_making(ledger: Ledger) -> None:
    done = threading.Event()

    def jot() -> None:
        ledger.jot("insert into draft values (1, 'form', 'text', $now, )".replace(", )", ")"), {"now": ledger.clock()})
        done.set()

    with ledger.transaction():
        thread = threading.Thread(target=jot)
        thread.start()
        assert done.wait(5)
    thread.join()


def test_jots_that_collide_all_arrive(ledger: Ledger) -> None:
    with ledger.transaction() as cursor:
        cursor.execute("insert into draft values (1, 'form', '0', now()::timestamp)")

    def write(number: int) -> None:
        for _ in range(20):
            if number % 2:
                ledger.jot("update draft set body = $body", {"body": str(number)})
            else:
                with ledger.transaction() as cursor:
                    cursor.execute("update draft set form = 'form' where user_id = 2")

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ledger.cursor().execute("select body from draft").fetchone() in {("1",), ("3",)}


@pytest.mark.parametrize(
    "sql", ["copy customer_record to 'x.csv'", "select * from read_csv('/etc/passwd')", "set threads = 1", "attach 'b.duckdb'"]
)
def test_no_sql_reaches_another_file_or_loosens_settings(ledger: Ledger, sql: str) -> None:
    with pytest.raises(duckdb.Error):
        ledger.cursor().execute(sql)


def test_ledger_log_and_backups_are_their_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "ledger.duckdb"
    make_folder(path)
    with Ledger(path) as ledger:
        made = safety.backup(ledger)
        ledger.jot("create table more (x integer)", {})
        files = [path, path.with_name("ledger.duckdb.wal"), made.path]
        assert [oct(file.stat().st_mode & 0o777) for file in files] == ["0o600"] * 3
        assert [oct(folder.stat().st_mode & 0o777) for folder in (path.parent, made.path.parent)] == ["0o700"] * 2
    path.chmod(0o644)
    with Ledger(path):
        assert path.stat().st_mode & 0o777 == 0o600
