"""A reminder as a letter: the very text that was written, with whom it goes to and who sends it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from lib import formats
from lib.domain.access import Actor
from lib.domain.sender import sender
from lib.errors import NotFound
from lib.papers import house
from lib.papers.statement import Printed
from lib.papers.typesetting import Block, Heading, Pairs, Paper, Words, pdf
from lib.store.ledger import Ledger
from lib.store.query import rows
from lib.store.settings import settings
from lib.text import Language, Text

TITLE: Final = Text("催款函", "Payment reminder")
_TO: Final = Text("致", "To")
_FOR: Final = Text("收件人", "Attention")
_ADDRESS: Final = Text("地址", "Address")
_NO_CUSTOMER: Final = Text("找不到这个客户，或不在您的范围内。", "There is no such customer, or it is outside your scope.")


@dataclass(frozen=True, slots=True)
class Written:
    """A letter as it was written: to whom, its subject and text, in which language, of which day."""

    customer_id: int
    subject: str
    body: str
    language: Language
    on_date: date


def letter(ledger: Ledger, actor: Actor, written: Written) -> Printed:
    """The letter as PDF. Refuses: a customer out of sight (`NotFound`), a machine without a Chinese font (`Unusable`)."""
    asked = {"customer_id": written.customer_id, "as_of": written.on_date}
    card = next(iter(rows(ledger, actor, "customer_card", **asked)), None)
    if card is None:
        raise NotFound(_NO_CUSTOMER)
    language = written.language
    company = sender(settings(ledger))
    paragraphs = [Words(part) for part in written.body.splitlines() if part.strip()]
    name = house.customer_name(card, language)
    blocks: list[Block] = [
        _recipient(ledger, actor, written, name, may_see=actor.level >= card["secrecy"]),
        Heading(written.subject),
        *paragraphs,
    ]
    about = f"{name} · {formats.iso_date(written.on_date)}"
    made = pdf(Paper(TITLE.say(language), about, language, company, blocks))
    return Printed(made, f"letter-{house.file_part(card['account_no'])}-{written.on_date:%Y%m%d}.pdf", len(paragraphs))


def _recipient(ledger: Ledger, actor: Actor, written: Written, name: str, *, may_see: bool) -> Pairs:
    """Name and postal address; no address where the person who prints may only see it masked, nobody who must not be written to."""
    people = rows(ledger, actor, "customer_contacts", customer_id=written.customer_id, as_of=written.on_date)
    reached = sorted((one for one in people if not one["do_not_contact"]), key=lambda one: (not one["address"], one["role"] != "finance"))
    first = reached[0] if reached else {"name": None, "address": None}
    told = ((_TO, name), (_FOR, first["name"]), (_ADDRESS, first["address"] if may_see else None))
    return Pairs([(label.say(written.language), value) for label, value in told if value])
