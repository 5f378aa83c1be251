-- name: settings
-- The house's settings in force: base currency, time zone and, in the demo company, its fixed date.
select settings.body
from policy_at('settings', date '9999-12-30', $known_at::timestamp) as settings;

-- name: bank_details
-- Bank details of our own that wait for a second person: who described them, and when.
with author as (
    select policy.policy_id, arg_min(policy.recorded_by, policy.record_id) as author_id
    from policy
    where policy.kind = 'bank_details'
    group by policy.policy_id
)

select policy.policy_id, policy.effective_on as on_date, policy.body, author.author_id, app_user.name as author_name
from policy
inner join author on policy.policy_id = author.policy_id
left join app_user on author.author_id = app_user.user_id
where policy.kind = 'bank_details' and policy.retired_at = timestamp '9999-12-31'
order by policy.policy_id desc;

-- name: login_session
-- The sign-in behind a token with the person as the ledger knows them now, live or not.
select
    login_session.created_at,
    login_session.seen_at,
    login_session.revoked_at,
    app_user.user_id,
    app_user.username,
    app_user.name,
    app_user.role,
    app_user.scope,
    app_user.language,
    app_user.clearance,
    app_user.is_active,
    (
        select list(user_team.team order by user_team.team)
        from user_team
        where user_team.user_id = app_user.user_id
    ) as teams
from login_session
inner join app_user on login_session.user_id = app_user.user_id
where login_session.token_hash = $token_hash::text;

-- name: login_person
-- The person behind a user name, as far as the sign-in form needs to know.
select app_user.user_id, app_user.name, app_user.password_hash
from app_user
where app_user.username = $username::text and app_user.is_active and app_user.password_hash is not null;

-- name: administrators
-- How many administrators can sign in: none in a house that was never set up.
select count(*) as administrators
from app_user
where app_user.role = 'admin' and app_user.is_active and app_user.password_hash is not null;
