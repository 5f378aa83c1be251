"""One answer, however it came: who is to call back, what it may name, and that an invitation is answered once.

Monday 2 March 2026. Lin (11) leads the north and is the account manager of C001; Nan (12) leads the south and has C002;
Bei (16) is given the north as well; Jing (15) manages everything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import facts
import ledgers
import pytest

from lib.commands.answers import FRESH, Answer, keep_answer
from lib.commands.imports import Options, order, plan
from lib.commands.service import RecordScore
from lib.domain.access import SYSTEM, Actor, Permission, Role, Scope
from lib.domain.sheets import read_pasted
from lib.errors import NotFound, Refused
from lib.store.door import Change, execute
from lib.store.ledger import Ledger

TODAY = date(2026, 3, 2)
LIN = Actor(11, "林", Role.LEAD, Scope.TEAM, ("north",))
NAN = Actor(12, "南", Role.LEAD, Scope.TEAM, ("south",))
JING = Actor(15, "经", Role.MANAGER, Scope.ALL)
LOW = RecordScore(1, "nps", 3, TODAY, TODAY)


def asked_people(ledger: Ledger) -> None:
    with ledger.transaction() as cursor:
        cursor.execute(PEOPLE)
    facts.customer(ledger, 1, owner_id=11)
    facts.customer(ledger, 2, owner_id=12)
    facts.insert(ledger, "contact", {"contact_id": 7, "customer_id": 1, "name": "王", "is_primary": True, "do_not_contact": False})
    wave = {"wave_id": 1, "title": "春季", "metric": "nps", "audience": "relationship", "sampling": "census", "seed": 1}
    facts.insert(ledger, "survey_wave", {**wave, "opens_on": TODAY, "closes_on": TODAY, "questions": "{}", "filter": "{}"})
    invite = {"invite_id": 5, "wave_id": 1, "customer_id": 1, "channel": "email", "language": "zh", "weight": 1}
    facts.insert(ledger, "survey_invite", invite)


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with ledgers.fresh(asked_people, clock=lambda: datetime(2026, 3, 2, 3)) as opened:
        yield opened


PEOPLE = """
insert into app_user (user_id, username, name, role, scope, team, language, is_active, clearance) values
    (11, 'lin', '林', 'lead', 'team', 'north', 'zh', true, 0), (12, 'nan', '南', 'lead', 'team', 'south', 'zh', true, 0),
    (15, 'jing', '经', 'manager', 'all', null, 'zh', true, 1), (16, 'bei', '北', 'lead', 'team', null, 'zh', true, 0);
insert into user_team values (11, 'north'), (12, 'south'), (16, 'north');
"""


def callers(ledger: Ledger) -> list[int]:
    sql = "select owner_id from activity where source_kind = 'feedback' and retired_at = timestamp '9999-12-31' order by activity_id"
    return [row[0] for row in ledger.cursor().execute(sql).fetchall()]


@pytest.mark.parametrize(
    ("who", "more", "caller"),
    [
        (JING, {}, 11),  # the account manager
        (LIN, {}, 16),  # who typed it is the one it is about: another lead of the same team
        (JING, {"aspects": {"manager": 2}}, 16),  # a bad mark for the account manager
        (JING, {"aspects": {"manager": 3}}, 11),
        (JING, {"customer_id": 2}, 12),
        (JING, {"customer_id": 2, "aspects": {"manager": 1}}, 15),  # nobody else leads the south
        (JING, {"on_date": TODAY - FRESH}, 11),
        (JING, {"on_date": TODAY - FRESH - timedelta(days=1)}, None),  # history when it is entered
    ],
)
def test_who_calls_back(ledger: Ledger, who: Actor, more: dict[str, Any], caller: int | None) -> None:
    task_id = execute(ledger, who, replace(LOW, **more)).result["task_id"]
    assert (callers(ledger), task_id is None) == ([caller] if caller else [], caller is None)


def test_an_answer_is_kept_with_all_that_was_said_of_it(ledger: Ledger) -> None:
    told = replace(LOW, score=9, contact_id=7, wave_id=1, invite_id=5, stage="delivery", aspects={"price": 4, "delivery": 5}, comment="好")
    execute(ledger, LIN, told)
    columns = "contact_id, wave_id, invite_id, stage, aspects, source, entered_by, top_score"
    kept = ledger.cursor().execute(f"select {columns} from feedback").fetchall()
    assert kept == [(7, 1, 5, "delivery", '{"delivery": 5, "price": 4}', "entry", 11, 10)]


@pytest.mark.parametrize("more", [{"contact_id": 7}, {"invite_id": 5}, {"case_id": 1}])
def test_what_belongs_to_another_customer_cannot_be_named(ledger: Ledger, more: dict[str, int]) -> None:
    with pytest.raises(NotFound, match="not this customer's"):
        execute(ledger, JING, replace(LOW, customer_id=2, **more))


@pytest.mark.parametrize("aspects", [{"weather": 3}, {"price": 0}, {"price": 6}])
def test_marks_are_one_to_five_for_what_is_in_the_list(ledger: Ledger, aspects: dict[str, int]) -> None:
    with pytest.raises(Refused, match="between 1 and 5"):
        execute(ledger, JING, replace(LOW, aspects=aspects))


def test_a_survey_of_others_is_as_unknown_as_none(ledger: Ledger) -> None:
    """Nan sees nobody it asks: neither does an answer of hers count in it, nor does she learn that it is there."""
    said = []
    for wave_id in (1, 99):
        with pytest.raises(NotFound) as refusal:
            execute(ledger, NAN, replace(LOW, customer_id=2, wave_id=wave_id))
        said.append(refusal.value.say("en"))
    assert said[0] == said[1]
    execute(ledger, JING, replace(LOW, customer_id=2, wave_id=1))


def test_an_invitation_is_answered_once(ledger: Ledger) -> None:
    execute(ledger, JING, replace(LOW, invite_id=5, wave_id=1))
    with pytest.raises(Refused, match="answered already"):
        execute(ledger, JING, replace(LOW, invite_id=5, wave_id=1, score=8, confirmed=True))


def test_an_answer_typed_into_a_survey_answers_the_invitation(ledger: Ledger) -> None:
    with pytest.raises(NotFound, match="does not ask for CSAT"):
        execute(ledger, JING, replace(LOW, metric="csat", wave_id=1))
    execute(ledger, JING, replace(LOW, score=9, wave_id=1, contact_id=7))
    assert ledger.cursor().execute("select invite_id, contact_id from feedback").fetchall() == [(5, 7)]


class ByLink:
    """An answer the customer typed, through the door as the house."""

    permission = Permission.SERVICE_WRITE

    def validate(self) -> None:
        """Nothing to look at."""

    def apply(self, change: Change) -> object:
        """The answer and its task."""
        return keep_answer(change, Answer(1, "nps", 2, TODAY, TODAY, source="link", invite_id=5, wave_id=1))


def test_a_customers_own_answer_is_called_back_by_the_account_manager(ledger: Ledger) -> None:
    execute(ledger, SYSTEM, ByLink())
    assert ledger.cursor().execute("select source, entered_by from feedback").fetchall() == [("link", None)]
    assert callers(ledger) == [11]


def test_a_file_and_the_form_come_to_the_same_rows(ledger: Ledger) -> None:
    """Apart from the word for how it came; history in a file calls nobody back."""
    text = "客户编号,日期,指标,分数,原话,渠道,受访人,环节\nC001,2026-03-02,NPS,3,发货慢,电话,王,交付\nC001,2026-03-02,CSAT,5,,,,\n"
    history = "C001,2025-06-02,NPS,1,很久以前,电话,,\n"
    sheet = read_pasted(text + history)
    execute(ledger, LIN, order(plan(ledger, LIN, "feedback", sheet, Options(today=TODAY))))
    by_file = written(ledger)
    with ledger.transaction() as cursor:
        cursor.execute("delete from feedback")
        cursor.execute("delete from activity")
    more = {"comment": "发货慢", "channel": "phone", "respondent": "王", "stage": "delivery"}
    execute(ledger, LIN, replace(LOW, **more))
    execute(ledger, LIN, replace(LOW, metric="csat", score=5))
    execute(ledger, LIN, replace(LOW, score=1, on_date=date(2025, 6, 2), comment="很久以前", channel="phone"))
    assert written(ledger) == by_file
    assert [row[0] for row in by_file[1]] == ["NPS 3"]


def written(ledger: Ledger) -> tuple[list[Any], list[Any]]:
    """Answers and tasks, without who counted them and how they came."""
    answers = (
        "select feedback.* exclude (record_id, feedback_id, recorded_at, change_id, origin_change, ref, source) from feedback order by all"
    )
    tasks = (
        "select activity.subject, activity.* exclude (record_id, subject, recorded_at, change_id, origin_change) from activity order by all"
    )
    return ledger.cursor().execute(answers).fetchall(), ledger.cursor().execute(tasks).fetchall()
