-- The weekly review: the meeting, what was seen in it, what people said about signals, what was decided and promised, and who is told
-- between meetings. Two times as in 0002.
--
-- week_on is the Monday of the week that is looked at. circle says whose review it is: 'all' is the whole company, else the teams, in
-- their order, joined by '、'; it is at once who may read what was frozen.

-- One review of one week by one circle. state: 'prepared' (before), 'live' (running), 'closed' (frozen).
-- score: how good the meeting was, 1 to 10, said by those in it.
create table meeting (
    record_id bigint primary key,
    meeting_id bigint not null,
    week_on date not null,
    circle text not null,
    chair_id integer not null,
    state text not null check (state in ('prepared', 'live', 'closed')),
    opened_at timestamp,
    closed_at timestamp,
    score integer check (score between 1 and 10),
    attended text,
    recorded_at timestamp not null,
    recorded_by integer not null,
    change_id bigint not null,
    origin_change bigint not null,
    origin_record bigint,
    retired_at timestamp not null,
    retired_change bigint
);

-- What a closed meeting saw: JSON of every number and row, as it was known at a moment, and the hash of that text.
-- maker: the version of the rules that made it. No undo takes it back; a meeting closed again has a later one.
create table pack (
    record_id bigint primary key,
    pack_id bigint not null,
    meeting_id bigint not null,
    week_on date not null,
    circle text not null,
    as_of date not null,
    known_at timestamp not null,
    currency text,
    maker text not null,
    body text not null,
    sha256 text not null,
    recorded_at timestamp not null,
    recorded_by integer not null,
    change_id bigint not null,
    origin_change bigint not null,
    origin_record bigint,
    retired_at timestamp not null,
    retired_change bigint
);

-- What is said about one metric's signal in one week: who is to say it, what was said, why it is so, and what the meeting made of it.
create table explanation (
    record_id bigint primary key,
    explanation_id bigint not null,
    week_on date not null,
    circle text not null,
    metric text not null,
    owner_id integer,
    said text,
    cause text,
    verdict text check (verdict in ('explain', 'investigate', 'act', 'noise')),
    recorded_at timestamp not null,
    recorded_by integer not null,
    change_id bigint not null,
    origin_change bigint not null,
    origin_record bigint,
    retired_at timestamp not null,
    retired_change bigint
);

-- What somebody promised to do. week_on: the review that asked for it. effect: which way the metric is to move, by effect_by.
-- parent_id: the action this one is a part of, where one was split.
create table action_item (
    record_id bigint primary key,
    action_id bigint not null,
    week_on date not null,
    circle text not null,
    said text not null,
    owner_id integer not null,
    due_on date not null,
    customer_id integer,
    metric text,
    effect text check (effect in ('up', 'down')),
    effect_by date,
    case_id bigint,
    topic_id bigint,
    parent_id bigint,
    recorded_at timestamp not null,
    recorded_by integer not null,
    change_id bigint not null,
    origin_change bigint not null,
    origin_record bigint,
    retired_at timestamp not null,
    retired_change bigint
);

-- What became of an action, step by step; week_on: the review in which it was said. What is neither done, killed nor split is open.
create table action_step (
    record_id bigint primary key,
    step_id bigint not null,
    action_id bigint not null,
    customer_id integer,
    week_on date not null,
    on_date date not null,
    step text not null check (step in ('done', 'carried', 'escalated', 'killed', 'split', 'moved', 'reopened')),
    note text,
    recorded_at timestamp not null,
    recorded_by integer not null,
    change_id bigint not null,
    origin_change bigint not null,
    origin_record bigint,
    retired_at timestamp not null,
    retired_change bigint
);

-- What the meeting decided, why, and when to look at it again.
create table resolution (
    record_id bigint primary key,
    resolution_id bigint not null,
    week_on date not null,
    circle text not null,
    said text not null,
    reason text not null,
    revisit_on date,
    customer_id integer,
    metric text,
    topic_id bigint,
    recorded_at timestamp not null,
    recorded_by integer not null,
    change_id bigint not null,
    origin_change bigint not null,
    origin_record bigint,
    retired_at timestamp not null,
    retired_change bigint
);

-- Something to talk about: the meeting takes those with most votes. state: 'open', 'solved', 'dropped'.
create table topic (
    record_id bigint primary key,
    topic_id bigint not null,
    week_on date not null,
    circle text not null,
    said text not null,
    user_id integer not null,
    customer_id integer,
    metric text,
    state text not null check (state in ('open', 'solved', 'dropped')),
    outcome text,
    recorded_at timestamp not null,
    recorded_by integer not null,
    change_id bigint not null,
    origin_change bigint not null,
    origin_record bigint,
    retired_at timestamp not null,
    retired_change bigint
);

-- One person's vote for a topic.
create table topic_vote (
    record_id bigint primary key,
    vote_id bigint not null,
    topic_id bigint not null,
    user_id integer not null,
    recorded_at timestamp not null,
    recorded_by integer not null,
    change_id bigint not null,
    origin_change bigint not null,
    origin_record bigint,
    retired_at timestamp not null,
    retired_change bigint
);

-- What a person wants to be told between meetings. kind: 'brief' (the week in short), 'signal' (a metric's change is a signal),
-- 'threshold' (a metric stands above or below a bound).
create table subscription (
    record_id bigint primary key,
    subscription_id bigint not null,
    user_id integer not null,
    kind text not null check (kind in ('brief', 'signal', 'threshold')),
    metric text,
    is_above boolean,
    bound decimal(18, 4),
    currency text,
    language text not null check (language in ('zh', 'en')),
    muted_until date,
    recorded_at timestamp not null,
    recorded_by integer not null,
    change_id bigint not null,
    origin_change bigint not null,
    origin_record bigint,
    retired_at timestamp not null,
    retired_change bigint
);

-- Each time a subscription was looked at: for which day, whether it fired and why (or why not), and the letter that went out. Written as the
-- house runs, like a letter's delivery: it is a log, not a fact of the business.
create table subscription_event (
    event_id bigint primary key,
    subscription_id bigint not null,
    as_of date not null,
    happened_at timestamp not null,
    fired boolean not null,
    why text not null,
    delivered text,
    detail text
);

-- Where a colleague gets letters from the house.
create table user_email (
    user_id integer primary key,
    mailbox text not null
);
