"""The money ledger of one company: documents and their signed lines, written day by day from the invoices' plans."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Final

from lib.demo import stories
from lib.demo.billing import Invoice, Part
from lib.demo.companies import Company
from lib.demo.moments import CLOSE, END, office_hour, working_on_or_after, written_down
from lib.demo.sources import chance, happens

ON_ACCOUNT: Final = 0.08
OVERPAID: Final = 0.006
USE_CREDIT: Final = 0.6
LATE_RECORDED: Final = 0.02
_METHODS: Final = ("转账", "转账", "转账", "银行承兑", "微信", "支付宝")


@dataclass(frozen=True, slots=True)
class Line:
    """One signed line of a document; without an invoice it is money on account."""

    invoice: Invoice | None
    on: date
    cents: int
    items: int
    rule: str
    recorded_at: datetime


@dataclass(slots=True, eq=False)
class Document:
    """An entry with its lines. `wrong_cents` until `mended_at` is what it said at first."""

    company: Company
    kind: str
    on: date
    cents: int
    recorded_at: datetime
    invoice: Invoice | None = None
    method: str | None = None
    payer: str | None = None
    memo: str | None = None
    mended_at: datetime | None = None
    wrong_cents: int = 0
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Receipt:
    """A payment to come: what it settles, when it arrives and when it is allocated."""

    on: date
    allocated_on: date
    settles: tuple[tuple[Invoice, int], ...]
    surplus: int


def documents(company: Company, invoices: Sequence[Invoice], seed: int) -> list[Document]:
    """Everything that happened to a company's money up to the demo date."""
    return _Account(company, chance(seed, "paying", company.customer_id)).run(invoices)


class _Account:
    """One company's account while it is being written. Lines of an invoice are recorded in the order of their days."""

    def __init__(self, company: Company, rng: Random) -> None:
        self.company = company
        self.rng = rng
        self.written: list[Document] = []
        self.open: dict[int, int] = {}
        self.known: dict[int, datetime] = {}
        self.credits: list[tuple[Document, int]] = []

    def run(self, invoices: Sequence[Invoice]) -> list[Document]:
        """Invoices first, then whatever takes from them, by day."""
        for invoice in invoices:
            self._issue(invoice)
        self._unknown_payments()
        happenings: list[tuple[date, int, _Receipt | tuple[Invoice, Part]]] = []
        for number, receipt in enumerate(self._receipts(invoices)):
            happenings.append((receipt.allocated_on, number, receipt))
        for number, (invoice, part) in enumerate(_others(invoices)):
            happenings.append((part.on, -1 - number, (invoice, part)))
        for _, _, happening in sorted(happenings, key=lambda item: item[:2]):
            if isinstance(happening, _Receipt):
                self._receive(happening)
            else:
                self._take(*happening)
        return self.written

    def _issue(self, invoice: Invoice) -> None:
        document = Document(
            self.company, "invoice", invoice.on, invoice.cents, invoice.recorded_at, invoice=invoice, memo=self.company.goods
        )
        self.known[invoice.no] = invoice.recorded_at
        self.open[invoice.no] = invoice.cents
        first = invoice.cents
        if mistake := invoice.mistake:
            document.mended_at, document.wrong_cents = mistake.mended_at, mistake.cents
            self.known[invoice.no] = mistake.mended_at
            first = mistake.cents
        document.lines.append(Line(invoice, invoice.on, first, 1, "issue", invoice.recorded_at))
        if mistake:
            document.lines.append(Line(invoice, invoice.on, -first, -1, "undo", mistake.mended_at))
            document.lines.append(Line(invoice, invoice.on, invoice.cents, 1, "issue", mistake.mended_at))
        self.written.append(document)

    def _unknown_payments(self) -> None:
        """Money from a payer without an account: it stays on account until somebody finds out what it was for."""
        if self.company.origin != "informal":
            return
        for on in _unknown_days(self.company, self.rng):
            cents = round(self.rng.uniform(800, 1200)) * 10_00 if self.company.story else round(self.rng.uniform(3, 90)) * 100_00
            recorded_at = self.company.known_at if on == self.company.first_on else written_down(self.rng, on)
            document = self._payment(on, cents, recorded_at)
            self._on_account(document, on, cents, recorded_at)
            self.credits.append((document, cents))

    def _receipts(self, invoices: Sequence[Invoice]) -> Iterable[_Receipt]:
        """What is paid on one day comes as one transfer; some transfers name no invoices and are allocated days later."""
        by_day: dict[date, list[tuple[Invoice, int]]] = defaultdict(list)
        for invoice in invoices:
            for part in invoice.parts:
                if part.kind == "payment" and part.on <= END:
                    by_day[part.on].append((invoice, part.cents))
        for on in sorted(by_day):
            later = happens(self.rng, ON_ACCOUNT) and not self.company.story
            allocated_on = working_on_or_after(on + timedelta(days=self.rng.randint(1, 12))) if later else on
            total = sum(cents for _, cents in by_day[on])
            surplus = 100 * round(total * self.rng.uniform(0.0001, 0.0015)) if happens(self.rng, OVERPAID) else 0
            yield _Receipt(on, allocated_on, tuple(by_day[on]), surplus)

    def _receive(self, receipt: _Receipt) -> None:
        settles = self._use_credit(receipt) if receipt.allocated_on == receipt.on else list(receipt.settles)
        cents = sum(cents for _, cents in settles) + receipt.surplus
        known = [written_down(self.rng, receipt.on, LATE_RECORDED)]
        if receipt.allocated_on == receipt.on:
            known += [self.known[invoice.no] for invoice, _ in settles]
        document = self._payment(receipt.on, cents, max(known))
        if receipt.allocated_on == receipt.on:
            for invoice, amount in settles:
                self._settle(document, invoice, receipt.on, amount, document.recorded_at, "match")
            if receipt.surplus:
                self._on_account(document, receipt.on, receipt.surplus, document.recorded_at)
                self.credits.append((document, receipt.surplus))
            return
        self._on_account(document, receipt.on, cents, document.recorded_at)
        if receipt.allocated_on <= END:
            for invoice, amount in settles:
                self._allocate(document, invoice, receipt.allocated_on, amount)

    def _use_credit(self, receipt: _Receipt) -> list[tuple[Invoice, int]]:
        """What an earlier payment left on account pays part of the first invoice, so that less comes in now."""
        (invoice, amount), *others = receipt.settles
        usable = [credit for credit in self.credits if credit[0].on <= receipt.on and credit[1] < amount]
        if not usable or not happens(self.rng, USE_CREDIT):
            return list(receipt.settles)
        document, credit = usable[0]
        self.credits.remove(usable[0])
        self._allocate(document, invoice, receipt.on, credit)
        return [(invoice, amount - credit), *others]

    def _take(self, invoice: Invoice, part: Part) -> None:
        memo = _MEMO[part.kind]
        recorded_at = max(written_down(self.rng, part.on), self.known[invoice.no])
        document = Document(self.company, part.kind, part.on, part.cents, recorded_at, memo=memo)
        self._settle(document, invoice, part.on, part.cents, recorded_at, "match")
        self.written.append(document)

    def _payment(self, on: date, cents: int, recorded_at: datetime) -> Document:
        payer = self.company.name.zh if self.company.currency == "CNY" else self.company.name.en
        method = self.rng.choice(_METHODS) if self.company.currency == "CNY" else "T/T"
        document = Document(self.company, "payment", on, cents, recorded_at, method=method, payer=payer)
        self.written.append(document)
        return document

    def _on_account(self, document: Document, on: date, cents: int, recorded_at: datetime) -> None:
        document.lines.append(Line(None, on, -cents, 0, "on_account", recorded_at))

    def _allocate(self, document: Document, invoice: Invoice, on: date, cents: int) -> None:
        at_desk = min(CLOSE, office_hour(self.rng, on))
        recorded_at = max(at_desk, document.recorded_at, self.known[invoice.no])
        document.lines.append(Line(None, on, cents, 0, "allocate", recorded_at))
        self._settle(document, invoice, on, cents, recorded_at, "allocate")

    def _settle(self, document: Document, invoice: Invoice, on: date, cents: int, recorded_at: datetime, rule: str) -> None:  # noqa: PLR0913, PLR0917 (a line's own columns)
        self.open[invoice.no] -= cents
        closes = -1 if self.open[invoice.no] == 0 else 0
        self.known[invoice.no] = recorded_at
        document.lines.append(Line(invoice, on, -cents, closes, rule, recorded_at))


_MEMO: Final = {"credit_note": "退货或价差", "write_off": "经批准核销，客户失联"}


def _others(invoices: Sequence[Invoice]) -> Iterable[tuple[Invoice, Part]]:
    for invoice in invoices:
        for part in invoice.parts:
            if part.kind != "payment" and part.on <= END:
                yield invoice, part


def _unknown_days(company: Company, rng: Random) -> list[date]:
    """The regular payer pays around the 12th of each month; others one to three times."""
    if company.story == stories.REGULAR_PAYER:
        months = [(2025, month) for month in range(9, 13)] + [(2026, month) for month in range(1, 7)]
        return [working_on_or_after(date(year, month, 12)) for year, month in months]
    last_on = min(company.converted_on or END, END)
    gaps = [rng.randint(20, 50) for _ in range(rng.choice((0, 0, 1, 1, 2)))]
    days = [company.first_on + timedelta(days=sum(gaps[:count])) for count in range(len(gaps) + 1)]
    return [working_on_or_after(day) for day in days if working_on_or_after(day) <= last_on]
