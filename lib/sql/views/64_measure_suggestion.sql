-- One row per suggestion that came to an end, live or declined, on the day it last did: whether its customer was told by a date, and
-- after how many days.
create or replace macro measured_suggestion(
    actor_id, sees_all, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, wanted_currency
) as table
with decided as (
    select
        event.case_id,
        any_value(event.customer_id) as customer_id,
        max(event.happened_on) filter (where event.state in ('live', 'declined')) as decided_on,
        arg_max(event.state, (event.happened_at, event.event_id)) = 'told_customer' as is_told,
        max(event.happened_on) filter (where event.action = 'tell') as told_on
    from case_event_at(as_of, known_at) as event
    where event.case_id in (
        select suggestion.case_id
        from case_file as suggestion
        where suggestion.kind = 'suggestion' and suggestion.recorded_at <= known_at and known_at < suggestion.retired_at
    )
    group by event.case_id
)

select
    decided.customer_id,
    decided.case_id as thing_id,
    decided.decided_on as happened_on,
    decided.is_told,
    if(decided.is_told, decided.told_on - decided.decided_on, null)::integer as told_days
from decided
semi join chosen_customer(
    actor_id, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, null
) as customer on decided.customer_id = customer.customer_id
where decided.decided_on is not null;
