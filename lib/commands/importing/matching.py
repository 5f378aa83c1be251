"""Records of a file against records of the ledger: new, changed field by field, or the same.

Each kind makes temp tables `record` (record_no, customer_id and its own columns; one row per record of the file) and `existing`
(thing_id, customer_id and the same columns). `line.record_no` says which rows of the file make up a record.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import duckdb


@dataclass(frozen=True, slots=True)
class Pass:
    """One way to recognise a record: these columns agree. `only` limits the file's records, `lone` allows a single pair per key."""

    columns: tuple[str, ...]
    only: str = "true"
    lone: bool = False


def match(cursor: duckdb.DuckDBPyConnection, passes: Sequence[Pass], compared: Sequence[str]) -> None:
    """Make `verdict` (record_no, thing_id, status, changes): passes in order, each on what the earlier ones left.

    The nth record with a key meets the nth of the ledger, so a file that holds the same thing twice stays the same when it
    comes again. An empty cell says nothing: it changes nothing.
    """
    cursor.execute("create or replace temp table pair (record_no bigint, thing_id bigint)")
    for way in passes:
        cursor.execute(_pairing(way))
    changes = ", ".join(
        f"case when record.{name} is not null and record.{name} is distinct from existing.{name} then "
        f"{{'field': '{name}', 'before': existing.{name}::text, 'after': record.{name}::text}} end"
        for name in compared
    )
    kept = (
        f"list_filter([{changes}], lambda change: change is not null)" if changes else "[]::struct(field text, before text, after text)[]"
    )
    cursor.execute(_VERDICT.format(kept=kept))


def _pairing(way: Pass) -> str:
    keys = ", ".join(("customer_id", *way.columns))
    agree = " and ".join(f"ours.{name} is not distinct from theirs.{name}" for name in ("customer_id", *way.columns))
    lone = "and ours.sharers = 1 and theirs.sharers = 1" if way.lone else ""
    return f"""
        insert into pair
        with ours as (
            select
                record.*, row_number() over (partition by {keys} order by record_no) as turn,
                count(*) over (partition by {keys}) as sharers
            from record
            where record.customer_id > 0 and ({way.only}) and record.record_no not in (select pair.record_no from pair)
        ),

        theirs as (
            select
                existing.*, row_number() over (partition by {keys} order by thing_id) as turn,
                count(*) over (partition by {keys}) as sharers
            from existing
            where existing.thing_id not in (select pair.thing_id from pair)
        )

        select ours.record_no, theirs.thing_id
        from ours
        inner join theirs on {agree} and ours.turn = theirs.turn {lone}
    """  # noqa: S608 (names from our own code)


_VERDICT: Final = """
    create or replace temp table verdict as
    with compared as (
        select record.record_no, existing.thing_id, {kept} as changes
        from record
        left join pair on record.record_no = pair.record_no
        left join existing on pair.thing_id = existing.thing_id
    )

    select
        compared.record_no, compared.thing_id,
        case when compared.thing_id is null then 'new' when len(compared.changes) > 0 then 'changed' else 'same' end as status,
        case when compared.thing_id is not null then compared.changes end as changes
    from compared
"""


def drop_repeats(cursor: duckdb.DuckDBPyConnection, keys: Sequence[str], content: Sequence[str], only: str) -> None:
    """Mark rows that repeat an earlier one as duplicates (`repeat`), and rows with its key but other content as in trouble.

    `only` tells which rows have a key of their own; rows without one may well say the same thing twice and mean it.
    """
    of = ", ".join(f"line.{name}" for name in ("customer_id", *keys))
    alike = ", ".join(f"line.{name}" for name in dict.fromkeys(("customer_id", *keys, *content)))
    cursor.execute(
        f"""
        create or replace temp table repeat as
        select line.row_no, line.record_no
        from line
        where line.row_no not in (select trouble.row_no from trouble) and ({only})
        qualify row_number() over (partition by {alike} order by line.row_no) > 1
        """  # noqa: S608 (names from our own code)
    )
    cursor.execute(
        f"""
        insert into trouble
        with kept as (
            select line.row_no, min(line.row_no) over (partition by {of}) as first_row_no
            from line
            where
                line.row_no not in (select trouble.row_no from trouble)
                and line.record_no not in (select repeat.record_no from repeat)
                and ({only})
        )

        select kept.row_no, 'conflict', kept.first_row_no::text, null from kept where kept.row_no <> kept.first_row_no
        """  # noqa: S608 (names from our own code)
    )


def spoil_siblings(cursor: duckdb.DuckDBPyConnection, number: str) -> None:
    """Mark the rows that share a document, by the column of its `number`, with a row in trouble."""
    cursor.execute(
        f"""
        insert into trouble
        with torn as (
            select line.party_no, line.{number}, min(line.row_no) as row_no
            from line
            where line.row_no in (select trouble.row_no from trouble) and line.{number} is not null
            group by line.party_no, line.{number}
        )

        select line.row_no, 'sibling', torn.row_no::text, null
        from line
        inner join torn on line.party_no = torn.party_no and line.{number} = torn.{number}
        where line.row_no not in (select trouble.row_no from trouble)
        """  # noqa: S608 (names from our own code)
    )


def no_repeats(cursor: duckdb.DuckDBPyConnection) -> None:
    """An empty `repeat`, for kinds whose rows are lines of a document."""
    cursor.execute("create or replace temp table repeat (row_no bigint, record_no bigint)")


def conclude(cursor: duckdb.DuckDBPyConnection) -> None:
    """Make `outcome` (row_no, record_no, status, code, a, b): what becomes of each row. A record with one bad row is left out whole.

    Codes that start with apart mark rows that are right and yet bring nothing.
    """
    cursor.execute(_SPOILED)
    cursor.execute(_OUTCOME)


_SPOILED: Final = """
    create or replace temp table spoiled as
    select line.record_no, min(line.row_no) as row_no
    from line
    where line.record_no is not null and line.row_no in (select trouble.row_no from trouble)
    group by line.record_no
"""

_OUTCOME: Final = """
    create or replace temp table outcome as
    with own as (
        select trouble.row_no, trouble.code, trouble.a, trouble.b
        from trouble
        qualify row_number() over (partition by trouble.row_no order by trouble.code <> 'cell', trouble.code not like 'apart%') = 1
    ),

    judged as (
        select
            line.row_no, line.record_no,
            case
                when own.code like 'apart%' then 'apart'
                when own.row_no is not null or spoiled.record_no is not null then 'error'
                when repeat.row_no is not null then 'duplicate'
                else verdict.status
            end as status,
            case when own.row_no is not null then own.code when spoiled.record_no is not null then 'sibling' end as code,
            case when own.row_no is not null then own.a when spoiled.record_no is not null then spoiled.row_no::text end as a,
            own.b
        from line
        left join own on line.row_no = own.row_no
        left join repeat on line.row_no = repeat.row_no and coalesce(line.record_no, 0) = coalesce(repeat.record_no, 0)
        left join spoiled on line.record_no = spoiled.record_no
        left join verdict on line.record_no = verdict.record_no
    )

    select judged.*
    from judged
    order by judged.row_no
"""
