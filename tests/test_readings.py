"""Texts of customers: read as they are recorded, corrected by a person for good, read again without standing in the way of an undo.

Monday 2 March 2026. Lin (11) leads the north with customer 1; customer 2 is of the south; Jing (15) manages everything.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import facts
import ledgers
import pytest

from lib.commands import models, readings, service, suggestions
from lib.commands.complaints import RecordComplaint
from lib.commands.imports import Options, order, plan
from lib.commands.modelling.runs import Findings
from lib.commands.readings import CorrectReading
from lib.commands.suggestions import AdvanceSuggestions, JoinSuggestions
from lib.commands.undo import Undo
from lib.domain import kinds, stages
from lib.domain.access import Actor, Role, Scope
from lib.domain.sheets import read_pasted
from lib.errors import Forbidden, NotFound, Refused
from lib.store.door import Command, execute
from lib.store.ledger import Ledger

TODAY = date(2026, 3, 2)
LIN = Actor(11, "林", Role.LEAD, Scope.TEAM, ("north",))
JING = Actor(15, "经", Role.MANAGER, Scope.ALL)
VIEWER = Actor(13, "看", Role.VIEWER, Scope.ALL)
PEOPLE = """
insert into app_user (user_id, username, name, role, scope, team, language, is_active, clearance) values
    (11, 'lin', '林', 'lead', 'team', 'north', 'zh', true, 0), (12, 'nan', '南', 'lead', 'team', 'south', 'zh', true, 0),
    (13, 'kan', '看', 'viewer', 'all', null, 'zh', true, 0), (15, 'jing', '经', 'manager', 'all', null, 'zh', true, 1);
insert into user_team values (11, 'north'), (12, 'south');
"""
LATE = "发货太慢，对账也不清"
READ_AGAIN = models.FitModels(TODAY, Findings(TODAY, (), ()))
"""Nothing is learned, and what an earlier reader read is read again all the same."""


def peopled(ledger: Ledger) -> None:
    with ledger.transaction() as cursor:
        cursor.execute(PEOPLE)
    facts.customer(ledger, 1, owner_id=11)
    facts.customer(ledger, 2, owner_id=12)


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with ledgers.fresh(peopled, clock=lambda: datetime(2026, 3, 2, 3)) as opened:
        yield opened


def score(comment: str | None, customer_id: int = 1, **more: Any) -> service.RecordScore:
    return service.RecordScore(customer_id, "nps", 9, TODAY, TODAY, comment=comment, confirmed=True, **more)


def said(ledger: Ledger) -> list[tuple[Any, ...]]:
    sql = """
    select said.said, reading.reader, mood_side(reading.mood), reading.themes
    from said_at(date '2026-12-31', timestamp '9999-12-30') as said
    left join reading_at(timestamp '9999-12-30') as reading on said.about = reading.about and said.about_id = reading.about_id
    order by said.about, said.about_id
    """
    return ledger.cursor().execute(sql).fetchall()


def suggest(ledger: Ledger, summary: str = "账单发电子版", customer_id: int = 1) -> int:
    return int(execute(ledger, JING, service.RecordSuggestion(customer_id, TODAY, TODAY, summary, confirmed=True)).result)


def test_every_text_is_read_when_it_is_recorded(ledger: Ledger) -> None:
    execute(ledger, LIN, score(LATE))
    execute(ledger, LIN, score(None))
    execute(ledger, LIN, service.RecordSuggestion(1, TODAY, TODAY, "希望系统能批量下单"))
    execute(ledger, LIN, RecordComplaint(1, TODAY, TODAY, "账单金额对不上", severity=2, body="没人回复"))
    assert said(ledger) == [
        ("希望系统能批量下单", "words", "neither", ["system"]),
        ("账单金额对不上\n没人回复", "words", "bad", ["billing", "service"]),
        (LATE, "words", "bad", ["delivery", "billing"]),
    ]


def test_a_file_of_answers_is_read_with_its_import_and_gone_with_it(ledger: Ledger) -> None:
    rows = "".join(f"C00{1 + at % 2}\t{at % 11}\t2026-02-0{1 + at % 9}\t{LATE if at % 2 else '送货很及时'} {at}\n" for at in range(5_000))
    sheet = read_pasted("客户编号\tNPS\t日期\t评语\n" + rows)
    planned = plan(ledger, JING, "feedback", sheet, Options(TODAY))
    started = time.process_time()
    done = execute(ledger, JING, order(planned))
    assert time.process_time() - started < 10
    assert ledger.cursor().execute("select count(*), count(distinct about_id) from reading").fetchall() == [(5000, 5000)]
    execute(ledger, JING, Undo(done.change_id))
    assert said(ledger) == []


def test_a_persons_word_stands_is_remembered_and_can_be_taken_back(ledger: Ledger) -> None:
    execute(ledger, LIN, score("又来了一车"))
    corrected = execute(ledger, LIN, CorrectReading("feedback", 1, "bad", ("delivery",)))
    execute(ledger, JING, score("又来了一车", customer_id=2))
    execute(ledger, JING, READ_AGAIN)
    assert said(ledger) == [("又来了一车", "person", "bad", ["delivery"])] * 2
    execute(ledger, LIN, Undo(corrected.change_id))
    assert [row[1] for row in said(ledger)] == ["words", "person"]


def test_reading_again_stands_in_the_way_of_no_undo(ledger: Ledger) -> None:
    recorded = execute(ledger, LIN, score(LATE))
    with ledger.transaction() as cursor:
        cursor.execute("update reading set version = 0")
    for _ in range(2):
        execute(ledger, JING, READ_AGAIN)
    assert ledger.cursor().execute("select count(*) from reading where retired_change is null").fetchall() == [(2,)]
    execute(ledger, LIN, Undo(recorded.change_id))
    assert said(ledger) == []


@pytest.mark.parametrize(
    ("actor", "command", "error"),
    [
        (VIEWER, CorrectReading("feedback", 1, "bad", ()), Forbidden),
        (LIN, CorrectReading("feedback", 2, "bad", ()), NotFound),
        (LIN, CorrectReading("feedback", 99, "bad", ()), NotFound),
        (LIN, CorrectReading("feedback", 1, "great", ()), Refused),
        (LIN, CorrectReading("feedback", 1, "bad", ("weather",)), Refused),
        (LIN, AdvanceSuggestions((), "classify", TODAY), Refused),
        (LIN, AdvanceSuggestions((1,), "classify", TODAY), Refused),
        (LIN, AdvanceSuggestions((1,), "decline", TODAY), Refused),
        (LIN, AdvanceSuggestions((1,), "tell", TODAY, told_to="王"), Refused),
        (LIN, AdvanceSuggestions((1,), "tell", TODAY, channel="phone"), Refused),
        (LIN, AdvanceSuggestions((2,), "classify", TODAY, themes=("billing",)), NotFound),
        (LIN, JoinSuggestions((1,), 1, TODAY), Refused),
    ],
)
def test_what_is_wrong_or_out_of_sight_is_refused(ledger: Ledger, actor: Actor, command: Command, error: type[Exception]) -> None:
    execute(ledger, JING, score(LATE))
    execute(ledger, JING, score(LATE, customer_id=2))
    suggest(ledger)
    suggest(ledger, customer_id=2)
    with pytest.raises(error):
        execute(ledger, actor, command)


WAYS = {
    "new": (),
    "classified": ("classify",),
    "adopted": ("classify", "adopt"),
    "declined": ("classify", "decline"),
    "improving": ("classify", "adopt", "improve"),
    "live": ("classify", "adopt", "improve", "release"),
    "told_customer": ("classify", "decline", "tell"),
}
ACTIONS = sorted({action for _, action in stages.SUGGESTION})


def step(case_id: int, action: str) -> AdvanceSuggestions:
    more: dict[str, Any] = {"themes": ("billing",)} if action == "classify" else {"note": "不在今年的计划里"}
    return AdvanceSuggestions((case_id,), action, TODAY, told_to="王", channel="phone", **more)


def test_every_pair_of_state_and_step_is_as_the_path_says(ledger: Ledger) -> None:
    for state, way in WAYS.items():
        case_id = suggest(ledger, state)
        for taken in way:
            execute(ledger, LIN, step(case_id, taken))
        assert states(ledger)[-1] == state
        for action in ACTIONS:
            following = stages.SUGGESTION.get((state, action))
            if following:
                assert stages.advance(state, action, stages.SUGGESTION) == following
            else:
                with pytest.raises(Refused):
                    execute(ledger, LIN, step(case_id, action))


def test_what_is_one_improvement_goes_on_together_and_each_customer_is_told(ledger: Ledger) -> None:
    first, second, third = suggest(ledger), suggest(ledger, "想要电子账单"), suggest(ledger, "账单别寄纸的", customer_id=2)
    execute(ledger, JING, AdvanceSuggestions((first,), "classify", TODAY, themes=("billing", "system")))
    assert said(ledger)[0] == ("账单发电子版", "person", "neither", ["billing", "system"])
    execute(ledger, JING, JoinSuggestions((second, third), first, TODAY))
    for action in ("adopt", "improve", "release"):
        assert execute(ledger, JING, AdvanceSuggestions((first,), action, TODAY)).result == 3
    told = execute(ledger, JING, AdvanceSuggestions((first, third), "tell", TODAY, told_to="采购", channel="wechat"))
    assert states(ledger) == ["told_customer", "live", "told_customer"]
    execute(ledger, JING, Undo(told.change_id))
    assert states(ledger) == ["live", "live", "live"]


def test_an_improvement_put_into_another_brings_along_what_is_part_of_it(ledger: Ledger) -> None:
    part, whole, other = suggest(ledger), suggest(ledger, "想要电子账单"), suggest(ledger, "账单别寄纸的", customer_id=2)
    for case_id in (whole, other):
        execute(ledger, JING, step(case_id, "classify"))
    execute(ledger, JING, JoinSuggestions((part,), whole, TODAY))
    assert execute(ledger, JING, JoinSuggestions((whole,), other, TODAY)).result == 2
    assert execute(ledger, JING, step(other, "adopt")).result == 3
    assert states(ledger) == ["adopted", "adopted", "adopted"]


def test_a_lead_moves_only_what_is_in_sight(ledger: Ledger) -> None:
    first, other = suggest(ledger), suggest(ledger, "账单别寄纸的", customer_id=2)
    execute(ledger, JING, AdvanceSuggestions((first,), "classify", TODAY, themes=("billing",)))
    execute(ledger, JING, JoinSuggestions((other,), first, TODAY))
    assert execute(ledger, LIN, AdvanceSuggestions((first,), "adopt", TODAY)).result == 1
    assert states(ledger) == ["adopted", "classified"]


def test_a_model_reads_once_it_beats_the_words_and_an_undo_brings_the_words_back(ledger: Ledger) -> None:
    praised, blamed = ("粉色包装", "第三车间"), ("灰色包装", "第九车间")  # words no list knows
    rows = "".join(
        f"C001\t{9 if at % 2 else 3}\t2026-02-01\t{(praised if at % 2 else blamed)[at // 2 % 2]}{chr(0x4E00 + at * 7)}\n"
        for at in range(400)
    )
    execute(ledger, JING, order(plan(ledger, JING, "feedback", read_pasted("客户编号\tNPS\t日期\t评语\n" + rows), Options(TODAY))))
    recorded = execute(ledger, LIN, score("灰色包装"))
    found = models.prepare(ledger, JING, TODAY)
    trial, live = (run for run in found.runs if run.model == "text")
    assert trial.figures
    assert trial.figures["accuracy"] > 0.95 > trial.figures["rule_accuracy"]
    assert live.uses == "model"
    fitted = execute(ledger, JING, models.FitModels(TODAY, found))
    execute(ledger, LIN, score("第三车间"))
    assert [row[1:3] for row in said(ledger)[-2:]] == [("model", "bad"), ("model", "good")]
    execute(ledger, LIN, Undo(recorded.change_id))
    execute(ledger, JING, Undo(fitted.change_id))
    assert {row[1] for row in said(ledger)[:-1]} == {"words"}
    assert execute(ledger, JING, READ_AGAIN).result["readings"] == 1


def test_words_and_lists_fit_together() -> None:
    assert set(ACTIONS) >= suggestions.TOGETHER | suggestions.REASON_NEEDED
    assert set(WAYS) == {state for state, _ in stages.SUGGESTION} | set(stages.SUGGESTION.values())
    assert set(kinds.MOOD) == set(readings.MOODS)


def states(ledger: Ledger) -> list[str]:
    rows = ledger.cursor().execute("select state from case_at(date '2026-03-02', timestamp '9999-12-30') order by case_id").fetchall()
    return [row[0] for row in rows]
