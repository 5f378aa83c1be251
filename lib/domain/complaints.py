"""What each step of a complaint has to say before it counts: the guards of its path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from lib.errors import Refused
from lib.text import Text

LABEL: Final[dict[str, Text]] = {
    "severity": Text("严重程度", "Severity"),
    "cause": Text("原因", "Cause"),
    "owner_id": Text("负责人", "Owner"),
    "remedy": Text("方案", "Remedy"),
    "cost": Text("费用", "Cost"),
    "promised_on": Text("承诺完成日", "Done by"),
    "told_to": Text("告知了谁", "Who was told"),
    "told_on": Text("告知日期", "Told on"),
    "channel": Text("渠道", "Channel"),
    "root_cause": Text("根本原因", "Root cause"),
    "is_confirmed": Text("客户已确认", "The customer agrees"),
    "into_case_id": Text("并入哪一件", "Merged into"),
    "note": Text("说明", "Note"),
}
"""What a step can say, by field, in the order of a form."""
_CLASSIFIED: Final = ("severity", "cause", "owner_id")
_NEEDS: Final[dict[str, tuple[str, ...]]] = {
    "resolve": ("remedy", "cost", "promised_on"),
    "tell": ("told_to", "told_on", "channel"),
    "close": ("root_cause",),
    "reject": ("note",),
    "withdraw": ("note",),
    "rework": ("note",),
    "reopen": ("note",),
    "merge": ("into_case_id",),
}
_MISSING = Text("“{action}”前请先填“{field}”。", "Before “{action}”, fill in “{field}”.")
_UNCONFIRMED = Text(
    "关闭前要客户确认，或联系 {needed} 次未果（现在记了 {attempts} 次）。请勾选“客户已确认”，或先记录联系未果。",
    "To close it, the customer agrees or could not be reached {needed} times ({attempts} so far). Tick “The customer agrees”, "
    "or note an attempt to reach them first.",
)


def needs(state: str, action: str) -> tuple[str, ...]:
    """The fields a step must have: what classifies a complaint before it leaves its first state, then the step's own."""
    return (*(_CLASSIFIED if state == "new" else ()), *_NEEDS.get(action, ()))


def refuse_incomplete(state: str, action: str, label: Text, given: Mapping[str, Any]) -> None:
    """Refuses: a step that leaves out what it must say, naming the first field that is missing."""
    for field in needs(state, action):
        value = given.get(field)
        if value is None or not str(value).strip():
            raise Refused(_MISSING, action=label, field=LABEL[field], about=field)


def refuse_unconfirmed(*, is_confirmed: bool, attempts: int, needed: int) -> None:
    """Refuses: closing without the customer's word or enough attempts to hear it."""
    if not is_confirmed and attempts < needed:
        raise Refused(_UNCONFIRMED, attempts=attempts, needed=needed, about="is_confirmed")
