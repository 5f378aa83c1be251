"""One invoice on paper: its lines, tax, due date and where to pay; a yuan amount also in capital characters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any, Final

from lib import formats, terms
from lib.domain.access import Actor
from lib.domain.capital_words import capital_words
from lib.domain.sender import sender
from lib.errors import NotFound
from lib.papers import house
from lib.papers.statement import Printed
from lib.papers.typesetting import Block, Column, Pairs, Paper, Table, Words, pdf
from lib.store.ledger import Ledger
from lib.store.query import rows
from lib.store.settings import settings
from lib.text import Language, Text

Row = dict[str, Any]
TITLE: Final = Text("账单", "Invoice")
_CUSTOMER = Text("客户", "Customer")
_NO = Text("账单编号", "Invoice no.")
_ISSUED = Text("开票日", "Invoice date")
_DUE = Text("请于此日前付款", "Payable by")
_MEMO = Text("备注", "Note")
_ITEM = Text("项目", "Item")
_QUANTITY = Text("数量", "Quantity")
_PRICE = Text("单价", "Unit price")
_AMOUNT = Text("金额", "Amount")
_NET = Text("不含税金额", "Net amount")
_TAX = Text("税额", "Tax")
_TOTAL = Text("应付合计", "Total due")
_WORDS = Text("大写", "In capital characters")
_OPEN = Text("截至 {as_of} 未收", "Open as of {as_of}")
_QUOTE = Text("付款时请注明账单编号 {invoice_no}。", "Please quote invoice number {invoice_no} when you pay.")
_NONE = Text("找不到这张账单，或它已作废，或不在您的范围内。", "There is no such invoice, it was voided, or it is outside your scope.")
_MOST_PLACES: Final = 6


def invoice(ledger: Ledger, actor: Actor, invoice_id: int, *, as_of: date, language: Language) -> Printed:
    """The invoice as PDF, with what was open on a date. Refuses: one voided or out of sight, a machine without a Chinese font."""
    found = next(iter(rows(ledger, actor, "invoice_document", invoice_id=invoice_id, as_of=as_of)), None)
    if found is None:
        raise NotFound(_NONE)
    lines = rows(ledger, actor, "invoice_lines", invoice_id=invoice_id)
    company = sender(settings(ledger))
    blocks: list[Block] = [_head(found, language), *_body(found, lines, language), _sums(found, as_of, language)]
    blocks += [*house.bank(company, language), Words(_QUOTE.say(language, invoice_no=found["invoice_no"]))]
    about = f"{found['invoice_no']} · {house.customer_name(found, language)}"
    made = pdf(Paper(TITLE.say(language), about, language, company, blocks))
    return Printed(made, f"invoice-{house.file_part(found['invoice_no'])}.pdf", max(len(lines), 1))


def _head(found: Row, language: Language) -> Pairs:
    told = (
        (_NO, found["invoice_no"]),
        (_CUSTOMER, house.customer_name(found, language)),
        (terms.COLUMN["account_no"], found["account_no"]),
        (_ISSUED, formats.full_date(found["on_date"], language)),
        (_DUE, formats.full_date(found["due_on"], language)),
        (_MEMO, found["memo"]),
    )
    return Pairs([(label.say(language), value) for label, value in told if value])


def _body(found: Row, lines: list[Row], language: Language) -> Iterator[Block]:
    if not lines:
        return
    columns = (
        Column(_ITEM.say(language), share=1),
        *(Column(label.say(language), is_figure=True) for label in (_QUANTITY, _PRICE, _AMOUNT)),
    )
    yield Table(columns, [_line(line, found) for line in lines])


def _line(line: Row, found: Row) -> tuple[str, ...]:
    item = " · ".join(part for part in (line["product_no"], line["description"]) if part)
    return item or found["invoice_no"], _plain(line["quantity"]), _plain(line["unit_price"], 2), formats.number(line["amount"], 2)


def _plain(value: Decimal | None, least: int = 0) -> str:
    """A number with the decimals it needs, at least so many."""
    if value is None:
        return ""
    places = next(places for places in range(least, _MOST_PLACES + 1) if value == round(value, places) or places == _MOST_PLACES)
    return formats.number(value, places)


def _sums(found: Row, as_of: date, language: Language) -> Pairs:
    amount, tax, currency = found["amount"], found["tax_amount"], found["currency"]
    told = [(_NET, amount - tax), (_TAX, tax)] if tax else []
    pairs = [(label.say(language), formats.money(value, currency, language)) for label, value in [*told, (_TOTAL, amount)]]
    if currency == "CNY":
        pairs.append((_WORDS.say(language), capital_words(amount)))
    if found["open_amount"] != amount and found["on_date"] <= as_of:
        label = _OPEN.say(language, as_of=formats.full_date(as_of, language))
        pairs.append((label, formats.money(found["open_amount"], currency, language)))
    return Pairs(pairs)
