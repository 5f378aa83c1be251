-- name: bridge
-- By currency, how what was owed on from_on became what is owed on as_of, step by step; the steps add up from opening to closing.
-- what: 'overdue' or 'all'. count: open invoices at both ends, else invoices (of overdue) or documents (of all) that moved.
with line as not materialized (
    select *
    from bridge_line(
        $actor_id::integer, $sees_all::boolean, $what::text, $from_on::date, $as_of::date, $known_at::timestamp, $owner_id::integer,
        $team::text, $region::text, $segment::text, $customer_id::integer, $currency::text
    )
),

flow as (
    select line.currency, line.step, line.thing_id, sum(line.amount) as amount
    from line
    where line.step not in ('opening', 'closing')
    group by line.currency, line.step, line.thing_id
    having sum(line.amount) <> 0
),

-- Counting the things of each end one by one would cost ten times the rest; their open items are counted already.
-- Each end by itself: a million lines are grouped by currency alone, not by the word for the step as well.
step as (
    select line.currency, 'opening' as step, sum(line.items) as count, sum(line.amount) as amount
    from line
    where line.step = 'opening'
    group by line.currency
    union all
    select line.currency, 'closing' as step, sum(line.items) as count, sum(line.amount) as amount
    from line
    where line.step = 'closing'
    group by line.currency
    union all
    select flow.currency, flow.step, count(*) as count, sum(flow.amount) as amount
    from flow
    group by flow.currency, flow.step
)

select step.currency, step.step, step.count::integer as count, step.amount::decimal(18, 2) as amount
from step
order by
    step.currency,
    list_position(
        ['opening', 'newly_overdue', 'billed', 'collected', 'credited', 'written_off', 'adjusted', 'closing'], step.step
    );

-- name: bridge_rows
-- What stands behind one step of the bridge, or behind all steps: an invoice (of overdue) or document (of all) a row, most money
-- first; the amounts of a step add up to it. on_date: the last day on which its money moved.
with moved as (
    select
        line.customer_id,
        line.thing_id,
        line.step,
        line.currency,
        max(line.on_date) as on_date,
        sum(line.amount) as amount
    from bridge_line(
        $actor_id::integer, $sees_all::boolean, $what::text, $from_on::date, $as_of::date, $known_at::timestamp, $owner_id::integer,
        $team::text, $region::text, $segment::text, $customer_id::integer, $currency::text
    ) as line
    where $step::text is null or line.step = $step::text
    group by line.customer_id, line.thing_id, line.step, line.currency
    having sum(line.amount) <> 0
),

reached as (
    select moved.*, count(*) over (partition by true) as total_count
    from moved
    order by abs(moved.amount) desc, moved.thing_id, moved.step
    limit coalesce($limit::integer, 1000000)
    offset coalesce($offset::integer, 0)
)

select
    reached.customer_id,
    customer.account_no,
    customer.name,
    customer.owner_name,
    reached.step,
    reached.thing_id,
    document.doc_no,
    document.kind,
    reached.on_date,
    document.due_on,
    reached.currency,
    reached.amount::decimal(18, 2) as amount,
    reached.total_count::integer as total_count
from reached
inner join customer_at($as_of::date, $known_at::timestamp) as customer on reached.customer_id = customer.customer_id
left join entry_at($as_of::date, $known_at::timestamp) as document on reached.thing_id = document.entry_id
order by abs(reached.amount) desc, reached.thing_id, reached.step;

-- name: migration
-- Money by currency and the two buckets it was in on from_on and on as_of; buckets as in ageing, -1: money not allocated yet.
-- Null as from_no: billed or paid since; null as to_no: settled or used. Rows add up to the first ageing, columns to the second.
select
    migrated.currency,
    migrated.from_no::integer as from_no,
    migrated.to_no::integer as to_no,
    count(*)::integer as count,
    count(distinct migrated.customer_id)::integer as customers,
    sum(migrated.amount)::decimal(18, 2) as amount
from migrated_money(
    $actor_id::integer, $sees_all::boolean, $from_on::date, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text,
    $region::text, $segment::text, $customer_id::integer, $currency::text,
    edges_in_force($edges::integer[], $as_of::date, $known_at::timestamp)
) as migrated
group by migrated.currency, migrated.from_no, migrated.to_no
order by migrated.currency, migrated.from_no nulls first, migrated.to_no nulls last;

-- name: migration_rows
-- The invoices behind one cell of the migration, most money first; -2 as from_no or to_no stands for the null of the cell.
with migrated as (
    select migrated.*
    from migrated_money(
        $actor_id::integer, $sees_all::boolean, $from_on::date, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text,
        $region::text, $segment::text, $customer_id::integer, $currency::text,
        edges_in_force($edges::integer[], $as_of::date, $known_at::timestamp)
    ) as migrated
    where
        ($from_no::integer is null or coalesce(migrated.from_no, -2) = $from_no::integer)
        and ($to_no::integer is null or coalesce(migrated.to_no, -2) = $to_no::integer)
),

reached as (
    select migrated.*, count(*) over (partition by true) as total_count
    from migrated
    order by abs(migrated.amount) desc, migrated.thing_id, migrated.due_on, migrated.from_no nulls first
    limit coalesce($limit::integer, 1000000)
    offset coalesce($offset::integer, 0)
)

select
    reached.customer_id,
    customer.account_no,
    customer.name,
    customer.owner_name,
    reached.thing_id,
    document.doc_no,
    document.on_date,
    reached.due_on,
    days_overdue(reached.due_on, $as_of::date)::integer as days_overdue,
    reached.from_no::integer as from_no,
    reached.to_no::integer as to_no,
    reached.currency,
    reached.amount::decimal(18, 2) as amount,
    reached.total_count::integer as total_count
from reached
inner join customer_at($as_of::date, $known_at::timestamp) as customer on reached.customer_id = customer.customer_id
left join entry_at($as_of::date, $known_at::timestamp) as document on reached.thing_id = document.entry_id
order by abs(reached.amount) desc, reached.thing_id, reached.due_on, reached.from_no nulls first;

-- name: ageing_trend
-- The ageing of each of the last weeks, at its Sunday and this week's at as_of; columns as in ageing, without a count of money not
-- allocated. One scan: each money line is put at the week from which it counts as at least so old, and weeks are running sums.
with rule as (
    select
        edges_in_force($edges::integer[], $as_of::date, $known_at::timestamp) as edges,
        $as_of::date - (isodow($as_of::date) - 1)::integer - 7 * ($weeks::integer - 1) as first_on
),

-- Level 0: any age; 1: overdue; 2: over the first edge, ...; -1: not allocated.
level as (
    select unnest(range(-1, len(rule.edges) + 2)) as level_no, [0] || rule.edges as after_days
    from rule
),

money as (
    select
        posting.currency,
        posting.due_on,
        (greatest(0, posting.on_date - (select rule.first_on from rule)) // 7)::smallint as week_no,
        sum(posting.amount) as amount,
        sum(posting.items) as items
    from chosen_posting(
        $actor_id::integer, $sees_all::boolean, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text,
        $region::text, $segment::text, $customer_id::integer, $currency::text
    ) as posting
    group by posting.currency, posting.due_on, week_no
),

reached as (
    select
        money.currency,
        level.level_no,
        money.amount,
        money.items,
        money.week_no,
        case when level.level_no > 0 then money.due_on + level.after_days[level.level_no] + 1 end as since_on
    from money
    inner join level on (money.due_on is null) = (level.level_no = -1)
),

entered as (
    select
        reached.currency,
        reached.level_no,
        greatest(
            reached.week_no, coalesce(greatest(0, reached.since_on - (select rule.first_on from rule)) // 7, 0)
        ) as entered_no,
        sum(reached.amount) as amount,
        sum(reached.items) as items
    from reached
    where coalesce(reached.since_on <= $as_of::date, true)
    group by reached.currency, reached.level_no, entered_no
),

running as (
    select
        spine.currency,
        spine.week_no,
        spine.level_no,
        sum(coalesce(entered.amount, 0)) over weeks as amount,
        sum(coalesce(entered.items, 0)) over weeks as items
    from (
        select known.currency, level.level_no, unnest(range($weeks::integer)) as week_no
        from (select distinct money.currency from money) as known
        cross join level
    ) as spine
    left join entered
        on spine.currency = entered.currency and spine.level_no = entered.level_no and spine.week_no = entered.entered_no
    window weeks as (partition by spine.currency, spine.level_no order by spine.week_no)
),

aged as (
    select
        running.currency,
        running.week_no,
        running.level_no,
        running.amount - if(running.level_no = -1, 0, lead(running.amount, 1, 0) over levels) as amount,
        running.items - if(running.level_no = -1, 0, lead(running.items, 1, 0) over levels) as items
    from running
    window levels as (partition by running.currency, running.week_no order by running.level_no)
)

select
    aged.currency,
    least(rule.first_on + (7 * aged.week_no)::integer + 6, $as_of::date) as on_date,
    nullif(aged.level_no, -1)::integer as bucket_no,
    if(aged.level_no = -1, null, aged.items)::integer as count,
    aged.amount::decimal(18, 2) as amount
from aged
cross join rule
where aged.items <> 0 or aged.amount <> 0
order by aged.currency, on_date, bucket_no nulls last;
