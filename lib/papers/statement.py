"""The customer statement: what happened in a period, what is open, how old it is. The figures are those of the screen's own queries."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from lib import formats, terms
from lib.domain.access import Actor
from lib.domain.buckets import bucket_words
from lib.domain.sender import sender
from lib.errors import NotFound
from lib.papers import house
from lib.papers.typesetting import Block, Column, Heading, Pairs, Paper, Table, Words, pdf
from lib.store.ledger import Ledger
from lib.store.query import catalog, rows
from lib.store.settings import settings
from lib.text import Language, Text

Row = dict[str, Any]
TITLE: Final = Text("对账单", "Statement of account")
_MONTHS_BACK: Final = 2

_CUSTOMER = Text("客户", "Customer")
_PERIOD = Text("期间", "Period")
_FROM_TO = Text("{from_on} 至 {as_of}", "{from_on} to {as_of}")
_OPENING = Text("期初余额", "Opening balance")
_DEBIT = Text("本期增加", "Added")
_CREDIT = Text("本期减少", "Received or credited")
_CLOSING = Text("期末余额", "Closing balance")
_OVERDUE = Text("其中已逾期", "Of this overdue")
_ON_ACCOUNT = Text("未核销收款", "Unallocated payments")
_MOVEMENTS = Text("本期往来（{currency}）", "Movements ({currency})")
_ITEMS = Text("未结账单（{currency}）", "Open invoices ({currency})")
_AGEING = Text("账龄（{currency}）", "Ageing ({currency})")
_TOTAL = Text("合计", "Total")
_NO_MOVEMENT = Text("本期没有往来。", "There were no movements in this period.")
_NO_ITEMS = Text("没有未结账单。", "There are no open invoices.")
_NO_MONEY = Text("截至 {as_of} 没有往来账。", "There was no business up to {as_of}.")
_DIFFERS = Text("如有不符，请在收到后 7 日内告知。", "If anything differs from your books, please tell us within 7 days.")
_LATE = Text("逾期天数", "Days late")
_NO_CUSTOMER = Text("找不到这个客户，或不在您的范围内。", "There is no such customer, or it is outside your scope.")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose statement, as of which date, from which day on (default: the month two before), in one currency or all."""

    customer_id: int
    as_of: date
    language: Language
    from_on: date | None = None
    currency: str | None = None
    known_at: datetime | None = None

    @property
    def since(self) -> date:
        """The first day whose movements are listed."""
        if self.from_on:
            return min(self.from_on, self.as_of)
        months = self.as_of.year * 12 + self.as_of.month - 1 - _MONTHS_BACK
        return date(months // 12, months % 12 + 1, 1)


@dataclass(frozen=True, slots=True)
class Printed:
    """A paper made: its bytes, what to call the file, and how many rows of the ledger it shows."""

    content: bytes
    file_name: str
    row_count: int


def statement(ledger: Ledger, actor: Actor, wanted: Wanted) -> Printed:
    """The statement as PDF. Refuses: a customer out of sight (`NotFound`), a machine without a Chinese font (`Unusable`)."""
    asked = _Asked(ledger, actor, wanted)
    card = next(iter(asked.rows("customer_card")), None)
    if card is None:
        raise NotFound(_NO_CUSTOMER)
    moved = [row for row in asked.rows("statement") if row["on_date"] >= wanted.since]
    totals = asked.rows("statement_totals", from_on=wanted.since)
    blocks: list[Block] = [_head(card, wanted)]
    for total in totals:
        blocks += _of_currency(asked, total, [row for row in moved if row["currency"] == total["currency"]])
    if not totals:
        blocks.append(Words(_NO_MONEY.say(wanted.language, as_of=formats.full_date(wanted.as_of, wanted.language))))
    company = sender(settings(ledger))
    about = f"{house.customer_name(card, wanted.language)} · {card['account_no']} · {formats.iso_date(wanted.as_of)}"
    blocks += [*house.bank(company, wanted.language), Words(_DIFFERS.say(wanted.language))]
    made = pdf(Paper(TITLE.say(wanted.language), about, wanted.language, company, blocks))
    return Printed(made, f"statement-{house.file_part(card['account_no'])}-{wanted.as_of:%Y%m%d}.pdf", len(moved))


@dataclass(frozen=True, slots=True)
class _Asked:
    ledger: Ledger
    actor: Actor
    wanted: Wanted

    def rows(self, name: str, **more: Hashable) -> list[Row]:
        """A named query about the customer wanted."""
        wanted = self.wanted
        given = {"customer_id": wanted.customer_id, "as_of": wanted.as_of, "known_at": wanted.known_at, "currency": wanted.currency, **more}
        taken = catalog()[name].parameters
        return rows(self.ledger, self.actor, name, **{key: value for key, value in given.items() if key in taken})


def _head(card: Row, wanted: Wanted) -> Pairs:
    language = wanted.language
    period = {name: formats.full_date(day, language) for name, day in (("from_on", wanted.since), ("as_of", wanted.as_of))}
    return Pairs(
        (
            (_CUSTOMER.say(language), house.customer_name(card, language)),
            (terms.COLUMN["account_no"].say(language), card["account_no"]),
            (_PERIOD.say(language), _FROM_TO.say(language, **period)),
        )
    )


def _of_currency(asked: _Asked, total: Row, moved: list[Row]) -> Iterator[Block]:
    currency, language = total["currency"], asked.wanted.language
    items = asked.rows("open_items", currency=currency)
    ages = asked.rows("ageing", currency=currency)
    yield Heading(currency)
    yield _summary(total, ages, language)
    yield Heading(_MOVEMENTS.say(language, currency=currency))
    yield _movements(total, moved, language) if moved else Words(_NO_MOVEMENT.say(language))
    yield Heading(_ITEMS.say(language, currency=currency))
    yield _open_items(items, language) if items else Words(_NO_ITEMS.say(language))
    if ages:
        yield Heading(_AGEING.say(language, currency=currency))
        yield _ages(asked, ages, total)


def _summary(total: Row, ages: list[Row], language: Language) -> Pairs:
    late = sum((row["amount"] for row in ages if row["bucket_no"]), Decimal(0))
    free = sum((row["amount"] for row in ages if row["bucket_no"] is None), Decimal(0))
    told = ((_OPENING, total["opening"]), (_DEBIT, total["debit"]), (_CREDIT, -total["credit"]), (_CLOSING, total["closing"]))
    parts = ((_OVERDUE, late), (_ON_ACCOUNT, free))
    shown = (*told, *(part for part in parts if part[1]))
    return Pairs([(label.say(language), formats.money(amount, total["currency"], language)) for label, amount in shown])


def _movements(total: Row, moved: list[Row], language: Language) -> Table:
    names = ("on_date", "doc_no", "kind", "debit", "credit", "balance")
    columns = tuple(house.column(name, language, figures={"debit", "credit", "balance"}, wide={"doc_no"}) for name in names)
    kinds = terms.VALUE["kind"]
    rows_ = [
        (
            formats.iso_date(row["on_date"]),
            row["doc_no"],
            kinds[row["kind"]].say(language),
            house.figure(row["debit"]),
            house.figure(row["credit"]),
            formats.number(row["balance"], 2),
        )
        for row in moved
    ]
    brought = ("", _OPENING.say(language), "", "", "", formats.number(total["opening"], 2))
    sums = (formats.number(total[name], 2) for name in ("debit", "credit", "closing"))
    return Table(columns, [brought, *rows_], ("", _TOTAL.say(language), "", *sums))


def _open_items(items: list[Row], language: Language) -> Table:
    names = ("invoice_no", "on_date", "due_on", "amount", "open_amount")
    columns = tuple(house.column(name, language, figures={"amount", "open_amount"}, wide={"invoice_no"}) for name in names)
    rows_ = [
        (
            row["invoice_no"],
            formats.iso_date(row["on_date"]),
            formats.iso_date(row["due_on"]),
            formats.number(row["amount"], 2),
            formats.number(row["open_amount"], 2),
            formats.number(row["days_overdue"]) if row["days_overdue"] else "",
        )
        for row in items
    ]
    open_amount = sum((row["open_amount"] for row in items), Decimal(0))
    total = (_TOTAL.say(language), "", "", "", formats.number(open_amount, 2), "")
    return Table((*columns, Column(_LATE.say(language), is_figure=True)), rows_, total)


def _ages(asked: _Asked, ages: list[Row], total: Row) -> Table:
    language = asked.wanted.language
    words = bucket_words(asked.rows("bucket_edges")[0]["edges"])
    found = {row["bucket_no"]: row for row in ages}
    columns = tuple(house.column(name, language, figures={"count", "amount"}, wide={"bucket"}) for name in ("bucket", "count", "amount"))
    rows_ = [
        (word.say(language), formats.number(found[code]["count"]), formats.number(found[code]["amount"], 2))
        for code, word in words.items()
        if code in found
    ]
    count = sum(row["count"] for row in ages)
    return Table(columns, rows_, (_CLOSING.say(language), formats.number(count), formats.number(total["closing"], 2)))
