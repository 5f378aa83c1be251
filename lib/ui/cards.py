"""Metric cards: number, context, verdict, link. Colour says good or bad for us, the arrow up or down, and words say both.

Only a signal has a verdict; what is within its usual ups and downs stays grey.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal

import streamlit as st

from lib.metrics import words
from lib.metrics.variation import Verdict
from lib.text import Text
from lib.ui import page, session

Direction = Literal["up", "down", "off"]
_COLOUR: Final[dict[Verdict, Literal["blue", "orange", "gray"]]] = {
    "better": "blue",
    "worse": "orange",
    "neutral": "gray",
    "unknown": "gray",
}
_DETAILS: Final = Text("看明细", "Details")
_NARROWEST: Final = 158
"""Two cards fit side by side on a phone of 390 px."""


@dataclass(frozen=True, slots=True)
class Card:
    """One number as it is shown; all words already in the person's language."""

    label: str
    value: str
    change: str | None = None
    against: str | None = None
    direction: Direction = "off"
    verdict: Verdict = "neutral"
    note: str | None = None
    history: Sequence[float] = ()
    definition: str | None = None
    opens: tuple[str, str] | None = None
    """What a click puts into the URL: a name and its value."""


def show(cards: Sequence[Card], *, key: str, across: int = 4) -> None:
    """Cards of equal height, `across` to a row on a desk, two on a phone."""
    with st.grid(across, min_column_width=_NARROWEST, key=key):
        for place, card in enumerate(cards):
            with st.container(border=True, height="stretch", key=f"{key}_{place}", gap="xsmall"):
                _card(card)


def _card(card: Card) -> None:
    verdict = session.say(words.VERDICT[card.verdict])
    st.metric(
        page.md(card.label),
        card.value,
        card.change,
        delta_color=_COLOUR[card.verdict],
        delta_arrow=card.direction,
        delta_description=verdict if card.change or card.verdict in {"better", "worse"} else None,
        help=card.definition,
        chart_data=list(card.history) if len(card.history) > 1 else None,
        chart_type="line",
    )
    if said := " · ".join(filter(None, [card.against, card.note])):
        st.caption(said)
    if card.opens:
        name, value = card.opens
        put = partial(st.query_params.__setitem__, name, value)
        arrow = ":material/arrow_forward:"
        st.button(session.say(_DETAILS), key=f"card-{name}-{value}", type="tertiary", icon=arrow, icon_position="right", on_click=put)
