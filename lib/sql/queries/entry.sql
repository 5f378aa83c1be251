-- name: customer_choices
-- Customers to choose from in a form, one's own first, then by name.
select
    customer.customer_id,
    customer.account_no,
    customer.name,
    customer.initials
from customer_at($as_of::date, $known_at::timestamp) as customer
semi join visible_customer($actor_id) as visible on customer.customer_id = visible.customer_id
where customer.status in ('active', 'inactive', 'blocked')
order by (customer.owner_id = $user_id::integer) desc nulls last, customer.name, customer.customer_id
limit $most::integer;

-- name: chosen_customer
-- One customer by its id, for the head of a form; none when out of sight.
select
    customer.customer_id,
    customer.account_no,
    customer.name,
    customer.owner_name,
    customer.currency
from customer_at($as_of::date, $known_at::timestamp) as customer
semi join visible_customer($actor_id) as visible on customer.customer_id = visible.customer_id
where customer.customer_id = $customer_id::integer;

-- name: customers_to_score
-- Customers longest without an answer on one metric, one's own first.
with answered as (
    select
        feedback.customer_id,
        max(feedback.on_date) as last_on,
        max_by(feedback.score, feedback.on_date) as last_score
    from feedback
    where
        feedback.metric = $metric::text
        and feedback.on_date <= $as_of::date
        and feedback.retired_at = timestamp '9999-12-31'
    group by feedback.customer_id
)

select
    customer.customer_id,
    customer.account_no,
    customer.name,
    answered.last_on,
    answered.last_score
from customer_at($as_of::date, timestamp '9999-12-30') as customer
left join answered on customer.customer_id = answered.customer_id
semi join visible_customer($actor_id) as visible on customer.customer_id = visible.customer_id
where customer.status = 'active' and customer.book = 'formal'
order by (customer.owner_id = $user_id::integer) desc nulls last, answered.last_on asc nulls first, customer.customer_id
limit $most::integer;

-- name: promise_candidates
-- Open invoices of one customer that a promise can be about, oldest debt first.
select
    invoice.invoice_id,
    entry.doc_no as invoice_no,
    invoice.currency,
    invoice.due_on,
    invoice.open_amount
from open_invoice_at($as_of::date, timestamp '9999-12-30') as invoice
inner join entry_at($as_of::date, timestamp '9999-12-30') as entry on invoice.invoice_id = entry.entry_id
semi join visible_customer($actor_id) as visible on invoice.customer_id = visible.customer_id
where invoice.customer_id = $customer_id::integer
order by invoice.due_on, entry.doc_no;

-- name: my_changes
-- What one person changed since a moment, the latest first, with whether it was undone; looking at contact data is no change.
select
    audit.change_id,
    audit.made_at,
    audit.command,
    audit.subject,
    audit.detail,
    exists (select 1 from audit as undo where undo.undoes = audit.change_id) as is_undone
from audit
where
    audit.user_id = $user_id::integer
    and audit.made_at >= $since::timestamp
    and list_contains($commands::text[], audit.command)
order by audit.change_id desc
limit $most::integer;

-- name: customer_names
-- Names of all customers in sight, to warn of a double while a new one is typed.
select
    customer.customer_id,
    customer.name
from customer_at($as_of::date, $known_at::timestamp) as customer
semi join visible_customer($actor_id) as visible on customer.customer_id = visible.customer_id
where customer.status <> 'merged';
