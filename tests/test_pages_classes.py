"""The classification page: what it says, what a link shows again, and what pages say when there is nothing."""

from __future__ import annotations

from datetime import date

import ledgers
import pytest
import signin
from facts import company_alone
from streamlit.testing.v1 import AppTest

from lib.store.ledger import Ledger
from lib.ui.classes import quarter_end_before

AS_OF = "2026-04-08"


def opened(name: str, who: str = "finance", **query: str) -> AppTest:
    test = signin.signed_in(who, path=f"pages/{name}.py")
    for key, value in {"as_of": AS_OF, **query}.items():
        test.query_params[key] = value
    test.run()
    assert not test.exception
    return test


def said(test: AppTest) -> str:
    return "\n".join(part.value for part in [*test.markdown, *test.caption, *test.subheader])


@pytest.fixture
def full(opens: ledgers.Opens) -> Ledger:
    return opens(company_alone)


@pytest.mark.usefixtures("on_show")
def test_classes_say_where_the_money_is_and_who_moved() -> None:
    test = opened("classification")
    assert "个大额客户占近 12 个月金额的" in said(test)
    assert "自 2026年3月31日以来换了类的客户" in said(test)
    assert "frequency" in test.dataframe(key="class_customers").value.columns


@pytest.mark.usefixtures("on_show")
def test_a_link_shows_the_same_class_again() -> None:
    test = opened("classification", frequency="高频", currency="CNY")
    assert test.selectbox(key="frequency").value == "high"
    shown = test.dataframe(key="class_customers").value
    assert set(shown["frequency"]) == {"高频"}


@pytest.mark.usefixtures("on_show")
@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"view": "moves"}, "的客户没有换类"),
        ({"view": "moves", "by": "amount_grade", "outcome": "habit"}, "分类有没有意义"),
        ({"view": "moves", "outcome": "credit"}, "看此后到"),
        ({"view": "groups"}, "占近 12 个月金额的"),
        ({"view": "groups", "dimension": "size"}, "占近 12 个月金额的"),
        ({"view": "groups", "dimension": "product"}, "每个客户算在买得最多的产品下"),
        ({"view": "groups", "dimension": "importance"}, "重要性 4 级以上"),
        ({"view": "groups", "dimension": "potential", "level": "1"}, "潜力怎么来的"),
        ({"view": "groups", "dimension": "complexity"}, "复杂度 4 级以上"),
        ({"view": "lab"}, "初始分类阈值"),
    ],
)
def test_each_view_says_its_finding(query: dict[str, str], words: str) -> None:
    test = opened("classification", currency="CNY", **query)
    assert words in said(test)


def test_thresholds_are_tried_on_a_past_day_and_published_on_no_other_than_today(full: Ledger) -> None:
    """Who brings in old data sees at once what other cuts would do with it."""
    full.jot("update app_user set scope = 'all' where username = 'manager'", {})
    test = opened("classification", "manager", view="lab", currency="CNY")
    assert "要改规则，请先回到今天" in said(test)
    next(one for one in test.number_input if str(one.key).endswith("-frequency.high")).set_value(5).run()
    assert "个客户换类" in said(test)
    assert not [one for one in test.button if "保存" in one.label]
    assert [one for one in opened("classification", "manager", view="lab", as_of="").button if "保存" in one.label]


@pytest.mark.usefixtures("on_show")
def test_a_rating_names_its_parts_in_the_list_and_on_the_customer() -> None:
    shown = opened("classification", view="groups", dimension="complexity", currency="CNY").dataframe(key="class_rating").value
    assert {"name", "complexity_level", "complexity_score", "documents_points", "documents"} <= set(shown.columns)
    customer = opened("customer", customer="1")
    customer.button(key="why-class").click().run()
    assert not customer.exception
    for words in ("**重要性 ", "**潜力 ", "**复杂度 ", "往来年限 ", "张，100 张满分"):
        assert words in said(customer)


@pytest.mark.usefixtures("on_show")
def test_rule_is_said_in_words() -> None:
    assert "12 张起为高频" in said(opened("classification"))


@pytest.mark.usefixtures("house")
def test_empty_pages_say_what_to_do_next() -> None:
    assert "还没有客户" in said(opened("classification"))
    assert "还没有评分" in said(opened("satisfaction"))


def test_quarter_ends_before_the_day() -> None:
    assert quarter_end_before(date(2026, 4, 8)) == date(2026, 3, 31)
    assert quarter_end_before(date(2026, 3, 31)) == date(2025, 12, 31)
    assert quarter_end_before(date(2026, 1, 1)) == date(2025, 12, 31)
