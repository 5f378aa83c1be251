-- name: agenda_actions
-- The actions on the agenda of one week's review: what is put off twice first, then what is due longest, at last what is over.
select action.*
from told_action($week_on::date, $as_of::date, $known_at::timestamp, $actor_id::integer, $sees_all::boolean) as action
order by
    action.is_open desc, action.is_new, action.is_worn and action.is_waiting desc, action.due_on, action.action_id
limit coalesce($limit::integer, 1000000);

-- name: actions
-- Actions by a date, open ones first, the next due on top: of one person who answers (user_id), one customer, metric, complaint or state.
select
    action.* exclude (is_new, is_due, is_waiting),
    coalesce(action.is_open and action.due_on < $as_of::date, false) as is_late,
    count(*) over (partition by true)::integer as total_count
from told_action(null::date, $as_of::date, $known_at::timestamp, $actor_id::integer, $sees_all::boolean) as action
where
    ($user_id::integer is null or action.doer_id = $user_id::integer)
    and ($customer_id::integer is null or action.customer_id = $customer_id::integer)
    and ($metric::text is null or action.metric = $metric::text)
    and ($case_id::bigint is null or action.case_id = $case_id::bigint)
    and ($state::text is null or action.action_state = $state::text)
order by action.is_open desc, if(action.is_open, action.due_on, null), action.ended_on desc, action.action_id desc
limit coalesce($limit::integer, 1000000)
offset coalesce($offset::integer, 0);

-- name: action_steps
-- What became of one action, the latest first.
select
    step.on_date,
    step.week_on,
    step.step as action_step,
    step.note as action_note,
    person.name as made_by
from action_step_at($as_of::date, $known_at::timestamp) as step
inner join action_at($as_of::date, $known_at::timestamp) as action on step.action_id = action.action_id
left join app_user as person on step.recorded_by = person.user_id
where
    step.action_id = $action_id::bigint
    and reads_review(action.circle, action.owner_id, action.customer_id, $actor_id::integer, $sees_all::boolean)
order by step.step_id desc;

-- name: resolutions
-- What was decided, the latest first; with week_on what that week's review decided and what it is to look at again by its day.
select
    decided.resolution_id,
    decided.week_on,
    decided.said as decision_said,
    decided.reason,
    decided.revisit_on,
    coalesce(decided.revisit_on <= $as_of::date + 7, false) as is_due,
    decided.customer_id,
    customer.name,
    decided.metric,
    person.name as made_by
from resolution_at($as_of::date, $known_at::timestamp) as decided
left join app_user as person on decided.recorded_by = person.user_id
left join customer_at($as_of::date, $known_at::timestamp) as customer on decided.customer_id = customer.customer_id
where
    reads_review(decided.circle, null::integer, decided.customer_id, $actor_id::integer, $sees_all::boolean)
    and ($week_on::date is null or decided.week_on = $week_on::date or decided.revisit_on <= $as_of::date + 7)
    and ($customer_id::integer is null or decided.customer_id = $customer_id::integer)
    and ($metric::text is null or decided.metric = $metric::text)
order by decided.week_on desc, decided.resolution_id desc
limit coalesce($limit::integer, 1000000);

-- name: topics
-- Topics that are open, most votes first, and with week_on those that week's review settled; else all settled ones. is_mine: user_id's vote.
select
    topic.topic_id,
    topic.week_on,
    topic.said as topic_said,
    person.name as raised_by_name,
    topic.customer_id,
    customer.name,
    topic.metric,
    topic.votes,
    coalesce(list_contains(topic.voters, $user_id::integer), false) as is_mine,
    topic.state as topic_state,
    topic.outcome as topic_outcome
from topic_at($as_of::date, $known_at::timestamp) as topic
left join app_user as person on topic.user_id = person.user_id
left join customer_at($as_of::date, $known_at::timestamp) as customer on topic.customer_id = customer.customer_id
where
    reads_review(topic.circle, topic.user_id, topic.customer_id, $actor_id::integer, $sees_all::boolean)
    and (topic.state = 'open' or $week_on::date is null or topic.settled_week_on = $week_on::date)
order by topic.state = 'open' desc, topic.votes desc, topic.topic_id
limit coalesce($limit::integer, 1000000);

-- name: explanations
-- What was asked and said about signals of a week's review, of one circle or all that one reads; user_id leaves what that person was asked.
select
    asked.explanation_id,
    asked.week_on,
    asked.circle,
    asked.metric,
    asked.owner_id as doer_id,
    doer.name as doer_name,
    asked.said as explanation_said,
    asked.cause as signal_cause,
    asked.verdict as signal_verdict
from explanation_at($as_of::date, $known_at::timestamp) as asked
left join app_user as doer on asked.owner_id = doer.user_id
where
    reads_review(asked.circle, asked.owner_id, null::integer, $actor_id::integer, $sees_all::boolean)
    and ($week_on::date is null or asked.week_on = $week_on::date)
    and ($circle::text is null or asked.circle = $circle::text)
    and ($user_id::integer is null or asked.owner_id = $user_id::integer)
    and ($metric::text is null or asked.metric = $metric::text)
order by asked.week_on desc, asked.explanation_id;

-- name: metric_marks
-- What was done and decided about a metric since a date, to be marked on its chart: actions on the day they were done, decisions in the
-- week they were made for.
select action.metric, action.ended_on as on_date, 'action' as mark, action.said as mark_said
from action_at($as_of::date, $known_at::timestamp) as action
where
    action.metric is not null
    and action.state = 'done'
    and ($metric::text is null or action.metric = $metric::text)
    and ($since::date is null or action.ended_on >= $since::date)
    and reads_review(action.circle, action.owner_id, action.customer_id, $actor_id::integer, $sees_all::boolean)
union all
select decided.metric, decided.week_on as on_date, 'decision' as mark, decided.said as mark_said
from resolution_at($as_of::date, $known_at::timestamp) as decided
where
    decided.metric is not null
    and ($metric::text is null or decided.metric = $metric::text)
    and ($since::date is null or decided.week_on >= $since::date)
    and reads_review(decided.circle, null::integer, decided.customer_id, $actor_id::integer, $sees_all::boolean)
order by metric, on_date, mark, mark_said;

-- name: given_actions
-- Which actions that one reads a person (user_id) wrote down first.
select action.action_id
from action_at($as_of::date, $known_at::timestamp) as action
inner join (
    select item.action_id, arg_min(item.recorded_by, item.record_id) as giver_id
    from action_item as item
    group by item.action_id
) as first on action.action_id = first.action_id
where
    first.giver_id = $user_id::integer
    and reads_review(action.circle, action.owner_id, action.customer_id, $actor_id::integer, $sees_all::boolean);

-- name: action_words
-- What an action was called before its words were corrected, the latest first, each with who corrected it when.
with wording as (
    select
        item.record_id,
        item.said,
        lead(item.said) over (order by item.record_id) as said_next,
        lead(item.recorded_at) over (order by item.record_id) as corrected_at,
        lead(item.recorded_by) over (order by item.record_id) as corrected_by
    from action_item as item
    where item.action_id = $action_id::bigint and item.recorded_at <= $known_at::timestamp
)

select wording.said as action_said, wording.corrected_at as happened_at, person.name as made_by
from wording
inner join action_at($as_of::date, $known_at::timestamp) as action on action.action_id = $action_id::bigint
left join app_user as person on wording.corrected_by = person.user_id
where
    wording.said <> wording.said_next
    and reads_review(action.circle, action.owner_id, action.customer_id, $actor_id::integer, $sees_all::boolean)
order by wording.record_id desc;

-- name: action_people
-- Who can take an action: active people whose role does, by name; with customer_id only who sees that customer.
select person.user_id, person.name as person_name, person.team
from app_user as person
where
    person.user_id > 0
    and person.is_active
    and list_contains($roles::text[], person.role)
    and (
        $customer_id::integer is null
        or (is_visible($customer_id::integer, person.user_id) and is_visible($customer_id::integer, $actor_id::integer))
    )
order by person.name, person.user_id;
