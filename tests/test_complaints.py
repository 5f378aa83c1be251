"""What is asked of complaints: clocks, queues, causes, how long they stay open and the weekly bridge, against counts by hand.

As of Tuesday 30 June 2026; the rule a ledger starts with: acknowledged in 4 working hours, levels at 1 and 3 working days late.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import groupby, pairwise
from random import Random
from typing import Any

import facts
import ledgers
import pytest

from lib.domain import stages
from lib.domain.access import SYSTEM
from lib.store.ledger import Ledger
from lib.store.query import rows

AS_OF = date(2026, 6, 30)
SINCE = date(2025, 7, 1)


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with ledgers.fresh() as opened:
        facts.customer(opened, 1, region="华东")
        facts.customer(opened, 2, region="华南")
        yield opened


def complaint(ledger: Ledger, case_id: int, on_date: date, *steps: tuple[str, datetime], **more: Any) -> None:
    """A complaint with its events; the first is its beginning."""
    about = {"case_id": case_id, "customer_id": more.pop("customer_id", 1)}
    file = {"kind": "complaint", "on_date": on_date, "subject": f"投诉{case_id}", "severity": 2, "cause": "delivery", **more}
    facts.insert(ledger, "case_file", {**about, **file})
    for place, (state, at) in enumerate(steps, 1):
        facts.insert(ledger, "case_event", {**about, "event_id": 100 * case_id + place, "state": state, "happened_at": at})


def at(day: date, hour: int = 2) -> datetime:
    """A moment of a day in UTC; 2 is ten in the morning here."""
    return datetime.combine(day, datetime.min.time()) + timedelta(hours=hour)


def asked(ledger: Ledger, name: str, **more: Any) -> list[dict[str, Any]]:
    return rows(ledger, SYSTEM, name, as_of=more.pop("as_of", AS_OF), **more)


# Clocks and queues.


def test_waiting_for_the_customer_moves_the_answer_date_but_not_one_that_has_passed(ledger: Ledger) -> None:
    begun = date(2026, 6, 1)
    paused = [
        ("new", at(begun)),
        ("in_progress", at(begun, 3)),
        ("waiting_customer", at(date(2026, 6, 3))),
        ("in_progress", at(date(2026, 6, 8))),
    ]
    complaint(ledger, 1, begun, *paused, due_on=date(2026, 6, 4))
    complaint(ledger, 2, begun, *paused, due_on=date(2026, 6, 2))
    complaint(ledger, 3, begun, *paused[:3], due_on=date(2026, 6, 4))
    found = {row["case_id"]: row for row in asked(ledger, "complaints", as_of=date(2026, 6, 10))}
    assert {case_id: row["due_on"].day for case_id, row in found.items()} == {1: 9, 2: 2, 3: 11}
    assert {case_id: row["paused_days"] for case_id, row in found.items()} == {1: 5, 2: 5, 3: 7}
    assert {case_id: row["late_work_days"] for case_id, row in found.items()} == {1: 1, 2: 6, 3: None}
    assert {case_id: row["age_days"] for case_id, row in found.items()} == {1: 4, 2: 4, 3: 2}


def test_each_queue_holds_what_its_name_says(ledger: Ledger) -> None:
    """On Wednesday 10 June: recorded this morning, on Monday, late by 1 and by 3 working days, waiting, told, closed, merged."""
    monday, today = date(2026, 6, 8), date(2026, 6, 10)
    complaint(ledger, 1, today, ("new", at(today, 6)), due_on=today)
    complaint(ledger, 2, monday, ("new", at(monday)), due_on=today)
    complaint(ledger, 3, monday, ("new", at(monday)), ("acknowledged", at(monday, 3)), due_on=date(2026, 6, 9))
    complaint(ledger, 4, monday, ("new", at(monday)), ("acknowledged", at(monday, 3)), due_on=date(2026, 6, 5))
    complaint(ledger, 5, monday, ("new", at(monday)), ("waiting_customer", at(monday, 3)), due_on=today)
    for case_id, state in ((6, "told_customer"), (7, "closed"), (8, "merged")):
        complaint(ledger, case_id, monday, ("new", at(monday)), (state, at(monday, 4)), due_on=today)
    queues = ("todo", "unacknowledged", "overdue", "escalate", "waiting", "confirm", "open", "over")
    found = {queue: {row["case_id"] for row in asked(ledger, "complaints", as_of=today, queue=queue)} for queue in queues}
    assert found == {
        "todo": {2, 3, 4},
        "unacknowledged": {1, 2},
        "overdue": {3, 4},
        "escalate": {3, 4},
        "waiting": {5},
        "confirm": {6},
        "open": {1, 2, 3, 4, 5},
        "over": {6, 7, 8},
    }
    assert {row["queue"]: row["count"] for row in asked(ledger, "complaint_queues", as_of=today)} == {
        queue: len(cases) for queue, cases in found.items()
    }
    assert {row["case_id"]: row["level_due"] for row in asked(ledger, "complaints", as_of=today, queue="escalate")} == {3: 1, 4: 2}


def test_the_same_cause_within_ninety_days_is_a_repeat_and_a_merged_one_none(ledger: Ledger) -> None:
    for case_id, day, more in (
        (1, date(2026, 1, 1), {}),
        (2, date(2026, 3, 31), {}),
        (3, date(2026, 6, 30), {}),
        (4, date(2026, 6, 30), {"cause": "quality"}),
        (5, date(2026, 6, 30), {"customer_id": 2}),
    ):
        complaint(ledger, case_id, day, ("new", at(day)), **more)
    complaint(ledger, 6, AS_OF, ("new", at(AS_OF)), ("merged", at(AS_OF, 3)))
    assert {row["case_id"]: row["repeats_days"] for row in asked(ledger, "complaints")} == {
        1: None,
        2: 89,
        3: None,
        4: None,
        5: None,
        6: None,
    }


def test_a_remedy_the_customer_turned_down_costs_nothing(ledger: Ledger) -> None:
    day = date(2026, 6, 1)
    complaint(ledger, 1, day, ("new", at(day)))
    steps = [("resolve", "resolved", 100), ("tell", "told_customer", None), ("rework", "in_progress", None), ("resolve", "resolved", 40)]
    for place, (action, state, cost) in enumerate(steps, 2):
        event = {"case_id": 1, "customer_id": 1, "event_id": place, "state": state, "action": action, "happened_at": at(day, 1 + place)}
        facts.insert(ledger, "case_event", {**event, "cost": cost, "currency": cost and "CNY"})
    (row,) = asked(ledger, "complaints")
    assert (row["cost"], row["currency"], row["reopened"]) == (40, "CNY", 1)


# Over time.


@pytest.fixture(scope="module")
def history() -> Iterator[tuple[Ledger, list[tuple[date, list[tuple[str, date]]]]]]:
    """A hundred complaints of a year with lives by chance: some end, come again, are withdrawn or merged; three have no dates."""
    rng, told = Random(5), []  # noqa: S311 (lives, not secrets)
    with ledgers.fresh() as opened:
        facts.customer(opened, 1)
        for case_id in range(1, 101):
            day = SINCE + timedelta(days=rng.randrange(364))
            life = [("new", day)]
            for state in rng.choice(
                (
                    ["in_progress"],
                    ["in_progress", "told_customer"],
                    ["in_progress", "told_customer", "in_progress"],
                    ["withdrawn"],
                    ["merged"],
                )
            ):
                life.append((state, life[-1][1] + timedelta(days=rng.choice((0, 1, 3, 8, 20)))))
            life = [(state, when) for state, when in life if when <= AS_OF]
            complaint(
                opened, case_id, day, *((state, at(when, 2 + place)) for place, (state, when) in enumerate(life)), cause=rng.choice("ab")
            )
            told.append((day, life))
        for case_id in (101, 102, 103):
            complaint(opened, case_id, AS_OF - timedelta(days=9), ("closed", at(AS_OF - timedelta(days=9))))
        yield opened, told


def test_time_to_an_end_is_the_kaplan_meier_curve(history: Any) -> None:
    """Open ones and withdrawn ones are watched until then; merged ones and those without a date are not looked at."""
    ledger, told = history
    seen = []
    for day, life in told:
        state, when = life[-1]
        if state != "merged":
            seen.append(((AS_OF if state not in stages.OVER else when) - day).days if state != "withdrawn" else (when - day).days)
    ends = [state in stages.OVER and state != "withdrawn" for _, life in told for state, _ in life[-1:] if state != "merged"]
    share, wanted = 1.0, []
    for days, group in groupby(sorted(zip(seen, ends, strict=True)), key=lambda one: one[0]):
        risk = sum(other >= days for other in seen)
        ended = sum(is_end for _, is_end in group)
        share *= 1 - ended / risk
        wanted.append((days, risk, ended, share))
    found = [
        (row["days"], row["at_risk"], row["ended"], row["open_rate"]) for row in asked(ledger, "complaint_times", since=SINCE, until=None)
    ]
    assert [one[:3] for one in found] == [one[:3] for one in wanted]
    assert [one[3] for one in found] == pytest.approx([one[3] for one in wanted], abs=1e-9)


def test_every_week_begins_where_the_one_before_ended(history: Any) -> None:
    ledger, told = history
    weeks = asked(ledger, "complaint_weeks", weeks=53)
    for week, following in pairwise(weeks):
        assert week["closing_count"] == following["opening_count"]
    assert weeks[0]["opening_count"] == 0
    standing = sum(life[-1][0] not in stages.OVER for _, life in told)
    assert weeks[-1]["closing_count"] == standing == len(asked(ledger, "complaints", queue="open"))
    assert sum(week["opened_count"] for week in weeks) == len(told) + 3
    assert sum(week["reopened_count"] for week in weeks) == sum("told_customer" in [s for s, _ in life[:-1]] for _, life in told)


def test_causes_add_up_to_all_and_groups_to_the_same(history: Any) -> None:
    ledger, told = history
    causes = asked(ledger, "complaint_causes", since=SINCE)
    whole = sum(life[-1][0] != "merged" for _, life in told) + 3
    assert sum(row["count"] for row in causes) == whole
    assert [row["count"] for row in causes] == sorted((row["count"] for row in causes), reverse=True)
    assert causes[-1]["running_rate"] == pytest.approx(1)
    for by in ("month", "state", "channel", "region", "severity", "stage", "owner", "team"):
        assert sum(row["count"] for row in asked(ledger, "complaint_groups", since=SINCE, by=by)) == len(told) + 3, by


def test_a_corrective_action_is_followed_by_what_came_before_and_after(ledger: Ledger) -> None:
    done = date(2026, 4, 1)
    for case_id, days in enumerate((-90, -30, -1, 0, 1, 40), 1):
        complaint(ledger, case_id, done + timedelta(days=days), ("new", at(done)))
    complaint(ledger, 9, done, ("new", at(done)), cause="quality")
    task = {"activity_id": 1, "customer_id": 1, "kind": "task", "on_date": done, "due_on": done, "done_on": done, "subject": "双人复核"}
    facts.insert(ledger, "activity", {**task, "source_kind": "correction", "source_id": 2})
    (row,) = asked(ledger, "corrections")
    assert (row["action"], row["cause"], row["count_before"], row["count_after"], row["days_after"]) == ("双人复核", "delivery", 4, 2, 90)
