"""What the rows of metrics add up to, week by week or stretch by stretch, and what number that makes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, cast

from lib.domain.access import Actor
from lib.metrics import compile as compiler
from lib.metrics import countback
from lib.metrics.metric import Metric, Part
from lib.store.ledger import LATEST, Ledger
from lib.store.query import ask, ask_all
from lib.store.stacking import unstacked
from lib.text import Text

_NOTHING: Final = Text("这段时间没有可计算的数据", "There was nothing to measure in that time")
_TOO_LITTLE: Final = Text("账本里的开票额少于未收金额，无法倒推", "All billing on record is less than what is open")


@dataclass(frozen=True, slots=True)
class Cut:
    """Which customers and which money is measured; null means all customers, and money in every currency only when there is one."""

    currency: str | None = None
    owner_id: int | None = None
    team: str | None = None
    region: str | None = None
    segment: str | None = None


EVERYTHING: Final = Cut()


@dataclass(slots=True)
class Sums:
    """Per part and group: a sum and a count for each week number, -1 for all before."""

    weeks: dict[tuple[Part, str | None], dict[int, tuple[Decimal, int]]] = field(default_factory=lambda: defaultdict(dict))
    growth: dict[tuple[Part, str | None], dict[int, Decimal]] = field(default_factory=lambda: defaultdict(dict))
    first_on: date = date.min
    labels: set[str | None] = field(default_factory=set)
    billed: dict[str | None, list[tuple[date, Decimal]]] = field(default_factory=lambda: defaultdict(list))


@dataclass(frozen=True, slots=True)
class Amount:
    """A metric over some weeks or days; `note` says why there is no value."""

    value: Decimal | None
    numerator: Decimal
    denominator: Decimal | None
    n: int
    note: Text | None = None


def asked(cut: Cut, as_of: date, known_at: datetime | None, first_on: date, weeks: int) -> dict[str, Hashable]:
    """The parameters of a compiled statement."""
    filters = {name: getattr(cut, name) for name in cut.__dataclass_fields__}
    return {**filters, "as_of": as_of, "known_at": known_at or LATEST, "first_on": first_on, "weeks": weeks}


def read_sums(ledger: Ledger, actor: Actor, chosen: Sequence[Metric], by: str | None, values: dict[str, Hashable]) -> Sums:
    """All parts of some metrics, by week; with `places` among the values by the stretches they tell apart."""
    sums = Sums(first_on=cast("date", values["first_on"]), labels=set() if by else {None})
    parts = compiler.parts(chosen)
    of_money = {base: wanted for base, wanted in parts.items() if base in compiler.MONEY}
    of_crowds = {base: wanted for base, wanted in parts.items() if base not in compiler.MONEY}
    billed = any(metric.is_countback for metric in chosen)
    counted = {base: compiler.weekly(base, wanted, by, by_stretch="places" in values) for base, wanted in parts.items()}
    found = []
    if of_crowds:
        weekly = tuple((base, counted[base]) for base in of_crowds)
        found += ask(ledger, actor, compiler.seen(of_crowds, by), values, {"weekly": weekly}).to_pylist()
    if of_money or billed:
        weekly = tuple((base, counted[base]) for base in of_money) + (((compiler.BILLING, compiler.daily_billing()),) if billed else ())
        found += ask_all(ledger, actor, weekly, values, {"line": compiler.money_lines(by)}).to_pylist()
    for row in found:
        _add(sums, parts, row)
    return sums


def _add(sums: Sums, parts: Mapping[str, Sequence[Part]], row: dict[str, Any]) -> None:
    number, label = _reader(row), row["label"]
    sums.labels.add(label)
    if row["base"] == compiler.BILLING:
        sums.billed[label].append((row["on_date"], number("amount_0")))
        return
    wanted = parts[row["base"]]
    for part, (added, count, growth) in zip(wanted, compiler.columns(wanted), strict=True):
        sums.weeks[part, label][row["week_no"]] = number(added), int(row[count] or 0)
        if part.grows:
            sums.growth[part, label][row["week_no"]] = number(growth)


def _reader(row: dict[str, Any]) -> Callable[[str], Decimal]:
    """How to read a number of a stacked row, with the decimals it had."""
    places = unstacked(row["places"])
    return lambda name: Decimal(row[name]).quantize(places[name]) if row[name] else Decimal(0)


def amount(metric: Metric, sums: Sums, label: str | None, weeks: range, until_on: date) -> Amount:
    """The number of some weeks, of which the last ends on a day."""
    numerator, n = total(sums, metric.numerator, label, weeks)
    numerator += _grown(sums, metric.numerator, label, weeks[-1], until_on)
    denominator = None
    if metric.denominator:
        denominator, n = total(sums, metric.denominator, label, weeks)
    if metric.is_countback:
        value = countback.days(numerator, sums.billed[label], until_on)
        return Amount(value, numerator, denominator, n, _TOO_LITTLE if value is None else None)
    if denominator is None:
        return Amount(numerator, numerator, None, n)
    value = metric.scale * numerator / denominator if denominator else None
    return Amount(value, numerator, denominator, n, _NOTHING if value is None else None)


def total(sums: Sums, part: Part, label: str | None, weeks: range) -> tuple[Decimal, int]:
    """A part's sum and count: of the weeks, up to the last of them where it is running, of that one alone where it spans its window."""
    found = sums.weeks[part, label]
    counted = range(-1, weeks.stop) if part.running else weeks[-1:] if part.spans_window else weeks
    known = [found[week] for week in counted if week in found]
    return sum((added for added, _ in known), Decimal(0)), sum(count for _, count in known)


def _grown(sums: Sums, part: Part, label: str | None, week_no: int, until_on: date) -> Decimal:
    """What a growing part gained since the first week began."""
    found = sums.growth[part, label]
    return sum((added for week, added in found.items() if week <= week_no), Decimal(0)) * (until_on - sums.first_on).days
