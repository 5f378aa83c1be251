"""Invoices on paper and by mail: the PDF at a click, the letter into the outbox, for one or for all just posted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import streamlit as st

from lib.commands.exports import RecordExport
from lib.commands.messages import QueueMessage
from lib.domain import letters
from lib.domain.access import Actor, Permission
from lib.domain.dates import ANY_DAY
from lib.domain.sender import sender
from lib.errors import Refused
from lib.papers.invoice import invoice as paper
from lib.store.door import execute
from lib.store.ledger import Ledger
from lib.text import Language, Text
from lib.ui import page, session

_SEND: Final = Text("发给客户（{count} 封）", "Send to customers ({count})")
_SEND_ONE: Final = Text("发给客户", "Send to the customer")
_QUEUED: Final = Text("已放入发件箱 {count} 封。", "Put into the outbox: {count}.")
_FAILED: Final = Text("{name}：{why}", "{name}: {why}")
_PDF: Final = Text("下载 PDF", "Download PDF")
_KEY: Final = "mailing.failed"


@dataclass(frozen=True, slots=True)
class _Paper:
    """What a click needs, taken along: the PDF is set outside the page's run, for whoever the person is by then."""

    ledger: Ledger
    person: Callable[[], Actor]
    invoice_id: int
    as_of: date
    language: Language

    def __call__(self) -> bytes:
        actor = self.person()
        actor.need(Permission.EXPORT)
        made = paper(self.ledger, actor, self.invoice_id, as_of=self.as_of, language=self.language)
        execute(self.ledger, actor, RecordExport("invoice", str(self.invoice_id), made.row_count, made.file_name))
        return made.content


def pdf(invoice: Mapping[str, Any]) -> None:
    """The invoice as a PDF, for those who may take data out; written down in the audit."""
    if session.actor().may(Permission.EXPORT):
        job = _Paper(session.ledger(), session.later(), invoice["invoice_id"], session.as_of(), session.language())
        name = f"{invoice['invoice_no']}.pdf"
        st.download_button(
            session.say(_PDF), job, name, "application/pdf", key="invoice-pdf", on_click="ignore", icon=":material/picture_as_pdf:"
        )


def one(invoice: Mapping[str, Any]) -> None:
    """A button that puts one invoice into the outbox."""
    st.button(session.say(_SEND_ONE), key="send-invoice", icon=":material/mail:", on_click=_queue, args=([invoice],))
    _refusals()


def batch(numbers: Sequence[str]) -> None:
    """A button that puts all invoices just posted into the outbox."""
    posted = [row for row in page.rows("invoices", as_of=ANY_DAY, limit=5000) if row["invoice_no"] in set(numbers)]
    waiting = [row for row in posted if row["invoice_state"] in ("posted", "overdue")]
    if waiting:
        label = session.say(_SEND, count=len(waiting))
        st.button(label, key="send-invoices", type="primary", icon=":material/mail:", on_click=_queue, args=(waiting,))
    _refusals()


def _queue(invoices: Sequence[Mapping[str, Any]]) -> None:
    """Each mail is a change of its own: one customer without an address keeps back only its own."""
    failed, count = [], 0
    for invoice in invoices:
        try:
            execute(session.ledger(), session.actor(), _message(invoice))
        except Refused as refusal:
            failed.append((invoice["name"], invoice["customer_id"], refusal))
        else:
            count += 1
    if count:
        st.toast(session.say(_QUEUED, count=count))
    st.session_state[_KEY] = failed


def _message(invoice: Mapping[str, Any]) -> QueueMessage:
    people = page.rows("customer_contacts", customer_id=invoice["customer_id"])
    first = next((person for person in people if person["role"] == "finance"), people[0] if people else None)
    language = letters.language_of(first["language"] if first else None)
    line = letters.Line(invoice["invoice_no"], invoice["due_on"], invoice["open_amount"])
    facts = letters.Facts(
        invoice["name"], invoice["currency"], session.today(), invoice["amount"], (line,), sender=sender(session.settings())
    )
    subject, body = letters.invoice(language, facts)
    return QueueMessage(
        invoice["customer_id"],
        "invoice",
        session.today(),
        subject,
        body,
        language=language,
        entry_id=invoice["invoice_id"],
        currency=invoice["currency"],
    )


def _refusals() -> None:
    for name, customer_id, refusal in st.session_state.pop(_KEY, []):
        st.warning(page.md(session.say(_FAILED, name=name, why=refusal.say(session.language()))))
        page.link(name, "customer", customer=customer_id)
