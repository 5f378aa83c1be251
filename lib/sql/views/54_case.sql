-- Whether something is owed to the customer in a state: no longer once they have been told, it was unfounded, withdrawn or merged.
create or replace macro case_is_open(state) as state not in ('told_customer', 'closed', 'unfounded', 'withdrawn', 'merged');

-- What happened to cases up to the end of a day, with the state each was in before.
create or replace macro case_event_at(as_of, known_at) as table
select
    case_event.event_id,
    case_event.case_id,
    case_event.customer_id,
    case_event.state,
    case_event.action,
    case_event.happened_at,
    business_date(case_event.happened_at) as happened_on,
    case_event.note,
    case_event.level,
    case_event.cost,
    case_event.currency,
    case_event.into_case_id,
    case_event.detail,
    case_event.recorded_by
from case_event
where
    business_date(case_event.happened_at) <= as_of
    and case_event.recorded_at <= known_at
    and known_at < case_event.retired_at;

-- One row per case begun by a date, with the state it was in at the end of that day. While we wait for the customer the clock stands
-- still: due_on moves by those days, paused_days says how many. closed_on: since when nothing is owed.
create or replace macro case_at(as_of, known_at) as table
with happened as (
    select
        event.case_id,
        arg_max(event.state, (event.happened_at, event.event_id)) as state,
        max(event.happened_at) as changed_at,
        max((event.happened_at, event.event_id)) filter (where case_is_open(event.state)) as last_open,
        min((event.happened_at, event.event_id)) filter (where not case_is_open(event.state)) as first_over,
        bool_or(event.state = 'waiting_customer') as was_paused
    from case_event_at(as_of, known_at) as event
    group by event.case_id
),

-- Of what was opened again, the end after that.
ended_again as (
    select event.case_id, min(event.happened_at) as ended_at
    from case_event_at(as_of, known_at) as event
    inner join happened on event.case_id = happened.case_id
    where happened.last_open > happened.first_over and (event.happened_at, event.event_id) > happened.last_open
    group by event.case_id
),

stretch as (
    select
        event.case_id,
        event.state,
        lead(event.happened_on, 1, as_of) over (partition by event.case_id order by event.happened_at, event.event_id)
        - event.happened_on as days
    from case_event_at(as_of, known_at) as event
    where event.case_id in (select happened.case_id from happened where happened.was_paused)
),

pause as (
    select stretch.case_id, sum(stretch.days)::integer as paused_days
    from stretch
    where stretch.state = 'waiting_customer'
    group by stretch.case_id
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
    case_file.contact_id,
    case_file.stage,
    case_file.invoice_id,
    case_file.amount,
    case_file.currency,
    case_file.owner_id,
    case_file.due_on + coalesce(pause.paused_days, 0) as due_on,
    coalesce(pause.paused_days, 0) as paused_days,
    coalesce(happened.state, 'new') as state,
    happened.changed_at,
    case_is_open(coalesce(happened.state, 'new')) as is_open,
    case
        when not case_is_open(happened.state)
            then
                business_date(
                    if(happened.last_open > happened.first_over, ended_again.ended_at, struct_extract(happened.first_over, 1))
                )
    end as closed_on
from case_file
left join happened on case_file.case_id = happened.case_id
left join ended_again on case_file.case_id = ended_again.case_id
left join pause on case_file.case_id = pause.case_id
where case_file.on_date <= as_of and case_file.recorded_at <= known_at and known_at < case_file.retired_at;
