"""Photos and papers on screen: small pictures with their names, opened with an audit row, added and taken off by who may write."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import streamlit as st

from lib import formats
from lib.commands.attachments import AttachFile, OpenFile, RemoveFile
from lib.domain import files
from lib.domain.access import Actor, Permission
from lib.errors import Refused
from lib.store.door import execute
from lib.store.ledger import Ledger
from lib.text import Text
from lib.ui import page, session

_TITLE: Final = Text("附件", "Files")
_NONE: Final = Text("还没有附件。", "No files yet.")
_ADD: Final = Text("附照片或 PDF（每个最多 5 MB）", "Attach photos or PDF (5 MB each at most)")
_KEEP: Final = Text("附上", "Attach")
_KEPT: Final = Text("已附上 {name}。", "{name} attached.")
_REMOVE: Final = Text("移除", "Take off")
_REMOVED: Final = Text("已移除 {name}；可在“我今天录入的”里撤销。", "{name} taken off; undo it under “What I entered today”.")
_OPEN: Final = Text("打开 {name}", "Open {name}")
_SIZE: Final = Text("{size} KB · {who} · {when}", "{size} KB · {who} · {when}")
_PICTURE_WIDTH: Final = 96


@dataclass(frozen=True, slots=True)
class _Job:
    """What a click needs: the file is fetched outside the page's run, for the person as they are then."""

    ledger: Ledger
    person: Callable[[], Actor]
    attachment_id: int

    def __call__(self) -> bytes:
        receipt = execute(self.ledger, self.person(), OpenFile(self.attachment_id))
        return bytes(receipt.result)


def panel(about: str, about_id: int, customer_id: int) -> None:
    """The files of one case ('case'), answer ('feedback') or touch ('activity'), and the way to add one."""
    found = page.rows("attachments", customer_id=customer_id, about=about, about_id=about_id)
    may = session.actor().may(Permission.SERVICE_WRITE)
    if not found and not may:
        return
    st.markdown(f"**{session.say(_TITLE)}**")
    if not found:
        st.caption(session.say(_NONE))
    for one in found:
        _file(one, may=may)
    if may and len(found) < files.MOST_FILES:
        _add(about, about_id)


def keep_all(about: str, about_id: int, chosen: list[Any]) -> None:
    """Attach what was chosen; each that cannot be kept says why, the others are kept."""
    for one in chosen:
        try:
            execute(session.ledger(), session.actor(), AttachFile(about, about_id, one.name, one.getvalue()))
        except Refused as refusal:
            st.toast(page.md(refusal.say(session.language())), icon=":material/error:", duration="long")
        else:
            st.toast(page.md(session.say(_KEPT, name=files.clean_name(one.name))))


def choose(key: str) -> list[Any]:
    """The field photos and papers are chosen in."""
    chosen = st.file_uploader(
        session.say(_ADD), list(files.SUFFIXES), accept_multiple_files=True, key=key, max_upload_size=files.MOST_BYTES // 1024 // 1024
    )
    return list(chosen or [])


def _add(about: str, about_id: int) -> None:
    key = f"attach-{about}-{about_id}"
    turn = int(st.session_state.get(f"{key}-turn", 0))
    chosen = choose(f"{key}-{turn}")
    if chosen and st.button(session.say(_KEEP), key=f"{key}-keep", type="primary"):
        keep_all(about, about_id, chosen)
        st.session_state[f"{key}-turn"] = turn + 1
        st.rerun()


def _file(one: Mapping[str, Any], *, may: bool) -> None:
    number = one["attachment_id"]
    with st.container(horizontal=True, vertical_alignment="center", key=f"file-{number}"):
        if one["preview"]:
            st.image(one["preview"], width=_PICTURE_WIDTH, alt=one["name"])
        job = _Job(session.ledger(), session.later(), number)
        st.download_button(
            page.md(one["name"]),
            job,
            one["name"],
            one["media_type"],
            key=f"file-open-{number}",
            on_click="ignore",
            type="tertiary",
            icon=":material/image:" if one["preview"] else ":material/picture_as_pdf:",
            help=session.say(_OPEN, name=page.md(one["name"])),
        )
        size = formats.number(max(1, round(one["bytes"] / 1024)))
        st.caption(page.md(session.say(_SIZE, size=size, who=one["made_by"] or formats.MISSING, when=page.moment(one["recorded_at"]))))
        if may:
            st.button(session.say(_REMOVE), key=f"file-remove-{number}", type="tertiary", on_click=_remove, args=(number, one["name"]))


def _remove(attachment_id: int, name: str) -> None:
    page.change(RemoveFile(attachment_id), _REMOVED, name=name)
