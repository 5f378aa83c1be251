"""Empty files to fill in: a bilingual header and two example rows for each kind of import."""

# ruff: noqa: E501 (an example row reads best as one row)
from __future__ import annotations

import csv
from collections.abc import Mapping
from io import StringIO
from typing import Final

from lib.domain.imports import KINDS

EXAMPLES: Final[Mapping[str, tuple[Mapping[str, str], ...]]] = {
    "customers": (
        {"customer": "C000001", "name": "示例机械有限公司", "kind": "企业", "region": "华东", "terms_days": "30", "contact_name": "王工", "phone": "13800000001"},
        {"customer": "C000002", "name": "Example Trading Ltd", "kind": "company", "region": "华南", "terms_days": "45", "email": "li@example.com"},
    ),
    "contacts": (
        {"customer": "C000001", "contact_name": "王工", "title": "采购经理", "role": "决策人", "phone": "13800000001", "is_primary": "是"},
        {"customer": "C000002", "contact_name": "Li Na", "title": "Accountant", "role": "finance", "email": "li@example.com", "is_primary": "no"},
    ),
    "invoices": (
        {"customer": "C000001", "invoice_no": "INV-001", "on_date": "2025-01-15", "due_on": "2025-02-14", "amount": "12,000.00", "currency": "CNY"},
        {"customer": "C000002", "invoice_no": "INV-002", "on_date": "2025-01-20", "due_on": "2025-03-06", "amount": "3500", "currency": "CNY", "settled_on": "2025-02-28"},
    ),
    "payments": (
        {"customer": "C000001", "payment_no": "P-001", "on_date": "2025-02-20", "amount": "5000", "invoice_no": "INV-001", "method": "银行转账"},
        {"customer": "C000002", "payment_no": "P-002", "on_date": "2025-02-28", "amount": "3500", "payer": "示例机械有限公司"},
    ),
    "bank": (
        {"account": "中国银行 3167", "on_date": "2025-02-20", "income": "5,000.00", "payer": "示例机械有限公司", "payer_account": "6222 0200 0000 0001", "memo": "货款", "remark": "INV-001", "ref": "T20250220001"},
        {"account": "中国银行 3167", "on_date": "2025-02-21", "outgo": "12.00", "memo": "手续费", "ref": "T20250221001"},
    ),
    "feedback": (
        {"customer": "C000001", "on_date": "2025-03-01", "metric": "NPS", "score": "9", "comment": "发货快", "channel": "电话"},
        {"customer": "C000002", "on_date": "2025-03-02", "metric": "CSAT", "score": "3", "comment": "Slow reply", "channel": "email"},
    ),
    "complaints": (
        {"customer": "C000001", "on_date": "2025-03-05", "subject": "发错货", "severity": "一般", "status": "处理中", "channel": "电话"},
        {"customer": "C000002", "on_date": "2025-03-06", "subject": "Wrong price on the invoice", "severity": "low", "status": "new", "channel": "email"},
    ),
    "suggestions": (
        {"customer": "C000001", "on_date": "2025-03-07", "subject": "希望对账单能按项目分开", "status": "采纳", "channel": "微信"},
        {"customer": "C000002", "on_date": "2025-03-08", "subject": "Show the delivery date on the invoice", "status": "new", "channel": "email"},
    ),
    "requests": (
        {"customer": "C000001", "on_date": "2025-03-07", "subject": "补一张发票", "priority": "一般", "status": "已解决", "status_on": "2025-03-08", "channel": "电话"},
        {"customer": "C000002", "on_date": "2025-03-08", "subject": "Machine stands still", "priority": "urgent", "status": "new", "channel": "phone"},
    ),
    "interactions": (
        {"customer": "C000001", "on_date": "2025-03-10", "subject": "谈了对账", "channel": "电话", "outcome": "已联系上"},
        {"customer": "C000002", "on_date": "2025-03-11", "subject": "Asked for the payment date", "channel": "email", "direction": "out"},
    ),
}  # fmt: skip


def template(kind: str) -> bytes:
    """A CSV that spreadsheets open well: each header in both languages, two rows to write over."""
    out = StringIO()
    writer = csv.writer(out)
    fields = KINDS[kind].fields
    # In brackets, so that a header is matched by its first language alone.
    writer.writerow([f"{field.label.zh}（{field.label.en}）" for field in fields])
    for example in EXAMPLES[kind]:
        writer.writerow([example.get(field.name, "") for field in fields])
    return out.getvalue().encode("utf-8-sig")
