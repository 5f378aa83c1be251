-- What metrics of our own work and of the quality of our records add up.

-- One row per touch, reminder and task of which it is decided by a date whether it was done in time. is_effective: somebody was reached.
-- A task counts on the day it was done, else on the one after it should have been; put off only once it was late, it stays late.
create or replace macro measured_work(
    actor_id, sees_all, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, wanted_currency
) as table
with planned as (
    select
        task.activity_id,
        task.due_on,
        task.retired_at,
        lead(task.due_on) over (partition by task.activity_id order by task.record_id) as next_due_on
    from activity as task
    where task.kind = 'task' and task.recorded_at <= known_at
),

missed as (
    select planned.activity_id, min(planned.due_on) as due_on
    from planned
    where
        planned.next_due_on > planned.due_on
        and planned.retired_at <= known_at
        and planned.due_on < business_date(planned.retired_at)
    group by planned.activity_id
),

dated as (
    select activity.*, coalesce(missed.due_on, activity.due_on) as expected_on
    from activity_at(as_of, known_at) as activity
    left join missed on activity.activity_id = missed.activity_id
),

work as (
    select
        activity.customer_id,
        activity.activity_id as thing_id,
        if(activity.kind = 'task', least(activity.done_on, activity.expected_on + 1), activity.done_on) as happened_on,
        activity.kind,
        coalesce(activity.direction = 'in' or activity.outcome not in ('no_answer', 'wrong_number'), false) as is_effective,
        coalesce(activity.done_on <= activity.expected_on, false) as is_in_time
    from dated as activity
    where activity.kind <> 'task' or activity.due_on is not null
)

select work.*
from work
semi join chosen_customer(
    actor_id, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, null
) as customer on work.customer_id = customer.customer_id
where work.happened_on <= as_of;

-- One row per invoice, credit note and payment on its day: whether what it says now was recorded within three days.
create or replace macro measured_document(
    actor_id, sees_all, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, wanted_currency
) as table
select
    entry.customer_id,
    entry.entry_id as thing_id,
    entry.on_date as happened_on,
    business_date(entry.recorded_at) <= entry.on_date + 3 as is_prompt
from entry
semi join chosen_customer(
    actor_id, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, null
) as customer on entry.customer_id = customer.customer_id
where
    entry.kind in ('invoice', 'credit_note', 'payment')
    and entry.on_date <= as_of
    and entry.recorded_at <= known_at
    and known_at < entry.retired_at
    and (wanted_currency is null or entry.currency = wanted_currency);

-- One row per day on which a formal customer's record began to stand in the ledger (step 1) or ceased to (-1), and one per day on which it
-- began or ceased to be complete (whole): an account manager, a contact who can be reached, and of a company the tax number.
create or replace macro measured_record(
    actor_id, sees_all, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, wanted_currency
) as table
with reachable as (
    select contact.customer_id, min(business_date(contact.recorded_at)) as since_on
    from contact
    where contact.recorded_at <= known_at and coalesce(contact.phone, contact.email) is not null
    group by contact.customer_id
    having bool_or(known_at < contact.retired_at)
),

stood as (
    select
        record.customer_id,
        business_date(record.recorded_at) as from_on,
        if(record.retired_at <= known_at, business_date(record.retired_at), date '9999-12-31') as until_on,
        case
            when record.owner_id is not null and (record.kind <> 'company' or record.tax_no is not null)
                then reachable.since_on + greatest(business_date(record.recorded_at) - reachable.since_on, 0)::integer
        end as whole_on
    from customer_record as record
    left join reachable on record.customer_id = reachable.customer_id
    where
        record.book = 'formal'
        and record.status = 'active'
        and record.until_on = date '9999-12-31'
        and record.recorded_at <= known_at
),

changed as materialized (
    select stood.customer_id, stood.from_on as happened_on, 1 as step, 0 as whole
    from stood
    union all
    select stood.customer_id, stood.until_on as happened_on, -1 as step, 0 as whole
    from stood
    union all
    select stood.customer_id, stood.whole_on as happened_on, 0 as step, 1 as whole
    from stood
    where stood.whole_on < stood.until_on
    union all
    select stood.customer_id, stood.until_on as happened_on, 0 as step, -1 as whole
    from stood
    where stood.whole_on < stood.until_on
)

select changed.customer_id, changed.customer_id as thing_id, changed.happened_on, changed.step, changed.whole
from changed
semi join chosen_customer(
    actor_id, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, null
) as customer on changed.customer_id = customer.customer_id
where changed.happened_on <= as_of;
