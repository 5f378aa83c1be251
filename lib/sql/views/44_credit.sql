-- One row: the rules of the credit stop asked for as JSON, else those in force. months: by credit grade, 'none' without one.
create or replace macro credit_rule(as_of, known_at, wanted_rules := null::text) as table
with rule as (
    select coalesce(
        wanted_rules, (select policy.body from policy_at('credit_stop', as_of, known_at) as policy)
    )::json as body
)

select
    (rule.body ->> '$.overdue_amount')::decimal(18, 2) as overdue_amount,
    (rule.body ->> '$.overdue_days')::integer as overdue_days,
    (rule.body ->> '$.amber')::decimal(5, 4) as amber_rate,
    (rule.body ->> '$.red')::decimal(5, 4) as red_rate,
    (rule.body ->> '$.stop')::decimal(5, 4) as stop_rate,
    (rule.body ->> '$.months.high')::decimal(6, 2) as high_months,
    (rule.body ->> '$.months.mid')::decimal(6, 2) as mid_months,
    (rule.body ->> '$.months.low')::decimal(6, 2) as low_months,
    (rule.body ->> '$.months.none')::decimal(6, 2) as none_months,
    (rule.body ->> '$.start')::decimal(18, 2) as start_amount,
    from_json(rule.body -> '$.prepay', '["varchar"]') as prepay_grades,
    (rule.body ->> '$.grace_days')::integer as grace_days,
    (rule.body ->> '$.tolerance')::decimal(18, 2) as tolerance_amount,
    (rule.body ->> '$.bad_debt_days')::integer as bad_debt_days
from rule;

-- One row per currency with a rate by a date: how many units of the base currency one unit was worth, and since when. The base itself is worth one.
create or replace macro rate_at(as_of, known_at) as table
select exchange_rate.currency, exchange_rate.rate, exchange_rate.on_date
from exchange_rate
where
    exchange_rate.base = base_currency(as_of, known_at)
    and exchange_rate.on_date <= as_of
    and exchange_rate.recorded_at <= known_at
    and known_at < exchange_rate.retired_at
qualify row_number() over (partition by exchange_rate.currency order by exchange_rate.on_date desc) = 1
union all
select base_currency(as_of, known_at) as currency, 1 as rate, as_of as on_date;

-- How many units of the base currency one unit of a currency was worth on a date; null when nobody said.
create or replace macro rate_on(wanted, as_of, known_at) as (
    select rate.rate from rate_at(as_of, known_at) as rate where rate.currency = wanted
);

-- One row per exception to the credit rules in force on a date, the latest of a customer and currency that lifts the stop or sets a limit;
-- limits of whole families stand apart (`family_member_of`).
create or replace macro override_at(as_of, known_at) as table
select
    override.override_id,
    override.customer_id,
    override.currency,
    override.amount,
    override.from_on,
    override.until_on,
    override.reason
from credit_override as override
where
    override.from_on <= as_of
    and as_of <= override.until_on
    and not coalesce(override.is_group, false)
    and override.recorded_at <= known_at
    and known_at < override.retired_at
qualify row_number() over (
    partition by override.customer_id, override.currency, override.amount is null order by override.override_id desc
) = 1;

-- The limit that follows from a grade and twelve months' purchases: so many months of their average, and no less than to start with for those
-- without a grade or purchases.
create or replace macro usual_limit(grade, amount, start_amount, high_months, mid_months, low_months, none_months) as
    case
        when coalesce(grade, 'unrated') = 'unrated' or coalesce(amount, 0) = 0
            then greatest(start_amount, none_months * coalesce(amount, 0) / 12)
        else amount / 12 * case grade when 'high' then high_months when 'mid' then mid_months else low_months end
    end;

-- One row per customer and currency with money open, on account or an exception: how much, against which limit, and whether it is stopped.
-- exposure: open invoices less money on account. aged: overdue for longer than the rule grants; whose grade must prepay gets no days at all.
-- limit: an exception in force, else months of the average of twelve months, for those without a grade or purchases no less than to start with.
-- Amounts of the rule are in the base currency: at the rate of the day, without a rate as they stand.
-- about: a list of the customers wanted, null for all. wanted_rules: as if these were in force.
create or replace macro credit_standing_of(about, as_of, known_at, wanted_rules := null::text) as table
with rule as (
    select * from credit_rule(as_of, known_at, wanted_rules := wanted_rules)
),

-- Days that are granted to each customer: said once for each, as asking the rule's list for every money line costs more than all else.
graded as (
    select score.customer_id, score.credit_grade, if(score.credit_grade in rule.prepay_grades, 0, rule.overdue_days) as most_days
    from credit_score_of(about, as_of, known_at, null::text) as score
    cross join rule
),

sold as (
    select entry.customer_id, entry.currency, sum(entry.amount) as amount
    from entry
    where
        entry.kind = 'invoice'
        and entry.on_date > as_of - interval 12 months
        and entry.on_date <= as_of
        and entry.recorded_at <= known_at
        and known_at < entry.retired_at
        and (about is null or entry.customer_id in (select unnest(about)))
    group by entry.customer_id, entry.currency
),

owed as (
    select
        posting.customer_id,
        posting.currency,
        sum(posting.amount) as exposure_amount,
        coalesce(-sum(posting.amount) filter (where posting.due_on is null), 0) as on_account_amount,
        coalesce(sum(posting.amount) filter (where posting.due_on < as_of), 0) as overdue_amount,
        coalesce(
            sum(posting.amount) filter (where posting.due_on < as_of - coalesce(graded.most_days, rule.overdue_days)), 0
        ) as aged_amount
    from posting
    cross join rule
    left join graded on posting.customer_id = graded.customer_id
    where
        posting.on_date <= as_of
        and posting.recorded_at <= known_at
        and (about is null or posting.customer_id in (select unnest(about)))
    group by posting.customer_id, posting.currency
),

excepted as (
    select
        override.customer_id,
        override.currency,
        max(override.amount) as limit_amount,
        max(override.until_on) filter (where override.amount is not null) as limit_until_on,
        max(override.until_on) filter (where override.amount is null) as released_until_on
    from override_at(as_of, known_at) as override
    where about is null or override.customer_id in (select unnest(about))
    group by override.customer_id, override.currency
),

measured as (
    select
        coalesce(owed.customer_id, excepted.customer_id) as customer_id,
        coalesce(owed.currency, excepted.currency) as currency,
        coalesce(owed.exposure_amount, 0) as exposure_amount,
        coalesce(owed.on_account_amount, 0) as on_account_amount,
        coalesce(owed.overdue_amount, 0) as overdue_amount,
        coalesce(owed.aged_amount, 0) as aged_amount,
        excepted.limit_amount as excepted_amount,
        excepted.limit_until_on,
        excepted.released_until_on
    from owed
    full join excepted on owed.customer_id = excepted.customer_id and owed.currency = excepted.currency
),

limited as (
    select
        measured.*,
        coalesce(graded.credit_grade, 'unrated') as credit_grade,
        coalesce(sold.amount, 0) as amount_12m,
        rule.overdue_amount / coalesce(rate.rate, 1) as most_aged_amount,
        coalesce(graded.most_days, rule.overdue_days) as most_days,
        case
            when measured.excepted_amount is not null then measured.excepted_amount
            else usual_limit(
                graded.credit_grade,
                sold.amount,
                rule.start_amount / coalesce(rate.rate, 1),
                rule.high_months,
                rule.mid_months,
                rule.low_months,
                rule.none_months
            )
        end::decimal(18, 2) as limit_amount
    from measured
    cross join rule
    left join graded on measured.customer_id = graded.customer_id
    left join sold on measured.customer_id = sold.customer_id and measured.currency = sold.currency
    left join rate_at(as_of, known_at) as rate on measured.currency = rate.currency
),

judged as (
    select
        limited.*,
        limited.exposure_amount > 0 and limited.exposure_amount >= rule.stop_rate * limited.limit_amount as is_over_limit,
        limited.aged_amount > limited.most_aged_amount as is_aged,
        limited.exposure_amount > 0 and limited.exposure_amount >= rule.red_rate * limited.limit_amount as is_red,
        limited.exposure_amount > 0 and limited.exposure_amount >= rule.amber_rate * limited.limit_amount as is_amber,
        rule.stop_rate
    from limited
    cross join rule
)

select
    judged.customer_id,
    judged.currency,
    judged.credit_grade,
    judged.amount_12m::decimal(18, 2) as amount_12m,
    judged.exposure_amount::decimal(18, 2) as exposure_amount,
    judged.on_account_amount::decimal(18, 2) as on_account_amount,
    judged.overdue_amount::decimal(18, 2) as overdue_amount,
    judged.aged_amount::decimal(18, 2) as aged_amount,
    judged.most_aged_amount::decimal(18, 2) as most_aged_amount,
    judged.most_days::integer as most_days,
    judged.limit_amount,
    judged.stop_rate,
    (judged.exposure_amount / nullif(judged.limit_amount, 0))::double as used_rate,
    judged.limit_until_on,
    judged.released_until_on,
    judged.is_over_limit,
    judged.is_aged,
    case
        when (judged.is_over_limit or judged.is_aged) and judged.released_until_on is not null then 'released'
        when judged.is_over_limit or judged.is_aged then 'stop'
        when judged.is_red then 'red'
        when judged.is_amber then 'amber'
        else 'ok'
    end as credit_state
from judged;

-- The same of a few customers: their money lines are picked out once, and every part of the question reads only those.
create or replace macro credit_standing_of_few(about, as_of, known_at) as table
with posting as materialized (
    select posting.*
    from main.posting
    where posting.customer_id in (select unnest(about))
)

select standing.* from credit_standing_of(about, as_of, known_at) as standing;

-- One row per invoice with money written off by a date: how much, how much of it came in after all, and when it was last written off.
create or replace macro written_off_at(as_of, known_at) as table
with recovery as (
    select distinct posting.entry_id from posting where posting.rule = 'recovery'
)

select
    posting.customer_id,
    posting.invoice_id,
    posting.currency,
    -sum(posting.amount) filter (where posting.kind = 'write_off') as written_off_amount,
    coalesce(sum(posting.amount) filter (where posting.kind = 'adjustment'), 0) as recovered_amount,
    max(posting.on_date) filter (where posting.kind = 'write_off') as written_off_on
from posting
left join recovery on posting.entry_id = recovery.entry_id
where
    posting.on_date <= as_of
    and posting.recorded_at <= known_at
    and (posting.kind = 'write_off' or (posting.kind = 'adjustment' and recovery.entry_id is not null))
group by posting.customer_id, posting.invoice_id, posting.currency
having coalesce(-sum(posting.amount) filter (where posting.kind = 'write_off'), 0) > 0;

-- One row per customer with a state of its money: 'bad_debt' when something stays written off or is overdue for a year,
-- 'overdue' when more than a trifle is late beyond the days of grace, else 'normal'. Currencies are judged apart, the worst counts.
-- about: a list of the customers wanted, null for all.
create or replace macro money_state_of(about, as_of, known_at) as table
with late as (
    select
        posting.customer_id,
        posting.currency,
        sum(posting.amount) filter (where posting.due_on < as_of - rule.grace_days) as late_amount,
        sum(posting.amount) filter (where posting.due_on < as_of - rule.bad_debt_days) as hopeless_amount
    from posting
    cross join credit_rule(as_of, known_at) as rule
    where
        posting.due_on is not null
        and posting.on_date <= as_of
        and posting.recorded_at <= known_at
        and (about is null or posting.customer_id in (select unnest(about)))
    group by posting.customer_id, posting.currency
),

judged as (
    select
        late.customer_id,
        case
            when late.hopeless_amount > rule.tolerance_amount / coalesce(rate.rate, 1) then 2
            when late.late_amount > rule.tolerance_amount / coalesce(rate.rate, 1) then 1
            else 0
        end as badness
    from late
    cross join credit_rule(as_of, known_at) as rule
    left join rate_at(as_of, known_at) as rate on late.currency = rate.currency
    union all
    select written_off.customer_id, 2 as badness
    from written_off_at(as_of, known_at) as written_off
    where
        written_off.written_off_amount > written_off.recovered_amount
        and (about is null or written_off.customer_id in (select unnest(about)))
)

select
    judged.customer_id,
    case max(judged.badness) when 2 then 'bad_debt' when 1 then 'overdue' else 'normal' end as money_state
from judged
group by judged.customer_id;

-- One row per customer, of any customer, as above.
create or replace macro money_state_at(as_of, known_at) as table
select state.* from money_state_of(null::integer[], as_of, known_at) as state;

-- One row per proposal made by a date, with what became of it. Its author is who first wrote it, whoever reinstated it since.
create or replace macro proposal_at(as_of, known_at) as table
select
    proposal.proposal_id,
    proposal.customer_id,
    proposal.kind,
    proposal.on_date,
    proposal.amount,
    proposal.currency,
    proposal.reason,
    proposal.body,
    coalesce(author.user_id, proposal.recorded_by) as author_id,
    decision.outcome,
    decision.on_date as decided_on,
    decision.note as decision_note,
    coalesce(approver.user_id, decision.recorded_by) as decided_by,
    decision.change_id as decision_change
from proposal
left join decision
    on
        proposal.proposal_id = decision.proposal_id
        and decision.on_date <= as_of
        and decision.recorded_at <= known_at
        and known_at < decision.retired_at
left join audit as author on proposal.origin_change = author.change_id
left join audit as approver on decision.origin_change = approver.change_id
where proposal.on_date <= as_of and proposal.recorded_at <= known_at and known_at < proposal.retired_at;
