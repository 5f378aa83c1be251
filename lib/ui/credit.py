"""Credit as everyone sees it before saving: state of the money, room under the limit, and why no more bills may go out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pyarrow as pa
import streamlit as st

from lib import formats
from lib.domain import credit
from lib.domain.access import Permission
from lib.domain.credit import Standing
from lib.exports import VALUE
from lib.text import Language, Text
from lib.ui import page, session

STOPPED: Final = ("stop", "released")
_COLOUR: Final[dict[str, str]] = {
    "normal": "gray",
    "overdue": "orange",
    "bad_debt": "red",
    "amber": "orange",
    "red": "orange",
    "stop": "red",
}
_USED: Final = Text("{state} {used}", "{state} {used}")
_UNTIL: Final = Text("{state} 至 {day}", "{state} until {day}")
_ROOM: Final = Text(
    "{currency}：已占用 {exposure}，信用额度 {limit}，逾期 {overdue}",
    "{currency}: {exposure} in use, credit limit {limit}, {overdue} overdue",
)
_STOPPED: Final = Text("不能再开账单，预收够付的除外。", "No more bills may go out, except those covered by money on account.")
_ASK: Final = Text("申请放行", "Propose a release")


def standing(row: Mapping[str, Any]) -> Standing:
    """A row of `credit_standings` as the rule takes it."""
    names = [name for name in Standing.__dataclass_fields__ if name != "is_released"]
    return Standing(**{name: row[name] for name in names}, is_released=row["released_until_on"] is not None)


def reason(row: Mapping[str, Any], language: Language) -> str | None:
    """Why a customer is stopped, or would be without its release."""
    why = credit.stop(standing({**row, "released_until_on": None}))
    return why.words().say(language) if why else None


def explained(table: pa.Table, language: Language) -> pa.Table:
    """The same rows with why each is stopped."""
    return table.append_column("credit_reason", pa.array([reason(row, language) for row in table.to_pylist()], pa.string()))


def badges(customer_id: int) -> None:
    """The state of a customer's money and of its credit, in a badge each; the numbers on hover."""
    found = page.row("money_states", customer_ids=(customer_id,))
    rows = page.rows("credit_standings", customer_ids=(customer_id,))
    if found is None and not rows:
        return
    with st.container(horizontal=True, key="customer-credit"):
        if found:
            _badge(session.say(VALUE["money_state"][found["money_state"]]), found["money_state"])
        for row in rows:
            _badge(_state(row), row["credit_state"], room(row))
        if any(row["credit_state"] == "stop" for row in rows) and session.actor().may(Permission.PROPOSE):
            page.link(_ASK, "approvals", view="stopped", customer=customer_id)


def warn(customer_id: int) -> None:
    """Before anything is saved: a stopped customer is said to be one, with the numbers."""
    for row in page.rows("credit_standings", customer_ids=(customer_id,), states=("stop",)):
        said = reason(row, session.language())
        full = page.md(f"{said}。" if session.language() == "zh" else f"{said}.")
        st.markdown(f":small[:red[:material/block: {full}] {session.say(_STOPPED)}]")


def states(customer_ids: Sequence[int]) -> dict[tuple[int, str], str]:
    """The credit state of customers, by customer and currency."""
    rows = page.rows("credit_standings", customer_ids=tuple(customer_ids))
    return {(row["customer_id"], row["currency"]): row["credit_state"] for row in rows}


def room(row: Mapping[str, Any]) -> str:
    """How much is in use, of which limit, and how much is late."""
    names = ("exposure", "limit", "overdue")
    amounts = {name: formats.money(row[f"{name}_amount"], row["currency"], session.language()) for name in names}
    return session.say(_ROOM, currency=row["currency"], **amounts)


def _state(row: Mapping[str, Any]) -> str:
    word = session.say(VALUE["credit_state"][row["credit_state"]])
    if row["released_until_on"]:
        return session.say(_UNTIL, state=word, day=formats.full_date(row["released_until_on"], session.language()))
    return session.say(_USED, state=word, used=formats.percent(row["used_rate"], 0)) if row["used_rate"] and row["used_rate"] > 0 else word


def _badge(label: str, state: str, help_text: str | None = None) -> None:
    st.badge(page.md(label), color=_COLOUR.get(state, "gray"), help=page.md(help_text) if help_text else None)  # type: ignore[arg-type]
