"""State machines: what may follow what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from lib.errors import Refused
from lib.text import Text

COMPLAINT: Final[dict[tuple[str, str], str]] = {
    ("new", "start"): "in_progress",
    ("in_progress", "wait"): "waiting_customer",
    ("waiting_customer", "resume"): "in_progress",
    ("in_progress", "resolve"): "resolved",
    ("waiting_customer", "resolve"): "resolved",
    ("resolved", "tell"): "told_customer",
    ("told_customer", "close"): "closed",
    ("resolved", "reopen"): "in_progress",
    ("told_customer", "reopen"): "in_progress",
    ("closed", "reopen"): "in_progress",
}
"""A complaint's path (ISO 10002: receive, work on, decide, tell the customer, close)."""

DISPUTE: Final[dict[tuple[str, str], str]] = {
    ("new", "start"): "in_progress",
    ("new", "settle"): "closed",
    ("in_progress", "wait"): "waiting_customer",
    ("in_progress", "settle"): "closed",
    ("waiting_customer", "resume"): "in_progress",
    ("waiting_customer", "settle"): "closed",
    ("resolved", "settle"): "closed",
}
"""A dispute's path: worked on, then settled with its outcome."""

STATE_LABEL: Final[dict[str, Text]] = {
    "new": Text("新建", "New"),
    "in_progress": Text("处理中", "In progress"),
    "waiting_customer": Text("等客户", "Waiting for the customer"),
    "resolved": Text("已有结论", "Resolved"),
    "told_customer": Text("已告知客户", "Customer told"),
    "closed": Text("已关闭", "Closed"),
}
ACTION_LABEL: Final[dict[str, Text]] = {
    "start": Text("开始处理", "Start work"),
    "wait": Text("等客户答复", "Wait for the customer"),
    "resume": Text("继续处理", "Resume"),
    "resolve": Text("给出结论", "Resolve"),
    "tell": Text("已告知客户", "Customer has been told"),
    "close": Text("关闭", "Close"),
    "reopen": Text("重新打开", "Reopen"),
    "settle": Text("解决", "Settle"),
}
NOTE_NEEDED: Final = frozenset({"resolve", "tell", "reopen"})
"""Steps that must say something: the remedy, how the customer was told, why it is open again."""

_NOT_NOW = Text(
    "投诉现在是“{state}”，不能“{action}”。可以：{possible}。",
    "The complaint is “{state}” and cannot take the step “{action}”. Possible: {possible}.",
)
_SETTLED = Text("这个争议已经解决。", "This dispute is settled already.")


def actions(state: str, path: Mapping[tuple[str, str], str] = COMPLAINT) -> list[str]:
    """The steps a case in this state can take."""
    return [action for (start, action) in path if start == state]


def advance(state: str, action: str, path: Mapping[tuple[str, str], str] = COMPLAINT) -> str:
    """The state after a step. Refuses: a step that does not follow, naming those that do."""
    if (state, action) not in path:
        possible = [ACTION_LABEL[step] for step in actions(state, path)]
        if not possible:
            raise Refused(_SETTLED)
        raise Refused(
            _NOT_NOW,
            state=STATE_LABEL[state],
            action=ACTION_LABEL.get(action, Text(action, action)),
            possible=Text("、".join(step.zh for step in possible), ", ".join(step.en for step in possible)),
        )
    return path[state, action]
