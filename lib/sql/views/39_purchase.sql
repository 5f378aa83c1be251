-- One row: the classification thresholds asked for as JSON, else those in force.
create or replace macro classification_rule(wanted_rules, as_of, known_at) as table
with rule as (
    select coalesce(
        wanted_rules, (select policy.body from policy_at('classification', as_of, known_at) as policy)
    )::json as body
)

select
    (rule.body ->> '$.months')::integer as months,
    (as_of - to_months((rule.body ->> '$.months')::integer))::date as since_on,
    (rule.body ->> '$.frequency.high')::integer as high_from,
    (rule.body ->> '$.frequency.normal')::integer as normal_from,
    (rule.body ->> '$.frequency.low')::integer as low_from,
    (rule.body ->> '$.amount.large')::decimal(5, 4) as large_share,
    (rule.body ->> '$.amount.medium')::decimal(5, 4) as medium_share,
    from_json(
        rule.body -> '$.amount.fixed', '[{"currency": "varchar", "large": "decimal(18, 2)", "medium": "decimal(18, 2)"}]'
    ) as fixed_amounts,
    (rule.body ->> '$.habit.invoices')::integer as known_from,
    (rule.body ->> '$.habit.grace_days')::integer as grace_days,
    (rule.body ->> '$.habit.prompt_rate')::double as prompt_rate,
    (rule.body ->> '$.habit.late_rate')::double as late_rate,
    (rule.body ->> '$.habit.late_days')::double as late_days,
    (rule.body ->> '$.credit.high')::double as credit_high,
    (rule.body ->> '$.credit.mid')::double as credit_mid,
    (rule.body ->> '$.credit.punctuality')::double as punctuality_points,
    (rule.body ->> '$.credit.overdue')::double as overdue_points,
    (rule.body ->> '$.credit.promises')::double as promises_points,
    (rule.body ->> '$.credit.tenure')::double as tenure_points,
    (rule.body ->> '$.credit.stability')::double as stability_points,
    (rule.body ->> '$.credit.ability')::double as ability_points,
    (rule.body ->> '$.credit.tenure_years')::double as tenure_years,
    from_json(rule.body -> '$.credit.size', '{"large": "double", "medium": "double", "small": "double"}') as size_rate
from rule;

-- One row per customer on a date: the facts that frequency and amount are graded by, from the purchases since another date.
-- Invoices in another currency than the customer's count, their amount does not. band_no: amounts a few percent apart share one.
create or replace macro bought_since(since_on, as_of, known_at) as table
with sold as (
    select entry.customer_id, entry.currency, count(*) as invoices, sum(entry.amount) as amount
    from entry
    where
        entry.kind = 'invoice'
        and entry.on_date > since_on
        and entry.on_date <= as_of
        and entry.recorded_at <= known_at
        and known_at < entry.retired_at
    group by entry.customer_id, entry.currency
),

bought as (
    select
        customer.customer_id,
        customer.currency,
        coalesce(sum(sold.invoices), 0)::integer as invoices,
        coalesce(sum(sold.amount) filter (where sold.currency = customer.currency), 0)::decimal(18, 2) as amount_12m
    from customer_record as customer
    left join sold on customer.customer_id = sold.customer_id
    where
        customer.from_on <= as_of
        and as_of < customer.until_on
        and customer.recorded_at <= known_at
        and known_at < customer.retired_at
        and customer.status <> 'merged'
    group by customer.customer_id, customer.currency
)

select
    bought.customer_id,
    bought.currency,
    bought.invoices,
    bought.amount_12m,
    case when bought.amount_12m > 0 then floor(8 * ln(bought.amount_12m::double))::integer end as band_no
from bought;

-- One row per currency: the amounts from which a customer counts as large and as medium. Fixed amounts of the rule come first, those that
-- name no currency in the base currency;
-- else shares are taken among customers of one currency, and equal amounts get equal grades: the shares only say from which amount on.
-- facts: the name of a table as bought_since gives it. What a share reaches lies in one of few bands; only those customers have to be sorted.
create or replace macro amount_cut(facts, as_of, known_at, wanted_rules) as table
with rule as (
    select * from classification_rule(wanted_rules, as_of, known_at)
),

band as (
    select fact.currency, fact.band_no, sum(fact.amount_12m) as amount
    from query_table(facts) as fact
    where fact.band_no is not null
    group by fact.currency, fact.band_no
),

filled as (
    select
        band.currency,
        band.band_no,
        band.amount,
        sum(band.amount) over (partition by band.currency order by band.band_no desc) - band.amount as amount_before,
        sum(band.amount) over (partition by band.currency) as total_amount
    from band
),

near as (
    select distinct filled.currency, filled.band_no, filled.amount_before, filled.total_amount
    from filled
    cross join rule
    cross join (values (1), (2)) as wanted (share_no)
    where
        filled.amount_before < if(wanted.share_no = 1, rule.large_share, rule.medium_share) * filled.total_amount
        and filled.amount_before + filled.amount
        >= if(wanted.share_no = 1, rule.large_share, rule.medium_share) * filled.total_amount
),

running as (
    select
        fact.currency,
        fact.amount_12m as amount,
        near.total_amount,
        near.amount_before + coalesce(
            sum(fact.amount_12m) over (
                partition by fact.currency, fact.band_no
                order by fact.amount_12m desc
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as amount_before
    from query_table(facts) as fact
    inner join near on fact.currency = near.currency and fact.band_no = near.band_no
),

shared as (
    select
        running.currency,
        min(running.amount) filter (where running.amount_before < rule.large_share * running.total_amount) as large_from,
        min(running.amount) filter (where running.amount_before < rule.medium_share * running.total_amount) as medium_from
    from running
    cross join rule
    group by running.currency
),

fixed as (
    select unnest(rule.fixed_amounts) as cut
    from rule
)

select
    shared.currency,
    coalesce(fixed.cut.large, shared.large_from)::decimal(18, 2) as large_from,
    coalesce(fixed.cut.medium, shared.medium_from)::decimal(18, 2) as medium_from,
    fixed.cut is not null as is_fixed
from shared
left join fixed on shared.currency = coalesce(fixed.cut.currency, base_currency(as_of, known_at));

-- The facts of a table as bought_since gives it, named by facts, with the two grades that follow from them.
create or replace macro purchase_grade(facts, as_of, known_at, wanted_rules) as table
select
    fact.customer_id,
    fact.currency,
    fact.invoices,
    fact.amount_12m,
    case
        when fact.invoices >= rule.high_from then 'high'
        when fact.invoices >= rule.normal_from then 'normal'
        when fact.invoices >= rule.low_from then 'low'
        else 'dormant'
    end as frequency,
    case
        when fact.amount_12m >= cut.large_from then 'large'
        when fact.amount_12m >= cut.medium_from then 'medium'
        else 'small'
    end as amount_grade
from query_table(facts) as fact
cross join classification_rule(wanted_rules, as_of, known_at) as rule
left join amount_cut(facts, as_of, known_at, wanted_rules) as cut on fact.currency = cut.currency;

-- One row per customer: how often and how much they bought in the months before a date, and the two grades that follow.
create or replace macro purchase_class(as_of, known_at, wanted_rules) as table
with purchase_fact as (
    select *
    from bought_since((select rule.since_on from classification_rule(wanted_rules, as_of, known_at) as rule), as_of, known_at)
)

select graded.customer_id, graded.currency, graded.invoices, graded.amount_12m, graded.frequency, graded.amount_grade
from purchase_grade('purchase_fact', as_of, known_at, wanted_rules) as graded;
