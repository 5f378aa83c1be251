-- name: house_scored_texts
-- For the house itself: different comments up to a date that a score or a person called good or bad; what both were said of is left out.
with labelled as (
    select
        said.said,
        case
            when reading.reader = 'person' and abs(reading.mood) = 1 then (reading.mood > 0)::integer
            when said.is_top then 1
            when said.is_low then 0
        end as label
    from said_at($as_of::date, $known_at::timestamp) as said
    left join reading_at($known_at::timestamp) as reading on said.about = reading.about and said.about_id = reading.about_id
)

select labelled.said, avg(labelled.label) > 0.5 as is_good
from labelled
where labelled.label is not null
group by labelled.said
having avg(labelled.label) <> 0.5
order by labelled.said;

-- name: inbox_texts
-- What customers said in words with how it was read, the latest first. theme 'none': those that name none; search: what they must hold.
select
    said.about,
    said.about_id,
    said.customer_id,
    customer.account_no,
    customer.name,
    customer.owner_name,
    customer.team,
    said.kind,
    said.on_date,
    said.said as comment,
    said.channel,
    said.metric,
    format('{:g}', said.score::double) as score,
    if(reading.reader is null, null, mood_side(coalesce(reading.mood, 0))) as mood,
    reading.themes,
    reading.reader,
    case_file.state,
    count(*) over (partition by true)::integer as total_count
from said_at($as_of::date, $known_at::timestamp) as said
inner join chosen_customer(
    $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text, $segment::text,
    $customer_id::integer
) as customer on said.customer_id = customer.customer_id
left join reading_at($known_at::timestamp) as reading on said.about = reading.about and said.about_id = reading.about_id
left join case_at($as_of::date, $known_at::timestamp) as case_file on said.about = 'case' and said.about_id = case_file.case_id
where
    ($said_kind::text is null or said.kind = $said_kind::text)
    and ($since::date is null or said.on_date > $since::date)
    and ($mood::text is null or mood_side(coalesce(reading.mood, 0)) = $mood::text)
    and (
        $theme::text is null
        or list_contains(reading.themes, $theme::text)
        or ($theme::text = 'none' and coalesce(len(reading.themes), 0) = 0)
    )
    and ($search::text is null or contains(lower(said.said), lower($search::text)))
order by said.on_date desc, said.about, said.about_id desc
limit coalesce($limit::integer, 1000000)
offset coalesce($offset::integer, 0);

-- name: inbox_moods
-- How many texts since a date were pleased, displeased or neither.
select mood_side(coalesce(reading.mood, 0)) as mood, count(*)::integer as texts
from said_at($as_of::date, $known_at::timestamp) as said
inner join chosen_customer(
    $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text, $segment::text,
    $customer_id::integer
) as customer on said.customer_id = customer.customer_id
left join reading_at($known_at::timestamp) as reading on said.about = reading.about and said.about_id = reading.about_id
where said.on_date > $since::date
group by mood_side(coalesce(reading.mood, 0))
order by mood_side(coalesce(reading.mood, 0));

-- name: inbox_themes
-- How many texts named each theme in the 91 days up to a date and in the 91 before, and how they felt; of all texts of either time.
with heard as (
    select
        said.on_date > $as_of::date - 91 as is_now,
        coalesce(reading.themes, []) as themes,
        mood_side(coalesce(reading.mood, 0)) as mood
    from said_at($as_of::date, $known_at::timestamp) as said
    inner join chosen_customer(
        $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text, $segment::text,
        $customer_id::integer
    ) as customer on said.customer_id = customer.customer_id
    left join reading_at($known_at::timestamp) as reading on said.about = reading.about and said.about_id = reading.about_id
    where said.on_date > $as_of::date - 182 and ($said_kind::text is null or said.kind = $said_kind::text)
),

total as (
    select
        (count(*) filter (where heard.is_now))::integer as texts,
        (count(*) filter (where not heard.is_now))::integer as texts_before
    from heard
),

named as (
    select heard.is_now, heard.mood, unnest(if(len(heard.themes) = 0, ['none'], heard.themes)) as theme
    from heard
)

select
    named.theme,
    (count(*) filter (where named.is_now))::integer as named_count,
    (count(*) filter (where not named.is_now))::integer as named_before,
    (count(*) filter (where named.is_now and named.mood = 'good'))::integer as good_count,
    (count(*) filter (where named.is_now and named.mood = 'bad'))::integer as bad_count,
    (count(*) filter (where not named.is_now and named.mood = 'bad'))::integer as bad_before,
    total.texts,
    total.texts_before
from named
cross join total
group by named.theme, total.texts, total.texts_before
order by named.theme = 'none', named_count desc, named_before desc, named.theme;

-- name: suggestions
-- Suggestions with where each stands, since when, and of which improvement it is part. state: only those; case_id: only that one.
-- joined_count: those in sight that are part of it.
with step as (
    select
        event.case_id,
        event.customer_id,
        arg_max(event.into_case_id, (event.happened_at, event.event_id)) filter (where event.action = 'join') as into_case_id,
        max(event.happened_on) filter (where event.state in ('live', 'declined')) as decided_on,
        arg_max(event.note, (event.happened_at, event.event_id)) filter (where event.action = 'decline') as reason,
        arg_max(event, (event.happened_at, event.event_id)) filter (where event.action = 'tell') as told
    from case_event_at($as_of::date, $known_at::timestamp) as event
    group by event.case_id, event.customer_id
),

joined as (
    select step.into_case_id as case_id, count(*)::integer as joined_count
    from step
    semi join visible_customer($actor_id::integer) as visible on step.customer_id = visible.customer_id
    where step.into_case_id is not null
    group by step.into_case_id
)

select
    suggestion.case_id,
    suggestion.customer_id,
    customer.account_no,
    customer.name,
    suggestion.on_date,
    case_text(suggestion.subject, suggestion.body) as comment,
    suggestion.subject,
    suggestion.channel,
    suggestion.state,
    business_date(suggestion.changed_at) as changed_on,
    reading.themes,
    if(reading.reader is null, null, mood_side(coalesce(reading.mood, 0))) as mood,
    step.into_case_id,
    improvement.subject as improvement,
    coalesce(joined.joined_count, 0) as joined_count,
    step.decided_on,
    step.reason,
    if(suggestion.state = 'told_customer', step.told.happened_on, null) as told_on,
    if(
        suggestion.state = 'told_customer',
        shown(step.told.detail::json ->> '$.told_to', customer.secrecy, $actor_id::integer),
        null
    ) as told_to,
    if(suggestion.state = 'told_customer', step.told.detail::json ->> '$.channel', null) as told_channel,
    customer.owner_name,
    customer.team,
    count(*) over (partition by true)::integer as total_count
from case_at($as_of::date, $known_at::timestamp) as suggestion
inner join chosen_customer(
    $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text, $segment::text,
    $customer_id::integer
) as customer on suggestion.customer_id = customer.customer_id
left join step on suggestion.case_id = step.case_id
left join joined on suggestion.case_id = joined.case_id
left join case_file as improvement
    on
        step.into_case_id = improvement.case_id
        and improvement.retired_at = timestamp '9999-12-31'
        and improvement.customer_id in (select visible.customer_id from visible_customer($actor_id::integer) as visible)
left join reading_at($known_at::timestamp) as reading on reading.about = 'case' and suggestion.case_id = reading.about_id
where
    suggestion.kind = 'suggestion'
    and ($state::text is null or list_contains(string_split($state::text, ','), suggestion.state))
    and ($theme::text is null or list_contains(reading.themes, $theme::text))
    and ($case_id::bigint is null or suggestion.case_id = $case_id::bigint)
order by suggestion.on_date, suggestion.case_id
limit coalesce($limit::integer, 1000000);

-- name: suggestion_states
-- How many suggestions stand in each state, and how long the oldest has stood there.
select
    suggestion.state,
    count(*)::integer as suggestions,
    max($as_of::date - coalesce(business_date(suggestion.changed_at), suggestion.on_date))::integer as oldest_days
from case_at($as_of::date, $known_at::timestamp) as suggestion
inner join chosen_customer(
    $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text, $segment::text,
    $customer_id::integer
) as customer on suggestion.customer_id = customer.customer_id
where suggestion.kind = 'suggestion'
group by suggestion.state
order by suggestion.state;
