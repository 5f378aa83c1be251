"""What other thresholds would change today: who goes to which class, limits and terms, how stable classes are, where the cuts lie."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

import pyarrow as pa
import streamlit as st

from lib import formats, terms
from lib.domain.payment_terms import months_after
from lib.text import Language, Text
from lib.ui import charts, class_charts, downloads, page, session, tables
from lib.ui.charts import Measure
from lib.ui.class_charts import Cut
from lib.ui.downloads import Offer

Body = Mapping[str, Any]

_MOVED: Final = Text("{count}换类，近 {months} 个月买了 {amount}", "{count} change class; they bought {amount} in {months} months")
_NOBODY: Final = Text("没有客户换类。", "No customer changes class.")
_LIMITS: Final = Text("他们的信用额度：{old} → {new}（{change}）", "Their credit limits: {old} → {new} ({change})")
_TERMS: Final = Text(
    "{prepaid}改为先付款，{freed}不必再先付；{plays}换打法",
    "{prepaid} would have to pay first, {freed} no longer; {plays} would be treated by another play",
)
_WHO: Final = Text("换类的客户", "Customers who change class")
_STABLE: Final = Text(
    "近四个季度换类：现行平均每季 {old}，改后 {new}", "Class changes in the last four quarters, on average: {old} now, {new} then"
)
_BY_QUARTER: Final = Text(
    "按季比较：每行是到那天为止三个月里换了类的客户数",
    "Compared by quarter: each line counts who changed class in the three months up to that day",
)
_QUARTERS: Final = (0, 3, 6, 9)
"""Months back. Twelve months one by one would take three times as long: 10 s of CPU instead of 3.5 s for 100,000 customers."""
_INVOICES: Final = Text("账单数：{from_} 张起为高频", "Invoices: frequent from {from_}")
_AMOUNTS: Final = Text("金额：{from_} 起为大额", "Amounts: large from {from_}")
_SPREAD: Final = Text(
    "客户数；虚线为现行分界，橙线为改后，{currency}，截至 {date}",
    "Customers; dashed: cuts in force, orange: tried; {currency}, as of {date}",
)
_CUT_LABEL: Final = Text("{word} {at}", "{word} {at}")
_COLUMNS: Final = (
    *("name", "old_class", "new_class", "amount_12m", "invoices", "old_limit_amount", "limit_amount"),
    *("old_habit", "habit", "old_credit_grade", "credit_grade", "owner_name", "account_no"),
)
_MOST_INVOICES: Final = 3
"""Invoices beyond so many times the highest cut share the last bar."""


def show(old: Body, new: Body) -> None:
    """Everything another rule would change, the most telling first; amounts in the base currency."""
    currency = str(session.settings()["base_currency"])
    tried = parameters(old, new)
    _who(tried, new, currency)
    _distribution(old, new, tried, currency)
    _stability(tried, currency)


def parameters(old: Body, new: Body) -> dict[str, Any]:
    """A rule to try, as questions take it: facts are asked anew only when it looks at other months or grants other days."""
    months, grace_days = new["months"], new["habit"]["grace_days"]
    is_same = (months, grace_days) == (old["months"], old["habit"]["grace_days"])
    return {"rules": json.dumps(new), **({} if is_same else {"months": months, "grace_days": grace_days})}


def _who(tried: Mapping[str, Any], new: Body, currency: str) -> None:
    asked = page.question("class_trial", currency=currency, **tried)
    table = asked.answer(limit=tables.PAGE_ROWS, offset=tables.offset("class_trial"))
    if not table.num_rows:
        st.markdown(f"**{session.say(_NOBODY)}**")
        return
    language = session.language()
    first = table.slice(0, 1).to_pylist()[0]
    amount = _short(first["total_amount"], currency)
    st.markdown(f"**{page.md(session.say(_MOVED, count=formats.customers(first['total_count']), months=new['months'], amount=amount))}**")
    limits = [first["old_total_limit"], first["total_limit"]]
    change = _signed(limits[1] - limits[0], currency)
    st.markdown("- " + page.md(session.say(_LIMITS, old=_short(limits[0], currency), new=_short(limits[1], currency), change=change)))
    counts = {name: formats.customers(first[f"{column}_count"]) for name, column in _COUNTED.items()}
    st.markdown("- " + page.md(session.say(_TERMS, **counts)))
    with st.container(horizontal=True, vertical_alignment="center"):
        page.section(_WHO)
        downloads.export(Offer(_WHO, asked, first["total_count"], prepare=lambda answer: worded(answer, language)))
    tables.show(worded(table, language), _COLUMNS, key="class_trial", opens="customer")


_COUNTED: Final = {"prepaid": "prepaid", "freed": "freed", "plays": "play"}


def worded(table: pa.Table, language: Language) -> pa.Table:
    """Both classes as one says them, frequency and amount together."""
    rows = table.to_pylist()
    for name, before in (("old_class", "old_"), ("new_class", "")):
        said = [terms.class_words(row[f"{before}frequency"], row[f"{before}amount_grade"]).say(language) for row in rows]
        table = table.append_column(name, pa.array(said, pa.string()))
    return table


def _distribution(old: Body, new: Body, tried: Mapping[str, Any], currency: str) -> None:
    """Where customers lie, with the cuts of both rules drawn through them."""
    months = {name: value for name, value in tried.items() if name == "months"}
    spread = page.rows("class_spread", currency=currency, **months)
    invoices = [row for row in spread if row["what"] == "invoices" and row["low"] > 0]
    amounts = [row for row in spread if row["what"] == "amount"]
    words, about = terms.VALUE["frequency"], {"currency": currency, "date": formats.full_date(session.as_of(), session.language())}
    if invoices:
        last = max(old["frequency"]["high"], new["frequency"]["high"]) * _MOST_INVOICES
        cuts = [
            Cut(body["frequency"][grade] - 0.5, _label(words[grade], formats.number(body["frequency"][grade])), is_new)
            for body, is_new in ((old, False), (new, True))
            for grade in ("high", "normal")
            if not is_new or body["frequency"][grade] != old["frequency"][grade]
        ]
        said = charts.caption("spread_invoices", _INVOICES, _SPREAD, from_=new["frequency"]["high"], **about)
        class_charts.distribution(_binned(invoices, last), said, Measure("low"), tuple(cuts))
    if amounts:
        held, wanted = (_cuts(currency, rules) for rules in ({}, tried))
        lines = _amount_cuts(held, wanted, currency)
        said = charts.caption(
            "spread_amount", _AMOUNTS, _SPREAD, from_=page.md(_short(wanted.get("large_from") or Decimal(0), currency)), **about
        )
        table = pa.table(
            {
                "low": [row["low"] for row in amounts],
                "high": [row["low"] * 2.718281828 ** (1 / 8) for row in amounts],
                "customers": [row["customers"] for row in amounts],
            }
        )
        class_charts.distribution(table, said, Measure("low", currency), tuple(lines), by_ratio=True)


def _cuts(currency: str, tried: Mapping[str, Any]) -> dict[str, Any]:
    asked = {name: value for name, value in tried.items() if name != "grace_days"}
    return next((row for row in page.rows("class_cuts", **asked) if row["currency"] == currency), {})


def _amount_cuts(held: Mapping[str, Any], wanted: Mapping[str, Any], currency: str) -> list[Cut]:
    found = []
    for cut, is_new in ((held, False), (wanted, True)):
        for grade in ("large", "medium"):
            at = cut.get(f"{grade}_from")
            if at and (not is_new or at != held.get(f"{grade}_from")):
                found.append(Cut(float(at), _label(terms.VALUE["amount_grade"][grade], _short(at, currency)), is_new))
    return found


def _label(word: Text, at: str) -> str:
    return session.say(_CUT_LABEL, word=word, at=at)


def _binned(rows: list[dict[str, Any]], last: int) -> pa.Table:
    """One bar per number of invoices; the last takes in all above."""
    counts: dict[int, int] = {}
    for row in rows:
        place = min(int(row["low"]), last)
        counts[place] = counts.get(place, 0) + row["customers"]
    places = sorted(counts)
    return pa.table(
        {
            "low": [place - 0.4 for place in places],
            "high": [place + 0.4 for place in places],
            "invoices": places,
            "customers": [counts[p] for p in places],
        }
    )


def _stability(tried: Mapping[str, Any], currency: str) -> None:
    """How many customers changed class in each of the last four quarters, by the rule in force and by the other one."""
    asked = {name: value for name, value in tried.items() if name != "grace_days"}
    moved: dict[str, list[int]] = {"old_moved_count": [], "moved_count": []}
    days = [months_after(session.as_of(), -months) for months in (*_QUARTERS, 12)]
    for name, rules in (("old_moved_count", {}), ("moved_count", asked)):
        for until_on, since in pairwise(days):
            found = page.row("class_stability", as_of=until_on, since=since, currency=currency, **rules)
            moved[name].append(found["moved_count"] if found else 0)
    averages = {name: formats.number(sum(counts) / len(counts), 1) for name, counts in moved.items()}
    st.markdown(f"**{session.say(_STABLE, old=averages['old_moved_count'], new=averages['moved_count'])}**")
    st.caption(session.say(_BY_QUARTER))
    tables.plain(pa.table({"until_on": days[:-1], **moved}), ("until_on", "old_moved_count", "moved_count"), key="class_stability")


def _short(amount: Decimal, currency: str) -> str:
    return formats.money(amount, currency, session.language(), compact=True)


def _signed(amount: Decimal, currency: str) -> str:
    return f"{'+' if amount > 0 else ''}{_short(amount, currency)}"
