"""Promises as lines one reads aloud: what, who, by when, how often put off, whether it worked; and the next step of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import streamlit as st

from lib import formats
from lib.commands.actions import DUE, NOTE, REASON, WHAT, Part, RewordAction, StepAction
from lib.domain import actions
from lib.domain.access import Permission
from lib.metrics import METRICS
from lib.store.door import Command
from lib.term_review import VALUE
from lib.text import Text
from lib.ui import downloads, forms, page, review_forms, session
from lib.ui.forms import Form
from lib.ui.review_forms import TOLD, About

Row = Mapping[str, Any]

OPENED: Final = "action"
"""The address names the action whose next step is being written."""
FORMS: Final = ("add", "explain", "answer", OPENED, "topic", "decision", "old")
"""All that the address can have open for writing: one at a time, as one key saves."""
TITLE: Final = Text("行动", "Actions")
ADD: Final = Text("加行动", "Add action")
_BY: Final = Text("{day}前", "by {day}")
_LATE: Final = Text("过了期限 {days}", "{days} past due")
_CARRIED: Final = Text("已顺延 {count}", "put off {count}")
_WORN: Final = Text("不能再拖：拆分、上交或不做了", "No more putting off: split, escalate or give up")
_HANDED: Final = Text("{day} 上交", "escalated on {day}")
_EXPECTED: Final = Text("预期{metric}{way}，{day}看", "expects {metric} {way}, look on {day}")
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
_NONE: Final = Text("没有未完成的行动。", "No open actions.")
_WHOSE_LABEL: Final = Text("谁的行动", "Whose actions")
_WHOSE: Final[dict[str, Text]] = {"mine": Text("我的", "Mine"), "all": Text("全部", "All")}
_NONE_OPEN: Final[dict[str, Text]] = {
    "mine": Text("您没有未完成的行动。", "You have no open actions."),
    "all": Text("没有未完成的行动。", "There are no open actions."),
}
_HAPPENED: Final = Text("{day} {who}：{step}", "{day} {who}: {step}")
_REWORD: Final = Text("改文字", "Correct the words")
_REWORDED: Final = Text("改成：{said}", "now: {said}")
_WORDS_WERE: Final = Text("{day} {who}改了文字，原来写的是：{said}", "{day} {who} corrected the words, which were: {said}")
_UNSEEN: Final = Text("客户已转出这个范围的行动", "An action about a customer who has left this review's scope")
_UNSEEN_HELP: Final = Text(
    "内容不再显示。请主持人上交给看得到这个客户的人，或写明理由不做了。",
    "Its words are no longer shown. Whoever runs the review escalates it to somebody who sees the customer, or gives it up with a reason.",
)
_PARTS: Final = 3
_REWORDS: Final = "reworded"
"""The answer that is no step: what it is called is put right."""
_GOOD: Final = {"works": "blue", "worse": "orange"}


@dataclass(frozen=True, slots=True)
class Line:
    """How a promise is shown: in which review its steps are taken, whether they can be, and what needs no saying."""

    week_on: date | None = None
    may_step: bool = True
    says_owner: bool = True
    says_customer: bool = True


def panel(about: About) -> None:
    """The open promises about a customer, with their next steps, and a way to add one; a case named besides goes into the new one."""
    found = page.rows("actions", customer_id=about.customer_id, user_id=None, state="open")
    may = review_forms.may("action")
    if not found and not may:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="actions_head"):
        st.markdown(f"**{session.say(TITLE)}**" if found else f":gray[{session.say(_NONE)}]")
        if may:
            more = {"icon": ":material/add:", "type": "tertiary", "on_click": turn, "args": ("add", "action")}
            st.button(session.say(ADD), key=f"add-action-{about.key}", **more)  # type: ignore[arg-type]
    forms.receipt(Form(TOLD), f"customer {about.customer_id}")
    if may and page.asked("add") == "action":
        review_forms.draw("action", about, then=lambda _: turn("add", "action"))
    listed(found, Line(says_customer=False))


def of_case(case_id: int, customer_id: int) -> None:
    """The open promises about a case, to be read; they are answered, and new ones written, with the customer."""
    found = page.rows("actions", case_id=case_id, user_id=None, state="open")
    listed(found, Line(may_step=False, says_customer=False))
    if review_forms.may("action"):
        page.link(ADD, "customer", customer=customer_id, add="action", case=case_id)


def register() -> None:
    """Every open promise one reads, one's own first: between two reviews too somebody is done with one."""
    page.section(TITLE)
    whose = forms.switch("whose", _WHOSE, _WHOSE_LABEL)
    asked = page.question("actions", user_id=session.actor().user_id if whose == "mine" else None, state="open")
    found = asked.answer()
    if not found.num_rows:
        page.empty(_NONE_OPEN[whose])
        return
    downloads.export(downloads.Offer(TITLE, asked, found.num_rows))
    listed(found.to_pylist(), Line(says_owner=whose != "mine"))


def listed(rows: Sequence[Row], how: Line) -> None:
    """One line for each, with its next step where the person may take it."""
    for row in rows:
        line(row, how)


def line(row: Row, how: Line) -> None:
    """One promise."""
    with st.container(border=True, key=f"action_{row['action_id']}", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(_words(row, how), width="stretch")
            if how.may_step and may_take(row):
                _steps(row, how)
            if row["customer_id"] is not None and how.says_customer:
                page.link(row["name"], "customer", customer=row["customer_id"])
        if is_open(OPENED, row["action_id"]):
            if how.may_step and may_take(row):
                _step(row, how)
            _history(row["action_id"])


def may_step() -> bool:
    """Whether the person at the desk may take steps now."""
    return session.actor().may(Permission.ACTION_WRITE) and session.at_present()


def may_take(row: Row) -> bool:
    """Whether a step of this action is theirs: who answers for it, who wrote it down, and who runs reviews."""
    person = session.actor()
    if not may_step() or (is_unseen(row) and not person.may(Permission.MEETING_RUN)):
        return False
    return person.may(Permission.MEETING_RUN) or row["doer_id"] == person.user_id or _is_given(row["action_id"])


def is_unseen(row: Row) -> bool:
    """Whether its customer is out of sight by now, and its words with them."""
    return bool(row["action_said"] == actions.UNSEEN)


def title(row: Row) -> str:
    """What is to be done, safe in Markdown."""
    return session.say(_UNSEEN) if is_unseen(row) else page.md(row["action_said"])


def _is_given(action_id: int) -> bool:
    return any(one["action_id"] == action_id for one in page.rows("given_actions"))


def is_open(name: str, thing_id: int) -> bool:
    """Whether the form of a thing is what the address has open."""
    return page.asked_number(name) == thing_id and [one for one in FORMS if page.asked(one)] == [name]


def writes() -> bool:
    """Whether the address has a form open."""
    return any(page.asked(one) for one in FORMS)


def turn(name: str, value: str) -> None:
    """Open the form the address names and close every other, or close it when it is open (a button's callback)."""
    was_open = page.asked(name) == value
    for one in FORMS:
        st.query_params.pop(one, None)
    if not was_open:
        st.query_params[name] = value


def due(row: Row) -> date:
    """When it is due; what is read from a frozen review is text."""
    return _day(row["due_on"])


def _words(row: Row, how: Line) -> str:
    """What, then in grey who and by when, then what stands out."""
    language = session.language()
    about = [row["doer_name"] or formats.MISSING] if how.says_owner else []
    about += [session.say(_BY, day=formats.day(due(row), language))]
    about += [session.say(METRICS[row["metric"]].label)] if row["metric"] in METRICS and not row["effect"] else []
    about += [_expected(row)] if row["effect"] and row["metric"] in METRICS else []
    about += [row["action_note"]] if row["action_note"] else []
    about += [session.say(_UNSEEN_HELP)] if is_unseen(row) else []
    return f"**{title(row)}** {' '.join(_badges(row))}  \n:gray[{page.md(' · '.join(about))}]"


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
        seen = VALUE["effect_seen"][row["effect_seen"]]
        effect = session.say(_EFFECT, effect=Text(seen.zh, seen.en.lower()))
        found.append(f":{_GOOD.get(row['effect_seen'], 'gray')}-badge[{effect}]")
    return found


def _expected(row: Row) -> str:
    day = formats.day(_day(row["effect_by"]), session.language())
    way = session.say(VALUE["effect"][row["effect"]])
    return session.say(_EXPECTED, metric=METRICS[row["metric"]].label, way=way if session.language() == "zh" else way.lower(), day=day)


def _steps(row: Row, how: Line) -> None:
    """The two answers of a meeting as one click each, all others behind a third."""
    action_id, possible = row["action_id"], _possible(row)
    if "done" in possible:
        st.button(session.say(_DONE), key=f"done-{action_id}", icon=":material/check:", on_click=_take, args=(row, "done", how))
    if "carried" in possible and row.get("is_waiting") and due(row) <= session.as_of():
        help_ = session.say(_CARRY_HELP)
        st.button(session.say(_CARRY), key=f"carry-{action_id}", help=help_, on_click=_take, args=(row, "carried", how))
    if possible:
        label = session.say(_CLOSE if is_open(OPENED, action_id) else _OTHER)
        st.button(label, key=f"more-{action_id}", type="tertiary", on_click=turn, args=(OPENED, str(action_id)))


def _possible(row: Row) -> list[str]:
    possible = actions.steps(row["action_state"], is_worn=row["is_worn"])
    return [step for step in possible if step in actions.LETS_GO] if is_unseen(row) else possible


def _take(row: Row, step: str, how: Line) -> None:
    """A step that needs nothing more (a button's callback)."""
    command = StepAction((row["action_id"],), step, session.today(), week_on=how.week_on)
    receipt = page.change(command, _STEPPED, step=actions.STEP[step], said=row["action_said"])
    if receipt:
        what = session.say(_STEPPED, step=actions.STEP[step], said=row["action_said"])
        st.session_state[f"{TOLD}.saved"] = (receipt.change_id, what)


def _step(row: Row, how: Line) -> None:
    """The other steps, with what each needs."""
    form = Form(f"step-{row['action_id']}", told=TOLD)
    forms.begun(form)
    labels = {step: actions.STEP[step] for step in _possible(row) if step not in {"done", "carried"}}
    form.start("step", next(iter(labels)) if len(labels) == 1 else None)
    step = forms.pills(form, "step", _STEP, labels | ({} if is_unseen(row) else {_REWORDS: _REWORD}))
    if not step:
        return
    if step == _REWORDS:
        _reword(form, row)
        return
    more = _FIELDS[step](form, row) if step in _FIELDS else {}
    needs_reason = step in actions.REASON_NEEDED
    note = forms.line(form, "note", REASON if needs_reason else NOTE, optional=not needs_reason)

    def build(_confirmed: bool) -> Command:  # noqa: FBT001 (forms.save calls it)
        return StepAction((row["action_id"],), step, session.today(), note or None, week_on=how.week_on, **more)

    what = session.say(_STEPPED, step=actions.STEP[step], said=row["action_said"])
    forms.save(form, build, what, needed={"note": REASON} if needs_reason else None, then=_closed(row))


def _reword(form: Form, row: Row) -> None:
    form.start("said", row["action_said"])
    said = review_forms.said(form, "said")
    what = session.say(_REWORDED, said=said)
    forms.save(form, lambda _: RewordAction(row["action_id"], said), what, needed={"said": WHAT}, then=_closed(row))


def _closed(row: Row) -> Callable[[object], None]:
    """What follows a step that was saved: its form closes."""
    return lambda _: turn(OPENED, str(row["action_id"]))


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


def _history(action_id: int) -> None:
    """What became of it so far, the latest first."""
    told = []
    for step in page.rows("action_steps", action_id=action_id):
        day = formats.full_date(step["on_date"], session.language())
        said = session.say(_HAPPENED, day=day, who=step["made_by"] or formats.MISSING, step=VALUE["action_step"][step["action_step"]])
        told.append(page.md(f"{said} · {step['action_note']}" if step["action_note"] else said))
    for was in page.rows("action_words", action_id=action_id):
        corrected = {"day": page.moment(was["happened_at"]), "who": was["made_by"] or formats.MISSING, "said": was["action_said"]}
        told.append(page.md(session.say(_WORDS_WERE, **corrected)))
    if told:
        st.caption("  \n".join(told))


_FIELDS: Final[Mapping[str, Callable[[Form, Row], dict[str, Any]]]] = {
    "moved": _new_due,
    "escalated": _handed,
    "split": _split,
    "reopened": _new_due,
}


def _day(value: date | str) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)
