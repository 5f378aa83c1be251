"""Mail handed to a real server: each message once, every failure with its reason, nothing personal or secret in what is kept."""

from __future__ import annotations

import io
import json
import socket
import threading
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

import facts
import pytest
from post_office import FROM, PASSWORD, PostOffice, free_port, open_office
from pypdf import PdfReader

from lib import post
from lib.__main__ import main
from lib.commands.messages import CancelMessage, ClaimMessage, Kind, QueueMessage, RetryMessage
from lib.domain.access import SYSTEM, Actor, Role, Scope
from lib.errors import Unusable
from lib.papers import fonts
from lib.post import Round, deliver, server
from lib.store.door import broken_link, execute
from lib.store.ledger import Ledger
from lib.store.query import rows

TODAY = date(2026, 6, 30)
COLLECTOR = Actor(2, "lead", Role.LEAD, Scope.ALL)


@pytest.fixture(scope="module")
def opened() -> Iterator[PostOffice]:
    with open_office() as office:
        yield office


@pytest.fixture
def office(opened: PostOffice) -> PostOffice:
    opened.letters.clear()
    return opened


@pytest.fixture(autouse=True)
def customer(ledger: Ledger) -> None:
    sql = "insert into app_user values (2, 'lead', 'u', 'lead', 'all', null, 'zh', null, null, true, 1)"
    ledger.jot(sql, {})
    facts.customer(ledger, 1, name="上海珺喆贸易有限公司")
    facts.invoice(ledger, 10, date(2026, 5, 1), date(2026, 6, 1), 1130)


def queue(ledger: Ledger, mailbox: str = "zhang@example.com", name: str = "张三", **more: Any) -> int:
    contact_id = 1 + len(ledger.cursor().execute("select 1 from contact").fetchall())
    contact = {"contact_id": contact_id, "customer_id": 1, "name": name, "email": mailbox, "is_primary": False, "do_not_contact": False}
    facts.insert(ledger, "contact", contact)
    plain: dict[str, Any] = {"kind": "thanks", "today": TODAY, "subject": "感谢付款 ✓", "body": "您好！\n\n已收到。", "confirmed": True}
    return int(execute(ledger, SYSTEM, QueueMessage(1, contact_id=contact_id, **{**plain, **more})).result)


def send(ledger: Ledger, office: PostOffice, actor: Actor = SYSTEM) -> Round:
    to = server(office.url)
    assert to
    return deliver(ledger, actor, to)


def found(ledger: Ledger) -> dict[int, dict[str, Any]]:
    return {row["message_id"]: row for row in rows(ledger, SYSTEM, "messages", as_of=TODAY)}


def test_chinese_subject_name_and_text_arrive_as_they_were_written(ledger: Ledger, office: PostOffice) -> None:
    message_id = queue(ledger, name="张三（财务）")
    done = send(ledger, office)
    assert (done.waiting, done.sent, done.is_done, done.trouble) == (1, 1, True, None)
    ((recipients, letter),) = office.letters
    assert recipients == ["zhang@example.com"]
    assert letter["Subject"] == "感谢付款 ✓"
    assert letter["To"].addresses[0].display_name == "张三（财务）"
    assert letter["From"].addresses[0].addr_spec == FROM
    assert letter.get_content().replace("\r\n", "\n").strip() == "您好！\n\n已收到。"
    assert letter["Date"].datetime
    assert letter["Message-ID"].startswith(f"<{message_id}.")
    assert found(ledger)[message_id]["delivery"] == "sent"


@pytest.mark.parametrize(
    ("kind", "entry_id", "expected"),
    [
        ("invoice", 10, "invoice-I10.pdf"),
        ("statement", None, "statement-C001-20260630.pdf"),
        ("reminder", None, "statement-C001-20260630.pdf"),
    ],
)
def test_papers_are_attached_as_of_the_messages_day(
    ledger: Ledger, office: PostOffice, kind: Kind, entry_id: int | None, expected: str
) -> None:
    queue(ledger, kind=kind, entry_id=entry_id)
    facts.invoice(ledger, 12, date(2026, 7, 3), date(2026, 8, 1), 777)
    send(ledger, office)
    (paper,) = office.letters[0][1].iter_attachments()
    assert paper.get_filename() == expected
    said = PdfReader(io.BytesIO(paper.get_content())).pages[0].extract_text()
    assert "1,130.00" in said
    assert "上海珺喆贸易有限公司" in said
    assert "777.00" not in said


@pytest.mark.parametrize("name", ["甲\r\nBcc: thief@example.com", '"; drop <x@y.z>', "a\nSubject: x", "\u2028乙", "名" * 300])
def test_no_name_becomes_a_header_or_a_recipient(ledger: Ledger, office: PostOffice, name: str) -> None:
    queue(ledger, name=name, subject=f"付款\r\nBcc: thief@example.com {name}")
    assert send(ledger, office).sent == 1
    recipients, letter = office.letters[0]
    assert recipients == ["zhang@example.com"]
    assert [address.addr_spec for address in letter["To"].addresses] == ["zhang@example.com"]
    assert letter["Bcc"] is None
    assert len(letter.get_all("Subject") or []) == 1


@pytest.mark.parametrize(
    ("mailbox", "failure"),
    [
        ("refused", ("failed", "refused", "550 5.1.1 <…>: Recipient address rejected: user unknown")),
        ("spam", ("failed", "refused", "554 5.7.1 Message rejected as spam")),
        ("later", ("failed", "temporary", "451 4.7.1 Greylisted, try again later")),
        ("going", ("failed", "temporary", "421 4.3.2 Service shutting down")),
        ("hangup", ("failed", "temporary", "Connection unexpectedly closed")),
        ("breakoff", ("unknown", "unknown", "Connection unexpectedly closed")),
        ("slow", ("failed", "temporary", "timeout")),
    ],
)
def test_a_failure_is_kept_with_its_reason_and_the_next_message_still_goes(
    ledger: Ledger, office: PostOffice, mailbox: str, failure: tuple[str, str, str]
) -> None:
    state, why, said = failure
    first, second = queue(ledger, f"{mailbox}@example.com"), queue(ledger)
    done = send(ledger, office)
    row = found(ledger)[first]
    assert (row["delivery"], row["why"]) == (state, why)
    assert said in row["said"]
    assert found(ledger)[second]["delivery"] == "sent"
    assert (done.handled, done.sent, done.trouble) == (2, 1, None)
    assert broken_link(ledger) is None


def test_what_failed_is_sent_when_a_person_says_so_and_only_then(ledger: Ledger, office: PostOffice) -> None:
    message_id = queue(ledger, "refused@example.com")
    send(ledger, office)
    assert send(ledger, office).waiting == 0
    ledger.jot("update contact set email = $email", {"email": "zhang@example.com"})
    execute(ledger, SYSTEM, RetryMessage(message_id))
    assert send(ledger, office).sent == 1
    assert office.letters[0][0] == ["zhang@example.com"]
    assert send(ledger, office).waiting == 0
    assert len(office.letters) == 1


def test_a_crash_between_claim_and_outcome_sends_nothing_twice(ledger: Ledger, office: PostOffice) -> None:
    message_id = queue(ledger)
    execute(ledger, SYSTEM, ClaimMessage(message_id))
    assert send(ledger, office).waiting == 0
    assert office.letters == []
    assert found(ledger)[message_id]["delivery"] == "unknown"


def test_two_rounds_at_once_send_each_message_once(ledger: Ledger, office: PostOffice) -> None:
    for _ in range(6):
        queue(ledger)
    rounds = [threading.Thread(target=send, args=(ledger, office)) for _ in range(3)]
    for one in rounds:
        one.start()
    for one in rounds:
        one.join()
    assert len(office.letters) == 6
    assert {row["delivery"] for row in found(ledger).values()} == {"sent"}


def test_what_is_cancelled_or_may_no_longer_be_written_to_stays(ledger: Ledger, office: PostOffice) -> None:
    cancelled, forbidden = queue(ledger), queue(ledger, "li@example.com")
    execute(ledger, SYSTEM, CancelMessage(cancelled))
    ledger.jot("update contact set do_not_contact = true", {})
    send(ledger, office)
    assert office.letters == []
    assert (found(ledger)[cancelled]["delivery"], found(ledger)[forbidden]["why"]) == ("cancelled", "do_not_contact")


def test_a_person_sends_only_the_kinds_they_may(ledger: Ledger, office: PostOffice) -> None:
    bill, thanks = queue(ledger, kind="invoice", entry_id=10), queue(ledger)
    assert send(ledger, office, COLLECTOR).sent == 1
    assert (found(ledger)[bill]["delivery"], found(ledger)[thanks]["delivery"]) == ("queued", "sent")


def test_a_paper_that_cannot_be_made_is_a_reason_not_a_crash(ledger: Ledger, office: PostOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    message_id = queue(ledger, kind="statement")
    monkeypatch.setenv(fonts.VARIABLE, "/nowhere/font.ttf")
    send(ledger, office)
    assert office.letters == []
    assert (found(ledger)[message_id]["delivery"], found(ledger)[message_id]["why"]) == ("failed", "paper")


def test_a_dead_server_stops_the_round_before_anything_is_claimed(ledger: Ledger) -> None:
    message_id = queue(ledger)
    port = free_port()
    to = server(f"smtp://127.0.0.1:{port}?from={FROM}&tls=no")
    assert to
    done = deliver(ledger, SYSTEM, to)
    assert done.is_done
    assert done.trouble
    assert str(port) in done.trouble.say("zh")
    assert found(ledger)[message_id]["delivery"] == "queued"


def test_a_server_that_never_answers_is_given_up_and_locks_nobody_out(ledger: Ledger) -> None:
    message_id = queue(ledger)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        to = server(f"smtp://127.0.0.1:{silent.getsockname()[1]}?from={FROM}&tls=no&timeout=1")
        assert to
        state = Round()
        sending = threading.Thread(target=deliver, args=(ledger, SYSTEM, to, None, state))
        sending.start()
        time.sleep(0.2)
        started = time.monotonic()
        queue(ledger)
        assert time.monotonic() - started < 0.5
        assert not state.is_done
        sending.join(10)
    assert state.trouble
    assert "timeout" in str(state.trouble)
    assert found(ledger)[message_id]["delivery"] == "queued"


def test_login_and_password_stay_between_us_and_the_server(ledger: Ledger, caplog: pytest.LogCaptureFixture) -> None:
    queue(ledger)
    with open_office(login=True) as strict:
        address = f"127.0.0.1:{strict.port}?from={FROM}&tls=no"
        wrong = server(f"smtp://mz:wrong-secret@{address}")
        right = server(f"smtp://mz:{quote(PASSWORD, safe='')}@{address}")
        assert wrong
        assert right
        trouble = deliver(ledger, SYSTEM, wrong).trouble
        assert isinstance(trouble, Unusable)
        assert "535" in trouble.say("en")
        assert deliver(ledger, SYSTEM, right).sent == 1
    told = [repr(wrong), repr(right), str(trouble), caplog.text, *map(str, ledger.cursor().execute("select detail from audit").fetchall())]
    assert not any(secret in said for said in told for secret in ("wrong-secret", PASSWORD, quote(PASSWORD, safe="")))


def test_without_encryption_a_server_gets_nothing_unless_it_is_said(ledger: Ledger, office: PostOffice) -> None:
    message_id = queue(ledger)
    to = server(f"smtp://127.0.0.1:{office.port}?from={FROM}")
    assert to
    assert deliver(ledger, SYSTEM, to).trouble
    assert office.letters == []
    assert found(ledger)[message_id]["delivery"] == "queued"


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("http://h?from=a@b.cn", "smtp://"),
        ("smtp://?from=a@b.cn", "server is missing"),
        ("smtp://u:hidden-secret@h:x?from=a@b.cn", "port"),
        ("smtp://u:hidden-secret@h", "from="),
        ("smtp://u:hidden-secret@h?from=a@b.cn&timeout=soon", "timeout"),
        ("smtp://u:hidden-secret@h?from=a@b.cn&tls=no", "another machine"),
        ("smtp://u:hidden-secretö@h?from=a@b.cn", "ASCII"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_without_the_password(url: str, named: str) -> None:
    with pytest.raises(Unusable) as refusal:
        server(url)
    assert named in refusal.value.say("en")
    assert "hidden-secret" not in refusal.value.say("en") + refusal.value.say("zh") + repr(refusal.value.__cause__)


def test_what_the_setting_may_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(post.VARIABLE, raising=False)
    assert server() is None
    monkeypatch.setenv(post.VARIABLE, "smtps://me%40b.cn:x@mail.b.cn")
    to = server()
    assert to
    assert (to.host, to.port, to.user, to.sender, to.security) == ("mail.b.cn", 465, "me@b.cn", "me@b.cn", "ssl")
    plain = server("smtp://mail.b.cn?from=a@例子.中国")
    assert plain
    assert (plain.port, plain.security, plain.sender) == (587, "starttls", "a@xn--fsqu00a.xn--fiqs8s")


def test_an_address_is_masked_for_who_may_not_read_it(ledger: Ledger, office: PostOffice) -> None:
    ledger.jot("update customer_record set secrecy = 2", {})
    queue(ledger, "refused-zhang@example.com")
    send(ledger, office)
    (row,) = rows(ledger, COLLECTOR, "messages", as_of=TODAY)
    assert "refused-zhang" not in str(row)
    assert "张三" not in str(row)


def test_the_shell_sends_the_outbox_and_says_how_many(
    tmp_path: Path, office: PostOffice, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "ledger.duckdb"
    with Ledger(path) as ledger:
        facts.customer(ledger, 1)
        queue(ledger)
        queue(ledger, "refused@example.com")
    monkeypatch.setenv("MINGZHANG_LEDGER", str(path))
    monkeypatch.delenv(post.VARIABLE, raising=False)
    assert main(["send", "--dry-run"]) == 0
    assert json.loads(capsys.readouterr().out) == {"waiting": 2}
    assert main(["send"]) == 1
    assert post.VARIABLE in capsys.readouterr().err
    monkeypatch.setenv(post.VARIABLE, office.url)
    assert main(["send"]) == 0
    assert json.loads(capsys.readouterr().out) == {"waiting": 2, "sent": 1, "failed": 1, "unknown": 0, "skipped": 0}
    assert len(office.letters) == 1
