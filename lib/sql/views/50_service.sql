-- The business day of a moment stored in UTC.
create or replace macro business_date(moment) as (moment + interval 8 hours)::date;

-- One row per touch or task begun by a date.
create or replace macro activity_at(as_of, known_at) as table
select
    activity.activity_id,
    activity.customer_id,
    activity.kind,
    activity.channel,
    activity.direction,
    activity.on_date,
    activity.due_on,
    case when activity.done_on <= as_of then activity.done_on end as done_on,
    activity.owner_id,
    activity.subject,
    activity.body,
    activity.outcome,
    activity.source_kind,
    activity.source_id
from activity
where activity.on_date <= as_of and activity.recorded_at <= known_at and known_at < activity.retired_at;

-- Whether a score counts for us.
create or replace macro is_top_score(metric, score, top_score) as
    case metric
        when 'nps' then score >= 9
        when 'csat' then score >= 4
        else score >= if(top_score = 5, 4, 5)
    end;

-- Whether it is low enough to call the customer back.
create or replace macro is_low_score(metric, score, top_score) as
    case metric
        when 'nps' then score <= 6
        when 'csat' then score <= 2
        else score <= if(top_score = 5, 2, 3)
    end;

-- One row per answer given by a date. is_top: counts for the score; is_low: the customer is to be called back.
create or replace macro answer_at(as_of, known_at) as table
select
    feedback.feedback_id,
    feedback.customer_id,
    feedback.metric,
    feedback.on_date,
    feedback.score,
    feedback.top_score,
    feedback.comment,
    feedback.channel,
    feedback.respondent,
    feedback.region,
    feedback.wave_id,
    feedback.invite_id,
    feedback.contact_id,
    feedback.case_id,
    feedback.source,
    feedback.entered_by,
    feedback.language,
    feedback.stage,
    feedback.aspects,
    is_top_score(feedback.metric, feedback.score, feedback.top_score) as is_top,
    is_low_score(feedback.metric, feedback.score, feedback.top_score) as is_low
from feedback
where feedback.on_date <= as_of and feedback.recorded_at <= known_at and known_at < feedback.retired_at;

-- How far a sample's variance shrinks when it is most of a finite number of surveyed accounts; 1 when that number is not known.
create or replace macro sample_part(n, population) as
    case when population > 1 then greatest(population - n, 0) / (population - 1) else 1.0 end;

-- The middle of the 95 % interval of a net promoter score: the score with ¾ of an answer more at each end and 1½ in between.
create or replace macro nps_middle(promoters, detractors, n, population) as
    100.0 * (promoters - detractors) / n
    + sample_part(n, population) * (100.0 * (promoters - detractors) / (n + 3) - 100.0 * (promoters - detractors) / n);

-- Half that interval, in points: adjusted Wald. After Rocks 2016.
create or replace macro nps_half(promoters, detractors, n, population) as
    196.0 * sqrt(
        ((promoters + 0.75) / (n + 3) + (detractors + 0.75) / (n + 3) - pow((promoters - detractors) / (n + 3), 2))
        / (n + 3) * sample_part(n, population)
    );

-- One end of the 95 % Wilson interval of a share, 0 to 1; side -1 is the low end, +1 the high one.
-- n_effective null: everybody has answered, so nothing is left to chance.
create or replace macro wilson(share, n_effective, side) as
    case
        when n_effective is null then share
        else
            (
                share + 1.96 * 1.96 / (2 * n_effective)
                + side * 1.96 * sqrt(share * (1 - share) / n_effective + 1.96 * 1.96 / (4 * n_effective * n_effective))
            ) / (1 + 1.96 * 1.96 / n_effective)
    end;

-- The satisfaction score of counted answers: net promoter score in points, else the share of top answers in per cent.
create or replace macro satisfaction_score(metric, tops, lows, n) as
    100.0 * (tops - if(metric = 'nps', lows, 0)) / n;

-- One end of its 95 % interval; side -1 is the low end, +1 the high one.
create or replace macro satisfaction_end(metric, tops, lows, n, population, side) as
    case
        when metric = 'nps'
            then
                least(
                    100.0,
                    greatest(-100.0, nps_middle(tops, lows, n, population) + side * nps_half(tops, lows, n, population))
                )
        else 100.0 * wilson(tops / n, n / nullif(sample_part(n, population), 0), side)
    end;
