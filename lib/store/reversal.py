"""A change taken back: what it wrote is retired, what it retired is recorded again, its postings are mirrored.

A reinstated record is a copy that names its original in `origin_record`, so an undo, the undo of an undo and so on all speak of
the same content.
"""

from __future__ import annotations

from typing import Final

from lib.store.door import BOOKKEEPING, Change

_LINEAGE: Final = "coalesce(origin_record, record_id)"
_WROTE: Final = "change_id = $undone and retired_change is distinct from $undone"
_TOOK: Final = "retired_change = $undone and change_id <> $undone"
_WRITTEN_ANEW: Final = BOOKKEEPING - {"origin_change"}
"""What is kept says which change wrote it first."""


def revert(change: Change, undone: int) -> dict[str, int]:
    """Take back a change. Returns rows touched per table."""
    touched = {table: _swap(change, table, undone) for table in _touched(change, undone)}
    touched["posting"] = _mirror(change, undone)
    _recount(change, undone)
    return {table: count for table, count in touched.items() if count}


def later(change: Change, undone: int) -> int | None:
    """The latest change that built on what `undone` wrote or retired; None when nothing stands in its way."""
    found = [_later(change, table, key, undone) for table, key in _touched(change, undone).items()]
    return max((later for later in found if later), default=None)


def _touched(change: Change, undone: int) -> dict[str, str]:
    """Tables of facts with rows that a change wrote or took back, each with the column that names the thing (its second)."""
    sql = """
        select table_name, any_value(column_name) filter (where column_index = 2)
        from duckdb_columns()
        where table_name in (select table_name from duckdb_columns() where column_name = 'retired_change')
        group by table_name order by table_name
    """
    keys = dict(change.cursor.execute(sql).fetchall())
    # A change touches a table or two of many: they are found by one question, and only they are asked more.
    looked = (f"(select '{table}' as name from {table} where $undone in (change_id, retired_change) limit 1)" for table in keys)  # noqa: S608
    found = change.cursor.execute(" union all ".join(looked), {"undone": undone}).fetchall()
    return {table: keys[table] for (table,) in sorted(found)}


def _swap(change: Change, table: str, undone: int) -> int:
    kept = [name for name in change.columns(table) if name not in _WRITTEN_ANEW]
    # Found before this change retires anything of its own, inserted after: one live row at any moment.
    change.cursor.execute(
        f"create or replace temp table reinstated as select {', '.join(kept)}, {_LINEAGE} as origin_record "  # noqa: S608 (our own names)
        f"from {table} where {_TOOK} order by record_id",
        {"undone": undone},
    )
    retired = change.retire(table, f"{_LINEAGE} in (select {_LINEAGE} from {table} where {_WROTE})", {"undone": undone})  # noqa: S608
    return retired + change.insert_from(table, [*kept, "origin_record"], "select * from reinstated", {})


def _later(change: Change, table: str, key: str, undone: int) -> int | None:
    """The latest change that made what stands of the touched things another content than stood right after `undone`."""
    row = change.cursor.execute(
        f"""
        with content as (
            select
                bool_or(change_id <= $undone and coalesce(retired_change > $undone, true)) as stood,
                bool_or(retired_change is null) as stands,
                max(greatest(change_id, coalesce(retired_change, 0))) as changed_by
            from {table}
            where {key} in (select {key} from {table} where ({_WROTE}) or ({_TOOK}))
            group by {_LINEAGE}
        )

        select max(changed_by) from content where stood <> stands
        """,  # noqa: S608 (names from our own tables)
        {"undone": undone},
    ).fetchone()
    return int(row[0]) if row and row[0] else None


def _mirror(change: Change, undone: int) -> int:
    """On the original's day, so that what was wrong is gone from every date, yet still there as known before."""
    names = ["entry_id", "customer_id", "invoice_id", "kind", "on_date", "due_on", "amount", "items", "currency", "rule"]
    sql = """
        select entry_id, customer_id, invoice_id, kind, on_date, due_on, -amount as amount, -items as items, currency, 'undo' as rule
        from posting where change_id = $undone order by posting_id
    """
    return change.insert_from("posting", names, sql, {"undone": undone})


def _recount(change: Change, undone: int) -> None:
    """Make `items` of the touched invoices say again, on every day, whether money is open.

    A part payment taken back after a later one had settled the invoice opens it again on the later one's day.
    """
    names = ["entry_id", "customer_id", "invoice_id", "kind", "on_date", "due_on", "amount", "items", "currency", "rule"]
    sql = """
        with touched as (
            select distinct invoice_id from posting where change_id = $undone and invoice_id is not null
        ),

        daily as (
            select
                invoice_id, due_on, on_date, currency,
                any_value(customer_id) as customer_id, sum(amount) as amount, sum(items) as items
            from posting
            where invoice_id in (select invoice_id from touched)
            group by invoice_id, due_on, on_date, currency
        ),

        counted as (
            select *, (sum(amount) over days <> 0)::integer - sum(items) over days as missing
            from daily
            window days as (partition by invoice_id, due_on order by on_date)
        ),

        stepped as (
            select *, missing - lag(missing, 1, 0) over (partition by invoice_id, due_on order by on_date) as step from counted
        )

        select
            invoice_id as entry_id, customer_id, invoice_id, 'invoice' as kind, on_date, due_on,
            0 as amount, step::integer as items, currency, 'recount' as rule
        from stepped where step <> 0 order by invoice_id, on_date
    """
    change.insert_from("posting", names, sql, {"undone": undone})
