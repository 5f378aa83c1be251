"""A paper as a list of blocks, and the PDF made of it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal

import typst

from lib.colours import FONT
from lib.domain.sender import Sender
from lib.papers.fonts import Printer, printer
from lib.text import Language, Text

_TEMPLATE: Final = Path(__file__).with_name("paper.typ")
_PAGE: Final = Text("第 {page} 页，共 {pages} 页", "Page {page} of {pages}")
_UNSEEN: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffc\ufffe\uffff\ud800-\udfff]+")
"""Control characters, halves of signs and marks that turn the direction of text."""
_LONG_WORD: Final = re.compile(r"[^\s\u2e80-\u9fff]{24}(?=[^\s\u2e80-\u9fff])")
"""A run without a place to break: it would leave the page."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: its words, and whether it holds figures. Words share what room the figures leave."""

    label: str
    is_figure: bool = False
    share: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a heading; the header comes again on each page, `total` stands last."""

    columns: tuple[Column, ...]
    rows: Sequence[Sequence[str]]
    total: Sequence[str] = ()
    kind: Literal["table"] = "table"


@dataclass(frozen=True, slots=True)
class Pairs:
    """Labels with their values, side by side."""

    pairs: Sequence[tuple[str, str]]
    kind: Literal["pairs"] = "pairs"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; it never stands alone at the foot of a page."""

    words: str
    kind: Literal["heading"] = "heading"


@dataclass(frozen=True, slots=True)
class Words:
    """A paragraph."""

    words: str
    kind: Literal["words"] = "words"


Block = Table | Pairs | Heading | Words


@dataclass(frozen=True, slots=True)
class Paper:
    """What stands on a paper, in one language."""

    title: str
    about: str
    """What the head of every later page says beside the title."""
    language: Language
    sender: Sender
    blocks: Sequence[Block]


def pdf(paper: Paper) -> bytes:
    """The paper as PDF with its fonts embedded. Refuses (`Unusable`): a machine without a font for Chinese."""
    sender = paper.sender
    data = {
        "title": paper.title,
        "about": paper.about,
        "language": paper.language,
        "company": sender.called(paper.language) or "",
        "address": " · ".join(part for part in (sender.address, sender.phone) if part),
        "blocks": [asdict(block) for block in paper.blocks],
    }
    return typeset(_TEMPLATE, data, paper.language)


def typeset(template: Path, data: dict[str, Any], language: Language, drawings: Mapping[str, str] | None = None) -> bytes:
    """What a template makes of its data; drawings are SVG by name, made by the house. Refuses (`Unusable`): as above."""
    found = printer()
    shared = {"page": _PAGE.say(language, page="{page}", pages="{pages}"), "family": found.family}
    # A compiler each: it keeps its inputs, and papers are made side by side.
    compiler = typst.Compiler(
        str(template),
        root=str(template.parent),
        font_paths=found.fonts,
        ignore_system_fonts=True,
        sys_inputs={
            "paper": json.dumps(_clean(data | shared, found), ensure_ascii=False),
            "drawings": json.dumps({_broken(name): drawing.replace(FONT, found.family) for name, drawing in (drawings or {}).items()}),
        },
    )
    made = compiler.compile(format="pdf")
    assert isinstance(made, bytes)
    return made


def seen(text: str) -> str:
    """The text without what nobody sees: control characters, and marks that make figures read backwards."""
    return _UNSEEN.sub(" ", text)


def _broken(text: str) -> str:
    """The text with places to break in long words."""
    return _LONG_WORD.sub("\\g<0>\u200b", text)


def _clean(value: Any, found: Printer) -> Any:  # noqa: ANN401 (JSON)
    """Every text without what cannot be printed or would mislead."""
    if isinstance(value, str):
        return _broken(found.printable(seen(value)))
    if isinstance(value, dict):
        return {name: _clean(one, found) for name, one in value.items()}
    return [_clean(one, found) for one in value] if isinstance(value, list | tuple) else value
