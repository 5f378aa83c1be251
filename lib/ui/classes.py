"""Classification: who buys how often and how much, who pays how, what moved since last quarter, and a lab for its thresholds."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from typing import Any, Final

import pyarrow as pa
import streamlit as st

from lib import exports, formats, terms
from lib.domain.policy_kinds import CLASSIFICATION
from lib.text import Text
from lib.ui import charts, downloads, forms, page, policies, session, tables
from lib.ui.charts import Axis, Measure
from lib.ui.filters import Scope

VIEWS: Final = {
    "now": Text("现状", "Now"),
    "moves": Text("迁移", "Migration"),
    "groups": Text("维度", "Dimensions"),
    "lab": Text("阈值试验", "Threshold lab"),
}
_VIEW: Final = Text("看什么", "View")
_SIX: Final = {
    ("high", "large"): Text("高频大客户", "Frequent large"),
    ("high", "medium"): Text("高频中客户", "Frequent medium"),
    ("high", "small"): Text("高频小客户", "Frequent small"),
    ("low", "large"): Text("低频大客户", "Rare large"),
    ("low", "medium"): Text("低频中客户", "Rare medium"),
    ("low", "small"): Text("低频小客户", "Rare small"),
}
"""The cells the trade has names for (⑤5.1)."""
_SIX_CELL: Final = Text("{name} {count}", "{name} {count}")
_SIX_ABOUT: Final = Text("{count}，近 12 个月 {amount}", "{count}, {amount} in 12 months")
GRADES: Final = ("frequency", "amount_grade", "habit", "credit_grade")
_HEADLINE: Final = Text(
    "{large} 个大额客户占近 12 个月金额的 {share}；{dormant} 个客户一年没有账单",
    "{large} large customers make {share} of twelve months' amount; {dormant} had no invoice in a year",
)
_EMPTY: Final = Text(
    "这里还没有客户。导入客户和账单后，就能看到他们属于哪一类。",
    "There are no customers yet. Import customers and invoices to see which class they are in.",
)
_MATRIX: Final = Text("买得勤又买得多的：{count} 个客户，{amount}", "Frequent and large: {count} customers, {amount}")
_PAYING: Final = Text("习惯拖欠的：{count} 个客户，{amount}", "Late payers by habit: {count} customers, {amount}")
_ABOUT: Final = Text("客户数和近 12 个月金额，{currency}，截至 {date}", "Customers and amount of 12 months, {currency}, as of {date}")
_LIST: Final = Text("客户", "Customers")
_LIST_ABOUT: Final = Text("选一类，看属于它的客户；金额大的在前", "Choose a class to see its customers, the largest amount first")
_ALL: Final = Text("全部", "All")
_CHANGES: Final = Text("自 {date}以来换了类的客户", "Customers whose class changed since {date}")
_CHANGES_ABOUT: Final = Text(
    "与上季末相比：{up} 个买得更多或更勤，{down} 个变少", "Against the end of last quarter: {up} buy more or more often, {down} less"
)
_CHANGED_CLASS: Final = Text("换类客户", "Customers whose class changed")
_UNCHANGED: Final = Text("自上季末以来没有客户换类。", "No customer changed class since the end of last quarter.")
_RULE: Final = Text("怎么分的", "How classes are made")
_RULE_SINCE: Final = Text("自 {date} 起有效：{reason}", "In force since {date}: {reason}")
_FREQUENCY: Final = Text(
    "**频次**：近 {months} 个月的账单，{high} 张起为高频，{normal} 张起为常规，{low} 张起为低频，没有为沉睡。",
    "**Frequency**: invoices of the last {months} months; from {high} frequent, from {normal} regular, from {low} rare, none dormant.",
)
_AMOUNT: Final = Text(
    "**金额**：同币种客户按金额从大到小，合计到 {large} 的为大额，到 {medium} 的为中额，其余小额。",
    "**Amount**: customers of one currency by amount; those that make up {large} are large, up to {medium} medium, the rest small.",
)
_FIXED: Final = Text(
    "**金额（{currency}）**：{large} 起为大额，{medium} 起为中额。",
    "**Amount ({currency})**: from {large} large, from {medium} medium.",
)
_HABIT: Final = Text(
    "**付款习惯**：到期后 {grace_days} 天内算按时；{prompt_rate} 按时为按时，不到 {late_rate} 或平均拖 {late_days} 天以上为习惯拖欠，"
    "结清不足 {invoices} 张为未知。",
    "**Payment habit**: paid within {grace_days} days of due counts as on time; {prompt_rate} on time is prompt, under {late_rate} or over "
    "{late_days} days late on average is late, under {invoices} settled invoices unknown.",
)
_CREDIT: Final = Text(
    "**信用分**：按时 {punctuality} + 当前不逾期 {overdue} + 承诺兑现 {promises} + 往来年限 {tenure} + 采购稳定 {stability}"
    " + 规模 {ability}，未知的项不计；{high} 分起为高，{mid} 分起为中。",
    "**Credit score**: on time {punctuality} + not overdue now {overdue} + promises kept {promises} + years of business {tenure} + steady "
    "buying {stability} + size {ability}; what is unknown does not count; from {high} high, from {mid} medium.",
)
_SHOWN: Final = (
    "name",
    *GRADES,
    "amount_12m",
    "invoices",
    "on_time_rate",
    "average_days_late",
    "credit_score",
    "owner_name",
    "account_no",
)
_CHANGED: Final = ("name", "old_frequency", "frequency", "old_amount_grade", "amount_grade", "amount_12m", "owner_name", "account_no")
_QUARTER: Final = 3


def choose() -> str:
    """Which of the four views is open."""
    return forms.switch("view", VIEWS, _VIEW)


def now(scope: Scope) -> None:
    """Where customers stand: the matrices, the customers of a class, who moved since last quarter, and the rule."""
    matrices(scope)
    six(scope)
    customers(scope)
    changes(scope)
    rule(scope)


def lab(_: Scope) -> None:
    """The thresholds in force, others to try and publish, and every version; amounts and dates of the whole company."""
    policies.in_force(CLASSIFICATION)
    policies.editor(CLASSIFICATION)
    policies.history(CLASSIFICATION)


def headline(scope: Scope) -> bool:
    """One sentence about where the money is; False when there are no customers."""
    cells = page.rows("class_matrix", scope)
    if not cells:
        page.nothing_yet(_EMPTY)
        return False
    customers, total = _sum(cells, amount_grade="large")
    share = formats.percent(total / whole if (whole := _sum(cells)[1]) else None)
    dormant = _sum(cells, frequency="dormant")[0]
    said = session.say(_HEADLINE, large=formats.number(customers), share=share, dormant=formats.number(dormant))
    st.markdown(f"#### {page.md(said)}")
    return True


def matrices(scope: Scope) -> None:
    """Frequency by amount, and payment habit by credit: customers and money in each cell."""
    left, right = page.halves()
    with left:
        _heat(
            page.rows("class_matrix", scope), ("frequency", "amount_grade"), scope, _MATRIX, {"frequency": "high", "amount_grade": "large"}
        )
    with right:
        _heat(page.rows("classes", scope), ("habit", "credit_grade"), scope, _PAYING, {"habit": "late"})


def six(scope: Scope) -> None:
    """The cells with a name, each a click from its customers."""
    cells = page.rows("class_matrix", scope)
    with st.container(horizontal=True, key="six-cells"):
        for (frequency, amount_grade), name in _SIX.items():
            count, amount = _sum(cells, frequency=frequency, amount_grade=amount_grade)
            label = session.say(_SIX_CELL, name=name, count=formats.number(count))
            about = session.say(_SIX_ABOUT, count=formats.customers(count), amount=_money(amount, scope))
            chosen = {"frequency": frequency, "amount_grade": amount_grade}
            st.button(page.md(label), key=f"six-{frequency}-{amount_grade}", help=page.md(about), on_click=_look_at, kwargs=chosen)


def _look_at(**grades: str) -> None:
    for name in GRADES:
        st.session_state[name] = grades.get(name)


def _money(amount: Decimal, scope: Scope) -> str:
    return formats.money(amount, str(scope.currency), session.language(), compact=True)


def customers(scope: Scope) -> None:
    """The customers of a class with the numbers that put them there; a click opens one."""
    page.section(_LIST, _LIST_ABOUT)
    with st.container(horizontal=True, vertical_alignment="bottom", key="grades"):
        chosen = {name: _grade(name) for name in GRADES}
    asked = page.question("class_of_customers", scope, **chosen)
    table = asked.answer(limit=tables.PAGE_ROWS, offset=tables.offset("class_customers"))
    downloads.export(downloads.Offer(terms.CLASSIFICATION, asked, table.num_rows), scope)
    tables.show(table, _SHOWN, key="class_customers", opens="customer")


def changes(scope: Scope) -> None:
    """Who moved up or down since the end of last quarter."""
    since = quarter_end_before(scope.as_of)
    asked = page.question("class_changes", scope, since=since)
    moved = asked.answer(limit=tables.PAGE_ROWS, offset=tables.offset("class_changes"))
    page.section(_CHANGES, date=formats.full_date(since, session.language()))
    if not moved.num_rows:
        page.empty(_UNCHANGED)
        return
    total, risen = moved["total_count"][0].as_py(), moved["risen_count"][0].as_py()
    st.caption(session.say(_CHANGES_ABOUT, up=formats.number(risen), down=formats.number(total - risen)))
    downloads.export(downloads.Offer(_CHANGED_CLASS, asked, total), scope)
    tables.show(moved, _CHANGED, key="class_changes", opens="customer")


def rule(scope: Scope) -> None:
    """The thresholds in force, in words."""
    found = page.row("rule_in_force", scope, kind="classification")
    if found is None:
        return
    body = json.loads(found["body"])
    since = formats.full_date(found["effective_on"], session.language())
    with st.expander(session.say(_RULE), key="class_rule"):
        for sentence, values in _sentences(body):
            st.markdown(session.say(sentence, **values))
        st.caption(session.say(_RULE_SINCE, date=since, reason=page.md(found["reason"])))


def quarter_end_before(day: date) -> date:
    """The last day of the quarter before a day's own."""
    first_month = day.month - (day.month - 1) % _QUARTER
    return date(day.year, first_month, 1) - timedelta(days=1)


def _sentences(body: Mapping[str, Any]) -> list[tuple[Text, dict[str, object]]]:
    rates = {name: formats.percent(body["amount"][name], 0) for name in ("large", "medium")}
    habit = body["habit"] | {name: formats.percent(body["habit"][name], 0) for name in ("prompt_rate", "late_rate")}
    fixed = [(_FIXED, _fixed(cut)) for cut in body["amount"].get("fixed", ())]
    often = {"months": body["months"], **body["frequency"]}
    return [(_FREQUENCY, often), (_AMOUNT, rates), *fixed, (_HABIT, habit), (_CREDIT, body["credit"])]


def _fixed(cut: Mapping[str, Any]) -> dict[str, object]:
    currency = cut.get("currency") or session.settings()["base_currency"]
    said = {name: page.md(formats.money(Decimal(str(cut[name])), currency, session.language())) for name in ("large", "medium")}
    return {"currency": currency, **said}


def _grade(name: str) -> str | None:
    """One grade to look at; in the URL, so that a link shows the same customers."""
    words = {code: session.say(word) for code, word in terms.VALUE[name].items()}
    chosen = st.selectbox(
        session.say(exports.label(name)),
        list(words),
        index=None,
        format_func=lambda code: words.get(code, code),
        placeholder=session.say(_ALL),
        key=name,
        bind="query-params",
        width=150,
    )
    return str(chosen) if chosen else None


def _heat(cells: Sequence[Mapping[str, Any]], names: tuple[str, str], scope: Scope, finding: Text, told: Mapping[str, str]) -> None:
    count, amount = _sum(cells, **told)
    grid = []
    for codes in product(*(terms.VALUE[name] for name in names)):
        place = dict(zip(names, codes, strict=True))
        customers, total = _sum(cells, **place)
        grid.append({**place, "customers": customers, "total": total})
    language = session.language()
    said = charts.caption(
        "_".join(names),
        finding,
        _ABOUT,
        count=formats.number(count),
        amount=page.md(formats.money(amount, str(scope.currency), language, compact=True)),
        currency=scope.currency,
        date=formats.full_date(scope.as_of, language),
    )
    down, across = (Axis(name, words=terms.VALUE[name]) for name in names)
    charts.heat(pa.Table.from_pylist(grid), said, (down, across), Measure("customers"), Measure("total", str(scope.currency)))


def _sum(cells: Sequence[Mapping[str, Any]], **place: str) -> tuple[int, Decimal]:
    """Customers and money of the cells in one place."""
    inside = [cell for cell in cells if all(cell[name] == code for name, code in place.items())]
    return sum(cell["customers"] for cell in inside), sum((cell["total"] for cell in inside), Decimal(0))
