-- What customers are worth and how they pay, as facts models learn from. Only what had happened by a date, by what was known at a moment.

-- One row per customer who bought by a date: on how many days, the first and the last, and what all and the first of them were worth,
-- in the customer's currency. Invoices of one day are one purchase.
create or replace macro purchase_history_at(as_of, known_at) as table
with day as (
    select
        entry.customer_id,
        entry.on_date,
        any_value(customer.currency) as currency,
        sum(if(entry.currency = customer.currency, entry.amount, 0)) as amount
    from entry_at(as_of, known_at) as entry
    inner join customer_at(as_of, known_at) as customer on entry.customer_id = customer.customer_id
    where entry.kind = 'invoice' and entry.amount > 0 and customer.status <> 'merged'
    group by entry.customer_id, entry.on_date
)

select
    day.customer_id,
    any_value(day.currency) as currency,
    count(*)::integer as purchase_days,
    (count(*) filter (where day.on_date > as_of - 365))::integer as days_12m,
    min(day.on_date) as first_on,
    max(day.on_date) as last_on,
    sum(day.amount)::decimal(18, 2) as amount,
    arg_min(day.amount, day.on_date)::decimal(18, 2) as first_amount,
    coalesce(sum(day.amount) filter (where day.on_date > as_of - 365), 0)::decimal(18, 2) as amount_12m
from day
group by day.customer_id;

-- One row per invoice with a due date: whether it was late (null: nobody knows yet) and since which day that is known. On time within
-- the days of grace of the rules in force; settled however it was.
create or replace macro payment_end_at(as_of, known_at) as table
with grace as (
    select rule.grace_days from classification_rule(null::text, as_of, known_at) as rule
)

select
    entry.entry_id,
    entry.customer_id,
    entry.on_date,
    entry.due_on,
    settled.settled_on,
    case
        when settled.settled_on <= entry.due_on + grace.grace_days then false
        when entry.due_on + grace.grace_days < as_of then true
    end as is_late,
    least(settled.settled_on, entry.due_on + grace.grace_days + 1) as known_on
from entry_at(as_of, known_at) as entry
cross join grace
left join settled_invoice_of(null::integer, as_of, known_at) as settled on entry.entry_id = settled.invoice_id
where entry.kind = 'invoice' and entry.due_on is not null;

-- One row per customer and day on which more became known of how they pay, all up to that day added up: invoices whose end is known,
-- how many were late; invoices settled and their days late, each counted with 90 at most.
create or replace macro payment_history_at(as_of, known_at) as table
with ended as (
    select * from payment_end_at(as_of, known_at)
),

step as (
    select ended.customer_id, ended.known_on as on_date, count(*) as known, count(*) filter (where ended.is_late) as late, 0 as days, 0 as settled
    from ended
    where ended.is_late is not null and ended.known_on <= as_of
    group by ended.customer_id, ended.known_on
    union all
    select
        ended.customer_id,
        ended.settled_on as on_date,
        0 as known,
        0 as late,
        sum(least(90, ended.settled_on - ended.due_on)) as days,
        count(*) as settled
    from ended
    where ended.settled_on is not null
    group by ended.customer_id, ended.settled_on
),

day as (
    select
        step.customer_id,
        step.on_date,
        sum(step.known) as known,
        sum(step.late) as late,
        sum(step.days) as days,
        sum(step.settled) as settled
    from step
    group by step.customer_id, step.on_date
)

select
    day.customer_id,
    day.on_date,
    sum(day.known) over (partition by day.customer_id order by day.on_date) as known,
    sum(day.late) over (partition by day.customer_id order by day.on_date) as late,
    sum(day.days) over (partition by day.customer_id order by day.on_date) as days,
    sum(day.settled) over (partition by day.customer_id order by day.on_date) as settled
from day;

-- The latest live run of a model up to a date: one row, or none.
create or replace macro live_run(wanted_model, as_of, known_at) as table
select run.run_id, run.fitted_on, run.until_on, run.uses, run.cases, run.parameters, run.figures
from model_run as run
where
    run.model = wanted_model
    and run.kind = 'live'
    and run.fitted_on <= as_of
    and run.recorded_at <= known_at
    and known_at < run.retired_at
qualify row_number() over (order by run.fitted_on desc, run.run_id desc) = 1;

-- One row per customer of a model's latest live run: what it foretold.
create or replace macro foretold_at(wanted_model, as_of, known_at) as table
select score.customer_id, score.score, score.rule_score, score.amount, score.currency, score.reason
from model_score as score
inner join live_run(wanted_model, as_of, known_at) as run on score.run_id = run.run_id
where score.recorded_at <= known_at and known_at < score.retired_at;

-- A chance to pay late in words: where a rule or model has nothing to go by it is unknown.
create or replace macro risk_grade(chance) as
    case when chance is null then 'unknown' when chance < 0.2 then 'low' when chance < 0.5 then 'mid' else 'high' end;

-- In which fifth a value lies by four rising cuts: 1 to 5. Equal values lie in the same.
create or replace macro fifth_of(value, cuts) as
    1 + (value > cuts[1])::integer + (value > cuts[2])::integer + (value > cuts[3])::integer + (value > cuts[4])::integer;
