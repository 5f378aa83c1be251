-- A model of its own for texts: which models there are is said in `lib/commands/modelling/` from now on. A check cannot be changed, so the
-- table is made anew.
create table model_run_of_more_models (
    record_id bigint primary key,
    run_id bigint not null,
    model text not null,
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

insert into model_run_of_more_models by name select * from model_run;

drop table model_run;

alter table model_run_of_more_models rename to model_run;
