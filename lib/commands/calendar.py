"""The working calendar: days that differ from their weekday, set, cleared, or taken over from the published one of a year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final

from lib.commands import Command, sight
from lib.domain import published_calendar
from lib.domain.access import Permission
from lib.domain.working_time import WorkingCalendar
from lib.errors import Refused
from lib.store.door import Change
from lib.text import Text

NAME: Final = Text("名称或原因", "Name or reason")
_MOST_DAYS: Final = 366
_NAME_LENGTH: Final = 100
_NO_DAYS = Text("请选 1 到 {most} 天。", "Choose 1 to {most} days.")
_SAME = Text("这些天在日历里已经是这样。", "The calendar says so of these days already.")
_NOT_THERE = Text("日历里没有单独列出这些天。", "The calendar does not list these days.")
_NOT_PUBLISHED = Text(
    "系统自带的日历只到 {last} 年；{year} 年的放假安排请手工录入，或升级程序。",
    "The calendar that came with the program ends with {last}; enter the holidays of {year} by hand, or upgrade.",
)


@dataclass(frozen=True)
class SetCalendarDays(Command):
    """Days closed although their weekday is worked, or worked although it is not. Clocks that run over them change at once.

    Refuses: no days or more than a year of them, no name, days that are so already, who does not see the whole company.
    """

    permission: ClassVar[Permission] = Permission.POLICY_WRITE
    title: ClassVar[Text] = Text("改工作日历", "Change the working calendar")
    days: tuple[date, ...]
    is_open: bool
    name: str

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        _some(self.days)
        sight.text(self.name, NAME, about="name", required=True, limit=_NAME_LENGTH)

    def apply(self, change: Change) -> int:
        """How many days differ from what they were."""
        sight.whole_company(change)
        return _put(change, [(day, self.is_open, self.name.strip()) for day in dict.fromkeys(self.days)])


@dataclass(frozen=True)
class ClearCalendarDays(Command):
    """Days that are worked, or not, as their weekday says.

    Refuses: no days, none that differed, no reason, who does not see the whole company.
    """

    permission: ClassVar[Permission] = Permission.POLICY_WRITE
    title: ClassVar[Text] = Text("恢复平常的日子", "Make days ordinary again")
    days: tuple[date, ...]
    reason: str

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        _some(self.days)
        sight.text(self.reason, NAME, about="name", required=True, limit=_NAME_LENGTH)

    def apply(self, change: Change) -> int:
        """How many days there were."""
        sight.whole_company(change)
        _named(change, self.days)
        cleared = change.retire("calendar_day", "list_contains($days, on_date)", {"days": list(self.days)})
        if not cleared:
            raise Refused(_NOT_THERE, about="days")
        return cleared


@dataclass(frozen=True)
class TakeOverCalendar(Command):
    """The State Council's holidays and worked weekends of a year, as the calendar that came with the program knows them.

    Days the house set differently become as published; its other days stay.
    Refuses: a year it does not know, days that are all so already, who does not see the whole company.
    """

    permission: ClassVar[Permission] = Permission.POLICY_WRITE
    title: ClassVar[Text] = Text("载入法定节假日", "Take over the public holidays")
    year: int

    def validate(self) -> None:
        """Refuses: a year it does not know."""
        if self.year not in published_calendar.YEARS:
            raise Refused(_NOT_PUBLISHED, year=self.year, last=published_calendar.YEARS[-1], about="year")

    def apply(self, change: Change) -> int:
        """How many days differ from what they were."""
        sight.whole_company(change)
        return _put(change, published_calendar.days(self.year))


def in_force(change: Change) -> WorkingCalendar:
    """When people work, as known now."""
    rules = change.cursor.execute("select from_on, body from policy_spans('working_time', timestamp '9999-12-30')").fetchall()
    days = change.cursor.execute("select on_date, is_open from calendar_day_at(timestamp '9999-12-30')").fetchall()
    return WorkingCalendar.of(rules, days)


def _some(days: Sequence[date]) -> None:
    if not 0 < len(set(days)) <= _MOST_DAYS:
        raise Refused(_NO_DAYS, most=_MOST_DAYS, about="days")


def _put(change: Change, wanted: Sequence[tuple[date, bool, str]]) -> int:
    """Days as wanted; those that are so already stay untouched. Refuses: when that is all of them."""
    held = {day: (day_id, is_open, name) for day, day_id, is_open, name in change.cursor.execute(_HELD).fetchall()}
    new = [(day, is_open, name) for day, is_open, name in wanted if held.get(day, (0, None, None))[1:] != (is_open, name)]
    if not new:
        raise Refused(_SAME, about="days")
    days = [day for day, *_ in new]
    _named(change, days)
    next_id = change.next_id("calendar_day", "day_id")
    change.retire("calendar_day", "list_contains($days, on_date)", {"days": days})
    rows = [
        {"day_id": held[day][0] if day in held else next_id + number, "on_date": day, "is_open": is_open, "name": name}
        for number, (day, is_open, name) in enumerate(new)
    ]
    change.insert("calendar_day", rows)
    return len(new)


def _named(change: Change, days: Sequence[date]) -> None:
    change.subject = f"calendar {min(days).isoformat()}"


_HELD: Final = """
    select calendar_day.on_date, calendar_day.day_id, calendar_day.is_open, calendar_day.name
    from calendar_day
    where calendar_day.retired_at = timestamp '9999-12-31'
"""
