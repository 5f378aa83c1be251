"""Signed money lines and the open-item counts that go with them, for one document or half a million.

Drafts are selects in the engine's own language; `post` turns them into postings, so every writer counts open items the same way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from lib.commands import closing
from lib.store.door import Change

COLUMNS: Final = ("entry_id", "customer_id", "invoice_id", "kind", "on_date", "due_on", "amount", "items", "currency", "rule")

_DRAFT: Final = """
    create or replace temp table draft_posting as
    select
        row_number() over () as seq, draft.entry_id, draft.customer_id, draft.invoice_id, draft.kind, draft.on_date, draft.due_on,
        draft.amount::decimal(18, 2) as amount, draft.currency, draft.rule
    from ({drafts}) as draft
    where draft.amount <> 0
"""

# Counted per due date: a correction of the due date empties the old one and opens the new one.
_COUNTED: Final = """
    with standing as (
        select posting.invoice_id, posting.due_on, posting.on_date, sum(posting.amount) as amount, sum(posting.items) as items
        from posting
        where posting.invoice_id in (select draft_posting.invoice_id from draft_posting)
        group by posting.invoice_id, posting.due_on, posting.on_date
    ),

    adding as (
        select
            draft_posting.invoice_id, draft_posting.due_on, draft_posting.on_date,
            sum(draft_posting.amount) as amount, max(draft_posting.seq) as seq
        from draft_posting
        where draft_posting.invoice_id is not null
        group by draft_posting.invoice_id, draft_posting.due_on, draft_posting.on_date
    ),

    daily as (
        select
            invoice_id, due_on, on_date, adding.seq,
            coalesce(standing.amount, 0) + coalesce(adding.amount, 0) as amount,
            coalesce(standing.items, 0) as items
        from standing
        full join adding using (invoice_id, due_on, on_date)
    ),

    running as (
        select daily.*, sum(daily.amount) over (partition by daily.invoice_id, daily.due_on order by daily.on_date) as open_amount
        from daily
    ),

    stepped as (
        select
            running.invoice_id, running.due_on, running.on_date, running.seq,
            (running.open_amount <> 0)::integer
            - (lag(running.open_amount, 1, 0) over (partition by running.invoice_id, running.due_on order by running.on_date) <> 0)::integer
            - running.items as step
        from running
    )

    select
        draft_posting.seq, draft_posting.entry_id, draft_posting.customer_id, draft_posting.invoice_id, draft_posting.kind,
        draft_posting.on_date, draft_posting.due_on, draft_posting.amount, coalesce(stepped.step, 0)::integer as items,
        draft_posting.currency, draft_posting.rule
    from draft_posting
    left join stepped on draft_posting.seq = stepped.seq
    union all
    select
        null as seq, invoice.entry_id, invoice.customer_id, stepped.invoice_id, 'invoice' as kind,
        stepped.on_date, stepped.due_on, 0 as amount, stepped.step::integer as items,
        invoice.currency, 'recount' as rule
    from stepped
    inner join (
        select draft_posting.invoice_id, draft_posting.invoice_id as entry_id,
            any_value(draft_posting.customer_id) as customer_id, any_value(draft_posting.currency) as currency
        from draft_posting
        group by draft_posting.invoice_id
    ) as invoice on stepped.invoice_id = invoice.invoice_id
    where stepped.seq is null and stepped.step <> 0
    order by on_date, seq
"""


def post(change: Change, drafts: str, parameters: Mapping[str, object] | None = None) -> int:
    """Record drafted money lines in the order of their days. Returns how many.

    `drafts` selects entry_id, customer_id, invoice_id, kind, on_date, due_on, amount, currency, rule; zero amounts fall away.
    A payment that lands before one already posted moves the day on which the invoice was settled: that later day gets a
    line without money that sets the count of open items right.
    Refuses: money on a day of the closed books.
    """
    change.cursor.execute(_DRAFT.format(drafts=drafts), dict(parameters or {}))
    count = change.insert_from("posting", COLUMNS, _COUNTED, {})
    closing.refuse_closed(change)
    return count


SETTLING: Final = """
    select
        paid.entry_id, paid.customer_id, paid.invoice_id, paid.kind, paid.on_date, paid.due_on, -paid.amount as amount,
        paid.currency, paid.rule
    from paid
    where paid.invoice_id is not null and paid.on_date >= paid.open_from
    union all
    select paid.entry_id, paid.customer_id, null, paid.kind, paid.on_date, null, -paid.amount, paid.currency, paid.rule
    from paid
    where paid.invoice_id is null or paid.on_date < paid.open_from
    union all
    select paid.entry_id, paid.customer_id, null, paid.kind, paid.open_from, null, paid.amount, paid.currency, paid.rule
    from paid
    where paid.on_date < paid.open_from
    union all
    select paid.entry_id, paid.customer_id, paid.invoice_id, paid.kind, paid.open_from, paid.due_on, -paid.amount, paid.currency, paid.rule
    from paid
    where paid.on_date < paid.open_from
"""
"""Drafts from `paid` (entry_id, customer_id, invoice_id, kind, on_date, open_from, due_on, amount, currency, rule): money that
came before its invoice could take it waits on account until that day; money without an invoice stays on account."""


def oldest_first(change: Change, invoice_ids: Sequence[int] | None = None) -> None:
    """Make temp table `matched` (seq, invoice_id, open_from, due_on, amount): the money of temp table `coming` laid over open invoices.

    `coming` holds seq, customer_id, currency, amount; a customer's money is used in the order of seq, on invoices by due date.
    `invoice_ids` leaves only those invoices; what is open at all stands in temp table `open_item`.
    """
    change.cursor.execute(_OPEN_OF_COMING, {"invoice_ids": None if invoice_ids is None else list(invoice_ids)})
    change.cursor.execute(_LAID_OVER)


_OPEN_OF_COMING: Final = """
    create or replace temp table open_item as
    select
        posting.customer_id, posting.invoice_id, posting.currency, any_value(entry.due_on) as due_on, sum(posting.amount) as open_amount
    from posting
    inner join entry on posting.invoice_id = entry.entry_id and entry.retired_at = timestamp '9999-12-31'
    where
        posting.customer_id in (select coming.customer_id from coming)
        and ($invoice_ids::bigint[] is null or list_contains($invoice_ids::bigint[], posting.invoice_id))
    group by posting.customer_id, posting.invoice_id, posting.currency
    having sum(posting.amount) > 0
"""

# Two rulers side by side: each piece of money and each open amount covers a stretch; where they overlap, the one pays the other.
_LAID_OVER: Final = """
    create or replace temp table matched as
    with money as (
        select coming.*, sum(coming.amount) over (partition by coming.customer_id, coming.currency order by coming.seq) as until_amount
        from coming
    ),

    owed as (
        select
            open_item.*,
            sum(open_item.open_amount) over (
                partition by open_item.customer_id, open_item.currency order by open_item.due_on, open_item.invoice_id
            ) as until_amount
        from open_item
    ),

    overlap as (
        select
            money.seq, owed.invoice_id, owed.due_on,
            least(money.until_amount, owed.until_amount) - owed.until_amount + owed.open_amount as wanted,
            least(money.until_amount, owed.until_amount)
            - greatest(money.until_amount - money.amount, owed.until_amount - owed.open_amount) as amount
        from money
        inner join owed
            on
                money.customer_id = owed.customer_id
                and money.currency = owed.currency
                and money.until_amount - money.amount < owed.until_amount
                and owed.until_amount - owed.open_amount < money.until_amount
    )

    select overlap.seq, overlap.invoice_id, min(lasting.on_date) as open_from, overlap.due_on, overlap.amount
    from overlap
    inner join lasting_open((select list(distinct overlap.invoice_id) from overlap)) as lasting
        on overlap.invoice_id = lasting.invoice_id and overlap.wanted <= lasting.amount
    group by overlap.seq, overlap.invoice_id, overlap.due_on, overlap.amount
    order by overlap.seq, overlap.due_on, overlap.invoice_id
"""
