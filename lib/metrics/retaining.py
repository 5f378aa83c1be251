"""Who comes, stays and goes, and what we do about it: the part of the catalog about retention, our own work and our records."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Final

from lib.domain.access import Role
from lib.domain.dates import QUARTER_WEEKS
from lib.metrics.metric import REACH, Metric, Part
from lib.text import Text

_TASK: Final = Part("work", only="kind = 'task'")
_BILLED_BEFORE: Final = Part("retained", "before_amount", count="before_count", running=True)
_RECORDS: Final = Part("record", "step", count="step", running=True)
_DOCUMENTS: Final = Part("document")

RETAINING: Final = (
    Metric(
        "effective_touches",
        Text("有效联系", "Effective touches"),
        Text(
            "一周内联系到人的沟通：客户找来的，或有结果的；没人接、号码错的不算",
            "Conversations of the week: customers who came to us, or whom we reached; no answer and wrong numbers do not count",
        ),
        Text("联系次数", "number of touches"),
        unit="count",
        good="up",
        group="inputs",
        numerator=Part("work", only="kind = 'interaction' and is_effective"),
        opens="strategy",
    ),
    Metric(
        "reminders_sent",
        Text("发出的催款", "Reminders sent"),
        Text("一周内给客户的催款（短信、邮件、电话、信函）", "Reminders of the week, by message, mail, phone or letter"),
        Text("催款次数", "number of reminders"),
        unit="count",
        good="up",
        group="inputs",
        numerator=Part("work", only="kind = 'reminder'"),
        answers=Role.FINANCE,
        opens="collect",
    ),
    Metric(
        "tasks_in_time_rate",
        Text("任务按时完成率", "Tasks done in time"),
        Text(
            "近 13 周完成或到期的任务中，到期日或之前完成的份额；过了期才改期的，按原来的日子算",
            "Of tasks done or due in the last 13 weeks, the share done by their day; put off once late, a task keeps the day it had",
        ),
        Text("按时完成 ÷ 应完成", "done in time ÷ done or due"),
        unit="rate",
        good="up",
        group="inputs",
        numerator=replace(_TASK, only="kind = 'task' and is_in_time"),
        denominator=_TASK,
        window=QUARTER_WEEKS,
        opens="strategy",
    ),
    Metric(
        "newly_overdue_amount",
        Text("新增逾期", "Newly overdue"),
        Text(
            "一周内过了到期日还没收到的钱；同一周里后来收到的不减",
            "Money whose due date passed unpaid in the week; what came in later that week is not taken off",
        ),
        Text("Σ 到期日次日的未收金额", "Σ open amount on the day after the due date"),
        unit="money",
        good="down",
        group="receivables",
        numerator=Part("overdue", "amount", "is_new", "items"),
        opens="overdue",
    ),
    Metric(
        "new_customers",
        Text("新客户", "New customers"),
        Text("一周内第一次有账单的客户", "Customers invoiced for the first time in the week"),
        Text("客户数", "number of customers"),
        unit="count",
        good="up",
        group="value",
        numerator=Part("newcomer"),
        opens="classification",
    ),
    Metric(
        "churn_rate",
        Text("客户流失率", "Customers lost"),
        Text(
            "13 周前的活跃客户中，此后满 365 天没有账单的份额",
            "Of customers active 13 weeks ago, the share that has since gone 365 days without an invoice",
        ),
        Text("近 13 周流失的客户 ÷ 13 周前的活跃客户", "lost in the last 13 weeks ÷ active 13 weeks ago"),
        unit="rate",
        good="down",
        group="value",
        numerator=Part("buying", "step", "kind = 'lost'"),
        denominator=Part("buying", "step", "kind = 'active'", "step", running=True),
        window=QUARTER_WEEKS,
        opens="value",
    ),
    Metric(
        "quiet_customers",
        Text("安静的客户", "Quiet customers"),
        Text(
            "一年内买过 4 天以上、这次停得比平时间隔的两倍还久的客户",
            "Customers who bought on four days of a year or more and now pause for over twice as long as usual",
        ),
        Text("客户数", "number of customers"),
        unit="count",
        good="down",
        group="value",
        numerator=Part("buying", "step", "kind = 'quiet'", "step", running=True),
        opens="value",
    ),
    Metric(
        "repurchase_rate",
        Text("复购率", "Repurchase"),
        Text("活跃客户中一年内在两天或更多天买过的份额", "Of active customers, the share that bought on two days of the year or more"),
        Text("买过两次的客户 ÷ 活跃客户", "bought twice ÷ active customers"),
        unit="rate",
        good="up",
        group="value",
        numerator=Part("buying", "step", "kind = 'again'", "step", running=True),
        denominator=Part(REACH, "bought"),
        opens="value",
    ),
    Metric(
        "gross_retention_rate",
        Text("收入留存率 GRR", "Gross revenue retention"),
        Text(
            "上一年买过的客户，近 365 天的开票额占前一个 365 天的份额；每户最多算到前一年的数",
            "Billing of the last 365 days of those who bought in the 365 before, each at most what it was then, as a share of that",
        ),
        Text("Σ 每户 min（今年，去年）÷ Σ 去年", "Σ min(this year, last year) per customer ÷ Σ last year"),
        unit="rate",
        good="up",
        group="value",
        numerator=replace(_BILLED_BEFORE, amount="kept_amount"),
        denominator=_BILLED_BEFORE,
        opens="value",
    ),
    Metric(
        "net_retention_rate",
        Text("收入净留存率 NRR", "Net revenue retention"),
        Text(
            "上一年买过的客户，近 365 天的开票额是前一个 365 天的多少；新客户不算",
            "Billing of the last 365 days of those who bought in the 365 before, as a share of it; new customers do not count",
        ),
        Text("Σ 老客户今年 ÷ Σ 去年", "Σ this year of last year's customers ÷ Σ last year"),
        unit="rate",
        good="up",
        group="value",
        numerator=replace(_BILLED_BEFORE, amount="now_amount"),
        denominator=_BILLED_BEFORE,
        opens="value",
    ),
    Metric(
        "unallocated_amount",
        Text("未核销收款", "Money on account"),
        Text("截至日收到了、还没认到账单上的钱", "Money that came in and is not yet allocated to an invoice"),
        Text("Σ 未核销金额", "Σ unallocated amount"),
        unit="money",
        good="down",
        group="data",
        numerator=Part("money", "-amount", "due_on is null", running=True),
        answers=Role.FINANCE,
        opens="receivables",
    ),
    Metric(
        "prompt_entry_rate",
        Text("及时入账率", "Booked in time"),
        Text(
            "近 4 周的账单、贷项和收款中，单据日后 3 天内录入、此后没再改的份额",
            "Of invoices, credit notes and payments of the last 4 weeks, the share recorded within 3 days and not changed since",
        ),
        Text("及时录入 ÷ 单据数", "recorded in time ÷ documents"),
        unit="rate",
        good="up",
        group="data",
        numerator=replace(_DOCUMENTS, only="is_prompt"),
        denominator=_DOCUMENTS,
        window=4,
        answers=Role.FINANCE,
        opens="imports",
        target=Decimal("0.95"),
    ),
    Metric(
        "complete_record_rate",
        Text("资料齐全率", "Complete records"),
        Text(
            "正式客户中资料齐全的份额：有客户经理、有电话或邮箱的联系人，企业还要有税号",
            "Of formal customers, the share with an account manager, a contact to call or write to, and, of companies, a tax number",
        ),
        Text("资料齐全的客户 ÷ 正式客户", "complete ÷ formal customers"),
        unit="rate",
        good="up",
        group="data",
        numerator=replace(_RECORDS, amount="whole"),
        denominator=_RECORDS,
        opens="classification",
    ),
)
