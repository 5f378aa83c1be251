"""What all papers share: who we are, where to pay, how names and figures are written."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from lib import formats, terms
from lib.domain.sender import Sender
from lib.papers.typesetting import Block, Column, Heading, Pairs
from lib.text import Language, Text

_PAY_TO: Final = Text("收款账户", "Please pay to")


def bank(sender: Sender, language: Language) -> Iterator[Block]:
    """Where to pay; nothing until the account is known."""
    if pairs := sender.bank(language):
        yield Heading(_PAY_TO.say(language))
        yield Pairs(pairs)


def customer_name(card: Mapping[str, Any], language: Language) -> str:
    """The customer's name; on an English paper the English one where there is one, with the other behind it."""
    if language == "en" and card["name_en"] and card["name_en"] != card["name"]:
        return f"{card['name_en']} ({card['name']})"
    return str(card["name"])


def column(name: str, language: Language, *, figures: Collection[str], wide: Collection[str] = ()) -> Column:
    """A column by its identifier, with the words it has on screen."""
    return Column(terms.COLUMN[name].say(language), name in figures, int(name in wide))


def figure(amount: Decimal) -> str:
    """An amount with its cents; an empty cell for none."""
    return formats.number(amount, 2) if amount else ""


def file_part(given: str) -> str:
    """A text as part of a file name, on every system."""
    return re.sub(r"[^\w.-]+", "_", given, flags=re.UNICODE).strip("._")[:60] or "x"
