-- name: house_rating_fact
-- For the house itself: the facts each customer's importance, potential and complexity are rated by, of the months the classification looks
-- at. What peers buy: the upper quarter of the same segment, from five customers on. enquired_on: the days they turned to us.
with fact as (
    select * from house_purchase_fact
),

since as (
    select rule.since_on, (rule.since_on - to_months(rule.months))::date as before_on
    from classification_rule(null::text, $as_of::date, $known_at::timestamp) as rule
),

listed as (
    select breadth.customer_id, breadth.products, customer.segment
    from breadth_at((select since.since_on from since), $as_of::date, $known_at::timestamp) as breadth
    inner join customer_at($as_of::date, $known_at::timestamp) as customer on breadth.customer_id = customer.customer_id
),

peer as (
    select listed.segment, quantile_disc(listed.products, 0.75)::integer as products
    from listed
    group by listed.segment
    having count(*) >= 5
),

troubled as (
    select
        trouble.customer_id,
        (count(*) filter (where trouble.kind = 'dispute'))::integer as disputes,
        (count(*) filter (where trouble.kind = 'complaint'))::integer as complaints
    from case_at($as_of::date, $known_at::timestamp) as trouble
    cross join since
    where trouble.on_date > since.since_on
    group by trouble.customer_id
),

asked as (
    select touch.customer_id, list(touch.on_date) as enquired_on
    from activity_at($as_of::date, $known_at::timestamp) as touch
    where touch.kind = 'interaction' and touch.direction = 'in'
    group by touch.customer_id
),

known as (
    select contact.customer_id, count(*)::integer as contacts
    from contact
    where contact.recorded_at <= $known_at::timestamp and $known_at::timestamp < contact.retired_at
    group by contact.customer_id
)

select
    class.customer_id,
    class.currency,
    class.amount_12m,
    class.frequency,
    class.habit,
    -- Points would tell the cut of large amounts to the cent, so they are full from its two leading digits on, whoever looks.
    rounded(cut.large_from, false) as full_amount,
    date_diff('day', dealing.first_on, $as_of::date) / 365.25 as tenure_years,
    coalesce(dealing.earlier_amount, 0)::decimal(18, 2) as earlier_amount,
    -- Who began within the months before would seem to grow whatever they buy.
    coalesce(dealing.first_on <= since.before_on, false) as is_comparable,
    listed.products,
    if(listed.products is null, null, peer.products) as peer_products,
    asked.enquired_on,
    coalesce(dealing.documents, 0) as documents,
    coalesce(dealing.currencies, 0) as currencies,
    coalesce(troubled.disputes, 0) as disputes,
    coalesce(troubled.complaints, 0) as complaints,
    coalesce(known.contacts, 0) as contacts
from house_class as class
cross join since
left join amount_cut('fact', $as_of::date, $known_at::timestamp, null::text) as cut on class.currency = cut.currency
left join dealing_at((select since.before_on from since), (select since.since_on from since), $as_of::date, $known_at::timestamp) as dealing
    on class.customer_id = dealing.customer_id
left join listed on class.customer_id = listed.customer_id
left join peer on listed.segment is not distinct from peer.segment
left join troubled on class.customer_id = troubled.customer_id
left join asked on class.customer_id = asked.customer_id
left join known on class.customer_id = known.customer_id;

-- name: house_rating
-- For the house itself: each customer's importance, potential and complexity as sums of points by the rating in force, with the facts behind.
with rating_fact as (
    select * from house_rating_fact
)

select rated.* from rating_of('rating_fact', $as_of::date, $known_at::timestamp) as rated;

-- name: class_rating_trial
-- Customers who would be on another level of importance, potential or complexity by other weights, the most money first, with both levels
-- and scores. Of all of them: how many, and how many by each of the three. rating: the weights to try.
with rating_fact as (
    select * from house_rating_fact
),

moved as (
    select
        wanted.customer_id,
        wanted.currency,
        wanted.amount_12m,
        held.importance_level as old_importance_level,
        wanted.importance_level,
        held.potential_level as old_potential_level,
        wanted.potential_level,
        held.complexity_level as old_complexity_level,
        wanted.complexity_level,
        held.importance_score as old_importance_score,
        wanted.importance_score,
        held.potential_score as old_potential_score,
        wanted.potential_score,
        held.complexity_score as old_complexity_score,
        wanted.complexity_score
    from rating_of('rating_fact', $as_of::date, $known_at::timestamp, wanted_rules := $rating::text) as wanted
    inner join house_rating as held on wanted.customer_id = held.customer_id
    semi join visible_customer($actor_id::integer) as visible on wanted.customer_id = visible.customer_id
    where
        held.importance_level is distinct from wanted.importance_level
        or held.potential_level is distinct from wanted.potential_level
        or held.complexity_level is distinct from wanted.complexity_level
),

tally as (
    select
        count(*)::integer as total_count,
        (count(*) filter (where moved.old_importance_level is distinct from moved.importance_level))::integer as importance_count,
        (count(*) filter (where moved.old_potential_level is distinct from moved.potential_level))::integer as potential_count,
        (count(*) filter (where moved.old_complexity_level is distinct from moved.complexity_level))::integer as complexity_count
    from moved
)

select moved.*, customer.account_no, customer.name, customer.owner_name, tally.*
from moved
cross join tally
inner join customer_at($as_of::date, $known_at::timestamp) as customer on moved.customer_id = customer.customer_id
order by moved.amount_12m desc, moved.customer_id
limit coalesce($limit::integer, 1000000)
offset coalesce($offset::integer, 0);

-- name: class_rating_levels
-- Customers and their money of the last months by level of importance, potential or complexity (by), the highest first.
with rated as (
    select
        rating.amount_12m,
        case $by::text
            when 'potential' then rating.potential_level
            when 'complexity' then rating.complexity_level
            else rating.importance_level
        end as level
    from house_rating as rating
    semi join chosen_customer(
        $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text, $segment::text,
        $customer_id::integer
    ) as customer on rating.customer_id = customer.customer_id
    where $currency::text is null or rating.currency = $currency::text
)

select rated.level, count(*)::integer as customers, sum(rated.amount_12m)::decimal(18, 2) as total
from rated
group by rated.level
order by rated.level desc nulls last;

-- name: class_rating_of_customers
-- Each customer's importance, potential and complexity with the points and facts behind; the highest of the one named in by first.
-- level leaves only customers of that level.
with rated as (
    select
        rating.*,
        case $by::text
            when 'potential' then rating.potential_score
            when 'complexity' then rating.complexity_score
            else rating.importance_score
        end as score
    from house_rating as rating
),

ranked as (
    select rated.*, customer.account_no, customer.name, customer.owner_name, count(*) over (partition by true)::integer as total_count
    from rated
    inner join chosen_customer(
        $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text, $segment::text,
        $customer_id::integer
    ) as customer on rated.customer_id = customer.customer_id
    where
        ($currency::text is null or rated.currency = $currency::text)
        and ($level::integer is null or rating_level(rated.score) = $level::integer)
)

select ranked.* exclude (score)
from ranked
order by ranked.score desc nulls last, ranked.amount_12m desc, ranked.customer_id
limit coalesce($limit::integer, 1000000)
offset coalesce($offset::integer, 0);

-- name: class_rating_of_customer
-- One customer's importance, potential and complexity with the points and facts behind.
select rating.*
from house_rating as rating
semi join visible_customer($actor_id::integer) as visible on rating.customer_id = visible.customer_id
where rating.customer_id = $customer_id::integer;
