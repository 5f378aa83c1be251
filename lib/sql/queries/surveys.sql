-- name: survey_waves
-- Waves a person may know of with how far asking has come among customers in sight, those to be worked on first. wave_id leaves only one.
-- is_own: made by this person.
with invite as (
    select
        invite.wave_id,
        count(distinct invite.customer_id)::integer as asked_customers,
        count(*)::integer as asked,
        (count(*) filter (where invite.is_delivered))::integer as delivered,
        (count(*) filter (where invite.state = 'answered'))::integer as answered,
        (count(*) filter (where invite.state in ('waiting', 'no_answer') and invite.channel in ('phone', 'visit')))::integer as to_call,
        (count(*) filter (where invite.state = 'failed'))::integer as failed
    from invite_at($as_of::date, $known_at::timestamp) as invite
    semi join visible_customer($actor_id::integer) as visible on invite.customer_id = visible.customer_id
    group by invite.wave_id
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
    wave.state as wave_state,
    wave.drafted_at,
    wave.frozen_at,
    wave.started_at,
    wave.closed_at,
    wave.findings,
    wave.told,
    wave.told_channel,
    wave.wave_id in (select own.wave_id from survey_wave as own where own.recorded_by = $actor_id::integer) as is_own,
    coalesce(invite.asked_customers, 0) as asked_customers,
    coalesce(invite.asked, 0) as asked,
    coalesce(invite.delivered, 0) as delivered,
    coalesce(invite.answered, 0) as answered,
    invite.answered / nullif(invite.delivered, 0) as response_rate,
    coalesce(invite.to_call, 0) as to_call,
    coalesce(invite.failed, 0) as failed
from wave_at($as_of::date, $known_at::timestamp) as wave
left join invite on wave.wave_id = invite.wave_id
where
    sees_wave(wave.wave_id, $actor_id::integer)
    and ($wave_id::integer is null or wave.wave_id = $wave_id::integer)
order by wave.state in ('analysed', 'told'), wave.opens_on desc, wave.wave_id desc;

-- name: survey_candidates
-- Customers a wave is meant for, one row per contact: the group each is drawn from, and on which days the contact was asked by surveys of
-- this type, planned ones too; an answer nobody was invited to counts as asking. as_of: the day the wave opens.
-- wave_id: the wave itself, which does not stand in its own way.
with class as (
    select purchase.customer_id, purchase.amount_grade, rule.play
    from purchase_class($as_of::date, $known_at::timestamp, null::text) as purchase
    inner join strategy_rule($as_of::date, $known_at::timestamp) as rule
        on purchase.frequency = rule.frequency and purchase.amount_grade = rule.amount_grade
),

meant as (
    select
        customer.customer_id,
        customer.account_no,
        customer.name,
        customer.owner_name,
        if(class.play = 'key', 'key', concat(coalesce(class.amount_grade, 'small'), '|', customer.region)) as stratum
    from chosen_customer(
        $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text, $segment::text,
        $customer_id::integer
    ) as customer
    left join class on customer.customer_id = class.customer_id
    where
        customer.status not in ('merged', 'closed')
        and customer.book = 'formal'
        and ($amount_grades::text[] is null or list_contains($amount_grades::text[], class.amount_grade))
        and (
            $since::date is null
            or customer.customer_id in (
                select entry.customer_id
                from entry_at($as_of::date, $known_at::timestamp) as entry
                where entry.kind = 'invoice' and entry.on_date >= $since::date
            )
        )
),

asked as (
    select invite.contact_id, wave.opens_on as asked_on
    from invite_at(date '9999-12-30', $known_at::timestamp) as invite
    inner join wave_at(date '9999-12-30', $known_at::timestamp) as wave on invite.wave_id = wave.wave_id
    where
        wave.audience = $audience::text
        and wave.wave_id is distinct from $wave_id::integer
        and invite.state not in ('withdrawn', 'failed')
        and invite.contact_id is not null
    union all
    select answer.contact_id, answer.on_date as asked_on
    from feedback as answer
    where
        answer.invite_id is null
        and answer.contact_id is not null
        and if(answer.metric = 'nps', 'relationship', 'transaction') = $audience::text
        and answer.recorded_at <= $known_at::timestamp
        and $known_at::timestamp < answer.retired_at
),

days as (
    select asked.contact_id, list(distinct asked.asked_on order by asked.asked_on) as asked_on
    from asked
    group by asked.contact_id
)

select
    meant.customer_id,
    meant.account_no,
    meant.name,
    meant.owner_name,
    meant.stratum,
    contact.contact_id,
    contact.role,
    coalesce(contact.is_primary, false) as is_primary,
    coalesce(contact.do_not_contact, false) as do_not_contact,
    contact.language,
    coalesce(shown(contact.email, 0, $actor_id::integer) <> '', false) as has_email,
    coalesce(shown(contact.phone, 0, $actor_id::integer) <> '', false) as has_phone,
    coalesce(shown(contact.wechat, 0, $actor_id::integer) <> '', false) as has_wechat,
    days.asked_on
from meant
left join contact
    on
        meant.customer_id = contact.customer_id
        and contact.recorded_at <= $known_at::timestamp
        and $known_at::timestamp < contact.retired_at
left join days on contact.contact_id = days.contact_id
order by meant.customer_id, contact.contact_id;

-- name: survey_history
-- How surveys of one score went among customers in sight: the share that answered, and how answers lay, of the newest waves that are over.
with over as (
    select wave.wave_id
    from wave_at($as_of::date, $known_at::timestamp) as wave
    where wave.metric = $metric::text and wave.state in ('closed', 'analysed', 'told') and sees_wave(wave.wave_id, $actor_id::integer)
    order by wave.opens_on desc, wave.wave_id desc
    limit 2
)

select
    count(*)::integer as delivered,
    (count(*) filter (where invite.state = 'answered'))::integer as answered,
    (count(*) filter (where answer.is_top))::integer as tops,
    (count(*) filter (where answer.is_low))::integer as lows
from invite_at($as_of::date, $known_at::timestamp) as invite
inner join over on invite.wave_id = over.wave_id
left join answer_at($as_of::date, $known_at::timestamp) as answer on invite.feedback_id = answer.feedback_id
semi join visible_customer($actor_id::integer) as visible on invite.customer_id = visible.customer_id
where invite.is_delivered;

-- name: survey_invites
-- Who is asked in a wave, with what has become of it; those still to be won first. states leaves only some.
-- is_sampled: silent after both reminders, and one of those drawn to be called.
select
    invite.invite_id,
    invite.wave_id,
    invite.customer_id,
    customer.account_no,
    customer.name,
    customer.owner_name,
    invite.contact_id,
    if(
        secrecy_now(invite.customer_id) < 2,
        contact.name,
        shown(contact.name, secrecy_now(invite.customer_id), $actor_id::integer)
    ) as contact_name,
    invite.channel,
    invite.language,
    invite.stratum,
    invite.weight,
    invite.state as invite_state,
    invite.is_delivered,
    invite.delivered_on,
    invite.reminders,
    invite.reminded_on,
    invite.tries,
    invite.tried_on,
    invite.note,
    invite.answered_on,
    invite.feedback_id,
    format('{:g}', invite.score::double) as score,
    invite.source,
    (
        invite.state in ('delivered', 'no_answer')
        and invite.channel not in ('phone', 'visit')
        and $as_of::date > invite.delivered_on + rule.second_reminder_days
        and is_called(wave.seed, invite.invite_id, rule.call_rate)
    ) as is_sampled,
    count(*) over (partition by true)::integer as total_count
from invite_at($as_of::date, $known_at::timestamp) as invite
inner join wave_at($as_of::date, $known_at::timestamp) as wave on invite.wave_id = wave.wave_id
inner join chosen_customer(
    $actor_id::integer, $as_of::date, $known_at::timestamp, null, null, null, null, null
) as customer on invite.customer_id = customer.customer_id
cross join survey_rule($as_of::date, $known_at::timestamp) as rule
left join contact
    on
        invite.contact_id = contact.contact_id
        and contact.recorded_at <= $known_at::timestamp
        and $known_at::timestamp < contact.retired_at
where
    invite.wave_id = $wave_id::integer
    and ($states::text[] is null or list_contains($states::text[], invite.state))
order by
    list_position(['failed', 'waiting', 'no_answer', 'delivered', 'declined', 'answered', 'withdrawn'], invite.state),
    invite.stratum <> 'key',
    invite.invite_id
limit coalesce($limit::integer, 1000000)
offset coalesce($offset::integer, 0);

-- name: survey_call_sheet
-- Whom to call or visit in a wave being sent, in order: key accounts, who was never tried, then who was tried longest ago.
-- Those asked in writing who stay silent are among them when they are drawn to be called.
with listed as (
    select
        invite.*,
        wave.title,
        wave.metric,
        invite.channel not in ('phone', 'visit') as is_sampled
    from invite_at($as_of::date, $known_at::timestamp) as invite
    inner join wave_at($as_of::date, $known_at::timestamp) as wave on invite.wave_id = wave.wave_id
    cross join survey_rule($as_of::date, $known_at::timestamp) as rule
    semi join visible_customer($actor_id::integer) as visible on invite.customer_id = visible.customer_id
    where
        invite.wave_id = $wave_id::integer
        and wave.state = 'sending'
        and (
            (invite.channel in ('phone', 'visit') and invite.state in ('waiting', 'no_answer'))
            or (
                invite.channel not in ('phone', 'visit')
                and invite.state in ('delivered', 'no_answer')
                and $as_of::date > invite.delivered_on + rule.second_reminder_days
                and is_called(wave.seed, invite.invite_id, rule.call_rate)
            )
        )
)

select
    listed.invite_id,
    listed.wave_id,
    listed.title,
    listed.metric,
    listed.customer_id,
    customer.account_no,
    customer.name,
    customer.owner_name,
    listed.contact_id,
    if(
        secrecy_now(listed.customer_id) < 2,
        contact.name,
        shown(contact.name, secrecy_now(listed.customer_id), $actor_id::integer)
    ) as contact_name,
    shown(contact.phone, secrecy_now(listed.customer_id), $actor_id::integer) as phone,
    listed.language,
    listed.channel,
    listed.stratum = 'key' as is_key,
    listed.is_sampled,
    listed.tries,
    listed.tried_on,
    listed.note,
    last_answer.score::integer as last_score,
    last_answer.on_date as last_on
from listed
inner join customer_at($as_of::date, $known_at::timestamp) as customer on listed.customer_id = customer.customer_id
left join contact
    on
        listed.contact_id = contact.contact_id
        and contact.recorded_at <= $known_at::timestamp
        and $known_at::timestamp < contact.retired_at
left join (
    select
        answer.customer_id,
        answer.metric,
        arg_max(answer.score, (answer.on_date, answer.feedback_id)) as score,
        max(answer.on_date) as on_date
    from answer_at($as_of::date, $known_at::timestamp) as answer
    group by answer.customer_id, answer.metric
) as last_answer on listed.customer_id = last_answer.customer_id and listed.metric = last_answer.metric
order by listed.stratum <> 'key', listed.tries, listed.tried_on, listed.invite_id;

-- name: survey_channels
-- How each way of asking did in a wave, or in all, among customers in sight: asked, reached, answered.
select
    invite.channel,
    count(*)::integer as asked,
    (count(*) filter (where invite.is_delivered))::integer as delivered,
    (count(*) filter (where invite.state = 'answered'))::integer as answered,
    100.0 * (count(*) filter (where invite.state = 'answered')) / nullif(count(*) filter (where invite.is_delivered), 0) as score,
    100.0 * wilson(
        (count(*) filter (where invite.state = 'answered')) / nullif(count(*) filter (where invite.is_delivered), 0),
        nullif(count(*) filter (where invite.is_delivered), 0),
        -1
    ) as low,
    100.0 * wilson(
        (count(*) filter (where invite.state = 'answered')) / nullif(count(*) filter (where invite.is_delivered), 0),
        nullif(count(*) filter (where invite.is_delivered), 0),
        1
    ) as high
from invite_at($as_of::date, $known_at::timestamp) as invite
semi join visible_customer($actor_id::integer) as visible on invite.customer_id = visible.customer_id
where $wave_id::integer is null or invite.wave_id = $wave_id::integer
group by invite.channel
order by count(*) desc, invite.channel;

-- name: survey_reminders_due
-- How many asked by mail in a wave are to be reminded, and may be: see invite_due_at.
select count(*)::integer as people
from invite_due_at($as_of::date, $known_at::timestamp) as due
semi join visible_customer($actor_id::integer) as visible on due.customer_id = visible.customer_id
where due.wave_id = $wave_id::integer;
