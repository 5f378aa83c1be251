"""Hostile texts and addresses: what people type, import or put in a URL is shown as it is, and breaks no page."""

from __future__ import annotations

import json
import re
from datetime import date

import desk
import facts
import ledgers
import pytest
import signin
from streamlit.testing.v1 import AppTest

from lib.commands.users import ChangeUser
from lib.domain.access import SYSTEM
from lib.errors import Refused
from lib.store.door import execute
from lib.store.ledger import Ledger
from lib.text import Text
from lib.ui import incidents, page, web

IMAGE = "![x](https://evil.example/i.png)"


@pytest.mark.parametrize("text", ["https://evil.example/a", "see HTTP://evil.example", "www.evil.example", "(WWW.evil.example)"])
def test_an_address_in_a_text_is_no_link(text: str) -> None:
    """The browser finds addresses after it has taken the escapes away."""
    shown = re.sub(r"\\(.)", r"\1", page.md(text))
    assert not re.search(r"https?://|www\.", shown, re.IGNORECASE)
    assert shown.replace("\u2060", "") == text


@pytest.mark.parametrize("mark", "\u061c\u200e\u200f\u202a\u202d\u202e\u2066\u2067\u2068\u2069")
def test_a_name_does_not_turn_the_amount_behind_it(mark: str) -> None:
    assert page.md(f"甲{mark}公司") == "甲公司"
    assert Text("{name} 欠 {amount}", "{name} owes {amount}").say("en", name=f"甲{mark}公司", amount="1,234.00") == "甲公司 owes 1,234.00"


def test_a_persons_name_is_no_markup(house: Ledger) -> None:
    execute(house, SYSTEM, ChangeUser("finance", name=IMAGE))
    test = signin.signed_in("finance").run()
    assert not test.exception
    labels = [block.proto.popover.label for block in test.sidebar if block.type == "popover"]
    assert IMAGE not in labels


def test_a_refusal_that_reaches_the_server_is_no_markup(house: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    monkeypatch.setattr("streamlit.error", shown.append)
    assert web.on_error(Refused(Text("不行：{name}", "no: {name}"), name=IMAGE))
    assert IMAGE not in shown[0]
    assert house


def test_the_log_keeps_nothing_quoted_from_a_ledger() -> None:
    trace = 'Traceback\n  File "lib/a.py", line 12345, in f\nConversionError: Could not convert string "王秘密 13800001234" to \'王\''
    assert incidents.impersonal(trace) == 'Traceback\n  File "lib/a.py", line …, in f\nConversionError: Could not convert string … to …'


@pytest.mark.parametrize("path", ["overview", "overdue", "customer"])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("known_at", "0001-01-01T00:00:00+14:00"),
        ("known_at", "9999-12-31T23:59:59-14:00"),
        ("known_at", "0001-01-01"),
        ("known_at", "1000-01-01"),
        ("known_at", "9999-12-31"),
        ("as_of", "0001-01-01"),
        ("as_of", "9999-12-31"),
        ("customer", "99999999999999999999"),
        ("customer", "' or 1=1 --"),
        ("owner_id", "1; drop table audit"),
        ("region", IMAGE),
    ],
)
def test_no_address_breaks_a_page(opens: ledgers.Opens, path: str, name: str, value: str) -> None:
    opens(desk.furnish)
    test = signin.signed_in("finance", path=f"pages/{path}.py")
    test.query_params[name] = value
    test.run()
    assert not test.exception


EVIL = f"<img src=x onerror=alert(1)>{IMAGE}[a](javascript:alert(1))$x$:red[y]"
_RAW = re.compile(r"(?<!\\)<img|(?<!\\)\]\(|(?<!\\):red\[|(?<!\\)\$x")
"""Marks that Markdown would still read."""


@pytest.fixture
def spoilt(house: Ledger) -> Ledger:
    """A house in which everything that is text says something evil, and every list of the receivables has a row."""
    desk.furnish(house)
    about = {"customer_id": 1, "currency": "CNY"}
    today, later = date(2025, 12, 1), date(2026, 3, 1)
    person = {"contact_id": 1, "customer_id": 1, "name": EVIL, "phone": EVIL, "address": EVIL, "email": "a@example.com", "is_primary": True}
    facts.insert(house, "contact", {**person, "do_not_contact": False})
    rent = {**about, "agreement_id": 1, "title": EVIL, "every_months": 1, "first_on": today, "memo": EVIL}
    facts.insert(house, "agreement", rent)
    facts.insert(house, "agreement_line", {"agreement_id": 1, "description": EVIL, "quantity": 1, "unit_price": 5, "amount": 5})
    lines = json.dumps([{"description": EVIL, "quantity": "1", "unit_price": "5", "product_no": EVIL, "amount": "5"}])
    facts.insert(house, "invoice_draft", {**about, "draft_id": 1, "on_date": today, "amount": 5, "lines": lines, "memo": EVIL})
    proposed = {**about, "proposal_id": 1, "kind": "credit_limit", "on_date": today, "amount": 5, "reason": EVIL}
    facts.insert(house, "proposal", {**proposed, "body": json.dumps({"until_on": "2026-12-31", "evidence": EVIL}), "recorded_by": 3})
    facts.insert(house, "promise", {**about, "promise_id": 1, "made_on": today, "due_on": later, "amount": 5, "note": EVIL})
    dispute = {"customer_id": 1, "case_id": 1, "kind": "dispute", "on_date": today, "subject": EVIL, "body": EVIL, "severity": 3}
    facts.insert(house, "case_file", dispute)
    facts.insert(house, "hold", {"customer_id": 1, "hold_id": 1, "from_on": today, "until_on": date(2099, 1, 1), "reason": EVIL})
    line = {"line_id": 1, "account": EVIL, "on_date": today, "amount": 300, "currency": "CNY", "place": 1}
    facts.insert(house, "bank_line", {**line, "payer": EVIL, "payer_account": EVIL, "memo": EVIL})
    message = {"customer_id": 1, "message_id": 1, "contact_id": 1, "kind": "reminder", "channel": "email", "on_date": today}
    facts.insert(house, "message", {**message, "language": "zh", "recipient": "a@example.com", "subject": EVIL, "body": EVIL})
    failed = {"message_id": 1, "customer_id": 1, "happened_at": facts.KNOWN, "detail": json.dumps({"why": "refused", "said": EVIL})}
    facts.insert(house, "message_event", {**failed, "event_id": 1, "state": "failed"})
    settings = {"policy_id": 900, "kind": "bank_details", "effective_on": today, "body": json.dumps({"bank_name": EVIL}), "reason": EVIL}
    facts.insert(house, "policy", settings)
    for column in ("name", "region", "industry"):
        house.jot(f"update customer_record set {column} = $evil where customer_id = 1", {"evil": EVIL})
    house.jot("update entry set doc_no = $evil || entry_id, memo = $evil where customer_id = 1", {"evil": EVIL})
    house.jot("update app_user set name = $evil where user_id in (2, 3)", {"evil": EVIL})
    house.jot("update app_user set scope = 'all' where role in ('manager', 'finance')", {})
    return house


def texts(test: AppTest) -> list[str]:
    """What a page shows as Markdown: texts and the labels of whatever can be clicked."""
    shown = [part.value for part in [*test.markdown, *test.caption, *test.info, *test.error, *test.warning, *test.success, *test.subheader]]
    shown += [part.label for part in [*test.button, *test.checkbox, *test.toggle, *test.text_input, *test.selectbox, *test.metric]]
    return shown + [block.proto.popover.label for block in test.main if block.type == "popover"]


@pytest.mark.usefixtures("spoilt")
def test_nothing_people_typed_is_markup_on_any_page() -> None:
    for name in ("overdue", "collect", "bank", "approvals", "customer"):
        test = signin.signed_in("manager", path=f"pages/{name}.py")
        test.query_params["customer"] = "1"
        test.run()
        assert not test.exception
        told = [text for text in texts(test) if "onerror" in text]
        assert told, name
        assert [text for text in told if _RAW.search(text)] == []
