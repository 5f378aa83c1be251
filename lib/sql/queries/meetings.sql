-- name: house_last_change
-- For the house itself: the moment of the last change: what was known then is all that is on record now, and whatever comes after bears a later one.
select coalesce(max(audit.made_at), timestamp '2000-01-01') as made_at
from audit;

-- name: meetings
-- The reviews a person takes part in, the latest week first, with what was frozen, said, decided and promised in each.
with said as (
    select explanation.week_on, explanation.circle, count(*) filter (where explanation.said is not null) as explained
    from explanation
    where explanation.recorded_at <= $known_at::timestamp and $known_at::timestamp < explanation.retired_at
    group by explanation.week_on, explanation.circle
),

decided as (
    select resolution.week_on, resolution.circle, count(*) as decisions
    from resolution
    where
        resolution.recorded_at <= $known_at::timestamp and $known_at::timestamp < resolution.retired_at
        and (resolution.customer_id is null or is_visible(resolution.customer_id, $actor_id::integer))
    group by resolution.week_on, resolution.circle
),

promised as (
    select action_item.week_on, action_item.circle, count(*) as actions
    from action_item
    where
        action_item.recorded_at <= $known_at::timestamp and $known_at::timestamp < action_item.retired_at
        and (action_item.customer_id is null or is_visible(action_item.customer_id, $actor_id::integer))
    group by action_item.week_on, action_item.circle
)

select
    meeting.meeting_id,
    meeting.week_on,
    meeting.circle,
    meeting.chair_id,
    chair.name as chair_name,
    meeting.state,
    meeting.opened_at,
    meeting.closed_at,
    meeting.score,
    meeting.attended,
    pack.pack_id,
    len(
        list_filter(json_extract_string(pack.body, '$.lines[*].verdict'), lambda verdict: verdict in ('better', 'worse'))
    )::integer as signals,
    coalesce(said.explained, 0)::integer as explained,
    coalesce(decided.decisions, 0)::integer as decisions,
    coalesce(promised.actions, 0)::integer as actions
from meeting
inner join app_user as chair on meeting.chair_id = chair.user_id
left join pack
    on
        meeting.meeting_id = pack.meeting_id
        and pack.recorded_at <= $known_at::timestamp
        and $known_at::timestamp < pack.retired_at
left join said on meeting.week_on = said.week_on and meeting.circle = said.circle
left join decided on meeting.week_on = decided.week_on and meeting.circle = decided.circle
left join promised on meeting.week_on = promised.week_on and meeting.circle = promised.circle
where
    meeting.recorded_at <= $known_at::timestamp
    and $known_at::timestamp < meeting.retired_at
    and ($week_on::date is null or meeting.week_on = $week_on::date)
    and attends(meeting.circle, $actor_id::integer, $sees_all::boolean)
order by meeting.week_on desc, meeting.circle
limit $limit::integer;

-- name: frozen_packs
-- What was frozen, the latest week first: of the circles a person takes part in, and when the company's own was.
-- is_readable: whether the person may read the text itself; others have the week made again for their own sight.
-- What is no longer in force says who opened the meeting again, when and why.
with found as (
    select
        pack.*,
        attends(pack.circle, $actor_id::integer, $sees_all::boolean) as takes_part,
        reads_frozen(pack.circle, pack.maker_id, $actor_id::integer, $sees_all::boolean) as is_readable
    from pack_by_maker() as pack
    where $week_on::date is null or pack.week_on = $week_on::date
),

again as (
    select audit.change_id, audit.made_at, person.name, audit.detail::json ->> '$.reason' as reason
    from audit
    inner join app_user as person on audit.user_id = person.user_id
    where audit.command = 'ReopenMeeting' and (audit.customer_id is null or is_visible(audit.customer_id, $actor_id::integer))
)

select
    found.pack_id,
    found.meeting_id,
    found.week_on,
    found.circle,
    found.as_of,
    found.known_at,
    found.currency,
    found.maker,
    found.sha256,
    found.maker_id,
    found.is_readable,
    found.retired_at = timestamp '9999-12-31' as is_live,
    if(found.takes_part, again.made_at, null) as reopened_at,
    if(found.takes_part, again.name, null) as reopened_by,
    if(found.takes_part, again.reason, null) as reason
from found
left join again on found.retired_change = again.change_id
where found.takes_part or found.circle = 'all'
order by found.week_on desc, found.is_readable desc, found.circle, found.pack_id desc;

-- name: frozen_text
-- The very text that was frozen, for who may read it; without its rows for who sees a part: those may be of customers out of sight by now.
select
    if(
        $sees_all::boolean,
        pack.body,
        json_merge_patch(json_merge_patch(pack.body::json, '{"tables": null}'::json), '{"tables": {}}'::json)::text
    ) as body,
    pack.sha256
from pack_by_maker() as pack
where
    pack.pack_id = $pack_id::bigint
    and reads_frozen(pack.circle, pack.maker_id, $actor_id::integer, $sees_all::boolean);

-- name: recorded_since
-- What was recorded or taken back about some customers since a moment, by whom and when, the latest first: why numbers of a past week are
-- others by now. about: 'money', 'promise', 'case', 'answer', 'task', 'invite' or 'customer'; thing_id: which one.
-- command: what was ordered; null for history that was moved in with its own moments.
select distinct
    written.about,
    written.customer_id,
    written.thing_id,
    written.change_id,
    written.written_at as made_at,
    author.name as made_by,
    if(written.written_at = audit.made_at, audit.command, null) as command,
    audit.undoes
from written_since($since::timestamp) as written
inner join visible_customer($actor_id::integer) as visible on written.customer_id = visible.customer_id
inner join audit on written.change_id = audit.change_id
inner join app_user as author on coalesce(written.recorded_by, audit.user_id) = author.user_id
where list_contains($customer_ids::integer[], written.customer_id)
order by made_at desc, written.change_id, written.about, written.customer_id, written.thing_id;

-- name: house_frozen
-- For the house itself: every frozen text, the latest week first, with the proof that the audit sealed when it was frozen, who froze it,
-- and whether since then customers changed hands or people their sight, so that the same person would see another part now.
select
    pack.pack_id,
    pack.week_on,
    pack.circle,
    pack.as_of,
    pack.known_at,
    pack.currency,
    pack.maker,
    pack.body,
    pack.sha256,
    pack.maker_id,
    pack.retired_at = timestamp '9999-12-31' as is_live,
    sealed.detail::json ->> '$.sha256' as sealed_sha256,
    exists(
        select 1 from customer_record
        where customer_record.recorded_at > pack.known_at
            or (customer_record.retired_change is not null and customer_record.retired_at > pack.known_at)
    )
    or exists(
        select 1 from audit as change
        where change.made_at > pack.known_at and change.command in ('AddUser', 'ChangeUser')
    ) as sight_moved
from pack_by_maker() as pack
left join audit as sealed on pack.origin_change = sealed.change_id
where pack.week_on >= coalesce($since::date, date '0001-01-01')
order by pack.week_on desc, pack.circle, pack.pack_id desc;
