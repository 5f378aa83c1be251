"""Words of coded values, by the column they stand in."""

from __future__ import annotations

from typing import Final

from lib import term_review
from lib.text import Text

_FREQUENCY: Final = {
    "high": Text("高频", "Frequent"),
    "normal": Text("常规", "Regular"),
    "low": Text("低频", "Rare"),
    "dormant": Text("沉睡", "Dormant"),
}
_AMOUNT: Final = {"large": Text("大额", "Large"), "medium": Text("中额", "Medium"), "small": Text("小额", "Small")}
_HABIT: Final = {
    "prompt": Text("按时", "Prompt"),
    "mixed": Text("时好时坏", "Mixed"),
    "late": Text("习惯拖欠", "Late"),
    "unknown": Text("未知", "Unknown"),
}
_CREDIT: Final = {
    "high": Text("高", "High"),
    "mid": Text("中", "Medium"),
    "low": Text("低", "Low"),
    "unrated": Text("未评", "Unrated"),
}
VALUE: Final[dict[str, dict[str, Text]]] = {
    "step": {
        "opening": Text("期初", "Opening"),
        "newly_overdue": Text("新增逾期", "Newly overdue"),
        "billed": Text("开票", "Billed"),
        "collected": Text("收回", "Collected"),
        "credited": Text("贷项", "Credited"),
        "written_off": Text("核销坏账", "Written off"),
        "adjusted": Text("调整", "Adjusted"),
        "opened": Text("新增", "New"),
        "reopened": Text("重开", "Opened again"),
        "ended": Text("了结", "Ended"),
        "closing": Text("期末", "Closing"),
    },
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
        "service": Text("服务请求", "Service request"),
        "statement": Text("对账单", "Statement"),
        "thanks": Text("感谢付款", "Thanks"),
        "survey": Text("满意度问卷", "Survey"),
    },
    "credit_state": {
        "ok": Text("额度内", "Within limit"),
        "amber": Text("额度将满", "Limit near"),
        "red": Text("额度快满", "Limit very near"),
        "stop": Text("停供", "Credit stop"),
        "released": Text("已放行", "Released"),
    },
    "money_state": {
        "normal": Text("正常", "Normal"),
        "overdue": Text("逾期", "Overdue"),
        "bad_debt": Text("坏账", "Bad debt"),
    },
    "proposal_kind": {
        "credit_release": Text("停供放行", "Release from the credit stop"),
        "credit_limit": Text("信用额度", "Credit limit"),
        "group_limit": Text("集团额度", "Group limit"),
        "leave_group": Text("离开集团", "Leave the group"),
        "special_term": Text("特殊条件", "Special terms"),
        "write_off": Text("坏账核销", "Write-off"),
    },
    "play": {
        "key": Text("重点维护", "Key account"),
        "grow": Text("培育提升", "Grow"),
        "efficient": Text("标准高效", "Standard"),
        "project": Text("项目跟进", "Project by project"),
        "activate": Text("激活", "Activate"),
        "win_back": Text("唤回", "Win back"),
    },
    "credit_part": {
        "punctuality": Text("按时付款", "Paid on time"),
        "overdue": Text("当前不逾期", "Not overdue now"),
        "promises": Text("承诺兑现", "Promises kept"),
        "tenure": Text("往来年限", "Years of business"),
        "stability": Text("采购稳定", "Steady buying"),
        "ability": Text("规模", "Size"),
    },
    "rating": {
        "importance": Text("重要性", "Importance"),
        "potential": Text("潜力", "Potential"),
        "complexity": Text("复杂度", "Complexity"),
    },
    "rating_part": {
        "amount": Text("金额", "Amount"),
        "habit": Text("付款习惯", "Payment habit"),
        "tenure": Text("往来年限", "Years of business"),
        "growth": Text("增长", "Growth"),
        "breadth": Text("没买的品类", "Products not bought"),
        "interest": Text("主动来询", "Enquiries"),
        "documents": Text("单据", "Documents"),
        "currencies": Text("币种", "Currencies"),
        "disputes": Text("争议", "Disputes"),
        "complaints": Text("投诉", "Complaints"),
        "contacts": Text("联系人", "Contacts"),
    },
    "term_kind": {
        "payment_terms": Text("账期", "Payment terms"),
        "discount": Text("折扣", "Discount"),
        "service": Text("专享服务", "Service"),
    },
    "decision": {
        "waiting": Text("等待审批", "Waiting"),
        "approved": Text("已批准", "Approved"),
        "rejected": Text("已驳回", "Rejected"),
        "withdrawn": Text("已撤回", "Withdrawn"),
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
        "answered": Text("客户已经回答", "Answered meanwhile"),
        "over": Text("调查已截止或邀请已撤回", "The survey is over or the invitation withdrawn"),
        "unknown": Text("发送中断，可能已送达", "Broke off; it may have arrived"),
        "promise": Text("已承诺", "Promised"),
        "plan": Text("分期付款", "Instalment"),
        "own": Text("按客户习惯", "Own habit"),
        "class": Text("按同类客户", "Customers alike"),
        "later": Text("更晚或收不到", "Later or never"),
    },
    "habit": _HABIT,
    "credit_grade": _CREDIT,
    "metric": {"nps": Text("NPS", "NPS"), "csat": Text("CSAT", "CSAT"), "ces": Text("CES", "CES")},
    "old_frequency": _FREQUENCY,
    "old_habit": _HABIT,
    "old_credit_grade": _CREDIT,
    "old_amount_grade": _AMOUNT,
    "status": {
        "active": Text("在用", "Active"),
        "inactive": Text("停用", "Inactive"),
        "blocked": Text("冻结", "Blocked"),
        "closed": Text("已关闭", "Closed"),
        "merged": Text("已合并", "Merged"),
    },
}
VALUE["language"] = {"zh": Text("中文", "Chinese"), "en": Text("英文", "English")}
VALUE["left_out"] = {
    "no_contact": Text("没有联系人", "No contact"),
    "do_not_contact": Text("联系人标记为“请勿联系”", "Contacts marked “do not contact”"),
    "asked_lately": Text("最近刚问过", "Asked not long ago"),
}
VALUE["story"] = {
    "low": Text("低分", "Low score"),
    "recovered": Text("挽回了", "Won back"),
}
VALUE["wave_state"] = {
    "draft": Text("草稿", "Draft"),
    "frozen": Text("名单冻结", "List frozen"),
    "sending": Text("发放中", "Sending"),
    "closed": Text("截止", "Closed"),
    "analysed": Text("已分析", "Analysed"),
    "told": Text("已告知结果", "Customers told"),
}
VALUE["invite_state"] = {
    "failed": Text("没送到", "Not delivered"),
    "waiting": Text("待联系", "To be asked"),
    "no_answer": Text("未接通", "No answer"),
    "delivered": Text("已送达未回答", "Delivered, not answered"),
    "declined": Text("不愿回答", "Declined"),
    "answered": Text("已回答", "Answered"),
    "withdrawn": Text("已撤回", "Withdrawn"),
}
VALUE["old_credit_state"] = VALUE["credit_state"]
VALUE["old_play"] = VALUE["play"]
VALUE["urgency"] = {
    "breached": Text("已超时", "Late"),
    "soon": Text("快到点", "Due soon"),
    "waiting": Text("等客户", "Waiting for the customer"),
    "on_time": Text("时限内", "In time"),
    "was_late": Text("超时完成", "Done late"),
    "was_on_time": Text("按时完成", "Done in time"),
}
VALUE["clock_state"] = {
    "running": Text("走", "Running"),
    "paused": Text("停（等客户）", "Paused: the customer's turn"),
    "stopped": Text("已停", "Stopped"),
    "dropped": Text("不计", "Not counted"),
}
VALUE["day_kind"] = {
    "closed": Text("放假", "Closed"),
    "open": Text("上班", "Worked"),
}
VALUE["event"] = {
    **VALUE["kind"],
    "settled": Text("结清", "Settled"),
    "promise": Text("承诺还款", "Promised to pay"),
    "nps": Text("NPS", "NPS"),
    "csat": Text("CSAT", "CSAT"),
    "ces": Text("CES", "CES"),
    "attribute": Text("资料变更", "Attribute"),
}
VALUE.update(term_review.VALUE)
