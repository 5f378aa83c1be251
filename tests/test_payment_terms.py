"""Payment terms: as people write them, the same in Python and in the engine, kept on a customer and used for due dates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import ledgers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from test_commands_imports import bring, numbers

from lib.commands.customers import ChangeCustomer, RegisterCustomer
from lib.commands.receivables import RecordInvoice
from lib.domain.access import Actor, Role, Scope
from lib.domain.payment_terms import BASIS, due_on, parse_terms
from lib.errors import Refused
from lib.store.door import execute
from lib.store.ledger import Ledger

FINANCE = Actor(0, "finance", Role.FINANCE, Scope.ALL)


@pytest.mark.parametrize(
    ("typed", "basis", "number"),
    [
        ("30", "net", 30),
        ("30天", "net", 30),
        ("30.0", "net", 30),
        ("净30天", "net", 30),
        ("Net 30", "net", 30),
        ("45 days", "net", 45),
        ("３０", "net", 30),
        ("月结30天", "eom", 30),
        ("月结 60", "eom", 60),
        ("月结", "eom", 0),
        ("EOM+30", "eom", 30),
        ("eom", "eom", 0),
        ("30 days EOM", "eom", 30),
        ("2 months", "months", 2),
        ("2个月", "months", 2),
        ("3月", "months", 3),
        ("现结", "net", 0),
        ("COD", "net", 0),
    ],
)
def test_terms_are_read_as_people_write_them(typed: str, basis: str, number: int) -> None:
    terms = parse_terms(typed).value
    assert terms
    assert (terms.basis, terms.number) == (basis, number)


@pytest.mark.parametrize("typed", ["下周", "30-60", "-30", "731", "25 months", "EOM+9999", "1.5"])
def test_what_is_no_terms_is_refused_with_a_reason(typed: str) -> None:
    read = parse_terms(typed)
    assert read.value is None
    assert read.why("zh")
    assert read.why("en")


def test_a_month_that_is_too_short_ends_on_its_last_day() -> None:
    assert due_on(date(2026, 1, 31), "months", 1) == date(2026, 2, 28)
    assert due_on(date(2028, 1, 31), "months", 1) == date(2028, 2, 29)
    assert due_on(date(2026, 1, 15), "eom", 30) == date(2026, 3, 2)
    assert due_on(date(2026, 1, 15), None, None) == date(2026, 1, 15)


@pytest.fixture(scope="module")
def engine() -> Iterator[Ledger]:
    with ledgers.fresh() as opened:
        yield opened


@given(
    on_date=st.dates(date(1990, 1, 1), date(2090, 12, 31)),
    basis=st.sampled_from([None, *BASIS]),
    number=st.one_of(st.none(), st.integers(0, 24)),
)
@example(on_date=date(2026, 1, 31), basis="months", number=1)
@example(on_date=date(2028, 2, 29), basis="months", number=12)
@example(on_date=date(2026, 12, 31), basis="eom", number=0)
def test_the_engine_and_python_agree_on_every_due_date(engine: Ledger, on_date: date, basis: Any, number: int | None) -> None:
    given = {"on_date": on_date, "basis": basis, "number": number}
    row = engine.cursor().execute("select due_by_terms($on_date::date, $basis, $number)", given).fetchone()
    assert row == (due_on(on_date, basis, number),)


def test_an_invoice_is_due_by_the_basis_of_its_customers_terms(ledger: Ledger) -> None:
    who = execute(ledger, FINANCE, RegisterCustomer("恒源机械", terms_days=30, terms_basis="eom")).result
    execute(ledger, FINANCE, RecordInvoice(who, "F1", date(2026, 1, 5), Decimal(100)))
    execute(ledger, FINANCE, ChangeCustomer(who, (("terms_days", 2), ("terms_basis", "months"))))
    execute(ledger, FINANCE, RecordInvoice(who, "F2", date(2026, 12, 31), Decimal(100)))
    found = ledger.cursor().execute("select doc_no, due_on from entry order by doc_no").fetchall()
    assert found == [("F1", date(2026, 3, 2)), ("F2", date(2027, 2, 28))]


def test_months_beyond_two_years_are_refused(ledger: Ledger) -> None:
    with pytest.raises(Refused, match="between 0 and 24"):
        execute(ledger, FINANCE, RegisterCustomer("恒源机械", terms_days=30, terms_basis="months"))


def test_a_customer_file_says_terms_in_any_of_these_ways(ledger: Ledger) -> None:
    """The same file again changes nothing; a plain number stays days."""
    file = """
客户编号\t客户名称\t账期
K1\t恒源机械\t30
K2\t南风贸易\t月结30天
K3\t东海电器\tEOM+45
K4\t西山化工\t2 months
K5\t北原纸业\t下周
"""
    assert numbers(ledger, "customers", file) == (4, 0, 0, 0, 1)
    bring(ledger, "customers", file)
    sql = "select account_no, terms_basis, terms_days from customer_record where retired_at = timestamp '9999-12-31' order by account_no"
    assert ledger.cursor().execute(sql).fetchall() == [("K1", "net", 30), ("K2", "eom", 30), ("K3", "eom", 45), ("K4", "months", 2)]
    assert numbers(ledger, "customers", file) == (0, 0, 4, 0, 1)
    assert numbers(ledger, "customers", "客户编号\t客户名称\t账期\nK2\t南风贸易\t30\nK1\t恒源机械\t30天") == (0, 1, 1, 0, 0)


def test_imported_invoices_without_a_due_date_follow_the_terms(ledger: Ledger) -> None:
    bring(ledger, "customers", "客户编号\t客户名称\t账期\nK1\t恒源机械\t月结30天\nK2\t南风贸易\t1个月")
    bring(ledger, "invoices", "客户编号\t发票号\t开票日期\t金额\nK1\tF1\t2026-01-05\t100\nK2\tF2\t2026-01-31\t100")
    found = ledger.cursor().execute("select doc_no, due_on from entry order by doc_no").fetchall()
    assert found == [("F1", date(2026, 3, 2)), ("F2", date(2026, 2, 28))]
