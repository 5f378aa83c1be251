"""Messages in the outbox: whom they may go to, once each, and what a person can do when one failed."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import Any

import facts
import pytest

from lib.commands.messages import CancelMessage, ClaimMessage, Kind, NoteDelivery, QueueMessage, RetryMessage
from lib.commands.undo import Undo
from lib.domain.access import Actor, Role, Scope
from lib.errors import Conflict, Doubtful, Forbidden, NotFound, Refused
from lib.store.door import execute
from lib.store.ledger import Ledger

FINANCE = Actor(4, "finance", Role.FINANCE, Scope.ALL)
LEAD = Actor(2, "lead", Role.LEAD, Scope.ALL)
TODAY = date(2026, 6, 30)
REMIND = QueueMessage(1, "reminder", TODAY, "付款提醒", "您好")


@pytest.fixture(autouse=True)
def customer(ledger: Ledger) -> None:
    for user_id, role in ((2, "lead"), (4, "finance")):
        sql = "insert into app_user values ($user_id, $role, 'u', $role, 'all', null, 'zh', null, null, true, 1)"
        ledger.jot(sql, {"user_id": user_id, "role": role})
    facts.customer(ledger, 1)
    facts.customer(ledger, 2)
    facts.invoice(ledger, 10, date(2026, 5, 1), date(2026, 6, 1), 100)
    contact(ledger, 1, email="boss@example.com", role="decision", is_primary=True)
    contact(ledger, 2, email="pay@example.com", role="finance", language="en")


def contact(ledger: Ledger, contact_id: int, **more: Any) -> None:
    plain = {"contact_id": contact_id, "customer_id": 1, "name": f"联系人{contact_id}", "is_primary": False, "do_not_contact": False}
    facts.insert(ledger, "contact", {**plain, **more})


def queued(ledger: Ledger, **more: Any) -> int:
    return int(execute(ledger, FINANCE, dataclasses.replace(REMIND, **more)).result)


def message(ledger: Ledger, message_id: int) -> dict[str, Any]:
    sql = "select * from message_at(date '2026-06-30', timestamp '9999-12-30') where message_id = ?"
    (found,) = ledger.cursor().execute(sql, [message_id]).to_arrow_table().to_pylist()
    return dict(found)


def test_it_goes_to_the_one_for_finance_in_their_language(ledger: Ledger) -> None:
    found = message(ledger, queued(ledger))
    assert (found["recipient"], found["language"], found["state"]) == ("pay@example.com", "en", "queued")


def test_a_chosen_contact_without_a_language_is_written_to_in_chinese(ledger: Ledger) -> None:
    found = message(ledger, queued(ledger, contact_id=1))
    assert (found["recipient"], found["language"]) == ("boss@example.com", "zh")


def test_a_subject_is_one_line(ledger: Ledger) -> None:
    assert message(ledger, queued(ledger, subject="付款\r\nBcc: x@example.com"))["subject"] == "付款 Bcc: x@example.com"


@pytest.mark.parametrize(
    "wrong",
    [{"email": "boss@example.com", "do_not_contact": True}, {"email": None}, {"email": "boss at example"}, {"email": "a@x.com;b@x.com"}],
)
def test_a_contact_that_cannot_be_written_to_is_named(ledger: Ledger, wrong: dict[str, Any]) -> None:
    contact(ledger, 3, **wrong)
    with pytest.raises(Refused, match="联系人3") as refusal:
        queued(ledger, contact_id=3)
    assert refusal.value.values["about"] == "contact_id"


def test_without_any_contact_it_says_so(ledger: Ledger) -> None:
    with pytest.raises(Refused, match="no contact with an e-mail"):
        queued(ledger, customer_id=2)


def test_anothers_contact_and_invoice_are_refused(ledger: Ledger) -> None:
    facts.invoice(ledger, 20, date(2026, 5, 1), date(2026, 6, 1), 100, customer_id=2)
    with pytest.raises(NotFound):
        queued(ledger, customer_id=2, contact_id=1)
    with pytest.raises(NotFound):
        queued(ledger, kind="invoice", entry_id=20)
    with pytest.raises(NotFound):
        queued(ledger, kind="invoice")


@pytest.mark.parametrize(
    "recipient", ["a@b.cn\r\nBcc: x@b.cn", "Li <a@b.cn>", "a@b.cn,c@d.cn", "a@b", "", " a@b.cn", "a..b@c.cn", "张三@c.cn", "a@-c.cn"]
)
def test_a_typed_address_is_one_whole_address(ledger: Ledger, recipient: str) -> None:
    with pytest.raises(Refused):
        queued(ledger, recipient=recipient)


def test_the_same_twice_asks_first(ledger: Ledger) -> None:
    queued(ledger)
    with pytest.raises(Doubtful):
        queued(ledger)
    queued(ledger, confirmed=True)


def test_papers_are_sent_by_who_may_write_them(ledger: Ledger) -> None:
    papers: tuple[tuple[Kind, int | None], ...] = (("invoice", 10), ("statement", None))
    for kind, entry_id in papers:
        with pytest.raises(Forbidden):
            execute(ledger, LEAD, dataclasses.replace(REMIND, kind=kind, entry_id=entry_id))
        message_id = queued(ledger, kind=kind, entry_id=entry_id)
        for command in (CancelMessage(message_id), ClaimMessage(message_id)):
            with pytest.raises(Forbidden):
                execute(ledger, LEAD, command)
    execute(ledger, LEAD, REMIND)


def test_a_message_is_claimed_once_and_unknown_until_its_outcome_is_noted(ledger: Ledger) -> None:
    message_id = queued(ledger)
    claimed = execute(ledger, FINANCE, ClaimMessage(message_id)).result
    assert (claimed["recipient"], claimed["do_not_contact"]) == ("pay@example.com", False)
    assert message(ledger, message_id)["state"] == "unknown"
    with pytest.raises(Conflict):
        execute(ledger, FINANCE, ClaimMessage(message_id))
    execute(ledger, FINANCE, NoteDelivery(message_id, is_sent=True))
    assert message(ledger, message_id)["state"] == "sent"
    for command in (ClaimMessage(message_id), NoteDelivery(message_id, is_sent=True), CancelMessage(message_id), RetryMessage(message_id)):
        with pytest.raises(Conflict):
            execute(ledger, FINANCE, command)


def test_an_unknown_outcome_is_tried_again_only_when_confirmed(ledger: Ledger) -> None:
    message_id = queued(ledger)
    execute(ledger, FINANCE, ClaimMessage(message_id))
    with pytest.raises(Doubtful):
        execute(ledger, FINANCE, RetryMessage(message_id))
    execute(ledger, FINANCE, RetryMessage(message_id, confirmed=True))
    assert message(ledger, message_id)["state"] == "queued"


def test_a_failed_one_goes_to_the_mended_address(ledger: Ledger) -> None:
    message_id = queued(ledger)
    execute(ledger, FINANCE, ClaimMessage(message_id))
    execute(ledger, FINANCE, NoteDelivery(message_id, is_sent=False, why="refused", said="550 no such user"))
    assert message(ledger, message_id)["said"] == "550 no such user"
    ledger.jot("update contact set email = $email where contact_id = 2", {"email": "new@example.com"})
    execute(ledger, FINANCE, RetryMessage(message_id))
    found = message(ledger, message_id)
    assert (found["recipient"], found["state"], found["said"]) == ("new@example.com", "queued", None)


def test_a_cancelled_one_is_not_sent_and_can_come_back(ledger: Ledger) -> None:
    message_id = queued(ledger)
    execute(ledger, FINANCE, CancelMessage(message_id))
    with pytest.raises(Conflict):
        execute(ledger, FINANCE, ClaimMessage(message_id))
    execute(ledger, FINANCE, RetryMessage(message_id))
    assert message(ledger, message_id)["state"] == "queued"


def test_queueing_can_be_undone_until_it_is_claimed(ledger: Ledger) -> None:
    first, second = execute(ledger, FINANCE, REMIND), execute(ledger, FINANCE, dataclasses.replace(REMIND, level=2))
    execute(ledger, FINANCE, Undo(first.change_id))
    with pytest.raises(NotFound):
        execute(ledger, FINANCE, ClaimMessage(first.result))
    execute(ledger, FINANCE, ClaimMessage(second.result))
    with pytest.raises(Conflict):
        execute(ledger, FINANCE, Undo(second.change_id))


def test_the_audit_holds_no_address_and_no_text(ledger: Ledger) -> None:
    queued(ledger, recipient="private@example.com", subject="机密主题", body="机密正文")
    (detail,) = ledger.cursor().execute("select detail from audit order by change_id desc limit 1").fetchone() or ("",)
    assert "private" not in detail
    assert "机密" not in detail
