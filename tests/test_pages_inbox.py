"""The inbox as a lead uses it: quotes read and put right in two clicks, suggestions sorted by key, moved on, told; themes compared."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import desk
import facts
import ledgers
import pytest
import signin
from streamlit.testing.v1 import AppTest

from lib.commands.service import RecordScore, RecordSuggestion
from lib.commands.suggestions import AdvanceSuggestions
from lib.domain.access import SYSTEM
from lib.store.door import execute
from lib.store.ledger import Ledger

TODAY = date(2026, 11, 16)


@pytest.fixture
def house(opens: ledgers.Opens) -> Ledger:
    return opens(heard)


def heard(house: Ledger) -> None:
    """Three comments of customers of the north, one of the south, and two suggestions; the business day is fixed."""
    settings = {"policy_id": 90, "kind": "settings", "effective_on": date(2000, 1, 2), "body": f'{{"demo_date": "{TODAY}"}}', "reason": "x"}
    facts.insert(house, "policy", settings)
    desk.furnish(house)
    for customer_id, score, comment in ((1, 3, "发货太慢 [x](http://evil)"), (2, 9, "服务很好"), (3, 9, "又来了一车"), (13, 3, "南方的话")):
        execute(house, SYSTEM, RecordScore(customer_id, "nps", score, TODAY, TODAY, comment=comment))
    for customer_id, summary in ((1, "账单发电子版"), (2, "到货前打电话")):
        execute(house, SYSTEM, RecordSuggestion(customer_id, TODAY - timedelta(3), TODAY, summary))


def opened(who: str = "lead", **query: str) -> AppTest:
    test = signin.signed_in(who, path="pages/inbox.py")
    for name, value in query.items():
        test.query_params[name] = value
    test.run(timeout=30)
    assert not test.exception
    return test


def said(test: AppTest) -> str:
    return "\n".join(part.value for part in [*test.markdown, *test.caption])


def rows(ledger: Ledger, sql: str) -> list[tuple[Any, ...]]:
    return ledger.cursor().execute(sql).fetchall()


READ = "select reader, mood_side(mood), themes from reading_at(timestamp '9999-12-30') where about = 'feedback' and about_id = 3"
STATES = "select state from case_at(date '2026-11-16', timestamp '9999-12-30') where kind = 'suggestion' order by case_id"


def test_a_lead_reads_and_corrects_in_two_clicks_and_takes_it_back(house: Ledger) -> None:
    test = opened()
    assert ":orange-background[太慢]" in said(test)
    assert "](http" not in said(test)
    assert "南方的话" not in said(test)
    assert "5 条原话：差评 **1**、好评 1。" in said(test)
    test.pills(key="mood-feedback-3").set_value("bad").run(timeout=30)
    test.pills(key="themes-feedback-3").set_value(["delivery"]).run(timeout=30)
    assert rows(house, READ) == [("person", "bad", ["delivery"])]
    test.selectbox(key="quote-mood").set_value("bad").run(timeout=30)
    assert ["服务" in said(test), "又来了一车" in said(test)] == [False, True]
    test.button(key="quote.undo").click().run(timeout=30)
    assert rows(house, READ) == [("person", "bad", [])]


def test_a_viewer_reads_only(house: Ledger) -> None:  # noqa: ARG001
    test = opened("viewer")
    assert not [one for one in test.pills if str(one.key).startswith("mood-")]
    assert not [one for one in opened("viewer", view="suggestions").button if str(one.key).startswith("sort-")]


def test_new_suggestions_are_sorted_by_key_then_decided_and_told(house: Ledger) -> None:
    test = opened(view="suggestions")
    for _ in range(2):
        test.button(key="sort-billing").click().run(timeout=30)
        test.button(key="sort-save").click().run(timeout=30)
        assert not test.exception
    assert rows(house, STATES) == [("classified",), ("classified",)]
    execute(house, SYSTEM, AdvanceSuggestions((1, 2), "decline", TODAY, note="成本太高"))
    test = opened(view="suggestions", state="untold")
    assert list(test.dataframe[0].value["reason"]) == ["成本太高"] * 2
    assert "待告知客户 **2**" in said(test)


@pytest.mark.usefixtures("house")
def test_no_words_says_where_they_come_from_and_no_match_what_to_loosen() -> None:
    assert "换个时间范围" in said(opened(as_of="2020-01-01"))
    assert "请放宽筛选" in said(opened(as_of="2020-01-01", mood="bad"))


def test_themes_stand_beside_the_time_before(house: Ledger) -> None:
    execute(house, SYSTEM, RecordScore(2, "nps", 3, TODAY - timedelta(120), TODAY, comment="仓库发错货"))
    test = opened(view="themes")
    told = test.dataframe[-1].value
    delivery = told[told["theme_name"] == "交付与物流"].iloc[0]
    assert (delivery["named_count"], delivery["bad_count"], delivery["named_before"]) == (2, 1, 1)
    assert "差评最多的主题是“交付与物流”" in said(test).replace("\\", "")
