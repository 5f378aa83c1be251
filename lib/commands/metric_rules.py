"""What a metric is held against: its target, and the weeks that say what is usual. A person sets both, with a reason."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import ClassVar, Final

from lib.commands import Command, sight, versions
from lib.commands.policies import REASON
from lib.domain.access import Permission
from lib.domain.signals import FEWEST_WEEKS, FULL_BASELINE
from lib.errors import Refused
from lib.metrics import METRICS, monday
from lib.metrics.variation import RULE
from lib.store.door import Change
from lib.text import Text

TARGET: Final = Text("目标", "Target")
FIRST: Final = Text("平常的范围，从哪周算", "Usual range, from the week of")
LAST: Final = Text("到哪周", "until the week of")
_METRIC = Text("指标", "Metric")
_RATE = Text("“{metric}”是比率，目标要在 0% 到 100% 之间。", "“{metric}” is a share: its target must be between 0% and 100%.")
_BOTH = Text(
    "平常的范围要有起止两周；都不填就由系统每季更新。",
    "The usual range needs a first and a last week; with neither the house renews it each quarter.",
)
_WEEKS = Text(
    "平常的范围要有 {fewest} 到 {most} 个完整的周，您选了 {weeks} 个。",
    "The usual range takes {fewest} to {most} whole weeks; you chose {weeks}.",
)
_FUTURE = Text("{last_on} 那周还没过完。", "The week of {last_on} is not over yet.")
_SAME = Text("和现在的一样，没有要改的。", "That is how it is already; nothing changes.")


@dataclass(frozen=True)
class SetMetricRule(Command):
    """The next version of what a metric is held against. Without weeks the house renews what is usual each quarter.

    Refuses: an unknown metric, a target that cannot be, weeks that are too few, too many or not over, no reason, what holds already,
    who does not see the whole company.
    """

    permission: ClassVar[Permission] = Permission.POLICY_WRITE
    title: ClassVar[Text] = Text("定目标和平常的范围", "Set target and usual range")
    metric: str
    reason: str
    today: date
    target: Decimal | None = None
    first_on: date | None = None
    last_on: date | None = None

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        sight.choice(self.metric, {name: metric.label for name, metric in METRICS.items()}, _METRIC, about="metric")
        sight.text(self.reason, REASON, about="reason", required=True)
        metric = METRICS[self.metric]
        if metric.unit == "rate" and self.target is not None and not 0 <= self.target <= 1:
            raise Refused(_RATE, metric=metric.label, about="target")
        if (self.first_on is None) != (self.last_on is None):
            raise Refused(_BOTH, about="first_on")
        if self.first_on and self.last_on:
            self._check_weeks(monday(self.first_on), monday(self.last_on))

    def _check_weeks(self, first_on: date, last_on: date) -> None:
        if last_on + timedelta(days=6) >= self.today:
            raise Refused(_FUTURE, last_on=last_on.isoformat(), about="last_on")
        weeks = (last_on - first_on).days // 7 + 1
        if not FEWEST_WEEKS <= weeks <= FULL_BASELINE:
            raise Refused(_WEEKS, fewest=FEWEST_WEEKS, most=FULL_BASELINE, weeks=weeks, about="first_on")

    def apply(self, change: Change) -> int:
        """The policy_id of the version."""
        sight.whole_company(change)
        body = {
            "target": None if self.target is None else str(self.target.normalize()),
            "first_on": None if self.first_on is None else monday(self.first_on).isoformat(),
            "last_on": None if self.last_on is None else monday(self.last_on).isoformat(),
        }
        kind = f"{RULE}{self.metric}"
        held = change.cursor.execute(_HELD, {"kind": kind, "day": self.today}).fetchone()
        if held and json.loads(held[0]) == body:
            raise Refused(_SAME)
        change.subject = f"policy {kind}"
        return versions.write(change, kind, body, effective_on=self.today, reason=self.reason.strip())


_HELD: Final = "select policy.body from policy_at($kind, $day::date, timestamp '9999-12-30') as policy"
