"""Collecting through the door: outcomes, reminders, holds, thanks; and the ladder in SQL says what the pure function says.

customer_id | team  | contact                      | owes
1           | north | finance by e-mail and phone  | 500 due 1 March 2026
2           | south | phone only                   | 300 due 1 March 2026
3           | north | must not be contacted, has an address | 900 due 1 March 2026
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, ClassVar

import facts
import ledgers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from lib.commands import Command, arrears
from lib.commands.collect import EndHold, HoldReminders, LogOutcome, SendReminders, SendThanks
from lib.commands.disputes import OpenDispute, SettleDispute
from lib.commands.receivables import RecordPayment
from lib.commands.undo import Undo
from lib.domain import ladder
from lib.domain.access import Actor, Permission, Role, Scope
from lib.errors import Conflict, Forbidden, NotFound, Refused
from lib.store.door import Change, execute
from lib.store.ledger import Ledger
from lib.store.query import rows
from lib.text import Text

DUE = date(2026, 3, 1)
FINANCE = Actor(4, "财", Role.FINANCE, Scope.ALL)
LEAD = Actor(2, "林", Role.LEAD, Scope.TEAM, ("north",))
VIEWER = Actor(1, "看", Role.VIEWER, Scope.ALL)


def on(days: int) -> date:
    return DUE + timedelta(days=days)


def indebted(ledger: Ledger) -> None:
    people(ledger)
    for customer_id, team, amount in ((1, 2, 500), (2, 3, 300), (3, 2, 900)):
        facts.customer(ledger, customer_id, owner_id=team)
        facts.invoice(ledger, customer_id * 10, date(2026, 2, 1), DUE, amount, customer_id=customer_id)
    contact = {"is_primary": False, "do_not_contact": False}
    facts.insert(
        ledger,
        "contact",
        {**contact, "contact_id": 1, "customer_id": 1, "name": "王", "email": "wang@example.com", "is_primary": True},
        {**contact, "contact_id": 2, "customer_id": 1, "name": "李", "email": "li@example.com", "phone": "138", "role": "finance"},
        {**contact, "contact_id": 3, "customer_id": 2, "name": "张", "phone": "139"},
        {
            **contact,
            "contact_id": 4,
            "customer_id": 3,
            "name": "赵",
            "email": "z@example.com",
            "address": "上海",
            "do_not_contact": True,
        },
    )


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with ledgers.fresh(indebted) as opened:
        yield opened


def people(ledger: Ledger) -> None:
    with ledger.transaction() as cursor:
        cursor.execute(
            """
            insert into app_user (user_id, username, name, role, scope, team, language, is_active, clearance) values
            (1, 'kan', '看', 'viewer', 'all', null, 'zh', true, -1), (2, 'lin', '林', 'lead', 'team', 'north', 'zh', true, 0),
            (3, 'nan', '南', 'lead', 'team', 'south', 'zh', true, 0), (4, 'cai', '财', 'finance', 'all', null, 'zh', true, 1);
            insert into user_team values (2, 'north'), (3, 'south');
            """
        )


def live(ledger: Ledger, table: str, columns: str) -> list[tuple[Any, ...]]:
    sql = f"select {columns} from {table} where retired_at = timestamp '9999-12-31' order by record_id"
    return ledger.cursor().execute(sql).fetchall()


def listed(ledger: Ledger, view: str | None, as_of: date, who: Actor = FINANCE) -> list[int]:
    return [row["customer_id"] for row in rows(ledger, who, "worklist", as_of=as_of, currency="CNY", view=view)]


def test_what_falls_due_within_the_first_level_is_reminded_once_by_the_same_ladder(ledger: Ledger) -> None:
    """500 due in 3 days is announced by mail at level 1; in 4 days nothing yet; once overdue it is the worklist's."""

    def soon(days: int) -> list[tuple[int, str, int | None, str]]:
        found = rows(ledger, FINANCE, "due_soon", as_of=on(days), currency="CNY")
        return [(row["customer_id"], row["code"], row["level"], str(row["asked_amount"])) for row in found]

    assert soon(-4) == []
    assert soon(-3) == [(3, "due", 1, "900.00"), (1, "due", 1, "500.00"), (2, "due", 1, "300.00")]
    sent = execute(ledger, FINANCE, SendReminders(((1, "CNY"),), on(-3))).result["sent"]
    assert sent == ((1, "CNY", 1, "email"),)
    assert soon(-3)[-1] == (1, "done", None, "500.00")
    assert live(ledger, "message", "kind, subject")[0][0] == "reminder"
    assert soon(1) == []
    assert listed(ledger, "todo", on(3)) == [3, 1, 2]


# Outcomes.


def test_a_call_that_reached_someone_counts_as_the_reminder_due_and_empties_the_row(ledger: Ledger) -> None:
    assert listed(ledger, "todo", on(20)) == [3, 1, 2]
    receipt = execute(ledger, FINANCE, LogOutcome(1, "reached", on(20), note="下周付"))
    assert receipt.result["level"] == 4
    assert live(ledger, "activity", "kind, channel, outcome, ref") == [("reminder", "phone", "reached", "ladder:1:CNY:4:10")]
    assert listed(ledger, "todo", on(20)) == [3, 2]
    assert listed(ledger, "done", on(20)) == [1]
    assert listed(ledger, "waiting", on(21)) == [1]
    execute(ledger, FINANCE, Undo(receipt.change_id))
    assert listed(ledger, "todo", on(20)) == [3, 1, 2]


def test_nobody_reached_is_logged_without_using_up_the_level(ledger: Ledger) -> None:
    execute(ledger, FINANCE, LogOutcome(1, "no_answer", on(20)))
    assert live(ledger, "activity", "kind, ref") == [("interaction", None)]
    assert listed(ledger, "done", on(20)) == [1]
    assert 1 in listed(ledger, "todo", on(21))


def test_a_next_date_keeps_the_row_away_until_then_and_brings_it_back(ledger: Ledger) -> None:
    execute(ledger, FINANCE, LogOutcome(1, "no_answer", on(20), next_on=on(23)))
    assert listed(ledger, "waiting", on(21)) == [1]
    assert 1 in listed(ledger, "todo", on(23))
    execute(ledger, FINANCE, LogOutcome(1, "reached", on(23)))
    assert live(ledger, "activity", "kind, done_on")[-1] == ("reminder", on(23))
    assert [row for row in live(ledger, "activity", "kind, done_on") if row[0] == "task"] == [("task", on(23))]


def test_a_doubt_about_a_promise_stands_beside_the_field_of_the_call(ledger: Ledger) -> None:
    with pytest.raises(Refused) as refusal:
        execute(ledger, FINANCE, LogOutcome(1, "promised", on(20), promised_on=on(25), promised_amount=Decimal(501)))
    assert refusal.value.values["about"] == "promised_amount"


def test_a_promise_comes_in_the_same_change_and_holds_the_row(ledger: Ledger) -> None:
    receipt = execute(ledger, LEAD, LogOutcome(1, "promised", on(10), promised_on=on(15)))
    assert live(ledger, "promise", "customer_id, due_on, amount") == [(1, on(15), Decimal(500))]
    assert listed(ledger, "held", on(11)) == [1]
    assert 1 in listed(ledger, "todo", on(16))
    execute(ledger, LEAD, Undo(receipt.change_id))
    assert live(ledger, "promise", "1") == []


def test_a_dispute_comes_in_the_same_change_and_stops_only_its_money(ledger: Ledger) -> None:
    facts.invoice(ledger, 11, date(2026, 2, 5), on(5), 200)
    execute(ledger, FINANCE, LogOutcome(1, "disputed", on(10), disputed=(10,), dispute_reason="quantity"))
    (case,) = live(ledger, "case_file", "kind, invoice_id, amount, cause, owner_id, due_on")
    assert case == ("dispute", 10, Decimal(500), "quantity", 2, date(2026, 3, 18))
    (row,) = rows(ledger, FINANCE, "worklist", as_of=on(16), currency="CNY", view="todo", limit=1, offset=1)
    assert (row["customer_id"], row["overdue_amount"], row["disputed_amount"], row["anchor"]) == (1, Decimal(700), Decimal(500), "11")
    assert row["asked_amount"] == Decimal(200)


@pytest.mark.parametrize(
    ("command", "about"),
    [
        (LogOutcome(1, "promised", on(10)), "promised_on"),
        (LogOutcome(1, "disputed", on(10), disputed=(10,)), "disputed"),
        (LogOutcome(1, "reached", on(10), next_on=on(10)), "next_on"),
        (LogOutcome(1, "sold", on(10)), "outcome"),
        (HoldReminders(1, on(9), "x", on(10)), "until_on"),
        (HoldReminders(1, on(400), "x", on(10)), "until_on"),
        (HoldReminders(1, on(12), " ", on(10)), "reason"),
        (OpenDispute(1, (), "price", on(10)), "invoice_ids"),
        (OpenDispute(1, (20,), "price", on(10)), "invoice_ids"),
        (OpenDispute(1, (10,), "price", on(10), amount=Decimal(501)), "amount"),
        (OpenDispute(1, (10,), "price", on(10), days=0), "days"),
        (OpenDispute(1, (10,), "price", on(10), owner_id=99), "owner_id"),
    ],
)
def test_bad_input_is_refused_beside_its_field(ledger: Ledger, command: Command, about: str) -> None:
    with pytest.raises(Refused) as refusal:
        execute(ledger, FINANCE, command)
    assert refusal.value.values["about"] == about
    assert live(ledger, "activity", "1") == []


def test_scope_and_permission_hold(ledger: Ledger) -> None:
    with pytest.raises(NotFound):
        execute(ledger, LEAD, LogOutcome(2, "reached", on(10)))
    with pytest.raises(NotFound):
        execute(ledger, LEAD, SendReminders(((1, "CNY"), (2, "CNY")), on(10)))
    with pytest.raises(Forbidden):
        execute(ledger, VIEWER, LogOutcome(1, "reached", on(10)))
    assert listed(ledger, None, on(10), LEAD) == [3, 1]


# Reminders.


def test_reminders_go_out_by_mail_or_letter_and_calls_are_left_to_people(ledger: Ledger) -> None:
    everyone = tuple((customer_id, "CNY") for customer_id in (1, 2, 3))
    receipt = execute(ledger, FINANCE, SendReminders(everyone, on(3), by="email"))
    assert receipt.result == {"sent": ((1, "CNY", 2, "email"), (3, "CNY", 2, "letter")), "skipped": ((2, "CNY", "call"),)}
    assert live(ledger, "message", "customer_id, kind, recipient, level, currency") == [(1, "reminder", "li@example.com", 2, "CNY")]
    assert "I10" in live(ledger, "message", "body")[0][0]
    assert live(ledger, "activity", "channel, ref") == [("email", "ladder:1:CNY:2:10"), ("letter", "ladder:3:CNY:2:30")]
    with pytest.raises(Refused):
        execute(ledger, FINANCE, SendReminders(everyone, on(4)))
    execute(ledger, FINANCE, Undo(receipt.change_id))
    assert live(ledger, "message", "1") == live(ledger, "activity", "1") == []
    assert len(execute(ledger, FINANCE, SendReminders(everyone, on(4), by="email")).result["sent"]) == 2


def test_a_large_customer_is_called_first(ledger: Ledger) -> None:
    with pytest.raises(Refused):
        execute(ledger, FINANCE, SendReminders(((1, "CNY"),), on(3)))


def test_weeks_missed_are_caught_up_by_one_reminder(ledger: Ledger) -> None:
    sent = []
    for day in (3, 36, 36, 37, 61):
        try:
            sent += execute(ledger, FINANCE, SendReminders(((1, "CNY"),), on(day), by="email")).result["sent"]
        except Refused:
            continue
    assert [level for _, _, level, _ in sent] == [2, 5, 6]


def test_a_hold_stops_reminders_until_it_is_ended(ledger: Ledger) -> None:
    hold_id = execute(ledger, FINANCE, HoldReminders(1, on(30), "客户搬迁", on(10))).result
    assert listed(ledger, "held", on(30)) == [1]
    assert 1 in listed(ledger, "todo", on(31))
    with pytest.raises(Conflict):
        execute(ledger, FINANCE, HoldReminders(1, on(31), "again", on(11)))
    execute(ledger, FINANCE, EndHold(hold_id, on(20)))
    assert listed(ledger, "held", on(15)) == [1]
    assert 1 in listed(ledger, "todo", on(20))


def test_thanks_go_to_who_has_paid_everything_overdue(ledger: Ledger) -> None:
    with pytest.raises(Refused):
        execute(ledger, FINANCE, SendThanks(1, on(10)))
    execute(ledger, FINANCE, SendReminders(((1, "CNY"),), on(3), by="email"))
    execute(ledger, FINANCE, RecordPayment(1, Decimal(500), on(8), on(8)))
    assert [row["customer_id"] for row in rows(ledger, FINANCE, "thanks_due", as_of=on(9), currency="CNY")] == [1]
    execute(ledger, FINANCE, SendThanks(1, on(9)))
    assert live(ledger, "message", "kind")[-1] == ("thanks",)
    assert rows(ledger, FINANCE, "thanks_due", as_of=on(9), currency="CNY") == []


# Disputes.


def test_a_dispute_is_settled_with_a_credit_note_in_one_change(ledger: Ledger) -> None:
    (case_id,) = execute(ledger, FINANCE, OpenDispute(1, (10,), "price", on(5), amount=Decimal(120))).result
    with pytest.raises(Conflict):
        execute(ledger, FINANCE, OpenDispute(1, (10,), "price", on(5)))
    assert [row["disputed_amount"] for row in rows(ledger, FINANCE, "disputes", as_of=on(6), customer_id=1)] == [Decimal(120)]
    with pytest.raises(Forbidden):
        execute(ledger, LEAD, SettleDispute(case_id, "accepted", "少一箱", on(7), Decimal(120)))
    receipt = execute(ledger, FINANCE, SettleDispute(case_id, "accepted", "少一箱", on(7), Decimal(120)))
    (row,) = rows(ledger, FINANCE, "worklist", as_of=on(7), currency="CNY", limit=1, offset=1)
    assert (row["customer_id"], row["overdue_amount"], row["disputed_amount"]) == (1, Decimal(380), Decimal(0))
    with pytest.raises(Refused):
        execute(ledger, FINANCE, SettleDispute(case_id, "rejected", "x", on(8)))
    execute(ledger, FINANCE, Undo(receipt.change_id))
    assert rows(ledger, FINANCE, "disputes", as_of=on(7), customer_id=1)[0]["is_open"]


def test_a_rejected_dispute_gets_no_credit(ledger: Ledger) -> None:
    (case_id,) = execute(ledger, FINANCE, OpenDispute(1, (10,), "price", on(5))).result
    with pytest.raises(Refused):
        execute(ledger, FINANCE, SettleDispute(case_id, "rejected", "no", on(6), Decimal(1)))


# The ladder in SQL and in Python.


@dataclass(frozen=True)
class Look(Command):
    """What the pure function says of everybody."""

    permission: ClassVar[Permission] = Permission.COLLECT
    title: ClassVar[Text] = Text("测试", "Test")
    today: date

    def apply(self, change: Change) -> dict[tuple[int, str], tuple[object, ...]]:
        found = arrears.look_up(change, [1, 2, 3], self.today)
        steps = {key: ladder.step(debtor.facts, debtor.policy, self.today) for key, debtor in found.items()}
        return {
            key: (step.code, step.level and step.level.level, step.until_on, step.item and step.item.anchor) for key, step in steps.items()
        }


DAY = some.integers(-20, 120)
FACT = some.one_of(
    some.tuples(some.just("invoice"), DAY, some.sampled_from([20, 90, 400])),
    some.tuples(some.just("payment"), DAY, some.sampled_from([20, 90, 400])),
    some.tuples(some.just("mark"), DAY, some.integers(1, 7)),
    some.tuples(some.just("promise"), DAY, some.integers(0, 30)),
    some.tuples(some.just("hold"), DAY, some.integers(0, 30)),
    some.tuples(some.just("dispute"), DAY, some.sampled_from([None, 30, 1000])),
    some.tuples(some.just("plan"), DAY, some.integers(1, 30)),
)


@pytest.fixture(scope="module")
def debtors() -> Iterator[Ledger]:
    """Customers 1 to 3 owe 300 each."""
    with ledgers.fresh(people) as opened:
        for customer_id in (1, 2, 3):
            facts.customer(opened, customer_id, owner_id=2)
            facts.invoice(opened, customer_id, date(2026, 1, 1), DUE, 300, customer_id=customer_id)
        yield opened


@settings(max_examples=40)
@given(some.lists(some.tuples(some.integers(1, 2), FACT), max_size=12), DAY)
def test_the_ladder_in_sql_says_what_the_pure_function_says(
    debtors: Ledger, given_facts: list[tuple[int, tuple[str, int, Any]]], day: int
) -> None:
    with facts.passing(debtors, "entry", "posting", "activity", "promise", "hold", "case_file", "plan"):
        for number, (customer_id, fact) in enumerate(given_facts, 100):
            happen(debtors, number, customer_id, fact)
        said = execute(debtors, FINANCE, Look(on(day))).result
        found = debtors.cursor().execute(
            "select customer_id, currency, code, level, until_on, anchor from debtor_of([1, 2, 3], $day, timestamp '9999-12-30')",
            {"day": on(day)},
        )
        assert {(row[0], row[1]): row[2:] for row in found.fetchall()} == {
            key: (code, level, until_on, anchor if code not in ("hold", "promise") else ANY)
            for key, (code, level, until_on, anchor) in said.items()
        }


class _Any:
    """Equal to whatever stands there: what a hold stops has a driver in SQL only."""

    def __eq__(self, _other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0


ANY = _Any()


def happen(ledger: Ledger, number: int, customer_id: int, fact: tuple[str, int, Any]) -> None:
    kind, day, size = fact
    about = {"customer_id": customer_id, "currency": "CNY"}
    match kind:
        case "invoice":
            facts.invoice(ledger, number, on(day - 30), on(day), size, customer_id=customer_id)
        case "payment":
            facts.payment(ledger, number, on(day), size, customer_id=customer_id)
        case "mark":
            mark = {
                "kind": "reminder",
                "on_date": on(day),
                "done_on": on(day),
                "subject": "x",
                "ref": f"ladder:{customer_id}:CNY:{size}:{customer_id}",
            }
            facts.insert(ledger, "activity", {"customer_id": customer_id, "activity_id": number, **mark})
        case "promise":
            promised = {"made_on": on(day), "due_on": on(day + size), "amount": Decimal(100)}
            facts.insert(ledger, "promise", {**about, **promised, "promise_id": number})
        case "hold":
            facts.insert(
                ledger,
                "hold",
                {"customer_id": customer_id, "hold_id": number, "from_on": on(day), "until_on": on(day + size), "reason": "x"},
            )
        case "dispute":
            case = {"kind": "dispute", "on_date": on(day), "subject": "x", "invoice_id": customer_id, "amount": size}
            facts.insert(ledger, "case_file", {**about, **case, "case_id": number})
        case "plan":
            facts.insert(ledger, "plan", {**about, "plan_id": number, "made_on": on(day), "amount": Decimal(300)})
            for part in (1, 2):
                promised = {"made_on": on(day), "due_on": on(day + part * size), "amount": Decimal(150), "plan_id": number}
                facts.insert(ledger, "promise", {**about, **promised, "promise_id": number * 10 + part})
