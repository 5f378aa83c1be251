"""Why a customer is in its class: its numbers beside the cuts, its rating, its class at each quarter's end, what it buys."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import streamlit as st

from lib import formats, terms
from lib.text import Text
from lib.ui import class_rating, page, session
from lib.ui.classes import quarter_end_before

WHY: Final = Text("分类为什么", "Why this class")
_TITLE: Final = Text("这个分类是怎么来的", "Where this class comes from")
_INVOICES: Final = Text("近 {months} 个月 {count}：{grade}（{cuts}）", "{count} in {months} months: {grade} ({cuts})")
_AMOUNT: Final = Text("金额 {amount}：{grade}（{cuts}）", "Amount {amount}: {grade} ({cuts})")
_FROM_COUNT: Final = Text("{word} {count} 张起", "{word} from {count}")
_FROM_AMOUNT: Final = Text("{word} {amount} 起", "{word} from {amount}")
_SHARES: Final = Text(
    "金额线由份额定出：同币种客户从大到小，合计到 {large} 的为大额，到 {medium} 的为中额。",
    "Amount cuts follow from shares: customers of one currency by amount, up to {large} of the total large, up to {medium} medium.",
)
_FIXED: Final = Text("金额线是规则里的固定金额。", "Amount cuts are fixed amounts of the rule.")
_RULE: Final = Text("规则第 {policy_id} 版，{since}起", "Rule version {policy_id}, since {since}")
_HISTORY: Final = Text("每季末的分类", "Class at each quarter's end")
_LINE: Final = Text(
    "{date} · {said} · {invoices}，{amount} · 规则第 {policy_id} 版", "{date} · {said} · {invoices}, {amount} · rule version {policy_id}"
)
_NOT_YET: Final = Text("{date} · 还不是客户", "{date} · not a customer yet")
_CHANGED: Final = Text("换类", "changed")
_BUYS: Final = Text("近 {months} 个月常买", "Bought most in {months} months")
_PRODUCT: Final = Text("{name} {share}", "{name} {share}")
_NO_LINES: Final = Text("账单没有产品明细。", "Its invoices list no products.")
_BETWEEN: Final = Text("，", ", ")
_QUARTERS: Final = 8


def button(customer_id: int) -> None:
    """The click that opens the reasons."""
    if st.button(session.say(WHY), key="why-class", type="tertiary", icon=":material/help:"):
        st.dialog(session.say(_TITLE), width="large")(session.run()(_why))(customer_id)


def _why(customer_id: int) -> None:
    found = page.row("class_reason", customer_id=customer_id)
    if found is None:
        return
    st.markdown(f"**{session.say(terms.class_words(found['frequency'], found['amount_grade']))}**")
    for sentence in _reasons(found):
        st.markdown(f"- {page.md(sentence)}")
    shares = {"large": formats.percent(found["large_share"], 0), "medium": formats.percent(found["medium_share"], 0)}
    st.caption(page.md(session.say(_FIXED) if found["is_fixed"] else session.say(_SHARES, **shares)))
    st.caption(page.md(session.say(_RULE, policy_id=found["policy_id"], since=_date(found["effective_on"]))))
    class_rating.why(customer_id)
    _history(customer_id, found)
    _products(customer_id, found["months"])


def _reasons(found: Mapping[str, Any]) -> list[str]:
    """Both grades, each with its own number beside the cuts."""
    words = terms.VALUE["frequency"]
    cuts = [session.say(_FROM_COUNT, word=words[grade], count=found[f"{grade}_from"]) for grade in ("high", "normal", "low")]
    amounts = [
        session.say(_FROM_AMOUNT, word=terms.VALUE["amount_grade"][grade], amount=_money(found[f"{grade}_from"], found))
        for grade in ("large", "medium")
        if found[f"{grade}_from"] is not None
    ]
    between = session.say(_BETWEEN)
    often = session.say(
        _INVOICES, months=found["months"], count=_invoices(found["invoices"]), grade=words[found["frequency"]], cuts=between.join(cuts)
    )
    grade = terms.VALUE["amount_grade"][found["amount_grade"]]
    much = session.say(_AMOUNT, amount=_money(found["amount_12m"], found), grade=grade, cuts=between.join(amounts) or formats.MISSING)
    return [often, much]


def _history(customer_id: int, now: Mapping[str, Any]) -> None:
    """The last quarters, each by the rule that held on its last day, the latest first."""
    st.markdown(f"**{session.say(_HISTORY)}**")
    days, day = [session.as_of()], session.as_of()
    for _ in range(_QUARTERS):
        day = quarter_end_before(day)
        days.append(day)
    found = [now, *(page.row("class_reason", customer_id=customer_id, as_of=day) for day in days[1:])]
    for day, row, before in zip(days, found, [*found[1:], None], strict=True):
        if row is None:
            st.markdown(f":gray[{page.md(session.say(_NOT_YET, date=_date(day)))}]")
            break
        mark = f" :orange-badge[{session.say(_CHANGED)}]" if before and _class(before) != _class(row) else ""
        st.markdown(f"{page.md(_line(day, row))}{mark}")


def _line(day: date, row: Mapping[str, Any]) -> str:
    said = session.say(terms.class_words(*_class(row)))
    numbers = {"invoices": _invoices(row["invoices"]), "amount": _money(row["amount_12m"], row), "policy_id": row["policy_id"]}
    return session.say(_LINE, date=_date(day), said=said, **numbers)


def _class(row: Mapping[str, Any]) -> tuple[str, str]:
    return row["frequency"], row["amount_grade"]


def _products(customer_id: int, months: int) -> None:
    """What it spends most on."""
    st.markdown(f"**{session.say(_BUYS, months=months)}**")
    rows = page.rows("products_of_customer", customer_id=customer_id)
    said = [session.say(_PRODUCT, name=row["product"], share=formats.percent(row["share_of_total"], 0)) for row in rows]
    st.markdown(page.md(" · ".join(said) or session.say(_NO_LINES)))


def _invoices(count: int) -> Text:
    return Text(f"{formats.number(count)} 张账单", formats.counted(count, "invoice", "invoices").en)


def _money(amount: Any, row: Mapping[str, Any]) -> str:  # noqa: ANN401
    return formats.money(amount, row["currency"], session.language(), compact=True)


def _date(day: date) -> str:
    return formats.full_date(day, session.language())
