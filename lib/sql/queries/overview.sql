-- name: house_exception
-- For the house itself: broken promises, complaints past their date and low scores nobody called about, of everyone.
with broken as (
    select
        'broken_promise' as kind,
        promise.customer_id,
        promise.amount - promise.received_amount as amount,
        promise.currency,
        $as_of::date - promise.due_on as days,
        null as subject,
        promise.amount - promise.received_amount as weight
    from promise_since(null::integer[], $as_of::date - 30, $as_of::date, $known_at::timestamp) as promise
    where promise.result in ('broken', 'partly') and promise.due_on >= $as_of::date - 30
    qualify row_number() over (partition by promise.customer_id order by promise.due_on desc) = 1
),

complaint as (
    select
        'complaint_overdue' as kind,
        complaint.customer_id,
        null::decimal(18, 2) as amount,
        null as currency,
        $as_of::date - complaint.due_on as days,
        complaint.subject,
        ($as_of::date - complaint.due_on) + 1000 * (3 - coalesce(complaint.severity, 3)) as weight
    from case_at($as_of::date, $known_at::timestamp) as complaint
    where complaint.kind = 'complaint' and complaint.is_open and complaint.due_on < $as_of::date
),

called as (
    select activity.source_id
    from activity_at($as_of::date, $known_at::timestamp) as activity
    where activity.source_kind = 'feedback' and activity.done_on is not null
),

low_score as (
    select
        'low_score' as kind,
        answer.customer_id,
        null::decimal(18, 2) as amount,
        null as currency,
        $as_of::date - answer.on_date as days,
        upper(answer.metric) || ' ' || rtrim(rtrim(answer.score::text, '0'), '.') || '/' || answer.top_score as subject,
        $as_of::date - answer.on_date as weight
    from answer_at($as_of::date, $known_at::timestamp) as answer
    anti join called on answer.feedback_id = called.source_id
    where answer.is_low and answer.on_date between $as_of::date - 60 and $as_of::date - 2
),

found as (
    select * from broken
    union all
    select * from complaint
    union all
    select * from low_score
)

select
    found.kind,
    found.customer_id,
    found.amount::decimal(18, 2) as amount,
    found.currency,
    found.days::integer as days,
    found.subject,
    found.weight::decimal(18, 2) as weight
from found;

-- name: exceptions
-- What most needs a person now, their own customers first: broken promises, complaints past their date, low scores nobody called about.
-- place ranks within one kind, of which there are total_count.
select
    found.kind,
    found.customer_id,
    customer.name,
    customer.owner_name,
    found.amount,
    found.currency,
    found.days,
    found.subject,
    row_number() over (
        partition by found.kind
        order by (customer.owner_id is not distinct from $user_id::integer) desc, found.weight desc, found.customer_id, found.subject
    )::integer as place,
    count(*) over (partition by found.kind)::integer as total_count
from house_exception as found
inner join customer_at($as_of::date, $known_at::timestamp) as customer on found.customer_id = customer.customer_id
semi join visible_customer($actor_id::integer) as visible on found.customer_id = visible.customer_id
qualify place <= 5
order by place, found.kind;

-- name: recent_changes
-- The latest changes to facts, one's own and, for those who see all customers, everyone's; sign-ins, exports and settings are not among them.
select
    audit.change_id,
    audit.made_at,
    audit.user_id,
    author.name as made_by,
    audit.command,
    case when audit.customer_id is null or is_visible(audit.customer_id, $actor_id::integer) then audit.subject end as subject,
    audit.detail,
    audit.change_id in (select undone.change_id from undone_change() as undone) as is_undone
from audit
left join app_user as author on audit.user_id = author.user_id
where
    (audit.user_id = $user_id::integer or $sees_all::boolean)
    and list_contains($commands::text[], audit.command)
order by audit.change_id desc
limit $most::integer;
