-- One row: the classification thresholds asked for as JSON, else those in force.
create or replace macro classification_rule(wanted_rules, as_of, known_at) as table
with rule as (
    select coalesce(
        wanted_rules, (select policy.body from policy_at('classification', as_of, known_at) as policy)
    )::json as body
)

select
    (as_of - to_months((rule.body ->> '$.months')::integer))::date as since_on,
    (rule.body ->> '$.frequency.high')::integer as high_from,
    (rule.body ->> '$.frequency.normal')::integer as normal_from,
    (rule.body ->> '$.frequency.low')::integer as low_from,
    (rule.body ->> '$.amount.large')::decimal(5, 4) as large_share,
    (rule.body ->> '$.amount.medium')::decimal(5, 4) as medium_share,
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

-- One row per customer: how often and how much they bought in the months before a date, and the two grades that follow.
-- Shares are taken among customers of one currency; invoices in another currency count, their amount does not.
-- Equal amounts get equal grades: the shares only say from which amount on a grade is given.
create or replace macro purchase_class(as_of, known_at, wanted_rules) as table
with rule as (
    select * from classification_rule(wanted_rules, as_of, known_at)
),

sold as (
    select
        entry.customer_id,
        count(*)::integer as invoices,
        coalesce(sum(entry.amount) filter (where entry.currency = customer.currency), 0)::decimal(18, 2) as amount
    from entry
    inner join customer_at(as_of, known_at) as customer on entry.customer_id = customer.customer_id
    where
        entry.kind = 'invoice'
        and entry.on_date > (select rule.since_on from rule)
        and entry.on_date <= as_of
        and entry.recorded_at <= known_at
        and known_at < entry.retired_at
    group by entry.customer_id
),

bought as (
    select
        customer.customer_id,
        customer.currency,
        coalesce(sold.invoices, 0) as invoices,
        coalesce(sold.amount, 0)::decimal(18, 2) as amount,
        case when sold.amount > 0 then floor(8 * ln(sold.amount::double))::integer end as band_no
    from customer_at(as_of, known_at) as customer
    left join sold on customer.customer_id = sold.customer_id
    where customer.status <> 'merged'
),

-- The amount from which a share is reached lies in one of few bands; only customers in that band have to be sorted.
band as (
    select bought.currency, bought.band_no, sum(bought.amount) as amount
    from bought
    where bought.band_no is not null
    group by bought.currency, bought.band_no
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
    select filled.currency, filled.band_no, filled.amount_before, filled.total_amount
    from filled
    cross join rule
    cross join (values (rule.large_share), (rule.medium_share)) as wanted (share)
    where
        filled.amount_before < wanted.share * filled.total_amount
        and filled.amount_before + filled.amount >= wanted.share * filled.total_amount
),

running as (
    select
        bought.currency,
        bought.amount,
        near.total_amount,
        near.amount_before + coalesce(
            sum(bought.amount) over (
                partition by bought.currency, bought.band_no
                order by bought.amount desc
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as amount_before
    from bought
    inner join (select distinct near.* from near) as near
        on bought.currency = near.currency and bought.band_no = near.band_no
),

cut as (
    select
        running.currency,
        min(running.amount) filter (where running.amount_before < rule.large_share * running.total_amount) as large_from,
        min(running.amount) filter (where running.amount_before < rule.medium_share * running.total_amount) as medium_from
    from running
    cross join rule
    group by running.currency
)

select
    bought.customer_id,
    bought.currency,
    bought.invoices,
    bought.amount as amount_12m,
    case
        when bought.invoices >= rule.high_from then 'high'
        when bought.invoices >= rule.normal_from then 'normal'
        when bought.invoices >= rule.low_from then 'low'
        else 'dormant'
    end as frequency,
    case
        when bought.amount >= cut.large_from then 'large'
        when bought.amount >= cut.medium_from then 'medium'
        else 'small'
    end as amount_grade
from bought
cross join rule
left join cut on bought.currency = cut.currency;

-- One row per invoice settled by a date and not reopened since, with the day it was. An invoice's own lines with money are
-- its issue and corrections of it, not settlements; its lines without money only move the day (`lib/commands/postings.py`). about: one customer only.
create or replace macro settled_invoice_of(about, as_of, known_at) as table
select posting.invoice_id, posting.customer_id, posting.on_date as settled_on, posting.due_on
from posting
anti join (
    select posting.invoice_id, posting.due_on, posting.on_date, posting.posting_id
    from posting
    where
        posting.items = 1
        and (posting.entry_id <> posting.invoice_id or posting.amount = 0)
        and posting.on_date <= as_of
        and posting.recorded_at <= known_at
        and (about is null or posting.customer_id = about)
) as reopened
    on
        posting.invoice_id = reopened.invoice_id
        and posting.due_on = reopened.due_on
        and posting.on_date <= reopened.on_date
        and posting.posting_id < reopened.posting_id
where
    posting.items = -1
    and (posting.entry_id <> posting.invoice_id or posting.amount = 0)
    and posting.on_date <= as_of
    and posting.recorded_at <= known_at
    and (about is null or posting.customer_id = about);

-- One row per customer who paid an invoice in full in the months before a date: how punctually, and the grade that follows.
-- Days late are weighed by money received, part payments included; early money counts as on time.
-- about: a list of the customers wanted, null for all.
create or replace macro payment_habit_of(about, as_of, known_at, wanted_rules) as table
with rule as (
    select * from classification_rule(wanted_rules, as_of, known_at)
),

settled as (
    select
        invoice.customer_id,
        count(*) as paid_invoices,
        count(*) filter (where invoice.settled_on <= invoice.due_on + rule.grace_days) as punctual_invoices
    from settled_invoice_of(null::integer, as_of, known_at) as invoice
    cross join rule
    where invoice.settled_on > rule.since_on and (about is null or invoice.customer_id in (select unnest(about)))
    group by invoice.customer_id
),

received as (
    select
        posting.customer_id,
        sum(posting.amount * greatest(0, posting.on_date - posting.due_on)::smallint)::double as money_days,
        sum(posting.amount)::double as amount
    from posting
    where
        posting.kind = 'payment'
        and posting.invoice_id is not null
        and posting.on_date > (select rule.since_on from rule)
        and posting.on_date <= as_of
        and posting.recorded_at <= known_at
        and (about is null or posting.customer_id in (select unnest(about)))
    group by posting.customer_id
),

rated as (
    select
        settled.customer_id,
        settled.paid_invoices,
        settled.punctual_invoices / settled.paid_invoices as on_time_rate,
        coalesce(received.money_days / nullif(received.amount, 0), 0) as average_days_late
    from settled
    left join received on settled.customer_id = received.customer_id
)

select
    rated.customer_id,
    rated.paid_invoices::integer as paid_invoices,
    rated.on_time_rate,
    rated.average_days_late,
    case
        when rated.paid_invoices < rule.known_from then 'unknown'
        when rated.average_days_late > rule.late_days or rated.on_time_rate < rule.late_rate then 'late'
        when rated.on_time_rate >= rule.prompt_rate then 'prompt'
        else 'mixed'
    end as habit
from rated
cross join rule;

-- One row per customer who paid an invoice in full, of any customer, as above.
create or replace macro payment_habit(as_of, known_at, wanted_rules) as table
select habit.* from payment_habit_of(null::integer[], as_of, known_at, wanted_rules) as habit;

-- One row per customer: the points of the credit score by part, the score over the parts that are known, and its grade.
-- A part nobody knows is null and does not count; without enough paid invoices there is no grade.
-- about: a list of the customers wanted, null for all.
create or replace macro credit_score_of(about, as_of, known_at, wanted_rules) as table
with rule as (
    select * from classification_rule(wanted_rules, as_of, known_at)
),

owed as (
    select
        posting.customer_id,
        (sum(posting.amount) filter (where posting.due_on < as_of))::double as overdue_amount,
        sum(posting.amount)::double as open_amount
    from posting
    where
        posting.due_on is not null
        and posting.on_date <= as_of
        and posting.recorded_at <= known_at
        and (about is null or posting.customer_id in (select unnest(about)))
    group by posting.customer_id
),

dealt as (
    select
        entry.customer_id,
        min(entry.on_date) as first_on,
        coalesce(
            bit_count(
                bit_or(1 << least(30, greatest(0, as_of - entry.on_date) // 92)) filter (where entry.on_date > rule.since_on)
            ),
            0
        ) as active_quarters
    from entry
    cross join rule
    where
        entry.kind in ('invoice', 'opening')
        and entry.on_date <= as_of
        and entry.recorded_at <= known_at
        and known_at < entry.retired_at
        and (about is null or entry.customer_id in (select unnest(about)))
    group by entry.customer_id
),

promised as (
    select
        promise.customer_id,
        (count(*) filter (where promise.result = 'kept'))::double as kept,
        (count(*) filter (where promise.result in ('kept', 'partly', 'broken')))::double as judged
    from promise_of(about, as_of, known_at) as promise
    group by promise.customer_id
),

part as (
    select
        customer.customer_id,
        coalesce(habit.habit, 'unknown') as habit,
        coalesce(habit.paid_invoices, 0) as paid_invoices,
        habit.on_time_rate,
        habit.average_days_late,
        coalesce(owed.open_amount, 0) as open_amount,
        coalesce(owed.overdue_amount, 0) as overdue_amount,
        promised.kept::integer as kept_promises,
        promised.judged::integer as judged_promises,
        dealt.first_on,
        dealt.active_quarters::integer as active_quarters,
        customer.size,
        if(habit.habit <> 'unknown', rule.punctuality_points * habit.on_time_rate, null) as punctuality,
        rule.overdue_points * (1 - least(1, greatest(0, coalesce(owed.overdue_amount / nullif(owed.open_amount, 0), 0)))) as overdue,
        rule.promises_points * promised.kept / nullif(promised.judged, 0) as promises,
        -- `least` passes over what is null: who never bought would get all the points.
        if(
            dealt.customer_id is null,
            null,
            rule.tenure_points * least(1, date_diff('day', dealt.first_on, as_of) / (365.25 * rule.tenure_years))
        ) as tenure,
        if(dealt.customer_id is null, null, rule.stability_points * least(1, dealt.active_quarters / 4)) as stability,
        rule.ability_points * case customer.size
            when 'large' then rule.size_rate.large
            when 'medium' then rule.size_rate.medium
            when 'small' then rule.size_rate.small
        end as ability
    from customer_at(as_of, known_at) as customer
    cross join rule
    left join payment_habit_of(about, as_of, known_at, wanted_rules) as habit on customer.customer_id = habit.customer_id
    left join owed on customer.customer_id = owed.customer_id
    left join dealt on customer.customer_id = dealt.customer_id
    left join promised on customer.customer_id = promised.customer_id
    where customer.status <> 'merged' and (about is null or customer.customer_id in (select unnest(about)))
),

scored as (
    select
        part.*,
        100 * (
            coalesce(part.punctuality, 0) + coalesce(part.overdue, 0) + coalesce(part.promises, 0)
            + coalesce(part.tenure, 0) + coalesce(part.stability, 0) + coalesce(part.ability, 0)
        ) / nullif(
            if(part.punctuality is null, 0, rule.punctuality_points) + if(part.overdue is null, 0, rule.overdue_points)
            + if(part.promises is null, 0, rule.promises_points) + if(part.tenure is null, 0, rule.tenure_points)
            + if(part.stability is null, 0, rule.stability_points) + if(part.ability is null, 0, rule.ability_points),
            0
        ) as credit_score
    from part
    cross join rule
)

select
    scored.*,
    case
        when scored.habit = 'unknown' then 'unrated'
        when scored.credit_score >= rule.credit_high then 'high'
        when scored.credit_score >= rule.credit_mid then 'mid'
        else 'low'
    end as credit_grade
from scored
cross join rule;

-- One row per customer with the credit score, of any customer, as above.
create or replace macro credit_score_at(as_of, known_at, wanted_rules) as table
select score.* from credit_score_of(null::integer[], as_of, known_at, wanted_rules) as score;
