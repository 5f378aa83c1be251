-- name: house_rating
-- For the house itself: each customer's importance, potential and complexity as sums of points by the rating in force, with the facts
-- behind. Facts are of the months the classification looks at. What peers buy: the upper quarter of the same segment, from five customers on.
with fact as (
    select * from house_purchase_fact
),

since as (
    select rule.since_on, (rule.since_on - to_months(rule.months))::date as before_on
    from classification_rule(null::text, $as_of::date, $known_at::timestamp) as rule
),

rule as (
    select * from rating_rule($as_of::date, $known_at::timestamp)
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
    select touch.customer_id, count(*)::integer as enquiries
    from activity_at($as_of::date, $known_at::timestamp) as touch
    cross join rule
    where touch.kind = 'interaction' and touch.direction = 'in' and touch.on_date > $as_of::date - rule.potential.interest_days
    group by touch.customer_id
),

known as (
    select contact.customer_id, count(*)::integer as contacts
    from contact
    where contact.recorded_at <= $known_at::timestamp and $known_at::timestamp < contact.retired_at
    group by contact.customer_id
),

told as (
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
        case
            -- Who began within the months before would seem to grow whatever they buy.
            when dealing.first_on > since.before_on then null
            when dealing.earlier_amount > 0 then (class.amount_12m - dealing.earlier_amount)::double / dealing.earlier_amount::double
            -- Who bought nothing then but did before has come back: all the growth there can be.
            when class.amount_12m > 0 then rule.potential.full_growth
        end as growth_rate,
        listed.products,
        if(listed.products is null, null, peer.products) as peer_products,
        coalesce(asked.enquiries, 0) as enquiries,
        coalesce(dealing.documents, 0) as documents,
        coalesce(dealing.currencies, 0) as currencies,
        coalesce(troubled.disputes, 0) as disputes,
        coalesce(troubled.complaints, 0) as complaints,
        coalesce(known.contacts, 0) as contacts
    from house_class as class
    cross join since
    cross join rule
    left join amount_cut('fact', $as_of::date, $known_at::timestamp, null::text) as cut on class.currency = cut.currency
    left join dealing_at((select since.before_on from since), (select since.since_on from since), $as_of::date, $known_at::timestamp) as dealing
        on class.customer_id = dealing.customer_id
    left join listed on class.customer_id = listed.customer_id
    left join peer on listed.segment is not distinct from peer.segment
    left join troubled on class.customer_id = troubled.customer_id
    left join asked on class.customer_id = asked.customer_id
    left join known on class.customer_id = known.customer_id
),

part as (
    select
        told.*,
        points_of(rule.importance.amount, told.amount_12m::double, told.full_amount::double) as amount_points,
        points_of(rule.importance.habit, case told.habit when 'prompt' then 1 when 'mixed' then rule.importance.mixed when 'late' then 0 end, 1)
            as habit_points,
        points_of(rule.importance.tenure, told.tenure_years, rule.importance.full_years) as tenure_points,
        points_of(rule.potential.growth, told.growth_rate, rule.potential.full_growth) as growth_points,
        points_of(rule.potential.breadth, told.peer_products - told.products, told.peer_products) as breadth_points,
        points_of(rule.potential.interest, told.enquiries, rule.potential.full_interest) as interest_points,
        points_of(rule.complexity.documents, told.documents, rule.complexity.full_documents) as documents_points,
        points_of(rule.complexity.currencies, told.currencies - 1, rule.complexity.full_currencies - 1) as currencies_points,
        points_of(rule.complexity.disputes, told.disputes, rule.complexity.full_disputes) as disputes_points,
        points_of(rule.complexity.complaints, told.complaints, rule.complexity.full_complaints) as complaints_points,
        points_of(rule.complexity.contacts, told.contacts - 1, rule.complexity.full_contacts - 1) as contacts_points
    from told
    cross join rule
),

scored as (
    select
        part.*,
        score_of(
            coalesce(part.amount_points, 0) + coalesce(part.habit_points, 0) + coalesce(part.tenure_points, 0),
            if(part.amount_points is null, 0, rule.importance.amount) + if(part.habit_points is null, 0, rule.importance.habit)
            + if(part.tenure_points is null, 0, rule.importance.tenure),
            rule.importance.amount + rule.importance.habit + rule.importance.tenure
        ) as importance_score,
        score_of(
            coalesce(part.growth_points, 0) + coalesce(part.breadth_points, 0) + part.interest_points,
            if(part.growth_points is null, 0, rule.potential.growth) + if(part.breadth_points is null, 0, rule.potential.breadth)
            + rule.potential.interest,
            rule.potential.growth + rule.potential.breadth + rule.potential.interest
        ) as potential_score,
        score_of(
            part.documents_points + part.currencies_points + part.disputes_points + part.complaints_points + part.contacts_points,
            rule.complexity.documents + rule.complexity.currencies + rule.complexity.disputes + rule.complexity.complaints
            + rule.complexity.contacts,
            0
        ) as complexity_score,
        rule.policy_id
    from part
    cross join rule
)

select
    scored.*,
    rating_level(scored.importance_score) as importance_level,
    rating_level(scored.potential_score) as potential_level,
    rating_level(scored.complexity_score) as complexity_level
from scored;

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
