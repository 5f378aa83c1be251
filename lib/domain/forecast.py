"""How far a forecast of cash can be trusted: what past forecasts missed, beside the naive rule, and the band that follows. Pure.

Source: spec 12 §3. Bands come from past errors: customers pay in batches, so bands simulated from single invoices would be far too narrow.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

WEEKS: Final = 13
_FEWEST_ERRORS: Final = 5
"""Fewer past forecasts than this give no band."""
_LOW, _HIGH = 0.1, 0.9
_GROUPS: Final = (range(1, 2), range(2, 5), range(5, WEEKS + 1))
"""Weeks ahead whose errors are alike: next week, the rest of the month, later."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What was expected on a day for one week after it, by habit and by due date, and what came; `paid` is None while the week runs."""

    origin_on: date
    week_no: int
    expected: Decimal
    naive: Decimal
    paid: Decimal | None

    @property
    def until_on(self) -> date:
        """The last day of the week meant."""
        return self.origin_on + timedelta(weeks=self.week_no)


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Absolute errors over weeks that are over, as a share of what came: of the forecast and of the naive rule."""

    expected_rate: float
    naive_rate: float
    weeks: int


def accuracy(forecasts: Iterable[Forecast]) -> Accuracy | None:
    """How far past forecasts missed; None when no week is over or nothing came."""
    over = [(one, one.paid) for one in forecasts if one.paid is not None]
    came = sum((paid for _, paid in over), Decimal(0))
    if came <= 0:
        return None
    missed = sum((abs(one.expected - paid) for one, paid in over), Decimal(0))
    naive = sum((abs(one.naive - paid) for one, paid in over), Decimal(0))
    return Accuracy(float(missed / came), float(naive / came), len(over))


def band(past: Sequence[Forecast], ahead: Forecast) -> tuple[Decimal, Decimal] | None:
    """Between what and what the week should lie four times in five, by how past forecasts so many weeks ahead came out."""
    alike = next(group for group in _GROUPS if ahead.week_no in group)
    ratios = sorted(float(one.paid / one.expected) for one in past if one.paid is not None and one.week_no in alike and one.expected > 0)
    if len(ratios) < _FEWEST_ERRORS:
        return None
    low, high = (Decimal(str(round(_quantile(ratios, at), 6))) for at in (_LOW, _HIGH))
    return (ahead.expected * low).quantize(Decimal("0.01")), (ahead.expected * high).quantize(Decimal("0.01"))


def coverage(forecasts: Sequence[Forecast]) -> tuple[int, int]:
    """Of past weeks, how many lay within the band that could have been drawn then, and how many had one."""
    judged = [
        low_high[0] <= one.paid <= low_high[1]
        for one in forecasts
        if one.paid is not None and (low_high := band([past for past in forecasts if past.until_on <= one.origin_on], one))
    ]
    return sum(judged), len(judged)


def _quantile(ordered: Sequence[float], at: float) -> float:
    place = at * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
