"""The look of charts on screen: the reader's colours, how axes write numbers, the configuration of every chart."""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from lib.colours import DARK, FONT, LIGHT, Palette
from lib.text import Language

_AXIS_ZH: Final = (
    "abs(datum.value) >= 1e8 ? format(datum.value / 1e8, ',~r') + '亿'"
    " : abs(datum.value) >= 1e4 ? format(datum.value / 1e4, ',~r') + '万' : format(datum.value, ',~r')"
)
_AXIS_EN: Final = (
    "abs(datum.value) >= 1e9 ? format(datum.value / 1e9, ',~r') + 'B'"
    " : abs(datum.value) >= 1e6 ? format(datum.value / 1e6, ',~r') + 'M'"
    " : abs(datum.value) >= 1e3 ? format(datum.value / 1e3, ',~r') + 'K' : format(datum.value, ',~r')"
)


def palette() -> Palette:
    """The colours for the reader's theme."""
    return DARK if st.context.theme.type == "dark" else LIGHT


def amounts(language: Language) -> str:
    """How an axis writes large numbers: 50万 or 500K."""
    return _AXIS_ZH if language == "zh" else _AXIS_EN


def ramp(colours: tuple[str, ...], count: int) -> list[str]:
    """`count` steps of an ordered ramp: its start is the calm end, its end the alarming one."""
    if count <= 1:
        return list(colours[:1])
    last = len(colours) - 1
    return [colours[round(step * last / (count - 1))] for step in range(count)]


def marks(colours: Palette) -> list[str]:
    """Five marks from bad to good."""
    return [colours.worse, colours.ageing[1], colours.neutral, colours.categories[4], colours.better]


def config(colours: Palette) -> dict[str, Any]:
    """The Vega configuration of every chart: grey first, horizontal labels, no ticks, no frame."""
    label = {
        "labelColor": colours.muted,
        "titleColor": colours.muted,
        "labelFontSize": 13,
        "titleFontSize": 13,
        "labelFont": FONT,
        "titleFont": FONT,
    }
    return {
        "background": "transparent",
        "font": FONT,
        "padding": {"left": 2, "right": 8, "top": 4, "bottom": 2},
        "view": {"stroke": None},
        "axis": {
            **label,
            "titleFontWeight": "normal",
            "gridColor": colours.grid,
            "domain": False,
            "ticks": False,
            "labelAngle": 0,
            "labelPadding": 6,
        },
        "legend": {**label, "title": None, "orient": "top", "symbolType": "square", "columnPadding": 12, "labelLimit": 180},
        "text": {"color": colours.ink, "fontSize": 13, "font": FONT},
        "bar": {"color": colours.neutral},
        "line": {"color": colours.ink, "strokeWidth": 2},
        "point": {"color": colours.ink, "filled": True, "size": 60},
    }
