-- People, their sessions, the audit chain and versioned policy.
create table app_user (
    user_id integer primary key,
    username text not null unique,
    name text not null,
    role text not null check (role in ('viewer', 'lead', 'manager', 'finance', 'compliance', 'admin')),
    scope text not null check (scope in ('own', 'team', 'all')),
    team text,
    language text not null check (language in ('zh', 'en')),
    password_hash text,
    password_changed_at timestamp,
    is_active boolean not null,
    clearance integer not null check (clearance between -1 and 2)
);

-- The teams whose customers a person with scope 'team' sees.
create table user_team (
    user_id integer not null,
    team text not null,
    primary key (user_id, team)
);

-- The house itself: jobs and the command line.
insert into app_user values (0, 'system', 'system', 'admin', 'all', null, 'zh', null, null, false, -1);

create table login_session (
    token_hash text primary key,
    user_id integer not null,
    created_at timestamp not null,
    seen_at timestamp not null,
    revoked_at timestamp
);

-- Unsaved input, kept by person and form.
create table draft (
    user_id integer not null,
    form text not null,
    body text not null,
    saved_at timestamp not null,
    primary key (user_id, form)
);

-- Which header a person's file used for which field.
create table header_memory (
    kind text not null,
    header text not null,
    field text not null,
    remembered_at timestamp not null,
    primary key (kind, header)
);

-- One row per change or other act worth proof; each row's hash covers the row before it.
create table audit (
    change_id bigint primary key,
    made_at timestamp not null,
    user_id integer not null,
    command text not null,
    subject text,
    detail text not null,
    request_key text unique,
    undoes bigint,
    prev_hash text not null,
    hash text not null
);

-- Rules people decide on: thresholds, bucket sets, settings. A review adds a row; it edits none.
create table policy (
    record_id bigint primary key,
    policy_id bigint not null,
    kind text not null,
    effective_on date not null,
    body text not null,
    reason text not null,
    review_on date,
    recorded_at timestamp not null,
    recorded_by integer not null,
    change_id bigint not null,
    origin_change bigint not null,
    origin_record bigint,
    retired_at timestamp not null,
    retired_change bigint
);
