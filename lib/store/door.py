"""The only way in for a change: permission, validation, one transaction with its audit row, a new version.

A row is never edited: it is retired and its successor recorded, so any change can be undone by retiring what it wrote and
reinstating what it retired (`revert`), and every number can be asked for as it was known at any moment.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, is_dataclass
from datetime import datetime
from typing import Any, ClassVar, Final, Protocol, runtime_checkable

import duckdb
import pyarrow as pa

from lib.domain.access import Actor, Permission
from lib.store.ledger import FOREVER, Ledger

GENESIS: Final = "0" * 64
_WRITTEN_BY_DOOR: Final = {"recorded_at", "recorded_by", "change_id", "origin_change", "retired_at", "retired_change"}


@runtime_checkable
class Command(Protocol):
    """What can be changed: a frozen record that knows its permission and how to apply itself."""

    permission: ClassVar[Permission]

    def validate(self) -> None:
        """Refuses: fields that are wrong in themselves; looks at no rows."""

    def apply(self, change: Change) -> Any:  # noqa: ANN401 (each command returns what its caller needs)
        """Check what needs rows, then write. Whatever is returned reaches the caller in the Receipt."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that a change was made. `repeated`: the same request came in before and nothing was done again."""

    change_id: int
    result: Any = None
    repeated: bool = False


@dataclass(slots=True)
class Change:
    """One change in the making: the cursor, who, when, and the only three ways to write."""

    cursor: duckdb.DuckDBPyConnection
    actor: Actor
    change_id: int
    made_at: datetime
    subject: str | None = None
    detail: dict[str, Any] = field(default_factory=dict)
    undoes: int | None = None

    def next_id(self, table: str, column: str) -> int:
        """The first free id. Safe because the door lets in one writer at a time."""
        row = self.cursor.execute(f"select coalesce(max({column}), 0) + 1 from {table}").fetchone()  # noqa: S608 (names from our own code)
        assert row is not None
        return int(row[0])

    def insert(self, table: str, rows: pa.Table | Sequence[Mapping[str, object]]) -> int:
        """Record rows, columns by name; ids of records, times and author are filled in. Returns how many."""
        stage = rows if isinstance(rows, pa.Table) else self._typed(table, rows)
        if stage.num_rows == 0:
            return 0
        self.cursor.register("stage", stage)
        count = self.insert_from(table, stage.column_names, "select * from stage", {})
        self.cursor.unregister("stage")
        return count

    def insert_from(self, table: str, names: Sequence[str], select: str, parameters: Mapping[str, object]) -> int:
        """Record what a select of our own finds, in its order: bulk changes stay inside the engine. Returns how many."""
        filled = self._filled(table, names)
        into, values = ", ".join([*names, *filled]), ", ".join([*names, *filled.values()])
        row = self.cursor.execute(f"insert into {table} ({into}) select {values} from ({select})", dict(parameters)).fetchone()  # noqa: S608
        return int(row[0]) if row else 0

    def retire(self, table: str, where: str, parameters: Mapping[str, object]) -> int:
        """Take back live rows that match. Returns how many."""
        row = self.cursor.execute(
            f"update {table} set retired_at = $made_at, retired_change = $change_id "  # noqa: S608
            f"where retired_at = $forever and ({where})",
            {**parameters, "made_at": self.made_at, "change_id": self.change_id, "forever": FOREVER},
        ).fetchone()
        return int(row[0]) if row else 0

    def fact_tables(self) -> dict[str, str]:
        """Tables whose rows are retired, never edited, each with the column that names the thing (its second)."""
        sql = """
            select table_name, any_value(column_name) filter (where column_index = 2)
            from duckdb_columns()
            where table_name in (select table_name from duckdb_columns() where column_name = 'retired_change')
            group by table_name order by table_name
        """
        return dict(self.cursor.execute(sql).fetchall())

    def revert(self, change_id: int) -> dict[str, int]:
        """Retire what a change wrote, reinstate what it retired, mirror its postings. Returns rows touched per table."""
        touched = {}
        for table in self.fact_tables():
            columns = list(self._columns(table))
            kept = [name for name in columns[1:] if name not in _WRITTEN_BY_DOOR]
            # Found before this change retires anything of its own, inserted after: one live row at any moment.
            self.cursor.execute(
                f"create or replace temp table reinstated as select {', '.join(kept)}, origin_change "  # noqa: S608
                f"from {table} where retired_change = $undone order by {columns[0]}",
                {"undone": change_id},
            )
            retired = self.retire(table, "origin_change = $undone or change_id = $undone", {"undone": change_id})
            touched[table] = retired + self.insert_from(table, [*kept, "origin_change"], "select * from reinstated", {})
        touched["posting"] = self._mirror(change_id)
        return {table: count for table, count in touched.items() if count}

    def _mirror(self, change_id: int) -> int:
        """On the original's day, so that what was wrong is gone from every date, yet still there as known before."""
        names = ["entry_id", "customer_id", "invoice_id", "kind", "on_date", "due_on", "amount", "items", "currency", "rule"]
        sql = """
            select entry_id, customer_id, invoice_id, kind, on_date, due_on, -amount as amount, -items as items, currency, 'undo' as rule
            from posting where change_id = $undone order by posting_id
        """
        return self.insert_from("posting", names, sql, {"undone": change_id})

    def _filled(self, table: str, names: Sequence[str]) -> dict[str, str]:
        """Columns the door fills in, as SQL. A source may bring its own recorded_at (history moved in)."""
        columns = list(self._columns(table))
        filled = {
            columns[0]: f"{self.next_id(table, columns[0]) - 1} + row_number() over ()",
            "recorded_at": f"timestamp '{self.made_at.isoformat(sep=' ')}'",
            "recorded_by": str(self.actor.user_id),
            "change_id": str(self.change_id),
            "origin_change": str(self.change_id),
            "retired_at": f"timestamp '{FOREVER.isoformat(sep=' ')}'",
        }
        return {name: sql for name, sql in filled.items() if name in columns and name not in names}

    def _columns(self, table: str) -> dict[str, str]:
        """Column names in order, with their types. The first is the record's own id."""
        sql = "select column_name, data_type from duckdb_columns() where table_name = $table order by column_index"
        return dict(self.cursor.execute(sql, {"table": table}).fetchall())

    def _typed(self, table: str, rows: Sequence[Mapping[str, object]]) -> pa.Table:
        """Rows as Arrow; decimals as text, because Arrow would take the precision of the first one for all."""
        types = self._columns(table)
        columns = {}
        for name in dict.fromkeys(name for row in rows for name in row):
            values = [row.get(name) for row in rows]
            decimal = types.get(name, "").startswith("DECIMAL")
            columns[name] = pa.array([None if v is None else str(v) for v in values], pa.string()) if decimal else pa.array(values)
        return pa.table(columns)


def execute(ledger: Ledger, actor: Actor, command: Command, *, request_key: str | None = None) -> Receipt:
    """Make one change, whole or not at all.

    `request_key` makes a repeated request (a double click, a resent form) harmless.
    Refuses: a role without the permission (`Forbidden`), fields or rows that break a rule (`Refused`), a later change in the way (`Conflict`).
    """
    actor.need(command.permission)
    command.validate()
    with ledger.transaction() as cursor:
        if request_key and (done := _done(cursor, request_key)):
            return Receipt(done, repeated=True)
        last_id, last_at, prev_hash = _head(cursor)
        # A clock set back must not make this change look older than the one before it.
        change = Change(cursor, actor, last_id + 1, max(ledger.clock(), last_at))
        result = command.apply(change)
        _audit(change, type(command).__name__, {**_plain(command), **change.detail}, request_key, prev_hash)
    ledger.version = change.change_id
    return Receipt(change.change_id, result)


def broken_link(ledger: Ledger) -> int | None:
    """The first change whose hash does not follow from its content and its predecessor; None when the chain is whole."""
    cursor = ledger.cursor().execute(f"select {', '.join(_SEALED)}, hash from audit order by change_id")  # noqa: S608
    previous = GENESIS
    while chunk := cursor.fetchmany(10_000):
        for row in chunk:
            sealed = dict(zip(_SEALED, row[:-1], strict=True))
            if sealed["prev_hash"] != previous or _seal(sealed) != row[-1]:
                return int(row[0])
            previous = row[-1]
    return None


_SEALED: Final = ("change_id", "made_at", "user_id", "command", "subject", "detail", "request_key", "undoes", "prev_hash")


def _seal(sealed: Mapping[str, object]) -> str:
    return hashlib.sha256(json.dumps(sealed, default=str, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _audit(change: Change, name: str, detail: Mapping[str, object], request_key: str | None, prev_hash: str) -> None:
    sealed = {
        "change_id": change.change_id,
        "made_at": change.made_at,
        "user_id": change.actor.user_id,
        "command": name,
        "subject": change.subject,
        "detail": json.dumps(detail, default=str, ensure_ascii=False),
        "request_key": request_key,
        "undoes": change.undoes,
        "prev_hash": prev_hash,
    }
    row = {**sealed, "hash": _seal(sealed)}
    marks = ", ".join(f"${name}" for name in row)
    change.cursor.execute(f"insert into audit ({', '.join(row)}) values ({marks})", row)  # noqa: S608


def _plain(command: Command) -> dict[str, Any]:
    """The command's own fields. Fields marked `metadata={'audit': False}` (passwords, bulk rows) stay out."""
    if not is_dataclass(command):
        return {}
    hidden = {name for name, spec in command.__dataclass_fields__.items() if spec.metadata.get("audit") is False}
    shallow = {name: getattr(command, name) for name in command.__dataclass_fields__ if name not in hidden}
    return {name: asdict(value) if is_dataclass(value) and not isinstance(value, type) else value for name, value in shallow.items()}


def _done(cursor: duckdb.DuckDBPyConnection, request_key: str) -> int | None:
    row = cursor.execute("select change_id from audit where request_key = $key", {"key": request_key}).fetchone()
    return int(row[0]) if row else None


def _head(cursor: duckdb.DuckDBPyConnection) -> tuple[int, datetime, str]:
    row = cursor.execute(
        "select change_id, made_at, hash from audit where change_id = (select max(change_id) from audit)"
    ).fetchone()
    return row if row else (0, datetime.min, GENESIS)
