"""Working time and service levels as rules people can edit: when we work, and how fast a request is answered and solved."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from lib.domain.kinds import PRIORITY
from lib.domain.policies import Body, Field, Kind
from lib.domain.working_time import MADE_UP, WEEKDAYS
from lib.errors import Refused
from lib.text import Text

CLOCK: Final[dict[str, Text]] = {
    "first": Text("首次响应", "First response"),
    "next": Text("再次响应（客户追问后）", "Next response, once the customer asks again"),
    "solve": Text("解决", "Solved"),
}
"""The clocks of a service request."""
CLOCK_SHORT: Final[dict[str, Text]] = {**CLOCK, "next": Text("再次响应", "Next response")}
_WEEKDAY: Final = (
    Text("星期一", "Monday"),
    Text("星期二", "Tuesday"),
    Text("星期三", "Wednesday"),
    Text("星期四", "Thursday"),
    Text("星期五", "Friday"),
    Text("星期六", "Saturday"),
    Text("星期日", "Sunday"),
)
_MADE_UP: Final = Text("调休上班日", "A weekend day worked instead")
_HOURS_ABOUT: Final = Text(
    "一天可以有几段，如 09:00-12:00 13:30-18:00；空着就是不上班。",
    "Any number of spans, such as 09:00-12:00 13:30-18:00; empty means nobody works.",
)
_NEVER: Final = Text("至少一天要有工作时间。", "At least one day must have working hours.")
_MOST_MINUTES: Final = Decimal(60_000)
_WITHIN: Final = Text("，工作分钟内", ", within working minutes")


def _some_hours(body: Body) -> dict[str, Any]:
    if not any(body[day] for day in WEEKDAYS):
        raise Refused(_NEVER, about=WEEKDAYS[0])
    return dict(body)


def _hours(path: str, label: Text) -> Field:
    return Field(path, label, "times", about=_HOURS_ABOUT)


WORKING_TIME: Final = Kind(
    "working_time",
    Text("工作时间", "Working time"),
    Text(
        "服务和投诉的时限只算工作时间；节假日和调休在“服务”页的工作日历里。",
        "Clocks of service and complaints count working time only; holidays and worked weekends stand in the calendar on the service page.",
    ),
    (*(_hours(path, label) for path, label in zip(WEEKDAYS, _WEEKDAY, strict=True)), _hours(MADE_UP, _MADE_UP)),
    fold=_some_hours,
)


def _minutes(clock: str, priority: int) -> Field:
    under = Text(f"{CLOCK[clock].zh}{_WITHIN.zh}", f"{CLOCK[clock].en}{_WITHIN.en}")
    return Field(f"{clock}.{priority}", PRIORITY[priority], least=Decimal(1), most=_MOST_MINUTES, under=under)


SERVICE_LEVEL: Final = Kind(
    "service_level",
    Text("服务时限", "Service levels"),
    Text(
        "服务请求按紧急程度，多少工作分钟内要响应、要解决；等客户的时间不算。",
        "Within how many working minutes a request is answered and solved, by priority; waiting for the customer does not count.",
    ),
    (
        *(_minutes(clock, priority) for clock in CLOCK for priority in PRIORITY),
        Field("soon", Text("只剩几成时间算“快到期”", "Due soon when this share of the time is left"), "rate", most=Decimal(1)),
    ),
    tuple(tuple(f"{clock}.{priority}" for priority in PRIORITY) for clock in CLOCK),
)
