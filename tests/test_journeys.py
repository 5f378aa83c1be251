"""Two people's days in a real browser: a file becomes a promise, nothing typed is lost, nothing saved twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

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


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browsing.new_page(browser)
    yield opened
    opened.close()


def sign_in(page: Page, server: Server, who: str, address: str = "/") -> None:
    browsing.sign_in(page, server, who, signin.PASSWORD, address)


def rows(server: Server, sql: str) -> list[tuple[Any, ...]]:
    """What stands in the ledger once the server has stopped."""
    server.stop()
    with duckdb.connect(str(server.ledger)) as connection:
        return connection.execute(sql).fetchall()


def test_a_file_becomes_overdue_money_and_a_promise(page: Page, server: Server, tmp_path: Path) -> None:
    file = tmp_path / "invoices.csv"
    late = signin.TODAY - timedelta(days=40)
    file.write_text(f'客户名称,账单编号,账单日期,到期日,金额\n晨光文具,A-1,{late - timedelta(days=30)},{late},"8,800.00"\n', "utf-8")
    sign_in(page, server, "finance")
    page.get_by_role("link", name="数据导入").click()
    quiet(page)
    page.get_by_text("账单", exact=True).first.click()
    quiet(page)
    page.locator('input[type="file"]').set_input_files(str(file))
    page.get_by_role("button", name="导入：新增 1").click()
    page.get_by_text("已导入").wait_for()
    page.get_by_role("link", name="看逾期").click()
    quiet(page)
    page.get_by_text("逾期").first.wait_for()
    page.locator(".st-key-search input").fill("cgwj")
    page.locator('[data-testid="stSidebar"] [data-testid="stPageLink"] a').first.click()
    page.get_by_role("heading", name="晨光文具").wait_for()
    quiet(page)
    page.locator(".st-key-customer-actions").get_by_role("link", name="承诺还款").click()
    quiet(page)
    page.get_by_role("button", name="+1 周").click()
    quiet(page)
    page.get_by_role("button", name="保存").click()
    page.locator(".st-key-promise-saved").wait_for()
    browsing.sign_out(page)
    assert rows(server, "select amount::text from promise") == [("8800.00",)]


def test_what_was_typed_survives_a_reload(page: Page, server: Server) -> None:
    sign_in(page, server, "lead", "/entry?form=interaction&customer=1")
    page.locator(".st-key-interaction-0-summary input").fill("客户说下周付款")
    page.locator(".st-key-interaction-0-body textarea").click()
    page.keyboard.type("还没离开这一格的字")
    page.locator(".st-key-interaction-0-body").get_by_text("Ctrl+Enter").wait_for()  # typed, not yet handed over
    page.locator(".st-key-interaction-0-body").get_by_text("Ctrl+Enter").wait_for(state="detached")
    quiet(page)
    page.reload()
    page.get_by_role("button", name="恢复草稿").click()
    quiet(page)
    assert page.locator(".st-key-interaction-0-summary input").input_value() == "客户说下周付款"
    assert page.locator(".st-key-interaction-0-body textarea").input_value() == "还没离开这一格的字"
    page.locator(".st-key-interaction-0-body textarea").click()
    page.keyboard.press("Control+s")
    page.locator(".st-key-interaction-saved").wait_for()
    assert rows(server, "select subject, body from activity") == [("客户说下周付款", "还没离开这一格的字")]


def test_double_click_saves_once(page: Page, server: Server) -> None:
    sign_in(page, server, "lead", "/entry?form=interaction&customer=1")
    page.locator(".st-key-interaction-0-summary input").fill("只要一条")
    quiet(page)
    page.get_by_role("button", name="保存").dblclick()
    page.locator(".st-key-interaction-saved").wait_for()
    quiet(page)
    assert rows(server, "select count(*) from activity") == [(1,)]
