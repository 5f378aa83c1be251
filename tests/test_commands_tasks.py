"""Tasks moved, customers handed over, contacts kept: who may, what goes along, what is refused, and that it all can be undone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import facts
import ledgers
import pytest

from lib.commands.complaints import RecordComplaint
from lib.commands.contacts import KeepContact
from lib.commands.hand_over import HandOver
from lib.commands.service import CompleteTask, RecordInteraction, RecordScore
from lib.commands.tasks import MoveTask
from lib.commands.undo import Undo
from lib.domain.access import Actor, Role, Scope
from lib.errors import Forbidden, NotFound, Refused
from lib.metrics import measure
from lib.store.door import Command, Receipt, execute
from lib.store.ledger import Ledger

TODAY = date(2026, 6, 30)
SOON = TODAY + timedelta(days=3)
LEAD = Actor(11, "林", Role.LEAD, Scope.TEAM, ("north",))
MANAGER = Actor(15, "经", Role.MANAGER, Scope.ALL)
COLLEAGUE, SOUTH, FINANCE = 12, 13, 14
PEOPLE = """
    insert into app_user (user_id, username, name, role, scope, team, language, is_active, clearance) values
        (11, 'lin', '林', 'lead', 'team', 'north', 'zh', true, 0), (12, 'he', '何', 'lead', 'own', 'north', 'zh', true, 0),
        (13, 'nan', '南', 'lead', 'own', 'south', 'zh', true, 0), (14, 'cai', '财', 'finance', 'all', 'office', 'zh', true, 1),
        (15, 'jing', '经', 'manager', 'all', 'office', 'zh', true, 1);
    insert into user_team values (11, 'north')
"""


def peopled(ledger: Ledger) -> None:
    with ledger.transaction() as cursor:
        cursor.execute(PEOPLE)
    for customer_id, owner_id in ((1, 11), (2, 11), (3, SOUTH)):
        facts.customer(ledger, customer_id, owner_id=owner_id)


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with ledgers.fresh(peopled) as opened:
        yield opened


def do(ledger: Ledger, command: Command, who: Actor = LEAD) -> Receipt:
    return execute(ledger, who, command)


def live(ledger: Ledger, table: str, columns: str, where: str = "true") -> list[tuple[Any, ...]]:
    sql = f"select {columns} from {table} where {where} and retired_at = timestamp '9999-12-31' order by record_id"
    return ledger.cursor().execute(sql).fetchall()


def open_tasks(ledger: Ledger) -> list[tuple[Any, ...]]:
    return sorted(live(ledger, "activity", "customer_id, subject, due_on, owner_id", "kind = 'task' and done_on is null"), key=str)


def task_id(ledger: Ledger, subject: str) -> int:
    ((found,),) = live(ledger, "activity", "activity_id", f"kind = 'task' and subject = '{subject}'")
    return int(found)


def test_a_task_is_put_off_handed_on_and_put_back_by_an_undo(ledger: Ledger) -> None:
    do(ledger, RecordInteraction(1, TODAY, TODAY, "谈了对账", next_on=TODAY))
    number = task_id(ledger, "谈了对账")
    moved = do(ledger, MoveTask(number, TODAY, SOON, 15))
    assert open_tasks(ledger) == [(1, "谈了对账", SOON, 15)]
    with pytest.raises(Refused, match="Neither"):
        do(ledger, MoveTask(number, TODAY, SOON))
    for bad, why in (
        ({"due_on": TODAY - timedelta(days=1)}, "has passed"),
        ({"owner_id": FINANCE}, "active"),
        ({"owner_id": SOUTH}, "see"),
    ):
        with pytest.raises(Refused, match=why):
            do(ledger, MoveTask(number, TODAY, **bad))
    do(ledger, Undo(moved.change_id, TODAY))
    assert open_tasks(ledger) == [(1, "谈了对账", TODAY, 11)]
    do(ledger, CompleteTask(number, TODAY, TODAY))
    with pytest.raises(NotFound):
        do(ledger, MoveTask(number, TODAY, SOON))


@pytest.mark.parametrize(("days_late", "in_time"), [(0, 1), (1, 0)])
def test_a_task_put_off_once_it_was_late_stays_late(ledger: Ledger, days_late: int, in_time: int) -> None:
    ledger.clock = lambda: datetime(2026, 6, 30, 2)
    do(ledger, RecordInteraction(1, TODAY, TODAY, "谈了对账", next_on=TODAY))
    number, later = task_id(ledger, "谈了对账"), TODAY + timedelta(days=days_late)
    ledger.clock = lambda: datetime(2026, 6, 30, 3) + timedelta(days=days_late)
    do(ledger, MoveTask(number, later, SOON))
    ledger.clock = lambda: datetime(2026, 7, 3, 2)
    do(ledger, CompleteTask(number, SOON, SOON))
    (found,) = measure(ledger, MANAGER, ["tasks_in_time_rate"], SOON, weeks=1)
    assert (found.numerator, found.denominator) == (in_time, 1)


def test_a_day_that_a_rule_gave_is_not_moved_but_a_colleague_may_take_the_task(ledger: Ledger) -> None:
    """A low score's call-back is due by the rule: moved away, it would never be late."""
    number = do(ledger, RecordScore(1, "nps", 2, TODAY, TODAY)).result["task_id"]
    with pytest.raises(Refused, match="cannot be moved"):
        do(ledger, MoveTask(number, TODAY, TODAY + timedelta(days=30)))
    ((_, _, _, caller),) = open_tasks(ledger)
    do(ledger, MoveTask(number, TODAY, owner_id=11))
    assert (caller, [row[3] for row in open_tasks(ledger)]) == (15, [11])


def test_customers_go_to_a_colleague_with_what_is_open_and_back_by_an_undo(ledger: Ledger) -> None:
    do(ledger, RecordInteraction(1, TODAY, TODAY, "谈了对账", next_on=SOON))
    do(ledger, RecordInteraction(2, TODAY, TODAY, "经理自己跟", next_on=SOON), MANAGER)
    do(ledger, RecordComplaint(1, TODAY, TODAY, "发错货", 1))
    handed = do(ledger, HandOver((1, 2), COLLEAGUE, TODAY, "月底前别催款"))
    assert handed.result == 2
    owners = live(ledger, "customer_record", "customer_id, from_on, owner_id", "customer_id < 3 and until_on = date '9999-12-31'")
    assert owners == [(1, TODAY, COLLEAGUE), (2, TODAY, COLLEAGUE)], "what was before today stays the predecessor's"
    assert open_tasks(ledger) == [
        (1, "月底前别催款", TODAY, COLLEAGUE),
        (1, "谈了对账", SOON, COLLEAGUE),
        (2, "月底前别催款", TODAY, COLLEAGUE),
        (2, "经理自己跟", SOON, 15),
    ]
    assert live(ledger, "case_file", "owner_id") == [(COLLEAGUE,)]
    with pytest.raises(Refused, match="already"):
        do(ledger, HandOver((1,), COLLEAGUE, TODAY))
    do(ledger, Undo(handed.change_id, TODAY))
    assert live(ledger, "customer_record", "owner_id", "customer_id < 3") == [(11,), (11,)]
    assert [row[3] for row in open_tasks(ledger)] == [15, 11] or [row[3] for row in open_tasks(ledger)] == [11, 15]
    assert live(ledger, "case_file", "owner_id") == [(11,)]


def test_nothing_is_handed_out_of_ones_own_sight_or_to_who_serves_nobody(ledger: Ledger) -> None:
    with pytest.raises(Forbidden, match="colleagues whose customers you see"):
        do(ledger, HandOver((1,), SOUTH, TODAY))
    with pytest.raises(NotFound):
        do(ledger, HandOver((1, 3), COLLEAGUE, TODAY))
    with pytest.raises(Refused, match="active lead or manager"):
        do(ledger, HandOver((1,), FINANCE, TODAY), MANAGER)
    assert do(ledger, HandOver((1,), SOUTH, TODAY), MANAGER).result == 1


def test_a_contact_is_added_put_right_and_kept_out_of_the_audit(ledger: Ledger) -> None:
    first = do(ledger, KeepContact(1, "王总", job="总经理", phone="13800138000")).result
    second = do(ledger, KeepContact(1, "李会计", role="finance", is_primary=True)).result
    assert live(ledger, "contact", "name, is_primary") == [("李会计", True), ("王总", False)]
    put_right = do(ledger, KeepContact(1, "", phone="13900139000", contact_id=first))
    assert live(ledger, "contact", "name, title, phone", f"contact_id = {first}") == [("王总", "总经理", "13900139000")]
    with pytest.raises(NotFound):
        do(ledger, KeepContact(2, "张三", contact_id=second))
    with pytest.raises(Refused, match="must not be empty"):
        do(ledger, KeepContact(1, " "))
    with pytest.raises(Refused, match="address"):
        do(ledger, KeepContact(1, "王总", email="wang@example.com\r\nBcc: other@example.com"))
    do(ledger, Undo(put_right.change_id, TODAY))
    assert live(ledger, "contact", "phone", f"contact_id = {first}") == [("13800138000",)]
    ((told,),) = ledger.cursor().execute("select string_agg(detail, '') from audit").fetchall()
    assert not [word for word in ("王总", "13800138000", "李会计") if word in told]
