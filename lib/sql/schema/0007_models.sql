-- What models learned and foretold, kept so that it can be held against what came. Facts keep their two times as in 0002.

-- One row per model and day it speaks for. kind: 'live' foretold on its day; 'trial' looks back at a day gone by.
-- uses: which of the two the scores are by, the model or its simple rule. parameters, figures: JSON; figures are null until what was
-- foretold is over. facts_hash: of the facts it learned from.
create table model_run (
    record_id bigint primary key,
    run_id bigint not null,
    model text not null check (model in ('purchases', 'late', 'credit', 'groups')),
    kind text not null check (kind in ('live', 'trial')),
    fitted_on date not null,
    until_on date not null,
    version integer not null,
    cases integer not null,
    uses text not null check (uses in ('model', 'rule')),
    parameters text not null,
    figures text,
    facts_hash text not null,
    recorded_at timestamp not null,
    recorded_by integer not null,
    change_id bigint not null,
    origin_change bigint not null,
    origin_record bigint,
    retired_at timestamp not null,
    retired_change bigint,
    check (fitted_on <= until_on)
);

-- What a live run foretold of a customer. score: purchases to come, the chance to pay late, or the group; rule_score: what the simple rule
-- says of the same; amount: money of the next twelve months; reason: JSON of the facts behind it.
create table model_score (
    record_id bigint primary key,
    score_id bigint not null,
    run_id bigint not null,
    customer_id integer not null,
    score double not null,
    rule_score double,
    amount decimal(18, 2),
    currency text,
    reason text not null,
    recorded_at timestamp not null,
    recorded_by integer not null,
    change_id bigint not null,
    origin_change bigint not null,
    origin_record bigint,
    retired_at timestamp not null,
    retired_change bigint
);

-- What came of it, once its time was over.
create table model_outcome (
    record_id bigint primary key,
    outcome_id bigint not null,
    run_id bigint not null,
    customer_id integer not null,
    outcome double not null,
    recorded_at timestamp not null,
    recorded_by integer not null,
    change_id bigint not null,
    origin_change bigint not null,
    origin_record bigint,
    retired_at timestamp not null,
    retired_change bigint
);
