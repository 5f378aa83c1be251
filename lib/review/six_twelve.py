"""The 6-12 layout: six weeks and twelve months of a metric, each beside the same stretch a year before, and the year so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, Literal

from lib.domain import periods
from lib.domain.periods import Period, Span
from lib.metrics import METRICS, monday
from lib.metrics.metric import Metric
from lib.metrics.periods import measure_periods
from lib.metrics.sums import Amount
from lib.metrics.variation import View
from lib.text import Text

Box = Literal["week", "month", "quarter", "year"]
BOX: Final[dict[Box, Text]] = {
    "week": Text("这一周", "The week"),
    "month": Text("本月至今", "Month to date"),
    "quarter": Text("本季至今", "Quarter to date"),
    "year": Text("今年至今", "Year to date"),
}
_SPANS: Final[tuple[Span, ...]] = ("month", "quarter", "year")
_WEEKS: Final = 6
_MONTHS: Final = 12
_WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Step:
    """A metric in one stretch, and a year before. `is_open`: some of its days are still to come; the year before has as many."""

    first_on: date
    last_on: date
    value: Decimal | None
    before: Decimal | None
    is_open: bool = False

    @property
    def change(self) -> Decimal | None:
        """How far it is from the year before."""
        return None if self.value is None or self.before is None else self.value - self.before


@dataclass(frozen=True, slots=True)
class SixTwelve:
    """A metric's weeks and months, the oldest first. `box`: the year so far; of what stands only the week, as it stands the same in all."""

    metric: str
    weeks: tuple[Step, ...]
    months: tuple[Step, ...]
    box: Mapping[Box, Step]


def six_twelve(view: View, names: Sequence[str], week_on: date) -> dict[str, SixTwelve]:
    """The layout of each metric up to a week's end or, where that is still to come, up to the view's date.

    A week is told as everywhere: over the metric's own window. Months and the year so far are told by their own days alone.
    Refuses: who may not read metrics.
    """
    as_of = min(periods.week(week_on).last_on, view.as_of)
    found: dict[str, SixTwelve] = {}
    for window in sorted({METRICS[name].window for name in names}):
        chosen = [name for name in names if METRICS[name].window == window]
        found |= _measured(view, chosen, _Layout(week_on, as_of, window))
    return {name: found[name] for name in names}


def stands(metric: Metric) -> bool:
    """Whether a month of it is what it is on the month's last day, not what came together in it."""
    return all(part.running or part.spans_window for part in (metric.numerator, metric.denominator) if part)


@dataclass(frozen=True, slots=True)
class _Layout:
    week_on: date
    as_of: date
    window: int

    def weeks(self) -> list[tuple[Period, Period]]:
        mondays = [self.week_on - back * _WEEK for back in range(_WEEKS - 1, -1, -1)]
        return [(self._week(monday), self._week(periods.week_year_before(monday))) for monday in mondays]

    def months(self) -> list[tuple[Period, Period]]:
        return [(month, periods.year_before(month)) for month in periods.months(self.as_of, _MONTHS)]

    def so_far(self) -> list[tuple[Period, Period]]:
        found = [periods.to_date(span, self.as_of) for span in _SPANS]
        return [(one, periods.year_before(one)) for one in found]

    def _week(self, monday: date) -> Period:
        """With the weeks before it that a windowed metric looks back over; of the week in progress as many days a year before."""
        days = self.as_of - self.week_on if monday in (self.week_on, periods.week_year_before(self.week_on)) else _WEEK - timedelta(days=1)
        return Period(monday - (self.window - 1) * _WEEK, monday + min(days, _WEEK - timedelta(days=1)))


def _measured(view: View, names: Sequence[str], layout: _Layout) -> dict[str, SixTwelve]:
    weeks, months, so_far = layout.weeks(), layout.months(), layout.so_far()
    wanted = sorted({period for pair in (*weeks, *months, *so_far) for period in pair})
    amounts = measure_periods(view.ledger, view.actor, names, wanted, known_at=view.known_at, scope=view.cut)
    return {name: _laid_out(name, amounts, weeks, months, so_far) for name in names}


def _laid_out(name: str, amounts: Mapping[tuple[str, Period], Amount], *pairs: list[tuple[Period, Period]]) -> SixTwelve:
    weeks, months, so_far = ([_step(name, amounts, *pair) for pair in some] for some in pairs)
    weeks = [replace(one, first_on=monday(one.last_on)) for one in weeks]
    box: dict[Box, Step] = {"week": weeks[-1]}
    if not stands(METRICS[name]):
        box |= dict(zip(_SPANS, so_far, strict=True))
    shown = [replace(one, is_open=not periods.is_whole_month(Period(one.first_on, one.last_on))) for one in months]
    return SixTwelve(name, tuple(weeks), tuple(shown), box)


def _step(name: str, amounts: Mapping[tuple[str, Period], Amount], now: Period, before: Period) -> Step:
    return Step(now.first_on, now.last_on, amounts[name, now].value, amounts[name, before].value)
