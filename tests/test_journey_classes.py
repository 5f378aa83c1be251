"""A manager's quarter in a real browser: two cuts moved, who moves read, published, approved, on the customer, the old set used again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
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
    from playwright.sync_api import Browser, Page
else:
    Browser = Page = Any

TODAY = signin.TODAY
LAB = "/classification?view=lab"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Customer 1 with five invoices of 100, customer 2 with one of 10,000."""
    path = tmp_path / "ledger.duckdb"
    with Ledger(path) as ledger:
        signin.add_people(ledger)
        ledger.jot("update app_user set scope = 'all' where user_id = $user_id", {"user_id": signin.PEOPLE["manager"][0]})
        for number, (count, amount) in enumerate(((5, 100), (1, 10_000)), 1):
            facts.customer(ledger, number, owner_id=2)
            for place in range(count):
                day = TODAY - timedelta(weeks=1 + place)
                facts.invoice(ledger, number * 10 + place, day, day, amount, customer_id=number)
        ledger.checkpoint()
    with Server(path) as running:
        yield running


def fill(page: Page, label: str, value: str) -> None:
    field = page.get_by_label(label)
    field.fill(value)
    field.press("Enter")
    quiet(page)


def publish(page: Page, reason: str) -> None:
    fill(page, "为什么改", reason)
    page.get_by_role("button", name="保存").click()
    page.locator(".st-key-policy-classification-saved").wait_for()
    quiet(page)


def approve(browser: Browser, server: Server) -> None:
    """A second person reads what waits in the lab and approves it."""
    page = browsing.new_page(browser)
    browsing.sign_in(page, server, "admin", signin.PASSWORD, LAB)
    page.get_by_role("button", name="批准").click()
    page.get_by_text("已批准").first.wait_for()
    quiet(page)
    page.context.close()


def test_a_managers_quarter(server: Server) -> None:
    with browsing.opened() as browser:
        page = browsing.new_page(browser)
        browsing.sign_in(page, server, "manager", signin.PASSWORD, LAB)
        fill(page, "高频，从", "5")
        fill(page, "大额，合计到（%）", "89")
        page.get_by_text("1 个客户换类").wait_for()
        page.get_by_text("频次（期内账单数） · 高频，从：12 → 5").wait_for()
        page.get_by_text("金额 · 大额，合计到：70% → 89%").wait_for()
        publish(page, "季度复核")
        approve(browser, server)
        said(page, server, "高频小额", "高频 5 张起")
        page.goto(server.url + "/")
        page.get_by_text("发布规则").first.wait_for()
        page.goto(f"{server.url}{LAB}&version=2")
        quiet(page)
        page.get_by_role("button", name="再用第 2 版").click()
        quiet(page)
        publish(page, "回到原来")
        approve(browser, server)
        said(page, server, "常规小额", "高频 12 张起")
    server.stop()
    with duckdb.connect(str(server.ledger)) as connection:
        found = connection.execute("select body, reason from policy where kind = 'classification' order by policy_id").fetchall()
    assert [reason for _, reason in found][1:] == ["季度复核", "回到原来"]
    assert '"high": 5' in found[1][0]


def said(page: Page, server: Server, *words: str) -> None:
    """What the customer's page answers when asked why."""
    page.goto(f"{server.url}/customer?customer=1")
    page.get_by_role("button", name="分类为什么").click()
    for word in words:
        page.get_by_role("dialog").get_by_text(word).first.wait_for()
