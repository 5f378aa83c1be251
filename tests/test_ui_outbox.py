"""The outbox on screen: how to set the server, sending with a result, whom to mend, and who may do what."""

from __future__ import annotations

import time
from datetime import date
from typing import Any

import desk
import facts
import ledgers
import pytest
import signin
from post_office import open_office
from streamlit.testing.v1 import AppTest

from lib import post
from lib.commands.company import DescribeCompany
from lib.commands.mailing import SendInvoices, SendStatements
from lib.commands.messages import ClaimMessage, QueueMessage
from lib.commands.undo import Undo
from lib.domain.access import Actor, Role, Scope
from lib.domain.sender import Sender, sender
from lib.errors import Doubtful, NotFound, Refused
from lib.store.door import execute
from lib.store.ledger import Ledger
from lib.store.settings import settings
from lib.text import LANGUAGES, Language
from lib.ui import outbox, session

FINANCE = Actor(4, "Finance", Role.FINANCE, Scope.ALL)
MANAGER = Actor(3, "Manager", Role.MANAGER, Scope.ALL)
TODAY = date(2026, 1, 5)


@pytest.fixture
def house(opens: ledgers.Opens, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    house = opens(desk.furnish)
    monkeypatch.delenv(post.VARIABLE, raising=False)
    plain = {"is_primary": True, "do_not_contact": False}
    facts.insert(
        house, "contact", {**plain, "contact_id": 1, "customer_id": 1, "name": "王总", "email": "wang@example.com", "language": "en"}
    )
    facts.insert(house, "contact", {**plain, "contact_id": 2, "customer_id": 2, "name": "李总", "email": "refused@example.com"})
    # Facts put straight in count the version up beyond the changes there are: what is read now must not answer after one.
    house.identity, house.version = object(), 0
    return house


def queue(house: Ledger, customer_id: int = 1, **more: Any) -> int:
    plain: dict[str, Any] = {"kind": "reminder", "today": session.today(), "subject": "付款 *提醒*", "body": "您好", "confirmed": True}
    return int(execute(house, FINANCE, QueueMessage(customer_id, **{**plain, **more})).result)


def opened(who: str = "finance", language: Language = "zh") -> AppTest:
    test = signin.signed_in(who, language, path="tests/outbox_page.py").run()
    assert not test.exception
    return test


def said(test: AppTest) -> str:
    return "\n".join(part.value for part in [*test.markdown, *test.caption, *test.info, *test.error, *test.warning, *test.success])


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize("language", LANGUAGES)
def test_empty_it_says_how_to_set_the_server(language: Language) -> None:
    test = opened(language=language)
    assert post.VARIABLE.replace("_", "\\_") in said(test)
    assert not [button for button in test.button if button.key == "outbox-send"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_sending_moves_beside_the_page_and_says_what_came_of_it(house: Ledger, language: Language, monkeypatch: pytest.MonkeyPatch) -> None:
    queue(house)
    queue(house, 2)
    with open_office() as office:
        monkeypatch.setenv(post.VARIABLE, office.url)
        test = opened(language=language)
        test.button(key="outbox-send").click().run()
        deadline = time.monotonic() + 15
        while not all(state.is_done for state in outbox._rounds().values()):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        test.run()
    assert not test.exception
    assert len(office.letters) == 1
    assert ("发出 1 封，失败 1 封" if language == "zh" else "1 sent, 1 failed") in said(test)
    assert "Recipient address rejected" in said(test).replace("\\", "")
    assert "refused@example" not in said(test)
    assert set(test.dataframe[0].value["delivery"]) == ({"已发", "失败"} if language == "zh" else {"Sent", "Failed"})


def _left(house: Ledger) -> int:
    return len(
        house.cursor().execute("select 1 from message_event where state = 'queued' and retired_at = timestamp '9999-12-31'").fetchall()
    )


def test_a_failed_one_is_tried_again_by_a_click_and_a_waiting_one_cancelled(house: Ledger) -> None:
    message_id = queue(house)
    test = opened()
    assert "付款 \\*提醒\\*" in said(test)
    test.button(key=f"cancel-{message_id}").click().run()
    assert _left(house) == 0
    other = queue(house)
    execute(house, FINANCE, ClaimMessage(other))
    test = opened()
    assert "先问客户" in said(test)
    test.button(key=f"again-{other}").click().run()
    assert _left(house) == 1


def test_a_collector_sends_reminders_but_no_invoices(house: Ledger) -> None:
    bill, remind = queue(house, kind="invoice", entry_id=1), queue(house)
    keys = {button.key for button in opened("lead").button}
    assert f"cancel-{remind}" in keys
    assert f"cancel-{bill}" not in keys
    keys = {button.key for button in opened("viewer").button}
    assert not any(key and key.startswith("cancel-") for key in keys)


def test_the_company_is_written_by_who_may_and_can_be_taken_back(house: Ledger) -> None:
    assert not [field for who in ("lead", "manager") for field in opened(who).text_input if str(field.key).startswith("company")]
    house.jot("update app_user set scope = 'all' where role = 'manager'", {})
    test = opened("manager")
    assert "收款账户" in said(test)
    test.text_input(key="company-name").input("明账公司")
    test.text_input(key="company-bank_account").input("6214 0001")
    test.button(key="company-save").click().run()
    assert sender(settings(house)) == Sender(name="明账公司")
    assert "6214 0001" in said(test)
    assert "confirm-bank" not in str([button.key for button in test.button])
    second = opened("admin")
    next(button for button in second.button if str(button.key).startswith("confirm-bank")).click().run()
    assert sender(settings(house)) == Sender(name="明账公司", bank_account="6214 0001")
    assert settings(house)["base_currency"] == "CNY"
    receipt = execute(house, MANAGER, DescribeCompany(Sender(name="改名", bank_account="6214 0001"), TODAY))
    execute(house, MANAGER, Undo(receipt.change_id))
    assert sender(settings(house)).name == "明账公司"
    with pytest.raises(Refused):
        execute(house, MANAGER, DescribeCompany(Sender(), TODAY))


def test_many_invoices_are_queued_at_once_and_who_cannot_be_written_to_is_named(house: Ledger) -> None:
    facts.invoice(house, 50, date(2025, 12, 1), date(2026, 1, 1), 70, customer_id=3)
    done = execute(house, FINANCE, SendInvoices((1, 50), TODAY)).result
    assert len(done.message_ids) == 1
    ((left_out, refusal),) = done.refused
    assert left_out == 50
    assert "no contact with an e-mail" in refusal.say("en")
    sql = "select kind, language, entry_id, subject from message where message_id = ?"
    assert house.cursor().execute(sql, [done.message_ids[0]]).fetchone() == (
        "invoice",
        "en",
        1,
        "Invoice F1: CNY 300.00, due on 1 Oct 2025",
    )
    with pytest.raises(Doubtful):
        execute(house, FINANCE, SendInvoices((1,), TODAY))
    with pytest.raises(Refused):
        execute(house, FINANCE, SendInvoices((50,), TODAY))
    with pytest.raises(NotFound):
        execute(house, FINANCE, SendInvoices((999,), TODAY))


def test_a_statement_letter_says_the_balance(house: Ledger) -> None:
    done = execute(house, FINANCE, SendStatements((1, 3), TODAY)).result
    (message_id,) = done.message_ids
    (body,) = house.cursor().execute("select body from message where message_id = ?", [message_id]).fetchone() or ("",)
    assert "CNY 500.00" in body
    assert [customer_id for customer_id, _ in done.refused] == [3]
