-- name: ageing
-- Money by currency and age on a date. bucket_no: 0 not due, 1 up to the first edge, ...; null: money not allocated yet.
-- count: open invoices, or payments and credit notes with money left. basis 'invoice' counts days from the invoice date.
with daily as (
    select posting.currency, posting.since_on, sum(posting.amount) as amount, sum(posting.items) as items
    from aged_posting(
        $actor_id::integer, $sees_all::boolean, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text,
        $region::text, $segment::text, $customer_id::integer, $currency::text, $basis::text
    ) as posting
    group by posting.currency, posting.since_on
)

select
    daily.currency,
    bucket_no(
        daily.since_on, $as_of::date, edges_in_force($edges::integer[], $as_of::date, $known_at::timestamp)
    ) as bucket_no,
    sum(daily.items)::integer as count,
    sum(daily.amount)::decimal(18, 2) as amount
from daily
group by daily.currency, bucket_no
having sum(daily.items) <> 0 or sum(daily.amount) <> 0
order by daily.currency, bucket_no nulls last;

-- name: ageing_by_customer
-- Money by customer, currency and age on a date; columns as in ageing.
with aged as (
    select
        posting.customer_id,
        posting.currency,
        bucket_no(
            posting.since_on, $as_of::date, edges_in_force($edges::integer[], $as_of::date, $known_at::timestamp)
        ) as bucket_no,
        sum(posting.items) as count,
        sum(posting.amount) as amount
    from aged_posting(
        $actor_id::integer, $sees_all::boolean, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text,
        $region::text, $segment::text, $customer_id::integer, $currency::text, $basis::text
    ) as posting
    group by posting.customer_id, posting.currency, bucket_no
    having sum(posting.items) <> 0 or sum(posting.amount) <> 0
)

select
    aged.customer_id,
    customer.account_no,
    customer.name,
    aged.currency,
    aged.bucket_no,
    aged.count::integer as count,
    aged.amount::decimal(18, 2) as amount
from aged
inner join chosen_customer(
    $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text,
    $segment::text, $customer_id::integer
) as customer on aged.customer_id = customer.customer_id
order by aged.customer_id, aged.currency, aged.bucket_no nulls last;

-- name: ageing_by
-- Money by group, currency and age on a date; by: owner, region, team, segment, or class (frequency and amount, as in high-large).
-- Two account managers of one name stay apart by owner_id. Other columns as in ageing.
with member as (
    select
        customer.customer_id,
        if($by::text = 'owner', customer.owner_id, null) as owner_id,
        case $by::text
            when 'owner' then customer.owner_name
            when 'region' then customer.region
            when 'team' then customer.team
            when 'segment' then customer.segment
            when 'class' then class.frequency || '-' || class.amount_grade
        end as label
    from chosen_customer(
        $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text,
        $segment::text, $customer_id::integer
    ) as customer
    left join (
        select purchase.customer_id, purchase.frequency, purchase.amount_grade
        from purchase_class($as_of::date, $known_at::timestamp, null::text) as purchase
        where $by::text = 'class'
    ) as class on customer.customer_id = class.customer_id
),

part as (
    select member.owner_id, member.label, row_number() over (order by member.label nulls last, member.owner_id) as part_no
    from member
    group by member.owner_id, member.label
),

numbered as (
    select member.customer_id, part.part_no
    from member
    inner join part on member.label is not distinct from part.label and member.owner_id is not distinct from part.owner_id
),

daily as (
    select
        numbered.part_no,
        posting.currency,
        posting.since_on,
        sum(posting.amount) as amount,
        sum(posting.items) as items
    from aged_posting(
        $actor_id::integer, $sees_all::boolean, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text,
        $region::text, $segment::text, $customer_id::integer, $currency::text, $basis::text
    ) as posting
    inner join numbered on posting.customer_id = numbered.customer_id
    group by numbered.part_no, posting.currency, posting.since_on
)

select
    part.owner_id,
    part.label,
    daily.currency,
    bucket_no(
        daily.since_on, $as_of::date, edges_in_force($edges::integer[], $as_of::date, $known_at::timestamp)
    ) as bucket_no,
    sum(daily.items)::integer as count,
    sum(daily.amount)::decimal(18, 2) as amount
from daily
inner join part on daily.part_no = part.part_no
group by part.owner_id, part.label, part.part_no, daily.currency, bucket_no
having sum(daily.items) <> 0 or sum(daily.amount) <> 0
order by part.part_no, daily.currency, bucket_no nulls last;

-- name: house_overdue
-- For the house itself: each customer's overdue money by currency, and the same times the days. min_days: only money overdue at least so long.
-- Of one currency, customers alone are places in an array; the planner drops the other branch.
with late as (
    select posting.customer_id, posting.currency, posting.amount, ($as_of::date - posting.due_on)::smallint as days
    from posting_at($as_of::date, $known_at::timestamp) as posting
    where
        posting.due_on < $as_of::date - coalesce($min_days::integer - 1, 0)
        and ($currency::text is null or posting.currency = $currency::text)
),

summed as (
    select
        late.customer_id,
        $currency::text as currency,
        sum(late.amount) as overdue_amount,
        sum(late.amount * late.days) as money_days
    from late
    where $currency::text is not null
    group by late.customer_id
    having sum(late.amount) > 0
    union all
    select late.customer_id, late.currency, sum(late.amount) as overdue_amount, sum(late.amount * late.days) as money_days
    from late
    where $currency::text is null
    group by late.customer_id, late.currency
    having sum(late.amount) > 0
)

select
    summed.customer_id,
    summed.currency,
    summed.overdue_amount::decimal(18, 2) as overdue_amount,
    summed.money_days::decimal(28, 2) as money_days
from summed;

-- name: house_touch
-- For the house itself: the day each customer was last spoken with or seen to.
select activity.customer_id, max(activity.done_on) as last_touch_on
from activity_at($as_of::date, $known_at::timestamp) as activity
where activity.done_on is not null
group by activity.customer_id;

-- name: overdue_customers
-- Customers with overdue money, one row per currency, most money times days first. min_days: only money overdue at least so long.
-- money_state: only customers in that state, null for all.
-- broken_promises: those of the last 365 days. Of all rows that match, total_count; unallocated_amount is negative, so the amounts add up to the balance.
with ranked as (
    select overdue.*, count(*) over (partition by true) as total_count
    from house_overdue as overdue
    semi join chosen_customer(
        $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text,
        $segment::text, $customer_id::integer
    ) as customer on overdue.customer_id = customer.customer_id
    where
        $money_state::text is null
        or overdue.customer_id in (
            select state.customer_id
            from money_state_at($as_of::date, $known_at::timestamp) as state
            where state.money_state = $money_state::text
        )
    order by overdue.money_days desc, overdue.customer_id, overdue.currency
    limit coalesce($limit::integer, 1000000)
    offset coalesce($offset::integer, 0)
),

open_invoice as (
    select posting.customer_id, posting.currency, posting.invoice_id, posting.due_on, sum(posting.amount) as open_amount
    from posting_at($as_of::date, $known_at::timestamp) as posting
    semi join ranked on posting.customer_id = ranked.customer_id
    group by posting.customer_id, posting.currency, posting.invoice_id, posting.due_on
    having sum(posting.amount) <> 0
),

disputed as (
    select distinct dispute.customer_id, dispute.invoice_id, dispute.amount
    from case_at($as_of::date, $known_at::timestamp) as dispute
    semi join ranked on dispute.customer_id = ranked.customer_id
    where dispute.kind = 'dispute' and dispute.is_open
),

position as (
    select
        open_invoice.customer_id,
        open_invoice.currency,
        max(days_overdue(open_invoice.due_on, $as_of::date)) as max_days,
        count(*) filter (where open_invoice.due_on < $as_of::date - coalesce($min_days::integer - 1, 0)) as invoices,
        sum(open_invoice.open_amount) filter (where open_invoice.due_on >= $as_of::date) as not_due_amount,
        sum(open_invoice.open_amount) filter (where open_invoice.due_on is null) as unallocated_amount,
        sum(open_invoice.open_amount) filter (
            where disputed.invoice_id is not null and open_invoice.due_on < $as_of::date
        ) as disputed_amount
    from open_invoice
    left join (select distinct disputed.invoice_id from disputed where disputed.invoice_id is not null) as disputed
        on open_invoice.invoice_id = disputed.invoice_id
    group by open_invoice.customer_id, open_invoice.currency
),

unnamed_dispute as (
    select disputed.customer_id, sum(disputed.amount) as amount
    from disputed
    where disputed.invoice_id is null
    group by disputed.customer_id
),

promised as (
    select
        promise.customer_id,
        promise.currency,
        sum(promise.amount - promise.received_amount) filter (where promise.result = 'open') as promised_amount,
        min(promise.due_on) filter (where promise.result = 'open') as promised_on,
        count(*) filter (
            where promise.result in ('broken', 'partly') and promise.due_on > $as_of::date - 365
        ) as broken_promises
    from promise_of(
        (select list(ranked.customer_id) from ranked), $as_of::date, $known_at::timestamp
    ) as promise
    group by promise.customer_id, promise.currency
)

select
    ranked.customer_id,
    customer.account_no,
    customer.name,
    customer.owner_id,
    customer.owner_name,
    customer.team,
    customer.region,
    customer.segment,
    ranked.currency,
    ranked.overdue_amount,
    coalesce(position.not_due_amount, 0)::decimal(18, 2) as not_due_amount,
    coalesce(position.unallocated_amount, 0)::decimal(18, 2) as unallocated_amount,
    coalesce(position.invoices, 0)::integer as invoices,
    position.max_days::integer as max_days,
    ranked.money_days,
    (coalesce(position.disputed_amount, 0) + coalesce(unnamed_dispute.amount, 0))::decimal(18, 2) as disputed_amount,
    coalesce(promised.promised_amount, 0)::decimal(18, 2) as promised_amount,
    promised.promised_on,
    coalesce(promised.broken_promises, 0)::integer as broken_promises,
    touched.last_touch_on,
    ($as_of::date - touched.last_touch_on)::integer as untouched_days,
    ranked.total_count::integer as total_count
from ranked
inner join customer_at($as_of::date, $known_at::timestamp) as customer on ranked.customer_id = customer.customer_id
left join position on ranked.customer_id = position.customer_id and ranked.currency = position.currency
left join promised on ranked.customer_id = promised.customer_id and ranked.currency = promised.currency
left join unnamed_dispute on ranked.customer_id = unnamed_dispute.customer_id
left join house_touch as touched on ranked.customer_id = touched.customer_id
order by ranked.money_days desc, ranked.customer_id, ranked.currency;

-- name: open_items
-- Invoices with money open on a date, longest overdue first. min_days: only those overdue at least so long.
-- Most invoices are settled: adding up each of them is only done for the due dates the page reaches, known from their counts.
with open_day as (
    select posting.due_on, sum(posting.items) as invoices
    from chosen_posting(
        $actor_id::integer, $sees_all::boolean, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text,
        $region::text, $segment::text, $customer_id::integer, $currency::text
    ) as posting
    where
        posting.due_on is not null
        and ($min_days::integer is null or posting.due_on <= $as_of::date - $min_days::integer)
    group by posting.due_on
    having sum(posting.items) <> 0
),

counted_day as (
    select
        open_day.due_on,
        sum(open_day.invoices) over (order by open_day.due_on) - open_day.invoices as invoices_before,
        sum(open_day.invoices) over (partition by true) as total_count
    from open_day
),

reached_day as (
    select counted_day.due_on, counted_day.total_count
    from counted_day
    where counted_day.invoices_before < coalesce($limit::integer, 1000000) + coalesce($offset::integer, 0)
),

open_invoice as (
    select
        posting.invoice_id,
        posting.due_on,
        any_value(posting.customer_id) as customer_id,
        any_value(posting.currency) as currency,
        any_value(reached_day.total_count) as total_count,
        sum(posting.amount) as open_amount
    from chosen_posting(
        $actor_id::integer, $sees_all::boolean, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text,
        $region::text, $segment::text, $customer_id::integer, $currency::text
    ) as posting
    inner join reached_day on posting.due_on = reached_day.due_on
    group by posting.invoice_id, posting.due_on
    having sum(posting.amount) <> 0
),

shown_invoice as (
    select open_invoice.*
    from open_invoice
    order by open_invoice.due_on, open_invoice.open_amount desc, open_invoice.invoice_id
    limit coalesce($limit::integer, 1000000)
    offset coalesce($offset::integer, 0)
),

disputed as (
    select distinct dispute.invoice_id
    from case_at($as_of::date, $known_at::timestamp) as dispute
    where dispute.kind = 'dispute' and dispute.is_open and dispute.invoice_id is not null
)

select
    shown_invoice.invoice_id,
    invoice.doc_no as invoice_no,
    shown_invoice.customer_id,
    customer.account_no as customer,
    customer.name,
    customer.owner_name,
    customer.team,
    customer.region,
    invoice.on_date,
    shown_invoice.due_on,
    shown_invoice.currency,
    invoice.amount,
    shown_invoice.open_amount::decimal(18, 2) as open_amount,
    days_overdue(shown_invoice.due_on, $as_of::date)::integer as days_overdue,
    disputed.invoice_id is not null as disputed,
    shown_invoice.total_count::integer as total_count
from shown_invoice
inner join entry_at($as_of::date, $known_at::timestamp) as invoice on shown_invoice.invoice_id = invoice.entry_id
inner join customer_at($as_of::date, $known_at::timestamp) as customer on shown_invoice.customer_id = customer.customer_id
left join disputed on shown_invoice.invoice_id = disputed.invoice_id
order by shown_invoice.due_on, shown_invoice.open_amount desc, shown_invoice.invoice_id;

-- name: statement
-- One customer's account up to a date: documents in order, what they add or take, and the balance after each, by currency.
with line as (
    select posting.entry_id, posting.on_date, posting.currency, sum(posting.amount) as amount
    from posting_at($as_of::date, $known_at::timestamp) as posting
    semi join visible_customer($actor_id::integer) as visible on posting.customer_id = visible.customer_id
    where
        posting.customer_id = $customer_id::integer
        and ($currency::text is null or posting.currency = $currency::text)
    group by posting.entry_id, posting.on_date, posting.currency
    having sum(posting.amount) <> 0
)

select
    line.currency,
    line.on_date,
    document.doc_no,
    document.kind,
    document.due_on,
    greatest(line.amount, 0)::decimal(18, 2) as debit,
    greatest(-line.amount, 0)::decimal(18, 2) as credit,
    sum(line.amount) over running::decimal(18, 2) as balance,
    line.entry_id
from line
inner join entry_at($as_of::date, $known_at::timestamp) as document on line.entry_id = document.entry_id
window running as (partition by line.currency order by line.on_date, line.entry_id)
order by line.currency, line.on_date, line.entry_id;

-- name: invoice_entries
-- Every money line of one invoice with the document behind it and what stayed open after it.
select
    posting.posting_id,
    posting.entry_id,
    posting.on_date,
    document.doc_no,
    document.kind,
    posting.rule,
    posting.amount,
    sum(posting.amount) over (order by posting.on_date, posting.posting_id)::decimal(18, 2) as open_amount,
    posting.currency,
    posting.recorded_at,
    author.name as recorded_by_name,
    posting.change_id
from posting
left join (
    select entry.entry_id, arg_max(entry.doc_no, entry.record_id) as doc_no, arg_max(entry.kind, entry.record_id) as kind
    from entry
    semi join (select posting.entry_id from posting where posting.invoice_id = $invoice_id::bigint) as concerned
        on entry.entry_id = concerned.entry_id
    group by entry.entry_id
) as document on posting.entry_id = document.entry_id
left join app_user as author on posting.recorded_by = author.user_id
semi join visible_customer($actor_id::integer) as visible on posting.customer_id = visible.customer_id
where
    posting.invoice_id = $invoice_id::bigint
    and posting.amount <> 0
    and posting.on_date <= $as_of::date
    and posting.recorded_at <= $known_at::timestamp
order by posting.on_date, posting.posting_id;

-- name: any_money
-- One row when a person's customers have any money line by a date, else none.
select true as is_there
from chosen_posting(
    $actor_id::integer, $sees_all::boolean, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text,
    $region::text, $segment::text, $customer_id::integer, $currency::text
) as posting
limit 1;

-- name: ledger_proof
-- By currency, the same money counted four ways: buckets, unallocated, balances of customers, and the documents themselves.
with money as (
    select
        posting.currency,
        posting.customer_id,
        sum(posting.amount) filter (where posting.due_on is not null) as bucket_amount,
        sum(posting.amount) filter (where posting.due_on is null) as unallocated_amount,
        sum(posting.amount) as balance_amount
    from chosen_posting(
        $actor_id::integer, $sees_all::boolean, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text,
        $region::text, $segment::text, $customer_id::integer, $currency::text
    ) as posting
    group by posting.currency, posting.customer_id
),

balance as (
    select
        money.currency,
        count(*) filter (where money.balance_amount <> 0) as customers,
        coalesce(sum(money.bucket_amount), 0) as bucket_amount,
        coalesce(sum(money.unallocated_amount), 0) as unallocated_amount,
        sum(money.balance_amount) as balance_amount
    from money
    group by money.currency
),

document as (
    select
        entry.currency,
        sum(if(entry.kind in ('payment', 'credit_note', 'write_off'), -entry.amount, entry.amount)) as ledger_amount
    from chosen_entry(
        $actor_id::integer, $sees_all::boolean, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text,
        $region::text, $segment::text, $customer_id::integer, $currency::text
    ) as entry
    group by entry.currency
)

select
    coalesce(balance.currency, document.currency) as currency,
    coalesce(balance.customers, 0)::integer as customers,
    coalesce(balance.bucket_amount, 0)::decimal(18, 2) as bucket_amount,
    coalesce(balance.unallocated_amount, 0)::decimal(18, 2) as unallocated_amount,
    coalesce(balance.balance_amount, 0)::decimal(18, 2) as balance_amount,
    coalesce(document.ledger_amount, 0)::decimal(18, 2) as ledger_amount,
    coalesce(balance.bucket_amount + balance.unallocated_amount, 0) = coalesce(balance.balance_amount, 0)
    and coalesce(balance.balance_amount, 0) = coalesce(document.ledger_amount, 0) as is_proven
from balance
full join document on balance.currency = document.currency
order by coalesce(balance.currency, document.currency);

-- name: customer_balance
-- What each customer owes on a date, by currency; unallocated money is negative, so the parts add up to the balance.
select
    posting.customer_id,
    posting.currency,
    coalesce(sum(posting.amount) filter (where posting.due_on >= $as_of::date), 0)::decimal(18, 2) as not_due_amount,
    coalesce(sum(posting.amount) filter (where posting.due_on < $as_of::date), 0)::decimal(18, 2) as overdue_amount,
    coalesce(sum(posting.amount) filter (where posting.due_on is null), 0)::decimal(18, 2) as unallocated_amount,
    sum(posting.amount)::decimal(18, 2) as balance,
    sum(posting.items)::integer as open_invoices
from chosen_posting(
        $actor_id::integer, $sees_all::boolean, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text,
        $region::text, $segment::text, $customer_id::integer, $currency::text
    ) as posting
group by posting.customer_id, posting.currency
having sum(posting.amount) <> 0 or sum(posting.items) <> 0
order by posting.customer_id, posting.currency;
