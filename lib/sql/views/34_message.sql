-- One row per message to a customer, with what had become of it by what was known. A message claimed for sending whose outcome was
-- never noted is 'unknown': it may or may not have left the house.
create or replace macro message_at(as_of, known_at) as table
select
    message.message_id,
    message.customer_id,
    message.contact_id,
    message.kind,
    message.channel,
    message.on_date,
    message.recipient,
    message.language,
    message.subject,
    message.body,
    message.entry_id,
    message.invite_id,
    message.level,
    message.currency,
    message.recorded_by,
    case
        when event.state = 'failed' and json_extract_string(event.detail, '$.why') = 'unknown' then 'unknown'
        else event.state
    end as state,
    event.happened_at,
    json_extract_string(event.detail, '$.why') as why,
    json_extract_string(event.detail, '$.said') as said
from message
inner join message_event as event on message.message_id = event.message_id
where
    message.on_date <= as_of
    and message.recorded_at <= known_at
    and known_at < message.retired_at
    and event.recorded_at <= known_at
    and known_at < event.retired_at;
