"""Waves through the door: whose they are, whom they ask, one step after the other, and what undoing brings back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import product
from typing import Any

import facts
import ledgers
import pytest

from lib.commands.answers import Answer, keep_answer
from lib.commands.imports import Options, order, plan
from lib.commands.service import RecordScore
from lib.commands.survey_invites import NoteInvite, WithdrawInvite
from lib.commands.surveys import ChangeWave, CloseWave, DraftWave, DropWave, FreezeWave, MarkAnalysed, MarkTold, StartWave
from lib.commands.undo import Undo
from lib.domain import waves
from lib.domain.access import Actor, Role, Scope
from lib.domain.sheets import read_pasted
from lib.domain.surveys import TEMPLATE, Among, Asked, Questions, Wave
from lib.errors import Conflict, Forbidden, NotFound, Refused
from lib.store.door import Command, Receipt, execute
from lib.store.ledger import Ledger
from lib.store.query import rows as ask

TODAY = date(2026, 6, 30)
MANAGER = Actor(1, "u1", Role.MANAGER, Scope.ALL)
NORTH = Actor(2, "u2", Role.MANAGER, Scope.TEAM, ("north",))
SOUTH = Actor(3, "u3", Role.MANAGER, Scope.TEAM, ("south",))
LEAD = Actor(4, "u4", Role.LEAD, Scope.TEAM, ("north",))
WAVE = Wave("二季度 NPS", "nps", "relationship", "census", TODAY, TODAY + timedelta(days=14), TEMPLATE["nps"], channel="phone")
WAVE_NORTH = replace(WAVE, title="北方交付后", metric="csat", audience="transaction", questions=TEMPLATE["csat"])


def furnished(ledger: Ledger) -> None:
    for person, team in ((MANAGER, "office"), (NORTH, "north"), (SOUTH, "south"), (LEAD, "north")):
        ledger.jot(
            "insert into app_user values ($id, $name, $name, $role, $scope, $team, 'zh', null, null, true, 1)",
            {"id": person.user_id, "name": person.name, "role": person.role, "scope": person.scope, "team": team},
        )
        if person.teams:
            ledger.jot("insert into user_team values ($id, $team)", {"id": person.user_id, "team": team})
    for customer_id in range(1, 7):
        facts.customer(ledger, customer_id, owner_id=2 if customer_id < 5 else 3, region="R")
        if customer_id != 3:
            contact = {"contact_id": 10 * customer_id, "customer_id": customer_id, "name": f"人{customer_id}", "phone": "1"}
            facts.insert(ledger, "contact", {**contact, "is_primary": True, "do_not_contact": customer_id == 4})


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    """Customers 1 to 4 of the north, 5 and 6 of the south; 4 has a contact nobody may ask, 3 none, the others one each."""
    with ledgers.fresh(furnished, clock=lambda: datetime(2026, 6, 30, 3)) as opened:
        yield opened


def do(ledger: Ledger, command: Command, actor: Actor = MANAGER) -> Receipt:
    return execute(ledger, actor, command)


def drafted(ledger: Ledger, wave: Wave = WAVE, actor: Actor = MANAGER) -> int:
    return int(do(ledger, DraftWave(wave, TODAY), actor).result)


def sending(ledger: Ledger, wave: Wave = WAVE, actor: Actor = MANAGER) -> int:
    wave_id = drafted(ledger, wave, actor)
    do(ledger, FreezeWave(wave_id, TODAY), actor)
    do(ledger, StartWave(wave_id, TODAY), actor)
    return wave_id


def wave(ledger: Ledger, wave_id: int, actor: Actor = MANAGER) -> dict[str, Any]:
    found = ask(ledger, actor, "survey_waves", as_of=TODAY, wave_id=wave_id)
    return found[0] if found else {}


def invites(ledger: Ledger, wave_id: int, actor: Actor = MANAGER) -> dict[int, dict[str, Any]]:
    return {row["customer_id"]: row for row in ask(ledger, actor, "survey_invites", as_of=TODAY, wave_id=wave_id)}


STEPS = {
    "frozen": lambda wave_id: FreezeWave(wave_id, TODAY),
    "sending": lambda wave_id: StartWave(wave_id, TODAY),
    "closed": lambda wave_id: CloseWave(wave_id, TODAY),
    "analysed": lambda wave_id: MarkAnalysed(wave_id, "交付慢", TODAY),
    "told": lambda wave_id: MarkTold(wave_id, "会先改交付", "email", TODAY),
}


def test_a_wave_lives_from_draft_to_customers_told_and_each_step_can_be_undone(ledger: Ledger) -> None:
    wave_id = drafted(ledger)
    before = "draft"
    for state, step in STEPS.items():
        receipt = do(ledger, step(wave_id))
        do(ledger, Undo(receipt.change_id, TODAY))
        assert wave(ledger, wave_id)["wave_state"] == before
        do(ledger, step(wave_id))
        assert wave(ledger, wave_id)["wave_state"] == state
        before = state
    found = wave(ledger, wave_id)
    assert (found["findings"], found["told"], found["told_channel"]) == ("交付慢", "会先改交付", "email")
    assert (found["asked_customers"], found["delivered"]) == (4, 0)


def test_no_step_is_taken_out_of_turn(ledger: Ledger) -> None:
    wave_id, order = drafted(ledger), list(waves.STATE)
    for now in order:
        if now in STEPS:
            do(ledger, STEPS[now](wave_id))
        for to, step in STEPS.items():
            if order.index(to) != order.index(now) + 1:
                with pytest.raises(Refused):
                    do(ledger, step(wave_id))
    for command in (ChangeWave(wave_id, WAVE, TODAY), DropWave(wave_id)):
        with pytest.raises(Conflict):
            do(ledger, command)


def test_the_list_is_fixed_when_it_is_frozen(ledger: Ledger) -> None:
    wave_id = drafted(ledger)
    result = do(ledger, FreezeWave(wave_id, TODAY)).result
    assert result == {"customers": 4, "asked": 4, "left_out": 2}
    facts.customer(ledger, 7, owner_id=2, region="R")
    facts.insert(ledger, "contact", {"contact_id": 70, "customer_id": 7, "name": "新人", "is_primary": True, "do_not_contact": False})
    do(ledger, StartWave(wave_id, TODAY))
    found = invites(ledger, wave_id)
    assert sorted(found) == [1, 2, 5, 6]
    assert {row["channel"] for row in found.values()} == {"phone"}
    assert sum(row["weight"] for row in found.values()) == 6  # those left out are spoken for


def test_a_contact_is_asked_once_in_the_time_the_rules_say_and_each_type_counts_by_itself(ledger: Ledger) -> None:
    sending(ledger)
    later = replace(WAVE, title="下一轮", opens_on=TODAY + timedelta(days=179), closes_on=TODAY + timedelta(days=190))
    with pytest.raises(Refused, match="left out"):
        do(ledger, FreezeWave(drafted(ledger, later), TODAY))
    after = replace(later, title="再下一轮", opens_on=TODAY + timedelta(days=180))
    assert do(ledger, FreezeWave(drafted(ledger, after), TODAY)).result["asked"] == 4
    event = replace(WAVE, title="交付后", metric="csat", audience="transaction", questions=TEMPLATE["csat"], stage="delivery")
    assert do(ledger, FreezeWave(drafted(ledger, event), TODAY)).result["asked"] == 4


def test_a_sample_asks_as_many_as_it_says_and_only_those_it_is_about(ledger: Ledger) -> None:
    sample = replace(WAVE, sampling="sample", sample_size=2, seed=5, among=Among(team="north"))
    result = do(ledger, FreezeWave(drafted(ledger, sample), TODAY)).result
    assert result == {"customers": 2, "asked": 2, "left_out": 2}
    bought = replace(WAVE, title="买过的", metric="csat", audience="transaction", among=Among(bought_days=30))
    facts.invoice(ledger, 1, TODAY - timedelta(days=20), TODAY, 5, customer_id=5)
    facts.invoice(ledger, 2, TODAY - timedelta(days=31), TODAY, 5, customer_id=6)
    wave_id = drafted(ledger, bought)
    do(ledger, FreezeWave(wave_id, TODAY))
    assert list(invites(ledger, wave_id)) == [5]


def test_a_manager_asks_only_customers_in_sight_and_others_hear_nothing_of_it(ledger: Ledger) -> None:
    wave_id = sending(ledger, actor=NORTH)
    assert sorted(invites(ledger, wave_id)) == [1, 2]
    assert not wave(ledger, wave_id, SOUTH)
    for command in (*(step(wave_id) for step in STEPS.values()), ChangeWave(wave_id, WAVE, TODAY), DropWave(wave_id)):
        with pytest.raises(NotFound):
            do(ledger, command, SOUTH)
    (invite_id, *_) = (row["invite_id"] for row in invites(ledger, wave_id).values())
    for command in (NoteInvite(invite_id, "declined"), WithdrawInvite(invite_id, "x")):
        with pytest.raises(NotFound):
            do(ledger, command, SOUTH)
    assert wave(ledger, wave_id, LEAD)["asked"] == 2


def test_a_wave_of_the_whole_house_shows_each_only_their_own_and_is_moved_on_by_its_maker(ledger: Ledger) -> None:
    wave_id = sending(ledger)
    assert [wave(ledger, wave_id, actor)["asked"] for actor in (MANAGER, NORTH, SOUTH)] == [4, 2, 2]
    assert [wave(ledger, wave_id, actor)["is_own"] for actor in (MANAGER, NORTH)] == [True, False]
    with pytest.raises(Forbidden):
        do(ledger, CloseWave(wave_id, TODAY), NORTH)
    do(ledger, CloseWave(wave_id, TODAY), replace(MANAGER, user_id=1))


def test_calls_are_noted_answers_end_them_and_what_is_withdrawn_stays_on_the_list(ledger: Ledger) -> None:
    wave_id = sending(ledger)
    found = invites(ledger, wave_id)
    first, second, third, fourth = (found[customer_id]["invite_id"] for customer_id in (1, 2, 5, 6))
    do(ledger, NoteInvite(first, "no_answer"), LEAD)
    do(ledger, NoteInvite(second, "declined", "没时间"), LEAD)
    do(ledger, WithdrawInvite(third, "已离职"))
    do(ledger, _Answered(fourth, wave_id, 6))
    states = {row["invite_id"]: row["invite_state"] for row in invites(ledger, wave_id).values()}
    assert states == {first: "no_answer", second: "declined", third: "withdrawn", fourth: "answered"}
    counted = wave(ledger, wave_id)
    assert (counted["asked"], counted["delivered"], counted["answered"], counted["response_rate"]) == (4, 2, 1, 0.5)
    assert [row["invite_id"] for row in ask(ledger, MANAGER, "survey_call_sheet", as_of=TODAY, wave_id=wave_id)] == [first]
    for invite_id, command in product((second, third, fourth), (NoteInvite, WithdrawInvite)):
        with pytest.raises(Conflict):
            do(ledger, command(invite_id, "declined"))
    do(ledger, CloseWave(wave_id, TODAY))
    with pytest.raises(Conflict):
        do(ledger, NoteInvite(first, "declined"))


class _Answered:
    """An answer on the phone, as the quick entry writes it."""

    permission = NoteInvite.permission

    def __init__(self, invite_id: int, wave_id: int, customer_id: int) -> None:
        self.answer = Answer(customer_id, "nps", 9, TODAY, TODAY, source="call", entered_by=1, invite_id=invite_id, wave_id=wave_id)

    def validate(self) -> None:
        pass

    def apply(self, change: Any) -> Any:
        return keep_answer(change, self.answer)


def test_some_of_the_silent_are_called_after_both_reminders_always_the_same(ledger: Ledger) -> None:
    execute(ledger, MANAGER, DraftWave(replace(WAVE, channel="wechat"), TODAY))
    common = {"wave_id": 1, "customer_id": 1}
    invite = {**common, "weight": 1.0, "channel": "wechat", "language": "zh"}
    facts.insert(ledger, "survey_invite", *({**invite, "invite_id": number} for number in range(1, 301)))
    event = {**common, "state": "delivered", "happened_at": datetime(2026, 6, 22)}
    facts.insert(ledger, "invite_event", *({**event, "invite_id": number, "event_id": number} for number in range(1, 301)))
    for event_id, state in ((8, "frozen"), (9, "sending")):
        facts.insert(ledger, "wave_event", {"event_id": event_id, "wave_id": 1, "state": state, "happened_at": datetime(2026, 6, 30, 4)})
    called = [row["invite_id"] for row in ask(ledger, MANAGER, "survey_call_sheet", as_of=TODAY, wave_id=1)]
    assert 15 < len(called) < 45
    assert called == [row["invite_id"] for row in ask(ledger, MANAGER, "survey_invites", as_of=TODAY, wave_id=1) if row["is_sampled"]]
    facts.insert(ledger, "wave_event", {"event_id": 10, "wave_id": 1, "state": "closed", "happened_at": datetime(2026, 6, 30, 5)})
    assert not ask(ledger, MANAGER, "survey_call_sheet", as_of=TODAY, wave_id=1)


FILE = """客户账号,日期,NPS,受访人,调查,交付准时,价格合理,语言,编号
C001,2026-06-29,9,人1,二季度 nps,5,3,英文,a1
C002,2026-06-29,4,,{wave_id},,2,,a2
C002,2026-06-29,8,另一人,{wave_id},,,,a3
C005,2026-06-29,9,人5,没有的调查,,,,a4
C006,2026-06-29,9,人6,{wave_id},6,,,a5
"""


def test_answers_of_a_file_find_the_invitation_they_belong_to(ledger: Ledger) -> None:
    wave_id = sending(ledger)
    text = FILE.format(wave_id=wave_id)
    found = plan(ledger, MANAGER, "feedback", read_pasted(text), Options(TODAY))
    assert (found.counts.new, found.counts.rejected) == (3, 2)
    execute(ledger, MANAGER, order(found))
    sql = """
        select customer_id, wave_id, invite_id, contact_id, aspects, language, source
        from feedback where retired_at = timestamp '9999-12-31' order by ref
    """
    asked = {customer_id: row["invite_id"] for customer_id, row in invites(ledger, wave_id).items()}
    first = (1, wave_id, asked[1], 10, '{"delivery": 5, "price": 3}', "en", "file")
    rest = [(2, wave_id, asked[2], None, '{"price": 2}', None, "file"), (2, wave_id, None, None, None, None, "file")]
    assert ledger.cursor().execute(sql).fetchall() == [first, *rest]
    assert [row["invite_state"] for row in invites(ledger, wave_id).values()].count("answered") == 2
    again = plan(ledger, MANAGER, "feedback", read_pasted(text), Options(TODAY)).counts
    assert (again.new, again.changed, again.same) == (0, 0, 3)
    sending(ledger, WAVE_NORTH, NORTH)
    other = "客户账号,日期,CSAT,调查\nC005,2026-06-29,4,北方交付后\n"
    taken = [plan(ledger, actor, "feedback", read_pasted(other), Options(TODAY)).counts.new for actor in (MANAGER, SOUTH)]
    assert taken == [1, 0]  # a survey that asked nobody in sight is none


@pytest.mark.parametrize(
    ("more", "about"),
    [
        ({"title": " "}, "title"),
        ({"metric": "stars"}, "metric"),
        ({"audience": "x"}, "audience"),
        ({"sampling": "some"}, "sampling"),
        ({"sampling": "sample"}, "sample_size"),
        ({"sampling": "sample", "sample_size": 0}, "sample_size"),
        ({"channel": "sms"}, "channel"),
        ({"stage": "x"}, "stage"),
        ({"closes_on": TODAY - timedelta(days=1)}, "closes_on"),
        ({"opens_on": TODAY - timedelta(days=9), "closes_on": TODAY - timedelta(days=1)}, "closes_on"),
        ({"questions": replace(TEMPLATE["nps"], why=Asked("为什么？", ""))}, "why_en"),
        ({"questions": replace(TEMPLATE["nps"], aspects=("taste",))}, "aspects"),
    ],
)
def test_a_wave_that_cannot_be_names_the_field(ledger: Ledger, more: dict[str, Any], about: str) -> None:
    for command in (DraftWave(replace(WAVE, **more), TODAY), ChangeWave(1, replace(WAVE, **more), TODAY)):
        with pytest.raises(Refused) as refusal:
            do(ledger, command)
        assert refusal.value.values["about"] == about


def test_a_draft_is_changed_and_dropped_and_keeps_braces_in_its_questions(ledger: Ledger) -> None:
    wave_id = drafted(ledger)
    asked = Questions(Asked("您有多大可能推荐{我们}？", "How likely {0}?"), TEMPLATE["nps"].why)
    do(ledger, ChangeWave(wave_id, replace(WAVE, title="改过的", questions=asked), TODAY))
    found = wave(ledger, wave_id)
    assert (found["title"], json.loads(found["questions"])["score"]["en"]) == ("改过的", "How likely {0}?")
    do(ledger, DropWave(wave_id))
    assert not wave(ledger, wave_id)


def test_sending_keeps_to_its_days(ledger: Ledger) -> None:
    early = replace(WAVE, opens_on=TODAY + timedelta(days=1))
    wave_id = drafted(ledger, early)
    do(ledger, FreezeWave(wave_id, TODAY))
    with pytest.raises(Refused, match="has not come"):
        do(ledger, StartWave(wave_id, TODAY))
    with pytest.raises(Refused, match="is over"):
        do(ledger, StartWave(wave_id, TODAY + timedelta(days=15)))
    do(ledger, StartWave(wave_id, TODAY + timedelta(days=1)))


def test_in_a_house_with_a_fixed_date_what_happens_later_still_counts_on_it(ledger: Ledger) -> None:
    fixed = {"policy_id": 900, "kind": "settings", "effective_on": TODAY, "body": '{"demo_date": "2026-06-30"}', "reason": "x"}
    facts.insert(ledger, "policy", fixed)
    wave_id = sending(ledger)
    ledger.clock = lambda: datetime(2026, 11, 22, 1)
    do(ledger, NoteInvite(invites(ledger, wave_id)[1]["invite_id"], "declined"))
    do(ledger, CloseWave(wave_id, TODAY))
    assert invites(ledger, wave_id)[1]["invite_state"] == "declined"
    assert wave(ledger, wave_id)["wave_state"] == "closed"


def test_what_a_later_step_or_an_answer_builds_on_is_not_taken_back(ledger: Ledger) -> None:
    wave_id = drafted(ledger)
    frozen = do(ledger, FreezeWave(wave_id, TODAY))
    do(ledger, StartWave(wave_id, TODAY))
    with pytest.raises(Conflict, match="wave_step"):
        do(ledger, Undo(frozen.change_id, TODAY))
    invite_id = invites(ledger, wave_id)[1]["invite_id"]
    with pytest.raises(NotFound):
        do(ledger, RecordScore(2, "nps", 9, TODAY, TODAY, wave_id=wave_id, invite_id=invite_id))
    other = drafted(ledger, replace(WAVE, title="另一次"))
    with pytest.raises(NotFound):
        do(ledger, RecordScore(1, "nps", 9, TODAY, TODAY, wave_id=other, invite_id=invite_id))
    do(ledger, RecordScore(1, "nps", 9, TODAY, TODAY, wave_id=wave_id, invite_id=invite_id))
    ledger.jot("update wave_event set retired_at = now()::timestamp where wave_id = $wave_id and state = 'sending'", {"wave_id": wave_id})
    with pytest.raises(Conflict, match="answer_invited"):
        do(ledger, Undo(frozen.change_id, TODAY))
    assert wave(ledger, wave_id)["asked_customers"] == 4
