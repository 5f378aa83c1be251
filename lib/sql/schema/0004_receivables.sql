-- From the bill to the money: billing, messages, bank lines, plans, credit stops, proposals. Facts keep their two times as in 0002.

-- The customer a change was about, whatever account number it gets later.
alter table audit add column customer_id integer;

-- Terms: 'net' n days, 'eom' n days after the end of the month, 'months' n months. Null: net.
alter table customer_record add column terms_basis text;

-- What is billed again and again. Its lines are recorded anew together when one of them changes.
create table agreement (
    record_id bigint primary key,
    agreement_id bigint not null,
    customer_id integer not null,
    title text not null,
    currency text not null,
    every_months integer not null check (every_months in (1, 2, 3, 6, 12)),
    first_on date not null,
    until_on date,
    tax_rate decimal(6, 4),
    memo text,
    recorded_at timestamp not null,
    recorded_by integer not null,
    change_id bigint not null,
    origin_change bigint not null,
    origin_record bigint,
    retired_at timestamp not null,
    retired_change bigint
);

create table agreement_line (
    record_id bigint primary key,
    agreement_id bigint not null,
    product_no text,
    description text,
    quantity decimal(18, 4),
    unit_price decimal(18, 6),
    amount decimal(24, 6) not null,
    recorded_at timestamp not null,
    recorded_by integer not null,
    change_id bigint not null,
    origin_change bigint not null,
    origin_record bigint,
    retired_at timestamp not null,
    retired_change bigint
);

-- An invoice before it is one: no number, no money. Posting it retires the row and records the entry; entry_id then names it.
-- lines: a JSON list of {product_no, description, quantity, unit_price, amount}, amounts as text.
create table invoice_draft (
    record_id bigint primary key,
    draft_id bigint not null,
    customer_id integer not null,
    on_date date not null,
    due_on date,
    amount decimal(18, 2) not null,
    currency text not null,
    tax_amount decimal(18, 2),
    memo text,
    lines text,
    agreement_id bigint,
    period_on date,
    entry_id bigint,
    recorded_at timestamp not null,
    recorded_by integer not null,
    change_id bigint not null,
    origin_change bigint not null,
    origin_record bigint,
    retired_at timestamp not null,
    retired_change bigint
);

-- Something sent to a customer, or to be sent. What became of it stands in message_event.
create table message (
    record_id bigint primary key,
    message_id bigint not null,
    customer_id integer not null,
    contact_id bigint,
    kind text not null check (kind in ('invoice', 'statement', 'reminder', 'thanks')),
    channel text not null,
    on_date date not null,
    recipient text,
    language text not null,
    subject text not null,
    body text not null,
    entry_id bigint,
    level integer,
    currency text,
    recorded_at timestamp not null,
    recorded_by integer not null,
    change_id bigint not null,
    origin_change bigint not null,
    origin_record bigint,
    retired_at timestamp not null,
    retired_change bigint
);

create table message_event (
    record_id bigint primary key,
    event_id bigint not null,
    message_id bigint not null,
    customer_id integer not null,
    state text not null check (state in ('queued', 'sent', 'failed', 'cancelled')),
    happened_at timestamp not null,
    detail text,
    recorded_at timestamp not null,
    recorded_by integer not null,
    change_id bigint not null,
    origin_change bigint not null,
    origin_record bigint,
    retired_at timestamp not null,
    retired_change bigint
);

-- One line of a bank or wallet statement as it came: money in is positive. place tells lines apart that are otherwise alike.
create table bank_line (
    record_id bigint primary key,
    line_id bigint not null,
    account text not null,
    on_date date not null,
    amount decimal(18, 2) not null check (amount <> 0),
    currency text not null,
    payer text,
    payer_key text,
    payer_account text,
    memo text,
    ref text,
    place integer not null,
    recorded_at timestamp not null,
    recorded_by integer not null,
    change_id bigint not null,
    origin_change bigint not null,
    origin_record bigint,
    retired_at timestamp not null,
    retired_change bigint
);

-- What a bank line came to: a payment of a customer (entry_id), or nothing of ours (rule 'ignored', with the reason as note).
create table bank_match (
    record_id bigint primary key,
    match_id bigint not null,
    line_id bigint not null,
    customer_id integer,
    entry_id bigint,
    amount decimal(18, 2) not null,
    rule text not null,
    note text,
    recorded_at timestamp not null,
    recorded_by integer not null,
    change_id bigint not null,
    origin_change bigint not null,
    origin_record bigint,
    retired_at timestamp not null,
    retired_change bigint
);

-- Who pays for whom, learned from matches: a payer's name key or account.
create table payer_alias (
    record_id bigint primary key,
    alias_id bigint not null,
    customer_id integer not null,
    payer_key text,
    payer_account text,
    recorded_at timestamp not null,
    recorded_by integer not null,
    change_id bigint not null,
    origin_change bigint not null,
    origin_record bigint,
    retired_at timestamp not null,
    retired_change bigint,
    check (payer_key is not null or payer_account is not null)
);

-- An instalment plan for what was open in a currency when it was agreed; its instalments are promises with its plan_id.
create table plan (
    record_id bigint primary key,
    plan_id bigint not null,
    customer_id integer not null,
    made_on date not null,
    amount decimal(18, 2) not null check (amount > 0),
    currency text not null,
    note text,
    cancelled_on date,
    recorded_at timestamp not null,
    recorded_by integer not null,
    change_id bigint not null,
    origin_change bigint not null,
    origin_record bigint,
    retired_at timestamp not null,
    retired_change bigint
);

alter table promise add column plan_id bigint;

-- No reminders to a customer from one day up to and including another, and why.
create table hold (
    record_id bigint primary key,
    hold_id bigint not null,
    customer_id integer not null,
    from_on date not null,
    until_on date not null,
    reason text not null,
    recorded_at timestamp not null,
    recorded_by integer not null,
    change_id bigint not null,
    origin_change bigint not null,
    origin_record bigint,
    retired_at timestamp not null,
    retired_change bigint,
    check (from_on <= until_on)
);

-- What one person proposes and another decides. body: what exactly, as JSON (invoices and amounts of a write-off, days of a release).
create table proposal (
    record_id bigint primary key,
    proposal_id bigint not null,
    customer_id integer not null,
    kind text not null check (kind in ('write_off', 'credit_release', 'credit_limit')),
    on_date date not null,
    amount decimal(18, 2),
    currency text,
    reason text not null,
    body text not null,
    recorded_at timestamp not null,
    recorded_by integer not null,
    change_id bigint not null,
    origin_change bigint not null,
    origin_record bigint,
    retired_at timestamp not null,
    retired_change bigint
);

create table decision (
    record_id bigint primary key,
    decision_id bigint not null,
    proposal_id bigint not null,
    customer_id integer not null,
    on_date date not null,
    outcome text not null check (outcome in ('approved', 'rejected', 'withdrawn')),
    note text,
    recorded_at timestamp not null,
    recorded_by integer not null,
    change_id bigint not null,
    origin_change bigint not null,
    origin_record bigint,
    retired_at timestamp not null,
    retired_change bigint
);

-- An approved exception to the credit rules, from one day up to and including another: a limit of its own, or no stop (amount null).
create table credit_override (
    record_id bigint primary key,
    override_id bigint not null,
    customer_id integer not null,
    proposal_id bigint,
    from_on date not null,
    until_on date not null,
    amount decimal(18, 2),
    currency text not null,
    reason text not null,
    recorded_at timestamp not null,
    recorded_by integer not null,
    change_id bigint not null,
    origin_change bigint not null,
    origin_record bigint,
    retired_at timestamp not null,
    retired_change bigint,
    check (from_on <= until_on)
);

-- How many units of the base currency one unit of a currency was worth from a day on.
create table exchange_rate (
    record_id bigint primary key,
    rate_id bigint not null,
    currency text not null,
    base text not null,
    on_date date not null,
    rate decimal(18, 8) not null check (rate > 0),
    recorded_at timestamp not null,
    recorded_by integer not null,
    change_id bigint not null,
    origin_change bigint not null,
    origin_record bigint,
    retired_at timestamp not null,
    retired_change bigint
);

-- The rules receivables start with. Days count from the due date; below zero is before it.
insert into policy (
    record_id,
    policy_id,
    kind,
    effective_on,
    body,
    reason,
    recorded_at,
    recorded_by,
    change_id,
    origin_change,
    retired_at
)
select
    starting.policy_id,
    starting.policy_id,
    starting.kind,
    date '2000-01-01',
    starting.body,
    starting.reason,
    timestamp '2000-01-01',
    0,
    0,
    0,
    timestamp '9999-12-31'
from (
    values
    (
        4,
        'reminders',
        '{
            "levels": [
                {"level": 1, "days": -3, "channel": "email", "tone": "friendly"},
                {"level": 2, "days": 3, "channel": "email", "tone": "reminder"},
                {"level": 3, "days": 10, "channel": "email", "tone": "firm"},
                {"level": 4, "days": 20, "channel": "phone", "tone": "firm"},
                {"level": 5, "days": 35, "channel": "phone", "tone": "lead"},
                {"level": 6, "days": 60, "channel": "letter", "tone": "final"},
                {"level": 7, "days": 90, "channel": "phone", "tone": "review"}
            ],
            "gap_days": 5, "smallest_amount": 100, "late_habit_earlier": 1, "large_first_channel": "phone"
        }',
        '初始催收阶梯 · starting reminder ladder'
    ),
    (
        5,
        'provision',
        '{"edges": [30, 60, 90, 180, 365], "rates": [0, 0.01, 0.05, 0.10, 0.20, 0.50, 1.00]}',
        '初始坏账准备比例，须由财务确认 · starting provision rates, for finance to confirm'
    ),
    (
        6,
        'credit_stop',
        '{
            "overdue_amount": 1000, "overdue_days": 30, "prepay": ["low"],
            "amber": 0.80, "red": 0.95, "stop": 1.00,
            "months": {"high": 3, "mid": 2, "low": 1, "none": 0.5}, "start": 50000,
            "grace_days": 3, "tolerance": 100, "bad_debt_days": 365
        }',
        '初始停供规则 · starting credit stop'
    ),
    (
        7,
        'matching',
        '{"adjust_most": 50, "auto": ["R1", "R2", "R3", "R4"]}',
        '初始对账规则 · starting rules of reconciliation'
    ),
    (
        8,
        'financing',
        '{"yearly_rate": 0.06}',
        '初始资金成本，须由财务确认 · starting cost of money, for finance to confirm'
    )
) as starting (policy_id, kind, body, reason);
