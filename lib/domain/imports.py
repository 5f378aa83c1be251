"""What can be brought in: ten kinds of record, their fields, and the words other systems use for them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from lib.domain import case_fields, kinds, statement_fields
from lib.domain.headers import FieldSpec, match_headers
from lib.domain.import_words import REF
from lib.text import Text


@dataclass(frozen=True, slots=True)
class ImportKind:
    """One kind of record: its fields, whether it brings money into the ledger, and whether its rows are about customers."""

    name: str
    label: Text
    fields: tuple[FieldSpec, ...]
    is_money: bool = False
    names_customers: bool = True

    def field(self, name: str) -> FieldSpec | None:
        """The field of that name."""
        return next((field for field in self.fields if field.name == name), None)


def _field(name: str, zh: str, en: str, words: str = "", kind: str = "text", *, required: bool = False) -> FieldSpec:  # noqa: PLR0913 (one line of the tables below)
    synonyms = tuple(word.strip() for word in words.split("|") if word.strip())
    return FieldSpec(name, Text(zh, en), synonyms, kind, required)


_CUSTOMER: Final = _field(
    "customer",
    "客户账号",
    "Account no.",
    "客户编号|客户代码|客户号|客户ID|客户编码|会员号|会员编号|卡号|账号|customer id|customer no|customer number|customer code|"
    "cust id|cust no|"
    "client id|client no|account number|account id|account code|debtor no|debtor number|member id|partner id|客户账户|"
    "股票代码|证券代码|A股代码",
)
_NAME: Final = _field(
    "name",
    "客户名称",
    "Customer name",
    "客户|客户名|客户全称|客户姓名|公司|公司名称|公司全称|单位|单位名称|购货单位|购买方|购买方名称|企业名称|会员名称|付款单位|名称|"
    "姓名|股票名称|"
    "customer|client|client name|company|company name|account name|debtor|debtor name|bill to|billed to|sold to|buyer|"
    "business name|organisation|organization",
)
_REGION: Final = _field(
    "region", "地区", "Region", "区域|大区|省份|省|州|国家|市场|country|country code|state|province|market|territory|area"
)
_SEGMENT: Final = _field("segment", "细分", "Segment", "客户类型|客户分类|客户类别|细分市场|customer type|customer class|class")
_INDUSTRY: Final = _field("industry", "行业", "Industry", "所属行业|行业名称|sector|industry name")
_CHANNEL: Final = _field(
    "channel",
    "渠道",
    "Channel",
    "来源渠道|反馈渠道|受理渠道|方式|联系方式类型|received via|via|source|contact method|touchpoint|survey channel",
)
_OWNER: Final = _field(
    "owner",
    "客户经理",
    "Account manager",
    "负责人|业务员|销售|销售员|经办人|owner name|sales rep|salesperson|agent|assigned to",
)
_MEMO: Final = _field(
    "memo",
    "备注",
    "Memo",
    "说明|摘要|附言|用途|remark|remarks|note|notes|comment|comments|reference|description of payment",
)
_CURRENCY: Final = _field("currency", "币种", "Currency", "货币|币别|ccy|currency code|cur", "currency")
STAGE: Final = _field("stage", "环节", "Stage", "客户旅程|旅程环节|接触点|业务环节|journey stage|journey step", "choice")

CUSTOMERS: Final = ImportKind(
    "customers",
    Text("客户", "Customers"),
    (
        _CUSTOMER,
        _NAME,
        _field("name_en", "英文名称", "English name", "英文名|name english|name in english"),
        _field("kind", "类型", "Kind", "主体类型|客户性质|entity type|type", "choice"),
        _field("book", "账内外", "Book", "账内账外|是否账外|on book", "choice"),
        _field("status", "状态", "Status", "客户状态|account status", "choice"),
        _OWNER,
        _REGION,
        _INDUSTRY,
        _field("size", "规模", "Size", "企业规模|company size|employees"),
        _SEGMENT,
        _CURRENCY,
        _field(
            "terms_days",
            "账期",
            "Payment terms",
            "账期天数|付款天数|信用期|付款条件|terms|payment terms days|credit days|net days|credit terms",
            "terms",
        ),
        _field("tax_no", "税号", "Tax no.", "统一社会信用代码|纳税人识别号|信用代码|vat no|vat number|tax id|tax number"),
        _field("bank_account", "银行账号", "Bank account", "银行帐号|收款账号|iban|bank account no|account iban"),
        _field("secrecy", "保密级别", "Secrecy", "密级|secrecy level", "integer"),
        _field("note", "备注", "Note", "说明|memo|remark|remarks|notes|comment"),
        _field("contact_name", "联系人", "Contact", "联系人姓名|contact person|contact name|primary contact"),
        _field("contact_title", "联系人职务", "Contact title", "职务|职位|title|job title|position"),
        _field("phone", "电话", "Phone", "手机|手机号|联系电话|电话号码|mobile|tel|telephone|phone number|mobile phone"),
        _field("email", "邮箱", "Email", "电子邮箱|电子邮件|e mail|mail|email address"),
        _field("wechat", "微信", "WeChat", "微信号|wechat id"),
        _field("address", "地址", "Address", "注册地址|联系地址|通讯地址|公司地址|street|street address|billing address|postal address"),
    ),
)

CONTACTS: Final = ImportKind(
    "contacts",
    Text("联系人", "Contacts"),
    (
        _CUSTOMER,
        _NAME,
        _field("contact_name", "联系人", "Contact", "联系人姓名|contact person|contact name|full name|person", required=True),
        _field("title", "职务", "Title", "职位|job title|contact title|position"),
        _field("role", "角色", "Role", "联系人角色|contact role", "choice"),
        _field("phone", "电话", "Phone", "手机|手机号|联系电话|电话号码|mobile|tel|telephone|phone number|mobile phone"),
        _field("email", "邮箱", "Email", "电子邮箱|电子邮件|e mail|mail|email address"),
        _field("wechat", "微信", "WeChat", "微信号|wechat id"),
        _field("address", "地址", "Address", "联系地址|通讯地址|street|street address|postal address"),
        _field("is_primary", "主要联系人", "Primary", "是否主要|首要联系人|is primary|main contact", "flag"),
        _field("language", "语言", "Language", "语种|preferred language"),
        _field("do_not_contact", "请勿联系", "Do not contact", "勿扰|opt out|unsubscribed", "flag"),
    ),
)

INVOICES: Final = ImportKind(
    "invoices",
    Text("账单", "Invoices"),
    (
        _CUSTOMER,
        _NAME,
        _field(
            "invoice_no",
            "账单编号",
            "Invoice no.",
            "发票号|发票号码|发票编号|账单号|单据号|单据编号|单号|订单号|订单编号|订单ID|销售单号|invoice|invoice number|invoice id|"
            "bill no|bill number|"
            "doc no|document no|document number|order id|order no|order number|sales order",
            required=True,
        ),
        _field(
            "on_date",
            "账单日期",
            "Invoice date",
            "日期|开票日期|发票日期|单据日期|订单日期|下单日期|销售日期|交易日期|date|issue date|issued on|order date|document date|"
            "bill date|posting date|transaction date",
            "date",
            required=True,
        ),
        _field(
            "due_on",
            "到期日",
            "Due date",
            "到期日期|应付日期|付款期限|应收日期|due|due by|payment due|payment due date|maturity date",
            "date",
        ),
        _field(
            "amount",
            "金额",
            "Amount",
            "账单金额|发票金额|价税合计|含税金额|应收金额|销售额|总金额|总价|合计|合计金额|订单金额|invoice amount|total|total amount|"
            "gross amount|amount due|"
            "sales|sales amount|line total|line amount|value|invoice total",
            "amount",
        ),
        _CURRENCY,
        _field(
            "settled_on",
            "结清日",
            "Settled on",
            "结清日期|付清日期|付款日期|收款日期|回款日期|settled date|settlement date|paid on|paid date|payment date|clear date|date paid",
            "date",
        ),
        _field("tax_amount", "税额", "Tax", "税金|增值税|tax amount|vat|vat amount|gst", "amount"),
        _field("doc_kind", "单据类型", "Document kind", "发票类型|类型|document type|doc type|type|invoice type", "choice"),
        _field("disputed", "有争议", "Disputed", "是否争议|争议|是否有争议|dispute|in dispute|is disputed", "flag"),
        _field("quantity", "数量", "Quantity", "件数|销售数量|qty|units|quantity ordered|order quantity", "quantity"),
        _field("unit_price", "单价", "Unit price", "价格|销售单价|price|price each|unit cost|rate", "price"),
        _field("discount", "折扣", "Discount", "折扣率|discount rate|discount percent", "rate"),
        _field(
            "product_no",
            "产品编号",
            "Product no.",
            "商品编号|商品编码|货号|物料号|sku|stock code|product id|product code|item no|item code|item id",
        ),
        _field(
            "description",
            "产品名称",
            "Description",
            "商品名称|货物名称|品名|项目|摘要|product|product name|item|item name|item description",
        ),
        _MEMO,
        _REGION,
        _SEGMENT,
        _INDUSTRY,
    ),
    is_money=True,
)

PAYMENTS: Final = ImportKind(
    "payments",
    Text("收款", "Payments"),
    (
        _CUSTOMER,
        _NAME,
        _field(
            "payer",
            "付款人",
            "Payer",
            "付款方|对方户名|对方名称|付款户名|付款账户名|汇款人|payer name|paid by|remitter|counterparty|counterparty name|sender",
        ),
        _field(
            "payment_no",
            "收款编号",
            "Payment no.",
            "流水号|交易流水号|收款单号|凭证号|交易号|单号|receipt no|receipt number|payment id|payment number|transaction id|"
            "transaction no|voucher no|id",
        ),
        _field(
            "on_date",
            "收款日期",
            "Payment date",
            "日期|付款日期|到账日期|交易日期|记账日期|date|paid on|date paid|received on|value date|transaction date|posting date|"
            "receipt date",
            "date",
            required=True,
        ),
        _field(
            "amount",
            "金额",
            "Amount",
            "收款金额|付款金额|到账金额|交易金额|贷方金额|收入|收入金额|amount received|amount paid|payment amount|paid amount|credit|"
            "received|value",
            "amount",
            required=True,
        ),
        _CURRENCY,
        _field(
            "invoice_no",
            "账单编号",
            "Invoice no.",
            "发票号|发票号码|账单号|核销账单|订单号|订单编号|invoice|invoice number|invoice id|bill no|order id|order no|applied to",
        ),
        _field("method", "付款方式", "Method", "支付方式|收款方式|结算方式|payment method|payment type|pay method"),
        _MEMO,
    ),
    is_money=True,
)

FEEDBACK: Final = ImportKind(
    "feedback",
    Text("满意度评分", "Satisfaction scores"),
    (
        _CUSTOMER,
        _NAME,
        _field("ref", "编号", "Ref", f"{REF}|答卷编号|问卷编号"),
        _field(
            "on_date",
            "日期",
            "Date",
            "调查日期|评价日期|填写日期|反馈日期|回访日期|survey date|response date|submitted at|submitted on|"
            "answered on|created at|timestamp|"
            "completed at",
            "date",
            required=True,
        ),
        _field("metric", "指标", "Metric", "评分类型|题目|survey type|score type|question", "choice"),
        _field("score", "分数", "Score", "评分|得分|打分|满意度|rating|answer|points", "amount"),
        _field("nps", "NPS", "NPS", "推荐分|推荐意愿|净推荐值|nps score|likelihood to recommend|recommend score|recommendation", "score"),
        _field(
            "csat",
            "CSAT",
            "CSAT",
            "满意度评分|满意度得分|csat score|satisfaction|satisfaction score|satisfaction rating|overall satisfaction",
            "score",
        ),
        _field("ces", "CES", "CES", "费力度|客户费力度|ces score|effort|effort score|customer effort", "score"),
        _field("comment", "原话", "Comment", "意见|评语|反馈内容|评价内容|留言|原因|comments|feedback|verbatim|reason|remarks|review|text"),
        _CHANNEL,
        _field("respondent", "受访人", "Respondent", "填写人|联系人|评价人|respondent name|contact|contact name|answered by"),
        STAGE,
        _field("wave", "调查", "Survey", "调查名称|调查编号|属于哪次调查|survey name|survey no|wave"),
        _field("language", "语言", "Language", "问卷语言|survey language|lang", "choice"),
        *(_field(f"aspect_{aspect}", word.zh, word.en, kind="mark") for aspect, word in kinds.ASPECT.items()),
        _REGION,
    ),
)

COMPLAINTS: Final = ImportKind("complaints", Text("投诉", "Complaints"), (_CUSTOMER, _NAME, *case_fields.COMPLAINT, _CHANNEL, _REGION))
SUGGESTIONS: Final = ImportKind("suggestions", Text("建议", "Suggestions"), (_CUSTOMER, _NAME, *case_fields.SUGGESTION, _CHANNEL, _REGION))
REQUESTS: Final = ImportKind(
    "requests", Text("服务请求", "Service requests"), (_CUSTOMER, _NAME, *case_fields.REQUEST, STAGE, _CHANNEL, _REGION)
)

INTERACTIONS: Final = ImportKind(
    "interactions",
    Text("互动", "Interactions"),
    (
        _CUSTOMER,
        _NAME,
        _field("ref", "编号", "Ref", f"{REF}|activity id|call id"),
        _field(
            "on_date",
            "日期",
            "Date",
            "互动日期|跟进日期|联系日期|拜访日期|通话日期|contact date|activity date|call date|visit date|created at|when",
            "date",
            required=True,
        ),
        _field("subject", "内容", "Summary", "主题|摘要|跟进内容|互动内容|标题|subject|title|topic|activity|notes", required=True),
        _field("body", "详情", "Details", "详细内容|描述|备注|说明|description|detail|body|remark|remarks"),
        _CHANNEL,
        _field("direction", "方向", "Direction", "呼入呼出|in out|inbound outbound", "choice"),
        _field("outcome", "结果", "Outcome", "跟进结果|联系结果|result|disposition", "choice"),
        _OWNER,
    ),
)

BANK: Final = ImportKind("bank", Text("银行流水", "Bank statement"), statement_fields.FIELDS, is_money=True, names_customers=False)

KINDS: Final[Mapping[str, ImportKind]] = {
    kind.name: kind for kind in (CUSTOMERS, CONTACTS, INVOICES, PAYMENTS, BANK, FEEDBACK, COMPLAINTS, SUGGESTIONS, REQUESTS, INTERACTIONS)
}

REGISTER: Final = ("region", "segment", "industry")
"""Fields of a money file that describe a customer the ledger does not know yet."""

_CLEARLY: Final = 2
"""Columns more: a list of contacts fits one of customers nearly as well, and the other way round."""


def likelier(header: Sequence[str], chosen: ImportKind, offered: Collection[ImportKind]) -> tuple[ImportKind, int, int] | None:
    """The kind whose fields a file clearly fits better than the one chosen, the columns it fills, and those the chosen one fills."""
    fits = {kind.name: match_headers(header, kind.fields) for kind in (*offered, chosen)}
    others = [kind for kind in offered if not fits[kind.name].missing and _says_who(kind, fits[kind.name].positions)]
    best = max(others, key=lambda kind: len(fits[kind.name].positions), default=chosen)
    filled, now = (len(fits[kind.name].positions) for kind in (best, chosen))
    return (best, filled, now) if filled >= now + _CLEARLY else None


def _says_who(kind: ImportKind, filled: Collection[str]) -> bool:
    """Whether rows can be about somebody: lines of a bank are no payments while no column names a customer."""
    return not kind.names_customers or not {"customer", "name"}.isdisjoint(filled)
