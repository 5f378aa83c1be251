"""A call in one typed line: what was said, nobody reached, when to be in touch again. `谈好下月下单 +7`, `? 占线`, `next week +1w`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_AGAIN: Final = re.compile(r"(?:^|\s)[+＋](\d{1,3})\s*(天|日|周|月|d|w|m)?$", re.IGNORECASE)
_DAYS: Final = {"天": 1, "日": 1, "d": 1, "周": 7, "w": 7, "月": 30, "m": 30}
_IN_VAIN: Final = ("?", "？")
_SURE: Final = ("!", "！")


@dataclass(frozen=True, slots=True)
class CallLine:
    """What a typed line says. `again_days`: in so many days the next contact; `is_sure`: a doubt about it is confirmed."""

    said: str
    is_in_vain: bool = False
    again_days: int | None = None
    is_sure: bool = False


def read(typed: str) -> CallLine:
    """The line taken apart: `?` in front is a call in vain, `!` confirms a doubt, `+7`, `+1周` or `+1w` at the end plans the next."""
    rest = typed.strip()
    is_sure, is_in_vain = rest.startswith(_SURE), False
    rest = rest[1:].strip() if is_sure else rest
    if rest.startswith(_IN_VAIN):
        is_in_vain, rest = True, rest[1:].strip()
    again = _AGAIN.search(rest)
    days = int(again[1]) * _DAYS[(again[2] or "d").lower()] if again else None
    return CallLine(rest[: again.start()].strip() if again else rest, is_in_vain, days, is_sure)
