"""Bad debt from proposal to recovery: what is written off, what is refused, what comes back, and that the books agree throughout."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import facts
import ledgers
import pytest

from lib.commands.imports import Options, order, plan
from lib.commands.proposals import Decide, ProposeWriteOff
from lib.commands.receivables import RecordPayment, Unallocate
from lib.commands.undo import Undo
from lib.commands.write_offs import RecordRecovery
from lib.domain.access import SYSTEM, Actor, Role, Scope
from lib.domain.sheets import read_pasted
from lib.errors import Conflict, NotFound, Refused
from lib.metrics import Cut, measure
from lib.store.door import Command, Receipt, execute
from lib.store.ledger import Ledger
from lib.store.query import catalog, rows

TODAY = date(2026, 6, 30)
LATER = date(2026, 7, 10)
FINANCE = Actor(1, "u1", Role.FINANCE, Scope.ALL)
MANAGER = Actor(2, "u2", Role.MANAGER, Scope.ALL)


def owing(ledger: Ledger) -> None:
    for person in (FINANCE, MANAGER):
        ledger.jot(
            "insert into app_user values ($id, $name, $name, 'manager', 'all', 'north', 'zh', null, null, true, 1)",
            {"id": person.user_id, "name": person.name},
        )
    facts.customer(ledger, 1)
    facts.customer(ledger, 2)
    facts.invoice(ledger, 10, date(2025, 1, 1), date(2025, 1, 31), 1000)
    facts.invoice(ledger, 11, date(2025, 2, 1), date(2025, 2, 28), 500)
    facts.invoice(ledger, 12, date(2025, 2, 1), date(2025, 2, 28), 70, currency="USD")
    facts.invoice(ledger, 20, date(2025, 2, 1), date(2025, 2, 28), 90, customer_id=2)


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    """Two open invoices of customer 1, one in dollars, one of customer 2.

    invoice | customer | due        | amount
    10      | 1        | 2025-01-31 | 1000
    11      | 1        | 2025-02-28 |  500
    12      | 1        | 2025-02-28 |   70 USD
    20      | 2        | 2025-02-28 |   90
    """
    with ledgers.fresh(owing) as opened:
        yield opened
        for name, query in catalog().items():
            if name.startswith("check_"):
                assert opened.cursor().execute(query.sql).fetchall() == [], name


def do(ledger: Ledger, command: Command, actor: Actor = FINANCE) -> Receipt:
    return execute(ledger, actor, command)


def proposed(ledger: Ledger, *parts: tuple[int, int], **more: Any) -> int:
    invoices = tuple((invoice_id, Decimal(amount)) for invoice_id, amount in parts)
    command = ProposeWriteOff(**{"customer_id": 1, "invoices": invoices, "reason": "已破产", "evidence": None, "today": TODAY, **more})
    result: int = do(ledger, command).result
    return result


def written_off(ledger: Ledger, *parts: tuple[int, int]) -> Receipt:
    return do(ledger, Decide(proposed(ledger, *parts), "approved", None, TODAY), MANAGER)


def open_amounts(ledger: Ledger, as_of: date = LATER) -> dict[int, Decimal]:
    return {row["invoice_id"]: row["open_amount"] for row in rows(ledger, SYSTEM, "open_items", as_of=as_of, customer_id=1)}


def money_state(ledger: Ledger, as_of: date) -> str | None:
    sql = "select money_state from money_state_at($as_of::date, timestamp '9999-12-30') where customer_id = 1"
    row = ledger.cursor().execute(sql, {"as_of": as_of}).fetchone()
    return row[0] if row else None


def test_approval_takes_the_parts_off_their_invoices_on_its_day(ledger: Ledger) -> None:
    proposal_id = proposed(ledger, (10, 1000), (11, 200))
    assert open_amounts(ledger)[10] == 1000
    receipt = do(ledger, Decide(proposal_id, "approved", None, LATER), MANAGER)
    assert open_amounts(ledger, TODAY) == {10: 1000, 11: 500, 12: 70}
    assert open_amounts(ledger) == {11: 300, 12: 70}
    entry = ledger.cursor().execute(
        "select kind, amount, on_date, memo from entry where entry_id = $entry_id", {"entry_id": receipt.result}
    )
    assert entry.fetchall() == [("write_off", Decimal(1200), LATER, "已破产")]
    (proof,) = rows(ledger, SYSTEM, "ledger_proof", as_of=LATER, customer_id=1, currency="CNY")
    assert proof["is_proven"]
    assert proof["balance_amount"] == 300


def test_what_was_paid_meanwhile_is_named_and_nothing_is_written_off(ledger: Ledger) -> None:
    proposal_id = proposed(ledger, (10, 1000), (11, 500))
    do(ledger, RecordPayment(1, Decimal(600), TODAY, TODAY))
    with pytest.raises(Conflict, match=r"I10 \(1,000\.00 wanted, 400\.00 open\)") as refused:
        do(ledger, Decide(proposal_id, "approved", None, TODAY), MANAGER)
    assert "I11" not in refused.value.say("en")
    assert open_amounts(ledger)[10] == 400


def test_money_dated_ahead_is_counted_before_more_is_written_off(ledger: Ledger) -> None:
    do(ledger, RecordPayment(1, Decimal(1000), LATER, LATER))
    with pytest.raises(Conflict, match=r"I10 \(1\.00 wanted, 0\.00 open\)"):
        proposed(ledger, (10, 1))


def test_more_than_is_open_is_not_even_proposed(ledger: Ledger) -> None:
    with pytest.raises(Conflict, match=r"500\.01 wanted"):
        do(ledger, ProposeWriteOff(1, ((11, Decimal("500.01")),), "x", None, TODAY))


def test_invoices_of_others_or_of_two_currencies_are_refused(ledger: Ledger) -> None:
    with pytest.raises(NotFound, match="20"):
        proposed(ledger, (20, 90))
    with pytest.raises(Refused, match="CNY, USD"):
        proposed(ledger, (10, 1), (12, 1))


@pytest.mark.parametrize(
    ("more", "about"),
    [
        ({"invoices": ()}, "invoices"),
        ({"invoices": ((10, Decimal(1)), (10, Decimal(2)))}, "invoices"),
        ({"invoices": ((10, Decimal(-1)),)}, "amount"),
        ({"reason": ""}, "reason"),
    ],
)
def test_bad_fields_are_refused_beside_their_field(ledger: Ledger, more: dict[str, Any], about: str) -> None:
    with pytest.raises(Refused) as refused:
        proposed(ledger, (10, 1), **more)
    assert refused.value.values["about"] == about


def test_undone_the_invoices_are_owed_again(ledger: Ledger) -> None:
    before = open_amounts(ledger)
    receipt = written_off(ledger, (10, 1000))
    do(ledger, Undo(receipt.change_id), MANAGER)
    assert open_amounts(ledger) == before


def test_state_is_derived_on_every_date(ledger: Ledger) -> None:
    days = (date(2025, 1, 31), date(2025, 2, 3), date(2025, 2, 4), date(2026, 1, 31), date(2026, 2, 1))
    assert [money_state(ledger, day) for day in days] == ["normal", "normal", "overdue", "overdue", "bad_debt"]


def test_written_off_is_bad_debt_until_it_is_recovered(ledger: Ledger) -> None:
    facts.invoice(ledger, 21, date(2026, 6, 1), date(2026, 12, 31), 300, customer_id=2)
    do(ledger, RecordPayment(1, Decimal(500), TODAY, TODAY))
    written_off(ledger, (10, 500), (11, 500))
    do(ledger, RecordPayment(1, Decimal(70), TODAY, TODAY, currency="USD"))
    assert money_state(ledger, TODAY) == "bad_debt"
    do(ledger, RecordRecovery(10, Decimal(500), LATER, LATER))
    assert money_state(ledger, LATER) == "bad_debt"
    do(ledger, RecordRecovery(11, Decimal(500), LATER, LATER, confirmed=True))
    assert money_state(ledger, LATER) == "normal"
    assert money_state(ledger, TODAY) == "bad_debt"


def test_recovered_money_settles_what_an_adjustment_brings_back(ledger: Ledger) -> None:
    written_off(ledger, (10, 1000))
    receipt = do(ledger, RecordRecovery(10, Decimal(400), LATER, LATER, payer="清算组"))
    lines = ledger.cursor().execute(
        "select kind, invoice_id, amount from posting where change_id = $id order by amount", {"id": receipt.change_id}
    )
    assert lines.fetchall() == [("payment", 10, Decimal(-400)), ("adjustment", 10, Decimal(400))]
    assert 10 not in open_amounts(ledger)
    lost = ledger.cursor().execute(
        "select written_off_amount, recovered_amount from written_off_at(date '2026-07-10', timestamp '9999-12-30')"
    )
    assert lost.fetchall() == [(Decimal(1000), Decimal(400))]
    with pytest.raises(Refused, match=r"Only 600\.00"):
        do(ledger, RecordRecovery(10, Decimal(601), LATER, LATER))


def test_the_bad_debt_ratio_counts_what_was_recovered(ledger: Ledger) -> None:
    """1,000 written off in June, 400 back in July: the ratio's numerator is what stays lost, on every date and after undo."""

    def agreed(day: date) -> Decimal:
        (found,) = measure(ledger, SYSTEM, ["bad_debt_rate"], day, weeks=1, scope=Cut("CNY"))
        sql = "select coalesce(sum(written_off_amount - recovered_amount), 0) from written_off_at($day::date, timestamp '9999-12-31')"
        (lost,) = ledger.cursor().execute(sql, {"day": day}).fetchone() or (None,)
        assert found.numerator == lost
        return Decimal(lost)

    written_off(ledger, (10, 1000))
    recovered = do(ledger, RecordRecovery(10, Decimal(400), LATER, LATER))
    assert [agreed(day) for day in (date(2026, 6, 29), TODAY, LATER)] == [0, 1000, 600]
    do(ledger, Undo(recovered.change_id))
    assert agreed(LATER) == 1000


def test_recovered_from_money_on_account(ledger: Ledger) -> None:
    written_off(ledger, (10, 1000))
    paid = do(ledger, RecordPayment(1, Decimal(300), LATER, LATER, oldest=False, confirmed=True)).result["entry_id"]
    with pytest.raises(Refused, match=r"only 300\.00"):
        do(ledger, RecordRecovery(10, Decimal(301), LATER, LATER, entry_id=paid))
    file = read_pasted(f"客户,日期,金额\nC001,{LATER},-100")
    refunded = do(ledger, order(plan(ledger, SYSTEM, "payments", file, Options(today=LATER))))
    with pytest.raises(Refused, match=r"only 200\.00"):
        do(ledger, RecordRecovery(10, Decimal(201), LATER, LATER, entry_id=paid))
    do(ledger, Undo(refunded.change_id))
    do(ledger, RecordRecovery(10, Decimal(300), LATER, LATER, entry_id=paid))
    (proof,) = rows(ledger, SYSTEM, "ledger_proof", as_of=LATER, customer_id=1, currency="CNY")
    assert (proof["is_proven"], proof["balance_amount"], proof["unallocated_amount"]) == (True, 500, 0)


def test_a_write_off_cannot_be_undone_beneath_its_recovery(ledger: Ledger) -> None:
    receipt = written_off(ledger, (10, 1000))
    recovered = do(ledger, RecordRecovery(10, Decimal(400), LATER, LATER))
    with pytest.raises(Conflict, match="recovered_above_written_off"):
        do(ledger, Undo(receipt.change_id), MANAGER)
    do(ledger, Undo(recovered.change_id))
    do(ledger, Undo(receipt.change_id), MANAGER)
    assert open_amounts(ledger)[10] == 1000


def test_a_recovery_is_of_something_and_not_before_it_was_lost(ledger: Ledger) -> None:
    with pytest.raises(NotFound):
        do(ledger, RecordRecovery(11, Decimal(1), LATER, LATER))
    written_off(ledger, (10, 1000))
    with pytest.raises(Refused, match="before the write-off of 2026-06-30"):
        do(ledger, RecordRecovery(10, Decimal(1), date(2026, 6, 29), LATER))


def test_recovered_money_taken_back_leaves_the_debt_open_again(ledger: Ledger) -> None:
    written_off(ledger, (10, 1000))
    do(ledger, RecordRecovery(10, Decimal(400), LATER, LATER))
    (paid,) = ledger.cursor().execute("select entry_id from entry where kind = 'payment'").fetchone() or (0,)
    do(ledger, Unallocate(paid, 10, LATER, LATER))
    assert open_amounts(ledger)[10] == 400
