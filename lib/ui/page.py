"""What every page does: begin with a permission, read for the person at the desk, lead on to the next page, make a change."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn
from zoneinfo import ZoneInfo

import pyarrow as pa
import streamlit as st
from streamlit.errors import StreamlitAPIException

from lib import commands, formats, terms
from lib.domain import policy_kinds
from lib.domain.access import GRANTS, ROLE_LABEL, Actor, Permission
from lib.domain.imports import KINDS
from lib.errors import Forbidden, Refused
from lib.store import query
from lib.store.door import Command, Receipt, execute
from lib.store.ledger import Ledger
from lib.text import Text, listed, straight
from lib.ui import session, style

if TYPE_CHECKING:
    from datetime import datetime

    from streamlit.delta_generator import DeltaGenerator

    from lib.ui.filters import Scope

START: Final = "overview"
"""The page at the root of the site."""
FOLDER: Final = Path(__file__).parents[2] / "pages"
_AS_OF: Final = Text("截至 {date}", "As of {date}")
_TO_IMPORT: Final = Text("去导入", "Go to import")
_TO_PEOPLE: Final = Text("添加用户", "Add a user")
_ADD_IMPORTER: Final = Text(
    "管理员不能导入：请添加一位角色为“{roles}”的用户。", "An administrator cannot import: add a user with the role {roles}."
)
_ASK_IMPORTER: Final = Text("能导入的是：{roles}。", "Who can import: {roles}.")
_KNOWN: Final = Text("截至 {date}，按 {moment} 当时所知", "As of {date}, as known at {moment}")
_ASK: Final = Text("写申请", "Ask for it")
_ASK_ABOUT: Final = Text("复制下面的话，发给能做这件事的人。", "Copy these words and send them to somebody who can do it.")
_REQUEST: Final = Text(
    "您好（{roles}）：我是{name}（{role}），在明账里没有权限做这件事，请您代办，或请管理员给我权限。谢谢！\n{address}",
    "Hello ({roles}): this is {name} ({role}). Mingzhang does not let me do this; please do it for me, or have me allowed to. Thank you!\n"
    "{address}",
)
_ADDRESS: Final = re.compile(r"https?:(?=//)|www(?=\.)", re.IGNORECASE)
"""The browser makes links of addresses after it has taken escapes away: an invisible mark inside keeps it from seeing one."""
_MARKS: Final = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_{}[]()<>#+-.!|~:$^=&\"'"} | dict.fromkeys("\r\n\t", " "))


def place(name: str) -> Path:
    """Where a page is."""
    return FOLDER / f"{name}.py"


def begin(title: Text, needs: Permission, subtitle: Text | None = None) -> None:
    """Refuse whoever may not be here, then say what the page is and which date it shows."""
    admit(needs)
    st.html(style.sheet(session.language()))
    st.title(session.say(title), anchor=False)
    date = formats.full_date(session.as_of(), session.language())
    known = session.known_at()
    dated = session.say(_KNOWN, date=date, moment=moment(known)) if known else session.say(_AS_OF, date=date)
    st.caption(f"{session.say(subtitle)} · {dated}" if subtitle else dated)


def admit(needs: Permission) -> None:
    """Stop the page for whoever may not be here, saying why and whom to ask."""
    try:
        session.require(needs)
    except Forbidden as refusal:
        refused(refusal)
        st.stop()


@dataclass(frozen=True, slots=True)
class Question:
    """A named query with its parameters for one person: can be asked now, or later outside the page's run (a download)."""

    ledger: Ledger
    actor: Actor
    name: str
    parameters: Mapping[str, Hashable]

    def answer(self, **changed: Hashable) -> pa.Table:
        """The table, with some parameters changed."""
        return query.read(self.ledger, self.actor, self.name, **{**self.parameters, **changed})


def question(name: str, scope: Scope | None = None, **parameters: Hashable) -> Question:
    """A query for the person at the desk. Of dates and filters it gets those it takes; what is named here must fit."""
    given: dict[str, Hashable] = {"as_of": session.as_of(), "known_at": session.known_at(), "language": session.language()}
    given |= {"user_id": session.actor().user_id} | (scope.parameters() if scope else {})
    taken = query.catalog()[name].parameters
    fitting = {key: value for key, value in given.items() if key in taken}
    return Question(session.ledger(), session.actor(), name, {**fitting, **parameters})


def read(name: str, scope: Scope | None = None, **parameters: Hashable) -> pa.Table:
    """A named query's answer, asked as in `question`."""
    return question(name, scope, **parameters).answer()


def rows(name: str, scope: Scope | None = None, **parameters: Hashable) -> list[dict[str, Any]]:
    """The same as plain records; amounts are Decimals."""
    return list(read(name, scope, **parameters).to_pylist())


def row(name: str, scope: Scope | None = None, **parameters: Hashable) -> dict[str, Any] | None:
    """The first record, or None."""
    return next(iter(rows(name, scope, **parameters)), None)


def change(command: Command, done: Text, *, request_key: str | None = None, **values: object) -> Receipt | None:
    """Make a change and say so; a refusal is shown and gives None. `request_key` makes a second click harmless."""
    try:
        receipt = execute(session.ledger(), session.actor(), command, request_key=request_key)
    except Refused as refusal:
        refused(refusal)
        return None
    st.toast(md(session.say(done, **values)))
    return receipt


def refused(refusal: Refused) -> None:
    """Show why something cannot be done; who lacks a permission gets words to ask for it with."""
    st.error(md(refusal.say(session.language())))
    if isinstance(refusal, Forbidden) and "roles" in refusal.values:
        person, roles = session.actor(), refusal.values["roles"]
        with st.popover(session.say(_ASK), icon=":material/forward_to_inbox:", key="ask_for_it"):
            st.caption(session.say(_ASK_ABOUT))
            request = session.say(_REQUEST, roles=roles, name=person.name, role=ROLE_LABEL[person.role], address=st.context.url or "")
            st.code(request.strip(), language=None, wrap_lines=True)


def doubted(refusal: Refused) -> None:
    """Show what looks like a slip and can be confirmed."""
    st.warning(md(refusal.say(session.language())))


def open(name: str, **values: object) -> NoReturn:  # noqa: A001 (pages read as agendas: page.open("customer"))
    """Go to another page; the values stand in its URL."""
    st.switch_page(_target(name), query_params=_texts(values))


def link(label: Text | str, name: str, **values: object) -> None:
    """A link to another page; the values stand in its URL. A page this person may not open gets no link."""
    with suppress(StreamlitAPIException):
        st.page_link(_target(name), label=_said(label), icon=":material/arrow_forward:", icon_position="right", query_params=_texts(values))


def asked(name: str) -> str | None:
    """A value from the URL."""
    return st.query_params.get(name) or None


def asked_number(name: str) -> int | None:
    """A whole number from the URL, as large as ids get; anything else counts as not given."""
    given = asked(name)
    return int(given) if given and re.fullmatch("[0-9]{1,9}", given) else None


def order_words(command: str) -> str:
    """What a change is called; the demo company is built outside `lib.commands`."""
    known = {name: kind.title for name, kind in commands.every().items()} | {"BuildDemo": terms.BUILD_DEMO}
    return session.say(known[command]) if command in known else command


def about_words(subject: str | None) -> str:
    """What a change was about, as its audit row keeps it ("customer C000001"), in words."""
    kind, _, rest = (subject or "").partition(" ")
    if kind == "import" and rest in KINDS:
        rest = session.say(KINDS[rest].label)
    elif kind == "policy" and rest in policy_kinds.KINDS:
        rest = session.say(policy_kinds.KINDS[rest].title)
    return f"{session.say(terms.SUBJECT[kind])} {rest}".strip() if kind in terms.SUBJECT else subject or ""


def section(title: Text, about: Text | None = None, **values: object) -> None:
    """A heading inside the page."""
    st.subheader(session.say(title, **values), anchor=False)
    if about:
        st.caption(session.say(about, **values))


def halves(left_part: float = 1) -> tuple[DeltaGenerator, DeltaGenerator]:
    """Two columns side by side, the left one so many times as wide; on a phone it comes first."""
    left, right = st.columns([left_part, 1], gap="medium")
    return left, right


def empty(what: Text, name: str | None = None, action: Text | None = None, **values: object) -> None:
    """Nothing to show: say why and what to do next."""
    with st.container(border=True, horizontal_alignment="center"):
        st.markdown(session.say(what), text_alignment="center")
        if name and action:
            link(action, name, **values)


def nothing_yet(what: Text) -> None:
    """Nothing to show before data came in: the way to the import, or who may go it."""
    person = session.actor()
    if person.may(Permission.IMPORT_RECORDS):
        empty(what, "imports", _TO_IMPORT)
        return
    names = [ROLE_LABEL[role] for role, granted in GRANTS.items() if Permission.IMPORT_MONEY in granted]
    roles = listed(Text(name.zh, name.en.lower()) for name in names)
    manages = person.may(Permission.USER_WRITE)
    hint = _ADD_IMPORTER if manages else _ASK_IMPORTER
    said = Text(f"{what.zh}{hint.say('zh', roles=roles)}", f"{what.en} {hint.say('en', roles=roles)}")
    empty(said, "administration" if manages else None, _TO_PEOPLE)


def md(text: str) -> str:
    """Text from people, safe in any label or Markdown: shown as it is, without links, images, colours, formulas or turned directions."""
    return _ADDRESS.sub("\\g<0>\u2060", straight(text)).translate(_MARKS)


def moment(at: datetime | None) -> str:
    """A stored moment (UTC) in business time: 2025-11-15 18:30."""
    if at is None:
        return formats.MISSING
    return f"{at.replace(tzinfo=ZoneInfo('UTC')).astimezone(session.zone()):%Y-%m-%d %H:%M}"


def _said(label: Text | str) -> str:
    return session.say(label) if isinstance(label, Text) else md(label)


@cache
def _target(name: str) -> st.Page:
    """Streamlit knows a page by its address, and looks at the disk for the file behind it: once is enough."""
    return st.Page(place(name), url_path=name, default=name == START)


def _texts(values: dict[str, object]) -> dict[str, str]:
    """Query parameters; the date a person looks at goes along."""
    dated = {"as_of": session.as_of().isoformat()} if session.as_of() != session.today() else {}
    return dated | {key: str(value) for key, value in values.items() if value is not None}
