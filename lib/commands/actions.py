"""Actions: what somebody promised in a review, and what became of it step by step, until it is done or given up for a reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar, Final

from lib.commands import Command, cases, reviewing, sight
from lib.commands.documents import records
from lib.commands.reviewing import Place
from lib.domain import actions
from lib.domain.access import Permission
from lib.errors import Conflict, Forbidden, NotFound, Refused
from lib.store.door import Change
from lib.term_review import VALUE
from lib.text import Text, listed, plain

WHAT: Final = Text("要做什么", "What is to be done")
DUE: Final = Text("期限", "Due")
NOTE: Final = Text("说明", "Note")
REASON: Final = Text("理由", "Reason")
EFFECT: Final = Text("预期效果", "Expected effect")
EFFECT_BY: Final = Text("何时看效果", "Effect by")
_STEP: Final = Text("步骤", "Step")
_NO_ACTION = Text("找不到这项行动，或不在您的范围内。", "There is no such action, or it is outside your scope.")
_NONE = Text("请先选至少一项行动。", "Choose at least one action first.")
_PAST = Text("期限 {day} 已经过了。请选今天或以后。", "The due date {day} has passed. Choose today or later.")
_NOT_LATER = Text("改期要选原期限 {day} 之后的一天。", "To put it off choose a day after {day}.")
_HALF_EFFECT = Text(
    "预期效果要写全：哪个指标、升还是降、哪天看。都不填也可以。",
    "An expected effect takes the metric, its direction and the day to look. Or leave all three empty.",
)
_EFFECT_EARLY = Text(
    "{day} 看不出效果：期限之后至少要过完一周。请选 {least} 或以后。",
    "Nothing can be seen on {day}: after the due date a whole week has to pass. Choose {least} or later.",
)
_OTHER_CUSTOMER = Text("这条投诉不是这个客户的。", "That complaint is not of this customer.")
_WORN = Text(
    "“{said}”已经顺延两次，不能再拖：请拆成小步、上交给能推动的人，或写明理由不做了。",
    "“{said}” was put off twice and cannot be once more: split it, hand it up to somebody who can move it, or give it up with a reason.",
)
_ALREADY = Text("“{said}”在这次周会里已经顺延过一次。", "“{said}” was carried over in this review already.")
_SAME_OWNER = Text("上交要选另一位负责人。", "To escalate choose another owner.")
_ONE_AT_A_TIME = Text("改期、上交和拆分每次只做一项。", "Putting off, escalating and splitting take one action at a time.")
_FEW_PARTS = Text("拆分要写出至少两项。", "A split takes at least two parts.")
_STILL_WORN = Text(
    "还有 {count} 项行动已顺延两次，结束前要先拆分、上交或不做了：{names}",
    "Before closing, split, escalate or give up what was put off twice ({count}): {names}",
)
_NOT_YOURS = Text(
    "“{said}”只能由负责人、记下它的人或主持这个周会的经理来推进。请告诉他们：{name}。",
    "“{said}” is moved on by its owner, who wrote it down, or a manager of this review. Please tell its owner, {name}.",
)
_UNSEEN = Text("客户已转出您范围的行动", "an action about a customer who has left your scope")
_OUT_OF_SIGHT = Text("一个您看不到的客户的行动（负责人 {name}）", "an action about a customer out of your sight (owner {name})")
_SAME_WORDS = Text("和原来写的一样。", "These are the words it has.")
_SINGLE: Final = frozenset({"moved", "escalated", "split"})
_LEAST_EFFECT: Final = timedelta(days=13)
_SPELLED_OUT: Final = 5


@dataclass(frozen=True, slots=True)
class Part:
    """One of the actions another was split into."""

    said: str
    owner_id: int
    due_on: date


@dataclass(frozen=True)
class RaiseAction(Command):
    """A promise: what, one owner, by when; perhaps about a customer, a metric or a complaint, and which effect is expected of it.

    `week_on`: the review it is written in; None: the next one to be held.
    Refuses: no words, a due date in the past, an owner who cannot take it, half an effect, the same again within ten minutes.
    """

    permission: ClassVar[Permission] = Permission.ACTION_WRITE
    title: ClassVar[Text] = Text("记下行动", "Write down an action")
    said: str
    owner_id: int
    due_on: date
    today: date
    customer_id: int | None = None
    metric: str | None = None
    effect: str | None = None
    effect_by: date | None = None
    case_id: int | None = None
    topic_id: int | None = None
    week_on: date | None = None
    confirmed: bool = False

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        _sound(self.said, self.due_on, self.today)
        reviewing.metric(self.metric)
        sight.choice(self.effect, VALUE["effect"], EFFECT, about="effect")
        if (self.effect is None) != (self.effect_by is None) or (self.effect and self.metric is None):
            raise Refused(_HALF_EFFECT, about="effect")
        least = self.due_on + _LEAST_EFFECT
        if self.effect_by and self.effect_by < least:
            raise Refused(_EFFECT_EARLY, day=self.effect_by.isoformat(), least=least.isoformat(), about="effect_by")

    def apply(self, change: Change) -> int:
        """The new action_id."""
        customer_id = self._customer(change)
        if self.topic_id is not None:
            reviewing.one(change, "topic", self.topic_id, _NO_ACTION)
        at = reviewing.place(change, self.today, self.week_on)
        reviewing.named(change, at)
        reviewing.owner(change, self.owner_id, customer_id)
        same = {"said": self.said.strip(), "owner_id": self.owner_id, "customer_id": customer_id, "circle": at.circle}
        sight.refuse_twice(change, "action_item", same, confirmed=self.confirmed)
        about = {name: getattr(self, name) for name in ("due_on", "metric", "effect", "effect_by", "case_id", "topic_id")}
        return _raise(change, at, {**same, **about})

    def _customer(self, change: Change) -> int | None:
        """The customer it is about, if need be that of the complaint, in sight."""
        customer_id = self.customer_id
        if self.case_id is not None:
            case = cases.find(change, self.case_id, "complaint", "service", "suggestion", "dispute")
            if customer_id not in (None, case.customer_id):
                raise Refused(_OTHER_CUSTOMER, about="case_id")
            customer_id = case.customer_id
        if customer_id is not None:
            sight.customer(change, customer_id)
        return customer_id


@dataclass(frozen=True)
class StepAction(Command):
    """One step of one or several actions: done, carried over, put off, escalated, split, given up, taken up again.

    due_on: the new day (put off, escalated, taken up again); to_id: whom it is handed to; parts: what it is split into.
    Refuses: an action of others, a step that does not follow, putting off what was put off twice, giving up without a reason, what the
    step needs and has not.
    """

    permission: ClassVar[Permission] = Permission.ACTION_WRITE
    title: ClassVar[Text] = Text("推进行动", "Move an action on")
    action_ids: tuple[int, ...]
    step: str
    today: date
    note: str | None = None
    due_on: date | None = None
    to_id: int | None = None
    parts: tuple[Part, ...] = ()
    week_on: date | None = None

    def validate(self) -> None:
        """Refuses: fields wrong in themselves."""
        if not self.action_ids:
            raise Refused(_NONE)
        sight.choice(self.step, actions.STEP, _STEP, about="step")
        needs_reason = self.step in actions.REASON_NEEDED
        sight.text(self.note, REASON if needs_reason else NOTE, about="note", required=needs_reason, limit=reviewing.LONGEST)
        if self.step in _SINGLE and len(self.action_ids) > 1:
            raise Refused(_ONE_AT_A_TIME)
        if self.due_on is not None and self.due_on < self.today:
            raise Refused(_PAST, day=self.due_on.isoformat(), about="due_on")
        if self.step == "split":
            if len(self.parts) < 2:  # noqa: PLR2004 (one part is no split)
                raise Refused(_FEW_PARTS, about="parts")
            for part in self.parts:
                _sound(part.said, part.due_on, self.today)

    def apply(self, change: Change) -> int:
        """How many took the step."""
        for action_id in dict.fromkeys(self.action_ids):
            self._take(change, _ones_own(change, action_id, lets_go=self.step in actions.LETS_GO))
        if len(self.action_ids) > 1:
            change.subject, change.customer_id = f"{len(self.action_ids)} actions", None
        return len(self.action_ids)

    def _take(self, change: Change, action: Mapping[str, Any]) -> None:
        actions.following(action["state"], self.step)
        at = reviewing.place(change, self.today, self.week_on, action["circle"])
        # Steps stand in their order: one written in an older review than the last comes with that one.
        at = Place(at.circle, max(at.week_on, action["week_on"], action["last_week_on"] or action["week_on"]))
        reviewing.named(change, at)
        if self.step in actions.WEARS:
            _refuse_wearing(action, at)
        match self.step:
            case "moved":
                self._put_off(change, action)
            case "escalated":
                self._hand_up(change, action)
            case "split":
                self._split(change, action, at)
            case "reopened" if self.due_on:
                change.rewrite("action_item", action["action_id"], due_on=self.due_on)
        _step(change, action, at, (self.today, self.step, (self.note or "").strip() or None))

    def _put_off(self, change: Change, action: Mapping[str, Any]) -> None:
        if self.due_on is None or self.due_on <= action["due_on"]:
            raise Refused(_NOT_LATER, day=action["due_on"].isoformat(), about="due_on")
        change.rewrite("action_item", action["action_id"], due_on=self.due_on)

    def _hand_up(self, change: Change, action: Mapping[str, Any]) -> None:
        if self.to_id is None or self.to_id == action["owner_id"]:
            raise Refused(_SAME_OWNER, about="to_id")
        reviewing.owner(change, self.to_id, action["customer_id"])
        due_on = self.due_on or action["due_on"]
        change.rewrite("action_item", action["action_id"], owner_id=self.to_id, due_on=due_on)

    def _split(self, change: Change, action: Mapping[str, Any], at: Place) -> None:
        """The parts stay what the whole was about; the effect is asked of the last of them."""
        about = {name: action[name] for name in ("customer_id", "case_id", "topic_id")}
        last = {name: action[name] for name in ("metric", "effect", "effect_by")}
        for place, part in enumerate(self.parts, 1):
            reviewing.owner(change, part.owner_id, action["customer_id"])
            own = {"said": part.said.strip(), "owner_id": part.owner_id, "due_on": part.due_on, "parent_id": action["action_id"]}
            _raise(change, at, {**about, **own, **(last if place == len(self.parts) else {"metric": action["metric"]})})


@dataclass(frozen=True)
class RewordAction(Command):
    """Other words for an action that means the same; those it had stay on record.

    Refuses: no words, the same words, an action of others.
    """

    permission: ClassVar[Permission] = Permission.ACTION_WRITE
    title: ClassVar[Text] = Text("改行动的文字", "Correct the words of an action")
    action_id: int
    said: str

    def validate(self) -> None:
        """Refuses: no words."""
        sight.text(self.said, WHAT, about="said", required=True, limit=reviewing.LONGEST)

    def apply(self, change: Change) -> None:
        """The action in its new words."""
        action, said = _ones_own(change, self.action_id), self.said.strip()
        if action["said"] == said:
            raise Refused(_SAME_WORDS, about="said")
        reviewing.named(change, Place(action["circle"], action["week_on"]))
        change.rewrite("action_item", self.action_id, said=said)


def carry_over(change: Change, week_on: date, today: date) -> int:
    """What closing a review does to its agenda: what is due by then and still open is carried to the next one. Gives how many.

    Refuses: while something on it was put off twice, naming it.
    """
    asked = {"week_on": week_on, "as_of": min(week_on + reviewing.WEEK - timedelta(days=1), today), "today": today}
    agenda = records(change, _AGENDA, {**asked, "actor_id": change.actor.user_id, "sees_all": change.actor.sees_all})
    worn = [_named(action) for action in agenda if action["is_worn"]]
    if worn:
        raise Conflict(_STILL_WORN, count=len(worn), names=listed(worn[:_SPELLED_OUT]))
    for action in agenda:
        _step(change, action, Place(action["circle"], week_on), (today, "carried", None))
    return len(agenda)


def _named(action: Mapping[str, Any]) -> Text:
    """An action by its words, or by its owner where its customer is out of sight by now."""
    return plain(f"“{action['said']}”") if action["is_seen"] else _OUT_OF_SIGHT.filled(name=action["owner_name"])


def _ones_own(change: Change, action_id: int, *, lets_go: bool = False) -> dict[str, Any]:
    """An action as it is now, for who may move it on: its owner, who wrote it down, and who runs the review it is of.

    `lets_go`: who runs the review may do so also when the customer is out of their sight by now.
    Refuses: an action that is not there or out of sight, one of others.
    """
    actor = change.actor
    found = records(change, _TAKEN, {"action_id": action_id, "actor_id": actor.user_id, "sees_all": actor.sees_all})
    runs = bool(found) and found[0]["attends"] and actor.may(Permission.MEETING_RUN)
    if not found or not (found[0]["is_seen"] or (lets_go and runs)):
        raise NotFound(_NO_ACTION)
    action = found[0]
    if not runs and actor.user_id not in (action["owner_id"], action["giver_id"]):
        raise Forbidden(_NOT_YOURS, said=action["said"], name=action["owner_name"])
    if not action["is_seen"]:
        return {**action, "said": _UNSEEN}
    if action["customer_id"] is not None:
        sight.customer(change, action["customer_id"], unless=_NO_ACTION)
    return action


def _refuse_wearing(action: Mapping[str, Any], at: Place) -> None:
    if action["carried_week_on"] == at.week_on:
        raise Conflict(_ALREADY, said=action["said"])
    if action["is_worn"]:
        raise Conflict(_WORN, said=action["said"])


def _sound(said: str, due_on: date, today: date) -> None:
    sight.text(said, WHAT, about="said", required=True, limit=reviewing.LONGEST)
    if due_on < today:
        raise Refused(_PAST, day=due_on.isoformat(), about="due_on")


def _raise(change: Change, at: Place, action: Mapping[str, object]) -> int:
    action_id = change.next_id("action_item", "action_id")
    change.insert("action_item", [{"action_id": action_id, "week_on": at.week_on, "circle": at.circle, **action}])
    return action_id


def _step(change: Change, action: Mapping[str, Any], at: Place, taken: tuple[date, str, str | None]) -> None:
    on_date, step, note = taken
    about = {"action_id": action["action_id"], "customer_id": action["customer_id"], "week_on": at.week_on}
    written = {"step_id": change.next_id("action_step", "step_id"), "on_date": on_date, "step": step, "note": note}
    change.insert("action_step", [{**about, **written}])


_TAKEN: Final = """
    select
        action.*,
        owner.name as owner_name,
        action.customer_id is null or is_visible(action.customer_id, $actor_id) as is_seen,
        attends(action.circle, $actor_id, $sees_all) as attends,
        (
            select arg_min(first.recorded_by, first.record_id) from action_item as first where first.action_id = $action_id
        ) as giver_id
    from action_at(date '9999-12-30', timestamp '9999-12-30') as action
    left join app_user as owner on action.owner_id = owner.user_id
    where
        action.action_id = $action_id
        and (attends(action.circle, $actor_id, $sees_all) or action.owner_id = $actor_id)
"""
_AGENDA: Final = """
    select
        action.action_id, action.circle, action.customer_id, action.is_worn, action.said, owner.name as owner_name,
        action.customer_id is null or is_visible(action.customer_id, $actor_id) as is_seen
    from agenda_action($week_on::date, $as_of::date, timestamp '9999-12-30') as action
    left join app_user as owner on action.owner_id = owner.user_id
    where action.is_waiting and action.due_on <= $today::date
        and (
            attends(action.circle, $actor_id, $sees_all)
            or reads_review(action.circle, action.owner_id, action.customer_id, $actor_id, $sees_all)
        )
    order by action.due_on, action.action_id
"""
