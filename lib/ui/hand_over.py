"""Handing a customer, or all of somebody's customers, to another account manager."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import streamlit as st

from lib import formats
from lib.commands.hand_over import NOTE, HandOver
from lib.commands.tasks import TO
from lib.domain.access import GRANTS, Permission
from lib.text import Text
from lib.ui import forms, page, session, tables
from lib.ui.forms import Form

_TOLD: Final = "hand_over"
_HAND_OVER: Final = Text("移交", "Hand over")
_ABOUT: Final = Text(
    "从今天起由接手人负责；未完成的任务、投诉和请求一起移交，过去的业绩仍归原客户经理。",
    "From today on somebody else looks after the customer. Open tasks, complaints and requests go along; what is past stays as it was.",
)
_ALONE: Final = Text(
    "没有可以接手的同事。请让能看到全部客户的经理来移交。", "No colleague can take over. Ask a manager who sees all customers."
)
_ALL_TOO: Final = Text("连同 {name} 的另外 {count}一起移交", "Also the other {count} of {name}")
_TAKER: Final = Text("{name}（{team}，现有 {count}）", "{name} ({team}, has {count})")
_ORPHANS: Final = Text("没有客户经理的客户", "Customers nobody looks after")
_ORPHANS_ABOUT: Final = Text(
    "只有能看到全部客户的人看得见它们。勾选后交给一位同事；最多列 {most} 位，余额大的在前。",
    "Only who sees all customers sees them. Tick some and give them to a colleague; at most {most}, the largest balance first.",
)
_MOST: Final = 200
_SAID: Final = Text("{who} → {name}", "{who} → {name}")


def told() -> None:
    """What the last handing over came to, with its undo."""
    forms.receipt(Form(_TOLD))


def panel(card: Mapping[str, Any]) -> None:
    """The way to hand a customer over, for who serves customers; today only."""
    if not session.actor().may(Permission.SERVICE_WRITE) or not session.at_present():
        return
    popover = st.popover(session.say(_HAND_OVER), icon=":material/swap_horiz:", type="tertiary", key="hand-over", on_change="rerun")
    if popover.open:
        with popover:
            _form(card)


@st.fragment
@session.run()
def orphans() -> None:
    """Customers nobody looks after, to be ticked and given to somebody; nothing where there are none in sight."""
    person = session.actor()
    if not (person.sees_all and person.may(Permission.SERVICE_WRITE)) or not session.at_present():
        return
    told()
    table = page.read("customers_first", most=_MOST, unowned_only=True)
    if not table.num_rows:
        return
    with st.expander(session.say(_ORPHANS), icon=":material/person_off:"):
        st.caption(session.say(_ORPHANS_ABOUT, most=_MOST))
        names = ("name", "account_no", "region", "currency", "balance", "overdue_amount")
        # Ticks are places in the list: they hold as long as it names the same customers, whatever else is recorded meanwhile.
        place = hash(tuple(table["customer_id"].to_pylist()))
        ticked = tables.several(table, names, key=f"orphans-{place}")["customer_id"].to_pylist()
        takers = {one["user_id"]: one for one in _takers()}
        if ticked and takers:
            form = Form("hand_over_several", told=_TOLD)
            forms.begun(form)
            _save(form, takers, tuple(ticked), session.say(formats.customers(len(ticked))))


def _form(card: Mapping[str, Any]) -> None:
    takers = {one["user_id"]: one for one in _takers() if one["user_id"] != card["owner_id"]}
    if not takers:
        page.empty(_ALONE)
        return
    form = Form(f"hand_over_{card['customer_id']}", told=_TOLD)
    forms.begun(form)
    st.caption(session.say(_ABOUT))
    others = _others(form, card)
    who = session.say(formats.customers(len(others) + 1)) if others else card["name"]
    _save(form, takers, (card["customer_id"], *others), who)


def _save(form: Form, takers: Mapping[int, Mapping[str, Any]], customer_ids: tuple[int, ...], who: str) -> None:
    """To whom, a word for them, and the button."""
    form.start("to_id", None)
    to_id = forms.field(
        form, "to_id", st.selectbox, session.say(TO), options=list(takers), format_func=lambda one: _named(takers[one]), placeholder="…"
    )
    note = forms.line(form, "note", NOTE, optional=True)
    what = session.say(_SAID, who=who, name=takers[to_id]["person_name"] if to_id in takers else formats.MISSING)
    forms.save(form, lambda _: HandOver(customer_ids, to_id or 0, session.today(), note or None), what, needed={"to_id": TO})


def _takers() -> list[dict[str, Any]]:
    roles = tuple(sorted(role.value for role, granted in GRANTS.items() if Permission.SERVICE_WRITE in granted))
    return page.rows("takers", roles=roles)


def _others(form: Form, card: Mapping[str, Any]) -> tuple[int, ...]:
    """All other customers of the same account manager, where somebody leaves."""
    others = tuple(row["customer_id"] for row in page.rows("fellow_customers", customer_id=card["customer_id"]))
    if not others:
        return ()
    label = session.say(_ALL_TOO, name=page.md(card["owner_name"] or ""), count=formats.customers(len(others)))
    return others if forms.field(form, "all_too", st.checkbox, label) else ()


def _named(taker: Mapping[str, Any]) -> str:
    count = formats.customers(taker["customers"])
    return session.say(_TAKER, name=taker["person_name"], team=taker["team"] or formats.MISSING, count=count)
