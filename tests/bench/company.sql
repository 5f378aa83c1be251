-- A company of any size for the benchmark: the same rows for the same $customers, three years to 2026-06-30.
-- Invoices per customer are skewed; 12 % are paid in two parts, 2 % never, some payments stay on account.

create or replace temp macro chance(seed, number) as (hash(seed || ':' || number) % 1000003) / 1000003.0;

insert into audit (change_id, made_at, user_id, command, subject, detail, request_key, undoes, prev_hash, hash)
select 1, timestamp '2026-06-30 12:00:00', 0, 'Bench', null, '{}', null, null, repeat('0', 64), 'bench';

insert into app_user
select
    n, 'owner' || n, '客户经理' || n, 'lead', 'team', ['north', 'south', 'east'][1 + n % 3], 'zh', null, null, true, 0
from range(1, 13) as numbers(n);

insert into app_user values
(20, 'boss', '财务', 'finance', 'all', null, 'zh', null, null, true, 1),
(21, 'leader', '组长', 'lead', 'team', 'north', 'zh', null, null, true, 0);

insert into user_team values (21, 'north');

insert into customer_record (
    record_id, customer_id, from_on, until_on, account_no, name, name_en, name_key, initials, kind, book, origin, status, owner_id,
    region, industry, size, segment, currency, terms_days, tax_no, secrecy, recorded_at, recorded_by, change_id, origin_change, retired_at
)
with parts as (
    select
        n,
        ['华', '金', '恒', '远', '瑞', '丰', '盛', '达', '宏', '泰', '天', '海', '东', '明', '信', '利'] as words,
        (hash('name:' || n) % 65536)::bigint as code
    from range(1, $customers + 1) as numbers(n)
)

select
    n, n, date '0001-01-01', date '9999-12-31', 'C' || lpad(n::text, 7, '0'),
    words[1 + code % 16] || words[1 + (code // 16) % 16] || words[1 + (code // 256) % 16] || n || '贸易有限公司',
    'Trading ' || n, words[1 + code % 16] || words[1 + (code // 16) % 16] || words[1 + (code // 256) % 16] || n,
    ['h', 'j', 'h', 'y', 'r', 'f', 's', 'd', 'h', 't', 't', 'h', 'd', 'm', 'x', 'l'][1 + code % 16]
    || ['h', 'j', 'h', 'y', 'r', 'f', 's', 'd', 'h', 't', 't', 'h', 'd', 'm', 'x', 'l'][1 + (code // 16) % 16] || 'my',
    'company', 'formal', 'corporate', 'active', 1 + n % 12,
    ['华东', '华南', '华北', '西南', '华中', '东北', '西北'][1 + n % 7], '制造', ['大', '中', '小'][1 + n % 3],
    ['A', 'B', 'C'][1 + n % 3], 'CNY', [0, 30, 60, 90][1 + n % 4], '9131' || lpad(n::text, 14, '0'), n % 40 // 38,
    timestamp '2023-06-30 12:00:00', 0, 1, 1, timestamp '9999-12-31'
from parts;

create temp table sale as
with drawn as (
    select
        n,
        1 + floor($customers * pow(chance('who', n), 1.7))::integer as customer_id,
        date '2023-07-01' + (n * 1095 // ($customers * 10))::integer as on_date,
        round(exp(5.5 + 4 * (chance('a', n) + chance('b', n) + chance('c', n) - 1.5)) * 10, 2)::decimal(18, 2) as amount,
        chance('pay', n) as fate,
        chance('late', n) as lateness
    from range($customers * 10) as numbers(n)
)

select
    drawn.n, drawn.customer_id, drawn.on_date, drawn.on_date + [0, 30, 60, 90][1 + drawn.customer_id % 4] as due_on, drawn.amount,
    drawn.fate < 0.12 and drawn.amount > 1 as in_parts,
    case
        when drawn.fate < 0.98
            then drawn.on_date + [0, 30, 60, 90][1 + drawn.customer_id % 4] + floor(60 * drawn.lateness * drawn.lateness - 5)::integer
    end as wish_on
from drawn;

create temp table document as
with money as (
    select n, 0 as part, customer_id, on_date, due_on, amount, null::date as invoice_due, false as settles from sale
    union all
    select
        n, 1, customer_id, greatest(wish_on, on_date), null, case when in_parts then (amount / 2)::decimal(18, 2) else amount end,
        due_on, not in_parts
    from sale where wish_on is not null
    union all
    select n, 2, customer_id, greatest(wish_on, on_date) + 20, null, amount - (amount / 2)::decimal(18, 2), due_on, true
    from sale where wish_on is not null and in_parts
    union all
    select n, 3, customer_id, on_date, null, (amount / 10)::decimal(18, 2), null, false from sale where n % 500 = 0
)

select row_number() over (order by on_date, part, n) as entry_id, money.*
from money
where on_date <= date '2026-06-30' and amount > 0;

insert into entry (
    record_id, entry_id, customer_id, kind, doc_no, on_date, due_on, amount, currency, recorded_at, recorded_by, change_id,
    origin_change, retired_at
)
select
    entry_id, entry_id, customer_id, if(part = 0, 'invoice', 'payment'),
    if(part = 0, 'INV-' || n, 'PAY-' || n || '-' || part), on_date, due_on, amount, 'CNY', on_date + time '12:00:00', 0, 1, 1,
    timestamp '9999-12-31'
from document order by entry_id;

insert into posting (
    posting_id, entry_id, customer_id, invoice_id, kind, on_date, due_on, amount, items, currency, rule, recorded_at, recorded_by, change_id
)
select
    document.entry_id, document.entry_id, document.customer_id, invoice.entry_id, if(document.part = 0, 'invoice', 'payment'),
    document.on_date, invoice.due_on, if(document.part = 0, document.amount, -document.amount),
    if(document.part = 0, 1, if(document.settles, -1, 0)), 'CNY', 'bench', document.on_date + time '12:00:00', 0, 1
from document
left join (select n, entry_id, due_on from document where part = 0) as invoice on if(document.part < 3, document.n, null) = invoice.n
order by document.entry_id;

insert into feedback (
    record_id, feedback_id, customer_id, metric, on_date, score, top_score, channel, recorded_at, recorded_by, change_id, origin_change, retired_at
)
select
    n, n, 1 + (hash('f' || n) % $customers)::integer, ['nps', 'csat', 'ces'][1 + n % 3],
    date '2023-07-01' + (n * 1095 // ($customers * 2))::integer,
    case n % 3 when 0 then floor(11 * sqrt(chance('s', n))) else 1 + floor(5 * sqrt(chance('s', n))) end,
    case n % 3 when 0 then 10 else 5 end, ['phone', 'email', 'visit'][1 + n % 3],
    date '2023-07-01' + (n * 1095 // ($customers * 2))::integer + time '12:00:00', 0, 1, 1, timestamp '9999-12-31'
from range(1, $customers * 2) as numbers(n);

insert into activity (
    record_id, activity_id, customer_id, kind, channel, on_date, done_on, owner_id, subject, recorded_at, recorded_by, change_id,
    origin_change, retired_at
)
select
    n, n, 1 + (hash('t' || n) % $customers)::integer, 'interaction', 'phone', date '2023-07-01' + (n * 1095 // ($customers * 10))::integer,
    date '2023-07-01' + (n * 1095 // ($customers * 10))::integer, 1 + n % 12, '回访',
    date '2023-07-01' + (n * 1095 // ($customers * 10))::integer + time '12:00:00', 0, 1, 1, timestamp '9999-12-31'
from range(1, $customers * 10) as numbers(n);

insert into promise (
    record_id, promise_id, customer_id, made_on, due_on, amount, currency, recorded_at, recorded_by, change_id, origin_change, retired_at
)
select
    row_number() over (order by n), row_number() over (order by n), customer_id, due_on + 5, due_on + 20, amount, 'CNY',
    due_on + 5 + time '12:00:00', 0, 1, 1, timestamp '9999-12-31'
from sale where n % 60 = 0 and due_on + 5 <= date '2026-06-30';
