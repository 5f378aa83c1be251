"""Customer value: how unevenly money is spread, who brings how much and why, risk beside value, groups found without rules."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import product
from typing import Any, Final

import pyarrow as pa
import streamlit as st

from lib import exports, formats, terms
from lib.domain.worth import RFM_BAND, RISK_GRADE
from lib.text import Language, Text
from lib.ui import charts, downloads, forms, page, session, tables, value_charts
from lib.ui.charts import Axis, Measure
from lib.ui.downloads import Offer
from lib.ui.filters import Scope

_WINDOWS: Final = {"12m": Text("近 12 个月", "Last 12 months"), "all": Text("全部历史", "All history")}
_WINDOW: Final = Text("看哪段时间", "Which time")
_EMPTY: Final = Text(
    "这里还没有买过东西的客户。导入账单后，就能看到谁带来多少价值。",
    "No customer has bought anything yet. Import invoices to see who brings how much.",
)
_HEADLINE: Final = Text(
    "最大的 10 个客户占近 12 个月金额的 {top}；{most}（{share}）带来八成",
    "The ten largest customers make {top} of twelve months' amount; {most} ({share}) bring four fifths",
)
_CURVE: Final = Text("前五分之一的客户占 {fifth}", "The first fifth of customers makes {fifth}")
_CURVE_ABOUT: Final = Text(
    "横轴：客户从大到小；纵轴：金额占比，{currency}；共 {count} 个客户，基尼系数 {gini}；虚线是平均分布",
    "Across: customers from the largest on; up: share of amount, {currency}; {count} customers, Gini {gini}; dashed: spread evenly",
)
_BANDS: Final = Text("核心客户 {count} 个，占 {share}", "{count} core customers make {share}")
_BANDS_ABOUT: Final = Text(
    "多近、多勤、多少各 1–5 分：核心 13 分起，主力 10，一般 7；近 12 个月金额，{currency}",
    "How recent, how often, how much, 1–5 each: core from 13 points, strong 10, middling 7; amount of 12 months, {currency}",
)
_MAP: Final = Text("大额又高风险：{count} 个客户，{amount}", "Large and risky: {count} customers, {amount}")
_MAP_ABOUT: Final = Text(
    "金额档与晚付可能（低于 20%、低于 50%、其上）：客户数和近 12 个月金额，{currency}",
    "Amount grade by chance to pay late (below 20%, below 50%, above): customers and amount of 12 months, {currency}",
)
_LIST: Final = Text("每个客户的价值", "What each customer is worth")
_LIST_ABOUT: Final = Text(
    "按近 12 个月金额排序。预计：未来 12 个月会买多少；多半在：按模型把每个客户的这一年抽 128 遍，取中间八成；"
    "同类差距：离同类客户的前四分之一还差多少。",
    "By the amount of twelve months. Next: what twelve months will bring; likely: the middle 80% of 128 such years drawn for each customer "
    "by the model; room: what is missing to the upper quarter of the segment.",
)
_ALL: Final = Text("全部", "All")
_GROUPS: Final = Text("不用规则会怎么分", "How customers group without rules")
_GROUPS_ABOUT: Final = Text(
    "按多近、多勤、多少自动分组（k 均值，每次结果相同），只供对照，不会改变任何客户的类；每组用中间的客户和最常见的类说明。"
    "与现行频次和金额档的一致程度：{rand}（1 为完全一致，0 为碰巧）；{share} 的客户与所在组最常见的类相同。",
    "Grouped by how recently, how often and how much (k-means, the same every time), to compare with: no customer's class changes. "
    "Each group is told by its middle customer and its usual class. "
    "Agreement with the classes in force: {rand} (1: the same, 0: by chance); {share} of customers are of their group's usual class.",
)
_BOUGHT: Final = Text("买过 {days} 天，最近 {last}", "bought {days} ×, last {last}")
_PAID: Final = Text("晚付 {late}/{known}", "late {late}/{known}")
_AND: Final = Text("{other}；{one}", "{other}; {one}")
_SHOWN: Final = (
    "name",
    "amount_12m",
    "expected_12m_amount",
    "likely_range",
    "potential_amount",
    "rfm_band",
    "expected_purchases",
    "late_rate",
    "reason",
    "owner_name",
)
_GROUP_COLUMNS: Final = ("group_no", "class", "quiet_days", "usual_invoices", "usual_amount", "customers", "amount_12m")


def headline(scope: Scope) -> bool:
    """One sentence about where the money comes from; False when nobody bought anything."""
    curve = page.rows("value_concentration", scope, window="12m")
    if not curve and not page.rows("value_concentration", scope, window="all"):
        page.nothing_yet(_EMPTY)
        return False
    if curve:
        one = curve[0]
        most = formats.customers(one["most_customers"])
        share = formats.percent(one["most_customers"] / one["customers"], 0)
        st.markdown(f"#### {session.say(_HEADLINE, top=formats.percent(one['top_ten_rate'], 0), most=most, share=share)}")
    return True


def spread(scope: Scope) -> None:
    """The concentration curve beside the bands of recency, frequency and money, then value by risk."""
    window = forms.switch("window", _WINDOWS, _WINDOW)
    cells = page.rows("value_cells", scope)
    left, right = page.halves()
    with left:
        _curve(page.read("value_concentration", scope, window=window), scope)
    with right:
        _bands(cells, scope)
    if any(cell["risk_grade"] != "unknown" for cell in cells):
        _map([cell for cell in cells if cell["total"]], scope)


def customers(scope: Scope) -> None:
    """Customers of a cell, band or group, the most money first, each with the facts behind; a click opens one."""
    page.section(_LIST, _LIST_ABOUT)
    groups = {str(row["group_no"]): Text(str(row["group_no"]), str(row["group_no"])) for row in page.rows("value_groups", scope)}
    lists = {"rfm_band": RFM_BAND, "amount_grade": terms.VALUE["amount_grade"], "risk_grade": RISK_GRADE, "group_no": groups}
    with st.container(horizontal=True, vertical_alignment="bottom", key="value_lists"):
        chosen: dict[str, Any] = {name: _choice(name, words) for name, words in lists.items() if words}
    if chosen.get("group_no"):
        chosen["group_no"] = int(chosen["group_no"])
    asked = page.question("value_customers", scope, **chosen)
    table = asked.answer(limit=tables.PAGE_ROWS, offset=tables.offset("value_customers"))
    total = table["total_count"][0].as_py() if table.num_rows else 0
    downloads.export(Offer(terms.CUSTOMER_VALUE, asked, total, _LIST_ABOUT, prepare=explained), scope)
    told = explained(table)
    shown = [name for name in _SHOWN if name != "likely_range" or told[name].null_count < told.num_rows]
    tables.show(told, shown, key="value_customers", opens="customer")


def groups(scope: Scope) -> None:
    """The groups beside the rules, each explained by its middle customer."""
    table = page.read("value_groups", scope)
    run = next((row for row in page.rows("model_runs", scope) if row["model"] == "groups" and row["uses"] == "model"), None)
    if run is None or not table.num_rows:
        return
    parameters = json.loads(run["parameters"])
    page.section(_GROUPS)
    rand, share = formats.number(parameters["adjusted_rand"], 2), formats.percent(parameters["share"], 0)
    st.caption(session.say(_GROUPS_ABOUT, rand=rand, share=share))
    words = [session.say(terms.class_words(*name.split("-"))) for name in table["class"].to_pylist()]
    told = table.set_column(table.column_names.index("class"), "class", pa.array(words, pa.string()))
    tables.plain(told, _GROUP_COLUMNS, key="value_groups")


def explained(table: pa.Table) -> pa.Table:
    """The same rows with the facts behind what is foretold."""
    language = session.language()
    pairs = zip(table["purchases_reason"].to_pylist(), table["late_reason"].to_pylist(), strict=True)
    told = table.append_column("reason", pa.array([_why(bought, paid, language) for bought, paid in pairs], pa.string()))
    known = zip(table["purchases_reason"].to_pylist(), table["currency"].to_pylist(), strict=True)
    return told.append_column("likely_range", pa.array([_between(reason, currency, language) for reason, currency in known], pa.string()))


def _between(reason: str | None, currency: str, language: Language) -> str | None:
    """Between what amounts the next twelve months are likely to end, where a model says so."""
    facts = json.loads(reason) if reason else {}
    if "high" not in facts:
        return None
    low, high = (formats.money(Decimal(str(facts[end])), currency, language, compact=True) for end in ("low", "high"))
    return f"{low} – {high}"


def _why(bought: str | None, paid: str | None, language: Language) -> str | None:
    said = []
    if bought:
        facts = json.loads(bought)
        last = formats.full_date(date.fromisoformat(facts["last"]), language)
        said.append(_BOUGHT.say(language, days=formats.number(facts["days"]), last=last))
    if paid:
        facts = json.loads(paid)
        said.append(_PAID.say(language, known=formats.number(facts["known"]), late=formats.number(facts["late"])))
    if len(said) > 1:
        return _AND.say(language, one=said[0], other=said[1])
    return said[0] if said else None


def _curve(table: pa.Table, scope: Scope) -> None:
    if not table.num_rows:
        return
    one = table.slice(0, 1).to_pylist()[0]
    said = charts.caption(
        "concentration",
        _CURVE,
        _CURVE_ABOUT,
        fifth=formats.percent(one["top_fifth_rate"], 0),
        currency=scope.currency,
        count=formats.number(one["customers"]),
        gini=formats.number(one["gini"], 2),
    )
    value_charts.concentration(table.select(["customer_rate", "money_rate"]), said)


def _bands(cells: Sequence[Mapping[str, Any]], scope: Scope) -> None:
    rows = [{"rfm_band": band, **_sum(cells, rfm_band=band)} for band in RFM_BAND]
    total = sum((row["total"] for row in rows), Decimal(0))
    share = formats.percent(rows[0]["total"] / total if total else None, 0)
    said = charts.caption("rfm", _BANDS, _BANDS_ABOUT, count=formats.number(rows[0]["customers"]), share=share, currency=scope.currency)
    charts.bars(pa.Table.from_pylist(rows), said, Axis("rfm_band", words=RFM_BAND), Measure("total", str(scope.currency)))


def _map(cells: Sequence[Mapping[str, Any]], scope: Scope) -> None:
    places = [dict(zip(("amount_grade", "risk_grade"), codes, strict=True)) for codes in product(terms.VALUE["amount_grade"], RISK_GRADE)]
    grid = [{**place, **_sum(cells, **place)} for place in places]
    worst = _sum(cells, amount_grade="large", risk_grade="high")
    values = {"count": formats.number(worst["customers"]), "amount": _short(worst["total"], scope), "currency": scope.currency}
    said = charts.caption("value_map", _MAP, _MAP_ABOUT, **values)
    axes = (Axis("amount_grade", words=terms.VALUE["amount_grade"]), Axis("risk_grade", words=RISK_GRADE))
    charts.heat(pa.Table.from_pylist(grid), said, axes, Measure("customers"), Measure("total", str(scope.currency)))


def _sum(cells: Sequence[Mapping[str, Any]], **place: str) -> dict[str, Any]:
    """Customers and money of the cells in one place."""
    inside = [cell for cell in cells if all(cell[name] == code for name, code in place.items())]
    return {"customers": sum(cell["customers"] for cell in inside), "total": sum((cell["total"] for cell in inside), Decimal(0))}


def _choice(name: str, words: Mapping[str, Text]) -> str | None:
    """One value to look at; in the URL, so that a link shows the same customers."""
    said = {code: session.say(word) for code, word in words.items()}
    chosen = st.selectbox(
        session.say(exports.label(name)),
        list(said),
        index=None,
        format_func=lambda code: said.get(code, code),
        placeholder=session.say(_ALL),
        key=name,
        bind="query-params",
        width=150,
    )
    return str(chosen) if chosen else None


def _short(amount: Decimal, scope: Scope) -> str:
    return page.md(formats.money(amount, str(scope.currency), session.language(), compact=True))
