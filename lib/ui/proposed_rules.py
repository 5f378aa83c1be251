"""Rules that wait for a second person: what they would change, who proposed them, and the two buttons for who may."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

import streamlit as st

from lib import formats
from lib.commands.policies import ConfirmPolicy, DropPolicy
from lib.domain.access import Permission
from lib.domain.policies import Kind, differences
from lib.domain.policy_kinds import KINDS
from lib.text import Text
from lib.ui import page, policy_values, session

WHERE: Final = {"classification": ("classification", {"view": "lab"})}
"""Where a kind of rule is looked at, when it is not on the page of rules."""
_WAITS: Final = Text(
    "{kind}：新版本等第二个人批准（{author}，{day}）：{reason}",
    "{kind}: another version waits for a second person ({author}, {day}): {reason}",
)
_FROM: Final = Text("从 {day} 起，下次复核 {review}", "in force from {day}, next review {review}")
_OWN: Final = Text(
    "您自己提的，要由另一位能看到全部客户的经理或管理员批准。",
    "You proposed this; another manager or administrator who sees all customers approves it.",
)
_APPROVE: Final = Text("批准", "Approve")
_DROP: Final = Text("撤下", "Drop")
_LOOK: Final = Text("看会改变什么", "See what it would change")
_APPROVED: Final = Text("已批准，规则按日期生效。", "Approved: the rule holds from its day on.")
_DROPPED: Final = Text("已撤下，仍用原规则。", "Dropped: the old rule stays.")


def waiting(only: Kind | None = None, look: Callable[[str], None] | None = None) -> int:
    """Rules to approve, of one kind or all, for those who may; how many. `look`: a button's callback that takes the rule's body."""
    person = session.actor()
    if not (person.may(Permission.POLICY_WRITE) and person.sees_all):
        return 0
    found = [row for row in page.rows("proposed_rules") if only is None or row["kind"] == only.name]
    for row in found:
        _card(row, look)
    return len(found)


def _card(row: Mapping[str, Any], look: Callable[[str], None] | None) -> None:
    kind, number, language = KINDS[row["kind"]], row["policy_id"], session.language()
    said = {"author": row["author_name"] or formats.MISSING, "day": formats.full_date(row["on_date"], language), "reason": row["reason"]}
    with st.container(border=True, key=f"proposed-rule-{number}"):
        st.markdown(":material/rule: " + page.md(session.say(_WAITS, kind=kind.title, **said)))
        held = next((one for one in page.rows("policy_versions", kind=kind.name) if one["is_in_force"]), None)
        changes = differences(kind, json.loads(held["body"]), json.loads(row["body"])) if held else []
        for sentence in policy_values.changed(changes, language):
            st.markdown(f"- {page.md(sentence)}")
        days = {"day": formats.full_date(row["from_on"], language), "review": formats.full_date(row["review_on"], language)}
        st.caption(session.say(_FROM, **days))
        _buttons(row, look)


def _buttons(row: Mapping[str, Any], look: Callable[[str], None] | None) -> None:
    number, is_own = row["policy_id"], row["author_id"] == session.actor().user_id
    if is_own:
        st.caption(session.say(_OWN))
    with st.container(horizontal=True, vertical_alignment="center"):
        if not is_own:
            st.button(session.say(_APPROVE), key=f"approve-rule-{number}", type="primary", on_click=_approve, args=(number,))
        st.button(session.say(_DROP), key=f"drop-rule-{number}", on_click=_drop, args=(number,))
        if look:
            st.button(session.say(_LOOK), key=f"look-rule-{number}", on_click=look, args=(row["body"],))
        else:
            name, about = WHERE.get(row["kind"], ("policies", {"kind": row["kind"]}))
            page.link(_LOOK, name, **about)


def _approve(policy_id: int) -> None:
    page.change(ConfirmPolicy(policy_id, session.today()), _APPROVED)


def _drop(policy_id: int) -> None:
    page.change(DropPolicy(policy_id), _DROPPED)
