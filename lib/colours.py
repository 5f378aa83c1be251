"""The colours and the type of the house, on screen and in every file: the only place with them.

Every pair was checked for three kinds of colour blindness (spec, visual design).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

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
