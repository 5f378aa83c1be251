-- name: low_scores
-- Answers that want a call back, those not called back first, with their task. open_only leaves out what is done.
with low as (
    select
        answer.*,
        task.activity_id,
        task.due_on as task_due_on,
        task.done_on as task_done_on,
        task.owner_id as task_owner_id,
        count(*) over (partition by true)::integer as total_count
    from answer_at($as_of::date, $known_at::timestamp) as answer
    semi join chosen_customer(
        $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text, $segment::text,
        $customer_id::integer
    ) as customer on answer.customer_id = customer.customer_id
    left join activity_at($as_of::date, $known_at::timestamp) as task
        on task.source_kind = 'feedback' and answer.feedback_id = task.source_id
    where
        answer.is_low
        and ($metric::text is null or answer.metric = $metric::text)
        and ($since::date is null or answer.on_date >= $since::date)
        and (not coalesce($open_only::boolean, false) or task.done_on is null)
    order by task.done_on is not null, answer.on_date desc, answer.feedback_id desc
    limit coalesce($limit::integer, 1000000)
    offset coalesce($offset::integer, 0)
)

select
    low.feedback_id,
    low.customer_id,
    customer.account_no,
    customer.name,
    customer.owner_name,
    customer.team,
    customer.region,
    low.metric,
    format('{:g}', low.score::double) as score,
    low.on_date,
    low.channel,
    low.comment,
    low.activity_id,
    low.task_due_on,
    low.task_done_on,
    owner.name as task_owner_name,
    coalesce(low.task_done_on is null and low.task_due_on < $as_of::date, false) as is_late,
    low.total_count
from low
inner join customer_at($as_of::date, $known_at::timestamp) as customer on low.customer_id = customer.customer_id
left join app_user as owner on low.task_owner_id = owner.user_id
order by low.task_done_on is not null, low.on_date desc, low.feedback_id desc, low.activity_id;

-- name: open_tasks
-- Tasks not done, the longest due first, with whom to call; user_id leaves those of one person.
with caller as (
    select
        contact.customer_id,
        arg_max(contact, (contact.is_primary, -contact.contact_id)) as found
    from contact
    where not contact.do_not_contact and contact.recorded_at <= $known_at::timestamp and $known_at::timestamp < contact.retired_at
    group by contact.customer_id
)

select
    task.activity_id,
    task.customer_id,
    customer.account_no,
    customer.name,
    task.kind,
    task.subject as task_subject,
    task.on_date,
    task.due_on,
    coalesce(task.due_on < $as_of::date, false) as is_late,
    task.owner_id,
    owner.name as doer_name,
    task.source_kind,
    task.source_id,
    if(
        secrecy_now(task.customer_id) < 2, caller.found.name, shown(caller.found.name, secrecy_now(task.customer_id), $actor_id::integer)
    ) as contact_name,
    shown(caller.found.phone, secrecy_now(task.customer_id), $actor_id::integer) as phone,
    count(*) over (partition by true)::integer as total_count
from activity_at($as_of::date, $known_at::timestamp) as task
inner join chosen_customer(
    $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text, $segment::text,
    $customer_id::integer
) as customer on task.customer_id = customer.customer_id
left join app_user as owner on task.owner_id = owner.user_id
left join caller on task.customer_id = caller.customer_id
where task.kind = 'task' and task.done_on is null and ($user_id::integer is null or task.owner_id = $user_id::integer)
order by task.due_on nulls last, task.activity_id
limit coalesce($limit::integer, 1000000);

-- name: house_held_purchase
-- For the house itself: what each customer bought in the months before a date by the rule in force, as frequency and amount are graded by.
select bought.*
from bought_since(
    (select rule.since_on from classification_rule(null::text, $as_of::date, $known_at::timestamp) as rule),
    $as_of::date,
    $known_at::timestamp
) as bought;

-- name: house_purchase_fact
-- For the house itself: the same with another number of months, null for those of the rule in force. Thresholds are none of its
-- parameters: moving one asks nothing anew.
select held.*
from house_held_purchase as held
where $months::integer is null
union all
select bought.*
from bought_since(($as_of::date - to_months($months::integer))::date, $as_of::date, $known_at::timestamp) as bought
where $months::integer is not null;

-- name: house_purchase
-- For the house itself: each customer's purchases of the last months with the two grades that follow. rules: thresholds to try, else
-- those in force; who tries another number of months names it in months as well.
with fact as (
    select * from house_purchase_fact
)

select graded.* from purchase_grade('fact', $as_of::date, $known_at::timestamp, $rules::text) as graded;

-- name: house_purchase_since
-- For the house itself: the same as of an earlier date.
with fact as (
    select bought.*
    from bought_since(
        (
            $since::date - to_months(coalesce(
                $months::integer,
                (select rule.months from classification_rule(null::text, $since::date, $known_at::timestamp) as rule)
            ))
        )::date,
        $since::date,
        $known_at::timestamp
    ) as bought
)

select graded.* from purchase_grade('fact', $since::date, $known_at::timestamp, $rules::text) as graded;

-- name: house_held_credit
-- For the house itself: what habit and credit score are graded by, with the months and days of grace of the rule in force.
with rule as (
    select * from classification_rule(null::text, $as_of::date, $known_at::timestamp)
)

select fact.*
from credit_fact_of(
    null::integer[], (select rule.since_on from rule), $as_of::date, $known_at::timestamp, (select rule.grace_days from rule)
) as fact;

-- name: house_credit_fact
-- For the house itself: the same with other months and days of grace, null for those of the rule in force.
select held.*
from house_held_credit as held
where $months::integer is null and $grace_days::integer is null
union all
select fact.*
from credit_fact_of(
    null::integer[],
    ($as_of::date - to_months(coalesce($months::integer, 12)))::date,
    $as_of::date,
    $known_at::timestamp,
    coalesce($grace_days::integer, 0)
) as fact
where $months::integer is not null and $grace_days::integer is not null;

-- name: house_class
-- For the house itself: each customer's four grades with the numbers and points behind them. rules: thresholds to try, else those in
-- force; who tries another number of months or days of grace names both as well.
with fact as (
    select * from house_purchase_fact
),

credit_fact as (
    select * from house_credit_fact
)

select
    purchase.customer_id,
    purchase.currency,
    purchase.invoices,
    purchase.amount_12m,
    purchase.frequency,
    purchase.amount_grade,
    credit.paid_invoices,
    credit.on_time_rate,
    credit.average_days_late,
    credit.habit,
    credit.punctuality,
    credit.overdue,
    credit.promises,
    credit.tenure,
    credit.stability,
    credit.ability,
    credit.credit_score,
    credit.credit_grade
from purchase_grade('fact', $as_of::date, $known_at::timestamp, $rules::text) as purchase
inner join credit_grade('credit_fact', $as_of::date, $known_at::timestamp, $rules::text) as credit
    on purchase.customer_id = credit.customer_id;

-- name: classes
-- Customers and their money of the last months by the four grades. rules: thresholds to try, else those in force.
with fact as (
    select * from house_purchase_fact
),

credit_fact as (
    select * from house_credit_fact
),

class as (
    select
        purchase.customer_id,
        purchase.frequency,
        purchase.amount_grade,
        credit.habit,
        credit.credit_grade,
        purchase.currency,
        purchase.amount_12m
    from purchase_grade('fact', $as_of::date, $known_at::timestamp, $rules::text) as purchase
    inner join credit_grade('credit_fact', $as_of::date, $known_at::timestamp, $rules::text) as credit
        on purchase.customer_id = credit.customer_id
)

select
    class.frequency,
    class.amount_grade,
    class.habit,
    class.credit_grade,
    class.currency,
    count(*)::integer as customers,
    sum(class.amount_12m)::decimal(18, 2) as total
from class
semi join chosen_customer(
    $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text, $segment::text,
    $customer_id::integer
) as customer on class.customer_id = customer.customer_id
where $currency::text is null or class.currency = $currency::text
group by class.frequency, class.amount_grade, class.habit, class.credit_grade, class.currency
order by class.currency, class.frequency, class.amount_grade, class.habit, class.credit_grade;

-- name: class_matrix
-- Customers and their money of the last months by frequency and amount. rules: thresholds to try, else those in force.
select
    class.frequency,
    class.amount_grade,
    class.currency,
    count(*)::integer as customers,
    sum(class.amount_12m)::decimal(18, 2) as total
from house_purchase as class
semi join chosen_customer(
    $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text, $segment::text,
    $customer_id::integer
) as customer on class.customer_id = customer.customer_id
where $currency::text is null or class.currency = $currency::text
group by class.frequency, class.amount_grade, class.currency
order by class.currency, class.frequency, class.amount_grade;

-- name: class_of_customers
-- Each customer's four grades with the numbers and points behind them; a grade that is named leaves only its customers.
with ranked as (
    select class.customer_id, class.amount_12m, count(*) over (partition by true)::integer as total_count
    from house_class as class
    semi join chosen_customer(
        $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text, $segment::text,
        $customer_id::integer
    ) as customer on class.customer_id = customer.customer_id
    where
        ($currency::text is null or class.currency = $currency::text)
        and ($frequency::text is null or class.frequency = $frequency::text)
        and ($amount_grade::text is null or class.amount_grade = $amount_grade::text)
        and ($habit::text is null or class.habit = $habit::text)
        and ($credit_grade::text is null or class.credit_grade = $credit_grade::text)
    order by class.amount_12m desc, class.customer_id
    limit coalesce($limit::integer, 1000000)
    offset coalesce($offset::integer, 0)
)

select
    ranked.customer_id,
    customer.account_no,
    customer.name,
    customer.owner_name,
    customer.team,
    customer.region,
    class.frequency,
    class.amount_grade,
    class.habit,
    class.credit_grade,
    class.currency,
    class.invoices,
    ranked.amount_12m,
    class.paid_invoices,
    class.on_time_rate,
    class.average_days_late,
    if(class.credit_grade = 'unrated', null, class.credit_score) as credit_score,
    class.punctuality,
    class.overdue,
    class.promises,
    class.tenure,
    class.stability,
    class.ability,
    ranked.total_count
from ranked
inner join house_class as class on ranked.customer_id = class.customer_id
inner join customer_at($as_of::date, $known_at::timestamp) as customer on ranked.customer_id = customer.customer_id
order by ranked.amount_12m desc, ranked.customer_id;

-- name: class_of_customer
-- One customer's four grades with the score behind the last. Its money lines are picked out once for all parts of the score.
with posting as materialized (
    select posting.*
    from main.posting
    where posting.customer_id = $customer_id::integer
)

select
    purchase.customer_id,
    purchase.frequency,
    purchase.amount_grade,
    credit.habit,
    credit.credit_score,
    credit.credit_grade
from house_purchase as purchase
inner join credit_score_of([$customer_id::integer], $as_of::date, $known_at::timestamp, $rules::text) as credit
    on purchase.customer_id = credit.customer_id
semi join visible_customer($actor_id::integer) as visible on purchase.customer_id = visible.customer_id
where purchase.customer_id = $customer_id::integer;

-- name: class_changes
-- Customers whose frequency or amount grade is another than on an earlier date, the most money first.
-- Of all that match, total_count; of these bought more than a year before then, risen_count.
with changed as (
    select
        now.customer_id,
        customer.account_no,
        customer.name,
        customer.owner_name,
        now.currency,
        earlier.frequency as old_frequency,
        now.frequency,
        earlier.amount_grade as old_amount_grade,
        now.amount_grade,
        earlier.amount_12m as old_amount_12m,
        now.amount_12m
    from house_purchase as now
    inner join house_purchase_since as earlier on now.customer_id = earlier.customer_id
    inner join chosen_customer(
        $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text, $segment::text,
        $customer_id::integer
    ) as customer on now.customer_id = customer.customer_id
    where
        (now.frequency <> earlier.frequency or now.amount_grade <> earlier.amount_grade)
        and ($currency::text is null or now.currency = $currency::text)
),

total as (
    select
        count(*)::integer as total_count,
        (count(*) filter (where changed.amount_12m > changed.old_amount_12m))::integer as risen_count
    from changed
)

select changed.*, total.total_count, total.risen_count
from changed
cross join total
order by greatest(changed.amount_12m, changed.old_amount_12m) desc, changed.customer_id
limit coalesce($limit::integer, 1000000)
offset coalesce($offset::integer, 0);

-- name: promises
-- Promises to pay with what was received and what became of them, the latest due first. result leaves only one kind.
select
    promise.promise_id,
    promise.plan_id,
    promise.customer_id,
    customer.account_no,
    customer.name,
    customer.owner_name,
    promise.made_on,
    promise.due_on,
    promise.amount,
    promise.received_amount,
    promise.currency,
    promise.result,
    if(
        secrecy_now(promise.customer_id) < 2,
        promise.promised_by,
        shown(promise.promised_by, secrecy_now(promise.customer_id), $actor_id::integer)
    ) as promised_by,
    promise.note,
    promise.invoice_id
from promise_of(
    if($customer_id::integer is null, null, [$customer_id::integer]), $as_of::date, $known_at::timestamp
) as promise
inner join chosen_customer(
    $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text, $segment::text,
    $customer_id::integer
) as customer on promise.customer_id = customer.customer_id
where
    ($result::text is null or promise.result = $result::text)
    and ($currency::text is null or promise.currency = $currency::text)
order by promise.due_on desc, promise.promise_id desc
limit coalesce($limit::integer, 1000000);

-- name: rule_in_force
-- The rule of one kind that is in force on a date, with since when and why.
select policy.effective_on, policy.body, policy.reason, policy.review_on
from policy_at($kind::text, $as_of::date, $known_at::timestamp) as policy;
