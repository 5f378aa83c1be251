-- name: house_trial
-- For the house itself: customers who would be in another class by other thresholds, with both classes and what follows from them: the
-- limit, whether money comes first, and the play. rules: the thresholds to try; other months or days of grace are named as well.
with fact as (
    select * from house_purchase_fact
),

held_fact as (
    select * from house_held_purchase
),

credit_fact as (
    select * from house_credit_fact
),

held_credit_fact as (
    select * from house_held_credit
),

moved as (
    select
        wanted.customer_id,
        wanted.currency,
        held.frequency as old_frequency,
        wanted.frequency,
        held.amount_grade as old_amount_grade,
        wanted.amount_grade,
        held_credit.habit as old_habit,
        credit.habit,
        held_credit.credit_grade as old_credit_grade,
        credit.credit_grade,
        wanted.invoices,
        wanted.amount_12m,
        held.amount_12m as old_amount_12m
    from purchase_grade('fact', $as_of::date, $known_at::timestamp, $rules::text) as wanted
    inner join credit_grade('credit_fact', $as_of::date, $known_at::timestamp, $rules::text) as credit
        on wanted.customer_id = credit.customer_id
    inner join purchase_grade('held_fact', $as_of::date, $known_at::timestamp, null::text) as held
        on wanted.customer_id = held.customer_id
    inner join credit_grade('held_credit_fact', $as_of::date, $known_at::timestamp, null::text) as held_credit
        on wanted.customer_id = held_credit.customer_id
    where
        held.frequency <> wanted.frequency
        or held.amount_grade <> wanted.amount_grade
        or held_credit.habit <> credit.habit
        or held_credit.credit_grade <> credit.credit_grade
),

limited as (
    select
        moved.customer_id,
        usual_limit(
            moved.old_credit_grade, moved.old_amount_12m, rule.start_amount / coalesce(rate.rate, 1),
            rule.high_months, rule.mid_months, rule.low_months, rule.none_months
        )::decimal(18, 2) as old_limit_amount,
        usual_limit(
            moved.credit_grade, moved.old_amount_12m, rule.start_amount / coalesce(rate.rate, 1),
            rule.high_months, rule.mid_months, rule.low_months, rule.none_months
        )::decimal(18, 2) as limit_amount,
        coalesce(list_contains(rule.prepay_grades, moved.old_credit_grade), false) as was_prepaid,
        coalesce(list_contains(rule.prepay_grades, moved.credit_grade), false) as is_prepaid
    from moved
    cross join credit_rule($as_of::date, $known_at::timestamp) as rule
    left join rate_at($as_of::date, $known_at::timestamp) as rate on moved.currency = rate.currency
)

select
    moved.*,
    limited.old_limit_amount,
    limited.limit_amount,
    limited.was_prepaid,
    limited.is_prepaid,
    held_play.play as old_play,
    wanted_play.play
from moved
inner join limited on moved.customer_id = limited.customer_id
left join strategy_rule($as_of::date, $known_at::timestamp) as held_play
    on moved.old_frequency = held_play.frequency and moved.old_amount_grade = held_play.amount_grade
left join strategy_rule($as_of::date, $known_at::timestamp) as wanted_play
    on moved.frequency = wanted_play.frequency and moved.amount_grade = wanted_play.amount_grade;

-- name: class_trial
-- Customers who would be in another class by other thresholds, the most money first, with both classes and limits.
-- Of all that match: how many, how many change frequency or amount, play, or the rule that money comes first, and the limits of all of them.
with told as (
    select trial.*, customer.account_no, customer.name, customer.owner_name
    from house_trial as trial
    inner join chosen_customer(
        $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text, $segment::text,
        $customer_id::integer
    ) as customer on trial.customer_id = customer.customer_id
    where $currency::text is null or trial.currency = $currency::text
),

total as (
    select
        count(*)::integer as total_count,
        coalesce(sum(told.amount_12m), 0)::decimal(18, 2) as total_amount,
        (count(*) filter (where told.old_frequency <> told.frequency or told.old_amount_grade <> told.amount_grade))::integer as moved_count,
        (count(*) filter (where told.old_play is distinct from told.play))::integer as play_count,
        (count(*) filter (where told.is_prepaid and not told.was_prepaid))::integer as prepaid_count,
        (count(*) filter (where told.was_prepaid and not told.is_prepaid))::integer as freed_count,
        coalesce(sum(told.old_limit_amount), 0)::decimal(18, 2) as old_total_limit,
        coalesce(sum(told.limit_amount), 0)::decimal(18, 2) as total_limit
    from told
)

select told.*, total.*
from told
cross join total
order by told.amount_12m desc, told.customer_id
limit coalesce($limit::integer, 1000000)
offset coalesce($offset::integer, 0);

-- name: class_spread
-- How customers spread over what they are graded by: by number of invoices, and by amount in steps of about an eighth (low: where it begins).
with fact as (
    select fact.*
    from house_purchase_fact as fact
    semi join chosen_customer(
        $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text, $segment::text,
        $customer_id::integer
    ) as customer on fact.customer_id = customer.customer_id
    where $currency::text is null or fact.currency = $currency::text
)

select 'invoices' as what, fact.invoices::double as low, count(*)::integer as customers
from fact
group by fact.invoices
union all
select 'amount' as what, exp(fact.band_no / 8.0) as low, count(*)::integer as customers
from fact
where fact.band_no is not null
group by fact.band_no
order by what, low;

-- name: class_cuts
-- The amounts from which a customer counts as large and as medium, by currency, for thresholds to try or those in force.
-- They are the whole company's: who sees a part of it reads them rounded down, unless the rule itself names them.
with fact as (
    select * from house_purchase_fact
),

seen as (
    select distinct fact.currency
    from fact
    semi join visible_customer($actor_id::integer) as visible on fact.customer_id = visible.customer_id
)

select
    cut.currency,
    if($sees_all::boolean or cut.is_fixed, cut.large_from, rounded(cut.large_from, false)) as large_from,
    if($sees_all::boolean or cut.is_fixed, cut.medium_from, rounded(cut.medium_from, false)) as medium_from,
    cut.is_fixed
from amount_cut('fact', $as_of::date, $known_at::timestamp, $rules::text) as cut
semi join seen on cut.currency = seen.currency
order by cut.currency;

-- name: class_stability
-- Of the customers known on both of two dates, how many were in another class of frequency and amount on the later one.
-- rules: thresholds to try on both dates, else those in force on each.
select
    count(*)::integer as customers,
    (
        count(*) filter (where later.frequency <> earlier.frequency or later.amount_grade <> earlier.amount_grade)
    )::integer as moved_count
from house_purchase as later
inner join house_purchase_since as earlier on later.customer_id = earlier.customer_id
semi join chosen_customer(
    $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text, $segment::text,
    $customer_id::integer
) as customer on later.customer_id = customer.customer_id
where $currency::text is null or later.currency = $currency::text;

-- name: class_migration
-- From which class of frequency and amount to which customers went between two dates, with their money at the later; null: not there yet, or gone.
select
    earlier.frequency as old_frequency,
    earlier.amount_grade as old_amount_grade,
    later.frequency,
    later.amount_grade,
    count(*)::integer as customers,
    coalesce(sum(later.amount_12m), 0)::decimal(18, 2) as total
from house_purchase as later
full join house_purchase_since as earlier on later.customer_id = earlier.customer_id
semi join chosen_customer(
    $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text, $segment::text,
    $customer_id::integer
) as customer on coalesce(later.customer_id, earlier.customer_id) = customer.customer_id
where $currency::text is null or coalesce(later.currency, earlier.currency) = $currency::text
group by earlier.frequency, earlier.amount_grade, later.frequency, later.amount_grade
order by customers desc, old_frequency, old_amount_grade, frequency, amount_grade;

-- name: class_moved
-- Customers by their class on two dates, the most money first; a grade that is named leaves only its customers, on the earlier date
-- with old_ before it. Who was not a customer on one of the dates has no class there.
with told as (
    select
        coalesce(later.customer_id, earlier.customer_id) as customer_id,
        customer.account_no,
        customer.name,
        customer.owner_name,
        coalesce(later.currency, earlier.currency) as currency,
        earlier.frequency as old_frequency,
        later.frequency,
        earlier.amount_grade as old_amount_grade,
        later.amount_grade,
        earlier.amount_12m as old_amount_12m,
        later.amount_12m
    from house_purchase as later
    full join house_purchase_since as earlier on later.customer_id = earlier.customer_id
    inner join chosen_customer(
        $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text, $segment::text,
        $customer_id::integer
    ) as customer on coalesce(later.customer_id, earlier.customer_id) = customer.customer_id
)

select told.*, count(*) over (partition by true)::integer as total_count
from told
where
    ($currency::text is null or told.currency = $currency::text)
    and ($old_frequency::text is null or told.old_frequency = $old_frequency::text)
    and ($frequency::text is null or told.frequency = $frequency::text)
    and ($old_amount_grade::text is null or told.old_amount_grade = $old_amount_grade::text)
    and ($amount_grade::text is null or told.amount_grade = $amount_grade::text)
order by greatest(coalesce(told.amount_12m, 0), coalesce(told.old_amount_12m, 0)) desc, told.customer_id
limit coalesce($limit::integer, 1000000)
offset coalesce($offset::integer, 0);

-- name: class_outcome
-- By the class of an earlier date, what came afterwards: customers, money before and since, invoices settled since with the share on time
-- and days late weighed by money. by: cell, habit or credit.
with credit_fact as (
    select fact.*
    from credit_fact_of(
        null::integer[],
        (select rule.since_on from classification_rule(null::text, $since::date, $known_at::timestamp) as rule),
        $since::date,
        $known_at::timestamp,
        (select rule.grace_days from classification_rule(null::text, $since::date, $known_at::timestamp) as rule)
    ) as fact
    where $by::text in ('habit', 'credit')
),

class as (
    select
        earlier.customer_id,
        case $by::text
            when 'habit' then credit.habit
            when 'credit' then credit.credit_grade
            else earlier.frequency || '-' || earlier.amount_grade
        end as label,
        earlier.amount_12m
    from house_purchase_since as earlier
    semi join chosen_customer(
        $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text, $segment::text,
        $customer_id::integer
    ) as customer on earlier.customer_id = customer.customer_id
    left join credit_grade('credit_fact', $since::date, $known_at::timestamp, null::text) as credit
        on earlier.customer_id = credit.customer_id
    where $currency::text is null or earlier.currency = $currency::text
),

bought as (
    select bought.customer_id, bought.amount_12m as amount
    from bought_since($since::date, $as_of::date, $known_at::timestamp) as bought
),

paid as (
    select paid.*
    from paid_since(
        null::integer[],
        $since::date,
        $as_of::date,
        $known_at::timestamp,
        (select rule.grace_days from classification_rule(null::text, $as_of::date, $known_at::timestamp) as rule)
    ) as paid
)

select
    class.label,
    count(*)::integer as customers,
    sum(class.amount_12m)::decimal(18, 2) as total,
    coalesce(sum(bought.amount), 0)::decimal(18, 2) as later_amount,
    (count(*) filter (where coalesce(bought.amount, 0) = 0))::integer as silent_count,
    coalesce(sum(paid.paid_invoices), 0)::integer as paid_invoices,
    (sum(paid.on_time_rate * paid.paid_invoices) / nullif(sum(paid.paid_invoices), 0))::double as on_time_rate,
    (sum(paid.average_days_late * paid.paid_invoices) / nullif(sum(paid.paid_invoices), 0))::double as average_days_late
from class
left join bought on class.customer_id = bought.customer_id
left join paid on class.customer_id = paid.customer_id
group by class.label
order by total desc, class.label;

-- name: class_by
-- Customers and money of the last months by another dimension: size, industry, region or product (what makes most of a customer's money);
-- top_count, top_amount: of these in the best class of both frequency and amount.
with line as (
    select entry.customer_id, coalesce(entry_line.description, entry_line.product_no) as product, sum(entry_line.amount) as amount
    from entry_line
    inner join entry on entry_line.entry_id = entry.entry_id
    where
        $by::text = 'product'
        and entry.kind = 'invoice'
        and entry.on_date > (
            select rule.since_on from classification_rule(null::text, $as_of::date, $known_at::timestamp) as rule
        )
        and entry.on_date <= $as_of::date
        and entry.recorded_at <= $known_at::timestamp
        and $known_at::timestamp < entry.retired_at
        and entry_line.recorded_at <= $known_at::timestamp
        and $known_at::timestamp < entry_line.retired_at
    group by entry.customer_id, product
),

favourite as (
    select line.customer_id, line.product
    from line
    where line.product is not null
    qualify row_number() over (partition by line.customer_id order by line.amount desc, line.product) = 1
)

select
    case $by::text
        when 'size' then customer.size
        when 'industry' then customer.industry
        when 'product' then favourite.product
        else customer.region
    end as label,
    count(*)::integer as customers,
    sum(class.amount_12m)::decimal(18, 2) as total,
    (count(*) filter (where class.frequency = 'high' and class.amount_grade = 'large'))::integer as top_count,
    coalesce(sum(class.amount_12m) filter (where class.frequency = 'high' and class.amount_grade = 'large'), 0)::decimal(18, 2) as top_amount,
    (count(*) filter (where class.frequency = 'dormant'))::integer as dormant_count
from house_purchase as class
inner join customer_at($as_of::date, $known_at::timestamp) as customer on class.customer_id = customer.customer_id
semi join chosen_customer(
    $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text, $segment::text,
    $customer_id::integer
) as chosen on class.customer_id = chosen.customer_id
left join favourite on class.customer_id = favourite.customer_id
where $currency::text is null or class.currency = $currency::text
group by label
order by total desc, label nulls last
limit coalesce($limit::integer, 1000000);

-- name: class_reason
-- One customer's class of frequency and amount with the numbers behind it: its purchases, where the cuts lie, and which version of the rule holds.
-- Who sees a part of the customers reads the cuts rounded, away from this customer's own amount.
with fact as (
    select * from house_purchase_fact
)

select
    class.customer_id,
    class.currency,
    class.invoices,
    class.amount_12m,
    class.frequency,
    class.amount_grade,
    rule.high_from,
    rule.normal_from,
    rule.low_from,
    rule.months,
    if($sees_all::boolean or cut.is_fixed, cut.large_from, rounded(cut.large_from, class.amount_12m < cut.large_from)) as large_from,
    if($sees_all::boolean or cut.is_fixed, cut.medium_from, rounded(cut.medium_from, class.amount_12m < cut.medium_from)) as medium_from,
    coalesce(cut.is_fixed, false) as is_fixed,
    rule.large_share,
    rule.medium_share,
    held.policy_id,
    held.effective_on
from purchase_grade('fact', $as_of::date, $known_at::timestamp, $rules::text) as class
cross join classification_rule($rules::text, $as_of::date, $known_at::timestamp) as rule
cross join policy_at('classification', $as_of::date, $known_at::timestamp) as held
left join amount_cut('fact', $as_of::date, $known_at::timestamp, $rules::text) as cut on class.currency = cut.currency
semi join visible_customer($actor_id::integer) as visible on class.customer_id = visible.customer_id
where class.customer_id = $customer_id::integer;

-- name: products_of_customer
-- What one customer bought in the months before a date, by product, the most money first, with each one's share of it.
select
    coalesce(entry_line.description, entry_line.product_no) as product,
    sum(entry_line.amount)::decimal(18, 2) as amount,
    entry.currency,
    (sum(entry_line.amount) / nullif(sum(sum(entry_line.amount)) over (partition by entry.currency), 0))::double as share_of_total
from entry_line
inner join entry on entry_line.entry_id = entry.entry_id
semi join visible_customer($actor_id::integer) as visible on entry.customer_id = visible.customer_id
where
    entry.customer_id = $customer_id::integer
    and entry.kind = 'invoice'
    and entry.on_date > (
        select rule.since_on from classification_rule(null::text, $as_of::date, $known_at::timestamp) as rule
    )
    and entry.on_date <= $as_of::date
    and entry.recorded_at <= $known_at::timestamp
    and $known_at::timestamp < entry.retired_at
    and entry_line.recorded_at <= $known_at::timestamp
    and $known_at::timestamp < entry_line.retired_at
    and coalesce(entry_line.description, entry_line.product_no) is not null
group by product, entry.currency
order by amount desc, product
limit 5;

-- name: reviews_due
-- Rules in force whose review is due by a date, the longest due first.
with held as (
    select
        policy.kind,
        arg_max(policy.policy_id, (policy.effective_on, policy.policy_id)) as policy_id,
        max(policy.effective_on) as effective_on,
        arg_max(coalesce(policy.review_on, date '9999-12-31'), (policy.effective_on, policy.policy_id)) as review_on
    from policy
    where policy.effective_on <= $as_of::date and policy.recorded_at <= $known_at::timestamp and $known_at::timestamp < policy.retired_at
    group by policy.kind
)

select held.kind, held.policy_id, held.effective_on, held.review_on
from held
where held.review_on <= $as_of::date
order by held.review_on, held.kind;
