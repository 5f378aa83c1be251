"""The satisfaction page: what each view says, what a link shows again, and the answers behind every figure."""

from __future__ import annotations

from datetime import date

import ledgers
import pytest
import signin
from facts import company_alone
from streamlit.testing.v1 import AppTest

from lib.store.ledger import Ledger
from lib.ui.scores import first_day, last_day

AS_OF = "2026-04-08"


def opened(who: str = "finance", **query: str) -> AppTest:
    test = signin.signed_in(who, path="pages/satisfaction.py")
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
@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({}, ["近 13 周 NPS", "：误差内", "一个客户一票", "最近一期", "最近一期低分占"]),
        ({"period": "rolling"}, ["相邻的点共用回答"]),
        ({"period": "wave"}, ["最近一期 第 3 次", "知道名单人数"]),
        ({"period": "month", "at": "2026-01-01"}, ["01的回答"]),
        ({"period": "wave", "at": "w2"}, ["第 2 次的回答"]),
        ({"view": "where", "by": "owner"}, ["偶然", "不排名次"]),
        ({"view": "where", "by": "channel"}, ["渠道之间不比"]),
        ({"view": "where", "wave": "1"}, ["第 1 次"]),
        ({"view": "where"}, ["和 NPS 最同步的是", "不说明谁引起谁", "打低分的最多"]),
        ({"view": "where", "metric": "csat"}, ["还差 50 个"]),
        ({"view": "voices"}, ["低分回访", "个低分按时跟进"]),
        ({"view": "coverage", "currency": "CNY"}, ["听到了", "活跃客户中的", "没听到的客户"]),
        ({"view": "journey"}, ["最费力"]),
    ],
)
def test_each_view_says_its_finding(query: dict[str, str], words: list[str]) -> None:
    test = opened(**query)
    for word in words:
        assert word in said(test)


@pytest.mark.usefixtures("on_show")
@pytest.mark.parametrize(("by", "group"), [("owner", "Finance"), ("credit", "unrated"), ("entry", "own")])
def test_a_group_leads_to_its_answers(by: str, group: str) -> None:
    test = opened(view="where", by=by)
    places = test.dataframe(key="group_figures").value
    assert len(places)
    test = opened(view="where", by=by, group=group)
    assert len(test.dataframe(key="answers").value) > 0


def test_languages_stand_apart_and_are_not_compared(full: Ledger) -> None:
    full.cursor().execute("update feedback set language = 'en' where feedback_id % 4 = 1")
    full.version += 1
    test = opened()
    assert "不比高低" in said(test)
    assert "不比高低" not in said(opened(voice="all"))


def test_a_language_few_name_does_not_stand_for_all(full: Ledger) -> None:
    full.cursor().execute("update feedback set language = case feedback_id % 10 when 1 then 'en' when 2 then 'zh' end")
    full.version += 1
    test = opened()
    assert [one.value for one in test.get("button_group") if one.key == "switch-voice"] == ["all"]
    assert "近 13 周 NPS" in said(test)


def test_another_mix_of_channels_is_said_before_the_score_is_believed(full: Ledger) -> None:
    full.cursor().execute("update feedback set channel = 'visit' where on_date > date '2026-01-08'")
    full.version += 1
    test = opened()
    assert "渠道变了" in said(test)
    test.button(key="mix_by_channel").click().run()
    assert "渠道之间不比" in said(test)


def test_a_trend_begins_and_ends_with_whole_periods() -> None:
    assert first_day(date(2026, 4, 8), "quarter", 8) == date(2024, 7, 1)
    assert first_day(date(2026, 4, 8), "month", 12) == date(2025, 5, 1)
    assert last_day(date(2026, 10, 1), "quarter") == date(2026, 12, 31)
    assert last_day(date(2026, 2, 1), "month") == date(2026, 2, 28)
