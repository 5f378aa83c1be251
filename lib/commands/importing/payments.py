"""Payments: each with the invoices it names, the rest on account or, when asked, on the oldest open invoices."""

from __future__ import annotations

from typing import Final

import duckdb

from lib.commands.importing.matching import Pass, match, no_repeats, spoil_siblings
from lib.commands.importing.parties import register
from lib.commands.importing.staging import Stage
from lib.commands.postings import SETTLING, oldest_first, post
from lib.store.door import Change

_SAID: Final = ("on_date", "amount", "currency", "method", "payer", "memo")
_ENTRY: Final = ("entry_id", "customer_id", "kind", "doc_no", "on_date", "amount", "currency", "method", "payer", "memo")


def plan(cursor: duckdb.DuckDBPyConnection, stage: Stage) -> None:
    """Make `record`, `existing`, `verdict`, `document` (what is to be recorded) and mark what is in trouble."""
    given = stage.options.currency if stage.options.currency_given else None
    cursor.execute(_LINE, {"given": given, "currency": stage.options.currency})
    cursor.execute(_TROUBLE, {"today": stage.options.today})
    no_repeats(cursor)
    alike = ", ".join(f"line.{name}" for name in ("customer_id", *sorted(stage.columns)))
    cursor.execute(_REPEAT.format(alike=alike))
    spoil_siblings(cursor, "payment_no")
    cursor.execute(_GROUPED)
    cursor.execute(_RECORD)
    cursor.execute(_EXISTING)
    said = [name for name in _SAID if name in stage.columns]
    content = ("kind", "on_date", "amount", "currency", *(name for name in said if name in ("method", "payer", "memo")))
    match(
        cursor,
        (
            Pass(("doc_no", "kind", "on_date"), only="doc_no is not null"),
            Pass(("doc_no", "kind"), only="doc_no is not null", lone=True),
            Pass(content, only="doc_no is null"),
        ),
        said,
    )
    cursor.execute(_DOCUMENT)
    cursor.execute(_USED_TROUBLE)
    cursor.execute(_CLOSED_TROUBLE)


def notes(cursor: duckdb.DuckDBPyConnection, stage: Stage) -> list[tuple[str, int]]:
    """How many payments name no invoice and so stay on account."""
    row = cursor.execute(_UNNAMED).fetchone()
    return [("on_account", int(row[0]))] if row and row[0] and not stage.options.oldest else []


def write(change: Change, stage: Stage) -> None:
    """Record new payments and correct changed ones, then lay the money on invoices."""
    register(change, stage, _USED)
    cursor = change.cursor
    cursor.execute(_WRITTEN, {"first": change.next_id("entry", "entry_id")})
    post(change, _MIRRORED)
    change.retire("entry", "entry_id in (select written.entry_id from written where written.status = 'changed')", {})
    change.insert_from("entry", _ENTRY, "select written.* from written order by written.entry_id", {})
    cursor.execute(_SHARED)
    post(change, f"{SETTLING} union all {_REFUNDED} order by on_date, entry_id")
    cursor.execute(_COMING)
    oldest_first(change, None if stage.options.oldest else ())
    cursor.execute(_REST)
    post(change, f"{SETTLING} order by on_date, entry_id")


_LINE: Final = """
    create or replace temp table line as
    with by_invoice as (
        select entry.doc_no, min(entry.customer_id) as customer_id
        from entry
        where entry.kind = 'invoice' and entry.retired_at = timestamp '9999-12-31'
            and entry.customer_id in (select seen.customer_id from seen)
            and entry.doc_no in (select line.invoice_no from line where line.is_unnamed)
        group by entry.doc_no
        having count(*) = 1
    ),

    placed as (
        select
            line.* replace (coalesce(by_invoice.customer_id, line.customer_id)::integer as customer_id),
            coalesce(line.currency, $given, line.amount_currency, $currency) as row_currency
        from line
        left join by_invoice on case when line.is_unnamed then line.invoice_no end = by_invoice.doc_no
    ),

    found as (
        select
            entry.customer_id, entry.doc_no, entry.currency, min(entry.entry_id) as invoice_id, min(entry.due_on) as due_on,
            count(*) as found
        from entry
        where entry.kind = 'invoice' and entry.retired_at = timestamp '9999-12-31'
        group by entry.customer_id, entry.doc_no, entry.currency
    )

    select
        null::bigint as record_no, placed.*, found.invoice_id, found.due_on, coalesce(found.found, 0) as found
    from placed
    left join found
        on placed.customer_id = found.customer_id and placed.invoice_no = found.doc_no and placed.row_currency = found.currency
"""

_TROUBLE: Final = """
    delete from trouble
    where
        trouble.code = 'no_customer'
        and trouble.row_no in (select line.row_no from line where line.is_unnamed and line.invoice_id is not null);

    insert into trouble
    select line.row_no, 'zero_amount', null, null from line where line.amount = 0
    union all
    select line.row_no, 'refund_of_invoice', null, null from line where line.amount < 0 and line.invoice_no is not null
    union all
    select line.row_no, 'future_day', line.on_date::text, null from line where line.on_date > $today
    union all
    select line.row_no, 'other_currency', line.amount_currency, line.row_currency from line where line.amount_currency <> line.row_currency
    union all
    select line.row_no, case when line.found = 0 then 'no_invoice' else 'several_invoices' end, line.invoice_no, null
    from line
    where line.invoice_no is not null and line.found <> 1 and line.amount > 0
"""

_REPEAT: Final = """
    insert into repeat
    select line.row_no, line.record_no
    from line
    where line.payment_no is not null and line.row_no not in (select trouble.row_no from trouble)
    qualify row_number() over (partition by {alike} order by line.row_no) > 1
"""

_GROUPED: Final = """
    create or replace temp table line as
    select
        line.* replace (
            case
                when line.row_no in (select trouble.row_no from trouble) or line.row_no in (select repeat.row_no from repeat) then null
                when line.payment_no is null then line.row_no
                else min(line.row_no) over (
                    partition by line.customer_id, line.payment_no, line.on_date, line.row_currency,
                    line.row_no in (select trouble.row_no from trouble) or line.row_no in (select repeat.row_no from repeat)
                )
            end as record_no
        )
    from line
"""

_RECORD: Final = """
    create or replace temp table record as
    select
        line.record_no, line.customer_id, min(line.payment_no) as doc_no,
        case when sum(line.amount) < 0 then 'refund' else 'payment' end as kind,
        min(line.on_date) as on_date, abs(sum(line.amount))::decimal(18, 2) as amount, min(line.row_currency) as currency,
        min(line.method) as method, min(line.payer) as payer, min(line.memo) as memo
    from line
    where line.record_no is not null
    group by line.record_no, line.customer_id
"""

_EXISTING: Final = """
    create or replace temp table existing as
    select
        entry.entry_id as thing_id, entry.customer_id, entry.doc_no, entry.kind, entry.on_date, entry.amount, entry.currency,
        entry.method, entry.payer, entry.memo
    from entry
    where
        entry.retired_at = timestamp '9999-12-31' and entry.kind in ('payment', 'refund')
        and entry.customer_id in (select record.customer_id from record)
"""

_DOCUMENT: Final = """
    create or replace temp table document as
    select
        record.record_no, verdict.status, verdict.thing_id, record.customer_id, coalesce(record.doc_no, existing.doc_no) as doc_no,
        record.kind, record.on_date, record.amount, record.currency, coalesce(record.method, existing.method) as method,
        coalesce(record.payer, existing.payer) as payer, coalesce(record.memo, existing.memo) as memo,
        verdict.status = 'new' or record.on_date <> existing.on_date or record.amount <> existing.amount
        or record.currency <> existing.currency as is_restated
    from record
    inner join verdict on record.record_no = verdict.record_no
    left join existing on verdict.thing_id = existing.thing_id
"""

# Money someone laid on invoices by hand is not moved again by a file.
_USED_TROUBLE: Final = """
    insert into trouble
    select line.row_no, 'already_used', concat_ws(' ', document.on_date, document.currency, document.amount), null
    from document
    inner join line on document.record_no = line.record_no
    where
        document.status = 'changed' and document.is_restated
        and document.thing_id in (
            select posting.entry_id from posting
            where posting.entry_id in (select existing.thing_id from existing) and posting.rule in ('manual', 'settled_on')
            group by posting.entry_id, posting.invoice_id
            having sum(posting.amount) <> 0
        )
"""

_CLOSED_TROUBLE: Final = """
    insert into trouble
    select line.row_no, 'closed', least(document.on_date, existing.on_date)::text, closed_until()::text
    from document
    inner join line on document.record_no = line.record_no
    left join existing on document.thing_id = existing.thing_id
    where document.is_restated and least(document.on_date, existing.on_date) <= closed_until()
"""

_UNNAMED: Final = """
    select count(distinct line.record_no)
    from line
    inner join outcome on line.row_no = outcome.row_no and outcome.status = 'new'
    where line.invoice_no is null
"""

_USED: Final = "select record.customer_id from record inner join outcome using (record_no) where outcome.status = 'new'"

_WRITTEN: Final = """
    create or replace temp table written as
    with numbered as (
        select
            document.* exclude (customer_id), coalesce(known_as.customer_id, document.customer_id) as customer_id,
            case
                when document.status = 'new'
                    then $first - 1 + row_number() over (partition by document.status order by document.on_date, document.record_no)
                else document.thing_id
            end as entry_id
        from document
        left join known_as on document.customer_id = known_as.was
        where document.record_no in (select outcome.record_no from outcome where outcome.status in ('new', 'changed'))
    )

    select numbered.* replace (coalesce(numbered.doc_no, upper(numbered.kind[1]) || lpad(numbered.entry_id::text, 7, '0')) as doc_no)
    from numbered
"""

_MIRRORED: Final = """
    select
        posting.entry_id, posting.customer_id, posting.invoice_id, posting.kind, posting.on_date, posting.due_on,
        -sum(posting.amount) as amount, posting.currency, 'correction' as rule
    from posting
    where posting.entry_id in (select written.entry_id from written where written.status = 'changed' and written.is_restated)
    group by posting.entry_id, posting.customer_id, posting.invoice_id, posting.kind, posting.on_date, posting.due_on, posting.currency
"""

# Several payments for one invoice take their turn; what it no longer needs stays for later steps.
_SHARED: Final = """
    create or replace temp table paid as
    with wanted as (
        select
            written.entry_id, written.customer_id, line.invoice_id, any_value(line.due_on) as due_on, written.on_date,
            written.currency, sum(line.amount) as amount
        from line
        inner join written on line.record_no = written.record_no and written.is_restated and written.kind = 'payment'
        where line.invoice_id is not null
        group by written.entry_id, written.customer_id, line.invoice_id, written.on_date, written.currency
    ),

    owed as (
        select posting.invoice_id, sum(posting.amount) as open_amount
        from posting
        where posting.invoice_id in (select wanted.invoice_id from wanted)
        group by posting.invoice_id
    ),

    queued as (
        select
            wanted.*, owed.open_amount,
            sum(wanted.amount) over (partition by wanted.invoice_id order by wanted.on_date, wanted.entry_id) - wanted.amount
                as before_amount
        from wanted
        inner join owed on wanted.invoice_id = owed.invoice_id
    )

    select
        queued.entry_id, queued.customer_id, queued.invoice_id, 'payment' as kind, queued.on_date, min(lasting.on_date) as open_from,
        queued.due_on, least(queued.amount, queued.open_amount - queued.before_amount)::decimal(18, 2) as amount,
        queued.currency, 'file' as rule
    from queued
    inner join lasting_open((select list(distinct queued.invoice_id) from queued)) as lasting
        on
            queued.invoice_id = lasting.invoice_id
            and least(queued.before_amount + queued.amount, queued.open_amount) <= lasting.amount
    where queued.before_amount < queued.open_amount
    group by all
"""

_REFUNDED: Final = """
    select written.entry_id, written.customer_id, null, written.kind, written.on_date, null, written.amount, written.currency, 'file'
    from written
    where written.kind = 'refund' and written.is_restated
"""

_COMING: Final = """
    create or replace temp table coming as
    with laid as (
        select paid.entry_id, sum(paid.amount) as amount from paid group by paid.entry_id
    )

    select
        row_number() over (order by written.on_date, written.entry_id) as seq, written.entry_id, written.customer_id, written.currency,
        written.on_date, (written.amount - coalesce(laid.amount, 0))::decimal(18, 2) as amount
    from written
    left join laid on written.entry_id = laid.entry_id
    where written.kind = 'payment' and written.is_restated and written.amount > coalesce(laid.amount, 0)
"""

_REST: Final = """
    create or replace temp table paid as
    with laid as (
        select matched.seq, sum(matched.amount) as amount from matched group by matched.seq
    )

    select
        coming.entry_id, coming.customer_id, matched.invoice_id, 'payment' as kind, coming.on_date, matched.open_from, matched.due_on,
        matched.amount, coming.currency, 'oldest' as rule
    from coming
    inner join matched on coming.seq = matched.seq
    union all
    select
        coming.entry_id, coming.customer_id, null, 'payment', coming.on_date, null, null, coming.amount - coalesce(laid.amount, 0),
        coming.currency, 'file'
    from coming
    left join laid on coming.seq = laid.seq
"""
