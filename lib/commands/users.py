"""People who may sign in: adding, changing, passwords, language. Any change of what a person may do ends their sign-ins."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from lib.commands import Command
from lib.domain import passwords
from lib.domain.access import CLEARANCE, DEFAULT_SCOPE, Permission, Role, Scope
from lib.errors import Conflict, NotFound, Refused
from lib.store.door import Change
from lib.text import LANGUAGES, Language, Text

_USERNAME: Final = re.compile(r"[\w.@-]{1,64}")
_LONGEST_TYPED: Final = 256
_CLEARANCES: Final = range(-1, 3)
_ADMINISTRATORS: Final = "role = 'admin' and is_active and password_hash is not null"

_BAD_USERNAME = Text(
    "用户名只能用字母、汉字、数字和 . _ - @，最多 64 个字符，不能有空格。",
    "A user name takes letters, digits and . _ - @, at most 64 of them and no spaces.",
)
_NO_NAME = Text("请填写姓名。", "Please enter the person's name.")
_BAD_CLEARANCE = Text("保密权限只能是 -1 到 2。", "Clearance is a level from -1 to 2.")
_BAD_LANGUAGE = Text("没有这种语言。可选：中文、English。", "No such language. Choose 中文 or English.")
_TAKEN = Text("用户名 {username} 已被使用。请换一个。", "The user name {username} is taken. Choose another.")
_UNKNOWN = Text("没有用户 {username}。请核对用户名。", "There is no user {username}. Check the user name.")
_LAST_ADMINISTRATOR = Text(
    "这是最后一位在用的管理员。请先指定另一位管理员。",
    "This is the last active administrator. Appoint another one first.",
)
_NOT_FIRST = Text("管理员已经建立。请用他的账号登录。", "An administrator already exists. Sign in with that account.")
_WRONG_PASSWORD = Text("原密码不对。请重新输入。", "The old password is wrong. Enter it again.")
_SAME_PASSWORD = Text("新密码与原密码相同。请换一个。", "The new password equals the old one. Choose another.")


@dataclass(frozen=True)
class AddUser(Command):
    """Add a person. Scope and clearance not given are those of the role; teams not given are the person's own.

    Refuses: a taken or malformed user name, a weak password.
    """

    permission: ClassVar[Permission] = Permission.USER_WRITE
    title: ClassVar[Text] = Text("添加用户", "Add a user")
    username: str
    name: str
    role: Role
    password: str = field(repr=False, metadata={"audit": False})
    team: str | None = None
    teams: tuple[str, ...] | None = None
    scope: Scope | None = None
    clearance: int | None = None
    language: Language = "zh"

    def validate(self) -> None:
        """Refuses: a malformed user name, no name, an unknown clearance or language."""
        if not _USERNAME.fullmatch(normal_username(self.username)):
            raise Refused(_BAD_USERNAME)
        _refuse_fields(self.name, self.clearance, self.language)

    def apply(self, change: Change) -> int:
        """The new person's user_id."""
        username = normal_username(self.username)
        if _find(change, username):
            raise Conflict(_TAKEN, username=username)
        user_id = change.next_id("app_user", "user_id")
        own = (self.team,) if self.team else ()
        row = {
            "user_id": user_id,
            "username": username,
            "name": self.name.strip(),
            "role": self.role.value,
            "scope": (self.scope or DEFAULT_SCOPE[self.role]).value,
            "team": self.team,
            "language": self.language,
            "password_hash": passwords.hashed(self.password, username),
            "password_changed_at": change.made_at,
            "is_active": True,
            "clearance": CLEARANCE[self.role] if self.clearance is None else self.clearance,
        }
        marks = ", ".join(f"${name}" for name in row)
        change.overwrite("app_user", f"insert into app_user ({', '.join(row)}) values ({marks})", row)  # noqa: S608 (names from above)
        _give_teams(change, user_id, own if self.teams is None else self.teams)
        change.subject = f"user {username}"
        return user_id


@dataclass(frozen=True)
class CreateFirstAdministrator(Command):
    """Make the first person of an empty house; the shell asks for the code from the terminal before.

    Refuses: a house that has an administrator.
    """

    permission: ClassVar[Permission] = Permission.USER_WRITE
    title: ClassVar[Text] = Text("建立首位管理员", "Create the first administrator")
    username: str
    name: str
    password: str = field(repr=False, metadata={"audit": False})
    language: Language = "zh"

    def validate(self) -> None:
        """Refuses: what AddUser refuses."""
        self._as_user().validate()

    def apply(self, change: Change) -> int:
        """The administrator's user_id."""
        if _count(change, _ADMINISTRATORS):
            raise Conflict(_NOT_FIRST)
        return self._as_user().apply(change)

    def _as_user(self) -> AddUser:
        return AddUser(self.username, self.name, Role.ADMIN, self.password, language=self.language)


@dataclass(frozen=True)
class ChangeUser(Command):
    """Change what is given of a person and leave the rest; a new role brings its own clearance unless one is given.

    An empty team takes the team away. A new role or deactivation ends the person's sign-ins.
    Refuses: an unknown person, taking away the last administrator.
    """

    permission: ClassVar[Permission] = Permission.USER_WRITE
    title: ClassVar[Text] = Text("更改用户", "Change a user")
    username: str
    name: str | None = None
    role: Role | None = None
    scope: Scope | None = None
    team: str | None = None
    teams: tuple[str, ...] | None = None
    clearance: int | None = None
    is_active: bool | None = None

    def validate(self) -> None:
        """Refuses: an empty name, an unknown clearance."""
        _refuse_fields(self.name, self.clearance, None)

    def apply(self, change: Change) -> None:
        """Write what differs."""
        before = _known(change, self.username)
        after = {**before, **self._given()}
        after["team"] = after["team"] or None
        if self.role and self.role != before["role"] and self.clearance is None:
            after["clearance"] = CLEARANCE[self.role]
        change.overwrite(
            "app_user",
            "update app_user set name = $name, role = $role, scope = $scope, team = $team, clearance = $clearance, "
            "is_active = $is_active where user_id = $user_id",
            {name: after[name] for name in ("name", "role", "scope", "team", "clearance", "is_active", "user_id")},
        )
        teams = _teams(change, before["user_id"])
        if self.teams is not None:
            _give_teams(change, before["user_id"], self.teams)
        was_administrator = before["role"] == Role.ADMIN and before["is_active"]
        if was_administrator and not _count(change, _ADMINISTRATORS):
            raise Conflict(_LAST_ADMINISTRATOR)
        if (before["role"], before["is_active"]) != (after["role"], after["is_active"]):
            _end_sign_ins(change, before["user_id"])
        change.subject = f"user {before['username']}"
        change.detail["before"] = {name: before[name] for name in after if before[name] != after[name]} | {"teams": teams}

    def _given(self) -> dict[str, Any]:
        wanted = {
            "name": self.name and self.name.strip(),
            "role": self.role and self.role.value,
            "scope": self.scope and self.scope.value,
            "team": self.team,
            "clearance": self.clearance,
            "is_active": self.is_active,
        }
        return {name: value for name, value in wanted.items() if value is not None}


@dataclass(frozen=True)
class SetPassword(Command):
    """Change one's own password; ends one's sign-ins everywhere. Refuses: a wrong old password, a weak or unchanged new one."""

    permission: ClassVar[Permission] = Permission.METRIC_READ
    title: ClassVar[Text] = Text("修改密码", "Change my password")
    old_password: str = field(repr=False, metadata={"audit": False})
    new_password: str = field(repr=False, metadata={"audit": False})

    def apply(self, change: Change) -> None:
        """Check the old one, keep the new one."""
        person = _known_id(change, change.actor.user_id)
        if not passwords.matches(self.old_password, person["password_hash"] or passwords.nobodys()):
            raise Refused(_WRONG_PASSWORD)
        if self.old_password == self.new_password:
            raise Refused(_SAME_PASSWORD)
        _keep_password(change, person, self.new_password)


@dataclass(frozen=True)
class ResetPassword(Command):
    """Give a person a new password; ends their sign-ins. Refuses: an unknown person, a weak password."""

    permission: ClassVar[Permission] = Permission.USER_WRITE
    title: ClassVar[Text] = Text("重设密码", "Reset a password")
    username: str
    password: str = field(repr=False, metadata={"audit": False})

    def apply(self, change: Change) -> None:
        """Keep the new password."""
        _keep_password(change, _known(change, self.username), self.password)


@dataclass(frozen=True)
class EndSignIns(Command):
    """Sign a person out everywhere. Refuses: an unknown person."""

    permission: ClassVar[Permission] = Permission.USER_WRITE
    title: ClassVar[Text] = Text("强制退出登录", "Sign a user out everywhere")
    username: str

    def apply(self, change: Change) -> None:
        """End every sign-in that is still open."""
        person = _known(change, self.username)
        change.subject = f"user {person['username']}"
        _end_sign_ins(change, person["user_id"])


@dataclass(frozen=True)
class SetLanguage(Command):
    """Choose the language in which the house speaks to me."""

    permission: ClassVar[Permission] = Permission.METRIC_READ
    title: ClassVar[Text] = Text("切换语言", "Switch my language")
    language: Language

    def validate(self) -> None:
        """Refuses: a language the house does not speak."""
        _refuse_fields(None, None, self.language)

    def apply(self, change: Change) -> None:
        """Keep the choice with the person."""
        change.overwrite(
            "app_user",
            "update app_user set language = $language where user_id = $user_id",
            {"language": self.language, "user_id": change.actor.user_id},
        )


def normal_username(typed: str) -> str:
    """One spelling per user name: width, case and spaces around it make no difference. Strangers may type megabytes of it."""
    return unicodedata.normalize("NFKC", typed[:_LONGEST_TYPED]).strip().casefold()


def _refuse_fields(name: str | None, clearance: int | None, language: str | None) -> None:
    if name is not None and not name.strip():
        raise Refused(_NO_NAME)
    if clearance is not None and clearance not in _CLEARANCES:
        raise Refused(_BAD_CLEARANCE)
    if language is not None and language not in LANGUAGES:
        raise Refused(_BAD_LANGUAGE)


def _known(change: Change, username: str) -> dict[str, Any]:
    person = _find(change, normal_username(username))
    if person is None or person["user_id"] == 0:
        raise NotFound(_UNKNOWN, username=username)
    return person


def _known_id(change: Change, user_id: int) -> dict[str, Any]:
    person = _select(change, "user_id = $key", user_id)
    if person is None:
        raise NotFound(_UNKNOWN, username=change.actor.name)
    return person


def _find(change: Change, username: str) -> dict[str, Any] | None:
    return _select(change, "username = $key", username)


def _select(change: Change, where: str, key: object) -> dict[str, Any] | None:
    names = ("user_id", "username", "name", "role", "scope", "team", "clearance", "is_active", "password_hash")
    row = change.cursor.execute(f"select {', '.join(names)} from app_user where {where}", {"key": key}).fetchone()  # noqa: S608
    return dict(zip(names, row, strict=True)) if row else None


def _count(change: Change, where: str) -> int:
    row = change.cursor.execute(f"select count(*) from app_user where {where}").fetchone()  # noqa: S608 (conditions from above)
    return int(row[0]) if row else 0


def _teams(change: Change, user_id: int) -> list[str]:
    rows = change.cursor.execute("select team from user_team where user_id = $user_id order by team", {"user_id": user_id})
    return [team for (team,) in rows.fetchall()]


def _give_teams(change: Change, user_id: int, teams: tuple[str, ...]) -> None:
    change.overwrite("user_team", "delete from user_team where user_id = $user_id", {"user_id": user_id})
    for team in sorted(set(teams)):
        change.overwrite("user_team", "insert into user_team values ($user_id, $team)", {"user_id": user_id, "team": team})


def _keep_password(change: Change, person: dict[str, Any], password: str) -> None:
    change.overwrite(
        "app_user",
        "update app_user set password_hash = $hashed, password_changed_at = $now where user_id = $user_id",
        {"hashed": passwords.hashed(password, person["username"]), "now": change.made_at, "user_id": person["user_id"]},
    )
    change.subject = f"user {person['username']}"
    _end_sign_ins(change, person["user_id"])


def _end_sign_ins(change: Change, user_id: int) -> None:
    change.overwrite(
        "login_session",
        "update login_session set revoked_at = $now where user_id = $user_id and revoked_at is null",
        {"now": change.made_at, "user_id": user_id},
    )
