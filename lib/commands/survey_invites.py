"""What becomes of single invitations besides an answer: nobody reached, not willing, withdrawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Final

from lib.commands import Command, sight
from lib.commands.documents import records
from lib.commands.invitations import note
from lib.domain.access import Permission
from lib.errors import Conflict, NotFound
from lib.store.door import Change
from lib.terms import VALUE
from lib.text import Text

REASON: Final = Text("原因", "Reason")
STATE: Final = VALUE["invite_state"]
NOTED: Final = {state: STATE[state] for state in ("no_answer", "declined")}
"""What a call can come to besides an answer."""
_OPEN: Final = ("waiting", "failed", "no_answer", "delivered")

_NO_INVITE = Text(
    "找不到这份邀请，或不在您的范围内。请从名单里选。", "There is no such invitation, or it is outside your scope. Pick one from the list."
)
_DONE_WITH = Text("这份邀请已经“{state}”，不能再记“{step}”。", "This invitation is “{state}” already: “{step}” can no longer be noted.")
_NOT_SENDING = Text("这次调查不在发放中。", "This survey is not being sent.")


@dataclass(frozen=True)
class NoteInvite(Command):
    """A call that brought no answer: nobody was reached, or they would not answer.

    Refuses: an invitation out of sight, or done with; a wave not being sent.
    """

    permission: ClassVar[Permission] = Permission.SERVICE_WRITE
    title: ClassVar[Text] = Text("记录邀请结果", "Note what asking came to")
    invite_id: int
    state: str
    note: str | None = None

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        sight.choice(self.state, NOTED, Text("结果", "Outcome"), about="state")
        sight.text(self.note, Text("说明", "Note"), about="note")

    def apply(self, change: Change) -> int:
        """The invite_id."""
        invite = _invitation(change, self.invite_id)
        if invite["wave_state"] != "sending":
            raise Conflict(_NOT_SENDING)
        _refuse_done(invite, NOTED[self.state])
        note(change, [invite], self.state, note=(self.note or "").strip() or None)
        return self.invite_id


@dataclass(frozen=True)
class WithdrawInvite(Command):
    """Somebody on the list is not asked after all; their link stops working. The list stays as long as it was frozen.

    Refuses: an invitation out of sight, or done with; a wave that is closed; no reason.
    """

    permission: ClassVar[Permission] = Permission.SURVEY_WRITE
    title: ClassVar[Text] = Text("撤回邀请", "Withdraw an invitation")
    invite_id: int
    reason: str

    def validate(self) -> None:
        """Refuses: no reason."""
        sight.text(self.reason, REASON, about="reason", required=True)

    def apply(self, change: Change) -> int:
        """The invite_id."""
        invite = _invitation(change, self.invite_id)
        if invite["wave_state"] not in {"frozen", "sending"}:
            raise Conflict(_NOT_SENDING)
        _refuse_done(invite, STATE["withdrawn"])
        note(change, [invite], "withdrawn", note=self.reason.strip())
        return self.invite_id


def _invitation(change: Change, invite_id: int) -> dict[str, Any]:
    """An invitation in sight with its state and its wave's. Refuses (`NotFound`): any other."""
    found = records(change, _INVITE, {"invite_id": invite_id, "today": date(9999, 12, 30), "known_at": change.made_at})
    if not found:
        raise NotFound(_NO_INVITE)
    sight.customer(change, found[0]["customer_id"], unless=_NO_INVITE)
    return found[0]


def _refuse_done(invite: Mapping[str, Any], step: Text) -> None:
    if invite["state"] not in _OPEN:
        raise Conflict(_DONE_WITH, state=STATE[invite["state"]], step=step)


_INVITE: Final = """
    select invite.*, wave.state as wave_state
    from invite_at($today::date, $known_at::timestamp) as invite
    inner join wave_at($today::date, $known_at::timestamp) as wave on invite.wave_id = wave.wave_id
    where invite.invite_id = $invite_id
"""
