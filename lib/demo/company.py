"""The whole demo company as tables, made from a seed and nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, TypeVar

import pyarrow as pa

from lib.demo.billing import invoices
from lib.demo.bookkeeping import books
from lib.demo.cases import case_rows
from lib.demo.collecting import promise_rows, reminder_rows
from lib.demo.companies import companies
from lib.demo.complaining import correction_rows
from lib.demo.histories import contact_rows, customer_rows, owner_spans
from lib.demo.moments import END, OPENING, START
from lib.demo.paying import documents
from lib.demo.rows import ActivityRow, CaseRow, FeedbackRow, PolicyRow, arrow
from lib.demo.stories import FALLING_TEAM
from lib.demo.touches import interaction_rows
from lib.demo.voices import call_back_rows, feedback_rows
from lib.domain.sender import Sender, described

SEED: Final = 2026
SENDER: Final = Sender(
    name="明桥工业供应有限公司",
    name_en="Mingqiao Industrial Supply Co., Ltd.",
    address="上海市演示路 1 号",
    phone="1990000 0000",
    tax_no="91DEMO000000000000",
    bank_name="招商银行演示支行",
    bank_account="0000 0000 8888",
    web="http://127.0.0.1:8501",
)
"""The company itself, as it stands on letters and papers."""
SETTINGS: Final = described({"base_currency": "CNY", "time_zone": "Asia/Shanghai", "demo_date": END.isoformat()}, SENDER)

Owned = TypeVar("Owned", ActivityRow, CaseRow, FeedbackRow)


@dataclass(frozen=True, slots=True)
class DemoCompany:
    """Facts by table, each with its records numbered."""

    tables: Mapping[str, pa.Table]


def demo_company(seed: int = SEED) -> DemoCompany:
    """All facts. The same seed gives the same bytes."""
    everybody = companies(seed)
    billed = {company.customer_id: invoices(company, seed) for company in everybody}
    papers = [paper for company in everybody for paper in documents(company, billed[company.customer_id], seed)]
    entries, postings, ids = books(papers)
    every_invoice = [invoice for found in billed.values() for invoice in found]
    customers = customer_rows(everybody, seed)
    spans = owner_spans(customers)
    feedback = _by_owner(feedback_rows(everybody, seed), spans)
    cases, events = case_rows(everybody, every_invoice, ids, seed)
    touches = [
        *reminder_rows(every_invoice, ids, seed),
        *interaction_rows(everybody, seed),
        *call_back_rows(feedback, everybody, seed),
        *correction_rows(cases, frozenset(company.customer_id for company in everybody if company.team == FALLING_TEAM)),
    ]
    return DemoCompany(
        {
            "customer_record": arrow(customers, "record_id"),
            "contact": arrow(contact_rows(everybody, seed), "record_id"),
            "entry": arrow(entries, "record_id"),
            "posting": arrow(postings, "posting_id"),
            "promise": arrow(promise_rows(every_invoice, ids, seed), "record_id"),
            "activity": arrow(_numbered(_by_owner(touches, spans)), "record_id"),
            "feedback": arrow(feedback, "record_id"),
            "case_file": arrow(_by_owner(cases, spans), "record_id"),
            "case_event": arrow(events, "record_id"),
        }
    )


def settings_table(policy_id: int) -> pa.Table:
    """The settings of the demo company: its currency, its time zone and its today."""
    row = PolicyRow(
        policy_id=policy_id,
        kind="settings",
        effective_on=START,
        body=json.dumps(SETTINGS, ensure_ascii=False),
        reason="演示公司 / demo company",
        recorded_at=OPENING,
        recorded_by=0,
    )
    return arrow([row])


def _by_owner(rows: Sequence[Owned], spans: Mapping[int, Sequence[tuple[date, int | None]]]) -> list[Owned]:
    """What happened before a handover was done by whoever was in charge then."""
    return [row if len(spans[row.customer_id]) == 1 else _owned(row, spans[row.customer_id]) for row in rows]


def _owned(row: Owned, spans: Sequence[tuple[date, int | None]]) -> Owned:
    owner_id = next(owner for until_on, owner in spans if row.on_date < until_on)
    if owner_id is None:
        return row
    is_open_task = isinstance(row, ActivityRow) and row.done_on is None
    if isinstance(row, FeedbackRow) or is_open_task:
        return replace(row, recorded_by=owner_id)
    return replace(row, recorded_by=owner_id, owner_id=owner_id)


def _numbered(rows: Sequence[ActivityRow]) -> list[ActivityRow]:
    """Ids in the order of recording; a task and its successor keep one id."""
    ids: dict[int, int] = {}
    numbered = []
    for order, row in enumerate(sorted(rows, key=lambda row: row.recorded_at), 1):
        key = row.activity_id or order
        numbered.append(replace(row, activity_id=ids.setdefault(key, len(ids) + 1)))
    return numbered
