"""Service commands through the door: who may, whose customers, what is refused, what follows by itself.

One date: Friday 14 November 2025.

customer_id | account_no | owner | team
1           | C001       | 11    | north
2           | C002       | 12    | south
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import ledgers
import pytest

from lib.commands import complaints, contacts, customers, promises, service
from lib.commands.undo import Undo
from lib.domain.access import SYSTEM, Actor, Role, Scope
from lib.errors import Conflict, Doubtful, Forbidden, NotFound, Refused
from lib.store.door import Command, Receipt, execute
from lib.store.ledger import Ledger
from lib.store.query import rows

TODAY = date(2025, 11, 14)
LEAD = Actor(11, "林", Role.LEAD, Scope.TEAM, ("north",))
VIEWER = Actor(13, "看", Role.VIEWER, Scope.ALL)
MANAGER = Actor(15, "经", Role.MANAGER, Scope.ALL)
FINANCE = Actor(14, "财", Role.FINANCE, Scope.ALL)

TOUCH = service.RecordInteraction(1, TODAY, TODAY, "谈了对账")
SCORE = service.RecordScore(1, "nps", 9, TODAY, TODAY)
COMPLAINT = complaints.RecordComplaint(1, TODAY, TODAY, "发错货", severity=2)
PROMISE = promises.RecordPromise(1, TODAY + timedelta(days=7), TODAY)


class Clock:
    """A clock that stands still until moved."""

    def __init__(self) -> None:
        self.now = datetime(2025, 11, 14, 3)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(clock: Clock) -> Iterator[Ledger]:
    with ledgers.fresh(peopled, clock=clock) as opened:
        yield opened


def peopled(ledger: Ledger) -> None:
    with ledger.transaction() as cursor:
        for sql in (PEOPLE, CUSTOMERS, CONTACTS, INVOICES):
            cursor.execute(sql)


PEOPLE = """
insert into app_user (user_id, username, name, role, scope, team, language, is_active, clearance) values
    (11, 'lin', '林', 'lead', 'team', 'north', 'zh', true, 0),
    (12, 'nan', '南', 'lead', 'team', 'south', 'zh', true, 0),
    (13, 'kan', '看', 'viewer', 'all', null, 'zh', true, -1),
    (15, 'jing', '经', 'manager', 'all', null, 'zh', true, 1),
    (14, 'cai', '财', 'finance', 'all', null, 'zh', true, 1);
insert into user_team values (11, 'north'), (12, 'south');
"""
BORN = "timestamp '2025-01-01', 0, 1, 1, timestamp '9999-12-31'"
WRITTEN = "recorded_at, recorded_by, change_id, origin_change, retired_at"
CUSTOMERS = f"""
insert into customer_record (record_id, customer_id, from_on, until_on, account_no, name, name_key, initials, kind, book, origin, status,
    owner_id, currency, secrecy, tax_no, {WRITTEN}) values
    (1, 1, '0001-01-01', '9999-12-31', 'C001', '恒源机械', '恒源', 'hyjx', 'company', 'formal', 'corporate', 'active',
        11, 'CNY', 2, '91310000MA1', {BORN}),
    (2, 2, '0001-01-01', '9999-12-31', 'C002', '南风贸易', '南风', 'nfmy', 'company', 'formal', 'corporate', 'active',
        12, 'CNY', 0, null, {BORN});
"""
CONTACTS = f"""
insert into contact (record_id, contact_id, customer_id, name, phone, is_primary, do_not_contact, {WRITTEN}) values
    (1, 1, 1, '王', '13800138000', true, false, {BORN});
"""
INVOICES = f"""
insert into entry (record_id, entry_id, customer_id, kind, doc_no, on_date, due_on, amount, currency, {WRITTEN}) values
    (1, 1, 1, 'invoice', 'F1', '2025-09-01', '2025-10-01', 300, 'CNY', {BORN}),
    (2, 2, 1, 'invoice', 'F2', '2025-11-01', '2025-12-01', 200, 'CNY', {BORN});
insert into posting (posting_id, entry_id, customer_id, invoice_id, kind, on_date, due_on, amount, items, currency, rule,
    recorded_at, recorded_by, change_id) values
    (1, 1, 1, 1, 'invoice', '2025-09-01', '2025-10-01', 300, 1, 'CNY', 'issue', timestamp '2025-01-01', 0, 1),
    (2, 2, 1, 2, 'invoice', '2025-11-01', '2025-12-01', 200, 1, 'CNY', 'issue', timestamp '2025-01-01', 0, 1);
"""


def do(ledger: Ledger, command: Command, actor: Actor = LEAD, key: str | None = None) -> Receipt:
    return execute(ledger, actor, command, request_key=key)


def live(ledger: Ledger, table: str, columns: str) -> list[tuple[object, ...]]:
    sql = f"select {columns} from {table} where retired_at = timestamp '9999-12-31' order by record_id"
    return ledger.cursor().execute(sql).fetchall()


def test_interaction_is_kept_with_its_next_step_as_a_task(ledger: Ledger) -> None:
    do(ledger, replace(TOUCH, next_on=date(2025, 11, 17)))
    assert live(ledger, "activity", "kind, due_on, done_on, owner_id, subject") == [
        ("interaction", None, TODAY, 11, "谈了对账"),
        ("task", date(2025, 11, 17), None, 11, "谈了对账"),
    ]


@pytest.mark.parametrize(
    "command",
    [TOUCH, SCORE, COMPLAINT, PROMISE, service.RecordSuggestion(1, TODAY, TODAY, "加个夜班"), contacts.RevealContact(1, "催款电话")],
)
def test_viewer_may_write_nothing(ledger: Ledger, command: Command) -> None:
    with pytest.raises(Forbidden):
        do(ledger, command, VIEWER)


@pytest.mark.parametrize(
    "command",
    [TOUCH, SCORE, COMPLAINT, PROMISE, service.RecordSuggestion(1, TODAY, TODAY, "加个夜班"), contacts.RevealContact(1, "催款电话")],
)
def test_customer_of_another_team_is_not_found(ledger: Ledger, command: Command) -> None:
    with pytest.raises(NotFound):
        do(ledger, replace(command, customer_id=2))  # type: ignore[type-var]


@pytest.mark.parametrize(
    ("metric", "score", "is_low"),
    [("nps", 6, True), ("nps", 7, False), ("csat", 2, True), ("csat", 3, False), ("ces", 3, True), ("ces", 4, False)],
)
def test_low_score_makes_a_call_back_for_the_account_manager(ledger: Ledger, metric: str, score: int, is_low: bool) -> None:
    do(ledger, replace(SCORE, customer_id=1, metric=metric, score=score), MANAGER)
    tasks = [("task", date(2025, 11, 18), 11, "feedback", 1)] if is_low else []
    assert live(ledger, "activity", "kind, due_on, owner_id, source_kind, source_id") == tasks


def test_score_out_of_range_is_refused_with_an_offer(ledger: Ledger) -> None:
    with pytest.raises(Refused) as refusal:
        do(ledger, replace(SCORE, score=11))
    assert refusal.value.say("zh") == "NPS 是 0–10，“11”不在其中。要改成 10 吗？"
    assert live(ledger, "feedback", "score") == []


def test_undo_of_a_low_score_takes_its_task_back_too(ledger: Ledger) -> None:
    do(ledger, COMPLAINT)  # what the fixture wrote bears the number of the first change
    receipt = do(ledger, replace(SCORE, score=3))
    do(ledger, Undo(receipt.change_id))
    assert live(ledger, "feedback", "1") == live(ledger, "activity", "1") == []


@pytest.mark.parametrize(
    "command",
    [TOUCH, SCORE, COMPLAINT, replace(PROMISE, amount=Decimal(5)), service.RecordSuggestion(1, TODAY, TODAY, "加个夜班")],
)
def test_same_again_within_ten_minutes_needs_confirmation(ledger: Ledger, clock: Clock, command: Command) -> None:
    do(ledger, command)
    clock.now += timedelta(minutes=9)
    with pytest.raises(Doubtful):
        do(ledger, command)
    do(ledger, replace(command, confirmed=True))  # type: ignore[type-var]
    clock.now += timedelta(minutes=11)
    do(ledger, command)


def test_one_request_key_saves_once(ledger: Ledger) -> None:
    first, second = do(ledger, TOUCH, key="k"), do(ledger, TOUCH, key="k")
    assert (second.change_id, second.repeated) == (first.change_id, True)
    assert len(live(ledger, "activity", "1")) == 1


def test_day_to_come_is_a_plan_not_a_touch(ledger: Ledger) -> None:
    with pytest.raises(Refused, match="next follow-up"):
        do(ledger, replace(TOUCH, on_date=TODAY + timedelta(days=1)))


def test_next_step_in_the_past_is_refused(ledger: Ledger) -> None:
    with pytest.raises(Refused, match="before today"):
        do(ledger, replace(TOUCH, next_on=TODAY - timedelta(days=1)))


def test_text_is_stored_as_typed_up_to_5000_characters(ledger: Ledger) -> None:
    raw = "=cmd|'/C calc'!A1 <img src=x onerror=alert(1)> 🙂 ![x](https://evil)"
    do(ledger, replace(TOUCH, summary=raw))
    do(ledger, replace(TOUCH, summary="长" * 5000))
    assert [row[0] for row in live(ledger, "activity", "subject")] == [raw, "长" * 5000]
    with pytest.raises(Refused, match="5000"):
        do(ledger, replace(TOUCH, summary="长" * 5001))


def test_empty_summary_is_refused(ledger: Ledger) -> None:
    with pytest.raises(Refused, match="must not be empty"):
        do(ledger, replace(TOUCH, summary="  "))


def test_completed_task_says_when_and_how_and_cannot_be_completed_twice(ledger: Ledger) -> None:
    task_id = do(ledger, replace(SCORE, score=2)).result["task_id"]
    done = service.CompleteTask(task_id, TODAY, TODAY, "reached", "已致歉")
    do(ledger, done)
    assert live(ledger, "activity", "done_on, outcome, body, source_kind") == [(TODAY, "reached", "已致歉", "feedback")]
    with pytest.raises(NotFound):
        do(ledger, done)


def test_complaint_is_owned_by_the_account_manager_and_due_by_severity(ledger: Ledger) -> None:
    do(ledger, COMPLAINT, MANAGER)
    assert live(ledger, "case_file", "kind, severity, owner_id, due_on") == [("complaint", 2, 11, date(2025, 11, 19))]
    assert live(ledger, "case_event", "state, happened_at") == [("new", datetime(2025, 11, 14, 3))]


def test_complaint_due_before_it_began_shows_both_dates(ledger: Ledger) -> None:
    with pytest.raises(Refused) as refusal:
        do(ledger, replace(COMPLAINT, due_on=date(2025, 11, 13)))
    assert "2025-11-13" in refusal.value.say("zh")
    assert "2025-11-14" in refusal.value.say("zh")


def test_promise_defaults_to_what_is_overdue(ledger: Ledger) -> None:
    do(ledger, PROMISE, FINANCE)
    assert live(ledger, "promise", "amount, currency, made_on, due_on") == [(Decimal("300.00"), "CNY", TODAY, date(2025, 11, 21))]


def test_promise_for_one_invoice_defaults_to_its_open_amount(ledger: Ledger) -> None:
    do(ledger, replace(PROMISE, invoice_id=2))
    assert live(ledger, "promise", "amount, invoice_id") == [(Decimal("200.00"), 2)]


def test_promise_in_the_past_is_refused(ledger: Ledger) -> None:
    with pytest.raises(Refused, match="before today"):
        do(ledger, replace(PROMISE, due_on=TODAY - timedelta(days=1)))


@pytest.mark.parametrize("odd", [{"due_on": TODAY + timedelta(days=91)}, {"amount": Decimal("500.01")}])
def test_promise_that_looks_like_a_slip_needs_confirmation(ledger: Ledger, odd: dict[str, object]) -> None:
    with pytest.raises(Doubtful):
        do(ledger, replace(PROMISE, **odd))
    do(ledger, replace(PROMISE, **odd, confirmed=True))


def test_a_promise_on_top_of_another_is_doubted_when_more_is_promised_than_is_owed(ledger: Ledger) -> None:
    """500 open, 300 of it overdue and promised: 200 more fit, 201 do not unless confirmed; a promise taken back makes room."""
    first = do(ledger, PROMISE).result
    later = replace(PROMISE, due_on=TODAY + timedelta(days=20))
    with pytest.raises(Doubtful, match=r"300\.00 CNY is promised already \(next by 2025-11-21\).* more than the 500\.00 open"):
        do(ledger, replace(later, amount=Decimal(201)))
    do(ledger, replace(later, amount=Decimal(200)))
    with pytest.raises(Doubtful):
        do(ledger, replace(PROMISE, invoice_id=2, due_on=TODAY + timedelta(days=3), amount=Decimal("200.01")))
    do(ledger, replace(later, amount=Decimal(201), confirmed=True))
    for number in (first, first + 1, first + 2):
        do(ledger, promises.CancelPromise(number, "改口", TODAY))
    do(ledger, replace(PROMISE, amount=Decimal(500)))


def test_nothing_open_is_nothing_to_promise(ledger: Ledger) -> None:
    with pytest.raises(Refused, match="nothing to promise"):
        do(ledger, replace(PROMISE, customer_id=2), FINANCE)


def test_invoice_of_someone_else_cannot_be_promised(ledger: Ledger) -> None:
    with pytest.raises(Refused, match="not this customer's"):
        do(ledger, replace(PROMISE, customer_id=2, invoice_id=1), FINANCE)


def test_cancelled_promise_stays_on_record_with_its_reason(ledger: Ledger) -> None:
    promise_id = do(ledger, PROMISE).result
    do(ledger, promises.CancelPromise(promise_id, "客户改口", TODAY))
    assert live(ledger, "promise", "cancelled_on, note, amount") == [(TODAY, "客户改口", Decimal("300.00"))]
    with pytest.raises(NotFound):
        do(ledger, promises.CancelPromise(promise_id, "再取消", TODAY))


def test_reveal_needs_a_reason_and_leaves_one_in_the_audit_without_the_data(ledger: Ledger) -> None:
    with pytest.raises(Refused):
        do(ledger, contacts.RevealContact(1, "看看"))
    shown = do(ledger, contacts.RevealContact(1, "催收需要电话")).result
    assert (shown["tax_no"], shown["contacts"][0]["phone"]) == ("91310000MA1", "13800138000")
    (row,) = ledger.cursor().execute("select command, subject, detail from audit").fetchall()
    assert row[:2] == ("RevealContact", "customer C001")
    assert "催收需要电话" in row[2]
    assert "13800138000" not in row[2]


def test_a_doubt_is_a_conflict() -> None:
    assert issubclass(Doubtful, Conflict)


def test_history_stays_with_the_customer_whatever_number_it_gets(ledger: Ledger) -> None:
    """The freed number goes to another customer, whose history is its own."""
    first = do(ledger, TOUCH).change_id
    do(ledger, customers.ChangeCustomer(1, (("account_no", "NEW-1"),)), MANAGER)
    other = do(ledger, customers.RegisterCustomer("另一家", account_no="C001", confirmed=True), MANAGER)
    asked = {"most": 50}
    told = rows(ledger, SYSTEM, "changes_of_customer", customer_id=1, **asked)
    assert first in {row["change_id"] for row in told}
    assert {row["command"] for row in rows(ledger, SYSTEM, "changes_of_customer", customer_id=other.result, **asked)} == {
        "RegisterCustomer"
    }


def test_a_change_counts_as_undone_only_while_its_undo_stands(ledger: Ledger) -> None:
    do(ledger, SCORE)  # what the fixture wrote bears the number of the first change
    change_id = do(ledger, TOUCH).change_id

    def is_undone() -> bool:
        told = rows(ledger, SYSTEM, "changes_of_customer", customer_id=1, most=50)
        return next(row["is_undone"] for row in told if row["change_id"] == change_id)

    states = [is_undone()]
    last = change_id
    for _ in range(3):
        last = do(ledger, Undo(last)).change_id
        states.append(is_undone())
    assert states == [False, True, False, True]
