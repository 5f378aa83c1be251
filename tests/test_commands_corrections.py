"""Corrections: a posted document is never edited, the books stay true on every day, and closed books stay closed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from test_commands_imports import bring
from test_commands_receivables import FINANCE, TODAY, customer, do, invoice, open_amounts, pay, sound

from lib.commands.closing import ClosePeriod, ReopenPeriod
from lib.commands.corrections import RecordAdjustment, RecordOpening, RecordRefund, VoidInvoice
from lib.commands.promises import RecordPromise
from lib.commands.receivables import Allocate, IssueCredit, Unallocate
from lib.commands.undo import Undo
from lib.domain.access import SYSTEM
from lib.errors import Doubtful, Refused
from lib.store.door import execute
from lib.store.ledger import Ledger
from lib.store.query import rows


@pytest.fixture(autouse=True)
def _finance(ledger: Ledger) -> None:
    ledger.jot("insert into app_user values (4, 'finance', 'Finance', 'finance', 'all', null, 'zh', null, null, true, 1)", {})


def proven(ledger: Ledger, as_of: date = TODAY) -> None:
    """Every rule holds, and documents, postings, buckets and the statement are one amount."""
    sound(ledger)
    assert all(row["is_proven"] for row in rows(ledger, SYSTEM, "ledger_proof", as_of=as_of))


def refund(ledger: Ledger, who: int, amount: str, day: date = TODAY, **more: Any) -> int:
    return int(do(ledger, RecordRefund(who, Decimal(amount), day, TODAY, **more)))


def adjust(ledger: Ledger, who: int, amount: str, day: date = TODAY, reason: str = "舍入", **more: Any) -> int:
    return int(do(ledger, RecordAdjustment(who, Decimal(amount), day, TODAY, reason, **more)))


# Void.


def test_a_voided_invoice_is_gone_from_every_day_and_comes_back_by_undo(ledger: Ledger) -> None:
    who = customer(ledger)
    first = invoice(ledger, who, "F1", date(2026, 1, 1), "100")
    receipt = execute(ledger, FINANCE, VoidInvoice(first, "开错客户", TODAY))
    assert receipt.result == "F1"
    for day in (date(2026, 1, 1), TODAY):
        assert open_amounts(ledger, day) == {}
        proven(ledger, day)
    execute(ledger, FINANCE, Undo(receipt.change_id))
    assert open_amounts(ledger) == {"F1": "100.00"}
    proven(ledger)


def test_an_invoice_with_money_on_it_names_what_to_take_back_first(ledger: Ledger) -> None:
    who = customer(ledger)
    first = invoice(ledger, who, "F1", date(2026, 1, 1), "100")
    paid = pay(ledger, who, "40", date(2026, 2, 1), doc_no="P-7")["entry_id"]
    with pytest.raises(Refused, match=r"P-7 \(40\.00\) stands on invoice F1"):
        do(ledger, VoidInvoice(first, "开错客户", TODAY))
    do(ledger, Unallocate(paid, first, date(2026, 3, 1), TODAY))
    do(ledger, VoidInvoice(first, "开错客户", TODAY))
    assert open_amounts(ledger, date(2026, 2, 15)) == {"-": "-40.00"}
    assert open_amounts(ledger) == {"-": "-40.00"}
    for day in (date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1), TODAY):
        proven(ledger, day)


def test_a_void_needs_a_reason_and_a_live_invoice(ledger: Ledger) -> None:
    first = invoice(ledger, customer(ledger), "F1", date(2026, 1, 1), "100")
    with pytest.raises(Refused, match="Reason"):
        do(ledger, VoidInvoice(first, " ", TODAY))
    do(ledger, VoidInvoice(first, "重复", TODAY))
    with pytest.raises(Refused, match="no such invoice"):
        do(ledger, VoidInvoice(first, "重复", TODAY))


def test_a_promise_about_a_voided_invoice_is_cancelled_not_broken(ledger: Ledger) -> None:
    who = customer(ledger)
    first = invoice(ledger, who, "F1", date(2026, 1, 1), "100")
    do(ledger, RecordPromise(who, date(2026, 7, 9), TODAY, invoice_id=first))
    do(ledger, VoidInvoice(first, "重复", TODAY))
    found = ledger.cursor().execute("select result from promise_at($day, timestamp '9999-12-30')", {"day": date(2026, 8, 1)}).fetchall()
    assert found == [("cancelled",)]


# Refund.


def test_a_refund_pays_back_the_oldest_money_on_account(ledger: Ledger) -> None:
    who = customer(ledger)
    pay(ledger, who, "60", date(2026, 2, 1), oldest=False)
    pay(ledger, who, "50", date(2026, 3, 1), oldest=False)
    change = execute(ledger, FINANCE, RecordRefund(who, Decimal(80), date(2026, 4, 1), TODAY, method="transfer"))
    assert open_amounts(ledger) == {"-": "-30.00"}
    for day in (date(2026, 2, 1), date(2026, 4, 1), TODAY):
        proven(ledger, day)
    assert rows(ledger, SYSTEM, "open_items", as_of=TODAY) == []
    assert ledger.cursor().execute("select sum(items) from posting where kind = 'refund'").fetchone() == (0,)
    execute(ledger, FINANCE, Undo(change.change_id))
    assert open_amounts(ledger) == {"-": "-110.00"}
    proven(ledger)


def test_more_than_is_on_account_on_that_day_cannot_be_paid_back(ledger: Ledger) -> None:
    """60 since February, used up in May: from March on nothing lasting is free."""
    who = customer(ledger)
    paid = pay(ledger, who, "60", date(2026, 2, 1), oldest=False)["entry_id"]
    with pytest.raises(Refused, match=r"60\.00 \(CNY\) at most") as refusal:
        refund(ledger, who, "61", date(2026, 3, 1))
    assert refusal.value.values["about"] == "amount"
    with pytest.raises(Refused, match="0 "):
        refund(ledger, who, "1", date(2026, 1, 1))
    first = invoice(ledger, who, "F1", date(2026, 5, 1), "60")
    do(ledger, Allocate(paid, first, date(2026, 5, 1), TODAY))
    with pytest.raises(Refused, match="at most"):
        refund(ledger, who, "1", date(2026, 3, 1))


def test_the_same_refund_a_moment_later_is_asked_about(ledger: Ledger) -> None:
    who = customer(ledger)
    pay(ledger, who, "60", date(2026, 2, 1), oldest=False)
    refund(ledger, who, "20")
    with pytest.raises(Doubtful):
        refund(ledger, who, "20")
    refund(ledger, who, "20", confirmed=True)
    assert open_amounts(ledger) == {"-": "-20.00"}


# Adjustments and opening balances.


def test_an_adjustment_above_zero_is_owed_and_can_be_paid(ledger: Ledger) -> None:
    who = customer(ledger)
    adjust(ledger, who, "12.50", date(2026, 3, 1))
    assert pay(ledger, who, "12.50", date(2026, 4, 1))["on_account"] == 0
    assert open_amounts(ledger) == {}
    proven(ledger, date(2026, 3, 15))
    proven(ledger)


def test_an_adjustment_below_zero_waits_on_account_or_goes_off_an_invoice(ledger: Ledger) -> None:
    who = customer(ledger)
    first = invoice(ledger, who, "F1", date(2026, 1, 1), "100")
    adjust(ledger, who, "-0.30", date(2026, 3, 1), invoice_id=first)
    free = adjust(ledger, who, "-5", date(2026, 3, 1))
    assert open_amounts(ledger) == {"-": "-5.00", "F1": "99.70"}
    proven(ledger)
    do(ledger, Allocate(free, first, date(2026, 4, 1), TODAY))
    assert open_amounts(ledger) == {"F1": "94.70"}
    proven(ledger, date(2026, 3, 15))


@pytest.mark.parametrize("amount", ["0", "1.005", "NaN", "-1e17"])
def test_an_adjustment_of_nothing_is_refused(ledger: Ledger, amount: str) -> None:
    with pytest.raises(Refused, match="must not be 0"):
        adjust(ledger, customer(ledger), amount)


def test_an_adjustment_needs_its_reason_and_adds_to_no_invoice(ledger: Ledger) -> None:
    who = customer(ledger)
    with pytest.raises(Refused, match="Reason"):
        adjust(ledger, who, "1", reason="")
    with pytest.raises(Refused, match="cannot name an invoice"):
        adjust(ledger, who, "1", invoice_id=1)


def test_opening_balances_age_by_the_due_date_they_had(ledger: Ledger) -> None:
    who = customer(ledger)
    start = date(2026, 1, 1)
    do(ledger, RecordOpening(who, Decimal(300), start, TODAY, due_on=date(2025, 11, 30), doc_no="旧-1"))
    do(ledger, RecordOpening(who, Decimal(-20), start, TODAY, doc_no="旧-2"))
    (item,) = rows(ledger, SYSTEM, "open_items", as_of=start)
    assert (item["invoice_no"], item["due_on"], item["days_overdue"]) == ("旧-1", date(2025, 11, 30), 32)
    assert open_amounts(ledger) == {"-": "-20.00", "旧-1": "300.00"}
    assert rows(ledger, SYSTEM, "statement", as_of=TODAY, customer_id=who)[-1]["balance"] == 280
    proven(ledger, start)
    with pytest.raises(Refused, match="numbered 旧-1"):
        do(ledger, RecordOpening(who, Decimal(300), start, TODAY, doc_no="旧-1"))


# Closed books.


def closed(ledger: Ledger, until: date = date(2026, 5, 31)) -> int:
    return execute(ledger, FINANCE, ClosePeriod(until, "5月已报税", TODAY)).change_id


@pytest.mark.parametrize("kind", ["invoice", "payment", "credit", "refund", "adjustment", "opening", "allocate", "unallocate"])
def test_no_money_is_written_into_the_closed_books(ledger: Ledger, kind: str) -> None:
    who = customer(ledger)
    first = invoice(ledger, who, "F1", date(2026, 1, 1), "100")
    paid = pay(ledger, who, "60", date(2026, 2, 1), oldest=False)["entry_id"]
    laid = pay(ledger, who, "10", date(2026, 2, 1), invoice_ids=(first,))["entry_id"]
    closed(ledger)
    before = ledger.cursor().execute("select count(*) from posting").fetchone()
    ways = {
        "invoice": lambda day: invoice(ledger, who, f"N{day}", day, "5"),
        "payment": lambda day: pay(ledger, who, "5", day),
        "credit": lambda day: do(ledger, IssueCredit(who, Decimal(5), day, TODAY)),
        "refund": lambda day: refund(ledger, who, "5", day),
        "adjustment": lambda day: adjust(ledger, who, "5", day),
        "opening": lambda day: do(ledger, RecordOpening(who, Decimal(5), day, TODAY)),
        "allocate": lambda day: do(ledger, Allocate(paid, first, day, TODAY)),
        "unallocate": lambda day: do(ledger, Unallocate(laid, first, day, TODAY)),
    }
    with pytest.raises(Refused) as refusal:
        ways[kind](date(2026, 5, 31))
    for part in ("2026-05-31", "5月已报税", "Finance", "2026-06-01", "Billing"):
        assert part in refusal.value.say("en")
    assert refusal.value.values["about"] == "on_date"
    assert ledger.cursor().execute("select count(*) from posting").fetchone() == before
    ways[kind](date(2026, 6, 1))


def test_what_stands_in_the_closed_books_is_neither_voided_nor_undone(ledger: Ledger) -> None:
    who = customer(ledger)
    first = invoice(ledger, who, "F1", date(2026, 1, 1), "100")
    change_id = execute(ledger, FINANCE, IssueCredit(who, Decimal(5), date(2026, 2, 1), TODAY)).change_id
    closing = closed(ledger)
    with pytest.raises(Refused, match="Issue a credit note"):
        do(ledger, VoidInvoice(first, "开错", TODAY))
    with pytest.raises(Refused, match="closed period"):
        execute(ledger, FINANCE, Undo(change_id))
    execute(ledger, FINANCE, Undo(closing))
    execute(ledger, FINANCE, Undo(change_id))
    do(ledger, VoidInvoice(first, "开错", TODAY))
    proven(ledger)


def test_imports_leave_the_closed_books_alone(ledger: Ledger) -> None:
    _, first = bring(ledger, "invoices", "客户编号\t发票号\t开票日期\t金额\nK1\tF1\t2026-01-05\t100", FINANCE)
    assert first["new"] == 1
    closed(ledger)
    _, again = bring(
        ledger,
        "invoices",
        "客户编号\t发票号\t开票日期\t金额\nK1\tF1\t2026-01-05\t100\nK1\tF2\t2026-05-05\t7\nK1\tF3\t2026-06-05\t8",
        FINANCE,
    )
    assert (again["new"], again["same"], again["rejected"]) == (1, 1, 1)
    _, paid = bring(ledger, "payments", "客户编号\t日期\t金额\nK1\t2026-05-05\t7\nK1\t2026-06-05\t8", FINANCE)
    assert (paid["new"], paid["rejected"]) == (1, 1)
    proven(ledger)


def test_closing_goes_forward_and_reopening_back_each_with_a_reason(ledger: Ledger) -> None:
    closed(ledger)
    for wrong, said in (
        (ClosePeriod(date(2026, 5, 1), "x", TODAY), "already closed"),
        (ClosePeriod(TODAY, "x", TODAY), "not over yet"),
        (ClosePeriod(date(2026, 6, 1), "", TODAY), "Reason"),
        (ReopenPeriod(date(2026, 5, 31), "x", TODAY), "nothing to reopen"),
        (ReopenPeriod(date(2026, 4, 30), " ", TODAY), "Reason"),
    ):
        with pytest.raises(Refused, match=said):
            do(ledger, wrong)
    do(ledger, ReopenPeriod(date(2026, 4, 30), "补一张账单", TODAY))
    who = customer(ledger)
    invoice(ledger, who, "F1", date(2026, 5, 1), "5")
    with pytest.raises(Refused, match="closed period"):
        invoice(ledger, who, "F2", date(2026, 4, 30), "5")
    do(ledger, ReopenPeriod(None, "全部重开", TODAY))
    invoice(ledger, who, "F2", date(2026, 4, 30), "5")
