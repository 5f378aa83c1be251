-- How complaints are dealt with, as a ledger starts.
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
    'complaint',
    date '2000-01-01',
    '{
        "acknowledge_hours": 4,
        "answer_days": {"1": 1, "2": 3, "3": 5},
        "levels": [{"days": 1, "to": "lead"}, {"days": 3, "to": "manager"}],
        "attempts": 3,
        "reopen_days": 30,
        "recurrence_days": 90
    }',
    '初始投诉规则；银行保险业另有规定：一般 15 日内答复，复杂的最多延长 30 日，须审批，发布新版本前请核对现行办法'
    ' · starting rules for complaints; banks and insurers answer within 15 days, complex cases up to 30 more with approval: '
    'check the rules in force before publishing a version',
    timestamp '2000-01-01',
    0,
    0,
    0,
    timestamp '9999-12-31'
from (
    select coalesce(max(policy.record_id), 0) as record_id, coalesce(max(policy.policy_id), 0) as policy_id from policy
) as last;
