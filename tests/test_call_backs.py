"""Closing the loop: a call-back is done by reaching somebody, and what was promised in it stays owed.

Monday 2 March 2026. Lin (11) leads the north and is the account manager of C001; Nan (12) has C002 in the south; Jing (15) manages all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import facts
import ledgers
import pytest

from lib.commands.call_backs import LogCallBack, TellCustomer
from lib.commands.service import CompleteTask, RecordScore
from lib.commands.undo import Undo
from lib.domain.access import Actor, Role, Scope
from lib.errors import NotFound, Refused
from lib.metrics import measure
from lib.store.door import execute
from lib.store.ledger import Ledger
from lib.store.query import rows

TODAY = date(2026, 3, 2)
LIN = Actor(11, "林", Role.LEAD, Scope.TEAM, ("north",))
NAN = Actor(12, "南", Role.LEAD, Scope.TEAM, ("south",))
JING = Actor(15, "经", Role.MANAGER, Scope.ALL)
REACHED = LogCallBack(1, "reached", TODAY, themes=("delivery",), note="仓库搬家后总是晚两天")


def called(ledger: Ledger) -> None:
    with ledger.transaction() as cursor:
        cursor.execute(PEOPLE)
    facts.customer(ledger, 1, owner_id=11)
    facts.customer(ledger, 2, owner_id=12)
    execute(ledger, JING, RecordScore(1, "nps", 3, TODAY, TODAY, "发货慢", "wechat", "王", stage="delivery"))


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with ledgers.fresh(called, clock=lambda: datetime(2026, 3, 2, 3)) as opened:
        yield opened


PEOPLE = """
insert into app_user (user_id, username, name, role, scope, team, language, is_active, clearance) values
    (11, 'lin', '林', 'lead', 'team', 'north', 'zh', true, 0), (12, 'nan', '南', 'lead', 'team', 'south', 'zh', true, 0),
    (15, 'jing', '经', 'manager', 'all', null, 'zh', true, 1);
insert into user_team values (11, 'north'), (12, 'south');
"""


def live(ledger: Ledger, table: str, columns: str) -> list[tuple[Any, ...]]:
    sql = f"select {columns} from {table} where retired_at = timestamp '9999-12-31' order by record_id"
    return ledger.cursor().execute(sql).fetchall()


def listed(ledger: Ledger, actor: Actor = LIN, as_of: date = TODAY, **more: Any) -> list[dict[str, Any]]:
    return rows(ledger, actor, "call_backs", as_of=as_of, **more)


def loop_rate(ledger: Ledger, day: date) -> float | None:
    (measured,) = measure(ledger, JING, ["closed_loop_rate"], day, weeks=1)
    return measured.value


def test_a_call_that_reached_somebody_closes_the_loop_and_says_what_was_wrong(ledger: Ledger) -> None:
    (waiting,) = listed(ledger)
    assert (waiting["score"], waiting["comment"], waiting["working_days_left"], waiting["is_late"]) == ("3", "发货慢", 2, False)
    execute(ledger, LIN, REACHED)
    assert listed(ledger) == []
    (done,) = listed(ledger, since=TODAY)
    assert (done["outcome"], done["note"], done["task_done_on"]) == ("reached", "仓库搬家后总是晚两天", TODAY)
    assert live(ledger, "reading", "about_id, themes, reader")[-1] == (1, '["delivery"]', "person")
    with pytest.raises(NotFound):
        execute(ledger, LIN, REACHED)


def test_a_call_in_vain_leaves_it_open_and_is_no_follow_up(ledger: Ledger) -> None:
    in_vain = replace(REACHED, outcome="no_answer", themes=(), note=None)
    assert execute(ledger, LIN, in_vain).result["attempts"] == 1
    (waiting,) = listed(ledger)
    assert (waiting["attempts"], waiting["last_attempt_on"]) == (1, TODAY)
    with pytest.raises(Refused, match="Only 2 calls so far"):
        execute(ledger, LIN, replace(in_vain, gives_up=True))
    execute(ledger, LIN, in_vain)
    assert execute(ledger, LIN, replace(in_vain, gives_up=True)).result["attempts"] == 3
    assert listed(ledger) == []
    assert listed(ledger, since=TODAY)[0]["outcome"] == "no_answer"


@pytest.mark.parametrize(("outcome", "rate"), [("reached", 1), ("no_answer", 0)])
def test_the_rate_counts_who_was_reached(ledger: Ledger, outcome: str, rate: int) -> None:
    execute(ledger, LIN, replace(REACHED, outcome=outcome))
    assert loop_rate(ledger, TODAY + timedelta(days=13)) == rate


def test_what_is_promised_becomes_a_task_with_its_day(ledger: Ledger) -> None:
    execute(ledger, LIN, replace(REACHED, promised="给出新的发货时间表", promised_on=date(2026, 3, 6)))
    tasks = live(ledger, "activity", "subject, due_on, done_on, source_kind, source_id")
    assert tasks[-1] == ("给出新的发货时间表", date(2026, 3, 6), None, "call_back", 1)


def promise(ledger: Ledger) -> TellCustomer:
    """The telling of what was promised on Monday for Friday."""
    receipt = execute(ledger, LIN, replace(REACHED, promised="给出新的发货时间表", promised_on=date(2026, 3, 6)))
    return TellCustomer(receipt.result["next_id"], date(2026, 3, 5), "王", "时间表已发，周二四六发货", date(2026, 3, 5), "wechat")


def test_the_loop_is_over_once_the_customer_is_told(ledger: Ledger) -> None:
    tell = promise(ledger)
    (waiting,) = listed(ledger, is_promise=True)
    assert (waiting["promised"], waiting["task_due_on"], waiting["told_on"]) == ("给出新的发货时间表", date(2026, 3, 6), None)
    told = execute(ledger, LIN, tell)
    assert listed(ledger, as_of=tell.today, is_promise=True) == []
    (done,) = listed(ledger, as_of=tell.today, since=TODAY)
    assert [done[name] for name in ("promised", "told_on", "told_channel", "told_note")] == [
        "给出新的发货时间表",
        date(2026, 3, 5),
        "wechat",
        "王：时间表已发，周二四六发货",
    ]
    timeline = rows(ledger, LIN, "customer_timeline", customer_id=1, as_of=tell.today)
    assert ("给出新的发货时间表", "王：时间表已发，周二四六发货", "done") in [
        (row["title"], row["detail"], row["state"]) for row in timeline
    ]
    with pytest.raises(NotFound, match="knows already"):
        execute(ledger, LIN, tell)
    execute(ledger, LIN, Undo(told.change_id))
    assert len(listed(ledger, as_of=tell.today, is_promise=True)) == 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"told_to": " "}, "Who was told"),
        ({"note": ""}, "What was done"),
        ({"told_on": date(2026, 3, 6)}, "2026-03-06"),
        ({"told_on": date(2026, 3, 1)}, "before it was promised"),
        ({"channel": "pigeon"}, "must be one of"),
        ({"activity_id": 1}, "no such promise"),
    ],
)
def test_half_a_telling_is_refused(ledger: Ledger, changed: dict[str, Any], said: str) -> None:
    with pytest.raises(Refused, match=said):
        execute(ledger, LIN, replace(promise(ledger), **changed))


def test_a_promise_is_not_ticked_off_without_telling_the_customer(ledger: Ledger) -> None:
    tell = promise(ledger)
    with pytest.raises(Refused, match="once the customer is told"):
        execute(ledger, LIN, CompleteTask(tell.activity_id, TODAY, TODAY, "reached"))
    with pytest.raises(NotFound, match="no such promise"):
        execute(ledger, NAN, tell)


def test_one_click_makes_it_a_complaint_with_the_customers_words(ledger: Ledger) -> None:
    receipt = execute(ledger, LIN, replace(REACHED, severity=2))
    columns = "kind, subject, body, severity, cause, channel, stage, owner_id"
    assert live(ledger, "case_file", columns) == [("complaint", "发货慢", "仓库搬家后总是晚两天", 2, "delivery", "phone", "delivery", 11)]
    assert live(ledger, "feedback", "case_id, comment, score") == [(receipt.result["case_id"], "发货慢", Decimal(3))]
    execute(ledger, LIN, Undo(receipt.change_id))
    assert live(ledger, "case_file", "1") == []
    assert live(ledger, "feedback", "case_id") == [(None,)]
    assert len(listed(ledger)) == 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"themes": (), "note": " "}, "choose what is wrong"),
        ({"promised": "补发"}, "needs a day"),
        ({"outcome": "call_back"}, "needs a day"),
        ({"promised": "补发", "promised_on": date(2026, 3, 1)}, "before today"),
        ({"outcome": "no_answer", "severity": 1}, "Nobody was reached"),
        ({"outcome": "shouted"}, "must be one of"),
        ({"themes": ("weather",)}, "must be one of"),
    ],
)
def test_half_a_call_is_refused(ledger: Ledger, changed: dict[str, Any], said: str) -> None:
    with pytest.raises(Refused, match=said):
        execute(ledger, LIN, replace(REACHED, **changed))


def test_another_teams_call_back_does_not_exist(ledger: Ledger) -> None:
    assert listed(ledger, NAN) == []
    with pytest.raises(NotFound, match="no such call-back"):
        execute(ledger, NAN, REACHED)


@pytest.mark.parametrize("outcome", [None, "no_answer"])
def test_a_call_back_is_not_ticked_off_without_reaching_anybody(ledger: Ledger, outcome: str | None) -> None:
    with pytest.raises(Refused, match="needs its outcome"):
        execute(ledger, LIN, CompleteTask(1, TODAY, TODAY, outcome))


def test_recovery_is_what_the_next_score_says(ledger: Ledger) -> None:
    execute(ledger, LIN, REACHED)
    later = TODAY + timedelta(days=40)
    execute(ledger, JING, RecordScore(1, "nps", 9, later, later, respondent="王"))
    (done,) = listed(ledger, as_of=later, since=TODAY)
    assert (done["again_on"], done["is_recovered"]) == (later, True)


def test_late_ones_come_first_with_the_days_they_are_late(ledger: Ledger) -> None:
    execute(ledger, JING, RecordScore(1, "csat", 1, date(2026, 3, 6), date(2026, 3, 6)))
    found = listed(ledger, as_of=date(2026, 3, 9))
    assert [(row["metric"], row["working_days_left"], row["is_late"]) for row in found] == [("nps", -3, True), ("csat", 1, False)]
