"""Attacks on the receivables: what was possible to read, write or undo beyond one's right, each a test before it was mended."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import facts
import ledgers
import pytest

from lib.commands import Command
from lib.commands.agreements import ChangeAgreement, EndAgreement, RecordAgreement
from lib.commands.bank import MatchLine
from lib.commands.billing import DraftPeriods, DropDrafts, RecordDraft, SkipPeriod
from lib.commands.closing import ClosePeriod, ReopenPeriod
from lib.commands.collect import EndHold, SendReminders
from lib.commands.company import ConfirmBankDetails, DescribeCompany, DropBankDetails
from lib.commands.corrections import VoidInvoice
from lib.commands.disputes import OpenDispute, SettleDispute
from lib.commands.messages import CancelMessage, ClaimMessage, NoteDelivery, QueueMessage
from lib.commands.plans import CancelPlan, RecordPlan
from lib.commands.promises import CancelPromise, RecordPromise
from lib.commands.proposals import Decide, ProposeCredit, Withdraw
from lib.commands.rates import SetRates, SettleAcross
from lib.commands.receivables import Allocate, RecordInvoice
from lib.commands.undo import Undo
from lib.domain.access import Actor, Permission, Role, Scope
from lib.domain.bills import Line
from lib.domain.exchange import Rate
from lib.domain.sender import Sender, sender
from lib.errors import Forbidden, NotFound, Refused
from lib.store.door import Receipt, execute
from lib.store.ledger import Ledger
from lib.store.query import catalog, rows
from lib.store.settings import settings

TODAY = date(2026, 6, 30)
FINANCE = Actor(1, "u1", Role.FINANCE, Scope.ALL, clearance=1)
MANAGER = Actor(2, "u2", Role.MANAGER, Scope.ALL, clearance=1)
VIEWER = Actor(3, "u3", Role.VIEWER, Scope.ALL, clearance=-1)
TEAM_FINANCE = Actor(5, "u5", Role.FINANCE, Scope.TEAM, ("north",), clearance=1)
SECOND = Actor(6, "u6", Role.MANAGER, Scope.ALL, clearance=1)
COMPLIANCE = Actor(4, "u4", Role.COMPLIANCE, Scope.ALL, clearance=2)
AGENT = "密探张三"


def indebted(ledger: Ledger) -> None:
    for who in (FINANCE, MANAGER, VIEWER, COMPLIANCE, TEAM_FINANCE, SECOND):
        ledger.jot(
            "insert into app_user values ($id, $name, $name, $role, $scope, 'north', 'zh', null, null, true, $clearance)",
            {"id": who.user_id, "name": who.name, "role": who.role.value, "scope": who.scope.value, "clearance": who.clearance},
        )
    facts.customer(ledger, 1, owner_id=2, secrecy=2)
    contact = {"contact_id": 1, "customer_id": 1, "name": AGENT, "email": "spy@example.com", "phone": "13800138000"}
    facts.insert(ledger, "contact", {**contact, "is_primary": True, "do_not_contact": False})
    facts.invoice(ledger, 10, date(2026, 1, 1), date(2026, 1, 31), 2000)


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    """A secret customer with one contact and 2,000 overdue."""
    with ledgers.fresh(indebted) as opened:
        yield opened


def do(ledger: Ledger, command: Command, actor: Actor = FINANCE) -> Receipt:
    return execute(ledger, actor, command)


def bank_line(ledger: Ledger, amount: int = 100) -> None:
    line = {"line_id": 1, "account": "A", "on_date": date(2026, 6, 1), "amount": amount, "currency": "CNY", "place": 1}
    facts.insert(ledger, "bank_line", {**line, "payer": "某人", "payer_account": "6222000011112222"})


def part(amount: str, adjustment: str = "0") -> MatchLine:
    return MatchLine(1, 1, TODAY, ((10, Decimal(amount)),), adjustment=Decimal(adjustment), reason="零头")


NO_MONEY = [
    part("0.005"),
    part("NaN"),
    part("Infinity"),
    part("100.01", adjustment="0.005"),
    part("100", adjustment="NaN"),
    RecordPlan(1, TODAY, ((date(2026, 7, 1), Decimal("1000.004")), (date(2026, 8, 1), Decimal("999.996")))),
    RecordPlan(1, TODAY, ((date(2026, 7, 1), Decimal("NaN")), (date(2026, 8, 1), Decimal(1)))),
    RecordPlan(1, TODAY, ((date(2026, 7, 1), Decimal("1e30")), (date(2026, 8, 1), Decimal(1)))),
    RecordPromise(1, date(2026, 7, 1), TODAY, amount=Decimal("NaN")),
    OpenDispute(1, (10,), "price", TODAY, amount=Decimal("NaN")),
    OpenDispute(1, (10,), "price", TODAY, amount=Decimal("1e40")),
]


@pytest.mark.parametrize("command", NO_MONEY, ids=lambda command: type(command).__name__)
def test_what_is_no_amount_in_cents_is_refused(ledger: Ledger, command: Command) -> None:
    """Half a cent on an invoice was rounded up, and so was the rest on account: 100.01 came of a line of 100."""
    bank_line(ledger)
    with pytest.raises(Refused):
        do(ledger, command)
    assert ledger.cursor().execute("select count(*) from posting where kind <> 'invoice'").fetchone() == (0,)


def test_who_may_not_issue_a_credit_note_cannot_undo_or_redo_one(ledger: Ledger) -> None:
    """Settling a dispute takes no right to money, but the credit note with it does: a manager could take it off again."""
    (case_id,) = do(ledger, OpenDispute(1, (10,), "price", TODAY)).result
    settled = do(ledger, SettleDispute(case_id, "accepted", "已核实", TODAY, Decimal(100)))
    with pytest.raises(Forbidden):
        do(ledger, Undo(settled.change_id), MANAGER)
    undone = do(ledger, Undo(settled.change_id))
    with pytest.raises(Forbidden):
        do(ledger, Undo(undone.change_id), MANAGER)
    do(ledger, Undo(undone.change_id))


def remind(ledger: Ledger) -> int:
    do(ledger, SendReminders(((1, "CNY"),), TODAY, by="email"))
    (message,) = rows(ledger, FINANCE, "messages", as_of=TODAY)
    return int(message["message_id"])


def test_a_sent_message_cannot_be_made_unsent(ledger: Ledger) -> None:
    """Undoing what was noted, then the claim, put it back into the outbox to go out twice, or away without a trace."""
    message_id = remind(ledger)
    claimed = do(ledger, ClaimMessage(message_id))
    noted = do(ledger, NoteDelivery(message_id, is_sent=True))
    for change in (noted, claimed):
        with pytest.raises(Refused, match="cannot be undone"):
            do(ledger, Undo(change.change_id))
    (message,) = rows(ledger, FINANCE, "messages", as_of=TODAY)
    assert message["delivery"] == "sent"


def test_a_reminder_names_the_contact_of_a_secret_customer_to_nobody_else(ledger: Ledger) -> None:
    remind(ledger)

    def told(actor: Actor) -> str:
        return str(rows(ledger, actor, "customer_timeline", customer_id=1, as_of=TODAY))

    assert AGENT in told(COMPLIANCE)
    assert AGENT not in told(FINANCE) + told(VIEWER)


@pytest.mark.parametrize("spoilt", ["do_not_contact = true", "email = 'x'"])
def test_a_refusal_names_no_contact_of_a_secret_customer(ledger: Ledger, spoilt: str) -> None:
    ledger.jot(f"update contact set {spoilt}", {})
    with pytest.raises(Refused) as refusal:
        do(ledger, QueueMessage(1, "reminder", TODAY, "a", "b"))
    assert AGENT not in str(refusal.value)


def test_the_account_a_secret_customer_pays_from_is_as_secret(ledger: Ledger) -> None:
    bank_line(ledger)
    do(ledger, MatchLine(1, 1, TODAY))
    for query in ("bank_lines", "payer_aliases"):
        shown = {actor: rows(ledger, actor, query)[0]["payer_account"] for actor in (FINANCE, COMPLIANCE)}
        assert shown == {FINANCE: "62************22", COMPLIANCE: "6222000011112222"}


@pytest.mark.parametrize("basis", ["net", "eom", "months"])
def test_a_draft_on_the_last_day_there_is_breaks_no_list(ledger: Ledger, basis: str) -> None:
    """Its due date by the terms lay in the year 10000: the billing page failed for everybody."""
    ledger.jot("update customer_record set terms_basis = $basis, terms_days = 30", {"basis": basis})
    do(ledger, RecordDraft(1, date(9999, 12, 31), (Line("租金", Decimal(1), Decimal(5)),)))
    assert rows(ledger, FINANCE, "drafts")[0]["due_on"] == date(9999, 12, 31)


def test_a_date_in_the_past_gets_around_no_credit_stop(ledger: Ledger) -> None:
    bill = RecordInvoice(1, "A", date(2025, 12, 1), Decimal(500), date(2026, 8, 1), today=TODAY)
    with pytest.raises(Refused, match="credit stop"):
        do(ledger, bill)


def test_every_form_asks_for_the_credit_stop_of_today() -> None:
    """Without today the stop is judged on the invoice's own day, which whoever fills in the form chooses."""
    calls = [
        call
        for path in (Path(__file__).parents[1] / "lib/ui").glob("*.py")
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "RecordInvoice"
    ]
    assert calls
    assert all("today" in {keyword.arg for keyword in call.keywords} for call in calls)


def test_redoing_a_bill_gets_around_no_credit_stop(ledger: Ledger) -> None:
    """Billed under a release, taken back, and brought back once the release was over."""
    release = do(ledger, ProposeCredit(1, TODAY, "年度订单", TODAY)).result
    released = do(ledger, Decide(release, "approved", None, TODAY), MANAGER)
    billed = do(ledger, RecordInvoice(1, "A", TODAY, Decimal(500), date(2026, 8, 1), today=TODAY))
    undone = do(ledger, Undo(billed.change_id, TODAY))
    do(ledger, Undo(released.change_id, TODAY), MANAGER)
    with pytest.raises(Refused, match="credit stop"):
        do(ledger, Undo(undone.change_id, TODAY))


def test_a_bill_voided_by_mistake_comes_back_unless_another_took_its_place(ledger: Ledger) -> None:
    ledger.jot("delete from posting", {})
    ledger.jot("delete from entry", {})
    first, second = (RecordInvoice(1, number, TODAY, Decimal(40000), date(2026, 8, 1), today=TODAY) for number in "AB")
    voided = do(ledger, VoidInvoice(do(ledger, first).result, "开错", TODAY))
    again = do(ledger, Undo(voided.change_id, TODAY))
    do(ledger, Undo(again.change_id, TODAY))
    do(ledger, second)
    with pytest.raises(Refused, match="credit stop"):
        do(ledger, Undo(again.change_id + 1, TODAY))


RATE = Rate("USD", TODAY, Decimal(7))
COMPANY_WIDE = [
    ClosePeriod(date(2026, 5, 31), "月结", TODAY),
    ReopenPeriod(None, "补记", TODAY),
    SetRates((RATE,), TODAY),
    DescribeCompany(Sender(name="明账公司"), TODAY),
]


@pytest.mark.parametrize("command", COMPANY_WIDE, ids=lambda command: type(command).__name__)
def test_what_holds_for_all_takes_sight_of_all(ledger: Ledger, command: Command) -> None:
    """Finance of one team closed everybody's books and set everybody's rates, though it saw one team's customers only."""
    if isinstance(command, ReopenPeriod):
        do(ledger, ClosePeriod(date(2026, 5, 31), "月结", TODAY))
    team = TEAM_FINANCE if command.permission is Permission.RECEIVABLE_WRITE else replace(MANAGER, scope=Scope.TEAM)
    whole = FINANCE if team is TEAM_FINANCE else MANAGER
    with pytest.raises(Forbidden, match="sees all customers"):
        do(ledger, command, team)
    done = do(ledger, command, whole)
    with pytest.raises(Forbidden, match="sees all customers"):
        do(ledger, Undo(done.change_id), replace(whole, scope=Scope.TEAM))


@pytest.mark.parametrize(("number", "why"), [("9" * 101, "100"), ("A\x1b[2J", "control"), ("A\u0000", "control")])
def test_a_product_number_is_a_short_text(ledger: Ledger, number: str, why: str) -> None:
    line = Line("租金", Decimal(1), Decimal(5), number)
    for command in (RecordDraft(1, TODAY, (line,)), RecordAgreement(1, "租约", 1, TODAY, (line,))):
        with pytest.raises(Refused, match=why):
            do(ledger, command)


def test_an_agreement_from_the_year_one_does_not_fill_the_ledger(ledger: Ledger) -> None:
    """It brought 24,306 periods to be billed; an end far ahead did the same with drafts."""
    line = (Line("租金", Decimal(1), Decimal(5)),)
    with pytest.raises(Refused, match="120 at most"):
        do(ledger, RecordAgreement(1, "租约", 1, date(1, 1, 1), line))
    agreed = do(ledger, RecordAgreement(1, "租约", 1, TODAY, line)).result
    with pytest.raises(Refused, match="120 at most"):
        do(ledger, ChangeAgreement(agreed, "租约", 1, date(1990, 1, 1), line))
    for command in (DraftPeriods(date(9999, 12, 31)), SkipPeriod(agreed, date(9999, 12, 30), "错")):
        with pytest.raises(Refused, match="a year ahead"):
            do(ledger, command)
    do(ledger, RecordAgreement(1, "旧约", 12, date(1950, 1, 1), line, until_on=date(1960, 1, 1)))


def account(ledger: Ledger) -> str | None:
    return sender(settings(ledger)).bank_account


def test_nobody_alone_changes_where_customers_pay_to(ledger: Ledger) -> None:
    """One manager's word put another account on every invoice, statement and reminder."""
    do(ledger, DescribeCompany(Sender(name="明账公司", bank_account="1"), TODAY), MANAGER)
    assert account(ledger) is None
    (waiting,) = rows(ledger, MANAGER, "bank_details")
    confirm = ConfirmBankDetails(waiting["policy_id"], TODAY)
    with pytest.raises(Forbidden, match="Someone else"):
        do(ledger, confirm, MANAGER)
    with pytest.raises(Forbidden):
        do(ledger, confirm, FINANCE)
    done = do(ledger, confirm, SECOND)
    assert account(ledger) == "1"
    do(ledger, DescribeCompany(Sender(name="明账公司", bank_account="2"), TODAY), MANAGER)
    assert account(ledger) == "1"
    (waiting,) = rows(ledger, MANAGER, "bank_details")
    dropped = do(ledger, DropBankDetails(waiting["policy_id"]), MANAGER)
    assert rows(ledger, MANAGER, "bank_details") == []
    do(ledger, Undo(dropped.change_id), MANAGER)
    with pytest.raises(Forbidden):
        do(ledger, ConfirmBankDetails(waiting["policy_id"], TODAY), MANAGER)
    for person in (SECOND, MANAGER):
        with pytest.raises(Refused, match="what two people settled takes two to change"):
            do(ledger, Undo(done.change_id), person)
    assert account(ledger) == "1"
    do(ledger, DescribeCompany(Sender(name="明账集团"), TODAY), MANAGER)
    assert account(ledger) == "1"
    check = catalog()["check_own_bank_details"].sql
    assert ledger.cursor().execute(check).fetchall() == []
    ledger.jot(
        "update audit set user_id = $user_id where change_id = $change_id", {"user_id": MANAGER.user_id, "change_id": done.change_id}
    )
    assert len(ledger.cursor().execute(check).fetchall()) == 1


def hidden(ledger: Ledger) -> list[tuple[int, Callable[[int], Command]]]:
    """A document of customer 1 for each command that takes its number."""
    about = {"customer_id": 1, "currency": "CNY", "amount": Decimal(5)}
    facts.payment(ledger, 11, date(2026, 2, 1), 5)
    rent = {"customer_id": 1, "currency": "CNY", "agreement_id": 1, "title": "租约", "every_months": 1, "first_on": TODAY}
    facts.insert(ledger, "agreement", rent)
    facts.insert(ledger, "invoice_draft", {**about, "draft_id": 1, "on_date": TODAY, "lines": "[]"})
    facts.insert(ledger, "promise", {**about, "promise_id": 1, "made_on": TODAY, "due_on": TODAY})
    facts.insert(ledger, "plan", {**about, "plan_id": 1, "made_on": TODAY})
    facts.insert(ledger, "hold", {"customer_id": 1, "hold_id": 1, "from_on": TODAY, "until_on": TODAY, "reason": "x"})
    facts.insert(ledger, "proposal", {**about, "proposal_id": 1, "kind": "credit_limit", "on_date": TODAY, "reason": "x", "body": "{}"})
    dispute = {"customer_id": 1, "case_id": 1, "kind": "dispute", "on_date": TODAY, "subject": "x", "severity": 3}
    facts.insert(ledger, "case_file", dispute)
    message = {"customer_id": 1, "message_id": 1, "kind": "reminder", "channel": "email", "on_date": TODAY, "language": "zh"}
    facts.insert(ledger, "message", {**message, "recipient": "a@example.com", "subject": "x", "body": "x"})
    event = {"event_id": 1, "message_id": 1, "customer_id": 1, "state": "queued", "happened_at": facts.KNOWN}
    facts.insert(ledger, "message_event", event)
    return [
        (11, lambda number: SettleAcross(number, 10, TODAY, TODAY)),
        (11, lambda number: Allocate(number, 10, TODAY, TODAY)),
        (10, lambda number: VoidInvoice(number, "x", TODAY)),
        (1, CancelMessage),
        (1, lambda number: EndAgreement(number, TODAY, "x")),
        (1, lambda number: DropDrafts((number,))),
        (1, lambda number: CancelPromise(number, "x", TODAY)),
        (1, lambda number: CancelPlan(number, "x", TODAY)),
        (1, lambda number: EndHold(number, TODAY)),
        (1, lambda number: Withdraw(number, TODAY)),
        (1, lambda number: SettleDispute(number, "rejected", "x", TODAY)),
        (do(ledger, RecordPromise(1, TODAY, TODAY, confirmed=True)).change_id, Undo),
    ]


def test_what_is_out_of_sight_answers_like_what_does_not_exist(ledger: Ledger) -> None:
    """A refusal that named the reason told whoever counted through the numbers which ones there were."""
    blind = replace(TEAM_FINANCE, scope=Scope.OWN)
    ledger.jot("update app_user set scope = 'own' where user_id = 5", {})
    for there, build in hidden(ledger):
        told = []
        for number in (there, 9999):
            with pytest.raises(NotFound) as refusal:
                do(ledger, build(number), blind)
            told.append(refusal.value.say("en").replace(str(number), "?"))
        assert told[0] == told[1], build(there)
