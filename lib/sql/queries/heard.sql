-- name: coverage
-- How many of the customers who bought in the last year have answered lately, and how much of what was bought they stand for, by
-- currency and group (by: region, owner, team or segment).
select
    case $by::text
        when 'region' then customer.region
        when 'owner' then customer.owner_name
        when 'team' then customer.team
        when 'segment' then customer.segment
    end as label,
    heard.currency,
    count(*)::integer as accounts,
    (count(*) filter (where heard.is_heard))::integer as heard_accounts,
    sum(heard.amount_12m)::decimal(18, 2) as amount_12m,
    coalesce(sum(heard.amount_12m) filter (where heard.is_heard), 0)::decimal(18, 2) as heard_amount
from heard_at($as_of::date, $known_at::timestamp) as heard
inner join chosen_customer(
    $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text, $segment::text,
    $customer_id::integer
) as customer on heard.customer_id = customer.customer_id
group by label, heard.currency
order by sum(heard.amount_12m) desc, heard.currency, label nulls last;

-- name: silent_customers
-- Customers who bought in the last year and have not answered lately, the largest first: when they last did, and how many of the last
-- waves that reached them they left unanswered. least: only those who left so many. is_planned: a task is open to ask them.
select
    heard.customer_id,
    customer.account_no,
    customer.name,
    customer.owner_name,
    customer.owner_id,
    customer.team,
    heard.currency,
    heard.amount_12m,
    heard.last_answer_on,
    coalesce(reply.unanswered, 0)::integer as unanswered,
    exists(
        select 1
        from activity_at($as_of::date, $known_at::timestamp) as task
        where task.customer_id = heard.customer_id and task.source_kind = 'silent' and task.done_on is null
    ) as is_planned,
    count(*) over (partition by true)::integer as total_count
from heard_at($as_of::date, $known_at::timestamp) as heard
inner join chosen_customer(
    $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text, $segment::text,
    $customer_id::integer
) as customer on heard.customer_id = customer.customer_id
left join wave_reply($as_of::date, $known_at::timestamp) as reply on heard.customer_id = reply.customer_id and reply.is_last
where
    not heard.is_heard
    and ($currency::text is null or heard.currency = $currency::text)
    and coalesce(reply.unanswered, 0) >= coalesce($least::integer, 0)
order by heard.amount_12m desc, heard.customer_id
limit coalesce($limit::integer, 1000000)
offset coalesce($offset::integer, 0);

-- name: responses
-- Of invitations that reached somebody since a day, how many were answered, by the way they were sent, with the 95 % interval in per
-- cent. wave_id leaves those of one wave.
with counted as (
    select
        invite.channel,
        count(*) as delivered,
        count(*) filter (where invite.state = 'answered') as n
    from invite_at($as_of::date, $known_at::timestamp) as invite
    semi join chosen_customer(
        $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text, $segment::text,
        $customer_id::integer
    ) as customer on invite.customer_id = customer.customer_id
    where
        invite.is_delivered
        and ($since::date is null or invite.delivered_on >= $since::date)
        and ($wave_id::bigint is null or invite.wave_id = $wave_id::bigint)
    group by invite.channel
)

select
    counted.channel,
    counted.delivered::integer as delivered,
    counted.n::integer as n,
    100.0 * counted.n / counted.delivered as score,
    100.0 * wilson(counted.n / counted.delivered, counted.delivered, -1) as low,
    100.0 * wilson(counted.n / counted.delivered, counted.delivered, 1) as high
from counted
order by score desc, counted.channel;

-- name: follow_up
-- What became of the low scores since a day: how many, followed up, in time; the median hours from the answer to the first follow-up,
-- where both were noted on their own day (median_hours is null when half of those wait still); how many were asked again in time and
-- how many of them were content then.
with low as (
    select low.*
    from low_follow_up($since::date, $as_of::date, $known_at::timestamp) as low
    semi join chosen_customer(
        $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text, $segment::text,
        $customer_id::integer
    ) as customer on low.customer_id = customer.customer_id
    where $metric::text is null or low.metric = $metric::text
),

counted as (
    select
        count(*) as lows,
        count(*) filter (where low.followed_on is not null) as followed,
        count(*) filter (where low.is_judged) as judged,
        count(*) filter (where low.is_in_time) as in_time,
        count(*) filter (where low.is_timed) as timed,
        median(coalesce(low.hours, 1e9)) filter (where low.is_timed) as median_hours,
        count(*) filter (where again.feedback_id is not null) as asked_again,
        count(*) filter (where again.is_recovered) as recovered
    from low
    left join asked_again($as_of::date, $known_at::timestamp) as again on low.feedback_id = again.feedback_id
)

select
    counted.lows::integer as lows,
    counted.followed::integer as followed,
    counted.judged::integer as judged,
    counted.in_time::integer as in_time,
    counted.timed::integer as timed,
    if(counted.median_hours < 1e9, counted.median_hours, null) as median_hours,
    counted.asked_again::integer as asked_again,
    counted.recovered::integer as recovered,
    100.0 * wilson(counted.recovered / nullif(counted.asked_again, 0), counted.asked_again, -1) as low,
    100.0 * wilson(counted.recovered / nullif(counted.asked_again, 0), counted.asked_again, 1) as high
from counted;

-- name: aspect_answers
-- Answers of one metric that also marked what it was about, since a day: the score and the marks as JSON.
select
    answer.feedback_id,
    answer.customer_id,
    answer.on_date,
    answer.score::double as mean_score,
    answer.aspects
from answer_at($as_of::date, $known_at::timestamp) as answer
semi join chosen_customer(
    $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text, $segment::text,
    $customer_id::integer
) as customer on answer.customer_id = customer.customer_id
where
    answer.metric = $metric::text
    and answer.aspects is not null
    and ($since::date is null or answer.on_date >= $since::date)
    and ($answer_language::text is null or answer.language = $answer_language::text)
    and ($wave_id::bigint is null or answer.wave_id = $wave_id::bigint)
order by answer.on_date, answer.feedback_id;

-- name: journey
-- Each stage of the journey since a day: how easy customers found it (CES) with its interval, complaints, and how long it took half of
-- the cases, in days: from bill to money, from bill to dispatch, and the life of complaints and requests of the stage.
with stage as (
    select unnest(['enquiry', 'quote', 'contract', 'delivery', 'reconciliation', 'payment', 'after_sales']) as stage
),

customer as (
    select chosen.customer_id
    from chosen_customer(
        $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text, $segment::text,
        $customer_id::integer
    ) as chosen
),

asked as (
    select
        answer.stage,
        count(*) as n,
        count(*) filter (where answer.is_top) as tops,
        count(*) filter (where answer.is_low) as lows
    from answer_at($as_of::date, $known_at::timestamp) as answer
    semi join customer on answer.customer_id = customer.customer_id
    where answer.metric = 'ces' and answer.stage is not null and answer.on_date >= $since::date
    group by answer.stage
),

life as (
    select
        journey_case.stage,
        journey_case.kind,
        date_diff('day', journey_case.on_date, coalesce(journey_case.closed_on, $as_of::date)) as days
    from case_at($as_of::date, $known_at::timestamp) as journey_case
    semi join customer on journey_case.customer_id = customer.customer_id
    where
        journey_case.kind in ('complaint', 'service')
        and journey_case.stage is not null
        and journey_case.on_date >= $since::date
),

settled as (
    select settled.cycle_days, settled.sending_days
    from measured_settlement(
        $actor_id::integer, $sees_all::boolean, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text,
        $segment::text, null
    ) as settled
    where settled.happened_on >= $since::date
),

passed as (
    select life.stage, count(*) filter (where life.kind = 'complaint') as complaints, count(*) as cases, median(life.days) as case_days
    from life
    group by life.stage
),

paid as (
    select 'payment' as stage, median(settled.cycle_days) as days, count(settled.cycle_days) as bills from settled
    union all
    select 'reconciliation' as stage, median(settled.sending_days) as days, count(settled.sending_days) as bills from settled
)

select
    stage.stage,
    coalesce(asked.n, 0)::integer as n,
    satisfaction_score('ces', asked.tops, asked.lows, asked.n) as score,
    satisfaction_end('ces', asked.tops, asked.lows, asked.n, null::integer, -1) as low,
    satisfaction_end('ces', asked.tops, asked.lows, asked.n, null::integer, 1) as high,
    coalesce(asked.lows, 0)::integer as detractors,
    coalesce(passed.complaints, 0)::integer as complaints,
    coalesce(passed.cases, 0)::integer as cases,
    passed.case_days::double as case_days,
    coalesce(paid.bills, 0)::integer as bills,
    paid.days::double as bill_days
from stage
left join asked on stage.stage = asked.stage
left join passed on stage.stage = passed.stage
left join paid on stage.stage = paid.stage
order by list_position(['enquiry', 'quote', 'contract', 'delivery', 'reconciliation', 'payment', 'after_sales'], stage.stage);
