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
COLLECT: Final = Text("催收", "Collecting")
BANK: Final = Text("银行对账", "Reconciliation")
BILLING: Final = Text("开票", "Billing")
APPROVALS: Final = Text("审批", "Approvals")
RECEIVABLES: Final = Text("应收分析", "Receivables")
SECTION_MONEY: Final = Text("应收", "Money")
SECTION_CUSTOMERS: Final = Text("客户", "Customers")
SECTION_DATA: Final = Text("数据", "Data")
BUILD_DEMO: Final = Text("建立演示公司", "Build the demo company")

SUBJECT: Final[dict[str, Text]] = {
    "customer": Text("客户", "customer"),
    "user": Text("用户", "user"),
    "import": Text("导入", "import"),
    "change": Text("更改", "change"),
    "demo": Text("演示公司", "demo company"),
}
"""What a change can be about, by the first word of its audit row's subject."""

COLUMN: Final[dict[str, Text]] = {
    "agreement_title": Text("协议", "Agreement"),
    "change_rate": Text("较上期", "vs last period"),
    "every_months": Text("频率", "How often"),
    "invoice_state": Text("状态", "State"),
    "last_amount": Text("上期金额", "Last period"),
    "next_on": Text("下一期", "Next bill"),
    "number_state": Text("号码", "Number"),
    "oddity": Text("注意", "Look here"),
    "period_on": Text("期间", "Period from"),
    "sent_at": Text("发送时间", "Sent at"),
    "tax_amount": Text("税额", "Tax"),
    "first_on": Text("首期", "First bill"),
    "account": Text("账户", "Account"),
    "account_no": Text("客户账号", "Account no."),
    "amount": Text("金额", "Amount"),
    "amount_12m": Text("近 12 个月金额", "Amount, 12 months"),
    "amount_grade": Text("金额档", "Amount"),
    "average_days_late": Text("平均拖欠天数", "Average days late"),
    "balance": Text("余额", "Balance"),
    "body": Text("正文", "Text"),
    "book": Text("账内外", "Book"),
    "bucket": Text("账龄段", "Ageing bucket"),
    "cause": Text("原因", "Cause"),
    "change_id": Text("更改编号", "Change no."),
    "channel": Text("渠道", "Channel"),
    "class": Text("类别", "Class"),
    "clearance": Text("保密权限", "Clearance"),
    "command": Text("更改", "Change"),
    "comment": Text("原话", "Comment"),
    "contact_name": Text("联系人", "Contact"),
    "count": Text("笔数", "Count"),
    "counted": Text("计入", "Counted"),
    "credit": Text("已收或减少", "Credit"),
    "credit_grade": Text("信用档", "Credit"),
    "credit_score": Text("信用分", "Credit score"),
    "currency": Text("币种", "Currency"),
    "customer": Text("客户账号", "Account no."),
    "customers": Text("客户数", "Customers"),
    "days_overdue": Text("逾期天数", "Days overdue"),
    "debit": Text("应收增加", "Debit"),
    "delivery": Text("发送状态", "Delivery"),
    "detail": Text("说明", "Detail"),
    "detractors": Text("低分", "Low"),
    "disputed_amount": Text("争议金额", "Disputed"),
    "dispute_reason": Text("争议原因", "Dispute about"),
    "doc_no": Text("单据号", "Document no."),
    "due_on": Text("到期日", "Due date"),
    "event": Text("事项", "What"),
    "frequency": Text("频次", "Frequency"),
    "habit": Text("付款习惯", "Payment habit"),
    "happened_at": Text("何时", "When"),
    "hash": Text("哈希", "Hash"),
    "high": Text("区间上限", "Interval, high"),
    "invoice_no": Text("账单编号", "Invoice no."),
    "invoices": Text("账单数", "Invoices"),
    "is_active": Text("可登录", "May sign in"),
    "is_late": Text("超期", "Late"),
    "kind": Text("类型", "Kind"),
    "label": Text("分组", "Group"),
    "letter": Text("主题", "Subject"),
    "line_state": Text("状态", "State"),
    "likelihood_rate": Text("回款可能", "Likely to pay"),
    "last_word": Text("最近承诺", "Last promise"),
    "last_reminded_on": Text("最近催款", "Last reminder"),
    "low": Text("区间下限", "Interval, low"),
    "made_at": Text("时间", "Time"),
    "made_by": Text("经手人", "By"),
    "made_on": Text("承诺日", "Promised on"),
    "matched_at": Text("处理时间", "Dealt with"),
    "max_days": Text("最长逾期（天）", "Oldest, days"),
    "memo": Text("附言", "Memo"),
    "method": Text("方式", "Method"),
    "metric": Text("指标", "Metric"),
    "n": Text("回答数", "Answers"),
    "name": Text("客户名称", "Customer"),
    "next_step": Text("下一步", "Next step"),
    "note": Text("说明", "Note"),
    "old_amount_grade": Text("原金额档", "Amount before"),
    "old_frequency": Text("原频次", "Frequency before"),
    "on_date": Text("日期", "Date"),
    "on_time_rate": Text("按期付款率", "Paid on time"),
    "open_amount": Text("未收金额", "Open amount"),
    "overdue_amount": Text("逾期金额", "Overdue amount"),
    "owner_name": Text("客户经理", "Account manager"),
    "paid_amount": Text("已收金额", "Paid amount"),
    "paid_invoices": Text("已结清账单", "Settled invoices"),
    "paid_on": Text("到账日", "Paid on"),
    "passives": Text("中间", "Middle"),
    "payer": Text("付款人", "Payer"),
    "payer_account": Text("付款账号", "Payer's account"),
    "period": Text("期间", "Period"),
    "person_name": Text("姓名", "Name"),
    "posting_id": Text("分录号", "Posting no."),
    "prev_hash": Text("前一哈希", "Previous hash"),
    "promised_by": Text("承诺人", "Promised by"),
    "promoters": Text("高分", "High"),
    "reason": Text("原因", "Reason"),
    "received_amount": Text("已收金额", "Received"),
    "recipient": Text("收件人", "Recipient"),
    "recorded_at": Text("录入时间", "Recorded at"),
    "recorded_by": Text("录入人", "Recorded by"),
    "recorded_by_name": Text("录入人", "Recorded by"),
    "ref": Text("流水号", "Reference"),
    "region": Text("地区", "Region"),
    "result": Text("结果", "Result"),
    "rule": Text("依据", "Rule"),
    "said": Text("服务器答复", "Server said"),
    "reminder_due": Text("该做什么", "Due today"),
    "score": Text("分数", "Score"),
    "seen_at": Text("最近使用", "Last seen"),
    "segment": Text("细分", "Segment"),
    "settled_on": Text("结清日", "Settled on"),
    "severity": Text("严重程度（1 最重）", "Severity (1 worst)"),
    "sign_ins": Text("当前登录", "Open sign-ins"),
    "state": Text("状态", "State"),
    "subject": Text("对象", "About"),
    "task_done_on": Text("回访日", "Called back on"),
    "task_due_on": Text("回访期限", "Call back by"),
    "task_owner_name": Text("回访人", "To call back"),
    "team": Text("团队", "Team"),
    "teams": Text("可见团队", "Sees teams"),
    "things": Text("笔数", "Records"),
    "title": Text("内容", "Subject"),
    "total": Text("金额", "Amount"),
    "undoes": Text("撤销了", "Undoes"),
    "untouched_days": Text("几天没联系", "Days since contact"),
    "until_on": Text("到", "Until"),
    "user_role": Text("角色", "Role"),
    "user_scope": Text("可见范围", "Sees"),
    "username": Text("用户名", "User name"),
    "why": Text("原因", "Reason"),
}
"""Column labels by identifier; the same identifier from table to page."""

_FREQUENCY: Final = {
    "high": Text("高频", "Frequent"),
    "normal": Text("常规", "Regular"),
    "low": Text("低频", "Rare"),
    "dormant": Text("沉睡", "Dormant"),
}
_AMOUNT: Final = {"large": Text("大额", "Large"), "medium": Text("中额", "Medium"), "small": Text("小额", "Small")}
VALUE: Final[dict[str, dict[str, Text]]] = {
    "invoice_state": {
        "posted": Text("已开", "Posted"),
        "sent": Text("已发送", "Sent"),
        "part_paid": Text("部分收款", "Part paid"),
        "overdue": Text("逾期", "Overdue"),
        "disputed": Text("有争议", "Disputed"),
        "paid": Text("已结清", "Paid"),
        "void": Text("已作废", "Void"),
    },
    "number_state": {"void": Text("已作废", "Voided"), "missing": Text("缺号", "Never given")},
    "line_state": {"open": Text("待处理", "To do"), "matched": Text("已对账", "Matched"), "ignored": Text("已忽略", "Ignored")},
    "rule": {
        "R1": Text("R1 账单号", "R1 invoice number"),
        "R2": Text("R2 已知付款人", "R2 known payer"),
        "R3": Text("R3 名称＋金额", "R3 name and amount"),
        "R4": Text("R4 唯一组合", "R4 only combination"),
        "R5": Text("R5 先到期先核销", "R5 oldest first"),
        "manual": Text("手工", "By hand"),
        "payment": Text("已有收款", "Payment booked before"),
        "refund": Text("退款", "Refund"),
        "transfer": Text("自己账户间转账", "Between own accounts"),
        "offbook": Text("账外客户", "Off book"),
        "ignored": Text("忽略", "Ignored"),
    },
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
        "statement": Text("对账单", "Statement"),
        "thanks": Text("感谢付款", "Thanks"),
    },
    "frequency": _FREQUENCY,
    "amount_grade": _AMOUNT,
    "delivery": {
        "queued": Text("待发", "Queued"),
        "unknown": Text("结果不明，重发前请核实", "Unknown: check before resending"),
        "sent": Text("已发", "Sent"),
        "failed": Text("失败", "Failed"),
        "cancelled": Text("已取消", "Cancelled"),
    },
    "result": {
        "open": Text("未到期", "Open"),
        "kept": Text("已兑现", "Kept"),
        "partly": Text("部分兑现", "Partly kept"),
        "broken": Text("未兑现", "Broken"),
        "cancelled": Text("已取消", "Cancelled"),
    },
    "why": {
        "refused": Text("对方拒收", "Refused"),
        "temporary": Text("暂时不可用，稍后可重发", "Temporary: try again later"),
        "address": Text("邮箱无法使用", "Address not usable"),
        "do_not_contact": Text("联系人现为“请勿联系”", "Contact is now “do not contact”"),
        "paper": Text("附件未能生成", "The attachment could not be made"),
        "unknown": Text("发送中断，可能已送达", "Broke off; it may have arrived"),
    },
    "habit": {
        "prompt": Text("按时", "Prompt"),
        "mixed": Text("时好时坏", "Mixed"),
        "late": Text("习惯拖欠", "Late"),
        "unknown": Text("未知", "Unknown"),
    },
    "credit_grade": {
        "high": Text("高", "High"),
        "mid": Text("中", "Medium"),
        "low": Text("低", "Low"),
        "unrated": Text("未评", "Unrated"),
    },
    "metric": {"nps": Text("NPS", "NPS"), "csat": Text("CSAT", "CSAT"), "ces": Text("CES", "CES")},
    "old_frequency": _FREQUENCY,
    "old_amount_grade": _AMOUNT,
    "status": {
        "active": Text("在用", "Active"),
        "inactive": Text("停用", "Inactive"),
        "blocked": Text("冻结", "Blocked"),
        "closed": Text("已关闭", "Closed"),
        "merged": Text("已合并", "Merged"),
    },
}
"""Words of coded values, by the column they stand in."""
VALUE["event"] = {
    **VALUE["kind"],
    "settled": Text("结清", "Settled"),
    "promise": Text("承诺还款", "Promised to pay"),
    "nps": Text("NPS", "NPS"),
    "csat": Text("CSAT", "CSAT"),
    "ces": Text("CES", "CES"),
    "attribute": Text("资料变更", "Attribute"),
}


def class_words(frequency: str, amount_grade: str) -> Text:
    """A class as one says it: frequent and large."""
    often, much = _FREQUENCY[frequency], _AMOUNT[amount_grade]
    return Text(f"{often.zh}{much.zh}", f"{often.en}, {much.en.lower()}")
