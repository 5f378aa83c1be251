"""Suggestions from sorting to telling: those of one state at a time, ticked and moved on together, each customer told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pyarrow as pa
import streamlit as st

from lib import formats
from lib.commands.suggestions import NOTE, REASON, REASON_NEEDED, TOLD_TO, AdvanceSuggestions, JoinSuggestions
from lib.domain import kinds, stages
from lib.domain.access import Permission
from lib.store.door import Command
from lib.text import Text
from lib.ui import attachments, downloads, forms, page, quotes, session, tables
from lib.ui.filters import Scope
from lib.ui.forms import Form

_TITLE: Final = Text("建议", "Suggestions")
_ABOUT: Final = Text(
    "新 → 已归类 → 采纳或不采纳（写明理由）→ 改进中 → 已上线 → 已告知客户。没告诉客户就不算完。",
    "New → sorted → adopted or declined with a reason → being improved → live → customer told. It is over once the customer knows.",
)
STATES: Final[dict[str, Text]] = {
    **{state: stages.STATE_LABEL[state] for state in ("new", "classified", "adopted", "improving")},
    "untold": Text("待告知", "To tell"),
    "told_customer": stages.STATE_LABEL["told_customer"],
}
_SPELLED_OUT: Final = 5
_MEMBERS: Final = {"untold": ("live", "declined")}
_COUNTED: Final = Text("{state} {count}", "{state} {count}")
_NOTHING: Final = Text("没有处于这一步的建议。", "No suggestion stands here.")
_NONE_AT_ALL: Final = Text(
    "还没有建议。客户提出时在“快速录入”里记一条，就从这里开始。",
    "No suggestions yet. Record one under Quick entry when a customer makes it.",
)
TO_ENTRY: Final = Text("去录入", "Go to quick entry")
_TICK: Final = Text(
    "勾选一条或几条，再选下一步；同一项改进的其他建议会一起推进。",
    "Tick one or several, then choose what is next; others of the improvement go along.",
)
_NEXT: Final = Text("下一步", "Next step")
_INTO: Final = Text("并入哪一项", "Into which")
_CHANNEL: Final = Text("渠道", "Channel")
_TOLD_ON: Final = Text("告知日期", "Told on")
_THEMES: Final = Text("主题", "Themes")
_DONE: Final = Text("{action}：{count} 条", "{action}: {count}")
_SORT: Final = Text("归类：最早的一条", "Sort: the oldest one")
_SORT_ABOUT: Final = Text(
    "按 1–8 选主题，Ctrl+S 归类并看下一条；还有 {count} 条。", "Keys 1–8 choose themes, Ctrl+S sorts it and shows the next; {count} to go."
)
_SORT_SAVE: Final = Text("归类", "Sort")
_LIST: Final = ("name", "on_date", "comment", "theme_names", "state", "changed_on", "improvement", "joined_count", "reason", "owner_name")
_TOLD: Final = ("name", "on_date", "comment", "decided_on", "told_on", "told_to", "told_channel", "improvement", "owner_name")


def show(scope: Scope) -> None:
    """The suggestions of one state, what to do with them, and the way out as a file."""
    page.section(_TITLE, _ABOUT)
    counts = {row["state"]: row["suggestions"] for row in page.rows("suggestion_states", scope)}
    if not counts:
        page.empty(_NONE_AT_ALL, "entry", TO_ENTRY, form="suggestion")
        return
    form = forms.begin("suggestion-step")
    state = forms.switch("state", {name: _counted(name, counts) for name in STATES}, _TITLE)
    asked = page.question("suggestions", scope, state=",".join(_MEMBERS.get(state, (state,))))
    table = worded(asked.answer())
    may = session.actor().may(Permission.SERVICE_WRITE)
    if not table.num_rows:
        page.empty(_NOTHING)
        return
    if state == "new" and may:
        _sorting(table)
    names = _TOLD if state == "told_customer" else _LIST
    with st.container(horizontal=True, vertical_alignment="center"):
        if may:
            st.caption(session.say(_TICK))
        downloads.export(downloads.Offer(_TITLE, asked, table.num_rows, prepare=worded), scope)
    if not may:
        tables.show(table, names, key=f"suggestions-{state}", opens="customer")
        return
    chosen = tables.several(table, names, key=f"suggestions-{state}-{form.round}").to_pylist()
    if chosen:
        _step(form, chosen, scope)


def worded(table: pa.Table) -> pa.Table:
    """With themes in words."""
    names = pa.array([quotes.themes_of(codes) for codes in table["themes"].to_pylist()], pa.string())
    return table.drop_columns(["themes"]).append_column("theme_names", names).append_column("themes", table["themes"])


def _counted(state: str, counts: Mapping[str, int]) -> Text:
    count = sum(counts.get(one, 0) for one in _MEMBERS.get(state, (state,)))
    return _COUNTED.filled(state=STATES[state], count=formats.number(count))


def _sorting(table: pa.Table) -> None:
    """The oldest new suggestion with its themes as keys, as it was read to begin with."""
    row = table.slice(0, 1).to_pylist()[0]
    chosen = st.session_state.setdefault(f"sorting-{row['case_id']}", list(row["themes"] or []))
    with st.container(border=True, key="sorting"):
        st.markdown(f"**{session.say(_SORT)}** · {page.md(row['name'])} · {formats.full_date(row['on_date'], session.language())}")
        st.markdown(quotes.marked(row["comment"]))
        with st.container(horizontal=True, gap="small"):
            for place, (theme, words) in enumerate(kinds.THEME.items(), 1):
                st.button(
                    session.say(words),
                    key=f"sort-{theme}",
                    type="primary" if theme in chosen else "secondary",
                    shortcut=str(place),
                    on_click=_toggle,
                    args=(row["case_id"], theme),
                )
        st.button(session.say(_SORT_SAVE), key="sort-save", type="primary", shortcut="Ctrl+S", on_click=_sorted, args=(row["case_id"],))
        st.caption(session.say(_SORT_ABOUT, count=formats.number(table.num_rows)))


def _toggle(case_id: int, theme: str) -> None:
    chosen = st.session_state[f"sorting-{case_id}"]
    st.session_state[f"sorting-{case_id}"] = [one for one in chosen if one != theme] if theme in chosen else [*chosen, theme]


def _sorted(case_id: int) -> None:
    themes = tuple(st.session_state[f"sorting-{case_id}"])
    command = AdvanceSuggestions((case_id,), "classify", session.today(), themes=themes)
    receipt = page.change(command, _DONE, action=stages.ACTION_LABEL["classify"], count=1)
    if receipt:
        st.session_state["suggestion-step.saved"] = (receipt.change_id, session.say(stages.ACTION_LABEL["classify"]))


def _step(form: Form, chosen: Sequence[Mapping[str, Any]], scope: Scope) -> None:
    """What the ticked ones can do next, and what the step needs to know."""
    case_ids = tuple(row["case_id"] for row in chosen)
    possible = [stages.actions(row["state"], stages.SUGGESTION) for row in chosen]
    actions = [action for action in possible[0] if all(action in others for others in possible)]
    joins = ["join"] if all(row["state"] in {"new", "classified"} for row in chosen) else []
    with st.container(border=True, key="step"):
        for row in chosen[:_SPELLED_OUT]:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                page.link(row["name"], "customer", customer=row["customer_id"])
                st.markdown(quotes.marked(row["comment"]))
        words = {action: stages.ACTION_LABEL[action] for action in [*actions, *joins]}
        if len(chosen) == 1:
            attachments.panel("case", chosen[0]["case_id"], chosen[0]["customer_id"])
        action = forms.pills(form, "action", _NEXT, words)
        if not action:
            return
        build = _join(form, case_ids, scope) if action == "join" else _advance(form, action, case_ids)
        what = session.say(_DONE, action=words[action], count=formats.number(len(case_ids)))
        forms.save(form, build, what, needed={"note": REASON} if action in REASON_NEEDED else None)


def _advance(form: Form, action: str, case_ids: tuple[int, ...]) -> Any:  # noqa: ANN401 (what makes the command)
    themes: tuple[str, ...] = ()
    if action == "classify":
        themes = tuple(forms.field(form, "themes", st.pills, session.say(_THEMES), **_THEME_CHOICE))
    told_to = channel = told_on = None
    if action == "tell":
        told_to = forms.line(form, "told_to", TOLD_TO) or None
        channel = forms.pills(form, "channel", _CHANNEL, kinds.CHANNEL, remember=True)
        told_on = forms.day(form, "told_on", _TOLD_ON, start=session.today())
    note = forms.area(form, "note", REASON if action in REASON_NEEDED else NOTE)

    def build(_confirmed: bool) -> Command:  # noqa: FBT001 (forms.save calls it)
        more = {"told_to": told_to, "channel": channel, "told_on": told_on}
        return AdvanceSuggestions(case_ids, action, session.today(), note, themes, **more)  # type: ignore[arg-type]

    return build


def _join(form: Form, case_ids: tuple[int, ...], scope: Scope) -> Any:  # noqa: ANN401 (what makes the command)
    leads = {
        row["case_id"]: row
        for row in page.rows("suggestions", scope, state="classified,adopted,improving,live")
        if row["case_id"] not in case_ids and row["into_case_id"] is None
    }
    into = forms.field(
        form, "into", st.selectbox, session.say(_INTO), options=list(leads), index=None, format_func=lambda case_id: _lead(leads[case_id])
    )
    return lambda _confirmed: JoinSuggestions(case_ids, into or 0, session.today())


def _lead(row: Mapping[str, Any]) -> str:
    return f"{row['subject']} · {row['name']} · {session.say(stages.STATE_LABEL[row['state']])}"


_THEME_CHOICE: Final[dict[str, Any]] = {
    "options": list(kinds.THEME),
    "selection_mode": "multi",
    "format_func": lambda code: session.say(kinds.THEME[code]),
    "wrap": True,
}
