"""What the reminder ladder looks at, read inside a change: debts, marks, promises, holds, and the ways to reach a customer."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from lib.domain import ladder
from lib.domain.addresses import is_address
from lib.domain.sender import Sender, sender
from lib.store.door import Change

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Person:
    """How a customer is written to: its name, who gets the mail, and the channels that lead anywhere."""

    name: str
    mail: Row | None
    ways: frozenset[str]
    sender: Sender


@dataclass(frozen=True, slots=True)
class Debtor:
    """One customer in one currency, as the ladder and a letter need it."""

    customer_id: int
    currency: str
    facts: ladder.Facts
    policy: ladder.Policy
    lines: tuple[Row, ...]
    name: str
    mail: Row | None
    ways: frozenset[str]
    sender: Sender


def look_up(change: Change, customer_ids: Sequence[int], today: date) -> dict[tuple[int, str], Debtor]:
    """Those of the customers who owe anything, by customer and currency."""
    asked = {"about": list(customer_ids), "today": today}
    lines = _grouped(change, _DEBTS, asked)
    marks = _grouped(change, _MARKS, asked)
    unnamed = _grouped(change, _UNNAMED, asked)
    promised = _grouped(change, _PROMISED, asked)
    held = {row["customer_id"]: row["until_on"] for row in _rows(change, _HELD, asked)}
    late, large = _ids(change, _LATE, asked), _ids(change, _LARGE, asked)
    policy = in_force(change, today)
    people = {customer_id: person(change, customer_id) for customer_id in {one for one, _ in lines}}
    found = {}
    for (customer_id, currency), debts in lines.items():
        key = (customer_id, currency)
        facts = ladder.Facts(
            items=tuple(
                ladder.Item(row["anchor"], row["due_on"], row["open_amount"] - row["disputed_amount"])
                for row in debts
                if not row["is_planned"]
            ),
            marks=tuple(ladder.Mark(row["level"], row["anchor"], row["on_date"]) for row in marks[key]),
            disputed_amount=sum((row["amount"] for row in unnamed[key]), Decimal(0)),
            has_dispute=any(row["disputed_amount"] > 0 for row in debts),
            is_late_payer=customer_id in late,
            is_large=customer_id in large,
            promised_until=max((row["due_on"] for row in promised[key]), default=None),
            plan_runs=any(row["is_planned"] or row["promise_id"] is not None for row in debts),
            held_until=held.get(customer_id),
        )
        who = people[customer_id]
        found[key] = Debtor(customer_id, currency, facts, policy, tuple(debts), who.name, who.mail, who.ways, who.sender)
    return found


def in_force(change: Change, today: date) -> ladder.Policy:
    """The ladder in force."""
    (row,) = _rows(
        change, "select body, policy_id, effective_on from policy_at('reminders', $today, timestamp '9999-12-30')", {"today": today}
    )
    return ladder.parse(json.loads(row["body"]), row["policy_id"], row["effective_on"])


def person(change: Change, customer_id: int) -> Person:
    """How a customer is written to; the contact for finance first, nobody who must not be contacted but by letter."""
    about = {"customer_id": customer_id}
    contacts = _rows(change, _CONTACTS, about)
    willing = [one for one in contacts if not one["do_not_contact"]]
    mail = next((one for one in willing if is_address(one["email"])), None)
    ways = {
        "email": mail is not None,
        "phone": any(one["phone"] for one in willing),
        "letter": any(one["address"] for one in contacts),
    }
    (named,) = _rows(change, _NAME, about)
    body = json.loads(named["settings"] or "{}")
    return Person(named["name"], mail, frozenset(way for way, leads in ways.items() if leads), sender(body))


_DEBTS: Final = "select * from debt_line_of($about, $today, timestamp '9999-12-30') order by due_on, length(anchor), anchor"
_MARKS: Final = "select * from ladder_mark_at($today, timestamp '9999-12-30') where customer_id in (select unnest($about::integer[]))"
_UNNAMED: Final = """
    select customer_id, currency, amount from case_at($today, timestamp '9999-12-30')
    where kind = 'dispute' and is_open and invoice_id is null and amount is not null and customer_id in (select unnest($about::integer[]))
"""
_PROMISED: Final = """
    select customer_id, currency, due_on from promise_of($about, $today, timestamp '9999-12-30')
    where result = 'open' and plan_id is null
"""
_HELD: Final = """
    select customer_id, max(until_on) as until_on from hold
    where from_on <= $today and until_on >= $today and retired_at = timestamp '9999-12-31'
        and customer_id in (select unnest($about::integer[]))
    group by customer_id
"""
_LATE: Final = "select customer_id from payment_habit_of($about, $today, timestamp '9999-12-30', null::text) where habit = 'late'"
_LARGE: Final = """
    select customer_id from purchase_class($today, timestamp '9999-12-30', null::text)
    where amount_grade = 'large' and invoices > 0 and customer_id in (select unnest($about::integer[]))
"""
_CONTACTS: Final = """
    select contact_id, name, phone, email, address, language, do_not_contact from contact
    where customer_id = $customer_id and retired_at = timestamp '9999-12-31'
    order by role = 'finance' desc nulls last, is_primary desc, contact_id
"""
_NAME: Final = """
    select name, (
        select body from policy where kind = 'settings' and retired_at = timestamp '9999-12-31'
        order by effective_on desc, policy_id desc limit 1
    ) as settings
    from customer_record
    where customer_id = $customer_id and until_on = date '9999-12-31' and retired_at = timestamp '9999-12-31'
"""


def _rows(change: Change, sql: str, parameters: Mapping[str, object]) -> list[dict[str, Any]]:
    cursor = change.cursor.execute(sql, dict(parameters))
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _grouped(change: Change, sql: str, parameters: Mapping[str, object]) -> defaultdict[tuple[int, str], list[dict[str, Any]]]:
    found: defaultdict[tuple[int, str], list[dict[str, Any]]] = defaultdict(list)
    for row in _rows(change, sql, parameters):
        found[row["customer_id"], row["currency"]].append(row)
    return found


def _ids(change: Change, sql: str, parameters: Mapping[str, object]) -> set[int]:
    return {row["customer_id"] for row in _rows(change, sql, parameters)}
