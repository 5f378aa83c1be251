-- name: house_contact
-- For the house itself: when each customer was last in touch with us, and what it took us in the twelve months before.
with touched as (
    select
        activity.customer_id,
        max(activity.done_on) as last_contact_on,
        count(*) filter (where activity.done_on > $as_of::date - interval 12 months and activity.channel = 'visit') as visits,
        count(*) filter (
            where activity.done_on > $as_of::date - interval 12 months and activity.channel is distinct from 'visit'
        ) as touches
    from activity
    where
        activity.kind in ('interaction', 'reminder')
        and activity.done_on <= $as_of::date
        and activity.recorded_at <= $known_at::timestamp
        and $known_at::timestamp < activity.retired_at
    group by activity.customer_id
),

handled as (
    select case_file.customer_id, count(*) as cases
    from case_file
    where
        case_file.kind in ('complaint', 'dispute')
        and case_file.on_date > $as_of::date - interval 12 months
        and case_file.on_date <= $as_of::date
        and case_file.recorded_at <= $known_at::timestamp
        and $known_at::timestamp < case_file.retired_at
    group by case_file.customer_id
),

planned as (
    select
        activity.customer_id,
        list(
            {
                'ref': activity.ref,
                'planned_on': activity.on_date,
                'done_on': if(activity.done_on <= $as_of::date, activity.done_on, null)
            }
            order by activity.ref, activity.on_date, activity.activity_id
        ) as planned_steps,
        count(*) filter (where activity.done_on is null or activity.done_on > $as_of::date) as open_tasks
    from activity
    where
        activity.source_kind = 'strategy'
        and activity.on_date <= $as_of::date
        and activity.recorded_at <= $known_at::timestamp
        and $known_at::timestamp < activity.retired_at
    group by activity.customer_id
)

select
    coalesce(touched.customer_id, handled.customer_id, planned.customer_id) as customer_id,
    touched.last_contact_on,
    coalesce(touched.touches, 0)::integer as touches,
    coalesce(touched.visits, 0)::integer as visits,
    coalesce(handled.cases, 0)::integer as cases,
    planned.planned_steps,
    coalesce(planned.open_tasks, 0)::integer as open_tasks
from touched
full join handled on touched.customer_id = handled.customer_id
full join planned on coalesce(touched.customer_id, handled.customer_id) = planned.customer_id;

-- name: class_plays
-- What each play takes and brings: customers, money of the last months, hours spent on them in twelve, and who is due for a contact.
-- strategy: one to try, else the one in force.
select
    rule.play,
    count(*)::integer as customers,
    sum(class.amount_12m)::decimal(18, 2) as total,
    coalesce(sum(contact.touches), 0)::integer as touches,
    coalesce(sum(contact.visits), 0)::integer as visits,
    coalesce(sum(contact.cases), 0)::integer as cases,
    coalesce(
        sum(
            effort.interaction_hours * contact.touches + effort.visit_hours * contact.visits + effort.case_hours * contact.cases
        ),
        0
    )::double as hours,
    (
        count(*) filter (where contact.last_contact_on is null or contact.last_contact_on + rule.cadence_days < $as_of::date)
    )::integer as contacts_due,
    any_value(rule.cadence_days) as cadence_days,
    coalesce(sum(contact.open_tasks), 0)::integer as open_tasks
from house_purchase as class
inner join strategy_rule($as_of::date, $known_at::timestamp, wanted_rules := $strategy::text) as rule
    on class.frequency = rule.frequency and class.amount_grade = rule.amount_grade
cross join effort_rule($as_of::date, $known_at::timestamp, wanted_rules := $strategy::text) as effort
inner join chosen_customer(
    $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text, $segment::text,
    $customer_id::integer
) as customer on class.customer_id = customer.customer_id
left join house_contact as contact on class.customer_id = contact.customer_id
where $currency::text is null or class.currency = $currency::text
group by rule.play
order by sum(class.amount_12m) desc, rule.play;

-- name: class_play_customers
-- Customers with the play of their class, when to be in touch again, and what they bring and take; the most money of two years first.
-- plays: only these; due_only: only who is due for a contact.
with listed as (
    select
        class.customer_id,
        rule.play,
        class.frequency,
        class.amount_grade,
        class.currency,
        class.amount_12m,
        earlier.amount_12m as old_amount_12m,
        contact.last_contact_on,
        contact.last_contact_on + rule.cadence_days as contact_due_on,
        coalesce(contact.touches, 0) as touches,
        coalesce(contact.visits, 0) as visits,
        coalesce(contact.cases, 0) as cases,
        (
            effort.interaction_hours * coalesce(contact.touches, 0)
            + effort.visit_hours * coalesce(contact.visits, 0)
            + effort.case_hours * coalesce(contact.cases, 0)
        )::double as hours,
        contact.planned_steps,
        coalesce(contact.open_tasks, 0) as open_tasks
    from house_purchase as class
    inner join strategy_rule($as_of::date, $known_at::timestamp) as rule
        on class.frequency = rule.frequency and class.amount_grade = rule.amount_grade
    cross join effort_rule($as_of::date, $known_at::timestamp) as effort
    left join house_purchase_since as earlier on class.customer_id = earlier.customer_id
    left join house_contact as contact on class.customer_id = contact.customer_id
    semi join chosen_customer(
        $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text, $segment::text,
        $customer_id::integer
    ) as customer on class.customer_id = customer.customer_id
    where
        ($currency::text is null or class.currency = $currency::text)
        and ($plays::text[] is null or list_contains($plays::text[], rule.play))
        and (
            not coalesce($due_only::boolean, false)
            or contact.last_contact_on is null
            or contact.last_contact_on + rule.cadence_days < $as_of::date
        )
),

ranked as (
    select listed.*, count(*) over (partition by true)::integer as total_count
    from listed
    order by greatest(listed.amount_12m, listed.old_amount_12m) desc, listed.customer_id
    limit coalesce($limit::integer, 1000000)
    offset coalesce($offset::integer, 0)
)

select
    ranked.customer_id,
    customer.account_no,
    customer.name,
    customer.owner_name,
    ranked.play,
    ranked.frequency,
    ranked.amount_grade,
    ranked.currency,
    ranked.amount_12m,
    ranked.old_amount_12m,
    ranked.last_contact_on,
    ranked.contact_due_on,
    ranked.touches,
    ranked.visits,
    ranked.cases,
    ranked.hours,
    ranked.planned_steps,
    ranked.open_tasks,
    ranked.total_count
from ranked
inner join customer_at($as_of::date, $known_at::timestamp) as customer on ranked.customer_id = customer.customer_id
order by greatest(ranked.amount_12m, ranked.old_amount_12m) desc, ranked.customer_id;

-- name: class_play_trial
-- Customers who would be treated by another play by another strategy, the most money first, with both plays; of all of them: how many, and
-- what they bought in the months the classes are of.
with ranked as (
    select
        class.customer_id,
        class.frequency,
        class.amount_grade,
        class.currency,
        class.amount_12m,
        held.play as old_play,
        wanted.play,
        count(*) over (partition by true)::integer as total_count,
        (sum(class.amount_12m) over (partition by true))::decimal(18, 2) as total_amount
    from house_purchase as class
    inner join strategy_rule($as_of::date, $known_at::timestamp) as held
        on class.frequency = held.frequency and class.amount_grade = held.amount_grade
    inner join strategy_rule($as_of::date, $known_at::timestamp, wanted_rules := $strategy::text) as wanted
        on class.frequency = wanted.frequency and class.amount_grade = wanted.amount_grade
    semi join visible_customer($actor_id::integer) as visible on class.customer_id = visible.customer_id
    where held.play <> wanted.play and ($currency::text is null or class.currency = $currency::text)
    order by class.amount_12m desc, class.customer_id
    limit coalesce($limit::integer, 1000000)
    offset coalesce($offset::integer, 0)
)

select ranked.*, customer.account_no, customer.name, customer.owner_name
from ranked
inner join customer_at($as_of::date, $known_at::timestamp) as customer on ranked.customer_id = customer.customer_id
order by ranked.amount_12m desc, ranked.customer_id;

-- name: class_play
-- One customer's play with the class it comes from, and when it was last in touch with us.
select
    class.customer_id,
    rule.play,
    class.frequency,
    class.amount_grade,
    rule.cadence_days,
    (
        select max(activity.done_on)
        from activity
        where
            activity.customer_id = $customer_id::integer
            and activity.kind in ('interaction', 'reminder')
            and activity.done_on <= $as_of::date
            and activity.recorded_at <= $known_at::timestamp
            and $known_at::timestamp < activity.retired_at
    ) as last_contact_on
from house_purchase as class
inner join strategy_rule($as_of::date, $known_at::timestamp) as rule
    on class.frequency = rule.frequency and class.amount_grade = rule.amount_grade
semi join visible_customer($actor_id::integer) as visible on class.customer_id = visible.customer_id
where class.customer_id = $customer_id::integer;

-- name: steps_of_customer
-- The steps of plays planned for one customer, with their task.
select
    activity.activity_id,
    activity.customer_id,
    task.ref as step_ref,
    activity.on_date as planned_on,
    activity.subject,
    activity.due_on,
    activity.done_on,
    owner.name as owner_name
from activity_at($as_of::date, $known_at::timestamp) as activity
inner join activity as task
    on activity.activity_id = task.activity_id and task.recorded_at <= $known_at::timestamp and $known_at::timestamp < task.retired_at
left join app_user as owner on activity.owner_id = owner.user_id
semi join visible_customer($actor_id::integer) as visible on activity.customer_id = visible.customer_id
where activity.customer_id = $customer_id::integer and activity.source_kind = 'strategy'
order by activity.due_on, activity.activity_id;

-- name: special_terms
-- Terms of customers' own with until when they hold, those that end first on top, those that are over last. live_only leaves these out.
select
    term.term_id,
    term.customer_id,
    customer.account_no,
    customer.name,
    customer.owner_name,
    term.kind as term_kind,
    term.days as terms_days,
    term.rate as discount_rate,
    term.what as agreed,
    term.from_on,
    term.until_on,
    if(term.is_live, term.until_on - $as_of::date, null)::integer as days_left,
    term.is_live,
    term.reason,
    approver.name as decided_by_name
from special_term_at($as_of::date, $known_at::timestamp) as term
inner join customer_at($as_of::date, $known_at::timestamp) as customer on term.customer_id = customer.customer_id
left join proposal_at(date '9999-12-30', $known_at::timestamp) as proposal on term.proposal_id = proposal.proposal_id
left join app_user as approver on proposal.decided_by = approver.user_id
semi join visible_customer($actor_id::integer) as visible on term.customer_id = visible.customer_id
where
    ($customer_id::integer is null or term.customer_id = $customer_id::integer)
    and (not coalesce($live_only::boolean, false) or term.is_live)
order by term.is_live desc, if(term.is_live, term.until_on, null), term.until_on desc, term.term_id;

-- name: family
-- The customers in sight of one customer's family, itself among them; without a customer those of all families. is_whole: whether all of
-- the family is in sight.
with member as (
    select family.customer_id, family.head_id, visible.customer_id is not null as is_seen
    from family_of(
        if($customer_id::integer is null, null, [$customer_id::integer]), $as_of::date, $known_at::timestamp
    ) as family
    left join visible_customer($actor_id::integer) as visible on family.customer_id = visible.customer_id
)

select member.customer_id, bool_and(member.is_seen) over (partition by member.head_id) as is_whole
from member
qualify member.is_seen
order by member.customer_id;

-- name: families
-- Customers in sight that belong to one another, with what each owes and may owe by itself; customer_ids leaves only these.
-- A limit approved for all of them shows to who sees the one above all.
select
    member.head_id,
    head.name as head_name,
    member.customer_id,
    customer.account_no,
    customer.name,
    customer.owner_name,
    member.currency,
    member.exposure_amount,
    member.overdue_amount,
    member.limit_amount,
    member.credit_state,
    member.is_starting,
    if(head.customer_id is null, null, member.approved_amount) as approved_amount,
    if(head.customer_id is null, null, member.approved_until_on) as approved_until_on,
    member.amber_rate,
    member.red_rate,
    member.stop_rate
from family_member_of($customer_ids::integer[], $as_of::date, $known_at::timestamp) as member
inner join customer_at($as_of::date, $known_at::timestamp) as customer on member.customer_id = customer.customer_id
left join (
    select seen.customer_id, seen.name
    from customer_at($as_of::date, $known_at::timestamp) as seen
    semi join visible_customer($actor_id::integer) as visible on seen.customer_id = visible.customer_id
) as head on member.head_id = head.customer_id
semi join visible_customer($actor_id::integer) as visible on member.customer_id = visible.customer_id
order by member.head_id, member.currency, member.exposure_amount desc, member.customer_id;

-- name: credit_reasons
-- One customer's credit score with the facts behind each part, and until when it holds if nothing more is paid.
with rule as (
    select * from classification_rule(null::text, $as_of::date, $known_at::timestamp)
),

settled as (
    select settled.settled_on, row_number() over (order by settled.settled_on desc) as place
    from settled_invoice_of($customer_id::integer, $as_of::date, $known_at::timestamp) as settled
)

select
    score.customer_id,
    score.habit,
    score.credit_grade,
    score.credit_score,
    score.paid_invoices,
    score.on_time_rate,
    score.average_days_late,
    score.open_amount,
    score.overdue_amount,
    score.kept_promises,
    score.judged_promises,
    score.first_on,
    score.active_quarters,
    score.size,
    (
        select (settled.settled_on + ($as_of::date - rule.since_on)::integer - 1)::date
        from settled
        cross join rule
        where settled.place = rule.known_from and settled.settled_on > rule.since_on
    ) as valid_until_on
from credit_score_of([$customer_id::integer], $as_of::date, $known_at::timestamp, null::text) as score
semi join visible_customer($actor_id::integer) as visible on score.customer_id = visible.customer_id;
