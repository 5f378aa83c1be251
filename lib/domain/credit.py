"""Credit stop: whether one more bill may be written for a customer who stands so, and the sentence that says why not.

Source: ⑤4.1; the rules themselves are the policy 'credit_stop', the facts come from `lib/sql/views/44_credit.sql`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from lib.errors import Refused
from lib.text import Text

OVER_LIMIT: Final = Text(
    "停供：{currency} 已占用 {exposure}，加本单 {amount} 超过信用额度 {limit}",
    "credit stop: {exposure} {currency} is in use, and with {amount} more it exceeds the credit limit of {limit}",
)
USED_UP: Final = Text(
    "停供：{currency} 已占用 {exposure}，信用额度 {limit}",
    "credit stop: {exposure} {currency} is in use, the credit limit is {limit}",
)
SHARED: Final = Text(
    "停供：起始额度各币种合用，折合 {currency} 已占用 {exposure}，加本单 {amount} 超过 {limit}",
    "credit stop: the limit to start with is one for all currencies; {exposure} {currency} worth of it is in use, "
    "and with {amount} more it exceeds {limit}",
)
AGED: Final = Text(
    "停供：{currency} 有 {aged} 逾期超过 {days} 天，最多允许 {most}",
    "credit stop: {aged} {currency} has been overdue for more than {days} days; {most} at most is allowed",
)
PREPAY: Final = Text(
    "停供：信用档低，{currency} 已逾期 {aged}，须先付款",
    "credit stop: the credit grade is low and {aged} {currency} is overdue, so money comes first",
)
_REFUSED: Final = Text(
    "{name}{why}。预收余额够付本单（{amount}）即可开，现有 {on_account}；也可先收款，或在“审批”里申请放行或调额，由另一人批准。",
    "{name}: {why}. A bill covered by money on account may go out ({amount} needed, {on_account} there). "
    "Otherwise collect first, or propose a release or another limit under Approvals for a second person to approve.",
)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a customer stands in one currency; amounts in that currency."""

    currency: str
    exposure_amount: Decimal
    limit_amount: Decimal
    on_account_amount: Decimal = Decimal(0)
    aged_amount: Decimal = Decimal(0)
    most_aged_amount: Decimal = Decimal(0)
    most_days: int = 0
    stop_rate: Decimal = Decimal(1)
    is_released: bool = False

    def after(self, amount: Decimal, *, prepaid: bool) -> Standing:
        """How it stands once a bill has gone out; a prepaid one takes its money with it."""
        used = amount if prepaid else Decimal(0)
        return replace(self, exposure_amount=self.exposure_amount + amount, on_account_amount=self.on_account_amount - used)


@dataclass(frozen=True, slots=True)
class Stop:
    """Why no more bills may go out, in numbers."""

    text: Text
    values: dict[str, object]

    def words(self) -> Text:
        """The reason in both languages."""
        return Text(self.text.say("zh", **self.values), self.text.say("en", **self.values))


def stop(standing: Standing, amount: Decimal = Decimal(0), shared: Decimal = Decimal(0)) -> Stop | None:
    """The first reason why a bill of that amount (0: any at all) is stopped; None when it may go out.

    `shared`: what other currencies use of the same limit.
    """
    if standing.is_released:
        return None
    currency = standing.currency
    if standing.aged_amount > standing.most_aged_amount:
        aged: dict[str, object] = {"currency": currency, "aged": _said(standing.aged_amount)}
        if not standing.most_days:
            return Stop(PREPAY, aged)
        return Stop(AGED, {**aged, "days": standing.most_days, "most": _said(standing.most_aged_amount)})
    most = standing.stop_rate * standing.limit_amount
    exposure = standing.exposure_amount + shared
    if exposure + amount > most or (exposure > 0 and exposure >= most):
        said: dict[str, object] = {"currency": currency, "exposure": _said(exposure), "limit": _said(standing.limit_amount)}
        return Stop(SHARED if shared else OVER_LIMIT, {**said, "amount": _said(amount)}) if amount else Stop(USED_UP, said)
    return None


def is_prepaid(standing: Standing, amount: Decimal) -> bool:
    """Whether money on account covers the bill: then it may go out whatever else is owed."""
    return 0 < amount <= standing.on_account_amount


def refusal(name: str, standing: Standing, amount: Decimal, why: Stop) -> Refused:
    """The refusal of a bill: the reason in numbers, and the ways out."""
    numbers = {"amount": _said(amount), "on_account": _said(max(standing.on_account_amount, Decimal(0)))}
    return Refused(_REFUSED, name=name, why=why.words(), about="customer_id", **numbers)


def _said(amount: Decimal) -> str:
    return f"{amount:,.2f}"
