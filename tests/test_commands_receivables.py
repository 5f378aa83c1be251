"""Money at the desk: what a payment settles, what stays on account, and that it can all be taken back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from lib.commands.customers import ChangeCustomer, RegisterCustomer
from lib.commands.receivables import Allocate, IssueCredit, RecordInvoice, RecordPayment, Unallocate
from lib.commands.undo import Undo
from lib.domain.access import Actor, Role, Scope
from lib.errors import Doubtful, Forbidden, Refused
from lib.store.door import Command, execute
from lib.store.ledger import Ledger
from lib.store.query import catalog

FINANCE = Actor(4, "finance", Role.FINANCE, Scope.ALL)
VIEWER = Actor(1, "viewer", Role.VIEWER, Scope.ALL)
TODAY = date(2026, 6, 30)


@pytest.fixture(autouse=True)
def _finance(ledger: Ledger) -> None:
    ledger.jot("insert into app_user values (4, 'finance', 'Finance', 'finance', 'all', null, 'zh', null, null, true, 1)", {})


def do(ledger: Ledger, command: Command) -> Any:
    return execute(ledger, FINANCE, command).result


def customer(ledger: Ledger, name: str = "恒源机械", **more: Any) -> int:
    return int(do(ledger, RegisterCustomer(name, **more)))


def invoice(ledger: Ledger, customer_id: int, doc_no: str, day: date, amount: str, **more: Any) -> int:
    return int(do(ledger, RecordInvoice(customer_id, doc_no, day, Decimal(amount), **more)))


def pay(ledger: Ledger, customer_id: int, amount: str, day: date = TODAY, **more: Any) -> dict[str, Any]:
    return dict(do(ledger, RecordPayment(customer_id, Decimal(amount), day, TODAY, **more)))


def open_amounts(ledger: Ledger, as_of: date = TODAY) -> dict[str, str]:
    """Open amount by invoice number, and what is unallocated under '-'."""
    sql = """
        select coalesce(doc_no, '-'), sum(posting.amount)::text from posting
        left join entry on posting.invoice_id = entry.entry_id and entry.retired_at = timestamp '9999-12-31'
        where posting.on_date <= $as_of group by all having sum(posting.amount) <> 0 order by all
    """
    return dict(ledger.cursor().execute(sql, {"as_of": as_of}).fetchall())


def sound(ledger: Ledger) -> None:
    for name, query in catalog().items():
        if name.startswith("check_"):
            assert ledger.cursor().execute(query.sql).fetchall() == [], name


def test_invoice_is_due_by_the_customers_terms(ledger: Ledger) -> None:
    with_terms, without = customer(ledger, terms_days=45), customer(ledger, "南风贸易")
    invoice(ledger, with_terms, "F1", date(2026, 1, 1), "100")
    invoice(ledger, without, "F2", date(2026, 1, 1), "100")
    found = ledger.cursor().execute("select doc_no, due_on from entry order by doc_no").fetchall()
    assert found == [("F1", date(2026, 2, 15)), ("F2", date(2026, 1, 1))]


def test_payment_is_laid_on_the_oldest_open_invoices(ledger: Ledger) -> None:
    """Due: F2 on 1 Feb (50), F1 on 1 Mar (100). Paid: 80."""
    who = customer(ledger)
    invoice(ledger, who, "F1", date(2026, 1, 1), "100", due_on=date(2026, 3, 1))
    invoice(ledger, who, "F2", date(2026, 1, 5), "50", due_on=date(2026, 2, 1))
    assert pay(ledger, who, "80", method="bank")["on_account"] == 0
    assert open_amounts(ledger) == {"F1": "70.00"}
    assert ledger.cursor().execute("select sum(items) from posting").fetchone() == (1,)
    sound(ledger)


def test_payment_for_named_invoices_leaves_others_alone(ledger: Ledger) -> None:
    who = customer(ledger)
    invoice(ledger, who, "F1", date(2026, 1, 1), "100")
    second = invoice(ledger, who, "F2", date(2026, 2, 1), "50")
    pay(ledger, who, "50", invoice_ids=(second,))
    assert open_amounts(ledger) == {"F1": "100.00"}


def test_overpayment_is_asked_about_and_then_stays_on_account(ledger: Ledger) -> None:
    who = customer(ledger)
    invoice(ledger, who, "F1", date(2026, 1, 1), "100")
    with pytest.raises(Doubtful) as doubt:
        pay(ledger, who, "420")
    assert "320" in doubt.value.say("zh")
    assert pay(ledger, who, "420", confirmed=True)["on_account"] == Decimal("320.00")
    assert open_amounts(ledger) == {"-": "-320.00"}
    sound(ledger)


def test_money_before_its_invoice_waits_on_account_until_the_invoices_day(ledger: Ledger) -> None:
    who = customer(ledger)
    invoice(ledger, who, "F1", date(2026, 3, 1), "100")
    pay(ledger, who, "100", date(2026, 2, 1))
    assert open_amounts(ledger, date(2026, 2, 15)) == {"-": "-100.00"}
    assert open_amounts(ledger, date(2026, 3, 1)) == {}
    sound(ledger)


def test_payment_dated_before_one_already_there_moves_the_day_of_settlement(ledger: Ledger) -> None:
    who = customer(ledger)
    invoice(ledger, who, "F1", date(2026, 1, 1), "100")
    pay(ledger, who, "60", date(2026, 3, 1))
    pay(ledger, who, "40", date(2026, 2, 1))
    daily = ledger.cursor().execute("select on_date, sum(items) from posting group by on_date order by on_date").fetchall()
    assert daily == [(date(2026, 1, 1), 1), (date(2026, 2, 1), 0), (date(2026, 3, 1), -1)]
    sound(ledger)


def test_credit_note_takes_off_its_invoice_and_the_rest_stays_on_account(ledger: Ledger) -> None:
    who = customer(ledger)
    first = invoice(ledger, who, "F1", date(2026, 1, 1), "100")
    do(ledger, IssueCredit(who, Decimal(30), date(2026, 2, 1), TODAY, invoice_id=first, memo="退货"))
    do(ledger, IssueCredit(who, Decimal(20), date(2026, 2, 1), TODAY))
    assert open_amounts(ledger) == {"-": "-20.00", "F1": "70.00"}
    sound(ledger)


def test_allocation_moves_money_on_its_day_and_taking_it_back_moves_it_again(ledger: Ledger) -> None:
    who = customer(ledger)
    first = invoice(ledger, who, "F1", date(2026, 1, 1), "100")
    paid = pay(ledger, who, "60", date(2026, 2, 1), oldest=False)["entry_id"]
    assert do(ledger, Allocate(paid, first, date(2026, 3, 1), TODAY)) == Decimal("60.00")
    assert open_amounts(ledger, date(2026, 2, 28)) == {"-": "-60.00", "F1": "100.00"}
    assert open_amounts(ledger, date(2026, 3, 1)) == {"F1": "40.00"}
    assert do(ledger, Unallocate(paid, first, date(2026, 4, 1), TODAY)) == Decimal("60.00")
    assert open_amounts(ledger) == {"-": "-60.00", "F1": "100.00"}
    sound(ledger)


def test_more_than_is_open_cannot_be_allocated(ledger: Ledger) -> None:
    who = customer(ledger)
    first = invoice(ledger, who, "F1", date(2026, 1, 1), "100")
    paid = pay(ledger, who, "300", oldest=False)["entry_id"]
    with pytest.raises(Refused, match=r"At most 100\.00"):
        do(ledger, Allocate(paid, first, TODAY, TODAY, Decimal(101)))


def test_undone_payment_opens_its_invoices_again(ledger: Ledger) -> None:
    who = customer(ledger)
    invoice(ledger, who, "F1", date(2026, 1, 1), "100")
    receipt = execute(ledger, FINANCE, RecordPayment(who, Decimal(100), TODAY, TODAY))
    execute(ledger, FINANCE, Undo(receipt.change_id))
    assert open_amounts(ledger) == {"F1": "100.00"}
    sound(ledger)


@pytest.mark.parametrize(
    ("amount", "words"),
    [("0", "greater than 0"), ("-5", "issue a credit note"), *((one, "greater than 0") for one in ("1.005", "1e16", "NaN"))],
)
def test_amounts_that_are_no_money_are_refused(ledger: Ledger, amount: str, words: str) -> None:
    who = customer(ledger)
    with pytest.raises(Refused, match=words):
        pay(ledger, who, amount)


def test_an_invoice_of_someone_else_cannot_be_paid(ledger: Ledger) -> None:
    who, other = customer(ledger), customer(ledger, "南风贸易")
    theirs = invoice(ledger, other, "F1", date(2026, 1, 1), "100")
    with pytest.raises(Refused, match="not this customer's"):
        pay(ledger, who, "100", invoice_ids=(theirs,))


def test_the_same_invoice_number_twice_is_refused(ledger: Ledger) -> None:
    who = customer(ledger)
    invoice(ledger, who, "F1", date(2026, 1, 1), "100")
    with pytest.raises(Refused, match="already has an invoice numbered F1"):
        invoice(ledger, who, "F1", date(2026, 2, 1), "50")


def test_an_invoice_due_before_its_day_is_refused(ledger: Ledger) -> None:
    with pytest.raises(Refused, match="is before the invoice date"):
        invoice(ledger, customer(ledger), "F1", date(2026, 1, 1), "100", due_on=date(2025, 12, 1))


def test_a_viewer_cannot_record_money(ledger: Ledger) -> None:
    with pytest.raises(Forbidden):
        execute(ledger, VIEWER, RecordPayment(1, Decimal(1), TODAY, TODAY))


def test_customers_get_the_next_number_and_initials(ledger: Ledger) -> None:
    customer(ledger)
    customer(ledger, "南风贸易", book="offbook")
    customer(ledger, "东海电器", account_no="K7")
    found = ledger.cursor().execute("select account_no, name_key, initials from customer_record order by customer_id").fetchall()
    assert found == [("C000001", "恒源机械", "hyjx"), ("X000001", "南风贸易", "nfmy"), ("K7", "东海电器", "dhdq")]


def test_a_customer_of_the_same_name_needs_a_second_word(ledger: Ledger) -> None:
    customer(ledger)
    with pytest.raises(Doubtful):
        customer(ledger, "恒源 机械")
    customer(ledger, "恒源 机械", confirmed=True)
    with pytest.raises(Refused, match="C000001 is in use"):
        customer(ledger, "别的", account_no="C000001")


def test_a_customer_changed_from_a_day_on_was_otherwise_before(ledger: Ledger) -> None:
    who = customer(ledger, region="华北")
    do(ledger, ChangeCustomer(who, (("region", "华东"),), date(2026, 5, 1)))
    at = "select region, name from customer_at($day, timestamp '9999-12-30')"
    assert ledger.cursor().execute(at, {"day": date(2026, 4, 30)}).fetchall() == [("华北", "恒源机械")]
    assert ledger.cursor().execute(at, {"day": date(2026, 5, 1)}).fetchall() == [("华东", "恒源机械")]
    do(ledger, ChangeCustomer(who, (("name", "恒源重工"),)))
    assert ledger.cursor().execute(at, {"day": date(2026, 4, 30)}).fetchall() == [("华北", "恒源重工")]
    with pytest.raises(Refused, match="Nothing is different"):
        do(ledger, ChangeCustomer(who, (("name", "恒源重工"),)))
    sound(ledger)
