-- name: cash_forecast
-- By day of forecast (as_of and each of the past_weeks before it) and week after it: what was expected to come for the invoices open
-- on that day, what the naive rule expects (each pays on its due date, the late ones at once), and what came; null while the week runs.
-- week_no null: later than 13 weeks, or never. by_record: past forecasts use only what was recorded by their day.
with expected as materialized (
    select
        expected.origin_on,
        expected.week_no,
        sum(expected.amount) filter (where expected.why not in ('naive', 'paid')) as forecast_amount,
        sum(expected.amount) filter (where expected.why = 'naive') as naive_amount,
        sum(expected.amount) filter (where expected.why = 'paid') as paid_amount
    from expected_money(
        $actor_id::integer, $sees_all::boolean, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text,
        $segment::text, $customer_id::integer, $currency::text, $by_record::boolean, coalesce($past_weeks::integer, 0)
    ) as expected
    group by expected.origin_on, expected.week_no
),

spine as (
    select day.origin_on, unnest([null] || range(1, 14)) as week_no
    from (select distinct expected.origin_on from expected) as day
)

select
    spine.origin_on,
    spine.week_no::integer as week_no,
    coalesce(expected.forecast_amount, 0)::decimal(18, 2) as forecast_amount,
    coalesce(expected.naive_amount, 0)::decimal(18, 2) as naive_amount,
    case
        when spine.origin_on + (7 * spine.week_no)::integer <= $as_of::date then coalesce(expected.paid_amount, 0)
    end::decimal(18, 2) as paid_amount
from spine
left join expected on spine.origin_on = expected.origin_on and spine.week_no is not distinct from expected.week_no
order by spine.origin_on, spine.week_no nulls last;

-- name: cash_rows
-- The invoices behind one week of the forecast made on as_of (0: later or never), most money first: what is expected of each in that
-- week, its likely day and why; the amounts add up to the week. why: promise, plan, own (habit), class, later.
with coming as (
    select expected.invoice_id, expected.due_on, expected.why, sum(expected.amount) as amount
    from expected_money(
        $actor_id::integer, $sees_all::boolean, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text,
        $segment::text, $customer_id::integer, $currency::text, false, 0
    ) as expected
    where
        expected.why not in ('naive', 'paid')
        and ($week_no::integer is null or coalesce(expected.week_no, 0) = $week_no::integer)
    group by expected.invoice_id, expected.due_on, expected.why
),

reached as (
    select coming.*, count(*) over (partition by true) as total_count
    from coming
    order by coming.amount desc, coming.invoice_id, coming.why
    limit coalesce($limit::integer, 1000000)
    offset coalesce($offset::integer, 0)
),

owed as (
    select owed.*
    from open_at_origin(
        $actor_id::integer, $sees_all::boolean, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text,
        $segment::text, $customer_id::integer, $currency::text, false, 0
    ) as owed
    semi join reached on owed.invoice_id = reached.invoice_id and owed.due_on = reached.due_on
),

likely as (
    select
        owed.*,
        list_transform(payer.history, lambda entry: entry.late_days) as own,
        list_transform(list_filter(payer.history, lambda entry: entry.late_days > owed.late_days), lambda entry: entry.late_days) as own_rest,
        coalesce(payer.class, 'low') as class
    from owed
    left join payer_history($as_of::date, $known_at::timestamp, false) as payer on owed.customer_id = payer.customer_id
),

lateness as (
    select class_lateness.class, class_lateness.late_days, class_lateness.invoices::integer as invoices
    from class_lateness($as_of::date, $known_at::timestamp, false, 0) as class_lateness
),

usual as (
    select lateness.class, quantile_cont(lateness.late_days, 0.5) as late_days
    from (select lateness.class, lateness.late_days, unnest(range(lateness.invoices)) as place from lateness) as lateness
    group by lateness.class
),

usual_rest as (
    select asked.class, asked.late_days, quantile_cont(lateness.late_days, 0.5) as rest_days
    from (select distinct likely.class, likely.late_days from likely) as asked
    inner join (select lateness.class, lateness.late_days, unnest(range(lateness.invoices)) as place from lateness) as lateness
        on asked.class = lateness.class and asked.late_days < lateness.late_days
    group by asked.class, asked.late_days
),

day as (
    select
        likely.invoice_id,
        likely.due_on,
        likely.customer_id,
        likely.currency,
        likely.open_amount,
        likely.late_days,
        len(likely.own) as paid_invoices,
        likely.due_on + round(
            (coalesce(len(likely.own) * list_median(likely.own), 0) + 3 * coalesce(usual.late_days, 0)) / (coalesce(len(likely.own), 0) + 3)
        )::integer as usual_on,
        likely.due_on + round(
            (coalesce(len(likely.own_rest) * list_median(likely.own_rest), 0) + 3 * usual_rest.rest_days)
            / (coalesce(len(likely.own_rest), 0) + 3)
        )::integer as rest_on
    from likely
    left join usual on likely.class = usual.class
    left join usual_rest on likely.class = usual_rest.class and likely.late_days = usual_rest.late_days
)

select
    day.customer_id,
    customer.account_no,
    customer.name,
    customer.owner_name,
    reached.invoice_id,
    document.doc_no as invoice_no,
    day.due_on,
    day.late_days::integer as late_days,
    case when day.usual_on > $as_of::date then day.usual_on else day.rest_on end as expected_on,
    reached.why,
    coalesce(day.paid_invoices, 0)::integer as paid_invoices,
    day.currency,
    day.open_amount::decimal(18, 2) as open_amount,
    reached.amount::decimal(18, 2) as amount,
    reached.total_count::integer as total_count
from reached
inner join day on reached.invoice_id = day.invoice_id and reached.due_on = day.due_on
inner join customer_at($as_of::date, $known_at::timestamp) as customer on day.customer_id = customer.customer_id
left join entry_at($as_of::date, $known_at::timestamp) as document on reached.invoice_id = document.entry_id
order by reached.amount desc, reached.invoice_id, reached.why;
