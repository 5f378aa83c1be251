"""Data of years ago is not an empty house: the page names the newest day and leads to it."""

from __future__ import annotations

from datetime import date

import facts
import pytest
from signin import TODAY, signed_in

from lib.store.ledger import Ledger

NEWEST = date(2017, 12, 1)


@pytest.fixture
def old(house: Ledger) -> Ledger:
    facts.customer(house, 1, owner_id=2)
    facts.invoice(house, 1, date(2017, 10, 1), date(2017, 10, 31), 100)
    facts.payment(house, 2, NEWEST, 40, 1)
    answer = {"feedback_id": 1, "customer_id": 1, "metric": "nps", "score": 9, "top_score": 10, "on_date": NEWEST}
    facts.insert(house, "feedback", answer)
    return house


@pytest.mark.usefixtures("old")
@pytest.mark.parametrize("name", ["overview", "classification", "satisfaction"])
def test_old_data_is_one_click_away(name: str) -> None:
    test = signed_in("manager", path=f"pages/{name}.py").run()
    assert not test.exception
    assert any("最新的记录是 2017年12月1日 的" in part.value for part in test.markdown)
    assert not any("还没有可以计算的数据" in part.value for part in test.markdown), "there is data, only none of these weeks"
    test.button(key="look_back_go").click().run()
    assert not test.exception
    assert test.date_input(key="as_of").value == NEWEST
    assert "look_back_go" not in [button.key for button in test.button]


@pytest.mark.usefixtures("old")
@pytest.mark.parametrize("name", ["review", "compare"])
def test_old_data_is_reviewed_by_its_own_last_week(name: str) -> None:
    test = signed_in("manager", path=f"pages/{name}.py").run()
    assert not test.exception
    assert any("最新的记录是 2017年12月1日 的" in part.value for part in test.caption)
    assert test.selectbox(key="switch-week").value == "2017-W48"
    assert name != "review" or "review_prepare" in [button.key for button in test.button]


def test_fresh_data_gets_no_hint(old: Ledger) -> None:
    facts.payment(old, 3, TODAY, 10, 1)
    test = signed_in("manager", path="pages/overview.py").run()
    assert "look_back_go" not in [button.key for button in test.button]
