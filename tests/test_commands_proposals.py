"""Two pairs of eyes: what is proposed, who may decide it, what an approval brings about, and what undoing cannot get around."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import facts
import ledgers
import pytest

from lib.commands.proposals import Decide, ProposeCredit, Withdraw
from lib.commands.receivables import RecordInvoice
from lib.commands.undo import Undo
from lib.domain.access import Actor, Role, Scope
from lib.errors import Conflict, Forbidden, NotFound, Refused
from lib.store.door import Command, Receipt, execute
from lib.store.ledger import Ledger

TODAY = date(2026, 6, 30)
UNTIL = date(2026, 7, 31)
FINANCE = Actor(1, "u1", Role.FINANCE, Scope.ALL)
MANAGER = Actor(2, "u2", Role.MANAGER, Scope.ALL)
SECOND = Actor(3, "u3", Role.MANAGER, Scope.ALL)


def stopped(ledger: Ledger) -> None:
    for person in (FINANCE, MANAGER, SECOND):
        ledger.jot(
            "insert into app_user values ($id, $name, $name, 'manager', 'all', 'north', 'zh', null, null, true, 1)",
            {"id": person.user_id, "name": person.name},
        )
    facts.customer(ledger, 1, owner_id=2)
    facts.invoice(ledger, 10, date(2026, 1, 1), date(2026, 1, 31), 2000)


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with ledgers.fresh(stopped) as opened:
        yield opened


def do(ledger: Ledger, command: Command, actor: Actor = FINANCE) -> Receipt:
    return execute(ledger, actor, command)


def release(ledger: Ledger, actor: Actor = FINANCE, **more: Any) -> int:
    result: int = do(ledger, ProposeCredit(1, UNTIL, "已谈妥", TODAY, **more), actor).result
    return result


def state(ledger: Ledger, as_of: date = TODAY) -> str:
    sql = "select credit_state from credit_standing_of([1], $as_of::date, timestamp '9999-12-30')"
    row = ledger.cursor().execute(sql, {"as_of": as_of}).fetchone()
    assert row is not None
    return str(row[0])


def test_approved_release_lets_bills_out_until_its_last_day(ledger: Ledger) -> None:
    assert state(ledger) == "stop"
    do(ledger, Decide(release(ledger), "approved", None, TODAY), MANAGER)
    assert [state(ledger, day) for day in (TODAY - timedelta(days=1), TODAY, UNTIL, UNTIL + timedelta(days=1))] == [
        "stop",
        "released",
        "released",
        "stop",
    ]
    do(ledger, RecordInvoice(1, "A", TODAY, Decimal(5), UNTIL, today=TODAY))


def test_approved_limit_is_the_customers_own(ledger: Ledger) -> None:
    do(ledger, Decide(release(ledger, amount=Decimal(2100)), "approved", None, TODAY), MANAGER)
    row = ledger.cursor().execute("select limit_amount from credit_standing_of([1], date '2026-06-30', timestamp '9999-12-30')").fetchone()
    assert row == (Decimal(2100),)


def test_rejected_changes_nothing_and_says_why(ledger: Ledger) -> None:
    proposal_id = release(ledger)
    with pytest.raises(Refused, match="Note"):
        do(ledger, Decide(proposal_id, "rejected", " ", TODAY), MANAGER)
    do(ledger, Decide(proposal_id, "rejected", "先还旧账", TODAY), MANAGER)
    assert state(ledger) == "stop"
    assert ledger.cursor().execute("select note from decision").fetchall() == [("先还旧账",)]


@pytest.mark.parametrize("outcome", ["approved", "rejected"])
def test_the_author_never_decides(ledger: Ledger, outcome: str) -> None:
    proposal_id = release(ledger, MANAGER)
    with pytest.raises(Forbidden, match="another manager"):
        do(ledger, Decide(proposal_id, outcome, "x", TODAY), MANAGER)
    do(ledger, Decide(proposal_id, outcome, "x", TODAY), SECOND)


def test_a_role_without_the_permission_decides_nothing(ledger: Ledger) -> None:
    with pytest.raises(Forbidden):
        do(ledger, Decide(release(ledger, MANAGER), "approved", None, TODAY), FINANCE)


def test_the_author_cannot_bring_an_approval_back_that_was_undone(ledger: Ledger) -> None:
    """The manager proposes, the second one approves and takes it back; redoing it would be approving one's own."""
    proposal_id = release(ledger, MANAGER)
    approved = do(ledger, Decide(proposal_id, "approved", None, TODAY), SECOND)
    undone = do(ledger, Undo(approved.change_id), SECOND)
    assert state(ledger) == "stop"
    with pytest.raises(Conflict, match="own_decision"):
        do(ledger, Undo(undone.change_id), MANAGER)
    do(ledger, Undo(undone.change_id), SECOND)
    assert state(ledger) == "released"


def test_a_proposal_that_was_decided_cannot_be_undone_beneath_its_decision(ledger: Ledger) -> None:
    proposed = do(ledger, ProposeCredit(1, UNTIL, "已谈妥", TODAY))
    decided = do(ledger, Decide(proposed.result, "approved", None, TODAY), MANAGER)
    with pytest.raises(Conflict, match="decision_of_proposal"):
        do(ledger, Undo(proposed.change_id))
    do(ledger, Undo(decided.change_id), MANAGER)
    do(ledger, Undo(proposed.change_id))
    assert ledger.cursor().execute("select count(*) from proposal where retired_at = '9999-12-31'").fetchone() == (0,)


def test_one_decision_each(ledger: Ledger) -> None:
    proposal_id = release(ledger)
    do(ledger, Decide(proposal_id, "rejected", "否", TODAY), MANAGER)
    with pytest.raises(Conflict, match="u2 decided on 2026-06-30: rejected"):
        do(ledger, Decide(proposal_id, "approved", None, TODAY), SECOND)


def test_only_the_author_withdraws_and_then_it_is_decided(ledger: Ledger) -> None:
    proposal_id = release(ledger)
    with pytest.raises(Forbidden, match="u1"):
        do(ledger, Withdraw(proposal_id, TODAY), MANAGER)
    do(ledger, Withdraw(proposal_id, TODAY))
    with pytest.raises(Conflict, match="withdrawn"):
        do(ledger, Decide(proposal_id, "approved", None, TODAY), MANAGER)


def test_the_same_is_not_proposed_twice_while_it_waits(ledger: Ledger) -> None:
    release(ledger)
    with pytest.raises(Refused, match=r"waiting already \(2026-06-30, u1\)"):
        release(ledger, MANAGER)
    release(ledger, amount=Decimal(9))


@pytest.mark.parametrize(
    ("more", "about"), [({"until_on": date(2026, 6, 29)}, "until_on"), ({"reason": " "}, "reason"), ({"amount": Decimal(0)}, "amount")]
)
def test_bad_fields_are_refused_beside_their_field(ledger: Ledger, more: dict[str, Any], about: str) -> None:
    with pytest.raises(Refused) as refused:
        do(ledger, ProposeCredit(**{"customer_id": 1, "until_on": UNTIL, "reason": "x", "today": TODAY, **more}))
    assert refused.value.values["about"] == about


def test_what_is_over_cannot_be_approved(ledger: Ledger) -> None:
    proposal_id = release(ledger)
    with pytest.raises(Refused, match="is over"):
        do(ledger, Decide(proposal_id, "approved", None, UNTIL + timedelta(days=1)), MANAGER)


def test_nobody_decides_about_customers_out_of_sight(ledger: Ledger) -> None:
    ledger.jot("update app_user set scope = 'own' where user_id = $id", {"id": 3})
    with pytest.raises(NotFound):
        do(ledger, Decide(release(ledger), "approved", None, TODAY), SECOND)


def test_a_decision_is_one_change_in_the_audit(ledger: Ledger) -> None:
    receipt = do(ledger, Decide(release(ledger), "approved", "好", TODAY), MANAGER)
    tables = [
        table
        for table in ("decision", "credit_override")
        if ledger.cursor().execute(f"select 1 from {table} where change_id = $id", {"id": receipt.change_id}).fetchall()
    ]
    assert tables == ["decision", "credit_override"]
    audit = ledger.cursor().execute("select command, customer_id, user_id from audit where change_id = $id", {"id": receipt.change_id})
    assert audit.fetchall() == [("Decide", 1, 2)]
