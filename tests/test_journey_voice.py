"""The loop in a real browser: ten scores typed by keyboard, a low one becomes somebody's call, the call is made and told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import browsing
import desk
import duckdb
import pytest
import signin
from browsing import quiet
from server import Server

from lib.store.ledger import Ledger

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page
else:
    Browser, Page = Any, Any

TYPED: Final = ("9", "10", "3 发货太慢", "8", "9", "7", "10", "9", "8", "10")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing.opened() as opened:
        yield opened


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    path = tmp_path / "ledger.duckdb"
    with Ledger(path) as ledger:
        signin.add_people(ledger)
        desk.furnish(ledger)
        ledger.checkpoint()
    with Server(path) as running:
        yield running


def test_ten_scores_are_typed_and_the_low_one_is_called_back_and_told(browser: Browser, server: Server) -> None:
    page = browsing.new_page(browser)
    browsing.sign_in(page, server, "lead", signin.PASSWORD, "/entry?form=score&mode=batch")
    quiet(page)
    type_ten(page)
    browsing.sign_out(page)
    browsing.sign_in(page, server, "manager", signin.PASSWORD, "/entry?form=call_back")
    page.get_by_text("1 个低分等回访").wait_for()
    assert "发货太慢" in page.locator(".st-key-call-back-card").inner_text()
    called_back(page)
    page.locator(".st-key-call_back-saved").wait_for()
    page.goto(f"{server.url}/entry?form=call_back&whose=told")
    page.get_by_text("1 件答应客户的事等告知").wait_for()
    told(page)
    page.get_by_text("答应客户的事都告知了。").wait_for()
    page.goto(f"{server.url}/customer?customer=3")
    page.get_by_role("heading", name="北方客户03").wait_for()
    page.close()
    server.stop()
    with duckdb.connect(str(server.ledger)) as connection:
        live = "retired_at = timestamp '9999-12-31'"
        assert connection.execute("select count(*), sum(score)::integer from feedback").fetchone() == (10, 83)
        tasks = f"select subject, owner_id, outcome, body, source_kind from activity where {live} order by activity_id"
        assert connection.execute(tasks).fetchall() == [
            ("NPS 3", 3, "reached", "答应周五前补齐", "feedback"),
            ("补齐缺货", 3, "reached", "李经理：货已补齐", "call_back"),
        ]
        assert connection.execute("select subject from case_file").fetchall() == []


def type_ten(page: Page) -> None:
    """Score, Enter, next; a person types when the cursor stands in the emptied field."""
    for place, typed in enumerate(TYPED):
        page.wait_for_function("document.activeElement?.closest('.st-key-batch-typed') && document.activeElement.value === ''")
        quiet(page)
        page.keyboard.type(typed)
        page.keyboard.press("Enter")
        page.locator(f".st-key-batch-row-{place}").get_by_text("已保存").wait_for()


def told(page: Page) -> None:
    """What was promised is done and the customer knows."""
    card = page.locator(".st-key-call-back-card")
    card.get_by_label("告知了谁").fill("李经理")
    quiet(page)
    card.get_by_label("做了什么").fill("货已补齐")
    quiet(page)
    page.keyboard.press("Control+s")


def called_back(page: Page) -> None:
    """What the call came to, in one form saved by Ctrl+S."""
    card = page.locator(".st-key-call-back-card")
    card.get_by_role("radio", name="已联系上").or_(card.get_by_role("button", name="已联系上")).first.click()
    note = card.get_by_label("客户怎么说")
    note.wait_for()
    quiet(page)
    note.fill("答应周五前补齐")
    card.get_by_label("答应了什么").fill("补齐缺货")
    quiet(page)
    card.get_by_role("button", name="+1 周").click()
    quiet(page)
    page.keyboard.press("Control+s")
