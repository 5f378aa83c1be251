"""Taking a change back: the same for every command, because rows are retired and never edited."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final

from lib.commands import Command, closing, every, sight
from lib.commands.billing import PostDrafts
from lib.commands.corrections import VoidInvoice
from lib.commands.credit import Bill, refuse_stopped
from lib.commands.customers import TOO_SECRET
from lib.commands.documents import records
from lib.commands.families import refuse_leaving
from lib.commands.receivables import RecordInvoice
from lib.domain.access import Permission, Role
from lib.errors import Conflict, Forbidden, NotFound, Refused
from lib.store.door import Change
from lib.store.query import catalog
from lib.store.reversal import later, revert
from lib.text import Text

_UNKNOWN = Text(
    "没有编号为 {change_id} 的更改，或它由他人所做。他人的更改请让对方、经理或财务撤销。",
    "There is no change numbered {change_id}, or someone else made it; ask them, a manager or finance to undo it.",
)
_GONE = Text("更改 {change_id} 已经撤销过了。", "Change {change_id} has already been undone.")
_NOTHING = Text("更改 {change_id} 没有可撤销的内容。", "Change {change_id} wrote nothing that can be undone.")
_LEFT_SCOPE = Text(
    "这项更改涉及的客户已不在您的范围内；请能看到全部客户的经理或财务撤销。",
    "A customer of this change has left your scope; ask a manager or finance who sees all customers to undo it.",
)
_NOT_IN_IT = Text(
    "这项更改属于您已不参加的周会；请参加它的经理撤销。",
    "This change is of a review you no longer take part in; ask a manager who does to undo it.",
)
_LATER = Text(
    "更改 {later} 在此之后改动了同一记录。请先撤销更改 {later}。",
    "Change {later} altered the same records later. Undo change {later} first.",
)
_IN_USE = Text(
    "撤销后账目将不平：后来的收款或核销仍依赖这些记录（{rule}）。请先撤销那些更改。",
    "After this the books would not balance: later payments or allocations depend on these records ({rule}). Undo those first.",
)
_BUILT_ON = Text("后来的步骤或回答建立在它上面。请先撤销那些（{rule}）。", "Later steps or answers build on it. Undo those first ({rule}).")
_NOTHING_KNOWN = Text("这种更改（{command}）不能撤销。", "A change of this kind ({command}) cannot be undone.")
_FINAL = Text(
    "“{command}”不能撤销：发出去的收不回来，两个人定下的要两个人才能改。要改回去，请重新提交一次。",
    "“{command}” cannot be undone: what went out stays out, and what two people settled takes two to change. "
    "Submit it anew to change it back.",
)
MONEY: Final = frozenset({Permission.RECEIVABLE_WRITE, Permission.IMPORT_MONEY, Permission.APPROVE})
"""What it takes to make a change that moves money; another change may bring some along (a dispute settled with a credit note)."""
_BILLS: Final = frozenset({RecordInvoice.__name__, PostDrafts.__name__})
_STEPS: Final = frozenset({"check_case_step", "check_wave_step", "check_answer_invited"})
"""Rules about what follows what, not about money."""
ANYONES: Final = frozenset({Role.MANAGER, Role.FINANCE, Role.ADMIN})


@dataclass(frozen=True)
class Undo(Command):
    """Take back one change whole: retire what it wrote, reinstate what it replaced, mirror its postings.

    Refuses: an unknown or already undone change, someone else's change without the role for it, a change that later ones build on,
    money without the permission to move it or in the closed books, what went out or took two people, bills brought back for
    a customer under credit stop, joining a group that was billed since, and what made a customer more secret than
    the person is cleared for.
    """

    permission: ClassVar[Permission] = Permission.METRIC_READ
    title: ClassVar[Text] = Text("撤销更改", "Undo a change")
    change_id: int
    today: date | None = None

    def apply(self, change: Change) -> dict[str, int]:
        """Rows touched per table."""
        self._may(change)
        if (found := later(change, self.change_id)) is not None:
            raise Conflict(_LATER, later=found)
        today = self.today or change.made_at.date()
        _refuse_bills(change, self.change_id, today)
        _refuse_leaving(change, self.change_id, today)
        change.undoes = self.change_id
        change.subject = f"change {self.change_id}"
        touched = revert(change, self.change_id)
        _refuse_less_secret(change)
        closing.refuse_closed(change)
        if not touched:
            raise NotFound(_NOTHING, change_id=self.change_id)
        check(change, touched=touched)
        return touched

    def _may(self, change: Change) -> None:
        row = change.cursor.execute(
            "select user_id, customer_id from audit where change_id = $change_id", {"change_id": self.change_id}
        ).fetchone()
        whole = change.actor.role in ANYONES and change.actor.sees_all
        if row is None or (row[0] != change.actor.user_id and not whole):
            raise NotFound(_UNKNOWN, change_id=self.change_id)
        if undone(change, self.change_id):
            raise Conflict(_GONE, change_id=self.change_id)
        change.customer_id = row[1]
        change.actor.need(permission := _permission(change, self.change_id))
        if permission not in MONEY and _moved_money(change, self.change_id):
            change.actor.need(Permission.RECEIVABLE_WRITE)
        if not change.actor.sees_all and _left_scope(change, self.change_id):
            raise Forbidden(_LEFT_SCOPE)
        if not change.actor.sees_all and records(change, _LEFT_CIRCLE, {"undone": self.change_id, "actor_id": change.actor.user_id}):
            raise Forbidden(_NOT_IN_IT)
        if not change.actor.sees_all and _is_company_wide(change, self.change_id):
            sight.whole_company(change)


def _is_company_wide(change: Change, change_id: int) -> bool:
    """Whether rules or exchange rates would change, which hold for every customer."""
    found = (
        change.cursor.execute(
            f"select 1 from {table} where $change_id in (change_id, retired_change) limit 1",  # noqa: S608 (our own names)
            {"change_id": change_id},
        ).fetchone()
        for table in ("policy", "exchange_rate")
    )
    return any(found)


def _first_command(change: Change, change_id: int) -> str:
    """What was ordered in the first place: an undo stands for the change it undid."""
    command, undoes = "", change_id
    while undoes is not None:
        command, undoes = change.cursor.execute(
            "select command, undoes from audit where change_id = $change_id", {"change_id": undoes}
        ).fetchone() or (command, None)
    return command


def _permission(change: Change, change_id: int) -> Permission:
    """What it takes to take a change back: the permission to make it."""
    command, known = _first_command(change, change_id), every()
    if command not in known:
        raise NotFound(_NOTHING_KNOWN, command=command)
    if known[command].is_final:
        raise Refused(_FINAL, command=known[command].title)
    return known[command].permission


def _refuse_bills(change: Change, undone: int, today: date) -> None:
    """Refuses: bills that would come back past a credit stop.

    A bill taken back and brought back is a new one; one that was voided comes back as it was, unless another was written since.
    """
    command = _first_command(change, undone)
    if command not in _BILLS | {VoidInvoice.__name__}:
        return
    again = [Bill(**row) for row in records(change, _COMING_BACK, {"undone": undone, "is_bill": command in _BILLS})]
    if again:
        refuse_stopped(change, again, today)


def _refuse_leaving(change: Change, undone: int, today: date) -> None:
    """Refuses: a customer that would leave its group by this, where the group was billed since."""
    for row in records(change, _LEAVING, {"undone": undone}):
        refuse_leaving(change, row["customer_id"], today, billed_since=undone)


def _refuse_less_secret(change: Change) -> None:
    """Refuses: a customer that would be less secret by this than it is, for who may not lower it."""
    for (secrecy,) in change.cursor.execute(_LOWERED, {"change_id": change.change_id}).fetchall():
        if not change.actor.may_lower(secrecy):
            raise Forbidden(TOO_SECRET, secrecy=secrecy)


def _moved_money(change: Change, change_id: int) -> bool:
    sql = "select count(*) from posting where change_id = $change_id"
    return change.cursor.execute(sql, {"change_id": change_id}).fetchone() != (0,)


def _left_scope(change: Change, change_id: int) -> bool:
    """Whether rows of a customer out of sight would be touched. Who gave a customer away with this very change may take it back."""
    about = {"change_id": change_id, "actor_id": change.actor.user_id}
    names = ("customer_id", "retired_change")
    tables = "select table_name from duckdb_columns() where list_contains($names, column_name) group by all having count(*) = 2"
    lines = [
        f"select customer_id from {table} where $change_id in (change_id, retired_change)"  # noqa: S608 (our own names)
        for (table,) in change.cursor.execute(tables, {"names": names}).fetchall()
    ]
    touched = " union all ".join([*lines, "select customer_id from posting where change_id = $change_id"])
    found = change.cursor.execute(
        f"""
        select touched.customer_id from ({touched}) as touched
        where touched.customer_id not in (select visible.customer_id from visible_customer($actor_id) as visible)
            and touched.customer_id not in (
                select customer_id from customer_record
                where change_id = $change_id and until_on = date '9999-12-31' and retired_at = timestamp '9999-12-31'
            )
        """,  # noqa: S608 (our own names)
        about,
    )
    return bool(found.fetchall())


def undone(change: Change, change_id: int) -> bool:
    """Whether a change stands undone: some undo of it was not itself undone."""
    sql = "select count(*) from undone_change() as undone where undone.change_id = $change_id"
    return change.cursor.execute(sql, {"change_id": change_id}).fetchone() != (0,)


def check(change: Change, refusal: Text = _IN_USE, touched: Collection[str] | None = None) -> None:
    """Refuses (and so rolls back) a change after which a rule of `lib/sql/checks.sql` is broken; the refusal names the `rule`.

    `touched` names the tables that changed: rules that read none of them are as they were.
    """
    for name, query in catalog().items():
        asked = name.startswith("check_") and (touched is None or not set(touched).isdisjoint(re.findall(r"\w+", query.sql)))
        if asked and change.cursor.execute(query.sql).fetchone():
            raise Conflict(_BUILT_ON if name in _STEPS else refusal, rule=name.removeprefix("check_"))


_LEFT_CIRCLE: Final = """
    select touched.circle
    from (
        select circle, change_id, retired_change from meeting
        union all
        select circle, change_id, retired_change from resolution
    ) as touched
    where $undone in (touched.change_id, touched.retired_change) and not attends(touched.circle, $actor_id::integer, false)
"""
_LEAVING: Final = """
    select joined.customer_id
    from customer_record as joined
    where
        joined.change_id = $undone and joined.parent_id is not null
        and joined.until_on = date '9999-12-31' and joined.retired_at = timestamp '9999-12-31'
        and joined.parent_id not in (
            select before.parent_id from customer_record as before
            where
                before.retired_change = $undone and before.customer_id = joined.customer_id
                and before.until_on = date '9999-12-31' and before.parent_id is not null
        )
    order by joined.customer_id
"""
_LOWERED: Final = """
    select was.secrecy
    from customer_record as was
    inner join customer_record as stands
        on
            was.customer_id = stands.customer_id
            and stands.until_on = date '9999-12-31' and stands.retired_at = timestamp '9999-12-31'
    where was.retired_change = $change_id and was.until_on = date '9999-12-31' and was.secrecy > stands.secrecy
    order by was.secrecy desc
    limit 1
"""
_COMING_BACK: Final = """
    select posting.customer_id, posting.currency, -sum(posting.amount) as amount
    from posting
    where
        posting.change_id = $undone and posting.kind = 'invoice'
        and ($is_bill or exists (
            select since.posting_id from posting as since
            where
                since.customer_id = posting.customer_id and since.kind = 'invoice' and since.amount > 0
                and since.change_id > $undone
        ))
    group by posting.customer_id, posting.currency
    having sum(posting.amount) < 0
    order by posting.customer_id, posting.currency
"""
