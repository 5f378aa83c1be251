"""Complaints, suggestions and disputes, each a case with the events its clocks are read from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Final

from lib.demo import stories
from lib.demo.billing import Invoice
from lib.demo.bookkeeping import InvoiceIds, invoice_id
from lib.demo.case_rows import case_row
from lib.demo.companies import Company
from lib.demo.complaining import ANSWER_DAYS, RUSH_FROM, begun_at, life_of, twice
from lib.demo.moments import CLOSE, END, office_hour, working_days, working_days_after, working_on_or_after
from lib.demo.rows import CaseRow, EventRow, money
from lib.demo.serving import request_rows
from lib.demo.sources import chance, happens, matching, words
from lib.demo.suggesting import suggestion_rows

_STAGE: Final = {"delivery": "delivery", "warehouse": "delivery", "billing": "reconciliation", "contract": "contract"}
"""Where on the journey a complaint of a cause belongs; any other is of after the sale."""
_COMPLAINTS_A_DAY: Final = 0.7
_SINCE_MOVE_A_DAY: Final = 0.4
_TWICE: Final = 0.02
_RUSH_A_DAY: Final = 4


@dataclass(frozen=True, slots=True)
class Case:
    """A case with what happened to it; its ids are given when all are known."""

    row: CaseRow
    events: tuple[EventRow, ...]


def case_rows(
    companies: Sequence[Company], invoices: Sequence[Invoice], ids: InvoiceIds, seed: int
) -> tuple[list[CaseRow], list[EventRow]]:
    """All cases and all events, each in the order in which they were recorded."""
    disputes = (_dispute(invoice, invoice_id(invoice, ids), seed) for invoice in invoices if invoice.dispute)
    ideas = (Case(*suggestion) for suggestion in suggestion_rows(companies, seed))
    found = sorted([*_voiced(companies, seed), *ideas, *disputes], key=lambda case: case.row.recorded_at)
    found += [Case(*request) for request in request_rows(companies, seed)]
    rows = [replace(case.row, case_id=number) for number, case in enumerate(found, 1)]
    led = {case.row.case_id: number for number, case in enumerate(found, 1)}
    events = [
        replace(event, case_id=number, into_case_id=led.get(event.into_case_id) if event.into_case_id else None)
        for number, case in enumerate(found, 1)
        for event in case.events
    ]
    events.sort(key=lambda event: event.recorded_at)
    return rows, [replace(event, event_id=number) for number, event in enumerate(events, 1)]


def _voiced(companies: Sequence[Company], seed: int) -> Iterator[Case]:
    """Complaints, day by day; more of them from the falling team's customers since the move."""
    rng = chance(seed, "cases")
    billed = [company for company in companies if company.is_billed and company.story != stories.SLIPPING]
    weights = [1 if company.is_small_account else 5 for company in billed]
    fallen = [company for company in billed if company.team == stories.FALLING_TEAM and not company.is_small_account]
    for day in working_days():
        if happens(rng, _COMPLAINTS_A_DAY):
            yield from _complaint(rng.choices(billed, weights)[0], day, rng)
        for _ in range(_RUSH_A_DAY if day >= RUSH_FROM else 0):
            yield from _complaint(rng.choices(billed, weights)[0], day, rng)
        if day >= stories.WAREHOUSE_MOVED_ON and happens(rng, _SINCE_MOVE_A_DAY):
            yield from _complaint(rng.choice(fallen), day, rng, cause="warehouse")


def _complaint(company: Company, day: date, rng: Random, cause: str | None = None) -> Iterator[Case]:
    if not company.is_active(day, day):
        return
    lines = [
        line
        for line in matching("complaints", language=company.language)
        if (line["cause"] == cause if cause else line["cause"] != "warehouse")
    ]
    line = rng.choice(lines)
    severity = rng.choices((1, 2, 3), (6, 54, 40))[0]
    row = replace(
        case_row(company, "complaint", day, line, rng),
        severity=severity,
        cause="delivery" if line["cause"] == "warehouse" else line["cause"],
        stage=_STAGE.get(line["cause"], "after_sales"),
        due_on=working_days_after(day, ANSWER_DAYS[severity]),
    )
    if happens(rng, _TWICE):
        row, again, merged = twice(row, company.customer_id * 1_000_000 + day.toordinal(), rng)
        yield Case(again, merged)
    yield Case(row, life_of(row, line["remedy"], rng))


def _dispute(invoice: Invoice, entry_id: int, seed: int) -> Case:
    rng = chance(seed, "dispute", invoice.company.customer_id, invoice.no)
    assert invoice.dispute is not None
    line = rng.choice(words("disputes"))
    row = replace(
        case_row(invoice.company, "dispute", invoice.dispute.on, line, rng),
        severity=2,
        cause="billing",
        invoice_id=entry_id,
        amount=money(invoice.dispute.cents),
        currency=invoice.company.currency,
        due_on=working_on_or_after(invoice.dispute.on + timedelta(days=30)),
    )
    row = replace(row, recorded_at=max(row.recorded_at, invoice.recorded_at))
    begun = begun_at(row)
    steps = [
        ("new", begun, None),
        ("in_progress", begun + timedelta(days=1), None),
        ("resolved", office_hour(rng, min(invoice.dispute.resolved_on, END)), line["remedy"]),
    ]
    steps = steps if invoice.dispute.resolved_on <= END else steps[:2]
    if invoice.dispute.resolved_on + timedelta(days=4) <= END:
        closed_at = office_hour(rng, working_on_or_after(invoice.dispute.resolved_on + timedelta(days=2)))
        steps += [("told_customer", closed_at, "电话告知"), ("closed", closed_at + timedelta(minutes=20), None)]
    return Case(row, _events(row, steps))


def _events(row: CaseRow, steps: Sequence[tuple[str, datetime, str | None]]) -> tuple[EventRow, ...]:
    return tuple(_event(row, state, moment, note) for state, moment, note in steps if moment <= CLOSE)


def _event(row: CaseRow, state: str, moment: datetime, note: str | None = None) -> EventRow:
    return EventRow(
        event_id=0,
        case_id=0,
        customer_id=row.customer_id,
        state=state,
        happened_at=moment,
        note=note,
        recorded_at=max(moment, row.recorded_at),
        recorded_by=row.recorded_by,
    )
