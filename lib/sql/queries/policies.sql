-- name: policy_versions
-- The versions of one kind of rule, the latest first, with who published or approved them (nobody: the house) and who had proposed them;
-- is_in_force: the one that holds on the date.
select
    policy.policy_id,
    policy.effective_on,
    policy.review_on,
    policy.reason,
    policy.body,
    author.name as made_by,
    proposer.name as proposed_by,
    policy.recorded_at as made_at,
    policy.policy_id is not distinct from (
        select held.policy_id from policy_at($kind::text, $as_of::date, $known_at::timestamp) as held
    ) as is_in_force
from policy
left join app_user as author on policy.recorded_by = author.user_id and policy.change_id > 0
left join policy as approved on policy.change_id = approved.retired_change and approved.kind = 'proposed_rule'
left join policy as proposal on approved.origin_change = proposal.change_id and approved.policy_id = proposal.policy_id
left join app_user as proposer on proposal.recorded_by = proposer.user_id
where
    policy.kind = $kind::text
    and policy.recorded_at <= greatest($known_at::timestamp, timestamp '2000-01-01')
    and $known_at::timestamp < policy.retired_at
order by policy.effective_on desc, policy.policy_id desc;

-- name: proposed_rules
-- Rules that wait for a second person: what they would say, who proposed them and when.
select
    policy.policy_id,
    policy.body::json ->> '$.kind' as kind,
    (policy.body::json -> '$.body')::text as body,
    (policy.body::json ->> '$.effective_on')::date as from_on,
    (policy.body::json ->> '$.review_on')::date as review_on,
    policy.effective_on as on_date,
    policy.reason,
    proposal.recorded_by as author_id,
    author.name as author_name
from policy
inner join policy as proposal on policy.origin_change = proposal.change_id and policy.policy_id = proposal.policy_id
left join app_user as author on proposal.recorded_by = author.user_id
where policy.kind = 'proposed_rule' and policy.retired_at = timestamp '9999-12-31'
order by policy.policy_id;

-- name: metric_rules
-- What metrics are held against on a date, of each the version in force: kind 'metric:<name>', since when, by whom and why.
select policy.kind, policy.body, policy.effective_on, policy.reason, author.name as made_by
from policy
left join app_user as author on policy.recorded_by = author.user_id
where
    starts_with(policy.kind, 'metric:')
    and policy.effective_on <= $as_of::date
    and policy.recorded_at <= $known_at::timestamp
    and $known_at::timestamp < policy.retired_at
qualify row_number() over (partition by policy.kind order by policy.effective_on desc, policy.policy_id desc) = 1
order by policy.kind;

-- name: credit_trial
-- Customers whose credit state would be another under other rules, by currency, those stopped anew first; how many are stopped now and then.
with judged as (
    select
        trial.customer_id,
        trial.currency,
        standing.credit_state as old_credit_state,
        trial.credit_state,
        trial.exposure_amount,
        trial.overdue_amount,
        trial.limit_amount
    from credit_standing_of(null::integer[], $as_of::date, $known_at::timestamp, wanted_rules := $rules::text) as trial
    inner join credit_standing_of(null::integer[], $as_of::date, $known_at::timestamp) as standing
        on trial.customer_id = standing.customer_id and trial.currency = standing.currency
    semi join visible_customer($actor_id::integer) as visible on trial.customer_id = visible.customer_id
),

tally as (
    select
        (count(*) filter (where judged.old_credit_state = 'stop'))::integer as old_stopped_count,
        (count(*) filter (where judged.credit_state = 'stop'))::integer as stopped_count
    from judged
)

select
    judged.customer_id,
    customer.account_no,
    customer.name,
    customer.owner_name,
    judged.currency,
    judged.old_credit_state,
    judged.credit_state,
    judged.exposure_amount,
    judged.limit_amount,
    judged.overdue_amount,
    tally.old_stopped_count,
    tally.stopped_count
from judged
cross join tally
inner join customer_at($as_of::date, $known_at::timestamp) as customer on judged.customer_id = customer.customer_id
where judged.credit_state <> judged.old_credit_state
order by judged.credit_state = 'stop' desc, judged.overdue_amount desc, judged.customer_id, judged.currency;

-- name: ladder_trial
-- Customers for whom another ladder would say another step today, those with a reminder due first; how many are due now and then.
with debtor_now as (
    select posting.customer_id
    from posting_at($as_of::date, $known_at::timestamp) as posting
    semi join visible_customer($actor_id::integer) as visible on posting.customer_id = visible.customer_id
    where posting.due_on is not null
    group by posting.customer_id
    having sum(posting.amount) > 0
),

owing as (
    select list(debtor_now.customer_id) as about from debtor_now
),

judged as (
    select
        trial.customer_id,
        trial.currency,
        if(debtor.code = 'due', debtor.level, null) as old_level,
        if(trial.code = 'due', trial.level, null) as level,
        trial.overdue_amount
    from debtor_of((select owing.about from owing), $as_of::date, $known_at::timestamp, wanted_rules := $rules::text) as trial
    inner join debtor_of((select owing.about from owing), $as_of::date, $known_at::timestamp) as debtor
        on trial.customer_id = debtor.customer_id and trial.currency = debtor.currency
),

tally as (
    select count(judged.old_level)::integer as old_due_count, count(judged.level)::integer as due_count from judged
)

select
    judged.customer_id,
    customer.account_no,
    customer.name,
    customer.owner_name,
    judged.currency,
    judged.overdue_amount,
    judged.old_level,
    judged.level,
    tally.old_due_count,
    tally.due_count
from judged
cross join tally
inner join customer_at($as_of::date, $known_at::timestamp) as customer on judged.customer_id = customer.customer_id
where judged.level is distinct from judged.old_level
order by judged.level is null, judged.overdue_amount desc, judged.customer_id, judged.currency;

-- name: settled_by_rule
-- How many statement lines each rule of reconciliation settled since a day.
select line.rule, count(*)::integer as count
from bank_line_state($actor_id::integer, $sees_bank::boolean) as line
where line.line_state = 'matched' and line.on_date > $since::date and line.on_date <= $as_of::date
group by line.rule
order by line.rule;
