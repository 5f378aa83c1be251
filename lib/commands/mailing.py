"""Papers by mail, many at once: invoices and statements with their letters go into the outbox in one change."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from lib.commands import Command
from lib.commands.messages import QueueMessage, contact_for
from lib.domain import letters
from lib.domain.access import Permission
from lib.domain.sender import Sender, sender
from lib.errors import NotFound, Refused
from lib.store.door import Change
from lib.text import Text

_NONE = Text("请至少选一张账单或一个客户。", "Choose at least one invoice or customer.")
_NO_INVOICE = Text(
    "有一张账单找不到，或已作废。请刷新后再选。", "One of the invoices is unknown or was voided. Look again and choose anew."
)


@dataclass(frozen=True, slots=True)
class Queued:
    """What came of many: the messages, and for whom there is none and why."""

    message_ids: tuple[int, ...]
    refused: tuple[tuple[int, Refused], ...]


@dataclass(frozen=True)
class SendInvoices(Command):
    """Invoices with their letter into the outbox, in each contact's language. Whose contact cannot be written to is named and left out.

    Refuses: none chosen, an unknown one, and when not one of them can be sent the first reason.
    """

    permission: ClassVar[Permission] = Permission.RECEIVABLE_WRITE
    title: ClassVar[Text] = Text("发送账单", "Send invoices")
    invoice_ids: tuple[int, ...]
    today: date
    confirmed: bool = False

    def validate(self) -> None:
        """Refuses: none chosen."""
        if not self.invoice_ids:
            raise Refused(_NONE)

    def apply(self, change: Change) -> Queued:
        """The messages, and the invoices left out with the reason."""
        company, done, refused = _company(change), [], []
        for invoice_id in dict.fromkeys(self.invoice_ids):
            found = _invoice(change, invoice_id)
            try:
                done.append(self._one(change, invoice_id, found, company))
            except Refused as refusal:
                refused.append((invoice_id, refusal))
        return _outcome(done, refused)

    def _one(self, change: Change, invoice_id: int, found: dict[str, Any], company: Sender) -> int:
        contact = contact_for(change, found["customer_id"], None, found["account_no"])
        line = letters.Line(found["doc_no"], found["due_on"] or found["on_date"], found["amount"])
        facts = letters.Facts(found["name"], found["currency"], self.today, found["amount"], (line,), contact["name"], company)
        language = letters.language_of(contact["language"])
        subject, body = letters.invoice(language, facts)
        message = QueueMessage(
            found["customer_id"],
            "invoice",
            self.today,
            subject,
            body,
            contact_id=contact["contact_id"],
            language=language,
            entry_id=invoice_id,
            currency=found["currency"],
            confirmed=self.confirmed,
        )
        return message.apply(change)


@dataclass(frozen=True)
class SendStatements(Command):
    """Statements of account as of today into the outbox, one per customer. Whose contact cannot be written to is left out and named.

    Refuses: none chosen, and when not one of them can be sent the first reason.
    """

    permission: ClassVar[Permission] = Permission.RECEIVABLE_WRITE
    title: ClassVar[Text] = Text("发送对账单", "Send statements")
    customer_ids: tuple[int, ...]
    today: date
    currency: str = "CNY"
    confirmed: bool = False

    def validate(self) -> None:
        """Refuses: none chosen."""
        if not self.customer_ids:
            raise Refused(_NONE)

    def apply(self, change: Change) -> Queued:
        """The messages, and the customers left out with the reason."""
        company, done, refused = _company(change), [], []
        for customer_id in dict.fromkeys(self.customer_ids):
            try:
                done.append(self._one(change, customer_id, company))
            except Refused as refusal:
                refused.append((customer_id, refusal))
        return _outcome(done, refused)

    def _one(self, change: Change, customer_id: int, company: Sender) -> int:
        found = _customer(change, customer_id, self.currency, self.today)
        contact = contact_for(change, customer_id, None, found["account_no"])
        facts = letters.Facts(found["name"], self.currency, self.today, found["balance"], (), contact["name"], company)
        language = letters.language_of(contact["language"])
        subject, body = letters.statement(language, facts)
        message = QueueMessage(
            customer_id,
            "statement",
            self.today,
            subject,
            body,
            contact_id=contact["contact_id"],
            language=language,
            currency=self.currency,
            confirmed=self.confirmed,
        )
        return message.apply(change)


def _outcome(done: list[int], refused: list[tuple[int, Refused]]) -> Queued:
    if not done:
        raise refused[0][1]
    return Queued(tuple(done), tuple(refused))


def _company(change: Change) -> Sender:
    row = change.cursor.execute("select body from policy_at('settings', date '9999-12-30', timestamp '9999-12-30')").fetchone()
    return sender(json.loads(row[0]) if row else {})


def _invoice(change: Change, invoice_id: int) -> dict[str, Any]:
    """An invoice in sight with its customer. Refuses (`NotFound`): any other."""
    row = change.cursor.execute(
        """
        select
            entry.customer_id, entry.doc_no, entry.on_date, entry.due_on, entry.amount, entry.currency,
            customer.account_no, customer.name
        from entry
        inner join customer_record as customer on entry.customer_id = customer.customer_id
        where
            entry.entry_id = $invoice_id and entry.kind = 'invoice' and entry.retired_at = timestamp '9999-12-31'
            and customer.until_on = date '9999-12-31' and customer.retired_at = timestamp '9999-12-31'
            and entry.customer_id in (select visible.customer_id from visible_customer($actor_id) as visible)
        """,
        {"invoice_id": invoice_id, "actor_id": change.actor.user_id},
    ).fetchone()
    if row is None:
        raise NotFound(_NO_INVOICE)
    names = ("customer_id", "doc_no", "on_date", "due_on", "amount", "currency", "account_no", "name")
    return dict(zip(names, row, strict=True))


def _customer(change: Change, customer_id: int, currency: str, today: date) -> dict[str, Any]:
    """A customer with its balance; who is out of sight is refused where the message is queued."""
    row = change.cursor.execute(
        """
        select customer.account_no, customer.name, coalesce((
            select sum(posting.amount) from posting
            where posting.customer_id = $customer_id and posting.currency = $currency and posting.on_date <= $today
        ), 0)
        from customer_record as customer
        where
            customer.customer_id = $customer_id and customer.until_on = date '9999-12-31'
            and customer.retired_at = timestamp '9999-12-31'
            and customer.customer_id in (select visible.customer_id from visible_customer($actor_id) as visible)
        """,
        {"customer_id": customer_id, "currency": currency, "today": today, "actor_id": change.actor.user_id},
    ).fetchone()
    if row is None:
        raise NotFound(_NO_INVOICE)
    account_no, name, balance = row
    return {"account_no": account_no, "name": name, "balance": Decimal(balance)}
