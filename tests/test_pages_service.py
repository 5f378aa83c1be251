"""The service page: a request noted with its dues said before, its queue, its next step; the calendar, who may change it, and its end."""

from __future__ import annotations

from datetime import date, datetime

import desk
import ledgers
import pytest
import signin
from streamlit.testing.v1 import AppTest

from lib.store.ledger import Ledger
from lib.text import Language

NOW = datetime(2027, 1, 5, 2)
"""A Tuesday, 10:00 in business time, after the last day whose holidays are known."""


@pytest.fixture
def house_with_customers(opens: ledgers.Opens, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    house = opens(desk.furnish)
    house.jot("update app_user set scope = 'all' where username = 'manager'", {})
    monkeypatch.setattr(house, "clock", lambda: NOW)
    return house


def opened(who: str, language: Language = "zh", **query: str) -> AppTest:
    test = signin.signed_in(who, language, path="pages/service.py")
    for key, value in query.items():
        test.query_params[key] = value
    test.run()
    assert not test.exception
    return test


def said(test: AppTest) -> str:
    parts = [*test.markdown, *test.caption, *test.subheader, *test.info, *test.warning, *test.error]
    return "\n".join(part.value for part in parts)


def test_a_request_is_noted_with_its_dues_and_led_to_its_end(house_with_customers: Ledger) -> None:
    """Urgent at ten: half an hour for the answer, four working hours for the solution, lunch between."""
    test = opened("lead", show="new", customer="1")
    test.text_input(key="service_request-0-summary").set_value("设备停机")
    test.pills(key="service_request-0-priority").set_value(1)
    test.run()
    assert "01-05 10:30 前要首次响应，01-05 15:30 前要解决" in said(test)
    test.button(key="service_request-0-_save").click().run()
    assert not test.exception
    found = house_with_customers.cursor().execute("select subject, severity, owner_id from case_file where kind = 'service'").fetchall()
    assert found == [("设备停机", 1, 2)]

    test = opened("lead", queue="open", request="1")
    assert "1 件未解决" in said(test)
    assert "**附件**" in said(test)
    test.button(key="service_step_1_new-0-_save").click().run()
    assert not test.exception
    assert "回复客户" in said(test)
    states = house_with_customers.cursor().execute("select state, action from case_event order by event_id").fetchall()
    assert states == [("new", "record"), ("in_progress", "respond")]


def test_a_late_request_leads_the_page(house_with_customers: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    test = opened("lead", show="new", customer="1")
    test.text_input(key="service_request-0-summary").set_value("设备停机")
    test.run()
    test.button(key="service_request-0-_save").click().run()
    monkeypatch.setattr(house_with_customers, "clock", lambda: datetime(2027, 1, 5, 9))
    assert "1 件已超时" in said(opened("lead"))
    assert "1 late" in said(opened("manager", "en"))


def test_days_are_changed_by_who_may_and_the_end_is_told_to_everyone(house_with_customers: Ledger) -> None:
    """The year after the last known one: the manager enters it, a lead is told whom to ask."""
    assert "没有 2026年12月31日 之后的放假安排" in said(opened("lead"))
    assert "请经理在" in said(opened("lead", show="calendar"))
    test = opened("manager", show="calendar", year="2027")
    assert "程序自带的日历还没有 2027 年" in said(test)
    test.pills(key="calendar-0-kind").set_value("closed")
    test.date_input(key="calendar-0-since").set_value(date(2027, 10, 1))
    test.date_input(key="calendar-0-until").set_value(date(2027, 10, 7))
    test.text_input(key="calendar-0-name").set_value("国庆节")
    test.button(key="calendar-0-_save").click().run()
    assert not test.exception
    assert house_with_customers.cursor().execute("select count(*) from calendar_day where on_date >= date '2027-01-01'").fetchone() == (7,)
    assert "之后的放假安排" not in said(opened("lead"))
