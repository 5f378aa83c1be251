-- What surveys go by, as a ledger starts: how often somebody is asked, when a low score is called back, when silence is followed up.
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
    'survey',
    date '2000-01-01',
    '{
            "relationship_days": 180,
            "transaction_days": 30,
            "margin": 10,
            "response_rate": 0.3,
            "first_reminder_days": 3,
            "second_reminder_days": 7,
            "call_rate": 0.1,
            "call_back_days": 2,
            "closed_loop_days": 2,
            "recovery_days": 180,
            "coverage_days": 180,
            "decision_weight": 2
        }',
    '初始调查规则 · starting rules of surveys',
    timestamp '2000-01-01',
    0,
    0,
    0,
    timestamp '9999-12-31'
from (
    select coalesce(max(policy.record_id), 0) as record_id, coalesce(max(policy.policy_id), 0) as policy_id from policy
) as last;
