"""The door: permission before rows, whole or not at all, once per request, in one order, under a chain that shows a flipped byte."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import ClassVar

import ledgers
import pyarrow as pa
import pytest
from books import FINANCE, VIEWER, Card, Fail, Post, card, cards, with_customer

from lib.domain.access import Permission
from lib.errors import Forbidden, Refused
from lib.store import door
from lib.store.door import Change, execute
from lib.store.ledger import Ledger


@dataclass(frozen=True)
class Count:
    """Raise a number by one: read, then write."""

    permission: ClassVar[Permission] = Permission.METRIC_READ

    def validate(self) -> None:
        """Nothing."""

    def apply(self, change: Change) -> int:
        """The new number."""
        sql = "select contact_id from contact where name = 'count' and retired_at = timestamp '9999-12-31'"
        (number,) = change.cursor.execute(sql).fetchone() or (0,)
        change.retire("contact", "name = 'count'", {})
        change.insert("contact", [card(number + 1, "count")])
        return number + 1


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with ledgers.fresh() as opened:
        with_customer(opened)
        yield opened


def audits(ledger: Ledger) -> int:
    row = ledger.cursor().execute("select count(*) from audit").fetchone()
    assert row
    return int(row[0])


def test_a_table_goes_in_after_an_answer_read_by_half(ledger: Ledger) -> None:
    class Insert:
        permission = Permission.METRIC_READ

        def validate(self) -> None:
            """Nothing."""

        def apply(self, change: Change) -> int:
            change.cursor.execute("select 1 union all select 2").fetchone()
            return change.insert("user_team", pa.table({"user_id": [1], "team": ["north"]}))

    assert execute(ledger, FINANCE, Insert()).result == 1


def test_without_the_permission_not_even_the_fields_are_looked_at(ledger: Ledger) -> None:
    class Untouchable:
        permission = Permission.RECEIVABLE_WRITE

        def validate(self) -> None:
            raise AssertionError

        def apply(self, _: Change) -> None:
            raise AssertionError

    with pytest.raises(Forbidden) as refusal:
        execute(ledger, VIEWER, Untouchable())
    assert "Finance" in refusal.value.say("en")
    assert "财务" in refusal.value.say("zh")


def test_a_refusal_after_a_write_leaves_no_row_no_audit_no_version(ledger: Ledger) -> None:
    version, audited = ledger.version, audits(ledger)
    with pytest.raises(Refused):
        execute(ledger, VIEWER, Fail())
    assert cards(ledger) == {}
    assert (ledger.version, audits(ledger)) == (version, audited)


def test_the_same_request_twice_is_one_change(ledger: Ledger) -> None:
    first = execute(ledger, VIEWER, Card(1, ("a",)), request_key="click")
    second = execute(ledger, VIEWER, Card(1, ("b",)), request_key="click")
    assert (first.repeated, second.repeated) == (False, True)
    assert second.change_id == first.change_id
    assert cards(ledger) == {1: ("a",)}


def test_a_refused_request_may_come_again(ledger: Ledger) -> None:
    with pytest.raises(Refused):
        execute(ledger, VIEWER, Fail(), request_key="click")
    assert not execute(ledger, VIEWER, Card(1, ("a",)), request_key="click").repeated


@pytest.mark.parametrize(
    ("column", "value"),
    [("detail", "'{}'"), ("user_id", "9"), ("made_at", "made_at + interval 1 second"), ("command", "'Other'"), ("request_key", "'y'")],
)
def test_a_changed_audit_row_is_named(ledger: Ledger, column: str, value: str) -> None:
    for number in range(4):
        execute(ledger, VIEWER, Card(number, ("a",)))
    assert door.broken_link(ledger) is None
    ledger.jot(f"update audit set {column} = {value} where change_id = 3", {})
    assert door.broken_link(ledger) == 3


def test_a_removed_audit_row_is_noticed(ledger: Ledger) -> None:
    for number in range(4):
        execute(ledger, VIEWER, Card(number, ("a",)))
    ledger.jot("delete from audit where change_id = 3", {})
    assert door.broken_link(ledger) == 4


def test_a_clock_set_back_does_not_reorder_history() -> None:
    moments = iter([datetime(2026, 5, 1, 9), datetime(2026, 5, 1, 8), datetime(2026, 5, 1, 8, 30), datetime(2026, 5, 1, 10)])
    with ledgers.fresh(clock=lambda: next(moments)) as ledger:
        with_customer(ledger)
        for names in (("a",), ("b",), ("c",)):
            execute(ledger, VIEWER, Card(1, names))
        made = [row[0] for row in ledger.cursor().execute("select made_at from audit order by change_id").fetchall()]
        assert made == sorted(set(made))
        assert made[1] - made[0] == timedelta(microseconds=1)
        sql = "select name from contact where recorded_at <= $known_at and $known_at < retired_at"
        known = [ledger.cursor().execute(sql, {"known_at": moment}).fetchall() for moment in made[1:]]
    assert known == [[("a",)], [("b",)], [("c",)]]


def test_eight_people_raising_one_number_lose_no_step(ledger: Ledger) -> None:
    numbers: list[int] = []

    def work() -> None:
        numbers.extend(execute(ledger, VIEWER, Count()).result for _ in range(50))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == list(range(1, 401))
    assert audits(ledger) == ledger.version == 401
    assert door.broken_link(ledger) is None


def test_a_column_without_any_value_keeps_its_type(ledger: Ledger) -> None:
    rows = [{**card(number, "a"), "title": None, "phone": None} for number in (1, 2)]

    @dataclass(frozen=True)
    class Insert(Count):
        def apply(self, change: Change) -> int:
            change.insert("activity", [activity])
            return change.insert("contact", rows)

    activity = {"activity_id": 1, "customer_id": 1, "kind": "task", "on_date": datetime(2026, 1, 1).date(), "subject": "x", "done_on": None}
    assert execute(ledger, VIEWER, Insert()).result == 2


def test_amounts_keep_every_cent(ledger: Ledger) -> None:
    amounts = ("0.01", "9999999999999999.99", "12345678901.10")
    day = datetime(2026, 1, 1).date()
    execute(ledger, FINANCE, Post(tuple(("invoice", f"N{n}", day, amount, None) for n, amount in enumerate(amounts))))
    stored = ledger.cursor().execute("select amount::text from posting order by posting_id").fetchall()
    assert [row[0] for row in stored] == list(amounts)


def test_a_few_rows_go_in_as_many_do(ledger: Ledger) -> None:
    """Three rows are written as values, five as a table: order, missing values, old days, quotes and cents come out alike."""

    @dataclass(frozen=True)
    class Insert(Count):
        count: int = 0

        def apply(self, change: Change) -> int:
            common = {
                "customer_id": 1,
                "kind": "invoice",
                "currency": "CNY",
                "amount": Decimal("0.10"),
                "memo": "a'; --\n$x",
                "doc_no": "N",
            }
            days = [date(1, 1, 1), date(9999, 12, 31), date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 2)]
            rows = [{**common, "entry_id": 10 * self.count + at, "on_date": day} for at, day in enumerate(days[: self.count])]
            return change.insert("entry", [{**rows[0], "payer": "x"}, *rows[1:]])

    told = (
        "select entry_id % 10, on_date, amount, memo, doc_no from entry where entry_id // 10 = ? and entry_id % 10 < 3 order by record_id"
    )
    assert [execute(ledger, FINANCE, Insert(count)).result for count in (3, 5)] == [3, 5]
    few, many = (ledger.cursor().execute(told, [count]).fetchall() for count in (3, 5))
    assert few == many
    assert [row[0] for row in few] == [0, 1, 2]


@dataclass(frozen=True)
class Rename:
    """A contact under another name."""

    permission: ClassVar[Permission] = Permission.METRIC_READ

    def validate(self) -> None:
        """Nothing."""

    def apply(self, change: Change) -> None:
        """Write the name."""
        change.rewrite("contact", 1, name="新")


def test_a_rewritten_row_says_all_it_said_beside_what_is_new(ledger: Ledger) -> None:
    said = f"name, retired_change, * exclude (name, {', '.join(sorted(door.BOOKKEEPING - {'origin_record'}))})"
    execute(ledger, FINANCE, Card(1, ("旧",)))
    changed = execute(ledger, FINANCE, Rename()).change_id
    old, new = ledger.cursor().execute(f"select {said} from contact order by record_id").fetchall()
    assert (old[:2], new[:2], old[2:]) == (("旧", changed), ("新", None), new[2:])


def test_a_thing_of_several_live_rows_is_not_rewritten_into_one(ledger: Ledger) -> None:
    execute(ledger, FINANCE, Card(1, ("旧", "从明年起")))
    with pytest.raises(AssertionError):
        execute(ledger, FINANCE, Rename())
    assert cards(ledger) == {1: ("从明年起", "旧")}


def test_the_audit_keeps_what_a_command_says_not_what_it_is(ledger: Ledger) -> None:
    execute(ledger, FINANCE, Card(1, ("a",)))
    (detail,) = ledger.cursor().execute("select detail from audit order by change_id desc limit 1").fetchone() or ("",)
    assert json.loads(detail) == {"contact_id": 1, "names": ["a"]}
