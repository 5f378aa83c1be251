-- name: complaints
-- Complaints by a date with their clocks, what needs somebody first. queue leaves those that are to be worked on ('todo'), 'overdue',
-- not acknowledged in time ('unacknowledged'), to be escalated ('escalate'), waiting for the customer, to be confirmed, 'open' or 'over'.
with found as (
    select * from complaint_found($as_of::date, $known_at::timestamp)
),

seen as (
    select
        found.*,
        customer.account_no,
        customer.name,
        customer.team,
        coalesce(found.region, customer.region) as place,
        row_number() over (
            order by
                found.is_open desc, found.is_late desc, found.severity nulls last, found.due_on nulls last, found.on_date desc, found.case_id desc
        ) as rank
    from found
    inner join chosen_customer(
        $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, null, $segment::text,
        $customer_id::integer
    ) as customer on found.customer_id = customer.customer_id
    where
        ($region::text is null or coalesce(found.region, customer.region) = $region::text)
        and ($queue::text is null or list_contains(found.queues, $queue::text))
        and ($user_id::integer is null or found.owner_id = $user_id::integer)
        and ($severity::integer is null or found.severity = $severity::integer)
        and ($cause::text is null or found.cause = $cause::text)
        and ($since::date is null or found.on_date >= $since::date)
)

select
    seen.case_id,
    seen.customer_id,
    seen.account_no,
    seen.name,
    seen.on_date,
    seen.subject as complaint_subject,
    seen.severity,
    seen.cause,
    seen.channel,
    seen.stage,
    seen.place as region,
    seen.team,
    seen.state,
    seen.is_open,
    seen.due_on,
    seen.closed_on,
    seen.is_late,
    seen.late_days as late_work_days,
    seen.is_unacknowledged,
    seen.level,
    seen.level_due,
    seen.paused_days,
    seen.open_days as age_days,
    seen.reopened,
    seen.repeats_days,
    seen.cost,
    seen.cost_currency as currency,
    owner.name as owner_name,
    count(*) over (partition by true)::integer as total_count
from seen
left join app_user as owner on seen.owner_id = owner.user_id
order by seen.rank
limit coalesce($limit::integer, 1000000)
offset coalesce($offset::integer, 0);

-- name: complaint_queues
-- How many complaints each queue holds, for a person's own when user_id is given.
with standing as (
    select unnest(found.queues) as queue, found.customer_id, found.region, found.owner_id, found.severity, found.cause
    from complaint_found($as_of::date, $known_at::timestamp) as found
)

select standing.queue, count(*)::integer as count
from standing
inner join chosen_customer(
    $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, null, $segment::text, null
) as customer on standing.customer_id = customer.customer_id
where
    ($region::text is null or coalesce(standing.region, customer.region) = $region::text)
    and ($user_id::integer is null or standing.owner_id = $user_id::integer)
    and ($severity::integer is null or standing.severity = $severity::integer)
    and ($cause::text is null or standing.cause = $cause::text)
group by standing.queue
order by standing.queue;

-- name: complaint_card
-- One complaint with its clocks and what is said about it.
select
    found.case_id,
    found.customer_id,
    customer.account_no,
    customer.name,
    found.on_date,
    found.subject as complaint_subject,
    found.body,
    found.severity,
    found.cause,
    found.channel,
    found.stage,
    found.state,
    found.is_open,
    found.due_on,
    found.paused_days,
    found.closed_on,
    found.is_undated,
    found.open_days as age_days,
    found.is_late,
    found.late_days,
    found.is_unacknowledged,
    found.acknowledge_hours,
    found.level,
    found.level_due,
    found.reopened,
    found.repeats_days,
    found.cost,
    found.cost_currency as currency,
    found.into_case_id,
    found.owner_id,
    owner.name as owner_name,
    if(secrecy_now(found.customer_id) < 2, contact.name, shown(contact.name, secrecy_now(found.customer_id), $actor_id::integer))
        as contact_name
from complaint_found($as_of::date, $known_at::timestamp) as found
inner join chosen_customer(
    $actor_id::integer, $as_of::date, $known_at::timestamp, null, null, null, null, null
) as customer on found.customer_id = customer.customer_id
left join app_user as owner on found.owner_id = owner.user_id
left join contact
    on
        found.contact_id = contact.contact_id
        and contact.recorded_at <= $known_at::timestamp
        and $known_at::timestamp < contact.retired_at
where found.case_id = $case_id::bigint;

-- name: case_events
-- What happened to one case of any kind, in its order, with what was said at each step.
select
    event.event_id,
    event.case_id,
    event.customer_id,
    event.state,
    event.action,
    event.happened_at,
    event.note,
    event.level,
    event.cost,
    event.currency,
    event.into_case_id,
    event.change_id,
    author.name as author_name,
    event.detail::json ->> '$.remedy' as remedy,
    (event.detail::json ->> '$.promised_on')::date as promised_on,
    event.detail::json ->> '$.channel' as channel,
    event.detail::json ->> '$.root_cause' as root_cause,
    event.detail::json ->> '$.found_by' as found_by,
    coalesce((event.detail::json ->> '$.is_confirmed')::boolean, false) as is_confirmed,
    boss.name as escalated_to,
    if(
        secrecy_now(event.customer_id) < 2,
        event.detail::json ->> '$.told_to',
        shown(event.detail::json ->> '$.told_to', secrecy_now(event.customer_id), $actor_id::integer)
    ) as told_to
from case_event_at($as_of::date, $known_at::timestamp) as event
inner join visible_customer($actor_id::integer) as visible on event.customer_id = visible.customer_id
left join app_user as author on event.recorded_by = author.user_id
left join app_user as boss on (event.detail::json ->> '$.to')::integer = boss.user_id
where event.case_id = $case_id::bigint
order by event.happened_at, event.event_id;

-- name: complaint_causes
-- Complaints begun since a day by cause, the most first, with the share they add up to; what was there as long before, and what they cost.
with chosen as (
    select complaint.cause, complaint.on_date, complaint.is_open, complaint.repeats_days, complaint.cost, complaint.cost_currency
    from complaint_at($as_of::date, $known_at::timestamp) as complaint
    inner join chosen_customer(
        $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, null, $segment::text, null
    ) as customer on complaint.customer_id = customer.customer_id
    where
        complaint.state <> 'merged'
        and ($region::text is null or coalesce(complaint.region, customer.region) = $region::text)
        and complaint.on_date > $since::date - ($as_of::date - $since::date + 1)::integer - 1
),

counted as (
    select
        chosen.cause,
        count(*) filter (where chosen.on_date >= $since::date) as count,
        count(*) filter (where chosen.on_date < $since::date) as count_before,
        count(*) filter (where chosen.is_open and chosen.on_date >= $since::date) as open_count,
        count(*) filter (where chosen.repeats_days is not null and chosen.on_date >= $since::date) as repeat_count,
        sum(chosen.cost) filter (
            where chosen.on_date >= $since::date and chosen.cost_currency = coalesce($currency::text, 'CNY')
        )::decimal(18, 2) as cost
    from chosen
    group by chosen.cause
)

select
    counted.cause,
    counted.count::integer as count,
    counted.count_before::integer as count_before,
    counted.open_count::integer as open_count,
    counted.repeat_count::integer as repeat_count,
    counted.cost,
    coalesce($currency::text, 'CNY') as currency,
    (sum(counted.count) over (order by counted.count desc, counted.cause) / sum(counted.count) over (partition by true))::double
        as running_rate
from counted
where counted.count > 0
order by counted.count desc, counted.cause;

-- name: complaint_groups
-- Complaints begun since a day by label: month, state, channel, region, severity, stage, owner or team.
select
    case $by::text
        when 'month' then strftime(complaint.on_date, '%Y-%m')
        when 'state' then complaint.state
        when 'channel' then complaint.channel
        when 'region' then coalesce(complaint.region, customer.region)
        when 'severity' then complaint.severity::text
        when 'stage' then complaint.stage
        when 'owner' then customer.owner_name
        when 'team' then customer.team
    end as label,
    count(*)::integer as count,
    (count(*) filter (where complaint.is_open))::integer as open_count
from complaint_at($as_of::date, $known_at::timestamp) as complaint
inner join chosen_customer(
    $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, null, $segment::text, null
) as customer on complaint.customer_id = customer.customer_id
where
    ($region::text is null or coalesce(complaint.region, customer.region) = $region::text)
    and ($cause::text is null or complaint.cause = $cause::text)
    and ($since::date is null or complaint.on_date >= $since::date)
group by label
order by if($by::text = 'month', label, null), count desc, label;

-- name: complaint_times
-- After how many days how many complaints begun since a day were still open (Kaplan–Meier): those open now and those withdrawn count
-- up to where they were seen; merged ones and those whose end has no date are left out. days are without waiting for the customer.
with life as (
    select greatest(0, complaint.open_days) as days, not complaint.is_open and complaint.state <> 'withdrawn' as is_ended
    from complaint_at($as_of::date, $known_at::timestamp) as complaint
    inner join chosen_customer(
        $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, null, $segment::text, null
    ) as customer on complaint.customer_id = customer.customer_id
    where
        complaint.state <> 'merged'
        and not complaint.is_undated
        and complaint.on_date >= $since::date
        and ($until::date is null or complaint.on_date <= $until::date)
        and ($region::text is null or coalesce(complaint.region, customer.region) = $region::text)
),

step as (
    select life.days, count(*) as leaving, count(*) filter (where life.is_ended) as ended
    from life
    group by life.days
),

standing as (
    select
        step.days,
        step.ended,
        sum(step.leaving) over (order by step.days desc) as at_risk
    from step
)

select
    standing.days::integer as days,
    standing.at_risk::integer as at_risk,
    standing.ended::integer as ended,
    product(1 - standing.ended / standing.at_risk) over (order by standing.days) as open_rate
from standing
order by standing.days;

-- name: complaint_weeks
-- Week by week: open at its beginning, new, opened again, ended, open at its end. The current week runs to the date.
with happened as (
    select event.happened_on, event.step, event.is_first, event.is_over
    from complaint_step_at($as_of::date, $known_at::timestamp) as event
    inner join chosen_customer(
        $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, null, $segment::text, null
    ) as customer on event.customer_id = customer.customer_id
    where $region::text is null or coalesce(event.region, customer.region) = $region::text
),

week as (
    select unnest(generate_series(
        date_trunc('week', $as_of::date) - to_weeks($weeks::integer - 1), date_trunc('week', $as_of::date), interval 7 days
    ))::date as week_on
),

counted as (
    select
        week.week_on,
        coalesce(sum(happened.step) filter (where happened.happened_on < week.week_on), 0) as opening,
        count(*) filter (where happened.is_first and happened.happened_on >= week.week_on) as opened,
        count(*) filter (where happened.step = 1 and not happened.is_first and happened.happened_on >= week.week_on) as reopened,
        count(*) filter (where happened.is_over and happened.happened_on >= week.week_on) as ended
    from week
    left join happened on happened.happened_on < week.week_on + 7
    group by week.week_on
)

select
    counted.week_on,
    counted.opening::integer as opening_count,
    counted.opened::integer as opened_count,
    counted.reopened::integer as reopened_count,
    counted.ended::integer as ended_count,
    (counted.opening + counted.opened + counted.reopened - counted.ended)::integer as closing_count
from counted
order by counted.week_on;

-- name: complaint_summary
-- Of complaints begun since a day: how many, acknowledged and ended in time, repeated, upheld, opened again, and customers who bought.
with chosen as (
    select complaint.*, waiting.is_acknowledged, waiting.hours
    from complaint_at($as_of::date, $known_at::timestamp) as complaint
    inner join chosen_customer(
        $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, null, $segment::text, null
    ) as customer on complaint.customer_id = customer.customer_id
    left join complaint_waiting($as_of::date, $known_at::timestamp) as waiting on complaint.case_id = waiting.case_id
    where
        complaint.on_date >= $since::date
        and ($region::text is null or coalesce(complaint.region, customer.region) = $region::text)
),

rule as (
    select * from complaint_rule($as_of::date, $known_at::timestamp)
)

select
    count(*)::integer as count,
    (count(*) filter (where chosen.is_open))::integer as open_count,
    max($as_of::date - chosen.on_date) filter (where chosen.is_open)::integer as oldest_days,
    (count(*) filter (where chosen.hours > rule.acknowledge_hours or chosen.is_acknowledged))::integer as acknowledged_of,
    (count(*) filter (where chosen.is_acknowledged and chosen.hours <= rule.acknowledge_hours))::integer as acknowledged_in_time,
    median(chosen.hours) filter (where chosen.is_acknowledged)::double as acknowledged_hours,
    (count(*) filter (where chosen.repeats_days is not null))::integer as repeated,
    (count(*) filter (where chosen.state in ('told_customer', 'closed', 'unfounded') and not chosen.is_undated))::integer as decided,
    (count(*) filter (where chosen.state in ('told_customer', 'closed') and not chosen.is_undated))::integer as upheld,
    (count(*) filter (where not chosen.is_open or chosen.reopened > 0))::integer as ended,
    (count(*) filter (where chosen.reopened > 0))::integer as reopened,
    (count(*) filter (where chosen.is_undated))::integer as undated
from chosen
cross join rule;

-- name: corrections
-- Corrective actions with their cause: complaints of that cause in the days of the rule before and after they were done, as far as seen.
with complaint as (
    select complaint.case_id, complaint.customer_id, complaint.cause, complaint.on_date
    from complaint_at($as_of::date, $known_at::timestamp) as complaint
    inner join chosen_customer(
        $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, null, $segment::text, null
    ) as customer on complaint.customer_id = customer.customer_id
    where
        complaint.state <> 'merged'
        and ($region::text is null or coalesce(complaint.region, customer.region) = $region::text)
),

action as (
    select
        task.activity_id,
        task.customer_id,
        task.subject,
        task.owner_id,
        task.due_on,
        task.done_on,
        origin.case_id,
        origin.cause,
        task.done_on - rule.recurrence_days as before_on,
        least($as_of::date, task.done_on + rule.recurrence_days) as after_on
    from activity_at($as_of::date, $known_at::timestamp) as task
    inner join complaint as origin on task.source_id = origin.case_id
    cross join complaint_rule($as_of::date, $known_at::timestamp) as rule
    where task.source_kind = 'correction'
),

counted as (
    select
        action.activity_id,
        count(*) filter (where other.on_date between action.before_on and action.done_on) as count_before,
        count(*) filter (where other.on_date > action.done_on and other.on_date <= action.after_on) as count_after
    from action
    inner join complaint as other on action.cause = other.cause
    group by action.activity_id
)

select
    action.activity_id,
    action.case_id,
    action.customer_id,
    action.subject as action,
    action.cause,
    owner.name as owner_name,
    action.due_on,
    action.done_on,
    coalesce(action.done_on is null and action.due_on < $as_of::date, false) as is_late,
    coalesce(counted.count_before, 0)::integer as count_before,
    coalesce(counted.count_after, 0)::integer as count_after,
    (action.after_on - action.done_on)::integer as days_after
from action
left join counted on action.activity_id = counted.activity_id
left join app_user as owner on action.owner_id = owner.user_id
order by action.done_on is not null, action.due_on, action.activity_id;

-- name: case_owners
-- Who a complaint or request can be given to.
select app_user.user_id, app_user.name, app_user.team
from app_user
where app_user.is_active and app_user.role in ('lead', 'manager')
order by app_user.team nulls last, app_user.name, app_user.user_id;
