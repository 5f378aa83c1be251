"""`user list|add|change|password|activate|deactivate`: who may sign in. Passwords come from standard input, not from the command line."""

from __future__ import annotations

import argparse
import getpass
import sys
from typing import Any, Final

from lib.cli.frame import language, open_ledger, say_rows
from lib.commands.users import AddUser, ChangeUser, ResetPassword
from lib.domain.access import SYSTEM, Role, Scope
from lib.errors import Refused
from lib.store import sessions
from lib.store.door import execute
from lib.store.ledger import Ledger
from lib.store.query import catalog, run
from lib.text import LANGUAGES, Text

_COLUMNS: Final = ("username", "name", "role", "scope", "team", "teams", "clearance", "active", "sign_ins")
_BLIND = Text(
    "{name} 现在什么客户都看不到：没有团队，或团队里没人是客户经理。用 user change {name} --sees 团队，或 --scope all。",
    "{name} sees no customer now: has no team, or one in which nobody looks after any. Use user change {name} --sees TEAM, or --scope all.",
)
_DIFFERENT = Text("两次输入的密码不同。", "The two passwords differ.")


def add(verbs: Any) -> None:  # noqa: ANN401 (argparse keeps the type of its subparsers to itself)
    """Declare the verbs."""
    group = verbs.add_parser("user", help="who may sign in").add_subparsers(required=True, metavar="WHAT")
    verb = group.add_parser("list", help="everyone, with roles and open sign-ins")
    verb.add_argument("--format", choices=("json", "csv"), default="json")
    verb.set_defaults(run=_list)
    verb = group.add_parser("add", help="add a person")
    verb.add_argument("username")
    verb.add_argument("--name", help="the person's name (default the user name)")
    verb.add_argument("--role", choices=[role.value for role in Role], required=True)
    verb.add_argument("--language", choices=LANGUAGES, default="zh")
    _add_rights(verb)
    _add_password(verb)
    verb.set_defaults(run=_add)
    verb = group.add_parser("change", help="change what is given of a person")
    verb.add_argument("username")
    verb.add_argument("--name")
    verb.add_argument("--role", choices=[role.value for role in Role])
    _add_rights(verb)
    verb.set_defaults(run=_change)
    verb = group.add_parser("password", help="give a person a new password")
    verb.add_argument("username")
    _add_password(verb)
    verb.set_defaults(run=lambda chosen: _do(ResetPassword(chosen.username, _password(chosen))))
    for what, is_active in (("deactivate", False), ("activate", True)):
        verb = group.add_parser(what, help="let a person sign in again" if is_active else "end a person's sign-ins and allow no more")
        verb.add_argument("username")
        verb.set_defaults(run=lambda chosen, is_active=is_active: _do(ChangeUser(chosen.username, is_active=is_active)))


def _add_rights(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--scope", choices=[scope.value for scope in Scope], help="whose customers the person sees (default by role)")
    verb.add_argument("--team", help="the person's own team")
    verb.add_argument("--sees", action="append", metavar="TEAM", help="a team whose customers the person sees; repeat for more")
    verb.add_argument("--clearance", type=int, help="highest secrecy level shown unmasked, -1 to 2 (default by role)")


def _add_password(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--password-stdin", action="store_true", help="read the password from standard input, else it is asked for")


def _people(ledger: Ledger) -> list[dict[str, Any]]:
    now = ledger.clock()
    since = {"idle_since": now - sessions.IDLE, "oldest": now - sessions.ABSOLUTE}
    return list(run(ledger, catalog()["people"].sql, since).to_pylist())


def _list(chosen: argparse.Namespace) -> None:
    with open_ledger() as ledger:
        found = _people(ledger)
    people = [
        {**row, "name": row["person_name"], "role": row["user_role"], "scope": row["user_scope"], "active": row["is_active"]}
        for row in found
    ]
    say_rows(people, _COLUMNS, chosen.format)


def _add(chosen: argparse.Namespace) -> None:
    _do(
        AddUser(
            chosen.username,
            chosen.name or chosen.username,
            Role(chosen.role),
            _password(chosen),
            chosen.team,
            tuple(chosen.sees) if chosen.sees else None,
            Scope(chosen.scope) if chosen.scope else None,
            chosen.clearance,
            chosen.language,
        )
    )


def _change(chosen: argparse.Namespace) -> None:
    _do(
        ChangeUser(
            chosen.username,
            chosen.name,
            Role(chosen.role) if chosen.role else None,
            Scope(chosen.scope) if chosen.scope else None,
            chosen.team,
            tuple(chosen.sees) if chosen.sees else None,
            chosen.clearance,
        )
    )


def _do(command: AddUser | ChangeUser | ResetPassword) -> None:
    """Make the change; who then sees nobody is said on stderr."""
    with open_ledger() as ledger:
        execute(ledger, SYSTEM, command)
        name = command.username.strip().lower()
        blind = any(row["username"] == name and row["is_blind"] for row in _people(ledger))
    if blind:
        print(_BLIND.say(language(), name=name), file=sys.stderr)


def _password(chosen: argparse.Namespace) -> str:
    if chosen.password_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("Password: ")
    if password != getpass.getpass("Again: "):
        raise Refused(_DIFFERENT)
    return password
