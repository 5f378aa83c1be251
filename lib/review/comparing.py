"""Two weeks side by side: each metric then and now, as seen at the time or as corrected since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, Literal

from lib.domain import periods
from lib.metrics import METRICS, measure
from lib.metrics.metric import Metric
from lib.metrics.moving import Moment, Span
from lib.metrics.variation import Verdict, View, read_weeks
from lib.metrics.words import difference
from lib.review import archive
from lib.store import settings
from lib.store.ledger import LATEST
from lib.text import Text

Basis = Literal["now", "seen"]
BASES: Final[dict[str, Text]] = {
    "now": Text("现在更正后", "As corrected now"),
    "seen": Text("当时看到的", "As seen then"),
}
Against = Literal["week", "month", "year", "other"]
AGAINST: Final[dict[str, Text]] = {
    "week": Text("前一周", "Week before"),
    "month": Text("4 周前", "4 weeks ago"),
    "year": Text("去年同周", "Same week last year"),
    "other": Text("任选", "Any week"),
}
_WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Compared:
    """A metric in both weeks. `verdict`: whether the later week is a signal by itself, which no difference of two weeks can say.

    `corrected`: what the later week says by now, where it is looked at as it was seen and says something else by now.
    """

    metric: Metric
    then: Decimal | None
    now: Decimal | None
    verdict: Verdict
    corrected: Decimal | None = None

    @property
    def change(self) -> Decimal | None:
        """What it changed by; what is too small to print is no change."""
        return difference(self.now, self.then, self.metric)


@dataclass(frozen=True, slots=True)
class Seen:
    """One metric in both weeks, as seen at the time and as corrected: where they differ something was recorded or taken back since."""

    seen: tuple[Decimal | None, Decimal | None]
    now: tuple[Decimal | None, Decimal | None]

    @property
    def is_restated(self) -> bool:
        """Whether anything is another by now."""
        return self.seen != self.now


def other_week(week_on: date, against: Against) -> date:
    """The Monday a week is compared with; the week before where any may be chosen."""
    if against == "year":
        return periods.week_year_before(week_on)
    return week_on - (4 if against == "month" else 1) * _WEEK


def moment(view: View, week_on: date, basis: Basis) -> Moment:
    """A week's last day and by what it is told: all that is known, or what its review froze, else what was known when it ended."""
    last_on = periods.week(week_on).last_on
    if basis == "now":
        return Moment(last_on, view.known_at)
    frozen = archive.of_week(view.ledger, view.actor, week_on)
    known = frozen.known_at if frozen else settings.moment(view.ledger, last_on.isoformat())
    return Moment(last_on, min(known, view.known_at or LATEST))


def compare(view: View, names: Sequence[str], weeks: tuple[date, date], basis: Basis) -> list[Compared]:
    """Each metric in two weeks (Mondays, then and now). Refuses: who may not read metrics."""
    then, now = span(view, weeks, basis)
    readings = read_weeks(_at(view, now), list(names))
    before = _values(view, names, then)
    corrected_now = read_weeks(_at(view, moment(view, weeks[1], "now")), list(names)) if basis == "seen" else {}
    by_now = {name: reading.weeks[-1].value for name, reading in corrected_now.items()}
    found = []
    for name, reading in readings.items():
        value = reading.weeks[-1].value
        corrected = by_now.get(name, value)
        found.append(Compared(METRICS[name], before[name], value, reading.verdict, None if corrected == value else corrected))
    return found


def seen(view: View, line: Compared, weeks: tuple[date, date], basis: Basis) -> Seen:
    """A line that was compared on one basis on the other one too. Refuses: who may not read metrics."""
    name, moments = line.metric.name, span(view, weeks, "now" if basis == "seen" else "seen")
    then, now = (_values(view, (name,), one)[name] for one in moments)
    known, other = (line.then, line.now), (then, now)
    return Seen(known, other) if basis == "seen" else Seen(other, known)


def span(view: View, weeks: tuple[date, date], basis: Basis) -> Span:
    """Both weeks as moments."""
    return moment(view, weeks[0], basis), moment(view, weeks[1], basis)


def _values(view: View, names: Sequence[str], at: Moment) -> dict[str, Decimal | None]:
    found = measure(view.ledger, view.actor, names, at.as_of, known_at=at.known_at, weeks=1, scope=view.cut)
    return {one.metric: one.value for one in found}


def _at(view: View, at: Moment) -> View:
    return replace(view, as_of=at.as_of, known_at=at.known_at)
