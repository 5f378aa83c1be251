-- Whom we have heard from, who stays silent when asked, and what became of those who were not content.

-- One row per customer who bought in the year before a date, by currency: what they bought, the day of their last answer, and whether
-- that is as recent as the rule in force wants.
create or replace macro heard_at(as_of, known_at) as table
with bought as (
    select entry.customer_id, entry.currency, sum(entry.amount)::decimal(18, 2) as amount_12m
    from entry_at(as_of, known_at) as entry
    where entry.kind = 'invoice' and entry.on_date > as_of - 365
    group by entry.customer_id, entry.currency
),

answered as (
    select answer.customer_id, max(answer.on_date) as last_answer_on
    from answer_at(as_of, known_at) as answer
    group by answer.customer_id
)

select
    bought.customer_id,
    bought.currency,
    bought.amount_12m,
    answered.last_answer_on,
    coalesce(
        answered.last_answer_on > as_of - (select rule.coverage_days from survey_rule(as_of, known_at) as rule), false
    ) as is_heard
from bought
left join answered on bought.customer_id = answered.customer_id;

-- One row per customer and wave that reached them, when it ended: whether they answered, and in how many waves running, this one the
-- last, they did not. A wave counts from the day it closes.
create or replace macro wave_reply(as_of, known_at) as table
with reached as (
    select
        invite.customer_id,
        invite.wave_id,
        max(wave.closes_on) as ended_on,
        max(wave.title) as title,
        bool_or(invite.state = 'answered') as is_answered
    from invite_at(as_of, known_at) as invite
    inner join survey_wave as wave
        on invite.wave_id = wave.wave_id and wave.recorded_at <= known_at and known_at < wave.retired_at
    where invite.is_delivered and wave.closes_on < as_of
    group by invite.customer_id, invite.wave_id
),

streak as (
    select
        reached.*,
        row_number() over waves as place,
        max(if(reached.is_answered, reached.ended_on, null)) over waves as answered_on
    from reached
    window waves as (partition by reached.customer_id order by reached.ended_on, reached.wave_id)
)

select
    streak.customer_id,
    streak.wave_id,
    streak.title,
    streak.ended_on,
    streak.place,
    streak.is_answered,
    row_number() over (partition by streak.customer_id, streak.answered_on order by streak.ended_on, streak.wave_id)
    - if(streak.answered_on is null, 0, 1) as unanswered,
    row_number() over (partition by streak.customer_id order by streak.ended_on desc, streak.wave_id desc) = 1 as is_last
from streak;

-- One row per low answer after which the same contact (the same customer, when none is named) was asked the same again in time: when,
-- and whether it then was no longer low. in time: within the days of the rule in force.
create or replace macro asked_again(as_of, known_at) as table
with answer as (
    select
        answer.feedback_id,
        answer.customer_id,
        answer.metric,
        answer.on_date,
        answer.is_low,
        lead(answer.on_date) over again as again_on,
        lead(answer.is_low) over again as is_low_again
    from answer_at(as_of, known_at) as answer
    window again as (
        partition by answer.customer_id, answer.metric, answer.contact_id
        order by answer.on_date, answer.feedback_id
    )
)

select answer.feedback_id, answer.customer_id, answer.metric, answer.on_date, answer.again_on, not answer.is_low_again as is_recovered
from answer
where
    answer.is_low
    and answer.again_on <= answer.on_date + (select rule.recovery_days from survey_rule(as_of, known_at) as rule);

-- One row per low answer since a day: when it is to be followed up by, when it was (its call-back task done, else the next touch with
-- the customer), and the hours until then where both were noted on the day they happened. is_judged: in time, or too late for that.
create or replace macro low_follow_up(since_on, as_of, known_at) as table
with low as (
    select answer.feedback_id, answer.customer_id, answer.metric, answer.on_date
    from answer_at(as_of, known_at) as answer
    where answer.is_low and answer.on_date >= since_on
),

noted as (
    select feedback.feedback_id, min(feedback.recorded_at) as noted_at
    from feedback
    where feedback.on_date >= since_on and feedback.recorded_at <= known_at
    group by feedback.feedback_id
),

working as (
    select day.on_date, day.number
    from working_day(since_on - 14, as_of + 31, known_at) as day
),

-- The first day on which as many working days have passed as the rule grants.
grace as (
    select begun.on_date, min(ended.on_date) as due_on
    from working as begun
    inner join working as ended
        on
            begun.number + (select rule.closed_loop_days from survey_rule(as_of, known_at) as rule) = ended.number
            and begun.on_date < ended.on_date
    group by begun.on_date
),

-- A call in vain is no follow-up, and one given up after several neither.
task as (
    select
        activity.source_id as feedback_id,
        max(activity.due_on) as due_on,
        min(activity.done_on) filter (where activity.outcome is distinct from 'no_answer') as done_on
    from activity_at(as_of, known_at) as activity
    where activity.source_kind = 'feedback'
    group by activity.source_id
),

done as (
    select activity.source_id as feedback_id, min(activity.recorded_at) as done_at
    from activity
    where
        activity.source_kind = 'feedback'
        and activity.outcome is distinct from 'no_answer'
        and activity.done_on <= as_of
        and activity.recorded_at <= known_at
        and known_at < activity.retired_at
    group by activity.source_id
),

owed as (
    select
        low.*,
        noted.noted_at,
        coalesce(task.due_on, grace.due_on, low.on_date + 7) as due_on,
        task.done_on,
        done.done_at
    from low
    inner join noted on low.feedback_id = noted.feedback_id
    left join grace on low.on_date = grace.on_date
    left join task on low.feedback_id = task.feedback_id
    left join done on low.feedback_id = done.feedback_id
),

touch as (
    select owed.feedback_id, min(activity.done_on) as done_on
    from owed
    inner join activity_at(as_of, known_at) as activity
        on owed.customer_id = activity.customer_id and activity.done_on between owed.on_date and owed.due_on
    where activity.kind = 'interaction' and activity.outcome is distinct from 'no_answer' and activity.done_on >= since_on
    group by owed.feedback_id
)

select
    owed.feedback_id,
    owed.customer_id,
    owed.metric,
    owed.on_date,
    owed.due_on,
    least(owed.done_on, touch.done_on) as followed_on,
    coalesce(least(owed.done_on, touch.done_on) <= owed.due_on, false) as is_in_time,
    coalesce(owed.due_on < as_of or least(owed.done_on, touch.done_on) <= owed.due_on, false) as is_judged,
    business_date(owed.noted_at) = owed.on_date
    and (owed.done_on is null or business_date(owed.done_at) = owed.done_on) as is_timed,
    date_diff('minute', owed.noted_at, owed.done_at) / 60.0 as hours
from owed
left join touch on owed.feedback_id = touch.feedback_id;
