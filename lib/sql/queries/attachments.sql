-- name: attachments
-- Photos and papers of one customer's cases, answers and touches, with a small picture of each; what they hold stays where it is.
select
    attachment.attachment_id,
    attachment.customer_id,
    attachment.about,
    attachment.about_id,
    attachment.name,
    attachment.media_type,
    attachment.bytes,
    attachment.preview,
    attachment.recorded_at,
    author.name as made_by
from attachment
left join app_user as author on attachment.recorded_by = author.user_id
semi join visible_customer($actor_id::integer) as visible on attachment.customer_id = visible.customer_id
where
    ($customer_id::integer is null or attachment.customer_id = $customer_id::integer)
    and ($about::text is null or attachment.about = $about::text)
    and ($about_id::bigint is null or attachment.about_id = $about_id::bigint)
    and attachment.recorded_at <= $known_at::timestamp
    and $known_at::timestamp < attachment.retired_at
order by attachment.attachment_id;
