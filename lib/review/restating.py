"""Restatements: what a frozen week says by now, and for each number that is another the things and changes that made it so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from lib.metrics import METRICS
from lib.metrics.changing import Changed, changed_behind, lower
from lib.metrics.metric import Metric
from lib.metrics.variation import View
from lib.review.archive import Frozen, as_known, as_seen, last_before
from lib.review.pack import Line, Pack, build
from lib.review.sections import SECTIONS, Source
from lib.store.query import rows

_WEEK: Final = timedelta(days=7)
_SUNDAY: Final = timedelta(days=6)
SHOWN: Final = 5
"""So many things are named of each number, those that changed most."""
TOLD: Final = 100
"""So many of each side are looked at when they are told by what was entered."""
_KINDS: Final = {
    "money": "money overdue not_due at_risk lateness sold sold_year settled collectible written_off settlement document",
    "case": "complaint complaint_end complaint_answer complaint_cost acknowledgement request request_clock suggestion",
    "answer": "answer again",
    "promise": "promise",
    "invite": "invite",
    "task": "work",
}
ABOUT: Final = {base: about for about, bases in _KINDS.items() for base in bases.split()}
"""What a thing of a base is called in `recorded_since`; things of other bases are customers, told by all that was recorded of them."""


@dataclass(frozen=True, slots=True)
class Cause:
    """A change that recorded something, or took it back, since the freezing. `command`: what was ordered; `undoes`: what it took back.

    History moved in with moments of its own was ordered by nobody here.
    """

    change_id: int
    made_at: datetime
    made_by: str
    command: str | None
    undoes: int | None = None


@dataclass(frozen=True, slots=True)
class Thing:
    """One invoice, case, answer, ... that adds something else to a number by now. Without causes a rule or the calendar changed."""

    customer_id: int
    account_no: str | None
    name: str | None
    thing_id: int
    then: Decimal
    now: Decimal
    causes: tuple[Cause, ...] = ()

    @property
    def difference(self) -> Decimal:
        """What it adds more by now."""
        return self.now - self.then


@dataclass(frozen=True, slots=True)
class Side:
    """What made one side of a number another one: the things that changed most, how many there are, and their sum."""

    things: tuple[Thing, ...]
    count: int
    total: Decimal


@dataclass(frozen=True, slots=True)
class Restated:
    """One number of a frozen week that is another by now."""

    then: Line
    now: Line

    @property
    def metric(self) -> Metric:
        """What it measures."""
        return METRICS[self.now.metric]

    @property
    def above(self) -> Decimal:
        """The difference of the numerator."""
        return self.now.numerator - self.then.numerator

    @property
    def below(self) -> Decimal:
        """The difference of the denominator; of a number counted back what was billed is not in the pack, so it is not said here."""
        return (self.now.denominator or Decimal(0)) - (self.then.denominator or Decimal(0))

    @property
    def turned(self) -> bool:
        """Whether it says something else by now: a signal that was none, or none any more."""
        return self.then.verdict != self.now.verdict


@dataclass(frozen=True, slots=True)
class Restatements:
    """What of a frozen week is another by now, the catalogue's order; `then` is the week as seen, `now` its numbers without rows."""

    of: Frozen
    then: Pack
    now: Pack
    found: tuple[Restated, ...]


@dataclass(frozen=True, slots=True)
class Moved:
    """What an entry adds to one number, on its upper or lower side."""

    number: Restated
    below: bool
    difference: Decimal


@dataclass(frozen=True, slots=True)
class Entry:
    """What was recorded of one customer since the freezing, by the same changes, with every number it moved."""

    customer_id: int
    name: str | None
    causes: tuple[Cause, ...]
    moved: tuple[Moved, ...]


def restated(then: Pack, now: Pack) -> tuple[Restated, ...]:
    """Numbers of the week that differ. A metric that only one of the two knows is no restatement: it was not measured then."""
    known = {line.metric: line for line in then.lines}
    pairs = [Restated(known[line.metric], line) for line in now.lines if line.metric in known]
    return tuple(one for one in pairs if _said(one.then) != _said(one.now))


def _said(line: Line) -> tuple[object, ...]:
    return (line.week_on, line.value, line.numerator, line.denominator)


def since(view: View, of: Frozen, sections: Sequence[Source] = SECTIONS) -> Restatements:
    """Everything that is another by now of one frozen week, for this person's sight; `sections`: rows that `then` keeps.

    Refuses: who may not read metrics.
    """
    then = as_seen(view, of, sections)
    now = build(_by_now(view, of), of.week_on, sections=())
    return Restatements(of, then, now, restated(then, now))


def corrected(view: View, of: Frozen) -> Pack:
    """The frozen week with its rows by all that is known at the view's own moment."""
    return build(_by_now(view, of), of.week_on)


def _by_now(view: View, of: Frozen) -> View:
    return replace(as_known(view, of), known_at=view.known_at)


def last_review(view: View, week_on: date) -> Restatements | None:
    """What of the last week frozen before this one is another by now: for the agenda of the next review. None before the first."""
    of = last_before(view.ledger, view.actor, week_on)
    return since(view, of, ()) if of else None


def behind(view: View, of: Frozen, one: Restated, *, below: bool = False, limit: int = SHOWN) -> Side:
    """The things that made a number another, with the changes behind them; they sum to the difference of that side."""
    at = as_known(view, of)
    as_of = min(one.now.week_on + _SUNDAY, of.as_of)
    found = changed_behind(
        at.ledger,
        at.actor,
        one.metric.name,
        as_of,
        then_at=of.known_at,
        known_at=view.known_at,
        scope=at.cut,
        below=below,
        limit=limit,
    )
    part = lower(one.metric) if below else one.metric.numerator
    return _with_causes(view, of, found, part.base if part else "")


def entries(view: View, of: Frozen, numbers: Iterable[Restated]) -> tuple[Entry, ...]:
    """What made several numbers others, told once by what was entered; what moved most comes first."""
    moved: dict[tuple[int, str | None, tuple[Cause, ...]], dict[tuple[str, bool], Moved]] = {}
    for one in numbers:
        for below in (False, True):
            if not (one.below or one.metric.is_countback if below else one.above):
                continue
            for thing in behind(view, of, one, below=below, limit=TOLD).things:
                sides = moved.setdefault((thing.customer_id, thing.name, thing.causes), {})
                before = sides.get((one.metric.name, below))
                difference = thing.difference + (before.difference if before else 0)
                sides[one.metric.name, below] = Moved(one, below, difference)
    found = (Entry(*key, tuple(side for side in sides.values() if side.difference)) for key, sides in moved.items())
    return tuple(sorted((one for one in found if one.moved), key=lambda one: -max(abs(side.difference) for side in one.moved)))


def _with_causes(view: View, of: Frozen, found: Changed, base: str) -> Side:
    customer_ids = tuple(sorted({row["customer_id"] for row in found.rows}))
    told = rows(view.ledger, view.actor, "recorded_since", since=of.known_at, customer_ids=customer_ids) if customer_ids else []
    return Side(tuple(_thing(row, _causes(told, row, ABOUT.get(base))) for row in found.rows), found.count, found.total)


def _causes(told: Sequence[Mapping[str, Any]], row: Mapping[str, Any], about: str | None) -> tuple[Cause, ...]:
    """The changes of the very thing, else of what else was recorded of its customer: a promise is kept by a payment."""
    of_customer = [one for one in told if one["customer_id"] == row["customer_id"]]
    own = [one for one in of_customer if one["about"] == about and one["thing_id"] == row["thing_id"]]
    return _once(own or of_customer)


def _once(told: Iterable[Mapping[str, Any]]) -> tuple[Cause, ...]:
    found = {
        (one["change_id"], one["made_at"]): Cause(*(one[name] for name in ("change_id", "made_at", "made_by", "command", "undoes")))
        for one in told
    }
    return tuple(found.values())


def _thing(row: Mapping[str, Any], causes: tuple[Cause, ...]) -> Thing:
    named = (row["customer_id"], row["account_no"], row["name"], row["thing_id"])
    return Thing(*named, Decimal(row["then_amount"]), Decimal(row["now_amount"]), causes)
