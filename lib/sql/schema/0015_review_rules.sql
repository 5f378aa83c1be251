-- What weekly reviews go by, as a ledger starts: minutes of each section, how long the lists are, when a story may be told again.
insert into policy (
    record_id,
    policy_id,
    kind,
    effective_on,
    body,
    reason,
    recorded_at,
    recorded_by,
    change_id,
    origin_change,
    retired_at
)
select
    last.record_id + 1,
    last.policy_id + 1,
    'review',
    date '2000-01-01',
    '{
            "minutes": {
                "actions": 5,
                "voice": 3,
                "board": 10,
                "overdue": 12,
                "experience": 8,
                "topics": 5,
                "wrap": 2
            },
            "top": 10,
            "story_weeks": 8
        }',
    '初始周会规则 · starting rules of the weekly review',
    timestamp '2000-01-01',
    0,
    0,
    0,
    timestamp '9999-12-31'
from (
    select coalesce(max(policy.record_id), 0) as record_id, coalesce(max(policy.policy_id), 0) as policy_id from policy
) as last;
