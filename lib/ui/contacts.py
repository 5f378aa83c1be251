"""The people at a customer: whom to call, added and put right, unmasked for a reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import streamlit as st

from lib.commands.contacts import FIELDS, ROLE, ROLE_NAME, KeepContact, RevealContact
from lib.domain.access import Permission
from lib.errors import Refused
from lib.store.door import execute
from lib.text import Text
from lib.ui import calling, forms, page, session
from lib.ui.forms import Form

_TOLD: Final = "contact"
_NO_CONTACTS: Final = Text("还没有联系人。", "There are no contacts yet.")
_REVEAL: Final = Text("查看完整联系方式", "Reveal contact data")
_WHY: Final = Text("为什么要看（会写入审计记录）", "Why you need it (goes into the audit)")
_SHOW: Final = Text("查看", "Reveal")
_TAX: Final = Text("税号", "Tax no.")
_BANK: Final = Text("银行账号", "Bank account")
_REVEALED: Final = Text("已显示完整内容，离开本页即隐藏。", "Shown in full; hidden again when you leave the page.")
_PRIMARY: Final = Text("主要联系人", "primary")
_DO_NOT: Final = Text("请勿联系", "do not contact")
_ADD: Final = Text("加联系人", "Add a contact")
_PUT_RIGHT: Final = Text("修改", "Put right")
_AS_IT_IS: Final = Text("不改就留空", "Empty: stays as it is")
_MAKE_PRIMARY: Final = Text("设为主要联系人", "The one to call first")
_SAID: Final = Text("联系人 {name}", "Contact {name}")


def show(customer_id: int) -> None:
    """Who works there, masked as the person's clearance says; all of it for a reason."""
    revealed = st.session_state.pop(f"revealed-{customer_id}", None)
    card = page.row("customer_card", customer_id=customer_id) or {}
    people = revealed["contacts"] if revealed else page.rows("customer_contacts", customer_id=customer_id)
    numbers = revealed or card
    forms.receipt(Form(_TOLD))
    for person in people:
        _person(customer_id, person)
    if not people:
        page.empty(_NO_CONTACTS)
    if _may_write():
        with st.popover(session.say(_ADD), icon=":material/person_add:", key="contact-add", on_change="rerun") as panel:
            if panel.open:
                _form(customer_id, None)
    for label, name in ((_TAX, "tax_no"), (_BANK, "bank_account")):
        if numbers.get(name):
            st.markdown(f"{session.say(label)} {page.md(numbers[name])}")
    if revealed:
        st.caption(session.say(_REVEALED))
    elif session.actor().may(Permission.REVEAL):
        _reveal(customer_id)


def _may_write() -> bool:
    return session.actor().may(Permission.SERVICE_WRITE) and session.at_present()


def _person(customer_id: int, person: Mapping[str, Any]) -> None:
    flags = [session.say(_PRIMARY)] if person.get("is_primary") else []
    flags += [session.say(_DO_NOT)] if person.get("do_not_contact") else []
    role = session.say(ROLE[person["role"]]) if person.get("role") in ROLE else None
    parts = [person.get("title"), role, *(person.get(name) for name in ("email", "wechat", "address")), *flags]
    number = person["contact_id"]
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"contact-line-{number}"):
        st.markdown(f"**{page.md(person['name'])}** " + page.md(" · ".join(part for part in parts if part)), width="content")
        if person.get("phone"):
            calling.number(person["phone"], f"contact-{number}")
        if _may_write():
            with st.popover(session.say(_PUT_RIGHT), type="tertiary", key=f"contact-{number}", on_change="rerun") as panel:
                if panel.open:
                    _form(customer_id, person)


def _form(customer_id: int, person: Mapping[str, Any] | None) -> None:
    """A new contact, or what is to be different about one; what is masked is never typed over by accident."""
    number = person["contact_id"] if person else None
    form = Form(f"contact_{customer_id}_{number or 'new'}", told=_TOLD)
    forms.begun(form)
    hint = _AS_IT_IS if person else None
    given = {name: forms.line(form, name, label, hint=hint, optional=name != "name") for name, label in FIELDS.items()}
    role = forms.pills(form, "role", ROLE_NAME, ROLE)
    is_primary = forms.field(form, "is_primary", st.checkbox, session.say(_MAKE_PRIMARY)) or None

    def build(_: bool) -> KeepContact:  # noqa: FBT001 (forms.save calls it)
        return KeepContact(customer_id, contact_id=number, role=role, is_primary=is_primary, **given)

    said = session.say(_SAID, name=given["name"] or (person["name"] if person else ""))
    forms.save(form, build, said, needed={} if person else {"name": FIELDS["name"]})


def _reveal(customer_id: int) -> None:
    with st.popover(session.say(_REVEAL), icon=":material/visibility:", key="reveal"):
        st.text_input(session.say(_WHY), key="reveal-reason")
        st.button(session.say(_SHOW), key="reveal-show", type="primary", on_click=_revealed, args=(customer_id,))


def _revealed(customer_id: int) -> None:
    try:
        receipt = execute(session.ledger(), session.actor(), RevealContact(customer_id, st.session_state["reveal-reason"]))
    except Refused as refusal:
        page.refused(refusal)
    else:
        st.session_state[f"revealed-{customer_id}"] = receipt.result
