-- The customer's voice: waves of surveys, cases with their whole life, days of the calendar, files brought along. Two times as in 0002.

-- More kinds of cases ('service'), and who told us at which stage of the journey. A check cannot be changed, so the table is made
-- anew; which kinds there are is said in `lib/commands/` from now on.
create table case_of_more_kinds (
    record_id bigint primary key,
    case_id bigint not null,
    customer_id integer not null,
    kind text not null,
    on_date date not null,
    subject text not null,
    body text,
    severity integer check (severity between 1 and 3),
    cause text,
    channel text,
    region text,
    contact_id bigint,
    stage text,
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

insert into case_of_more_kinds by name select * from case_file;

drop table case_file;

alter table case_of_more_kinds rename to case_file;

-- state: the one the case is in after the step, the same as before when the step changed none (escalated, asked in vain, noted).
-- action: the step itself; null in records of files. level: of an escalation. cost: of the remedy. into_case_id: the case merged into.
-- detail: JSON of what else the step had to say, such as {"remedy": ..., "told": ...}.
create table case_event_of_more_states (
    record_id bigint primary key,
    event_id bigint not null,
    case_id bigint not null,
    customer_id integer not null,
    state text not null,
    action text,
    happened_at timestamp not null,
    note text,
    level integer,
    cost decimal(18, 2),
    currency text,
    into_case_id bigint,
    detail text,
    recorded_at timestamp not null,
    recorded_by integer not null,
    change_id bigint not null,
    origin_change bigint not null,
    origin_record bigint,
    retired_at timestamp not null,
    retired_change bigint
);

insert into case_event_of_more_states by name select * from case_event;

drop table case_event;

alter table case_event_of_more_states rename to case_event;

-- One wave of a survey. Its list is in survey_invite, its life in wave_event.
-- audience: 'relationship' asks about all of it, 'transaction' about one event. sampling: 'census' or 'sample' (stratified, by seed).
-- channel: how contacts are asked who can be reached that way. questions: JSON of what is asked in both languages.
-- filter: JSON of which customers.
create table survey_wave (
    record_id bigint primary key,
    wave_id bigint not null,
    title text not null,
    metric text not null check (metric in ('nps', 'csat', 'ces')),
    audience text not null check (audience in ('relationship', 'transaction')),
    sampling text not null check (sampling in ('census', 'sample')),
    sample_size integer,
    seed integer not null,
    opens_on date not null,
    closes_on date not null,
    stage text,
    channel text not null default 'email',
    questions text not null,
    filter text not null,
    recorded_at timestamp not null,
    recorded_by integer not null,
    change_id bigint not null,
    origin_change bigint not null,
    origin_record bigint,
    retired_at timestamp not null,
    retired_change bigint,
    check (opens_on <= closes_on)
);

-- channel: how customers were told the result.
create table wave_event (
    record_id bigint primary key,
    event_id bigint not null,
    wave_id bigint not null,
    state text not null check (state in ('draft', 'frozen', 'sending', 'closed', 'analysed', 'told')),
    happened_at timestamp not null,
    note text,
    channel text,
    recorded_at timestamp not null,
    recorded_by integer not null,
    change_id bigint not null,
    origin_change bigint not null,
    origin_record bigint,
    retired_at timestamp not null,
    retired_change bigint
);

-- Who is asked in a wave. stratum: the group it was drawn from; weight: how many customers of that group it speaks for.
create table survey_invite (
    record_id bigint primary key,
    invite_id bigint not null,
    wave_id bigint not null,
    customer_id integer not null,
    contact_id bigint,
    channel text not null,
    language text not null,
    stratum text,
    weight double not null,
    recorded_at timestamp not null,
    recorded_by integer not null,
    change_id bigint not null,
    origin_change bigint not null,
    origin_record bigint,
    retired_at timestamp not null,
    retired_change bigint
);

-- What became of asking. That it was answered stands in feedback.invite_id.
-- handed_by: who took the link to hand it on by another way than mail, and so could have answered in the customer's place.
create table invite_event (
    record_id bigint primary key,
    event_id bigint not null,
    invite_id bigint not null,
    wave_id bigint not null,
    customer_id integer not null,
    state text not null check (state in ('delivered', 'failed', 'reminded', 'no_answer', 'declined', 'withdrawn')),
    happened_at timestamp not null,
    note text,
    handed_by integer,
    recorded_at timestamp not null,
    recorded_by integer not null,
    change_id bigint not null,
    origin_change bigint not null,
    origin_record bigint,
    retired_at timestamp not null,
    retired_change bigint
);

-- source: 'link', 'call', 'entry' or 'file'. entered_by: who typed it, or had the link in hand; null: the customer alone did.
-- aspects: JSON of aspect to 1..5. case_id: the case it is about. stage: where on the journey. Null in answers of before.
alter table feedback add column wave_id bigint;
alter table feedback add column invite_id bigint;
alter table feedback add column contact_id bigint;
alter table feedback add column case_id bigint;
alter table feedback add column source text;
alter table feedback add column entered_by integer;
alter table feedback add column language text;
alter table feedback add column stage text;
alter table feedback add column aspects text;

-- What a text of a customer says: by word list, by the model learned here, or by a person, whose word stands.
-- about: 'feedback' or 'case'. mood: -1 bad to 1 good; null: says neither. themes: JSON list. version: of the word list or model.
create table reading (
    record_id bigint primary key,
    reading_id bigint not null,
    customer_id integer not null,
    about text not null check (about in ('feedback', 'case')),
    about_id bigint not null,
    mood double,
    themes text not null,
    reader text not null check (reader in ('words', 'model', 'person')),
    version integer not null,
    recorded_at timestamp not null,
    recorded_by integer not null,
    change_id bigint not null,
    origin_change bigint not null,
    origin_record bigint,
    retired_at timestamp not null,
    retired_change bigint
);

-- Days on which working time is not what its weekday says: holidays (closed) and weekend days worked instead (open).
create table calendar_day (
    record_id bigint primary key,
    day_id bigint not null,
    on_date date not null,
    is_open boolean not null,
    name text,
    recorded_at timestamp not null,
    recorded_by integer not null,
    change_id bigint not null,
    origin_change bigint not null,
    origin_record bigint,
    retired_at timestamp not null,
    retired_change bigint
);

-- A photo or paper that belongs to a case, an answer or a touch. about: 'case', 'feedback' or 'activity'.
-- preview: a small picture of it; null for papers. Lists read only this, never content.
create table attachment (
    record_id bigint primary key,
    attachment_id bigint not null,
    customer_id integer not null,
    about text not null check (about in ('case', 'feedback', 'activity')),
    about_id bigint not null,
    name text not null,
    media_type text not null,
    bytes integer not null,
    sha256 text not null,
    content blob not null,
    preview blob,
    recorded_at timestamp not null,
    recorded_by integer not null,
    change_id bigint not null,
    origin_change bigint not null,
    origin_record bigint,
    retired_at timestamp not null,
    retired_change bigint
);

-- One more kind of message: 'survey', which names its invitation; see case_file above.
create table message_of_more_kinds (
    record_id bigint primary key,
    message_id bigint not null,
    customer_id integer not null,
    contact_id bigint,
    kind text not null,
    channel text not null,
    on_date date not null,
    recipient text,
    language text not null,
    subject text not null,
    body text not null,
    entry_id bigint,
    invite_id bigint,
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

insert into message_of_more_kinds by name select * from message;

drop table message;

alter table message_of_more_kinds rename to message;

-- What the house keeps to itself and no export, audit or answer of a query holds. Made on first use, beside the door.
create table house_secret (
    name text primary key,
    secret blob not null
);
