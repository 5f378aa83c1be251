"""Days sales outstanding by countback: how many of the latest days of billing it takes to make up what is open. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Final

_TENTH: Final = Decimal("0.1")


def days(open_amount: Decimal, billed: Sequence[tuple[date, Decimal]], as_of: date) -> Decimal | None:
    """Days and a tenth, the as-of day being the first; None when all billing on record is less than what is open.

    `billed` holds one amount per day, in order; a day with more credit than billing counts as none.
    """
    left = open_amount
    if left <= 0:
        return Decimal(0)
    for on, amount in reversed(billed):
        if on > as_of or amount <= 0:
            continue
        if amount >= left:
            return ((as_of - on).days + left / amount).quantize(_TENTH)
        left -= amount
    return None
