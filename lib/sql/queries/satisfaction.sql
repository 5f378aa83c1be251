-- name: satisfaction
-- Scores by metric and period with their 95 % interval; by splits them into label: region, owner, team, segment, channel, language or
-- entry (who typed the answer). period: month, quarter, rolling (13 weeks that end a week apart), wave or all.
-- score: NPS -100 to 100, CSAT and CES the share of top answers 0 to 100. population: accounts surveyed, known of a wave from its list.
with class as (
    select null::integer as customer_id, null::text as class
    where false
),

answer as (
    select answer.*
    from chosen_answer(
        $actor_id::integer, $sees_all::boolean, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text,
        $segment::text, $customer_id::integer, $metric::text, $since::date, $wave_id::bigint, $channel::text, $answer_language::text,
        $without_own::boolean, $by::text, 'class', coalesce($period::text, 'all') = 'wave', false
    ) as answer
),

surveyed as (
    select
        invite.wave_id,
        case $by::text
            when 'region' then customer.region
            when 'owner' then customer.owner_name
            when 'team' then customer.team
            when 'segment' then customer.segment
        end as label,
        round(sum(invite.weight))::integer as population
    from survey_invite as invite
    inner join chosen_customer(
        $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text, $segment::text,
        $customer_id::integer
    ) as customer on invite.customer_id = customer.customer_id
    where
        $period::text = 'wave'
        and coalesce($by::text, 'team') in ('region', 'owner', 'team', 'segment')
        and coalesce($channel::text, $answer_language::text) is null
        and invite.recorded_at <= $known_at::timestamp
        and $known_at::timestamp < invite.retired_at
    group by invite.wave_id, label
)

select counted.*
from satisfaction_of(
    'answer', 'surveyed', coalesce($period::text, 'all'), $since::date, $as_of::date, $known_at::timestamp, $population::integer
) as counted
order by counted.metric, counted.label nulls last, counted.counted_on, counted.wave_id;

-- name: satisfaction_by_class
-- The same by how often (by: frequency) or how much (amount) customers buy.
with class as (
    select purchase.customer_id, if($by::text = 'amount', purchase.amount_grade, purchase.frequency) as class
    from house_purchase as purchase
),

answer as (
    select answer.*
    from chosen_answer(
        $actor_id::integer, $sees_all::boolean, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text,
        $segment::text, $customer_id::integer, $metric::text, $since::date, $wave_id::bigint, $channel::text, $answer_language::text,
        $without_own::boolean, $by::text, 'class', coalesce($period::text, 'all') = 'wave', false
    ) as answer
),

surveyed as (
    select null::bigint as wave_id, null::text as label, null::integer as population
    where false
)

select counted.*
from satisfaction_of(
    'answer', 'surveyed', coalesce($period::text, 'all'), $since::date, $as_of::date, $known_at::timestamp, null::integer
) as counted
order by counted.metric, counted.label nulls last, counted.counted_on, counted.wave_id;

-- name: satisfaction_by_credit
-- The same by the credit grade of customers.
with class as (
    select graded.customer_id, graded.credit_grade as class
    from house_class as graded
),

answer as (
    select answer.*
    from chosen_answer(
        $actor_id::integer, $sees_all::boolean, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text,
        $segment::text, $customer_id::integer, $metric::text, $since::date, $wave_id::bigint, $channel::text, $answer_language::text,
        $without_own::boolean, $by::text, 'class', coalesce($period::text, 'all') = 'wave', false
    ) as answer
),

surveyed as (
    select null::bigint as wave_id, null::text as label, null::integer as population
    where false
)

select counted.*
from satisfaction_of(
    'answer', 'surveyed', coalesce($period::text, 'all'), $since::date, $as_of::date, $known_at::timestamp, null::integer
) as counted
order by counted.metric, counted.label nulls last, counted.counted_on, counted.wave_id;

-- name: satisfaction_of_accounts
-- One account, one vote: the mean of its contacts' latest answers decides what it counts as; who decides there counts by the rule in
-- force. Otherwise as in satisfaction, all of the time together.
with class as (
    select null::integer as customer_id, null::text as class
    where false
),

answer as (
    select answer.*
    from chosen_answer(
        $actor_id::integer, $sees_all::boolean, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text,
        $segment::text, $customer_id::integer, $metric::text, $since::date, $wave_id::bigint, $channel::text, $answer_language::text,
        $without_own::boolean, $by::text, 'class', false, false
    ) as answer
),

account as (
    select account.*
    from account_answer('answer', $as_of::date, $known_at::timestamp) as account
),

surveyed as (
    select null::bigint as wave_id, null::text as label, null::integer as population
    where false
)

select counted.*
from satisfaction_of(
    'account', 'surveyed', 'all', $since::date, $as_of::date, $known_at::timestamp, $population::integer
) as counted
order by counted.metric, counted.label nulls last;

-- name: answers
-- The answers behind a score, the latest first. in_group leaves those of one group (label, null for those of none); by as in satisfaction.
with class as (
    select null::integer as customer_id, null::text as class
    where false
),

answer as (
    select answer.*
    from chosen_answer(
        $actor_id::integer, $sees_all::boolean, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text,
        $segment::text, $customer_id::integer, $metric::text, $since::date, $wave_id::bigint, $channel::text, $answer_language::text,
        $without_own::boolean, $by::text, 'class', false, true
    ) as answer
)

select listed.*
from answer_listed(
    'answer', $as_of::date, $known_at::timestamp, $until::date, coalesce($in_group::boolean, false), $label::text
) as listed
order by listed.on_date desc, listed.feedback_id desc
limit coalesce($limit::integer, 1000000)
offset coalesce($offset::integer, 0);

-- name: answers_by_class
-- The same by how often (by: frequency) or how much (amount) customers buy.
with class as (
    select purchase.customer_id, if($by::text = 'amount', purchase.amount_grade, purchase.frequency) as class
    from house_purchase as purchase
),

answer as (
    select answer.*
    from chosen_answer(
        $actor_id::integer, $sees_all::boolean, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text,
        $segment::text, $customer_id::integer, $metric::text, $since::date, $wave_id::bigint, $channel::text, $answer_language::text,
        $without_own::boolean, $by::text, 'class', false, true
    ) as answer
)

select listed.*
from answer_listed(
    'answer', $as_of::date, $known_at::timestamp, $until::date, coalesce($in_group::boolean, false), $label::text
) as listed
order by listed.on_date desc, listed.feedback_id desc
limit coalesce($limit::integer, 1000000)
offset coalesce($offset::integer, 0);

-- name: answers_by_credit
-- The same by the credit grade of customers.
with class as (
    select graded.customer_id, graded.credit_grade as class
    from house_class as graded
),

answer as (
    select answer.*
    from chosen_answer(
        $actor_id::integer, $sees_all::boolean, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text,
        $segment::text, $customer_id::integer, $metric::text, $since::date, $wave_id::bigint, $channel::text, $answer_language::text,
        $without_own::boolean, $by::text, 'class', false, true
    ) as answer
)

select listed.*
from answer_listed(
    'answer', $as_of::date, $known_at::timestamp, $until::date, coalesce($in_group::boolean, false), $label::text
) as listed
order by listed.on_date desc, listed.feedback_id desc
limit coalesce($limit::integer, 1000000)
offset coalesce($offset::integer, 0);
