"""Dated rates and money across currencies: each currency's books stay exact, and what a rate gained or lost stands by itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import count

import facts
import ledgers
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib.commands.imports import Options, order, plan
from lib.commands.rates import SetRates, SettleAcross
from lib.commands.receivables import RecordPayment
from lib.commands.undo import Undo
from lib.domain import exchange
from lib.domain.access import SYSTEM
from lib.domain.exchange import Rate
from lib.domain.sheets import read_pasted
from lib.errors import NotFound, Refused
from lib.store.door import Command, Receipt, execute
from lib.store.ledger import Ledger
from lib.store.query import catalog, rows

TODAY = date(2026, 6, 30)
BILLED = date(2026, 1, 1)
NUMBERS = count(10**6, 1000)


def billed(ledger: Ledger) -> None:
    facts.customer(ledger, 1)
    facts.invoice(ledger, 10, BILLED, date(2026, 2, 1), 100, currency="USD")
    facts.invoice(ledger, 11, BILLED, date(2026, 2, 1), 700)
    do(ledger, SetRates((Rate("USD", BILLED, Decimal(7)),), TODAY))


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    """Customer 1 owes 100 USD since a day when a dollar was worth 7, and 700 CNY."""
    with ledgers.fresh(billed) as opened:
        yield opened
        sound(opened)


def do(ledger: Ledger, command: Command) -> Receipt:
    return execute(ledger, SYSTEM, command)


def paid(ledger: Ledger, amount: str, currency: str, on_date: date = TODAY) -> int:
    command = RecordPayment(1, Decimal(amount), on_date, TODAY, currency=currency, oldest=False, confirmed=True)
    result: int = do(ledger, command).result["entry_id"]
    return result


def sound(ledger: Ledger) -> None:
    for name, query in catalog().items():
        if name.startswith("check_"):
            assert ledger.cursor().execute(query.sql).fetchall() == [], name


def balances(ledger: Ledger, customer_id: int = 1) -> dict[str, Decimal]:
    sql = "select currency, sum(amount) from posting where customer_id = $id group by currency order by currency"
    return dict(ledger.cursor().execute(sql, {"id": customer_id}).fetchall())


def differences(ledger: Ledger) -> list[Decimal]:
    sql = """
        select entry.amount from entry
        where entry.kind = 'adjustment' and entry.retired_at = timestamp '9999-12-31'
            and entry.entry_id in (select posting.entry_id from posting where posting.rule = 'exchange_difference')
    """
    return [row[0] for row in ledger.cursor().execute(sql).fetchall()]


def test_a_rate_holds_from_its_day_until_the_next(ledger: Ledger) -> None:
    do(ledger, SetRates((Rate("USD", date(2026, 3, 1), Decimal("7.2")),), TODAY))
    sql = "select rate_on('USD', $day::date, timestamp '9999-12-30')"
    days = (date(2025, 12, 31), BILLED, date(2026, 2, 28), date(2026, 3, 1))
    found = [(ledger.cursor().execute(sql, {"day": day}).fetchone() or (0,))[0] for day in days]
    assert found == [None, Decimal(7), Decimal(7), Decimal("7.2")]


def test_a_rate_said_anew_replaces_the_old_and_comes_back_by_undo(ledger: Ledger) -> None:
    receipt = do(ledger, SetRates((Rate("USD", BILLED, Decimal("7.5")), Rate("EUR", BILLED, Decimal(8))), TODAY))
    sql = "select currency, rate from exchange_rate where retired_at = '9999-12-31' order by currency"
    assert ledger.cursor().execute(sql).fetchall() == [("EUR", Decimal(8)), ("USD", Decimal("7.5"))]
    do(ledger, Undo(receipt.change_id))
    assert ledger.cursor().execute(sql).fetchall() == [("USD", Decimal(7))]


@pytest.mark.parametrize(
    "rates",
    [
        (),
        (Rate("CNY", BILLED, Decimal(1)),),
        (Rate("usd", BILLED, Decimal(7)),),
        (Rate("USD", BILLED, Decimal(0)),),
        (Rate("USD", date(2026, 7, 1), Decimal(7)),),
        (Rate("USD", BILLED, Decimal(7)), Rate("USD", BILLED, Decimal(8))),
    ],
)
def test_bad_rates_are_refused(ledger: Ledger, rates: tuple[Rate, ...]) -> None:
    with pytest.raises(Refused):
        do(ledger, SetRates(rates, TODAY))


def test_pasted_rates_are_read_with_and_without_a_heading() -> None:
    expected = (Rate("USD", BILLED, Decimal("7.1586")), Rate("EUR", date(2026, 6, 30), Decimal(8)))
    assert exchange.read_rates("币种,日期,汇率\nUSD,2026-01-01,7.1586\n\n欧元,2026年6月30日,8\n", TODAY) == expected
    assert exchange.read_rates("usd\t2026-01-01\t7.1586\nEUR\t2026-06-30\t8", TODAY) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("USD,2026-01-01,7\nUSD,7", "Line 2"),
        ("USD,2026-01-01,-7", "-7"),
        ("US,2026-01-01,7", "“US”"),
        ("USD,someday,7", "“someday”"),
    ],
)
def test_a_line_that_is_no_rate_is_named(text: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        exchange.read_rates(text, TODAY)


def test_yuan_settle_dollars_and_the_gain_stands_apart(ledger: Ledger) -> None:
    """720 CNY at 7.2 settle 100 USD that were booked at 7: 20 CNY gained."""
    do(ledger, SetRates((Rate("USD", TODAY, Decimal("7.2")),), TODAY))
    receipt = do(ledger, SettleAcross(paid(ledger, "720", "CNY"), 10, TODAY, TODAY))
    assert (receipt.result.settled, receipt.result.difference) == (100, 20)
    assert balances(ledger) == {"CNY": Decimal(700), "USD": Decimal(0)}
    assert differences(ledger) == [Decimal(20)]


def test_a_loss_is_an_entry_below_zero(ledger: Ledger) -> None:
    do(ledger, SetRates((Rate("USD", TODAY, Decimal("6.8")),), TODAY))
    do(ledger, SettleAcross(paid(ledger, "680", "CNY"), 10, TODAY, TODAY))
    assert balances(ledger) == {"CNY": Decimal(700), "USD": Decimal(0)}
    assert differences(ledger) == [Decimal(-20)]


def test_dollars_settle_an_invoice_in_the_base_currency_without_a_difference(ledger: Ledger) -> None:
    do(ledger, SettleAcross(paid(ledger, "50", "USD"), 11, TODAY, TODAY))
    assert balances(ledger) == {"CNY": Decimal(350), "USD": Decimal(100)}
    assert differences(ledger) == []


def test_between_two_foreign_currencies_the_way_goes_through_the_base(ledger: Ledger) -> None:
    do(ledger, SetRates((Rate("USD", TODAY, Decimal("7.2")), Rate("EUR", TODAY, Decimal(8))), TODAY))
    do(ledger, SettleAcross(paid(ledger, "45", "EUR"), 10, TODAY, TODAY))
    assert balances(ledger) == {"CNY": Decimal(700), "EUR": Decimal(0), "USD": Decimal(50)}
    assert differences(ledger) == [Decimal(10)]


def test_what_is_too_much_stays_on_account(ledger: Ledger) -> None:
    receipt = do(ledger, SettleAcross(paid(ledger, "1000", "CNY"), 10, TODAY, TODAY))
    assert receipt.result.paid == 700
    assert balances(ledger) == {"CNY": Decimal(400), "USD": Decimal(0)}


def test_what_a_refund_of_a_file_gave_back_settles_nothing(ledger: Ledger) -> None:
    entry_id = paid(ledger, "720", "CNY")
    file = read_pasted("客户,日期,金额\nC001,2026-06-30,-370")
    do(ledger, order(plan(ledger, SYSTEM, "payments", file, Options(today=TODAY))))
    with pytest.raises(Refused, match=r"350\.00 CNY can be used at most"):
        do(ledger, SettleAcross(entry_id, 10, TODAY, TODAY, amount=Decimal(351)))
    assert do(ledger, SettleAcross(entry_id, 10, TODAY, TODAY)).result.settled == 50
    with pytest.raises(Refused, match=r"0\.00 CNY is on account"):
        do(ledger, SettleAcross(entry_id, 10, TODAY, TODAY))


def test_undone_everything_is_as_before(ledger: Ledger) -> None:
    entry_id = paid(ledger, "720", "CNY")
    before = balances(ledger)
    receipt = do(ledger, SettleAcross(entry_id, 10, TODAY, TODAY))
    do(ledger, Undo(receipt.change_id))
    assert balances(ledger) == before
    assert rows(ledger, SYSTEM, "open_items", as_of=TODAY, customer_id=1, currency="USD")[0]["open_amount"] == 100


def test_without_a_rate_nothing_is_mixed(ledger: Ledger) -> None:
    entry_id = paid(ledger, "10", "EUR")
    with pytest.raises(Refused, match="no rate of EUR on 2026-06-30"):
        do(ledger, SettleAcross(entry_id, 10, TODAY, TODAY))


def test_one_currency_is_allocated_and_other_people_pay_nothing(ledger: Ledger) -> None:
    with pytest.raises(Refused, match="both in CNY"):
        do(ledger, SettleAcross(paid(ledger, "10", "CNY"), 11, TODAY, TODAY))
    facts.customer(ledger, 2)
    facts.invoice(ledger, 20, BILLED, BILLED, 5, customer_id=2, currency="USD")
    with pytest.raises(NotFound):
        do(ledger, SettleAcross(paid(ledger, "11", "CNY"), 20, TODAY, TODAY))


def test_more_than_is_on_account_or_before_it_came_is_refused(ledger: Ledger) -> None:
    entry_id = paid(ledger, "10", "CNY")
    with pytest.raises(Refused, match=r"10\.00 CNY can be used at most"):
        do(ledger, SettleAcross(entry_id, 10, TODAY, TODAY, amount=Decimal(11)))
    with pytest.raises(Refused, match=r"0\.00 CNY is on account"):
        do(ledger, SettleAcross(entry_id, 10, date(2026, 6, 29), TODAY))


AMOUNT = st.integers(1, 10**7).map(lambda cents: Decimal(cents) / 100)
RATE = st.integers(10**4, 10**10).map(lambda parts: Decimal(parts) / 10**8)


@given(AMOUNT, AMOUNT, RATE, RATE, RATE)
def test_a_crossing_never_uses_more_than_there_is(free: Decimal, owed: Decimal, money: Decimal, invoice: Decimal, then: Decimal) -> None:
    crossing = exchange.cross(free, owed, (money, invoice, then))
    assert 0 <= crossing.paid <= free
    assert 0 <= crossing.settled <= owed
    assert crossing.difference == crossing.worth - crossing.booked


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(amounts=st.tuples(AMOUNT, AMOUNT), worth=st.tuples(RATE, RATE), currency=st.sampled_from(["CNY", "EUR"]))
def test_every_currency_stays_exact(
    ledger: Ledger, amounts: tuple[Decimal, Decimal], worth: tuple[Decimal, Decimal], currency: str
) -> None:
    (free, owed), (then, today) = amounts, worth
    customer_id = next(NUMBERS)
    facts.customer(ledger, customer_id)
    facts.invoice(ledger, customer_id, BILLED, BILLED, owed, customer_id=customer_id, currency="USD")
    rates = (Rate("USD", BILLED, then), Rate("USD", TODAY, today), Rate("EUR", TODAY, Decimal(8)))
    do(ledger, SetRates(rates, TODAY))
    payment = RecordPayment(customer_id, free, TODAY, TODAY, currency=currency, oldest=False, confirmed=True)
    try:
        receipt = do(ledger, SettleAcross(do(ledger, payment).result["entry_id"], customer_id, TODAY, TODAY))
    except Refused:
        return
    left = {"USD": owed - receipt.result.settled, currency: receipt.result.paid - free}
    assert {name: amount for name, amount in balances(ledger, customer_id).items() if amount} == {k: v for k, v in left.items() if v}
    sound(ledger)
