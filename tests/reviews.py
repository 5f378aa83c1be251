"""A small house that holds weekly reviews: two teams, four customers with money of 20 weeks, a clock that the test moves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import facts
import ledgers
import pytest

from lib.commands import meetings
from lib.commands.meetings import OpenMeeting, StartMeeting
from lib.domain.access import Actor, Role, Scope
from lib.metrics import METRICS
from lib.review import archive, pack
from lib.review.pack import section_rows
from lib.review.sections import SECTIONS
from lib.store.door import Command, Receipt, execute
from lib.store.ledger import Ledger

TODAY = date(2026, 6, 30)
WEEK = date(2026, 6, 22)
MANAGER = Actor(1, "u1", Role.MANAGER, Scope.ALL)
NORTH = Actor(2, "u2", Role.MANAGER, Scope.TEAM, ("north",))
SOUTH = Actor(3, "u3", Role.MANAGER, Scope.TEAM, ("south",))
LEAD = Actor(4, "u4", Role.LEAD, Scope.TEAM, ("north",))
VICE = Actor(5, "u5", Role.MANAGER, Scope.ALL)
FINANCE = Actor(5, "u5", Role.FINANCE, Scope.ALL)
"""The same person in another role: who enters money."""
VIEWER = Actor(6, "u6", Role.VIEWER, Scope.ALL)
PEOPLE = (MANAGER, NORTH, SOUTH, LEAD, VICE, VIEWER)
NORTHERN, SOUTHERN = (1, 2), (3, 4)
"""Customers of account manager 2, and of 3."""

FEW = ("overdue_amount", "overdue_rate", "balance_amount", "dso_days", "billed_amount", "collected_amount", "open_complaints")
"""Metrics of every kind there is: a stock, a share, one counted back, flows, a count."""


class Clock:
    """Stands at a moment until it is moved; each look at it is a second later."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Packs of a few metrics and sections: which there are is not what these tests are about, and all of them cost a second."""
    monkeypatch.setattr(pack, "METRICS", {name: METRICS[name] for name in FEW})
    sections = tuple(source for source in SECTIONS if source.name in {"actions", "overdue", "decisions"})
    for module in (pack, archive):
        monkeypatch.setattr(module, "section_rows", lambda view, week_on, _=sections: section_rows(view, week_on, sections))


@contextmanager
def house() -> Iterator[Ledger]:
    """The ledger on the morning of TODAY."""
    with ledgers.fresh(clock=Clock(datetime(2026, 6, 30, 1)), like=Path(_built().name) / "ledger.duckdb") as ledger:
        yield ledger


@cache
def _built() -> TemporaryDirectory[str]:
    """Made once: one invoice a week of each customer, 100 times the customer's number, a little more each week back."""
    folder = TemporaryDirectory(prefix="mingzhang-review-")
    with Ledger(Path(folder.name) / "ledger.duckdb") as ledger:
        for person in PEOPLE:
            team = person.teams[0] if person.teams else "office"
            ledger.jot(
                "insert into app_user values ($id, $name, $name, $role, $scope, $team, 'zh', null, null, true, $level)",
                {
                    "id": person.user_id,
                    "name": person.name,
                    "role": person.role,
                    "scope": person.scope,
                    "team": team,
                    "level": person.level,
                },
            )
            if person.teams:
                ledger.jot("insert into user_team values ($id, $team)", {"id": person.user_id, "team": team})
        for customer_id in (*NORTHERN, *SOUTHERN):
            facts.customer(ledger, customer_id, owner_id=2 if customer_id in NORTHERN else 3)
        weeks = [(customer_id, week, WEEK - timedelta(weeks=week)) for customer_id in (*NORTHERN, *SOUTHERN) for week in range(20)]
        bills = [
            {
                "entry_id": 100 * customer_id + week,
                "customer_id": customer_id,
                "kind": "invoice",
                "currency": "CNY",
                "on_date": on,
                "due_on": on + timedelta(days=120),
                "amount": 100 * customer_id + week,
            }
            for customer_id, week, on in weeks
        ]
        facts.insert(ledger, "entry", *({**bill, "doc_no": f"I{bill['entry_id']}"} for bill in bills))
        facts.insert(ledger, "posting", *({**bill, "invoice_id": bill["entry_id"], "items": 1, "rule": "manual"} for bill in bills))
        ledger.checkpoint()
    return folder


def do(ledger: Ledger, command: Command, actor: Actor = MANAGER) -> Receipt:
    """One change."""
    return execute(ledger, actor, command)


def live(ledger: Ledger, actor: Actor = MANAGER, week_on: date = WEEK, today: date = TODAY) -> int:
    """A review that has begun."""
    meeting_id: int = do(ledger, OpenMeeting(week_on, today), actor).result
    do(ledger, StartMeeting(meeting_id), actor)
    return meeting_id


def closed(ledger: Ledger, actor: Actor = MANAGER, **more: Any) -> int:
    """One that is over, with what it saw frozen."""
    meeting_id = live(ledger, actor)
    meetings.close(ledger, actor, meeting_id, TODAY, **{"currency": "CNY", **more})
    return meeting_id
