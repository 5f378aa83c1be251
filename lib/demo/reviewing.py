"""The demo company's weekly reviews: two held and frozen, with what was explained, decided and promised in them; the next one prepared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from lib.commands.actions import RaiseAction, StepAction
from lib.commands.decisions import Resolve
from lib.commands.explaining import AssignSignal, ExplainSignal, JudgeSignal
from lib.commands.meetings import CloseMeeting, OpenMeeting, StartMeeting
from lib.commands.topics import RaiseTopic, SettleTopic, VoteTopic
from lib.demo.desk import Desk
from lib.demo.people import FINANCE_ID

_LEAD_ID: Final = 3
_WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class _Held:
    """What is written down on a day in the review of a week."""

    desk: Desk
    week_on: date

    def told(self, who: str, metric: str, said: str, cause: str) -> None:
        """Somebody says why a number moved."""
        self.desk.do(who, ExplainSignal(metric, said, cause, self.week_on, self.desk.day, "all"))

    def promised(self, said: str, owner_id: int, due_on: date, **more: Any) -> int:  # noqa: ANN401 (fields of the action)
        """An action is written down."""
        action: int = self.desk.do("manager", RaiseAction(said, owner_id, due_on, self.desk.day, week_on=self.week_on, **more))
        return action


def beforehand(desk: Desk) -> int:
    """Promised before the first review, with an effect that is to be seen by now: the action's number."""
    held = _Held(desk, _week(desk))
    expected = {"metric": "new_complaints", "effect": "down", "effect_by": desk.day + 3 * _WEEK}
    return held.promised("派人驻佛山仓一周，逐单复核出库", _LEAD_ID, desk.day + _WEEK, **expected)


def first(desk: Desk, checked: int) -> dict[str, int]:
    """The first review: what it asked for, by name."""
    desk.do("lead", StepAction((checked,), "done", desk.day, "驻仓一周，漏发降到每天一单"))
    held, meeting_id = _begun(desk)
    held.told("manager", "open_complaints", "换仓后漏发错发集中出现，华南占一半以上", "ours")
    desk.do("manager", JudgeSignal("open_complaints", "act", held.week_on, desk.day))
    matched = held.promised("核对五月未入账的银行流水", FINANCE_ID, desk.day + timedelta(days=3))
    held.promised("拜访恒源，谈出分期还款方案", _LEAD_ID, desk.day + timedelta(days=4))
    decision = "恒源还清一半以前不再放宽额度"
    desk.do("manager", Resolve(decision, "连续三个月失信，欠款还在长", desk.day, desk.day + 2 * _WEEK, week_on=held.week_on))
    topic = desk.do("finance", RaiseTopic("低分两天内回访做不到，要不要加人", desk.day, week_on=held.week_on))
    desk.do("manager", VoteTopic(topic))
    _closed(desk, meeting_id, 7)
    return {"matched": matched, "topic": topic}


def second(desk: Desk, asked: Mapping[str, int]) -> None:
    """The second one: a promise kept, one carried over, a topic settled."""
    desk.do("finance", StepAction((asked["matched"],), "done", desk.day, "流水已全部入账，剩两笔在查"))
    held, meeting_id = _begun(desk)
    action = RaiseAction("给回访排班：每天下午两人轮值", _LEAD_ID, desk.day + _WEEK, desk.day)
    desk.do("manager", SettleTopic(asked["topic"], "solved", "不加人，先排班试四周", desk.day, action=action, week_on=held.week_on))
    held.promised("催回六月到期的前十户逾期款", FINANCE_ID, desk.day + timedelta(days=6))
    _closed(desk, meeting_id, 8)


def prepared(desk: Desk) -> None:
    """The review of the last week is prepared: one signal is explained, another is asked about, and there is something to talk about."""
    week_on = _week(desk)
    desk.do("manager", OpenMeeting(week_on, desk.day))
    desk.do("manager", AssignSignal("new_complaints", _LEAD_ID, week_on, desk.day))
    desk.do("manager", AssignSignal("first_response_rate", _LEAD_ID, week_on, desk.day))
    told = ExplainSignal("first_response_rate", "月底两人休假，早班没人接请求", "ours", week_on, desk.day, "all")
    desk.do("lead", told)
    topic = desk.do("finance", RaiseTopic("美元客户的账期要不要统一成 60 天", desk.day, week_on=week_on))
    desk.do("manager", VoteTopic(topic))
    desk.do("manager", RaiseTopic("佛山新仓要不要退租", desk.day, week_on=week_on))


def _begun(desk: Desk) -> tuple[_Held, int]:
    week_on = _week(desk)
    meeting_id: int = desk.do("manager", OpenMeeting(week_on, desk.day))
    desk.do("manager", StartMeeting(meeting_id))
    return _Held(desk, week_on), meeting_id


def _week(desk: Desk) -> date:
    """The week before the day's own."""
    return desk.day - timedelta(days=desk.day.weekday()) - _WEEK


def _closed(desk: Desk, meeting_id: int, score: int) -> None:
    desk.do("manager", CloseMeeting(meeting_id, desk.ledger, desk.day, "CNY", score, "方远、叶知秋、钱丽", desk.moment))
