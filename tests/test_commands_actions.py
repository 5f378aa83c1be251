"""What reviews write through the door: promises step by step, decisions, topics with votes, signals explained; and that nothing is lost.

The house of `reviews.py`: MANAGER sees all, NORTH and LEAD customers 1 and 2 of team north, SOUTH 3 and 4. Tuesday 30 June 2026, the
review of the week of 22 June.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import facts
import ledgers
import pytest
import reviews
from hypothesis import given, settings
from hypothesis import strategies as st
from reviews import FINANCE, LEAD, MANAGER, NORTH, SOUTH, TODAY, VICE, WEEK, do

from lib.commands import actions
from lib.commands.actions import Part, RaiseAction, RewordAction, StepAction
from lib.commands.decisions import Resolve, Revisit
from lib.commands.explaining import AssignSignal, ExplainSignal, JudgeSignal
from lib.commands.topics import RaiseTopic, SettleTopic, VoteTopic
from lib.commands.undo import Undo
from lib.domain.access import Actor, Permission
from lib.domain.actions import STEP, UNSEEN, steps
from lib.errors import Conflict, Forbidden, NotFound, Refused
from lib.metrics import Cut
from lib.metrics.variation import View
from lib.review.pack import build, from_text, last_week, to_text
from lib.store.door import Change, Command, execute
from lib.store.ledger import LATEST, Ledger
from lib.store.query import rows

WEEKLY = timedelta(weeks=1)
CALL = RaiseAction("核对客户的账", 4, date(2026, 7, 3), TODAY)
ABOUT = replace(CALL, customer_id=1)
DAYS = (("打电话", TODAY), ("写信", TODAY + timedelta(days=1)))


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with reviews.house() as opened:
        yield opened


def agenda(ledger: Ledger, week_on: date = WEEK, actor: Actor = MANAGER, known_at: datetime = LATEST) -> dict[int, dict[str, Any]]:
    found = rows(ledger, actor, "agenda_actions", week_on=week_on, as_of=week_on + timedelta(days=6), known_at=known_at)
    return {row["action_id"]: row for row in found}


class CarryOver(Command):
    """Closing a review, as far as actions go."""

    permission = Permission.MEETING_RUN
    title = CALL.title

    def __init__(self, week_on: date) -> None:
        self.week_on = week_on

    def apply(self, change: Change) -> int:
        return actions.carry_over(change, self.week_on, self.week_on + timedelta(days=8))


def carry(ledger: Ledger, week_on: date, actor: Actor = MANAGER) -> int:
    carried: int = execute(ledger, actor, CarryOver(week_on)).result
    return carried


def step(action_id: int, name: str, today: date = TODAY, **more: Any) -> StepAction:
    return StepAction((action_id,), name, today, **more)


# One promise.


def test_a_promise_stands_on_the_agenda_until_it_is_done_and_once_more_as_done(ledger: Ledger) -> None:
    action_id = do(ledger, CALL).result
    assert agenda(ledger)[action_id]["is_new"]
    do(ledger, step(action_id, "done", date(2026, 7, 7)))
    (row,) = agenda(ledger, WEEK + WEEKLY).values()
    assert (row["action_state"], row["ended_on"], row["doer_name"]) == ("done", date(2026, 7, 7), "u4")
    assert agenda(ledger, WEEK)[action_id]["is_open"], "as it stood the week before"
    assert not agenda(ledger, WEEK + 2 * WEEKLY)


def test_a_promise_that_nobody_could_keep_is_refused_at_its_field(ledger: Ledger) -> None:
    """Person 6 only reads, 99 does not exist, 4 does not see customer 3; nothing shows two weeks after it is due."""
    wrongs: list[tuple[dict[str, Any], str]] = [
        ({"said": " "}, "said"),
        ({"due_on": TODAY - timedelta(days=1)}, "due_on"),
        ({"metric": "no_such"}, "metric"),
        ({"owner_id": 6}, "owner_id"),
        ({"owner_id": 99}, "owner_id"),
        ({"customer_id": 3}, "owner_id"),
        ({"effect": "down"}, "effect"),
        ({"metric": "overdue_amount", "effect": "down", "effect_by": date(2026, 7, 15)}, "effect_by"),
        ({"week_on": WEEK + timedelta(days=1)}, "week_on"),
    ]
    for wrong, about in wrongs:
        with pytest.raises(Refused) as refusal:
            do(ledger, replace(CALL, **wrong))
        assert refusal.value.values["about"] == about


def test_the_same_promise_twice_is_a_slip_until_confirmed(ledger: Ledger) -> None:
    do(ledger, CALL)
    with pytest.raises(Conflict):
        do(ledger, CALL)
    do(ledger, replace(CALL, confirmed=True))
    assert len(agenda(ledger)) == 2


def test_each_step_is_taken_back_by_undo(ledger: Ledger) -> None:
    needs: dict[str, dict[str, Any]] = {
        "moved": {"due_on": date(2026, 7, 20)},
        "escalated": {"to_id": 1},
        "split": {"parts": (Part("打电话", 4, TODAY), Part("写信", 2, TODAY))},
        "killed": {"note": "客户已还款"},
        "reopened": {"note": "没做完", "due_on": date(2026, 7, 20)},
    }
    opened, ended = do(ledger, CALL).result, do(ledger, replace(CALL, said="打电话")).result
    do(ledger, step(ended, "done"))
    before = agenda(ledger)
    for name in STEP:
        done = do(ledger, step(ended if name == "reopened" else opened, name, **needs.get(name, {})))
        assert agenda(ledger) != before, name
        do(ledger, Undo(done.change_id))
        assert agenda(ledger) == before, name


def test_what_a_step_needs_is_named(ledger: Ledger) -> None:
    action_id = do(ledger, CALL).result
    for name, about in (("killed", "note"), ("moved", "due_on"), ("escalated", "to_id"), ("split", "parts")):
        with pytest.raises(Refused) as refusal:
            do(ledger, step(action_id, name))
        assert refusal.value.values["about"] == about
    with pytest.raises(Refused, match="no “Take up again”"):
        do(ledger, step(action_id, "reopened", note="x"))


def test_several_old_ones_are_given_up_at_once(ledger: Ledger) -> None:
    ids = tuple(do(ledger, replace(CALL, said=f"联系客户{number}")).result for number in range(3))
    assert do(ledger, StepAction(ids, "killed", TODAY, note="不再需要")).result == 3
    assert {row["action_state"] for row in agenda(ledger).values()} == {"killed"}


def test_the_parts_of_a_split_action_take_its_place(ledger: Ledger) -> None:
    action_id = do(ledger, replace(ABOUT, metric="overdue_amount", effect="down", effect_by=date(2026, 7, 31))).result
    parts = (Part("打电话", 4, date(2026, 7, 6)), Part("写信", 2, date(2026, 7, 9)))
    split = do(ledger, step(action_id, "split", parts=parts))
    found = agenda(ledger)
    assert [row["parent_id"] for row in found.values() if row["is_open"]] == [action_id, action_id]
    assert [(row["customer_id"], row["effect"]) for row in found.values() if row["is_open"]] == [(1, None), (1, "down")]
    with pytest.raises(Refused, match="was split"):
        do(ledger, step(action_id, "reopened", note="x"))
    part_id = max(found)
    do(ledger, step(part_id, "done"))
    with pytest.raises(Refused):  # or a step would stand of an action that is not there
        do(ledger, Undo(split.change_id))


def test_the_agenda_says_whether_what_was_done_worked(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """10,000 to 15,000 are billed each week; after the action 50,000. Four weeks later that is an effect, or the contrary of one."""
    reviews.few(monkeypatch)
    done_on = WEEK - 4 * WEEKLY
    looked = replace(CALL, metric="billed_amount", effect="up", effect_by=WEEK, due_on=done_on, today=done_on)
    for said, effect in (("当天开票", "up"), ("合并开票", "down"), ("分批开票", "up")):
        action_id = do(ledger, replace(looked, said=said, effect=effect)).result
        if said != "分批开票":
            do(ledger, step(action_id, "done", done_on))
    for week in range(18):
        amount = 40_000 if week < 4 else week * 37 % 10 * 500
        facts.invoice(ledger, 9000 + week, WEEK - week * WEEKLY, WEEK + 9 * WEEKLY, amount)
    made = build(View(ledger, MANAGER, WEEK + timedelta(days=6), None, Cut("CNY")), WEEK)
    assert [(row["action_said"], row["effect_seen"]) for row in made.tables["actions"]] == [
        ("分批开票", None),
        ("当天开票", "works"),
        ("合并开票", "worse"),
    ]
    assert from_text(to_text(made)).tables["actions"][1]["effect_seen"] == "works"


# Carrying over.


def test_the_third_time_it_is_split_escalated_or_given_up(ledger: Ledger) -> None:
    """Due 3 July: carried by the reviews of 29 June and 6 July; that of 13 July does not close before somebody decides."""
    action_id = do(ledger, CALL).result
    assert [carry(ledger, WEEK + week * WEEKLY) for week in range(3)] == [0, 1, 1]
    third = WEEK + 3 * WEEKLY
    assert agenda(ledger, third)[action_id]["carried_count"] == 2
    with pytest.raises(Conflict, match="核对客户的账"):
        carry(ledger, third)
    for name, more in (("carried", {}), ("moved", {"due_on": date(2026, 8, 1)})):
        with pytest.raises(Conflict, match="put off twice"):
            do(ledger, step(action_id, name, third + timedelta(days=8), **more))
    do(ledger, step(action_id, "escalated", third + timedelta(days=8), to_id=1))
    row = agenda(ledger, third)[action_id]
    assert (row["doer_id"], row["is_worn"], row["carried_count"]) == (1, False, 2)
    assert carry(ledger, third) == 1
    assert agenda(ledger, third)[action_id]["carried_count"] == 3


def test_what_is_due_on_the_day_of_the_review_is_carried_and_what_is_not_due_stays(ledger: Ledger) -> None:
    """The review of 22 June closes on 30 June."""
    today, later = (do(ledger, replace(CALL, said=said, due_on=day, week_on=WEEK - WEEKLY)).result for said, day in DAYS)
    assert carry(ledger, WEEK) == 1
    found = agenda(ledger, WEEK + WEEKLY)
    assert (found[today]["carried_count"], found[later]["carried_count"]) == (1, 0)


def test_one_review_carries_an_action_once(ledger: Ledger) -> None:
    """By hand, then by closing; or by closing two circles' reviews of the same week."""
    do(ledger, replace(CALL, due_on=TODAY, week_on=WEEK - WEEKLY), NORTH)
    assert carry(ledger, WEEK + WEEKLY, NORTH) == 1
    assert carry(ledger, WEEK + WEEKLY, MANAGER) == 0
    (row,) = agenda(ledger, WEEK + WEEKLY).values()
    with pytest.raises(Conflict, match="already"):
        do(ledger, step(row["action_id"], "carried", TODAY + WEEKLY, week_on=WEEK + WEEKLY))


def test_what_is_promised_after_the_review_is_closed_belongs_to_the_next(ledger: Ledger) -> None:
    facts.insert(ledger, "meeting", {"meeting_id": 1, "week_on": WEEK, "circle": "all", "chair_id": 1, "state": "closed"})
    late, early = do(ledger, CALL).result, do(ledger, CALL, NORTH).result
    assert {action_id: row["week_on"] for action_id, row in agenda(ledger, WEEK + WEEKLY).items()} == {late: WEEK + WEEKLY, early: WEEK}
    with pytest.raises(Conflict, match="frozen"):
        do(ledger, JudgeSignal("overdue_amount", "noise", WEEK, TODAY))


WAYS = st.lists(st.tuples(st.sampled_from([*STEP, "raise", "raise", "close", "undo"]), st.integers(0, 2), st.integers(0, 20)), max_size=8)


@settings(max_examples=6)
@given(WAYS)
def test_an_open_action_is_never_missing_from_an_agenda(ways: list[tuple[str, int, int]]) -> None:
    """Whatever happens in whatever order: as known at each moment, the agendas of that week and the next hold all that was open then."""
    with ledgers.fresh(clock=reviews.Clock(datetime(2026, 1, 5, 3))) as ledger:
        for person in (MANAGER, LEAD):
            values = {"id": person.user_id, "role": person.role, "scope": person.scope}
            ledger.jot("insert into app_user values ($id, $id, $id, $role, $scope, null, 'zh', null, null, true, 0)", values)
        today, last, moments = date(2026, 1, 6), 0, []
        for number, (way, place, days) in enumerate([("raise", 0, 0), *ways]):
            today += timedelta(days=days)
            try:
                last = execute(ledger, MANAGER, happening(way, number, today, place, last)).change_id
            except Refused:
                continue
            moments.append((ledger.cursor().execute("select max(made_at) from audit").fetchall()[0][0], today))
        for known_at, day in moments:
            for week_on in (last_week(day), last_week(day) + WEEKLY):
                shown = {action_id for action_id, row in agenda(ledger, week_on, MANAGER, known_at).items() if row["is_open"]}
                assert shown == open_by_steps(ledger, week_on + timedelta(days=6), known_at)


def happening(way: str, number: int, today: date, place: int, last: int) -> Command:
    """One of all that may happen to the first three actions; much of it is refused."""
    due_on = today + timedelta(days=3 * place)
    parts = (Part("打电话", 1, due_on), Part("写信", 4, due_on))
    others: dict[str, Command] = {
        "raise": RaiseAction(f"做{number}", 1, due_on, today),
        "close": CarryOver(last_week(today)),
        "undo": Undo(last),
    }
    return others.get(way) or StepAction((place + 1,), way, today, "因为", today + WEEKLY, 4 if place else 1, parts)


def open_by_steps(ledger: Ledger, until: date, known_at: datetime) -> set[int]:
    """The same told from the rows alone."""
    sql = """
        select action_id from action_item as action
        where week_on <= $until and recorded_at <= $known_at and $known_at < retired_at
            and coalesce((
                select arg_max(step, step_id) from action_step as step
                where step.action_id = action.action_id and step.week_on <= $until
                    and step.recorded_at <= $known_at and $known_at < step.retired_at
            ), 'open') not in ('done', 'killed', 'split')
    """
    return {action_id for (action_id,) in ledger.cursor().execute(sql, {"until": until, "known_at": known_at}).fetchall()}


def test_what_may_follow_what_was_put_off_twice() -> None:
    assert steps("open", is_worn=True) == ["done", "escalated", "split", "killed"]
    assert steps("split") == []


# Who reads and answers what.


def test_words_of_a_review_stay_in_its_circle(ledger: Ledger) -> None:
    """The whole company's is read by who sees it; one's own promise by its owner; one about a customer by who sees that too."""
    company = do(ledger, replace(CALL, said="谈裁员", owner_id=1)).result
    handed = do(ledger, CALL).result
    north = do(ledger, replace(CALL, said="北区", owner_id=2), NORTH).result
    south = do(ledger, replace(CALL, said="南区", owner_id=3, customer_id=3), SOUTH).result
    assert set(agenda(ledger)) == {company, handed, north, south}
    assert set(agenda(ledger, actor=LEAD)) == {handed, north}
    assert set(agenda(ledger, actor=NORTH)) == {north}
    assert set(agenda(ledger, actor=SOUTH)) == {south}
    with pytest.raises(NotFound):
        do(ledger, step(company, "done"), LEAD)
    do(ledger, step(handed, "done"), LEAD)
    with pytest.raises(NotFound):
        do(ledger, replace(CALL, customer_id=3), LEAD)


def moved_away(ledger: Ledger) -> None:
    """Customer 1 is of the south by now."""
    ledger.jot("update customer_record set owner_id = 3 where customer_id = 1", {})
    ledger.version += 1


def test_an_action_of_a_customer_who_went_to_another_team_stays_on_the_agenda_that_gave_it(ledger: Ledger) -> None:
    """Without a word about the customer; whoever runs that review hands it to somebody who sees the customer, or gives it up."""
    given = do(ledger, replace(ABOUT, said="催江南机械", owner_id=2, due_on=TODAY), NORTH).result
    moved_away(ledger)
    (row,) = agenda(ledger, actor=NORTH).values()
    assert (row["action_id"], row["action_said"], row["doer_name"]) == (given, UNSEEN, "u2")
    assert [row[name] for name in ("customer_id", "name", "action_note", "case_id")] == [None] * 4
    assert list(agenda(ledger, actor=SOUTH)) == []
    assert [carry(ledger, WEEK + week * WEEKLY, NORTH) for week in (1, 2)] == [1, 1]
    with pytest.raises(Conflict) as refused:
        carry(ledger, WEEK + 3 * WEEKLY, NORTH)
    assert refused.value.say("zh").endswith("：一个您看不到的客户的行动（负责人 u2）")
    assert refused.value.say("en").endswith(": an action about a customer out of your sight (owner u2)")
    for taken in (step(given, "done"), step(given, "moved", due_on=TODAY + WEEKLY), RewordAction(given, "催款")):
        with pytest.raises(NotFound):
            do(ledger, taken, NORTH)
    with pytest.raises(NotFound):
        do(ledger, step(given, "killed", note="x"), LEAD)
    with pytest.raises(Refused):
        do(ledger, step(given, "escalated", to_id=4), NORTH)
    do(ledger, step(given, "escalated", to_id=3), NORTH)
    (mine,) = rows(ledger, SOUTH, "actions", as_of=TODAY, user_id=3, state="open")
    assert mine["action_said"] == "催江南机械"
    assert list(agenda(ledger, actor=NORTH)) == [given]
    do(ledger, step(given, "done"), SOUTH)
    assert list(agenda(ledger, WEEK + 4 * WEEKLY, actor=NORTH)) == []


def test_only_its_owner_who_gave_it_and_who_runs_the_review_move_an_action_on(ledger: Ledger) -> None:
    of_north = do(ledger, CALL, NORTH).result
    of_company = do(ledger, replace(CALL, owner_id=1), FINANCE).result
    by_lead = do(ledger, replace(CALL, said="写信", owner_id=2), LEAD).result
    with pytest.raises(Forbidden) as refused:
        do(ledger, step(of_north, "done"), FINANCE)
    assert "u4" in refused.value.say("zh")
    with pytest.raises(Forbidden):
        do(ledger, RewordAction(of_north, "别的"), FINANCE)
    ledger.jot("insert into app_user values (8, 'u8', 'u8', 'lead', 'team', 'north', 'zh', null, null, true, 0)", {})
    ledger.jot("insert into user_team values (8, 'north')", {})
    with pytest.raises(Forbidden):
        do(ledger, step(by_lead, "killed", note="x"), replace(LEAD, user_id=8))
    do(ledger, step(by_lead, "moved", due_on=CALL.due_on + WEEKLY), LEAD)
    do(ledger, step(of_north, "done"), LEAD)
    do(ledger, step(of_company, "done"), FINANCE)
    do(ledger, step(of_company, "reopened", note="没做完"), VICE)


def test_words_of_an_action_are_corrected_and_those_it_had_stay_on_record(ledger: Ledger) -> None:
    given = do(ledger, ABOUT, NORTH).result
    do(ledger, step(given, "carried"), NORTH)
    corrected = do(ledger, RewordAction(given, " 核对江南的账 "), LEAD).change_id
    assert agenda(ledger)[given]["action_said"] == "核对江南的账"
    assert agenda(ledger)[given]["carried_count"] == 1
    asked = {"as_of": TODAY, "action_id": given}
    (before,) = rows(ledger, NORTH, "action_words", **asked)
    assert (before["action_said"], before["made_by"]) == (ABOUT.said, "u4")
    assert rows(ledger, SOUTH, "action_words", **asked) == []
    for words in ("", "核对江南的账"):
        with pytest.raises(Refused):
            do(ledger, RewordAction(given, words), LEAD)
    do(ledger, Undo(corrected, TODAY), LEAD)
    assert agenda(ledger)[given]["action_said"] == ABOUT.said
    assert [row["action_id"] for row in rows(ledger, NORTH, "given_actions", as_of=TODAY, user_id=2)] == [given]


def test_leads_promise_and_managers_decide(ledger: Ledger) -> None:
    topic_id = do(ledger, RaiseTopic("谈账期", TODAY), LEAD).result
    refused: list[Command] = [
        Resolve("停供", "太久", TODAY),
        SettleTopic(topic_id, "dropped", "不谈", TODAY),
        JudgeSignal("overdue_amount", "noise", WEEK, TODAY),
        AssignSignal("overdue_amount", 4, WEEK, TODAY),
    ]
    for command in refused:
        with pytest.raises(Forbidden):
            do(ledger, command, LEAD)


# Decisions, topics, signals.


def test_a_decision_comes_back_on_its_day_until_it_is_looked_at(ledger: Ledger) -> None:
    decided = Resolve("对恒源停供", "逾期 90 天", TODAY, revisit_on=date(2026, 8, 4), customer_id=1, metric="overdue_amount")
    resolution_id = do(ledger, decided).result

    def shown(week_on: date) -> list[tuple[str, bool]]:
        found = rows(ledger, MANAGER, "resolutions", week_on=week_on, as_of=week_on + timedelta(days=6))
        return [(row["decision_said"], row["is_due"]) for row in found]

    assert shown(WEEK) == [("对恒源停供", False)]
    assert shown(date(2026, 7, 13)) == []
    assert shown(date(2026, 7, 27)) == shown(date(2026, 8, 24)) == [("对恒源停供", True)]
    do(ledger, Revisit(resolution_id, "已还一半", date(2026, 8, 4), said="对恒源恢复供货"))
    assert shown(date(2026, 7, 27)) == []
    assert shown(WEEK) == [("对恒源恢复供货", False)]
    for wrong in (replace(decided, reason=" "), replace(decided, revisit_on=TODAY), Revisit(99, "x", TODAY)):
        with pytest.raises(Refused):
            do(ledger, wrong)


def test_topics_stand_by_their_votes_one_of_each_person(ledger: Ledger) -> None:
    first, second = (do(ledger, RaiseTopic(said, TODAY), LEAD).result for said in ("谈账期", "谈价格"))
    for voter, is_for in ((NORTH, True), (NORTH, True), (MANAGER, True), (MANAGER, False)):
        do(ledger, VoteTopic(second, is_for), voter)
    assert ranked(ledger) == [("谈价格", 2), ("谈账期", 1)]
    settled = do(ledger, SettleTopic(first, "solved", "改成 60 天", TODAY, action=CALL, decision=Resolve("改账期", "客户都要", TODAY)))
    assert ranked(ledger) == [("谈价格", 2), ("谈账期", 1)]
    assert [(row["topic_state"], row["topic_outcome"]) for row in rows(ledger, MANAGER, "topics", week_on=WEEK, as_of=TODAY)] == [
        ("open", None),
        ("solved", "改成 60 天"),
    ]
    assert settled.result["action_id"] in agenda(ledger)
    assert rows(ledger, MANAGER, "resolutions", as_of=TODAY)[0]["resolution_id"] == settled.result["resolution_id"]
    with pytest.raises(Conflict, match="改成 60 天"):
        do(ledger, VoteTopic(first))
    do(ledger, Undo(settled.change_id))
    assert not agenda(ledger)
    with pytest.raises(NotFound):
        do(ledger, VoteTopic(first), SOUTH)


def ranked(ledger: Ledger) -> list[tuple[str, int]]:
    return [(row["topic_said"], row["votes"]) for row in rows(ledger, MANAGER, "topics", as_of=TODAY)]


def test_who_was_asked_explains_and_the_meeting_judges(ledger: Ledger) -> None:
    asked = AssignSignal("overdue_amount", 4, WEEK, TODAY)
    said = ExplainSignal("overdue_amount", "两家大客户月底才付", "customer", WEEK, TODAY, of="all")
    with pytest.raises(NotFound):  # nobody asked yet
        do(ledger, said, LEAD)
    do(ledger, asked)
    do(ledger, said, LEAD)
    with pytest.raises(NotFound):
        do(ledger, said, SOUTH)
    do(ledger, JudgeSignal("overdue_amount", "act", WEEK, TODAY))
    (row,) = rows(ledger, MANAGER, "explanations", week_on=WEEK, as_of=TODAY, circle="all")
    assert (row["doer_name"], row["explanation_said"], row["signal_cause"], row["signal_verdict"]) == ("u4", said.said, "customer", "act")
    do(ledger, replace(said, of=None), NORTH)
    assert [row["circle"] for row in rows(ledger, LEAD, "explanations", week_on=WEEK, as_of=TODAY)] == ["all", "north"]
    assert [row["circle"] for row in rows(ledger, NORTH, "explanations", week_on=WEEK, as_of=TODAY)] == ["north"]
    with pytest.raises(Refused) as refusal:
        do(ledger, replace(said, said="长" * 141))
    assert refusal.value.values["about"] == "said"
