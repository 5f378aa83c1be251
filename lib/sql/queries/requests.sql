-- name: house_request_clock
-- For the house itself: every clock of every service request; now_at: the moment looked from, the end of the day when null.
select clock.*
from request_clock($as_of::date, $known_at::timestamp, $now_at::timestamp) as clock;

-- name: house_request
-- For the house itself: service requests by a date with the clock that runs out next and the queues each stands in: 'breached', 'soon',
-- 'waiting', 'open', 'solved', 'over'.
with clock as (
    select * from house_request_clock
),

pressing as (
    select
        clock.case_id,
        arg_min(clock.clock, (clock.due_at, clock.clock)) as clock,
        min(clock.due_at) as due_at,
        bool_or(clock.is_late) as is_late,
        bool_or(clock.is_soon) as is_soon
    from clock
    where clock.state = 'running'
    group by clock.case_id
),

whole as (
    select clock.case_id, clock.since_at, clock.state, clock.ran_us, clock.target_us, clock.is_late
    from clock
    where clock.clock = 'solve'
)

select
    request.case_id,
    request.customer_id,
    request.on_date,
    request.subject,
    request.severity,
    request.channel,
    request.region,
    request.stage,
    request.owner_id,
    request.state,
    request.is_open,
    stored_time(coalesce(whole.since_at, request.on_date)) as began_at,
    pressing.clock,
    stored_time(pressing.due_at) as due_at,
    case
        when request.is_open and (pressing.is_late or whole.is_late) then 'breached'
        when request.is_open and pressing.is_soon then 'soon'
        when whole.state = 'paused' then 'waiting'
        when request.is_open then 'on_time'
        when whole.state = 'stopped' and whole.is_late then 'was_late'
        when whole.state = 'stopped' then 'was_on_time'
    end as urgency,
    (whole.target_us - whole.ran_us) / 60000000.0 as left_minutes,
    list_filter(
        [
            if(request.is_open and (pressing.is_late or whole.is_late), 'breached', null),
            if(request.is_open and pressing.is_soon and not coalesce(pressing.is_late or whole.is_late, false), 'soon', null),
            if(whole.state = 'paused', 'waiting', null),
            if(request.is_open, 'open', null),
            if(request.state = 'solved', 'solved', null),
            if(request.is_open, null, 'over')
        ],
        lambda queue: queue is not null
    ) as queues
from case_at($as_of::date, $known_at::timestamp) as request
left join whole on request.case_id = whole.case_id
left join pressing on request.case_id = pressing.case_id
where request.kind = 'service';

-- name: service_requests
-- Service requests by a date, what needs somebody first. queue leaves those late ('breached'), due soon, waiting for the customer, 'open',
-- solved and not closed, or 'over'.
select
    request.case_id,
    request.customer_id,
    customer.account_no,
    customer.name,
    request.began_at,
    request.subject as request_subject,
    request.severity::text as priority,
    request.channel,
    request.stage,
    coalesce(request.region, customer.region) as region,
    customer.team,
    request.state,
    request.is_open,
    request.urgency,
    request.clock,
    request.due_at,
    request.left_minutes,
    owner.name as owner_name,
    count(*) over (partition by true)::integer as total_count
from house_request as request
inner join chosen_customer(
    $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, null, $segment::text,
    $customer_id::integer
) as customer on request.customer_id = customer.customer_id
left join app_user as owner on request.owner_id = owner.user_id
where
    ($region::text is null or coalesce(request.region, customer.region) = $region::text)
    and ($queue::text is null or list_contains(request.queues, $queue::text))
    and ($user_id::integer is null or request.owner_id = $user_id::integer)
order by
    request.is_open desc, request.due_at nulls last, request.severity, request.began_at desc, request.case_id desc
limit coalesce($limit::integer, 1000000)
offset coalesce($offset::integer, 0);

-- name: service_queues
-- How many service requests each queue holds, for a person's own when user_id is given.
with standing as (
    select unnest(request.queues) as queue, request.customer_id, request.region, request.owner_id
    from house_request as request
)

select standing.queue, count(*)::integer as count
from standing
inner join chosen_customer(
    $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, null, $segment::text, null
) as customer on standing.customer_id = customer.customer_id
where
    ($region::text is null or coalesce(standing.region, customer.region) = $region::text)
    and ($user_id::integer is null or standing.owner_id = $user_id::integer)
group by standing.queue
order by standing.queue;

-- name: service_request
-- One service request with what is said about it, and the level it was escalated to.
select
    request.case_id,
    request.customer_id,
    customer.account_no,
    customer.name,
    request.on_date,
    request.began_at,
    request.subject as request_subject,
    file.body,
    request.severity,
    request.channel,
    request.stage,
    request.state,
    request.is_open,
    request.urgency,
    request.owner_id,
    owner.name as owner_name,
    coalesce(
        (
            select max(event.level)
            from case_event_at($as_of::date, $known_at::timestamp) as event
            where event.case_id = $request_id::bigint and event.action = 'escalate'
        ),
        0
    )::integer as level
from house_request as request
inner join case_at($as_of::date, $known_at::timestamp) as file on request.case_id = file.case_id
inner join customer_at($as_of::date, $known_at::timestamp) as customer on request.customer_id = customer.customer_id
semi join visible_customer($actor_id::integer) as visible on request.customer_id = visible.customer_id
left join app_user as owner on request.owner_id = owner.user_id
where request.case_id = $request_id::bigint;

-- name: request_clocks
-- The clocks of one service request: target, what ran and what is left in working minutes, when each runs out, and what became of it.
select
    clock.clock,
    stored_time(clock.since_at) as since_at,
    stored_time(clock.stopped_at) as stopped_at,
    clock.state as clock_state,
    clock.is_late,
    clock.is_soon,
    (clock.target_us // 60000000)::integer as target_minutes,
    (clock.ran_us // 60000000)::integer as ran_minutes,
    ((clock.target_us - clock.ran_us) / 60000000.0)::double as left_minutes,
    stored_time(clock.due_at) as due_at
from house_request_clock as clock
semi join visible_customer($actor_id::integer) as visible on clock.customer_id = visible.customer_id
where clock.case_id = $request_id::bigint
order by clock.since_at, clock.clock;

-- name: service_weeks
-- Service requests by the week they came in, for one clock: on time, late, waiting for the customer, still running; of those decided, the
-- share on time with its 95 % interval. A late one counts from the moment it is late. week_on null: all weeks together.
with judged as (
    select
        date_trunc('week', clock.since_at)::date as week_on,
        clock.state,
        clock.is_late,
        not clock.is_late and clock.state = 'stopped' as is_on_time
    from house_request_clock as clock
    inner join chosen_customer(
        $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text, $segment::text, null
    ) as customer on clock.customer_id = customer.customer_id
    where clock.clock = $clock::text and clock.state <> 'dropped' and clock.since_at::date >= $since::date
),

counted as (
    select
        judged.week_on,
        count(*) as n,
        count(*) filter (where judged.is_on_time) as on_time,
        count(*) filter (where judged.is_late) as late,
        count(*) filter (where judged.state = 'paused' and not judged.is_late) as waiting,
        count(*) filter (where judged.state = 'running' and not judged.is_late) as running
    from judged
    group by grouping sets ((judged.week_on), ())
)

select
    counted.week_on,
    counted.n::integer as request_count,
    counted.on_time::integer as on_time,
    counted.late::integer as late,
    counted.waiting::integer as waiting,
    counted.running::integer as running,
    counted.on_time / nullif(counted.on_time + counted.late, 0) as in_time_rate,
    wilson(
        counted.on_time / nullif(counted.on_time + counted.late, 0), nullif(counted.on_time + counted.late, 0), -1
    ) as low_rate,
    wilson(
        counted.on_time / nullif(counted.on_time + counted.late, 0), nullif(counted.on_time + counted.late, 0), 1
    ) as high_rate
from counted
where counted.n > 0
order by counted.week_on nulls first;

-- name: working_rules
-- The working hours in force, each version with the day it holds from.
select rule.from_on, rule.body
from policy_spans('working_time', $known_at::timestamp) as rule
order by rule.from_on;

-- name: calendar_days
-- The days that differ from their weekday, as known at a moment; since and until leave those of a span.
select differs.on_date, differs.is_open, differs.name as day_name
from calendar_day_at($known_at::timestamp) as differs
where
    ($since::date is null or differs.on_date >= $since::date)
    and ($until::date is null or differs.on_date <= $until::date)
order by differs.on_date;

-- name: calendar_end
-- The last day whose holidays are known; null when those of no year are.
select calendar_until($known_at::timestamp) as known_until;
