"""A signal of the week: the number, its weeks, why it is so, who is to say it, and what the meeting makes of it."""

from __future__ import annotations

from base64 import b64encode
from decimal import Decimal
from html import escape
from typing import Final

import streamlit as st

from lib import formats
from lib.commands.explaining import CAUSE as CAUSE_LABEL
from lib.commands.explaining import MOST_WORDS, SAID, AssignSignal, ExplainSignal, JudgeSignal
from lib.domain.access import ROLE_LABEL, Permission
from lib.domain.signals import ASSURANCE, RULE
from lib.metrics import METRICS, words
from lib.review import drawing
from lib.review.pack import Line
from lib.term_values import VALUE
from lib.text import Text
from lib.ui import forms, page, review, review_forms, session, theme
from lib.ui.review import Review

_CHANGE: Final = Text("{arrow} {size} 较前一周", "{arrow} {size} vs week before")
_TARGET: Final = Text("目标 {target}", "target {target}")
_WINDOW: Final = Text("上面是 {weeks} 周合计，图上是每周单独的数", "{weeks} weeks together; the drawing shows each week alone")
_BY: Final = Text("{who} · {cause}", "{who} · {cause}")
_UNSAID: Final = Text("还没有人说明，请{who}会前写一句。", "Not explained yet: {who} should write a sentence before the meeting.")
_NEVER_SAID: Final = Text("会上没有人说明。", "Nobody explained it.")
_ROLE: Final = Text("{role}（这项指标的负责人）", "{role} (answers for this number)")
_WRITE: Final = Text("写说明", "Explain it")
_CHANGE_IT: Final = Text("改说明", "Change the words")
_ASK: Final = Text("请谁说明", "Ask somebody")
_WHO: Final = Text("请谁", "Whom")
_ASKED: Final = Text("已请{name}说明。", "{name} is asked to explain.")
_ASK_DO: Final = Text("请他说明", "Ask")
_HINT: Final = Text(f"一句话：为什么会这样（最多 {MOST_WORDS} 字）", f"One sentence: why it is so ({MOST_WORDS} characters at most)")
_DETAILS: Final = Text("看明细", "Details")
_JUDGED: Final = Text("{metric}：{verdict}", "{metric}: {verdict}")
_WIDE: Final = (860, 250)
_CARD: Final = (470, 130)
_NARROW: Final = (330, 130)


def card(line: Line, found: Review, *, is_live: bool = False) -> None:
    """One signal with its chart; in the meeting larger, with what can be made of it."""
    with st.container(border=True, key=f"signal_{line.metric}", gap="small"):
        head(line, found)
        drawn(line, found, is_live=is_live)
        _why(line, found)
        if page.asked("explain") == line.metric and _may_explain(found):
            _explain(line, found)
        elif found.may_write:
            _steps(line, found)


def head(line: Line, found: Review) -> None:
    """The number, its change, by which rule it is a signal, and the way to its rows."""
    metric, language = METRICS[line.metric], session.language()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        value = page.md(words.said(line.value, metric, found.pack.currency, language))
        st.markdown(f"**{page.md(session.say(metric.label))}**&ensp;**{value}**&ensp;:gray[{_change(line, found)}]", width="stretch")
        colour = {"worse": "orange", "better": "blue"}.get(line.verdict, "gray")
        st.badge(session.say(words.VERDICT[line.verdict]), color=colour)  # type: ignore[arg-type]
    about = [session.say(RULE[line.rule])] if line.rule else []
    if line.target is not None:
        goal = session.say(_TARGET, target=words.said(line.target, metric, found.pack.currency, language))
        about.append(f"{goal} {session.say(ASSURANCE[line.assurance])}" if line.assurance else goal)
    if line.basis == "share" and metric.window > 1:
        about.append(session.say(_WINDOW, weeks=metric.window))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(page.md(" · ".join(about)), width="stretch")
        opened = {"metric": line.metric}
        st.button(session.say(_DETAILS), key=f"details-{line.metric}", type="tertiary", on_click=review.go, kwargs=opened)


def drawn(line: Line, found: Review, *, is_live: bool) -> None:
    """Its weeks over their usual range: widest on the wall, narrow enough on a phone for its words to be read."""
    about = escape(f"{session.say(METRICS[line.metric].label)} {session.say(words.VERDICT[line.verdict])}")
    sizes = {"wide": _WIDE if is_live else _CARD, "narrow": _NARROW}
    pictures = {name: drawing.svg(line, session.language(), found.pack.currency, theme.palette(), size) for name, size in sizes.items()}
    # As pictures of their own: what stands in the page by itself is cleaned of drawings.
    shown = "".join(
        f'<img class="{name}" alt="{about}" src="data:image/svg+xml;base64,{b64encode(picture.encode()).decode()}">'
        for name, picture in pictures.items()
        if picture
    )
    if shown:
        st.html(f'<div class="review-drawing">{shown}</div>')


def is_said(line: Line, found: Review) -> bool:
    """Whether somebody said why."""
    return bool(found.said.get(line.metric, {}).get("explanation_said"))


def judge(line: Line, found: Review, verdict: str) -> None:
    """What the meeting makes of a signal (a button's callback)."""
    command = JudgeSignal(line.metric, verdict, found.pack.week_on, session.today())
    page.change(command, _JUDGED, metric=METRICS[line.metric].label, verdict=VALUE["signal_verdict"][verdict])


def _change(line: Line, found: Review) -> str:
    metric = METRICS[line.metric]
    change = words.difference(line.value, line.before, metric)
    if not change:
        return ""
    arrow = "↑" if change > 0 else "↓"
    size = words.size(Decimal(change), metric, found.pack.currency, session.language())
    return page.md(session.say(_CHANGE, arrow=arrow, size=size))


def _why(line: Line, found: Review) -> None:
    """What was said, or that nobody has and who should."""
    told = found.said.get(line.metric, {})
    if told.get("explanation_said"):
        cause = session.say(VALUE["signal_cause"][told["signal_cause"]]) if told["signal_cause"] else formats.MISSING
        by = session.say(_BY, who=told["doer_name"] or formats.MISSING, cause=cause)
        st.markdown(f":material/chat: {page.md(told['explanation_said'])}&ensp;:gray[{page.md(by)}]")
    elif found.state == "closed":
        st.markdown(f":gray[{session.say(_NEVER_SAID)}]")
    else:
        who = told.get("doer_name") or session.say(_ROLE, role=ROLE_LABEL[METRICS[line.metric].owner])
        st.markdown(f":orange[:material/help: {page.md(session.say(_UNSAID, who=who))}]")


def _steps(line: Line, found: Review) -> None:
    with st.container(horizontal=True, gap="small"):
        if _may_explain(found):
            label = session.say(_CHANGE_IT if is_said(line, found) else _WRITE)
            asked = {"explain": line.metric}
            st.button(label, key=f"explain-{line.metric}", icon=":material/edit:", on_click=review.go, kwargs=asked)
        if review.may(Permission.MEETING_RUN):
            with st.popover(session.say(_ASK), key=f"ask_{line.metric}", icon=":material/person_add:"):
                _ask(line, found)


def _may_explain(found: Review) -> bool:
    return found.may_write and review.may(Permission.ACTION_WRITE)


def _explain(line: Line, found: Review) -> None:
    """The form: a sentence and why; what is typed is kept at once."""
    form = forms.Form(f"explain-{formats.iso_week(found.pack.week_on)}-{line.metric}", told="explained")
    forms.begun(form)
    told = found.said.get(line.metric, {})
    form.start("said", told.get("explanation_said") or "")
    form.start("cause", told.get("signal_cause"))
    said = forms.line(form, "said", SAID, hint=_HINT)
    cause = forms.pills(form, "cause", CAUSE_LABEL, VALUE["signal_cause"])
    week_on, today = found.pack.week_on, session.today()
    name = session.say(METRICS[line.metric].label)
    forms.save(
        form,
        lambda _: ExplainSignal(line.metric, said, cause or "", week_on, today),
        name,
        needed={"said": SAID, "cause": CAUSE_LABEL},
        then=lambda _: review.go(explain=None),
    )


def _ask(line: Line, found: Review) -> None:
    names = review_forms.people()
    told = found.said.get(line.metric, {})
    place = list(names).index(told["doer_id"]) if told.get("doer_id") in names else None
    chosen = st.selectbox(
        session.say(_WHO), list(names), index=place, format_func=lambda one: names[one], placeholder="…", key=f"asked-{line.metric}"
    )
    if st.button(session.say(_ASK_DO), key=f"ask-do-{line.metric}", type="primary", disabled=chosen is None) and chosen is not None:
        command = AssignSignal(line.metric, chosen, found.pack.week_on, session.today())
        if page.change(command, _ASKED, name=names[chosen]):
            st.rerun()
