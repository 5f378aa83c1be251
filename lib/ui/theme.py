"""The look of charts: the only place with colours. Every pair was checked for three kinds of colour blindness (spec, visual design)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import streamlit as st

from lib.text import Language

FONT: Final = "'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Source Sans', sans-serif"


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours by what they mean. `better` and `worse` are good and bad for us, never up and down."""

    ink: str
    muted: str
    grid: str
    band: str
    paper: str
    on_dark: str
    better: str
    worse: str
    worse_text: str
    neutral: str
    categories: tuple[str, ...]
    ageing: tuple[str, ...]
    heat: tuple[str, str]


LIGHT: Final = Palette(
    ink="#334155",
    muted="#64748B",
    grid="#E2E8F0",
    band="#EEF2F7",
    paper="#FFFFFF",
    on_dark="#FFFFFF",
    better="#0072B2",
    worse="#D55E00",
    worse_text="#B45309",
    neutral="#94A3B8",
    categories=("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#5B5B5B"),
    ageing=("#CBD5E1", "#FBD3A7", "#F0A04B", "#D55E00", "#A63F00", "#7F2F00", "#4A1B00"),
    heat=("#EEF2F7", "#0072B2"),
)
DARK: Final = Palette(
    ink="#E2E8F0",
    muted="#94A3B8",
    grid="#334155",
    band="#1E293B",
    paper="#0F172A",
    on_dark="#0F172A",
    better="#3B9FD9",
    worse="#F07F2E",
    worse_text="#F59E5B",
    neutral="#94A3B8",
    categories=("#3B9FD9", "#F2B53A", "#2BBF94", "#DD97BE", "#7CC8F0", "#A3A3A3"),
    ageing=("#64748B", "#FBD3A7", "#F0A04B", "#E8701A", "#C24E0A", "#9A3B06", "#7A2C04"),
    heat=("#1E293B", "#3B9FD9"),
)

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
