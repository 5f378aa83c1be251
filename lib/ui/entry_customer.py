"""The quick form for a new customer, which warns of one that may be there already while the name is typed."""

from __future__ import annotations

from typing import Final

import streamlit as st

from lib.commands.customers import KIND, RegisterCustomer
from lib.domain import matching
from lib.text import Text
from lib.ui import forms, page, session
from lib.ui.entry_saving import NOTE

_NAME: Final = Text("客户名称", "Customer name")
_ALIKE: Final = Text("可能已有这个客户：", "This customer may already be there:")
_KIND: Final = Text("类型", "Kind")
_REGION: Final = Text("地区", "Region")
_ACCOUNT: Final = Text("客户账号", "Account no.")
_ACCOUNT_HINT: Final = Text("不填则自动编号", "Given automatically if left empty")


def customer_new() -> None:
    """Who it is; whether it may be there already."""
    form = forms.begin("customer_new")
    name = forms.line(form, "name", _NAME)
    _alike(name)
    kind = forms.pills(form, "kind", _KIND, KIND, remember=True)
    left, right = st.columns(2)
    with left:
        region = forms.line(form, "region", _REGION, optional=True)
    with right:
        account_no = forms.line(form, "account_no", _ACCOUNT, hint=_ACCOUNT_HINT)
    note = forms.line(form, "note", NOTE, optional=True)
    given = {"name": name, "kind": kind, "region": region or None, "account_no": account_no or None, "note": note or None}
    forms.save(form, lambda confirmed: RegisterCustomer(**given, confirmed=confirmed), name, remember={"kind": kind})


def _alike(name: str) -> None:
    """A warning while the name is typed; it never blocks."""
    if len(name.strip()) < 2:  # noqa: PLR2004 (one character is like everything)
        return
    ids, cores = _names(session.ledger().version, session.actor().sight)
    alike = matching.similar(name, cores)
    if alike:
        with st.container(border=True, horizontal=True):
            st.markdown(session.say(_ALIKE))
            for other in alike:
                page.link(other.name, "customer", customer=ids[other.name])


@st.cache_data(show_spinner=False, max_entries=4)
def _names(version: int, sight: tuple[object, ...]) -> tuple[dict[str, int], dict[str, str]]:  # noqa: ARG001 (what the cache is keyed by)
    ids = {row["name"]: row["customer_id"] for row in page.rows("customer_names")}
    return ids, {name: matching.core_name(name) for name in ids}
