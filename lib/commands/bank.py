"""Bank lines and what they come to: payments of customers, refunds, transfers between own accounts, or nothing of ours."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Final

from lib.commands import Command, sight
from lib.commands.bank_booking import NOTHING, Booking, book, lines, mark, whole_sight
from lib.commands.bank_evidence import open_lines, proposals
from lib.commands.customers import RegisterCustomer
from lib.commands.documents import NO_INVOICE, first, in_cents, records
from lib.domain.access import Permission
from lib.domain.matching import name_key
from lib.domain.reconciling import Proposal
from lib.errors import Conflict, NotFound, Refused
from lib.store.door import Change
from lib.text import Text

REASON: Final = Text("原因", "Reason")
NAME: Final = Text("客户名称", "Customer name")
IGNORED: Final = "ignored"
TRANSFER: Final = "transfer"

_NOT_IN = Text("这笔是支出，不能记为收款。请对退款，或忽略。", "Money went out on this line: match it to a refund, or ignore it.")
_NOT_POSITIVE = Text(
    "每张账单的核销金额要大于 0，最多两位小数。", "The amount on each invoice must be greater than 0, with two decimals at most."
)
_NOT_CENTS = Text("差额 {adjustment} 最多两位小数。", "The adjustment {adjustment} may have two decimals at most.")
_TOO_MUCH = Text(
    "核销 {laid} 多于到账 {amount} 加差额 {adjustment}。请减少 {over}。",
    "{laid} on invoices is more than {amount} received and {adjustment} adjusted. Take {over} off.",
)
_ADJUST_MOST = Text(
    "差额 {adjustment} 超过规则允许的 {most}。请部分核销，或请经理调整规则“对账”。",
    "The adjustment {adjustment} is above the {most} the rules allow. Settle in part, or have a manager change the matching rules.",
)
_ADJUST_UNUSED = Text(
    "差额 {adjustment} 没有用在账单上。请改成 {used}。", "The adjustment {adjustment} is not used on invoices. Change it to {used}."
)
_NO_ENTRY = Text("找不到这张单据，或已与别的流水对上。", "There is no such document, or another line is matched to it.")
_OTHER_WAY = Text(
    "收入要对收款，支出要对退款。请换一张单据。", "Money in belongs to a payment, money out to a refund. Choose another document."
)
_OTHER_AMOUNT = Text(
    "单据金额 {entry_amount}（{entry_currency}）与流水 {amount}（{currency}）不等。请选金额相同的单据。",
    "The document is over {entry_amount} ({entry_currency}), the line over {amount} ({currency}). Choose one with the same amount.",
)
_NOT_OPPOSITE = Text(
    "自己账户间的转账要一笔支出、一笔收入，账户不同、币种相同。",
    "A transfer between own accounts needs money out and money in, on two accounts, in one currency.",
)
_NO_ALIAS = Text("这条记忆已经删除。", "This remembered payer has been removed already.")
_SAME_LINE = Text("同一笔流水选了两次。", "The same line was chosen twice.")


@dataclass(frozen=True)
class MatchLine(Command):
    """One line as a customer's payment: laid on the invoices named, a fee or rounding written off within the limit, the rest on account.

    Refuses: a line matched already or of a day to come, invoices of others, settled, in another currency or open for less.
    """

    permission: ClassVar[Permission] = Permission.RECEIVABLE_WRITE
    title: ClassVar[Text] = Text("流水对账", "Match a bank line")
    line_id: int
    customer_id: int
    today: date
    parts: tuple[tuple[int, Decimal], ...] = ()
    adjustment: Decimal = NOTHING
    reason: str | None = None
    rule: str = "manual"

    def validate(self) -> None:
        """Refuses: amounts that are not positive or not in cents, an adjustment without a reason."""
        if not all(in_cents(amount) and amount > 0 for _, amount in self.parts):
            raise Refused(_NOT_POSITIVE, about="parts")
        if not in_cents(self.adjustment):
            raise Refused(_NOT_CENTS, adjustment=self.adjustment, about="adjustment")
        sight.text(self.reason, REASON, about="reason", required=self.adjustment != 0)

    def apply(self, change: Change) -> int:
        """The payment's entry_id."""
        sight.customer(change, self.customer_id)
        whole_sight(change)
        (row,) = lines(change, [self.line_id], self.today)
        _refuse_outgoing(row)
        self._refuse_unbalanced(change, row)
        (entry_id,) = book(
            change, [Booking(self.line_id, self.customer_id, self.parts, self.rule, self.adjustment, self.reason)], self.today
        )
        learn(change, row, self.customer_id)
        return entry_id

    def _refuse_unbalanced(self, change: Change, row: dict[str, Any]) -> None:
        laid = sum((amount for _, amount in self.parts), NOTHING)
        most = Decimal(str(matching_rules(change, self.today)["adjust_most"]))
        if not 0 <= self.adjustment <= most:
            raise Refused(_ADJUST_MOST, adjustment=f"{self.adjustment:,}", most=f"{most:,}", about="adjustment")
        over = laid - row["amount"] - self.adjustment
        if over > 0:
            said = {"laid": f"{laid:,}", "amount": f"{row['amount']:,}", "adjustment": f"{self.adjustment:,}"}
            raise Refused(_TOO_MUCH, over=f"{over:,}", about="parts", **said)
        if over < 0 < self.adjustment:
            used = max(NOTHING, laid - row["amount"])
            raise Refused(_ADJUST_UNUSED, adjustment=f"{self.adjustment:,}", used=f"{used:,}", about="adjustment")


@dataclass(frozen=True)
class MatchLines(Command):
    """Several lines of a customer over several invoices, oldest line first, invoices in the order given; the rest on account.

    Refuses: what `MatchLine` refuses.
    """

    permission: ClassVar[Permission] = Permission.RECEIVABLE_WRITE
    title: ClassVar[Text] = Text("多笔流水对账", "Match several bank lines")
    line_ids: tuple[int, ...]
    customer_id: int
    today: date
    invoice_ids: tuple[int, ...] = ()

    def validate(self) -> None:
        """Refuses: a line chosen twice."""
        if len(set(self.line_ids)) != len(self.line_ids):
            raise Refused(_SAME_LINE)

    def apply(self, change: Change) -> list[int]:
        """The payments' entry_ids."""
        sight.customer(change, self.customer_id)
        whole_sight(change)
        rows = sorted(lines(change, self.line_ids, self.today), key=lambda row: (row["on_date"], row["line_id"]))
        for row in rows:
            _refuse_outgoing(row)
        left = [(row["invoice_id"], row["open_amount"]) for row in records(change, _OPEN, {"invoice_ids": list(self.invoice_ids)})]
        if len(left) < len(set(self.invoice_ids)):
            raise Conflict(NO_INVOICE, about="parts")
        bookings = []
        for row in rows:
            parts, left = _take(row["amount"], left)
            bookings.append(Booking(row["line_id"], self.customer_id, parts, "manual"))
        entry_ids = book(change, bookings, self.today)
        for row in rows:
            learn(change, row, self.customer_id)
        return entry_ids


@dataclass(frozen=True)
class MatchAutomatically(Command):
    """Every open line whose settlement is sure, by the rules the policy lets run by themselves. Two lines after one invoice: neither.

    `line_ids` leaves only those lines.
    """

    permission: ClassVar[Permission] = Permission.RECEIVABLE_WRITE
    title: ClassVar[Text] = Text("自动对账", "Match bank lines automatically")
    today: date
    line_ids: tuple[int, ...] | None = field(default=None, metadata={"audit": False})

    def apply(self, change: Change) -> dict[str, int]:
        """How many lines each rule matched."""
        whole_sight(change)
        came = [line for line in open_lines(change.cursor, self.line_ids) if line.on_date <= self.today]
        rules = matching_rules(change, self.today)["auto"]
        chosen = sure(proposals(change.cursor, came).values(), rules)
        book(change, [Booking(one.line.line_id, one.customer_id, one.parts, one.rule) for one in chosen], self.today)
        counts = dict(sorted(Counter(one.rule for one in chosen).items()))
        change.detail["matched"] = counts
        return counts


@dataclass(frozen=True)
class IgnoreLine(Command):
    """A line that is nothing of ours, with the reason."""

    permission: ClassVar[Permission] = Permission.RECEIVABLE_WRITE
    title: ClassVar[Text] = Text("忽略流水", "Ignore a bank line")
    line_id: int
    reason: str
    today: date

    def validate(self) -> None:
        """Refuses: no reason."""
        sight.text(self.reason, REASON, about="reason", required=True)

    def apply(self, change: Change) -> int:
        """The line_id."""
        whole_sight(change)
        (row,) = lines(change, [self.line_id], self.today)
        mark(change, row, IGNORED, note=self.reason)
        return self.line_id


@dataclass(frozen=True)
class KeepOffBook(Command):
    """Money of a payer nobody knows: an off-book customer of that name is registered and the money kept on account.

    Refuses: an empty name, a name that is there already (unless confirmed).
    """

    permission: ClassVar[Permission] = Permission.RECEIVABLE_WRITE
    title: ClassVar[Text] = Text("记入账外客户", "Keep a payer off book")
    line_id: int
    name: str
    today: date
    confirmed: bool = False

    def validate(self) -> None:
        """Refuses: no name."""
        sight.text(self.name, NAME, about="name", required=True)

    def apply(self, change: Change) -> int:
        """The new customer_id."""
        whole_sight(change)
        (row,) = lines(change, [self.line_id], self.today)
        _refuse_outgoing(row)
        customer_id = RegisterCustomer(self.name, book="offbook", currency=row["currency"], confirmed=self.confirmed).apply(change)
        book(change, [Booking(self.line_id, customer_id, (), "offbook")], self.today)
        learn(change, row, customer_id)
        return customer_id


@dataclass(frozen=True)
class MatchDocument(Command):
    """A line that is a document the ledger has: a payment booked by hand (money in) or a refund (money out). No money is booked.

    Refuses: another amount, currency or direction, a document another line is matched to.
    """

    permission: ClassVar[Permission] = Permission.RECEIVABLE_WRITE
    title: ClassVar[Text] = Text("流水对单据", "Match a bank line to a document")
    line_id: int
    entry_id: int
    today: date

    def apply(self, change: Change) -> int:
        """The entry_id."""
        found = first(change, _DOCUMENT, {"entry_id": self.entry_id})
        if found is None:
            raise NotFound(_NO_ENTRY)
        customer_id, kind, amount, currency = found
        sight.customer(change, customer_id, unless=_NO_ENTRY)
        whole_sight(change)
        (row,) = lines(change, [self.line_id], self.today)
        if kind != ("payment" if row["amount"] > 0 else "refund"):
            raise Refused(_OTHER_WAY)
        if (amount, currency) != (abs(row["amount"]), row["currency"]):
            said = {"amount": f"{abs(row['amount']):,}", "currency": row["currency"]}
            raise Refused(_OTHER_AMOUNT, entry_amount=f"{amount:,}", entry_currency=currency, **said)
        mark(change, row, kind, customer_id=customer_id, entry_id=self.entry_id)
        return self.entry_id


@dataclass(frozen=True)
class MatchTransfer(Command):
    """Two lines that are one transfer between own accounts; a fee may lie between them. No customer's money."""

    permission: ClassVar[Permission] = Permission.RECEIVABLE_WRITE
    title: ClassVar[Text] = Text("自己账户间转账", "Match a transfer between own accounts")
    outgoing_id: int
    incoming_id: int
    today: date

    def apply(self, change: Change) -> int:
        """The incoming line_id."""
        whole_sight(change)
        outgoing, incoming = lines(change, [self.outgoing_id, self.incoming_id], self.today)
        same = outgoing["currency"] == incoming["currency"] and outgoing["account"] != incoming["account"]
        if not (same and outgoing["amount"] < 0 < incoming["amount"]):
            raise Refused(_NOT_OPPOSITE)
        mark(change, outgoing, TRANSFER, note=str(incoming["line_id"]))
        mark(change, incoming, TRANSFER, note=str(outgoing["line_id"]))
        return self.incoming_id


@dataclass(frozen=True)
class ForgetPayer(Command):
    """A payer the ledger remembered from a match is forgotten; matches made so far stay."""

    permission: ClassVar[Permission] = Permission.RECEIVABLE_WRITE
    title: ClassVar[Text] = Text("忘记付款人", "Forget a payer")
    alias_id: int

    def apply(self, change: Change) -> int:
        """The alias_id."""
        whole_sight(change)
        if not change.retire("payer_alias", "alias_id = $alias_id", {"alias_id": self.alias_id}):
            raise Conflict(_NO_ALIAS)
        return self.alias_id


def sure(found: Iterable[Proposal], rules: Sequence[str]) -> list[Proposal]:
    """Proposals that may be booked without asking; an invoice wanted by two lines is left to a person."""
    chosen = [one for one in found if one.is_sure and one.rule in rules]
    wanted = Counter(invoice_id for one in chosen for invoice_id, _ in one.parts)
    return [one for one in chosen if all(wanted[invoice_id] == 1 for invoice_id, _ in one.parts)]


def matching_rules(change: Change, today: date) -> dict[str, Any]:
    """The policy of reconciliation in force: adjust_most, auto."""
    row = first(change, "select body from policy_at('matching', $today::date, timestamp '9999-12-30')", {"today": today})
    rules: dict[str, Any] = json.loads(row[0])
    return rules


def learn(change: Change, row: dict[str, Any], customer_id: int) -> None:
    """Remember who paid for whom, unless the payer is the customer by name or is remembered already."""
    known = first(change, _KNOWN, {"customer_id": customer_id, "payer_key": row["payer_key"], "payer_account": row["payer_account"]})
    payer_key = row["payer_key"] or (name_key(row["payer"]) if row["payer"] else None)
    named, remembered = known
    if named:
        payer_key = None
    if remembered or not (payer_key or row["payer_account"]):
        return
    about = {"customer_id": customer_id, "payer_key": payer_key, "payer_account": row["payer_account"]}
    change.insert("payer_alias", [{"alias_id": change.next_id("payer_alias", "alias_id"), **about}])


def _refuse_outgoing(row: dict[str, Any]) -> None:
    if row["amount"] <= 0:
        raise Refused(_NOT_IN)


_Parts = tuple[tuple[int, Decimal], ...]


def _take(amount: Decimal, left: Sequence[tuple[int, Decimal]]) -> tuple[_Parts, list[tuple[int, Decimal]]]:
    """Money laid over what is left of invoices: the parts it pays, and what is left then."""
    parts, rest = [], []
    for invoice_id, open_amount in left:
        paid = min(amount, open_amount)
        amount -= paid
        parts += [(invoice_id, paid)] if paid else []
        rest += [(invoice_id, open_amount - paid)] if open_amount > paid else []
    return tuple(parts), rest


_OPEN: Final = """
    select posting.invoice_id, sum(posting.amount) as open_amount
    from posting
    where list_contains($invoice_ids::bigint[], posting.invoice_id)
    group by posting.invoice_id
    having sum(posting.amount) > 0
    order by list_position($invoice_ids::bigint[], posting.invoice_id)
"""
_DOCUMENT: Final = """
    select entry.customer_id, entry.kind, entry.amount, entry.currency from entry
    where
        entry.entry_id = $entry_id and entry.kind in ('payment', 'refund') and entry.retired_at = timestamp '9999-12-31'
        and entry.entry_id not in (
            select bank_match.entry_id from bank_match
            where bank_match.entry_id is not null and bank_match.retired_at = timestamp '9999-12-31'
        )
"""
_KNOWN: Final = """
    select
        exists (
            from customer_record
            where customer_record.customer_id = $customer_id and customer_record.name_key = $payer_key
                and customer_record.until_on = date '9999-12-31' and customer_record.retired_at = timestamp '9999-12-31'
        ),
        exists (
            from payer_alias
            where payer_alias.retired_at = timestamp '9999-12-31' and payer_alias.customer_id = $customer_id
                and payer_alias.payer_account is not distinct from $payer_account
                and ($payer_key is null or payer_alias.payer_key is null or payer_alias.payer_key = $payer_key)
        )
"""
