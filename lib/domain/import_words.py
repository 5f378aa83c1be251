"""Words other systems use for coded values: states, kinds, channels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

REF: Final = (
    "编号|单号|工单号|流水号|序号|id|ref no|reference|reference no|ticket no|ticket|ticket number|case no|case number|case id|"
    "response id|record id|no"
)
"""Headers of the number a record has in the file's own system."""
STAGES: Final[Mapping[str, tuple[str, ...]]] = {
    "enquiry": ("咨询", "询价", "售前", "inquiry", "pre-sales"),
    "quote": ("报价", "quotation", "offer"),
    "contract": ("签约", "合同", "signing"),
    "delivery": ("交付", "发货", "物流", "shipping", "shipment"),
    "reconciliation": ("对账", "账单", "statement", "billing"),
    "payment": ("付款", "收款", "paying"),
    "after_sales": ("售后", "服务", "维修", "after sales", "after-sales", "support"),
}
"""Words for the stages of a customer's journey."""
CHOICES: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "customers.kind": {
        "company": ("企业", "公司", "法人", "business", "corporate", "firm"),
        "person": ("个人", "自然人", "individual", "private", "consumer"),
        "institution": ("机构", "政府", "事业单位", "public", "government", "non-profit"),
    },
    "customers.book": {
        "formal": ("账内", "正式", "on book", "on-book", "是", "yes"),
        "offbook": ("账外", "off book", "off-book", "否", "no"),
    },
    "customers.status": {
        "active": ("在用", "正常", "有效", "启用", "open"),
        "inactive": ("停用", "不活跃", "无效", "dormant", "disabled"),
        "blocked": ("冻结", "锁定", "on hold", "hold", "frozen"),
        "closed": ("已关闭", "关闭", "注销", "terminated"),
    },
    "contacts.role": {
        "decision": ("决策人", "决策", "decision maker", "decision-maker", "buyer"),
        "user": ("使用人", "使用者", "end user", "operator"),
        "finance": ("财务", "会计", "accounting", "accounts payable", "billing"),
    },
    "invoices.doc_kind": {
        "invoice": ("发票", "账单", "应收", "蓝字", "inv", "bill", "debit note", "sales invoice", "debit"),
        "credit_note": ("贷项", "红字", "红字发票", "红冲", "退货", "credit note", "credit memo", "credit", "cn", "cancellation", "return"),
    },
    "bank.direction": {
        "in": ("收入", "收", "贷", "贷方", "转入", "存入", "来账", "入账", "进账", "收款", "credit", "cr", "c", "crdt", "incoming", "+"),
        "out": ("支出", "支", "付", "借", "借方", "转出", "支取", "往账", "出账", "付款", "debit", "dr", "d", "dbit", "outgoing", "-"),
        "neither": ("不计收支", "/", "中性", "中性交易", "其他", "其它", "neutral", "none"),
        "pending": ("未入账", "待入账", "pdng", "info", "pending"),
    },
    "feedback.metric": {
        "nps": ("净推荐值", "推荐意愿", "net promoter score", "recommendation"),
        "csat": ("满意度", "satisfaction", "customer satisfaction"),
        "ces": ("费力度", "effort", "customer effort score"),
    },
    "feedback.stage": STAGES,
    "feedback.language": {"zh": ("中文", "汉语", "chinese"), "en": ("英文", "英语", "english")},
    "complaints.status": {
        "new": ("新建", "未处理", "待处理", "待受理", "open", "opened", "received", "registered", "unassigned"),
        "in_progress": (
            "处理中",
            "进行中",
            "已受理",
            "调查中",
            "pending",
            "in progress",
            "assigned",
            "working",
            "investigating",
            "escalated",
        ),
        "waiting_customer": ("等客户", "待客户答复", "waiting for customer", "waiting", "on hold"),
        "resolved": ("已有结论", "已解决", "已处理", "solved", "fixed", "completed", "done"),
        "told_customer": ("已告知客户", "已答复", "已回复", "answered", "informed", "customer told"),
        "closed": ("已关闭", "已办结", "办结", "关闭", "结案", "close", "archived"),
    },
    "complaints.severity": {
        "1": ("严重", "高", "紧急", "重大", "s1", "p1", "high", "critical", "urgent", "severe"),
        "2": ("一般", "中", "普通", "s2", "p2", "medium", "normal", "major"),
        "3": ("轻微", "低", "s3", "p3", "low", "minor", "slight"),
    },
    "suggestions.status": {
        "new": ("新建", "未处理", "待处理", "待归类", "open", "received", "submitted"),
        "classified": ("已归类", "已分类", "评估中", "sorted", "triaged", "under review", "reviewing"),
        "adopted": ("采纳", "已采纳", "同意", "accepted", "approved", "planned"),
        "declined": ("不采纳", "未采纳", "拒绝", "驳回", "rejected", "refused", "won't do"),
        "improving": ("改进中", "处理中", "进行中", "being improved", "in progress", "started"),
        "live": ("已上线", "已完成", "已实施", "done", "completed", "released", "implemented"),
        "told_customer": ("已告知客户", "已告知", "已答复", "已回复", "customer told", "answered", "informed"),
    },
    "requests.status": {
        "new": ("新建", "未处理", "待处理", "待受理", "open", "opened", "received", "unassigned"),
        "in_progress": ("处理中", "进行中", "已受理", "已响应", "pending", "in progress", "assigned", "working"),
        "waiting_customer": ("等客户", "待客户答复", "waiting for customer", "waiting", "on hold"),
        "solved": ("已解决", "已处理", "已完成", "resolved", "fixed", "completed", "done"),
        "closed": ("已关闭", "已办结", "办结", "关闭", "结案", "close", "archived"),
        "withdrawn": ("客户撤回", "已撤回", "取消", "已取消", "cancelled", "canceled"),
    },
    "requests.priority": {
        "1": ("紧急", "高", "严重", "p1", "high", "critical", "urgent"),
        "2": ("一般", "中", "普通", "p2", "medium", "normal"),
        "3": ("不急", "低", "轻微", "p3", "low", "minor"),
    },
    "requests.stage": STAGES,
    "interactions.direction": {
        "out": ("我方联系客户", "呼出", "去电", "主动", "outbound", "outgoing"),
        "in": ("客户联系我方", "呼入", "来电", "来访", "inbound", "incoming"),
    },
    "interactions.outcome": {
        "reached": ("已联系上", "已接通", "接通", "connected", "answered", "success"),
        "no_answer": ("未接通", "无人接听", "no answer", "missed", "voicemail", "unreachable"),
        "agreed": ("已达成一致", "达成一致", "同意", "agreement"),
        "disputed": ("有异议", "异议", "dispute", "objection"),
        "call_back": ("需再联系", "回电", "call again", "call back", "callback", "follow up"),
    },
}
"""Words for coded values, by kind and field."""

CHANNELS: Final[Mapping[str, tuple[str, ...]]] = {
    "phone": ("电话", "电话回访", "call", "telephone", "tel", "hotline", "customer care call", "热线"),
    "wechat": ("微信", "企业微信", "weixin"),
    "visit": ("面访", "拜访", "上门", "on site", "face to face", "in person"),
    "email": ("邮件", "电子邮件", "e-mail", "mail"),
    "sms": ("短信", "text message"),
    "meeting": ("会议", "online meeting", "video"),
    "web": ("网页", "网站", "线上", "internet", "website", "online", "app"),
    "letter": ("信函", "信件", "post", "postal"),
}
"""Words for channels; any other channel is kept as it is written."""
