"""Plays as tasks, special terms that end by themselves, families that share one risk: what the door does and what undoing brings back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import facts
import ledgers
import pytest

from lib.commands.customers import ChangeCustomer
from lib.commands.imports import Options, order, plan
from lib.commands.policies import PublishPolicy
from lib.commands.proposals import Decide, ProposeCredit, ProposeLeaving, ProposeTerm
from lib.commands.receivables import RecordInvoice
from lib.commands.service import CompleteTask
from lib.commands.special_terms import Term
from lib.commands.strategy import PlanSteps
from lib.commands.undo import Undo
from lib.domain.access import SYSTEM, Actor, Role, Scope
from lib.domain.families import Family, Member
from lib.domain.sheets import read_pasted
from lib.domain.strategy import Planned, Play, Step, Strategy
from lib.errors import Conflict, Forbidden, NotFound, Refused
from lib.store import query
from lib.store.door import Command, Receipt, execute
from lib.store.ledger import Ledger
from lib.text import Text

TODAY = date(2026, 6, 30)
UNTIL = date(2026, 7, 31)
DAYS_AGO = TODAY - timedelta(days=11)
FINANCE = Actor(1, "u1", Role.FINANCE, Scope.ALL)
MANAGER = Actor(2, "u2", Role.MANAGER, Scope.ALL)
LEAD = Actor(3, "u3", Role.LEAD, Scope.OWN)


def classed(ledger: Ledger) -> None:
    for person, scope in ((FINANCE, "all"), (MANAGER, "all"), (LEAD, "own")):
        ledger.jot(
            "insert into app_user values ($id, $name, $name, 'manager', $scope, 'north', 'zh', null, null, true, 1)",
            {"id": person.user_id, "name": person.name, "scope": scope},
        )
    for customer_id, owner_id, parent_id in ((1, 2, None), (2, 2, 1), (3, 3, 1), (4, 3, None)):
        facts.customer(ledger, customer_id, owner_id=owner_id, parent_id=parent_id)


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    """Customer 1 and its daughter 2 belong to the manager, daughter 3 and customer 4 to the lead, who sees nobody else's."""
    with ledgers.fresh(classed) as opened:
        yield opened


def do(ledger: Ledger, command: Command, actor: Actor = MANAGER) -> Receipt:
    return execute(ledger, actor, command)


def rows(ledger: Ledger, sql: str, **values: Any) -> list[tuple[Any, ...]]:
    return ledger.cursor().execute(sql, values).fetchall()


def asked(ledger: Ledger, name: str, **values: Any) -> list[dict[str, Any]]:
    return query.rows(ledger, SYSTEM, name, **values)


def tasks(ledger: Ledger) -> list[tuple[Any, ...]]:
    sql = "select customer_id, ref, due_on, owner_id, done_on from activity where retired_at = timestamp '9999-12-31' order by all"
    return rows(ledger, sql)


def bill(customer_id: int, number: str, amount: int, currency: str = "CNY") -> RecordInvoice:
    return RecordInvoice(customer_id, number, TODAY, Decimal(amount), date(2026, 12, 31), currency=currency, today=TODAY)


# Plays.


def test_the_strategy_to_begin_with_says_something_of_every_class(ledger: Ledger) -> None:
    ((body,),) = rows(ledger, "select body from policy where kind = 'strategy'")
    strategy = Strategy.of(json.loads(body))
    assert len(strategy.cells) == 12
    assert {strategy.play(*cell).key for cell in strategy.cells} == set(strategy.plays)
    assert [strategy.play(*cell).cadence_days for cell in (("high", "large"), ("high", "medium"), ("high", "small"))] == [14, 30, 90]
    sql = "select frequency, amount_grade, play, cadence_days from strategy_rule(date '2026-06-30', timestamp '9999-12-30')"
    assert {row[:2]: row[2:] for row in rows(ledger, sql)} == {
        cell: (key, strategy.plays[key].cadence_days) for cell, key in strategy.cells.items()
    }


def test_steps_become_tasks_once_each(ledger: Ledger) -> None:
    """Customer 4 bought nothing: dormant, to be won back. Steps after 7 and 30 days, owned by its account manager.

    customer | ref         | due
    4        | win_back:7  | 2026-07-07
    4        | win_back:30 | 2026-07-30
    """
    receipt = do(ledger, PlanSteps((4,), TODAY))
    assert receipt.result == 2
    assert tasks(ledger) == [
        (4, "win_back:30", date(2026, 7, 30), 3, None),
        (4, "win_back:7", date(2026, 7, 7), 3, None),
    ]
    with pytest.raises(Refused, match="planned already"):
        do(ledger, PlanSteps((4,), TODAY + timedelta(days=9)))
    assert do(ledger, PlanSteps((4, 3), TODAY)).result == 2
    assert rows(ledger, "select customer_id from audit order by change_id") == [(4,), (None,)]


def test_a_step_done_stays_done_and_planning_can_be_undone(ledger: Ledger) -> None:
    planned = do(ledger, PlanSteps((4,), TODAY, "en"))
    ((subject,),) = rows(ledger, "select subject from activity where ref = 'win_back:7'")
    assert subject.startswith("Call")
    done = do(ledger, CompleteTask(1, TODAY, TODAY))
    with pytest.raises(Refused, match="planned already"):
        do(ledger, PlanSteps((4,), TODAY))
    with pytest.raises(Conflict):
        do(ledger, Undo(planned.change_id))
    do(ledger, Undo(done.change_id))
    do(ledger, Undo(planned.change_id))
    assert tasks(ledger) == []
    assert do(ledger, PlanSteps((4,), TODAY)).result == 2


@pytest.mark.parametrize(
    ("done", "today", "missing"),
    [
        ((None, None), date(2030, 1, 1), ()),
        ((10, None), date(2030, 1, 1), ()),
        ((10, 20), date(2026, 7, 19), ()),
        ((10, 20), date(2026, 7, 20), (7, 21)),
    ],
)
def test_a_round_is_over_when_all_is_done_and_the_days_between_contacts_have_passed(
    done: tuple[int | None, int | None], today: date, missing: tuple[int, ...]
) -> None:
    """Two steps planned on 1 June and done on these days of June; the play calls every 30 days."""
    first = date(2026, 6, 1)
    grow = Play("grow", Text("甲", "a"), Text("乙", "b"), 30, 45, tuple(Step(days, Text("丙", "c")) for days in (7, 21)))
    tasks = [Planned(f"grow:{days}", first, day and first.replace(day=day)) for days, day in zip((7, 21), done, strict=True)]
    assert tuple(step.days for step in grow.missing(tasks, today)) == missing
    since = [*tasks, Planned("key:7", date(2026, 6, 25), None)]
    assert tuple(step.days for step in grow.missing(since, date(2026, 6, 26))) == ((7, 21) if None not in done else ())


def test_a_play_begins_again_after_its_rhythm(ledger: Ledger) -> None:
    """Customer 4 is to be won back, every 180 days: two tasks done on 30 June can be planned again from 27 December on."""
    do(ledger, PlanSteps((4,), TODAY))
    for number in (1, 2):
        do(ledger, CompleteTask(number, TODAY, TODAY))
    again = TODAY + timedelta(days=180)
    with pytest.raises(Refused, match="planned already"):
        do(ledger, PlanSteps((4,), again - timedelta(1)))
    assert do(ledger, PlanSteps((4,), again)).result == 2
    assert [row[1:4:2] for row in tasks(ledger)] == [("win_back:30", 3), ("win_back:30", 3), ("win_back:7", 3), ("win_back:7", 3)]
    with pytest.raises(Refused, match="planned already"):
        do(ledger, PlanSteps((4,), again))


def test_nobody_plans_for_customers_out_of_sight(ledger: Ledger) -> None:
    with pytest.raises(NotFound):
        do(ledger, PlanSteps((4, 1), TODAY), LEAD)
    assert tasks(ledger) == []
    do(ledger, PlanSteps((4,), TODAY), LEAD)


def test_the_preview_of_a_strategy_foretells_what_publishing_brings(ledger: Ledger) -> None:
    """All four are dormant and small, to be won back. When those are activated instead all change, and afterwards nobody is left to."""
    (held,) = rows(ledger, "select body from policy where kind = 'strategy'")
    body = json.loads(held[0])
    body["cells"]["dormant"]["small"] = "activate"
    body["plays"]["activate"]["cadence_days"] = 10
    tried = {"as_of": TODAY, "strategy": json.dumps(body)}
    call = {"activity_id": 9, "customer_id": 4, "kind": "interaction", "subject": "电话"}
    facts.insert(ledger, "activity", {**call, "on_date": DAYS_AGO, "done_on": DAYS_AGO})
    foretold, due = asked(ledger, "class_play_trial", **tried), asked(ledger, "class_plays", **tried)
    assert [(row["customer_id"], row["old_play"], row["play"]) for row in foretold] == [
        (number, "win_back", "activate") for number in range(1, 5)
    ]
    assert foretold[0]["total_count"] == 4
    assert [row["contacts_due"] for row in asked(ledger, "class_plays", as_of=TODAY)] == [3]
    assert [row["contacts_due"] for row in due] == [4]
    do(ledger, PublishPolicy("strategy", body, TODAY, UNTIL, "少打扰", TODAY), Actor(0, "house", Role.MANAGER, Scope.ALL))
    assert asked(ledger, "class_plays", as_of=TODAY) == due
    assert asked(ledger, "class_play_trial", **tried) == []


# Special terms.


def proposed(ledger: Ledger, term: Term, until_on: date = UNTIL) -> int:
    result: int = do(ledger, ProposeTerm(1, term, until_on, "老客户", TODAY), FINANCE).result
    return result


def due(ledger: Ledger, number: str, on_date: date) -> int:
    """How many days later an invoice written without a due date is due."""
    entry_id = do(ledger, RecordInvoice(1, number, on_date, Decimal(5)), FINANCE).result
    ((due_on,),) = rows(ledger, "select due_on from entry where entry_id = $entry_id", entry_id=entry_id)
    return int((due_on - on_date).days)


def test_longer_terms_hold_from_approval_to_their_last_day(ledger: Ledger) -> None:
    """Own terms are 30 days; 75 days are approved from 30 June to 31 July.

    invoice of | due
    2026-06-29 | 30 days later
    2026-06-30 | 75 days later
    2026-07-31 | 75 days later
    2026-08-01 | 30 days later
    """
    do(ledger, ChangeCustomer(1, (("terms_days", 30),)))
    proposal_id = proposed(ledger, Term("payment_terms", days=75))
    days = {"A": TODAY - timedelta(1), "B": TODAY, "C": UNTIL, "D": UNTIL + timedelta(1)}
    assert due(ledger, "0", TODAY) == 30
    with pytest.raises(Forbidden):
        do(ledger, Decide(proposal_id, "approved", None, TODAY), Actor(1, "u1", Role.MANAGER, Scope.ALL))
    approved = do(ledger, Decide(proposal_id, "approved", None, TODAY))
    assert [due(ledger, number, day) for number, day in days.items()] == [30, 75, 75, 30]
    sql = "select kind, days, is_live from special_term_at($day::date, timestamp '9999-12-30')"
    assert [rows(ledger, sql, day=day) for day in (UNTIL, UNTIL + timedelta(1))] == [
        [("payment_terms", 75, True)],
        [("payment_terms", 75, False)],
    ]
    do(ledger, Undo(approved.change_id))
    assert due(ledger, "E", TODAY) == 30


def test_imported_invoices_fall_due_as_typed_ones_do(ledger: Ledger) -> None:
    """Own terms are 30 days, approved ones 75 from 30 June to 31 July; a due date the file names stays."""
    do(ledger, ChangeCustomer(1, (("terms_days", 30),)))
    do(ledger, Decide(proposed(ledger, Term("payment_terms", days=75)), "approved", None, TODAY))
    lines = (("A", "2026-06-29", ""), ("B", "2026-06-30", ""), ("C", "2026-07-31", ""), ("D", "2026-08-01", ""), ("E", "2026-07-01", UNTIL))
    sheet = read_pasted(
        "\n".join(["客户名称\t发票号\t开票日期\t到期日\t金额", *(f"客户1\t{no}\t{day}\t{due}\t5" for no, day, due in lines)])
    )
    do(ledger, order(plan(ledger, FINANCE, "invoices", sheet, Options(today=TODAY))), FINANCE)
    found = rows(ledger, "select doc_no, (due_on - on_date)::integer from entry order by doc_no")
    assert found == [("A", 30), ("B", 75), ("C", 75), ("D", 30), ("E", 30)]


@pytest.mark.parametrize(
    ("term", "about"),
    [
        (Term("payment_terms"), "days"),
        (Term("payment_terms", days=731), "days"),
        (Term("discount", rate=Decimal(1)), "rate"),
        (Term("discount", rate=Decimal("0.00001")), "rate"),
        (Term("service", what=" "), "what"),
        (Term("free"), "kind"),
    ],
)
def test_terms_without_what_they_need_are_refused(ledger: Ledger, term: Term, about: str) -> None:
    with pytest.raises(Refused) as refused:
        proposed(ledger, term)
    assert refused.value.values["about"] == about


def test_terms_that_are_over_cannot_be_approved(ledger: Ledger) -> None:
    proposal_id = proposed(ledger, Term("discount", rate=Decimal("0.05")))
    with pytest.raises(Refused, match="is over"):
        do(ledger, Decide(proposal_id, "approved", None, UNTIL + timedelta(1)))
    do(ledger, Decide(proposal_id, "approved", None, UNTIL))
    assert rows(ledger, "select rate, days, from_on, until_on from special_term") == [(Decimal("0.0500"), None, UNTIL, UNTIL)]


# Families.


def test_what_customers_start_with_is_given_once_in_a_family() -> None:
    """One limit from sales and two to start with: 30,000 + 50,000, not 130,000."""
    family = Family("甲", "CNY", None)
    for member in (
        Member(1, Decimal(20000), Decimal(30000)),
        Member(2, Decimal(30000), Decimal(50000), is_starting=True),
        Member(3, Decimal(14000), Decimal(50000), is_starting=True),
    ):
        family.members[member.customer_id] = member
    assert (family.limit, family.exposure, family.state) == (80000, 64000, "amber")
    assert not family.is_over(Decimal(16000))
    assert family.is_over(Decimal(16001))


def test_daughters_together_are_stopped_where_each_alone_is_not(ledger: Ledger) -> None:
    do(ledger, bill(2, "A", 30000), FINANCE)
    do(ledger, bill(3, "B", 20000), FINANCE)
    with pytest.raises(Refused, match=r"group of 客户1 uses 50,000\.00 CNY in all.*limit of 50,000\.00"):
        do(ledger, bill(3, "C", 1), FINANCE)
    do(ledger, bill(4, "D", 50000), FINANCE)
    with pytest.raises(Refused) as refused:
        do(ledger, bill(3, "C", 1), replace(LEAD, role=Role.FINANCE))
    assert "50,000" not in refused.value.say("en")
    assert "客户1" not in refused.value.say("zh")


def test_a_family_stopped_in_one_currency_is_stopped_in_all(ledger: Ledger) -> None:
    """CNY: 50,000 of 50,000, so the daughter's bill of 6,000 USD is one too many; she owes nothing in USD."""
    do(ledger, bill(2, "A", 30000), FINANCE)
    do(ledger, bill(3, "B", 20000), FINANCE)
    with pytest.raises(Refused, match=r"group of 客户1 is stopped in CNY: it uses 50,000\.00 of 50,000\.00"):
        do(ledger, bill(3, "C", 6000, currency="USD"), FINANCE)


def test_a_group_limit_approved_by_a_second_person_holds_while_it_lasts(ledger: Ledger) -> None:
    with pytest.raises(Refused, match="heads no group"):
        do(ledger, ProposeCredit(2, UNTIL, "x", TODAY, amount=Decimal(9), for_group=True), FINANCE)
    with pytest.raises(Refused, match="needs an amount"):
        do(ledger, ProposeCredit(1, UNTIL, "x", TODAY, for_group=True), FINANCE)
    proposal = do(ledger, ProposeCredit(1, UNTIL, "x", TODAY, amount=Decimal(100), for_group=True), FINANCE)
    do(ledger, Decide(proposal.result, "approved", None, TODAY))
    do(ledger, bill(2, "A", 60), FINANCE)
    with pytest.raises(Refused, match=r"limit of 100\.00"):
        do(ledger, bill(3, "B", 41), FINANCE)
    do(ledger, bill(3, "B", 40), FINANCE)
    assert rows(ledger, "select limit_amount from credit_standing_of([2], date '2026-06-30', timestamp '9999-12-30')") == [(50000,)]


def test_nobody_alone_takes_a_customer_out_of_a_group_that_was_billed(ledger: Ledger) -> None:
    """The group of 1, 2 and 3 uses 20,000 of 50,000; 3 leaves, joins another, or has its joining undone: each would give more room."""
    joined = do(ledger, ChangeCustomer(3, (("parent_id", 2),), today=TODAY))
    do(ledger, bill(3, "B", 20000), FINANCE)
    for command in (ChangeCustomer(3, (("parent_id", None),), today=TODAY), ChangeCustomer(3, (("parent_id", 4),), TODAY, TODAY)):
        with pytest.raises(Refused, match=r"客户3 leaving its group .* takes two"):
            do(ledger, command)
    with pytest.raises(Refused, match="客户3 leaving its group"):
        do(ledger, Undo(joined.change_id, TODAY))
    do(ledger, ChangeCustomer(3, (("region", "x"),), today=TODAY))
    slip = do(ledger, ChangeCustomer(4, (("parent_id", 1),), today=TODAY))
    do(ledger, Undo(slip.change_id, TODAY))


def test_two_people_take_a_customer_out_of_its_group(ledger: Ledger) -> None:
    with pytest.raises(Refused, match="no group to leave"):
        do(ledger, ProposeLeaving(1, "x", TODAY), FINANCE)
    do(ledger, bill(3, "B", 20000), FINANCE)
    proposal = do(ledger, ProposeLeaving(3, "股权已转让", TODAY), FINANCE)
    left = do(ledger, Decide(proposal.result, "approved", None, TODAY))
    heads = "select customer_id from family_of([1], date '2026-06-30', timestamp '9999-12-30') order by all"
    assert rows(ledger, heads) == [(1,), (2,)]
    do(ledger, Undo(left.change_id, TODAY))
    assert rows(ledger, heads) == [(1,), (2,), (3,)]


def test_a_family_says_whether_all_of_it_is_in_sight(ledger: Ledger) -> None:
    """The manager sees 1, 2 and 3; the lead of them only 3."""
    found = {who: query.rows(ledger, who, "family", as_of=TODAY, customer_id=3) for who in (MANAGER, LEAD)}
    assert [(row["customer_id"], row["is_whole"]) for row in found[MANAGER]] == [(1, True), (2, True), (3, True)]
    assert [(row["customer_id"], row["is_whole"]) for row in found[LEAD]] == [(3, False)]


def test_a_customer_never_stands_above_itself(ledger: Ledger) -> None:
    for customer_id, parent_id in ((1, 1), (1, 2)):
        with pytest.raises(Refused, match="below itself"):
            do(ledger, ChangeCustomer(customer_id, (("parent_id", parent_id),)))
    with pytest.raises(NotFound):
        do(ledger, ChangeCustomer(4, (("parent_id", 1),)), replace(LEAD, role=Role.MANAGER))
    left = do(ledger, ChangeCustomer(2, (("parent_id", None),)))
    do(ledger, ChangeCustomer(1, (("parent_id", 2),)))
    with pytest.raises(Conflict, match="family_circle"):
        do(ledger, Undo(left.change_id))


def test_a_family_of_three_floors_has_one_head(ledger: Ledger) -> None:
    do(ledger, ChangeCustomer(4, (("parent_id", 3),)))
    sql = "select customer_id, head_id from family_of([4], date '2026-06-30', timestamp '9999-12-30') order by all"
    assert rows(ledger, sql) == [(1, 1), (2, 1), (3, 1), (4, 1)]
    assert rows(ledger, sql.replace("[4]", "[99]")) == []
