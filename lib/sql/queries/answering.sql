-- name: house_invitation
-- One invitation with what its wave asks and whether it can still be answered: 'open', 'answered', else 'over'.
-- handed_by: who took its link last to hand it on, and so could have answered. Asked by the page behind a link, so it has to be quick.
select
    invite.invite_id,
    invite.wave_id,
    invite.customer_id,
    invite.contact_id,
    invite.channel,
    invite.language,
    wave.metric,
    wave.stage,
    wave.questions,
    wave.closes_on,
    happened.handed_by,
    case
        when given.answers > 0 then 'answered'
        when $as_of::date <= wave.closes_on and present.state = 'sending' and not coalesce(happened.is_withdrawn, false) then 'open'
        else 'over'
    end as state
from survey_invite as invite
inner join survey_wave as wave on invite.wave_id = wave.wave_id and wave.retired_at = timestamp '9999-12-31'
inner join (
    select event.wave_id, arg_max(event.state, (event.happened_at, event.event_id)) as state
    from wave_event as event
    where event.retired_at = timestamp '9999-12-31'
    group by event.wave_id
) as present on invite.wave_id = present.wave_id
cross join (
    select arg_max(event.handed_by, event.event_id) as handed_by, bool_or(event.state = 'withdrawn') as is_withdrawn
    from invite_event as event
    where event.invite_id = $invite_id::bigint and event.retired_at = timestamp '9999-12-31'
) as happened
cross join (
    select count(*) as answers
    from feedback as answer
    where answer.invite_id = $invite_id::bigint and answer.retired_at = timestamp '9999-12-31'
) as given
where
    invite.invite_id = $invite_id::bigint
    and ($wave_id::bigint is null or invite.wave_id = $wave_id::bigint)
    and invite.retired_at = timestamp '9999-12-31';

-- name: customer_invitations
-- Surveys one customer is asked to answer and has not answered yet, while they are being sent; the first to close first.
select
    invite.invite_id,
    invite.wave_id,
    invite.customer_id,
    wave.title,
    wave.closes_on,
    invite.state as invite_state,
    invite.delivered_on,
    if(
        present.secrecy < 2, contact.name, shown(contact.name, present.secrecy, $actor_id::integer)
    ) as contact_name
from invite_at($as_of::date, $known_at::timestamp) as invite
inner join wave_at($as_of::date, $known_at::timestamp) as wave on invite.wave_id = wave.wave_id
cross join (select secrecy_now($customer_id::integer) as secrecy) as present
left join contact
    on
        invite.contact_id = contact.contact_id
        and contact.recorded_at <= $known_at::timestamp
        and $known_at::timestamp < contact.retired_at
semi join visible_customer($actor_id::integer) as visible on invite.customer_id = visible.customer_id
where
    invite.customer_id = $customer_id::integer
    and wave.state = 'sending'
    and $as_of::date <= wave.closes_on
    and invite.state not in ('answered', 'withdrawn')
order by wave.closes_on, invite.invite_id;
