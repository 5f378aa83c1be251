"""The rows a review looks at, as lines that read from afar and on a phone: who, how much, why, and the way to all of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import pyarrow as pa
import streamlit as st

from lib import formats
from lib.domain import kinds, stages
from lib.domain.access import Permission
from lib.review.agenda import Part
from lib.review.sections import SECTIONS, Source
from lib.term_values import VALUE
from lib.text import Text
from lib.ui import charts, customer, page, review, session
from lib.ui.charts import Axis, Measure
from lib.ui.review import Review

Row = Mapping[str, Any]

_NOTHING: Final = Text("这一周没有。", "None in this week.")
_ALL: Final = Text("看全部", "See all")
_OPEN: Final = Text("打开", "Open")
_ACT: Final = Text("加行动", "Add an action")
_LATE: Final = Text("最久 {days}", "{days} at most")
_LIKELY: Final = Text("30 天内收回的可能 {rate}", "{rate} likely within 30 days")
_AT_RISK: Final = Text("可能收不到 {amount}", "{amount} at risk")
_PROMISED: Final = Text("答应 {day} 付 {amount}，实收 {paid}", "promised {amount} by {day}, {paid} came")
_USED: Final = Text("欠 {amount}，额度 {limit}，用了 {rate}", "owes {amount} of {limit}, {rate} used")
_SCORE: Final = Text("{score}（{low} 至 {high}，n={n}）", "{score} ({low} to {high}, n={n})")
_CALLED: Final = Text("已回访", "called back")
_CALL_BY: Final = Text("{day} 前回访", "call back by {day}")
_AGE: Final = Text("已 {days}", "{days} old")
_OVER: Final = Text("超期 {count}", "{count} late")
_QUIET: Final = Text("{days}没买，平时 {usual} 一次", "nothing for {days}, usually every {usual}")
_YEAR: Final = Text("一年买了 {amount}", "{amount} bought in a year")
_OVERDUE: Final = Text("逾期 {amount}", "{amount} overdue")
_GAVE: Final = Text("{day} {metric} 打了 {score} 分（满分 {top}）", "{metric} {score} of {top} on {day}")
_BACK: Final = Text("{day} 再评分时满意了", "content again on {day}")
_NO_STORY: Final = Text(
    "最近没有没讲过的低分或挽回。这一节可以跳过。", "No low score or recovery that was not told lately. Skip this section."
)
_LATELY: Final = Text("最近发生的事", "What happened lately")
_BRIDGE: Final = Text("逾期从 {opening} 到 {closing}", "Overdue went from {opening} to {closing}")
_BRIDGE_ABOUT: Final = Text("{currency}，{week}", "{currency}, {week}")
_EVENTS: Final = 6
_FIRST: Final = 5
"""Lines of the lists that stand beside the main one; all of them are one click away."""


def tables(part: Part, found: Review) -> None:
    """A section's tables, each under its name, in the order of the agenda."""
    for name in part.tables:
        if name in found.pack.tables:
            _DRAW[name](source(name), found.pack.tables[name], found)


def source(name: str) -> Source:
    """The section of a table."""
    return next(one for one in SECTIONS if one.name == name)


def _listed(draw: Callable[[Row], tuple[str, str, str]]) -> Callable[[Source, Sequence[Row], Review], None]:
    """Rows as lines; `draw` gives who it is about, what is to be said, and what stands out."""

    def lines(about: Source, rows: Sequence[Row], found: Review) -> None:
        _title(about, found, len(rows))
        most = len(rows) if about.name == "overdue" else _FIRST
        with st.container(gap="xsmall", key=f"lines_{about.name}"):
            for place, row in enumerate(rows[:most]):
                _line(f"{about.name}_{place}", row, draw(row), found)

    return lines


def _title(about: Source, found: Review, count: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        page.section(about.label)
        page.link(_ALL, about.opens, **found.scope.address())
    if not count:
        st.caption(session.say(_NOTHING))


def _line(key: str, row: Row, said: tuple[str, str, str], found: Review) -> None:
    who, what, mark = said
    with st.container(horizontal=True, vertical_alignment="center", border=True, key=f"line_{key}", gap="small", wrap=False):
        owner = f"&ensp;:gray[{page.md(row['owner_name'])}]" if row.get("owner_name") else ""
        badge = f"&ensp;:orange-badge[{page.md(mark)}]" if mark else ""
        st.markdown(f"**{page.md(who)}**{badge}&ensp;{page.md(what)}{owner}", width="stretch")
        if row.get("case_id") is not None:
            page.link(_OPEN, "complaints", case=row["case_id"])
        elif row.get("customer_id") is not None:
            page.link(_OPEN, "customer", customer=row["customer_id"])
        if found.may_write and review.may(Permission.ACTION_WRITE) and row.get("customer_id") is not None:
            given = {"add": "action", "about": None, "customer": str(row["customer_id"])}
            st.button("", key=f"act-{key}", icon=":material/add_task:", help=session.say(_ACT), on_click=review.go, kwargs=given)


def _money(amount: Decimal | None, currency: str) -> str:
    return formats.money(amount, currency, session.language(), compact=True)


def _days(count: int) -> str:
    return formats.days(count, session.language())


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _overdue(row: Row) -> tuple[str, str, str]:
    late = session.say(_LATE, days=_days(row["max_days"]))
    rate = row["likelihood_rate"]
    likely = session.say(_LIKELY, rate=formats.percent(rate, 0)) if rate is not None else ""
    risk = session.say(_AT_RISK, amount=_money(row["risk_amount"], row["currency"]))
    return row["name"], _joined(_money(row["overdue_amount"], row["currency"]), late, likely), risk


def _broken(row: Row) -> tuple[str, str, str]:
    amounts = {"amount": _money(row["amount"], row["currency"]), "paid": _money(row["received_amount"], row["currency"])}
    said = session.say(_PROMISED, day=formats.day(row["due_on"], session.language()), **amounts)
    return row["name"], said, session.say(VALUE["result"][row["result"]])


def _limits(row: Row) -> tuple[str, str, str]:
    amounts = {"amount": _money(row["exposure_amount"], row["currency"]), "limit": _money(row["limit_amount"], row["currency"])}
    said = session.say(_USED, rate=formats.percent(row["used_rate"], 0), **amounts)
    return row["name"], said, session.say(VALUE["credit_state"][row["credit_state"]])


def _scores(row: Row) -> tuple[str, str, str]:
    ends = {name: formats.number(row[name]) for name in ("score", "low", "high", "n")}
    return session.say(VALUE["metric"][row["metric"]]), session.say(_SCORE, **ends), ""


def _lows(row: Row) -> tuple[str, str, str]:
    day = formats.day(row["task_due_on"], session.language())
    call = session.say(_CALLED) if row["task_done_on"] else session.say(_CALL_BY, day=day) if row["task_due_on"] else ""
    score = f"{session.say(VALUE['metric'][row['metric']])} {row['score']}"
    return row["name"], _joined(row["comment"] or "", call), score


def _complaints(row: Row) -> tuple[str, str, str]:
    late = row["late_work_days"] or 0
    over = session.say(_OVER, count=Text(f"{late} 个工作日", formats.counted(late, "working day", "working days").en)) if late else ""
    state = session.say(stages.STATE_LABEL[row["state"]])
    severity = session.say(kinds.SEVERITY[row["severity"]]).partition("：")[0].partition(":")[0] if row["severity"] else ""
    return row["name"], _joined(row["complaint_subject"], state, session.say(_AGE, days=_days(row["age_days"])), over), severity


def _quiet(row: Row) -> tuple[str, str, str]:
    year = session.say(_YEAR, amount=_money(row["amount_12m"], row["currency"]))
    return row["name"], _joined(session.say(_QUIET, days=_days(row["quiet_days"]), usual=_days(row["usual_days"])), year), ""


def _bridge(about: Source, rows: Sequence[Row], found: Review) -> None:
    """How the overdue of the week became what it is."""
    shown = [row for row in rows if row["currency"] == found.pack.currency]
    amounts = {row["step"]: row["amount"] for row in shown}
    if not {"opening", "closing"} & set(amounts):
        return
    _title(about, found, len(shown))
    ends = {name: _money(amounts.get(name, Decimal(0)), str(found.pack.currency)) for name in ("opening", "closing")}
    week = formats.week_days(found.pack.week_on, session.language())
    said = charts.caption("review_bridge", _BRIDGE, _BRIDGE_ABOUT, **ends, currency=found.pack.currency, week=week)
    columns = {"step": list(amounts), "count": [row["count"] for row in shown]}
    table = pa.table({**columns, "amount": pa.array(amounts.values(), pa.decimal128(18, 2))})
    charts.waterfall(table, said, Axis("step", words=VALUE["step"]), Measure("amount", found.pack.currency), ("opening", "closing"))


def _voice(about: Source, rows: Sequence[Row], found: Review) -> None:
    """The one story: the words, the score, the money, and what happened around it."""
    if not rows:
        page.empty(_NO_STORY)
        return
    (row,) = rows
    language = session.language()
    with st.container(border=True, key="review_voice"):
        if row["comment"]:
            st.markdown(f"#### “{page.md(row['comment'])}”")
        metric = session.say(VALUE["metric"][row["metric"]])
        gave = session.say(_GAVE, day=formats.day(row["on_date"], language), metric=metric, score=row["score"], top=row["top_score"])
        back = session.say(_BACK, day=formats.day(row["recovered_on"], language)) if row["recovered_on"] else ""
        money = session.say(_YEAR, amount=_money(row["amount_12m"], row["currency"]))
        late = session.say(_OVERDUE, amount=_money(row["overdue_amount"], row["currency"])) if row["overdue_amount"] else ""
        said = row["name"], _joined(gave, back, money, late), session.say(VALUE["story"][row["story"]])
        _line(about.name, row, said, found)
        st.caption(session.say(_LATELY))
        customer.lately(row["customer_id"], found.scope, _EVENTS)


_DRAW: Final[Mapping[str, Callable[[Source, Sequence[Row], Review], None]]] = {
    "voice": _voice,
    "overdue": _listed(_overdue),
    "bridge": _bridge,
    "broken": _listed(_broken),
    "limits": _listed(_limits),
    "scores": _listed(_scores),
    "lows": _listed(_lows),
    "complaints": _listed(_complaints),
    "quiet": _listed(_quiet),
}
