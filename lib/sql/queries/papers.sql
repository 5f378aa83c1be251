-- name: invoice_document
-- One invoice as it stands on paper: whose, when due, how much, and what was still open on a date.
select
    invoice.entry_id as invoice_id,
    invoice.doc_no as invoice_no,
    invoice.customer_id,
    customer.account_no,
    customer.name,
    customer.name_en,
    invoice.on_date,
    invoice.due_on,
    invoice.amount,
    invoice.tax_amount,
    invoice.currency,
    invoice.memo,
    (
        select coalesce(sum(posting.amount), 0)
        from posting_at($as_of::date, $known_at::timestamp) as posting
        where posting.invoice_id = $invoice_id::bigint
    )::decimal(18, 2) as open_amount
from entry_at(date '9999-12-30', $known_at::timestamp) as invoice
inner join customer_at($as_of::date, $known_at::timestamp) as customer on invoice.customer_id = customer.customer_id
semi join visible_customer($actor_id::integer) as visible on invoice.customer_id = visible.customer_id
where invoice.entry_id = $invoice_id::bigint and invoice.kind = 'invoice';

-- name: invoice_lines
-- What one invoice lists, in order.
select
    listed.record_id,
    listed.product_no,
    listed.description,
    listed.quantity,
    listed.unit_price,
    listed.amount::decimal(18, 2) as amount
from entry_line as listed
inner join entry_at(date '9999-12-30', $known_at::timestamp) as invoice on listed.entry_id = invoice.entry_id
semi join visible_customer($actor_id::integer) as visible on invoice.customer_id = visible.customer_id
where
    listed.entry_id = $invoice_id::bigint
    and listed.recorded_at <= $known_at::timestamp
    and $known_at::timestamp < listed.retired_at
order by listed.record_id;

-- name: statement_totals
-- One customer's account between two dates by currency, whatever the first: brought forward, added, taken, and the balance.
select
    posting.currency,
    coalesce(sum(posting.amount) filter (where posting.on_date < $from_on::date), 0)::decimal(18, 2) as opening,
    coalesce(sum(posting.amount) filter (where posting.on_date >= $from_on::date and posting.amount > 0), 0)::decimal(18, 2)
        as debit,
    coalesce(-sum(posting.amount) filter (where posting.on_date >= $from_on::date and posting.amount < 0), 0)::decimal(18, 2)
        as credit,
    sum(posting.amount)::decimal(18, 2) as closing
from (
    select line.entry_id, line.on_date, line.currency, sum(line.amount) as amount
    from posting_at($as_of::date, $known_at::timestamp) as line
    where line.customer_id = $customer_id::integer
    group by line.entry_id, line.on_date, line.currency
) as posting
cross join (
    select visible.customer_id from visible_customer($actor_id::integer) as visible where visible.customer_id = $customer_id::integer
) as seen
where $currency::text is null or posting.currency = $currency::text
group by posting.currency
order by posting.currency;

-- name: evidence_postings
-- Every money line of one customer up to a date, with its document, who recorded it and in which change.
select
    posting.posting_id,
    posting.on_date,
    posting.due_on,
    document.doc_no,
    document.kind,
    invoice.doc_no as invoice_no,
    posting.amount,
    posting.currency,
    posting.rule,
    posting.recorded_at,
    author.name as recorded_by_name,
    posting.change_id
from posting
left join (
    select entry.entry_id, arg_max(entry.doc_no, entry.record_id) as doc_no, arg_max(entry.kind, entry.record_id) as kind
    from entry
    where entry.customer_id = $customer_id::integer
    group by entry.entry_id
) as document on posting.entry_id = document.entry_id
left join (
    select entry.entry_id, arg_max(entry.doc_no, entry.record_id) as doc_no
    from entry
    where entry.customer_id = $customer_id::integer
    group by entry.entry_id
) as invoice on posting.invoice_id = invoice.entry_id
left join app_user as author on posting.recorded_by = author.user_id
semi join visible_customer($actor_id::integer) as visible on posting.customer_id = visible.customer_id
where
    posting.customer_id = $customer_id::integer
    and posting.on_date <= $as_of::date
    and posting.recorded_at <= $known_at::timestamp
order by posting.posting_id;

-- name: evidence_messages
-- What was written to one customer, in full, and what became of it; at a secret customer only for who is cleared.
select
    message.message_id,
    message.on_date,
    message.kind,
    message.level,
    message.state as delivery,
    message.happened_at,
    message.subject as letter,
    if(present.secrecy < 2, message.body, shown(message.body, present.secrecy, $actor_id::integer)) as body,
    shown(message.recipient, present.secrecy, $actor_id::integer) as recipient
from message_at($as_of::date, $known_at::timestamp) as message
cross join (select secrecy_now($customer_id::integer) as secrecy) as present
semi join visible_customer($actor_id::integer) as visible on message.customer_id = visible.customer_id
where message.customer_id = $customer_id::integer
order by message.message_id;

-- name: evidence_changes
-- The audit rows behind one customer's money, promises and messages: who changed what when, each with its link in the chain.
with concerned as (
    select posting.change_id
    from posting
    where posting.customer_id = $customer_id::integer
    union
    select entry.change_id
    from entry
    where entry.customer_id = $customer_id::integer
    union
    select promise.change_id
    from promise
    where promise.customer_id = $customer_id::integer
    union
    select event.change_id
    from message_event as event
    where event.customer_id = $customer_id::integer
    union
    select audit.change_id
    from audit
    where audit.customer_id = $customer_id::integer
)

select
    audit.change_id,
    audit.made_at,
    author.name as made_by,
    audit.command,
    audit.prev_hash,
    audit.hash
from audit
semi join concerned on audit.change_id = concerned.change_id
left join app_user as author on audit.user_id = author.user_id
cross join (
    select visible.customer_id from visible_customer($actor_id::integer) as visible where visible.customer_id = $customer_id::integer
) as seen
where audit.made_at <= $known_at::timestamp
order by audit.change_id;

-- name: audit_head
-- The last link of the audit chain, for who sees the customer asked about: its hash tells whether anything before it was altered.
select audit.change_id, audit.made_at, audit.hash
from audit
cross join (
    select visible.customer_id from visible_customer($actor_id::integer) as visible where visible.customer_id = $customer_id::integer
) as seen
order by audit.change_id desc
limit 1;

-- name: house_is_changed
-- For the house itself: whether anything but files taken along was written down since a version of the ledger.
select count(*) > 0 as is_changed
from audit
where audit.change_id > $version::bigint and audit.command <> 'RecordExport';
