-- name: bills_due
-- What agreements bring up to a day and nobody has drafted, billed or left out: one row per period, with what the period before it came to.
-- is_missed: a later period of the agreement is due as well. is_moved: its day lies in the closed books. is_voided: an invoice for it was voided.
with seen as (
    select period.*
    from unbilled_period($until::date) as period
    semi join visible_customer($actor_id::integer) as visible on period.customer_id = visible.customer_id
),

earlier as (
    select seen.agreement_id, seen.period_on, arg_max(draft.amount, draft.period_on) as last_amount
    from seen
    inner join invoice_draft as draft on seen.agreement_id = draft.agreement_id and draft.period_on < seen.period_on
    where draft.retired_at = timestamp '9999-12-31' and draft.amount > 0
    group by seen.agreement_id, seen.period_on
),

gone as (
    select distinct draft.agreement_id, draft.period_on
    from invoice_draft as draft
    where draft.retired_at < timestamp '9999-12-31' and draft.entry_id is not null
)

select
    seen.agreement_id,
    seen.customer_id,
    customer.name,
    customer.account_no,
    seen.title as agreement_title,
    seen.period_on,
    greatest(seen.period_on, closed_until() + 1) as on_date,
    due_by_own_terms(
        seen.customer_id, greatest(seen.period_on, closed_until() + 1), customer.terms_basis, customer.terms_days
    ) as due_on,
    seen.currency,
    agreed.amount,
    agreed.tax_amount,
    earlier.last_amount,
    (agreed.amount / earlier.last_amount - 1)::double as change_rate,
    row_number() over (partition by seen.agreement_id order by seen.period_on desc) > 1 as is_missed,
    coalesce(seen.period_on <= closed_until(), false) as is_moved,
    gone.agreement_id is not null as is_voided
from seen
inner join agreement_total() as agreed on seen.agreement_id = agreed.agreement_id
inner join customer_at($until::date, $known_at::timestamp) as customer on seen.customer_id = customer.customer_id
left join earlier on seen.agreement_id = earlier.agreement_id and seen.period_on = earlier.period_on
left join gone on seen.agreement_id = gone.agreement_id and seen.period_on = gone.period_on
order by seen.period_on, customer.name, seen.agreement_id;

-- name: drafts
-- Invoices in the making, oldest first, with what the agreement's period before came to.
with waiting as (
    select draft.*
    from invoice_draft as draft
    semi join visible_customer($actor_id::integer) as visible on draft.customer_id = visible.customer_id
    where draft.retired_at = timestamp '9999-12-31' and draft.entry_id is null and draft.amount > 0
),

earlier as (
    select waiting.draft_id, arg_max(draft.amount, draft.period_on) as last_amount
    from waiting
    inner join invoice_draft as draft on waiting.agreement_id = draft.agreement_id and draft.period_on < waiting.period_on
    where draft.retired_at = timestamp '9999-12-31' and draft.amount > 0
    group by waiting.draft_id
)

select
    waiting.draft_id,
    waiting.customer_id,
    customer.name,
    customer.account_no,
    agreement.title as agreement_title,
    waiting.agreement_id,
    waiting.period_on,
    waiting.on_date,
    coalesce(
        waiting.due_on, due_by_own_terms(waiting.customer_id, waiting.on_date, customer.terms_basis, customer.terms_days)
    ) as due_on,
    waiting.currency,
    waiting.amount,
    waiting.tax_amount,
    waiting.memo,
    waiting.lines,
    earlier.last_amount,
    (waiting.amount / earlier.last_amount - 1)::double as change_rate,
    coalesce(waiting.on_date <= closed_until(), false) as is_closed
from waiting
inner join customer_at(date '9999-12-30', $known_at::timestamp) as customer on waiting.customer_id = customer.customer_id
left join agreement on waiting.agreement_id = agreement.agreement_id and agreement.retired_at = timestamp '9999-12-31'
left join earlier on waiting.draft_id = earlier.draft_id
order by waiting.on_date, customer.name, waiting.draft_id;

-- name: agreements
-- What customers are billed again and again, with what one bill comes to and the day of the next one not yet drafted; ended ones last.
select
    agreement.agreement_id,
    agreement.customer_id,
    customer.name,
    customer.account_no,
    agreement.title as agreement_title,
    agreement.every_months,
    agreement.first_on,
    agreement.until_on,
    agreement.currency,
    agreement.tax_rate,
    agreement.memo,
    agreed.amount,
    billed.last_on,
    (agreement.first_on + to_months(
        (agreement.every_months * coalesce(billed.periods, 0))::integer
    ))::date as next_on,
    coalesce(agreement.until_on < $as_of::date, false) as is_ended
from agreement
inner join agreement_total() as agreed on agreement.agreement_id = agreed.agreement_id
inner join customer_at(date '9999-12-30', $known_at::timestamp) as customer on agreement.customer_id = customer.customer_id
left join (
    select draft.agreement_id, count(*) as periods, max(draft.period_on) as last_on
    from invoice_draft as draft
    where draft.retired_at = timestamp '9999-12-31'
    group by draft.agreement_id
) as billed on agreement.agreement_id = billed.agreement_id
semi join visible_customer($actor_id::integer) as visible on agreement.customer_id = visible.customer_id
where agreement.retired_at = timestamp '9999-12-31'
order by is_ended, customer.name, agreement.agreement_id;

-- name: agreement_lines
-- The lines of one agreement, in their order.
select
    agreement_line.description,
    agreement_line.quantity,
    agreement_line.unit_price,
    agreement_line.amount,
    agreement_line.product_no
from agreement_line
inner join agreement on agreement_line.agreement_id = agreement.agreement_id and agreement.retired_at = timestamp '9999-12-31'
semi join visible_customer($actor_id::integer) as visible on agreement.customer_id = visible.customer_id
where agreement_line.agreement_id = $agreement_id::bigint and agreement_line.retired_at = timestamp '9999-12-31'
order by agreement_line.record_id;

-- name: invoices
-- Invoices of the year before a date and older ones open or voided, the latest first, with what is open and where each stands: posted, sent, part_paid, paid, overdue, disputed or void.
-- invoice_id: that one, however old. The first that holds counts: void, paid, disputed, overdue, part_paid, sent, posted. invoice_state: only those. Of all that match, total_count.
with owed as materialized (
    select posting.invoice_id, sum(posting.amount) as amount
    from posting
    where
        posting.on_date <= $as_of::date
        and posting.recorded_at <= $known_at::timestamp
        and posting.invoice_id is not null
        and ($invoice_id::bigint is null or posting.invoice_id = $invoice_id::bigint)
        and ($customer_id::integer is null or posting.customer_id = $customer_id::integer)
    group by posting.invoice_id
    having sum(posting.amount) <> 0
),

issued as (
    select
        entry.entry_id,
        entry.customer_id,
        entry.doc_no,
        entry.on_date,
        entry.due_on,
        entry.currency,
        entry.amount,
        entry.tax_amount,
        false as is_void
    from entry
    where
        entry.kind = 'invoice'
        and entry.on_date <= $as_of::date
        and ($invoice_id::bigint is null or entry.entry_id = $invoice_id::bigint)
        and (
            entry.on_date > $as_of::date - 366
            or entry.entry_id = $invoice_id::bigint
            or entry.entry_id in (select owed.invoice_id from owed)
        )
        and entry.recorded_at <= $known_at::timestamp
        and $known_at::timestamp < entry.retired_at
        and ($currency::text is null or entry.currency = $currency::text)
        and ($customer_id::integer is null or entry.customer_id = $customer_id::integer)
    union all
    select
        entry.entry_id,
        entry.customer_id,
        entry.doc_no,
        entry.on_date,
        entry.due_on,
        entry.currency,
        entry.amount,
        entry.tax_amount,
        true as is_void
    from entry
    inner join audit on entry.retired_change = audit.change_id and audit.command = 'VoidInvoice'
    anti join (
        select live.entry_id
        from entry as live
        where
            live.retired_at = timestamp '9999-12-31'
            and live.entry_id in (select old.entry_id from entry as old where old.retired_at < timestamp '9999-12-31')
    ) as standing
        on entry.entry_id = standing.entry_id
    where
        entry.kind = 'invoice'
        and entry.on_date <= $as_of::date
        and entry.retired_at <= $known_at::timestamp
        and ($invoice_id::bigint is null or entry.entry_id = $invoice_id::bigint)
        and ($currency::text is null or entry.currency = $currency::text)
        and ($customer_id::integer is null or entry.customer_id = $customer_id::integer)
),

seen as (
    select issued.*
    from issued
    semi join chosen_customer(
        $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text, $segment::text,
        $customer_id::integer
    ) as customer on issued.customer_id = customer.customer_id
),

sent as (
    select message.entry_id, max(event.happened_at) as sent_at
    from message
    inner join message_event as event on message.message_id = event.message_id and event.retired_at = timestamp '9999-12-31'
    where message.kind = 'invoice' and message.retired_at = timestamp '9999-12-31' and event.state = 'sent'
    group by message.entry_id
),

disputed as (
    select distinct dispute.invoice_id
    from case_at($as_of::date, $known_at::timestamp) as dispute
    where dispute.kind = 'dispute' and dispute.is_open and dispute.invoice_id is not null
),

standing as (
    select
        seen.entry_id as invoice_id,
        seen.doc_no as invoice_no,
        seen.customer_id,
        seen.on_date,
        seen.due_on,
        seen.currency,
        seen.amount,
        seen.tax_amount,
        coalesce(owed.amount, 0)::decimal(18, 2) as open_amount,
        sent.sent_at,
        seen.is_void,
        case
            when seen.is_void then 'void'
            when coalesce(owed.amount, 0) = 0 then 'paid'
            when disputed.invoice_id is not null then 'disputed'
            when seen.due_on < $as_of::date then 'overdue'
            when owed.amount < seen.amount then 'part_paid'
            when sent.entry_id is not null then 'sent'
            else 'posted'
        end as invoice_state
    from seen
    left join owed on seen.entry_id = owed.invoice_id
    left join sent on seen.entry_id = sent.entry_id
    left join disputed on seen.entry_id = disputed.invoice_id
    where $invoice_state::text is null or invoice_state = $invoice_state::text
),

page as (
    select *
    from standing
    order by standing.on_date desc, standing.invoice_no desc, standing.invoice_id desc
    limit coalesce($limit::integer, 1000000)
    offset coalesce($offset::integer, 0)
)

select
    page.invoice_id,
    page.invoice_no,
    page.customer_id,
    customer.account_no as customer,
    customer.name,
    page.on_date,
    page.due_on,
    page.currency,
    page.amount,
    page.tax_amount,
    page.open_amount,
    page.invoice_state,
    page.sent_at,
    (select count(*) from standing)::integer as total_count
from page
inner join customer_at($as_of::date, $known_at::timestamp) as customer on page.customer_id = customer.customer_id
order by page.on_date desc, page.invoice_no desc, page.invoice_id desc;

-- name: money_on_account
-- Documents of one customer whose money on account is still there, the oldest first.
select free.entry_id, free.doc_no, free.kind, free.on_date, free.currency, free.amount
from left_on_account($customer_id::integer, $as_of::date, $known_at::timestamp) as free
semi join visible_customer($actor_id::integer) as visible on free.customer_id = visible.customer_id
where
    free.customer_id = $customer_id::integer
    and ($currency::text is null or free.currency = $currency::text)
order by free.on_date, free.entry_id;

-- name: money_to_settle
-- By currency, how many customers have both money on account and open invoices, and how much of the one could settle the other.
with standing as (
    select
        posting.customer_id,
        posting.currency,
        -coalesce(sum(posting.amount) filter (where posting.invoice_id is null), 0) as free_amount,
        coalesce(sum(posting.amount) filter (where posting.invoice_id is not null), 0) as open_amount
    from posting_at($as_of::date, $known_at::timestamp) as posting
    semi join visible_customer($actor_id::integer) as visible on posting.customer_id = visible.customer_id
    group by posting.customer_id, posting.currency
)

select
    standing.currency,
    count(*)::integer as count,
    sum(least(standing.free_amount, standing.open_amount))::decimal(18, 2) as amount
from standing
where standing.free_amount > 0 and standing.open_amount > 0
group by standing.currency
order by standing.currency;

-- name: number_gaps
-- House numbers without a live invoice, with who took it away and why; for who sees all also numbers that were never given: none, as they should be.
with rule as (
    select coalesce(settings.body::json ->> '$.invoice_prefix', 'INV-{year}-') as prefix
    from policy_at('settings', date '9999-12-30', $known_at::timestamp) as settings
),

numbered as (
    select
        entry.*,
        replace(rule.prefix, '{year}', year(entry.on_date)::text) as series,
        try_cast(substr(entry.doc_no, length(replace(rule.prefix, '{year}', year(entry.on_date)::text)) + 1) as bigint) as number
    from entry
    cross join rule
    where entry.kind = 'invoice' and starts_with(entry.doc_no, replace(rule.prefix, '{year}', year(entry.on_date)::text))
),

given as (
    select
        numbered.series,
        numbered.number,
        arg_max(numbered.doc_no, numbered.record_id) as doc_no,
        arg_max(numbered.customer_id, numbered.record_id) as customer_id,
        arg_max(numbered.on_date, numbered.record_id) as on_date,
        arg_max(numbered.amount, numbered.record_id) as amount,
        arg_max(numbered.currency, numbered.record_id) as currency,
        max(numbered.retired_at) as retired_at,
        max(numbered.retired_change) as retired_change
    from numbered
    where numbered.number > 0
    group by numbered.series, numbered.number
),

voided as (
    select given.*
    from given
    semi join visible_customer($actor_id::integer) as visible on given.customer_id = visible.customer_id
    where given.retired_at < timestamp '9999-12-31'
),

stretch as (
    select given.series, unnest(range(min(given.number), max(given.number) + 1)) as number
    from given
    where $sees_all::boolean
    group by given.series
)

select
    voided.doc_no,
    'void' as number_state,
    voided.customer_id,
    customer.name,
    voided.on_date,
    voided.currency,
    voided.amount,
    audit.made_at,
    author.name as made_by,
    audit.command,
    audit.detail::json ->> '$.reason' as reason
from voided
left join customer_at(date '9999-12-30', $known_at::timestamp) as customer on voided.customer_id = customer.customer_id
left join audit on voided.retired_change = audit.change_id
left join app_user as author on audit.user_id = author.user_id
union all
select
    stretch.series || stretch.number::text as doc_no,
    'missing' as number_state,
    null as customer_id,
    null as name,
    null as on_date,
    null as currency,
    null as amount,
    null as made_at,
    null as made_by,
    null as command,
    null as reason
from stretch
anti join given on stretch.series = given.series and stretch.number = given.number
order by doc_no;

-- name: closing
-- The last closed day with who closed the books and why; no row while they were never closed.
select
    (policy.body::json ->> '$.until')::date as until_on,
    policy.reason,
    policy.recorded_at as made_at,
    author.name as made_by
from policy
left join app_user as author on policy.recorded_by = author.user_id
where policy.kind = 'closing' and policy.retired_at = timestamp '9999-12-31'
order by policy.policy_id desc
limit 1;

-- name: due_by_terms
-- When a bill of a day is due for one customer if it says nothing itself: by special terms in force, else by the customer's own.
select
    due_by_own_terms(customer.customer_id, $on_date::date, customer.terms_basis, customer.terms_days) as due_on
from customer_record as customer
semi join visible_customer($actor_id::integer) as visible on customer.customer_id = visible.customer_id
where
    customer.customer_id = $customer_id::integer
    and customer.until_on = date '9999-12-31'
    and customer.retired_at = timestamp '9999-12-31';
