-- One row per promise to pay made by a date, with what was received for it and what became of it.
-- Only money that came in from the day it was made to the day it was due counts. Due today is still open.
-- Each promise looks at all that money; the instalments of a plan share it: the first takes its amount, the next what is left.
-- about: a list of the customers wanted, null for all; few of them spare the scan of all payments. since_on: only promises due since
-- that day, null for all; of a plan all instalments come, as they share their money.
create or replace macro promise_since(about, since_on, as_of, known_at) as table
with made as (
    select
        promise.promise_id,
        promise.plan_id,
        promise.customer_id,
        promise.invoice_id,
        promise.made_on,
        promise.due_on,
        promise.amount,
        promise.currency,
        promise.promised_by,
        promise.note,
        promise.cancelled_on,
        if(
            promise.plan_id is null,
            0,
            sum(promise.amount) over (partition by promise.plan_id order by promise.due_on, promise.promise_id) - promise.amount
        ) as amount_before
    from promise
    where
        promise.made_on <= as_of
        and promise.recorded_at <= known_at
        and known_at < promise.retired_at
        and (about is null or promise.customer_id in (select unnest(about)))
        and (since_on is null or promise.due_on >= since_on or promise.plan_id is not null)
),

came as (
    select made.promise_id, sum(-posting.amount) as amount
    from made
    inner join posting
        on
            made.customer_id = posting.customer_id
            and made.currency = posting.currency
            and posting.on_date >= made.made_on
            and posting.on_date <= made.due_on
            and (made.invoice_id is null or made.invoice_id = posting.invoice_id)
    where
        posting.kind = 'payment'
        and posting.on_date >= (select min(made.made_on) from made)
        and posting.on_date <= as_of
        and posting.recorded_at <= known_at
    group by made.promise_id
),

received as (
    select
        made.promise_id,
        if(made.plan_id is null, came.amount, least(made.amount, greatest(0, came.amount - made.amount_before))) as amount
    from made
    inner join came on made.promise_id = came.promise_id
)

select
    made.promise_id,
    made.plan_id,
    made.customer_id,
    made.invoice_id,
    made.made_on,
    made.due_on,
    made.amount,
    made.currency,
    made.promised_by,
    made.note,
    greatest(coalesce(received.amount, 0), 0)::decimal(18, 2) as received_amount,
    case
        when made.cancelled_on <= as_of then 'cancelled'
        when coalesce(received.amount, 0) >= made.amount then 'kept'
        when made.due_on >= as_of then 'open'
        when coalesce(received.amount, 0) > 0 then 'partly'
        else 'broken'
    end as result
from made
left join received on made.promise_id = received.promise_id;

-- One row per promise of the customers wanted, whenever due, as above.
create or replace macro promise_of(about, as_of, known_at) as table
select promise.* from promise_since(about, null::date, as_of, known_at) as promise;

-- One row per promise of any customer, as above.
create or replace macro promise_at(as_of, known_at) as table
select promise.* from promise_of(null::integer[], as_of, known_at) as promise;
