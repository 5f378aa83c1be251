-- One row per signed money line that had happened on a date, by what was known at a moment.
create or replace macro posting_at(as_of, known_at) as table
select
    posting.posting_id,
    posting.entry_id,
    posting.customer_id,
    posting.invoice_id,
    posting.kind,
    posting.on_date,
    posting.due_on,
    posting.amount,
    posting.items,
    posting.currency,
    posting.rule
from posting
where posting.on_date <= as_of and posting.recorded_at <= known_at;

-- One row per document that stood on a date, by what was known at a moment.
create or replace macro entry_at(as_of, known_at) as table
select
    entry.entry_id,
    entry.customer_id,
    entry.kind,
    entry.doc_no,
    entry.on_date,
    entry.due_on,
    entry.amount,
    entry.currency,
    entry.tax_amount,
    entry.method,
    entry.payer,
    entry.memo,
    entry.change_id
from entry
where entry.on_date <= as_of and entry.recorded_at <= known_at and known_at < entry.retired_at;

-- One row per invoice with money still open on a date.
create or replace macro open_invoice_at(as_of, known_at) as table
select
    posting.customer_id,
    posting.invoice_id,
    posting.currency,
    any_value(posting.due_on) as due_on,
    sum(posting.amount) as open_amount
from posting
where posting.on_date <= as_of and posting.recorded_at <= known_at and posting.invoice_id is not null
group by posting.customer_id, posting.invoice_id, posting.currency
having sum(posting.amount) <> 0;

-- One row per invoice asked for and day on which its money moved: the amount that stays open from that day on, whatever came later.
create or replace macro lasting_open(invoice_ids) as table
with daily as (
    select posting.invoice_id, posting.on_date, sum(posting.amount) as amount
    from posting
    where posting.invoice_id in (select unnest(invoice_ids))
    group by posting.invoice_id, posting.on_date
),

running as (
    select daily.invoice_id, daily.on_date, sum(daily.amount) over (partition by daily.invoice_id order by daily.on_date) as amount
    from daily
)

select
    running.invoice_id,
    running.on_date,
    min(running.amount) over (
        partition by running.invoice_id order by running.on_date rows between current row and unbounded following
    ) as amount
from running;

-- One row per document whose money on account is still there, of one customer or (null) of all: a refund that came in a file names
-- no money it gave back, so it took the oldest, as a recorded one does.
create or replace macro left_on_account(about, as_of, known_at) as table
with document as (
    select posting.entry_id, posting.customer_id, posting.currency, -sum(posting.amount) as amount
    from posting_at(as_of, known_at) as posting
    where posting.invoice_id is null and (about is null or posting.customer_id = about)
    group by posting.entry_id, posting.customer_id, posting.currency
    having sum(posting.amount) <> 0
),

queued as (
    select
        document.*,
        entry.doc_no,
        entry.kind,
        entry.on_date,
        sum(greatest(document.amount, 0)) over (
            partition by document.customer_id, document.currency order by entry.on_date, entry.entry_id
        ) - sum(greatest(-document.amount, 0)) over (partition by document.customer_id, document.currency) as left_amount
    from document
    inner join entry_at(as_of, known_at) as entry on document.entry_id = entry.entry_id
)

select
    queued.entry_id,
    queued.customer_id,
    queued.doc_no,
    queued.kind,
    queued.on_date,
    queued.currency,
    least(queued.amount, queued.left_amount)::decimal(18, 2) as amount
from queued
where
    least(queued.amount, queued.left_amount) > 0
    and queued.kind in ('payment', 'credit_note', 'adjustment', 'opening');

-- Of money of one document on account, one row per day: the amount that stays unused from that day on and was not paid back.
create or replace macro lasting_on_account(about) as table
with daily as (
    select posting.on_date, -sum(posting.amount) as amount
    from posting
    where posting.entry_id = about and posting.invoice_id is null
    group by posting.on_date
),

running as (
    select daily.on_date, sum(daily.amount) over (order by daily.on_date) as amount
    from daily
)

select
    running.on_date,
    least(
        min(running.amount) over (order by running.on_date rows between current row and unbounded following),
        (
            select coalesce(sum(free.amount), 0)
            from left_on_account(
                (select any_value(posting.customer_id) from posting where posting.entry_id = about), date '9999-12-30', timestamp '9999-12-30'
            ) as free
            where free.entry_id = about
        )
    ) as amount
from running;

-- Days past due on a date; 0 when not yet due. Due today is not overdue.
create or replace macro days_overdue(due_on, as_of) as greatest(0, date_diff('day', due_on, as_of));

-- Place of a due date among bucket edges: 0 not due, 1 up to the first edge, ... ; a bucket 1-30 includes day 30. Null: unallocated.
create or replace macro bucket_no(due_on, as_of, edges) as
    case
        when due_on is null then null
        when due_on >= as_of then 0
        else 1 + len(list_filter(edges, lambda edge: edge < date_diff('day', due_on, as_of)))
    end;
