"""What a review leaves behind for others: a file of each format at one click, and the brief to copy into a chat group."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final

import streamlit as st

from lib import formats
from lib.commands.exports import RecordExport
from lib.domain.access import SYSTEM, Actor, Permission
from lib.errors import Refused
from lib.metrics import Cut
from lib.metrics.variation import View
from lib.papers import fonts
from lib.papers.review import files, words
from lib.papers.review.brief import MOST_BYTES, brief
from lib.papers.review.files import FILES, Form
from lib.review.beside import NOTHING, beside
from lib.review.pack import Pack, build
from lib.store.door import execute
from lib.store.ledger import Ledger
from lib.store.query import rows
from lib.text import Language, Text
from lib.ui import page, session
from lib.ui.filters import Scope

_EXPORTS: Final = Text("带走这一周", "Take the week along")
_BRIEF: Final = Text("简报", "Brief")
_BRIEF_ABOUT: Final = Text(
    "点右上角复制，发到企业微信或钉钉群；不超过 {bytes} 字节。",
    "Copy it at the upper right and paste it into the group; at most {bytes} bytes.",
)
_QUERY: Final = "weekly_review"
_OFFERED: Final[tuple[Form, ...]] = ("pdf", "pptx", "pptx-full", "xlsx", "html", "json")
_ICON: Final[dict[Form, str]] = {
    "pdf": ":material/picture_as_pdf:",
    "pptx": ":material/slideshow:",
    "pptx-full": ":material/menu_book:",
    "xlsx": ":material/table:",
    "html": ":material/smartphone:",
    "json": ":material/data_object:",
}
Again = Callable[[Actor], Pack]
"""The same pack for a person as they are at the click: what they may see can have changed since the page was drawn."""


@dataclass(frozen=True, slots=True)
class _Built:
    """The pack of a scope."""

    ledger: Ledger
    scope: Scope
    week_on: date

    def __call__(self, actor: Actor) -> Pack:
        return build(View(self.ledger, actor, self.scope.as_of, self.scope.known_at, self.scope.cut()), self.week_on)


@dataclass(frozen=True, slots=True)
class _Shown:
    """The pack on the page: for whom and at which version it was made, and how it is made again."""

    pack: Pack
    actor: Actor
    version: int
    again: Again

    def __call__(self, ledger: Ledger, actor: Actor) -> Pack:
        """The same pack while neither the person's sight nor a fact has changed: a file taken along is a change of neither."""
        (found,) = rows(ledger, SYSTEM, "house_is_changed", version=self.version)
        return self.again(actor) if actor != self.actor or found["is_changed"] else self.pack


@dataclass(frozen=True, slots=True)
class _Job:
    """What a click needs, taken along: the file is made outside the page's run."""

    ledger: Ledger
    person: Callable[[], Actor]
    shown: _Shown
    form: Form
    language: Language
    cut: Cut
    filters: str
    link: str

    def __call__(self) -> bytes:
        actor = self.person()
        actor.need(Permission.EXPORT)
        pack = self.shown(self.ledger, actor)
        more = beside(View(self.ledger, actor, pack.as_of, None, self.cut), pack) if self.form in files.BESIDE else NOTHING
        wanted = files.wanted(self.ledger, pack, self.language, filters=self.filters, link=self.link, beside=more)
        made = files.printed(wanted, self.form)
        about = words.said(wanted).about
        execute(self.ledger, actor, RecordExport(_QUERY, about, made.row_count, made.file_name))
        return made.content


def show(found: Pack, scope: Scope, again: Again | None = None) -> None:
    """A button for each format, for those who may export, and the brief for everybody who sees the review.

    `again`: where the pack is not simply the one of the scope: how it comes about for the person at the click.
    """
    page.section(_EXPORTS)
    wanted = files.wanted(session.ledger(), found, session.language(), filters=scope.said(), link=_link(found))
    if session.actor().may(Permission.EXPORT):
        made = again or _Built(session.ledger(), scope, found.week_on)
        _buttons(wanted, _Shown(found, session.actor(), session.ledger().version, made), scope.cut())
    with st.expander(session.say(_BRIEF), icon=":material/chat:", key="review_brief"):
        st.caption(session.say(_BRIEF_ABOUT, bytes=formats.number(MOST_BYTES)))
        st.code(brief(wanted), language=None, wrap_lines=True)


def _buttons(wanted: words.Wanted, shown: _Shown, cut: Cut) -> None:
    """One click each; without a font for Chinese the PDF says what to install."""
    refused = _without_font()
    with st.container(horizontal=True, key="review_exports"):
        for form in _OFFERED:
            if form == "pdf" and refused:
                continue
            job = _Job(session.ledger(), session.later(), shown, form, wanted.language, cut, wanted.filters, wanted.link)
            name, label = files.file_name(wanted, form), session.say(FILES[form].label)
            st.download_button(label, job, name, FILES[form].mime, key=f"review_{form}", on_click="ignore", icon=_ICON[form])
    if refused:
        page.refused(refused)


def _without_font() -> Refused | None:
    try:
        fonts.printer()
    except Refused as refusal:
        return refusal
    return None


def _link(found: Pack) -> str:
    """The address of this week's review."""
    address = (st.context.url or "").partition("?")[0]
    return f"{address}?week={formats.iso_week(found.week_on)}" if address else ""
