"""What every query keeps: it runs on an empty ledger, asks who is asking, hides what is personal and says what it answers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import ledgers
import pytest

from lib.domain.access import SYSTEM, Actor, Role, Scope
from lib.metrics import METRICS
from lib.metrics import compile as compiler
from lib.store.ledger import Ledger
from lib.store.migration import SQL
from lib.store.query import Query, catalog, parse, read, words

ROOT = Path(__file__).parents[1]
PERSONAL = {"tax_no", "bank_account", "phone", "email", "wechat", "address"}
GATES = {"visible_customer", "is_visible", "sees_owner"}
"""What a query of customer rows asks."""
CHECKS = {query.name for query in parse((SQL / "checks.sql").read_text("utf-8"))}
"""Run by the house itself over everything."""
SHARED = {name for name in catalog() if name.startswith("house_")}
"""Answers that are the same for everyone, which only the house asks and other queries read as tables: rows of customers."""

Tree = dict[str, Any]


@pytest.fixture(scope="module")
def empty() -> Iterator[Ledger]:
    with ledgers.fresh() as ledger:
        yield ledger


@pytest.fixture(scope="module")
def macros(empty: Ledger) -> dict[str, Tree]:
    """The syntax trees of our macros."""
    found = empty.cursor().execute(
        "select function_name, macro_definition from duckdb_functions() where not internal and macro_definition is not null"
    )
    return {name: parsed(empty, as_select(text)) for name, text in found.fetchall()}


def as_select(text: str) -> str:
    return text if re.match(r"\s*(select|with|from)\b", text, re.IGNORECASE) else f"select {text}"


def parsed(ledger: Ledger, sql: str) -> Tree:
    row = ledger.cursor().execute("select json_serialize_sql($sql)", {"sql": sql}).fetchone()
    assert row is not None
    tree: Tree = json.loads(row[0])
    assert not tree["error"], f"{tree.get('error_message')}: {sql[:200]}"
    return tree


def nodes(tree: Any) -> Iterator[Tree]:
    if isinstance(tree, dict):
        yield tree
        for value in tree.values():
            yield from nodes(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from nodes(value)


def of_the_house(ledger: Ledger, name: str, asker: Actor = SYSTEM) -> Any:
    day = date(2026, 6, 30)
    return read(ledger, asker, name, **{key: day for key in ("as_of", "since") if key in catalog()[name].parameters})


def calls(tree: Tree) -> set[str]:
    return {node["function_name"] for node in nodes(tree) if "function_name" in node}


def tables(tree: Tree) -> set[str]:
    return {node["table_name"] for node in nodes(tree) if node.get("type") == "BASE_TABLE"}


def reached(tree: Tree, macros: dict[str, Tree], seen: frozenset[str] = frozenset()) -> tuple[set[str], set[str]]:
    """Tables and macros a statement reads, through macros too; what only the access rule reads is not counted."""
    found, called = tables(tree), calls(tree) & set(macros)
    for name in called - seen - {*GATES, "shown", "masked"}:
        more, deeper = reached(macros[name], macros, seen | called)
        found, called = found | more, called | deeper
    return found, called


def customer_tables(ledger: Ledger) -> set[str]:
    sql = "select table_name from duckdb_columns() where column_name = 'customer_id' and not internal"
    return {row[0] for row in ledger.cursor().execute(sql).fetchall()}


def bare_personal(tree: Any, *, hidden: bool = False) -> set[str]:
    """Personal columns shown as they are: referred to outside `shown(...)`."""
    if isinstance(tree, list):
        return set().union(*(bare_personal(part, hidden=hidden) for part in tree), set())
    if not isinstance(tree, dict):
        return set()
    hidden = hidden or tree.get("function_name") == "shown"
    found = set(tree.get("column_names", [])[-1:]) & PERSONAL if tree.get("type") == "COLUMN_REF" and not hidden else set()
    return found.union(*(bare_personal(value, hidden=hidden) for value in tree.values()))


@pytest.mark.parametrize("query", catalog().values(), ids=lambda query: query.name)
def test_query_runs_on_an_empty_ledger(empty: Ledger, query: Query) -> None:
    cursor = empty.cursor()
    for name in query.over:
        cursor.register(name, of_the_house(empty, name))
    cursor.execute(f"explain {query.sql}", dict.fromkeys(query.named))


@pytest.mark.parametrize("query", [query for name, query in catalog().items() if name not in CHECKS | SHARED], ids=lambda query: query.name)
def test_query_of_customer_rows_asks_who_may_see_them(empty: Ledger, macros: dict[str, Tree], query: Query) -> None:
    found, called = reached(parsed(empty, query.sql), macros)
    if about := found & (customer_tables(empty) | SHARED):
        assert GATES & called, f"{query.name} reads {about} without visible_customer"


@pytest.mark.parametrize("name", sorted(SHARED))
def test_nobody_but_the_house_is_answered_for_everyone(empty: Ledger, name: str) -> None:
    with pytest.raises(PermissionError, match="not for people"):
        of_the_house(empty, name, Actor(1, "u1", Role.COMPLIANCE, Scope.ALL, (), 2))


@pytest.mark.parametrize("name", sorted(SHARED))
def test_what_the_house_shares_is_the_same_whoever_asks(empty: Ledger, macros: dict[str, Tree], name: str) -> None:
    """Nothing in it hangs on a person or their clearance; what is personal stays out of it."""
    tree = parsed(empty, catalog()[name].sql)
    assert not catalog()[name].parameters & {"actor_id", "sees_all", "sees_bank", "user_id"}
    assert not {*GATES, "shown"} & reached(tree, macros)[1]
    assert not bare_personal(tree)


def test_who_sees_whom_is_said_once(macros: dict[str, Tree]) -> None:
    """By customer or by account manager, sight is cut by one rule."""
    assert [name for name, tree in macros.items() if "user_team" in tables(tree)] == ["given_team"]
    assert {name for name, tree in macros.items() if "given_team" in calls(tree)} == {"limited_owner", "attends"}
    assert all("limited_owner" in calls(macros[name]) for name in ("limited_customer", "sees_owner"))
    assert all("limited_customer" in calls(macros[name]) for name in ("visible_customer", "is_visible"))


@pytest.mark.parametrize("by", [None, *compiler.GROUPS])
def test_metric_asks_who_may_see_its_rows(empty: Ledger, macros: dict[str, Tree], by: str | None) -> None:
    wanted = compiler.parts(METRICS.values())
    rows = [compiler.behind(part) for parts in wanted.values() for part in parts]
    for sql in (compiler.seen(wanted, by), compiler.money_lines(by), *rows):
        assert GATES & reached(parsed(empty, sql), macros)[1]


@pytest.mark.parametrize("query", [query for name, query in catalog().items() if name not in CHECKS], ids=lambda query: query.name)
def test_query_shows_personal_columns_only_to_the_cleared(empty: Ledger, query: Query) -> None:
    assert not bare_personal(parsed(empty, query.sql))


def test_the_words_a_query_is_cached_by_name_every_table_it_reads(empty: Ledger, macros: dict[str, Tree]) -> None:
    for query in catalog().values():
        found, called = reached(parsed(empty, query.sql), macros)
        assert found | called <= words(query.sql), query.name
        assert all(words(catalog()[name].sql) <= words(query.sql) for name in query.over)


@pytest.mark.parametrize("query", catalog().values(), ids=lambda query: query.name)
def test_query_says_what_it_answers(query: Query) -> None:
    assert query.doc.rstrip().endswith("."), f"{query.name}: a sentence, please"


def test_every_macro_says_what_it_gives() -> None:
    for file in (ROOT / "lib" / "sql" / "views").glob("*.sql"):
        for before in re.split(r"^create or replace macro ", file.read_text("utf-8"), flags=re.MULTILINE)[:-1]:
            assert before.rstrip().splitlines()[-1].startswith("--"), f"{file.name}: a macro without its sentence"
