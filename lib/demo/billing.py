"""What is billed and how each invoice will be paid: the plan; `paying` writes the money from it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Final

from lib.demo import stories
from lib.demo.companies import Company
from lib.demo.moments import (
    CLOSE,
    END,
    START,
    billing_weights,
    office_hour,
    weekday_after,
    weekday_before,
    working_days,
    working_on_or_after,
    working_on_or_before,
    written_down,
)
from lib.demo.sources import chance, happens

NEVER: Final = date(2099, 1, 1)
"""The day on which what nobody pays is paid."""


@dataclass(frozen=True, slots=True)
class Habit:
    """How a customer pays: share on time, mean days late otherwise, shares paid in two parts and never."""

    on_time: float
    late_days: float
    in_parts: float
    never: float


HABITS: Final = {
    "prompt": Habit(0.91, 7, 0.01, 0.0003),
    "mixed": Habit(0.63, 20, 0.06, 0.002),
    "late": Habit(0.28, 35, 0.13, 0.006),
    "chronic": Habit(0.06, 70, 0.20, 0.03),
}
_MENDED: Final = Habit(0.84, 12, 0.02, 0.0)
"""What the mending region came to."""
_EVERY_SIXTH: Final = slice(2, None, 6)
_CREDITED: Final = 0.015
_DISPUTED: Final = 0.004
_MISTYPED: Final = 0.0006
_LATE_RECORDED: Final = 0.015
_GROWTH: Final = 1.06
_WRITE_OFF_AFTER: Final = 270
_LEAST_SPLIT: Final = 100_00
_MOST_LOST: Final = 60_000_00
"""What is never paid is less than this: larger debts end in court, not in a demo."""


@dataclass(frozen=True, slots=True)
class Part:
    """Money that takes from an invoice on a day."""

    kind: str
    on: date
    cents: int


@dataclass(frozen=True, slots=True)
class Dispute:
    """A quarrel over an invoice."""

    on: date
    resolved_on: date
    cents: int


@dataclass(frozen=True, slots=True)
class Mistake:
    """An amount first recorded wrong, and when that was mended."""

    cents: int
    mended_at: datetime


@dataclass(frozen=True, slots=True)
class Invoice:
    """One invoice with its fate; `no` is unique within the company. Parts after the demo date have not happened."""

    company: Company
    no: int
    on: date
    due: date
    cents: int
    recorded_at: datetime
    parts: tuple[Part, ...]
    dispute: Dispute | None = None
    mistake: Mistake | None = None

    @property
    def settled_on(self) -> date:
        """The day it will be paid in full."""
        return max(part.on for part in self.parts)

    def open_cents(self, day: date) -> int:
        """What is still open at the end of a day."""
        return self.cents - sum(part.cents for part in self.parts if part.on <= day)


def invoices(company: Company, seed: int) -> list[Invoice]:
    """All invoices of a company, in date order."""
    rng = chance(seed, "billing", company.customer_id)
    days = _billing_days(company, rng)
    return [_invoice(company, no, on, rng) for no, on in enumerate(days, 1)]


def _billing_days(company: Company, rng: Random) -> list[date]:
    first = company.converted_on or company.first_on
    chosen = [(day, weight) for day, weight in zip(working_days(), billing_weights(), strict=True) if first <= day <= company.last_on]
    if company.story == stories.SLIPPING:
        return [day for day, _ in chosen[_EVERY_SIXTH]]
    years = (company.last_on - first).days / 365.25
    expected = company.invoices_a_year * years
    count = math.floor(expected) + happens(rng, expected % 1)
    if not (chosen and count):
        return []
    return sorted(rng.choices([day for day, _ in chosen], [weight for _, weight in chosen], k=count))


def _invoice(company: Company, no: int, on: date, rng: Random) -> Invoice:
    years = (on - START).days / 365.25
    cents = max(500, round(company.typical_cents * rng.lognormvariate(0, 0.45) * _GROWTH**years))
    due = on + timedelta(days=company.terms_days or 0)
    invoice = Invoice(company, no, on, due, cents, written_down(rng, on, _LATE_RECORDED), ())
    if company.story == stories.SLIPPING:
        return replace(invoice, parts=(Part("payment", _slipping_day(invoice, rng), cents),))
    if happens(rng, _DISPUTED) and on < END - timedelta(days=12):
        invoice = replace(invoice, dispute=_dispute(invoice, rng))
    invoice = replace(invoice, parts=_parts(invoice, rng))
    if happens(rng, _MISTYPED):
        invoice = _mistyped(invoice, rng)
    return invoice


def _dispute(invoice: Invoice, rng: Random) -> Dispute:
    on = working_on_or_after(invoice.on + timedelta(days=rng.randint(3, 10)))
    resolved_on = working_on_or_after(on + timedelta(days=rng.randint(6, 60)))
    return Dispute(on, resolved_on, round(invoice.cents * rng.choice((0.1, 0.2, 0.3, 1.0))))


def _parts(invoice: Invoice, rng: Random) -> tuple[Part, ...]:
    """A credit note first, then one or two payments; or, for what is never paid, perhaps a write-off."""
    habit = _habit(invoice.company, invoice.due)
    paid_on = _paid_on(invoice, habit, rng)
    credit = _credit(invoice, paid_on, rng)
    rest = invoice.cents - sum(part.cents for part in credit)
    if rest == 0:
        return credit
    if happens(rng, habit.never) and rest < _MOST_LOST:
        gone_on = working_on_or_after(invoice.due + timedelta(days=_WRITE_OFF_AFTER + rng.randint(0, 90)))
        return (*credit, Part("write_off", gone_on if happens(rng, 0.4) else NEVER, rest))
    if happens(rng, habit.in_parts) and rest > _LEAST_SPLIT:
        first = rest * rng.choice((3, 4, 5, 5, 6, 7)) // 1000 * 100
        second_on = working_on_or_after(paid_on + timedelta(days=rng.randint(10, 40)))
        return (*credit, Part("payment", paid_on, first), Part("payment", second_on, rest - first))
    return (*credit, Part("payment", paid_on, rest))


def _credit(invoice: Invoice, paid_on: date, rng: Random) -> tuple[Part, ...]:
    agreed = invoice.dispute is not None and happens(rng, 0.5)
    if not agreed and not happens(rng, _CREDITED):
        return ()
    on = invoice.dispute.resolved_on if invoice.dispute and agreed else working_on_or_after(invoice.on + timedelta(days=rng.randint(2, 20)))
    if on >= paid_on:
        return ()
    if invoice.dispute and agreed:
        return (Part("credit_note", on, invoice.dispute.cents),)
    return (Part("credit_note", on, invoice.cents if happens(rng, 0.2) else round(invoice.cents * rng.uniform(0.03, 0.3))),)


def _paid_on(invoice: Invoice, habit: Habit, rng: Random) -> date:
    company = invoice.company
    if happens(rng, habit.on_time):
        day = _on_time(invoice, rng)
    else:
        day = invoice.due + timedelta(days=1 + round(rng.expovariate(1 / habit.late_days)))
        day = working_on_or_after(day if company.pays_on is None else weekday_after(day, company.pays_on))
    if invoice.dispute:
        day = max(day, working_on_or_after(invoice.dispute.resolved_on + timedelta(days=rng.randint(3, 20))))
    return day


def _on_time(invoice: Invoice, rng: Random) -> date:
    if invoice.due == invoice.on:
        return invoice.on
    day = max(invoice.on, invoice.due - timedelta(days=round(rng.expovariate(1 / 3))))
    if invoice.company.pays_on is not None:
        day = weekday_before(day, invoice.company.pays_on)
    day = working_on_or_before(day)
    return day if day >= invoice.on else working_on_or_after(invoice.due)


def _slipping_day(invoice: Invoice, rng: Random) -> date:
    """Every month a week later than the month before; until then a few days early."""
    late = stories.slipped_days(invoice.due)
    day = invoice.due + timedelta(days=late + rng.randint(-2, 2) if late else -rng.randint(0, 4))
    assert invoice.company.pays_on is not None
    run = weekday_after(day, invoice.company.pays_on) if late else weekday_before(day, invoice.company.pays_on)
    return working_on_or_after(run) if late else max(invoice.on, working_on_or_before(run))


def _habit(company: Company, due: date) -> Habit:
    """The customer's habit; in the mending region it improves day by day."""
    habit = HABITS[company.habit]
    if company.region != stories.MENDING_REGION:
        return habit
    done = stories.mended(due)
    worse, better = replace(habit, on_time=habit.on_time * 0.65, late_days=habit.late_days * 1.8), _MENDED
    return Habit(
        on_time=worse.on_time + (better.on_time - worse.on_time) * done,
        late_days=worse.late_days + (better.late_days - worse.late_days) * done,
        in_parts=worse.in_parts + (better.in_parts - worse.in_parts) * done,
        never=0.0,
    )


def _mistyped(invoice: Invoice, rng: Random) -> Invoice:
    """Two figures swapped or a factor of ten, found before any money came."""
    mended_at = office_hour(rng, working_on_or_after(invoice.recorded_at.date() + timedelta(days=rng.randint(3, 16))))
    first_money = min(part.on for part in invoice.parts)
    if mended_at >= CLOSE or mended_at.date() >= first_money:
        return invoice
    return replace(invoice, mistake=Mistake(rng.choice((invoice.cents * 10, invoice.cents + 9_000_00)), mended_at))
