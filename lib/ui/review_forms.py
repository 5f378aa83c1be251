"""Writing down what comes of a review from wherever one is: a promise, a decision, a topic, each about what one was looking at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import streamlit as st

from lib.commands import actions, decisions, topics
from lib.commands.actions import RaiseAction
from lib.commands.decisions import Resolve
from lib.commands.reviewing import METRIC, OWNER
from lib.commands.topics import RaiseTopic
from lib.domain.access import GRANTS, Permission
from lib.domain.action_words import begins_with_verb
from lib.metrics import METRICS
from lib.store.door import Command, Receipt
from lib.term_review import VALUE
from lib.text import Text
from lib.ui import forms, page, session
from lib.ui.forms import Form

KIND: Final[dict[str, Text]] = {
    "action": Text("行动", "Action"),
    "decision": Text("决定", "Decision"),
    "topic": Text("议题", "Topic"),
}
NEEDS: Final[dict[str, Permission]] = {
    "action": Permission.ACTION_WRITE,
    "decision": Permission.MEETING_RUN,
    "topic": Permission.ACTION_WRITE,
}
TOLD: Final = "review_written"
"""The name under which the last thing written is told, with its undo."""
_WHAT_HINT: Final = Text("以动词开头，例如：核对恒源的对账单", "Begin with a verb: check the statement with Hengyuan")
_NO_VERB: Final = Text(
    "听起来不像一件要做的事。换成动词开头，下周才说得清做没做。",
    "This does not sound like something to do. Begin with a verb, so that next week can say whether it was done.",
)
_EFFECT: Final = Text("预期效果（可不填）", "Expected effect (optional)")
_EFFECT_ABOUT: Final = Text(
    "到那天自动比较做之前和做之后，给出结论：有效、看不出或变差。",
    "On that day the weeks before and after are compared: it works, nothing to be seen, or worse.",
)
_WRITTEN: Final = Text("{kind}“{said}”", "{kind} “{said}”")
_ABOUT: Final = Text("关于：{what}", "About: {what}")
_WEEK: Final = timedelta(days=7)
_EFFECT_AFTER: Final = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class About:
    """What something is written about. week_on: the review it is written in, None for the next one."""

    customer_id: int | None = None
    customer: str | None = None
    metric: str | None = None
    case_id: int | None = None
    week_on: date | None = None

    @property
    def key(self) -> str:
        """The same for the same subject: what is typed about another stays apart."""
        return "-".join(str(part) for part in (self.customer_id, self.metric, self.case_id) if part is not None) or "review"


def may(kind: str) -> bool:
    """Whether the person at the desk may write one now: not while looking at another day or at what was known then."""
    return session.actor().may(NEEDS[kind]) and session.at_present()


def draw(kind: str, about: About, then: Callable[[Receipt], None] | None = None) -> None:
    """The form for one of them, in a frame."""
    form = Form(f"{kind}-{about.key}", told=TOLD)
    with st.container(border=True, key=f"write_{kind}"):
        forms.begun(form)
        st.markdown(f"**{session.say(KIND[kind])}**{_said(about)}")
        build = {"action": _action, "decision": _decision, "topic": _topic}[kind](form, about)
        needed = {"action": {"said": actions.WHAT, "owner_id": OWNER}, "decision": {"said": decisions.SAID, "reason": decisions.REASON}}
        what = session.say(_WRITTEN, kind=KIND[kind], said=form.get("said") or "")
        forms.save(form, build, what, needed=needed.get(kind, {"said": topics.SAID}), then=then)


def owner(form: Form, field: str, customer_id: int | None, *, start: int | None = None, label: Text = OWNER) -> int | None:
    """Who takes it, of those who can."""
    names = people(customer_id)
    form.start(field, start if start in names else None)
    found: int | None = forms.field(
        form, field, st.selectbox, session.say(label), options=list(names), format_func=lambda one: names.get(one, ""), placeholder="…"
    )
    return found


def people(customer_id: int | None = None) -> Mapping[int, str]:
    """Who can take an action, by name; about a customer only who sees that customer."""
    roles = tuple(sorted(role.value for role, granted in GRANTS.items() if Permission.ACTION_WRITE in granted))
    return {row["user_id"]: row["person_name"] for row in page.rows("action_people", roles=roles, customer_id=customer_id)}


def said(form: Form, field: str = "said") -> str:
    """What is to be done, with a hint where it does not sound like it."""
    typed = forms.line(form, field, actions.WHAT, hint=_WHAT_HINT)
    if typed.strip() and not begins_with_verb(typed):
        st.caption(f":orange[:material/info: {session.say(_NO_VERB)}]")
    return typed


def _said(about: About) -> str:
    parts = [about.customer or "", session.say(METRICS[about.metric].label) if about.metric in METRICS else ""]
    what = " · ".join(part for part in parts if part)
    return f"&ensp;:gray[{page.md(session.say(_ABOUT, what=what))}]" if what else ""


def _action(form: Form, about: About) -> Callable[[bool], Command]:
    today = session.today()
    what = said(form)
    left, right = page.halves()
    with left:
        owner_id = owner(form, "owner_id", about.customer_id, start=session.actor().user_id)
    with right:
        due_on = forms.day(form, "due_on", actions.DUE, start=today + _WEEK)
    with st.expander(session.say(_EFFECT)):
        metric, effect, effect_by = _effect(form, about, due_on or today)

    def build(confirmed: bool) -> RaiseAction:  # noqa: FBT001 (forms.save calls it)
        expected = {"metric": metric, "effect": effect, "effect_by": effect_by if effect else None}
        more = {"customer_id": about.customer_id, "case_id": about.case_id, "week_on": about.week_on, "confirmed": confirmed}
        return RaiseAction(what, owner_id or 0, due_on or today, today, **expected, **more)  # type: ignore[arg-type]

    return build


def _effect(form: Form, about: About, due_on: date) -> tuple[str | None, str | None, date | None]:
    st.caption(session.say(_EFFECT_ABOUT))
    metric = about.metric or _metric(form)
    effect = forms.pills(form, "effect", actions.EFFECT, VALUE["effect"])
    effect_by = forms.day(form, "effect_by", actions.EFFECT_BY, start=due_on + _EFFECT_AFTER) if effect else None
    return metric, effect, effect_by


def _metric(form: Form) -> str | None:
    names = {name: session.say(metric.label) for name, metric in METRICS.items()}
    found: str | None = forms.field(
        form, "metric", st.selectbox, session.say(METRIC), options=list(names), index=None, format_func=names.__getitem__, placeholder="…"
    )
    return found


def _decision(form: Form, about: About) -> Callable[[bool], Command]:
    said = forms.line(form, "said", decisions.SAID)
    reason = forms.line(form, "reason", decisions.REASON)
    revisit_on = forms.soon(form, "revisit_on", decisions.REVISIT)
    more = {"customer_id": about.customer_id, "metric": about.metric, "week_on": about.week_on, "revisit_on": revisit_on}
    return lambda confirmed: Resolve(said, reason, session.today(), **more, confirmed=confirmed)  # type: ignore[arg-type]


def _topic(form: Form, about: About) -> Callable[[bool], Command]:
    said = forms.line(form, "said", topics.SAID)
    more = {"customer_id": about.customer_id, "metric": about.metric, "week_on": about.week_on}
    return lambda confirmed: RaiseTopic(said, session.today(), **more, confirmed=confirmed)  # type: ignore[arg-type]
