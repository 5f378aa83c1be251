-- How customers are rated by importance, potential and complexity, as a ledger starts: what each part weighs, and what earns all of it.
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
    'customer_rating',
    date '2000-01-01',
    '{
            "importance": {"amount": 50, "habit": 25, "tenure": 25, "mixed": 0.5, "full_years": 5},
            "potential": {"growth": 35, "breadth": 35, "interest": 30, "full_growth": 0.5, "interest_days": 90, "full_interest": 3},
            "complexity": {
                "documents": 30, "currencies": 15, "disputes": 20, "complaints": 20, "contacts": 15,
                "full_documents": 100, "full_currencies": 3, "full_disputes": 3, "full_complaints": 3, "full_contacts": 5
            }
        }',
    '初始评级权重 · starting weights of the rating',
    timestamp '2000-01-01',
    0,
    0,
    0,
    timestamp '9999-12-31'
from (
    select coalesce(max(policy.record_id), 0) as record_id, coalesce(max(policy.policy_id), 0) as policy_id from policy
) as last;
