"""The service page: what is late or nearly so, whose turn it is, and how often we are in time."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime, timedelta
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from lib import formats
from lib.domain.access import Permission
from lib.domain.service_kind import CLOCK_SHORT, SERVICE_LEVEL
from lib.domain.working_time import BUSINESS_OFFSET
from lib.text import Text
from lib.ui import charts, downloads, forms, page, service_charts, session, tables
from lib.ui.downloads import Offer
from lib.ui.filters import Scope

QUEUES: Final[dict[str, Text]] = {
    "breached": Text("已超时", "Late"),
    "soon": Text("快到点", "Due soon"),
    "open": Text("未解决", "Not solved"),
    "waiting": Text("等客户", "Waiting for the customer"),
    "solved": Text("已解决，待关闭", "Solved, to be closed"),
    "over": Text("已办完", "Done"),
}
VIEWS: Final[dict[str, Text]] = {
    "queues": Text("待办", "To do"),
    "new": Text("新请求", "New request"),
    "levels": Text("按时率", "In time"),
    "calendar": Text("工作日历", "Working calendar"),
}
_VIEW: Final = Text("看什么", "What to look at")
_QUEUE: Final = Text("队列", "Queue")
_MINE: Final = Text("只看我的", "Mine only")
_TITLE: Final = Text("服务请求", "Service requests")
_HEADLINE: Final = Text("{breached} 件已超时，{soon} 件快到点，{open} 件未解决", "{breached} late, {soon} due soon, {open} not solved")
_ALL_WELL: Final = Text("没有超时的，也没有快到点的；{open} 件未解决", "Nothing is late or due soon; {open} not solved")
_NONE: Final = Text("这个队列是空的。", "This queue is empty.")
_EMPTY: Final = Text(
    "还没有服务请求。客户来电要维修、查询、补资料时，在“新请求”里记下，时限自动开始走。",
    "There are no service requests yet. When a customer needs a repair, an answer or a paper, note it under New request; its clocks start.",
)
_CLOCK: Final = Text("哪个时限", "Which clock")
_SHARE: Final = Text(
    "{clock}：近 13 周 {share} 按时（95% 区间 {low}–{high}，n={n}）",
    "{clock}: {share} in time over 13 weeks (95% interval {low}–{high}, n={n})",
)
_SHARE_NONE: Final = Text("{clock}：近 13 周还没有判定的请求", "{clock}: nothing is decided yet in 13 weeks")
_WEEKS: Final = Text("每周提出的请求：按时、超时、等客户", "Requests by the week they came in: in time, late, waiting")
_WEEKS_ABOUT: Final = Text(
    "占当周请求的百分比；竖线为按时率的 95% 区间（Wilson），到时限还没办就算超时；下面是件数",
    "Per cent of the week's requests; the line is the 95% interval of those in time (Wilson); late once the time is up; counts below",
)
_RULES: Final = Text("改服务时限", "Change the service levels")
_COLUMNS: Final = (
    "urgency",
    "name",
    "request_subject",
    "priority",
    "state",
    "clock",
    "due_at",
    "began_at",
    "owner_name",
    "channel",
    "region",
)
_WEEKS_BACK: Final = timedelta(weeks=13)


def now_at() -> datetime | None:
    """The moment clocks are read at, in business time to the minute; None, the end of the day, when another day is looked at."""
    if session.as_of() != session.today():
        return None
    clock = session.ledger().clock() + BUSINESS_OFFSET
    return datetime.combine(session.today(), clock.time().replace(second=0, microsecond=0))


def view() -> str:
    """Which part of the page is looked at; who may not record sees no form."""
    views = dict(VIEWS)
    if not session.actor().may(Permission.SERVICE_WRITE) or not session.at_present():
        views.pop("new")
    return forms.switch("show", views, _VIEW)


def queues(scope: Scope) -> None:
    """The queues with their counts, and the requests of the one chosen. A click opens one below."""
    mine = session.actor().user_id if st.session_state.get("mine", page.asked("mine") == "true") else None
    counts = {row["queue"]: row["count"] for row in page.rows("service_queues", scope, user_id=mine, now_at=now_at())}
    if not counts and mine is None:
        page.empty(_EMPTY)
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        _headline(counts)
        st.toggle(session.say(_MINE), key="mine", bind="query-params")
    queue = _queue(counts)
    asked = page.question("service_requests", scope, **_asked(queue, mine))
    table = asked.answer(limit=tables.PAGE_ROWS, offset=tables.offset("service"))
    with st.container(horizontal=True, vertical_alignment="center"):
        page.section(_TITLE)
        downloads.export(Offer(_TITLE, asked, table.num_rows), scope)
    if table.num_rows:
        tables.pick(table, _COLUMNS, key="service", into="request", by="case_id")
    else:
        page.empty(_NONE)


def _asked(queue: str, mine: int | None) -> dict[str, Hashable]:
    return {"queue": queue, "user_id": mine, "now_at": now_at(), "customer_id": None, "limit": None, "offset": None}


def _headline(counts: dict[str, int]) -> None:
    numbers = {queue: counts.get(queue, 0) for queue in QUEUES}
    sentence = _HEADLINE if numbers["breached"] + numbers["soon"] else _ALL_WELL
    st.markdown(f"#### {session.say(sentence, **numbers)}", width="stretch")


def _queue(counts: dict[str, int]) -> str:
    """The first queue that holds anything, unless one is chosen."""
    named = {queue: Text(f"{name.zh} {counts.get(queue, 0)}", f"{name.en} {counts.get(queue, 0)}") for queue, name in QUEUES.items()}
    first = next((queue for queue in QUEUES if counts.get(queue)), "open")
    st.session_state.setdefault("switch-queue", page.asked("queue") if page.asked("queue") in QUEUES else first)
    return forms.switch("queue", named, _QUEUE)


def levels(scope: Scope) -> None:
    """One clock over thirteen weeks: the share in time with its interval, week by week."""
    clock = forms.switch("clock", CLOCK_SHORT, _CLOCK)
    since = scope.as_of - _WEEKS_BACK
    since -= timedelta(days=since.weekday())
    asked = page.question("service_weeks", scope, clock=clock, since=since, now_at=now_at())
    rows = asked.answer().to_pylist()
    whole = next((row for row in rows if row["week_on"] is None), None)
    name = CLOCK_SHORT[clock]
    if whole is None:
        page.empty(_EMPTY)
        return
    table = _weeks(asked.answer())
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"#### {_share(whole, name)}", width="stretch")
        downloads.export(Offer(_TITLE, asked, table.num_rows, prepare=_weeks), scope)
    service_charts.in_time(table, charts.caption("service_weeks", _WEEKS, _WEEKS_ABOUT))
    if session.actor().may(Permission.METRIC_READ):
        page.link(_RULES, "policies", kind=SERVICE_LEVEL.name)


def _share(whole: dict[str, Any], name: Text) -> str:
    if whole["in_time_rate"] is None:
        return session.say(_SHARE_NONE, clock=name)
    ends = {end: formats.percent(whole[f"{end}_rate"], 0) for end in ("low", "high")}
    share = formats.percent(whole["in_time_rate"], 0)
    return session.say(_SHARE, clock=name, share=share, n=whole["on_time"] + whole["late"], **ends)


def _weeks(table: pa.Table) -> pa.Table:
    """Without the sum of all weeks."""
    return table.filter(pc.is_valid(table["week_on"]))
