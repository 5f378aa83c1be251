"""What a file shows beside the numbers of a pack: what was done about them, ranges set anew, and what the last closed week says by now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from lib.metrics import Cut
from lib.metrics.chart_words import Mark
from lib.metrics.variation import View, in_force
from lib.review.pack import Line, Pack
from lib.review.restating import Restatements, last_review
from lib.store.ledger import LATEST
from lib.store.query import rows


@dataclass(frozen=True, slots=True)
class Around:
    """What is drawn around one metric's weeks: what was done, the week (Monday) its range begins anew, and whether the last is not over."""

    marks: tuple[Mark, ...] = ()
    anew_on: date | None = None
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Beside:
    """By metric: what was done about it, and since which week it is held against weeks that a person chose; and what was restated."""

    marks: Mapping[str, tuple[Mark, ...]] = field(default_factory=dict)
    anew: Mapping[str, date] = field(default_factory=dict)
    restated: Restatements | None = None

    def around(self, line: Line, pack: Pack) -> Around:
        """What belongs to one metric of the pack."""
        sunday_on = date.fromordinal(line.week_on.toordinal() + 6)
        return Around(self.marks.get(line.metric, ()), self.anew.get(line.metric), sunday_on > pack.as_of)


NOTHING: Final = Beside()


def beside(view: View, pack: Pack) -> Beside:
    """For the person who takes the pack along, by what the pack knew. Refuses: who may not read metrics.

    A frozen week knows no filters, so that numbers of some customers are not held against it.
    """
    at = replace(view, as_of=pack.as_of, known_at=None if pack.known_at == LATEST else pack.known_at)
    since = min((week for line in pack.lines for week, _ in line.weeks), default=None)
    found = rows(at.ledger, at.actor, "metric_marks", as_of=pack.as_of, known_at=pack.known_at, metric=None, since=since)
    marks: dict[str, tuple[Mark, ...]] = {}
    for row in found:
        marks[row["metric"]] = (*marks.get(row["metric"], ()), Mark(row["on_date"], row["mark"], row["mark_said"]))
    anew = {name: held.first_on for name, held in in_force(at, pack.as_of).items() if held.first_on}
    is_whole = view.cut == Cut(view.cut.currency)
    return Beside(marks, anew, last_review(at, pack.week_on) if is_whole else None)
