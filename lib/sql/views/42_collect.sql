-- One row per instalment of a plan made by a date, with the money that reached it: by the day it was due and the days of
-- grace that also make an invoice count as paid on time (policy 'classification'), and by now. about: a list of the customers wanted.
create or replace macro instalment_of(about, as_of, known_at) as table
with part as (
    select
        promise.promise_id,
        promise.plan_id,
        promise.customer_id,
        promise.currency,
        promise.made_on,
        promise.due_on,
        promise.amount,
        sum(promise.amount) over (partition by promise.plan_id order by promise.due_on, promise.promise_id) - promise.amount as amount_before,
        promise.due_on + (select rule.grace_days from classification_rule(null::text, as_of, known_at) as rule) as grace_until
    from promise
    where
        promise.plan_id is not null
        and promise.made_on <= as_of
        and coalesce(promise.cancelled_on > as_of, true)
        and promise.recorded_at <= known_at
        and known_at < promise.retired_at
        and promise.customer_id in (select unnest(about))
),

came as (
    select
        part.promise_id,
        sum(-posting.amount) as amount,
        sum(-posting.amount) filter (where posting.on_date <= part.grace_until) as in_time_amount
    from part
    inner join posting
        on part.customer_id = posting.customer_id and part.currency = posting.currency and posting.on_date >= part.made_on
    where posting.kind = 'payment' and posting.on_date <= as_of and posting.recorded_at <= known_at
    group by part.promise_id
)

select
    part.promise_id,
    part.plan_id,
    part.customer_id,
    part.currency,
    part.due_on,
    part.grace_until,
    part.amount,
    least(part.amount, greatest(0, coalesce(came.amount, 0) - part.amount_before))::decimal(18, 2) as paid_amount,
    part.grace_until < as_of and coalesce(came.in_time_amount, 0) < part.amount_before + part.amount as is_broken
from part
left join came on part.promise_id = came.promise_id;

-- One row per instalment plan made by a date, with what was paid and what became of it: running, kept, broken by its first
-- instalment not paid in full within the days of grace, or cancelled. about: as above.
create or replace macro plan_of(about, as_of, known_at) as table
with parts as (
    select
        part.plan_id,
        count(*) as instalments,
        sum(part.paid_amount) as paid_amount,
        min(part.due_on) filter (where part.paid_amount < part.amount) as next_on,
        arg_min(part.amount - part.paid_amount, part.due_on) filter (where part.paid_amount < part.amount) as next_amount,
        min(part.grace_until + 1) filter (where part.is_broken) as broken_on
    from instalment_of(about, as_of, known_at) as part
    group by part.plan_id
)

select
    plan.plan_id,
    plan.customer_id,
    plan.currency,
    plan.made_on,
    plan.amount,
    plan.note,
    coalesce(parts.instalments, 0)::integer as instalments,
    coalesce(parts.paid_amount, 0)::decimal(18, 2) as paid_amount,
    parts.next_on,
    parts.next_amount::decimal(18, 2) as next_amount,
    parts.broken_on,
    case
        when plan.cancelled_on <= as_of then 'cancelled'
        when parts.broken_on is not null then 'broken'
        when parts.paid_amount >= plan.amount then 'kept'
        else 'running'
    end as state
from plan
left join parts on plan.plan_id = parts.plan_id
where
    plan.made_on <= as_of
    and plan.recorded_at <= known_at
    and known_at < plan.retired_at
    and plan.customer_id in (select unnest(about));

-- One row per reminder level done by a date: for which debt (anchor) and when. Read from what marks a reminder as unique,
-- 'ladder:<customer>:<currency>:<level>:<anchor>' (`lib/domain/ladder.py`).
-- Null is taken out first: DuckDB 2.0.0 cannot bind a text function on a column it knows to hold nothing but nulls.
create or replace macro ladder_mark_at(as_of, known_at) as table
with reminder as (
    select activity.customer_id, coalesce(activity.ref, '') as ref, activity.done_on
    from activity
    where
        activity.kind = 'reminder'
        and activity.done_on <= as_of
        and activity.recorded_at <= known_at
        and known_at < activity.retired_at
)

select
    reminder.customer_id,
    split_part(reminder.ref, ':', 3) as currency,
    split_part(reminder.ref, ':', 4)::integer as level,
    split_part(reminder.ref, ':', 5) as anchor,
    reminder.done_on as on_date
from reminder
where starts_with(reminder.ref, 'ladder:');

-- One row per thing a customer may be asked to pay: an open invoice without its disputed part, or, while a plan runs, an
-- instalment in place of the invoices it is about (the oldest that were open the day it was made, up to its amount).
-- anchor: the invoice_id, or p and the promise_id. about: a list of the customers wanted.
create or replace macro debt_of(about, as_of, known_at) as table
with invoice as (
    select
        posting.customer_id, posting.currency, posting.invoice_id, any_value(posting.due_on) as due_on, sum(posting.amount) as open_amount
    from posting
    where
        posting.invoice_id is not null
        and posting.on_date <= as_of
        and posting.recorded_at <= known_at
        and posting.customer_id in (select unnest(about))
    group by posting.customer_id, posting.currency, posting.invoice_id
    having sum(posting.amount) > 0
),

disputed as (
    select dispute.invoice_id, sum(dispute.amount) as amount, count(*) - count(dispute.amount) as whole
    from case_at(as_of, known_at) as dispute
    where dispute.kind = 'dispute' and dispute.is_open and dispute.invoice_id is not null
    group by dispute.invoice_id
),

running as (
    select plan.plan_id, plan.customer_id, plan.currency, plan.made_on, plan.amount
    from plan_of(about, as_of, known_at) as plan
    where plan.state = 'running'
),

stood as (
    select running.plan_id, running.amount as plan_amount, posting.invoice_id, posting.due_on, sum(posting.amount) as amount
    from running
    inner join posting
        on running.customer_id = posting.customer_id and running.currency = posting.currency and posting.on_date <= running.made_on
    where posting.invoice_id is not null and posting.recorded_at <= known_at
    group by running.plan_id, running.amount, posting.invoice_id, posting.due_on
    having sum(posting.amount) > 0
),

planned as (
    select stood.invoice_id
    from stood
    qualify sum(stood.amount) over (partition by stood.plan_id order by stood.due_on, stood.invoice_id) - stood.amount < stood.plan_amount
)

select
    invoice.customer_id,
    invoice.currency,
    invoice.invoice_id,
    null::bigint as promise_id,
    invoice.invoice_id::text as anchor,
    invoice.due_on,
    invoice.open_amount::decimal(18, 2) as open_amount,
    case
        when disputed.whole > 0 then invoice.open_amount
        else least(invoice.open_amount, coalesce(disputed.amount, 0))
    end::decimal(18, 2) as disputed_amount,
    invoice.invoice_id in (select planned.invoice_id from planned) as is_planned
from invoice
left join disputed on invoice.invoice_id = disputed.invoice_id
union all
select
    instalment.customer_id,
    instalment.currency,
    null::bigint as invoice_id,
    instalment.promise_id,
    'p' || instalment.promise_id as anchor,
    instalment.due_on,
    (instalment.amount - instalment.paid_amount)::decimal(18, 2) as open_amount,
    0::decimal(18, 2) as disputed_amount,
    false as is_planned
from instalment_of(about, as_of, known_at) as instalment
where instalment.plan_id in (select running.plan_id from running) and instalment.paid_amount < instalment.amount;

-- One row per such thing as a letter names it: the invoice's number, or which instalment of how many. about: as above.
create or replace macro debt_line_of(about, as_of, known_at) as table
with part as (
    select
        instalment.promise_id,
        row_number() over (partition by instalment.plan_id order by instalment.due_on, instalment.promise_id) as place,
        count(*) over (partition by instalment.plan_id) as places
    from instalment_of(about, as_of, known_at) as instalment
)

select
    debt.customer_id,
    debt.currency,
    debt.anchor,
    debt.invoice_id,
    debt.promise_id,
    invoice.doc_no as invoice_no,
    invoice.on_date,
    part.place::integer as place,
    part.places::integer as places,
    debt.due_on,
    debt.open_amount,
    debt.disputed_amount,
    debt.is_planned,
    days_overdue(debt.due_on, as_of)::integer as days_overdue
from debt_of(about, as_of, known_at) as debt
left join entry_at(as_of, known_at) as invoice on debt.invoice_id = invoice.entry_id
left join part on debt.promise_id = part.promise_id;

-- One row: the reminder ladder asked for as JSON, else the one in force; its levels in rising order.
create or replace macro ladder_rule(as_of, known_at, wanted_rules := null::text) as table
with held as (
    select policy.policy_id, policy.effective_on, coalesce(wanted_rules, policy.body)::json as body
    from policy_at('reminders', as_of, known_at) as policy
),

rule as (
    select held.*, list_sort(from_json(held.body -> 'levels', '[{"days": "integer", "level": "integer"}]')) as levels
    from held
)

select
    rule.policy_id,
    rule.effective_on,
    list_transform(rule.levels, lambda one: one.days) as offsets,
    list_transform(rule.levels, lambda one: one.level) as levels,
    (rule.body ->> '$.gap_days')::integer as gap_days,
    (rule.body ->> '$.smallest_amount')::decimal(18, 2) as smallest_amount,
    (rule.body ->> '$.late_habit_earlier')::integer as late_habit_earlier
from rule;

-- One row per customer and currency with something open: where the money stands, what was promised, when somebody last spoke to
-- them, and what the reminder ladder says, as `lib/domain/ladder.py` does. invoices: those overdue; unallocated_amount is negative,
-- so the amounts add up to the balance. code: due, or what stops it until until_on; level: the one that is due.
-- about: a list of the customers wanted. wanted_rules: as if this ladder were in force.
-- Their money lines are picked out once, under the name by which the macros within know them all.
create or replace macro debtor_of(about, as_of, known_at, wanted_rules := null::text) as table
with posting as materialized (
    select posting.*
    from main.posting
    where posting.on_date <= as_of and posting.recorded_at <= known_at and posting.customer_id in (select unnest(about))
),

debt as (
    select debt.*, debt.open_amount - debt.disputed_amount as amount, not debt.is_planned and debt.open_amount > debt.disputed_amount as is_asked
    from debt_of(about, as_of, known_at) as debt
),

position as (
    select
        debt.customer_id,
        debt.currency,
        arg_min(debt.anchor, (debt.due_on, length(debt.anchor), debt.anchor)) filter (where debt.is_asked) as anchor,
        min(debt.due_on) filter (where debt.is_asked) as due_on,
        bool_or(debt.disputed_amount > 0) as has_dispute,
        bool_or(debt.is_planned or debt.promise_id is not null) as has_plan,
        max(days_overdue(debt.due_on, as_of)) filter (where debt.promise_id is null) as max_days,
        count(*) filter (where debt.due_on < as_of and debt.promise_id is null) as invoices,
        sum(debt.open_amount) filter (where debt.due_on < as_of and debt.promise_id is null) as overdue_amount,
        sum(debt.open_amount) filter (where debt.due_on >= as_of and debt.promise_id is null) as not_due_amount,
        sum(debt.disputed_amount) as disputed_amount
    from debt
    group by debt.customer_id, debt.currency
),

on_account as (
    select posting.customer_id, posting.currency, sum(posting.amount) filter (where posting.invoice_id is null) as amount
    from posting
    group by posting.customer_id, posting.currency
),

promised as (
    select
        promise.customer_id,
        promise.currency,
        sum(promise.amount - promise.received_amount) filter (where promise.result = 'open') as amount,
        min(promise.due_on) filter (where promise.result = 'open') as next_on,
        max(promise.due_on) filter (where promise.result = 'open' and promise.plan_id is null) as until_on,
        count(*) filter (where promise.result in ('broken', 'partly') and promise.due_on > as_of - 365) as broken,
        max(promise.due_on) filter (where promise.result <> 'cancelled') as last_on,
        arg_max(promise.result, (promise.due_on, promise.promise_id)) filter (where promise.result <> 'cancelled') as last_result
    from promise_of(about, as_of, known_at) as promise
    group by promise.customer_id, promise.currency
),

unnamed as (
    select dispute.customer_id, dispute.currency, sum(dispute.amount) as amount
    from case_at(as_of, known_at) as dispute
    where dispute.kind = 'dispute' and dispute.is_open and dispute.invoice_id is null
    group by dispute.customer_id, dispute.currency
),

touched as (
    select activity.customer_id, max(activity.done_on) as last_on
    from activity_at(as_of, known_at) as activity
    where activity.customer_id in (select unnest(about))
    group by activity.customer_id
),

late_payer as (
    select habit.customer_id
    from payment_habit_of(about, as_of, known_at, null::text) as habit
    where habit.habit = 'late'
),

placed as (
    select
        position.*,
        rule.*,
        as_of - position.due_on as days,
        len(list_filter(rule.offsets, lambda day: day <= as_of - position.due_on)) as reached,
        if(late_payer.customer_id is not null and position.due_on < as_of, rule.late_habit_earlier, 0) as earlier,
        late_payer.customer_id is not null as is_late_payer
    from position
    cross join ladder_rule(as_of, known_at, wanted_rules := wanted_rules) as rule
    left join late_payer on position.customer_id = late_payer.customer_id
),

asked as (
    select debt.customer_id, debt.currency, sum(debt.amount) as amount
    from debt
    inner join placed on debt.customer_id = placed.customer_id and debt.currency = placed.currency
    where debt.is_asked and debt.due_on <= if(placed.days > 0, as_of - 1, as_of - placed.offsets[1])
    group by debt.customer_id, debt.currency
),

marked as (
    select
        placed.customer_id,
        placed.currency,
        max(mark.on_date) as last_on,
        arg_max(mark.level, (mark.on_date, mark.level)) as last_level,
        max(mark.level) filter (where mark.anchor = placed.anchor) as level_done
    from placed
    inner join ladder_mark_at(as_of, known_at) as mark
        on placed.customer_id = mark.customer_id and placed.currency = mark.currency
    group by placed.customer_id, placed.currency
),

held as (
    select hold.customer_id, max(hold.until_on) as until_on
    from hold
    where hold.from_on <= as_of and hold.until_on >= as_of and hold.recorded_at <= known_at and known_at < hold.retired_at
    group by hold.customer_id
),

facts as (
    select
        placed.*,
        placed.levels[least(placed.reached + placed.earlier, len(placed.levels))] as level_reached,
        coalesce(asked.amount, 0) - coalesce(unnamed.amount, 0) as asked_amount,
        coalesce(unnamed.amount, 0) as unnamed_amount,
        marked.last_on as last_reminded_on,
        marked.last_level,
        marked.level_done,
        held.until_on as held_until,
        promised.amount as promised_amount,
        promised.next_on as promised_on,
        promised.until_on as promised_until,
        promised.broken as broken_promises,
        promised.last_on as last_promise_on,
        promised.last_result as last_promise,
        on_account.amount as unallocated_amount,
        touched.last_on as last_touch_on
    from placed
    left join asked on placed.customer_id = asked.customer_id and placed.currency = asked.currency
    left join unnamed on placed.customer_id = unnamed.customer_id and placed.currency = unnamed.currency
    left join marked on placed.customer_id = marked.customer_id and placed.currency = marked.currency
    left join held on placed.customer_id = held.customer_id
    left join promised on placed.customer_id = promised.customer_id and placed.currency = promised.currency
    left join on_account on placed.customer_id = on_account.customer_id and placed.currency = on_account.currency
    left join touched on placed.customer_id = touched.customer_id
),

told as (
    select
        facts.*,
        case
            when facts.held_until is not null then 'hold'
            when facts.promised_until is not null then 'promise'
            when facts.anchor is null and facts.has_dispute then 'dispute'
            when facts.anchor is null and facts.has_plan then 'plan'
            when facts.anchor is null then 'none'
            when facts.reached = 0 and facts.has_plan then 'plan'
            when facts.reached = 0 then 'early'
            when facts.asked_amount <= 0 then 'dispute'
            when facts.asked_amount < facts.smallest_amount then 'small'
            when facts.level_done >= facts.level_reached then 'done'
            when as_of - facts.last_reminded_on < facts.gap_days then 'gap'
            else 'due'
        end as code
    from facts
)

select
    told.customer_id,
    told.currency,
    coalesce(told.overdue_amount, 0)::decimal(18, 2) as overdue_amount,
    coalesce(told.not_due_amount, 0)::decimal(18, 2) as not_due_amount,
    coalesce(told.unallocated_amount, 0)::decimal(18, 2) as unallocated_amount,
    told.invoices::integer as invoices,
    told.max_days::integer as max_days,
    (told.disputed_amount + told.unnamed_amount)::decimal(18, 2) as disputed_amount,
    coalesce(told.promised_amount, 0)::decimal(18, 2) as promised_amount,
    told.promised_on,
    coalesce(told.broken_promises, 0)::integer as broken_promises,
    told.last_promise_on,
    told.last_promise,
    told.last_touch_on,
    (as_of - told.last_touch_on)::integer as untouched_days,
    told.is_late_payer,
    told.code,
    if(told.code = 'due', told.level_reached, null)::integer as level,
    told.anchor,
    told.days::integer as days,
    told.asked_amount::decimal(18, 2) as asked_amount,
    told.last_level::integer as last_level,
    told.last_reminded_on,
    case
        when told.code = 'hold' then told.held_until
        when told.code = 'promise' then told.promised_until
        when told.code = 'gap' then told.last_reminded_on + told.gap_days
        when told.code = 'early' or (told.code = 'plan' and told.anchor is not null) then told.due_on + told.offsets[1]
        when told.code = 'done' then told.due_on + told.offsets[told.reached + 1]
    end as until_on
from told;

-- One row per customer, how likely overdue money comes in soon: of the invoices due in a year that were still open after their due
-- day (fell), the share settled within 30 days of it (paid); drawn towards the customers who buy as often, as if `weight` more
-- cases had gone like theirs. weight: how many paid invoices make a habit known (policy 'classification').
create or replace macro likelihood_at(
    actor_id, sees_all, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, wanted_currency
) as table
with own as (
    select
        posting.customer_id,
        sum(if(posting.on_date <= posting.due_on, posting.items, 0)) as fell,
        -sum(if(posting.on_date > posting.due_on and posting.on_date <= posting.due_on + 30, posting.items, 0)) as paid
    from chosen_posting(
        actor_id, sees_all, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, null::integer, wanted_currency
    ) as posting
    where posting.due_on > as_of - 395 and posting.due_on <= as_of - 30
    group by posting.customer_id
),

bought as (
    select entry.customer_id, count(*) as invoices
    from entry
    where
        entry.kind = 'invoice'
        and entry.on_date > as_of - 365
        and entry.on_date <= as_of
        and entry.recorded_at <= known_at
        and known_at < entry.retired_at
    group by entry.customer_id
),

counted as (
    select
        own.customer_id,
        greatest(own.fell, 0) as fell,
        least(greatest(own.paid, 0), greatest(own.fell, 0)) as paid,
        rule.known_from as weight,
        (coalesce(bought.invoices, 0) >= rule.low_from)::integer
        + (coalesce(bought.invoices, 0) >= rule.normal_from)::integer
        + (coalesce(bought.invoices, 0) >= rule.high_from)::integer as class_no
    from own
    cross join classification_rule(null::text, as_of, known_at) as rule
    left join bought on own.customer_id = bought.customer_id
),

alike as (
    select counted.class_no, sum(counted.paid) / nullif(sum(counted.fell), 0) as rate
    from counted
    group by counted.class_no
)

select
    counted.customer_id,
    counted.fell::integer as fell,
    counted.paid::integer as paid,
    alike.rate as class_rate,
    (counted.paid + counted.weight * alike.rate) / (counted.fell + counted.weight) as likelihood
from counted
left join alike on counted.class_no = alike.class_no;
