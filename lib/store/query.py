"""Named queries: read from `lib/sql/queries`, checked for their parameters, answered from a cache keyed by what can change the answer."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from threading import Event, Lock
from typing import Any, Final

import duckdb
import pyarrow as pa

from lib.domain.access import HOUSE, SYSTEM, Actor
from lib.store.ledger import LATEST, Ledger, file_trouble, gave_up
from lib.store.migration import SQL
from lib.store.stacking import stacked

_CACHED_ANSWERS: Final = 512
_FROM_ACTOR: Final = frozenset({"actor_id", "sees_all", "sees_bank"})
_CACHED_BYTES: Final = 64 * 2**20
_SMALL_BYTES: Final = 2**19
_PATIENCE_SECONDS: Final = 60
_WORD: Final = re.compile(r"[a-z_][a-z0-9_]*")
_CALLED: Final = re.compile(r"\b([a-z_][a-z0-9_]*)\s*\(")
_HOUSE: Final = re.compile(r"\bhouse_\w+")
_COMMENT: Final = re.compile(r"--.*")
_MACRO: Final = re.compile(r"^create or replace macro ", re.MULTILINE)
_SHARED: Final = re.compile(r"\b(?:from|join) (house_\w+)")
Shared = str | tuple[tuple[str, str], ...]
"""A statement that is asked for everyone, or several by name."""


@dataclass(frozen=True, slots=True)
class Query:
    """One question with its name, its sentence and the parameters it takes.

    `over` names questions of the house whose answers it reads as tables, and whose parameters it takes too: what is dear and the
    same for everyone is worked out once. `named` are the parameters of its own statement.
    """

    name: str
    doc: str
    sql: str
    parameters: frozenset[str]
    named: frozenset[str]
    over: frozenset[str]


@cache
def catalog() -> Mapping[str, Query]:
    """Every named query."""
    found: dict[str, Query] = {}
    for file in [*sorted((SQL / "queries").glob("*.sql")), SQL / "checks.sql"]:
        for query in parse(file.read_text("utf-8")):
            if query.name in found:
                raise ValueError(f"query {query.name} is declared twice")
            found[query.name] = query
    return {name: replace(query, parameters=_taken(query, found)) for name, query in found.items()}


def _taken(query: Query, found: Mapping[str, Query]) -> frozenset[str]:
    return query.named.union(*(_taken(found[name], found) for name in query.over))


def parse(text: str) -> list[Query]:
    """The queries of one file: blocks that open with `-- name: x`, then one or more comment lines, then one statement."""
    queries = []
    for block in re.split(r"^-- name: ", text, flags=re.MULTILINE)[1:]:
        name, _, rest = block.partition("\n")
        doc = " ".join(line[3:] for line in rest.splitlines() if line.startswith("-- "))
        (statement,) = duckdb.extract_statements(rest)
        named, over = frozenset(statement.named_parameters), frozenset(_SHARED.findall(statement.query))
        queries.append(Query(name.strip(), doc, statement.query, named, named, over))
    return queries


def read(ledger: Ledger, actor: Actor, name: str, **parameters: Hashable) -> pa.Table:
    """The answer to a named query, as an Arrow table: immutable, with exact decimals.

    `actor_id`, `sees_all`, `sees_bank` and `known_at` are filled in; a list goes in as a tuple; filters that are not given are null.
    Equal sight shares one cached answer, so a query may depend on the actor only through
    `visible_customer` and `shown`; what is personal takes `$user_id`. What only the house asks itself (`house_...`) is for nobody else.
    """
    query = catalog()[name]
    if name.startswith("house_") and actor.user_id != HOUSE:
        raise PermissionError(f"query {name} is not for people")
    if unknown := set(parameters) - query.parameters:
        raise TypeError(f"query {name} takes no {', '.join(sorted(unknown))}")
    bound: dict[str, Hashable] = {key: parameters.get(key) for key in query.parameters - _FROM_ACTOR}
    if "known_at" in bound and bound["known_at"] is None:
        bound["known_at"] = LATEST
    key = (*_known_by(ledger, actor, query.sql), name, frozenset(bound.items()))
    return _CACHE.get_or(key, lambda: _run(ledger, query, {**bound, **_seen_by(actor)}))


def rows(ledger: Ledger, actor: Actor, name: str, **parameters: Hashable) -> list[dict[str, Any]]:
    """The answer as a list of plain records; amounts are Decimals."""
    records: list[dict[str, Any]] = read(ledger, actor, name, **parameters).to_pylist()
    return records


def ask(ledger: Ledger, actor: Actor, sql: str, parameters: Mapping[str, Hashable], house: Mapping[str, Shared] | None = None) -> pa.Table:
    """The answer to a compiled statement (metrics), cached like a named query; it takes those parameters that it names.

    The actor's own are filled in. `house` names statements that are asked for everyone and whose answers this one reads as tables;
    of several under one name the answers are `stacked`.
    """
    shared = house or {}
    texts = [text for said in shared.values() for text in ([said] if isinstance(said, str) else dict(said).values())]
    whole = " ".join([sql, *texts])
    named = _named(whole, parameters)
    key = (*_known_by(ledger, actor, whole), sql, frozenset(named.items()), frozenset(shared.items()))

    def answer() -> pa.Table:
        over = {name: _of_everyone(ledger, said, parameters) for name, said in shared.items()}
        return _compiled(ledger, actor, sql, parameters, over)

    return _CACHE.get_or(key, answer)


def ask_all(
    ledger: Ledger, actor: Actor, texts: tuple[tuple[str, str], ...], parameters: Mapping[str, Hashable], over: Mapping[str, str]
) -> pa.Table:
    """The answers to several compiled statements by name, `stacked` and cached like one.

    `over` names statements that are asked first, for the same person, and read by all of these as tables; they are not kept.
    """
    whole = " ".join([*over.values(), *dict(texts).values()])
    named = _named(whole, parameters)
    key = (*_known_by(ledger, actor, whole), texts, frozenset(named.items()), frozenset(over.items()))

    def answer() -> pa.Table:
        read = {name: _compiled(ledger, actor, text, parameters, {}) for name, text in over.items()}
        return stacked({name: _compiled(ledger, actor, text, parameters, read) for name, text in texts})

    return _CACHE.get_or(key, answer)


def _of_everyone(ledger: Ledger, said: Shared, parameters: Mapping[str, Hashable]) -> pa.Table:
    if isinstance(said, str):
        return ask(ledger, SYSTEM, said, parameters)
    whole = " ".join(dict(said).values())
    key = (ledger.identity, ledger.version_of(words(whole)), said, frozenset(_named(whole, parameters).items()))
    # Only the stack is kept: its parts would be the same numbers once more.
    return _CACHE.get_or(key, lambda: stacked({name: _compiled(ledger, SYSTEM, text, parameters, {}) for name, text in said}))


def _compiled(ledger: Ledger, actor: Actor, sql: str, parameters: Mapping[str, Hashable], over: Mapping[str, pa.Table]) -> pa.Table:
    house = {name: _of_the_house(ledger, name, parameters) for name in _SHARED.findall(sql)}
    return run(ledger, sql, _named(sql, {**parameters, **_seen_by(actor)}), {**over, **house})


def _known_by(ledger: Ledger, actor: Actor, text: str) -> tuple[Hashable, ...]:
    """What an answer depends on beside its parameters: the ledger, its last change that concerns it, and what the person sees of it.

    Clearance parts two people only where something is masked, sight of the bank only where a statement asks for it.
    """
    said = words(text)
    scope, level, rows, sees_bank = actor.sight
    sees = (scope, rows, level if "clearance" in said else None, sees_bank if "sees_bank" in said else None)
    return ledger.identity, ledger.version_of(said), sees


def _named(sql: str, parameters: Mapping[str, Hashable]) -> dict[str, Hashable]:
    """The values a statement names; the engine refuses others."""
    return {name: value for name, value in parameters.items() if f"${name}::" in sql}


@lru_cache(maxsize=2048)
def words(sql: str) -> frozenset[str]:
    """Every word of a statement, of the macros it calls and of the house's questions it reads: all its tables are among them."""
    found, seen, texts = set[str](), set[str](), [_COMMENT.sub("", sql)]
    while texts:
        text = texts.pop()
        found.update(_WORD.findall(text))
        called = {*_CALLED.findall(text), *_HOUSE.findall(text)} & _declared().keys() - seen
        seen |= called
        texts.extend(_declared()[name] for name in called)
    return frozenset(found)


@cache
def _declared() -> Mapping[str, str]:
    """The text behind each macro and each question of the house, without comments."""
    found = {name: _COMMENT.sub("", query.sql) for name, query in catalog().items() if _HOUSE.fullmatch(name)}
    for file in (SQL / "views").glob("*.sql"):
        for block in _MACRO.split(_COMMENT.sub("", file.read_text("utf-8")))[1:]:
            name = block.partition("(")[0]
            found[name] = found.get(name, "") + block
    return found


def derived(rule: Callable[..., pa.Table], answer: pa.Table, *given: Hashable) -> pa.Table:
    """What a pure rule makes of an answer, worked out once for as long as the answer stays the same one."""
    return _derived(rule, _Same(answer), *given)


@lru_cache(maxsize=16)
def _derived(rule: Callable[..., pa.Table], answer: _Same, *given: Hashable) -> pa.Table:
    return rule(answer.table, *given)


@dataclass(frozen=True, slots=True, eq=False)
class _Same:
    """An answer as a key: which one it is, not what it says."""

    table: pa.Table

    def __hash__(self) -> int:
        return id(self.table)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.table is self.table


def run(ledger: Ledger, sql: str, parameters: Mapping[str, object], over: Mapping[str, pa.Table] | None = None) -> pa.Table:
    """Run a statement uncached; it may read other answers as tables, by their names in `over`.

    Refuses (`Unusable`): a file damaged where the answer stands.
    """
    try:
        return _fetched(ledger, sql, parameters, over or {})
    except duckdb.Error as error:
        if not (gave_up(error) and ledger.revive()):
            raise file_trouble(error, ledger.path) or error from error
    return _fetched(ledger, sql, parameters, over or {})


def _fetched(ledger: Ledger, sql: str, parameters: Mapping[str, object], over: Mapping[str, pa.Table]) -> pa.Table:
    try:
        return _answered(ledger, sql, parameters, over, copied=False)
    except duckdb.NotImplementedException:
        # 1.5.5 makes filters of some joins that it then cannot apply to Arrow; to tables of its own it can.
        return _answered(ledger, sql, parameters, over, copied=True)


def _answered(ledger: Ledger, sql: str, parameters: Mapping[str, object], over: Mapping[str, pa.Table], *, copied: bool) -> pa.Table:
    cursor = ledger.cursor()
    for name, table in over.items():
        _lay_out(cursor, name, table, copied=copied)
    return cursor.execute(sql, dict(parameters)).to_arrow_table()


def _lay_out(cursor: duckdb.DuckDBPyConnection, name: str, table: pa.Table, *, copied: bool) -> None:
    """Let a statement read an answer as a table: where it is, or copied into one of the engine's own.

    A small one costs nothing to copy; of whole numbers alone the engine then knows how far they go, and joins by place in an array.
    """
    if not copied and table.nbytes > _SMALL_BYTES and not all(pa.types.is_integer(kind) for kind in table.schema.types):
        cursor.register(name, table)
        return
    cursor.register(f"arrow_{name}", table)
    cursor.execute(f"create temp table {name} as select * from arrow_{name}")  # noqa: S608 (names from our own code)


def _seen_by(actor: Actor) -> dict[str, Hashable]:
    """`sees_all` repeats what `visible_customer` would find, early enough for the planner to leave that join out."""
    return {"actor_id": actor.user_id, "sees_all": actor.sees_all, "sees_bank": actor.sees_bank}


def _run(ledger: Ledger, query: Query, bound: Mapping[str, object]) -> pa.Table:
    used = {k: list(v) if isinstance(v, tuple) else v for k, v in bound.items() if k in query.named}
    return run(ledger, query.sql, used, {name: _of_the_house(ledger, name, bound) for name in query.over})


def _of_the_house(ledger: Ledger, name: str, bound: Mapping[str, Any]) -> pa.Table:
    """An answer that is the same for everyone, whoever asked first."""
    return read(ledger, SYSTEM, name, **{key: bound.get(key) for key in catalog()[name].parameters - _FROM_ACTOR})


class _Answers:
    """Least recently used answers, bounded in number and bytes; safe under threads, of which only one works out an answer."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, pa.Table] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()
        self._in_work: dict[Hashable, Event] = {}

    def get_or(self, key: Hashable, ask: Callable[[], pa.Table]) -> pa.Table:
        while True:
            with self._lock:
                if key in self._kept:
                    self._kept.move_to_end(key)
                    return self._kept[key]
                ready = self._in_work.get(key)
                if ready is None:
                    self._in_work[key] = Event()
                    break
            if not ready.wait(_PATIENCE_SECONDS):
                # Who works it out may itself wait for us: to open anew a file that the engine gave up on takes the right to write.
                return ask()
        try:
            return self._keep(key, ask())
        finally:  # also after a failure, which the next one waiting meets on its own
            with self._lock:
                self._in_work.pop(key).set()

    def _keep(self, key: Hashable, answer: pa.Table) -> pa.Table:
        with self._lock:
            self._kept[key] = answer
            self._bytes += answer.nbytes
            while len(self._kept) > _CACHED_ANSWERS or (self._bytes > _CACHED_BYTES and len(self._kept) > 1):
                self._bytes -= self._kept.popitem(last=False)[1].nbytes
        return answer


_CACHE: Final = _Answers()
