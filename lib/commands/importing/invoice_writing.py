"""Invoices into the ledger: documents, lines, money, settlements and disputes, each in one statement for the whole file."""

from __future__ import annotations

from typing import Final

from lib.commands.importing.parties import register
from lib.commands.importing.staging import Stage
from lib.commands.postings import SETTLING, post
from lib.store.door import Change

_ENTRY: Final = ("entry_id", "customer_id", "kind", "doc_no", "on_date", "due_on", "amount", "currency", "tax_amount", "memo")


def write(change: Change, stage: Stage) -> None:
    """Record new documents and correct changed ones: the old money is mirrored on its own days, then stated anew."""
    register(change, stage, _USED)
    cursor = change.cursor
    cursor.execute(_WRITTEN, {"first": change.next_id("entry", "entry_id")})
    cursor.execute(_MIRRORED)
    change.retire("entry", "entry_id in (select written.entry_id from written where written.status = 'changed')", {})
    change.retire("entry", "entry_id in (select written.settled_by from written where written.is_resettled)", {})
    change.insert_from("entry", _ENTRY, "select written.* from written order by written.entry_id", {})
    _write_lines(change)
    cursor.execute(_PAID, {"first": change.next_id("entry", "entry_id")})
    change.insert_from("entry", (*_ENTRY[:4], "on_date", "amount", "currency"), _PAYMENTS, {})
    post(change, f"{_DRAFTS} union all {SETTLING} order by on_date, entry_id")
    _write_disputes(change)


def _write_lines(change: Change) -> None:
    relisted = "entry_id in (select written.entry_id from written where written.status = 'changed' and written.is_relisted)"
    change.retire("entry_line", relisted, {})
    change.insert_from("entry_line", ("entry_id", "product_no", "description", "quantity", "unit_price", "amount"), _LINES, {})


def _write_disputes(change: Change) -> None:
    change.cursor.execute(_DISPUTING, {"first": change.next_id("case_file", "case_id")})
    names = ("case_id", "customer_id", "kind", "on_date", "subject", "invoice_id", "amount", "currency", "owner_id", "ref")
    change.insert_from("case_file", names, "select disputing.*, 'dispute' as kind from disputing order by disputing.case_id", {})
    first = change.next_id("case_event", "event_id")
    change.insert_from("case_event", ("event_id", "case_id", "customer_id", "state", "happened_at"), _DISPUTE_EVENTS, {"first": first})


_USED: Final = "select record.customer_id from record inner join outcome using (record_no) where outcome.status = 'new'"

_WRITTEN: Final = """
    create or replace temp table written as
    with standing as (
        select document.*
        from document
        where document.record_no in (select outcome.record_no from outcome where outcome.status in ('new', 'changed'))
    )

    select
        standing.* exclude (customer_id), coalesce(known_as.customer_id, standing.customer_id) as customer_id,
        case
            when standing.status = 'new'
                then $first - 1 + row_number() over (partition by standing.status order by standing.on_date, standing.record_no)
            else standing.thing_id
        end as entry_id
    from standing
    left join known_as on standing.customer_id = known_as.was
"""

# What stood on a restated document, and on the payment of a settlement that is made anew, netted by day.
_MIRRORED: Final = """
    create or replace temp table mirrored as
    select
        posting.entry_id, posting.customer_id, posting.invoice_id, posting.kind, posting.on_date, posting.due_on,
        sum(posting.amount) as amount, posting.currency, bool_or(posting.rule = 'settled_on') as by_file
    from posting
    where
        posting.invoice_id in (select written.entry_id from written where written.is_restated)
        or posting.entry_id in (select written.entry_id from written where written.is_restated)
        or posting.entry_id in (select written.settled_by from written where written.is_resettled)
    group by posting.entry_id, posting.customer_id, posting.invoice_id, posting.kind, posting.on_date, posting.due_on, posting.currency
    having sum(posting.amount) <> 0
"""

_LINES: Final = """
    select
        written.entry_id, line.product_no, line.description, line.quantity, line.unit_price,
        round(line.line_amount, 6)::decimal(24, 6) as amount
    from line
    inner join written on line.record_no = written.record_no and written.is_relisted
    order by written.entry_id, line.row_no
"""

_PAID: Final = """
    create or replace temp table paid as
    select
        $first - 1 + row_number() over (order by written.settled_on, written.entry_id) as entry_id, written.customer_id,
        written.entry_id as invoice_id, 'payment' as kind, written.doc_no, written.settled_on as on_date, written.on_date as open_from,
        written.due_on, written.amount - case when written.is_resettled then 0 else written.used_amount end as amount,
        written.currency, 'settled_on' as rule
    from written
    where
        written.settled_on is not null
        and (written.status = 'new' or written.is_resettled or written.old_settled_on is null or written.is_restated)
        and written.amount > case when written.is_resettled then 0 else written.used_amount end
"""

_PAYMENTS: Final = """
    select paid.entry_id, paid.customer_id, paid.kind, paid.doc_no, paid.on_date, paid.amount, paid.currency
    from paid
    order by paid.entry_id
"""

_DRAFTS: Final = """
    select
        mirrored.entry_id, mirrored.customer_id, mirrored.invoice_id, mirrored.kind, mirrored.on_date, mirrored.due_on,
        -mirrored.amount as amount, mirrored.currency, 'correction' as rule
    from mirrored
    union all
    select
        mirrored.entry_id, mirrored.customer_id, mirrored.invoice_id, mirrored.kind, mirrored.on_date, written.due_on,
        mirrored.amount, mirrored.currency, case when mirrored.by_file then 'settled_on' else 'correction' end
    from mirrored
    inner join written on mirrored.invoice_id = written.entry_id and mirrored.entry_id <> written.entry_id and not written.is_resettled
    union all
    select
        written.entry_id, written.customer_id, case when written.kind = 'invoice' then written.entry_id end, written.kind,
        written.on_date, written.due_on, case when written.kind = 'invoice' then written.amount else -written.amount end,
        written.currency, case when written.status = 'new' then 'issue' else 'correction' end
    from written
    where written.status = 'new' or written.is_restated
"""

_DISPUTING: Final = """
    create or replace temp table disputing as
    select
        $first - 1 + row_number() over (order by written.entry_id) as case_id, written.customer_id, written.on_date,
        written.doc_no as subject, written.entry_id as invoice_id, written.amount, written.currency, customer_record.owner_id,
        written.doc_no as ref, written.settled_on
    from written
    left join customer_record
        on
            written.customer_id = customer_record.customer_id
            and customer_record.until_on = date '9999-12-31'
            and customer_record.retired_at = timestamp '9999-12-31'
    where written.is_newly_disputed
"""

# Whoever paid in the end disputes no more: the case closes with the settlement.
_DISPUTE_EVENTS: Final = """
    with happening as (
        select disputing.case_id, disputing.customer_id, 'new' as state, disputing.on_date + interval 1 hour as happened_at from disputing
        union all
        select disputing.case_id, disputing.customer_id, 'closed', greatest(disputing.settled_on, disputing.on_date) + interval 1 hour
        from disputing
        where disputing.settled_on is not null
    )

    select $first - 1 + row_number() over (order by happening.happened_at, happening.case_id) as event_id, happening.*
    from happening
    order by event_id
"""
