"""Agreements: what a customer is billed again and again, until it ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Final

from lib.commands import Command, closing, sight
from lib.commands.documents import CENT, MEMO, money, records
from lib.domain import bills
from lib.domain.access import Permission
from lib.domain.bills import Line
from lib.errors import NotFound, Refused
from lib.store.door import Change
from lib.text import Text

TITLE: Final = Text("名称", "Title")
WHAT: Final = Text("内容", "Description")
_PRODUCT_NO: Final = Text("产品编号", "Product no.")
_LONGEST_NUMBER: Final = 100
_EVERY: Final = Text("频率", "How often")
_PLACES: Final = {"quantity": Decimal("0.0001"), "unit_price": Decimal("0.000001")}

_NO_LINES = Text(
    "还没有明细：至少要有一行，写明内容、数量和单价。", "There are no lines: at least one, with description, quantity and unit price."
)
_BAD_LINE = Text(
    "第 {place} 行“{what}”的数量或单价不对：数量要大于 0（最多四位小数），单价最多六位小数。",
    "Line {place} (“{what}”): the quantity must be above 0 with four decimals at most, the unit price may have six.",
)
_TOO_LITTLE = Text(
    "各行合计 {amount}，要大于 0。减少应收请用贷项。", "The lines come to {amount}; it must be above 0. To take off, issue a credit note."
)
_TAX_RATE = Text(
    "税率 {rate} 要在 0% 和 100% 之间，最多四位小数。", "The tax rate {rate} must be between 0% and 100%, with four decimals at most."
)
_ENDS_BEFORE = Text(
    "结束日 {until_on} 早于首期 {first_on}。请改其中一个。", "The end {until_on} is before the first bill {first_on}. Change one of them."
)
_MOST_PERIODS: Final = 120
"""Ten years by the month: beyond that a start is a slip of the pen, and each of its periods would come up to be billed."""
_TOO_EARLY = Text(
    "首期 {first_on} 太早：到今天要补开 {count} 期，最多 {most} 期（按月十年）。请改首期；更早的欠款登记为期初余额。",
    "The first bill {first_on} is too early: {count} periods up to today would have to be billed, {most} at most (ten years by the month). "
    "Change it; record what is owed from before as an opening balance.",
)
_NO_AGREEMENT = Text("找不到这份协议，或不在您的范围内。", "There is no such agreement, or it is outside your scope.")
_BILLED = Text(
    "{period_on} 这一期已开或已有草稿，首期和频率不能改成跳过它。请先删除草稿或作废账单，或另立一份协议。",
    "The period of {period_on} is drafted or billed and would fall away. Drop the draft, void the invoice, or make a new agreement.",
)
_BILLED_LATER = Text(
    "{period_on} 这一期在结束日之后，却已开或已有草稿。请改结束日，或先删除草稿、作废账单。",
    "The period of {period_on} lies after the end but is drafted or billed. Change the end, drop the draft or void the invoice.",
)


@dataclass(frozen=True)
class RecordAgreement(Command):
    """What a customer is billed every so many months from a day on. Unit prices are before tax.

    Refuses: no lines, amounts that are none, an end before the first bill, a first bill so long ago that over 120 would be due at once.
    """

    permission: ClassVar[Permission] = Permission.RECEIVABLE_WRITE
    title: ClassVar[Text] = Text("新建协议", "Record an agreement")
    customer_id: int
    name: str
    every_months: int
    first_on: date
    lines: tuple[Line, ...]
    currency: str = "CNY"
    tax_rate: Decimal | None = None
    until_on: date | None = None
    memo: str | None = None
    confirmed: bool = False

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        _sound(self)

    def apply(self, change: Change) -> int:
        """The new agreement_id."""
        sight.customer(change, self.customer_id)
        _refuse_too_early(change, self)
        same = {"customer_id": self.customer_id, "title": self.name.strip(), "first_on": self.first_on}
        sight.refuse_twice(change, "agreement", same, confirmed=self.confirmed)
        agreement_id = change.next_id("agreement", "agreement_id")
        _write(change, agreement_id, self.customer_id, self)
        return agreement_id


@dataclass(frozen=True)
class ChangeAgreement(Command):
    """An agreement with new content, for what is not billed yet; its bills and drafts stay as they are.

    Refuses: what `RecordAgreement` refuses, and a rhythm that leaves out a period already drafted or billed.
    """

    permission: ClassVar[Permission] = Permission.RECEIVABLE_WRITE
    title: ClassVar[Text] = Text("修改协议", "Change an agreement")
    agreement_id: int
    name: str
    every_months: int
    first_on: date
    lines: tuple[Line, ...]
    currency: str = "CNY"
    tax_rate: Decimal | None = None
    until_on: date | None = None
    memo: str | None = None

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        _sound(self)

    def apply(self, change: Change) -> int:
        """The agreement_id."""
        customer_id = agreement(change, self.agreement_id)["customer_id"]
        _refuse_too_early(change, self)
        billed = _billed(change, self.agreement_id)
        days = set(bills.billing_days(self.first_on, self.every_months, max(billed, default=self.first_on)))
        if missing := [day for day in billed if day not in days]:
            raise Refused(_BILLED, period_on=missing[0].isoformat(), about="first_on")
        if self.until_on and billed and billed[-1] > self.until_on:
            raise Refused(_BILLED_LATER, period_on=billed[-1].isoformat(), about="until_on")
        _retire(change, self.agreement_id)
        _write(change, self.agreement_id, customer_id, self)
        return self.agreement_id


@dataclass(frozen=True)
class EndAgreement(Command):
    """The last day an agreement may be billed for, with the reason.

    Refuses: an end before a period already drafted or billed, no reason.
    """

    permission: ClassVar[Permission] = Permission.RECEIVABLE_WRITE
    title: ClassVar[Text] = Text("终止协议", "End an agreement")
    agreement_id: int
    until_on: date
    reason: str

    def validate(self) -> None:
        """Refuses: no reason."""
        sight.text(self.reason, closing.REASON, about="reason", required=True)

    def apply(self, change: Change) -> int:
        """The agreement_id."""
        agreement(change, self.agreement_id)
        billed = _billed(change, self.agreement_id)
        if billed and billed[-1] > self.until_on:
            raise Refused(_BILLED_LATER, period_on=billed[-1].isoformat(), about="until_on")
        change.rewrite("agreement", self.agreement_id, until_on=self.until_on)
        return self.agreement_id


def agreement(change: Change, agreement_id: int) -> dict[str, Any]:
    """A live agreement in sight. Refuses (`NotFound`): any other."""
    found = records(change, _AGREEMENT, {"agreement_id": agreement_id})
    if not found:
        raise NotFound(_NO_AGREEMENT)
    sight.customer(change, found[0]["customer_id"], unless=_NO_AGREEMENT)
    return found[0]


def sound_lines(lines: Sequence[Line], tax_rate: Decimal | None, currency: str) -> bills.Total:
    """What the lines come to. Refuses: none, a line that is no quantity and price, a sum not above 0, a tax rate beyond reason."""
    if not lines:
        raise Refused(_NO_LINES, about="lines")
    for place, line in enumerate(lines, 1):
        sight.text(line.description, WHAT, about="lines", required=True)
        sight.text(line.product_no, _PRODUCT_NO, about="lines", limit=_LONGEST_NUMBER)
        exact = all(
            value.is_finite() and abs(value) < 10**12 and value == value.quantize(_PLACES[name])
            for name, value in (("quantity", line.quantity), ("unit_price", line.unit_price))
        )
        if not exact or line.quantity <= 0:
            raise Refused(_BAD_LINE, place=place, what=line.description, about="lines")
    if tax_rate is not None and not (tax_rate.is_finite() and 0 <= tax_rate <= 1 and tax_rate == tax_rate.quantize(Decimal("0.0001"))):
        raise Refused(_TAX_RATE, rate=tax_rate, about="tax_rate")
    found = bills.total(lines, tax_rate)
    if found.amount < CENT:
        raise Refused(_TOO_LITTLE, amount=found.amount, about="lines")
    money(found.amount, currency)
    return found


def _sound(command: RecordAgreement | ChangeAgreement) -> None:
    sight.text(command.name, TITLE, about="name", required=True)
    sight.text(command.memo, MEMO, about="memo")
    sight.choice(command.every_months, bills.EVERY, _EVERY, about="every_months")
    sound_lines(command.lines, command.tax_rate, command.currency)
    if command.until_on and command.until_on < command.first_on:
        raise Refused(_ENDS_BEFORE, until_on=command.until_on.isoformat(), first_on=command.first_on.isoformat(), about="until_on")


def _refuse_too_early(change: Change, command: RecordAgreement | ChangeAgreement) -> None:
    last_on = min(command.until_on or change.made_at.date(), change.made_at.date())
    months = (last_on.year - command.first_on.year) * 12 + last_on.month - command.first_on.month
    if (count := months // command.every_months + 1) > _MOST_PERIODS:
        said = {"first_on": command.first_on.isoformat(), "count": f"{count:,}", "most": _MOST_PERIODS}
        raise Refused(_TOO_EARLY, about="first_on", **said)


def _write(change: Change, agreement_id: int, customer_id: int, command: RecordAgreement | ChangeAgreement) -> None:
    names = ("every_months", "first_on", "until_on", "currency", "tax_rate", "memo")
    row = {"agreement_id": agreement_id, "customer_id": customer_id, "title": command.name.strip()}
    change.insert("agreement", [{**row, **{name: getattr(command, name) for name in names}}])
    change.insert("agreement_line", [{"agreement_id": agreement_id, **line_row(line)} for line in command.lines])


def line_row(line: Line) -> dict[str, Any]:
    """A line as it stands in its table."""
    names = ("product_no", "description", "quantity", "unit_price", "amount")
    return {name: getattr(line, name) for name in names}


def _retire(change: Change, agreement_id: int) -> None:
    for table in ("agreement", "agreement_line"):
        change.retire(table, "agreement_id = $agreement_id", {"agreement_id": agreement_id})


def _billed(change: Change, agreement_id: int) -> list[date]:
    """The periods already drafted, billed or left out, in order."""
    rows = change.cursor.execute(
        "select period_on from invoice_draft where agreement_id = $agreement_id and retired_at = timestamp '9999-12-31' order by period_on",
        {"agreement_id": agreement_id},
    ).fetchall()
    return [row[0] for row in rows]


_AGREEMENT: Final = """
    select
        agreement.agreement_id, agreement.customer_id, agreement.title, agreement.currency, agreement.every_months, agreement.first_on,
        agreement.until_on, agreement.tax_rate, agreement.memo
    from agreement
    where agreement.agreement_id = $agreement_id and agreement.retired_at = timestamp '9999-12-31'
"""
