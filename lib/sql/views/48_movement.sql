-- What moved between two dates: the end of from_on and the end of as_of. Customers are those asked for as they belong on as_of,
-- on both days, so that nobody's move to another account manager looks like money.

-- One row per document, invoice and day whose money moved what is overdue, with the step it counts as. Lines of one document on one
-- invoice and day are netted first: what was taken back and what was never there come to nothing.
create or replace macro moved_overdue(
    actor_id, sees_all, from_on, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, wanted_customer,
    wanted_currency
) as table
with netted as (
    select
        posting.customer_id,
        posting.invoice_id,
        posting.entry_id,
        posting.kind,
        posting.on_date,
        posting.due_on,
        posting.currency,
        sum(posting.amount) as amount
    from chosen_posting(
        actor_id, sees_all, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, wanted_customer, wanted_currency
    ) as posting
    where posting.due_on is not null and (posting.on_date > from_on or posting.due_on >= from_on)
    group by
        posting.customer_id, posting.invoice_id, posting.entry_id, posting.kind, posting.on_date, posting.due_on, posting.currency
    having sum(posting.amount) <> 0
),

-- Money that left one invoice on a day to lie on another was not collected on that day.
taken_back as (
    select netted.entry_id, netted.on_date
    from netted
    where netted.kind = 'payment' and netted.amount > 0
    group by netted.entry_id, netted.on_date
)

select
    netted.customer_id,
    netted.invoice_id as thing_id,
    netted.on_date,
    netted.currency,
    case
        when netted.on_date <= netted.due_on or (netted.entry_id = netted.invoice_id and netted.amount > 0) then 'newly_overdue'
        when netted.kind = 'payment' and taken_back.entry_id is null then 'collected'
        when netted.kind = 'write_off' then 'written_off'
        else 'adjusted'
    end as step,
    netted.amount
from netted
left join taken_back on netted.entry_id = taken_back.entry_id and netted.on_date = taken_back.on_date
where netted.due_on < as_of;

-- One row per document and day whose money moved what customers owe in all, with the step it counts as.
create or replace macro moved_balance(
    actor_id, sees_all, from_on, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, wanted_customer,
    wanted_currency
) as table
with netted as (
    select posting.customer_id, posting.entry_id, posting.kind, posting.on_date, posting.currency, sum(posting.amount) as amount
    from chosen_posting(
        actor_id, sees_all, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, wanted_customer, wanted_currency
    ) as posting
    where posting.on_date > from_on
    group by posting.customer_id, posting.entry_id, posting.kind, posting.on_date, posting.currency
    having sum(posting.amount) <> 0
)

select
    netted.customer_id,
    netted.entry_id as thing_id,
    netted.on_date,
    netted.currency,
    case
        when netted.kind = 'invoice' and netted.amount > 0 then 'billed'
        when netted.kind = 'payment' then 'collected'
        when netted.kind = 'credit_note' then 'credited'
        when netted.kind = 'write_off' then 'written_off'
        else 'adjusted'
    end as step,
    netted.amount
from netted;

-- One row per line of a bridge: what stood on from_on, what moved since, what stands on as_of. what: 'overdue' or 'all'.
create or replace macro bridge_line(
    actor_id, sees_all, what, from_on, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, wanted_customer,
    wanted_currency
) as table
select
    posting.customer_id,
    coalesce(posting.invoice_id, posting.entry_id) as thing_id,
    posting.on_date,
    posting.currency,
    'opening' as step,
    posting.amount,
    posting.items
from chosen_posting(
    actor_id, sees_all, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, wanted_customer, wanted_currency
) as posting
where posting.on_date <= from_on and (what = 'all' or posting.due_on < from_on)
union all
select moved.customer_id, moved.thing_id, moved.on_date, moved.currency, moved.step, moved.amount, null as items
from moved_overdue(
    actor_id, sees_all, from_on, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, wanted_customer,
    wanted_currency
) as moved
where what = 'overdue'
union all
select moved.customer_id, moved.thing_id, moved.on_date, moved.currency, moved.step, moved.amount, null as items
from moved_balance(
    actor_id, sees_all, from_on, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, wanted_customer,
    wanted_currency
) as moved
where what = 'all'
union all
select
    posting.customer_id,
    coalesce(posting.invoice_id, posting.entry_id) as thing_id,
    posting.on_date,
    posting.currency,
    'closing' as step,
    posting.amount,
    posting.items
from chosen_posting(
    actor_id, sees_all, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, wanted_customer, wanted_currency
) as posting
where what = 'all' or posting.due_on < as_of;

-- One row per invoice (or document with money on account) and pair of buckets its money was in on two dates; -1: not allocated yet.
-- Null as from_no: not there before; null as to_no: there no more. What stayed is the smaller of both amounts.
create or replace macro migrated_money(
    actor_id, sees_all, from_on, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, wanted_customer,
    wanted_currency, edges
) as table
with held as (
    select
        any_value(posting.customer_id) as customer_id,
        coalesce(posting.invoice_id, posting.entry_id) as thing_id,
        posting.due_on,
        any_value(posting.currency) as currency,
        coalesce(sum(posting.amount) filter (where posting.on_date <= from_on), 0) as before_amount,
        sum(posting.amount) as now_amount
    from chosen_posting(
        actor_id, sees_all, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, wanted_customer, wanted_currency
    ) as posting
    group by coalesce(posting.invoice_id, posting.entry_id), posting.due_on
    having sum(posting.amount) <> 0 or coalesce(sum(posting.amount) filter (where posting.on_date <= from_on), 0) <> 0
),

placed as (
    select
        held.*,
        coalesce(bucket_no(held.due_on, from_on, edges), -1) as from_no,
        coalesce(bucket_no(held.due_on, as_of, edges), -1) as to_no,
        case
            when held.before_amount > 0 and held.now_amount > 0 then least(held.before_amount, held.now_amount)
            when held.before_amount < 0 and held.now_amount < 0 then greatest(held.before_amount, held.now_amount)
            else 0
        end as stayed_amount
    from held
)

select placed.customer_id, placed.thing_id, placed.due_on, placed.currency, placed.from_no, placed.to_no, placed.stayed_amount as amount
from placed
where placed.stayed_amount <> 0
union all
select
    placed.customer_id,
    placed.thing_id,
    placed.due_on,
    placed.currency,
    placed.from_no,
    null as to_no,
    placed.before_amount - placed.stayed_amount as amount
from placed
where placed.before_amount <> placed.stayed_amount
union all
select
    placed.customer_id,
    placed.thing_id,
    placed.due_on,
    placed.currency,
    null as from_no,
    placed.to_no,
    placed.now_amount - placed.stayed_amount as amount
from placed
where placed.now_amount <> placed.stayed_amount;
