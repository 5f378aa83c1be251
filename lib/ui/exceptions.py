"""My exceptions and the latest changes: what needs a person now, and what was done last."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import streamlit as st

from lib import commands, formats
from lib.commands.undo import ANYONES, Undo
from lib.domain import advice
from lib.domain.access import Permission
from lib.domain.policy_kinds import KINDS
from lib.text import Text
from lib.ui import filters, page, proposed_rules, session

MOST: Final = 5
_CHANGES: Final = 6
_TITLE: Final = Text("需要我处理的", "Needs me")
_ABOUT: Final = Text("自己的客户在前；最多 {most} 条", "My customers first; at most {most}")
_CALM: Final = Text("没有要处理的例外。", "Nothing needs you now.")
_OPEN: Final = Text("打开", "Open")
_DONE: Final = Text("最近的更改", "Latest changes")
_NOTHING_DONE: Final = Text(
    "还没有更改。导入客户、账单和收款后，这里可以看到并撤销。",
    "No changes yet. Import customers, invoices and payments; they show here and can be undone.",
)
_UNDO: Final = Text("撤销", "Undo")
_UNDONE: Final = Text("已撤销", "undone")
_UNDID: Final = Text("已撤销更改 {change_id}。", "Change {change_id} is undone.")
_BY: Final = Text("{when} · {who}", "{when} · {who}")
_KIND: Final[dict[str, Text]] = {
    "broken_promise": Text("承诺未兑现", "Broken promise"),
    "complaint_overdue": Text("投诉超期", "Complaint overdue"),
    "low_score": Text("低分未回访", "Low score, no call yet"),
    "overdue": Text("逾期", "Overdue"),
}
_WHY: Final[dict[str, Text]] = {
    "broken_promise": Text("差 {amount}，过了承诺日 {days}", "{amount} short, {days} past the promised date"),
    "complaint_overdue": Text("{subject}，超期 {days}", "{subject}, {days} past its date"),
    "low_score": Text("{subject}，{days}前", "{subject}, {days} ago"),
}
_REVIEW: Final = Text(
    "规则“{kind}”该复核了：第 {policy_id} 版，定在 {day}", "The rule “{kind}” is due for review: version {policy_id}, set for {day}"
)
_WAITS: Final = Text("规则“{kind}”：{author} 提了新版本，等您批准", "The rule “{kind}”: a version by {author} waits for your approval")
_ICON: Final = {"review": "event_repeat", "waits": "rule"}
_OVERDUE_WHY: Final = Text("{amount}，{reason}", "{amount}, {reason}")
_SILENT: Final = frozenset(
    {
        "RecordExport",
        "RevealContact",
        "SetLanguage",
        "SetPassword",
        "ResetPassword",
        "EndSignIns",
        "AddUser",
        "ChangeUser",
        "CreateFirstAdministrator",
    }
)
"""Acts that are audited but change no fact."""


def show(scope: filters.Scope) -> None:
    """At most five exceptions, each with its reason and a way to the customer."""
    page.section(_TITLE, _ABOUT, most=MOST)
    rules = _rules()
    found = _found(scope)
    if not (found or rules):
        page.empty(_CALM)
    for place, row in enumerate(found):
        with st.container(border=True, key=f"exception_{place}", gap="xsmall"):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"**{page.md(row['name'])}**", width="stretch")
                st.badge(session.say(_KIND[row["kind"]]), color="orange")
            with st.container(horizontal=True, vertical_alignment="center"):
                st.caption(page.md(_whose(row)), width="stretch")
                page.link(_OPEN, "customer", customer=row["customer_id"])


def _rules() -> int:
    """Rules whose review is due, and versions by someone else that wait for approval, for who may change rules; how many."""
    person = session.actor()
    if not person.may(Permission.POLICY_WRITE):
        return 0
    due = [row for row in page.rows("reviews_due") if row["kind"] in KINDS]
    for row in due:
        day = formats.full_date(row["review_on"], session.language())
        _rule("review", row, session.say(_REVIEW, kind=KINDS[row["kind"]].title, policy_id=row["policy_id"], day=day))
    waiting = [row for row in page.rows("proposed_rules") if row["author_id"] != person.user_id] if person.sees_all else []
    for row in waiting:
        _rule("waits", row, session.say(_WAITS, kind=KINDS[row["kind"]].title, author=row["author_name"] or formats.MISSING))
    return len(due) + len(waiting)


def _rule(why: str, row: Mapping[str, Any], said: str) -> None:
    """What a rule needs, with the way to it."""
    name, where = proposed_rules.WHERE.get(row["kind"], ("policies", {"kind": row["kind"]}))
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"{why}_{row['kind']}"):
        st.markdown(f":material/{_ICON[why]}: {page.md(said)}", width="stretch")
        page.link(_OPEN, name, **where)


def changes() -> None:
    """The latest changes, each with who and when; those one may undo have a button."""
    page.section(_DONE)
    known = commands.every()
    found = page.rows("recent_changes", commands=tuple(sorted(set(known) - _SILENT)), most=_CHANGES)
    if not found:
        page.nothing_yet(_NOTHING_DONE)
    for row in found:
        with st.container(horizontal=True, vertical_alignment="center", key=f"change_{row['change_id']}"):
            title = known[row["command"]].title
            with st.container(gap=None, width="stretch"):
                st.markdown(f"{session.say(title)} {page.md(_detail(row))}")
                st.caption(session.say(_BY, when=page.moment(row["made_at"]), who=page.md(row["made_by"] or formats.MISSING)))
            undo(row)


def undo(row: Mapping[str, Any]) -> None:
    """The button that takes a change back, for those who may; of one that is undone, that it is."""
    if row["is_undone"]:
        st.badge(session.say(_UNDONE), color="gray")
    elif _may_undo(row) and st.button(session.say(_UNDO), key=f"undo_{row['change_id']}", width="content"):
        done = page.change(Undo(row["change_id"], session.today()), _UNDID, change_id=row["change_id"])
        if done:
            st.rerun()


def _may_undo(row: Mapping[str, Any]) -> bool:
    """What the command itself will decide, so that no button leads to a refusal."""
    person = session.actor()
    whole = person.role in ANYONES and person.sees_all
    known = commands.every()
    if row["command"] in _SILENT or row["command"] not in known or known[row["command"]].is_final:
        return False  # it changed no fact, or for good; or the demo was built, which is no command of ours
    permission: Permission = known[row["command"]].permission
    return person.may(permission) and (row["user_id"] == person.user_id or whole)


def _detail(row: Mapping[str, Any]) -> str:
    """What the change was about, and the file it came from when it was an import."""
    source = json.loads(row["detail"]).get("file")
    return " · ".join(part for part in (page.about_words(row["subject"]), source) if part)


def _found(scope: filters.Scope) -> list[dict[str, Any]]:
    """The kinds take turns, the gravest of each first."""
    language = session.language()
    service = page.rows("exceptions", scope)
    late = page.rows("overdue_customers", scope, limit=MOST)
    rows = [{**row, "why": _why(row)} for row in service]
    for place, row in enumerate(late, 1):
        amount = formats.money(row["overdue_amount"], row["currency"], language, compact=True)
        why = session.say(_OVERDUE_WHY, amount=amount, reason=_inside(advice.reason(row)))
        rows.append({**row, "kind": "overdue", "place": place, "why": why})
    return _turns(rows)[:MOST]


def _inside(sentence: Text) -> Text:
    """A sentence as part of another one."""
    return Text(sentence.zh, sentence.en[:1].lower() + sentence.en[1:])


def _turns(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    order = list(_KIND)
    seen: dict[int, dict[str, Any]] = {}
    for row in sorted(rows, key=lambda row: (row["place"], order.index(row["kind"]))):
        seen.setdefault(row["customer_id"], row)
    return list(seen.values())


def _whose(row: Mapping[str, Any]) -> str:
    """The reason, and the colleague to ask about it when the customer is not one's own."""
    colleague = row["owner_name"] if row["owner_name"] != session.actor().name else None
    return f"{row['why']} · {colleague}" if colleague else row["why"]


def _why(row: Mapping[str, Any]) -> str:
    language = session.language()
    amount = formats.money(row["amount"], row["currency"] or "CNY", language, compact=True)
    values = {"amount": amount, "days": formats.days(row["days"], language), "subject": row["subject"] or formats.MISSING}
    needed = {name: value for name, value in values.items() if f"{{{name}}}" in _WHY[row["kind"]].zh}
    return session.say(_WHY[row["kind"]], **needed)
