"""The only way in for a change: permission, validation, one transaction with its audit row, a new version.

A row is never edited: it is retired and its successor recorded, so any change can be undone by retiring what it wrote and
reinstating what it retired (`lib/store/reversal.py`), and every number can be asked for as it was known at any moment.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Any, ClassVar, Final, Protocol, runtime_checkable

import duckdb
import pyarrow as pa

from lib.domain.access import Actor, Permission
from lib.store.ledger import FOREVER, Ledger

GENESIS: Final = "0" * 64
BOOKKEEPING: Final = frozenset(
    {"record_id", "recorded_at", "recorded_by", "change_id", "origin_change", "origin_record", "retired_at", "retired_change"}
)
"""Columns of a fact that say how it came into the ledger, not what it says."""
_TRIES: Final = 5
_FEW: Final = 4
"""Up to so many rows are written as values."""
_ARROW: Final[dict[str, pa.DataType]] = {
    "VARCHAR": pa.string(),
    "INTEGER": pa.int32(),
    "BIGINT": pa.int64(),
    "BOOLEAN": pa.bool_(),
    "DOUBLE": pa.float64(),
    "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us"),
}


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
    """One change in the making: the cursor, who, when, and the only ways to write."""

    cursor: duckdb.DuckDBPyConnection
    actor: Actor
    change_id: int
    made_at: datetime
    subject: str | None = None
    customer_id: int | None = None
    detail: dict[str, Any] = field(default_factory=dict)
    undoes: int | None = None
    known: dict[str, dict[str, str]] = field(default_factory=dict)
    written: set[str] = field(default_factory=set)
    """Tables that are no longer as they were: answers that read one of them are past."""

    def next_id(self, table: str, column: str) -> int:
        """The first free id. Safe because the door lets in one writer at a time."""
        row = self.cursor.execute(f"select coalesce(max({column}), 0) + 1 from {table}").fetchone()  # noqa: S608 (names from our own code)
        assert row is not None
        return int(row[0])

    def insert(self, table: str, rows: pa.Table | Sequence[Mapping[str, object]]) -> int:
        """Record rows, columns by name; ids of records, times and author are filled in. Returns how many."""
        if not isinstance(rows, pa.Table) and 0 < len(rows) <= _FEW:
            return self._insert_few(table, rows)
        stage = rows if isinstance(rows, pa.Table) else self._typed(table, rows)
        if stage.num_rows == 0:
            return 0
        # DuckDB 2 registers nothing while an earlier answer is only half read; another question, read whole, ends it.
        self.cursor.execute("select 1").fetchall()
        self.cursor.register("stage", stage)
        count = self.insert_from(table, stage.column_names, "select * from stage", {})
        self.cursor.unregister("stage")
        return count

    def _insert_few(self, table: str, rows: Sequence[Mapping[str, object]]) -> int:
        """The same as values of the statement: a table of Arrow laid out for a row or two costs more than the row."""
        types, names = self.columns(table), list(dict.fromkeys(chain(*rows)))
        given = {f"{name}_{at}": _plain_value(types[name], row.get(name)) for at, row in enumerate(rows) for name in names}
        lines = ", ".join("(" + ", ".join(f"${name}_{at}::{types[name]}" for name in names) + ")" for at in range(len(rows)))
        return self.insert_from(table, names, f"select * from (values {lines}) as given ({', '.join(names)})", given)  # noqa: S608 (our names)

    def insert_from(self, table: str, names: Sequence[str], select: str, parameters: Mapping[str, object]) -> int:
        """Record what a select of our own finds, in its order: bulk changes stay inside the engine. Returns how many."""
        self.written.add(table)
        filled = self._filled(table, names)
        into, values = ", ".join([*names, *filled]), ", ".join([*names, *filled.values()])
        row = self.cursor.execute(f"insert into {table} ({into}) select {values} from ({select})", dict(parameters)).fetchone()  # noqa: S608
        return int(row[0]) if row else 0

    def retire(self, table: str, where: str, parameters: Mapping[str, object]) -> int:
        """Take back live rows that match. Returns how many."""
        self.written.add(table)
        row = self.cursor.execute(
            f"update {table} set retired_at = $made_at, retired_change = $change_id "  # noqa: S608
            f"where retired_at = $forever and ({where})",
            {**parameters, "made_at": self.made_at, "change_id": self.change_id, "forever": FOREVER},
        ).fetchone()
        return int(row[0]) if row else 0

    def rewrite(self, table: str, thing_id: int, **fields: object) -> None:
        """The one live row of a thing retired and its successor recorded: the same but for these fields."""
        columns = self.columns(table)
        said, about = [name for name in columns if name not in BOOKKEEPING], f"{list(columns)[1]} = $thing_id"
        found = self.cursor.execute(
            f"select {', '.join(said)} from {table} where {about} and retired_at = $forever",  # noqa: S608 (names from our own code)
            {"thing_id": thing_id, "forever": FOREVER},
        ).fetchall()
        assert len(found) == 1  # a command has looked at what it changes; what has a row for each period is split, not rewritten
        self.retire(table, about, {"thing_id": thing_id})
        self.insert(table, [{**dict(zip(said, found[0], strict=True)), **fields}])

    def overwrite(self, table: str, sql: str, parameters: Mapping[str, object]) -> None:
        """Insert, update or delete in a table that holds no facts: people and their addresses, which have no past."""
        self.written.add(table)
        self.cursor.execute(sql, dict(parameters))

    def _filled(self, table: str, names: Sequence[str]) -> dict[str, str]:
        """Columns the door fills in, as SQL. A source may bring its own recorded_at (history moved in)."""
        columns = list(self.columns(table))
        filled = {
            columns[0]: f"{self.next_id(table, columns[0]) - 1} + row_number() over ()",
            "recorded_at": f"timestamp '{self.made_at.isoformat(sep=' ')}'",
            "recorded_by": str(self.actor.user_id),
            "change_id": str(self.change_id),
            "origin_change": str(self.change_id),
            "retired_at": f"timestamp '{FOREVER.isoformat(sep=' ')}'",
        }
        return {name: sql for name, sql in filled.items() if name in columns and name not in names}

    def columns(self, table: str) -> dict[str, str]:
        """Column names in order, with their types. The first is the record's own id, the second names the thing."""
        if table not in self.known:
            # Once a ledger: the schema stays while it is open.
            self.known[table] = dict(self.cursor.execute("select name, type from pragma_table_info($table)", {"table": table}).fetchall())
        return self.known[table]

    def _typed(self, table: str, rows: Sequence[Mapping[str, object]]) -> pa.Table:
        """Rows as Arrow in the table's own types. Decimals go as text: the engine casts them exactly."""
        types = self.columns(table)
        return pa.table({name: _array(types[name], [row.get(name) for row in rows]) for name in dict.fromkeys(chain(*rows))})


def _plain_value(kind: str, value: object) -> object:
    """A value as a parameter. Decimals go as text: the engine casts them exactly."""
    return str(value) if kind.startswith("DECIMAL") and value is not None else value


def _array(kind: str, values: list[object]) -> pa.Array:
    if kind.startswith("DECIMAL"):
        return pa.array([None if value is None else str(value) for value in values], pa.string())
    return pa.array(values, _ARROW[kind])


def execute(ledger: Ledger, actor: Actor, command: Command, *, request_key: str | None = None) -> Receipt:
    """Make one change, whole or not at all.

    `request_key` makes a repeated request (a double click, a resent form) harmless.
    Refuses: a role without the permission (`Forbidden`), fields or rows that break a rule (`Refused`),
    a later change in the way (`Conflict`).
    """
    actor.need(command.permission)
    command.validate()
    for attempt in range(_TRIES):
        try:
            return _once(ledger, actor, command, request_key)
        except duckdb.TransactionException as error:
            # Only what is jotted down beside the door (sessions, drafts) can collide; then the whole change runs again.
            if "conflict" not in str(error).lower() or attempt == _TRIES - 1:
                raise
    raise AssertionError


def _once(ledger: Ledger, actor: Actor, command: Command, request_key: str | None) -> Receipt:
    with ledger.alone:
        with ledger.transaction() as cursor:
            if request_key and (done := _done(cursor, request_key)):
                return Receipt(done, repeated=True)
            last_id, last_at, prev_hash = _head(cursor)
            # A clock set back must not make this change look older than the one before it.
            made_at = max(ledger.clock(), last_at + timedelta(microseconds=1))
            change = Change(cursor, actor, last_id + 1, made_at, known=ledger.columns)
            result = command.apply(change)
            _audit(change, type(command).__name__, {**_plain(command), **change.detail}, request_key, prev_hash)
            tables = frozenset(change.written) | {"audit"}
        ledger.advance(change.change_id, tables)
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


_SEALED: Final = ("change_id", "made_at", "user_id", "command", "subject", "customer_id", "detail", "request_key", "undoes", "prev_hash")


def _seal(sealed: Mapping[str, object]) -> str:
    # Changes older than the column say nothing of a customer, and keep the hash they were sealed with.
    sealed = {name: value for name, value in sealed.items() if not (name == "customer_id" and value is None)}
    return hashlib.sha256(json.dumps(sealed, default=str, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _audit(change: Change, name: str, detail: Mapping[str, object], request_key: str | None, prev_hash: str) -> None:
    sealed = {
        "change_id": change.change_id,
        "made_at": change.made_at,
        "user_id": change.actor.user_id,
        "command": name,
        "subject": change.subject,
        "customer_id": change.customer_id,
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
    shallow = {spec.name: getattr(command, spec.name) for spec in fields(command) if spec.metadata.get("audit") is not False}
    return {name: asdict(value) if is_dataclass(value) and not isinstance(value, type) else value for name, value in shallow.items()}


def _done(cursor: duckdb.DuckDBPyConnection, request_key: str) -> int | None:
    row = cursor.execute("select change_id from audit where request_key = $key", {"key": request_key}).fetchone()
    return int(row[0]) if row else None


def _head(cursor: duckdb.DuckDBPyConnection) -> tuple[int, datetime, str]:
    row = cursor.execute("select change_id, made_at, hash from audit where change_id = (select max(change_id) from audit)").fetchone()
    return row or (0, datetime.min, GENESIS)  # noqa: DTZ901 (moments are UTC without a zone)
