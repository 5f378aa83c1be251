"""A real browser for tests, signed in by hand, waiting for what Streamlit is still drawing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import pytest
from server import Server

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install -r tests/requirements.txt")
if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page
else:
    Browser, Page = Any, Any

CHROMIUM: Final = next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)
ARGS: Final = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
PATIENCE: Final = 180_000
"""Milliseconds until a step has failed: how long one takes says how busy the machine is."""
QUIET: Final = '[data-testid="stApp"][data-test-script-state="notRunning"]'


@contextmanager
def opened() -> Iterator[Browser]:
    """A browser without a window; the test is skipped where there is none."""
    with sync_api.sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        except sync_api.Error as error:
            pytest.skip(f"no browser: apt-get install chromium, or playwright install chromium ({str(error).splitlines()[0]})")
        yield browser
        browser.close()


def new_page(browser: Browser) -> Page:
    """A tab as it opens in a Chinese office."""
    page = browser.new_page(locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": 1440, "height": 1000})
    page.set_default_timeout(PATIENCE)
    return page


def quiet(page: Page) -> None:
    """Wait until the page has stood still for a moment."""
    for _ in range(2):
        page.wait_for_selector(QUIET)
        page.wait_for_timeout(250)


def sign_in(page: Page, server: Server, who: str, password: str, address: str = "/") -> None:
    """Fill in the form and wait for the page behind it."""
    page.goto(server.url + address)
    quiet(page)
    page.locator('input[type="text"]').first.fill(who)
    page.locator('input[type="password"]').first.fill(password)
    page.keyboard.press("Enter")
    page.wait_for_selector(".st-key-my_corner", state="attached")
    quiet(page)


def sign_out(page: Page) -> None:
    """Leave by the menu of one's own corner."""
    page.locator(".st-key-my_corner button").first.click()
    page.get_by_role("button", name="退出登录").click()
    page.locator(".st-key-my_corner").wait_for(state="detached")
