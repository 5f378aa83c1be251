-- name: worklist
-- Customers with overdue money in one currency, most money times days late times likelihood of paying first.
-- view: todo (a reminder or call is due, or a promise was broken since the last touch), waiting (nothing due yet),
-- held (by a promise, plan, dispute or hold), done (spoken to today); null is all.
-- Of all rows that match, total_count; how many stand in each view whatever was asked. Only who has a reminder, promise, plan, dispute or hold needs the ladder looked up:
-- anyone else overdue has its first level due.
with late as (
    select
        posting.customer_id,
        sum(posting.amount) as overdue_amount,
        sum(posting.amount::double * ($as_of::date - posting.due_on)) as money_days
    from chosen_posting(
        $actor_id::integer, $sees_all::boolean, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text,
        $region::text, $segment::text, null::integer, $currency::text
    ) as posting
    where posting.due_on < $as_of::date and $currency::text is not null
    group by posting.customer_id
    having sum(posting.amount) > 0
),

rule as (
    select rule.* from ladder_rule($as_of::date, $known_at::timestamp) as rule
),

follow_up as (
    select activity.customer_id, min(activity.due_on) as due_on
    from activity
    where
        activity.kind = 'task'
        and activity.source_kind = 'collect'
        and activity.on_date <= $as_of::date
        and coalesce(activity.done_on > $as_of::date, true)
        and activity.recorded_at <= $known_at::timestamp
        and $known_at::timestamp < activity.retired_at
    group by activity.customer_id
),

special as (
    select mark.customer_id from ladder_mark_at($as_of::date, $known_at::timestamp) as mark
    union
    select dispute.customer_id
    from case_at($as_of::date, $known_at::timestamp) as dispute
    where dispute.kind = 'dispute' and dispute.is_open
    union
    select plan.customer_id from plan where plan.retired_at > $known_at::timestamp
    union
    select promise.customer_id from promise where promise.due_on >= $as_of::date and promise.retired_at > $known_at::timestamp
    union
    select hold.customer_id from hold where hold.until_on >= $as_of::date and hold.retired_at > $known_at::timestamp
    union
    select follow_up.customer_id from follow_up
    union
    select late.customer_id
    from late
    where (select rule.offsets[1] from rule) > 1
),

today as (
    select distinct activity.customer_id
    from activity_at($as_of::date, $known_at::timestamp) as activity
    where activity.done_on = $as_of::date and (activity.kind = 'reminder' or activity.outcome is not null)
),

weighed as (
    select
        late.*,
        follow_up.due_on as follow_on,
        likely.likelihood,
        likely.fell,
        likely.paid,
        likely.class_rate,
        late.money_days * coalesce(likely.likelihood, 1) as weight,
        special.customer_id is not null as is_special,
        today.customer_id is not null as is_done,
        late.overdue_amount < rule.smallest_amount as is_small
    from late
    cross join rule
    left join likelihood_at(
        $actor_id::integer, $sees_all::boolean, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text,
        $region::text, $segment::text, $currency::text
    ) as likely on late.customer_id = likely.customer_id
    left join special on late.customer_id = special.customer_id
    left join today on late.customer_id = today.customer_id
    left join follow_up on late.customer_id = follow_up.customer_id
),

candidate as (
    select weighed.customer_id
    from weighed
    qualify
        weighed.is_special
        or weighed.customer_id = $customer_id::integer
        or row_number() over (
            partition by weighed.is_special, weighed.is_done, weighed.is_small order by weighed.weight desc, weighed.customer_id
        ) <= coalesce($limit::integer, 1000000) + coalesce($offset::integer, 0)
),

looked_up as (
    select debtor.*
    from debtor_of((select list(candidate.customer_id) from candidate), $as_of::date, $known_at::timestamp) as debtor
    where debtor.currency = $currency::text
),

placed as (
    select
        weighed.*,
        case
            when weighed.is_done then 'done'
            when weighed.follow_on > $as_of::date then 'waiting'
            when weighed.follow_on is not null then 'todo'
            when weighed.is_special and looked_up.code in ('hold', 'promise', 'plan', 'dispute') then 'held'
            when looked_up.last_promise in ('partly', 'broken') and looked_up.last_promise_on >= looked_up.last_touch_on then 'todo'
            when weighed.is_special and looked_up.code <> 'due' then 'waiting'
            when not weighed.is_special and weighed.is_small then 'waiting'
            else 'todo'
        end as view
    from weighed
    left join looked_up on weighed.customer_id = looked_up.customer_id
),

tally as (
    select
        count(*) filter (where $view::text is null or placed.view = $view::text) as total_count,
        count(*) filter (where placed.view = 'todo') as todo_count,
        sum(placed.overdue_amount) filter (where placed.view = 'todo') as todo_amount,
        count(*) filter (where placed.view = 'waiting') as waiting_count,
        count(*) filter (where placed.view = 'held') as held_count,
        count(*) filter (where placed.view = 'done') as done_count
    from placed
),

ranked as (
    select placed.*
    from placed
    where
        ($view::text is null or placed.view = $view::text)
        and ($customer_id::integer is null or placed.customer_id = $customer_id::integer)
    order by placed.weight desc, placed.customer_id
    limit coalesce($limit::integer, 1000000)
    offset coalesce($offset::integer, 0)
)

select
    ranked.customer_id,
    customer.account_no,
    customer.name,
    customer.owner_id,
    customer.owner_name,
    customer.team,
    customer.region,
    looked_up.* exclude (customer_id, is_late_payer),
    ranked.likelihood as likelihood_rate,
    ranked.fell::integer as fell,
    ranked.paid::integer as paid,
    ranked.class_rate,
    ranked.weight,
    ranked.view,
    ranked.follow_on,
    tally.total_count::integer as total_count,
    tally.todo_count::integer as todo_count,
    coalesce(tally.todo_amount, 0)::decimal(18, 2) as todo_amount,
    tally.waiting_count::integer as waiting_count,
    tally.held_count::integer as held_count,
    tally.done_count::integer as done_count
from ranked
cross join tally
inner join chosen_customer(
    $actor_id::integer, $as_of::date, $known_at::timestamp, null::integer, null::text, null::text, null::text, null::integer
) as customer on ranked.customer_id = customer.customer_id
inner join looked_up on ranked.customer_id = looked_up.customer_id
order by ranked.weight desc, ranked.customer_id;

-- name: due_soon
-- Customers with nothing overdue and money due within the days the ladder looks ahead, those due a reminder first: as rows of the worklist.
with rule as (
    select rule.offsets[1] as first_day from ladder_rule($as_of::date, $known_at::timestamp) as rule
),

owing as (
    select
        posting.customer_id,
        sum(posting.amount) filter (where posting.due_on < $as_of::date) as late_amount,
        sum(posting.amount) filter (where posting.due_on between $as_of::date and $as_of::date - rule.first_day) as soon_amount
    from chosen_posting(
        $actor_id::integer, $sees_all::boolean, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text,
        $region::text, $segment::text, null::integer, $currency::text
    ) as posting
    cross join rule
    where posting.due_on <= $as_of::date - rule.first_day and $currency::text is not null and rule.first_day <= 0
    group by posting.customer_id
),

candidate as (
    select list(owing.customer_id) as about
    from owing
    where coalesce(owing.late_amount, 0) <= 0 and owing.soon_amount > 0
)

select
    debtor.customer_id,
    customer.account_no,
    customer.name,
    customer.owner_id,
    customer.owner_name,
    customer.team,
    customer.region,
    debtor.* exclude (customer_id, is_late_payer),
    ($as_of::date - debtor.days)::date as due_on,
    null::double as likelihood_rate,
    null::integer as fell,
    null::integer as paid,
    null::double as class_rate,
    'soon' as view,
    null::date as follow_on
from debtor_of((select candidate.about from candidate), $as_of::date, $known_at::timestamp) as debtor
inner join chosen_customer(
    $actor_id::integer, $as_of::date, $known_at::timestamp, null::integer, null::text, null::text, null::text, null::integer
) as customer on debtor.customer_id = customer.customer_id
where debtor.currency = $currency::text and debtor.days <= 0 and debtor.asked_amount > 0
order by debtor.code = 'due' desc, debtor.days desc, debtor.asked_amount desc, debtor.customer_id;

-- name: letters_to_print
-- Reminders that went out as letters since a day, the latest first, with their text.
select
    activity.activity_id,
    activity.customer_id,
    customer.account_no,
    customer.name,
    activity.done_on as on_date,
    activity.subject,
    activity.body
from activity_at($as_of::date, $known_at::timestamp) as activity
inner join customer_at($as_of::date, $known_at::timestamp) as customer on activity.customer_id = customer.customer_id
semi join visible_customer($actor_id::integer) as visible on activity.customer_id = visible.customer_id
where activity.kind = 'reminder' and activity.channel = 'letter' and activity.done_on > $since::date and activity.body is not null
order by activity.done_on desc, activity.activity_id desc;

-- name: debts
-- What one customer may be asked to pay, oldest first: invoices with what is disputed, or instalments of a running plan.
select
    debt.customer_id,
    debt.currency,
    debt.anchor,
    debt.invoice_id,
    debt.promise_id,
    debt.invoice_no,
    debt.on_date,
    debt.place,
    debt.places,
    debt.due_on,
    debt.open_amount,
    debt.disputed_amount,
    debt.is_planned,
    debt.days_overdue
from debt_line_of([$customer_id::integer], $as_of::date, $known_at::timestamp) as debt
semi join visible_customer($actor_id::integer) as visible on debt.customer_id = visible.customer_id
where $currency::text is null or debt.currency = $currency::text
order by debt.due_on, debt.anchor;

-- name: thanks_due
-- Customers reminded in the last 90 days whose overdue money has all come in, the last of it in the last two weeks, not thanked since.
with paid as (
    select
        posting.customer_id,
        posting.currency,
        max(posting.on_date) as paid_on,
        -sum(posting.amount) as paid_amount
    from posting_at($as_of::date, $known_at::timestamp) as posting
    where
        posting.kind = 'payment'
        and posting.on_date > $as_of::date - 14
        and ($currency::text is null or posting.currency = $currency::text)
    group by posting.customer_id, posting.currency
    having sum(posting.amount) < 0
),

reminded as (
    select mark.customer_id, mark.currency, max(mark.on_date) as reminded_on
    from ladder_mark_at($as_of::date, $known_at::timestamp) as mark
    where mark.on_date > $as_of::date - 90
    group by mark.customer_id, mark.currency
),

thanked as (
    select message.customer_id, message.currency, max(message.on_date) as on_date
    from message
    where message.kind = 'thanks' and message.on_date <= $as_of::date and message.retired_at > $known_at::timestamp
    group by message.customer_id, message.currency
),

late as (
    select posting.customer_id, posting.currency
    from posting_at($as_of::date, $known_at::timestamp) as posting
    where posting.due_on < $as_of::date and posting.customer_id in (select reminded.customer_id from reminded)
    group by posting.customer_id, posting.currency
    having sum(posting.amount) > 0
)

select
    paid.customer_id,
    customer.account_no,
    customer.name,
    customer.owner_name,
    paid.currency,
    paid.paid_amount::decimal(18, 2) as paid_amount,
    paid.paid_on,
    reminded.reminded_on as last_reminded_on
from paid
inner join reminded on paid.customer_id = reminded.customer_id and paid.currency = reminded.currency
inner join chosen_customer(
    $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text,
    $segment::text, null::integer
) as customer on paid.customer_id = customer.customer_id
left join thanked on paid.customer_id = thanked.customer_id and paid.currency is not distinct from thanked.currency
anti join late on paid.customer_id = late.customer_id and paid.currency = late.currency
where paid.paid_on >= reminded.reminded_on and coalesce(thanked.on_date < reminded.reminded_on, true)
order by paid.paid_amount desc, paid.customer_id;

-- name: disputes
-- What customers dispute, open ones first, those due soonest on top: the case, its clock and what it came to.
select
    dispute.case_id,
    dispute.customer_id,
    customer.account_no,
    customer.name,
    dispute.invoice_id,
    invoice.doc_no as invoice_no,
    dispute.amount as disputed_amount,
    dispute.currency,
    dispute.cause as dispute_reason,
    dispute.body as note,
    dispute.state,
    dispute.is_open,
    dispute.on_date,
    dispute.due_on,
    dispute.closed_on,
    (coalesce(dispute.closed_on, $as_of::date) - dispute.on_date)::integer as open_days,
    dispute.is_open and dispute.due_on < $as_of::date as is_late,
    owner.name as owner_name
from case_at($as_of::date, $known_at::timestamp) as dispute
inner join chosen_customer(
    $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text,
    $segment::text, $customer_id::integer
) as customer on dispute.customer_id = customer.customer_id
left join entry_at($as_of::date, $known_at::timestamp) as invoice on dispute.invoice_id = invoice.entry_id
left join app_user as owner on dispute.owner_id = owner.user_id
where dispute.kind = 'dispute'
order by dispute.is_open desc, dispute.due_on, dispute.case_id;

-- name: plans
-- Instalment plans, those that run first: what was agreed, what was paid, what is due next and what became of it.
select
    plan.plan_id,
    plan.customer_id,
    customer.account_no,
    customer.name,
    plan.currency,
    plan.made_on,
    plan.amount,
    plan.instalments,
    plan.paid_amount,
    plan.next_on,
    plan.next_amount,
    plan.broken_on,
    plan.state,
    plan.note
from plan_of(
    (select list(distinct plan.customer_id) from plan where $customer_id::integer is null or plan.customer_id = $customer_id::integer),
    $as_of::date,
    $known_at::timestamp
) as plan
inner join chosen_customer(
    $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text,
    $segment::text, $customer_id::integer
) as customer on plan.customer_id = customer.customer_id
order by plan.state = 'running' desc, plan.made_on desc, plan.plan_id;

-- name: holds
-- Reminders on hold on a date: whose, until when and why.
select
    hold.hold_id,
    hold.customer_id,
    customer.account_no,
    customer.name,
    hold.from_on,
    hold.until_on,
    hold.reason
from hold
inner join chosen_customer(
    $actor_id::integer, $as_of::date, $known_at::timestamp, null::integer, null::text, null::text, null::text, $customer_id::integer
) as customer on hold.customer_id = customer.customer_id
where
    hold.from_on <= $as_of::date
    and hold.until_on >= $as_of::date
    and hold.recorded_at <= $known_at::timestamp
    and $known_at::timestamp < hold.retired_at
order by hold.until_on, hold.hold_id;

-- name: promise_keeping
-- Of the promises due in the last 365 days, instalments included: how many were kept in full, and how much of the money came in.
-- by: customer, or collector (who recorded the promise first). Cancelled ones do not count, those due today come later.
with author as (
    select promise.promise_id, arg_min(promise.recorded_by, promise.record_id) as user_id
    from promise
    group by promise.promise_id
),

judged as (
    select
        customer.name as customer_name,
        customer.account_no,
        if($by::text = 'collector', author.user_id, promise.customer_id) as part_id,
        coalesce(app_user.name, '') as collector_name,
        promise.currency,
        promise.amount,
        least(promise.received_amount, promise.amount) as received_amount,
        promise.result
    from promise_of(
        if($customer_id::integer is null, null, [$customer_id::integer]), $as_of::date, $known_at::timestamp
    ) as promise
    inner join chosen_customer(
        $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text,
        $segment::text, $customer_id::integer
    ) as customer on promise.customer_id = customer.customer_id
    inner join author on promise.promise_id = author.promise_id
    left join app_user on author.user_id = app_user.user_id
    where
        promise.result in ('kept', 'partly', 'broken')
        and promise.due_on <= $as_of::date
        and promise.due_on > $as_of::date - 365
        and ($currency::text is null or promise.currency = $currency::text)
)

select
    judged.part_id,
    if($by::text = 'collector', any_value(judged.collector_name), any_value(judged.customer_name)) as label,
    judged.currency,
    count(*)::integer as judged,
    (count(*) filter (where judged.result = 'kept'))::integer as kept,
    sum(judged.amount)::decimal(18, 2) as promised_amount,
    sum(judged.received_amount)::decimal(18, 2) as received_amount
from judged
group by judged.part_id, judged.currency
order by judged, label, judged.part_id, judged.currency;

-- name: ladder_policy
-- The reminder ladder in force on a date: which version, since when, and its levels as JSON.
select policy.policy_id, policy.effective_on, policy.body, policy.reason
from policy_at('reminders', $as_of::date, $known_at::timestamp) as policy;
