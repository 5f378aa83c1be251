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
    "bucket": Text("账龄段", "Ageing bucket"),
    "change_id": Text("更改编号", "Change no."),
    "channel": Text("渠道", "Channel"),
    "clearance": Text("保密权限", "Clearance"),
    "command": Text("更改", "Change"),
    "comment": Text("原话", "Comment"),
    "count": Text("笔数", "Count"),
    "currency": Text("币种", "Currency"),
    "customer": Text("客户账号", "Account no."),
    "credit": Text("已收或减少", "Credit"),
    "days_overdue": Text("逾期天数", "Days overdue"),
    "debit": Text("应收增加", "Debit"),
    "doc_no": Text("单据号", "Document no."),
    "due_on": Text("到期日", "Due date"),
    "invoice_no": Text("账单编号", "Invoice no."),
    "invoices": Text("账单数", "Invoices"),
    "is_active": Text("可登录", "May sign in"),
    "kind": Text("类型", "Kind"),
    "made_at": Text("时间", "Time"),
    "made_by": Text("经手人", "By"),
    "max_days": Text("最长逾期（天）", "Oldest, days"),
    "method": Text("方式", "Method"),
    "name": Text("客户名称", "Customer"),
    "next_step": Text("下一步", "Next step"),
    "on_date": Text("日期", "Date"),
    "open_amount": Text("未收金额", "Open amount"),
    "overdue_amount": Text("逾期金额", "Overdue amount"),
    "owner_name": Text("客户经理", "Account manager"),
    "paid_amount": Text("已收金额", "Paid amount"),
    "payer": Text("付款人", "Payer"),
    "person_name": Text("姓名", "Name"),
    "reason": Text("原因", "Reason"),
    "recorded_at": Text("录入时间", "Recorded at"),
    "recorded_by": Text("录入人", "Recorded by"),
    "recorded_by_name": Text("录入人", "Recorded by"),
    "region": Text("地区", "Region"),
    "rule": Text("依据", "Rule"),
    "score": Text("分数", "Score"),
    "seen_at": Text("最近使用", "Last seen"),
    "segment": Text("细分", "Segment"),
    "settled_on": Text("结清日", "Settled on"),
    "sign_ins": Text("当前登录", "Open sign-ins"),
    "subject": Text("对象", "About"),
    "team": Text("团队", "Team"),
    "teams": Text("可见团队", "Sees teams"),
    "undoes": Text("撤销了", "Undoes"),
    "user_role": Text("角色", "Role"),
    "user_scope": Text("可见范围", "Sees"),
    "username": Text("用户名", "User name"),
}
"""Column labels by identifier; the same identifier from table to page."""

VALUE: Final[dict[str, dict[str, Text]]] = {
    "book": {"formal": Text("账内", "On book"), "offbook": Text("账外", "Off book")},
    "kind": {
        "invoice": Text("账单", "Invoice"),
        "credit_note": Text("贷项", "Credit note"),
        "payment": Text("收款", "Payment"),
        "refund": Text("退款", "Refund"),
        "write_off": Text("坏账核销", "Write-off"),
        "adjustment": Text("调整", "Adjustment"),
        "opening": Text("期初", "Opening balance"),
        "company": Text("企业", "Company"),
        "person": Text("个人", "Person"),
        "institution": Text("机构", "Institution"),
        "interaction": Text("互动", "Interaction"),
        "task": Text("任务", "Task"),
        "reminder": Text("催款", "Reminder"),
        "complaint": Text("投诉", "Complaint"),
        "suggestion": Text("建议", "Suggestion"),
        "dispute": Text("争议", "Dispute"),
    },
    "status": {
        "active": Text("在用", "Active"),
        "inactive": Text("停用", "Inactive"),
        "blocked": Text("冻结", "Blocked"),
        "closed": Text("已关闭", "Closed"),
        "merged": Text("已合并", "Merged"),
    },
}
"""Words of coded values, by the column they stand in."""
