"""Numbered steps from an empty file to today's tables: one file, one transaction, one row each."""

from __future__ import annotations

import hashlib
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


def newer(path: Path | str) -> Unusable:
    """The refusal of a ledger from the future."""
    return Unusable(_NEWER, path=path)


def steps() -> list[Path]:
    """All steps in order."""
    return sorted((SQL / "schema").glob("*.sql"))


def pending(root: duckdb.DuckDBPyConnection, path: str) -> list[Path]:
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


def migrate(root: duckdb.DuckDBPyConnection, path: str) -> None:
    """Bring the tables up to date, then declare all views and macros anew: a broken one stops the start, not a user."""
    for step in pending(root, path):
        root.begin()
        try:
            root.execute("create table if not exists schema_migration (name text primary key, sha256 text not null)")
            root.execute(step.read_text("utf-8"))
            root.execute("insert into schema_migration values ($name, $sha256)", {"name": step.stem, "sha256": _sha256(step)})
            root.commit()
        except BaseException:
            root.rollback()
            raise
    for file in sorted((SQL / "views").glob("*.sql")):
        root.execute(file.read_text("utf-8"))


def _done(root: duckdb.DuckDBPyConnection) -> dict[str, str]:
    present = root.execute("select count(*) from duckdb_tables() where table_name = 'schema_migration'").fetchone()
    if not present or not present[0]:
        return {}
    return dict(root.execute("select name, sha256 from schema_migration order by name").fetchall())


def _sha256(step: Path) -> str:
    return hashlib.sha256(step.read_bytes()).hexdigest()
