"""What one person proposes and another decides: releases from the credit stop, limits, leaving a group, special terms, write-offs.

The author never decides, whatever the role, nor does who brings back what the author took back; a rule of `lib/sql/checks.sql` holds the
same against undoing and redoing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Final

from lib.commands import Command, closing, sight
from lib.commands.customers import leave_group
from lib.commands.documents import money, positive, records
from lib.commands.families import is_head
from lib.commands.special_terms import Term, grant, kept, sound
from lib.commands.write_offs import Part, refuse_unless_open, write_off
from lib.domain.access import Permission
from lib.errors import Conflict, Forbidden, NotFound, Refused
from lib.store.door import Change
from lib.text import Text

NOTE: Final = Text("说明", "Note")
EVIDENCE: Final = Text("依据", "Evidence")
OUTCOME: Final[dict[str, Text]] = {"approved": Text("批准", "approved"), "rejected": Text("驳回", "rejected")}
_DECISION = Text("决定", "Decision")
_PAST = Text("{until_on} 已经过去。请选今天或以后的日期。", "{until_on} is over. Choose today or a later day.")
_WAITING = Text(
    "这个客户已有同样的申请在等审批（{on_date}，{author}）。请等决定，或先撤回。",
    "The same proposal for this customer is waiting already ({on_date}, {author}). Wait for the decision or withdraw it first.",
)
_NO_LIMIT = Text("集团额度要填金额。", "A group limit needs an amount.")
_NO_GROUP = Text(
    "这个客户下面没有别的客户，不是集团。请先在客户页选上级。",
    "No customer belongs to this one, so it heads no group. Link them on the customer page first.",
)
_NO_HEAD = Text("这个客户没有上级，不在集团里。", "No customer stands above this one, so it is in no group to leave.")
_NO_INVOICES = Text("没有选账单。请勾选要核销的账单。", "No invoices are chosen. Tick those to be written off.")
_TWICE = Text("同一张账单列了两次。", "An invoice is listed twice.")
_UNKNOWN = Text("找不到这个申请，或不在您的范围内。", "There is no such proposal, or it is outside your scope.")
_DECIDED = Text("{by} 已于 {day} 决定：{outcome}。请刷新清单。", "{by} decided on {day}: {outcome}. Look at the list again.")
_OWN = Text(
    "自己提的、或自己恢复的申请，要由另一个人决定。请交给另一位经理。",
    "Who proposed it or brought it back cannot decide it. Ask another manager.",
)
_NOT_OWN = Text("只有申请人（{author}）可以撤回。", "Only its author ({author}) can withdraw it.")
_OVER = Text(
    "申请的截止日 {until_on} 已过，不能再批准。请驳回，由申请人重新申请。",
    "Its last day, {until_on}, is over, so it cannot be approved. Reject it and have it proposed anew.",
)
_WORD: Final[dict[str, Text]] = {**OUTCOME, "withdrawn": Text("已撤回", "withdrawn")}


@dataclass(frozen=True)
class ProposeCredit(Command):
    """An exception to the credit rules until a day: with an amount a limit of its own, without one no stop at all.

    `for_group`: the limit holds for the customer and all below it together.
    Refuses: a day that is over, no reason, the same waiting already; a group limit without an amount or where there is no group.
    """

    permission: ClassVar[Permission] = Permission.PROPOSE
    title: ClassVar[Text] = Text("申请放行或调额", "Propose a release or limit")
    customer_id: int
    until_on: date
    reason: str
    today: date
    currency: str = "CNY"
    amount: Decimal | None = None
    for_group: bool = False

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        money(Decimal(1) if self.amount is None else self.amount, self.currency)
        sight.text(self.reason, closing.REASON, about="reason", required=True)
        _refuse_past(self.until_on, self.today)
        if self.for_group and self.amount is None:
            raise Refused(_NO_LIMIT, about="amount")

    def apply(self, change: Change) -> int:
        """The new proposal_id."""
        sight.customer(change, self.customer_id)
        if self.for_group and not is_head(change, self.customer_id, self.today):
            raise Refused(_NO_GROUP, about="customer_id")
        kind = "group_limit" if self.for_group else "credit_release" if self.amount is None else "credit_limit"
        more = {"kind": kind, "amount": self.amount, "currency": self.currency}
        return _propose(change, {**_common(self), **more}, {"until_on": self.until_on.isoformat()})


@dataclass(frozen=True)
class ProposeLeaving(Command):
    """No customer above this one any more: it and its group each get a limit of their own.

    Refuses: no reason, a customer with none above it, the same waiting already.
    """

    permission: ClassVar[Permission] = Permission.PROPOSE
    title: ClassVar[Text] = Text("申请离开集团", "Propose leaving the group")
    customer_id: int
    reason: str
    today: date

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        sight.text(self.reason, closing.REASON, about="reason", required=True)

    def apply(self, change: Change) -> int:
        """The new proposal_id."""
        sight.customer(change, self.customer_id)
        if not records(change, _HAS_HEAD, {"customer_id": self.customer_id}):
            raise Refused(_NO_HEAD)
        return _propose(change, {**_common(self), "kind": "leave_group"}, {})


@dataclass(frozen=True)
class ProposeTerm(Command):
    """Terms of a customer's own until a day: longer to pay, a discount, or a service; they end by themselves.

    Refuses: a kind without what it needs, numbers out of range, a day that is over, no reason, the same waiting already.
    """

    permission: ClassVar[Permission] = Permission.PROPOSE
    title: ClassVar[Text] = Text("申请特殊条件", "Propose special terms")
    customer_id: int
    term: Term
    until_on: date
    reason: str
    today: date

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        sound(self.term)
        sight.text(self.reason, closing.REASON, about="reason", required=True)
        _refuse_past(self.until_on, self.today)

    def apply(self, change: Change) -> int:
        """The new proposal_id."""
        sight.customer(change, self.customer_id)
        return _propose(change, {**_common(self), "kind": "special_term"}, {"until_on": self.until_on.isoformat(), **kept(self.term)})


@dataclass(frozen=True)
class ProposeWriteOff(Command):
    """Open money that will not come: which invoices, how much of each, why, and what shows it.

    Refuses: none chosen, more than is open, several currencies at once, no reason, the same waiting already.
    """

    permission: ClassVar[Permission] = Permission.PROPOSE
    title: ClassVar[Text] = Text("申请核销坏账", "Propose a write-off")
    customer_id: int
    invoices: tuple[Part, ...]
    reason: str
    evidence: str | None
    today: date

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        sight.text(self.reason, closing.REASON, about="reason", required=True)
        sight.text(self.evidence, EVIDENCE, about="evidence")
        if not self.invoices:
            raise Refused(_NO_INVOICES, about="invoices")
        if len({invoice_id for invoice_id, _ in self.invoices}) < len(self.invoices):
            raise Refused(_TWICE, about="invoices")
        for _, amount in self.invoices:
            positive(amount)

    def apply(self, change: Change) -> int:
        """The new proposal_id."""
        sight.customer(change, self.customer_id)
        currency = refuse_unless_open(change, self.customer_id, self.invoices, self.today)
        amount = sum((amount for _, amount in self.invoices), Decimal(0))
        body = {"invoices": [[invoice_id, str(part)] for invoice_id, part in self.invoices], "evidence": self.evidence}
        return _propose(change, {**_common(self), "kind": "write_off", "amount": amount, "currency": currency}, body)


@dataclass(frozen=True)
class Decide(Command):
    """A proposal approved or rejected by a second person; what is approved takes effect in the same change, today.

    Refuses: one's own proposal, one brought back, one already decided, a rejection without a note, a release whose last day is over,
    a write-off of what was settled meanwhile.
    """

    permission: ClassVar[Permission] = Permission.APPROVE
    title: ClassVar[Text] = Text("审批", "Decide a proposal")
    proposal_id: int
    outcome: str
    note: str | None
    today: date

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        sight.choice(self.outcome, OUTCOME, _DECISION, about="outcome")
        sight.text(self.note, NOTE, about="note", required=self.outcome != "approved")

    def apply(self, change: Change) -> int | None:
        """The id of what took effect: the exception or the entry; None when rejected or when a customer left its group."""
        found = _open_proposal(change, self.proposal_id)
        if change.actor.user_id in (found["author_id"], *_brought_back(change, self.proposal_id)):
            raise Forbidden(_OWN)
        _decide(change, found, self.outcome, self.note, self.today)
        if self.outcome != "approved":
            return None
        body = json.loads(found["body"])
        if found["kind"] == "write_off":
            return write_off(change, found, [(invoice_id, Decimal(amount)) for invoice_id, amount in body["invoices"]], self.today)
        if found["kind"] == "leave_group":
            leave_group(change, found["customer_id"], self.today)
            return None
        until_on = date.fromisoformat(body["until_on"])
        if until_on < self.today:
            raise Refused(_OVER, until_on=until_on.isoformat())
        if found["kind"] == "special_term":
            return grant(change, found, (self.today, until_on))
        return _except(change, found, until_on, self.today)


@dataclass(frozen=True)
class Withdraw(Command):
    """A proposal taken back by its author before anyone decided.

    Refuses: someone else's proposal, one already decided.
    """

    permission: ClassVar[Permission] = Permission.PROPOSE
    title: ClassVar[Text] = Text("撤回申请", "Withdraw a proposal")
    proposal_id: int
    today: date
    note: str | None = None

    def validate(self) -> None:
        """Refuses: a note too long."""
        sight.text(self.note, NOTE, about="note")

    def apply(self, change: Change) -> None:
        """Write the decision of the author."""
        found = _open_proposal(change, self.proposal_id)
        if found["author_id"] != change.actor.user_id:
            raise Forbidden(_NOT_OWN, author=found["author"] or "—")
        _decide(change, found, "withdrawn", self.note, self.today)


def _common(command: ProposeCredit | ProposeLeaving | ProposeTerm | ProposeWriteOff) -> dict[str, Any]:
    return {"customer_id": command.customer_id, "on_date": command.today, "reason": command.reason.strip()}


def _propose(change: Change, row: Mapping[str, Any], body: Mapping[str, Any]) -> int:
    """Record a proposal. Refuses: the same kind for the same customer and currency still waiting."""
    sight.customer(change, row["customer_id"])
    same = {name: row.get(name) for name in ("customer_id", "kind", "currency")}
    if waiting := records(change, _SAME, same):
        raise Refused(_WAITING, on_date=waiting[0]["on_date"].isoformat(), author=waiting[0]["author"] or "—")
    proposal_id = change.next_id("proposal", "proposal_id")
    change.insert("proposal", [{"proposal_id": proposal_id, **row, "body": json.dumps(body, ensure_ascii=False)}])
    return proposal_id


def _open_proposal(change: Change, proposal_id: int) -> dict[str, Any]:
    found = records(change, _PROPOSAL, {"proposal_id": proposal_id})
    if not found:
        raise NotFound(_UNKNOWN)
    sight.customer(change, found[0]["customer_id"], unless=_UNKNOWN)
    if found[0]["outcome"]:
        said = {"by": found[0]["approver"] or "—", "day": found[0]["decided_on"].isoformat(), "outcome": _WORD[found[0]["outcome"]]}
        raise Conflict(_DECIDED, **said)
    return found[0]


def _brought_back(change: Change, proposal_id: int) -> list[int]:
    """Who took back that it was undone, or that its author withdrew it."""
    return [row["user_id"] for row in records(change, _BROUGHT_BACK, {"proposal_id": proposal_id})]


def _decide(change: Change, proposal: Mapping[str, Any], outcome: str, note: str | None, today: date) -> None:
    about = {"decision_id": change.next_id("decision", "decision_id"), "outcome": outcome, "note": (note or "").strip() or None}
    kept = {name: proposal[name] for name in ("proposal_id", "customer_id")}
    change.insert("decision", [{**about, **kept, "on_date": today}])


def _refuse_past(until_on: date, today: date) -> None:
    if until_on < today:
        raise Refused(_PAST, until_on=until_on.isoformat(), about="until_on")


def _except(change: Change, proposal: Mapping[str, Any], until_on: date, today: date) -> int:
    override_id = change.next_id("credit_override", "override_id")
    own = {name: proposal[name] for name in ("proposal_id", "customer_id", "amount", "currency", "reason")}
    about = {"from_on": today, "until_on": until_on, "is_group": True if proposal["kind"] == "group_limit" else None}
    change.insert("credit_override", [{"override_id": override_id, **own, **about}])
    return override_id


_HAS_HEAD: Final = """
    select record.parent_id from customer_record as record
    where
        record.customer_id = $customer_id and record.parent_id is not null
        and record.until_on = date '9999-12-31' and record.retired_at = timestamp '9999-12-31'
"""
_PROPOSAL: Final = """
    select proposal.*, author.name as author, approver.name as approver
    from proposal_at(date '9999-12-30', timestamp '9999-12-30') as proposal
    left join app_user as author on proposal.author_id = author.user_id
    left join app_user as approver on proposal.decided_by = approver.user_id
    where proposal.proposal_id = $proposal_id
"""
_BROUGHT_BACK: Final = """
    select proposal.recorded_by as user_id
    from proposal
    where proposal.proposal_id = $proposal_id and proposal.origin_record is not null and proposal.retired_at = timestamp '9999-12-31'
    union
    select audit.user_id
    from decision
    inner join audit on decision.retired_change = audit.change_id
    where decision.proposal_id = $proposal_id and decision.outcome = 'withdrawn'
"""
_SAME: Final = """
    select proposal.on_date, author.name as author
    from proposal_at(date '9999-12-30', timestamp '9999-12-30') as proposal
    left join app_user as author on proposal.author_id = author.user_id
    where
        proposal.outcome is null and proposal.customer_id = $customer_id and proposal.kind = $kind
        and proposal.currency is not distinct from $currency
"""
