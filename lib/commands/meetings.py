"""The life of a review: prepared, live, closed with all it saw frozen, and opened again for a reason.

A review belongs to a circle: only who sees just what that circle sees runs it, so that what is frozen is what everyone in it may read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, ClassVar, Final

from lib.commands import Command, sight
from lib.commands.actions import carry_over
from lib.commands.documents import records
from lib.domain.access import SYSTEM, Actor, Permission
from lib.errors import Conflict, NotFound, Refused
from lib.metrics import Cut, monday
from lib.metrics.variation import View
from lib.review.pack import Pack, build, circle, last_week, sha256, to_text
from lib.store.door import Change, Receipt, execute
from lib.store.ledger import Ledger
from lib.store.query import rows
from lib.text import Text

REASON: Final = Text("原因", "Reason")
ATTENDED: Final = Text("到会的人", "Who was there")
SCORE: Final = Text("会议评分", "Meeting score")
WEEK: Final = Text("哪一周", "Week")
BEST_SCORE: Final = 10
_LONGEST: Final = 300

_NOT_OVER = Text(
    "{week} 那一周还没过完。周会看的是已结束的一周，最近一周从 {last} 开始。",
    "The week of {week} is not over. A review looks at a week that is; the last one began on {last}.",
)
_NOT_MONDAY = Text("{week} 不是星期一。一周从星期一算起：{monday}。", "{week} is no Monday. Weeks begin on Mondays: {monday}.")
_OPENED = Text("这一周的周会已经有了（{state}）。请打开它继续。", "This week already has its review ({state}). Open that one and go on.")
_UNKNOWN = Text(
    "找不到这次周会，或您不参加它。请从周会列表里选。", "There is no such review, or you take no part in it. Pick one from the list."
)
_OTHER_SIGHT = Text(
    "这次周会看的范围是“{circle}”，与您能看到的客户不同。请由看到同样范围的经理来主持。",
    "This review is about “{circle}”, which is not what you see. A manager who sees just that has to run it.",
)
_NOT_CHAIR = Text(
    "这次周会由 {chair} 主持。请由主持人来做，或先点“开始”接手主持。",
    "{chair} chairs this review. Ask them, or take the chair first by starting it.",
)
_STATE = Text("这次周会现在是“{state}”，不能这样做。{next}", "This review is “{state}”, so that cannot be done. {next}")
_BAD_SCORE = Text("会议评分是 1 到 10 的整数。", "A meeting's score is a whole number from 1 to 10.")

STATE: Final[dict[str, Text]] = {
    "prepared": Text("会前", "being prepared"),
    "live": Text("会中", "live"),
    "closed": Text("已结束", "closed"),
}
_NEXT: Final[dict[str, Text]] = {
    "prepared": Text("请先开始会议。", "Start it first."),
    "live": Text("请先结束会议。", "Close it first."),
    "closed": Text("请先重新打开，并写明原因。", "Open it again first, with a reason."),
}


@dataclass(frozen=True)
class OpenMeeting(Command):
    """A week's review prepared; who opens it is its chair.

    Refuses: a week that is not over, one whose review is there already.
    """

    permission: ClassVar[Permission] = Permission.MEETING_RUN
    title: ClassVar[Text] = Text("准备周会", "Prepare a review")
    week_on: date
    today: date

    def validate(self) -> None:
        """Refuses: a day that is no Monday, a week that is not over."""
        if self.week_on != monday(self.week_on):
            raise Refused(_NOT_MONDAY, week=self.week_on.isoformat(), monday=monday(self.week_on).isoformat(), about="week_on")
        if self.week_on > last_week(self.today):
            raise Refused(_NOT_OVER, week=self.week_on.isoformat(), last=last_week(self.today).isoformat(), about="week_on")

    def apply(self, change: Change) -> int:
        """The new meeting_id."""
        about = {"week_on": self.week_on, "circle": circle(change.actor)}
        if found := records(change, _OF_WEEK, about):
            raise Conflict(_OPENED, state=STATE[found[0]["state"]])
        meeting_id = change.next_id("meeting", "meeting_id")
        change.subject = f"review {self.week_on}"
        change.insert("meeting", [{"meeting_id": meeting_id, **about, "chair_id": change.actor.user_id, "state": "prepared"}])
        return meeting_id


@dataclass(frozen=True)
class StartMeeting(Command):
    """The review begins, or somebody else takes its chair.

    Refuses: a review unknown, of another circle, closed, or already chaired by the person.
    """

    permission: ClassVar[Permission] = Permission.MEETING_RUN
    title: ClassVar[Text] = Text("开始周会", "Start a review")
    meeting_id: int

    def apply(self, change: Change) -> None:
        """Write that it is live."""
        meeting = _run_by(change, self.meeting_id)
        if meeting["state"] == "closed" or (meeting["state"] == "live" and meeting["chair_id"] == change.actor.user_id):
            raise _not_while(meeting)
        opened_at = meeting["opened_at"] or change.made_at
        _turn(change, meeting, {"state": "live", "chair_id": change.actor.user_id, "opened_at": opened_at})


@dataclass(frozen=True)
class CloseMeeting(Command):
    """The review over: what it saw is frozen as it was known a moment before, what is left open is carried to the next one.

    What is frozen is made of the `ledger` itself while nobody else can write; what the closing itself writes (steps carried, the score)
    comes after it and is not in it.
    Refuses: a review unknown, of another circle, not live or chaired by somebody else; an action that may not be carried once more.
    """

    permission: ClassVar[Permission] = Permission.MEETING_RUN
    title: ClassVar[Text] = Text("结束周会并冻结", "Close and freeze a review")
    is_final: ClassVar[bool] = True
    meeting_id: int
    ledger: Ledger = field(metadata={"audit": False})
    today: date
    currency: str | None = None
    score: int | None = None
    attended: str | None = None
    known_at: datetime | None = None
    """By what was known at which moment, where that is not all that is known by now: a house moved in whole has later moments too."""

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        _check_recap(self.score, self.attended)

    def apply(self, change: Change) -> int:
        """The new pack_id."""
        meeting = _run_by(change, self.meeting_id)
        if meeting["state"] != "live":
            raise _not_while(meeting)
        if meeting["chair_id"] != change.actor.user_id:
            raise Refused(_NOT_CHAIR, chair=meeting["chair_name"])
        frozen = _seen(self.ledger, change.actor, meeting["week_on"], self)
        change.detail["carried"] = carry_over(change, meeting["week_on"], self.today)
        _turn(change, meeting, {"state": "closed", "closed_at": change.made_at, **_recap(meeting, self.score, self.attended)})
        return _freeze(change, self.meeting_id, frozen)


@dataclass(frozen=True)
class ReopenMeeting(Command):
    """A closed review opened again; what was frozen stays on record, and what closing it carried over is taken back.

    Refuses: a review unknown, of another circle or not closed; no reason.
    """

    permission: ClassVar[Permission] = Permission.MEETING_RUN
    title: ClassVar[Text] = Text("重新打开周会", "Open a review again")
    meeting_id: int
    reason: str

    def validate(self) -> None:
        """Refuses: no reason."""
        sight.text(self.reason, REASON, about="reason", required=True, limit=_LONGEST)

    def apply(self, change: Change) -> None:
        """Write that it is live again."""
        meeting = _run_by(change, self.meeting_id)
        if meeting["state"] != "closed":
            raise _not_while(meeting)
        about = {"meeting_id": self.meeting_id}
        change.retire("action_step", _CARRIED_BY_CLOSING, about)
        change.retire("pack", "meeting_id = $meeting_id", about)
        _turn(change, meeting, {"state": "live", "closed_at": None, "chair_id": change.actor.user_id})


def close(ledger: Ledger, actor: Actor, meeting_id: int, today: date, *, request_key: str | None = None, **more: Any) -> Receipt:  # noqa: ANN401
    """Close a review. `more`: score, attended, currency.

    What takes long is worked out before anyone has to wait for it; only if something came in meanwhile it is worked out again.
    Refuses: as `CloseMeeting`.
    """
    order = CloseMeeting(meeting_id, ledger, today, **more)
    for row in rows(ledger, actor, "meetings"):
        if row["meeting_id"] == meeting_id:
            _seen(ledger, actor, row["week_on"], order)
    return execute(ledger, actor, order, request_key=request_key)


def _seen(ledger: Ledger, actor: Actor, week_on: date, order: CloseMeeting) -> Pack:
    """The week as it is known at the last change, after which nothing is known: asked like that it was worked out for the page before."""
    seen = build(View(ledger, actor, order.today, order.known_at, Cut(order.currency)), week_on)
    (head,) = rows(ledger, SYSTEM, "house_last_change")
    return replace(seen, known_at=order.known_at or head["made_at"])


def _run_by(change: Change, meeting_id: int) -> dict[str, Any]:
    """The review as it stands. Refuses: one the person takes no part in, or sees more or less of than its circle."""
    found = records(change, _MEETING, {"meeting_id": meeting_id, "actor_id": change.actor.user_id, "sees_all": change.actor.sees_all})
    if not found:
        raise NotFound(_UNKNOWN)
    if circle(change.actor) != found[0]["circle"]:
        raise Refused(_OTHER_SIGHT, circle=found[0]["circle"])
    change.subject = f"review {found[0]['week_on']}"
    return found[0]


def _not_while(meeting: Mapping[str, Any]) -> Refused:
    return Refused(_STATE, state=STATE[meeting["state"]], next=_NEXT[meeting["state"]])


def _turn(change: Change, meeting: Mapping[str, Any], turned: Mapping[str, object]) -> None:
    change.rewrite("meeting", meeting["meeting_id"], **turned)


def _check_recap(score: int | None, attended: str | None) -> None:
    if score is not None and not 1 <= score <= BEST_SCORE:
        raise Refused(_BAD_SCORE, about="score")
    sight.text(attended, ATTENDED, about="attended", limit=_LONGEST)


def _recap(meeting: Mapping[str, Any], score: int | None, attended: str | None) -> dict[str, object]:
    """What was given; what was not stays as it was."""
    given = (attended or "").strip() or None
    return {"score": meeting["score"] if score is None else score, "attended": given or meeting["attended"]}


def _freeze(change: Change, meeting_id: int, frozen: Pack) -> int:
    body = to_text(frozen)
    pack_id = change.next_id("pack", "pack_id")
    proof = {"sha256": sha256(body), "known_at": frozen.known_at, "maker": frozen.maker}
    row = {"week_on": frozen.week_on, "circle": frozen.circle, "as_of": frozen.as_of, "currency": frozen.currency, **proof}
    change.insert("pack", [{"pack_id": pack_id, "meeting_id": meeting_id, **row, "body": body}])
    change.detail |= {**proof, "known_at": frozen.known_at.isoformat()}
    return pack_id


_OF_WEEK: Final = """
    select meeting_id, state from meeting
    where week_on = $week_on and circle = $circle and retired_at = timestamp '9999-12-31'
"""
_MEETING: Final = """
    select meeting.*, chair.name as chair_name
    from meeting
    inner join app_user as chair on meeting.chair_id = chair.user_id
    where
        meeting.meeting_id = $meeting_id and meeting.retired_at = timestamp '9999-12-31'
        and attends(meeting.circle, $actor_id::integer, $sees_all::boolean)
"""
_CARRIED_BY_CLOSING: Final = """
    step = 'carried' and change_id in (
        select change_id from pack where meeting_id = $meeting_id and retired_at = timestamp '9999-12-31'
    )
"""
