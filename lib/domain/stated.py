"""What a statement says about itself: whose account it is, what stood on it before and after, how much came and went."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Flow:
    """How many lines of one direction there are, and what they add up to; a part the statement does not state is None."""

    count: int | None = None
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Stated:
    """The figures of one statement; what it does not state is None. A balance in another currency keeps that currency."""

    account: str | None = None
    currency: str | None = None
    opening: Decimal | None = None
    opening_currency: str | None = None
    closing: Decimal | None = None
    closing_currency: str | None = None
    lines: int | None = None
    into: Flow = Flow()
    out: Flow = Flow()
    neither: Flow = Flow()
    total: Decimal | None = None
    """What a total below the table says of its one column of amounts."""


HEADER = ("account", "on_date", "amount", "direction", "currency", "payer", "payer_account", "memo", "remark", "category", "ref")
"""The columns of a table made from a bank format: the names of the import's own fields."""
MOST_ROWS = 2_000_001
"""One more than an import takes: reading further would only fill memory."""


@dataclass(frozen=True, slots=True)
class Feed:
    """A bank format read to the end: rows under `HEADER`, the line each starts on, and one `Stated` per statement."""

    rows: list[tuple[str, ...]]
    line_nos: list[int]
    stated: tuple[Stated, ...]
