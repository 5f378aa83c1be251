-- The business day of a moment stored in UTC.
create or replace macro business_date(moment) as (moment + interval 8 hours)::date;

-- One row per case begun by a date, with the state it was in at the end of that day.
create or replace macro case_at(as_of, known_at) as table
with happened as (
    select
        case_event.case_id,
        arg_max(case_event.state, (case_event.happened_at, case_event.event_id)) as state,
        max(case_event.happened_at) as changed_at
    from case_event
    where
        business_date(case_event.happened_at) <= as_of
        and case_event.recorded_at <= known_at
        and known_at < case_event.retired_at
    group by case_event.case_id
)

select
    case_file.case_id,
    case_file.customer_id,
    case_file.kind,
    case_file.on_date,
    case_file.subject,
    case_file.body,
    case_file.severity,
    case_file.cause,
    case_file.channel,
    case_file.region,
    case_file.invoice_id,
    case_file.amount,
    case_file.currency,
    case_file.owner_id,
    case_file.due_on,
    coalesce(happened.state, 'new') as state,
    happened.changed_at,
    coalesce(happened.state, 'new') not in ('closed', 'told_customer') as is_open,
    case when happened.state in ('closed', 'told_customer') then business_date(happened.changed_at) end as closed_on
from case_file
left join happened on case_file.case_id = happened.case_id
where case_file.on_date <= as_of and case_file.recorded_at <= known_at and known_at < case_file.retired_at;

-- One row per touch or task begun by a date.
create or replace macro activity_at(as_of, known_at) as table
select
    activity.activity_id,
    activity.customer_id,
    activity.kind,
    activity.channel,
    activity.direction,
    activity.on_date,
    activity.due_on,
    case when activity.done_on <= as_of then activity.done_on end as done_on,
    activity.owner_id,
    activity.subject,
    activity.body,
    activity.outcome,
    activity.source_kind,
    activity.source_id
from activity
where activity.on_date <= as_of and activity.recorded_at <= known_at and known_at < activity.retired_at;

-- One row per answer given by a date. is_top: counts for the score; is_low: the customer is to be called back.
create or replace macro answer_at(as_of, known_at) as table
select
    feedback.feedback_id,
    feedback.customer_id,
    feedback.metric,
    feedback.on_date,
    feedback.score,
    feedback.top_score,
    feedback.comment,
    feedback.channel,
    feedback.respondent,
    feedback.region,
    case feedback.metric
        when 'nps' then feedback.score >= 9
        when 'csat' then feedback.score >= 4
        else feedback.score >= if(feedback.top_score = 5, 4, 5)
    end as is_top,
    case feedback.metric
        when 'nps' then feedback.score <= 6
        when 'csat' then feedback.score <= 2
        else feedback.score <= if(feedback.top_score = 5, 2, 3)
    end as is_low
from feedback
where feedback.on_date <= as_of and feedback.recorded_at <= known_at and known_at < feedback.retired_at;
