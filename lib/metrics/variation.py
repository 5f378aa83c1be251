"""A metric's weeks as a process behaviour chart: which of them is more than its usual ups and downs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from lib.domain.dates import QUARTER_WEEKS
from lib.domain.signals import FULL_BASELINE, Chart, Week, chart
from lib.metrics.metric import Measurement, Metric

WEEKS: Final = FULL_BASELINE + QUARTER_WEEKS
"""Weeks to measure: those of the baseline, and the quarter at most that has passed since it was set."""
_WEEK: Final = timedelta(days=7)


def tested(metric: Metric, weeks: Sequence[Measurement]) -> Chart:
    """The weeks of a metric, oldest first, each held against the baseline: the 26 weeks before this quarter of 13 weeks began.

    With fewer weeks on record the limits are on trial: of all weeks there are.
    """
    found = _since_first(metric, weeks)
    baseline = _baseline([week.week_on for week in weeks])
    known = sum(week.value is not None for week in found[baseline.start : baseline.stop])
    return chart(found, metric.nature, baseline if known >= FULL_BASELINE else None)


def _baseline(weeks: Sequence[date]) -> range:
    """The same for a whole quarter, so that a slow drift does not become what is usual."""
    since = next((place for place in range(len(weeks) - 1, -1, -1) if _begins_quarter(weeks[place])), 0)
    return range(max(since - FULL_BASELINE, 0), since)


def _begins_quarter(week_on: date) -> bool:
    return (week_on - date.min) // _WEEK % QUARTER_WEEKS == 0


def _since_first(metric: Metric, weeks: Sequence[Measurement]) -> list[Week]:
    """Weeks before anything was on record are unknown, not zero."""
    found: list[Week] = []
    begun = False
    for week in weeks:
        begun = begun or bool(week.own) or (metric.nature == "ratio" and week.own is not None)
        found.append(Week(float(week.own) if begun and week.own is not None else None, week.own_n))
    return found
