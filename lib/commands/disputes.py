"""Disputes: money a customer says is not owed. A case with a clock; the money stays in the ageing, only reminders leave it out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Final

from lib.commands import Command, calendar, sight
from lib.commands.cases import happen, moment
from lib.commands.documents import in_cents
from lib.commands.receivables import IssueCredit
from lib.domain import kinds, stages
from lib.domain.access import Permission
from lib.errors import Conflict, NotFound, Refused
from lib.store.door import Change
from lib.text import Text

ANSWER_DAYS: Final = 5
"""Working days in which a dispute is to be settled, unless somebody promises another number."""
_MOST_DAYS: Final = 60
_REASON = Text("争议原因", "Reason")
_NO_INVOICE = Text("请选出有争议的账单。", "Pick the invoices in dispute.")
_NOT_OPEN = Text(
    "这张账单不属于该客户，或已结清。请从列表里选。", "That invoice is not this customer's, or is settled. Pick one from the list."
)
_ALREADY = Text(
    "账单 {invoice_no} 已有一个未解决的争议。先解决它。", "Invoice {invoice_no} is in dispute already. Settle that dispute first."
)
_AMOUNT = Text(
    "争议金额要大于 0，且不超过未收的 {open_amount}（账单 {invoice_no}）。",
    "The disputed amount must be above 0 and at most the {open_amount} open (invoice {invoice_no}).",
)
_DAYS = Text("处理期限要在 1 到 {most} 个工作日之间。", "The time to settle must be 1 to {most} working days.")
_NO_CASE = Text("找不到这个争议，或不在您的范围内。", "There is no such dispute, or it is outside your scope.")
_NO_OWNER = Text("找不到这位负责人，或账号已停用。", "There is no such person to own it, or the account is closed.")
_NO_CREDIT = Text(
    "驳回的争议不开贷项。请改结果，或去掉金额。",
    "A dispute that was rejected gets no credit note. Change the outcome or leave the amount out.",
)


@dataclass(frozen=True)
class OpenDispute(Command):
    """One or several invoices in dispute, one case each; without an amount, all that is open of the invoice.

    Refuses: an unknown reason, an invoice that is not open or already in dispute, more than is open, an unknown owner.
    """

    permission: ClassVar[Permission] = Permission.COLLECT
    title: ClassVar[Text] = Text("登记争议", "Open a dispute")
    customer_id: int
    invoice_ids: tuple[int, ...]
    reason: str
    today: date
    amount: Decimal | None = None
    owner_id: int | None = None
    days: int = ANSWER_DAYS
    note: str | None = None

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        sight.choice(self.reason, kinds.DISPUTE_REASON, _REASON, about="reason")
        sight.text(self.note, Text("说明", "Note"), about="note")
        if not self.invoice_ids:
            raise Refused(_NO_INVOICE, about="invoice_ids")
        if not 1 <= self.days <= _MOST_DAYS:
            raise Refused(_DAYS, about="days", most=_MOST_DAYS)

    def apply(self, change: Change) -> tuple[int, ...]:
        """The new case_ids."""
        subject = sight.customer(change, self.customer_id)
        owner_id = self._owner(change, subject.owner_id)
        opened = []
        for invoice_id in dict.fromkeys(self.invoice_ids):
            found = self._invoice(change, invoice_id)
            case_id = change.next_id("case_file", "case_id")
            case = {
                "case_id": case_id,
                "customer_id": self.customer_id,
                "kind": "dispute",
                "on_date": self.today,
                "subject": f"{kinds.DISPUTE_REASON[self.reason].zh} · {found['invoice_no']}",
                "body": self.note,
                "cause": self.reason,
                "invoice_id": invoice_id,
                "amount": self._disputed(found),
                "currency": found["currency"],
                "owner_id": owner_id,
                "due_on": calendar.in_force(change).working_days_after(self.today, self.days),
            }
            change.insert("case_file", [case])
            begun = {"case_id": case_id, "customer_id": self.customer_id, "state": "new"}
            happen(change, {**begun, "happened_at": moment(change, self.today)})
            opened.append(case_id)
        return tuple(opened)

    def _owner(self, change: Change, account_manager: int | None) -> int:
        if self.owner_id is None:
            return account_manager if account_manager is not None else change.actor.user_id
        row = change.cursor.execute("select 1 from app_user where user_id = $id and is_active", {"id": self.owner_id}).fetchone()
        if row is None:
            raise Refused(_NO_OWNER, about="owner_id")
        return self.owner_id

    def _invoice(self, change: Change, invoice_id: int) -> dict[str, Any]:
        row = change.cursor.execute(
            """
            select entry.doc_no, invoice.currency, invoice.open_amount, exists (
                select 1 from case_at($today, timestamp '9999-12-30') as dispute
                where dispute.kind = 'dispute' and dispute.is_open and dispute.invoice_id = $invoice_id
            )
            from open_invoice_at($today, timestamp '9999-12-30') as invoice
            inner join entry on invoice.invoice_id = entry.entry_id and entry.retired_at = timestamp '9999-12-31'
            where invoice.customer_id = $customer_id and invoice.invoice_id = $invoice_id
            """,
            {"today": self.today, "customer_id": self.customer_id, "invoice_id": invoice_id},
        ).fetchone()
        if row is None:
            raise Refused(_NOT_OPEN, about="invoice_ids")
        invoice_no, currency, open_amount, is_disputed = row
        if is_disputed:
            raise Conflict(_ALREADY, invoice_no=invoice_no, about="invoice_ids")
        return {"invoice_no": invoice_no, "currency": currency, "open_amount": open_amount}

    def _disputed(self, found: dict[str, Any]) -> Decimal:
        open_amount: Decimal = found["open_amount"]
        amount = open_amount if self.amount is None else self.amount
        if not (in_cents(amount) and 0 < amount <= open_amount):
            raise Refused(_AMOUNT, about="amount", open_amount=f"{open_amount:,}", invoice_no=found["invoice_no"])
        return amount


@dataclass(frozen=True)
class SettleDispute(Command):
    """What a dispute came to; on request with a credit note in the same change.

    Refuses: a dispute already settled, an empty note, a credit note for a rejected one or by someone who may not issue it.
    """

    permission: ClassVar[Permission] = Permission.COLLECT
    title: ClassVar[Text] = Text("解决争议", "Settle a dispute")
    case_id: int
    outcome: str
    note: str
    today: date
    credit_amount: Decimal | None = None

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        sight.choice(self.outcome, kinds.DISPUTE_OUTCOME, Text("结果", "Outcome"), about="outcome")
        sight.text(self.note, Text("说明", "Note"), about="note", required=True)
        if self.credit_amount is not None and self.outcome == "rejected":
            raise Refused(_NO_CREDIT, about="credit_amount")

    def apply(self, change: Change) -> int:
        """The case_id."""
        row = change.cursor.execute(
            """
            select dispute.customer_id, dispute.state, dispute.invoice_id, dispute.currency, dispute.changed_at
            from case_at($today, timestamp '9999-12-30') as dispute
            where dispute.case_id = $case_id and dispute.kind = 'dispute'
            """,
            {"case_id": self.case_id, "today": self.today},
        ).fetchone()
        if row is None:
            raise NotFound(_NO_CASE)
        customer_id, state, invoice_id, currency, changed_at = row
        sight.customer(change, customer_id, unless=_NO_CASE)
        following = stages.advance(state, "settle", stages.DISPUTE)
        if self.credit_amount is not None:
            change.actor.need(IssueCredit.permission)
            credit = IssueCredit(customer_id, self.credit_amount, self.today, self.today, invoice_id=invoice_id, currency=currency or "CNY")
            credit.validate()
            credit.apply(change)
        at = moment(change, self.today)
        said = f"{kinds.DISPUTE_OUTCOME[self.outcome].zh} · {self.note}"
        event = {"case_id": self.case_id, "customer_id": customer_id, "state": following, "note": said}
        happen(change, {**event, "happened_at": max(at, changed_at) if changed_at else at})
        return self.case_id
