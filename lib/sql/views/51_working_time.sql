-- A moment stored in UTC as the office's clock showed it.
create or replace macro business_time(moment) as (moment + interval 8 hours);

-- The same the other way: what the office's clock shows, as it is stored.
create or replace macro stored_time(moment) as (moment - interval 8 hours);

-- The versions of a kind of rule known at a moment, each with the first day it holds and the first on which it no longer does.
create or replace macro policy_spans(policy_kind, known_at) as table
with version as (
    select policy.policy_id, policy.effective_on, policy.body
    from policy
    where
        policy.kind = policy_kind
        and policy.recorded_at <= greatest(known_at, timestamp '2000-01-01')
        and known_at < policy.retired_at
    qualify row_number() over (partition by policy.effective_on order by policy.policy_id desc) = 1
)

select
    version.policy_id,
    if(lag(version.policy_id) over version_order is null, date '0001-01-01', version.effective_on) as from_on,
    lead(version.effective_on, 1, date '9999-12-31') over version_order as until_on,
    version.body
from version
window version_order as (order by version.effective_on);

-- Days that differ from their weekday, as known at a moment.
create or replace macro calendar_day_at(known_at) as table
select calendar_day.day_id, calendar_day.on_date, calendar_day.is_open, calendar_day.name
from calendar_day
where
    calendar_day.recorded_at <= greatest(known_at, timestamp '2000-01-01')
    and known_at < calendar_day.retired_at;

-- One row per day from one to another, with what its hours are called in the rule, and the rule; 'closed' are none.
create or replace macro day_hours(since_on, until_on, known_at) as table
with day as (
    select unnest(generate_series(since_on::timestamp, until_on::timestamp, interval 1 day))::date as on_date
)

select
    day.on_date,
    rule.body,
    case
        when differs.is_open then 'made_up'
        when differs.is_open is null then lower(dayname(day.on_date))
        else 'closed'
    end as hours_of
from day
inner join policy_spans('working_time', known_at) as rule on day.on_date >= rule.from_on and day.on_date < rule.until_on
left join calendar_day_at(known_at) as differs on day.on_date = differs.on_date;

-- The minute of the day of a time such as 13:30, up to 24:00.
create or replace macro minute_of_day(said) as (said[1:2]::integer * 60 + said[4:5]::integer);

-- One row per window of working time from one day to another, one after the other, with the working microseconds before it.
create or replace macro working_window(since_on, until_on, known_at) as table
with rule as (
    select span.body, hours.hours_of, unnest(string_split((span.body::json ->> concat('$.', hours.hours_of)), ' ')) as said
    from policy_spans('working_time', known_at) as span
    cross join (
        select unnest(
            ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday', 'made_up']
        ) as hours_of
    ) as hours
),

hours as (
    select
        rule.body,
        rule.hours_of,
        minute_of_day(rule.said[1:5]) as from_minute,
        minute_of_day(rule.said[7:11]) as until_minute
    from rule
    where rule.said <> ''
),

placed as (
    select
        day.on_date + to_minutes(hours.from_minute) as begins_at,
        day.on_date + to_minutes(hours.until_minute) as ends_at,
        60000000::bigint * (hours.until_minute - hours.from_minute) as length_us
    from day_hours(since_on, until_on, known_at) as day
    inner join hours on day.body = hours.body and day.hours_of = hours.hours_of
)

select
    placed.begins_at,
    placed.ends_at,
    (sum(placed.length_us) over (order by placed.begins_at) - placed.length_us)::bigint as before_us
from placed;

-- The working microseconds up to a moment, by the last window that began before it; zero before the first.
create or replace macro worked_us(before_us, begins_at, ends_at, moment) as
    coalesce(before_us + date_diff('microsecond', begins_at, least(moment, ends_at)), 0);

-- The moment at which so many microseconds were worked, by the last window before which fewer were.
create or replace macro reached_at(before_us, begins_at, worked) as begins_at + to_microseconds(worked - before_us);

-- One row per day from one to another: whether people work then, and how many working days there were up to it.
create or replace macro working_day(since_on, until_on, known_at) as table
with day as (
    select
        day.on_date,
        coalesce((day.body::json ->> concat('$.', day.hours_of)), '') <> '' as is_open
    from day_hours(since_on, until_on, known_at) as day
)

select
    day.on_date,
    day.is_open,
    (sum(day.is_open::integer) over (order by day.on_date))::integer as number
from day;

-- The last day of the last year whose holidays are known: a year is once its National Day is, the last of them; null when none is.
create or replace macro calendar_until(known_at) as (
    select make_date(max(year(differs.on_date)), 12, 31)
    from calendar_day_at(known_at) as differs
    where month(differs.on_date) = 10 and day(differs.on_date) = 1 and not differs.is_open
);

-- One row per clock of a thing: how many working microseconds it ran in its spans, and when it runs out (ran out, would have), in business
-- time. spans: a table of thing_id, clock, target_us, since_at, until_at, in which the clock ran, and is_whole when it has but one;
-- a pause before it runs out moves that.
create or replace macro clock_of(spans, since_on, until_on, known_at) as table
with line as materialized (
    select working.begins_at, working.ends_at, working.before_us
    from working_window(since_on, until_on, known_at) as working
),

-- The same day by day, each beginning with a window of no length at midnight, so that a moment is looked up by its day.
piece as materialized (
    select
        part.begins_at::date as on_date,
        part.begins_at,
        part.ends_at,
        (sum(part.length_us) over (order by part.begins_at, part.ends_at) - part.length_us)::bigint as before_us,
        lead(part.begins_at, 1, timestamp '9999-12-31') over (order by part.begins_at, part.ends_at) as next_at
    from (
        select line.begins_at, line.ends_at, date_diff('microsecond', line.begins_at, line.ends_at) as length_us
        from line
        union all
        select midnight.at as begins_at, midnight.at as ends_at, 0 as length_us
        from (
            select unnest(generate_series(since_on::timestamp, until_on::timestamp, interval 1 day)) as at
        ) as midnight
    ) as part
),

-- And working hour by working hour, so that what was worked is looked up by its hour.
hour as materialized (
    select
        line.begins_at,
        line.before_us,
        line.before_us + date_diff('microsecond', line.begins_at, line.ends_at) as until_us,
        unnest(
            range(
                line.before_us // 3600000000,
                (line.before_us + date_diff('microsecond', line.begins_at, line.ends_at) - 1) // 3600000000 + 1
            )
        ) as hour_no
    from line
),

begun as (
    select span.*, worked_us(piece.before_us, piece.begins_at, piece.ends_at, span.since_at) as worked_since
    from query_table(spans) as span
    left join piece
        on span.since_at::date = piece.on_date and span.since_at >= piece.begins_at and span.since_at < piece.next_at
),

ended as (
    select begun.*, worked_us(piece.before_us, piece.begins_at, piece.ends_at, begun.until_at) - begun.worked_since as ran_us
    from begun
    left join piece
        on begun.until_at::date = piece.on_date and begun.until_at >= piece.begins_at and begun.until_at < piece.next_at
),

placed as (
    select
        ended.*,
        (sum(ended.ran_us) over (partition by ended.thing_id, ended.clock order by ended.since_at))::bigint as ran_until
    from ended
    where not ended.is_whole
),

-- Most clocks never stood still: they need no adding up, which would cost more than all the rest.
summed as (
    select ended.thing_id, ended.clock, ended.target_us, ended.ran_us, ended.worked_since + ended.target_us as worked_due
    from ended
    where ended.is_whole
    union all
    select
        placed.thing_id,
        placed.clock,
        placed.target_us,
        max(placed.ran_until) as ran_us,
        coalesce(
            min(placed.worked_since + placed.target_us - placed.ran_until + placed.ran_us)
                filter (where placed.ran_until >= placed.target_us),
            max(placed.worked_since + placed.target_us - placed.ran_until + placed.ran_us)
        ) as worked_due
    from placed
    group by placed.thing_id, placed.clock, placed.target_us
)

select
    summed.thing_id,
    summed.clock,
    summed.target_us,
    summed.ran_us,
    reached_at(hour.before_us, hour.begins_at, summed.worked_due) as due_at
from summed
left join hour
    on
        (summed.worked_due - 1) // 3600000000 = hour.hour_no
        and summed.worked_due > hour.before_us
        and summed.worked_due <= hour.until_us;
