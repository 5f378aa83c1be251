-- The due date of an invoice of a day by payment terms: days (net), days after the end of the month (eom), or months.
create or replace macro due_by_terms(on_date, basis, number) as
    case coalesce(basis, 'net')
        when 'months' then (on_date + to_months(coalesce(number, 0)::integer))::date
        when 'eom' then (last_day(on_date) + coalesce(number, 0)::integer)::date
        else (on_date + coalesce(number, 0)::integer)::date
    end;

-- The last day of the closed books, null when none are closed: what the newest word about closing says.
create or replace macro closed_until() as (
    select (arg_max(policy.body, policy.policy_id)::json ->> '$.until')::date
    from policy
    where policy.kind = 'closing' and policy.retired_at = timestamp '9999-12-31'
);
