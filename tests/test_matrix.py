"""Every role against everything there is: pages, commands, queries, secrecy levels; what is new joins by itself.

owner | team  | customers (secrecy 0, 1, 2)
1     | north | 1, 2, 3
2     | north | 4, 5, 6
3     | south | 7, 8, 9
"""

from __future__ import annotations

import ast
import dataclasses
import json
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, NoReturn

import facts
import ledgers
import pytest

from lib.commands import Command, every
from lib.commands.special_terms import Term
from lib.domain.access import CLEARANCE, GRANTS, Actor, Permission, Role, Scope
from lib.domain.bills import Line
from lib.domain.rating_kind import PARTS
from lib.domain.surveys import TEMPLATE
from lib.errors import Forbidden, NotFound, Refused
from lib.metrics import METRICS, measure
from lib.metrics.compile import GROUPS
from lib.store.door import execute
from lib.store.ledger import Ledger
from lib.store.query import catalog, read
from lib.term_values import VALUE
from lib.ui.shell import MENU

ROOT = Path(__file__).parents[1]
TODAY = date(2026, 6, 30)
OWNERS = {1: "north", 2: "north", 3: "south"}
CUSTOMERS = {number: (1 + (number - 1) // 3, (number - 1) % 3) for number in range(1, 10)}
"""Customer: owner and secrecy."""
EVERYBODY = frozenset(CUSTOMERS)
SEEN = {
    (Scope.OWN, 1): {1, 2, 3},
    (Scope.TEAM, 1): {1, 2, 3, 4, 5, 6},
    (Scope.TEAM, 11): {1, 2, 3, 4, 5, 6},
    (Scope.TEAM, 12): {7, 8, 9},
    (Scope.OWN, 13): set(),
    (Scope.ALL, 14): set(CUSTOMERS),
}
"""Who sees which customers: an owner, two people without customers in one team each, a stranger to both, someone who sees all."""
PERSONAL = {"tax_no", "bank_account", "phone", "email", "wechat", "address", "recipient"}
TEAMS = {12: ("south",), 14: ()}
ONCE = [
    (Actor(user_id, f"u{user_id}", Role.LEAD, scope, TEAMS.get(user_id, ("north",)), 0), seen) for (scope, user_id), seen in SEEN.items()
]
"""Which rows a query shows depends on scope alone, whichever the role."""
CLEARED = {clearance: role for role, clearance in CLEARANCE.items()}
"""One role for each clearance: what is masked depends on nothing else."""


def seed(ledger: Ledger, customers: set[int]) -> None:
    """The people, and for each customer some of everything."""
    with ledger.transaction() as cursor:
        for user_id, team in {**OWNERS, 11: "north", 12: "south", 13: "office", 14: "office"}.items():
            cursor.execute(
                "insert into app_user values (?, ?, ?, 'lead', 'all', ?, 'zh', null, null, true, 0)",
                [user_id, f"u{user_id}", f"人{user_id}", team],
            )
        cursor.execute("insert into user_team values (1, 'north'), (11, 'north'), (12, 'south')")
    for number in sorted(customers):
        owner_id, secrecy = CUSTOMERS[number]
        private = {name: f"{name}-{number}-private" for name in PERSONAL}
        facts.customer(
            ledger,
            number,
            owner_id=owner_id,
            secrecy=secrecy,
            parent_id=None if secrecy == 0 else number - secrecy,
            region=f"R{owner_id}",
            segment="S",
            tax_no=private["tax_no"],
            bank_account=private["bank_account"],
        )
        contact = {name: private[name] for name in ("phone", "email", "wechat", "address")}
        common = {"customer_id": number, "on_date": date(2026, 5, 20)}
        more = {"contact_id": number, "customer_id": number, "name": f"联系人{number}", "is_primary": True, "do_not_contact": False}
        facts.insert(ledger, "contact", {**more, **contact})
        facts.invoice(ledger, number * 10, date(2026, 3, 1), date(2026, 4, 1), 1000 * number, customer_id=number)
        facts.payment(ledger, number * 10 + 1, date(2026, 4, 9), 100 * number, number * 10)
        facts.payment(ledger, number * 10 + 2, date(2026, 4, 9), 7, customer_id=number)
        promised = {"promise_id": number, "customer_id": number, "made_on": date(2026, 5, 1), "due_on": date(2026, 6, 9)}
        facts.insert(ledger, "promise", {**promised, "amount": Decimal(5), "currency": "CNY"})
        task = {"activity_id": number, "kind": "task", "due_on": date(2026, 6, 1), "owner_id": owner_id, "subject": "回访"}
        facts.insert(ledger, "activity", {**common, **task, "source_kind": "feedback", "source_id": number * 10 + 10})
        facts.insert(ledger, "activity", {**common, **task, "activity_id": 300 + number, "source_kind": "correction", "source_id": number})
        promised_too = {"activity_id": 400 + number, "source_kind": "call_back", "source_id": number * 10 + 10}
        facts.insert(ledger, "activity", {**common, **task, **promised_too})
        for metric, top in (("nps", 10), ("csat", 5), ("ces", 7)):
            answer = {"feedback_id": number * 10 + top, "metric": metric, "score": Decimal(1), "top_score": top, "entered_by": owner_id}
            facts.insert(ledger, "feedback", {**common, **answer, "aspects": '{"price": 2}', "stage": "payment"})
        facts.insert(
            ledger,
            "case_file",
            {
                **common,
                "case_id": number,
                "kind": "complaint",
                "subject": "投诉",
                "severity": 3,
                "cause": "quality",
                "due_on": date(2026, 6, 1),
            },
        )
        agreed = {"agreement_id": number, "customer_id": number, "currency": "CNY"}
        facts.insert(ledger, "agreement", {**agreed, "title": "租约", "every_months": 1, "first_on": date(2026, 5, 1)})
        facts.insert(ledger, "agreement_line", {"agreement_id": number, "quantity": 1, "unit_price": 5, "amount": 5})
        drafted = {**agreed, "draft_id": number, "on_date": date(2026, 5, 1), "period_on": date(2026, 5, 1), "amount": 5}
        facts.insert(ledger, "invoice_draft", {**drafted, "lines": "[]"})
        gone = {**common, "entry_id": 2000 + number, "kind": "invoice", "doc_no": f"INV-2026-{number:06}", "amount": 5, "currency": "CNY"}
        facts.insert(ledger, "entry", {**gone, "retired_at": facts.KNOWN})
        event = {"event_id": number, "case_id": number, "customer_id": number, "state": "new", "happened_at": facts.KNOWN}
        facts.insert(ledger, "case_event", event)
        facts.insert(ledger, "entry_line", {"entry_id": number * 10, "description": f"项目{number}", "amount": 1000 * number})
        message = {**common, "message_id": number, "contact_id": number, "kind": "reminder", "channel": "email", "language": "zh"}
        facts.insert(ledger, "message", {**message, "recipient": private["recipient"], "subject": "催款", "body": "您好"})
        line = {"line_id": number, "account": "A", "on_date": date(2026, 4, 9), "amount": 7, "currency": "CNY", "place": number}
        facts.insert(ledger, "bank_line", line)
        failed = {"message_id": number, "customer_id": number, "happened_at": facts.KNOWN, "detail": '{"why": "refused"}'}
        facts.insert(ledger, "message_event", {**failed, "event_id": number, "state": "failed"})
        for place in range(4):  # bought every ten days, and then no more
            facts.invoice(ledger, 900_000 + 10 * number + place, date(2026, 2, 1 + 9 * place), date(2026, 7, 1), 1, customer_id=number)
        foretelling(ledger, number)
        collecting(ledger, number, common)
        deciding(ledger, number)
        serving(ledger, number)
        surveying(ledger, number)
        saying(ledger, number)
        promising(ledger, number)
        file = {"attachment_id": number, "customer_id": number, "about": "case", "about_id": number, "name": "x.pdf", "sha256": "x"}
        facts.insert(ledger, "attachment", {**file, "media_type": "application/pdf", "bytes": 1, "content": b"x"})


def saying(ledger: Ledger, number: int) -> None:
    """A comment with a score, a suggestion that waits to be decided and one whose customer was told; each was read."""
    about = {"customer_id": number, "on_date": date(2026, 5, 20)}
    answer = {"feedback_id": 300_000 + number, "metric": "nps", "score": Decimal(3), "top_score": 10, "comment": "客户说发货慢"}
    facts.insert(ledger, "feedback", {**about, **answer})
    for case_id, state in ((300_000 + number, "classified"), (400_000 + number, "told_customer")):
        facts.insert(ledger, "case_file", {**about, "case_id": case_id, "kind": "suggestion", "subject": "对账太慢"})
        told = '{"told_to": "王", "channel": "phone"}'
        step = {"event_id": case_id, "case_id": case_id, "customer_id": number, "state": state, "happened_at": datetime(2026, 6, 1, 2)}
        facts.insert(ledger, "case_event", {**step, "action": "tell" if state == "told_customer" else "classify", "detail": told})
    joined = {"event_id": 500_000 + number, "case_id": 400_000 + number, "customer_id": number, "state": "classified", "action": "join"}
    facts.insert(ledger, "case_event", {**joined, "into_case_id": 300_001, "happened_at": datetime(2026, 5, 21, 2)})
    for place, (kind, thing) in enumerate((("feedback", 300_000), ("case", 300_000), ("case", 400_000)), 1):
        read = {"reading_id": 10 * number + place, "customer_id": number, "about": kind, "about_id": thing + number}
        facts.insert(ledger, "reading", {**read, "mood": -0.5, "themes": '["delivery"]', "reader": "words", "version": 1})


def promising(ledger: Ledger, number: int) -> None:
    """What a review of the owner's customers wrote about this one: open and done actions, a decision, a topic with its vote, a signal."""
    owner_id = CUSTOMERS[number][0]
    about = {"customer_id": number, "week_on": date(2026, 6, 22), "circle": f"#{owner_id}"}
    for action_id, step in ((number, "carried"), (100 + number, "done")):
        action = {**about, "action_id": action_id, "said": "核对账目", "owner_id": owner_id, "due_on": date(2026, 6, 1), "metric": "nps"}
        facts.insert(ledger, "action_item", {**action, "said": "对账", "recorded_by": 14, "retired_at": facts.KNOWN}, action)
        taken = {"step_id": action_id, "action_id": action_id, "customer_id": number, "on_date": TODAY, "step": step}
        facts.insert(ledger, "action_step", {**taken, "week_on": about["week_on"]})
    facts.insert(ledger, "resolution", {**about, "resolution_id": number, "said": "停供", "reason": "x", "metric": "nps"})
    facts.insert(ledger, "topic", {**about, "topic_id": number, "said": "谈价格", "user_id": owner_id, "state": "open"})
    facts.insert(ledger, "topic_vote", {"vote_id": number, "topic_id": number, "user_id": owner_id})
    asked = {"explanation_id": number, "week_on": about["week_on"], "circle": about["circle"], "metric": "nps", "owner_id": owner_id}
    facts.insert(ledger, "explanation", {**asked, "said": "淡季", "cause": "season"})


def foretelling(ledger: Ledger, number: int) -> None:
    """What models foretold of the customer; the runs are the house's."""
    for run_id, model in enumerate(("purchases", "late", "groups"), 1):
        foretold = {"run_id": run_id, "customer_id": number, "score": number / 10, "amount": 10 * number, "currency": "CNY", "reason": "{}"}
        facts.insert(ledger, "model_score", {**foretold, "score_id": 100 * run_id + number})
        if not ledger.cursor().execute("select count(*) from model_run where run_id = $run_id", {"run_id": run_id}).fetchall()[0][0]:
            run = {"run_id": run_id, "model": model, "kind": "live", "fitted_on": TODAY, "until_on": date(2026, 9, 29), "version": 1}
            facts.insert(ledger, "model_run", {**run, "cases": 9, "uses": "model", "parameters": "{}", "facts_hash": "x"})


def collecting(ledger: Ledger, number: int, common: dict[str, Any]) -> None:
    """A dispute, a hold, a plan with its instalments; a reminder in a second currency in which all was paid since."""
    about = {"customer_id": number}
    facts.insert(ledger, "case_file", {**common, "case_id": 100 + number, "kind": "dispute", "subject": "争议", "amount": Decimal(3)})
    held = {"from_on": date(2026, 6, 1), "until_on": date(2026, 7, 9), "reason": "x"}
    facts.insert(ledger, "hold", {**about, **held, "hold_id": number})
    plan = {**about, "plan_id": number, "made_on": date(2026, 5, 1), "amount": Decimal(20), "currency": "CNY"}
    facts.insert(ledger, "plan", plan)
    for part in (1, 2):
        promise = {**plan, "promise_id": 100 * part + number, "due_on": date(2026, 5 + part, 25), "amount": Decimal(10)}
        facts.insert(ledger, "promise", promise)
    reminder = {"kind": "reminder", "on_date": date(2026, 6, 9), "done_on": date(2026, 6, 9), "subject": "催款"}
    facts.insert(ledger, "activity", {**about, **reminder, "activity_id": 100 + number, "ref": f"ladder:{number}:USD:2:1"})
    facts.payment(ledger, 1000 + number, date(2026, 6, 25), 8, customer_id=number, currency="USD")


def serving(ledger: Ledger, number: int) -> None:
    """A service request that waits for its first answer."""
    about = {"case_id": 200_000 + number, "customer_id": number}
    asked = {"kind": "service", "on_date": date(2026, 6, 1), "subject": "维修", "severity": 2, "owner_id": CUSTOMERS[number][0]}
    facts.insert(ledger, "case_file", {**about, **asked})
    begun = {"event_id": 200_000 + number, "state": "new", "action": "record", "happened_at": datetime(2026, 6, 1, 2)}
    facts.insert(ledger, "case_event", {**about, **begun})


def deciding(ledger: Ledger, number: int) -> None:
    """A proposal waiting and one decided, an exception, terms of its own, an invoice written off, and what a rate gained."""
    about = {"customer_id": number, "currency": "CNY"}
    dated = {"on_date": date(2026, 6, 1), "amount": Decimal(5)}
    for proposal_id in (number, 100 + number):
        proposed = {"proposal_id": proposal_id, "kind": "credit_limit", "reason": "x", "body": '{"until_on": "2026-12-31"}'}
        facts.insert(ledger, "proposal", {**about, **dated, **proposed, "recorded_by": number})
    decision = {"decision_id": number, "proposal_id": 100 + number, "customer_id": number, "on_date": TODAY, "outcome": "approved"}
    facts.insert(ledger, "decision", decision)
    excepted = {"override_id": number, "from_on": TODAY, "until_on": date(2026, 12, 31), "reason": "x"}
    facts.insert(ledger, "credit_override", {**about, **excepted, "amount": Decimal(5)})
    facts.invoice(ledger, 3000 + number, date(2026, 5, 1), date(2026, 5, 9), 5, customer_id=number)
    if number % 3 == 1:
        facts.insert(ledger, "credit_override", {**about, **excepted, "override_id": 100 + number, "amount": Decimal(9), "is_group": True})
    step = {"kind": "task", "on_date": TODAY, "due_on": TODAY, "subject": "拜访", "source_kind": "strategy", "ref": "key:7"}
    facts.insert(ledger, "activity", {"customer_id": number, **step, "activity_id": 200 + number})
    term = {"term_id": number, "kind": "service", "what": "专人", "from_on": TODAY, "until_on": date(2026, 12, 31), "reason": "x"}
    facts.insert(ledger, "special_term", {"customer_id": number, **term})
    for entry_id, kind, amount, rule in (
        (4000 + number, "write_off", -5, "write_off"),
        (5000 + number, "adjustment", 5, "exchange_difference"),
    ):
        document = {**about, **dated, "entry_id": entry_id, "kind": kind}
        facts.insert(ledger, "entry", {**document, "doc_no": f"D{entry_id}"})
        to = {"invoice_id": 3000 + number if amount < 0 else entry_id, "due_on": date(2026, 5, 9), "items": -1 if amount < 0 else 1}
        facts.insert(ledger, "posting", {**document, **to, "amount": amount, "rule": rule})


def surveying(ledger: Ledger, number: int) -> None:
    """Asked in a wave that is being sent, by phone and in writing, and in one that is over, where they answered."""
    for wave_id, states in ((1, ("frozen", "sending")), (2, ("frozen", "sending", "closed"))):
        if not ledger.cursor().execute("select count(*) from survey_wave where wave_id = $id", {"id": wave_id}).fetchall()[0][0]:
            days = {"opens_on": date(2026, 5, 1), "closes_on": TODAY, "seed": 1}
            wave = {"wave_id": wave_id, "title": f"调查{wave_id}", "metric": "nps", "audience": "relationship", "sampling": "census"}
            facts.insert(ledger, "survey_wave", {**wave, **days, "questions": TEMPLATE["nps"].kept(), "filter": "{}"})
            for at, state in enumerate(states, 1):
                event = {"event_id": 10 * wave_id + at, "wave_id": wave_id, "state": state, "happened_at": facts.KNOWN}
                facts.insert(ledger, "wave_event", event)
        asked = {"customer_id": number, "contact_id": number, "wave_id": wave_id, "language": "zh", "weight": 1.0, "stratum": "small|R"}
        for channel, invite_id in (("phone", 100 * wave_id + number), ("email", 1000 * wave_id + number)):
            facts.insert(ledger, "survey_invite", {**asked, "invite_id": invite_id, "channel": channel})
    event = {"event_id": number, "invite_id": 1000 + number, "wave_id": 1, "customer_id": number, "state": "delivered"}
    facts.insert(ledger, "invite_event", {**event, "happened_at": facts.KNOWN})
    answer = {"feedback_id": 1000 + number, "customer_id": number, "metric": "nps", "score": Decimal(9), "top_score": 10}
    facts.insert(ledger, "feedback", {**answer, "on_date": date(2026, 5, 9), "wave_id": 2, "invite_id": 200 + number})


@cache
def house(customers: frozenset[int]) -> Ledger:
    """A ledger that holds these customers and no others."""
    ledger = Ledger(":memory:")
    seed(ledger, set(customers))
    return ledger


@pytest.fixture(scope="module", autouse=True)
def closed() -> Iterator[None]:
    yield
    house.cache_clear()
    answers.cache_clear()


def as_person(ledger: Ledger, person: Actor) -> Actor:
    """The person as the ledger knows them."""
    ledger.jot(
        "update app_user set role = $role, scope = $scope, clearance = $clearance where user_id = $user_id",
        {"role": person.role, "scope": person.scope, "clearance": person.level, "user_id": person.user_id},
    )
    return person


# Pages: running each as each role is in test_pages.py; here, that none can be forgotten.


def test_every_page_file_is_on_the_menu() -> None:
    assert {path.stem for path in (ROOT / "pages").glob("*.py")} <= {page.name for page in MENU}


@pytest.mark.parametrize("page", [page for page in MENU if page.path.exists()], ids=lambda page: page.name)
def test_a_page_asks_for_what_its_menu_line_says(page: Any) -> None:
    (begin,) = [node for node in ast.walk(ast.parse(page.path.read_text("utf-8"))) if isinstance(node, ast.Call) and is_begin(node)]
    asked = [*begin.args[1:2], *(keyword.value for keyword in begin.keywords if keyword.arg == "needs")]
    assert ast.unparse(asked[0]) == f"Permission.{page.needs.name}"


def is_begin(node: ast.Call) -> bool:
    return ast.unparse(node.func) == "page.begin"


# Commands.

COMMANDS = {name: command for name, command in every().items() if command.__module__.startswith("lib.")}
SUBJECTS = {
    "proposal_id",
    "customer_id",
    "activity_id",
    "case_id",
    "case_ids",
    "promise_id",
    "entry_id",
    "message_id",
    "invoice_id",
    "agreement_id",
    "draft_id",
    "contact_id",
    "attachment_id",
    "about_id",
    "invite_id",
    "action_ids",
    "topic_id",
    "resolution_id",
}
DAYS = {"on_date": TODAY, "today": TODAY}
AGREED = {"name": "x", "every_months": 1, "first_on": date(2026, 5, 1), "lines": (Line("x", Decimal(1), Decimal(5)),)}
SAMPLES: dict[str, dict[str, Any]] = {
    "RecordInteraction": {"customer_id": 9, **DAYS, "summary": "x"},
    "RecordScore": {"customer_id": 9, **DAYS, "metric": "nps", "score": 9},
    "RecordSuggestion": {"customer_id": 9, **DAYS, "summary": "x"},
    "RecordComplaint": {"customer_id": 9, **DAYS, "summary": "x", "severity": 2},
    "CompleteTask": {"activity_id": 9, **DAYS, "outcome": None},
    "MoveTask": {"activity_id": 309, "today": TODAY, "owner_id": 14},
    "HandOver": {"customer_ids": (9,), "to_id": 14, "today": TODAY},
    "KeepContact": {"customer_id": 9, "name": "x"},
    "TellCustomer": {"activity_id": 409, "today": TODAY, "told_to": "x", "note": "x", "told_on": TODAY},
    "LogCallBack": {"activity_id": 9, "outcome": "reached", "today": TODAY, "note": "x"},
    "AskSilent": {"customer_ids": (9,), "due_on": TODAY, "today": TODAY},
    "AttachFile": {"about": "case", "about_id": 9, "name": "x.pdf", "content": b"%PDF-1.4 %%EOF"},
    "RemoveFile": {"attachment_id": 9},
    "OpenFile": {"attachment_id": 9},
    "CorrectReading": {"about": "feedback", "about_id": 300_009, "mood": "bad", "themes": ("delivery",)},
    "AdvanceSuggestions": {"case_ids": (300_009,), "action": "adopt", "today": TODAY},
    "JoinSuggestions": {"case_ids": (300_009,), "into_case_id": 400_009, "today": TODAY},
    "AdvanceComplaint": {"case_id": 9, "action": "withdraw", "today": TODAY},
    "EscalateCase": {"case_id": 9, "level": 1, "today": TODAY},
    "NoteAttempt": {"case_id": 9, "channel": "phone", "today": TODAY},
    "PlanCorrection": {"case_id": 9, "what": "x", "due_on": TODAY, "today": TODAY},
    "RecordRequest": {"customer_id": 9, **DAYS, "summary": "x", "priority": 2},
    "AdvanceRequest": {"case_id": 200009, "action": "respond", "today": TODAY},
    "RevealContact": {"customer_id": 9, "reason": "催款电话"},
    "ChangeCustomer": {"customer_id": 9, "values": (("region", "x"),)},
    "RecordPromise": {"customer_id": 9, "due_on": TODAY, "today": TODAY},
    "LogOutcome": {"customer_id": 9, "outcome": "reached", "today": TODAY},
    "HoldReminders": {"customer_id": 9, "until_on": TODAY, "reason": "x", "today": TODAY},
    "SendThanks": {"customer_id": 9, "today": TODAY},
    "RecordPlan": {"customer_id": 9, "today": TODAY, "instalments": ((TODAY, Decimal(5)), (date(2026, 7, 9), Decimal(5)))},
    "OpenDispute": {"customer_id": 9, "invoice_ids": (90,), "reason": "price", "today": TODAY},
    "SettleDispute": {"case_id": 109, "outcome": "accepted", "note": "x", "today": TODAY},
    "CancelPromise": {"promise_id": 9, "reason": "x", "today": TODAY},
    "ProposeCredit": {"customer_id": 9, "until_on": TODAY, "reason": "x", "today": TODAY},
    "ProposeLeaving": {"customer_id": 9, "reason": "x", "today": TODAY},
    "ProposeTerm": {"customer_id": 9, "term": Term("service", what="x"), "until_on": TODAY, "reason": "x", "today": TODAY},
    "ProposeWriteOff": {"customer_id": 9, "invoices": ((90, Decimal(5)),), "reason": "x", "evidence": None, "today": TODAY},
    "Decide": {"proposal_id": 9, "outcome": "approved", "note": None, "today": TODAY},
    "Withdraw": {"proposal_id": 9, "today": TODAY},
    "SettleAcross": {"entry_id": 92, "invoice_id": 90, **DAYS},
    "RecordRecovery": {"invoice_id": 3009, "amount": Decimal(5), **DAYS},
    "RecordInvoice": {"customer_id": 9, "doc_no": "N1", "on_date": TODAY, "amount": Decimal(5)},
    "RecordPayment": {"customer_id": 9, "amount": Decimal(5), **DAYS},
    "IssueCredit": {"customer_id": 9, "amount": Decimal(5), **DAYS},
    "QueueMessage": {"customer_id": 9, "kind": "reminder", "today": TODAY, "subject": "x", "body": "x"},
    "CancelMessage": {"message_id": 9},
    "RetryMessage": {"message_id": 9},
    "ClaimMessage": {"message_id": 9},
    "NoteDelivery": {"message_id": 9, "is_sent": True},
    "Allocate": {"entry_id": 92, "invoice_id": 90, **DAYS},
    "Unallocate": {"entry_id": 91, "invoice_id": 90, **DAYS},
    "RecordAgreement": {"customer_id": 9, **AGREED},
    "ChangeAgreement": {"agreement_id": 9, **AGREED},
    "EndAgreement": {"agreement_id": 9, "until_on": TODAY, "reason": "x"},
    "SkipPeriod": {"agreement_id": 9, "period_on": date(2026, 6, 1), "reason": "x"},
    "RecordDraft": {"customer_id": 9, "on_date": TODAY, "lines": AGREED["lines"]},
    "ChangeDraft": {"draft_id": 9, "on_date": TODAY, "lines": AGREED["lines"]},
    "VoidInvoice": {"invoice_id": 90, "reason": "x", "today": TODAY},
    "SettleFromAccount": {"customer_id": 9, "today": TODAY},
    "RecordRefund": {"customer_id": 9, "amount": Decimal(5), **DAYS},
    "RecordAdjustment": {"customer_id": 9, "amount": Decimal(5), "reason": "x", **DAYS},
    "RecordOpening": {"customer_id": 9, "amount": Decimal(5), **DAYS},
    "HandOverLink": {"invite_id": 1009, "channel": "wechat", "today": TODAY},
    "AnswerInvitation": {"wave_id": 1, "invite_id": 1009, "score": 9, "today": TODAY},
    "NoteInvite": {"invite_id": 109, "state": "declined"},
    "WithdrawInvite": {"invite_id": 109, "reason": "x"},
    "MatchLine": {"line_id": 9, "customer_id": 9, "today": TODAY},
    "MatchLines": {"line_ids": (9,), "customer_id": 9, "today": TODAY, "invoice_ids": (90,)},
    "MatchDocument": {"line_id": 9, "entry_id": 92, "today": TODAY},
    "RaiseAction": {"said": "x", "owner_id": 3, "due_on": TODAY, "today": TODAY, "customer_id": 9},
    "RewordAction": {"action_id": 9, "said": "x"},
    "StepAction": {"action_ids": (9,), "step": "done", "today": TODAY},
    "Resolve": {"said": "x", "reason": "x", "today": TODAY, "customer_id": 9},
    "Revisit": {"resolution_id": 9, "reason": "x", "today": TODAY},
    "RaiseTopic": {"said": "x", "today": TODAY, "customer_id": 9},
    "VoteTopic": {"topic_id": 9},
    "SettleTopic": {"topic_id": 9, "state": "dropped", "outcome": "x", "today": TODAY},
}
"""One command of each kind about customer 9."""


@pytest.mark.parametrize(
    ("name", "role"), [(name, role) for name, role in product(COMMANDS, Role) if COMMANDS[name].permission not in GRANTS[role]]
)
def test_a_role_without_the_permission_is_refused_before_any_row_is_read(name: str, role: Role, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = house(EVERYBODY)
    for door in ("transaction", "cursor"):
        monkeypatch.setattr(Ledger, door, touched)
    with pytest.raises(Forbidden):
        execute(ledger, Actor(14, "u14", role, Scope.ALL), object.__new__(COMMANDS[name]))


def touched(*_: object) -> NoReturn:
    raise AssertionError("the ledger was touched")


def test_every_command_about_a_customer_has_a_sample_here() -> None:
    about = {name for name, command in COMMANDS.items() if SUBJECTS & {field.name for field in dataclasses.fields(command)}}
    assert about <= set(SAMPLES)  # those about several customers may have one too


@pytest.fixture(scope="module")
def two_customers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed ledger with a customer in sight of person 1 and one out of it."""
    path = tmp_path_factory.mktemp("matrix") / "ledger.duckdb"
    with Ledger(path) as ledger:
        seed(ledger, {1, 9})
    return path


@pytest.mark.parametrize("name", SAMPLES)
def test_a_command_finds_no_customer_out_of_scope(name: str, two_customers: Path) -> None:
    with ledgers.fresh(like=two_customers) as ledger:
        command: Command = COMMANDS[name](**SAMPLES[name])
        role = next(role for role, granted in GRANTS.items() if command.permission in granted)
        with pytest.raises(NotFound):
            execute(ledger, as_person(ledger, Actor(1, "u1", role, Scope.OWN, ("north",))), command)
        try:
            execute(ledger, as_person(ledger, Actor(14, "u14", role, Scope.ALL)), command)
        except NotFound as refusal:
            raise AssertionError("not even who sees all may do it: the sample is wrong") from refusal
        except Refused:
            return


# Queries.

OF_THE_HOUSE = {
    "people",
    "teams",
    "changes",
    "recent_changes",
    "my_changes",
    "settings",
    "bucket_edges",
    "login_session",
    "login_person",
    "administrators",
    "bank_lines",
    "bank_totals",
    "payer_aliases",
    "settled_by_rule",
    "credit_trial",
    "ladder_trial",
    "meetings",
    "frozen_packs",
    "frozen_text",
    "recorded_since",
    "action_people",
    "takers",
}
"""Not about customers, or for who sees all of them only: tested with the pages they are for."""
ASKED = [
    name
    for name, found in catalog().items()
    if "actor_id" in found.parameters and name not in OF_THE_HOUSE and not name.startswith("check_")
]
USUAL: dict[str, Any] = {
    "as_of": TODAY,
    "by": "owner",
    "limit": 1000,
    "most": 1000,
    "period": "month",
    "search": "客户",
    "metric": "nps",
    "since": date(2026, 1, 1),
    "until": TODAY,
    "weeks": 52,
    "what": "all",
    "clock": "first",
    "from_on": date(2026, 1, 1),
    "on_date": TODAY,
    "week_on": date(2026, 6, 22),
    "audience": "relationship",
    "customer_ids": tuple(CUSTOMERS),
    "entry_ids": tuple(number * 10 for number in CUSTOMERS),
}
SOME = (1, 5, 9)
"""One customer of each owner, of each secrecy, a head of a family and two members: what is asked about one is asked about these."""
ONE_OF_MANY = {
    "customer_id": [*SOME],
    "invoice_id": [number * 10 for number in SOME],
    "account_no": [f"C{number:03}" for number in SOME],
    "agreement_id": [*SOME],
    "request_id": [200_000 + number for number in SOME],
    "case_id": [*SOME],
    "action_id": [*SOME],
}
NUMBERED = {"posting_id", "record_id"}
"""Numbers of rows, which depend on what else is in the file."""
NEEDS_ONE = {
    "complaint_card",
    "case_events",
    "service_request",
    "request_clocks",
    "agreement_lines",
    "money_on_account",
    "customer_card",
    "customer_contacts",
    "customer_timeline",
    "fellow_customers",
    "statement",
    "invoice_entries",
    "invoice_document",
    "invoice_lines",
    "statement_totals",
    "evidence_postings",
    "evidence_messages",
    "evidence_changes",
    "audit_head",
    "customer_by_account",
    "changes_of_customer",
    "debts",
    "class_of_customer",
    "due_by_terms",
    "class_play",
    "steps_of_customer",
    "credit_reasons",
    "class_reason",
    "class_rating_of_customer",
    "products_of_customer",
    "customer_invitations",
    "action_steps",
    "action_words",
}


OF_ANYONE = {"open_tasks", "complaints", "complaint_queues", "service_requests", "service_queues", "actions", "explanations"}
"""Queues of one person, or of all of them."""


@cache
def answers(customers: frozenset[int], person: Actor, name: str) -> list[list[dict[str, Any]]]:
    """A query's answers over the house of some customers, one for each subject it may be asked about."""
    ledger = house(customers)
    as_person(ledger, person)
    taken = catalog()[name].parameters
    usual = {**USUAL, "currency": "CNY"} if name in {"worklist", "due_soon", "review_overdue"} else USUAL
    usual = {**USUAL, **tried(ledger, name)} if name in TRIED else usual
    usual = {**USUAL, "wave_id": 1, "invite_id": 1001} if name in {"survey_invites", "survey_call_sheet"} else usual
    given = {key: value for key, value in {**usual, "user_id": None if name in OF_ANYONE else person.user_id}.items() if key in taken}
    subject = next((key for key in ONE_OF_MANY if key in taken), None) if name in NEEDS_ONE else None
    variants = [{subject: value} for value in ONE_OF_MANY[subject]] if subject else [{}]
    found = [read(ledger, person, name, **given, **variant).to_pylist() for variant in variants]
    return [[{key: value for key, value in row.items() if key not in NUMBERED} for row in rows] for rows in found]


OTHER = {"high": "project", "normal": "project", "low": "key", "dormant": "key"}
"""For each frequency a play none of its classes begins with."""
COMPLEXITY = [f"{full}{part}" for full in ("", "full_") for part in PARTS["complexity"]]
TRIED = {
    "class_trial": ("rules", "classification", {"frequency": {"high": 1, "normal": 1, "low": 1}}),
    "class_play_trial": (
        "strategy",
        "strategy",
        {"cells": {often: dict.fromkeys(VALUE["amount_grade"], play) for often, play in OTHER.items()}},
    ),
    "class_rating_trial": (
        "rating",
        "customer_rating",
        {"complexity": dict.fromkeys(COMPLEXITY, 2) | {"documents": 90, "full_documents": 1}},
    ),
}
"""Rules to try that move customers without looking at anyone else: the parameter, the kind, what is other than in force."""


def tried(ledger: Ledger, name: str) -> dict[str, str]:
    """The rule one of them is asked with."""
    parameter, kind, other = TRIED[name]
    (body,) = ledger.cursor().execute("select body from policy where kind = $kind", {"kind": kind}).fetchone() or ("{}",)
    return {parameter: json.dumps(json.loads(body) | other)}


@pytest.mark.parametrize("name", ASKED)
def test_a_query_says_exactly_what_it_would_if_nobody_else_existed(name: str) -> None:
    """For each scope, the answer equals the answer over a ledger that holds only the customers in sight."""
    for person, seen in ONCE:
        free = dataclasses.replace(person, scope=Scope.ALL, teams=())
        narrow, alone = answers(EVERYBODY, person, name), answers(frozenset(seen), free, name)
        assert told(narrow, name) == told(alone, name), f"{person.scope} of {person.user_id}"


def told(found: list[list[dict[str, Any]]], name: str) -> Any:
    """What an answer tells. A grade is relative to the whole house whoever looks, so of graded answers only whom they are about."""
    if not name.startswith(("class", "value", "survey_candidates")) or name == "value_concentration":
        return found
    rows = [row for rows in found for row in rows]
    if name == "class_cuts":
        return {row["currency"] for row in rows}
    if rows and "customer_id" not in rows[0]:
        return sum(row["customers"] for row in rows), sum(row.get("total", row.get("amount_12m", 0)) for row in rows)
    return sorted(row["customer_id"] for row in rows)


SILENT = {"silent_customers", "changes_of_customer", "evidence_changes", "audit_head", "due_soon", "letters_to_print"}
"""Queries about what this house has none of; they speak in the tests of their pages."""


@pytest.mark.parametrize("name", [name for name in ASKED if name not in SILENT])
def test_a_query_has_something_to_say(name: str) -> None:
    """Else the test above would hold for nothing."""
    assert any(answers(EVERYBODY, Actor(14, "u14", Role.COMPLIANCE, Scope.ALL, (), 2), name))


@pytest.mark.parametrize(("name", "role"), [*product(ASKED, CLEARED.values())])
def test_what_is_personal_is_masked_above_the_clearance(name: str, role: Role) -> None:
    """Secrecy 0, 1 and 2 are all in sight of user 14; -1 reads none of them, 2 all.

    An answer that tells even who is cleared for all nothing personal is tried at both ends, not at each clearance between them.
    """
    person = Actor(14, "u14", role, Scope.ALL, (), CLEARANCE[role])
    whole = answers(EVERYBODY, dataclasses.replace(person, role=CLEARED[max(CLEARED)], clearance=max(CLEARED)), name)
    if min(CLEARED) < CLEARANCE[role] < max(CLEARED) and not any(PERSONAL & set(row) for rows in whole for row in rows):
        assert "private" not in str(whole)
        return
    for rows, number in zip(answers(EVERYBODY, person, name), SOME if name in NEEDS_ONE else [0], strict=True):
        for row in rows:
            for column in PERSONAL & set(row):
                owner = row.get("customer_id", number)
                clear = CUSTOMERS[owner][1] <= CLEARANCE[role]
                assert (row[column] == f"{column}-{owner}-private") is clear, f"{column} of customer {owner}"
            if not PERSONAL & set(row):
                assert "private" not in str(row)


def test_secret_contacts_have_no_name_for_the_uncleared() -> None:
    ledger = house(EVERYBODY)
    person = as_person(ledger, Actor(14, "u14", Role.MANAGER, Scope.ALL, (), 1))
    asked = {number: read(ledger, person, "customer_contacts", customer_id=number, as_of=TODAY).to_pylist() for number in CUSTOMERS}
    names = {number: rows[0]["name"] for number, rows in asked.items()}
    assert {number for number, name in names.items() if name == f"联系人{number}"} == {1, 2, 4, 5, 7, 8}


@pytest.mark.parametrize(("person", "seen"), ONCE, ids=[f"{one.role}-{one.scope}-{one.user_id}" for one, _ in ONCE])
def test_the_board_counts_only_what_is_in_sight(person: Actor, seen: set[int]) -> None:
    everything, alone = house(EVERYBODY), house(frozenset(seen))
    narrow = as_person(everything, person)
    free = as_person(alone, dataclasses.replace(person, scope=Scope.ALL, teams=()))
    for by in (None, *(set(GROUPS) - {"class"})):  # a class is relative to the whole house
        assert measure(everything, narrow, list(METRICS), TODAY, by=by) == measure(alone, free, list(METRICS), TODAY, by=by), by


def test_every_permission_is_held_by_someone_and_nobody_holds_all() -> None:
    assert set().union(*GRANTS.values()) == set(Permission)
    assert all(granted < set(Permission) for granted in GRANTS.values())
