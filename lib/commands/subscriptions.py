"""What a person wants to be told between meetings: the week in short, a metric's signals, a bound crossed. Each only for themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Final

from lib.commands import Command, reviewing, sight
from lib.commands.documents import code, records
from lib.domain.access import Permission
from lib.domain.addresses import NO_ADDRESS, is_address
from lib.errors import Conflict, NotFound, Refused
from lib.review.alerting import KIND
from lib.store.door import Change
from lib.text import LANGUAGES, Language, Text

LANGUAGE: Final = Text("语言", "Language")
_MOST: Final = Decimal(10) ** 14
_KIND: Final = Text("订阅什么", "What to be told")
_NO_METRIC = Text("请选一项指标。", "Choose a metric.")
_NO_BOUND = Text("请写明高于或低于多少时通知。", "Say above or below which number to be told.")
_BEYOND = Text("{bound} 太大或不是数，请写一个能比较的数。", "{bound} is too large or no number; write one that can be compared.")
_SAME = Text("您已经订阅了这一项。", "You have subscribed to that already.")
_UNKNOWN = Text("找不到这项订阅，或它不是您的。", "There is no such subscription, or it is not yours.")
_PAST = Text("静音要到今天以后的日子。", "Mute it until a day after today.")


@dataclass(frozen=True)
class Subscribe(Command):
    """A person's own subscription.

    Refuses: a kind or metric unknown, a threshold without a bound that is a number, the same again.
    """

    permission: ClassVar[Permission] = Permission.METRIC_READ
    title: ClassVar[Text] = Text("订阅", "Subscribe")
    kind: str
    language: Language
    metric: str | None = None
    is_above: bool | None = None
    bound: Decimal | None = None
    currency: str | None = None

    def validate(self) -> None:
        """Refuses: fields wrong in themselves or missing for the kind."""
        sight.choice(self.kind, KIND, _KIND, about="kind")
        sight.choice(self.language, dict.fromkeys(LANGUAGES, LANGUAGE), LANGUAGE, about="language")
        reviewing.metric(self.metric)
        if self.kind != "brief" and self.metric is None:
            raise Refused(_NO_METRIC, about="metric")
        if self.kind == "threshold" and (self.bound is None or self.is_above is None):
            raise Refused(_NO_BOUND, about="bound")
        if self.bound is not None and not (self.bound.is_finite() and abs(self.bound) < _MOST):
            raise Refused(_BEYOND, bound=str(self.bound), about="bound")
        if self.currency is not None:
            code(self.currency)

    def apply(self, change: Change) -> int:
        """The new subscription_id."""
        mine: dict[str, Any] = {"user_id": change.actor.user_id, "kind": self.kind}
        mine["metric"] = None if self.kind == "brief" else self.metric
        mine |= {"is_above": self.is_above, "bound": self.bound} if self.kind == "threshold" else {"is_above": None, "bound": None}
        if records(change, _SAME_AGAIN, mine):
            raise Conflict(_SAME)
        subscription_id = change.next_id("subscription", "subscription_id")
        change.subject = f"subscription {subscription_id}"
        change.insert("subscription", [{"subscription_id": subscription_id, **mine, "currency": self.currency, "language": self.language}])
        return subscription_id


@dataclass(frozen=True)
class Unsubscribe(Command):
    """A subscription that ends. Refuses: one that is not the person's own."""

    permission: ClassVar[Permission] = Permission.METRIC_READ
    title: ClassVar[Text] = Text("退订", "Unsubscribe")
    subscription_id: int

    def apply(self, change: Change) -> None:
        """Take it back."""
        _own(change, self.subscription_id)
        change.retire("subscription", "subscription_id = $subscription_id", {"subscription_id": self.subscription_id})


@dataclass(frozen=True)
class MuteSubscription(Command):
    """A subscription that says nothing until a day, or speaks again at once. Refuses: one not one's own, a day that is not to come."""

    permission: ClassVar[Permission] = Permission.METRIC_READ
    title: ClassVar[Text] = Text("静音订阅", "Mute a subscription")
    subscription_id: int
    until: date | None
    today: date

    def validate(self) -> None:
        """Refuses: a day that is not to come."""
        if self.until is not None and self.until <= self.today:
            raise Refused(_PAST, about="until")

    def apply(self, change: Change) -> None:
        """Write until when."""
        _own(change, self.subscription_id)
        change.rewrite("subscription", self.subscription_id, muted_until=self.until)


@dataclass(frozen=True)
class SetEmail(Command):
    """Where the house writes to me; without an address it does not. Refuses: what is no address."""

    permission: ClassVar[Permission] = Permission.METRIC_READ
    title: ClassVar[Text] = Text("设置我的邮箱", "Set my address")
    email: str | None = field(metadata={"audit": False})

    def validate(self) -> None:
        """Refuses: what is no address."""
        if self.email and not is_address(self.email.strip()):
            raise Refused(NO_ADDRESS, email=self.email.strip(), about="email")

    def apply(self, change: Change) -> None:
        """Keep it with the person."""
        mine = {"user_id": change.actor.user_id}
        change.overwrite("user_email", "delete from user_email where user_id = $user_id", mine)
        if self.email and self.email.strip():
            change.overwrite("user_email", "insert into user_email values ($user_id, $email)", {**mine, "email": self.email.strip()})


@dataclass(frozen=True)
class WriteTold(Command):
    """What came of looking at subscriptions on a day, written down before any letter leaves."""

    permission: ClassVar[Permission] = Permission.BACKUP
    title: ClassVar[Text] = Text("检查订阅", "Look at subscriptions")
    is_final: ClassVar[bool] = True
    as_of: date
    events: tuple[Mapping[str, Any], ...] = field(metadata={"audit": False})

    def apply(self, change: Change) -> tuple[int, ...]:
        """The event_ids, in the order given."""
        first = change.next_id("subscription_event", "event_id")
        about = {"as_of": self.as_of, "happened_at": change.made_at}
        written = [{"event_id": first + place, **about, **event} for place, event in enumerate(self.events)]
        change.subject = f"{len(written)} subscriptions"
        change.insert("subscription_event", written)
        return tuple(range(first, first + len(written)))


@dataclass(frozen=True)
class NoteTold(Command):
    """What became of the letters of subscriptions that spoke: event_id and 'sent', 'failed' or 'unknown'."""

    permission: ClassVar[Permission] = Permission.BACKUP
    title: ClassVar[Text] = Text("记录订阅邮件", "Note letters of subscriptions")
    is_final: ClassVar[bool] = True
    outcomes: tuple[tuple[int, str], ...]

    def apply(self, change: Change) -> None:
        """Write the outcome beside each event."""
        change.subject = f"{len(self.outcomes)} subscriptions"
        for event_id, outcome in self.outcomes:
            told = {"event_id": event_id, "outcome": outcome}
            change.overwrite("subscription_event", "update subscription_event set delivered = $outcome where event_id = $event_id", told)


def _own(change: Change, subscription_id: int) -> Mapping[str, Any]:
    found = records(change, _OWN, {"subscription_id": subscription_id, "user_id": change.actor.user_id})
    if not found:
        raise NotFound(_UNKNOWN)
    change.subject = f"subscription {subscription_id}"
    return found[0]


_OWN: Final = """
    select * from subscription
    where subscription_id = $subscription_id and user_id = $user_id and retired_at = timestamp '9999-12-31'
"""
_SAME_AGAIN: Final = """
    select subscription_id from subscription
    where
        user_id = $user_id and kind = $kind and metric is not distinct from $metric
        and is_above is not distinct from $is_above::boolean and bound is not distinct from $bound::decimal(18, 4)
        and retired_at = timestamp '9999-12-31'
"""
