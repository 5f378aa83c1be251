-- name: provision
-- What to set aside for bad debt on a date, by currency and the buckets of the provision policy in force; money on account is not netted.
-- The rates are a policy that finance must confirm. rules: as if these were in force.
with held as (
    select coalesce(
        $rules::text, (select policy.body from policy_at('provision', $as_of::date, $known_at::timestamp) as policy)
    )::json as body
),

rule as (
    select
        from_json(held.body -> 'edges', '["integer"]') as edges,
        from_json(held.body -> 'rates', '["decimal(6, 4)"]') as rates
    from held
),

daily as (
    select posting.currency, posting.due_on, sum(posting.amount) as amount, sum(posting.items) as items
    from chosen_posting(
        $actor_id::integer, $sees_all::boolean, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text,
        $segment::text, $customer_id::integer, $currency::text
    ) as posting
    where posting.due_on is not null
    group by posting.currency, posting.due_on
),

aged as (
    select
        daily.currency,
        bucket_no(daily.due_on, $as_of::date, (select rule.edges from rule)) as bucket_no,
        sum(daily.items) as count,
        sum(daily.amount) as amount
    from daily
    group by daily.currency, bucket_no
    having sum(daily.items) <> 0 or sum(daily.amount) <> 0
)

select
    aged.currency,
    aged.bucket_no::integer as bucket_no,
    rule.edges,
    aged.count::integer as count,
    aged.amount::decimal(18, 2) as amount,
    rule.rates[aged.bucket_no + 1] as provision_rate,
    (aged.amount * rule.rates[aged.bucket_no + 1])::decimal(18, 2) as provision_amount
from aged
cross join rule
order by aged.currency, aged.bucket_no;

-- name: beside_ageing
-- By currency, the part of open money that is not yet due, disputed, promised, or on a plan of instalments. It stays in the ageing;
-- one invoice may count in several parts. Disputes that name no invoice count with their own amount.
with open_invoice as (
    select posting.customer_id, posting.currency, posting.invoice_id, posting.due_on, sum(posting.amount) as amount
    from chosen_posting(
        $actor_id::integer, $sees_all::boolean, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text,
        $segment::text, $customer_id::integer, $currency::text
    ) as posting
    where posting.due_on is not null
    group by posting.customer_id, posting.currency, posting.invoice_id, posting.due_on
    having sum(posting.amount) <> 0
),

chosen as (
    select distinct open_invoice.customer_id, open_invoice.currency from open_invoice
),

disputed as (
    select dispute.invoice_id, dispute.customer_id, max(dispute.currency) as currency, max(dispute.amount) as amount
    from case_at($as_of::date, $known_at::timestamp) as dispute
    where dispute.kind = 'dispute' and dispute.is_open
    group by dispute.invoice_id, dispute.customer_id, if(dispute.invoice_id is null, dispute.case_id, null)
),

part as (
    select open_invoice.currency, 'not_due' as part, open_invoice.customer_id, open_invoice.amount
    from open_invoice
    where open_invoice.due_on >= $as_of::date
    union all
    select open_invoice.currency, 'disputed' as part, open_invoice.customer_id, open_invoice.amount
    from open_invoice
    inner join disputed on open_invoice.invoice_id = disputed.invoice_id
    union all
    select chosen.currency, 'disputed' as part, chosen.customer_id, disputed.amount
    from disputed
    inner join chosen on disputed.customer_id = chosen.customer_id and disputed.currency = chosen.currency
    where disputed.invoice_id is null
    union all
    select
        promise.currency,
        if(promise.plan_id is null, 'promised', 'on_plan') as part,
        promise.customer_id,
        promise.amount - promise.received_amount as amount
    from promise_at($as_of::date, $known_at::timestamp) as promise
    semi join chosen on promise.customer_id = chosen.customer_id and promise.currency = chosen.currency
    where promise.result = 'open'
)

select
    part.currency,
    part.part,
    count(distinct part.customer_id)::integer as customers,
    sum(part.amount)::decimal(18, 2) as amount
from part
group by part.currency, part.part
having sum(part.amount) <> 0
order by part.currency, list_position(['not_due', 'disputed', 'promised', 'on_plan'], part.part);

-- name: payers
-- How each customer pays: invoices settled in the last year, the share on time, days late weighed by money, the habit that follows,
-- what is open and overdue now; most overdue first, one row per currency.
with owed as (
    select
        posting.customer_id,
        posting.currency,
        sum(posting.amount) as open_amount,
        coalesce(sum(posting.amount) filter (where posting.due_on < $as_of::date), 0) as overdue_amount
    from chosen_posting(
        $actor_id::integer, $sees_all::boolean, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text,
        $segment::text, $customer_id::integer, $currency::text
    ) as posting
    where posting.due_on is not null
    group by posting.customer_id, posting.currency
),

reached as (
    select owed.*, count(*) over (partition by true) as total_count
    from owed
    order by owed.overdue_amount desc, owed.open_amount desc, owed.customer_id, owed.currency
    limit coalesce($limit::integer, 1000000)
    offset coalesce($offset::integer, 0)
)

select
    reached.customer_id,
    customer.account_no,
    customer.name,
    customer.owner_name,
    coalesce(habit.habit, 'unknown') as habit,
    coalesce(habit.paid_invoices, 0)::integer as paid_invoices,
    habit.on_time_rate,
    habit.average_days_late,
    reached.currency,
    reached.open_amount::decimal(18, 2) as open_amount,
    reached.overdue_amount::decimal(18, 2) as overdue_amount,
    reached.total_count::integer as total_count
from reached
inner join customer_at($as_of::date, $known_at::timestamp) as customer on reached.customer_id = customer.customer_id
left join payment_habit($as_of::date, $known_at::timestamp, null::text) as habit on reached.customer_id = habit.customer_id
order by reached.overdue_amount desc, reached.open_amount desc, reached.customer_id, reached.currency;
