"""The reconciliation page as finance uses it: accept, put right by hand, ignore, keep off book, undo; the totals agree throughout."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import desk
import facts
import pytest
import signin
from streamlit.testing.v1 import AppTest

from lib.commands.receivables import RecordInvoice
from lib.domain.access import Actor, Role, Scope
from lib.domain.matching import name_key
from lib.store.door import execute
from lib.store.ledger import Ledger
from lib.store.query import rows
from lib.ui import bank

DAY = date(2026, 5, 1)


@pytest.fixture
def house(house: Ledger) -> Ledger:
    """Customer 1 owes 100 and 50; lines: 100 with the number, 48 from a stranger, 7 from another, 9 gone out."""
    desk.furnish(house)
    for number, amount in (("FP2026001", 100), ("FP2026002", 50)):
        execute(house, desk.FINANCE, RecordInvoice(1, number, DAY, Decimal(amount)))
    line(house, 1, "100", memo="货款 FP2026001")
    line(house, 2, "48", payer="王五")
    line(house, 3, "7", payer="赵六")
    line(house, 4, "-9", memo="手续费")
    return house


def line(ledger: Ledger, line_id: int, amount: str, **more: Any) -> None:
    payer = more.get("payer")
    given = {"account": "招行 1234", "on_date": DAY, "currency": "CNY", "place": line_id, "payer_key": payer and name_key(payer)}
    facts.insert(ledger, "bank_line", {"line_id": line_id, "amount": Decimal(amount), **given, **more})


def opened(who: str = "finance", **query: str) -> AppTest:
    test = signin.signed_in(who, path="pages/bank.py")
    for name, value in query.items():
        test.query_params[name] = value
    test = test.run()
    assert not test.exception
    return test


def matched(ledger: Ledger) -> list[tuple[Any, ...]]:
    sql = "select line_id, rule, amount::text from bank_match where retired_at = timestamp '9999-12-31' order by line_id"
    return ledger.cursor().execute(sql).fetchall()


def said(test: AppTest) -> str:
    return " ".join(element.value for element in (*test.markdown, *test.caption)).replace("\\", "")


def test_what_is_sure_is_accepted_together_and_taken_back(house: Ledger) -> None:
    test = opened()
    assert "附言写有账单号 FP2026001" in said(test)
    test.button(key="accept_all").click().run()
    assert matched(house) == [(1, "R1", "100.00")]
    (change_id,) = house.cursor().execute("select max(change_id) from bank_match").fetchone() or (0,)
    test.button(key=f"undo-{change_id}").click().run()
    assert matched(house) == []


def test_of_very_many_lines_all_are_looked_at_only_when_asked(house: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each click on the page waited until thousands of payers were looked up; those on screen have their proposals at once."""
    monkeypatch.setattr(bank, "AT_ONCE", 1)
    test = opened()
    assert "附言写有账单号 FP2026001" in said(test)
    assert "accept_all" not in {button.key for button in test.button}
    test.button(key="look_at_all").click().run()
    assert "look_at_all" not in {button.key for button in test.button}
    assert "1 笔" in test.button(key="accept_all").label
    test.button(key="accept_all").click().run()
    assert matched(house) == [(1, "R1", "100.00")]
    test.button(key="look_at_all").click().run()
    assert "3 笔都看过了，没有确定的" in said(test)


def test_one_line_is_accepted_by_one_click(house: Ledger) -> None:
    opened().button(key="accept-1").click().run()
    assert matched(house) == [(1, "R1", "100.00")]


def test_by_hand_with_a_fee(house: Ledger) -> None:
    test = opened()
    test.button(key="hand-2").click().run()
    test.selectbox(key="bank2-0-customer_id").select(1).run()
    (invoice_id,) = house.cursor().execute("select entry_id from entry where doc_no = 'FP2026002'").fetchone() or (0,)
    test.checkbox(key=f"bank2-0-invoice{invoice_id}").check().run()
    test.checkbox(key="bank2-0-write_off").check().run()
    test.button(key="bank2-0-_save").click().run()
    assert not test.exception
    assert matched(house) == [(2, "manual", "48.00")]
    found = house.cursor().execute("select sum(amount) from posting where invoice_id = $id", {"id": invoice_id}).fetchone()
    assert found == (Decimal(0),)
    assert "王五" in said(opened())


def test_several_lines_settle_several_invoices_in_one_change(house: Ledger) -> None:
    """48 and 7 together pay 50 in full; 5 stay on account. One undo takes both back."""
    test = opened(line="2")
    test.selectbox(key="bank2-0-customer_id").select(1).run()
    test.multiselect(key="bank2-0-others").select(3).run()
    (invoice_id,) = house.cursor().execute("select entry_id from entry where doc_no = 'FP2026002'").fetchone() or (0,)
    test.checkbox(key=f"bank2-0-invoice{invoice_id}").check().run()
    assert "2 笔合计 ¥55.00" in said(test)
    assert "还剩 ¥5.00 记为预收" in said(test)
    test.button(key="bank2-0-_save").click().run()
    assert not test.exception
    assert [(line_id, amount) for line_id, _, amount in matched(house)] == [(2, "48.00"), (3, "7.00")]
    left = house.cursor().execute("select sum(amount) from posting where invoice_id = $id", {"id": invoice_id}).fetchone()
    assert left == (Decimal(0),)
    (change_id,) = house.cursor().execute("select max(change_id) from bank_match").fetchone() or (0,)
    test.button(key=f"undo-{change_id}").click().run()
    assert matched(house) == []


def test_ignored_and_off_book(house: Ledger) -> None:
    test = opened()
    test.button(key="ignore-4-0").click().run()
    test.button(key="offbook-3").click().run()
    assert matched(house) == [(3, "offbook", "7.00"), (4, "ignored", "-9.00")]
    assert "✓ 与流水合计一致" in said(test)
    assert "只收回这一笔：它记的收款取消" in said(opened(line_state="matched", line="3"))
    assert "只收回这一笔：不再忽略" in said(opened(line_state="ignored", line="4"))


def test_what_was_matched_before_is_taken_back_line_by_line(house: Ledger) -> None:
    test = opened()
    test.button(key="accept_all").click().run()
    test = opened(line_state="matched", line="1")
    test.button(key="take-back").click().run()
    assert not test.exception
    assert matched(house) == []
    assert "附言写有账单号 FP2026001" in said(opened())


@pytest.mark.usefixtures("house")
def test_other_states_are_a_table_and_stand_in_the_address() -> None:
    test = opened(line_state="all")
    assert test.dataframe[0].value.shape[0] == 4


@pytest.mark.usefixtures("house")
def test_who_only_reads_gets_no_buttons() -> None:
    test = opened("compliance")
    assert not [button for button in test.button if (button.key or "").startswith(("accept", "hand", "ignore"))]


@pytest.mark.parametrize("name", ["bank_lines", "bank_totals", "bank_accounts", "payer_aliases"])
def test_who_sees_part_of_the_customers_sees_no_lines(house: Ledger, name: str) -> None:
    facts.insert(house, "payer_alias", {"alias_id": 1, "customer_id": 1, "payer_key": "王五"})
    assert rows(house, desk.FINANCE, name)
    for person in (Actor(4, "finance", Role.FINANCE, Scope.TEAM, ("north",)), Actor(1, "viewer", Role.VIEWER, Scope.ALL)):
        assert rows(house, person, name) == []


def test_money_out_is_matched_to_a_refund(house: Ledger) -> None:
    refund = {"entry_id": 900, "kind": "refund", "doc_no": "R900", "customer_id": 1, "on_date": DAY, "currency": "CNY", "amount": 9}
    facts.insert(house, "entry", refund)
    test = opened()
    assert "金额与退款 R900 相同" in said(test)
    test.button(key="accept-4").click().run()
    assert matched(house) == [(4, "refund", "-9.00")]


@pytest.mark.usefixtures("house")
def test_before_the_books_are_closed_open_lines_are_named() -> None:
    """A line is booked on its own day: once that is closed, it can no longer be matched."""
    for until, words in (("2026-05-01", "到这一天还有4 笔流水没有对账"), ("2026-04-30", "")):
        test = signin.signed_in("finance", path="pages/billing.py")
        for name, value in (("view", "correct"), ("document", "close")):
            test.query_params[name] = value
        test.run()
        test.date_input(key="document_close-0-until").set_value(date.fromisoformat(until)).run()
        assert not test.exception
        assert [part.value[: len(words)] for part in test.warning] == [words] * bool(words)
