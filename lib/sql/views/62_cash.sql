-- When open money is likely to come. Weeks count from the day of the forecast: week 1 is the seven days after it.
-- A forecast of an earlier day (an origin) uses only what was recorded by the end of that day; without by_record what was dated by it,
-- for ledgers whose history was brought in later.

-- The day from which a fact of a day counts as known; on as_of all counts that is known at all.
create or replace macro known_day(on_date, recorded_at, as_of, by_record) as
    if(by_record, least(as_of, greatest(on_date, business_date(recorded_at))), on_date);

-- One row per payment that settled an invoice: how many days late, from which day on that was known, and until which if taken back.
create or replace macro lateness_seen(as_of, known_at, by_record) as table
select
    any_value(posting.customer_id) as customer_id,
    (posting.on_date - posting.due_on)::smallint as late_days,
    posting.on_date as settled_on,
    known_day(posting.on_date, min(posting.recorded_at) filter (where posting.items = -1), as_of, by_record) as from_on,
    case
        when sum(posting.items) <> -1 and by_record
            then least(as_of, business_date(max(posting.recorded_at) filter (where posting.items = 1)))
        when sum(posting.items) <> -1 then date '0001-01-01'
        else date '9999-12-31'
    end as until_on
from posting
where
    posting.kind = 'payment'
    and posting.items <> 0
    and posting.on_date <= as_of
    and posting.on_date > as_of - 730
    and posting.recorded_at <= known_at
group by posting.invoice_id, posting.entry_id, posting.on_date, posting.due_on
having bool_or(posting.items = -1);

-- One row per money line of an invoice with the day from which the ledger knew it.
create or replace macro known_line(
    actor_id, sees_all, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, wanted_customer, wanted_currency,
    by_record
) as table
select
    posting.customer_id,
    posting.invoice_id,
    posting.due_on,
    posting.currency,
    posting.kind,
    posting.on_date,
    known_day(posting.on_date, posting.recorded_at, as_of, by_record) as known_on,
    posting.amount
from chosen_posting(
    actor_id, sees_all, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, wanted_customer, wanted_currency
) as posting
where posting.due_on is not null and posting.amount <> 0;

-- One row per origin (as_of and each of the weeks before it) and invoice open then.
create or replace macro open_at_origin(
    actor_id, sees_all, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, wanted_customer, wanted_currency,
    by_record, past_weeks
) as table
with line as (
    select *
    from known_line(
        actor_id, sees_all, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, wanted_customer,
        wanted_currency, by_record
    )
),

-- Most invoices were settled before the first origin and never touched again: what was known by then is one amount each.
step as (
    select
        any_value(line.customer_id) as customer_id,
        line.invoice_id,
        line.due_on,
        line.currency,
        as_of - 7 * past_weeks as known_on,
        sum(line.amount) as amount
    from line
    where line.known_on <= as_of - 7 * past_weeks
    group by line.invoice_id, line.due_on, line.currency
    having sum(line.amount) <> 0
    union all
    select line.customer_id, line.invoice_id, line.due_on, line.currency, line.known_on, line.amount
    from line
    where line.known_on > as_of - 7 * past_weeks
)

select
    origin.origin_on,
    any_value(step.customer_id) as customer_id,
    step.invoice_id,
    step.due_on,
    step.currency,
    (origin.origin_on - step.due_on)::smallint as late_days,
    sum(step.amount)::decimal(18, 2) as open_amount
from step
inner join (select as_of - 7 * week.back::integer as origin_on from (select unnest(range(past_weeks + 1)) as back) as week) as origin
    on step.known_on <= origin.origin_on
group by origin.origin_on, step.invoice_id, step.due_on, step.currency
having sum(step.amount) > 0;

-- One row per customer with settled invoices: the days late of each with when that was known, and a class: how often they
-- paid in the year up to half a year ago, by the thresholds of the classification; so long ago that every origin knew it.
create or replace macro payer_history(as_of, known_at, by_record) as table
with seen as (
    select seen.customer_id, seen.late_days, seen.from_on, seen.until_on
    from lateness_seen(as_of, known_at, by_record) as seen
    where seen.from_on > as_of - 7 * 26 - 365
),

counted as (
    select
        seen.customer_id,
        list({'late_days': seen.late_days, 'from_on': seen.from_on, 'until_on': seen.until_on}) as history,
        count(*) filter (
            where seen.from_on <= as_of - 7 * 26 and seen.until_on > as_of - 7 * 26
        ) as paid_before
    from seen
    group by seen.customer_id
)

select
    counted.customer_id,
    counted.history,
    case
        when counted.paid_before >= rule.high_from then 'high'
        when counted.paid_before >= rule.normal_from then 'normal'
        else 'low'
    end as class
from counted
cross join classification_rule(null::text, as_of, known_at) as rule;

-- One row per origin, class and days late: how many invoices of the year before were settled just so late.
create or replace macro class_lateness(as_of, known_at, by_record, past_weeks) as table
with history as (
    select payer.class, entry.late_days, entry.from_on, entry.until_on, count(*) as invoices
    from (
        select payer.class, unnest(payer.history) as entry from payer_history(as_of, known_at, by_record) as payer
    ) as payer
    group by payer.class, entry.late_days, entry.from_on, entry.until_on
)

select origin.origin_on, history.class, history.late_days, sum(history.invoices) as invoices
from history
inner join (select as_of - 7 * week.back::integer as origin_on from (select unnest(range(past_weeks + 1)) as back) as week) as origin
    on
        history.from_on <= origin.origin_on
        and history.from_on > origin.origin_on - 365
        and history.until_on > origin.origin_on
group by origin.origin_on, history.class, history.late_days;

-- One row per origin and promise or instalment that was still to be kept then, with what was left of it.
create or replace macro promised_at_origin(as_of, known_at, by_record, past_weeks) as table
with live as (
    select
        origin.origin_on,
        promise.promise_id,
        promise.customer_id,
        promise.invoice_id,
        promise.currency,
        promise.made_on,
        promise.due_on,
        promise.amount,
        promise.plan_id is not null as is_instalment,
        coalesce(earlier.amount, 0) as amount_before
    from promise
    left join (
        select
            instalment.promise_id,
            sum(instalment.amount) over (partition by instalment.plan_id order by instalment.due_on, instalment.promise_id)
            - instalment.amount as amount
        from promise as instalment
        where instalment.plan_id is not null and instalment.recorded_at <= known_at and instalment.retired_at > known_at
    ) as earlier on promise.promise_id = earlier.promise_id
    inner join (select as_of - 7 * week.back::integer as origin_on from (select unnest(range(past_weeks + 1)) as back) as week) as origin
        on
            promise.made_on <= origin.origin_on
            and promise.due_on >= origin.origin_on
            and coalesce(promise.cancelled_on > origin.origin_on, true)
            and known_day(promise.made_on, promise.recorded_at, as_of, by_record) <= origin.origin_on
            and (
                promise.retired_at > known_at
                or (by_record and least(as_of, business_date(promise.retired_at)) > origin.origin_on)
            )
    where promise.recorded_at <= known_at
),

-- Money pays the instalments of a plan in their order.
received as (
    select live.origin_on, live.promise_id, greatest(0, sum(-posting.amount) - any_value(live.amount_before)) as amount
    from live
    inner join posting
        on
            live.customer_id = posting.customer_id
            and live.currency = posting.currency
            and posting.on_date >= live.made_on
            and posting.on_date <= live.origin_on
            and (live.invoice_id is null or live.invoice_id = posting.invoice_id)
            and known_day(posting.on_date, posting.recorded_at, as_of, by_record) <= live.origin_on
    where posting.kind = 'payment' and posting.recorded_at <= known_at
    group by live.origin_on, live.promise_id
)

select
    live.origin_on,
    live.promise_id,
    live.customer_id,
    live.invoice_id,
    live.currency,
    live.due_on,
    live.is_instalment,
    live.amount - coalesce(received.amount, 0) as left_amount
from live
left join received on live.origin_on = received.origin_on and live.promise_id = received.promise_id
where live.amount > coalesce(received.amount, 0);

-- One row per origin, open invoice and week in which part of its money is expected: promised money in the week it was promised for,
-- the rest over the weeks in which invoices already so late were settled, the customer's own and three of their class. Null: later or never.
-- why: promise, plan, own, class, later; and beside the expected: naive (pays on its due date, late ones at once), paid (what came).
create or replace macro expected_money(
    actor_id, sees_all, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, wanted_customer, wanted_currency,
    by_record, past_weeks
) as table
with owed as materialized (
    select *
    from open_at_origin(
        actor_id, sees_all, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, wanted_customer,
        wanted_currency, by_record, past_weeks
    )
),

-- Promises in the order they fall due, laid over invoices likewise; one that names an invoice only over that one.
pledge as (
    select
        *,
        sum(left_amount) over (partition by origin_on, customer_id, currency, invoice_id order by due_on, promise_id) as until_amount
    from promised_at_origin(as_of, known_at, by_record, past_weeks)
),

named as (
    select
        owed.origin_on,
        owed.invoice_id,
        owed.due_on,
        pledge.promise_id,
        pledge.due_on as promised_on,
        pledge.is_instalment,
        least(owed.open_amount, pledge.until_amount) - least(owed.open_amount, pledge.until_amount - pledge.left_amount) as amount
    from pledge
    inner join owed on pledge.origin_on = owed.origin_on and pledge.invoice_id = owed.invoice_id
),

-- What promises that name no invoice can be laid over, as a ruler per customer.
free as (
    select
        owed.origin_on,
        owed.customer_id,
        owed.currency,
        owed.invoice_id,
        owed.due_on,
        owed.open_amount - coalesce(taken.amount, 0) as amount,
        sum(owed.open_amount - coalesce(taken.amount, 0)) over (
            partition by owed.origin_on, owed.customer_id, owed.currency order by owed.due_on, owed.invoice_id
        ) as until_amount
    from owed
    semi join pledge
        on
            owed.origin_on = pledge.origin_on
            and owed.customer_id = pledge.customer_id
            and owed.currency = pledge.currency
            and pledge.invoice_id is null
    left join (
        select named.origin_on, named.invoice_id, named.due_on, sum(named.amount) as amount
        from named
        group by named.origin_on, named.invoice_id, named.due_on
    ) as taken on owed.origin_on = taken.origin_on and owed.invoice_id = taken.invoice_id and owed.due_on = taken.due_on
),

laid as (
    select
        free.origin_on,
        free.invoice_id,
        free.due_on,
        pledge.promise_id,
        pledge.due_on as promised_on,
        pledge.is_instalment,
        least(pledge.until_amount, free.until_amount)
        - greatest(pledge.until_amount - pledge.left_amount, free.until_amount - free.amount) as amount
    from pledge
    inner join free
        on
            pledge.origin_on = free.origin_on
            and pledge.customer_id = free.customer_id
            and pledge.currency = free.currency
            and pledge.until_amount - pledge.left_amount < free.until_amount
            and free.until_amount - free.amount < pledge.until_amount
    where pledge.invoice_id is null
),

promised as (
    select named.origin_on, named.invoice_id, named.due_on, named.promise_id, named.promised_on, named.is_instalment, named.amount
    from named
    where named.amount > 0
    union all
    select laid.origin_on, laid.invoice_id, laid.due_on, laid.promise_id, laid.promised_on, laid.is_instalment, laid.amount
    from laid
    where laid.amount > 0
),

estimated as (
    select
        owed.*,
        owed.open_amount - coalesce(taken.amount, 0) as free_amount,
        coalesce(payer.class, 'low') as class,
        list_filter(
            payer.history,
            lambda entry: entry.from_on <= owed.origin_on
            and entry.from_on > owed.origin_on - 365
            and entry.until_on > owed.origin_on
            and entry.late_days > owed.late_days
        ) as own
    from owed
    left join payer_history(as_of, known_at, by_record) as payer on owed.customer_id = payer.customer_id
    left join (
        select promised.origin_on, promised.invoice_id, promised.due_on, sum(promised.amount) as amount
        from promised
        group by promised.origin_on, promised.invoice_id, promised.due_on
    ) as taken on owed.origin_on = taken.origin_on and owed.invoice_id = taken.invoice_id and owed.due_on = taken.due_on
),

tail as (
    select
        asked.origin_on,
        asked.class,
        asked.late_days,
        (lateness.late_days - asked.late_days - 1) // 7 + 1 as week_no,
        sum(lateness.invoices) as invoices,
        sum(sum(lateness.invoices)) over (partition by asked.origin_on, asked.class, asked.late_days) as whole
    from (select distinct estimated.origin_on, estimated.class, estimated.late_days from estimated) as asked
    inner join class_lateness(as_of, known_at, by_record, past_weeks) as lateness
        on
            asked.origin_on = lateness.origin_on
            and asked.class = lateness.class
            and asked.late_days < lateness.late_days
    group by asked.origin_on, asked.class, asked.late_days, week_no
),

known_tail as (
    select distinct tail.origin_on, tail.class, tail.late_days from tail
),

weighed as (
    select estimated.*, coalesce(len(estimated.own), 0) + if(known_tail.class is null, 0, 3) as weight
    from estimated
    left join known_tail
        on
            estimated.origin_on = known_tail.origin_on
            and estimated.class = known_tail.class
            and estimated.late_days = known_tail.late_days
),

share as (
    select
        own.origin_on,
        own.invoice_id,
        own.due_on,
        (own.entry.late_days - own.late_days - 1) // 7 + 1 as week_no,
        1 / own.weight as share
    from (
        select weighed.origin_on, weighed.invoice_id, weighed.due_on, weighed.late_days, weighed.weight, unnest(weighed.own) as entry
        from weighed
    ) as own
    union all
    select weighed.origin_on, weighed.invoice_id, weighed.due_on, tail.week_no, 3 * tail.invoices / (tail.whole * weighed.weight) as share
    from weighed
    inner join tail
        on weighed.origin_on = tail.origin_on and weighed.class = tail.class and weighed.late_days = tail.late_days
),

placed as (
    select share.origin_on, share.invoice_id, share.due_on, share.week_no, sum(share.share) as share
    from share
    where share.week_no <= 13
    group by share.origin_on, share.invoice_id, share.due_on, share.week_no
),

coming as (
    select
        weighed.origin_on,
        weighed.invoice_id,
        weighed.due_on,
        placed.week_no,
        if(len(weighed.own) >= 3, 'own', 'class') as why,
        (weighed.free_amount * placed.share)::decimal(18, 2) as amount
    from weighed
    inner join placed
        on weighed.origin_on = placed.origin_on and weighed.invoice_id = placed.invoice_id and weighed.due_on = placed.due_on
    where weighed.free_amount > 0
    union all
    select
        promised.origin_on,
        promised.invoice_id,
        promised.due_on,
        case
            when promised.promised_on <= promised.origin_on then 1
            when promised.promised_on <= promised.origin_on + 91 then (promised.promised_on - promised.origin_on - 1) // 7 + 1
        end as week_no,
        if(promised.is_instalment, 'plan', 'promise') as why,
        promised.amount
    from promised
),

rest as (
    select weighed.origin_on, weighed.invoice_id, weighed.due_on, any_value(weighed.open_amount) - coalesce(sum(coming.amount), 0) as amount
    from weighed
    left join coming
        on weighed.origin_on = coming.origin_on and weighed.invoice_id = coming.invoice_id and weighed.due_on = coming.due_on
    group by weighed.origin_on, weighed.invoice_id, weighed.due_on
),

-- Money that had come by the day of the forecast but was not booked yet comes in its first week.
paid as (
    select
        owed.origin_on,
        owed.invoice_id,
        owed.due_on,
        case
            when line.on_date <= owed.origin_on then 1
            when line.on_date <= owed.origin_on + 91 then (line.on_date - owed.origin_on - 1) // 7 + 1
        end as week_no,
        -line.amount as amount
    from known_line(
        actor_id, sees_all, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, wanted_customer,
        wanted_currency, by_record
    ) as line
    inner join owed
        on line.invoice_id = owed.invoice_id and line.due_on = owed.due_on and line.known_on > owed.origin_on
    where line.kind = 'payment' and line.known_on > as_of - 7 * past_weeks
)

select coming.origin_on, coming.invoice_id, coming.due_on, coming.week_no::integer as week_no, coming.why, coming.amount
from coming
where coming.amount <> 0
union all
select
    owed.origin_on,
    owed.invoice_id,
    owed.due_on,
    case
        when owed.late_days >= 0 then 1
        when owed.late_days >= -91 then (-owed.late_days - 1) // 7 + 1
    end as week_no,
    'naive' as why,
    owed.open_amount as amount
from owed
union all
select paid.origin_on, paid.invoice_id, paid.due_on, paid.week_no, 'paid' as why, paid.amount
from paid
union all
select rest.origin_on, rest.invoice_id, rest.due_on, null as week_no, 'later' as why, rest.amount
from rest
where rest.amount <> 0;
