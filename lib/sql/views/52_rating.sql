-- One row: what importance, potential and complexity weigh by the rating asked for as JSON, else the one in force, and what earns all
-- points of a part.
create or replace macro rating_rule(as_of, known_at, wanted_rules := null::text) as table
with rule as (
    select policy.policy_id, coalesce(wanted_rules, policy.body)::json as body
    from policy_at('customer_rating', as_of, known_at) as policy
)

select
    rule.policy_id,
    from_json(rule.body -> '$.importance', '{"amount": "double", "habit": "double", "tenure": "double", "mixed": "double", "full_years": "double"}')
        as importance,
    from_json(
        rule.body -> '$.potential',
        '{"growth": "double", "breadth": "double", "interest": "double", "full_growth": "double", "interest_days": "integer", "full_interest": "double"}'
    ) as potential,
    from_json(
        rule.body -> '$.complexity',
        '{"documents": "double", "currencies": "double", "disputes": "double", "complaints": "double", "contacts": "double",
            "full_documents": "double", "full_currencies": "double", "full_disputes": "double", "full_complaints": "double",
            "full_contacts": "double"}'
    ) as complexity
from rule;

-- The points of one part: all of them from the full mark on, none below zero; null when the fact or the mark is not known.
create or replace macro points_of(most, reached, full_mark) as
    if(reached is null or full_mark is null, null, round(most * least(1, greatest(0, reached / nullif(full_mark, 0))), 1));

-- A hundred times what was earned of what is known, to one place; null when less than half of the whole is known, which would say nothing.
create or replace macro score_of(earned, known, whole) as if(known < whole / 2, null, round(100 * earned / nullif(known, 0), 1));

-- A score as one of five levels of twenty points each; null stays null, which `least` would pass over.
create or replace macro rating_level(score) as if(score is null, null, least(5, 1 + floor(score / 20))::integer);

-- One row per customer with documents by a date: since when, how many in the months looked at and in how many currencies, and what it
-- bought in its own currency in the months before them.
create or replace macro dealing_at(before_on, since_on, as_of, known_at) as table
with dealt as (
    select
        entry.customer_id,
        entry.currency,
        min(entry.on_date) filter (where entry.kind in ('invoice', 'opening')) as first_on,
        count(*) filter (where entry.on_date > since_on) as documents,
        sum(entry.amount) filter (where entry.kind = 'invoice' and entry.on_date > before_on and entry.on_date <= since_on) as amount
    from entry_at(as_of, known_at) as entry
    group by entry.customer_id, entry.currency
)

select
    dealt.customer_id,
    min(dealt.first_on) as first_on,
    sum(dealt.documents)::integer as documents,
    (count(*) filter (where dealt.documents > 0))::integer as currencies,
    coalesce(sum(dealt.amount) filter (where dealt.currency = customer.currency), 0)::decimal(18, 2) as earlier_amount
from dealt
inner join customer_at(as_of, known_at) as customer on dealt.customer_id = customer.customer_id
group by dealt.customer_id;

-- One row per customer whose invoices between two dates list products: how many different ones.
create or replace macro breadth_at(since_on, as_of, known_at) as table
select entry.customer_id, count(distinct coalesce(entry_line.description, entry_line.product_no))::integer as products
from entry_line
inner join entry_at(as_of, known_at) as entry on entry_line.entry_id = entry.entry_id
where
    entry.kind = 'invoice'
    and entry.on_date > since_on
    and entry_line.recorded_at <= known_at
    and known_at < entry_line.retired_at
    and coalesce(entry_line.description, entry_line.product_no) is not null
group by entry.customer_id;

-- The facts of a table as house_rating_fact gives it, named by facts, with points, scores and levels by the rating asked for, else in force.
create or replace macro rating_of(facts, as_of, known_at, wanted_rules := null::text) as table
with rule as (
    select * from rating_rule(as_of, known_at, wanted_rules := wanted_rules)
),

told as (
    select
        fact.* exclude (is_comparable, enquired_on),
        case
            when not fact.is_comparable then null
            when fact.earlier_amount > 0 then (fact.amount_12m - fact.earlier_amount)::double / fact.earlier_amount::double
            -- Who bought nothing then but did before has come back: all the growth there can be.
            when fact.amount_12m > 0 then rule.potential.full_growth
        end as growth_rate,
        coalesce(len(list_filter(fact.enquired_on, lambda day: day > as_of - rule.potential.interest_days)), 0)::integer as enquiries
    from query_table(facts) as fact
    cross join rule
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
