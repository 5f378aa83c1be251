"""The compare page: which weeks a link names, what is said about them, and who made the difference."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import ledgers
import pytest
import signin
from facts import company_alone, customer, invoice
from streamlit.testing.v1 import AppTest

from lib.store.ledger import Ledger

AS_OF = "2026-04-08"


@pytest.fixture
def full(opens: ledgers.Opens) -> Ledger:
    return opens(company_alone)


def opened(who: str = "manager", **query: str) -> AppTest:
    test = signin.signed_in(who, path="pages/compare.py")
    for key, value in {"as_of": AS_OF, "currency": "CNY", "group": "receivables", "metric": "overdue_amount", **query}.items():
        test.query_params[key] = value
    test.run()
    assert not test.exception
    return test


def said(test: AppTest) -> str:
    return "\n".join(part.value for part in [*test.markdown, *test.caption, *test.subheader])


@pytest.mark.usefixtures("on_show")
@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({}, ["2026年第14周（3/30–4/5）比2026年第13周", "是谁造成的：逾期金额", "正好等于两周之差", "六周和十二个月"]),
        ({"against": "other", "other": "2026-W02", "metric": "dso_days"}, ["比2026年第2周", "不能拆到客户"]),
        (
            {"group": "data", "metric": "own_score_rate", "against": "year", "basis": "seen", "week": "2026-W10", "by": "owner"},
            ["2026年第10周（3/2–3/8）比2025年第10周", "时所知", "比率的变化分成两份"],
        ),
    ],
)
def test_a_link_says_which_weeks_and_how_they_are_told(query: dict[str, str], words: list[str]) -> None:
    test = opened(**query)
    for word in words:
        assert word in said(test)


@pytest.mark.usefixtures("house")
def test_an_empty_ledger_says_what_to_do() -> None:
    assert "还没有可以对比的数据" in said(opened(metric="nps"))


def test_a_house_of_invoices_alone_opens_on_what_it_has_to_say(house: Ledger) -> None:
    """Nobody wrote down a touch or heard a customer: these groups would be all dashes and noughts."""
    customer(house, 1, owner_id=3)
    invoice(house, 1, date(2026, 3, 30), date(2026, 4, 1), 1000)
    test = opened(group="", metric="")
    assert "（3/30–4/5）比" in said(test)
    assert "逾期金额" in test.dataframe(key="compare").value["metric"].to_list()


@pytest.mark.usefixtures("on_show")
def test_a_file_is_made_for_who_is_at_the_desk_with_the_figures_of_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    jobs: list[Any] = []
    monkeypatch.setattr("lib.ui.downloads.st.download_button", lambda _label, job, *_, **__: jobs.append(job))
    test = opened(group="data", metric="own_score_rate")
    shown = test.dataframe(key="compare").value
    lines = jobs[1]().decode("utf-8-sig").splitlines()
    assert len(lines) == len(shown) + 1
    assert lines[0].startswith("指标,这一周,变化")
    assert shown["now_said"][0] in lines[1]
    assert jobs[3]().decode("utf-8-sig").startswith("客户名称,")


@pytest.mark.usefixtures("on_show")
def test_a_group_leads_to_its_customers() -> None:
    test = opened(group="data", metric="own_score_rate", by="owner", within="3")
    assert "的客户" in said(test)
    assert len(test.dataframe(key="movers_owner").value) > 1
    assert len(test.dataframe(key="movers_within").value) > 1


def test_what_was_recorded_later_is_said_as_restated(full: Ledger) -> None:
    invoice(full, 9001, date(2026, 2, 1), date(2026, 3, 1), 777_000, recorded_at=datetime(2026, 4, 7))
    test = opened(basis="seen")
    assert "更正：逾期金额在2026年第14周" in said(test)
    assert "corrected_said" in test.dataframe(key="compare").value.columns


@pytest.mark.parametrize("basis", ["now", "seen"])
def test_weeks_before_the_first_import_were_seen_by_nobody(house: Ledger, basis: str) -> None:
    """What came in as history later restates nothing: there was no ledger to look at."""
    customer(house, 1, owner_id=3)
    invoice(house, 1, date(2026, 2, 1), date(2026, 3, 1), 1000, recorded_at=datetime(2026, 4, 8))
    test = opened(basis=basis)
    assert "更正：" not in said(test)
    assert ("那时账本里还没有记录" in said(test)) is (basis == "seen")
