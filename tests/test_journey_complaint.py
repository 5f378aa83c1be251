"""A complaint's whole life in a real browser: recorded, acknowledged, paused, resolved, told, closed, opened again, closed for good."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import browsing
import duckdb
import facts
import pytest
import signin
from browsing import quiet
from server import Server

from lib.store.ledger import Ledger

if TYPE_CHECKING:
    from playwright.sync_api import Page
else:
    Page = Any

STEP = "complaint_step_1"
LIFE = (
    ("acknowledge", "acknowledged"),
    ("start", "in_progress"),
    ("wait", "waiting_customer"),
    ("resume", "in_progress"),
    ("resolve", "resolved"),
    ("tell", "told_customer"),
    ("attempt", "told_customer"),
    ("close", "closed"),
    ("reopen", "in_progress"),
    ("escalate", "in_progress"),
    ("resolve", "resolved"),
    ("tell", "told_customer"),
    ("close", "closed"),
)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """One customer of the lead's."""
    path = tmp_path / "ledger.duckdb"
    with Ledger(path) as ledger:
        signin.add_people(ledger)
        facts.customer(ledger, 1, owner_id=2, name="恒源机械")
        ledger.checkpoint()
    with Server(path) as running:
        yield running


class Desk:
    """The panel of complaint 1; each saved step starts its form afresh."""

    def __init__(self, page: Page) -> None:
        self.page, self.round = page, 0

    def field(self, name: str) -> Any:
        return self.page.locator(f".st-key-{STEP}-{self.round}-{name}")

    def say(self, name: str, value: str) -> None:
        self.field(name).locator("input").fill(value)
        self.field(name).locator("input").press("Tab")
        quiet(self.page)

    def choose(self, name: str, word: str) -> None:
        self.field(name).get_by_text(word, exact=True).click()
        quiet(self.page)

    def save(self, state: str) -> None:
        quiet(self.page)
        self.field("_save").get_by_role("button").click()
        self.round += 1
        self.page.locator(".st-key-complaint_card h5").get_by_text(state, exact=True).wait_for()
        quiet(self.page)

    def resolve(self) -> None:
        self.choose("action", "提出方案")
        self.field("remedy").locator("input").wait_for()
        self.field("_save").get_by_role("button").click()
        self.page.get_by_text("请填“方案”。").wait_for()  # nothing is resolved without saying how
        self.say("remedy", "补发两箱")
        self.say("cost", "320.50")
        self.field("_promised_on3").get_by_role("button").click()
        quiet(self.page)
        self.save("已提方案")

    def tell(self) -> None:
        self.say("told_to", "王总")
        self.choose("channel", "微信")  # the complaint came by phone: that one is chosen already, a click would let it go
        self.save("已告知客户")

    def close(self) -> None:
        self.say("root_cause", "拣货没有复核")
        self.choose("is_confirmed", "客户已确认")
        self.save("已关闭")


def confirm(page: Page, popover: str, done: str) -> None:
    """Open a small menu of the panel and confirm."""
    page.locator(f".st-key-{popover}-1").get_by_role("button").first.click()
    page.locator(f".st-key-{popover}-do-1").get_by_role("button").click()
    page.get_by_text(done).first.wait_for()
    quiet(page)


def test_a_complaint_lives_its_whole_life(server: Server) -> None:
    with browsing.opened() as browser:
        page = browsing.new_page(browser)
        browsing.sign_in(page, server, "lead", signin.PASSWORD, "/entry?form=complaint&customer=1")
        page.locator(".st-key-complaint-0-summary input").fill("发错货")
        page.locator(".st-key-complaint-0-severity").get_by_text("一般：影响客户使用", exact=True).click()
        quiet(page)
        page.get_by_role("button", name="保存").click()
        page.locator(".st-key-complaint-saved").wait_for()

        page.goto(f"{server.url}/complaints?queue=unacknowledged&case=1")
        page.locator(".st-key-complaint_card").wait_for()
        quiet(page)
        desk = Desk(page)
        desk.choose("cause", "交付")
        desk.save("已受理")
        desk.save("处理中")
        desk.save("等客户")
        desk.choose("action", "继续处理")
        desk.save("处理中")
        desk.resolve()
        desk.tell()
        confirm(page, "attempt", "已记录联系未果。")
        desk.close()
        desk.say("note", "又漏发一箱")
        desk.save("处理中")
        confirm(page, "escalate", "已升级到第 1 级。")
        desk.resolve()
        desk.tell()
        desk.close()
    server.stop()
    with duckdb.connect(str(server.ledger)) as kept:
        told = kept.execute("select action, state from case_event where retired_at = timestamp '9999-12-31' order by event_id").fetchall()
        assert kept.execute("select count(*), max(level) from case_event where action = 'escalate'").fetchone() == (1, 1)
    assert told == [("record", "new"), *LIFE]
