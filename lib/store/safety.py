"""Backups that were opened and checked before they count, their rotation, restoring them, and the ledger's own checks.

A sealed backup is a plain `age` file (age-encryption.org, made with the rage library): the standard tool opens it with the passphrase,
with or without this program.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Final

import duckdb

from lib.errors import Unusable
from lib.store import migration
from lib.store.door import broken_link
from lib.store.ledger import Ledger, file_trouble
from lib.store.query import catalog
from lib.text import Text

DAYS_KEPT: Final = 7
WEEKS_KEPT: Final = 5
SEALED: Final = ".age"
FOLDER_VARIABLE: Final = "MINGZHANG_BACKUPS"
PASSPHRASE_VARIABLE: Final = "MINGZHANG_BACKUP_PASSPHRASE"  # noqa: S105 (the name of a variable)
_STAMP: Final = "%Y%m%dT%H%M%SZ"
_NAME: Final = re.compile(r"(?P<stem>.+)-(?P<made_at>\d{8}T\d{6}Z)-(?P<change_id>\d+)\.duckdb(\.age)?")
_ONE_A_DAY: Final = Lock()

_IN_MEMORY = Text("这个账本只在内存里，没有文件可备份。", "This ledger lives in memory only: there is no file to back up.")
_NOT_WHOLE = Text(
    "备份 {path} 没有通过核对，已删除：副本停在更改 {found}，账本是 {expected}。账本没有被改动；请重试。",
    "The backup {path} failed its check and was removed: it ends at change {found}, the ledger at {expected}. "
    "The ledger was not touched; try again.",
)
_NO_FILE = Text("找不到备份文件 {path}。请核对路径。", "There is no backup file {path}. Check the path.")
_NEEDS_PASSPHRASE = Text(
    "备份 {path} 已加密。请给出口令（环境变量 MINGZHANG_BACKUP_PASSPHRASE 或 --passphrase-file）。",
    "The backup {path} is sealed. Give its passphrase (MINGZHANG_BACKUP_PASSPHRASE or --passphrase-file).",
)
_SEALING = Text(
    "{path} 无法加密或解密：{why}。请核对口令；口令无误则文件已损坏，请换一个备份。",
    "{path} could not be sealed or opened: {why}. Check the passphrase; if it is right the file is damaged, so use another backup.",
)
_EXISTS = Text(
    "{path} 已经存在，没有覆盖。请用 --to 换一个路径，或加 --force：旧文件会先改名保留。",
    "{path} exists and was not overwritten. Choose another path with --to, or add --force: the old file is first kept under another name.",
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One check and how many rows break it; 0 when all is well."""

    check: str
    rows: int


@dataclass(frozen=True, slots=True)
class Backup:
    """One backup file. `findings` says what was wrong with the ledger when it was made; empty when all was well."""

    path: Path
    made_at: datetime
    change_id: int
    findings: tuple[Finding, ...] = ()

    @property
    def is_sealed(self) -> bool:
        """Whether a passphrase is needed to open it."""
        return self.path.suffix == SEALED


def check(ledger: Ledger) -> list[Finding]:
    """Every block of the file, every rule of `lib/sql/checks.sql` and the audit chain, each with the rows that break it.

    In a file that cannot be read whole the rest is not asked.
    """
    blocks = Finding("file_readable", _unreadable(ledger))
    if blocks.rows:
        return [blocks]
    rules = [query for name, query in catalog().items() if name.startswith(("check_", "audit_of_"))]
    found = [Finding(rule.name, len(_asked(ledger, rule.sql))) for rule in rules]
    return [blocks, *found, Finding("audit_chain", int(broken_link(ledger) is not None))]


def _asked(ledger: Ledger, sql: str) -> list[tuple[object, ...]]:
    with ledger.cursor() as cursor:
        return cursor.execute(sql).fetchall()


def _unreadable(ledger: Ledger) -> int:
    """How many tables have a block that cannot be read. Reading every column compares every block with its checksum."""
    damaged = 0
    for (table,) in _asked(ledger, "select table_name from duckdb_tables() where not internal and not temporary order by table_name"):
        try:
            _asked(ledger, f"select bit_xor(hash({table})) from {table}")  # noqa: S608 (names from the ledger's own catalogue)
        except duckdb.Error:
            damaged += 1
    return damaged


def backup(ledger: Ledger, folder: Path | None = None, passphrase: str | None = None) -> Backup:
    """Copy the ledger while people work, restore the copy into a temporary ledger and check that.

    Refuses (`Unusable`): a ledger in memory, a folder that cannot be written, a copy that is not whole.
    """
    if str(ledger.path) == ":memory:":
        raise Unusable(_IN_MEMORY)
    folder = folder or default_folder(ledger)
    made_at = ledger.clock()
    with _private(folder) as work:
        copied = work / "copy.duckdb"
        with ledger.still() as path:
            change_id = ledger.version
            migration.copy(path, copied)
        packed = _sealed(copied, passphrase) if passphrase else copied
        name = f"{Path(ledger.path).stem}-{made_at:{_STAMP}}-{change_id}.duckdb{SEALED if passphrase else ''}"
        findings = _proved(packed, folder / name, change_id, passphrase)
        packed.replace(folder / name)
    return Backup(folder / name, made_at, change_id, findings)


def _proved(packed: Path, named: Path, change_id: int, passphrase: str | None) -> tuple[Finding, ...]:
    with _private(packed.parent) as work, Ledger(_unpacked(packed, work, passphrase)) as restored:
        if restored.version != change_id:
            raise Unusable(_NOT_WHOLE, path=named, found=restored.version, expected=change_id)
        return tuple(finding for finding in check(restored) if finding.rows)


def backups(folder: Path, of: Ledger | None = None) -> list[Backup]:
    """The backups in a folder, newest first; `of` a ledger only its own, for several ledgers may share a folder."""
    if not folder.is_dir():
        return []
    named = [(path, match) for path in folder.iterdir() if (match := _NAME.fullmatch(path.name))]
    if of:
        named = [(path, match) for path, match in named if match["stem"] == Path(of.path).stem]
    found = [
        Backup(path, datetime.strptime(match["made_at"], _STAMP), int(match["change_id"]))  # noqa: DTZ007 (UTC without a zone)
        for path, match in named
    ]
    return sorted(found, key=lambda one: (one.made_at, one.change_id), reverse=True)


def superfluous(found: list[Backup], now: datetime) -> list[Backup]:
    """Backups rotation removes: all but the last of each of the last days and weeks. The newest always stays."""
    kept: dict[object, Backup] = {}
    for one in found:
        age = now.date() - one.made_at.date()
        if age < timedelta(days=DAYS_KEPT):
            kept.setdefault(one.made_at.date(), one)
        if age < timedelta(weeks=WEEKS_KEPT):
            kept.setdefault(one.made_at.isocalendar()[:2], one)
    return [one for one in found[1:] if one not in kept.values()]


def daily(ledger: Ledger) -> Backup | None:
    """The day's backup and rotation, for the first visit of the day. None when the day has one or one is being made."""
    if str(ledger.path) == ":memory:" or not _ONE_A_DAY.acquire(blocking=False):
        return None
    try:
        folder = default_folder(ledger)
        newest = next(iter(backups(folder, ledger)), None)
        if newest and newest.made_at.date() >= ledger.clock().date():
            return None
        made = backup(ledger, folder, passphrase_given())
        for one in superfluous(backups(folder, ledger), ledger.clock()):
            one.path.unlink()
        return made
    finally:
        _ONE_A_DAY.release()


def default_folder(ledger: Ledger) -> Path:
    """Where backups go: MINGZHANG_BACKUPS, or `backups` beside the ledger."""
    return Path(os.environ.get(FOLDER_VARIABLE) or Path(ledger.path).parent / "backups")


def passphrase_given() -> str | None:
    """The passphrase for backups from the environment; None: they are not sealed."""
    return os.environ.get(PASSPHRASE_VARIABLE) or None


def restore(source: Path, target: Path, passphrase: str | None = None, *, force: bool = False) -> tuple[Path | None, list[Finding]]:
    """Put a backup in place as a ledger, checked. Returns where an existing file was moved to, and what the checks found.

    Refuses (`Unusable`): a missing or damaged backup, a wrong passphrase, an existing target without `force`, one in use with it.
    """
    if not source.is_file():
        raise Unusable(_NO_FILE, path=source)
    if target.exists() and not force:
        raise Unusable(_EXISTS, path=target)
    with _private(target.parent) as work:
        unpacked = _unpacked(source, work, passphrase)
        with Ledger(unpacked) as restored:
            findings = [finding for finding in check(restored) if finding.rows]
        moved = _moved_aside(target) if target.exists() else None
        unpacked.replace(target)
    return moved, findings


def _moved_aside(target: Path) -> Path:
    try:
        duckdb.connect(str(target), read_only=True).close()
    except duckdb.Error as error:
        trouble = file_trouble(error, target)
        if trouble and "pid" in trouble.values:  # in use; a damaged file is what one restores over
            raise trouble from error
    number = next(n for n in range(1, 10_000) if not target.with_name(f"{target.name}.old-{n}").exists())
    aside = target.with_name(f"{target.name}.old-{number}")
    log = target.with_name(f"{target.name}.wal")
    if log.exists():
        log.replace(aside.with_name(f"{aside.name}.wal"))
    return target.replace(aside)


@contextmanager
def _private(folder: Path) -> Iterator[Path]:
    """A folder of the owner's alone, on the same disk, gone afterwards."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        work = tempfile.TemporaryDirectory(prefix=".mingzhang-", dir=folder)
    except OSError as error:
        raise Unusable(migration.NO_COPY, path=folder, why=error.strerror) from error
    with work as name:
        yield Path(name)


def _unpacked(packed: Path, work: Path, passphrase: str | None) -> Path:
    target = work / "restored.duckdb"
    if not _is_sealed(packed):
        migration.copy(packed, target)
    elif passphrase:
        _age("decrypt", packed, target, passphrase)
    else:
        raise Unusable(_NEEDS_PASSPHRASE, path=packed.name)
    return target


def _is_sealed(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_AGE_HEADER)) == _AGE_HEADER


def _sealed(plain: Path, passphrase: str) -> Path:
    sealed = plain.with_name("copy.age")
    _age("encrypt", plain, sealed, passphrase)
    plain.unlink()
    return sealed


_AGE_HEADER: Final = b"age-encryption.org/v1"
_AGE: Final = """
import os, sys
from pathlib import Path
from pyrage import passphrase
os.umask(0o077)
work, source, target = sys.argv[1:]
with open(target, "wb") as file:
    file.write(getattr(passphrase, work)(Path(source).read_bytes(), sys.stdin.buffer.read().decode()))
    file.flush()
    os.fsync(file.fileno())
"""


def _age(work: str, source: Path, target: Path, passphrase: str) -> None:
    """In a process of its own: the library holds the whole file in memory, and the server should not."""
    done = subprocess.run(  # noqa: S603 (this very interpreter)
        [sys.executable, "-I", "-c", _AGE, work, str(source), str(target)], input=passphrase.encode(), capture_output=True, check=False
    )
    if done.returncode:
        why = (done.stderr.decode("utf-8", "replace").strip().splitlines() or ["?"])[-1]
        raise Unusable(_SEALING, path=source.name, why=why)
