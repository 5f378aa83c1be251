"""Which subscriptions speak up on a day, and why: a rule over a week's pack and over what was said before. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final, Literal

from lib.review.pack import Pack
from lib.text import Text

Kind = Literal["brief", "signal", "threshold"]
Why = Literal["week", "told", "signal", "usual", "unknown", "gone", "crossed", "still", "within", "muted", "no_address"]

KIND: Final[dict[str, Text]] = {
    "brief": Text("每周简报", "The week in brief"),
    "signal": Text("指标有信号", "A metric's signal"),
    "threshold": Text("指标越过界限", "A metric crosses a bound"),
}
WHY: Final[dict[Why, Text]] = {
    "week": Text("新的一周", "a new week"),
    "told": Text("这一周已经说过", "this week was told already"),
    "signal": Text("变化超出平常的范围", "the change is more than usual"),
    "usual": Text("在平常的范围内", "within its usual range"),
    "unknown": Text("没有可判断的数", "no number to judge"),
    "gone": Text("这项指标已经取消，请退订", "this metric is no longer kept; unsubscribe"),
    "crossed": Text("越过了界限", "the bound is crossed"),
    "still": Text("仍在界限之外，上次已说过", "still beyond the bound, told before"),
    "within": Text("没有越过界限", "the bound is not crossed"),
    "muted": Text("静音中", "muted"),
    "no_address": Text("还没有填邮箱", "no address is set"),
}


@dataclass(frozen=True, slots=True)
class Subscription:
    """What one person wants to be told."""

    subscription_id: int
    kind: Kind
    metric: str | None = None
    is_above: bool | None = None
    bound: Decimal | None = None
    muted_until: date | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """Whether a subscription fires and why; `said` is what the log keeps: the week, the value, whether it stands beyond its bound."""

    fires: bool
    why: Why
    said: dict[str, Any]


def judge(wanted: Subscription, pack: Pack, today: date, last: dict[str, Any] | None) -> Judged:
    """`last`: what the log kept the last time this subscription was looked at and not muted; None: never."""
    week = pack.week_on.isoformat()
    if wanted.muted_until is not None and today < wanted.muted_until:
        return Judged(fires=False, why="muted", said={"week": week})
    if wanted.kind == "brief":
        told = last is not None and last.get("told") == week
        return Judged(not told, "told" if told else "week", {"week": week, "told": week})
    line = next((one for one in pack.lines if one.metric == wanted.metric), None)
    if line is None:
        return Judged(fires=False, why="gone", said={"week": week})
    said: dict[str, Any] = {"week": week, "value": None if line.value is None else format(line.value, "f")}
    if wanted.kind == "signal":
        return _of_signal(line.verdict, week, said, last)
    if line.value is None or wanted.bound is None:
        return Judged(fires=False, why="unknown", said=said)
    beyond = line.value > wanted.bound if wanted.is_above else line.value < wanted.bound
    before = bool(last and last.get("beyond"))
    why: Why = "within" if not beyond else "still" if before else "crossed"
    return Judged(beyond and not before, why, {**said, "beyond": beyond})


def _of_signal(verdict: str, week: str, said: dict[str, Any], last: dict[str, Any] | None) -> Judged:
    """A week's signal is told once."""
    told = (last or {}).get("told")
    if verdict == "unknown":
        return Judged(fires=False, why="unknown", said={**said, "told": told})
    if verdict == "neutral":
        return Judged(fires=False, why="usual", said={**said, "told": told})
    return Judged(told != week, "told" if told == week else "signal", {**said, "verdict": verdict, "told": week})
