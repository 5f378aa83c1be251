"""Working time: hours of each weekday, days that differ, and how much of it lies between two moments.

Everything follows from one growing sum: `elapsed = worked(end) - worked(begin) - what was paused`, and a clock runs out at the moment
when `worked` reaches `worked(begin) + target`. Moments are in business time; nothing is kept, so a changed calendar leaves nothing stale.
The same in SQL stands in `51_working_time.sql`; a test holds the two together.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import accumulate, pairwise
from typing import Final

from lib.errors import Refused
from lib.text import Text

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MADE_UP: Final = "made_up"
"""The hours of a day worked instead of another."""
BUSINESS_OFFSET: Final = timedelta(hours=8)
"""From UTC to business time, as `business_date` says in SQL."""

Window = tuple[int, int]
"""From and until, in minutes of the day."""
Hours = Mapping[str, tuple[Window, ...]]
"""The windows of each weekday and of a day worked instead."""

_DAY: Final = 24 * 60
_TWO_WEEKS: Final = timedelta(days=14)
_LONGEST: Final = timedelta(days=3660)
_WINDOW: Final = re.compile(r"(\d{1,2})[:：](\d{2})\s*[-–—−~～至到]\s*(\d{1,2})[:：](\d{2})")
_BETWEEN: Final = re.compile(r"[\s,，、;；和]*")
_UNREADABLE = Text(
    "“{typed}”不是时间段：请写成 09:00-12:00 13:30-18:00，不上班就空着。",
    "“{typed}” is not working hours: write 09:00-12:00 13:30-18:00, or nothing when nobody works.",
)
_BACKWARDS = Text(
    "“{typed}”：{window} 的结束要晚于开始，最晚到 24:00。", "“{typed}”: {window} must end after it begins, at 24:00 at the latest."
)
_OVERLAP = Text("“{typed}”：{window} 和前一段重叠。", "“{typed}”: {window} overlaps the hours before it.")


def read_windows(typed: str) -> tuple[Window, ...]:
    """Windows of a day as people write them: 9:00–12:00, 13:30–18:00. Refuses: what is none, ends before it begins, or overlaps."""
    if _BETWEEN.fullmatch(_WINDOW.sub("", typed)) is None:
        raise Refused(_UNREADABLE, typed=typed)
    found = sorted(_window(typed, match) for match in _WINDOW.finditer(typed))
    for (_, ended), after in pairwise(found):
        if after[0] < ended:
            raise Refused(_OVERLAP, typed=typed, window=said_windows([after]))
    return tuple(found)


def _window(typed: str, match: re.Match[str]) -> Window:
    hours, minutes, until_hours, until_minutes = map(int, match.groups())
    window = hours * 60 + minutes, until_hours * 60 + until_minutes
    if not window[0] < window[1] <= _DAY or max(minutes, until_minutes) > 59:  # noqa: PLR2004 (minutes of an hour)
        raise Refused(_BACKWARDS, typed=typed, window=match.group())
    return window


def said_windows(windows: Sequence[Window]) -> str:
    """The one way windows are kept: 09:00-12:00 13:30-18:00."""
    return " ".join(f"{_clock(begin)}-{_clock(end)}" for begin, end in windows)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def read_hours(body: Mapping[str, str]) -> Hours:
    """The hours a rule of working time says."""
    return {name: read_windows(body[name]) for name in (*WEEKDAYS, MADE_UP)}


@dataclass(frozen=True, slots=True)
class Timeline:
    """Windows of some days one after the other, with the working microseconds before each and in all."""

    begins: tuple[datetime, ...]
    ends: tuple[datetime, ...]
    before: tuple[int, ...]

    def worked(self, moment: datetime) -> int:
        """Working microseconds from the first window to a moment."""
        place = bisect_right(self.begins, moment) - 1
        if place < 0:
            return 0
        return self.before[place] + _microseconds(min(moment, self.ends[place]) - self.begins[place])

    def reached(self, worked: int) -> datetime | None:
        """The first moment at which so much was worked; None when these windows are too few."""
        place = bisect_left(self.before, worked) - 1
        if place < 0 or worked > self.before[-1]:
            return None
        return self.begins[place] + timedelta(microseconds=worked - self.before[place])


@dataclass(frozen=True)
class WorkingCalendar:
    """When people work: hours in force from a day on (the first ones ever since), and days that differ: open or closed."""

    hours: Sequence[tuple[date, Hours]]
    days: Mapping[date, bool] = field(default_factory=dict)

    @classmethod
    def of(cls, rules: Sequence[tuple[date, str]], days: Sequence[tuple[date, bool]]) -> WorkingCalendar:
        """The calendar a ledger keeps: bodies of the rule with the day each holds from, and days that differ."""
        return cls([(from_on, read_hours(json.loads(body))) for from_on, body in rules], dict(days))

    def windows(self, day: date) -> tuple[Window, ...]:
        """The working hours of a day; empty when nobody works."""
        differs = self.days.get(day)
        if differs is False:
            return ()
        place = max(bisect_right([from_on for from_on, _ in self.hours], day) - 1, 0)
        usual = self.hours[place][1]
        return usual[WEEKDAYS[day.weekday()]] if differs is None else usual[MADE_UP]

    def is_open(self, day: date) -> bool:
        """Whether people work that day."""
        return bool(self.windows(day))

    def working_days_after(self, day: date, count: int) -> date:
        """The day on which the count-th full working day after `day` ends; ten years on when nobody ever works."""
        last = day + _LONGEST
        found = day
        while count > 0 and found < last:
            found += timedelta(days=1)
            count -= self.is_open(found)
        return found

    def timeline(self, first: date, last: date) -> Timeline:
        """The windows of some days."""
        days = (first + timedelta(days=number) for number in range((last - first).days + 1))
        windows = [(datetime.combine(day, time.min), window) for day in days for window in self.windows(day)]
        lengths = accumulate(((end - begin) * 60_000_000 for _, (begin, end) in windows), initial=0)
        return Timeline(
            tuple(day + timedelta(minutes=begin) for day, (begin, _) in windows),
            tuple(day + timedelta(minutes=end) for day, (_, end) in windows),
            tuple(lengths),
        )

    def elapsed(self, begin: datetime, end: datetime, paused: Sequence[tuple[datetime, datetime]] = ()) -> timedelta:
        """Working time between two moments, without the spans in which the clock stood."""
        line = self.timeline(begin.date(), end.date())
        spans = ((begin, end), *((max(since, begin), min(until, end)) for since, until in paused if since < end and until > begin))
        whole, *stood = (line.worked(until) - line.worked(since) for since, until in spans)
        return timedelta(microseconds=whole - sum(stood))

    def due(self, begin: datetime, target: timedelta, paused: Sequence[tuple[datetime, datetime]] = ()) -> datetime | None:
        """When a clock that began at a moment runs out; pauses before then move it. None when nobody works for ten years."""
        at, left = begin, target
        for since, until in paused:
            ran = self.elapsed(at, since)
            if ran >= left:
                break
            at, left = until, left - ran
        return self._worked_after(at, left)

    def _worked_after(self, begin: datetime, wanted: timedelta) -> datetime | None:
        if not wanted:
            return begin
        span = _TWO_WEEKS
        while span < _LONGEST:
            line = self.timeline(begin.date(), begin.date() + span)
            if found := line.reached(line.worked(begin) + _microseconds(wanted)):
                return found
            span *= 4
        return None


def _microseconds(span: timedelta) -> int:
    return span // timedelta(microseconds=1)
