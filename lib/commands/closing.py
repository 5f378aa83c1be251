"""Closed books: up to and including a day no money moves any more, whoever writes it.

Every writer of money ends in `lib/commands/postings.py::post` or in an undo, and both ask `refuse_closed`: one home for the rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar, Final

from lib.commands import Command, sight, versions
from lib.domain.access import Permission
from lib.errors import Refused
from lib.store.door import Change
from lib.text import Text

REASON: Final = Text("原因", "Reason")

_CLOSED = Text(
    "{day} 已关账（账已关到 {until}，{by}：{reason}）。请改用 {first} 或之后的日期，或先在“开票”里重新开账。",
    "{day} is in a closed period (closed up to {until} by {by}: {reason}). Use {first} or later, or reopen the books under Billing first.",
)
_AHEAD = Text(
    "{until} 还没过完，不能关账。最晚可关到 {last}。", "{until} is not over yet, so it cannot be closed. The last day to close is {last}."
)
_ALREADY = Text(
    "账已关到 {until}。要往前改请用“重新开账”。",
    "The books are already closed up to {until}. To go back, reopen them.",
)
_NOT_CLOSED = Text("账没有关到 {until} 之后，无需重新开账。", "The books are not closed beyond {until}; there is nothing to reopen.")


@dataclass(frozen=True)
class ClosePeriod(Command):
    """The books closed up to and including a day: no money is written on it or before it any more.

    Refuses: a day that is not over, one already closed, no reason, who does not see the whole company.
    """

    permission: ClassVar[Permission] = Permission.RECEIVABLE_WRITE
    title: ClassVar[Text] = Text("关账", "Close a period")
    until: date
    reason: str
    today: date

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        sight.text(self.reason, REASON, about="reason", required=True)
        if self.until >= self.today:
            last = (self.today - timedelta(days=1)).isoformat()
            raise Refused(_AHEAD, until=self.until.isoformat(), last=last, about="until")

    def apply(self, change: Change) -> None:
        """Write the new word about closing."""
        sight.whole_company(change)
        until = closed_until(change)
        if until and self.until <= until:
            raise Refused(_ALREADY, until=until.isoformat(), about="until")
        _write(change, self.until, self.reason, self.today)


@dataclass(frozen=True)
class ReopenPeriod(Command):
    """The books closed only up to an earlier day, or not at all.

    Refuses: books that are not closed beyond that day, no reason, who does not see the whole company.
    """

    permission: ClassVar[Permission] = Permission.RECEIVABLE_WRITE
    title: ClassVar[Text] = Text("重新开账", "Reopen a period")
    until: date | None
    reason: str
    today: date

    def validate(self) -> None:
        """Refuses: no reason."""
        sight.text(self.reason, REASON, about="reason", required=True)

    def apply(self, change: Change) -> None:
        """Write the new word about closing."""
        sight.whole_company(change)
        until = closed_until(change)
        if until is None or (self.until and self.until >= until):
            raise Refused(_NOT_CLOSED, until=(self.until or self.today).isoformat(), about="until")
        _write(change, self.until, self.reason, self.today)


def closed_until(change: Change) -> date | None:
    """The last closed day, None when the books are open."""
    row = change.cursor.execute("select closed_until()").fetchone()
    return row[0] if row else None


def first_open(change: Change, day: date) -> date:
    """The day itself, or the first one after the closed books."""
    until = closed_until(change)
    return max(day, until + timedelta(days=1)) if until else day


def refuse_closed(change: Change, *days: date | None) -> None:
    """Refuses: money this change wrote, or is about to write on one of the days, in the closed books."""
    until = closed_until(change)
    if until is None:
        return
    row = change.cursor.execute(
        "select min(on_date) from posting where change_id = $change_id and amount <> 0 and on_date <= $until",
        {"change_id": change.change_id, "until": until},
    ).fetchone()
    found = [day for day in (*days, row[0] if row else None) if day and day <= until]
    if found:
        raise Refused(_CLOSED, day=min(found).isoformat(), until=until.isoformat(), **_why(change, until), about="on_date")


def _why(change: Change, until: date) -> dict[str, object]:
    row = change.cursor.execute(
        """
        select coalesce(app_user.name, '—'), policy.reason
        from policy
        left join app_user on policy.recorded_by = app_user.user_id
        where policy.kind = 'closing' and policy.retired_at = timestamp '9999-12-31'
        order by policy.policy_id desc limit 1
        """
    ).fetchone() or ("", "")
    return {"by": row[0], "reason": row[1], "first": (until + timedelta(days=1)).isoformat()}


def _write(change: Change, until: date | None, reason: str, today: date) -> None:
    versions.write(change, "closing", {"until": until.isoformat() if until else None}, effective_on=today, reason=reason.strip())
    change.subject = "closing"
