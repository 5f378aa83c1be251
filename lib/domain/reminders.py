"""What a reminder says: the debts it asks about, put into a letter. One home for the screen and for what is sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

from lib.domain import letters
from lib.text import Language, Text

INSTALMENT: Final = Text("分期第 {place}/{places} 期", "Instalment {place} of {places}")


def about(rows: Iterable[Mapping[str, Any]], until_on: date, plain: letters.Facts, language: Language) -> letters.Facts:
    """What a letter may say about debts due by a day: rows of the query `debts`, without what is disputed or stands behind a plan.

    `plain` knows who writes to whom, in which currency and when.
    """
    asked = [row for row in rows if not row["is_planned"] and row["due_on"] <= until_on and row["open_amount"] > row["disputed_amount"]]
    lines = tuple(letters.Line(called(row, language), row["due_on"], row["open_amount"] - row["disputed_amount"]) for row in asked)
    return replace(plain, amount=sum((line.open_amount for line in lines), Decimal(0)), lines=lines)


def called(row: Mapping[str, Any], language: Language) -> str:
    """The number of an invoice, or which instalment it is."""
    if row["promise_id"] is None:
        return str(row["invoice_no"])
    return INSTALMENT.say(language, place=row["place"], places=row["places"])
