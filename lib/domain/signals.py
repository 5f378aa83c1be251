"""Signals: which change of a weekly number is more than its usual ups and downs. Pure.

Process behaviour charts (Wheeler): limits stand 2.66 mean moving ranges around the mean of the baseline. What is tested depends on what the
number is, because plain limits are wrong half of the time: a stock by its weekly change, a share with limits as wide as its number of
answers is small (after Laney 2002), rare events by how likely so many are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import exp, inf, log, sqrt
from statistics import fmean, median
from typing import Final, Literal

from lib.text import Text

Nature = Literal["flow", "stock", "ratio"]
Basis = Literal["level", "change", "share", "count"]
Rule = Literal["beyond", "near", "run"]
Standing = Literal["none", "trial", "full"]
Assurance = Literal["met", "missed", "either", "changing"]

FULL_BASELINE: Final = 26
"""Weeks from which limits are no longer on trial."""
FEWEST_WEEKS: Final = 8
"""Below this many there is no verdict: of six weeks one in eight would be a false signal."""
FALSE_SIGNALS: Final = 0.022
"""About how many weeks of pure chance are taken for a signal; the simulation test holds each kind of number under 3 in 100."""
FEWEST_ANSWERS: Final = 5
"""A share of fewer answers waits for those of the next week."""
_RARE: Final = 2.0
"""Events a week below which each is looked at by itself."""
_FEW: Final = 25.0
_HALF: Final = 0.375
_WIDTH: Final = 2.66
_INERTIA: Final = 0.3
_EVEN: Final = 0.25
_UNEVEN: Final = 2.5
_ENOUGH: Final = 10
_UNLIKELY: Final = 0.00135
_RUN: Final = 8
_NEAR_OF: Final = 4
_NEAR: Final = 3

RULE: Final[dict[Rule, Text]] = {
    "beyond": Text("超出平常的范围", "outside its usual range"),
    "near": Text("近 4 周有 3 周接近边界", "near the edge in 3 of 4 weeks"),
    "run": Text("连续 8 周在同一侧", "8 weeks on one side"),
}


ASSURANCE: Final[dict[Assurance, Text]] = {
    "met": Text("✓ 稳定达标", "✓ met as a rule"),
    "missed": Text("✗ 稳定不达标", "✗ missed as a rule"),
    "either": Text("? 时好时坏", "? now met, now missed"),
    "changing": Text("≈ 变化中", "≈ changing"),
}


@dataclass(frozen=True, slots=True)
class Week:
    """One week's number; `n` is how many answers or events a share rests on."""

    value: float | None
    n: int = 0


@dataclass(frozen=True, slots=True)
class Limits:
    """Where a week lies when nothing but chance is at work."""

    low: float
    centre: float
    high: float


@dataclass(frozen=True, slots=True)
class Signal:
    """One week that is more than chance: by which rule, and whether it lies above or below."""

    rule: Rule
    is_above: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """A number's weeks as they are tested, oldest first. None: not tested, pooled into a later week, or within chance."""

    basis: Basis
    standing: Standing
    tested: tuple[float | None, ...]
    limits: tuple[Limits | None, ...]
    signals: tuple[Signal | None, ...]
    baseline_weeks: int = 0
    has_inertia: bool = False
    """A week resembles the one before so much that the change is tested, not the level."""


@dataclass(frozen=True, slots=True)
class Usual:
    """The centre of a baseline and its mean moving range, on the scale of its weeks."""

    centre: float
    moving_range: float
    weeks: int


@dataclass(frozen=True, slots=True)
class Scale:
    """A number's weeks on the scale on which chance moves them evenly (`places`) and as they are read (`tested`).

    `answers` is on how much each rests, all 1 but for shares. `back` says a place as the number a person reads, `season` what to take it
    times in each week. `has_inertia`: a week resembles the one before so much that changes are tested in place of levels.
    """

    basis: Basis
    places: tuple[float | None, ...]
    tested: tuple[float | None, ...]
    answers: tuple[int, ...]
    back: Callable[[float], float] = float
    season: tuple[float, ...] = ()
    has_inertia: bool = False

    def usual(self, baseline: range | None) -> Usual:
        """Centre and spread of the baseline's weeks."""
        known = [(place, answers) for place, answers in self._of(baseline) if place is not None]
        centre = sum(place * answers for place, answers in known) / sum(answers for _, answers in known)
        return Usual(centre, _moving_range([(place - centre) * sqrt(answers) for place, answers in known]), len(known))

    def known(self, baseline: range | None) -> int:
        """How many weeks of the baseline can be tested."""
        return sum(place is not None for place, _ in self._of(baseline))

    def _of(self, baseline: range | None) -> list[tuple[float | None, int]]:
        every = list(zip(self.places, self.answers, strict=True))
        return every[baseline.start : baseline.stop] if baseline else every

    def limits(self, usual: Usual, week: int) -> Limits:
        """Where a week lies by chance, as it is read; of few answers further apart."""
        times = self.season[week] if self.season else 1.0
        reach = _WIDTH * usual.moving_range / sqrt(self.answers[week])
        low, centre, high = (self.back(usual.centre + side * reach) * times for side in (-1, 0, 1))
        return Limits(low, centre, high)


def chart(weeks: Sequence[Week], nature: Nature, baseline: range | None = None, season: Sequence[float | None] = ()) -> Chart:
    """Test each week against the weeks of the baseline (places in `weeks`); without one against all of them, on trial.

    `season`: how much more than an ordinary week each is by the calendar alone; None: nothing can be said of that week.
    """
    scaled = scale(weeks, nature, baseline, season)
    if scaled.known(baseline) < FEWEST_WEEKS:
        return _silent(scaled)
    if scaled.basis == "count":
        return _of_counts(scaled, baseline)
    found = _judged(scaled, baseline)
    # A week in which nobody worked is on record all the same.
    closed = sum(times is None for times in (season[baseline.start : baseline.stop] if baseline else season))
    return replace(found, standing=_standing(found.baseline_weeks + closed))


def scale(weeks: Sequence[Week], nature: Nature, baseline: range | None = None, season: Sequence[float | None] = ()) -> Scale:
    """What of a number is tested, and on which scale: it follows from its nature and the weeks of the baseline."""
    if nature == "ratio":
        return _of_shares(_pooled(weeks), baseline)
    values = [week.value for week in weeks]
    if nature == "stock":
        return _of_changes(values)
    if _are_rare(values, baseline):
        return _plain("count", values)
    evened = [value if not season else _over(value, season[place]) for place, value in enumerate(values)]
    if _has_inertia(_within(evened, baseline)):
        return replace(_of_changes(evened), has_inertia=True)
    times = tuple(one or 1.0 for one in season)
    tested = tuple(None if even is None else value for even, value in zip(evened, values, strict=True))
    there, back = _transform(values, evened, baseline)
    places = tuple(None if value is None else there(value) for value in evened)
    return Scale("level", places, tested, (1,) * len(values), back, times)


def assurance(found: Chart, values: Sequence[float | None], target: float, *, more_is_better: bool) -> Assurance | None:
    """Whether chance alone keeps a number on the right side of its target: by its limits, or its last weeks where limits are of changes.

    A signal in the last week says that limits of the past no longer hold. None: too few weeks to say.
    """
    last = next((limits for limits in reversed(found.limits) if limits), None)
    if last is None:
        return None
    if found.signals[-1]:
        return "changing"
    near, far = (last.low, last.high) if found.basis != "change" else _span([value for value in values if value is not None][-_RUN:])
    good, bad = (near >= target, far < target) if more_is_better else (far <= target, near > target)
    return "met" if good else "missed" if bad else "either"


def _span(values: Sequence[float]) -> tuple[float, float]:
    return min(values), max(values)


def _over(value: float | None, times: float | None) -> float | None:
    return None if value is None or times is None else value / times


def _plain(basis: Basis, values: Sequence[float | None]) -> Scale:
    return Scale(basis, tuple(values), tuple(values), (1,) * len(values))


def _transform(
    values: Sequence[float | None], evened: Sequence[float | None], baseline: range | None
) -> tuple[Callable[[float], float], Callable[[float], float]]:
    """Small counts are tested by their roots and amounts of very different size by their logs, which vary evenly: there and back."""
    if _are_counts(values, baseline):
        return lambda count: sqrt(count + _HALF), lambda root: max(root, 0.0) ** 2 - _HALF
    return (log, exp) if _are_sizes(evened, baseline) else (float, float)


def _of_changes(values: Sequence[float | None]) -> Scale:
    return _plain("change", [None, *(None if now is None or then is None else now - then for then, now in pairwise(values))])


def _of_shares(weeks: Sequence[Week], baseline: range | None) -> Scale:
    """Shares of about as many answers each week are levels; else limits are wider where there are fewer answers."""
    values = [week.value for week in weeks]
    known = [week for week in (weeks[baseline.start : baseline.stop] if baseline else weeks) if week.value is not None]
    usual = median(week.n for week in known) if known else 0
    if known and all(week.n >= _ENOUGH and abs(week.n - usual) <= _EVEN * usual for week in weeks if week.value is not None):
        if _has_inertia([week.value for week in known if week.value is not None]):
            return replace(_of_changes(values), has_inertia=True)
        return _plain("level", values)
    return Scale("share", tuple(values), tuple(values), tuple(week.n for week in weeks))


def _of_counts(scaled: Scale, baseline: range | None) -> Chart:
    """Rare events: so many in a week, or so long none, is less likely than 1 in 740 at the baseline's rate, itself only known so well."""
    values, known = scaled.tested, _within(scaled.tested, baseline)
    rate = sum(known) / len(known)
    high = _highest_by_chance(sum(known), len(known))
    limits = [None if value is None else Limits(0.0, rate, high) for value in values]
    signals: list[Signal | None] = []
    quiet = 0
    for value in values:
        quiet = quiet + 1 if value == 0 else 0
        silent = exp(-rate * quiet) < _UNLIKELY and rate > 0
        above = value is not None and value > high
        signals.append(Signal("beyond", is_above=True) if above else Signal("run", is_above=False) if silent else None)
    return Chart("count", _standing(len(known)), values, tuple(limits), tuple(signals), len(known))


def _highest_by_chance(events: float, weeks: int) -> float:
    """The most events in one week that are not a signal: the predictive (negative binomial) law of a rate known from so many weeks."""
    shape, odds = events + 0.5, weeks / (weeks + 1)
    chance = odds**shape
    left, count = 1 - chance, 0
    while left > _UNLIKELY:
        chance *= (shape + count) / (count + 1) * (1 - odds)
        count += 1
        left -= chance
    return float(count)


def _judged(scaled: Scale, baseline: range | None) -> Chart:
    """The three rules, asked at each week about it and the known weeks before it."""
    usual = scaled.usual(baseline)
    signals: list[Signal | None] = []
    ways: list[float] = []
    for place, answers, tested in zip(scaled.places, scaled.answers, scaled.tested, strict=True):
        if place is None or tested is None:
            signals.append(None)
            continue
        reach = _WIDTH * usual.moving_range / sqrt(answers)
        away = place - usual.centre
        ways.append(away / reach if reach else inf if away > 0 else -inf if away < 0 else 0.0)
        found = _rule(ways, near=scaled.basis == "level")
        # What still grows, if less than usual, has not fallen: nobody would call that better.
        signals.append(None if found and scaled.basis == "change" and found.is_above != (tested > 0) else found)
    limits = tuple(None if place is None else scaled.limits(usual, week) for week, place in enumerate(scaled.places))
    return Chart(scaled.basis, _standing(usual.weeks), scaled.tested, limits, tuple(signals), usual.weeks, has_inertia=scaled.has_inertia)


def _rule(places: Sequence[float], *, near: bool) -> Signal | None:
    """What the last of these says; a place is 0 at the centre and 1 at the upper limit.

    `near`: three of four close to a limit say something; of changes and of few answers too often nothing (see the simulation test).
    """
    last = places[-1]
    if abs(last) > 1:
        return Signal("beyond", is_above=last > 0)
    side = 1 if last > 0 else -1
    recent = [place * side for place in places[-_NEAR_OF:]]
    if near and recent[-1] > 1 / 2 and sum(place > 1 / 2 for place in recent) >= _NEAR:
        return Signal("near", is_above=last > 0)
    run = [place * side > 0 for place in places[-_RUN:]]
    return Signal("run", is_above=last > 0) if len(run) == _RUN and all(run) else None


def _pooled(weeks: Sequence[Week]) -> list[Week]:
    """Weeks of too few answers wait: what they say is counted with the next."""
    found: list[Week] = []
    total, answers = 0.0, 0
    for week in weeks:
        if week.value is not None:
            total, answers = total + week.value * week.n, answers + week.n
        if answers >= FEWEST_ANSWERS:
            found.append(Week(total / answers, answers))
            total, answers = 0.0, 0
        else:
            found.append(Week(None))
    return found


def _within(values: Sequence[float | None], baseline: range | None) -> list[float]:
    chosen = values[baseline.start : baseline.stop] if baseline else values
    return [value for value in chosen if value is not None]


def _are_rare(values: Sequence[float | None], baseline: range | None) -> bool:
    return _are_counts(values, baseline) and fmean(_within(values, baseline)) < _RARE


def _are_counts(values: Sequence[float | None], baseline: range | None) -> bool:
    known = _within(values, baseline)
    return bool(known) and all(value is None or (value >= 0 and value == int(value)) for value in values) and fmean(known) < _FEW


def _are_sizes(values: Sequence[float | None], baseline: range | None) -> bool:
    known = _within(values, baseline)
    return bool(known) and all(value is None or value > 0 for value in values) and max(known) > _UNEVEN * min(known)


def _has_inertia(known: Sequence[float]) -> bool:
    """Whether a week resembles the one before so much (lag-1 correlation over 0.3) that limits of the level would cry wolf."""
    return len(known) >= FEWEST_WEEKS and resemblance(known) > _INERTIA


def resemblance(known: Sequence[float]) -> float:
    """How much a week resembles the one before: their correlation, -1 to 1."""
    centre = fmean(known)
    spread = sum((value - centre) ** 2 for value in known)
    pairs = sum((then - centre) * (now - centre) for then, now in pairwise(known))
    return pairs / spread if spread > 0 else 0.0


def _moving_range(known: Sequence[float]) -> float:
    return fmean(abs(now - then) for then, now in pairwise(known))


def _standing(baseline_weeks: int) -> Standing:
    return "full" if baseline_weeks >= FULL_BASELINE else "trial"


def _silent(scaled: Scale) -> Chart:
    nothing = (None,) * len(scaled.tested)
    return Chart(scaled.basis, "none", scaled.tested, nothing, nothing)
