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

-- How a customer pays, from the invoices settled, the share of them on time and the days late weighed by money.
create or replace macro habit_grade(paid_invoices, on_time_rate, average_days_late, known_from, late_days, late_rate, prompt_rate) as
    case
        when coalesce(paid_invoices, 0) < known_from then 'unknown'
        when average_days_late > late_days or on_time_rate < late_rate then 'late'
        when on_time_rate >= prompt_rate then 'prompt'
        else 'mixed'
    end;

-- One row per customer who paid an invoice in full between two dates: how many, the share on time, and the days late weighed by money.
-- Part payments count in the days; early money counts as on time. about: a list of the customers wanted, null for all.
create or replace macro paid_since(about, since_on, as_of, known_at, grace_days) as table
with settled as (
    select
        invoice.customer_id,
        count(*) as paid_invoices,
        count(*) filter (where invoice.settled_on <= invoice.due_on + grace_days) as punctual_invoices
    from settled_invoice_of(null::integer, as_of, known_at) as invoice
    where invoice.settled_on > since_on and (about is null or invoice.customer_id in (select unnest(about)))
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
        and posting.on_date > since_on
        and posting.on_date <= as_of
        and posting.recorded_at <= known_at
        and (about is null or posting.customer_id in (select unnest(about)))
    group by posting.customer_id
)

select
    settled.customer_id,
    settled.paid_invoices::integer as paid_invoices,
    settled.punctual_invoices / settled.paid_invoices as on_time_rate,
    coalesce(received.money_days / nullif(received.amount, 0), 0) as average_days_late
from settled
left join received on settled.customer_id = received.customer_id;

-- One row per customer who paid an invoice in full in the months before a date: how punctually, and the grade that follows.
-- about: a list of the customers wanted, null for all.
create or replace macro payment_habit_of(about, as_of, known_at, wanted_rules) as table
with rule as (
    select * from classification_rule(wanted_rules, as_of, known_at)
)

select
    paid.*,
    habit_grade(
        paid.paid_invoices, paid.on_time_rate, paid.average_days_late, rule.known_from, rule.late_days, rule.late_rate, rule.prompt_rate
    ) as habit
from paid_since(about, (select rule.since_on from rule), as_of, known_at, (select rule.grace_days from rule)) as paid
cross join rule;

-- One row per customer who paid an invoice in full, of any customer, as above.
create or replace macro payment_habit(as_of, known_at, wanted_rules) as table
select habit.* from payment_habit_of(null::integer[], as_of, known_at, wanted_rules) as habit;

-- One row per customer: the facts that habit and credit score are graded by. Who never bought has no first day and no active quarters.
-- about: a list of the customers wanted, null for all.
create or replace macro credit_fact_of(about, since_on, as_of, known_at, grace_days) as table
with owed as (
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
            bit_count(bit_or(1 << least(30, greatest(0, as_of - entry.on_date) // 92)) filter (where entry.on_date > since_on)),
            0
        )::integer as active_quarters
    from entry
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
        (count(*) filter (where promise.result = 'kept'))::integer as kept_promises,
        (count(*) filter (where promise.result in ('kept', 'partly', 'broken')))::integer as judged_promises
    from promise_of(about, as_of, known_at) as promise
    group by promise.customer_id
)

select
    customer.customer_id,
    coalesce(paid.paid_invoices, 0) as paid_invoices,
    paid.on_time_rate,
    paid.average_days_late,
    coalesce(owed.open_amount, 0) as open_amount,
    coalesce(owed.overdue_amount, 0) as overdue_amount,
    promised.kept_promises,
    promised.judged_promises,
    dealt.first_on,
    dealt.active_quarters,
    customer.size
from customer_record as customer
left join paid_since(about, since_on, as_of, known_at, grace_days) as paid on customer.customer_id = paid.customer_id
left join owed on customer.customer_id = owed.customer_id
left join dealt on customer.customer_id = dealt.customer_id
left join promised on customer.customer_id = promised.customer_id
where
    customer.from_on <= as_of
    and as_of < customer.until_on
    and customer.recorded_at <= known_at
    and known_at < customer.retired_at
    and customer.status <> 'merged'
    and (about is null or customer.customer_id in (select unnest(about)));

-- The facts of a table as credit_fact_of gives it, named by facts: the habit, the points of the credit score by part, the score over the
-- parts that are known, and its grade. A part nobody knows is null and does not count; without enough paid invoices there is no grade.
create or replace macro credit_grade(facts, as_of, known_at, wanted_rules) as table
with rule as (
    select * from classification_rule(wanted_rules, as_of, known_at)
),

judged as (
    select
        fact.customer_id,
        habit_grade(
            fact.paid_invoices, fact.on_time_rate, fact.average_days_late, rule.known_from, rule.late_days, rule.late_rate, rule.prompt_rate
        ) as habit,
        fact.* exclude (customer_id)
    from query_table(facts) as fact
    cross join rule
),

part as (
    select
        judged.*,
        if(judged.habit <> 'unknown', rule.punctuality_points * judged.on_time_rate, null) as punctuality,
        rule.overdue_points
        * (1 - least(1, greatest(0, coalesce(judged.overdue_amount / nullif(judged.open_amount, 0), 0)))) as overdue,
        rule.promises_points * judged.kept_promises::double / nullif(judged.judged_promises, 0) as promises,
        -- `least` passes over what is null: who never bought would get all the points.
        if(
            judged.first_on is null,
            null,
            rule.tenure_points * least(1, date_diff('day', judged.first_on, as_of) / (365.25 * rule.tenure_years))
        ) as tenure,
        if(judged.first_on is null, null, rule.stability_points * least(1, judged.active_quarters / 4)) as stability,
        rule.ability_points * case judged.size
            when 'large' then rule.size_rate.large
            when 'medium' then rule.size_rate.medium
            when 'small' then rule.size_rate.small
        end as ability
    from judged
    cross join rule
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

-- One row per customer with habit, credit score and grade. about: a list of the customers wanted, null for all.
create or replace macro credit_score_of(about, as_of, known_at, wanted_rules) as table
with rule as (
    select * from classification_rule(wanted_rules, as_of, known_at)
),

credit_fact as (
    select *
    from credit_fact_of(about, (select rule.since_on from rule), as_of, known_at, (select rule.grace_days from rule))
)

select graded.* from credit_grade('credit_fact', as_of, known_at, wanted_rules) as graded;

-- One row per customer with the credit score, of any customer, as above.
create or replace macro credit_score_at(as_of, known_at, wanted_rules) as table
select score.* from credit_score_of(null::integer[], as_of, known_at, wanted_rules) as score;
