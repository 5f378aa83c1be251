"""A weekly review's whole cycle in a real browser: prepared and explained, held, frozen, sent out, and looked back at a week later."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import browsing
import pytest
from browsing import quiet
from server import Server

from lib.commands.actions import RaiseAction, StepAction
from lib.demo import DEMO_ACCOUNTS
from lib.domain.access import Actor
from lib.metrics import METRICS
from lib.store.door import execute
from lib.store.ledger import Ledger

if TYPE_CHECKING:
    from playwright.sync_api import Page
else:
    Page = Any

TODAY, WEEK = date(2026, 6, 30), date(2026, 6, 22)
NEXT = "mode=live&section=actions&as_of=2026-07-07&week=2026-W27"
MANAGER = next(account for account in DEMO_ACCOUNTS if account.username == "manager")
ACTIONS = ("派人去佛山仓盯一周", "整理六月投诉的原因", "约见恒源的财务经理")


@pytest.fixture
def server(bare_demo_ledger: Path, tmp_path: Path) -> Iterator[Server]:
    """The demo company; something promised three weeks ago had an effect by now, something else is still open."""
    path = tmp_path / "ledger.duckdb"
    shutil.copy(bare_demo_ledger, path)
    with Ledger(path) as ledger:
        promised(ledger, Actor(MANAGER.user_id, MANAGER.name, MANAGER.role, MANAGER.scope))
        ledger.checkpoint()
    with Server(path) as running:
        yield running


def promised(ledger: Ledger, actor: Actor) -> None:
    """Of the last week of May: something done, whose effect is to be seen by now, and something still open."""
    week_on, asked = date(2026, 5, 25), date(2026, 6, 2)
    expected: dict[str, Any] = {"metric": "new_complaints", "effect": "down", "effect_by": date(2026, 7, 3), "week_on": week_on}
    done = execute(ledger, actor, RaiseAction("给仓库加一道复核", actor.user_id, date(2026, 6, 9), asked, **expected)).result
    execute(ledger, actor, StepAction((done,), "done", date(2026, 6, 8)))
    execute(ledger, actor, RaiseAction("催回五月的运费", actor.user_id, asked, asked, week_on=week_on))


class Meeting:
    """The page of the review, at one place after the other."""

    def __init__(self, page: Page, server: Server) -> None:
        self.page, self.url = page, f"{server.url}/review"

    def at(self, address: str) -> None:
        self.page.goto(f"{self.url}?{address}")
        quiet(self.page)

    def press(self, key: str) -> None:
        """A button of the page, by its key."""
        self.page.locator(f".st-key-{key} button").first.click()
        quiet(self.page)

    def say(self, key: str, words: str) -> None:
        field = self.page.locator(f".st-key-{key} input")
        field.fill(words)
        field.press("Tab")
        quiet(self.page)

    def explain(self, metric: str, words: str) -> None:
        form = f"explain-2026-W26-{metric}-0"
        self.press(f"explain-{metric}")
        self.say(f"{form}-said", words)
        self.page.locator(f".st-key-{form}-cause").get_by_text("我们自己的做法", exact=True).click()
        quiet(self.page)
        self.press(f"{form}-_save")
        self.page.locator(f".st-key-signal_{metric}").get_by_text(words).wait_for()

    def add(self, key: str, form: str, **words: str) -> None:
        """By its key on the keyboard; saved from the keyboard too."""
        self.page.locator(".st-key-add-topic button").wait_for()
        quiet(self.page)
        self.page.keyboard.press(key)
        self.page.locator(f".st-key-{form}-said input").wait_for()
        for field, said in words.items():
            self.say(f"{form}-{field}", said)
        self.page.keyboard.press("Control+s")
        self.page.locator(f".st-key-{form}-said").wait_for(state="detached")
        quiet(self.page)


def test_a_review_lives_its_whole_cycle(server: Server) -> None:
    with browsing.opened() as browser:
        page = browsing.new_page(browser)
        browsing.sign_in(page, server, "manager", MANAGER.password, "/review")
        meeting = Meeting(page, server)
        spoken = prepared(meeting)
        held(meeting, spoken)
        frozen(meeting)
        late(page, server)
        a_week_later(meeting, page)


def prepared(meeting: Meeting) -> list[str]:
    """Two signals explained; the metrics of all of them."""
    meeting.press("review_prepare")
    cards = meeting.page.locator('[class*="st-key-signal_"]')
    names = [name for card in cards.all() for name in METRICS if f"st-key-signal_{name}" in (card.get_attribute("class") or "").split()]
    for metric, words in zip(names, ("月底两人休假", "换仓后漏发"), strict=False):
        meeting.explain(metric, words)
    return names


def held(meeting: Meeting, spoken: list[str]) -> None:
    """A verdict, a decision, three actions and a topic, all from the keyboard but the topic."""
    meeting.press("review_start")
    meeting.at("mode=live&section=board")
    page = meeting.page
    page.keyboard.press("x")
    page.get_by_text("会上结论：不用做").wait_for()
    quiet(page)
    page.keyboard.press("n")
    page.get_by_text(f"信号 2 / {len(spoken)}").wait_for()
    quiet(page)
    meeting.at("mode=live&section=voice")
    meeting.add("d", "decision-review-0", said="恒源停供到还清一半", reason="连续三个月失信")
    for place, said in enumerate(ACTIONS):
        meeting.add("a", f"action-review-{place}", said=said)
    meeting.press("add-topic")
    meeting.say("topic-review-0-said", "佛山仓要不要退租")
    meeting.press("topic-review-0-_save")


def frozen(meeting: Meeting) -> None:
    """The score, the freeze, and five files and a brief."""
    meeting.at("mode=live&section=wrap")
    page = meeting.page
    assert all(page.get_by_text(said).count() for said in ("恒源停供到还清一半", *ACTIONS))
    page.locator(".st-key-review_score").get_by_text("8", exact=True).click()
    quiet(page)
    meeting.press("review_freeze")
    page.get_by_text("已冻结").first.wait_for()
    quiet(page)
    for form, mark in (("pdf", b"%PDF"), ("pptx", b"PK"), ("xlsx", b"PK"), ("html", b"<!"), ("json", b"{")):
        with page.expect_download() as download:
            page.locator(f".st-key-review_{form} button").click()
        assert Path(download.value.path()).read_bytes().startswith(mark), form
    page.locator(".st-key-review_brief summary").click()
    page.locator(".st-key-review_brief").get_by_text("恒源").first.wait_for()


def late(page: Page, server: Server) -> None:
    """A complaint of the frozen week is recorded only now."""
    page.goto(f"{server.url}/entry?form=complaint&customer=1")
    quiet(page)
    page.locator(".st-key-complaint-0-summary input").fill("发错货")
    page.locator(".st-key-complaint-0-severity").get_by_text("一般：影响客户使用", exact=True).click()
    quiet(page)
    day = page.locator(".st-key-complaint-0-on_date input")
    day.fill("2026-06-26")
    day.press("Enter")
    quiet(page)
    page.get_by_role("button", name="保存").click()
    page.locator(".st-key-complaint-saved").wait_for()
    quiet(page)


def a_week_later(meeting: Meeting, page: Page) -> None:
    """What was promised stands there, what was late carried once, what was done with its effect, and what has changed since."""
    meeting.at(NEXT)
    for said in (*ACTIONS, "催回五月的运费", "已顺延 1 次", "效果：", "会上 25 → 现在 26"):
        page.get_by_text(said).first.wait_for()
    meeting.at("mode=archive")
    page.locator('[data-testid="glide-cell-1-0"]', has_text="2026年第26周").wait_for(state="attached")
