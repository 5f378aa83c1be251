"""The rules of the house: what is in force, an editor for who may change it, what another rule would change, and every version."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Final

import pyarrow as pa
import streamlit as st

from lib import formats
from lib.commands.policies import REASON, PublishPolicy
from lib.domain.access import Permission
from lib.domain.policies import Kind, checked, differences
from lib.domain.policy_kinds import KINDS
from lib.errors import Refused
from lib.text import Language, Text
from lib.ui import downloads, forms, page, policy_effects, policy_values, proposed_rules, session, tables
from lib.ui.downloads import Offer
from lib.ui.forms import Form

HERE: Final = (
    "credit_stop",
    "reminders",
    "provision",
    "matching",
    "financing",
    "customer_rating",
    "strategy",
    "working_time",
    "service_level",
)
"""Kinds edited on this page; others have a page of their own."""
_WHICH: Final = Text("哪种规则", "Which rule")
_SINCE: Final = Text(
    "第 {policy_id} 版，自 {since} 起，{by} 发布：{reason}", "Version {policy_id}, in force since {since}, by {by}: {reason}"
)
_HOUSE: Final = Text("系统", "the house")
_REVIEW: Final = Text("下次复核 {day}", "Next review {day}")
_NO_REVIEW: Final = Text("没有定复核日", "No review is set")
_EDIT: Final = Text("改规则", "Change the rule")
_EDIT_ABOUT: Final = Text(
    "改完先看右边会改变什么，再发布。旧版留在历史里，随时可以再用。",
    "Change values, look on the right at what would change, then publish. The old version stays and can be used again.",
)
_FROM: Final = Text("从哪天起", "In force from")
_NEXT: Final = Text("下次复核", "Next review")
_WOULD: Final = Text("会改变什么", "What would change")
_NOTHING: Final = Text("还没有改动。", "Nothing is changed yet.")
_PUBLISH: Final = Text("发布：{kind}", "Publish: {kind}")
_PROPOSE: Final = Text("{kind}，等另一个人批准", "{kind}, waiting for a second person")
_BY_TWO: Final = Text(
    "这条规则关系到钱：保存后由另一位经理或管理员批准才生效。",
    "This rule decides about money: once saved, another manager or administrator approves it before it holds.",
)
_READ_ONLY: Final = Text(
    "规则由经理或管理员改，且要能看到全部客户。", "Rules are changed by a manager or an administrator who sees all customers."
)
_PAST: Final = Text("看的是过去的一天；要改规则，请先回到今天。", "This is a day in the past: go back to today to change the rule.")
_HISTORY: Final = Text("历史", "History")
_AGAIN: Final = Text("再用第 {policy_id} 版", "Use version {policy_id} again")
_FIRST: Final = Text("初始规则", "The rule the ledger started with")
_BETWEEN: Final = Text("；", "; ")
_BETWEEN_PEOPLE: Final = " · "
_COLUMNS: Final = ("policy_id", "effective_on", "is_in_force", "changed", "reason", "proposed_by", "made_by", "made_at", "review_on")
_HALF_A_YEAR: Final = timedelta(days=182)


def choose() -> Kind:
    """Which rule to look at; it stands in the URL."""
    return KINDS[forms.switch("kind", {name: KINDS[name].title for name in HERE}, _WHICH)]


def in_force(kind: Kind) -> None:
    """The rule that holds on the date: since when, who published it and why, when it is looked at again, and its values."""
    page.section(kind.title, kind.about)
    held = _held(kind)
    if held is None:
        return
    language = session.language()
    by = _BETWEEN_PEOPLE.join(dict.fromkeys(filter(None, (held["proposed_by"], held["made_by"])))) or session.say(_HOUSE)
    since = formats.full_date(held["effective_on"], language)
    st.markdown(page.md(session.say(_SINCE, policy_id=held["policy_id"], since=since, by=by, reason=_reason(held, language))))
    review_on = held["review_on"]
    review = session.say(_REVIEW, day=formats.full_date(review_on, language)) if review_on else session.say(_NO_REVIEW)
    st.badge(page.md(review), color="orange" if review_on and review_on <= session.as_of() else "gray")
    if not _tries(kind):
        for name, value in policy_values.as_list(kind, json.loads(held["body"])):
            st.markdown(f"{name}：**{value}**" if language == "zh" else f"{name}: **{value}**")
    if not _may():
        st.caption(session.say(_PAST if _may_change() else _READ_ONLY))


def editor(kind: Kind) -> None:
    """The fields on the left, on the right what they would change; for who may. On a past day thresholds are tried, not published."""
    held = _held(kind)
    if held is None or not _tries(kind):
        return
    page.section(_EDIT, _EDIT_ABOUT)
    form = forms.begin(f"policy-{kind.name}")
    proposed_rules.waiting(kind, lambda proposed: again(form, kind, proposed))
    body = json.loads(held["body"])
    left, right = page.halves()
    with left:
        given = policy_values.fields(form, kind, body)
    with right:
        page.section(_WOULD)
        _effects(kind, body, given)
        if _may():
            _publish(form, kind, held, given)


def history(kind: Kind) -> None:
    """Every version with what it changed; one can be used again."""
    asked = page.question("policy_versions", kind=kind.name)
    language = session.language()
    table = explained(kind, asked.answer(), language)
    with st.container(horizontal=True, vertical_alignment="center"):
        page.section(_HISTORY)
        downloads.export(Offer(kind.title, asked, table.num_rows, kind.about, lambda answer: explained(kind, answer, language)))
    chosen = tables.pick(table, _COLUMNS, key="versions", into="version", by="policy_id")
    old = next((row for row in table.to_pylist() if str(row["policy_id"]) == chosen), None)
    if old and _may():
        form = Form(f"policy-{kind.name}")
        label = session.say(_AGAIN, policy_id=old["policy_id"])
        st.button(label, key="again", icon=":material/history:", on_click=again, args=(form, kind, old["body"]))


def again(form: Form, kind: Kind, body: str) -> None:
    """An old version's values in the editor's fields, to be published as a new one."""
    policy_values.fill(form, kind, json.loads(body))


def explained(kind: Kind, table: pa.Table, language: Language) -> pa.Table:
    """Each version with the fields in which it differs from the one that held before it."""
    bodies = [json.loads(body) for body in table["body"].to_pylist()]
    spoken = [policy_values.changed(differences(kind, old, new), language) for new, old in pairwise(bodies)]
    said = [_BETWEEN.say(language).join(sentences) or formats.MISSING for sentences in spoken]
    first = [_FIRST.say(language)] if bodies else []
    reasons = pa.array([_reason(row, language) for row in table.to_pylist()], pa.string())
    worded = table.set_column(table.column_names.index("reason"), "reason", reasons)
    return worded.append_column("changed", pa.array([*said, *first], pa.string()))


def _reason(row: Mapping[str, Any], language: Language) -> str:
    """Why a version was published; what the house wrote itself stands there in both languages."""
    zh, between, en = row["reason"].partition(" · ")
    return str(row["reason"] if row["made_by"] or not between else Text(zh, en).say(language))


def _effects(kind: Kind, body: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """The fields that differ, then what they come to today; or why the rule cannot hold."""
    try:
        wanted = checked(kind, given)
    except Refused as refusal:
        st.caption(f":orange[:material/error: {page.md(refusal.say(session.language()))}]")
        return
    sentences = policy_values.changed(differences(kind, body, wanted), session.language())
    if not sentences:
        st.caption(session.say(_NOTHING))
        return
    for sentence in sentences:
        st.markdown(f"- {page.md(sentence)}")
    policy_effects.show(kind.name, body, wanted)


def _publish(form: Form, kind: Kind, held: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    today = session.today()
    effective_on = forms.day(form, "effective_on", _FROM, start=today) or today
    review_on: date | None = forms.day(form, "review_on", _NEXT, start=today + _HALF_A_YEAR)
    reason = forms.line(form, "reason", REASON)

    def build(_: bool) -> PublishPolicy:  # noqa: FBT001 (the form's own signature)
        body = checked(kind, given)
        return PublishPolicy(kind.name, body, effective_on, review_on or today, reason, today, held["latest_id"])

    if kind.by_two:
        st.caption(session.say(_BY_TWO))
    what = session.say(_PROPOSE if kind.by_two else _PUBLISH, kind=kind.title)
    forms.save(form, build, what, needed={"reason": REASON, "review_on": _NEXT})


def _held(kind: Kind) -> dict[str, Any] | None:
    """The version in force, with the number of the one published last."""
    rows = page.rows("policy_versions", kind=kind.name)
    latest = max((row["policy_id"] for row in rows), default=None)
    return next(({**row, "latest_id": latest} for row in rows if row["is_in_force"]), None)


def _may() -> bool:
    return _may_change() and session.at_present()


def _tries(kind: Kind) -> bool:
    """Whether the person sees what other values would change: where their effects are of the day looked at, on a past day too."""
    return _may() or (_may_change() and kind.name not in HERE)


def _may_change() -> bool:
    """Whether the person changes rules, on whatever day they look at."""
    person = session.actor()
    return person.may(Permission.POLICY_WRITE) and person.sees_all
