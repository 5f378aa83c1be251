"""The file: opened once per process, one cursor per call, one writer at a time.

What goes wrong with a file (locked, damaged, newer, disk full) leaves this module as `Unusable`, a sentence that says what to do.
"""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Self

import duckdb

from lib.errors import Unusable
from lib.store import migration
from lib.text import Text

FOREVER: Final = datetime(9999, 12, 31)  # noqa: DTZ001 (the ledger stores moments as UTC without a zone)
LATEST: Final = datetime(9999, 12, 30)  # noqa: DTZ001
"""The `known_at` that means "by all we know now"."""
_TRIES: Final = 6
DEFAULT_PATH: Final = Path(__file__).parents[2] / "data" / "ledger.duckdb"
_CONFIG: Final[dict[str, str | bool | int | float | list[str]]] = {
    "threads": 2,  # one person's question must not take the whole machine from the others
    "memory_limit": "1GB",
    "perfect_ht_threshold": 18,  # sums by customer go into an array of up to 2^18 places instead of a hash table
    "autoinstall_known_extensions": False,
    "storage_compatibility_version": "v1.5.0",  # a newer engine must not lock the pinned one out of a file it made
}

LOCKED: Final = Text(
    "账本文件 {path} 正被另一个程序使用（进程 {pid}）。请先关闭它，或用环境变量 MINGZHANG_LEDGER 指定另一个文件。",
    "The ledger {path} is in use by another program (process {pid}). Close that program, or set MINGZHANG_LEDGER to another file.",
)
_DAMAGED = Text(
    "账本文件 {path} 无法读取，可能已损坏：{why}。请勿删除它；用 python -m lib restore 恢复最近的备份到新文件。",
    "The ledger {path} cannot be read and may be damaged: {why}. Keep it; "
    "restore the latest backup into a new file with python -m lib restore.",
)
_FOLDER = Text(
    "账本文件 {path} 无法打开：{why}。请检查文件夹是否存在、是否有写权限。",
    "The ledger {path} cannot be opened: {why}. Check that the folder exists and can be written to.",
)
_FULL = Text(
    "磁盘空间不足，这次更改没有保存，账本 {path} 保持原样。请腾出空间后重试（{why}）。",
    "The disk is full: this change was not saved and the ledger {path} is as it was. Free some space and try again ({why}).",
)


def utc_now() -> datetime:
    """This moment in UTC, without a zone: the form in which the ledger stores moments."""
    return datetime.now(UTC).replace(tzinfo=None)


def ledger_path() -> Path:
    """The ledger's place: MINGZHANG_LEDGER, or data/ledger.duckdb."""
    return Path(os.environ.get("MINGZHANG_LEDGER") or DEFAULT_PATH)


def make_folder(path: Path) -> None:
    """The folder of a ledger, where it is missing; its owner's alone."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)


class Ledger:
    """One open ledger file. `version` rises with every audited change; a read is cached by the last one it can tell of (`version_of`).

    Refuses (`Unusable`): a locked, damaged or newer file, a folder that cannot be written.
    """

    def __init__(self, path: Path | str, *, clock: Callable[[], datetime] = utc_now) -> None:
        self.path = path
        self.clock = clock
        self.identity = object()
        """Told apart from every other ledger of this process, closed ones included."""
        self.jots = 0
        """Rises with every jot: what is remembered of jotted rows is past."""
        self.columns: dict[str, dict[str, str]] = {}
        """Columns by table with their types, as the door looked them up."""
        self.alone = threading.RLock()
        """Held by the one who writes facts."""
        self._jotting = threading.RLock()
        self._root = _ready(path)
        self._ticks = self._whole = 0
        """Counted: all changes seen here, and when the file was opened, before which nothing is remembered."""
        self._touched: dict[str, int] = {}
        """By table the last of them that wrote to it."""
        self.version = _last_change(self._root)

    @property
    def version(self) -> int:
        """The last change."""
        return self._version

    @version.setter
    def version(self, change_id: int) -> None:
        """Anything may have changed: no answer cached before holds."""
        self._ticks += 1
        self._version, self._whole = change_id, self._ticks

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A cursor for one call. A shared connection gives wrong results under threads, a cursor does not."""
        return self._root.cursor()

    @contextmanager
    def transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """One writer at a time; commits at the end, rolls everything back on any error."""
        with self.alone, self._committed() as cursor:
            yield cursor

    def jot(self, sql: str, parameters: dict[str, object]) -> None:
        """Write down what is not a fact (a session seen, a draft): durable, but not audited and no new version.

        Waits for no change in the making, however long: an import must not keep people from signing in.
        """
        for attempt in range(_TRIES):
            try:
                with self._jotting:
                    with self._committed() as cursor:
                        cursor.execute(sql, parameters)
                    self.jots += 1
            except duckdb.TransactionException as error:
                if "conflict" not in str(error).lower() or attempt == _TRIES - 1:
                    raise
                time.sleep(0.02 * 2**attempt)
            else:
                return

    def advance(self, change_id: int, tables: Collection[str]) -> None:
        """A change to these tables was committed: answers that read one of them are past.

        Call it before anyone else may write (`alone`).
        """
        self._ticks += 1
        self._touched = {**self._touched, **dict.fromkeys(tables, self._ticks)}
        self._version = change_id

    def version_of(self, words: Collection[str]) -> int:
        """Which of the changes seen here is the last that can alter what a statement of these words answers."""
        return max([self._whole, *(tick for table, tick in self._touched.items() if table in words)])

    @contextmanager
    def still(self) -> Iterator[Path]:
        """Nobody writes and everything committed is in the one file, whose path this yields, so that it can be copied.

        Copy it with another process (`migration.copy`): closing a file within this one would drop the engine's lock on it.
        """
        with self.alone, self._jotting:
            self._root.execute("checkpoint")
            yield Path(self.path)

    def checkpoint(self) -> None:
        """Fold the write-ahead log into the file."""
        with self.still():
            return

    def close(self) -> None:
        """Close the file. Committed changes are already safe."""
        with self.alone, self._jotting:
            self._root.close()

    def revive(self, *, anyway: bool = False) -> bool:
        """Open the file anew after the engine gave up on it, or anyway. Returns whether it works again.

        A fatal error of the engine's own closes its eyes to the whole file until then; what was committed is safe in it.
        """
        with self.alone, self._jotting:
            for attempt in range(_TRIES):
                if not anyway and _answers(self._root):
                    return True
                anyway = False
                if str(self.path) == ":memory:":
                    return False
                self._root.close()
                time.sleep(0.02 * 2**attempt)  # others still hold cursors, and with them the old state
                self._root = _ready(self.path)
            return _answers(self._root)

    @contextmanager
    def _committed(self) -> Iterator[duckdb.DuckDBPyConnection]:
        cursor = self._root.cursor()
        lost = full = False
        try:
            cursor.begin()
            yield cursor
            cursor.commit()
        except BaseException as error:
            _roll_back(cursor)
            lost = isinstance(error, duckdb.Error) and gave_up(error)
            if isinstance(error, duckdb.Error) and (trouble := file_trouble(error, self.path)):
                full = trouble.text is _FULL
                raise trouble from error
            raise
        finally:
            cursor.close()
            if lost or full:
                # DuckDB 2.0.0 forgets rows after a commit for which there was no room, until the file is opened again.
                self.revive(anyway=full)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def gave_up(error: duckdb.Error) -> bool:
    """Whether the engine will answer nothing more until the file is opened anew (`Ledger.revive`)."""
    return isinstance(error, duckdb.InternalException | duckdb.FatalException) or "Connection already closed" in str(error)


def file_trouble(error: duckdb.Error, path: Path | str) -> Unusable | None:
    """The person's sentence for an engine error about the file itself; None for any other error."""
    why = str(error).splitlines()[0]
    if re.search(r"Could not set lock|already open", why):
        pid = re.search(r"PID (\d+)", str(error))
        return Unusable(LOCKED, path=path, pid=pid[1] if pid else "?")
    if re.search(r"database file with version number|newer (DuckDB )?version", str(error)):
        return migration.newer(path)
    for pattern, sentence in _TROUBLES:
        if re.search(pattern, f"{type(error).__name__} {why}"):
            return Unusable(sentence, path=path, why=why)
    return None


_TROUBLES: Final = (
    (r"No space left|File too large|[Cc]ould not write", _FULL),
    (r"not a valid DuckDB|Corrupt database|[Cc]hecksum|Could not read enough|has been invalidated|SerializationException", _DAMAGED),
    (r"IOException", _FOLDER),
)
"""Words of the engine (1.5 and 2.0), most telling first."""


def _last_change(root: duckdb.DuckDBPyConnection) -> int:
    row = root.execute("select coalesce(max(change_id), 0) from audit").fetchone()
    return int(row[0]) if row else 0


def _ready(path: Path | str) -> duckdb.DuckDBPyConnection:
    root = _open(path)
    try:
        migration.migrate(root, path)
        # After this no SQL text, whoever wrote it, can reach another file or loosen these settings.
        root.execute("set enable_external_access = false")
        root.execute("set lock_configuration = true")
    except duckdb.Error as error:
        root.close()
        raise file_trouble(error, path) or error from error
    except BaseException:
        root.close()
        raise
    return root


def _answers(root: duckdb.DuckDBPyConnection) -> bool:
    try:
        root.execute("select max(change_id) from audit").fetchone()
    except duckdb.Error:
        return False
    return True


def _open(path: Path | str) -> duckdb.DuckDBPyConnection:
    if str(path) != ":memory:":
        _keep_private(Path(path))
    try:
        return duckdb.connect(str(path), config=_CONFIG)
    except duckdb.Error as error:
        raise file_trouble(error, path) or Unusable(_DAMAGED, path=path, why=str(error).splitlines()[0]) from error


def _keep_private(path: Path) -> None:
    """What this process writes from now on (ledger, log, backups, files for people) is its owner's alone; so is what lies there."""
    os.umask(0o077)
    _close_to_others(path, 0o600)
    _close_to_others(path.with_name(f"{path.name}.wal"), 0o600)
    if path.parent == DEFAULT_PATH.parent:
        _close_to_others(path.parent, 0o700)


def _close_to_others(place: Path, mode: int) -> None:
    if place.exists() and place.stat().st_mode & 0o077:
        with suppress(PermissionError):  # somebody else's: who may write it may not always close it to others
            place.chmod(mode)


def _roll_back(cursor: duckdb.DuckDBPyConnection) -> None:
    try:
        cursor.rollback()
    except duckdb.Error:  # nothing was open any more: the commit itself failed and was undone by the engine
        return
