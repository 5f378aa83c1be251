-- Whether a person may read what a review froze: they take part in it and see every customer that its maker sees; of a maker who by now
-- sees all nobody can tell what that was, so only who sees all reads it.
create or replace macro reads_frozen(circle, maker_id, actor_id, sees_all) as
    attends(circle, actor_id, sees_all)
    and (
        sees_all
        or coalesce(
            list_has_all(
                (select list(owner.user_id) from limited_owner(actor_id) as owner),
                (select list(owner.user_id) from limited_owner(maker_id) as owner)
            ),
            false
        )
    );

-- One row per frozen text with who froze it: also where an undo recorded it anew, in the name of who took that reopening back.
create or replace macro pack_by_maker() as table
select pack.*, made.recorded_by as maker_id
from pack
inner join pack as made on coalesce(pack.origin_record, pack.record_id) = made.record_id;

-- One row per thing of a customer's that was recorded or taken back since a moment, with when, by which change and by whom; for what was
-- taken back only the change knows by whom.
create or replace macro written_since(since) as table
with version as (
    select
        'money' as about,
        entry.customer_id,
        entry.entry_id as thing_id,
        entry.change_id,
        entry.recorded_at,
        entry.recorded_by,
        entry.retired_change,
        entry.retired_at
    from entry
    where entry.recorded_at > since or (entry.retired_at > since and entry.retired_change is not null)
    union all
    select
        'promise',
        promise.customer_id,
        promise.promise_id,
        promise.change_id,
        promise.recorded_at,
        promise.recorded_by,
        promise.retired_change,
        promise.retired_at
    from promise
    where promise.recorded_at > since or (promise.retired_at > since and promise.retired_change is not null)
    union all
    select
        'case',
        case_file.customer_id,
        case_file.case_id,
        case_file.change_id,
        case_file.recorded_at,
        case_file.recorded_by,
        case_file.retired_change,
        case_file.retired_at
    from case_file
    where case_file.recorded_at > since or (case_file.retired_at > since and case_file.retired_change is not null)
    union all
    select
        'case',
        case_event.customer_id,
        case_event.case_id,
        case_event.change_id,
        case_event.recorded_at,
        case_event.recorded_by,
        case_event.retired_change,
        case_event.retired_at
    from case_event
    where case_event.recorded_at > since or (case_event.retired_at > since and case_event.retired_change is not null)
    union all
    select
        'answer',
        feedback.customer_id,
        feedback.feedback_id,
        feedback.change_id,
        feedback.recorded_at,
        feedback.recorded_by,
        feedback.retired_change,
        feedback.retired_at
    from feedback
    where feedback.recorded_at > since or (feedback.retired_at > since and feedback.retired_change is not null)
    union all
    select
        'task',
        activity.customer_id,
        activity.activity_id,
        activity.change_id,
        activity.recorded_at,
        activity.recorded_by,
        activity.retired_change,
        activity.retired_at
    from activity
    where activity.recorded_at > since or (activity.retired_at > since and activity.retired_change is not null)
    union all
    select
        'invite',
        survey_invite.customer_id,
        survey_invite.invite_id,
        survey_invite.change_id,
        survey_invite.recorded_at,
        survey_invite.recorded_by,
        survey_invite.retired_change,
        survey_invite.retired_at
    from survey_invite
    where survey_invite.recorded_at > since or (survey_invite.retired_at > since and survey_invite.retired_change is not null)
    union all
    select
        'invite',
        invite_event.customer_id,
        invite_event.invite_id,
        invite_event.change_id,
        invite_event.recorded_at,
        invite_event.recorded_by,
        invite_event.retired_change,
        invite_event.retired_at
    from invite_event
    where invite_event.recorded_at > since or (invite_event.retired_at > since and invite_event.retired_change is not null)
    union all
    select
        'customer',
        customer_record.customer_id,
        customer_record.customer_id,
        customer_record.change_id,
        customer_record.recorded_at,
        customer_record.recorded_by,
        customer_record.retired_change,
        customer_record.retired_at
    from customer_record
    where customer_record.recorded_at > since or (customer_record.retired_at > since and customer_record.retired_change is not null)
)

select version.about, version.customer_id, version.thing_id, version.change_id, version.recorded_at as written_at, version.recorded_by
from version
where version.recorded_at > since
union all
select
    version.about,
    version.customer_id,
    version.thing_id,
    version.retired_change as change_id,
    version.retired_at as written_at,
    null as recorded_by
from version
where version.retired_change is not null
union all
select
    'money' as about,
    posting.customer_id,
    coalesce(posting.invoice_id, posting.entry_id) as thing_id,
    posting.change_id,
    posting.recorded_at as written_at,
    posting.recorded_by
from posting
where posting.recorded_at > since;
