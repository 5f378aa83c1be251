"""The fields of complaints, suggestions and service requests, and the words other systems use for them."""

from __future__ import annotations

from typing import Final

from lib.domain.headers import FieldSpec
from lib.domain.import_words import REF
from lib.text import Text

_BEGUN: Final = "受理日期|发生日期|received on|date received|opened on|created on|created at|opened at|date opened"
_BODY: Final = "详细内容|详细描述|描述|经过|description|detail|narrative|text"
_SUBJECT: Final = "主题|标题|内容|诉求|subject|title|summary"


def _field(name: str, zh: str, en: str, words: str, kind: str = "text", *, required: bool = False) -> FieldSpec:  # noqa: PLR0913 (one line of the tables below)
    return FieldSpec(name, Text(zh, en), tuple(words.split("|")), kind, required)


_STATUS_ON: Final = _field(
    "status_on",
    "状态日期",
    "Status date",
    "办结日期|解决日期|关闭日期|closed on|closed at|date closed|resolved on|resolved at|resolution date",
    "date",
)

COMPLAINT: Final = (
    _field("ref", "编号", "Ref", f"{REF}|投诉编号|投诉单号|complaint id|complaint no|complaint number"),
    _field("on_date", "日期", "Date", f"投诉日期|{_BEGUN}|complaint date", "date", required=True),
    _field(
        "subject",
        "投诉内容",
        "Complaint",
        f"投诉主题|问题|{_SUBJECT}|customer complaint|issue|complaint subject|problem",
        required=True,
    ),
    _field("body", "详情", "Details", f"{_BODY}|complaint text"),
    _field("status", "状态", "Status", "处理状态|投诉状态|进度|case status|complaint status|stage", "choice"),
    _STATUS_ON,
    _field("severity", "严重程度", "Severity", "级别|紧急程度|等级|priority|level|urgency", "choice"),
    _field("cause", "原因", "Cause", "投诉原因|原因分类|类别|投诉类型|category|cause group|root cause|complaint type"),
    _field("due_on", "答复期限", "Answer due", "办结期限|处理期限|截止日期|due date|due|respond by|deadline", "date"),
)
SUGGESTION: Final = (
    _field("ref", "编号", "Ref", f"{REF}|建议编号|suggestion id|suggestion no|idea id"),
    _field("on_date", "日期", "Date", f"建议日期|提出日期|反馈日期|{_BEGUN}|suggestion date|suggested on", "date", required=True),
    _field("subject", "建议内容", "Suggestion", f"建议|反馈内容|意见|{_SUBJECT}|idea|feature request|wish", required=True),
    _field("body", "详情", "Details", f"{_BODY}|suggestion text"),
    _field("status", "状态", "Status", "处理状态|建议状态|进度|suggestion status|case status", "choice"),
    _STATUS_ON,
    _field("cause", "主题", "Theme", "建议主题|类别|分类|建议类型|category|topic|suggestion type"),
)
REQUEST: Final = (
    _field("ref", "编号", "Ref", f"{REF}|请求编号|服务单号|报修单号|request id|request no|request number"),
    _field("on_date", "日期", "Date", f"请求日期|提出日期|报修日期|{_BEGUN}|request date|requested on", "date", required=True),
    _field("subject", "请求内容", "Request", f"服务内容|报修内容|问题|{_SUBJECT}|issue|problem|what is needed", required=True),
    _field("body", "详情", "Details", f"{_BODY}|request text"),
    _field("status", "状态", "Status", "处理状态|请求状态|工单状态|进度|request status|ticket status|case status", "choice"),
    _STATUS_ON,
    _field("priority", "优先级", "Priority", "紧急程度|级别|等级|严重程度|urgency|level|severity", "choice"),
)
