-- What a weekly review goes by, and whose story it tells.

-- One row: the rules of the review in force.
create or replace macro review_rule(as_of, known_at) as table
select
    (policy.body::json ->> '$.top')::integer as top,
    (policy.body::json ->> '$.story_weeks')::integer as story_weeks,
    policy.body::json -> '$.minutes' as minutes
from policy_at('review', as_of, known_at) as policy;

-- One row per story told in the closed reviews of a circle within the weeks a story is not repeated before a week: whose, and of which kind.
create or replace macro told_story(week_on, wanted_circle, as_of, known_at) as table
select
    pack.week_on,
    (pack.body::json ->> '$.tables.voice[0].customer_id')::bigint as customer_id,
    pack.body::json ->> '$.tables.voice[0].story' as story
from pack
cross join review_rule(as_of, known_at) as rule
where
    pack.circle = wanted_circle
    and pack.week_on < week_on
    and pack.week_on >= week_on - 7 * rule.story_weeks
    and pack.recorded_at <= known_at
    and known_at < pack.retired_at
    and (pack.body::json ->> '$.tables.voice[0].customer_id') is not null;

-- One row per answer worth a story within those weeks up to a date: a low score (low), or a low one after which the customer was
-- content again (recovered). told_on: the day it came to that; part: how bad it was, of 1.
create or replace macro story_at(as_of, known_at) as table
with since as (
    select (as_of - 7 * rule.story_weeks)::date as since_on from review_rule(as_of, known_at) as rule
)

select
    'low' as story,
    answer.feedback_id,
    answer.customer_id,
    answer.on_date as told_on,
    answer.comment,
    1 - answer.score::double / answer.top_score as part
from answer_at(as_of, known_at) as answer
cross join since
where answer.is_low and answer.on_date > since.since_on
union all
select
    'recovered' as story,
    again.feedback_id,
    again.customer_id,
    again.again_on as told_on,
    answer.comment,
    1 - answer.score::double / answer.top_score as part
from asked_again(as_of, known_at) as again
inner join answer_at(as_of, known_at) as answer on again.feedback_id = answer.feedback_id
cross join since
where again.is_recovered and again.again_on > since.since_on;
