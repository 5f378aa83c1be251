"""How complaints are dealt with, as a rule people can edit: times to answer, when to escalate and to whom, how long to come back."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from lib.domain.access import ROLE_LABEL, Role
from lib.domain.kinds import SEVERITY
from lib.domain.policies import Field, Kind, Rows
from lib.text import Text

_ONE: Final = Decimal(1)
_MOST_DAYS: Final = Decimal(730)
_TIMES: Final = Text("时限", "Times")
_ESCALATION: Final = Text("升级", "Escalation")
_AFTERWARDS: Final = Text("了结与复发", "Closing and recurrence")

COMPLAINT: Final = Kind(
    "complaint",
    Text("投诉处理", "Complaints"),
    Text(
        "多久受理、多久答复、超期几天升级给谁、关闭后多久可以重开。等客户的时间不算。",
        "How soon to acknowledge and to answer, when and to whom to escalate, how long a closed one can be opened again. "
        "Time spent waiting for the customer does not count.",
    ),
    (
        Field(
            "acknowledge_hours", Text("几个工作小时内受理", "Acknowledge within working hours"), "number", _ONE, Decimal(720), under=_TIMES
        ),
        *(
            Field(
                f"answer_days.{severity}",
                Text(f"几个工作日内答复：{label.zh.split('：')[0]}", f"Answer within working days: {label.en.split(':')[0].lower()}"),
                least=_ONE,
                most=_MOST_DAYS,
                under=_TIMES,
            )
            for severity, label in SEVERITY.items()
        ),
        Rows(
            "levels",
            Text("逐级升级", "Levels"),
            (
                Field("days", Text("超期几个工作日", "Working days late"), least=_ONE, most=_MOST_DAYS),
                Field("to", Text("升级给", "Goes to"), "choice", choices={role: ROLE_LABEL[role] for role in (Role.LEAD, Role.MANAGER)}),
            ),
            "days",
            most=5,
            under=_ESCALATION,
        ),
        Field(
            "attempts",
            Text("联系几次未果也可关闭", "Attempts after which it may be closed"),
            least=_ONE,
            most=Decimal(20),
            under=_AFTERWARDS,
        ),
        Field("reopen_days", Text("了结后几天内可重开", "Opened again within days"), most=_MOST_DAYS, under=_AFTERWARDS),
        Field(
            "recurrence_days",
            Text("同一原因几天内再来算复发", "Same cause again within days"),
            least=_ONE,
            most=_MOST_DAYS,
            under=_AFTERWARDS,
        ),
    ),
    (("answer_days.1", "answer_days.2", "answer_days.3"),),
)
