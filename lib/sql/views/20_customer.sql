-- One row per customer as it was true on a date, by what was known at a moment.
create or replace macro customer_at(as_of, known_at) as table
select
    customer_record.customer_id,
    customer_record.account_no,
    customer_record.name,
    customer_record.name_en,
    customer_record.name_key,
    customer_record.initials,
    customer_record.kind,
    customer_record.book,
    customer_record.origin,
    customer_record.status,
    customer_record.owner_id,
    owner.name as owner_name,
    owner.team,
    customer_record.region,
    customer_record.industry,
    customer_record.size,
    customer_record.segment,
    customer_record.currency,
    customer_record.terms_days,
    customer_record.terms_basis,
    customer_record.tax_no,
    customer_record.bank_account,
    customer_record.secrecy,
    customer_record.note
from customer_record
left join app_user as owner on customer_record.owner_id = owner.user_id
where
    customer_record.from_on <= as_of
    and as_of < customer_record.until_on
    and customer_record.recorded_at <= known_at
    and known_at < customer_record.retired_at;

-- One row per live policy version of a kind, by what was known at a moment. The rules a ledger starts with, of the year 2000,
-- hold for every date and moment before as well.
create or replace macro policy_at(policy_kind, as_of, known_at) as table
select
    policy.policy_id,
    policy.kind,
    policy.effective_on,
    policy.body,
    policy.reason,
    policy.review_on
from policy
where
    policy.kind = policy_kind
    and policy.effective_on <= greatest(as_of, date '2000-01-01')
    and policy.recorded_at <= greatest(known_at, timestamp '2000-01-01')
    and known_at < policy.retired_at
qualify row_number() over (order by policy.effective_on desc, policy.policy_id desc) = 1;

-- The currency in which amounts of several are compared, as the settings said on a date.
create or replace macro base_currency(as_of, known_at) as (
    select policy.body::json ->> '$.base_currency' from policy_at('settings', as_of, known_at) as policy
);
