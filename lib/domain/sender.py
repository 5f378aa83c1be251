"""Who writes: the company's names, address and bank details, from the policy 'settings'. What is not set is left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from lib.text import Language, Text

_KEY: Final = "company"


@dataclass(frozen=True, slots=True)
class Sender:
    """The company as it stands on letters and papers."""

    name: str | None = None
    name_en: str | None = None
    address: str | None = None
    phone: str | None = None
    tax_no: str | None = None
    bank_name: str | None = None
    bank_account: str | None = None
    swift: str | None = None
    web: str | None = None

    def called(self, language: Language) -> str | None:
        """Its name in one language, else in the other."""
        return (self.name or self.name_en) if language == "zh" else (self.name_en or self.name)

    def bank(self, language: Language) -> tuple[tuple[str, str], ...]:
        """Where to pay, as labels with their values; empty until the account is known."""
        if not self.bank_account:
            return ()
        values = {
            ACCOUNT_NAME: self.called(language),
            LABEL["bank_name"]: self.bank_name,
            LABEL["bank_account"]: self.bank_account,
            LABEL["swift"]: self.swift,
        }
        return tuple((label.say(language), value) for label, value in values.items() if value)


ACCOUNT_NAME: Final = Text("户名", "Account name")
LABEL: Final[Mapping[str, Text]] = {
    "name": Text("公司名称", "Company name"),
    "name_en": Text("公司英文名称", "Company name in English"),
    "address": Text("地址", "Address"),
    "phone": Text("电话", "Phone"),
    "tax_no": Text("税号", "Tax no."),
    "bank_name": Text("开户行", "Bank"),
    "bank_account": Text("收款账号", "Account no."),
    "swift": Text("SWIFT 代码", "SWIFT code"),
    "web": Text("本系统的公网网址（https://…，问卷链接用）", "Public address of this system (https://…, for survey links)"),
}
"""Words of each field."""
BANK: Final = ("bank_name", "bank_account", "swift")
"""Where customers pay to: what a second person confirms."""


def sender(settings: Mapping[str, Any]) -> Sender:
    """The company as the settings describe it under 'company'."""
    given = settings.get(_KEY) or {}
    return Sender(**{field.name: given.get(field.name) or None for field in fields(Sender)})


def described(settings: Mapping[str, Any], company: Sender) -> dict[str, Any]:
    """The settings with the company put in; all else stays."""
    return {**settings, _KEY: {field.name: value for field in fields(Sender) if (value := getattr(company, field.name))}}
