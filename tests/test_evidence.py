"""The evidence pack holds what it says, proves its history, and leaves the house only with a note in the audit."""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import io
import re
import zipfile
from datetime import date
from decimal import Decimal

import desk
import facts
import ledgers
import pytest
import signin
from pypdf import PdfReader

from lib.commands.messages import QueueMessage
from lib.commands.promises import RecordPromise
from lib.commands.receivables import RecordPayment
from lib.commands.undo import Undo
from lib.domain.access import Actor, Permission, Role, Scope
from lib.errors import Forbidden, NotFound
from lib.papers.evidence import evidence
from lib.papers.statement import Wanted
from lib.store import sessions
from lib.store.door import execute
from lib.store.ledger import Ledger
from lib.text import LANGUAGES, Language
from lib.ui import papers

FINANCE = Actor(4, "Finance", Role.FINANCE, Scope.ALL)
LEAD = Actor(2, "Lead", Role.LEAD, Scope.TEAM, ("north",))
TODAY = date(2026, 1, 5)


@pytest.fixture
def house(opens: ledgers.Opens) -> Ledger:
    return opens(written_about)


def written_about(house: Ledger) -> None:
    desk.furnish(house)
    plain = {"is_primary": True, "do_not_contact": False}
    facts.insert(house, "contact", {**plain, "contact_id": 1, "customer_id": 1, "name": "王总", "email": "wang@example.com"})
    execute(house, LEAD, RecordPromise(1, date(2126, 1, 1), TODAY, confirmed=True, promised_by="=王总"))
    execute(house, LEAD, QueueMessage(1, "reminder", TODAY, "付款提醒", "您好！\n请付款。"))
    paid = execute(house, FINANCE, RecordPayment(1, Decimal(50), TODAY, TODAY))
    execute(house, FINANCE, Undo(paid.change_id))


def packed(house: Ledger, language: Language = "zh", who: Actor = FINANCE) -> dict[str, bytes]:
    made = evidence(house, who, Wanted(1, TODAY, language))
    with zipfile.ZipFile(io.BytesIO(made.content)) as pack:
        assert pack.testzip() is None
        return {name: pack.read(name) for name in pack.namelist()}


def table(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pack_holds_invoices_statement_mail_promises_movements_and_changes(house: Ledger, language: Language) -> None:
    files = packed(house, language)
    names = set(files)
    assert {"index.txt", "statement.pdf", "postings.csv", "promises.csv", "timeline.csv", "audit.csv"} <= names
    bills = [name for name in names if name.startswith("invoices/")]
    assert sorted(re.sub(r"invoices/\d+-", "", name) for name in bills) == ["invoice-F1.pdf", "invoice-F2.pdf"]
    assert all("恒源机械" in PdfReader(io.BytesIO(files[name])).pages[0].extract_text() for name in [*bills, "statement.pdf"])
    (letter,) = (files[name].decode("utf-8-sig") for name in names if name.startswith("messages/"))
    assert "请付款。" in letter
    assert table(files["promises.csv"])[1][-1] == "'=王总"
    amounts = [Decimal(row[6]) for row in table(files["postings.csv"])[1:]]
    assert (len(amounts), sum(amounts)) == (4, 500)


def test_its_hashes_are_those_of_the_ledger_and_of_its_files(house: Ledger) -> None:
    files = packed(house)
    index = files.pop("index.txt").decode("utf-8-sig")
    for name, content in files.items():
        assert f"{hashlib.sha256(content).hexdigest()}  {name}" in index
    kept = dict(house.cursor().execute("select change_id, hash from audit").fetchall())
    head = max(kept)
    assert kept[head] in index
    changes = table(files["audit.csv"])[1:]
    assert len(changes) >= 6
    assert all(kept[int(row[0])] == row[5] for row in changes)
    written = house.cursor().execute("select distinct change_id from posting where customer_id = 1").fetchall()
    assert {change_id for (change_id,) in written} <= {int(row[0]) for row in changes}


def test_a_pack_of_a_customer_out_of_sight_is_refused(house: Ledger) -> None:
    stranger = dataclasses.replace(LEAD, user_id=7, teams=("south",))
    with pytest.raises(NotFound):
        evidence(house, stranger, Wanted(1, TODAY, "zh"))
    assert not any("南风" in content.decode("utf-8", "ignore") for content in packed(house).values())


@pytest.mark.parametrize(
    ("who", "offered"), [("finance", True), ("compliance", True), ("lead", False), ("viewer", False), ("admin", False)]
)
def test_who_may_take_evidence_along(house: Ledger, who: str, offered: bool) -> None:
    person = sessions.find(house, sessions.token_hash(sessions.start(house, signin.PEOPLE[who][0])))
    assert person
    may = person.actor.may(Permission.EXPORT) and papers.may_pack(person.actor)
    assert may is offered


def test_a_download_is_made_for_the_person_as_they_are_then_and_noted(house: Ledger) -> None:
    job = papers._Job(house, lambda: FINANCE, papers._Statement(Wanted(1, TODAY, "zh")), "statement_pdf", "C1", lambda _: True)
    assert job().startswith(b"%PDF")
    command, detail = house.cursor().execute("select command, detail from audit order by change_id desc limit 1").fetchone() or ("", "")
    assert command == "RecordExport"
    assert '"statement_pdf"' in detail
    admin = Actor(6, "Admin", Role.ADMIN, Scope.ALL)
    with pytest.raises(Forbidden):
        dataclasses.replace(job, person=lambda: admin)()
    pack = dataclasses.replace(job, make=papers._Evidence(Wanted(1, TODAY, "zh")), needs=papers.may_pack)
    with pytest.raises(Forbidden):
        dataclasses.replace(pack, person=lambda: LEAD)()
    assert pack()[:2] == b"PK"


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_buttons_stand_on_the_customer_and_the_overdue_page(language: Language) -> None:
    test = signin.signed_in("finance", language, path="pages/overdue.py")
    test.query_params["customer"] = "1"
    test.run()
    assert not test.exception
    assert [button for button in test.get("download_button") if "statement_pdf" in button.proto.id]
