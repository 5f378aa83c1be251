-- name: invitation
-- One invitation with what its wave asks and whether it can still be answered: 'open', 'answered', else 'over'.
-- handed_by: who took its link last to hand it on, and so could have answered.
select
    invite.invite_id,
    invite.wave_id,
    invite.customer_id,
    invite.contact_id,
    invite.channel,
    invite.language,
    wave.metric,
    wave.audience,
    wave.stage,
    wave.questions,
    wave.closes_on,
    (
        select arg_max(event.handed_by, event.event_id)
        from invite_event as event
        where event.invite_id = $invite_id::bigint and event.retired_at = timestamp '9999-12-31'
    ) as handed_by,
    case
        when
            $invite_id::bigint in (select answer.invite_id from feedback as answer where answer.retired_at = timestamp '9999-12-31')
            then 'answered'
        when
            $as_of::date <= wave.closes_on
            and 'sending' = (
                select arg_max(event.state, (event.happened_at, event.event_id))
                from wave_event as event
                where event.wave_id = invite.wave_id and event.retired_at = timestamp '9999-12-31'
            )
            and $invite_id::bigint not in (
                select event.invite_id
                from invite_event as event
                where event.state = 'withdrawn' and event.retired_at = timestamp '9999-12-31'
            )
            then 'open'
        else 'over'
    end as state
from survey_invite as invite
inner join survey_wave as wave on invite.wave_id = wave.wave_id
where
    invite.invite_id = $invite_id::bigint
    and ($wave_id::bigint is null or invite.wave_id = $wave_id::bigint)
    and invite.retired_at = timestamp '9999-12-31'
    and wave.retired_at = timestamp '9999-12-31'
    and is_visible(invite.customer_id, $actor_id::integer);

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
