"""Working time: the engine against minute-by-minute counting, Python against SQL, the ledger's calendar against the published one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

import chinese_calendar
import facts
import ledgers
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.commands.calendar import ClearCalendarDays, SetCalendarDays, TakeOverCalendar, in_force
from lib.commands.undo import Undo
from lib.domain.access import Actor, Role, Scope
from lib.domain.working_time import WorkingCalendar, read_windows, said_windows
from lib.errors import Forbidden, Refused
from lib.store.door import Change, execute
from lib.store.ledger import Ledger

MANAGER = Actor(1, "Manager", Role.MANAGER, Scope.ALL)
FIRST, LAST = datetime(2025, 8, 1), datetime(2026, 3, 1)
MINUTE = timedelta(minutes=1)
CASES = 10_000
ODD = {
    "monday": "09:00-12:00 13:30-18:00",
    "tuesday": "08:15-11:45 12:30-13:00 14:00-20:00",
    "wednesday": "",
    "thursday": "00:00-24:00",
    "friday": "09:00-17:00",
    "saturday": "",
    "sunday": "22:00-24:00",
    "made_up": "10:00-16:00",
}
LATER = date(2025, 12, 1)
RULES = [(date(2000, 1, 1), json.dumps(ODD)), (LATER, json.dumps({**ODD, "wednesday": "09:00-12:00"}))]
DAYS = [*((date(2025, 10, day), False) for day in range(1, 9)), (date(2025, 9, 28), True), (date(2025, 10, 11), True)]
CALENDAR = WorkingCalendar.of(RULES, DAYS)


@dataclass(frozen=True)
class Clocks:
    """Ten thousand clocks in minutes since FIRST: begin, end, one pause between, a target."""

    begin: np.ndarray
    end: np.ndarray
    stop: np.ndarray
    go: np.ndarray
    target: np.ndarray


@cache
def clocks() -> Clocks:
    rng = np.random.default_rng(7)
    begin = rng.integers(0, 150 * 1440, CASES)
    end = begin + rng.integers(0, 12 * 1440, CASES)
    stop = begin + ((end - begin) * rng.random(CASES)).astype(int)
    return Clocks(begin, end, stop, np.minimum(stop + rng.integers(0, 2 * 1440, CASES), end), rng.integers(1, 3000, CASES))


@cache
def counted() -> list[tuple[int, int]]:
    """Elapsed and the minute at which the target is reached, each minute looked at by itself."""
    flags = np.zeros(((LAST - FIRST).days, 1440), bool)
    for number in range(len(flags)):
        day = FIRST.date() + timedelta(days=number)
        said = ODD["made_up"] if dict(DAYS).get(day) else "" if day in dict(DAYS) else ODD[f"{day:%A}".lower()]
        for span in ("09:00-12:00" if day >= LATER and f"{day:%a}" == "Wed" else said).split():
            hours = [int(part[:2]) * 60 + int(part[3:]) for part in span.split("-")]
            flags[number, hours[0] : hours[1]] = True
    found = []
    for begin, end, stop, go, target in zip(*vars(clocks()).values(), strict=True):
        runs = flags.ravel()[begin : begin + 40 * 1440].copy()
        runs[stop - begin : go - begin] = False
        found.append((int(runs[: end - begin].sum()), int(begin + np.argmax(np.cumsum(runs) == target) + 1)))
    return found


def at(minutes: int) -> datetime:
    return FIRST + MINUTE * int(minutes)


def test_ten_thousand_clocks_run_as_counted_minute_by_minute() -> None:
    line, wrong = CALENDAR.timeline(FIRST.date(), LAST.date()), 0
    worked = {minutes: line.worked(at(minutes)) // 60_000_000 for minutes in {*np.concatenate(list(vars(clocks()).values())[:4]).tolist()}}
    for (elapsed, due), begin, end, stop, go, target in zip(counted(), *vars(clocks()).values(), strict=True):
        paused = worked[go] - worked[stop]
        left = target if worked[stop] - worked[begin] >= target else target + paused
        wrong += worked[end] - worked[begin] - paused != elapsed
        wrong += line.reached((worked[begin] + int(left)) * 60_000_000) != at(due)
    assert wrong == 0


def test_the_calendar_says_what_its_timeline_says() -> None:
    """The two calls people use, each with its own days, on some of the same clocks."""
    for (elapsed, due), begin, end, stop, go, target in list(zip(counted(), *vars(clocks()).values(), strict=True))[:300]:
        pause = [(at(stop), at(go))]
        assert CALENDAR.elapsed(at(begin), at(end), pause) == MINUTE * elapsed
        assert CALENDAR.due(at(begin), MINUTE * int(target), pause) == at(due)


def test_sql_runs_the_same_clocks() -> None:
    spans = [
        (number, int(target) * 60_000_000, at(since), at(until), False)
        for number, (begin, end, stop, go, target) in enumerate(zip(*vars(clocks()).values(), strict=True))
        for since, until in ((begin, stop), (go, end))
    ]
    names = ("thing_id", "target_us", "since_at", "until_at", "is_whole")
    table = pa.table({**{name: [span[place] for span in spans] for place, name in enumerate(names)}, "clock": ["solve"] * len(spans)})
    with ledgers.fresh() as ledger:
        odd(ledger)
        cursor = ledger.cursor()
        cursor.register("span", table)
        found = cursor.execute(
            "select ran_us, due_at from clock_of('span', $first::date, $last::date, timestamp '2026-01-01') order by thing_id",
            {"first": FIRST, "last": LAST},
        ).fetchall()
    assert [(ran // 60_000_000, due) for ran, due in found] == [(elapsed, at(due)) for elapsed, due in counted()]


def odd(ledger: Ledger) -> None:
    """The odd hours and few days of CALENDAR instead of those a ledger starts with."""
    with ledger.transaction() as cursor:
        cursor.execute("delete from calendar_day")
    for policy_id, (from_on, body) in enumerate(RULES, 100):
        rule = {"policy_id": policy_id, "kind": "working_time", "effective_on": from_on, "body": body, "reason": "x"}
        facts.insert(ledger, "policy", rule)
    facts.insert(
        ledger, "calendar_day", *({"day_id": number, "on_date": day, "is_open": is_open} for number, (day, is_open) in enumerate(DAYS))
    )


MOMENTS = st.datetimes(FIRST, datetime(2026, 1, 1))
SPANS = st.timedeltas(timedelta(0), timedelta(days=20))


@given(MOMENTS, SPANS, SPANS)
def test_working_time_grows_and_adds_up(begin: datetime, first: timedelta, second: timedelta) -> None:
    whole = CALENDAR.elapsed(begin, begin + first + second)
    assert timedelta(0) <= CALENDAR.elapsed(begin, begin + first) <= whole
    assert whole == CALENDAR.elapsed(begin, begin + first) + CALENDAR.elapsed(begin + first, begin + first + second)


@given(MOMENTS, st.timedeltas(timedelta(microseconds=1), timedelta(hours=60)))
def test_what_is_due_is_the_first_moment_at_which_the_time_has_passed(begin: datetime, target: timedelta) -> None:
    due = CALENDAR.due(begin, target)
    assert due is not None
    assert CALENDAR.elapsed(begin, due) == target
    assert CALENDAR.elapsed(begin, due - timedelta(microseconds=1)) < target


def test_nobody_ever_works_and_no_target_are_no_endless_search() -> None:
    never = WorkingCalendar.of([(date(2000, 1, 1), json.dumps(dict.fromkeys(ODD, "")))], [])
    assert never.due(FIRST, MINUTE) is None
    assert CALENDAR.due(FIRST, timedelta(0)) == FIRST
    assert never.working_days_after(FIRST.date(), 2) > date(2034, 1, 1)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("9:00–12:00，13:30～18:00", "09:00-12:00 13:30-18:00"),
        ("13:30-18:00 09:00-12:00", "09:00-12:00 13:30-18:00"),
        ("22：00至24：00", "22:00-24:00"),
        ("  ", ""),
    ],
)
def test_hours_are_read_as_people_write_them(typed: str, kept: str) -> None:
    assert said_windows(read_windows(typed)) == kept


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("9-12", "不是时间段"),
        ("09:00-12:00 休息", "不是时间段"),
        ("18:00-09:00", "结束要晚于开始"),
        ("09:00-25:00", "结束要晚于开始"),
        ("09:70-12:00", "结束要晚于开始"),
        ("09:00-12:00 11:00-18:00", "重叠"),
    ],
)
def test_hours_nobody_can_keep_are_refused(typed: str, why: str) -> None:
    with pytest.raises(Refused) as refusal:
        read_windows(typed)
    assert why in refusal.value.say("zh")


# The calendar of a ledger.


def held(ledger: Ledger) -> WorkingCalendar:
    return in_force(Change(ledger.cursor(), MANAGER, 0, datetime(2026, 1, 1)))


def test_a_new_ledger_knows_every_day_from_2020_to_2026_as_published(ledger: Ledger) -> None:
    """Each of 2,557 days, in Python and in SQL."""
    days = [date(2020, 1, 1) + timedelta(days=number) for number in range(2557)]
    published = {day: chinese_calendar.is_workday(day) for day in days}
    calendar = held(ledger)
    sql = "select on_date, is_open from working_day(date '2020-01-01', date '2026-12-31', timestamp '2026-01-01')"
    assert {day: calendar.is_open(day) for day in days} == published == dict(ledger.cursor().execute(sql).fetchall())
    assert ledger.cursor().execute("select calendar_until(timestamp '2026-01-01')").fetchall() == [(date(2026, 12, 31),)]


def test_working_days_after_are_counted_on_the_ledgers_calendar(ledger: Ledger) -> None:
    """Two working days after the Tuesday before Spring Festival 2026 lie behind it; a day the house closes counts no more."""
    asked = date(2026, 2, 12)
    assert held(ledger).working_days_after(asked, 3) == date(2026, 2, 24)
    execute(ledger, MANAGER, SetCalendarDays((date(2026, 2, 13), date(2026, 2, 24)), is_open=False, name="年会"))
    assert held(ledger).working_days_after(asked, 3) == date(2026, 2, 26)


def test_days_are_set_cleared_and_given_back_by_undo(ledger: Ledger) -> None:
    sunday, monday = date(2026, 11, 29), date(2026, 11, 30)
    execute(ledger, MANAGER, SetCalendarDays((sunday,), is_open=True, name="赶工"))
    execute(ledger, MANAGER, SetCalendarDays((monday,), is_open=False, name="调休"))
    assert held(ledger).windows(sunday) == ((540, 720), (810, 1080))
    assert not held(ledger).is_open(monday)
    receipt = execute(ledger, MANAGER, ClearCalendarDays((sunday, monday), "取消"))
    assert receipt.result == 2
    assert (held(ledger).is_open(sunday), held(ledger).is_open(monday)) == (False, True)
    execute(ledger, MANAGER, Undo(receipt.change_id, monday))
    assert (held(ledger).is_open(sunday), held(ledger).is_open(monday)) == (True, False)


def test_a_published_year_is_taken_over_and_what_is_so_already_is_refused(ledger: Ledger) -> None:
    with pytest.raises(Refused, match="so of these days already"):
        execute(ledger, MANAGER, TakeOverCalendar(2026))
    execute(ledger, MANAGER, SetCalendarDays((date(2026, 10, 1),), is_open=True, name="值班"))
    assert execute(ledger, MANAGER, TakeOverCalendar(2026)).result == 1
    assert not held(ledger).is_open(date(2026, 10, 1))
    assert execute(ledger, MANAGER, TakeOverCalendar(2019)).result > 20
    with pytest.raises(Refused, match="by hand"):
        execute(ledger, MANAGER, TakeOverCalendar(2090))
    with pytest.raises(Forbidden):
        execute(ledger, Actor(1, "Manager", Role.MANAGER, Scope.TEAM, ("north",)), TakeOverCalendar(2018))
