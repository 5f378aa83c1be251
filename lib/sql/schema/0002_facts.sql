-- Facts know two times: when they were true, and when the ledger learned them (recorded_at, retired_at).
-- change_id wrote the row, origin_change first wrote its content, retired_change took it back; 9999-12-31 means "still".
-- origin_record is the record an undo copied the content from; null: the content is its own.
create table customer_record (
    record_id bigint primary key,
    customer_id integer not null,
    from_on date not null,
    until_on date not null,
    account_no text not null,
    name text not null,
    name_en text,
    name_key text not null,
    initials text not null,
    kind text not null check (kind in ('company', 'person', 'institution')),
    book text not null check (book in ('formal', 'offbook')),
    origin text not null,
    status text not null check (status in ('active', 'inactive', 'blocked', 'closed', 'merged')),
    owner_id integer,
    region text,
    industry text,
    size text,
    segment text,
    currency text not null,
    terms_days integer,
    tax_no text,
    bank_account text,
    secrecy integer not null check (secrecy between 0 and 2),
    parent_id integer,
    note text,
    recorded_at timestamp not null,
    recorded_by integer not null,
    change_id bigint not null,
    origin_change bigint not null,
    origin_record bigint,
    retired_at timestamp not null,
    retired_change bigint,
    check (from_on < until_on)
);

create table contact (
    record_id bigint primary key,
    contact_id bigint not null,
    customer_id integer not null,
    name text not null,
    title text,
    role text check (role in ('decision', 'user', 'finance')),
    phone text,
    email text,
    wechat text,
    address text,
    is_primary boolean not null,
    language text,
    do_not_contact boolean not null,
    recorded_at timestamp not null,
    recorded_by integer not null,
    change_id bigint not null,
    origin_change bigint not null,
    origin_record bigint,
    retired_at timestamp not null,
    retired_change bigint
);

-- The document. Its money is in posting. A posted document is never edited: it is retired with mirror postings.
create table entry (
    record_id bigint primary key,
    entry_id bigint not null,
    customer_id integer not null,
    kind text not null check (kind in ('invoice', 'credit_note', 'payment', 'refund', 'write_off', 'adjustment', 'opening')),
    doc_no text not null,
    on_date date not null,
    due_on date,
    amount decimal(18, 2) not null,
    currency text not null,
    tax_amount decimal(18, 2),
    method text,
    payer text,
    memo text,
    recorded_at timestamp not null,
    recorded_by integer not null,
    change_id bigint not null,
    origin_change bigint not null,
    origin_record bigint,
    retired_at timestamp not null,
    retired_change bigint
);

-- What a document lists. Its lines are taken back together and recorded anew when one of them changes.
create table entry_line (
    record_id bigint primary key,
    entry_id bigint not null,
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

-- The one money ledger: signed, append-only. An invoice posts +; money settling it posts - with its due date;
-- money not yet allocated posts - without an invoice. items: +1 opens an invoice, -1 settles it, else 0.
create table posting (
    posting_id bigint primary key,
    entry_id bigint not null,
    customer_id integer not null,
    invoice_id bigint,
    kind text not null,
    on_date date not null,
    due_on date,
    amount decimal(18, 2) not null,
    items integer not null,
    currency text not null,
    rule text not null,
    recorded_at timestamp not null,
    recorded_by integer not null,
    change_id bigint not null
);

create table promise (
    record_id bigint primary key,
    promise_id bigint not null,
    customer_id integer not null,
    invoice_id bigint,
    made_on date not null,
    due_on date not null,
    amount decimal(18, 2) not null check (amount > 0),
    currency text not null,
    promised_by text,
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

-- Touches done and tasks to do (done_on is null).
create table activity (
    record_id bigint primary key,
    activity_id bigint not null,
    customer_id integer not null,
    kind text not null check (kind in ('interaction', 'task', 'reminder')),
    channel text,
    direction text check (direction in ('in', 'out')),
    on_date date not null,
    due_on date,
    done_on date,
    owner_id integer,
    subject text not null,
    body text,
    outcome text,
    source_kind text,
    source_id bigint,
    ref text,
    recorded_at timestamp not null,
    recorded_by integer not null,
    change_id bigint not null,
    origin_change bigint not null,
    origin_record bigint,
    retired_at timestamp not null,
    retired_change bigint
);

create table feedback (
    record_id bigint primary key,
    feedback_id bigint not null,
    customer_id integer not null,
    metric text not null check (metric in ('nps', 'csat', 'ces')),
    on_date date not null,
    score decimal(5, 2) not null,
    top_score integer not null,
    comment text,
    channel text,
    respondent text,
    region text,
    ref text,
    recorded_at timestamp not null,
    recorded_by integer not null,
    change_id bigint not null,
    origin_change bigint not null,
    origin_record bigint,
    retired_at timestamp not null,
    retired_change bigint
);

create table case_file (
    record_id bigint primary key,
    case_id bigint not null,
    customer_id integer not null,
    kind text not null check (kind in ('complaint', 'suggestion', 'dispute')),
    on_date date not null,
    subject text not null,
    body text,
    severity integer check (severity between 1 and 3),
    cause text,
    channel text,
    region text,
    invoice_id bigint,
    amount decimal(18, 2),
    currency text,
    owner_id integer,
    due_on date,
    ref text,
    recorded_at timestamp not null,
    recorded_by integer not null,
    change_id bigint not null,
    origin_change bigint not null,
    origin_record bigint,
    retired_at timestamp not null,
    retired_change bigint
);

-- Clocks are computed from these, never from stored counters.
create table case_event (
    record_id bigint primary key,
    event_id bigint not null,
    case_id bigint not null,
    customer_id integer not null,
    state text not null check (state in ('new', 'in_progress', 'waiting_customer', 'resolved', 'told_customer', 'closed')),
    happened_at timestamp not null,
    note text,
    recorded_at timestamp not null,
    recorded_by integer not null,
    change_id bigint not null,
    origin_change bigint not null,
    origin_record bigint,
    retired_at timestamp not null,
    retired_change bigint
);
