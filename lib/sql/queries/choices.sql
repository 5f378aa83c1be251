-- name: house_crowd
-- For the house itself: customers alike in all that sight and filters ask about, as one row. keeper_id: their account manager now, by whom
-- people see them; is_known: whether they were customers on the date.
with customer as (
    select
        record.customer_id,
        max(record.owner_id) filter (
            where record.until_on = date '9999-12-31' and record.retired_at = timestamp '9999-12-31'
        ) as keeper_id
    from customer_record as record
    group by record.customer_id
),

crowd as (
    select
        customer.keeper_id,
        known.owner_id,
        known.region,
        known.segment,
        known.customer_id is not null as is_known,
        list(customer.customer_id) as customer_ids
    from customer
    left join customer_at($as_of::date, $known_at::timestamp) as known on customer.customer_id = known.customer_id
    group by customer.keeper_id, known.owner_id, known.region, known.segment, known.customer_id is not null
)

select
    (row_number() over (order by crowd.customer_ids[1]))::integer as crowd_no,
    crowd.keeper_id,
    crowd.owner_id,
    owner.name as owner_name,
    owner.team,
    crowd.region,
    crowd.segment,
    crowd.is_known,
    crowd.customer_ids
from crowd
left join app_user as owner on crowd.owner_id = owner.user_id;

-- name: house_member
-- For the house itself: which crowd each customer is in.
select crowd.crowd_no, unnest(crowd.customer_ids) as customer_id
from house_crowd as crowd;

-- name: house_currency
-- For the house itself: how many postings each crowd has in each currency, and the day of the newest.
select member.crowd_no, posting.currency, count(*) as postings, max(posting.on_date) as newest_on
from posting_at($as_of::date, $known_at::timestamp) as posting
inner join house_member as member on posting.customer_id = member.customer_id
group by member.crowd_no, posting.currency;

-- name: house_scored
-- For the house itself: the day of each crowd's newest score.
select member.crowd_no, max(answer.on_date) as newest_on
from answer_at($as_of::date, $known_at::timestamp) as answer
inner join house_member as member on answer.customer_id = member.customer_id
group by member.crowd_no;

-- name: filter_choices
-- What a person can filter by: each owner, team, region and segment among the customers they see, with how many.
with seen as (
    select
        crowd.owner_id,
        crowd.owner_name,
        crowd.team,
        crowd.region,
        crowd.segment,
        len(crowd.customer_ids) as customers
    from house_crowd as crowd
    where crowd.is_known and sees_owner(crowd.keeper_id, $actor_id::integer)
),

named as (
    select 'owner_id' as field, seen.owner_id::text as choice, seen.owner_name as label, seen.customers from seen
    union all
    select 'team' as field, seen.team as choice, seen.team as label, seen.customers from seen
    union all
    select 'region' as field, seen.region as choice, seen.region as label, seen.customers from seen
    union all
    select 'segment' as field, seen.segment as choice, seen.segment as label, seen.customers from seen
)

select
    named.field,
    named.choice,
    any_value(named.label) as label,
    sum(named.customers)::bigint as customers
from named
where named.choice is not null
group by named.field, named.choice
order by named.field, label;

-- name: currencies
-- The currencies a person's customers have postings in, the most used first.
select posted.currency, sum(posted.postings)::bigint as count
from house_currency as posted
inner join house_crowd as crowd on posted.crowd_no = crowd.crowd_no
where (crowd.is_known or $sees_all::boolean) and sees_owner(crowd.keeper_id, $actor_id::integer)
group by posted.currency
order by sum(posted.postings) desc, posted.currency;

-- name: newest_days
-- The newest day up to a date on which money moved or a score was given by customers in sight; null without any.
select
    (
        select max(posted.newest_on)
        from house_currency as posted
        inner join house_crowd as crowd on posted.crowd_no = crowd.crowd_no
        where (crowd.is_known or $sees_all::boolean) and sees_owner(crowd.keeper_id, $actor_id::integer)
    ) as money_on,
    (
        select max(scored.newest_on)
        from house_scored as scored
        inner join house_crowd as crowd on scored.crowd_no = crowd.crowd_no
        where sees_owner(crowd.keeper_id, $actor_id::integer)
    ) as score_on;

-- name: bucket_edges
-- The ageing edges asked for, else those in force on a date.
select edges_in_force($edges::integer[], $as_of::date, $known_at::timestamp) as edges;
