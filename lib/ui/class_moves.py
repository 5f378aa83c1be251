"""How customers moved between classes from one date to another, who they are, and what each class came to afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from typing import Any, Final

import pyarrow as pa
import streamlit as st

from lib import formats, terms
from lib.domain.payment_terms import months_after
from lib.text import Text
from lib.ui import charts, class_charts, downloads, forms, page, session, tables
from lib.ui.charts import Axis, Measure
from lib.ui.downloads import Offer
from lib.ui.filters import Scope

_SINCE: Final = Text("从哪天起", "From")
_DIMENSION: Final = Text("按什么看", "By")
DIMENSIONS: Final = {"frequency": Text("频次", "Frequency"), "amount_grade": Text("金额", "Amount")}
_STAYED: Final = Text("{share} 的客户没有换类；{up}升，{down}降", "{share} of customers kept their class; {up} went up, {down} went down")
_CELLS: Final = Text(
    "客户数和近 12 个月金额，{currency}，行是 {since}的类，列是 {date}的类",
    "Customers and amount of 12 months, {currency}; down: class on {since}, across: class on {date}",
)
_FLOW: Final = Text("每一带的宽度是客户数", "Each band is as thick as its customers")
_FLOW_ABOUT: Final = Text(
    "左 {since}，右 {date}；灰：没有换类，蓝：升，橙：降", "Left {since}, right {date}; grey stayed, blue went up, orange went down"
)
_BEFORE: Final = Text("原来", "Before")
_NOW: Final = Text("现在", "Now")
_WHO: Final = Text("是谁", "Who they are")
_CELL_LABEL: Final = Text("看哪一格的客户", "Customers of which cell")
_CELL: Final = Text("{before} → {after}：{count}，{amount}", "{before} → {after}: {count}, {amount}")
_OUTCOME: Final = Text("分类有没有意义", "Do classes mean anything?")
_OUTCOME_ABOUT: Final = Text(
    "按 {since}的类，看此后到 {date}买了多少、付得准不准时",
    "By class on {since}: what was bought and how punctually it was paid until {date}",
)
_BY: Final = {
    "cell": Text("频次和金额", "Frequency and amount"),
    "habit": Text("付款习惯", "Payment habit"),
    "credit": Text("信用", "Credit"),
}
_MEANS: Final = Text(
    "“{best}”的客户后来按时付了 {best_rate}，“{worst}”的只有 {worst_rate}：分得开",
    "“{best}” then paid {best_rate} on time, “{worst}” {worst_rate}: it tells",
)
_MEANS_NOT: Final = Text(
    "“{best}”的客户后来按时付了 {best_rate}，“{worst}”的 {worst_rate}：相差不到 5 个百分点，这样分说明不了付款",
    "“{best}” then paid {best_rate} on time, “{worst}” {worst_rate}: less than 5 points apart, so it says little about paying",
)
_BUYS: Final = Text(
    "“{first}”的客户此后每户买了 {first_amount}，“{last}”的每户 {last_amount}",
    "“{first}” then bought {first_amount} each, “{last}” {last_amount} each",
)
_ALONE: Final = Text("那天所有客户都是“{first}”，此后每户买了 {amount}", "All customers were “{first}” then; since, each bought {amount}")
_THIN: Final = Text("此后结清的账单太少，还说不准。", "Too few invoices were settled since to tell.")
_NOTHING: Final = Text("那天还没有客户。选一个更近的日期。", "There were no customers on that day. Choose a later one.")
_COLUMNS: Final = (
    "name",
    "old_frequency",
    "frequency",
    "old_amount_grade",
    "amount_grade",
    "old_amount_12m",
    "amount_12m",
    "owner_name",
    "account_no",
)
_OUTCOMES: Final = (
    "class_name",
    "customers",
    "total",
    "later_amount",
    "silent_count",
    "paid_invoices",
    "on_time_rate",
    "average_days_late",
)
_MARGIN: Final = 0.05
_ENOUGH: Final = 20


def show(scope: Scope) -> None:
    """Which class became which, who is behind each cell, and what came of each class."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        since = _since(scope)
        name = forms.switch("by", DIMENSIONS, _DIMENSION, labelled=True)
    cells = [row for row in page.rows("class_migration", scope, since=since) if row[f"old_{name}"] and row[name]]
    if not cells:
        page.empty(_NOTHING)
        return
    _matrix(scope, since, name, cells)
    _who(scope, since, name, cells)
    _outcome(scope, since)


def _since(scope: Scope) -> date:
    """The earlier day, from the URL: a year before when none is asked for."""
    latest, usual = scope.as_of - timedelta(days=1), months_after(scope.as_of, -12)
    first = min(date(1970, 1, 1), usual)
    chosen = st.date_input(session.say(_SINCE), usual, first, latest, key="since", bind="query-params", format="YYYY-MM-DD", width=150)
    return min(chosen, latest) if isinstance(chosen, date) else usual


def _matrix(scope: Scope, since: date, name: str, cells: Sequence[Mapping[str, Any]]) -> None:
    words = terms.VALUE[name]
    grid = [_summed(cells, name, before, after) for before, after in product(words, words)]
    order = list(words)
    moved = {"same": 0, "up": 0, "down": 0}
    for row in cells:
        rank = order.index(row[name]) - order.index(row[f"old_{name}"])
        moved["same" if rank == 0 else "up" if rank < 0 else "down"] += row["customers"]
    share = formats.percent(moved["same"] / sum(moved.values()), 0)
    finding = session.say(_STAYED, share=share, up=formats.customers(moved["up"]), down=formats.customers(moved["down"]))
    dated = {"since": _date(since), "date": _date(scope.as_of)}
    about = session.say(_CELLS, currency=scope.currency or "", **dated)
    down, across = Axis(f"old_{name}", _BEFORE, words), Axis(name, _NOW, words)
    left, right = page.halves()
    with left:
        charts.heat(
            pa.Table.from_pylist(grid),
            charts.Caption("class_moves", finding, about),
            (down, across),
            Measure("customers"),
            Measure("total", str(scope.currency)),
        )
    with right:
        said = charts.caption("class_flow", _FLOW, _FLOW_ABOUT, **dated)
        class_charts.bands(pa.Table.from_pylist(grid), said, (down, across), Measure("customers"))


def _summed(cells: Sequence[Mapping[str, Any]], name: str, before: str, after: str) -> dict[str, Any]:
    inside = [row for row in cells if (row[f"old_{name}"], row[name]) == (before, after)]
    total = sum((row["total"] for row in inside), Decimal(0))
    return {f"old_{name}": before, name: after, "customers": sum(row["customers"] for row in inside), "total": total}


def _who(scope: Scope, since: date, name: str, cells: Sequence[Mapping[str, Any]]) -> None:
    """The customers of one cell, those that changed first."""
    words = terms.VALUE[name]
    summed = [one for one in (_summed(cells, name, before, after) for before, after in product(words, words)) if one["customers"]]
    ranked = sorted(summed, key=lambda one: (one[f"old_{name}"] == one[name], -one["customers"]))
    choices = {f"{one[f'old_{name}']}-{one[name]}": _cell(one, name, scope) for one in ranked}
    options, asked_for = list(choices), page.asked("cell")
    chosen = st.selectbox(
        session.say(_CELL_LABEL),
        options,
        index=options.index(asked_for) if asked_for in options else 0,
        format_func=lambda code: choices.get(code, code),
        key=f"cell_of_{name}",
        on_change=lambda: st.query_params.update({"cell": st.session_state[f"cell_of_{name}"]}),
    )
    before, _, after = str(chosen).partition("-")
    asked = page.question("class_moved", scope, since=since, **{f"old_{name}": before, name: after})
    table = asked.answer(limit=tables.PAGE_ROWS, offset=tables.offset("class_moved"))
    with st.container(horizontal=True, vertical_alignment="center"):
        page.section(_WHO)
        downloads.export(Offer(_WHO, asked, table["total_count"][0].as_py() if table.num_rows else 0), scope)
    tables.show(table, _COLUMNS, key="class_moved", opens="customer")


def _cell(one: Mapping[str, Any], name: str, scope: Scope) -> str:
    words = terms.VALUE[name]
    amount = formats.money(one["total"], str(scope.currency), session.language(), compact=True)
    return session.say(
        _CELL, before=words[one[f"old_{name}"]], after=words[one[name]], count=formats.customers(one["customers"]), amount=amount
    )


def _outcome(scope: Scope, since: date) -> None:
    """What each class of the earlier date came to: bought since, paid since."""
    page.section(_OUTCOME, _OUTCOME_ABOUT, since=_date(since), date=_date(scope.as_of))
    by = forms.switch("outcome", _BY, _DIMENSION)
    asked = page.question("class_outcome", scope, since=since, by=by)
    table = asked.answer()
    rows = [{**row, "class_name": session.say(_named(by, row["label"]))} for row in table.to_pylist()]
    st.markdown(f"**{page.md(_finding(rows, by, scope))}**")
    language = session.language()
    downloads.export(Offer(_OUTCOME, asked, table.num_rows, prepare=lambda answer: _worded(answer, by, language)), scope)
    tables.plain(_worded(table, by, language), _OUTCOMES, key="class_outcome")


def _worded(table: pa.Table, by: str, language: Any) -> pa.Table:  # noqa: ANN401
    names = [_named(by, label).say(language) for label in table["label"].to_pylist()]
    return table.append_column("class_name", pa.array(names, pa.string()))


def _named(by: str, label: str | None) -> Text:
    if by == "cell":
        frequency, _, amount = (label or "dormant-small").partition("-")
        return terms.class_words(frequency, amount)
    return terms.VALUE["habit" if by == "habit" else "credit_grade"].get(label or "", Text(formats.MISSING, formats.MISSING))


def _finding(rows: Sequence[Mapping[str, Any]], by: str, scope: Scope) -> str:
    """Whether classes tell how punctually money came, or how much was bought."""
    if by == "cell":
        whole = [row for row in rows if row["customers"]]
        first, last = whole[0], whole[-1]
        each = [
            formats.money(row["later_amount"] / row["customers"], str(scope.currency), session.language(), compact=True)
            for row in (first, last)
        ]
        if len(whole) == 1:
            return session.say(_ALONE, first=first["class_name"], amount=each[0])
        return session.say(_BUYS, first=first["class_name"], first_amount=each[0], last=last["class_name"], last_amount=each[1])
    told = [row for row in rows if row["paid_invoices"] >= _ENOUGH and row["label"] not in ("unknown", "unrated")]
    if len(told) < 2:  # noqa: PLR2004 (two to compare)
        return session.say(_THIN)
    ranked = sorted(told, key=lambda row: -row["on_time_rate"])
    best, worst = ranked[0], ranked[-1]
    sentence = _MEANS if best["on_time_rate"] - worst["on_time_rate"] >= _MARGIN else _MEANS_NOT
    rates = {"best_rate": formats.percent(best["on_time_rate"], 0), "worst_rate": formats.percent(worst["on_time_rate"], 0)}
    return session.say(sentence, best=best["class_name"], worst=worst["class_name"], **rates)


def _date(day: date) -> str:
    return formats.full_date(day, session.language())
