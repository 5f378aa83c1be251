"""The credit stop in the door: standings from facts, refused bills, prepaid ones, exceptions, and the same answer from SQL and the rule.

Rules to begin with: unrated customers start with 50,000; overdue by more than 30 days above 1,000 stops; a low grade gets no days.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import facts
import ledgers
import pytest

from lib.commands.billing import PostDrafts
from lib.commands.credit import Bill, refuse_stopped
from lib.commands.imports import Options, order, plan
from lib.commands.receivables import RecordInvoice, RecordPayment
from lib.domain import credit
from lib.domain.access import SYSTEM
from lib.domain.sheets import read_pasted
from lib.errors import Refused
from lib.store.door import Change, execute
from lib.store.ledger import Ledger

TODAY = date(2026, 6, 30)


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with ledgers.fresh() as opened:
        facts.customer(opened, 1, name="恒源机械")
        yield opened


def standing(ledger: Ledger, as_of: date = TODAY, currency: str = "CNY") -> dict[str, Any]:
    sql = """
        select * from credit_standing_of([1], $as_of::date, timestamp '9999-12-30') as standing where standing.currency = $currency
    """
    found = ledger.cursor().execute(sql, {"as_of": as_of, "currency": currency}).to_arrow_table().to_pylist()
    return found[0] if found else {}


def bill(ledger: Ledger, number: str, amount: int | str, **more: Any) -> int:
    command = RecordInvoice(1, number, TODAY, Decimal(amount), date(2026, 12, 31), today=TODAY, **more)
    result: int = execute(ledger, SYSTEM, command).result
    return result


def override(ledger: Ledger, **more: Any) -> None:
    common = {"override_id": 1, "customer_id": 1, "from_on": TODAY, "until_on": date(2026, 7, 31), "currency": "CNY", "reason": "r"}
    facts.insert(ledger, "credit_override", {**common, **more})


def test_a_new_customer_starts_with_the_limit_of_the_rule(ledger: Ledger) -> None:
    bill(ledger, "A", 50000)
    assert standing(ledger)["credit_state"] == "stop"
    with pytest.raises(Refused, match=r"50,000\.00 CNY is in use, and with 1\.00 more it exceeds the credit limit of 50,000\.00"):
        bill(ledger, "B", 1)


@pytest.mark.parametrize(("amount", "state"), [(39999, "ok"), (40000, "amber"), (47500, "red"), (50000, "stop")])
def test_states_begin_at_their_share_of_the_limit(ledger: Ledger, amount: int, state: str) -> None:
    bill(ledger, "A", amount)
    assert standing(ledger)["credit_state"] == state


def test_overdue_stops_only_when_large_and_old(ledger: Ledger) -> None:
    """Two invoices of one customer.

    invoice | due        | open
    10      | 2026-05-31 | 1000
    11      | 2026-05-31 |    1
    """
    facts.invoice(ledger, 10, date(2026, 5, 1), date(2026, 5, 31), 1000)
    assert standing(ledger, date(2026, 7, 1))["credit_state"] == "ok"
    facts.invoice(ledger, 11, date(2026, 5, 1), date(2026, 5, 31), 1)
    assert standing(ledger, date(2026, 6, 30))["credit_state"] == "ok"
    assert standing(ledger, date(2026, 7, 1))["credit_state"] == "stop"


def test_money_on_account_lowers_the_exposure_and_lets_a_stopped_customer_prepay_once(ledger: Ledger) -> None:
    facts.invoice(ledger, 10, date(2026, 1, 1), date(2026, 1, 31), 2000)
    with pytest.raises(Refused, match="overdue for more than 30 days"):
        bill(ledger, "A", 300)
    execute(ledger, SYSTEM, RecordPayment(1, Decimal(500), TODAY, TODAY, oldest=False, confirmed=True))
    assert standing(ledger)["exposure_amount"] == 1500
    invoice_id = bill(ledger, "A", 300)
    open_amount = ledger.cursor().execute("select sum(amount) from posting where invoice_id = $id", {"id": invoice_id}).fetchone()
    assert open_amount == (0,)
    with pytest.raises(Refused, match=r"300\.00 needed, 200\.00 there"):
        bill(ledger, "B", 300)


def test_a_prepaid_bill_takes_what_is_there_not_what_a_refund_of_a_file_gave_back(ledger: Ledger) -> None:
    """200 came, 200 went back in a file, 500 came: the bill takes 300 of the 500."""
    facts.invoice(ledger, 10, date(2026, 1, 1), date(2026, 1, 31), 2000)
    first = execute(ledger, SYSTEM, RecordPayment(1, Decimal(200), date(2026, 6, 1), TODAY, oldest=False)).result["entry_id"]
    file = read_pasted("客户,日期,金额\nC001,2026-06-02,-200")
    execute(ledger, SYSTEM, order(plan(ledger, SYSTEM, "payments", file, Options(today=TODAY))))
    second = execute(ledger, SYSTEM, RecordPayment(1, Decimal(500), TODAY, TODAY, oldest=False)).result["entry_id"]
    invoice_id = bill(ledger, "A", 300)
    sql = "select entry_id, sum(amount) from posting where invoice_id = $id and entry_id <> $id group by all"
    assert ledger.cursor().execute(sql, {"id": invoice_id}).fetchall() == [(second, -300)]
    left = "select sum(amount) from posting where invoice_id is null and entry_id in ($first, $second)"
    assert ledger.cursor().execute(left, {"first": first, "second": second}).fetchone() == (-400,)


def test_currencies_stand_apart_but_a_stop_in_one_is_a_stop_in_all(ledger: Ledger) -> None:
    """Old debt in yuan, and yet the same customer could be billed in dollars."""
    bill(ledger, "A", 100, currency="USD")
    facts.invoice(ledger, 10, date(2026, 1, 1), date(2026, 1, 31), 2000)
    assert standing(ledger, currency="USD")["credit_state"] == "ok"
    with pytest.raises(Refused, match=r"2,000\.00 CNY has been overdue for more than 30 days"):
        bill(ledger, "B", 100, currency="USD")
    with pytest.raises(Refused, match=r"2,000\.00 CNY has been overdue"):
        bill(ledger, "B", 100, currency="EUR")
    override(ledger, currency="USD")
    bill(ledger, "B", 100, currency="USD")


def test_the_limit_to_start_with_is_one_for_all_currencies(ledger: Ledger) -> None:
    """Whoever was never rated got it once more in every currency, even one nobody knows a rate of."""
    facts.insert(ledger, "exchange_rate", {"rate_id": 1, "currency": "USD", "base": "CNY", "on_date": TODAY, "rate": "5"})
    bill(ledger, "A", 40000)
    with pytest.raises(Refused, match=r"8,000\.00 USD worth of it is in use, and with 2,000\.01 more it exceeds 10,000\.00"):
        bill(ledger, "B", "2000.01", currency="USD")
    bill(ledger, "B", 1000, currency="USD")
    with pytest.raises(Refused, match=r"45,000\.00 XXX worth"):
        bill(ledger, "C", 5001, currency="XXX")


def test_the_limit_to_start_with_follows_the_rate_of_the_day(ledger: Ledger) -> None:
    facts.insert(ledger, "exchange_rate", {"rate_id": 1, "currency": "USD", "base": "CNY", "on_date": TODAY, "rate": "5"})
    with pytest.raises(Refused, match=r"10,000\.00"):
        bill(ledger, "B", 10001, currency="USD")


def test_a_release_lifts_the_stop_until_its_last_day(ledger: Ledger) -> None:
    bill(ledger, "A", 50000)
    override(ledger)
    assert standing(ledger, date(2026, 7, 31))["credit_state"] == "released"
    assert standing(ledger, date(2026, 8, 1))["credit_state"] == "stop"
    bill(ledger, "B", 1)


def test_a_limit_of_its_own_counts_while_it_lasts(ledger: Ledger) -> None:
    override(ledger, amount=Decimal(100))
    with pytest.raises(Refused, match=r"limit of 100\.00"):
        bill(ledger, "A", 101)
    bill(ledger, "A", 100)
    assert standing(ledger, date(2026, 8, 1))["limit_amount"] == 50000


def test_bills_of_one_batch_count_for_each_other(ledger: Ledger) -> None:
    with ledger.transaction() as cursor:
        change = Change(cursor, SYSTEM, 1, facts.KNOWN)
        batch = [Bill(1, "CNY", Decimal(30000)), Bill(1, "CNY", Decimal(20000))]
        assert refuse_stopped(change, batch, TODAY) == [False, False]
        with pytest.raises(Refused):
            refuse_stopped(change, [*batch, Bill(1, "CNY", Decimal(1))], TODAY)


def test_standing_is_derived_as_known_then(ledger: Ledger) -> None:
    bill(ledger, "A", 50000)
    sql = "select count(*) from credit_standing_of([1], date '2026-06-30', timestamp '2021-01-01')"
    assert ledger.cursor().execute(sql).fetchone() == (0,)


def test_sql_and_the_rule_agree_about_every_customer_of_a_company() -> None:
    with ledgers.fresh() as company:
        facts.company(company)
        sql = "select * from credit_standing_of(null::integer[], date '2026-06-30', timestamp '9999-12-30')"
        rows = company.cursor().execute(sql).to_arrow_table().to_pylist()
        names = set(credit.Standing.__dataclass_fields__) - {"is_released"}
        for row in rows:
            found = credit.Standing(**{name: row[name] for name in names}, is_released=row["released_until_on"] is not None)
            assert (credit.stop(found) is not None) is (row["credit_state"] == "stop")
        assert {row["credit_state"] for row in rows} >= {"ok", "stop"}


def test_drafts_of_a_stopped_customer_are_not_posted(ledger: Ledger) -> None:
    facts.invoice(ledger, 10, date(2026, 1, 1), date(2026, 1, 31), 2000)
    draft = {"draft_id": 1, "customer_id": 1, "on_date": TODAY, "amount": 300, "currency": "CNY", "lines": "[]"}
    facts.insert(ledger, "invoice_draft", draft)
    with pytest.raises(Refused, match="credit stop"):
        execute(ledger, SYSTEM, PostDrafts((1,), TODAY))
    execute(ledger, SYSTEM, RecordPayment(1, Decimal(300), TODAY, TODAY, oldest=False, confirmed=True))
    execute(ledger, SYSTEM, PostDrafts((1,), TODAY))
    assert standing(ledger)["on_account_amount"] == 0
