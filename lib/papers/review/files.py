"""The formats in which a weekly review leaves the house, each with its name, kind and maker."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from lib import formats
from lib.domain.sender import sender
from lib.papers import house
from lib.papers.review.book import book
from lib.papers.review.brief import brief
from lib.papers.review.deck import deck
from lib.papers.review.page import html
from lib.papers.review.pdf import pdf
from lib.papers.review.words import Wanted, said
from lib.papers.statement import Printed
from lib.review.beside import NOTHING, Beside
from lib.review.pack import EVERYBODY, Pack, to_text
from lib.store.ledger import LATEST, Ledger
from lib.store.settings import settings, zone
from lib.text import Language, Text

Form = Literal["pdf", "pptx", "pptx-full", "xlsx", "html", "brief", "json"]


@dataclass(frozen=True, slots=True)
class File:
    """One format: what people call it, the ending of its name, its media type, what makes it, and how its name begins."""

    label: Text
    suffix: str
    mime: str
    make: Callable[[Wanted], bytes]
    stem: str = "review"


_OFFICE: Final = "application/vnd.openxmlformats-officedocument"
FILES: Final[dict[Form, File]] = {
    "pdf": File(Text("PDF（打印、存档）", "PDF (print, archive)"), "pdf", "application/pdf", lambda wanted: pdf(said(wanted))),
    "pptx": File(
        Text("PPT（图表可编辑）", "Slides (charts to edit)"),
        "pptx",
        f"{_OFFICE}.presentationml.presentation",
        lambda wanted: deck(said(wanted)),
    ),
    "pptx-full": File(
        Text("PPT 全本（含附录）", "Slides with appendix"),
        "pptx",
        f"{_OFFICE}.presentationml.presentation",
        lambda wanted: deck(said(wanted), full=True),
        "review-full",
    ),
    "xlsx": File(
        Text("Excel（数字可计算）", "Excel (numbers to work with)"),
        "xlsx",
        f"{_OFFICE}.spreadsheetml.sheet",
        lambda wanted: book(said(wanted)),
    ),
    "html": File(Text("网页（手机、邮件）", "Web page (phone, mail)"), "html", "text/html", lambda wanted: html(said(wanted)).encode()),
    "brief": File(Text("简报（文字）", "Brief (text)"), "txt", "text/plain", lambda wanted: brief(wanted).encode()),
    "json": File(Text("JSON（给程序）", "JSON (for programs)"), "json", "application/json", lambda wanted: _json(wanted.pack)),
}


BESIDE: Final[frozenset[Form]] = frozenset({"pdf", "pptx", "pptx-full", "xlsx", "html"})
"""Formats that say what stands beside the pack: marks and restatements."""


def printed(wanted: Wanted, form: Form) -> Printed:
    """The file, its name, and how many numbers and rows it holds. Refuses (`Unusable`): a PDF without a font for Chinese."""
    held = len(wanted.pack.lines) + sum(len(rows) for rows in wanted.pack.tables.values())
    return Printed(FILES[form].make(wanted), file_name(wanted, form), held)


def file_name(wanted: Wanted, form: Form) -> str:
    """Which week, whose, by what was known, and when it was made: review_2026-W26_20260701-103000.pdf; no two share one."""
    pack = wanted.pack
    whose = () if pack.circle == EVERYBODY else (house.file_part(pack.circle),)
    then = () if pack.known_at == LATEST else (f"known-{pack.known_at:%Y%m%d-%H%M%S}",)
    parts = (FILES[form].stem, formats.iso_week(pack.week_on), *whose, *then, f"{wanted.made_at:%Y%m%d-%H%M%S}")
    return f"{'_'.join(parts)}.{FILES[form].suffix}"


def wanted(  # noqa: PLR0913 (a file has that many sides)
    ledger: Ledger, pack: Pack, language: Language, *, filters: str = "", link: str = "", beside: Beside = NOTHING
) -> Wanted:
    """A pack of this ledger as a file of now."""
    company = sender(settings(ledger)).called(language) or ""
    return Wanted(pack, language, ledger.clock(), zone(ledger), company, filters, link, beside)


def _json(pack: Pack) -> bytes:
    """The pack as it is frozen, with lines to read: amounts as exact text, days ISO. Keys are a public interface."""
    return (json.dumps(json.loads(to_text(pack)), ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()
