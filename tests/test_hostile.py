"""Hostile texts and addresses: what people type, import or put in a URL is shown as it is, and breaks no page."""

from __future__ import annotations

import re

import desk
import pytest
import signin

from lib.commands.users import ChangeUser
from lib.domain.access import SYSTEM
from lib.errors import Refused
from lib.store.door import execute
from lib.store.ledger import Ledger
from lib.text import Text
from lib.ui import page, web

IMAGE = "![x](https://evil.example/i.png)"


@pytest.mark.parametrize("text", ["https://evil.example/a", "see HTTP://evil.example", "www.evil.example", "(WWW.evil.example)"])
def test_an_address_in_a_text_is_no_link(text: str) -> None:
    """The browser finds addresses after it has taken the escapes away."""
    shown = re.sub(r"\\(.)", r"\1", page.md(text))
    assert not re.search(r"https?://|www\.", shown, re.IGNORECASE)
    assert shown.replace("\u2060", "") == text


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
    assert web._impersonal(trace) == 'Traceback\n  File "lib/a.py", line …, in f\nConversionError: Could not convert string … to …'


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
def test_no_address_breaks_a_page(house: Ledger, path: str, name: str, value: str) -> None:
    desk.furnish(house)
    test = signin.signed_in("finance", path=f"pages/{path}.py")
    test.query_params[name] = value
    test.run()
    assert not test.exception
