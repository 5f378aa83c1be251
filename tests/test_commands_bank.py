"""Bank lines at the desk: what is proposed and why, what may be booked without asking, and that all of it can be taken back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import facts
import pytest

from lib.commands.bank import (
    ForgetPayer,
    IgnoreLine,
    KeepOffBook,
    MatchAutomatically,
    MatchDocument,
    MatchLine,
    MatchLines,
    MatchTransfer,
)
from lib.commands.bank_back import TakeBackMatch
from lib.commands.bank_evidence import open_lines, proposals, transfers
from lib.commands.closing import ClosePeriod
from lib.commands.corrections import RecordRefund
from lib.commands.customers import RegisterCustomer
from lib.commands.imports import Options, order, plan
from lib.commands.on_account import SettleFromAccount
from lib.commands.receivables import RecordInvoice, RecordPayment, Unallocate
from lib.commands.undo import Undo
from lib.domain.access import Actor, Role, Scope
from lib.domain.matching import name_key
from lib.domain.reconciling import Proposal
from lib.domain.sheets import read_pasted
from lib.errors import Conflict, Forbidden, Refused
from lib.store.door import Command, Receipt, execute
from lib.store.ledger import Ledger
from lib.store.query import catalog

FINANCE = Actor(4, "finance", Role.FINANCE, Scope.ALL)
TODAY = date(2026, 6, 30)
DAY = date(2026, 6, 20)


@pytest.fixture(autouse=True)
def _finance(ledger: Ledger) -> None:
    ledger.jot("insert into app_user values (4, 'finance', 'Finance', 'finance', 'all', null, 'zh', null, null, true, 1)", {})


def receipt(ledger: Ledger, command: Command) -> Receipt:
    return execute(ledger, FINANCE, command)


def do(ledger: Ledger, command: Command) -> Any:
    return receipt(ledger, command).result


def customer(ledger: Ledger, name: str = "深圳市恒源机械股份有限公司", **more: Any) -> int:
    return int(do(ledger, RegisterCustomer(name, **more)))


def invoice(ledger: Ledger, customer_id: int, doc_no: str, amount: str, day: date = date(2026, 5, 1), **more: Any) -> int:
    return int(do(ledger, RecordInvoice(customer_id, doc_no, day, Decimal(amount), **more)))


def line(ledger: Ledger, line_id: int, amount: str, **more: Any) -> int:
    payer = more.get("payer")
    given = {"account": "招行 1234", "on_date": DAY, "currency": "CNY", "place": line_id, "payer_key": payer and name_key(payer), **more}
    facts.insert(ledger, "bank_line", {"line_id": line_id, "amount": Decimal(amount), **given})
    return line_id


def proposed(ledger: Ledger) -> dict[int, Proposal]:
    return proposals(ledger.cursor(), open_lines(ledger.cursor()))


def open_amounts(ledger: Ledger) -> dict[str, str]:
    """Open amount by invoice number, and what is on account under '-'."""
    sql = """
        select coalesce(doc_no, '-'), sum(posting.amount)::text from posting
        left join entry on posting.invoice_id = entry.entry_id and entry.retired_at = timestamp '9999-12-31'
        group by all having sum(posting.amount) <> 0 order by all
    """
    return dict(ledger.cursor().execute(sql).fetchall())


def sound(ledger: Ledger) -> None:
    for name, query in catalog().items():
        if name.startswith("check_"):
            assert ledger.cursor().execute(query.sql).fetchall() == [], name


def test_r1_reads_invoice_numbers_however_they_are_written(ledger: Ledger) -> None:
    who = customer(ledger)
    first, second = invoice(ledger, who, "FP-2026-001", "100"), invoice(ledger, who, "FP-2026-002", "50.50")
    line(ledger, 1, "150.50", memo="货款ｆｐ2026 001、FP2026-002", payer="某某代付")
    line(ledger, 2, "99", memo="付fp-2026-001")
    found = proposed(ledger)
    assert (found[1].rule, found[1].is_sure, dict(found[1].parts)) == ("R1", True, {first: Decimal(100), second: Decimal("50.50")})
    assert (found[2].rule, found[2].is_sure, dict(found[2].parts)) == ("R1", False, {first: Decimal(99)})
    assert "100.00" in found[2].why.zh


def test_r1_of_a_number_two_customers_have_is_not_sure(ledger: Ledger) -> None:
    invoice(ledger, customer(ledger), "A1001", "100")
    invoice(ledger, customer(ledger, "南风贸易有限公司"), "A1001", "100")
    line(ledger, 1, "100", memo="A1001")
    line(ledger, 2, "100", memo="A1001", payer="南风贸易有限公司")
    found = proposed(ledger)
    assert (found[1].is_sure, found[1].fits) == (False, 2)
    assert (found[2].is_sure, found[2].rule) == (True, "R1")


def test_r2_r3_and_r4_are_sure_only_when_one_choice_fits(ledger: Ledger) -> None:
    """Open: 100, 50, 30. 100 = one; 180 = all; 80 = 50 + 30; another customer: 100, 100."""
    who = customer(ledger, bank_account="6222 0001")
    for number, amount in (("F1", "100"), ("F2", "50"), ("F3", "30")):
        invoice(ledger, who, number, amount)
    twice = customer(ledger, "南风贸易有限公司")
    invoice(ledger, twice, "G1", "100")
    invoice(ledger, twice, "G2", "100")
    line(ledger, 1, "100", payer_account="6222 0001", payer="张三")
    line(ledger, 2, "180", payer="深圳恒源机械有限公司")
    line(ledger, 3, "80", payer="恒源机械")
    line(ledger, 4, "100", payer="南风贸易有限公司")
    line(ledger, 5, "70", payer="南风贸易有限公司")
    line(ledger, 6, "180", payer="深圳市恒源机械股份有限公司上海分公司")
    line(ledger, 7, "55", payer="谁也不认识的公司")
    found = proposed(ledger)
    assert {key: (one.rule, one.is_sure, one.fits) for key, one in found.items()} == {
        1: ("R2", True, 1),
        2: ("R3", True, 1),
        3: ("R4", True, 1),
        4: ("R3", False, 2),
        5: ("R5", False, 0),
        6: ("R3", False, 1),
    }


def test_automatic_matching_is_one_change_and_comes_back_whole(ledger: Ledger) -> None:
    who = customer(ledger)
    invoice(ledger, who, "F2026001", "100")
    invoice(ledger, who, "F2026002", "50")
    line(ledger, 1, "100", memo="F2026001")
    line(ledger, 2, "50", payer="恒源机械")
    line(ledger, 3, "7", payer="恒源机械")
    line(ledger, 4, "100", memo="F2026001", on_date=date(2026, 7, 1))
    done = receipt(ledger, MatchAutomatically(TODAY))
    assert done.result == {"R1": 1, "R3": 1}
    assert open_amounts(ledger) == {}
    assert do(ledger, MatchAutomatically(TODAY)) == {}
    sound(ledger)
    receipt(ledger, Undo(done.change_id))
    assert open_amounts(ledger) == {"F2026001": "100.00", "F2026002": "50.00"}
    assert len(open_lines(ledger.cursor())) == 4
    sound(ledger)


def test_two_lines_after_one_invoice_are_left_to_a_person(ledger: Ledger) -> None:
    invoice(ledger, customer(ledger), "F2026001", "100")
    line(ledger, 1, "100", memo="F2026001")
    line(ledger, 2, "100", payer="恒源机械")
    assert do(ledger, MatchAutomatically(TODAY)) == {}


def test_rules_not_in_the_policy_do_not_run_by_themselves(ledger: Ledger) -> None:
    invoice(ledger, customer(ledger), "F2026001", "100")
    line(ledger, 1, "100", payer="恒源机械")
    ledger.jot("""update policy set body = '{"adjust_most": 50, "auto": ["R1"]}' where kind = 'matching'""", {})
    assert do(ledger, MatchAutomatically(TODAY)) == {}


def test_by_hand_with_a_fee_written_off_and_the_payer_remembered(ledger: Ledger) -> None:
    """1,000 owed, 990 came from a stranger: 10 is the bank's fee. Next time the stranger is known."""
    who = customer(ledger)
    wanted = invoice(ledger, who, "F1", "1000")
    line(ledger, 1, "990", payer="王五", payer_account="6217 9", memo="代付")
    done = receipt(ledger, MatchLine(1, who, TODAY, ((wanted, Decimal(1000)),), Decimal(10), "手续费"))
    assert open_amounts(ledger) == {}
    documents = ledger.cursor().execute("select kind, amount::text, method, payer, on_date from entry where kind <> 'invoice'").fetchall()
    assert documents == [("payment", "990.00", "transfer", "王五", DAY), ("adjustment", "-10.00", "transfer", "王五", DAY)]
    sound(ledger)
    invoice(ledger, who, "F2", "30")
    line(ledger, 2, "30", payer="王五")
    line(ledger, 3, "31", payer_account="6217 9")
    assert {key: (one.rule, one.is_sure) for key, one in proposed(ledger).items()} == {2: ("R2", True), 3: ("R5", False)}
    (alias_id,) = ledger.cursor().execute("select alias_id from payer_alias").fetchone() or (0,)
    do(ledger, ForgetPayer(alias_id))
    assert proposed(ledger) == {}
    with pytest.raises(Conflict):
        receipt(ledger, Undo(done.change_id))


def test_what_is_paid_too_much_stays_on_account(ledger: Ledger) -> None:
    who = customer(ledger)
    wanted = invoice(ledger, who, "F1", "80")
    done = receipt(ledger, MatchLine(line(ledger, 1, "100"), who, TODAY, ((wanted, Decimal(80)),)))
    assert open_amounts(ledger) == {"-": "-20.00"}
    sound(ledger)
    receipt(ledger, Undo(done.change_id))
    assert open_amounts(ledger) == {"F1": "80.00"}
    sound(ledger)


def test_many_lines_over_many_invoices(ledger: Ledger) -> None:
    who = customer(ledger)
    wanted = tuple(invoice(ledger, who, number, amount) for number, amount in (("F1", "100"), ("F2", "60")))
    lines = (line(ledger, 1, "70"), line(ledger, 2, "70"), line(ledger, 3, "30"))
    do(ledger, MatchLines(lines, who, TODAY, wanted))
    assert open_amounts(ledger) == {"-": "-10.00"}
    sound(ledger)


def test_money_that_came_before_its_invoice_waits_on_account(ledger: Ledger) -> None:
    who = customer(ledger)
    wanted = invoice(ledger, who, "F1", "100", day=date(2026, 6, 25))
    do(ledger, MatchLine(line(ledger, 1, "100"), who, TODAY, ((wanted, Decimal(100)),)))
    assert open_amounts(ledger) == {}
    sound(ledger)


def refusal(ledger: Ledger, command: Command) -> str:
    before = ledger.cursor().execute("select count(*) from posting").fetchone()
    with pytest.raises(Refused) as refused:
        receipt(ledger, command)
    assert ledger.cursor().execute("select count(*) from posting").fetchone() == before
    return refused.value.say("en")


def test_refusals_say_what_is_wrong(ledger: Ledger) -> None:
    who, other = customer(ledger), customer(ledger, "南风贸易有限公司")
    mine, theirs = invoice(ledger, who, "F1", "100"), invoice(ledger, other, "G1", "100")
    dollars = invoice(ledger, who, "U1", "100", currency="USD")
    one = line(ledger, 1, "100")

    def by_hand(*parts: tuple[int, int], line_id: int = one, **more: Any) -> str:
        return refusal(ledger, MatchLine(line_id, who, TODAY, tuple((at, Decimal(amount)) for at, amount in parts), **more))

    assert "not this customer's" in by_hand((theirs, 100))
    assert "in USD, the money in CNY" in by_hand((dollars, 100))
    assert "Only 100.00 is open" in by_hand((mine, 101), adjustment=Decimal(1), reason="fee")
    assert "above the 50" in by_hand((mine, 100), adjustment=Decimal(51), reason="fee")
    assert "must not be empty" in by_hand((mine, 100), adjustment=Decimal(1))
    assert "Change it to 0" in by_hand((mine, 100), adjustment=Decimal(1), reason="fee")
    assert "Take 5.00 off" in by_hand((mine, 105))
    assert "greater than 0" in by_hand((mine, 0))
    assert "not come yet" in by_hand(line_id=line(ledger, 2, "5", on_date=date(2026, 7, 1)))
    assert "Money went out" in by_hand(line_id=line(ledger, 3, "-5"))
    assert "no such statement line" in by_hand(line_id=99)
    do(ledger, RecordPayment(who, Decimal(100), DAY, TODAY, invoice_ids=(mine,)))
    assert "settled meanwhile" in by_hand((mine, 100))
    do(ledger, MatchLine(one, who, TODAY))
    assert "matched already" in by_hand()
    do(ledger, ClosePeriod(date(2026, 6, 25), "June", TODAY))
    assert "closed" in by_hand(line_id=line(ledger, 4, "5"))


def test_who_sees_part_of_the_customers_matches_nothing(ledger: Ledger) -> None:
    line(ledger, 1, "5")
    for person in (Actor(4, "finance", Role.FINANCE, Scope.TEAM), Actor(4, "viewer", Role.VIEWER, Scope.ALL)):
        with pytest.raises(Forbidden):
            execute(ledger, person, MatchAutomatically(TODAY))


def test_ignored_lines_and_unknown_payers(ledger: Ledger) -> None:
    do(ledger, IgnoreLine(line(ledger, 1, "-12", memo="账户管理费"), "银行手续费", TODAY))
    customer_id = do(ledger, KeepOffBook(line(ledger, 2, "500", payer="无名氏", payer_account="6200"), "无名氏", TODAY))
    found = ledger.cursor().execute("select book from customer_record where customer_id = $id", {"id": customer_id}).fetchone()
    assert found == ("offbook",)
    assert open_amounts(ledger) == {"-": "-500.00"}
    assert open_lines(ledger.cursor()) == []
    sound(ledger)


def test_a_payment_booked_by_hand_is_matched_and_not_booked_twice(ledger: Ledger) -> None:
    who = customer(ledger)
    invoice(ledger, who, "F1", "100")
    booked = do(ledger, RecordPayment(who, Decimal(100), DAY, TODAY))["entry_id"]
    line(ledger, 9, "100", payer="恒源机械")
    assert (proposed(ledger)[9].rule, proposed(ledger)[9].entry_id) == ("payment", booked)
    assert do(ledger, MatchAutomatically(TODAY)) == {}
    assert "Choose one with the same amount" in refusal(ledger, MatchDocument(line(ledger, 1, "99"), booked, TODAY))
    do(ledger, MatchDocument(line(ledger, 2, "100"), booked, TODAY))
    assert "another line is matched" in refusal(ledger, MatchDocument(line(ledger, 3, "100"), booked, TODAY))
    assert open_amounts(ledger) == {}
    sound(ledger)


def test_a_transfer_between_own_accounts_takes_both_lines(ledger: Ledger) -> None:
    out, back = line(ledger, 1, "-1000", account="支付宝", memo="提现"), line(ledger, 2, "1000", memo="提现")
    assert transfers(ledger.cursor()) == {back: out}
    assert "one currency" in refusal(ledger, MatchTransfer(back, out, TODAY))
    do(ledger, MatchTransfer(out, back, TODAY))
    assert open_lines(ledger.cursor()) == []
    sound(ledger)


def test_one_of_many_lines_is_taken_back_alone(ledger: Ledger) -> None:
    """Two lines matched in one click; the first was another customer's. Undoing that click would have taken both."""
    one = customer(ledger)
    other = customer(ledger, "南风贸易有限公司")
    for number in ("FP2026001", "FP2026002"):
        invoice(ledger, one, number, "100")
    invoice(ledger, other, "FP2026003", "100")
    line(ledger, 1, "100", memo="FP2026001")
    line(ledger, 2, "100", memo="FP2026002")
    batch = receipt(ledger, MatchAutomatically(TODAY))
    assert open_amounts(ledger) == {"FP2026003": "100.00"}
    back = receipt(ledger, TakeBackMatch(1, TODAY))
    assert open_amounts(ledger) == {"FP2026001": "100.00", "FP2026003": "100.00"}
    with pytest.raises(Refused, match="not dealt with"):
        do(ledger, TakeBackMatch(1, TODAY))
    with pytest.raises(Conflict, match=str(back.change_id)):
        do(ledger, Undo(batch.change_id))
    do(ledger, Undo(back.change_id))
    assert open_amounts(ledger) == {"FP2026003": "100.00"}
    do(ledger, TakeBackMatch(1, TODAY))
    (third,) = ledger.cursor().execute("select entry_id from entry where doc_no = 'FP2026003'").fetchone() or (0,)
    do(ledger, MatchLine(1, other, TODAY, ((third, Decimal(100)),)))
    assert open_amounts(ledger) == {"FP2026001": "100.00"}


def test_money_taken_back_since_is_not_taken_off_an_invoice_twice(ledger: Ledger) -> None:
    one = customer(ledger)
    line(ledger, 1, "100")
    do(ledger, MatchLine(1, one, TODAY))
    number = invoice(ledger, one, "A1", "100")
    settled = receipt(ledger, SettleFromAccount(TODAY))
    back = receipt(ledger, TakeBackMatch(1, TODAY))
    with pytest.raises(Conflict):
        do(ledger, Undo(settled.change_id))
    assert open_amounts(ledger) == {"A1": "100.00"}
    do(ledger, Undo(back.change_id))
    (paid,) = ledger.cursor().execute("select entry_id from entry where kind = 'payment'").fetchone() or (0,)
    off = receipt(ledger, Unallocate(paid, number, TODAY, TODAY))
    with pytest.raises(Conflict):
        do(ledger, Undo(settled.change_id))
    do(ledger, Undo(off.change_id))
    do(ledger, Undo(settled.change_id))
    assert open_amounts(ledger) == {"-": "-100.00", "A1": "100.00"}


def test_a_payment_that_was_paid_back_is_not_taken_back(ledger: Ledger) -> None:
    """By a refund of a file, which names no payment, as by a recorded one; a later payment of the customer is untouched by it."""
    one = customer(ledger)
    line(ledger, 1, "100")
    line(ledger, 2, "30")
    do(ledger, MatchLine(1, one, TODAY))
    file = read_pasted(f"客户,日期,金额,单据号\n深圳市恒源机械股份有限公司,{TODAY},-60,TK1")
    brought = receipt(ledger, order(plan(ledger, FINANCE, "payments", file, Options(today=TODAY))))
    do(ledger, MatchLine(2, one, TODAY))
    said = refusal(ledger, TakeBackMatch(1, TODAY))
    assert "60.00 (CNY) of this payment was paid back" in said
    assert f"(change {brought.change_id})" in said
    do(ledger, TakeBackMatch(2, TODAY))
    do(ledger, Undo(brought.change_id))
    back = receipt(ledger, RecordRefund(one, Decimal(40), TODAY, TODAY))
    said = refusal(ledger, TakeBackMatch(1, TODAY))
    assert "40.00 (CNY) of this payment was paid back" in said
    assert f"(change {back.change_id})" in said
    do(ledger, Undo(back.change_id))
    do(ledger, TakeBackMatch(1, TODAY))
    assert open_amounts(ledger) == {}
    assert rows_of(ledger, "entry") == 0


def test_what_is_taken_back_takes_its_fee_and_its_payer_along(ledger: Ledger) -> None:
    one = customer(ledger)
    number = invoice(ledger, one, "A1", "100")
    line(ledger, 1, "98", payer="王五")
    do(ledger, MatchLine(1, one, TODAY, ((number, Decimal(100)),), Decimal(2), "手续费"))
    assert (open_amounts(ledger), rows_of(ledger, "payer_alias")) == ({}, 1)
    do(ledger, TakeBackMatch(1, TODAY))
    assert (open_amounts(ledger), rows_of(ledger, "payer_alias")) == ({"A1": "100.00"}, 0)
    do(ledger, IgnoreLine(1, "利息", TODAY))
    do(ledger, TakeBackMatch(1, TODAY))
    line(ledger, 2, "-98", account="工行 1")
    do(ledger, MatchTransfer(2, 1, TODAY))
    do(ledger, TakeBackMatch(2, TODAY))
    assert rows_of(ledger, "bank_match") == 0
    do(ledger, MatchLine(1, one, TODAY))
    do(ledger, ClosePeriod(DAY, "月结", TODAY))
    with pytest.raises(Refused, match="closed"):
        do(ledger, TakeBackMatch(1, TODAY))


def rows_of(ledger: Ledger, table: str) -> int:
    """Live rows."""
    found = ledger.cursor().execute(f"select count(*) from {table} where retired_at = timestamp '9999-12-31'").fetchone()
    return int(found[0]) if found else 0
