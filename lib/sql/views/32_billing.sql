-- The due date of an invoice of a day by payment terms: days (net), days after the end of the month (eom), or months.
-- Python knows no later day than the last of 9999: one draft dated there must not break the list for everybody.
create or replace macro due_by_terms(on_date, basis, number) as
    least(
        case coalesce(basis, 'net')
            when 'months' then (on_date + to_months(coalesce(number, 0)::integer))::date
            when 'eom' then (last_day(on_date) + coalesce(number, 0)::integer)::date
            else (on_date + coalesce(number, 0)::integer)::date
        end,
        date '9999-12-31'
    );

-- The last day of the closed books, null when none are closed: what the newest word about closing says.
create or replace macro closed_until() as (
    select (arg_max(policy.body, policy.policy_id)::json ->> '$.until')::date
    from policy
    where policy.kind = 'closing' and policy.retired_at = timestamp '9999-12-31'
);

-- One row per period an agreement brings up to a day for which there is no draft, no invoice and no word that it is left out.
-- Days count from the first: one of the 31st falls on the last day of a shorter month and goes back to the 31st after it.
create or replace macro unbilled_period(until_day) as table
with running as (
    select
        agreement.agreement_id,
        agreement.customer_id,
        agreement.title,
        agreement.currency,
        agreement.every_months,
        agreement.first_on,
        agreement.tax_rate,
        agreement.memo,
        least(until_day, agreement.until_on) as last_on
    from agreement
    where agreement.retired_at = timestamp '9999-12-31' and agreement.first_on <= least(until_day, agreement.until_on)
),

placed as (
    select
        running.*,
        unnest(range(0, date_diff('month', running.first_on, running.last_on) // running.every_months + 1)) as place
    from running
),

period as (
    select placed.* exclude (place), (placed.first_on + to_months((placed.place * placed.every_months)::integer))::date as period_on
    from placed
)

select
    period.agreement_id,
    period.customer_id,
    period.title,
    period.currency,
    period.every_months,
    period.tax_rate,
    period.memo,
    period.period_on
from period
anti join (
    select draft.agreement_id, draft.period_on
    from invoice_draft as draft
    where draft.retired_at = timestamp '9999-12-31' and draft.agreement_id is not null
) as known on period.agreement_id = known.agreement_id and period.period_on = known.period_on
where period.period_on <= period.last_on;

-- One row per agreement: what one bill of it comes to, with tax; the sum and the tax are each rounded to the cent once.
create or replace macro agreement_total() as table
select
    agreement.agreement_id,
    listed.line_count,
    round(listed.net_amount * agreement.tax_rate, 2)::decimal(18, 2) as tax_amount,
    (listed.net_amount + coalesce(round(listed.net_amount * agreement.tax_rate, 2), 0))::decimal(18, 2) as amount
from agreement
inner join (
    select agreement_line.agreement_id, count(*) as line_count, round(sum(agreement_line.amount), 2)::decimal(18, 2) as net_amount
    from agreement_line
    where agreement_line.retired_at = timestamp '9999-12-31'
    group by agreement_line.agreement_id
) as listed on agreement.agreement_id = listed.agreement_id
where agreement.retired_at = timestamp '9999-12-31';
