"""The cell parser for amounts, whole numbers, scores, choices and text: typed values, never guesses.

Dates are read in `lib.domain.dates`. A column is read through `parse_column`, which reads each distinct text once.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from lib.formats import MINUS
from lib.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

State = Literal["ok", "changed", "error"]
AmountStyle = Literal["point", "comma"]


@dataclass(frozen=True, slots=True)
class Parsed[T]:
    """What one cell came to: the value, whether it now looks different, and why it was refused."""

    value: T | None
    state: State
    shown: str
    reason: Text | None = None
    typed: str = ""

    def say(self) -> str:
        """What was typed and what it became, for the preview: 1.2万 → 12,000.00."""
        return f"{self.typed} → {self.shown}" if self.state == "changed" else self.shown
