"""The field a form finds its customer in: by name, pinyin initials or account number; a name nobody bears gets the likest three."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from lib.commands.customers import RegisterCustomer
from lib.domain import matching
from lib.domain.access import Permission
from lib.text import Text
from lib.ui import credit, page, quick, session

if TYPE_CHECKING:
    from lib.ui.forms import Form

_CUSTOMER: Final = Text("客户", "Customer")
_HINT: Final = Text("输入名称、拼音首字母或账号", "Name, pinyin initials or account number")
_NARROW: Final = Text("先缩小范围：名称、拼音首字母或账号", "Narrow down first: name, pinyin initials or account number")
_UNKNOWN: Final = Text("没有“{typed}”这个客户。是不是：", "There is no customer “{typed}”. Did you mean:")
_SEVERAL: Final = Text("“{typed}”可能是这几位：", "“{typed}” may stand for:")
_NOBODY: Final = Text("没有“{typed}”这个客户，也没有相近的名称。", "There is no customer “{typed}”, nor one with a name like it.")
_OFFBOOK: Final = Text("登记为账外客户", "Register as an off-book customer")
_REGISTERED: Final = Text("已登记账外客户 {name}。", "{name} is registered as an off-book customer.")
_WHO_MAY: Final = Text("新客户由{roles}登记，请把名称告诉他们。", "New customers are registered by {roles}: give them the name.")
_CHOICES_AT_ONCE: Final = 2500
"""More customers than this are narrowed on the server first; fewer are filtered in the browser, key by key."""
_LIKEST: Final = 3
_OFFERED: Final = 5
_LIKE_ENOUGH: Final = 40


def draw(form: Form, keep: Callable[[Form], None], refusal: Callable[[Form, str], None]) -> dict[str, Any] | None:
    """The field, what is known against the customer, and what to do about a name nobody bears."""
    form.start("customer_id", page.asked_number("customer"))
    found = _candidates(form)
    _typed_out(form)
    given = form.get("customer_id")
    chosen = _card(given)
    options = {row["customer_id"]: row for row in ([chosen] if chosen else []) + found}
    if isinstance(given, int) and given not in options:
        form.put("customer_id", None)
    st.selectbox(
        session.say(_CUSTOMER),
        list(options),
        key=form.key("customer_id"),
        index=None,
        format_func=lambda one: _named(options[one]) if one in options else str(one),
        placeholder=session.say(_HINT),
        accept_new_options=True,
        on_change=keep,
        args=(form,),
    )
    refusal(form, "customer_id")
    given = form.get("customer_id")
    if isinstance(given, str) and given.strip():
        _unknown(form, given.strip(), options)
    elif given:
        credit.warn(given)
    return _card(given)


def add(form: Form, label: Text, taken: Callable[[int], None]) -> None:
    """A field to add one customer after the other: what is chosen is handed on, and the field is empty again."""
    options = {row["customer_id"]: row for row in _candidates(form)}

    def chosen() -> None:
        if isinstance(one := form.get("customer_id"), int):
            taken(one)
        form.put("customer_id", None)

    st.selectbox(
        session.say(label),
        list(options),
        key=form.key("customer_id"),
        index=None,
        format_func=lambda one: _named(options[one]) if one in options else str(one),
        placeholder=session.say(_HINT),
        on_change=chosen,
    )


def _typed_out(form: Form) -> None:
    """Typed and entered: what the browser would take for a new name is the customer it stands for, where it can only be that one."""
    typed = form.get("customer_id")
    if not isinstance(typed, str):
        return
    found = _searched(typed)
    whole = [row for row in found if typed.strip() in {row["name"], row["account_no"]}]
    if len(meant := whole or found) == 1:
        form.put("customer_id", meant[0]["customer_id"])


def _searched(typed: str) -> list[dict[str, Any]]:
    return page.rows("search_customers", search=typed.strip(), limit=_OFFERED) if typed.strip() else []


def _unknown(form: Form, typed: str, options: Mapping[int, Mapping[str, Any]]) -> None:
    """Those it may stand for, else the likest names to choose from, and a new customer outside the books."""
    names = {row["name"]: number for number, row in options.items()}
    meant = {row["customer_id"]: row["name"] for row in _searched(typed)}
    offered = meant or {names[name]: name for name in matching.likest(typed, names, _LIKEST, _LIKE_ENOUGH)}
    said = _SEVERAL if meant else _UNKNOWN if offered else _NOBODY
    st.caption(f":orange[:material/error: {page.md(session.say(said, typed=typed))}]")
    with st.container(horizontal=True):
        for number, name in offered.items():
            st.button(page.md(name), key=form.key(f"_like_{number}"), on_click=form.put, args=("customer_id", number))
        if session.actor().may(Permission.CUSTOMER_WRITE):
            st.button(session.say(_OFFBOOK), key=form.key("_offbook"), icon=":material/add:", on_click=_register, args=(form, typed))
    if not session.actor().may(Permission.CUSTOMER_WRITE):
        st.caption(session.say(_WHO_MAY, roles=quick.who_may("customer_new")))


def _register(form: Form, name: str) -> None:
    order = RegisterCustomer(name, book="offbook", owner_id=session.actor().user_id)
    receipt = page.change(order, _REGISTERED, name=name)
    if receipt:
        form.put("customer_id", receipt.result)


def _candidates(form: Form) -> list[dict[str, Any]]:
    user_id = session.actor().user_id
    found = page.rows("customer_choices", user_id=user_id, most=_CHOICES_AT_ONCE + 1)
    if len(found) <= _CHOICES_AT_ONCE:
        return found
    wanted = st.text_input(session.say(_NARROW), key=form.key("_wanted"), live=True)
    return page.rows("search_customers", search=wanted.strip(), limit=50) if wanted.strip() else found[:50]


def _card(customer_id: object) -> dict[str, Any] | None:
    return page.row("customer_card", customer_id=customer_id) if isinstance(customer_id, int) else None


def _named(row: Mapping[str, Any]) -> str:
    parts = [row["name"], row.get("initials"), row["account_no"]]
    return " · ".join(part for part in parts if part)
