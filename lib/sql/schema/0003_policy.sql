-- The rules a new ledger starts with; the house wrote them, so they carry change 0. A review adds a row.
-- Thresholds of one grade each are numbers; text in a list says which values count.
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
    starting.policy_id,
    starting.policy_id,
    starting.kind,
    date '2000-01-01',
    starting.body,
    starting.reason,
    timestamp '2000-01-01',
    0,
    0,
    0,
    timestamp '9999-12-31'
from (
    values
    (1, 'buckets', '{"edges": [30, 60, 90, 180, 365]}', '初始账龄段 · starting ageing buckets'),
    (
        2,
        'classification',
        '{
            "months": 12,
            "frequency": {"high": 12, "normal": 4, "low": 1},
            "amount": {"large": 0.70, "medium": 0.90},
            "habit": {
                "invoices": 3, "grace_days": 3, "prompt_rate": 0.90, "late_rate": 0.50, "late_days": 15
            },
            "credit": {
                "high": 75, "mid": 50,
                "punctuality": 35, "overdue": 20, "promises": 10, "tenure": 10, "stability": 10, "ability": 10,
                "tenure_years": 3, "size": {"large": 1.0, "medium": 0.7, "small": 0.4}
            }
        }',
        '初始分类阈值 · starting thresholds'
    ),
    (3, 'settings', '{"base_currency": "CNY", "time_zone": "Asia/Shanghai"}', '初始设置 · starting settings')
) as starting (policy_id, kind, body, reason);
