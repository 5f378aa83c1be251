-- name: invoice_document
-- One invoice as it stands on paper: whose, when due, how much, and what was still open on a date.
select
    invoice.entry_id as invoice_id,
    invoice.doc_no as invoice_no,
    invoice.customer_id,
    customer.account_no,
    customer.name,
    customer.name_en,
    invoice.on_date,
    invoice.due_on,
    invoice.amount,
    invoice.tax_amount,
    invoice.currency,
    invoice.memo,
    (
        select coalesce(sum(posting.amount), 0)
        from posting_at($as_of::date, $known_at::timestamp) as posting
        where posting.invoice_id = $invoice_id::bigint
    )::decimal(18, 2) as open_amount
from entry_at(date '9999-12-30', $known_at::timestamp) as invoice
inner join customer_at($as_of::date, $known_at::timestamp) as customer on invoice.customer_id = customer.customer_id
semi join visible_customer($actor_id::integer) as visible on invoice.customer_id = visible.customer_id
where invoice.entry_id = $invoice_id::bigint and invoice.kind = 'invoice';

-- name: invoice_lines
-- What one invoice lists, in order.
select
    listed.record_id,
    listed.product_no,
    listed.description,
    listed.quantity,
    listed.unit_price,
    listed.amount::decimal(18, 2) as amount
from entry_line as listed
inner join entry_at(date '9999-12-30', $known_at::timestamp) as invoice on listed.entry_id = invoice.entry_id
semi join visible_customer($actor_id::integer) as visible on invoice.customer_id = visible.customer_id
where
    listed.entry_id = $invoice_id::bigint
    and listed.recorded_at <= $known_at::timestamp
    and $known_at::timestamp < listed.retired_at
order by listed.record_id;

-- name: statement_totals
-- One customer's account between two dates by currency, whatever the first: brought forward, added, taken, and the balance.
select
    posting.currency,
    coalesce(sum(posting.amount) filter (where posting.on_date < $from_on::date), 0)::decimal(18, 2) as opening,
    coalesce(sum(posting.amount) filter (where posting.on_date >= $from_on::date and posting.amount > 0), 0)::decimal(18, 2)
        as debit,
    coalesce(-sum(posting.amount) filter (where posting.on_date >= $from_on::date and posting.amount < 0), 0)::decimal(18, 2)
        as credit,
    sum(posting.amount)::decimal(18, 2) as closing
from (
    select line.entry_id, line.on_date, line.currency, sum(line.amount) as amount
    from posting_at($as_of::date, $known_at::timestamp) as line
    where line.customer_id = $customer_id::integer
    group by line.entry_id, line.on_date, line.currency
) as posting
cross join (
    select visible.customer_id from visible_customer($actor_id::integer) as visible where visible.customer_id = $customer_id::integer
) as seen
where $currency::text is null or posting.currency = $currency::text
group by posting.currency
order by posting.currency;
