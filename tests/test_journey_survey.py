"""A customer answers a survey on a phone, by the link in a letter; the account manager is asked to call back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import browsing
import facts
import pytest
import signin
import surveys
from server import Server

from lib.commands.invitations import SECRET
from lib.domain import links
from lib.store.house_secret import house_secret
from lib.store.ledger import Ledger

TODAY = signin.TODAY
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True, "java_script_enabled": False}
LEAST_TARGET = 44
TOLD = "发了两次货都不对 <b>"


@pytest.fixture
def survey(tmp_path: Path) -> Iterator[tuple[Server, str]]:
    """A running server, and where on it one customer's survey is."""
    ledger_path = tmp_path / "ledger.duckdb"
    with Ledger(ledger_path) as ledger:
        signin.add_people(ledger)
        facts.customer(ledger, 1, owner_id=2)
        surveys.contact(ledger, 1, 1)
        surveys.wave(ledger, closes_on=TODAY + timedelta(days=9))
        surveys.invite(ledger, 1, 1, contact_id=1)
        surveys.be_found(ledger, TODAY)
        token = links.token(house_secret(ledger, SECRET), surveys.WAVE, 1)
        ledger.checkpoint()
    with Server(ledger_path) as running:
        yield running, f"{running.url}{links.PATH}{token}"
        assert token not in running.log


def test_a_customer_answers_on_a_phone_and_the_lead_is_to_call_back(survey: tuple[Server, str]) -> None:
    running, path = survey
    with browsing.opened() as browser:
        phone = browser.new_context(**PHONE).new_page()
        asked_elsewhere: list[str] = []
        phone.on("request", lambda sent: None if sent.url.startswith(running.url) else asked_elsewhere.append(sent.url))
        phone.goto(path)
        assert phone.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]") == [390, 844], "one screen"
        sizes = phone.evaluate("[...document.querySelectorAll('.point, .send, .switch, summary')].map(one => one.getBoundingClientRect())")
        small = [one for one in sizes if one["width"] and min(one["width"], one["height"]) < LEAST_TARGET]
        assert not small

        phone.get_by_role("button", name="提交").tap()
        phone.get_by_role("alert").get_by_text("请选一个分数").wait_for()
        phone.get_by_label("您打这个分，最主要的原因是什么").fill(TOLD)
        phone.get_by_role("button", name="English").tap()
        assert phone.get_by_label("What is the main reason").input_value() == TOLD
        phone.get_by_role("button", name="中文").tap()
        phone.get_by_role("group", name="您有多大可能").get_by_text("3", exact=True).tap()
        assert phone.get_by_role("radio", name="3 不太可能").is_checked()
        phone.get_by_text("给几个方面打分").tap()
        phone.get_by_role("group", name="交付准时").get_by_text("2", exact=True).tap()
        phone.get_by_role("button", name="提交").tap()
        phone.get_by_text("谢谢，您的回答已收到").wait_for()
        phone.goto(path)
        phone.get_by_text("谢谢，您的回答已收到").wait_for()
        assert not phone.context.cookies()
        assert not asked_elsewhere

        page = browsing.new_page(browser)
        browsing.sign_in(page, running, "lead", signin.PASSWORD, "/customer?customer=1")
        page.get_by_text(TOLD).first.wait_for()
        page.get_by_role("tab", name="反馈与任务").click()
        page.get_by_text("NPS 3").first.wait_for()
