-- What a case says in the customer's words: its subject, and its body where that says more.
create or replace macro case_text(subject, body) as
    case
        when coalesce(trim(body), '') = '' then subject
        when starts_with(body, subject) then body
        else concat(subject, chr(10), body)
    end;

-- What customers said in words by a date: comments of answers, suggestions and complaints. about and about_id name it in `reading`.
create or replace macro said_at(as_of, known_at) as table
select
    'feedback' as about,
    feedback.feedback_id as about_id,
    feedback.customer_id,
    'answer' as kind,
    feedback.on_date,
    trim(feedback.comment) as said,
    feedback.channel,
    feedback.metric,
    feedback.score,
    feedback.wave_id,
    is_top_score(feedback.metric, feedback.score, feedback.top_score) as is_top,
    is_low_score(feedback.metric, feedback.score, feedback.top_score) as is_low
from feedback
where
    feedback.on_date <= as_of
    and feedback.recorded_at <= known_at
    and known_at < feedback.retired_at
    and trim(feedback.comment) <> ''
union all by name
select
    'case' as about,
    case_file.case_id as about_id,
    case_file.customer_id,
    case_file.kind,
    case_file.on_date,
    trim(case_text(case_file.subject, case_file.body)) as said,
    case_file.channel
from case_file
where
    case_file.kind in ('suggestion', 'complaint')
    and case_file.on_date <= as_of
    and case_file.recorded_at <= known_at
    and known_at < case_file.retired_at;

-- One row per text that was read: a person's word before the machine's, the latest of either. Readings are added, never replaced,
-- so that reading again stands in the way of no undo.
create or replace macro reading_at(known_at) as table
select
    reading.about,
    reading.about_id,
    reading.mood,
    reading.themes::json::text[] as themes,
    reading.reader,
    reading.version,
    reading.recorded_by
from reading
where reading.recorded_at <= known_at and known_at < reading.retired_at
qualify row_number() over (
    partition by reading.about, reading.about_id
    order by reading.reader = 'person' desc, reading.record_id desc
) = 1;

-- Whether a mood is good or bad; between the two it is neither.
create or replace macro mood_side(mood) as
    case when mood >= 0.2 then 'good' when mood <= -0.2 then 'bad' else 'neither' end;
