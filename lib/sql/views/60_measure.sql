-- What metrics add up: rows with customer_id, thing_id, happened_on (the day a row begins to count) and what the metric needs.

-- One row per signed money line of the customers a person may see and asked for, with what all sums of money ask of it: whether it stands
-- in its own invoice (is_bill) and raised it (is_charge), and whether it was written off or recovered (is_loss). Sums of many lines that
-- are alike in all this are lines too: that is what a week of metrics is counted from (`money_lines` of lib/metrics/compile.py).
create or replace macro money_line(
    actor_id, sees_all, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, wanted_currency
) as table
select
    null::text as label,
    posting.customer_id,
    coalesce(posting.invoice_id, posting.entry_id) as thing_id,
    posting.kind,
    posting.on_date,
    posting.due_on,
    coalesce(posting.entry_id = posting.invoice_id, false) as is_bill,
    coalesce(posting.entry_id = posting.invoice_id, false) and posting.amount > 0 as is_charge,
    posting.kind = 'write_off' or (posting.kind = 'adjustment' and recovery.entry_id is not null) as is_loss,
    posting.amount,
    posting.items,
    1 as line_count
from chosen_posting(
    actor_id, sees_all, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, null, wanted_currency
) as posting
left join (
    select distinct posting.entry_id from posting where posting.rule = 'recovery'
) as recovery on posting.entry_id = recovery.entry_id;

-- One row per money line, from its own day on. Here as below `lines` names the lines that are measured; line_count: how many it stands for.
create or replace macro measured_money(lines, as_of, known_at) as table
select
    line.label,
    line.customer_id,
    line.thing_id,
    line.on_date as happened_on,
    line.kind,
    line.due_on,
    line.amount,
    line.items,
    line.line_count
from query_table(lines) as line;

-- One row per money line of an invoice, from the day on which it counts as overdue: the day after the due date or its own, the later.
-- is_new: it came in that day or, brought in late already, was never anything else; other lines settle or change what was overdue before.
create or replace macro measured_overdue(lines, as_of, known_at) as table
select
    line.label,
    line.customer_id,
    line.thing_id,
    greatest(line.on_date, line.due_on + 1) as happened_on,
    line.due_on as since_on,
    line.on_date <= line.due_on or line.is_charge as is_new,
    line.amount,
    line.items, line.line_count
from query_table(lines) as line
where line.due_on < as_of;

-- One row per money line billed, and its opposite 91 days later: running sums are what was billed in the last 91 days.
create or replace macro measured_sold(lines, as_of, known_at) as table
select line.label, line.customer_id, line.thing_id, line.on_date as happened_on, line.amount, line.items, line.line_count
from query_table(lines) as line
where line.kind = 'invoice'
union all
select
    line.label,
    line.customer_id,
    line.thing_id,
    line.on_date + 91 as happened_on,
    -line.amount as amount,
    -line.items as items,
    line.line_count
from query_table(lines) as line
where line.kind = 'invoice' and line.on_date + 91 <= as_of;

-- The same of the last 365 days.
create or replace macro measured_sold_year(lines, as_of, known_at) as table
select line.label, line.customer_id, line.thing_id, line.on_date as happened_on, line.amount, line.items, line.line_count
from query_table(lines) as line
where line.kind = 'invoice'
union all
select
    line.label,
    line.customer_id,
    line.thing_id,
    line.on_date + 365 as happened_on,
    -line.amount as amount,
    -line.items as items,
    line.line_count
from query_table(lines) as line
where line.kind = 'invoice' and line.on_date + 365 <= as_of;

-- One row per money line that took from or gave back to an invoice, and its opposite 91 days later; what took counts above zero.
create or replace macro measured_settled(lines, as_of, known_at) as table
select
    line.label,
    line.customer_id,
    line.thing_id,
    line.on_date as happened_on,
    -line.amount as amount,
    -line.items as items,
    line.line_count
from query_table(lines) as line
where line.due_on is not null and not line.is_bill
union all
select line.label, line.customer_id, line.thing_id, line.on_date + 91 as happened_on, line.amount, line.items, line.line_count
from query_table(lines) as line
where line.due_on is not null and not line.is_bill and line.on_date + 91 <= as_of;

-- One row per money line written off or recovered, and its opposite 365 days later; what was written off counts above zero, what a
-- recovery brought back below, as in `written_off_at`.
create or replace macro measured_written_off(lines, as_of, known_at) as table
select line.label, line.customer_id, line.thing_id, line.on_date as happened_on, -line.amount as amount, line.line_count as items
from query_table(lines) as line
where line.is_loss
union all
select line.label, line.customer_id, line.thing_id, line.on_date + 365 as happened_on, line.amount, -line.line_count as items
from query_table(lines) as line
where line.is_loss and line.on_date + 365 <= as_of;

-- What could have been collected in 91 days: what was settled in them, and what is overdue at their end.
create or replace macro measured_collectible(lines, as_of, known_at) as table
select settled.label, settled.customer_id, settled.thing_id, settled.happened_on, settled.amount, settled.items
from measured_settled(lines, as_of, known_at) as settled
union all
select overdue.label, overdue.customer_id, overdue.thing_id, overdue.happened_on, overdue.amount, overdue.items
from measured_overdue(lines, as_of, known_at) as overdue;

-- One row per money line of an invoice, and its opposite from the day on which it is overdue: running sums are what is not yet due.
create or replace macro measured_not_due(lines, as_of, known_at) as table
select line.label, line.customer_id, line.thing_id, line.on_date as happened_on, line.amount, line.items, line.line_count
from query_table(lines) as line
where line.on_date <= line.due_on
union all
select
    line.label,
    line.customer_id,
    line.thing_id,
    line.due_on + 1 as happened_on,
    -line.amount as amount,
    -line.items as items,
    line.line_count
from query_table(lines) as line
where line.on_date <= line.due_on and line.due_on < as_of;

-- One row per money line of an invoice, from the day on which it is more than 90 days overdue.
create or replace macro measured_at_risk(lines, as_of, known_at) as table
select
    line.label,
    line.customer_id,
    line.thing_id,
    greatest(line.on_date, line.due_on + 91) as happened_on,
    line.amount,
    line.items, line.line_count
from query_table(lines) as line
where line.due_on + 91 <= as_of;

-- One row per money line of an invoice once late, and its opposite 91 days later, with what a day of it costs at the rate in force:
-- grown since since_on they sum to the cost of the lateness of the last 91 days.
create or replace macro measured_lateness(lines, as_of, known_at) as table
with late as (
    select
        line.label,
        line.customer_id,
        line.thing_id,
        greatest(line.on_date, line.due_on) as since_on,
        line.amount * (
            select ((policy.body::json ->> '$.yearly_rate')::decimal(6, 4) / 365)::decimal(12, 10)
            from policy_at('financing', as_of, known_at) as policy
        ) as amount,
        line.line_count
    from query_table(lines) as line
    where line.due_on < as_of
)

select late.label, late.customer_id, late.thing_id, late.since_on + 1 as happened_on, late.since_on, late.amount, late.line_count
from late
where late.since_on < as_of
union all
select
    late.label,
    late.customer_id,
    late.thing_id,
    late.since_on + 92 as happened_on,
    late.since_on + 91 as since_on,
    -late.amount as amount,
    late.line_count
from late
where late.since_on + 91 < as_of;

-- One row per invoice settled, on the day it was: whether by its due date, and the days from the bill to its first dispatch and from
-- there to the money; null when it was not sent from here.
create or replace macro measured_settlement(
    actor_id, sees_all, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, wanted_currency
) as table
with sent as (
    select message.entry_id, min(business_date(message.happened_at)) as sent_on
    from message_at(as_of, known_at) as message
    where message.kind = 'invoice' and message.state = 'sent' and business_date(message.happened_at) <= as_of
    group by message.entry_id
)

select
    settled.customer_id,
    settled.invoice_id as thing_id,
    settled.settled_on as happened_on,
    settled.settled_on <= settled.due_on as is_on_time,
    settled.settled_on - invoice.on_date as cycle_days,
    sent.sent_on - invoice.on_date as sending_days,
    settled.settled_on - sent.sent_on as paying_days
from settled_invoice_of(null::integer, as_of, known_at) as settled
inner join entry_at(as_of, known_at) as invoice on settled.invoice_id = invoice.entry_id
left join sent on settled.invoice_id = sent.entry_id
where
    invoice.kind = 'invoice'
    and (wanted_currency is null or invoice.currency = wanted_currency)
    and settled.customer_id in (
        select customer.customer_id
        from chosen_customer(
            actor_id, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, null
        ) as customer
    );

-- One row per promise that came due since a day, on the day it was due.
create or replace macro measured_promise(
    actor_id, sees_all, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, wanted_currency, since_on
) as table
select
    promise.customer_id,
    promise.promise_id as thing_id,
    promise.due_on as happened_on,
    promise.amount,
    promise.result
from promise_since(null::integer[], since_on, as_of, known_at) as promise
semi join chosen_customer(
    actor_id, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, null
) as customer on promise.customer_id = customer.customer_id
where
    promise.due_on between since_on and as_of
    and promise.result in ('kept', 'partly', 'broken')
    and (wanted_currency is null or promise.currency = wanted_currency);

-- One row per answer since a day, and for a low one whether it was followed up in time.
create or replace macro measured_answer(
    actor_id, sees_all, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, wanted_currency, since_on
) as table
select
    answer.customer_id,
    answer.feedback_id as thing_id,
    answer.on_date as happened_on,
    answer.metric,
    answer.is_top,
    answer.is_low,
    own.feedback_id is not null as is_own,
    coalesce(low.is_in_time, false) as is_followed_up,
    coalesce(low.is_judged, false) as is_judged
from answer_at(as_of, known_at) as answer
semi join chosen_customer(
    actor_id, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, null
) as customer on answer.customer_id = customer.customer_id
left join low_follow_up(since_on, as_of, known_at) as low on answer.feedback_id = low.feedback_id
left join own_answer(as_of, known_at) as own on answer.feedback_id = own.feedback_id
where answer.on_date >= since_on;

-- One row per invitation that reached somebody, on the day it did.
create or replace macro measured_invite(
    actor_id, sees_all, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, wanted_currency
) as table
select invite.customer_id, invite.invite_id as thing_id, invite.delivered_on as happened_on, invite.state = 'answered' as is_answered
from invite_at(as_of, known_at) as invite
semi join chosen_customer(
    actor_id, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, null
) as customer on invite.customer_id = customer.customer_id
where invite.is_delivered;

-- One row per low answer whose customer was asked again in time, on the day of the second answer.
create or replace macro measured_again(
    actor_id, sees_all, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, wanted_currency
) as table
select again.customer_id, again.feedback_id as thing_id, again.again_on as happened_on, again.is_recovered
from asked_again(as_of, known_at) as again
semi join chosen_customer(
    actor_id, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, null
) as customer on again.customer_id = customer.customer_id;

-- One row per customer and wave that reached them, from the day after it closed: whether from then on, and no longer, they count as one
-- reached by two waves (reached) and as one who left the last two unanswered (silent).
create or replace macro measured_silence(
    actor_id, sees_all, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, wanted_currency
) as table
select
    reply.customer_id,
    reply.customer_id as thing_id,
    reply.ended_on + 1 as happened_on,
    (reply.place = 2)::integer as reached,
    (reply.unanswered >= 2)::integer
    - lag((reply.unanswered >= 2)::integer, 1, 0) over (partition by reply.customer_id order by reply.place) as silent
from wave_reply(as_of, known_at) as reply
semi join chosen_customer(
    actor_id, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, null
) as customer on reply.customer_id = customer.customer_id;

-- One row per money line billed, from the day on which both it is not a year old and the customer has answered as lately as the rule in
-- force wants, and its opposite when one of the two ends: running sums are what those we heard from bought in a year.
create or replace macro measured_heard_sold(
    actor_id, sees_all, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, wanted_currency
) as table
with answered as (
    select distinct answer.customer_id, answer.on_date
    from answer_at(as_of, known_at) as answer
),

-- Answers that follow each other closely enough make one stretch of being heard.
begun as (
    select
        answered.customer_id,
        answered.on_date,
        rule.coverage_days,
        coalesce(
            answered.on_date
            - lag(answered.on_date) over (partition by answered.customer_id order by answered.on_date) > rule.coverage_days,
            true
        ) as is_begin
    from answered
    cross join survey_rule(as_of, known_at) as rule
),

numbered as (
    select begun.*, sum(begun.is_begin::integer) over (partition by begun.customer_id order by begun.on_date) as stretch_no
    from begun
),

stretch as (
    select
        numbered.customer_id,
        min(numbered.on_date) as from_on,
        max(numbered.on_date) + any_value(numbered.coverage_days) as until_on
    from numbered
    group by numbered.customer_id, numbered.stretch_no
),

line as (
    select
        posting.customer_id,
        posting.invoice_id as thing_id,
        posting.amount,
        posting.items,
        greatest(posting.on_date, stretch.from_on) as from_on,
        least(posting.on_date + 365, stretch.until_on) as until_on
    from chosen_posting(
        actor_id, sees_all, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, null, wanted_currency
    ) as posting
    inner join stretch
        on
            posting.customer_id = stretch.customer_id
            and posting.on_date < stretch.until_on
            and stretch.from_on < posting.on_date + 365
    where posting.kind = 'invoice'
)

select line.customer_id, line.thing_id, line.from_on as happened_on, line.amount, line.items
from line
union all
select line.customer_id, line.thing_id, line.until_on as happened_on, -line.amount as amount, -line.items as items
from line
where line.until_on <= as_of;

-- One row per customer who bought in the year before some day from first_on to a date: a bit per week in which they count as
-- active (bought in the last 365 days), as touched (spoken with in the last 90) and as heard (answered as lately as the rule in force
-- wants), the lowest bit for the week of first_on. With places (see lib/metrics/compile.py) a bit per stretch of days, as on its last one.
create or replace macro measured_reach(
    actor_id, sees_all, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, wanted_currency, first_on, weeks, places
) as table
with stretch as (
    select entry.customer_id, 'bought' as kind, entry.on_date as from_on, entry.on_date + 365 as until_on
    from entry_at(as_of, known_at) as entry
    where entry.kind = 'invoice' and entry.on_date > first_on - 365
    union all
    select activity.customer_id, 'touched' as kind, activity.done_on as from_on, activity.done_on + 90 as until_on
    from activity_at(as_of, known_at) as activity
    where activity.kind = 'interaction' and activity.done_on > first_on - 90
    union all
    select answer.customer_id, 'heard' as kind, answer.on_date as from_on, answer.on_date + rule.coverage_days as until_on
    from answer_at(as_of, known_at) as answer
    cross join survey_rule(as_of, known_at) as rule
    where answer.on_date > first_on - rule.coverage_days
),

placed as (
    select
        stretch.customer_id,
        stretch.kind,
        case
            when stretch.from_on <= first_on then 0
            when places is null then (stretch.from_on - first_on) // 7
            else places[stretch.from_on - first_on + 1]
        end::integer as low_bit,
        case
            when stretch.until_on > as_of then weeks
            when places is null then (stretch.until_on - first_on) // 7
            when stretch.until_on > first_on then places[stretch.until_on - first_on + 1]
            else 0
        end::integer - 1 as high_bit
    from stretch
),

covered as (
    select
        placed.customer_id,
        bit_or((1::bigint << (placed.high_bit + 1)) - (1::bigint << placed.low_bit)) filter (where placed.kind = 'bought') as bought,
        bit_or((1::bigint << (placed.high_bit + 1)) - (1::bigint << placed.low_bit)) filter (where placed.kind = 'touched') as touched,
        bit_or((1::bigint << (placed.high_bit + 1)) - (1::bigint << placed.low_bit)) filter (where placed.kind = 'heard') as heard
    from placed
    where placed.high_bit >= placed.low_bit
    group by placed.customer_id
)

select
    covered.customer_id,
    covered.bought,
    covered.bought & coalesce(covered.touched, 0) as touched,
    covered.bought & coalesce(covered.heard, 0) as heard
from covered
semi join chosen_customer(
    actor_id, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, null
) as customer on covered.customer_id = customer.customer_id
where covered.bought <> 0;
