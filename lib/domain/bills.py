"""A bill before it is one: its lines, what they come to with tax, and the days on which an agreement is billed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from lib.domain.payment_terms import months_after
from lib.text import Text

EVERY: Final[dict[int, Text]] = {
    1: Text("每月", "Monthly"),
    2: Text("每两月", "Every 2 months"),
    3: Text("每季", "Quarterly"),
    6: Text("每半年", "Every 6 months"),
    12: Text("每年", "Yearly"),
}
_CENT: Final = Decimal("0.01")
_FINE: Final = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a bill. The unit price is before tax."""

    description: str
    quantity: Decimal
    unit_price: Decimal
    product_no: str | None = None

    @property
    def amount(self) -> Decimal:
        """Quantity times unit price, before tax, to a millionth."""
        return (self.quantity * self.unit_price).quantize(_FINE, ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Total:
    """What lines come to: the amount owed, and the tax in it."""

    amount: Decimal
    tax_amount: Decimal | None


def total(lines: Iterable[Line], tax_rate: Decimal | None) -> Total:
    """The amount with tax: the sum and the tax are each rounded to the cent once per invoice, half a cent up."""
    net = sum((line.amount for line in lines), Decimal(0)).quantize(_CENT, ROUND_HALF_UP)
    if tax_rate is None:
        return Total(net, None)
    tax = (net * tax_rate).quantize(_CENT, ROUND_HALF_UP)
    return Total(net + tax, tax)


def billing_days(first_on: date, every_months: int, until: date) -> list[date]:
    """The days on which an agreement is billed up to a day, counted from the first: 31 January, 28 February, 31 March."""
    found: list[date] = []
    while (day := months_after(first_on, len(found) * every_months)) <= until:
        found.append(day)
    return found


def written(lines: Sequence[Line]) -> str:
    """Lines as they are kept in a draft."""
    rows = [{**asdict(line), "amount": line.amount} for line in lines]
    return json.dumps(rows, default=str, ensure_ascii=False)


def read(text: str | None) -> tuple[Line, ...]:
    """The lines of a draft."""
    rows = json.loads(text or "[]")
    return tuple(
        Line(row["description"] or "", Decimal(row["quantity"]), Decimal(row["unit_price"]), row.get("product_no")) for row in rows
    )
