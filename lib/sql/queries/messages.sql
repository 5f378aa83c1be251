-- name: messages
-- Messages to customers and what became of each, what needs a person first: unknown, failed, queued, then the latest.
-- state: one of these only; customer_id: one customer's. The contact is whom to mend when one failed.
select
    message.message_id,
    message.customer_id,
    customer.account_no,
    customer.name,
    message.kind,
    message.state as delivery,
    message.subject as letter,
    message.contact_id,
    if(customer.secrecy < 2, contact.name, shown(contact.name, customer.secrecy, $actor_id::integer)) as contact_name,
    shown(message.recipient, customer.secrecy, $actor_id::integer) as recipient,
    message.language,
    message.level,
    message.currency,
    message.entry_id,
    message.on_date,
    message.happened_at,
    message.why,
    message.said,
    author.name as made_by
from message_at($as_of::date, coalesce($known_at::timestamp, timestamp '9999-12-30')) as message
inner join (
    select record.customer_id, record.account_no, record.name, record.secrecy
    from customer_record as record
    where record.until_on = date '9999-12-31' and record.retired_at = timestamp '9999-12-31'
) as customer on message.customer_id = customer.customer_id
left join contact on message.contact_id = contact.contact_id and contact.retired_at = timestamp '9999-12-31'
left join app_user as author on message.recorded_by = author.user_id
semi join visible_customer($actor_id::integer) as visible on message.customer_id = visible.customer_id
where
    ($state::text is null or message.state = $state::text)
    and ($customer_id::integer is null or message.customer_id = $customer_id::integer)
order by
    case message.state when 'unknown' then 0 when 'failed' then 1 when 'queued' then 2 else 3 end,
    message.happened_at desc,
    message.message_id desc
limit coalesce($limit::integer, 1000);

-- name: message_counts
-- How many messages stand in each state.
select message.state as delivery, count(*)::integer as count
from message_at($as_of::date, coalesce($known_at::timestamp, timestamp '9999-12-30')) as message
semi join visible_customer($actor_id::integer) as visible on message.customer_id = visible.customer_id
group by message.state
order by message.state;
