"""The chart of a metric on the page: what was done about it, what it is held against anew, and what the signs mean."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import facts
import pytest
import signin
from streamlit.testing.v1 import AppTest

from lib.commands.metric_rules import SetMetricRule
from lib.domain.access import Actor, Role, Scope
from lib.metrics import Cut
from lib.metrics.variation import View
from lib.review import pack
from lib.review.beside import beside
from lib.store.door import execute
from lib.store.ledger import Ledger
from lib.text import Language

TODAY = date(2026, 6, 30)
WEEK = timedelta(days=7)
FIRST = date(2025, 9, 1)  # a Monday
ACTION = {"action_id": 1, "week_on": FIRST, "circle": "all", "owner_id": 3, "due_on": TODAY, "metric": "billed_amount"}


@pytest.fixture
def billing(house: Ledger) -> Ledger:
    """100 and 110 billed in turn for 43 weeks, weeks chosen anew from March on, a promise kept on 13 May and a decision of 6 April."""
    facts.customer(house, 1)
    for week in range(43):
        facts.invoice(house, week + 1, FIRST + week * WEEK, FIRST + (week + 4) * WEEK, (100, 110)[week % 2])
    facts.insert(house, "action_item", {**ACTION, "said": "每周二集中*开票*"})
    step = {"action_id": 1, "week_on": FIRST, "on_date": date(2026, 5, 13), "step": "done"}
    facts.insert(house, "action_step", {"step_id": 1, **step})
    decided = {
        "resolution_id": 1,
        "week_on": date(2026, 4, 6),
        "circle": "all",
        "said": "月底前开完",
        "reason": "对账",
        "metric": "billed_amount",
    }
    facts.insert(house, "resolution", decided)
    chosen = {"first_on": date(2026, 3, 2), "last_on": date(2026, 6, 15)}
    execute(house, Actor(3, "经理", Role.MANAGER, Scope.ALL), SetMetricRule("billed_amount", "换了流程", TODAY, **chosen))
    return house


def page(language: Language, **asked: str) -> AppTest:
    test = signin.signed_in("finance", path="pages/overview.py", language=language)
    for name, value in {"as_of": TODAY.isoformat(), **asked}.items():
        test.query_params[name] = value
    return test.run()


def test_a_file_of_the_week_draws_the_same_marks(billing: Ledger) -> None:
    view = View(billing, Actor(3, "经理", Role.MANAGER, Scope.ALL), TODAY, None, Cut("CNY"))
    found = pack.build(view, date(2026, 6, 29), sections=())
    line = found.line("billed_amount")
    around = beside(view, found).around(line, found)
    assert [(mark.kind, mark.said) for mark in around.marks] == [("decision", "月底前开完"), ("action", "每周二集中*开票*")]
    assert around.anew_on == date(2026, 3, 2)
    assert not around.is_open, "a flow's last week is over"
    stock = found.line("overdue_amount")
    assert beside(view, found).around(stock, found).is_open, "a Tuesday"
    early = replace(found, known_at=datetime(1990, 1, 1))
    assert beside(view, early).around(line, early).marks == ()


@pytest.mark.usefixtures("billing")
def test_the_chart_marks_what_was_done_and_where_the_range_begins_anew() -> None:
    test = page("zh", metric="billed_amount")
    assert not test.exception
    captions = " ".join(one.value for one in test.caption)
    assert "5月13日 周三 ▼ 行动：每周二集中\\*开票\\*" in captions
    assert "4月6日 周一 ▽ 决定：月底前开完" in captions
    assert "竖线起按 2026年6月30日 重定的范围判断" in captions
    table = next(frame.value for frame in test.dataframe if "note" in frame.value.columns).set_index("period")
    assert list(table.index[table["note"] != "—"]) == ["4/6–4/12", "5/11–5/17"]
    assert table.loc["6/22–6/28", ["tested", "usual", "signal"]].tolist() == ["¥100", "¥78 – ¥132", "—"]


@pytest.mark.usefixtures("billing")
def test_the_signs_are_explained_once_on_the_board() -> None:
    test = page("en")
    said = " ".join(one.value for one in test.markdown)
    assert said.count("the way of working must change") == 1
