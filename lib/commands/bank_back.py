"""What one bank line came to, taken back, whenever that was and however many lines were matched beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Final

from lib.commands import Command, sight
from lib.commands.bank import IGNORED, TRANSFER
from lib.commands.bank_booking import whole_sight
from lib.commands.documents import records
from lib.commands.postings import post
from lib.commands.undo import check
from lib.domain.access import Permission
from lib.errors import Refused
from lib.store.door import Change
from lib.text import Text

_NOT_MATCHED = Text("这笔流水还没有处理过，或已经收回。请刷新。", "This line was not dealt with, or has been taken back. Look again.")
_NO_MONEY: Final = frozenset({IGNORED, TRANSFER, "payment", "refund"})
"""Rules by which no money was booked: the line was nothing of ours, or a document the ledger had already."""


@dataclass(frozen=True)
class TakeBackMatch(Command):
    """A line open again: the payment booked from it is gone from its day, what it settled is owed again.

    A payer remembered by the same match is forgotten, the other half of a transfer is open again too; other lines stay matched.
    Refuses: a line nobody dealt with, a day of the closed books, money that was refunded since.
    """

    permission: ClassVar[Permission] = Permission.RECEIVABLE_WRITE
    title: ClassVar[Text] = Text("收回对账", "Take a match back")
    line_id: int
    today: date

    def apply(self, change: Change) -> int:
        """The line_id."""
        whole_sight(change)
        found = records(change, _MATCHED, {"line_id": self.line_id})
        if not found:
            raise Refused(_NOT_MATCHED)
        match = found[0]
        if match["customer_id"] is not None:
            sight.customer(change, match["customer_id"])
        if match["rule"] not in _NO_MONEY:
            _unbook(change, match)
        lines = [self.line_id, *([int(match["note"])] if match["rule"] == TRANSFER else [])]
        change.retire("bank_match", "list_contains($lines::bigint[], line_id)", {"lines": lines})
        check(change, touched=("entry", "posting", "bank_match"))
        return self.line_id


def _unbook(change: Change, match: dict[str, Any]) -> None:
    """The payment and the fee written off beside it, each line of money mirrored on its own day."""
    about = {name: match[name] for name in ("entry_id", "origin_change", "customer_id")}
    entries = {"entries": [row["entry_id"] for row in records(change, _BOOKED, about)]}
    change.retire("entry", "list_contains($entries::bigint[], entry_id)", entries)
    post(change, _MIRRORED, entries)
    learned = {name: match[name] for name in ("origin_change", "customer_id")}
    change.retire("payer_alias", "origin_change = $origin_change and customer_id = $customer_id", learned)


_MATCHED: Final = """
    select bank_match.customer_id, bank_match.entry_id, bank_match.rule, bank_match.note, bank_match.origin_change
    from bank_match
    where bank_match.line_id = $line_id and bank_match.retired_at = timestamp '9999-12-31'
"""
_BOOKED: Final = """
    select entry.entry_id
    from entry
    where
        entry.retired_at = timestamp '9999-12-31'
        and (
            entry.entry_id = $entry_id
            or (
                entry.entry_id = $entry_id + 1
                and entry.kind = 'adjustment'
                and entry.origin_change = $origin_change
                and entry.customer_id = $customer_id
            )
        )
"""
_MIRRORED: Final = """
    select
        posting.entry_id, posting.customer_id, posting.invoice_id, posting.kind, posting.on_date, posting.due_on,
        -sum(posting.amount) as amount, posting.currency, 'undo' as rule
    from posting
    where list_contains($entries::bigint[], posting.entry_id)
    group by
        posting.entry_id, posting.customer_id, posting.invoice_id, posting.kind, posting.on_date, posting.due_on, posting.currency
"""
