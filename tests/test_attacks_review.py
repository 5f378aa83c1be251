"""Attacks on the weekly review: what was possible to read, write or undo beyond one's right, each a test before it was mended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
import reviews
from reviews import LEAD, MANAGER, NORTH, SOUTH, TODAY, WEEK, closed, do
from test_sql_contracts import as_select, calls, parsed, tables

from lib.commands.actions import RaiseAction, StepAction
from lib.commands.decisions import Resolve, Revisit
from lib.commands.explaining import AssignSignal, ExplainSignal, JudgeSignal
from lib.commands.meetings import OpenMeeting, ReopenMeeting
from lib.commands.subscriptions import SetEmail, Subscribe
from lib.commands.topics import RaiseTopic, SettleTopic, VoteTopic
from lib.commands.undo import Undo
from lib.commands.users import ChangeUser
from lib.domain.access import SYSTEM, Actor, Role, Scope
from lib.errors import Conflict, Forbidden, NotFound, Refused
from lib.metrics import METRICS
from lib.metrics import compile as compiler
from lib.review.pack import circle
from lib.review.proof import prove
from lib.store.door import Command
from lib.store.ledger import Ledger
from lib.store.query import catalog, rows, words

OTHER_CHAIR = Actor(7, "u7", Role.MANAGER, Scope.TEAM, ("north",))
"""Runs the northern review too, and sees what it sees but nobody's own customers of another team."""


@pytest.fixture
def ledger(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ledger]:
    reviews.few(monkeypatch)
    with reviews.house() as opened:
        opened.jot("insert into app_user values (7, 'u7', 'u7', 'manager', 'team', 'north', 'zh', null, null, true, 1)", {})
        opened.jot("insert into user_team values (7, 'north')", {})
        opened.jot("update app_user set team = 'office' where user_id = 2", {})
        yield opened


def frozen(ledger: Ledger, actor: Actor) -> set[str]:
    """Every frozen text the person may read, asked for by number, known or guessed."""
    return {row["body"] for pack_id in range(1, 5) for row in rows(ledger, actor, "frozen_text", pack_id=pack_id)}


def test_what_a_chair_froze_is_no_others_by_reopening_and_undoing_it(ledger: Ledger) -> None:
    """The pack comes back in the name of who took the reopening back, who sees less than its maker."""
    meeting_id = closed(ledger, NORTH)
    assert frozen(ledger, OTHER_CHAIR) == set()
    do(ledger, Undo(do(ledger, ReopenMeeting(meeting_id, "x"), OTHER_CHAIR).change_id, TODAY), OTHER_CHAIR)
    assert len(frozen(ledger, NORTH)) == 1
    assert frozen(ledger, OTHER_CHAIR) == frozen(ledger, LEAD) == set()
    assert {one.verdict for one in prove(ledger)} == {"intact"}


def test_a_maker_who_sees_all_by_now_opens_their_old_pack_to_nobody(ledger: Ledger) -> None:
    closed(ledger, NORTH)
    do(ledger, ChangeUser("u2", scope=Scope.ALL), SYSTEM)
    assert frozen(ledger, LEAD) == set()
    assert len(frozen(ledger, MANAGER)) == 1


def test_a_frozen_text_brings_who_sees_a_part_no_rows(ledger: Ledger) -> None:
    closed(ledger, OTHER_CHAIR)
    (body,) = frozen(ledger, LEAD)
    assert "客户" not in body
    assert '"value":' in body


@pytest.mark.parametrize("how", ["a vote", "a review", "an explanation"])
def test_what_there_is_once_is_not_doubled_by_undoing_its_end(ledger: Ledger, how: str) -> None:
    """Made, taken back, made anew; then the taking back is undone."""
    if how == "a vote":
        topic_id = do(ledger, RaiseTopic("涨价", TODAY)).result
        ended = do(ledger, VoteTopic(topic_id, is_for=False)).change_id
        do(ledger, VoteTopic(topic_id))
    else:
        order = OpenMeeting(WEEK, TODAY) if how == "a review" else AssignSignal("overdue_amount", 4, WEEK, TODAY)
        ended = do(ledger, Undo(do(ledger, order).change_id, TODAY)).change_id
        do(ledger, order)
    with pytest.raises(Conflict):
        do(ledger, Undo(ended, TODAY))


def test_who_left_a_circle_takes_nothing_back_in_it(ledger: Ledger) -> None:
    meeting_id = closed(ledger, NORTH, score=3)
    reopened = do(ledger, ReopenMeeting(meeting_id, "补记"), NORTH).change_id
    decided = do(ledger, Resolve("停供", "逾期", TODAY), NORTH).change_id
    do(ledger, ChangeUser("u2", teams=("south",)), SYSTEM)
    moved = replace(NORTH, teams=("south",))
    for change_id in (reopened, decided):
        with pytest.raises(Forbidden):
            do(ledger, Undo(change_id, TODAY), moved)
    do(ledger, Undo(reopened, TODAY), MANAGER)


@pytest.mark.parametrize("teams", [("all",), ("#1",), ("north、south",)])
def test_no_name_of_a_team_is_another_circle(ledger: Ledger, teams: tuple[str, ...]) -> None:
    """Whose team is called like the company, a person or two teams writes into no circle but their own."""
    intruder = replace(SOUTH, teams=teams)
    assert circle(intruder) == "#3"
    do(ledger, ChangeUser("u3", teams=teams), SYSTEM)
    do(ledger, JudgeSignal("overdue_amount", "noise", WEEK, TODAY), intruder)
    assert rows(ledger, NORTH, "explanations", as_of=TODAY) == []
    assert [row["circle"] for row in rows(ledger, MANAGER, "explanations", as_of=TODAY)] == ["#3"]


def test_what_is_out_of_sight_is_refused_as_what_does_not_exist(ledger: Ledger) -> None:
    """Whatever a lead asks of another circle's or of a hidden customer's, and of what they no longer see themselves."""
    hidden = do(ledger, RaiseAction("催款", 1, TODAY, TODAY, customer_id=3)).result
    topic_id = do(ledger, RaiseTopic("停供", TODAY, customer_id=3)).result
    decided = do(ledger, Resolve("停供", "逾期", TODAY, customer_id=3)).result
    meeting_id = closed(ledger)
    do(ledger, AssignSignal("overdue_amount", 1, WEEK + timedelta(days=7), TODAY))
    nothing = 10**6
    pairs: tuple[tuple[Command, Command], ...] = (
        (StepAction((hidden,), "done", TODAY), StepAction((nothing,), "done", TODAY)),
        (VoteTopic(topic_id), VoteTopic(nothing)),
        (SettleTopic(topic_id, "solved", "x", TODAY), SettleTopic(nothing, "solved", "x", TODAY)),
        (Revisit(decided, "x", TODAY), Revisit(nothing, "x", TODAY)),
        (ReopenMeeting(meeting_id, "x"), ReopenMeeting(nothing, "x")),
        (RaiseAction("x", 2, TODAY, TODAY, customer_id=3), RaiseAction("x", 2, TODAY, TODAY, customer_id=nothing)),
        (RaiseAction("x", 2, TODAY, TODAY, topic_id=topic_id), RaiseAction("x", 2, TODAY, TODAY, topic_id=nothing)),
        (explained("all"), explained("east")),
    )
    for there, missing in pairs:
        said = {refusal(ledger, NORTH, order) for order in (there, missing)}
        assert len(said) == 1, there
    own = do(ledger, RaiseAction("核对", 2, TODAY, TODAY, customer_id=1), NORTH)
    ledger.jot("update customer_record set owner_id = 3 where customer_id = 1", {})
    ledger.version += 1
    assert rows(ledger, NORTH, "actions", as_of=TODAY, user_id=2, state="open") == []
    assert refusal(ledger, NORTH, StepAction((own.result,), "done", TODAY)) == refusal(ledger, NORTH, pairs[0][1])
    with pytest.raises(Forbidden):
        do(ledger, Undo(own.change_id, TODAY), NORTH)


def explained(of: str) -> ExplainSignal:
    return ExplainSignal("overdue_amount", "x", "data", WEEK + timedelta(days=7), TODAY, of)


def refusal(ledger: Ledger, actor: Actor, order: Command) -> str:
    with pytest.raises(NotFound) as refused:
        do(ledger, order, actor)
    return str(refused.value)


@pytest.mark.parametrize("email", ["a@b.cn\nBcc: x@y.cn", "a@b.cn, x@y.cn", "<a@b.cn>", "a@b.cn\r\nRCPT TO:<x@y.cn>"])
def test_an_address_brings_nobody_else_in(ledger: Ledger, email: str) -> None:
    with pytest.raises(Refused):
        do(ledger, SetEmail(email), LEAD)


@pytest.mark.parametrize(
    "order",
    [
        Subscribe("threshold", "zh", "overdue_amount", is_above=True, bound=Decimal("NaN"), currency="CNY"),
        Subscribe("threshold", "zh", "overdue_amount", is_above=True, bound=Decimal(10) ** 30, currency="CNY"),
        Subscribe("signal", "zh", "overdue_amount", currency="CNY\r\nBcc: x@y.cn"),
    ],
)
def test_no_subscription_keeps_the_house_from_telling_others(ledger: Ledger, order: Subscribe) -> None:
    with pytest.raises(Refused):
        do(ledger, order, LEAD)


def test_an_answer_is_past_when_any_table_it_reads_is_written(ledger: Ledger) -> None:
    """By the engine's own trees of statements and macros: no table behind an answer is unknown to the cache."""
    made = "select function_name, macro_definition from duckdb_functions() where not internal and macro_definition <> ''"
    near: dict[str, set[str]] = {}
    for name, text in ledger.cursor().execute(made).fetchall():
        near[f"{name}()"] = near.get(f"{name}()", set()) | around(ledger, as_select(text))
    asked = {f"asked {name}": query.sql for name, query in catalog().items()}
    of_crowds = {base: wanted for base, wanted in compiler.parts(METRICS.values()).items() if base not in compiler.MONEY}
    asked |= {f"added up {base}": compiler.weekly(base, wanted, None) for base, wanted in of_crowds.items()}
    asked["money lines"] = compiler.money_lines(None)
    near |= {name: around(ledger, sql) for name, sql in asked.items()} | {
        f"{name}()": around(ledger, query.sql) for name, query in catalog().items() if name.startswith("house_")
    }
    of_facts = {table for (table,) in ledger.cursor().execute("select table_name from duckdb_tables()").fetchall()}
    for name, sql in asked.items():
        behind, ahead = set[str](), {name}
        while ahead:
            more = set[str]().union(*(near[one] for one in ahead)) - behind
            behind, ahead = behind | more, more & near.keys()
        assert behind & of_facts <= words(sql), name
        assert behind & of_facts, name


def around(ledger: Ledger, text: str) -> set[str]:
    """The tables that a statement or macro names itself, and in brackets what it calls: a table of its own may be called like a macro."""
    tree = parsed(ledger, text)
    called = calls(tree) | {name for name in tables(tree) if name.startswith("house_")}
    return tables(tree) | {f"{name}()" for name in called}
