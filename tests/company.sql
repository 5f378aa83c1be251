-- A small company with some of everything, the same every time: 60 customers, 600 invoices from January 2025 to June 2026.
-- Chance comes from hash(), so that nothing changes between runs; every fact was recorded on 1 January 2020 by change 0.
insert into app_user (user_id, username, name, role, scope, team, language, is_active, clearance)
select i, 'u' || i, '经理' || i, 'lead', 'team', 'T' || (i % 2), 'zh', true, 0
from range(1, 5) as r (i);

insert into user_team
select i, 'T' || (i % 2)
from range(1, 5) as r (i);

create or replace temp table bookkeeping as
select
    timestamp '2020-01-01' as recorded_at,
    0 as recorded_by,
    0 as change_id,
    0 as origin_change,
    timestamp '9999-12-31' as retired_at;

insert into customer_record by name
select
    i as record_id,
    i as customer_id,
    date '0001-01-01' as from_on,
    date '9999-12-31' as until_on,
    'C' || i as account_no,
    '客户' || i as name,
    '客户' || i as name_key,
    'kh' as initials,
    'company' as kind,
    'formal' as book,
    'corporate' as origin,
    'active' as status,
    1 + i % 4 as owner_id,
    if(i % 7 = 0, null, 'R' || (i % 3)) as region,
    'S' || (i % 2) as segment,
    'medium' as size,
    if(i % 10 = 0, 'USD', 'CNY') as currency,
    0 as secrecy,
    bookkeeping.*
from range(1, 61) as r (i)
cross join bookkeeping;

create or replace temp table drawn as
select
    k as id,
    1 + (hash(k) % 60)::integer as customer_id,
    date '2025-01-06' + (k * 541 // 600)::integer as on_date,
    (hash(k + 1) % 60)::integer as terms,
    (100 + hash(k + 2) % 9000)::decimal(18, 2) as amount,
    (hash(k + 3) % 90)::integer - 20 as delay,
    hash(k + 4) % 10 as luck
from range(1, 601) as r (k);

create or replace temp table dealt as
select
    drawn.*,
    on_date + terms as due_on,
    greatest(on_date, on_date + terms + delay) as paid_on,
    if(customer_id % 10 = 0, 'USD', 'CNY') as currency,
    bookkeeping.*
from drawn
cross join bookkeeping;

-- One in ten is never paid, one in ten half; each fortieth invoice has a payment or a credit note on account beside it.
create or replace temp table document as
select id as entry_id, id as invoice_id, 'invoice' as kind, on_date, due_on, amount, 1 as items, dealt.* exclude (on_date, due_on, amount)
from dealt
union all by name
select
    1000 + id as entry_id,
    id as invoice_id,
    'payment' as kind,
    paid_on as on_date,
    due_on,
    if(luck = 1, amount / 2, amount)::decimal(18, 2) as amount,
    if(luck = 1, 0, -1) as items,
    dealt.* exclude (on_date, due_on, amount)
from dealt
where luck <> 0 and paid_on <= date '2026-06-30'
union all by name
select
    2000 + id as entry_id,
    if(id % 80 = 0, 'credit_note', 'payment') as kind,
    on_date,
    70 as amount,
    0 as items,
    dealt.* exclude (on_date, due_on, amount)
from dealt
where id % 40 = 0;

insert into entry by name
select
    entry_id as record_id,
    entry_id,
    customer_id,
    kind,
    left(kind, 1) || entry_id as doc_no,
    on_date,
    if(kind = 'invoice', due_on, null) as due_on,
    amount,
    currency,
    recorded_at,
    recorded_by,
    change_id,
    origin_change,
    retired_at
from document;

insert into posting by name
select
    row_number() over (order by on_date, entry_id) as posting_id,
    entry_id,
    customer_id,
    invoice_id,
    kind,
    on_date,
    due_on,
    if(kind = 'invoice', amount, -amount) as amount,
    items,
    currency,
    'manual' as rule,
    recorded_at,
    recorded_by,
    change_id
from document;

insert into promise by name
select
    id as record_id,
    id as promise_id,
    customer_id,
    paid_on - 7 as made_on,
    paid_on + (hash(id) % 5)::integer - 2 as due_on,
    amount,
    currency,
    recorded_at,
    recorded_by,
    change_id,
    origin_change,
    retired_at
from dealt
where id % 6 = 0 and paid_on < date '2026-06-25';

-- Three waves that ask every customer; whoever gave an NPS score meanwhile answered. Some answers were typed in by the one they rate.
insert into survey_wave by name
select
    i as record_id,
    i as wave_id,
    '第 ' || i || ' 次' as title,
    'nps' as metric,
    'relationship' as audience,
    'census' as sampling,
    1 as seed,
    [date '2025-06-01', date '2025-10-01', date '2026-01-15'][i] as opens_on,
    [date '2025-07-31', date '2025-11-30', date '2026-03-15'][i] as closes_on,
    '[]' as questions,
    '{}' as filter,
    bookkeeping.*
from range(1, 4) as r (i)
cross join bookkeeping;

insert into wave_event by name
select
    i as record_id,
    i as event_id,
    i as wave_id,
    'sending' as state,
    [date '2025-06-01', date '2025-10-01', date '2026-01-15'][i]::timestamp as happened_at,
    bookkeeping.*
from range(1, 4) as r (i)
cross join bookkeeping;

insert into survey_invite by name
select
    100 * wave_id + customer_id as record_id,
    100 * wave_id + customer_id as invite_id,
    wave_id,
    customer_id,
    ['email', 'phone'][1 + customer_id % 2] as channel,
    'zh' as language,
    1.0 as weight,
    bookkeeping.*
from survey_wave
cross join (select unnest(range(1, 61)) as customer_id)
cross join bookkeeping;

insert into invite_event by name
select
    invite_id as record_id,
    invite_id as event_id,
    invite_id,
    wave_id,
    customer_id,
    if(customer_id % 10 = 3, 'failed', 'delivered') as state,
    opens_on + time '03:00:00' as happened_at,
    bookkeeping.*
from survey_invite
inner join survey_wave using (wave_id)
cross join bookkeeping;

create or replace temp table replied as
select min(dealt.id) as id, wave.wave_id
from dealt
inner join survey_wave as wave on dealt.on_date between wave.opens_on and wave.closes_on
where dealt.id % 3 = 0
group by dealt.customer_id, wave.wave_id;

insert into feedback by name
select
    dealt.id as record_id,
    dealt.id as feedback_id,
    dealt.customer_id,
    ['nps', 'csat', 'ces'][1 + dealt.id % 3] as metric,
    on_date,
    [hash(dealt.id) % 11, 1 + hash(dealt.id) % 5, 1 + hash(dealt.id) % 7][1 + dealt.id % 3] as score,
    [10, 5, 7][1 + dealt.id % 3] as top_score,
    ['phone', 'email'][1 + dealt.id % 2] as channel,
    if(dealt.id % 9 = 0, 1 + dealt.customer_id % 4, null) as entered_by,
    if(dealt.id % 2 = 0, 'zh', null) as language,
    if(dealt.id % 3 = 2, ['delivery', 'payment', 'after_sales'][1 + dealt.id % 4 % 3], null) as stage,
    if(dealt.id % 3 = 0, '{"delivery": ' || (1 + hash(dealt.id) % 11 // 3) || ', "price": ' || (1 + luck // 2) || '}', null) as aspects,
    wave.wave_id,
    if(wave.wave_id is null, null, 100 * wave.wave_id + dealt.customer_id) as invite_id,
    dealt.recorded_at,
    dealt.recorded_by,
    dealt.change_id,
    dealt.origin_change,
    dealt.retired_at
from dealt
left join replied as wave on dealt.id = wave.id;

insert into activity by name
select
    id as record_id,
    id as activity_id,
    customer_id,
    'interaction' as kind,
    on_date + 3 as on_date,
    on_date + 3 as done_on,
    1 as owner_id,
    '回访' as subject,
    recorded_at,
    recorded_by,
    change_id,
    origin_change,
    retired_at
from dealt
where id % 5 = 0
union all by name
select
    1000 + id as record_id,
    1000 + id as activity_id,
    customer_id,
    'task' as kind,
    on_date,
    on_date + 2 as due_on,
    if(luck > 4, on_date + (luck // 3)::integer, null) as done_on,
    1 as owner_id,
    'NPS' as subject,
    'feedback' as source_kind,
    id as source_id,
    recorded_at,
    recorded_by,
    change_id,
    origin_change,
    retired_at
from dealt
where id % 3 = 0;

insert into case_file by name
select
    id as record_id,
    id as case_id,
    customer_id,
    'complaint' as kind,
    on_date,
    '破损' as subject,
    2 as severity,
    ['delivery', 'quality'][1 + id % 24 // 12] as cause,
    on_date + [4, 25][1 + id % 24 // 12] as due_on,
    1 as owner_id,
    recorded_at,
    recorded_by,
    change_id,
    origin_change,
    retired_at
from dealt
where id % 12 = 0;

-- Most complaints get a remedy after 10 days and are closed after 20, some as unfounded, some opened again ten days later.
insert into case_event by name
select
    row_number() over (order by id, day) as record_id,
    row_number() over (order by id, day) as event_id,
    id as case_id,
    customer_id,
    if(state = 'closed' and id % 36 = 0, 'unfounded', state) as state,
    if(state = 'resolved', 'resolve', null) as action,
    on_date::timestamp + to_days(day) as happened_at,
    if(state = 'resolved', 100 + id, null) as cost,
    if(state = 'resolved', 'CNY', null) as currency,
    recorded_at,
    recorded_by,
    change_id,
    origin_change,
    retired_at
from dealt
inner join (values ('new', 0, 0), ('resolved', 10, 3), ('closed', 20, 3), ('in_progress', 30, 8)) as step (state, day, luck_from) on dealt.luck >= step.luck_from
where id % 12 = 0;

-- Every second invoice was sent from here, one to four days after it was made.
insert into message by name
select
    id as record_id,
    id as message_id,
    customer_id,
    'invoice' as kind,
    'email' as channel,
    on_date,
    'zh' as language,
    '账单' as subject,
    '您好' as body,
    id as entry_id,
    recorded_at,
    recorded_by,
    change_id,
    origin_change,
    retired_at
from dealt
where id % 2 = 0;

insert into message_event by name
select
    id as record_id,
    id as event_id,
    id as message_id,
    customer_id,
    'sent' as state,
    on_date::timestamp + to_days(1 + (hash(id + 5) % 4)::integer) as happened_at,
    recorded_at,
    recorded_by,
    change_id,
    origin_change,
    retired_at
from dealt
where id % 2 = 0;

-- Every tenth invoice brought a service request, most of which were answered, and most of those solved, some of them late.
insert into case_file by name
select
    10000 + id as record_id,
    10000 + id as case_id,
    customer_id,
    'service' as kind,
    on_date,
    '维修' as subject,
    1 + id % 3 as severity,
    1 as owner_id,
    recorded_at,
    recorded_by,
    change_id,
    origin_change,
    retired_at
from dealt
where id % 10 = 0;

insert into case_event by name
select
    100000 + row_number() over (order by id, hours) as record_id,
    100000 + row_number() over (order by id, hours) as event_id,
    10000 + id as case_id,
    customer_id,
    state,
    action,
    on_date::timestamp + to_hours(2 + hours) as happened_at,
    recorded_at,
    recorded_by,
    change_id,
    origin_change,
    retired_at
from dealt
inner join (values ('new', 'record', 0, 0), ('in_progress', 'respond', 1, 2), ('solved', 'solve', 48, 4)) as step (state, action, hours, luck_from)
    on dealt.luck >= step.luck_from
where id % 10 = 0;

-- Every fifteenth invoice brought a suggestion: some wait, others were declined after ten days, of which most customers were told.
insert into case_file by name
select
    200000 + id as record_id,
    200000 + id as case_id,
    customer_id,
    'suggestion' as kind,
    on_date,
    '合并开票' as subject,
    1 as owner_id,
    recorded_at,
    recorded_by,
    change_id,
    origin_change,
    retired_at
from dealt
where id % 15 = 0;

insert into case_event by name
select
    300000 + row_number() over (order by id, day) as record_id,
    300000 + row_number() over (order by id, day) as event_id,
    200000 + id as case_id,
    customer_id,
    state,
    action,
    on_date::timestamp + to_days(day) as happened_at,
    recorded_at,
    recorded_by,
    change_id,
    origin_change,
    retired_at
from dealt
inner join (values ('new', 'record', 0, 0), ('declined', 'decline', 10, 2), ('told_customer', 'tell', 14, 4)) as step (state, action, day, luck_from)
    on dealt.luck >= step.luck_from
where id % 15 = 0;

-- Every twentieth invoice was disputed five days after it was made; most disputes were settled in two weeks.
insert into case_file by name
select
    400000 + id as record_id,
    400000 + id as case_id,
    customer_id,
    'dispute' as kind,
    on_date + 5 as on_date,
    '数量不符' as subject,
    id as invoice_id,
    amount,
    currency,
    1 as owner_id,
    recorded_at,
    recorded_by,
    change_id,
    origin_change,
    retired_at
from dealt
where id % 20 = 0;

insert into case_event by name
select
    400000 + row_number() over (order by id, day) as record_id,
    400000 + row_number() over (order by id, day) as event_id,
    400000 + id as case_id,
    customer_id,
    state,
    on_date::timestamp + to_days(day) as happened_at,
    recorded_at,
    recorded_by,
    change_id,
    origin_change,
    retired_at
from dealt
inner join (values ('new', 5, 0), ('closed', 19, 3)) as step (state, day, luck_from) on dealt.luck >= step.luck_from
where id % 20 = 0;
