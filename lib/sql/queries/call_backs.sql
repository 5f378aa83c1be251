-- name: call_backs
-- Low scores somebody is to call back about, open ones first, the longest due first among them: what was said, how much time is left in
-- working days, calls in vain, what became of the call, what was promised in it and when the customer was told. mine_id leaves those of
-- one person; activity_id one; since: done ones no older. is_promise: what was promised in calls instead of the calls.
with task as (
    select task.*
    from activity_at($as_of::date, $known_at::timestamp) as task
    where
        task.source_kind = if(coalesce($is_promise::boolean, false), 'call_back', 'feedback')
        and task.kind = 'task'
        and ($mine_id::integer is null or task.owner_id = $mine_id::integer)
        and ($activity_id::bigint is null or task.activity_id = $activity_id::bigint)
        and (
            task.done_on is null and not coalesce($done_only::boolean, false)
            or task.done_on >= $since::date
        )
),

-- Calls in vain name the answer; who gave up after them closed the task with the same outcome.
tried as (
    select touch.source_id as feedback_id, count(*)::integer as attempts, max(touch.done_on) as last_attempt_on
    from activity_at($as_of::date, $known_at::timestamp) as touch
    where touch.source_kind = 'call_back' and touch.kind = 'interaction' and touch.outcome = 'no_answer'
    group by touch.source_id
),

-- All that was promised because of one answer: told once every part of it is.
promise as (
    select
        touch.source_id as feedback_id,
        string_agg(touch.subject, '; ' order by touch.activity_id) as promised,
        if(count(*) = count(touch.done_on), max(touch.done_on), null) as told_on,
        arg_max(touch.channel, touch.activity_id) filter (where touch.done_on is not null) as told_channel,
        string_agg(touch.body, '; ' order by touch.activity_id) filter (where touch.done_on is not null) as told_note
    from activity_at($as_of::date, $known_at::timestamp) as touch
    where touch.source_kind = 'call_back' and touch.kind = 'task'
    group by touch.source_id
),

working as (
    select day.on_date, day.number
    from working_day($as_of::date - 3700, $as_of::date + 60, $known_at::timestamp) as day
)

select
    task.activity_id,
    task.source_id as feedback_id,
    task.customer_id,
    customer.account_no,
    customer.name,
    customer.owner_name,
    customer.team,
    answer.metric,
    format('{:g}', answer.score::double) as score,
    answer.on_date,
    answer.comment,
    answer.channel,
    if(customer.secrecy < 2, answer.respondent, shown(answer.respondent, customer.secrecy, $actor_id::integer)) as respondent,
    answer.contact_id,
    answer.case_id,
    task.owner_id as task_owner_id,
    owner.name as task_owner_name,
    task.due_on as task_due_on,
    task.done_on as task_done_on,
    coalesce(task.done_on is null and task.due_on < $as_of::date, false) as is_late,
    case when task.done_on is null then (due.number - now.number)::integer end as working_days_left,
    coalesce(tried.attempts, 0)::integer as attempts,
    tried.last_attempt_on,
    task.outcome,
    task.body as note,
    if(coalesce($is_promise::boolean, false), task.subject, promise.promised) as promised,
    promise.told_on,
    if(promise.told_on is null, null, promise.told_channel) as told_channel,
    case
        when promise.told_on is null then null
        when customer.secrecy < 2 then promise.told_note
        else shown(promise.told_note, customer.secrecy, $actor_id::integer)
    end as told_note,
    again.again_on,
    again.is_recovered
from task
inner join answer_at($as_of::date, $known_at::timestamp) as answer on task.source_id = answer.feedback_id
inner join chosen_customer(
    $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text, $segment::text,
    $customer_id::integer
) as customer on task.customer_id = customer.customer_id
left join app_user as owner on task.owner_id = owner.user_id
left join tried on task.source_id = tried.feedback_id
left join promise on task.source_id = promise.feedback_id
left join working as due on task.due_on = due.on_date
left join working as now on now.on_date = $as_of::date
left join asked_again($as_of::date, $known_at::timestamp) as again on task.source_id = again.feedback_id
order by task.done_on is not null, task.done_on desc, task.due_on, answer.score, task.activity_id;

-- name: call_back_due
-- The day by which a low score entered on a date is called back, by the rules and the working days in force.
with working as (
    select day.on_date, day.number
    from working_day($as_of::date, $as_of::date + 60, $known_at::timestamp) as day
)

select min(working.on_date) as due_on
from working
where
    working.on_date > $as_of::date
    and working.number = (
        select now.number + rule.call_back_days
        from working as now
        cross join survey_rule($as_of::date, $known_at::timestamp) as rule
        where now.on_date = $as_of::date
    );

-- name: waves_open
-- Surveys whose answers are being collected on a date and that ask for one score, among those a person may know of.
select
    wave.wave_id,
    wave.title
from wave_at($as_of::date, $known_at::timestamp) as wave
where
    wave.state = 'sending'
    and wave.metric = $metric::text
    and sees_wave(wave.wave_id, $actor_id::integer)
order by wave.opens_on desc, wave.wave_id desc;
