"""What people promise in a review: which step may follow which, and how often a promise may be carried over. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from lib.errors import Refused
from lib.term_review import VALUE
from lib.text import Text, listed

State = Literal["open", "done", "killed", "split"]
Step = Literal["done", "carried", "moved", "escalated", "split", "killed", "reopened"]

STATE: Final = VALUE["action_state"]
STEP: Final = VALUE["action_step"]
_PATH: Final[Mapping[tuple[str, str], State]] = {
    ("open", "done"): "done",
    ("open", "carried"): "open",
    ("open", "moved"): "open",
    ("open", "escalated"): "open",
    ("open", "split"): "split",
    ("open", "killed"): "killed",
    ("done", "reopened"): "open",
    ("killed", "reopened"): "open",
}
WEARS: Final = frozenset({"carried", "moved"})
"""Steps that only put it off: the third in a row is refused (`is_worn` in SQL says which are due for more)."""
REASON_NEEDED: Final = frozenset({"killed", "reopened"})
LETS_GO: Final = frozenset({"escalated", "killed"})
"""Steps that whose review it is can still take once the customer is out of their sight."""
UNSEEN: Final = "…"
"""What an agenda says instead of words about a customer who is out of sight by now."""

_NOT_NOW: Final = Text(
    "这项行动现在是“{state}”，不能“{step}”；可以：{possible}。", "The action is “{state}” now; it takes no “{step}”, only: {possible}."
)
_OVER: Final = Text(
    "这项行动已经拆成几项，请在那几项上继续。要合回来就撤销那次拆分。",
    "The action was split: go on with its parts, or undo the split.",
)


def following(state: str, step: str) -> State:
    """The state after a step. Refuses: one that does not follow, naming those that do."""
    if (state, step) not in _PATH:
        possible = [STEP[name] for name in steps(state)]
        if not possible:
            raise Refused(_OVER)
        raise Refused(_NOT_NOW, state=STATE[state], step=STEP[step], possible=listed(possible))
    return _PATH[state, step]


def steps(state: str, *, is_worn: bool = False) -> list[str]:
    """What may happen next; to what was carried over twice, nothing that only puts it off."""
    return [step for before, step in _PATH if before == state and not (is_worn and step in WEARS)]
