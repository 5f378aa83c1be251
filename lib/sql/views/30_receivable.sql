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

-- Days past due on a date; 0 when not yet due. Due today is not overdue.
create or replace macro days_overdue(due_on, as_of) as greatest(0, date_diff('day', due_on, as_of));

-- Place of a due date among bucket edges: 0 not due, 1 up to the first edge, ... ; a bucket 1-30 includes day 30. Null: unallocated.
create or replace macro bucket_no(due_on, as_of, edges) as
    case
        when due_on is null then null
        when due_on >= as_of then 0
        else 1 + len(list_filter(edges, lambda edge: edge < date_diff('day', due_on, as_of)))
    end;
