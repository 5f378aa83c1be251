"""What moved between two dates: the bridge, who went from which age to which, and a year of ageing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

import pyarrow as pa
import streamlit as st

from lib import formats, terms
from lib.domain.buckets import bucket_words
from lib.text import Text
from lib.ui import charts, downloads, forms, page, session, tables, theme
from lib.ui.charts import Axis, Measure
from lib.ui.filters import Scope

VIEWS: Final = {
    "bridge": Text("变动", "Bridge"),
    "migration": Text("迁移", "Migration"),
    "trend": Text("趋势", "Trend"),
    "behaviour": Text("行为", "Behaviour"),
    "cash": Text("现金", "Cash"),
}
WEEKS: Final = 52
_VIEW: Final = Text("看什么", "View")
_SINCE: Final = Text("对比日", "Compare with")
_WHAT: Final = {"overdue": Text("逾期", "Overdue"), "all": Text("全部应收", "All receivables")}
_WHAT_LABEL: Final = Text("哪些钱", "Which money")
_STEPS: Final = {
    "overdue": ("opening", "newly_overdue", "collected", "written_off", "adjusted", "closing"),
    "all": ("opening", "billed", "collected", "credited", "written_off", "adjusted", "closing"),
}
_ENDS: Final = ("opening", "closing")
_STEP: Final = Text("看哪一步的明细", "Rows of which step")
_ROSE: Final = Text("{what}从 {before} 增加到 {after}：增加 {change}", "{what} rose from {before} to {after}, by {change}")
_FELL: Final = Text("{what}从 {before} 减少到 {after}：减少 {change}", "{what} fell from {before} to {after}, by {change}")
_SAME: Final = Text("{what}没有变化：{after}", "{what} did not change: {after}")
_LARGEST: Final = Text("最大的变动：{step} {amount}", "The largest step: {step} {amount}")
_NO_STEP: Final = Text("这段时间没有变动", "Nothing moved in this time")
_ABOUT: Final = Text(
    "{currency}，{since} 至 {date}；各步相加正好等于期末", "{currency}, {since} to {date}; the steps add up to the closing amount"
)
_ROWS: Final = Text("明细：{step}", "Rows: {step}")
_ROWS_ABOUT: Final = Text("金额大的在前，合计等于上图的一步", "Most money first; they add up to the step above")
_NO_ROWS: Final = Text(
    "这一步没有明细。选另一步，或换一个对比日。", "There is nothing behind this step. Choose another, or another day to compare with."
)
_NO_MONEY: Final = Text(
    "这里还没有账单。导入账单和收款后，变动、迁移和现金预测会出现在这里。",
    "There are no invoices yet. Import invoices and payments to see what moved and what will come.",
)
_WORSE: Final = Text("{amount} 变得更旧，{settled} 已收回或冲销", "{amount} grew older, {settled} was settled")
_MOST: Final = Text("变旧最多的：{cell}", "Most grew older here: {cell}")
_NONE_OLDER: Final = Text("没有变旧的钱", "No money grew older")
_CELLS: Final = Text("{currency}，行是 {since} 的账龄，列是 {date} 的账龄", "{currency}, down: age on {since}, across: age on {date}")
_NEW: Final = Text("新开账单", "New")
_GONE: Final = Text("已结清", "Settled")
_FROM: Final = Text("原账龄", "Age before")
_TO: Final = Text("现账龄", "Age now")
_WHO: Final = Text("是谁：{cell}", "Who: {cell}")
_CELL: Final = Text("{before} → {after}：{count} 个客户，{amount}", "{before} → {after}: {count}, {amount}")
_CELL_LABEL: Final = Text("看哪一格的客户", "Customers of which cell")
_YEAR: Final = Text("超过 90 天的占逾期的 {share}，一年前是 {before}", "{share} of overdue money is over 90 days old; a year ago {before}")
_OPEN: Final = Text("未收账单从 {before} 到 {after}", "Open invoices went from {before} to {after}")
_YEAR_ABOUT: Final = Text(
    "{currency} 未收账单金额，按周末账龄，{since} 至 {date}", "{currency} open by age at each week's end, {since} to {date}"
)
_OUTSIDE: Final = -2
_DETAILS: Final = ("name", "amount", "doc_no", "kind", "on_date", "due_on", "owner_name", "account_no")
_MOVED: Final = ("name", "amount", "doc_no", "days_overdue", "due_on", "owner_name", "account_no")
_OLD_DAYS: Final = 90


def choose() -> str:
    """Which of the five views is open."""
    return forms.switch("view", VIEWS, _VIEW)


def ready(scope: Scope) -> bool:
    """Whether there is money to speak of; else says what to do."""
    if page.row("any_money", scope) is None:
        page.nothing_yet(_NO_MONEY)
        return False
    return True


def bridge(scope: Scope) -> None:
    """How what was owed became what is owed, step by step, and the rows of one step."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        since = _since(scope)
        what = forms.switch("what", _WHAT, _WHAT_LABEL, labelled=True)
    found = {row["step"]: row for row in page.rows("bridge", scope, what=what, from_on=since)}
    amounts = {step: found[step]["amount"] if step in found else Decimal(0) for step in _STEPS[what]}
    st.markdown(f"#### {_moved(what, amounts, scope)}")
    moved = {step: amount for step, amount in amounts.items() if step not in _ENDS and amount}
    largest = max(moved, key=lambda step: abs(moved[step]), default=None)
    finding = session.say(_LARGEST, step=_step(largest), amount=_short(moved[largest], scope)) if largest else session.say(_NO_STEP)
    about = session.say(_ABOUT, currency=scope.currency, since=_date(since), date=_date(scope.as_of))
    table = pa.table(
        {
            "step": list(amounts),
            "amount": _money(list(amounts.values())),
            "count": [found[step]["count"] if step in found else 0 for step in amounts],
        }
    )
    charts.waterfall(table, charts.Caption("bridge", finding, about), Axis("step", words=terms.VALUE["step"]), _measure(scope), _ENDS)
    _bridge_rows(scope, what, since)


def migration(scope: Scope) -> None:
    """Which money went from which age to which, and whose it is."""
    since = _since(scope)
    cells = page.rows("migration", scope, from_on=since)
    words = _places()
    older = sum((one["amount"] for one in cells if _grew_older(one)), Decimal(0))
    settled = sum((one["amount"] for one in cells if one["to_no"] is None and one["from_no"] != -1), Decimal(0))
    st.markdown(f"#### {session.say(_WORSE, amount=_short(older, scope), settled=_short(settled, scope))}")
    most = max((one for one in cells if _grew_older(one)), key=lambda one: one["amount"], default=None)
    finding = session.say(_MOST, cell=page.md(_cell(most, scope))) if most else session.say(_NONE_OLDER)
    table = pa.table(
        {
            "from_no": pa.array([_place(one["from_no"]) for one in cells], pa.int32()),
            "to_no": pa.array([_place(one["to_no"]) for one in cells], pa.int32()),
            "amount": _money([one["amount"] for one in cells]),
            "customers": pa.array([one["customers"] for one in cells], pa.int32()),
        }
    )
    about = session.say(_CELLS, currency=scope.currency, since=_date(since), date=_date(scope.as_of))
    down = Axis("from_no", _FROM, {**words, _OUTSIDE: _NEW})
    across = Axis("to_no", _TO, {**words, _OUTSIDE: _GONE})
    charts.heat(table, charts.Caption("migration", finding, about), (down, across), _measure(scope), Measure("customers"))
    if cells:
        _migrated(scope, since, cells)


def trend(scope: Scope) -> None:
    """A year of ageing, week by week."""
    edges = _edges()
    found = page.rows("ageing_trend", scope, weeks=WEEKS)
    kept = [row for row in found if row["bucket_no"] is not None and row["amount"] > 0]
    days = sorted({row["on_date"] for row in found})
    if not days:
        page.empty(_NO_ROWS)
        return
    shares = [_old_share([row for row in found if row["on_date"] == day], edges) for day in (days[-1], days[0])]
    st.markdown(f"#### {session.say(_YEAR, share=formats.percent(shares[0], 0), before=formats.percent(shares[1], 0))}")
    ends = [sum((row["amount"] for row in kept if row["on_date"] == day), Decimal(0)) for day in (days[0], days[-1])]
    finding = session.say(_OPEN, before=_short(ends[0], scope), after=_short(ends[1], scope))
    about = session.say(_YEAR_ABOUT, currency=scope.currency, since=_date(days[0]), date=_date(days[-1]))
    table = pa.table(
        {
            "on_date": [row["on_date"] for row in kept],
            "bucket": pa.array([row["bucket_no"] for row in kept], pa.int32()),
            "amount": _money([row["amount"] for row in kept]),
            "count": pa.array([row["count"] for row in kept], pa.int32()),
        }
    )
    words = {code: word for code, word in bucket_words(edges).items() if code is not None}
    part = Axis("bucket", words=words, colours=theme.ramp(theme.palette().ageing, len(words)))
    charts.layers(table, charts.Caption("ageing_trend", finding, about), "on_date", _measure(scope), part)
    asked = page.question("ageing_trend", scope, weeks=WEEKS)
    downloads.export(downloads.Offer(VIEWS["trend"], asked, len(found)), scope)


def _bridge_rows(scope: Scope, what: str, since: date) -> None:
    steps = [step for step in _STEPS[what] if step not in _ENDS] + list(_ENDS)
    step = forms.switch(f"step_{what}", {step: terms.VALUE["step"][step] for step in steps}, _STEP, labelled=True)
    asked = page.question("bridge_rows", scope, what=what, from_on=since, step=step)
    table = asked.answer(limit=tables.PAGE_ROWS, offset=tables.offset("bridge_rows"))
    page.section(_ROWS, _ROWS_ABOUT, step=_step(step))
    if not table.num_rows:
        page.empty(_NO_ROWS)
        return
    downloads.export(downloads.Offer(VIEWS["bridge"], asked, table["total_count"][0].as_py()), scope)
    tables.show(table, _DETAILS, key="bridge_rows", opens="customer")


def _migrated(scope: Scope, since: date, cells: Sequence[Mapping[str, Any]]) -> None:
    ranked = sorted(cells, key=lambda one: (not _grew_older(one), -abs(one["amount"])))
    choices = {f"{_place(one['from_no'])}_{_place(one['to_no'])}": _cell(one, scope) for one in ranked}
    options = list(choices)
    asked_for = page.asked("cell")
    chosen = st.selectbox(
        session.say(_CELL_LABEL),
        options,
        index=options.index(asked_for) if asked_for in options else 0,
        format_func=lambda code: choices.get(code, code),
        key="cell_choice",
        on_change=lambda: st.query_params.update({"cell": st.session_state["cell_choice"]}),
    )
    before, _, after = str(chosen).partition("_")
    asked = page.question("migration_rows", scope, from_on=since, from_no=int(before), to_no=int(after))
    table = asked.answer(limit=tables.PAGE_ROWS, offset=tables.offset("migration_rows"))
    page.section(_WHO, cell=choices[str(chosen)])
    downloads.export(downloads.Offer(VIEWS["migration"], asked, table.num_rows), scope)
    tables.show(table, _MOVED, key="migration_rows", opens="customer")


def _since(scope: Scope) -> date:
    """The day compared with, from the URL: a week before when none is asked for."""
    latest, usual = scope.as_of - timedelta(days=1), scope.as_of - timedelta(days=7)
    first = min(date(1970, 1, 1), usual)
    chosen = st.date_input(session.say(_SINCE), usual, first, latest, key="from_on", bind="query-params", format="YYYY-MM-DD", width=150)
    return min(chosen, latest) if isinstance(chosen, date) else usual


def _moved(what: str, amounts: Mapping[str, Decimal], scope: Scope) -> str:
    before, after = amounts["opening"], amounts["closing"]
    sentence = _ROSE if after > before else _FELL if after < before else _SAME
    values = {"before": _short(before, scope), "after": _short(after, scope), "change": _short(abs(after - before), scope)}
    return session.say(
        sentence, what=session.say(_WHAT[what]), **{name: value for name, value in values.items() if f"{{{name}}}" in sentence.zh}
    )


def _cell(one: Mapping[str, Any], scope: Scope) -> str:
    words = _places()
    count = formats.counted(one["customers"], "customer", "customers")
    before = _NEW if one["from_no"] is None else words[one["from_no"]]
    after = _GONE if one["to_no"] is None else words[one["to_no"]]
    amount = formats.money(one["amount"], str(scope.currency), session.language(), compact=True)
    return session.say(_CELL, before=session.say(before), after=session.say(after), count=count, amount=amount)


def _places() -> dict[int, Text]:
    words = bucket_words(_edges())
    return {(-1 if code is None else code): word for code, word in words.items()}


def _place(code: int | None) -> int:
    return _OUTSIDE if code is None else code


def _grew_older(one: Mapping[str, Any]) -> bool:
    return one["from_no"] is not None and one["to_no"] is not None and one["to_no"] > one["from_no"]


def _old_share(week: Sequence[Mapping[str, Any]], edges: Sequence[int]) -> Decimal | None:
    first = 1 + sum(edge <= _OLD_DAYS for edge in edges)
    late = sum((row["amount"] for row in week if row["bucket_no"]), Decimal(0))
    old = sum((row["amount"] for row in week if row["bucket_no"] and row["bucket_no"] >= first), Decimal(0))
    return old / late if late else None


def _edges() -> tuple[int, ...]:
    return tuple(page.rows("bucket_edges")[0]["edges"])


def _step(step: str | None) -> str:
    return session.say(terms.VALUE["step"][step]) if step else formats.MISSING


def _measure(scope: Scope) -> Measure:
    return Measure("amount", scope.currency)


def _short(amount: Decimal, scope: Scope) -> str:
    return page.md(formats.money(amount, str(scope.currency), session.language(), compact=True))


def _date(on: date) -> str:
    return formats.full_date(on, session.language())


def _money(amounts: Sequence[Decimal]) -> pa.Array:
    return pa.array(list(amounts), pa.decimal128(18, 2))
