"""Promises as lines one reads aloud: what, who, by when, how often put off, whether it worked; and the next step of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import streamlit as st

from lib import formats
from lib.commands.actions import DUE, NOTE, REASON, Part, StepAction
from lib.domain import actions
from lib.domain.access import Permission
from lib.metrics import METRICS
from lib.store.door import Command
from lib.term_review import VALUE
from lib.text import Text
from lib.ui import forms, page, review_forms, session
from lib.ui.forms import Form
from lib.ui.review_forms import TOLD, About

Row = Mapping[str, Any]

OPENED: Final = "action"
"""The address names the action whose next step is being written."""
TITLE: Final = Text("行动", "Actions")
ADD: Final = Text("加行动", "Add action")
_BY: Final = Text("{day}前", "by {day}")
_LATE: Final = Text("过了期限 {days}", "{days} past due")
_CARRIED: Final = Text("已顺延 {count}", "put off {count}")
_WORN: Final = Text("不能再拖：拆分、上交或不做了", "No more putting off: split, escalate or give up")
_HANDED: Final = Text("{day} 上交", "escalated on {day}")
_EXPECTED: Final = Text("预期{metric}{way}，{day} 看", "expects {metric} {way}, look on {day}")
_EFFECT: Final = Text("效果：{effect}", "effect: {effect}")
_DONE: Final = Text("完成", "Done")
_CARRY: Final = Text("没做完", "Not done")
_CARRY_HELP: Final = Text("带到下一次周会，顺延次数加一", "Carry it to the next review; counts as put off once more")
_OTHER: Final = Text("其他", "More")
_CLOSE: Final = Text("收起", "Close")
_STEP: Final = Text("怎么处理", "What next")
_NEW_DUE: Final = Text("新期限", "New due date")
_TO: Final = Text("交给谁", "To whom")
_PART: Final = Text("第 {number} 项", "Part {number}")
_STEPPED: Final = Text("{step}：{said}", "{step}: {said}")
_NONE: Final = Text("没有行动。", "No actions.")
_PARTS: Final = 3
_GOOD: Final = {"works": "blue", "worse": "orange"}


@dataclass(frozen=True, slots=True)
class Line:
    """How a promise is shown: in which review its steps are taken, whether the customer and the metric need no saying."""

    week_on: date | None = None
    about_customer: bool = True
    about_metric: bool = True


def panel(about: About, scope: Any = None) -> None:  # noqa: ANN401 (filters.Scope, None for the page's own date)
    """The open promises about a customer, a metric or a case, with their next steps, and a way to add one."""
    asked = {"customer_id": about.customer_id, "metric": about.metric, "case_id": about.case_id}
    found = page.rows("actions", scope, **asked, user_id=None, state="open")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{session.say(TITLE)}**" if found else f":gray[{session.say(_NONE)}]", width="stretch")
        if review_forms.may("action"):
            st.button(session.say(ADD), key=f"add-action-{about.key}", icon=":material/add:", on_click=_turn, args=("add", "action"))
    forms.receipt(Form(TOLD))
    if page.asked("add") == "action" and review_forms.may("action"):
        review_forms.draw("action", about, then=lambda _: _turn("add", "action"))
    listed(found, Line(about.week_on, about.customer_id is None, about.metric is None))


def listed(rows: Sequence[Row], how: Line) -> None:
    """One line for each, with its next step where the person may take it."""
    for row in rows:
        line(row, how)


def line(row: Row, how: Line) -> None:
    """One promise."""
    with st.container(border=True, key=f"action_{row['action_id']}", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(_words(row, how), width="stretch")
            if may_step():
                _steps(row, how)
        if may_step() and page.asked_number(OPENED) == row["action_id"]:
            _step(row, how)


def may_step() -> bool:
    """Whether the person at the desk may take steps now."""
    return session.actor().may(Permission.ACTION_WRITE) and session.known_at() is None and session.as_of() == session.today()


def due(row: Row) -> date:
    """When it is due; what is read from a frozen review is text."""
    return _day(row["due_on"])


def _words(row: Row, how: Line) -> str:
    """What, then in grey who and by when, then what stands out."""
    language = session.language()
    about = [row["doer_name"] or formats.MISSING, session.say(_BY, day=formats.day(due(row), language))]
    about += [row["name"]] if row["name"] and how.about_customer else []
    about += [session.say(METRICS[row["metric"]].label)] if row["metric"] in METRICS and how.about_metric and not row["effect"] else []
    about += [_expected(row)] if row["effect"] and row["metric"] in METRICS else []
    about += [row["action_note"]] if row["action_note"] else []
    return f"**{page.md(row['action_said'])}** {' '.join(_badges(row))}  \n:gray[{page.md(' · '.join(about))}]"


def _badges(row: Row) -> list[str]:
    found = []
    if not row["is_open"]:
        found.append(f":gray-badge[{session.say(VALUE['action_state'][row['action_state']])}]")
    elif due(row) < session.as_of():
        late = formats.days((session.as_of() - due(row)).days, session.language())
        found.append(f":gray-badge[{session.say(_LATE, days=late)}]")
    if row["carried_count"]:
        times = formats.counted(row["carried_count"], "time", "times")
        found.append(f":gray-badge[{session.say(_CARRIED, count=Text(f'{times.zh} 次', times.en))}]")
    if row["is_worn"] and row["is_open"]:
        found.append(f":orange-badge[{session.say(_WORN)}]")
    if row["escalated_on"] and row["is_open"]:
        found.append(f":gray-badge[{session.say(_HANDED, day=formats.day(_day(row['escalated_on']), session.language()))}]")
    if row.get("effect_seen"):
        effect = session.say(_EFFECT, effect=VALUE["effect_seen"][row["effect_seen"]])
        found.append(f":{_GOOD.get(row['effect_seen'], 'gray')}-badge[{effect}]")
    return found


def _expected(row: Row) -> str:
    day = formats.day(_day(row["effect_by"]), session.language())
    way = session.say(VALUE["effect"][row["effect"]])
    return session.say(_EXPECTED, metric=METRICS[row["metric"]].label, way=way if session.language() == "zh" else way.lower(), day=day)


def _steps(row: Row, how: Line) -> None:
    """The two answers of a meeting as one click each, all others behind a third."""
    action_id, possible = row["action_id"], actions.steps(row["action_state"], is_worn=row["is_worn"])
    if "done" in possible:
        st.button(session.say(_DONE), key=f"done-{action_id}", icon=":material/check:", on_click=_take, args=(row, "done", how))
    if "carried" in possible and row.get("is_carried"):
        help_ = session.say(_CARRY_HELP)
        st.button(session.say(_CARRY), key=f"carry-{action_id}", help=help_, on_click=_take, args=(row, "carried", how))
    if possible:
        is_opened = page.asked_number(OPENED) == action_id
        label = session.say(_CLOSE if is_opened else _OTHER)
        st.button(label, key=f"more-{action_id}", type="tertiary", on_click=_turn, args=(OPENED, str(action_id)))


def _take(row: Row, step: str, how: Line) -> None:
    """A step that needs nothing more (a button's callback)."""
    command = StepAction((row["action_id"],), step, session.today(), week_on=how.week_on)
    receipt = page.change(command, _STEPPED, step=actions.STEP[step], said=row["action_said"])
    if receipt:
        what = session.say(_STEPPED, step=actions.STEP[step], said=row["action_said"])
        st.session_state[f"{TOLD}.saved"] = (receipt.change_id, what)


def _turn(name: str, value: str) -> None:
    """Open what the address names, or close it when it is open (a button's callback)."""
    if page.asked(name) == value:
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = value


def _step(row: Row, how: Line) -> None:
    """The other steps, with what each needs."""
    form = Form(f"step-{row['action_id']}", told=TOLD)
    forms.begun(form)
    names = [step for step in actions.steps(row["action_state"], is_worn=row["is_worn"]) if step not in {"done", "carried"}]
    form.start("step", names[0] if len(names) == 1 else None)
    step = forms.pills(form, "step", _STEP, {name: actions.STEP[name] for name in names})
    if not step:
        return
    more = _FIELDS[step](form, row) if step in _FIELDS else {}
    needs_reason = step in actions.REASON_NEEDED
    note = forms.line(form, "note", REASON if needs_reason else NOTE, optional=not needs_reason)

    def build(_confirmed: bool) -> Command:  # noqa: FBT001 (forms.save calls it)
        return StepAction((row["action_id"],), step, session.today(), note or None, week_on=how.week_on, **more)

    what = session.say(_STEPPED, step=actions.STEP[step], said=row["action_said"])
    forms.save(form, build, what, needed={"note": REASON} if needs_reason else None, then=lambda _: _turn(OPENED, str(row["action_id"])))


def _new_due(form: Form, row: Row) -> dict[str, Any]:
    return {"due_on": forms.day(form, "due_on", _NEW_DUE, start=max(due(row), session.today()) + timedelta(days=7))}


def _handed(form: Form, row: Row) -> dict[str, Any]:
    return {"to_id": review_forms.owner(form, "to_id", row["customer_id"], label=_TO), **_new_due(form, row)}


def _split(form: Form, row: Row) -> dict[str, Any]:
    parts = []
    for number in range(1, _PARTS + 1):
        st.markdown(f":gray[{session.say(_PART, number=number)}]")
        said = review_forms.said(form, f"said{number}")
        left, right = page.halves()
        with left:
            owner_id = review_forms.owner(form, f"owner{number}", row["customer_id"], start=row["doer_id"])
        with right:
            due_on = forms.day(form, f"due{number}", DUE, start=session.today() + timedelta(days=7))
        if said.strip():
            parts.append(Part(said, owner_id or 0, due_on or session.today()))
    forms.complaint(form, "parts")
    return {"parts": tuple(parts)}


_FIELDS: Final[Mapping[str, Callable[[Form, Row], dict[str, Any]]]] = {
    "moved": _new_due,
    "escalated": _handed,
    "split": _split,
    "reopened": _new_due,
}


def _day(value: date | str) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)
