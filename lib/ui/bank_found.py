"""What is found about open lines of the bank's statements, kept for a version of the ledger: those on screen, or all, with a bar."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
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


@dataclass(frozen=True, slots=True)
class Found:
    """What was found about a line: what it settles, or the refund it is, or the line it came from."""

    proposal: Proposal | None = None
    refund: tuple[int, str] | None = None
    transfer_id: int | None = None


@dataclass(slots=True)
class _Search:
    """What was found so far in one version of the ledger: all money known to be moved or paid back, and proposals of lines looked at."""

    refunds: dict[int, tuple[int, str]]
    transfers: dict[int, int]
    proposals: dict[int, Proposal] = field(default_factory=dict)
    looked_at: set[int] = field(default_factory=set)
    is_whole: bool = False

    def of(self, line_id: int) -> Found:
        """What was found about a line."""
        return Found(self.proposals.get(line_id), self.refunds.get(line_id), self.transfers.get(line_id))


def among(line_ids: Collection[int]) -> dict[int, Found]:
    """What is found about these lines, by line_id; only who sees all of the ledger gets here."""
    search = _search()
    wanted = [line_id for line_id in line_ids if line_id not in search.looked_at]
    if wanted and not search.is_whole:
        cursor = session.ledger().cursor()
        search.proposals |= proposals(cursor, open_lines(cursor, wanted))
        search.looked_at.update(wanted)
    return {line_id: search.of(line_id) for line_id in line_ids}


def every(line_ids: Collection[int]) -> dict[int, Found]:
    """The same, after all open lines were looked at together: a payment booked before stands for one line only."""
    search = _search()
    if not search.is_whole:
        place = st.empty()
        search.proposals, search.is_whole = _looked_up(place), True
        place.empty()
    return {line_id: search.of(line_id) for line_id in line_ids}


def is_whole() -> bool:
    """Whether all open lines have been looked at in this version of the ledger."""
    return _search().is_whole


def _search() -> _Search:
    ledger = session.ledger()
    at, kept = (id(ledger.identity), ledger.version), _kept()
    if at not in kept:
        cursor = ledger.cursor()
        found = _Search(refunds(cursor), transfers(cursor))
        kept.clear()
        kept[at] = found
    return kept[at]


@st.cache_resource(show_spinner=False)
def _kept() -> dict[tuple[int, int], _Search]:
    """What was found for the newest version of the ledger."""
    return {}


def _looked_up(place: DeltaGenerator) -> dict[int, Proposal]:
    """Ten thousand lines take seconds: the bar says how far it is and what is being looked for."""
    cursor = session.ledger().cursor()
    lines = open_lines(cursor)
    looking, told = session.say(_LOOKING, count=formats.number(len(lines))), -1

    def tell(share: float) -> None:
        nonlocal told
        if (percent := int(share * 100)) > told:
            told = percent
            place.progress(percent, looking)

    return proposals(cursor, lines, tell)
