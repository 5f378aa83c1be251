-- name: search_customers
-- Customers whose name, pinyin initials or account number hold what was typed: exact ones first, then those that begin with it.
with found as (
    select
        customer.customer_id,
        customer.account_no,
        customer.name,
        customer.name_en,
        customer.initials,
        customer.owner_id,
        customer.region,
        customer.status,
        customer.book,
        case
            when lower(customer.account_no) = lower(trim($search::text)) or customer.name = trim($search::text) then 0
            when starts_with(lower(customer.account_no), lower(trim($search::text))) then 1
            when starts_with(customer.name_key, replace(lower(trim($search::text)), ' ', '')) then 1
            when starts_with(customer.initials, lower(trim($search::text))) then 2
            when contains(customer.name, trim($search::text)) then 3
            else 4
        end as rank_no
    from customer_record as customer
    where
        customer.until_on = date '9999-12-31'
        and customer.retired_at = timestamp '9999-12-31'
        and customer.status <> 'merged'
        and trim($search::text) <> ''
        and (
            contains(customer.name_key, replace(lower(trim($search::text)), ' ', ''))
            or contains(customer.initials, lower(trim($search::text)))
            or contains(customer.name, trim($search::text))
            or contains(lower(customer.account_no), lower(trim($search::text)))
            or contains(lower(customer.name_en), lower(trim($search::text)))
        )
),

-- Two branches of which the planner drops one: who sees all pays for no join.
seen as (
    select found.*
    from found
    where $sees_all::boolean
    union all
    select found.*
    from found
    semi join visible_customer($actor_id::integer) as visible on found.customer_id = visible.customer_id
    where not $sees_all::boolean
)

select
    seen.customer_id,
    seen.account_no,
    seen.name,
    seen.name_en,
    seen.initials,
    owner.name as owner_name,
    owner.team,
    seen.region,
    seen.status,
    seen.book
from seen
left join app_user as owner on seen.owner_id = owner.user_id
order by seen.rank_no, length(seen.name), seen.account_no
limit coalesce($limit::integer, 20);

-- name: customer_card
-- One customer as it was true on a date, with tax and bank numbers as far as the person may see them.
select
    customer.customer_id,
    customer.account_no,
    customer.name,
    customer.name_en,
    customer.kind,
    customer.book,
    customer.origin,
    customer.status,
    customer.owner_id,
    customer.owner_name,
    customer.team,
    customer.region,
    customer.industry,
    customer.size,
    customer.segment,
    customer.currency,
    customer.terms_days,
    customer.terms_basis,
    shown(customer.tax_no, present.secrecy, $actor_id::integer) as tax_no,
    shown(customer.bank_account, present.secrecy, $actor_id::integer) as bank_account,
    customer.secrecy,
    customer.note,
    (
        select min(entry.on_date)
        from entry_at($as_of::date, $known_at::timestamp) as entry
        where entry.customer_id = $customer_id::integer
    ) as first_on,
    (
        select max(activity.done_on)
        from activity_at($as_of::date, $known_at::timestamp) as activity
        where activity.customer_id = $customer_id::integer
    ) as last_touch_on
from customer_at($as_of::date, $known_at::timestamp) as customer
cross join (select secrecy_now($customer_id::integer) as secrecy) as present
semi join visible_customer($actor_id::integer) as visible on customer.customer_id = visible.customer_id
where customer.customer_id = $customer_id::integer;

-- name: customer_by_account
-- The customer behind an account number, the live one first.
select record.customer_id, record.account_no, record.name
from customer_record as record
semi join visible_customer($actor_id::integer) as visible on record.customer_id = visible.customer_id
where record.account_no = $account_no::text and record.retired_at = timestamp '9999-12-31'
order by record.status = 'merged', record.until_on desc, record.customer_id
limit 1;

-- name: customer_contacts
-- The people at one customer, as far as the person may see them; at a secret customer their names are hidden too.
select
    contact.contact_id,
    if(present.secrecy < 2, contact.name, shown(contact.name, present.secrecy, $actor_id::integer)) as name,
    contact.title,
    contact.role,
    shown(contact.phone, present.secrecy, $actor_id::integer) as phone,
    shown(contact.email, present.secrecy, $actor_id::integer) as email,
    shown(contact.wechat, present.secrecy, $actor_id::integer) as wechat,
    shown(contact.address, present.secrecy, $actor_id::integer) as address,
    contact.is_primary,
    contact.language,
    contact.do_not_contact
from contact
inner join customer_at($as_of::date, $known_at::timestamp) as customer on contact.customer_id = customer.customer_id
cross join (select secrecy_now($customer_id::integer) as secrecy) as present
semi join visible_customer($actor_id::integer) as visible on contact.customer_id = visible.customer_id
where
    contact.customer_id = $customer_id::integer
    and contact.recorded_at <= $known_at::timestamp
    and $known_at::timestamp < contact.retired_at
order by contact.is_primary desc, contact.contact_id;

-- name: customer_timeline
-- Everything dated about one customer, the latest first. event says what it is; thing_id leads to the document, case or task.
-- The customer's documents and money lines are picked out once, under the names by which the parts know them all.
with posting as materialized (
    select posting.*
    from main.posting
    where posting.customer_id = $customer_id::integer
),

entry as materialized (
    select entry.*
    from main.entry
    where entry.customer_id = $customer_id::integer
),

who as (
    select visible.customer_id
    from visible_customer($actor_id::integer) as visible
    where visible.customer_id = $customer_id::integer
),

record as (
    select
        record.*,
        lag(record.name) over told as old_name,
        lag(record.owner_id) over told as old_owner_id,
        lag(record.region) over told as old_region,
        lag(record.segment) over told as old_segment,
        lag(record.status) over told as old_status,
        lag(record.book) over told as old_book,
        lag(record.terms_days) over told as old_terms_days,
        lag(record.terms_basis) over told as old_terms_basis
    from customer_record as record
    where
        record.customer_id = $customer_id::integer
        and record.recorded_at <= $known_at::timestamp
        and $known_at::timestamp < record.retired_at
    window told as (order by record.from_on)
),

changed as (
    select record.from_on, 'name' as field, record.old_name as old_value, record.name as new_value from record
    union all
    select record.from_on, 'region' as field, record.old_region as old_value, record.region as new_value from record
    union all
    select record.from_on, 'segment' as field, record.old_segment as old_value, record.segment as new_value from record
    union all
    select record.from_on, 'status' as field, record.old_status as old_value, record.status as new_value from record
    union all
    select record.from_on, 'book' as field, record.old_book as old_value, record.book as new_value from record
    union all
    select
        record.from_on,
        'terms_days' as field,
        nullif(concat_ws(' ', nullif(record.old_terms_basis, 'net'), record.old_terms_days), '') as old_value,
        nullif(concat_ws(' ', nullif(record.terms_basis, 'net'), record.terms_days), '') as new_value
    from record
    union all
    select record.from_on, 'owner_name' as field, old_owner.name as old_value, owner.name as new_value
    from record
    left join app_user as old_owner on record.old_owner_id = old_owner.user_id
    left join app_user as owner on record.owner_id = owner.user_id
),

dated as (
    select
        entry.on_date,
        entry.kind as event,
        entry.doc_no as title,
        entry.memo as detail,
        entry.amount,
        entry.currency,
        null as state,
        'entry' as thing,
        entry.entry_id as thing_id
    from entry_at($as_of::date, $known_at::timestamp) as entry
    where entry.customer_id = $customer_id::integer
    union all
    select
        settled.settled_on as on_date,
        'settled' as event,
        entry.doc_no as title,
        null as detail,
        entry.amount,
        entry.currency,
        null as state,
        'entry' as thing,
        entry.entry_id as thing_id
    from settled_invoice_of($customer_id::integer, $as_of::date, $known_at::timestamp) as settled
    inner join entry_at($as_of::date, $known_at::timestamp) as entry on settled.invoice_id = entry.entry_id
    where settled.customer_id = $customer_id::integer and entry.customer_id = $customer_id::integer
    union all
    select
        promise.made_on as on_date,
        'promise' as event,
        strftime(promise.due_on, '%Y-%m-%d') as title,
        promise.note as detail,
        promise.amount,
        promise.currency,
        promise.result as state,
        'promise' as thing,
        promise.promise_id as thing_id
    from promise_of([$customer_id::integer], $as_of::date, $known_at::timestamp) as promise
    union all
    select
        coalesce(activity.done_on, activity.on_date) as on_date,
        activity.kind as event,
        activity.subject as title,
        if(
            (activity.kind <> 'reminder' and activity.source_kind is distinct from 'call_back') or secrecy_now(activity.customer_id) < 2,
            activity.body,
            shown(activity.body, secrecy_now(activity.customer_id), $actor_id::integer)
        ) as detail,
        null as amount,
        null as currency,
        if(activity.kind = 'interaction', activity.outcome, if(activity.done_on is null, 'open', 'done')) as state,
        'activity' as thing,
        activity.activity_id as thing_id
    from activity_at($as_of::date, $known_at::timestamp) as activity
    where activity.customer_id = $customer_id::integer
    union all
    select
        answer.on_date,
        answer.metric as event,
        format('{:g}', answer.score::double) as title,
        answer.comment as detail,
        null as amount,
        null as currency,
        if(answer.is_low, 'low', null) as state,
        'feedback' as thing,
        answer.feedback_id as thing_id
    from answer_at($as_of::date, $known_at::timestamp) as answer
    where answer.customer_id = $customer_id::integer
    union all
    select
        case_file.on_date,
        case_file.kind as event,
        case_file.subject as title,
        case_file.body as detail,
        case_file.amount,
        case_file.currency,
        case_file.state,
        'case' as thing,
        case_file.case_id as thing_id
    from case_at($as_of::date, $known_at::timestamp) as case_file
    where case_file.customer_id = $customer_id::integer
    union all
    select
        changed.from_on as on_date,
        'attribute' as event,
        changed.field as title,
        concat(coalesce(changed.old_value, '—'), ' → ', coalesce(changed.new_value, '—')) as detail,
        null as amount,
        null as currency,
        null as state,
        'customer' as thing,
        $customer_id::bigint as thing_id
    from changed
    where
        changed.from_on > date '0001-01-01'
        and changed.from_on <= $as_of::date
        and changed.old_value is distinct from changed.new_value
)

select
    dated.on_date,
    dated.event,
    dated.title,
    dated.detail,
    dated.amount,
    dated.currency,
    dated.state,
    dated.thing,
    dated.thing_id
from dated
cross join (select distinct who.customer_id from who) as seen
where $event::text is null or dated.event = $event::text
order by dated.on_date desc, dated.thing, dated.thing_id desc, dated.event desc
limit coalesce($limit::integer, 1000);


-- name: takers
-- Who can look after customers: active people whose role does and whose customers one sees oneself, with how many each looks after.
select
    person.user_id,
    person.name as person_name,
    person.team,
    (
        select count(*)
        from customer_record as record
        where
            record.owner_id = person.user_id
            and record.until_on = date '9999-12-31'
            and record.retired_at = timestamp '9999-12-31'
            and record.status = 'active'
    ) as customers
from app_user as person
where
    person.user_id > 0
    and person.is_active
    and list_contains($roles::text[], person.role)
    and sees_owner(person.user_id, $actor_id::integer)
order by person.team nulls last, person.name, person.user_id;

-- name: fellow_customers
-- The other customers of the account manager one customer has.
select fellow.customer_id, fellow.name
from customer_at($as_of::date, $known_at::timestamp) as customer
inner join customer_at($as_of::date, $known_at::timestamp) as fellow
    on customer.owner_id = fellow.owner_id and customer.customer_id <> fellow.customer_id
semi join visible_customer($actor_id::integer) as visible on fellow.customer_id = visible.customer_id
where
    customer.customer_id = $customer_id::integer
    and is_visible(customer.customer_id, $actor_id::integer)
    and fellow.status <> 'merged'
order by fellow.customer_id;
