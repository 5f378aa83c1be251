-- One row per day on which a complaint opened (step 1), closed (-1) or opened again; is_first marks its beginning, is_over its end.
create or replace macro measured_complaint(
    actor_id, sees_all, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, wanted_currency
) as table
select
    happened.customer_id,
    happened.case_id as thing_id,
    happened.happened_on,
    happened.step,
    happened.is_first,
    happened.is_over,
    happened.state,
    happened.is_repeat
from complaint_step_at(as_of, known_at) as happened
semi join chosen_customer(
    actor_id, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, null
) as customer on happened.customer_id = customer.customer_id;

-- One row per end of a complaint, 14 days later: whether it was opened again meanwhile.
create or replace macro measured_complaint_end(
    actor_id, sees_all, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, wanted_currency
) as table
select
    happened.customer_id,
    happened.case_id as thing_id,
    happened.happened_on + 14 as happened_on,
    coalesce(happened.next_on <= happened.happened_on + 14, false) as is_reopened
from complaint_step_at(as_of, known_at) as happened
semi join chosen_customer(
    actor_id, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, null
) as customer on happened.customer_id = customer.customer_id
where happened.step = -1 and happened.state <> 'merged' and happened.happened_on + 14 <= as_of;

-- One row per complaint on the day it was acknowledged, else on the one on which it should have been.
create or replace macro measured_acknowledgement(
    actor_id, sees_all, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, wanted_currency
) as table
with rule as (
    select * from complaint_rule(as_of, known_at)
),

judged as (
    select
        complaint.customer_id,
        complaint.case_id as thing_id,
        least(waiting.acknowledged_on, waiting.due_on) as happened_on,
        coalesce(waiting.is_acknowledged and waiting.hours <= rule.acknowledge_hours, false) as is_in_time
    from case_at(as_of, known_at) as complaint
    cross join rule
    inner join complaint_waiting(as_of, known_at) as waiting on complaint.case_id = waiting.case_id
    where waiting.is_acknowledged or waiting.hours > rule.acknowledge_hours
)

select judged.*
from judged
semi join chosen_customer(
    actor_id, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, null
) as customer on judged.customer_id = customer.customer_id
where judged.happened_on <= as_of;

-- One row per complaint on the day it was first answered, else on the one after it should have been; those withdrawn or merged in time
-- and those whose end has no date are none.
create or replace macro measured_complaint_answer(
    actor_id, sees_all, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, wanted_currency
) as table
select
    complaint.customer_id,
    complaint.case_id as thing_id,
    least(complaint.first_closed_on, complaint.due_on + 1) as happened_on,
    coalesce(complaint.first_closed_on <= complaint.due_on, false) as is_in_time
from complaint_at(as_of, known_at) as complaint
semi join chosen_customer(
    actor_id, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, null
) as customer on complaint.customer_id = customer.customer_id
where
    complaint.due_on is not null
    and not complaint.is_undated
    and least(complaint.first_closed_on, complaint.due_on + 1) <= as_of
    and not (complaint.state in ('withdrawn', 'merged') and complaint.first_closed_on <= complaint.due_on);

-- One row per remedy of a complaint that the customer did not turn down, on its day, with what it costs.
create or replace macro measured_complaint_cost(
    actor_id, sees_all, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, wanted_currency
) as table
select remedy.customer_id, remedy.case_id as thing_id, remedy.happened_on, remedy.cost as amount
from complaint_remedy_at(as_of, known_at) as remedy
semi join chosen_customer(
    actor_id, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, null
) as customer on remedy.customer_id = customer.customer_id
where wanted_currency is null or remedy.currency = wanted_currency;
