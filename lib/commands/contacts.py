"""The people at a customer: kept up to date, and shown in the clear only with a reason, which the audit keeps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from lib.commands import Command, sight
from lib.commands.documents import records
from lib.domain.access import Permission
from lib.domain.addresses import NO_ADDRESS, is_address
from lib.errors import NotFound, Refused
from lib.store.door import Change
from lib.text import Text

SHORTEST_REASON: Final = 4
LONGEST: Final = 200
ROLE: Final[dict[str, Text]] = {
    "decision": Text("决策人", "decides"),
    "user": Text("使用人", "uses"),
    "finance": Text("财务", "pays"),
}
ROLE_NAME: Final = Text("作用", "Part")
FIELDS: Final[dict[str, Text]] = {
    "name": Text("姓名", "Name"),
    "job": Text("职务", "Job title"),
    "phone": Text("电话", "Phone"),
    "wechat": Text("微信", "WeChat"),
    "email": Text("邮箱", "E-mail"),
    "address": Text("地址", "Address"),
}
_NO_CONTACT = Text("找不到这个联系人。", "There is no such contact.")
_NOTHING = Text("没有改动。", "Nothing is different.")
_REASON = Text("理由", "Reason")
_TOO_SHORT = Text(
    "请写清理由（至少 {count} 个字），它会进审计记录。", "Give a real reason (at least {count} characters); it goes into the audit."
)


@dataclass(frozen=True)
class RevealContact(Command):
    """A customer's contacts, tax and bank numbers unmasked, whatever its secrecy, for a stated reason.

    Refuses: a reason that says nothing, a customer out of sight.
    """

    permission: ClassVar[Permission] = Permission.REVEAL
    title: ClassVar[Text] = Text("查看完整联系方式", "Reveal contact data")
    customer_id: int
    reason: str

    def validate(self) -> None:
        """Refuses: a reason that says nothing."""
        sight.text(self.reason, _REASON, about="reason", required=True)
        if len(self.reason.strip()) < SHORTEST_REASON:
            raise Refused(_TOO_SHORT, count=SHORTEST_REASON, about="reason")

    def apply(self, change: Change) -> dict[str, Any]:
        """tax_no, bank_account and the list of contacts; nothing of it enters the audit."""
        sight.customer(change, self.customer_id)
        about = {"customer_id": self.customer_id}
        contacts = change.cursor.execute(
            """
            select contact_id, name, title, role, phone, email, wechat, address
            from contact
            where customer_id = $customer_id and retired_at = timestamp '9999-12-31'
            order by is_primary desc, contact_id
            """,
            about,
        )
        names = [column[0] for column in contacts.description or ()]
        found = [dict(zip(names, row, strict=True)) for row in contacts.fetchall()]
        numbers = change.cursor.execute(
            """
            select tax_no, bank_account from customer_record
            where customer_id = $customer_id and until_on = date '9999-12-31' and retired_at = timestamp '9999-12-31'
            """,
            about,
        ).fetchone()
        tax_no, bank_account = numbers or (None, None)
        return {"tax_no": tax_no, "bank_account": bank_account, "contacts": found}


@dataclass(frozen=True)
class KeepContact(Command):
    """Somebody at a customer to talk to: new, or put right where `contact_id` names one. What is left empty stays as it is.

    Refuses: no name, an over-long text, a role there is not, what is no mail address, a contact or customer out of sight.
    """

    permission: ClassVar[Permission] = Permission.SERVICE_WRITE
    title: ClassVar[Text] = Text("保存联系人", "Keep a contact")
    customer_id: int
    name: str = field(metadata={"audit": False})
    job: str | None = None
    role: str | None = None
    phone: str | None = field(default=None, metadata={"audit": False})
    email: str | None = field(default=None, metadata={"audit": False})
    wechat: str | None = field(default=None, metadata={"audit": False})
    address: str | None = field(default=None, metadata={"audit": False})
    is_primary: bool | None = None
    contact_id: int | None = None

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        for name, label in FIELDS.items():
            given = getattr(self, name)
            sight.text(given, label, about=name, required=name == "name" and self.contact_id is None, limit=LONGEST)
        sight.choice(self.role, ROLE, ROLE_NAME, about="role")
        email = (self.email or "").strip()
        if email and not is_address(email):
            raise Refused(NO_ADDRESS, email=email, about="email")

    def apply(self, change: Change) -> int:
        """The contact_id."""
        sight.customer(change, self.customer_id)
        before = self._before(change)
        given = {"name": self.name, "title": self.job, "role": self.role}
        given |= {name: getattr(self, name) for name in ("phone", "email", "wechat", "address")}
        texts = {name: value.strip() for name, value in given.items() if value and value.strip()}
        is_primary = before["is_primary"] if self.is_primary is None else self.is_primary
        after = {**before, **texts, "is_primary": is_primary}
        if after == before:
            raise Refused(_NOTHING)
        others = [one for one in self._primaries(change) if one["contact_id"] != before["contact_id"]] if is_primary else []
        touched = [before["contact_id"], *(one["contact_id"] for one in others)]
        change.retire("contact", "contact_id in (select unnest($ids::bigint[]))", {"ids": touched})
        change.insert("contact", [after, *({**one, "is_primary": False} for one in others)])
        return int(before["contact_id"])

    def _before(self, change: Change) -> dict[str, Any]:
        """The contact as it is, or an empty one with the next number; the first one is the one to call."""
        found = records(change, _CONTACTS, {"customer_id": self.customer_id})
        if self.contact_id is None:
            start = {"contact_id": change.next_id("contact", "contact_id"), "customer_id": self.customer_id}
            return {**start, "is_primary": not found, "do_not_contact": False}
        one = next((row for row in found if row["contact_id"] == self.contact_id), None)
        if one is None:
            raise NotFound(_NO_CONTACT)
        return one

    def _primaries(self, change: Change) -> list[dict[str, Any]]:
        return [row for row in records(change, _CONTACTS, {"customer_id": self.customer_id}) if row["is_primary"]]


_CONTACTS: Final = """
    select
        contact.contact_id, contact.customer_id, contact.name, contact.title, contact.role, contact.phone, contact.email, contact.wechat,
        contact.address, contact.is_primary, contact.language, contact.do_not_contact
    from contact
    where contact.customer_id = $customer_id and contact.retired_at = timestamp '9999-12-31'
"""
