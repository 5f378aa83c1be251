"""Complaints: recorded, led step by step along their path, merged, opened again, and their causes mended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, ClassVar, Final

from lib.commands import Command, calendar, cases, readings, sight
from lib.commands.answers import CHANNEL
from lib.commands.cases import Case, Step
from lib.commands.documents import in_cents, money, records
from lib.commands.service import SUMMARY
from lib.domain import complaints, kinds, stages
from lib.domain.access import Permission
from lib.domain.working_time import WorkingCalendar
from lib.errors import Conflict, Refused
from lib.store.door import Change
from lib.text import Text

KIND: Final = "complaint"
_WHAT = Text("投诉内容", "What happened")
_CORRECTION = Text("纠正措施", "Corrective action")
_NO_CASE = Text("找不到这件投诉，或不在您的范围内。", "There is no such complaint, or it is outside your scope.")
_PAST_DUE = Text(
    "答复日 {due_on} 早于投诉日 {on_date}。请改其中一个。",
    "The answer date {due_on} is before the complaint date {on_date}. Change one of them.",
)
_PAST_PROMISE = Text(
    "承诺完成日 {day} 早于今天 {today}。请改成今天或以后。", "The remedy's date {day} is before today {today}. Choose today or later."
)
_TOLD_EARLY = Text(
    "告知日期 {day} 早于提出方案的 {last}。请改告知日期。", "Told on {day}, before the remedy was proposed on {last}. Change the date."
)
_NEGATIVE = Text("费用要是 0 或以上的金额，最多两位小数。", "The cost must be 0 or more, with two decimals at most.")
_NOT_THEIRS = Text("“{field}”不是这个客户的。请重新选择。", "“{field}” is not this customer's. Choose again.")
_NO_OWNER = Text("找不到这位负责人，或账号已停用。", "There is no such person to own it, or the account is closed.")
_NO_TARGET = Text(
    "只能并入同一客户另一件未结的投诉。请从列表里选。", "Only into another open complaint of the same customer. Pick one from the list."
)
_TOO_LATE = Text(
    "{day} 已了结，超过 {days} 天不能重开。请记一件新投诉。",
    "It ended on {day}; after {days} days it is not opened again. Record a new complaint.",
)
_PLANNED = Text("这件投诉已有未完成的纠正措施。", "A corrective action for this complaint is under way already.")


@dataclass(frozen=True)
class RecordComplaint(Command):
    """A complaint, owned by the account manager unless said otherwise, to be answered as promised or as its severity says.

    Refuses: an empty text, what is in no list, a day to come, an answer due before it began, a contact of somebody else,
    the same one twice in ten minutes.
    """

    permission: ClassVar[Permission] = Permission.SERVICE_WRITE
    title: ClassVar[Text] = Text("记录投诉", "Record a complaint")
    customer_id: int
    on_date: date
    today: date
    summary: str
    severity: int
    cause: str | None = None
    due_on: date | None = None
    channel: str | None = None
    body: str | None = None
    confirmed: bool = False
    contact_id: int | None = None
    stage: str | None = None
    found_by: str | None = None
    owner_id: int | None = None

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        sight.text(self.summary, _WHAT, about="summary", required=True)
        sight.text(self.body, SUMMARY, about="body")
        sight.choice(self.severity, kinds.SEVERITY, complaints.LABEL["severity"], about="severity")
        sight.choice(self.cause, kinds.CAUSE, complaints.LABEL["cause"], about="cause")
        sight.choice(self.channel, kinds.CHANNEL, CHANNEL, about="channel")
        sight.choice(self.stage, kinds.STAGE, Text("环节", "Stage"), about="stage")
        sight.choice(self.found_by, kinds.FOUND_BY, Text("怎么发现的", "How it was found"), about="found_by")
        sight.a_past_day(self.on_date, self.today, confirmed=self.confirmed)
        if self.due_on and self.due_on < self.on_date:
            raise Refused(_PAST_DUE, about="due_on", due_on=self.due_on.isoformat(), on_date=self.on_date.isoformat())

    def apply(self, change: Change) -> int:
        """The new case_id."""
        subject = sight.customer(change, self.customer_id)
        same = {"customer_id": self.customer_id, "kind": KIND, "on_date": self.on_date, "subject": self.summary.strip()}
        sight.refuse_twice(change, "case_file", same, confirmed=self.confirmed)
        _refuse_foreign_contact(change, self.customer_id, self.contact_id)
        owner_id = self.owner_id if self.owner_id is not None else subject.owner_id
        _refuse_unknown_owner(change, self.owner_id)
        case_id = change.next_id("case_file", "case_id")
        given = {name: getattr(self, name) for name in ("body", "severity", "cause", "channel", "contact_id", "stage")}
        case = {
            **same,
            **given,
            "case_id": case_id,
            "owner_id": owner_id if owner_id is not None else change.actor.user_id,
            "due_on": self.due_on
            or answer_due(calendar.in_force(change), cases.rule(change, KIND, self.today), self.severity, self.on_date),
        }
        change.insert("case_file", [case])
        begun = Case(case_id, self.customer_id, KIND, "new", None, case)
        cases.step(change, begun, Step("record", "new", self.on_date, detail={"found_by": self.found_by}))
        readings.read_text(change, "case", case_id)
        return case_id


def answer_due(working: WorkingCalendar, rule: Mapping[str, Any], severity: int, on_date: date) -> date:
    """The day a complaint is to be answered by the rule when nobody promised another."""
    return working.working_days_after(on_date, int(rule["answer_days"][str(severity)]))


@dataclass(frozen=True)
class AdvanceComplaint(Command):
    """One step of a complaint, with what the step must say; severity, cause and owner may be put right at any step.

    Refuses: a step that does not follow from its state, one that leaves out what `lib.domain.complaints.needs` names, closing
    without the customer's word or enough attempts, opening again too late, merging into what is no open complaint of the customer.
    """

    permission: ClassVar[Permission] = Permission.SERVICE_WRITE
    title: ClassVar[Text] = Text("推进投诉", "Advance a complaint")
    case_id: int
    action: str
    today: date
    note: str | None = None
    severity: int | None = None
    cause: str | None = None
    owner_id: int | None = None
    remedy: str | None = None
    cost: Decimal | None = None
    currency: str = "CNY"
    promised_on: date | None = None
    told_to: str | None = field(default=None, metadata={"audit": False})
    told_on: date | None = None
    channel: str | None = None
    root_cause: str | None = None
    is_confirmed: bool = False
    into_case_id: int | None = None

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        sight.choice(self.action, stages.ACTION_LABEL, Text("步骤", "Step"), about="action")
        for name in ("note", "remedy", "told_to", "root_cause"):
            sight.text(getattr(self, name), complaints.LABEL[name], about=name)
        sight.choice(self.severity, kinds.SEVERITY, complaints.LABEL["severity"], about="severity")
        sight.choice(self.cause, kinds.CAUSE, complaints.LABEL["cause"], about="cause")
        sight.choice(self.channel, kinds.CHANNEL, CHANNEL, about="channel")
        if self.cost is not None and not (in_cents(self.cost) and self.cost >= 0):
            raise Refused(_NEGATIVE, about="cost")
        if self.cost:
            money(self.cost, self.currency)
        if self.promised_on and self.promised_on < self.today:
            raise Refused(_PAST_PROMISE, day=self.promised_on.isoformat(), today=self.today.isoformat(), about="promised_on")
        if self.told_on:
            sight.not_in_future(self.told_on, self.today, about="told_on")

    def apply(self, change: Change) -> str:
        """The state it is in now."""
        case = cases.find(change, self.case_id, KIND, unless=_NO_CASE)
        following = stages.advance(case.state, self.action)
        said = {name: getattr(self, name) for name in complaints.LABEL}
        filed = {name: said[name] if said[name] is not None else case.fields[name] for name in ("severity", "cause", "owner_id")}
        complaints.refuse_incomplete(case.state, self.action, stages.ACTION_LABEL[self.action], {**said, **filed})
        _refuse_unknown_owner(change, self.owner_id)
        self._refuse_rule(change, case)
        cases.rewrite(change, case, **filed)
        named = ("remedy", "promised_on", "told_to", "channel", "root_cause")
        detail = {name: said[name] for name in named} | ({"is_confirmed": True} if self.is_confirmed else {})
        day = self.told_on if self.action == "tell" and self.told_on else self.today
        currency = None if self.cost is None else self.currency
        into_id = self.into_case_id if self.action == "merge" else None
        taken = Step(self.action, following, day, self.note, detail, cost=self.cost, currency=currency, into_case_id=into_id)
        cases.step(change, case, taken)
        return following

    def _refuse_rule(self, change: Change, case: Case) -> None:
        if self.action == "tell":
            self._refuse_told_early(case)
        elif self.action == "close":
            needed = int(cases.rule(change, KIND, self.today)["attempts"])
            tried = cases.attempts(change, self.case_id)
            complaints.refuse_unconfirmed(is_confirmed=self.is_confirmed, attempts=tried, needed=needed)
        elif self.action == "reopen":
            self._refuse_late(change)
        elif self.action == "merge":
            self._refuse_target(change, case)

    def _refuse_told_early(self, case: Case) -> None:
        last = (case.last_at + timedelta(hours=8)).date() if case.last_at else None
        if last and self.told_on and self.told_on < last:
            raise Refused(_TOLD_EARLY, day=self.told_on.isoformat(), last=last.isoformat(), about="told_on")

    def _refuse_late(self, change: Change) -> None:
        days = int(cases.rule(change, KIND, self.today)["reopen_days"])
        closed_on = records(change, _CLOSED, {"case_id": self.case_id, "today": self.today})[0]["closed_on"]
        if closed_on and self.today > closed_on + timedelta(days=days):
            raise Refused(_TOO_LATE, day=closed_on.isoformat(), days=days)

    def _refuse_target(self, change: Change, case: Case) -> None:
        assert self.into_case_id is not None
        into = cases.find(change, self.into_case_id, KIND, unless=_NO_CASE)
        if into.case_id == case.case_id or into.customer_id != case.customer_id or into.state in stages.OVER:
            raise Refused(_NO_TARGET, about="into_case_id")


@dataclass(frozen=True)
class PlanCorrection(Command):
    """A corrective action: a task that is to keep the cause of a complaint from coming again, with who and by when.

    Refuses: an empty text, a day in the past, an unknown person, a second one while the first is under way.
    """

    permission: ClassVar[Permission] = Permission.SERVICE_WRITE
    title: ClassVar[Text] = Text("安排纠正措施", "Plan a corrective action")
    case_id: int
    what: str
    due_on: date
    today: date
    owner_id: int | None = None

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        sight.text(self.what, _CORRECTION, about="what", required=True)
        if self.due_on < self.today:
            raise Refused(_PAST_PROMISE, day=self.due_on.isoformat(), today=self.today.isoformat(), about="due_on")

    def apply(self, change: Change) -> int:
        """The new activity_id."""
        case = cases.find(change, self.case_id, KIND, unless=_NO_CASE)
        _refuse_unknown_owner(change, self.owner_id)
        if records(change, _UNDER_WAY, {"case_id": self.case_id, "source": cases.CORRECTION}):
            raise Conflict(_PLANNED, about="what")
        owner_id = self.owner_id if self.owner_id is not None else case.fields["owner_id"]
        task = {"subject": self.what.strip(), "owner_id": owner_id, "due_on": self.due_on}
        return cases.plan(change, case, self.today, source_kind=cases.CORRECTION, **task)


def _refuse_unknown_owner(change: Change, owner_id: int | None) -> None:
    if owner_id is not None and not records(change, _PERSON, {"user_id": owner_id}):
        raise Refused(_NO_OWNER, about="owner_id")


def _refuse_foreign_contact(change: Change, customer_id: int, contact_id: int | None) -> None:
    if contact_id is not None and not records(change, _CONTACT, {"customer_id": customer_id, "contact_id": contact_id}):
        raise Refused(_NOT_THEIRS, field=Text("联系人", "Contact"), about="contact_id")


_PERSON: Final = "select 1 as found from app_user where app_user.user_id = $user_id and app_user.is_active"
_CONTACT: Final = """
    select 1 as found from contact
    where contact.contact_id = $contact_id and contact.customer_id = $customer_id and contact.retired_at = timestamp '9999-12-31'
"""
_CLOSED: Final = """
    select complaint.closed_on from case_at($today::date, timestamp '9999-12-30') as complaint where complaint.case_id = $case_id
"""
_UNDER_WAY: Final = """
    select activity.activity_id from activity
    where activity.source_kind = $source and activity.source_id = $case_id and activity.done_on is null
        and activity.retired_at = timestamp '9999-12-31'
"""
