-- name: house_buying
-- For the house itself: who bought by a date, how often, since when and for how much.
select history.*
from purchase_history_at($as_of::date, $known_at::timestamp) as history
order by history.customer_id;

-- name: house_bought_later
-- For the house itself: on how many days each customer bought after one date and up to another, and for how much in its own currency.
select
    entry.customer_id,
    count(distinct entry.on_date)::integer as days,
    coalesce(sum(entry.amount) filter (where entry.currency = customer.currency), 0)::decimal(18, 2) as amount
from entry_at($until::date, $known_at::timestamp) as entry
inner join customer_at($until::date, $known_at::timestamp) as customer on entry.customer_id = customer.customer_id
where entry.kind = 'invoice' and entry.amount > 0 and entry.on_date > $since::date
group by entry.customer_id
order by entry.customer_id;

-- name: house_purchase_days
-- For the house itself: how many customers bought on each day.
select entry.on_date, count(distinct entry.customer_id)::integer as customers
from entry_at($as_of::date, $known_at::timestamp) as entry
where entry.kind = 'invoice' and entry.amount > 0
group by entry.on_date
order by entry.on_date;

-- name: house_payments
-- For the house itself: invoices with what was known of their customer on the day they were written, and whether they ended late.
-- every: of so many invoices one, to learn from enough and not from all.
select
    ended.on_date,
    ended.due_on,
    ended.is_late,
    ended.known_on,
    coalesce(history.known, 0)::double as known,
    coalesce(history.late, 0)::double as late,
    coalesce(history.days, 0)::double as days,
    coalesce(history.settled, 0)::double as settled
from payment_end_at($as_of::date, $known_at::timestamp) as ended
asof left join payment_history_at($as_of::date, $known_at::timestamp) as history
    on ended.customer_id = history.customer_id and ended.on_date > history.on_date
where ended.is_late is not null and ended.entry_id % $every::bigint = 0
order by ended.entry_id;

-- name: house_payers
-- For the house itself: what is known by a date of how each customer pays.
select
    history.customer_id,
    max(history.known)::double as known,
    max(history.late)::double as late,
    arg_max(history.days, history.on_date)::double as days,
    max(history.settled)::double as settled
from payment_history_at($as_of::date, $known_at::timestamp) as history
group by history.customer_id
order by history.customer_id;

-- name: house_due_later
-- For the house itself: of each customer's invoices that fell due after one date and up to another, how many were late.
select ended.customer_id, count(*)::integer as invoices, (count(*) filter (where ended.is_late))::integer as late
from payment_end_at($until::date, $known_at::timestamp) as ended
where ended.due_on > $as_of::date and ended.is_late is not null
group by ended.customer_id
order by ended.customer_id;

-- name: house_credit_later
-- For the house itself: each rated customer's credit score and share paid on time on a date, and of the invoices that fell due after it
-- and up to another date how many were late.
select score.customer_id, score.credit_score::double as credit_score, score.credit_grade, score.on_time_rate, later.invoices, later.late
from credit_score_at($as_of::date, $known_at::timestamp, null::text) as score
inner join house_due_later as later on score.customer_id = later.customer_id
where score.credit_grade <> 'unrated' and score.on_time_rate is not null
order by score.customer_id;

-- name: house_value
-- For the house itself: each customer's money and purchases with their three scores of one to five (by which fifth of all who bought in
-- the same currency in twelve months they belong to), what peers of the same segment buy (rounded),
-- and what the latest models foretell.
with history as (
    select entry.customer_id, entry.currency, max(entry.on_date) as last_on, sum(entry.amount) as lifetime_amount
    from entry_at($as_of::date, $known_at::timestamp) as entry
    where entry.kind = 'invoice' and entry.amount > 0
    group by entry.customer_id, entry.currency
),

bought as materialized (
    select
        purchase.customer_id,
        purchase.currency,
        purchase.invoices,
        purchase.amount_12m,
        history.lifetime_amount,
        purchase.frequency,
        purchase.amount_grade,
        history.last_on,
        history.last_on - date '1970-01-01' as last_day,
        customer.segment
    from history
    inner join house_purchase as purchase on history.customer_id = purchase.customer_id and history.currency = purchase.currency
    inner join customer_at($as_of::date, $known_at::timestamp) as customer on purchase.customer_id = customer.customer_id
),

cut as (
    select
        bought.currency,
        quantile_disc(bought.last_day, [0.2, 0.4, 0.6, 0.8]) as recency,
        quantile_disc(bought.invoices, [0.2, 0.4, 0.6, 0.8]) as frequency,
        quantile_disc(bought.amount_12m, [0.2, 0.4, 0.6, 0.8]) as money
    from bought
    where bought.amount_12m > 0
    group by bought.currency
),

peer as (
    select bought.currency, bought.segment, rounded(quantile_disc(bought.amount_12m, 0.75), false) as amount
    from bought
    where bought.amount_12m > 0
    group by bought.currency, bought.segment
    having count(*) >= 5
),

scored as (
    select
        bought.*,
        if(bought.amount_12m > 0, fifth_of(bought.last_day, cut.recency), null)::integer as recency_score,
        if(bought.amount_12m > 0, fifth_of(bought.invoices, cut.frequency), null)::integer as frequency_score,
        if(bought.amount_12m > 0, fifth_of(bought.amount_12m, cut.money), null)::integer as money_score,
        if(bought.amount_12m > 0, greatest(0, peer.amount - bought.amount_12m), null)::decimal(18, 2) as potential_amount
    from bought
    left join cut on bought.currency = cut.currency
    left join peer on bought.currency = peer.currency and bought.segment is not distinct from peer.segment
)

select
    scored.customer_id,
    scored.currency,
    scored.invoices,
    scored.amount_12m,
    scored.lifetime_amount::decimal(18, 2) as lifetime_amount,
    scored.frequency,
    scored.amount_grade,
    scored.last_on,
    scored.recency_score,
    scored.frequency_score,
    scored.money_score,
    case
        when scored.money_score is null then 'asleep'
        when scored.recency_score + scored.frequency_score + scored.money_score >= 13 then 'core'
        when scored.recency_score + scored.frequency_score + scored.money_score >= 10 then 'strong'
        when scored.recency_score + scored.frequency_score + scored.money_score >= 7 then 'middle'
        else 'weak'
    end as rfm_band,
    scored.potential_amount,
    purchases.score as expected_purchases,
    if(purchases.currency = scored.currency, purchases.amount, null) as expected_12m_amount,
    late.score as late_rate,
    risk_grade(late.score) as risk_grade,
    grouped.score::integer as group_no
from scored
left join foretold_at('purchases', $as_of::date, $known_at::timestamp) as purchases on scored.customer_id = purchases.customer_id
left join foretold_at('late', $as_of::date, $known_at::timestamp) as late on scored.customer_id = late.customer_id
left join foretold_at('groups', $as_of::date, $known_at::timestamp) as grouped on scored.customer_id = grouped.customer_id;

-- name: value_concentration
-- How unevenly money is spread: at each of a hundred steps of customers, the largest first, the share of money they make; with the share
-- of the ten largest, of the first fifth, how many make four fifths, and the Gini coefficient. window: '12m' or 'all'.
with money as (
    select if($window::text = 'all', value.lifetime_amount, value.amount_12m) as amount
    from house_value as value
    inner join chosen_customer(
        $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text, $segment::text,
        $customer_id::integer
    ) as customer on value.customer_id = customer.customer_id
    where ($currency::text is null or value.currency = $currency::text)
),

ordered as (
    select
        money.amount,
        row_number() over (order by money.amount desc) as place,
        count(*) over (partition by true) as customers,
        sum(money.amount) over (partition by true) as total_amount,
        sum(money.amount) over (order by money.amount desc rows between unbounded preceding and current row) as running_amount
    from money
    where money.amount > 0
),

summed as (
    select
        max(ordered.customers) as customers,
        max(ordered.total_amount) as total_amount,
        sum(ordered.amount) filter (where ordered.place <= 10) as top_ten_amount,
        max(ordered.running_amount) filter (where ordered.place <= round(ordered.customers / 5)) as top_fifth_amount,
        min(ordered.place) filter (where ordered.running_amount >= 0.8 * ordered.total_amount) as most_customers,
        (max(ordered.customers) + 1 - 2 * sum((ordered.running_amount / ordered.total_amount)::double)) / max(ordered.customers) as gini
    from ordered
),

-- Each of the hundred steps at the first customer who reaches it: no curve needs more points.
point as (
    select ceil(100 * ordered.place / ordered.customers)::integer as step, max(ordered.running_amount / ordered.total_amount)::double as money_rate
    from ordered
    group by step
)

select
    point.step / 100 as customer_rate,
    point.money_rate,
    summed.customers::integer as customers,
    summed.total_amount::decimal(18, 2) as total_amount,
    (summed.top_ten_amount / summed.total_amount)::double as top_ten_rate,
    (summed.top_fifth_amount / summed.total_amount)::double as top_fifth_rate,
    summed.most_customers::integer as most_customers,
    (-summed.gini)::double as gini
from point
cross join summed
order by point.step;

-- name: value_cells
-- Customers and money of the last months by band of the three scores, amount grade and risk, with what they are expected to buy.
select
    value.rfm_band,
    value.amount_grade,
    value.risk_grade,
    count(*)::integer as customers,
    sum(value.amount_12m)::decimal(18, 2) as total,
    sum(value.expected_12m_amount)::decimal(18, 2) as expected_12m_amount
from house_value as value
inner join chosen_customer(
    $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text, $segment::text,
    $customer_id::integer
) as customer on value.customer_id = customer.customer_id
where ($currency::text is null or value.currency = $currency::text)
group by value.rfm_band, value.amount_grade, value.risk_grade
order by value.rfm_band, value.amount_grade, value.risk_grade;

-- name: value_groups
-- The groups customers fall into without rules, each by its middle customer: days since the last purchase, invoices and money of twelve
-- months; with the class most common in it and how common.
with member as (
    select value.group_no, value.last_on, value.invoices, value.amount_12m, value.frequency, value.amount_grade
    from house_value as value
    inner join chosen_customer(
        $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text, $segment::text,
        $customer_id::integer
    ) as customer on value.customer_id = customer.customer_id
    where ($currency::text is null or value.currency = $currency::text) and value.group_no is not null
)

select
    member.group_no,
    count(*)::integer as customers,
    sum(member.amount_12m)::decimal(18, 2) as amount_12m,
    median($as_of::date - member.last_on)::integer as quiet_days,
    median(member.invoices)::integer as usual_invoices,
    median(member.amount_12m)::decimal(18, 2) as usual_amount,
    mode(member.frequency || '-' || member.amount_grade) as class
from member
group by member.group_no
order by member.group_no;

-- name: value_customers
-- Customers by the money of the last twelve months, the most first: scores, what peers buy, what models foretell and the facts behind it.
with chosen as (
    select value.customer_id, value.amount_12m, value.lifetime_amount, customer.account_no, customer.name, customer.owner_name
    from house_value as value
    inner join chosen_customer(
        $actor_id::integer, $as_of::date, $known_at::timestamp, $owner_id::integer, $team::text, $region::text, $segment::text,
        $customer_id::integer
    ) as customer on value.customer_id = customer.customer_id
    where
        ($currency::text is null or value.currency = $currency::text)
        and ($rfm_band::text is null or value.rfm_band = $rfm_band::text)
        and ($amount_grade::text is null or value.amount_grade = $amount_grade::text)
        and ($risk_grade::text is null or value.risk_grade = $risk_grade::text)
        and ($group_no::integer is null or value.group_no = $group_no::integer)
),

summed as (
    select count(*) as total_count, sum(chosen.amount_12m) as total_amount
    from chosen
),

reached as (
    select chosen.customer_id, chosen.account_no, chosen.name, chosen.owner_name
    from chosen
    order by chosen.amount_12m desc, chosen.lifetime_amount desc, chosen.customer_id
    limit coalesce($limit::integer, 1000000)
    offset coalesce($offset::integer, 0)
)

select
    reached.customer_id,
    reached.account_no,
    reached.name,
    reached.owner_name,
    value.currency,
    value.amount_12m,
    (value.amount_12m / nullif(summed.total_amount, 0))::double as share_rate,
    value.lifetime_amount,
    value.invoices,
    value.last_on,
    ($as_of::date - value.last_on)::integer as quiet_days,
    value.frequency,
    value.amount_grade,
    value.recency_score,
    value.frequency_score,
    value.money_score,
    value.rfm_band,
    value.potential_amount,
    value.expected_purchases,
    value.expected_12m_amount,
    purchases.reason as purchases_reason,
    value.late_rate,
    value.risk_grade,
    late.reason as late_reason,
    value.group_no,
    summed.total_count::integer as total_count
from reached
inner join house_value as value on reached.customer_id = value.customer_id
cross join summed
left join foretold_at('purchases', $as_of::date, $known_at::timestamp) as purchases on reached.customer_id = purchases.customer_id
left join foretold_at('late', $as_of::date, $known_at::timestamp) as late on reached.customer_id = late.customer_id
order by value.amount_12m desc, value.lifetime_amount desc, reached.customer_id;

-- name: model_runs
-- What models were tried and used up to a date, the latest first: their day, what they learned from, and what came of it.
-- How much the whole company was to sell and sold, only for who sees all of it. The weights of the text model stay in the house.
select
    run.run_id,
    run.model,
    run.kind,
    run.fitted_on,
    run.until_on,
    run.cases,
    run.uses,
    if(run.model = 'text', json_merge_patch(run.parameters, '{"weights": null}')::text, run.parameters) as parameters,
    if($sees_all::boolean, run.figures, json_merge_patch(run.figures, '{"amount_said": null, "amount_came": null}')::text) as figures,
    run.recorded_at
from model_run as run
where
    run.fitted_on <= $as_of::date
    and run.recorded_at <= $known_at::timestamp
    and $known_at::timestamp < run.retired_at
order by list_position(['purchases', 'late', 'credit', 'groups', 'text'], run.model), run.kind, run.fitted_on desc, run.run_id desc;

-- name: house_foretold
-- For the house itself: live runs whose time is over by a date, with what they foretold of each customer.
select run.run_id, run.model, run.fitted_on, run.until_on, score.customer_id, score.score, score.rule_score
from model_run as run
inner join model_score as score on run.run_id = score.run_id
where
    run.kind = 'live'
    and run.model in ('purchases', 'late')
    and run.figures is null
    and run.until_on <= $as_of::date
    and run.retired_at = timestamp '9999-12-31'
    and score.retired_at = timestamp '9999-12-31'
order by run.run_id, score.customer_id;
