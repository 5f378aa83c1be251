-- Two years of 320 customers, the same every time: each buys at a rhythm of their own until they leave; what is bought is paid nine days
-- after it is due or two before, and every fourth customer pays late nine times in ten.
create temp table trade as
with customer as (
    select
        customer_id,
        (12 + hash(customer_id) % 90)::integer as gap,
        (hash(customer_id, 1) % 500)::integer as since,
        (hash(customer_id, 2) % 1100)::integer as stays
    from range(1, 321) as customer (customer_id)
),

visit as (
    select *, date '2024-07-01' + (since + floor(turn * gap * (0.7 + (hash(customer_id, turn) % 60) / 100)))::integer as on_date
    from customer
    cross join range(60) as visit (turn)
)

select
    row_number() over (order by customer_id, on_date) * 2 as entry_id,
    customer_id::integer as customer_id,
    on_date,
    on_date + 30 as due_on,
    (100 + hash(customer_id, 3) % 900 + hash(customer_id, turn, 4) % 50)::decimal(18, 2) as amount,
    on_date + 30 + if(hash(customer_id, turn, 5) % 100 < [4, 20, 55, 90][customer_id % 4 + 1], 9, -2) as paid_on,
    timestamp '2020-01-01' as recorded_at,
    timestamp '9999-12-31' as retired_at
from visit
where on_date <= date '2026-06-30' and on_date <= date '2024-07-01' + since + stays
qualify row_number() over (partition by customer_id, on_date order by turn) = 1;

insert into customer_record (
    record_id, customer_id, from_on, until_on, account_no, name, name_key, initials, kind, book, origin, status, currency, secrecy,
    recorded_at, recorded_by, change_id, origin_change, retired_at
)
select distinct
    customer_id, customer_id, date '0001-01-01', date '9999-12-31', 'C' || customer_id, '客户' || customer_id, customer_id, 'kh', 'company',
    'formal', 'corporate', 'active', 'CNY', 0, recorded_at, 0, 0, 0, retired_at
from trade;

insert into entry (
    record_id, entry_id, customer_id, kind, doc_no, on_date, due_on, amount, currency, recorded_at, recorded_by, change_id, origin_change,
    retired_at
)
select entry_id, entry_id, customer_id, 'invoice', entry_id, on_date, due_on, amount, 'CNY', recorded_at, 0, 0, 0, retired_at from trade;

insert into posting (
    posting_id, entry_id, customer_id, invoice_id, kind, on_date, due_on, amount, items, currency, rule, recorded_at, recorded_by, change_id
)
select entry_id, entry_id, customer_id, entry_id, 'invoice', on_date, due_on, amount, 1, 'CNY', 'manual', recorded_at, 0, 0 from trade
union all
select entry_id + 1, entry_id + 1, customer_id, entry_id, 'payment', paid_on, due_on, -amount, -1, 'CNY', 'manual', recorded_at, 0, 0
from trade
where paid_on <= date '2026-06-30'
