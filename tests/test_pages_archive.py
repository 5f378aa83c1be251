"""Past reviews on the page: the week as it was, what changed since and whose doing it was, for each only what they may see."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import facts
import ledgers
import pytest
import reviews
import signin
from streamlit.testing.v1 import AppTest

from lib.commands import meetings
from lib.commands.decisions import Resolve
from lib.commands.meetings import OpenMeeting, StartMeeting
from lib.commands.receivables import RecordPayment
from lib.domain.access import Actor, Role, Scope
from lib.store.door import execute
from lib.store.ledger import Ledger
from lib.store.query import rows

TODAY, WEEK = date(2026, 6, 30), date(2026, 6, 22)
MANAGER = Actor(3, "Manager", Role.MANAGER, Scope.ALL)
FINANCE = Actor(4, "Finance", Role.FINANCE, Scope.ALL)


def closed(house: Ledger) -> None:
    """A week reviewed and frozen, after which a payment of customer 3 came in."""
    facts.company_alone(house)
    house.jot("update app_user set scope = 'all' where user_id = $user_id", {"user_id": MANAGER.user_id})
    meeting_id = execute(house, MANAGER, OpenMeeting(WEEK, TODAY)).result
    execute(house, MANAGER, StartMeeting(meeting_id))
    decided = Resolve("先收款后发货", "连续失信", TODAY, date(2026, 7, 14), metric="overdue_amount", week_on=WEEK)
    execute(house, MANAGER, decided)
    meetings.close(house, MANAGER, meeting_id, TODAY, currency="CNY", score=8)
    execute(house, FINANCE, RecordPayment(3, Decimal(40000), WEEK, TODAY, confirmed=True))


@pytest.fixture
def reviewed(opens: ledgers.Opens, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    reviews.few(monkeypatch)
    return opens(closed)


def opened(who: str, **query: str) -> AppTest:
    test = signin.signed_in(who, path="pages/review.py")
    for key, value in {"as_of": TODAY.isoformat(), "mode": "archive", **query}.items():
        test.query_params[key] = value
    test.run()
    assert not test.exception
    return test


def said(test: AppTest) -> str:
    return "\n".join(part.value for part in [*test.markdown, *test.caption, *test.subheader, *test.info])


def numbers(test: AppTest) -> dict[str, str]:
    (table,) = [part.value for part in test.dataframe if "metric_verdict" in part.value.columns]
    return dict(zip(table["metric"], table["seen_said"], strict=True))


@pytest.mark.usefixtures("reviewed")
def test_a_past_week_says_what_was_seen_and_who_changed_it_since() -> None:
    test = opened("manager")
    assert "冻结以来有" in said(test)
    assert "其中 1 项的结论变了" in said(test)
    (entry,) = [part.value for part in test.markdown if part.value.startswith("**客户3**")]
    assert "Finance 20" in entry
    assert "登记收款" in entry
    assert "应收余额" in entry
    assert "逾期金额、逾期率分子 −¥" in entry, "what it moved by the same stands together"
    (decided,) = [part.value for part in test.dataframe if "decision_said" in part.value.columns]
    assert decided[["decision_said", "metric", "revisit_on"]].values.tolist() == [["先收款后发货", "逾期金额", date(2026, 7, 14)]]
    assert test.dataframe(key="past_reviews").value["meeting_score"].tolist() == [8]
    assert numbers(test) == numbers(opened("manager", basis="now"))


@pytest.mark.usefixtures("reviewed")
def test_who_takes_no_part_sees_the_week_for_their_own_customers() -> None:
    whole, part = opened("manager"), opened("lead")
    assert "重新算的" in said(part)
    assert numbers(part) != numbers(whole)
    assert "客户3 " not in said(part)  # of another team


@pytest.mark.usefixtures("house")
def test_before_the_first_freezing_the_page_says_how_one_comes_about() -> None:
    assert "结束并冻结" in said(opened("manager"))


def test_a_closed_review_is_opened_again_for_a_reason(reviewed: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reviewed, "clock", lambda: datetime(2026, 6, 30, 4))

    def state() -> list[str]:
        return [row["state"] for row in rows(reviewed, MANAGER, "meetings", week_on=WEEK)]

    assert "review_reopen" not in {button.key for button in opened("lead", mode="close").button}
    test = opened("manager", mode="close")
    test.button(key="review_reopen").click().run()
    assert test.error
    assert state() == ["closed"]
    test.text_input(key="review_reopen_reason").set_value("漏记了一项决定")
    test.button(key="review_reopen").click().run()
    assert not test.exception
    assert (state(), test.query_params["mode"]) == (["live"], "live")
