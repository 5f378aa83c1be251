"""The collecting page as a collector uses it: two clicks a line, promises, plans, disputes, holds, reminders, and an emptied list."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import desk
import facts
import ledgers
import pytest
import signin
from streamlit.testing.v1 import AppTest

from lib.commands.collect import HoldReminders, SendReminders
from lib.commands.receivables import RecordInvoice
from lib.store.door import execute
from lib.store.ledger import Ledger

TODAY = date(2026, 11, 16)


@pytest.fixture
def house(opens: ledgers.Opens) -> Ledger:
    return opens(indebted)


def indebted(house: Ledger) -> None:
    """恒源机械 (1) owes most, then customers 2 and 3; the business day is fixed, so that what is due stays due."""
    settings = {"policy_id": 90, "kind": "settings", "effective_on": date(2000, 1, 2), "body": f'{{"demo_date": "{TODAY}"}}', "reason": "x"}
    facts.insert(house, "policy", settings)
    contact = {"is_primary": True, "do_not_contact": False, "role": "finance", "name": "李会计", "phone": "13812345678"}
    facts.insert(house, "contact", {**contact, "contact_id": 1, "customer_id": 1, "email": "li@example.com"})
    desk.furnish(house)
    for customer_id, amount in ((1, 5000), (2, 1000), (3, 200)):
        invoice = RecordInvoice(customer_id, f"L{customer_id}", TODAY - timedelta(60), Decimal(amount), TODAY - timedelta(12))
        execute(house, desk.FINANCE, invoice)


def opened(who: str = "finance", **query: str) -> AppTest:
    test = signin.signed_in(who, path="pages/collect.py")
    for name, value in query.items():
        test.query_params[name] = value
    test.run(timeout=30)
    assert not test.exception
    return test


def live(ledger: Ledger, table: str, columns: str) -> list[tuple[Any, ...]]:
    sql = f"select {columns} from {table} where retired_at = timestamp '9999-12-31' order by record_id"
    return ledger.cursor().execute(sql).fetchall()


def said(test: AppTest) -> str:
    return "\n".join(part.value for part in [*test.markdown, *test.caption, *test.code])


def names(test: AppTest) -> list[str]:
    return list(test.dataframe[0].value["name"]) if test.dataframe and "name" in test.dataframe[0].value else []


def press(test: AppTest, key: str) -> AppTest:
    test.button(key=key).click().run(timeout=30)
    assert not test.exception
    return test


def test_the_list_is_ranked_and_its_first_row_stands_open(house: Ledger) -> None:  # noqa: ARG001
    test = opened()
    assert names(test)[:3] == ["恒源机械", "北方客户02", "北方客户03"]
    assert "3 个客户" in said(test)
    assert "13812345678" in said(test).replace("\\", "")
    assert "5,300.00" in test.code[0].value


def test_two_clicks_log_an_outcome_and_the_row_leaves(house: Ledger) -> None:
    test = opened()
    test.pills(key="collect1CNY-0-outcome").set_value("reached").run(timeout=30)
    press(test, "collect1CNY-0-_save")
    assert [row[:2] for row in live(house, "activity", "kind, outcome, ref")] == [("reminder", "reached")]
    assert names(test)[0] == "北方客户02"
    assert "今天已做 1 个" in said(test)
    press(test, "collect.undo")
    assert live(house, "activity", "1") == []
    assert names(test)[0] == "恒源机械"


def test_a_promise_from_the_card(house: Ledger) -> None:
    test = opened(customer="2")
    test.pills(key="collect2CNY-0-outcome").set_value("promised").run(timeout=30)
    press(test, "collect2CNY-0-_promised_on7")
    press(test, "collect2CNY-0-_save")
    assert live(house, "promise", "customer_id, amount, due_on") == [(2, Decimal(1000), TODAY + timedelta(7))]
    assert opened(view="done").dataframe[0].value["name"].tolist() == ["北方客户02"]


def test_a_promise_without_its_day_is_refused_beside_the_field(house: Ledger) -> None:
    test = opened()
    test.pills(key="collect1CNY-0-outcome").set_value("promised").run(timeout=30)
    press(test, "collect1CNY-0-_save")
    assert "承诺还款日" in said(test)
    assert live(house, "promise", "1") == []


def test_a_dispute_from_the_card(house: Ledger) -> None:
    test = opened(customer="3")
    test.pills(key="collect3CNY-0-outcome").set_value("disputed").run(timeout=30)
    test.pills(key="collect3CNY-0-dispute_reason").set_value("price").run(timeout=30)
    press(test, "collect3CNY-0-_save")
    assert live(house, "case_file", "kind, customer_id, cause, amount") == [("dispute", 3, "price", Decimal(200))]


def test_a_plan_from_the_card_holds_the_row(house: Ledger) -> None:
    test = press(opened(customer="2"), "plan-save-2")
    assert live(house, "plan", "customer_id, amount") == [(2, Decimal(1000))]
    assert [row[0] for row in live(house, "promise", "amount")] == [Decimal("333.33"), Decimal("333.33"), Decimal("333.34")]
    assert "北方客户02" not in names(test)
    assert names(opened(view="held")) == ["北方客户02"]


def test_a_hold_needs_its_reason(house: Ledger) -> None:
    test = press(opened(customer="2"), "hold-save-2")
    assert test.error
    test.text_input(key="hold-reason-2").input("客户搬迁")
    press(test, "hold-save-2")
    assert live(house, "hold", "customer_id, until_on") == [(2, TODAY + timedelta(7))]


def test_a_reminder_goes_into_the_outbox(house: Ledger) -> None:
    press(opened(), "mail-1-CNY")
    assert live(house, "message", "customer_id, kind, level, recipient")[0][:2] == (1, "reminder")
    assert live(house, "activity", "channel") == [("email",)]


def test_the_list_empties_and_says_so(house: Ledger) -> None:
    test = opened()
    for customer_id in (1, 2, 3):
        test.pills(key=f"collect{customer_id}CNY-0-outcome").set_value("no_answer").run(timeout=30)
        press(test, f"collect{customer_id}CNY-0-_save")
    assert names(test) == []
    assert "今天的都做完了" in said(test)
    assert len(live(house, "activity", "1")) == 3


@pytest.mark.parametrize("view", ["waiting", "held", "done", "thanks"])
def test_each_view_says_why_it_is_empty(house: Ledger, view: str) -> None:  # noqa: ARG001
    assert "没有" in said(opened(view=view))


def test_english_says_the_same(house: Ledger) -> None:  # noqa: ARG001
    test = signin.signed_in("finance", "en", "pages/collect.py").run(timeout=30)
    assert not test.exception
    assert "3 customers to contact today" in said(test)
    assert not any("\u4e00" <= letter <= "\u9fff" for heading in test.subheader for letter in heading.value)


def test_a_link_opens_the_card_of_a_customer_who_is_on_another_list(house: Ledger) -> None:
    execute(house, desk.FINANCE, HoldReminders(3, TODAY + timedelta(5), "客户搬迁", TODAY))
    test = opened(customer="3")
    assert "北方客户03" not in names(test)
    assert "暂缓到" in said(test)
    assert "客户搬迁" in said(test)


def test_what_is_due_soon_stands_ready_to_be_said(house: Ledger) -> None:
    """Customer 5 owes 700 due in two days and nothing else: the note is ready, one click mails it, the level is done."""
    contact = {"is_primary": True, "do_not_contact": False, "role": "finance", "name": "周会计", "email": "zhou@example.com"}
    facts.insert(house, "contact", {**contact, "contact_id": 9, "customer_id": 5})
    execute(house, desk.FINANCE, RecordInvoice(5, "S5", TODAY - timedelta(28), Decimal(700), TODAY + timedelta(2)))
    test = opened(view="soon")
    assert names(test) == ["北方客户05"]
    assert "¥700.00 将于 2026年11月18日 到期，没有逾期" in said(test).replace("\\", "")
    assert "S5" in test.code[0].value
    press(test, "mail-5-CNY")
    assert live(house, "message", "customer_id, level") == [(5, 1)]
    assert "本级已催" in test.dataframe[0].value["reminder_due"][0]


def test_a_reminder_by_letter_is_printed(house: Ledger) -> None:
    """Customer 6 is two months late: the ladder's letter is written, and stands under what was done, ready to print."""
    facts.insert(
        house, "contact", {"contact_id": 9, "customer_id": 6, "name": "赵", "address": "上海", "is_primary": True, "do_not_contact": False}
    )
    execute(house, desk.FINANCE, RecordInvoice(6, "S6", TODAY - timedelta(90), Decimal(7000), TODAY - timedelta(61)))
    execute(house, desk.FINANCE, SendReminders(((6, "CNY"),), TODAY))
    test = opened(view="done", customer="6")
    labels = [button.label for button in test.get("download_button")]
    assert labels.count("信函 PDF") == 2  # the letter that went out, and the text on the card
    assert "信函，可打印（1）" in [one.label for one in test.expander]
