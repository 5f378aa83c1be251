"""The one change that fills an empty ledger with the demo company."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import ClassVar

from lib import terms
from lib.commands import Command
from lib.demo.company import SEED, demo_company, settings_table
from lib.demo.moments import MOVED_IN
from lib.demo.past_surveys import past_surveys
from lib.demo.people import DEMO_ACCOUNTS, user_teams, users
from lib.demo.rows import arrow
from lib.demo.telling import told_how
from lib.domain import passwords
from lib.domain.access import Permission
from lib.errors import Conflict
from lib.store.door import Change
from lib.store.ledger import Ledger
from lib.text import Text

_NOT_EMPTY = Text(
    "这个账本里已经有数据；演示公司只能建在空账本里。请用 MINGZHANG_LEDGER 指定另一个文件。",
    "This ledger already holds data; the demo company is built in an empty one. Set MINGZHANG_LEDGER to another file.",
)


@dataclass(frozen=True)
class BuildDemo(Command):
    """Two thousand invented customers with three years of history, and six accounts to sign in with.

    Refuses: a ledger in which anything was ever changed.
    """

    permission: ClassVar[Permission] = Permission.USER_WRITE
    title: ClassVar[Text] = terms.BUILD_DEMO
    seed: int = SEED

    def apply(self, change: Change) -> dict[str, int]:
        """Rows written per table."""
        if change.change_id > 1:
            raise Conflict(_NOT_EMPTY)
        change.subject = "demo"
        # The history is moved in before the first thing that is done by hand, whatever the clock says.
        change.made_at = MOVED_IN
        tables = dict(demo_company(self.seed).tables)
        answers = tables.pop("feedback")
        written = {table: change.insert(table, rows) for table, rows in tables.items()}
        change.insert("app_user", arrow(users(_password_hashes(), change.made_at)))
        change.insert("user_team", arrow(user_teams()))
        change.retire("policy", "kind = 'settings'", {})
        change.insert("policy", settings_table(change.next_id("policy", "policy_id")))
        languages = dict(zip(*(tables["contact"][name].to_pylist() for name in ("customer_id", "language")), strict=True))
        # Who is asked follows from classes and owners, which are known only now.
        asked = past_surveys(change, answers, self.seed)
        written["feedback"] = change.insert("feedback", told_how(asked, languages, self.seed))
        return written


def is_empty(ledger: Ledger) -> bool:
    """Whether nothing was ever changed here."""
    return first_command(ledger) is None


def is_demo(ledger: Ledger) -> bool:
    """Whether this ledger began as a demo company."""
    return first_command(ledger) == BuildDemo.__name__


def first_command(ledger: Ledger) -> str | None:
    """The name of the first change; None in an empty ledger."""
    row = ledger.cursor().execute("select command from audit order by change_id limit 1").fetchone()
    return str(row[0]) if row else None


def _password_hashes() -> dict[str, str]:
    """Hashing is slow on purpose; two at a time is what two cores can do."""
    with ThreadPoolExecutor(2) as pool:
        hashes = pool.map(lambda account: passwords.hashed(account.password, account.username), DEMO_ACCOUNTS)
        return {account.username: found for account, found in zip(DEMO_ACCOUNTS, hashes, strict=True)}
