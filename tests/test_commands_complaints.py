"""A complaint's path: every state with every action, each guard with what it names, walks that never leave the path.

One date: Friday 14 November 2025. Customer 1 (C001) belongs to lead 11 of team north, customer 2 (C002) to 12 of south.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import ledgers
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from test_commands_service import CUSTOMERS, MANAGER, PEOPLE, TODAY, Clock, do, live

from lib.commands.cases import EscalateCase, NoteAttempt
from lib.commands.complaints import AdvanceComplaint, PlanCorrection, RecordComplaint
from lib.commands.undo import Undo
from lib.domain import complaints, stages
from lib.errors import Conflict, NotFound, Refused
from lib.store.ledger import Ledger

COMPLAINT = RecordComplaint(1, TODAY, TODAY, "发错货", severity=2, cause="delivery")
SAID: dict[str, dict[str, Any]] = {
    "acknowledge": {},
    "start": {},
    "wait": {},
    "resume": {},
    "resolve": {"remedy": "补发", "cost": Decimal("320.50"), "promised_on": TODAY},
    "tell": {"told_to": "王先生", "told_on": TODAY, "channel": "phone"},
    "close": {"root_cause": "拣货没有复核", "is_confirmed": True},
    "rework": {"note": "客户不接受"},
    "reject": {"note": "批次不是我们的"},
    "withdraw": {"note": "客户来电撤回"},
    "merge": {"into_case_id": 2},
    "reopen": {"note": "又发生了"},
}
"""What each step of a complaint has to say."""
WAY = {
    "new": (),
    "acknowledged": ("acknowledge",),
    "in_progress": ("acknowledge", "start"),
    "waiting_customer": ("acknowledge", "start", "wait"),
    "resolved": ("acknowledge", "start", "resolve"),
    "told_customer": ("acknowledge", "start", "resolve", "tell"),
    "closed": ("acknowledge", "start", "resolve", "tell", "close"),
    "unfounded": ("acknowledge", "reject"),
    "withdrawn": ("withdraw",),
    "merged": ("merge",),
}
"""How to come to each state."""


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(clock: Clock) -> Iterator[Ledger]:
    with ledgers.fresh(peopled, clock=clock) as opened:
        yield opened


def peopled(ledger: Ledger) -> None:
    with ledger.transaction() as cursor:
        cursor.execute(PEOPLE)
        cursor.execute(CUSTOMERS)


def advance(case_id: int, action: str, **more: Any) -> AdvanceComplaint:
    return AdvanceComplaint(case_id, action, more.pop("today", TODAY), **{**SAID[action], **more})


def begun(ledger: Ledger, state: str = "new") -> int:
    """A complaint brought to a state, and a second one it could be merged into."""
    case_id: int = do(ledger, COMPLAINT).result
    do(ledger, replace(COMPLAINT, summary="又发错货"))
    for action in WAY[state]:
        do(ledger, advance(case_id, action))
    return case_id


def state_of(ledger: Ledger, case_id: int) -> str:
    sql = "select state from case_at(date '9999-12-30', timestamp '9999-12-30') where case_id = $case_id"
    (state,) = ledger.cursor().execute(sql, {"case_id": case_id}).fetchone() or ("",)
    return str(state)


# The path.


def test_every_state_has_a_way_to_it_and_a_name() -> None:
    assert set(WAY) == {"new", *stages.COMPLAINT.values()} <= set(stages.STATE_LABEL)
    assert set(SAID) == {action for _, action in stages.COMPLAINT} <= set(stages.ACTION_LABEL)


@pytest.mark.parametrize("state", WAY)
def test_each_action_is_taken_where_the_path_says_and_refused_everywhere_else(ledger: Ledger, state: str) -> None:
    case_id = begun(ledger, state)
    for action in SAID:
        if (state, action) in stages.COMPLAINT:
            receipt = do(ledger, advance(case_id, action))
            assert receipt.result == state_of(ledger, case_id) == stages.COMPLAINT[state, action]
            do(ledger, Undo(receipt.change_id))
        else:
            with pytest.raises(Refused):
                do(ledger, advance(case_id, action))
        assert state_of(ledger, case_id) == state


@pytest.mark.parametrize(
    ("state", "action", "field"),
    [(state, action, field) for (state, action) in stages.COMPLAINT for field in complaints.needs(state, action)],
)
def test_a_step_that_leaves_something_out_names_it(state: str, action: str, field: str) -> None:
    """Each guard by itself: all that is asked but one field."""
    given = {"severity": 2, "cause": "delivery", "owner_id": 11, "cost": Decimal(0), **SAID[action], field: None}
    with pytest.raises(Refused, match=complaints.LABEL[field].en) as refusal:
        complaints.refuse_incomplete(state, action, stages.ACTION_LABEL[action], given)
    assert refusal.value.values["about"] == field
    assert complaints.LABEL[field].zh in refusal.value.say("zh")


def test_a_complaint_leaves_its_first_state_only_classified(ledger: Ledger) -> None:
    case_id = do(ledger, replace(COMPLAINT, cause=None)).result
    for action in ("acknowledge", "withdraw"):
        with pytest.raises(Refused, match="Cause"):
            do(ledger, advance(case_id, action))
    do(ledger, advance(case_id, "acknowledge", cause="quality", severity=1, owner_id=15))
    assert live(ledger, "case_file", "severity, cause, owner_id") == [(1, "quality", 15)]


def test_what_was_said_is_kept_with_its_step(ledger: Ledger) -> None:
    begun(ledger, "closed")
    found = live(ledger, "case_event", "state, cost, detail")
    assert [row[0] for row in found if row[0] != "new"] == ["acknowledged", "in_progress", "resolved", "told_customer", "closed"]
    assert next(row[1:] for row in found if row[0] == "resolved") == (
        Decimal("320.50"),
        '{"from": "in_progress", "remedy": "补发", "promised_on": "2025-11-14"}',
    )
    (audited,) = ledger.cursor().execute("select detail from audit where detail like '%\"tell\"%'").fetchall()
    assert "王先生" not in audited[0]


@pytest.mark.parametrize(
    ("action", "state", "wrong", "about"),
    [
        ("resolve", "in_progress", {"cost": Decimal(-1)}, "cost"),
        ("resolve", "in_progress", {"cost": Decimal("0.001")}, "cost"),
        ("resolve", "in_progress", {"currency": "=1+1"}, "currency"),
        ("resolve", "in_progress", {"promised_on": TODAY - timedelta(days=1)}, "promised_on"),
        ("tell", "resolved", {"told_on": TODAY + timedelta(days=1)}, "told_on"),
        ("tell", "resolved", {"told_on": TODAY - timedelta(days=1)}, "told_on"),
        ("tell", "resolved", {"channel": "pigeon"}, "channel"),
        ("acknowledge", "new", {"owner_id": 99}, "owner_id"),
        ("merge", "new", {"into_case_id": 1}, "into_case_id"),
        ("close", "told_customer", {"is_confirmed": False}, "is_confirmed"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(ledger: Ledger, action: str, state: str, wrong: dict[str, Any], about: str) -> None:
    case_id = begun(ledger, state)
    with pytest.raises(Refused) as refusal:
        do(ledger, advance(case_id, action, **wrong))
    assert refusal.value.values["about"] == about


def test_three_attempts_close_it_as_well_as_the_customer_s_word(ledger: Ledger) -> None:
    case_id = begun(ledger, "told_customer")
    for count in (1, 2, 3):
        with pytest.raises(Refused, match=f"{count - 1} so far"):
            do(ledger, advance(case_id, "close", is_confirmed=False))
        assert do(ledger, NoteAttempt(case_id, "phone", TODAY)).result == count
    do(ledger, advance(case_id, "close", is_confirmed=False))
    with pytest.raises(Refused, match="nobody needs"):
        do(ledger, NoteAttempt(case_id, "phone", TODAY))


def test_it_is_opened_again_for_thirty_days_and_no_longer(ledger: Ledger, clock: Clock) -> None:
    case_id = begun(ledger, "closed")
    clock.now += timedelta(days=40)
    with pytest.raises(Refused, match="2025-11-14"):
        do(ledger, advance(case_id, "reopen", today=TODAY + timedelta(days=31)))
    do(ledger, advance(case_id, "reopen", today=TODAY + timedelta(days=30)))
    assert state_of(ledger, case_id) == "in_progress"


def test_merging_is_into_another_open_one_of_the_same_customer_and_can_be_undone(ledger: Ledger) -> None:
    foreign = do(ledger, replace(COMPLAINT, customer_id=2), MANAGER).result
    case_id = begun(ledger)
    with pytest.raises(Refused, match="same customer"):
        do(ledger, advance(case_id, "merge", into_case_id=foreign), MANAGER)
    with pytest.raises(NotFound):
        do(ledger, advance(case_id, "merge", into_case_id=foreign))
    receipt = do(ledger, advance(case_id, "merge", into_case_id=case_id + 1))
    with pytest.raises(Refused, match="no next step"):
        do(ledger, advance(case_id, "reopen"))
    do(ledger, Undo(receipt.change_id))
    assert state_of(ledger, case_id) == "new"


def test_a_step_others_follow_is_not_undone_alone(ledger: Ledger) -> None:
    case_id = begun(ledger, "in_progress")
    resolved = do(ledger, advance(case_id, "resolve"))
    do(ledger, advance(case_id, "tell"))
    with pytest.raises(Conflict):
        do(ledger, Undo(resolved.change_id))
    assert state_of(ledger, case_id) == "told_customer"


# Escalation and correction.


def test_each_level_is_reached_once_and_makes_a_task_for_who_the_rule_names(ledger: Ledger) -> None:
    """The owner is the lead of the team, so level 1 goes past her to the manager, as level 2 does."""
    case_id = begun(ledger, "in_progress")
    assert do(ledger, EscalateCase(case_id, 1, TODAY)).result == 15
    with pytest.raises(Conflict, match="2025-11-14"):
        do(ledger, EscalateCase(case_id, 1, TODAY))
    with pytest.raises(Refused, match="1 to 2"):
        do(ledger, EscalateCase(case_id, 3, TODAY))
    assert do(ledger, EscalateCase(case_id, 2, TODAY)).result == 15
    assert state_of(ledger, case_id) == "in_progress"
    assert live(ledger, "activity", "owner_id, due_on, source_kind, source_id") == [(15, date(2025, 11, 17), "case", case_id)] * 2


def test_what_is_over_is_not_escalated(ledger: Ledger) -> None:
    case_id = begun(ledger, "closed")
    with pytest.raises(Refused, match="nothing to escalate"):
        do(ledger, EscalateCase(case_id, 1, TODAY))


def test_a_corrective_action_is_a_task_that_names_its_complaint(ledger: Ledger) -> None:
    case_id = begun(ledger, "in_progress")
    planned = PlanCorrection(case_id, "出库双人复核", TODAY + timedelta(days=7), TODAY, owner_id=15)
    do(ledger, planned)
    assert live(ledger, "activity", "kind, subject, owner_id, source_kind, source_id") == [
        ("task", "出库双人复核", 15, "correction", case_id)
    ]
    with pytest.raises(Conflict, match="under way"):
        do(ledger, planned)


# Random lives.


@pytest.fixture(scope="module", autouse=True)
def shared() -> Iterator[None]:
    """One ledger for all walks: each begins with complaints of its own."""
    Life.clock = Clock()
    with ledgers.fresh(peopled, clock=Life.clock) as Life.ledger:
        yield


class Life(RuleBasedStateMachine):
    """One complaint and what a person may try on it, days apart: it never leaves its path, waiting never counts."""

    clock: Clock
    ledger: Ledger

    def __init__(self) -> None:
        super().__init__()
        self.clock.now += timedelta(hours=1)  # else the same complaint were recorded twice
        self.case_id = begun(self.ledger)
        self.state, self.today, self.paused, self.due_on = "new", TODAY, 0, date(2025, 11, 19)

    @rule(action=st.sampled_from(sorted(SAID)), days=st.integers(0, 9))
    def take(self, action: str, days: int) -> None:
        self._pass(days)
        dated = {name: self.today for name in ("promised_on", "told_on") if name in SAID[action]}
        into = {"into_case_id": self.case_id + 1} if action == "merge" else {}
        try:
            do(self.ledger, advance(self.case_id, action, today=self.today, **dated, **into))
        except Refused:
            assert (self.state, action) not in stages.COMPLAINT or action == "reopen"
        else:
            self.state = stages.COMPLAINT[self.state, action]

    @rule(days=st.integers(0, 3))
    @precondition(lambda self: self.state not in stages.OVER)
    def call(self, days: int) -> None:
        self._pass(days)
        do(self.ledger, NoteAttempt(self.case_id, "phone", self.today))

    def _pass(self, days: int) -> None:
        if self.state == "waiting_customer":
            self.paused += days
            self.due_on += timedelta(days=days) if self.today <= self.due_on else timedelta()
        self.today += timedelta(days=days)

    @invariant()
    def its_clock_leaves_out_what_was_paused(self) -> None:
        sql = "select state, is_open, paused_days, due_on, closed_on from case_at($today::date, timestamp '9999-12-30') where case_id = $id"
        found = self.ledger.cursor().execute(sql, {"today": self.today, "id": self.case_id}).fetchone()
        assert found is not None
        *stands, closed_on = found
        assert stands == [self.state, self.state not in stages.OVER, self.paused, self.due_on]
        assert closed_on is None if self.state not in stages.OVER else TODAY <= closed_on <= self.today


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=8, stateful_step_count=12, deadline=None)
