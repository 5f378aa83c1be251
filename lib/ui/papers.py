"""Papers to take along: buttons for statement, invoice and evidence pack, made at the click and written down in the audit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import streamlit as st

from lib.commands.exports import RecordExport
from lib.commands.mailing import SendStatements
from lib.domain.access import Actor, Permission
from lib.errors import Refused
from lib.papers import evidence as packing
from lib.papers import fonts
from lib.papers import invoice as billing
from lib.papers import letter as writing
from lib.papers import statement as accounts
from lib.papers.letter import Written
from lib.papers.statement import Printed, Wanted
from lib.store.door import execute
from lib.store.ledger import Ledger
from lib.text import LANGUAGES, Language, Text
from lib.ui import page, session

_STATEMENT: Final = Text("对账单 PDF", "Statement PDF")
_INVOICE: Final = Text("账单 PDF", "Invoice PDF")
_LETTER: Final = Text("信函 PDF", "Letter PDF")
_LANGUAGE: Final[dict[Language, Text]] = {"zh": Text("中文", "Chinese"), "en": Text("英文", "English")}
_MAIL: Final = Text("放进发件箱", "Put into the outbox")
_QUEUED: Final = Text("对账单已放进发件箱。", "The statement is in the outbox.")
_PACK_ABOUT: Final = Text(
    "账单、对账单、邮件、承诺、往来和审计哈希，供律师或审计使用。",
    "Invoices, statement, mail, promises, movements and audit hashes, for a lawyer or an auditor.",
)

Make = Callable[[Ledger, Actor], Printed]


@dataclass(frozen=True, slots=True)
class _Job:
    """What a click needs, taken along: the paper is made outside the page's run, for the person as they are then."""

    ledger: Ledger
    person: Callable[[], Actor]
    make: Make
    query: str
    about: str
    needs: Callable[[Actor], bool]

    def __call__(self) -> bytes:
        actor = self.person()
        actor.need(Permission.EXPORT)
        if not self.needs(actor):
            actor.need(Permission.RECEIVABLE_WRITE)
        made = self.make(self.ledger, actor)
        execute(self.ledger, actor, RecordExport(self.query, self.about, made.row_count, made.file_name))
        return made.content


@dataclass(frozen=True, slots=True)
class _Statement:
    wanted: Wanted

    def __call__(self, ledger: Ledger, actor: Actor) -> Printed:
        return accounts.statement(ledger, actor, self.wanted)


@dataclass(frozen=True, slots=True)
class _Invoice:
    invoice_id: int
    as_of: date
    language: Language

    def __call__(self, ledger: Ledger, actor: Actor) -> Printed:
        return billing.invoice(ledger, actor, self.invoice_id, as_of=self.as_of, language=self.language)


@dataclass(frozen=True, slots=True)
class _Letter:
    written: Written

    def __call__(self, ledger: Ledger, actor: Actor) -> Printed:
        return writing.letter(ledger, actor, self.written)


@dataclass(frozen=True, slots=True)
class _Evidence:
    wanted: Wanted

    def __call__(self, ledger: Ledger, actor: Actor) -> Printed:
        return packing.evidence(ledger, actor, self.wanted)


def statement(customer_id: int, account_no: str, currency: str | None = None) -> None:
    """The customer's statement as of the page's date, in either language; by mail for who may write to customers."""
    makes = {language: _Statement(_wanted(customer_id, language, currency)) for language in LANGUAGES}

    def mail() -> None:
        if currency and session.actor().may(Permission.RECEIVABLE_WRITE):
            st.button(session.say(_MAIL), key=f"mail-statement-{customer_id}", on_click=_mail, args=(customer_id, currency))

    _offer(_STATEMENT, "statement_pdf", makes, account_no, f"statement-{account_no}", ".pdf", mail)


def invoice(invoice_id: int, invoice_no: str) -> None:
    """One invoice in either language."""
    makes = {language: _Invoice(invoice_id, session.as_of(), language) for language in LANGUAGES}
    _offer(_INVOICE, "invoice_pdf", makes, invoice_no, f"invoice-{invoice_no}", ".pdf")


def letter(written: Written, account_no: str, key: str) -> None:
    """A reminder as a letter, in the language it is written in."""
    if not session.actor().may(Permission.EXPORT):
        return
    job = _Job(session.ledger(), session.later(), _Letter(written), "letter_pdf", account_no, lambda _: True)
    name = f"letter-{account_no}-{written.on_date:%Y%m%d}-{written.language}.pdf"
    st.download_button(session.say(_LETTER), job, name, key=f"letter_pdf-{key}", on_click="ignore", icon=":material/picture_as_pdf:")


def evidence(customer_id: int, account_no: str) -> None:
    """The evidence pack in either language, for finance and those who read the audit."""
    if not may_pack(session.actor()):
        return
    makes = {language: _Evidence(_wanted(customer_id, language, None)) for language in LANGUAGES}

    def about() -> None:
        st.caption(session.say(_PACK_ABOUT))

    _offer(packing.TITLE, "evidence_pack", makes, account_no, f"evidence-{account_no}", ".zip", about, needs=may_pack)


def may_pack(actor: Actor) -> bool:
    """Whether a person may take a customer's evidence along: money's writers and readers of the audit."""
    return actor.may(Permission.RECEIVABLE_WRITE) or actor.may(Permission.AUDIT_READ)


def _wanted(customer_id: int, language: Language, currency: str | None) -> Wanted:
    known: datetime | None = session.known_at()
    return Wanted(customer_id, session.as_of(), language, currency=currency, known_at=known)


def _offer(  # noqa: PLR0913, PLR0917 (what a download consists of)
    title: Text,
    query: str,
    makes: dict[Language, _Statement] | dict[Language, _Invoice] | dict[Language, _Evidence],
    about: str,
    name: str,
    suffix: str,
    more: Callable[[], None] = lambda: None,
    needs: Callable[[Actor], bool] = lambda _: True,
) -> None:
    """A small menu with both languages; nothing for those who may not export. Without a font it says what to install."""
    if not session.actor().may(Permission.EXPORT):
        return
    with st.popover(session.say(title), width="content", key=f"{query}-{about}", icon=":material/picture_as_pdf:"):
        try:
            fonts.printer()
        except Refused as refusal:
            page.refused(refusal)
            return
        for language, make in makes.items():
            job = _Job(session.ledger(), session.later(), make, query, about, needs)
            stamp = f"{session.as_of():%Y%m%d}-{language}"
            key, label = f"{query}-{about}-{language}", session.say(_LANGUAGE[language])
            st.download_button(label, job, f"{name}-{stamp}{suffix}", key=key, on_click="ignore", width="stretch")
        more()


def _mail(customer_id: int, currency: str) -> None:
    page.change(SendStatements((customer_id,), session.today(), currency), _QUEUED)
