"""Numbered steps from an empty file to today's tables: one file, one transaction, one row each."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import duckdb

from lib.errors import Unusable
from lib.text import Text

SQL: Final = Path(__file__).parents[1] / "sql"

_NEWER = Text(
    "账本文件 {path} 由更新版本的明账创建。请升级程序后再打开；文件没有被改动。",
    "The ledger {path} was made by a newer Mingzhang. Upgrade this program to open it; the file was not touched.",
)
_CHANGED = Text(
    "迁移步骤 {name} 的内容与账本中记录的不一致。请恢复原来的程序文件；账本没有被改动。",
    "Migration step {name} differs from what this ledger recorded. Put the original program file back; the ledger was not touched.",
)
NO_COPY = Text(
    "无法把账本复制到 {path}：{why}。请检查磁盘空间和写权限；账本没有被改动。",
    "The ledger could not be copied to {path}: {why}. Check the free space and the right to write there; the ledger was not touched.",
)


def newer(path: Path | str) -> Unusable:
    """The refusal of a ledger from the future."""
    return Unusable(_NEWER, path=path)


def steps() -> list[Path]:
    """All steps in order."""
    return sorted((SQL / "schema").glob("*.sql"))


def pending(root: duckdb.DuckDBPyConnection, path: Path | str) -> list[Path]:
    """Steps this ledger has not seen.

    Refuses: a ledger with steps this program does not know, or with a step whose text has changed.
    """
    done = _done(root)
    known = {step.stem: step for step in steps()}
    if set(done) - set(known):
        raise newer(path)
    for name, sha256 in done.items():
        if _sha256(known[name]) != sha256:
            raise Unusable(_CHANGED, name=name)
    return [step for name, step in known.items() if name not in done]


def migrate(root: duckdb.DuckDBPyConnection, path: Path | str) -> Path | None:
    """Bring the tables up to date, then views and macros: a broken one stops the start, not a user.

    A ledger with content is copied first. Returns where to.
    """
    waiting = pending(root, path)
    copied = _copied_before(root, Path(path)) if waiting and _done(root) else None
    for step in waiting:
        with _transaction(root):
            root.execute("create table if not exists schema_migration (name text primary key, sha256 text not null)")
            root.execute(step.read_text("utf-8"))
            root.execute("insert into schema_migration values ($name, $sha256)", {"name": step.stem, "sha256": _sha256(step)})
    _declare(root, anew=bool(waiting))
    return copied


def _declare(root: duckdb.DuckDBPyConnection, *, anew: bool) -> None:
    """Views and macros stand in the file; they are declared again when a step ran, their text changed or the engine did."""
    texts = [file.read_text("utf-8") for file in sorted((SQL / "views").glob("*.sql"))]
    sha256 = hashlib.sha256("\0".join([duckdb.__version__, *texts]).encode()).hexdigest()
    root.execute("create table if not exists declared (sha256 text not null)")
    if not anew and root.execute("select sha256 from declared").fetchall() == [(sha256,)]:
        return
    with _transaction(root):
        for text in texts:
            root.execute(text)
        root.execute("delete from declared")
        root.execute("insert into declared values ($sha256)", {"sha256": sha256})


@contextmanager
def _transaction(root: duckdb.DuckDBPyConnection) -> Iterator[None]:
    root.begin()
    try:
        yield
        root.commit()
    except BaseException:
        root.rollback()
        raise


def copy(source: Path, target: Path) -> None:
    """Copy an open ledger file, durably and readable by its owner only. Refuses (`Unusable`): a copy that could not be made.

    Another process does it: closing the file within this one would silently drop the engine's lock on it.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(  # noqa: S603 (this very interpreter)
        [sys.executable, "-I", "-S", "-c", _COPY, str(source), str(target)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        target.unlink(missing_ok=True)
        raise Unusable(NO_COPY, path=target, why=(done.stderr.strip().splitlines() or ["?"])[-1])


_COPY: Final = """
import os, shutil, sys
os.umask(0o077)
with open(sys.argv[1], "rb") as source, open(sys.argv[2], "wb") as target:
    shutil.copyfileobj(source, target, 1 << 20)
    target.flush()
    os.fsync(target.fileno())
"""


def _copied_before(root: duckdb.DuckDBPyConnection, path: Path) -> Path:
    root.execute("checkpoint")
    number = len(_done(root))
    target = path.with_name(f"{path.stem}.before-step-{number + 1:04}{path.suffix}")
    copy(path, target)
    return target


def _done(root: duckdb.DuckDBPyConnection) -> dict[str, str]:
    present = root.execute("select count(*) from duckdb_tables() where table_name = 'schema_migration'").fetchone()
    if not present or not present[0]:
        return {}
    return dict(root.execute("select name, sha256 from schema_migration order by name").fetchall())


def _sha256(step: Path) -> str:
    return hashlib.sha256(step.read_bytes()).hexdigest()
