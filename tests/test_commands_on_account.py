"""Money on account laid over open invoices, for a house that came with thousands of credits nobody had used."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import facts
import pytest

from lib.commands.closing import ClosePeriod
from lib.commands.imports import Options, order, plan
from lib.commands.on_account import SettleFromAccount
from lib.commands.receivables import Allocate, IssueCredit, RecordInvoice, RecordPayment
from lib.commands.undo import Undo
from lib.domain.access import Actor, Role, Scope
from lib.domain.sheets import read_pasted
from lib.errors import Forbidden, Refused
from lib.store.door import Command, Receipt, execute
from lib.store.ledger import Ledger
from lib.store.query import catalog, rows

FINANCE = Actor(4, "finance", Role.FINANCE, Scope.ALL)
TODAY = date(2026, 6, 30)
DAY = date(2026, 6, 1)


@pytest.fixture(autouse=True)
def _furnished(ledger: Ledger) -> None:
    """Customer 1 owes 60 and 100 and has 130 on account in two pieces and 5 in dollars; customer 2 owes 10 and has 50; 3 has 7."""
    ledger.jot("insert into app_user values (4, 'finance', 'Finance', 'finance', 'all', null, 'zh', null, null, true, 1)", {})
    for customer_id in (1, 2, 3):
        facts.customer(ledger, customer_id)
    for customer_id, doc_no, amount in ((1, "A", 60), (1, "B", 100), (2, "C", 10)):
        do(ledger, RecordInvoice(customer_id, doc_no, DAY, Decimal(amount)))
    do(ledger, IssueCredit(1, Decimal(30), DAY, TODAY, "CNY"))
    for customer_id, amount, currency in ((1, 100, "CNY"), (1, 5, "USD"), (2, 50, "CNY"), (3, 7, "CNY")):
        do(ledger, RecordPayment(customer_id, Decimal(amount), DAY, TODAY, currency, oldest=False))


def do(ledger: Ledger, command: Command, actor: Actor = FINANCE) -> Receipt:
    return execute(ledger, actor, command)


def standing(ledger: Ledger) -> list[tuple[Any, ...]]:
    """What is open by invoice, and on account under '-', by customer and currency."""
    sql = """
        select posting.customer_id, coalesce(invoice.doc_no, '-'), posting.currency, sum(posting.amount)::integer
        from posting
        left join entry as invoice on posting.invoice_id = invoice.entry_id and invoice.retired_at = timestamp '9999-12-31'
        group by all having sum(posting.amount) <> 0 order by all
    """
    return ledger.cursor().execute(sql).fetchall()


def test_money_on_account_settles_the_oldest_of_all_customers_and_comes_back_by_undo(ledger: Ledger) -> None:
    before = standing(ledger)
    assert [(row["currency"], row["count"], row["amount"]) for row in rows(ledger, FINANCE, "money_to_settle", as_of=TODAY)] == [
        ("CNY", 2, Decimal(140))
    ]
    done = do(ledger, SettleFromAccount(TODAY))
    assert done.result == 2
    assert standing(ledger) == [(1, "-", "USD", -5), (1, "B", "CNY", 30), (2, "-", "CNY", -40), (3, "-", "CNY", -7)]
    broken = {name for name, query in catalog().items() if name.startswith("check_") and ledger.cursor().execute(query.sql).fetchone()}
    assert broken == set()
    with pytest.raises(Refused, match="nothing to settle"):
        do(ledger, SettleFromAccount(TODAY))
    do(ledger, Undo(done.change_id, TODAY))
    assert standing(ledger) == before


def test_money_that_a_file_says_was_paid_back_settles_nothing(ledger: Ledger) -> None:
    """A refund of a file names no payment: it takes the oldest money on account, like one that is recorded."""
    file = read_pasted("客户,日期,金额\nC001,2026-06-02,-40\nC002,2026-06-02,-45\nC003,2026-06-02,-7")
    do(ledger, order(plan(ledger, FINANCE, "payments", file, Options(today=TODAY))))
    offered = [(row["count"], row["amount"]) for row in rows(ledger, FINANCE, "money_to_settle", as_of=TODAY)]
    assert offered == [(2, Decimal(95))]
    assert do(ledger, SettleFromAccount(TODAY)).result == 2
    assert standing(ledger) == [(1, "-", "USD", -5), (1, "B", "CNY", 70), (2, "C", "CNY", 5)]
    with pytest.raises(Refused, match="nothing to settle"):
        do(ledger, SettleFromAccount(TODAY, 3))


def test_money_that_a_file_says_was_paid_back_is_allocated_to_nothing(ledger: Ledger) -> None:
    """Of 130 the file gave 110 back: the credit note and 80 of the payment; 20 of it is there."""
    file = read_pasted("客户,日期,金额\nC001,2026-06-02,-110")
    do(ledger, order(plan(ledger, FINANCE, "payments", file, Options(today=TODAY))))
    ids = dict(ledger.cursor().execute("select coalesce(doc_no, kind), entry_id from entry where customer_id = 1").fetchall())
    credit, paid = (number(ledger, kind) for kind in ("credit_note", "payment"))
    offered = rows(ledger, FINANCE, "money_on_account", as_of=TODAY, customer_id=1, currency="CNY")
    assert [(row["entry_id"], row["amount"]) for row in offered] == [(paid, Decimal(20))]
    with pytest.raises(Refused, match=r"At most 0\.00"):
        do(ledger, Allocate(credit, ids["B"], TODAY, TODAY))
    with pytest.raises(Refused, match=r"At most 20\.00"):
        do(ledger, Allocate(paid, ids["B"], TODAY, TODAY, Decimal(21)))
    assert do(ledger, Allocate(paid, ids["B"], TODAY, TODAY)).result == 20
    with pytest.raises(Refused, match=r"At most 0\.00"):
        do(ledger, Allocate(paid, ids["B"], TODAY, TODAY))
    assert [row for row in standing(ledger) if row[0] == 1] == [(1, "-", "USD", -5), (1, "A", "CNY", 60), (1, "B", "CNY", 80)]


def number(ledger: Ledger, kind: str) -> int:
    """The yuan document of customer 1 of a kind."""
    sql = "select entry_id from entry where customer_id = 1 and currency = 'CNY' and kind = $kind"
    (entry_id,) = ledger.cursor().execute(sql, {"kind": kind}).fetchone() or (0,)
    return int(entry_id)


def test_one_customer_is_settled_alone(ledger: Ledger) -> None:
    do(ledger, SettleFromAccount(TODAY, 2))
    assert [row for row in standing(ledger) if row[0] == 2] == [(2, "-", "CNY", -40)]
    assert (1, "A", "CNY", 60) in standing(ledger)
    with pytest.raises(Refused, match="nothing to settle"):
        do(ledger, SettleFromAccount(TODAY, 3))


def test_all_customers_are_settled_by_who_sees_them_all_and_not_in_closed_books(ledger: Ledger) -> None:
    with pytest.raises(Forbidden):
        do(ledger, SettleFromAccount(TODAY), Actor(4, "finance", Role.FINANCE, Scope.TEAM, ("north",)))
    do(ledger, ClosePeriod(DAY, "月结", TODAY))
    with pytest.raises(Refused, match="closed"):
        do(ledger, SettleFromAccount(DAY))
