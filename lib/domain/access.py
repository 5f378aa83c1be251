"""Who may do what: six roles, their permissions, and the person at the desk.

Row scope and masking are applied in SQL (`lib/sql/views/10_access.sql`); this module only says what a role may ask for.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from lib.errors import Forbidden
from lib.text import Text, listed


class Permission(StrEnum):
    """One thing a person may be allowed to do."""

    METRIC_READ = "metric.read"
    CUSTOMER_READ = "customer.read"
    CUSTOMER_WRITE = "customer.write"
    RECEIVABLE_READ = "receivable.read"
    RECEIVABLE_WRITE = "receivable.write"
    SERVICE_READ = "service.read"
    SERVICE_WRITE = "service.write"
    SURVEY_WRITE = "survey.write"
    MEETING_RUN = "meeting.run"
    ACTION_WRITE = "action.write"
    PROMISE_WRITE = "promise.write"
    COLLECT = "collect"
    PROPOSE = "propose"
    APPROVE = "approve"
    BANK_READ = "bank.read"
    IMPORT_RECORDS = "import.records"
    IMPORT_MONEY = "import.money"
    EXPORT = "export"
    REVEAL = "reveal"
    POLICY_WRITE = "policy.write"
    AUDIT_READ = "audit.read"
    USER_WRITE = "user.write"
    BACKUP = "backup"


class Role(StrEnum):
    """The six roles of the house."""

    VIEWER = "viewer"
    LEAD = "lead"
    MANAGER = "manager"
    FINANCE = "finance"
    COMPLIANCE = "compliance"
    ADMIN = "admin"


class Scope(StrEnum):
    """Whose customers a person sees: their own, those of the teams given to them, or all."""

    OWN = "own"
    TEAM = "team"
    ALL = "all"


_READ: Final = frozenset(
    {
        Permission.METRIC_READ,
        Permission.CUSTOMER_READ,
        Permission.RECEIVABLE_READ,
        Permission.SERVICE_READ,
        Permission.EXPORT,
    }
)
_TOUCH: Final = frozenset(
    {
        Permission.SERVICE_WRITE,
        Permission.PROMISE_WRITE,
        Permission.COLLECT,
        Permission.PROPOSE,
        Permission.IMPORT_RECORDS,
        Permission.REVEAL,
        Permission.ACTION_WRITE,
    }
)

GRANTS: Final[dict[Role, frozenset[Permission]]] = {
    Role.VIEWER: _READ,
    Role.LEAD: _READ | _TOUCH,
    Role.MANAGER: _READ
    | _TOUCH
    | {
        Permission.SURVEY_WRITE,
        Permission.MEETING_RUN,
        Permission.CUSTOMER_WRITE,
        Permission.POLICY_WRITE,
        Permission.AUDIT_READ,
        Permission.APPROVE,
        Permission.BANK_READ,
    },
    Role.FINANCE: _READ
    | {
        Permission.RECEIVABLE_WRITE,
        Permission.PROMISE_WRITE,
        Permission.COLLECT,
        Permission.PROPOSE,
        Permission.BANK_READ,
        Permission.CUSTOMER_WRITE,
        Permission.IMPORT_RECORDS,
        Permission.IMPORT_MONEY,
        Permission.REVEAL,
        Permission.ACTION_WRITE,
    },
    Role.COMPLIANCE: _READ | {Permission.REVEAL, Permission.AUDIT_READ, Permission.BANK_READ},
    Role.ADMIN: frozenset(
        {
            Permission.METRIC_READ,
            Permission.CUSTOMER_READ,
            Permission.RECEIVABLE_READ,
            Permission.SERVICE_READ,
            Permission.REVEAL,
            Permission.USER_WRITE,
            Permission.BACKUP,
            Permission.AUDIT_READ,
            Permission.POLICY_WRITE,
        }
    ),
}

CLEARANCE: Final[dict[Role, int]] = {
    Role.VIEWER: -1,
    Role.LEAD: 0,
    Role.MANAGER: 1,
    Role.FINANCE: 1,
    Role.COMPLIANCE: 2,
    Role.ADMIN: -1,
}
"""The highest secrecy level (0 open, 1 confidential, 2 secret) whose contact, bank and tax data a role reads unmasked."""

CLEARANCE_LABEL: Final[dict[int, Text]] = {
    -1: Text("全部遮盖", "all masked"),
    0: Text("看公开的", "open ones"),
    1: Text("看到机密", "up to confidential"),
    2: Text("看到绝密", "up to secret"),
}

DEFAULT_SCOPE: Final[dict[Role, Scope]] = {
    Role.VIEWER: Scope.TEAM,
    Role.LEAD: Scope.TEAM,
    Role.MANAGER: Scope.TEAM,
    Role.FINANCE: Scope.ALL,
    Role.COMPLIANCE: Scope.ALL,
    Role.ADMIN: Scope.ALL,
}

ROLE_LABEL: Final[dict[Role, Text]] = {
    Role.VIEWER: Text("只读", "Viewer"),
    Role.LEAD: Text("组长", "Team lead"),
    Role.MANAGER: Text("经理", "Manager"),
    Role.FINANCE: Text("财务", "Finance"),
    Role.COMPLIANCE: Text("合规", "Compliance"),
    Role.ADMIN: Text("管理员", "Administrator"),
}

SCOPE_LABEL: Final[dict[Scope, Text]] = {
    Scope.OWN: Text("自己的客户", "own customers"),
    Scope.TEAM: Text("所给团队的客户", "customers of the given teams"),
    Scope.ALL: Text("全部客户", "all customers"),
}

_NOT_ALLOWED = Text(
    "您的角色（{role}）不能做这件事；可以做的角色：{roles}。请联系他们。",
    "Your role ({role}) cannot do this; these roles can: {roles}. Please ask one of them.",
)


HOUSE: Final = 0
"""The user id of the house itself."""


@dataclass(frozen=True, slots=True)
class Actor:
    """The person for whom a question is asked or a change is made."""

    user_id: int
    name: str
    role: Role
    scope: Scope
    teams: tuple[str, ...] = ()
    clearance: int | None = None
    """The highest secrecy level read unmasked; None: what the role has by default."""

    def may(self, permission: Permission) -> bool:
        """Whether the role holds the permission. The house itself may do anything: who runs it holds the file."""
        return self.user_id == HOUSE or permission in GRANTS[self.role]

    def need(self, permission: Permission) -> None:
        """Refuses: anyone whose role lacks the permission, naming the roles that hold it."""
        if not self.may(permission):
            roles = [ROLE_LABEL[role] for role, granted in GRANTS.items() if permission in granted]
            raise Forbidden(
                _NOT_ALLOWED,
                role=ROLE_LABEL[self.role],
                roles=listed(roles),
            )

    @property
    def sight(self) -> tuple[object, ...]:
        """What decides which rows and columns this person sees: two people with equal sight share cached answers."""
        # A person always sees their own customers, so equal teams alone do not mean equal rows.
        rows = {Scope.ALL: (), Scope.TEAM: (self.user_id, *self.teams), Scope.OWN: (self.user_id,)}[self.scope]
        return (self.scope, self.level, rows, self.sees_bank)

    @property
    def sees_bank(self) -> bool:
        """Whether statement lines are in sight: they belong to no customer yet, so it takes sight of all and the right to read them."""
        return self.sees_all and self.may(Permission.BANK_READ)

    @property
    def sees_all(self) -> bool:
        """Whether no customer is out of sight: what holds for the whole company takes that."""
        return self.scope is Scope.ALL

    @property
    def level(self) -> int:
        """The highest secrecy level read unmasked."""
        return CLEARANCE[self.role] if self.clearance is None else self.clearance

    def may_lower(self, secrecy: int) -> bool:
        """Whether a customer's secrecy may be lowered from there: never from above what one reads oneself."""
        return self.user_id == HOUSE or secrecy <= self.level


SYSTEM: Final = Actor(HOUSE, "system", Role.ADMIN, Scope.ALL)
"""The house itself: jobs and the command line, which already hold the file."""
