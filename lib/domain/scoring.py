"""The credit score as a sum people can follow: the points of each part, what they add up to, and what would lift the grade.

Source: ⑤4.1. The weights stand in the policy 'classification'; `credit_score_of` (`lib/sql/views/40_classification.sql`) works out the
same for everyone at once, `tests/test_domain_scoring.py` holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

PARTS: Final = ("punctuality", "overdue", "promises", "tenure", "stability", "ability")
GRADES: Final = ("low", "mid", "high")
_YEAR: Final = 365.25
_QUARTERS: Final = 4


@dataclass(frozen=True, slots=True)
class Weights:
    """How many points each part can bring, and from how many on a grade is given."""

    points: Mapping[str, float]
    size: Mapping[str, float]
    tenure_years: float
    high: float
    mid: float
    known_from: int
    grace_days: int

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Weights:
        """The weights in a classification policy."""
        credit, habit = body["credit"], body["habit"]
        points = {name: float(credit[name]) for name in PARTS}
        limits = {name: float(credit[name]) for name in ("tenure_years", "high", "mid")}
        return cls(points, credit["size"], **limits, known_from=int(habit["invoices"]), grace_days=int(habit["grace_days"]))


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a customer; amounts only matter by their share."""

    paid_invoices: int
    on_time_rate: float | None
    open_amount: float
    overdue_amount: float
    kept_promises: int | None
    judged_promises: int | None
    first_on: date | None
    active_quarters: int | None
    size: str | None


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the score: the points earned of those it can bring. Nothing earned is 0, nothing known is None."""

    name: str
    earned: float | None
    most: float


@dataclass(frozen=True, slots=True)
class Debt:
    """An overdue invoice that could be paid."""

    invoice_no: str
    open_amount: float
    days_overdue: int


@dataclass(frozen=True, slots=True)
class Lift:
    """What paying some invoices would do: the points more, and the grade it would lead to."""

    invoices: tuple[str, ...]
    gain: float
    grade: str


def parts(facts: Facts, weights: Weights, as_of: date) -> tuple[Part, ...]:
    """Each part with its points; a part nobody knows has none and does not count."""
    shares = (
        facts.on_time_rate if facts.paid_invoices >= weights.known_from else None,
        1 - min(1.0, max(0.0, facts.overdue_amount / facts.open_amount if facts.open_amount else 0.0)),
        (facts.kept_promises or 0) / facts.judged_promises if facts.judged_promises else None,
        min(1.0, (as_of - facts.first_on).days / (_YEAR * weights.tenure_years)) if facts.first_on else None,
        min(1.0, facts.active_quarters / _QUARTERS) if facts.active_quarters is not None else None,
        weights.size.get(facts.size) if facts.size else None,
    )
    earned = (None if share is None else weights.points[name] * share for name, share in zip(PARTS, shares, strict=True))
    return tuple(Part(name, points, weights.points[name]) for name, points in zip(PARTS, earned, strict=True))


def score(of: Sequence[Part]) -> float | None:
    """The points earned of those that could have been, out of 100; None when nothing is known."""
    most = sum(part.most for part in of if part.earned is not None)
    return 100 * sum(part.earned for part in of if part.earned is not None) / most if most else None


def grade(facts: Facts, weights: Weights, as_of: date) -> str:
    """High, mid or low; 'unrated' as long as too few invoices are settled to know how someone pays."""
    reached = score(parts(facts, weights, as_of))
    if facts.paid_invoices < weights.known_from or facts.on_time_rate is None or reached is None:
        return "unrated"
    return "high" if reached >= weights.high else "mid" if reached >= weights.mid else "low"


def visible(of: Sequence[Part]) -> tuple[Part, ...]:
    """The known parts out of 100, in whole points that add up exactly to the score as shown."""
    known = [part for part in of if part.earned is not None]
    scale = 100 / (sum(part.most for part in known) or 1)
    exact = [(part.earned or 0) * scale for part in known]
    whole = [int(value) for value in exact]
    missing = int(sum(exact) + 0.5) - sum(whole)
    first = sorted(range(len(known)), key=lambda place: round(whole[place] - exact[place], 6))
    for place in first[:missing]:
        whole[place] += 1
    return tuple(Part(part.name, points, part.most * scale) for part, points in zip(known, whole, strict=True))


def lift(facts: Facts, debts: Sequence[Debt], weights: Weights, as_of: date) -> Lift | None:
    """The fewest invoices, the oldest first, whose payment leads to a better grade, else those that bring most; None when nothing does.

    Paid late they count as late: that can cost points, and a promise of more would be false.
    """
    now, before = score(parts(facts, weights, as_of)), grade(facts, weights, as_of)
    best: Lift | None = None
    for count in range(1, len(debts) + 1):
        paid = _paid(facts, debts[:count], weights)
        reached, after = score(parts(paid, weights, as_of)), grade(paid, weights, as_of)
        if reached is None or now is None or (reached <= now and before != "unrated"):
            continue
        found = Lift(tuple(debt.invoice_no for debt in debts[:count]), reached - now, after)
        if after != before and after in GRADES:
            return found
        best = found if best is None or found.gain > best.gain else best
    return best if before != "unrated" else None


def still_needed(facts: Facts, weights: Weights) -> int:
    """How many more settled invoices it takes until a grade is given."""
    return max(0, weights.known_from - facts.paid_invoices)


def _paid(facts: Facts, debts: Sequence[Debt], weights: Weights) -> Facts:
    """The same customer once these invoices are settled."""
    amount = sum(debt.open_amount for debt in debts)
    punctual = (facts.on_time_rate or 0) * facts.paid_invoices + sum(debt.days_overdue <= weights.grace_days for debt in debts)
    count = facts.paid_invoices + len(debts)
    owed = replace(facts, open_amount=facts.open_amount - amount, overdue_amount=facts.overdue_amount - amount)
    return replace(owed, paid_invoices=count, on_time_rate=punctual / count)
