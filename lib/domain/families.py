"""Customers above and below one another share one risk: what the whole family owes against its limit.

Source: ⑤4.1. The facts come from `family_member_of` (`lib/sql/views/46_strategy.sql`); a member's own limit holds beside the family's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from lib.errors import Refused
from lib.text import Text

_OVER: Final = Text(
    "{name}停供：所属集团（{head}）共占用 {currency} {exposure}，加本单 {amount} 超过集团额度 {limit}。"
    "请先收款，或在“审批”里申请集团额度，由另一人批准。",
    "{name}: credit stop. The group of {head} uses {exposure} {currency} in all, and with {amount} more it exceeds the group's limit of "
    "{limit}. Collect first, or propose a group limit under Approvals for a second person to approve.",
)
_OVER_UNSEEN: Final = Text(
    "{name}停供：加本单 {amount} {currency} 会超过所属集团的额度，集团里有不在您范围内的客户。请找能看到全部客户的经理。",
    "{name}: credit stop. With {amount} {currency} more its group exceeds its limit; some of the group is outside your scope. "
    "Ask a manager who sees all customers.",
)
_STOPPED_UNSEEN: Final = Text(
    "{name}停供：所属集团已停供，集团里有不在您范围内的客户。请找能看到全部客户的经理。",
    "{name}: credit stop. Its group is stopped; some of the group is outside your scope. Ask a manager who sees all customers.",
)
_STOPPED: Final = Text(
    "{name}停供：所属集团（{head}）在 {currency} 已停供，占用 {exposure}，额度 {limit}；一个币种停供，各币种都停。"
    "请先收款，或在“审批”里申请集团额度，由另一人批准。",
    "{name}: credit stop. The group of {head} is stopped in {currency}: it uses {exposure} of {limit}; who is stopped in one currency is "
    "stopped in all. Collect first, or propose a group limit under Approvals for a second person to approve.",
)


@dataclass(frozen=True, slots=True)
class Member:
    """What one customer of a family owes in a currency, and its own limit; `is_starting`: the limit customers start with."""

    customer_id: int
    exposure: Decimal
    limit: Decimal
    is_starting: bool = False


@dataclass(slots=True)
class Family:
    """A family in one currency."""

    head: str
    currency: str
    approved: Decimal | None
    stop_rate: Decimal = Decimal(1)
    amber_rate: Decimal = Decimal("0.8")
    red_rate: Decimal = Decimal("0.95")
    members: dict[int, Member] = field(default_factory=dict)

    @property
    def exposure(self) -> Decimal:
        """What all of them owe together."""
        return sum((member.exposure for member in self.members.values()), Decimal(0))

    @property
    def limit(self) -> Decimal:
        """The limit approved for the family, else its members' together: what customers start with is given once, not to each."""
        if self.approved is not None:
            return self.approved
        own = sum((member.limit for member in self.members.values() if not member.is_starting), Decimal(0))
        return own + max((member.limit for member in self.members.values() if member.is_starting), default=Decimal(0))

    @property
    def used(self) -> Decimal | None:
        """The share of the limit in use."""
        return self.exposure / self.limit if self.limit else None

    @property
    def state(self) -> str:
        """As for one customer: ok, amber, red or stop."""
        if self.exposure <= 0:
            return "ok"
        edges = (("stop", self.stop_rate), ("red", self.red_rate), ("amber", self.amber_rate))
        return next((state for state, rate in edges if self.exposure >= rate * self.limit), "ok")

    def is_over(self, amount: Decimal) -> bool:
        """Whether one more bill would be too much."""
        most = self.stop_rate * self.limit
        return self.exposure + amount > most or (self.exposure > 0 and self.exposure >= most)

    def add(self, member: Member, amount: Decimal) -> None:
        """Count a bill that has gone out."""
        known = self.members.get(member.customer_id, member)
        self.members[member.customer_id] = Member(known.customer_id, known.exposure + amount, known.limit, known.is_starting)

    def refusal(self, name: str, amount: Decimal, *, is_seen: bool) -> Refused:
        """The refusal of a bill; without numbers for who does not see the whole family."""
        said = {"name": name, "currency": self.currency, "amount": _said(amount), "about": "customer_id"}
        if not is_seen:
            return Refused(_OVER_UNSEEN, **said)
        return Refused(_OVER, **said, head=self.head, exposure=_said(self.exposure), limit=_said(self.limit))

    def stop(self, name: str, *, is_seen: bool) -> Refused:
        """The refusal of a bill in another currency; without numbers for who does not see the whole family."""
        return self._refused(_STOPPED, "customer_id", name) if is_seen else Refused(_STOPPED_UNSEEN, name=name, about="customer_id")

    def _refused(self, why: Text, about: str, name: str) -> Refused:
        amounts = {"exposure": _said(self.exposure), "limit": _said(self.limit)}
        return Refused(why, name=name, head=self.head, currency=self.currency, **amounts, about=about)


def _said(amount: Decimal) -> str:
    return f"{amount:,.2f}"
