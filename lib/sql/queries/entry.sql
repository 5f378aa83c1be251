-- name: customer_choices
-- Customers to choose from in a form, one's own first, then by name.
select
    customer.customer_id,
    customer.account_no,
    customer.name,
    customer.initials
from customer_at($as_of::date, $known_at::timestamp) as customer
semi join visible_customer($actor_id::integer) as visible on customer.customer_id = visible.customer_id
where customer.status in ('active', 'inactive', 'blocked')
order by (customer.owner_id = $user_id::integer) desc nulls last, customer.name, customer.customer_id
limit $most::integer;

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
semi join visible_customer($actor_id::integer) as visible on customer.customer_id = visible.customer_id
where
    if(
        $customer_ids::integer[] is null,
        customer.status = 'active' and customer.book = 'formal',
        list_contains($customer_ids::integer[], customer.customer_id)
    )
order by (customer.owner_id = $user_id::integer) desc nulls last, answered.last_on asc nulls first, customer.customer_id
limit $most::integer;

-- name: customers_to_call
-- Customers longest without a talk, one's own first, with what was said then; of the given ones only those.
with talked as (
    select
        activity.customer_id,
        max(activity.done_on) as last_on,
        arg_max(activity.subject, (activity.done_on, activity.activity_id)) as last_said
    from activity_at($as_of::date, $known_at::timestamp) as activity
    where activity.kind = 'interaction' and activity.outcome is distinct from 'no_answer'
    group by activity.customer_id
)

select
    customer.customer_id,
    customer.account_no,
    customer.name,
    talked.last_on,
    talked.last_said
from customer_at($as_of::date, $known_at::timestamp) as customer
left join talked on customer.customer_id = talked.customer_id
semi join visible_customer($actor_id::integer) as visible on customer.customer_id = visible.customer_id
where
    if(
        $customer_ids::integer[] is null,
        customer.status = 'active' and customer.book = 'formal',
        list_contains($customer_ids::integer[], customer.customer_id)
    )
order by (customer.owner_id = $user_id::integer) desc nulls last, talked.last_on asc nulls first, customer.customer_id
limit $most::integer;

-- name: my_changes
-- What one person changed since a moment, the latest first, with whether it was undone; looking at contact data is no change.
select
    audit.change_id,
    audit.made_at,
    audit.command,
    case when audit.customer_id is null or is_visible(audit.customer_id, $actor_id::integer) then audit.subject end as subject,
    customer.name as customer_name,
    audit.detail,
    audit.change_id in (select undone.change_id from undone_change() as undone) as is_undone
from audit
left join chosen_customer(
    $actor_id::integer, $as_of::date, $known_at::timestamp, null, null, null, null, null
) as customer on audit.customer_id = customer.customer_id
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
semi join visible_customer($actor_id::integer) as visible on customer.customer_id = visible.customer_id
where customer.status <> 'merged';

-- name: customers_first
-- Customers to begin with: one's own first, the largest balance first, in each customer's own currency; on request only those nobody
-- looks after.
with owed as (
    select
        posting.customer_id,
        posting.currency,
        sum(posting.amount) as balance,
        sum(posting.amount) filter (where posting.due_on < $as_of::date) as overdue_amount
    from posting_at($as_of::date, $known_at::timestamp) as posting
    group by posting.customer_id, posting.currency
)

select
    customer.customer_id,
    customer.account_no,
    customer.name,
    customer.owner_name,
    customer.region,
    customer.currency,
    coalesce(owed.balance, 0)::decimal(18, 2) as balance,
    coalesce(owed.overdue_amount, 0)::decimal(18, 2) as overdue_amount
from customer_at($as_of::date, $known_at::timestamp) as customer
left join owed on customer.customer_id = owed.customer_id and customer.currency = owed.currency
semi join visible_customer($actor_id::integer) as visible on customer.customer_id = visible.customer_id
where customer.status <> 'merged' and (not coalesce($unowned_only::boolean, false) or customer.owner_id is null)
order by (customer.owner_id = $user_id::integer) desc nulls last, coalesce(owed.balance, 0) desc, customer.customer_id
limit $most::integer;

-- name: changes_of_customer
-- What was changed about one customer and who looked at its contact data, the latest first.
select
    audit.change_id,
    audit.made_at,
    author.name as made_by,
    audit.user_id,
    audit.command,
    audit.change_id in (select undone.change_id from undone_change() as undone) as is_undone
from audit
left join app_user as author on audit.user_id = author.user_id
semi join visible_customer($actor_id::integer) as visible on audit.customer_id = visible.customer_id
where audit.customer_id = $customer_id::integer
order by audit.change_id desc
limit $most::integer;
