-- Working time and how fast a request is served, as a ledger starts; the State Council's holidays and worked weekends 2020–2026.

insert into calendar_day (
    record_id, day_id, on_date, is_open, name, recorded_at, recorded_by, change_id, origin_change, retired_at
)
select
    row_number() over (order by span.first_on, place.number) as record_id,
    row_number() over (order by span.first_on, place.number) as day_id,
    span.first_on + place.number::integer as on_date,
    span.is_open,
    span.name,
    timestamp '2000-01-01',
    0,
    0,
    0,
    timestamp '9999-12-31'
from (
    values
        (date '2020-01-01', 1, false, '元旦 · New Year''s Day'),
        (date '2020-01-19', 1, true, '春节 · Spring Festival'),
        (date '2020-01-24', 10, false, '春节 · Spring Festival'),
        (date '2020-04-04', 3, false, '清明节 · Tomb-sweeping Day'),
        (date '2020-04-26', 1, true, '劳动节 · Labour Day'),
        (date '2020-05-01', 5, false, '劳动节 · Labour Day'),
        (date '2020-05-09', 1, true, '劳动节 · Labour Day'),
        (date '2020-06-25', 3, false, '端午节 · Dragon Boat Festival'),
        (date '2020-06-28', 1, true, '端午节 · Dragon Boat Festival'),
        (date '2020-09-27', 1, true, '国庆节 · National Day'),
        (date '2020-10-01', 8, false, '国庆节 · National Day'),
        (date '2020-10-10', 1, true, '国庆节 · National Day'),
        (date '2021-01-01', 3, false, '元旦 · New Year''s Day'),
        (date '2021-02-07', 1, true, '春节 · Spring Festival'),
        (date '2021-02-11', 7, false, '春节 · Spring Festival'),
        (date '2021-02-20', 1, true, '春节 · Spring Festival'),
        (date '2021-04-03', 3, false, '清明节 · Tomb-sweeping Day'),
        (date '2021-04-25', 1, true, '劳动节 · Labour Day'),
        (date '2021-05-01', 5, false, '劳动节 · Labour Day'),
        (date '2021-05-08', 1, true, '劳动节 · Labour Day'),
        (date '2021-06-12', 3, false, '端午节 · Dragon Boat Festival'),
        (date '2021-09-18', 1, true, '中秋节 · Mid-autumn Festival'),
        (date '2021-09-19', 3, false, '中秋节 · Mid-autumn Festival'),
        (date '2021-09-26', 1, true, '国庆节 · National Day'),
        (date '2021-10-01', 7, false, '国庆节 · National Day'),
        (date '2021-10-09', 1, true, '国庆节 · National Day'),
        (date '2022-01-01', 3, false, '元旦 · New Year''s Day'),
        (date '2022-01-29', 2, true, '春节 · Spring Festival'),
        (date '2022-01-31', 7, false, '春节 · Spring Festival'),
        (date '2022-04-02', 1, true, '清明节 · Tomb-sweeping Day'),
        (date '2022-04-03', 3, false, '清明节 · Tomb-sweeping Day'),
        (date '2022-04-24', 1, true, '劳动节 · Labour Day'),
        (date '2022-04-30', 5, false, '劳动节 · Labour Day'),
        (date '2022-05-07', 1, true, '劳动节 · Labour Day'),
        (date '2022-06-03', 3, false, '端午节 · Dragon Boat Festival'),
        (date '2022-09-10', 3, false, '中秋节 · Mid-autumn Festival'),
        (date '2022-10-01', 7, false, '国庆节 · National Day'),
        (date '2022-10-08', 2, true, '国庆节 · National Day'),
        (date '2022-12-31', 3, false, '元旦 · New Year''s Day'),
        (date '2023-01-21', 7, false, '春节 · Spring Festival'),
        (date '2023-01-28', 2, true, '春节 · Spring Festival'),
        (date '2023-04-05', 1, false, '清明节 · Tomb-sweeping Day'),
        (date '2023-04-23', 1, true, '劳动节 · Labour Day'),
        (date '2023-04-29', 5, false, '劳动节 · Labour Day'),
        (date '2023-05-06', 1, true, '劳动节 · Labour Day'),
        (date '2023-06-22', 3, false, '端午节 · Dragon Boat Festival'),
        (date '2023-06-25', 1, true, '端午节 · Dragon Boat Festival'),
        (date '2023-09-29', 1, false, '中秋节 · Mid-autumn Festival'),
        (date '2023-09-30', 7, false, '国庆节 · National Day'),
        (date '2023-10-07', 2, true, '国庆节 · National Day'),
        (date '2023-12-30', 3, false, '元旦 · New Year''s Day'),
        (date '2024-02-04', 1, true, '春节 · Spring Festival'),
        (date '2024-02-10', 8, false, '春节 · Spring Festival'),
        (date '2024-02-18', 1, true, '春节 · Spring Festival'),
        (date '2024-04-04', 3, false, '清明节 · Tomb-sweeping Day'),
        (date '2024-04-07', 1, true, '清明节 · Tomb-sweeping Day'),
        (date '2024-04-28', 1, true, '劳动节 · Labour Day'),
        (date '2024-05-01', 5, false, '劳动节 · Labour Day'),
        (date '2024-05-11', 1, true, '劳动节 · Labour Day'),
        (date '2024-06-10', 1, false, '端午节 · Dragon Boat Festival'),
        (date '2024-09-14', 1, true, '中秋节 · Mid-autumn Festival'),
        (date '2024-09-15', 3, false, '中秋节 · Mid-autumn Festival'),
        (date '2024-09-29', 1, true, '国庆节 · National Day'),
        (date '2024-10-01', 7, false, '国庆节 · National Day'),
        (date '2024-10-12', 1, true, '国庆节 · National Day'),
        (date '2025-01-01', 1, false, '元旦 · New Year''s Day'),
        (date '2025-01-26', 1, true, '春节 · Spring Festival'),
        (date '2025-01-28', 8, false, '春节 · Spring Festival'),
        (date '2025-02-08', 1, true, '春节 · Spring Festival'),
        (date '2025-04-04', 3, false, '清明节 · Tomb-sweeping Day'),
        (date '2025-04-27', 1, true, '劳动节 · Labour Day'),
        (date '2025-05-01', 5, false, '劳动节 · Labour Day'),
        (date '2025-05-31', 3, false, '端午节 · Dragon Boat Festival'),
        (date '2025-09-28', 1, true, '国庆节 · National Day'),
        (date '2025-10-01', 5, false, '国庆节 · National Day'),
        (date '2025-10-06', 1, false, '中秋节 · Mid-autumn Festival'),
        (date '2025-10-07', 2, false, '国庆节 · National Day'),
        (date '2025-10-11', 1, true, '国庆节 · National Day'),
        (date '2026-01-01', 3, false, '元旦 · New Year''s Day'),
        (date '2026-01-04', 1, true, '元旦 · New Year''s Day'),
        (date '2026-02-14', 1, true, '春节 · Spring Festival'),
        (date '2026-02-15', 9, false, '春节 · Spring Festival'),
        (date '2026-02-28', 1, true, '春节 · Spring Festival'),
        (date '2026-04-04', 3, false, '清明节 · Tomb-sweeping Day'),
        (date '2026-05-01', 5, false, '劳动节 · Labour Day'),
        (date '2026-05-09', 1, true, '劳动节 · Labour Day'),
        (date '2026-06-19', 3, false, '端午节 · Dragon Boat Festival'),
        (date '2026-09-20', 1, true, '国庆节 · National Day'),
        (date '2026-09-25', 3, false, '中秋节 · Mid-autumn Festival'),
        (date '2026-10-01', 7, false, '国庆节 · National Day'),
        (date '2026-10-10', 1, true, '国庆节 · National Day')

) as span (first_on, days, is_open, name)
cross join lateral unnest(range(span.days)) as place (number);

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
    last.record_id + rule.place,
    last.policy_id + rule.place,
    rule.kind,
    date '2000-01-01',
    rule.body,
    rule.reason,
    timestamp '2000-01-01',
    0,
    0,
    0,
    timestamp '9999-12-31'
from (
    select coalesce(max(policy.record_id), 0) as record_id, coalesce(max(policy.policy_id), 0) as policy_id from policy
) as last
cross join (
    values
        (
            1,
            'working_time',
            '{
                "monday": "09:00-12:00 13:30-18:00",
                "tuesday": "09:00-12:00 13:30-18:00",
                "wednesday": "09:00-12:00 13:30-18:00",
                "thursday": "09:00-12:00 13:30-18:00",
                "friday": "09:00-12:00 13:30-18:00",
                "saturday": "",
                "sunday": "",
                "made_up": "09:00-12:00 13:30-18:00"
            }',
            '初始工作时间 · starting working hours'
        ),
        (
            2,
            'service_level',
            '{
                "first": {"1": 30, "2": 120, "3": 450},
                "next": {"1": 60, "2": 240, "3": 900},
                "solve": {"1": 240, "2": 900, "3": 2250},
                "soon": 0.25
            }',
            '初始服务时限 · starting service levels'
        )
) as rule (place, kind, body, reason);
