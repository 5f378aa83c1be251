"""Taking changes back: what was written goes, what was there returns, and nothing later is trampled on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import count

import ledgers
import pytest
from books import FINANCE, VIEWER, Card, Post, cards, with_customer
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lib.commands.undo import Undo
from lib.domain.access import Actor, Role, Scope
from lib.errors import Conflict, Forbidden, NotFound
from lib.store import safety
from lib.store.door import execute
from lib.store.ledger import Ledger

JAN = [date(2026, 1, day) for day in range(1, 32)]
NUMBERS = count(1)


@pytest.fixture(scope="module")
def shared() -> Iterator[Ledger]:
    """One ledger for all examples of a property; each example speaks of cards of its own."""
    with ledgers.fresh(with_customer) as opened:
        yield opened


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with ledgers.fresh(with_customer) as opened:
        yield opened


def do(ledger: Ledger, *names: str, contact_id: int = 1) -> int:
    return execute(ledger, FINANCE, Card(contact_id, names)).change_id


def undo(ledger: Ledger, change_id: int, actor: Actor = FINANCE) -> int:
    return execute(ledger, actor, Undo(change_id)).change_id


def balance(ledger: Ledger, day: date) -> tuple[Decimal, int]:
    row = ledger.cursor().execute(
        "select coalesce(sum(amount), 0), coalesce(sum(items), 0) from posting where on_date <= $day", {"day": day}
    )
    amount, items = row.fetchone() or (Decimal(0), 0)
    return amount, items


def test_undo_of_an_update_brings_the_old_content_back(ledger: Ledger) -> None:
    do(ledger, "old")
    undo(ledger, do(ledger, "new"))
    assert cards(ledger) == {1: ("old",)}


def test_undo_of_a_removal_and_undo_of_the_undo(ledger: Ledger) -> None:
    do(ledger, "a")
    back = undo(ledger, do(ledger))
    assert cards(ledger) == {1: ("a",)}
    undo(ledger, back)
    assert cards(ledger) == {}


def test_back_and_forth_many_times_leaves_one_live_row(ledger: Ledger) -> None:
    do(ledger, "old")
    change = do(ledger, "new")
    for _ in range(3):
        change = undo(ledger, change)
        assert cards(ledger) == {1: ("old",)}
        change = undo(ledger, change)
        assert cards(ledger) == {1: ("new",)}


def test_redo_after_a_later_change_was_itself_undone(ledger: Ledger) -> None:
    do(ledger, "old")
    back = undo(ledger, do(ledger, "new"))
    undo(ledger, do(ledger, "third"))
    undo(ledger, back)
    assert cards(ledger) == {1: ("new",)}


def test_of_several_rows_only_the_touched_ones_go_back(ledger: Ledger) -> None:
    do(ledger, "a", "b")
    undo(ledger, do(ledger, "a", "c"))
    assert cards(ledger) == {1: ("a", "b")}


@pytest.mark.parametrize("later", [("third",), ()], ids=["changed", "removed"])
def test_a_later_change_in_the_way_is_named(ledger: Ledger, later: tuple[str, ...]) -> None:
    do(ledger, "old")
    change = do(ledger, "new")
    blocking = do(ledger, *later)
    with pytest.raises(Conflict) as refusal:
        undo(ledger, change)
    assert str(blocking) in refusal.value.say("zh")
    undo(ledger, blocking)
    undo(ledger, change)
    assert cards(ledger) == {1: ("old",)}


def test_a_change_is_undone_once(ledger: Ledger) -> None:
    change = do(ledger, "a")
    undo(ledger, change)
    with pytest.raises(Conflict):
        undo(ledger, change)


def test_an_unknown_change_is_not_found(ledger: Ledger) -> None:
    with pytest.raises(NotFound):
        undo(ledger, 999)


def test_someone_elses_change_needs_a_manager_or_finance(ledger: Ledger) -> None:
    change = execute(ledger, FINANCE, Card(1, ("a",))).change_id
    with pytest.raises(NotFound):
        undo(ledger, change, VIEWER)
    own = execute(ledger, VIEWER, Card(2, ("b",))).change_id
    undo(ledger, own, VIEWER)


def test_undoing_needs_the_permission_of_what_is_undone_and_so_does_redoing(ledger: Ledger) -> None:
    """A manager may not write money, so may neither undo it nor bring it back by undoing the undo."""
    manager = Actor(3, "manager", Role.MANAGER, Scope.ALL)
    change = execute(ledger, FINANCE, Post((("invoice", "N1", JAN[0], "100", None),))).change_id
    with pytest.raises(Forbidden):
        undo(ledger, change, manager)
    back = undo(ledger, change)
    with pytest.raises(Forbidden):
        undo(ledger, back, manager)


def test_undone_money_is_gone_from_every_date_but_known_before(ledger: Ledger) -> None:
    change = execute(ledger, FINANCE, Post((("invoice", "N1", JAN[0], "100", None), ("payment", "P1", JAN[9], "40", "N1")))).change_id
    known = ledger.cursor().execute("select max(recorded_at) from posting").fetchone()
    undo(ledger, change)
    assert [balance(ledger, day) for day in (JAN[0], JAN[9], JAN[30])] == [(0, 0)] * 3
    sql = "select sum(amount) from posting where recorded_at <= $known_at"
    assert known
    assert ledger.cursor().execute(sql, {"known_at": known[0]}).fetchone() == (Decimal(60),)


def test_an_invoice_that_was_paid_cannot_be_undone_alone(ledger: Ledger) -> None:
    invoice = execute(ledger, FINANCE, Post((("invoice", "N1", JAN[0], "100", None),))).change_id
    payment = execute(ledger, FINANCE, Post((("payment", "P1", JAN[9], "100", "N1"),))).change_id
    with pytest.raises(Conflict, match="would not balance"):
        undo(ledger, invoice)
    undo(ledger, payment)
    undo(ledger, invoice)
    assert balance(ledger, JAN[30]) == (0, 0)


def test_a_part_payment_undone_after_the_last_one_opens_the_invoice_again(ledger: Ledger) -> None:
    """The later payment no longer settles the invoice.

    day | what       | amount | open after | after undoing P1
    1   | invoice N1 |    100 |        100 | 100
    5   | payment P1 |     40 |         60 | 100
    9   | payment P2 |     60 |          0 | 40
    """
    execute(ledger, FINANCE, Post((("invoice", "N1", JAN[0], "100", None),)))
    part = execute(ledger, FINANCE, Post((("payment", "P1", JAN[4], "40", "N1"),))).change_id
    execute(ledger, FINANCE, Post((("payment", "P2", JAN[8], "60", "N1"),)))
    assert balance(ledger, JAN[8]) == (0, 0)
    back = undo(ledger, part)
    assert [balance(ledger, day) for day in (JAN[0], JAN[4], JAN[8])] == [(100, 1), (100, 1), (40, 1)]
    undo(ledger, back)
    assert [balance(ledger, day) for day in (JAN[0], JAN[4], JAN[8])] == [(100, 1), (60, 1), (0, 0)]


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("card"), st.integers(0, 2), st.lists(st.sampled_from("abc"), max_size=2, unique=True).map(sorted).map(tuple)),
        st.tuples(st.just("undo"), st.integers(0, 30), st.just(())),
    ),
    max_size=10,
)


@settings(max_examples=15)
@example(steps=[("card", 1, ("a", "b")), ("card", 1, ("a",)), ("card", 1, ()), ("undo", 1, ())])
@given(steps=STEPS)
def test_any_mix_of_changes_and_undos_keeps_to_the_books(shared: Ledger, steps: list[tuple[str, int, tuple[str, ...]]]) -> None:
    """An undo either brings back what was there before the change, or is refused because something later stands on it."""
    base = next(NUMBERS) * 10
    made: list[dict[str, object]] = []
    for kind, number, names in steps:
        before = mine(shared, base)
        if kind == "card":
            change_id = do(shared, *names, contact_id=base + number)
            touched = {base + number} if names != before.get(base + number, ()) else set()
            made.append({"id": change_id, "before": before, "touched": touched, "undoes": None})
        elif made:
            undo_one(shared, base, made, made[number % len(made)])
    assert_whole(shared)


def mine(ledger: Ledger, base: int) -> dict[int, tuple[str, ...]]:
    return {number: names for number, names in cards(ledger).items() if base <= number < base + 10}


def undo_one(ledger: Ledger, base: int, made: list[dict[str, object]], target: dict[str, object]) -> None:
    before = mine(ledger, base)
    try:
        change_id = undo(ledger, int(str(target["id"])))
    except NotFound:
        assert not target["touched"]
        return
    except Conflict:
        assert is_undone(made, target) or stands_on(made, target)
        return
    after = mine(ledger, base)
    touched, was = target["touched"], target["before"]
    assert isinstance(touched, set)
    assert isinstance(was, dict)
    assert {key: after.get(key) for key in touched} == {key: was.get(key) for key in touched}
    assert {key: names for key, names in after.items() if key not in touched} == {k: n for k, n in before.items() if k not in touched}
    made.append({"id": change_id, "before": before, "touched": touched, "undoes": target["id"]})


def is_undone(made: list[dict[str, object]], target: dict[str, object]) -> bool:
    return any(one["undoes"] == target["id"] and not is_undone(made, one) for one in made)


def stands_on(made: list[dict[str, object]], target: dict[str, object]) -> bool:
    def later(one: dict[str, object]) -> bool:
        undoes = int(str(one["undoes"] or 0))
        return int(str(one["id"])) > int(str(target["id"])) and undoes <= int(str(target["id"]))

    return any(later(one) and not is_undone(made, one) and set(one["touched"]) & set(target["touched"]) for one in made)  # type: ignore[call-overload]


def assert_whole(ledger: Ledger) -> None:
    assert [finding for finding in safety.check(ledger) if finding.rows] == []
    twice = "select contact_id, name from contact where retired_at = timestamp '9999-12-31' group by all having count(*) > 1"
    assert ledger.cursor().execute(twice).fetchall() == []


def test_undoing_everything_backwards_leaves_nothing(ledger: Ledger) -> None:
    changes = [do(ledger, *names, contact_id=number) for number, names in ((1, ("a",)), (1, ("b", "c")), (2, ("x",)), (1, ()), (2, ("y",)))]
    for change in reversed(changes):
        undo(ledger, change)
    assert cards(ledger) == {}
