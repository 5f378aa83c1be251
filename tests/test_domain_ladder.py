"""The reminder ladder on its own: which level, once, after the gap, and what stops it.

level   | 1        | 2        | 3     | 4     | 5    | 6      | 7
days    | -3       | 3        | 10    | 20    | 35   | 60     | 90
channel | email    | email    | email | phone | phone| letter | phone
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as some

from lib.domain import instalments, ladder
from lib.domain.ladder import Facts, Item, Level, Mark, Policy

DUE = date(2026, 3, 1)
LEVELS = (
    Level(1, -3, "email", "friendly"),
    Level(2, 3, "email", "reminder"),
    Level(3, 10, "email", "firm"),
    Level(4, 20, "phone", "firm"),
    Level(5, 35, "phone", "lead"),
    Level(6, 60, "letter", "final"),
    Level(7, 90, "phone", "review"),
)
POLICY = Policy(4, date(2000, 1, 1), LEVELS, 5, Decimal(100), 1, "phone")
OWES = Facts(items=(Item("1", DUE, Decimal(500)),))


def on(days: int) -> date:
    return DUE + timedelta(days=days)


def owes(**more: object) -> Facts:
    return Facts(**{"items": OWES.items, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("days", "level"), [(-3, 1), (0, 1), (2, 1), (3, 2), (9, 2), (10, 3), (19, 3), (20, 4), (35, 5), (60, 6), (90, 7), (400, 7)]
)
def test_the_highest_level_reached_is_due(days: int, level: int) -> None:
    step = ladder.step(OWES, POLICY, on(days))
    assert step.code == "due"
    assert step.level == LEVELS[level - 1]


def test_before_the_first_level_nothing_is_due_until_its_day() -> None:
    step = ladder.step(OWES, POLICY, on(-4))
    assert (step.code, step.until_on) == ("early", on(-3))


def test_the_oldest_debt_drives_and_all_overdue_money_is_asked_for() -> None:
    facts = owes(items=(Item("2", on(8), Decimal(70)), *OWES.items, Item("3", on(30), Decimal(900))))
    step = ladder.step(facts, POLICY, on(10))
    assert (step.level, step.item, step.amount) == (LEVELS[2], OWES.items[0], Decimal(570))


def test_a_level_done_for_these_arrears_waits_for_the_next_one() -> None:
    step = ladder.step(owes(marks=(Mark(2, "1", on(3)),)), POLICY, on(9))
    assert (step.code, step.until_on) == ("done", on(10))


def test_after_the_last_level_nothing_follows() -> None:
    step = ladder.step(owes(marks=(Mark(7, "1", on(90)),)), POLICY, on(200))
    assert (step.code, step.until_on) == ("done", None)


def test_other_arrears_begin_a_ladder_of_their_own_after_the_gap() -> None:
    facts = owes(marks=(Mark(6, "9", on(-1)),))
    assert (ladder.step(facts, POLICY, on(3)).code, ladder.step(facts, POLICY, on(3)).until_on) == ("gap", on(4))
    assert ladder.step(facts, POLICY, on(4)).level == LEVELS[1]


def test_a_late_payer_is_one_level_ahead_once_money_is_overdue() -> None:
    late = owes(is_late_payer=True)
    assert ladder.step(late, POLICY, on(-3)).level == LEVELS[0]
    assert ladder.step(late, POLICY, on(1)).level == LEVELS[1]
    assert ladder.step(late, POLICY, on(90)).level == LEVELS[6]


def test_a_large_customer_is_first_called_and_then_written_to() -> None:
    first = owes(is_large=True)
    assert ladder.channel(ladder.step(first, POLICY, on(3)), first, POLICY) == "phone"
    later = owes(is_large=True, marks=(Mark(2, "1", on(3)),))
    assert ladder.channel(ladder.step(later, POLICY, on(10)), later, POLICY) == "email"
    assert ladder.channel(ladder.step(first, POLICY, on(-2)), first, POLICY) == "email"


@pytest.mark.parametrize(
    ("more", "code", "until_on"),
    [
        ({"held_until": on(20)}, "hold", on(20)),
        ({"promised_until": on(10)}, "promise", on(10)),
        ({"items": (), "has_dispute": True}, "dispute", None),
        ({"disputed_amount": Decimal(500), "has_dispute": True}, "dispute", None),
        ({"items": (Item("1", DUE, Decimal("99.99")),)}, "small", None),
        ({"items": (Item("p1", on(30), Decimal(250)),), "plan_runs": True}, "plan", on(27)),
        ({"items": ()}, "none", None),
    ],
)
def test_what_stops_it_is_said_with_its_end(more: dict[str, object], code: str, until_on: date | None) -> None:
    step = ladder.step(owes(**more), POLICY, on(10))
    assert (step.code, step.until_on) == (code, until_on)


def test_a_hold_or_promise_that_has_ended_stops_nothing() -> None:
    assert ladder.step(owes(held_until=on(9), promised_until=on(9)), POLICY, on(10)).code == "due"


def test_only_the_undisputed_part_of_an_instalment_or_invoice_is_asked_for() -> None:
    facts = owes(items=(Item("1", DUE, Decimal(0)), Item("2", on(5), Decimal(300))), has_dispute=True)
    step = ladder.step(facts, POLICY, on(10))
    assert (step.item, step.level) == (facts.items[1], LEVELS[1])


@pytest.mark.parametrize(
    ("wanted", "ways", "found"),
    [
        ("email", {"email", "phone"}, "email"),
        ("email", {"phone", "letter"}, "phone"),
        ("phone", {"letter"}, "letter"),
        ("letter", {"email"}, "email"),
        ("email", set(), None),
    ],
)
def test_a_channel_that_leads_nowhere_falls_back(wanted: str, ways: set[str], found: str | None) -> None:
    assert ladder.reachable(wanted, ways) == found


@given(some.lists(some.integers(-10, 150), min_size=1, max_size=60), some.booleans())
def test_whatever_days_are_worked_no_level_comes_twice_and_none_within_the_gap(days: list[int], late: bool) -> None:
    """A random calendar of working days: each day looked at several times, weeks missed at will."""
    marks: list[Mark] = []
    for day in sorted(days):
        for _ in range(2):
            step = ladder.step(owes(marks=tuple(marks), is_late_payer=late), POLICY, on(day))
            if step.code == "due":
                assert step.level
                marks.append(Mark(step.level.level, "1", on(day)))
    levels = [mark.level for mark in marks]
    assert levels == sorted(set(levels))
    assert all((after.on_date - before.on_date).days >= POLICY.gap_days for before, after in pairwise(marks))
    reached = [level for level in LEVELS if level.days <= max(days)]
    if reached and not late and all(b - a <= 1 for a, b in pairwise(sorted(days))) and min(days) == -3:
        assert levels == [level.level for level in reached]


def test_a_missed_month_gives_one_reminder_of_the_right_level() -> None:
    marks = (Mark(1, "1", on(-3)),)
    step = ladder.step(owes(marks=marks), POLICY, on(36))
    assert step.level == LEVELS[4]
    assert ladder.step(owes(marks=(*marks, Mark(5, "1", on(36)))), POLICY, on(36)).code == "done"


def test_levels_are_sorted_and_must_rise() -> None:
    body = {
        "levels": [
            {"level": 2, "days": 5, "channel": "email", "tone": "firm"},
            {"level": 1, "days": 1, "channel": "email", "tone": "firm"},
        ],
        "gap_days": 5,
        "smallest_amount": 100,
        "late_habit_earlier": 1,
        "large_first_channel": "phone",
    }
    assert ladder.parse(body, 1, DUE).offsets == (1, 5)
    body["levels"][0]["level"] = 1  # type: ignore[index]
    with pytest.raises(ValueError, match="rise"):
        ladder.parse(body, 1, DUE)


@given(some.decimals(Decimal("0.60"), Decimal(10) ** 9, places=2), some.integers(2, 60), some.sampled_from(sorted(instalments.EVERY)))
def test_instalments_add_up_are_even_and_rise(amount: Decimal, count: int, every: str) -> None:
    parts = instalments.split(amount, count, date(2026, 1, 31), every)
    assert sum(part for _, part in parts) == amount
    assert len({part for _, part in parts[:-1]}) == 1
    assert 0 <= parts[-1][1] - parts[0][1] < Decimal("0.01") * count
    assert all(before < after for (before, _), (after, _) in pairwise(parts))


def test_monthly_instalments_keep_the_end_of_the_month() -> None:
    days = [day for day, _ in instalments.split(Decimal(100), 3, date(2026, 1, 31), "month")]
    assert days == [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)]
