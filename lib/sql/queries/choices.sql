-- name: filter_choices
-- What a person can filter by: each owner, team, region and segment among the customers they see, with how many.
with seen as (
    select
        customer.customer_id,
        customer.owner_id,
        customer.owner_name,
        customer.team,
        customer.region,
        customer.segment
    from customer_at($as_of::date, $known_at::timestamp) as customer
    semi join visible_customer($actor_id) as visible on customer.customer_id = visible.customer_id
),

named as (
    select 'owner_id' as field, seen.owner_id::text as choice, seen.owner_name as label from seen
    union all
    select 'team' as field, seen.team as choice, seen.team as label from seen
    union all
    select 'region' as field, seen.region as choice, seen.region as label from seen
    union all
    select 'segment' as field, seen.segment as choice, seen.segment as label from seen
)

select
    named.field,
    named.choice,
    any_value(named.label) as label,
    count(*) as customers
from named
where named.choice is not null
group by named.field, named.choice
order by named.field, label;

-- name: currencies
-- The currencies a person's customers have postings in, the most used first.
select posting.currency, count(*) as count
from chosen_posting(
    $actor_id::integer, $sees_all::boolean, $as_of::date, $known_at::timestamp, null, null, null, null, null, null
) as posting
group by posting.currency
order by count(*) desc, posting.currency;

-- name: newest_days
-- The newest day up to a date on which money moved or a score was given by customers in sight; null without any.
select
    (
        select max(posting.on_date)
        from chosen_posting(
            $actor_id::integer, $sees_all::boolean, $as_of::date, $known_at::timestamp, null, null, null, null, null, null
        ) as posting
    ) as money_on,
    (
        select max(answer.on_date)
        from answer_at($as_of::date, $known_at::timestamp) as answer
        semi join visible_customer($actor_id::integer) as visible on answer.customer_id = visible.customer_id
    ) as score_on;

-- name: bucket_edges
-- The ageing edges asked for, else those in force on a date.
select edges_in_force($edges::integer[], $as_of::date, $known_at::timestamp) as edges;
