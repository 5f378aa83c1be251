"""Invoices against the ledger: rows that share a number are lines of one document, below zero it is a credit note."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import duckdb

from lib.commands.importing.matching import Pass, match, no_repeats, spoil_siblings
from lib.commands.importing.staging import Stage

_LINE_FIELDS: Final = ("quantity", "unit_price", "product_no")
_SAID: Final = {
    "kind": ("amount", "quantity", "doc_kind"),
    "on_date": ("on_date",),
    "due_on": ("due_on",),
    "amount": ("amount", "quantity"),
    "currency": ("amount", "currency"),
    "tax_amount": ("tax_amount",),
    "memo": ("memo",),
    "settled_on": ("settled_on",),
    "disputed": ("disputed",),
    "lines": (*_LINE_FIELDS, "description"),
}


def plan(cursor: duckdb.DuckDBPyConnection, stage: Stage) -> None:
    """Make `record`, `existing`, `verdict` and mark what is in trouble."""
    given = stage.options.currency if stage.options.currency_given else None
    cursor.execute(_LINE, {"given": given})
    cursor.execute(_TROUBLE)
    no_repeats(cursor)
    if not has_lines(stage):
        # Without line columns the same row twice is a slip, not a second line.
        alike = ", ".join(f"line.{name}" for name in ("customer_id", *sorted(stage.columns)))
        cursor.execute(_REPEAT.format(alike=alike))
    spoil_siblings(cursor, "invoice_no")
    cursor.execute(_GROUPED)
    cursor.execute(_RECORD, {"has_lines": bool({*_LINE_FIELDS, "description"} & set(stage.columns))})
    cursor.execute(_EXISTING)
    compared = [name for name, fields in _SAID.items() if set(fields) & set(stage.columns)]
    match(cursor, (Pass(("doc_no", "on_date")), Pass(("doc_no",), lone=True)), compared)
    cursor.execute(_DOCUMENT, {"currency": stage.options.currency})
    cursor.execute(_USED_TROUBLE)
    cursor.execute(_CLOSED_TROUBLE)


def has_lines(stage: Stage) -> bool:
    """Whether the rows of the file are lines of invoices: they name products, quantities or unit prices."""
    return bool(set(_LINE_FIELDS) & set(stage.columns))


def notes(cursor: duckdb.DuckDBPyConnection) -> list[tuple[str, int]]:
    """What a person should know about these invoices: codes with counts, in the order of reading."""
    row = cursor.execute(_NOTES).fetchone() or ()
    codes = ("terms", "added", "credits", "letter_c", "split", "credit_settled")
    return [(code, int(count)) for code, count in zip(codes, row, strict=True) if count]


def rounded(cursor: duckdb.DuckDBPyConnection) -> tuple[int, Decimal]:
    """How many invoices end between cents, and what rounding them adds up to."""
    row = cursor.execute(_ROUNDED).fetchone()
    return (int(row[0]), row[1]) if row and row[0] else (0, Decimal(0))


_REPEAT: Final = """
    insert into repeat
    select line.row_no, line.record_no
    from line
    where line.row_no not in (select trouble.row_no from trouble)
    qualify row_number() over (partition by {alike} order by line.row_no) > 1
"""

# A product of two short decimals would stay short and overflow, so the first one is widened; what is beyond reason is no amount.
_LINE: Final = """
    create or replace temp table line as
    select
        null::bigint as record_no, line.*,
        coalesce(line.currency, $given, line.amount_currency) as row_currency,
        coalesce(
            line.amount::decimal(38, 14),
            case
                when abs(line.quantity) < 10000000000 and abs(line.unit_price) < 1000000000
                    then line.quantity::decimal(38, 4) * line.unit_price * (1 - coalesce(line.discount, 0))::decimal(6, 4)
            end::decimal(38, 14)
        ) as line_amount
    from line
"""

_TROUBLE: Final = """
    insert into trouble
    select line.row_no, 'no_amount', null, null from line where line.line_amount is null and not line.is_bad
    union all
    select line.row_no, 'due_before', line.due_on::text, line.on_date::text from line where line.due_on < line.on_date
    union all
    select line.row_no, 'other_currency', line.amount_currency, line.row_currency
    from line
    where line.amount_currency <> line.row_currency
"""

_GROUPED: Final = """
    create or replace temp table line as
    select
        line.* replace (
            case
                when trouble.row_no is null and repeat.row_no is null
                    then min(line.row_no) over (
                        partition by trouble.row_no is null and repeat.row_no is null, line.customer_id, line.invoice_no, line.on_date
                    )
            end as record_no
        )
    from line
    left join (select distinct trouble.row_no from trouble) as trouble on line.row_no = trouble.row_no
    left join repeat on line.row_no = repeat.row_no
"""

_RECORD: Final = """
    create or replace temp table record as
    with added as (
        select
            line.record_no, line.customer_id, line.invoice_no as doc_no, line.on_date, min(line.due_on) as due_on,
            min(line.settled_on) as settled_on, min(line.row_currency) as currency, sum(line.tax_amount) as tax_amount,
            min(line.memo) as memo, bool_or(line.disputed) as disputed, min(line.doc_kind) as doc_kind,
            sum(line.line_amount) as exact_amount, count(*) as line_count,
            count(distinct line.due_on) > 1 or count(distinct line.settled_on) > 1 or count(distinct line.row_currency) > 1
            or count(distinct line.doc_kind) > 1 as is_at_odds,
            case
                when $has_lines
                    then sum(hash(
                        line.product_no, line.description, line.quantity, line.unit_price, round(line.line_amount, 6)::decimal(24, 6)
                    ))::text
            end as lines
        from line
        where line.record_no is not null
        group by line.record_no, line.customer_id, line.invoice_no, line.on_date
    ),

    weighed as (
        select
            added.*,
            case
                when added.exact_amount < 0 or added.doc_kind = 'credit_note'
                    or (added.exact_amount = 0 and regexp_full_match(added.doc_no, 'C[0-9]+')) then 'credit_note'
                else 'invoice'
            end as kind
        from added
    )

    select
        weighed.* replace (
            case when weighed.kind = 'invoice' then weighed.due_on end as due_on,
            case when weighed.kind = 'invoice' and weighed.exact_amount > 0 then weighed.settled_on end as settled_on,
            round(weighed.tax_amount, 2)::decimal(18, 2) as tax_amount,
            case when weighed.disputed then true end as disputed
        ),
        weighed.settled_on is not null and weighed.kind = 'credit_note' as is_settled_credit,
        try_cast(abs(round(weighed.exact_amount, 2)) as decimal(18, 2)) as amount,
        round(weighed.exact_amount, 2) as signed_amount
    from weighed
"""

_EXISTING: Final = """
    create or replace temp table existing as
    with wanted as (
        select entry.*
        from entry
        where
            entry.retired_at = timestamp '9999-12-31'
            and entry.kind in ('invoice', 'credit_note', 'adjustment')
            and (entry.customer_id, entry.doc_no) in (select (record.customer_id, record.doc_no) from record)
    ),

    netted as (
        select
            posting.invoice_id, posting.entry_id, posting.on_date, sum(posting.amount) as amount,
            bool_or(posting.rule = 'settled_on') as is_by_file
        from posting
        where posting.invoice_id in (select wanted.entry_id from wanted)
        group by posting.invoice_id, posting.entry_id, posting.on_date
        having sum(posting.amount) <> 0
    ),

    daily as (
        select
            netted.invoice_id, netted.entry_id, netted.amount,
            -- A settlement from a file that came before the invoice is known by its own day, not by the invoice's.
            case when netted.is_by_file then payment.on_date else netted.on_date end as on_date
        from netted
        left join entry as payment on netted.entry_id = payment.entry_id and payment.retired_at = timestamp '9999-12-31'
    ),

    settled as (
        select
            daily.invoice_id,
            case when sum(daily.amount) = 0 then max(daily.on_date) filter (where daily.entry_id <> daily.invoice_id) end as settled_on
        from daily
        group by daily.invoice_id
    ),

    listed as (
        select
            entry_line.entry_id,
            sum(hash(
                entry_line.product_no, entry_line.description, entry_line.quantity, entry_line.unit_price, entry_line.amount
            ))::text as lines
        from entry_line
        where entry_line.retired_at = timestamp '9999-12-31' and entry_line.entry_id in (select wanted.entry_id from wanted)
        group by entry_line.entry_id
    ),

    disputing as (
        select distinct case_file.invoice_id
        from case_file
        where case_file.kind = 'dispute' and case_file.retired_at = timestamp '9999-12-31'
    )

    select
        wanted.entry_id as thing_id, wanted.customer_id, wanted.kind, wanted.doc_no, wanted.on_date, wanted.due_on, wanted.amount,
        wanted.currency, wanted.tax_amount, wanted.memo, settled.settled_on, listed.lines,
        case when disputing.invoice_id is not null then true end as disputed
    from wanted
    left join settled on wanted.entry_id = settled.invoice_id
    left join listed on wanted.entry_id = listed.entry_id
    left join disputing on wanted.entry_id = disputing.invoice_id
"""

# What each document comes to: the file's word where it says something, else the ledger's.
_DOCUMENT: Final = """
    create or replace temp table document as
    with settling as (
        select
            posting.invoice_id, posting.entry_id, sum(posting.amount) as amount, min(posting.on_date) as on_date,
            bool_or(posting.rule = 'settled_on') as by_file
        from posting
        where posting.invoice_id in (select existing.thing_id from existing) and posting.entry_id <> posting.invoice_id
        group by posting.invoice_id, posting.entry_id
        having sum(posting.amount) <> 0
    ),

    used as (
        select
            settling.invoice_id as thing_id, -sum(settling.amount) as used_amount, min(settling.on_date) as first_on,
            count(*) = 1 and bool_and(settling.by_file) as by_file, any_value(settling.entry_id) as settled_by
        from settling
        group by settling.invoice_id
        union all
        select posting.entry_id, -sum(posting.amount), min(posting.on_date), false, null
        from posting
        where posting.entry_id in (select existing.thing_id from existing) and posting.invoice_id <> posting.entry_id
        group by posting.entry_id
        having sum(posting.amount) <> 0
    ),

    stated as (
        select
            record.record_no, verdict.status, verdict.thing_id, record.customer_id, record.doc_no, record.kind, record.on_date,
            case
                when record.kind <> 'invoice' then null
                when record.due_on is not null then record.due_on
                when existing.thing_id is not null and existing.due_on is not null
                    then existing.due_on + date_diff('day', existing.on_date, record.on_date)::integer
                else due_by_own_terms(
                    record.customer_id, record.on_date, customer_record.terms_basis, customer_record.terms_days
                )
            end as due_on,
            record.amount, coalesce(record.currency, existing.currency, $currency) as currency,
            coalesce(record.tax_amount, existing.tax_amount) as tax_amount, coalesce(record.memo, existing.memo) as memo,
            case when record.kind = 'invoice' then record.settled_on end as settled_on,
            record.disputed is not null and existing.disputed is null as is_newly_disputed,
            record.lines is not null and record.lines is distinct from existing.lines as is_relisted,
            coalesce(used.used_amount, 0) as used_amount, used.first_on, coalesce(used.by_file, false) as by_file, used.settled_by,
            existing.kind as old_kind, existing.on_date as old_on_date, existing.due_on as old_due_on, existing.amount as old_amount,
            existing.currency as old_currency, existing.settled_on as old_settled_on
        from record
        inner join verdict on record.record_no = verdict.record_no
        left join existing on verdict.thing_id = existing.thing_id
        left join used on verdict.thing_id = used.thing_id
        left join customer_record
            on
                record.customer_id = customer_record.customer_id
                and customer_record.until_on = date '9999-12-31'
                and customer_record.retired_at = timestamp '9999-12-31'
    ),

    weighed as (
        select
            stated.*,
            stated.status = 'changed' and (
                stated.kind <> stated.old_kind or stated.on_date <> stated.old_on_date or stated.amount <> stated.old_amount
                or stated.due_on is distinct from stated.old_due_on or stated.currency <> stated.old_currency
            ) as is_restated
        from stated
    )

    select
        weighed.*,
        weighed.status = 'changed' and weighed.by_file and weighed.settled_on is not null
        and (weighed.is_restated or weighed.settled_on is distinct from weighed.old_settled_on) as is_resettled
    from weighed
"""

_USED_TROUBLE: Final = """
    insert into trouble
    with blocked as (
        select document.record_no, 'already_used' as code, concat_ws(' ', document.on_date, document.currency, document.amount) as a
        from document
        where
            document.is_restated and not document.is_resettled and document.used_amount <> 0
            and (
                document.old_kind <> 'invoice' or document.kind <> document.old_kind or document.currency <> document.old_currency
                or document.amount < document.used_amount or document.on_date > document.first_on
            )
        union all
        select document.record_no, 'settled_elsewhere', document.old_settled_on::text
        from document
        where
            document.status = 'changed' and not document.is_resettled and document.old_settled_on is not null
            and document.settled_on <> document.old_settled_on
        union all
        select record.record_no, 'lines_differ', null from record where record.is_at_odds
        union all
        select record.record_no, 'too_large', null from record where record.amount is null
    )

    select line.row_no, blocked.code, blocked.a, null
    from blocked
    inner join line on blocked.record_no = line.record_no
"""

_CLOSED_TROUBLE: Final = """
    insert into trouble
    with moved as (
        select document.record_no, least(document.on_date, document.old_on_date, document.settled_on) as on_date
        from document
        where document.status = 'new' or document.is_restated or document.is_resettled
        union all
        select document.record_no, document.settled_on
        from document
        where document.status = 'changed' and document.old_settled_on is null
    )

    select line.row_no, 'closed', min(moved.on_date)::text, any_value(closed_until())::text
    from moved
    inner join line on moved.record_no = line.record_no
    where moved.on_date <= closed_until()
    group by line.row_no
"""

_ROUNDED: Final = """
    select count(*), sum(record.signed_amount - record.exact_amount)::decimal(38, 4)
    from record
    where
        record.exact_amount <> record.signed_amount
        and record.record_no in (select outcome.record_no from outcome where outcome.status in ('new', 'changed'))
"""

_NOTES: Final = """
    with standing as (
        select record.*
        from record
        where record.record_no in (select outcome.record_no from outcome where outcome.status in ('new', 'changed'))
    ),

    numbered as (
        select standing.doc_no, count(*) as documents from standing group by standing.doc_no
    )

    select
        count(*) filter (where standing.due_on is null and standing.kind = 'invoice'),
        count(*) filter (where standing.line_count > 1),
        count(*) filter (where standing.kind = 'credit_note' and standing.exact_amount < 0),
        count(*) filter (where standing.kind = 'invoice' and standing.exact_amount > 0 and regexp_full_match(standing.doc_no, 'C[0-9]+')),
        (select count(*) from numbered where numbered.documents > 1),
        count(*) filter (where standing.is_settled_credit)
    from standing
"""
