"""Restatements: what comes in late is listed with who brought it, sums to the difference, and tells nobody what is out of their sight."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from random import Random

import facts
import pytest
import reviews
from reviews import FINANCE, LEAD, MANAGER, NORTH, SOUTH, SOUTHERN, TODAY, VICE, VIEWER, WEEK, closed, do

from lib.commands.complaints import RecordComplaint
from lib.commands.corrections import VoidInvoice
from lib.commands.meetings import ReopenMeeting
from lib.commands.receivables import RecordInvoice, RecordPayment
from lib.commands.undo import Undo
from lib.domain.access import Actor
from lib.metrics import METRICS, Cut
from lib.metrics.variation import View
from lib.review import archive, pack, restating
from lib.review.beside import beside
from lib.review.pack import Pack
from lib.review.restating import Restatements
from lib.store.ledger import Ledger


@pytest.fixture
def ledger(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ledger]:
    reviews.few(monkeypatch)
    with reviews.house() as opened:
        yield opened


def seen_by(ledger: Ledger, actor: Actor = MANAGER) -> View:
    return View(ledger, actor, TODAY, None, Cut("CNY"))


def differing(ledger: Ledger, actor: Actor = MANAGER) -> Restatements:
    of = archive.of_week(ledger, actor, WEEK)
    assert of is not None
    return restating.since(seen_by(ledger, actor), of)


def bill(customer_id: int, doc_no: str, amount: int = 77, on: date = WEEK) -> RecordInvoice:
    return RecordInvoice(customer_id, doc_no, on, Decimal(amount), due_on=on + timedelta(days=60))


def test_nothing_came_late_and_nothing_is_restated(ledger: Ledger) -> None:
    closed(ledger)
    do(ledger, bill(1, "NEXT", on=TODAY), FINANCE)  # of the next week
    assert differing(ledger).found == ()


def test_what_came_late_is_named_with_who_brought_it_and_when(ledger: Ledger) -> None:
    closed(ledger)
    do(ledger, bill(1, "LATE", 180), FINANCE)
    do(ledger, RecordPayment(3, Decimal(40), WEEK, TODAY), FINANCE)
    found = {one.metric.name: one for one in differing(ledger).found}
    assert set(found) == set(reviews.FEW) - {"open_complaints"}
    billed, balance = found["billed_amount"], found["balance_amount"]
    assert (billed.then.value, billed.now.value) == (1000, 1180)
    of = differing(ledger).of
    (thing,) = restating.behind(seen_by(ledger), of, billed).things
    assert (thing.customer_id, thing.name, thing.then, thing.now) == (1, "客户1", 0, 180)
    assert [(cause.made_by, cause.command) for cause in thing.causes] == [("u5", "RecordInvoice")]
    assert {thing.customer_id: thing.difference for thing in restating.behind(seen_by(ledger), of, balance).things} == {1: 180, 3: -40}


def test_one_late_entry_is_told_once_with_every_number_it_moved(ledger: Ledger) -> None:
    closed(ledger)
    do(ledger, bill(1, "LATE", 180), FINANCE)
    paid = do(ledger, RecordPayment(3, Decimal(40), WEEK, TODAY), FINANCE).change_id
    found = differing(ledger)
    first, second = restating.entries(seen_by(ledger), found.of, found.found)
    assert [(one.customer_id, one.causes[0].made_by) for one in (first, second)] == [(1, "u5"), (3, "u5")]
    moved = {(one.number.metric.name, one.below): one.difference for one in second.moved}
    assert second.causes[0].change_id == paid
    assert (moved["balance_amount", False], moved["collected_amount", False]) == (-40, 40)
    for one in found.found:
        own = restating.entries(seen_by(ledger), found.of, [one])
        assert sum(side.difference for entry in own for side in entry.moved if not side.below) == one.above


def test_a_number_counted_back_is_told_by_what_is_open_and_by_what_was_billed(ledger: Ledger) -> None:
    closed(ledger)
    do(ledger, bill(2, "LATE", 500), FINANCE)
    found = differing(ledger)
    (dso,) = [one for one in found.found if one.metric.name == "dso_days"]
    for below in (False, True):
        assert [thing.difference for thing in restating.behind(seen_by(ledger), found.of, dso, below=below).things] == [500]


@pytest.mark.parametrize("seed", [1, 2])
def test_the_things_sum_to_the_difference_of_every_number(ledger: Ledger, seed: int) -> None:
    """Whatever is entered, voided or undone since, in whichever week it belongs, for each sight and on both sides of each number."""
    closed(ledger)
    told = enter(ledger, Random(seed))  # noqa: S311 (the same every time)
    for actor in (MANAGER, NORTH, SOUTH):
        found = differing(ledger, actor)
        assert len(found.found) > 3, told
        for one, below in product(found.found, (False, True)):
            side = restating.behind(seen_by(ledger, actor), found.of, one, below=below, limit=1000)
            assert side.total == sum(thing.difference for thing in side.things), (one.metric.name, below, told)
            assert len(side.things) == side.count
            assert all(thing.causes for thing in side.things), (one.metric.name, below, told)
            if not (below and one.metric.is_countback):
                assert side.total == (one.below if below else one.above), (one.metric.name, below, told)


def enter(ledger: Ledger, chance: Random) -> list[str]:
    """Late entries of every kind about every customer, some of them taken back."""
    told, last = [], 0
    for place in range(12):
        customer_id, on, amount = 1 + place % 4, TODAY - timedelta(days=chance.randint(0, 60)), chance.randint(1, 99)
        what = chance.choice(["bill", "pay", "void", "complain", "undo"]) if place else "bill"
        if what == "undo" and last:
            do(ledger, Undo(last, TODAY), FINANCE)
            last = 0
        elif what == "complain":
            do(ledger, RecordComplaint(customer_id, on, TODAY, f"投诉{place}", severity=2), VICE)
        elif what == "pay":
            last = do(ledger, RecordPayment(customer_id, Decimal(amount), on, TODAY, confirmed=True), FINANCE).change_id
        elif what == "void":
            last = do(ledger, VoidInvoice(100 * customer_id + place % 9, "x", TODAY), FINANCE).change_id
        else:
            last = do(ledger, bill(customer_id, f"L{place}", amount, on), FINANCE).change_id
        told.append(f"{what} {customer_id} {on} {amount}")
    return told


def customers(pack: Pack) -> set[int]:
    return {row["customer_id"] for found in pack.tables.values() for row in found if row.get("customer_id") is not None}


def test_a_frozen_pack_of_the_company_tells_a_team_nothing_of_others(ledger: Ledger) -> None:
    """Neither its rows nor its numbers, nor what was restated of them: the week is made again for who asks, as known at the freezing."""
    closed(ledger)
    do(ledger, bill(SOUTHERN[0], "LATE", 180), FINANCE)
    for reader, seen in ((MANAGER, {1, 2, 3, 4}), (VIEWER, {1, 2, 3, 4}), (NORTH, {1, 2}), (LEAD, {1, 2}), (SOUTH, {3, 4})):
        found = differing(ledger, reader)
        assert customers(found.then) <= seen
        assert found.then.line("billed_amount").value == sum(100 * number for number in seen)
        billed = [one for one in found.found if one.metric.name == "billed_amount"]
        assert bool(billed) is (SOUTHERN[0] in seen)
        assert all(thing.customer_id in seen for one in billed for thing in restating.behind(seen_by(ledger, reader), found.of, one).things)


def test_who_lost_a_customer_since_reads_its_rows_no_more(ledger: Ledger) -> None:
    closed(ledger, NORTH)
    of = archive.of_week(ledger, LEAD, WEEK)
    assert of is not None
    assert of.is_readable
    assert customers(archive.as_seen(seen_by(ledger, LEAD), of)) == {1, 2}
    ledger.jot("update customer_record set owner_id = 3 where customer_id = 2", {})
    ledger.version += 10**6
    assert customers(archive.as_seen(seen_by(ledger, LEAD), of)) == {1}
    assert archive.as_seen(seen_by(ledger, LEAD), of).line("billed_amount").value == 300


def test_what_a_chair_read_of_another_review_is_not_frozen_for_their_team(ledger: Ledger) -> None:
    """The chair of a team owes the company an action; the team's own text must not pass it on."""
    action = {"action_id": 1, "week_on": WEEK - timedelta(weeks=1), "circle": "all", "said": "谈南方的并购", "owner_id": NORTH.user_id}
    facts.insert(ledger, "action_item", {**action, "due_on": TODAY})
    closed(ledger, NORTH)
    of = archive.of_week(ledger, LEAD, WEEK)
    assert of is not None
    assert "并购" in str(archive.as_seen(seen_by(ledger, NORTH), of))
    assert "并购" not in str(archive.as_seen(seen_by(ledger, LEAD), of))


def test_the_next_review_is_told_of_the_last_one_frozen_before_it(ledger: Ledger) -> None:
    assert restating.last_review(seen_by(ledger), WEEK + timedelta(weeks=1)) is None
    meeting_id = closed(ledger)
    do(ledger, bill(1, "LATE"), FINANCE)
    told = restating.last_review(seen_by(ledger), WEEK + timedelta(weeks=1))
    assert told is not None
    assert (told.of.week_on, "billed_amount" in {one.metric.name for one in told.found}) == (WEEK, True)
    assert restating.last_review(seen_by(ledger), WEEK) is None
    view = seen_by(ledger)
    following = pack.build(view, WEEK + timedelta(weeks=1), sections=())
    beside_it = beside(view, following).restated
    assert beside_it is not None
    assert beside_it.found == told.found
    frozen_then = beside(view, replace(following, known_at=told.of.known_at)).restated
    assert frozen_then is not None
    assert frozen_then.found == (), "a pack frozen before the late entry does not know of it"
    assert beside(replace(view, cut=replace(view.cut, region="x")), following).restated is None, "some customers are not the week"
    do(ledger, ReopenMeeting(meeting_id, "x"))
    assert restating.last_review(seen_by(ledger), WEEK + timedelta(weeks=1)) is None


def test_every_kind_of_thing_that_has_a_name_belongs_to_a_metric() -> None:
    assert set(restating.ABOUT) <= {part.base for metric in METRICS.values() for part in (metric.numerator, metric.denominator) if part}
