"""Promises to pay and reminders sent: what happened between an invoice falling due and its money."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Final

from lib.demo import stories
from lib.demo.billing import NEVER, Invoice
from lib.demo.bookkeeping import InvoiceIds, invoice_id
from lib.demo.moments import END, working_on_or_after, written_down
from lib.demo.rows import ActivityRow, PromiseRow, money
from lib.demo.sources import chance, happens

_PROMISED: Final = 0.12
_PROMISED_LATELY: Final = 0.4
"""What is still being worked on is written down more carefully."""
_LATELY: Final = timedelta(days=15)
_KEPT: Final = 0.86
_CANCELLED: Final = 0.03
_REMINDED: Final = 0.3
_LADDER: Final = ((3, "sms"), (10, "email"), (20, "phone"))
_REMINDER: Final = {
    "zh": ("账单逾期提醒", "提醒客户账单已过到期日，请安排付款。"),
    "en": ("Overdue reminder", "Asked to arrange payment of the invoice now past its due date."),
}
_LONGEST_PROMISE: Final = 60


@dataclass(frozen=True, slots=True)
class _Word:
    """When a promise was given and for when."""

    made_on: date
    due_on: date


def promise_rows(invoices: Sequence[Invoice], ids: InvoiceIds, seed: int) -> list[PromiseRow]:
    """Promises on late invoices: most kept, some kept in part or broken, the latest still open."""
    rng = chance(seed, "promises")
    found: list[PromiseRow] = []
    for invoice in invoices:
        word = _word(invoice, rng)
        if word and word.made_on <= END and invoice.open_cents(word.made_on) > 0:
            found.append(_promise(invoice, word, invoice_id(invoice, ids), rng))
    found.sort(key=lambda row: row.recorded_at)
    return [_numbered(row, number) for number, row in enumerate(found, 1)]


def reminder_rows(invoices: Sequence[Invoice], ids: InvoiceIds, seed: int) -> Iterator[ActivityRow]:
    """Reminders on the steps of the ladder, as long as money was open."""
    rng = chance(seed, "reminders")
    for invoice in invoices:
        if invoice.company.is_small_account or not happens(rng, _REMINDED):
            continue
        for days, channel in _LADDER:
            on = working_on_or_after(invoice.due + timedelta(days=days))
            if on < END and invoice.open_cents(on) > 0:  # the last day's are still to be made
                yield _reminder(invoice, invoice_id(invoice, ids), on, channel, rng)


def _word(invoice: Invoice, rng: Random) -> _Word | None:
    made_on = working_on_or_after(invoice.due + timedelta(days=rng.randint(5, 12)))
    if invoice.company.story == stories.SLIPPING:
        return _hollow_word(invoice)
    share = _PROMISED_LATELY if made_on > END - _LATELY else _PROMISED
    if invoice.settled_on <= made_on or not happens(rng, share):
        return None
    if len(invoice.parts) > 1 and made_on < (almost := invoice.settled_on - timedelta(days=3)) < END:
        return _Word(made_on, almost)
    left = min((invoice.settled_on - made_on).days, _LONGEST_PROMISE)
    if happens(rng, _KEPT) and invoice.settled_on < NEVER and left < _LONGEST_PROMISE:
        return _Word(made_on, invoice.settled_on + timedelta(days=rng.randint(0, 4)))
    return _Word(made_on, made_on + timedelta(days=max(1, round(left * rng.uniform(0.3, 0.8)))))


def _hollow_word(invoice: Invoice) -> _Word | None:
    """Hengyuan promises to pay a week after the due date, and does not."""
    made_on = working_on_or_after(invoice.due + timedelta(days=2))
    due_on = working_on_or_after(invoice.due + timedelta(days=9))
    # Every other invoice: a word for each would be a reproach, not a promise.
    return _Word(made_on, due_on) if invoice.no % 2 and invoice.settled_on > due_on else None


def _promise(invoice: Invoice, word: _Word, entry_id: int, rng: Random) -> PromiseRow:
    open_cents = invoice.open_cents(word.made_on)
    cancelled_on = word.made_on + timedelta(days=3) if happens(rng, _CANCELLED) and not invoice.company.story else None
    return PromiseRow(
        promise_id=0,
        customer_id=invoice.company.customer_id,
        invoice_id=entry_id,
        made_on=word.made_on,
        due_on=word.due_on,
        amount=money(open_cents if happens(rng, 0.85) else max(1, open_cents // 2)),
        currency=invoice.company.currency,
        promised_by="财务主管" if invoice.company.language == "zh" else "Accounts payable",
        note=None,
        cancelled_on=cancelled_on if cancelled_on and cancelled_on <= END else None,
        recorded_at=max(written_down(rng, word.made_on), invoice.recorded_at),
        recorded_by=invoice.company.owner_id,
    )


def _numbered(row: PromiseRow, number: int) -> PromiseRow:
    return replace(row, promise_id=number)


def _reminder(invoice: Invoice, entry_id: int, on: date, channel: str, rng: Random) -> ActivityRow:
    subject, body = _REMINDER[invoice.company.language]
    return ActivityRow(
        activity_id=0,
        customer_id=invoice.company.customer_id,
        kind="reminder",
        channel=channel,
        direction="out",
        on_date=on,
        due_on=on,
        done_on=on,
        owner_id=invoice.company.owner_id,
        subject=subject,
        body=body,
        outcome=rng.choice(("reached", "no_answer", "call_back", "agreed")) if channel == "phone" else None,
        source_kind="entry",
        source_id=entry_id,
        recorded_at=max(written_down(rng, on), invoice.recorded_at),
        recorded_by=invoice.company.owner_id,
    )
