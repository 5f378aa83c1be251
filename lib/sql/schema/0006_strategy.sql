-- What is done with customers of a class, terms that end by themselves, and limits of groups. Facts keep their two times as in 0002.

-- Two more kinds of proposals: 'group_limit' and 'special_term'. A check cannot be changed, so the table is made anew;
-- which kinds there are is said in `lib/commands/proposals.py` from now on.
create table proposal_of_more_kinds (
    record_id bigint primary key,
    proposal_id bigint not null,
    customer_id integer not null,
    kind text not null,
    on_date date not null,
    amount decimal(18, 2),
    currency text,
    reason text not null,
    body text not null,
    recorded_at timestamp not null,
    recorded_by integer not null,
    change_id bigint not null,
    origin_change bigint not null,
    origin_record bigint,
    retired_at timestamp not null,
    retired_change bigint
);

insert into proposal_of_more_kinds by name select * from proposal;

drop table proposal;

alter table proposal_of_more_kinds rename to proposal;

-- Whether a limit holds for the customer and all below it together. Null: for the customer alone.
alter table credit_override add column is_group boolean;

-- Terms of a customer's own, approved by a second person, from one day up to and including another.
-- kind: 'payment_terms' (days), 'discount' (rate) or 'service'; what: what was agreed, in words.
create table special_term (
    record_id bigint primary key,
    term_id bigint not null,
    customer_id integer not null,
    proposal_id bigint,
    kind text not null check (kind in ('payment_terms', 'discount', 'service')),
    days integer,
    rate decimal(6, 4),
    what text,
    from_on date not null,
    until_on date not null,
    reason text not null,
    recorded_at timestamp not null,
    recorded_by integer not null,
    change_id bigint not null,
    origin_change bigint not null,
    origin_record bigint,
    retired_at timestamp not null,
    retired_change bigint,
    check (from_on <= until_on)
);

-- The strategies a ledger starts with: for each frequency and amount one play; steps count days from the day they are planned.
-- hours: what a touch, a visit and a complaint or dispute cost us, to weigh effort against value.
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
    'strategy',
    date '2000-01-01',
    '{
            "cells": {
                "high": {"large": "key", "medium": "grow", "small": "efficient"},
                "normal": {"large": "key", "medium": "grow", "small": "efficient"},
                "low": {"large": "project", "medium": "activate", "small": "activate"},
                "dormant": {"large": "win_back", "medium": "win_back", "small": "win_back"}
            },
            "plays": {
                "key": {
                    "cadence_days": 14, "terms_days": 60,
                    "serve_zh": "专属客户经理，负责人每月过问",
                    "serve_en": "A dedicated account manager; the head of sales asks once a month",
                    "offers_zh": "年度框架价、优先排产、定制包装",
                    "offers_en": "Yearly frame price, priority in production, own packaging",
                    "steps": [
                        {"days": 7, "zh": "上门拜访决策人，确认下季度需求", "en": "Visit who decides and confirm next quarter''s needs"},
                        {"days": 14, "zh": "核对往来账并书面确认", "en": "Reconcile the account and have it confirmed in writing"},
                        {"days": 30, "zh": "谈年度框架和专享条件", "en": "Agree on a yearly frame and special terms"}
                    ]
                },
                "grow": {
                    "cadence_days": 30, "terms_days": 45,
                    "serve_zh": "客户经理定期跟进",
                    "serve_en": "The account manager follows up regularly",
                    "offers_zh": "阶梯价：买得更多单价更低；配套产品组合",
                    "offers_en": "Tiered price: the more, the cheaper; matching bundles",
                    "steps": [
                        {"days": 7, "zh": "电话了解没有从我们这里买的品类", "en": "Call and ask what they buy elsewhere"},
                        {"days": 21, "zh": "按采购记录推荐配套组合", "en": "Offer a bundle that fits what they buy"}
                    ]
                },
                "efficient": {
                    "cadence_days": 90, "terms_days": 30,
                    "serve_zh": "标准流程，内勤或自助下单",
                    "serve_en": "Standard process: inside sales or self-service",
                    "offers_zh": "满额包邮、线上下单优惠",
                    "offers_en": "Free delivery above an amount, discount for ordering online",
                    "steps": [
                        {"days": 14, "zh": "引导到线上或固定日下单", "en": "Guide them to order online or on fixed days"}
                    ]
                },
                "project": {
                    "cadence_days": 30, "terms_days": 45,
                    "serve_zh": "按项目配客户经理和技术支持",
                    "serve_en": "An account manager and an engineer per project",
                    "offers_zh": "按项目报价，备货承诺",
                    "offers_en": "Priced per project, stock kept ready",
                    "steps": [
                        {"days": 7, "zh": "了解下一个项目的时间和预算", "en": "Ask when the next project comes and its budget"},
                        {"days": 30, "zh": "提前给出方案和报价", "en": "Send a proposal ahead of time"}
                    ]
                },
                "activate": {
                    "cadence_days": 90, "terms_days": 30,
                    "serve_zh": "内勤批量触达，有回应再转客户经理",
                    "serve_en": "Inside sales in batches; the account manager takes over when they answer",
                    "offers_zh": "小额组合包、复购券、节日关怀",
                    "offers_en": "Small bundles, a voucher for the next order, greetings",
                    "steps": [
                        {"days": 3, "zh": "发一条关怀和近期活动", "en": "Send a greeting and the current offer"},
                        {"days": 14, "zh": "电话问为什么买得少，记下原因", "en": "Call, ask why they buy little, note the reason"},
                        {"days": 30, "zh": "给一个组合优惠，限时一个月", "en": "Offer a bundle for one month"}
                    ]
                },
                "win_back": {
                    "cadence_days": 180, "terms_days": 0,
                    "serve_zh": "客户经理判断：唤回还是归档",
                    "serve_en": "The account manager decides: win back or put away",
                    "offers_zh": "回归首单优惠，先款后货",
                    "offers_en": "A discount on the first order back, paid in advance",
                    "steps": [
                        {"days": 7, "zh": "电话核实是否还在经营、换了谁家", "en": "Call: still in business, and with whom?"},
                        {"days": 30, "zh": "给回归条件，或建议停用账号", "en": "Offer terms to come back, or propose to close the account"}
                    ]
                }
            },
            "hours": {"interaction": 0.25, "visit": 3, "case": 2}
        }',
    '初始客户策略 · starting strategies',
    timestamp '2000-01-01',
    0,
    0,
    0,
    timestamp '9999-12-31'
from (
    select coalesce(max(policy.record_id), 0) as record_id, coalesce(max(policy.policy_id), 0) as policy_id from policy
) as last;
