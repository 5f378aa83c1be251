"""Call-backs about low scores: whom to call first, what they said, one form for what the call came to, and whether it helped."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

import pyarrow.compute as pc
import streamlit as st

from lib import formats, terms
from lib.commands.call_backs import ENOUGH, NOTE, PROMISED, TOLD_TO, TOLD_WHAT, LogCallBack, TellCustomer
from lib.commands.service import IN_VAIN
from lib.domain import kinds, moods
from lib.text import Language, Text
from lib.ui import attachments, downloads, forms, page, session, tables
from lib.ui.entry_saving import CHANNEL
from lib.ui.quick import FORM

_RECENT: Final = timedelta(days=90)
_WHOSE: Final[dict[str, Text]] = {
    "mine": Text("我的", "Mine"),
    "all": Text("全部", "All"),
    "told": Text("待告知", "To tell"),
    "done": Text("近 90 天已回访", "Called back in 90 days"),
}
_WHOSE_LABEL: Final = Text("谁的回访", "Whose call-backs")
_HEAD: Final = Text("{count} 个低分等回访，{late} 个已超期", "{count} low scores to call back, {late} late")
_HEAD_TOLD: Final = Text("{count} 件答应客户的事等告知，{late} 件已超期", "{count} promised to customers to be told, {late} late")
_NONE: Final[dict[str, Text]] = {
    "mine": Text("没有等您回访的低分。看看“全部”。", "No low score waits for your call. Look under “All”."),
    "all": Text("没有等回访的低分。", "No low score waits for a call."),
    "told": Text("答应客户的事都告知了。", "Customers know of all that was promised."),
    "done": Text("近 90 天没有回访记录。", "Nobody was called back in 90 days."),
}
_RECOVERED: Final = Text(
    "{done} 个已回访；其中 {again} 个后来又评过分，{recovered} 个不再是低分。",
    "{done} called back; {again} scored again since, {recovered} of them no longer low.",
)
_SHOWN: Final = ("name", "metric", "score", "comment", "working_days_left", "attempts", "task_owner_name", "on_date")
_DONE_SHOWN: Final = (
    "name",
    "metric",
    "score",
    "comment",
    "outcome",
    "note",
    "task_done_on",
    "promised",
    "told_on",
    "told_channel",
    "told_note",
    "again_on",
    "is_recovered",
    "task_owner_name",
)
_TOLD_SHOWN: Final = ("name", "promised", "working_days_left", "task_owner_name", "metric", "score", "comment")
_SAID: Final = Text("{metric} {score} · {day} · {who}", "{metric} {score} · {day} · {who}")
_LEFT: Final = Text("还剩 {days}", "{days} left")
_TODAY: Final = Text("今天到期", "Due today")
_OVER: Final = Text("超期 {days}", "{days} late")
_LONG_OVER: Final = Text("早已超期", "Long overdue")
_DAYS: Final = Text("{count} 个工作日", "{count}")
_TRIED: Final = Text("打过 {count} 次没接通，最近 {day}", "{count} in vain, last on {day}")
_CALLS: Final = Text("{count} 次", "{count}")
_OUTCOME: Final = Text("联系上了吗", "Was the customer reached")
_WHAT: Final = Text("问题在哪（可多选）", "What is wrong (several)")
_PROMISE: Final = Text("答应了：{promised}", "Promised: {promised}")
_TOLD_ON: Final = Text("哪天告知的", "Told on")
_BY_WHEN: Final = Text("最晚哪天", "By when")
_ESCALATE: Final = Text("升级为投诉：严重程度", "Make it a complaint: how severe")
_ESCALATE_ABOUT: Final = Text("客户原话会带进投诉。", "The customer's words go along.")
_GIVE_UP: Final = Text("已经打了 {count} 次，放弃回访（不算已回访）", "{count} calls in vain: give up (does not count as called back)")
_OPEN_CUSTOMER: Final = Text("看客户", "See the customer")


def desk() -> None:
    """The list, and the form for the one chosen; the first one unless another was clicked. Mine unless none waits for me."""
    if not page.asked("whose") and not _asked("mine").answer().num_rows:
        st.session_state.setdefault("switch-whose", "all")
    whose = forms.switch("whose", _WHOSE, _WHOSE_LABEL)
    forms.receipt(forms.Form("call_back"))
    if whose == "done":
        _done()
        return
    asked = _asked(whose)
    found = asked.answer()
    if not found.num_rows:
        page.empty(_NONE[whose])
        return
    head, shown, draw = (_HEAD_TOLD, _TOLD_SHOWN, _tell) if whose == "told" else (_HEAD, _SHOWN, _form)
    st.markdown(f"#### {session.say(head, count=found.num_rows, late=pc.sum(found['is_late']).as_py())}")
    downloads.export(downloads.Offer(_WHOSE["told"] if whose == "told" else FORM["call_back"], asked, found.num_rows))
    tables.pick(found, shown, key="call_backs", into="task", by="activity_id")
    rows = found.to_pylist()
    wanted = page.asked_number("task")
    _card(next((row for row in rows if row["activity_id"] == wanted), rows[0]), draw)


def _asked(whose: str) -> page.Question:
    mine_id = session.actor().user_id if whose == "mine" else None
    return page.question("call_backs", as_of=session.today(), mine_id=mine_id, is_promise=whose == "told")


def _card(row: Mapping[str, Any], draw: Callable[[Mapping[str, Any]], None]) -> None:
    """What was said, how much time is left, and the form."""
    language = session.language()
    with st.container(border=True, key="call-back-card"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"#### {page.md(row['name'])}")
            page.link(_OPEN_CUSTOMER, "customer", customer=row["customer_id"])
        who = row["respondent"] or _contact(row) or formats.MISSING
        day = formats.full_date(row["on_date"], language)
        st.caption(page.md(session.say(_SAID, metric=terms.VALUE["metric"][row["metric"]], score=row["score"], day=day, who=who)))
        if row["comment"]:
            st.markdown(f"> {page.md(row['comment'])}")
        colour = "orange" if row["is_late"] or row["working_days_left"] == 0 else "gray"
        st.markdown(f":{colour}-badge[:material/timer: {_left(row, language)}]")
        if row["attempts"]:
            calls = session.say(_CALLS, count=formats.counted(row["attempts"], "call", "calls"))
            st.caption(session.say(_TRIED, count=calls, day=formats.day(row["last_attempt_on"], language)))
        draw(row)
        attachments.panel("feedback", row["feedback_id"], row["customer_id"])


def _left(row: Mapping[str, Any], language: Language) -> str:
    """The clock, in working days."""
    left = row["working_days_left"]
    if left is None:  # later than the calendar looks back
        return session.say(_LONG_OVER)
    days = _DAYS.say(language, count=formats.counted(abs(left), "working day", "working days"))
    return _TODAY.say(language) if left == 0 else (_LEFT if left > 0 else _OVER).say(language, days=days)


def _contact(row: Mapping[str, Any]) -> str | None:
    """Whom to call, as far as this person may see it."""
    people = [person for person in page.rows("customer_contacts", customer_id=row["customer_id"]) if not person["do_not_contact"]]
    first = next((person for person in people if person["contact_id"] == row["contact_id"]), people[0] if people else None)
    return " ".join(part for part in (first["name"], first["phone"]) if part) if first else None


def _form(row: Mapping[str, Any]) -> None:
    form = forms.Form(f"call_back_{row['activity_id']}", told="call_back")
    forms.begun(form)
    outcome = forms.pills(form, "outcome", _OUTCOME, kinds.OUTCOME)
    channel = forms.pills(form, "channel", CHANNEL, kinds.CHANNEL, remember=True)
    told: dict[str, Any] = {"outcome": outcome, "channel": channel or "phone"}
    with st.container():  # the button below keeps its place, and with it its shortcut, whatever is asked above
        if outcome == IN_VAIN:
            told |= _in_vain(form, row)
        elif outcome:
            told |= _reached(form, row)
    what = " · ".join((session.say(FORM["call_back"]), row["name"]))
    forms.save(
        form,
        lambda _: LogCallBack(row["activity_id"], today=session.today(), **told),
        what,
        needed={"outcome": _OUTCOME},
        remember={"channel": channel},
    )


def _in_vain(form: forms.Form, row: Mapping[str, Any]) -> dict[str, Any]:
    note = forms.line(form, "note", NOTE, optional=True)
    gives_up = False
    if row["attempts"] + 1 >= ENOUGH:
        calls = session.say(_CALLS, count=formats.counted(row["attempts"] + 1, "call", "calls"))
        gives_up = bool(forms.field(form, "gives_up", st.checkbox, session.say(_GIVE_UP, count=calls)))
    return {"note": note or None, "gives_up": gives_up}


def _reached(form: forms.Form, row: Mapping[str, Any]) -> dict[str, Any]:
    form.start("themes", list(moods.read(row["comment"] or "").themes))
    themes = forms.several(form, "themes", _WHAT, kinds.THEME)
    note = forms.area(form, "note", NOTE)
    left, right = st.columns(2)
    with left:
        promised = forms.line(form, "promised", PROMISED, optional=True)
    with right:
        promised_on = forms.soon(form, "promised_on", _BY_WHEN)
    severity = forms.pills(form, "severity", _ESCALATE, kinds.SEVERITY)
    if severity:
        st.caption(session.say(_ESCALATE_ABOUT))
    return {"themes": themes, "note": note, "promised": promised or None, "promised_on": promised_on, "severity": severity}


def _tell(row: Mapping[str, Any]) -> None:
    """What was promised, and that the customer knows it is done."""
    st.markdown(f"**{page.md(session.say(_PROMISE, promised=row['promised']))}**")
    form = forms.Form(f"tell_{row['activity_id']}", told="call_back")
    forms.begun(form)
    left, right = st.columns(2)
    with left:
        told_to = forms.line(form, "told_to", TOLD_TO)
    with right:
        told_on = forms.day(form, "told_on", _TOLD_ON, start=session.today())
    channel = forms.pills(form, "channel", CHANNEL, kinds.CHANNEL, remember=True)
    note = forms.area(form, "note", TOLD_WHAT)
    forms.save(
        form,
        lambda _: TellCustomer(row["activity_id"], session.today(), told_to, note or "", told_on or session.today(), channel or "phone"),
        f"{session.say(TellCustomer.title)} · {row['name']}",
        needed={"told_to": TOLD_TO, "told_on": _TOLD_ON, "channel": CHANNEL, "note": TOLD_WHAT},
        remember={"channel": channel},
    )


def _done() -> None:
    """What calls came to, and whether the next score says that it helped."""
    since = session.today() - _RECENT
    asked = page.question("call_backs", as_of=session.today(), since=since, done_only=True)
    found = asked.answer()
    if not found.num_rows:
        page.empty(_NONE["done"])
        return
    again, recovered = found.num_rows - found["again_on"].null_count, pc.sum(found["is_recovered"]).as_py() or 0
    st.markdown(f"#### {session.say(_RECOVERED, done=found.num_rows, again=again, recovered=recovered)}")
    downloads.export(downloads.Offer(_WHOSE["done"], asked, found.num_rows))
    tables.show(found, _DONE_SHOWN, key="call_backs_done", opens="customer")
