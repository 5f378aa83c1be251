"""Personal data in the clear: only with a reason, and the audit knows who looked and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Final

from lib.commands import Command, sight
from lib.domain.access import Permission
from lib.errors import Refused
from lib.store.door import Change
from lib.text import Text

SHORTEST_REASON: Final = 4
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
