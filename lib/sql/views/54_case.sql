-- Whether something is owed to the customer in a state: no longer once they have been told or served, it was unfounded, withdrawn or merged.
create or replace macro case_is_open(state) as
    state not in ('told_customer', 'closed', 'unfounded', 'withdrawn', 'merged', 'solved');

-- What happened to cases up to the end of a day.
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
    case_event.change_id,
    case_event.recorded_by
from case_event
where
    business_date(case_event.happened_at) <= as_of
    and case_event.recorded_at <= known_at
    and known_at < case_event.retired_at;

-- One row per case begun by a date, with the state it was in at the end of that day. While we wait for the customer the clock stands
-- still: due_on moves by those days, paused_days says how many there were. closed_on: since when nothing is owed.
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
        event.happened_on,
        lead(event.happened_on, 1, as_of) over (partition by event.case_id order by event.happened_at, event.event_id)
        - event.happened_on as days
    from case_event_at(as_of, known_at) as event
    where event.case_id in (select happened.case_id from happened where happened.was_paused)
),

pause as (
    select
        stretch.case_id,
        stretch.happened_on,
        stretch.days,
        sum(stretch.days) over (partition by stretch.case_id order by stretch.happened_on, stretch.days) - stretch.days as days_before
    from stretch
    where stretch.state = 'waiting_customer'
),

-- A clock that has run out is not set back by waiting after that.
paused as (
    select
        pause.case_id,
        sum(pause.days)::integer as days,
        sum(pause.days) filter (where pause.happened_on <= case_file.due_on + pause.days_before::integer)::integer as due_days
    from pause
    inner join case_file on pause.case_id = case_file.case_id
    where case_file.recorded_at <= known_at and known_at < case_file.retired_at
    group by pause.case_id
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
    case_file.due_on + coalesce(paused.due_days, 0) as due_on,
    coalesce(paused.days, 0) as paused_days,
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
left join paused on case_file.case_id = paused.case_id
where case_file.on_date <= as_of and case_file.recorded_at <= known_at and known_at < case_file.retired_at;

-- The rule for complaints in force on a date.
create or replace macro complaint_rule(as_of, known_at) as table
select
    (rule.body::json ->> '$.acknowledge_hours')::double as acknowledge_hours,
    (rule.body::json ->> '$.attempts')::integer as attempts,
    (rule.body::json ->> '$.reopen_days')::integer as reopen_days,
    (rule.body::json ->> '$.recurrence_days')::integer as recurrence_days,
    from_json(rule.body::json -> '$.levels', '[{"days": "integer", "to": "varchar"}]') as levels
from policy_at('complaint', as_of, known_at) as rule;

-- What happened to complaints, with the state each event found them in; null for the first.
create or replace macro complaint_event_at(as_of, known_at) as table
select event.*, lag(event.state) over (partition by event.case_id order by event.happened_at, event.event_id) as state_before
from case_event_at(as_of, known_at) as event
where event.case_id in (select case_file.case_id from case_file where case_file.kind = 'complaint');

-- Remedies of complaints with what they cost; one the customer turned down costs nothing. What the next step was leaves attempts and
-- escalations aside.
create or replace macro complaint_remedy_at(as_of, known_at) as table
with step as (
    select
        event.*,
        lead(event.action) over (partition by event.case_id order by event.happened_at, event.event_id) as next_action,
        lead(event.action, 2) over (partition by event.case_id order by event.happened_at, event.event_id) as action_after
    from complaint_event_at(as_of, known_at) as event
    where coalesce(event.action, '') not in ('attempt', 'escalate')
)

select step.case_id, step.customer_id, step.event_id, step.happened_on, step.cost, step.currency
from step
where
    step.cost is not null
    and step.next_action is distinct from 'rework'
    and not (step.next_action is not distinct from 'tell' and step.action_after is not distinct from 'rework');

-- One row per complaint begun by a date, with its clocks. begun_at and acknowledged_at are null when the ledger was told no moment;
-- is_undated: that it is over was told without a date. cost: of remedies the customer did not turn down. repeats_days: since the
-- customer's last complaint for the same cause, null when there was none within the days of the rule.
create or replace macro complaint_at(as_of, known_at) as table
with event as (
    select * from complaint_event_at(as_of, known_at)
),

spent as (
    select remedy.case_id, sum(remedy.cost)::decimal(18, 2) as cost, any_value(remedy.currency) as currency
    from complaint_remedy_at(as_of, known_at) as remedy
    group by remedy.case_id
),

told as (
    select
        event.case_id,
        min(event.happened_at) filter (where event.state = 'new') as begun_at,
        min(event.happened_at) filter (where event.state <> 'new') as moved_at,
        not case_is_open(arg_min(event.state, (event.happened_at, event.event_id))) as is_undated,
        max(event.level) as level,
        count(*) filter (where case_is_open(event.state) and not case_is_open(event.state_before)) as reopened,
        min(event.happened_on) filter (where not case_is_open(event.state)) as first_closed_on,
        any_value(event.into_case_id) filter (where event.state = 'merged') as into_case_id
    from event
    group by event.case_id
)

select
    complaint.*,
    told.begun_at,
    if(told.begun_at is null, null, told.moved_at) as acknowledged_at,
    coalesce(told.is_undated, false) as is_undated,
    coalesce(told.level, 0) as level,
    coalesce(told.reopened, 0)::integer as reopened,
    told.first_closed_on,
    told.into_case_id,
    spent.cost,
    spent.currency as cost_currency,
    coalesce(complaint.closed_on, as_of) - complaint.on_date - complaint.paused_days as open_days,
    case
        when
            complaint.cause is not null
            and complaint.on_date - lag(complaint.on_date) over earlier
            <= (select rule.recurrence_days from complaint_rule(as_of, known_at) as rule)
            then complaint.on_date - lag(complaint.on_date) over earlier
    end as repeats_days
from case_at(as_of, known_at) as complaint
left join told on complaint.case_id = told.case_id
left join spent on complaint.case_id = spent.case_id
where complaint.kind = 'complaint'
window earlier as (
    partition by complaint.customer_id, complaint.cause, complaint.state = 'merged' order by complaint.on_date, complaint.case_id
);

-- Of complaints: worked hours from the beginning to the acknowledgement, or to the end of a day while there is none, and the day on
-- which the rule's hours are over; nothing of those without a moment.
create or replace macro complaint_waiting(as_of, known_at) as table
with hours as (
    select * from working_window((as_of - 1100)::date, (as_of + 60)::date, known_at)
),

waited as (
    select
        event.case_id,
        bool_or(event.state <> 'new') as is_acknowledged,
        business_time(min(event.happened_at) filter (where event.state = 'new')) as since,
        coalesce(business_time(min(event.happened_at) filter (where event.state <> 'new')), as_of + interval 1 day) as until
    from complaint_event_at(as_of, known_at) as event
    group by event.case_id
    having bool_or(event.state = 'new')
),

begun as (
    select waited.*, worked_us(hours.before_us, hours.begins_at, hours.ends_at, waited.since) as worked_us
    from waited
    asof left join hours on waited.since >= hours.begins_at
),

elapsed as (
    select
        begun.case_id,
        begun.is_acknowledged,
        begun.until::date as until_on,
        greatest(0, worked_us(hours.before_us, hours.begins_at, hours.ends_at, begun.until) - begun.worked_us) / 3600000000.0 as hours,
        (begun.worked_us + 3600000000 * rule.acknowledge_hours)::bigint as due_us
    from begun
    cross join complaint_rule(as_of, known_at) as rule
    asof left join hours on begun.until >= hours.begins_at
)

select
    elapsed.case_id,
    elapsed.is_acknowledged,
    elapsed.hours,
    reached_at(hours.before_us, hours.begins_at, elapsed.due_us)::date as due_on,
    if(elapsed.is_acknowledged, elapsed.until_on, null) as acknowledged_on
from elapsed
asof left join hours on elapsed.due_us > hours.before_us;

-- The same with what each wants now: is_late and by how many working days, is_unacknowledged: not in time, level_due: the level the
-- rule says it should have reached and has not; and the queues of the desk it stands in.
create or replace macro complaint_found(as_of, known_at) as table
with rule as (
    select * from complaint_rule(as_of, known_at)
),

day as (
    select * from working_day((as_of - 1100)::date, as_of, known_at)
),

late as (
    select
        complaint.*,
        rule.acknowledge_hours,
        coalesce(complaint.is_open and complaint.due_on < as_of, false) as is_late,
        coalesce(not waiting.is_acknowledged and complaint.state = 'new' and waiting.hours > rule.acknowledge_hours, false)
            as is_unacknowledged,
        case
            when complaint.is_open and complaint.due_on < as_of
                then (select max(day.number) from day) - coalesce(due.number, 0)
        end as late_days,
        rule.levels
    from complaint_at(as_of, known_at) as complaint
    cross join rule
    left join complaint_waiting(as_of, known_at) as waiting on complaint.case_id = waiting.case_id
    left join day as due on complaint.due_on = due.on_date
),

due as (
    select
        late.*,
        case
            when late.state <> 'waiting_customer' and len(list_filter(late.levels, lambda rung: rung.days <= late.late_days)) > late.level
                then len(list_filter(late.levels, lambda rung: rung.days <= late.late_days))::integer
        end as level_due
    from late
)

select
    due.* exclude (levels),
    list_filter(
        [
            if(due.is_late and due.state <> 'waiting_customer' or due.is_unacknowledged, 'todo', null),
            if(due.is_late, 'overdue', null),
            if(due.state = 'new', 'unacknowledged', null),
            if(due.level_due is not null, 'escalate', null),
            if(due.state = 'waiting_customer', 'waiting', null),
            if(due.state = 'told_customer', 'confirm', null),
            if(due.is_open, 'open', 'over')
        ],
        lambda queue: queue is not null
    ) as queues
from due;

-- One row per day on which a complaint began, ended (step -1) or was opened again (step 1). Told of only when it was over, it begins and
-- ends in one row with step 0. state: the one it came into; next_on: the day of its next row.
create or replace macro complaint_step_at(as_of, known_at) as table
with happened as (
    select
        complaint.case_id,
        complaint.customer_id,
        complaint.region,
        complaint.repeats_days,
        coalesce(event.happened_on, complaint.on_date) as happened_on,
        coalesce(event.state, 'new') as state,
        case_is_open(coalesce(event.state, 'new'))::integer as is_open,
        event.state_before is null as is_first,
        if(event.state_before is null, 0, case_is_open(event.state_before)::integer) as was_open
    from complaint_at(as_of, known_at) as complaint
    left join complaint_event_at(as_of, known_at) as event on complaint.case_id = event.case_id
)

select
    happened.case_id,
    happened.customer_id,
    happened.region,
    happened.happened_on,
    happened.is_open - happened.was_open as step,
    happened.is_first,
    happened.is_open = 0 as is_over,
    happened.state,
    happened.repeats_days is not null as is_repeat,
    lead(happened.happened_on) over (
        partition by happened.case_id order by happened.happened_on, happened.is_first desc, happened.is_open
    ) as next_on
from happened
where happened.is_open <> happened.was_open or happened.is_first;
