-- name: bank_lines
-- Statement lines with what they came to, oldest first; line_state: open, matched, ignored. matched_since: only those matched from a moment on.
select
    line.line_id,
    line.on_date,
    line.payer,
    line.amount,
    line.currency,
    line.memo,
    line.account,
    shown(line.payer_account, greatest(1, secrecy_now(line.customer_id)), $actor_id::integer) as payer_account,
    line.ref,
    line.line_state,
    line.rule,
    line.note,
    line.customer_id,
    customer.name,
    entry.doc_no,
    line.change_id,
    line.matched_at
from bank_line_state($actor_id::integer, $sees_bank::boolean) as line
left join (
    select customer_record.customer_id, customer_record.name
    from customer_record
    semi join visible_customer($actor_id::integer) as visible on customer_record.customer_id = visible.customer_id
    where customer_record.until_on = date '9999-12-31' and customer_record.retired_at = timestamp '9999-12-31'
) as customer on line.customer_id = customer.customer_id
left join entry on line.entry_id = entry.entry_id and entry.retired_at = timestamp '9999-12-31'
where
    ($account::text is null or line.account = $account::text)
    and ($line_state::text is null or line.line_state = $line_state::text)
    and ($since::date is null or line.on_date >= $since::date)
    and ($until::date is null or line.on_date <= $until::date)
    and ($matched_since::timestamp is null or line.matched_at >= $matched_since::timestamp)
order by line.on_date, line.line_id;

-- name: bank_totals
-- Money of statement lines by currency: in, matched, ignored, open and out, with counts; is_proven: in and out are all of it.
select
    line.currency,
    coalesce(sum(line.amount) filter (where line.amount > 0), 0)::decimal(18, 2) as in_amount,
    coalesce(sum(line.amount) filter (where line.line_state = 'matched'), 0)::decimal(18, 2) as matched_amount,
    coalesce(sum(line.amount) filter (where line.line_state = 'ignored'), 0)::decimal(18, 2) as ignored_amount,
    coalesce(sum(line.amount) filter (where line.line_state = 'open'), 0)::decimal(18, 2) as open_amount,
    sum(line.amount)::decimal(18, 2) as statement_amount,
    count(*) filter (where line.line_state = 'open')::integer as open_count,
    count(*)::integer as count
from bank_line_state($actor_id::integer, $sees_bank::boolean) as line
where
    ($account::text is null or line.account = $account::text)
    and ($since::date is null or line.on_date >= $since::date)
    and ($until::date is null or line.on_date <= $until::date)
group by line.currency
order by line.currency;

-- name: bank_accounts
-- The accounts there are statement lines of.
select line.account, count(*)::integer as count
from bank_line as line
where $sees_bank::boolean and line.retired_at = timestamp '9999-12-31'
group by line.account
order by line.account;

-- name: payer_aliases
-- Payers remembered from matches by hand: who pays for which customer, newest first.
select
    alias.alias_id,
    alias.payer_key,
    shown(alias.payer_account, greatest(1, secrecy_now(alias.customer_id)), $actor_id::integer) as payer_account,
    alias.customer_id,
    customer.name,
    alias.recorded_at
from payer_alias as alias
inner join customer_record as customer
    on alias.customer_id = customer.customer_id and customer.until_on = date '9999-12-31' and customer.retired_at = timestamp '9999-12-31'
semi join visible_customer($actor_id::integer) as visible on alias.customer_id = visible.customer_id
where $sees_bank::boolean and alias.retired_at = timestamp '9999-12-31'
order by alias.recorded_at desc, alias.alias_id desc;

-- name: documents_named
-- Numbers of documents by their ids, for who may see their customers.
select entry.entry_id, entry.doc_no
from entry
semi join visible_customer($actor_id::integer) as visible on entry.customer_id = visible.customer_id
where entry.entry_id in (select unnest($entry_ids::bigint[])) and entry.retired_at = timestamp '9999-12-31';

-- name: customers_named
-- Names of customers by their ids, of those the person may see.
select customer.customer_id, customer.name
from customer_record as customer
semi join visible_customer($actor_id::integer) as visible on customer.customer_id = visible.customer_id
where
    list_contains($customer_ids::integer[], customer.customer_id)
    and customer.until_on = date '9999-12-31'
    and customer.retired_at = timestamp '9999-12-31';

-- name: matching_rules
-- Which rules of reconciliation run by themselves, and how much may be adjusted.
select
    from_json(policy.body -> '$.auto', '["VARCHAR"]') as auto,
    (policy.body ->> '$.adjust_most')::decimal(18, 2) as adjust_most
from policy_at('matching', $as_of::date, $known_at::timestamp) as policy;
