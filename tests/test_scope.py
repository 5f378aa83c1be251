"""Ways around a person's scope and clearance that once stood open: each closed where the rows are read or written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import desk
import facts
import ledgers
import pytest
import signin

from lib.commands.customers import ChangeCustomer, RegisterCustomer
from lib.commands.imports import Options, Plan, order, plan
from lib.commands.promises import RecordPromise
from lib.commands.receivables import RecordPayment
from lib.commands.service import RecordScore
from lib.commands.undo import Undo
from lib.commands.users import ChangeUser, EndSignIns
from lib.domain.access import SYSTEM, Actor, Role, Scope
from lib.domain.sheets import read_pasted
from lib.errors import Forbidden, Refused
from lib.store.door import execute
from lib.store.ledger import Ledger
from lib.store.query import rows

TODAY = date(2026, 6, 30)
LEAD = Actor(1, "lead", Role.LEAD, Scope.TEAM, ("north",), 0)
MANAGER = Actor(2, "manager", Role.MANAGER, Scope.ALL, (), 1)
COMPLIANCE = Actor(3, "compliance", Role.COMPLIANCE, Scope.ALL, (), 2)
NORTH_FINANCE = Actor(4, "finance", Role.FINANCE, Scope.TEAM, ("north",), 1)
SOUTH = Actor(5, "south", Role.LEAD, Scope.TEAM, ("south",), 0)
NOW_SECRET = date(2026, 3, 1)
CONTACT = {"contact_id": 1, "customer_id": 3, "name": "王秘密", "phone": "13800001234", "is_primary": True, "do_not_contact": False}


def peopled(ledger: Ledger) -> None:
    with ledger.transaction() as cursor:
        for person, team in ((LEAD, "north"), (MANAGER, None), (COMPLIANCE, None), (NORTH_FINANCE, "north"), (SOUTH, "south")):
            cursor.execute(
                "insert into app_user values (?, ?, ?, ?, ?, ?, 'zh', null, null, true, ?)",
                [person.user_id, person.name, person.name, person.role, person.scope, team, person.clearance],
            )
            for given in person.teams:
                cursor.execute("insert into user_team values (?, ?)", [person.user_id, given])
    facts.customer(ledger, 1, owner_id=1)
    facts.customer(ledger, 2, owner_id=5)
    facts.customer(ledger, 3, owner_id=1, until_on=NOW_SECRET, tax_no="91310000777")
    facts.customer(ledger, 3, owner_id=1, from_on=NOW_SECRET, secrecy=2, tax_no="91310000777")
    facts.insert(ledger, "contact", CONTACT)
    facts.invoice(ledger, 10, date(2026, 5, 1), date(2026, 5, 31), 100, customer_id=2)
    facts.invoice(ledger, 30, date(2026, 5, 1), date(2026, 5, 31), 300, customer_id=3)


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    """Customer 1 of north is open, 2 of south too, 3 of north is secret since March."""
    with ledgers.fresh(peopled) as opened:
        yield opened


def planned(ledger: Ledger, actor: Actor, kind: str, text: str) -> Plan:
    return plan(ledger, actor, kind, read_pasted(text), Options(today=TODAY))


def reasons(of: Plan) -> str:
    return " ".join(reason.say("en") for row in of.preview(0, 100, "error") for reason in row.reasons)


def detail(ledger: Ledger) -> str:
    row = ledger.cursor().execute("select detail from audit order by change_id desc limit 1").fetchone()
    assert row is not None
    return str(row[0])


def test_a_customer_made_secret_is_secret_on_earlier_dates_too(ledger: Ledger) -> None:
    dates = {"as_of": date(2026, 1, 1)}
    (card,) = rows(ledger, LEAD, "customer_card", customer_id=3, **dates)
    (contact,) = rows(ledger, LEAD, "customer_contacts", customer_id=3, **dates)
    assert card["tax_no"] == "91*******77"
    assert (contact["name"], contact["phone"]) == ("***", "13*******34")


def test_and_as_known_before_it_was(ledger: Ledger) -> None:
    facts.insert(ledger, "contact", {**CONTACT, "contact_id": 2, "customer_id": 1})
    dates = {"as_of": TODAY, "known_at": datetime(2021, 1, 1)}
    (contact,) = rows(ledger, LEAD, "customer_contacts", customer_id=1, **dates)
    assert contact["phone"] == "13800001234"
    execute(ledger, SYSTEM, ChangeCustomer(1, (("secrecy", 2),)))
    (contact,) = rows(ledger, LEAD, "customer_contacts", customer_id=1, **dates)
    assert (contact["name"], contact["phone"]) == ("***", "13*******34")


def test_who_promised_at_a_secret_customer_is_hidden(ledger: Ledger) -> None:
    execute(ledger, LEAD, RecordPromise(3, date(2026, 7, 3), TODAY, promised_by="王秘密"))
    (promise,) = rows(ledger, LEAD, "promises", as_of=TODAY)
    assert promise["promised_by"] == "***"
    (promise,) = rows(ledger, COMPLIANCE, "promises", as_of=TODAY)
    assert promise["promised_by"] == "王秘密"


def test_nobody_lowers_a_secrecy_above_their_clearance(ledger: Ledger) -> None:
    with pytest.raises(Forbidden):
        execute(ledger, MANAGER, ChangeCustomer(3, (("secrecy", 0),)))
    execute(ledger, MANAGER, ChangeCustomer(1, (("secrecy", 1),)))
    execute(ledger, MANAGER, ChangeCustomer(1, (("secrecy", 0),)))


def test_nor_by_a_file(ledger: Ledger) -> None:
    of = planned(ledger, MANAGER, "customers", "客户编号\t客户名称\t保密级别\nC003\t客户3\t0\nC001\t客户1\t1")
    assert (of.counts.changed, of.counts.rejected) == (1, 1)
    assert "clearance" in reasons(of)


def test_nor_by_taking_back_what_made_it_secret(ledger: Ledger) -> None:
    made = execute(ledger, SYSTEM, ChangeCustomer(1, (("secrecy", 2),)))
    with pytest.raises(Forbidden, match="clearance"):
        execute(ledger, MANAGER, Undo(made.change_id))
    undone = execute(ledger, SYSTEM, Undo(made.change_id))
    execute(ledger, MANAGER, Undo(undone.change_id))  # more secret again: that anyone may
    assert rows(ledger, LEAD, "customer_card", customer_id=1, as_of=TODAY)[0]["secrecy"] == 2


@pytest.mark.parametrize("number", ["C002 ", "C0\u200b02", "C0\n02", " ", ""])
def test_no_account_number_looks_like_another(ledger: Ledger, number: str) -> None:
    with pytest.raises(Refused):
        execute(ledger, MANAGER, ChangeCustomer(1, (("account_no", number),)))


def test_customers_come_in_only_by_those_who_may_register_them(ledger: Ledger) -> None:
    with pytest.raises(Forbidden):
        planned(ledger, LEAD, "customers", "客户编号\t客户名称\t银行账号\nC001\t客户1\t6222000011112222")
    of = planned(ledger, MANAGER, "customers", "客户编号\t客户名称\nC009\t新客户")
    with pytest.raises(Forbidden):
        execute(ledger, LEAD, order(of))


def test_a_payment_that_names_only_an_invoice_finds_none_out_of_scope(ledger: Ledger) -> None:
    of = planned(ledger, NORTH_FINANCE, "payments", "付款日期\t金额\t发票号\n2026-06-01\t100\tI10")
    assert of.counts.new == 0
    of = planned(ledger, NORTH_FINANCE, "payments", "付款日期\t金额\t发票号\n2026-06-01\t100\tI30")
    assert of.counts.new == 1


def test_a_name_several_customers_share_tells_no_number_out_of_scope(ledger: Ledger) -> None:
    facts.customer(ledger, 4, owner_id=5, name="客户1", name_key="客户1")
    of = planned(ledger, LEAD, "feedback", "客户名称\t日期\tNPS\n客户1\t2026-06-01\t9")
    assert "C001" in reasons(of)
    assert "C004" not in reasons(of)


def test_what_left_the_scope_is_not_taken_back(ledger: Ledger) -> None:
    """One's own change, made while the customer was one's own."""
    receipt = execute(ledger, LEAD, RecordScore(1, "nps", 9, TODAY, TODAY))
    execute(ledger, SYSTEM, ChangeCustomer(1, (("owner_id", 5),)))
    with pytest.raises(Forbidden):
        execute(ledger, LEAD, Undo(receipt.change_id))
    execute(ledger, SYSTEM, Undo(receipt.change_id))


def test_who_gave_a_customer_away_may_take_it_back(ledger: Ledger) -> None:
    manager = Actor(4, "finance", Role.MANAGER, Scope.TEAM, ("north",), 1)
    receipt = execute(ledger, manager, ChangeCustomer(1, (("owner_id", 5),)))
    assert not rows(ledger, manager, "customer_card", as_of=TODAY, customer_id=1)
    execute(ledger, manager, Undo(receipt.change_id))
    assert rows(ledger, manager, "customer_card", as_of=TODAY, customer_id=1)


def test_the_audit_keeps_no_numbers_of_banks_and_no_names_of_people(ledger: Ledger) -> None:
    """It can never be erased."""
    execute(ledger, SYSTEM, RegisterCustomer("新客户", tax_no="91310000888", bank_account="6222000011112222", owner_id=1))
    assert "91310000888" not in detail(ledger)
    assert "6222000011112222" not in detail(ledger)
    execute(ledger, SYSTEM, ChangeCustomer(1, (("bank_account", "6222000011112222"), ("region", "华东"))))
    assert "6222000011112222" not in detail(ledger)
    assert json.loads(detail(ledger))["values"] == {"bank_account": "***", "region": "华东"}
    execute(ledger, LEAD, RecordScore(1, "nps", 9, TODAY, TODAY, respondent="李受访"))
    assert "李受访" not in detail(ledger)
    execute(ledger, SYSTEM, RecordPayment(2, Decimal(100), TODAY, TODAY, payer="赵付款"))
    assert "赵付款" not in detail(ledger)


def test_a_download_offered_before_shows_what_may_be_seen_at_the_click(house: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """The button outlives the run that drew it; its file is built without another one."""
    desk.furnish(house)
    jobs: list[Any] = []
    monkeypatch.setattr("lib.ui.downloads.st.download_button", lambda _label, job, *_, **__: jobs.append(job))
    test = signin.signed_in("finance", path="pages/overdue.py").run()
    assert not test.exception
    assert "恒源机械".encode() in jobs[1]()
    execute(house, SYSTEM, ChangeUser("finance", scope=Scope.TEAM, teams=("south",)))
    assert "恒源机械".encode() not in jobs[1]()
    execute(house, SYSTEM, EndSignIns("finance"))
    with pytest.raises(Forbidden):
        jobs[1]()
