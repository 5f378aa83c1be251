"""What a customer said, word by word: the words that speak marked, how it was read, and putting the reading right in two clicks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import streamlit as st

from lib import formats
from lib.commands.readings import MOODS, CorrectReading
from lib.domain import kinds, moods
from lib.domain.access import Permission
from lib.term_values import VALUE
from lib.text import Text
from lib.ui import forms, page, session

_NAME: Final = "quote"
_CORRECT: Final = Text("更正", "Correct")
_MOOD: Final = Text("客户的情绪", "How the customer feels")
_THEMES: Final = Text("说的是什么", "What it is about")
_READ_BY: Final = Text(
    "现在由{reader}判断；点一下就改，改过的不再被覆盖。", "Read so far by: {reader}. One click corrects it, and it stays."
)
_BY_PERSON: Final = Text("已由人更正；点一下再改。", "Corrected by a person. One click changes it again.")
_UNREAD: Final = Text("还没有解读", "Not read yet")
_DONE: Final = Text("已更正，同样的话以后也照此判断。", "Corrected; the same words will be read like this from now on.")
_COLOUR: Final = {"good": "blue", "bad": "orange", "neither": "gray"}
_PLAIN: Final = "kind"


def show(row: Mapping[str, Any]) -> None:
    """One quote: who, when and by which channel, its words, how it was read."""
    with st.container(border=True, gap="xsmall", key=f"quote-{row['about']}-{row['about_id']}"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            page.link(row["name"], "customer", customer=row["customer_id"])
            st.caption(page.md(_origin(row)), width="content")
            _reading(row)
            if session.actor().may(Permission.SERVICE_WRITE):
                _correct(row)
        st.markdown(marked(row["comment"]))


def marked(text: str) -> str:
    """A text with the words that speak marked: praise, blame, and what it is about."""
    found, place = [], 0
    for hit in sorted(moods.read(text).hits, key=lambda hit: (hit.start, -hit.end)):
        if hit.start < place or not (hit.theme or hit.weight):
            continue
        colour = "gray" if hit.theme else "blue" if hit.weight > 0 else "orange"
        found += [_plain(text[place : hit.start]), f":{colour}-background[{_plain(text[hit.start : hit.end])}]"]
        place = hit.end
    return "".join([*found, _plain(text[place:])])


def _plain(part: str) -> str:
    return page.md(part.replace("\n", " — "))


def themes_of(codes: list[str] | None) -> str:
    """Themes in words, one after another."""
    return session.listed(session.say(kinds.THEME[code]) for code in codes or [])


def receipt() -> None:
    """What the last correction came to, with its undo."""
    forms.receipt(forms.Form(_NAME))


def _origin(row: Mapping[str, Any]) -> str:
    parts = [formats.full_date(row["on_date"], session.language())]
    parts += [session.say(kinds.CHANNEL[row["channel"]])] if row["channel"] in kinds.CHANNEL else []
    parts += [f"{row['metric'].upper()} {row['score']}"] if row["metric"] else [session.say(VALUE[_PLAIN][row["kind"]])]
    return " · ".join([*parts, *([row["owner_name"]] if row["owner_name"] else [])])


def _reading(row: Mapping[str, Any]) -> None:
    if row["mood"] is None:
        st.badge(session.say(_UNREAD), color="gray")
        return
    st.badge(session.say(kinds.MOOD[row["mood"]]), color=_COLOUR[row["mood"]])  # type: ignore[arg-type]
    for theme in row["themes"] or []:
        st.badge(session.say(kinds.THEME[theme]), color="gray")


def _correct(row: Mapping[str, Any]) -> None:
    name = f"{row['about']}-{row['about_id']}"
    with st.popover(session.say(_CORRECT), key=f"correct-{name}", type="tertiary"):
        st.caption(_read_by(row["reader"]))
        for field, now in (("mood", row["mood"] or "neither"), ("themes", list(row["themes"] or []))):
            st.session_state[f"{field}-{name}"] = now
        words = {mood: kinds.MOOD[mood] for mood in MOODS}
        _choice(_MOOD, f"mood-{name}", words, "single", row)
        _choice(_THEMES, f"themes-{name}", kinds.THEME, "multi", row)


def _read_by(reader: str | None) -> str:
    if reader in {"words", "model"}:
        return session.say(_READ_BY, reader=kinds.READER[reader])
    return session.say(_BY_PERSON if reader else _UNREAD)


def _choice(label: Text, key: str, words: Mapping[str, Text], mode: str, row: Mapping[str, Any]) -> None:
    st.pills(
        session.say(label),
        list(words),
        key=key,
        selection_mode=mode,  # type: ignore[call-overload]
        format_func=lambda code: session.say(words[code]),
        on_change=_corrected,
        args=(row["about"], row["about_id"]),
    )


def _corrected(about: str, about_id: int) -> None:
    mood = st.session_state[f"mood-{about}-{about_id}"] or "neither"
    themes = tuple(st.session_state[f"themes-{about}-{about_id}"])
    receipt = page.change(CorrectReading(about, about_id, mood, themes), _DONE)
    if receipt:
        st.session_state[f"{_NAME}.saved"] = (receipt.change_id, session.say(CorrectReading.title))
