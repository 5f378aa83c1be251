"""What the calendar does to flows: found in the year before the quarter that is read, so that it is the same for all of that quarter."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from lib.domain.dates import QUARTER_WEEKS
from lib.domain.seasons import NO_SEASON, CalendarWeek, Season, calendar_weeks, find_season
from lib.domain.signals import Week
from lib.domain.working_time import WorkingCalendar
from lib.metrics.metric import Measurement, Metric
from lib.store.ledger import LATEST
from lib.store.query import rows

if TYPE_CHECKING:
    from lib.metrics.variation import View

_WEEKS: Final = 53
_WEEK: Final = timedelta(days=7)
_NEXT_MONTH: Final = timedelta(days=40)


@dataclass(frozen=True)
class Seasons:
    """Each flow's season, and the calendar it is taken from. Numbers of another nature have none."""

    found: Mapping[str, Season] = field(default_factory=dict)
    rules: tuple[tuple[date, str], ...] = ()
    days: tuple[tuple[date, bool], ...] = ()

    def of(self, metric: Metric) -> Season:
        """What the calendar does to a metric."""
        return self.found.get(metric.name, NO_SEASON)

    def times(self, metric: Metric, weeks: Sequence[Measurement]) -> list[float | None]:
        """How much more than an ordinary week each is, by the calendar; nothing at all where the calendar does nothing."""
        season = self.of(metric)
        if not season.is_any or not weeks:
            return []
        return [season.times(week) for week in _calendar(self.rules, self.days, weeks[0].week_on, len(weeks))]


def find_seasons(view: View, metrics: Sequence[Metric], week_on: date) -> Seasons:
    """The seasons of the flows among some metrics, by the 53 weeks before the quarter of a week."""
    flows = [metric for metric in metrics if metric.nature == "flow"]
    if not flows:
        return Seasons()
    known_at = view.known_at or LATEST
    rules = tuple((row["from_on"], row["body"]) for row in _rows(view, "working_rules", known_at=known_at))
    days = tuple((row["on_date"], row["is_open"]) for row in _rows(view, "calendar_days", known_at=known_at, since=None, until=None))
    before = quarter_begins(week_on) - timedelta(days=1)
    weeks: dict[str, list[Measurement]] = {metric.name: [] for metric in flows}
    for one in view.measured(list(weeks), before, _WEEKS):
        weeks[one.metric].append(one)
    calendar = _calendar(rules, days, before - _WEEKS * _WEEK + timedelta(days=1), _WEEKS)
    return Seasons({metric.name: find_season(since_first(metric, weeks[metric.name]), calendar) for metric in flows}, rules, days)


def quarter_begins(week_on: date) -> date:
    """The first week of the block of 13 weeks a week lies in; each block is judged by what was usual before it."""
    return week_on - (week_on - date.min) // _WEEK % QUARTER_WEEKS * _WEEK


def since_first(metric: Metric, weeks: Sequence[Measurement]) -> list[Week]:
    """Weeks before anything was on record are unknown, not zero."""
    found: list[Week] = []
    begun = False
    for week in weeks:
        begun = begun or bool(week.own) or (metric.nature == "ratio" and week.own is not None)
        found.append(Week(float(week.own) if begun and week.own is not None else None, week.own_n))
    return found


def _rows(view: View, query: str, **given: Hashable) -> list[dict[str, Any]]:
    return rows(view.ledger, view.actor, query, **given)


@lru_cache(maxsize=32)
def _calendar(
    rules: tuple[tuple[date, str], ...], days: tuple[tuple[date, bool], ...], first_on: date, count: int
) -> Sequence[CalendarWeek]:
    """Weeks of the working calendar: reading 700 days of it takes milliseconds, and every page of metrics asks for the same ones."""
    calendar = WorkingCalendar.of(rules, days)
    span = ((first_on + timedelta(days=day)) for day in range((count * _WEEK + _NEXT_MONTH).days))
    return calendar_weeks(first_on, count, {day for day in span if calendar.is_open(day)})
