"""The rules of surveys people can edit: how often somebody is asked, how sure a score is to be, what follows low scores and silence."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from lib.domain.policies import Field, Kind
from lib.text import Text

_ONE: Final = Decimal(1)
_MOST_DAYS: Final = Decimal(1095)
_MOST_POINTS: Final = Decimal(50)
_ASK: Final = Text("多久问一次（按联系人）", "How often a contact is asked")
_SIZE: Final = Text("要多少回答", "How many answers are wanted")
_SILENT: Final = Text("没有回答的", "Who does not answer")
_LOW: Final = Text("低分之后", "After a low score")
_READ: Final = Text("怎么算", "How scores are read")


def _days(path: str, label: Text, under: Text) -> Field:
    return Field(path, label, least=_ONE, most=_MOST_DAYS, under=under)


def _share(path: str, label: Text, under: Text) -> Field:
    return Field(path, label, "rate", most=_ONE, under=under)


SURVEY: Final = Kind(
    "survey",
    Text("调查规则", "Surveys"),
    Text(
        "同一位联系人多久可以再问一次，要多少回答才看得出变化，没有回答的怎么跟进，低分多久内回访。",
        "How soon a contact may be asked again, how many answers show a change, what follows silence, how soon a low score is called back.",
    ),
    (
        _days("relationship_days", Text("关系调查（NPS）隔几天", "Days between relationship surveys (NPS)"), _ASK),
        _days("transaction_days", Text("单次事件调查（CSAT、CES）隔几天", "Days between surveys on one event (CSAT, CES)"), _ASK),
        Field("margin", Text("要看得出正负几分的变化", "Points a score may be off"), least=_ONE, most=_MOST_POINTS, under=_SIZE),
        _share("response_rate", Text("没有往期时，估计多少人回答", "Share expected to answer before any wave is known"), _SIZE),
        _days("first_reminder_days", Text("发出几天后提醒一次", "First reminder after days"), _SILENT),
        _days("second_reminder_days", Text("发出几天后再提醒", "Second reminder after days"), _SILENT),
        _share("call_rate", Text("提醒后仍没有回答的，抽多少打电话", "Share of the silent called after both reminders"), _SILENT),
        _days("call_back_days", Text("几个工作日内回访", "Called back within working days"), _LOW),
        _days("closed_loop_days", Text("几个工作日内跟进算及时", "Followed up in time within working days"), _LOW),
        _days("recovery_days", Text("几天内再次评分算挽回", "Won back when scored again within days"), _LOW),
        _days("coverage_days", Text("几天内有回答算听到过", "Heard from when answered within days"), _READ),
        Field(
            "decision_weight", Text("决策人的一票算几票", "Votes of a decision maker"), "number", least=_ONE, most=Decimal(10), under=_READ
        ),
    ),
    (("first_reminder_days", "second_reminder_days"),),
)
