"""Groups: who belongs to whom, how they stand together against their limit, and the way to link a customer to the one above it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import pyarrow as pa
import streamlit as st

from lib import formats
from lib.commands.customers import ChangeCustomer
from lib.commands.proposals import ProposeLeaving
from lib.domain.access import Permission
from lib.domain.families import Family, Member
from lib.terms import VALUE
from lib.text import Text
from lib.ui import page, session, tables

_GROUP: Final = Text("集团：{name}", "Group: {name}")
_SUM: Final = Text(
    "{currency}：合计占用 {exposure}，集团额度 {limit}（{used}）：{state}", "{currency}: {exposure} in use of {limit} ({used}): {state}"
)
_ABOUT: Final = Text(
    "集团额度 = 各成员额度之和，起始额度全集团只计一次；也可由另一人批准。只列您范围内的成员。",
    "A group's limit is its members' together, what customers start with counted once; or one approved. Listed: members in your scope.",
)
_IN_PART: Final = Text("（还有成员不在您的范围内，未计入）", "(members outside your scope are not counted)")
_UNSEEN: Final = Text("（上级不在您的范围内）", "(its head is outside your scope)")
_LINK: Final = Text("选上级（归入集团）", "Choose the customer above it")
_RELINK: Final = Text("改上级或离开集团", "Change or leave the group")
_TYPE: Final = Text("上级客户：名称、拼音首字母或账号", "The customer above: name, pinyin initials or account number")
_CHOOSE: Final = Text("归到它下面", "Put it below")
_LEAVE: Final = Text("申请离开集团", "Propose leaving the group")
_WHY: Final = Text("为什么离开（由另一人批准）", "Why it leaves (another person approves)")
_LINKED: Final = Text("已归到 {name} 下面。", "It now belongs to {name}.")
_ASKED: Final = Text("已申请，等另一人在“审批”里批准。", "Proposed; another person approves it under Approvals.")
_MOST: Final = 8


def show(customer_id: int) -> None:
    """The group of one customer with its sums; nothing but the way to link it where there is none."""
    table = of_customer(customer_id)
    if table.num_rows:
        found = together(table.to_pylist())
        page.section(_GROUP, name=page.md(found[0].head))
        parted = in_part(customer_id)
        for family in found:
            st.markdown(page.md(line(family, parted)))
        st.caption(session.say(_ABOUT))
        names = ("name", "currency", "exposure_amount", "limit_amount", "credit_state", "overdue_amount")
        tables.show(table, names, key="family", opens="customer")
    if session.actor().may(Permission.CUSTOMER_WRITE):
        with st.popover(session.say(_RELINK if table.num_rows else _LINK), key="family-link", icon=":material/account_tree:"):
            _link(customer_id, is_member=bool(table.num_rows))


def of_customer(customer_id: int) -> pa.Table:
    """The members of one customer's family with what each owes; who they are is asked first, which spares looking at everyone."""
    members = tuple(row["customer_id"] for row in page.rows("family", customer_id=customer_id))
    # -1 is nobody: no list at all would mean everybody.
    return page.read("families", customer_ids=members or (-1,))


def together(rows: Sequence[Mapping[str, Any]]) -> list[Family]:
    """Rows of `families` as the rule takes them, one for each head and currency."""
    found: dict[tuple[int, str], Family] = {}
    for row in rows:
        rates = {name: row[name] for name in ("stop_rate", "amber_rate", "red_rate")}
        head = row["head_name"] or session.say(_UNSEEN)
        family = found.setdefault((row["head_id"], row["currency"]), Family(head, row["currency"], row["approved_amount"], **rates))
        amounts: tuple[Decimal, Decimal] = (row["exposure_amount"], row["limit_amount"])
        family.members[row["customer_id"]] = Member(row["customer_id"], *amounts, row["is_starting"])
    return list(found.values())


def in_part(customer_id: int | None = None) -> frozenset[int]:
    """The customers of whose family, one customer's or any, only a part is in sight."""
    return frozenset(row["customer_id"] for row in page.rows("family", customer_id=customer_id) if not row["is_whole"])


def line(family: Family, parted: Collection[int] = ()) -> str:
    """How a family stands in one currency; parted: customers of whose family only a part is in sight."""
    amounts = {name: formats.money(getattr(family, name), family.currency, session.language()) for name in ("exposure", "limit")}
    state = session.say(VALUE["credit_state"][family.state])
    said = session.say(_SUM, currency=family.currency, **amounts, used=formats.percent(family.used, 0), state=state)
    return said if family.members.keys().isdisjoint(parted) else f"{said} {session.say(_IN_PART)}"


def _link(customer_id: int, *, is_member: bool) -> None:
    typed = st.text_input(session.say(_TYPE), key=f"parent-{customer_id}", live="400ms").strip()
    found = {row["customer_id"]: row for row in page.rows("search_customers", search=typed, limit=_MOST)} if typed else {}
    offered = [other for other in found if other != customer_id]
    if offered:
        chosen = st.radio(
            session.say(_LINK),
            offered,
            key=f"parent-choice-{customer_id}",
            format_func=lambda other: f"{found[other]['name']} · {found[other]['account_no']}",
            label_visibility="collapsed",
        )
        if st.button(session.say(_CHOOSE), key=f"parent-save-{customer_id}", type="primary") and chosen:
            _save(customer_id, int(chosen), found[chosen]["name"])
    if is_member and session.actor().may(Permission.PROPOSE):
        _leave(customer_id)


def _save(customer_id: int, parent_id: int, name: str) -> None:
    today = session.today()
    if page.change(ChangeCustomer(customer_id, (("parent_id", parent_id),), today, today), _LINKED, name=name):
        st.rerun()


def _leave(customer_id: int) -> None:
    why = st.text_input(session.say(_WHY), key=f"parent-why-{customer_id}", live="400ms").strip()
    if st.button(session.say(_LEAVE), key=f"parent-leave-{customer_id}", disabled=not why):
        page.change(ProposeLeaving(customer_id, why, session.today()), _ASKED)
