"""The vocabulary: each column, status and title a person sees, named once."""

from __future__ import annotations

from typing import Final

from lib.text import Text

APP: Final = Text("明账", "Mingzhang")
OVERVIEW: Final = Text("经营看板", "Overview")
OVERDUE: Final = Text("逾期", "Overdue")
CLASSIFICATION: Final = Text("客户分类", "Classification")
SATISFACTION: Final = Text("满意度", "Satisfaction")
ENTRY: Final = Text("录入", "Entry")
CUSTOMER: Final = Text("客户", "Customer")
IMPORTS: Final = Text("数据导入", "Import")
ADMINISTRATION: Final = Text("管理", "Administration")

COLUMN: Final[dict[str, Text]] = {
    "account_no": Text("客户账号", "Account no."),
    "amount": Text("金额", "Amount"),
    "balance": Text("余额", "Balance"),
    "book": Text("账内外", "Book"),
    "channel": Text("渠道", "Channel"),
    "comment": Text("原话", "Comment"),
    "currency": Text("币种", "Currency"),
    "customer": Text("客户账号", "Account no."),
    "days_overdue": Text("逾期天数", "Days overdue"),
    "doc_no": Text("单据号", "Document no."),
    "due_on": Text("到期日", "Due date"),
    "invoice_no": Text("账单编号", "Invoice no."),
    "invoices": Text("账单数", "Invoices"),
    "kind": Text("类型", "Kind"),
    "max_days": Text("最长逾期天数", "Longest overdue, days"),
    "name": Text("客户名称", "Customer"),
    "on_date": Text("日期", "Date"),
    "open_amount": Text("未收金额", "Open amount"),
    "overdue_amount": Text("逾期金额", "Overdue amount"),
    "owner_name": Text("客户经理", "Account manager"),
    "reason": Text("原因", "Reason"),
    "region": Text("地区", "Region"),
    "score": Text("分数", "Score"),
    "segment": Text("细分", "Segment"),
    "settled_on": Text("结清日", "Settled on"),
    "team": Text("团队", "Team"),
}
"""Column labels by identifier; the same identifier from table to page."""
