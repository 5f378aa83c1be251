"""The play of one customer's class in one look: who serves, when to be in touch again, terms, offers, and the steps as tasks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any, Final, Literal

import pyarrow as pa
import streamlit as st

from lib import formats
from lib.commands.strategy import PlanSteps
from lib.domain import strategy
from lib.domain.access import Permission
from lib.domain.strategy import PLAYS, Planned, Play, Strategy
from lib.terms import VALUE
from lib.text import Language, Text
from lib.ui import page, session

_PLAY: Final = Text("打法：{play}", "Play: {play}")
_CADENCE: Final = Text("每 {days} 联系一次", "in touch every {days}")
_LAST: Final = Text("上次 {day}", "last on {day}")
_NEVER: Final = Text("还没有联系记录", "never in touch yet")
_DUE: Final = Text("应在 {day} 前", "due by {day}")
_LATE: Final = Text("已超 {days}", "{days} late")
_TERMS: Final = Text("建议账期 {days}", "suggested terms {days}")
_PREPAY: Final = Text("先款后货", "paid in advance")
_PLAN: Final = Text("建任务（{count} 步）", "Plan the steps ({count})")
_PLANNED: Final = Text("已建任务。", "The steps are planned.")
_NOT_TODAY: Final = Text("任务按今天的分类来建，请先把日期调回今天。", "Tasks are planned by today's class: go back to today first.")
_OTHER: Final = Text("申请特殊条件", "Propose special terms")
_RULE: Final = Text("为什么是这套打法", "Why this play")
_BECAUSE: Final = Text(
    "{cls}的客户按“{play}”对待，这是现行策略里的规定。",
    "Customers who are {cls} are treated by the play {play}, says the strategy in force.",
)
_TO_RULE: Final = Text("看策略规则", "See the strategy")
_UNTIL: Final = Text("{what} 至 {day}", "{what} until {day}")
_DAYS: Final = Text("账期 {days}", "terms {days}")
_DISCOUNT: Final = Text("折扣 {rate}", "{rate} off")
_FOR: Final = Text("{what}（{agreed}）", "{what} ({agreed})")
_BEFORE: Final = Text("上次 {day} 做过", "last done {day}")
_DONE: Final = Text("已完成", "done")
_NEXT: Final = Text("{step}（第 {days} 天）", "{step} (day {days})")
_ALL_PLANNED: Final = Text("步骤都已建任务", "All steps planned")


def in_force() -> Strategy | None:
    """The strategy in force on the date looked at."""
    found = page.row("rule_in_force", kind="strategy")
    return Strategy.of(json.loads(found["body"])) if found else None


def panel(customer_id: int) -> None:
    """How this customer is treated; nothing where it is in no class."""
    found, rule = page.row("class_play", customer_id=customer_id), in_force()
    if found is None or rule is None:
        return
    play = rule.plays[found["play"]]
    with st.container(border=True, gap="xsmall", key="play"):
        _head(found, play)
        st.markdown(page.md(f"{play.serve.say(session.language())} · {play.offers.say(session.language())}"))
        st.markdown(_rhythm(found, play))
        _steps(customer_id, play)


def _head(found: Mapping[str, Any], play: Play) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{session.say(_PLAY, play=play.name)}**", width="content")
        for term in page.rows("special_terms", customer_id=found["customer_id"], live_only=True):
            st.badge(page.md(said(term)), color="blue", icon=":material/star:")
        with st.popover(session.say(_RULE), type="tertiary", width="content", key="play-why"):
            words = Text(
                *(
                    f"{VALUE['frequency'][found['frequency']].say(one)}{' · ' if one == 'en' else ''}"
                    f"{VALUE['amount_grade'][found['amount_grade']].say(one)}"
                    for one in ("zh", "en")
                )
            )
            st.markdown(session.say(_BECAUSE, cls=words, play=play.name))
            page.link(_TO_RULE, "policies", kind="strategy")
        if session.actor().may(Permission.PROPOSE):
            page.link(_OTHER, "strategy", view="terms", customer=found["customer_id"])


def said(term: Mapping[str, Any]) -> str:
    """A special term in words, with its last day."""
    language = session.language()
    what = {
        "payment_terms": lambda: session.say(_DAYS, days=formats.days(term["terms_days"], language)),
        "discount": lambda: session.say(_DISCOUNT, rate=formats.percent(term["discount_rate"], 1)),
        "service": lambda: str(term["agreed"]),
    }[term["term_kind"]]()
    if term["agreed"] and term["term_kind"] != "service":
        what = session.say(_FOR, what=what, agreed=term["agreed"])
    return session.say(_UNTIL, what=what, day=formats.iso_date(term["until_on"]))


def _rhythm(found: Mapping[str, Any], play: Play) -> str:
    """How often to be in touch, when it was last, and by when it is due again; orange when that is over."""
    language = session.language()
    last_on: date | None = found["last_contact_on"]
    parts = [session.say(_CADENCE, days=formats.days(play.cadence_days, language))]
    due_on = strategy.next_contact(last_on, play.cadence_days)
    parts.append(session.say(_LAST, day=formats.full_date(last_on, language)) if last_on else session.say(_NEVER))
    late = ""
    if due_on and due_on < session.as_of():
        days = formats.days((session.as_of() - due_on).days, language)
        late = f" :orange-badge[{session.say(_LATE, days=days)}]"
    elif due_on:
        parts.append(session.say(_DUE, day=formats.full_date(due_on, language)))
    terms = session.say(_TERMS, days=formats.days(play.terms_days, language)) if play.terms_days else session.say(_PREPAY)
    return f":material/event_repeat: {page.md(' · '.join(parts))}{late} · :material/payments: {page.md(terms)}"


def _steps(customer_id: int, play: Play) -> None:
    """Each step with its state, and the button that plans what is missing."""
    rows = sorted(page.rows("steps_of_customer", customer_id=customer_id), key=lambda row: row["planned_on"])
    latest = {row["step_ref"]: row for row in rows}
    tasks = [Planned(row["step_ref"], row["planned_on"], row["done_on"]) for row in rows]
    missing = play.missing(tasks, session.as_of())
    for step in play.steps:
        st.markdown(_step(step.text.say(session.language()), latest.get(play.ref(step)), is_open=step in missing))
    if missing and session.actor().may(Permission.SERVICE_WRITE):
        offer((customer_id,), session.say(_PLAN, count=len(missing)), f"plan-{customer_id}")


def _step(words: str, task: Mapping[str, Any] | None, *, is_open: bool) -> str:
    """A step as a line; `is_open`: nobody has planned it in this round, though perhaps in one before."""
    text, language = page.md(words), session.language()
    if task is None or is_open:
        before = session.say(_BEFORE, day=formats.full_date(task["done_on"], language)) if task and task["done_on"] else ""
        return f":gray[:material/radio_button_unchecked: {text} {before}]"
    owner = page.md(task["owner_name"] or "")
    if task["done_on"]:
        return f":material/check_circle: {text} :gray[{session.say(_DONE)} {formats.full_date(task['done_on'], language)} {owner}]"
    is_late = task["due_on"] < session.as_of()
    due = session.say(_DUE, day=formats.full_date(task["due_on"], language))
    return f":material/schedule: {text} :{'orange' if is_late else 'gray'}[{due} {owner}]"


def offer(customer_ids: tuple[int, ...], label: str, key: str, kind: Literal["primary", "secondary"] = "secondary") -> None:
    """The button that plans the missing steps of some customers; while another day than today is looked at it only says why not."""
    is_now = session.at_present()
    why = None if is_now else session.say(_NOT_TODAY)
    icon = ":material/add_task:"
    st.button(label, key=key, type=kind, icon=icon, on_click=_plan, args=(customer_ids,), disabled=not is_now, help=why)


def _plan(customer_ids: tuple[int, ...]) -> None:
    """A second click finds them planned."""
    page.change(PlanSteps(customer_ids, session.today(), session.language()), _PLANNED)


def with_next_step(table: pa.Table, language: Language) -> pa.Table:
    """The same customers with the first step of their play nobody has planned yet."""
    rule = in_force()
    steps = [_next(rule, row, language) if rule else None for row in table.to_pylist()]
    return table.append_column("next_step", pa.array(steps, pa.string()))


def _next(rule: Strategy, row: Mapping[str, Any], language: Language) -> str:
    tasks = [Planned(**task) for task in row["planned_steps"] or ()]
    missing = rule.plays[row["play"]].missing(tasks, session.as_of())
    return _NEXT.say(language, step=missing[0].text, days=missing[0].days) if missing else _ALL_PLANNED.say(language)


def named(key: str) -> str:
    """What a play is called."""
    return session.say(PLAYS[key])
