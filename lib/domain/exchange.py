"""Exchange rates: a small list as people paste it, and what a payment in one currency settles in another, exact to the cent.

A rate says how many units of the base currency one unit of a currency was worth from a day on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from lib.domain.dates import parse_date
from lib.domain.delimited import decode, read_records, sniff
from lib.domain.values import CURRENCIES
from lib.errors import Refused
from lib.text import Text

CENT: Final = Decimal("0.01")
PLACES: Final = Decimal("0.00000001")
_COLUMNS: Final = 3
_RATE: Final = re.compile(r"\d{1,9}(?:\.\d{1,8})?")

_NOT_A_LINE = Text(
    "第 {line} 行“{typed}”要有三项：币种、日期、汇率，如 USD,2026-06-30,7.1586。",
    "Line {line}, “{typed}”, needs three parts: currency, date, rate, such as USD,2026-06-30,7.1586.",
)
_NOT_A_CURRENCY = Text(
    "第 {line} 行的币种“{typed}”要写成三个字母，如 USD。", "Line {line}: write the currency “{typed}” as three letters, such as USD."
)
_NOT_A_DAY = Text(
    "第 {line} 行的日期“{typed}”看不懂，请写成 2026-06-30。", "Line {line}: the date “{typed}” cannot be read; write it like 2026-06-30."
)
_NOT_A_RATE = Text(
    "第 {line} 行的汇率“{typed}”要大于 0，最多八位小数，如 7.1586。",
    "Line {line}: the rate “{typed}” must be above 0 with at most eight decimals, such as 7.1586.",
)


@dataclass(frozen=True, slots=True)
class Rate:
    """What one unit of a currency was worth in the base currency from a day on."""

    currency: str
    on_date: date
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Crossing:
    """Money of one currency laid on an invoice of another, by way of the base currency.

    paid − in the payment's currency; worth − what it brings in base; settled − in the invoice's currency;
    booked − what that was worth when the invoice was written; difference = worth − booked is gained (or lost, below zero).
    """

    paid: Decimal
    worth: Decimal
    settled: Decimal
    booked: Decimal

    @property
    def difference(self) -> Decimal:
        """Gained above zero, lost below."""
        return self.worth - self.booked


def read_rates(text: str, today: date) -> tuple[Rate, ...]:
    """Rates from a pasted list or a small file: currency, date, rate; a heading is passed over.

    Refuses: a line that is no rate, with its number and how it should look.
    """
    records = read_records(text.strip(), sniff(text.strip()))
    lines = [(number, [cell.strip() for cell in cells]) for number, cells in enumerate(records.cells, 1) if any(cells)]
    if lines and not re.search(r"\d", "".join(lines[0][1])):
        lines = lines[1:]
    return tuple(_rate(number, cells, today) for number, cells in lines)


def decoded(content: bytes) -> str:
    """The text of a small file, in whatever encoding it came."""
    return decode(content)[0]


def cross(free: Decimal, open_amount: Decimal, rates: tuple[Decimal, Decimal, Decimal], most: Decimal | None = None) -> Crossing:
    """What of the money `free` is used to settle what is open, at most `most` of it.

    rates: of the payment's currency, of the invoice's currency, both of the day, and of the invoice's currency on its own day.
    """
    of_money, of_invoice, of_invoice_then = rates
    offered = free if most is None else min(free, most)
    worth = _cents(offered * of_money)
    settled = _cents(worth / of_invoice)
    paid = offered
    if settled > open_amount:
        settled, worth = open_amount, _cents(open_amount * of_invoice)
        paid = min(offered, _cents(worth / of_money))
    # In the base currency itself a cent is a cent: no rounding may come between.
    worth = paid if of_money == 1 else settled if of_invoice == 1 else worth
    booked = worth if of_invoice == 1 else _cents(settled * of_invoice_then)
    return Crossing(paid, worth, settled, booked)


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def _is_number(cell: str) -> bool:
    return _RATE.fullmatch(cell) is not None


def _rate(line: int, cells: list[str], today: date) -> Rate:
    typed = ",".join(cells)
    parts = [cell for cell in cells if cell]
    if len(parts) != _COLUMNS:
        raise Refused(_NOT_A_LINE, line=line, typed=typed, about="text")
    currency, day, rate = parts
    known = CURRENCIES.get(currency, currency).upper()
    if not re.fullmatch("[A-Z]{3}", known):
        raise Refused(_NOT_A_CURRENCY, line=line, typed=currency, about="text")
    on_date = parse_date(day, today=today).value
    if on_date is None:
        raise Refused(_NOT_A_DAY, line=line, typed=day, about="text")
    if not _is_number(rate) or not Decimal(rate):
        raise Refused(_NOT_A_RATE, line=line, typed=rate, about="text")
    return Rate(known, on_date, Decimal(rate))
