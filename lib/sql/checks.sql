-- Relationships and money identities. Each query returns the rows that break a rule: none when all is well.

-- name: check_open_below_zero
-- An invoice settled beyond its amount.
select posting.invoice_id, sum(posting.amount) as open_amount
from posting
where posting.invoice_id is not null
group by posting.invoice_id
having sum(posting.amount) < 0;

-- name: check_settled_before_issue
-- An invoice that is below zero on some day: money settled it before it was issued.
with daily as (
    select posting.invoice_id, posting.on_date, sum(posting.amount) as amount
    from posting
    where posting.invoice_id is not null
    group by posting.invoice_id, posting.on_date
)

select daily.invoice_id, daily.on_date
from daily
qualify sum(daily.amount) over (partition by daily.invoice_id order by daily.on_date) < 0;

-- name: check_unallocated_above_zero
-- More unallocated money used up than came in.
select posting.entry_id, sum(posting.amount) as amount
from posting
where posting.invoice_id is null
group by posting.entry_id
having sum(posting.amount) > 0 and bool_and(posting.kind in ('payment', 'credit_note'));

-- name: check_items
-- The count of open items of an invoice differs from whether money is open on it.
select posting.invoice_id, sum(posting.items) as items
from posting
where posting.invoice_id is not null
group by posting.invoice_id
having sum(posting.items) <> (sum(posting.amount) <> 0)::integer;

-- name: check_entry_amount
-- A live document whose postings do not add up to its signed amount, or a retired one with money left.
with posted as (
    select posting.entry_id, sum(posting.amount) as amount
    from posting
    group by posting.entry_id
),

live as (
    select
        entry.entry_id,
        case when entry.kind in ('payment', 'credit_note', 'write_off') then -entry.amount else entry.amount end as amount
    from entry
    where entry.retired_at = timestamp '9999-12-31'
)

select coalesce(live.entry_id, posted.entry_id) as entry_id, live.amount as document_amount, posted.amount as posted_amount
from live
full join posted on live.entry_id = posted.entry_id
where coalesce(live.amount, 0) <> coalesce(posted.amount, 0);

-- name: check_posting_customer
-- A posting whose customer or due date differs from its invoice's.
select posting.posting_id
from posting
inner join entry on posting.invoice_id = entry.entry_id
where posting.customer_id <> entry.customer_id or posting.due_on <> entry.due_on;

-- name: check_customer_known
-- A live fact of a customer that is not in the ledger.
with live as (
    select entry.customer_id from entry where entry.retired_at = timestamp '9999-12-31'
    union all
    select promise.customer_id from promise where promise.retired_at = timestamp '9999-12-31'
    union all
    select activity.customer_id from activity where activity.retired_at = timestamp '9999-12-31'
    union all
    select feedback.customer_id from feedback where feedback.retired_at = timestamp '9999-12-31'
    union all
    select case_file.customer_id from case_file where case_file.retired_at = timestamp '9999-12-31'
    union all
    select contact.customer_id from contact where contact.retired_at = timestamp '9999-12-31'
)

select distinct live.customer_id
from live
anti join (
    select customer_record.customer_id
    from customer_record
    where customer_record.retired_at = timestamp '9999-12-31'
) as known on live.customer_id = known.customer_id;

-- name: check_customer_overlap
-- A customer with two live records for one day, or one account number on two live customers.
select first.customer_id
from customer_record as first
inner join customer_record as second
    on
        first.record_id < second.record_id
        and (
            (first.customer_id = second.customer_id and first.from_on < second.until_on and second.from_on < first.until_on)
            or (first.customer_id <> second.customer_id and first.until_on = second.until_on)
        )
        and first.account_no = second.account_no
where
    first.retired_at = timestamp '9999-12-31'
    and second.retired_at = timestamp '9999-12-31'
    and (first.customer_id = second.customer_id or first.until_on = date '9999-12-31');

-- name: check_case_event
-- A live event of a case that is not in the ledger, or a live case without an event.
select case_file.case_id
from case_file
where
    case_file.retired_at = timestamp '9999-12-31'
    and case_file.case_id not in (select case_event.case_id from case_event where case_event.retired_at = timestamp '9999-12-31')
union all
select case_event.case_id
from case_event
where
    case_event.retired_at = timestamp '9999-12-31'
    and case_event.case_id not in (select case_file.case_id from case_file where case_file.retired_at = timestamp '9999-12-31');
