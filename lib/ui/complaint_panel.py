"""One complaint: its facts and clocks, what it wants now, the next step with the fields it must have, and what happened so far."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import streamlit as st

from lib import formats
from lib.commands.complaints import AdvanceComplaint, PlanCorrection
from lib.domain import complaints, kinds, stages
from lib.domain.access import Permission
from lib.text import Text
from lib.ui import actions, attachments, case_panel, forms, page, session
from lib.ui.forms import Form

_OPEN_CUSTOMER: Final = Text("看客户", "Open the customer")
_NEXT: Final = Text("下一步", "Next step")
_STEP: Final = Text("步骤", "Step")
_DONE: Final = Text("{step} · {name}", "{step} · {name}")
_LATE: Final = Text("超期 {days}", "{days} late")
_WORKING_DAYS: Final = Text("{count} 个工作日", "{count}")
_DUE: Final = Text("{day}前答复", "Answer by {day}")
_PAUSED: Final = Text("暂停了 {days}", "stood still {days}")
_AGE: Final = Text("已 {days}", "{days} so far")
_TOOK: Final = Text("用了 {days}", "took {days}")
_UNDATED: Final = Text("哪天了结没有记录", "the day it ended is not on record")
_DAYS: Final = Text("{count} 天", "{count}")
_UNACKNOWLEDGED: Final = Text("过了 {hours} 个工作小时还没受理", "Not acknowledged within {hours} working hours")
_ESCALATE_NOW: Final = Text("应升级到第 {level} 级", "To be escalated to level {level}")
_LEVEL: Final = Text("已升级到第 {level} 级", "Level {level}")
_REPEATS: Final = Text("{days} 天内同一原因第二次", "Same cause again after {days} days")
_REOPENED: Final = Text("重开过", "Opened again")
_COST: Final = Text("费用 {cost}", "Cost {cost}")
_READ_ONLY: Final = Text("看的是过去的样子；回到今天才能推进。", "This is how it was; go back to today to take a step.")
_CORRECT: Final = Text("纠正措施", "Corrective action")
_CORRECT_ABOUT: Final = Text(
    "让这个原因不再发生：谁、做什么、哪天完成。完成后会比较前后同类投诉。",
    "What keeps this cause from coming again: who, what, by when. Once done, complaints before and after are compared.",
)
_WHAT: Final = Text("做什么", "What")
_BY: Final = Text("哪天完成", "Done by")
_CONFIRM: Final = Text("确定", "Confirm")
_PLANNED: Final = Text("纠正措施已安排。", "The corrective action is planned.")
_NONE_TO_MERGE: Final = Text("这个客户没有别的未结投诉。", "This customer has no other open complaint.")

Row = Mapping[str, Any]


def opened(case_id: int | None) -> None:
    """The complaint named: what is to be done beside what happened. Nothing when there is none in sight."""
    row = page.row("complaint_card", case_id=case_id) if case_id else None
    if row is None:
        return
    with st.container(border=True, key="complaint_card"):
        _head(row)
        left, right = page.halves(1.2)
        with left:
            _work(row)
            attachments.panel("case", row["case_id"], row["customer_id"])
            actions.of_case(row["case_id"], row["customer_id"])
        with right:
            case_panel.history(row["case_id"])


def _head(row: Row) -> None:
    st.markdown(f"##### {page.md(row['complaint_subject'])} {' '.join(_badges(row))}")
    severity = session.say(kinds.SEVERITY[row["severity"]]) if row["severity"] else None
    coded = ((kinds.CAUSE, "cause"), (kinds.CHANNEL, "channel"), (kinds.STAGE, "stage"))
    told = [session.say(words[row[name]]) for words, name in coded if row[name] in words]
    parts = [row["name"], row["account_no"], row["contact_name"], row["owner_name"], severity, *told]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(page.md(" · ".join(part for part in parts if part)))
        page.link(_OPEN_CUSTOMER, "customer", customer=row["customer_id"])
    st.caption(page.md(" · ".join(_clock(row))))
    if row["body"]:
        st.markdown(page.md(row["body"]))


def _badges(row: Row) -> list[str]:
    """The state, then what wants attention."""
    found = [f":gray-badge[{session.say(stages.STATE_LABEL[row['state']])}]"]
    if row["is_late"]:
        found.append(f":orange-badge[{session.say(_LATE, days=_count(_WORKING_DAYS, row['late_days'], 'working day'))}]")
    if row["is_unacknowledged"]:
        found.append(f":orange-badge[{session.say(_UNACKNOWLEDGED, hours=formats.number(row['acknowledge_hours']))}]")
    if row["level_due"]:
        found.append(f":orange-badge[{session.say(_ESCALATE_NOW, level=row['level_due'])}]")
    elif row["level"]:
        found.append(f":gray-badge[{session.say(_LEVEL, level=row['level'])}]")
    return found


def _clock(row: Row) -> list[str]:
    language = session.language()
    said = [formats.full_date(row["on_date"], language)]
    if row["due_on"] and row["is_open"]:
        said.append(session.say(_DUE, day=formats.day(row["due_on"], language)))
    lasted = session.say(_AGE if row["is_open"] else _TOOK, days=_count(_DAYS, row["age_days"], "day"))
    said.append(session.say(_UNDATED) if row["is_undated"] else lasted)
    said += [session.say(_PAUSED, days=_count(_DAYS, row["paused_days"], "day"))] if row["paused_days"] else []
    said += [session.say(_REOPENED)] if row["reopened"] else []
    said += [session.say(_REPEATS, days=row["repeats_days"])] if row["repeats_days"] is not None else []
    said += [session.say(_COST, cost=forms.money(row["cost"], row["currency"]))] if row["cost"] is not None else []
    return said


def _count(words: Text, count: int, one: str) -> str:
    """So many days: counted in Chinese by the sentence, in English by the noun."""
    return session.say(Text(words.say("zh", count=formats.number(count)), formats.counted(count, one, f"{one}s").en))


def _work(row: Row) -> None:
    """The next step; nothing for who may not write, and only a hint on another day than today."""
    if not session.actor().may(Permission.SERVICE_WRITE):
        return
    if not session.at_present():
        st.caption(session.say(_READ_ONLY))
        return
    steps = stages.actions(row["state"])
    if steps:
        page.section(_NEXT)
        _step(row, steps)
    with st.container(horizontal=True, gap="small"):
        if row["is_open"]:
            case_panel.escalate(row, json.loads(rule()["body"])["levels"])
        if row["is_open"] or row["state"] == "told_customer":
            case_panel.attempt(row)
        if row["cause"]:
            _correct(row)


def rule() -> dict[str, Any]:
    """The rule for complaints in force on the date shown."""
    (found,) = page.rows("rule_in_force", kind="complaint")
    return found


def _step(row: Row, steps: list[str]) -> None:
    """What was chosen for a state it is no longer in is let go."""
    form = forms.begin(f"complaint_step_{row['case_id']}")
    named = {step: stages.ACTION_LABEL[step] for step in steps}
    form.start("action", steps[0])
    if form.get("action") not in named:
        form.put("action", steps[0])
    action = forms.pills(form, "action", _STEP, named)
    needed = complaints.needs(row["state"], str(action))
    shown = [*needed, *(["is_confirmed"] if action == "close" else []), *([] if "note" in needed else ["note"])]
    given = {name: _field(form, name, row, needed) for name in shown}

    def build(_: bool) -> AdvanceComplaint:  # noqa: FBT001 (what forms.save asks with)
        return AdvanceComplaint(row["case_id"], str(action), session.today(), **given)

    what = session.say(_DONE, step=named[action], name=row["name"]) if action in named else row["name"]
    labels = {name: complaints.LABEL[name] for name in needed if name != "cost"}
    forms.save(form, build, what, needed={"action": _STEP, **labels})


def _field(form: Form, name: str, row: Row, needed: tuple[str, ...]) -> Any:  # noqa: ANN401 (each field has its own type)
    """One field of a step, filled with what is known."""
    label = complaints.LABEL[name]
    choices: dict[str, Mapping[Any, Text]] = {"severity": kinds.SEVERITY, "cause": kinds.CAUSE, "channel": kinds.CHANNEL}
    if name in choices:
        form.start(name, row[name])
        return forms.pills(form, name, label, choices[name])
    if name in {"promised_on", "told_on"}:
        return forms.soon(form, name, label) if name == "promised_on" else forms.day(form, name, label, start=session.today())
    if name == "cost":
        return forms.amount(form, name, label, currency=row["currency"] or "CNY", hint=_COST_HINT)
    if name == "is_confirmed":
        return bool(forms.field(form, name, st.checkbox, session.say(label)))
    if name in {"owner_id", "into_case_id"}:
        return _chosen(form, name, row)
    if name == "told_to":
        form.start(name, row["contact_name"] or "")
    return forms.line(form, name, label, optional=name not in needed) or None


_A_WEEK: Final = timedelta(days=7)
_COST_HINT: Final = Text("没有费用填 0", "0 when it costs nothing")


def _chosen(form: Form, name: str, row: Row) -> int | None:
    """A person to own it, or another open complaint of the customer."""
    if name == "owner_id":
        options = {one["user_id"]: " · ".join(filter(None, (one["name"], one["team"]))) for one in page.rows("case_owners")}
        form.start(name, row["owner_id"] if row["owner_id"] in options else None)
    else:
        others = page.rows("complaints", customer_id=row["customer_id"], queue="open")
        options = {
            one["case_id"]: f"{formats.iso_date(one['on_date'])} {one['complaint_subject']}"
            for one in others
            if one["case_id"] != row["case_id"]
        }
        if not options:
            st.caption(session.say(_NONE_TO_MERGE))
    label = session.say(complaints.LABEL[name])
    chosen = forms.field(form, name, st.selectbox, label, options=list(options), index=None, format_func=lambda one: options.get(one, ""))
    return int(chosen) if chosen is not None else None


def _correct(row: Row) -> None:
    with st.popover(session.say(_CORRECT), icon=":material/build:", key=f"correct-{row['case_id']}"):
        st.caption(session.say(_CORRECT_ABOUT))
        what = st.text_input(session.say(_WHAT), key=f"correct-what-{row['case_id']}")
        due_on = st.date_input(session.say(_BY), session.today() + _A_WEEK, key=f"correct-due-{row['case_id']}", format="YYYY-MM-DD")
        clicked = st.button(session.say(_CONFIRM), key=f"correct-do-{row['case_id']}", type="primary")
        if clicked and page.change(PlanCorrection(row["case_id"], what, due_on, session.today()), _PLANNED):
            st.rerun()
