-- name: credit_standings
-- How some customers stand against their credit limits, by currency, most overdue first. states: only in these.
select
    standing.customer_id,
    customer.account_no,
    customer.name,
    customer.owner_name,
    customer.team,
    standing.currency,
    standing.credit_state,
    standing.credit_grade,
    standing.amount_12m,
    standing.exposure_amount,
    standing.limit_amount,
    standing.used_rate,
    standing.overdue_amount,
    standing.aged_amount,
    standing.most_aged_amount,
    standing.most_days,
    standing.on_account_amount,
    standing.stop_rate,
    standing.limit_until_on,
    standing.released_until_on
from credit_standing_of_few($customer_ids::integer[], $as_of::date, $known_at::timestamp) as standing
inner join customer_at($as_of::date, $known_at::timestamp) as customer on standing.customer_id = customer.customer_id
semi join visible_customer($actor_id::integer) as visible on standing.customer_id = visible.customer_id
where $states::text[] is null or list_contains($states::text[], standing.credit_state)
order by standing.overdue_amount desc, standing.exposure_amount desc, standing.customer_id, standing.currency;

-- name: house_strained
-- For the house itself: customers whose credit is in any state but 'ok', by currency, with how they stand against their limits.
select
    standing.customer_id,
    standing.currency,
    standing.credit_state,
    standing.credit_grade,
    standing.exposure_amount,
    standing.limit_amount,
    standing.used_rate,
    standing.overdue_amount,
    standing.aged_amount,
    standing.most_aged_amount,
    standing.most_days,
    standing.on_account_amount,
    standing.stop_rate,
    standing.limit_until_on,
    standing.released_until_on
from credit_standing_of(null::integer[], $as_of::date, $known_at::timestamp) as standing
where standing.credit_state <> 'ok';

-- name: stopped_customers
-- Customers in some states of their credit, null for all but 'ok', and how they stand against their limits, by currency, most overdue first.
select
    standing.customer_id,
    customer.account_no,
    customer.name,
    customer.owner_name,
    customer.team,
    standing.* exclude (customer_id)
from house_strained as standing
inner join customer_at($as_of::date, $known_at::timestamp) as customer on standing.customer_id = customer.customer_id
semi join visible_customer($actor_id::integer) as visible on standing.customer_id = visible.customer_id
where $states::text[] is null or list_contains($states::text[], standing.credit_state)
order by standing.overdue_amount desc, standing.exposure_amount desc, standing.customer_id, standing.currency
limit $limit::integer;

-- name: money_states
-- Customers with the state of their money on a date: normal, overdue or bad debt.
select state.customer_id, state.money_state
from money_state_of($customer_ids::integer[], $as_of::date, $known_at::timestamp) as state
semi join visible_customer($actor_id::integer) as visible on state.customer_id = visible.customer_id
order by state.customer_id;

-- name: proposals
-- What was proposed by a date, waiting or decided, the oldest waiting and the latest decided first. is_waiting: null for both.
select
    proposal.proposal_id,
    proposal.customer_id,
    customer.account_no,
    customer.name,
    proposal.kind as proposal_kind,
    proposal.amount,
    proposal.currency,
    proposal.on_date,
    proposal.author_id,
    author.name as author_name,
    proposal.reason,
    proposal.body,
    coalesce(proposal.outcome, 'waiting') as decision,
    proposal.decided_on,
    approver.name as decided_by_name,
    proposal.decision_note,
    proposal.decision_change
from proposal_at($as_of::date, $known_at::timestamp) as proposal
inner join customer_at($as_of::date, $known_at::timestamp) as customer on proposal.customer_id = customer.customer_id
left join app_user as author on proposal.author_id = author.user_id
left join app_user as approver on proposal.decided_by = approver.user_id
semi join visible_customer($actor_id::integer) as visible on proposal.customer_id = visible.customer_id
where $is_waiting::boolean is null or (proposal.outcome is null) = $is_waiting::boolean
order by proposal.decided_on desc nulls first, proposal.on_date, proposal.proposal_id
limit $most::integer;

-- name: written_off
-- Invoices with money written off by a date, what of it came in after all and what is still lost, the latest first.
select
    lost.customer_id,
    customer.account_no,
    customer.name,
    lost.invoice_id,
    invoice.doc_no as invoice_no,
    lost.currency,
    lost.written_off_on,
    lost.written_off_amount::decimal(18, 2) as written_off_amount,
    lost.recovered_amount::decimal(18, 2) as recovered_amount,
    (lost.written_off_amount - lost.recovered_amount)::decimal(18, 2) as lost_amount
from written_off_at($as_of::date, $known_at::timestamp) as lost
inner join entry_at($as_of::date, $known_at::timestamp) as invoice on lost.invoice_id = invoice.entry_id
inner join customer_at($as_of::date, $known_at::timestamp) as customer on lost.customer_id = customer.customer_id
semi join visible_customer($actor_id::integer) as visible on lost.customer_id = visible.customer_id
order by lost.written_off_on desc, lost.invoice_id;

-- name: exchange_rates
-- Exchange rates known by a date, the latest first, with who entered them.
select
    exchange_rate.currency,
    exchange_rate.on_date,
    rtrim(rtrim(exchange_rate.rate::text, '0'), '.') as exchange_rate,
    exchange_rate.base as base_currency,
    author.name as recorded_by_name,
    exchange_rate.recorded_at
from exchange_rate
left join app_user as author on exchange_rate.recorded_by = author.user_id
where
    exchange_rate.on_date <= $as_of::date
    and exchange_rate.recorded_at <= $known_at::timestamp
    and $known_at::timestamp < exchange_rate.retired_at
order by exchange_rate.on_date desc, exchange_rate.currency;

-- name: exchange_differences
-- What exchange rates gained (above zero) or lost on invoices settled in another currency by a date, the latest first.
select
    entry.customer_id,
    customer.account_no,
    customer.name,
    entry.entry_id,
    entry.doc_no,
    entry.on_date,
    entry.amount,
    entry.currency,
    entry.memo
from entry_at($as_of::date, $known_at::timestamp) as entry
inner join customer_at($as_of::date, $known_at::timestamp) as customer on entry.customer_id = customer.customer_id
semi join visible_customer($actor_id::integer) as visible on entry.customer_id = visible.customer_id
where entry.entry_id in (select posting.entry_id from posting where posting.rule = 'exchange_difference')
order by entry.on_date desc, entry.entry_id desc;
