-- What metrics of retention add up: purchases as days on which a customer is new, pauses, leaves or comes back, and what that is worth.

-- One row per purchase day of a customer, with the days around it. Invoices of one day are one purchase.
create or replace macro purchase_day_at(as_of, known_at) as table
select
    day.customer_id,
    day.on_date,
    row_number() over (partition by day.customer_id order by day.on_date) as day_no,
    first(day.on_date) over (partition by day.customer_id order by day.on_date) as first_on,
    lag(day.on_date, 1) over (partition by day.customer_id order by day.on_date) as before_on,
    lag(day.on_date, 2) over (partition by day.customer_id order by day.on_date) as before_that_on,
    lag(day.on_date, 3) over (partition by day.customer_id order by day.on_date) as fourth_last_on,
    lead(day.on_date, 1) over (partition by day.customer_id order by day.on_date) as next_on
from (
    select entry.customer_id, entry.on_date
    from entry_at(as_of, known_at) as entry
    where entry.kind = 'invoice' and entry.amount > 0
    group by entry.customer_id, entry.on_date
) as day;

-- One row per customer, on the day of the first purchase ever.
create or replace macro measured_newcomer(
    actor_id, sees_all, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, wanted_currency
) as table
select bought.customer_id, bought.customer_id as thing_id, bought.happened_on
from (
    select entry.customer_id, min(entry.on_date) as happened_on
    from entry_at(as_of, known_at) as entry
    where entry.kind = 'invoice' and entry.amount > 0
    group by entry.customer_id
) as bought
semi join chosen_customer(
    actor_id, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, null
) as customer on bought.customer_id = customer.customer_id;

-- One row per day on which something begins (step 1) or ends (-1) for a customer, by kind: 'lost' a year
-- without a purchase; 'active' bought within a year, 91 days before; 'again' bought on two days within a year; 'quiet' bought on four days
-- within a year and now pausing for twice as long as usual.
create or replace macro measured_buying(
    actor_id, sees_all, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, wanted_currency
) as table
with day as materialized (
    select * from purchase_day_at(as_of, known_at)
),

pause as (
    select
        day.customer_id,
        day.on_date + (2 * (day.on_date - day.first_on) // nullif(day.day_no - 1, 0))::integer + 1 as from_on,
        least(day.next_on, day.fourth_last_on + 365) as until_on
    from day
    where day.fourth_last_on > day.on_date - 365
),

changed as materialized (
    select day.customer_id, 'lost' as kind, day.on_date + 365 as happened_on, 1 as step
    from day
    where coalesce(day.next_on > day.on_date + 365, true)
    union all
    select day.customer_id, 'active' as kind, day.on_date + 91 as happened_on, 1 as step
    from day
    where coalesce(day.before_on < day.on_date - 365, true)
    union all
    select day.customer_id, 'active' as kind, day.on_date + 456 as happened_on, -1 as step
    from day
    where coalesce(day.next_on > day.on_date + 365, true)
    union all
    select day.customer_id, 'again' as kind, day.on_date as happened_on, 1 as step
    from day
    where day.before_on > day.on_date - 365 and coalesce(day.before_that_on <= day.on_date - 365, true)
    union all
    select day.customer_id, 'again' as kind, day.before_on + 365 as happened_on, -1 as step
    from day
    where day.before_on > day.on_date - 365 and coalesce(day.next_on >= day.before_on + 365, true)
    union all
    select pause.customer_id, 'quiet' as kind, pause.from_on as happened_on, 1 as step
    from pause
    where pause.from_on < pause.until_on
    union all
    select pause.customer_id, 'quiet' as kind, pause.until_on as happened_on, -1 as step
    from pause
    where pause.from_on < pause.until_on
)

select changed.customer_id, changed.customer_id as thing_id, changed.happened_on, changed.kind, changed.step
from changed
semi join chosen_customer(
    actor_id, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, null
) as customer on changed.customer_id = customer.customer_id
where changed.happened_on <= as_of;

-- One row per invoice line on the day it comes into the last 365 days, the day it moves into the 365 before and the day it leaves these:
-- by how much that changes what those who bought in the year before were billed then (before_amount), are billed now (now_amount), and
-- of that at most what it was (kept_amount). before_count: whether they begin or cease to be one of them. In one currency at a time.
-- What happened before first_on is one row per customer, of the day before it: sorting half as many rows takes half as long.
create or replace macro measured_retained(
    actor_id, sees_all, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, wanted_currency, first_on
) as table
with line as (
    select posting.customer_id, posting.on_date, posting.amount
    from chosen_posting(
        actor_id, sees_all, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, null, wanted_currency
    ) as posting
    where posting.kind = 'invoice'
),

moved as (
    select
        line.customer_id,
        first_on - 1 as happened_on,
        coalesce(sum(line.amount) filter (where line.on_date + 365 >= first_on), 0)::decimal(18, 2) as now_move,
        coalesce(sum(line.amount) filter (where line.on_date + 365 < first_on), 0)::decimal(18, 2) as before_move
    from line
    where line.on_date < first_on and line.on_date + 730 >= first_on
    group by line.customer_id
    union all
    select
        line.customer_id,
        line.on_date + year.days as happened_on,
        (line.amount * year.now_sign)::decimal(18, 2) as now_move,
        (line.amount * year.before_sign)::decimal(18, 2) as before_move
    from line
    cross join (values (0, 1, 0), (365, -1, 1), (730, 0, -1)) as year (days, now_sign, before_sign)
    where line.on_date + year.days between first_on and as_of
),

standing as (
    select
        moved.customer_id,
        moved.happened_on,
        moved.now_move,
        moved.before_move,
        sum(moved.now_move) over (
            partition by moved.customer_id order by moved.happened_on rows unbounded preceding
        ) as now_amount,
        sum(moved.before_move) over (
            partition by moved.customer_id order by moved.happened_on rows unbounded preceding
        ) as before_amount
    from moved
)

-- What stood before a row is what stands after it less the row itself.
select
    standing.customer_id,
    standing.customer_id as thing_id,
    standing.happened_on,
    greatest(standing.before_amount, 0) - greatest(standing.before_amount - standing.before_move, 0) as before_amount,
    if(standing.before_amount > 0, standing.now_amount, 0)
    - if(standing.before_amount > standing.before_move, standing.now_amount - standing.now_move, 0) as now_amount,
    if(standing.before_amount > 0, least(standing.now_amount, standing.before_amount), 0)
    - if(
        standing.before_amount > standing.before_move,
        least(standing.now_amount - standing.now_move, standing.before_amount - standing.before_move),
        0
    ) as kept_amount,
    (standing.before_amount > 0)::integer - (standing.before_amount > standing.before_move)::integer as before_count
from standing;
