-- One row per clock of a service request on the day it was decided: stopped in time, or run out.
create or replace macro measured_request_clock(
    actor_id, sees_all, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, wanted_currency
) as table
select
    clock.customer_id,
    clock.case_id as thing_id,
    clock.judged_at::date as happened_on,
    clock.clock,
    not clock.is_late as is_in_time
from request_clock(as_of, known_at) as clock
semi join chosen_customer(
    actor_id, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, null
) as customer on clock.customer_id = customer.customer_id
where clock.judged_at::date <= as_of;

-- One row per day on which the number of service requests changes by step (1 or -1): of the kind 'open' those not solved, of the kind
-- 'late' those with a clock that has run out and not stopped.
create or replace macro measured_request(
    actor_id, sees_all, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, wanted_currency
) as table
with clock as materialized (
    select timed.case_id, timed.customer_id, timed.clock, timed.since_at, timed.stopped_at, timed.is_late, timed.judged_at
    from request_clock(as_of, known_at) as timed
),

late as (
    select
        clock.case_id,
        clock.customer_id,
        clock.judged_at as from_at,
        coalesce(clock.stopped_at, timestamp '9999-12-31') as until_at,
        max(coalesce(clock.stopped_at, timestamp '9999-12-31')) over (
            partition by clock.case_id order by clock.judged_at, clock.clock
            rows between unbounded preceding and 1 preceding
        ) as covered_until
    from clock
    where clock.is_late and clock.judged_at is not null
),

numbered as (
    select
        late.*,
        sum(coalesce(late.from_at > late.covered_until, true)::integer) over (
            partition by late.case_id order by late.from_at, late.until_at
        ) as stretch_no
    from late
),

stretch as (
    select
        'late' as kind,
        numbered.case_id,
        numbered.customer_id,
        min(numbered.from_at) as from_at,
        max(numbered.until_at) as until_at
    from numbered
    group by numbered.case_id, numbered.customer_id, numbered.stretch_no
    union all
    select
        'open' as kind,
        clock.case_id,
        clock.customer_id,
        clock.since_at as from_at,
        coalesce(clock.stopped_at, timestamp '9999-12-31') as until_at
    from clock
    where clock.clock = 'solve'
),

changed as (
    select stretch.kind, stretch.case_id, stretch.customer_id, stretch.from_at::date as happened_on, 1 as step
    from stretch
    union all
    select stretch.kind, stretch.case_id, stretch.customer_id, stretch.until_at::date as happened_on, -1 as step
    from stretch
)

select changed.customer_id, changed.case_id as thing_id, changed.happened_on, changed.kind, changed.step
from changed
semi join chosen_customer(
    actor_id, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, null
) as customer on changed.customer_id = customer.customer_id
where changed.happened_on <= as_of;
