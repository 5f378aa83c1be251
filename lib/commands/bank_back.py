"""What one bank line came to, taken back, whenever that was and however many lines were matched beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Final

from lib.commands import Command, sight
from lib.commands.bank import IGNORED, TRANSFER
from lib.commands.bank_booking import whole_sight
from lib.commands.documents import first, records
from lib.commands.postings import post
from lib.commands.undo import check
from lib.domain.access import Permission
from lib.errors import Refused
from lib.store.door import Change
from lib.text import Text

_NOT_MATCHED = Text("这笔流水还没有处理过，或已经收回。请刷新。", "This line was not dealt with, or has been taken back. Look again.")
_PAID_BACK = Text(
    "这笔收款中有 {amount}（{currency}）已退给客户。请先撤销退款 {doc_no}（更改 {change_id}），再收回对账。",
    "{amount} ({currency}) of this payment was paid back. Undo refund {doc_no} (change {change_id}) first, then take the match back.",
)
_BOOKED_BACK = Text(
    "只收回这一笔：它记的收款取消，核销的账单重新未收，流水回到待处理；同时对的其他流水不变。",
    "Only this line: its payment is gone, what it settled is open again, the line is to do again; others matched with it stay.",
)
_DOCUMENT_BACK = Text(
    "只收回这一笔的对账：对上的单据本来就在账上，保留不动；流水回到待处理。",
    "Only the match of this line: the document it was matched to was on the books before and stays; the line is to do again.",
)
_MEANS: Final = {
    IGNORED: Text("只收回这一笔：不再忽略，流水回到待处理。", "Only this line: it is no longer ignored, and to do again."),
    TRANSFER: Text(
        "转出、转入两笔流水都回到待处理；没有记过收款，客户的账不变。",
        "Both lines of the transfer, out and in, are to do again; no payment was booked, so no customer's account changes.",
    ),
    "payment": _DOCUMENT_BACK,
    "refund": _DOCUMENT_BACK,
}
_NO_MONEY: Final = frozenset(_MEANS)
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


def means(rule: str) -> Text:
    """What taking back a line dealt with by this rule comes to, for who is about to."""
    return _MEANS.get(rule, _BOOKED_BACK)


def _unbook(change: Change, match: dict[str, Any]) -> None:
    """The payment and the fee written off beside it, each line of money mirrored on its own day.

    Refuses: a payment of which some was paid back, by a refund of its own or by one of a file, which names no payment.
    """
    _refuse_paid_back(change, {name: match[name] for name in ("entry_id", "customer_id")})
    about = {name: match[name] for name in ("entry_id", "origin_change", "customer_id")}
    entries = {"entries": [row["entry_id"] for row in records(change, _BOOKED, about)]}
    change.retire("entry", "list_contains($entries::bigint[], entry_id)", entries)
    post(change, _MIRRORED, entries)
    learned = {name: match[name] for name in ("origin_change", "customer_id")}
    change.retire("payer_alias", "origin_change = $origin_change and customer_id = $customer_id", learned)


def _refuse_paid_back(change: Change, about: dict[str, Any]) -> None:
    amount, currency = first(change, _GIVEN_BACK, about)
    if amount > 0:
        doc_no, change_id = first(change, _LAST_REFUND, {**about, "currency": currency})
        raise Refused(_PAID_BACK, amount=f"{amount:,}", currency=currency, doc_no=doc_no, change_id=change_id)


_MATCHED: Final = """
    select bank_match.customer_id, bank_match.entry_id, bank_match.rule, bank_match.note, bank_match.origin_change
    from bank_match
    where bank_match.line_id = $line_id and bank_match.retired_at = timestamp '9999-12-31'
"""
# All that was on account for others to use, less what of it is still there.
_GIVEN_BACK: Final = """
    select
        (coalesce(-sum(posting.amount), 0) - (
            select coalesce(sum(free.amount), 0)
            from left_on_account($customer_id::integer, date '9999-12-30', timestamp '9999-12-30') as free
            where free.entry_id = $entry_id
        ))::decimal(18, 2) as amount,
        any_value(posting.currency) as currency
    from posting
    left join entry as refund
        on posting.invoice_id = refund.entry_id and refund.kind = 'refund' and refund.retired_at = timestamp '9999-12-31'
    where posting.entry_id = $entry_id and (posting.invoice_id is null or refund.entry_id is not null)
"""
_LAST_REFUND: Final = """
    select coalesce(entry.doc_no, entry.on_date::text) as doc_no, entry.change_id
    from entry
    where
        entry.kind = 'refund' and entry.customer_id = $customer_id and entry.retired_at = timestamp '9999-12-31'
        and entry.entry_id in (
            select posting.entry_id from posting
            where posting.customer_id = $customer_id and posting.currency = $currency and posting.invoice_id is null
            group by posting.entry_id having sum(posting.amount) > 0
            union all
            select posting.invoice_id from posting
            where posting.entry_id = $entry_id and posting.invoice_id is not null
            group by posting.invoice_id having sum(posting.amount) < 0
        )
    order by entry.change_id desc
    limit 1
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
