"""Who works in the demo company: six accounts to sign in with, twelve account managers in three teams."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Final

from lib.demo.rows import TeamRow, UserRow
from lib.demo.sources import matching, words
from lib.domain.access import CLEARANCE, Role, Scope

FINANCE_ID: Final = 4
_FIRST_MANAGER_ID: Final = 11


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account anybody may know: it exists in the demo company only."""

    user_id: int
    username: str
    name: str
    role: Role
    scope: Scope
    team: str | None

    @property
    def password(self) -> str:
        """Its password, which `make run` prints."""
        return f"mingzhang-demo-{self.username}"


DEMO_ACCOUNTS: Final = (
    DemoAccount(1, "admin", "苏婧", Role.ADMIN, Scope.ALL, None),
    DemoAccount(2, "manager", "方远", Role.MANAGER, Scope.ALL, None),
    DemoAccount(3, "lead", "叶知秋", Role.LEAD, Scope.TEAM, "华东"),
    DemoAccount(FINANCE_ID, "finance", "钱丽", Role.FINANCE, Scope.ALL, None),
    DemoAccount(5, "compliance", "严正", Role.COMPLIANCE, Scope.ALL, None),
    DemoAccount(6, "viewer", "文静", Role.VIEWER, Scope.TEAM, "华北"),
)


@dataclass(frozen=True, slots=True)
class AccountManager:
    """Someone who looks after customers and does not sign in."""

    user_id: int
    username: str
    name: str
    team: str


@cache
def account_managers() -> tuple[AccountManager, ...]:
    """All twelve."""
    lines = enumerate(words("staff"), _FIRST_MANAGER_ID)
    return tuple(AccountManager(user_id, line["username"], line["name"], line["team"]) for user_id, line in lines)


@cache
def managers_of(team: str) -> tuple[int, ...]:
    """The account managers of one team."""
    names = {line["username"] for line in matching("staff", team=team)}
    return tuple(manager.user_id for manager in account_managers() if manager.username in names)


def users(password_hashes: Mapping[str, str], changed_at: datetime) -> list[UserRow]:
    """Everybody, with the password hashes given by username; without one nobody can sign in."""
    accounts = [
        _user(account.user_id, account.username, account.name, account.role, account.scope, account.team) for account in DEMO_ACCOUNTS
    ]
    managers = [
        _user(manager.user_id, manager.username, manager.name, Role.LEAD, Scope.OWN, manager.team) for manager in account_managers()
    ]
    return [
        replace(row, password_hash=password_hashes[row.username], password_changed_at=changed_at)
        if row.username in password_hashes
        else row
        for row in [*accounts, *managers]
    ]


def user_teams() -> list[TeamRow]:
    """The teams whose customers people with scope 'team' see."""
    return [TeamRow(user_id=account.user_id, team=account.team) for account in DEMO_ACCOUNTS if account.team]


def _user(user_id: int, username: str, name: str, role: Role, scope: Scope, team: str | None) -> UserRow:  # noqa: PLR0913, PLR0917 (the row's own columns)
    return UserRow(
        user_id=user_id,
        username=username,
        name=name,
        role=role.value,
        scope=scope.value,
        team=team,
        language="zh",
        password_hash=None,
        password_changed_at=None,
        is_active=True,
        clearance=CLEARANCE[role],
    )
