-- Whether a person may read what a review froze: they take part in it and see every customer that its maker sees.
create or replace macro reads_frozen(circle, maker_id, actor_id, sees_all) as
    attends(circle, actor_id, sees_all)
    and (
        sees_all
        or list_has_all(
            (select list(owner.user_id) from limited_owner(actor_id) as owner),
            (select coalesce(list(owner.user_id), []) from limited_owner(maker_id) as owner)
        )
    );

-- One row per thing of a customer's and change that recorded something of it, or took something back, since a moment.
create or replace macro written_since(since) as table
with version as (
    select 'money' as about, entry.customer_id, entry.entry_id as thing_id, entry.change_id, entry.recorded_at, entry.retired_change
    from entry
    where entry.recorded_at > since or (entry.retired_at > since and entry.retired_change is not null)
    union all
    select 'promise', promise.customer_id, promise.promise_id, promise.change_id, promise.recorded_at, promise.retired_change
    from promise
    where promise.recorded_at > since or (promise.retired_at > since and promise.retired_change is not null)
    union all
    select 'case', case_file.customer_id, case_file.case_id, case_file.change_id, case_file.recorded_at, case_file.retired_change
    from case_file
    where case_file.recorded_at > since or (case_file.retired_at > since and case_file.retired_change is not null)
    union all
    select 'case', case_event.customer_id, case_event.case_id, case_event.change_id, case_event.recorded_at, case_event.retired_change
    from case_event
    where case_event.recorded_at > since or (case_event.retired_at > since and case_event.retired_change is not null)
    union all
    select 'answer', feedback.customer_id, feedback.feedback_id, feedback.change_id, feedback.recorded_at, feedback.retired_change
    from feedback
    where feedback.recorded_at > since or (feedback.retired_at > since and feedback.retired_change is not null)
    union all
    select 'task', activity.customer_id, activity.activity_id, activity.change_id, activity.recorded_at, activity.retired_change
    from activity
    where activity.recorded_at > since or (activity.retired_at > since and activity.retired_change is not null)
    union all
    select 'invite', invite.customer_id, invite.invite_id, invite.change_id, invite.recorded_at, invite.retired_change
    from survey_invite as invite
    where invite.recorded_at > since or (invite.retired_at > since and invite.retired_change is not null)
    union all
    select 'invite', event.customer_id, event.invite_id, event.change_id, event.recorded_at, event.retired_change
    from invite_event as event
    where event.recorded_at > since or (event.retired_at > since and event.retired_change is not null)
    union all
    select 'customer', person.customer_id, person.customer_id, person.change_id, person.recorded_at, person.retired_change
    from customer_record as person
    where person.recorded_at > since or (person.retired_at > since and person.retired_change is not null)
)

select version.about, version.customer_id, version.thing_id, version.change_id
from version
where version.recorded_at > since
union all
select version.about, version.customer_id, version.thing_id, version.retired_change as change_id
from version
where version.retired_change is not null
union all
select 'money' as about, posting.customer_id, coalesce(posting.invoice_id, posting.entry_id) as thing_id, posting.change_id
from posting
where posting.recorded_at > since;
