"""What is found about every open line of the bank's statements: made once for each version of the ledger, with a bar while it lasts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import streamlit as st

from lib import formats
from lib.commands.bank_evidence import open_lines, proposals, refunds, transfers
from lib.domain.reconciling import Proposal
from lib.text import Text
from lib.ui import session

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

_LOOKING: Final = Text("正在为 {count} 笔流水找付款人和账单…", "Looking for payer and invoices of {count} lines…")
_LINKING: Final = Text("正在找退款和自己账户间的转账…", "Looking for refunds and transfers between own accounts…")
_MOSTLY: Final = 90
"""Percent of the time that goes into proposals."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was found about a line: what it settles, or the refund it is, or the line it came from."""

    proposal: Proposal | None = None
    refund: tuple[int, str] | None = None
    transfer_id: int | None = None


def every() -> dict[int, Found]:
    """By line_id; only who sees all of the ledger gets here."""
    ledger = session.ledger()
    at, kept = (id(ledger.identity), ledger.version), _kept()
    found = kept.get(at)
    if found is None:
        place = st.empty()
        found = _looked_up(place)
        place.empty()
        kept.clear()
        kept[at] = found
    return found


@st.cache_resource(show_spinner=False)
def _kept() -> dict[tuple[int, int], dict[int, Found]]:
    """What was found for the newest version of the ledger."""
    return {}


def _looked_up(place: DeltaGenerator) -> dict[int, Found]:
    """Ten thousand lines take seconds: the bar says how far it is and what is being looked for."""
    cursor = session.ledger().cursor()
    lines = open_lines(cursor)
    looking, told = session.say(_LOOKING, count=formats.number(len(lines))), -1

    def tell(share: float) -> None:
        nonlocal told
        if (percent := int(share * _MOSTLY)) > told:
            told = percent
            place.progress(percent, looking)

    settled = proposals(cursor, lines, tell)
    place.progress(_MOSTLY, session.say(_LINKING))
    back, own = refunds(cursor), transfers(cursor)
    return {line_id: Found(settled.get(line_id), back.get(line_id), own.get(line_id)) for line_id in {*settled, *back, *own}}
