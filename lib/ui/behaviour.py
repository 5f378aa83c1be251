"""How customers pay: fifteen numbers, groups between the limits of chance, what to set aside, and each customer's habit."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import pyarrow as pa
import streamlit as st

from lib import formats, terms
from lib.domain import statistics
from lib.domain.buckets import bucket_words
from lib.metrics import BEHAVIOUR, METRICS, Measurement, measure
from lib.text import Text, listed
from lib.ui import board, charts, downloads, forms, page, session, tables
from lib.ui.filters import Scope
from lib.ui.movement import VIEWS

_BY: Final = {
    "owner": terms.COLUMN["owner_name"],
    "team": Text("团队", "Team"),
    "region": Text("地区", "Region"),
    "class": Text("类别", "Class"),
}
_RATES: Final = ("on_time_rate", "promise_kept_rate")
_RATE: Final = Text("看哪个比率", "Which rate")
_GROUP: Final = Text("按什么分", "Group by")
_HEADLINE: Final = Text(
    "客户平均晚 {late} 天付款，按期结清 {share}；近 91 天拖欠的代价 {cost}",
    "Lateness adds {late} days to collection, {share} settled on time; it cost {cost} in 91 days",
)
_OUTSIDE: Final = Text("{names} 与整体不同，不是偶然", "{names} differ from the whole by more than chance")
_WITHIN: Final = Text("各组的差别都在偶然范围内，不必排名", "All groups differ by no more than chance: no ranking is called for")
_ABOUT: Final = Text(
    "{metric}，整体 {rate}；横轴是笔数，阴影是三倍标准误内的偶然范围",
    "{metric}, {rate} overall; across: how many, shaded: what chance allows (three standard errors)",
)
_NO_GROUPS: Final = Text("这段时间没有可比的数据。", "There is nothing to compare in this time.")
_PROVISION: Final = Text("坏账准备：{amount}", "Provision for bad debt: {amount}")
_CONFIRM: Final = Text(
    "按政策“坏账准备”的现行比例计算，比例和金额须由财务确认。账龄不因争议、承诺或分期而减少。",
    "At the rates of the provision policy in force; finance must confirm rates and amount. "
    "Disputes, promises and plans take nothing out of the ageing.",
)
_BESIDE: Final = {
    "not_due": Text("未到期", "Not due"),
    "disputed": Text("有争议", "Disputed"),
    "promised": Text("已承诺", "Promised"),
    "on_plan": Text("分期付款中", "On a plan"),
}
_PAIR: Final = Text("{name} {amount}", "{name} {amount}")
_PAYERS: Final = Text("每个客户的付款习惯", "How each customer pays")
_PAYERS_ABOUT: Final = Text("近一年结清的账单；逾期多者在前", "Invoices settled in the last year; most overdue first")
_COLUMNS: Final = (
    "name",
    "habit",
    "average_days_late",
    "on_time_rate",
    "paid_invoices",
    "overdue_amount",
    "open_amount",
    "owner_name",
    "account_no",
)
_STEPS: Final = 40


def show(scope: Scope) -> None:
    """The view: numbers first, then groups, provision and customers."""
    now = {one.metric: one for one in _measured(("delinquent_days", "on_time_rate", "lateness_cost_amount"), scope)}
    values = {
        "late": formats.number(now["delinquent_days"].value, 1),
        "share": formats.percent(now["on_time_rate"].value, 0),
        "cost": board.said(now["lateness_cost_amount"].value, METRICS["lateness_cost_amount"], scope.currency),
    }
    st.markdown(f"#### {session.say(_HEADLINE, **values)}")
    board.panel(BEHAVIOUR, scope, "behaviour")
    board.behind(scope)
    _groups(scope)
    _provision(scope)
    _payers(scope)


def _measured(names: tuple[str, ...], scope: Scope, by: str | None = None) -> list[Measurement]:
    return measure(session.ledger(), session.actor(), names, scope.as_of, known_at=scope.known_at, weeks=1, by=by, scope=scope.cut())


def _groups(scope: Scope) -> None:
    """A funnel instead of a league table: a small group strays far by chance alone."""
    with st.container(horizontal=True):
        name = forms.switch("rate", {one: METRICS[one].label for one in _RATES}, _RATE, labelled=True)
        by = forms.switch("by", _BY, _GROUP, labelled=True)
    groups = [one for one in _measured((name,), scope, by) if one.denominator]
    whole = sum((one.denominator or Decimal(0) for one in groups), Decimal(0))
    if not whole:
        page.empty(_NO_GROUPS)
        return
    rate = float(sum((one.numerator for one in groups), Decimal(0)) / whole)
    rows = [_placed(one, rate, by) for one in groups]
    outside = [str(row["label"]) for row in rows if row["is_outside"]]
    names = listed(outside) if outside else None
    finding = session.say(_OUTSIDE, names=page.md(session.say(names))) if names else session.say(_WITHIN)
    about = session.say(_ABOUT, metric=session.say(METRICS[name].label), rate=formats.percent(rate))
    largest = max(int(one.denominator or 0) for one in groups)
    sizes = sorted({max(1, round(largest * step / _STEPS)) for step in range(1, _STEPS + 1)} | {1, largest})
    limits = [
        {"count": size, "low": found.low, "high": found.high, "rate": rate} for size in sizes for found in [statistics.funnel(rate, size)]
    ]
    charts.funnel(pa.Table.from_pylist(rows), charts.Caption(f"funnel_{name}_{by}", finding, about), "label", pa.Table.from_pylist(limits))


def _placed(one: Measurement, whole: float, by: str) -> dict[str, object]:
    n, rate = int(one.denominator or 0), float(one.value or 0)
    chance = statistics.funnel(whole, n)
    label = one.label or formats.MISSING
    if by == "class" and one.label:
        label = session.say(terms.class_words(*one.label.split("-")))
    return {"label": label, "rate": rate, "count": n, "is_outside": not chance.low <= rate <= chance.high, "is_better": rate > whole}


def _provision(scope: Scope) -> None:
    found = page.read("provision", scope)
    total = sum((row["provision_amount"] for row in found.to_pylist()), Decimal(0))
    page.section(_PROVISION, amount=_short(total, scope))
    st.caption(session.say(_CONFIRM))
    beside = page.rows("beside_ageing", scope)
    if beside:
        said = [session.say(_PAIR, name=session.say(_BESIDE[row["part"]]), amount=_short(row["amount"], scope)) for row in beside]
        st.markdown(" · ".join(said))
    if found.num_rows:
        words = bucket_words(tuple(found["edges"][0].as_py()))
        named = [session.say(words[code]) for code in found["bucket_no"].to_pylist()]
        table = found.append_column("bucket", pa.array(named, pa.string()))
        tables.plain(table, ("bucket", "amount", "count", "provision_rate", "provision_amount"), key="provision")


def _payers(scope: Scope) -> None:
    page.section(_PAYERS, _PAYERS_ABOUT)
    asked = page.question("payers", scope)
    table = asked.answer(limit=tables.PAGE_ROWS, offset=tables.offset("payers"))
    if table.num_rows:
        downloads.export(downloads.Offer(VIEWS["behaviour"], asked, table["total_count"][0].as_py()), scope)
    tables.show(table, _COLUMNS, key="payers", opens="customer")


def _short(amount: Decimal, scope: Scope) -> str:
    return page.md(formats.money(amount, str(scope.currency), session.language(), compact=True))
