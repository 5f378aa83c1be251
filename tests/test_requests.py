"""Service requests: their path, their three clocks in working time, and that nothing computed is ever kept."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import product
from typing import Any

import pytest
import signin

from lib.commands.calendar import SetCalendarDays, in_force
from lib.commands.customers import RegisterCustomer
from lib.commands.requests import AdvanceRequest, RecordRequest
from lib.commands.undo import Undo
from lib.domain import stages
from lib.domain.access import Actor, Role, Scope
from lib.errors import NotFound, Refused
from lib.store.door import Change, execute
from lib.store.ledger import Ledger
from lib.store.query import rows

MANAGER = Actor(3, "Manager", Role.MANAGER, Scope.ALL)
LEAD = Actor(2, "Lead", Role.LEAD, Scope.TEAM, ("north",))
MONDAY = date(2026, 11, 2)
EVERYONE = {"owner_id": None, "team": None, "region": None, "segment": None}


class Desk:
    """A ledger whose clock says what business time it is."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.at(MONDAY - timedelta(days=7), 9)
        signin.add_people(ledger)
        execute(ledger, Actor(4, "Finance", Role.FINANCE, Scope.ALL), RegisterCustomer("恒源机械", owner_id=2))
        self.at(MONDAY, 9)

    def at(self, day: date, hour: int, minute: int = 0) -> Desk:
        self.day, self.now = day, datetime.combine(day, time(hour, minute))
        self.ledger.clock = lambda: self.now - timedelta(hours=8)  # type: ignore[method-assign]
        return self

    def record(self, priority: int = 2, **more: Any) -> int:
        ordered = RecordRequest(1, **{"on_date": self.day, "today": self.day, "summary": "设备停机", "priority": priority, **more})
        return int(execute(self.ledger, LEAD, ordered).result)

    def go(self, case_id: int, action: str, **more: Any) -> Any:
        more = {"note": "已换件" if action in stages.REQUEST_NOTE_NEEDED else None, **more}
        return execute(self.ledger, LEAD, AdvanceRequest(case_id, action, self.day, **more))

    def clocks(self, case_id: int = 1, **more: Any) -> dict[str, dict[str, Any]]:
        found = rows(self.ledger, MANAGER, "request_clocks", request_id=case_id, **{"as_of": self.day, "now_at": self.now, **more})
        return {row["clock"]: row for row in found}

    def queues(self) -> dict[str, int]:
        found = rows(self.ledger, MANAGER, "service_queues", as_of=self.day, now_at=self.now, user_id=None, **EVERYONE)
        return {row["queue"]: row["count"] for row in found}


@pytest.fixture
def desk(ledger: Ledger) -> Desk:
    return Desk(ledger)


def test_every_step_that_does_not_follow_is_refused(desk: Desk) -> None:
    """All pairs of state and action; at the door, those from the beginning."""
    states = {*stages.REQUEST.values(), "new"}
    for state, action in product(states, stages.ACTION_LABEL):
        if (state, action) in stages.REQUEST:
            assert stages.advance(state, action, stages.REQUEST) in states
        else:
            with pytest.raises(Refused):
                stages.advance(state, action, stages.REQUEST)
    desk.record()
    for action in ("ask", "resume", "close", "reopen", "acknowledge"):
        with pytest.raises(Refused):
            desk.go(1, action)
    with pytest.raises(Refused, match="must not be empty"):
        desk.go(1, "solve", note=" ")


def test_the_clocks_stand_still_at_lunch_at_night_and_while_we_wait(desk: Desk) -> None:
    """Answered after an hour; solved after 3½ hours of ours, although two days went by."""
    desk.record(at=time(9, 0))
    desk.at(MONDAY, 10).go(1, "respond")
    desk.at(MONDAY, 11).go(1, "wait")
    desk.at(MONDAY + timedelta(days=1), 16, 30).go(1, "ask")
    assert desk.clocks()["next"]["clock_state"] == "running"
    desk.at(MONDAY + timedelta(days=1), 17).go(1, "respond")
    desk.at(MONDAY + timedelta(days=2), 9, 30).go(1, "solve")
    found = desk.clocks()
    assert {name: (row["clock_state"], row["ran_minutes"], row["is_late"]) for name, row in found.items()} == {
        "first": ("stopped", 60, False),
        "next": ("stopped", 30, False),
        "solve": ("stopped", 120 + 90 + 30, False),
    }
    due = in_force(change(desk)).due(
        datetime(2026, 11, 2, 9), timedelta(minutes=900), [(datetime(2026, 11, 2, 11), datetime(2026, 11, 3, 16, 30))]
    )
    assert found["solve"]["due_at"] == due - timedelta(hours=8)  # type: ignore[operator]
    assert desk.clocks(now_at=None, as_of=MONDAY)["solve"]["clock_state"] == "paused"


def change(desk: Desk) -> Change:
    return Change(desk.ledger.cursor(), MANAGER, 0, desk.now)


def test_an_edited_calendar_moves_what_is_due_at_once_and_not_what_was_known(desk: Desk) -> None:
    desk.record(priority=1)
    before = desk.clocks()["solve"]["due_at"]
    assert before == datetime(2026, 11, 2, 6, 30)  # 14:30: three hours of the morning, one after lunch
    known = desk.ledger.clock()
    receipt = execute(desk.at(MONDAY, 9, 30).ledger, MANAGER, SetCalendarDays((MONDAY,), is_open=False, name="停电"))
    assert desk.clocks()["solve"]["due_at"] == datetime(2026, 11, 3, 6, 30)
    assert desk.clocks(known_at=known)["solve"]["due_at"] == before
    execute(desk.ledger, MANAGER, Undo(receipt.change_id, MONDAY))
    assert desk.clocks()["solve"]["due_at"] == before


def test_queues_say_what_is_late_what_is_nearly_and_whose_turn_it_is(desk: Desk) -> None:
    """Of four hours for an urgent one, the last quarter is due soon; an answer alone does not take it out."""
    desk.record(priority=1)
    assert desk.at(MONDAY, 9, 10).queues() == {"open": 1}
    assert desk.at(MONDAY, 9, 25).queues() == {"open": 1, "soon": 1}
    assert desk.at(MONDAY, 9, 31).queues() == {"open": 1, "breached": 1}
    desk.go(1, "respond")
    assert desk.queues() == {"open": 1}
    assert desk.at(MONDAY, 13, 35).queues() == {"open": 1, "soon": 1}
    desk.go(1, "wait")
    assert desk.at(date(2026, 11, 20), 9).queues() == {"open": 1, "waiting": 1}
    desk.go(1, "solve")
    assert desk.queues() == {"over": 1, "solved": 1}


def test_a_score_at_the_end_belongs_to_the_request_and_a_low_one_is_called_back(desk: Desk) -> None:
    desk.record(solved="远程重启")
    with pytest.raises(Refused, match="when the request is closed"):
        desk.go(1, "reopen", score=5)
    assert desk.go(1, "close", score=1, metric="ces").result["task_id"] is not None
    (answer,) = desk.ledger.cursor().execute("select case_id, metric, score, entered_by from feedback").fetchall()
    assert answer == (1, "ces", 1, 2)


def test_times_to_come_and_out_of_order_are_refused(desk: Desk) -> None:
    with pytest.raises(Refused, match="has not come yet"):
        desk.record(at=time(18))
    desk.record(at=time(8, 30))
    with pytest.raises(Refused, match="before the step before it"):
        desk.go(1, "respond", at=time(8))
    with pytest.raises(NotFound):
        desk.go(99, "respond")


def test_a_request_the_customer_takes_back_counts_for_nothing(desk: Desk) -> None:
    desk.record(priority=1)
    desk.at(MONDAY, 17).go(1, "withdraw")
    assert {row["clock_state"] for row in desk.clocks().values()} == {"dropped"}
    found = rows(desk.ledger, MANAGER, "service_weeks", clock="first", since=MONDAY, as_of=MONDAY, now_at=None, **EVERYONE)
    assert found == []


def test_every_combination_of_steps_leaves_whole_clocks(desk: Desk) -> None:
    """Two steps in every order that follows: each request has one first and one last clock, none runs longer than the day."""
    steps = ("respond", "ask", "wait", "resume", "solve")
    ways = [way for way in product(steps, repeat=2) if ("new", way[0]) in stages.REQUEST]
    for number, way in enumerate(ways):
        case_id = desk.at(MONDAY, 9).record(summary=str(number))
        for hour, action in enumerate(way, 10):
            try:
                desk.at(MONDAY, hour).go(case_id, action)
            except Refused:
                break
    sql = """
        select count(*) filter (where clock = 'first'), count(*) filter (where clock = 'solve'), max(ran_us) <= 27000000000
        from request_clock($day::date, timestamp '9999-12-30') group by case_id
    """
    found = desk.ledger.cursor().execute(sql, {"day": MONDAY}).fetchall()
    assert found == [(1, 1, True)] * len(ways)
