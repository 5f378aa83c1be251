-- One row: the rules of surveys in force.
create or replace macro survey_rule(as_of, known_at) as table
select
    (policy.body::json ->> '$.relationship_days')::integer as relationship_days,
    (policy.body::json ->> '$.transaction_days')::integer as transaction_days,
    (policy.body::json ->> '$.first_reminder_days')::integer as first_reminder_days,
    (policy.body::json ->> '$.second_reminder_days')::integer as second_reminder_days,
    (policy.body::json ->> '$.call_rate')::double as call_rate,
    (policy.body::json ->> '$.call_back_days')::integer as call_back_days,
    (policy.body::json ->> '$.closed_loop_days')::integer as closed_loop_days,
    (policy.body::json ->> '$.recovery_days')::integer as recovery_days,
    (policy.body::json ->> '$.coverage_days')::integer as coverage_days,
    (policy.body::json ->> '$.decision_weight')::double as decision_weight
from policy_at('survey', as_of, known_at) as policy;

-- One row per wave drafted by a date, with the state it was in at the end of that day and when it came into each.
create or replace macro wave_at(as_of, known_at) as table
with happened as (
    select
        wave_event.wave_id,
        arg_max(wave_event.state, (wave_event.happened_at, wave_event.event_id)) as state,
        min(wave_event.happened_at) as drafted_at,
        max(wave_event.happened_at) as changed_at,
        max(wave_event.happened_at) filter (where wave_event.state = 'frozen') as frozen_at,
        max(wave_event.happened_at) filter (where wave_event.state = 'sending') as started_at,
        max(wave_event.happened_at) filter (where wave_event.state = 'closed') as closed_at,
        max(wave_event.note) filter (where wave_event.state = 'analysed') as findings,
        max(wave_event.note) filter (where wave_event.state = 'told') as told,
        max(wave_event.channel) filter (where wave_event.state = 'told') as told_channel
    from wave_event
    where
        business_date(wave_event.happened_at) <= as_of
        and wave_event.recorded_at <= known_at
        and known_at < wave_event.retired_at
    group by wave_event.wave_id
)

select
    wave.wave_id,
    wave.title,
    wave.metric,
    wave.audience,
    wave.sampling,
    wave.sample_size,
    wave.seed,
    wave.opens_on,
    wave.closes_on,
    wave.stage,
    wave.channel,
    wave.questions,
    wave.filter,
    happened.state,
    happened.drafted_at,
    happened.changed_at,
    happened.frozen_at,
    happened.started_at,
    happened.closed_at,
    happened.findings,
    happened.told,
    happened.told_channel
from survey_wave as wave
inner join happened on wave.wave_id = happened.wave_id
where wave.recorded_at <= known_at and known_at < wave.retired_at;

-- Whether a person may see a wave: who made it, who sees one of those asked, or who sees everybody.
create or replace macro sees_wave(wave_id, actor_id) as
    (select app_user.scope from app_user where app_user.user_id = actor_id) = 'all'
    or wave_id in (select own.wave_id from survey_wave as own where own.recorded_by = actor_id)
    or wave_id in (
        select invite.wave_id
        from survey_invite as invite
        where
            invite.retired_at = timestamp '9999-12-31'
            and invite.customer_id in (select visible.customer_id from visible_customer(actor_id) as visible)
    );

-- One row per invitation of lists frozen by a moment, with what had become of it at the end of a day.
-- state: waiting, failed, no_answer, delivered, declined, withdrawn or answered. is_delivered: it reached somebody, who could answer.
create or replace macro invite_at(as_of, known_at) as table
with happened as (
    select
        event.invite_id,
        min(business_date(event.happened_at)) filter (where event.state in ('delivered', 'reminded', 'declined')) as delivered_on,
        (count(*) filter (where event.state = 'reminded'))::integer as reminders,
        max(business_date(event.happened_at)) filter (where event.state = 'reminded') as reminded_on,
        (count(*) filter (where event.state = 'no_answer'))::integer as tries,
        max(business_date(event.happened_at)) filter (where event.state = 'no_answer') as tried_on,
        arg_max(event.state, (event.happened_at, event.event_id)) as last_state,
        arg_max(event.note, (event.happened_at, event.event_id)) as note,
        bool_or(event.state = 'declined') as is_declined,
        bool_or(event.state = 'withdrawn') as is_withdrawn
    from invite_event as event
    where business_date(event.happened_at) <= as_of and event.recorded_at <= known_at and known_at < event.retired_at
    group by event.invite_id
),

answered as (
    select
        feedback.invite_id,
        min(feedback.on_date) as answered_on,
        arg_min(feedback.feedback_id, (feedback.on_date, feedback.feedback_id)) as feedback_id,
        arg_min(feedback.score, (feedback.on_date, feedback.feedback_id)) as score,
        arg_min(feedback.source, (feedback.on_date, feedback.feedback_id)) as source
    from feedback
    where
        feedback.invite_id is not null
        and feedback.on_date <= as_of
        and feedback.recorded_at <= known_at
        and known_at < feedback.retired_at
    group by feedback.invite_id
)

select
    invite.invite_id,
    invite.wave_id,
    invite.customer_id,
    invite.contact_id,
    invite.channel,
    invite.language,
    invite.stratum,
    invite.weight,
    case
        when answered.invite_id is not null then 'answered'
        when happened.is_withdrawn then 'withdrawn'
        when happened.is_declined then 'declined'
        when happened.delivered_on is not null then 'delivered'
        when happened.last_state in ('failed', 'no_answer') then happened.last_state
        else 'waiting'
    end as state,
    answered.invite_id is not null or happened.delivered_on is not null as is_delivered,
    coalesce(happened.delivered_on, answered.answered_on) as delivered_on,
    coalesce(happened.reminders, 0) as reminders,
    happened.reminded_on,
    coalesce(happened.tries, 0) as tries,
    happened.tried_on,
    happened.note,
    answered.answered_on,
    answered.feedback_id,
    answered.score,
    answered.source
from survey_invite as invite
left join happened on invite.invite_id = happened.invite_id
left join answered on invite.invite_id = answered.invite_id
where invite.recorded_at <= known_at and known_at < invite.retired_at;

-- Whether an invitation belongs to the share of silent ones that are called: by chance, the same whenever and by whomever it is asked,
-- and of each invitation by itself.
create or replace macro is_called(seed, invite_id, rate) as
    ('0x' || left(md5(concat(seed, ':', invite_id)), 8))::bigint < rate * 4294967296;

-- One row per invitation sent by mail, with how many reminders followed; is_sent: nothing of it waits in the outbox.
create or replace macro invite_mailed(known_at) as table
select
    message.invite_id,
    max(coalesce(message.level, 0))::integer as level,
    bool_and(message.state = 'sent') as is_sent
from message_at(date '9999-12-30', known_at) as message
where message.invite_id is not null and message.state <> 'cancelled'
group by message.invite_id;

-- One row per invitation by mail that is to be reminded on a day, with which reminder: two at most, both counted from the invitation, but
-- the second never sooner after the first than the rules mean them apart.
create or replace macro invite_due_at(as_of, known_at) as table
select invite.invite_id, invite.wave_id, invite.customer_id, mailed.level + 1 as level
from invite_at(as_of, known_at) as invite
inner join invite_mailed(known_at) as mailed on invite.invite_id = mailed.invite_id
cross join survey_rule(as_of, known_at) as rule
where
    invite.state = 'delivered'
    and mailed.is_sent
    and mailed.level < 2
    and as_of >= invite.delivered_on + if(mailed.level = 0, rule.first_reminder_days, rule.second_reminder_days)
    and as_of >= coalesce(invite.reminded_on + (rule.second_reminder_days - rule.first_reminder_days), as_of);
