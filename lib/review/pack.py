"""The pack of one week: every number and row a review looks at, by what was known at a moment. Plain values, kept as text and compared.

A pack is made for one person and holds what that person sees. Made again for the same sight, week and moment it says the same, to the
letter: that is how a frozen one is proved.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from lib.domain.access import Actor
from lib.domain.signals import Assurance, Basis, Rule, Standing
from lib.metrics import METRICS, monday
from lib.metrics.variation import Point, Reading, Verdict, View, read_weeks
from lib.review.sections import SECTIONS, Source
from lib.store.ledger import LATEST
from lib.store.query import catalog, read

MAKER: Final = "2"
"""The version of the rules that make a pack: raise it when the same facts would say something else."""
EVERYBODY: Final = "all"
"""The circle of who sees the whole company."""
_BETWEEN: Final = "、"
"""Stands between the teams of a circle."""
_WEEK: Final = timedelta(days=7)
_SHOWN: Final = 26
"""Weeks of each metric that a pack keeps, the last one it says included."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """One metric in the week. `weeks`: Mondays and values, the oldest first, the last one being what `value` says.

    low, centre, high: where the tested number (`basis`: the level, its change, ...) lies by chance; None without a verdict.
    """

    metric: str
    week_on: date
    value: Decimal | None
    before: Decimal | None
    numerator: Decimal
    denominator: Decimal | None
    n: int
    weeks: tuple[tuple[date, Decimal | None], ...]
    basis: Basis
    standing: Standing
    verdict: Verdict
    rule: Rule | None = None
    low: float | None = None
    centre: float | None = None
    high: float | None = None
    target: Decimal | None = None
    assurance: Assurance | None = None
    points: tuple[Point, ...] = ()
    """The same weeks as they are drawn: number, range, signal."""

    @property
    def is_signal(self) -> bool:
        """Whether the meeting speaks about it."""
        return self.verdict in ("better", "worse")


@dataclass(frozen=True, slots=True)
class Pack:
    """What one circle sees of one week; `known_at` LATEST: by all that is known.

    `tables`: the rows of each section by its name (`lib/review/sections.py`).
    """

    week_on: date
    as_of: date
    known_at: datetime
    circle: str
    currency: str | None
    maker: str
    lines: tuple[Line, ...]
    tables: Mapping[str, tuple[Row, ...]]

    def line(self, metric: str) -> Line:
        """One metric. Fails on one that is in no pack."""
        return next(one for one in self.lines if one.metric == metric)

    @property
    def signals(self) -> tuple[Line, ...]:
        """What is more than usual, the worse first."""
        return tuple(sorted((one for one in self.lines if one.is_signal), key=lambda one: one.verdict != "worse"))


def circle(actor: Actor) -> str:
    """Whose review a person takes part in: the whole company's, that of their teams, or their own.

    A team called like another circle has none: what its people wrote would be read by others.
    """
    if actor.sees_all:
        return EVERYBODY
    teams = actor.teams if actor.scope == "team" else ()
    is_plain = all(team != EVERYBODY and _BETWEEN not in team and not team.startswith("#") for team in teams)
    return _BETWEEN.join(sorted(teams)) if teams and is_plain else f"#{actor.user_id}"


def last_week(today: date) -> date:
    """The Monday of the last week that is over: the one a meeting looks at."""
    return monday(today) - _WEEK


def build(view: View, week_on: date, sections: Sequence[Source] = SECTIONS) -> Pack:
    """The pack of a week up to its Sunday or, where that is still to come, up to the view's date. Refuses: who may not read metrics."""
    as_of = min(week_on + _WEEK - timedelta(days=1), view.as_of)
    at = replace(view, as_of=as_of, known_at=view.known_at or LATEST)
    readings = read_weeks(at, list(METRICS))
    tables = section_rows(at, week_on, sections)
    return Pack(
        week_on,
        as_of,
        at.known_at or LATEST,
        circle(view.actor),
        view.cut.currency,
        MAKER,
        tuple(_line(one) for one in readings.values()),
        tables,
    )


def section_rows(view: View, week_on: date, sections: Sequence[Source] = SECTIONS) -> dict[str, tuple[Row, ...]]:
    """The rows of those sections that the person may read."""
    return {source.name: _rows(view, source, week_on) for source in sections if view.actor.may(source.needs)}


def _line(reading: Reading) -> Line:
    now, found, place = reading.weeks[-1], reading.chart, len(reading.weeks) - 1
    signal, limits = found.signals[place], found.limits[place]
    return Line(
        metric=reading.metric.name,
        week_on=now.week_on,
        value=now.value,
        before=reading.weeks[-2].value,
        numerator=now.numerator,
        denominator=now.denominator,
        n=now.n,
        weeks=tuple((week.week_on, week.value) for week in reading.weeks[-_SHOWN:]),
        basis=found.basis,
        standing=found.standing,
        verdict=reading.verdict,
        rule=signal.rule if signal else None,
        low=limits.low if limits else None,
        centre=limits.centre if limits else None,
        high=limits.high if limits else None,
        target=reading.held.target,
        assurance=reading.assurance,
        points=tuple(_short(point) for point in reading.points[-_SHOWN:]),
    )


def _short(point: Point) -> Point:
    """As exact as a drawing needs."""
    value, low, centre, high = (None if end is None else float(f"{end:.7g}") for end in point[:4])
    return Point(value, low, centre, high, point.verdict)


def _rows(view: View, source: Source, week_on: date) -> tuple[Row, ...]:
    """A section's rows; its query gets those parameters that it takes."""
    cut = {name: getattr(view.cut, name) for name in view.cut.__dataclass_fields__}
    given: dict[str, Hashable] = {
        **cut,
        "as_of": view.as_of,
        "known_at": view.known_at,
        "week_on": week_on,
        "from_on": week_on - timedelta(days=1),
        "since": week_on,
    }
    given |= {**dict(source.parameters), "circle": circle(view.actor), "limit": source.most}
    taken = catalog()[source.query].parameters
    answer = read(view.ledger, view.actor, source.query, **{name: value for name, value in given.items() if name in taken})
    # Cut before it becomes records: 24,000 stopped customers would cost a third of a second each time, of whom ten are shown.
    found: list[dict[str, Any]] = answer.slice(0, source.most).to_pylist()
    told = source.adds(view, found) if source.adds else found
    return tuple({name: row[name] for name in source.columns} for row in told)


# --- as text


def to_text(pack: Pack) -> str:
    """The pack as JSON that is always written alike: keys in order, amounts as exact digits, days and moments as ISO."""
    return json.dumps(asdict(pack), ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain)


def from_text(text: str) -> Pack:
    """The pack a text was made of; the cells of its tables are as they were written: amounts and days as text."""
    body = json.loads(text)
    days = {name: date.fromisoformat(body[name]) for name in ("week_on", "as_of")}
    lines = tuple(_line_from(one) for one in body["lines"])
    tables = {name: tuple(found) for name, found in body["tables"].items()}
    return Pack(**{**body, **days, "known_at": datetime.fromisoformat(body["known_at"]), "lines": lines, "tables": tables})


def sha256(text: str) -> str:
    """The hash that proves a frozen text."""
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    raise TypeError(f"no way to write {type(value)} into a pack")


def _line_from(one: dict[str, Any]) -> Line:
    exact = {name: _decimal(one[name]) for name in ("value", "before", "numerator", "denominator", "target")}
    weeks = tuple((date.fromisoformat(day), _decimal(value)) for day, value in one["weeks"])
    points = tuple(Point(*point) for point in one["points"])
    return Line(**{**one, **exact, "week_on": date.fromisoformat(one["week_on"]), "weeks": weeks, "points": points})


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
