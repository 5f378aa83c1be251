-- The service levels each request is measured by, by the first day they hold: working microseconds by clock and priority.
create or replace macro service_level_spans(known_at) as table
select
    rule.from_on,
    rule.until_on,
    clock.name as clock,
    level.priority,
    60000000::bigint * (rule.body::json ->> concat('$.', clock.name, '.', level.priority))::integer as target_us,
    (rule.body::json ->> '$.soon')::double as soon_rate
from policy_spans('service_level', known_at) as rule
cross join (select unnest(['first', 'next', 'solve']) as name) as clock
cross join (select unnest([1, 2, 3]) as priority) as level;

-- One row per step of a service request up to the end of a day, in business time, with when and by what it ended (the next step, else
-- now_at) and how many answers the customer had had before it.
create or replace macro request_step(as_of, known_at, now_at) as table
with file as (
    select case_file.case_id, case_file.customer_id, case_file.on_date, coalesce(case_file.severity, 3) as priority
    from case_file
    where
        case_file.kind = 'service'
        and case_file.on_date <= as_of
        and case_file.recorded_at <= known_at
        and known_at < case_file.retired_at
)

select
    event.case_id,
    event.event_id,
    file.customer_id,
    file.on_date,
    file.priority,
    event.state,
    event.action,
    event.state in ('new', 'in_progress') as is_ours,
    coalesce(event.action in ('respond', 'wait', 'solve', 'withdraw'), false) as is_answer,
    business_time(event.happened_at) as happened_at,
    greatest(business_time(event.happened_at), lead(business_time(event.happened_at), 1, now_at) over steps) as until_at,
    lead(event.action) over steps as ended_by,
    row_number() over steps as place,
    coalesce(sum((event.action in ('respond', 'wait', 'solve', 'withdraw'))::integer) over earlier, 0) as answers_before
from case_event_at(as_of, known_at) as event
inner join file on event.case_id = file.case_id
window
    steps as (partition by event.case_id order by event.happened_at, event.event_id),
    earlier as (
        partition by event.case_id order by event.happened_at, event.event_id
        rows between unbounded preceding and 1 preceding
    );

-- One row per clock of a service request: since when, whether it runs, stands still (paused), has stopped, or counts for nothing because
-- the customer no longer needs it (dropped); its target, what it ran, when it runs out. now_at: the moment looked from, in business time;
-- the end of the day when null, and never
-- before the last thing that happened. The first answer is waited for from the beginning, the next one since the customer asked again, the
-- solution whenever it is our turn.
create or replace macro request_clock(as_of, known_at, now_at := null::timestamp) as table
with step as materialized (
    select happened.*
    from request_step(
        as_of,
        known_at,
        greatest(
            coalesce(now_at, as_of + interval 1 day),
            (select max(business_time(event.happened_at)) from case_event_at(as_of, known_at) as event)
        )
    ) as happened
),

life as (
    select
        step.case_id,
        step.customer_id,
        step.on_date,
        step.priority,
        min(step.event_id) as thing_id,
        min(step.happened_at) as began_at,
        arg_max(step.state, step.place) as state,
        max(step.place) filter (where step.is_ours) as last_ours,
        coalesce(min(step.place) filter (where not step.is_ours) < max(step.place) filter (where step.is_ours), false) as was_paused
    from step
    group by step.case_id, step.customer_id, step.on_date, step.priority
),

answer as (
    select
        step.case_id,
        if(step.answers_before = 0, 'first', 'next') as clock,
        min(step.event_id) filter (where step.answers_before = 0 or step.action in ('ask', 'reopen')) as thing_id,
        min(step.happened_at) filter (where step.answers_before = 0 or step.action in ('ask', 'reopen')) as since_at,
        max(step.until_at) as until_at,
        arg_max(coalesce(step.ended_by, 'running'), step.place) as ended_by
    from step
    where not step.is_answer
    group by step.case_id, step.answers_before
    having since_at is not null
),

begun as (
    select
        answer.case_id,
        answer.clock,
        answer.thing_id,
        answer.since_at,
        answer.until_at as stopped_at,
        case answer.ended_by when 'running' then 'running' when 'withdraw' then 'dropped' else 'stopped' end as state
    from answer
    union all
    select
        life.case_id,
        'solve' as clock,
        life.thing_id,
        life.began_at as since_at,
        step.until_at as stopped_at,
        case
            when life.state in ('new', 'in_progress') then 'running'
            when life.state = 'waiting_customer' then 'paused'
            when life.state = 'withdrawn' then 'dropped'
            else 'stopped'
        end as state
    from life
    inner join step on life.case_id = step.case_id and life.last_ours = step.place
),

clock as materialized (
    select
        begun.*,
        life.customer_id,
        life.on_date,
        life.priority,
        life.was_paused,
        level.target_us,
        level.soon_rate
    from begun
    inner join life on begun.case_id = life.case_id
    inner join service_level_spans(known_at) as level
        on
            begun.clock = level.clock
            and life.priority = level.priority
            and life.on_date >= level.from_on
            and life.on_date < level.until_on
),

span as materialized (
    select
        clock.thing_id,
        clock.clock,
        clock.target_us,
        clock.since_at,
        clock.stopped_at as until_at,
        true as is_whole
    from clock
    where clock.clock <> 'solve' or not clock.was_paused
    union all
    select clock.thing_id, clock.clock, clock.target_us, step.happened_at as since_at, step.until_at, false as is_whole
    from clock
    inner join step on clock.case_id = step.case_id and step.is_ours
    where clock.clock = 'solve' and clock.was_paused
)

select
    clock.case_id,
    clock.customer_id,
    clock.on_date,
    clock.priority,
    clock.clock,
    clock.since_at,
    case when clock.state in ('stopped', 'dropped') then clock.stopped_at end as stopped_at,
    clock.state,
    measured.target_us,
    measured.ran_us,
    measured.due_at,
    measured.ran_us > measured.target_us as is_late,
    clock.state = 'running'
    and measured.ran_us <= measured.target_us
    and measured.target_us - measured.ran_us <= clock.soon_rate * measured.target_us as is_soon,
    case
        when clock.state = 'dropped' then null
        when measured.ran_us > measured.target_us then measured.due_at
        when clock.state = 'stopped' then clock.stopped_at
    end as judged_at
from clock
inner join clock_of(
    'span',
    coalesce((select min(step.happened_at)::date from step), as_of),
    as_of + 400,
    known_at
) as measured
    on clock.thing_id = measured.thing_id and clock.clock = measured.clock;
