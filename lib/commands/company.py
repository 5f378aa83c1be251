"""Who we are on letters and papers: names, address, bank details, kept as a new version of the settings.

Where customers pay to is changed by two people: what one describes waits (policy 'bank_details') until another confirms it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, ClassVar, Final

from lib.commands import Command, sight, versions
from lib.commands.documents import records
from lib.domain.access import HOUSE, Permission
from lib.domain.links import is_public
from lib.domain.sender import BANK, LABEL, Sender, described, sender
from lib.errors import Refused
from lib.store.door import Change
from lib.text import Text

_WAITING: Final = "bank_details"
_REASON = Text("公司抬头与收款账户", "Company name and bank details")
_BAD_WEB = Text(
    "公网网址要写成 https://survey.example.com 这样：https 开头，后面不带路径。",
    "Write the public address like https://survey.example.com: beginning with https, without a path.",
)
_SAME = Text("和现在的一样，没有要改的。", "This is how it stands; nothing changes.")
_UNKNOWN = Text("没有等确认的收款账户：已确认或已撤下。请刷新。", "No bank details wait: they were confirmed or dropped. Look again.")
_OWN = Text(
    "收款账户要由另一个人核对确认（打电话问银行或老板，别信邮件）。",
    "Someone else confirms bank details (call the bank or the owner; do not trust a mail).",
)


@dataclass(frozen=True)
class DescribeCompany(Command):
    """The company's names, address, bank account and web address as customers read them. Undo brings the old ones back.

    Another bank account waits until a second person confirms it (`ConfirmBankDetails`); the rest holds at once.
    Refuses: no name at all, a text too long or with control characters, a web address customers cannot safely be sent to,
    nothing new, who does not see the whole company.
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
        if self.company.web and not is_public(self.company.web):
            raise Refused(_BAD_WEB, about="web")

    def apply(self, change: Change) -> bool:
        """Whether bank details now wait for a second person."""
        sight.whole_company(change)
        settings = _settings(change)
        now = sender(settings)
        held = self.company if change.actor.user_id == HOUSE else replace(self.company, **_bank(now))
        wanted = _bank(self.company)
        waiting = _bank(held) != wanted
        if held == now and not waiting:
            raise Refused(_SAME)
        if held != now:
            _write(change, "settings", described(settings, held), self.today)
        change.retire("policy", "kind = $kind", {"kind": _WAITING})
        if waiting:
            _write(change, _WAITING, wanted, self.today)
        change.subject = "company"
        return waiting


@dataclass(frozen=True)
class ConfirmBankDetails(Command):
    """Bank details someone else described, compared by a second person with what the bank says: papers bear them from now on.

    No undo brings the old ones back: that too takes two.
    Refuses: one's own or those brought back, none that wait, who does not see the whole company.
    """

    permission: ClassVar[Permission] = Permission.POLICY_WRITE
    title: ClassVar[Text] = Text("确认收款账户", "Confirm bank details")
    is_final: ClassVar[bool] = True
    policy_id: int
    today: date

    def apply(self, change: Change) -> None:
        """Put them into the settings."""
        found = versions.take_others(change, _WAITING, self.policy_id, (_UNKNOWN, _OWN))
        settings = _settings(change)
        company = replace(sender(settings), **_bank(sender({"company": found.body})))
        change.subject = "company"
        _write(change, "settings", {**described(settings, company), _WAITING: self.policy_id}, self.today)


@dataclass(frozen=True)
class DropBankDetails(Command):
    """Bank details that wait, taken down by their author or whoever found them wrong; the old ones stay.

    Refuses: none that wait, who does not see the whole company.
    """

    permission: ClassVar[Permission] = Permission.POLICY_WRITE
    title: ClassVar[Text] = Text("撤下收款账户", "Drop bank details")
    policy_id: int

    def apply(self, change: Change) -> None:
        """Retire them."""
        versions.take(change, _WAITING, self.policy_id, _UNKNOWN)
        change.subject = "company"


def _bank(company: Sender) -> dict[str, str | None]:
    return {name: getattr(company, name) for name in BANK}


def _settings(change: Change) -> dict[str, Any]:
    """The settings without the mark of who was confirmed last: only the version that confirmed bears it."""
    found = records(change, "select body from policy_at('settings', date '9999-12-30', timestamp '9999-12-30')", {})
    return {name: value for name, value in json.loads(found[0]["body"]).items() if name != _WAITING} if found else {}


def _write(change: Change, kind: str, body: Mapping[str, Any], today: date) -> None:
    versions.write(change, kind, body, effective_on=today, reason=f"{_REASON.zh} · {_REASON.en}")
