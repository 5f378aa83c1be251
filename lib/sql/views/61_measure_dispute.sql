-- One row per day on which a dispute about an invoice began or was opened again (step 1), or was settled (-1).
create or replace macro measured_dispute(
    actor_id, sees_all, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, wanted_currency
) as table
with happened as (
    select
        dispute.case_id,
        dispute.customer_id,
        event.happened_on,
        case_is_open(event.state)::integer as is_open,
        lag(case_is_open(event.state)::integer, 1, 0) over (
            partition by event.case_id order by event.happened_at, event.event_id
        ) as was_open
    from case_event_at(as_of, known_at) as event
    inner join case_file as dispute on event.case_id = dispute.case_id
    where
        dispute.kind = 'dispute'
        and dispute.recorded_at <= known_at
        and known_at < dispute.retired_at
        and (wanted_currency is null or dispute.currency = wanted_currency)
)

select happened.customer_id, happened.case_id as thing_id, happened.happened_on, happened.is_open - happened.was_open as step
from happened
semi join chosen_customer(
    actor_id, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, null
) as customer on happened.customer_id = customer.customer_id
where happened.is_open <> happened.was_open;
