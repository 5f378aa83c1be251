"""Whole lives of complaints: acknowledged, looked into, sometimes paused, escalated or turned down, told, closed, some opened again.

A few are unfounded or withdrawn, a few were recorded twice and merged, and one cause got a corrective action.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Final

from lib.demo import stories
from lib.demo.moments import CLOSE, office_hour, working_days_after, working_on_or_after
from lib.demo.people import DEMO_ACCOUNTS
from lib.demo.rows import ActivityRow, CaseRow, EventRow
from lib.demo.sources import happens
from lib.domain.access import Role

ANSWER_DAYS: Final = {1: 1, 2: 3, 3: 5}
"""By severity, as the rule a ledger starts with."""
RUSH_FROM: Final = date(2026, 6, 22)
"""Before mid-year more goes wrong than people can answer, so the queues of the demo date hold something."""
CORRECTED_ON: Final = date(2026, 4, 13)
"""When the new warehouse began to have every parcel checked by a second person."""
_RUSH_PACE: Final = 4.0
_DESK_CLOSES: Final = 9
"""Office hours end, UTC."""
_TWIN: Final = 10_000_000
"""Complaints others are merged into carry a number of their own until ids are given."""
_SEVERE_COST: Final = (900, 6000)
_USUAL_COST: Final = (0, 0, 60, 120, 280, 450)
_TOLD: Final = ("采购经理", "项目负责人", "仓库主管", "财务")
_MANAGER: Final = next(account.user_id for account in DEMO_ACCOUNTS if account.role is Role.MANAGER)
_ROOT_CAUSE: Final[dict[str | None, str]] = {
    "quality": "来料批次未按封样复检",
    "delivery": "出库没有第二人复核",
    "billing": "对账单没有按客户的项目拆分",
    "service": "交接时没有说明客户的约定",
    "contract": "调价没有提前书面通知",
}
_WAYS: Final = ("phone", "phone", "wechat", "visit")


_COLUMNS: Final = frozenset({"level", "cost", "currency", "into_case_id"})


@dataclass(slots=True)
class Life:
    """The steps of one complaint as they come, and the moment the last one was at."""

    row: CaseRow
    rng: Random
    moment: datetime
    state: str = "new"
    events: list[EventRow] = field(default_factory=list)

    def then(self, action: str, state: str, days: float = 0.0, note: str | None = None, **said: object) -> None:
        """One more step that many days later, in office hours."""
        pace = _RUSH_PACE if self.row.on_date >= RUSH_FROM else 1.0
        self.moment = _at_desk(self.moment, days * pace, self.rng)
        named = {name: said.pop(name) for name in _COLUMNS & said.keys()}
        event = EventRow(
            event_id=0,
            case_id=0,
            customer_id=self.row.customer_id,
            state=state,
            happened_at=self.moment,
            note=note,
            action=action,
            detail=json.dumps({"from": self.state, **said}, ensure_ascii=False),
            recorded_at=max(self.moment, self.row.recorded_at),
            recorded_by=self.row.recorded_by,
        )
        self.events.append(replace(event, **named))  # type: ignore[arg-type]  # columns of their own types
        self.state = state

    def happened(self) -> tuple[EventRow, ...]:
        """What lies after the demo date has not happened."""
        return tuple(event for event in self.events if event.happened_at <= CLOSE)


def life_of(row: CaseRow, remedy: str, rng: Random) -> tuple[EventRow, ...]:
    """The way of one complaint."""
    life = Life(row, rng, begun_at(row))
    life.then("record", "new")
    life.then("acknowledge", "acknowledged", rng.uniform(0.01, 0.16) if happens(rng, 0.9) else rng.uniform(0.8, 1.6))
    if happens(rng, 0.03):
        life.then("withdraw", "withdrawn", rng.uniform(0.3, 2), "客户来电，已自行解决")
        return life.happened()
    life.then("start", "in_progress", rng.uniform(0.02, 0.3))
    if happens(rng, 0.05):
        life.then("reject", "unfounded", rng.uniform(0.5, 2), "核对签收单和照片，到货时完好")
        return life.happened()
    _looked_into(life)
    _answered(life, remedy)
    if happens(rng, 0.05):
        life.then("reopen", "in_progress", rng.uniform(3, 12), "问题再次出现")
        _answered(life, remedy)
    return life.happened()


def _looked_into(life: Life) -> None:
    """Sometimes we wait for the customer; what is late is escalated, and takes its time before and after."""
    rng, allowed = life.rng, ANSWER_DAYS[life.row.severity or 3]
    if happens(rng, 0.25):
        life.then("wait", "waiting_customer", rng.uniform(0.2, 1), "等客户寄回样品照片")
        life.then("resume", "in_progress", rng.uniform(0.5, 4))
    if life.row.customer_id % 7 == 0 or happens(rng, 0.22):
        life.then("escalate", "in_progress", allowed + 1.2, level=1, to=_MANAGER)
        life.moment = _at_desk(life.moment, allowed * rng.uniform(0.1, 2), rng)
    else:
        life.moment = _at_desk(life.moment, allowed * rng.uniform(0.1, 0.6), rng)


def _answered(life: Life, remedy: str) -> None:
    """A remedy, told and agreed to; one in twenty is turned down and bettered, one customer in eight is hard to reach."""
    rng = life.rng
    _proposed(life, remedy)
    if happens(rng, 0.05):
        life.then("rework", "in_progress", rng.uniform(0.2, 1), "客户要求连运费一起退")
        _proposed(life, remedy)
    is_quiet = happens(rng, 0.12)
    for _ in range(3 if is_quiet else 0):
        life.then("attempt", "told_customer", rng.uniform(0.5, 1.5), channel="phone")
    life.then("close", "closed", rng.uniform(0.1, 3), root_cause=_ROOT_CAUSE.get(life.row.cause, "待归类"), is_confirmed=not is_quiet)


def _proposed(life: Life, remedy: str) -> None:
    rng = life.rng
    cost = rng.randrange(*_SEVERE_COST) if life.row.severity == 1 else rng.choice(_USUAL_COST)
    promised_on = working_days_after(life.moment.date(), rng.randrange(1, 4))
    life.then("resolve", "resolved", 0.05, None, cost=Decimal(cost), currency="CNY", remedy=remedy, promised_on=promised_on.isoformat())
    life.then("tell", "told_customer", rng.uniform(0.1, 1), channel=rng.choice(_WAYS), told_to=rng.choice(_TOLD))


def twice(row: CaseRow, number: int, rng: Random) -> tuple[CaseRow, CaseRow, tuple[EventRow, ...]]:
    """The same complaint recorded by a second person next day, and merged: the first, the second, and what happened to it."""
    first = replace(row, case_id=_TWIN + number)
    day = working_on_or_after(row.on_date + timedelta(days=1))
    second = replace(row, on_date=day, channel="phone", recorded_at=max(row.recorded_at, office_hour(rng, day)))
    life = Life(second, rng, begun_at(second))
    life.then("record", "new")
    life.then("merge", "merged", 0.1, "同一件事已有人在处理", into_case_id=first.case_id)
    return first, second, life.happened()


def correction_rows(rows: Sequence[CaseRow], team: frozenset[int]) -> Iterator[ActivityRow]:
    """The one corrective action: what was done about deliveries from the new warehouse."""
    late = (row for row in rows if row.kind == "complaint" and row.cause == "delivery" and row.customer_id in team)
    origin = next((row for row in late if row.on_date >= stories.WAREHOUSE_MOVED_ON + timedelta(days=60)), None)
    if origin is None:
        return
    planned_on = working_on_or_after(origin.on_date + timedelta(days=7))
    yield ActivityRow(
        activity_id=0,
        customer_id=origin.customer_id,
        kind="task",
        channel=None,
        direction=None,
        on_date=planned_on,
        due_on=CORRECTED_ON,
        done_on=CORRECTED_ON,
        owner_id=origin.owner_id,
        subject="佛山仓出库由第二人复核",
        body="已排班，每箱贴复核条",
        outcome=None,
        source_kind="correction",
        source_id=origin.case_id,
        recorded_at=datetime.combine(CORRECTED_ON, datetime.min.time()) + timedelta(hours=8),
        recorded_by=origin.recorded_by,
    )


def begun_at(row: CaseRow) -> datetime:
    """The moment a case began, on its day."""
    return datetime.combine(row.on_date, datetime.min.time()) + timedelta(hours=2, minutes=row.customer_id % 360)


def _at_desk(moment: datetime, days: float, rng: Random) -> datetime:
    """That many days later, moved into office hours."""
    later = moment + timedelta(days=days)
    if moment.date() == later.date() and later.hour < _DESK_CLOSES:
        return later
    return max(moment, office_hour(rng, working_on_or_after(later.date())))
