-- name: my_subscriptions
-- A person's own subscriptions, the oldest first, each with when it was last looked at, whether it spoke and why.
with last as (
    select
        event.subscription_id,
        max(event.happened_at) as looked_at,
        arg_max(event.fired, event.event_id) as fired,
        arg_max(event.why, event.event_id) as why
    from subscription_event as event
    group by event.subscription_id
)

select
    subscription.subscription_id,
    subscription.kind,
    subscription.metric,
    subscription.is_above,
    subscription.bound,
    subscription.currency,
    subscription.language,
    subscription.muted_until,
    last.looked_at,
    last.fired,
    last.why
from subscription
left join last on subscription.subscription_id = last.subscription_id
where subscription.user_id = $user_id::integer and subscription.retired_at = timestamp '9999-12-31'
order by subscription.subscription_id;

-- name: subscription_log
-- What became of a person's own subscriptions, the latest first: looked at for which day, whether it spoke, why, and whether the letter left.
select
    event.event_id,
    subscription.kind,
    subscription.metric,
    event.as_of,
    event.happened_at,
    event.fired,
    event.why,
    event.delivered as letter_state
from subscription_event as event
inner join (
    select known.subscription_id, any_value(known.kind) as kind, any_value(known.metric) as metric
    from subscription as known
    where known.user_id = $user_id::integer
    group by known.subscription_id
) as subscription on event.subscription_id = subscription.subscription_id
order by event.event_id desc
limit $limit::integer;

-- name: my_email
-- Where the house writes to a person.
select user_email.mailbox
from user_email
where user_email.user_id = $user_id::integer;

-- name: house_subscriptions
-- For the house itself: every subscription of a person who still works here, with what the log last kept of it when it was not muted.
with last as (
    select event.subscription_id, arg_max(event.detail, event.event_id) as detail
    from subscription_event as event
    where event.why <> 'muted'
    group by event.subscription_id
)

select
    subscription.subscription_id,
    subscription.kind,
    subscription.metric,
    subscription.is_above,
    subscription.bound,
    subscription.currency,
    subscription.language,
    subscription.muted_until,
    last.detail,
    person.user_id,
    person.name,
    person.role,
    person.scope,
    person.clearance,
    user_email.mailbox,
    (select list(given.team order by given.team) from user_team as given where given.user_id = person.user_id) as teams
from subscription
inner join app_user as person on subscription.user_id = person.user_id
left join user_email on person.user_id = user_email.user_id
left join last on subscription.subscription_id = last.subscription_id
where subscription.retired_at = timestamp '9999-12-31' and person.is_active
order by person.user_id, subscription.subscription_id;

-- name: house_told_on
-- How many subscriptions were looked at on a day.
select count(*)::integer as count
from subscription_event as event
where event.as_of = $as_of::date;
