"""The life of a wave, one step after the other: draft, list frozen, sending, closed, analysed, customers told. No step is left out."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from lib.errors import Refused
from lib.terms import VALUE
from lib.text import Text

STATE: Final = VALUE["wave_state"]
"""Every state in its order."""
STEP: Final[dict[str, Text]] = {
    "frozen": Text("冻结名单", "Freeze the list"),
    "sending": Text("开始发放", "Start sending"),
    "closed": Text("截止", "Close"),
    "analysed": Text("记下结论", "Note the findings"),
    "told": Text("记下已告知客户", "Note that customers were told"),
}
"""What leads into each state."""
NEXT: Final = dict(pairwise(STATE))

_WRONG_STATE = Text(
    "这次调查现在是“{now}”，不能{step}。{hint}",
    "This wave is “{now}” now: it cannot go on with “{step}”. {hint}",
)
_HINT = Text("下一步是“{step}”。", "The next step is “{step}”.")
_OVER = Text("它已经走完全程。", "It is at its end.")


def go(now: str, to: str) -> None:
    """Refuses: any step but the next one, and says which that is."""
    if NEXT.get(now) == to:
        return
    raise Refused(_WRONG_STATE, now=STATE[now], step=STEP[to], hint=hint(now))


def hint(now: str) -> Text:
    """What can be done next."""
    if now not in NEXT:
        return _OVER
    step = STEP[NEXT[now]]
    return Text(_HINT.say("zh", step=step), _HINT.say("en", step=step))
