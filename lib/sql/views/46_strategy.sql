-- One row per class with what the strategy asked for as JSON, else the one in force, says about it: its play, and in how many days to be
-- in touch again.
create or replace macro strategy_rule(as_of, known_at, wanted_rules := null::text) as table
with rule as (
    select coalesce(wanted_rules, (select policy.body from policy_at('strategy', as_of, known_at) as policy))::json as body
),

cell as (
    select
        often.frequency,
        much.amount_grade,
        rule.body,
        rule.body ->> ('$.cells.' || often.frequency || '.' || much.amount_grade) as play
    from rule
    cross join (values ('high'), ('normal'), ('low'), ('dormant')) as often (frequency)
    cross join (values ('large'), ('medium'), ('small')) as much (amount_grade)
)

select
    cell.frequency,
    cell.amount_grade,
    cell.play,
    (cell.body ->> ('$.plays.' || cell.play || '.cadence_days'))::integer as cadence_days
from cell;

-- One row: what a touch, a visit and a case cost us in hours, by the strategy asked for as JSON, else the one in force.
create or replace macro effort_rule(as_of, known_at, wanted_rules := null::text) as table
with rule as (
    select coalesce(wanted_rules, (select policy.body from policy_at('strategy', as_of, known_at) as policy))::json as body
)

select
    (rule.body ->> '$.hours.interaction')::double as interaction_hours,
    (rule.body ->> '$.hours.visit')::double as visit_hours,
    (rule.body ->> '$.hours.case')::double as case_hours
from rule;

-- One row per special term begun by a date, with whether it still holds on it.
create or replace macro special_term_at(as_of, known_at) as table
select
    term.term_id,
    term.customer_id,
    term.proposal_id,
    term.kind,
    term.days,
    term.rate,
    term.what,
    term.from_on,
    term.until_on,
    term.reason,
    as_of <= term.until_on as is_live
from special_term as term
where term.from_on <= as_of and term.recorded_at <= known_at and known_at < term.retired_at;

-- When an invoice of a day is due: by special terms in force on that day, the longest of several, else by the customer's own.
create or replace macro due_by_own_terms(about, invoiced_on, terms_basis, terms_days) as coalesce(
    (
        select (invoiced_on + max(term.days))::date
        from special_term as term
        where
            term.customer_id = about
            and term.kind = 'payment_terms'
            and term.from_on <= invoiced_on
            and invoiced_on <= term.until_on
            and term.retired_at = timestamp '9999-12-31'
    ),
    due_by_terms(invoiced_on, terms_basis, terms_days)
);

-- One row per customer in a family: a customer with all above and below it; the head is the one above all. Who has nobody is in none.
-- about: a list of customers whose families are wanted, null for all.
create or replace macro family_of(about, as_of, known_at) as table
with recursive link as (
    select record.customer_id, record.parent_id
    from customer_record as record
    where
        record.parent_id is not null
        and record.from_on <= as_of
        and as_of < record.until_on
        and record.recorded_at <= known_at
        and known_at < record.retired_at
),

climb as (
    select link.customer_id, link.parent_id as head_id, 1 as height
    from link
    union all
    select climb.customer_id, link.parent_id as head_id, climb.height + 1 as height
    from climb
    inner join link on climb.head_id = link.customer_id
    where climb.height < 20
),

member as (
    select climb.customer_id, arg_max(climb.head_id, climb.height) as head_id
    from climb
    group by climb.customer_id
),

family as (
    select member.customer_id, member.head_id
    from member
    union
    select member.head_id as customer_id, member.head_id
    from member
)

select family.customer_id, family.head_id
from family
where
    about is null
    or family.head_id in (select wanted.head_id from family as wanted where wanted.customer_id in (select unnest(about)));

-- One row per family, currency and member with money in it: what it owes and its own limit, beside one approved for the family (null: none).
-- is_starting: its limit is what customers without purchases start with, which counts once in a family. A family with an approved limit
-- has a row for its head even before it owes anything. members: a list of the customers wanted, null for all.
create or replace macro family_member_of(members, as_of, known_at) as table
with family as (
    select family.customer_id, family.head_id
    from family_of(members, as_of, known_at) as family
    where members is null or family.customer_id in (select unnest(members))
),

approved as (
    select override.customer_id as head_id, override.currency, override.amount, override.until_on
    from credit_override as override
    where
        override.is_group
        and override.from_on <= as_of
        and as_of <= override.until_on
        and override.recorded_at <= known_at
        and known_at < override.retired_at
        and override.customer_id in (select family.head_id from family)
    qualify row_number() over (partition by override.customer_id, override.currency order by override.override_id desc) = 1
),

member as (
    select
        family.head_id,
        standing.customer_id,
        standing.currency,
        standing.exposure_amount,
        standing.overdue_amount,
        standing.limit_amount,
        standing.credit_state,
        standing.limit_until_on is null and (standing.credit_grade = 'unrated' or standing.amount_12m = 0) as is_starting
    from credit_standing_of(members, as_of, known_at) as standing
    inner join family on standing.customer_id = family.customer_id
)

select
    coalesce(member.head_id, approved.head_id) as head_id,
    coalesce(member.customer_id, approved.head_id) as customer_id,
    coalesce(member.currency, approved.currency) as currency,
    coalesce(member.exposure_amount, 0)::decimal(18, 2) as exposure_amount,
    coalesce(member.overdue_amount, 0)::decimal(18, 2) as overdue_amount,
    coalesce(member.limit_amount, 0)::decimal(18, 2) as limit_amount,
    coalesce(member.credit_state, 'ok') as credit_state,
    coalesce(member.is_starting, false) as is_starting,
    approved.amount::decimal(18, 2) as approved_amount,
    approved.until_on as approved_until_on,
    rule.amber_rate,
    rule.red_rate,
    rule.stop_rate
from member
full join approved on member.head_id = approved.head_id and member.currency = approved.currency
cross join credit_rule(as_of, known_at) as rule;
