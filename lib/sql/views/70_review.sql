-- Whether a person takes part in a circle's review: who sees all in every one, others in that of teams that are all given to them, and
-- in that of each account manager whose customers they see, themselves first.
create or replace macro attends(circle, actor_id, sees_all) as
    sees_all
    or case
        when circle = 'all' then false
        when starts_with(circle, '#')
            then try_cast(substr(circle, 2) as integer) in (select owner.user_id from limited_owner(actor_id) as owner)
        else
            coalesce(
                list_has_all(
                    (select list(given.team) from given_team(actor_id) as given),
                    string_split(circle, '、')
                ),
                false
            )
    end;

-- Whether a person reads what a review wrote: they take part in it or it is theirs to answer, and the customer it is about is in sight.
create or replace macro reads_review(circle, owner_id, customer_id, actor_id, sees_all) as
    (attends(circle, actor_id, sees_all) or coalesce(owner_id = actor_id, false))
    and (customer_id is null or is_visible(customer_id, actor_id));

-- What became of actions in the reviews up to a date.
create or replace macro action_step_at(as_of, known_at) as table
select
    action_step.step_id,
    action_step.action_id,
    action_step.week_on,
    action_step.on_date,
    action_step.step,
    action_step.note,
    action_step.recorded_by
from action_step
where
    action_step.week_on <= as_of
    and action_step.recorded_at <= known_at
    and known_at < action_step.retired_at;

-- One row per action asked for in a review up to a date, with what it has come to: 'open', 'done', 'killed' or 'split'.
-- carried_count: in how many weeks it was carried over or put off; carried_since: of these, since it was last escalated or opened again.
-- is_worn: that was twice, so that next it is split, escalated or given up.
create or replace macro action_at(as_of, known_at) as table
with step as (
    select
        step.*,
        max(step.step_id) filter (where step.step in ('escalated', 'reopened')) over (partition by step.action_id) as anew_id
    from action_step_at(as_of, known_at) as step
),

told as (
    select
        step.action_id,
        arg_max(step.step, step.step_id) filter (where step.step in ('done', 'killed', 'split', 'reopened')) as turn,
        arg_max(step.on_date, step.step_id) filter (where step.step in ('done', 'killed', 'split')) as ended_on,
        arg_max(step.week_on, step.step_id) filter (where step.step in ('done', 'killed', 'split')) as ended_week_on,
        count(distinct step.week_on) filter (where step.step in ('carried', 'moved')) as carried_count,
        count(distinct step.week_on) filter (
            where step.step in ('carried', 'moved') and step.step_id > coalesce(step.anew_id, 0)
        ) as carried_since,
        max(step.week_on) filter (where step.step in ('carried', 'moved')) as carried_week_on,
        max(step.on_date) filter (where step.step = 'escalated') as escalated_on,
        arg_max(step.step, step.step_id) as last_step,
        max(step.week_on) as last_week_on,
        arg_max(step.note, step.step_id) as note
    from step
    group by step.action_id
)

select
    action.action_id,
    action.week_on,
    action.circle,
    action.said,
    action.owner_id,
    action.due_on,
    action.customer_id,
    action.metric,
    action.effect,
    action.effect_by,
    action.case_id,
    action.topic_id,
    action.parent_id,
    if(told.turn in ('done', 'killed', 'split'), told.turn, 'open') as state,
    coalesce(told.turn, 'reopened') = 'reopened' as is_open,
    if(told.turn = 'reopened', null, told.ended_on) as ended_on,
    if(told.turn = 'reopened', null, told.ended_week_on) as ended_week_on,
    coalesce(told.carried_count, 0)::integer as carried_count,
    coalesce(told.carried_since, 0)::integer as carried_since,
    told.carried_week_on,
    told.escalated_on,
    coalesce(told.carried_since, 0) >= 2 as is_worn,
    told.last_step,
    told.last_week_on,
    told.note
from action_item as action
left join told on action.action_id = told.action_id
where action.week_on <= as_of and action.recorded_at <= known_at and known_at < action.retired_at;

-- The actions on the agenda of the review of one week: what is open, what it ended, and what is done and now to show its effect; without a
-- week all there are.
-- is_new: asked for in this very review; is_waiting: open, asked for before, and neither carried nor put off in this one: closing the
-- review carries it over when it is due by then.
create or replace macro agenda_action(week_on, as_of, known_at) as table
select
    action.*,
    action.week_on = week_on as is_new,
    action.is_open
    and action.week_on < week_on
    and action.carried_week_on is distinct from week_on as is_waiting
from action_at(as_of, known_at) as action
where
    week_on is null
    or action.is_open
    or action.ended_week_on = week_on
    or (action.state = 'done' and action.effect_by between week_on and week_on + 6);

-- Those of them that a person reads, with the names of who answers and of the customer, in the words of every list.
-- is_due: open and to be done by the date. What is open stays on the agenda of whose review it is also when its customer is out of their
-- sight by now, without a word of it.
create or replace macro told_action(week_on, as_of, known_at, actor_id, sees_all) as table
select
    action.action_id,
    action.week_on,
    if(action.is_seen, action.said, '…') as action_said,
    action.owner_id as doer_id,
    doer.name as doer_name,
    action.due_on,
    if(action.is_seen, action.customer_id, null) as customer_id,
    customer.name,
    action.metric,
    action.effect,
    action.effect_by,
    if(action.is_seen, action.case_id, null) as case_id,
    action.parent_id,
    action.state as action_state,
    action.is_open,
    action.is_new,
    coalesce(action.is_open and action.due_on <= as_of, false) as is_due,
    action.carried_count,
    action.is_waiting,
    action.is_worn,
    action.escalated_on,
    action.ended_on,
    if(action.is_seen, action.note, null) as action_note
from (
    select agenda.*, agenda.customer_id is null or is_visible(agenda.customer_id, actor_id) as is_seen
    from agenda_action(week_on, as_of, known_at) as agenda
) as action
left join app_user as doer on action.owner_id = doer.user_id
left join customer_at(as_of, known_at) as customer on action.customer_id = customer.customer_id and action.is_seen
where
    reads_review(action.circle, action.owner_id, action.customer_id, actor_id, sees_all)
    or (week_on is not null and action.is_open and attends(action.circle, actor_id, sees_all));

-- One row per topic brought up for a review up to a date, with its votes.
create or replace macro topic_at(as_of, known_at) as table
with vote as (
    select topic_vote.topic_id, count(*)::integer as votes, list(topic_vote.user_id order by topic_vote.user_id) as voters
    from topic_vote
    where topic_vote.recorded_at <= known_at and known_at < topic_vote.retired_at
    group by topic_vote.topic_id
)

select
    topic.topic_id,
    topic.week_on,
    topic.circle,
    topic.said,
    topic.user_id,
    topic.customer_id,
    topic.metric,
    if(topic.settled_week_on > as_of, 'open', topic.state) as state,
    if(topic.settled_week_on > as_of, null, topic.outcome) as outcome,
    if(topic.settled_week_on > as_of, null, topic.settled_week_on) as settled_week_on,
    coalesce(vote.votes, 0) as votes,
    coalesce(vote.voters, []) as voters
from topic
left join vote on topic.topic_id = vote.topic_id
where topic.week_on <= as_of and topic.recorded_at <= known_at and known_at < topic.retired_at;

-- One row per thing decided in a review up to a date.
create or replace macro resolution_at(as_of, known_at) as table
select
    resolution.resolution_id,
    resolution.week_on,
    resolution.circle,
    resolution.said,
    resolution.reason,
    resolution.revisit_on,
    resolution.customer_id,
    resolution.metric,
    resolution.topic_id,
    resolution.recorded_by
from resolution
where resolution.week_on <= as_of and resolution.recorded_at <= known_at and known_at < resolution.retired_at;

-- One row per week, circle and metric of which something was asked or said in a review up to a date.
create or replace macro explanation_at(as_of, known_at) as table
select
    explanation.explanation_id,
    explanation.week_on,
    explanation.circle,
    explanation.metric,
    explanation.owner_id,
    explanation.said,
    explanation.cause,
    explanation.verdict
from explanation
where explanation.week_on <= as_of and explanation.recorded_at <= known_at and known_at < explanation.retired_at;
