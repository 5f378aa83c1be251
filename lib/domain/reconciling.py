"""What a bank line most likely pays, by five rules in order, and whether that is sure enough to book without asking.

R1 invoice numbers in the memo · R2 known payer account · R3 payer's name and an exact amount · R4 the only combination of open
invoices · R5 oldest first. Only an exact amount is sure, and only when no second choice fits.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final

from lib.domain.combinations import Fit, combinations
from lib.text import Text

_NAMED: Final = Text("附言写有账单号 {numbers}，金额相符", "The memo names invoice {numbers}; the amount agrees")
_NAMED_OTHER: Final = Text(
    "附言写有账单号 {numbers}，但未收 {open_amount}，与到账不等", "The memo names invoice {numbers}, but {open_amount} is open on it"
)
_NAMED_TWICE: Final = Text("账单号 {numbers} 属于不止一个客户", "Invoice number {numbers} belongs to more than one customer")
_ONE_FITS: Final = Text("{who}；恰好一张账单等于到账金额", "{who}; exactly one invoice has this amount")
_ALL_FIT: Final = Text("{who}；全部未收账单之和等于到账金额", "{who}; all open invoices add up to this amount")
_SET_FITS: Final = Text("{who}；只有一种账单组合等于到账金额", "{who}; only one set of invoices adds up to this amount")
_MANY_FIT: Final = Text("{who}；有 {count} 种账单组合等于到账金额，请选", "{who}; {count} sets of invoices add up to it: choose")
_AT_LEAST: Final = Text(
    "{who}；至少有 {count} 种账单组合等于到账金额，请选", "{who}; at least {count} sets of invoices add up to it: choose"
)
_NONE_FITS: Final = Text("{who}；没有组合等于到账金额，按先到期先核销", "{who}; no set of invoices adds up to it: oldest first")
_NOTHING_OPEN: Final = Text("{who}；没有未收账单，整笔记为预收", "{who}; nothing is open, so all of it stays on account")
_BOOKED: Final = Text(
    "该客户在 {day} 已登记同一金额的收款 {doc_no}，不要重复入账",
    "A payment of this amount, {doc_no}, was booked for this customer on {day}: do not book it twice",
)
_BY_ACCOUNT: Final = Text("付款账户属于该客户", "The payer's account is this customer's")
_BY_NAME: Final = Text("付款人就是该客户", "The payer is this customer")
_BY_ALIAS: Final = Text("以前确认过由该付款人代付", "This payer was confirmed for this customer before")
_BY_LIKENESS: Final = Text("付款人名称与该客户相近（{score}）", "The payer's name is like this customer's ({score})")
_BY_BRANCH: Final = Text("付款人像是该客户的分支机构", "The payer looks like a branch of this customer")


@dataclass(frozen=True, slots=True)
class Line:
    """Money that came in, as the statement has it."""

    line_id: int
    on_date: date
    amount: Decimal
    currency: str
    payer: str | None = None
    payer_key: str | None = None
    payer_account: str | None = None
    memo: str | None = None


@dataclass(frozen=True, slots=True)
class Open:
    """An invoice with money open on it."""

    invoice_id: int
    customer_id: int
    doc_no: str
    currency: str
    due_on: date
    open_amount: Decimal


@dataclass(frozen=True, slots=True)
class Payer:
    """Whom a line is taken to come from, why, and whether that is beyond doubt."""

    customer_id: int
    rule: str
    why: Text
    is_certain: bool


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a line would settle. `fits`: how many choices have the exact amount; `fits_more`: there may be others.

    `entry_id`: the document the line most likely is, booked by hand before; then there is nothing to settle.
    """

    line: Line
    rule: str
    customer_id: int
    parts: tuple[tuple[int, Decimal], ...]
    fits: int
    why: Text
    is_sure: bool
    fits_more: bool = False
    entry_id: int | None = None

    @property
    def rest(self) -> Decimal:
        """What would stay on account."""
        return self.line.amount - sum((amount for _, amount in self.parts), Decimal(0))


def said_numbers(text: str) -> frozenset[str]:
    """What in a memo may be a document number, in one spelling: up to four words run together, with a digit, four letters or more."""
    words = re.findall(r"[A-Z0-9]+", unicodedata.normalize("NFKC", text).upper())
    runs = {"".join(words[start : start + length]) for start in range(len(words)) for length in range(1, 5)}
    return frozenset(run for run in runs if len(run) >= _SHORTEST_NUMBER and any(letter.isdigit() for letter in run))


def number_key(doc_no: str) -> str:
    """A document number without case, width, blanks and marks."""
    return "".join(re.findall(r"[A-Z0-9]+", unicodedata.normalize("NFKC", doc_no).upper()))


_SHORTEST_NUMBER: Final = 4


def by_account() -> Text:
    """Why: the account."""
    return _BY_ACCOUNT


def by_alias() -> Text:
    """Why: a person confirmed this payer's name before."""
    return _BY_ALIAS


def by_name() -> Text:
    """Why: the same name."""
    return _BY_NAME


def by_likeness(score: float, *, is_branch: bool) -> Text:
    """Why: a similar name."""
    return _BY_BRANCH if is_branch else _with(_BY_LIKENESS, score=f"{min(score, 1.0):.0%}")


@dataclass(frozen=True, slots=True)
class Book:
    """What the lines are held against: invoices named in memos, invoices by customer, and payers by line."""

    named: Mapping[str, Sequence[Open]] = field(default_factory=dict)
    owed: Mapping[tuple[int, str], Sequence[Open]] = field(default_factory=dict)
    payers: Mapping[int, Payer] = field(default_factory=dict)


def propose(line: Line, book: Book) -> Proposal | None:
    """What a line most likely pays; None when neither memo nor payer says anything."""
    return _by_number(line, book) or _by_payer(line, book)


def booked(found: Proposal, entry_id: int, doc_no: str, on_date: date) -> Proposal:
    """The same line as a payment that is in the ledger already; a person decides."""
    why = _with(_BOOKED, day=on_date.isoformat(), doc_no=doc_no)
    return replace(found, rule="payment", parts=(), fits=0, why=why, is_sure=False, entry_id=entry_id)


def _by_number(line: Line, book: Book) -> Proposal | None:
    hits = {one.invoice_id: one for number in _longest(line, book) for one in book.named[number] if one.currency == line.currency}
    payer = book.payers.get(line.line_id)
    if len({one.customer_id for one in hits.values()}) > 1 and payer:
        hits = {key: one for key, one in hits.items() if one.customer_id == payer.customer_id} or hits
    if not hits:
        return None
    customers = {one.customer_id for one in hits.values()}
    first = next(iter(hits.values()))
    chosen = [one for one in hits.values() if one.customer_id == first.customer_id]
    total = sum((one.open_amount for one in chosen), Decimal(0))
    numbers = ", ".join(one.doc_no for one in chosen)
    is_exact, is_one = total == line.amount, len(customers) == 1
    why = (
        _with(_NAMED if is_exact else _NAMED_OTHER, numbers=numbers, open_amount=f"{total:,}")
        if is_one
        else _with(_NAMED_TWICE, numbers=numbers)
    )
    fits = len(customers) if is_exact else 0
    return Proposal(line, "R1", first.customer_id, _laid(line.amount, chosen), fits, why, is_sure=is_exact and is_one)


def _longest(line: Line, book: Book) -> list[str]:
    """Numbers named in the memo that invoices have; a number inside a longer one that also fits is part of that one."""
    found = [number for number in said_numbers(line.memo or "") if number in book.named]
    return sorted(number for number in found if not any(number != other and number in other for other in found))


def _by_payer(line: Line, book: Book) -> Proposal | None:
    payer = book.payers.get(line.line_id)
    if payer is None:
        return None
    owed = sorted(book.owed.get((payer.customer_id, line.currency), ()), key=lambda one: (one.due_on, one.invoice_id))
    fit = _fit(tuple(_cents(one.open_amount) for one in owed), _cents(line.amount))
    chosen = [owed[place] for place in fit.first] if fit.count else owed
    is_whole_or_one = len(chosen) in (1, len(owed))
    rule = "R5" if not fit.count else payer.rule if is_whole_or_one else "R4"
    why = _with(_why(fit, len(chosen), len(owed)), who=payer.why, count=fit.count)
    sure = fit.is_unique and payer.is_certain
    return Proposal(line, rule, payer.customer_id, _laid(line.amount, chosen), fit.count, why, sure, fits_more=not fit.is_whole)


@lru_cache(maxsize=20_000)
def _fit(cents: tuple[int, ...], wanted: int) -> Fit:
    """Kept, because after each line accepted all others are looked at again, and most of them owe what they did."""
    return combinations(cents, wanted)


def _why(fit: Fit, chosen: int, owed: int) -> Text:
    if not owed:
        return _NOTHING_OPEN
    if not fit.count:
        return _NONE_FITS
    if not fit.is_unique:
        return _MANY_FIT if fit.is_whole else _AT_LEAST
    return _ONE_FITS if chosen == 1 else _ALL_FIT if chosen == owed else _SET_FITS


def _laid(amount: Decimal, owed: Sequence[Open]) -> tuple[tuple[int, Decimal], ...]:
    """The money laid over invoices in their order."""
    parts, left = [], amount
    for one in owed:
        if left <= 0:
            break
        parts.append((one.invoice_id, min(left, one.open_amount)))
        left -= parts[-1][1]
    return tuple(parts)


def _cents(amount: Decimal) -> int:
    return int(amount.scaleb(2))


def _with(text: Text, **values: object) -> Text:
    """The sentence with its values in place, still in both languages."""
    return Text(*(text.say(language, **values).replace("{", "(").replace("}", ")") for language in ("zh", "en")))
