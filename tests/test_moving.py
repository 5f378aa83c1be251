"""Who made the difference: contributions add up to the change exactly, whatever the metric, the grouping and the sight."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

import ledgers
import pytest
from facts import company, customer, invoice, payment

from lib.domain.access import SYSTEM, Actor, Role, Scope
from lib.metrics import METRICS, Cut, Measurement, measure
from lib.metrics.moving import GROUPINGS, Grouping, Moment, Movement, moved
from lib.metrics.variation import View
from lib.store.ledger import Ledger

THEN, NOW = date(2026, 3, 29), date(2026, 4, 5)
SPAN = (Moment(THEN), Moment(NOW))
CNY = Cut("CNY")


def shape(name: str) -> tuple[object, ...]:
    """What decides how a metric's change is told; that the things behind every metric add up to it is `test_metrics`'s."""
    metric = METRICS[name]
    sides = [(part.running, part.grows, part.spans_window) for part in (metric.numerator, metric.denominator) if part]
    return (*sides, metric.is_countback, metric.scale)


EACH_KIND = list({shape(name): name for name in METRICS}.values())
LEAD = Actor(1, "经理1", Role.LEAD, Scope.TEAM, ("T1",))


@pytest.fixture(scope="module")
def book() -> Iterator[Ledger]:
    """The small company of `company.sql`."""
    with ledgers.fresh() as opened:
        company(opened)
        yield opened


def view(ledger: Ledger, actor: Actor = SYSTEM, cut: Cut = CNY) -> View:
    return View(ledger, actor, NOW, None, cut)


def measured(at: View, names: list[str]) -> dict[str, tuple[Measurement, Measurement]]:
    """Then and now, as the board says them."""
    then, now = (measure(at.ledger, at.actor, names, day, weeks=1, scope=at.cut) for day in (THEN, NOW))
    return {before.metric: (before, after) for before, after in zip(then, now, strict=True)}


def ratio(found: Measurement) -> Fraction:
    """The number without its rounding to 28 places."""
    return METRICS[found.metric].scale * Fraction(found.numerator) / Fraction(found.denominator or 1)


def holds(found: Movement, then: Measurement, now: Measurement) -> None:
    """All lines together are the change, to the last digit."""
    splits = METRICS[then.metric].denominator is not None and then.denominator and now.denominator
    change = ratio(now) - ratio(then) if splits else Fraction(now.numerator - then.numerator)
    assert found.change == change
    assert sum(one.added for one in found.movers) == change
    if splits and found.by != "customer":
        assert all(one.rate is not None and one.mix is not None and one.rate + one.mix == one.added for one in found.movers)


def test_contributions_add_up_to_the_change_of_every_kind_of_metric(book: Ledger) -> None:
    groupings: tuple[Grouping, ...] = ("customer", "owner", "class")
    for name, (then, now) in measured(view(book), EACH_KIND).items():
        for by in groupings:
            holds(moved(view(book), name, SPAN, by), then, now)


@pytest.mark.parametrize(("actor", "cut"), [(LEAD, CNY), (SYSTEM, Cut("CNY", team="T1")), (LEAD, Cut("CNY", region="华北"))])
def test_they_do_for_every_sight_and_filter_and_by_every_group(book: Ledger, actor: Actor, cut: Cut) -> None:
    at = view(book, actor, cut)
    for name, (then, now) in measured(at, ["overdue_amount", "overdue_rate", "touch_coverage_rate"]).items():
        for by in GROUPINGS:
            holds(moved(at, name, SPAN, by), then, now)


def test_the_customers_of_a_group_add_up_to_the_group(book: Ledger) -> None:
    for name in ("overdue_amount", "overdue_rate"):
        for group in moved(view(book), name, SPAN, "owner").movers:
            assert moved(view(book), name, SPAN, "customer", ("owner", group.code)).change == group.added


def test_a_lead_gets_no_line_about_customers_of_others(book: Ledger) -> None:
    shown = {one.code for one in moved(view(book, LEAD), "overdue_amount", SPAN, "owner").movers if one.code}
    everybody = {one.code for one in moved(view(book), "overdue_amount", SPAN, "owner").movers if one.code}
    assert shown < everybody


def test_who_owed_more_and_who_paid(ledger: Ledger) -> None:
    """Two customers of two account managers.

    customer | then overdue                  | now
    1        | 100                           | 40 of it paid
    2        | not yet due, 250, due 31 March | 250 overdue
    """
    customer(ledger, 1)
    customer(ledger, 2)
    invoice(ledger, 1, date(2026, 1, 1), date(2026, 2, 1), 100)
    invoice(ledger, 2, date(2026, 3, 1), date(2026, 3, 31), 250, customer_id=2)
    payment(ledger, 3, date(2026, 4, 1), 40, 1)
    found = moved(view(ledger), "overdue_amount", SPAN, "customer")
    assert [(one.code, one.added) for one in found.movers] == [("2", 250), ("1", -40)]
    assert (found.change, found.rest, found.is_value) == (210, None, True)
    rate = moved(view(ledger), "overdue_rate", SPAN, "owner")
    assert rate.change == 1 - Fraction(100, 350)


def test_a_move_to_another_account_manager_is_no_movement(ledger: Ledger) -> None:
    """Customer 1 belongs to person 1 up to 31 March and then to person 2; nothing is paid."""
    customer(ledger, 1, owner_id=1, until_on=date(2026, 4, 1))
    customer(ledger, 1, owner_id=2, from_on=date(2026, 4, 1))
    invoice(ledger, 1, date(2026, 1, 1), date(2026, 2, 1), 100)
    assert moved(view(ledger), "overdue_amount", SPAN, "owner").movers == ()


def test_what_was_known_later_moves_the_same_week(ledger: Ledger) -> None:
    """An invoice recorded on 10 April that was overdue on 5 April."""
    customer(ledger, 1)
    invoice(ledger, 1, date(2026, 1, 1), date(2026, 2, 1), 100, recorded_at=datetime(2026, 4, 10))
    span = (Moment(NOW, datetime(2026, 4, 6)), Moment(NOW))
    (mover,) = moved(view(ledger), "overdue_amount", span, "customer").movers
    assert (mover.code, mover.added) == ("1", Decimal(100))
