"""The complaints page: what needs somebody now, then why customers complain, how long it takes and whether we keep up."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import date, timedelta
from typing import Any, Final

import pyarrow as pa
import streamlit as st

from lib import formats, terms
from lib.domain import kinds, stages
from lib.domain.access import Permission
from lib.term_values import VALUE
from lib.text import Text, plain
from lib.ui import charts, complaint_charts, downloads, forms, page, session, tables
from lib.ui.charts import Axis, Measure
from lib.ui.downloads import Offer
from lib.ui.filters import Scope

VIEWS: Final[dict[str, Text]] = {
    "queues": Text("待办", "To do"),
    "causes": Text("原因与用时", "Causes and time"),
    "groups": Text("分布", "Who and where"),
}
QUEUES: Final[dict[str, Text]] = {
    "todo": Text("现在要做", "Now"),
    "unacknowledged": Text("未受理", "Not acknowledged"),
    "overdue": Text("超期", "Late"),
    "escalate": Text("应升级", "To escalate"),
    "waiting": Text("等客户", "Waiting"),
    "confirm": Text("待客户确认", "To be confirmed"),
    "open": Text("全部未结", "All open"),
    "over": Text("已了结", "Ended"),
}
BY: Final[dict[str, Text]] = {
    "month": Text("按月", "By month"),
    "state": Text("按状态", "By state"),
    "channel": Text("按渠道", "By channel"),
    "region": Text("按地区", "By region"),
    "severity": Text("按严重程度", "By severity"),
    "stage": Text("按环节", "By stage"),
    "owner": Text("按客户经理", "By account manager"),
    "team": Text("按团队", "By team"),
}
SPANS: Final[dict[str, Text]] = {"91": Text("近 13 周", "13 weeks"), "365": Text("近一年", "A year"), "36500": Text("全部", "All")}
_VIEW: Final = Text("看什么", "What to look at")
_QUEUE: Final = Text("队列", "Queue")
_SPAN: Final = Text("多久", "How far back")
_GROUP: Final = Text("怎么分", "Split")
_MINE: Final = Text("只看我负责的", "Mine only")
_ANY: Final = Text("不限", "Any")
_NEW: Final = Text("记一件投诉", "Record a complaint")
_TITLE: Final = Text("投诉", "Complaints")
_HEADLINE: Final = Text(
    "{todo} 件现在要做；超期 {overdue} 件（含等客户的），应升级 {escalate} 件，未结 {open} 件",
    "{todo} to be dealt with now; {overdue} late (with those waiting for the customer), {escalate} to escalate, {open} open",
)
_ALL_WELL: Final = Text("没有超期或漏受理的投诉；{open} 件未结", "Nothing is late or unacknowledged; {open} open")
_EMPTY: Final = Text(
    "还没有投诉。点“记一件投诉”，或从表格导入。", "There are no complaints yet. Record one, or bring them in from a table."
)
_NONE: Final = Text("这个队列是空的。", "This queue is empty.")
_NO_DATA: Final = Text(
    "这段时间没有投诉。换个时间范围，或放宽筛选。", "No complaints in that time. Look further back or loosen the filters."
)
_COLUMNS: Final = (
    *("name", "complaint_subject", "severity", "state", "due_on", "late_work_days", "level_due", "cause", "owner_name", "on_date"),
    *("channel", "region"),
)
_CAUSES: Final = Text("{first}最多：{count} 件，占 {share}", "Most: {first}, {count}, {share} of all")
_NO_CAUSE: Final = Text("未写原因", "no cause given")
_CAUSES_ABOUT: Final = Text(
    "{span}的投诉件数和累计占比，共 {n} 件；短竖线是此前同样长的时间；已合并的不重复算",
    "Complaints and running share, {span}, {n} in all; the mark is as long before that; merged ones count once",
)
_TIMES: Final = Text("一半在 {median}内了结，九成在 {ninety}内", "Half ended within {median}, nine in ten within {ninety}")
_HALF: Final = Text("一半在 {median}内了结，还没到九成", "Half ended within {median}, not yet nine in ten")
_UNDER_HALF: Final = Text("了结的还不到一半", "Not yet half have ended")
_TIMES_ABOUT: Final = Text(
    "过了几天还有多少没了结（Kaplan–Meier，未结的算到今天），n={n}；还有 {open} 件未结，最老 {oldest} 天；等客户的天数不算",
    "The share still open after so many days (Kaplan–Meier; open ones count up to today), n={n}; {open} still open, the oldest "
    "{oldest} days; waiting for the customer does not count",
)
_NO_TIMES: Final = Text(
    "{undated} 件只知道已了结、不知道哪天，算不出用时。导入时带上状态日期就能算。",
    "Of {undated} only the end is known, not its day, so the time cannot be told. Bring in the status date to see it.",
)
_BRIDGE: Final = Text("13 周来未结从 {opening} 件到 {closing} 件", "Open went from {opening} to {closing} in 13 weeks")
_BRIDGE_ABOUT: Final = Text(
    "期初未结 + 新增 + 重开 − 了结 = 期末未结，件数", "Open at the beginning + new + opened again − ended = open at the end"
)
_WEEKS: Final = Text("每周", "Week by week")
_ACKNOWLEDGED: Final = Text("受理：{acknowledged}/{acknowledged_of} 按时", "Acknowledged in time {acknowledged}/{acknowledged_of}")
_HOURS: Final = Text("受理中位 {hours} 工作小时", "median {hours} working hours")
_UPHELD: Final = Text("成立 {upheld}/{decided}", "upheld {upheld}/{decided}")
_REOPENED: Final = Text("重开 {reopened}/{ended}", "opened again {reopened}/{ended}")
_REPEATED: Final = Text("同客户同原因重复 {repeated}/{count}", "same customer and cause {repeated}/{count}")
_CORRECTIONS: Final = Text("纠正措施管用吗", "Did corrective actions help?")
_CORRECTIONS_ABOUT: Final = Text(
    "完成前后各 90 天（投诉规则）里同一原因的投诉；先后不等于因果",
    "Complaints of the same cause in the 90 days (complaint rules) before and after; what came after need not come of it",
)
_NO_CORRECTIONS: Final = Text(
    "还没有纠正措施。打开一件投诉，点“纠正措施”。", "There are none yet. Open a complaint and choose Corrective action."
)
_CORRECTION_COLUMNS: Final = ("action", "cause", "owner_name", "due_on", "done_on", "count_before", "count_after", "days_after")
_GROUPS: Final = Text("{label}最多：{count} 件", "Most: {label}, {count}")
_MONTHS: Final = Text("{label}最多：{count} 件", "Most in {label}: {count}")
_GROUPS_ABOUT: Final = Text("{span}的投诉件数，共 {n} 件", "Complaints, {span}, {n} in all")
_WEEKS_BACK: Final = 13
_MOST_BARS: Final = 20
_ROUNDING: Final = 1e-12


def view() -> str:
    """Which part of the page is looked at, and the way to record one."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        chosen = forms.switch("show", VIEWS, _VIEW)
        if session.actor().may(Permission.SERVICE_WRITE):
            page.link(_NEW, "entry", form="complaint")
    return chosen


def queues(scope: Scope) -> None:
    """The queues with their counts, and the complaints of the one chosen. A click opens one below."""
    asked = _narrowed()
    counts = {row["queue"]: row["count"] for row in page.rows("complaint_queues", scope, **asked)}
    if not counts and not any(asked.values()):
        page.empty(_EMPTY, "imports", terms.IMPORTS)
        return
    numbers = {queue: counts.get(queue, 0) for queue in QUEUES}
    said = {queue: formats.number(number) for queue, number in numbers.items()}
    st.markdown(f"#### {session.say(_HEADLINE if numbers['todo'] else _ALL_WELL, **said)}")
    queue = _queue(counts)
    question = page.question("complaints", scope, **asked, queue=queue)
    table = question.answer(limit=tables.PAGE_ROWS, offset=tables.offset("complaints"))
    downloads.export(Offer(_TITLE, question, table.num_rows), scope)
    if table.num_rows:
        tables.pick(table, _COLUMNS, key="complaints", into="case", by="case_id")
    else:
        page.empty(_NONE)


def _narrowed() -> dict[str, Hashable]:
    """Mine only, one severity, one cause; they stand in the URL."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        severity = _one_of("severity", {str(number): _short(label) for number, label in kinds.SEVERITY.items()}, "severity")
        cause = _one_of("cause", kinds.CAUSE, "cause")
        mine = st.toggle(session.say(_MINE), key="mine", bind="query-params")
    user_id = session.actor().user_id if mine else None
    return {"user_id": user_id, "severity": int(severity) if severity else None, "cause": cause}


def _short(label: Text) -> Text:
    return Text(label.zh.split("：")[0], label.en.split(":")[0])


def _one_of(name: str, choices: dict[str, Text], column: str) -> str | None:
    """One of a list or none, kept in the URL by its code, the same in every language."""
    key, asked = f"only-{name}", page.asked(name)
    if key not in st.session_state:
        st.session_state[key] = asked if asked in choices else None
    chosen = st.selectbox(
        session.say(_LABEL[column]),
        list(choices),
        key=key,
        index=None,
        placeholder=session.say(_ANY),
        width=190,
        format_func=lambda code: session.say(choices[code]),
        on_change=lambda: st.query_params.update({name: st.session_state[key] or ""}),
    )
    return str(chosen) if chosen else None


_LABEL: Final[dict[str, Text]] = {"severity": Text("严重程度", "Severity"), "cause": Text("原因", "Cause")}


def _queue(counts: dict[str, int]) -> str:
    """The first queue that holds anything, unless one is chosen."""
    said = {queue: formats.number(counts.get(queue, 0)) for queue in QUEUES}
    named = {queue: Text(f"{name.zh} {said[queue]}", f"{name.en} {said[queue]}") for queue, name in QUEUES.items()}
    first = next((queue for queue in QUEUES if counts.get(queue)), "open")
    st.session_state.setdefault("switch-queue", page.asked("queue") if page.asked("queue") in QUEUES else first)
    return forms.switch("queue", named, _QUEUE)


def analysis(scope: Scope) -> None:
    """Why, how long, and whether we keep up."""
    span = forms.switch("span", SPANS, _SPAN)
    since = scope.as_of - timedelta(days=int(span))
    facts = page.row("complaint_summary", scope, since=since)
    if not facts or not facts["count"]:
        page.empty(_NO_DATA)
        return
    _facts(facts)
    left, right = page.halves()
    with left:
        _causes(scope, since, span)
    with right:
        _times(scope, since, facts)
    left, right = page.halves()
    with left:
        _weeks(scope)
    with right:
        _corrections(scope)


def _facts(facts: dict[str, Any]) -> None:
    """The figures there is anything to say of."""
    of = {"acknowledged_of": _ACKNOWLEDGED, "acknowledged_hours": _HOURS, "decided": _UPHELD, "ended": _REOPENED, "count": _REPEATED}
    counts = {name: formats.number(value) for name, value in facts.items()}
    said = {**counts, "acknowledged": counts["acknowledged_in_time"], "hours": formats.number(facts["acknowledged_hours"], 1)}
    shown = {name for name, value in facts.items() if value or (name == "acknowledged_hours" and value is not None)}
    st.markdown(page.md(" · ".join(session.say(words, **said) for name, words in of.items() if name in shown)))


def _causes(scope: Scope, since: date, span: str) -> None:
    question = page.question("complaint_causes", scope, since=since)
    table = question.answer()
    rows = table.to_pylist()
    own: dict[str | None, Text] = {row["cause"]: plain(row["cause"]) for row in rows if row["cause"] is not None}
    words = own | dict(kinds.CAUSE) | {None: _NO_CAUSE}
    n = sum(row["count"] for row in rows)
    first = page.md(session.say(words[rows[0]["cause"]]))
    finding = {"first": first, "count": formats.number(rows[0]["count"]), "share": page.md(formats.percent(rows[0]["running_rate"], 0))}
    about = {"span": _said(span), "n": formats.number(n)}
    said = charts.Caption("complaint_causes", session.say(_CAUSES, **finding), session.say(_CAUSES_ABOUT, **about))
    complaint_charts.pareto(table, said, Axis("cause", words=words))
    downloads.export(Offer(VIEWS["causes"], question, table.num_rows), scope)


def _said(span: str) -> str:
    said = session.say(SPANS[span])
    return said.lower() if session.language() == "en" else said


def _times(scope: Scope, since: date, facts: dict[str, Any]) -> None:
    table = page.read("complaint_times", scope, since=since, until=None)
    if facts["undated"] and not any(table["ended"].to_pylist()):
        page.empty(_NO_TIMES.filled(undated=formats.number(facts["undated"])))
        return
    if not table.num_rows:
        page.empty(_NO_DATA)
        return
    rows = table.to_pylist()
    about = {"n": formats.number(rows[0]["at_risk"]), "open": facts["open_count"], "oldest": facts["oldest_days"] or 0}
    complaint_charts.survival(table, charts.Caption("complaint_times", _times_found(rows), session.say(_TIMES_ABOUT, **about)))


def _times_found(rows: list[dict[str, Any]]) -> str:
    median, ninety = _until(rows, 0.5), _until(rows, 0.1)
    if median is None:
        return session.say(_UNDER_HALF)
    return session.say(_HALF, median=median) if ninety is None else session.say(_TIMES, median=median, ninety=ninety)


def _until(rows: list[dict[str, Any]], rest: float) -> str | None:
    """After how many days no more than a share was still open; nothing when it never came to that."""
    days = next((row["days"] for row in rows if row["open_rate"] <= rest + _ROUNDING), None)
    return None if days is None else formats.days(days, session.language())


def _weeks(scope: Scope) -> None:
    table = page.read("complaint_weeks", scope, weeks=_WEEKS_BACK)
    rows = table.to_pylist()
    steps = {
        "opening": rows[0]["opening_count"],
        **{name: sum(row[f"{name}_count"] for row in rows) for name in ("opened", "reopened")},
        "ended": -sum(row["ended_count"] for row in rows),
        "closing": rows[-1]["closing_count"],
    }
    bridge = pa.table({"step": list(steps), "count": list(steps.values())})
    ends = {name: formats.number(steps[name]) for name in ("opening", "closing")}
    said = charts.caption("complaint_bridge", _BRIDGE, _BRIDGE_ABOUT, **ends)
    charts.waterfall(bridge, said, Axis("step", words=VALUE["step"]), Measure("count"), ("opening", "closing"))
    with st.expander(session.say(_WEEKS), key="complaint_weeks"):
        tables.plain(table, ("week_on", "opening_count", "opened_count", "reopened_count", "ended_count", "closing_count"), key="weeks")


def _corrections(scope: Scope) -> None:
    page.section(_CORRECTIONS, _CORRECTIONS_ABOUT)
    table = page.read("corrections", scope)
    if table.num_rows:
        tables.show(table, _CORRECTION_COLUMNS, key="corrections", opens="customer")
    else:
        page.empty(_NO_CORRECTIONS)


def groups(scope: Scope) -> None:
    """How complaints are spread, by whatever is asked."""
    with st.container(horizontal=True):
        by, span = forms.switch("by", BY, _GROUP), forms.switch("span", SPANS, _SPAN)
    since = scope.as_of - timedelta(days=int(span))
    question = page.question("complaint_groups", scope, by=by, since=since, cause=None)
    table = question.answer()
    if not table.num_rows:
        page.empty(_NO_DATA)
        return
    words = _words(by)
    labels = [session.say(words[label]) if label in words else label or formats.MISSING for label in table["label"].to_pylist()]
    table = table.set_column(0, "label", pa.array(labels, pa.string()))
    rows = table.to_pylist()
    most = max(rows, key=lambda row: row["count"])
    finding = session.say(_MONTHS if by == "month" else _GROUPS, label=page.md(most["label"]), count=formats.number(most["count"]))
    about = session.say(_GROUPS_ABOUT, span=_said(span), n=formats.number(sum(row["count"] for row in rows)))
    shown = table.slice(max(0, table.num_rows - _MOST_BARS)) if by == "month" else table.slice(0, _MOST_BARS)
    charts.bars(shown, charts.Caption("complaint_groups", finding, about), Axis("label"), Measure("count"))
    downloads.export(Offer(BY[by], question, table.num_rows), scope)


def _words(by: str) -> dict[str, Text]:
    severity = {str(number): label for number, label in kinds.SEVERITY.items()}
    return {"state": stages.STATE_LABEL, "channel": kinds.CHANNEL, "severity": severity, "stage": kinds.STAGE}.get(by, {})
