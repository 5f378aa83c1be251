-- What scores are counted from, and how. What each score and interval is: 50_service.sql.

-- The day by which a period's answers are counted together: its first day, for 'rolling' the last day of the week the answer falls
-- in, counted back from the date asked about; one day for all when they are not split.
create or replace macro period_day(on_date, period, as_of) as
    case period
        when 'month' then date_trunc('month', on_date)::date
        when 'quarter' then date_trunc('quarter', on_date)::date
        when 'rolling' then as_of - ((as_of - on_date) // 7 * 7)::integer
        else date '0001-01-01'
    end;

-- The name of a period: 2025-11, 2025-Q4, the day on which its 13 weeks end, or all.
create or replace macro period_name(counted_on, period) as
    case period
        when 'month' then strftime(counted_on, '%Y-%m')
        when 'quarter' then concat(year(counted_on), '-Q', quarter(counted_on))
        when 'rolling' then strftime(counted_on, '%Y-%m-%d')
        else 'all'
    end;

-- One row per answer that somebody of ours typed in who is rated by it: the account manager of the customer on the day of the answer.
create or replace macro own_answer(as_of, known_at) as table
select answer.feedback_id
from answer_at(as_of, known_at) as answer
inner join customer_record as customer
    on
        answer.customer_id = customer.customer_id
        and answer.entered_by = customer.owner_id
        and answer.on_date >= customer.from_on
        and answer.on_date < customer.until_on
where answer.entered_by is not null and customer.recorded_at <= known_at and known_at < customer.retired_at;

-- One row per answer of the customers a person may see and asked for, with the group it falls in (label). by: region, owner, team,
-- segment, channel, language, entry (who typed it), or what the table named by classes says of customers (customer_id, class).
-- weight: how many customers of its stratum the answer speaks for, 1 unless weighted. wants_own: whether is_own has to be known even if
-- nothing here needs it. Two branches of which the planner drops one: whoever sees all and
-- splits by nothing about the customer needs no customers.
create or replace macro chosen_answer(
    actor_id, sees_all, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, wanted_customer, wanted_metric,
    since_on, wanted_wave, wanted_channel, wanted_language, without_own, wanted_by, classes, weighted, wants_own
) as table
with invite as (
    select survey_invite.invite_id, survey_invite.weight
    from survey_invite
    where weighted and survey_invite.recorded_at <= known_at and known_at < survey_invite.retired_at
),

own as (
    select typed.feedback_id
    from own_answer(as_of, known_at) as typed
    where wants_own or coalesce(without_own, false) or coalesce(wanted_by, '') = 'entry'
),

asked as (
    select
        answer.*,
        coalesce(invite.weight, 1.0) as weight,
        own.feedback_id is not null as is_own
    from answer_at(as_of, known_at) as answer
    left join invite on answer.invite_id = invite.invite_id
    left join own on answer.feedback_id = own.feedback_id
    where
        (wanted_metric is null or answer.metric = wanted_metric)
        and (since_on is null or answer.on_date >= since_on)
        and (wanted_wave is null or answer.wave_id = wanted_wave)
        and (wanted_channel is null or answer.channel = wanted_channel)
        and (wanted_language is null or answer.language = wanted_language)
        and not (coalesce(without_own, false) and own.feedback_id is not null)
),

placed as (
    select
        asked.*,
        case wanted_by
            when 'channel' then asked.channel
            when 'language' then asked.language
            when 'entry' then if(asked.is_own, 'own', if(asked.entered_by is null, 'customer', 'colleague'))
        end as label
    from asked
    where
        sees_all
        and coalesce(wanted_by, 'channel') in ('channel', 'language', 'entry')
        and coalesce(wanted_owner::text, wanted_team, wanted_region, wanted_segment, wanted_customer::text) is null
    union all by name
    select
        asked.*,
        case wanted_by
            when 'region' then coalesce(asked.region, customer.region)
            when 'owner' then customer.owner_name
            when 'team' then customer.team
            when 'segment' then customer.segment
            when 'channel' then asked.channel
            when 'language' then asked.language
            when 'entry' then if(asked.is_own, 'own', if(asked.entered_by is null, 'customer', 'colleague'))
            else class.class
        end as label
    from asked
    inner join chosen_customer(
        actor_id, as_of, known_at, wanted_owner, wanted_team, null, wanted_segment, wanted_customer
    ) as customer on asked.customer_id = customer.customer_id
    left join query_table(classes) as class on asked.customer_id = class.customer_id
    where
        not (
            sees_all
            and coalesce(wanted_by, 'channel') in ('channel', 'language', 'entry')
            and coalesce(wanted_owner::text, wanted_team, wanted_region, wanted_segment, wanted_customer::text) is null
        )
        and (wanted_region is null or coalesce(asked.region, customer.region) = wanted_region)
)

select placed.* from placed;

-- One row per metric, period and group of the answers in a table (as chosen_answer gives them): how many, the score and its 95 %
-- interval. period: month, quarter, rolling (13 weeks that end a week apart), wave or all. surveyed: a table of the accounts asked in
-- a wave, by group. population: the same when it is given. The answers of one wave count by their weight: top_votes, low_votes and
-- votes are the plain counts unless weights differ, else those of as many answers as say the same.
create or replace macro satisfaction_of(answers, surveyed, wanted_period, since_on, as_of, known_at, wanted_population) as table
with wave as (
    select survey_wave.wave_id, survey_wave.title, survey_wave.opens_on
    from survey_wave
    where survey_wave.recorded_at <= known_at and known_at < survey_wave.retired_at
),

-- Two branches of which the planner drops one: only in a wave answers weigh differently.
counted as (
    select
        answer.metric,
        answer.label,
        null::bigint as wave_id,
        period_day(answer.on_date, wanted_period, as_of) as counted_on,
        count(*) as n,
        count(*) filter (where answer.is_top) as tops,
        count(*) filter (where answer.is_low) as lows,
        sum(answer.score)::double as total,
        count(*)::double as weight,
        count(*)::double as weight_squared,
        (count(*) filter (where answer.is_top))::double as top_weight,
        (count(*) filter (where answer.is_low))::double as low_weight
    from query_table(answers) as answer
    where wanted_period <> 'wave'
    group by answer.metric, answer.label, period_day(answer.on_date, wanted_period, as_of)
    union all
    select
        answer.metric,
        answer.label,
        wave.wave_id,
        wave.opens_on as counted_on,
        count(*) as n,
        count(*) filter (where answer.is_top) as tops,
        count(*) filter (where answer.is_low) as lows,
        sum(answer.score)::double as total,
        sum(answer.weight) as weight,
        sum(answer.weight * answer.weight) as weight_squared,
        coalesce(sum(answer.weight) filter (where answer.is_top), 0) as top_weight,
        coalesce(sum(answer.weight) filter (where answer.is_low), 0) as low_weight
    from query_table(answers) as answer
    inner join wave on answer.wave_id = wave.wave_id
    where wanted_period = 'wave'
    group by answer.metric, answer.label, wave.wave_id, wave.opens_on
),

-- The answers of a week count in the 13 windows that end with it or later.
spread as (
    select counted.*, unnest(range(if(wanted_period = 'rolling', 13, 1))) as weeks_on
    from counted
),

rolled as (
    select
        spread.metric,
        spread.label,
        spread.wave_id,
        (spread.counted_on + (7 * spread.weeks_on)::integer)::date as counted_on,
        sum(spread.n) as n,
        sum(spread.tops) as tops,
        sum(spread.lows) as lows,
        sum(spread.total) as total,
        sum(spread.weight) as weight,
        sum(spread.weight_squared) as weight_squared,
        sum(spread.top_weight) as top_weight,
        sum(spread.low_weight) as low_weight
    from spread
    group by spread.metric, spread.label, spread.wave_id, spread.counted_on + (7 * spread.weeks_on)::integer
),

voted as (
    select
        rolled.*,
        rolled.weight * rolled.weight / rolled.weight_squared as votes,
        rolled.weight / rolled.weight_squared * rolled.top_weight as top_votes,
        rolled.weight / rolled.weight_squared * rolled.low_weight as low_votes,
        coalesce(wanted_population, surveyed.population) as population
    from rolled
    left join query_table(surveyed) as surveyed
        on rolled.wave_id = surveyed.wave_id and rolled.label is not distinct from surveyed.label
    where wanted_period <> 'rolling' or (rolled.counted_on <= as_of and (since_on is null or rolled.counted_on >= since_on + 90))
)

select
    voted.metric,
    coalesce(wave.title, period_name(voted.counted_on, wanted_period)) as period,
    voted.counted_on,
    voted.wave_id,
    voted.label,
    voted.n::integer as n,
    voted.tops::integer as promoters,
    (voted.n - voted.tops - voted.lows)::integer as passives,
    voted.lows::integer as detractors,
    voted.total / voted.n as mean_score,
    satisfaction_score(voted.metric, voted.top_votes, voted.low_votes, voted.votes) as score,
    satisfaction_end(voted.metric, voted.top_votes, voted.low_votes, voted.votes, voted.population, -1) as low,
    satisfaction_end(voted.metric, voted.top_votes, voted.low_votes, voted.votes, voted.population, 1) as high,
    voted.top_votes,
    voted.low_votes,
    voted.votes,
    voted.population::integer as population
from voted
left join wave on voted.wave_id = wave.wave_id;

-- One row per account, metric and group of the answers in a table (as chosen_answer gives them): the mean of its contacts' latest
-- answers. An answer that names no contact is one of its respondent, or of nobody known.
create or replace macro account_answer(answers, as_of, known_at) as table
with latest as (
    select
        answer.metric,
        answer.label,
        answer.customer_id,
        answer.contact_id,
        arg_max(answer.score, (answer.on_date, answer.feedback_id))::double as score,
        max(answer.top_score) as top_score,
        max(answer.on_date) as on_date
    from query_table(answers) as answer
    group by answer.metric, answer.label, answer.customer_id, answer.contact_id, if(answer.contact_id is null, answer.respondent, null)
),

voiced as (
    select latest.*, if(contact.role = 'decision', (select rule.decision_weight from survey_rule(as_of, known_at) as rule), 1.0) as weight
    from latest
    left join contact
        on latest.contact_id = contact.contact_id and contact.recorded_at <= known_at and known_at < contact.retired_at
),

account as (
    select
        voiced.metric,
        voiced.label,
        voiced.customer_id,
        sum(voiced.score * voiced.weight) / sum(voiced.weight) as score,
        max(voiced.top_score) as top_score,
        max(voiced.on_date) as on_date
    from voiced
    group by voiced.metric, voiced.label, voiced.customer_id
)

select
    account.metric,
    account.label,
    account.customer_id,
    account.on_date,
    account.score,
    null::bigint as wave_id,
    1.0 as weight,
    is_top_score(account.metric, account.score, account.top_score) as is_top,
    is_low_score(account.metric, account.score, account.top_score) as is_low
from account;

-- Chosen answers (a table named by answers) as they are listed: who gave them, who typed them; with in_group those of one group only.
create or replace macro answer_listed(answers, as_of, known_at, until_on, in_group, wanted_label) as table
select
    answer.feedback_id,
    answer.customer_id,
    customer.account_no,
    customer.name,
    customer.owner_name,
    customer.team,
    customer.region,
    answer.metric,
    format('{:g}', answer.score::double) as score,
    answer.on_date,
    answer.comment,
    answer.channel,
    answer.language as answer_language,
    typed.name as entered_by_name,
    answer.is_own,
    answer.is_low,
    count(*) over (partition by true)::integer as total_count
from query_table(answers) as answer
inner join customer_at(as_of, known_at) as customer on answer.customer_id = customer.customer_id
left join app_user as typed on answer.entered_by = typed.user_id
where
    answer.on_date <= coalesce(until_on, as_of)
    and (not in_group or answer.label is not distinct from wanted_label);
