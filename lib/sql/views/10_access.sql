-- The teams whose customers a person was given to see; none for who sees all, or only their own.
create or replace macro given_team(actor_id) as table
select user_team.team
from user_team
inner join app_user on user_team.user_id = app_user.user_id
where user_team.user_id = actor_id and app_user.scope = 'team';

-- The account managers whose customers a person of limited sight sees: those of the teams given to them, or only themselves.
-- None for who sees all.
create or replace macro limited_owner(actor_id) as table
select owner.user_id
from app_user as owner
cross join (
    select app_user.user_id, app_user.scope from app_user where app_user.user_id = actor_id and app_user.scope <> 'all'
) as actor
where
    owner.user_id = actor.user_id
    or owner.team in (select given.team from given_team(actor_id) as given);

-- The customers of one person whose sight is limited: those their account managers have now.
create or replace macro limited_customer(actor_id) as table
select customer_record.customer_id
from customer_record
where
    customer_record.until_on = date '9999-12-31'
    and customer_record.retired_at = timestamp '9999-12-31'
    and customer_record.owner_id in (select owner.user_id from limited_owner(actor_id) as owner);

-- The customers one person may see: all, or the limited ones. Join it in every query of customer rows.
create or replace macro visible_customer(actor_id) as table
select customer_record.customer_id
from customer_record
where (select app_user.scope from app_user where app_user.user_id = actor_id) = 'all'
union all
select limited.customer_id from limited_customer(actor_id) as limited;

-- Whether a person may see a customer: the same as joining visible_customer, and cheaper where most customers are asked about.
create or replace macro is_visible(about, actor_id) as
    (select app_user.scope from app_user where app_user.user_id = actor_id) = 'all'
    or about in (select limited.customer_id from limited_customer(actor_id) as limited);

-- The same by the account manager a customer has now: whether a person may see what is counted of that manager's customers.
create or replace macro sees_owner(owner_id, actor_id) as
    (select app_user.scope from app_user where app_user.user_id = actor_id) = 'all'
    or owner_id in (select owner.user_id from limited_owner(actor_id) as owner);

-- A value hidden but for its ends: 13800138000 -> 13*******00. Short values are hidden whole.
create or replace macro masked(value) as
    case
        when value is null then null
        when length(value) < 6 then repeat('*', length(value))
        else left(value, 2) || repeat('*', length(value) - 4) || right(value, 2)
    end;

-- The value itself for a person cleared for its secrecy level, else its mask.
create or replace macro shown(value, secrecy, actor_id) as
    case
        when secrecy <= (select app_user.clearance from app_user where app_user.user_id = actor_id) then value
        else masked(value)
    end;

-- An amount in two leading digits, down or up: where everyone's amounts are cut is the very amount of some customer, perhaps of one
-- out of sight.
create or replace macro rounded(amount, is_up) as
    case
        when amount > 0 and is_up
            then ceil(amount::double / pow(10, floor(log10(amount::double)) - 1)) * pow(10, floor(log10(amount::double)) - 1)
        when amount > 0
            then floor(amount::double / pow(10, floor(log10(amount::double)) - 1)) * pow(10, floor(log10(amount::double)) - 1)
        else amount::double
    end::decimal(18, 2);

-- How secret a customer is now: what became secret is so on every date and at every moment one may look back to.
create or replace macro secrecy_now(about) as (
    select max(customer_record.secrecy)
    from customer_record
    where
        customer_record.customer_id = about
        and customer_record.until_on = date '9999-12-31'
        and customer_record.retired_at = timestamp '9999-12-31'
);

-- One row per change that stands undone: it was undone, and that undo was not undone in turn. Only the latest undo of a change can stand.
create or replace macro undone_change() as table
with recursive latest as (
    select audit.undoes, max(audit.change_id) as change_id
    from audit
    where audit.undoes is not null
    group by audit.undoes
),

chain as (
    select latest.undoes as change_id, latest.change_id as tip_id, 1 as length
    from latest
    union all
    select chain.change_id, latest.change_id as tip_id, chain.length + 1 as length
    from chain
    inner join latest on chain.tip_id = latest.undoes
)

select chain.change_id
from chain
group by chain.change_id
having max(chain.length) % 2 = 1;
