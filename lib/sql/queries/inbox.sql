-- name: house_scored_texts
-- For the house itself: different comments up to a date that a score or a person called good or bad; what both were said of is left out.
with labelled as (
    select
        said.said,
        case
            when reading.reader = 'person' and abs(reading.mood) = 1 then (reading.mood > 0)::integer
            when said.is_top then 1
            when said.is_low then 0
        end as label
    from said_at($as_of::date, $known_at::timestamp) as said
    left join reading_at($known_at::timestamp) as reading on said.about = reading.about and said.about_id = reading.about_id
)

select labelled.said, avg(labelled.label) > 0.5 as is_good
from labelled
where labelled.label is not null
group by labelled.said
having avg(labelled.label) <> 0.5
order by labelled.said;
