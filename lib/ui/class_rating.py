"""Importance, potential and complexity of customers as sums of visible points: by level, as a list with the parts, and for one customer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import pyarrow as pa
import streamlit as st

from lib import formats
from lib.domain.policies import values
from lib.domain.rating_kind import PARTS, RATING
from lib.terms import POLICIES, VALUE
from lib.text import Language, Text
from lib.ui import charts, downloads, forms, page, policy_values, session, tables
from lib.ui.charts import Axis, Measure
from lib.ui.downloads import Offer
from lib.ui.filters import Scope

RATED: Final = VALUE["rating"]
_LEVEL: Final = Text("{level} 级", "Level {level}")
_NO_LEVEL: Final = Text("未评", "Not rated")
_FINDING: Final = Text(
    "{rating} 4 级以上：{count}，近 12 个月 {amount}（{share}）", "{rating} of level 4 and more: {count}, {amount} in 12 months ({share})"
)
_ABOUT: Final = Text(
    "客户数；满分 100，每 20 分一级，5 级最高；{currency}，截至 {date}",
    "Customers; out of 100, every 20 points a level, 5 the highest; {currency}, as of {date}",
)
_LIST: Final = Text("{rating}怎么来的", "Where it comes from: {rating}")
_LIST_ABOUT: Final = Text(
    "每项得分旁边是它的依据；不知道的项不计，知道的不到一半就不评",
    "Points of each part beside its facts; what is unknown does not count, and with less than half known there is no rating",
)
_WHICH: Final = Text("看哪一级", "Which level")
_ALL: Final = Text("全部", "All")
_RULE: Final = Text("怎么评的", "How customers are rated")
_VERSION: Final = Text("规则第 {policy_id} 版", "Rule version {policy_id}")
_SUM: Final = Text("**{rating} {score} 分（{level}）**：{parts}", "**{rating} {score} points ({level})**: {parts}")
_PART: Final = Text("{part} {points}/{most}（{fact}）", "{part} {points}/{most} ({fact})")
_UNKNOWN: Final = Text("{part} 不计（{fact}）", "{part} does not count ({fact})")
_AND: Final = Text(" ＋ ", " + ")
_LEVELS: Final = (5, 4, 3, 2, 1)
_HIGH: Final = 4
_COLUMNS: Final = {
    "importance": ("amount_points", "habit_points", "tenure_points", "amount_12m", "full_amount", "habit", "tenure_years"),
    "potential": ("growth_points", "breadth_points", "interest_points", "growth_rate", "products", "peer_products", "enquiries"),
    "complexity": (
        *("documents_points", "currencies_points", "disputes_points", "complaints_points", "contacts_points"),
        *("documents", "currencies", "disputes", "complaints", "contacts"),
    ),
}
_FACT: Final = {
    "amount": Text("{amount_12m}，{full_amount} 满分", "{amount_12m}, full from {full_amount}"),
    "habit": Text("{habit}", "{habit}"),
    "tenure": Text("{tenure_years} 年，{full_years} 年满分", "{tenure_years} years, full from {full_years}"),
    "growth": Text("比前一期 {growth_rate}，{full_growth} 满分", "{growth_rate} on the months before, full from {full_growth}"),
    "breadth": Text("买 {products} 种，同类前四分之一买 {peer_products} 种", "buys {products}, the upper quarter of peers {peer_products}"),
    "interest": Text(
        "{interest_days} 天内 {enquiries} 次，{full_interest} 次满分", "{enquiries} in {interest_days} days, full from {full_interest}"
    ),
    "documents": Text("{documents} 张，{full_documents} 张满分", "{documents}, full from {full_documents}"),
    "currencies": Text("{currencies} 种，{full_currencies} 种满分", "{currencies}, full from {full_currencies}"),
    "disputes": Text("{disputes} 件，{full_disputes} 件满分", "{disputes}, full from {full_disputes}"),
    "complaints": Text("{complaints} 件，{full_complaints} 件满分", "{complaints}, full from {full_complaints}"),
    "contacts": Text("{contacts} 个，{full_contacts} 个满分", "{contacts}, full from {full_contacts}"),
}
_LACKING: Final = {
    "amount": Text("没有人买过", "nobody bought"),
    "habit": Text("付款习惯未知", "habit unknown"),
    "tenure": Text("没有买过", "never bought"),
    "growth": Text("往来不到两期，无从比较", "no business before both periods to compare"),
    "breadth": Text("没有产品明细，或同类不到 5 个", "no lines, or fewer than 5 peers"),
}


def show(scope: Scope, rating: str) -> None:
    """Customers by level of one of the three, then each with its points and the facts behind."""
    _levels(scope, rating)
    _customers(scope, rating)
    _rule(scope)


def _levels(scope: Scope, rating: str) -> None:
    found = {row["level"]: row for row in page.rows("class_rating_levels", scope, by=rating)}
    records = [
        {"level_name": _level(level, session.language()), **_sized(found.get(level))}
        for level in (*_LEVELS, *([None] if None in found else []))
    ]
    whole = sum((row["total"] for row in found.values()), Decimal(0))
    high = [row for level, row in found.items() if level and level >= _HIGH]
    total = sum((row["total"] for row in high), Decimal(0))
    count = sum(row["customers"] for row in high)
    said = charts.caption(
        f"rating_{rating}",
        _FINDING,
        _ABOUT,
        rating=RATED[rating],
        count=formats.customers(count),
        amount=page.md(formats.money(total, str(scope.currency), session.language(), compact=True)),
        share=formats.percent(total / whole if whole else None, 0),
        currency=scope.currency,
        date=formats.full_date(scope.as_of, session.language()),
    )
    charts.bars(pa.Table.from_pylist(records), said, Axis("level_name"), Measure("customers"))


def _sized(row: Mapping[str, Any] | None) -> dict[str, Any]:
    return {"customers": row["customers"] if row else 0, "total": row["total"] if row else Decimal(0)}


def _level(level: int | None, language: Language) -> str:
    return _LEVEL.say(language, level=level) if level else _NO_LEVEL.say(language)


def _customers(scope: Scope, rating: str) -> None:
    page.section(_LIST, _LIST_ABOUT, rating=RATED[rating])
    levels = {"all": _ALL, **{str(level): Text(_level(level, "zh"), _level(level, "en")) for level in _LEVELS}}
    chosen = forms.switch("level", levels, _WHICH)
    asked = page.question("class_rating_of_customers", scope, by=rating, level=None if chosen == "all" else int(chosen))
    table = asked.answer(limit=tables.PAGE_ROWS, offset=tables.offset("class_rating"))
    total = table["total_count"][0].as_py() if table.num_rows else 0
    downloads.export(Offer(RATED[rating], asked, total, _LIST_ABOUT), scope)
    shown = ("name", f"{rating}_level", f"{rating}_score", *_COLUMNS[rating], "owner_name", "account_no")
    tables.show(table, shown, key="class_rating", opens="customer")


def _rule(scope: Scope) -> None:
    """The weights in force, in words, and the way to change them."""
    found = page.row("rule_in_force", scope, kind=RATING.name)
    if found is None:
        return
    with st.expander(session.say(_RULE), key="rating_rule"):
        st.caption(session.say(RATING.about))
        for name, value in policy_values.as_list(RATING, json.loads(found["body"])):
            st.markdown(page.md(f"{name}: {value}"))
        page.link(POLICIES, "policies", kind=RATING.name)


def why(customer_id: int) -> None:
    """Each of the three for one customer: the sum, its parts out of what they can earn, and the fact behind each."""
    found = page.row("class_rating_of_customer", customer_id=customer_id)
    rule = page.row("rule_in_force", kind=RATING.name)
    if found is None or rule is None:
        return
    marks = values(RATING, json.loads(rule["body"]))
    for rating, parts in PARTS.items():
        said = session.say(_AND).join(_part(found, marks, rating, part) for part in parts)
        score = formats.number(found[f"{rating}_score"], 1)
        level = _level(found[f"{rating}_level"], session.language())
        st.markdown(f"- {session.say(_SUM, rating=RATED[rating], score=score, level=level, parts=page.md(said))}")
    st.caption(page.md(session.say(_VERSION, policy_id=found["policy_id"])))


def _part(found: Mapping[str, Any], marks: Mapping[str, Any], rating: str, part: str) -> str:
    """One part: what it earned out of what it could, and why; or why it does not count."""
    word, points = VALUE["rating_part"][part], found[f"{part}_points"]
    if points is None:
        return session.say(_UNKNOWN, part=word, fact=_LACKING[part])
    fact = session.say(_FACT[part], **_facts(found, marks))
    return session.say(_PART, part=word, points=_short(points), most=_short(marks[f"{rating}.{part}"]), fact=fact)


def _facts(found: Mapping[str, Any], marks: Mapping[str, Any]) -> dict[str, object]:
    """Everything a part may be told with, as one reads it."""
    language, currency = session.language(), found["currency"]
    money = {name: formats.money(found[name], currency, language, compact=True) for name in ("amount_12m", "full_amount")}
    counts = ("products", "peer_products", "enquiries", "documents", "currencies", "disputes", "complaints", "contacts")
    full = {path.partition(".")[2]: _short(value) for path, value in marks.items() if "full_" in path or path.endswith("interest_days")}
    growth = found["growth_rate"]
    return {
        **full,
        **{name: formats.number(found[name]) for name in counts},
        **money,
        "habit": VALUE["habit"][found["habit"]],
        "tenure_years": formats.number(found["tenure_years"], 1),
        "growth_rate": f"{'+' if (growth or 0) > 0 else ''}{formats.percent(growth, 0)}",
        "full_growth": formats.percent(marks["potential.full_growth"], 0),
    }


def _short(value: float) -> str:
    """A number of points without places it does not need."""
    return formats.number(value, 0 if value == int(value) else 1)
