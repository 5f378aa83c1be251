"""Money that stands on account, laid over what is open: of one customer, or of all at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final

from lib.commands import Command, sight
from lib.commands.documents import first
from lib.commands.postings import oldest_first, post
from lib.domain.access import Permission
from lib.errors import Refused
from lib.store.door import Change
from lib.text import Text

_NOTHING = Text(
    "没有可核销的：没有预收，或没有同一币种的未收账单。",
    "There is nothing to settle: no money on account, or no open invoice in its currency.",
)


@dataclass(frozen=True)
class SettleFromAccount(Command):
    """Money on account laid over open invoices of the same customer and currency, both the oldest first, all on one day.

    What was paid back settles nothing.
    Refuses: nothing that could be laid, a day of the closed books, all customers for who does not see the whole company.
    """

    permission: ClassVar[Permission] = Permission.RECEIVABLE_WRITE
    title: ClassVar[Text] = Text("用预收核销账单", "Settle invoices from money on account")
    today: date
    customer_id: int | None = None

    def apply(self, change: Change) -> int:
        """How many customers it touched."""
        if self.customer_id is None:
            sight.whole_company(change)
        else:
            sight.customer(change, self.customer_id)
        change.cursor.execute(_COMING, {"today": self.today, "customer_id": self.customer_id})
        oldest_first(change)
        (count,) = first(change, _TOUCHED, {"today": self.today})
        if not count:
            raise Refused(_NOTHING)
        post(change, _MOVED, {"today": self.today})
        change.detail["customers"] = count
        return int(count)


_COMING: Final = """
    create or replace temp table coming as
    select
        row_number() over (order by free.on_date, free.entry_id) as seq,
        free.customer_id, free.currency, free.amount, free.entry_id, free.kind
    from left_on_account($customer_id::integer, date '9999-12-30', timestamp '9999-12-30') as free
    where free.on_date <= $today::date
"""
_TOUCHED: Final = """
    select count(distinct coming.customer_id)
    from matched
    inner join coming on matched.seq = coming.seq
    where matched.open_from <= $today::date
"""
_MOVED: Final = """
    with moved as (
        select coming.entry_id, coming.customer_id, coming.kind, coming.currency, matched.invoice_id, matched.due_on, matched.amount
        from matched
        inner join coming on matched.seq = coming.seq
        where matched.open_from <= $today::date
    )

    select
        moved.entry_id, moved.customer_id, null::bigint as invoice_id, moved.kind, $today::date as on_date, null::date as due_on,
        moved.amount, moved.currency, 'R5' as rule
    from moved
    union all
    select
        moved.entry_id, moved.customer_id, moved.invoice_id, moved.kind, $today::date, moved.due_on,
        -moved.amount, moved.currency, 'R5'
    from moved
"""
