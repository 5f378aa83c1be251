"""Service requests: what a customer needs, answered, solved, and how the customer liked it. Their clocks are read from these steps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, ClassVar, Final

from lib.commands import Command, cases, sight
from lib.commands.answers import CHANNEL, COMMENT, Answer, check, keep_answer
from lib.commands.cases import Case, Step
from lib.commands.service import SUMMARY
from lib.domain import kinds, stages
from lib.domain.access import Permission
from lib.domain.working_time import BUSINESS_OFFSET
from lib.errors import Refused
from lib.store.door import Change
from lib.text import Text

KIND: Final = "service"
WHAT: Final = Text("需要什么", "What is needed")
PRIORITY: Final = Text("紧急程度", "Priority")
HOW: Final = Text("怎么解决的", "How it was solved")
NOTE: Final = Text("说明", "Note")
_NO_REQUEST = Text("找不到这个服务请求，或不在您的范围内。", "There is no such service request, or it is outside your scope.")
_NOT_YET = Text("{at} 还没到。请改时间。", "{at} has not come yet. Change the time.")
_OUT_OF_ORDER = Text("{at} 早于上一步的 {last}。请改时间。", "{at} is before the step before it, at {last}. Change the time.")
_NO_OWNER = Text("找不到这位负责人，或账号已停用。", "There is no such person to own it, or the account is closed.")
_ONLY_AT_CLOSE = Text("评分在关闭时记录。", "A score is recorded when the request is closed.")


@dataclass(frozen=True)
class RecordRequest(Command):
    """A service request, owned by the account manager unless said otherwise; `solved`: how, when it was solved on the spot.

    Refuses: an empty text, what is in no list, a moment to come, the same one twice in ten minutes.
    """

    permission: ClassVar[Permission] = Permission.SERVICE_WRITE
    title: ClassVar[Text] = Text("记录服务请求", "Record a service request")
    customer_id: int
    on_date: date
    today: date
    summary: str
    priority: int
    at: time | None = None
    channel: str | None = None
    stage: str | None = None
    body: str | None = None
    solved: str | None = None
    owner_id: int | None = None
    confirmed: bool = False

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        sight.text(self.summary, WHAT, about="summary", required=True)
        sight.text(self.body, SUMMARY, about="body")
        sight.text(self.solved, HOW, about="solved")
        sight.choice(self.priority, kinds.PRIORITY, PRIORITY, about="priority")
        sight.choice(self.channel, kinds.CHANNEL, CHANNEL, about="channel")
        sight.choice(self.stage, kinds.STAGE, Text("环节", "Stage"), about="stage")
        sight.a_past_day(self.on_date, self.today, confirmed=self.confirmed)

    def apply(self, change: Change) -> int:
        """The new case_id."""
        subject = sight.customer(change, self.customer_id)
        same = {"customer_id": self.customer_id, "kind": KIND, "on_date": self.on_date, "subject": self.summary.strip()}
        sight.refuse_twice(change, "case_file", same, confirmed=self.confirmed)
        _refuse_unknown(change, self.owner_id)
        owner_id = self.owner_id or subject.owner_id or change.actor.user_id
        case_id = change.next_id("case_file", "case_id")
        more = {name: getattr(self, name) for name in ("body", "channel", "stage")}
        file = {**same, **more, "case_id": case_id, "severity": self.priority, "owner_id": owner_id}
        change.insert("case_file", [file])
        at = _moment(change, self.on_date, self.at, self.today, None)
        begun = Case(case_id, self.customer_id, KIND, "new", None, file)
        cases.step(change, begun, Step("record", "new", self.on_date, at=at))
        if (self.solved or "").strip():
            cases.step(change, begun, Step("solve", "solved", self.on_date, note=self.solved, at=at))
        return case_id


@dataclass(frozen=True)
class AdvanceRequest(Command):
    """One step of a request, today or on a day at a time; priority and owner may be put right at any step.

    `score`: what the customer gave when it is closed, in CSAT or CES; a low one makes its call-back task.
    Refuses: a step that does not follow from its state, solving or reopening without saying how or why, a moment to come or before
    the step before it, a score before the end or outside its scale.
    """

    permission: ClassVar[Permission] = Permission.SERVICE_WRITE
    title: ClassVar[Text] = Text("推进服务请求", "Advance a service request")
    case_id: int
    action: str
    today: date
    note: str | None = None
    on_date: date | None = None
    at: time | None = None
    priority: int | None = None
    owner_id: int | None = None
    metric: str = "csat"
    score: int | None = None
    comment: str | None = None
    channel: str | None = None

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        sight.choice(self.action, stages.ACTION_LABEL, Text("步骤", "Step"), about="action")
        sight.text(self.note, NOTE, about="note", required=self.action in stages.REQUEST_NOTE_NEEDED)
        sight.text(self.comment, COMMENT, about="comment")
        sight.choice(self.priority, kinds.PRIORITY, PRIORITY, about="priority")
        sight.not_in_future(self.on_date or self.today, self.today)
        if self.score is not None and self.action != "close":
            raise Refused(_ONLY_AT_CLOSE, about="score")

    def apply(self, change: Change) -> dict[str, Any]:
        """The state it is in now, and task_id of a call-back when the score is low."""
        case = cases.find(change, self.case_id, KIND, unless=_NO_REQUEST)
        following = stages.advance(case.state, self.action, stages.REQUEST)
        _refuse_unknown(change, self.owner_id)
        right = {"severity": self.priority, "owner_id": self.owner_id}
        cases.rewrite(change, case, **{name: value for name, value in right.items() if value is not None})
        day = self.on_date or self.today
        at = _moment(change, day, self.at, self.today, case.last_at)
        cases.step(change, case, Step(self.action, following, day, note=self.note, at=at))
        return {"state": following, "task_id": self._scored(change, case) if self.score is not None else None}

    def _scored(self, change: Change, case: Case) -> int | None:
        assert self.score is not None
        answer = Answer(
            customer_id=case.customer_id,
            metric=self.metric,
            score=self.score,
            on_date=self.on_date or self.today,
            today=self.today,
            comment=self.comment,
            channel=self.channel or case.fields["channel"],
            entered_by=change.actor.user_id,
            case_id=case.case_id,
            stage=case.fields["stage"],
        )
        check(answer)
        return keep_answer(change, answer).task_id


def _moment(change: Change, day: date, at: time | None, today: date, last_at: datetime | None) -> datetime | None:
    """When it happened, in UTC; None: at this hour of the day. Refuses: a time to come, one before the step before it."""
    if at is None:
        return None
    moment = datetime.combine(day, at) - BUSINESS_OFFSET
    if moment > cases.moment(change, today):
        raise Refused(_NOT_YET, at=f"{day.isoformat()} {at:%H:%M}", about="at")
    if last_at and moment < last_at.replace(second=0, microsecond=0):
        raise Refused(_OUT_OF_ORDER, at=f"{day.isoformat()} {at:%H:%M}", last=f"{last_at + BUSINESS_OFFSET:%Y-%m-%d %H:%M}", about="at")
    return moment


def _refuse_unknown(change: Change, owner_id: int | None) -> None:
    if owner_id is None:
        return
    found = change.cursor.execute("select 1 from app_user where user_id = $owner_id and is_active", {"owner_id": owner_id}).fetchone()
    if found is None:
        raise Refused(_NO_OWNER, about="owner_id")
