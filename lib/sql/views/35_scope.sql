-- One row per customer a person may see and asked for, as it was true on a date. A wish that is null leaves nothing out.
create or replace macro chosen_customer(
    actor_id, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, wanted_customer
) as table
select
    customer.customer_id,
    customer.account_no,
    customer.name,
    customer.name_en,
    customer.book,
    customer.status,
    customer.owner_id,
    customer.owner_name,
    customer.team,
    customer.region,
    customer.segment,
    customer.currency,
    customer.secrecy
from customer_at(as_of, known_at) as customer
where
    is_visible(customer.customer_id, actor_id)
    and (wanted_customer is null or customer.customer_id = wanted_customer)
    and (wanted_owner is null or customer.owner_id = wanted_owner)
    and (wanted_team is null or customer.team = wanted_team)
    and (wanted_region is null or customer.region = wanted_region)
    and (wanted_segment is null or customer.segment = wanted_segment);

-- One row per signed money line of the customers a person may see and asked for.
-- Two branches of which the planner drops one: who sees all and asks for all pays for no join.
create or replace macro chosen_posting(
    actor_id, sees_all, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, wanted_customer, wanted_currency
) as table
select
    posting.customer_id,
    posting.entry_id,
    posting.invoice_id,
    posting.kind,
    posting.on_date,
    posting.due_on,
    posting.amount,
    posting.items,
    posting.currency,
    posting.recorded_at
from posting
where
    sees_all
    and wanted_owner is null
    and wanted_team is null
    and wanted_region is null
    and wanted_segment is null
    and posting.on_date <= as_of
    and posting.recorded_at <= known_at
    and (wanted_customer is null or posting.customer_id = wanted_customer)
    and (wanted_currency is null or posting.currency = wanted_currency)
union all
select
    posting.customer_id,
    posting.entry_id,
    posting.invoice_id,
    posting.kind,
    posting.on_date,
    posting.due_on,
    posting.amount,
    posting.items,
    posting.currency,
    posting.recorded_at
from posting
inner join chosen_customer(
    actor_id, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, wanted_customer
) as chosen on posting.customer_id = chosen.customer_id
where
    not (sees_all and wanted_owner is null and wanted_team is null and wanted_region is null and wanted_segment is null)
    and posting.on_date <= as_of
    and posting.recorded_at <= known_at
    and (wanted_customer is null or posting.customer_id = wanted_customer)
    and (wanted_currency is null or posting.currency = wanted_currency);

-- One row per document of the customers a person may see and asked for; two branches as above.
create or replace macro chosen_entry(
    actor_id, sees_all, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, wanted_customer, wanted_currency
) as table
select entry.customer_id, entry.kind, entry.amount, entry.currency
from entry_at(as_of, known_at) as entry
where
    sees_all
    and wanted_owner is null
    and wanted_team is null
    and wanted_region is null
    and wanted_segment is null
    and (wanted_customer is null or entry.customer_id = wanted_customer)
    and (wanted_currency is null or entry.currency = wanted_currency)
union all
select entry.customer_id, entry.kind, entry.amount, entry.currency
from entry_at(as_of, known_at) as entry
inner join chosen_customer(
    actor_id, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, wanted_customer
) as chosen on entry.customer_id = chosen.customer_id
where
    not (sees_all and wanted_owner is null and wanted_team is null and wanted_region is null and wanted_segment is null)
    and (wanted_currency is null or entry.currency = wanted_currency);

-- The asked-for bucket edges, else those in force.
create or replace macro edges_in_force(wanted_edges, as_of, known_at) as
    coalesce(
        wanted_edges,
        (select from_json(policy.body::json -> 'edges', '["integer"]') from policy_at('buckets', as_of, known_at) as policy)
    );

-- One row per signed money line with the day its age counts from: the due date, or with basis 'invoice' the invoice's own date.
-- Money not allocated has no such day; each payment or credit note with money left adds one row that only counts it.
create or replace macro aged_posting(
    actor_id, sees_all, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, wanted_customer, wanted_currency, basis
) as table
select posting.customer_id, posting.currency, posting.due_on as since_on, posting.amount, posting.items
from chosen_posting(
    actor_id, sees_all, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, wanted_customer, wanted_currency
) as posting
where coalesce(basis, 'due') <> 'invoice'
union all
select posting.customer_id, posting.currency, invoice.on_date as since_on, posting.amount, posting.items
from chosen_posting(
    actor_id, sees_all, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, wanted_customer, wanted_currency
) as posting
left join entry_at(as_of, known_at) as invoice on posting.invoice_id = invoice.entry_id
where basis = 'invoice'
union all
select
    any_value(posting.customer_id) as customer_id,
    any_value(posting.currency) as currency,
    null as since_on,
    0 as amount,
    1 as items
from chosen_posting(
    actor_id, sees_all, as_of, known_at, wanted_owner, wanted_team, wanted_region, wanted_segment, wanted_customer, wanted_currency
) as posting
where posting.due_on is null
group by posting.entry_id
having sum(posting.amount) <> 0;
