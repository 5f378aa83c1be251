"""Who we are on letters and papers: names, address, bank details, kept as a new version of the settings."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from datetime import date
from typing import ClassVar

from lib.commands import Command, sight
from lib.domain.access import Permission
from lib.domain.sender import LABEL, Sender, described
from lib.store.door import Change
from lib.text import Text

_REASON = Text("公司抬头与收款账户", "Company name and bank details")


@dataclass(frozen=True)
class DescribeCompany(Command):
    """The company's names, address and bank account as customers read them. Undo brings the old ones back.

    Refuses: no name at all, a text too long or with control characters.
    """

    permission: ClassVar[Permission] = Permission.POLICY_WRITE
    title: ClassVar[Text] = Text("修改公司抬头与收款账户", "Change company name and bank details")
    company: Sender
    today: date

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        for field in fields(Sender):
            needed = field.name == "name"
            sight.text(getattr(self.company, field.name), LABEL[field.name], about=field.name, required=needed)

    def apply(self, change: Change) -> int:
        """The new policy_id."""
        row = change.cursor.execute(
            "select body from policy_at('settings', date '9999-12-30', timestamp '9999-12-30')",
        ).fetchone()
        body = json.dumps(described(json.loads(row[0]) if row else {}, self.company), ensure_ascii=False)
        policy_id = change.next_id("policy", "policy_id")
        reason = f"{_REASON.zh} · {_REASON.en}"
        change.insert("policy", [{"policy_id": policy_id, "kind": "settings", "effective_on": self.today, "body": body, "reason": reason}])
        return policy_id
