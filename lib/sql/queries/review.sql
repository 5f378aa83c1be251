-- name: review_story
-- The one customer whose story a review tells: of low scores and of recoveries, other than the last time first, the one that weighs most
-- (how bad the score × what the customer buys in a year) with words of the customer, not told in the weeks of the rule.
with told as (
    select * from told_story($week_on::date, $circle::text, $as_of::date, $known_at::timestamp)
),

bought as (
    select
        entry.customer_id,
        sum(entry.amount)::decimal(18, 2) as amount_12m
    from entry_at($as_of::date, $known_at::timestamp) as entry
    inner join customer_at($as_of::date, $known_at::timestamp) as customer
        on entry.customer_id = customer.customer_id and entry.currency = customer.currency
    where entry.kind = 'invoice' and entry.on_date > $as_of::date - 365
    group by entry.customer_id
),

chosen as (
    select
        story.*,
        customer.account_no,
        customer.name,
        customer.owner_name,
        customer.currency,
        coalesce(bought.amount_12m, 0) as amount_12m
    from story_at($as_of::date, $known_at::timestamp) as story
    inner join chosen_customer(
        $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text, $segment::text,
        null::integer
    ) as customer on story.customer_id = customer.customer_id
    left join bought on story.customer_id = bought.customer_id
    where story.customer_id not in (select told.customer_id from told)
    order by
        story.story is not distinct from (select arg_max(told.story, told.week_on) from told),
        story.story,
        story.comment is null,
        story.part * coalesce(bought.amount_12m, 0) desc,
        story.told_on desc,
        story.feedback_id
    limit 1
),

late as (
    select sum(posting.amount) as amount
    from posting_at($as_of::date, $known_at::timestamp) as posting
    inner join chosen on posting.customer_id = chosen.customer_id and posting.currency = chosen.currency
    where posting.due_on < $as_of::date
)

select
    chosen.story,
    chosen.customer_id,
    chosen.account_no,
    chosen.name,
    chosen.owner_name,
    answer.metric,
    format('{:g}', answer.score::double) as score,
    answer.top_score,
    answer.on_date,
    if(chosen.story = 'recovered', chosen.told_on, null) as recovered_on,
    answer.comment,
    chosen.currency,
    chosen.amount_12m,
    greatest(coalesce(late.amount, 0), 0)::decimal(18, 2) as overdue_amount
from chosen
inner join answer_at($as_of::date, $known_at::timestamp) as answer on chosen.feedback_id = answer.feedback_id
cross join late;

-- name: review_overdue
-- Overdue customers by the money at risk: what is overdue × how likely it does not come in within 30 days; as many as the rule says.
with invoice as (
    select posting.customer_id, posting.invoice_id, posting.due_on, sum(posting.amount) as amount
    from chosen_posting(
        $actor_id::integer, $sees_all::boolean, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text,
        $region::text, $segment::text, null::integer, $currency::text
    ) as posting
    where posting.due_on < $as_of::date and $currency::text is not null
    group by posting.customer_id, posting.invoice_id, posting.due_on
    having sum(posting.amount) <> 0
),

late as (
    select invoice.customer_id, sum(invoice.amount) as overdue_amount, max($as_of::date - invoice.due_on) as max_days
    from invoice
    group by invoice.customer_id
    having sum(invoice.amount) > 0
),

weighed as (
    select
        late.*,
        likely.likelihood,
        round(late.overdue_amount * (1 - coalesce(likely.likelihood, 0))::decimal(9, 6), 2)::decimal(18, 2) as risk_amount
    from late
    left join likelihood_at(
        $actor_id::integer, $sees_all::boolean, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text,
        $region::text, $segment::text, $currency::text
    ) as likely on late.customer_id = likely.customer_id
)

select
    weighed.customer_id,
    customer.account_no,
    customer.name,
    customer.owner_name,
    $currency::text as currency,
    weighed.overdue_amount::decimal(18, 2) as overdue_amount,
    weighed.max_days::integer as max_days,
    round(weighed.likelihood, 4)::double as likelihood_rate,
    weighed.risk_amount
from weighed
inner join chosen_customer(
    $actor_id::integer, $as_of::date, $known_at::timestamp, null::integer, null::text, null::text, null::text, null::integer
) as customer on weighed.customer_id = customer.customer_id
order by weighed.risk_amount desc, weighed.customer_id
limit (select rule.top from review_rule($as_of::date, $known_at::timestamp) as rule);

-- name: review_promises
-- Promises to pay that were broken in the 30 days up to a date, the most money missing first.
select
    promise.promise_id,
    promise.customer_id,
    customer.account_no,
    customer.name,
    customer.owner_name,
    promise.due_on,
    promise.amount,
    promise.received_amount,
    promise.currency,
    promise.result
from promise_since(null::integer[], $as_of::date - 30, $as_of::date, $known_at::timestamp) as promise
inner join chosen_customer(
    $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text, $segment::text,
    null::integer
) as customer on promise.customer_id = customer.customer_id
where
    promise.result in ('broken', 'partly')
    and promise.due_on >= $as_of::date - 30
    and ($currency::text is null or promise.currency = $currency::text)
order by promise.amount - promise.received_amount desc, promise.promise_id
limit coalesce($limit::integer, 1000000);

-- name: review_quiet
-- Customers who bought on four days of a year or more and have not bought for twice as long as usual, the most money first.
select
    history.customer_id,
    customer.account_no,
    customer.name,
    customer.owner_name,
    history.currency,
    history.amount_12m,
    history.last_on,
    ($as_of::date - history.last_on)::integer as quiet_days,
    round((history.last_on - history.first_on) / (history.purchase_days - 1))::integer as usual_days
from house_buying as history
inner join chosen_customer(
    $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text, $segment::text,
    null::integer
) as customer on history.customer_id = customer.customer_id
where
    history.days_12m >= 4
    and $as_of::date - history.last_on > 2 * (history.last_on - history.first_on) / (history.purchase_days - 1)
    and ($currency::text is null or history.currency = $currency::text)
order by history.amount_12m desc, history.customer_id
limit coalesce($limit::integer, 1000000);

-- name: review_gate
-- What of a week's records is missing or waits for somebody, by a date: how many (null where it is missing altogether) and since when.
with written as (
    select
        count(*) filter (where posting.kind = 'invoice') as invoices,
        count(*) filter (where posting.kind = 'payment') as payments
    from chosen_posting(
        $actor_id::integer, $sees_all::boolean, $as_of::date, $known_at::timestamp, null, null, null, null, null, null
    ) as posting
    where posting.on_date >= $week_on::date
),

invoiced as (
    select 'no_invoices' as gate, null::integer as count, null::date as since_on
    from written
    where written.invoices = 0
),

paid as (
    select 'no_payments' as gate, null::integer as count, null::date as since_on
    from written
    where written.payments = 0
),

unposted as (
    select 'unposted' as gate, count(*)::integer as count, min(line.on_date) as since_on
    from bank_line_state($actor_id::integer, $sees_bank::boolean) as line
    where line.line_state = 'open' and line.on_date <= $as_of::date
),

uncalled as (
    select 'uncalled' as gate, count(*)::integer as count, min(answer.on_date) as since_on
    from answer_at($as_of::date, $known_at::timestamp) as answer
    semi join visible_customer($actor_id::integer) as visible on answer.customer_id = visible.customer_id
    anti join (
        select activity.source_id
        from activity_at($as_of::date, $known_at::timestamp) as activity
        where activity.source_kind = 'feedback' and activity.done_on is not null
    ) as called on answer.feedback_id = called.source_id
    where answer.is_low and answer.on_date between $as_of::date - 60 and $as_of::date - 2
),

unowned as (
    select 'unowned' as gate, count(*)::integer as count, min(complaint.on_date) as since_on
    from case_at($as_of::date, $known_at::timestamp) as complaint
    semi join visible_customer($actor_id::integer) as visible on complaint.customer_id = visible.customer_id
    where complaint.kind = 'complaint' and complaint.is_open and complaint.owner_id is null
),

keeperless as (
    select 'keeperless' as gate, count(*)::integer as count, null::date as since_on
    from chosen_customer(
        $actor_id::integer, $as_of::date, $known_at::timestamp, null::integer, null::text, null::text, null::text, null::integer
    ) as customer
    where customer.owner_id is null and customer.status = 'active'
),

found as (
    select * from invoiced
    union all
    select * from paid
    union all
    select * from unposted
    union all
    select * from uncalled
    union all
    select * from unowned
    union all
    select * from keeperless
)

select found.gate, found.count, found.since_on
from found
where found.count is null or found.count > 0
order by found.gate;
