-- One row: what importance, potential and complexity weigh by the rating in force, and what earns all points of a part.
create or replace macro rating_rule(as_of, known_at) as table
select
    policy.policy_id,
    from_json(policy.body::json -> '$.importance', '{"amount": "double", "habit": "double", "tenure": "double", "mixed": "double", "full_years": "double"}')
        as importance,
    from_json(
        policy.body::json -> '$.potential',
        '{"growth": "double", "breadth": "double", "interest": "double", "full_growth": "double", "interest_days": "integer", "full_interest": "double"}'
    ) as potential,
    from_json(
        policy.body::json -> '$.complexity',
        '{"documents": "double", "currencies": "double", "disputes": "double", "complaints": "double", "contacts": "double",
            "full_documents": "double", "full_currencies": "double", "full_disputes": "double", "full_complaints": "double",
            "full_contacts": "double"}'
    ) as complexity
from policy_at('customer_rating', as_of, known_at) as policy;

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
