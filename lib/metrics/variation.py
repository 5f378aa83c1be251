"""A metric's weeks as a process behaviour chart: which of them is more than its usual ups and downs, and whether it meets its target."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from math import inf
from typing import Any, Final, Literal, NamedTuple

from lib.domain.access import Actor
from lib.domain.dates import QUARTER_WEEKS
from lib.domain.effects import Effect, Span, Way, effect
from lib.domain.seasons import NO_SEASON, Season
from lib.domain.signals import FULL_BASELINE, Assurance, Chart, Signal, Week, assurance, chart
from lib.metrics import METRICS, Cut, measure, monday
from lib.metrics.metric import Measurement, Metric
from lib.metrics.seasons import Seasons, find_seasons, quarter_begins, since_first
from lib.store.ledger import LATEST, Ledger
from lib.store.query import rows

Verdict = Literal["better", "worse", "neutral", "unknown"]
"""What the last week says: a signal for us or against us, nothing beyond the usual, or too few weeks to say."""

RULE: Final = "metric:"
"""A policy of the kind `metric:<name>` says what that metric is held against."""
WEEKS: Final = FULL_BASELINE + QUARTER_WEEKS
"""Weeks to measure: those of the baseline, and the quarter at most that has passed since it was set."""
_POSSIBLE: Final = {"rate": (0.0, 1.0), "score": (-100.0, 100.0), "money": (-inf, inf), "count": (0.0, inf), "days": (0.0, inf)}
"""Beyond these there are no numbers of a unit."""
_WEEK: Final = timedelta(days=7)
_DAY: Final = timedelta(days=1)
_SUNDAY: Final = 7


@dataclass(frozen=True, slots=True)
class Held:
    """What a metric is held against. `first_on`, `last_on`: the weeks (Mondays) that say what is usual; None: the house's own choice.

    `made_by`, `since`, `reason`: of the version in force; None where nobody has set one.
    """

    target: Decimal | None = None
    first_on: date | None = None
    last_on: date | None = None
    made_by: str | None = None
    since: date | None = None
    reason: str | None = None


class Point(NamedTuple):
    """One week as it is drawn: the number itself, and where chance alone would put it.

    What is tested by its change starts from the week before. `verdict`: better or worse where the week is a signal.
    """

    value: float | None
    low: float | None = None
    centre: float | None = None
    high: float | None = None
    verdict: Literal["better", "worse"] | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A metric with its weeks, the oldest first; a flow's last is its last full one, as one that has only begun looks like a fall."""

    metric: Metric
    weeks: Sequence[Measurement]
    chart: Chart
    held: Held
    season: Season = NO_SEASON
    """What the calendar does to it: divided out before a week is tested."""
    broken_on: date | None = None
    """The week from which a person's choice says what is usual, where weeks before it are still to be seen."""

    @property
    def assurance(self) -> Assurance | None:
        """Whether it meets its target as a rule; None without a target, or with too few weeks."""
        if self.held.target is None:
            return None
        values = [None if week.own is None else float(week.own) for week in self.weeks]
        return assurance(self.chart, values, float(self.held.target), more_is_better=self.metric.good == "up")

    @property
    def verdict(self) -> Verdict:
        """What the last week says."""
        if self.chart.standing == "none":
            return "unknown"
        return self._verdict(self.chart.signals[-1]) or "neutral"

    @property
    def points(self) -> tuple[Point, ...]:
        """The weeks as they are drawn."""
        of_changes = self.chart.basis == "change"
        levels = self.chart.tested if self.chart.basis == "share" else [week.value for week in since_first(self.metric, self.weeks)]
        starts = [None, *levels[:-1]] if of_changes else [0.0] * len(levels)
        least, most = _POSSIBLE[self.metric.unit]
        # Money can be below zero; where it never was, a range that goes there would look like a mistake.
        least = max(least, 0.0) if self.metric.unit == "money" and min(filter(None, levels), default=0.0) >= 0 else least
        # A rate that was above one is no part of a whole: what customers bring beside what they brought.
        most = inf if self.metric.unit == "rate" and max(filter(None, levels), default=0.0) > 1 else most
        drawn = zip(levels, starts, strict=True)
        return tuple(self._point(place, level, start, (least, most)) for place, (level, start) in enumerate(drawn))

    def _point(self, place: int, level: float | None, start: float | None, possible: tuple[float, float]) -> Point:
        limits, (least, most) = self.chart.limits[place], possible
        if level is None or limits is None or start is None:
            return Point(level)
        low, centre, high = (min(max(start + end, least), most) for end in (limits.low, limits.centre, limits.high))
        return Point(level, low, centre, high, self._verdict(self.chart.signals[place]))

    def _verdict(self, signal: Signal | None) -> Literal["better", "worse"] | None:
        if signal is None:
            return None
        return "better" if signal.is_above == (self.metric.good == "up") else "worse"


@dataclass(frozen=True, slots=True)
class View:
    """For whom, on which date, by what was known and over which customers metrics are read."""

    ledger: Ledger
    actor: Actor
    as_of: date
    known_at: datetime | None
    cut: Cut

    def measured(self, names: Sequence[str], until: date, weeks: int) -> list[Measurement]:
        """Weeks up to a day."""
        return measure(self.ledger, self.actor, names, until, known_at=self.known_at, weeks=weeks, scope=self.cut)


def read_weeks(view: View, names: Sequence[str]) -> dict[str, Reading]:
    """Each metric with its last 39 weeks and what they say. Refuses: an actor who may not read metrics."""
    weeks: dict[str, list[Measurement]] = {name: [] for name in names}
    for one in view.measured(names, view.as_of, WEEKS):
        weeks[one.metric].append(one)
    held = in_force(view, view.as_of)
    seasons = find_seasons(view, [METRICS[name] for name in names], monday(view.as_of + _DAY) - _WEEK)
    return {name: _read(view, METRICS[name], weeks[name], held.get(name, Held(METRICS[name].target)), seasons) for name in names}


def _read(view: View, metric: Metric, weeks: Sequence[Measurement], held: Held, seasons: Seasons) -> Reading:
    shown = weeks[:-1] if shown_until(metric, view.as_of) < view.as_of else weeks
    usual, first_on = _own_baseline(view, metric, held), held.first_on
    if first_on is None or held.since is None or not shown[0].week_on < first_on <= shown[-1].week_on:
        return Reading(metric, shown, charted(metric, shown, usual, seasons), held, seasons.of(metric))
    # Weeks before those a person chose were held against what was usual then, and count for no run of those after.
    earlier = in_force(view, held.since - _DAY).get(metric.name, Held())
    former = charted(metric, shown, _own_baseline(view, metric, earlier), seasons)
    place = (first_on - shown[0].week_on) // _WEEK
    found = _spliced(former, charted(metric, shown[place:], usual, seasons), place)
    return Reading(metric, shown, found, held, seasons.of(metric), first_on)


def _spliced(former: Chart, found: Chart, place: int) -> Chart:
    """A chart after the first weeks of another; without what that one says where it tests something else."""
    tested, limits, signals = former.tested[:place], former.limits[:place], former.signals[:place]
    if former.basis != found.basis:
        tested = limits = signals = (None,) * place
    return replace(found, tested=tested + found.tested, limits=limits + found.limits, signals=signals + found.signals)


def effect_of(view: View, name: str, since: date, until: date, wanted: Way) -> Effect:
    """Whether a metric moved as wanted after what was done on `since`: whole weeks after it up to the one of `until`, at least one.

    The 26 weeks before it are what they are held against; the verdict stays the same on every later date.
    """
    metric, begun, last = METRICS[name], monday(since), max(monday(until), monday(since) + _WEEK)
    if view.as_of < last + _WEEK - _DAY:
        return "early"
    after = min((last - begun) // _WEEK, FULL_BASELINE)
    before = view.measured((name,), begun - _DAY, FULL_BASELINE)
    later = view.measured((name,), last + _WEEK - _DAY, after)
    span = Span(FULL_BASELINE + 1, FULL_BASELINE + after)
    weeks, times = _joined(metric, before, later, find_seasons(view, (metric,), begun))
    return effect(weeks, metric.nature, span, wanted, times)


def in_force(view: View, as_of: date) -> dict[str, Held]:
    """What people set, by metric."""
    found = rows(view.ledger, view.actor, "metric_rules", as_of=as_of, known_at=view.known_at or LATEST)
    return {row["kind"].removeprefix(RULE): _held(row) for row in found}


def shown_until(metric: Metric, as_of: date) -> date:
    """The last day of the last week that is read: a flow's last full week, else the day asked about."""
    return monday(as_of) - timedelta(days=1) if metric.nature == "flow" and as_of.isoweekday() < _SUNDAY else as_of


def charted(metric: Metric, weeks: Sequence[Measurement], before: Sequence[Measurement], seasons: Seasons) -> Chart:
    """Weeks, the oldest first, each held against `before`; without it against the 26 weeks before this quarter of 13 weeks began.

    With fewer weeks on record the limits are on trial: of all weeks there are.
    """
    if before:
        joined, times = _joined(metric, before, weeks, seasons)
        return _without(chart(joined, metric.nature, range(len(before)), times), len(before) + 1)
    found = since_first(metric, weeks)
    baseline = _usual([week.week_on for week in weeks])
    known = sum(week.value is not None for week in found[baseline.start : baseline.stop])
    return chart(found, metric.nature, baseline if known >= FULL_BASELINE else None, seasons.times(metric, weeks))


def _joined(
    metric: Metric, before: Sequence[Measurement], after: Sequence[Measurement], seasons: Seasons
) -> tuple[list[Week], list[float | None]]:
    """Two rows of weeks with a gap between, as the first change after it is not on the last week before; and what the calendar does."""
    weeks = [*since_first(metric, before), Week(None), *since_first(metric, after)]
    first, second = seasons.times(metric, before), seasons.times(metric, after)
    return weeks, [*first, None, *second] if first else []


def _without(found: Chart, first: int) -> Chart:
    return replace(found, tested=found.tested[first:], limits=found.limits[first:], signals=found.signals[first:])


def _own_baseline(view: View, metric: Metric, held: Held) -> Sequence[Measurement]:
    if held.first_on is None or held.last_on is None:
        return ()
    return view.measured((metric.name,), held.last_on + timedelta(days=6), (held.last_on - held.first_on) // _WEEK + 1)


def _held(row: dict[str, Any]) -> Held:
    body = json.loads(row["body"])
    days = {name: date.fromisoformat(body[name]) if body.get(name) else None for name in ("first_on", "last_on")}
    target = None if body["target"] is None else Decimal(body["target"])
    return Held(target, **days, made_by=row["made_by"], since=row["effective_on"], reason=row["reason"])


def _usual(weeks: Sequence[date]) -> range:
    """The same for a whole quarter, so that a slow drift does not become what is usual."""
    since = max((quarter_begins(weeks[-1]) - weeks[0]) // _WEEK, 0)
    return range(max(since - FULL_BASELINE, 0), since)
