"""State machines: what may follow what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from lib.errors import Refused
from lib.text import Text, listed

Path = Mapping[tuple[str, str], str]
"""From a state by an action to the next state."""

_WORKED_ON: Final = ("acknowledged", "in_progress", "waiting_customer")
COMPLAINT: Final[Path] = {
    ("new", "acknowledge"): "acknowledged",
    ("acknowledged", "start"): "in_progress",
    ("in_progress", "wait"): "waiting_customer",
    ("waiting_customer", "resume"): "in_progress",
    ("in_progress", "resolve"): "resolved",
    ("waiting_customer", "resolve"): "resolved",
    ("resolved", "tell"): "told_customer",
    ("told_customer", "close"): "closed",
    ("resolved", "rework"): "in_progress",
    ("told_customer", "rework"): "in_progress",
    **{(state, "reject"): "unfounded" for state in _WORKED_ON},
    **{(state, "withdraw"): "withdrawn" for state in ("new", *_WORKED_ON, "resolved")},
    **{(state, "merge"): "merged" for state in ("new", *_WORKED_ON)},
    ("closed", "reopen"): "in_progress",
    ("unfounded", "reopen"): "in_progress",
    ("withdrawn", "reopen"): "in_progress",
}
"""A complaint's path (ISO 10002: receive, acknowledge, look into, decide, tell the customer, close). Escalation is no state."""

DISPUTE: Final[Path] = {
    ("new", "start"): "in_progress",
    ("new", "settle"): "closed",
    ("in_progress", "wait"): "waiting_customer",
    ("in_progress", "settle"): "closed",
    ("waiting_customer", "resume"): "in_progress",
    ("waiting_customer", "settle"): "closed",
    ("resolved", "settle"): "closed",
}
"""A dispute's path: worked on, then settled with its outcome."""

SUGGESTION: Final[Path] = {
    ("new", "classify"): "classified",
    ("classified", "adopt"): "adopted",
    ("adopted", "improve"): "improving",
    ("improving", "release"): "live",
    ("live", "tell"): "told_customer",
    **{(state, "decline"): "declined" for state in ("classified", "adopted", "improving")},
    ("declined", "tell"): "told_customer",
    ("declined", "reconsider"): "classified",
    ("told_customer", "reconsider"): "classified",
}
"""A suggestion's path: sorted, decided, made better, live; whichever way it was decided, the customer is told last."""

REQUEST: Final[Path] = {
    ("new", "respond"): "in_progress",
    ("in_progress", "respond"): "in_progress",
    ("in_progress", "ask"): "in_progress",
    ("waiting_customer", "ask"): "in_progress",
    ("new", "wait"): "waiting_customer",
    ("in_progress", "wait"): "waiting_customer",
    ("waiting_customer", "resume"): "in_progress",
    **{(state, "solve"): "solved" for state in ("new", "in_progress", "waiting_customer")},
    **{(state, "withdraw"): "withdrawn" for state in ("new", "in_progress", "waiting_customer")},
    ("solved", "close"): "closed",
    ("solved", "reopen"): "in_progress",
    ("closed", "reopen"): "in_progress",
    ("withdrawn", "reopen"): "in_progress",
}
"""A service request's path: answered, solved, closed with what the customer thinks of it. Asking back is an answer too."""
REQUEST_NOTE_NEEDED: Final = frozenset({"solve", "reopen"})
"""Steps of a request that must say something: how it was solved, why it is open again."""

STATE_LABEL: Final[dict[str, Text]] = {
    "new": Text("新建", "New"),
    "acknowledged": Text("已受理", "Acknowledged"),
    "in_progress": Text("处理中", "In progress"),
    "waiting_customer": Text("等客户", "Waiting for the customer"),
    "resolved": Text("已提方案", "Remedy proposed"),
    "told_customer": Text("已告知客户", "Customer told"),
    "closed": Text("已关闭", "Closed"),
    "unfounded": Text("不成立", "Unfounded"),
    "withdrawn": Text("客户撤回", "Withdrawn"),
    "merged": Text("已合并", "Merged"),
    "classified": Text("已归类", "Sorted"),
    "adopted": Text("采纳", "Adopted"),
    "declined": Text("不采纳", "Declined"),
    "improving": Text("改进中", "Being improved"),
    "live": Text("已上线", "Live"),
    "solved": Text("已解决", "Solved"),
}
ACTION_LABEL: Final[dict[str, Text]] = {
    "acknowledge": Text("受理", "Acknowledge"),
    "start": Text("开始处理", "Start work"),
    "wait": Text("等客户答复", "Wait for the customer"),
    "resume": Text("继续处理", "Resume"),
    "resolve": Text("提出方案", "Propose a remedy"),
    "tell": Text("已告知客户", "Customer has been told"),
    "rework": Text("客户不接受，再处理", "Not accepted: work on"),
    "close": Text("关闭", "Close"),
    "reject": Text("不成立", "Unfounded"),
    "withdraw": Text("客户撤回", "Withdrawn by the customer"),
    "merge": Text("并入另一件", "Merge into another"),
    "reopen": Text("重新打开", "Reopen"),
    "settle": Text("解决", "Settle"),
    "classify": Text("归类", "Sort"),
    "adopt": Text("采纳", "Adopt"),
    "decline": Text("不采纳", "Decline"),
    "improve": Text("开始改进", "Begin to improve"),
    "release": Text("上线", "Go live"),
    "reconsider": Text("重新考虑", "Reconsider"),
    "join": Text("并入一项改进", "Put into an improvement"),
    "record": Text("记录", "Record"),
    "respond": Text("回复客户", "Answer the customer"),
    "ask": Text("客户又来问", "The customer asked again"),
    "solve": Text("已解决", "Solve"),
    "escalate": Text("升级", "Escalate"),
    "attempt": Text("联系未果", "Tried to reach the customer"),
}
OVER: Final = frozenset({"told_customer", "closed", "unfounded", "withdrawn", "merged", "solved"})
"""States in which nothing is owed to the customer any more; `case_is_open` says the same in SQL."""

_NOT_NOW = Text(
    "现在是“{state}”，不能“{action}”。可以：{possible}。",
    "It is “{state}” now and cannot take the step “{action}”. Possible: {possible}.",
)
_FINISHED = Text("已经是“{state}”，没有下一步了。", "It is “{state}”: there is no next step.")


def actions(state: str, path: Path = COMPLAINT) -> list[str]:
    """The steps a case in this state can take."""
    return [action for (start, action) in path if start == state]


def advance(state: str, action: str, path: Path = COMPLAINT) -> str:
    """The state after a step. Refuses: a step that does not follow, naming those that do."""
    if (state, action) not in path:
        possible = [ACTION_LABEL[step] for step in actions(state, path)]
        if not possible:
            raise Refused(_FINISHED, state=STATE_LABEL[state])
        raise Refused(
            _NOT_NOW,
            state=STATE_LABEL[state],
            action=ACTION_LABEL.get(action, Text(action, action)),
            possible=listed(possible),
        )
    return path[state, action]
