"""The weekly review: whose, of which week, in which mode; the address says all three. What each mode shows stands in `review_*`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import streamlit as st

from lib.commands.meetings import STATE
from lib.domain.access import SYSTEM, Permission
from lib.metrics import Cut, monday
from lib.metrics.variation import View
from lib.papers.review import words
from lib.review import agenda, pack
from lib.review.agenda import Part
from lib.review.pack import Pack
from lib.store.query import rows
from lib.text import Text
from lib.ui import filters, forms, page, session
from lib.ui.filters import Scope

MODES: Final[dict[str, Text]] = {
    "prep": Text("会前", "Prepare"),
    "live": Text("会中", "Live"),
    "close": Text("会后", "Close"),
    "archive": Text("存档", "Archive"),
}
_MODE: Final = Text("看什么", "What to look at")
_WEEK: Final = Text("哪一周", "Week")
_WEEKS_BACK: Final = 26
_ABOUT: Final = Text("{circle}的周会 · {state}", "Review of {circle} · {state}")
_READ_ONLY: Final = Text(
    "正在看过去的样子，只能看。要开会或记东西，点侧栏的“回到今天”。",
    "This is a look back, for reading only. To hold a review or write something down, go back to today in the side bar.",
)
_NOT_YET: Final = Text("还没有开始准备", "not prepared yet")


@dataclass(frozen=True, slots=True)
class Review:
    """What is looked at, by whom: the week's pack, the agenda, the meeting if there is one, and what was said about signals, by metric."""

    view: View
    pack: Pack
    parts: tuple[Part, ...]
    meeting: Mapping[str, Any] | None
    said: Mapping[str, Mapping[str, Any]]

    @property
    def scope(self) -> Scope:
        """The same week for what asks by itself."""
        return Scope(self.pack.as_of, session.known_at(), self.pack.currency)

    @property
    def state(self) -> str | None:
        """How far the meeting is; None without one."""
        return self.meeting["state"] if self.meeting else None

    @property
    def may_write(self) -> bool:
        """Whether something can be written into it now: it is not closed, and nobody looks at another day or at what was known then."""
        return self.state != "closed" and session.at_present()


def opened() -> Review:
    """The bar on top, and what it asks for."""
    usual = filters.newest_week(Scope(session.as_of(), session.known_at()))
    with st.container(horizontal=True, vertical_alignment="bottom", key="review_bar"):
        week_on = filters.week("week", _WEEK, usual, _WEEKS_BACK)
        currency = filters.currency(Scope(session.as_of(), session.known_at()))
        forms.switch("mode", MODES, _MODE, labelled=True)
    actor, known_at = session.actor(), session.known_at()
    asked = Scope(session.as_of(), known_at, currency)
    view = View(session.ledger(), actor, asked.as_of, known_at, asked.cut())
    found = _built(_key(asked), view, week_on)
    whose = pack.circle(actor)
    meeting = next((row for row in page.rows("meetings", week_on=week_on) if row["circle"] == whose), None)
    said = {row["metric"]: row for row in page.rows("explanations", week_on=week_on, circle=whose, user_id=None)}
    parts = agenda.agenda(session.ledger(), actor, found.as_of, known_at)
    review = Review(view, found, parts, meeting, said)
    state = session.say(STATE[review.state]) if review.state else session.say(_NOT_YET)
    st.caption(page.md(session.say(_ABOUT, circle=circle_words(whose), state=state)))
    if review.state != "closed" and not review.may_write:
        st.caption(f":material/history: {session.say(_READ_ONLY)}")
    return review


def prepare() -> None:
    """Work out, before somebody asks, what everybody's review of the last week adds up, and for who sees all the review itself."""
    ledger, today = session.ledger(), session.today()
    used = rows(ledger, SYSTEM, "currencies", as_of=today)
    if used:
        (newest,) = rows(ledger, SYSTEM, "newest_days", as_of=today)
        old = filters.old_day(newest, today)
        cut = Cut(used[0]["currency"])
        pack.build(View(ledger, SYSTEM, today, None, cut), monday(old) if old else pack.last_week(today))


def mode() -> str:
    """Which part of the page is looked at."""
    return forms.chosen("mode", MODES)


def go(**values: str | None) -> None:
    """Look at another part (a button's callback): what is None leaves the address."""
    for name, value in values.items():
        if value is None:
            st.query_params.pop(name, None)
            st.session_state.pop(f"switch-{name}", None)
        else:
            st.query_params[name] = value
            st.session_state[f"switch-{name}"] = value


def may(permission: Permission) -> bool:
    """Whether the person at the desk may do a thing."""
    return session.actor().may(permission)


def circle_words(circle: str) -> str:
    """Whose review it is, in words."""
    return words.circle(circle, session.language())


def _key(asked: Scope) -> str:
    """What a pack depends on; `Actor.sight` alone would not tell whose own customers a review is about."""
    ledger, actor = session.ledger(), session.actor()
    return repr((ledger.identity, ledger.version, actor, asked.as_of, asked.known_at, asked.currency))


@st.cache_data(show_spinner=False, max_entries=64)
def _built(key: str, _view: View, week_on: date) -> Pack:  # noqa: ARG001 (the key it is kept under)
    return pack.build(_view, week_on)
