"""Tasks: what is late, what today brings, whose they are; each done, put off or handed on with a tap or two."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

import streamlit as st

from lib import formats, terms
from lib.commands import Command, answers, cases, hand_over, hearing, service
from lib.commands.call_backs import TellCustomer
from lib.commands.service import CompleteTask
from lib.commands.tasks import FIXED, TO, MoveTask
from lib.domain import kinds, strategy
from lib.domain.access import GRANTS, Permission
from lib.text import Text
from lib.ui import calling, downloads, forms, page, session
from lib.ui.filters import Scope
from lib.ui.forms import Form
from lib.ui.quick import FORM

WHEN: Final[dict[str, Text]] = {
    "late": Text("已超期", "Late"),
    "today": Text("今天", "Today"),
    "week": Text("7 天内", "Within 7 days"),
    "later": Text("以后", "Later"),
}
PER_PAGE: Final = 10
_TOLD: Final = Form("tasks")
_WHOSE: Final[dict[str, Text]] = {"mine": Text("我的", "Mine"), "all": Text("所有人的", "Everybody's")}
_WHOSE_LABEL: Final = Text("谁的任务", "Whose tasks")
_WHEN_LABEL: Final = Text("哪天到期", "When due")
_COUNTED: Final = Text("{name} {count}", "{name} {count}")
_HEAD: Final = Text("超期 {late} 件，今天 {today} 件", "{late} late, {today} due today")
_CALM: Final = Text("今天没有到期的任务", "Nothing is due today")
_NONE: Final = Text(
    "没有任务。记互动时填“下次跟进”，或在“客户策略”里按打法建任务。",
    "There are no tasks. Set a next follow-up when you note a contact, or plan the steps of a play under Strategy.",
)
_TO_PLAYS: Final = Text("去客户策略", "To Strategy")
_CALL: Final = Text("找 {name}", "call {name}")
_DUE: Final = Text("{day}前", "due {day}")
_LATE: Final = Text("超期 {days}", "{days} late")
_TODAY: Final = Text("今天到期", "due today")
_DONE: Final = Text("完成", "Done")
_OUTCOME: Final = Text("结果", "Outcome")
_NOTE: Final = Text("说明", "Note")
_CONFIRM: Final = Text("确定", "Confirm")
_PUT_OFF: Final = Text("改期", "Put off")
_COMPLETED: Final = Text("任务已完成。", "Task done.")
_MOVED: Final = Text("已改到 {day}。", "Now due {day}.")
_GIVEN: Final = Text("已交给 {name}。", "Handed to {name}.")
_WAITING: Final = Text("我的任务：超期 **{late}** 件，今天 **{today}** 件", "My tasks: **{late}** late, **{today}** due today")
_OPEN: Final = Text("去任务", "To the tasks")
_AHEAD: Final = {
    1: Text("明天", "Tomorrow"),
    3: Text("3 天后", "In 3 days"),
    7: Text("一周后", "In a week"),
    14: Text("两周后", "In two weeks"),
    30: Text("一个月后", "In a month"),
}
_FROM: Final[dict[str, Text]] = {
    answers.SOURCE: FORM["call_back"],
    service.PROMISE: TellCustomer.title,
    cases.SOURCE: cases.EscalateCase.title,
    cases.CORRECTION: Text("纠正措施", "Corrective action"),
    hand_over.SOURCE: Text("接手", "Taken over"),
    hearing.SOURCE: Text("问问沉默的客户", "Ask the silent"),
    strategy.SOURCE: Text("打法步骤", "Step of a play"),
}
"""Where a task came from, where that is worth a word."""


@st.fragment
@session.run()
def desk(scope: Scope) -> None:
    """The list, the most pressing first. Mine unless I have none."""
    everyone = page.question("open_tasks", scope, customer_id=None, user_id=None, limit=None)
    found = everyone.answer().to_pylist()
    if not found:
        page.empty(_NONE, "strategy", _TO_PLAYS, view="activate")
        return
    forms.receipt(_TOLD)
    mine = [row for row in found if row["owner_id"] == session.actor().user_id]
    st.session_state.setdefault("switch-whose", page.asked("whose") or ("mine" if mine else "all"))
    whose = forms.switch("whose", _counted(_WHOSE, {"mine": len(mine), "all": len(found)}), _WHOSE_LABEL)
    rows = mine if whose == "mine" else found
    parted = {when: [row for row in rows if _when(row) == when] for when in WHEN}
    asked = page.question("open_tasks", scope, customer_id=None, user_id=session.actor().user_id if whose == "mine" else None, limit=None)
    with st.container(horizontal=True, vertical_alignment="center"):
        late, today = len(parted["late"]), len(parted["today"])
        st.markdown(f"#### {session.say(_HEAD, late=late, today=today) if late or today else session.say(_CALM)}", width="stretch")
        downloads.export(downloads.Offer(terms.TASKS, asked, len(rows)), scope)
    first = next((when for when in WHEN if parted[when]), "today")
    st.session_state.setdefault("switch-when", page.asked("when") or first)
    when = forms.switch("when", _counted(WHEN, {name: len(part) for name, part in parted.items()}), _WHEN_LABEL)
    _listed(parted[when], f"tasks_page-{whose}-{when}", says_owner=whose == "all")


def waiting() -> None:
    """On the first page of the day: how many of mine wait, and the way there; nothing when none does."""
    rows = page.rows("open_tasks", customer_id=None, user_id=session.actor().user_id, limit=None)
    late, today = (sum(_when(row) == when for row in rows) for when in ("late", "today"))
    if late or today:
        with st.container(horizontal=True, vertical_alignment="center", key="tasks-waiting"):
            st.markdown(session.say(_WAITING, late=late, today=today), width="stretch")
            page.link(_OPEN, "tasks", whose="mine")


def card(task: Mapping[str, Any], *, names_customer: bool = True, says_owner: bool = True) -> None:
    """One task with what can be done about it."""
    number = task["activity_id"]
    with st.container(border=True, gap="xsmall", key=f"card-{number}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            source = f" :gray-badge[{session.say(_FROM[task['source_kind']])}]" if task["source_kind"] in _FROM else ""
            st.markdown(f"**{page.md(task['task_subject'])}** {_due(task)}{source}", width="stretch")
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            if names_customer:
                page.link(task["name"], "customer", customer=task["customer_id"])
            whom = task["contact_name"] or ""
            contact = session.say(_CALL, name=whom) if names_customer and whom.strip("*") else None
            if about := [part for part in (task["doer_name"] if says_owner else None, contact) if part]:
                st.caption(page.md(" · ".join(about)), width="content")
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"do-{number}"):
            if names_customer and task["phone"]:
                calling.number(task["phone"], f"task-{number}")
            if session.actor().may(Permission.SERVICE_WRITE) and session.at_present():
                _steps(task)


def _listed(rows: list[dict[str, Any]], key: str, *, says_owner: bool) -> None:
    place = int(st.session_state.get(key, 1))
    pages = max(1, -(-len(rows) // PER_PAGE))
    first = (min(place, pages) - 1) * PER_PAGE
    for row in rows[first : first + PER_PAGE]:
        card(row, says_owner=says_owner)
    if pages > 1:
        st.pagination(pages, key=key)


def _counted(names: Mapping[str, Text], counts: Mapping[str, int]) -> dict[str, Text]:
    return {name: _COUNTED.filled(name=label, count=formats.number(counts[name])) for name, label in names.items()}


def _when(row: Mapping[str, Any]) -> str:
    due_on: date | None = row["due_on"]
    if due_on is None:
        return "later"
    days = (due_on - session.as_of()).days
    return "late" if days < 0 else "today" if days == 0 else "week" if days <= 7 else "later"  # noqa: PLR2004 (a week)


def _due(row: Mapping[str, Any]) -> str:
    language, when = session.language(), _when(row)
    if row["due_on"] is None:
        return ""
    if when == "late":
        days = formats.days((session.as_of() - row["due_on"]).days, language)
        return f":orange-badge[{session.say(_LATE, days=days)}]"
    return f":gray-badge[{session.say(_TODAY) if when == 'today' else session.say(_DUE, day=formats.day(row['due_on'], language))}]"


def _steps(task: Mapping[str, Any]) -> None:
    number, source = task["activity_id"], task["source_kind"]
    if source == answers.SOURCE:
        page.link(FORM["call_back"], "entry", form="call_back", whose="all", task=number)
    elif source == service.PROMISE:
        page.link(TellCustomer.title, "entry", form="call_back", whose="told", task=number)
    else:
        panel = st.popover(session.say(_DONE), icon=":material/check:", key=f"task-{number}", on_change="rerun")
        if panel.open:
            with panel:
                _complete(task)
    if source not in FIXED:
        days = {session.say(words): ahead for ahead, words in _AHEAD.items()}
        label = session.say(_PUT_OFF)
        st.menu_button(label, list(days), key=f"put-off-{number}", type="tertiary", on_click=_put_off, args=(task, days))
    if colleagues := _colleagues(task):
        st.menu_button(session.say(TO), list(colleagues), key=f"give-{number}", type="tertiary", on_click=_give, args=(task, colleagues))


def _colleagues(task: Mapping[str, Any]) -> dict[str, int]:
    """Who else can take it, by name; two of one name with team and number."""
    roles = tuple(sorted(role.value for role, granted in GRANTS.items() if Permission.SERVICE_WRITE in granted))
    people = page.rows("action_people", roles=roles, customer_id=task["customer_id"])
    known = Counter(one["person_name"] for one in people)
    others = [one for one in people if one["user_id"] != task["owner_id"]]
    return {page.md(one["person_name"] if known[one["person_name"]] == 1 else _in_full(one)): one["user_id"] for one in others}


def _in_full(person: Mapping[str, Any]) -> str:
    return " · ".join((person["person_name"], person["team"] or formats.MISSING, str(person["user_id"])))


def _complete(task: Mapping[str, Any]) -> None:
    number = task["activity_id"]
    st.pills(session.say(_OUTCOME), list(kinds.OUTCOME), key=f"outcome-{number}", format_func=lambda one: session.say(kinds.OUTCOME[one]))
    st.text_input(session.say(_NOTE), key=f"done-{number}")
    st.button(session.say(_CONFIRM), key=f"complete-{number}", type="primary", on_click=_finish, args=(task,))


def _finish(task: Mapping[str, Any]) -> None:
    number, today = task["activity_id"], session.today()
    outcome, body = (st.session_state.get(f"{name}-{number}") for name in ("outcome", "done"))
    _do(task, CompleteTask(number, today, today, outcome, body or None), _COMPLETED)


def _put_off(task: Mapping[str, Any], days: Mapping[str, int]) -> None:
    ahead = days[st.session_state[f"put-off-{task['activity_id']}"]]
    day = session.today() + timedelta(days=ahead)
    said = formats.full_date(day, session.language())
    _do(task, MoveTask(task["activity_id"], session.today(), due_on=day), _MOVED, day=said)


def _give(task: Mapping[str, Any], colleagues: Mapping[str, int]) -> None:
    name = st.session_state[f"give-{task['activity_id']}"]
    _do(task, MoveTask(task["activity_id"], session.today(), owner_id=colleagues[name]), _GIVEN, name=name)


def _do(task: Mapping[str, Any], command: Command, done: Text, **values: str) -> None:
    """A button's callback: the change, and above the list what it came to, with its undo."""
    receipt = page.change(command, done.filled(**values))
    if receipt:
        what = " · ".join((session.say(command.title), task["name"], task["task_subject"]))
        st.session_state[f"{_TOLD.name}.saved"] = (receipt.change_id, what)
