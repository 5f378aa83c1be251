-- name: people
-- Everyone who can be named, with what they may see and how many sign-ins are open. is_blind: limited to teams, and none of them has
-- a customer.
with teams as (
    select
        user_team.user_id,
        string_agg(user_team.team, '、' order by user_team.team) as teams,
        list(user_team.team order by user_team.team) as team_list
    from user_team
    group by user_team.user_id
),

sign_ins as (
    select
        login_session.user_id,
        max(login_session.seen_at) as seen_at,
        count(*) filter (
            where login_session.revoked_at is null
            and login_session.seen_at > $idle_since::timestamp
            and login_session.created_at > $oldest::timestamp
        ) as sign_ins
    from login_session
    group by login_session.user_id
)

select
    person.user_id,
    person.username,
    person.name as person_name,
    person.role as user_role,
    person.scope as user_scope,
    person.team,
    teams.teams,
    teams.team_list,
    person.clearance,
    person.is_active,
    person.is_active
    and person.scope = 'team'
    and not exists (select 1 from visible_customer(person.user_id) as seen)
    and (teams.team_list is null or exists (select 1 from customer_record as known)) as is_blind,
    coalesce(sign_ins.sign_ins, 0) as sign_ins,
    sign_ins.seen_at
from app_user as person
left join teams on person.user_id = teams.user_id
left join sign_ins on person.user_id = sign_ins.user_id
where person.user_id > 0
order by person.is_active desc, person.username;

-- name: teams
-- Every team somebody belongs to or was given.
select distinct app_user.team
from app_user
where app_user.team is not null
union
select distinct user_team.team
from user_team
order by team;

-- name: changes
-- The audit, newest first: all of it for those who see all customers, else what the person and the people of their teams did.
select
    audit.change_id,
    audit.made_at,
    author.name as made_by,
    audit.command,
    case when audit.customer_id is null or is_visible(audit.customer_id, $actor_id::integer) then audit.subject end as subject,
    audit.undoes
from audit
inner join app_user as author on audit.user_id = author.user_id
cross join (select app_user.user_id, app_user.scope from app_user where app_user.user_id = $actor_id) as actor
where
    (
        actor.scope = 'all'
        or author.user_id = actor.user_id
        or (actor.scope = 'team' and author.team in (select user_team.team from user_team where user_team.user_id = actor.user_id))
    )
    and ($made_by::text is null or author.username = $made_by::text)
    and ($command::text is null or audit.command = $command::text)
order by audit.change_id desc
limit 1000;
