"""The frame around every page: sign-in first, then the menu, the as-of date, the person's own corner, and the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import streamlit as st
from streamlit.errors import StreamlitAPIException

from lib import terms
from lib.commands.users import SetLanguage, SetPassword
from lib.domain.access import ROLE_LABEL, Actor, Permission
from lib.errors import Refused
from lib.store.door import execute
from lib.text import LANGUAGES, Text
from lib.ui import brand, first_start, handover, login, search, session
from lib.ui.page import START, admit, md, place, refused

_FIELD: Final = "as_of"
_DATES: Final = (_FIELD, "known_at")
_DATES_KEY: Final = "_dates"
_PAGE_KEY: Final = "_page"

_TODAY = Text("回到今天", "Back to today")
_SIGN_OUT = Text("退出登录", "Sign out")
_CHANGE_PASSWORD = Text("修改密码", "Change password")
_OLD = Text("原密码", "Old password")
_NEW = Text("新密码（至少 10 个字符）", "New password (at least 10 characters)")
_AGAIN = Text("再输入一次新密码", "New password again")
_DIFFERENT = Text("两次输入的新密码不同。", "The two new passwords differ.")


@dataclass(frozen=True, slots=True)
class PageInMenu:
    """One line of the menu: the file's name is the page's fixed address, its title follows the language."""

    name: str
    title: Text
    icon: str
    needs: Permission
    section: Text | None = None

    @property
    def path(self) -> Path:
        """Where the page is."""
        return place(self.name)


MENU: Final = (
    PageInMenu("overview", terms.OVERVIEW, "dashboard", Permission.METRIC_READ),
    PageInMenu("tasks", terms.TASKS, "task_alt", Permission.SERVICE_READ),
    PageInMenu("review", terms.REVIEW, "groups", Permission.METRIC_READ),
    PageInMenu("compare", terms.COMPARE, "compare_arrows", Permission.METRIC_READ),
    PageInMenu("teams", terms.TEAMS, "diversity_3", Permission.METRIC_READ),
    PageInMenu("overdue", terms.OVERDUE, "schedule", Permission.RECEIVABLE_READ, terms.SECTION_MONEY),
    PageInMenu("collect", terms.COLLECT, "call", Permission.COLLECT, terms.SECTION_MONEY),
    PageInMenu("bank", terms.BANK, "account_balance", Permission.BANK_READ, terms.SECTION_MONEY),
    PageInMenu("billing", terms.BILLING, "receipt_long", Permission.RECEIVABLE_READ, terms.SECTION_MONEY),
    PageInMenu("approvals", terms.APPROVALS, "approval", Permission.PROPOSE, terms.SECTION_MONEY),
    PageInMenu("receivables", terms.RECEIVABLES, "query_stats", Permission.RECEIVABLE_READ, terms.SECTION_MONEY),
    PageInMenu("customer", terms.CUSTOMER, "person_search", Permission.CUSTOMER_READ, terms.SECTION_CUSTOMERS),
    PageInMenu("classification", terms.CLASSIFICATION, "grid_view", Permission.CUSTOMER_READ, terms.SECTION_CUSTOMERS),
    PageInMenu("strategy", terms.STRATEGY, "checklist", Permission.CUSTOMER_READ, terms.SECTION_CUSTOMERS),
    PageInMenu("value", terms.CUSTOMER_VALUE, "diamond", Permission.CUSTOMER_READ, terms.SECTION_CUSTOMERS),
    PageInMenu("satisfaction", terms.SATISFACTION, "sentiment_satisfied", Permission.SERVICE_READ, terms.SECTION_VOICE),
    PageInMenu("surveys", terms.SURVEYS, "ballot", Permission.SERVICE_READ, terms.SECTION_VOICE),
    PageInMenu("complaints", terms.COMPLAINTS, "report", Permission.SERVICE_READ, terms.SECTION_VOICE),
    PageInMenu("service", terms.SERVICE, "support_agent", Permission.SERVICE_READ, terms.SECTION_VOICE),
    PageInMenu("inbox", terms.INBOX, "inbox", Permission.SERVICE_READ, terms.SECTION_VOICE),
    PageInMenu("entry", terms.ENTRY, "edit_note", Permission.PROMISE_WRITE, terms.SECTION_DATA),
    PageInMenu("imports", terms.IMPORTS, "upload_file", Permission.IMPORT_RECORDS, terms.SECTION_DATA),
    PageInMenu("subscriptions", terms.SUBSCRIPTIONS, "notifications", Permission.METRIC_READ, terms.SECTION_DATA),
    PageInMenu("policies", terms.POLICIES, "tune", Permission.METRIC_READ, terms.SECTION_DATA),
    PageInMenu("administration", terms.ADMINISTRATION, "settings", Permission.AUDIT_READ, terms.SECTION_DATA),
)


@session.run()
def main() -> None:
    """One run of the app: the sign-in page, or the page the address names."""
    st.set_page_config(page_title=session.say(terms.APP), page_icon=brand.FAVICON_PATH, layout="wide")
    if login.resume():
        _signed_in(session.actor())
    else:
        _signed_out()


def _signed_out() -> None:
    # Under every page's address, so that the address a person came with is still there after signing in.
    pages = [st.Page(login.page, title=session.say(terms.APP), url_path=page.name, default=page.name == START) for page in MENU]
    st.navigation(pages, position="hidden").run()
    handover.mount(session.language())


def _signed_in(person: Actor) -> None:
    # All of the menu at once: what hides the rest of it speaks English whatever the language.
    chosen = st.navigation(_sections(person) or [st.Page(_no_page, title=session.say(terms.APP), default=True)], expanded=True)
    brand.logo()
    with st.sidebar:
        search.box()
        _keep_dates(chosen.url_path)
        _own_corner(person)
        # Before the page: one that refuses stops the run, and the browser would never fetch its cookie.
        handover.mount(session.language())
    chosen.run()


def _sections(person: Actor) -> dict[str, list[Any]]:
    """The pages in their sections, in the order of the menu; a page of no section stands above them."""
    sections: dict[str, list[Any]] = {}
    for page in MENU:
        if page.path.exists():
            sections.setdefault(session.say(page.section) if page.section else "", []).append(_page(page, person))
    return sections


def _page(page: PageInMenu, person: Actor) -> Any:  # noqa: ANN401 (Streamlit keeps the class to itself)
    title, is_start = session.say(page.title), page.name == START
    if person.may(page.needs):
        return st.Page(page.path, title=title, icon=f":material/{page.icon}:", url_path=page.name, default=is_start)
    return st.Page(_refusal(page.needs), title=title, url_path=page.name, visibility="hidden", default=is_start)


def _refusal(needs: Permission) -> Callable[[], None]:
    """A page that says why it stays closed. Left out of the menu, its address would show the start page instead."""

    def refuse() -> None:
        admit(needs)

    return refuse


def _no_page() -> None:
    st.title(session.say(terms.APP))


def _keep_dates(address: str) -> None:
    """The date a person looks at goes with them from page to page, and is easy to leave."""
    if st.session_state.get(_PAGE_KEY, address) == address:
        st.session_state[_DATES_KEY] = {name: st.query_params[name] for name in _DATES if name in st.query_params}
    else:
        for name, value in st.session_state.get(_DATES_KEY, {}).items():
            if name not in st.query_params:
                st.query_params[name] = value
                if name == _FIELD:  # the new page's date field has not seen the address
                    st.session_state[name] = session.as_of()
    st.session_state[_PAGE_KEY] = address
    if session.as_of() != session.today() or session.known_at():
        st.button(session.say(_TODAY), key="back_to_today", icon=":material/undo:", on_click=_back_to_today, width="stretch")


def _back_to_today() -> None:
    for name in _DATES:
        try:
            st.query_params.pop(name, None)
            st.session_state.pop(name, None)
        except StreamlitAPIException:  # bound to a field on this page, which the address follows
            st.session_state[name] = session.today()


def _own_corner(person: Actor) -> None:
    st.session_state["my_language"] = session.language()
    with st.popover(md(person.name), icon=":material/account_circle:", width="stretch", key="my_corner"):
        st.text(f"{person.name} · {session.say(ROLE_LABEL[person.role])}")
        with st.expander(session.say(_CHANGE_PASSWORD), icon=":material/key:"):
            _password_form()
        if st.button(session.say(_SIGN_OUT), key="sign_out", icon=":material/logout:", width="stretch"):
            login.sign_out()
            st.rerun()
    st.segmented_control(
        session.say(login.LANGUAGE),
        LANGUAGES,
        key="my_language",
        format_func=login.LANGUAGE_NAME.__getitem__,
        required=True,
        on_change=_switch_language,
        label_visibility="collapsed",
    )


def _switch_language() -> None:
    if chosen := st.session_state["my_language"]:
        execute(session.ledger(), session.actor(), SetLanguage(chosen))


def _password_form() -> None:
    with st.form("my_password", border=False):
        old = st.text_input(session.say(_OLD), type="password", key="my_old_password", autocomplete="current-password")
        new = st.text_input(session.say(_NEW), type="password", key="my_new_password", autocomplete="new-password")
        again = st.text_input(session.say(_AGAIN), type="password", key="my_new_password_again", autocomplete="new-password")
        if not st.form_submit_button(session.say(_CHANGE_PASSWORD), type="primary"):
            return
    if new != again:
        st.error(session.say(_DIFFERENT))
        return
    found = session.signed_in()
    name = found.username if found else ""
    if wait := login.wait_before(name):
        st.error(session.say(first_start.WAIT, seconds=wait))
        return
    try:
        execute(session.ledger(), session.actor(), SetPassword(old, new))
    except Refused as refusal:
        refused(refusal)
    else:
        login.forgive(name)
        st.rerun()
