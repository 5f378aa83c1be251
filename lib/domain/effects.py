"""Whether what was done moved the number: its weeks after against its weeks before, by the number's own test. Pure.

One question is asked once, on the day that was agreed: the mean of the weeks after is held against that of the weeks before, on the scale
on which the number's signals are found (`lib/domain/signals.py`). Looking anew each week would find an effect sooner or later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb, copysign, inf, sqrt
from typing import Final, Literal

from lib.domain.signals import FEWEST_WEEKS, FULL_BASELINE, Nature, Scale, Week, resemblance, scale

Way = Literal["up", "down"]
Effect = Literal["works", "unclear", "worse", "early"]

_SURE: Final = 2.5
"""Standard errors beyond which the two means differ; of pure chance under 3 in 100 do (see the simulation test)."""
_UNLIKELY: Final = 0.0125
"""The same for rare events, on each side."""
_SPREAD: Final = 1.128
"""A mean moving range in standard deviations."""


@dataclass(frozen=True, slots=True)
class Span:
    """Places in a row of weeks: those before `first` are before, those from there to `last` after; `last` may lie beyond the row.

    The week in which it was done is `first - 1` and belongs to neither.
    """

    first: int
    last: int


def effect(weeks: Sequence[Week], nature: Nature, span: Span, wanted: Way, season: Sequence[float | None] = ()) -> Effect:
    """The verdict on the weeks of a metric, the oldest first; before the last agreed week is over it is too early for one.

    `season`: as in `signals.chart`.
    """
    if span.last >= len(weeks):
        return "early"
    usual = range(max(span.first - 1 - FULL_BASELINE, 0), span.first - 1)
    found = _moved(scale(weeks, nature, usual, season), usual, range(span.first, span.last + 1))
    if found == 0:
        return "unclear"
    return "works" if (found > 0) == (wanted == "up") else "worse"


def _moved(scaled: Scale, usual: range, after: range) -> Literal[-1, 0, 1]:
    """Up, down, or nothing that chance could not do; nothing where there are too few weeks to say."""
    known = [place for place in after if scaled.places[place] is not None]
    if scaled.known(usual) < FEWEST_WEEKS or not known:
        return 0
    if scaled.basis == "count":
        return _of_events(scaled, usual, known)
    before, answers = scaled.usual(usual), sum(scaled.answers[place] for place in known)
    mean = sum((scaled.places[place] or 0.0) * scaled.answers[place] for place in known) / answers
    rested = sum(scaled.answers[place] for place in usual if scaled.places[place] is not None)
    error = before.moving_range / _SPREAD * sqrt((1 / answers + 1 / rested) * _inflated(scaled, usual))
    moved = mean - before.centre
    away = moved / error if error else copysign(inf, moved) if moved else 0.0
    # What still grows, if less than usual, has not fallen.
    if abs(away) <= _SURE or (scaled.basis == "change" and away * mean < 0):
        return 0
    return 1 if away > 0 else -1


def _inflated(scaled: Scale, usual: range) -> float:
    """Weeks that resemble each other say less together, and differ less from one to the next: by how much the variance of a mean grows."""
    alike = max(resemblance([place for place in scaled.places[usual.start : usual.stop] if place is not None]), 0.0)
    return (1 + alike) / (1 - alike) ** 2


def _of_events(scaled: Scale, usual: range, after: Sequence[int]) -> Literal[-1, 0, 1]:
    """Of all events, how many fall into the weeks after: by chance their share of the weeks."""
    before = [value for value in (scaled.tested[place] for place in usual) if value is not None]
    later = [scaled.tested[place] or 0.0 for place in after]
    total, hits, share = int(sum(before) + sum(later)), int(sum(later)), len(later) / (len(before) + len(later))
    chances = [comb(total, count) * share**count * (1 - share) ** (total - count) for count in range(total + 1)]
    if sum(chances[hits:]) < _UNLIKELY:
        return 1
    return -1 if sum(chances[: hits + 1]) < _UNLIKELY else 0
