"""The vocabulary: each column, status and title a person sees, named once."""

from __future__ import annotations

from typing import Final

from lib import term_columns, term_values
from lib.text import Text

APP: Final = Text("明账", "Mingzhang")
OVERVIEW: Final = Text("经营看板", "Overview")
TASKS: Final = Text("任务", "Tasks")
REVIEW: Final = Text("周会", "Weekly review")
COMPARE: Final = Text("对比", "Compare")
TEAMS: Final = Text("团队", "Teams")
SUBSCRIPTIONS: Final = Text("订阅", "Subscriptions")
OVERDUE: Final = Text("逾期", "Overdue")
STRATEGY: Final = Text("客户策略", "Strategy")
CLASSIFICATION: Final = Text("客户分类", "Classification")
CUSTOMER_VALUE: Final = Text("客户价值", "Customer value")
MODELS: Final = Text("模型检验", "Model trials")
SATISFACTION: Final = Text("满意度", "Satisfaction")
SURVEYS: Final = Text("调查", "Surveys")
COMPLAINTS: Final = Text("投诉", "Complaints")
SERVICE: Final = Text("服务", "Service")
INBOX: Final = Text("意见", "Feedback inbox")
ENTRY: Final = Text("录入", "Entry")
CUSTOMER: Final = Text("客户", "Customer")
IMPORTS: Final = Text("数据导入", "Import")
ADMINISTRATION: Final = Text("管理", "Administration")
COLLECT: Final = Text("催收", "Collecting")
BANK: Final = Text("银行对账", "Reconciliation")
BILLING: Final = Text("开票", "Billing")
APPROVALS: Final = Text("审批", "Approvals")
RECEIVABLES: Final = Text("应收分析", "Receivables")
POLICIES: Final = Text("规则", "Rules")
SECTION_MONEY: Final = Text("应收", "Money")
SECTION_CUSTOMERS: Final = Text("客户", "Customers")
SECTION_VOICE: Final = Text("客户之声", "Voice of the customer")
SECTION_DATA: Final = Text("数据", "Data")
BUILD_DEMO: Final = Text("建立演示公司", "Build the demo company")

SUBJECT: Final[dict[str, Text]] = {
    "customer": Text("客户", "customer"),
    "user": Text("用户", "user"),
    "import": Text("导入", "import"),
    "change": Text("更改", "change"),
    "demo": Text("演示公司", "demo company"),
    "policy": Text("规则", "rule"),
    "calendar": Text("工作日历", "working calendar"),
    "models": Text("模型", "models"),
    "wave": Text("调查", "survey"),
    "review": Text("周会", "weekly review"),
}
"""What a change can be about, by the first word of its audit row's subject."""

COLUMN: Final = term_columns.COLUMN
"""Column labels by identifier; the same identifier from table to page."""
VALUE: Final = term_values.VALUE
"""Words of coded values, by the column they stand in."""


def class_words(frequency: str, amount_grade: str) -> Text:
    """A class as one says it: frequent and large."""
    often, much = VALUE["frequency"][frequency], VALUE["amount_grade"][amount_grade]
    return Text(f"{often.zh}{much.zh}", f"{often.en}, {much.en.lower()}")
