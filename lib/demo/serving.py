"""Service requests of the last year: asked, answered, solved in working time; some wait for the customer, some come again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from functools import cache
from random import Random
from typing import Final

from lib.demo import stories
from lib.demo.companies import Company
from lib.demo.moments import CLOSE, END, working_days
from lib.demo.rows import CaseRow, EventRow
from lib.demo.sources import chance, happens, matching
from lib.domain import published_calendar
from lib.domain.kinds import STAGE
from lib.domain.working_time import BUSINESS_OFFSET, MADE_UP, WEEKDAYS, Timeline, WorkingCalendar, read_windows

SINCE: Final = date(2025, 7, 1)
_A_DAY: Final = (1, 2, 2, 3, 4)
_RUSH_FROM: Final = date(2026, 6, 26)
"""Mid-year: more requests than people to serve them, so the queues of the demo date hold something."""
_RUSH_A_DAY: Final = 12
_RUSH_PACE: Final = 4.0
_OFFICE: Final = ((time(9), 180), (time(13, 30), 270))
_PRIORITY: Final = {"after_sales": (45, 45, 10), "delivery": (15, 65, 20)}
_USUAL: Final = (3, 57, 40)
_FIRST: Final = {1: 14, 2: 50, 3: 170}
"""Working minutes until the first answer, on average."""
_SOLVED: Final = {1: 120, 2: 420, 3: 950}
_CHANNELS: Final = ("phone", "phone", "wechat", "wechat", "email", "web")
_HOURS: Final = "09:00-12:00 13:30-18:00"

Step = tuple[str, str, datetime, str | None]
"""Action, state, moment in business time, note."""


def request_rows(companies: Sequence[Company], seed: int) -> list[tuple[CaseRow, tuple[EventRow, ...]]]:
    """Every request with its steps; ids are given with those of all cases."""
    rng = chance(seed, "requests")
    billed = [company for company in companies if company.is_billed]
    weights = [1 if company.is_small_account else 6 for company in billed]
    days = [day for day in working_days() if day >= SINCE]
    chosen = ((rng.choices(billed, weights)[0], day) for day in days for _ in range(_count(day, rng)))
    return [_request(company, day, rng) for company, day in chosen if company.is_active(day, day)]


def _count(day: date, rng: Random) -> int:
    return _RUSH_A_DAY if day >= _RUSH_FROM else rng.choice(_A_DAY)


def _request(company: Company, day: date, rng: Random) -> tuple[CaseRow, tuple[EventRow, ...]]:
    line = rng.choice(matching("requests", language=company.language))
    priority = rng.choices((1, 2, 3), _PRIORITY.get(line["stage"], _USUAL))[0]
    opens, minutes = rng.choices(_OFFICE, (3, 4))[0]
    began = datetime.combine(day, opens) + timedelta(minutes=rng.randrange(minutes))
    if day == END:
        began = datetime.combine(day, time(9)) + timedelta(minutes=rng.randrange(170))
    file = CaseRow(
        case_id=0,
        customer_id=company.customer_id,
        kind="service",
        on_date=day,
        subject=line["subject"],
        body=line["body"],
        severity=priority,
        cause=None,
        channel=rng.choice(_CHANNELS),
        region=company.region,
        stage=line["stage"] if line["stage"] in STAGE else None,
        invoice_id=None,
        amount=None,
        currency=None,
        owner_id=company.owner_id,
        due_on=None,
        recorded_at=began - BUSINESS_OFFSET,
        recorded_by=company.owner_id,
    )
    is_slow = company.team == stories.FALLING_TEAM and day >= stories.WAREHOUSE_MOVED_ON and line["stage"] == "delivery"
    pace = 3.0 if is_slow else _RUSH_PACE if day >= _RUSH_FROM else 1.0
    steps = _steps(began, priority, line["solved"], pace, rng)
    return file, tuple(_event(file, step) for step in steps if step[2] - BUSINESS_OFFSET <= CLOSE)


def _steps(began: datetime, priority: int, solved: str, pace: float, rng: Random) -> Iterator[Step]:
    """The way of a request; every pause between two steps is working time, except what the customer takes."""
    yield "record", "new", began, None
    at = _later(began, _FIRST[priority] * pace * rng.lognormvariate(-0.35, 0.85))
    if happens(rng, 0.12):
        yield "solve", "solved", at, solved
    else:
        yield "respond", "in_progress", at, None
        if happens(rng, 0.22):
            at = _later(at, 20 + rng.random() * 60)
            yield "wait", "waiting_customer", at, "等客户确认型号和时间" if happens(rng, 0.6) else None
            at = _later(at, rng.uniform(60, 1500))
            if happens(rng, 0.08):
                return
            yield "resume", "in_progress", at, None
        if happens(rng, 0.18):
            at = _later(at, rng.uniform(30, 300))
            yield "ask", "in_progress", at, "客户来问进展"
            at = _later(at, _FIRST[priority] * pace * rng.lognormvariate(0.2, 0.7))
            yield "respond", "in_progress", at, None
        at = _later(at, _SOLVED[priority] * pace * rng.lognormvariate(-0.4, 0.8))
        yield "solve", "solved", at, solved
    if happens(rng, 0.04):
        at = _later(at, rng.uniform(200, 1200))
        yield "reopen", "in_progress", at, "问题又出现"
        at = _later(at, _SOLVED[priority] * rng.lognormvariate(-0.6, 0.5))
        yield "solve", "solved", at, solved
    if happens(rng, 0.9):
        yield "close", "closed", _later(at, rng.uniform(60, 1400)), None


def _event(file: CaseRow, step: Step) -> EventRow:
    action, state, at, note = step
    return EventRow(
        event_id=0,
        case_id=0,
        customer_id=file.customer_id,
        state=state,
        action=action,
        happened_at=at - BUSINESS_OFFSET,
        note=note,
        recorded_at=at - BUSINESS_OFFSET,
        recorded_by=file.recorded_by,
    )


def _later(at: datetime, minutes: float) -> datetime:
    """So many working minutes later, to the minute."""
    line = _line()
    found = line.reached(line.worked(at) + max(1, int(minutes)) * 60_000_000)
    return found or at + timedelta(minutes=int(minutes))


@cache
def _line() -> Timeline:
    """Office hours from the first request on, by the public calendar, as the ledger starts with."""
    hours = {**dict.fromkeys(WEEKDAYS[:5], read_windows(_HOURS)), **dict.fromkeys(WEEKDAYS[5:], ()), MADE_UP: read_windows(_HOURS)}
    days = {day: is_open for year in range(SINCE.year, END.year + 1) for day, is_open, _ in published_calendar.days(year)}
    return WorkingCalendar([(SINCE, hours)], days).timeline(SINCE, date(END.year, 12, 31))
